//! What every object can be asked: hash, truth, length, text.

use countless_common::format_spec;

use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::ids;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// `hash(value)`.
#[inline]
pub fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    if let Some(text) = value.exact::<Str>() {
        return Ok(text.hash(cx));
    }
    if let Some(int) = value.as_small_int() {
        return Ok(hash_small_int(int));
    }
    if let Some(hash) = value.exact::<Tuple>().and_then(|tuple| tuple.known_hash()) {
        return Ok(hash);
    }
    match cx.type_of(value).slots.hash() {
        Some(function) => function(cx, value),
        None => Err(unhashable(cx, value)),
    }
}

/// The hash of an int that fits the value word: its magnitude modulo 2^61 − 1, with its sign; −2 for −1.
#[inline(always)]
pub fn hash_small_int(int: i64) -> i64 {
    // Words hold 61-bit ints, whose magnitude is at most 2^60: below the modulus.
    if int == -1 { -2 } else { int }
}

/// "unhashable type: …".
#[cold]
pub fn unhashable(cx: &Cx, value: Value) -> Raised {
    raise!(cx, TypeError, "unhashable type: '{}'", value.class_name(cx))
}

/// `bool(value)`.
#[inline]
pub fn is_true(cx: &Cx, value: Value) -> PyResult<bool> {
    if let Some(truth) = value.as_bool() {
        return Ok(truth);
    }
    if let Some(int) = value.as_small_int() {
        return Ok(int != 0);
    }
    if value.is_none() {
        return Ok(false);
    }
    let class = cx.type_of(value);
    if let Some(function) = class.slots.bool() {
        return function(cx, value);
    }
    match class.slots.length() {
        Some(function) => Ok(function(cx, value)? != 0),
        None => Ok(true),
    }
}

/// `len(value)`.
pub fn length(cx: &Cx, value: Value) -> PyResult<usize> {
    // SAFETY: the ids say so.
    unsafe {
        match value.type_id() {
            ids::LIST => return Ok(Ref::<List>::from_value_unchecked(value).len()),
            ids::DICT => return Ok(Ref::<Dict>::from_value_unchecked(value).len()),
            ids::TUPLE => return Ok(Ref::<Tuple>::from_value_unchecked(value).len()),
            _ => {}
        }
    }
    match cx.type_of(value).slots.length() {
        Some(function) => function(cx, value),
        None => Err(raise!(cx, TypeError, "object of type '{}' has no len()", value.class_name(cx))),
    }
}

/// `operator.length_hint(value, default)`.
pub fn length_hint(cx: &Cx, value: Value, default: usize) -> PyResult<usize> {
    if cx.type_of(value).slots.length().is_some() {
        match length(cx, value) {
            Ok(length) => return Ok(length),
            Err(raised) => cx.ignore_if(raised, crate::exceptions::ExceptionKind::TypeError)?,
        }
    }
    let Some(method) = cx.lookup_special(value, cx.names().__length_hint__)? else { return Ok(default) };
    let hint = match cx.call_found(method, &[]) {
        Ok(hint) => hint,
        Err(raised) => {
            cx.ignore_if(raised, crate::exceptions::ExceptionKind::TypeError)?;
            return Ok(default);
        }
    };
    if hint == Value::NOT_IMPLEMENTED {
        return Ok(default);
    }
    match super::number::as_index_i64(cx, hint) {
        Some(hint) if hint >= 0 => Ok(hint as usize),
        Some(_) => Err(raise!(cx, ValueError, "__length_hint__() should return >= 0")),
        None if super::number::is_index(cx, hint) => {
            Err(raise!(cx, OverflowError, "Python int too large to convert to C ssize_t"))
        }
        None => Err(raise!(cx, TypeError, "__length_hint__ must be an integer, not {}", hint.class_name(cx))),
    }
}

/// `repr(value)`.
pub fn repr(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    cx.check_native_stack_while(" while getting the repr of an object")?;
    let result = match cx.type_of(value).slots.repr() {
        Some(function) => function(cx, value)?,
        None => return Ok(cx.new_str(&format!("<{} object at {:#x}>", value.class_name(cx), value.identity()))),
    };
    result
        .downcast::<Str>(cx)
        .ok_or(())
        .map_err(|()| raise!(cx, TypeError, "__repr__ returned non-string (type {})", result.class_name(cx)))
}

/// `str(value)`.
pub fn str(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    if let Some(text) = value.exact::<Str>() {
        return Ok(text);
    }
    cx.check_native_stack_while(" while getting the str of an object")?;
    let Some(function) = cx.type_of(value).slots.str() else { return repr(cx, value) };
    let result = function(cx, value)?;
    result
        .downcast::<Str>(cx)
        .ok_or(())
        .map_err(|()| raise!(cx, TypeError, "__str__ returned non-string (type {})", result.class_name(cx)))
}

/// `ascii(value)`.
pub fn ascii(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    let shown = repr(cx, value)?;
    if shown.is_ascii() {
        return Ok(shown);
    }
    match countless_common::quote::escape_non_ascii(shown.as_wtf8()) {
        Ok(text) => Ok(cx.new_str(&text)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

/// What exact ints, floats and strings give for the specifiers that most programs write.
fn quick_format(value: Value, spec: Ref<Str>) -> Option<format_spec::QuickText> {
    let spec = spec.as_bytes();
    if let Some(int) = value.as_small_int() {
        return format_spec::quick_int(int, spec);
    }
    if let Some(float) = value.as_inline_float() {
        return format_spec::quick_float(float, spec);
    }
    let text = value.exact::<Str>().filter(|text| text.is_ascii())?;
    format_spec::quick_text(text.as_bytes(), spec)
}

/// `format(value, spec)`.
pub fn format(cx: &Cx, value: Value, spec: Ref<Str>) -> PyResult<Ref<Str>> {
    if spec.is_empty() {
        if let Some(text) = value.exact::<Str>() {
            return Ok(text);
        }
        if value.is_exactly(ids::INT) || value.is_small_int() {
            return str(cx, value);
        }
    }
    if let Some(text) = quick_format(value, spec) {
        return Ok(cx.new_str_ascii(text.as_bytes()));
    }
    let Some(method) = cx.lookup_special(value, cx.names().__format__)? else {
        return Err(raise!(cx, TypeError, "Type {} doesn't define __format__", value.class_name(cx)));
    };
    let result = cx.call_found(method, &[spec.value()])?;
    result
        .downcast::<Str>(cx)
        .ok_or(())
        .map_err(|()| raise!(cx, TypeError, "__format__ must return a str, not {}", result.class_name(cx)))
}
