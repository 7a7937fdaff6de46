//! Source text to code object: the compiler's pipeline, run detached from the heap, with its errors raised and its
//! warnings given.

use std::sync::Arc;

use countless_compiler::bytecode::Code;
use countless_compiler::compile::{CompileOptions, compile};
use countless_compiler::symtable::SymbolTable;
use countless_compiler::syntax::decode::{self, Origin};
use countless_compiler::syntax::{Mode, ParseOptions, SourceText, SyntaxError, SyntaxErrorKind, SyntaxWarning, parse};

use crate::exceptions::ExceptionKind;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::code::CodeObject;
use crate::types::str::Str;

/// What to compile, and how.
#[derive(Clone, Copy)]
pub struct SourceOptions {
    /// The parser's options.
    pub parse: ParseOptions,
    /// The optimization level; `None` for the VM's.
    pub optimize: Option<u8>,
}

impl SourceOptions {
    /// The options of a plain `compile(source, filename, mode)`.
    pub fn new(mode: Mode) -> SourceOptions {
        SourceOptions { parse: ParseOptions::new(mode), optimize: None }
    }
}

/// The result of the pipeline without any object: it runs detached.
struct Output {
    compiled: Result<Arc<Code>, SyntaxError>,
    early_warnings: Vec<SyntaxWarning>,
}

fn pipeline(source: Arc<SourceText>, options: ParseOptions, optimize: u8) -> Output {
    let mut module = match parse(source, options) {
        Ok(module) => module,
        Err(error) => return Output { compiled: Err(error), early_warnings: Vec::new() },
    };
    let table = SymbolTable::check(&mut module);
    let early_warnings = std::mem::take(&mut module.warnings);
    let options = CompileOptions { optimize, allow_top_level_await: options.allow_top_level_await };
    let compiled = table.and_then(|table| compile(&module, &table, options));
    Output { compiled, early_warnings }
}

impl Cx {
    /// Compiles decoded text.
    pub fn compile_text(&self, source: SourceText, options: SourceOptions) -> PyResult<Ref<CodeObject>> {
        let code = self.compile_to_code(source, options)?;
        self.new_code(&code)
    }

    /// The compiler's output for decoded text.
    pub fn compile_to_code(&self, source: SourceText, options: SourceOptions) -> PyResult<Arc<Code>> {
        let filename = source.filename.clone();
        let source = Arc::new(source);
        let optimize = options.optimize.unwrap_or(self.vm().config.optimize);
        let output = self.mutator().detached(|| pipeline(source, options.parse, optimize));
        for warning in &output.early_warnings {
            self.give_syntax_warning(&filename, warning)?;
        }
        match output.compiled {
            Ok(code) => Ok(code),
            Err(error) => Err(self.raise_syntax_error(&filename, &error)),
        }
    }

    /// Compiles the bytes of a file or of a bytes object: decodes them as PEP 263 says first.
    pub fn compile_bytes(
        &self,
        filename: &str,
        bytes: &[u8],
        origin: Origin,
        options: SourceOptions,
    ) -> PyResult<Ref<CodeObject>> {
        let text = self.decode_source(filename, bytes, origin)?;
        self.compile_text(text, options)
    }

    /// Decodes source bytes.
    pub fn decode_source(&self, filename: &str, bytes: &[u8], origin: Origin) -> PyResult<SourceText> {
        let mut decode_with_codec = |name: &str, bytes: &[u8]| self.decode_with_codec(name, bytes);
        match decode::decode(filename, bytes, origin, &mut decode_with_codec) {
            Ok(text) => Ok(text),
            Err(error) => Err(self.raise_syntax_error(filename, &error)),
        }
    }

    /// Decodes with a codec written in Python; the error is its message.
    fn decode_with_codec(&self, name: &str, bytes: &[u8]) -> Result<String, String> {
        let bytes = self.new_bytes(bytes).value();
        let encoding = self.new_str(name);
        let decoded: PyResult<Ref<Str>> = super::codecs::decode(self, bytes, Some(encoding), None);
        match decoded {
            Ok(text) => Ok(text.as_wtf8().to_string_lossy()),
            Err(raised) => {
                let exception = self.take_exception(raised);
                let lookup_failed = exception.is_exception_of(self, ExceptionKind::LookupError);
                if lookup_failed {
                    return Err(format!("unknown encoding: {name}"));
                }
                match crate::object::protocol::object::str(self, exception) {
                    Ok(text) => Err(format!("(unicode error) {}", text.as_wtf8())),
                    Err(raised) => {
                        self.discard(raised);
                        Err(format!("encoding problem: {name}"))
                    }
                }
            }
        }
    }

    /// Raises the exception that stands for a syntax error of the compiler.
    #[cold]
    pub fn raise_syntax_error(&self, filename: &str, error: &SyntaxError) -> Raised {
        let kind = match error.kind {
            SyntaxErrorKind::SyntaxError => ExceptionKind::SyntaxError,
            SyntaxErrorKind::IndentationError => ExceptionKind::IndentationError,
            SyntaxErrorKind::TabError => ExceptionKind::TabError,
            SyntaxErrorKind::IncompleteInput => ExceptionKind::_IncompleteInputError,
            SyntaxErrorKind::MemoryError => return self.memory_error(),
            SyntaxErrorKind::RecursionError => {
                return self.raise_message(ExceptionKind::RecursionError, format_args!("{}", error.message));
            }
        };
        if error.line.is_none() && error.column.is_none() && error.text.is_none() {
            // Not a place, but the source as a whole is wrong.
            return self.raise_message(kind, format_args!("{}", error.message));
        }
        let number = |number: Option<i64>| number.map_or(Value::NONE, Value::int);
        let text = match &error.text {
            Some(text) => self.new_str(text).value(),
            None => Value::NONE,
        };
        let details = self.new_tuple(&[
            self.new_str(filename).value(),
            number(error.line.map(i64::from)),
            number(error.column),
            text,
            number(error.end_line.map(i64::from)),
            number(error.end_column),
        ]);
        let message = self.new_str(&error.message);
        self.raise_with_args(kind, &[message.value(), details.value()])
    }

    /// Gives a warning of the compiler; one that the filters turn into an error is raised as a SyntaxError at its place.
    fn give_syntax_warning(&self, filename: &str, warning: &SyntaxWarning) -> PyResult<()> {
        let class = self.builtin_type(ExceptionKind::SyntaxWarning.type_id()).value();
        let message = self.new_str(&warning.message).value();
        let (file, line) = (self.new_str(filename).value(), Value::int(i64::from(warning.line)));
        match self.warn_explicit(class, message, file, line) {
            Ok(()) => Ok(()),
            Err(raised) if self.pending_is(&raised, ExceptionKind::SyntaxWarning) => {
                self.discard(raised);
                Err(self.raise_syntax_error(filename, &warning.error))
            }
            Err(raised) => Err(raised),
        }
    }
}
