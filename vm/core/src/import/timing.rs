//! `-X importtime`: how long each import takes, on standard error.
//!
//! Times nest: an import's own time is its whole time without that of the imports inside of it. Threads that import at the
//! same time get their times mixed, as in CPython.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use crate::runtime::context::Cx;

static HEADER_PRINTED: AtomicBool = AtomicBool::new(false);
static LEVEL: AtomicUsize = AtomicUsize::new(0);
/// Nanoseconds of the imports inside of the present one.
static INSIDE: AtomicU64 = AtomicU64::new(0);

/// An import being timed.
pub(super) struct Timer {
    start: Instant,
    /// What stood in [`INSIDE`] for the import around this one.
    outside: u64,
}

/// Begins to time an import, if that was asked for.
pub(super) fn begin(cx: &Cx) -> Option<Timer> {
    if cx.vm().config.command_line.import_time == 0 {
        return None;
    }
    print_header();
    LEVEL.fetch_add(1, Ordering::Relaxed);
    Some(Timer { start: Instant::now(), outside: INSIDE.swap(0, Ordering::Relaxed) })
}

fn print_header() {
    if !HEADER_PRINTED.swap(true, Ordering::Relaxed) {
        eprintln!("import time: self [us] | cumulative | imported package");
    }
}

impl Timer {
    /// Prints the import's line.
    pub(super) fn end(self, name: &str) {
        let whole = self.start.elapsed().as_nanos() as u64;
        let inside = INSIDE.swap(self.outside + whole, Ordering::Relaxed);
        let level = LEVEL.fetch_sub(1, Ordering::Relaxed) - 1;
        let own = whole.saturating_sub(inside);
        let (own, whole) = (own.div_ceil(1000), whole.div_ceil(1000));
        eprintln!("import time: {own:9} | {whole:10} | {:indent$}{name}", "", indent = 2 * level);
    }
}

/// Prints a line for a module that was there already, for `-X importtime=2`.
pub(super) fn cached(cx: &Cx, name: &str) {
    if cx.vm().config.command_line.import_time >= 2 {
        print_header();
        let width = 2 * LEVEL.load(Ordering::Relaxed);
        eprintln!("import time: cached    | cached     | {name:>width$}");
    }
}
