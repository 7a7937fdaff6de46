//! The protocol functions of bytearray.

use countless_common::{quote, strings};

use super::ByteArray;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::buffer::Buffer;
use crate::object::protocol::item::{self, Bounds};
use crate::object::protocol::number;
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::byte_sequence::{contains_byte, slice_of};
use crate::types::bytes::{ByteView, bytes_from_iterable, size_of_source, text_source};
use crate::types::sequence::{repeat_count, resolve_index};
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// A receiver, which is known to be a bytearray; also for operands that are to be checked.
pub(super) fn own(cx: &Cx, value: Value) -> PyResult<Ref<ByteArray>> {
    match value.downcast::<ByteArray>(cx) {
        Some(bytes) => Ok(bytes),
        None => Err(raise!(cx, TypeError, "must be bytearray, not {}", value.class_name(cx))),
    }
}

pub(super) fn new(cx: &Cx, class: Ref<TypeObject>, _: Args<'_>) -> PyResult {
    Ok(cx.allocate_instance(class, ByteArray::empty()).value())
}

static INIT: Signature<3> = Signature::new("bytearray", ["source", "encoding", "errors"]);

pub(super) fn init(cx: &Cx, this: Value, args: Args<'_>) -> PyResult<()> {
    let this = own(cx, this)?;
    let [source, encoding, errors] = INIT.bind(cx, args)?;
    if !this.is_empty() {
        this.replace_all(cx, &[])?;
    }
    if let Some(encoded) = text_source(cx, "bytearray", source, encoding, errors)? {
        return this.replace_all(cx, encoded.as_bytes());
    }
    let Some(source) = source else { return Ok(()) };
    if let Some(length) = size_of_source(cx, source)? {
        return resize(cx, this, length);
    }
    let bytes = bytes_from_iterable(cx, source, "bytearray")?;
    this.replace_all(cx, &bytes)
}

/// Changes the length; new bytes are zero.
pub(super) fn resize(cx: &Cx, this: Ref<ByteArray>, wanted: usize) -> PyResult<()> {
    loop {
        let length = this.len();
        let done = if wanted <= length {
            this.splice(cx, length, wanted..length, &[])?
        } else {
            let mut zeros = Vec::new();
            if zeros.try_reserve_exact(wanted - length).is_err() {
                return Err(cx.memory_error());
            }
            zeros.resize(wanted - length, 0u8);
            this.splice(cx, length, length..length, &zeros)?
        };
        if done {
            return Ok(());
        }
    }
}

pub(super) fn repr(cx: &Cx, this: Value) -> PyResult {
    let content = own(cx, this)?.to_vec(cx)?;
    match quote::repr_bytes(&content) {
        Ok(mut text) => {
            // Unlike bytes', single quotes are escaped within double ones too.
            if text.starts_with("b\"") {
                text = text.replace('\'', "\\'");
            }
            let class = cx.type_of(this).name();
            Ok(cx.new_str(&format!("{}({text})", class.as_wtf8())).value())
        }
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

pub(super) fn length(cx: &Cx, this: Value) -> PyResult<usize> {
    Ok(own(cx, this)?.len())
}

pub(super) fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    match (ByteView::of_buffer(cx, left)?, ByteView::of_buffer(cx, right)?) {
        (Some(a), Some(b)) => Ok(Value::bool(comparison.holds((*a).cmp(&*b)))),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn contains(cx: &Cx, this: Value, needle: Value) -> PyResult<bool> {
    let content = own(cx, this)?.to_vec(cx)?;
    if let Some(found) = contains_byte(cx, &content, needle)? {
        return Ok(found);
    }
    let needle = ByteView::new(cx, needle)?;
    Ok(strings::contains(&content, &needle))
}

#[cold]
fn cannot_concatenate(cx: &Cx, left: Value, right: Value) -> Raised {
    let (left, right) = (left.class_name(cx), right.class_name(cx));
    raise!(cx, TypeError, "can't concat {right} to {left}")
}

pub(super) fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    let Some(b) = ByteView::of_buffer(cx, right)? else { return Err(cannot_concatenate(cx, left, right)) };
    let mut bytes = own(cx, left)?.to_vec(cx)?;
    if bytes.try_reserve(b.len()).is_err() {
        return Err(cx.memory_error());
    }
    bytes.extend_from_slice(&b);
    Ok(cx.new_bytearray(&bytes)?.value())
}

pub(super) fn inplace_concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    let this = own(cx, left)?;
    let Some(view) = ByteView::of_buffer(cx, right)? else { return Err(cannot_concatenate(cx, left, right)) };
    if left == right && !view.is_empty() {
        // The right operand's buffer counts as one that is out.
        return Err(raise!(cx, BufferError, "Existing exports of data: object cannot be re-sized"));
    }
    this.append(cx, &view)?;
    Ok(left)
}

fn repeated(cx: &Cx, this: Ref<ByteArray>, count: Value) -> PyResult<Vec<u8>> {
    let count = repeat_count(cx, count)?;
    let content = this.to_vec(cx)?;
    strings::repeat::<[u8]>(&content, count).map_err(|failure| cx.raise_failure(failure))
}

pub(super) fn repeat(cx: &Cx, this: Value, count: Value) -> PyResult {
    let bytes = repeated(cx, own(cx, this)?, count)?;
    Ok(cx.new_bytearray(&bytes)?.value())
}

pub(super) fn inplace_repeat(cx: &Cx, this: Value, count: Value) -> PyResult {
    let row = own(cx, this)?;
    let bytes = repeated(cx, row, count)?;
    row.replace_all(cx, &bytes)?;
    Ok(this)
}

#[cold]
fn bad_index(cx: &Cx, key: Value) -> Raised {
    raise!(cx, TypeError, "bytearray indices must be integers or slices, not {}", key.class_name(cx))
}

#[cold]
fn out_of_range(cx: &Cx) -> Raised {
    cx.index_error("bytearray index out of range")
}

pub(super) fn subscript(cx: &Cx, this: Value, key: Value) -> PyResult {
    let this = own(cx, this)?;
    if let Some(slice) = key.exact::<Slice>() {
        let content = this.to_vec(cx)?;
        let bounds = item::slice_bounds(cx, slice, content.len())?;
        return Ok(cx.new_bytearray(&slice_of(&content, bounds))?.value());
    }
    if !number::is_index(cx, key) && !key.is_bool() {
        return Err(bad_index(cx, key));
    }
    let index = number::index_position(cx, key)?;
    match resolve_index(index, this.len()).and_then(|position| this.get(cx, position)) {
        Some(byte) => Ok(Value::int(byte.into())),
        None => Err(out_of_range(cx)),
    }
}

/// An int as a byte to be stored.
pub(super) fn byte_value(cx: &Cx, value: Value) -> PyResult<u8> {
    let int = number::index(cx, value)?;
    match number::as_index_i64(cx, int).and_then(|int| u8::try_from(int).ok()) {
        Some(byte) => Ok(byte),
        None => Err(cx.value_error("byte must be in range(0, 256)")),
    }
}

pub(super) fn assign_subscript(cx: &Cx, this: Value, key: Value, value: Option<Value>) -> PyResult<()> {
    let this = own(cx, this)?;
    if let Some(slice) = key.exact::<Slice>() {
        return assign_slice(cx, this, slice, value);
    }
    if !number::is_index(cx, key) && !key.is_bool() {
        return Err(bad_index(cx, key));
    }
    let index = number::index_position(cx, key)?;
    let byte = value.map(|value| byte_value(cx, value)).transpose()?;
    loop {
        let length = this.len();
        let Some(position) = resolve_index(index, length) else { return Err(out_of_range(cx)) };
        let done = match byte {
            Some(byte) => this.set(cx, position, byte),
            None => this.splice(cx, length, position..position + 1, &[])?,
        };
        if done {
            return Ok(());
        }
    }
}

/// The bytes that a slice is to become.
fn slice_value(cx: &Cx, value: Option<Value>) -> PyResult<Vec<u8>> {
    let Some(value) = value else { return Ok(Vec::new()) };
    if let Some(view) = ByteView::of_buffer(cx, value)? {
        return Ok(view.to_vec());
    }
    if number::is_index(cx, value) || value.is_bool() || value.downcast::<Str>(cx).is_some() {
        let message = "can assign only bytes, buffers, or iterables of ints in range(0, 256)";
        return Err(cx.type_error(message));
    }
    bytes_from_iterable(cx, value, "bytearray")
}

fn assign_slice(cx: &Cx, this: Ref<ByteArray>, slice: Ref<Slice>, value: Option<Value>) -> PyResult<()> {
    let bytes = slice_value(cx, value)?;
    loop {
        let length = this.len();
        let bounds = item::slice_bounds(cx, slice, length)?;
        let done = if bounds.step == 1 {
            let start = bounds.start as usize;
            this.splice(cx, length, start..start + bounds.length, &bytes)?
        } else {
            let mut content = this.to_vec(cx)?;
            if content.len() != length {
                continue;
            }
            change_extended(cx, &mut content, bounds, &bytes)?;
            this.splice(cx, length, 0..length, &content)?
        };
        if done {
            return Ok(());
        }
    }
}

/// Deletes or replaces the items of an extended slice.
fn change_extended(cx: &Cx, content: &mut Vec<u8>, bounds: Bounds, bytes: &[u8]) -> PyResult<()> {
    let Bounds { start, step, length, .. } = bounds;
    let positions = (0..length).map(|index| (start + index as isize * step) as usize);
    if bytes.is_empty() {
        let mut kept = vec![true; content.len()];
        positions.for_each(|position| kept[position] = false);
        let mut index = 0;
        content.retain(|_| {
            index += 1;
            kept[index - 1]
        });
    } else if bytes.len() == length {
        positions.zip(bytes).for_each(|(position, &byte)| content[position] = byte);
    } else {
        let given = bytes.len();
        return Err(raise!(
            cx,
            ValueError,
            "attempt to assign bytes of size {given} to extended slice of size {length}"
        ));
    }
    Ok(())
}

pub(super) fn buffer(cx: &Cx, this: Value, _: i32) -> PyResult<Buffer> {
    Ok(own(cx, this)?.lend(cx))
}
