//! Source text and the mapping from byte offsets to lines and columns.
//!
//! Invariants: `text` has only `\n` line ends and no NUL; `line_starts[0] == 0` and the vector is
//! strictly increasing; every offset handed in by the parser lies on a character boundary of `text`.

use std::collections::HashMap;

use ruff_text_size::{TextRange, TextSize};

/// A whole source file, decoded, with its line index.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// The name that messages and code objects carry.
    pub filename: String,
    text: String,
    line_starts: Vec<u32>,
    /// Whether all of `text` is ASCII, so that byte and character columns agree.
    is_ascii: bool,
    /// For a text that stands for a tree made by a program: the positions and expressions in it.
    made_up: Option<MadeUp>,
}

/// What there is of a text that nobody wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct MadeUp {
    /// The positions of offsets, by offset.
    pub(crate) positions: Vec<(u32, Position)>,
    /// The text of expressions in interpolations, by the offset of the interpolation.
    pub(crate) expressions: HashMap<u32, String>,
}

/// A place in the source: line from 1, column from 0 in UTF-8 bytes, as code objects store it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Position {
    /// Line number, from 1.
    pub line: u32,
    /// Column in UTF-8 bytes, from 0.
    pub column: u32,
}

impl SourceText {
    /// Takes decoded text; `\r\n` and `\r` become `\n`.
    ///
    /// Text beyond 4 GiB is refused by [`crate::syntax::parse`] before it gets here.
    pub fn new(filename: impl Into<String>, text: impl Into<String>) -> SourceText {
        let text = normalize_newlines(text.into());
        let mut line_starts = vec![0];
        line_starts.extend(memchr_newlines(text.as_bytes()).map(|at| at as u32 + 1));
        let is_ascii = text.is_ascii();
        SourceText { filename: filename.into(), text, line_starts, is_ascii, made_up: None }
    }

    /// A text that nobody wrote: an offset has the position that is given for it or the nearest one before it. It has
    /// no lines to show.
    pub(crate) fn made_up(filename: &str, text: String, contents: MadeUp) -> SourceText {
        SourceText {
            filename: filename.to_owned(),
            text,
            line_starts: vec![0],
            is_ascii: true,
            made_up: Some(contents),
        }
    }

    /// The expression of the interpolation at an offset of a made-up text.
    pub(crate) fn made_up_expression(&self, offset: TextSize) -> Option<&str> {
        self.made_up.as_ref()?.expressions.get(&offset.to_u32()).map(String::as_str)
    }

    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a node.
    pub fn slice(&self, range: TextRange) -> &str {
        &self.text[range.start().to_usize()..range.end().to_usize()]
    }

    /// How many lines there are; text that ends in a newline has an empty last line.
    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// Line and byte column of an offset.
    pub fn position(&self, offset: TextSize) -> Position {
        let offset = offset.to_u32();
        if let Some(MadeUp { positions, .. }) = &self.made_up {
            let after = positions.partition_point(|&(start, _)| start <= offset);
            return after.checked_sub(1).map_or(Position::default(), |index| positions[index].1);
        }
        let line = self.line_starts.partition_point(|&start| start <= offset);
        Position { line: line as u32, column: offset - self.line_starts[line - 1] }
    }

    /// The line of an offset, from 1.
    pub fn line_of(&self, offset: TextSize) -> u32 {
        self.position(offset).line
    }

    /// Byte offset of the first character of a line (from 1); past the last line, the text's end;
    /// line 0 is empty.
    pub fn line_start(&self, line: u32) -> u32 {
        if let Some(MadeUp { positions, .. }) = &self.made_up {
            let first = positions.iter().find(|(_, position)| position.line == line);
            return first.map_or(0, |&(offset, _)| offset);
        }
        let Some(index) = line.checked_sub(1) else {
            return 0;
        };
        match self.line_starts.get(index as usize) {
            Some(&start) => start,
            None => self.text.len() as u32,
        }
    }

    /// The text of a line (from 1) without its newline.
    pub fn line_text(&self, line: u32) -> &str {
        if self.made_up.is_some() {
            return "";
        }
        let start = self.line_start(line) as usize;
        let end = self.line_start(line + 1) as usize;
        let text = &self.text[start..end];
        text.strip_suffix('\n').unwrap_or(text)
    }

    /// The text of a line (from 1) with its newline, if it has one.
    pub fn line_text_with_newline(&self, line: u32) -> &str {
        if self.made_up.is_some() {
            return "";
        }
        &self.text[self.line_start(line) as usize..self.line_start(line + 1) as usize]
    }

    /// Column of a position in characters, from 0.
    pub fn character_column(&self, position: Position) -> u32 {
        if self.is_ascii {
            return position.column;
        }
        let start = self.line_start(position.line) as usize;
        let end = (start + position.column as usize).min(self.text.len());
        self.text[start..end].chars().count() as u32
    }
}

/// Offsets of the newlines in `text`.
fn memchr_newlines(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at)
}

/// Turns `\r\n` and `\r` into `\n`, copying only when there is something to turn.
fn normalize_newlines(text: String) -> String {
    if !text.as_bytes().contains(&b'\r') {
        return text;
    }
    let mut normalized = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find('\r') {
        normalized.push_str(&rest[..at]);
        normalized.push('\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    normalized.push_str(rest);
    normalized
}
