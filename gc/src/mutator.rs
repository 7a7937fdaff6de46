//! One thread's side of the heap.
//!
//! Invariants: the fields are owner-only, in `Cell`s, except while the thread is stopped: then the
//! stopper may read and write them. What any thread may touch at any time lives in `ThreadHandle`.
//! The barrier byte and the flag for locks change in a stop of the world only, so between two
//! safepoints they are constant. A mutator never moves, since the heap's list points to it.

use crate::buffer::{Buffers, Sources, new_buffers};
use crate::header::{Header, TypeId};
use crate::heap::Heap;
use crate::safepoint::{ThreadHandle, ThreadRecord, interrupt};
use crate::stack::stack_end;
use crate::sync::AtomicU32;
use crate::types::{TypeEntry, TypeTable};
use crate::word::{cell_of, is_pointer};
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What the barrier byte says. It is the same for all threads and changes in stops of the world only.
pub(crate) mod barrier {
    /// No cycle is under way beside the program.
    pub(crate) const NONE: u8 = 0;
    /// Stores record what they remove, new cells are born black.
    pub(crate) const MARKING: u8 = 1;
    /// All that the program can reach is marked; new cells are born black; unmarked cells read dead.
    pub(crate) const CLEARING: u8 = 2;
}

/// The owner-only state of a thread that uses the heap. Neither `Send` nor `Sync`: it never leaves
/// its thread.
#[repr(C)]
pub struct Mutator {
    /// One of the constants in [`barrier`]: not zero while a cycle is under way.
    barrier: AtomicU8,
    /// Whether cells' locks are taken.
    pub(crate) many_threads: Cell<bool>,
    types_base: *const TypeEntry,
    handle: Arc<ThreadHandle>,
    heap: &'static Heap,
    pub(crate) buffers: Buffers,
    pub(crate) sources: Sources,
    /// Bytes claimed that the pacer does not know of yet.
    pub(crate) unreported: Cell<usize>,
    /// Counts for `Zeal::AllocN`.
    pub(crate) slow_allocations: Cell<u32>,
    /// Not zero while this thread is the stopper.
    pub(crate) stop_depth: Cell<u32>,
    thread_data: Cell<*const ()>,
    /// From here to `stack_end` the native stack is scanned, when the thread is stopped.
    pub(crate) stack_low: Cell<*const u8>,
    stack_end: Cell<*const u8>,
    /// Where the innermost `with_floor` began; null if there is none on this native stack.
    pub(crate) floor: Cell<*const u8>,
    /// From here the native stack is scanned instead of from `stack_low`, if this is not null.
    pub(crate) scan_from: Cell<*const u8>,
    /// Parts of other native stacks that this thread will return to.
    left_stacks: RefCell<Vec<(*const u8, *const u8)>>,
    pub(crate) temp_roots: RefCell<Vec<Rc<RefCell<Vec<u64>>>>>,
    pub(crate) finalizable: RefCell<Vec<u64>>,
}

/// A thread's attachment to the heap. Dropping it detaches the thread for good and gives its blocks
/// back.
///
/// A panic that leaves an attached thread's stack with cells on it is harmless to the heap as long
/// as this is dropped on the way. If it is leaked instead, the next stop of the world waits for
/// ever: users end the process when an attached thread panics.
pub struct AttachedMutator(NonNull<Mutator>);

impl Deref for AttachedMutator {
    type Target = Mutator;

    #[inline(always)]
    fn deref(&self) -> &Mutator {
        // SAFETY: the mutator is freed by `drop` only.
        unsafe { self.0.as_ref() }
    }
}

impl AttachedMutator {
    pub(crate) fn new(heap: &'static Heap, handle: Arc<ThreadHandle>, thread_data: *const ()) -> AttachedMutator {
        let (buffers, sources) = new_buffers();
        let mutator = Box::new(Mutator {
            barrier: AtomicU8::new(barrier::NONE),
            many_threads: Cell::new(false),
            types_base: heap.types().base(),
            handle,
            heap,
            buffers,
            sources,
            unreported: Cell::new(0),
            slow_allocations: Cell::new(0),
            stop_depth: Cell::new(0),
            thread_data: Cell::new(thread_data),
            stack_low: Cell::new(std::ptr::null()),
            stack_end: Cell::new(stack_end()),
            floor: Cell::new(std::ptr::null()),
            scan_from: Cell::new(std::ptr::null()),
            left_stacks: RefCell::default(),
            temp_roots: RefCell::default(),
            finalizable: RefCell::default(),
        });
        AttachedMutator(NonNull::from(Box::leak(mutator)))
    }

    /// Enters the list of threads and starts to run; says how many there are now.
    pub(crate) fn join(&self) -> usize {
        let record = ThreadRecord { mutator: self.0.as_ptr(), handle: Arc::clone(&self.handle) };
        let count = self.heap.world.join(record, || self.set_barrier(self.heap.barrier.load(Ordering::Relaxed)));
        self.heap.world.enter(&self.handle.handshake);
        self.many_threads.set(self.heap.has_many_threads());
        count
    }
}

impl Drop for AttachedMutator {
    fn drop(&mut self) {
        self.give_back_sources();
        self.heap.take_over(self);
        self.heap.world.quit(self.0.as_ptr());
        // SAFETY: the mutator was leaked from a box by `new`; the heap's list does not name it any
        // more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl Mutator {
    /// The offset of the byte that every store to a slot tests, for code generators.
    pub const BARRIER_OFFSET: usize = std::mem::offset_of!(Mutator, barrier);

    /// The heap.
    #[inline(always)]
    pub fn heap(&self) -> &'static Heap {
        self.heap
    }

    /// The types of the heap.
    #[inline(always)]
    pub fn types(&self) -> &'static TypeTable {
        self.heap.types()
    }

    /// The row of a type: a shift and an addition.
    #[inline(always)]
    pub fn type_entry(&self, id: TypeId) -> &'static TypeEntry {
        // SAFETY: ids come from the table, which commits their rows and never takes them back.
        unsafe { &*self.types_base.add(id.0 as usize) }
    }

    /// Sets what `HeapHooks::trace_thread` is given.
    ///
    /// # Safety
    /// The pointer is what the hook expects, until the mutator is dropped or it is set anew.
    pub unsafe fn set_thread_data(&self, thread_data: *const ()) {
        self.thread_data.set(thread_data);
    }

    pub(crate) fn thread_data(&self) -> *const () {
        self.thread_data.get()
    }

    /// This thread's handle, for other threads.
    #[inline(always)]
    pub fn handle(&self) -> &Arc<ThreadHandle> {
        &self.handle
    }

    /// The usable bytes of a cell, its header included: at least what was asked for.
    ///
    /// # Safety
    /// `cell` is a live cell of this heap.
    #[inline]
    pub unsafe fn cell_size(&self, cell: NonNull<Header>) -> usize {
        // SAFETY: the caller's contract.
        unsafe { self.heap.cell_size(cell.as_ptr()) }
    }

    /// Tells the pacer that a cell now owns this many bytes outside the heap.
    pub fn external_allocated(&self, bytes: usize) {
        self.heap.external_allocated(bytes);
    }

    /// Tells the pacer that bytes that a cell owned outside the heap were freed before its death.
    /// Drop entries use `Heap::external_freed`.
    pub fn external_freed(&self, bytes: usize) {
        self.heap.external_freed(bytes);
    }

    /// Whether this is the only thread and nothing is being marked: stores need neither locks nor the barrier until the next
    /// safepoint, and may be done by `Slot::store_alone`.
    #[inline(always)]
    pub fn is_alone(&self) -> bool {
        !self.many_threads.get() && !self.barrier_is_active()
    }

    /// The one byte that every store to a slot tests.
    #[inline(always)]
    pub fn barrier_is_active(&self) -> bool {
        self.barrier.load(Ordering::Relaxed) != 0
    }

    /// Whether marking has ended and the weak places are being cleared. Constant between two safepoints.
    #[inline(always)]
    pub fn is_clearing(&self) -> bool {
        self.barrier.load(Ordering::Relaxed) == barrier::CLEARING
    }

    /// Changes the barrier byte: in a stop of the world, or before the thread runs.
    pub(crate) fn set_barrier(&self, value: u8) {
        self.barrier.store(value, Ordering::Relaxed);
    }

    /// The slow half of the store barrier: notes a word that a store removes.
    #[cold]
    #[inline(never)]
    pub(crate) fn record_deletion(&self, old: u64) {
        if !is_pointer(old) || self.heap.is_marked(old) {
            return;
        }
        if self.is_clearing() {
            // Nothing that a thread can get hold of is unmarked now.
            crate::fatal(format_args!("a word that died, {old:#x}, is in use"));
        }
        self.heap.counters.barrier_slow_paths.fetch_add(1, Ordering::Relaxed);
        self.handle.deletions.lock().unwrap().push(old);
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn record_type_change(&self, old: TypeId) {
        if old != TypeId::FREE {
            self.record_deletion(self.type_entry(old).owner.load_relaxed());
        }
    }

    /// Keeps a word alive in a cycle under way that was read from where the collector does not see it. What is read
    /// from a weak table may be dead already: see `keep_from_table`.
    #[inline]
    pub fn keep_alive(&self, word: u64) {
        if self.barrier_is_active() {
            self.record_deletion(word);
        }
    }

    /// Keeps a cell alive that was found in a weak table, also if it was dead. To be called under the lock under which
    /// `WeakTable::purge` would remove it. What the cell reaches must be few cells that never change, or are alive.
    #[inline]
    pub fn keep_from_table(&self, word: u64) {
        if self.barrier_is_active() {
            self.keep_from_table_slow(word);
        }
    }

    #[cold]
    fn keep_from_table_slow(&self, word: u64) {
        if !self.is_clearing() {
            return self.record_deletion(word);
        }
        let mut waiting = vec![word];
        while let Some(word) = waiting.pop() {
            if let Some(cell) = cell_of(word)
                && self.heap.mark_apart(word)
            {
                // SAFETY: it stands in the table, so it was not swept; nor is what it refers to.
                unsafe {
                    waiting.push(self.type_entry(cell.as_ref().type_id()).owner.load_relaxed());
                    self.heap.referents(cell.as_ptr(), &mut |word| waiting.push(word));
                }
            }
        }
    }

    /// To be called before slots of `cell` are written without the barrier (by a generator that
    /// runs in its own window, say), and again after each safepoint at which a cycle may have
    /// begun: while marking, what the cell refers to is noted first.
    #[inline]
    pub fn before_unbarriered_writes(&self, cell: NonNull<Header>) {
        if self.barrier_is_active() {
            // SAFETY: the caller holds the cell.
            unsafe { self.heap.referents(cell.as_ptr(), &mut |word| self.record_deletion(word)) };
        }
    }

    /// Calls `visit` with what each thread was attached with (this one's included), while the world is stopped.
    pub fn for_each_thread(&self, visit: &mut dyn FnMut(*const ())) {
        self.stop_the_world(|| {
            for mutator in self.heap.stopped_threads() {
                // SAFETY: the thread is stopped, so its owner-only state is the stopper's.
                let data = unsafe { (*mutator).thread_data() };
                if !data.is_null() {
                    visit(data);
                }
            }
        });
    }

    /// Whether the process has had more than one thread. Constant between two safepoints.
    #[inline(always)]
    pub fn has_many_threads(&self) -> bool {
        self.many_threads.get()
    }

    /// Makes a cell a root until the process ends.
    pub fn make_immortal(&self, cell: NonNull<Header>) {
        // SAFETY: the caller holds the cell.
        let old = unsafe { cell.as_ref() }.set_flags(crate::flag::IMMORTAL);
        if old & crate::flag::IMMORTAL == 0 {
            self.heap.immortals.lock().unwrap().push(crate::word::word_of(cell));
            self.keep_alive(crate::word::word_of(cell));
        }
    }

    /// The bits of the interrupt word: zero, or reason to call `safepoint`.
    #[inline(always)]
    pub fn poll_requested(&self) -> u32 {
        self.handle.interrupts()
    }

    /// The interrupt word itself, for loops that poll it often.
    #[inline(always)]
    pub fn poll_word(&self) -> &AtomicU32 {
        self.handle.interrupt_word()
    }

    /// Does what the heap wants of this thread (parks, marks, collects) and returns the user's
    /// interrupt bits, which stay set.
    #[inline(never)]
    pub fn safepoint(&self) -> u32 {
        if self.poll_requested() & interrupt::STOP != 0 {
            self.park();
        }
        match self.heap.config.zeal {
            crate::Zeal::Incremental(steps) => self.incremental_step(steps as usize),
            _ => self.collect_if_due(),
        }
        self.poll_requested() & interrupt::USER
    }

    /// Clears user bits of this thread's interrupt word and returns those of `bits` that were set.
    pub fn take_interrupts(&self, bits: u32) -> u32 {
        let bits = bits & interrupt::USER;
        self.handle.handshake.interrupt.fetch_and(!bits, Ordering::SeqCst) & bits
    }

    /// Runs `switch`, which moves this thread to another native stack that ends (its highest
    /// address) at `new_end`, and back.
    ///
    /// # Safety
    /// All frames below `switch` that use the mutator lie on that stack.
    pub unsafe fn on_other_stack<R>(&self, new_end: *const u8, switch: impl FnOnce() -> R) -> R {
        struct Back<'mutator>(&'mutator Mutator);
        impl Drop for Back<'_> {
            fn drop(&mut self) {
                if let Some((_, end)) = self.0.left_stacks.borrow_mut().pop() {
                    self.0.stack_end.set(end);
                }
            }
        }
        crate::stack::with_spilled_registers(|low| {
            self.left_stacks.borrow_mut().push((low, self.stack_end.get()));
            self.stack_end.set(new_end);
            let floor = self.floor.replace(std::ptr::null());
            let back = Back(self);
            let result = switch();
            drop(back);
            self.floor.set(floor);
            result
        })
    }

    /// Runs `body` and remembers where its native frames begin, for [`collect_above_floor`](Self::collect_above_floor).
    #[inline]
    pub fn with_floor<R>(&self, body: impl FnOnce() -> R) -> R {
        crate::stack::with_spilled_registers(|low| {
            let outer = self.floor.replace(low);
            let result = body();
            self.floor.set(outer);
            result
        })
    }

    /// Calls `scan` with each range of native stack that may hold words. The thread is stopped.
    pub(crate) fn for_each_stack(&self, scan: &mut dyn FnMut(*const u8, *const u8)) {
        for &(low, end) in self.left_stacks.borrow().iter() {
            scan(low, end);
        }
        let (mut low, end) = (self.stack_low.get(), self.stack_end.get());
        if !self.scan_from.get().is_null() {
            low = self.scan_from.get();
        }
        if !low.is_null() && low < end {
            scan(low, end);
        }
    }

    /// Makes every thread take cells' locks from now on.
    pub(crate) fn note_many_threads(&self) {
        if self.many_threads.get() {
            return;
        }
        self.stop_the_world(|| {
            self.heap.many_threads.store(true, Ordering::Relaxed);
            for mutator in self.heap.stopped_threads() {
                // SAFETY: the thread is stopped, and stays in the list meanwhile.
                unsafe { (*mutator).many_threads.set(true) };
            }
        });
    }
}
