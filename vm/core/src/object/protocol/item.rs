//! Subscripts and membership.

use super::{compare, iter};
use crate::exceptions::ExceptionKind;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// `object[key]`.
pub fn get_item(cx: &Cx, object: Value, key: Value) -> PyResult {
    if let Some(function) = cx.type_of(object).slots.subscript() {
        return function(cx, object, key);
    }
    if let Some(class) = object.as_class(cx) {
        if class == cx.builtin_type(crate::types::ids::TYPE) {
            return crate::types::generic_alias::new(cx, object, key);
        }
        let name = cx.names().__class_getitem__;
        if let Some(method) = cx.get_attribute_optional(object, name)?
            && !method.is_none()
        {
            return cx.call(method, &[key]);
        }
        return Err(raise!(cx, TypeError, "type '{}' is not subscriptable", class.display_name()));
    }
    Err(raise!(cx, TypeError, "'{}' object is not subscriptable", object.class_name(cx)))
}

/// `object[key] = value`.
pub fn set_item(cx: &Cx, object: Value, key: Value, value: Value) -> PyResult<()> {
    match cx.type_of(object).slots.assign_subscript() {
        Some(function) => function(cx, object, key, Some(value)),
        None => Err(raise!(cx, TypeError, "'{}' object does not support item assignment", object.class_name(cx))),
    }
}

/// `del object[key]`.
pub fn delete_item(cx: &Cx, object: Value, key: Value) -> PyResult<()> {
    match cx.type_of(object).slots.assign_subscript() {
        Some(function) => function(cx, object, key, None),
        None => Err(raise!(cx, TypeError, "'{}' object doesn't support item deletion", object.class_name(cx))),
    }
}

/// `key in object`.
pub fn contains(cx: &Cx, object: Value, key: Value) -> PyResult<bool> {
    let class = cx.type_of(object);
    if let Some(function) = class.slots.contains() {
        return function(cx, object, key);
    }
    let iterator = match iter::get_iter(cx, object) {
        Ok(iterator) => iterator,
        Err(raised) => {
            cx.ignore_if(raised, ExceptionKind::TypeError)?;
            let class = class.display_name();
            return Err(raise!(cx, TypeError, "argument of type '{class}' is not a container or iterable"));
        }
    };
    while let Some(item) = iter::next(cx, iterator)? {
        if compare::equal(cx, item, key)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The bounds of a slice of a sequence: see [`slice_bounds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The first index.
    pub start: isize,
    /// The end, which is not included (−1 stands for "before the first" when stepping down).
    pub stop: isize,
    /// The step, not zero.
    pub step: isize,
    /// How many items.
    pub length: usize,
}

/// What `slice.indices(length)` says of a slice object, with the number of items.
pub fn slice_bounds(cx: &Cx, slice: Ref<crate::types::slice::Slice>, length: usize) -> PyResult<Bounds> {
    let length = length as isize;
    let clamp = |value: Value, default: isize, low: isize, high: isize| -> PyResult<isize> {
        let Some(value) = value.not_none() else { return Ok(default) };
        let index = super::number::index_clamped(
            cx,
            value,
            "slice indices must be integers or None or have an __index__ method",
        )?;
        let index = if index < 0 { index.saturating_add(length) } else { index };
        Ok(index.clamp(low, high))
    };
    let step = match slice.step().not_none() {
        None => 1,
        Some(step) => {
            let message = "slice indices must be integers or None or have an __index__ method";
            super::number::index_clamped(cx, step, message)?.max(-isize::MAX)
        }
    };
    if step == 0 {
        return Err(cx.value_error("slice step cannot be zero"));
    }
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let (first, last) = if step > 0 { (low, high) } else { (high, low) };
    let start = clamp(slice.start(), first, low, high)?;
    let stop = clamp(slice.stop(), last, low, high)?;
    let count = if step > 0 && start < stop {
        (stop - start - 1) / step + 1
    } else if step < 0 && stop < start {
        (start - stop - 1) / (-step) + 1
    } else {
        0
    };
    Ok(Bounds { start, stop, step, length: count as usize })
}
