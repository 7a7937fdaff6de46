//! `match` and its patterns.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::TokenKind as T;

impl Recognizer<'_> {
    pub(super) fn match_statement(&mut self) -> Outcome<()> {
        let matched = self.attempt(|p| {
            need!(p.soft_keyword("match"));
            need!(p.subject());
            need!(p.token(T::Colon));
            need!(p.token(T::Newline));
            need!(p.token(T::Indent));
            need!(p.repeated(Self::case_block));
            p.token(T::Dedent)
        })?;
        if matched.is_some() {
            return Ok(Some(()));
        }
        self.invalid(|p| {
            let keyword = need!(p.soft_keyword("match"));
            need!(p.subject());
            p.invalid_end_of_head("'match' statement", keyword)
        })?;
        Ok(None)
    }

    fn subject(&mut self) -> Outcome<Node> {
        let tuple = self.attempt(|p| {
            let first = need!(p.star_named_expression());
            need!(p.token(T::Comma));
            p.attempt(Self::star_named_expressions)?;
            Ok(Some(p.node_from(Kind::Tuple, first.start)))
        })?;
        match tuple {
            Some(node) => Ok(Some(node)),
            None => self.named_expression(),
        }
    }

    fn case_block(&mut self) -> Outcome<Node> {
        self.invalid(|p| {
            let keyword = need!(p.soft_keyword("case"));
            need!(p.patterns());
            p.attempt(Self::guard)?;
            p.invalid_end_of_head("'case' statement", keyword)
        })?;
        need!(self.soft_keyword("case"));
        need!(self.patterns());
        self.attempt(Self::guard)?;
        need!(self.token(T::Colon));
        self.block()
    }

    fn guard(&mut self) -> Outcome<Node> {
        need!(self.token(T::If));
        self.named_expression()
    }

    fn patterns(&mut self) -> Outcome<Node> {
        match self.attempt(Self::open_sequence)? {
            Some(node) => Ok(Some(node)),
            None => self.pattern(),
        }
    }

    fn pattern(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Pattern, |p| {
            let named = p.attempt(|p| {
                let inner = need!(p.or_pattern());
                need!(p.token(T::As));
                need!(p.capture_target());
                Ok(Some(p.node_from(Kind::Other, inner.start)))
            })?;
            if named.is_some() {
                return Ok(named);
            }
            p.invalid(|p| {
                need!(p.or_pattern());
                need!(p.token(T::As));
                if let Some(wildcard) = p.soft_keyword("_")? {
                    return Err(p.error_at_token(wildcard, "cannot use '_' as a target"));
                }
                let target = need!(p.expression());
                let what = target.kind.description();
                let message = format!("cannot use {what} as pattern target");
                Err::<Option<()>, _>(p.error_at(target, &message))
            })?;
            p.or_pattern()
        })
    }

    fn or_pattern(&mut self) -> Outcome<Node> {
        let first = need!(self.closed_pattern());
        self.repeated(|p| {
            need!(p.token(T::VerticalBar));
            p.closed_pattern()
        })?;
        Ok(Some(self.node_from(Kind::Other, first.start)))
    }

    fn closed_pattern(&mut self) -> Outcome<Node> {
        self.memoized(Rule::ClosedPattern, |p| {
            let alternatives = [
                Self::literal_pattern,
                Self::capture_pattern,
                Self::wildcard_pattern,
                Self::value_pattern,
                Self::group_pattern,
                Self::sequence_pattern,
                Self::mapping_pattern,
                Self::class_pattern,
            ];
            for alternative in alternatives {
                if let Some(node) = p.attempt(alternative)? {
                    return Ok(Some(node));
                }
            }
            Ok(None)
        })
    }

    fn literal_pattern(&mut self) -> Outcome<Node> {
        let token = self.peek()?;
        match token.kind {
            T::None | T::True | T::False => {
                self.mark += 1;
                Ok(Some(Node::of(Kind::Literal, token)))
            }
            T::String | T::FStringStart | T::TStringStart => self.strings(),
            T::Minus | T::Number => {
                self.accept(T::Minus)?;
                let number = need!(self.token(T::Number));
                if self.any_token(&[T::Plus, T::Minus])?.is_some() {
                    let imaginary = need!(self.token(T::Number));
                    self.check_complex(number, imaginary)?;
                }
                Ok(Some(self.node_from(Kind::Literal, token.start)))
            }
            _ => Ok(None),
        }
    }

    fn check_complex(
        &mut self,
        real: crate::syntax::token::Token,
        imaginary: crate::syntax::token::Token,
    ) -> Outcome<()> {
        let is_imaginary = |text: &str| text.ends_with(['j', 'J']);
        if is_imaginary(self.text(real)) {
            let message = "real number required in complex literal";
            return Err(self.error_at_token(real, message));
        }
        if !is_imaginary(self.text(imaginary)) {
            let message = "imaginary number required in complex literal";
            return Err(self.error_at_token(imaginary, message));
        }
        Ok(Some(()))
    }

    fn capture_target(&mut self) -> Outcome<Node> {
        let token = self.peek()?;
        ensure!(token.kind == T::Name && self.text(token) != "_");
        self.mark += 1;
        ensure!(!self.at_pattern_continuation()?);
        Ok(Some(Node::of(Kind::Name, token)))
    }

    fn at_pattern_continuation(&mut self) -> Result<bool, Box<SyntaxError>> {
        Ok(matches!(self.peek_kind()?, T::Dot | T::LeftParenthesis | T::Equal))
    }

    fn capture_pattern(&mut self) -> Outcome<Node> {
        self.capture_target()
    }

    fn wildcard_pattern(&mut self) -> Outcome<Node> {
        let token = need!(self.soft_keyword("_"));
        Ok(Some(Node::of(Kind::Name, token)))
    }

    /// A dotted name.
    fn dotted_value(&mut self) -> Outcome<Node> {
        let first = need!(self.name());
        need!(self.repeated(|p| {
            need!(p.token(T::Dot));
            p.name()
        }));
        Ok(Some(self.node_from(Kind::Attribute, first.start)))
    }

    fn value_pattern(&mut self) -> Outcome<Node> {
        let node = need!(self.dotted_value());
        ensure!(!self.at_pattern_continuation()?);
        Ok(Some(node))
    }

    fn group_pattern(&mut self) -> Outcome<Node> {
        need!(self.token(T::LeftParenthesis));
        let inner = need!(self.pattern());
        need!(self.token(T::RightParenthesis));
        Ok(Some(inner))
    }

    fn maybe_star_pattern(&mut self) -> Outcome<Node> {
        let starred = self.attempt(|p| {
            let star = need!(p.token(T::Star));
            match p.attempt(Self::capture_target)? {
                Some(_) => {}
                None => {
                    need!(p.wildcard_pattern());
                }
            }
            Ok(Some(p.node_from(Kind::Starred, star.start)))
        })?;
        match starred {
            Some(node) => Ok(Some(node)),
            None => self.pattern(),
        }
    }

    fn maybe_sequence(&mut self) -> Outcome<()> {
        need!(self.gathered(Self::maybe_star_pattern));
        self.accept(T::Comma)?;
        Ok(Some(()))
    }

    fn open_sequence(&mut self) -> Outcome<Node> {
        let first = need!(self.maybe_star_pattern());
        need!(self.token(T::Comma));
        self.attempt(Self::maybe_sequence)?;
        Ok(Some(self.node_from(Kind::Tuple, first.start)))
    }

    fn sequence_pattern(&mut self) -> Outcome<Node> {
        let start = self.peek()?.start;
        if self.accept(T::LeftBracket)? {
            self.attempt(Self::maybe_sequence)?;
            need!(self.token(T::RightBracket));
        } else {
            need!(self.token(T::LeftParenthesis));
            self.attempt(Self::open_sequence)?;
            need!(self.token(T::RightParenthesis));
        }
        Ok(Some(self.node_from(Kind::List, start)))
    }

    fn mapping_pattern(&mut self) -> Outcome<Node> {
        let open = need!(self.token(T::LeftBrace));
        let mut has_f_string = false;
        let items = self.attempt(|p| {
            p.gathered(|p| {
                has_f_string |= matches!(p.peek_kind()?, T::FStringStart | T::TStringStart);
                p.key_value_pattern()
            })
        })?;
        self.attempt(|p| {
            if items.is_some() {
                need!(p.token(T::Comma));
            }
            need!(p.token(T::DoubleStar));
            p.capture_target()
        })?;
        if self.previous().kind != T::LeftBrace {
            self.accept(T::Comma)?;
        }
        need!(self.token(T::RightBrace));
        let node = self.node_from(Kind::Dict, open.start);
        if has_f_string {
            let message = "mapping pattern keys may only match literals and attribute lookups";
            let error = SyntaxError::in_compiler(self.source, node.range(), message);
            self.deferred.get_or_insert_with(|| Box::new(error));
        }
        Ok(Some(node))
    }

    fn key_value_pattern(&mut self) -> Outcome<Node> {
        let key = match self.attempt(Self::literal_pattern)? {
            Some(key) => key,
            None => need!(self.dotted_value()),
        };
        need!(self.token(T::Colon));
        need!(self.pattern());
        Ok(Some(self.node_from(Kind::Other, key.start)))
    }

    fn class_pattern(&mut self) -> Outcome<Node> {
        let start = self.peek()?.start;
        let matched = self.attempt(|p| {
            need!(p.class_name());
            need!(p.token(T::LeftParenthesis));
            let positional = p.attempt(|p| p.gathered(Self::positional_pattern))?;
            let keywords = p.attempt(|p| {
                if positional.is_some() {
                    need!(p.token(T::Comma));
                }
                p.gathered(Self::keyword_pattern)
            })?;
            if positional.is_some() || keywords.is_some() {
                p.accept(T::Comma)?;
            }
            p.token(T::RightParenthesis)
        })?;
        if matched.is_some() {
            return Ok(Some(self.node_from(Kind::Call, start)));
        }
        self.invalid(|p| {
            need!(p.class_name());
            need!(p.token(T::LeftParenthesis));
            p.attempt(|p| {
                need!(p.gathered(Self::pattern));
                p.token(T::Comma)
            })?;
            need!(p.gathered(Self::keyword_pattern));
            need!(p.token(T::Comma));
            let (first, last) = need!(p.gathered(Self::pattern));
            let message = "positional patterns follow keyword patterns";
            Err::<Option<()>, _>(p.error_between(first, last, message))
        })?;
        Ok(None)
    }

    fn class_name(&mut self) -> Outcome<Node> {
        match self.attempt(Self::dotted_value)? {
            Some(node) => Ok(Some(node)),
            None => self.name(),
        }
    }

    fn positional_pattern(&mut self) -> Outcome<Node> {
        self.pattern()
    }

    fn keyword_pattern(&mut self) -> Outcome<Node> {
        let name = need!(self.name());
        need!(self.token(T::Equal));
        need!(self.pattern());
        Ok(Some(self.node_from(Kind::Other, name.start)))
    }
}
