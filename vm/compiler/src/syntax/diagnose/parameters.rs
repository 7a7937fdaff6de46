//! Lists of parameters, of functions and lambdas alike.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, ensure, need};
use crate::syntax::token::TokenKind as T;

/// Whose parameters they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    Function,
    Lambda,
}

impl Flavour {
    /// What ends the list.
    fn end(self) -> T {
        match self {
            Flavour::Function => T::RightParenthesis,
            Flavour::Lambda => T::Colon,
        }
    }
}

impl Recognizer<'_> {
    pub(super) fn parameter_list(&mut self, flavour: Flavour) -> Outcome<()> {
        self.invalid(|p| p.invalid_parameters(flavour))?;
        let mut last = self.attempt(|p| p.slash_without_default(flavour))?;
        let mut defaults_only = false;
        if last.is_none() {
            last = self.attempt(|p| p.slash_with_default(flavour))?;
            defaults_only = last.is_some();
        }
        if !defaults_only && let Some(plain) = self.repeated(|p| p.plain_parameter(flavour))? {
            last = Some(plain);
        }
        if let Some(defaulted) = self.repeated(|p| p.defaulted_parameter(flavour))? {
            last = Some(defaulted);
        }
        let star = self.attempt(|p| p.star_parameters(flavour))?;
        ensure!(last.is_some() || star.is_some());
        Ok(Some(()))
    }

    /// A comma, or the end of the list.
    fn parameter_end(&mut self, flavour: Flavour) -> Outcome<()> {
        if self.accept(T::Comma)? {
            return Ok(Some(()));
        }
        self.ends_parameters(flavour.end())
    }

    /// A name with its annotation.
    fn parameter(&mut self, flavour: Flavour) -> Outcome<Node> {
        let name = need!(self.name());
        if flavour == Flavour::Function {
            self.attempt(|p| {
                need!(p.token(T::Colon));
                p.expression()
            })?;
        }
        Ok(Some(self.node_from(Kind::Other, name.start)))
    }

    fn plain_parameter(&mut self, flavour: Flavour) -> Outcome<Node> {
        let node = need!(self.parameter(flavour));
        need!(self.parameter_end(flavour));
        Ok(Some(node))
    }

    fn default(&mut self) -> Outcome<Node> {
        let value = self.attempt(|p| {
            need!(p.token(T::Equal));
            p.expression()
        })?;
        if value.is_none() {
            self.invalid(|p| {
                let equal = need!(p.token(T::Equal));
                let kind = p.peek_kind()?;
                // Also in a lambda: there the colon is taken for what it is.
                ensure!(matches!(kind, T::Comma | T::RightParenthesis));
                let message = "expected default value expression";
                Err::<Option<()>, _>(p.error_at_token(equal, message))
            })?;
        }
        Ok(value)
    }

    fn defaulted_parameter(&mut self, flavour: Flavour) -> Outcome<Node> {
        let node = need!(self.parameter(flavour));
        need!(self.default());
        need!(self.parameter_end(flavour));
        Ok(Some(node))
    }

    fn maybe_defaulted_parameter(&mut self, flavour: Flavour) -> Outcome<Node> {
        let node = need!(self.parameter(flavour));
        self.attempt(Self::default)?;
        need!(self.parameter_end(flavour));
        Ok(Some(node))
    }

    fn slash(&mut self, flavour: Flavour) -> Outcome<Node> {
        let slash = need!(self.token(T::Slash));
        need!(self.parameter_end(flavour));
        Ok(Some(Node::of(Kind::Other, slash)))
    }

    fn slash_without_default(&mut self, flavour: Flavour) -> Outcome<Node> {
        need!(self.repeated(|p| p.plain_parameter(flavour)));
        self.slash(flavour)
    }

    fn slash_with_default(&mut self, flavour: Flavour) -> Outcome<Node> {
        self.repeated(|p| p.plain_parameter(flavour))?;
        need!(self.repeated(|p| p.defaulted_parameter(flavour)));
        self.slash(flavour)
    }

    fn any_slash(&mut self, flavour: Flavour) -> Outcome<Node> {
        match self.attempt(|p| p.slash_without_default(flavour))? {
            Some(node) => Ok(Some(node)),
            None => self.attempt(|p| p.slash_with_default(flavour)),
        }
    }

    /// What begins with a star.
    fn star_parameters(&mut self, flavour: Flavour) -> Outcome<()> {
        self.invalid(|p| p.invalid_star(flavour))?;
        let variadic = self.attempt(|p| {
            need!(p.token(T::Star));
            if p.attempt(|p| p.plain_parameter(flavour))?.is_none() {
                need!(p.star_annotated_parameter(flavour));
            }
            p.repeated(|p| p.maybe_defaulted_parameter(flavour))?;
            p.attempt(|p| p.double_star_parameter(flavour))?;
            Ok(Some(()))
        })?;
        if variadic.is_some() {
            return Ok(variadic);
        }
        let bare = self.attempt(|p| {
            need!(p.token(T::Star));
            need!(p.token(T::Comma));
            need!(p.repeated(|p| p.maybe_defaulted_parameter(flavour)));
            p.attempt(|p| p.double_star_parameter(flavour))?;
            Ok(Some(()))
        })?;
        if bare.is_some() {
            return Ok(bare);
        }
        need!(self.double_star_parameter(flavour));
        Ok(Some(()))
    }

    /// `*args: *Ts`.
    fn star_annotated_parameter(&mut self, flavour: Flavour) -> Outcome<Node> {
        ensure!(flavour == Flavour::Function);
        let name = need!(self.name());
        need!(self.token(T::Colon));
        need!(self.token(T::Star));
        need!(self.bitwise_or());
        need!(self.parameter_end(flavour));
        Ok(Some(name))
    }

    fn double_star_parameter(&mut self, flavour: Flavour) -> Outcome<Node> {
        self.invalid(|p| {
            need!(p.token(T::DoubleStar));
            need!(p.parameter(flavour));
            if let Some(equal) = p.token(T::Equal)? {
                let message = "var-keyword argument cannot have default value";
                return Err(p.error_at_token(equal, message));
            }
            need!(p.token(T::Comma));
            let message = "arguments cannot follow var-keyword argument";
            if let Some(token) = p.any_token(&[T::Star, T::DoubleStar, T::Slash])? {
                return Err(p.error_at_token(token, message));
            }
            let next = need!(p.parameter(flavour));
            Err::<Option<()>, _>(p.error_at(next, message))
        })?;
        need!(self.token(T::DoubleStar));
        self.plain_parameter(flavour)
    }

    fn invalid_star(&mut self, flavour: Flavour) -> Outcome<()> {
        let star = need!(self.token(T::Star));
        let end = flavour.end();
        self.ahead(|p| {
            if p.accept(T::Comma)? {
                let kind = p.peek_kind()?;
                ensure!(kind == end || kind == T::DoubleStar);
            } else {
                ensure!(p.at(end)?);
            }
            p.mark += 1;
            let message = "named arguments must follow bare *";
            let error = match flavour {
                Flavour::Function => p.error_at_token(star, message),
                Flavour::Lambda => p.error_at_last(message),
            };
            Err::<Option<()>, _>(error)
        })?;
        self.ahead(|p| {
            need!(p.parameter(flavour));
            let equal = need!(p.token(T::Equal));
            let message = "var-positional argument cannot have default value";
            Err::<Option<()>, _>(p.error_at_token(equal, message))
        })?;
        need!(self.plain_parameter_or_comma(flavour));
        self.repeated(|p| p.maybe_defaulted_parameter(flavour))?;
        let second = need!(self.token(T::Star));
        need!(self.plain_parameter_or_comma(flavour));
        Err(self.error_at_token(second, "* argument may appear only once"))
    }

    fn plain_parameter_or_comma(&mut self, flavour: Flavour) -> Outcome<()> {
        if self.attempt(|p| p.plain_parameter(flavour))?.is_some() {
            return Ok(Some(()));
        }
        need!(self.token(T::Comma));
        Ok(Some(()))
    }

    fn invalid_parameters(&mut self, flavour: Flavour) -> Outcome<()> {
        self.ahead(|p| {
            let slash = need!(p.token(T::Slash));
            need!(p.token(T::Comma));
            let message = "at least one argument must precede /";
            Err::<Option<()>, _>(p.error_at_token(slash, message))
        })?;
        self.ahead(|p| {
            need!(p.any_slash(flavour));
            p.repeated(|p| p.maybe_defaulted_parameter(flavour))?;
            let slash = need!(p.token(T::Slash));
            Err::<Option<()>, _>(p.error_at_token(slash, "/ may appear only once"))
        })?;
        self.ahead(|p| p.plain_after_defaulted(flavour))?;
        self.ahead(|p| p.grouped_parameters(flavour))?;
        self.ahead(|p| {
            p.any_slash(flavour)?;
            p.repeated(|p| p.maybe_defaulted_parameter(flavour))?;
            need!(p.token(T::Star));
            need!(p.plain_parameter_or_comma(flavour));
            p.repeated(|p| p.maybe_defaulted_parameter(flavour))?;
            let slash = need!(p.token(T::Slash));
            Err::<Option<()>, _>(p.error_at_token(slash, "/ must be ahead of *"))
        })?;
        need!(self.repeated(|p| p.maybe_defaulted_parameter(flavour)));
        need!(self.token(T::Slash));
        let star = need!(self.token(T::Star));
        Err(self.error_at_token(star, "expected comma between / and *"))
    }

    fn plain_after_defaulted(&mut self, flavour: Flavour) -> Outcome<()> {
        self.attempt(|p| p.slash_without_default(flavour))?;
        self.repeated(|p| p.plain_parameter(flavour))?;
        if self.attempt(|p| p.slash_with_default(flavour))?.is_none() {
            need!(self.repeated(|p| p.defaulted_parameter(flavour)));
        }
        let plain = need!(self.plain_parameter(flavour));
        let message = "parameter without a default follows parameter with a default";
        Err(self.error_at(plain, message))
    }

    fn grouped_parameters(&mut self, flavour: Flavour) -> Outcome<()> {
        self.repeated(|p| p.plain_parameter(flavour))?;
        let open = need!(self.token(T::LeftParenthesis));
        let what = match flavour {
            Flavour::Function => {
                need!(self.repeated(|p| p.plain_parameter(flavour)));
                "Function"
            }
            Flavour::Lambda => {
                need!(self.gathered(Self::name));
                "Lambda expression"
            }
        };
        self.accept(T::Comma)?;
        let close = need!(self.token(T::RightParenthesis));
        let message = format!("{what} parameters cannot be parenthesized");
        Err(self.error_over(open.start, close.end, &message))
    }
}
