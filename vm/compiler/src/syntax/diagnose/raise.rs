//! Making errors: where they lie, by CPython's rules.

use super::node::{Node, Target};
use super::{Outcome, Recognizer};
use crate::syntax::error::{SyntaxError, SyntaxErrorKind};
use crate::syntax::source::Position;
use crate::syntax::token::{Token, TokenKind};

type Raised = Box<SyntaxError>;

impl Recognizer<'_> {
    fn place(&self, offset: u32) -> Position {
        self.source.position(offset.into())
    }

    /// Where a range ends. A newline ends on its own line, also one that is only implied.
    fn end_place(&self, start: u32, end: u32) -> Position {
        let text = self.source.text().as_bytes();
        // An implied newline has no character; it may begin with a comment.
        let comment = text.get(start as usize) == Some(&b'#');
        let implied = (start == end || comment) && end as usize == text.len();
        let newline = start < end && text.get(end as usize - 1) == Some(&b'\n');
        if !implied && !newline {
            return self.place(end);
        }
        let last = self.place(if newline { end - 1 } else { end });
        Position { line: last.line, column: last.column + 1 }
    }

    /// The line of a token; the end of input lies on the last line that has text.
    fn token_line(&self, token: Token) -> u32 {
        let text = self.source.text();
        let start = token.start as usize;
        if text.is_empty() {
            return 0;
        }
        if token.has_no_column() && start == text.len() && text.ends_with('\n') {
            return self.place(token.start - 1).line;
        }
        self.place(token.start).line
    }

    /// The text of a line as CPython has it at hand: with its newline only while it is being read.
    fn line_text(&self, line: u32) -> String {
        if self.lexer.current().line > line {
            return self.source.line_text(line).to_string();
        }
        let mut text = self.source.line_text(line).to_string();
        text.push('\n');
        text
    }

    /// An error with bounds in lines and byte columns from 0; an end column of `None` is "unknown".
    fn located(
        &self,
        kind: SyntaxErrorKind,
        start: Position,
        end_line: u32,
        end_column: Option<u32>,
        message: &str,
    ) -> Raised {
        let line_text = self.line_text(start.line);
        // Both columns are counted on the first line, as CPython does.
        let characters = |column: u32| {
            let bytes = (column as usize).min(line_text.len());
            String::from_utf8_lossy(&line_text.as_bytes()[..bytes]).chars().count() as i64 + 1
        };
        Box::new(SyntaxError {
            kind,
            message: message.to_string(),
            line: Some(start.line),
            column: Some(characters(start.column)),
            end_line: Some(end_line),
            end_column: Some(end_column.map_or(0, characters)),
            text: Some(line_text),
            from_compiler: false,
        })
    }

    /// An error over a range of bytes.
    pub(super) fn error_over(&self, start: u32, end: u32, message: &str) -> Raised {
        let end = self.end_place(start, end);
        let start = self.place(start);
        self.located(SyntaxErrorKind::SyntaxError, start, end.line, Some(end.column), message)
    }

    pub(super) fn error_at(&self, node: Node, message: &str) -> Raised {
        self.error_over(node.start, node.end, message)
    }

    pub(super) fn error_at_token(&self, token: Token, message: &str) -> Raised {
        if token.has_no_column() {
            return self.error_without_column(SyntaxErrorKind::SyntaxError, token, message, true);
        }
        self.error_over(token.start, token.end, message)
    }

    pub(super) fn error_between(&self, first: Node, last: Node, message: &str) -> Raised {
        self.error_over(first.start, last.end, message)
    }

    /// From a place to where the lexer stands; there CPython does not count from 1.
    pub(super) fn error_from(&self, start: u32, message: &str) -> Raised {
        let stand = self.lexer.current();
        let start = self.place(start);
        let kind = SyntaxErrorKind::SyntaxError;
        let mut error = self.located(kind, start, stand.line, Some(stand.column), message);
        error.end_column = error.end_column.map(|column| column - 1);
        error
    }

    /// As `error_from`, from a token that may have no column.
    pub(super) fn error_from_token(&self, token: Token, message: &str) -> Raised {
        let mut error = self.error_from(token.start, message);
        if token.has_no_column() {
            error.column = Some(0);
        }
        error
    }

    /// At the last token that was read.
    pub(super) fn error_at_last(&self, message: &str) -> Raised {
        let last = *self.tokens.last().expect("a token has been read");
        self.error_of_kind(SyntaxErrorKind::SyntaxError, last, message)
    }

    /// At the next token.
    pub(super) fn error_at_next(&mut self, message: &str) -> Raised {
        match self.peek() {
            Ok(next) => self.error_of_kind(SyntaxErrorKind::SyntaxError, next, message),
            Err(error) => error,
        }
    }

    pub(super) fn indentation_error(&self, message: &str) -> Raised {
        let last = *self.tokens.last().expect("a token has been read");
        self.error_of_kind(SyntaxErrorKind::IndentationError, last, message)
    }

    fn error_of_kind(&self, kind: SyntaxErrorKind, token: Token, message: &str) -> Raised {
        if token.has_no_column() {
            return self.error_without_column(kind, token, message, false);
        }
        let start = self.place(token.start);
        let end = self.end_place(token.start, token.end);
        self.located(kind, start, end.line, Some(end.column), message)
    }

    /// An error at a token that CPython gives no column.
    fn error_without_column(&self, kind: SyntaxErrorKind, token: Token, message: &str, known_location: bool) -> Raised {
        let line = self.token_line(token);
        let stand = self.lexer.current();
        let mut column = if known_location { 0 } else { stand.column };
        if stand.line != line {
            column = 0;
        }
        let text = self.line_text(line);
        let bytes = (column as usize).min(text.len());
        let characters = String::from_utf8_lossy(&text.as_bytes()[..bytes]).chars().count() as i64;
        Box::new(SyntaxError {
            kind,
            message: message.to_string(),
            line: Some(line),
            column: Some(characters),
            end_line: Some(line),
            end_column: Some(if known_location { 0 } else { -1 }),
            text: Some(text),
            from_compiler: false,
        })
    }

    /// Fails if some part of an expression cannot be a target.
    pub(super) fn check_target(&self, node: Node, target: Target) -> Outcome<Node> {
        let Some(wrong) = self.invalid_target(node, target) else {
            return Ok(None);
        };
        let verb = if target == Target::Deletion { "delete" } else { "assign to" };
        let message = format!("cannot {verb} {}", wrong.kind.description());
        Err(self.error_at(wrong, &message))
    }

    /// What is reported for an indent or dedent where there can be none.
    pub(super) fn unexpected_indentation(&self, last: Token) -> Raised {
        self.indentation_error(match last.kind {
            TokenKind::Indent => "unexpected indent",
            _ => "unexpected unindent",
        })
    }

    /// An error that the lexer meets later in the text goes before one of the parser, unless it
    /// lies in an f-string.
    pub(super) fn prefer_lexer_error(&mut self, error: Raised) -> Raised {
        if self.lexer_failed || error.kind == SyntaxErrorKind::MemoryError {
            return error;
        }
        let last_line = self.tokens.last().map_or(0, |token| self.token_line(*token));
        loop {
            let lexer_error = match self.lexer.next_token() {
                Ok(token) if token.kind == TokenKind::EndMarker => return error,
                Ok(_) => continue,
                Err(lexer_error) => lexer_error,
            };
            if self.lexer.in_interpolated_string() {
                return error;
            }
            let message = lexer_error.message.as_str();
            // These are no errors of their own here, but the brackets left open may be.
            let silent = lexer_error.kind != SyntaxErrorKind::SyntaxError
                || message.ends_with("was never closed")
                || message.starts_with("unexpected ");
            if !silent {
                return lexer_error;
            }
            return match self.lexer.open_bracket() {
                Some((opening, offset)) if last_line > self.place(offset).line => {
                    self.lexer.never_closed(opening, offset)
                }
                _ => error,
            };
        }
    }

    /// The parser has read all there is.
    pub(super) fn is_at_end_of_source(&self) -> bool {
        self.lexer.at_end
    }

    /// The input stops too early; `failure` is what the lexer said to it, if anything.
    pub(super) fn incomplete_input(&self, failure: Option<&SyntaxError>) -> Raised {
        let kind = SyntaxErrorKind::IncompleteInput;
        let message = "incomplete input";
        if self.lexer_failed
            && let Some(failure) = failure
        {
            let mut error = Box::new(failure.clone());
            error.kind = kind;
            error.message = message.to_string();
            error.end_column = Some(-1);
            if self.lexer.open_bracket().is_some() {
                let stand = self.lexer.current();
                error.line = Some(stand.line);
                error.end_line = error.line;
                error.column = Some(i64::from(stand.column));
            }
            return error;
        }
        match self.tokens.last() {
            Some(&last) => self.error_of_kind(kind, last, message),
            None => self.error_over(0, 0, message),
        }
    }

    pub(super) fn too_complex(&self) -> Raised {
        let message = "Parser stack overflowed - Python source too complex to parse";
        Box::new(SyntaxError::without_place(SyntaxErrorKind::MemoryError, message))
    }
}
