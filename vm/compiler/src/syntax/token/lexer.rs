//! The lexer in its normal mode: indentation, names, strings, operators, brackets.
//!
//! Invariants: `position` is on a character boundary; `brackets` holds what is open, innermost
//! last; `modes` has one entry per f-string or t-string around, innermost last.

use countless_common::unicode;

use super::interpolated::{Mode, StringMode};
use super::{Token, TokenKind};
use crate::syntax::error::{SyntaxError, SyntaxErrorKind};
use crate::syntax::source::{Position, SourceText};

pub(super) type Lexed = Result<Token, Box<SyntaxError>>;

/// How many brackets may be open at once.
const MAX_BRACKETS: usize = 200;

/// How deep indentation may be, the outermost level included.
const MAX_INDENTS: usize = 100;

/// How many f-strings and t-strings may be nested, the text around them included.
const MAX_STRING_MODES: usize = 150;

/// An open bracket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bracket {
    pub(super) opening: u8,
    pub(super) offset: u32,
}

/// How the input ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With a newline, if need be an implied one.
    Module,
    /// As it stands.
    Expression,
    /// With a newline more than there is, after which blocks end if `imply_dedent` is set.
    Interactive {
        /// Not `PyCF_DONT_IMPLY_DEDENT`.
        imply_dedent: bool,
    },
}

/// A lazy tokenizer.
#[derive(Debug)]
pub struct Lexer<'a> {
    pub(super) source: &'a SourceText,
    pub(super) text: &'a str,
    pub(super) position: usize,
    /// Start of the token being read.
    pub(super) start: usize,
    indents: Vec<(u32, u32)>,
    /// Dedents (negative) or indents (positive) still to be delivered.
    pending_indents: i32,
    at_line_start: bool,
    /// The last token ended a statement, or nothing has been delivered yet.
    after_newline: bool,
    pub(super) brackets: Vec<Bracket>,
    pub(super) modes: Vec<StringMode>,
    keep_trivia: bool,
    /// Where the comment before the next newline begins.
    comment_start: Option<usize>,
    /// The end of input has been looked at.
    pub(crate) at_end: bool,
    /// The newline that ends the input has been delivered.
    ended: bool,
    ending: Ending,
    /// A token has come since the last newline made up for interactive input.
    started: bool,
}

impl<'a> Lexer<'a> {
    /// A lexer over a whole source text.
    pub fn new(source: &'a SourceText) -> Lexer<'a> {
        Lexer {
            source,
            text: source.text(),
            position: 0,
            start: 0,
            indents: vec![(0, 0)],
            pending_indents: 0,
            at_line_start: true,
            after_newline: true,
            brackets: Vec::new(),
            modes: Vec::new(),
            keep_trivia: false,
            comment_start: None,
            at_end: false,
            ended: false,
            ending: Ending::Module,
            started: false,
        }
    }

    /// A lexer for input that ends otherwise than a module.
    pub(crate) fn with_ending(source: &'a SourceText, ending: Ending) -> Lexer<'a> {
        Lexer { ending, ..Lexer::new(source) }
    }

    /// A lexer that also delivers comments and blank newlines, as Python's `tokenize` does.
    pub fn with_trivia(source: &'a SourceText) -> Lexer<'a> {
        Lexer { keep_trivia: true, ..Lexer::new(source) }
    }

    /// The bracket that stays open, if any: `(` and its offset.
    pub(crate) fn open_bracket(&self) -> Option<(char, u32)> {
        self.brackets.last().map(|open| (char::from(open.opening), open.offset))
    }

    /// Where reading has got to. A line ends with its newline, so what has just read that is still
    /// on the line; the last line has a newline in any case.
    pub(crate) fn current(&self) -> Position {
        let bytes = self.text.as_bytes();
        let at_end = self.position >= bytes.len();
        let after_newline = self.position > 0 && bytes[self.position - 1] == b'\n';
        if after_newline && (at_end || self.at_line_start) {
            let last = self.place(self.position - 1);
            return Position { column: last.column + 1, ..last };
        }
        let mut place = self.place(self.position);
        place.column += u32::from(at_end && self.ended);
        place
    }

    /// Whether anything but blanks and comments follows.
    pub(crate) fn has_more(&self) -> bool {
        let rest = self.text.get(self.position..).unwrap_or("");
        rest.lines().any(|line| {
            let line = line.trim_start_matches([' ', '\t', '\x0c']);
            !line.is_empty() && !line.starts_with('#')
        })
    }

    /// Whether something is left open between quotes.
    pub(crate) fn in_interpolated_string(&self) -> bool {
        !self.modes.is_empty()
    }

    /// The next token.
    pub fn next_token(&mut self) -> Lexed {
        let token = match self.modes.last() {
            Some(mode) if mode.mode == Mode::Literal => self.literal_token(),
            _ => self.normal_token(),
        }?;
        self.after_newline = match token.kind {
            TokenKind::Comment | TokenKind::BlankNewline => self.after_newline,
            kind => matches!(kind, TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent),
        };
        self.started = !token.implied;
        // Most tokens are known to end only by what follows them.
        let looks_ahead = !matches!(
            token.kind,
            TokenKind::String | TokenKind::FStringEnd | TokenKind::TStringEnd | TokenKind::Newline
        );
        let at_end = looks_ahead && self.position >= self.text.len();
        self.at_end |= at_end && self.ending != Ending::Module;
        Ok(token)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.position + ahead).copied()
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    pub(super) fn token(&self, kind: TokenKind) -> Token {
        Token {
            kind,
            start: self.start as u32,
            end: self.position as u32,
            level: self.brackets.len() as u16,
            implied: false,
        }
    }

    pub(super) fn normal_token(&mut self) -> Lexed {
        loop {
            let mut blank_line = false;
            if self.at_line_start {
                self.at_line_start = false;
                blank_line = self.indentation()?;
            }
            self.start = self.position;
            if self.pending_indents != 0 {
                return Ok(self.pending_indent());
            }
            self.skip_blanks();
            // A newline after a comment begins where the comment does.
            let comment = std::mem::take(&mut self.comment_start);
            self.start = match (comment, self.peek()) {
                (Some(start), Some(b'\n') | None) if !self.keep_trivia => start,
                _ => self.position,
            };
            let Some(byte) = self.peek() else {
                return self.end_of_input();
            };
            match byte {
                b'#' => {
                    let end = self.rest().find('\n').unwrap_or(self.rest().len());
                    self.comment_start = Some(self.start);
                    self.position += end;
                    if self.keep_trivia {
                        return Ok(self.token(TokenKind::Comment));
                    }
                    if blank_line && self.peek() == Some(b'\n') {
                        self.position += 1;
                        self.at_line_start = true;
                    }
                }
                b'\n' => {
                    self.position += 1;
                    self.at_line_start = true;
                    let blank = blank_line || !self.brackets.is_empty() || self.after_newline;
                    if !blank {
                        return Ok(self.token(TokenKind::Newline));
                    }
                    if self.keep_trivia {
                        return Ok(self.token(TokenKind::BlankNewline));
                    }
                }
                b'\\' => self.continuation()?,
                _ => return self.visible_token(byte),
            }
        }
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\x0c')) {
            self.position += 1;
        }
    }

    /// At the end, a module's last statement gets its newline, and so does interactive input.
    fn end_of_input(&mut self) -> Lexed {
        if let Some((opening, offset)) = self.open_bracket() {
            self.at_end = true;
            self.ended |= self.ending == Ending::Module;
            return Err(self.never_closed(opening, offset));
        }
        if self.ending == Ending::Module && !self.after_newline && !self.text.is_empty() {
            self.ended = true;
            self.at_line_start = true;
            return Ok(self.token(TokenKind::Newline));
        }
        self.at_end = true;
        self.ended |= self.ending == Ending::Module;
        if let Ending::Interactive { imply_dedent } = self.ending
            && self.started
        {
            if imply_dedent {
                self.pending_indents = 1 - self.indents.len() as i32;
                self.indents.truncate(1);
            }
            return Ok(Token { implied: true, ..self.token(TokenKind::Newline) });
        }
        Ok(self.token(TokenKind::EndMarker))
    }

    /// The error for an open bracket at the end of input.
    pub(crate) fn never_closed(&self, opening: char, offset: u32) -> Box<SyntaxError> {
        let place = self.place(offset as usize);
        let column = i64::from(self.source.character_column(place)) + 1;
        let message = format!("'{opening}' was never closed");
        self.error_fields(SyntaxErrorKind::SyntaxError, place.line, (column, 0), message)
    }

    /// A line continuation outside strings.
    fn continuation(&mut self) -> Result<(), Box<SyntaxError>> {
        match self.peek_at(1) {
            Some(b'\n') => {
                self.position += 2;
                if self.position >= self.text.len() {
                    self.at_end = true;
                    return Err(self.unexpected_end());
                }
                Ok(())
            }
            None if self.ending == Ending::Module => {
                self.position += 1;
                self.at_end = true;
                Err(self.unexpected_end())
            }
            None => Err(self.stray_backslash(self.position)),
            Some(_) => Err(self.stray_backslash(self.position + 1)),
        }
    }

    fn stray_backslash(&self, at: usize) -> Box<SyntaxError> {
        let here = self.place(at);
        let column = i64::from(self.source.character_column(here)) + 1;
        let message = "unexpected character after line continuation character".to_string();
        self.error_fields(SyntaxErrorKind::SyntaxError, here.line, (column, 0), message)
    }

    fn unexpected_end(&self) -> Box<SyntaxError> {
        if let Some((opening, offset)) = self.open_bracket() {
            return self.never_closed(opening, offset);
        }
        let text = self.text.strip_suffix('\n').unwrap_or(self.text);
        let last = self.place(text.len());
        let column = i64::from(self.source.character_column(last)) + 1;
        let message = "unexpected EOF while parsing".to_string();
        self.error_fields(SyntaxErrorKind::SyntaxError, last.line, (column, -1), message)
    }

    fn pending_indent(&mut self) -> Token {
        if self.pending_indents < 0 {
            self.pending_indents += 1;
            self.token(TokenKind::Dedent)
        } else {
            self.pending_indents -= 1;
            self.token(TokenKind::Indent)
        }
    }

    /// Reads the blanks at the start of a line; gives back whether the line is blank.
    fn indentation(&mut self) -> Result<bool, Box<SyntaxError>> {
        let (mut column, mut alternative) = (0u32, 0u32);
        let mut first_line: Option<(u32, u32)> = None;
        loop {
            match self.peek() {
                Some(b' ') => {
                    column += 1;
                    alternative += 1;
                }
                Some(b'\t') => {
                    column = (column / 8 + 1) * 8;
                    alternative += 1;
                }
                Some(b'\x0c') => (column, alternative) = (0, 0),
                Some(b'\\') => {
                    first_line = first_line.or(Some((column, alternative)));
                    self.continuation()?;
                    continue;
                }
                _ => break,
            }
            self.position += 1;
        }
        if matches!(self.peek(), Some(b'#' | b'\n')) {
            return Ok(true);
        }
        if self.peek().is_none() {
            self.at_end = true;
            if self.ending == Ending::Module {
                // A last line of blanks has its newline implied.
                (column, alternative) = (0, 0);
            }
        }
        if self.brackets.is_empty() {
            if let Some(split) = first_line {
                column = if split.0 > 0 { split.0 } else { column };
                alternative = if split.1 > 0 { split.1 } else { alternative };
            }
            self.change_indentation(column, alternative)?;
        }
        Ok(false)
    }

    fn change_indentation(&mut self, column: u32, alternative: u32) -> Result<(), Box<SyntaxError>> {
        let &(outer, outer_alternative) = self.indents.last().expect("the outermost level");
        if column == outer {
            if alternative != outer_alternative {
                return Err(self.tab_error());
            }
        } else if column > outer {
            if self.indents.len() >= MAX_INDENTS {
                let message = "too many levels of indentation".to_string();
                return Err(self.indentation_error(SyntaxErrorKind::IndentationError, (1, 0), message));
            }
            if alternative <= outer_alternative {
                return Err(self.tab_error());
            }
            self.pending_indents += 1;
            self.indents.push((column, alternative));
        } else {
            while self.indents.len() > 1 && self.indents.last().is_some_and(|top| column < top.0) {
                self.pending_indents -= 1;
                self.indents.pop();
            }
            let &(outer, outer_alternative) = self.indents.last().expect("the outermost level");
            if column != outer {
                let line = self.place(self.position).line;
                let width = self.source.line_text(line).chars().count() as i64;
                let message = "unindent does not match any outer indentation level".to_string();
                let columns = (width + 1, -1);
                return Err(self.indentation_error(SyntaxErrorKind::IndentationError, columns, message));
            }
            if alternative != outer_alternative {
                return Err(self.tab_error());
            }
        }
        Ok(())
    }

    fn tab_error(&self) -> Box<SyntaxError> {
        let message = "inconsistent use of tabs and spaces in indentation".to_string();
        self.indentation_error(SyntaxErrorKind::TabError, (1, 0), message)
    }

    fn indentation_error(&self, kind: SyntaxErrorKind, columns: (i64, i64), message: String) -> Box<SyntaxError> {
        let line = self.place(self.position).line;
        self.error_fields(kind, line, columns, message)
    }

    /// A token that begins with something to see.
    fn visible_token(&mut self, byte: u8) -> Lexed {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.name_or_prefix(),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek_at(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            b'\'' | b'"' => self.string(),
            _ => self.operator(byte),
        }
    }

    fn name_or_prefix(&mut self) -> Lexed {
        let bytes = self.text.as_bytes();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
        let mut end = self.position;
        let mut seen = String::new();
        while let Some(&byte) = bytes.get(end) {
            let letter = char::from(byte.to_ascii_lowercase());
            if !"burft".contains(letter) || seen.contains(letter) {
                break;
            }
            seen.push(letter);
            end += 1;
            if matches!(bytes.get(end), Some(b'\'' | b'"')) {
                self.position = end;
                self.check_prefixes(&seen)?;
                if seen.contains('f') || seen.contains('t') {
                    return self.interpolated_start(&seen);
                }
                return self.string();
            }
        }
        let length = bytes[self.position..].iter().take_while(|byte| is_name(byte)).count();
        self.position += length;
        let name = &self.text[self.start..self.position];
        if !name.is_ascii() {
            self.check_identifier(name)?;
        }
        Ok(self.token(TokenKind::keyword(name).unwrap_or(TokenKind::Name)))
    }

    /// Prefixes that exclude each other, in the order in which they are tried.
    fn check_prefixes(&self, seen: &str) -> Result<(), Box<SyntaxError>> {
        let pairs = ["ub", "ur", "uf", "ut", "bf", "bt", "ft"];
        let clash = pairs.iter().find(|pair| pair.chars().all(|letter| seen.contains(letter)));
        let Some(clash) = clash else { return Ok(()) };
        let (first, second) = clash.split_at(1);
        let message = format!("'{first}' and '{second}' prefixes are incompatible");
        // The opening quote counts as read.
        Err(self.range_error(self.start, self.position + 1, message))
    }

    fn check_identifier(&mut self, name: &str) -> Result<(), Box<SyntaxError>> {
        let mut characters = name.char_indices();
        let bad = characters.find(|&(at, character)| match at {
            0 => character != '_' && !unicode::is_identifier_start(u32::from(character)),
            _ => !unicode::is_identifier_continue(u32::from(character)),
        });
        let Some((at, character)) = bad else {
            return Ok(());
        };
        self.position = self.start + at + character.len_utf8();
        let point = u32::from(character);
        let message = if unicode::is_printable(point) {
            format!("invalid character '{character}' (U+{point:04X})")
        } else {
            format!("invalid non-printable character U+{point:04X}")
        };
        Err(self.error(message))
    }

    /// A plain string, `position` at its opening quote.
    fn string(&mut self) -> Lexed {
        let bytes = self.text.as_bytes();
        let quote = bytes[self.position];
        let triple = self.rest().as_bytes().starts_with(&[quote; 3]);
        let size = if triple { 3 } else { 1 };
        let mut at = self.position + size;
        let mut escaped_quote = false;
        loop {
            match bytes.get(at) {
                None => return Err(self.unterminated(at, quote, size, escaped_quote)),
                Some(b'\n') if !triple => {
                    return Err(self.unterminated(at, quote, size, escaped_quote));
                }
                Some(b'\\') => {
                    escaped_quote |= bytes.get(at + 1) == Some(&quote);
                    at += 2;
                }
                Some(&byte) if byte == quote && bytes[at..].starts_with(&[quote; 3][..size]) => {
                    self.position = at + size;
                    return Ok(self.token(TokenKind::String));
                }
                Some(_) => at += 1,
            }
        }
    }

    fn unterminated(&mut self, at: usize, quote: u8, size: usize, escaped_quote: bool) -> Box<SyntaxError> {
        let at = at.min(self.text.len());
        let last = self.detected_line(at);
        self.position = at;
        let column = self.character_column(self.start) + 1;
        let line = self.place(self.start).line;
        let inside_same = self.modes.last().filter(|m| m.quote == quote && m.quote_size == size);
        let message = if let Some(mode) = inside_same {
            format!("{}-string: expecting '}}'", mode.letter)
        } else if size == 3 {
            format!("unterminated triple-quoted string literal (detected at line {last})")
        } else if escaped_quote {
            format!("unterminated string literal (detected at line {last}); perhaps you escaped the end quote?")
        } else {
            format!("unterminated string literal (detected at line {last})")
        };
        // A single-quoted string ends with its line, and a module's last line has an end.
        let ends_open = self.ending != Ending::Module || self.text.ends_with('\\');
        self.at_end |= size == 3 || at >= self.text.len() && ends_open;
        self.error_fields(SyntaxErrorKind::SyntaxError, line, (column, column), message)
    }

    /// The line on which a missing end is noticed: a trailing newline begins no line.
    pub(super) fn detected_line(&self, at: usize) -> u32 {
        let place = self.place(at);
        if at == self.text.len() && self.text.ends_with('\n') { place.line - 1 } else { place.line }
    }

    /// Begins an f-string or t-string, `position` at its opening quote.
    fn interpolated_start(&mut self, prefixes: &str) -> Lexed {
        let quote = self.text.as_bytes()[self.position];
        let triple = self.rest().as_bytes().starts_with(&[quote; 3]);
        let quote_size = if triple { 3 } else { 1 };
        self.position += quote_size;
        if self.modes.len() + 1 >= MAX_STRING_MODES {
            return Err(self.error("too many nested f-strings or t-strings".to_string()));
        }
        let letter = if prefixes.contains('f') { 'f' } else { 't' };
        self.modes.push(StringMode {
            mode: Mode::Literal,
            letter,
            quote,
            quote_size,
            start: self.start,
            is_raw: prefixes.contains('r'),
            depth: 0,
            expression_depth: -1,
            in_format_spec: false,
            in_debug: false,
        });
        let kind = if letter == 'f' { TokenKind::FStringStart } else { TokenKind::TStringStart };
        Ok(self.token(kind))
    }

    fn operator(&mut self, byte: u8) -> Lexed {
        if matches!(byte, b':' | b'}' | b'!' | b'{')
            && let Some(mode) = self.modes.last_mut()
            && mode.expression_depth >= 0
        {
            let depth = mode.depth - i32::from(byte != b'{');
            if byte == b':' && depth == mode.expression_depth {
                mode.mode = Mode::Literal;
                mode.in_format_spec = true;
                self.position += 1;
                return Ok(self.token(TokenKind::Colon));
            }
        }
        for length in [3, 2] {
            let operator = self.rest().get(..length).and_then(TokenKind::operator);
            if let Some(kind) = operator {
                self.position += length;
                return Ok(self.token(kind));
            }
        }
        self.position += 1;
        match byte {
            b'(' | b'[' | b'{' => self.open(byte)?,
            b')' | b']' | b'}' => self.close(byte)?,
            _ => {}
        }
        if byte.is_ascii_control() {
            return Err(self.error(format!("invalid non-printable character U+{byte:04X}")));
        }
        if byte == b'='
            && let Some(mode) = self.modes.last_mut()
            && mode.depth - mode.expression_depth == 1
        {
            mode.in_debug = true;
        }
        let kind = TokenKind::operator(&self.text[self.start..self.position]);
        Ok(self.token(kind.unwrap_or(TokenKind::Unknown)))
    }

    fn open(&mut self, byte: u8) -> Result<(), Box<SyntaxError>> {
        if self.brackets.len() >= MAX_BRACKETS {
            return Err(self.error("too many nested parentheses".to_string()));
        }
        self.brackets.push(Bracket { opening: byte, offset: self.start as u32 });
        if let Some(mode) = self.modes.last_mut() {
            mode.depth += 1;
        }
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), Box<SyntaxError>> {
        let closing = char::from(byte);
        let letter = self.modes.last().map(|mode| mode.letter);
        if let Some(mode) = self.modes.last()
            && mode.depth == 0
            && byte == b'}'
        {
            let message = format!("{}-string: single '}}' is not allowed", mode.letter);
            return Err(self.error(message));
        }
        let Some(open) = self.brackets.pop() else {
            return Err(self.error(format!("unmatched '{closing}'")));
        };
        let matches = matches!((open.opening, byte), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
        if !matches {
            let in_expression =
                self.modes.last().is_some_and(|mode| open.opening == b'{' && mode.depth - 1 == mode.expression_depth);
            let opening = char::from(open.opening);
            let line = self.place(open.offset as usize).line;
            let message = if let (true, Some(letter)) = (in_expression, letter) {
                format!("{letter}-string: unmatched '{closing}'")
            } else if line != self.place(self.start).line {
                format!("closing parenthesis '{closing}' does not match opening parenthesis '{opening}' on line {line}")
            } else {
                format!("closing parenthesis '{closing}' does not match opening parenthesis '{opening}'")
            };
            return Err(self.error(message));
        }
        let Some(mode) = self.modes.last_mut() else {
            return Ok(());
        };
        mode.depth -= 1;
        if mode.depth < 0 {
            let message = format!("{}-string: unmatched '{closing}'", mode.letter);
            return Err(self.error(message));
        }
        if byte == b'}' && mode.depth == mode.expression_depth {
            mode.expression_depth -= 1;
            mode.mode = Mode::Literal;
            mode.in_format_spec = false;
            mode.in_debug = false;
        }
        Ok(())
    }

    pub(super) fn place(&self, offset: usize) -> Position {
        self.source.position((offset as u32).into())
    }

    pub(super) fn character_column(&self, offset: usize) -> i64 {
        i64::from(self.source.character_column(self.place(offset)))
    }

    /// An error at the last character read.
    pub(super) fn error(&self, message: String) -> Box<SyntaxError> {
        let start = self.text[..self.position].char_indices().next_back().map_or(0, |(at, _)| at);
        let line = self.place(start).line;
        let column = self.character_column(start) + 1;
        self.error_fields(SyntaxErrorKind::SyntaxError, line, (column, column), message)
    }

    /// An error over a range of one line; the end is the last character covered.
    pub(super) fn range_error(&self, start: usize, end: usize, message: String) -> Box<SyntaxError> {
        let line = self.place(start).line;
        let columns = (self.character_column(start) + 1, self.character_column(end));
        self.error_fields(SyntaxErrorKind::SyntaxError, line, columns, message)
    }

    pub(super) fn error_fields(
        &self,
        kind: SyntaxErrorKind,
        line: u32,
        columns: (i64, i64),
        message: String,
    ) -> Box<SyntaxError> {
        Box::new(SyntaxError {
            kind,
            message,
            line: Some(line),
            column: Some(columns.0),
            end_line: Some(line),
            end_column: Some(columns.1),
            text: Some(self.source.line_text(line).to_string()),
            from_compiler: false,
        })
    }
}
