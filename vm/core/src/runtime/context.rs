//! The thread context: what every function of the VM takes as its first parameter.
//!
//! A [`Cx`] belongs to one OS thread and never leaves it. Its `Cell`s are owner-only; what other threads may touch is
//! behind the mutator's handle. There is no thread-local look-up anywhere: the context is passed.
//!
//! The collector scans a stopped thread's context through [`Cx::trace`]: pending and handled exceptions, and the
//! register windows of its frames (`interp::frame`).

use std::cell::{Cell, RefCell, UnsafeCell};
use std::ptr::NonNull;

use countless_gc::{AttachedMutator, Header, Mutator, Tracer, TypeEntry, TypeId};

use super::vm::Vm;
use crate::interp::stack::Stack;
use crate::object::attribute::MethodCache;
use crate::object::cell::{Cell as HeapCell, Layout, Ref};
use crate::object::shape::Shape;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::error::{PyResult, Raised};
use crate::types::type_object::TypeObject;

/// One thread's state.
pub struct Cx {
    mutator: AttachedMutator,
    vm: &'static Vm,
    /// Registers and frame records.
    pub(crate) stack: Stack,
    /// The exception that travels as `Err(Raised)`.
    pending: Cell<Option<Value>>,
    /// The exception being handled (`sys.exception()`); a generator keeps its own while suspended.
    handled: Cell<Option<Value>>,
    /// Native code must not go below this address.
    native_limit: Cell<usize>,
    /// Where the native stack began to be used for Python, for messages.
    native_start: usize,
    /// Per-thread cache of look-ups through the method resolution order.
    pub(crate) method_cache: UnsafeCell<MethodCache>,
    /// The containers whose `repr` is being made.
    pub(crate) repr_active: RefCell<Vec<u64>>,
    /// What the thread module hangs on a thread.
    pub thread: super::thread::ThreadState,
}

/// Native stack that must remain for calls that do not check.
const NATIVE_RESERVE: usize = 256 * 1024;

impl Drop for Cx {
    fn drop(&mut self) {
        crate::interp::monitor::legacy::thread_ends(self);
        super::bug::forget_context();
    }
}

impl Cx {
    /// A context for the calling thread, whose native stack reaches down to `native_low`; `None` if the system has no
    /// address space for its registers.
    pub(crate) fn new(
        vm: &'static Vm,
        mutator: AttachedMutator,
        native_low: usize,
        thread: super::thread::ThreadState,
    ) -> Option<Box<Cx>> {
        let stack = Stack::new()?;
        let cx = Box::new(Cx {
            mutator,
            vm,
            stack,
            pending: Cell::new(None),
            handled: Cell::new(None),
            native_limit: Cell::new(native_low + NATIVE_RESERVE),
            native_start: native_stack_pointer(),
            method_cache: UnsafeCell::new(MethodCache::new()),
            repr_active: RefCell::default(),
            thread,
        });
        // SAFETY: the context is boxed, so its address stays; `HeapHooks::trace_thread` expects a `Cx`; the mutator is
        // dropped with it.
        unsafe { cx.mutator.set_thread_data((&raw const *cx).cast()) };
        // SAFETY: the word belongs to the mutator's handle, which the context keeps.
        unsafe { cx.stack.set_interrupt_word(cx.mutator.poll_word()) };
        super::bug::note_context(&cx);
        Some(cx)
    }

    /// The collector's side of the thread.
    #[inline(always)]
    pub fn mutator(&self) -> &Mutator {
        &self.mutator
    }

    /// The process-wide state.
    #[inline(always)]
    pub fn vm(&self) -> &'static Vm {
        self.vm
    }

    /// Reports what the thread holds. The thread is stopped, or is the caller.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [self.pending.get(), self.handled.get()].into_iter().flatten() {
            tracer.word(value.word());
        }
        self.stack.trace(tracer);
        self.thread.trace(tracer);
    }

    /// Calls `visit` with the contexts of all threads, while the world is stopped.
    pub(crate) fn for_each_thread(&self, visit: &mut dyn FnMut(&Cx)) {
        self.mutator.for_each_thread(&mut |data| {
            // SAFETY: threads are attached with their `Cx`, which lives as long as they are; the thread does not run.
            visit(unsafe { &*data.cast::<Cx>() });
        });
    }

    // ---- cells

    /// A new cell of layout `T` and exactly its type, moved from `contents` (whose header is ignored).
    #[inline(always)]
    pub fn allocate<T: HeapCell>(&self, contents: T) -> Ref<T> {
        self.allocate_as(T::layout().id(), size_of::<T>(), contents)
    }

    /// The same with another type id (a shape of a subclass), in a cell of `size` bytes; what follows `T` is zero.
    #[inline(always)]
    pub fn allocate_as<T: HeapCell>(&self, id: TypeId, size: usize, contents: T) -> Ref<T> {
        debug_assert!(size >= size_of::<T>());
        let cell = if T::layout().ops.drop.is_some() {
            self.mutator.allocate_droppable(id, size)
        } else {
            self.mutator.allocate(id, size)
        };
        // SAFETY: the cell has `size` bytes.
        unsafe { self.fill_cell(cell, contents) }
    }

    /// The same for a size that the program chose: MemoryError instead of the end of the process.
    pub fn try_allocate_as<T: HeapCell>(&self, id: TypeId, size: usize, contents: T) -> PyResult<Ref<T>> {
        debug_assert!(size >= size_of::<T>());
        let cell = if T::layout().ops.drop.is_some() {
            self.mutator.try_allocate_droppable(id, size)
        } else {
            self.mutator.try_allocate(id, size)
        };
        match cell {
            // SAFETY: the cell has `size` bytes.
            Ok(cell) => Ok(unsafe { self.fill_cell(cell, contents) }),
            Err(_) => Err(self.memory_error()),
        }
    }

    /// Moves `contents`, but for its header, to a fresh cell.
    ///
    /// # Safety
    ///
    /// The cell is unpublished and has room for a `T`.
    #[inline(always)]
    unsafe fn fill_cell<T: HeapCell>(&self, cell: NonNull<Header>, contents: T) -> Ref<T> {
        let contents = std::mem::ManuallyDrop::new(contents);
        let header = size_of::<Header>();
        // SAFETY: both places have `size_of::<T>()` bytes, do not overlap, and nobody else sees the new cell.
        unsafe {
            std::ptr::copy_nonoverlapping(
                (&raw const *contents).cast::<u8>().add(header),
                cell.as_ptr().cast::<u8>().add(header),
                size_of::<T>() - header,
            );
            Ref::from_value_unchecked(Value::from_cell(cell))
        }
    }

    // ---- types

    /// The row of a type id.
    #[inline(always)]
    pub fn type_entry(&self, id: TypeId) -> &'static TypeEntry {
        self.mutator.type_entry(id)
    }

    /// The shape that a type id stands for.
    #[inline(always)]
    pub fn shape_of(&self, id: TypeId) -> Ref<Shape> {
        let word = self.type_entry(id).owner.load_relaxed();
        let value = Value::from_word(word).expect("a type id in use has a shape");
        // SAFETY: `object::shape` registers every type id with its shape as owner.
        unsafe { Ref::from_value_unchecked(value) }
    }

    /// The native layout of a type id's cells.
    #[inline(always)]
    pub fn layout_of(&self, id: TypeId) -> &'static Layout {
        super::bootstrap::layout_of_entry(self.type_entry(id))
    }

    /// The value's class, `type(value)`.
    #[inline(always)]
    pub fn type_of(&self, value: Value) -> Ref<TypeObject> {
        self.shape_of(value.type_id()).class()
    }

    /// The class of a fixed type id.
    #[inline(always)]
    pub fn builtin_type(&self, id: TypeId) -> Ref<TypeObject> {
        self.shape_of(id).class()
    }

    // ---- exceptions

    pub(crate) fn set_pending_exception(&self, exception: Value) {
        self.pending.set(Some(exception));
    }

    /// Takes the pending exception: the handler's side of `Err(Raised)`.
    pub fn take_exception(&self, _raised: Raised) -> Value {
        self.pending.take().unwrap_or(Value::NONE)
    }

    /// Drops the pending exception: for callers that go on as if nothing had happened.
    pub fn discard(&self, _raised: Raised) {
        self.pending.set(None);
    }

    /// Sets the pending exception aside, if there is one, for Python code that must run while it travels; to be given
    /// back to [`restore_exception`](Self::restore_exception).
    pub fn suspend_exception(&self) -> Option<Value> {
        self.pending.take()
    }

    /// Puts back what [`suspend_exception`](Self::suspend_exception) set aside.
    pub fn restore_exception(&self, exception: Option<Value>) {
        self.pending.set(exception);
    }

    /// The pending exception, left where it is.
    pub fn pending_exception(&self, _raised: &Raised) -> Value {
        self.pending.get().unwrap_or(Value::NONE)
    }

    /// The exception being handled.
    #[inline(always)]
    pub fn handled_exception(&self) -> Option<Value> {
        self.handled.get()
    }

    /// Sets the exception being handled and returns the former one.
    pub fn replace_handled_exception(&self, exception: Option<Value>) -> Option<Value> {
        self.handled.replace(exception)
    }

    // ---- native stack

    /// Fails with RecursionError when the native stack runs low. Native functions that call back into Python, or
    /// recurse over data, begin with it.
    #[inline(always)]
    pub fn check_native_stack(&self) -> PyResult<()> {
        self.check_native_stack_while("")
    }

    /// The same for recursion over data. The message says what was being done: " while …" or " in …".
    #[inline(always)]
    pub fn check_native_stack_while(&self, doing: &'static str) -> PyResult<()> {
        if native_stack_pointer() < self.native_limit.get() { Err(self.native_overflow(doing)) } else { Ok(()) }
    }

    #[cold]
    #[inline(never)]
    fn native_overflow(&self, doing: &str) -> Raised {
        // What makes the exception must itself have room.
        let limit = self.native_limit.get();
        self.native_limit.set(limit - NATIVE_RESERVE / 2);
        let used = self.native_start.saturating_sub(native_stack_pointer()) / 1024;
        let raised = match doing {
            "" => raise!(self, RecursionError, "maximum recursion depth exceeded"),
            doing => raise!(self, RecursionError, "Stack overflow (used {used} kB){doing}"),
        };
        self.native_limit.set(limit);
        raised
    }
}

/// The native stack pointer, more or less.
#[inline(always)]
pub fn native_stack_pointer() -> usize {
    let marker = 0u8;
    (&raw const marker).addr()
}
