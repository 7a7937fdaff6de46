//! The protocol functions of bytes.

use countless_common::quote;
use countless_common::strings;

use super::{ByteView, Bytes};
use crate::object::cell::Ref;
use crate::object::protocol::buffer::Buffer;
use crate::object::protocol::{item, number};
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::byte_sequence::{contains_byte, slice_of};
use crate::types::sequence::{repeat_count, resolve_index};
use crate::types::slice::Slice;

/// A receiver, which is known to be bytes; also for operands that are to be checked.
fn own(cx: &Cx, value: Value) -> PyResult<Ref<Bytes>> {
    match value.downcast::<Bytes>(cx) {
        Some(bytes) => Ok(bytes),
        None => Err(raise!(cx, TypeError, "must be bytes, not {}", value.class_name(cx))),
    }
}

pub(super) fn repr(cx: &Cx, this: Value) -> PyResult {
    match quote::repr_bytes(own(cx, this)?.as_bytes()) {
        Ok(text) => Ok(cx.new_str(&text).value()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

pub(super) fn hash(cx: &Cx, this: Value) -> PyResult<i64> {
    Ok(own(cx, this)?.hash(cx))
}

pub(super) fn length(cx: &Cx, this: Value) -> PyResult<usize> {
    Ok(own(cx, this)?.len())
}

pub(super) fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    match (left.downcast::<Bytes>(cx), right.downcast::<Bytes>(cx)) {
        (Some(a), Some(b)) => Ok(Value::bool(comparison.holds(a.as_bytes().cmp(b.as_bytes())))),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn contains(cx: &Cx, this: Value, needle: Value) -> PyResult<bool> {
    let this = own(cx, this)?;
    if let Some(found) = contains_byte(cx, this.as_bytes(), needle)? {
        return Ok(found);
    }
    let needle = ByteView::new(cx, needle)?;
    Ok(strings::contains(this.as_bytes(), &needle))
}

pub(super) fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (a, b) = match (ByteView::of_buffer(cx, left)?, ByteView::of_buffer(cx, right)?) {
        (Some(a), Some(b)) => (a, b),
        _ => {
            let (left, right) = (left.class_name(cx), right.class_name(cx));
            return Err(raise!(cx, TypeError, "can't concat {right} to {left}"));
        }
    };
    if b.is_empty()
        && let ByteView::Held(bytes) = a
    {
        return Ok(bytes.to_exact(cx).value());
    }
    if a.is_empty()
        && let ByteView::Held(bytes) = b
    {
        return Ok(bytes.to_exact(cx).value());
    }
    let joined = cx.new_bytes_with(a.len() + b.len(), |target| {
        // SAFETY: the target has room for both parts, and is new.
        unsafe {
            std::ptr::copy_nonoverlapping(a.as_ptr(), target, a.len());
            std::ptr::copy_nonoverlapping(b.as_ptr(), target.add(a.len()), b.len());
        }
    })?;
    Ok(joined.value())
}

pub(super) fn repeat(cx: &Cx, this: Value, count: Value) -> PyResult {
    let this = own(cx, this)?;
    let count = repeat_count(cx, count)?;
    if count == 1 || this.is_empty() {
        return Ok(this.to_exact(cx).value());
    }
    let total = this.len().checked_mul(count).filter(|&total| total <= isize::MAX as usize);
    let Some(total) = total else { return Err(cx.overflow_error("repeated bytes are too long")) };
    let bytes = this.as_bytes();
    let repeated = cx.new_bytes_with(total, |target| {
        for number in 0..count {
            // SAFETY: the target has room for `count` copies, and is new.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target.add(number * bytes.len()), bytes.len()) };
        }
    })?;
    Ok(repeated.value())
}

pub(super) fn subscript(cx: &Cx, this: Value, key: Value) -> PyResult {
    let this = own(cx, this)?;
    if let Some(slice) = key.exact::<Slice>() {
        let bounds = item::slice_bounds(cx, slice, this.len())?;
        if bounds.length == this.len() && bounds.step == 1 {
            return Ok(this.to_exact(cx).value());
        }
        return Ok(cx.try_new_bytes(&slice_of(this.as_bytes(), bounds))?.value());
    }
    if !number::is_index(cx, key) && !key.is_bool() {
        let class = key.class_name(cx);
        return Err(raise!(cx, TypeError, "byte indices must be integers or slices, not {class}"));
    }
    let index = number::index_position(cx, key)?;
    match resolve_index(index, this.len()) {
        Some(position) => Ok(Value::int(this.as_bytes()[position].into())),
        None => Err(cx.index_error("index out of range")),
    }
}

pub(super) fn buffer(cx: &Cx, this: Value, flags: i32) -> PyResult<Buffer> {
    let bytes = own(cx, this)?;
    if flags & crate::object::protocol::buffer::request::WRITABLE != 0 {
        return Err(raise!(cx, BufferError, "Object is not writable."));
    }
    Ok(Buffer::bytes(this, bytes.start().cast_mut(), bytes.len(), true, None))
}

pub(super) fn getnewargs(cx: &Cx, this: Ref<Bytes>) -> PyResult {
    let bytes = this.to_exact(cx).value();
    Ok(cx.new_tuple(&[bytes]).value())
}

pub(super) fn dunder_bytes(cx: &Cx, this: Ref<Bytes>) -> PyResult {
    Ok(this.to_exact(cx).value())
}
