//! The iterators of lists. Both follow the list as it is at each step, and let go of it at the end.
//!
//! Two threads that step one iterator may get the same item or skip none: positions are stored, not added to.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use super::List;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::number::index_i64;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The forward iterator's cell.
#[repr(C)]
pub struct ListIterator {
    header: Header,
    /// Empty at the end.
    list: RefField<List>,
    /// The next position.
    index: AtomicUsize,
}

/// The layout of forward iterators.
pub static LAYOUT: Layout =
    Layout::of::<ListIterator>("list_iterator", ids::LIST_ITERATOR, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the list is reported.
unsafe impl Cell for ListIterator {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.list.trace(tracer);
    }
}

/// The backward iterator's cell.
#[repr(C)]
pub struct ListReverseIterator {
    header: Header,
    /// Empty at the end.
    list: RefField<List>,
    /// The next position, plus one.
    index: AtomicUsize,
}

/// The layout of backward iterators.
pub static REVERSE_LAYOUT: Layout = Layout::of::<ListReverseIterator>(
    "list_reverseiterator",
    ids::LIST_REVERSE_ITERATOR,
    Some(&crate::types::object::LAYOUT),
);

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the list is reported.
unsafe impl Cell for ListReverseIterator {
    fn layout() -> &'static Layout {
        &REVERSE_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.list.trace(tracer);
    }
}

impl ListIterator {
    /// The next item; `None` at the end.
    #[inline(always)]
    pub fn step(&self, cx: &Cx) -> Option<Value> {
        let list = self.list.get()?;
        let index = self.index.load(Ordering::Relaxed);
        match list.get(index) {
            Some(item) => {
                self.index.store(index + 1, Ordering::Relaxed);
                Some(item)
            }
            None => {
                self.list.set_option(cx, None);
                None
            }
        }
    }
}

/// `iter(list)`.
pub fn new_iterator(cx: &Cx, list: Ref<List>) -> Value {
    let contents = ListIterator { header: Header::default(), list: RefField::new(list), index: AtomicUsize::new(0) };
    cx.allocate(contents).value()
}

/// `reversed(list)`.
pub fn new_reverse_iterator(cx: &Cx, list: Ref<List>) -> Value {
    let index = AtomicUsize::new(list.len());
    cx.allocate(ListReverseIterator { header: Header::default(), list: RefField::new(list), index }).value()
}

fn iterator(value: Value) -> Ref<ListIterator> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn reverse_iterator(value: Value) -> Ref<ListReverseIterator> {
    // SAFETY: as above.
    unsafe { Ref::from_value_unchecked(value) }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step(cx))
}

fn reverse_next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let iterator = reverse_iterator(value);
    let Some(list) = iterator.list.get() else { return Ok(None) };
    let position = iterator.index.load(Ordering::Relaxed).checked_sub(1);
    match position.and_then(|position| list.get(position)) {
        Some(item) => {
            iterator.index.store(position.unwrap_or(0), Ordering::Relaxed);
            Ok(Some(item))
        }
        None => {
            iterator.list.set_option(cx, None);
            Ok(None)
        }
    }
}

fn length_hint(_cx: &Cx, iterator: Ref<ListIterator>) -> PyResult {
    let length = iterator.list.get().map_or(0, |list| list.len());
    Ok(Value::length(length.saturating_sub(iterator.index.load(Ordering::Relaxed))))
}

fn reverse_length_hint(_cx: &Cx, iterator: Ref<ListReverseIterator>) -> PyResult {
    let length = iterator.list.get().map_or(0, |list| list.len());
    let left = iterator.index.load(Ordering::Relaxed);
    Ok(Value::length(if left <= length { left } else { 0 }))
}

fn reduce_with(cx: &Cx, function: &str, list: Option<(Ref<List>, Value)>) -> PyResult {
    let (list, index) = match list {
        Some((list, index)) => (list, Some(index)),
        None => (cx.new_list(), None),
    };
    let function = cx.builtin(function)?;
    let arguments = cx.new_tuple(&[list.value()]).value();
    Ok(match index {
        Some(index) => cx.new_tuple(&[function, arguments, index]).value(),
        None => cx.new_tuple(&[function, arguments]).value(),
    })
}

fn reduce(cx: &Cx, iterator: Ref<ListIterator>) -> PyResult {
    let index = Value::length(iterator.index.load(Ordering::Relaxed));
    reduce_with(cx, "iter", iterator.list.get().map(|list| (list, index)))
}

fn reverse_reduce(cx: &Cx, iterator: Ref<ListReverseIterator>) -> PyResult {
    let index = Value::int(iterator.index.load(Ordering::Relaxed) as i64 - 1);
    reduce_with(cx, "reversed", iterator.list.get().map(|list| (list, index)))
}

fn set_state(cx: &Cx, iterator: Ref<ListIterator>, state: Value) -> PyResult {
    let index = index_i64(cx, state)?;
    if let Some(list) = iterator.list.get() {
        iterator.index.store(index.clamp(0, list.len() as i64) as usize, Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

fn reverse_set_state(cx: &Cx, iterator: Ref<ListReverseIterator>, state: Value) -> PyResult {
    let index = index_i64(cx, state)?;
    if let Some(list) = iterator.list.get() {
        let next = index.clamp(-1, list.len() as i64 - 1) + 1;
        iterator.index.store(next as usize, Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

const HINT_DOC: &str = "__length_hint__($self, /)\n--\n\nReturn about how many items are left.";
const REDUCE_DOC: &str = "__reduce__($self, /)\n--\n\nReturn what pickling needs.";
const STATE_DOC: &str = "__setstate__($self, object, /)\n--\n\nTake up pickled state.";

/// The forward iterator's class.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none("__length_hint__", length_hint, HINT_DOC),
        Method::none("__reduce__", reduce, REDUCE_DOC),
        Method::one("__setstate__", set_state, STATE_DOC),
    ],
    ..TypeDef::new("list_iterator", &LAYOUT)
};

/// The backward iterator's class.
pub static REVERSE_TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(reverse_next), ..Slots::NONE },
    methods: &[
        Method::none("__length_hint__", reverse_length_hint, HINT_DOC),
        Method::none("__reduce__", reverse_reduce, REDUCE_DOC),
        Method::one("__setstate__", reverse_set_state, STATE_DOC),
    ],
    ..TypeDef::new("list_reverseiterator", &REVERSE_LAYOUT)
};
