//! `bytes`: an immutable row of bytes.

mod convert;
mod iterator;
mod methods;
mod slots;

pub use convert::{bytes_from_iterable, bytes_from_object};

pub(crate) use convert::{bytes_for_percent, size_of_source, text_source};
pub use iterator::TYPE as ITERATOR_TYPE;
pub use methods::TYPE;

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::protocol::buffer;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell: the bytes follow it (at this offset in subclasses too).
#[repr(C)]
pub struct Bytes {
    header: Header,
    /// The hash, or 0 while it is not known. Racing writers store the same number.
    hash: AtomicU64,
    length: usize,
}

/// The layout of bytes.
pub static LAYOUT: Layout = Layout::of::<Bytes>("bytes", ids::BYTES, Some(&super::object::LAYOUT)).variable();

// SAFETY: `repr(C)`, header first, zero is an empty row; there are no traced fields.
unsafe impl Cell for Bytes {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl Bytes {
    fn start(&self) -> *const u8 {
        (&raw const *self).wrapping_add(1).cast::<u8>()
    }

    /// The bytes.
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: `length` bytes follow the cell, written before it was published and never since. The borrow ends with
        // the reference it came from, which keeps the cell alive.
        unsafe { std::slice::from_raw_parts(self.start(), self.length) }
    }

    /// How many bytes.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The hash, as `hash(bytes)`.
    pub fn hash(&self, cx: &Cx) -> i64 {
        match self.hash.load(Ordering::Relaxed) {
            0 => {
                let hash = cx.vm().hash_key.hash_bytes(self.as_bytes());
                self.hash.store(hash as u64, Ordering::Relaxed);
                hash
            }
            hash => hash as i64,
        }
    }
}

impl Ref<Bytes> {
    /// The bytes as exactly a `bytes`: a copy, if this is an instance of a subclass.
    pub fn to_exact(self, cx: &Cx) -> Ref<Bytes> {
        if self.value().is_exactly(ids::BYTES) { self } else { cx.new_bytes(self.as_bytes()) }
    }
}

/// The fixed part under construction.
fn blank(length: usize) -> Bytes {
    Bytes { header: Header::default(), hash: AtomicU64::new(0), length }
}

impl Cx {
    /// Bytes, for sizes known to fit memory.
    pub fn new_bytes(&self, bytes: &[u8]) -> Ref<Bytes> {
        let cell = self.allocate_as(ids::BYTES, size_of::<Bytes>() + bytes.len(), blank(bytes.len()));
        // SAFETY: the fresh cell has room for the bytes after its fixed part, which nobody else sees yet.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), cell.start().cast_mut(), bytes.len()) };
        cell
    }

    /// Bytes, for sizes that the program chose.
    pub fn try_new_bytes(&self, bytes: &[u8]) -> PyResult<Ref<Bytes>> {
        self.new_bytes_with(bytes.len(), |target| {
            // SAFETY: the target has room for as many bytes, and is new.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len()) };
        })
    }

    /// So many zero bytes.
    pub fn new_zero_bytes(&self, length: usize) -> PyResult<Ref<Bytes>> {
        self.new_bytes_with(length, |_| {})
    }

    /// Bytes that `fill` writes to where it is told; those it does not write are zero. It must not call into Python.
    pub(crate) fn new_bytes_with(&self, length: usize, fill: impl FnOnce(*mut u8)) -> PyResult<Ref<Bytes>> {
        let size = size_of::<Bytes>().checked_add(length).filter(|&size| size < isize::MAX as usize);
        let Some(size) = size else { return Err(self.memory_error()) };
        let cell = self.try_allocate_as(ids::BYTES, size, blank(length))?;
        fill(cell.start().cast_mut());
        Ok(cell)
    }

    /// Bytes as instance of a class: the class's own constructor is not called.
    pub(crate) fn new_bytes_instance(&self, class: Ref<TypeObject>, bytes: &[u8]) -> PyResult<Ref<Bytes>> {
        let cell = self.allocate_variable_instance(class, bytes.len(), blank(bytes.len()))?;
        // SAFETY: the fresh cell has room for the bytes after its fixed part, which nobody else sees yet.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), cell.start().cast_mut(), bytes.len()) };
        Ok(cell)
    }
}

/// The bytes of a bytes-like object: borrowed from `bytes`, copied from anything else.
pub enum ByteView {
    /// Bytes, which do not change.
    Held(Ref<Bytes>),
    /// What the object held when it was asked.
    Copied(Vec<u8>),
}

impl ByteView {
    /// Of a bytes-like object: TypeError "a bytes-like object is required, not …" for anything else.
    #[inline]
    pub fn new(cx: &Cx, value: Value) -> PyResult<ByteView> {
        match value.downcast::<Bytes>(cx) {
            Some(bytes) => Ok(ByteView::Held(bytes)),
            None => buffer::bytes_of(cx, value).map(ByteView::Copied),
        }
    }

    /// The same, `None` if the value has no buffer.
    pub fn of_buffer(cx: &Cx, value: Value) -> PyResult<Option<ByteView>> {
        if cx.type_of(value).slots.buffer().is_none() {
            return Ok(None);
        }
        ByteView::new(cx, value).map(Some)
    }
}

impl Deref for ByteView {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            ByteView::Held(bytes) => bytes.as_bytes(),
            ByteView::Copied(bytes) => bytes,
        }
    }
}
