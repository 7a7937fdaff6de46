//! Taking byte rows apart and putting them together.

use std::ops::Range;

use countless_common::strings;

use super::{ByteSequence, optional_view};
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::{number, object};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytes::{ByteView, Bytes};
use crate::types::sequence::poll_at;
use crate::types::str::join_items;

fn list_of<T: ByteSequence>(
    cx: &Cx,
    this: Ref<T>,
    content: &[u8],
    parts: impl Iterator<Item = Range<usize>>,
) -> PyResult {
    let list = cx.new_list();
    for (number, range) in parts.enumerate() {
        poll_at(cx, number)?;
        list.push(cx, T::part(cx, this, content, range)?)?;
    }
    Ok(list.value())
}

fn split_arguments(cx: &Cx, signature: &Signature<2>, args: Args<'_>) -> PyResult<(Option<ByteView>, Option<usize>)> {
    let [separator, limit] = signature.bind(cx, args)?;
    let limit = match limit {
        Some(limit) => usize::try_from(number::index_i64(cx, limit)?).ok(),
        None => None,
    };
    let separator = optional_view(cx, separator)?;
    if separator.as_ref().is_some_and(|separator| separator.is_empty()) {
        return Err(cx.value_error("empty separator"));
    }
    Ok((separator, limit))
}

static SPLIT: Signature<2> = Signature::new("split", ["sep", "maxsplit"]);

pub(crate) fn split<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let (separator, limit) = split_arguments(cx, &SPLIT, args)?;
    let content = T::content(cx, &this)?;
    match separator {
        Some(separator) => list_of(cx, this, &content, strings::split::<[u8]>(&content, &separator, limit)),
        None => list_of(cx, this, &content, strings::split_whitespace::<[u8]>(&content, limit)),
    }
}

static RSPLIT: Signature<2> = Signature::new("rsplit", ["sep", "maxsplit"]);

pub(crate) fn rsplit<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let (separator, limit) = split_arguments(cx, &RSPLIT, args)?;
    let content = T::content(cx, &this)?;
    let parts = match separator {
        Some(separator) => strings::rsplit::<[u8]>(&content, &separator, limit),
        None => strings::rsplit_whitespace::<[u8]>(&content, limit),
    };
    list_of(cx, this, &content, parts.into_iter())
}

static SPLITLINES: Signature<1> = Signature::new("splitlines", ["keepends"]);

pub(crate) fn splitlines<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let [keep_ends] = SPLITLINES.bind(cx, args)?;
    let keep_ends = keep_ends.map_or(Ok(false), |value| object::is_true(cx, value))?;
    let content = T::content(cx, &this)?;
    list_of(cx, this, &content, strings::split_lines::<[u8]>(&content, keep_ends))
}

fn separator(cx: &Cx, value: Value) -> PyResult<ByteView> {
    let separator = ByteView::new(cx, value)?;
    if separator.is_empty() {
        return Err(cx.value_error("empty separator"));
    }
    Ok(separator)
}

/// What is before the separator at a place, the separator, and what is after.
fn three_parts<T: ByteSequence>(
    cx: &Cx,
    this: Ref<T>,
    content: &[u8],
    (value, separator): (Value, &[u8]),
    at: usize,
) -> PyResult {
    let before = T::part(cx, this, content, 0..at)?;
    // Immutable rows give back the very separator they got.
    let middle = if T::NAME == "bytes" { value } else { T::make(cx, separator)? };
    let after = T::part(cx, this, content, at + separator.len()..content.len())?;
    Ok(cx.new_tuple(&[before, middle, after]).value())
}

pub(crate) fn partition<T: ByteSequence>(cx: &Cx, this: Ref<T>, value: Value) -> PyResult {
    let separator = separator(cx, value)?;
    let content = T::content(cx, &this)?;
    match strings::find(&content, &separator) {
        Some(at) => three_parts(cx, this, &content, (value, &separator), at),
        None => {
            let whole = T::part(cx, this, &content, 0..content.len())?;
            let (first, second) = (T::make(cx, &[])?, T::make(cx, &[])?);
            Ok(cx.new_tuple(&[whole, first, second]).value())
        }
    }
}

pub(crate) fn rpartition<T: ByteSequence>(cx: &Cx, this: Ref<T>, value: Value) -> PyResult {
    let separator = separator(cx, value)?;
    let content = T::content(cx, &this)?;
    match strings::rfind(&content, &separator) {
        Some(at) => three_parts(cx, this, &content, (value, &separator), at),
        None => {
            let whole = T::part(cx, this, &content, 0..content.len())?;
            let (first, second) = (T::make(cx, &[])?, T::make(cx, &[])?);
            Ok(cx.new_tuple(&[first, second, whole]).value())
        }
    }
}

fn stripped<T: ByteSequence>(
    cx: &Cx,
    this: Ref<T>,
    bytes: Option<Value>,
    strip: fn(&[u8], Option<&[u8]>) -> Range<usize>,
) -> PyResult {
    let bytes = optional_view(cx, bytes)?;
    let content = T::content(cx, &this)?;
    let range = strip(&content, bytes.as_deref());
    T::part(cx, this, &content, range)
}

pub(crate) fn strip<T: ByteSequence>(cx: &Cx, this: Ref<T>, bytes: Option<Value>) -> PyResult {
    stripped(cx, this, bytes, strings::strip::<[u8]>)
}

pub(crate) fn lstrip<T: ByteSequence>(cx: &Cx, this: Ref<T>, bytes: Option<Value>) -> PyResult {
    stripped(cx, this, bytes, strings::strip_start::<[u8]>)
}

pub(crate) fn rstrip<T: ByteSequence>(cx: &Cx, this: Ref<T>, bytes: Option<Value>) -> PyResult {
    stripped(cx, this, bytes, strings::strip_end::<[u8]>)
}

/// `this.join(iterable)`.
pub(crate) fn join<T: ByteSequence>(cx: &Cx, this: Ref<T>, iterable: Value) -> PyResult {
    let items = join_items(cx, iterable)?;
    if items.len() == 1
        && T::NAME == "bytes"
        && let Some(only) = items.get(0).exact::<Bytes>()
    {
        return Ok(only.value());
    }
    let separator = T::content(cx, &this)?;
    let mut joined: Vec<u8> = Vec::new();
    for (number, item) in items.iter().enumerate() {
        poll_at(cx, number)?;
        let Some(view) = ByteView::of_buffer(cx, item)? else {
            let class = item.class_name(cx);
            return Err(raise!(cx, TypeError, "sequence item {number}: expected a bytes-like object, {class} found"));
        };
        if joined.try_reserve(view.len() + separator.len()).is_err() {
            return Err(cx.memory_error());
        }
        if number > 0 {
            joined.extend_from_slice(&separator);
        }
        joined.extend_from_slice(&view);
    }
    T::make(cx, &joined)
}
