//! Storage for bytes that change or grow: of bytearrays, and of text that is appended to over and over.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use crate::object::cell::{Cell, Layout, Ref};
use crate::object::shared_bytes;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The cell: `capacity` bytes follow it, accessed only atomically.
#[repr(C)]
pub struct ByteStorage {
    header: Header,
    capacity: usize,
    /// For text: so many bytes were given away by [`ByteStorage::claim`], and are not written again.
    claimed: AtomicUsize,
}

/// The layout of storages.
pub static LAYOUT: Layout = Layout::of::<ByteStorage>("byte storage", ids::BYTE_STORAGE, None).variable();

// SAFETY: `repr(C)`, header first, zero is a storage of no bytes; there are no traced fields.
unsafe impl Cell for ByteStorage {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl ByteStorage {
    /// A storage of zeros.
    pub fn new(cx: &Cx, capacity: usize) -> PyResult<Ref<ByteStorage>> {
        let size = size_of::<ByteStorage>().checked_add(capacity).filter(|&size| size < isize::MAX as usize);
        let Some(size) = size else { return Err(cx.memory_error()) };
        cx.try_allocate_as(ids::BYTE_STORAGE, size, blank(capacity))
    }

    /// Gives away the `more` bytes behind the first `from`, if those are what was given away so far.
    pub fn claim(&self, from: usize, more: usize) -> bool {
        let Some(end) = from.checked_add(more).filter(|&end| end <= self.capacity) else { return false };
        self.claimed.compare_exchange(from, end, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// How many bytes there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The address of a byte, or the end.
    pub(crate) fn address(&self, offset: usize) -> *mut u8 {
        assert!(offset <= self.capacity);
        // Bytes are written through shared references by atomic accesses only.
        (&raw const *self).wrapping_add(1).cast::<u8>().wrapping_add(offset).cast_mut()
    }

    /// Checks a range and gives its address.
    fn range(&self, offset: usize, length: usize) -> *mut u8 {
        assert!(length <= self.capacity && offset <= self.capacity - length);
        self.address(offset)
    }

    pub(super) fn get(&self, offset: usize) -> u8 {
        let mut byte = [0];
        self.load(offset, &mut byte);
        byte[0]
    }

    pub(super) fn load(&self, offset: usize, target: &mut [u8]) {
        // SAFETY: the range lies within the cell, whose bytes are only accessed atomically.
        unsafe { shared_bytes::load(self.range(offset, target.len()), target) };
    }

    pub(crate) fn store(&self, offset: usize, source: &[u8]) {
        // SAFETY: as in `load`.
        unsafe { shared_bytes::store(self.range(offset, source.len()), source) };
    }

    pub(super) fn move_within(&self, from: usize, to: usize, length: usize) {
        // SAFETY: as in `load`, for both ranges.
        unsafe { shared_bytes::copy(self.range(from, length), self.range(to, length), length) };
    }

    pub(super) fn copy_to(&self, from: usize, other: &ByteStorage, to: usize, length: usize) {
        // SAFETY: as in `load`, for both ranges.
        unsafe { shared_bytes::copy(self.range(from, length), other.range(to, length), length) };
    }
}

/// The fixed part under construction.
fn blank(capacity: usize) -> ByteStorage {
    ByteStorage { header: Header::default(), capacity, claimed: AtomicUsize::new(0) }
}
