//! What the collector did, in numbers.

/// A snapshot of the heap's counters.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Completed cycles.
    pub cycles: u64,
    /// Pauses of the world: count, and the median, 99th percentile and maximum in nanoseconds.
    pub pauses: u64,
    /// Median pause in nanoseconds.
    pub pause_p50_ns: u64,
    /// 99th percentile of the pauses in nanoseconds.
    pub pause_p99_ns: u64,
    /// Longest pause in nanoseconds.
    pub pause_max_ns: u64,
    /// Bytes of cells allocated since the start.
    pub bytes_allocated: u64,
    /// Bytes of cells marked in all cycles.
    pub bytes_marked: u64,
    /// Bytes of cells freed by sweeping.
    pub bytes_swept: u64,
    /// Bytes given back to the system.
    pub bytes_returned: u64,
    /// Bytes of cells alive after the last cycle.
    pub live_bytes: u64,
    /// Cells alive after the last cycle.
    pub live_cells: u64,
    /// Bytes reported by `external_allocated` and not freed yet.
    pub external_bytes: u64,
    /// Blocks of small cells in use.
    pub blocks: u64,
    /// Large cells.
    pub large_cells: u64,
    /// Words recorded by the store barrier.
    pub barrier_slow_paths: u64,
}
