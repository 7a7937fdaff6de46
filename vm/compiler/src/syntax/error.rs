//! What the front half reports: errors with the fields of Python's `SyntaxError`, and warnings.

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
}

/// A `SyntaxWarning` (or `DeprecationWarning`) that the front half wants issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxWarning {
    /// The warning's text.
    pub message: String,
    /// Line from 1.
    pub line: u32,
    /// Column in characters from 1.
    pub column: u32,
    /// End line from 1.
    pub end_line: u32,
    /// End column in characters from 1.
    pub end_column: u32,
}
