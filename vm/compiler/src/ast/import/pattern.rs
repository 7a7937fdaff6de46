//! Patterns of `match`.

use ruff_python_ast::{self as ast, Pattern, Singleton};
use ruff_text_size::TextRange;

use super::{Importer, list};
use crate::ast::{Constant, Item, Node, NodeKind};
use crate::syntax::guard_stack;

macro_rules! make {
    ($variant:ident, $kind:ident, $range:expr $(, $field:ident $(: $value:expr)?)* $(,)?) => {
        Pattern::$variant(ast::$kind { node_index: Default::default(), range: $range, $($field $(: $value)?,)* })
    };
}

impl<'a> Importer<'a> {
    pub(super) fn match_cases(&mut self, items: &'a Item) -> Vec<ast::MatchCase> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        nodes
            .into_iter()
            .map(|node| {
                let start = self.places.here();
                let pattern = self.pattern(&node.fields[0]);
                let guard = self.optional(&node.fields[1]);
                let body = self.statements(&node.fields[2]).into_iter().collect();
                let range = self.range_from(start);
                ast::MatchCase { node_index: Default::default(), range, pattern, guard, body }
            })
            .collect()
    }

    fn patterns(&mut self, items: &'a Item) -> Vec<Pattern> {
        list(items).iter().map(|item| self.pattern(item)).collect()
    }

    fn pattern(&mut self, item: &'a Item) -> Pattern {
        match self.node_of(item) {
            Some(node) => guard_stack(|| self.pattern_node(node)),
            None => {
                let range = TextRange::empty(self.places.here());
                make!(MatchSingleton, PatternMatchSingleton, range, value: Singleton::None)
            }
        }
    }

    fn pattern_node(&mut self, node: &'a Node) -> Pattern {
        let span = node.span;
        let start = self.places.begin(span);
        match (node.kind, &node.fields[..]) {
            (NodeKind::MatchValue, [value]) => {
                let value = self.boxed(value);
                make!(MatchValue, PatternMatchValue, self.places.end(start, span), value)
            }
            (NodeKind::MatchSequence, [patterns]) => {
                let patterns = self.patterns(patterns);
                make!(MatchSequence, PatternMatchSequence, self.places.end(start, span), patterns)
            }
            (NodeKind::MatchMapping, [keys, patterns, rest]) => {
                let (mut key_list, mut pattern_list) = (Vec::new(), Vec::new());
                for (key, pattern) in list(keys).iter().zip(list(patterns)) {
                    key_list.push(self.expression(key));
                    pattern_list.push(self.pattern(pattern));
                }
                let rest = self.optional_identifier(rest);
                let (keys, patterns) = (key_list.into_iter().collect(), pattern_list.into_iter().collect());
                make!(MatchMapping, PatternMatchMapping, self.places.end(start, span), keys, patterns, rest)
            }
            (NodeKind::MatchClass, [class, patterns, names, values]) => {
                let cls = self.boxed(class);
                let arguments = self.pattern_arguments(patterns, names, values);
                make!(MatchClass, PatternMatchClass, self.places.end(start, span), cls, arguments)
            }
            (NodeKind::MatchStar, [name]) => {
                let name = self.optional_identifier(name);
                make!(MatchStar, PatternMatchStar, self.places.end(start, span), name)
            }
            (NodeKind::MatchAs, [pattern, name]) => {
                let pattern = match pattern {
                    Item::Nothing => None,
                    pattern => Some(Box::new(self.pattern(pattern))),
                };
                let name = self.optional_identifier(name);
                make!(MatchAs, PatternMatchAs, self.places.end(start, span), pattern, name)
            }
            (NodeKind::MatchOr, [patterns]) => {
                let patterns = self.patterns(patterns);
                make!(MatchOr, PatternMatchOr, self.places.end(start, span), patterns)
            }
            (_, fields) => {
                let value = match fields.first() {
                    Some(Item::Constant(Constant::Bool(true))) => Singleton::True,
                    Some(Item::Constant(Constant::Bool(false))) => Singleton::False,
                    _ => Singleton::None,
                };
                make!(MatchSingleton, PatternMatchSingleton, self.places.end(start, span), value)
            }
        }
    }

    fn pattern_arguments(&mut self, patterns: &'a Item, names: &'a Item, values: &'a Item) -> ast::PatternArguments {
        let start = self.places.here();
        let patterns = self.patterns(patterns).into_iter().collect();
        let keywords = list(names)
            .iter()
            .zip(list(values))
            .map(|(name, value)| {
                let start = self.places.here();
                let attr = self.identifier(name);
                let pattern = self.pattern(value);
                let range = self.range_from(start);
                ast::PatternKeyword { node_index: Default::default(), range, attr, pattern }
            })
            .collect();
        ast::PatternArguments { node_index: Default::default(), range: self.range_from(start), patterns, keywords }
    }
}
