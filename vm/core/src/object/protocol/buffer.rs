//! The buffer protocol: native memory that an object lends out.
//!
//! A [`Buffer`] keeps its owner alive and, if the owner asked for it, tells it when the loan ends. The memory does not
//! move or shrink while a buffer is out: owners of growable memory count their buffers and refuse to resize. Bytes of
//! mutable owners may change under a reader at any time, so they are read and written through atomics.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::exceptions::ExceptionKind;
use crate::object::python_buffer;
use crate::object::shared_bytes;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::memoryview::gather;

/// Flags of a request (`PyBUF_*`), the numbers of CPython's header.
pub mod request {
    /// Plain bytes.
    pub const SIMPLE: i32 = 0;
    /// Writable memory.
    pub const WRITABLE: i32 = 1;
    /// The item format.
    pub const FORMAT: i32 = 4;
    /// Shape and format, read-only is enough.
    pub const FULL_READ_ONLY: i32 = 0x11c;
}

/// Memory on loan.
pub struct Buffer {
    /// The object that lends.
    pub owner: Value,
    /// The first byte.
    pub address: *mut u8,
    /// How many bytes.
    pub length: usize,
    /// Whether writing is forbidden.
    pub read_only: bool,
    /// Bytes of an item.
    pub item_size: usize,
    /// The item's format, as the struct module writes it.
    pub format: std::borrow::Cow<'static, str>,
    /// Dimensions; empty for a single item.
    pub shape: Vec<usize>,
    /// Bytes from one item to the next in each dimension.
    pub strides: Vec<isize>,
    /// Called when the loan ends, with the lender.
    pub release: Option<fn(&Cx, Value)>,
    /// Who is told of the loan's end, if it is not the owner.
    pub lender: Option<Value>,
}

impl Buffer {
    /// A one-dimensional buffer of bytes.
    pub fn bytes(
        owner: Value,
        address: *mut u8,
        length: usize,
        read_only: bool,
        release: Option<fn(&Cx, Value)>,
    ) -> Buffer {
        Buffer {
            owner,
            address,
            length,
            read_only,
            item_size: 1,
            format: std::borrow::Cow::Borrowed("B"),
            shape: vec![length],
            strides: vec![1],
            release,
            lender: None,
        }
    }

    /// Whether the bytes lie one after the other in C order.
    pub fn is_contiguous(&self) -> bool {
        let mut expected = self.item_size as isize;
        for (&extent, &stride) in self.shape.iter().zip(&self.strides).rev() {
            if extent > 1 && stride != expected {
                return false;
            }
            expected *= extent as isize;
        }
        true
    }

    /// A byte of a contiguous buffer.
    pub fn get(&self, index: usize) -> u8 {
        assert!(index < self.length);
        // SAFETY: the owner lends `length` bytes, kept alive by `owner`, accessed only through atomics while on loan.
        unsafe { (*self.address.add(index).cast::<AtomicU8>()).load(Ordering::Relaxed) }
    }

    /// Sets a byte of a contiguous, writable buffer.
    pub fn set(&self, index: usize, byte: u8) {
        assert!(index < self.length && !self.read_only);
        // SAFETY: as in `get`; the owner said that it may be written.
        unsafe { (*self.address.add(index).cast::<AtomicU8>()).store(byte, Ordering::Relaxed) }
    }

    /// Copies the bytes, in C order. `None` if there is no room.
    pub fn copy(&self) -> Option<Vec<u8>> {
        if self.is_contiguous() {
            // SAFETY: the owner lends `length` bytes, kept alive by `owner`, written only through atomics while on loan.
            return unsafe { shared_bytes::to_vec(self.address, self.length) };
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(self.length).ok()?;
        bytes.resize(self.length, 0);
        // SAFETY: as above, for the items that shape and strides reach.
        unsafe { gather(self.address, &self.shape, &self.strides, self.item_size, &mut bytes) };
        Some(bytes)
    }

    /// Copies the bytes, in C order; for sizes known to fit memory.
    pub fn to_vec(&self) -> Vec<u8> {
        self.copy().unwrap_or_default()
    }

    /// Writes `bytes` from `offset` on; the caller has checked that they fit.
    pub fn write(&self, offset: usize, bytes: &[u8]) {
        assert!(!self.read_only && offset <= self.length && bytes.len() <= self.length - offset);
        // SAFETY: within the `length` bytes that the owner lends, and said may be written; accessed only through atomics.
        unsafe { shared_bytes::store(self.address.add(offset), bytes) };
    }

    /// Ends the loan.
    pub fn release(self, cx: &Cx) {
        if let Some(release) = self.release {
            release(cx, self.lender.unwrap_or(self.owner));
        }
    }
}

/// Asks an object for a buffer: TypeError "a bytes-like object is required, not '…'" if it has none.
pub fn get_buffer(cx: &Cx, object: Value, flags: i32) -> PyResult<Buffer> {
    match cx.type_of(object).slots.buffer() {
        Some(function) => Ok(python_buffer::observed(cx, object, function(cx, object, flags)?)),
        None => Err(raise!(cx, TypeError, "a bytes-like object is required, not '{}'", object.class_name(cx))),
    }
}

/// Asks for contiguous memory that may be written: TypeError "{what} must be read-write bytes-like object, not …" if the
/// object does not lend any.
pub fn writable_buffer(cx: &Cx, object: Value, what: &str) -> PyResult<Buffer> {
    let refused =
        |cx: &Cx| raise!(cx, TypeError, "{what} must be read-write bytes-like object, not {}", object.class_name(cx));
    let Some(function) = cx.type_of(object).slots.buffer() else { return Err(refused(cx)) };
    let buffer = function(cx, object, request::WRITABLE).map_err(|raised| {
        if cx.pending_is(&raised, ExceptionKind::BufferError) || cx.pending_is(&raised, ExceptionKind::TypeError) {
            cx.discard(raised);
            return refused(cx);
        }
        raised
    })?;
    let buffer = python_buffer::observed(cx, object, buffer);
    if buffer.read_only || !buffer.is_contiguous() {
        buffer.release(cx);
        return Err(refused(cx));
    }
    Ok(buffer)
}

/// Copies the bytes of a bytes-like object: BufferError if they do not lie one after the other.
pub fn bytes_of(cx: &Cx, object: Value) -> PyResult<Vec<u8>> {
    copied(cx, object, request::SIMPLE)
}

/// Copies the bytes of a bytes-like object in C order, wherever they lie.
pub fn gathered_bytes_of(cx: &Cx, object: Value) -> PyResult<Vec<u8>> {
    copied(cx, object, request::FULL_READ_ONLY)
}

fn copied(cx: &Cx, object: Value, flags: i32) -> PyResult<Vec<u8>> {
    let buffer = get_buffer(cx, object, flags)?;
    let bytes = buffer.copy();
    buffer.release(cx);
    bytes.ok_or_else(|| cx.memory_error())
}
