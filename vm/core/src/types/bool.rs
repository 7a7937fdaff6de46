//! `bool`: the two singletons, as a subclass of int. There are no cells of it.

use super::ids;
use super::int::{self, Int};
use super::type_object::TypeObject;
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{TypeDef, TypeFlags};
use crate::object::cell::{Layout, Ref, drop_cell};
use crate::object::protocol::object::is_true;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The layout, which only says that bools are ints.
pub static LAYOUT: Layout = Layout::of::<Int>("bool", ids::BOOL, Some(&int::LAYOUT)).with_drop(drop_cell::<Int>);

fn new(cx: &Cx, _: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "bool")?;
    let [value] = args.between::<1>(cx, "bool", 0)?;
    value.map_or(Ok(false), |value| is_true(cx, value)).map(Value::bool)
}

fn repr(cx: &Cx, this: Value) -> PyResult {
    let names = cx.names();
    Ok(if this == Value::TRUE { names.True_ } else { names.False_ }.value())
}

/// A logical operation if both are bools, else int's.
fn logical(
    cx: &Cx,
    left: Value,
    right: Value,
    operation: fn(bool, bool) -> bool,
    otherwise: fn(&Cx, Value, Value) -> PyResult,
) -> PyResult {
    match (left.as_bool(), right.as_bool()) {
        (Some(a), Some(b)) => Ok(Value::bool(operation(a, b))),
        _ => otherwise(cx, left, right),
    }
}

fn bit_and(cx: &Cx, left: Value, right: Value) -> PyResult {
    logical(cx, left, right, |a, b| a & b, int::bit_and)
}

fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    logical(cx, left, right, |a, b| a | b, int::bit_or)
}

fn bit_xor(cx: &Cx, left: Value, right: Value) -> PyResult {
    logical(cx, left, right, |a, b| a ^ b, int::bit_xor)
}

fn invert(cx: &Cx, this: Value) -> PyResult {
    let message = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise \
                   inversion of the underlying int object and is usually not what you expect from negating a bool. Use the \
                   'not' operator for boolean negation or ~int(x) if you really want the bitwise inversion of the \
                   underlying int.";
    cx.warn(ExceptionKind::DeprecationWarning, message, 1)?;
    Ok(Value::int(if this == Value::TRUE { -2 } else { -1 }))
}

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "bool(object=False, /)\n--\n\nTrue if the argument counts as true, else False.\nThe two are the only instances, and \
          the class cannot be derived from.",
    base: Some(&int::TYPE),
    flags: TypeFlags::MATCH_SELF,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        bit_and: Some(bit_and),
        bit_or: Some(bit_or),
        bit_xor: Some(bit_xor),
        invert: Some(invert),
        ..Slots::NONE
    },
    ..TypeDef::new("bool", &LAYOUT)
};
