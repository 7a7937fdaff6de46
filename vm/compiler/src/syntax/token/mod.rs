//! CPython's tokens, with its tokenizer's errors.
//!
//! The parser has a lexer of its own; this one exists because error positions, error order and the
//! `_tokenize` module depend on CPython's token boundaries. It is lazy: an error is met only when
//! the token it stands in is asked for.

mod interpolated;
mod kind;
mod lexer;
mod number;
mod stream;

pub use kind::TokenKind;
pub(crate) use lexer::Ending;
pub use lexer::Lexer;
pub use stream::{PositionedToken, tokens};

use ruff_text_size::{TextRange, TextSize};

/// A token. Indents, dedents and the end marker have no extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// How many brackets are open after it.
    pub level: u16,
    /// Made up at the end of interactive input.
    pub implied: bool,
}

impl Token {
    /// The bytes it covers.
    pub fn range(self) -> TextRange {
        TextRange::new(TextSize::new(self.start), TextSize::new(self.end))
    }

    /// Whether CPython gives it no column.
    pub fn has_no_column(self) -> bool {
        self.implied || matches!(self.kind, TokenKind::Indent | TokenKind::Dedent | TokenKind::EndMarker)
    }
}
