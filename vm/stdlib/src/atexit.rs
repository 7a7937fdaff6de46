//! `atexit`: functions to be called when the interpreter ends.
//!
//! The module's state is a list of (function, args, kwargs), which the end of the process runs from its end.

use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::compare;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::tuple::Tuple;

fn callbacks(cx: &Cx, module: Ref<Module>) -> Ref<List> {
    module.state().and_then(|state| state.downcast::<List>(cx)).unwrap_or_else(|| cx.new_list())
}

fn register(cx: &Cx, module: Ref<Module>, args: Args<'_>) -> PyResult {
    let Some(function) = args.get(0) else {
        return Err(cx.type_error("register() takes at least 1 argument (0 given)"));
    };
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("the first argument must be callable"));
    }
    let positional = cx.new_blank_tuple(args.len() - 1);
    for (index, value) in args.iter().skip(1).enumerate() {
        positional.init(index, value);
    }
    let keywords = cx.new_dict();
    for (name, value) in args.keywords() {
        keywords.set_name(cx, name, value)?;
    }
    let entry = cx.new_tuple(&[function, positional.value(), keywords.value()]);
    callbacks(cx, module).push(cx, entry.value())?;
    Ok(function)
}

fn unregister(cx: &Cx, module: Ref<Module>, function: Value) -> PyResult {
    let list = callbacks(cx, module);
    let mut index = 0;
    while let Some(entry) = list.get(index) {
        let Some(entry_tuple) = entry.downcast::<Tuple>(cx) else { break };
        let same = compare::equal(cx, entry_tuple.get(0), function)?;
        // The comparison may have changed the list.
        if same && list.get(index) == Some(entry) {
            list.remove(cx, index);
        } else {
            index += 1;
        }
    }
    Ok(Value::NONE)
}

fn clear(cx: &Cx, module: Ref<Module>) -> PyResult {
    callbacks(cx, module).clear(cx);
    Ok(Value::NONE)
}

fn count(cx: &Cx, module: Ref<Module>) -> PyResult {
    Ok(Value::length(callbacks(cx, module).len()))
}

/// Calls the functions, the last first; failures are reported, not raised.
fn run(cx: &Cx, module: Ref<Module>) -> PyResult {
    let list = callbacks(cx, module);
    while let Some(entry) = list.pop(cx).and_then(|entry| entry.downcast::<Tuple>(cx)) {
        let args = entry.get(1).downcast::<Tuple>(cx).unwrap_or_else(|| cx.empty_tuple());
        if let Err(raised) = cx.call_unpacked(entry.get(0), args, entry.get(2).downcast::<Dict>(cx)) {
            let exception = cx.take_exception(raised);
            cx.write_unraisable(exception, Some("Exception ignored in atexit callback"), entry.get(0));
        }
    }
    Ok(Value::NONE)
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    module.set_state(cx, cx.new_list().value());
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "atexit",
    doc: "Functions to be called when the interpreter ends.",
    functions: &[
        Method::many(
            "register",
            register,
            "register($module, func, /, *args, **kwargs)\n--\n\nHave func(*args, **kwargs) called at the end; func is returned, so this can decorate.",
        ),
        Method::none("_clear", clear, "_clear($module, /)\n--\n\nForget all functions."),
        Method::one(
            "unregister",
            unregister,
            "unregister($module, func, /)\n--\n\nForget a function, however often it was registered.",
        ),
        Method::none(
            "_run_exitfuncs",
            run,
            "_run_exitfuncs($module, /)\n--\n\nCall all functions now, and forget them.",
        ),
        Method::none("_ncallbacks", count, "_ncallbacks($module, /)\n--\n\nHow many functions are registered."),
    ],
    types: &[],
    execute: Some(execute),
};
