//! Syntax trees for `compile()`: not there yet. The module `_ast` is missing, and with it `ast`.

use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::compile::SourceOptions;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

/// Whether the value is a node of a syntax tree.
pub fn is_node(_cx: &Cx, _value: Value) -> PyResult<bool> {
    Ok(false)
}

/// `compile()` to a syntax tree, or of one.
pub fn compile(cx: &Cx, _source: Value, _filename: &str, _options: SourceOptions, _only_ast: bool) -> PyResult {
    Err(raise!(cx, NotImplementedError, "syntax trees are not there yet"))
}
