//! Source text to syntax tree: decoding, parsing, literals, and CPython's syntax errors.
//!
//! The parser is `ruff_python_parser`; nothing outside this crate names it. What it rejects (or
//! accepts and CPython does not) is reported with CPython's class, wording and range.

pub mod complete;
pub mod decode;
mod depth;
mod diagnose;
pub mod error;
mod escape;
mod flufl;
pub(crate) mod future;
mod inspect;
pub mod literal;
mod parse;
pub mod source;
pub mod token;

use std::sync::Arc;

use ruff_python_ast::{Expr, ExprNoneLiteral, ModExpression, ModModule};

pub use error::{SyntaxError, SyntaxErrorKind, SyntaxWarning};
pub use parse::parse;
pub use source::{Position, SourceText};

/// What kind of text is being compiled: `compile()`'s `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A module or any run of statements.
    Exec,
    /// One expression.
    Eval,
    /// One interactive statement, or one line of simple statements.
    Single,
    /// A function type comment, `(int, str) -> bool`; only for `ast.parse`.
    FunctionType,
}

/// `from __future__` features in force, as bits of `co_flags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct FutureFeatures {
    /// `from __future__ import annotations`.
    pub annotations: bool,
    /// `from __future__ import barry_as_FLUFL`.
    pub barry_as_flufl: bool,
    /// The flag bits of every feature named, also of those that changed nothing for long.
    pub flags: u32,
}

impl FutureFeatures {
    /// The features whose bits are set in `co_flags` or in the flags of `compile()`.
    pub fn from_flags(flags: u32) -> FutureFeatures {
        future::from_flags(flags)
    }
}

/// How to parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseOptions {
    /// What kind of text it is.
    pub mode: Mode,
    /// Features inherited from the calling code.
    pub future: FutureFeatures,
    /// `PyCF_ALLOW_INCOMPLETE_INPUT`: text that merely stops too early is
    /// [`SyntaxErrorKind::IncompleteInput`].
    pub allow_incomplete_input: bool,
    /// `PyCF_DONT_IMPLY_DEDENT`.
    pub dont_imply_dedent: bool,
    /// `PyCF_ALLOW_TOP_LEVEL_AWAIT`.
    pub allow_top_level_await: bool,
}

impl ParseOptions {
    /// The options of a plain `compile(source, filename, mode)`.
    pub fn new(mode: Mode) -> ParseOptions {
        ParseOptions {
            mode,
            future: FutureFeatures::default(),
            allow_incomplete_input: false,
            dont_imply_dedent: false,
            allow_top_level_await: false,
        }
    }
}

/// The syntax tree by mode.
#[derive(Debug)]
pub enum ModuleBody {
    /// `Mode::Exec` and `Mode::Single`.
    Statements(ModModule),
    /// `Mode::Eval`.
    Expression(ModExpression),
    /// `Mode::FunctionType`.
    FunctionType {
        /// Argument types.
        arguments: Vec<Expr>,
        /// Return type.
        returns: Box<Expr>,
    },
}

/// A parsed and checked source text.
#[derive(Debug)]
pub struct Module {
    /// The tree.
    pub body: ModuleBody,
    /// The text it was read from; node ranges are byte offsets into it.
    pub source: Arc<SourceText>,
    /// The mode it was parsed in.
    pub mode: Mode,
    /// Features in force: inherited ones and those the text imports.
    pub future: FutureFeatures,
    /// Warnings to issue, in source order.
    pub warnings: Vec<SyntaxWarning>,
    /// Whether `await` may stand outside functions (`PyCF_ALLOW_TOP_LEVEL_AWAIT`).
    pub allow_top_level_await: bool,
    /// Upper bound of the tree's depth.
    pub(crate) levels: usize,
}

impl Drop for Module {
    fn drop(&mut self) {
        let nothing = ModuleBody::FunctionType {
            arguments: Vec::new(),
            returns: Box::new(Expr::NoneLiteral(ExprNoneLiteral::default())),
        };
        let body = std::mem::replace(&mut self.body, nothing);
        depth::with_stack(self.levels, || drop(body));
    }
}

/// Runs one step of a recursive walk, on a fresh stack segment when the present one is short.
///
/// Every walk over the tree goes through this at each level of nesting.
#[inline]
pub fn guard_stack<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(STACK_RED_ZONE, STACK_SEGMENT, step)
}

/// Stack that must be left when a step of a walk begins, in bytes.
const STACK_RED_ZONE: usize = 64 * 1024;

/// Size of a fresh stack segment, in bytes.
const STACK_SEGMENT: usize = 1024 * 1024;
