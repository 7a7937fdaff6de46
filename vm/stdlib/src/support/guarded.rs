//! State of a cell that lives outside the heap and is used by one thread at a time, also across calls into Python.
//!
//! The lock knows its holder, so that code which the holder itself calls (a signal handler, a file written in Python)
//! gets an error instead of waiting for ever. Waiting is detached.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::runtime::thread::current_ident;

use super::futex::RawLock;
use super::system::monotonic;

/// How long the end of the process waits for what a thread holds that will never run again, in nanoseconds.
const PATIENCE_AT_EXIT: i64 = 1_000_000_000;

/// State behind a lock. All zero is a free lock with no state.
pub struct Guarded<T> {
    lock: RawLock,
    /// The holder's identity; 0 for none.
    holder: AtomicU64,
    state: UnsafeCell<Option<Box<T>>>,
}

// SAFETY: the state is reached through the lock's holder only.
unsafe impl<T: Send> Sync for Guarded<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Guarded<T> {}

impl<T> Guarded<T> {
    /// State that nobody holds.
    pub fn new(state: T) -> Guarded<T> {
        Guarded { lock: RawLock::new(), holder: AtomicU64::new(0), state: UnsafeCell::new(Some(Box::new(state))) }
    }

    /// Holds the state. `reentered` makes the error for the holder itself, `missing` the one for a cell without state.
    pub fn enter<'a>(
        &'a self,
        cx: &Cx,
        reentered: impl FnOnce() -> Raised,
        missing: impl FnOnce() -> Raised,
    ) -> PyResult<Guard<'a, T>> {
        let own = current_ident();
        if !self.lock.try_acquire() {
            if self.holder.load(Ordering::Relaxed) == own {
                return Err(reentered());
            }
            let ending = cx.vm().finalizing.load(Ordering::Relaxed);
            let deadline = ending.then(|| monotonic().saturating_add(PATIENCE_AT_EXIT));
            if !self.lock.acquire(cx, deadline)? {
                return Err(cx.runtime_error("a stopped daemon thread holds the file"));
            }
        }
        self.holder.store(own, Ordering::Relaxed);
        let guard = Guard(self);
        // SAFETY: this thread holds the lock.
        match unsafe { (*self.state.get()).is_some() } {
            true => Ok(guard),
            false => Err(missing()),
        }
    }
}

/// The state is held until this is dropped.
pub struct Guard<'a, T>(&'a Guarded<T>);

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this thread holds the lock, and `enter` saw the state.
        unsafe { (*self.0.state.get()).as_deref().unwrap_unchecked() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; the guard is borrowed exclusively.
        unsafe { (*self.0.state.get()).as_deref_mut().unwrap_unchecked() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.0.holder.store(0, Ordering::Relaxed);
        self.0.lock.release();
    }
}
