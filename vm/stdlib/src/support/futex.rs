//! Waiting for a word of memory to change, by the system's futexes. They hold no state, so `fork` leaves them whole.

use std::sync::atomic::{AtomicU32, Ordering};

use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

use super::system::errno;

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Somebody woke the thread, or the word had changed already.
    Woken,
    /// The deadline has passed.
    TimedOut,
    /// A signal arrived.
    Interrupted,
}

/// Waits while the word is `expected`, until the deadline (nanoseconds of the monotonic clock) if there is one.
pub fn wait(word: &AtomicU32, expected: u32, deadline: Option<i64>) -> Wait {
    let limit = deadline.map(super::system::timespec);
    let limit = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the word is readable while borrowed; the time is null or a local.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG,
            expected,
            limit,
            std::ptr::null::<u32>(),
            libc::FUTEX_BITSET_MATCH_ANY,
        )
    };
    match answer {
        0.. => Wait::Woken,
        _ => match errno() {
            libc::ETIMEDOUT => Wait::TimedOut,
            libc::EINTR => Wait::Interrupted,
            _ => Wait::Woken,
        },
    }
}

/// Wakes up to `count` waiters.
pub fn wake(word: &AtomicU32, count: i32) {
    // SAFETY: the word is only used as an address.
    unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, count) };
}

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody may be waiting.
const AWAITED: u32 = 2;
/// How often a lock is looked at before the thread goes to sleep.
const SPINS: usize = 100;

/// A lock that any thread may release, for the inside of cells. Waiting is detached and runs signal handlers.
///
/// The word lies in a heap cell, but is no traced one, and the waiting thread's stack keeps the cell alive.
#[derive(Debug, Default)]
pub struct RawLock(AtomicU32);

impl RawLock {
    /// A free lock.
    pub const fn new() -> RawLock {
        RawLock(AtomicU32::new(FREE))
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_acquire(&self) -> bool {
        self.0.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Whether somebody holds it.
    pub fn is_held(&self) -> bool {
        self.0.load(Ordering::Relaxed) != FREE
    }

    /// Takes the lock, waiting until the deadline if there is one; false if that passed.
    pub fn acquire(&self, cx: &Cx, deadline: Option<i64>) -> PyResult<bool> {
        if self.try_acquire() {
            return Ok(true);
        }
        self.acquire_slow(cx, deadline)
    }

    #[cold]
    fn acquire_slow(&self, cx: &Cx, deadline: Option<i64>) -> PyResult<bool> {
        for _ in 0..SPINS {
            std::hint::spin_loop();
            if self.0.load(Ordering::Relaxed) == FREE && self.try_acquire() {
                return Ok(true);
            }
        }
        while self.0.swap(AWAITED, Ordering::Acquire) != FREE {
            match cx.mutator().detached(|| wait(&self.0, AWAITED, deadline)) {
                Wait::TimedOut => return Ok(self.0.swap(AWAITED, Ordering::Acquire) == FREE),
                Wait::Woken | Wait::Interrupted => cx.poll()?,
            }
        }
        Ok(true)
    }

    /// Frees the lock; false if it was free.
    #[inline]
    pub fn release(&self) -> bool {
        match self.0.swap(FREE, Ordering::Release) {
            FREE => false,
            HELD => true,
            _ => {
                wake(&self.0, 1);
                true
            }
        }
    }

    /// Frees the lock without waking anybody: in the child of a fork.
    pub fn reset(&self) {
        self.0.store(FREE, Ordering::SeqCst);
    }
}
