//! The singletons `None`, `Ellipsis` and `NotImplemented`: words without cells.

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef};
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// What a cell of these types would be; there is none.
#[repr(C)]
pub struct Immediate {
    header: Header,
}

/// The layout of None.
pub static NONE_LAYOUT: Layout = Layout::of::<Immediate>("NoneType", ids::NONE, Some(&super::object::LAYOUT));
/// The layout of Ellipsis.
pub static ELLIPSIS_LAYOUT: Layout = Layout::of::<Immediate>("ellipsis", ids::ELLIPSIS, Some(&super::object::LAYOUT));
/// The layout of NotImplemented.
pub static NOT_IMPLEMENTED_LAYOUT: Layout =
    Layout::of::<Immediate>("NotImplementedType", ids::NOT_IMPLEMENTED, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, nothing but a header, nothing to report.
unsafe impl Cell for Immediate {
    fn layout() -> &'static Layout {
        &NONE_LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

/// The one instance, for a constructor called without arguments.
fn no_arguments(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>, instance: Value) -> PyResult {
    if args.are_none() {
        return Ok(instance);
    }
    // The one class whose name in messages is not the name it shows.
    let name = if instance == Value::ELLIPSIS { "EllipsisType".to_owned() } else { class.display_name() };
    Err(cx.type_error(format_args!("{name} takes no arguments")))
}

fn new_none(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    no_arguments(cx, class, args, Value::NONE)
}

fn new_ellipsis(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    no_arguments(cx, class, args, Value::ELLIPSIS)
}

fn new_not_implemented(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    no_arguments(cx, class, args, Value::NOT_IMPLEMENTED)
}

fn none_repr(cx: &Cx, _: Value) -> PyResult {
    Ok(cx.names().None_.value())
}

fn none_bool(_: &Cx, _: Value) -> PyResult<bool> {
    Ok(false)
}

/// The number CPython gives None, whose hash does not depend on an address.
fn none_hash(_: &Cx, _: Value) -> PyResult<i64> {
    Ok(0xFCA8_6420)
}

/// Only identity makes equal; as object's, but without a look at addresses.
fn none_compare(_: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    Ok(match comparison {
        Comparison::Equal if left == right => Value::TRUE,
        Comparison::NotEqual if left == right => Value::FALSE,
        _ => Value::NOT_IMPLEMENTED,
    })
}

fn ellipsis_repr(cx: &Cx, _: Value) -> PyResult {
    Ok(cx.intern_str("Ellipsis").value())
}

fn not_implemented_repr(cx: &Cx, _: Value) -> PyResult {
    Ok(cx.intern_str("NotImplemented").value())
}

fn not_implemented_bool(cx: &Cx, _: Value) -> PyResult<bool> {
    Err(cx.type_error("NotImplemented should not be used in a boolean context"))
}

static ELLIPSIS_METHODS: &[Method] =
    &[Method::none("__reduce__", ellipsis_repr as fn(&Cx, Value) -> PyResult, "__reduce__($self, /)\n--\n\n")];

static NOT_IMPLEMENTED_METHODS: &[Method] =
    &[Method::none("__reduce__", not_implemented_repr as fn(&Cx, Value) -> PyResult, "__reduce__($self, /)\n--\n\n")];

/// The definition of None's type.
pub static NONE_TYPE: TypeDef = TypeDef {
    doc: "NoneType()\n--\n\nThe type of the None singleton.",
    base: Some(&super::object::TYPE),
    slots: Slots {
        new: Some(new_none),
        repr: Some(none_repr),
        hash: Some(none_hash),
        compare: Some(none_compare),
        bool: Some(none_bool),
        ..Slots::NONE
    },
    ..TypeDef::new("NoneType", &NONE_LAYOUT)
};

/// The definition of Ellipsis' type.
pub static ELLIPSIS_TYPE: TypeDef = TypeDef {
    doc: "ellipsis()\n--\n\nThe type of the Ellipsis singleton.",
    base: Some(&super::object::TYPE),
    slots: Slots { new: Some(new_ellipsis), repr: Some(ellipsis_repr), ..Slots::NONE },
    methods: ELLIPSIS_METHODS,
    ..TypeDef::new("ellipsis", &ELLIPSIS_LAYOUT)
};

/// The definition of NotImplemented's type.
pub static NOT_IMPLEMENTED_TYPE: TypeDef = TypeDef {
    doc: "NotImplementedType()\n--\n\nThe type of the NotImplemented singleton.",
    base: Some(&super::object::TYPE),
    slots: Slots {
        new: Some(new_not_implemented),
        repr: Some(not_implemented_repr),
        bool: Some(not_implemented_bool),
        ..Slots::NONE
    },
    methods: NOT_IMPLEMENTED_METHODS,
    ..TypeDef::new("NotImplementedType", &NOT_IMPLEMENTED_LAYOUT)
};
