//! Finding in text: `find` and its family, `startswith`, `replace`, `removeprefix`.

use countless_common::strings;
use countless_common::wtf8::Wtf8;

use super::Str;
use super::slots::{argument_range, part};
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::number;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::tuple::Tuple;

/// Where a substring is, in code points.
fn locate(cx: &Cx, this: Ref<Str>, args: Args<'_>, name: &str, last: bool) -> PyResult<Option<usize>> {
    let [needle, start, end] = args.between::<3>(cx, name, 1)?;
    let needle = cx.str_argument_at(needle.unwrap_or(Value::NONE), name, 1)?;
    let Some(range) = argument_range(cx, this, start, end)? else { return Ok(None) };
    let (from, bytes) = (range.start, &this.as_bytes()[range]);
    let found = if last { strings::rfind(bytes, needle.as_bytes()) } else { strings::find(bytes, needle.as_bytes()) };
    Ok(found.map(|offset| this.char_index(from + offset)))
}

fn or_minus_one(found: Option<usize>) -> PyResult {
    Ok(found.map_or(Value::int(-1), Value::length))
}

fn or_error(cx: &Cx, found: Option<usize>) -> PyResult {
    found.map(Value::length).ok_or_else(|| cx.value_error("substring not found"))
}

pub(super) fn find(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    or_minus_one(locate(cx, this, args, "find", false)?)
}

pub(super) fn rfind(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    or_minus_one(locate(cx, this, args, "rfind", true)?)
}

pub(super) fn index(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let found = locate(cx, this, args, "index", false)?;
    or_error(cx, found)
}

pub(super) fn rindex(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let found = locate(cx, this, args, "rindex", true)?;
    or_error(cx, found)
}

pub(super) fn count(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let [needle, start, end] = args.between::<3>(cx, "count", 1)?;
    let needle = cx.str_argument_at(needle.unwrap_or(Value::NONE), "count", 1)?;
    let Some(range) = argument_range(cx, this, start, end)? else { return Ok(Value::int(0)) };
    Ok(Value::length(strings::count(part(&this, range), needle.as_wtf8())))
}

/// Whether the part of the text has one of the affixes at one of its ends.
fn has_affix(cx: &Cx, this: Ref<Str>, args: Args<'_>, name: &str, test: fn(&[u8], &[u8]) -> bool) -> PyResult {
    let [affix, start, end] = args.between::<3>(cx, name, 1)?;
    let affix = affix.unwrap_or(Value::NONE);
    let range = argument_range(cx, this, start, end)?;
    let holds = |affix: Ref<Str>| range.clone().is_some_and(|range| test(&this.as_bytes()[range], affix.as_bytes()));
    if let Some(text) = affix.downcast::<Str>(cx) {
        return Ok(Value::bool(holds(text)));
    }
    let Some(tuple) = affix.downcast::<Tuple>(cx) else {
        let class = affix.class_name(cx);
        return Err(raise!(cx, TypeError, "{name} first arg must be str or a tuple of str, not {class}"));
    };
    for item in tuple.iter() {
        let Some(text) = item.downcast::<Str>(cx) else {
            let class = item.class_name(cx);
            return Err(raise!(cx, TypeError, "tuple for {name} must only contain str, not {class}"));
        };
        if holds(text) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub(super) fn startswith(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    has_affix(cx, this, args, "startswith", |text, affix| text.starts_with(affix))
}

pub(super) fn endswith(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    has_affix(cx, this, args, "endswith", |text, affix| text.ends_with(affix))
}

pub(super) fn removeprefix(cx: &Cx, this: Ref<Str>, prefix: Value) -> PyResult {
    let prefix = cx.str_argument(prefix, "removeprefix")?;
    let from = if this.as_bytes().starts_with(prefix.as_bytes()) { prefix.byte_length } else { 0 };
    Ok(this.byte_slice(cx, from..this.byte_length).value())
}

pub(super) fn removesuffix(cx: &Cx, this: Ref<Str>, suffix: Value) -> PyResult {
    let suffix = cx.str_argument(suffix, "removesuffix")?;
    let cut = if this.as_bytes().ends_with(suffix.as_bytes()) { suffix.byte_length } else { 0 };
    Ok(this.byte_slice(cx, 0..this.byte_length - cut).value())
}

static REPLACE: Signature<3> = Signature::new("replace", ["", "", "count"]).positional_only(2).required(2);

pub(super) fn replace(cx: &Cx, this: Ref<Str>, args: Args<'_>) -> PyResult {
    let [old, new, count] = REPLACE.bind(cx, args)?;
    let old = cx.str_argument_at(old.unwrap_or(Value::NONE), "replace", 1)?;
    let new = cx.str_argument_at(new.unwrap_or(Value::NONE), "replace", 2)?;
    let limit = match count {
        Some(count) => usize::try_from(number::index_i64(cx, count)?).ok(),
        None => None,
    };
    if let ([old], true, None) = (old.as_bytes(), new.is_ascii(), limit) {
        return replace_byte(cx, this, *old, new);
    }
    let replaced = strings::replace::<Wtf8>(this.as_wtf8(), old.as_wtf8(), new.as_wtf8(), limit);
    match replaced {
        Ok(Some(text)) => Ok(cx.new_str_wtf8(&text).value()),
        Ok(None) => Ok(this.to_exact(cx).value()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

/// `new`, which is ASCII, for each `old`, which is an ASCII character.
fn replace_byte(cx: &Cx, this: Ref<Str>, old: u8, new: Ref<Str>) -> PyResult {
    let (bytes, new) = (this.as_bytes(), new.as_bytes());
    let count = strings::byte_places(bytes, old).count();
    if count == 0 {
        return Ok(this.to_exact(cx).value());
    }
    let Some(added) = count.checked_mul(new.len()) else { return Err(cx.memory_error()) };
    let (Some(bytes_then), Some(points_then)) =
        ((bytes.len() - count).checked_add(added), (this.len() - count).checked_add(added))
    else {
        return Err(cx.memory_error());
    };
    let mut from = 0;
    let ends = strings::byte_places(bytes, old).chain(std::iter::once(bytes.len()));
    let parts = ends.flat_map(|end| {
        let part = &bytes[from..end];
        from = end + 1;
        [part, if end < bytes.len() { new } else { &[] }]
    });
    Ok(cx.fill_str(bytes_then, points_then, parts.map(Wtf8::from_trusted_bytes))?.value())
}
