//! The tracer: what trace entries and root providers report to.

use crate::header::{Header, TypeId};
use crate::slot::Slot;
use crate::types::TypeTable;
use crate::weak::WeakSlot;

/// Collects the edges that a trace entry or a root provider reports.
pub struct Tracer<'heap> {
    pub(crate) types: &'heap TypeTable,
    pub(crate) visit: Option<&'heap mut dyn FnMut(u64)>,
}

impl Tracer<'_> {
    /// Reports a word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        if let Some(visit) = &mut self.visit {
            visit(word);
        }
    }

    /// Reports a slot.
    #[inline]
    pub fn slot(&mut self, slot: &Slot) {
        self.word(slot.load_relaxed());
    }

    /// Reports `count` slots in a row. Long rows are traced in pieces.
    ///
    /// # Safety
    /// The slots belong to the cell being traced, or to memory that stays as it is until the end of the cycle.
    pub unsafe fn slots(&mut self, first: *const Slot, count: usize) {
        for index in 0..count {
            // SAFETY: the caller's contract.
            self.slot(unsafe { &*first.add(index) });
        }
    }

    /// Reports a weak slot of the cell `owner`, which is the cell being traced: its referent is not kept alive, and the slot reads
    /// dead once the referent is.
    pub fn weak(&mut self, owner: *const Header, slot: &WeakSlot) {
        let _ = (owner, slot);
    }

    /// Reports every word in the range of addresses that could be the address of a cell or of anything inside one.
    ///
    /// # Safety
    /// The range is readable, and only root providers (not trace entries) call this.
    pub unsafe fn conservative_range(&mut self, low: *const u8, high: *const u8) {
        let _ = (low, high);
    }

    /// Whether a type's owner died in the last cycle. Trace entries of caches drop such ids: after this cycle they are given out anew.
    pub fn is_dying(&self, id: TypeId) -> bool {
        self.types.is_dying(id)
    }
}
