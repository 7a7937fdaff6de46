//! Trace functions and profilers (`sys.settrace`, `sys.setprofile`): two tools of the interpreter's own, which want the
//! same events in all threads; each thread has functions of its own, or none.
//!
//! A thread's functions are read by the thread itself, and set by it or while the world is stopped.

use super::{Event, PROFILER, TRACER};
use crate::interp::frame::Frame;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::builtin_function::{BuiltinFunction, MethodDescriptor};
use crate::types::code::index_of;
use crate::types::frame::{FrameObject, frame_object};
use crate::types::ids;

/// What a trace function is told of.
const TRACED: u32 = Event::PyStart.bit()
    | Event::PyResume.bit()
    | Event::PyThrow.bit()
    | Event::PyReturn.bit()
    | Event::PyYield.bit()
    | Event::PyUnwind.bit()
    | Event::Raise.bit()
    | Event::StopIteration.bit()
    | Event::Line.bit()
    | Event::Jump.bit();

/// What a profiler is told of.
const PROFILED: u32 = Event::PyStart.bit()
    | Event::PyResume.bit()
    | Event::PyThrow.bit()
    | Event::PyReturn.bit()
    | Event::PyYield.bit()
    | Event::PyUnwind.bit()
    | Event::Call.bit();

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watcher {
    /// `sys.settrace`.
    Tracer,
    /// `sys.setprofile`.
    Profiler,
}

impl Watcher {
    fn function(self, cx: &Cx) -> &std::cell::Cell<Option<Value>> {
        match self {
            Watcher::Tracer => &cx.thread.trace_function,
            Watcher::Profiler => &cx.thread.profile_function,
        }
    }

    const fn tool(self) -> (usize, u32) {
        match self {
            Watcher::Tracer => (TRACER, TRACED),
            Watcher::Profiler => (PROFILER, PROFILED),
        }
    }

    /// The calling thread's function.
    pub fn get(self, cx: &Cx) -> Option<Value> {
        self.function(cx).get()
    }

    /// Sets the calling thread's function.
    pub fn set(self, cx: &Cx, function: Option<Value>) {
        if self.get(cx).is_some() == function.is_some() {
            return self.function(cx).set(function);
        }
        cx.mutator().stop_the_world(|| {
            self.function(cx).set(function);
            self.update(cx);
        });
    }

    /// Sets the function of all threads.
    pub fn set_in_all_threads(self, cx: &Cx, function: Option<Value>) {
        cx.mutator().stop_the_world(|| {
            cx.for_each_thread(&mut |thread| self.function(thread).set(function));
            self.update(cx);
        });
    }

    /// Wants events if any thread has a function. The world is stopped.
    fn update(self, cx: &Cx) {
        let mut is_set = false;
        cx.for_each_thread(&mut |thread| is_set |= self.function(thread).get().is_some());
        let (tool, events) = self.tool();
        cx.vm().monitoring.set_events_stopped(cx, tool, if is_set { events } else { 0 });
    }
}

/// The thread ends: its functions count no more.
pub(crate) fn thread_ends(cx: &Cx) {
    Watcher::Tracer.set(cx, None);
    Watcher::Profiler.set(cx, None);
}

/// Class, instance and traceback of an exception.
fn exception_parts(cx: &Cx, exception: Value) -> Value {
    let traceback = exception.as_exception(cx).and_then(|cell| cell.traceback()).unwrap_or(Value::NONE);
    cx.new_tuple(&[cx.type_of(exception).value(), exception, traceback]).value()
}

fn last(details: &[Value]) -> Value {
    details.last().copied().unwrap_or(Value::NONE)
}

/// The trace function's side of an event.
pub(super) fn trace(cx: &Cx, frame: &Frame, event: Event, details: &[Value]) -> PyResult<()> {
    let Some(function) = Watcher::Tracer.get(cx) else { return Ok(()) };
    if matches!(event, Event::PyStart | Event::PyResume | Event::PyThrow) {
        let object = frame_object(cx, frame);
        return call_tracer(cx, object, function, "call", Value::NONE);
    }
    // The other events are for frames that have a function of their own.
    let Some(object) = frame.frame_object() else { return Ok(()) };
    let Some(own) = object.trace_function() else { return Ok(()) };
    let (name, argument) = match event {
        Event::Line if object.traces_lines() => ("line", Value::NONE),
        Event::Jump if object.traces_lines() && is_back_to_same_line(frame, details) => ("line", Value::NONE),
        Event::Instruction if object.traces_opcodes() => ("opcode", Value::NONE),
        Event::PyReturn | Event::PyYield => ("return", last(details)),
        Event::PyUnwind => ("return", Value::NONE),
        Event::Raise | Event::StopIteration => ("exception", exception_parts(cx, last(details))),
        _ => return Ok(()),
    };
    call_tracer(cx, object, own, name, argument)
}

/// Whether the jump that is about to be taken goes back without leaving its line.
fn is_back_to_same_line(frame: &Frame, details: &[Value]) -> bool {
    let Some(target) = last(details).as_small_int() else { return false };
    let (code, target) = (frame.code(), index_of(target));
    target <= frame.index() && code.line_at(target) == code.line_at(frame.index())
}

/// Calls a trace function; what it answers is the frame's own from now on. If it fails, tracing ends.
fn call_tracer(cx: &Cx, object: Ref<FrameObject>, function: Value, name: &str, argument: Value) -> PyResult<()> {
    let name = cx.intern_str(name).value();
    match cx.unwatched(|| cx.call(function, &[object.value(), name, argument])) {
        Ok(answer) => {
            if !answer.is_none() {
                object.set_trace_function(cx, Some(answer));
            }
            Ok(())
        }
        Err(raised) => {
            let exception = cx.take_exception(raised);
            Watcher::Tracer.set(cx, None);
            object.set_trace_function(cx, None);
            Err(cx.raise_unchained(exception))
        }
    }
}

/// The profiler's side of an event.
pub(super) fn profile(cx: &Cx, frame: &Frame, event: Event, details: &[Value]) -> PyResult<()> {
    let Some(function) = Watcher::Profiler.get(cx) else { return Ok(()) };
    let (name, argument) = match event {
        Event::PyStart | Event::PyResume | Event::PyThrow => ("call", Value::NONE),
        Event::PyReturn | Event::PyYield => ("return", last(details)),
        Event::PyUnwind => ("return", Value::NONE),
        Event::Call | Event::CReturn | Event::CRaise => match native_callee(cx, details)? {
            Some(callee) if event == Event::Call => ("c_call", callee),
            Some(callee) if event == Event::CReturn => ("c_return", callee),
            Some(callee) => ("c_exception", callee),
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    let object = frame_object(cx, frame).value();
    let name = cx.intern_str(name).value();
    match cx.unwatched(|| cx.call(function, &[object, name, argument])) {
        Ok(_) => Ok(()),
        Err(raised) => {
            let exception = cx.take_exception(raised);
            Watcher::Profiler.set(cx, None);
            Err(cx.raise_unchained(exception))
        }
    }
}

/// What is called, if it is a native function or method: methods with their receiver.
fn native_callee(cx: &Cx, details: &[Value]) -> PyResult<Option<Value>> {
    let &[callee, first] = details else { return Ok(None) };
    if callee.exact::<BuiltinFunction>().is_some() {
        return Ok(Some(callee));
    }
    if callee.exact::<MethodDescriptor>().is_none() || first == cx.vm().monitoring.missing() {
        return Ok(None);
    }
    let Some(get) = cx.type_of(callee).slots.descriptor_get() else { return Ok(None) };
    let bound = get(cx, callee, Some(first), Some(cx.type_of(first).value()))?;
    Ok(Some(bound).filter(|bound| bound.is_exactly(ids::BUILTIN_FUNCTION)))
}
