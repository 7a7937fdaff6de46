//! The table of a set: open addressing with CPython's probing, so that iteration order is CPython's too.
//!
//! A probe looks at the entry that the hash gives and at the nine behind it, if they are within the table, and then
//! goes on from a place that a scrambling of the hash gives.
//!
//! Rules for shared access. A table has a fixed size and is written only under the lock of its set; it is read without
//! a lock. An entry is filled — hash first, then the key with release — and removal leaves unbound in it. While the
//! process has one thread only, such dead entries are filled again; later never, since a reader could then take the key of one filling and
//! the hash of another. Growing, cleaning and clearing install a new table.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_gc::{Header, Tracer};

use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// One entry.
#[repr(C)]
pub(super) struct Entry {
    hash: AtomicU64,
    key: Field,
}

impl Entry {
    /// The key and its hash, if the entry is filled and alive.
    #[inline(always)]
    pub(super) fn alive(&self) -> Option<(Value, i64)> {
        let key = self.key.get()?.bound()?;
        Some((key, self.hash.load(Ordering::Relaxed) as i64))
    }
}

/// The cell: `mask + 1` entries follow it.
#[repr(C)]
pub struct SetStorage {
    header: Header,
    mask: u32,
    /// Entries filled so far, dead ones included.
    fill: AtomicU32,
}

/// The layout of tables.
pub static LAYOUT: Layout = Layout::of::<SetStorage>("set storage", ids::SET_STORAGE, None).variable();

// SAFETY: `repr(C)`, header first, zero is a table of one empty entry; tables are never published so (their cells are
// allocated with the entries); all entries are reported.
unsafe impl Cell for SetStorage {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // A cell still all zero behind its header may be too small for even one entry.
        if self.mask == 0 {
            return;
        }
        for index in 0..=self.mask as usize {
            self.entry(index).key.trace(tracer);
        }
    }
}

/// The smallest table.
pub(super) const MINIMUM: usize = 8;
const LINEAR_PROBES: usize = 9;
/// The largest table.
const MAXIMUM: usize = 1 << 31;

/// What [`SetStorage::find_same`] found.
pub(super) enum Same {
    Entry(usize),
    Empty(usize),
    Unknown,
}

impl SetStorage {
    /// A table for more than `keys` keys: the power of two above.
    pub(super) fn new(cx: &Cx, keys: usize) -> PyResult<Ref<SetStorage>> {
        if keys >= MAXIMUM {
            return Err(cx.memory_error());
        }
        let entries = (keys + 1).next_power_of_two().max(MINIMUM);
        let contents = SetStorage { header: Header::default(), mask: entries as u32 - 1, fill: AtomicU32::new(0) };
        cx.try_allocate_as(ids::SET_STORAGE, contents.size(), contents)
    }

    /// Bytes of the cell.
    pub(super) fn size(&self) -> usize {
        size_of::<SetStorage>() + (self.mask as usize + 1) * size_of::<Entry>()
    }

    /// The number of the last entry.
    #[inline(always)]
    pub(super) fn mask(&self) -> usize {
        self.mask as usize
    }

    /// Entries filled so far, dead ones included.
    #[inline(always)]
    pub(super) fn fill(&self) -> usize {
        self.fill.load(Ordering::Relaxed) as usize
    }

    #[inline(always)]
    fn entry(&self, index: usize) -> &Entry {
        assert!(index <= self.mask as usize);
        let entries = (&raw const *self).wrapping_add(1).cast::<Entry>();
        // SAFETY: `mask + 1` entries follow the cell, all atomics; zero is an empty entry.
        unsafe { &*entries.add(index) }
    }

    /// All entries.
    #[inline(always)]
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        let entries = (&raw const *self).wrapping_add(1).cast::<Entry>();
        // SAFETY: as in `entry`.
        (0..=self.mask as usize).map(move |index| unsafe { &*entries.add(index) })
    }

    /// What the key field of an entry holds: nothing, unbound for a dead one, or a key.
    #[inline(always)]
    pub(super) fn raw_key(&self, index: usize) -> Option<Value> {
        self.entry(index).key.get()
    }

    /// The key of an entry that is filled and alive.
    #[inline(always)]
    pub(super) fn key(&self, index: usize) -> Option<Value> {
        self.raw_key(index)?.bound()
    }

    /// The hash of an entry that is filled.
    #[inline(always)]
    pub(super) fn hash(&self, index: usize) -> i64 {
        self.entry(index).hash.load(Ordering::Relaxed) as i64
    }

    /// Visits the numbers of the entries that a key of this hash may be in, until the visitor breaks.
    #[inline(always)]
    pub(super) fn probe<B>(&self, hash: i64, mut visit: impl FnMut(usize) -> ControlFlow<B>) -> B {
        let mask = self.mask as usize;
        let (mut index, mut perturb) = (hash as usize & mask, hash as u64 as usize);
        loop {
            let last = if index + LINEAR_PROBES <= mask { index + LINEAR_PROBES } else { index };
            for candidate in index..=last {
                if let ControlFlow::Break(found) = visit(candidate) {
                    return found;
                }
            }
            perturb >>= 5;
            index = index.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }

    /// Where a look-up by identity and hash ends: at the entry of this very key, at an empty entry with no dead one before
    /// it, or nowhere yet, because a key of the same hash or a dead entry is on the way.
    #[inline(always)]
    pub(super) fn find_same(&self, key: Value, hash: i64) -> Same {
        let mask = self.mask as usize;
        let (mut index, mut perturb) = (hash as usize & mask, hash as u64 as usize);
        loop {
            let last = if index + LINEAR_PROBES <= mask { index + LINEAR_PROBES } else { index };
            for candidate in index..=last {
                let Some(other) = self.raw_key(candidate) else { return Same::Empty(candidate) };
                if other == key {
                    return Same::Entry(candidate);
                }
                if self.hash(candidate) == hash || other.is_unbound() {
                    return Same::Unknown;
                }
            }
            perturb >>= 5;
            index = index.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }

    /// Fills an empty entry of a table that nobody else has seen.
    #[inline(always)]
    pub(super) fn init_entry(&self, index: usize, hash: i64, key: Value) {
        let entry = self.entry(index);
        entry.hash.store(hash as u64, Ordering::Relaxed);
        entry.key.init(key);
    }

    /// Adds the live keys of another table to an empty one that nobody else has seen; to the same places if the other is
    /// of the same size and has no dead entries. False if there is no room for them.
    pub(super) fn init_from(&self, other: &SetStorage, same: bool) -> bool {
        let mut filled = 0;
        for (from, entry) in other.entries().enumerate() {
            let Some((key, hash)) = entry.alive() else { continue };
            if filled >= self.mask() {
                return false;
            }
            let index = if same { from } else { self.empty_entry(hash) };
            self.init_entry(index, hash, key);
            filled += 1;
        }
        self.fill.store(filled as u32, Ordering::Relaxed);
        true
    }

    /// The first empty entry of a probe.
    #[inline(always)]
    fn empty_entry(&self, hash: i64) -> usize {
        let first = hash as usize & self.mask as usize;
        if self.raw_key(first).is_none() {
            return first;
        }
        self.probe(hash, |index| match self.raw_key(index) {
            None => ControlFlow::Break(index),
            Some(_) => ControlFlow::Continue(()),
        })
    }

    /// Fills an empty entry. The caller holds the set's lock, or has the only reference.
    pub(super) fn fill_entry(&self, cx: &Cx, index: usize, hash: i64, key: Value) {
        let entry = self.entry(index);
        entry.hash.store(hash as u64, Ordering::Relaxed);
        entry.key.set(cx, key);
        self.count_filled();
    }

    /// Counts an entry that was empty and is filled now.
    #[inline(always)]
    pub(super) fn count_filled(&self) {
        self.fill.store(self.fill.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// Whether so many entries are filled that the table has to grow.
    #[inline(always)]
    pub(super) fn is_crowded(&self) -> bool {
        self.fill() * 5 >= self.mask() * 3
    }

    /// Fills a dead entry again: while nobody else can be reading.
    pub(super) fn refill_entry(&self, cx: &Cx, index: usize, hash: i64, key: Value) {
        let entry = self.entry(index);
        entry.hash.store(hash as u64, Ordering::Relaxed);
        entry.key.set(cx, key);
    }

    /// Kills an entry, under the set's lock.
    pub(super) fn kill(&self, cx: &Cx, index: usize) {
        self.entry(index).key.set(cx, Value::UNBOUND);
    }
}
