//! Iterators over the code points of text: one type for ASCII, one for the rest, as CPython has them.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use super::{Str, slots::own};
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
pub struct StrIterator {
    header: Header,
    /// The text; empty once exhausted.
    text: RefField<Str>,
    /// Byte offset of the next code point: always a boundary of the text.
    position: AtomicUsize,
}

/// The layout of iterators over ASCII text.
pub static ASCII_LAYOUT: Layout =
    Layout::of::<StrIterator>("str_ascii_iterator", ids::STR_ASCII_ITERATOR, Some(&super::super::object::LAYOUT));
/// The layout of iterators over other text.
pub static LAYOUT: Layout =
    Layout::of::<StrIterator>("str_iterator", ids::STR_ITERATOR, Some(&super::super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, all zero is an exhausted iterator; the text is reported.
unsafe impl Cell for StrIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.text.trace(tracer);
    }
}

/// `iter(text)`.
pub(super) fn iter(cx: &Cx, this: Value) -> PyResult {
    let text = own(cx, this)?;
    let id = if text.is_ascii() { ids::STR_ASCII_ITERATOR } else { ids::STR_ITERATOR };
    let contents = StrIterator { header: Header::default(), text: RefField::new(text), position: AtomicUsize::new(0) };
    Ok(cx.allocate_as(id, size_of::<StrIterator>(), contents).value())
}

fn receiver(value: Value) -> Ref<StrIterator> {
    debug_assert!(matches!(value.type_id(), ids::STR_ITERATOR | ids::STR_ASCII_ITERATOR));
    // SAFETY: the slots below belong to the two types only, which cannot be derived from.
    unsafe { Ref::from_value_unchecked(value) }
}

/// `next(iterator)`.
pub fn next(cx: &Cx, this: Value) -> PyResult<Option<Value>> {
    let this = receiver(this);
    let Some(text) = this.text.get() else { return Ok(None) };
    let position = this.position.load(Ordering::Relaxed);
    if text.is_ascii() {
        if let Some(&byte) = text.as_bytes().get(position) {
            this.position.store(position + 1, Ordering::Relaxed);
            return Ok(Some(cx.new_char(byte.into()).value()));
        }
    } else if let Some(point) = text.as_wtf8().code_point_at(position) {
        let length = countless_common::wtf8::encoded_len(point);
        this.position.store(position + length, Ordering::Relaxed);
        return Ok(Some(cx.new_char(point).value()));
    }
    this.text.set_option(cx, None);
    Ok(None)
}

fn itself(_: &Cx, this: Value) -> PyResult {
    Ok(this)
}

fn length_hint(_: &Cx, this: Ref<StrIterator>) -> PyResult {
    let left = this
        .text
        .get()
        .map_or(0, |text| text.len().saturating_sub(text.char_index(this.position.load(Ordering::Relaxed))));
    Ok(Value::length(left))
}

fn reduce(cx: &Cx, this: Ref<StrIterator>) -> PyResult {
    let iter = crate::types::module::builtin(cx, "iter")?;
    match this.text.get() {
        Some(text) => {
            let position = Value::length(text.char_index(this.position.load(Ordering::Relaxed)));
            let arguments = cx.new_tuple(&[text.value()]).value();
            Ok(cx.new_tuple(&[iter, arguments, position]).value())
        }
        None => {
            let arguments = cx.new_tuple(&[cx.names().empty.value()]).value();
            Ok(cx.new_tuple(&[iter, arguments]).value())
        }
    }
}

fn setstate(cx: &Cx, this: Ref<StrIterator>, state: Value) -> PyResult {
    let index = number::index_i64(cx, state)?;
    if let Some(text) = this.text.get() {
        let index = usize::try_from(index).unwrap_or(0);
        this.position.store(text.byte_offset(index), Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

static METHODS: &[Method] = &[
    Method::none("__length_hint__", length_hint, "__length_hint__($self, /)\n--\n\nHow many items are left."),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickle needs."),
    Method::one("__setstate__", setstate, "__setstate__($self, state, /)\n--\n\nGo on at a position."),
];

/// The definition of iterators over ASCII text.
pub static ASCII_TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: METHODS,
    ..TypeDef::new("str_ascii_iterator", &ASCII_LAYOUT)
};

/// The definition of iterators over other text.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: METHODS,
    ..TypeDef::new("str_iterator", &LAYOUT)
};
