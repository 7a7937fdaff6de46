//! What the front half reports: errors with the fields of Python's `SyntaxError`, and warnings.

use ruff_text_size::TextRange;

use super::source::SourceText;

/// Which exception is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyntaxErrorKind {
    /// `SyntaxError`.
    SyntaxError,
    /// `IndentationError`.
    IndentationError,
    /// `TabError`.
    TabError,
    /// `_IncompleteInputError`: only with [`crate::syntax::ParseOptions::allow_incomplete_input`].
    IncompleteInput,
    /// `MemoryError`: nested beyond what the parser takes.
    MemoryError,
    /// `RecursionError`: nested beyond what the compiler takes.
    RecursionError,
}

/// An error with the fields that Python's `SyntaxError` has.
///
/// Lines count from 1. Columns count characters from 1; 0 stands for "no column", as in Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The exception's class.
    pub kind: SyntaxErrorKind,
    /// `msg`.
    pub message: String,
    /// `lineno`; `None` where Python leaves it `None`.
    pub line: Option<u32>,
    /// `offset`.
    pub column: Option<i64>,
    /// `end_lineno`.
    pub end_line: Option<u32>,
    /// `end_offset`.
    pub end_column: Option<i64>,
    /// `text`: the offending line, with its newline.
    pub text: Option<String>,
    /// Found after parsing. Python then takes `text` from the file of the source's name, and
    /// leaves it `None` if there is no such file.
    pub from_compiler: bool,
}

/// A `SyntaxWarning` (or `DeprecationWarning`) that the front half wants issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxWarning {
    /// The warning's text.
    pub message: String,
    /// Line from 1.
    pub line: u32,
    /// What is raised instead when the filters turn this warning into an error.
    pub error: SyntaxError,
}

impl SyntaxError {
    /// A `SyntaxError` over a range of the text.
    pub fn at(source: &SourceText, range: TextRange, message: impl Into<String>) -> SyntaxError {
        let start = source.position(range.start());
        let end = source.position(range.end());
        SyntaxError {
            kind: SyntaxErrorKind::SyntaxError,
            message: message.into(),
            line: Some(start.line),
            column: Some(i64::from(source.character_column(start)) + 1),
            end_line: Some(end.line),
            end_column: Some(i64::from(source.character_column(end)) + 1),
            text: Some(source.line_text_with_newline(start.line).to_string()),
            from_compiler: false,
        }
    }

    /// An error about the text as a whole.
    pub fn without_place(kind: SyntaxErrorKind, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            kind,
            message: message.into(),
            line: None,
            column: None,
            end_line: None,
            end_column: None,
            text: None,
            from_compiler: false,
        }
    }

    /// As [`SyntaxError::at`], for what is found after parsing: Python then counts columns in bytes.
    pub fn in_compiler(source: &SourceText, range: TextRange, message: impl Into<String>) -> SyntaxError {
        let start = source.position(range.start());
        let end = source.position(range.end());
        SyntaxError {
            column: Some(i64::from(start.column) + 1),
            end_column: Some(i64::from(end.column) + 1),
            from_compiler: true,
            ..SyntaxError::at(source, range, message)
        }
    }
}
