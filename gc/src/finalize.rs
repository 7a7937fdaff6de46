//! Finalizable cells.
//!
//! A registered cell stands in the heap's list, which is not a root. When marking is done, those
//! that are unmarked move to the ready queue in the order of their registration, and are marked
//! with all they reach. The queue is a root; the user takes cells from it.
//!
//! Invariants: `HAS_FINALIZER` is set exactly while a cell stands in the list, so it stands there
//! once; `FINALIZED` is set when it leaves. Threads collect registrations of their own, which the
//! stopper moves to the heap's list when a cycle begins.

use crate::header::{Header, flag};
use crate::heap::Heap;
use crate::mutator::Mutator;
use crate::trace::Tracer;
use crate::word::{cell_of, word_of};
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn take(queue: &Mutex<VecDeque<u64>>, count: &AtomicUsize) -> Option<u64> {
    if count.load(Ordering::Acquire) == 0 {
        return None;
    }
    let mut queue = queue.lock().unwrap();
    let word = queue.pop_front();
    count.store(queue.len(), Ordering::Release);
    word
}

impl Mutator {
    /// Sets and clears bits of a cell's flags, with an atomic step only if other threads may do so too: the collector's
    /// threads change flags in stops only.
    #[inline(always)]
    fn change_flags(&self, header: &Header, set: u8, cleared: u8) -> u8 {
        if self.has_many_threads() {
            return if set != 0 { header.set_flags(set) } else { header.clear_flags(cleared) };
        }
        let old = header.flags();
        header.store_flags((old | set) & !cleared);
        old
    }

    /// Has the cell handed out by `take_finalizable` once it is unreachable. Does nothing if it is
    /// registered already; after it was handed out it may be registered again.
    pub fn register_finalizable(&self, word: u64) {
        if let Some(cell) = cell_of(word) {
            // SAFETY: the caller holds the cell.
            let old = self.change_flags(unsafe { cell.as_ref() }, flag::HAS_FINALIZER, 0);
            if old & flag::HAS_FINALIZER == 0 {
                self.finalizable.borrow_mut().push(word);
            }
        }
    }

    /// Takes the registration of a cell back if it is the last one that this thread made and no
    /// cycle has begun since. What is made and ended in nested order costs the collector nothing so.
    #[inline]
    pub fn forget_newest_finalizable(&self, cell: NonNull<Header>) {
        let mut registered = self.finalizable.borrow_mut();
        if registered.last() == Some(&word_of(cell)) {
            registered.pop();
            // SAFETY: the caller holds the cell.
            self.change_flags(unsafe { cell.as_ref() }, 0, flag::HAS_FINALIZER);
        }
    }

    /// The next unreachable cell that was registered. It and all it reaches are alive until dropped
    /// again. It is not a root any more when this returns: the caller's stack holds it.
    pub fn take_finalizable(&self) -> Option<u64> {
        let word = take(&self.heap().ready, &self.heap().ready_count)?;
        self.keep_alive(word);
        Some(word)
    }

    /// The owner of the next weak slot with notification whose referent died.
    pub fn take_weak_notification(&self) -> Option<NonNull<crate::Header>> {
        let word = take(&self.heap().notifications, &self.heap().notification_count)?;
        self.keep_alive(word);
        cell_of(word)
    }
}

impl Heap {
    /// How many cells wait for `take_finalizable`.
    pub fn finalizable_ready(&self) -> usize {
        self.ready_count.load(Ordering::Acquire)
    }

    /// How many owners wait for `take_weak_notification`.
    pub fn weak_notifications_ready(&self) -> usize {
        self.notification_count.load(Ordering::Acquire)
    }

    /// Moves unmarked registered cells to the ready queue and reports them to the tracer. True if
    /// there were any.
    pub(crate) fn revive_finalizable(&self, tracer: &mut Tracer<'static>) -> bool {
        let mut registered = self.finalizable.lock().unwrap();
        let mut ready = self.ready.lock().unwrap();
        let before = ready.len();
        registered.retain(|&word| {
            let dead = self.is_dead(word);
            if dead && let Some(cell) = cell_of(word) {
                // SAFETY: registered cells are live until they leave the list, which is now.
                let header = unsafe { cell.as_ref() };
                header.set_flags(flag::FINALIZED);
                header.clear_flags(flag::HAS_FINALIZER);
                ready.push_back(word);
            }
            !dead
        });
        for &word in ready.iter().skip(before) {
            tracer.word(word);
        }
        self.ready_count.store(ready.len(), Ordering::Release);
        ready.len() > before
    }
}
