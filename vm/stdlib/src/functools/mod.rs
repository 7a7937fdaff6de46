//! `_functools`: partial functions, comparison keys, cached functions, `reduce`.

mod key;
mod lru_cache;
mod partial;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::iter;
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

static REDUCE: Signature<3> =
    Signature::new("reduce", ["function", "iterable", "initial"]).positional_only(2).required(2);

fn reduce(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [function, iterable, initial] = REDUCE.bind(cx, args)?;
    let (function, iterable) = (function.unwrap_or(Value::NONE), iterable.unwrap_or(Value::NONE));
    let iterator = match iter::get_iter(cx, iterable) {
        Ok(iterator) => iterator,
        Err(raised) => {
            cx.ignore_if(raised, ExceptionKind::TypeError)?;
            return Err(cx.type_error("reduce() arg 2 must support iteration"));
        }
    };
    let mut result = match initial {
        Some(initial) => initial,
        None => match iter::next(cx, iterator)? {
            Some(first) => first,
            None => return Err(cx.type_error("reduce() of empty iterable with no initial value")),
        },
    };
    while let Some(item) = iter::next(cx, iterator)? {
        result = cx.call(function, &[result, item])?;
    }
    Ok(result)
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "reduce",
        reduce,
        "reduce($module, function, iterable, /, initial=<unrepresentable>)\n--\n\n\
         Apply a function of two arguments to the items of an iterable, cumulatively, from left to right.\n\n\
         reduce(lambda x, y: x+y, [1, 2, 3, 4, 5]) calculates ((((1 + 2) + 3) + 4) + 5). If initial is\n\
         there, it comes before the items, and is the result if there are none.",
    ),
    Method::many(
        "cmp_to_key",
        key::cmp_to_key,
        "cmp_to_key($module, /, mycmp)\n--\n\nConvert a cmp= function into a key= function.\n\n  mycmp\n    \
         Function that compares two objects.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    native_type(cx, &key::TYPE)?;
    native_type(cx, &lru_cache::LINK_TYPE)?;
    native_type(cx, &partial::PLACEHOLDER_TYPE)?;
    cx.add_to_module(module, "Placeholder", partial::placeholder(cx)?)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_functools",
    doc: "Tools that operate on functions.",
    functions: FUNCTIONS,
    types: &[&partial::PLACEHOLDER_TYPE, &partial::TYPE, &lru_cache::TYPE],
    execute: Some(execute),
};
