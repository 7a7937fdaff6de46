//! The collection cycle: begin (roots), mark, end.
//!
//! A cycle begins and ends in short stops of the world. Between them the collector's thread marks beside the
//! program (`collector`), and threads that allocate faster than it marks help. The barrier is live meanwhile
//! and new cells are born black. A collection that somebody asked for is one stop from beginning to end,
//! marked by several threads. Under `Zeal::Incremental` there is no collector's thread: any thread marks a few
//! cells per poll.
//!
//! Order at the end of marking: weak slots to unmarked cells are cleared and notified; unmarked
//! finalizable cells are queued, and marked with what they reach; weak slots found on that way are
//! treated alike; weak tables and the type table are purged; only then may anything be swept.

use crate::header::{Header, TypeId};
use crate::heap::Heap;
use crate::mutator::Mutator;
use crate::stats::{add, get};
use crate::trace::Tracer;
use crate::word::word_of;
use std::collections::BTreeMap;
use std::ptr::NonNull;

/// Polls between the end of one incremental cycle and the beginning of the next.
const IDLE_STEPS: u32 = 16;
/// How long a thread waits that is far ahead of the marking.
const STALL: std::time::Duration = std::time::Duration::from_micros(100);
/// Steps of marking in the pause that ends a cycle; if more is left, the program goes on first.
const LAST_STEPS: usize = if cfg!(any(test, feature = "stress")) { 8 } else { 8192 };
/// How often the end may be put off.
const MOST_POSTPONED: u32 = 8;

/// A cycle between two pauses.
#[derive(Default)]
pub(crate) struct CycleState {
    marking: Option<Marking>,
    /// Steps since the last incremental cycle ended.
    idle_steps: u32,
}

/// A cycle that has begun.
pub(crate) struct Marking {
    tracer: Tracer<'static>,
    /// What the roots referred to, for the verifier.
    roots: Vec<u64>,
    /// Bytes allocated when the cycle began.
    allocated_before: u64,
    /// How often a pause found too much left to end the cycle.
    postponed: u32,
}

/// What a slice of marking left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Marked {
    NoCycle,
    Some,
    All,
}

impl Mutator {
    /// A full cycle: what is unreachable now is gone (or queued for finalization) when this
    /// returns.
    pub fn collect(&self) {
        self.cycle(true, &|| true);
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
            self.end_incremental();
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
        match heap.try_mark_slice(steps) {
            Some(Marked::All) => {
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
            if let Some(marking) = state.marking.take() {
                heap.end_cycle(marking);
            }
            if wanted() {
                heap.quiesce_sweep();
                let marking = heap.begin_cycle(scan_stacks, false);
                heap.end_cycle(marking);
            }
        });
        self.after_cycle();
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
        let begin = match &mut state.marking {
            Some(marking) => {
                self.deletions.borrow_mut().drain(..).for_each(|word| marking.tracer.word(word));
                if !heap.drain(marking, budget) {
                    return;
                }
                false
            }
            None => {
                state.idle_steps += 1;
                if state.idle_steps < IDLE_STEPS {
                    return;
                }
                true
            }
        };
        drop(state);
        if begin { self.begin_concurrent(&|| true) } else { self.end_incremental() }
    }

    /// The pause that begins a cycle, unless one is under way or `wanted` says that it is not wanted any more.
    fn begin_concurrent(&self, wanted: &dyn Fn() -> bool) {
        let heap = self.heap();
        heap.quiesce_sweep();
        self.stop_the_world(|| {
            let mut state = heap.cycle.lock().unwrap();
            if state.marking.is_none() && wanted() {
                heap.quiesce_sweep();
                state.marking = Some(heap.begin_cycle(true, true));
            }
        });
    }

    fn end_incremental(&self) {
        let heap = self.heap();
        self.stop_the_world(|| {
            let mut state = heap.cycle.lock().unwrap();
            state.idle_steps = 0;
            if let Some(marking) = state.marking.take() {
                heap.end_cycle(marking);
            }
        });
        self.after_cycle();
    }

    /// Calls `visit` with every allocated cell, with the world stopped: all that were alive at the
    /// last cycle, or allocated since. It must neither allocate nor collect.
    pub fn for_each_cell(&self, visit: &mut dyn FnMut(NonNull<Header>)) {
        let heap = self.heap();
        self.stop_the_world(|| {
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

    /// Marks some more of the cycle under way, beside the program.
    pub(crate) fn mark_slice(&self, steps: usize) -> Marked {
        self.mark_some(&mut self.cycle.lock().unwrap(), steps)
    }

    /// As `mark_slice`, or `None` if somebody else is marking.
    fn try_mark_slice(&self, steps: usize) -> Option<Marked> {
        Some(self.mark_some(&mut *self.cycle.try_lock().ok()?, steps))
    }

    fn mark_some(&self, state: &mut CycleState, steps: usize) -> Marked {
        let Some(marking) = &mut state.marking else { return Marked::NoCycle };
        let all = self.drain(marking, steps);
        self.pacer.marked_so_far(marking.tracer.marked_cells);
        if all { Marked::All } else { Marked::Some }
    }

    /// Marks what threads have flushed and what waits, up to `steps`. True if nothing is left.
    fn drain(&self, marking: &mut Marking, steps: usize) -> bool {
        let flushed = std::mem::take(&mut *self.deletions.lock().unwrap());
        flushed.into_iter().for_each(|word| marking.tracer.word(word));
        marking.tracer.drain(steps)
    }

    /// Ends the cycle under way, unless much is left to mark: then the program goes on first. The world is stopped.
    pub(crate) fn end_marking(&'static self) {
        let mut state = self.cycle.lock().unwrap();
        if let Some(marking) = &mut state.marking {
            for mutator in self.stopped_threads() {
                // SAFETY: the thread is stopped, so its owner-only state is ours.
                self.take_over(unsafe { &*mutator });
            }
            marking.postponed += 1;
            if !self.drain(marking, LAST_STEPS) && marking.postponed <= MOST_POSTPONED {
                return;
            }
        }
        if let Some(marking) = state.marking.take() {
            self.end_cycle(marking);
        }
    }

    /// Forgets the cycle under way. In the child of a fork, for the thread that is left.
    pub(crate) fn abort_cycle(&self, state: &mut CycleState, mutator: &Mutator) {
        if state.marking.take().is_some() {
            self.deletions.lock().unwrap().clear();
            mutator.set_barrier(false);
            self.blocks.clear_marks();
        }
    }

    /// Begins a cycle: reports the roots. The world is stopped and everything is swept.
    fn begin_cycle(&'static self, scan_stacks: bool, incremental: bool) -> Marking {
        self.next_cycle_number();
        let mut tracer = Tracer::marking(self, incremental);
        if self.config.verify {
            tracer.start_log();
        }
        self.report_precise_roots(&mut tracer);
        for mutator in self.stopped_threads() {
            // SAFETY: the thread is stopped, so its owner-only state is ours.
            let mutator = unsafe { &*mutator };
            self.take_over(mutator);
            mutator.mark_buffers();
            mutator.set_barrier(incremental);
            if scan_stacks {
                // SAFETY: the thread is stopped and published this part of its stack.
                mutator.for_each_stack(&mut |low, end| unsafe { tracer.conservative_range(low, end) });
            }
        }
        tracer.rows_may_wait = true;
        let roots = tracer.take_log();
        self.pacer.marking_begins(get(&self.counters.live_cells) as usize);
        Marking { tracer, roots, allocated_before: self.pacer.total_allocated(), postponed: 0 }
    }

    /// Reports the roots that somebody knows exactly. The world is stopped.
    fn report_precise_roots(&self, tracer: &mut Tracer<'_>) {
        self.hooks.trace_globals(tracer);
        for &word in self.immortals.lock().unwrap().iter() {
            tracer.word(word);
        }
        for queue in [&self.ready, &self.notifications] {
            for &word in queue.lock().unwrap().iter() {
                tracer.word(word);
            }
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

    /// Marks to the end and finishes the cycle. The world is stopped.
    fn end_cycle(&'static self, marking: Marking) {
        let Marking { mut tracer, roots, allocated_before, .. } = marking;
        for mutator in self.stopped_threads() {
            // SAFETY: the thread is stopped, so its owner-only state is ours.
            self.take_over(unsafe { &*mutator });
        }
        let deletions = std::mem::take(&mut *self.deletions.lock().unwrap());
        deletions.into_iter().for_each(|word| tracer.word(word));
        self.mark_all(&mut tracer);
        self.clear_weak_slots(&mut tracer);
        if self.revive_finalizable(&mut tracer) {
            self.mark_all(&mut tracer);
            self.clear_weak_slots(&mut tracer);
        }
        let is_dead = |word| self.is_dead(word);
        for table in self.weak_tables.lock().unwrap().iter() {
            table.purge(&is_dead);
        }
        self.types().purge(&is_dead);
        self.verify(roots);
        for mutator in self.stopped_threads() {
            // SAFETY: as above.
            let mutator = unsafe { &*mutator };
            mutator.set_barrier(false);
            mutator.retire_sources();
        }
        self.account_for(&tracer, allocated_before);
        self.hooks.cycle_finished(self.finalizable_ready(), self.weak_notifications_ready());
        self.schedule_sweep();
    }

    fn verify(&self, mut roots: Vec<u64>) {
        if self.config.verify {
            self.report_precise_roots(&mut Tracer::visiting(self, &mut |word| roots.push(word)));
            self.verify_marks(&roots);
        }
    }

    fn account_for(&self, tracer: &Tracer<'_>, allocated_before: u64) {
        let black = self.pacer.total_allocated() - allocated_before;
        self.pacer.marked(tracer.marked_bytes + black as usize);
        add(&self.counters.cycles, 1);
        add(&self.counters.bytes_marked, tracer.marked_bytes);
        self.counters.live_cells.store(tracer.marked_cells as u64, std::sync::atomic::Ordering::Relaxed);
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
