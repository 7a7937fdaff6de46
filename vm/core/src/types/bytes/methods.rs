//! The methods of bytes (most of them shared with bytearray), and the definition of the type.

use std::borrow::Cow;
use std::ops::Range;

use super::{Bytes, convert, iterator, slots};
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::byte_sequence::{ByteSequence, percent, shared_methods};

impl ByteSequence for Bytes {
    const NAME: &'static str = "bytes";

    fn content<'a>(_: &Cx, this: &'a Ref<Bytes>) -> PyResult<Cow<'a, [u8]>> {
        Ok(Cow::Borrowed(this.as_bytes()))
    }

    fn make(cx: &Cx, bytes: &[u8]) -> PyResult {
        Ok(cx.try_new_bytes(bytes)?.value())
    }

    fn part(cx: &Cx, this: Ref<Bytes>, content: &[u8], range: Range<usize>) -> PyResult {
        if range.len() == this.len() { Ok(this.to_exact(cx).value()) } else { Self::make(cx, &content[range]) }
    }
}

fn modulo(cx: &Cx, left: Value, right: Value) -> PyResult {
    match left.downcast::<Bytes>(cx) {
        Some(template) => percent::percent_format(cx, template, right),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

static METHODS: &[Method] = shared_methods!(Bytes;
    Method::none("__getnewargs__", slots::getnewargs, "__getnewargs__($self, /)\n--\n\n"),
    Method::none("__bytes__", slots::dunder_bytes, "__bytes__($self, /)\n--\n\nReturn the bytes as exactly bytes."),
);

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "bytes(iterable_of_ints) -> bytes\nbytes(string, encoding[, errors]) -> bytes\nbytes(bytes_or_buffer) -> \
          bytes\nbytes(int) -> bytes\nbytes() -> bytes\n\nMake an immutable row of bytes: of ints below 256, of text in an \
          encoding, of\nwhat a buffer holds, or of so many zeros.",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(convert::new),
        repr: Some(slots::repr),
        str: Some(slots::repr),
        hash: Some(slots::hash),
        compare: Some(slots::compare),
        iter: Some(iterator::iter),
        length: Some(slots::length),
        subscript: Some(slots::subscript),
        contains: Some(slots::contains),
        concatenate: Some(slots::concatenate),
        repeat: Some(slots::repeat),
        modulo: Some(modulo),
        buffer: Some(slots::buffer),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("bytes", &super::LAYOUT)
};
