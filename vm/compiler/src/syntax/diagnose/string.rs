//! Strings: how they join, what their escapes must be, and the fields of f-strings.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, ensure, need};
use crate::syntax::escape;
use crate::syntax::token::{Token, TokenKind as T};

impl Recognizer<'_> {
    /// One or more string tokens side by side.
    pub(super) fn strings(&mut self) -> Outcome<Node> {
        let start = self.peek()?.start;
        let (mut plain, mut bytes, mut f_strings, mut t_strings) = (0, 0, 0, 0);
        loop {
            let token = self.peek()?;
            match token.kind {
                T::String => {
                    if self.second_pass && t_strings > 0 {
                        break;
                    }
                    self.mark += 1;
                    self.check_string(token)?;
                    match self.text(token).split(['\'', '"']).next() {
                        Some(prefix) if prefix.contains(['b', 'B']) => bytes += 1,
                        _ => plain += 1,
                    }
                }
                T::FStringStart if t_strings == 0 => {
                    need!(self.interpolated('f'));
                    f_strings += 1;
                }
                T::TStringStart if plain + bytes + f_strings == 0 => {
                    need!(self.interpolated('t'));
                    t_strings += 1;
                }
                _ => break,
            }
            if !self.second_pass && t_strings > 0 && self.at(T::String)? {
                break;
            }
        }
        if plain + f_strings > 0 && bytes > 0 {
            return Err(self.error_at_last("cannot mix bytes and nonbytes literals"));
        }
        let end = self.last_end();
        self.invalid(|p| p.mixed_template(start))?;
        let kind = match (f_strings, t_strings) {
            (0, 0) => Kind::Literal,
            (_, 0) => Kind::FString,
            _ => Kind::TString,
        };
        Ok(Some(Node::new(kind, start, end)))
    }

    /// A t-string beside another kind of string.
    fn mixed_template(&mut self, start: u32) -> Outcome<()> {
        ensure!(matches!(self.peek_kind()?, T::String | T::FStringStart | T::TStringStart));
        let after_template = self.previous().kind == T::TStringEnd;
        let mut end = None;
        loop {
            let more = match self.peek_kind()? {
                T::String if after_template => self.accept(T::String)?,
                T::FStringStart if after_template => self.attempt(|p| p.interpolated('f'))?.is_some(),
                T::TStringStart if !after_template => self.attempt(|p| p.interpolated('t'))?.is_some(),
                _ => false,
            };
            if !more {
                break;
            }
            end = Some(self.last_end());
        }
        let Some(end) = end else {
            return Ok(None);
        };
        let message = "cannot mix t-string literals with string or bytes literals";
        Err(self.error_over(start, end, message))
    }

    fn check_string(&mut self, token: Token) -> Outcome<()> {
        match escape::problem(self.text(token)) {
            None => Ok(None),
            Some(escape::Problem::NotAscii) => {
                let message = "bytes can only contain ASCII literal characters";
                Err(self.error_at_token(token, message))
            }
            Some(escape::Problem::Escape(message)) => Err(self.error_at_last(&message)),
        }
    }

    /// An f-string or a t-string.
    fn interpolated(&mut self, letter: char) -> Outcome<Node> {
        let (start_kind, middle, end) = match letter {
            'f' => (T::FStringStart, T::FStringMiddle, T::FStringEnd),
            _ => (T::TStringStart, T::TStringMiddle, T::TStringEnd),
        };
        let start = need!(self.token(start_kind));
        let is_raw = self.text(start).contains(['r', 'R']);
        let mut pieces = Vec::new();
        loop {
            if self.at(T::LeftBrace)? {
                need!(self.replacement_field(letter));
            } else if let Some(token) = self.token(middle)? {
                pieces.push(token);
            } else {
                break;
            }
        }
        need!(self.token(end));
        if !is_raw {
            for piece in pieces {
                self.check_piece(piece)?;
            }
        }
        Ok(Some(self.node_from(Kind::FString, start.start)))
    }

    fn check_piece(&mut self, piece: Token) -> Outcome<()> {
        match escape::text_problem(self.text(piece)) {
            Some(message) => Err(self.error_at_token(piece, &message)),
            None => Ok(None),
        }
    }

    fn replacement_field(&mut self, letter: char) -> Outcome<()> {
        let field = self.attempt(|p| {
            need!(p.token(T::LeftBrace));
            need!(p.annotated_right_side());
            p.accept(T::Equal)?;
            p.attempt(|p| p.conversion(letter))?;
            p.attempt(|p| p.format_spec(letter))?;
            p.token(T::RightBrace)
        })?;
        if field.is_some() {
            return Ok(Some(()));
        }
        self.invalid(|p| p.invalid_field(letter))?;
        Ok(None)
    }

    fn conversion(&mut self, letter: char) -> Outcome<()> {
        let mark = need!(self.token(T::Exclamation));
        let name = need!(self.token(T::Name));
        if mark.end != name.start {
            let message = format!("{letter}-string: conversion type must come right after the exclamation mark");
            return Err(self.error_over(mark.start, name.end, &message));
        }
        let text = self.text(name);
        if !matches!(text, "s" | "r" | "a") {
            let message = format!("{letter}-string: invalid conversion character '{text}': expected 's', 'r', or 'a'");
            return Err(self.error_at_token(name, &message));
        }
        Ok(Some(()))
    }

    fn format_spec(&mut self, letter: char) -> Outcome<()> {
        need!(self.token(T::Colon));
        self.format_pieces(letter)?;
        Ok(Some(()))
    }

    fn format_pieces(&mut self, letter: char) -> Outcome<()> {
        let middle = if letter == 'f' { T::FStringMiddle } else { T::TStringMiddle };
        self.repeated(|p| {
            if p.accept(middle)? {
                return Ok(Some(()));
            }
            ensure!(p.at(T::LeftBrace)?);
            p.replacement_field(letter)
        })
    }

    fn invalid_field(&mut self, letter: char) -> Outcome<()> {
        need!(self.token(T::LeftBrace));
        let first = self.peek()?;
        if matches!(first.kind, T::Equal | T::Exclamation | T::Colon | T::RightBrace) {
            let text = first.kind.text();
            let message = format!("{letter}-string: valid expression required before '{text}'");
            return Err(self.error_at_token(first, &message));
        }
        if !self.at_expression()? {
            let message = format!("{letter}-string: expecting a valid expression after '{{'");
            return Err(self.error_at_next(&message));
        }
        need!(self.annotated_right_side());
        if !matches!(self.peek_kind()?, T::Equal | T::Exclamation | T::Colon | T::RightBrace) {
            let message = format!("{letter}-string: expecting '=', or '!', or ':', or '}}'");
            return Err(self.error_at_next(&message));
        }
        if self.accept(T::Equal)? && !matches!(self.peek_kind()?, T::Exclamation | T::Colon | T::RightBrace) {
            let message = format!("{letter}-string: expecting '!', or ':', or '}}'");
            return Err(self.error_at_next(&message));
        }
        if self.accept(T::Exclamation)? {
            if matches!(self.peek_kind()?, T::Colon | T::RightBrace) {
                let message = format!("{letter}-string: missing conversion character");
                return Err(self.error_at_next(&message));
            }
            if !self.accept(T::Name)? {
                let message = format!("{letter}-string: invalid conversion character");
                return Err(self.error_at_next(&message));
            }
            if !matches!(self.peek_kind()?, T::Colon | T::RightBrace) {
                let message = format!("{letter}-string: expecting ':' or '}}'");
                return Err(self.error_at_next(&message));
            }
        }
        if self.accept(T::Colon)? {
            self.format_pieces(letter)?;
            if !self.at(T::RightBrace)? {
                let message = format!("{letter}-string: expecting '}}', or format specs");
                return Err(self.error_at_next(&message));
            }
        }
        if !self.at(T::RightBrace)? {
            let message = format!("{letter}-string: expecting '}}'");
            return Err(self.error_at_next(&message));
        }
        Ok(None)
    }
}
