//! From a tree to what the symbol table and the code generator take.
//!
//! The tree has passed [`validate`](super::validate): lists have the lengths that belong together, contexts are right,
//! what must be there is. What is wrong all the same is taken for something harmless, not for a panic.

mod expression;
mod pattern;
mod place;
mod statement;
mod string;

use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr, ModExpression, ModModule};
use ruff_text_size::{TextRange, TextSize};

use super::{Item, Node, NodeId, NodeKind, Span, Tree};
use crate::syntax::{Mode, Module, ModuleBody, ParseOptions, SyntaxError, SyntaxErrorKind, guard_stack};
use place::Places;

/// Levels of nodes of the parser's tree for one of this tree, at most.
const LEVELS_PER_NODE: usize = 4;

/// Makes a module of a tree. `options.mode` is the mode of the tree's root.
pub fn import(tree: &Tree, filename: &str, options: ParseOptions) -> Result<Module, SyntaxError> {
    let mut importer = Importer { tree, places: Places::default() };
    let whole = Span { line: 1, ..Span::default() };
    let start = importer.places.begin(whole);
    let root = tree.node(tree.root);
    let body = match root.kind {
        NodeKind::Expression => {
            let body = Box::new(importer.expression(&root.fields[0]));
            let range = importer.places.end(start, whole);
            ModuleBody::Expression(ModExpression { node_index: Default::default(), range, body })
        }
        NodeKind::FunctionType => {
            let arguments = importer.expressions(&root.fields[0]);
            let returns = Box::new(importer.expression(&root.fields[1]));
            ModuleBody::FunctionType { arguments, returns }
        }
        _ => {
            let body = importer.statements(&root.fields[0]).into_iter().collect();
            let range = importer.places.end(start, whole);
            ModuleBody::Statements(ModModule { node_index: Default::default(), range, body })
        }
    };
    if importer.places.is_full() {
        return Err(SyntaxError::without_place(SyntaxErrorKind::MemoryError, "tree too large"));
    }
    Ok(Module {
        body,
        source: Arc::new(importer.places.finish(filename)),
        mode: options.mode,
        future: options.future,
        warnings: Vec::new(),
        allow_top_level_await: options.allow_top_level_await,
        levels: tree.depth() * LEVELS_PER_NODE,
    })
}

/// The mode that a root node belongs to.
pub fn mode_of(kind: NodeKind) -> Mode {
    match kind {
        NodeKind::Interactive => Mode::Single,
        NodeKind::Expression => Mode::Eval,
        NodeKind::FunctionType => Mode::FunctionType,
        _ => Mode::Exec,
    }
}

struct Importer<'a> {
    tree: &'a Tree,
    places: Places,
}

impl<'a> Importer<'a> {
    fn node_of(&self, item: &Item) -> Option<&'a Node> {
        match item {
            Item::Node(NodeId(id)) => self.tree.nodes.get(*id as usize),
            _ => None,
        }
    }

    fn kind_of(&self, item: &Item) -> Option<NodeKind> {
        self.node_of(item).map(|node| node.kind)
    }

    fn expressions(&mut self, items: &'a Item) -> Vec<Expr> {
        list(items).iter().map(|item| self.expression(item)).collect()
    }

    fn optional(&mut self, item: &'a Item) -> Option<Box<Expr>> {
        match item {
            Item::Nothing => None,
            item => Some(Box::new(self.expression(item))),
        }
    }

    fn boxed(&mut self, item: &'a Item) -> Box<Expr> {
        Box::new(self.expression(item))
    }

    fn expression(&mut self, item: &'a Item) -> Expr {
        let Some(node) = self.node_of(item) else {
            let range = TextRange::empty(self.places.here());
            return Expr::NoneLiteral(ast::ExprNoneLiteral { node_index: Default::default(), range });
        };
        guard_stack(|| self.expression_node(node))
    }

    /// A name; errors about it point to where writing has got to.
    fn identifier(&self, item: &Item) -> ast::Identifier {
        ast::Identifier::new(text(item), TextRange::empty(self.places.here()))
    }

    fn optional_identifier(&self, item: &Item) -> Option<ast::Identifier> {
        match item {
            Item::Nothing => None,
            item => Some(self.identifier(item)),
        }
    }

    fn parameters(&mut self, item: &'a Item) -> ast::Parameters {
        let start = self.places.here();
        let Some(node) = self.node_of(item) else { return ast::Parameters::default() };
        let [positional_only, positional, rest, keyword_only, keyword_defaults, keywords, defaults] = &node.fields[..]
        else {
            return ast::Parameters::default();
        };
        let (first, second, defaults) = (list(positional_only), list(positional), list(defaults));
        // The defaults belong to the last parameters.
        let without = (first.len() + second.len()).saturating_sub(defaults.len());
        let default = |index: usize| index.checked_sub(without).and_then(|index| defaults.get(index));
        let posonlyargs =
            first.iter().enumerate().map(|(index, item)| self.with_default(item, default(index))).collect();
        let args = second
            .iter()
            .enumerate()
            .map(|(index, item)| self.with_default(item, default(first.len() + index)))
            .collect();
        let vararg = self.parameter(rest).map(Box::new);
        let keyword_defaults = list(keyword_defaults);
        let kwonlyargs = list(keyword_only)
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let default = keyword_defaults.get(index).filter(|default| **default != Item::Nothing);
                self.with_default(item, default)
            })
            .collect();
        let kwarg = self.parameter(keywords).map(Box::new);
        let range = self.range_from(start);
        ast::Parameters { node_index: Default::default(), range, posonlyargs, args, vararg, kwonlyargs, kwarg }
    }

    fn with_default(&mut self, item: &'a Item, default: Option<&'a Item>) -> ast::ParameterWithDefault {
        let start = self.places.here();
        let parameter = self.parameter(item).unwrap_or_else(|| ast::Parameter {
            node_index: Default::default(),
            range: TextRange::empty(start),
            name: ast::Identifier::new("", TextRange::empty(start)),
            annotation: None,
        });
        let default = default.map(|default| self.boxed(default));
        ast::ParameterWithDefault { node_index: Default::default(), range: self.range_from(start), parameter, default }
    }

    fn parameter(&mut self, item: &'a Item) -> Option<ast::Parameter> {
        let node = self.node_of(item)?;
        let start = self.places.begin(node.span);
        let name = self.identifier(&node.fields[0]);
        let annotation = self.optional(&node.fields[1]);
        let range = self.places.end(start, node.span);
        Some(ast::Parameter { node_index: Default::default(), range, name, annotation })
    }

    fn keywords(&mut self, items: &'a Item) -> Vec<ast::Keyword> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        nodes
            .into_iter()
            .map(|node| {
                let start = self.places.begin(node.span);
                let arg = self.optional_identifier(&node.fields[0]);
                let value = self.expression(&node.fields[1]);
                let range = self.places.end(start, node.span);
                ast::Keyword { node_index: Default::default(), range, arg, value }
            })
            .collect()
    }

    fn arguments(&mut self, positional: &'a Item, keywords: &'a Item) -> ast::Arguments {
        let start = self.places.here();
        let args = self.expressions(positional).into();
        let keywords = self.keywords(keywords).into_iter().collect();
        ast::Arguments { node_index: Default::default(), range: self.range_from(start), args, keywords }
    }

    /// The range of something without a position, which began at `start`.
    fn range_from(&mut self, start: TextSize) -> TextRange {
        self.places.write(" ");
        TextRange::new(start, self.places.here())
    }
}

/// The items of a list.
fn list(item: &Item) -> &[Item] {
    match item {
        Item::List(items) => items,
        _ => &[],
    }
}

/// The text of a name.
fn text(item: &Item) -> &str {
    match item {
        Item::Identifier(name) => name,
        _ => "",
    }
}

/// The small int of a field.
fn int(item: &Item) -> i32 {
    match item {
        Item::Int(int) => *int,
        _ => 0,
    }
}
