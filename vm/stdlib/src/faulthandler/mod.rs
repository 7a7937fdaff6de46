//! `faulthandler`: the Python stack, on request and when the process dies of a signal.
//!
//! Only the calling thread's stack is shown: another one's changes while it runs. What would have to look at a thread
//! from outside (a timeout, a signal in the middle of native code) is refused.

mod fatal;

use std::io::Write;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::int;

use self::fatal::Raw;

/// More frames than these are not shown.
const MAX_FRAMES: usize = 100;

/// Longer names are cut.
const MAX_NAME: usize = 500;

/// The key of the file that the handlers write to, so that it stays open.
const FILE: &str = "faulthandler.file";

/// The descriptor of a file argument, and the file.
fn descriptor(cx: &Cx, file: Option<Value>) -> PyResult<(i32, Value)> {
    let file = match file.and_then(Value::not_none) {
        Some(file) => file,
        None => match cx.sys_attribute("stderr")? {
            None => return Err(cx.runtime_error("unable to get sys.stderr")),
            Some(stderr) if stderr.is_none() => return Err(cx.runtime_error("sys.stderr is None")),
            Some(stderr) => stderr,
        },
    };
    if int::is_int(cx, file) {
        let number = cx.c_int_argument(file)?;
        if number < 0 {
            return Err(cx.value_error("file is not a valid file descriptor"));
        }
        return Ok((number, Value::NONE));
    }
    let number = cx.call_method(file, cx.names().fileno, &[])?;
    let number = if int::is_int(cx, number) { cx.c_int_argument(number)? } else { -1 };
    if number < 0 {
        return Err(cx.runtime_error("file.fileno() is not a valid file descriptor"));
    }
    if let Err(raised) = cx.call_method(file, cx.names().flush, &[]) {
        let _ = cx.take_exception(raised);
    }
    Ok((number, file))
}

static ENABLE: Signature<3> = Signature::new("enable", ["file", "all_threads", "c_stack"]);

fn enable(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [file, _all_threads, _c_stack] = ENABLE.bind(cx, args)?;
    let (number, file) = descriptor(cx, file)?;
    cx.set_native_state(FILE, file)?;
    fatal::enable(number).map_err(|errno| crate::support::system::error(cx, errno))?;
    Ok(Value::NONE)
}

fn disable(cx: &Cx, _module: Value) -> PyResult {
    cx.set_native_state(FILE, Value::NONE)?;
    Ok(Value::bool(fatal::disable()))
}

fn is_enabled(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::bool(fatal::is_enabled()))
}

/// A name in ASCII, cut if it is long.
fn shown(name: &countless_common::wtf8::Wtf8) -> String {
    let mut text = String::new();
    for (index, point) in name.code_points().enumerate() {
        if index == MAX_NAME {
            text.push_str("...");
            break;
        }
        match point {
            0x20..0x7f => text.push(char::from(point as u8)),
            0..0x20 | 0x7f..0x100 => text.push_str(&format!("\\x{point:02x}")),
            0x100..0x1_0000 => text.push_str(&format!("\\u{point:04x}")),
            _ => text.push_str(&format!("\\U{point:08x}")),
        }
    }
    text
}

/// The lines of the calling thread's frames.
fn frame_lines(cx: &Cx) -> String {
    let mut text = String::new();
    for (index, frame) in cx.stack_frames().enumerate() {
        if index == MAX_FRAMES {
            text.push_str("  ...\n");
            break;
        }
        let code = frame.code();
        let (file, name) = (code.filename(), code.name());
        let (file, name) = (shown(file.as_wtf8()), shown(name.as_wtf8()));
        let line = code.line_at(frame.index()).map_or("???".to_owned(), |line| line.to_string());
        text.push_str(&format!("  File \"{file}\", line {line} in {name}\n"));
    }
    if text.is_empty() { "  <no Python frame>\n".to_owned() } else { text }
}

static DUMP: Signature<2> = Signature::new("dump_traceback", ["file", "all_threads"]);

fn dump_traceback(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [file, all_threads] = DUMP.bind(cx, args)?;
    let all_threads = all_threads.map_or(Ok(true), |all| object::is_true(cx, all))?;
    let (number, _file) = descriptor(cx, file)?;
    let mut text = Vec::new();
    let heading = if all_threads {
        fatal::write_heading(&mut text)
    } else {
        text.write_all(b"Stack (most recent call first):\n")
    };
    text.extend_from_slice(frame_lines(cx).as_bytes());
    let mut out = Raw { descriptor: number, skips_line: false };
    // As in CPython, a descriptor that cannot be written to is no error.
    let _ = heading.and_then(|()| out.write_all(&text));
    Ok(Value::NONE)
}

fn dump_traceback_later(cx: &Cx, _module: Value, _args: Args<'_>) -> PyResult {
    Err(raise!(cx, NotImplementedError, "the stack of a thread cannot be shown from outside"))
}

fn register(cx: &Cx, _module: Value, _args: Args<'_>) -> PyResult {
    Err(raise!(cx, NotImplementedError, "signals cannot be made to show the stack; use enable() for fatal ones"))
}

fn dump_c_stack(cx: &Cx, _module: Value, _args: Args<'_>) -> PyResult {
    Err(raise!(cx, NotImplementedError, "native stacks cannot be shown"))
}

fn cancel(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::NONE)
}

fn unregister(cx: &Cx, _module: Value, signal: Value) -> PyResult {
    let number = cx.c_int_argument(signal)?;
    if !(1..=64).contains(&number) {
        return Err(cx.value_error("signal number out of range"));
    }
    Ok(Value::FALSE)
}

/// Sends the process a signal, for tests.
fn raise_signal(signal: i32) -> PyResult {
    // SAFETY: what the signal does is up to its handler.
    unsafe { libc::raise(signal) };
    Ok(Value::NONE)
}

fn fault(_cx: &Cx, _module: Value, _args: Args<'_>) -> PyResult {
    raise_signal(libc::SIGSEGV)
}

fn abort(_cx: &Cx, _module: Value) -> PyResult {
    raise_signal(libc::SIGABRT)
}

fn floating_point(_cx: &Cx, _module: Value) -> PyResult {
    raise_signal(libc::SIGFPE)
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "enable",
        enable,
        "enable($module, /, file=sys.stderr, all_threads=True, c_stack=True)\n--\n\nShow the Python stack when the process dies of a signal.",
    ),
    Method::none("disable", disable, "disable($module, /)\n--\n\nTake the handlers of fatal signals away."),
    Method::none("is_enabled", is_enabled, "is_enabled($module, /)\n--\n\nWhether the handlers are installed."),
    Method::many(
        "dump_traceback",
        dump_traceback,
        "dump_traceback($module, /, file=sys.stderr, all_threads=True)\n--\n\nWrite the stack of the calling thread to a file.",
    ),
    Method::many(
        "dump_traceback_later",
        dump_traceback_later,
        "dump_traceback_later($module, /, timeout, repeat=False, file=sys.stderr, exit=False)\n--\n\nNot there yet.",
    ),
    Method::none(
        "cancel_dump_traceback_later",
        cancel,
        "cancel_dump_traceback_later($module, /)\n--\n\nDoes nothing: there is nothing to cancel.",
    ),
    Method::many("dump_c_stack", dump_c_stack, "dump_c_stack($module, /, file=sys.stderr)\n--\n\nNot there yet."),
    Method::many(
        "register",
        register,
        "register($module, /, signum, file=sys.stderr, all_threads=True, chain=False)\n--\n\nNot there yet.",
    ),
    Method::one(
        "unregister",
        unregister,
        "unregister($module, signum, /)\n--\n\nWhether the signal was registered, which none is.",
    ),
    Method::many("_sigsegv", fault, "_sigsegv($module, release_gil=False, /)\n--\n\nSend the process SIGSEGV."),
    Method::many(
        "_read_null",
        fault,
        "_read_null($module, /)\n--\n\nSend the process the signal that reading from address zero would.",
    ),
    Method::none("_sigabrt", abort, "_sigabrt($module, /)\n--\n\nSend the process SIGABRT."),
    Method::none("_sigfpe", floating_point, "_sigfpe($module, /)\n--\n\nSend the process SIGFPE."),
];

/// The module.
pub static MODULE: ModuleDef =
    ModuleDef { name: "faulthandler", doc: "faulthandler module.", functions: FUNCTIONS, types: &[], execute: None };
