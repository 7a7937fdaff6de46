//! What the sequence types have in common: bounds, comparison item by item, and their text.

use countless_common::wtf8::Wtf8Buf;

use crate::native::args::Args;
use crate::object::protocol::compare::{compare, equal};
use crate::object::protocol::number::{as_index_i64, index, index_clamped};
use crate::object::protocol::object::repr;
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// Work on so many items between polls.
pub(crate) const POLL_CHUNK: usize = 1024;

/// Polls now and then in a loop over items.
#[inline(always)]
pub(crate) fn poll_at(cx: &Cx, index: usize) -> PyResult<()> {
    if index % POLL_CHUNK == POLL_CHUNK - 1 { cx.poll() } else { Ok(()) }
}

/// The position that a possibly negative index means, if it is in range.
#[inline(always)]
pub(crate) fn resolve_index(index: isize, length: usize) -> Option<usize> {
    let position = if index < 0 { index.wrapping_add(length as isize) } else { index };
    ((position as usize) < length).then_some(position as usize)
}

/// The count of a repetition: none for negative ones.
pub(crate) fn repeat_count(cx: &Cx, count: Value) -> PyResult<usize> {
    let int = index(cx, count)?;
    match as_index_i64(cx, int) {
        Some(count) => Ok(count.max(0) as usize),
        None => Err(raise!(cx, OverflowError, "cannot fit '{}' into an index-sized integer", count.class_name(cx))),
    }
}

/// An optional bound of `index(value, start, stop)`.
pub(crate) fn search_bound(cx: &Cx, bound: Option<Value>, length: usize, default: usize) -> PyResult<usize> {
    let Some(bound) = bound else { return Ok(default) };
    let bound = index_clamped(cx, bound, "slice indices must be integers or have an __index__ method")?;
    let bound = if bound < 0 { bound.saturating_add(length as isize).max(0) } else { bound };
    Ok(bound as usize)
}

/// The position of the first item equal to the first argument, within the bounds that the others give.
pub(crate) fn find_item(
    cx: &Cx,
    args: Args<'_>,
    length: usize,
    item_at: impl Fn(usize) -> Option<Value>,
) -> PyResult<Option<usize>> {
    let [value, start, stop] = args.between::<3>(cx, "index", 1)?;
    let value = value.unwrap_or(Value::NONE);
    let mut position = search_bound(cx, start, length, 0)?;
    let stop = search_bound(cx, stop, length, usize::MAX)?;
    while position < stop
        && let Some(item) = item_at(position)
    {
        if equal(cx, item, value)? {
            return Ok(Some(position));
        }
        poll_at(cx, position)?;
        position += 1;
    }
    Ok(None)
}

/// How many items are equal to the value.
pub(crate) fn count_items(cx: &Cx, value: Value, item_at: impl Fn(usize) -> Option<Value>) -> PyResult<usize> {
    let (mut position, mut count) = (0, 0);
    while let Some(item) = item_at(position) {
        count += equal(cx, item, value)? as usize;
        poll_at(cx, position)?;
        position += 1;
    }
    Ok(count)
}

/// Whether an item is equal to the value.
pub(crate) fn contains_item(cx: &Cx, value: Value, item_at: impl Fn(usize) -> Option<Value>) -> PyResult<bool> {
    let mut position = 0;
    while let Some(item) = item_at(position) {
        if equal(cx, item, value)? {
            return Ok(true);
        }
        poll_at(cx, position)?;
        position += 1;
    }
    Ok(false)
}

/// Lexicographic comparison: the first items that differ decide, or else the lengths.
pub(crate) fn compare_items(
    cx: &Cx,
    comparison: Comparison,
    left: impl Fn(usize) -> Option<Value>,
    right: impl Fn(usize) -> Option<Value>,
) -> PyResult {
    let mut position = 0;
    loop {
        let (a, b) = (left(position), right(position));
        let (Some(a), Some(b)) = (a, b) else {
            return Ok(Value::bool(comparison.holds(a.is_some().cmp(&b.is_some()))));
        };
        if !equal(cx, a, b)? {
            // The comparison may have made them shorter: then the lengths decide after all.
            if left(position).is_none() || right(position).is_none() {
                let left = (0..=position).take_while(|&index| left(index).is_some()).count();
                let right = (0..=position).take_while(|&index| right(index).is_some()).count();
                return Ok(Value::bool(comparison.holds(left.cmp(&right))));
            }
            return match comparison {
                Comparison::Equal => Ok(Value::FALSE),
                Comparison::NotEqual => Ok(Value::TRUE),
                _ => compare(cx, a, b, comparison),
            };
        }
        poll_at(cx, position)?;
        position += 1;
    }
}

/// Appends the representations of the items, separated by commas; says how many there were.
pub(crate) fn write_items(cx: &Cx, out: &mut Wtf8Buf, item_at: impl Fn(usize) -> Option<Value>) -> PyResult<usize> {
    let mut position = 0;
    while let Some(item) = item_at(position) {
        if position > 0 {
            out.push_str(", ");
        }
        out.push_wtf8(repr(cx, item)?.as_wtf8());
        poll_at(cx, position)?;
        position += 1;
    }
    Ok(position)
}
