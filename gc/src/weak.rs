//! Weak slots and weak tables.
//!
//! A weak slot is recorded when the cell it lies in is traced; when marking is done, slots whose
//! referent is unmarked read dead from then on. That happens before finalization marks anything
//! again: a cell that comes back by finalization has lost its weak slots, except those in cells
//! that only dead finalizable cells reached themselves. While marking, reading a weak slot keeps
//! its referent, since it may be stored where the snapshot does not see it.

use crate::heap::Heap;
use crate::mutator::Mutator;
use crate::trace::Tracer;
use std::sync::atomic::{AtomicU64, Ordering};

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
        mutator.keep_alive(word);
        Some(word)
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

    fn wants_notification(&self) -> bool {
        self.0.load(Ordering::Relaxed) & (NOTIFY | DEAD) == NOTIFY
    }
}

/// A table outside the heap that refers to cells weakly.
///
/// Whoever reads a word from it in order to use the cell calls `Mutator::keep_alive` with it.
pub trait WeakTable: Send + Sync {
    /// Removes the entries of dead cells. Runs once per cycle with the world stopped, when
    /// everything that stays alive is marked; must not allocate in the heap.
    fn purge(&self, is_dead: &dyn Fn(u64) -> bool);
}

impl Heap {
    /// Clears the recorded weak slots whose referents are unmarked and queues the owners that asked
    /// for it.
    pub(crate) fn clear_weak_slots(&self, tracer: &mut Tracer<'static>) {
        let mut queue = self.notifications.lock().unwrap();
        for edge in std::mem::take(&mut tracer.weak_edges) {
            // SAFETY: the owner was traced in this cycle, so it is live.
            let slot = unsafe { &*edge.slot };
            if let Some(referent) = slot.peek()
                && self.is_dead(referent)
            {
                let notify = slot.wants_notification();
                slot.clear();
                if notify {
                    queue.push_back(crate::word::word_of(edge.owner));
                }
            }
        }
        self.notification_count.store(queue.len(), Ordering::Release);
    }
}
