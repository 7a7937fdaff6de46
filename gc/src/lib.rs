//! A non-moving, precise-in-the-heap, conservative-on-native-stacks mark-sweep collector for many mutator threads.

mod config;
mod header;
mod heap;
mod lock;
mod mutator;
mod os;
mod roots;
mod safepoint;
mod slot;
mod stats;
mod trace;
mod types;
mod weak;
mod word;

pub use config::{HeapConfig, HeapHooks, Zeal};
pub use header::{Header, TypeId, flag};
pub use heap::Heap;
pub use lock::{LockGuard, lock, lock_two};
pub use mutator::Mutator;
pub use roots::TempRoots;
pub use safepoint::{ForkPause, ThreadHandle, interrupt};
pub use slot::{Slot, copy_slots, fill_slots, init_slots};
pub use stats::Stats;
pub use trace::Tracer;
pub use types::{MAX_TYPES, TYPE_ENTRY_SHIFT, TypeEntry, TypeOps, TypeTable};
pub use weak::{WeakSlot, WeakTable};
pub use word::{POINTER_TEST_MASK, TAG_MASK, cell_of, is_pointer, word_of};

/// The heap, or the system, has no room for a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("out of memory")
    }
}

impl std::error::Error for OutOfMemory {}
