//! What happens to the frames when an exception is raised.
//!
//! The exception waits in the context (`Cx::take_exception`). Each frame that it passes adds an entry to its traceback;
//! the innermost handler around the frame's current instruction gets it into a register. A frame without a handler is
//! left; leaving an `ENTRY` frame hands the exception to the native caller.

use super::bind::pop_frame;
use super::frame::{Frame, flag};
use super::monitor::Event;
use super::monitor::fire::{fire_exception, fire_handled};
use super::resume;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::frame::frame_object;
use crate::types::traceback::{self, Traceback};

/// Finds the handler of the pending exception: afterwards the top frame goes on at its `pc`. Fails when an `ENTRY` frame
/// was left.
#[inline(never)]
pub(super) fn unwind(cx: &Cx, raised: Raised) -> PyResult<()> {
    let mut raised = raised;
    loop {
        let Some(frame) = cx.stack.top() else { return Err(raised) };
        let is_again = cx.stack.raised_again.replace(false);
        if !is_again {
            add_traceback(cx, frame, &raised);
        }
        let is_watched = cx.vm().monitoring.watches_exceptions();
        let is_unhandled = cx.stack.unhandled.replace(false);
        if is_watched && !is_unhandled {
            let event = if is_again { Event::Reraise } else { Event::Raise };
            raised = fire_exception(cx, frame, event, raised);
        }
        let code = frame.code();
        if let Some(entry) = code.code().handler(frame.index() as u32).filter(|_| !is_unhandled) {
            let exception = cx.take_exception(raised);
            frame.set(entry.register, exception);
            frame.set_pc(code.units().wrapping_add(entry.handler as usize));
            if is_watched && let Err(again) = fire_handled(cx, frame, exception) {
                raised = again;
                cx.stack.raised_again.set(true);
                continue;
            }
            return Ok(());
        }
        if is_watched {
            if is_again {
                go_back_to_raise(cx, frame, &raised);
            }
            raised = fire_exception(cx, frame, Event::PyUnwind, raised);
        }
        let is_entry = frame.has(flag::ENTRY);
        raised = leave_raising(cx, frame, raised);
        if is_entry {
            cx.stack.yielded.set(false);
            return Err(raised);
        }
    }
}

/// Adds the frame to the traceback of the pending exception.
fn add_traceback(cx: &Cx, frame: &Frame, raised: &Raised) {
    let exception = cx.pending_exception(raised);
    let object = frame_object(cx, frame);
    traceback::add(cx, exception, object, frame.index());
}

/// What the compiler added has raised the exception again: the frame is seen to be left where it was raised.
fn go_back_to_raise(cx: &Cx, frame: &Frame, raised: &Raised) {
    let code = frame.code();
    if code.line_at(frame.index()).is_some() {
        return;
    }
    let traceback = cx.pending_exception(raised).as_exception(cx).and_then(|cell| cell.traceback());
    if let Some(entry) = traceback.and_then(|entry| entry.exact::<Traceback>())
        && Some(entry.frame()) == frame.frame_object()
    {
        frame.set_pc(code.units().wrapping_add(entry.index() + 1));
    }
}

/// Leaves a frame that has no handler.
fn leave_raising(cx: &Cx, frame: &Frame, raised: Raised) -> Raised {
    if let Some(object) = frame.frame_object() {
        object.detach(cx, frame);
    }
    if frame.has(flag::GENERATOR) {
        let raised = resume::fail(cx, frame, raised);
        pop_frame(cx, frame);
        return raised;
    }
    pop_frame(cx, frame);
    raised
}
