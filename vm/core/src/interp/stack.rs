//! A thread's register stack and frame records: two reserved ranges of addresses that never move.
//!
//! Registers grow upwards; a callee's window begins at its first argument in its caller's window. Record 0 is the
//! bottom and belongs to no frame; `top` is the record of the running frame. The depth of Python calls is the distance
//! between them, so the recursion limit is one comparison of addresses.
//!
//! Both ranges are mapped without reserving memory: pages come when they are touched. Behind the registers lies an
//! inaccessible guard, although every push checks for room.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_gc::Tracer;

use super::frame::{Frame, flag};
use super::monitor::Event;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// Registers of a thread.
const REGISTERS: usize = 16 << 20;
/// Frame records of a thread.
const FRAMES: usize = 1 << 20;
/// The recursion limit that a program starts with.
pub const DEFAULT_RECURSION_LIMIT: usize = 1000;
/// How many frames beyond the limit handlers of RecursionError may use while it is being raised.
const RECURSION_HEADROOM: usize = 50;
const GUARD_BYTES: usize = 64 << 10;
const REGISTERS_BYTES: usize = REGISTERS * size_of::<AtomicU64>() + GUARD_BYTES;
const FRAMES_BYTES: usize = FRAMES * size_of::<Frame>();
/// The interrupt word of a stack whose thread is not set up yet.
static NEVER: AtomicU32 = AtomicU32::new(0);

/// The stack of one thread.
pub struct Stack {
    base: *const AtomicU64,
    frames: *const Frame,
    /// The thread's interrupt word: here, so that a poll is two loads.
    interrupts: Cell<*const AtomicU32>,
    top: Cell<*const Frame>,
    /// The highest record that may be in use.
    limit: Cell<*const Frame>,
    /// The value of the StopIteration that a finished iterator stands for.
    stop_value: Cell<Option<Value>>,
    /// The result of the frame that the loop is being left with.
    result: Cell<Option<Value>>,
    /// The exception about to be raised was raised in the top frame before: no new traceback entry for it.
    pub(super) raised_again: Cell<bool>,
    /// The exception about to be raised is not for the handlers of the top frame, which has not begun.
    pub(super) unhandled: Cell<bool>,
    /// What whoever watches is being told: the frame's line may be set at some events only.
    pub(super) event: Cell<Option<Event>>,
    /// Whether the loop was left by a yield (else by a return).
    pub(super) yielded: Cell<bool>,
}

impl Stack {
    /// Reserves a stack; `None` if there is no address space left for one.
    pub fn new() -> Option<Stack> {
        let base = reserve(REGISTERS_BYTES)?.cast::<AtomicU64>();
        let Some(frames) = reserve(FRAMES_BYTES) else {
            // SAFETY: the mapping was just made and is used by nobody.
            unsafe { libc::munmap(base.cast_mut().cast(), REGISTERS_BYTES) };
            return None;
        };
        let frames = frames.cast::<Frame>();
        // SAFETY: the guard is the last part of the mapping just made.
        unsafe { libc::mprotect(base.add(REGISTERS).cast_mut().cast(), GUARD_BYTES, libc::PROT_NONE) };
        let stack = Stack {
            base,
            frames,
            interrupts: Cell::new(&raw const NEVER),
            top: Cell::new(frames),
            limit: Cell::new(frames),
            stop_value: Cell::new(None),
            result: Cell::new(None),
            raised_again: Cell::new(false),
            unhandled: Cell::new(false),
            event: Cell::new(None),
            yielded: Cell::new(false),
        };
        stack.set_recursion_limit(DEFAULT_RECURSION_LIMIT);
        Some(stack)
    }

    /// Takes the result of the frame that the loop was left with.
    #[inline]
    pub(super) fn take_result(&self) -> Value {
        self.result.take().unwrap_or(Value::NONE)
    }

    /// Hands over the result of the frame that the loop is being left with.
    #[inline]
    pub(super) fn set_result(&self, value: Value) {
        self.result.set(Some(value));
    }

    /// Has polls look at this word.
    ///
    /// # Safety
    ///
    /// The word lives as long as the stack is used.
    pub(crate) unsafe fn set_interrupt_word(&self, word: &AtomicU32) {
        self.interrupts.set(word);
    }

    /// Whether something asks for the thread's attention.
    #[inline(always)]
    pub(super) fn interrupted(&self) -> bool {
        // SAFETY: the word outlives the stack's use (`set_interrupt_word`).
        unsafe { (*self.interrupts.get()).load(Ordering::Relaxed) != 0 }
    }

    /// Sets how deep Python calls may nest.
    pub fn set_recursion_limit(&self, limit: usize) {
        let limit = limit.min(FRAMES - 1 - RECURSION_HEADROOM);
        self.limit.set(self.frames.wrapping_add(limit));
    }

    /// How deep Python calls nest now.
    pub fn depth(&self) -> usize {
        (self.top.get() as usize - self.frames as usize) / size_of::<Frame>()
    }

    /// The record of the running frame; the bottom record if there is none.
    #[inline(always)]
    pub(super) fn top_record(&self) -> *const Frame {
        self.top.get()
    }

    #[inline(always)]
    pub(super) fn set_top(&self, frame: *const Frame) {
        self.top.set(frame);
    }

    /// The running frame.
    #[inline]
    pub fn top(&self) -> Option<&Frame> {
        self.is_frame(self.top.get())
    }

    /// The frame that called `frame` (across native code).
    pub fn below(&self, frame: &Frame) -> Option<&Frame> {
        self.is_frame((&raw const *frame).wrapping_sub(1))
    }

    fn is_frame(&self, record: *const Frame) -> Option<&Frame> {
        // SAFETY: records between the bottom (exclusive) and the top are in use; the reference is used at once.
        if record > self.frames { Some(unsafe { &*record }) } else { None }
    }

    /// The running frame and its callers, innermost first.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        std::iter::successors(self.top(), |frame| self.below(frame))
    }

    /// The first free register.
    pub(super) fn free(&self) -> *const AtomicU64 {
        self.top().map_or(self.base, Frame::free)
    }

    /// Whether one more frame may be pushed on `record`, with a window of `count` registers at `registers` on the
    /// thread's stack. A window elsewhere (a generator's) never has room, whatever its size.
    #[inline(always)]
    pub(super) fn has_room(&self, record: *const Frame, registers: *const AtomicU64, count: u32) -> bool {
        let end =
            (registers as usize).wrapping_sub(self.base as usize).wrapping_add(count as usize * size_of::<AtomicU64>());
        record < self.limit.get() && end <= REGISTERS * size_of::<AtomicU64>()
    }

    /// Reports everything the frames hold.
    pub(crate) fn trace(&self, tracer: &mut Tracer<'_>) {
        for value in [self.stop_value.get(), self.result.get()].into_iter().flatten() {
            tracer.word(value.word());
        }
        let mut in_native = true;
        for frame in self.frames() {
            frame.trace(tracer, in_native);
            in_native = frame.has(flag::ENTRY);
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: both mappings were made by `new` and are used by nobody else.
        unsafe {
            libc::munmap(self.base.cast_mut().cast(), REGISTERS_BYTES);
            libc::munmap(self.frames.cast_mut().cast(), FRAMES_BYTES);
        }
    }
}

fn reserve(bytes: usize) -> Option<*const u8> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: an anonymous mapping at an address of the system's choice touches nothing that exists.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, flags, -1, 0) };
    (start != libc::MAP_FAILED).then(|| start.cast_const().cast())
}

impl Cx {
    /// The innermost running frame.
    pub fn current_frame(&self) -> Option<&Frame> {
        self.stack.top()
    }

    /// Hands over the value of the StopIteration that `Ok(None)` from a `next` slot stands for.
    pub fn set_stop_value(&self, value: Value) {
        self.stack.stop_value.set(if value.is_none() { None } else { Some(value) });
    }

    /// Takes the value handed over by [`set_stop_value`](Self::set_stop_value); None if there is none. To be called
    /// right after a `next` slot answered `Ok(None)`.
    pub fn take_stop_value(&self) -> Value {
        self.stack.stop_value.take().unwrap_or(Value::NONE)
    }

    /// RecursionError for a frame that found no room.
    #[cold]
    #[inline(never)]
    pub(super) fn recursion_error(&self) -> Raised {
        let limit = self.stack.limit.get();
        // Making the exception may run Python code (a patched `RecursionError` cannot, but hooks can).
        self.stack.limit.set(limit.wrapping_add(RECURSION_HEADROOM));
        let raised = raise!(self, RecursionError, "maximum recursion depth exceeded");
        self.stack.limit.set(limit);
        raised
    }

    /// `sys.setrecursionlimit`; fails if the limit is below the present depth.
    pub fn set_recursion_limit(&self, limit: usize) -> PyResult<()> {
        let depth = self.stack.depth();
        if depth >= limit {
            return Err(raise!(
                self,
                RecursionError,
                "cannot set the recursion limit to {limit} at the recursion depth {depth}: the limit is too low"
            ));
        }
        self.stack.set_recursion_limit(limit);
        Ok(())
    }
}
