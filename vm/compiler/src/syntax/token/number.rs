//! Number literals and what may follow them.

use super::TokenKind;
use super::lexer::{Lexed, Lexer};
use crate::syntax::error::SyntaxError;

type Checked = Result<(), Box<SyntaxError>>;

/// Keywords that may follow a number without a blank, for now.
const FOLLOWING_KEYWORDS: [&str; 5] = ["and", "else", "for", "or", "not"];

/// Those of which only two letters are looked at.
const FOLLOWING_PREFIXES: [&str; 3] = ["if", "in", "is"];

impl Lexer<'_> {
    /// A number, `position` at its first digit or at its point.
    pub(super) fn number(&mut self) -> Lexed {
        if self.peek() == Some(b'0') {
            match self.peek_at(1) {
                Some(b'x' | b'X') => return self.radix("hexadecimal", 16),
                Some(b'o' | b'O') => return self.radix("octal", 8),
                Some(b'b' | b'B') => return self.radix("binary", 2),
                _ => {}
            }
        }
        let zeros = self.rest().bytes().take_while(|&byte| byte == b'0' || byte == b'_').count();
        let mut leading_zero_end = None;
        if self.peek() != Some(b'.') {
            let starts_with_zero = self.peek() == Some(b'0');
            let zeros_end = self.position + zeros;
            self.decimal_digits()?;
            if starts_with_zero && self.position > zeros_end {
                leading_zero_end = Some(zeros_end);
            }
        }
        let mut is_int = true;
        if self.peek() == Some(b'.') {
            is_int = false;
            self.position += 1;
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                self.decimal_digits()?;
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            match self.exponent()? {
                true => is_int = false,
                false => {
                    self.check_end("decimal")?;
                    return Ok(self.token(TokenKind::Number));
                }
            }
        }
        if matches!(self.peek(), Some(b'j' | b'J')) {
            self.position += 1;
            self.check_end("imaginary")?;
            return Ok(self.token(TokenKind::Number));
        }
        if let (true, Some(zeros_end)) = (is_int, leading_zero_end) {
            let message = "leading zeros in decimal integer literals are not permitted; \
                           use an 0o prefix for octal integers";
            // One past the zeros: the digit that follows them has been read.
            return Err(self.range_error(self.start, zeros_end + 1, message.to_string()));
        }
        self.check_end("decimal")?;
        Ok(self.token(TokenKind::Number))
    }

    /// Digits, with single underscores between them.
    fn decimal_digits(&mut self) -> Checked {
        loop {
            while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                self.position += 1;
            }
            if self.peek() != Some(b'_') {
                return Ok(());
            }
            self.position += 1;
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(self.error("invalid decimal literal".to_string()));
            }
        }
    }

    /// An exponent, if what follows the `e` is one.
    fn exponent(&mut self) -> Result<bool, Box<SyntaxError>> {
        match self.peek_at(1) {
            Some(b'+' | b'-') => {
                self.position += 2;
                if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                    return Err(self.error("invalid decimal literal".to_string()));
                }
            }
            Some(byte) if byte.is_ascii_digit() => self.position += 1,
            _ => return Ok(false),
        }
        self.decimal_digits()?;
        Ok(true)
    }

    fn radix(&mut self, name: &'static str, radix: u32) -> Lexed {
        self.position += 2;
        loop {
            if self.peek() == Some(b'_') {
                self.position += 1;
            }
            let is_digit = |byte: u8| char::from(byte).is_digit(radix);
            match self.peek() {
                Some(byte) if is_digit(byte) => {}
                Some(byte) if byte.is_ascii_digit() => return Err(self.wrong_digit(byte, name)),
                _ => return Err(self.error(format!("invalid {name} literal"))),
            }
            while self.peek().is_some_and(is_digit) {
                self.position += 1;
            }
            match self.peek() {
                Some(b'_') => {}
                Some(byte) if byte.is_ascii_digit() => return Err(self.wrong_digit(byte, name)),
                _ => break,
            }
        }
        self.check_end(name)?;
        Ok(self.token(TokenKind::Number))
    }

    fn wrong_digit(&mut self, byte: u8, name: &str) -> Box<SyntaxError> {
        self.position += 1;
        self.error(format!("invalid digit '{}' in {name} literal", char::from(byte)))
    }

    /// A number may run into some keywords, with a warning, and into no other name.
    fn check_end(&mut self, name: &'static str) -> Checked {
        let Some(byte) = self.peek() else {
            return Ok(());
        };
        if !(byte.is_ascii_alphanumeric() || byte == b'_') {
            return Ok(());
        }
        let rest = self.rest();
        let is_keyword = FOLLOWING_KEYWORDS.iter().any(|word| {
            rest.strip_prefix(word).is_some_and(|after| {
                !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii())
            })
        });
        if is_keyword || FOLLOWING_PREFIXES.iter().any(|word| rest.starts_with(word)) {
            return Ok(());
        }
        Err(self.error(format!("invalid {name} literal")))
    }
}
