//! Functions about iterables.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::protocol::number::{self, BinaryOperator};
use countless_vm::object::protocol::{compare, iter as iteration, object};
use countless_vm::object::slots::Comparison;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types;

pub(super) fn all(cx: &Cx, _module: Value, iterable: Value) -> PyResult {
    let iterator = iteration::get_iter(cx, iterable)?;
    while let Some(item) = iteration::next(cx, iterator)? {
        if !object::is_true(cx, item)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

pub(super) fn any(cx: &Cx, _module: Value, iterable: Value) -> PyResult {
    let iterator = iteration::get_iter(cx, iterable)?;
    while let Some(item) = iteration::next(cx, iterator)? {
        if object::is_true(cx, item)? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

pub(super) fn iter(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [value, sentinel] = args.between::<2>(cx, "iter", 1)?;
    let value = value.unwrap_or(Value::NONE);
    let Some(sentinel) = sentinel else { return iteration::get_iter(cx, value) };
    if cx.type_of(value).slots.call().is_none() {
        return Err(cx.type_error("iter(v, w): v must be callable"));
    }
    Ok(types::callable_iterator::new(cx, value, sentinel))
}

pub(super) fn next(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [iterator, default] = args.between::<2>(cx, "next", 1)?;
    let iterator = iterator.unwrap_or(Value::NONE);
    match iteration::next(cx, iterator)? {
        Some(value) => Ok(value),
        None => match default {
            Some(default) => Ok(default),
            None => Err(cx.raise_end_of_iteration()),
        },
    }
}

pub(super) fn aiter(cx: &Cx, _module: Value, iterable: Value) -> PyResult {
    let Some(function) = cx.type_of(iterable).slots.async_iter() else {
        let class = iterable.class_name(cx);
        return Err(raise!(cx, TypeError, "'{class}' object is not an async iterable"));
    };
    let iterator = function(cx, iterable)?;
    if cx.type_of(iterator).slots.async_next().is_none() {
        let class = iterator.class_name(cx);
        return Err(raise!(cx, TypeError, "aiter() returned not an async iterator of type '{class}'"));
    }
    Ok(iterator)
}

pub(super) fn anext(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [iterator, default] = args.between::<2>(cx, "anext", 1)?;
    let iterator = iterator.unwrap_or(Value::NONE);
    let Some(function) = cx.type_of(iterator).slots.async_next() else {
        let class = iterator.class_name(cx);
        return Err(raise!(cx, TypeError, "'{class}' object is not an async iterator"));
    };
    let awaitable = function(cx, iterator)?;
    match default {
        None => Ok(awaitable),
        Some(default) => Ok(types::generator::async_awaitable::new_anext(cx, awaitable, default)),
    }
}

pub(super) fn max(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    extreme(cx, args, "max", Comparison::Greater)
}

pub(super) fn min(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    extreme(cx, args, "min", Comparison::Less)
}

/// The `key` and `default` of `min` and `max`.
fn extreme_keywords(cx: &Cx, args: Args<'_>, name: &str) -> PyResult<(Option<Value>, Option<Value>)> {
    let (mut key, mut default) = (None, None);
    for (keyword, value) in args.keywords() {
        match keyword.as_wtf8().as_bytes() {
            b"key" => key = value.not_none(),
            b"default" => default = Some(value),
            _ => {
                let keyword = keyword.as_wtf8();
                return Err(raise!(cx, TypeError, "{name}() got an unexpected keyword argument '{keyword}'"));
            }
        }
    }
    Ok((key, default))
}

fn extreme(cx: &Cx, args: Args<'_>, name: &str, wanted: Comparison) -> PyResult {
    let (key, default) = extreme_keywords(cx, args, name)?;
    let Some(first) = args.get(0) else {
        return Err(raise!(cx, TypeError, "{name} expected at least 1 argument, got 0"));
    };
    if args.len() > 1 && default.is_some() {
        return Err(raise!(cx, TypeError, "Cannot specify a default for {name}() with multiple positional arguments"));
    }
    let mut best: Option<(Value, Value)> = None;
    let consider = |item: Value| -> PyResult<()> {
        let rank = match key {
            Some(key) => cx.call(key, &[item])?,
            None => item,
        };
        let better = match best {
            Some((_, best_rank)) => compare::compare_bool(cx, rank, best_rank, wanted)?,
            None => true,
        };
        if better {
            best = Some((item, rank));
        }
        Ok(())
    };
    if args.len() > 1 {
        args.iter().try_for_each(consider)?;
    } else {
        iteration::for_each(cx, first, consider)?;
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(raise!(cx, ValueError, "{name}() iterable argument is empty")),
    }
}

pub(super) fn sorted(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    if args.len() != 1 {
        return Err(raise!(cx, TypeError, "sorted expected 1 argument, got {}", args.len()));
    }
    let list = iteration::to_list(cx, args.get(0).unwrap_or(Value::NONE))?;
    static SORT: Signature<2> = Signature::new("sort", ["key", "reverse"]).keyword_only_from(0);
    let [key, reverse] = SORT.bind(cx, args.skip(1))?;
    let reverse = match reverse {
        Some(reverse) => object::is_true(cx, reverse)?,
        None => false,
    };
    list.sort(cx, key.and_then(Value::not_none), reverse)?;
    Ok(list.value())
}

static SUM: Signature<2> = Signature::new("sum", ["iterable", "start"]).required(1).positional_only(1);

pub(super) fn sum(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [iterable, start] = SUM.bind(cx, args)?;
    let start = start.unwrap_or(Value::int(0));
    let refused = [
        (ExceptionKind::TypeError, types::ids::STR, "sum() can't sum strings [use ''.join(seq) instead]"),
        (ExceptionKind::TypeError, types::ids::BYTES, "sum() can't sum bytes [use b''.join(seq) instead]"),
        (ExceptionKind::TypeError, types::ids::BYTEARRAY, "sum() can't sum bytearray [use b''.join(seq) instead]"),
    ];
    for (kind, id, message) in refused {
        if start.is_instance(cx, cx.builtin_type(id)) {
            return Err(cx.raise_message(kind, format_args!("{message}")));
        }
    }
    let iterator = iteration::get_iter(cx, iterable.unwrap_or(Value::NONE))?;
    let mut total = start;
    while let Some(item) = iteration::next(cx, iterator)? {
        if let (Some(high), Some(_)) = (types::float::exact_f64(total), types::float::exact_f64(item)) {
            return sum_floats(cx, iterator, high, item);
        }
        total = add(cx, total, item)?;
    }
    Ok(total)
}

#[inline]
fn add(cx: &Cx, total: Value, item: Value) -> PyResult {
    if Value::both_small_ints(total, item)
        && let Some(sum) = Value::add_small(total, item)
    {
        return Ok(sum);
    }
    number::binary(cx, total, item, BinaryOperator::Add)
}

/// Goes on with floats by compensated (Neumaier) summation, as CPython does since 3.12.
fn sum_floats(cx: &Cx, iterator: Value, mut high: f64, first: Value) -> PyResult {
    let mut low = 0.0f64;
    let mut pending = Some(first);
    let finish = |high: f64, low: f64| if low != 0.0 && low.is_finite() { high + low } else { high };
    while let Some(item) = match pending.take() {
        Some(item) => Some(item),
        None => iteration::next(cx, iterator)?,
    } {
        let number = match types::float::exact_f64(item) {
            Some(float) => float,
            None => match item.as_small_int() {
                Some(int) => {
                    high += int as f64;
                    continue;
                }
                None => {
                    let mut rest = number::binary(cx, cx.new_float(finish(high, low)), item, BinaryOperator::Add)?;
                    while let Some(item) = iteration::next(cx, iterator)? {
                        rest = add(cx, rest, item)?;
                    }
                    return Ok(rest);
                }
            },
        };
        let sum = high + number;
        low += if high.abs() >= number.abs() { (high - sum) + number } else { (number - sum) + high };
        high = sum;
    }
    Ok(cx.new_float(finish(high, low)))
}
