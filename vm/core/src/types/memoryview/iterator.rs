//! The iterator of memoryviews.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use super::{MemoryView, access, slots::own};
use crate::native::definition::TypeDef;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The cell.
#[repr(C)]
pub struct MemoryIterator {
    header: Header,
    /// The view; empty once exhausted.
    view: RefField<MemoryView>,
    position: AtomicUsize,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<MemoryIterator>("memory_iterator", ids::MEMORY_ITERATOR, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, all zero is an exhausted iterator; the view is reported.
unsafe impl Cell for MemoryIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.view.trace(tracer);
    }
}

/// `iter(view)`.
pub(super) fn iter(cx: &Cx, this: Value) -> PyResult {
    let this = own(cx, this)?;
    let view = this.view(cx)?;
    match view.shape.len() {
        0 => return Err(cx.type_error("invalid indexing of 0-dim memory")),
        1 => {}
        _ => return Err(raise!(cx, NotImplementedError, "multi-dimensional sub-views are not implemented")),
    }
    access::item_format(cx, view)?;
    let contents =
        MemoryIterator { header: Header::default(), view: RefField::new(this), position: AtomicUsize::new(0) };
    Ok(cx.allocate(contents).value())
}

fn next(cx: &Cx, this: Value) -> PyResult<Option<Value>> {
    debug_assert!(this.is_exactly(ids::MEMORY_ITERATOR));
    // SAFETY: the slot belongs to this type only, which cannot be derived from.
    let this: Ref<MemoryIterator> = unsafe { Ref::from_value_unchecked(this) };
    let Some(view) = this.view.get() else { return Ok(None) };
    let position = this.position.load(Ordering::Relaxed);
    let item = view.get(cx, position)?;
    match item {
        Some(_) => this.position.store(position + 1, Ordering::Relaxed),
        None => this.view.set_option(cx, None),
    }
    Ok(item)
}

fn itself(_: &Cx, this: Value) -> PyResult {
    Ok(this)
}

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&crate::types::object::TYPE),
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    ..TypeDef::new("memory_iterator", &LAYOUT)
};
