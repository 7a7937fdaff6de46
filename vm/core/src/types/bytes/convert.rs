//! `bytes(…)`, and the bytes of other objects.

use super::{ByteView, Bytes};
use crate::exceptions::ExceptionKind;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::buffer::gathered_bytes_of;
use crate::object::protocol::{iter, number};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::codecs;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::sequence::poll_at;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

static NEW: Signature<3> = Signature::new("bytes", ["source", "encoding", "errors"]);

/// `bytes.__new__`.
pub(super) fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [source, encoding, errors] = NEW.bind(cx, args)?;
    let bytes = match text_source(cx, "bytes", source, encoding, errors)? {
        Some(encoded) => encoded,
        None => match source {
            None => cx.new_zero_bytes(0)?,
            Some(source) => from_source(cx, source)?,
        },
    };
    if class == cx.builtin_type(ids::BYTES) {
        return Ok(bytes.value());
    }
    let instance = cx.new_bytes_instance(class, bytes.as_bytes())?;
    std::hint::black_box(bytes);
    Ok(instance.value())
}

/// The encoded source, if an encoding is given; the errors about sources, encodings and handlers that do not fit.
pub(crate) fn text_source(
    cx: &Cx,
    function: &str,
    source: Option<Value>,
    encoding: Option<Value>,
    errors: Option<Value>,
) -> PyResult<Option<Ref<Bytes>>> {
    let encoding = encoding.map(|value| cx.str_argument_named(value, function, "encoding")).transpose()?;
    let errors = errors.map(|value| cx.str_argument_named(value, function, "errors")).transpose()?;
    let text = source.and_then(|source| source.downcast::<Str>(cx));
    match (text, encoding) {
        (Some(text), Some(_)) => {
            let encoded = codecs::encode(cx, text, encoding, errors)?;
            Ok(encoded.downcast::<Bytes>(cx))
        }
        (Some(_), None) if errors.is_some() || function == "bytearray" => {
            Err(cx.type_error("string argument without an encoding"))
        }
        (None, Some(_)) => Err(cx.type_error("encoding without a string argument")),
        (None, None) if errors.is_some() => Err(cx.type_error("errors without a string argument")),
        _ => Ok(None),
    }
}

/// `bytes(source)`.
fn from_source(cx: &Cx, source: Value) -> PyResult<Ref<Bytes>> {
    if let Some(bytes) = from_method(cx, source)? {
        return Ok(bytes);
    }
    if source.downcast::<Str>(cx).is_some() {
        return Err(cx.type_error("string argument without an encoding"));
    }
    if let Some(length) = size_of_source(cx, source)? {
        return cx.new_zero_bytes(length);
    }
    let bytes = bytes_from_iterable(cx, source, "bytes")?;
    cx.try_new_bytes(&bytes)
}

/// The size that an int as source stands for.
pub(crate) fn size_of_source(cx: &Cx, source: Value) -> PyResult<Option<usize>> {
    if !number::is_index(cx, source) && !source.is_bool() {
        return Ok(None);
    }
    let int = match number::index(cx, source) {
        Ok(int) => int,
        Err(raised) => {
            cx.ignore_if(raised, ExceptionKind::TypeError)?;
            return Ok(None);
        }
    };
    match number::as_index_i64(cx, int) {
        Some(length) if length < 0 => Err(cx.value_error("negative count")),
        Some(length) => Ok(Some(length as usize)),
        None => {
            let class = source.class_name(cx);
            Err(raise!(cx, OverflowError, "cannot fit '{class}' into an index-sized integer"))
        }
    }
}

/// What `__bytes__` answers, or the value itself if it is exactly bytes.
fn from_method(cx: &Cx, value: Value) -> PyResult<Option<Ref<Bytes>>> {
    if let Some(bytes) = value.exact::<Bytes>() {
        return Ok(Some(bytes));
    }
    if !value.is_cell() {
        return Ok(None);
    }
    let Some(method) = cx.lookup_special(value, cx.names().__bytes__)? else { return Ok(None) };
    let result = cx.call_found(method, &[])?;
    match result.downcast::<Bytes>(cx) {
        Some(bytes) => Ok(Some(bytes)),
        None => {
            let class = result.class_name(cx);
            Err(raise!(cx, TypeError, "__bytes__ returned non-bytes (type {class})"))
        }
    }
}

/// The bytes that `%b` and `int.from_bytes` take from an object: by `__bytes__`, a buffer, or iteration over ints.
pub fn bytes_from_object(cx: &Cx, value: Value) -> PyResult<Vec<u8>> {
    match from_method(cx, value)? {
        Some(bytes) => Ok(bytes.as_bytes().to_vec()),
        None => bytes_from_iterable(cx, value, "bytes"),
    }
}

/// What `%b` formats; `None` for what is not bytes-like and has no `__bytes__`.
pub(crate) fn bytes_for_percent(cx: &Cx, value: Value) -> PyResult<Option<ByteView>> {
    if let Some(bytes) = from_method(cx, value)? {
        return Ok(Some(ByteView::Held(bytes)));
    }
    ByteView::of_buffer(cx, value)
}

/// The bytes of a buffer, or the ints of an iterable; `class` is the one that is being made, for messages.
pub fn bytes_from_iterable(cx: &Cx, value: Value, class: &str) -> PyResult<Vec<u8>> {
    let slots = &cx.type_of(value).slots;
    if slots.buffer().is_some() {
        return gathered_bytes_of(cx, value);
    }
    let iterable = slots.iter().is_some() || slots.subscript().is_some();
    if value.downcast::<Str>(cx).is_some() || !iterable {
        let name = value.class_name(cx);
        return Err(raise!(cx, TypeError, "cannot convert '{name}' object to {class}"));
    }
    let mut bytes = Vec::new();
    let mut count = 0;
    iter::for_each(cx, value, |item| {
        poll_at(cx, count)?;
        count += 1;
        bytes.push(byte_of_item(cx, item, class)?);
        Ok(())
    })?;
    Ok(bytes)
}

fn byte_of_item(cx: &Cx, item: Value, class: &str) -> PyResult<u8> {
    let int = number::index(cx, item)?;
    match number::as_index_i64(cx, int).and_then(|int| u8::try_from(int).ok()) {
        Some(byte) => Ok(byte),
        None if class == "bytes" => Err(cx.value_error("bytes must be in range(0, 256)")),
        None => Err(cx.value_error("byte must be in range(0, 256)")),
    }
}
