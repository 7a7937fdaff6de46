//! The handshake between a thread and whoever stops the world.
//!
//! Two words per thread: the interrupt word, in which the stopper sets a bit, and the state, which
//! says whether the thread may touch the heap. Each side writes its own word, then a full fence,
//! then reads the other's. So at least one of the two sees the other: if the stopper finds the
//! thread stopped, the thread that returns finds the request and backs off before it touches the
//! heap; if the thread leaves without seeing a request, the stopper sees that it left. Fences are
//! explicit, so that loom can model them.
//!
//! This file names nothing of the crate but `sync`; `tests/handshake.rs` compiles it once more,
//! against loom.

use crate::sync::{AtomicU32, Ordering, fence};

/// The bit of the interrupt word that asks the thread to stop.
pub(crate) const STOP: u32 = 1;

const STOPPED: u32 = 0;
const RUNNING: u32 = 1;

/// One thread's two words.
pub(crate) struct Handshake {
    /// Bits that ask for the thread's attention. Any thread sets them.
    pub(crate) interrupt: AtomicU32,
    /// Written by the thread itself.
    state: AtomicU32,
}

impl Handshake {
    /// The words of a thread that does not run yet.
    pub(crate) fn new(interrupt: u32) -> Handshake {
        Handshake { interrupt: AtomicU32::new(interrupt), state: AtomicU32::new(STOPPED) }
    }

    /// The thread stops touching the heap. True if a stopper may be waiting for that and must be
    /// woken.
    pub(crate) fn leave(&self) -> bool {
        self.state.store(STOPPED, Ordering::Release);
        fence(Ordering::SeqCst);
        self.interrupt.load(Ordering::Relaxed) & STOP != 0
    }

    /// The thread wants to touch the heap again. False if the world is being stopped: it must wait
    /// and try again; a stopper may have seen it running meanwhile and must be woken.
    pub(crate) fn try_enter(&self) -> bool {
        self.state.store(RUNNING, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if self.interrupt.load(Ordering::Acquire) & STOP == 0 {
            return true;
        }
        self.state.store(STOPPED, Ordering::Release);
        fence(Ordering::SeqCst);
        false
    }

    /// The stopper asks the thread to stop.
    pub(crate) fn request(&self) {
        self.interrupt.fetch_or(STOP, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// Whether the thread has stopped, after a request. Then the stopper may touch its state until
    /// it withdraws the request.
    pub(crate) fn is_stopped(&self) -> bool {
        self.state.load(Ordering::Acquire) == STOPPED
    }

    /// The stopper lets the thread run again.
    pub(crate) fn withdraw(&self) {
        self.interrupt.fetch_and(!STOP, Ordering::Release);
    }
}
