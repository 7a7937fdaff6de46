//! File names: bytes of the system against strings, by UTF-8 with the surrogateescape handler.

use countless_common::wtf8::Wtf8Buf;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::str::Str;

/// The string of a file name.
pub fn fs_decode(cx: &Cx, bytes: &[u8]) -> Ref<Str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => cx.new_str(text),
        Err(_) => cx.new_str_wtf8(&decode_escaping(bytes)),
    }
}

/// Decodes UTF-8; each undecodable byte becomes U+DC80 to U+DCFF.
fn decode_escaping(bytes: &[u8]) -> Wtf8Buf {
    let mut text = Wtf8Buf::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for &byte in chunk.invalid() {
            text.push(0xdc00 + u32::from(byte));
        }
    }
    text
}

/// The bytes of a file name: a string, a bytes object, or an object with `__fspath__`.
pub fn fs_encode(cx: &Cx, value: Value) -> PyResult<Vec<u8>> {
    let path = fs_path(cx, value)?;
    if let Some(bytes) = path.downcast::<Bytes>(cx) {
        return Ok(bytes.as_bytes().to_vec());
    }
    match path.downcast::<Str>(cx) {
        Some(text) => encode_text(cx, text),
        None => Ok(Vec::new()),
    }
}

/// The bytes of a string as a file name.
pub fn encode_text(cx: &Cx, text: Ref<Str>) -> PyResult<Vec<u8>> {
    if let Some(text) = text.to_str() {
        return Ok(text.as_bytes().to_vec());
    }
    let mut bytes = Vec::with_capacity(text.as_wtf8().len());
    for point in text.as_wtf8().code_points() {
        match point {
            0xdc80..=0xdcff => bytes.push((point - 0xdc00) as u8),
            0xd800..=0xdfff => {
                // The codec words the error.
                let (encoding, errors) = (cx.new_str("utf-8"), cx.new_str("surrogateescape"));
                countless_vm::runtime::codecs::encode(cx, text, Some(encoding), Some(errors))?;
                return Err(cx.value_error("surrogates not allowed in a file name"));
            }
            _ => {
                let mut buffer = [0u8; 4];
                let character = char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
    Ok(bytes)
}

/// `os.fspath(value)`: a str or bytes object.
pub fn fs_path(cx: &Cx, value: Value) -> PyResult {
    let is_path = |value: Value| value.downcast::<Str>(cx).is_some() || value.downcast::<Bytes>(cx).is_some();
    if is_path(value) {
        return Ok(value);
    }
    let class = value.class_name(cx);
    let Some(method) = cx.lookup_special(value, cx.names().__fspath__)? else {
        return Err(raise!(cx, TypeError, "expected str, bytes or os.PathLike object, not {class}"));
    };
    let path = cx.call_found(method, &[])?;
    if is_path(path) {
        return Ok(path);
    }
    let given = path.class_name(cx);
    Err(raise!(cx, TypeError, "expected {class}.__fspath__() to return str or bytes, not {given}"))
}
