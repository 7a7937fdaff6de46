//! The collector's own thread: it marks and sweeps beside the program, and gives memory back.
//!
//! One thread per heap, started when there is something to do for it, with all signals blocked. It is no
//! mutator: it holds no cell and stops the world from outside. A cycle begins in a mutator's pause
//! (`cycle`); from then on this thread marks and clears in slices, each under the lock of the cycle, so that a
//! thread that allocates can take its turn between them. When nothing is left it ends the phase in a pause.
//!
//! Where every processor already runs a thread of the program, it takes a quarter of one: it rests three
//! times as long as it worked. Then what the program allocates pays for the rest (`Mutator::assist`).
//!
//! Invariants: the lock of the cycle is never held while waiting for anything else, a stop of the world
//! included; whoever stops the world may take it. The lock `requests` is held for moments only.

use crate::cycle::Progress;
use crate::heap::{Heap, with_signals_blocked};
use crate::pacer::SLICE_STEPS;
use crate::stats::add;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// When no cycle has begun for this long, free blocks are given back to the system.
const RETURN_AFTER: Duration = Duration::from_secs(2);
/// How many parts of rest follow one part of work when all processors are busy: a duty of 25 %.
const REST: u32 = 3;
/// The stack of the thread: its deepest call is a trace entry.
const STACK_BYTES: usize = 256 << 10;

/// What the thread is asked to do.
#[derive(Default)]
pub(crate) struct Requests {
    /// Whether the thread exists.
    running: bool,
    /// There may be something to mark or to sweep.
    work: bool,
    /// Free blocks are to be given back at this time, if the cycle is still the one of this number.
    return_memory: Option<(Instant, u32)>,
}

/// The mailbox of the thread.
#[derive(Default)]
pub(crate) struct Collector {
    requests: Mutex<Requests>,
    changed: Condvar,
}

impl Collector {
    /// Nobody changes the requests while this is held: around a fork.
    pub(crate) fn hold(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap()
    }
}

impl Requests {
    /// In the child of a fork, where the thread does not exist.
    pub(crate) fn forget_thread(&mut self) {
        *self = Requests::default();
    }
}

impl Heap {
    /// Has the thread look for work; starts it if there is none yet. False if it cannot be started.
    pub(crate) fn wake_collector(&'static self) -> bool {
        let mut requests = self.collector.requests.lock().unwrap();
        requests.work = true;
        self.ensure_collector(&mut requests)
    }

    /// Whether the thread is there.
    pub(crate) fn has_collector(&self) -> bool {
        self.collector.requests.lock().unwrap().running
    }

    /// Has free blocks given back to the system if no cycle follows soon.
    pub(crate) fn return_memory_later(&'static self) {
        if cfg!(miri) {
            return;
        }
        let mut requests = self.collector.requests.lock().unwrap();
        requests.return_memory = Some((Instant::now() + RETURN_AFTER, self.cycle_number()));
        self.ensure_collector(&mut requests);
    }

    fn ensure_collector(&'static self, requests: &mut Requests) -> bool {
        if requests.running {
            self.collector.changed.notify_one();
            return true;
        }
        let builder = std::thread::Builder::new().name("collector".into()).stack_size(STACK_BYTES);
        requests.running = with_signals_blocked(|| builder.spawn(|| self.collect_beside())).is_ok();
        requests.running
    }

    /// The body of the thread.
    fn collect_beside(&'static self) {
        loop {
            self.wait_for_work();
            self.cycle_beside();
            self.sweep_beside();
        }
    }

    fn wait_for_work(&'static self) {
        let mut requests = self.collector.requests.lock().unwrap();
        while !std::mem::take(&mut requests.work) {
            let Some((time, cycle)) = requests.return_memory else {
                requests = self.collector.changed.wait(requests).unwrap();
                continue;
            };
            let now = Instant::now();
            if now < time {
                requests = self.collector.changed.wait_timeout(requests, time - now).unwrap().0;
                continue;
            }
            requests.return_memory = None;
            drop(requests);
            if self.cycle_number() == cycle {
                self.return_idle_blocks();
            }
            requests = self.collector.requests.lock().unwrap();
        }
    }

    /// Marks and clears until no cycle is under way.
    fn cycle_beside(&'static self) {
        loop {
            let began = Instant::now();
            let progress = self.slice(SLICE_STEPS);
            add(&self.counters.beside_ns, began.elapsed().as_nanos() as usize);
            match progress {
                Progress::NoCycle => return,
                Progress::More => self.rest_after(began.elapsed()),
                Progress::StopDue => self.stop_from_outside(|| self.next_phase()),
            }
        }
    }

    fn sweep_beside(&'static self) {
        loop {
            let began = Instant::now();
            let more = self.sweep_some();
            add(&self.counters.beside_ns, began.elapsed().as_nanos() as usize);
            if !more {
                return;
            }
            self.rest_after(began.elapsed());
        }
    }

    fn rest_after(&self, worked: Duration) {
        if self.processors_are_busy() {
            std::thread::sleep(worked * REST);
        }
    }

    /// Whether the program's threads have work for all processors.
    fn processors_are_busy(&self) -> bool {
        let state = self.world.state.lock().unwrap();
        let running = state.threads.iter().filter(|record| !record.handle.handshake.is_stopped()).count();
        running >= self.processors
    }
}
