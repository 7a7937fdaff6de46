//! Attach, detach, park and stop the world.
//!
//! A thread is attached (it may touch the heap) or stopped (detached for a blocking call, or
//! parked). The world is stopped when every thread but one, the stopper, is stopped; `handshake`
//! has the argument why neither side misses the other. Parked threads wait for `stopper` to become
//! empty.
//!
//! Invariants: `WorldState` changes under its mutex only. There is at most one stopper. Threads
//! join and leave the list only while there is none. The stopper alone touches the owner-only state
//! of other threads, and only between stop and resume. A thread that unwinds out of a stop or a
//! detached section resumes or re-enters on the way; a thread that dies otherwise while attached
//! would hang the world, so users end the process when an attached thread panics.

use crate::collector::Requests;
use crate::cycle::CycleState;
use crate::handshake::Handshake;
use crate::heap::Heap;
use crate::mutator::Mutator;
use crate::stack::with_spilled_registers;
use crate::sync::AtomicU32;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Bits of a thread's interrupt word.
pub mod interrupt {
    /// The world is stopping: park at the next safepoint.
    pub const STOP: u32 = crate::handshake::STOP;
    /// The collector wants some of the thread's time at its next safepoint.
    pub const COLLECTOR: u32 = 1 << 1;
    /// The bits that belong to the user.
    pub const USER: u32 = !(STOP | COLLECTOR);
}

/// What other threads may touch of a mutator's state.
#[repr(align(64))]
pub struct ThreadHandle {
    pub(crate) handshake: Handshake,
    /// Words that the thread's stores removed while marking. Whoever marks takes them, whatever the thread does.
    pub(crate) deletions: Mutex<Vec<u64>>,
}

impl ThreadHandle {
    pub(crate) fn new(bits: u32) -> ThreadHandle {
        ThreadHandle { handshake: Handshake::new(bits), deletions: Mutex::default() }
    }

    /// Sets the user's interrupt bits; the thread sees them at its next poll. Safe in a signal
    /// handler.
    pub fn interrupt(&self, bits: u32) {
        self.handshake.interrupt.fetch_or(bits & interrupt::USER, Ordering::SeqCst);
    }

    /// The interrupt word itself.
    #[inline(always)]
    pub(crate) fn interrupt_word(&self) -> &AtomicU32 {
        &self.handshake.interrupt
    }

    /// The interrupt word's bits.
    #[inline(always)]
    pub fn interrupts(&self) -> u32 {
        self.handshake.interrupt.load(Ordering::Relaxed)
    }
}

/// The stopper that is no mutator: the collector's thread.
const OUTSIDE: usize = 1;

/// A thread as the stopper sees it.
pub(crate) struct ThreadRecord {
    pub(crate) mutator: *const Mutator,
    pub(crate) handle: Arc<ThreadHandle>,
}

// SAFETY: the pointer is followed only by the stopper while the thread is stopped.
unsafe impl Send for ThreadRecord {}

#[derive(Default)]
pub(crate) struct WorldState {
    pub(crate) threads: Vec<ThreadRecord>,
    /// The address of the mutator that stops the world, `OUTSIDE`, or zero.
    stopper: usize,
}

impl WorldState {
    /// Makes `stopper` the one that stops the world and asks all others to stop.
    fn request_stop(&mut self, stopper: usize) {
        self.stopper = stopper;
        for record in self.threads.iter().filter(|record| record.mutator.addr() != stopper) {
            record.handle.handshake.request();
        }
    }
}

/// Who runs and who does not.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) state: Mutex<WorldState>,
    /// Signalled when a thread stopped.
    stopped: Condvar,
    /// Signalled when there is no stopper any more.
    resumed: Condvar,
}

impl World {
    /// Wakes the stopper. Taking the mutex makes sure that it is either waiting or will look again.
    fn wake_stopper(&self) {
        drop(self.state.lock().unwrap());
        self.stopped.notify_all();
    }

    fn wait_until_resumed(&self) -> MutexGuard<'_, WorldState> {
        let mut state = self.state.lock().unwrap();
        while state.stopper != 0 {
            state = self.resumed.wait(state).unwrap();
        }
        state
    }

    /// Adds a stopped thread to the list and says how many there are now. `prepare` is called while
    /// nobody can stop the world.
    pub(crate) fn join(&self, record: ThreadRecord, prepare: impl FnOnce()) -> usize {
        let mut state = self.wait_until_resumed();
        prepare();
        state.threads.push(record);
        state.threads.len()
    }

    /// Removes a running thread. A stopper that waits for it looks again.
    pub(crate) fn quit(&self, mutator: *const Mutator) {
        let mut state = self.state.lock().unwrap();
        state.threads.retain(|record| !std::ptr::eq(record.mutator, mutator));
        drop(state);
        self.stopped.notify_all();
    }

    /// Makes a stopped thread run.
    pub(crate) fn enter(&self, handshake: &Handshake) {
        while !handshake.try_enter() {
            self.wake_stopper();
            drop(self.wait_until_resumed());
        }
    }

    /// Makes a running thread count as stopped.
    pub(crate) fn leave(&self, handshake: &Handshake) {
        if handshake.leave() {
            self.wake_stopper();
        }
    }

    /// Asks all threads but `stopper` to stop and waits until they have.
    fn wait_until_stopped(&self, stopper: usize) {
        let mut state = self.state.lock().unwrap();
        let mut spins = 0;
        loop {
            let running =
                |record: &&ThreadRecord| record.mutator.addr() != stopper && !record.handle.handshake.is_stopped();
            if state.threads.iter().find(running).is_none() {
                return;
            }
            if spins < 40 {
                spins += 1;
                drop(state);
                (0..50).for_each(|_| std::hint::spin_loop());
                state = self.state.lock().unwrap();
            } else {
                state = self.stopped.wait(state).unwrap();
            }
        }
    }
}

/// Lets the world run again when dropped.
struct Resume<'heap> {
    heap: &'heap Heap,
    mutator: Option<&'heap Mutator>,
    since: Instant,
    processor_since: Duration,
}

impl Drop for Resume<'_> {
    fn drop(&mut self) {
        if let Some(mutator) = self.mutator {
            mutator.stop_depth.set(0);
        }
        let processor = crate::os::thread_time().saturating_sub(self.processor_since);
        self.heap.counters.record_pause(self.since.elapsed(), processor);
        let state = self.heap.world.state.lock().unwrap();
        resume(&self.heap.world, state);
    }
}

fn resume(world: &World, mut state: MutexGuard<'_, WorldState>) {
    for record in &state.threads {
        record.handle.handshake.withdraw();
    }
    state.stopper = 0;
    drop(state);
    world.resumed.notify_all();
}

/// Makes a thread run again when dropped.
struct Reenter<'mutator>(&'mutator Mutator);

impl Drop for Reenter<'_> {
    fn drop(&mut self) {
        self.0.heap().world.enter(&self.0.handle().handshake);
    }
}

/// Makes a thread count as stopped again when dropped.
struct Releave<'mutator> {
    mutator: &'mutator Mutator,
    stack_low: *const u8,
}

impl Drop for Releave<'_> {
    fn drop(&mut self) {
        self.mutator.stack_low.set(self.stack_low);
        self.mutator.heap().world.leave(&self.mutator.handle().handshake);
    }
}

impl Mutator {
    /// Runs `blocking` while this thread counts as stopped. `Send` keeps the mutator, guards and
    /// root lists out of it; cells must not be touched in it except through memory that the heap
    /// does not own.
    pub fn detached<R, F: FnOnce() -> R + Send>(&self, blocking: F) -> R {
        // SAFETY: the mutator and what borrows from it are not `Send`, so the closure does not
        // touch them.
        unsafe { self.detached_unchecked(blocking) }
    }

    /// As [`detached`](Self::detached), for closures that capture what is not `Send`.
    ///
    /// # Safety
    /// The closure touches neither the mutator nor any cell, except inside of
    /// [`reattached`](Self::reattached).
    pub unsafe fn detached_unchecked<R>(&self, blocking: impl FnOnce() -> R) -> R {
        debug_assert_eq!(self.stop_depth.get(), 0, "detached inside of stop_the_world");
        with_spilled_registers(|stack_low| {
            self.stack_low.set(stack_low);
            self.heap().world.leave(&self.handle().handshake);
            let reenter = Reenter(self);
            let result = blocking();
            drop(reenter);
            result
        })
    }

    /// Runs `attached` as an attached thread again, inside of a detached section.
    ///
    /// # Safety
    /// This thread is inside `detached_unchecked` of this mutator, and not inside a further
    /// `reattached` that is not itself detached.
    pub unsafe fn reattached<R>(&self, attached: impl FnOnce() -> R) -> R {
        let stack_low = self.stack_low.get();
        self.heap().world.enter(&self.handle().handshake);
        let releave = Releave { mutator: self, stack_low };
        let result = attached();
        drop(releave);
        result
    }

    /// Waits until nobody stops the world.
    #[cold]
    #[inline(never)]
    pub(crate) fn park(&self) {
        if self.stop_depth.get() != 0 {
            return;
        }
        with_spilled_registers(|stack_low| {
            self.stack_low.set(stack_low);
            let world = &self.heap().world;
            world.leave(&self.handle().handshake);
            drop(world.wait_until_resumed());
            world.enter(&self.handle().handshake);
        });
    }

    /// Runs `alone` while all other threads are parked or detached. May be nested, and may collect.
    pub fn stop_the_world<R>(&self, alone: impl FnOnce() -> R) -> R {
        if self.stop_depth.get() != 0 {
            return self.nested_stop(alone);
        }
        with_spilled_registers(|stack_low| {
            self.begin_stop();
            self.stack_low.set(stack_low);
            self.heap().alone(self.address(), Some(self), alone)
        })
    }

    /// As `stop_the_world` when this thread stops it already: only the frames since then are
    /// published.
    fn nested_stop<R>(&self, alone: impl FnOnce() -> R) -> R {
        with_spilled_registers(|stack_low| {
            let outer = self.stack_low.replace(stack_low);
            let result = alone();
            self.stack_low.set(outer);
            result
        })
    }

    /// Becomes the stopper and asks all others to stop.
    fn begin_stop(&self) {
        let world = &self.heap().world;
        loop {
            let mut state = world.state.lock().unwrap();
            if state.stopper == 0 {
                state.request_stop(self.address());
                break;
            }
            drop(state);
            self.park();
        }
        self.stop_depth.set(1);
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Stops the world for a `fork` of the process, with no lock of the heap held by anyone else.
    pub fn prepare_fork(&self) -> ForkPause<'_> {
        assert_eq!(self.stop_depth.get(), 0, "fork inside of stop_the_world");
        let heap = self.heap();
        with_spilled_registers(|stack_low| {
            self.begin_stop();
            self.stack_low.set(stack_low);
            heap.world.wait_until_stopped(self.address());
        });
        let cycle = heap.cycle.lock().unwrap();
        let sweeper = heap.sweeper.background.lock().unwrap();
        let requests = heap.collector.hold();
        let state = heap.world.state.lock().unwrap();
        ForkPause { mutator: self, held: Some(Held { cycle, _sweeper: sweeper, requests }), state: Some(state) }
    }
}

impl Heap {
    /// Runs `alone` while all threads are parked or detached, on a thread that is no mutator and holds no lock that
    /// a mutator or a stopper waits for.
    pub(crate) fn stop_from_outside<R>(&'static self, alone: impl FnOnce() -> R) -> R {
        self.world.wait_until_resumed().request_stop(OUTSIDE);
        self.alone(OUTSIDE, None, alone)
    }

    /// Waits until all but the stopper have stopped, runs `alone` and lets them run again.
    fn alone<R>(&'static self, stopper: usize, mutator: Option<&Mutator>, alone: impl FnOnce() -> R) -> R {
        let (since, processor_since) = (Instant::now(), crate::os::thread_time());
        self.world.wait_until_stopped(stopper);
        self.counters.record_time_to_safepoint(since.elapsed());
        let resume = Resume { heap: self, mutator, since, processor_since };
        let result = alone();
        drop(resume);
        result
    }
}

/// The world is stopped around a `fork`. Finish it with exactly one of the two methods; dropping it
/// resumes as in the parent.
#[must_use]
pub struct ForkPause<'mutator> {
    mutator: &'mutator Mutator,
    held: Option<Held<'mutator>>,
    state: Option<MutexGuard<'mutator, WorldState>>,
}

/// What the collector's thread must not be in the middle of.
struct Held<'heap> {
    cycle: MutexGuard<'heap, CycleState>,
    _sweeper: MutexGuard<'heap, ()>,
    requests: MutexGuard<'heap, Requests>,
}

impl ForkPause<'_> {
    /// Lets the world run again, in the parent (or if the fork failed).
    pub fn resume_in_parent(self) {}

    /// Makes the calling thread the only one, in the child.
    pub fn resume_in_child(mut self) {
        let heap = self.mutator.heap();
        heap.forget_workers();
        if let Some(mut state) = self.state.take() {
            let (own, gone): (_, Vec<ThreadRecord>) = std::mem::take(&mut state.threads)
                .into_iter()
                .partition(|record| std::ptr::eq(record.mutator, self.mutator));
            state.threads = own;
            for record in gone {
                // SAFETY: the thread does not exist in this process, and its mutator's memory is
                // never freed here.
                heap.take_over(unsafe { &*record.mutator });
                // The handle must not be touched by a destructor of the thread that is gone.
                std::mem::forget(record);
            }
        }
        // SAFETY: this is the only thread of the process, and it holds no cell's lock.
        unsafe { heap.parking.reset() };
        self.mutator.many_threads.set(false);
        heap.many_threads.store(false, Ordering::Relaxed);
        if let Some(Held { mut cycle, _sweeper: sweeper, mut requests }) = self.held.take() {
            requests.forget_thread();
            drop((sweeper, requests));
            heap.end_in_child(&mut cycle);
        }
        self.state = Some(heap.world.state.lock().unwrap());
    }
}

impl Drop for ForkPause<'_> {
    fn drop(&mut self) {
        drop(self.held.take());
        self.mutator.stop_depth.set(0);
        if let Some(state) = self.state.take() {
            resume(&self.mutator.heap().world, state);
        }
    }
}
