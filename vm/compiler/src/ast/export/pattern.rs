//! Patterns of `match`.

use ruff_python_ast::{self as ast, Pattern, Singleton};
use ruff_text_size::Ranged;

use super::{Exporter, identifier, optional_identifier};
use crate::ast::{Constant, Item, NodeKind};
use crate::syntax::guard_stack;

impl Exporter<'_> {
    pub(super) fn match_case(&mut self, case: &ast::MatchCase) -> Item {
        let pattern = self.pattern(&case.pattern);
        let guard = self.optional(case.guard.as_deref());
        let body = self.statements(&case.body);
        self.plain(NodeKind::MatchCase, vec![pattern, guard, body])
    }

    fn pattern(&mut self, pattern: &Pattern) -> Item {
        guard_stack(|| self.pattern_node(pattern))
    }

    fn pattern_node(&mut self, pattern: &Pattern) -> Item {
        let (kind, fields) = match pattern {
            Pattern::MatchValue(node) => (NodeKind::MatchValue, vec![self.expression(&node.value)]),
            Pattern::MatchSingleton(node) => {
                let constant = match node.value {
                    Singleton::None => Constant::None,
                    Singleton::True => Constant::Bool(true),
                    Singleton::False => Constant::Bool(false),
                };
                (NodeKind::MatchSingleton, vec![Item::Constant(constant)])
            }
            Pattern::MatchSequence(node) => (NodeKind::MatchSequence, vec![self.list(&node.patterns, Self::pattern)]),
            Pattern::MatchMapping(node) => {
                let keys = self.expressions(&node.keys);
                let patterns = self.list(&node.patterns, Self::pattern);
                (NodeKind::MatchMapping, vec![keys, patterns, optional_identifier(node.rest.as_ref())])
            }
            Pattern::MatchClass(node) => {
                let class = self.expression(&node.cls);
                let patterns = self.list(&node.arguments.patterns, Self::pattern);
                let keywords = &node.arguments.keywords;
                let names = self.list(keywords, |_, keyword| identifier(&keyword.attr));
                let values = self.list(keywords, |this, keyword| this.pattern(&keyword.pattern));
                (NodeKind::MatchClass, vec![class, patterns, names, values])
            }
            Pattern::MatchStar(node) => (NodeKind::MatchStar, vec![optional_identifier(node.name.as_ref())]),
            Pattern::MatchAs(node) => {
                let inner = node.pattern.as_ref().map_or(Item::Nothing, |pattern| self.pattern(pattern));
                (NodeKind::MatchAs, vec![inner, optional_identifier(node.name.as_ref())])
            }
            Pattern::MatchOr(node) => (NodeKind::MatchOr, vec![self.list(&node.patterns, Self::pattern)]),
        };
        self.node(kind, pattern.range(), fields)
    }
}
