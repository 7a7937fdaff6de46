//! `int(…)`: from numbers, text and bytes.

use countless_common::number::{Int as Number, int as algorithms};
use countless_common::wtf8::Wtf8;

use super::{IntView, arithmetic, is_int, max_digits, to_exact, view};
use crate::exceptions::ExceptionKind;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::{buffer, number};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

static NEW: Signature<2> = Signature::new("int", ["", "base"]).positional_only(1);

/// `int.__new__`.
pub(super) fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [value, base] = if args.keyword_count() == 0 { args.between::<2>(cx, "int", 0)? } else { NEW.bind(cx, args)? };
    let int = match (value, base) {
        (None, None) => Value::int(0),
        (None, Some(_)) => return Err(cx.type_error("int() missing string argument")),
        (Some(value), None) => from_number(cx, value)?,
        (Some(value), Some(base)) => with_base(cx, value, base)?,
    };
    if class == cx.builtin_type(ids::INT) {
        return Ok(int);
    }
    let number = super::to_number(cx, int).unwrap_or(Number::Small(0));
    cx.new_int_instance(class, number)
}

/// `int(value)`: of a number, text or bytes; always exactly an int.
pub fn from_number(cx: &Cx, value: Value) -> PyResult {
    if value.is_small_int() || value.is_exactly(ids::INT) {
        return Ok(value);
    }
    let slots = &cx.type_of(value).slots;
    if let Some(function) = slots.int() {
        let result = function(cx, value)?;
        return checked_result(cx, result, "__int__");
    }
    if slots.index().is_some() {
        return Ok(to_exact(cx, number::index(cx, value)?));
    }
    match from_text(cx, value, 10)? {
        Some(int) => Ok(int),
        None => {
            let class = value.class_name(cx);
            Err(raise!(
                cx,
                TypeError,
                "int() argument must be a string, a bytes-like object or a real number, not '{class}'"
            ))
        }
    }
}

/// What `__int__` returned, as a plain int.
fn checked_result(cx: &Cx, result: Value, method: &str) -> PyResult {
    if result.is_small_int() || result.is_exactly(ids::INT) {
        return Ok(result);
    }
    let class = result.class_name(cx);
    if !is_int(cx, result) {
        return Err(raise!(cx, TypeError, "{method} returned non-int (type {class})"));
    }
    let message = format!(
        "{method} returned non-int (type {class}).  The ability to return an instance of a strict subclass of int \
         is deprecated, and may be removed in a future version of Python."
    );
    cx.warn(ExceptionKind::DeprecationWarning, &message, 1)?;
    Ok(to_exact(cx, result))
}

fn with_base(cx: &Cx, value: Value, base: Value) -> PyResult {
    let base = number::index(cx, base)?;
    let base = match number::as_index_i64(cx, base) {
        Some(base @ (0 | 2..=36)) => base as u32,
        _ => return Err(cx.value_error("int() base must be >= 2 and <= 36, or 0")),
    };
    let is_text = value.downcast::<Str>(cx).is_some()
        || value.downcast::<crate::types::bytes::Bytes>(cx).is_some()
        || value.downcast::<crate::types::bytearray::ByteArray>(cx).is_some();
    match is_text {
        true => Ok(from_text(cx, value, base)?.unwrap_or(Value::int(0))),
        false => Err(cx.type_error("int() can't convert non-string with explicit base")),
    }
}

/// The int that text or bytes spell; `None` if the value is neither.
fn from_text(cx: &Cx, value: Value, base: u32) -> PyResult<Option<Value>> {
    if let Some(text) = value.downcast::<Str>(cx) {
        return parse_str(cx, text.as_wtf8(), base).map(Some);
    }
    if cx.type_of(value).slots.buffer().is_none() {
        return Ok(None);
    }
    let bytes = buffer::bytes_of(cx, value)?;
    let limit = max_digits(cx);
    let parsed = arithmetic::detached_if(cx, bytes.len() > LONG_TEXT, || algorithms::parse_bytes(&bytes, base, limit));
    parsed.map(|number| Some(cx.new_int(number))).map_err(|failure| cx.raise_failure(failure))
}

/// Text of so many digits takes long to parse.
const LONG_TEXT: usize = 1 << 14;

/// `int(text, base)`: base 0, or 2 to 36.
pub fn parse_str(cx: &Cx, text: &Wtf8, base: u32) -> PyResult {
    // The usual case: a few plain digits.
    if base == 10
        && (1..=18).contains(&text.len())
        && let Some(int) = text
            .as_bytes()
            .iter()
            .try_fold(0i64, |int, byte| byte.is_ascii_digit().then(|| int * 10 + i64::from(byte - b'0')))
    {
        return Ok(Value::int(int));
    }
    let limit = max_digits(cx);
    let parsed = arithmetic::detached_if(cx, text.len() > LONG_TEXT, || algorithms::parse(text, base, limit));
    parsed.map(|number| cx.new_int(number)).map_err(|failure| cx.raise_failure(failure))
}

static FROM_BYTES: Signature<3> =
    Signature::new("from_bytes", ["bytes", "byteorder", "signed"]).required(1).keyword_only_from(2);

/// `int.from_bytes`.
pub(super) fn from_bytes(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [bytes, order, signed] = FROM_BYTES.bind(cx, args)?;
    let order = byte_order(cx, order, "from_bytes")?;
    let signed = truth(cx, signed)?;
    let bytes = crate::types::bytes::bytes_from_object(cx, bytes.unwrap_or(Value::NONE))?;
    let number = algorithms::from_bytes(&bytes, order, signed);
    let int = cx.new_int(number);
    if class == cx.builtin_type(ids::INT) { Ok(int) } else { cx.call(class.value(), &[int]) }
}

static TO_BYTES: Signature<3> = Signature::new("to_bytes", ["length", "byteorder", "signed"]).keyword_only_from(2);

/// `int.to_bytes`.
pub(super) fn to_bytes(cx: &Cx, this: Value, args: Args<'_>) -> PyResult {
    let [length, order, signed] = TO_BYTES.bind(cx, args)?;
    let length = match length {
        Some(length) => number::index_i64(cx, length)?,
        None => 1,
    };
    let order = byte_order(cx, order, "to_bytes")?;
    let signed = truth(cx, signed)?;
    let Ok(length) = usize::try_from(length) else {
        return Err(cx.value_error("length argument must be non-negative"));
    };
    let int = view(cx, &this).unwrap_or(IntView::Small(0));
    let bytes = algorithms::to_bytes(int, length, order, signed).map_err(|failure| cx.raise_failure(failure))?;
    Ok(cx.new_bytes(&bytes).value())
}

fn truth(cx: &Cx, value: Option<Value>) -> PyResult<bool> {
    value.map_or(Ok(false), |value| crate::object::protocol::object::is_true(cx, value))
}

fn byte_order(cx: &Cx, order: Option<Value>, function: &str) -> PyResult<algorithms::ByteOrder> {
    let Some(order) = order else { return Ok(algorithms::ByteOrder::Big) };
    let Some(text) = order.downcast::<Str>(cx) else {
        let class = order.class_name(cx);
        return Err(raise!(cx, TypeError, "{function}() argument 'byteorder' must be str, not {class}"));
    };
    match text.as_wtf8().as_bytes() {
        b"little" => Ok(algorithms::ByteOrder::Little),
        b"big" => Ok(algorithms::ByteOrder::Big),
        _ => Err(cx.value_error("byteorder must be either 'little' or 'big'")),
    }
}
