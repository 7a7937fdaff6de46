//! Marking to the end, by one thread or by several.
//!
//! Several tracers share work through a queue of packets: whoever has much while others are hungry
//! cuts half of it off. A tracer that has nothing left waits at the queue; when all wait there,
//! everything is marked. Mark bits are set by atomic operations meanwhile, so each cell is traced
//! once.

use crate::heap::Heap;
use crate::trace::{Packet, Tracer, WeakEdge};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};

/// Steps between two looks at whether others are hungry.
const SLICE: usize = if cfg!(any(test, feature = "stress")) { 3 } else { 512 };
/// Steps that one tracer takes before it asks for help.
const SLICE_ALONE: usize = if cfg!(any(test, feature = "stress")) { 3 } else { 4096 };
/// The least number of waiting cells of which half is worth giving away.
const SHARE: usize = if cfg!(any(test, feature = "stress")) { 2 } else { 64 };

#[derive(Default)]
struct Queue {
    packets: Vec<Packet>,
    waiting: usize,
    done: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
    /// Somebody waits and no packet is there. A hint.
    hungry: AtomicBool,
    tracers: usize,
}

/// What a helper found, for the tracer of the cycle.
struct Findings {
    weak_edges: Vec<WeakEdge>,
    cells: usize,
    bytes: usize,
}

impl Shared {
    fn put(&self, packet: Packet) {
        let mut queue = self.queue.lock().unwrap();
        queue.packets.push(packet);
        self.hungry.store(queue.waiting > queue.packets.len(), Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// More work, or `None` when everything is marked.
    fn next(&self) -> Option<Packet> {
        let mut queue = self.queue.lock().unwrap();
        queue.waiting += 1;
        loop {
            if let Some(packet) = queue.packets.pop() {
                queue.waiting -= 1;
                self.hungry.store(queue.waiting > queue.packets.len(), Ordering::Relaxed);
                return Some(packet);
            }
            if queue.waiting == self.tracers {
                queue.done = true;
                self.changed.notify_all();
            }
            if queue.done {
                return None;
            }
            self.hungry.store(true, Ordering::Relaxed);
            queue = self.changed.wait(queue).unwrap();
        }
    }

    fn work(&self, tracer: &mut Tracer<'static>) {
        loop {
            while !tracer.drain(SLICE) {
                if self.hungry.load(Ordering::Relaxed)
                    && let Some(packet) = tracer.split(SHARE)
                {
                    self.put(packet);
                }
            }
            match self.next() {
                Some(packet) => tracer.adopt(packet),
                None => return,
            }
        }
    }
}

impl Heap {
    /// Marks everything reachable from what the tracer was told. The world is stopped.
    pub(crate) fn mark_all(&'static self, tracer: &mut Tracer<'static>) {
        // What a concurrent cycle leaves for its end is less than it costs to wake anybody.
        if tracer.drain(SLICE_ALONE) {
            return;
        }
        let pool = if self.pacer.live_bytes() >= self.config.parallel_threshold { self.workers() } else { None };
        let Some(pool) = pool else {
            while !tracer.drain(usize::MAX) {}
            return;
        };
        let helpers = pool.current_num_threads();
        let shared = Shared {
            queue: Mutex::default(),
            changed: Condvar::new(),
            hungry: AtomicBool::new(false),
            tracers: helpers + 1,
        };
        let findings = Mutex::new(Vec::new());
        tracer.shared = true;
        pool.in_place_scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|_| {
                    let mut helper = Tracer::marking(self, true);
                    helper.rows_may_wait = true;
                    shared.work(&mut helper);
                    findings.lock().unwrap().push(Findings {
                        weak_edges: std::mem::take(&mut helper.weak_edges),
                        cells: helper.marked_cells,
                        bytes: helper.marked_bytes,
                    });
                });
            }
            shared.work(tracer);
        });
        for mut found in findings.into_inner().unwrap() {
            tracer.weak_edges.append(&mut found.weak_edges);
            tracer.marked_cells += found.cells;
            tracer.marked_bytes += found.bytes;
        }
    }
}
