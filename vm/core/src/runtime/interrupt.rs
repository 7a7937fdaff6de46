//! What a thread does when its interrupt word asks for its attention at a bytecode poll.
//!
//! The collector's bits are dealt with inside of `Mutator::safepoint`. The VM's bits stand for work that only runs between
//! two instructions: signal handlers on the main thread, exceptions sent by other threads. Who sets a bit puts a handler
//! for it into [`Handlers`].

use std::sync::OnceLock;

use super::context::Cx;
use crate::runtime::error::PyResult;

/// A signal arrived: the main thread runs its Python handler.
pub const SIGNAL: u32 = 1 << 8;
/// Another thread has sent an exception.
pub const ASYNC_EXCEPTION: u32 = 1 << 9;
/// The VM is ending: the thread is to stop.
pub const EXIT: u32 = 1 << 10;
/// Calls that other code wants made on the main thread.
pub const PENDING_CALLS: u32 = 1 << 11;
/// A collection found dead objects with finalizers or watched by weak references.
pub const FINALIZERS: u32 = 1 << 12;

/// What is done for each bit; set once, by the module that the bit belongs to.
#[derive(Default)]
pub struct Handlers {
    /// For [`SIGNAL`].
    pub signal: OnceLock<fn(&Cx) -> PyResult<()>>,
    /// For [`ASYNC_EXCEPTION`].
    pub async_exception: OnceLock<fn(&Cx) -> PyResult<()>>,
    /// For [`EXIT`].
    pub exit: OnceLock<fn(&Cx) -> PyResult<()>>,
    /// For [`PENDING_CALLS`].
    pub pending_calls: OnceLock<fn(&Cx) -> PyResult<()>>,
}

/// The process's handlers.
pub static HANDLERS: Handlers = Handlers {
    signal: OnceLock::new(),
    async_exception: OnceLock::new(),
    exit: OnceLock::new(),
    pending_calls: OnceLock::new(),
};

/// Does what the bits ask for, and clears them. A failure leaves the bits that come after it set.
#[cold]
pub fn handle(cx: &Cx, bits: u32) -> PyResult<()> {
    let work = [
        (EXIT, &HANDLERS.exit),
        (SIGNAL, &HANDLERS.signal),
        (ASYNC_EXCEPTION, &HANDLERS.async_exception),
        (PENDING_CALLS, &HANDLERS.pending_calls),
    ];
    if bits & FINALIZERS != 0 {
        cx.mutator().take_interrupts(FINALIZERS);
        cx.run_finalizers_at_poll();
    }
    for (bit, handler) in work {
        if bits & bit == 0 {
            continue;
        }
        cx.mutator().take_interrupts(bit);
        if let Some(handler) = handler.get() {
            handler(cx)?;
        }
    }
    Ok(())
}

impl Cx {
    /// The poll of calls and backward jumps: one relaxed load, unless something asks for the thread.
    #[inline(always)]
    pub fn poll(&self) -> PyResult<()> {
        if self.mutator().poll_requested() == 0 { Ok(()) } else { self.poll_slow() }
    }

    #[cold]
    #[inline(never)]
    fn poll_slow(&self) -> PyResult<()> {
        match self.mutator().safepoint() {
            0 => Ok(()),
            bits => handle(self, bits),
        }
    }
}
