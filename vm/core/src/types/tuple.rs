//! `tuple`: a fixed row of values, immutable once published.

use countless_gc::{Header, Slot, Tracer};

use super::ids;
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell: the items follow it. The length never changes.
#[repr(C)]
pub struct Tuple {
    header: Header,
    length: usize,
}

/// The layout of tuples.
pub static LAYOUT: Layout = Layout::of::<Tuple>("tuple", ids::TUPLE, Some(&super::object::LAYOUT)).variable();

// SAFETY: `repr(C)`, header first, zero is an empty tuple; all items are reported.
unsafe impl Cell for Tuple {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: `length` items follow the cell; they are not written after publication.
        unsafe { tracer.slots(self.items(), self.length) };
    }
}

impl Tuple {
    fn items(&self) -> *const Slot {
        (&raw const *self).wrapping_add(1).cast()
    }

    /// How many items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// An item; panics if there are not so many.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Value {
        assert!(index < self.length);
        // SAFETY: the index is in range.
        let word = unsafe { (*self.items().add(index)).load_relaxed() };
        Value::from_word(word).unwrap_or(Value::UNBOUND)
    }

    /// Bytes of a tuple's cell.
    pub const fn size_for(length: usize) -> Option<usize> {
        match length.checked_mul(8) {
            Some(bytes) => bytes.checked_add(size_of::<Tuple>()),
            None => None,
        }
    }
}

impl Ref<Tuple> {
    /// The items. (The iterator keeps the tuple alive: it holds this copy of the reference.)
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator {
        (0..self.len()).map(move |index| self.get(index))
    }

    /// Fills an item of a tuple that nobody else has seen.
    pub fn init(self, index: usize, value: Value) {
        assert!(index < self.length);
        // SAFETY: the index is in range; the caller has just made the tuple.
        unsafe { (*self.items().add(index)).init(value.word()) }
    }
}

impl Cx {
    /// A tuple of the values.
    pub fn new_tuple(&self, values: &[Value]) -> Ref<Tuple> {
        let tuple = self.new_blank_tuple(values.len());
        for (index, &value) in values.iter().enumerate() {
            tuple.init(index, value);
        }
        tuple
    }

    /// A tuple whose items are to be filled by [`Ref::<Tuple>::init`] before anyone else sees it. For lengths that are
    /// known to fit memory.
    #[inline]
    pub fn new_blank_tuple(&self, length: usize) -> Ref<Tuple> {
        let size = size_of::<Tuple>() + length * 8;
        self.allocate_as(ids::TUPLE, size, Tuple { header: Header::default(), length })
    }

    /// The same for a length that the program chose.
    pub fn try_new_blank_tuple(&self, length: usize) -> PyResult<Ref<Tuple>> {
        let size = Tuple::size_for(length).ok_or(()).or_else(|()| Err(self.memory_error()))?;
        self.try_allocate_as(ids::TUPLE, size, Tuple { header: Header::default(), length })
    }
}
