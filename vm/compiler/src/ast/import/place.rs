//! A text that stands for a tree that was not read from one.
//!
//! The symbol table and the code generator tell nodes by their ranges in a text, and read a few things again from it. So
//! each node gets a range of its own in a made-up text, nested as the nodes are, which maps to the positions that the
//! program gave; and what is read again is written there: escapes of surrogates, walruses, the text of interpolations.

use ruff_text_size::{TextRange, TextSize};

use crate::ast::Span;
use crate::syntax::source::MadeUp;
use crate::syntax::{Position, SourceText};

/// The text under construction.
#[derive(Default)]
pub(super) struct Places {
    text: String,
    made_up: MadeUp,
}

impl Places {
    fn mark(&mut self, line: i32, column: i32, character: char) -> TextSize {
        let offset = self.text.len() as u32;
        let position = Position { line: line.max(0) as u32, column: column.max(0) as u32 };
        self.made_up.positions.push((offset, position));
        self.text.push(character);
        TextSize::new(offset)
    }

    /// Begins a node's range.
    pub(super) fn begin(&mut self, span: Span) -> TextSize {
        self.mark(span.line, span.column, ' ')
    }

    /// The same, for a definition, whose keyword is looked for behind its decorators.
    pub(super) fn begin_word(&mut self, span: Span) -> TextSize {
        self.mark(span.line, span.column, 'd')
    }

    /// Ends it.
    pub(super) fn end(&mut self, start: TextSize, span: Span) -> TextRange {
        TextRange::new(start, self.mark(span.end_line, span.end_column, ' '))
    }

    /// Writes something that is read again.
    pub(super) fn write(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Notes the text of the expression of the interpolation that begins at `start`.
    pub(super) fn note_expression(&mut self, start: TextSize, text: String) {
        self.made_up.expressions.insert(start.to_u32(), text);
    }

    /// Where writing has got to.
    pub(super) fn here(&self) -> TextSize {
        TextSize::new(self.text.len() as u32)
    }

    /// Whether there is no room for more.
    pub(super) fn is_full(&self) -> bool {
        self.text.len() >= (u32::MAX / 2) as usize
    }

    pub(super) fn finish(self, filename: &str) -> SourceText {
        SourceText::made_up(filename, self.text, self.made_up)
    }
}
