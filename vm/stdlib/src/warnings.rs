//! `_warnings`: the filters that native code and the library share, and the functions that apply them.
//!
//! The library's `warnings` keeps its own Python implementation of the same rules (`_py_warnings`); here the work is
//! handed to it, so that there is one implementation. The lists and dicts are made here, because native code may warn
//! before `warnings` is imported.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

/// The Python implementation's function.
fn library_function(cx: &Cx, name: &str) -> PyResult {
    cx.import_attribute("_py_warnings", name)
}

fn warn(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    cx.call_args(library_function(cx, "warn")?, args)
}

fn warn_explicit(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    cx.call_args(library_function(cx, "warn_explicit")?, args)
}

fn filters_mutated(cx: &Cx, module: Ref<Module>) -> PyResult {
    let name = cx.intern_str("_filters_version");
    let version = module.dict().get_name(cx, name)?.and_then(Value::as_small_int).unwrap_or(0);
    module.dict().set_name(cx, name, Value::int(version + 1))?;
    Ok(Value::NONE)
}

fn nothing(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::NONE)
}

static FUNCTIONS: &[Method] = &[
    Method::many("warn", warn, "warn($module, /, message, category=None, stacklevel=1, source=None, *,\n     skip_file_prefixes=())\n--\n\nWarn on behalf of the caller."),
    Method::many("warn_explicit", warn_explicit, "warn_explicit($module, /, message, category, filename, lineno,\n              module=None, registry=None, module_globals=None,\n              source=None)\n--\n\nWarn of something at a given place."),
    Method::none("_filters_mutated_lock_held", filters_mutated, "_filters_mutated_lock_held($module, /)\n--\n\nNote that the filters have changed."),
    Method::none("_filters_mutated", filters_mutated, "_filters_mutated($module, /)\n--\n\nNote that the filters have changed."),
    Method::none("_acquire_lock", nothing, "_acquire_lock($module, /)\n--\n\nDoes nothing."),
    Method::none("_release_lock", nothing, "_release_lock($module, /)\n--\n\nDoes nothing."),
];

/// The filters of a release build of CPython: (action, message, category, module, line).
fn default_filters(cx: &Cx) -> PyResult {
    let text = |text: &str| cx.intern_str(text).value();
    let class = |kind: ExceptionKind| cx.builtin_type(kind.type_id()).value();
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
        let row = [text(action), Value::NONE, class(kind), module, Value::int(0)];
        list.push(cx, cx.new_tuple(&row).value())?;
    }
    Ok(list.value())
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "filters", default_filters(cx)?)?;
    cx.add_to_module(module, "_onceregistry", cx.new_dict().value())?;
    cx.add_to_module(module, "_defaultaction", cx.intern_str("default").value())?;
    cx.add_to_module(module, "_filters_version", Value::int(1))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_warnings",
    doc: "Warnings, as native code gives them.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
