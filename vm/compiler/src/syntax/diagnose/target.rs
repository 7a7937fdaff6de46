//! Assignment, loop and deletion targets.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::TokenKind as T;

impl Recognizer<'_> {
    pub(super) fn star_targets(&mut self) -> Outcome<Node> {
        self.memoized(Rule::StarTargets, |p| {
            let first = need!(p.star_target());
            if !p.at(T::Comma)? {
                return Ok(Some(first));
            }
            p.repeated(|p| {
                need!(p.token(T::Comma));
                p.star_target()
            })?;
            p.accept(T::Comma)?;
            Ok(Some(p.node_from(Kind::Tuple, first.start)))
        })
    }

    pub(super) fn star_target(&mut self) -> Outcome<Node> {
        self.memoized(Rule::StarTarget, |p| {
            if let Some(star) = p.token(T::Star)? {
                ensure!(!p.at(T::Star)?);
                need!(p.star_target());
                return Ok(Some(p.node_from(Kind::Starred, star.start)));
            }
            p.target_with_star_atom()
        })
    }

    fn target_with_star_atom(&mut self) -> Outcome<Node> {
        if let Some(node) = self.attempt(Self::single_subscript_attribute_target)? {
            return Ok(Some(node));
        }
        self.star_atom()
    }

    fn star_atom(&mut self) -> Outcome<Node> {
        let first = self.peek()?;
        match first.kind {
            T::Name => self.name(),
            T::LeftParenthesis => {
                let grouped = self.attempt(|p| {
                    need!(p.token(T::LeftParenthesis));
                    let inner = need!(p.target_with_star_atom());
                    need!(p.token(T::RightParenthesis));
                    Ok(Some(inner))
                })?;
                if grouped.is_some() {
                    return Ok(grouped);
                }
                need!(self.token(T::LeftParenthesis));
                self.attempt(Self::star_target_tuple)?;
                need!(self.token(T::RightParenthesis));
                Ok(Some(self.node_from(Kind::Tuple, first.start)))
            }
            T::LeftBracket => {
                need!(self.token(T::LeftBracket));
                self.attempt(|p| {
                    need!(p.gathered(Self::star_target));
                    p.accept(T::Comma)?;
                    Ok(Some(()))
                })?;
                need!(self.token(T::RightBracket));
                Ok(Some(self.node_from(Kind::List, first.start)))
            }
            _ => Ok(None),
        }
    }

    /// Two targets or more, or one with a comma.
    fn star_target_tuple(&mut self) -> Outcome<()> {
        need!(self.star_target());
        let more = self.repeated(|p| {
            need!(p.token(T::Comma));
            p.star_target()
        })?;
        if more.is_none() {
            need!(self.token(T::Comma));
            return Ok(Some(()));
        }
        self.accept(T::Comma)?;
        Ok(Some(()))
    }

    pub(super) fn single_target(&mut self) -> Outcome<Node> {
        if let Some(node) = self.attempt(Self::single_subscript_attribute_target)? {
            return Ok(Some(node));
        }
        if let Some(node) = self.name()? {
            return Ok(Some(node));
        }
        need!(self.token(T::LeftParenthesis));
        let inner = need!(self.single_target());
        need!(self.token(T::RightParenthesis));
        Ok(Some(inner))
    }

    /// `x.y` or `x[y]` with nothing more after it.
    pub(super) fn single_subscript_attribute_target(&mut self) -> Outcome<Node> {
        let start = self.peek()?.start;
        need!(self.target_primary());
        if self.accept(T::Dot)? {
            need!(self.name());
            ensure!(!self.at_target_continuation()?);
            return Ok(Some(self.node_from(Kind::Attribute, start)));
        }
        need!(self.token(T::LeftBracket));
        need!(self.slices());
        need!(self.token(T::RightBracket));
        ensure!(!self.at_target_continuation()?);
        Ok(Some(self.node_from(Kind::Subscript, start)))
    }

    fn at_target_continuation(&mut self) -> Result<bool, Box<SyntaxError>> {
        Ok(matches!(self.peek_kind()?, T::LeftParenthesis | T::LeftBracket | T::Dot))
    }

    /// A primary that is followed by more of itself.
    fn target_primary(&mut self) -> Outcome<Node> {
        self.memoized(Rule::TargetPrimary, |p| {
            let start = p.peek()?.start;
            let mut node = need!(p.atom());
            ensure!(p.at_target_continuation()?);
            loop {
                let longer = p.attempt(|p| {
                    let longer = need!(p.trailer(start));
                    ensure!(p.at_target_continuation()?);
                    Ok(Some(longer))
                })?;
                match longer {
                    Some(longer) => node = longer,
                    None => return Ok(Some(node)),
                }
            }
        })
    }

    pub(super) fn deletion_targets(&mut self) -> Outcome<()> {
        need!(self.gathered(Self::deletion_target));
        self.accept(T::Comma)?;
        Ok(Some(()))
    }

    fn deletion_target(&mut self) -> Outcome<Node> {
        self.memoized(Rule::DeletionTarget, |p| {
            if let Some(node) = p.attempt(Self::single_subscript_attribute_target)? {
                return Ok(Some(node));
            }
            p.deletion_atom()
        })
    }

    fn deletion_atom(&mut self) -> Outcome<Node> {
        let first = self.peek()?;
        let (open, close) = match first.kind {
            T::Name => return self.name(),
            T::LeftParenthesis => (T::LeftParenthesis, T::RightParenthesis),
            T::LeftBracket => (T::LeftBracket, T::RightBracket),
            _ => return Ok(None),
        };
        need!(self.token(open));
        self.attempt(Self::deletion_targets)?;
        need!(self.token(close));
        Ok(Some(self.node_from(Kind::Tuple, first.start)))
    }
}
