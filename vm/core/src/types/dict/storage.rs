//! The storage cell of a dict: insertion-ordered entries and, beyond eight of them, an index of the narrowest ints that
//! can number them.
//!
//! Rules for shared access. A storage has a fixed capacity and is written only under the lock of its dict; it is read
//! without a lock. An entry is filled once — hash and value first, then the key with release, then its index slot, then
//! `used` — and never reused: deletion stores unbound to value and key, and leaves the index slot. Growing, compacting
//! and clearing install a new storage. So a reader who loaded a storage sees, for each entry, either nothing, or the
//! key and some value that was stored for it, or unbound.

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use countless_gc::{Header, Tracer};

use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// One entry.
#[repr(C)]
pub struct Entry {
    pub(super) hash: AtomicU64,
    pub(super) key: Field,
    pub(super) value: Field,
}

/// The cell: `capacity` entries follow it, then the index (`1 << index_bits` slots of 8, 16 or 32 bits holding entry
/// number + 1).
#[repr(C)]
pub struct DictStorage {
    header: Header,
    capacity: u32,
    index_bits: u32,
    /// Entries filled so far, dead ones included.
    used: AtomicU32,
    /// Names the set of keys for inline caches: 0 until one asks; 0 again when a key is added.
    keys_id: AtomicU32,
}

/// The layout of storages.
pub static LAYOUT: Layout = Layout::of::<DictStorage>("dict storage", ids::DICT_STORAGE, None).variable();

// SAFETY: `repr(C)`, header first, zero is a storage of no entries; all entries are reported.
unsafe impl Cell for DictStorage {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for index in 0..self.used.load(Ordering::Acquire) as usize {
            let entry = self.entry(index);
            entry.key.trace(tracer);
            entry.value.trace(tracer);
        }
    }
}

/// Up to this many entries are searched without an index.
const LINEAR: u32 = 8;
/// The largest number of entries.
const MAX_CAPACITY: usize = 1 << 30;

impl DictStorage {
    /// A storage for at least `entries` entries.
    pub fn new(cx: &Cx, entries: usize) -> PyResult<Ref<DictStorage>> {
        if entries > MAX_CAPACITY {
            return Err(cx.memory_error());
        }
        // The small capacities fill the heap's cells; the large ones are two thirds of the index.
        let (capacity, index_bits) = match entries as u32 {
            0..=3 => (3, 0),
            4..=5 => (5, 0),
            6..=7 => (7, 0),
            LINEAR => (LINEAR, 0),
            entries => {
                let slots = (entries + entries / 2 + 1).next_power_of_two();
                ((u64::from(slots) * 2 / 3) as u32, slots.ilog2())
            }
        };
        let contents = DictStorage {
            header: Header::default(),
            capacity,
            index_bits,
            used: AtomicU32::new(0),
            keys_id: AtomicU32::new(0),
        };
        cx.try_allocate_as(ids::DICT_STORAGE, contents.size(), contents)
    }

    /// How many entries fit.
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// Bytes of the cell.
    pub fn size(&self) -> usize {
        let index = if self.index_bits == 0 { 0 } else { index_width(self.index_bits) << self.index_bits };
        size_of::<DictStorage>() + self.capacity() * size_of::<Entry>() + index
    }

    /// How many entries are filled, dead ones included.
    #[inline(always)]
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Acquire) as usize
    }

    /// The entry of a number below the capacity.
    #[inline(always)]
    pub(super) fn entry(&self, index: usize) -> &Entry {
        assert!(index < self.capacity as usize);
        let entries = (&raw const *self).wrapping_add(1).cast::<Entry>();
        // SAFETY: `capacity` entries follow the cell, all atomics; zero is an empty entry.
        unsafe { &*entries.add(index) }
    }

    /// The address of the index.
    #[inline(always)]
    fn index(&self) -> *const u8 {
        let entries = (&raw const *self).wrapping_add(1).cast::<Entry>();
        entries.wrapping_add(self.capacity as usize).cast()
    }

    /// The entry number, plus one, at a position of the index.
    #[inline(always)]
    fn index_at(&self, position: usize) -> usize {
        debug_assert!(position < 1 << self.index_bits);
        // SAFETY: the index has `1 << index_bits` atomics of this width; callers mask the position.
        unsafe {
            match self.index_bits {
                ..=8 => (*self.index().cast::<AtomicU8>().add(position)).load(Ordering::Acquire) as usize,
                9..=16 => (*self.index().cast::<AtomicU16>().add(position)).load(Ordering::Acquire) as usize,
                _ => (*self.index().cast::<AtomicU32>().add(position)).load(Ordering::Acquire) as usize,
            }
        }
    }

    fn set_index_at(&self, position: usize, number: u32) {
        debug_assert!(position < 1 << self.index_bits);
        // SAFETY: as in `index_at`.
        unsafe {
            match self.index_bits {
                ..=8 => (*self.index().cast::<AtomicU8>().add(position)).store(number as u8, Ordering::Release),
                9..=16 => (*self.index().cast::<AtomicU16>().add(position)).store(number as u16, Ordering::Release),
                _ => (*self.index().cast::<AtomicU32>().add(position)).store(number, Ordering::Release),
            }
        }
    }

    /// The key and value of an entry, if it is filled and alive.
    #[inline(always)]
    pub fn pair(&self, index: usize) -> Option<(Value, Value)> {
        if index >= self.capacity as usize {
            return None;
        }
        let entry = self.entry(index);
        let key = entry.key.get()?.bound()?;
        let value = entry.value.get()?.bound()?;
        Some((key, value))
    }

    /// The value of an entry if its key is this very object: what inline caches ask.
    #[inline(always)]
    pub fn value_if_key(&self, index: usize, key: Value) -> Option<Value> {
        if index >= self.capacity as usize {
            return None;
        }
        let entry = self.entry(index);
        if entry.key.get() != Some(key) {
            return None;
        }
        entry.value.get()?.bound()
    }

    /// The key of an entry, if it is filled and alive.
    #[inline(always)]
    pub fn key(&self, index: usize) -> Option<Value> {
        if index < self.capacity as usize { self.entry(index).key.get()?.bound() } else { None }
    }

    /// The value of an entry while the set of keys is still the one of the number: for caches that found the entry in the
    /// storage to which the number was given.
    ///
    /// # Safety
    ///
    /// `index` was an entry of the storage that answered `keys_id` (which names one storage only).
    #[inline(always)]
    pub unsafe fn value_under(&self, keys_id: u32, index: usize) -> Option<Value> {
        if self.current_keys_id() != keys_id {
            return None;
        }
        debug_assert!(index < self.capacity as usize);
        let entries = (&raw const *self).wrapping_add(1).cast::<Entry>();
        // SAFETY: this is the storage of the number, so the index is one of its entries.
        unsafe { &*entries.add(index) }.value.get()?.bound()
    }

    /// The stored hash of an entry.
    #[inline(always)]
    pub fn hash_of(&self, index: usize) -> i64 {
        self.entry(index).hash.load(Ordering::Relaxed) as i64
    }

    /// The numbers of entries whose hash may be this one, in probing order.
    #[inline(always)]
    pub(super) fn probe(&self, hash: i64) -> Probe<'_> {
        if self.index_bits == 0 {
            return Probe { storage: self, position: 0, perturb: 0, linear: true };
        }
        let mask = (1usize << self.index_bits) - 1;
        Probe { storage: self, position: hash as usize & mask, perturb: hash as u64, linear: false }
    }

    /// Appends an entry. The caller holds the dict's lock (or has the only reference) and has checked that there is room.
    pub(super) fn append(&self, cx: &Cx, hash: i64, key: Value, value: Value) {
        let index = self.used.load(Ordering::Relaxed);
        let entry = self.entry(index as usize);
        entry.hash.store(hash as u64, Ordering::Relaxed);
        entry.value.set(cx, value);
        entry.key.set(cx, key);
        if self.index_bits != 0 {
            self.index_entry(hash, index + 1);
        }
        self.keys_id.store(0, Ordering::Relaxed);
        self.used.store(index + 1, Ordering::Release);
    }

    /// Fills a storage that nobody else has seen and that has room with the live entries of another.
    pub(super) fn init_from(&self, other: &DictStorage) {
        let mut used = 0;
        for from in 0..other.used() {
            let Some((key, value)) = other.pair(from) else { continue };
            let (hash, entry) = (other.hash_of(from), self.entry(used));
            entry.hash.store(hash as u64, Ordering::Relaxed);
            entry.value.init(value);
            entry.key.init(key);
            used += 1;
            if self.index_bits != 0 {
                self.index_entry(hash, used as u32);
            }
        }
        self.used.store(used as u32, Ordering::Release);
    }

    /// Puts an entry's number, plus one, into the index.
    #[inline(always)]
    fn index_entry(&self, hash: i64, number: u32) {
        let mask = (1usize << self.index_bits) - 1;
        let (mut position, mut perturb) = (hash as usize & mask, hash as u64);
        while self.index_at(position) != 0 {
            (position, perturb) = next_position(position, perturb, mask);
        }
        self.set_index_at(position, number);
    }

    /// Empties an entry, under the dict's lock.
    pub(super) fn kill(&self, cx: &Cx, index: usize) {
        let entry = self.entry(index);
        entry.value.set(cx, Value::UNBOUND);
        entry.key.set(cx, Value::UNBOUND);
    }

    /// A number that stands for the present set of keys, for inline caches: as long as the storage answers the same
    /// number, no key was added (keys may have been deleted: their values are unbound).
    pub fn keys_id(&self, cx: &Cx) -> u32 {
        match self.keys_id.load(Ordering::Relaxed) {
            0 => {
                let id = cx.vm().next_keys_id();
                self.keys_id.store(id, Ordering::Relaxed);
                id
            }
            id => id,
        }
    }

    /// The number, or 0 if none was asked for since the last key was added.
    #[inline(always)]
    pub fn current_keys_id(&self) -> u32 {
        self.keys_id.load(Ordering::Relaxed)
    }
}

/// Bytes of a slot of the index.
fn index_width(index_bits: u32) -> usize {
    match index_bits {
        ..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

#[inline(always)]
fn next_position(position: usize, perturb: u64, mask: usize) -> (usize, u64) {
    let perturb = perturb >> 5;
    ((position.wrapping_mul(5).wrapping_add(perturb as usize).wrapping_add(1)) & mask, perturb)
}

/// An iterator over candidate entries.
pub(super) struct Probe<'a> {
    storage: &'a DictStorage,
    position: usize,
    perturb: u64,
    linear: bool,
}

impl Iterator for Probe<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.linear {
            let index = self.position;
            self.position += 1;
            return (index < self.storage.used()).then_some(index);
        }
        let found = self.storage.index_at(self.position);
        if found == 0 {
            return None;
        }
        let mask = (1usize << self.storage.index_bits) - 1;
        (self.position, self.perturb) = next_position(self.position, self.perturb, mask);
        Some(found - 1)
    }
}
