//! Sweeping: turning the marks of a finished cycle into free cells.
//!
//! When marking ends, every block goes on the unswept list of its kind. From there a thread that
//! needs cells takes one and sweeps it for itself; the collector's thread, or the one that
//! collected, sweeps the rest. A block of a kind without drop entries is swept by its bitmaps
//! alone. The last sweep of a cycle sets the pacer's goal and gives surplus free blocks back to the
//! system.
//!
//! Invariants: each block in use is on exactly one of `unswept` and `swept`, or in the hands of its
//! sweeper; `partial` lists the swept blocks with free cells that no thread has in its buffer. A
//! cycle begins only when all is swept and no sweeper is at work: `quiesce_sweep`. Sweeping has no
//! safepoint.

use crate::OutOfMemory;
use crate::block::BlockIndex;
use crate::class::{BLOCK_SHIFT, CLASSES, KINDS};
use crate::header::{Header, TypeId};
use crate::heap::Heap;
use crate::stats::add;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What freed cells are filled with, if they are poisoned. As a word it is no pointer; as an
/// address it is none either.
const POISON: u8 = 0xdb;

/// Free blocks that are always kept for what is allocated next.
const RETAINED_BLOCKS: usize = 64;

/// How many blocks the collector's thread sweeps in one turn.
const TURN_BLOCKS: usize = 32;

/// The blocks of one kind.
#[derive(Default)]
struct Central {
    unswept: Vec<BlockIndex>,
    swept: Vec<BlockIndex>,
    partial: Vec<BlockIndex>,
}

pub(crate) struct Sweeper {
    kinds: [Mutex<Central>; KINDS],
    /// Blocks that are not swept yet, and one more if the large cells are not.
    pending: AtomicUsize,
    large_pending: AtomicBool,
    /// Held by the collector's thread while it sweeps a few blocks or gives memory back.
    pub(crate) background: Mutex<()>,
}

impl Sweeper {
    pub(crate) fn new() -> Sweeper {
        Sweeper {
            kinds: std::array::from_fn(|_| Mutex::default()),
            pending: AtomicUsize::new(0),
            large_pending: AtomicBool::new(false),
            background: Mutex::new(()),
        }
    }
}

impl Heap {
    /// A swept block of the kind that has free cells, for the calling thread's buffer.
    pub(crate) fn take_block(&'static self, kind: usize) -> Result<BlockIndex, OutOfMemory> {
        loop {
            let unswept = {
                let mut central = self.sweeper.kinds[kind].lock().unwrap();
                if let Some(block) = central.partial.pop() {
                    return Ok(block);
                }
                central.unswept.pop()
            };
            let Some(block) = unswept else { break };
            let swept = self.sweep_block(kind, block);
            self.sweeper.kinds[kind].lock().unwrap().swept.push(block);
            self.one_swept();
            if swept.free > 0 {
                return Ok(block);
            }
        }
        if self.footprint() >= self.config.max_bytes {
            return Err(OutOfMemory);
        }
        let block = self.blocks.acquire(kind)?;
        self.footprint.fetch_add(1 << BLOCK_SHIFT, Ordering::Relaxed);
        self.sweeper.kinds[kind].lock().unwrap().swept.push(block);
        Ok(block)
    }

    /// Gives a block back that a thread does not need any more.
    pub(crate) fn give_back_block(&self, kind: usize, block: BlockIndex) {
        self.sweeper.kinds[kind].lock().unwrap().partial.push(block);
    }

    fn sweep_block(&self, kind: usize, block: BlockIndex) -> crate::block::Swept {
        let droppable = kind >= CLASSES;
        let swept = if droppable || self.config.poison {
            let mut dead = |address, size| self.bury(address, size, droppable);
            self.blocks.sweep(block, Some(&mut dead))
        } else {
            self.blocks.sweep(block, None)
        };
        add(&self.counters.bytes_swept, swept.freed * crate::class::kind_size(kind));
        swept
    }

    /// Ends the life of a dead cell.
    fn bury(&self, address: usize, size: usize, droppable: bool) {
        let cell = std::ptr::with_exposed_provenance_mut::<Header>(address);
        if droppable {
            self.drop_cell(cell);
        }
        if self.config.poison {
            // SAFETY: the cell is dead, and only this sweeper knows it.
            unsafe {
                cell.cast::<u8>().write_bytes(POISON, size);
                (*cell).init_type(TypeId::FREE);
            }
        }
    }

    fn drop_cell(&self, cell: *mut Header) {
        // SAFETY: the cell is dead but intact.
        let type_id = unsafe { (*cell).type_id() };
        if type_id != TypeId::FREE
            && let Some(drop) = self.types().entry(type_id).ops().and_then(|ops| ops.drop)
        {
            // SAFETY: as above, and the cell is of a type with this entry.
            unsafe { drop(cell) };
        }
    }

    /// Puts everything on the unswept lists. Runs in the pause that ends marking, last.
    pub(crate) fn schedule_sweep(&self) {
        // A worker that was asked for after an earlier cycle may start only now: it waits until the
        // count is set.
        let _background = self.sweeper.background.lock().unwrap();
        let mut pending = 1;
        for central in &self.sweeper.kinds {
            let mut central = central.lock().unwrap();
            let central = &mut *central;
            debug_assert!(central.unswept.is_empty());
            central.unswept.append(&mut central.swept);
            central.partial.clear();
            pending += central.unswept.len();
        }
        self.sweeper.pending.store(pending, Ordering::Relaxed);
        self.sweeper.large_pending.store(true, Ordering::Release);
    }

    fn one_swept(&'static self) {
        if self.sweeper.pending.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.pacer.set_goal();
            // What will be allocated before the next cycle need not be asked of the system again.
            let retained = RETAINED_BLOCKS.max(self.pacer.headroom() >> BLOCK_SHIFT);
            let (returned, kept) = self.blocks.return_free(retained);
            add(&self.counters.bytes_returned, returned);
            if kept > RETAINED_BLOCKS {
                self.return_memory_later();
            }
        }
    }

    /// Gives the memory of free blocks back to the system, but for a few.
    pub(crate) fn return_idle_blocks(&self) {
        let _background = self.sweeper.background.lock().unwrap();
        let (returned, _) = self.blocks.return_free(RETAINED_BLOCKS);
        add(&self.counters.bytes_returned, returned + self.large.return_idle_runs());
    }

    /// Whether something of the last cycle is not swept yet.
    pub(crate) fn sweep_is_pending(&self) -> bool {
        self.sweeper.pending.load(Ordering::Relaxed) != 0
    }

    /// Sweeps the large cells, if that is still to do.
    pub(crate) fn sweep_large(&'static self) {
        if self.sweeper.large_pending.swap(false, Ordering::Acquire) {
            let mut drop = |address| self.drop_cell(std::ptr::with_exposed_provenance_mut(address));
            let (_, bytes) = self.large.sweep(self.cycle_number(), &mut drop);
            self.footprint.fetch_sub(bytes, Ordering::Relaxed);
            add(&self.counters.bytes_swept, bytes);
            let kept = self.large.kept_bytes();
            add(&self.counters.bytes_returned, bytes.saturating_sub(kept));
            if kept > RETAINED_BLOCKS << BLOCK_SHIFT {
                self.return_memory_later();
            }
            self.one_swept();
        }
    }

    /// Sweeps everything that no other thread is sweeping already.
    pub(crate) fn finish_sweep(&'static self) {
        self.sweep_large();
        for kind in 0..KINDS {
            while self.sweep_one(kind) {}
        }
    }

    /// Sweeps some blocks beside the program. False if there was none left.
    pub(crate) fn sweep_some(&'static self) -> bool {
        let _background = self.sweeper.background.lock().unwrap();
        self.sweep_large();
        let mut left = TURN_BLOCKS;
        for kind in 0..KINDS {
            while self.sweep_one(kind) {
                left -= 1;
                if left == 0 {
                    return true;
                }
            }
        }
        false
    }

    /// Sweeps a block of the kind; false if there is none.
    fn sweep_one(&'static self, kind: usize) -> bool {
        let Some(block) = self.sweeper.kinds[kind].lock().unwrap().unswept.pop() else {
            return false;
        };
        let swept = self.sweep_block(kind, block);
        if swept.live == 0 {
            self.blocks.release(block);
            self.footprint.fetch_sub(1 << BLOCK_SHIFT, Ordering::Relaxed);
        } else {
            let mut central = self.sweeper.kinds[kind].lock().unwrap();
            central.swept.push(block);
            if swept.free > 0 {
                central.partial.push(block);
            }
        }
        self.one_swept();
        true
    }

    /// Finishes the sweep and waits for the background worker. With the world stopped, all is swept
    /// afterwards.
    pub(crate) fn quiesce_sweep(&'static self) {
        self.finish_sweep();
        drop(self.sweeper.background.lock().unwrap());
    }
}
