//! The collection cycle: begin (roots), mark, clear, end.
//!
//! A cycle has three short stops of the world: it begins, marking ends, it ends. Between the first two the
//! collector's thread marks beside the program (`collector`), between the last two it clears what is weak
//! (`clear`), and threads that allocate faster than it gets on help with both. The barrier is live while
//! marking, and new cells are born black until the end. A collection that somebody asked for is one stop from
//! beginning to end, marked by several threads. Under `Zeal::Incremental` there is no collector's thread: any
//! thread does a few steps per poll.

use crate::clear::Clearing;
use crate::header::{Header, TypeId};
use crate::heap::Heap;
use crate::mutator::{Mutator, barrier};
use crate::pacer::SLICE_STEPS;
use crate::safepoint::interrupt;
use crate::stats::{add, get};
use crate::trace::{MarkStack, Tracer};
use crate::word::word_of;
use std::collections::BTreeMap;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;

/// Polls between the end of one incremental cycle and the beginning of the next.
const IDLE_STEPS: u32 = 16;
/// How long a thread waits that is far ahead of the marking.
const STALL: std::time::Duration = std::time::Duration::from_micros(100);
/// Steps of marking in the pause that ends it; if more is left, the program goes on first.
const LAST_STEPS: usize = if cfg!(any(test, feature = "stress")) { 8 } else { 1024 };
/// How often the end may be put off.
const MOST_POSTPONED: u32 = 32;

/// The cycle between two pauses.
#[derive(Default)]
pub(crate) struct CycleState {
    under_way: Option<Cycle>,
    /// What the next cycle marks with.
    stack: MarkStack,
    /// Steps since the last incremental cycle ended.
    idle_steps: u32,
}

/// A cycle that has begun.
pub(crate) struct Cycle {
    tracer: Tracer<'static>,
    /// What the roots referred to, for the verifier.
    roots: Vec<u64>,
    /// How much at the ends of the queues of finalizable cells and of notifications is reported.
    queues_reported: [usize; 2],
    /// Bytes allocated when the cycle began.
    allocated_before: u64,
    /// How often a pause found too much left to end marking.
    postponed: u32,
    /// There once marking has ended.
    clearing: Option<Clearing>,
}

/// What a slice of work left of a cycle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Progress {
    NoCycle,
    /// There is more to do.
    More,
    /// What is next is a stop of the world: `next_phase`.
    StopDue,
}

impl Mutator {
    /// A full cycle: what is unreachable now is gone (or queued for finalization) when this
    /// returns.
    pub fn collect(&self) {
        self.cycle(true, &|| true);
    }

    /// A full cycle that does not scan the native frames since the innermost [`with_floor`](Self::with_floor). Where there
    /// is none, all are scanned.
    ///
    /// # Safety
    /// Those frames hold no cell that is used later and is not reachable from other roots.
    pub unsafe fn collect_above_floor(&self) {
        self.scan_from.set(self.floor.get());
        self.collect();
        self.scan_from.set(std::ptr::null());
    }

    /// A full cycle without the scan of native stacks, for tests.
    ///
    /// # Safety
    /// No native frame of any thread holds a cell that is used later and is not reachable from
    /// precise roots.
    pub unsafe fn collect_without_stacks(&self) {
        self.cycle(false, &|| true);
    }

    /// Begins a cycle, or helps with the one under way, as the pacer says.
    #[inline]
    pub(crate) fn collect_if_due(&self) {
        let heap = self.heap();
        if heap.config.automatic && heap.config.zeal.is_paced() && self.stop_depth.get() == 0 {
            if self.barrier_is_active() {
                self.assist();
            } else if heap.pacer.is_due() {
                self.begin_when_due();
            }
        }
    }

    #[cold]
    fn begin_when_due(&self) {
        let heap = self.heap();
        if !heap.config.concurrent {
            return self.cycle(true, &|| heap.pacer.is_due());
        }
        if heap.sweep_is_pending() && !heap.pacer.is_over_goal() {
            // A cycle begins when the last is swept: the collector's thread is at it, and who allocates sweeps.
            heap.wake_collector();
            return;
        }
        self.begin_concurrent(&|| heap.pacer.is_due());
        if !heap.wake_collector() {
            // There is no thread: the cycle becomes one stop.
            self.cycle(true, &|| false);
        }
    }

    /// Marks for the bytes that this thread is about to allocate, if marking is behind.
    #[cold]
    fn assist(&self) {
        let heap = self.heap();
        let steps = heap.pacer.assist_steps();
        if steps == 0 {
            return;
        }
        let began = std::time::Instant::now();
        match heap.try_slice(steps) {
            Some(Progress::StopDue) => {
                heap.wake_collector();
            }
            Some(_) => {}
            // Somebody else marks. Whoever is far ahead of the marking waits, stopped, until that had a turn.
            None if heap.pacer.is_over_goal() => self.detached(|| std::thread::sleep(STALL)),
            None => {}
        }
        add(&heap.counters.assist_ns, began.elapsed().as_nanos() as usize);
    }

    #[cold]
    fn cycle(&self, scan_stacks: bool, wanted: &dyn Fn() -> bool) {
        let heap = self.heap();
        heap.quiesce_sweep();
        self.stop_the_world(|| {
            let mut state = heap.cycle.lock().unwrap();
            heap.end_cycle_under_way(&mut state);
            if wanted() {
                heap.quiesce_sweep();
                heap.begin_cycle(&mut state, scan_stacks, barrier::NONE);
                heap.end_cycle_under_way(&mut state);
            }
        });
        self.after_cycle();
    }

    /// Does all that is left of clearing, if it is under way, and ends the cycle. For those who are about to read a table
    /// whose weak references lead to what may change: until the next safepoint, `keep_alive` keeps what they find.
    pub fn finish_clearing(&self) {
        let heap = self.heap();
        while self.is_clearing() {
            if self.stop_depth.get() != 0 {
                heap.end_cycle_under_way(&mut heap.cycle.lock().unwrap());
                return;
            }
            match heap.try_slice(SLICE_STEPS) {
                Some(Progress::StopDue) => {
                    self.stop_the_world(|| heap.next_phase());
                    self.after_cycle();
                }
                Some(_) => {
                    if self.poll_requested() & interrupt::STOP != 0 {
                        self.park();
                    }
                }
                None => self.detached(|| std::thread::sleep(STALL)),
            }
        }
    }

    /// Has everything swept soon.
    fn after_cycle(&self) {
        let heap = self.heap();
        if !heap.has_collector() || self.stop_depth.get() != 0 || !heap.wake_collector() {
            heap.finish_sweep();
        }
    }

    /// Does `budget` steps of an incremental cycle; begins and ends cycles as needed.
    pub(crate) fn incremental_step(&self, budget: usize) {
        let heap = self.heap();
        if self.stop_depth.get() != 0 {
            return;
        }
        let Ok(mut state) = heap.cycle.try_lock() else {
            return;
        };
        let progress = heap.advance(&mut state, budget);
        if progress == Progress::NoCycle {
            state.idle_steps += 1;
        }
        let begin = state.idle_steps >= IDLE_STEPS;
        drop(state);
        match progress {
            Progress::NoCycle if begin => self.begin_concurrent(&|| true),
            Progress::StopDue => {
                self.stop_the_world(|| heap.next_phase());
                if !self.barrier_is_active() {
                    self.after_cycle();
                }
            }
            _ => {}
        }
    }

    /// The pause that begins a cycle, unless one is under way or `wanted` says that it is not wanted any more.
    fn begin_concurrent(&self, wanted: &dyn Fn() -> bool) {
        let heap = self.heap();
        heap.quiesce_sweep();
        self.stop_the_world(|| {
            let mut state = heap.cycle.lock().unwrap();
            if state.under_way.is_none() && wanted() {
                heap.quiesce_sweep();
                state.idle_steps = 0;
                heap.begin_cycle(&mut state, true, barrier::MARKING);
            }
        });
    }

    /// Calls `visit` with every allocated cell, with the world stopped: all that were alive at the
    /// last cycle, or allocated since. It must neither allocate nor collect. A cycle under way is ended first: it
    /// would not know of a dead cell that somebody holds again.
    pub fn for_each_cell(&self, visit: &mut dyn FnMut(NonNull<Header>)) {
        let heap = self.heap();
        self.stop_the_world(|| {
            heap.end_cycle_under_way(&mut heap.cycle.lock().unwrap());
            heap.quiesce_sweep();
            let mut allocated = |address: usize, _size: usize| {
                let cell = std::ptr::with_exposed_provenance_mut::<Header>(address);
                // SAFETY: claimed memory begins with a header, whose type is zero until the cell is
                // allocated.
                let type_id = unsafe { (*cell).type_id() };
                if let Some(cell) = NonNull::new(cell)
                    && type_id != TypeId::FREE
                {
                    visit(cell);
                }
            };
            heap.blocks.for_each_live(&mut allocated);
            heap.large.for_each(&mut allocated);
        });
    }

    /// Calls `visit` with the number and the bytes of the allocated cells of each type, in the
    /// order of type ids.
    pub fn census(&self, visit: &mut dyn FnMut(TypeId, usize, usize)) {
        let mut types = BTreeMap::<TypeId, (usize, usize)>::new();
        self.for_each_cell(&mut |cell| {
            // SAFETY: the cell is allocated and the world is stopped.
            let (type_id, size) = unsafe { (cell.as_ref().type_id(), self.cell_size(cell)) };
            let row = types.entry(type_id).or_default();
            row.0 += 1;
            row.1 += size;
        });
        for (type_id, (count, bytes)) in types {
            visit(type_id, count, bytes);
        }
    }
}

impl Heap {
    /// The mutators of all threads. The world is stopped.
    pub(crate) fn stopped_threads(&self) -> Vec<*const Mutator> {
        self.world.state.lock().unwrap().threads.iter().map(|record| record.mutator).collect()
    }

    /// Does some more of the cycle under way, beside the program.
    pub(crate) fn slice(&'static self, steps: usize) -> Progress {
        self.advance(&mut self.cycle.lock().unwrap(), steps)
    }

    /// As `slice`, or `None` if somebody else is at it.
    fn try_slice(&'static self, steps: usize) -> Option<Progress> {
        Some(self.advance(&mut *self.cycle.try_lock().ok()?, steps))
    }

    fn advance(&'static self, state: &mut CycleState, steps: usize) -> Progress {
        let Some(cycle) = &mut state.under_way else { return Progress::NoCycle };
        let done = match &mut cycle.clearing {
            Some(clearing) => clearing.advance(self, &mut cycle.tracer, steps),
            None => {
                let done = self.drain(cycle, steps);
                self.pacer.marked_so_far(cycle.tracer.marked_cells);
                done
            }
        };
        if done { Progress::StopDue } else { Progress::More }
    }

    /// Marks what threads have recorded and what waits, up to `steps`. True if nothing is left; threads that run may be
    /// about to record more.
    fn drain(&self, cycle: &mut Cycle, steps: usize) -> bool {
        let more = self.report_deletions(&mut cycle.tracer, steps);
        if !cycle.tracer.drain(steps) || more {
            return false;
        }
        self.report_queues(&mut cycle.tracer, &mut cycle.queues_reported, steps) && cycle.tracer.is_drained()
    }

    /// Reports what the store barriers recorded, at most `count` words. True if there are more.
    fn report_deletions(&self, tracer: &mut Tracer<'_>, count: usize) -> bool {
        let mut waiting = self.deletions.lock().unwrap();
        for handle in self.thread_handles() {
            let mut recorded = handle.deletions.lock().unwrap();
            if waiting.is_empty() {
                std::mem::swap(&mut *waiting, &mut *recorded)
            } else {
                waiting.append(&mut recorded)
            }
        }
        let left = waiting.len().saturating_sub(count);
        waiting.drain(left..).for_each(|word| tracer.word(word));
        left > 0
    }

    /// Ends marking, or the cycle, whichever is due. Marking goes on beside the program if much is left. The world is
    /// stopped.
    pub(crate) fn next_phase(&'static self) {
        let mut state = self.cycle.lock().unwrap();
        let Some(cycle) = &mut state.under_way else { return };
        if cycle.clearing.is_some() {
            return self.end_cycle_under_way(&mut state);
        }
        cycle.postponed += 1;
        if !self.drain(cycle, LAST_STEPS) && cycle.postponed <= MOST_POSTPONED {
            return;
        }
        self.end_marking(cycle);
        self.set_barriers(barrier::CLEARING);
    }

    /// Marks what is left. The world is stopped.
    fn end_marking(&'static self, cycle: &mut Cycle) {
        self.report_deletions(&mut cycle.tracer, usize::MAX);
        self.report_queues(&mut cycle.tracer, &mut cycle.queues_reported, usize::MAX);
        self.mark_all(&mut cycle.tracer);
        cycle.clearing = Some(Clearing::new(&mut cycle.tracer));
    }

    /// Sets the barrier byte of all threads. The world is stopped.
    fn set_barriers(&self, value: u8) {
        self.barrier.store(value, Ordering::Relaxed);
        for mutator in self.stopped_threads() {
            // SAFETY: the thread is stopped, so its owner-only state is ours.
            unsafe { &*mutator }.set_barrier(value);
        }
    }

    /// Ends the cycle under way in the child of a fork, whose only thread calls this. While marking, it is given up; later
    /// weak slots are empty already.
    pub(crate) fn end_in_child(&'static self, state: &mut CycleState) {
        if state.under_way.as_ref().is_some_and(|cycle| cycle.clearing.is_some()) {
            return self.end_cycle_under_way(state);
        }
        if state.under_way.take().is_some() {
            self.deletions.lock().unwrap().clear();
            self.thread_handles().iter().for_each(|handle| handle.deletions.lock().unwrap().clear());
            self.set_barriers(barrier::NONE);
            self.blocks.clear_marks();
        }
    }

    /// Begins a cycle: reports the roots. The world is stopped and everything is swept.
    fn begin_cycle(&'static self, state: &mut CycleState, scan_stacks: bool, barrier: u8) {
        self.next_cycle_number();
        let stack = std::mem::replace(&mut state.stack, MarkStack::none());
        let mut tracer = Tracer::with_stack(self, barrier != barrier::NONE, stack);
        if self.config.verify {
            tracer.start_log();
        }
        self.report_precise_roots(&mut tracer);
        for mutator in self.stopped_threads() {
            // SAFETY: the thread is stopped, so its owner-only state is ours.
            let mutator = unsafe { &*mutator };
            self.take_over(mutator);
            mutator.mark_buffers();
            if scan_stacks {
                // SAFETY: the thread is stopped and published this part of its stack.
                mutator.for_each_stack(&mut |low, end| unsafe { tracer.conservative_range(low, end) });
            }
        }
        self.set_barriers(barrier);
        tracer.rows_may_wait = true;
        let roots = tracer.take_log();
        self.pacer.marking_begins(get(&self.counters.live_cells) as usize);
        let allocated_before = self.pacer.total_allocated();
        let queues_reported = [0; 2];
        state.under_way =
            Some(Cycle { tracer, roots, queues_reported, allocated_before, postponed: 0, clearing: None });
    }

    /// Reports the roots that somebody knows exactly. The world is stopped.
    fn report_precise_roots(&self, tracer: &mut Tracer<'_>) {
        self.hooks.trace_globals(tracer);
        for &word in self.immortals.lock().unwrap().iter() {
            tracer.word(word);
        }
        for mutator in self.stopped_threads() {
            // SAFETY: the thread is stopped, so its owner-only state is ours.
            unsafe {
                for list in (*mutator).temp_roots.borrow().iter() {
                    for &word in list.borrow().iter() {
                        tracer.word(word);
                    }
                }
                let thread_data = (*mutator).thread_data();
                if !thread_data.is_null() {
                    self.hooks.trace_thread(thread_data, tracer);
                }
            }
        }
    }

    /// Does all that is left of the cycle under way, if there is one. The world is stopped.
    pub(crate) fn end_cycle_under_way(&'static self, state: &mut CycleState) {
        if let Some(cycle) = state.under_way.take() {
            state.stack = self.end_cycle(cycle);
        }
    }

    /// Marks and clears what is left, and ends the cycle; returns the stack for the next one. The world is stopped.
    fn end_cycle(&'static self, mut cycle: Cycle) -> MarkStack {
        if cycle.clearing.is_none() {
            self.end_marking(&mut cycle);
        }
        let Cycle { mut tracer, roots, allocated_before, clearing, .. } = cycle;
        if let Some(mut clearing) = clearing {
            let done = clearing.advance(self, &mut tracer, usize::MAX);
            debug_assert!(done);
            self.publish_queues(clearing.ready, clearing.notifications);
        }
        self.verify(roots);
        self.set_barriers(barrier::NONE);
        for mutator in self.stopped_threads() {
            // SAFETY: the thread is stopped, so its owner-only state is ours.
            unsafe { &*mutator }.retire_sources();
        }
        self.account_for(&tracer, allocated_before);
        self.hooks.cycle_finished(self.finalizable_ready(), self.weak_notifications_ready());
        self.schedule_sweep();
        tracer.into_stack()
    }

    fn verify(&self, mut roots: Vec<u64>) {
        if self.config.verify {
            let mut note = |word| roots.push(word);
            let mut tracer = Tracer::visiting(self, &mut note);
            self.report_precise_roots(&mut tracer);
            self.report_queues(&mut tracer, &mut [0; 2], usize::MAX);
            self.verify_marks(&roots);
        }
    }

    fn account_for(&self, tracer: &Tracer<'_>, allocated_before: u64) {
        let black = self.pacer.total_allocated() - allocated_before;
        self.pacer.marked(tracer.marked_bytes + black as usize);
        add(&self.counters.cycles, 1);
        add(&self.counters.bytes_marked, tracer.marked_bytes);
        self.counters.live_cells.store(tracer.marked_cells as u64, Ordering::Relaxed);
    }

    /// Whether a cell is known to the heap: for assertions of the user's.
    ///
    /// # Safety
    /// The world is stopped.
    pub unsafe fn is_allocated(&'static self, cell: NonNull<Header>) -> bool {
        self.quiesce_sweep();
        self.live_cell_at(word_of(cell) as usize) == Some(cell)
    }
}
