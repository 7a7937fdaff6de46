//! Atoms: names, literals, and what stands in brackets.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::token::TokenKind as T;

impl Recognizer<'_> {
    pub(super) fn atom(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Atom, |p| {
            let token = p.peek()?;
            let kind = match token.kind {
                T::Name => Kind::Name,
                T::True => Kind::True,
                T::False => Kind::False,
                T::None => Kind::None,
                T::Number => Kind::Literal,
                T::Ellipsis => Kind::Ellipsis,
                T::String | T::FStringStart | T::TStringStart => return p.strings(),
                T::LeftParenthesis => return p.parenthesized(),
                T::LeftBracket => return p.bracketed(),
                T::LeftBrace => return p.braced(),
                _ => return Ok(None),
            };
            p.mark += 1;
            Ok(Some(Node::of(kind, token)))
        })
    }

    fn parenthesized(&mut self) -> Outcome<Node> {
        if let Some(node) = self.attempt(Self::tuple)? {
            return Ok(Some(node));
        }
        if let Some(node) = self.attempt(Self::group)? {
            return Ok(Some(node));
        }
        self.generator()
    }

    fn bracketed(&mut self) -> Outcome<Node> {
        if let Some(node) = self.attempt(Self::list)? {
            return Ok(Some(node));
        }
        self.list_comprehension()
    }

    fn braced(&mut self) -> Outcome<Node> {
        if let Some(node) = self.attempt(Self::dict)? {
            return Ok(Some(node));
        }
        if let Some(node) = self.attempt(Self::set)? {
            return Ok(Some(node));
        }
        if let Some(node) = self.attempt(Self::dict_comprehension)? {
            return Ok(Some(node));
        }
        self.set_comprehension()
    }

    fn group(&mut self) -> Outcome<Node> {
        let grouped = self.attempt(|p| {
            let open = need!(p.token(T::LeftParenthesis));
            let inner = match p.attempt(Self::yield_expression)? {
                Some(node) => node,
                None => need!(p.named_expression()),
            };
            need!(p.token(T::RightParenthesis));
            let _ = open;
            // The group has the range of what it holds.
            Ok(Some(inner))
        })?;
        if grouped.is_some() {
            return Ok(grouped);
        }
        self.invalid(|p| {
            need!(p.token(T::LeftParenthesis));
            p.ahead(|p| {
                let starred = need!(p.starred_expression());
                need!(p.token(T::RightParenthesis));
                let message = "cannot use starred expression here";
                Err::<Option<()>, _>(p.error_at(starred, message))
            })?;
            let stars = need!(p.token(T::DoubleStar));
            need!(p.expression());
            need!(p.token(T::RightParenthesis));
            let message = "cannot use double starred expression here";
            Err::<Option<()>, _>(p.error_at_token(stars, message))
        })?;
        Ok(None)
    }

    pub(super) fn tuple(&mut self) -> Outcome<Node> {
        let open = need!(self.token(T::LeftParenthesis));
        let mut items = Vec::new();
        self.attempt(|p| {
            let first = need!(p.star_named_expression());
            need!(p.token(T::Comma));
            items.push(first);
            let rest = p.attempt(Self::star_named_expressions)?;
            items.extend(rest);
            Ok(Some(()))
        })?;
        need!(self.token(T::RightParenthesis));
        let node = self.node_from(Kind::Tuple, open.start);
        Ok(Some(self.with_children(node, &items)))
    }

    pub(super) fn list(&mut self) -> Outcome<Node> {
        let open = need!(self.token(T::LeftBracket));
        let items = self.attempt(Self::star_named_expressions)?;
        need!(self.token(T::RightBracket));
        let node = self.node_from(Kind::List, open.start);
        Ok(Some(self.with_children(node, items.as_slice())))
    }

    fn set(&mut self) -> Outcome<Node> {
        let open = need!(self.token(T::LeftBrace));
        need!(self.star_named_expressions());
        need!(self.token(T::RightBrace));
        Ok(Some(self.node_from(Kind::Set, open.start)))
    }

    fn dict(&mut self) -> Outcome<Node> {
        let plain = self.attempt(|p| {
            let open = need!(p.token(T::LeftBrace));
            p.attempt(|p| {
                need!(p.gathered(Self::double_starred_pair));
                p.accept(T::Comma)?;
                Ok(Some(()))
            })?;
            need!(p.token(T::RightBrace));
            Ok(Some(p.node_from(Kind::Dict, open.start)))
        })?;
        if plain.is_some() {
            return Ok(plain);
        }
        // CPython's first pass knows these mistakes already.
        self.ahead(|p| {
            need!(p.token(T::LeftBrace));
            p.invalid_pairs()
        })?;
        Ok(None)
    }

    fn double_starred_pair(&mut self) -> Outcome<Node> {
        let unpacked = self.attempt(|p| {
            need!(p.token(T::DoubleStar));
            p.bitwise_or()
        })?;
        match unpacked {
            Some(node) => Ok(Some(node)),
            None => self.pair(),
        }
    }

    pub(super) fn pair(&mut self) -> Outcome<Node> {
        let key = need!(self.expression());
        need!(self.token(T::Colon));
        need!(self.expression());
        Ok(Some(self.node_from(Kind::Other, key.start)))
    }

    fn invalid_pairs(&mut self) -> Outcome<()> {
        self.ahead(|p| {
            need!(p.gathered(Self::double_starred_pair));
            need!(p.token(T::Comma));
            p.invalid_pair()
        })?;
        self.ahead(Self::starred_value)?;
        self.missing_value()
    }

    fn invalid_pair(&mut self) -> Outcome<()> {
        self.ahead(|p| {
            let key = need!(p.expression());
            ensure!(!p.at(T::Colon)?);
            let mut error = p.error_over(key.end.saturating_sub(1), key.end, "':' expected after dictionary key");
            error.end_column = Some(0);
            Err::<Option<()>, _>(error)
        })?;
        self.ahead(Self::starred_value)?;
        self.missing_value()
    }

    fn starred_value(&mut self) -> Outcome<()> {
        need!(self.expression());
        need!(self.token(T::Colon));
        let star = need!(self.token(T::Star));
        need!(self.bitwise_or());
        let message = "cannot use a starred expression in a dictionary value";
        Err(self.error_from(star.start, message))
    }

    fn missing_value(&mut self) -> Outcome<()> {
        need!(self.expression());
        let colon = need!(self.token(T::Colon));
        ensure!(matches!(self.peek_kind()?, T::RightBrace | T::Comma));
        let message = "expression expected after dictionary key and ':'";
        Err(self.error_at_token(colon, message))
    }
}
