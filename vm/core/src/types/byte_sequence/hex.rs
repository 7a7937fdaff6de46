//! Hexadecimal digits of bytes, and back.

use super::ByteSequence;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::object;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytes::{ByteView, Bytes};
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// The arguments of `hex`: a separator, and after how many bytes it goes (negative: counted from the left).
pub(crate) struct Grouping {
    separator: Option<u8>,
    size: i32,
}

impl Grouping {
    /// From the arguments of a call.
    pub(crate) fn of_arguments(cx: &Cx, separator: Option<Value>, size: Option<Value>) -> PyResult<Grouping> {
        let size = size.map_or(Ok(1), |size| cx.c_int_argument(size))?;
        let Some(separator) = separator else { return Ok(Grouping { separator: None, size }) };
        if object::length(cx, separator)? != 1 {
            return Err(cx.value_error("sep must be length 1."));
        }
        let point = if let Some(text) = separator.downcast::<Str>(cx) {
            text.code_point(0).unwrap_or(u32::MAX)
        } else if let Some(bytes) = separator.downcast::<Bytes>(cx) {
            bytes.as_bytes()[0].into()
        } else {
            return Err(cx.type_error("sep must be str or bytes."));
        };
        match u8::try_from(point).ok().filter(u8::is_ascii) {
            Some(byte) => Ok(Grouping { separator: Some(byte), size }),
            None => Err(cx.value_error("sep must be ASCII.")),
        }
    }

    /// Whether a separator goes before the byte at an index of a row.
    fn separates(&self, index: usize, length: usize) -> bool {
        let size = self.size.unsigned_abs() as usize;
        if index == 0 || size == 0 {
            return false;
        }
        // Positive sizes count groups from the right.
        if self.size > 0 { (length - index).is_multiple_of(size) } else { index.is_multiple_of(size) }
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The digits of the bytes, as text.
pub(crate) fn digits(cx: &Cx, bytes: &[u8], grouping: &Grouping) -> PyResult {
    let mut text = Vec::new();
    let room = bytes.len().saturating_mul(3);
    if text.try_reserve(room).is_err() {
        return Err(cx.memory_error());
    }
    for (index, &byte) in bytes.iter().enumerate() {
        if let Some(separator) = grouping.separator
            && grouping.separates(index, bytes.len())
        {
            text.push(separator);
        }
        text.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    Ok(cx.new_str_ascii(&text).value())
}

static HEX: Signature<2> = Signature::new("hex", ["sep", "bytes_per_sep"]);

/// The arguments of a call of `hex`.
pub(crate) fn grouping(cx: &Cx, args: Args<'_>) -> PyResult<Grouping> {
    let [separator, size] = HEX.bind(cx, args)?;
    Grouping::of_arguments(cx, separator, size)
}

pub(crate) fn hex<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let grouping = grouping(cx, args)?;
    digits(cx, &T::content(cx, &this)?, &grouping)
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    byte.and_then(|&byte| (byte as char).to_digit(16)).map(|digit| digit as u8)
}

fn parse(cx: &Cx, text: &[u8]) -> PyResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while at < text.len() {
        if matches!(text[at], 0x09..=0x0D | 0x20) {
            at += 1;
            continue;
        }
        let bad = match (digit(text.get(at)), digit(text.get(at + 1))) {
            (Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                at += 2;
                continue;
            }
            (None, _) => at,
            (Some(_), None) => at + 1,
        };
        if bad == text.len() {
            return Err(cx.value_error("fromhex() arg must contain an even number of hexadecimal digits"));
        }
        return Err(raise!(cx, ValueError, "non-hexadecimal number found in fromhex() arg at position {bad}"));
    }
    Ok(bytes)
}

/// `cls.fromhex(string)`.
pub(crate) fn fromhex<T: ByteSequence>(cx: &Cx, class: Ref<TypeObject>, value: Value) -> PyResult {
    let bytes = if let Some(text) = value.downcast::<Str>(cx) {
        if let Some(bad) = text.as_wtf8().code_points().position(|point| point >= 128) {
            return Err(raise!(cx, ValueError, "non-hexadecimal number found in fromhex() arg at position {bad}"));
        }
        parse(cx, text.as_bytes())?
    } else if let Some(view) = ByteView::of_buffer(cx, value)? {
        parse(cx, &view)?
    } else {
        let name = value.class_name(cx);
        return Err(raise!(cx, TypeError, "fromhex() argument must be str or bytes-like, not {name}"));
    };
    let made = T::make(cx, &bytes)?;
    if class == cx.builtin_type(T::layout().id()) { Ok(made) } else { cx.call(class.value(), &[made]) }
}
