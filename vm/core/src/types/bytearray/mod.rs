//! `bytearray`: a mutable, growable row of bytes.
//!
//! The bytes lie in a storage cell of fixed capacity, replaced as a whole when it gets too small. Everything is read and
//! written under the object's lock, the bytes by atomic accesses, because a lent buffer is used without the lock. While
//! buffers are out, neither the storage nor the length changes.

mod iterator;
mod methods;
mod slots;
pub mod storage;

pub use iterator::TYPE as ITERATOR_TYPE;
pub use methods::TYPE;
pub use storage::ByteStorage;

use std::ops::Range;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer, lock};

use super::ids;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::buffer::Buffer;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct ByteArray {
    header: Header,
    /// Empty if there are no bytes.
    storage: RefField<ByteStorage>,
    /// Where the bytes begin in the storage: taking some off the front moves it.
    start: AtomicUsize,
    length: AtomicUsize,
    /// Buffers that are out.
    exports: AtomicUsize,
}

/// The layout of bytearrays.
pub static LAYOUT: Layout = Layout::of::<ByteArray>("bytearray", ids::BYTEARRAY, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, all zero is an empty row; the storage is reported.
unsafe impl Cell for ByteArray {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.storage.trace(tracer);
    }
}

/// How a change under the lock ended.
enum Change {
    Done,
    /// The length is not what it was: look again.
    Raced,
    /// Buffers are out.
    Exported,
    /// The storage is too small now.
    Full,
}

impl ByteArray {
    /// The contents of an empty row.
    fn empty() -> ByteArray {
        ByteArray {
            header: Header::default(),
            storage: RefField::empty(),
            start: AtomicUsize::new(0),
            length: AtomicUsize::new(0),
            exports: AtomicUsize::new(0),
        }
    }

    /// How many bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.length.load(Ordering::Relaxed)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many fit without a new storage.
    pub fn capacity(&self) -> usize {
        self.storage.get().map_or(0, |storage| storage.capacity())
    }

    /// Storage and start, for code under the lock.
    fn place(&self) -> Option<(Ref<ByteStorage>, usize)> {
        self.storage.get().map(|storage| (storage, self.start.load(Ordering::Relaxed)))
    }
}

impl Ref<ByteArray> {
    /// A byte.
    pub fn get(self, cx: &Cx, index: usize) -> Option<u8> {
        let _guard = lock(cx.mutator(), self.header());
        let (storage, start) = self.place().filter(|_| index < self.len())?;
        Some(storage.get(start + index))
    }

    /// Sets a byte; false if there is none of that index.
    pub fn set(self, cx: &Cx, index: usize, byte: u8) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        match self.place().filter(|_| index < self.len()) {
            Some((storage, start)) => {
                storage.store(start + index, &[byte]);
                true
            }
            None => false,
        }
    }

    /// The bytes as they are at one moment.
    pub fn to_vec(self, cx: &Cx) -> PyResult<Vec<u8>> {
        let mut bytes: Vec<u8> = Vec::new();
        loop {
            let wanted = self.len();
            if bytes.try_reserve_exact(wanted).is_err() {
                return Err(cx.memory_error());
            }
            bytes.resize(wanted, 0);
            let _guard = lock(cx.mutator(), self.header());
            if self.len() != wanted {
                continue;
            }
            if let Some((storage, start)) = self.place() {
                storage.load(start, &mut bytes);
            }
            return Ok(bytes);
        }
    }

    /// Up to `count` bytes from `start` on, as they are at one moment.
    pub fn copy_range(self, cx: &Cx, start: usize, count: usize) -> PyResult<Vec<u8>> {
        let mut bytes: Vec<u8> = Vec::new();
        loop {
            let wanted = self.len().saturating_sub(start).min(count);
            if bytes.try_reserve_exact(wanted).is_err() {
                return Err(cx.memory_error());
            }
            bytes.resize(wanted, 0);
            let _guard = lock(cx.mutator(), self.header());
            if self.len().saturating_sub(start).min(count) != wanted {
                continue;
            }
            if wanted > 0
                && let Some((storage, first)) = self.place()
            {
                storage.load(first + start, &mut bytes);
            }
            return Ok(bytes);
        }
    }

    /// Copies the bytes from `start` on; false if there are not so many.
    pub fn load_into(self, cx: &Cx, start: usize, bytes: &mut [u8]) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        let fits = start.checked_add(bytes.len()).is_some_and(|end| end <= self.len());
        match self.place().filter(|_| fits) {
            Some((storage, first)) => {
                storage.load(first + start, bytes);
                true
            }
            None => fits,
        }
    }

    /// Overwrites the bytes from `start` on; false if there are not so many.
    pub fn store_range(self, cx: &Cx, start: usize, bytes: &[u8]) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        let fits = start.checked_add(bytes.len()).is_some_and(|end| end <= self.len());
        match self.place().filter(|_| fits) {
            Some((storage, first)) => {
                storage.store(first + start, bytes);
                true
            }
            None => fits,
        }
    }

    /// Fails if buffers are out; those that nobody can reach any more do not count.
    pub fn check_not_lent(self, cx: &Cx) -> PyResult<()> {
        if self.exports.load(Ordering::Relaxed) > 0 {
            cx.mutator().collect();
        }
        match self.exports.load(Ordering::Relaxed) {
            0 => Ok(()),
            _ => Err(raise!(cx, BufferError, "Existing exports of data: object cannot be re-sized")),
        }
    }

    /// Changes the bytes in place, all at one moment; the length stays. `change` may not call into the VM.
    pub fn update(self, cx: &Cx, change: impl Fn(&mut [u8])) -> PyResult<()> {
        let mut bytes: Vec<u8> = Vec::new();
        loop {
            let wanted = self.len();
            if bytes.try_reserve_exact(wanted).is_err() {
                return Err(cx.memory_error());
            }
            bytes.resize(wanted, 0);
            let _guard = lock(cx.mutator(), self.header());
            if self.len() != wanted {
                continue;
            }
            if let Some((storage, start)) = self.place() {
                storage.load(start, &mut bytes);
                change(&mut bytes);
                storage.store(start, &bytes);
            }
            return Ok(());
        }
    }

    /// Replaces a range of a row that has `length` bytes; false if it no longer has so many. BufferError if the length
    /// would change while buffers are out.
    pub fn splice(self, cx: &Cx, length: usize, range: Range<usize>, bytes: &[u8]) -> PyResult<bool> {
        debug_assert!(range.start <= range.end && range.end <= length);
        let Some(wanted) = (length - range.len()).checked_add(bytes.len()) else { return Err(cx.memory_error()) };
        let mut fresh = None;
        let mut collected = false;
        loop {
            match self.try_splice(cx, length, range.clone(), bytes, fresh) {
                Change::Done => return Ok(true),
                Change::Raced => return Ok(false),
                Change::Full => fresh = Some(ByteStorage::new(cx, grown(length, wanted))?),
                // Buffers of memoryviews that nobody can reach any more do not count: have them found.
                Change::Exported if !collected => {
                    collected = true;
                    cx.collect_garbage();
                }
                Change::Exported => {
                    return Err(raise!(cx, BufferError, "Existing exports of data: object cannot be re-sized"));
                }
            }
        }
    }

    // Out of line, so that little of the native stack lies under a collection: what it holds by chance keeps buffers out.
    #[inline(never)]
    fn try_splice(
        self,
        cx: &Cx,
        length: usize,
        range: Range<usize>,
        bytes: &[u8],
        fresh: Option<Ref<ByteStorage>>,
    ) -> Change {
        let wanted = length - range.len() + bytes.len();
        let tail = length - range.end;
        let _guard = lock(cx.mutator(), self.header());
        if self.len() != length {
            return Change::Raced;
        }
        if wanted != length && self.exports.load(Ordering::Relaxed) > 0 {
            return Change::Exported;
        }
        if wanted == 0 {
            self.storage.set_option(cx, None);
            self.start.store(0, Ordering::Relaxed);
        } else if let Some((storage, start)) =
            self.place().filter(|(storage, start)| storage.capacity() - start >= wanted)
        {
            if range.start == 0 && bytes.len() < range.len() {
                let start = start + range.len() - bytes.len();
                storage.store(start, bytes);
                self.start.store(start, Ordering::Relaxed);
            } else {
                storage.move_within(start + range.end, start + range.start + bytes.len(), tail);
                storage.store(start + range.start, bytes);
            }
        } else {
            let Some(fresh) = fresh.filter(|fresh| fresh.capacity() >= wanted) else { return Change::Full };
            if let Some((storage, start)) = self.place() {
                storage.copy_to(start, &fresh, 0, range.start);
                storage.copy_to(start + range.end, &fresh, range.start + bytes.len(), tail);
            }
            fresh.store(range.start, bytes);
            self.start.store(0, Ordering::Relaxed);
            self.storage.set(cx, fresh);
        }
        self.length.store(wanted, Ordering::Relaxed);
        Change::Done
    }

    /// Appends bytes.
    pub fn append(self, cx: &Cx, bytes: &[u8]) -> PyResult<()> {
        loop {
            let length = self.len();
            if self.splice(cx, length, length..length, bytes)? {
                return Ok(());
            }
        }
    }

    /// Replaces all bytes.
    pub fn replace_all(self, cx: &Cx, bytes: &[u8]) -> PyResult<()> {
        loop {
            let length = self.len();
            if self.splice(cx, length, 0..length, bytes)? {
                return Ok(());
            }
        }
    }

    /// Lends the bytes.
    fn lend(self, cx: &Cx) -> Buffer {
        let _guard = lock(cx.mutator(), self.header());
        self.exports.fetch_add(1, Ordering::Relaxed);
        let address = match self.place() {
            Some((storage, start)) => storage.address(start),
            None => NonNull::dangling().as_ptr(),
        };
        Buffer::bytes(self.value(), address, self.len(), false, Some(end_loan))
    }
}

/// Called when a buffer comes back.
fn end_loan(cx: &Cx, owner: Value) {
    if let Some(owner) = owner.downcast::<ByteArray>(cx) {
        let _guard = lock(cx.mutator(), owner.header());
        owner.exports.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The capacity for so many bytes: with room to grow, unless the row was empty.
fn grown(length: usize, wanted: usize) -> usize {
    if length == 0 { wanted } else { wanted.saturating_add(wanted >> 3).saturating_add(6) }
}

impl Cx {
    /// A bytearray of the bytes.
    pub fn new_bytearray(&self, bytes: &[u8]) -> PyResult<Ref<ByteArray>> {
        let storage = match bytes.len() {
            0 => None,
            length => Some(ByteStorage::new(self, length)?),
        };
        if let Some(storage) = storage {
            storage.store(0, bytes);
        }
        let contents = ByteArray {
            storage: RefField::from_option(storage),
            length: AtomicUsize::new(bytes.len()),
            ..ByteArray::empty()
        };
        Ok(self.allocate(contents))
    }
}
