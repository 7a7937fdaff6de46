//! Comprehensions and generator expressions.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::token::TokenKind as T;

impl Recognizer<'_> {
    /// One or more `for` clauses. The node's one child is the last thing in the last of them.
    pub(super) fn for_if_clauses(&mut self) -> Outcome<Node> {
        self.memoized(Rule::ForIfClauses, |p| {
            let start = p.peek()?.start;
            let last = need!(p.repeated(Self::for_if_clause));
            let node = p.node_from(Kind::Other, start);
            Ok(Some(p.with_children(node, &[last])))
        })
    }

    /// Gives back the last condition, or the iterable.
    fn for_if_clause(&mut self) -> Outcome<Node> {
        let head = self.attempt(|p| {
            p.accept(T::Async)?;
            need!(p.token(T::For));
            need!(p.star_targets());
            p.token(T::In)
        })?;
        if head.is_some() {
            // From here on no other alternative is tried.
            let iterable = need!(self.disjunction());
            let condition = self.repeated(|p| {
                need!(p.token(T::If));
                p.disjunction()
            })?;
            return Ok(Some(condition.unwrap_or(iterable)));
        }
        self.invalid(|p| {
            p.accept(T::Async)?;
            need!(p.token(T::For));
            need!(p.gathered(Self::bitwise_or));
            p.accept(T::Comma)?;
            ensure!(!p.at(T::In)?);
            let message = "'in' expected after for-loop variables";
            Err::<Option<()>, _>(p.error_at_last(message))
        })?;
        self.invalid(Self::invalid_for_target)?;
        Ok(None)
    }

    pub(super) fn generator(&mut self) -> Outcome<Node> {
        let generator = self.attempt(|p| {
            let open = need!(p.token(T::LeftParenthesis));
            need!(p.argument_expression());
            need!(p.for_if_clauses());
            need!(p.token(T::RightParenthesis));
            Ok(Some(p.node_from(Kind::Generator, open.start)))
        })?;
        self.or_invalid_comprehension(generator)
    }

    pub(super) fn list_comprehension(&mut self) -> Outcome<Node> {
        let comprehension = self.attempt(|p| {
            let open = need!(p.token(T::LeftBracket));
            need!(p.named_expression());
            need!(p.for_if_clauses());
            need!(p.token(T::RightBracket));
            Ok(Some(p.node_from(Kind::ListComprehension, open.start)))
        })?;
        self.or_invalid_comprehension(comprehension)
    }

    pub(super) fn set_comprehension(&mut self) -> Outcome<Node> {
        let comprehension = self.attempt(|p| {
            let open = need!(p.token(T::LeftBrace));
            need!(p.named_expression());
            need!(p.for_if_clauses());
            need!(p.token(T::RightBrace));
            Ok(Some(p.node_from(Kind::SetComprehension, open.start)))
        })?;
        self.or_invalid_comprehension(comprehension)
    }

    fn or_invalid_comprehension(&mut self, found: Option<Node>) -> Outcome<Node> {
        if found.is_none() {
            self.invalid(Self::invalid_comprehension)?;
        }
        Ok(found)
    }

    pub(super) fn invalid_comprehension(&mut self) -> Outcome<()> {
        let open = need!(self.any_token(&[T::LeftParenthesis, T::LeftBracket, T::LeftBrace]));
        self.ahead(|p| {
            let starred = need!(p.starred_expression());
            need!(p.for_if_clauses());
            let message = "iterable unpacking cannot be used in comprehension";
            Err::<Option<()>, _>(p.error_at(starred, message))
        })?;
        ensure!(open.kind != T::LeftParenthesis);
        let first = need!(self.star_named_expression());
        let comma = need!(self.token(T::Comma));
        let message = "did you forget parentheses around the comprehension target?";
        self.ahead(|p| {
            let rest = need!(p.star_named_expressions());
            need!(p.for_if_clauses());
            Err::<Option<()>, _>(p.error_between(first, rest, message))
        })?;
        need!(self.for_if_clauses());
        Err(self.error_over(first.start, comma.end, message))
    }

    pub(super) fn dict_comprehension(&mut self) -> Outcome<Node> {
        let comprehension = self.attempt(|p| {
            let open = need!(p.token(T::LeftBrace));
            need!(p.pair());
            need!(p.for_if_clauses());
            need!(p.token(T::RightBrace));
            Ok(Some(p.node_from(Kind::DictComprehension, open.start)))
        })?;
        if comprehension.is_some() {
            return Ok(comprehension);
        }
        self.invalid(|p| {
            need!(p.token(T::LeftBrace));
            let stars = need!(p.token(T::DoubleStar));
            need!(p.bitwise_or());
            need!(p.for_if_clauses());
            need!(p.token(T::RightBrace));
            let message = "dict unpacking cannot be used in dict comprehension";
            Err::<Option<()>, _>(p.error_at_token(stars, message))
        })?;
        Ok(None)
    }

    /// The last thing in some `for` clauses.
    pub(super) fn last_of_clauses(&self, clauses: Node) -> Node {
        self.children.get(clauses.first_child as usize).copied().unwrap_or(clauses)
    }
}
