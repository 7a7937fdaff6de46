//! `try` and its clauses.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, ensure, need};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::TokenKind as T;

impl Recognizer<'_> {
    pub(super) fn try_statement(&mut self) -> Outcome<()> {
        self.invalid(Self::invalid_try)?;
        need!(self.token(T::Try));
        need!(self.forced(T::Colon));
        need!(self.block());
        if self.attempt(Self::finally_block)?.is_some() {
            return Ok(Some(()));
        }
        if self.repeated(Self::except_block)?.is_none() {
            need!(self.repeated(Self::except_star_block));
        }
        self.attempt(Self::else_block)?;
        self.attempt(Self::finally_block)?;
        Ok(Some(()))
    }

    fn invalid_try(&mut self) -> Outcome<()> {
        let keyword = need!(self.token(T::Try));
        need!(self.token(T::Colon));
        self.ahead(|p| p.missing_block("'try' statement", keyword))?;
        self.ahead(|p| {
            need!(p.block());
            ensure!(!matches!(p.peek_kind()?, T::Except | T::Finally));
            Err::<Option<()>, _>(p.error_at_last("expected 'except' or 'finally' block"))
        })?;
        let message = "cannot have both 'except' and 'except*' on the same 'try'";
        self.ahead(|p| {
            p.repeated(Self::block)?;
            need!(p.repeated(Self::except_block));
            let except = need!(p.token(T::Except));
            let star = need!(p.token(T::Star));
            need!(p.expression());
            p.as_name()?;
            need!(p.token(T::Colon));
            Err::<Option<()>, _>(p.error_over(except.start, star.end, message))
        })?;
        self.repeated(Self::block)?;
        need!(self.repeated(Self::except_star_block));
        let except = need!(self.token(T::Except));
        self.attempt(|p| {
            need!(p.expression());
            p.as_name()?;
            Ok(Some(()))
        })?;
        need!(self.token(T::Colon));
        Err(self.error_at_token(except, message))
    }

    /// `as NAME`, if it is there.
    fn as_name(&mut self) -> Result<bool, Box<SyntaxError>> {
        let name = self.attempt(|p| {
            need!(p.token(T::As));
            p.name()
        })?;
        Ok(name.is_some())
    }

    fn except_block(&mut self) -> Outcome<Node> {
        self.invalid(|p| {
            let keyword = need!(p.token(T::Except));
            p.attempt(|p| {
                need!(p.expression());
                p.as_name()?;
                Ok(Some(()))
            })?;
            need!(p.token(T::Colon));
            p.missing_block("'except' statement", keyword)
        })?;
        let named = self.attempt(|p| {
            need!(p.token(T::Except));
            need!(p.expression());
            ensure!(p.as_name()?);
            need!(p.token(T::Colon));
            p.block()
        })?;
        if named.is_some() {
            return Ok(named);
        }
        let typed = self.attempt(|p| {
            need!(p.token(T::Except));
            need!(p.expressions());
            need!(p.token(T::Colon));
            p.block()
        })?;
        if typed.is_some() {
            return Ok(typed);
        }
        let bare = self.attempt(|p| {
            need!(p.token(T::Except));
            need!(p.token(T::Colon));
            p.block()
        })?;
        if bare.is_some() {
            return Ok(bare);
        }
        self.invalid(Self::invalid_except)?;
        Ok(None)
    }

    fn except_star_block(&mut self) -> Outcome<Node> {
        self.invalid(|p| {
            let keyword = need!(p.token(T::Except));
            need!(p.token(T::Star));
            need!(p.expression());
            p.as_name()?;
            need!(p.token(T::Colon));
            p.missing_block("'except*' statement", keyword)
        })?;
        let named = self.attempt(|p| {
            need!(p.token(T::Except));
            need!(p.token(T::Star));
            need!(p.expression());
            ensure!(p.as_name()?);
            need!(p.token(T::Colon));
            p.block()
        })?;
        if named.is_some() {
            return Ok(named);
        }
        let typed = self.attempt(|p| {
            need!(p.token(T::Except));
            need!(p.token(T::Star));
            need!(p.expressions());
            need!(p.token(T::Colon));
            p.block()
        })?;
        if typed.is_some() {
            return Ok(typed);
        }
        self.invalid(Self::invalid_except_star)?;
        Ok(None)
    }

    fn invalid_except(&mut self) -> Outcome<()> {
        need!(self.token(T::Except));
        self.ahead(|p| {
            let first = need!(p.expression());
            need!(p.token(T::Comma));
            need!(p.expressions());
            need!(p.token(T::As));
            need!(p.name());
            need!(p.token(T::Colon));
            let message = "multiple exception types must be parenthesized when using 'as'";
            Err::<Option<()>, _>(p.error_from(first.start, message))
        })?;
        self.ahead(|p| {
            need!(p.expression());
            p.as_name()?;
            need!(p.token(T::Newline));
            Err::<Option<()>, _>(p.error_at_last("expected ':'"))
        })?;
        if self.accept(T::Newline)? {
            return Err(self.error_at_last("expected ':'"));
        }
        need!(self.expression());
        self.invalid_handler_name("except")
    }

    fn invalid_except_star(&mut self) -> Outcome<()> {
        need!(self.token(T::Except));
        need!(self.token(T::Star));
        self.ahead(|p| {
            let first = need!(p.expression());
            need!(p.token(T::Comma));
            need!(p.expressions());
            need!(p.token(T::As));
            need!(p.name());
            need!(p.token(T::Colon));
            let message = "multiple exception types must be parenthesized when using 'as'";
            Err::<Option<()>, _>(p.error_from(first.start, message))
        })?;
        self.ahead(|p| {
            need!(p.expression());
            p.as_name()?;
            need!(p.token(T::Newline));
            Err::<Option<()>, _>(p.error_at_last("expected ':'"))
        })?;
        if self.any_token(&[T::Newline, T::Colon])?.is_some() {
            return Err(self.error_at_last("expected one or more exception types"));
        }
        need!(self.expression());
        self.invalid_handler_name("except*")
    }

    fn invalid_handler_name(&mut self, word: &str) -> Outcome<()> {
        need!(self.token(T::As));
        let target = need!(self.expression());
        need!(self.token(T::Colon));
        ensure!(target.kind != Kind::Name);
        let what = target.kind.description();
        let message = format!("cannot use {word} statement with {what}");
        Err(self.error_at(target, &message))
    }

    fn finally_block(&mut self) -> Outcome<()> {
        self.invalid(|p| {
            let keyword = need!(p.token(T::Finally));
            need!(p.token(T::Colon));
            p.missing_block("'finally' statement", keyword)
        })?;
        need!(self.token(T::Finally));
        need!(self.forced(T::Colon));
        need!(self.block());
        Ok(Some(()))
    }
}
