//! `_weakref`: weak references and proxies, whose types are the core's.

use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::module::Module;
use countless_vm::types::weakref::{WeakRef, references_to};
use countless_vm::types::{ids, weak_proxy};

fn proxy(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [object, callback] = args.between::<2>(cx, "proxy", 1)?;
    weak_proxy::new(cx, object.unwrap_or(Value::NONE), callback)
}

fn get_weakref_count(cx: &Cx, _module: Value, object: Value) -> PyResult {
    Ok(Value::length(references_to(cx, object)?.len()))
}

fn get_weakrefs(cx: &Cx, _module: Value, object: Value) -> PyResult {
    Ok(references_to(cx, object)?.value())
}

fn remove_dead_weakref(cx: &Cx, _module: Value, dict: Value, key: Value) -> PyResult {
    let Some(dict) = dict.downcast::<Dict>(cx) else {
        let class = dict.class_name(cx);
        return Err(raise!(cx, TypeError, "_remove_dead_weakref() argument 1 must be dict, not {class}"));
    };
    let Some(found) = dict.get(cx, key)? else { return Ok(Value::NONE) };
    match found.downcast::<WeakRef>(cx) {
        Some(reference) if reference.get(cx).is_none() => {
            // Another entry may have taken the place of the dead one by now; it is put back.
            if let Some(removed) = dict.remove(cx, key)?
                && removed != found
            {
                dict.set_default(cx, key, removed)?;
            }
            Ok(Value::NONE)
        }
        Some(_) => Ok(Value::NONE),
        None => Err(cx.type_error("not a weakref")),
    }
}

static FUNCTIONS: &[Method] = &[
    Method::one(
        "getweakrefcount",
        get_weakref_count,
        "getweakrefcount($module, object, /)\n--\n\nThe number of weak references to 'object'.",
    ),
    Method::one(
        "getweakrefs",
        get_weakrefs,
        "getweakrefs($module, object, /)\n--\n\nA list of all weak references to 'object'.",
    ),
    Method::many(
        "proxy",
        proxy,
        "proxy($module, object, callback=None, /)\n--\n\nA proxy of 'object' that does not keep it alive.\n\n\
         The callback, if there is one, is called with the proxy when 'object' is about to end.",
    ),
    Method::two(
        "_remove_dead_weakref",
        remove_dead_weakref,
        "_remove_dead_weakref($module, dct, key, /)\n--\n\nRemove the key from the dict if it is there for a dead weak reference.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let reference = cx.builtin_type(ids::WEAKREF).value();
    cx.add_to_module(module, "ref", reference)?;
    cx.add_to_module(module, "ReferenceType", reference)?;
    cx.add_to_module(module, "ProxyType", cx.builtin_type(ids::WEAK_PROXY).value())?;
    cx.add_to_module(module, "CallableProxyType", cx.builtin_type(ids::WEAK_CALLABLE_PROXY).value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_weakref",
    doc: "Weak-reference support module.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
