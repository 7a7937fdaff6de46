//! Telling tools: callbacks are called with the watching silent, in the order of CPython (the interpreter's own tools
//! first).

use super::instrument::{Place, disable};
use super::{Event, PROFILER, TRACER, legacy};
use crate::interp::frame::Frame;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::code::offset_of;

/// The offset of an instruction, for callbacks.
pub(super) fn offset(index: usize) -> Value {
    Value::int(offset_of(index))
}

impl Cx {
    /// Whether events are not told: the thread runs a callback.
    #[inline]
    pub(crate) fn is_unwatched(&self) -> bool {
        self.thread.silent.get() != 0
    }

    /// Runs `quiet` without telling anybody what it does.
    pub(super) fn unwatched<R>(&self, quiet: impl FnOnce() -> R) -> R {
        self.thread.silent.set(self.thread.silent.get() + 1);
        let result = quiet();
        self.thread.silent.set(self.thread.silent.get() - 1);
        result
    }

    /// `sys.call_tracing`: runs `loud` as if no callback were running.
    pub fn watched_again<R>(&self, loud: impl FnOnce() -> R) -> R {
        let silent = self.thread.silent.replace(0);
        let result = loud();
        self.thread.silent.set(silent);
        result
    }
}

/// Tells the tools of an event at instruction `index` of the frame: with its offset (a line event: with the line alone, which is in
/// `details`) and the details.
pub(super) fn fire(
    cx: &Cx,
    frame: &Frame,
    tools: u8,
    (event, index): (Event, usize),
    details: &[Value],
) -> PyResult<()> {
    if cx.is_unwatched() {
        return Ok(());
    }
    let outer = cx.stack.event.replace(Some(event));
    let result = tell(cx, frame, tools, (event, index), details);
    cx.stack.event.set(outer);
    result
}

fn tell(cx: &Cx, frame: &Frame, tools: u8, (event, index): (Event, usize), details: &[Value]) -> PyResult<()> {
    if tools >> TRACER & 1 != 0 {
        legacy::trace(cx, frame, event, details)?;
    }
    if tools >> PROFILER & 1 != 0 {
        legacy::profile(cx, frame, event, details)?;
    }
    let users = tools & !(1 << TRACER | 1 << PROFILER);
    if users == 0 {
        return Ok(());
    }
    let mut values = [Value::NONE; 4];
    values[0] = frame.code().value();
    let mut count = 1;
    if event != Event::Line {
        values[1] = offset(index);
        count = 2;
    }
    for &detail in details {
        values[count] = detail;
        count += 1;
    }
    for tool in (0..PROFILER).rev().filter(|tool| users >> tool & 1 != 0) {
        call(cx, frame, tool, (event, index), &values[..count])?;
    }
    Ok(())
}

/// Calls one tool's callback.
fn call(cx: &Cx, frame: &Frame, tool: usize, (event, index): (Event, usize), values: &[Value]) -> PyResult<()> {
    let monitoring = &cx.vm().monitoring;
    let callback = &monitoring.callbacks[tool][event as usize];
    let Some(function) = callback.get() else { return Ok(()) };
    let answer = cx.unwatched(|| cx.call(function, values))?;
    if Some(answer) != monitoring.disable.get() {
        return Ok(());
    }
    if !event.is_local() {
        callback.clear(cx);
        return Err(raise!(cx, ValueError, "Cannot disable {} events. Callback removed.", event.name()));
    }
    disable(&frame.code(), index, event, tool);
    Ok(())
}

/// Tells the tools of an exception on its way; what then is on its way.
#[cold]
pub(crate) fn fire_exception(cx: &Cx, frame: &Frame, event: Event, raised: Raised) -> Raised {
    let tools = cx.vm().monitoring.tools_for(event);
    if tools == 0 || cx.is_unwatched() {
        return raised;
    }
    let exception = cx.take_exception(raised);
    match fire(cx, frame, tools, (event, frame.index()), &[exception]) {
        Ok(()) => cx.raise_unchained(exception),
        Err(raised) => raised,
    }
}

/// The same for one that is being handled: the frame goes on at its `pc`.
#[cold]
pub(crate) fn fire_handled(cx: &Cx, frame: &Frame, exception: Value) -> PyResult<()> {
    let tools = cx.vm().monitoring.tools_for(Event::ExceptionHandled);
    if tools == 0 {
        return Ok(());
    }
    // The handler's first instruction has not begun: callbacks see the frame at it.
    let pc = frame.pc();
    frame.set_pc(pc.wrapping_add(1));
    let result = fire(cx, frame, tools, (Event::ExceptionHandled, frame.index()), &[exception]);
    if result.is_ok() {
        frame.set_pc(pc);
    }
    result
}

/// Tells the tools of what happened at a place, if any of them want to know.
pub(super) fn fire_at(
    cx: &Cx,
    frame: &Frame,
    place: &Place,
    (event, index): (Event, usize),
    details: &[Value],
) -> PyResult<()> {
    let tools = place.tools(super::instrument::Channel::of(event));
    if tools == 0 { Ok(()) } else { fire(cx, frame, tools, (event, index), details) }
}
