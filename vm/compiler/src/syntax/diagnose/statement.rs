//! Simple statements.

use super::node::{Kind, Node, Target};
use super::{Outcome, Recognizer, Rule, ensure, need};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::TokenKind as T;

const AUGMENTED: [T; 13] = [
    T::PlusEqual,
    T::MinusEqual,
    T::StarEqual,
    T::AtEqual,
    T::SlashEqual,
    T::PercentEqual,
    T::AmpersandEqual,
    T::VerticalBarEqual,
    T::CircumflexEqual,
    T::LeftShiftEqual,
    T::RightShiftEqual,
    T::DoubleStarEqual,
    T::DoubleSlashEqual,
];

impl Recognizer<'_> {
    /// Any number of statements.
    pub(super) fn statements(&mut self) -> Result<bool, Box<SyntaxError>> {
        Ok(self.repeated(Self::statement)?.is_some())
    }

    pub(super) fn statement(&mut self) -> Outcome<()> {
        if self.attempt(Self::compound_statement)?.is_some() {
            return Ok(Some(()));
        }
        self.simple_statements()
    }

    /// One interactive statement.
    pub(super) fn statement_newline(&mut self) -> Outcome<()> {
        let compound = self.attempt(|p| {
            need!(p.compound_statement());
            p.token(T::Newline)
        })?;
        if compound.is_some() || self.attempt(Self::simple_statements)?.is_some() {
            return Ok(Some(()));
        }
        // An end without a statement is no statement.
        need!(self.token(T::Newline));
        Ok(Some(()))
    }

    pub(super) fn simple_statements(&mut self) -> Outcome<()> {
        let single = self.attempt(|p| {
            need!(p.simple_statement());
            ensure!(!p.at(T::Semicolon)?);
            p.token(T::Newline)
        })?;
        if single.is_some() {
            return Ok(Some(()));
        }
        need!(self.attempt(Self::simple_statement));
        self.repeated(|p| {
            need!(p.token(T::Semicolon));
            p.simple_statement()
        })?;
        self.accept(T::Semicolon)?;
        need!(self.token(T::Newline));
        Ok(Some(()))
    }

    pub(super) fn simple_statement(&mut self) -> Outcome<Node> {
        self.memoized(Rule::SimpleStatement, |p| {
            let start = p.peek()?.start;
            if p.attempt(Self::assignment)?.is_some() {
                return Ok(Some(p.node_from(Kind::Other, start)));
            }
            if p.attempt(Self::type_alias)?.is_some() {
                return Ok(Some(p.node_from(Kind::Other, start)));
            }
            if let Some(node) = p.attempt(Self::star_expressions)? {
                return Ok(Some(node));
            }
            let matched = match p.peek_kind()? {
                T::Return => p.return_statement(),
                T::Import | T::From => p.import_statement(),
                T::Raise => p.raise_statement(),
                T::Pass | T::Break | T::Continue => p.keyword_statement(),
                T::Del => p.del_statement(),
                T::Yield => p.yield_expression().map(|found| found.map(|_| ())),
                T::Assert => p.assert_statement(),
                T::Global | T::Nonlocal => p.declaration(),
                _ => Ok(None),
            };
            need!(matched);
            Ok(Some(p.node_from(Kind::Other, start)))
        })
    }

    fn keyword_statement(&mut self) -> Outcome<()> {
        need!(self.any_token(&[T::Pass, T::Break, T::Continue]));
        Ok(Some(()))
    }

    fn assignment(&mut self) -> Outcome<()> {
        let annotated = self.attempt(|p| {
            need!(p.name());
            need!(p.token(T::Colon));
            need!(p.expression());
            p.annotated_value()
        })?;
        if annotated.is_some() {
            return Ok(annotated);
        }
        let annotated = self.attempt(|p| {
            let grouped = p.attempt(|p| {
                need!(p.token(T::LeftParenthesis));
                need!(p.single_target());
                p.token(T::RightParenthesis)
            })?;
            if grouped.is_none() {
                need!(p.attempt(Self::single_subscript_attribute_target));
            }
            need!(p.token(T::Colon));
            need!(p.expression());
            p.annotated_value()
        })?;
        if annotated.is_some() {
            return Ok(annotated);
        }
        let assigned = self.attempt(|p| {
            need!(p.target_equals());
            p.repeated(Self::target_equals)?;
            need!(p.annotated_right_side());
            ensure!(!p.at(T::Equal)?);
            Ok(Some(()))
        })?;
        if assigned.is_some() {
            return Ok(assigned);
        }
        let mark = self.mark;
        if self.attempt(Self::single_target)?.is_some() && self.any_token(&AUGMENTED)?.is_some() {
            // From here on no other alternative is tried.
            need!(self.annotated_right_side());
            return Ok(Some(()));
        }
        self.mark = mark;
        self.invalid(Self::invalid_assignment)?;
        Ok(None)
    }

    fn target_equals(&mut self) -> Outcome<Node> {
        let target = need!(self.star_targets());
        need!(self.token(T::Equal));
        Ok(Some(target))
    }

    /// `= value` after an annotation, if it is there.
    fn annotated_value(&mut self) -> Outcome<()> {
        self.attempt(|p| {
            need!(p.token(T::Equal));
            p.annotated_right_side()
        })?;
        Ok(Some(()))
    }

    pub(super) fn annotated_right_side(&mut self) -> Outcome<Node> {
        if let Some(node) = self.attempt(Self::yield_expression)? {
            return Ok(Some(node));
        }
        self.star_expressions()
    }

    fn invalid_assignment(&mut self) -> Outcome<()> {
        self.ahead(|p| {
            let target = need!(p.invalid_annotation_target());
            need!(p.token(T::Colon));
            need!(p.expression());
            let what = target.kind.description();
            let message = format!("only single target (not {what}) can be annotated");
            Err::<Option<()>, _>(p.error_at(target, &message))
        })?;
        self.ahead(|p| {
            let target = need!(p.star_named_expression());
            need!(p.token(T::Comma));
            p.repeated(|p| p.star_named_expressions())?;
            need!(p.token(T::Colon));
            need!(p.expression());
            let message = "only single target (not tuple) can be annotated";
            Err::<Option<()>, _>(p.error_at(target, message))
        })?;
        self.ahead(|p| {
            let target = need!(p.expression());
            need!(p.token(T::Colon));
            need!(p.expression());
            Err::<Option<()>, _>(p.error_at(target, "illegal target for annotation"))
        })?;
        self.ahead(|p| {
            p.repeated(Self::target_equals)?;
            let target = need!(p.star_expressions());
            need!(p.token(T::Equal));
            p.check_target(target, Target::Assignment)
        })?;
        self.ahead(|p| {
            p.repeated(Self::target_equals)?;
            let target = need!(p.yield_expression());
            need!(p.token(T::Equal));
            let message = "assignment to yield expression not possible";
            Err::<Option<()>, _>(p.error_at(target, message))
        })?;
        self.ahead(|p| {
            let target = need!(p.star_expressions());
            need!(p.any_token(&AUGMENTED));
            need!(p.annotated_right_side());
            let what = target.kind.description();
            let message = format!("'{what}' is an illegal expression for augmented assignment");
            Err::<Option<()>, _>(p.error_at(target, &message))
        })?;
        Ok(None)
    }

    fn invalid_annotation_target(&mut self) -> Outcome<Node> {
        if let Some(node) = self.attempt(Self::list)? {
            return Ok(Some(node));
        }
        if let Some(node) = self.attempt(Self::tuple)? {
            return Ok(Some(node));
        }
        need!(self.token(T::LeftParenthesis));
        let inner = need!(self.invalid_annotation_target());
        need!(self.token(T::RightParenthesis));
        Ok(Some(inner))
    }

    fn return_statement(&mut self) -> Outcome<()> {
        need!(self.token(T::Return));
        self.attempt(Self::star_expressions)?;
        Ok(Some(()))
    }

    fn raise_statement(&mut self) -> Outcome<()> {
        let chained = self.attempt(|p| {
            need!(p.token(T::Raise));
            need!(p.expression());
            need!(p.token(T::From));
            p.expression()
        })?;
        if chained.is_some() {
            return Ok(Some(()));
        }
        need!(self.token(T::Raise));
        self.attempt(Self::expression)?;
        Ok(Some(()))
    }

    fn assert_statement(&mut self) -> Outcome<()> {
        need!(self.token(T::Assert));
        need!(self.expression());
        self.attempt(|p| {
            need!(p.token(T::Comma));
            p.expression()
        })?;
        Ok(Some(()))
    }

    fn declaration(&mut self) -> Outcome<()> {
        need!(self.any_token(&[T::Global, T::Nonlocal]));
        need!(self.gathered(Self::name));
        Ok(Some(()))
    }

    fn del_statement(&mut self) -> Outcome<()> {
        let deleted = self.attempt(|p| {
            need!(p.token(T::Del));
            need!(p.deletion_targets());
            ensure!(matches!(p.peek_kind()?, T::Semicolon | T::Newline));
            Ok(Some(()))
        })?;
        if deleted.is_some() {
            return Ok(deleted);
        }
        self.invalid(|p| {
            need!(p.token(T::Del));
            let target = need!(p.star_expressions());
            p.check_target(target, Target::Deletion)
        })?;
        Ok(None)
    }

    fn type_alias(&mut self) -> Outcome<()> {
        need!(self.soft_keyword("type"));
        need!(self.name());
        self.attempt(Self::type_parameters)?;
        need!(self.token(T::Equal));
        need!(self.expression());
        Ok(Some(()))
    }

    fn import_statement(&mut self) -> Outcome<()> {
        self.invalid(Self::invalid_import)?;
        let plain = self.attempt(|p| {
            need!(p.token(T::Import));
            p.gathered(Self::dotted_as_name)
        })?;
        if plain.is_some() {
            return Ok(Some(()));
        }
        need!(self.token(T::From));
        let dots = self.repeated(|p| p.any_token(&[T::Dot, T::Ellipsis]))?;
        let module = self.attempt(|p| {
            need!(p.dotted_name());
            p.token(T::Import)
        })?;
        if module.is_none() {
            ensure!(dots.is_some());
            need!(self.token(T::Import));
        }
        self.import_targets()
    }

    fn invalid_import(&mut self) -> Outcome<()> {
        let keyword = need!(self.token(T::Import));
        let list = self.attempt(|p| {
            need!(p.gathered(Self::dotted_name));
            need!(p.token(T::From));
            p.dotted_name()
        })?;
        if list.is_some() {
            let message = "Did you mean to use 'from ... import ...' instead?";
            return Err(self.error_from(keyword.start, message));
        }
        let newline = need!(self.token(T::Newline));
        Err(self.error_from_token(newline, "Expected one or more names after 'import'"))
    }

    fn import_targets(&mut self) -> Outcome<()> {
        let grouped = self.attempt(|p| {
            need!(p.token(T::LeftParenthesis));
            need!(p.gathered(Self::import_from_as_name));
            p.accept(T::Comma)?;
            p.token(T::RightParenthesis)
        })?;
        if grouped.is_some() {
            return Ok(Some(()));
        }
        let plain = self.attempt(|p| {
            need!(p.gathered(Self::import_from_as_name));
            ensure!(!p.at(T::Comma)?);
            Ok(Some(()))
        })?;
        if plain.is_some() || self.accept(T::Star)? {
            return Ok(Some(()));
        }
        self.invalid(|p| {
            if let Some(newline) = p.token(T::Newline)? {
                return Err(p.error_from_token(newline, "Expected one or more names after 'import'"));
            }
            need!(p.gathered(Self::import_from_as_name));
            need!(p.token(T::Comma));
            need!(p.token(T::Newline));
            let message = "trailing comma not allowed without surrounding parentheses";
            Err::<Option<()>, _>(p.error_at_last(message))
        })?;
        Ok(None)
    }

    fn import_from_as_name(&mut self) -> Outcome<Node> {
        self.invalid(|p| {
            need!(p.name());
            p.invalid_import_alias()
        })?;
        let name = need!(self.name());
        self.import_alias()?;
        Ok(Some(name))
    }

    fn dotted_as_name(&mut self) -> Outcome<Node> {
        self.invalid(|p| {
            need!(p.dotted_name());
            p.invalid_import_alias()
        })?;
        let name = need!(self.dotted_name());
        self.import_alias()?;
        Ok(Some(name))
    }

    fn import_alias(&mut self) -> Outcome<Node> {
        self.attempt(|p| {
            need!(p.token(T::As));
            p.name()
        })
    }

    /// `as` and something that is no plain name.
    fn invalid_import_alias(&mut self) -> Outcome<()> {
        need!(self.token(T::As));
        let fine = self.ahead(|p| {
            need!(p.name());
            p.any_token(&[T::Comma, T::RightParenthesis, T::Semicolon, T::Newline])
        })?;
        ensure!(!fine);
        let target = need!(self.expression());
        let message = format!("cannot use {} as import target", target.kind.description());
        Err(self.error_at(target, &message))
    }

    fn dotted_name(&mut self) -> Outcome<Node> {
        let first = need!(self.name());
        self.repeated(|p| {
            need!(p.token(T::Dot));
            p.name()
        })?;
        Ok(Some(self.node_from(Kind::Name, first.start)))
    }
}
