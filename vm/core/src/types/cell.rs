//! `cell`: a variable shared by a function and the functions nested in it.

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{GetSet, TypeDef};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::compare::compare as compare_values;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

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
    const MAY_BE_PROMPT: bool = false;

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

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [contents] = args.between::<1>(cx, "cell", 0)?;
    Ok(cx.new_cell(contents.unwrap_or(Value::UNBOUND)).value())
}

fn this(value: Value) -> Ref<CellObject> {
    // SAFETY: the slots belong to the type, which cannot be subclassed.
    unsafe { Ref::from_value_unchecked(value) }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let address = value.identity();
    let text = match this(value).get() {
        None => format!("<cell at {address:#x}: empty>"),
        Some(contents) => {
            let (class, inner) = (contents.class_name(cx), contents.identity());
            format!("<cell at {address:#x}: {class} object at {inner:#x}>")
        }
    };
    Ok(cx.new_str(&text).value())
}

/// Cells compare as their contents; an empty one is less than any other.
fn compare(cx: &Cx, value: Value, other: Value, comparison: Comparison) -> PyResult {
    let Some(other) = other.exact::<CellObject>() else { return Ok(Value::NOT_IMPLEMENTED) };
    match (this(value).get(), other.get()) {
        (Some(a), Some(b)) => compare_values(cx, a, b, comparison),
        (a, b) => Ok(Value::bool(comparison.holds(a.is_some().cmp(&b.is_some())))),
    }
}

fn get_contents(cx: &Cx, cell: Ref<CellObject>) -> PyResult {
    match cell.get() {
        Some(contents) => Ok(contents),
        None => Err(cx.value_error("Cell is empty")),
    }
}

fn set_contents(cx: &Cx, cell: Ref<CellObject>, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => cell.set(cx, value),
        None => {
            cell.clear(cx);
        }
    }
    Ok(())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "cell([contents])\n--\n\nCreate a new cell object.",
    slots: Slots { new: Some(new), repr: Some(repr), compare: Some(compare), ..Slots::NONE },
    attributes: &[GetSet::read_write("cell_contents", get_contents, set_contents, "")],
    ..TypeDef::new("cell", &LAYOUT)
};
