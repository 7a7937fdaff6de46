//! `_contextvars`: context variables, whose types are the core's.

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::context::{self, variable};

fn copy_context(cx: &Cx, _module: Value) -> PyResult {
    Ok(context::copy_context(cx).value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_contextvars",
    doc: "Context Variables",
    functions: &[Method::none("copy_context", copy_context, "copy_context($module, /)\n--\n\n")],
    types: &[&context::TYPE, &variable::TYPE, &variable::TOKEN_TYPE],
    execute: None,
};
