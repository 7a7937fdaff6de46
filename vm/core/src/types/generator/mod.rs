//! Generators, coroutines and asynchronous generators: one cell layout, three types.
//!
//! The cell holds the frame's window behind its fixed part. `state` decides who may touch what: a thread claims the
//! generator by a compare-and-swap from `FRESH` or `SUSPENDED`, and from then until it stores `SUSPENDED` or `FINISHED` it
//! alone reads and writes the window and the other plain words. While the state is not `RUNNING`, the collector traces the
//! window from here; while it is, the running thread's frames do (`interp::resume`).

pub mod async_awaitable;
pub mod async_generator;
pub mod coroutine;
mod methods;

use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use countless_compiler::bytecode::{CodeFlags, Instruction, Opcode};
use countless_gc::{Header, Slot, Tracer, TypeId};

use super::code::{CodeObject, Unit};
use super::frame::FrameObject;
use super::function::Function;
use super::ids;
use super::list::array::Array;
use super::str::Str;
use crate::exceptions::ExceptionKind;
use crate::interp::frame::Frame;
use crate::interp::operands;
use crate::interp::ops::generator::kind_of;
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

pub use methods::{TYPE, close, throw_into};

/// The cell: `register_count` registers of the code follow it.
#[repr(C)]
pub struct Generator {
    header: Header,
    state: AtomicU32,
    /// The register that gets the value sent next.
    resume_register: AtomicU16,
    /// Bits of asynchronous generators: see [`flag`].
    flags: AtomicU8,
    /// The register of the iterator that a generator waiting at the yield of a delegation delegates to: then the
    /// instruction before that yield is the `Send`. [`NO_DELEGATE`] if it may be another yield.
    delegate_register: AtomicU8,
    /// Behind the instruction that was executed last.
    pc: AtomicPtr<Unit>,
    function: RefField<Function>,
    code: RefField<CodeObject>,
    /// The exception that the generator itself is handling.
    own_handled: Field,
    /// The exception that whoever resumed it was handling, while it runs.
    inherited: Field,
    /// What few generators have: see [`Detail`]. Installed once.
    details: RefField<Array>,
}

/// Fields of the array of details.
#[derive(Clone, Copy)]
pub(super) enum Detail {
    /// The name, if it is not the code's.
    Name,
    /// The same of the qualified name.
    QualifiedName,
    FrameObject,
    /// The namespace of a module's body that awaits.
    Locals,
    /// `cr_origin` of a coroutine, the finalizer hook of an asynchronous generator.
    Extra,
    /// How many there are.
    Count,
}

/// Bits of asynchronous generators.
pub(super) mod flag {
    /// The thread's hooks were asked.
    pub const HOOKS_CALLED: u8 = 1;
    /// An awaitable of the generator is being awaited.
    pub const AWAITED: u8 = 2;
    /// Closed: nothing more comes.
    pub const CLOSED: u8 = 4;
}

/// No register of a delegate.
pub(crate) const NO_DELEGATE: u8 = u8::MAX;

const FINISHED: u32 = 0;
const FRESH: u32 = 1;
const SUSPENDED: u32 = 2;
const CLAIMED_FRESH: u32 = 3;
const CLAIMED: u32 = 4;
const RUNNING: u32 = 5;

/// The layout of generators.
pub static LAYOUT: Layout =
    Layout::of::<Generator>("generator", ids::GENERATOR, Some(&super::object::LAYOUT)).variable();
/// The layout of coroutines.
pub static COROUTINE_LAYOUT: Layout =
    Layout::of::<Generator>("coroutine", ids::COROUTINE, Some(&super::object::LAYOUT)).variable();
/// The layout of asynchronous generators.
pub static ASYNC_LAYOUT: Layout =
    Layout::of::<Generator>("async_generator", ids::ASYNC_GENERATOR, Some(&super::object::LAYOUT)).variable();

// SAFETY: `repr(C)`, header first, zero is a finished generator; all fields are reported, and the window while it
// belongs to the cell.
unsafe impl Cell for Generator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.code.trace(tracer);
        self.own_handled.trace(tracer);
        self.inherited.trace(tracer);
        self.details.trace(tracer);
        if matches!(self.state.load(Ordering::Acquire), FINISHED | RUNNING) {
            return;
        }
        let code = self.code();
        let window = self.window();
        // SAFETY: named registers were copied in when the generator was made; live temporaries were written.
        let mut report =
            |register: u32| tracer.word(unsafe { (*window.add(register as usize)).load(Ordering::Relaxed) });
        (0..code.named_count).for_each(&mut report);
        code.for_each_live_during_call(self.index(), &mut report);
    }
}

/// The three kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `def` with `yield`.
    Generator,
    /// `async def`.
    Coroutine,
    /// `async def` with `yield`.
    AsyncGenerator,
}

impl Kind {
    /// As messages name it.
    pub const fn text(self) -> &'static str {
        match self {
            Kind::Generator => "generator",
            Kind::Coroutine => "coroutine",
            Kind::AsyncGenerator => "async generator",
        }
    }

    const fn type_id(self) -> TypeId {
        match self {
            Kind::Generator => ids::GENERATOR,
            Kind::Coroutine => ids::COROUTINE,
            Kind::AsyncGenerator => ids::ASYNC_GENERATOR,
        }
    }
}

/// What a claim found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A generator that has not begun.
    Fresh,
    /// One that waits at a yield.
    Suspended,
    /// One that is done: nothing was claimed.
    Finished,
}

impl Generator {
    /// Which of the three it is.
    pub fn kind(&self) -> Kind {
        match self.header.type_id() {
            ids::COROUTINE => Kind::Coroutine,
            ids::ASYNC_GENERATOR => Kind::AsyncGenerator,
            _ => Kind::Generator,
        }
    }

    /// The function.
    #[inline]
    pub fn function(&self) -> Ref<Function> {
        self.function.get().expect("a generator has a function")
    }

    /// The code.
    #[inline]
    pub fn code(&self) -> Ref<CodeObject> {
        self.code.get().expect("a generator has a code")
    }

    /// The window.
    #[inline(always)]
    pub fn window(&self) -> *const AtomicU64 {
        (&raw const *self).wrapping_add(1).cast()
    }

    /// Behind the instruction that was executed last.
    #[inline(always)]
    pub fn pc(&self) -> *const Unit {
        self.pc.load(Ordering::Relaxed)
    }

    /// Number of the instruction that was executed last.
    pub fn index(&self) -> usize {
        // SAFETY: `pc` points behind a unit of the code's array.
        (unsafe { self.pc().offset_from(self.code().units()) }) as usize - 1
    }

    /// A named register.
    pub fn register(&self, register: usize) -> Value {
        if register >= self.code().named_count as usize || self.is_finished() {
            return Value::UNBOUND;
        }
        // SAFETY: named registers were copied in when the generator was made.
        unsafe { crate::interp::frame::load(self.window(), register as u16) }
    }

    /// Moves the state on, if it is still the one that was read. While the process has one thread nobody else can have
    /// changed it.
    #[inline(always)]
    fn change_state(&self, cx: &Cx, from: u32, to: u32) -> bool {
        if !cx.mutator().has_many_threads() {
            self.state.store(to, Ordering::Release);
            return true;
        }
        self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Takes the right to run a generator that waits at a yield; false if it does not.
    #[inline(always)]
    pub(crate) fn claim_suspended(&self, cx: &Cx) -> bool {
        self.state.load(Ordering::Acquire) == SUSPENDED && self.change_state(cx, SUSPENDED, CLAIMED)
    }

    /// Takes the right to run the generator. An error if it is running, or is a coroutine that is done.
    #[inline]
    pub fn claim(&self, cx: &Cx) -> PyResult<Claim> {
        if self.claim_suspended(cx) {
            return Ok(Claim::Suspended);
        }
        self.claim_any(cx)
    }

    fn claim_any(&self, cx: &Cx) -> PyResult<Claim> {
        loop {
            let state = self.state.load(Ordering::Acquire);
            let (claimed, answer) = match state {
                FRESH => (CLAIMED_FRESH, Claim::Fresh),
                SUSPENDED => (CLAIMED, Claim::Suspended),
                FINISHED if self.kind() == Kind::Coroutine => {
                    return Err(cx.runtime_error("cannot reuse already awaited coroutine"));
                }
                FINISHED => return Ok(Claim::Finished),
                _ => return Err(raise!(cx, ValueError, "{} already executing", self.kind().text())),
            };
            if self.change_state(cx, state, claimed) {
                return Ok(answer);
            }
        }
    }

    /// Whether the claimed generator has not begun.
    pub(crate) fn is_fresh(&self) -> bool {
        matches!(self.state.load(Ordering::Relaxed), CLAIMED_FRESH | FRESH)
    }

    /// Whether it waits at a yield.
    pub fn is_suspended(&self) -> bool {
        self.state.load(Ordering::Acquire) == SUSPENDED
    }

    /// Whether it is done.
    pub fn is_finished(&self) -> bool {
        self.state.load(Ordering::Acquire) == FINISHED
    }

    /// Whether a thread runs it.
    pub fn is_running(&self) -> bool {
        matches!(self.state.load(Ordering::Acquire), CLAIMED_FRESH | CLAIMED | RUNNING)
    }

    /// Gives up the claim to a fresh generator.
    pub(crate) fn release_fresh(&self) {
        self.state.store(FRESH, Ordering::Release);
    }

    /// Gives up the claim without having run the generator.
    pub(crate) fn release_unchanged(&self) {
        let state = if self.is_fresh() { FRESH } else { SUSPENDED };
        self.state.store(state, Ordering::Release);
    }

    #[inline(always)]
    pub(crate) fn set_running(&self) {
        self.state.store(RUNNING, Ordering::Release);
    }

    /// The running generator waits at a yield.
    #[inline(always)]
    pub(crate) fn suspend(&self, pc: *const Unit, register: u16, delegate_register: u8) {
        self.delegate_register.store(delegate_register, Ordering::Relaxed);
        self.pc.store(pc.cast_mut(), Ordering::Relaxed);
        self.resume_register.store(register, Ordering::Relaxed);
        self.state.store(SUSPENDED, Ordering::Release);
    }

    /// The register that gets the value sent next.
    #[inline(always)]
    pub(crate) fn resume_register(&self) -> u16 {
        self.resume_register.load(Ordering::Relaxed)
    }

    /// The register of what it delegates to, or [`NO_DELEGATE`].
    #[inline(always)]
    pub(crate) fn delegate_register(&self) -> u8 {
        self.delegate_register.load(Ordering::Relaxed)
    }

    /// The namespace of a module's body that awaits.
    pub fn locals(&self) -> Option<Value> {
        self.detail(Detail::Locals)
    }

    #[inline(always)]
    pub(super) fn detail(&self, detail: Detail) -> Option<Value> {
        self.details.get()?.get(detail as usize)
    }

    /// Whether it has a frame object or a namespace, perhaps.
    #[inline(always)]
    pub(crate) fn has_details(&self) -> bool {
        self.details.untyped().get().is_some()
    }

    /// Whether it handles no exception and has nothing that few generators have.
    #[inline(always)]
    pub(crate) fn is_simple(&self) -> bool {
        self.own_handled.word() | self.inherited.word() | self.details.untyped().word() == 0
    }

    /// The frame object, if one was made.
    pub fn frame_object(&self) -> Option<Ref<FrameObject>> {
        // SAFETY: only frame objects are stored there.
        self.detail(Detail::FrameObject).map(|object| unsafe { Ref::from_value_unchecked(object) })
    }

    /// The exception that the generator itself is handling.
    pub(crate) fn own_handled(&self) -> Option<Value> {
        self.own_handled.get()
    }

    /// The exception that whoever resumed it is handling.
    #[inline(always)]
    pub(crate) fn inherited(&self) -> Option<Value> {
        self.inherited.get()
    }

    /// The iterator that a suspended generator delegates to.
    pub fn delegate(&self) -> Option<Value> {
        if !matches!(self.state.load(Ordering::Acquire), SUSPENDED | CLAIMED) {
            return None;
        }
        // SAFETY: `pc` points behind a unit of the code's array.
        let word = Instruction(unsafe { (*self.pc().sub(1)).instruction.load(Ordering::Relaxed) });
        let code = self.code();
        let is_watched = word.number() == Opcode::Instrumented as u8;
        let word = if is_watched { code.code().instructions[self.index()] } else { word };
        if word.number() != Opcode::Yield as u8 || word.n() != 1 {
            return None;
        }
        // SAFETY: the register was written before the yield and stays live behind it.
        Some(unsafe { crate::interp::frame::load(self.window(), operands::Yield::decode(word).delegate) })
    }

    pub(super) fn has_flag(&self, bits: u8) -> bool {
        self.flags.load(Ordering::Relaxed) & bits != 0
    }

    /// Sets bits; what was set before.
    pub(super) fn set_flag(&self, bits: u8) -> bool {
        self.flags.fetch_or(bits, Ordering::AcqRel) & bits != 0
    }

    pub(super) fn clear_flag(&self, bits: u8) {
        self.flags.fetch_and(!bits, Ordering::AcqRel);
    }

    /// `__name__`.
    pub fn name(&self) -> Ref<Str> {
        // SAFETY: only strings are stored there.
        self.detail(Detail::Name).map_or_else(|| self.code().name(), |name| unsafe { Ref::from_value_unchecked(name) })
    }

    /// `__qualname__`.
    pub fn qualified_name(&self) -> Ref<Str> {
        let name = self.detail(Detail::QualifiedName);
        // SAFETY: only strings are stored there.
        name.map_or_else(|| self.code().qualified_name(), |name| unsafe { Ref::from_value_unchecked(name) })
    }
}

impl Ref<Generator> {
    /// The cell's head, for the collector.
    pub(crate) fn cell(self) -> std::ptr::NonNull<Header> {
        std::ptr::NonNull::from(self.header())
    }

    /// The generator is done: it lets go of everything.
    pub(crate) fn finish(self, cx: &Cx) {
        for field in [&self.own_handled, &self.inherited] {
            if field.get().is_some() {
                field.clear(cx);
            }
        }
        if let Some(details) = self.details.get() {
            details.field(Detail::FrameObject as usize).clear(cx);
            details.field(Detail::Locals as usize).clear(cx);
        }
        self.state.store(FINISHED, Ordering::Release);
        // A finished generator has nothing to finalize.
        cx.mutator().forget_newest_finalizable(self.cell());
    }

    /// Finishes a generator that has not begun, if it has not.
    pub(crate) fn close_fresh(self, cx: &Cx) -> bool {
        let claimed = self.state.load(Ordering::Acquire) == FRESH && self.change_state(cx, FRESH, CLAIMED_FRESH);
        if claimed {
            self.finish(cx);
        }
        claimed
    }

    pub(crate) fn set_frame_object(self, cx: &Cx, object: Ref<FrameObject>) {
        self.set_detail(cx, Detail::FrameObject, object.value());
    }

    #[cold]
    pub(super) fn set_detail(self, cx: &Cx, detail: Detail, value: Value) {
        let details = self.details.get().unwrap_or_else(|| {
            let fresh = cx.allocate_array(Detail::Count as usize);
            match self.details.untyped().compare_exchange(cx, None, Some(fresh.value())) {
                Ok(()) => fresh,
                // Another thread was faster.
                Err(_) => self.details.get().unwrap_or(fresh),
            }
        });
        details.field(detail as usize).set(cx, value);
    }

    pub(crate) fn replace_own_handled(self, cx: &Cx, exception: Option<Value>) -> Option<Value> {
        self.own_handled.replace(cx, exception)
    }

    pub(crate) fn set_inherited(self, cx: &Cx, exception: Option<Value>) {
        match exception {
            Some(exception) => self.inherited.set(cx, exception),
            None if self.inherited.get().is_some() => self.inherited.clear(cx),
            None => {}
        }
    }

    pub(crate) fn take_inherited(self, cx: &Cx) -> Option<Value> {
        let inherited = self.inherited.get();
        if inherited.is_some() {
            self.inherited.clear(cx);
        }
        inherited
    }

    /// Sets a named register of a generator that is not running.
    pub(crate) fn set_register(self, cx: &Cx, register: usize, value: Value) {
        if register < self.code().named_count as usize {
            // SAFETY: a named register of the window, which is a slot of the cell while the generator is not running.
            unsafe { (*self.window().add(register).cast::<Slot>()).store(cx.mutator(), value.word()) };
        }
    }
}

impl Cx {
    /// The generator that the frame turns into: its registers move to the new cell.
    pub(crate) fn new_generator(&self, frame: &Frame) -> PyResult<Ref<Generator>> {
        let (code, function) = (frame.code(), frame.function());
        let kind = kind_of(code.flags);
        let size = size_of::<Generator>() + code.register_count as usize * size_of::<AtomicU64>();
        let contents = Generator {
            header: Header::default(),
            state: AtomicU32::new(FINISHED),
            resume_register: AtomicU16::new(0),
            flags: AtomicU8::new(0),
            delegate_register: AtomicU8::new(NO_DELEGATE),
            pc: AtomicPtr::new(frame.pc().cast_mut()),
            function: RefField::new(function),
            code: RefField::new(code),
            own_handled: Field::empty(),
            inherited: Field::empty(),
            details: RefField::empty(),
        };
        let generator = self.try_allocate_as(kind.type_id(), size, contents)?;
        for register in 0..code.named_count as u16 {
            // SAFETY: the cell has room for all registers of the code.
            unsafe { crate::interp::frame::store(generator.window(), register, frame.get(register)) };
        }
        generator.state.store(FRESH, Ordering::Release);
        if function.name() != code.name() {
            generator.set_detail(self, Detail::Name, function.name().value());
        }
        if function.qualified_name() != code.qualified_name() {
            generator.set_detail(self, Detail::QualifiedName, function.qualified_name().value());
        }
        if let Some(locals) = frame.locals() {
            generator.set_detail(self, Detail::Locals, locals);
        }
        if kind == Kind::Coroutine {
            coroutine::track_origin(self, generator)?;
        }
        if kind != Kind::Generator || !code.code().exception_table.is_empty() {
            self.mutator().register_finalizable(generator.value().word());
        }
        Ok(generator)
    }
}

/// The value as a generator of any of the three kinds.
pub fn as_generator(value: Value) -> Option<Ref<Generator>> {
    let id = value.type_id();
    let is_one = id == ids::GENERATOR || id == ids::COROUTINE || id == ids::ASYNC_GENERATOR;
    // SAFETY: the ids are those of this layout.
    is_one.then(|| unsafe { Ref::from_value_unchecked(value) })
}

/// What awaiting the value iterates over; `None` if it cannot be awaited.
pub fn awaitable_iterator(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let id = value.type_id();
    if id == ids::COROUTINE || (id == ids::GENERATOR && is_iterable_coroutine(value)) {
        return Ok(Some(value));
    }
    let Some(function) = cx.type_of(value).slots.await_() else { return Ok(None) };
    let iterator = function(cx, value)?;
    if iterator.is_exactly(ids::COROUTINE) || (iterator.is_exactly(ids::GENERATOR) && is_iterable_coroutine(iterator)) {
        return Err(cx.type_error("__await__() returned a coroutine"));
    }
    if cx.type_of(iterator).slots.next().is_none() {
        let class = iterator.class_name(cx);
        return Err(raise!(cx, TypeError, "__await__() returned non-iterator of type '{class}'"));
    }
    Ok(Some(iterator))
}

/// Whether the generator was made by a function that `types.coroutine` has marked.
fn is_iterable_coroutine(value: Value) -> bool {
    as_generator(value).is_some_and(|generator| generator.code().has_flags(CodeFlags::ITERABLE_COROUTINE))
}

/// The value of a pending StopIteration; another exception stays pending.
pub fn stop_iteration_value(cx: &Cx, raised: Raised) -> PyResult {
    let exception = cx.take_exception(raised);
    if !exception.is_exception_of(cx, ExceptionKind::StopIteration) {
        return Err(cx.raise_unchained(exception));
    }
    cx.get_attribute(exception, cx.names().value)
}
