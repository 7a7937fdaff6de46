//! Expressions down to primaries.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::TokenKind as T;

/// Binary operators by how tightly they bind, loosest first.
const BINARY: [&[T]; 6] = [
    &[T::VerticalBar],
    &[T::Circumflex],
    &[T::Ampersand],
    &[T::LeftShift, T::RightShift],
    &[T::Plus, T::Minus],
    &[T::Star, T::Slash, T::DoubleSlash, T::Percent, T::At],
];

const COMPARISONS: [T; 8] =
    [T::EqualEqual, T::NotEqual, T::LessEqual, T::Less, T::GreaterEqual, T::Greater, T::In, T::LessGreater];

const SOFT_KEYWORDS: [&str; 4] = ["_", "case", "match", "type"];

impl Recognizer<'_> {
    /// A list of things with commas; a tuple if there is a comma.
    fn comma_list(&mut self, item: fn(&mut Self) -> Outcome<Node>) -> Outcome<Node> {
        let start = self.peek()?.start;
        let first = need!(self.attempt(item));
        if !self.at(T::Comma)? {
            return Ok(Some(first));
        }
        let mut items = vec![first];
        loop {
            let next = self.attempt(|p| {
                need!(p.token(T::Comma));
                item(p)
            })?;
            match next {
                Some(node) => items.push(node),
                None => break,
            }
        }
        self.accept(T::Comma)?;
        let node = self.node_from(Kind::Tuple, start);
        Ok(Some(self.with_children(node, &items)))
    }

    pub(super) fn expressions(&mut self) -> Outcome<Node> {
        self.comma_list(Self::expression)
    }

    pub(super) fn star_expressions(&mut self) -> Outcome<Node> {
        self.memoized(Rule::StarExpressions, |p| p.comma_list(Self::star_expression))
    }

    fn star_expression(&mut self) -> Outcome<Node> {
        self.memoized(Rule::StarExpression, |p| p.starred_or(Self::expression))
    }

    pub(super) fn star_named_expression(&mut self) -> Outcome<Node> {
        self.starred_or(Self::named_expression)
    }

    /// `*x`, or else something else.
    fn starred_or(&mut self, other: fn(&mut Self) -> Outcome<Node>) -> Outcome<Node> {
        let starred = self.attempt(|p| {
            let star = need!(p.token(T::Star));
            let value = need!(p.bitwise_or());
            let node = p.node_from(Kind::Starred, star.start);
            Ok(Some(p.with_children(node, &[value])))
        })?;
        match starred {
            Some(node) => Ok(Some(node)),
            None => other(self),
        }
    }

    /// Several of them; the node spans them and has them as children.
    pub(super) fn star_named_expressions(&mut self) -> Outcome<Node> {
        self.memoized(Rule::StarNamedExpressions, |p| {
            let first = need!(p.star_named_expression());
            let mut items = vec![first];
            loop {
                let next = p.attempt(|p| {
                    need!(p.token(T::Comma));
                    p.star_named_expression()
                })?;
                match next {
                    Some(node) => items.push(node),
                    None => break,
                }
            }
            let end = p.last_end();
            p.accept(T::Comma)?;
            let node = Node::new(Kind::Tuple, first.start, end);
            Ok(Some(p.with_children(node, &items)))
        })
    }

    pub(super) fn expression(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Expression, |p| {
            p.invalid(Self::invalid_expression)?;
            p.invalid(Self::invalid_legacy_expression)?;
            p.plain_expression()
        })
    }

    fn plain_expression(&mut self) -> Outcome<Node> {
        let conditional = self.attempt(|p| {
            let start = p.peek()?.start;
            need!(p.disjunction());
            need!(p.token(T::If));
            need!(p.disjunction());
            need!(p.token(T::Else));
            need!(p.expression());
            Ok(Some(p.node_from(Kind::Conditional, start)))
        })?;
        if conditional.is_some() {
            return Ok(conditional);
        }
        if let Some(node) = self.disjunction()? {
            return Ok(Some(node));
        }
        self.lambda()
    }

    /// An expression in which no rule for a mistake is tried.
    fn expression_without_invalid(&mut self) -> Outcome<Node> {
        let saved = std::mem::replace(&mut self.second_pass, false);
        let outcome = self.memoized(Rule::ExpressionWithoutInvalid, |p| p.plain_expression());
        self.second_pass = saved;
        outcome
    }

    fn invalid_expression(&mut self) -> Outcome<()> {
        self.ahead(Self::words_after_string)?;
        self.ahead(Self::missing_comma)?;
        self.ahead(|p| {
            let value = need!(p.disjunction());
            need!(p.token(T::If));
            let condition = need!(p.disjunction());
            ensure!(!matches!(p.peek_kind()?, T::Else | T::Colon));
            let message = "expected 'else' after 'if' expression";
            Err::<Option<()>, _>(p.error_between(value, condition, message))
        })?;
        self.ahead(|p| {
            need!(p.disjunction());
            need!(p.token(T::If));
            need!(p.disjunction());
            need!(p.token(T::Else));
            ensure!(!p.ahead(Self::expression)?);
            let message = "expected expression after 'else', but statement is given";
            Err::<Option<()>, _>(p.error_at_next(message))
        })?;
        self.ahead(|p| {
            let statement = need!(p.any_token(&[T::Pass, T::Break, T::Continue]));
            need!(p.token(T::If));
            need!(p.disjunction());
            need!(p.token(T::Else));
            p.attempt(Self::simple_statement)?;
            let message = "expected expression before 'if', but statement is given";
            Err::<Option<()>, _>(p.error_at_token(statement, message))
        })?;
        let keyword = need!(self.token(T::Lambda));
        self.attempt(Self::lambda_parameters)?;
        let colon = need!(self.token(T::Colon));
        let letter = match self.peek_kind()? {
            T::FStringMiddle => 'f',
            T::TStringMiddle => 't',
            _ => return Ok(None),
        };
        let message = format!("{letter}-string: lambda expressions are not allowed without parentheses");
        Err(self.error_over(keyword.start, colon.end, &message))
    }

    /// Two expressions side by side inside brackets.
    fn missing_comma(&mut self) -> Outcome<()> {
        let token = self.peek()?;
        if token.kind == T::Name {
            ensure!(!SOFT_KEYWORDS.contains(&self.text(token)));
            let prefixed = self.ahead(|p| {
                need!(p.name());
                p.token(T::String)
            })?;
            ensure!(!prefixed);
        }
        let first = need!(self.disjunction());
        let second = need!(self.expression_without_invalid());
        ensure!(!self.is_legacy_statement(first) && self.previous().level > 0);
        let message = "invalid syntax. Perhaps you forgot a comma?";
        Err(self.error_between(first, second, message))
    }

    /// Bare words between two strings: quotes that were not escaped.
    fn words_after_string(&mut self) -> Outcome<()> {
        need!(self.token(T::String));
        let mut first = None;
        let last = self.repeated(|p| {
            ensure!(!p.at(T::String)?);
            let word = need!(p.expression_without_invalid());
            first = first.or(Some(word));
            Ok(Some(word))
        })?;
        need!(self.token(T::String));
        let (Some(first), Some(last)) = (first, last) else {
            return Ok(None);
        };
        let message = "invalid syntax. Is this intended to be part of the string?";
        Err(self.error_between(first, last, message))
    }

    fn is_legacy_statement(&self, node: Node) -> bool {
        node.kind == Kind::Name && matches!(self.source.slice(node.range()), "print" | "exec")
    }

    fn invalid_legacy_expression(&mut self) -> Outcome<()> {
        let name = need!(self.name());
        ensure!(!self.at(T::LeftParenthesis)?);
        let value = need!(self.star_expressions());
        ensure!(self.is_legacy_statement(name));
        let word = self.source.slice(name.range());
        let message = format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?");
        Err(self.error_between(name, value, &message))
    }

    pub(super) fn yield_expression(&mut self) -> Outcome<Node> {
        let keyword = need!(self.token(T::Yield));
        let from = self.attempt(|p| {
            need!(p.token(T::From));
            p.expression()
        })?;
        if from.is_none() {
            self.attempt(Self::star_expressions)?;
        }
        Ok(Some(self.node_from(Kind::Yield, keyword.start)))
    }

    pub(super) fn assignment_expression(&mut self) -> Outcome<Node> {
        let name = need!(self.name());
        need!(self.token(T::ColonEqual));
        need!(self.expression());
        Ok(Some(self.node_from(Kind::Named, name.start)))
    }

    pub(super) fn named_expression(&mut self) -> Outcome<Node> {
        self.memoized(Rule::NamedExpression, |p| {
            let mark = p.mark;
            if p.accept(T::Name)? && p.accept(T::ColonEqual)? {
                // From here on no other alternative is tried.
                p.mark = mark;
                return p.assignment_expression();
            }
            p.mark = mark;
            if p.second_pass {
                let tried = p.memoized(Rule::InvalidNamedExpression, |p| p.invalid_named_expression().map(|_| None))?;
                debug_assert!(tried.is_none());
            }
            let node = need!(p.expression());
            ensure!(!p.at(T::ColonEqual)?);
            Ok(Some(node))
        })
    }

    /// An assignment expression, or an expression that is not the start of a wrong one.
    pub(super) fn argument_expression(&mut self) -> Outcome<Node> {
        let mark = self.mark;
        if self.accept(T::Name)? && self.accept(T::ColonEqual)? {
            self.mark = mark;
            return self.assignment_expression();
        }
        self.mark = mark;
        let node = need!(self.expression());
        ensure!(!self.at(T::ColonEqual)?);
        Ok(Some(node))
    }

    fn invalid_named_expression(&mut self) -> Outcome<()> {
        self.ahead(|p| {
            let target = need!(p.expression());
            need!(p.token(T::ColonEqual));
            need!(p.expression());
            let what = target.kind.description();
            let message = format!("cannot use assignment expressions with {what}");
            Err::<Option<()>, _>(p.error_at(target, &message))
        })?;
        self.ahead(|p| {
            let name = need!(p.name());
            need!(p.token(T::Equal));
            let value = need!(p.bitwise_or());
            ensure!(!matches!(p.peek_kind()?, T::Equal | T::ColonEqual));
            let message = "invalid syntax. Maybe you meant '==' or ':=' instead of '='?";
            Err::<Option<()>, _>(p.error_between(name, value, message))
        })?;
        let skipped = match self.peek_kind()? {
            T::True | T::False | T::None => true,
            T::LeftBracket => self.ahead(Self::list)?,
            T::LeftParenthesis => self.ahead(Self::tuple)? || self.ahead(Self::generator)?,
            _ => false,
        };
        ensure!(!skipped);
        let target = need!(self.bitwise_or());
        need!(self.token(T::Equal));
        need!(self.bitwise_or());
        ensure!(!matches!(self.peek_kind()?, T::Equal | T::ColonEqual));
        let what = target.kind.description();
        let message = format!("cannot assign to {what} here. Maybe you meant '==' instead of '='?");
        Err(self.error_at(target, &message))
    }

    /// Operands with one operator between them.
    fn boolean(&mut self, operator: T, operand: fn(&mut Self) -> Outcome<Node>) -> Outcome<Node> {
        let start = self.peek()?.start;
        let first = need!(operand(self));
        let more = self.repeated(|p| {
            need!(p.token(operator));
            operand(p)
        })?;
        Ok(Some(match more {
            Some(_) => self.node_from(Kind::Expression, start),
            None => first,
        }))
    }

    pub(super) fn disjunction(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Disjunction, |p| p.boolean(T::Or, Self::conjunction))
    }

    fn conjunction(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Conjunction, |p| p.boolean(T::And, Self::inversion))
    }

    fn inversion(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Inversion, |p| match p.token(T::Not)? {
            Some(keyword) => {
                let operand = need!(p.inversion());
                Ok(Some(Node::new(Kind::Expression, keyword.start, operand.end)))
            }
            None => p.comparison(),
        })
    }

    fn comparison(&mut self) -> Outcome<Node> {
        let start = self.peek()?.start;
        let left = need!(self.bitwise_or());
        let mut first_operator = None;
        let last = self.repeated(|p| {
            let operator = need!(p.comparison_operator());
            let right = need!(p.bitwise_or());
            first_operator = first_operator.or(Some(operator));
            Ok(Some(right))
        })?;
        if last.is_none() {
            return Ok(Some(left));
        }
        let is_in = first_operator == Some(T::In);
        let kind = if is_in { Kind::ComparisonIn } else { Kind::Comparison };
        let node = self.node_from(kind, start);
        Ok(Some(self.with_children(node, &[left])))
    }

    /// `not in` counts as `not`.
    fn comparison_operator(&mut self) -> Outcome<T> {
        match self.peek_kind()? {
            T::Not => {
                self.mark += 1;
                need!(self.token(T::In));
                Ok(Some(T::Not))
            }
            T::Is => {
                self.mark += 1;
                self.accept(T::Not)?;
                Ok(Some(T::Is))
            }
            kind if COMPARISONS.contains(&kind) => {
                let token = self.peek()?;
                if self.text(token) == "<>" {
                    let message = "invalid syntax.  Maybe you meant '!=' instead of '<>'?";
                    return Err(self.error_at_token(token, message));
                }
                self.mark += 1;
                Ok(Some(kind))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn bitwise_or(&mut self) -> Outcome<Node> {
        self.memoized(Rule::BitwiseOr, |p| p.binary(0))
    }

    fn binary(&mut self, level: usize) -> Outcome<Node> {
        let Some(operators) = BINARY.get(level) else {
            return self.factor();
        };
        let start = self.peek()?.start;
        let first = need!(self.binary(level + 1));
        let last = self.repeated(|p| {
            need!(p.any_token(operators));
            if level >= 4 {
                p.invalid(Self::unparenthesized_not)?;
            }
            p.binary(level + 1)
        })?;
        Ok(Some(match last {
            Some(_) => self.node_from(Kind::Expression, start),
            None => first,
        }))
    }

    fn unparenthesized_not(&mut self) -> Outcome<()> {
        let keyword = need!(self.token(T::Not));
        let operand = need!(self.inversion());
        let message = "'not' after an operator must be parenthesized";
        Err(self.error_over(keyword.start, operand.end, message))
    }

    fn factor(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Factor, |p| {
            let Some(operator) = p.any_token(&[T::Plus, T::Minus, T::Tilde])? else {
                return p.power();
            };
            if p.factor()?.is_some() {
                return Ok(Some(p.node_from(Kind::Expression, operator.start)));
            }
            p.invalid(|p| {
                let keyword = need!(p.token(T::Not));
                let operand = need!(p.factor());
                let message = "'not' after an operator must be parenthesized";
                Err::<Option<()>, _>(p.error_over(keyword.start, operand.end, message))
            })?;
            Ok(None)
        })
    }

    fn power(&mut self) -> Outcome<Node> {
        let start = self.peek()?.start;
        let base = need!(self.await_primary());
        let exponent = self.attempt(|p| {
            need!(p.token(T::DoubleStar));
            p.factor()
        })?;
        Ok(Some(match exponent {
            Some(_) => self.node_from(Kind::Expression, start),
            None => base,
        }))
    }

    fn await_primary(&mut self) -> Outcome<Node> {
        self.memoized(Rule::AwaitPrimary, |p| match p.token(T::Await)? {
            Some(keyword) => {
                need!(p.primary());
                Ok(Some(p.node_from(Kind::Await, keyword.start)))
            }
            None => p.primary(),
        })
    }

    fn primary(&mut self) -> Outcome<Node> {
        self.memoized(Rule::Primary, |p| {
            let start = p.peek()?.start;
            let mut node = need!(p.atom());
            while let Some(longer) = p.attempt(|p| p.trailer(start))? {
                node = longer;
            }
            Ok(Some(node))
        })
    }

    /// An attribute, call or subscript of what stands before.
    pub(super) fn trailer(&mut self, start: u32) -> Outcome<Node> {
        match self.peek_kind()? {
            T::Dot => {
                self.mark += 1;
                need!(self.name());
                Ok(Some(self.node_from(Kind::Attribute, start)))
            }
            T::LeftParenthesis => {
                if self.attempt(Self::generator)?.is_none() {
                    need!(self.token(T::LeftParenthesis));
                    self.attempt(Self::arguments)?;
                    need!(self.token(T::RightParenthesis));
                }
                Ok(Some(self.node_from(Kind::Call, start)))
            }
            T::LeftBrace => {
                // Tried as the generator expression of a call, with the mistakes of one.
                self.invalid(Self::invalid_comprehension)?;
                Ok(None)
            }
            T::LeftBracket => {
                self.invalid(Self::invalid_comprehension)?;
                self.mark += 1;
                need!(self.slices());
                need!(self.token(T::RightBracket));
                Ok(Some(self.node_from(Kind::Subscript, start)))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn slices(&mut self) -> Outcome<Node> {
        let single = self.attempt(|p| {
            let slice = need!(p.slice());
            ensure!(!p.at(T::Comma)?);
            Ok(Some(slice))
        })?;
        if single.is_some() {
            return Ok(single);
        }
        let (first, _) = need!(self.gathered(|p| match p.attempt(Self::slice)? {
            Some(slice) => Ok(Some(slice)),
            None => p.starred_expression(),
        }));
        self.accept(T::Comma)?;
        Ok(Some(self.node_from(Kind::Tuple, first.start)))
    }

    fn slice(&mut self) -> Outcome<Node> {
        let start = self.peek()?.start;
        let bounds = self.attempt(|p| {
            p.attempt(Self::expression)?;
            need!(p.token(T::Colon));
            p.attempt(Self::expression)?;
            if p.accept(T::Colon)? {
                p.attempt(Self::expression)?;
            }
            Ok(Some(()))
        })?;
        match bounds {
            Some(()) => Ok(Some(self.node_from(Kind::Other, start))),
            None => self.named_expression(),
        }
    }

    fn lambda(&mut self) -> Outcome<Node> {
        let keyword = need!(self.token(T::Lambda));
        self.attempt(Self::lambda_parameters)?;
        need!(self.token(T::Colon));
        need!(self.expression());
        Ok(Some(self.node_from(Kind::Lambda, keyword.start)))
    }

    /// Whether what follows is an expression; for messages about what is missing.
    pub(super) fn at_expression(&mut self) -> Result<bool, Box<SyntaxError>> {
        self.ahead(Self::annotated_right_side)
    }
}
