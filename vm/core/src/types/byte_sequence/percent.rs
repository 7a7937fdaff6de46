//! The `%` operator of byte rows, over the same parts as that of str.

use countless_common::percent::{self, Conversion, Layout, Part};

use super::ByteSequence;
use crate::object::cell::Ref;
use crate::object::protocol::number;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytearray::ByteArray;
use crate::types::bytes::{ByteView, Bytes, bytes_for_percent};
use crate::types::float;
use crate::types::str::{Operands, ascii, format_number, resolve};

/// The byte of `%c`.
fn byte(cx: &Cx, value: Value) -> PyResult<u8> {
    let class = value.class_name(cx);
    if value.downcast::<Bytes>(cx).is_some() || value.downcast::<ByteArray>(cx).is_some() {
        return match *ByteView::new(cx, value)? {
            [byte] => Ok(byte),
            ref bytes => {
                let length = bytes.len();
                let kind = if value.downcast::<Bytes>(cx).is_some() { "bytes" } else { "bytearray" };
                Err(raise!(
                    cx,
                    TypeError,
                    "%c requires an integer in range(256) or a single byte, not a {kind} object of length {length}"
                ))
            }
        };
    }
    if !number::is_index(cx, value) && !value.is_bool() {
        return Err(raise!(cx, TypeError, "%c requires an integer in range(256) or a single byte, not {class}"));
    }
    let int = number::index(cx, value)?;
    match number::as_index_i64(cx, int).and_then(|int| u8::try_from(int).ok()) {
        Some(byte) => Ok(byte),
        None => Err(cx.overflow_error("%c arg not in range(256)")),
    }
}

fn padded(cx: &Cx, bytes: &[u8], layout: Layout, out: &mut Vec<u8>) -> PyResult<()> {
    match percent::pad(bytes, layout, false) {
        Ok(bytes) => {
            out.extend_from_slice(&bytes);
            Ok(())
        }
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn convert(cx: &Cx, conversion: &Conversion<'_>, operands: &mut Operands, out: &mut Vec<u8>) -> PyResult<()> {
    if let Some(key) = conversion.key {
        let key = cx.new_bytes(key);
        operands.choose(cx, key.value())?;
    }
    let layout = resolve(cx, conversion, operands)?;
    let kind = u8::try_from(conversion.kind).unwrap_or(0);
    let value = operands.take(cx)?;
    match kind {
        b's' | b'b' => match bytes_for_percent(cx, value)? {
            Some(view) => padded(cx, &view, layout, out),
            None => {
                let class = value.class_name(cx);
                Err(raise!(
                    cx,
                    TypeError,
                    "%b requires a bytes-like object, or an object that implements __bytes__, not '{class}'"
                ))
            }
        },
        b'a' | b'r' => padded(cx, ascii(cx, value)?.as_bytes(), layout, out),
        b'c' => padded(cx, &[byte(cx, value)?], Layout { precision: None, ..layout }, out),
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            out.extend_from_slice(format_number(cx, value, kind, layout)?.as_bytes());
            Ok(())
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let number = match float::from_number(cx, value) {
                Ok(number) => cx.new_float(number),
                Err(raised) => {
                    cx.take_exception(raised);
                    let class = value.class_name(cx);
                    return Err(raise!(cx, TypeError, "float argument required, not {class}"));
                }
            };
            out.extend_from_slice(format_number(cx, number, kind, layout)?.as_bytes());
            Ok(())
        }
        _ => Err(cx.raise_failure(conversion.unsupported(false))),
    }
}

/// `template % operand`.
pub(crate) fn percent_format<T: ByteSequence>(cx: &Cx, template: Ref<T>, operand: Value) -> PyResult {
    let content = T::content(cx, &template)?;
    let mut operands = Operands::of_bytes(cx, operand);
    let mut out = Vec::with_capacity(content.len() + 16);
    for part in percent::parse(&content, false) {
        match part.map_err(|failure| cx.raise_failure(failure))? {
            Part::Literal(bytes) => out.extend_from_slice(bytes),
            Part::Conversion(conversion) => convert(cx, &conversion, &mut operands, &mut out)?,
        }
    }
    // The template is borrowed while Python code runs.
    std::hint::black_box(template);
    operands.finish(cx, "bytes")?;
    T::make(cx, &out)
}
