//! `UnicodeDecodeError`, `UnicodeEncodeError`, `UnicodeTranslateError`.
//!
//! Extra fields in order: encoding, object, start, end, reason.

use super::base::{self, this};
use super::{BaseException, UNICODE};
use crate::native::args::Args;
use crate::native::definition::{GetSet, TypeDef};
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytes::Bytes;
use crate::types::str::Str;

const ENCODING: usize = 0;
const OBJECT: usize = 1;
const START: usize = 2;
const END: usize = 3;
const REASON: usize = 4;

fn expect_str(cx: &Cx, value: Value, position: usize) -> PyResult {
    if value.downcast::<Str>(cx).is_some() {
        return Ok(value);
    }
    let class = value.class_name(cx);
    Err(raise!(cx, TypeError, "argument {position} must be str, not {class}"))
}

fn expect_count(cx: &Cx, args: Args<'_>, count: usize) -> PyResult<()> {
    if args.len() == count {
        return Ok(());
    }
    Err(raise!(cx, TypeError, "function takes exactly {count} arguments ({} given)", args.len()))
}

fn store(cx: &Cx, exception: Value, values: [Value; 5]) {
    let cell = this(exception);
    for (index, value) in values.into_iter().enumerate() {
        cell.extra(index).set(cx, value);
    }
}

fn decode_init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    base::init(cx, exception, args)?;
    expect_count(cx, args, 5)?;
    let get = |index: usize| args.get(index).unwrap_or(Value::NONE);
    expect_str(cx, get(0), 1)?;
    let object = match get(1).downcast::<Bytes>(cx) {
        Some(bytes) => bytes.value(),
        None => cx.new_bytes(&protocol::buffer::bytes_of(cx, get(1))?).value(),
    };
    let (start, end) = (protocol::number::index_i64(cx, get(2))?, protocol::number::index_i64(cx, get(3))?);
    expect_str(cx, get(4), 5)?;
    store(cx, exception, [get(0), object, cx.new_int(start), cx.new_int(end), get(4)]);
    Ok(())
}

fn encode_init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    base::init(cx, exception, args)?;
    expect_count(cx, args, 5)?;
    let get = |index: usize| args.get(index).unwrap_or(Value::NONE);
    for index in [0, 1, 4] {
        expect_str(cx, get(index), index + 1)?;
    }
    let (start, end) = (protocol::number::index_i64(cx, get(2))?, protocol::number::index_i64(cx, get(3))?);
    store(cx, exception, [get(0), get(1), cx.new_int(start), cx.new_int(end), get(4)]);
    Ok(())
}

fn translate_init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    base::init(cx, exception, args)?;
    expect_count(cx, args, 4)?;
    let get = |index: usize| args.get(index).unwrap_or(Value::NONE);
    for index in [0, 3] {
        expect_str(cx, get(index), index + 1)?;
    }
    let (start, end) = (protocol::number::index_i64(cx, get(1))?, protocol::number::index_i64(cx, get(2))?);
    store(cx, exception, [Value::NONE, get(0), cx.new_int(start), cx.new_int(end), get(3)]);
    Ok(())
}

/// Start and end as positions in the object, kept in range.
fn range(cx: &Cx, cell: Ref<BaseException>, length: usize) -> (usize, usize) {
    let get =
        |index: usize| cell.extra(index).get().and_then(|value| protocol::number::as_index_i64(cx, value)).unwrap_or(0);
    let start = get(START).clamp(0, length.saturating_sub(1) as i64) as usize;
    let end = get(END).clamp(1.min(length as i64), length as i64) as usize;
    (start, end.max(start))
}

fn text(cx: &Cx, cell: Ref<BaseException>, index: usize) -> PyResult<String> {
    Ok(protocol::object::str(cx, cell.extra(index).get_or_none())?.as_wtf8().to_string_lossy())
}

fn decode_str(cx: &Cx, exception: Value) -> PyResult {
    let cell = this(exception);
    let Some(bytes) = cell.extra(OBJECT).get().and_then(|object| object.downcast::<Bytes>(cx)) else {
        return Ok(cx.names().empty.value());
    };
    let (start, end) = range(cx, cell, bytes.as_bytes().len());
    let (encoding, reason) = (text(cx, cell, ENCODING)?, text(cx, cell, REASON)?);
    let message = match bytes.as_bytes().get(start) {
        Some(byte) if end == start + 1 => {
            format!("'{encoding}' codec can't decode byte 0x{byte:02x} in position {start}: {reason}")
        }
        _ => {
            let last = end as i64 - 1;
            format!("'{encoding}' codec can't decode bytes in position {start}-{last}: {reason}")
        }
    };
    Ok(cx.new_str(&message).value())
}

/// A code point as messages show it.
fn escaped(point: u32) -> String {
    match point {
        0..=0xff => format!("\\x{point:02x}"),
        0x100..=0xffff => format!("\\u{point:04x}"),
        _ => format!("\\U{point:08x}"),
    }
}

fn text_range(cx: &Cx, cell: Ref<BaseException>) -> Option<(usize, usize, Option<u32>)> {
    let object = cell.extra(OBJECT).get()?.downcast::<Str>(cx)?;
    let (start, end) = range(cx, cell, object.len());
    let point = (end == start + 1).then(|| object.as_wtf8().code_points().nth(start)).flatten();
    Some((start, end, point))
}

fn encode_str(cx: &Cx, exception: Value) -> PyResult {
    let cell = this(exception);
    let Some((start, end, point)) = text_range(cx, cell) else { return Ok(cx.names().empty.value()) };
    let (encoding, reason) = (text(cx, cell, ENCODING)?, text(cx, cell, REASON)?);
    let message = match point {
        Some(point) => {
            let shown = escaped(point);
            format!("'{encoding}' codec can't encode character '{shown}' in position {start}: {reason}")
        }
        None => {
            let last = end as i64 - 1;
            format!("'{encoding}' codec can't encode characters in position {start}-{last}: {reason}")
        }
    };
    Ok(cx.new_str(&message).value())
}

fn translate_str(cx: &Cx, exception: Value) -> PyResult {
    let cell = this(exception);
    let Some((start, end, point)) = text_range(cx, cell) else { return Ok(cx.names().empty.value()) };
    let reason = text(cx, cell, REASON)?;
    let message = match point {
        Some(point) => format!("can't translate character '{}' in position {start}: {reason}", escaped(point)),
        None => {
            let last = end as i64 - 1;
            format!("can't translate characters in position {start}-{last}: {reason}")
        }
    };
    Ok(cx.new_str(&message).value())
}

fn get<const I: usize>(_cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    Ok(exception.extra(I).get_or_none())
}

fn set<const I: usize>(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("can't delete numeric/char attribute")) };
    let value = if I == START || I == END { protocol::number::index(cx, value)? } else { value };
    exception.extra(I).set(cx, value);
    Ok(())
}

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_write("encoding", get::<ENCODING>, set::<ENCODING>, "exception encoding"),
    GetSet::read_write("object", get::<OBJECT>, set::<OBJECT>, "exception object"),
    GetSet::read_write("start", get::<START>, set::<START>, "exception start"),
    GetSet::read_write("end", get::<END>, set::<END>, "exception end"),
    GetSet::read_write("reason", get::<REASON>, set::<REASON>, "exception reason"),
];

/// The rows of `UnicodeDecodeError`.
pub(super) static DECODE_TYPE: TypeDef = TypeDef {
    slots: Slots { new: Some(super::base::new), init: Some(decode_init), str: Some(decode_str), ..Slots::NONE },
    attributes: ATTRIBUTES,
    ..TypeDef::new("UnicodeDecodeError", &UNICODE)
};

/// The rows of `UnicodeEncodeError`.
pub(super) static ENCODE_TYPE: TypeDef = TypeDef {
    slots: Slots { new: Some(super::base::new), init: Some(encode_init), str: Some(encode_str), ..Slots::NONE },
    attributes: ATTRIBUTES,
    ..TypeDef::new("UnicodeEncodeError", &UNICODE)
};

/// The rows of `UnicodeTranslateError`.
pub(super) static TRANSLATE_TYPE: TypeDef = TypeDef {
    slots: Slots { new: Some(super::base::new), init: Some(translate_init), str: Some(translate_str), ..Slots::NONE },
    attributes: ATTRIBUTES,
    ..TypeDef::new("UnicodeTranslateError", &UNICODE)
};
