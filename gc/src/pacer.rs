//! When to collect: by bytes, never by resident size or numbers of cells.
//!
//! A cycle is due when live bytes, bytes allocated since, and bytes outside the heap together reach
//! the goal. The goal is twice what survived the last cycle, and comes down to 1.24 times that as
//! memory fills. All counters are relaxed: a late reading only shifts a cycle a little.

use crate::config::HeapConfig;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

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
    initial_goal: usize,
    /// The bytes at which memory counts as full.
    capacity: usize,
}

impl Pacer {
    pub(crate) fn new(config: &HeapConfig) -> Pacer {
        Pacer {
            live: AtomicUsize::new(0),
            fresh: AtomicUsize::new(0),
            total: AtomicU64::new(0),
            external: AtomicI64::new(0),
            goal: AtomicUsize::new(config.initial_goal),
            initial_goal: config.initial_goal,
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

    /// Whether it is time for a cycle.
    pub(crate) fn is_due(&self) -> bool {
        let heap = self.live.load(Ordering::Relaxed) + self.fresh.load(Ordering::Relaxed);
        heap.saturating_add(self.external_bytes()) >= self.goal()
    }

    /// The bytes that may be allocated before a cycle is due.
    pub(crate) fn headroom(&self) -> usize {
        let heap = self.live.load(Ordering::Relaxed) + self.fresh.load(Ordering::Relaxed);
        self.goal().saturating_sub(heap).saturating_sub(self.external_bytes())
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
        self.goal.store(goal.max(self.initial_goal), Ordering::Relaxed);
    }
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
        let config = HeapConfig { initial_goal: 1000, max_bytes: 1 << 20, ..HeapConfig::default() };
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
