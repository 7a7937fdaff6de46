//! Compound statements but definitions, `try` and `match`.

use super::node::{Kind, Node, Target};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::{Token, TokenKind as T};

impl Recognizer<'_> {
    pub(super) fn compound_statement(&mut self) -> Outcome<()> {
        let kind = self.peek_kind()?;
        if matches!(kind, T::Def | T::At | T::Async) && self.attempt(Self::function_definition)?.is_some() {
            return Ok(Some(()));
        }
        match kind {
            T::If => self.if_statement("if", T::If),
            T::Class | T::At => self.class_definition(),
            T::With => self.with_statement(),
            T::For => self.for_statement(),
            T::Async => {
                if self.attempt(Self::with_statement)?.is_some() {
                    return Ok(Some(()));
                }
                self.for_statement()
            }
            T::Try => self.try_statement(),
            T::While => self.while_statement(),
            _ => self.match_statement(),
        }
    }

    pub(super) fn block(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Block, |p| {
            let start = p.peek()?.start;
            let indented = p.attempt(|p| {
                need!(p.token(T::Newline));
                need!(p.token(T::Indent));
                ensure!(p.statements()?);
                p.token(T::Dedent)
            })?;
            if indented.is_none() && p.attempt(Self::simple_statements)?.is_none() {
                p.invalid(|p| {
                    need!(p.token(T::Newline));
                    ensure!(!p.at(T::Indent)?);
                    Err::<Option<()>, _>(p.indentation_error("expected an indented block"))
                })?;
                return Ok(None);
            }
            Ok(Some(p.node_from(Kind::Other, start)))
        })
    }

    /// Fails if a block is missing after `: NEWLINE`; the colon has been taken.
    pub(super) fn missing_block(&mut self, what: &str, keyword: Token) -> Outcome<()> {
        need!(self.token(T::Newline));
        ensure!(!self.at(T::Indent)?);
        let line = self.source.line_of(keyword.start.into());
        let message = format!("expected an indented block after {what} on line {line}");
        Err(self.indentation_error(&message))
    }

    /// A mistake after a statement's head: a newline instead of the colon, or a missing block.
    pub(super) fn invalid_end_of_head(&mut self, what: &str, keyword: Token) -> Outcome<()> {
        if self.accept(T::Newline)? {
            return Err(self.error_at_last("expected ':'"));
        }
        need!(self.token(T::Colon));
        self.missing_block(what, keyword)
    }

    /// `if` and `elif`.
    fn if_statement(&mut self, word: &str, kind: T) -> Outcome<()> {
        self.nested(|this| {
            this.invalid(|p| {
                let keyword = need!(p.token(kind));
                need!(p.named_expression());
                p.invalid_end_of_head(&format!("'{word}' statement"), keyword)
            })?;
            need!(this.token(kind));
            need!(this.named_expression());
            need!(this.token(T::Colon));
            need!(this.block());
            if this.at(T::Elif)? {
                let chained = this.attempt(|p| p.if_statement("elif", T::Elif))?;
                if chained.is_some() {
                    return Ok(chained);
                }
            }
            this.attempt(Self::else_block)?;
            Ok(Some(()))
        })
    }

    pub(super) fn else_block(&mut self) -> Outcome<()> {
        self.invalid(|p| {
            let keyword = need!(p.token(T::Else));
            need!(p.token(T::Colon));
            p.ahead(|p| p.missing_block("'else' statement", keyword))?;
            need!(p.block());
            need!(p.token(T::Elif));
            Err::<Option<()>, _>(p.error_at_last("'elif' block follows an 'else' block"))
        })?;
        need!(self.token(T::Else));
        need!(self.forced(T::Colon));
        need!(self.block());
        Ok(Some(()))
    }

    fn while_statement(&mut self) -> Outcome<()> {
        self.invalid(|p| {
            let keyword = need!(p.token(T::While));
            need!(p.named_expression());
            p.invalid_end_of_head("'while' statement", keyword)
        })?;
        need!(self.token(T::While));
        need!(self.named_expression());
        need!(self.token(T::Colon));
        need!(self.block());
        self.attempt(Self::else_block)?;
        Ok(Some(()))
    }

    fn for_statement(&mut self) -> Outcome<()> {
        self.invalid(|p| {
            p.accept(T::Async)?;
            let keyword = need!(p.token(T::For));
            need!(p.star_targets());
            need!(p.token(T::In));
            need!(p.star_expressions());
            p.invalid_end_of_head("'for' statement", keyword)
        })?;
        let mark = self.mark;
        let head = self.attempt(|p| {
            p.accept(T::Async)?;
            need!(p.token(T::For));
            need!(p.star_targets());
            p.token(T::In)
        })?;
        if head.is_some() {
            // From here on no other alternative is tried.
            need!(self.star_expressions());
            need!(self.token(T::Colon));
            need!(self.block());
            self.attempt(Self::else_block)?;
            return Ok(Some(()));
        }
        self.mark = mark;
        self.invalid(Self::invalid_for_target)?;
        Ok(None)
    }

    pub(super) fn invalid_for_target(&mut self) -> Outcome<Node> {
        self.accept(T::Async)?;
        need!(self.token(T::For));
        let target = need!(self.star_expressions());
        self.check_target(target, Target::For)
    }

    fn with_statement(&mut self) -> Outcome<()> {
        self.invalid(|p| p.invalid_with(false))?;
        let grouped = self.attempt(|p| {
            p.accept(T::Async)?;
            need!(p.token(T::With));
            need!(p.token(T::LeftParenthesis));
            need!(p.gathered(Self::with_item));
            p.accept(T::Comma)?;
            need!(p.token(T::RightParenthesis));
            need!(p.token(T::Colon));
            p.block()
        })?;
        if grouped.is_some() {
            return Ok(Some(()));
        }
        let plain = self.attempt(|p| {
            p.accept(T::Async)?;
            need!(p.token(T::With));
            need!(p.gathered(Self::with_item));
            need!(p.token(T::Colon));
            p.block()
        })?;
        if plain.is_some() {
            return Ok(Some(()));
        }
        self.invalid(|p| p.invalid_with(true))?;
        Ok(None)
    }

    /// A `with` whose colon is missing, or whose block is.
    fn invalid_with(&mut self, missing_colon: bool) -> Outcome<()> {
        self.ahead(|p| {
            p.accept(T::Async)?;
            let keyword = need!(p.token(T::With));
            need!(p.gathered(|p| p.loose_with_item(Self::expression)));
            p.end_of_with(keyword, missing_colon)
        })?;
        self.accept(T::Async)?;
        let keyword = need!(self.token(T::With));
        need!(self.token(T::LeftParenthesis));
        need!(self.gathered(|p| p.loose_with_item(Self::expressions)));
        self.accept(T::Comma)?;
        need!(self.token(T::RightParenthesis));
        self.end_of_with(keyword, missing_colon)
    }

    fn end_of_with(&mut self, keyword: Token, missing_colon: bool) -> Outcome<()> {
        if missing_colon {
            need!(self.token(T::Newline));
            return Err(self.error_at_last("expected ':'"));
        }
        need!(self.token(T::Colon));
        self.missing_block("'with' statement", keyword)
    }

    fn loose_with_item(&mut self, value: fn(&mut Self) -> Outcome<Node>) -> Outcome<Node> {
        let value = need!(value(self));
        self.attempt(|p| {
            need!(p.token(T::As));
            p.star_target()
        })?;
        Ok(Some(value))
    }

    fn with_item(&mut self) -> Outcome<Node> {
        let bound = self.attempt(|p| {
            let value = need!(p.expression());
            need!(p.token(T::As));
            need!(p.star_target());
            ensure!(p.at_with_item_end()?);
            Ok(Some(value))
        })?;
        if bound.is_some() {
            return Ok(bound);
        }
        self.invalid(|p| {
            need!(p.expression());
            need!(p.token(T::As));
            let target = need!(p.expression());
            ensure!(p.at_with_item_end()?);
            p.check_target(target, Target::Assignment)
        })?;
        self.expression()
    }

    fn at_with_item_end(&mut self) -> Result<bool, Box<SyntaxError>> {
        Ok(matches!(self.peek_kind()?, T::Comma | T::RightParenthesis | T::Colon))
    }
}
