//! What the opcode `Instrumented` does: tell who watches, then do the instruction that stands there in the compiler's
//! output, by its handler.
//!
//! Callbacks run before the instruction, but for those that tell what it did. They may set the frame's line
//! ([`jump`](super::jump)): then its `pc` has changed, and the instruction is left undone.

use countless_compiler::bytecode::{Instruction, Opcode};

use super::Event;
use super::fire::{fire, fire_at, offset};
use super::instrument::{Channel, Place, current_table};
use crate::exceptions::ExceptionKind;
use crate::interp::frame::{Frame, flag};
use crate::interp::ops;
use crate::interp::resume;
use crate::interp::{Flow, operands};
use crate::object::cell::Ref;
use crate::object::protocol::iter;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::generator::Generator;
use crate::types::ids;

/// The handler of `Instrumented`.
#[inline(never)]
pub fn instrumented(cx: &Cx, frame: &Frame, _word: Instruction) -> PyResult<Flow> {
    let (code, index) = (frame.code(), frame.index());
    let word = code.code().instructions[index];
    if cx.is_unwatched() {
        return original(cx, frame, word);
    }
    let place = current_table(cx, code).place(index);
    let at = At { cx, frame, index, place };
    if !frame.has(flag::STARTED) {
        at.begin()?;
    }
    let here = frame.pc();
    if place.is_line() {
        at.line()?;
        if frame.pc() != here {
            return Ok(at.jumped());
        }
    }
    at.fire(Event::Instruction, &[])?;
    if frame.pc() != here {
        return Ok(at.jumped());
    }
    at.run(word)
}

macro_rules! define_original {
    ($($(#[doc = $doc:literal])* $family:ident :: $handler:ident = $name:ident { $($field:ident : $kind:ident),* };)*) => {
        /// Does an instruction by its handler.
        fn original(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
            match word.opcode() {
                $(Some(Opcode::$name) => ops::$family::$handler(cx, frame, word),)*
                None => crate::runtime::error::vm_bug("an unknown instruction in verified code"),
            }
        }
    };
}

countless_compiler::for_each_opcode!(define_original);

/// Whether the end of the iterator is an exception: that of the program's own `__next__`, or of a step of an asynchronous
/// generator.
fn raises_at_its_end(cx: &Cx, iterator: Value) -> bool {
    let is_step = [ids::ASYNC_GENERATOR_SEND, ids::ASYNC_GENERATOR_THROW].contains(&iterator.type_id());
    is_step || cx.type_of(iterator).is_heap_type()
}

/// A place that is being executed.
struct At<'a> {
    cx: &'a Cx,
    frame: &'a Frame,
    index: usize,
    place: &'a Place,
}

impl At<'_> {
    fn fire(&self, event: Event, details: &[Value]) -> PyResult<()> {
        fire_at(self.cx, self.frame, self.place, (event, self.index), details)
    }

    /// The frame begins or goes on.
    fn begin(&self) -> PyResult<()> {
        let (cx, frame, index) = (self.cx, self.frame, self.index);
        let code = frame.code();
        frame.add_flags(flag::STARTED);
        frame.traced_line.set(0);
        if index == code.entry() || !code.is_resumption(index) {
            if index != code.entry() {
                return Ok(());
            }
            frame.add_flags(flag::AT_START);
            let result = self.fire(Event::PyStart, &[]);
            frame.remove_flags(flag::AT_START);
            return self.unhandled(result);
        }
        frame.traced_line.set(code.line_at(index - 1).unwrap_or(0));
        // Callbacks see the frame at its yield, whose result is not among what lives there.
        let yielded = operands::Yield::decode(code.code().instructions[index - 1]).dst;
        let sent = frame.get(yielded);
        let pc = frame.pc();
        frame.set_pc(pc.wrapping_sub(1));
        let result = fire_at(cx, frame, self.place, (Event::PyResume, index - 1), &[]);
        frame.set(yielded, sent);
        frame.set_pc(pc);
        self.unhandled(result)
    }

    /// What a callback raises before the frame has begun is not for the handlers around its first instruction.
    fn unhandled(&self, result: PyResult<()>) -> PyResult<()> {
        if result.is_err() {
            self.cx.stack.unhandled.set(true);
        }
        result
    }

    /// A line may begin here.
    fn line(&self) -> PyResult<()> {
        let Some(line) = self.frame.code().line_at(self.index) else { return Ok(()) };
        if self.frame.traced_line.replace(line) == line {
            return Ok(());
        }
        self.fire(Event::Line, &[Value::int(i64::from(line))])
    }

    /// A callback has set the frame's line: its `pc` is behind the instruction to go on at.
    fn jumped(&self) -> Flow {
        self.frame.jump(-1)
    }

    /// Does the instruction, with what is to be told of it.
    fn run(&self, word: Instruction) -> PyResult<Flow> {
        let (cx, frame) = (self.cx, self.frame);
        let channels = [Channel::Main, Channel::Right, Channel::Stop];
        if channels.iter().all(|&channel| self.place.tools(channel) == 0) {
            return original(cx, frame, word);
        }
        match word.opcode() {
            Some(Opcode::Call | Opcode::CallKeywords | Opcode::CallUnpack) => self.call(word),
            Some(Opcode::LoadSuperAttr) => {
                let operands::LoadSuperAttr { n, base, .. } = operands::LoadSuperAttr::decode(word);
                self.load_super(word, n, base)
            }
            Some(Opcode::LoadSuperMethod) => {
                let operands::LoadSuperMethod { n, base, .. } = operands::LoadSuperMethod::decode(word);
                self.load_super(word, n, base)
            }
            Some(Opcode::Return) => {
                let value = frame.get(operands::Return::decode(word).src);
                self.before(word, Event::PyReturn, value)
            }
            Some(Opcode::ReturnNone) => self.before(word, Event::PyReturn, Value::NONE),
            Some(Opcode::Yield) => {
                let value = frame.get(operands::Yield::decode(word).src);
                self.before(word, Event::PyYield, value)
            }
            Some(Opcode::Jump | Opcode::JumpBack) => {
                let distance = i64::from(word.jump_distance().unwrap_or(0));
                let target = (self.index as i64 + 1 + distance) as usize;
                self.before(word, Event::Jump, offset(target))
            }
            Some(Opcode::ForIter) => self.for_iter(word),
            Some(Opcode::Send) => self.send(word),
            _ => self.branch(word),
        }
    }

    /// Tells of what the instruction is going to do, then does it.
    fn before(&self, word: Instruction, event: Event, detail: Value) -> PyResult<Flow> {
        let here = self.frame.pc();
        self.fire(event, &[detail])?;
        if self.frame.pc() != here {
            return Ok(self.jumped());
        }
        original(self.cx, self.frame, word)
    }

    /// A conditional jump.
    fn branch(&self, word: Instruction) -> PyResult<Flow> {
        let flow = original(self.cx, self.frame, word)?;
        if self.branched(flow == Flow::Jump)? { Ok(self.jumped()) } else { Ok(flow) }
    }

    /// Tells which way a conditional jump went; the frame's `pc` is where it goes on.
    /// Whether a callback has set the frame's line.
    fn branched(&self, is_taken: bool) -> PyResult<bool> {
        let frame = self.frame;
        let target = frame.pc();
        // Callbacks see the frame at the jump.
        let here = frame.code().units().wrapping_add(self.index + 1);
        // SAFETY: both are in the code's array.
        let distance = unsafe { target.offset_from(here) };
        frame.set_pc(here);
        let to = offset((self.index as isize + 1 + distance) as usize);
        self.fire(if is_taken { Event::BranchRight } else { Event::BranchLeft }, &[to])?;
        if frame.pc() != here {
            return Ok(true);
        }
        frame.set_pc(target);
        Ok(false)
    }

    /// A step of a loop.
    fn for_iter(&self, word: Instruction) -> PyResult<Flow> {
        let operands::ForIter { dst, iterator, target } = operands::ForIter::decode(word);
        let (cx, frame) = (self.cx, self.frame);
        let iterator = frame.get(iterator);
        cx.poll()?;
        let is_generator = iterator.is_exactly(ids::GENERATOR);
        let item = if is_generator {
            // SAFETY: just checked.
            resume::step(cx, unsafe { Ref::<Generator>::from_value_unchecked(iterator) })?
        } else {
            iter::next(cx, iterator)?
        };
        match item {
            Some(item) => {
                if self.branched(false)? {
                    return Ok(self.jumped());
                }
                frame.set(dst, item);
                Ok(Flow::Next)
            }
            None => {
                let value = cx.take_stop_value();
                if is_generator {
                    self.stopped(value)?;
                } else if raises_at_its_end(cx, iterator) {
                    self.raised_inside(value)?;
                }
                frame.jump(target as i32);
                if self.branched(true)? { Ok(self.jumped()) } else { Ok(Flow::Jump) }
            }
        }
    }

    /// A step of a delegation.
    fn send(&self, word: Instruction) -> PyResult<Flow> {
        let operands::Send { value: register, iterator, target } = operands::Send::decode(word);
        let (cx, frame) = (self.cx, self.frame);
        let (value, iterator) = (frame.get(register), frame.get(iterator));
        cx.poll()?;
        if !iterator.is_exactly(ids::GENERATOR) && !iterator.is_exactly(ids::COROUTINE) {
            let flow = original(cx, frame, word)?;
            if flow == Flow::Jump && raises_at_its_end(cx, iterator) {
                let (pc, result) = (frame.pc(), frame.get(register));
                frame.set_pc(frame.code().units().wrapping_add(self.index + 1));
                self.raised_inside(result)?;
                frame.set(register, result);
                frame.set_pc(pc);
            }
            return Ok(flow);
        }
        // SAFETY: just checked; coroutines have the same layout.
        let generator: Ref<Generator> = unsafe { Ref::from_value_unchecked(iterator) };
        match resume::resume(cx, generator, value)? {
            resume::Resumed::Yielded(item) => {
                frame.set(register, item);
                Ok(Flow::Next)
            }
            resume::Resumed::Returned(result) => {
                self.stopped(result)?;
                frame.set(register, result);
                Ok(frame.jump(target as i32))
            }
        }
    }

    /// Tells that a generator has returned.
    fn stopped(&self, value: Value) -> PyResult<()> {
        if self.place.tools(Channel::Stop) == 0 {
            return Ok(());
        }
        let args: &[Value] = if value.is_none() { &[] } else { &[value] };
        let exception = self.cx.new_exception(ExceptionKind::StopIteration, args);
        self.fire(Event::StopIteration, &[exception])
    }

    /// Tells that what was asked for an item has raised StopIteration.
    fn raised_inside(&self, value: Value) -> PyResult<()> {
        let tools = self.cx.vm().monitoring.tools_for(Event::Raise);
        if tools == 0 {
            return Ok(());
        }
        let args: &[Value] = if value.is_none() { &[] } else { &[value] };
        let exception = self.cx.new_exception(ExceptionKind::StopIteration, args);
        fire(self.cx, self.frame, tools, (Event::Raise, self.index), &[exception])
    }

    /// `super().name`: the call of `super` that it stands for.
    fn load_super(&self, word: Instruction, n: u8, base: u16) -> PyResult<Flow> {
        let (callee, class) = (self.frame.get(base), self.frame.get(base + 1));
        let first = if n == 0 { class } else { self.cx.vm().monitoring.missing() };
        self.fire(Event::Call, &[callee, first])?;
        let result = original(self.cx, self.frame, word);
        match result {
            Ok(flow) => {
                self.after_call(Event::CReturn, callee, first)?;
                Ok(flow)
            }
            Err(raised) => {
                let exception = self.cx.take_exception(raised);
                self.after_call(Event::CRaise, callee, first)?;
                Err(self.cx.raise_unchained(exception))
            }
        }
    }

    /// Tells those who were told of a call how it ended.
    fn after_call(&self, event: Event, callee: Value, first: Value) -> PyResult<()> {
        match self.place.tools(Channel::Main) {
            0 => Ok(()),
            tools => fire(self.cx, self.frame, tools, (event, self.index), &[callee, first]),
        }
    }

    /// A call: of a Python function as ever, of anything else to its end.
    fn call(&self, word: Instruction) -> PyResult<Flow> {
        let (cx, frame) = (self.cx, self.frame);
        cx.poll()?;
        let window = ops::call::Window::of(cx, frame, word)?;
        let (callee, first) = (window.callee(), window.first(cx));
        let here = frame.pc();
        self.fire(Event::Call, &[callee, first])?;
        if frame.pc() != here {
            return Ok(self.jumped());
        }
        if callee.is_exactly(ids::FUNCTION) {
            return original(cx, frame, word);
        }
        match window.call(cx) {
            Ok(result) => {
                self.after_call(Event::CReturn, callee, first)?;
                frame.set(window.dst, result);
                Ok(Flow::Next)
            }
            Err(raised) => {
                let exception = cx.take_exception(raised);
                self.after_call(Event::CRaise, callee, first)?;
                Err(cx.raise_unchained(exception))
            }
        }
    }
}
