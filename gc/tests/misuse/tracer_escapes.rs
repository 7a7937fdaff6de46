//! fails with E0521: borrowed data escapes outside of method
//! A tracer does not outlive the call that it is passed to.

use countless_gc::{HeapHooks, Tracer};
use std::sync::Mutex;

struct Hooks(Mutex<Option<&'static mut Tracer<'static>>>);

impl HeapHooks for Hooks {
    fn trace_globals(&self, tracer: &mut Tracer<'_>) {
        *self.0.lock().unwrap() = Some(tracer);
    }

    unsafe fn trace_thread(&self, _: *const (), _: &mut Tracer<'_>) {}
}
