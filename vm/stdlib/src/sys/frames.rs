//! The call stack and the handled exception.

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::frame::frame_object;

pub(super) fn exception(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.handled_exception().unwrap_or(Value::NONE))
}

pub(super) fn exc_info(cx: &Cx, _module: Value) -> PyResult {
    let Some(exception) = cx.handled_exception() else {
        return Ok(cx.new_tuple(&[Value::NONE, Value::NONE, Value::NONE]).value());
    };
    let traceback = exception.as_exception(cx).and_then(|cell| cell.traceback()).unwrap_or(Value::NONE);
    Ok(cx.new_tuple(&[cx.type_of(exception).value(), exception, traceback]).value())
}

/// A frame of the caller's stack: 0 is the Python code that called.
fn frame_at(cx: &Cx, depth: i32) -> PyResult {
    let depth = usize::try_from(depth.max(0)).unwrap_or(0);
    match cx.stack_frames().nth(depth) {
        Some(frame) => Ok(frame_object(cx, frame).value()),
        None => Err(cx.value_error("call stack is not deep enough")),
    }
}

pub(super) fn getframe(cx: &Cx, _module: Value, depth: Option<Value>) -> PyResult {
    let depth = depth.map_or(Ok(0), |depth| cx.c_int_argument(depth))?;
    frame_at(cx, depth)
}

static MODULE_NAME: Signature<1> = Signature::new("_getframemodulename", ["depth"]);

pub(super) fn getframemodulename(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [depth] = MODULE_NAME.bind(cx, args)?;
    let depth = depth.map_or(Ok(0), |depth| cx.c_int_argument(depth))?;
    let frame = cx.stack_frames().nth(usize::try_from(depth.max(0)).unwrap_or(0));
    match frame {
        Some(frame) => Ok(frame.globals().get_name(cx, cx.names().__name__)?.unwrap_or(Value::NONE)),
        None => Ok(Value::NONE),
    }
}

pub(super) fn current_frames(cx: &Cx, _module: Value) -> PyResult {
    let frames = cx.new_dict();
    if let Some(frame) = cx.stack_frames().next() {
        let frame = frame_object(cx, frame).value();
        frames.set(cx, cx.new_int(countless_vm::runtime::system::thread_ident()), frame)?;
    }
    Ok(frames.value())
}

pub(super) fn current_exceptions(cx: &Cx, _module: Value) -> PyResult {
    let exceptions = cx.new_dict();
    let handled = cx.handled_exception().unwrap_or(Value::NONE);
    exceptions.set(cx, cx.new_int(countless_vm::runtime::system::thread_ident()), handled)?;
    Ok(exceptions.value())
}
