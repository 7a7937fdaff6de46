//! A tracing collector for many threads: non-moving mark-sweep, precise in the heap, conservative on
//! native stacks. It knows nothing of its user's language: a value is a 64-bit word, and `word` says
//! which words are pointers.
//!
//! # The heap
//!
//! Small cells (up to 8 KiB) lie in 32 KiB blocks of one size class, large ones on pages of their own
//! (`class`, `block`, `large`). Each begins with an 8-byte header that names its type; the type table
//! says how to trace and drop it (`header`, `types`). Every thread allocates from runs of free cells of
//! its own, without atomic operations (`buffer`). Bookkeeping lies beside the blocks: a cell of 48 bytes
//! costs 48.4.
//!
//! # Colours
//!
//! A cell is *white* if its mark bit is clear, *grey* if it is set and the cell waits on a tracer's
//! stack, *black* once it is traced. Cells are born black while marking. The barrier is the snapshot
//! barrier: a store records the word that it removes (`slot`), so everything that was reachable when
//! marking began is marked, wherever the program moves it. Registers and native stacks need no barrier,
//! since they are scanned when marking begins and can only be loaded from what is in the snapshot or
//! black. Weak places are the exception: what is read from them is recorded too (`weak`).
//!
//! # Phases
//!
//! 1. *Begin*, in a stop of the world (`safepoint`, `handshake`): every block is swept and every mark bit
//!    clear. Roots are reported: the user's globals, each thread's precise registers (`HeapHooks`), lists
//!    of roots (`roots`), queues; and native stacks with spilled callee-saved registers (`stack`), where a
//!    word counts if it points into a cell that was marked in, or claimed since, the last cycle.
//! 2. *Mark* (`trace`, `mark`): an explicit stack with a prefetch queue, by one or several threads.
//! 3. *Clear* (`clear`): weak slots are emptied, dead finalizable cells revived and queued (`finalize`), weak
//!    tables and the type table purged; at the end marks are verified if asked (`verify`).
//! 4. *Sweep* (`sweep`), while the program runs: a block's mark bitmap becomes its bitmap of live cells.
//!
//! A cycle has three stops: 1, the end of 2 and the end of 3 (`cycle`). Between them the collector's thread works
//! beside the program, with the help of threads that allocate faster than it does (`collector`, `pacer`). A
//! collection that somebody asks for is one stop. Nothing of the interface depends on which it is.
//!
//! # Invariants
//!
//! * A cell never moves. Its address is its identity.
//! * A pointer word in a slot, a root or a register refers to an allocated cell of the heap.
//! * A published slot is written through `Slot`, word by word, with the barrier.
//! * A cell of type 0 is free, or claimed and not yet allocated.
//! * Between two safepoints of a thread no cycle begins or ends, no flag that barriers test changes, and
//!   nothing that the thread has in registers dies.
//! * A cycle begins only when the last is fully swept.

mod block;
mod buffer;
mod class;
mod clear;
mod collector;
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
pub use stats::{Durations, Stats};
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
