//! The protocol functions of str.

use std::ops::Range;

use countless_common::quote;
use countless_common::strings;
use countless_common::wtf8::{Wtf8, Wtf8Buf};

use super::{Str, append};
use crate::object::cell::Ref;
use crate::object::protocol::{item, number};
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::sequence::{repeat_count, resolve_index};
use crate::types::slice::Slice;

/// The receiver, which is known to be a string; also for operands that are to be checked.
pub(super) fn own(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    match value.downcast::<Str>(cx) {
        Some(text) => Ok(text),
        None => Err(raise!(cx, TypeError, "must be str, not {}", value.class_name(cx))),
    }
}

pub(super) fn repr(cx: &Cx, this: Value) -> PyResult {
    let text = own(cx, this)?;
    match quote::repr_str(text.as_wtf8()) {
        Ok(quoted) => Ok(cx.new_str_wtf8(&quoted).value()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

pub(super) fn str(cx: &Cx, this: Value) -> PyResult {
    Ok(own(cx, this)?.to_exact(cx).value())
}

pub(super) fn hash(cx: &Cx, this: Value) -> PyResult<i64> {
    Ok(own(cx, this)?.hash(cx))
}

pub(super) fn length(cx: &Cx, this: Value) -> PyResult<usize> {
    Ok(own(cx, this)?.len())
}

pub(super) fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(a), Some(b)) = (left.downcast::<Str>(cx), right.downcast::<Str>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(match comparison {
        Comparison::Equal => a.equals(b),
        Comparison::NotEqual => !a.equals(b),
        // Byte order is code point order.
        _ => comparison.holds(a.as_wtf8().cmp(b.as_wtf8())),
    }))
}

/// `needle in this`.
pub fn contains(cx: &Cx, this: Value, needle: Value) -> PyResult<bool> {
    let Some(needle) = needle.downcast::<Str>(cx) else {
        let class = needle.class_name(cx);
        return Err(raise!(cx, TypeError, "'in <string>' requires string as left operand, not {class}"));
    };
    Ok(strings::contains(own(cx, this)?.as_bytes(), needle.as_bytes()))
}

/// `left + right`.
pub fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    let a = own(cx, left)?;
    let Some(b) = right.downcast::<Str>(cx) else {
        let class = right.class_name(cx);
        return Err(raise!(cx, TypeError, "can only concatenate str (not \"{class}\") to str"));
    };
    if b.is_empty() {
        return Ok(a.to_exact(cx).value());
    }
    if a.is_empty() {
        return Ok(b.to_exact(cx).value());
    }
    if append::is_worthwhile(a, b) {
        return Ok(append::append(cx, a, b)?.value());
    }
    let (bytes, points) = (a.byte_length + b.byte_length, a.char_length + b.char_length);
    Ok(cx.fill_str(bytes, points, [a.as_wtf8(), b.as_wtf8()].into_iter())?.value())
}

/// `this * count`.
pub(super) fn repeat(cx: &Cx, this: Value, count: Value) -> PyResult {
    let text = own(cx, this)?;
    let count = repeat_count(cx, count)?;
    match count {
        0 => Ok(cx.names().empty.value()),
        1 => Ok(text.to_exact(cx).value()),
        _ => {
            if text.char_length > isize::MAX as usize / count {
                return Err(cx.overflow_error("repeated string is too long"));
            }
            let total = text.byte_length.checked_mul(count);
            let Some(total) = total.filter(|&total| total < isize::MAX as usize / 2) else {
                return Err(cx.memory_error());
            };
            let parts = std::iter::repeat_n(text.as_wtf8(), count);
            Ok(cx.fill_str(total, text.char_length * count, parts)?.value())
        }
    }
}

/// `this[key]`.
pub(super) fn subscript(cx: &Cx, this: Value, key: Value) -> PyResult {
    let text = own(cx, this)?;
    if let Some(index) = key.as_small_int() {
        return at(cx, text, index as isize);
    }
    if let Some(slice) = key.exact::<Slice>() {
        let bounds = item::slice_bounds(cx, slice, text.len())?;
        return Ok(extended_slice(cx, text, bounds).value());
    }
    if !number::is_index(cx, key) {
        let class = key.class_name(cx);
        return Err(raise!(cx, TypeError, "string indices must be integers, not '{class}'"));
    }
    let index = number::index_position(cx, key)?;
    at(cx, text, index)
}

#[inline]
fn at(cx: &Cx, text: Ref<Str>, index: isize) -> PyResult {
    match resolve_index(index, text.len()).and_then(|position| text.code_point(position)) {
        Some(point) => Ok(cx.new_char(point).value()),
        None => Err(cx.index_error("string index out of range")),
    }
}

fn extended_slice(cx: &Cx, text: Ref<Str>, bounds: item::Bounds) -> Ref<Str> {
    let item::Bounds { start, step, length, .. } = bounds;
    if length == 0 {
        return cx.names().empty;
    }
    let start = start as usize;
    if step == 1 {
        return text.slice(cx, start, start + length);
    }
    if text.is_ascii() {
        let bytes = text.as_bytes();
        let position = |index: usize| (start as isize + index as isize * step) as usize;
        let picked: Vec<u8> = (0..length).map(|index| bytes[position(index)]).collect();
        return cx.new_str_ascii(&picked);
    }
    // The part between the outermost code points, walked in the step's direction.
    let last = (start as isize + (length as isize - 1) * step) as usize;
    let (low, high) = (start.min(last), start.max(last));
    let range = text.byte_offset(low)..text.byte_offset(high + 1);
    let part = text.as_wtf8().slice(range);
    let stride = step.unsigned_abs();
    let picked: Wtf8Buf = if step > 0 {
        part.code_points().step_by(stride).collect()
    } else {
        part.code_points().rev().step_by(stride).collect()
    };
    cx.new_str_counted(&picked, length)
}

/// The code points that `start` and `end` arguments choose, as a range of byte offsets; `None` if the start lies
/// behind the end of the text, where not even the empty string is found.
pub(super) fn argument_range(
    cx: &Cx,
    text: Ref<Str>,
    start: Option<Value>,
    end: Option<Value>,
) -> PyResult<Option<Range<usize>>> {
    let (start, end) = (start.and_then(Value::not_none), end.and_then(Value::not_none));
    if start.is_none() && end.is_none() {
        return Ok(Some(0..text.byte_length));
    }
    Ok(clamp_range(cx, start, end, text.len())?.map(|range| text.byte_offset(range.start)..text.byte_offset(range.end)))
}

/// `start` and `end` arguments as a range of indices of a sequence of that length; `None` if it is turned around.
pub(crate) fn clamp_range(
    cx: &Cx,
    start: Option<Value>,
    end: Option<Value>,
    length: usize,
) -> PyResult<Option<Range<usize>>> {
    const MESSAGE: &str = "slice indices must be integers or None or have an __index__ method";
    let length = length as isize;
    let from_end = |index: isize| if index < 0 { index.saturating_add(length).max(0) } else { index };
    let start = match start {
        Some(start) => from_end(number::index_clamped(cx, start, MESSAGE)?),
        None => 0,
    };
    let end = match end {
        Some(end) => from_end(number::index_clamped(cx, end, MESSAGE)?).min(length),
        None => length,
    };
    Ok((start <= end).then_some(start as usize..end.max(0) as usize))
}

/// The part of the text in a range of byte offsets.
pub(super) fn part(text: &Str, range: Range<usize>) -> &Wtf8 {
    text.as_wtf8().slice(range)
}
