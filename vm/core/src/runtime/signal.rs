//! Signals: what the C handler notes, and what the main thread makes of it at its next poll.
//!
//! The C handler may run on any thread, at any instruction. It touches atomics only: the signal's flag, the main
//! thread's interrupt word, and the wake-up descriptor. Python's handlers are values in [`SignalTable`], called on the
//! main thread at a bytecode poll.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};

use countless_gc::{ThreadHandle, Tracer};

use super::context::Cx;
use super::error::PyResult;
use super::interrupt;
use crate::object::cell::Field;
use crate::object::value::Value;

/// Signal numbers are below this.
pub const SIGNALS: usize = 65;

static MAIN_IDENT: AtomicU64 = AtomicU64::new(0);
static MAIN_HANDLE: AtomicPtr<ThreadHandle> = AtomicPtr::new(std::ptr::null_mut());
static ARRIVED: [AtomicBool; SIGNALS] = [const { AtomicBool::new(false) }; SIGNALS];
static ANY_ARRIVED: AtomicBool = AtomicBool::new(false);

/// Where the C handler writes the number of each signal; -1 for nowhere.
static WAKEUP_FD: AtomicI32 = AtomicI32::new(-1);
/// Whether a full pipe is worth a warning.
static WARN_ON_FULL: AtomicBool = AtomicBool::new(true);
/// The error of the last failed write, for the main thread to report; 0 for none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);

/// Python's handlers by signal number: callables, or the numbers of `SIG_DFL` and `SIG_IGN`; empty if a signal is handled
/// by what is not Python.
pub struct SignalTable {
    handlers: [Field; SIGNALS],
}

impl SignalTable {
    /// No handler.
    pub const fn new() -> SignalTable {
        SignalTable { handlers: [const { Field::empty() }; SIGNALS] }
    }

    /// The handler of a signal.
    pub fn get(&self, number: usize) -> Option<Value> {
        self.handlers.get(number)?.get()
    }

    /// Stores the handler of a signal and returns the former one.
    pub fn replace(&self, cx: &Cx, number: usize, handler: Option<Value>) -> Option<Value> {
        self.handlers.get(number)?.replace(cx, handler)
    }

    /// Reports the handlers.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        self.handlers.iter().for_each(|handler| handler.trace(tracer));
    }
}

impl Default for SignalTable {
    fn default() -> SignalTable {
        SignalTable::new()
    }
}

/// Makes the calling thread the main one: at start-up, and in the child of a fork.
pub fn set_main_thread(cx: &Cx) {
    // The handle is given away for good: the C handler may use it at any time.
    let handle = Arc::into_raw(Arc::clone(cx.mutator().handle())).cast_mut();
    MAIN_HANDLE.store(handle, Ordering::SeqCst);
    MAIN_IDENT.store(super::thread::current_ident(), Ordering::SeqCst);
    let _ = interrupt::HANDLERS.signal.set(run_handlers);
}

/// The main thread's identity.
pub fn main_ident() -> u64 {
    MAIN_IDENT.load(Ordering::Relaxed)
}

/// Notes that a signal arrived. Safe in a C signal handler.
pub fn note(number: usize) {
    let Some(flag) = ARRIVED.get(number) else { return };
    flag.store(true, Ordering::SeqCst);
    ANY_ARRIVED.store(true, Ordering::SeqCst);
    // SAFETY: handles are never freed once stored here.
    if let Some(handle) = unsafe { MAIN_HANDLE.load(Ordering::SeqCst).as_ref() } {
        handle.interrupt(interrupt::SIGNAL);
    }
    write_wakeup(number);
}

fn write_wakeup(number: usize) {
    let fd = WAKEUP_FD.load(Ordering::SeqCst);
    if fd < 0 {
        return;
    }
    let byte = number as u8;
    loop {
        // SAFETY: one byte from a local.
        let written = unsafe { libc::write(fd, (&raw const byte).cast(), 1) };
        if written >= 0 {
            return;
        }
        // SAFETY: the C library's error number belongs to the calling thread.
        match unsafe { *libc::__errno_location() } {
            libc::EINTR => {}
            libc::EAGAIN if !WARN_ON_FULL.load(Ordering::Relaxed) => return,
            error => {
                WAKEUP_ERROR.store(error, Ordering::SeqCst);
                return;
            }
        }
    }
}

/// The C signal handler that stands for all Python handlers.
pub extern "C" fn c_handler(number: libc::c_int) {
    // SAFETY: the C library's error number belongs to the calling thread; the interrupted code must not see it change.
    unsafe {
        let place = libc::__errno_location();
        let before = *place;
        note(number as usize);
        *place = before;
    }
}

/// Sets the wake-up descriptor, and returns the former one.
pub fn set_wakeup_fd(fd: i32, warn_on_full: bool) -> i32 {
    WARN_ON_FULL.store(warn_on_full, Ordering::SeqCst);
    WAKEUP_FD.swap(fd, Ordering::SeqCst)
}

/// Forgets what arrived: in the child of a fork, where it was meant for the parent.
pub fn forget_arrived() {
    ANY_ARRIVED.store(false, Ordering::SeqCst);
    ARRIVED.iter().for_each(|flag| flag.store(false, Ordering::SeqCst));
}

/// Runs the Python handlers of the signals that arrived. Does nothing on other threads than the main one.
fn run_handlers(cx: &Cx) -> PyResult<()> {
    if !cx.is_main_thread() {
        // SAFETY: handles are never freed once stored here.
        if let Some(handle) = unsafe { MAIN_HANDLE.load(Ordering::SeqCst).as_ref() } {
            handle.interrupt(interrupt::SIGNAL);
        }
        return Ok(());
    }
    let error = WAKEUP_ERROR.swap(0, Ordering::SeqCst);
    if error != 0 {
        let raised = crate::types::exception::raise_os_error(cx, error, None, None);
        let exception = cx.take_exception(raised);
        cx.write_unraisable(
            exception,
            Some("Exception ignored when trying to write to the signal wakeup fd"),
            Value::NONE,
        );
    }
    if !ANY_ARRIVED.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    for number in 1..SIGNALS {
        if !ARRIVED[number].swap(false, Ordering::SeqCst) {
            continue;
        }
        let Some(handler) = cx.vm().signals.get(number).filter(|handler| !handler.is_none() && !handler.is_small_int())
        else {
            continue;
        };
        let frame = match cx.stack_frames().next() {
            Some(frame) => crate::types::frame::frame_object(cx, frame).value(),
            None => Value::NONE,
        };
        if let Err(raised) = cx.call(handler, &[Value::int(number as i64), frame]) {
            // Others may be waiting.
            ANY_ARRIVED.store(true, Ordering::SeqCst);
            cx.mutator().handle().interrupt(interrupt::SIGNAL);
            return Err(raised);
        }
    }
    Ok(())
}
