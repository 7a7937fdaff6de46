//! `iterator`: steps through any object with `__getitem__` by asking for 0, 1, 2 … until IndexError.

use std::sync::atomic::{AtomicI64, Ordering};

use countless_gc::{Header, Tracer};

use super::ids;
use crate::exceptions::ExceptionKind;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::item::get_item;
use crate::object::protocol::number::index_i64;
use crate::object::protocol::object::length;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell. A step stores the position after it, so threads that share one may get the same item.
#[repr(C)]
pub struct SequenceIterator {
    header: Header,
    /// Empty at the end.
    sequence: Field,
    index: AtomicI64,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<SequenceIterator>("iterator", ids::SEQUENCE_ITERATOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the sequence is reported.
unsafe impl Cell for SequenceIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.sequence.trace(tracer);
    }
}

/// An iterator over the sequence.
pub fn new(cx: &Cx, sequence: Value) -> Value {
    let contents =
        SequenceIterator { header: Header::default(), sequence: Field::new(sequence), index: AtomicI64::new(0) };
    cx.allocate(contents).value()
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let iterator: Ref<SequenceIterator> = unsafe { Ref::from_value_unchecked(value) };
    let Some(sequence) = iterator.sequence.get() else { return Ok(None) };
    let index = iterator.index.load(Ordering::Relaxed);
    if index == i64::MAX {
        return Err(cx.overflow_error("iter index too large"));
    }
    match get_item(cx, sequence, cx.new_int_from_i64(index)) {
        Ok(item) => {
            iterator.index.store(index + 1, Ordering::Relaxed);
            Ok(Some(item))
        }
        Err(raised) => {
            let end = cx.pending_is(&raised, ExceptionKind::IndexError)
                || cx.pending_is(&raised, ExceptionKind::StopIteration);
            if !end {
                return Err(raised);
            }
            cx.discard(raised);
            iterator.sequence.clear(cx);
            Ok(None)
        }
    }
}

fn length_hint(cx: &Cx, iterator: Ref<SequenceIterator>) -> PyResult {
    let Some(sequence) = iterator.sequence.get() else { return Ok(Value::int(0)) };
    if cx.type_of(sequence).slots.length().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let left = length(cx, sequence)? as i64 - iterator.index.load(Ordering::Relaxed);
    Ok(cx.new_int_from_i64(left.max(0)))
}

fn reduce(cx: &Cx, iterator: Ref<SequenceIterator>) -> PyResult {
    let iter = cx.builtin("iter")?;
    Ok(match iterator.sequence.get() {
        Some(sequence) => {
            let index = cx.new_int_from_i64(iterator.index.load(Ordering::Relaxed));
            let arguments = cx.new_tuple(&[sequence]).value();
            cx.new_tuple(&[iter, arguments, index]).value()
        }
        None => {
            let arguments = cx.new_tuple(&[cx.empty_tuple().value()]).value();
            cx.new_tuple(&[iter, arguments]).value()
        }
    })
}

fn set_state(cx: &Cx, iterator: Ref<SequenceIterator>, state: Value) -> PyResult {
    let index = index_i64(cx, state)?;
    if iterator.sequence.get().is_some() {
        iterator.index.store(index.max(0), Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&super::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none(
            "__length_hint__",
            length_hint,
            "__length_hint__($self, /)\n--\n\nReturn about how many items are left.",
        ),
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
        Method::one("__setstate__", set_state, "__setstate__($self, object, /)\n--\n\nTake up pickled state."),
    ],
    ..TypeDef::new("iterator", &LAYOUT)
};
