//! A non-moving, precise-in-the-heap, conservative-on-native-stacks mark-sweep collector for many mutator threads.

mod block;
mod buffer;
mod class;
mod config;
mod cycle;
mod finalize;
mod handshake;
mod header;
mod heap;
mod large;
mod lock;
mod mark;
mod mutator;
mod os;
mod pacer;
mod roots;
mod safepoint;
mod slot;
mod stack;
mod stats;
mod sweep;
mod sync;
mod trace;
mod types;
mod verify;
mod weak;
mod word;

pub use config::{HeapConfig, HeapHooks, Zeal};
pub use header::{Header, TypeId, flag};
pub use heap::Heap;
pub use lock::{LockGuard, lock, lock_two};
pub use mutator::{AttachedMutator, Mutator};
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

/// Ends the process: an invariant of the heap is broken, or memory that must not fail failed.
#[cold]
fn fatal(message: std::fmt::Arguments<'_>) -> ! {
    eprintln!("fatal error in the collector: {message}");
    std::process::abort();
}
