//! Finding in byte rows.

use std::borrow::Cow;

use countless_common::strings;

use super::{ByteSequence, byte_of_int};
use crate::native::args::Args;
use crate::object::cell::Ref;
use crate::object::protocol::number;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytes::ByteView;
use crate::types::str::clamp_range;
use crate::types::tuple::Tuple;

/// What is searched: a byte or a row of them.
fn needle(cx: &Cx, value: Value) -> PyResult<Cow<'static, [u8]>> {
    if let Some(view) = ByteView::of_buffer(cx, value)? {
        return Ok(Cow::Owned(view.to_vec()));
    }
    match byte_of_int(cx, value)? {
        Some(byte) => Ok(Cow::Owned(vec![byte])),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "argument should be integer or bytes-like object, not '{class}'"))
        }
    }
}

fn locate<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>, name: &str, last: bool) -> PyResult<Option<usize>> {
    let [value, start, end] = args.between::<3>(cx, name, 1)?;
    let needle = needle(cx, value.unwrap_or(Value::NONE))?;
    let content = T::content(cx, &this)?;
    let (start, end) = (start.and_then(Value::not_none), end.and_then(Value::not_none));
    let Some(range) = clamp_range(cx, start, end, content.len())? else { return Ok(None) };
    let (from, part) = (range.start, &content[range]);
    let found = if last { strings::rfind(part, &needle) } else { strings::find(part, &needle) };
    Ok(found.map(|offset| from + offset))
}

fn or_minus_one(found: Option<usize>) -> PyResult {
    Ok(found.map_or(Value::int(-1), Value::length))
}

fn or_error(cx: &Cx, found: Option<usize>) -> PyResult {
    found.map(Value::length).ok_or_else(|| cx.value_error("subsection not found"))
}

pub(crate) fn find<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    or_minus_one(locate(cx, this, args, "find", false)?)
}

pub(crate) fn rfind<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    or_minus_one(locate(cx, this, args, "rfind", true)?)
}

pub(crate) fn index<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let found = locate(cx, this, args, "index", false)?;
    or_error(cx, found)
}

pub(crate) fn rindex<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let found = locate(cx, this, args, "rindex", true)?;
    or_error(cx, found)
}

pub(crate) fn count<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    let [value, start, end] = args.between::<3>(cx, "count", 1)?;
    let needle = needle(cx, value.unwrap_or(Value::NONE))?;
    let content = T::content(cx, &this)?;
    let (start, end) = (start.and_then(Value::not_none), end.and_then(Value::not_none));
    let Some(range) = clamp_range(cx, start, end, content.len())? else { return Ok(Value::int(0)) };
    Ok(Value::length(strings::count::<[u8]>(&content[range], &needle)))
}

fn has_affix<T: ByteSequence>(
    cx: &Cx,
    this: Ref<T>,
    args: Args<'_>,
    name: &str,
    test: fn(&[u8], &[u8]) -> bool,
) -> PyResult {
    let [affix, start, end] = args.between::<3>(cx, name, 1)?;
    let affix = affix.unwrap_or(Value::NONE);
    let content = T::content(cx, &this)?;
    let (start, end) = (start.and_then(Value::not_none), end.and_then(Value::not_none));
    let range = clamp_range(cx, start, end, content.len())?;
    let holds = |affix: &[u8]| range.clone().is_some_and(|range| test(&content[range], affix));
    if let Some(tuple) = affix.downcast::<Tuple>(cx) {
        for item in tuple.iter() {
            if holds(&ByteView::new(cx, item)?) {
                return Ok(Value::TRUE);
            }
        }
        return Ok(Value::FALSE);
    }
    match ByteView::of_buffer(cx, affix)? {
        Some(view) => Ok(Value::bool(holds(&view))),
        None => {
            let class = affix.class_name(cx);
            Err(raise!(cx, TypeError, "{name} first arg must be bytes or a tuple of bytes, not {class}"))
        }
    }
}

pub(crate) fn startswith<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    has_affix(cx, this, args, "startswith", |bytes, affix| bytes.starts_with(affix))
}

pub(crate) fn endswith<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    has_affix(cx, this, args, "endswith", |bytes, affix| bytes.ends_with(affix))
}

pub(crate) fn removeprefix<T: ByteSequence>(cx: &Cx, this: Ref<T>, prefix: Value) -> PyResult {
    let prefix = ByteView::new(cx, prefix)?;
    let content = T::content(cx, &this)?;
    let from = if content.starts_with(&prefix) { prefix.len() } else { 0 };
    T::part(cx, this, &content, from..content.len())
}

pub(crate) fn removesuffix<T: ByteSequence>(cx: &Cx, this: Ref<T>, suffix: Value) -> PyResult {
    let suffix = ByteView::new(cx, suffix)?;
    let content = T::content(cx, &this)?;
    let cut = if content.ends_with(&suffix) { suffix.len() } else { 0 };
    T::part(cx, this, &content, 0..content.len() - cut)
}

pub(crate) fn replace<T: ByteSequence>(cx: &Cx, this: Ref<T>, args: Args<'_>) -> PyResult {
    // Argument counts and keywords are named as those of a method of the class.
    if args.keyword_count() > 0 {
        args.no_keywords(cx, &format!("{}.replace", T::NAME))?;
    }
    let [old, new, count] = args.between::<3>(cx, "replace", 2)?;
    let old = ByteView::new(cx, old.unwrap_or(Value::NONE))?;
    let new = ByteView::new(cx, new.unwrap_or(Value::NONE))?;
    let limit = match count {
        Some(count) => usize::try_from(number::index_i64(cx, count)?).ok(),
        None => None,
    };
    let content = T::content(cx, &this)?;
    match strings::replace::<[u8]>(&content, &old, &new, limit) {
        Ok(Some(bytes)) => T::make(cx, &bytes),
        Ok(None) => T::part(cx, this, &content, 0..content.len()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}
