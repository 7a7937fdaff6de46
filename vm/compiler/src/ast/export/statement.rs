//! Statements.

use ruff_python_ast::{self as ast, ExceptHandler, Stmt, TypeParam};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::expression::operator;
use super::{Exporter, identifier, optional_identifier};
use crate::ast::{Item, NodeKind};
use crate::syntax::guard_stack;

impl Exporter<'_> {
    pub(super) fn statements(&mut self, statements: &[Stmt]) -> Item {
        self.list(statements, |this, statement| guard_stack(|| this.statement(statement)))
    }

    fn statement(&mut self, statement: &Stmt) -> Item {
        let (kind, fields) = match statement {
            Stmt::FunctionDef(node) => return self.function(node),
            Stmt::ClassDef(node) => return self.class(node),
            Stmt::If(node) => return self.conditional(node),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::For(node) => {
                let kind = if node.is_async { NodeKind::AsyncFor } else { NodeKind::For };
                let (target, iterable) = (self.expression(&node.target), self.expression(&node.iter));
                let (body, rest) = (self.statements(&node.body), self.statements(&node.orelse));
                (kind, vec![target, iterable, body, rest, Item::Nothing])
            }
            Stmt::While(node) => {
                let test = self.expression(&node.test);
                (NodeKind::While, vec![test, self.statements(&node.body), self.statements(&node.orelse)])
            }
            Stmt::With(node) => {
                let kind = if node.is_async { NodeKind::AsyncWith } else { NodeKind::With };
                let items = self.list(&node.items, Self::with_item);
                (kind, vec![items, self.statements(&node.body), Item::Nothing])
            }
            Stmt::Match(node) => {
                let subject = self.expression(&node.subject);
                (NodeKind::Match, vec![subject, self.list(&node.cases, Self::match_case)])
            }
            _ => self.simple_statement(statement),
        };
        let range = match kind {
            NodeKind::For
            | NodeKind::AsyncFor
            | NodeKind::While
            | NodeKind::With
            | NodeKind::AsyncWith
            | NodeKind::Match
            | NodeKind::Try
            | NodeKind::TryStar => self.compound_range(statement.range()),
            _ => statement.range(),
        };
        self.node(kind, range, fields)
    }

    /// The range of a compound statement: a semicolon behind its last statement belongs to it.
    fn compound_range(&self, range: TextRange) -> TextRange {
        let rest = &self.source.text()[range.end().to_usize()..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match rest[blank..].starts_with(';') {
            true => TextRange::new(range.start(), range.end() + TextSize::new(blank as u32 + 1)),
            false => range,
        }
    }

    fn simple_statement(&mut self, statement: &Stmt) -> (NodeKind, Vec<Item>) {
        match statement {
            Stmt::Return(node) => (NodeKind::Return, vec![self.optional(node.value.as_deref())]),
            Stmt::Delete(node) => (NodeKind::Delete, vec![self.expressions(&node.targets)]),
            Stmt::Assign(node) => {
                let targets = self.expressions(&node.targets);
                (NodeKind::Assign, vec![targets, self.expression(&node.value), Item::Nothing])
            }
            Stmt::TypeAlias(node) => {
                let name = self.expression(&node.name);
                let parameters = self.type_parameters(node.type_params.as_deref());
                (NodeKind::TypeAlias, vec![name, parameters, self.expression(&node.value)])
            }
            Stmt::AugAssign(node) => {
                let target = self.expression(&node.target);
                let operator = self.plain(operator(node.op), Vec::new());
                (NodeKind::AugAssign, vec![target, operator, self.expression(&node.value)])
            }
            Stmt::AnnAssign(node) => {
                let (target, annotation) = (self.expression(&node.target), self.expression(&node.annotation));
                let value = self.optional(node.value.as_deref());
                (NodeKind::AnnAssign, vec![target, annotation, value, Item::Int(node.simple.into())])
            }
            Stmt::Raise(node) => {
                (NodeKind::Raise, vec![self.optional(node.exc.as_deref()), self.optional(node.cause.as_deref())])
            }
            Stmt::Assert(node) => {
                (NodeKind::Assert, vec![self.expression(&node.test), self.optional(node.msg.as_deref())])
            }
            Stmt::Import(node) => (NodeKind::Import, vec![self.list(&node.names, Self::alias)]),
            Stmt::ImportFrom(node) => {
                let names = self.list(&node.names, Self::alias);
                let level = Item::Int(i32::try_from(node.level).unwrap_or(i32::MAX));
                (NodeKind::ImportFrom, vec![optional_identifier(node.module.as_ref()), names, level])
            }
            Stmt::Global(node) => (NodeKind::Global, vec![self.list(&node.names, |_, name| identifier(name))]),
            Stmt::Nonlocal(node) => (NodeKind::Nonlocal, vec![self.list(&node.names, |_, name| identifier(name))]),
            Stmt::Expr(node) => (NodeKind::ExprStatement, vec![self.expression(&node.value)]),
            Stmt::Break(_) => (NodeKind::Break, Vec::new()),
            Stmt::Continue(_) => (NodeKind::Continue, Vec::new()),
            _ => (NodeKind::Pass, Vec::new()),
        }
    }

    /// The range of a definition without its decorators.
    fn definition_range(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let range = self.compound_range(range);
        let Some(last) = decorators.last() else { return range };
        let mut at = last.range.end().to_usize();
        let text = &self.source.text()[..range.end().to_usize()];
        while let Some(first) = text[at..].chars().next() {
            match first {
                '#' => at += text[at..].find('\n').unwrap_or(text.len() - at),
                first if first.is_alphabetic() => break,
                first => at += first.len_utf8(),
            }
        }
        TextRange::new((at as u32).into(), range.end())
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> Item {
        self.list(decorators, |this, decorator| this.expression(&decorator.expression))
    }

    fn function(&mut self, node: &ast::StmtFunctionDef) -> Item {
        let parameters = self.parameters(Some(&node.parameters));
        let body = self.statements(&node.body);
        let decorators = self.decorators(&node.decorator_list);
        let returns = self.optional(node.returns.as_deref());
        let type_parameters = self.type_parameters(node.type_params.as_deref());
        let name = identifier(&node.name);
        let fields = vec![name, parameters, body, decorators, returns, Item::Nothing, type_parameters];
        let kind = if node.is_async { NodeKind::AsyncFunctionDef } else { NodeKind::FunctionDef };
        self.node(kind, self.definition_range(node.range, &node.decorator_list), fields)
    }

    fn class(&mut self, node: &ast::StmtClassDef) -> Item {
        let (bases, keywords) = match &node.arguments {
            Some(arguments) => (self.expressions(&*arguments.args), self.list(&arguments.keywords, Self::keyword)),
            None => (Item::List(Vec::new()), Item::List(Vec::new())),
        };
        let body = self.statements(&node.body);
        let decorators = self.decorators(&node.decorator_list);
        let type_parameters = self.type_parameters(node.type_params.as_deref());
        let fields = vec![identifier(&node.name), bases, keywords, body, decorators, type_parameters];
        self.node(NodeKind::ClassDef, self.definition_range(node.range, &node.decorator_list), fields)
    }

    /// `elif` is an `if` in the `else` of the one before.
    fn conditional(&mut self, node: &ast::StmtIf) -> Item {
        let test = self.expression(&node.test);
        let body = self.statements(&node.body);
        let clauses: Vec<_> = node
            .elif_else_clauses
            .iter()
            .map(|clause| {
                let test = clause.test.as_ref().map(|test| self.expression(test));
                (test, self.statements(&clause.body), clause.range)
            })
            .collect();
        let whole = self.compound_range(node.range);
        let end = whole.end();
        let mut rest = Item::List(Vec::new());
        for (test, body, range) in clauses.into_iter().rev() {
            rest = match test {
                Some(test) => {
                    let range = TextRange::new(range.start(), end);
                    Item::List(vec![self.node(NodeKind::If, range, vec![test, body, rest])])
                }
                None => body,
            };
        }
        self.node(NodeKind::If, whole, vec![test, body, rest])
    }

    fn try_statement(&mut self, node: &ast::StmtTry) -> (NodeKind, Vec<Item>) {
        let kind = if node.is_star { NodeKind::TryStar } else { NodeKind::Try };
        let body = self.statements(&node.body);
        let handlers = self.list(&node.handlers, |this, handler| {
            let ExceptHandler::ExceptHandler(handler) = handler;
            let class = this.optional(handler.type_.as_deref());
            let body = this.statements(&handler.body);
            let fields = vec![class, optional_identifier(handler.name.as_ref()), body];
            this.node(NodeKind::ExceptHandler, this.compound_range(handler.range), fields)
        });
        (kind, vec![body, handlers, self.statements(&node.orelse), self.statements(&node.finalbody)])
    }

    fn with_item(&mut self, item: &ast::WithItem) -> Item {
        let context = self.expression(&item.context_expr);
        let target = self.optional(item.optional_vars.as_deref());
        self.plain(NodeKind::WithItem, vec![context, target])
    }

    fn alias(&mut self, alias: &ast::Alias) -> Item {
        let fields = vec![identifier(&alias.name), optional_identifier(alias.asname.as_ref())];
        self.node(NodeKind::Alias, alias.range, fields)
    }

    fn type_parameters(&mut self, parameters: Option<&ast::TypeParams>) -> Item {
        let parameters = parameters.map_or(&[][..], |parameters| &parameters.type_params);
        self.list(parameters, |this, parameter| {
            let (kind, fields) = match parameter {
                TypeParam::TypeVar(node) => {
                    let bound = this.optional(node.bound.as_deref());
                    (NodeKind::TypeVar, vec![identifier(&node.name), bound, this.optional(node.default.as_deref())])
                }
                TypeParam::ParamSpec(node) => {
                    (NodeKind::ParamSpec, vec![identifier(&node.name), this.optional(node.default.as_deref())])
                }
                TypeParam::TypeVarTuple(node) => {
                    (NodeKind::TypeVarTuple, vec![identifier(&node.name), this.optional(node.default.as_deref())])
                }
            };
            this.node(kind, parameter.range(), fields)
        })
    }
}
