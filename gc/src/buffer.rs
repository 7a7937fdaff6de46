//! Allocation: per-thread buffers of free cells, refilled from blocks.
//!
//! A buffer is a run of free, zeroed cells of one kind. Taking a cell moves the cursor; nothing is
//! atomic. When the run is used up the slow path claims the next one: at most a chunk, so that
//! memory is cleared shortly before it is used and little is lost when a thread ends. Claimed cells
//! count as live (and, while marking, as marked) from then on; what is not yet allocated has type
//! 0.
//!
//! Invariants: a buffer and its source are touched by their thread, and by the stopper while that
//! is stopped. The run of a buffer lies in claimed cells that nobody else knows. When marking ends
//! the stopper takes the sources away (the blocks must be swept before more is claimed from them),
//! but not the runs: those are marked.

use crate::OutOfMemory;
use crate::block::BlockIndex;
use crate::class::{CELL_SIZES, CLASSES, KINDS, MAX_SMALL, class_of, kind_size};
use crate::config::Zeal;
use crate::header::{Header, TypeId};
use crate::mutator::Mutator;
use crate::safepoint::interrupt;
use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;

/// The most bytes of small cells that are claimed at once.
pub(crate) const CHUNK: usize = if cfg!(any(test, feature = "stress")) { 256 } else { 4096 };
/// Claimed bytes are reported to the pacer when this many have gathered.
const REPORT: usize = if cfg!(any(test, feature = "stress")) { 256 } else { 32 << 10 };

/// A run of free cells.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Buffer {
    /// Where the next cell begins.
    cursor: Cell<usize>,
    /// Where the last cell ends.
    limit: Cell<usize>,
}

/// The block that a buffer is refilled from.
pub(crate) struct Source {
    block: Cell<Option<BlockIndex>>,
    /// Cells before this one were looked at already.
    next: Cell<usize>,
}

pub(crate) type Buffers = [Buffer; KINDS];
pub(crate) type Sources = [Source; KINDS];

pub(crate) fn new_buffers() -> (Buffers, Sources) {
    let source = |_| Source { block: Cell::new(None), next: Cell::new(0) };
    (std::array::from_fn(|_| Buffer::default()), std::array::from_fn(source))
}

impl Mutator {
    /// A new cell of at least `size` bytes, header included, zero behind its header. For types
    /// without a drop entry, and for sizes that are small or known to be reasonable: if there is no
    /// memory even after a collection, the process ends.
    ///
    /// A safepoint: the collector may run before the cell is taken.
    #[inline(always)]
    pub fn allocate(&self, type_id: TypeId, size: usize) -> NonNull<Header> {
        debug_assert!(self.is_droppable(type_id) == Some(false), "type {} has a drop entry", type_id.0);
        match self.try_bump(type_id, size, 0) {
            Some(cell) => cell,
            None => self.allocate_or_die(type_id, size, false),
        }
    }

    /// As [`allocate`](Self::allocate), for types with a drop entry.
    #[inline(always)]
    pub fn allocate_droppable(&self, type_id: TypeId, size: usize) -> NonNull<Header> {
        debug_assert!(self.is_droppable(type_id) == Some(true), "type {} has no drop entry", type_id.0);
        match self.try_bump(type_id, size, CLASSES) {
            Some(cell) => cell,
            None => self.allocate_or_die(type_id, size, true),
        }
    }

    /// As [`allocate`](Self::allocate), for sizes that the program chooses.
    #[inline]
    pub fn try_allocate(&self, type_id: TypeId, size: usize) -> Result<NonNull<Header>, OutOfMemory> {
        debug_assert!(self.is_droppable(type_id) == Some(false), "type {} has a drop entry", type_id.0);
        match self.try_bump(type_id, size, 0) {
            Some(cell) => Ok(cell),
            None => self.allocate_slow(type_id, size, false),
        }
    }

    /// As [`try_allocate`](Self::try_allocate), for types with a drop entry.
    pub fn try_allocate_droppable(&self, type_id: TypeId, size: usize) -> Result<NonNull<Header>, OutOfMemory> {
        debug_assert!(self.is_droppable(type_id) == Some(true), "type {} has no drop entry", type_id.0);
        match self.try_bump(type_id, size, CLASSES) {
            Some(cell) => Ok(cell),
            None => self.allocate_slow(type_id, size, true),
        }
    }

    /// The most bytes that a small cell has; larger ones cost pages.
    pub const MAX_SMALL_CELL: usize = MAX_SMALL;

    /// How many bytes a cell of the requested size really has.
    #[inline]
    pub const fn rounded_size(size: usize) -> usize {
        if size <= MAX_SMALL { CELL_SIZES[class_of(size)] as usize } else { (size + 16).next_multiple_of(4096) - 16 }
    }

    fn is_droppable(&self, type_id: TypeId) -> Option<bool> {
        self.type_entry(type_id).ops().map(|ops| ops.drop.is_some())
    }

    #[inline(always)]
    fn try_bump(&self, type_id: TypeId, size: usize, first_kind: usize) -> Option<NonNull<Header>> {
        if size > MAX_SMALL {
            return None;
        }
        let class = class_of(size);
        // SAFETY: a class is less than `CLASSES`, and `first_kind` is 0 or `CLASSES`.
        let (buffer, size) =
            unsafe { (self.buffers.get_unchecked(first_kind + class), *CELL_SIZES.get_unchecked(class) as usize) };
        buffer.take(type_id, size)
    }

    #[cold]
    #[inline(never)]
    fn allocate_or_die(&self, type_id: TypeId, size: usize, droppable: bool) -> NonNull<Header> {
        match self.allocate_slow(type_id, size, droppable) {
            Ok(cell) => cell,
            Err(OutOfMemory) => crate::fatal(format_args!("out of memory for a cell of {size} bytes")),
        }
    }

    #[cold]
    #[inline(never)]
    fn allocate_slow(&self, type_id: TypeId, size: usize, droppable: bool) -> Result<NonNull<Header>, OutOfMemory> {
        self.allocation_work();
        self.allocate_now(type_id, size, droppable).or_else(|_| {
            if size > self.heap().config.large_reserve || self.stop_depth.get() != 0 {
                return Err(OutOfMemory);
            }
            self.collect();
            self.heap().finish_sweep();
            self.allocate_now(type_id, size, droppable)
        })
    }

    fn allocate_now(&self, type_id: TypeId, size: usize, droppable: bool) -> Result<NonNull<Header>, OutOfMemory> {
        if size > MAX_SMALL {
            return self.allocate_large(type_id, size, droppable);
        }
        let kind = class_of(size) + if droppable { CLASSES } else { 0 };
        loop {
            if let Some(cell) = self.buffers[kind].take(type_id, kind_size(kind)) {
                return Ok(cell);
            }
            self.refill(kind)?;
        }
    }

    fn allocate_large(&self, type_id: TypeId, size: usize, droppable: bool) -> Result<NonNull<Header>, OutOfMemory> {
        let heap = self.heap();
        if heap.footprint().saturating_add(size) > heap.config.max_bytes {
            return Err(OutOfMemory);
        }
        heap.sweep_large();
        let address = heap.large.allocate(size, droppable, heap.cycle_number())?;
        let bytes = heap.large.size(address) + 16;
        heap.footprint.fetch_add(bytes, Ordering::Relaxed);
        heap.pacer.allocated(bytes);
        let cell = NonNull::new(std::ptr::with_exposed_provenance_mut::<Header>(address)).ok_or(OutOfMemory)?;
        // SAFETY: the memory is fresh, zeroed, and larger than a header.
        unsafe { cell.as_ref() }.init_type(type_id);
        Ok(cell)
    }

    /// Gives the buffer of a kind its next run.
    fn refill(&self, kind: usize) -> Result<(), OutOfMemory> {
        let heap = self.heap();
        let source = &self.sources[kind];
        let size = kind_size(kind);
        let most = if heap.config.zeal == Zeal::Off { (CHUNK / size).max(1) } else { 1 };
        loop {
            let block = match source.block.get() {
                Some(block) => block,
                None => {
                    let block = heap.take_block(kind)?;
                    source.block.set(Some(block));
                    source.next.set(0);
                    block
                }
            };
            if let Some((start, end)) = heap.blocks.next_free_run(block, source.next.get(), most) {
                heap.blocks.claim(block, start, end, self.barrier_is_active());
                source.next.set(end);
                let address = heap.blocks.block_address(block);
                self.buffers[kind].cursor.set(address + start * size);
                self.buffers[kind].limit.set(address + end * size);
                self.account((end - start) * size);
                return Ok(());
            }
            source.block.set(None);
        }
    }

    fn account(&self, bytes: usize) {
        let gathered = self.unreported.get() + bytes;
        self.unreported.set(gathered);
        if gathered >= REPORT {
            self.flush_accounts();
        }
    }

    /// Tells the pacer what was claimed.
    pub(crate) fn flush_accounts(&self) {
        self.heap().pacer.allocated(self.unreported.replace(0));
    }

    /// What a thread does for the collector before it gets more memory.
    fn allocation_work(&self) {
        if self.poll_requested() & interrupt::STOP != 0 {
            self.park();
        }
        match self.heap().config.zeal {
            Zeal::Off | Zeal::Concurrent(_) => self.collect_if_due(),
            Zeal::AllocN(interval) => {
                let count = self.slow_allocations.get() + 1;
                let due = count >= interval;
                self.slow_allocations.set(if due { 0 } else { count });
                if due {
                    self.collect();
                }
            }
            Zeal::Incremental(steps) => self.incremental_step(steps as usize),
        }
    }

    /// Marks the runs of this thread's buffers: cells in them are born black. The thread is
    /// stopped.
    pub(crate) fn mark_buffers(&self) {
        for buffer in &self.buffers {
            self.heap().blocks.mark_range(buffer.cursor.get(), buffer.limit.get());
        }
    }

    /// Forgets the blocks that buffers are refilled from. The thread is stopped.
    pub(crate) fn retire_sources(&self) {
        for source in &self.sources {
            source.block.set(None);
        }
    }

    /// Gives the blocks back, when the thread ends.
    pub(crate) fn give_back_sources(&self) {
        for (kind, source) in self.sources.iter().enumerate() {
            if let Some(block) = source.block.take() {
                self.heap().give_back_block(kind, block);
            }
        }
    }
}

impl Buffer {
    #[inline(always)]
    fn take(&self, type_id: TypeId, size: usize) -> Option<NonNull<Header>> {
        let start = self.cursor.get();
        let next = start + size;
        if next > self.limit.get() {
            return None;
        }
        self.cursor.set(next);
        // SAFETY: runs are claimed, zeroed memory of cells of this size; zeroes are a header.
        unsafe {
            let cell = NonNull::new_unchecked(std::ptr::with_exposed_provenance_mut::<Header>(start));
            cell.as_ref().init_type(type_id);
            Some(cell)
        }
    }
}
