//! Finalizable cells.
//!
//! A registered cell stands in the heap's list, which is not a root. When marking is done, those
//! that are unmarked leave it in the order of their registration, and are marked with all they reach
//! (`clear`). When the cycle ends they move to the ready queue, which is a root; the user takes cells
//! from it.
//!
//! Invariants: `HAS_FINALIZER` is set exactly while a cell stands in the list, so it stands there
//! once; `FINALIZED` is set when it leaves. Threads collect registrations of their own, which the
//! stopper moves to the heap's list when a cycle begins. The queues grow when a cycle ends, and only
//! then, at their ends; so a cycle under way looks through them from the end, piece by piece, and what is
//! taken meanwhile is recorded like a word that a store removes.

use crate::header::{Header, flag};
use crate::heap::Heap;
use crate::mutator::Mutator;
use crate::trace::Tracer;
use crate::word::{cell_of, word_of};
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A queue of words that cycles add to, each in one piece.
#[derive(Default)]
pub(crate) struct Queue {
    /// None is empty.
    pieces: Mutex<VecDeque<VecDeque<u64>>>,
    /// How many words there are.
    count: AtomicUsize,
}

impl Queue {
    fn take(&self) -> Option<u64> {
        if self.len() == 0 {
            return None;
        }
        let mut pieces = self.pieces.lock().unwrap();
        let first = pieces.front_mut()?;
        let word = first.pop_front()?;
        if first.is_empty() {
            pieces.pop_front();
        }
        self.count.fetch_sub(1, Ordering::AcqRel);
        Some(word)
    }

    fn add(&self, piece: Vec<u64>) {
        if !piece.is_empty() {
            self.count.fetch_add(piece.len(), Ordering::AcqRel);
            self.pieces.lock().unwrap().push_back(piece.into());
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }

    /// Reports at most `most` words to the tracer, from the end on; `done` says how many at the end were reported before.
    /// True if that were all.
    pub(crate) fn report(&self, tracer: &mut Tracer<'_>, done: &mut usize, most: usize) -> bool {
        let pieces = self.pieces.lock().unwrap();
        let (mut skipped, mut left) = (0, most);
        for piece in pieces.iter().rev() {
            // How many words of this piece were reported.
            let old = done.saturating_sub(skipped).min(piece.len());
            let new = (piece.len() - old).min(left);
            piece.iter().rev().skip(old).take(new).for_each(|&word| tracer.word(word));
            *done += new;
            left -= new;
            skipped += piece.len();
        }
        *done >= skipped
    }
}

impl Mutator {
    /// Sets and clears bits of a cell's flags, with an atomic step only if other threads may do so too: the collector's
    /// threads change flags of dead cells only.
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
        let word = self.heap().ready.take()?;
        self.keep_alive(word);
        Some(word)
    }

    /// The owner of the next weak slot with notification whose referent died.
    pub fn take_weak_notification(&self) -> Option<NonNull<crate::Header>> {
        let word = self.heap().notifications.take()?;
        self.keep_alive(word);
        cell_of(word)
    }
}

impl Heap {
    /// How many cells wait for `take_finalizable`.
    pub fn finalizable_ready(&self) -> usize {
        self.ready.len()
    }

    /// How many owners wait for `take_weak_notification`.
    pub fn weak_notifications_ready(&self) -> usize {
        self.notifications.len()
    }

    /// Publishes what a cycle found. The world is stopped.
    pub(crate) fn publish_queues(&self, ready: Vec<u64>, notifications: Vec<u64>) {
        self.ready.add(ready);
        self.notifications.add(notifications);
    }

    /// Reports the words of both queues; see `Queue::report`.
    pub(crate) fn report_queues(&self, tracer: &mut Tracer<'_>, done: &mut [usize; 2], most: usize) -> bool {
        let [ready, notifications] = done;
        self.ready.report(tracer, ready, most) & self.notifications.report(tracer, notifications, most)
    }
}
