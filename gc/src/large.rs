//! Large cells: more than 8 KiB, each on pages of its own in a second reservation.
//!
//! A large cell begins 16 bytes into its first page, behind a head with its size and the cycle that
//! marked it last. Free runs of pages are given back to the system at once, so that they read as
//! zero; but for short ones that died in the last cycle: those are kept, up to a limit, for the
//! cells of the same size that a program is likely to make next, and are cleared then. (A page
//! that is given back and asked for again costs several times as much.) What was not used again
//! by the next sweep goes back. Invariants: `live` lists exactly the allocated runs; an address is
//! resolved through it in logarithmic time. The maps are touched under the lock only. A cell
//! allocated while marking carries the present cycle's number (allocate black).

use crate::OutOfMemory;
use crate::os::{PAGE_SIZE, Reservation, discard};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// What lies before a large cell.
#[repr(C)]
struct LargeHead {
    /// The usable bytes of the cell.
    size: AtomicUsize,
    /// The cycle that marked the cell last.
    marked: AtomicU32,
    /// 1 if its type has a drop entry.
    droppable: AtomicU32,
}

const HEAD_SIZE: usize = 16;
const _: () = assert!(size_of::<LargeHead>() == HEAD_SIZE);

/// All large cells of a heap.
pub(crate) struct LargeSpace {
    base: usize,
    /// Bytes from the base on that were ever in use.
    extent: AtomicUsize,
    maps: Mutex<Maps>,
}

struct Maps {
    reservation: Reservation,
    /// Pages from here on were never used.
    frontier: u32,
    max_pages: u32,
    /// First page → number of pages, of allocated cells.
    live: BTreeMap<u32, u32>,
    /// First page → number of pages, of free runs; neighbours are merged.
    free: BTreeMap<u32, u32>,
    /// The free runs by size.
    free_by_size: BTreeSet<(u32, u32)>,
    /// Number of pages and first page of the runs that were kept: in none of the maps above.
    kept: BTreeSet<(u32, u32)>,
    /// Pages in them.
    kept_pages: u32,
}

/// The longest run that is kept, in pages.
const KEPT_RUN: u32 = 512;
/// How many pages are kept.
const KEPT_PAGES: u32 = (16 << 20) / PAGE_SIZE as u32;

impl LargeSpace {
    pub(crate) fn new(reserve: usize) -> Result<LargeSpace, OutOfMemory> {
        let max_pages = (reserve / PAGE_SIZE).clamp(4, u32::MAX as usize);
        let reservation = Reservation::new(max_pages * PAGE_SIZE, 1 << 18)?;
        let base = reservation.base().expose_provenance();
        let maps = Maps {
            reservation,
            frontier: 0,
            max_pages: max_pages as u32,
            live: BTreeMap::new(),
            free: BTreeMap::new(),
            free_by_size: BTreeSet::new(),
            kept: BTreeSet::new(),
            kept_pages: 0,
        };
        Ok(LargeSpace { base, extent: AtomicUsize::new(0), maps: Mutex::new(maps) })
    }

    #[inline(always)]
    pub(crate) fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.base) < self.extent.load(Ordering::Relaxed)
    }

    fn head(&self, cell: usize) -> &LargeHead {
        debug_assert_eq!((cell - self.base) % PAGE_SIZE, HEAD_SIZE);
        // SAFETY: callers pass cells of this space; the head is initialised with the cell and
        // consists of atomics.
        unsafe { &*std::ptr::with_exposed_provenance(cell - HEAD_SIZE) }
    }

    /// The usable bytes of a large cell.
    pub(crate) fn size(&self, cell: usize) -> usize {
        self.head(cell).size.load(Ordering::Relaxed)
    }

    /// Marks a cell in this cycle; true if it was not.
    #[inline]
    pub(crate) fn mark(&self, cell: usize, cycle: u32) -> bool {
        let marked = &self.head(cell).marked;
        marked.load(Ordering::Relaxed) != cycle && marked.swap(cycle, Ordering::Relaxed) != cycle
    }

    pub(crate) fn is_marked(&self, cell: usize, cycle: u32) -> bool {
        self.head(cell).marked.load(Ordering::Relaxed) == cycle
    }

    /// The cell that contains `address`, wherever it points.
    pub(crate) fn live_cell_at(&self, address: usize) -> Option<usize> {
        if !self.contains(address) {
            return None;
        }
        let page = ((address - self.base) / PAGE_SIZE) as u32;
        let maps = self.maps.lock().unwrap();
        let (&first, &pages) = maps.live.range(..=page).next_back()?;
        let cell = self.base + first as usize * PAGE_SIZE + HEAD_SIZE;
        (page < first + pages && address >= cell).then_some(cell)
    }

    /// A zeroed cell of at least `size` bytes, marked in `cycle`.
    pub(crate) fn allocate(&self, size: usize, droppable: bool, cycle: u32) -> Result<usize, OutOfMemory> {
        let bytes = size.checked_add(HEAD_SIZE).ok_or(OutOfMemory)?;
        let pages = u32::try_from(bytes.div_ceil(PAGE_SIZE)).map_err(|_| OutOfMemory)?;
        let mut maps = self.maps.lock().unwrap();
        let first = match maps.take_kept(pages) {
            Some(first) => {
                let start = std::ptr::with_exposed_provenance_mut::<u8>(self.base + first as usize * PAGE_SIZE);
                // SAFETY: the run is one of this space that no cell lies in.
                unsafe { start.write_bytes(0, pages as usize * PAGE_SIZE) };
                first
            }
            None => match maps.take(pages) {
                Ok(first) => first,
                Err(_) => {
                    self.return_kept(&mut maps);
                    maps.take(pages)?
                }
            },
        };
        let extent = maps.frontier as usize * PAGE_SIZE;
        self.extent.store(extent, Ordering::Relaxed);
        maps.live.insert(first, pages);
        let cell = self.base + first as usize * PAGE_SIZE + HEAD_SIZE;
        let head = self.head(cell);
        head.size.store(pages as usize * PAGE_SIZE - HEAD_SIZE, Ordering::Relaxed);
        head.droppable.store(droppable.into(), Ordering::Relaxed);
        head.marked.store(cycle, Ordering::Relaxed);
        Ok(cell)
    }

    /// Frees the cells that were not marked in `cycle`. `drop` is called first with those whose
    /// types have a drop entry. Returns the numbers of cells and bytes freed.
    pub(crate) fn sweep(&self, cycle: u32, drop: &mut dyn FnMut(usize)) -> (usize, usize) {
        let mut maps = self.maps.lock().unwrap();
        let cell_of = |first: u32| self.base + first as usize * PAGE_SIZE + HEAD_SIZE;
        let dead: Vec<u32> =
            maps.live.keys().copied().filter(|first| !self.is_marked(cell_of(*first), cycle)).collect();
        let mut bytes = 0;
        self.return_kept(&mut maps);
        for &first in &dead {
            if self.head(cell_of(first)).droppable.load(Ordering::Relaxed) != 0 {
                drop(cell_of(first));
            }
            let pages = maps.live.remove(&first).unwrap_or(0);
            bytes += pages as usize * PAGE_SIZE;
            if pages <= KEPT_RUN && maps.kept_pages + pages <= KEPT_PAGES {
                maps.kept.insert((pages, first));
                maps.kept_pages += pages;
            } else {
                self.return_run(&mut maps, first, pages);
            }
        }
        (dead.len(), bytes)
    }

    /// Gives a run that no cell lies in back to the system.
    fn return_run(&self, maps: &mut Maps, first: u32, pages: u32) {
        let start = std::ptr::with_exposed_provenance_mut(self.base + first as usize * PAGE_SIZE);
        // SAFETY: nobody uses the run.
        unsafe { discard(start, pages as usize * PAGE_SIZE) };
        maps.give_back(first, pages);
    }

    fn return_kept(&self, maps: &mut Maps) -> usize {
        let bytes = maps.kept_pages as usize * PAGE_SIZE;
        for (pages, first) in std::mem::take(&mut maps.kept) {
            self.return_run(maps, first, pages);
        }
        maps.kept_pages = 0;
        bytes
    }

    /// Gives the runs that were kept back to the system; how many bytes that were.
    pub(crate) fn return_idle_runs(&self) -> usize {
        self.return_kept(&mut self.maps.lock().unwrap())
    }

    /// The bytes of the runs that are kept.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.maps.lock().unwrap().kept_pages as usize * PAGE_SIZE
    }

    /// Calls `visit` with every cell and its size.
    pub(crate) fn for_each(&self, visit: &mut dyn FnMut(usize, usize)) {
        let cells: Vec<u32> = self.maps.lock().unwrap().live.keys().copied().collect();
        for first in cells {
            let cell = self.base + first as usize * PAGE_SIZE + HEAD_SIZE;
            visit(cell, self.size(cell));
        }
    }

    /// How many large cells there are.
    pub(crate) fn count(&self) -> usize {
        self.maps.lock().unwrap().live.len()
    }
}

impl Maps {
    /// Takes a run of pages out of the free ones (the smallest that fits), or from the frontier.
    fn take(&mut self, pages: u32) -> Result<u32, OutOfMemory> {
        if let Some(&(length, first)) = self.free_by_size.range((pages, 0)..).next() {
            self.remove_free(first, length);
            if length > pages {
                self.insert_free(first + pages, length - pages);
            }
            return Ok(first);
        }
        let first = self.frontier;
        let end = first.checked_add(pages).filter(|end| *end <= self.max_pages).ok_or(OutOfMemory)?;
        self.reservation.commit_to(end as usize * PAGE_SIZE)?;
        self.frontier = end;
        Ok(first)
    }

    /// Takes a kept run of just so many pages.
    fn take_kept(&mut self, pages: u32) -> Option<u32> {
        let &(length, first) = self.kept.range((pages, 0)..=(pages, u32::MAX)).next()?;
        self.kept.remove(&(length, first));
        self.kept_pages -= length;
        Some(first)
    }

    fn give_back(&mut self, mut first: u32, mut pages: u32) {
        if let Some((&before, &length)) = self.free.range(..first).next_back()
            && before + length == first
        {
            self.remove_free(before, length);
            first = before;
            pages += length;
        }
        if let Some(&length) = self.free.get(&(first + pages)) {
            self.remove_free(first + pages, length);
            pages += length;
        }
        self.insert_free(first, pages);
    }

    fn insert_free(&mut self, first: u32, pages: u32) {
        self.free.insert(first, pages);
        self.free_by_size.insert((pages, first));
    }

    fn remove_free(&mut self, first: u32, pages: u32) {
        self.free.remove(&first);
        self.free_by_size.remove(&(pages, first));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_merged_and_reused() {
        let space = LargeSpace::new(64 * PAGE_SIZE).unwrap();
        let cells: Vec<usize> = (0..4).map(|_| space.allocate(10_000, false, 1).unwrap()).collect();
        assert_eq!(space.size(cells[0]), 3 * PAGE_SIZE - HEAD_SIZE);
        assert_eq!(space.live_cell_at(cells[1] + 9_999), Some(cells[1]));
        assert_eq!(space.live_cell_at(cells[1] - 1), None);
        assert!(space.mark(cells[0], 2) && space.mark(cells[3], 2) && !space.mark(cells[3], 2));
        let (freed, bytes) = space.sweep(2, &mut |_| unreachable!());
        assert_eq!((freed, bytes), (2, 6 * PAGE_SIZE));
        assert_eq!(space.live_cell_at(cells[1]), None);
        assert_eq!(space.return_idle_runs(), 6 * PAGE_SIZE);
        assert_eq!(space.allocate(6 * PAGE_SIZE - HEAD_SIZE, false, 2), Ok(cells[1]));
        assert_eq!(space.allocate(1 << 40, false, 2), Err(OutOfMemory));
        assert_eq!(space.allocate(usize::MAX, false, 2), Err(OutOfMemory));
    }

    #[test]
    fn runs_of_dead_cells_are_cleared_for_the_next_of_the_same_size() {
        let space = LargeSpace::new(4 * PAGE_SIZE).unwrap();
        let cell = space.allocate(10_000, false, 1).unwrap();
        let bytes: *mut u8 = std::ptr::with_exposed_provenance_mut(cell);
        // SAFETY: the cell has so many bytes.
        unsafe { bytes.write_bytes(0xff, 10_000) };
        assert_eq!(space.sweep(2, &mut |_| unreachable!()), (1, 3 * PAGE_SIZE));
        assert_eq!((space.live_cell_at(cell), space.kept_bytes()), (None, 3 * PAGE_SIZE));
        assert_eq!(space.allocate(10_001, false, 2), Ok(cell));
        // SAFETY: the cell has so many bytes.
        assert!((0..10_000).all(|index| unsafe { *bytes.add(index) } == 0));
        // What was not used again goes back with the next sweep, and when memory is short.
        assert_eq!(space.sweep(3, &mut |_| unreachable!()), (1, 3 * PAGE_SIZE));
        assert_eq!(space.sweep(4, &mut |_| unreachable!()), (0, 0));
        assert_eq!(space.kept_bytes(), 0);
        let cell = space.allocate(10_000, false, 4).unwrap();
        space.allocate(100, false, 4).unwrap();
        assert_eq!(space.sweep(5, &mut |_| unreachable!()), (2, 4 * PAGE_SIZE));
        assert_eq!(space.allocate(4 * PAGE_SIZE - HEAD_SIZE, false, 5), Ok(cell));
    }
}
