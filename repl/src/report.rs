//! What happens to an exception that nobody caught: `sys.excepthook` with its fallbacks, and exit statuses.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::int::is_int;

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this status.
    Status(i32),
    /// By a KeyboardInterrupt that was shown: the process is to die of the signal.
    Interrupted,
}

/// Ends a program by the exception. With `inspect`, SystemExit is shown like any other, since a session follows.
pub fn ending(cx: &Cx, exception: Value, inspect: bool) -> Ending {
    if !inspect && let Some(status) = exit_status(cx, exception) {
        return Ending::Status(status);
    }
    let interrupted = exception.is_exception_of(cx, ExceptionKind::KeyboardInterrupt);
    match show(cx, exception) {
        Some(status) if !inspect => Ending::Status(status),
        _ if interrupted => Ending::Interrupted,
        _ => Ending::Status(1),
    }
}

/// The status that a SystemExit asks for; other exceptions have none. A code that is no number is printed.
pub fn exit_status(cx: &Cx, exception: Value) -> Option<i32> {
    if !exception.is_exception_of(cx, ExceptionKind::SystemExit) {
        return None;
    }
    flush(cx, "stdout");
    let code = settle(cx, cx.get_attribute(exception, cx.intern_str("code"))).unwrap_or(exception);
    if code.is_none() {
        return Some(0);
    }
    if is_int(cx, code) {
        // What does not fit is −1, as for the C library's `exit`.
        return Some(number::as_index_i64(cx, code).map_or(-1, |code| code as i32));
    }
    if let Some(text) = settle(cx, object::str(cx, code)) {
        let stream = settle(cx, cx.sys_attribute("stderr")).flatten().and_then(Value::not_none);
        match stream {
            Some(stream) => {
                let written = cx.call_method(stream, cx.names().write, &[text.value()]);
                settle(cx, written);
                settle(cx, cx.call_method(stream, cx.names().write, &[cx.names().newline.value()]));
            }
            None => cx.write_to_stderr(&format!("{}\n", text.as_wtf8().to_string_lossy())),
        }
    }
    Some(1)
}

/// Shows an exception through `sys.excepthook`, and keeps it in `sys.last_exc` and its older kin. If the hook itself asks for
/// an exit, the answer is that status.
pub fn show(cx: &Cx, exception: Value) -> Option<i32> {
    let traceback = exception.as_exception(cx).and_then(|cell| cell.traceback()).unwrap_or(Value::NONE);
    let class = cx.type_of(exception).value();
    if let Some(sys) = cx.vm().sys.get() {
        let last =
            [("last_exc", exception), ("last_type", class), ("last_value", exception), ("last_traceback", traceback)];
        for (name, value) in last {
            settle(cx, cx.add_to_module(sys, name, value));
        }
    }
    let status = match settle(cx, cx.sys_attribute("excepthook")).flatten() {
        Some(hook) => call_hook(cx, hook, [class, exception, traceback]),
        None => {
            cx.write_to_stderr("sys.excepthook is missing\n");
            cx.show_exception(exception);
            None
        }
    };
    flush(cx, "stderr");
    flush(cx, "stdout");
    status
}

fn call_hook(cx: &Cx, hook: Value, args: [Value; 3]) -> Option<i32> {
    let raised = match cx.call(hook, &args) {
        Ok(_) => return None,
        Err(raised) => raised,
    };
    let second = cx.take_exception(raised);
    if let Some(status) = exit_status(cx, second) {
        return Some(status);
    }
    cx.write_to_stderr("Error in sys.excepthook:\n");
    cx.show_exception(second);
    cx.write_to_stderr("\nOriginal exception was:\n");
    cx.show_exception(args[1]);
    None
}

/// Flushes a standard stream; a failure is somebody else's to find again.
pub fn flush(cx: &Cx, stream: &str) {
    if let Some(stream) = settle(cx, cx.sys_attribute(stream)).flatten().and_then(Value::not_none) {
        settle(cx, cx.call_method(stream, cx.names().flush, &[]));
    }
}

/// The value, or nothing where the exception is of no interest.
pub fn settle<T>(cx: &Cx, result: PyResult<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(raised) => {
            let _ = cx.take_exception(raised);
            None
        }
    }
}
