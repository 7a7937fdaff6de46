//! Arguments of calls and classes.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::token::TokenKind as T;

/// Bits of what a list of arguments holds.
const KEYWORDS: u32 = 1;
const KEYWORD_UNPACKING: u32 = 2;

impl Recognizer<'_> {
    pub(super) fn arguments(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Arguments, |p| {
            let arguments = p.attempt(|p| {
                let arguments = need!(p.args());
                p.accept(T::Comma)?;
                ensure!(p.at(T::RightParenthesis)?);
                Ok(Some(arguments))
            })?;
            if arguments.is_none() {
                p.invalid(Self::invalid_arguments)?;
            }
            Ok(arguments)
        })
    }

    /// Arguments; the children are the positional ones. What keywords there are is in the memo of
    /// [`Recognizer::keywords_in`].
    fn args(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Args, |p| {
            let start = p.peek()?.start;
            let mut positional = Vec::new();
            if let Some(first) = p.attempt(Self::positional_argument)? {
                positional.push(first);
                while let Some(next) = p.attempt(|p| {
                    need!(p.token(T::Comma));
                    p.positional_argument()
                })? {
                    positional.push(next);
                }
                p.attempt(|p| {
                    need!(p.token(T::Comma));
                    p.keyword_arguments()
                })?;
            } else {
                let (_, starred) = need!(p.keyword_arguments());
                positional.extend(starred);
            }
            let node = p.node_from(Kind::Call, start);
            Ok(Some(p.with_children(node, &positional)))
        })
    }

    fn positional_argument(&mut self) -> Outcome<Node> {
        if let Some(starred) = self.attempt(Self::starred_expression)? {
            return Ok(Some(starred));
        }
        let node = need!(self.argument_expression());
        ensure!(!self.at(T::Equal)?);
        Ok(Some(node))
    }

    /// Keyword arguments and iterables to unpack, then dicts to unpack. Gives back which kinds there
    /// are, and the iterables.
    fn keyword_arguments(&mut self) -> Outcome<(u32, Vec<Node>)> {
        let mut seen = 0;
        let mut starred = Vec::new();
        let first = self.attempt(|p| {
            let mut one = |p: &mut Self| {
                let item = need!(p.keyword_or_starred());
                match item.kind {
                    Kind::Starred => starred.push(item),
                    _ => seen |= KEYWORDS,
                }
                Ok(Some(item))
            };
            p.gathered(&mut one)
        })?;
        let double = self.attempt(|p| {
            if first.is_some() {
                need!(p.token(T::Comma));
            }
            p.gathered(Self::keyword_or_double_starred)
        })?;
        ensure!(first.is_some() || double.is_some());
        if double.is_some() {
            seen |= KEYWORD_UNPACKING;
        }
        Ok(Some((seen, starred)))
    }

    fn keyword_or_starred(&mut self) -> Outcome<Node> {
        self.invalid(Self::invalid_keyword)?;
        if let Some(keyword) = self.attempt(Self::keyword)? {
            return Ok(Some(keyword));
        }
        self.starred_expression()
    }

    fn keyword_or_double_starred(&mut self) -> Outcome<Node> {
        self.invalid(Self::invalid_keyword)?;
        if let Some(keyword) = self.attempt(Self::keyword)? {
            return Ok(Some(keyword));
        }
        let stars = need!(self.token(T::DoubleStar));
        need!(self.expression());
        Ok(Some(self.node_from(Kind::Other, stars.start)))
    }

    fn keyword(&mut self) -> Outcome<Node> {
        let name = need!(self.name());
        need!(self.token(T::Equal));
        need!(self.expression());
        Ok(Some(self.node_from(Kind::Other, name.start)))
    }

    pub(super) fn starred_expression(&mut self) -> Outcome<Node> {
        self.invalid(|p| {
            let star = need!(p.token(T::Star));
            need!(p.expression());
            need!(p.token(T::Equal));
            let value = need!(p.expression());
            let message = "cannot assign to iterable argument unpacking";
            Err::<Option<()>, _>(p.error_over(star.start, value.end, message))
        })?;
        let starred = self.attempt(|p| {
            let star = need!(p.token(T::Star));
            let value = need!(p.expression());
            let node = p.node_from(Kind::Starred, star.start);
            Ok(Some(p.with_children(node, &[value])))
        })?;
        if starred.is_none() {
            self.invalid(|p| {
                need!(p.token(T::Star));
                Err::<Option<()>, _>(p.error_at_last("Invalid star expression"))
            })?;
        }
        Ok(starred)
    }

    fn invalid_keyword(&mut self) -> Outcome<()> {
        self.ahead(|p| {
            let name = need!(p.any_token(&[T::True, T::False, T::None]));
            let equal = need!(p.token(T::Equal));
            let message = format!("cannot assign to {}", p.text(name));
            Err::<Option<()>, _>(p.error_over(name.start, equal.end, &message))
        })?;
        self.ahead(Self::keyword_with_clauses)?;
        self.ahead(|p| {
            let stars = need!(p.token(T::DoubleStar));
            need!(p.expression());
            need!(p.token(T::Equal));
            let value = need!(p.expression());
            let message = "cannot assign to keyword argument unpacking";
            Err::<Option<()>, _>(p.error_over(stars.start, value.end, message))
        })?;
        let plain = self.ahead(|p| {
            need!(p.name());
            p.token(T::Equal)
        })?;
        ensure!(!plain);
        let name = need!(self.expression());
        let equal = need!(self.token(T::Equal));
        let message = "expression cannot contain assignment, perhaps you meant \"==\"?";
        Err(self.error_over(name.start, equal.end, message))
    }

    /// `f(a=x for x in y)`.
    fn keyword_with_clauses(&mut self) -> Outcome<()> {
        let name = need!(self.name());
        let equal = need!(self.token(T::Equal));
        need!(self.expression());
        need!(self.for_if_clauses());
        let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
        Err(self.error_over(name.start, equal.end, message))
    }

    fn invalid_arguments(&mut self) -> Outcome<()> {
        self.ahead(|p| {
            need!(p.args_with_keywords());
            let comma = need!(p.token(T::Comma));
            need!(p.gathered(|p| {
                let starred = need!(p.starred_expression());
                ensure!(!p.at(T::Equal)?);
                Ok(Some(starred))
            }));
            let message = "iterable argument unpacking follows keyword argument unpacking";
            Err::<Option<()>, _>(p.error_from(comma.start, message))
        })?;
        let message = "Generator expression must be parenthesized";
        self.ahead(|p| {
            let value = need!(p.expression());
            let clauses = need!(p.for_if_clauses());
            need!(p.token(T::Comma));
            p.attempt(|p| match p.attempt(Self::args)? {
                Some(arguments) => Ok(Some(arguments)),
                None => {
                    need!(p.expression());
                    p.for_if_clauses()
                }
            })?;
            let last = p.last_of_clauses(clauses);
            Err::<Option<()>, _>(p.error_between(value, last, message))
        })?;
        self.ahead(Self::keyword_with_clauses)?;
        self.ahead(|p| {
            p.attempt(|p| {
                need!(p.args());
                p.token(T::Comma)
            })?;
            let name = need!(p.name());
            let equal = need!(p.token(T::Equal));
            ensure!(matches!(p.peek_kind()?, T::Comma | T::RightParenthesis));
            let message = "expected argument value expression";
            Err::<Option<()>, _>(p.error_over(name.start, equal.end, message))
        })?;
        self.ahead(|p| {
            let arguments = need!(p.args());
            let clauses = need!(p.for_if_clauses());
            ensure!(arguments.child_count > 1);
            let last_argument = arguments.first_child + arguments.child_count - 1;
            let value = p.children[last_argument as usize];
            let last = p.last_of_clauses(clauses);
            Err::<Option<()>, _>(p.error_between(value, last, message))
        })?;
        self.ahead(|p| {
            need!(p.args());
            need!(p.token(T::Comma));
            let value = need!(p.expression());
            let clauses = need!(p.for_if_clauses());
            let last = p.last_of_clauses(clauses);
            Err::<Option<()>, _>(p.error_between(value, last, message))
        })?;
        self.misplaced_positional()
    }

    /// A positional argument after keyword arguments.
    fn misplaced_positional(&mut self) -> Outcome<()> {
        let mark = self.mark;
        need!(self.args());
        need!(self.token(T::Comma));
        need!(self.args());
        self.mark = mark;
        let kinds = self.keywords_in()?.unwrap_or(0);
        let message = if kinds & KEYWORD_UNPACKING != 0 && self.has_double_star(mark) {
            "positional argument follows keyword argument unpacking"
        } else {
            "positional argument follows keyword argument"
        };
        Err(self.error_at_last(message))
    }

    /// Whether a dict is unpacked in the arguments that begin here.
    fn has_double_star(&mut self, mark: usize) -> bool {
        let Some(level) = self.tokens.get(mark.wrapping_sub(1)).map(|token| token.level) else {
            return false;
        };
        let known = self.memo.get(mark as u32, Rule::Args, !self.second_pass);
        let end = match known.flatten() {
            Some((_, end)) => end as usize,
            None => self.tokens.len(),
        };
        self.tokens[mark..end].iter().any(|token| token.kind == T::DoubleStar && token.level == level)
    }

    /// Which kinds of keyword arguments the arguments here have.
    fn keywords_in(&mut self) -> Outcome<u32> {
        self.attempt(|p| {
            if p.attempt(Self::positional_argument)?.is_some() {
                p.repeated(|p| {
                    need!(p.token(T::Comma));
                    p.positional_argument()
                })?;
                need!(p.token(T::Comma));
            }
            let (kinds, _) = need!(p.keyword_arguments());
            Ok(Some(kinds))
        })
    }

    /// Arguments that end in keyword arguments.
    fn args_with_keywords(&mut self) -> Outcome<()> {
        need!(self.keywords_in());
        Ok(Some(()))
    }
}
