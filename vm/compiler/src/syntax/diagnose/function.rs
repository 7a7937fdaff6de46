//! Functions, classes and type parameters.

use super::node::{Kind, Node};
use super::{Outcome, Recognizer, ensure, need};
use crate::syntax::token::TokenKind as T;

impl Recognizer<'_> {
    /// Any number of decorators.
    fn decorators(&mut self) -> Outcome<()> {
        self.repeated(|p| {
            need!(p.token(T::At));
            need!(p.named_expression());
            p.token(T::Newline)
        })?;
        Ok(Some(()))
    }

    pub(super) fn function_definition(&mut self) -> Outcome<()> {
        self.decorators()?;
        self.invalid(|p| {
            p.accept(T::Async)?;
            let keyword = need!(p.token(T::Def));
            need!(p.name());
            p.attempt(Self::type_parameters)?;
            need!(p.token(T::LeftParenthesis));
            p.attempt(Self::parameters)?;
            need!(p.token(T::RightParenthesis));
            p.return_annotation()?;
            need!(p.token(T::Colon));
            p.missing_block("function definition", keyword)
        })?;
        self.accept(T::Async)?;
        need!(self.token(T::Def));
        need!(self.name());
        self.attempt(Self::type_parameters)?;
        need!(self.forced(T::LeftParenthesis));
        self.attempt(Self::parameters)?;
        need!(self.token(T::RightParenthesis));
        self.return_annotation()?;
        need!(self.forced(T::Colon));
        need!(self.block());
        Ok(Some(()))
    }

    fn return_annotation(&mut self) -> Outcome<Node> {
        self.attempt(|p| {
            need!(p.token(T::Arrow));
            p.expression()
        })
    }

    pub(super) fn class_definition(&mut self) -> Outcome<()> {
        self.decorators()?;
        self.invalid(|p| {
            let keyword = need!(p.token(T::Class));
            need!(p.class_head());
            p.invalid_end_of_head("class definition", keyword)
        })?;
        need!(self.token(T::Class));
        need!(self.class_head());
        need!(self.token(T::Colon));
        need!(self.block());
        Ok(Some(()))
    }

    fn class_head(&mut self) -> Outcome<()> {
        need!(self.name());
        self.attempt(Self::type_parameters)?;
        self.attempt(|p| {
            need!(p.token(T::LeftParenthesis));
            p.attempt(Self::arguments)?;
            p.token(T::RightParenthesis)
        })?;
        Ok(Some(()))
    }

    pub(super) fn type_parameters(&mut self) -> Outcome<()> {
        self.invalid(|p| {
            need!(p.token(T::LeftBracket));
            let close = need!(p.token(T::RightBracket));
            let message = "Type parameter list cannot be empty";
            Err::<Option<()>, _>(p.error_from(close.start, message))
        })?;
        need!(self.token(T::LeftBracket));
        need!(self.gathered(Self::type_parameter));
        self.accept(T::Comma)?;
        need!(self.token(T::RightBracket));
        Ok(Some(()))
    }

    fn type_parameter(&mut self) -> Outcome<Node> {
        if let Some(name) = self.name()? {
            self.attempt(|p| {
                need!(p.token(T::Colon));
                p.expression()
            })?;
            self.type_default(Self::expression)?;
            return Ok(Some(self.node_from(Kind::Other, name.start)));
        }
        self.invalid(Self::invalid_type_parameter)?;
        let star = need!(self.any_token(&[T::Star, T::DoubleStar]));
        need!(self.name());
        if star.kind == T::Star {
            self.type_default(|p| match p.attempt(Self::starred_bitwise_or)? {
                Some(node) => Ok(Some(node)),
                None => p.expression(),
            })?;
        } else {
            self.type_default(Self::expression)?;
        }
        Ok(Some(self.node_from(Kind::Other, star.start)))
    }

    fn starred_bitwise_or(&mut self) -> Outcome<Node> {
        need!(self.token(T::Star));
        self.bitwise_or()
    }

    fn type_default(&mut self, value: fn(&mut Self) -> Outcome<Node>) -> Outcome<Node> {
        self.attempt(|p| {
            need!(p.token(T::Equal));
            value(p)
        })
    }

    fn invalid_type_parameter(&mut self) -> Outcome<()> {
        let star = need!(self.any_token(&[T::Star, T::DoubleStar]));
        need!(self.name());
        let colon = need!(self.token(T::Colon));
        let bound = need!(self.expression());
        let what = if bound.kind == Kind::Tuple { "constraints" } else { "bound" };
        let kind = if star.kind == T::Star { "TypeVarTuple" } else { "ParamSpec" };
        let message = format!("cannot use {what} with {kind}");
        Err(self.error_from(colon.start, &message))
    }

    /// Parameters of a `def`.
    pub(super) fn parameters(&mut self) -> Outcome<()> {
        self.parameter_list(super::parameters::Flavour::Function)
    }

    /// Parameters of a `lambda`.
    pub(super) fn lambda_parameters(&mut self) -> Outcome<()> {
        self.parameter_list(super::parameters::Flavour::Lambda)
    }

    /// Whether the next token ends a list of parameters.
    pub(super) fn ends_parameters(&mut self, end: T) -> Outcome<()> {
        ensure!(self.at(end)?);
        Ok(Some(()))
    }
}
