//! Syntax trees as Python's `ast` module has them, apart from any object and from the parser's own nodes.
//!
//! [`export`] turns a parsed module into such a tree, [`import`] turns a tree (made of whatever nodes a program has put
//! together) into what the symbol table and the code generator take. Nodes lie in one vector, so that trees of any depth
//! are dropped flat.

mod export;
mod import;
mod table;
mod validate;

use countless_common::wtf8::Wtf8Buf;

use crate::syntax::literal::Integer;

pub use export::export;
pub use import::{import, mode_of};
pub use table::{Count, Field, FieldType, Group, NodeKind};
pub use validate::{Invalid, validate, validate_names};

/// The place of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(pub u32);

/// Where a node stands: lines from 1, columns in UTF-8 bytes from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// `lineno`
    pub line: i32,
    /// `col_offset`
    pub column: i32,
    /// `end_lineno`
    pub end_line: i32,
    /// `end_col_offset`
    pub end_column: i32,
}

/// A constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// `None`
    None,
    /// `...`
    Ellipsis,
    /// `True` or `False`
    Bool(bool),
    /// An int.
    Integer(Integer),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A string.
    Str(Wtf8Buf),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A tuple of constants.
    Tuple(Vec<Constant>),
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// None.
    Nothing,
    /// A node.
    Node(NodeId),
    /// A list.
    List(Vec<Item>),
    /// A name.
    Identifier(String),
    /// A string.
    Text(Wtf8Buf),
    /// A small int.
    Int(i32),
    /// A constant.
    Constant(Constant),
}

/// A node: its fields are in the order of [`NodeKind::fields`].
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its class.
    pub kind: NodeKind,
    /// Its place, if its group has one.
    pub span: Span,
    /// Its fields.
    pub fields: Vec<Item>,
}

/// A tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The nodes; children stand before their parents.
    pub nodes: Vec<Node>,
    /// The outermost node.
    pub root: NodeId,
}

impl Tree {
    /// A node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// How deep the tree is.
    pub fn depth(&self) -> usize {
        let mut depths: Vec<u32> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let mut deepest = 0;
            let mut items: Vec<&Item> = node.fields.iter().collect();
            while let Some(item) = items.pop() {
                match item {
                    Item::Node(id) => deepest = deepest.max(depths.get(id.0 as usize).copied().unwrap_or(0)),
                    Item::List(list) => items.extend(list),
                    _ => {}
                }
            }
            depths.push(deepest + 1);
        }
        depths.last().map_or(0, |&depth| depth as usize)
    }
}
