//! `cell`: a variable shared by a function and the functions nested in it.

use countless_gc::{Header, Tracer};

use super::ids;
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::value::Value;
use crate::runtime::context::Cx;

/// The cell: its contents, unbound while the variable has no value.
#[repr(C)]
pub struct CellObject {
    header: Header,
    contents: Field,
}

/// The layout of cells.
pub static LAYOUT: Layout = Layout::of::<CellObject>("cell", ids::CELL, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an empty cell; the contents are reported.
unsafe impl Cell for CellObject {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.contents.trace(tracer);
    }
}

impl CellObject {
    /// The variable's value.
    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        self.contents.get()?.bound()
    }

    /// Gives the variable a value.
    #[inline(always)]
    pub fn set(&self, cx: &Cx, value: Value) {
        self.contents.set(cx, value);
    }

    /// Takes the variable's value away; the value it had.
    pub fn clear(&self, cx: &Cx) -> Option<Value> {
        self.contents.replace(cx, Some(Value::UNBOUND))?.bound()
    }
}

impl Cx {
    /// A cell that holds the value (or unbound).
    #[inline]
    pub fn new_cell(&self, contents: Value) -> Ref<CellObject> {
        self.allocate(CellObject { header: Header::default(), contents: Field::new(contents) })
    }
}
