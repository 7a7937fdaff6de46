//! The object lock: one byte of the header, and a table of places to wait in.
//!
//! The byte is 0 (free), 1 (held) or 2 (held, and somebody may be waiting). Critical sections are
//! short: while a lock is held there is no allocation, no safepoint, no detaching and no call into
//! user code. So nobody holds a lock while the world is stopped, and the table can be made anew in
//! the child of a fork. Taking a lock may wait, which is a safepoint: whoever waits is detached,
//! and takes the byte only once attached again. Nobody waits for one lock while holding another.
//!
//! While the process has only ever had one mutator thread, taking a lock does nothing. That ends
//! inside a stop of the world, where nobody is inside a critical section.

use crate::header::Header;
use crate::mutator::Mutator;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex};

const FREE: u8 = 0;
const HELD: u8 = 1;
const AWAITED: u8 = 2;

const BUCKETS: usize = 64;
const SPINS: usize = 100;

#[derive(Default)]
struct Bucket {
    mutex: Mutex<()>,
    released: Condvar,
}

/// Where threads wait for locks.
pub(crate) struct ParkingTable {
    buckets: UnsafeCell<Vec<Bucket>>,
}

// SAFETY: the vector is only replaced by `reset`, whose caller is the only thread.
unsafe impl Sync for ParkingTable {}

fn new_buckets() -> Vec<Bucket> {
    (0..BUCKETS).map(|_| Bucket::default()).collect()
}

impl ParkingTable {
    pub(crate) fn new() -> ParkingTable {
        ParkingTable { buckets: UnsafeCell::new(new_buckets()) }
    }

    /// Forgets all waiters.
    ///
    /// # Safety
    /// The calling thread is the only one of the process, and holds no lock.
    pub(crate) unsafe fn reset(&self) {
        // SAFETY: no other thread exists. The old buckets may be locked by threads that are gone,
        // so they are not dropped.
        unsafe { std::mem::forget(std::mem::replace(&mut *self.buckets.get(), new_buckets())) };
    }

    fn bucket(&self, cell: *const Header) -> &Bucket {
        // SAFETY: see the type's `Sync`.
        let buckets = unsafe { &*self.buckets.get() };
        &buckets[(cell.addr() >> 4).wrapping_mul(0x9e37_79b9) >> 8 & (BUCKETS - 1)]
    }

    /// Waits until the lock was released at least once, or is free.
    fn wait(&self, cell: &Header) {
        let bucket = self.bucket(cell);
        let guard = bucket.mutex.lock().unwrap();
        loop {
            match cell.lock.load(Ordering::Relaxed) {
                FREE => return,
                AWAITED => break,
                _ => {
                    let exchanged = cell.lock.compare_exchange(HELD, AWAITED, Ordering::Relaxed, Ordering::Relaxed);
                    if exchanged.is_ok() {
                        break;
                    }
                }
            }
        }
        // A wake-up without cause is harmless: the caller tries again.
        drop(bucket.released.wait(guard).unwrap());
    }

    #[cold]
    fn wake(&self, cell: &Header) {
        let bucket = self.bucket(cell);
        drop(bucket.mutex.lock().unwrap());
        bucket.released.notify_all();
    }
}

/// The lock of a cell is held until this is dropped. While one is held: no allocation, no poll, no
/// detach, no call into user code.
#[must_use]
pub struct LockGuard<'cell> {
    /// Nothing if locks are skipped.
    held: Option<(&'cell Header, &'cell ParkingTable)>,
    not_send: PhantomData<*const ()>,
}

impl LockGuard<'_> {
    const SKIPPED: LockGuard<'static> = LockGuard { held: None, not_send: PhantomData };
}

impl Drop for LockGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some((cell, table)) = self.held
            && cell.lock.swap(FREE, Ordering::Release) == AWAITED
        {
            table.wake(cell);
        }
    }
}

#[inline(always)]
fn try_take(cell: &Header) -> bool {
    cell.lock.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
}

fn guard<'cell>(mutator: &Mutator, cell: &'cell Header) -> LockGuard<'cell> {
    LockGuard { held: Some((cell, &mutator.heap().parking)), not_send: PhantomData }
}

/// Locks a cell. A safepoint, if another thread holds the lock.
#[inline]
pub fn lock<'cell>(mutator: &Mutator, cell: &'cell Header) -> LockGuard<'cell> {
    if !mutator.many_threads.get() {
        return LockGuard::SKIPPED;
    }
    if !try_take(cell) {
        take_contended(mutator, cell);
    }
    guard(mutator, cell)
}

/// Locks two cells, which may be the same, in the order of their addresses. A safepoint, if another
/// thread holds one of the locks.
#[inline]
pub fn lock_two<'cell>(
    mutator: &Mutator,
    one: &'cell Header,
    other: &'cell Header,
) -> (LockGuard<'cell>, LockGuard<'cell>) {
    if std::ptr::eq(one, other) || !mutator.many_threads.get() {
        return (lock(mutator, one), LockGuard::SKIPPED);
    }
    let ordered = std::ptr::from_ref(one).addr() < std::ptr::from_ref(other).addr();
    let (first, second) = if ordered { (one, other) } else { (other, one) };
    loop {
        let first_guard = lock(mutator, first);
        if (0..SPINS).any(|_| {
            try_take(second) || {
                std::hint::spin_loop();
                false
            }
        }) {
            return (first_guard, guard(mutator, second));
        }
        drop(first_guard);
        wait_detached(mutator, second);
    }
}

#[cold]
#[inline(never)]
fn take_contended(mutator: &Mutator, cell: &Header) {
    loop {
        for _ in 0..SPINS {
            if cell.lock.load(Ordering::Relaxed) == FREE && try_take(cell) {
                return;
            }
            std::hint::spin_loop();
        }
        wait_detached(mutator, cell);
    }
}

fn wait_detached(mutator: &Mutator, cell: &Header) {
    let table = &mutator.heap().parking;
    mutator.detached(|| table.wait(cell));
}
