//! The iterator of bytearrays, which sees the row as it is at each step.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use super::ByteArray;
use crate::native::definition::{Method, TypeDef};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::number;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The cell.
#[repr(C)]
pub struct ByteArrayIterator {
    header: Header,
    /// The row; empty once exhausted.
    bytes: RefField<ByteArray>,
    position: AtomicUsize,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<ByteArrayIterator>("bytearray_iterator", ids::BYTEARRAY_ITERATOR, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, all zero is an exhausted iterator; the row is reported.
unsafe impl Cell for ByteArrayIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.bytes.trace(tracer);
    }
}

/// `iter(bytearray)`.
pub(super) fn iter(cx: &Cx, this: Value) -> PyResult {
    let Some(bytes) = this.downcast::<ByteArray>(cx) else { return Ok(Value::NOT_IMPLEMENTED) };
    let contents =
        ByteArrayIterator { header: Header::default(), bytes: RefField::new(bytes), position: AtomicUsize::new(0) };
    Ok(cx.allocate(contents).value())
}

fn next(cx: &Cx, this: Value) -> PyResult<Option<Value>> {
    debug_assert!(this.is_exactly(ids::BYTEARRAY_ITERATOR));
    // SAFETY: the slot belongs to this type only, which cannot be derived from.
    let this: Ref<ByteArrayIterator> = unsafe { Ref::from_value_unchecked(this) };
    let Some(bytes) = this.bytes.get() else { return Ok(None) };
    let position = this.position.load(Ordering::Relaxed);
    match bytes.get(cx, position) {
        Some(byte) => {
            this.position.store(position + 1, Ordering::Relaxed);
            Ok(Some(Value::int(byte.into())))
        }
        None => {
            this.bytes.set_option(cx, None);
            Ok(None)
        }
    }
}

fn itself(_: &Cx, this: Value) -> PyResult {
    Ok(this)
}

fn length_hint(_: &Cx, this: Ref<ByteArrayIterator>) -> PyResult {
    let position = this.position.load(Ordering::Relaxed);
    Ok(Value::length(this.bytes.get().map_or(0, |bytes| bytes.len().saturating_sub(position))))
}

fn reduce(cx: &Cx, this: Ref<ByteArrayIterator>) -> PyResult {
    let iter = crate::types::module::builtin(cx, "iter")?;
    match this.bytes.get() {
        Some(bytes) => {
            let position = Value::length(this.position.load(Ordering::Relaxed));
            let arguments = cx.new_tuple(&[bytes.value()]).value();
            Ok(cx.new_tuple(&[iter, arguments, position]).value())
        }
        None => {
            let empty = cx.new_tuple(&[]).value();
            let arguments = cx.new_tuple(&[empty]).value();
            Ok(cx.new_tuple(&[iter, arguments]).value())
        }
    }
}

fn setstate(cx: &Cx, this: Ref<ByteArrayIterator>, state: Value) -> PyResult {
    let index = number::index_i64(cx, state)?;
    if let Some(bytes) = this.bytes.get() {
        let position = usize::try_from(index).unwrap_or(0).min(bytes.len());
        this.position.store(position, Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

static METHODS: &[Method] = &[
    Method::none("__length_hint__", length_hint, "__length_hint__($self, /)\n--\n\nHow many items are left."),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickle needs."),
    Method::one("__setstate__", setstate, "__setstate__($self, state, /)\n--\n\nGo on at a position."),
];

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: METHODS,
    ..TypeDef::new("bytearray_iterator", &LAYOUT)
};
