//! The handshake of `src/handshake.rs`, compiled against loom's atomics and tried in every
//! interleaving.

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU32, Ordering, fence};
}

#[path = "../src/handshake.rs"]
mod handshake;

use handshake::Handshake;
use loom::cell::UnsafeCell;
use loom::sync::{Arc, Condvar, Mutex};

/// What the safepoint module does around the handshake.
struct World {
    handshake: Handshake,
    stopping: Mutex<bool>,
    stopped: Condvar,
    resumed: Condvar,
    /// The owner-only state of the thread: loom reports if two touch it at once.
    state: UnsafeCell<u32>,
}

// SAFETY: that `state` is never touched by two at once is what is tried here.
unsafe impl Sync for World {}
// SAFETY: as above.
unsafe impl Send for World {}

impl World {
    fn new() -> World {
        World {
            handshake: Handshake::new(0),
            stopping: Mutex::new(false),
            stopped: Condvar::new(),
            resumed: Condvar::new(),
            state: UnsafeCell::new(0),
        }
    }

    fn wake_stopper(&self) {
        drop(self.stopping.lock().unwrap());
        self.stopped.notify_all();
    }

    fn enter(&self) {
        while !self.handshake.try_enter() {
            self.wake_stopper();
            let mut stopping = self.stopping.lock().unwrap();
            while *stopping {
                stopping = self.resumed.wait(stopping).unwrap();
            }
        }
    }

    fn leave(&self) {
        if self.handshake.leave() {
            self.wake_stopper();
        }
    }

    fn touch(&self) {
        // SAFETY: loom checks.
        self.state.with_mut(|state| unsafe { *state += 1 });
    }

    fn stop(&self) {
        let mut stopping = self.stopping.lock().unwrap();
        *stopping = true;
        self.handshake.request();
        while !self.handshake.is_stopped() {
            stopping = self.stopped.wait(stopping).unwrap();
        }
        drop(stopping);
    }

    fn resume(&self) {
        let mut stopping = self.stopping.lock().unwrap();
        self.handshake.withdraw();
        *stopping = false;
        drop(stopping);
        self.resumed.notify_all();
    }
}

#[test]
fn a_stopper_and_a_thread_never_touch_its_state_at_once() {
    loom::model(|| {
        let world = Arc::new(World::new());
        let thread = loom::thread::spawn({
            let world = Arc::clone(&world);
            move || {
                for _ in 0..2 {
                    world.enter();
                    world.touch();
                    world.leave();
                }
            }
        });
        world.stop();
        world.touch();
        world.resume();
        thread.join().unwrap();
        world.touch();
        // SAFETY: loom checks.
        let state = world.state.with(|state| unsafe { *state });
        assert_eq!(state, 4);
    });
}

#[test]
fn a_request_reaches_a_thread_that_polls() {
    loom::model(|| {
        let world = Arc::new(World::new());
        world.enter();
        let stopper = loom::thread::spawn({
            let world = Arc::clone(&world);
            move || {
                world.stop();
                world.touch();
                world.resume();
            }
        });
        world.touch();
        if world.handshake.interrupt.load(sync::Ordering::Relaxed) & handshake::STOP != 0 {
            world.leave();
            world.enter();
        }
        world.touch();
        world.leave();
        stopper.join().unwrap();
    });
}
