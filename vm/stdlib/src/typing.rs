//! `_typing`: what the module `typing` takes from the core.

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::type_parameter::{alias, generic, param_spec, type_var, type_var_tuple};
use countless_vm::types::union;

fn same(_cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(value)
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "NoDefault", generic::no_default(cx))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_typing",
    doc: "Primitives and accelerators for the typing module.\n",
    functions: &[Method::one("_idfunc", same, "_idfunc($module, x, /)\n--\n\n")],
    types: &[
        &type_var::TYPE,
        &type_var_tuple::TYPE,
        &param_spec::TYPE,
        &param_spec::ARGS_TYPE,
        &param_spec::KWARGS_TYPE,
        &alias::TYPE,
        &generic::TYPE,
        &union::TYPE,
    ],
    execute: Some(execute),
};
