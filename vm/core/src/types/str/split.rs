//! Taking text apart and putting it together: `split` and its family, `strip`, `partition`, `join`.

use std::ops::Range;

use countless_common::strings;
use countless_common::wtf8::Wtf8;

use super::Str;
use crate::exceptions::ExceptionKind;
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::{iter, number, object};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::list::List;
use crate::types::sequence::poll_at;
use crate::types::tuple::Tuple;

/// A list of the parts of the text.
fn list_of(cx: &Cx, this: Ref<Str>, parts: impl Iterator<Item = Range<usize>>) -> PyResult {
    let list = cx.new_list();
    for (number, range) in parts.enumerate() {
        poll_at(cx, number)?;
        list.push(cx, this.byte_slice(cx, range).value())?;
    }
    Ok(list.value())
}

/// The arguments of `split` and `rsplit`.
fn split_arguments(cx: &Cx, signature: &Signature<2>, args: Args<'_>) -> PyResult<(Option<Ref<Str>>, Option<usize>)> {
    let [separator, limit] = signature.bind(cx, args)?;
    let limit = match limit {
        Some(limit) => usize::try_from(number::index_i64(cx, limit)?).ok(),
        None => None,
    };
    let Some(separator) = separator.and_then(Value::not_none) else { return Ok((None, limit)) };
    let Some(text) = separator.downcast::<Str>(cx) else {
        return Err(raise!(cx, TypeError, "must be str or None, not {}", separator.class_name(cx)));
    };
    if text.is_empty() {
        return Err(cx.value_error("empty separator"));
    }
    Ok((Some(text), limit))
}

static SPLIT: Signature<2> = Signature::new("split", ["sep", "maxsplit"]);

pub(super) fn split(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let (separator, limit) = split_arguments(cx, &SPLIT, args)?;
    let text = this.as_wtf8();
    match separator {
        Some(separator) => list_of(cx, this, strings::split::<Wtf8>(text, separator.as_wtf8(), limit)),
        None => list_of(cx, this, strings::split_whitespace::<Wtf8>(text, limit)),
    }
}

static RSPLIT: Signature<2> = Signature::new("rsplit", ["sep", "maxsplit"]);

pub(super) fn rsplit(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let (separator, limit) = split_arguments(cx, &RSPLIT, args)?;
    let text = this.as_wtf8();
    match separator {
        Some(separator) => list_of(cx, this, strings::rsplit::<Wtf8>(text, separator.as_wtf8(), limit).into_iter()),
        None => list_of(cx, this, strings::rsplit_whitespace::<Wtf8>(text, limit).into_iter()),
    }
}

static SPLITLINES: Signature<1> = Signature::new("splitlines", ["keepends"]);

pub(super) fn splitlines(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let [keep_ends] = SPLITLINES.bind(cx, args)?;
    let keep_ends = keep_ends.map_or(Ok(false), |value| object::is_true(cx, value))?;
    list_of(cx, this, strings::split_lines::<Wtf8>(this.as_wtf8(), keep_ends))
}

/// The separator of a partition.
fn separator(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    let Some(text) = value.downcast::<Str>(cx) else {
        return Err(raise!(cx, TypeError, "must be str, not {}", value.class_name(cx)));
    };
    if text.is_empty() {
        return Err(cx.value_error("empty separator"));
    }
    Ok(text)
}

fn three_parts(cx: &Cx, this: Ref<Str>, separator: Ref<Str>, at: usize) -> PyResult {
    let before = this.byte_slice(cx, 0..at).value();
    let after = this.byte_slice(cx, at + separator.byte_length..this.byte_length).value();
    Ok(cx.new_tuple(&[before, separator.value(), after]).value())
}

pub(super) fn partition(cx: &Cx, this: Ref<Str>, value: Value) -> PyResult {
    let separator = separator(cx, value)?;
    match strings::find(this.as_bytes(), separator.as_bytes()) {
        Some(at) => three_parts(cx, this, separator, at),
        None => {
            let empty = cx.names().empty.value();
            let this = this.to_exact(cx).value();
            Ok(cx.new_tuple(&[this, empty, empty]).value())
        }
    }
}

pub(super) fn rpartition(cx: &Cx, this: Ref<Str>, value: Value) -> PyResult {
    let separator = separator(cx, value)?;
    match strings::rfind(this.as_bytes(), separator.as_bytes()) {
        Some(at) => three_parts(cx, this, separator, at),
        None => {
            let empty = cx.names().empty.value();
            let this = this.to_exact(cx).value();
            Ok(cx.new_tuple(&[empty, empty, this]).value())
        }
    }
}

fn stripped(
    cx: &Cx,
    this: Ref<Str>,
    chars: Option<Value>,
    name: &str,
    strip: fn(&Wtf8, Option<&Wtf8>) -> Range<usize>,
) -> PyResult {
    let range = match chars.and_then(Value::not_none) {
        None => strip(this.as_wtf8(), None),
        Some(chars) => {
            let Some(chars) = chars.downcast::<Str>(cx) else {
                return Err(raise!(cx, TypeError, "{name} arg must be None or str"));
            };
            strip(this.as_wtf8(), Some(chars.as_wtf8()))
        }
    };
    Ok(this.byte_slice(cx, range).value())
}

pub(super) fn strip(cx: &Cx, this: Ref<Str>, chars: Option<Value>) -> PyResult {
    stripped(cx, this, chars, "strip", strings::strip::<Wtf8>)
}

pub(super) fn lstrip(cx: &Cx, this: Ref<Str>, chars: Option<Value>) -> PyResult {
    stripped(cx, this, chars, "lstrip", strings::strip_start::<Wtf8>)
}

pub(super) fn rstrip(cx: &Cx, this: Ref<Str>, chars: Option<Value>) -> PyResult {
    stripped(cx, this, chars, "rstrip", strings::strip_end::<Wtf8>)
}

/// The items of what is to be joined, as they are now: a tuple nobody else changes.
pub(crate) fn join_items(cx: &Cx, iterable: Value) -> PyResult<Ref<Tuple>> {
    if let Some(tuple) = iterable.exact::<Tuple>() {
        return Ok(tuple);
    }
    if let Some(list) = iterable.exact::<List>() {
        return list.to_tuple(cx);
    }
    let iterator = match iter::get_iter(cx, iterable) {
        Ok(iterator) => iterator,
        Err(raised) => {
            cx.ignore_if(raised, ExceptionKind::TypeError)?;
            return Err(cx.type_error("can only join an iterable"));
        }
    };
    let list = cx.new_list();
    while let Some(item) = iter::next(cx, iterator)? {
        list.push(cx, item)?;
    }
    list.to_tuple(cx)
}

/// `this.join(iterable)`.
pub(super) fn join(cx: &Cx, this: Ref<Str>, iterable: Value) -> PyResult {
    let items = join_items(cx, iterable)?;
    let count = items.len();
    if count == 0 {
        return Ok(cx.names().empty.value());
    }
    let (mut bytes, mut points) = (0usize, 0usize);
    for (number, item) in items.iter().enumerate() {
        let Some(text) = item.downcast::<Str>(cx) else {
            let class = item.class_name(cx);
            return Err(raise!(cx, TypeError, "sequence item {number}: expected str instance, {class} found"));
        };
        bytes = bytes.saturating_add(text.byte_length);
        points = points.saturating_add(text.char_length);
        poll_at(cx, number)?;
    }
    if count == 1 {
        // SAFETY: just checked to be a string.
        let only: Ref<Str> = unsafe { Ref::from_value_unchecked(items.get(0)) };
        return Ok(only.to_exact(cx).value());
    }
    let separators = this.byte_length.checked_mul(count - 1).and_then(|more| bytes.checked_add(more));
    let Some(bytes) = separators else { return Err(cx.memory_error()) };
    let points = points + this.char_length * (count - 1);
    let parts = (0..2 * count - 1).map(|number| {
        if number % 2 == 1 {
            return text_of(this);
        }
        // SAFETY: all items were checked to be strings, and a tuple does not change.
        text_of(unsafe { Ref::from_value_unchecked(items.get(number / 2)) })
    });
    Ok(cx.fill_str(bytes, points, parts)?.value())
}

/// The text of a string that the caller holds for as long as it uses the text.
fn text_of<'a>(text: Ref<Str>) -> &'a Wtf8 {
    // SAFETY: `join` holds the separator and the tuple of all items until the parts are copied; strings do not change.
    unsafe { &*text.as_ptr() }.as_wtf8()
}
