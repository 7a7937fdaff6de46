//! From the parser's nodes to a tree in CPython's form.
//!
//! Positions are CPython's where the parser has others: definitions begin behind their decorators, a lone generator
//! argument has the call's parentheses.

mod expression;
mod pattern;
mod statement;
mod string;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::{Constant, Item, Node, NodeId, NodeKind, Span, Tree};
use crate::syntax::{Mode, Module, ModuleBody, SourceText, guard_stack};

/// The tree of a parsed module.
pub fn export(module: &Module) -> Tree {
    let mut exporter = Exporter { source: &module.source, nodes: Vec::new() };
    let root = match &module.body {
        ModuleBody::Statements(tree) => {
            let body = exporter.statements(&tree.body);
            match module.mode {
                Mode::Single => exporter.plain(NodeKind::Interactive, vec![body]),
                _ => exporter.plain(NodeKind::Module, vec![body, Item::List(Vec::new())]),
            }
        }
        ModuleBody::Expression(tree) => {
            let body = exporter.expression(&tree.body);
            exporter.plain(NodeKind::Expression, vec![body])
        }
        ModuleBody::FunctionType { arguments, returns } => {
            let arguments = exporter.expressions(arguments);
            let returns = exporter.expression(returns);
            exporter.plain(NodeKind::FunctionType, vec![arguments, returns])
        }
    };
    let root = match root {
        Item::Node(root) => root,
        _ => NodeId(0),
    };
    Tree { nodes: exporter.nodes, root }
}

struct Exporter<'a> {
    source: &'a SourceText,
    nodes: Vec<Node>,
}

impl Exporter<'_> {
    fn push(&mut self, node: Node) -> Item {
        self.nodes.push(node);
        Item::Node(NodeId(self.nodes.len() as u32 - 1))
    }

    /// A node without position.
    fn plain(&mut self, kind: NodeKind, fields: Vec<Item>) -> Item {
        self.push(Node { kind, span: Span::default(), fields })
    }

    /// A node with a position.
    fn node(&mut self, kind: NodeKind, range: TextRange, fields: Vec<Item>) -> Item {
        let (start, end) = (self.source.position(range.start()), self.source.position(range.end()));
        let span = Span {
            line: start.line as i32,
            column: start.column as i32,
            end_line: end.line as i32,
            end_column: end.column as i32,
        };
        self.push(Node { kind, span, fields })
    }

    fn list<'n, T: 'n>(
        &mut self,
        items: impl IntoIterator<Item = &'n T>,
        one: impl Fn(&mut Self, &'n T) -> Item,
    ) -> Item {
        Item::List(items.into_iter().map(|item| one(self, item)).collect())
    }

    fn expressions<'n>(&mut self, expressions: impl IntoIterator<Item = &'n Expr>) -> Item {
        self.list(expressions, Self::expression)
    }

    fn optional(&mut self, expression: Option<&Expr>) -> Item {
        match expression {
            Some(expression) => self.expression(expression),
            None => Item::Nothing,
        }
    }

    fn expression(&mut self, expression: &Expr) -> Item {
        guard_stack(|| self.expression_node(expression, expression.range()))
    }

    fn constant(&mut self, range: TextRange, constant: Constant) -> Item {
        self.node(NodeKind::Constant, range, vec![Item::Constant(constant), Item::Nothing])
    }

    fn parameters(&mut self, parameters: Option<&ast::Parameters>) -> Item {
        let Some(parameters) = parameters else {
            let empty = || Item::List(Vec::new());
            let fields = vec![empty(), empty(), Item::Nothing, empty(), empty(), Item::Nothing, empty()];
            return self.plain(NodeKind::Arguments, fields);
        };
        let one = |this: &mut Self, parameter: &ast::ParameterWithDefault| this.parameter(&parameter.parameter);
        let positional_only = self.list(&parameters.posonlyargs, one);
        let positional = self.list(&parameters.args, one);
        let rest = parameters.vararg.as_ref().map_or(Item::Nothing, |parameter| self.parameter(parameter));
        let keyword_only = self.list(&parameters.kwonlyargs, one);
        let keyword_defaults =
            self.list(&parameters.kwonlyargs, |this, parameter| this.optional(parameter.default.as_deref()));
        let keywords = parameters.kwarg.as_ref().map_or(Item::Nothing, |parameter| self.parameter(parameter));
        let with_defaults = parameters.posonlyargs.iter().chain(&parameters.args);
        let defaults = self.expressions(with_defaults.filter_map(|parameter| parameter.default.as_deref()));
        let fields = vec![positional_only, positional, rest, keyword_only, keyword_defaults, keywords, defaults];
        self.plain(NodeKind::Arguments, fields)
    }

    fn parameter(&mut self, parameter: &ast::Parameter) -> Item {
        let annotation = self.optional(parameter.annotation.as_deref());
        let end =
            parameter.annotation.as_ref().map_or(parameter.name.range.end(), |annotation| annotation.range().end());
        let range = TextRange::new(parameter.name.range.start(), end);
        self.node(NodeKind::Arg, range, vec![identifier(&parameter.name), annotation, Item::Nothing])
    }

    fn keyword(&mut self, keyword: &ast::Keyword) -> Item {
        let value = self.expression(&keyword.value);
        self.node(NodeKind::Keyword, keyword.range, vec![optional_identifier(keyword.arg.as_ref()), value])
    }

    fn comprehension(&mut self, clause: &ast::Comprehension) -> Item {
        let target = self.expression(&clause.target);
        let iterable = self.expression(&clause.iter);
        let conditions = self.expressions(&clause.ifs);
        let fields = vec![target, iterable, conditions, Item::Int(clause.is_async.into())];
        self.plain(NodeKind::ComprehensionClause, fields)
    }
}

fn identifier(identifier: &ast::Identifier) -> Item {
    Item::Identifier(identifier.id.to_string())
}

fn optional_identifier(name: Option<&ast::Identifier>) -> Item {
    name.map_or(Item::Nothing, identifier)
}
