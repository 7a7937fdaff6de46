//! What the recognizer knows of an expression: its kind, its range, and whether it can be a target.

use ruff_text_size::{TextRange, TextSize};

use super::Recognizer;
use crate::syntax::token::{Token, TokenKind};

/// Kinds of expressions, as far as messages tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Attribute,
    Await,
    Call,
    /// A comparison whose first operator is `in`; the left side is its child.
    ComparisonIn,
    Comparison,
    Conditional,
    Dict,
    DictComprehension,
    Ellipsis,
    /// Arithmetic and boolean operators.
    Expression,
    FString,
    False,
    Generator,
    Lambda,
    List,
    ListComprehension,
    Literal,
    Name,
    Named,
    None,
    Set,
    SetComprehension,
    Starred,
    Subscript,
    TString,
    True,
    Tuple,
    Yield,
    /// Not an expression.
    Other,
}

impl Kind {
    /// How messages call it.
    pub(super) fn description(self) -> &'static str {
        match self {
            Kind::Attribute => "attribute",
            Kind::Await => "await expression",
            Kind::Call => "function call",
            Kind::ComparisonIn | Kind::Comparison => "comparison",
            Kind::Conditional => "conditional expression",
            Kind::Dict => "dict literal",
            Kind::DictComprehension => "dict comprehension",
            Kind::Ellipsis => "ellipsis",
            Kind::Expression | Kind::Other => "expression",
            Kind::FString => "f-string expression",
            Kind::False => "False",
            Kind::Generator => "generator expression",
            Kind::Lambda => "lambda",
            Kind::List => "list",
            Kind::ListComprehension => "list comprehension",
            Kind::Literal => "literal",
            Kind::Name => "name",
            Kind::Named => "named expression",
            Kind::None => "None",
            Kind::Set => "set display",
            Kind::SetComprehension => "set comprehension",
            Kind::Starred => "starred",
            Kind::Subscript => "subscript",
            Kind::TString => "t-string expression",
            Kind::True => "True",
            Kind::Tuple => "tuple",
            Kind::Yield => "yield expression",
        }
    }
}

/// An expression, or another stretch of source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Children in [`Recognizer::children`].
    pub(super) first_child: u32,
    pub(super) child_count: u32,
}

impl Node {
    pub(super) fn new(kind: Kind, start: u32, end: u32) -> Node {
        Node { kind, start, end, first_child: 0, child_count: 0 }
    }

    pub(super) fn of(kind: Kind, token: Token) -> Node {
        Node::new(kind, token.start, token.end)
    }

    pub(super) fn range(self) -> TextRange {
        TextRange::new(TextSize::new(self.start), TextSize::new(self.end))
    }
}

/// What a wrong target was meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Assignment,
    Deletion,
    For,
}

impl Recognizer<'_> {
    /// A node from a position to the last token taken.
    pub(super) fn node_from(&self, kind: Kind, start: u32) -> Node {
        Node::new(kind, start, self.last_end())
    }

    /// Where the last token taken ends.
    pub(super) fn last_end(&self) -> u32 {
        self.mark.checked_sub(1).map_or(0, |last| self.tokens[last].end)
    }

    /// The token before the next.
    pub(super) fn previous(&self) -> Token {
        self.tokens[self.mark.saturating_sub(1)]
    }

    pub(super) fn with_children(&mut self, mut node: Node, children: &[Node]) -> Node {
        node.first_child = self.children.len() as u32;
        node.child_count = children.len() as u32;
        self.children.extend_from_slice(children);
        node
    }

    fn children_of(&self, node: Node) -> &[Node] {
        let first = node.first_child as usize;
        &self.children[first..first + node.child_count as usize]
    }

    /// The first part of an expression that cannot be assigned to (or deleted).
    pub(super) fn invalid_target(&self, node: Node, target: Target) -> Option<Node> {
        match node.kind {
            Kind::List | Kind::Tuple => {
                self.children_of(node).iter().find_map(|&child| self.invalid_target(child, target))
            }
            Kind::Starred if target == Target::Deletion => Some(node),
            Kind::Starred => self.invalid_target(*self.children_of(node).first()?, target),
            Kind::ComparisonIn if target == Target::For => {
                self.invalid_target(*self.children_of(node).first()?, target)
            }
            Kind::Comparison if target == Target::For => None,
            Kind::Name | Kind::Subscript | Kind::Attribute => None,
            _ => Some(node),
        }
    }

    /// A name token as a node.
    pub(super) fn name(&mut self) -> super::Outcome<Node> {
        Ok(self.token(TokenKind::Name)?.map(|token| Node::of(Kind::Name, token)))
    }
}
