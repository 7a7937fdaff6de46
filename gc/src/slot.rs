//! The traced field of a cell: an atomic word with the store barrier.
//!
//! The barrier is the snapshot (deletion) barrier: while marking, the word that a store removes is
//! recorded first, so everything reachable when marking began is marked, whatever the program moves
//! about. It must run for every store to a published cell. Invariants: a pointer word in a slot is
//! a live cell of the slot's heap. Words are moved one by one, never by byte copies, so a
//! concurrent reader or tracer always sees a word that was stored.

use crate::mutator::Mutator;
use std::sync::atomic::{AtomicU64, Ordering};

/// A field that the collector traces.
#[repr(transparent)]
pub struct Slot(AtomicU64);

impl Slot {
    /// A slot that holds `word`, for cells under construction.
    pub const fn new(word: u64) -> Slot {
        Slot(AtomicU64::new(word))
    }

    /// The word. Acquire: what its writer did before storing it is visible.
    #[inline(always)]
    pub fn load(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// The word, without ordering: for values that need no other memory, or slots of the thread's
    /// own.
    #[inline(always)]
    pub fn load_relaxed(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Fills a slot of a cell that no other thread can reach yet. No barrier: there is nothing to
    /// delete.
    #[inline(always)]
    pub fn init(&self, word: u64) {
        self.0.store(word, Ordering::Relaxed);
    }

    /// Stores `word`, which publishes the cell it refers to.
    #[inline(always)]
    pub fn store(&self, mutator: &Mutator, word: u64) {
        if mutator.barrier_is_active() {
            mutator.record_deletion(self.load_relaxed());
        }
        self.0.store(word, Ordering::Release);
    }

    /// Stores `word` while `Mutator::is_alone` holds: there is nobody to publish to, and no barrier to run.
    #[inline(always)]
    pub fn store_alone(&self, word: u64) {
        self.0.store(word, Ordering::Release);
    }

    /// Stores `word` and returns what was there.
    #[inline]
    pub fn swap(&self, mutator: &Mutator, word: u64) -> u64 {
        let old = self.0.swap(word, Ordering::AcqRel);
        if mutator.barrier_is_active() {
            mutator.record_deletion(old);
        }
        old
    }

    /// Stores `new` if the slot holds `old`; otherwise returns what it holds.
    #[inline]
    pub fn compare_exchange(&self, mutator: &Mutator, old: u64, new: u64) -> Result<u64, u64> {
        let result = self.0.compare_exchange(old, new, Ordering::AcqRel, Ordering::Acquire);
        if result.is_ok() && mutator.barrier_is_active() {
            mutator.record_deletion(old);
        }
        result
    }
}

/// Copies `count` words to published slots, one by one, with the barrier. The ranges may overlap.
///
/// # Safety
/// Both ranges are slots of live cells.
pub unsafe fn copy_slots(mutator: &Mutator, from: *const Slot, to: *const Slot, count: usize) {
    if std::ptr::eq(from, to) {
        return;
    }
    let one = |index: usize| {
        // SAFETY: the caller's contract covers every index below `count`.
        unsafe { (*to.add(index)).store(mutator, (*from.add(index)).load()) }
    };
    if (to as usize) <= from as usize { (0..count).for_each(one) } else { (0..count).rev().for_each(one) }
}

/// Copies `count` words to slots of a cell that is not published yet.
///
/// # Safety
/// `from` is `count` slots of live cells; `to` is `count` slots of an unpublished cell.
pub unsafe fn init_slots(from: *const Slot, to: *const Slot, count: usize) {
    for index in 0..count {
        // SAFETY: the caller's contract covers every index below `count`.
        unsafe { (*to.add(index)).init((*from.add(index)).load()) }
    }
}

/// Stores `word` to `count` published slots, with the barrier.
///
/// # Safety
/// The range is slots of a live cell.
pub unsafe fn fill_slots(mutator: &Mutator, to: *const Slot, count: usize, word: u64) {
    for index in 0..count {
        // SAFETY: the caller's contract covers every index below `count`.
        unsafe { (*to.add(index)).store(mutator, word) }
    }
}
