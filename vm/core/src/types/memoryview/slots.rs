//! The protocol functions of memoryview.

use std::sync::atomic::Ordering;

use super::access::{item_format, offset_of, unpack};
use super::layout::View;
use super::{MemoryView, from_object, new_view};
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::buffer::{Buffer, get_buffer, request};
use crate::object::protocol::{compare, item, number, object};
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::slice::Slice;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

/// A receiver, which is known to be a memoryview.
pub(super) fn own(cx: &Cx, value: Value) -> PyResult<Ref<MemoryView>> {
    match value.downcast::<MemoryView>(cx) {
        Some(view) => Ok(view),
        None => Err(raise!(cx, TypeError, "must be memoryview, not {}", value.class_name(cx))),
    }
}

static NEW: Signature<1> = Signature::new("memoryview", ["object"]).required(1);

pub(super) fn new(cx: &Cx, _: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [object] = NEW.bind(cx, args)?;
    from_object(cx, object.unwrap_or(Value::NONE), super::DEFAULT_REQUEST)
}

pub(super) fn finalize(cx: &Cx, this: Value) -> PyResult<()> {
    own(cx, this)?.abandon(cx)
}

pub(super) fn repr(cx: &Cx, this: Value) -> PyResult {
    let state = if own(cx, this)?.is_released() { "<released memory at" } else { "<memory at" };
    Ok(cx.new_str(&format!("{state} {:#x}>", this.identity())).value())
}

pub(super) fn hash(cx: &Cx, this: Value) -> PyResult<i64> {
    let this = own(cx, this)?;
    let known = this.hash.load(Ordering::Relaxed);
    if known != 0 {
        return Ok(known as i64);
    }
    let view = this.view(cx)?;
    if !view.read_only {
        return Err(cx.value_error("cannot hash writable memoryview object"));
    }
    if !matches!(view.format.strip_prefix('@').unwrap_or(&view.format), "B" | "b" | "c") {
        return Err(cx.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    // An owner that cannot be hashed refuses; while it is asked, the view cannot be released.
    let loan = get_buffer(cx, this.value(), request::FULL_READ_ONLY)?;
    let asked = object::hash(cx, this.owner());
    loan.release(cx);
    asked?;
    let hash = cx.vm().hash_key.hash_bytes(&this.to_vec(cx)?);
    this.hash.store(hash as u64, Ordering::Relaxed);
    Ok(hash)
}

pub(super) fn length(cx: &Cx, this: Value) -> PyResult<usize> {
    match own(cx, this)?.view(cx)?.shape.first() {
        Some(&extent) => Ok(extent),
        None => Err(cx.type_error("0-dim memory has no length")),
    }
}

/// Compares shapes, and items by value.
fn equal(cx: &Cx, left: Value, right: Value) -> PyResult<Option<bool>> {
    let sides = [own(cx, left), own(cx, right)];
    if left == right {
        return Ok(Some(true));
    }
    for side in sides.into_iter().flatten() {
        if side.is_released() {
            return Ok(Some(false));
        }
    }
    if cx.type_of(left).slots.buffer().is_none() || cx.type_of(right).slots.buffer().is_none() {
        return Ok(None);
    }
    let a = get_buffer(cx, left, request::FULL_READ_ONLY)?;
    let b = match get_buffer(cx, right, request::FULL_READ_ONLY) {
        Ok(b) => b,
        Err(raised) => {
            a.release(cx);
            return Err(raised);
        }
    };
    let result = equal_items(cx, &a, &b);
    a.release(cx);
    b.release(cx);
    result.map(Some)
}

fn equal_items(cx: &Cx, a: &Buffer, b: &Buffer) -> PyResult<bool> {
    let (view_a, view_b) = (View::of_buffer(a), View::of_buffer(b));
    if view_a.shape != view_b.shape {
        return Ok(false);
    }
    let (Some(format_a), Some(format_b)) = (view_a.native_item(), view_b.native_item()) else { return Ok(false) };
    let (bytes_a, bytes_b) = (a.to_vec(), b.to_vec());
    let is_float = |code: u8| matches!(code, b'e' | b'f' | b'd' | b'F' | b'D' | b'?');
    if format_a.1.code == format_b.1.code && !is_float(format_a.1.code) {
        return Ok(bytes_a == bytes_b);
    }
    let items_b = bytes_b.chunks_exact(format_b.1.size.max(1));
    for (one, other) in bytes_a.chunks_exact(format_a.1.size.max(1)).zip(items_b) {
        let (one, other) = (unpack(cx, &format_a, one), unpack(cx, &format_b, other));
        // Not by identity: a nan differs from itself.
        if !compare::compare_bool(cx, one, other, Comparison::Equal)? {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn compare_views(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    Ok(match equal(cx, left, right)? {
        Some(equal) => Value::bool(equal == (comparison == Comparison::Equal)),
        None => Value::NOT_IMPLEMENTED,
    })
}

/// What a subscript names.
enum Place {
    /// The item at an offset.
    Item(isize),
    /// A part of the first dimension.
    Part(View),
}

fn place(cx: &Cx, view: &View, key: Value, storing: bool) -> PyResult<Place> {
    let dimensions = view.shape.len();
    if dimensions == 0 {
        return match key.downcast::<Tuple>(cx) {
            Some(tuple) if tuple.is_empty() => Ok(Place::Item(0)),
            _ => Err(cx.type_error("invalid indexing of 0-dim memory")),
        };
    }
    if number::is_index(cx, key) || key.is_bool() {
        if dimensions > 1 {
            let message = if storing {
                "sub-views are not implemented"
            } else {
                "multi-dimensional sub-views are not implemented"
            };
            return Err(raise!(cx, NotImplementedError, "{message}"));
        }
        let index = number::index_position(cx, key)?;
        return offset_of(cx, view, &[index]).map(Place::Item);
    }
    if let Some(slice) = key.exact::<Slice>() {
        let bounds = item::slice_bounds(cx, slice, view.shape[0])?;
        let mut part = view.clone();
        // The start may lie one before the first item if nothing is taken.
        if bounds.length > 0 {
            part.address = view.address.wrapping_offset(bounds.start * view.strides[0]);
        }
        part.shape[0] = bounds.length;
        part.strides[0] = view.strides[0].wrapping_mul(bounds.step);
        return Ok(Place::Part(part));
    }
    match key.downcast::<Tuple>(cx) {
        Some(tuple) => indices(cx, view, tuple).map(Place::Item),
        None => Err(cx.type_error("memoryview: invalid slice key")),
    }
}

/// The offset that a tuple of indices names.
fn indices(cx: &Cx, view: &View, tuple: Ref<Tuple>) -> PyResult<isize> {
    let all = |test: fn(&Cx, Value) -> bool| tuple.iter().all(|key| test(cx, key));
    if !all(|cx, key| number::is_index(cx, key) || key.is_bool()) {
        if all(|_, key| key.exact::<Slice>().is_some()) {
            return Err(raise!(cx, NotImplementedError, "multi-dimensional slicing is not implemented"));
        }
        return Err(cx.type_error("memoryview: invalid slice key"));
    }
    let (dimensions, given) = (view.shape.len(), tuple.len());
    if given < dimensions {
        return Err(raise!(cx, NotImplementedError, "sub-views are not implemented"));
    }
    if given > dimensions {
        return Err(raise!(cx, TypeError, "cannot index {dimensions}-dimension view with {given}-element tuple"));
    }
    let mut positions = Vec::with_capacity(given);
    for key in tuple.iter() {
        positions.push(number::index_position(cx, key)?);
    }
    offset_of(cx, view, &positions)
}

pub(super) fn subscript(cx: &Cx, this: Value, key: Value) -> PyResult {
    let this = own(cx, this)?;
    let view = this.view(cx)?;
    if key.exact::<Slice>().is_none() || view.shape.len() != 1 {
        return match place(cx, view, key, false)? {
            Place::Item(offset) => this.item_at(cx, offset),
            Place::Part(part) => Ok(this.derive(cx, part)?.value()),
        };
    }
    // The bounds of a slice may run Python code, which may release this view: the part's share of the loan comes first.
    let lent = this.share(cx)?;
    match place(cx, view, key, false) {
        Ok(Place::Part(part)) => Ok(new_view(cx, lent, part).value()),
        other => {
            lent.remove_view(cx);
            other.and_then(|_| Err(cx.type_error("memoryview: invalid slice key")))
        }
    }
}

pub(super) fn assign_subscript(cx: &Cx, this: Value, key: Value, value: Option<Value>) -> PyResult<()> {
    let this = own(cx, this)?;
    let view = this.view(cx)?;
    item_format(cx, view)?;
    if view.read_only {
        return Err(cx.type_error("cannot modify read-only memory"));
    }
    let Some(value) = value else { return Err(cx.type_error("cannot delete memory")) };
    match place(cx, view, key, true)? {
        Place::Item(offset) => this.set_item_at(cx, offset, value),
        Place::Part(_) if view.shape.len() > 1 => {
            Err(raise!(cx, NotImplementedError, "memoryview slice assignments are currently restricted to ndim = 1"))
        }
        Place::Part(part) => {
            let source = get_buffer(cx, value, request::FULL_READ_ONLY)?;
            let given = View::of_buffer(&source);
            let bytes = source.to_vec();
            source.release(cx);
            let letter = |view: &View| view.native_item().map(|(_, item)| item.code);
            if given.shape != part.shape || letter(&given) != letter(&part) {
                return Err(cx.value_error("memoryview assignment: lvalue and rvalue have different structures"));
            }
            this.with_memory(cx, |_| part.store(&bytes))
        }
    }
}

pub(super) fn buffer(cx: &Cx, this: Value, flags: i32) -> PyResult<Buffer> {
    let view = own(cx, this)?;
    let seen = view.view(cx)?;
    view.check_unrestricted(cx)?;
    if flags & request::WRITABLE != 0 && seen.read_only {
        return Err(raise!(cx, BufferError, "memoryview: underlying buffer is not writable"));
    }
    if flags & !request::WRITABLE == 0 && !seen.is_contiguous(false) {
        return Err(raise!(cx, BufferError, "memoryview: underlying buffer is not C-contiguous"));
    }
    view.with_memory(cx, |_| view.exports.fetch_add(1, Ordering::Relaxed))?;
    Ok(Buffer {
        owner: this,
        address: seen.address,
        length: seen.byte_length(),
        read_only: seen.read_only,
        item_size: seen.item_size,
        format: seen.format.clone(),
        shape: seen.shape.clone(),
        strides: seen.strides.clone(),
        release: Some(end_loan),
        lender: None,
    })
}

/// Called when a buffer that a view has lent comes back.
fn end_loan(cx: &Cx, owner: Value) {
    if let Some(view) = owner.exact::<MemoryView>() {
        view.end_loan(cx);
    }
}
