//! The protocols and methods of `list`.

use countless_common::wtf8::Wtf8Buf;
use countless_gc::lock;

use super::iterator::{new_iterator, new_reverse_iterator};
use super::{Array, LAYOUT, List, sort};
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::protocol::compare::equal;
use crate::object::protocol::item::{Bounds, slice_bounds};
use crate::object::protocol::iter::to_list;
use crate::object::protocol::number::{index_i64, index_position, is_index};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::sequence::{
    POLL_CHUNK, compare_items, contains_item, count_items, find_item, poll_at, repeat_count, resolve_index, write_items,
};
use crate::types::slice::Slice;
use crate::types::type_object::TypeObject;

fn list(value: Value) -> Ref<List> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.allocate_instance(class, List::empty()).value())
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let class = cx.type_of(value);
    if class.slots.new().is_some_and(|found| found as usize == new as *const () as usize) {
        args.no_keywords(cx, "list")?;
    }
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "list expected at most 1 argument, got {}", args.len()));
    }
    let list = list(value);
    if !list.is_empty() {
        list.clear(cx);
    }
    match args.get(0) {
        Some(iterable) => list.extend(cx, iterable),
        None => Ok(()),
    }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let list = list(value);
    if list.is_empty() {
        return Ok(cx.new_str("[]").value());
    }
    cx.guard_repr(value, "[...]", || {
        let mut out = Wtf8Buf::from("[");
        write_items(cx, &mut out, |index| list.get(index))?;
        out.push_str("]");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.downcast::<List>(cx), right.downcast::<List>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if left.len() != right.len() && matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::bool(comparison == Comparison::NotEqual));
    }
    compare_items(cx, comparison, |index| left.get(index), |index| right.get(index))
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    Ok(new_iterator(cx, list(value)))
}

fn length(_cx: &Cx, value: Value) -> PyResult<usize> {
    Ok(list(value).len())
}

fn contains(cx: &Cx, value: Value, item: Value) -> PyResult<bool> {
    let list = list(value);
    contains_item(cx, item, |index| list.get(index))
}

#[cold]
fn bad_index(cx: &Cx, key: Value) -> Raised {
    raise!(cx, TypeError, "list indices must be integers or slices, not {}", key.class_name(cx))
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    let list = list(value);
    if is_index(cx, key) {
        let index = match key.as_small_int() {
            Some(index) => index as isize,
            None => index_position(cx, key)?,
        };
        let found = resolve_index(index, list.len()).and_then(|index| list.get(index));
        return found.ok_or(()).map_err(|()| cx.index_error("list index out of range"));
    }
    match key.exact::<Slice>() {
        Some(slice) => {
            let bounds = slice_bounds(cx, slice, list.len())?;
            list.slice(cx, bounds).map(Ref::value)
        }
        None => Err(bad_index(cx, key)),
    }
}

impl Ref<List> {
    /// The items of a slice as a new list.
    pub fn slice(self, cx: &Cx, bounds: Bounds) -> PyResult<Ref<List>> {
        if bounds.length == 0 {
            return Ok(cx.new_list());
        }
        if bounds.step == 1 {
            let start = bounds.start as usize;
            let (array, count) = self.copy_range(cx, start, start + bounds.length)?;
            return Ok(cx.list_of_array(array, count));
        }
        let array = cx.new_array(bounds.length)?;
        let mut count = 0;
        let mut index = bounds.start;
        while count < bounds.length
            && let Some(item) = self.get(index as usize)
        {
            array.field(count).init(item);
            index += bounds.step;
            poll_at(cx, count)?;
            count += 1;
        }
        Ok(cx.list_of_array(array, count))
    }

    /// A shallow copy, as a plain list.
    pub fn copy(self, cx: &Cx) -> PyResult<Ref<List>> {
        let length = self.len();
        if length == 0 {
            return Ok(cx.new_list());
        }
        let (array, count) = self.copy_range(cx, 0, length)?;
        Ok(cx.list_of_array(array, count))
    }

    /// The items of `self`, then those of `other`.
    fn concatenated(self, cx: &Cx, other: Ref<List>) -> PyResult<Ref<List>> {
        let length = self.len();
        let total = length.saturating_add(other.len());
        if total == 0 {
            return Ok(cx.new_list());
        }
        let array = cx.new_array(total)?;
        let mut count = 0;
        for source in [self, other] {
            let _guard = lock(cx.mutator(), source.header());
            if let Some(items) = source.array() {
                let room = source.len().min(total - count);
                array.init_from(count, items, 0, room);
                count += room;
            }
        }
        Ok(cx.list_of_array(array, count))
    }

    /// A private array of the items, so many times over, and the number of items in it.
    fn repeated(self, cx: &Cx, times: usize) -> PyResult<(Ref<Array>, usize)> {
        let length = self.len();
        let Some(total) = length.checked_mul(times) else { return Err(cx.memory_error()) };
        let array = cx.new_array(total)?;
        let (items, length) = self.copy_range(cx, 0, length)?;
        let mut filled = 0;
        for _ in 0..times {
            if length == 1 {
                array.field(filled).init(items.field(0).get_or_none());
            } else {
                array.init_from(filled, items, 0, length);
            }
            filled += length;
            if filled % POLL_CHUNK < length {
                cx.poll()?;
            }
        }
        Ok((array, filled))
    }

    /// Replaces every `step`th item by those of `values`, of which there are as many.
    fn assign_extended(self, cx: &Cx, slice: Ref<Slice>, values: Ref<List>) -> PyResult<()> {
        let bounds = slice_bounds(cx, slice, self.len())?;
        let (source, count) = values.copy_range(cx, 0, values.len())?;
        if count != bounds.length {
            let wanted = bounds.length;
            return Err(raise!(
                cx,
                ValueError,
                "attempt to assign sequence of size {count} to extended slice of size {wanted}"
            ));
        }
        let _guard = lock(cx.mutator(), self.header());
        let Some(array) = self.array() else { return Ok(()) };
        let length = self.len();
        for index in 0..count {
            let position = (bounds.start + index as isize * bounds.step) as usize;
            if position < length
                && let Some(value) = source.get(index)
            {
                array.field(position).set(cx, value);
            }
        }
        Ok(())
    }

    /// Removes every item of a slice whose step is not one.
    fn delete_extended(self, cx: &Cx, bounds: Bounds) {
        let Bounds { start, step, length: count, .. } = bounds;
        if count == 0 {
            return;
        }
        let (first, step) = if step < 0 { (start + step * (count as isize - 1), -step) } else { (start, step) };
        let (first, step) = (first as usize, step as usize);
        let _guard = lock(cx.mutator(), self.header());
        let Some(array) = self.array() else { return };
        let length = self.len();
        let mut kept = first;
        for index in first..length {
            let removed = (index - first) % step == 0 && (index - first) / step < count;
            if !removed && let Some(item) = array.get(index) {
                array.field(kept).set(cx, item);
                kept += 1;
            }
        }
        if kept < length {
            self.set_length(kept);
            array.clear_range(cx, kept, length);
        }
    }
}

fn assign_slice(cx: &Cx, list: Ref<List>, slice: Ref<Slice>, value: Option<Value>) -> PyResult<()> {
    let bounds = slice_bounds(cx, slice, list.len())?;
    let Some(value) = value else {
        if bounds.step == 1 {
            let empty = cx.new_array(0)?;
            return list.splice(cx, bounds.start as usize, bounds.start as usize + bounds.length, empty, 0);
        }
        list.delete_extended(cx, bounds);
        return Ok(());
    };
    let iterable =
        cx.type_of(value).slots.iter().is_some() || crate::object::dunder::is_old_style_sequence(cx, cx.type_of(value));
    if !iterable {
        return Err(cx.type_error("must assign iterable to extended slice"));
    }
    let values = match value.downcast::<List>(cx) {
        Some(values) => values,
        None => to_list(cx, value)?,
    };
    if bounds.step != 1 {
        return list.assign_extended(cx, slice, values);
    }
    // Making the list of values may have changed this one: the bounds are those of its length now.
    let bounds = slice_bounds(cx, slice, list.len())?;
    let (source, count) = values.copy_range(cx, 0, values.len())?;
    list.splice(cx, bounds.start as usize, bounds.start as usize + bounds.length, source, count)
}

fn assign_subscript(cx: &Cx, value: Value, key: Value, item: Option<Value>) -> PyResult<()> {
    let list = list(value);
    if is_index(cx, key) {
        let index = match key.as_small_int() {
            Some(index) => index as isize,
            None => index_position(cx, key)?,
        };
        let done = match (resolve_index(index, list.len()), item) {
            (None, _) => false,
            (Some(index), Some(item)) => list.set(cx, index, item),
            (Some(index), None) => list.remove(cx, index).is_some(),
        };
        return if done { Ok(()) } else { Err(cx.index_error("list assignment index out of range")) };
    }
    match key.exact::<Slice>() {
        Some(slice) => assign_slice(cx, list, slice, item),
        None => Err(bad_index(cx, key)),
    }
}

fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    match right.downcast::<List>(cx) {
        Some(right) => list(left).concatenated(cx, right).map(Ref::value),
        None => {
            let class = right.class_name(cx);
            Err(raise!(cx, TypeError, "can only concatenate list (not \"{class}\") to list"))
        }
    }
}

fn repeat(cx: &Cx, value: Value, count: Value) -> PyResult {
    let times = repeat_count(cx, count)?;
    let list = list(value);
    if times == 0 || list.is_empty() {
        return Ok(cx.new_list().value());
    }
    let (array, length) = list.repeated(cx, times)?;
    Ok(cx.list_of_array(array, length).value())
}

fn inplace_concatenate(cx: &Cx, value: Value, other: Value) -> PyResult {
    list(value).extend(cx, other)?;
    Ok(value)
}

fn inplace_repeat(cx: &Cx, value: Value, count: Value) -> PyResult {
    let times = repeat_count(cx, count)?;
    let list = list(value);
    if times == 0 {
        list.clear(cx);
    } else if times > 1 && !list.is_empty() {
        let (array, length) = list.repeated(cx, times)?;
        list.put_back(cx, Some(array), length);
    }
    Ok(value)
}

// ---- methods

fn append(cx: &Cx, list: Ref<List>, item: Value) -> PyResult {
    list.push(cx, item)?;
    Ok(Value::NONE)
}

fn extend(cx: &Cx, list: Ref<List>, iterable: Value) -> PyResult {
    list.extend(cx, iterable)?;
    Ok(Value::NONE)
}

fn insert(cx: &Cx, list: Ref<List>, index: Value, item: Value) -> PyResult {
    let index = index_i64(cx, index)?;
    let index = if index < 0 { index.saturating_add(list.len() as i64).max(0) } else { index };
    list.insert(cx, index as usize, item)?;
    Ok(Value::NONE)
}

fn pop(cx: &Cx, list: Ref<List>, index: Option<Value>) -> PyResult {
    let index = match index {
        None => -1,
        Some(index) => index_i64(cx, index)? as isize,
    };
    let popped = if index == -1 {
        list.pop(cx)
    } else {
        resolve_index(index, list.len()).and_then(|index| list.remove(cx, index))
    };
    match popped {
        Some(item) => Ok(item),
        None if list.is_empty() => Err(cx.index_error("pop from empty list")),
        None => Err(cx.index_error("pop index out of range")),
    }
}

fn remove(cx: &Cx, list: Ref<List>, value: Value) -> PyResult {
    let mut position = 0;
    while let Some(item) = list.get(position) {
        if equal(cx, item, value)? {
            // `__eq__` may have moved things: what stands there now goes, as in CPython.
            list.remove(cx, position);
            return Ok(Value::NONE);
        }
        poll_at(cx, position)?;
        position += 1;
    }
    Err(cx.value_error("list.remove(x): x not in list"))
}

fn clear(cx: &Cx, list: Ref<List>) -> PyResult {
    list.clear(cx);
    Ok(Value::NONE)
}

fn copy(cx: &Cx, list: Ref<List>) -> PyResult {
    list.copy(cx).map(Ref::value)
}

fn count(cx: &Cx, list: Ref<List>, value: Value) -> PyResult {
    count_items(cx, value, |index| list.get(index)).map(Value::length)
}

fn index(cx: &Cx, list: Ref<List>, args: Args<'_>) -> PyResult {
    match find_item(cx, args, list.len(), |index| list.get(index))? {
        Some(index) => Ok(Value::length(index)),
        None => Err(cx.value_error("list.index(x): x not in list")),
    }
}

fn reverse(cx: &Cx, list: Ref<List>) -> PyResult {
    let _guard = lock(cx.mutator(), list.header());
    let (length, Some(array)) = (list.len(), list.array()) else { return Ok(Value::NONE) };
    for index in 0..length / 2 {
        let (low, high) = (array.field(index), array.field(length - 1 - index));
        let (first, last) = (low.get_or_none(), high.get_or_none());
        low.set(cx, last);
        high.set(cx, first);
    }
    Ok(Value::NONE)
}

fn reversed(cx: &Cx, list: Ref<List>) -> PyResult {
    Ok(new_reverse_iterator(cx, list))
}

fn size_of_list(_cx: &Cx, list: Ref<List>) -> PyResult {
    let store = list.array().map_or(0, |array| size_of::<Array>() + array.capacity() * 8);
    Ok(Value::length(size_of::<List>() + store))
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    crate::types::generic_alias::new(cx, class, item)
}

static METHODS: &[Method] = &[
    Method::one("__getitem__", subscript, "__getitem__($self, index, /)\n--\n\nReturn self[index]."),
    Method::none(
        "__reversed__",
        reversed,
        "__reversed__($self, /)\n--\n\nReturn an iterator from the last item to the first.",
    ),
    Method::none("__sizeof__", size_of_list, "__sizeof__($self, /)\n--\n\nReturn how many bytes the list takes."),
    Method::none("clear", clear, "clear($self, /)\n--\n\nRemove every item."),
    Method::none("copy", copy, "copy($self, /)\n--\n\nReturn a new list of the same items."),
    Method::one("append", append, "append($self, object, /)\n--\n\nAdd an item at the end."),
    Method::two("insert", insert, "insert($self, index, object, /)\n--\n\nPut an item in front of the one at index."),
    Method::one("extend", extend, "extend($self, iterable, /)\n--\n\nAdd the items of an iterable at the end."),
    Method::optional(
        "pop",
        pop,
        "pop($self, index=-1, /)\n--\n\nTake an item out and return it, the last one by default.\n\n\
         IndexError if there is no such item.",
    ),
    Method::one(
        "remove",
        remove,
        "remove($self, value, /)\n--\n\nTake out the first item equal to value.\n\nValueError if there is none.",
    ),
    Method::many(
        "index",
        index,
        "index($self, value, start=0, stop=sys.maxsize, /)\n--\n\nReturn where value is first found.\n\n\
         ValueError if it is not there.",
    ),
    Method::one("count", count, "count($self, value, /)\n--\n\nReturn how many items are equal to value."),
    Method::none("reverse", reverse, "reverse($self, /)\n--\n\nTurn the order of the items round, in place."),
    Method::many(
        "sort",
        sort::sort,
        "sort($self, /, *, key=None, reverse=False)\n--\n\nPut the items in ascending order, in place.\n\n\
         The order of equal items is kept. With a key function, items are ordered by what it\n\
         returns for each, called once per item; with reverse, in descending order.",
    ),
    Method::one(
        "__class_getitem__",
        class_getitem,
        "__class_getitem__($type, object, /)\n--\n\nlist[item_type], for annotations",
    )
    .on_class(),
];

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "list(iterable=(), /)\n--\n\nA mutable sequence.\n\nWithout an argument a new empty list; else one of the argument's items.",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::SEQUENCE).with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        compare: Some(compare),
        iter: Some(iter),
        length: Some(length),
        subscript: Some(subscript),
        assign_subscript: Some(assign_subscript),
        contains: Some(contains),
        concatenate: Some(concatenate),
        repeat: Some(repeat),
        inplace_concatenate: Some(inplace_concatenate),
        inplace_repeat: Some(inplace_repeat),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("list", &LAYOUT)
};
