//! Attach, detach, poll and stop the world.

use std::sync::atomic::{AtomicU32, Ordering};

/// Bits of a thread's interrupt word.
pub mod interrupt {
    /// The world is stopping: park at the next safepoint.
    pub const STOP: u32 = 1 << 0;
    /// The collector wants some of the thread's time at its next safepoint.
    pub const COLLECTOR: u32 = 1 << 1;
    /// The bits that belong to the user.
    pub const USER: u32 = !(STOP | COLLECTOR);
}

/// What other threads may touch of a mutator's state.
pub struct ThreadHandle {
    pub(crate) interrupt: AtomicU32,
}

impl ThreadHandle {
    /// Sets the user's interrupt bits; the thread sees them at its next poll.
    pub fn interrupt(&self, bits: u32) {
        debug_assert_eq!(bits & !interrupt::USER, 0);
        self.interrupt.fetch_or(bits, Ordering::SeqCst);
    }
}

/// The world is stopped around a `fork`. Finish it with exactly one of the two methods.
#[must_use]
pub struct ForkPause<'mutator> {
    pub(crate) mutator: &'mutator crate::mutator::Mutator,
}

impl ForkPause<'_> {
    /// Lets the world run again, in the parent (or if the fork failed).
    pub fn resume_in_parent(self) {
        let _ = self.mutator;
    }

    /// Makes the calling thread the only one, in the child.
    pub fn resume_in_child(self) {
        let _ = self.mutator;
    }
}
