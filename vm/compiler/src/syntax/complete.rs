//! Is this interactive input complete, unfinished or wrong? The rules of Python's `codeop`.

use std::sync::Arc;

use super::error::{SyntaxError, SyntaxErrorKind};
use super::{Mode, Module, ParseOptions, SourceText, parse};
use crate::symtable::SymbolTable;

/// What an interactive session should do with the text so far.
#[derive(Debug)]
pub enum Completeness {
    /// Run it: the module is parsed and its symbols are resolved.
    Complete(Box<(Module, SymbolTable)>),
    /// Ask for another line.
    Incomplete,
    /// Report this.
    Invalid(SyntaxError),
}

/// Judges interactive input. `options.mode` is that of the session, usually [`Mode::Single`].
pub fn complete(filename: &str, text: &str, options: ParseOptions) -> Completeness {
    let is_blank = text.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#')
    });
    let text = if is_blank && options.mode != Mode::Eval { "pass" } else { text };
    let tentative = ParseOptions { allow_incomplete_input: true, dont_imply_dedent: true, ..options };
    let first = compile(filename, text, tentative);
    if let Ok(compiled) = first {
        return Completeness::Complete(Box::new(compiled));
    }
    match compile(filename, &format!("{text}\n"), tentative) {
        // One more line end makes it valid: a block may still go on.
        Ok(_) => return Completeness::Incomplete,
        Err(error) if error.kind == SyntaxErrorKind::IncompleteInput => {
            return Completeness::Incomplete;
        }
        Err(_) => {}
    }
    match compile(filename, text, options) {
        Ok(compiled) => Completeness::Complete(Box::new(compiled)),
        Err(error) => Completeness::Invalid(error),
    }
}

fn compile(filename: &str, text: &str, options: ParseOptions) -> Result<(Module, SymbolTable), SyntaxError> {
    let mut module = parse(Arc::new(SourceText::new(filename, text)), options)?;
    let table = SymbolTable::check(&mut module)?;
    Ok((module, table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(text: &str) -> &'static str {
        match complete("<stdin>", text, ParseOptions::new(Mode::Single)) {
            Completeness::Complete(_) => "complete",
            Completeness::Incomplete => "incomplete",
            Completeness::Invalid(_) => "invalid",
        }
    }

    #[test]
    fn as_codeop() {
        for text in ["", "# nothing", "a = 1", "a; b", "if x:\n  y\n", "@f\ndef g(): pass\n", "'''a\nb'''"] {
            assert_eq!(judge(text), "complete", "{text:?}");
        }
        for text in ["(", "if x:", "if x:\n  y", "def f():\n", "'''a", "x = [1,", "@f", "a = \\", "try:\n  x\n"] {
            assert_eq!(judge(text), "incomplete", "{text:?}");
        }
        for text in ["a b", ")", "1 = 2", "'a", "return", "a\nb", "  a", "if x: y\n z"] {
            assert_eq!(judge(text), "invalid", "{text:?}");
        }
    }
}
