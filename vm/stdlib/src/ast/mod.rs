//! `_ast`: the classes of syntax trees' nodes, and what `compile()` does with trees.
//!
//! The compiler knows trees without objects (`countless_compiler::ast`), and has the table of the classes; here they
//! become Python's.

mod classes;
mod from_objects;
mod node;
mod to_objects;

use std::sync::Arc;

use countless_compiler::ast::{self as tree, Invalid, NodeKind, Tree};
use countless_compiler::bytecode::Code;
use countless_compiler::compile::CompileOptions;
use countless_compiler::symtable::SymbolTable;
use countless_compiler::syntax::decode::{self, Origin};
use countless_compiler::syntax::{Mode, SourceText, SyntaxError, SyntaxWarning, parse};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::definition::ModuleDef;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::buffer;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::compile::SourceOptions;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

/// Whether the value is a node of a syntax tree.
pub fn is_node(cx: &Cx, value: Value) -> PyResult<bool> {
    Ok(classes::is_node(cx, value))
}

/// `compile()` to a syntax tree, or of one.
pub fn compile(cx: &Cx, source: Value, filename: &str, options: SourceOptions, only_ast: bool) -> PyResult {
    if !classes::is_node(cx, source) {
        return parse_source(cx, source, filename, options);
    }
    let root = match options.parse.mode {
        Mode::Exec => NodeKind::Module,
        Mode::Eval => NodeKind::Expression,
        Mode::Single => NodeKind::Interactive,
        Mode::FunctionType => NodeKind::FunctionType,
    };
    let tree = from_objects::from_objects(cx, source, root)?;
    tree::validate(&tree).map_err(|invalid| refuse(cx, invalid))?;
    if only_ast { to_objects::to_objects(cx, &tree) } else { compile_tree(cx, &tree, filename, options) }
}

/// Raises what is wrong with a tree.
fn refuse(cx: &Cx, invalid: Invalid) -> Raised {
    match invalid {
        Invalid::Value(message) => cx.value_error(message),
        Invalid::Type(message) => cx.type_error(message),
        Invalid::System(message) => raise!(cx, SystemError, "{message}"),
    }
}

/// Text to a tree of objects.
fn parse_source(cx: &Cx, source: Value, filename: &str, options: SourceOptions) -> PyResult {
    let text = Arc::new(source_text(cx, source, filename, "compile", "string, bytes or AST object")?);
    let parsed = cx.mutator().detached(|| {
        let mut module = parse(text, options.parse)?;
        let warnings = std::mem::take(&mut module.warnings);
        Ok((tree::export(&module), warnings))
    });
    let (tree, warnings) = parsed.map_err(|error: SyntaxError| cx.raise_syntax_error(filename, &error))?;
    give_warnings(cx, filename, &warnings)?;
    tree::validate_names(&tree).map_err(|invalid| refuse(cx, invalid))?;
    to_objects::to_objects(cx, &tree)
}

/// The text of the first argument of a function that compiles; `expected` says what it may be.
pub fn source_text(cx: &Cx, source: Value, filename: &str, function: &str, expected: &str) -> PyResult<SourceText> {
    if let Some(text) = source.downcast::<Str>(cx) {
        let Some(text) = text.to_str() else {
            // The codec words the error.
            countless_vm::runtime::codecs::encode(cx, text, None, None)?;
            return Err(cx.value_error("source code string cannot be encoded"));
        };
        return decode::from_text(filename, text).map_err(|error| cx.raise_syntax_error(filename, &error));
    }
    if cx.type_of(source).slots.buffer().is_none() {
        return Err(cx.type_error(format_args!("{function}() arg 1 must be a {expected}")));
    }
    let bytes = buffer::bytes_of(cx, source)?;
    cx.decode_source(filename, &bytes, Origin::Bytes)
}

fn give_warnings(cx: &Cx, filename: &str, warnings: &[SyntaxWarning]) -> PyResult<()> {
    for warning in warnings {
        let class = cx.builtin_type(ExceptionKind::SyntaxWarning.type_id()).value();
        let message = cx.new_str(&warning.message).value();
        let (file, line) = (cx.new_str(filename).value(), Value::int(warning.line.into()));
        if let Err(raised) = cx.warn_explicit(class, message, file, line) {
            if !cx.pending_is(&raised, ExceptionKind::SyntaxWarning) {
                return Err(raised);
            }
            let _ = cx.take_exception(raised);
            return Err(cx.raise_syntax_error(filename, &warning.error));
        }
    }
    Ok(())
}

/// A tree to a code object.
fn compile_tree(cx: &Cx, tree: &Tree, filename: &str, options: SourceOptions) -> PyResult {
    let optimize = options.optimize.unwrap_or(cx.vm().config.optimize);
    let (code, warnings) = cx.mutator().detached(|| generate(tree, filename, options, optimize));
    give_warnings(cx, filename, &warnings)?;
    match code {
        Ok(code) => Ok(cx.new_code(&code)?.value()),
        Err(mut error) => {
            // There is no text to show.
            error.text = None;
            Err(cx.raise_syntax_error(filename, &error))
        }
    }
}

fn generate(
    tree: &Tree,
    filename: &str,
    options: SourceOptions,
    optimize: u8,
) -> (Result<Arc<Code>, SyntaxError>, Vec<SyntaxWarning>) {
    let mut module = match tree::import(tree, filename, options.parse) {
        Ok(module) => module,
        Err(error) => return (Err(error), Vec::new()),
    };
    let table = SymbolTable::check(&mut module);
    let warnings = std::mem::take(&mut module.warnings);
    let options = CompileOptions { optimize, allow_top_level_await: options.parse.allow_top_level_await };
    let code = table.and_then(|table| countless_compiler::compile::compile(&module, &table, options));
    (code, warnings)
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    classes::install(cx, module)?;
    let flags = [
        ("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000),
        ("PyCF_ONLY_AST", 0x400),
        ("PyCF_TYPE_COMMENTS", 0x1000),
        ("PyCF_OPTIMIZED_AST", 0x8400),
    ];
    for (name, flag) in flags {
        cx.add_to_module(module, name, Value::int(flag))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef { name: "_ast", doc: "", functions: &[], types: &[], execute: Some(execute) };
