//! What the collector did, in numbers.
//!
//! Counters are relaxed atomics; pauses are kept as a ring of the latest ones, under a lock that
//! only their recorder and readers take.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many pauses are remembered.
const PAUSES: usize = 4096;

/// A snapshot of the heap's counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Completed cycles.
    pub cycles: u64,
    /// Stops of the world.
    pub pauses: u64,
    /// Median of the latest pauses, in nanoseconds, from the request to the resumption.
    pub pause_p50_ns: u64,
    /// 99th percentile of the latest pauses, in nanoseconds.
    pub pause_p99_ns: u64,
    /// Longest pause, in nanoseconds.
    pub pause_max_ns: u64,
    /// Longest time from a request to stop until all threads had stopped, in nanoseconds.
    pub time_to_safepoint_max_ns: u64,
    /// Bytes of cells claimed for allocation since the start.
    pub bytes_allocated: u64,
    /// Bytes of cells marked in all cycles.
    pub bytes_marked: u64,
    /// Bytes of cells freed by sweeping.
    pub bytes_swept: u64,
    /// Bytes given back to the system.
    pub bytes_returned: u64,
    /// Bytes of cells marked in the last cycle.
    pub live_bytes: u64,
    /// Cells marked in the last cycle.
    pub live_cells: u64,
    /// Bytes outside the heap that were reported and not freed yet.
    pub external_bytes: u64,
    /// The heap size at which the next cycle is due, in bytes.
    pub goal_bytes: u64,
    /// Blocks of small cells in use.
    pub blocks: u64,
    /// Large cells.
    pub large_cells: u64,
    /// Words recorded by the store barrier.
    pub barrier_slow_paths: u64,
}

/// The heap's counters.
#[derive(Default)]
pub(crate) struct Counters {
    pub(crate) cycles: AtomicU64,
    pub(crate) bytes_marked: AtomicU64,
    pub(crate) bytes_swept: AtomicU64,
    pub(crate) bytes_returned: AtomicU64,
    pub(crate) live_cells: AtomicU64,
    pub(crate) barrier_slow_paths: AtomicU64,
    time_to_safepoint_max_ns: AtomicU64,
    pauses: Mutex<Pauses>,
}

#[derive(Default)]
struct Pauses {
    latest: Vec<u64>,
    count: u64,
    max: u64,
}

pub(crate) fn add(counter: &AtomicU64, amount: usize) {
    counter.fetch_add(amount as u64, Ordering::Relaxed);
}

pub(crate) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Counters {
    pub(crate) fn record_pause(&self, pause: Duration) {
        let nanoseconds = pause.as_nanos() as u64;
        let mut pauses = self.pauses.lock().unwrap();
        let position = pauses.count as usize % PAUSES;
        if position < pauses.latest.len() {
            pauses.latest[position] = nanoseconds;
        } else {
            pauses.latest.push(nanoseconds);
        }
        pauses.count += 1;
        pauses.max = pauses.max.max(nanoseconds);
    }

    pub(crate) fn record_time_to_safepoint(&self, time: Duration) {
        self.time_to_safepoint_max_ns.fetch_max(time.as_nanos() as u64, Ordering::Relaxed);
    }

    /// Fills in what is counted here.
    pub(crate) fn fill(&self, stats: &mut Stats) {
        let (mut latest, count, max) = {
            let pauses = self.pauses.lock().unwrap();
            (pauses.latest.clone(), pauses.count, pauses.max)
        };
        latest.sort_unstable();
        let percentile =
            |percent: usize| latest.get((latest.len() * percent / 100).min(latest.len().saturating_sub(1))).copied();
        stats.cycles = get(&self.cycles);
        stats.pauses = count;
        stats.pause_p50_ns = percentile(50).unwrap_or(0);
        stats.pause_p99_ns = percentile(99).unwrap_or(0);
        stats.pause_max_ns = max;
        stats.time_to_safepoint_max_ns = get(&self.time_to_safepoint_max_ns);
        stats.bytes_marked = get(&self.bytes_marked);
        stats.bytes_swept = get(&self.bytes_swept);
        stats.bytes_returned = get(&self.bytes_returned);
        stats.live_cells = get(&self.live_cells);
        stats.barrier_slow_paths = get(&self.barrier_slow_paths);
    }
}
