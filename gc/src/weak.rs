//! Weak slots and weak tables.

use crate::mutator::Mutator;
use std::sync::atomic::{AtomicU64, Ordering};

/// A field of a cell that does not keep its referent alive. The owner's trace entry reports it with `Tracer::weak`.
#[repr(transparent)]
pub struct WeakSlot(AtomicU64);

/// Set in the word of a slot whose owner wants to be told of the death.
const NOTIFY: u64 = 0b01;
/// The word of a slot whose referent is dead.
const DEAD: u64 = 0b10;

impl WeakSlot {
    /// Fills the slot of an unpublished cell. With `notify`, the owner is queued for `take_weak_notification` when the referent dies
    /// before it.
    pub fn init(&self, referent: u64, notify: bool) {
        debug_assert!(crate::word::is_pointer(referent));
        self.0.store(
            referent | if notify { NOTIFY } else { 0 },
            Ordering::Relaxed,
        );
    }

    /// The referent, or `None` if it is dead or the slot was cleared or never filled. Keeps the referent alive for this cycle.
    pub fn get(&self, mutator: &Mutator) -> Option<u64> {
        let word = self.peek()?;
        mutator.keep_alive(word);
        Some(word)
    }

    /// The referent, for comparing only: it may be about to die.
    pub fn peek(&self) -> Option<u64> {
        let word = self.0.load(Ordering::Acquire);
        if word == 0 || word & DEAD != 0 {
            None
        } else {
            Some(word & !NOTIFY)
        }
    }

    /// Makes the slot read as dead, without notification. True if this call did it.
    pub fn clear(&self) -> bool {
        self.0.swap(DEAD, Ordering::AcqRel) & !NOTIFY & !DEAD != 0
    }
}

/// A table outside the heap that refers to cells weakly.
pub trait WeakTable: Send + Sync {
    /// Removes the entries of dead cells. Runs once per cycle with the world stopped, when everything that stays alive is marked;
    /// must not allocate in the heap.
    fn purge(&self, is_dead: &dyn Fn(u64) -> bool);
}
