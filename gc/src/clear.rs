//! Clearing: what follows marking, in steps beside the program.
//!
//! When marking ends, in a stop, everything that the program can get hold of is marked, and stays so: new cells are born
//! black, and weak places read dead if what they refer to is unmarked (`barrier::CLEARING`). So no barrier is needed any
//! more, and what is unmarked belongs to the collector alone. In this order:
//!
//! 1. Weak slots whose referents are unmarked are emptied; their owners, if they asked for it, are noted.
//! 2. Registered finalizable cells that are unmarked are noted as ready.
//! 3. They are marked with all they reach.
//! 4. Weak slots that were met on that way are treated like those of 1.
//! 5. Weak tables are purged, part by part.
//! 6. Type ids whose owners are unmarked begin to die.
//!
//! What was noted is published in the stop that ends the cycle (`Heap::publish`), and only then may anything be swept.
//! Until then nobody can reach what 3 marks:
//!
//! * A weak slot to it was emptied before. Whoever has read the slot's word already, and then sees the mark, looks at the
//!   slot again (`WeakSlot::get`): marks of 3 are behind a fence that follows 1.
//! * In a table it may be found, as may what is still unmarked. Either the reader keeps it under the table's lock
//!   (`Mutator::keep_from_table`), if it and what it reaches never change; then it does not matter that a tracer is just
//!   at it. Or the reader has the cycle ended first (`Mutator::finish_clearing`).
//! * The queue of 2 is the cycle's own.
//!
//! So nobody changes what a tracer is at in 3, and a cell that a finalizer brings back has lost its weak slots before anyone
//! can have read them. Steps run under the lock of the cycle, on whatever thread; they take no lock that is held longer
//! than for a moment.

use crate::header::flag;
use crate::heap::Heap;
use crate::trace::{Tracer, WeakEdge};
use crate::word::{cell_of, word_of};
use std::sync::atomic::{Ordering, fence};

/// Registered cells that survive are gathered in pieces of this many.
const PIECE: usize = if cfg!(any(test, feature = "stress")) { 8 } else { 1 << 14 };

/// How far clearing is.
enum Stage {
    Slots(std::vec::IntoIter<WeakEdge>),
    Registered(Registered),
    /// So many of those that are ready were reported to the tracer.
    Revival(usize),
    SlotsOfRevived(std::vec::IntoIter<WeakEdge>),
    /// The table and the part of it that come next.
    Tables(usize, usize),
    /// The row that comes next.
    Types(u32),
    Done,
}

/// The walk through the registered cells.
#[derive(Default)]
struct Registered {
    /// Pieces that were not looked at, newest first.
    waiting: Vec<Vec<u64>>,
    /// The piece at hand, and how much of it was looked at.
    piece: Vec<u64>,
    next: usize,
    /// Those that survive.
    kept: Vec<Vec<u64>>,
}

/// The state of a cycle whose marking has ended.
pub(crate) struct Clearing {
    stage: Stage,
    /// Dead finalizable words, in the order of registration.
    pub(crate) ready: Vec<u64>,
    /// Owners of emptied weak slots that want to know.
    pub(crate) notifications: Vec<u64>,
}

impl Clearing {
    /// Marking has just ended.
    pub(crate) fn new(tracer: &mut Tracer<'static>) -> Clearing {
        let edges = std::mem::take(&mut tracer.weak_edges);
        Clearing { stage: Stage::Slots(edges.into_iter()), ready: Vec::new(), notifications: Vec::new() }
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// Does about `steps` steps; `usize::MAX` if the world is stopped and all is to be done. True if nothing is left.
    pub(crate) fn advance(&mut self, heap: &'static Heap, tracer: &mut Tracer<'static>, steps: usize) -> bool {
        let mut left = steps;
        while left > 0 && !self.is_done() {
            let used = match &mut self.stage {
                Stage::Slots(edges) | Stage::SlotsOfRevived(edges) => {
                    let used = heap.empty_weak_slots(edges.by_ref().take(left), &mut self.notifications);
                    if edges.len() == 0 {
                        self.after_slots(heap);
                    }
                    used
                }
                Stage::Registered(registered) => {
                    let used = registered.look(heap, left, &mut self.ready);
                    if registered.is_done() {
                        registered.give_back(heap);
                        self.stage = Stage::Revival(0);
                    }
                    used
                }
                Stage::Revival(_) => self.revive(heap, tracer, left),
                Stage::Tables(table, part) => match heap.purge_table(*table, *part) {
                    Some((used, more)) => {
                        (*table, *part) = if more { (*table, *part + 1) } else { (*table + 1, 0) };
                        used
                    }
                    None => {
                        self.stage = Stage::Types(0);
                        1
                    }
                },
                Stage::Types(next) => {
                    let first = *next;
                    match heap.types().purge(first, left, &|word| heap.is_dead(word)) {
                        Some(further) => *next = further,
                        None => self.stage = Stage::Done,
                    }
                    left
                }
                Stage::Done => 0,
            };
            if steps != usize::MAX {
                left = left.saturating_sub(used.max(1));
            }
        }
        self.is_done()
    }

    fn after_slots(&mut self, heap: &Heap) {
        self.stage = match self.stage {
            Stage::Slots(_) => {
                // Pairs with the fence in `WeakSlot::get`: whoever sees a mark that is set from now on sees the slots
                // empty.
                fence(Ordering::Release);
                let mut waiting = std::mem::take(&mut *heap.finalizable.lock().unwrap());
                waiting.reverse();
                Stage::Registered(Registered { waiting, ..Registered::default() })
            }
            _ => Stage::Tables(0, 0),
        };
    }

    /// Marks the ready cells and what they reach.
    fn revive(&mut self, heap: &'static Heap, tracer: &mut Tracer<'static>, steps: usize) -> usize {
        let Stage::Revival(reported) = &mut self.stage else { return 0 };
        let more = &self.ready[*reported..][..steps.min(self.ready.len() - *reported)];
        more.iter().for_each(|&word| tracer.word(word));
        *reported += more.len();
        let (used, all_reported) = (more.len(), *reported == self.ready.len());
        let drained = if steps == usize::MAX {
            heap.mark_all(tracer);
            true
        } else {
            tracer.drain(steps - used)
        };
        if all_reported && drained {
            tracer.shrink_stack();
            self.stage = Stage::SlotsOfRevived(std::mem::take(&mut tracer.weak_edges).into_iter());
        }
        steps
    }
}

impl Registered {
    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.next == self.piece.len()
    }

    /// Looks at `count` registered cells at most; how many it were.
    fn look(&mut self, heap: &Heap, count: usize, ready: &mut Vec<u64>) -> usize {
        if self.next == self.piece.len() {
            self.next = 0;
            self.piece = self.waiting.pop().unwrap_or_default();
        }
        let end = self.piece.len().min(self.next.saturating_add(count));
        for &word in &self.piece[self.next..end] {
            match cell_of(word) {
                Some(cell) if heap.is_dead(word) => {
                    // SAFETY: registered cells are live until they leave the list, which is now. Nobody else has it.
                    let header = unsafe { cell.as_ref() };
                    header.set_flags(flag::FINALIZED);
                    header.clear_flags(flag::HAS_FINALIZER);
                    ready.push(word);
                }
                _ => keep(&mut self.kept, word),
            }
        }
        let looked_at = end - self.next;
        self.next = end;
        looked_at
    }

    /// Puts the survivors back, before those that were registered meanwhile.
    fn give_back(&mut self, heap: &Heap) {
        let mut list = heap.finalizable.lock().unwrap();
        self.kept.append(&mut list);
        *list = std::mem::take(&mut self.kept);
    }
}

fn keep(pieces: &mut Vec<Vec<u64>>, word: u64) {
    match pieces.last_mut() {
        Some(piece) if piece.len() < PIECE => piece.push(word),
        _ => pieces.push(vec![word]),
    }
}

impl Heap {
    /// Empties the weak slots of these edges whose referents are unmarked and notes the owners that asked for it.
    fn empty_weak_slots(&self, edges: impl Iterator<Item = WeakEdge>, notifications: &mut Vec<u64>) -> usize {
        let mut count = 0;
        for edge in edges {
            count += 1;
            // SAFETY: the owner was traced in this cycle, so it is live.
            let slot = unsafe { &*edge.slot };
            if let Some(referent) = slot.peek()
                && self.is_dead(referent)
                && slot.clear_and_ask()
            {
                notifications.push(word_of(edge.owner));
            }
        }
        count
    }

    /// Purges a part of a table. How many entries it had, and whether there are more parts; `None` if there is no such table.
    fn purge_table(&self, table: usize, part: usize) -> Option<(usize, bool)> {
        let table = *self.weak_tables.lock().unwrap().get(table)?;
        let entries = table.purge(part, &|word| self.is_dead(word));
        Some((entries, part + 1 < table.parts()))
    }
}
