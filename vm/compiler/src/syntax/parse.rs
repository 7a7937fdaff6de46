//! From text to a checked [`Module`].

use std::sync::Arc;

use ruff_python_ast::{Mod, PythonVersion};
use ruff_python_parser as parser;

use super::{Mode, Module, ModuleBody, ParseOptions, SourceText, SyntaxError};

/// Parses a source text.
pub fn parse(source: Arc<SourceText>, options: ParseOptions) -> Result<Module, SyntaxError> {
    if options.mode == Mode::Single
        && let Some(error) = super::diagnose::diagnose(&source, options)
    {
        // Where interactive input ends is a matter of CPython's grammar.
        return Err(error);
    }
    let mode = match options.mode {
        Mode::Exec | Mode::Single => parser::Mode::Module,
        Mode::Eval | Mode::FunctionType => parser::Mode::Expression,
    };
    let parse_options = parser::ParseOptions::from(mode).with_target_version(PythonVersion::PY314);
    let parsed = parser::parse_unchecked(source.text(), parse_options);
    if let Some(error) = parsed.errors().first() {
        if let Some(error) = super::diagnose::diagnose(&source, options) {
            return Err(error);
        }
        return Err(SyntaxError::at(
            &source,
            error.location,
            error.error.to_string(),
        ));
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        if let Some(error) = super::diagnose::diagnose(&source, options) {
            return Err(error);
        }
        return Err(SyntaxError::at(&source, error.range, error.to_string()));
    }
    let body = match parsed.into_syntax() {
        Mod::Module(body) => ModuleBody::Statements(body),
        Mod::Expression(body) => ModuleBody::Expression(body),
    };
    let future = options.future;
    let mut module = Module {
        body,
        source,
        mode: options.mode,
        future,
        warnings: Vec::new(),
        allow_top_level_await: options.allow_top_level_await,
    };
    super::inspect::inspect(&mut module, options)?;
    Ok(module)
}
