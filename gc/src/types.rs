//! The type table: what the collector must know to trace, drop and describe the cells of a type.
//!
//! Invariants: the table lies in a reservation that never moves, so an entry is found by one shift
//! and one addition from a base that every mutator caches, without a lock. An entry is written
//! under the table's lock before its id is used in any header. Entries with an owner live as long
//! as the owner: marking a cell marks its type's owner, so an unmarked owner proves that no live
//! cell has the type. Such an id is *dying* from the end of that cycle to the end of the next,
//! whose trace must purge it from every cache (`Tracer::is_dying`); only then may it be given out
//! again.

use crate::header::{Header, TypeId};
use crate::os::Reservation;
use crate::slot::Slot;
use crate::trace::Tracer;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// What to do with the cells of a type. One static per kind of layout; many types may share one.
pub struct TypeOps {
    /// For messages, census and statistics.
    pub name: &'static str,
    /// Reports every slot of the cell to the tracer. Runs on any thread, at the same time as the
    /// user's threads, must not allocate, lock or write to the cell, and must accept a cell that is
    /// still all zero behind its header.
    ///
    /// # Safety
    /// The pointer is a live cell of a type with these operations.
    pub trace: unsafe fn(cell: *const Header, tracer: &mut Tracer<'_>),
    /// Frees what a dead cell owns outside the heap. Runs on any thread, once; must not follow a
    /// slot (other cells may be gone), allocate or block. Cells of a type with this entry come from
    /// `Mutator::allocate_droppable`.
    ///
    /// # Safety
    /// The pointer is a dead cell, still intact, of a type with these operations.
    pub drop: Option<unsafe fn(cell: *mut Header)>,
}

/// A row of the type table.
#[repr(C, align(64))]
pub struct TypeEntry {
    /// Null in a row that is not in use.
    ops: AtomicPtr<TypeOps>,
    /// Traced when a cell of the type is marked. Zero: the type lives for ever.
    pub owner: Slot,
    /// One of the `STATE` constants. Written under the table's lock, or in a pause.
    state: AtomicU32,
    reserved: AtomicU32,
    /// The user's; the collector never reads them.
    pub user: [AtomicU64; 5],
}

const _: () = assert!(size_of::<TypeEntry>() == 64);

const STATE_FREE: u32 = 0;
const STATE_LIVE: u32 = 1;
const STATE_DYING: u32 = 2;

impl TypeEntry {
    /// The operations of the type.
    #[inline(always)]
    pub fn ops(&self) -> Option<&'static TypeOps> {
        let ops = self.ops.load(Ordering::Relaxed);
        // SAFETY: only `&'static TypeOps` and null are ever stored.
        unsafe { ops.as_ref() }
    }
}

/// The log2 of the size of a row, for code generators.
pub const TYPE_ENTRY_SHIFT: u32 = size_of::<TypeEntry>().trailing_zeros();

/// How many types there can be at once.
pub const MAX_TYPES: u32 = if cfg!(miri) { 1 << 10 } else { 1 << 24 };

/// All types of a heap.
pub struct TypeTable {
    base: *const TypeEntry,
    rows: Mutex<Rows>,
}

struct Rows {
    reservation: Reservation,
    /// Rows from here on were never used.
    next: u32,
    /// Purged everywhere: may be given out.
    free: Vec<u32>,
    /// Their owner died in the last completed cycle.
    dying: Vec<u32>,
}

// SAFETY: `base` points into the reservation, which `rows` keeps for as long as the table lives;
// entries are atomics.
unsafe impl Send for TypeTable {}
// SAFETY: as above.
unsafe impl Sync for TypeTable {}

impl TypeTable {
    /// A table with address space of `reserve` bytes.
    pub(crate) fn new(reserve: usize) -> Result<TypeTable, crate::OutOfMemory> {
        let reservation = Reservation::new(reserve, 4096)?;
        let base = reservation.base() as *const TypeEntry;
        Ok(TypeTable { base, rows: Mutex::new(Rows { reservation, next: 1, free: Vec::new(), dying: Vec::new() }) })
    }

    /// The address of row 0.
    #[inline(always)]
    pub fn base(&self) -> *const TypeEntry {
        self.base
    }

    /// The row of a registered type.
    #[inline(always)]
    pub fn entry(&self, id: TypeId) -> &TypeEntry {
        debug_assert!(id.0 < MAX_TYPES);
        // SAFETY: ids come from `register` and `register_at`, which commit the row; rows are never
        // taken back.
        unsafe { &*self.base.add(id.0 as usize) }
    }

    /// Registers a type under a number of the caller's choice. Numbers below the highest one used
    /// so are never given out by [`register`](Self::register), so register all fixed ones first.
    ///
    /// # Panics
    /// If the number is zero, too large or in use: a mistake in the program's own table of types.
    pub fn register_at(&self, id: TypeId, ops: &'static TypeOps, owner: u64) -> Result<(), crate::OutOfMemory> {
        let mut rows = self.rows.lock().unwrap();
        assert!(id != TypeId::FREE && id.0 < MAX_TYPES, "type id {} out of range", id.0);
        rows.reservation.commit_to((id.0 as usize + 1) * size_of::<TypeEntry>())?;
        let entry = self.entry(id);
        assert!(entry.ops().is_none(), "type id {} registered twice", id.0);
        rows.next = rows.next.max(id.0 + 1);
        fill(entry, ops, owner);
        Ok(())
    }

    /// Registers a type under a free number. `owner` is a pointer word, or zero for a type that is
    /// never reclaimed. The caller keeps `owner` reachable until a cell of the type is; until then
    /// the type lives as long as its owner.
    pub fn register(&self, ops: &'static TypeOps, owner: u64) -> Result<TypeId, crate::OutOfMemory> {
        let mut rows = self.rows.lock().unwrap();
        let id = match rows.free.pop() {
            Some(id) => id,
            None => {
                let id = rows.next;
                rows.reservation.commit_to((id as usize + 1) * size_of::<TypeEntry>())?;
                rows.next += 1;
                id
            }
        };
        fill(self.entry(TypeId(id)), ops, owner);
        Ok(TypeId(id))
    }

    /// How many rows are in use.
    pub fn live_count(&self) -> usize {
        let rows = self.rows.lock().unwrap();
        let live = |id: &u32| self.entry(TypeId(*id)).state.load(Ordering::Relaxed) == STATE_LIVE;
        (1..rows.next).filter(live).count()
    }

    /// Whether no type has this number, or never had.
    pub(crate) fn is_unknown(&self, id: TypeId) -> bool {
        id == TypeId::FREE || id.0 >= self.rows.lock().unwrap().next || self.entry(id).ops().is_none()
    }

    pub(crate) fn is_dying(&self, id: TypeId) -> bool {
        self.entry(id).state.load(Ordering::Relaxed) == STATE_DYING
    }

    /// Ends a cycle: ids that were dying become free, types whose owner is dead begin to die. Runs when everything that
    /// stays alive is marked, beside the program, on `count` rows from `first` on (the first time 0); says where to go
    /// on. A type that is registered meanwhile has a living owner.
    pub(crate) fn purge(&self, first: u32, count: usize, is_dead: &dyn Fn(u64) -> bool) -> Option<u32> {
        let mut rows = self.rows.lock().unwrap();
        let dying = if first == 0 { std::mem::take(&mut rows.dying) } else { Vec::new() };
        for id in dying {
            let entry = self.entry(TypeId(id));
            entry.ops.store(std::ptr::null_mut(), Ordering::Relaxed);
            entry.state.store(STATE_FREE, Ordering::Relaxed);
            rows.free.push(id);
        }
        let end = rows.next.min(first.saturating_add(count.try_into().unwrap_or(u32::MAX)));
        for id in first.max(1)..end {
            let entry = self.entry(TypeId(id));
            let owner = entry.owner.load_relaxed();
            if entry.state.load(Ordering::Relaxed) == STATE_LIVE && owner != 0 && is_dead(owner) {
                entry.owner.init(0);
                entry.state.store(STATE_DYING, Ordering::Relaxed);
                rows.dying.push(id);
            }
        }
        (end < rows.next).then_some(end)
    }
}

fn fill(entry: &TypeEntry, ops: &'static TypeOps, owner: u64) {
    for word in &entry.user {
        word.store(0, Ordering::Relaxed);
    }
    entry.owner.init(owner);
    entry.state.store(STATE_LIVE, Ordering::Relaxed);
    entry.reserved.store(0, Ordering::Relaxed);
    entry.ops.store(NonNull::from(ops).as_ptr(), Ordering::Release);
}
