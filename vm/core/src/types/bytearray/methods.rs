//! The methods that change a bytearray, and the definition of the type.

use std::borrow::Cow;
use std::ops::Range;

use super::{ByteArray, iterator, slots};
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::protocol::number;
use crate::object::python_buffer::release_view;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::byte_sequence::{ByteSequence, percent, shared_methods};
use crate::types::bytes::{ByteView, bytes_from_iterable};
use crate::types::sequence::resolve_index;
use crate::types::str::Str;

impl ByteSequence for ByteArray {
    const NAME: &'static str = "bytearray";

    fn content<'a>(cx: &Cx, this: &'a Ref<ByteArray>) -> PyResult<Cow<'a, [u8]>> {
        this.to_vec(cx).map(Cow::Owned)
    }

    fn make(cx: &Cx, bytes: &[u8]) -> PyResult {
        Ok(cx.new_bytearray(bytes)?.value())
    }

    fn part(cx: &Cx, _: Ref<ByteArray>, content: &[u8], range: Range<usize>) -> PyResult {
        Self::make(cx, &content[range])
    }
}

fn append(cx: &Cx, this: Ref<ByteArray>, value: Value) -> PyResult {
    let byte = slots::byte_value(cx, value)?;
    this.append(cx, &[byte])?;
    Ok(Value::NONE)
}

fn extend(cx: &Cx, this: Ref<ByteArray>, iterable: Value) -> PyResult {
    if let Some(view) = ByteView::of_buffer(cx, iterable)? {
        this.append(cx, &view)?;
        return Ok(Value::NONE);
    }
    let class = iterable.class_name(cx);
    if iterable.downcast::<Str>(cx).is_some() {
        return Err(raise!(cx, TypeError, "expected iterable of integers; got: '{class}'"));
    }
    let slots = &cx.type_of(iterable).slots;
    if slots.iter().is_none() && slots.subscript().is_none() {
        return Err(raise!(cx, TypeError, "can't extend bytearray with {class}"));
    }
    let bytes = bytes_from_iterable(cx, iterable, "bytearray")?;
    this.append(cx, &bytes)?;
    Ok(Value::NONE)
}

fn insert(cx: &Cx, this: Ref<ByteArray>, index: Value, value: Value) -> PyResult {
    let index = number::index_i64(cx, index)? as isize;
    let byte = slots::byte_value(cx, value)?;
    loop {
        let length = this.len();
        let position = if index < 0 { index.saturating_add(length as isize).max(0) } else { index };
        let position = (position as usize).min(length);
        if this.splice(cx, length, position..position, &[byte])? {
            return Ok(Value::NONE);
        }
    }
}

fn pop(cx: &Cx, this: Ref<ByteArray>, index: Option<Value>) -> PyResult {
    let index = index.map_or(Ok(-1), |index| number::index_i64(cx, index))? as isize;
    loop {
        let length = this.len();
        if length == 0 {
            return Err(cx.index_error("pop from empty bytearray"));
        }
        let Some(position) = resolve_index(index, length) else {
            return Err(cx.index_error("pop index out of range"));
        };
        let Some(byte) = this.get(cx, position) else { continue };
        if this.splice(cx, length, position..position + 1, &[])? {
            return Ok(Value::int(byte.into()));
        }
    }
}

fn remove(cx: &Cx, this: Ref<ByteArray>, value: Value) -> PyResult {
    let byte = slots::byte_value(cx, value)?;
    loop {
        let content = this.to_vec(cx)?;
        let Some(position) = content.iter().position(|&candidate| candidate == byte) else {
            return Err(cx.value_error("value not found in bytearray"));
        };
        if this.splice(cx, content.len(), position..position + 1, &[])? {
            return Ok(Value::NONE);
        }
    }
}

fn reverse(cx: &Cx, this: Ref<ByteArray>) -> PyResult {
    this.update(cx, |bytes| bytes.reverse())?;
    Ok(Value::NONE)
}

fn clear(cx: &Cx, this: Ref<ByteArray>) -> PyResult {
    this.replace_all(cx, &[])?;
    Ok(Value::NONE)
}

fn copy(cx: &Cx, this: Ref<ByteArray>) -> PyResult {
    let bytes = this.to_vec(cx)?;
    Ok(cx.new_bytearray(&bytes)?.value())
}

fn resize(cx: &Cx, this: Ref<ByteArray>, size: Value) -> PyResult {
    let size = number::index_i64(cx, size)?;
    match usize::try_from(size) {
        Ok(size) => {
            slots::resize(cx, this, size)?;
            Ok(Value::NONE)
        }
        Err(_) => Err(raise!(cx, ValueError, "Can only resize to positive sizes, got {size}")),
    }
}

/// What `__alloc__` has always counted: a terminating byte too.
fn alloc(_: &Cx, this: Ref<ByteArray>) -> PyResult {
    Ok(Value::length(match this.capacity() {
        0 => 0,
        capacity => capacity + 1,
    }))
}

fn sizeof(_: &Cx, this: Ref<ByteArray>) -> PyResult {
    Ok(Value::length(size_of::<ByteArray>() + this.capacity()))
}

fn reduced(cx: &Cx, this: Ref<ByteArray>, protocol: i32) -> PyResult {
    let content = this.to_vec(cx)?;
    let arguments = if content.is_empty() {
        cx.new_tuple(&[])
    } else if protocol < 3 {
        let text: String = content.iter().map(|&byte| byte as char).collect();
        let text = cx.new_str(&text).value();
        cx.new_tuple(&[text, cx.names().latin_1.value()])
    } else {
        let bytes = cx.new_bytes(&content).value();
        cx.new_tuple(&[bytes])
    };
    let state = cx.call_method(this.value(), cx.names().__getstate__, &[])?;
    let class = cx.type_of(this.value()).value();
    Ok(cx.new_tuple(&[class, arguments.value(), state]).value())
}

fn reduce(cx: &Cx, this: Ref<ByteArray>) -> PyResult {
    reduced(cx, this, 2)
}

fn reduce_ex(cx: &Cx, this: Ref<ByteArray>, protocol: Option<Value>) -> PyResult {
    let protocol = protocol.map_or(Ok(0), |protocol| cx.c_int_argument(protocol))?;
    reduced(cx, this, protocol)
}

fn modulo(cx: &Cx, left: Value, right: Value) -> PyResult {
    match left.downcast::<ByteArray>(cx) {
        Some(template) => percent::percent_format(cx, template, right),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

static METHODS: &[Method] = shared_methods!(ByteArray;
    Method::none("__alloc__", alloc, "__alloc__($self, /)\n--\n\nHow many bytes are allocated."),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickle needs."),
    Method::optional("__reduce_ex__", reduce_ex, "__reduce_ex__($self, proto=0, /)\n--\n\nReturn what pickle needs."),
    Method::none("__sizeof__", sizeof, "__sizeof__($self, /)\n--\n\nBytes of memory that the row takes."),
    Method::one("append", append, "append($self, item, /)\n--\n\nAdd a byte at the end."),
    Method::none("clear", clear, "clear($self, /)\n--\n\nRemove all bytes."),
    Method::none("copy", copy, "copy($self, /)\n--\n\nReturn a copy."),
    Method::one("extend", extend, "extend($self, iterable_of_ints, /)\n--\n\nAdd bytes at the end."),
    Method::two("insert", insert, "insert($self, index, item, /)\n--\n\nAdd a byte before an index."),
    Method::optional("pop", pop, "pop($self, index=-1, /)\n--\n\nRemove and return the byte at an index."),
    Method::one("remove", remove, "remove($self, value, /)\n--\n\nRemove the first byte of a value."),
    Method::one("resize", resize, "resize($self, size, /)\n--\n\nChange the length; new bytes are zero."),
    Method::none("reverse", reverse, "reverse($self, /)\n--\n\nReverse the order of the bytes in place."),
);

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "bytearray(iterable_of_ints) -> bytearray\nbytearray(string, encoding[, errors]) -> \
          bytearray\nbytearray(bytes_or_buffer) -> bytearray\nbytearray(int) -> bytearray\nbytearray() -> bytearray\n\nMake \
          a mutable row of bytes: of ints below 256, of text in an encoding, of\nwhat a buffer holds, or of so many zeros.",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(slots::new),
        init: Some(slots::init),
        repr: Some(slots::repr),
        str: Some(slots::repr),
        compare: Some(slots::compare),
        iter: Some(iterator::iter),
        length: Some(slots::length),
        subscript: Some(slots::subscript),
        assign_subscript: Some(slots::assign_subscript),
        contains: Some(slots::contains),
        concatenate: Some(slots::concatenate),
        repeat: Some(slots::repeat),
        inplace_concatenate: Some(slots::inplace_concatenate),
        inplace_repeat: Some(slots::inplace_repeat),
        modulo: Some(modulo),
        buffer: Some(slots::buffer),
        release_buffer: Some(release_view),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("bytearray", &super::LAYOUT)
};
