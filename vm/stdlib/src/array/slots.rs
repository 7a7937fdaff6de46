//! What operators and iteration do with arrays, and the class.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_common::wtf8::Wtf8Buf;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::{RefField, this};
use countless_vm::object::protocol::item::slice_bounds;
use countless_vm::object::protocol::{compare, number, object};
use countless_vm::object::python_buffer::release_view;
use countless_vm::object::slots::{Comparison, Slots};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::slice::Slice;

use super::{Array, item, methods, plain_array};

fn length(cx: &Cx, value: Value) -> PyResult<usize> {
    Ok(this::<Array>(cx, value).len())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let array = this::<Array>(cx, value);
    let class = cx.type_of(value).name();
    let mut out = Wtf8Buf::new();
    out.push_wtf8(class.as_wtf8());
    out.push_str(&format!("('{}'", char::from(array.code)));
    if array.len() > 0 {
        let items = if item::is_text(array.code) { methods::text_of(cx, array)? } else { methods::list_of(cx, array)? };
        out.push_str(", ");
        out.push_wtf8(object::repr(cx, items)?.as_wtf8());
    }
    out.push_str(")");
    Ok(cx.new_str_wtf8(&out).value())
}

/// An index from a key, from the end if negative; `None` if out of range.
fn resolve(cx: &Cx, key: Value, length: usize) -> PyResult<Option<usize>> {
    let index = number::index_position(cx, key)?;
    let index = if index < 0 { index + length as isize } else { index };
    Ok(usize::try_from(index).ok().filter(|&index| index < length))
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    let array = this::<Array>(cx, value);
    if number::is_index(cx, key) {
        let found = resolve(cx, key, array.len())?.and_then(|index| array.get(cx, index));
        return found.ok_or(()).map_err(|()| cx.index_error("array index out of range"));
    }
    let Some(slice) = key.exact::<Slice>() else { return Err(cx.type_error("array indices must be integers")) };
    let bytes = array.bytes(cx)?.to_vec(cx)?;
    let size = array.item_size();
    let bounds = slice_bounds(cx, slice, bytes.len() / size)?;
    let mut out = Vec::with_capacity(bounds.length * size);
    for step in 0..bounds.length {
        let at = (bounds.start + step as isize * bounds.step) as usize * size;
        out.extend_from_slice(&bytes[at..at + size]);
    }
    Ok(plain_array(cx, array.code, &out)?.value())
}

fn assign(cx: &Cx, target: Value, key: Value, value: Option<Value>) -> PyResult<()> {
    let array = this::<Array>(cx, target);
    let size = array.item_size();
    if number::is_index(cx, key) {
        let Some(index) = resolve(cx, key, array.len())? else {
            return Err(cx.index_error("array assignment index out of range"));
        };
        let Some(value) = value else { return array.splice(cx, index, index + 1, &[]) };
        let bytes = item::store(cx, array.code, value)?;
        return match array.bytes(cx)?.store_range(cx, index * size, &bytes[..size]) {
            true => Ok(()),
            false => Err(cx.index_error("array assignment index out of range")),
        };
    }
    let Some(slice) = key.exact::<Slice>() else { return Err(cx.type_error("array indices must be integers")) };
    assign_slice(cx, array, slice, value)
}

fn assign_slice(cx: &Cx, array: Ref<Array>, slice: Ref<Slice>, value: Option<Value>) -> PyResult<()> {
    let size = array.item_size();
    let new = match value {
        None => Vec::new(),
        Some(value) => match value.downcast::<Array>(cx) {
            Some(other) if other.code == array.code => other.bytes(cx)?.to_vec(cx)?,
            Some(_) => return Err(cx.type_error("bad argument type for built-in operation")),
            None => {
                let class = value.class_name(cx);
                return Err(raise!(cx, TypeError, "can only assign array (not \"{class}\") to array slice"));
            }
        },
    };
    let bounds = slice_bounds(cx, slice, array.len())?;
    let start = bounds.start as usize;
    if bounds.step == 1 {
        return array.splice(cx, start, start + bounds.length, &new);
    }
    let count = new.len() / size;
    if value.is_some() && count != bounds.length {
        let wanted = bounds.length;
        return Err(raise!(
            cx,
            ValueError,
            "attempt to assign array of size {count} to extended slice of size {wanted}"
        ));
    }
    let mut indices: Vec<usize> =
        (0..bounds.length).map(|step| (bounds.start + step as isize * bounds.step) as usize).collect();
    if value.is_some() {
        for (&index, bytes) in indices.iter().zip(new.chunks_exact(size)) {
            array.bytes(cx)?.store_range(cx, index * size, bytes);
        }
        return Ok(());
    }
    indices.sort_unstable();
    for &index in indices.iter().rev() {
        array.splice(cx, index, index + 1, &[])?;
    }
    Ok(())
}

fn contains(cx: &Cx, value: Value, wanted: Value) -> PyResult<bool> {
    Ok(methods::find(cx, this::<Array>(cx, value), wanted, 0, usize::MAX)?.is_some())
}

fn compare_arrays(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.downcast::<Array>(cx), right.downcast::<Array>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if matches!(comparison, Comparison::Equal | Comparison::NotEqual) && left.len() != right.len() {
        return Ok(Value::bool(comparison == Comparison::NotEqual));
    }
    let mut index = 0;
    while let (Some(a), Some(b)) = (left.get(cx, index), right.get(cx, index)) {
        if !compare::compare_bool(cx, a, b, Comparison::Equal)? {
            return match comparison {
                Comparison::Equal => Ok(Value::FALSE),
                Comparison::NotEqual => Ok(Value::TRUE),
                _ => compare::compare(cx, a, b, comparison),
            };
        }
        index += 1;
        if index % 1024 == 0 {
            cx.poll()?;
        }
    }
    Ok(Value::bool(comparison.holds(left.len().cmp(&right.len()))))
}

fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    let array = this::<Array>(cx, left);
    let Some(other) = right.downcast::<Array>(cx) else {
        return Err(raise!(cx, TypeError, "can only append array (not \"{}\") to array", right.class_name(cx)));
    };
    if other.code != array.code {
        return Err(cx.type_error("bad argument type for built-in operation"));
    }
    let mut bytes = array.bytes(cx)?.to_vec(cx)?;
    bytes.extend(other.bytes(cx)?.to_vec(cx)?);
    Ok(plain_array(cx, array.code, &bytes)?.value())
}

fn repeated(cx: &Cx, array: Ref<Array>, count: Value) -> PyResult<Vec<u8>> {
    let count = number::index_i64(cx, count)?.max(0) as usize;
    let bytes = array.bytes(cx)?.to_vec(cx)?;
    let total = bytes.len().checked_mul(count).filter(|&total| total <= countless_common::MAX_BYTES);
    let mut out = Vec::new();
    match total {
        Some(total) if out.try_reserve_exact(total).is_ok() => {}
        _ => return Err(cx.memory_error()),
    }
    for _ in 0..if bytes.is_empty() { 0 } else { count } {
        out.extend_from_slice(&bytes);
    }
    Ok(out)
}

fn repeat(cx: &Cx, value: Value, count: Value) -> PyResult {
    let array = this::<Array>(cx, value);
    let bytes = repeated(cx, array, count)?;
    Ok(plain_array(cx, array.code, &bytes)?.value())
}

fn inplace_concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    let array = this::<Array>(cx, left);
    if right.downcast::<Array>(cx).is_none() {
        let class = right.class_name(cx);
        return Err(raise!(cx, TypeError, "can only extend array with array (not \"{class}\")"));
    }
    methods::extend_with(cx, array, right)?;
    Ok(left)
}

fn inplace_repeat(cx: &Cx, value: Value, count: Value) -> PyResult {
    let array = this::<Array>(cx, value);
    let bytes = repeated(cx, array, count)?;
    array.splice(cx, 0, usize::MAX / item::LARGEST, &bytes)?;
    Ok(value)
}

// ---- the iterator

native_cell! {
    /// The iterator.
    struct Iterator("array.arrayiterator", ITERATOR_LAYOUT) {
        traced { array: RefField<Array>, }
        plain { index: AtomicUsize, }
    }
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    let array = RefField::new(this::<Array>(cx, value));
    Ok(cx.allocate(Iterator { header: Default::default(), array, index: AtomicUsize::new(0) }).value())
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let iterator = this::<Iterator>(cx, value);
    let Some(array) = iterator.array.get() else { return Ok(None) };
    let index = iterator.index.load(Ordering::Relaxed);
    let item = array.get(cx, index);
    match item {
        Some(_) => iterator.index.store(index + 1, Ordering::Relaxed),
        None => iterator.array.set_option(cx, None),
    }
    Ok(item)
}

fn iterator_reduce(cx: &Cx, iterator: Ref<Iterator>) -> PyResult {
    let iter = cx.builtin("iter")?;
    Ok(match iterator.array.get() {
        Some(array) => {
            let arguments = cx.new_tuple(&[array.value()]).value();
            let index = Value::length(iterator.index.load(Ordering::Relaxed));
            cx.new_tuple(&[iter, arguments, index]).value()
        }
        None => {
            let arguments = cx.new_tuple(&[cx.empty_tuple().value()]).value();
            cx.new_tuple(&[iter, arguments]).value()
        }
    })
}

fn iterator_set_state(cx: &Cx, iterator: Ref<Iterator>, state: Value) -> PyResult {
    let index = number::index_i64(cx, state)?;
    if let Some(array) = iterator.array.get() {
        iterator.index.store(index.clamp(0, array.len() as i64) as usize, Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

/// The iterator's class.
pub static ITERATOR_TYPE: TypeDef = TypeDef {
    module: "array",
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none(
            "__reduce__",
            iterator_reduce,
            "__reduce__($self, /)\n--\n\nReturn state information for pickling.",
        ),
        Method::one(
            "__setstate__",
            iterator_set_state,
            "__setstate__($self, state, /)\n--\n\nSet state information for unpickling.",
        ),
    ],
    ..TypeDef::new("arrayiterator", &ITERATOR_LAYOUT)
};

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "array",
    doc: "array(typecode [, initializer]) -> array\n\nA new array of items of one type, filled from the initializer: a list, a\nbytes-like object, a string (for characters) or an iterable.\n\nType codes: b, h, i, l, q for signed integers, upper case for unsigned ones; f and\nd for floating-point numbers; u and w for characters.",
    flags: TypeFlags::BASE.with(TypeFlags::SEQUENCE).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        new: Some(super::new),
        repr: Some(repr),
        compare: Some(compare_arrays),
        iter: Some(iter),
        length: Some(length),
        subscript: Some(subscript),
        assign_subscript: Some(assign),
        contains: Some(contains),
        concatenate: Some(concatenate),
        repeat: Some(repeat),
        inplace_concatenate: Some(inplace_concatenate),
        inplace_repeat: Some(inplace_repeat),
        buffer: Some(super::lend),
        release_buffer: Some(release_view),
        ..Slots::NONE
    },
    methods: methods::METHODS,
    attributes: &[
        GetSet::read_only(
            "typecode",
            |cx, array: Ref<Array>| Ok(cx.new_char(array.code.into()).value()),
            "the typecode character used to create the array",
        ),
        GetSet::read_only(
            "itemsize",
            |_cx, array: Ref<Array>| Ok(Value::length(array.item_size())),
            "the size, in bytes, of one array item",
        ),
    ],
    ..TypeDef::new("array", &super::LAYOUT)
};
