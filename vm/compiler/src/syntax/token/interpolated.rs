//! The lexer inside f-strings and t-strings: literal pieces, braces, format specifications.

use super::TokenKind;
use super::lexer::{Lexed, Lexer};
use crate::syntax::error::{SyntaxError, SyntaxErrorKind};

/// How deep replacement fields may be nested in format specifications.
const MAX_EXPRESSION_NESTING: i32 = 3;

/// What is being read of an f-string or t-string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Text.
    Literal,
    /// An expression.
    Expression,
}

/// State of one f-string or t-string.
#[derive(Debug, Clone)]
pub(super) struct StringMode {
    pub(super) mode: Mode,
    /// `f` or `t`, for messages.
    pub(super) letter: char,
    pub(super) quote: u8,
    pub(super) quote_size: usize,
    /// Offset of the prefix.
    pub(super) start: usize,
    pub(super) is_raw: bool,
    /// Brackets open inside this string.
    pub(super) depth: i32,
    /// Of those, the number outside the innermost replacement field; −1 outside all fields.
    pub(super) expression_depth: i32,
    pub(super) in_format_spec: bool,
    pub(super) in_debug: bool,
}

impl Lexer<'_> {
    fn mode(&mut self) -> &mut StringMode {
        self.modes.last_mut().expect("inside an f-string or t-string")
    }

    /// The next token of an f-string's text.
    pub(super) fn literal_token(&mut self) -> Lexed {
        self.start = self.position;
        if self.peek() == Some(b'{') && self.peek_at(1) != Some(b'{') {
            return self.begin_expression();
        }
        let (letter, quote, size) = {
            let mode = self.mode();
            (mode.letter, mode.quote, mode.quote_size)
        };
        if self.rest().as_bytes().starts_with(&[quote; 3][..size]) {
            self.position += size;
            self.modes.pop();
            let kind = if letter == 'f' { TokenKind::FStringEnd } else { TokenKind::TStringEnd };
            return Ok(self.token(kind));
        }
        self.middle(letter, quote, size)
    }

    /// The opening brace of a replacement field.
    fn begin_expression(&mut self) -> Lexed {
        let mode = self.mode();
        mode.expression_depth += 1;
        if mode.expression_depth >= MAX_EXPRESSION_NESTING {
            let message = format!("{}-string: expressions nested too deeply", mode.letter);
            return Err(self.error(message));
        }
        mode.mode = Mode::Expression;
        self.normal_token()
    }

    /// A piece of text, up to a brace or the closing quotes.
    fn middle(&mut self, letter: char, quote: u8, size: usize) -> Lexed {
        let kind = match letter {
            'f' => TokenKind::FStringMiddle,
            _ => TokenKind::TStringMiddle,
        };
        let bytes = self.text.as_bytes();
        let in_format_spec = {
            let mode = self.mode();
            mode.in_format_spec && mode.expression_depth >= 0
        };
        let is_raw = self.mode().is_raw;
        let mut named_escape = false;
        loop {
            let byte = bytes.get(self.position).copied();
            match byte {
                None => return Err(self.unterminated_interpolated(letter, size)),
                Some(b'\n') if size == 1 => {
                    if in_format_spec {
                        self.position += 1;
                        return Err(self.newline_in_format_spec(letter));
                    }
                    return Err(self.unterminated_interpolated(letter, size));
                }
                Some(b'\n') if in_format_spec => {
                    let mode = self.mode();
                    mode.mode = Mode::Expression;
                    mode.in_format_spec = false;
                    return Ok(self.token(kind));
                }
                Some(byte) if byte == quote && bytes[self.position..].starts_with(&[quote; 3][..size]) => {
                    return Ok(self.token(kind));
                }
                Some(b'{') if bytes.get(self.position + 1) == Some(&b'{') && !in_format_spec => {
                    self.position += 1;
                    let token = self.token(kind);
                    self.position += 1;
                    return Ok(token);
                }
                Some(b'{') => {
                    let mode = self.mode();
                    mode.expression_depth += 1;
                    if mode.expression_depth >= MAX_EXPRESSION_NESTING {
                        let message = format!("{letter}-string: expressions nested too deeply");
                        return Err(self.error(message));
                    }
                    mode.mode = Mode::Expression;
                    return Ok(self.token(kind));
                }
                Some(b'}') if named_escape => {
                    self.position += 1;
                    return Ok(self.token(kind));
                }
                Some(b'}') => return Ok(self.closing_brace(kind, in_format_spec)),
                Some(b'\\') => named_escape |= self.escape(is_raw),
                Some(_) => self.skip_character(),
            }
        }
    }

    /// Skips a backslash and what it escapes; gives back whether a named character begins.
    fn escape(&mut self, is_raw: bool) -> bool {
        self.position += 1;
        match self.peek() {
            Some(b'{' | b'}') | None => {}
            Some(b'N') if !is_raw && self.peek_at(1) == Some(b'{') => {
                self.position += 2;
                return true;
            }
            Some(_) => self.skip_character(),
        }
        false
    }

    fn skip_character(&mut self) {
        self.position += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    fn closing_brace(&mut self, kind: TokenKind, in_format_spec: bool) -> super::Token {
        let doubled = self.peek_at(1) == Some(b'}') && !in_format_spec && self.mode().depth == 0;
        if doubled {
            self.position += 1;
            let token = self.token(kind);
            self.position += 1;
            return token;
        }
        self.mode().mode = Mode::Expression;
        self.token(kind)
    }

    fn newline_in_format_spec(&self, letter: char) -> Box<SyntaxError> {
        let message = format!(
            "{letter}-string: newlines are not allowed in format specifiers for single quoted {letter}-strings"
        );
        self.error(message)
    }

    fn unterminated_interpolated(&mut self, letter: char, size: usize) -> Box<SyntaxError> {
        let last = self.detected_line(self.position);
        let start = self.mode().start;
        let line = self.place(start).line;
        let column = self.character_column(start) + 1;
        let triple = if size == 3 { "triple-quoted " } else { "" };
        if size == 3 {
            self.at_end = true;
        }
        let message = format!("unterminated {triple}{letter}-string literal (detected at line {last})");
        self.error_fields(SyntaxErrorKind::SyntaxError, line, (column, column), message)
    }
}
