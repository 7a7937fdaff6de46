//! What follows a collection: callbacks of weak references, then `__del__`.
//!
//! The collector queues both when a cycle has found the deaths ([`super::vm`]'s hooks ask the main thread to look).
//! Automatic work runs at a bytecode poll, between two instructions; `gc.collect()` and the end of the process run it at
//! once. Exceptions go to `sys.unraisablehook`.

use std::cell::Cell;

use super::context::Cx;
use crate::interp::caller;
use crate::native::args::Args;
use crate::object::attribute;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::error::PyResult;
use crate::types::weakref::WeakRef;

thread_local! {
    /// Whether this thread is at it.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

impl Cx {
    /// Runs what is queued between two instructions: not in the middle of what was queued before, which would see objects
    /// that it still uses end first. Whoever is at it goes on with the rest.
    pub(super) fn run_finalizers_at_poll(&self) {
        if !RUNNING.get() {
            self.run_finalizers();
        }
    }

    /// A full collection and all that follows from it.
    pub fn collect_garbage(&self) {
        self.mutator().collect();
        self.run_finalizers();
    }

    /// The same on behalf of a native function that wants to collect. If the loop itself has called it, nothing between the
    /// loop and here holds cells that the frames do not hold, and what lies on that part of the native stack is not taken
    /// for references: it is full of what earlier calls have left there.
    pub fn collect_in_call(&self, function: fn(&Cx, Value, Args<'_>) -> PyResult) {
        if !RUNNING.get() && caller::is_direct_call(self, function) {
            // SAFETY: the loop reads its operands again from the frame's registers after a call; handlers of calls hold
            // the callee and the arguments, which are in registers until the call has ended.
            unsafe { self.mutator().collect_above_floor() };
        } else {
            self.mutator().collect();
        }
        self.run_finalizers();
    }

    /// Runs what is queued: callbacks of weak references, then finalizers.
    pub fn run_finalizers(&self) {
        let outer = RUNNING.replace(true);
        self.run_queued();
        RUNNING.set(outer);
    }

    fn run_queued(&self) {
        while let Some(owner) = self.mutator().take_weak_notification() {
            // SAFETY: only references and proxies ask for notification, and they share this cell.
            let reference: Ref<WeakRef> = unsafe { Ref::from_value_unchecked(Value::from_cell(owner)) };
            if let Some(callback) = reference.take_callback(self) {
                let result = self.call(callback, &[reference.value()]);
                self.report(result, "Exception ignored while calling weakref callback", callback);
            }
        }
        while let Some(object) = self.mutator().take_finalizable().and_then(Value::from_word) {
            if let Some(finalize) = self.type_of(object).slots.finalize() {
                let result = finalize(self, object).map(|()| Value::NONE);
                // What fails is the method; native types' finalizers report by themselves.
                let method = attribute::lookup(self, self.type_of(object), self.names().__del__);
                self.report(result, "Exception ignored while calling deallocator", method.unwrap_or(object));
            }
        }
    }

    fn report(&self, result: PyResult, what: &str, object: Value) {
        if let Err(raised) = result {
            let exception = self.take_exception(raised);
            self.write_unraisable(exception, Some(what), object);
        }
    }
}
