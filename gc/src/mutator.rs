//! One thread's side of the heap.

use crate::OutOfMemory;
use crate::header::{Header, TypeId};
use crate::heap::Heap;
use crate::safepoint::{ForkPause, ThreadHandle};
use crate::types::{TypeEntry, TypeTable};
use crate::word;
use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The owner-only state of a thread that uses the heap. Neither `Send` nor `Sync`: it never leaves its thread.
pub struct Mutator {
    heap: &'static Heap,
    types_base: *const TypeEntry,
    barrier: AtomicU8,
    handle: Arc<ThreadHandle>,
    thread_data: Cell<*const ()>,
    pub(crate) temp_roots: RefCell<Vec<*const RefCell<Vec<u64>>>>,
    finalizable: RefCell<Vec<u64>>,
}

impl Mutator {
    pub(crate) fn new(
        heap: &'static Heap,
        handle: Arc<ThreadHandle>,
        thread_data: *const (),
    ) -> Mutator {
        Mutator {
            heap,
            types_base: heap.types().base(),
            barrier: AtomicU8::new(0),
            handle,
            thread_data: Cell::new(thread_data),
            temp_roots: RefCell::default(),
            finalizable: RefCell::default(),
        }
    }

    /// The heap.
    #[inline(always)]
    pub fn heap(&self) -> &'static Heap {
        self.heap
    }

    /// The types of the heap.
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

    /// This thread's handle, for other threads.
    pub fn handle(&self) -> &Arc<ThreadHandle> {
        &self.handle
    }

    /// A new cell of at least `size` bytes, header included, zero behind its header. For types without a drop entry and sizes that are
    /// small or proven reasonable: running out of memory here ends the process after a last collection.
    #[inline(always)]
    pub fn allocate(&self, type_id: TypeId, size: usize) -> NonNull<Header> {
        match self.try_allocate(type_id, size) {
            Ok(cell) => cell,
            Err(_) => std::process::abort(),
        }
    }

    /// As [`allocate`](Self::allocate), for types with a drop entry.
    #[inline(always)]
    pub fn allocate_droppable(&self, type_id: TypeId, size: usize) -> NonNull<Header> {
        self.allocate(type_id, size)
    }

    /// As [`allocate`](Self::allocate), for sizes that the program chooses.
    pub fn try_allocate(
        &self,
        type_id: TypeId,
        size: usize,
    ) -> Result<NonNull<Header>, OutOfMemory> {
        let layout =
            std::alloc::Layout::from_size_align(size.max(16), 16).map_err(|_| OutOfMemory)?;
        // SAFETY: the size is not zero.
        let cell = NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) })
            .ok_or(OutOfMemory)?
            .cast::<Header>();
        // SAFETY: fresh zeroed memory of at least 16 bytes is a header.
        unsafe { cell.as_ref() }.init_type(type_id);
        Ok(cell)
    }

    /// As [`try_allocate`](Self::try_allocate), for types with a drop entry.
    pub fn try_allocate_droppable(
        &self,
        type_id: TypeId,
        size: usize,
    ) -> Result<NonNull<Header>, OutOfMemory> {
        self.try_allocate(type_id, size)
    }

    /// Tells the pacer that a cell now owns this many bytes outside the heap.
    pub fn external_allocated(&self, bytes: usize) {
        let _ = bytes;
    }

    /// Tells the pacer that bytes outside the heap were freed other than by a drop entry... or by one, through the heap.
    pub fn external_freed(&self, bytes: usize) {
        let _ = bytes;
    }

    /// The one byte that every store to a slot tests.
    #[inline(always)]
    pub fn barrier_is_active(&self) -> bool {
        self.barrier.load(Ordering::Relaxed) != 0
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn record_deletion(&self, old: u64) {
        debug_assert!(!word::is_pointer(old) || self.barrier_is_active());
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn record_type_change(&self, old: TypeId) {
        if old != TypeId::FREE {
            self.record_deletion(self.type_entry(old).owner.load_relaxed());
        }
    }

    /// Keeps a word that was read from a weak place alive in the present cycle.
    #[inline]
    pub fn keep_alive(&self, word: u64) {
        if self.barrier_is_active() {
            self.record_deletion(word);
        }
    }

    /// To be called before the slots of `cell` are written without the barrier, and again after each safepoint: while marking, what
    /// they hold is recorded first.
    #[inline]
    pub fn before_unbarriered_writes(&self, cell: NonNull<Header>) {
        if self.barrier_is_active() {
            // SAFETY: the caller holds the cell.
            unsafe {
                self.heap
                    .referents(cell.as_ptr(), &mut |word| self.record_deletion(word))
            };
        }
    }

    /// Makes a cell a root until the process ends.
    pub fn make_immortal(&self, word: u64) {
        let _ = word;
    }

    /// Has the cell handed out by `take_finalizable` once it is unreachable. Does nothing if it is registered already; after it was
    /// handed out it may be registered again.
    pub fn register_finalizable(&self, word: u64) {
        self.finalizable.borrow_mut().push(word);
    }

    /// The next unreachable cell that was registered. It and what it reaches are alive until dropped again.
    pub fn take_finalizable(&self) -> Option<u64> {
        None
    }

    /// The owner of the next weak slot with notification whose referent died.
    pub fn take_weak_notification(&self) -> Option<NonNull<Header>> {
        None
    }

    /// The bits of the interrupt word: zero, or reason to call `safepoint`.
    #[inline(always)]
    pub fn poll_requested(&self) -> u32 {
        self.handle.interrupt.load(Ordering::Relaxed)
    }

    /// Does what the heap wants of this thread (parks, collects) and returns the user's interrupt bits, which stay set.
    #[inline(never)]
    pub fn safepoint(&self) -> u32 {
        self.poll_requested() & crate::safepoint::interrupt::USER
    }

    /// Clears user bits of this thread's interrupt word and returns those of `bits` that were set.
    pub fn take_interrupts(&self, bits: u32) -> u32 {
        self.handle.interrupt.fetch_and(
            !(bits & crate::safepoint::interrupt::USER),
            Ordering::SeqCst,
        ) & bits
    }

    /// Runs `blocking` while this thread counts as stopped. `Send` keeps the mutator, guards and root lists out of it; cells must not
    /// be touched in it except through memory that the heap does not own.
    pub fn detached<R, F: FnOnce() -> R + Send>(&self, blocking: F) -> R {
        blocking()
    }

    /// As [`detached`](Self::detached), for closures that capture what is not `Send`.
    ///
    /// # Safety
    /// The closure touches neither the mutator nor any cell, except by attaching again.
    pub unsafe fn detached_unchecked<R>(&self, blocking: impl FnOnce() -> R) -> R {
        blocking()
    }

    /// Runs `attached` as an attached thread again, inside of a detached section.
    ///
    /// # Safety
    /// This thread is inside `detached_unchecked` of this mutator.
    pub unsafe fn reattached<R>(&self, attached: impl FnOnce() -> R) -> R {
        attached()
    }

    /// Runs `alone` while all other threads are parked or detached. May be nested, and may collect.
    pub fn stop_the_world<R>(&self, alone: impl FnOnce() -> R) -> R {
        alone()
    }

    /// A full cycle.
    pub fn collect(&self) {}

    /// A full cycle without the scan of native stacks, for tests.
    ///
    /// # Safety
    /// No native frame of any thread holds a cell that precise roots do not.
    pub unsafe fn collect_without_stacks(&self) {}

    /// Calls `visit` with type, count and bytes of the live cells, after a stop of the world.
    pub fn census(&self, visit: &mut dyn FnMut(TypeId, usize, usize)) {
        let _ = visit;
    }

    /// Calls `visit` with every live cell, with the world stopped. It must not allocate.
    pub fn for_each_cell(&self, visit: &mut dyn FnMut(NonNull<Header>)) {
        let _ = visit;
    }

    /// Stops the world for a `fork` of the process.
    pub fn prepare_fork(&self) -> ForkPause<'_> {
        ForkPause { mutator: self }
    }
}
