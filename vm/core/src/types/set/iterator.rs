//! The iterator of sets. A step stores the position after it, so threads that share one may get the same key.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use super::Set;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The cell.
#[repr(C)]
pub struct SetIterator {
    header: Header,
    /// Empty at the end.
    set: RefField<Set>,
    /// The next entry's number.
    position: AtomicUsize,
    /// How many keys the set had when the iteration began; [`CHANGED`] once it has been found to have another number.
    size: AtomicUsize,
    /// How many keys are left.
    left: AtomicUsize,
}

const CHANGED: usize = usize::MAX;

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<SetIterator>("set_iterator", ids::SET_ITERATOR, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the set is reported.
unsafe impl Cell for SetIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.set.trace(tracer);
    }
}

/// An iterator over the set.
pub fn new(cx: &Cx, set: Ref<Set>) -> Value {
    let size = set.len();
    cx.allocate(SetIterator {
        header: Header::default(),
        set: RefField::new(set),
        position: AtomicUsize::new(0),
        size: AtomicUsize::new(size),
        left: AtomicUsize::new(size),
    })
    .value()
}

impl SetIterator {
    /// The next key; `None` at the end.
    #[inline]
    pub fn step(&self, cx: &Cx) -> PyResult<Option<Value>> {
        let Some(set) = self.set.get() else { return Ok(None) };
        if set.len() != self.size.load(Ordering::Relaxed) {
            self.size.store(CHANGED, Ordering::Relaxed);
            return Err(cx.runtime_error("Set changed size during iteration"));
        }
        let mut position = self.position.load(Ordering::Relaxed);
        match set.next_entry(&mut position) {
            Some((key, _)) => {
                self.position.store(position, Ordering::Relaxed);
                self.left.store(self.left.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
                Ok(Some(key))
            }
            None => {
                self.set.set_option(cx, None);
                Ok(None)
            }
        }
    }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let iterator: Ref<SetIterator> = unsafe { Ref::from_value_unchecked(value) };
    iterator.step(cx)
}

fn length_hint(_cx: &Cx, iterator: Ref<SetIterator>) -> PyResult {
    let unchanged = iterator.set.get().is_some_and(|set| set.len() == iterator.size.load(Ordering::Relaxed));
    Ok(Value::length(if unchanged { iterator.left.load(Ordering::Relaxed) } else { 0 }))
}

fn reduce(cx: &Cx, iterator: Ref<SetIterator>) -> PyResult {
    let list = cx.new_list();
    if let Some(set) = iterator.set.get() {
        let mut position = iterator.position.load(Ordering::Relaxed);
        while let Some((key, _)) = set.next_entry(&mut position) {
            list.push(cx, key)?;
        }
    }
    let arguments = cx.new_tuple(&[list.value()]).value();
    Ok(cx.new_tuple(&[cx.builtin("iter")?, arguments]).value())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none(
            "__length_hint__",
            length_hint,
            "__length_hint__($self, /)\n--\n\nReturn about how many items are left.",
        ),
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
    ],
    ..TypeDef::new("set_iterator", &LAYOUT)
};
