//! What the collector did, in numbers.
//!
//! Counters are relaxed atomics; pauses are kept as a ring of the latest ones, under a lock that
//! only their recorder and readers take.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How many pauses are remembered.
const PAUSES: usize = 4096;

/// How long something took that happened often: percentiles over the latest times, and the longest of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// The median, in nanoseconds.
    pub p50_ns: u64,
    /// The 99th percentile, in nanoseconds.
    pub p99_ns: u64,
    /// The 99.9th percentile, in nanoseconds.
    pub p999_ns: u64,
    /// The longest ever, in nanoseconds.
    pub max_ns: u64,
}

/// A snapshot of the heap's counters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Completed cycles.
    pub cycles: u64,
    /// Stops of the world.
    pub pauses: u64,
    /// The pauses by the clock, from the request to stop to the resumption.
    pub pause: Durations,
    /// The processor time that the threads which ran the pauses spent in them.
    pub pause_processor: Durations,
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
    /// Time that threads of the program marked when they were about to allocate, in nanoseconds.
    pub assist_ns: u64,
    /// Time that the collector's thread marked and swept beside the program, in nanoseconds.
    pub beside_ns: u64,
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
    pub(crate) assist_ns: AtomicU64,
    pub(crate) beside_ns: AtomicU64,
    time_to_safepoint_max_ns: AtomicU64,
    pauses: Mutex<Pauses>,
}

#[derive(Default)]
struct Pauses {
    count: u64,
    clock: Ring,
    processor: Ring,
}

/// The latest durations of a kind.
#[derive(Default)]
struct Ring {
    latest: Vec<u64>,
    next: usize,
    max: u64,
}

impl Ring {
    fn record(&mut self, nanoseconds: u64) {
        if self.latest.len() < PAUSES {
            self.latest.push(nanoseconds);
        } else {
            self.latest[self.next] = nanoseconds;
        }
        self.next = (self.next + 1) % PAUSES;
        self.max = self.max.max(nanoseconds);
    }

    fn summary(&self) -> Durations {
        let mut latest = self.latest.clone();
        latest.sort_unstable();
        let at = |per_mille: usize| {
            let index = (latest.len() * per_mille / 1000).min(latest.len().saturating_sub(1));
            latest.get(index).copied().unwrap_or(0)
        };
        Durations { p50_ns: at(500), p99_ns: at(990), p999_ns: at(999), max_ns: self.max }
    }
}

pub(crate) fn add(counter: &AtomicU64, amount: usize) {
    counter.fetch_add(amount as u64, Ordering::Relaxed);
}

pub(crate) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Counters {
    /// A pause took this long by the clock, and this much of its thread's processor time.
    pub(crate) fn record_pause(&self, clock: Duration, processor: Duration) {
        let mut pauses = self.pauses.lock().unwrap();
        pauses.count += 1;
        pauses.clock.record(clock.as_nanos() as u64);
        pauses.processor.record(processor.as_nanos() as u64);
    }

    pub(crate) fn record_time_to_safepoint(&self, time: Duration) {
        self.time_to_safepoint_max_ns.fetch_max(time.as_nanos() as u64, Ordering::Relaxed);
    }

    /// Fills in what is counted here.
    pub(crate) fn fill(&self, stats: &mut Stats) {
        {
            let pauses = self.pauses.lock().unwrap();
            stats.pauses = pauses.count;
            stats.pause = pauses.clock.summary();
            stats.pause_processor = pauses.processor.summary();
        }
        stats.cycles = get(&self.cycles);
        stats.time_to_safepoint_max_ns = get(&self.time_to_safepoint_max_ns);
        stats.bytes_marked = get(&self.bytes_marked);
        stats.bytes_swept = get(&self.bytes_swept);
        stats.bytes_returned = get(&self.bytes_returned);
        stats.live_cells = get(&self.live_cells);
        stats.barrier_slow_paths = get(&self.barrier_slow_paths);
        stats.assist_ns = get(&self.assist_ns);
        stats.beside_ns = get(&self.beside_ns);
    }
}
