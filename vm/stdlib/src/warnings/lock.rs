//! The lock of the warnings' state: it belongs to a thread, which may take it several times.
//!
//! It is held while filters run Python code. Whoever waits for it is detached.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::system::thread_ident;

use crate::support::futex;

/// 0: free; 1: held; 2: held, and somebody may be waiting.
static WORD: AtomicU32 = AtomicU32::new(0);
/// The thread that holds it.
static OWNER: AtomicI64 = AtomicI64::new(0);
/// How often the owner has taken it. Only the owner touches it.
static DEPTH: AtomicU32 = AtomicU32::new(0);

/// Whether the calling thread holds the lock.
pub fn is_mine() -> bool {
    WORD.load(Ordering::Acquire) != 0 && OWNER.load(Ordering::Relaxed) == thread_ident()
}

/// Takes the lock.
pub fn acquire(cx: &Cx) {
    if is_mine() {
        DEPTH.fetch_add(1, Ordering::Relaxed);
        return;
    }
    if WORD.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
        cx.mutator().detached(|| {
            while WORD.swap(2, Ordering::Acquire) != 0 {
                futex::wait(&WORD, 2, None);
            }
        });
    }
    OWNER.store(thread_ident(), Ordering::Relaxed);
    DEPTH.store(1, Ordering::Relaxed);
}

/// Gives the lock back. False if the thread does not hold it.
pub fn release() -> bool {
    if !is_mine() {
        return false;
    }
    if DEPTH.fetch_sub(1, Ordering::Relaxed) == 1 {
        OWNER.store(0, Ordering::Relaxed);
        if WORD.swap(0, Ordering::Release) == 2 {
            futex::wake(&WORD, 1);
        }
    }
    true
}

/// Runs `body` with the lock held.
pub fn holding<R>(cx: &Cx, body: impl FnOnce() -> PyResult<R>) -> PyResult<R> {
    acquire(cx);
    let result = body();
    release();
    result
}
