//! Python's stack for the report of a bug in the VM.
//!
//! A panic has no context at hand, so each thread notes its own here. Nothing else may use it: everything in the VM is
//! given its context.

use std::cell::Cell;
use std::io::{self, Write};

use super::context::Cx;

thread_local! {
    static CONTEXT: Cell<*const Cx> = const { Cell::new(std::ptr::null()) };
}

/// Notes the thread's context.
pub(super) fn note_context(cx: &Cx) {
    CONTEXT.set(cx);
}

/// Forgets it: the context is going away.
pub(super) fn forget_context() {
    let _ = CONTEXT.try_with(|context| context.set(std::ptr::null()));
}

/// Writes the Python stack of the calling thread, innermost frame first.
pub fn write_stack(out: &mut dyn Write) -> io::Result<()> {
    // Whatever is wrong may be met again on the way: once is enough.
    let context = CONTEXT.try_with(|context| context.replace(std::ptr::null())).unwrap_or(std::ptr::null());
    // SAFETY: the context forgets itself when it is dropped, and belongs to this thread, which is here.
    let Some(cx) = (unsafe { context.as_ref() }) else { return Ok(()) };
    writeln!(out, "Python stack (most recent call first):")?;
    for frame in cx.stack_frames().take(100) {
        let code = frame.code();
        let line = code.line_at(frame.index()).map_or("?".to_owned(), |line| line.to_string());
        let (file, name) = (code.filename(), code.qualified_name());
        let (file, name) = (file.as_wtf8(), name.as_wtf8());
        writeln!(out, "  File \"{file}\", line {line} in {name}")?;
    }
    Ok(())
}

/// Ends the process some time later, by SIGABRT, whatever this thread waits for then: a report may meet what made the VM panic (no
/// memory, a lock held).
pub fn abort_after(seconds: u32) {
    extern "C" fn abort(_signal: libc::c_int) {
        std::process::abort();
    }
    let handler: extern "C" fn(libc::c_int) = abort;
    // SAFETY: aborting is allowed in a signal handler.
    unsafe {
        libc::signal(libc::SIGALRM, handler as libc::sighandler_t);
        libc::alarm(seconds);
    }
}
