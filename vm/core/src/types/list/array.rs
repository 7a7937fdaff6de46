//! The backing store of lists: a cell of fixed capacity.
//!
//! Rule for shared access: a store belongs to one list (or to native code, for a time) and is written under that list's
//! lock; it is read without a lock. Fields at and behind the list's length are empty, so a reader is bounded by the
//! capacity of the store that it loaded, whatever the length is by then. Growing installs another store.

use countless_gc::{Header, Slot, Tracer, copy_slots, init_slots};

use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The cell: `capacity` fields follow it.
#[repr(C)]
pub struct Array {
    header: Header,
    capacity: usize,
}

/// The layout of arrays.
pub static LAYOUT: Layout = Layout::of::<Array>("array of values", ids::ARRAY, None).variable();

// SAFETY: `repr(C)`, header first, zero is an array without fields; all fields are reported.
unsafe impl Cell for Array {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: `capacity` fields follow the cell, all zero or written as words.
        unsafe { tracer.slots(self.slots(), self.capacity) };
    }
}

/// The largest number of fields that is asked of the heap.
const MAX_CAPACITY: usize = 1 << 42;

impl Array {
    #[inline(always)]
    pub(crate) fn slots(&self) -> *const Slot {
        (&raw const *self).wrapping_add(1).cast()
    }

    /// How many fields there are.
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// A field; panics if there are not so many.
    #[inline(always)]
    pub fn field(&self, index: usize) -> &Field {
        assert!(index < self.capacity);
        // SAFETY: the index is in range; `Field` is a transparent `Slot`.
        unsafe { &*self.slots().add(index).cast::<Field>() }
    }

    /// What a field holds; `None` for an empty one, and beyond the capacity.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        if index < self.capacity { self.field(index).get() } else { None }
    }

    /// Moves `count` fields from one place to another, word by word, with the barrier. The ranges may overlap.
    pub fn copy_within(&self, cx: &Cx, from: usize, to: usize, count: usize) {
        assert!(from.max(to) + count <= self.capacity);
        // SAFETY: both ranges are fields of this cell.
        unsafe { copy_slots(cx.mutator(), self.slots().add(from), self.slots().add(to), count) };
    }

    /// Stores the first `count` fields of `source`, from its field `from` on, into this array's fields from `to` on, with
    /// the barrier.
    pub fn copy_from(&self, cx: &Cx, to: usize, source: Ref<Array>, from: usize, count: usize) {
        assert!(from + count <= source.capacity && to + count <= self.capacity);
        // SAFETY: both ranges are fields of live cells.
        unsafe { copy_slots(cx.mutator(), source.slots().add(from), self.slots().add(to), count) };
    }

    /// Empties fields.
    pub fn clear_range(&self, cx: &Cx, from: usize, to: usize) {
        for index in from..to {
            self.field(index).clear(cx);
        }
    }
}

impl Ref<Array> {
    /// Fills fields of an array that nobody else has seen and that no safepoint came after, from a published one.
    pub fn init_from(self, to: usize, source: Ref<Array>, from: usize, count: usize) {
        assert!(from + count <= source.capacity && to + count <= self.capacity);
        // SAFETY: the ranges are fields of live cells; the caller has just made this one.
        unsafe { init_slots(source.slots().add(from), self.slots().add(to), count) };
    }
}

impl Cx {
    /// An array of empty fields; MemoryError if it is too large.
    #[inline]
    pub fn new_array(&self, capacity: usize) -> PyResult<Ref<Array>> {
        if capacity > MAX_CAPACITY {
            return Err(self.memory_error());
        }
        let size = size_of::<Array>() + capacity * size_of::<Field>();
        self.try_allocate_as(ids::ARRAY, size, Array { header: Header::default(), capacity })
    }

    /// The same for a capacity known to fit memory.
    #[inline]
    pub(crate) fn allocate_array(&self, capacity: usize) -> Ref<Array> {
        let size = size_of::<Array>() + capacity * size_of::<Field>();
        self.allocate_as(ids::ARRAY, size, Array { header: Header::default(), capacity })
    }
}
