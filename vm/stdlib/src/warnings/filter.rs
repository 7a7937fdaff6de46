//! What is to be done with a warning: the filters of the context and of the module, the registries.

use std::sync::atomic::{AtomicI64, Ordering};

use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{class, compare, number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::list::List;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

use super::{CONTEXT, DEFAULT_ACTION, FILTERS, ONCE_REGISTRY};

/// Changes with the filters: what registries remember of older ones is void.
pub static FILTERS_VERSION: AtomicI64 = AtomicI64::new(0);

/// A warning as the filters see it.
#[derive(Clone, Copy)]
pub struct Warned {
    /// Its class.
    pub category: Value,
    /// Its text.
    pub text: Value,
    /// The line.
    pub line: i64,
    /// The module's name.
    pub module: Value,
}

/// An attribute of the library's `warnings`, if that is imported (or can be, with `import`).
pub fn library_attribute(cx: &Cx, name: &str, import: bool) -> PyResult<Option<Value>> {
    let module = if import && !cx.vm().finalizing.load(Ordering::Relaxed) {
        Some(cx.import_module("warnings")?)
    } else {
        match cx.vm().modules.get() {
            Some(modules) => modules.get_name(cx, cx.names().warnings)?,
            None => None,
        }
    };
    match module {
        Some(module) => cx.get_attribute_optional(module, cx.intern_str(name)),
        None => Ok(None),
    }
}

/// The library's attribute if it has a good one, which is kept; without any, what was kept last. `Err` is a bad one.
fn shared(cx: &Cx, name: &str, state: &str, good: impl Fn(Value) -> bool) -> PyResult<Result<Value, Value>> {
    match library_attribute(cx, name, false)? {
        Some(value) if good(value) => {
            cx.set_native_state(state, value)?;
            Ok(Ok(value))
        }
        Some(value) => Ok(Err(value)),
        None => Ok(Ok(cx.native_state(state).unwrap_or(Value::NONE))),
    }
}

/// The filters of the running context, if it has its own.
fn context_filters(cx: &Cx) -> PyResult<Option<Ref<List>>> {
    let Some(variable) = cx.native_state(CONTEXT) else { return Ok(None) };
    let context = cx.call_method(variable, cx.names().get, &[Value::NONE])?;
    if context.is_none() {
        return Ok(None);
    }
    let filters = cx.get_attribute(context, cx.intern_str("_filters"))?;
    match filters.downcast::<List>(cx) {
        Some(filters) => Ok(Some(filters)),
        None => Err(cx.value_error("_filters of warnings._warnings_context must be a list")),
    }
}

/// Whether a part of a filter allows the text: None does, a string must be equal, a pattern must match.
fn matches(cx: &Cx, pattern: Value, text: Value) -> PyResult<bool> {
    if pattern.is_none() {
        return Ok(true);
    }
    if pattern.exact::<Str>().is_some() {
        return compare::equal(cx, pattern, text);
    }
    let found = cx.call_method(pattern, cx.intern_str("match"), &[text])?;
    object::is_true(cx, found)
}

/// The action of the first filter that fits, with the filter.
fn search(cx: &Cx, filters: Ref<List>, name: &str, warned: Warned) -> PyResult<Option<(Value, Value)>> {
    let mut index = 0;
    while let Some(item) = filters.get(index) {
        let row = match item.downcast::<Tuple>(cx) {
            Some(row) if row.len() == 5 => row,
            _ => return Err(raise!(cx, ValueError, "warnings.{name} item {index} isn't a 5-tuple")),
        };
        let [action, message, category, module, line] = std::array::from_fn(|index| row.get(index));
        if action.downcast::<Str>(cx).is_none() {
            return Err(raise!(cx, TypeError, "action must be a string, not '{}'", action.class_name(cx)));
        }
        let good_message = matches(cx, message, warned.text)?;
        let good_module = matches(cx, module, warned.module)?;
        let good_class = class::is_subclass(cx, warned.category, category)?;
        let line = number::index_i64(cx, line)?;
        if good_message && good_module && good_class && (line == 0 || line == warned.line) {
            return Ok(Some((action, item)));
        }
        index += 1;
    }
    Ok(None)
}

/// What to do with the warning, and the filter that says so (None for the default action).
pub fn action(cx: &Cx, warned: Warned) -> PyResult<(Ref<Str>, Value)> {
    let mut found = match context_filters(cx)? {
        Some(filters) => search(cx, filters, "_warnings_context filters", warned)?,
        None => None,
    };
    if found.is_none() {
        let filters = shared(cx, "filters", FILTERS, |filters| filters.downcast::<List>(cx).is_some())?;
        let Some(filters) = filters.ok().and_then(|filters| filters.downcast::<List>(cx)) else {
            return Err(cx.value_error("_warnings.filters must be a list"));
        };
        found = search(cx, filters, "filters", warned)?;
    }
    let (action, item) = match found {
        Some(found) => found,
        None => {
            let action = shared(cx, "defaultaction", DEFAULT_ACTION, |action| action.downcast::<Str>(cx).is_some())?;
            (action.unwrap_or_else(|wrong| wrong), Value::NONE)
        }
    };
    match action.downcast::<Str>(cx) {
        Some(action) => Ok((action, item)),
        None => Err(raise!(cx, TypeError, "_warnings.defaultaction must be a string, not '{}'", action.class_name(cx))),
    }
}

/// The registry of warnings that are shown once in a program.
pub fn once_registry(cx: &Cx) -> PyResult<Ref<Dict>> {
    let registry = shared(cx, "onceregistry", ONCE_REGISTRY, |registry| registry.downcast::<Dict>(cx).is_some())?;
    let registry = registry.unwrap_or_else(|wrong| wrong);
    match registry.downcast::<Dict>(cx) {
        Some(registry) => Ok(registry),
        None => Err(raise!(cx, TypeError, "_warnings.onceregistry must be a dict, not '{}'", registry.class_name(cx))),
    }
}

/// Whether the registry knows the key under the filters as they are now. With `remember` it does from now on.
pub fn already_warned(cx: &Cx, registry: Ref<Dict>, key: Value, remember: bool) -> PyResult<bool> {
    let (name, version) = (cx.intern_str("version"), Value::int(FILTERS_VERSION.load(Ordering::Acquire)));
    if registry.get_name(cx, name)? != Some(version) {
        registry.clear(cx);
        registry.set_name(cx, name, version)?;
    } else if let Some(known) = registry.get(cx, key)? {
        let known = object::is_true(cx, known)?;
        if known || !remember {
            return Ok(known);
        }
    }
    if remember {
        registry.set(cx, key, Value::TRUE)?;
    }
    Ok(false)
}
