//! `sys._jit`: this interpreter compiles nothing to machine code, so every answer is no.

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

fn no(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::FALSE)
}

static FUNCTIONS: &[Method] = &[
    Method::none("is_available", no, "is_available($module, /)\n--\n\nWhether code can be compiled to machine code."),
    Method::none("is_enabled", no, "is_enabled($module, /)\n--\n\nWhether code is compiled to machine code."),
    Method::none("is_active", no, "is_active($module, /)\n--\n\nWhether the topmost frame runs machine code."),
];

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "sys._jit",
    doc: "Observing a just-in-time compiler.",
    functions: FUNCTIONS,
    types: &[],
    execute: None,
};
