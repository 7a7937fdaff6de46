//! Functions about objects as such: attributes, classes, identity.

use countless_vm::native::args::Args;
use countless_vm::object::protocol::{class, iter, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

pub(super) fn callable(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(cx.type_of(value).slots.call().is_some()))
}

pub(super) fn delattr(cx: &Cx, _module: Value, value: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    cx.delete_attribute(value, name)?;
    Ok(Value::NONE)
}

pub(super) fn setattr(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "setattr")?;
    let [value, name, new] = args.exactly::<3>(cx, "setattr")?;
    let name = cx.attribute_name(name)?;
    cx.set_attribute(value, name, new)?;
    Ok(Value::NONE)
}

pub(super) fn getattr(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [value, name, default] = args.between::<3>(cx, "getattr", 2)?;
    let (value, name) = (value.unwrap_or(Value::NONE), cx.attribute_name(name.unwrap_or(Value::NONE))?);
    match default {
        None => cx.get_attribute(value, name),
        Some(default) => Ok(cx.get_attribute_optional(value, name)?.unwrap_or(default)),
    }
}

pub(super) fn hasattr(cx: &Cx, _module: Value, value: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    Ok(Value::bool(cx.get_attribute_optional(value, name)?.is_some()))
}

pub(super) fn hash(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(cx.new_int(object::hash(cx, value)?))
}

pub(super) fn id(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(cx.new_int(value.identity() as i64))
}

pub(super) fn len(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(cx.new_int_from_u64(object::length(cx, value)? as u64))
}

pub(super) fn isinstance(cx: &Cx, _module: Value, value: Value, classes: Value) -> PyResult {
    Ok(Value::bool(class::is_instance(cx, value, classes)?))
}

pub(super) fn issubclass(cx: &Cx, _module: Value, value: Value, classes: Value) -> PyResult {
    Ok(Value::bool(class::is_subclass(cx, value, classes)?))
}

/// The names that `dir` lists, sorted.
fn sorted_names(cx: &Cx, names: Value) -> PyResult {
    let list = iter::to_list(cx, names)?;
    list.sort(cx, None, false)?;
    Ok(list.value())
}

pub(super) fn dir(cx: &Cx, _module: Value, value: Option<Value>) -> PyResult {
    let Some(value) = value else {
        let locals = super::code::current_locals(cx)?;
        let keys = cx.call_method(locals, cx.names().keys, &[])?;
        return sorted_names(cx, keys);
    };
    match cx.lookup_special(value, cx.names().__dir__)? {
        Some(method) => {
            let names = cx.call_found(method, &[])?;
            sorted_names(cx, names)
        }
        None => Err(cx.type_error("object does not provide __dir__")),
    }
}

pub(super) fn vars(cx: &Cx, _module: Value, value: Option<Value>) -> PyResult {
    let Some(value) = value else { return super::code::current_locals(cx) };
    match cx.get_attribute_optional(value, cx.names().__dict__)? {
        Some(dict) => Ok(dict),
        None => Err(raise!(cx, TypeError, "vars() argument must have __dict__ attribute")),
    }
}
