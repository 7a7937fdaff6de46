//! What the creator of a heap decides.

use crate::trace::Tracer;

/// A way to make missing barriers and roots show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Zeal {
    /// Collect when the pacer says so.
    #[default]
    Off,
    /// A full cycle at every n-th allocation.
    AllocN(u32),
    /// Cycles without end, marking this many cells per poll and per slow allocation while the
    /// program runs.
    Incremental(u32),
    /// Concurrent cycles without end: one is due whenever this many KiB were allocated.
    Concurrent(u32),
}

impl Zeal {
    /// Whether the pacer says when to collect.
    pub(crate) fn is_paced(self) -> bool {
        matches!(self, Zeal::Off | Zeal::Concurrent(_))
    }
}

/// Settings of a heap.
#[derive(Clone, Debug)]
pub struct HeapConfig {
    /// See [`Zeal`].
    pub zeal: Zeal,
    /// Fill freed cells with a pattern.
    pub poison: bool,
    /// Re-trace after every marking and abort if something reachable is unmarked.
    pub verify: bool,
    /// Mark beside the program, on a thread of the collector's. Off: a cycle is one stop of the world.
    pub concurrent: bool,
    /// How many threads mark in a large collection with the world stopped; 0 lets the heap choose.
    pub workers: usize,
    /// The heap size at which the first cycle starts, in bytes.
    pub initial_goal: usize,
    /// The most bytes of cells the heap may hold.
    pub max_bytes: usize,
    /// Address space for small cells, in bytes.
    pub small_reserve: usize,
    /// Address space for large cells, in bytes.
    pub large_reserve: usize,
    /// The live bytes from which on several threads mark.
    pub parallel_threshold: usize,
    /// Whether a word on a native stack that is the end of a cell keeps that cell, as one-past-end
    /// pointers of loops need.
    pub scan_one_past_end: bool,
    /// Collect when the pacer says so. Off: only on request (and by zeal).
    pub automatic: bool,
}

impl Default for HeapConfig {
    fn default() -> HeapConfig {
        HeapConfig {
            zeal: Zeal::Off,
            poison: cfg!(debug_assertions),
            verify: false,
            concurrent: !cfg!(miri),
            workers: 0,
            initial_goal: 16 << 20,
            max_bytes: usize::MAX,
            small_reserve: if cfg!(miri) { 4 << 20 } else { 256 << 30 },
            large_reserve: if cfg!(miri) { 4 << 20 } else { 1 << 40 },
            parallel_threshold: 8 << 20,
            scan_one_past_end: true,
            automatic: true,
        }
    }
}

/// How the collector finds the user's roots. The methods run with the world stopped.
pub trait HeapHooks: Send + Sync {
    /// Reports the roots that belong to no thread.
    fn trace_globals(&self, tracer: &mut Tracer<'_>);

    /// Reports the precise roots of one thread, whose `thread_data` is given. Native stacks are
    /// scanned by the collector itself.
    ///
    /// # Safety
    /// `thread_data` is what the thread was attached with, or set later; the thread does not run.
    unsafe fn trace_thread(&self, thread_data: *const (), tracer: &mut Tracer<'_>);

    /// A cycle ends, with this many cells ready for finalization and this many weak notifications.
    /// May set interrupt bits and wake threads; must not touch the heap.
    fn cycle_finished(&self, finalizable_ready: usize, notifications_ready: usize) {
        let _ = (finalizable_ready, notifications_ready);
    }
}
