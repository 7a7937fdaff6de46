//! Blocks: 32 KiB of cells of one kind, with their bookkeeping aside.
//!
//! All blocks lie in one reservation, so the block of any address is arithmetic. Beside it run
//! three tables: a descriptor per block (one word with all that marking needs), a record per block,
//! and an arena of bitmaps. Each block has two bitmaps of one bit per cell: `live` (marked in, or
//! claimed for allocation since, the last cycle) and `mark` (marked in the present one).
//!
//! Invariants:
//! * When a cycle begins every block is swept, and every `mark` bitmap is clear. So nothing is cleared in a pause.
//! * Sweeping makes `mark` the new `live` and clears the old one, which becomes the new `mark`. Whoever took the block off its
//!   unswept list sweeps it, alone.
//! * A thread's buffer claims free cells by setting their `live` bits (and `mark` bits while marking: allocate black). Only the
//!   thread that has the block in its buffer changes its `live` bits.
//! * A descriptor of zero is a block not in use. Its bitmaps are returned, clear.
//! * Cells from `clean_from` on were never written since the system supplied them.

use crate::OutOfMemory;
use crate::class::{
    BLOCK_SHIFT, BLOCK_SIZE, CLASSES, GRANULE, KINDS, RECIPROCAL_SHIFT, cells_per_block, kind_size, reciprocal,
};
use crate::os::{Reservation, discard};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// The record of a block. Written by whoever owns the block: the sweeper or the thread that
/// allocates in it; under the pool's lock when it changes hands with the pool.
struct BlockRecord {
    /// Where the `live` bitmap begins in the arena, in words.
    live: AtomicU32,
    cells: AtomicU16,
    clean_from: AtomicU16,
}

/// The bytes of bookkeeping per block, bitmaps excluded.
#[cfg(test)]
pub(crate) const SIDE_BYTES: usize = size_of::<BlockRecord>() + size_of::<AtomicU64>();

/// A block's number in the reservation.
pub(crate) type BlockIndex = u32;

/// What marking must know of a block: bits 0–31 where the `mark` bitmap begins in the arena (in
/// words, never zero for a block in use), 32–55 the reciprocal of the cell size, 56–63 the kind.
#[derive(Clone, Copy)]
pub(crate) struct Descriptor(u64);

impl Descriptor {
    fn new(kind: usize, mark: u32) -> Descriptor {
        let factor = u64::from(reciprocal(kind % CLASSES));
        Descriptor(u64::from(mark) | factor << 32 | (kind as u64) << 56)
    }

    #[inline(always)]
    pub(crate) fn kind(self) -> usize {
        (self.0 >> 56) as usize
    }

    #[inline(always)]
    fn mark(self) -> usize {
        self.0 as u32 as usize
    }

    /// The index of the cell that contains the byte at `offset` in the block.
    #[inline(always)]
    fn cell_at(self, offset: usize) -> usize {
        let factor = (self.0 >> 32) as u32 & 0x00ff_ffff;
        (((offset / GRANULE) as u32 * factor) >> RECIPROCAL_SHIFT) as usize
    }
}

/// A bit of a bitmap.
pub(crate) struct Bit<'table> {
    word: &'table AtomicU64,
    mask: u64,
}

impl Bit<'_> {
    #[inline(always)]
    pub(crate) fn is_set(&self) -> bool {
        self.word.load(Ordering::Relaxed) & self.mask != 0
    }

    /// Sets the bit; true if it was clear. `shared`: other threads may change bits of the same word
    /// at the same time.
    #[inline(always)]
    pub(crate) fn set(&self, shared: bool) -> bool {
        let old = self.word.load(Ordering::Relaxed);
        if old & self.mask != 0 {
            return false;
        }
        if shared {
            self.word.fetch_or(self.mask, Ordering::Relaxed) & self.mask == 0
        } else {
            self.word.store(old | self.mask, Ordering::Relaxed);
            true
        }
    }
}

/// All blocks of a heap.
pub(crate) struct BlockTable {
    base: usize,
    /// Bytes from the base on that belong to blocks which were in use at some time.
    extent: AtomicUsize,
    descriptors: *const AtomicU64,
    records: *const BlockRecord,
    bitmaps: *const AtomicU64,
    pool: Mutex<Pool>,
}

// SAFETY: the pointers lead into reservations that `pool` keeps; what they point to is atomics.
unsafe impl Send for BlockTable {}
// SAFETY: as above.
unsafe impl Sync for BlockTable {}

struct Pool {
    cells: Reservation,
    descriptors: Reservation,
    records: Reservation,
    bitmaps: Reservation,
    /// The offset of the first whole block in `cells`.
    skew: usize,
    next_block: BlockIndex,
    max_blocks: BlockIndex,
    next_bitmap: u32,
    /// Pairs of clear bitmaps, by the number of words in each.
    free_bitmaps: Vec<Vec<u32>>,
    /// Free blocks with old contents.
    dirty: Vec<BlockIndex>,
    /// Free blocks that read as zero.
    clean: Vec<BlockIndex>,
    in_use: usize,
}

/// What a sweep found in a block.
pub(crate) struct Swept {
    pub(crate) live: usize,
    pub(crate) freed: usize,
    pub(crate) free: usize,
}

const MAX_BITMAP_WORDS: usize = BLOCK_SIZE / GRANULE / 64;

impl BlockTable {
    pub(crate) fn new(reserve: usize) -> Result<BlockTable, OutOfMemory> {
        let max_blocks = (reserve >> BLOCK_SHIFT).clamp(4, u32::MAX as usize / MAX_BITMAP_WORDS / 2);
        let cells = Reservation::new((max_blocks + 1) << BLOCK_SHIFT, 4 << 20)?;
        let step = 1 << 16;
        let descriptors = Reservation::new(max_blocks * size_of::<AtomicU64>(), step)?;
        let records = Reservation::new(max_blocks * size_of::<BlockRecord>(), step)?;
        let bitmaps = Reservation::new((max_blocks + 1) * 2 * MAX_BITMAP_WORDS * 8, step)?;
        let start = cells.base().expose_provenance();
        let base = start.next_multiple_of(BLOCK_SIZE);
        Ok(BlockTable {
            base,
            extent: AtomicUsize::new(0),
            descriptors: descriptors.base().cast(),
            records: records.base().cast(),
            bitmaps: bitmaps.base().cast(),
            pool: Mutex::new(Pool {
                cells,
                descriptors,
                records,
                bitmaps,
                skew: base - start,
                next_block: 0,
                max_blocks: max_blocks as BlockIndex,
                next_bitmap: 1,
                free_bitmaps: vec![Vec::new(); MAX_BITMAP_WORDS + 1],
                dirty: Vec::new(),
                clean: Vec::new(),
                in_use: 0,
            }),
        })
    }

    /// The bytes from the base on in which cells may lie.
    #[inline(always)]
    pub(crate) fn extent(&self) -> usize {
        self.extent.load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.extent()
    }

    #[inline(always)]
    fn record(&self, block: BlockIndex) -> &BlockRecord {
        // SAFETY: block numbers come from the pool, which commits the record first.
        unsafe { &*self.records.add(block as usize) }
    }

    #[inline(always)]
    pub(crate) fn descriptor(&self, block: BlockIndex) -> Descriptor {
        // SAFETY: as for the record.
        Descriptor(unsafe { &*self.descriptors.add(block as usize) }.load(Ordering::Relaxed))
    }

    fn set_descriptor(&self, block: BlockIndex, descriptor: Descriptor) {
        // SAFETY: as for the record.
        unsafe { &*self.descriptors.add(block as usize) }.store(descriptor.0, Ordering::Release);
    }

    #[inline(always)]
    fn bitmap_word(&self, index: usize) -> &AtomicU64 {
        // SAFETY: indices are those of bitmaps that the pool handed out, which it committed.
        unsafe { &*self.bitmaps.add(index) }
    }

    #[inline(always)]
    fn bit(&self, bitmap: usize, cell: usize) -> Bit<'_> {
        Bit { word: self.bitmap_word(bitmap + cell / 64), mask: 1 << (cell % 64) }
    }

    /// The mark bit of the cell that contains `address`, and its kind. The address lies in a block
    /// in use.
    #[inline(always)]
    pub(crate) fn mark_bit(&self, address: usize) -> (Bit<'_>, usize) {
        let offset = address - self.base;
        let descriptor = self.descriptor((offset >> BLOCK_SHIFT) as BlockIndex);
        debug_assert_ne!(descriptor.0, 0, "no cell at {address:#x}");
        let cell = descriptor.cell_at(offset & (BLOCK_SIZE - 1));
        (self.bit(descriptor.mark(), cell), descriptor.kind())
    }

    /// The kind of the block that contains `address`, which lies in a block in use.
    pub(crate) fn kind_at(&self, address: usize) -> usize {
        self.descriptor(((address - self.base) >> BLOCK_SHIFT) as BlockIndex).kind()
    }

    /// The start of the cell with a set `live` bit that contains `address`, wherever it points.
    pub(crate) fn live_cell_at(&self, address: usize) -> Option<usize> {
        let offset = address.wrapping_sub(self.base);
        if offset >= self.extent() {
            return None;
        }
        let block = (offset >> BLOCK_SHIFT) as BlockIndex;
        let descriptor = self.descriptor(block);
        if descriptor.0 == 0 {
            return None;
        }
        let cell = descriptor.cell_at(offset & (BLOCK_SIZE - 1));
        let record = self.record(block);
        if cell >= record.cells.load(Ordering::Relaxed) as usize {
            return None;
        }
        let live = record.live.load(Ordering::Relaxed) as usize;
        let start = self.block_address(block) + cell * kind_size(descriptor.kind());
        self.bit(live, cell).is_set().then_some(start)
    }

    #[inline(always)]
    pub(crate) fn block_address(&self, block: BlockIndex) -> usize {
        self.base + ((block as usize) << BLOCK_SHIFT)
    }

    /// Calls `visit` with the address of every cell with a set `live` bit.
    pub(crate) fn for_each_live(&self, visit: &mut dyn FnMut(usize, usize)) {
        for block in 0..(self.extent() >> BLOCK_SHIFT) as BlockIndex {
            let descriptor = self.descriptor(block);
            if descriptor.0 == 0 {
                continue;
            }
            let size = kind_size(descriptor.kind());
            let record = self.record(block);
            let (live, cells) = (record.live.load(Ordering::Relaxed), record.cells.load(Ordering::Relaxed));
            for cell in 0..cells as usize {
                if self.bit(live as usize, cell).is_set() {
                    visit(self.block_address(block) + cell * size, size);
                }
            }
        }
    }

    /// Finds the next free cells in a block, from cell `from` on: the first index and the one after
    /// the last, at most `most` cells.
    pub(crate) fn next_free_run(&self, block: BlockIndex, from: usize, most: usize) -> Option<(usize, usize)> {
        let record = self.record(block);
        let live = record.live.load(Ordering::Relaxed) as usize;
        let cells = record.cells.load(Ordering::Relaxed) as usize;
        let start = self.next_bit(live, from, cells, false)?;
        let bound = cells.min(start + most);
        let end = self.next_bit(live, start, bound, true).unwrap_or(bound);
        Some((start, end))
    }

    /// The first bit at or after `from` and before `bound` that is `value`.
    fn next_bit(&self, bitmap: usize, from: usize, bound: usize, value: bool) -> Option<usize> {
        let mut index = from;
        while index < bound {
            let word = self.bitmap_word(bitmap + index / 64).load(Ordering::Relaxed);
            let wanted = (if value { word } else { !word }) >> (index % 64);
            if wanted != 0 {
                let found = index + wanted.trailing_zeros() as usize;
                return (found < bound).then_some(found);
            }
            index = (index / 64 + 1) * 64;
        }
        None
    }

    /// Claims the cells `start..end` for allocation and clears their memory. The block is in the
    /// calling thread's buffer.
    pub(crate) fn claim(&self, block: BlockIndex, start: usize, end: usize, marking: bool) {
        let record = self.record(block);
        let live = record.live.load(Ordering::Relaxed) as usize;
        let descriptor = self.descriptor(block);
        self.set_bits(live, start, end, false);
        if marking {
            self.set_bits(descriptor.mark(), start, end, true);
        }
        let size = kind_size(descriptor.kind());
        let clean_from = record.clean_from.load(Ordering::Relaxed) as usize;
        if start < clean_from {
            let address = self.block_address(block) + start * size;
            let length = (end.min(clean_from) - start) * size;
            // SAFETY: the cells are free and now this thread's; nobody reads them.
            unsafe { std::ptr::with_exposed_provenance_mut::<u8>(address).write_bytes(0, length) };
        }
        if end > clean_from {
            record.clean_from.store(end as u16, Ordering::Relaxed);
        }
    }

    /// Sets the mark bits of the cells between two addresses of one block.
    pub(crate) fn mark_range(&self, low: usize, high: usize) {
        if low < high {
            let offset = low - self.base;
            let descriptor = self.descriptor((offset >> BLOCK_SHIFT) as BlockIndex);
            let start = descriptor.cell_at(offset & (BLOCK_SIZE - 1));
            let count = (high - low) / kind_size(descriptor.kind());
            self.set_bits(descriptor.mark(), start, start + count, true);
        }
    }

    /// Clears the mark bitmaps of all blocks in use: a cycle is given up. Nobody else marks or allocates.
    pub(crate) fn clear_marks(&self) {
        for block in 0..(self.extent() >> BLOCK_SHIFT) as BlockIndex {
            let descriptor = self.descriptor(block);
            if descriptor.0 != 0 {
                let cells = self.record(block).cells.load(Ordering::Relaxed) as usize;
                for index in 0..cells.div_ceil(64) {
                    self.bitmap_word(descriptor.mark() + index).store(0, Ordering::Relaxed);
                }
            }
        }
    }

    fn set_bits(&self, bitmap: usize, start: usize, end: usize, shared: bool) {
        let mut index = start;
        while index < end {
            let word = self.bitmap_word(bitmap + index / 64);
            let low = index % 64;
            let count = (64 - low).min(end - index);
            let mask = (u64::MAX >> (64 - count)) << low;
            if shared {
                word.fetch_or(mask, Ordering::Relaxed);
            } else {
                word.store(word.load(Ordering::Relaxed) | mask, Ordering::Relaxed);
            }
            index += count;
        }
    }

    /// Ends the cycle for one block. `dead` is called with each dead cell first, if it is given; it
    /// sees them intact.
    pub(crate) fn sweep(&self, block: BlockIndex, mut dead: Option<&mut dyn FnMut(usize, usize)>) -> Swept {
        let record = self.record(block);
        let descriptor = self.descriptor(block);
        let live = record.live.load(Ordering::Relaxed) as usize;
        let mark = descriptor.mark();
        let cells = record.cells.load(Ordering::Relaxed) as usize;
        let size = kind_size(descriptor.kind());
        let (mut live_count, mut dead_count) = (0, 0);
        for index in 0..cells.div_ceil(64) {
            let old = self.bitmap_word(live + index);
            let marked = self.bitmap_word(mark + index).load(Ordering::Relaxed);
            let mut garbage = old.load(Ordering::Relaxed) & !marked;
            live_count += marked.count_ones() as usize;
            dead_count += garbage.count_ones() as usize;
            if let Some(dead) = &mut dead {
                while garbage != 0 {
                    let cell = index * 64 + garbage.trailing_zeros() as usize;
                    dead(self.block_address(block) + cell * size, size);
                    garbage &= garbage - 1;
                }
            }
            old.store(0, Ordering::Relaxed);
        }
        record.live.store(mark as u32, Ordering::Relaxed);
        self.set_descriptor(block, Descriptor::new(descriptor.kind(), live as u32));
        Swept { live: live_count, freed: dead_count, free: cells - live_count }
    }

    /// A block of the kind, with all its cells free.
    pub(crate) fn acquire(&self, kind: usize) -> Result<BlockIndex, OutOfMemory> {
        let mut pool = self.pool.lock().unwrap();
        let cells = cells_per_block(kind % CLASSES);
        let bitmap = pool.take_bitmaps(cells.div_ceil(64))?;
        let (block, clean_from) = if let Some(block) = pool.dirty.pop() {
            (block, cells)
        } else if let Some(block) = pool.clean.pop() {
            (block, 0)
        } else {
            let block = pool.take_fresh()?;
            self.extent.store((block as usize + 1) << BLOCK_SHIFT, Ordering::Relaxed);
            (block, 0)
        };
        pool.in_use += 1;
        let record = self.record(block);
        record.live.store(bitmap, Ordering::Relaxed);
        record.cells.store(cells as u16, Ordering::Relaxed);
        record.clean_from.store(clean_from as u16, Ordering::Relaxed);
        debug_assert!(kind < KINDS);
        self.set_descriptor(block, Descriptor::new(kind, bitmap + cells.div_ceil(64) as u32));
        Ok(block)
    }

    /// Takes back a swept block without live cells.
    pub(crate) fn release(&self, block: BlockIndex) {
        let mut pool = self.pool.lock().unwrap();
        let record = self.record(block);
        let words = (record.cells.load(Ordering::Relaxed) as usize).div_ceil(64);
        let pair = record.live.load(Ordering::Relaxed).min(self.descriptor(block).mark() as u32);
        pool.free_bitmaps[words].push(pair);
        self.set_descriptor(block, Descriptor(0));
        pool.dirty.push(block);
        pool.in_use -= 1;
    }

    /// How many blocks are in use.
    pub(crate) fn in_use(&self) -> usize {
        self.pool.lock().unwrap().in_use
    }

    /// Returns the memory of free blocks to the system, but for `retained` of them. Says how many
    /// bytes that were, and how many blocks were kept.
    pub(crate) fn return_free(&self, retained: usize) -> (usize, usize) {
        let (mut surplus, kept) = {
            let mut pool = self.pool.lock().unwrap();
            let keep = pool.dirty.len().min(retained);
            // The lowest addresses are kept, and used first, so that the heap stays dense.
            pool.dirty.sort_unstable();
            let surplus = pool.dirty.split_off(keep);
            pool.dirty.reverse();
            (surplus, keep)
        };
        let returned = surplus.len() << BLOCK_SHIFT;
        let mut rest = surplus.as_slice();
        while let Some(&first) = rest.first() {
            let run = rest.iter().zip(first..).take_while(|(block, expected)| *block == expected).count();
            let start = std::ptr::with_exposed_provenance_mut(self.block_address(first));
            // SAFETY: these blocks are free and in no list, so nobody uses them.
            unsafe { discard(start, run << BLOCK_SHIFT) };
            rest = &rest[run..];
        }
        let mut pool = self.pool.lock().unwrap();
        surplus.reverse();
        pool.clean.append(&mut surplus);
        (returned, kept)
    }
}

impl Pool {
    fn take_bitmaps(&mut self, words: usize) -> Result<u32, OutOfMemory> {
        if let Some(pair) = self.free_bitmaps[words].pop() {
            return Ok(pair);
        }
        let first = self.next_bitmap;
        let next = first + 2 * words as u32;
        self.bitmaps.commit_to(next as usize * 8)?;
        self.next_bitmap = next;
        Ok(first)
    }

    fn take_fresh(&mut self) -> Result<BlockIndex, OutOfMemory> {
        let block = self.next_block;
        if block == self.max_blocks {
            return Err(OutOfMemory);
        }
        let count = block as usize + 1;
        self.descriptors.commit_to(count * size_of::<AtomicU64>())?;
        self.records.commit_to(count * size_of::<BlockRecord>())?;
        self.cells.commit_to(self.skew + (count << BLOCK_SHIFT))?;
        self.next_block = block + 1;
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_claimed_and_swept() {
        let table = BlockTable::new(1 << 20).unwrap();
        let kind = 2;
        let block = table.acquire(kind).unwrap();
        let cells = cells_per_block(kind);
        assert_eq!(table.next_free_run(block, 0, 1 << 20), Some((0, cells)));
        table.claim(block, 0, 70, false);
        table.claim(block, 80, 81, false);
        assert_eq!(table.next_free_run(block, 0, 1 << 20), Some((70, 80)));
        assert_eq!(table.next_free_run(block, 80, 5), Some((81, 86)));
        let inside = table.block_address(block) + 69 * 48 + 47;
        assert_eq!(table.live_cell_at(inside), Some(table.block_address(block) + 69 * 48));
        assert_eq!(table.live_cell_at(inside + 1), None);
        assert!(table.mark_bit(inside).0.set(true));
        assert!(!table.mark_bit(inside).0.set(false));
        let mut dead = Vec::new();
        let swept = table.sweep(block, Some(&mut |address, _| dead.push(address)));
        assert_eq!((swept.live, swept.freed, swept.free), (1, 70, cells - 1));
        assert_eq!(dead.len(), 70);
        assert_eq!(table.next_free_run(block, 0, 1 << 20), Some((0, 69)));
        let swept = table.sweep(block, None);
        assert_eq!((swept.live, swept.freed), (0, 1));
        table.release(block);
        assert_eq!(table.live_cell_at(inside), None);
        assert_eq!(table.return_free(0), (BLOCK_SIZE, 0));
        let again = table.acquire(5).unwrap();
        assert_eq!(again, block);
        assert_eq!(table.next_free_run(again, 0, 1 << 20), Some((0, cells_per_block(5))));
    }

    #[test]
    fn an_exhausted_reservation_is_an_error() {
        let table = BlockTable::new(4 << BLOCK_SHIFT).unwrap();
        for _ in 0..4 {
            table.acquire(0).unwrap();
        }
        assert_eq!(table.acquire(0), Err(OutOfMemory));
    }
}
