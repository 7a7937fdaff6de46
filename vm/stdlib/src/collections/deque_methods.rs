//! What can be done with a deque beyond its ends.

use countless_common::wtf8::Wtf8Buf;
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::Method;
use countless_vm::object::cell::Ref;
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::compare::{self, equal};
use countless_vm::object::protocol::iter::{for_each, get_iter, to_list};
use countless_vm::object::protocol::number::{index_clamped, index_i64};
use countless_vm::object::protocol::object::repr as repr_of;
use countless_vm::object::slots::Comparison;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::generic_alias;

use super::deque::{Deque, allocate, extend, length_limit, new_iterator};

// ---- protocols

/// `repr(deque)`.
pub(super) fn repr(cx: &Cx, value: Value) -> PyResult {
    let deque = this::<Deque>(cx, value);
    cx.guard_repr(value, "[...]", || {
        let items = to_list(cx, value)?;
        let mut out = Wtf8Buf::new();
        out.push_wtf8(cx.type_of(value).name().as_wtf8());
        out.push_str("(");
        out.push_wtf8(repr_of(cx, items.value())?.as_wtf8());
        if let Some(limit) = deque.max_length() {
            out.push_str(&format!(", maxlen={limit}"));
        }
        out.push_str(")");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

/// Compares item by item.
pub(super) fn compare_items(cx: &Cx, left: Ref<Deque>, right: Ref<Deque>, comparison: Comparison) -> PyResult {
    cx.check_native_stack()?;
    if left.len() != right.len() && matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::bool(comparison == Comparison::NotEqual));
    }
    let mut index = 0;
    while let (Some(first), Some(second)) = (left.get(index), right.get(index)) {
        if !equal(cx, first, second)? {
            return match comparison {
                Comparison::Equal => Ok(Value::FALSE),
                Comparison::NotEqual => Ok(Value::TRUE),
                _ => compare::compare(cx, first, second, comparison),
            };
        }
        index += 1;
    }
    Ok(Value::bool(comparison.holds(left.len().cmp(&right.len()))))
}

#[cold]
fn mutated(cx: &Cx, kind: ExceptionKind) -> Raised {
    cx.raise_message(kind, format_args!("deque mutated during iteration"))
}

/// Calls `visit` with each item and its index until it answers true; fails if the deque changes meanwhile.
fn search(
    cx: &Cx,
    deque: Ref<Deque>,
    range: std::ops::Range<usize>,
    kind: ExceptionKind,
    mut visit: impl FnMut(Value) -> PyResult<bool>,
) -> PyResult<Option<usize>> {
    let changes = deque.changes();
    for index in range {
        let Some(item) = deque.get(index) else { break };
        let found = visit(item)?;
        if found {
            return Ok(Some(index));
        }
        if deque.changes() != changes {
            return Err(mutated(cx, kind));
        }
    }
    Ok(None)
}

/// `item in deque`.
pub(super) fn contains(cx: &Cx, value: Value, item: Value) -> PyResult<bool> {
    let deque = this::<Deque>(cx, value);
    let found = search(cx, deque, 0..deque.len(), ExceptionKind::RuntimeError, |candidate| equal(cx, candidate, item))?;
    Ok(found.is_some())
}

/// `deque + deque`.
pub(super) fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    if right.downcast::<Deque>(cx).is_none() {
        let class = right.class_name(cx);
        return Err(raise!(cx, TypeError, "can only concatenate deque (not \"{class}\") to deque"));
    }
    let result = copy(cx, this::<Deque>(cx, left))?;
    inplace_concatenate(cx, result, right)
}

/// `deque += iterable`.
pub(super) fn inplace_concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    match left.downcast::<Deque>(cx) {
        Some(deque) => extend(cx, deque, right, false)?,
        None => {
            cx.call_method(left, cx.names().extend, &[right])?;
        }
    }
    Ok(left)
}

/// `deque * count`.
pub(super) fn repeat(cx: &Cx, value: Value, count: Value) -> PyResult {
    let result = copy(cx, this::<Deque>(cx, value))?;
    inplace_repeat(cx, result, count)
}

/// `deque *= count`.
pub(super) fn inplace_repeat(cx: &Cx, value: Value, count: Value) -> PyResult {
    let times = index_i64(cx, count)?;
    let Some(deque) = value.downcast::<Deque>(cx) else { return Ok(value) };
    let length = deque.len();
    if length == 0 || times == 1 {
        return Ok(value);
    }
    if times <= 0 {
        deque.clear(cx);
        return Ok(value);
    }
    let mut times = times as usize;
    if times > (isize::MAX as usize / 8) / length {
        return Err(cx.memory_error());
    }
    if let Some(limit) = deque.max_length() {
        times = times.min(limit.div_ceil(length));
    }
    let items = to_list(cx, value)?;
    for _ in 1..times {
        for_each(cx, items.value(), |item| deque.push_back(cx, item))?;
        cx.poll()?;
    }
    Ok(value)
}

/// Removes the item at an index, if there is one.
pub(super) fn delete(cx: &Cx, deque: Ref<Deque>, index: usize) {
    deque.with_ring(cx, |ring| {
        if index >= ring.len() {
            return;
        }
        if index < ring.len() / 2 {
            ring.rotate_left(cx, index);
            ring.pop_front(cx);
            ring.rotate_right(cx, index);
        } else {
            let behind = ring.len() - 1 - index;
            ring.rotate_right(cx, behind);
            ring.pop_back(cx);
            ring.rotate_left(cx, behind);
        }
        deque.changed();
    });
}

// ---- methods

fn append(cx: &Cx, deque: Ref<Deque>, item: Value) -> PyResult {
    deque.push_back(cx, item)?;
    Ok(Value::NONE)
}

fn append_left(cx: &Cx, deque: Ref<Deque>, item: Value) -> PyResult {
    deque.push_front(cx, item)?;
    Ok(Value::NONE)
}

fn pop(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    deque.pop(cx, false).ok_or_else(|| cx.index_error("pop from an empty deque"))
}

fn pop_left(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    deque.pop(cx, true).ok_or_else(|| cx.index_error("pop from an empty deque"))
}

fn extend_right(cx: &Cx, deque: Ref<Deque>, iterable: Value) -> PyResult {
    extend(cx, deque, iterable, false)?;
    Ok(Value::NONE)
}

fn extend_left(cx: &Cx, deque: Ref<Deque>, iterable: Value) -> PyResult {
    extend(cx, deque, iterable, true)?;
    Ok(Value::NONE)
}

fn clear(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    deque.clear(cx);
    Ok(Value::NONE)
}

fn copy(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    let class = cx.type_of(deque.value());
    let limit = deque.max_length();
    if !class.is_heap_type() {
        let copy = allocate(cx, limit);
        extend(cx, copy, deque.value(), false)?;
        return Ok(copy.value());
    }
    let copy = match limit {
        None => cx.call(class.value(), &[deque.value()])?,
        limit => cx.call(class.value(), &[deque.value(), length_limit(cx, limit)])?,
    };
    if copy.downcast::<Deque>(cx).is_none() {
        let (class, given) = (class.display_name(), copy.class_name(cx));
        return Err(raise!(cx, TypeError, "{class}() must return a deque, not {given}"));
    }
    Ok(copy)
}

fn count(cx: &Cx, deque: Ref<Deque>, value: Value) -> PyResult {
    let mut count = 0;
    search(cx, deque, 0..deque.len(), ExceptionKind::RuntimeError, |candidate| {
        count += usize::from(equal(cx, candidate, value)?);
        Ok(false)
    })?;
    Ok(Value::length(count))
}

fn index(cx: &Cx, deque: Ref<Deque>, args: Args<'_>) -> PyResult {
    let [value, start, stop] = args.between::<3>(cx, "index", 1)?;
    let length = deque.len() as isize;
    let bound = |bound: Option<Value>, default: isize| match bound {
        None => Ok(default),
        Some(bound) => {
            let message = "slice indices must be integers or have an __index__ method";
            let index = index_clamped(cx, bound, message)?;
            Ok(if index < 0 { index.saturating_add(length).max(0) } else { index })
        }
    };
    let (start, stop) = (bound(start, 0)?, bound(stop, length)?.min(length));
    let value = value.unwrap_or(Value::NONE);
    let range = start as usize..stop.max(0) as usize;
    match search(cx, deque, range, ExceptionKind::RuntimeError, |candidate| equal(cx, candidate, value))? {
        Some(index) => Ok(Value::length(index)),
        None => Err(cx.value_error("deque.index(x): x not in deque")),
    }
}

fn insert(cx: &Cx, deque: Ref<Deque>, index: Value, value: Value) -> PyResult {
    let index = index_i64(cx, index)?;
    let length = deque.len() as i64;
    if deque.max_length() == Some(length as usize) {
        return Err(cx.index_error("deque already at its maximum size"));
    }
    if index >= length {
        return append(cx, deque, value);
    }
    if index <= -length || index == 0 {
        return append_left(cx, deque, value);
    }
    let place = if index < 0 { length + index } else { index } as usize;
    // The new item goes to the end first; then it and what comes after its place change places in one step for readers
    // of the ring's state, if not of every item.
    deque.push_back(cx, value)?;
    deque.with_ring(cx, |ring| {
        let Some(last) = ring.len().checked_sub(1) else { return };
        for index in (place.min(last)..last).rev() {
            if let Some(item) = ring.get(index) {
                ring.set(cx, index + 1, item);
            }
        }
        ring.set(cx, place.min(last), value);
    });
    Ok(Value::NONE)
}

fn remove(cx: &Cx, deque: Ref<Deque>, value: Value) -> PyResult {
    let changes = deque.changes();
    match search(cx, deque, 0..deque.len(), ExceptionKind::IndexError, |candidate| equal(cx, candidate, value))? {
        Some(index) if deque.changes() == changes => {
            delete(cx, deque, index);
            Ok(Value::NONE)
        }
        Some(_) => Err(mutated(cx, ExceptionKind::IndexError)),
        None => Err(cx.value_error("deque.remove(x): x not in deque")),
    }
}

fn rotate(cx: &Cx, deque: Ref<Deque>, steps: Option<Value>) -> PyResult {
    let steps = steps.map_or(Ok(1), |steps| index_i64(cx, steps))?;
    deque.with_ring(cx, |ring| {
        let length = ring.len();
        if length < 2 {
            return;
        }
        let right = steps.rem_euclid(length as i64) as usize;
        if right <= length / 2 {
            ring.rotate_right(cx, right);
        } else {
            ring.rotate_left(cx, length - right);
        }
        deque.changed();
    });
    Ok(Value::NONE)
}

fn reverse(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    deque.with_ring(cx, |ring| {
        let length = ring.len();
        for index in 0..length / 2 {
            if let (Some(first), Some(last)) = (ring.get(index), ring.get(length - 1 - index)) {
                ring.set(cx, index, last);
                ring.set(cx, length - 1 - index, first);
            }
        }
    });
    Ok(Value::NONE)
}

fn reduce(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    let state = cx.call_method(deque.value(), cx.names().__getstate__, &[])?;
    let items = get_iter(cx, deque.value())?;
    let class = cx.type_of(deque.value()).value();
    let arguments = match deque.max_length() {
        None => cx.empty_tuple(),
        limit => cx.new_tuple(&[cx.empty_tuple().value(), length_limit(cx, limit)]),
    };
    Ok(cx.new_tuple(&[class, arguments.value(), state, items]).value())
}

fn size_of_deque(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    let capacity = deque.with_ring(cx, |ring| ring.capacity()).unwrap_or(0);
    Ok(Value::length(size_of::<Deque>() + capacity * 8))
}

/// The rows.
pub(super) static METHODS: &[Method] = &[
    Method::one("append", append, "append($self, item, /)\n--\n\nAdd an element to the right side of the deque."),
    Method::one(
        "appendleft",
        append_left,
        "appendleft($self, item, /)\n--\n\nAdd an element to the left side of the deque.",
    ),
    Method::none("clear", clear, "clear($self, /)\n--\n\nRemove all elements from the deque."),
    Method::none("__copy__", copy, "__copy__($self, /)\n--\n\nReturn a shallow copy of a deque."),
    Method::none("copy", copy, "copy($self, /)\n--\n\nReturn a shallow copy of a deque."),
    Method::one("count", count, "count($self, value, /)\n--\n\nReturn number of occurrences of value."),
    Method::one(
        "extend",
        extend_right,
        "extend($self, iterable, /)\n--\n\nExtend the right side of the deque with elements from the iterable.",
    ),
    Method::one(
        "extendleft",
        extend_left,
        "extendleft($self, iterable, /)\n--\n\nExtend the left side of the deque with elements from the iterable.",
    ),
    Method::many(
        "index",
        index,
        "index($self, value, [start, [stop]])\n--\n\nReturn first index of value.\n\nRaises ValueError if the value is not present.",
    ),
    Method::two("insert", insert, "insert($self, index, value, /)\n--\n\nInsert value before index."),
    Method::none("pop", pop, "pop($self, /)\n--\n\nRemove and return the rightmost element."),
    Method::none("popleft", pop_left, "popleft($self, /)\n--\n\nRemove and return the leftmost element."),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn state information for pickling."),
    Method::one("remove", remove, "remove($self, value, /)\n--\n\nRemove first occurrence of value."),
    Method::none(
        "__reversed__",
        |cx, deque: Ref<Deque>| Ok(new_iterator(cx, deque, true)),
        "__reversed__($self, /)\n--\n\nReturn a reverse iterator over the deque.",
    ),
    Method::none("reverse", reverse, "reverse($self, /)\n--\n\nReverse *IN PLACE*."),
    Method::optional(
        "rotate",
        rotate,
        "rotate($self, n=1, /)\n--\n\nRotate the deque n steps to the right.  If n is negative, rotates left.",
    ),
    Method::none(
        "__sizeof__",
        size_of_deque,
        "__sizeof__($self, /)\n--\n\nReturn the size of the deque in memory, in bytes.",
    ),
    Method::one(
        "__class_getitem__",
        generic_alias::class_getitem,
        "__class_getitem__($type, object, /)\n--\n\nSee PEP 585",
    )
    .on_class(),
];
