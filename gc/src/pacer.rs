//! When to collect: by bytes, never by resident size or numbers of cells.
//!
//! The heap is what survived the last cycle, what was allocated since, and bytes outside of it. The goal is
//! twice what survived, and comes down to 1.24 times that as memory fills. A concurrent cycle is due at a
//! trigger before the goal, so that marking ends about when the goal is reached; the bytes between the two
//! are its runway. Who allocates on it marks too, as soon as less of the heap is marked than of the runway
//! used up. All counters are relaxed: a late reading only shifts things a little.

use crate::buffer::CHUNK;
use crate::config::{HeapConfig, Zeal};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

/// Steps of marking (cells, or pieces of long rows) in one turn: about a tenth of a millisecond.
pub(crate) const SLICE_STEPS: usize = if cfg!(any(test, feature = "stress")) { 5 } else { 2048 };
/// The part of the way from what survived to the goal at which a cycle begins.
const TRIGGER: f64 = 0.7;

pub(crate) struct Pacer {
    /// Bytes marked in the last cycle.
    live: AtomicUsize,
    /// Bytes claimed since the last cycle.
    fresh: AtomicUsize,
    /// Bytes claimed since the start, up to the last cycle.
    total: AtomicU64,
    /// Bytes outside the heap that belong to cells. Signed: frees may be reported before the
    /// allocation that they undo.
    external: AtomicI64,
    goal: AtomicUsize,
    trigger: AtomicUsize,
    /// The bytes that may be allocated while marking.
    runway: AtomicUsize,
    /// The cells that the cycle under way will mark, as far as the last one tells, and those marked so far.
    expected_cells: AtomicUsize,
    marked_cells: AtomicUsize,
    /// Whether cycles have a trigger of their own.
    concurrent: bool,
    initial_goal: usize,
    /// With zeal: the bytes from what survived to the goal.
    step: Option<usize>,
    /// The bytes at which memory counts as full.
    capacity: usize,
}

impl Pacer {
    pub(crate) fn new(config: &HeapConfig) -> Pacer {
        let step = if let Zeal::Concurrent(kib) = config.zeal { Some((kib as usize) << 10) } else { None };
        let goal = step.unwrap_or(config.initial_goal);
        Pacer {
            live: AtomicUsize::new(0),
            fresh: AtomicUsize::new(0),
            total: AtomicU64::new(0),
            external: AtomicI64::new(0),
            goal: AtomicUsize::new(goal),
            trigger: AtomicUsize::new(trigger(0, goal, config.concurrent)),
            runway: AtomicUsize::new(0),
            expected_cells: AtomicUsize::new(0),
            marked_cells: AtomicUsize::new(0),
            concurrent: config.concurrent,
            initial_goal: config.initial_goal,
            step,
            capacity: physical_memory().min(config.max_bytes),
        }
    }

    /// Bytes were claimed for allocation.
    pub(crate) fn allocated(&self, bytes: usize) {
        self.fresh.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes outside the heap were allocated (positive) or freed (negative) for cells.
    pub(crate) fn external(&self, bytes: i64) {
        self.external.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn external_bytes(&self) -> usize {
        self.external.load(Ordering::Relaxed).max(0) as usize
    }

    pub(crate) fn live_bytes(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    pub(crate) fn total_allocated(&self) -> u64 {
        self.total.load(Ordering::Relaxed) + self.fresh.load(Ordering::Relaxed) as u64
    }

    pub(crate) fn goal(&self) -> usize {
        self.goal.load(Ordering::Relaxed)
    }

    /// The bytes of the heap, and those outside that belong to it.
    fn heap_bytes(&self) -> usize {
        let heap = self.live.load(Ordering::Relaxed) + self.fresh.load(Ordering::Relaxed);
        heap.saturating_add(self.external_bytes())
    }

    /// Whether it is time for a cycle.
    pub(crate) fn is_due(&self) -> bool {
        self.heap_bytes() >= self.trigger.load(Ordering::Relaxed)
    }

    /// Whether the heap is larger than it should ever be.
    pub(crate) fn is_over_goal(&self) -> bool {
        self.heap_bytes() >= self.goal()
    }

    /// The bytes that may be allocated before the goal is reached.
    pub(crate) fn headroom(&self) -> usize {
        self.goal().saturating_sub(self.heap_bytes())
    }

    /// A concurrent cycle begins; the last one marked this many cells.
    pub(crate) fn marking_begins(&self, cells_before: usize) {
        self.runway.store(self.headroom(), Ordering::Relaxed);
        self.expected_cells.store(cells_before, Ordering::Relaxed);
        self.marked_cells.store(0, Ordering::Relaxed);
    }

    /// The cycle under way has marked this many cells.
    pub(crate) fn marked_so_far(&self, cells: usize) {
        self.marked_cells.store(cells, Ordering::Relaxed);
    }

    /// How many steps a thread should mark before it allocates the next chunk: none while marking is on time.
    pub(crate) fn assist_steps(&self) -> usize {
        let runway = self.runway.load(Ordering::Relaxed);
        let used = runway.saturating_sub(self.headroom());
        let expected = self.expected_cells.load(Ordering::Relaxed);
        let marked = self.marked_cells.load(Ordering::Relaxed);
        if used >= runway {
            return 2 * SLICE_STEPS;
        }
        let late = (used as f64 / runway as f64) > marked as f64 / expected.max(1) as f64;
        // Twice the share of this chunk, so that who is late catches up.
        let share = 2.0 * expected.saturating_sub(marked) as f64 * CHUNK as f64 / (runway - used) as f64;
        if late { (share as usize + 1).min(SLICE_STEPS) } else { 0 }
    }

    /// Marking ended: `live` bytes survive.
    pub(crate) fn marked(&self, live: usize) {
        self.live.store(live, Ordering::Relaxed);
        let fresh = self.fresh.swap(0, Ordering::Relaxed);
        self.total.fetch_add(fresh as u64, Ordering::Relaxed);
        self.set_goal();
    }

    /// Sets the goal for what survived. Called once more after sweeping, when the dead cells'
    /// memory outside the heap is freed.
    pub(crate) fn set_goal(&self) {
        let live = self.live_bytes().saturating_add(self.external_bytes());
        let fullness = live as f64 / self.capacity as f64;
        let factor = 2.0 - 0.76 * ((fullness - 0.25) / 0.5).clamp(0.0, 1.0);
        let goal = (live as f64 * factor) as usize;
        let goal = self.step.map_or(goal.max(self.initial_goal), |step| live + step);
        self.goal.store(goal, Ordering::Relaxed);
        self.trigger.store(trigger(live, goal, self.concurrent), Ordering::Relaxed);
    }
}

/// Where a cycle begins, between what is live and the goal.
fn trigger(live: usize, goal: usize, concurrent: bool) -> usize {
    if concurrent { live + (goal.saturating_sub(live) as f64 * TRIGGER) as usize } else { goal }
}

/// The bytes of memory of the machine.
fn physical_memory() -> usize {
    #[cfg(not(miri))]
    {
        // SAFETY: asks for two facts about the system.
        let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
        if pages > 0 && size > 0 {
            return (pages as usize).saturating_mul(size as usize);
        }
    }
    1 << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goal_follows_what_survives_and_tightens_as_memory_fills() {
        let config = HeapConfig { initial_goal: 1000, max_bytes: 1 << 20, concurrent: false, ..HeapConfig::default() };
        let pacer = Pacer::new(&config);
        assert!(!pacer.is_due());
        pacer.allocated(600);
        pacer.external(400);
        assert!(pacer.is_due());
        pacer.marked(100 << 10);
        pacer.external(-400);
        pacer.set_goal();
        assert_eq!(pacer.goal(), 200 << 10);
        pacer.marked(1 << 20);
        assert_eq!(pacer.goal(), ((1 << 20) as f64 * 1.24) as usize);
    }
}
