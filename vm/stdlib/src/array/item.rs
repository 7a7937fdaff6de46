//! Items of arrays: values as bytes, by type code.

use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::int;
use countless_vm::types::str::Str;

/// Bytes of the largest item.
pub const LARGEST: usize = 8;

/// All type codes.
pub const CODES: &str = "bBuwhHiIlLqQfd";

/// Bytes of an item; `None` for what is no type code.
pub fn size(code: u8) -> Option<usize> {
    Some(match code {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'u' | b'w' | b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'd' => 8,
        _ => return None,
    })
}

/// The format of buffers.
pub fn format(code: u8) -> &'static str {
    match code {
        b'b' => "b",
        b'B' => "B",
        b'u' | b'w' => "w",
        b'h' => "h",
        b'H' => "H",
        b'i' => "i",
        b'I' => "I",
        b'l' => "l",
        b'L' => "L",
        b'q' => "q",
        b'Q' => "Q",
        b'f' => "f",
        _ => "d",
    }
}

/// Whether items are characters.
pub fn is_text(code: u8) -> bool {
    matches!(code, b'u' | b'w')
}

/// The item that stands in so many bytes as the code says.
pub fn load(cx: &Cx, code: u8, bytes: &[u8; LARGEST]) -> Value {
    let (half, word, wide) = ([bytes[0], bytes[1]], [bytes[0], bytes[1], bytes[2], bytes[3]], *bytes);
    match code {
        b'b' => Value::int((bytes[0] as i8).into()),
        b'B' => Value::int(bytes[0].into()),
        b'h' => Value::int(i16::from_ne_bytes(half).into()),
        b'H' => Value::int(u16::from_ne_bytes(half).into()),
        b'i' => Value::int(i32::from_ne_bytes(word).into()),
        b'I' => Value::int(u32::from_ne_bytes(word).into()),
        b'l' | b'q' => cx.new_int_from_i64(i64::from_ne_bytes(wide)),
        b'L' | b'Q' => cx.new_int_from_u64(u64::from_ne_bytes(wide)),
        b'f' => cx.new_float(f32::from_ne_bytes(word).into()),
        b'u' | b'w' => cx.new_char(u32::from_ne_bytes(word)).value(),
        _ => cx.new_float(f64::from_ne_bytes(wide)),
    }
}

fn pad<const N: usize>(bytes: [u8; N]) -> [u8; LARGEST] {
    let mut item = [0; LARGEST];
    item[..N].copy_from_slice(&bytes);
    item
}

#[cold]
fn out_of_range(cx: &Cx, kind: &str, above: bool) -> Raised {
    let (bound, direction) = if above { ("maximum", "greater") } else { ("minimum", "less") };
    raise!(cx, OverflowError, "{kind} is {direction} than {bound}")
}

fn signed(cx: &Cx, value: Value, kind: &str, low: i64, high: i64) -> PyResult<i64> {
    let int = number::index(cx, value)?;
    match number::as_index_i64(cx, int) {
        Some(int) if (low..=high).contains(&int) => Ok(int),
        Some(int) => Err(out_of_range(cx, kind, int > high)),
        None => Err(raise!(cx, OverflowError, "Python int too large to convert to C long")),
    }
}

fn unsigned(cx: &Cx, value: Value, code: u8) -> PyResult<u64> {
    let index = number::index(cx, value)?;
    let Some(view) = int::view(cx, &index) else { return Err(cx.type_error("an integer is required")) };
    if view.is_negative() {
        let kind = if code == b'Q' { "int to unsigned" } else { "value to unsigned int" };
        return Err(raise!(cx, OverflowError, "can't convert negative {kind}"));
    }
    match (view.to_u64(), code) {
        (Some(int), b'I') if int > u32::MAX.into() => Err(out_of_range(cx, "unsigned int", true)),
        (Some(int), _) => Ok(int),
        (None, b'Q') => Err(raise!(cx, OverflowError, "int too big to convert")),
        (None, _) => Err(raise!(cx, OverflowError, "Python int too large to convert to C unsigned long")),
    }
}

fn character(cx: &Cx, value: Value) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>(cx) else {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "array item must be a unicode character, not {class}"));
    };
    let text: Ref<Str> = text;
    match (text.len(), text.code_point(0)) {
        (1, Some(point)) => Ok(point),
        (length, _) => {
            Err(raise!(cx, TypeError, "array item must be a unicode character, not a string of length {length}"))
        }
    }
}

/// A value as the bytes of an item.
pub fn store(cx: &Cx, code: u8, value: Value) -> PyResult<[u8; LARGEST]> {
    const SHORT: &str = "signed short integer";
    Ok(match code {
        b'b' => {
            signed(cx, value, SHORT, i16::MIN.into(), i16::MAX.into())?;
            pad((signed(cx, value, "signed char", -128, 127)? as i8).to_ne_bytes())
        }
        b'B' => {
            signed(cx, value, SHORT, i16::MIN.into(), i16::MAX.into())?;
            pad([signed(cx, value, "unsigned byte integer", 0, 255)? as u8])
        }
        b'h' => pad((signed(cx, value, SHORT, i16::MIN.into(), i16::MAX.into())? as i16).to_ne_bytes()),
        b'H' => {
            signed(cx, value, "signed integer", i32::MIN.into(), i32::MAX.into())?;
            pad((signed(cx, value, "unsigned short", 0, u16::MAX.into())? as u16).to_ne_bytes())
        }
        b'i' => pad((signed(cx, value, "signed integer", i32::MIN.into(), i32::MAX.into())? as i32).to_ne_bytes()),
        b'l' => signed(cx, value, "", i64::MIN, i64::MAX)?.to_ne_bytes(),
        b'q' => {
            let int = number::index(cx, value)?;
            match number::as_index_i64(cx, int) {
                Some(int) => int.to_ne_bytes(),
                None => return Err(raise!(cx, OverflowError, "int too big to convert")),
            }
        }
        b'I' => pad((unsigned(cx, value, code)? as u32).to_ne_bytes()),
        b'L' | b'Q' => unsigned(cx, value, code)?.to_ne_bytes(),
        b'f' => pad((number::to_float(cx, value)? as f32).to_ne_bytes()),
        b'u' | b'w' => pad(character(cx, value)?.to_ne_bytes()),
        _ => number::to_float(cx, value)?.to_ne_bytes(),
    })
}
