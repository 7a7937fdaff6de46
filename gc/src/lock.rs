//! The object lock: one byte of the header.

use crate::header::Header;
use crate::mutator::Mutator;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

/// The lock of a cell is held until this is dropped. While one is held: no allocation, no poll, no detach, no call into user code.
#[must_use]
pub struct LockGuard<'cell> {
    held: Option<&'cell Header>,
    not_send: PhantomData<*const ()>,
}

/// Locks a cell.
#[inline]
pub fn lock<'cell>(mutator: &Mutator, cell: &'cell Header) -> LockGuard<'cell> {
    let _ = mutator;
    while cell
        .lock
        .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
        .is_err()
    {
        std::thread::yield_now();
    }
    LockGuard {
        held: Some(cell),
        not_send: PhantomData,
    }
}

/// Locks two cells, which may be the same, in the order of their addresses.
#[inline]
pub fn lock_two<'cell>(
    mutator: &Mutator,
    first: &'cell Header,
    second: &'cell Header,
) -> (LockGuard<'cell>, LockGuard<'cell>) {
    if std::ptr::eq(first, second) {
        return (
            lock(mutator, first),
            LockGuard {
                held: None,
                not_send: PhantomData,
            },
        );
    }
    if (first as *const Header as usize) < second as *const Header as usize {
        let guard = lock(mutator, first);
        (guard, lock(mutator, second))
    } else {
        let guard = lock(mutator, second);
        (lock(mutator, first), guard)
    }
}

impl Drop for LockGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(cell) = self.held {
            cell.lock.store(0, Ordering::Release);
        }
    }
}
