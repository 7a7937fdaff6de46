//! `_warnings`: the filters that native code and the library share, and the functions that apply them.
//!
//! The library's `warnings` keeps what programs may replace (filters, the default action, the function that shows);
//! it is asked for them each time. What this module began with serves until that one is imported, since native code may
//! warn before. The lock is held from the look into a registry until the warning is shown.

mod caller;
mod filter;
mod lock;
mod show;

use std::sync::atomic::Ordering;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{class, number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

use self::filter::{FILTERS_VERSION, Warned};

/// Keys of what the module keeps for native code.
const FILTERS: &str = "_warnings.filters";
const DEFAULT_ACTION: &str = "_warnings._defaultaction";
const ONCE_REGISTRY: &str = "_warnings._onceregistry";
const CONTEXT: &str = "_warnings._warnings_context";

/// A warning on its way.
struct Warning {
    message: Value,
    category: Value,
    text: Value,
    filename: Value,
    line: i64,
    /// The line's text, if the module's loader gave it.
    source_line: Option<Value>,
    /// The object that the warning is about, or None.
    source: Value,
}

/// What one knows of a warning before the filters are asked.
struct Given {
    message: Value,
    category: Value,
    filename: Value,
    line: i64,
    module: Option<Value>,
    registry: Option<Value>,
    source_line: Option<Value>,
    source: Value,
}

fn warning_class(cx: &Cx, kind: ExceptionKind) -> Value {
    cx.builtin_type(kind.type_id()).value()
}

static WARN: Signature<5> =
    Signature::new("warn", ["message", "category", "stacklevel", "source", "skip_file_prefixes"])
        .required(1)
        .keyword_only_from(4);

fn warn(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [message, category, level, source, prefixes] = WARN.bind(cx, args)?;
    let message = message.unwrap_or(Value::NONE);
    let mut level = level.map_or(Ok(1), |level| number::index_i64(cx, level))?;
    let prefixes = file_prefixes(cx, prefixes)?;
    if !prefixes.is_empty() {
        level = level.max(2);
    }
    let category = category_of(cx, message, category)?;
    let place = caller::caller(cx, level, prefixes)?;
    let given = Given {
        message,
        category,
        filename: place.filename,
        line: place.line,
        module: Some(place.module),
        registry: Some(place.registry),
        source_line: None,
        source: source.unwrap_or(Value::NONE),
    };
    lock::holding(cx, || give(cx, given))
}

fn file_prefixes(cx: &Cx, prefixes: Option<Value>) -> PyResult<Ref<Tuple>> {
    let Some(prefixes) = prefixes else { return Ok(cx.empty_tuple()) };
    let Some(tuple) = prefixes.downcast::<Tuple>(cx) else {
        let class = prefixes.class_name(cx);
        return Err(raise!(cx, TypeError, "warn() argument 'skip_file_prefixes' must be tuple, not {class}"));
    };
    match tuple.iter().find(|prefix| prefix.downcast::<Str>(cx).is_none()) {
        Some(wrong) => {
            let class = wrong.class_name(cx);
            Err(raise!(cx, TypeError, "Found non-str '{class}' in skip_file_prefixes."))
        }
        None => Ok(tuple),
    }
}

/// The category: the message's own class if it is a warning, the one given, or UserWarning.
fn category_of(cx: &Cx, message: Value, category: Option<Value>) -> PyResult {
    if message.is_exception_of(cx, ExceptionKind::Warning) {
        return Ok(cx.type_of(message).value());
    }
    let Some(category) = category.and_then(Value::not_none) else {
        return Ok(warning_class(cx, ExceptionKind::UserWarning));
    };
    let is_warning =
        category.as_class(cx).is_some() && class::is_subclass(cx, category, warning_class(cx, ExceptionKind::Warning))?;
    if is_warning {
        return Ok(category);
    }
    Err(raise!(cx, TypeError, "category must be a Warning subclass, not '{}'", category.class_name(cx)))
}

static WARN_EXPLICIT: Signature<8> = Signature::new(
    "warn_explicit",
    ["message", "category", "filename", "lineno", "module", "registry", "module_globals", "source"],
)
.required(4);

fn warn_explicit(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [message, category, filename, line, module, registry, globals, source] = WARN_EXPLICIT.bind(cx, args)?;
    let filename = cx.str_argument_named(filename.unwrap_or(Value::NONE), "warn_explicit", "filename")?.value();
    let line = i64::from(cx.c_int_argument(line.unwrap_or(Value::NONE))?);
    let source_line = match globals.and_then(Value::not_none) {
        Some(globals) if globals.downcast::<Dict>(cx).is_none() => {
            return Err(raise!(cx, TypeError, "module_globals must be a dict, not '{}'", globals.class_name(cx)));
        }
        Some(globals) => show::loader_line(cx, globals, line)?,
        None => None,
    };
    let given = Given {
        message: message.unwrap_or(Value::NONE),
        category: category.unwrap_or(Value::NONE),
        filename,
        line,
        module,
        registry,
        source_line,
        source: source.unwrap_or(Value::NONE),
    };
    lock::holding(cx, || give(cx, given))
}

/// The module's name that a file's name suggests.
fn module_of_file(cx: &Cx, filename: Value) -> PyResult {
    let name = object::str(cx, filename)?;
    let bytes = name.as_wtf8().as_bytes();
    Ok(match bytes.len() {
        0 => cx.intern_str("<unknown>").value(),
        length if bytes.ends_with(b".py") => name.byte_slice(cx, 0..length - 3).value(),
        _ => filename,
    })
}

/// Asks the registry and the filters, and does what they say. The lock is held.
fn give(cx: &Cx, given: Given) -> PyResult {
    if given.module == Some(Value::NONE) {
        return Ok(Value::NONE);
    }
    let registry = match given.registry.and_then(Value::not_none) {
        Some(registry) => match registry.downcast::<Dict>(cx) {
            Some(registry) => Some(registry),
            None => return Err(cx.type_error("'registry' must be a dict or None")),
        },
        None => None,
    };
    let module = match given.module {
        Some(module) => module,
        None => module_of_file(cx, given.filename)?,
    };
    let (message, category, text) = if given.message.is_exception_of(cx, ExceptionKind::Warning) {
        (given.message, cx.type_of(given.message).value(), object::str(cx, given.message)?.value())
    } else {
        (cx.call(given.category, &[given.message])?, given.category, given.message)
    };
    let key = cx.new_tuple(&[text, category, cx.new_int(given.line)]).value();
    if let Some(registry) = registry
        && filter::already_warned(cx, registry, key, false)?
    {
        return Ok(Value::NONE);
    }
    let (action, item) = filter::action(cx, Warned { category, text, line: given.line, module })?;
    let warning = Warning {
        message,
        category,
        text,
        filename: given.filename,
        line: given.line,
        source_line: given.source_line,
        source: given.source,
    };
    act(cx, &warning, (action, item), registry, key)
}

fn act(
    cx: &Cx,
    warning: &Warning,
    (action, item): (Ref<Str>, Value),
    registry: Option<Ref<Dict>>,
    key: Value,
) -> PyResult {
    let short_key = || cx.new_tuple(&[warning.text, warning.category]).value();
    let action_name = action.as_wtf8().as_bytes();
    match action_name {
        b"error" => return Err(cx.raise(warning.message)),
        b"ignore" => return Ok(Value::NONE),
        b"always" | b"all" => {
            show::show(cx, warning)?;
            return Ok(Value::NONE);
        }
        _ => {}
    }
    if let Some(registry) = registry {
        registry.set(cx, key, Value::TRUE)?;
    }
    let known = match (action_name, registry) {
        (b"once", Some(registry)) | (b"module", Some(registry)) => {
            filter::already_warned(cx, registry, short_key(), true)?
        }
        (b"once", None) => filter::already_warned(cx, filter::once_registry(cx)?, short_key(), true)?,
        (b"module", None) | (b"default", _) => false,
        _ => {
            let (action, item) = (object::repr(cx, action.value())?, object::repr(cx, item)?);
            let (action, item) = (action.as_wtf8(), item.as_wtf8());
            return Err(raise!(cx, RuntimeError, "Unrecognized action ({action}) in warnings.filters:\n {item}"));
        }
    };
    if !known {
        show::show(cx, warning)?;
    }
    Ok(Value::NONE)
}

fn filters_mutated(cx: &Cx, _module: Value) -> PyResult {
    if !lock::is_mine() {
        return Err(cx.runtime_error("warnings lock is not held"));
    }
    FILTERS_VERSION.fetch_add(1, Ordering::AcqRel);
    Ok(Value::NONE)
}

fn acquire_lock(cx: &Cx, _module: Value) -> PyResult {
    lock::acquire(cx);
    Ok(Value::NONE)
}

fn release_lock(cx: &Cx, _module: Value) -> PyResult {
    if lock::release() { Ok(Value::NONE) } else { Err(cx.runtime_error("cannot release un-acquired lock")) }
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "warn",
        warn,
        "warn($module, /, message, category=None, stacklevel=1, source=None, *,\n     skip_file_prefixes=())\n--\n\n\
         Give a warning on behalf of the caller; it may be ignored, shown or raised.\n\n  \
         message\n    The text, or a Warning instance.\n  \
         category\n    A subclass of Warning. Defaults to UserWarning.\n  \
         stacklevel\n    How many frames up the caller is that the warning is about.\n  \
         source\n    The object that lost its resource, for ResourceWarning.\n  \
         skip_file_prefixes\n    Frames of files whose names begin so are not counted.",
    ),
    Method::many(
        "warn_explicit",
        warn_explicit,
        "warn_explicit($module, /, message, category, filename, lineno,\n              module=<unrepresentable>, registry=None,\n              \
         module_globals=None, source=None)\n--\n\nGive a warning about a place in a file.",
    ),
    Method::none(
        "_filters_mutated_lock_held",
        filters_mutated,
        "_filters_mutated_lock_held($module, /)\n--\n\nNote that the filters have changed. The lock must be held.",
    ),
    Method::none(
        "_acquire_lock",
        acquire_lock,
        "_acquire_lock($module, /)\n--\n\nTake the lock of the warnings' state.",
    ),
    Method::none("_release_lock", release_lock, "_release_lock($module, /)\n--\n\nGive the lock back."),
];

/// The filters of a release build of CPython: (action, message, category, module, line).
fn default_filters(cx: &Cx) -> PyResult {
    let text = |text: &str| cx.intern_str(text).value();
    let rows = [
        ("default", ExceptionKind::DeprecationWarning, Some("__main__")),
        ("ignore", ExceptionKind::DeprecationWarning, None),
        ("ignore", ExceptionKind::PendingDeprecationWarning, None),
        ("ignore", ExceptionKind::ImportWarning, None),
        ("ignore", ExceptionKind::ResourceWarning, None),
    ];
    let list = cx.new_list();
    for (action, kind, module) in rows {
        let module = module.map_or(Value::NONE, text);
        let row = [text(action), Value::NONE, warning_class(cx, kind), module, Value::int(0)];
        list.push(cx, cx.new_tuple(&row).value())?;
    }
    Ok(list.value())
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let context = cx.new_context_variable(cx.intern_str("_warnings_context"), None);
    let rows = [
        ("filters", FILTERS, default_filters(cx)?),
        ("_onceregistry", ONCE_REGISTRY, cx.new_dict().value()),
        ("_defaultaction", DEFAULT_ACTION, cx.intern_str("default").value()),
        ("_warnings_context", CONTEXT, context.value()),
    ];
    for (name, key, value) in rows {
        cx.set_native_state(key, value)?;
        cx.add_to_module(module, name, value)?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_warnings",
    doc: "_warnings provides basic warning filtering support.\nIt is a helper module to speed up interpreter start-up.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
