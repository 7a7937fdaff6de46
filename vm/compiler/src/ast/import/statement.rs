//! Statements.

use ruff_python_ast::{self as ast, ExceptHandler, Stmt, TypeParam};
use ruff_text_size::TextSize;

use super::{Importer, int, list};
use crate::ast::{Item, Node, NodeKind};
use crate::syntax::guard_stack;

macro_rules! make {
    ($variant:ident, $kind:ident, $range:expr $(, $field:ident $(: $value:expr)?)* $(,)?) => {
        Stmt::$variant(ast::$kind { node_index: Default::default(), range: $range, $($field $(: $value)?,)* })
    };
}

impl<'a> Importer<'a> {
    pub(super) fn statements(&mut self, items: &'a Item) -> Vec<Stmt> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        nodes.into_iter().map(|node| guard_stack(|| self.statement(node))).collect()
    }

    fn suite(&mut self, items: &'a Item) -> ast::Suite {
        self.statements(items).into_iter().collect()
    }

    fn statement(&mut self, node: &'a Node) -> Stmt {
        let span = node.span;
        match (node.kind, &node.fields[..]) {
            (NodeKind::FunctionDef | NodeKind::AsyncFunctionDef, fields) => return self.function(node, fields),
            (NodeKind::ClassDef, fields) => return self.class(node, fields),
            _ => {}
        }
        let start = self.places.begin(span);
        match (node.kind, &node.fields[..]) {
            (kind @ (NodeKind::For | NodeKind::AsyncFor), [target, iterable, body, rest, _]) => {
                let is_async = kind == NodeKind::AsyncFor;
                let (target, iter) = (self.boxed(target), self.boxed(iterable));
                let (body, orelse) = (self.suite(body), self.suite(rest));
                make!(For, StmtFor, self.places.end(start, span), is_async, target, iter, body, orelse)
            }
            (NodeKind::While, [test, body, rest]) => {
                let (test, body, orelse) = (self.boxed(test), self.suite(body), self.suite(rest));
                make!(While, StmtWhile, self.places.end(start, span), test, body, orelse)
            }
            (NodeKind::If, [test, body, rest]) => {
                let (test, body) = (self.boxed(test), self.suite(body));
                let elif_else_clauses = self.else_clauses(rest);
                make!(If, StmtIf, self.places.end(start, span), test, body, elif_else_clauses)
            }
            (kind @ (NodeKind::With | NodeKind::AsyncWith), [items, body, _]) => {
                let is_async = kind == NodeKind::AsyncWith;
                let (items, body) = (self.with_items(items), self.suite(body));
                make!(With, StmtWith, self.places.end(start, span), is_async, items, body)
            }
            (NodeKind::Match, [subject, cases]) => {
                let (subject, cases) = (self.boxed(subject), self.match_cases(cases));
                make!(Match, StmtMatch, self.places.end(start, span), subject, cases)
            }
            (kind @ (NodeKind::Try | NodeKind::TryStar), [body, handlers, rest, last]) => {
                let is_star = kind == NodeKind::TryStar;
                let (body, handlers) = (self.suite(body), self.handlers(handlers));
                let (orelse, finalbody) = (self.suite(rest), self.suite(last));
                make!(Try, StmtTry, self.places.end(start, span), body, handlers, orelse, finalbody, is_star)
            }
            _ => self.simple_statement(node, start),
        }
    }

    /// What follows `else`, as one clause.
    fn else_clauses(&mut self, rest: &'a Item) -> Vec<ast::ElifElseClause> {
        if list(rest).is_empty() {
            return Vec::new();
        }
        let start = self.places.here();
        let body = self.suite(rest);
        let range = self.range_from(start);
        vec![ast::ElifElseClause { node_index: Default::default(), range, test: None, body }]
    }

    fn simple_statement(&mut self, node: &'a Node, start: TextSize) -> Stmt {
        let span = node.span;
        match (node.kind, &node.fields[..]) {
            (NodeKind::Return, [value]) => {
                let value = self.optional(value);
                make!(Return, StmtReturn, self.places.end(start, span), value)
            }
            (NodeKind::Delete, [targets]) => {
                let targets = self.expressions(targets);
                make!(Delete, StmtDelete, self.places.end(start, span), targets)
            }
            (NodeKind::Assign, [targets, value, _]) => {
                let (targets, value) = (self.expressions(targets), self.boxed(value));
                make!(Assign, StmtAssign, self.places.end(start, span), targets, value)
            }
            (NodeKind::TypeAlias, [name, parameters, value]) => {
                let (name, type_params) = (self.boxed(name), self.type_parameters(parameters));
                let value = self.boxed(value);
                make!(TypeAlias, StmtTypeAlias, self.places.end(start, span), name, type_params, value)
            }
            (NodeKind::AugAssign, [target, operator, value]) => {
                let (target, op, value) = (self.boxed(target), self.operator(operator), self.boxed(value));
                make!(AugAssign, StmtAugAssign, self.places.end(start, span), target, op, value)
            }
            (NodeKind::AnnAssign, [target, annotation, value, simple]) => {
                let (target, annotation) = (self.boxed(target), self.boxed(annotation));
                let (value, simple) = (self.optional(value), int(simple) != 0);
                make!(AnnAssign, StmtAnnAssign, self.places.end(start, span), target, annotation, value, simple)
            }
            (NodeKind::Raise, [exception, cause]) => {
                let (exc, cause) = (self.optional(exception), self.optional(cause));
                make!(Raise, StmtRaise, self.places.end(start, span), exc, cause)
            }
            (NodeKind::Assert, [test, message]) => {
                let (test, msg) = (self.boxed(test), self.optional(message));
                make!(Assert, StmtAssert, self.places.end(start, span), test, msg)
            }
            (NodeKind::ExprStatement, [value]) => {
                let value = self.boxed(value);
                make!(Expr, StmtExpr, self.places.end(start, span), value)
            }
            _ => self.names_statement(node, start),
        }
    }

    fn names_statement(&mut self, node: &'a Node, start: TextSize) -> Stmt {
        let span = node.span;
        match (node.kind, &node.fields[..]) {
            (NodeKind::Import, [names]) => {
                let names = self.aliases(names);
                make!(Import, StmtImport, self.places.end(start, span), names, is_lazy: false)
            }
            (NodeKind::ImportFrom, [module, names, level]) => {
                let (module, names) = (self.optional_identifier(module), self.aliases(names));
                let level = int(level).max(0) as u32;
                make!(ImportFrom, StmtImportFrom, self.places.end(start, span), module, names, level, is_lazy: false)
            }
            (NodeKind::Global, [names]) => {
                let names = list(names).iter().map(|name| self.identifier(name)).collect();
                make!(Global, StmtGlobal, self.places.end(start, span), names)
            }
            (NodeKind::Nonlocal, [names]) => {
                let names = list(names).iter().map(|name| self.identifier(name)).collect();
                make!(Nonlocal, StmtNonlocal, self.places.end(start, span), names)
            }
            (NodeKind::Break, _) => make!(Break, StmtBreak, self.places.end(start, span)),
            (NodeKind::Continue, _) => make!(Continue, StmtContinue, self.places.end(start, span)),
            _ => make!(Pass, StmtPass, self.places.end(start, span)),
        }
    }

    fn decorators(&mut self, items: &'a Item) -> Vec<ast::Decorator> {
        list(items)
            .iter()
            .map(|item| {
                let start = self.places.here();
                let expression = self.expression(item);
                ast::Decorator { node_index: Default::default(), range: self.range_from(start), expression }
            })
            .collect()
    }

    fn function(&mut self, node: &'a Node, fields: &'a [Item]) -> Stmt {
        let outer = self.places.here();
        let [name, parameters, body, decorators, returns, _, type_parameters] = fields else {
            let start = self.places.begin(node.span);
            return make!(Pass, StmtPass, self.places.end(start, node.span));
        };
        let decorator_list: Vec<_> = self.decorators(decorators);
        let start = self.places.begin_word(node.span);
        let start = if decorator_list.is_empty() { start } else { outer };
        let name = self.identifier(name);
        let type_params = self.type_parameters(type_parameters);
        let parameters = Box::new(self.parameters(parameters));
        let returns = self.optional(returns);
        let body = self.suite(body);
        let range = self.places.end(start, node.span);
        Stmt::FunctionDef(ast::StmtFunctionDef {
            node_index: Default::default(),
            range,
            is_async: node.kind == NodeKind::AsyncFunctionDef,
            decorator_list: decorator_list.into_iter().collect(),
            name,
            type_params,
            parameters,
            returns,
            body,
        })
    }

    fn class(&mut self, node: &'a Node, fields: &'a [Item]) -> Stmt {
        let outer = self.places.here();
        let [name, bases, keywords, body, decorators, type_parameters] = fields else {
            let start = self.places.begin(node.span);
            return make!(Pass, StmtPass, self.places.end(start, node.span));
        };
        let decorator_list: Vec<_> = self.decorators(decorators);
        let start = self.places.begin_word(node.span);
        let start = if decorator_list.is_empty() { start } else { outer };
        let name = self.identifier(name);
        let type_params = self.type_parameters(type_parameters);
        let has_arguments = !list(bases).is_empty() || !list(keywords).is_empty();
        let arguments = has_arguments.then(|| Box::new(self.arguments(bases, keywords)));
        let body = self.suite(body);
        let range = self.places.end(start, node.span);
        Stmt::ClassDef(ast::StmtClassDef {
            node_index: Default::default(),
            range,
            decorator_list: decorator_list.into_iter().collect(),
            name,
            type_params,
            arguments,
            body,
        })
    }

    fn handlers(&mut self, items: &'a Item) -> Vec<ExceptHandler> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        nodes
            .into_iter()
            .map(|node| {
                let start = self.places.begin(node.span);
                let type_ = self.optional(&node.fields[0]);
                let name = self.optional_identifier(&node.fields[1]);
                let body = self.suite(&node.fields[2]);
                let range = self.places.end(start, node.span);
                let handler =
                    ast::ExceptHandlerExceptHandler { node_index: Default::default(), range, type_, name, body };
                ExceptHandler::ExceptHandler(handler)
            })
            .collect()
    }

    fn with_items(&mut self, items: &'a Item) -> Vec<ast::WithItem> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        nodes
            .into_iter()
            .map(|node| {
                let start = self.places.here();
                let context_expr = self.expression(&node.fields[0]);
                let optional_vars = self.optional(&node.fields[1]);
                let range = self.range_from(start);
                ast::WithItem { node_index: Default::default(), range, context_expr, optional_vars }
            })
            .collect()
    }

    fn aliases(&mut self, items: &'a Item) -> Vec<ast::Alias> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        nodes
            .into_iter()
            .map(|node| {
                let start = self.places.begin(node.span);
                let name = self.identifier(&node.fields[0]);
                let asname = self.optional_identifier(&node.fields[1]);
                let range = self.places.end(start, node.span);
                ast::Alias { node_index: Default::default(), range, name, asname }
            })
            .collect()
    }

    fn type_parameters(&mut self, items: &'a Item) -> Option<Box<ast::TypeParams>> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        if nodes.is_empty() {
            return None;
        }
        let start = self.places.here();
        let type_params = nodes.into_iter().map(|node| self.type_parameter(node)).collect();
        let range = self.range_from(start);
        Some(Box::new(ast::TypeParams { node_index: Default::default(), range, type_params }))
    }

    fn type_parameter(&mut self, node: &'a Node) -> TypeParam {
        let start = self.places.begin(node.span);
        let name = self.identifier(&node.fields[0]);
        let node_index = Default::default();
        match (node.kind, &node.fields[..]) {
            (NodeKind::TypeVar, [_, bound, default]) => {
                let (bound, default) = (self.optional(bound), self.optional(default));
                let range = self.places.end(start, node.span);
                TypeParam::TypeVar(ast::TypeParamTypeVar { node_index, range, name, bound, default })
            }
            (kind, fields) => {
                let default = fields.get(1).and_then(|default| self.optional(default));
                let range = self.places.end(start, node.span);
                if kind == NodeKind::ParamSpec {
                    TypeParam::ParamSpec(ast::TypeParamParamSpec { node_index, range, name, default })
                } else {
                    TypeParam::TypeVarTuple(ast::TypeParamTypeVarTuple { node_index, range, name, default })
                }
            }
        }
    }
}
