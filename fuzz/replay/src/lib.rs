//! What fuzzing checks, apart from who makes the inputs: cargo-fuzz on nightly, or the bounded replay on stable.

#![deny(unsafe_code)]

pub mod mutate;

use std::sync::Arc;

use countless_compiler::bytecode::disasm::disassemble;
use countless_compiler::bytecode::verify::verify_all;
use countless_compiler::compile::{CompileOptions, compile};
use countless_compiler::symtable::SymbolTable;
use countless_compiler::syntax::decode::{Origin, decode};
use countless_compiler::syntax::{Mode, ParseOptions, SourceText, SyntaxError, parse};

/// Compiles `source` in every mode, and says whether it is a module; bytecode that comes out must verify and disassemble.
///
/// # Panics
/// If an error points outside the text or the bytecode does not verify: that is a bug of the compiler.
pub fn parse_compile(source: &[u8]) -> bool {
    let mut unknown = |name: &str, _: &[u8]| Err(format!("unknown encoding: {name}"));
    let text = match decode("fuzz.py", source, Origin::File, &mut unknown) {
        Ok(text) => Arc::new(text),
        Err(error) => {
            check_error(&error, None);
            return false;
        }
    };
    let mut is_module = false;
    for mode in [Mode::Exec, Mode::Eval, Mode::Single] {
        for optimize in [0, 2] {
            match compile_text(&text, mode, optimize) {
                Ok(()) => is_module |= mode == Mode::Exec,
                Err(error) => {
                    check_error(&error, Some(&text));
                    break;
                }
            }
        }
    }
    is_module
}

fn compile_text(text: &Arc<SourceText>, mode: Mode, optimize: u8) -> Result<(), SyntaxError> {
    let mut module = parse(Arc::clone(text), ParseOptions::new(mode))?;
    let table = SymbolTable::check(&mut module)?;
    let options = CompileOptions { optimize, ..CompileOptions::default() };
    let code = compile(&module, &table, options)?;
    if let Err(error) = verify_all(&code) {
        panic!("the bytecode does not verify: {error:?}\n{}", disassemble(&code));
    }
    assert!(!disassemble(&code).is_empty());
    Ok(())
}

fn check_error(error: &SyntaxError, text: Option<&Arc<SourceText>>) {
    assert!(!error.message.is_empty(), "an error without a message");
    if let (Some(line), Some(text)) = (error.line, text) {
        // The end of input may count as one more line.
        assert!(line <= text.line_count() + 1, "line {line} of {}: {}", text.line_count(), error.message);
    }
}
