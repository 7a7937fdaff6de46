//! Weak slots and weak tables.
//!
//! A weak slot is recorded when the cell it lies in is traced; when marking is done, slots whose
//! referent is unmarked read dead from then on, and are emptied one by one (`clear`). That happens
//! before finalization marks anything again: a cell that comes back by finalization has lost its weak
//! slots, except those in cells that only dead finalizable cells reached themselves. While marking,
//! reading a weak slot keeps its referent, since it may be stored where the snapshot does not see it.

use crate::mutator::Mutator;
use std::sync::atomic::{AtomicU64, Ordering, fence};

/// A field of a cell that does not keep its referent alive. The owner's trace entry reports it with
/// `Tracer::weak`.
#[repr(transparent)]
pub struct WeakSlot(AtomicU64);

/// Set in the word of a slot whose owner wants to be told of the death.
const NOTIFY: u64 = 0b01;
/// The word of a slot whose referent is dead.
const DEAD: u64 = 0b10;

impl Default for WeakSlot {
    /// A slot that was never filled.
    fn default() -> WeakSlot {
        WeakSlot(AtomicU64::new(0))
    }
}

impl WeakSlot {
    /// Fills the slot of an unpublished cell. With `notify`, the owner is queued for
    /// `take_weak_notification` when the referent dies before it.
    pub fn init(&self, referent: u64, notify: bool) {
        debug_assert!(crate::word::is_pointer(referent));
        self.0.store(referent | if notify { NOTIFY } else { 0 }, Ordering::Relaxed);
    }

    /// The referent, or `None` if it is dead, or the slot was cleared or never filled. Keeps the
    /// referent alive in a cycle under way.
    #[inline]
    pub fn get(&self, mutator: &Mutator) -> Option<u64> {
        let word = self.peek()?;
        if mutator.barrier_is_active() && !self.survives(mutator, word) {
            return None;
        }
        Some(word)
    }

    /// Whether the referent, which was just read, survives the cycle under way.
    #[cold]
    fn survives(&self, mutator: &Mutator, referent: u64) -> bool {
        if !mutator.is_clearing() {
            mutator.keep_alive(referent);
            return true;
        }
        let marked = mutator.heap().is_marked(referent);
        // A cell that was dead may just have been marked for its finalizer: then the slot was emptied before.
        fence(Ordering::Acquire);
        marked && self.peek() == Some(referent)
    }

    /// The referent's word, for comparing only: the cell may be about to die.
    #[inline]
    pub fn peek(&self) -> Option<u64> {
        let word = self.0.load(Ordering::Acquire);
        if word == 0 || word & DEAD != 0 { None } else { Some(word & !NOTIFY) }
    }

    /// Makes the slot read as dead, without notification. True if this call did it.
    pub fn clear(&self) -> bool {
        let old = self.0.swap(DEAD, Ordering::AcqRel);
        old != 0 && old != DEAD
    }

    /// Makes the slot read as dead, and says whether its owner is to be told: if it asked for it, and nobody was faster.
    pub(crate) fn clear_and_ask(&self) -> bool {
        self.0.swap(DEAD, Ordering::AcqRel) & (NOTIFY | DEAD) == NOTIFY
    }
}

/// A table outside the heap that refers to cells weakly.
///
/// Whoever reads a word from it in order to use the cell calls `Mutator::keep_from_table` with it while
/// the entry cannot be purged. If the cell reaches what may change, `Mutator::finish_clearing` comes
/// first, and `Mutator::keep_alive` does.
pub trait WeakTable: Send + Sync {
    /// How many parts the table is purged in. A part is purged at a stretch, so it should be small.
    fn parts(&self) -> usize {
        1
    }

    /// Removes the entries of dead cells from a part; says how many there were. Runs once per cycle and part,
    /// when everything that stays alive is marked, beside the program: the table has locks. Must not
    /// allocate in the heap, and waits for nothing but locks that are held for moments.
    fn purge(&self, part: usize, is_dead: &dyn Fn(u64) -> bool) -> usize;
}
