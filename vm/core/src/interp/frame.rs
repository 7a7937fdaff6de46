//! Frame records: what the interpreter keeps per running frame, in an array of the thread's [`Stack`](super::stack).
//!
//! A record is owner-only. `code`, `function`, `registers` and `flags` are always valid in a record at or below the
//! top; `pc` is valid whenever anything but the dispatch loop looks at it: the loop stores it before whatever can
//! raise, call, allocate or poll. It points behind the instruction that is being executed. The other words count only
//! when their flag is set, so that pushing a record need not clear them.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use countless_compiler::bytecode::{Instruction, Opcode};
use countless_gc::Tracer;

use crate::object::cell::{Cell as ObjectCell, Ref};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::cell::CellObject;
use crate::types::code::{CodeObject, Unit};
use crate::types::dict::Dict;
use crate::types::frame::FrameObject;
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::types::str::Str;

/// Bits of [`Frame::flags`].
pub mod flag {
    /// Entered from native code: leaving it leaves the loop.
    pub const ENTRY: u16 = 1 << 0;
    /// The body of an `__init__`: what it returns must be None; the instance lies in the word below its registers.
    pub const INIT: u16 = 1 << 1;
    /// Runs on a generator's window; `generator` and `free` count.
    pub const GENERATOR: u16 = 1 << 2;
    /// `locals` counts: the body of a module or class.
    pub const LOCALS: u16 = 1 << 3;
    /// `frame_object` counts.
    pub const FRAME_OBJECT: u16 = 1 << 4;
    /// A generator resumed by `ForIter`: a yielded value goes to `dst`, the end jumps.
    pub const FOR: u16 = 1 << 5;
    /// A generator resumed by `Send`: as `FOR`, and the returned value goes to `dst`.
    pub const SEND: u16 = 1 << 6;
    /// Its beginning, or that it went on, was told to whoever watches; `traced_line` counts.
    pub const STARTED: u16 = 1 << 7;
    /// Its beginning is being told.
    pub const AT_START: u16 = 1 << 8;
    /// Anything that makes a return more than a store of the result.
    pub const SPECIAL: u16 = ENTRY | INIT | GENERATOR | FRAME_OBJECT;
}

/// One record.
#[repr(C)]
pub struct Frame {
    pc: Cell<*const Unit>,
    code: Cell<Option<Ref<CodeObject>>>,
    registers: Cell<*const AtomicU64>,
    function: Cell<Option<Ref<Function>>>,
    /// Where the caller wants the result (its register).
    pub(super) dst: Cell<u16>,
    /// See [`flag`].
    pub(super) flags: Cell<u16>,
    /// The line that was told last, or that the frame was at when watching began; 0 for none.
    pub(super) traced_line: Cell<u32>,
    frame_object: Cell<Option<Ref<FrameObject>>>,
    locals: Cell<Option<Value>>,
    generator: Cell<Option<Ref<Generator>>>,
    free: Cell<*const AtomicU64>,
}

impl Frame {
    /// Makes the record that of a new frame.
    #[inline(always)]
    pub(super) fn start(
        &self,
        function: Ref<Function>,
        code: Ref<CodeObject>,
        registers: *const AtomicU64,
        dst: u16,
        flags: u16,
    ) {
        self.code.set(Some(code));
        self.function.set(Some(function));
        self.registers.set(registers);
        self.dst.set(dst);
        self.flags.set(flags);
    }

    /// Sets the address behind the instruction being executed.
    #[inline(always)]
    pub(super) fn set_pc(&self, pc: *const Unit) {
        self.pc.set(pc);
    }

    /// The address behind the instruction being executed.
    #[inline(always)]
    pub fn pc(&self) -> *const Unit {
        self.pc.get()
    }

    /// The code.
    #[inline(always)]
    pub fn code(&self) -> Ref<CodeObject> {
        let code = self.code.get();
        debug_assert!(code.is_some());
        // SAFETY: a record in use has a code (`start`).
        unsafe { code.unwrap_unchecked() }
    }

    /// The function; bodies of modules and classes have one too.
    #[inline(always)]
    pub fn function(&self) -> Ref<Function> {
        let function = self.function.get();
        debug_assert!(function.is_some());
        // SAFETY: a record in use has a function (`start`).
        unsafe { function.unwrap_unchecked() }
    }

    /// The window.
    #[inline(always)]
    pub fn registers(&self) -> *const AtomicU64 {
        self.registers.get()
    }

    /// Whether any of the flags is set.
    #[inline(always)]
    pub fn has(&self, flags: u16) -> bool {
        self.flags.get() & flags != 0
    }

    pub(super) fn remove_flags(&self, flags: u16) {
        self.flags.set(self.flags.get() & !flags);
    }

    pub(crate) fn add_flags(&self, flags: u16) {
        self.flags.set(self.flags.get() | flags);
    }

    /// A register.
    #[inline(always)]
    pub fn get(&self, register: u16) -> Value {
        debug_assert!((register as u32) < self.code().register_count);
        // SAFETY: the verifier proves register numbers to be inside the window, and registers to be written before
        // they are read, with words of values.
        unsafe { load(self.registers.get(), register) }
    }

    /// Writes a register.
    #[inline(always)]
    pub fn set(&self, register: u16, value: Value) {
        debug_assert!((register as u32) < self.code().register_count);
        // SAFETY: the verifier proves register numbers to be inside the window.
        unsafe { store(self.registers.get(), register, value) }
    }

    /// Number of the instruction being executed; 0 in a frame that has not begun.
    #[inline]
    pub fn index(&self) -> usize {
        // SAFETY: `pc` points behind a unit of the code's array.
        ((unsafe { self.pc.get().offset_from(self.code().units()) }) as usize).saturating_sub(1)
    }

    /// The unit (instruction and cache) being executed.
    #[inline(always)]
    pub fn unit(&self) -> &Unit {
        // SAFETY: `pc` points behind a unit of the code's array, which the frame's code keeps.
        unsafe { &*self.pc.get().sub(1) }
    }

    /// The inline cache of the instruction being executed.
    #[inline(always)]
    pub fn cache(&self) -> &AtomicU64 {
        &self.unit().cache
    }

    /// The same, if it is one of an attribute and may be filled: the code remembers that.
    #[inline(always)]
    pub fn attribute_cache(&self) -> &AtomicU64 {
        self.code().note_caches();
        self.cache()
    }

    /// The instruction being executed.
    #[inline(always)]
    pub fn instruction(&self) -> Instruction {
        let word = Instruction(self.unit().instruction.load(Ordering::Relaxed));
        if word.number() == Opcode::Instrumented as u8 { self.code().code().instructions[self.index()] } else { word }
    }

    /// A name of the code.
    #[inline(always)]
    pub fn name(&self, index: u16) -> Ref<Str> {
        self.code().name_at(index as usize)
    }

    /// A constant of the code.
    #[inline(always)]
    pub fn constant(&self, index: usize) -> Value {
        self.code().constant_at(index)
    }

    /// The globals.
    #[inline(always)]
    pub fn globals(&self) -> Ref<Dict> {
        self.function().globals()
    }

    /// The builtins: a dict, or whatever `__builtins__` was.
    #[inline(always)]
    pub fn builtins(&self) -> Value {
        self.function().builtins()
    }

    /// A cell in a register.
    #[inline(always)]
    pub fn cell(&self, register: u16) -> Ref<CellObject> {
        // SAFETY: the verifier checks that operands of this kind are registers of cell or free variables, which
        // `MakeCell` and `CopyFree` have filled.
        unsafe { Ref::from_value_unchecked(self.get(register)) }
    }

    /// What a register holds, where the compiler's own code has put a `T`: SystemError if bytecode from elsewhere did not.
    #[inline]
    pub fn operand<T: ObjectCell>(&self, cx: &Cx, register: u16) -> PyResult<Ref<T>> {
        self.get(register).exact().ok_or(()).map_err(|()| self.wrong_operand(cx))
    }

    /// SystemError for bytecode that no compiler makes.
    #[cold]
    pub fn wrong_operand(&self, cx: &Cx) -> Raised {
        raise!(cx, SystemError, "an operand is not of the kind the instruction needs")
    }

    /// The local namespace of a module's or class's body.
    pub fn locals(&self) -> Option<Value> {
        if self.has(flag::LOCALS) { self.locals.get() } else { None }
    }

    pub(super) fn set_locals(&self, locals: Value) {
        self.locals.set(Some(locals));
        self.add_flags(flag::LOCALS);
    }

    /// The line that was told last to whoever watches; counts if the frame is `STARTED`.
    pub fn traced_line(&self) -> u32 {
        self.traced_line.get()
    }

    /// The generator whose frame this is.
    #[inline]
    pub fn generator(&self) -> Option<Ref<Generator>> {
        if self.has(flag::GENERATOR) { self.generator.get() } else { None }
    }

    /// Says whose frame this is, whose flags were set with the rest.
    #[inline(always)]
    pub(super) fn start_generator(&self, generator: Ref<Generator>, free: *const AtomicU64) {
        self.generator.set(Some(generator));
        self.free.set(free);
    }

    /// The frame object, if one was made.
    pub fn frame_object(&self) -> Option<Ref<FrameObject>> {
        if self.has(flag::FRAME_OBJECT) { self.frame_object.get() } else { None }
    }

    pub(crate) fn set_frame_object(&self, object: Ref<FrameObject>) {
        self.frame_object.set(Some(object));
        self.add_flags(flag::FRAME_OBJECT);
    }

    /// The first register of the thread's stack that neither this frame nor one below it uses.
    #[inline]
    pub fn free(&self) -> *const AtomicU64 {
        if self.has(flag::GENERATOR) {
            return self.free.get();
        }
        self.registers.get().wrapping_add(self.code().register_count as usize)
    }

    /// Reports what the frame holds. `in_native`: native code runs on behalf of its current instruction (or it was
    /// stopped at it), so operands count; otherwise it waits for a frame above it, which took them over.
    pub(super) fn trace(&self, tracer: &mut Tracer<'_>, in_native: bool) {
        let code = self.code();
        tracer.word(code.value().word());
        tracer.word(self.function().value().word());
        if self.has(flag::INIT) {
            // SAFETY: the window of an `__init__` frame begins above the word that holds the instance.
            tracer.word(unsafe { (*self.registers().sub(1)).load(Ordering::Relaxed) });
        }
        for value in
            [self.frame_object().map(Ref::value), self.locals(), self.generator().map(Ref::value)].into_iter().flatten()
        {
            tracer.word(value.word());
        }
        let registers = self.registers();
        // SAFETY: every frame has its window, in which named registers were filled when it was entered and live
        // temporaries were written.
        let mut report =
            |register: u32| tracer.word(unsafe { (*registers.add(register as usize)).load(Ordering::Relaxed) });
        (0..code.named_count).for_each(&mut report);
        // A generator into which an exception is being thrown is still at its yield, which took its operand long ago.
        let is_at_yield = self.has(flag::GENERATOR) && self.instruction().number() == Opcode::Yield as u8;
        if in_native && !is_at_yield {
            code.for_each_live_before(self.index(), &mut report);
        } else {
            code.for_each_live_during_call(self.index(), &mut report);
        }
    }
}

/// Reads a register of a window.
///
/// # Safety
///
/// The register is inside the window and was written.
#[inline(always)]
pub unsafe fn load(registers: *const AtomicU64, register: u16) -> Value {
    // SAFETY: the caller's contract; only words of values are ever stored to registers, and those are not zero.
    unsafe { Value::from_word((*registers.add(register as usize)).load(Ordering::Relaxed)).unwrap_unchecked() }
}

/// Writes a register of a window.
///
/// # Safety
///
/// The register is inside the window.
#[inline(always)]
pub unsafe fn store(registers: *const AtomicU64, register: u16, value: Value) {
    // SAFETY: the caller's contract.
    unsafe { (*registers.add(register as usize)).store(value.word(), Ordering::Relaxed) }
}
