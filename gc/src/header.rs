//! The eight bytes at the front of every cell.
//!
//! Invariants: each part is only ever accessed at its own width, so that a store to one never hides
//! a store to another. `type_id` is zero exactly in cells that are free or not yet allocated. The
//! lock byte belongs to `lock`; flag byte 0 belongs to the collector; flag bytes 1 and 2 are the
//! user's, who gives each its own rule for concurrent access.

use crate::mutator::Mutator;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// Names an entry of the type table. Zero is no type: the mark of a free cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(transparent)]
pub struct TypeId(pub u32);

impl TypeId {
    /// The type of a free cell.
    pub const FREE: TypeId = TypeId(0);
}

/// Bits of flag byte 0. They are changed by atomic read-modify-write only, once there are several threads.
pub mod flag {
    /// A weak slot may refer to this cell. Set by the user when it makes one; a hint for quick
    /// lookups, never cleared.
    pub const HAS_WEAK: u8 = 1 << 0;
    /// The cell stands in the list of finalizable cells.
    pub const HAS_FINALIZER: u8 = 1 << 1;
    /// The cell was handed out for finalization at least once.
    pub const FINALIZED: u8 = 1 << 2;
    /// Foreign code holds the address. The collector does not move cells; whoever sets this also
    /// keeps the cell rooted.
    pub const PINNED: u8 = 1 << 3;
    /// The cell is a root until the process ends. Set by `Mutator::make_immortal`.
    pub const IMMORTAL: u8 = 1 << 4;
}

/// The head of a cell. What follows it is the user's, described by the trace entry of its type.
#[repr(C, align(8))]
pub struct Header {
    type_id: AtomicU32,
    pub(crate) lock: AtomicU8,
    flags: [AtomicU8; 3],
}

const _: () = assert!(size_of::<Header>() == 8 && align_of::<Header>() == 8);

impl Default for Header {
    /// A header of no type, for cells under construction: their real header is written by the
    /// allocation.
    fn default() -> Header {
        Header { type_id: AtomicU32::new(0), lock: AtomicU8::new(0), flags: [const { AtomicU8::new(0) }; 3] }
    }
}

impl Header {
    /// The offset of the type id, for code generators.
    pub const TYPE_ID_OFFSET: usize = 0;

    /// The cell's type. Acquire: what was written before the type was set is visible.
    #[inline(always)]
    pub fn type_id(&self) -> TypeId {
        TypeId(self.type_id.load(Ordering::Acquire))
    }

    /// The cell's type, without ordering: for types that never change once a cell is published.
    #[inline(always)]
    pub fn type_id_relaxed(&self) -> TypeId {
        TypeId(self.type_id.load(Ordering::Relaxed))
    }

    /// Gives a cell that no other thread can see yet its type.
    #[inline(always)]
    pub(crate) fn init_type(&self, type_id: TypeId) {
        self.type_id.store(type_id.0, Ordering::Relaxed);
    }

    /// Changes the type of a published cell. The edge to the old type's owner is recorded while
    /// marking.
    #[inline]
    pub fn set_type(&self, mutator: &Mutator, type_id: TypeId) {
        debug_assert_ne!(type_id, TypeId::FREE);
        if mutator.barrier_is_active() {
            mutator.record_type_change(self.type_id());
        }
        self.type_id.store(type_id.0, Ordering::Release);
    }

    /// As [`set_type`](Self::set_type), while the mutator [is alone](Mutator::is_alone): nothing is being marked.
    #[inline(always)]
    pub fn set_type_alone(&self, type_id: TypeId) {
        debug_assert_ne!(type_id, TypeId::FREE);
        self.type_id.store(type_id.0, Ordering::Release);
    }

    /// Changes the type from `old` to `new` unless another thread was faster; says whether it did.
    #[inline]
    pub fn compare_exchange_type(&self, mutator: &Mutator, old: TypeId, new: TypeId) -> bool {
        debug_assert_ne!(new, TypeId::FREE);
        if mutator.barrier_is_active() {
            mutator.record_type_change(old);
        }
        self.type_id.compare_exchange(old.0, new.0, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Flag byte 0; see [`flag`].
    #[inline(always)]
    pub fn flags(&self) -> u8 {
        self.flags[0].load(Ordering::Acquire)
    }

    /// Sets bits of flag byte 0 and returns what it was.
    #[inline]
    pub fn set_flags(&self, bits: u8) -> u8 {
        self.flags[0].fetch_or(bits, Ordering::AcqRel)
    }

    /// Clears bits of flag byte 0 and returns what it was.
    #[inline]
    pub(crate) fn clear_flags(&self, bits: u8) -> u8 {
        self.flags[0].fetch_and(!bits, Ordering::AcqRel)
    }

    /// Changes flag byte 0 while no other thread can; see `Mutator::change_flags`.
    #[inline(always)]
    pub(crate) fn store_flags(&self, flags: u8) {
        self.flags[0].store(flags, Ordering::Relaxed);
    }

    /// The first flag byte that is free for the user.
    #[inline(always)]
    pub fn user_flags_1(&self) -> &AtomicU8 {
        &self.flags[1]
    }

    /// The second flag byte that is free for the user.
    #[inline(always)]
    pub fn user_flags_2(&self) -> &AtomicU8 {
        &self.flags[2]
    }
}
