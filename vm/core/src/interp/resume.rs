//! Running generators: their frames lie in windows of their own, in the generator's cell.
//!
//! A generator is claimed by a compare-and-swap of its state (a plain store while the process has one thread), so that
//! only one thread runs it. While it is suspended, its cell is traced like any other (named registers, and the
//! temporaries that live across the yield); while it runs, the thread's frames report the window. Since running writes
//! to the window without barriers, what it holds is handed to the collector first when one is marking.
//!
//! Generators that delegate to generators are resumed and suspended together, in a loop over their frames: the dispatch
//! loop does not see those in between. Each is claimed and released as if its `Send` and its yield had been executed.
//!
//! A generator has its own "handled exception": it is put in place while the generator runs, above the one of whoever
//! resumed it.

use std::sync::atomic::Ordering;

use countless_compiler::bytecode::{Instruction, Opcode};

use super::bind::pop_frame;
use super::frame::{Frame, flag};
use super::monitor::{self, Event};
use super::{Flow, operands, run};
use crate::exceptions::ExceptionKind;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::code::Unit;
use crate::types::generator::{Claim, Generator, Kind, NO_DELEGATE};
use crate::types::ids;

/// How a resumption ended.
#[derive(Clone, Copy, Debug)]
pub enum Resumed {
    /// With a yield.
    Yielded(Value),
    /// With a return.
    Returned(Value),
}

/// Resumes a generator from native code, with the value that its yield is to have. A finished one returns None.
pub fn resume(cx: &Cx, generator: Ref<Generator>, value: Value) -> PyResult<Resumed> {
    cx.check_native_stack()?;
    match generator.claim(cx)? {
        Claim::Finished => {
            cx.stack.yielded.set(false);
            return Ok(Resumed::Returned(Value::NONE));
        }
        Claim::Fresh if !value.is_none() => {
            generator.release_fresh();
            let kind = generator.kind().text();
            return Err(cx.type_error(format_args!("can't send non-None value to a just-started {kind}")));
        }
        _ => {}
    }
    push_chain(cx, generator, value, 0, flag::ENTRY)?;
    let value = run(cx, None)?;
    Ok(if cx.stack.yielded.get() { Resumed::Yielded(value) } else { Resumed::Returned(value) })
}

/// The next item of a generator for native code, as a `next` slot gives it.
pub fn step(cx: &Cx, generator: Ref<Generator>) -> PyResult<Option<Value>> {
    cx.check_native_stack()?;
    // Anything but a generator that waits at a yield is for the general function.
    let value = if generator.claim_suspended(cx) {
        push_chain(cx, generator, Value::NONE, 0, flag::ENTRY)?;
        run(cx, None)?
    } else {
        match resume(cx, generator, Value::NONE)? {
            Resumed::Yielded(value) | Resumed::Returned(value) => value,
        }
    };
    if cx.stack.yielded.get() {
        return Ok(Some(value));
    }
    cx.set_stop_value(value);
    Ok(None)
}

/// Resumes a generator by raising an exception at its yield.
pub fn resume_raising(cx: &Cx, generator: Ref<Generator>, exception: Value) -> PyResult<Resumed> {
    cx.check_native_stack()?;
    if generator.claim(cx)? == Claim::Finished {
        return Err(cx.raise_unchained(exception));
    }
    let frame = push_generator(cx, generator, None, 0, flag::ENTRY)?;
    let mut raised = cx.raise(exception);
    if cx.vm().monitoring.watches_exceptions() {
        frame.add_flags(flag::STARTED);
        frame.traced_line.set(frame.code().line_at(frame.index()).unwrap_or(0));
        raised = monitor::fire::fire_exception(cx, frame, Event::PyThrow, raised);
    }
    let value = run(cx, Some(raised))?;
    Ok(if cx.stack.yielded.get() { Resumed::Yielded(value) } else { Resumed::Returned(value) })
}

/// Pushes the frame of a generator that this thread has claimed. `value`: the result of its yield, if it is to have one.
#[inline(always)]
fn push_generator(cx: &Cx, generator: Ref<Generator>, value: Option<Value>, dst: u16, flags: u16) -> PyResult<&Frame> {
    let top = cx.stack.top_record();
    let free = cx.stack.free();
    if !cx.stack.has_room(top, free, 0) {
        generator.release_unchanged();
        return Err(cx.recursion_error());
    }
    cx.mutator().before_unbarriered_writes(generator.cell());
    // SAFETY: there is room for one more record.
    let frame = unsafe { &*top.add(1) };
    let fresh = generator.is_fresh();
    frame.start(generator.function(), generator.code(), generator.window(), dst, flags | flag::GENERATOR);
    frame.start_generator(generator, free);
    frame.set_pc(generator.pc());
    if !generator.is_simple() || cx.handled_exception().is_some() {
        attach(cx, frame, generator);
    }
    generator.set_running();
    cx.stack.set_top(frame);
    if let Some(value) = value.filter(|_| !fresh) {
        frame.set(generator.resume_register(), value);
    }
    Ok(frame)
}

/// What the loop does itself for a `ForIter` of `frame`: pushes the frame of a generator that waits at a yield, if nothing about
/// it is unusual, and says which register of it gets the value sent (None). Otherwise it is the handler's.
#[inline(always)]
pub(super) fn enter_simple<'cx>(
    cx: &'cx Cx,
    frame: &Frame,
    generator: Ref<Generator>,
    dst: u16,
) -> Option<(&'cx Frame, u16)> {
    let free = frame.free();
    let is_simple = generator.is_simple()
        && cx.handled_exception().is_none()
        && generator.delegate_register() == NO_DELEGATE
        && !cx.mutator().barrier_is_active()
        && !cx.stack.interrupted()
        && cx.stack.has_room(frame, free, 0);
    if !is_simple || !generator.claim_suspended(cx) {
        return None;
    }
    // SAFETY: there is room for one more record.
    let above = unsafe { &*(&raw const *frame).add(1) };
    above.start(generator.function(), generator.code(), generator.window(), dst, flag::FOR | flag::GENERATOR);
    above.start_generator(generator, free);
    above.set_pc(generator.pc());
    generator.set_running();
    cx.stack.set_top(above);
    Some((above, generator.resume_register()))
}

/// What the loop does itself for a plain yield in a frame pushed by a `for` or for native code: suspends the generator, if nothing about
/// it is unusual by now. The frame is still to be taken away. `pc`: behind the yield; `dst`: its register; `resumed_by`:
/// `FOR` or `ENTRY`.
#[inline(always)]
pub(super) fn suspend_simple(cx: &Cx, frame: &Frame, pc: *const Unit, dst: u16, resumed_by: u16) -> bool {
    const KINDS: u16 = flag::GENERATOR | flag::FOR | flag::SEND | flag::ENTRY | flag::FRAME_OBJECT;
    if frame.flags.get() & KINDS != flag::GENERATOR | resumed_by || cx.handled_exception().is_some() {
        return false;
    }
    let Some(generator) = frame.generator() else { return false };
    if generator.inherited().is_some() {
        return false;
    }
    generator.suspend(pc, dst, NO_DELEGATE);
    true
}

/// What a generator has that few have, and the exceptions that it and whoever resumes it are handling.
#[inline(never)]
fn attach(cx: &Cx, frame: &Frame, generator: Ref<Generator>) {
    if generator.has_details() {
        attach_details(cx, frame, generator);
    }
    generator.set_inherited(cx, cx.handled_exception());
    if let Some(own) = generator.own_handled() {
        cx.replace_handled_exception(Some(own));
    }
}

#[cold]
fn attach_details(cx: &Cx, frame: &Frame, generator: Ref<Generator>) {
    if let Some(locals) = generator.locals() {
        frame.set_locals(locals);
    }
    if let Some(object) = generator.frame_object() {
        frame.set_frame_object(object);
        object.attach(cx, frame);
    }
}

/// Pushes the frame of a generator that this thread has claimed, with the value that its yield is to have, and those of
/// the suspended generators that it delegates to, each as its delegator's `Send` would: so the loop is entered once, at
/// the innermost. What is not just so is left to the instruction.
pub(super) fn push_chain(cx: &Cx, generator: Ref<Generator>, value: Value, dst: u16, flags: u16) -> PyResult<()> {
    let mut generator = generator;
    let mut frame = push_generator(cx, generator, Some(value), dst, flags)?;
    loop {
        let register = generator.delegate_register();
        if register == NO_DELEGATE {
            return Ok(());
        }
        let delegate = frame.get(register as u16);
        if !delegate.is_exactly(ids::GENERATOR) && !delegate.is_exactly(ids::COROUTINE) {
            return Ok(());
        }
        // SAFETY: the id says so; coroutines have the same layout.
        let delegate: Ref<Generator> = unsafe { Ref::from_value_unchecked(delegate) };
        // Whoever watches is to be told of each generator that goes on.
        if generator.code().is_watched() {
            return Ok(());
        }
        let room = cx.stack.has_room(frame, frame.free(), 0) && !cx.stack.interrupted();
        if !room || !delegate.claim_suspended(cx) {
            return Ok(());
        }
        // The place behind the `Send`, which the frame would jump back to.
        frame.set_pc(frame.pc().wrapping_sub(1));
        frame = push_generator(cx, delegate, Some(value), generator.resume_register(), flag::SEND)?;
        generator = delegate;
    }
}

/// The register of what a frame at the yield `word`, whose `pc` is behind it, delegates to: `NO_DELEGATE` if it is no
/// yield of a delegation.
#[inline(always)]
fn delegate_register(frame: &Frame, word: Instruction) -> u8 {
    let operands::Yield { n, dst, delegate, .. } = operands::Yield::decode(word);
    if n != 1 {
        return NO_DELEGATE;
    }
    // SAFETY: a generator begins with `MakeGenerator`, so there is an instruction before the yield.
    let send = Instruction(unsafe { (*frame.pc().sub(2)).instruction.load(Ordering::Relaxed) });
    let matches = send.number() == Opcode::Send as u8 && operands::Send::decode(send).value == dst;
    if matches { u8::try_from(delegate).unwrap_or(NO_DELEGATE) } else { NO_DELEGATE }
}

/// Where the value sent next goes, if the frame, whose `Send` has just got an item in `register`, yields that item at
/// once: then its `pc` is put behind that yield.
#[inline(always)]
fn passes_on(frame: &Frame, register: u16) -> Option<Instruction> {
    let pc = frame.pc();
    // SAFETY: a `Send` is not the last instruction.
    let word = Instruction(unsafe { (*pc).instruction.load(Ordering::Relaxed) });
    if word.number() != Opcode::Yield as u8 || !frame.has(flag::GENERATOR) {
        return None;
    }
    if operands::Yield::decode(word).src != register {
        return None;
    }
    // SAFETY: a yield is not the last instruction.
    frame.set_pc(unsafe { pc.add(1) });
    Some(word)
}

/// Restores the handled exception of whoever resumed the generator.
fn restore_handled(cx: &Cx, generator: Ref<Generator>) {
    cx.replace_handled_exception(generator.take_inherited(cx));
}

/// The frame of a generator yields by the instruction `word`. Those that delegate to it yield
/// the value in turn.
pub(super) fn suspend(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let (mut frame, mut word) = (frame, word);
    let value = frame.get(operands::Yield::decode(word).src);
    loop {
        let (flags, target) = (frame.flags.get(), frame.dst.get());
        suspend_one(cx, frame, word);
        if flags & flag::ENTRY != 0 {
            cx.stack.yielded.set(true);
            cx.stack.set_result(value);
            return Ok(Flow::Exit);
        }
        let Some(caller) = cx.stack.top() else { return Ok(Flow::Reload) };
        caller.set(target, value);
        if flags & flag::SEND == 0 {
            return Ok(Flow::Reload);
        }
        match passes_on(caller, target) {
            Some(next) => (frame, word) = (caller, next),
            None => return Ok(Flow::Reload),
        }
    }
}

/// Takes the frame of a yielding generator away.
#[inline(always)]
fn suspend_one(cx: &Cx, frame: &Frame, word: Instruction) {
    let Some(generator) = frame.generator() else {
        crate::runtime::error::vm_bug("a yield outside of a generator");
    };
    if let Some(object) = frame.frame_object() {
        generator.set_frame_object(cx, object);
        object.suspend();
    }
    restore_handled(cx, generator);
    pop_frame(cx, frame);
    generator.suspend(frame.pc(), operands::Yield::decode(word).dst, delegate_register(frame, word));
}

/// The frame of a generator is left by a return.
pub(super) fn finish(cx: &Cx, frame: &Frame) {
    if let Some(generator) = frame.generator() {
        restore_handled(cx, generator);
        generator.finish(cx);
    }
}

/// Goes on in the frame whose `ForIter` or `Send` resumed a generator that has returned.
pub(super) fn returned_to(caller: &Frame, flags: u16, value: Value) {
    let word = caller.instruction();
    if flags & flag::FOR != 0 {
        caller.jump(operands::ForIter::decode(word).target as i32);
    } else {
        let operands::Send { value: register, target, .. } = operands::Send::decode(word);
        caller.set(register, value);
        caller.jump(target as i32);
    }
}

/// The frame of a generator is left by an exception: StopIteration becomes RuntimeError.
pub(super) fn fail(cx: &Cx, frame: &Frame, raised: Raised) -> Raised {
    let Some(generator) = frame.generator() else { return raised };
    let raised = convert_stop_iteration(cx, generator.kind(), raised);
    restore_handled(cx, generator);
    generator.finish(cx);
    raised
}

fn convert_stop_iteration(cx: &Cx, kind: Kind, raised: Raised) -> Raised {
    let exception = cx.pending_exception(&raised);
    let is = |kind: ExceptionKind| exception.is_instance(cx, cx.builtin_type(kind.type_id()));
    let name = if is(ExceptionKind::StopIteration) {
        "StopIteration"
    } else if kind == Kind::AsyncGenerator && is(ExceptionKind::StopAsyncIteration) {
        "StopAsyncIteration"
    } else {
        return raised;
    };
    let exception = cx.take_exception(raised);
    let message = cx.new_str(&format!("{} raised {name}", kind.text()));
    let error = cx.new_exception(ExceptionKind::RuntimeError, &[message.value()]);
    if let Some(cell) = error.as_exception(cx) {
        cell.set_cause(cx, Some(exception));
        cell.set_context(cx, Some(exception));
    }
    cx.raise_unchained(error)
}
