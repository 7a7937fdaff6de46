//! What the VM keeps per thread beside the interpreter's stack. Owner-only: the thread itself reads and writes it; the
//! collector traces it while the thread is stopped.

use std::cell::Cell;

use countless_gc::Tracer;

use crate::object::value::Value;

/// One thread's state.
#[derive(Default)]
pub struct ThreadState {
    /// How many frames a coroutine's origin records (`sys.set_coroutine_origin_tracking_depth`).
    pub origin_depth: Cell<u32>,
    /// Called with an asynchronous generator before its first step (`sys.set_asyncgen_hooks`).
    pub async_first_iteration: Cell<Option<Value>>,
    /// Called with an asynchronous generator that dies unfinished.
    pub async_finalizer: Cell<Option<Value>>,
    /// The current context of context variables; made when first asked for.
    pub context: Cell<Option<Value>>,
}

impl ThreadState {
    /// The state of a thread that has not run anything.
    pub fn new() -> ThreadState {
        ThreadState::default()
    }

    /// Reports what the state holds.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        let held = [self.async_first_iteration.get(), self.async_finalizer.get(), self.context.get()];
        held.into_iter().flatten().for_each(|value| tracer.word(value.word()));
    }
}
