//! `_thread`: operating system threads, all of which run Python code at the same time, and what they wait for each
//! other with.

mod handle;
mod local;
mod lock;
pub(crate) mod start;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef, TypeDef};
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::{signal, thread};
use countless_vm::types::module::Module;
use countless_vm::types::structseq::{self, field};

/// The calling thread's identity.
pub fn current_ident() -> i64 {
    thread::current_ident() as i64
}

static HOOK_ARGS_LAYOUT: Layout = structseq::layout("_ExceptHookArgs");
static HOOK_ARGS: TypeDef = structseq::definition(
    "_thread",
    "_ExceptHookArgs",
    "ExceptHookArgs\n\nWhat threading.excepthook is called with.",
    &HOOK_ARGS_LAYOUT,
    &[
        field::<0>("exc_type", "Exception type"),
        field::<1>("exc_value", "Exception value"),
        field::<2>("exc_traceback", "Exception traceback"),
        field::<3>("thread", "Thread"),
    ],
    |cx, class| structseq::finish(cx, class, 4),
);

fn get_ident(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.new_int_from_u64(thread::current_ident()))
}

fn get_native_id(_cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the call has no preconditions.
    Ok(Value::int(unsafe { libc::syscall(libc::SYS_gettid) }))
}

fn main_ident(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.new_int_from_u64(signal::main_ident()))
}

fn yes(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::TRUE)
}

fn count(cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::length(cx.vm().threads.len()))
}

fn allocate_lock(cx: &Cx, _module: Value) -> PyResult {
    Ok(lock::new_lock(cx)?.value())
}

fn exit(cx: &Cx, _module: Value) -> PyResult {
    Err(cx.raise_with_args(countless_vm::exceptions::ExceptionKind::SystemExit, &[]))
}

fn interrupt_main(cx: &Cx, _module: Value, number: Option<Value>) -> PyResult {
    let number = number.map_or(Ok(libc::SIGINT), |number| cx.c_int_argument(number))?;
    match usize::try_from(number) {
        Ok(number) if (1..signal::SIGNALS).contains(&number) => {
            // Nothing happens if the signal is ignored or has its default effect.
            if cx.vm().signals.get(number).is_some_and(|handler| !handler.is_none() && !handler.is_small_int()) {
                signal::note(number);
            }
            Ok(Value::NONE)
        }
        _ => Err(cx.value_error("signal number out of range")),
    }
}

fn stack_size(cx: &Cx, _module: Value, size: Option<Value>) -> PyResult {
    let size = size.map_or(Ok(0), |size| number::index_i64(cx, size))?;
    if size < 0 {
        return Err(cx.value_error(format_args!("size must be at least {} bytes", start::LEAST_STACK)));
    }
    match start::set_stack_size(size as usize) {
        Some(former) => Ok(Value::length(former)),
        None => Err(cx.value_error(format_args!("size must be at least {} bytes", start::LEAST_STACK))),
    }
}

/// The longest name that the system keeps for a thread.
const NAME_LENGTH: usize = 15;

static SET_NAME: Signature<1> = Signature::new("set_name", ["name"]).required(1);

fn set_name(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name] = SET_NAME.bind(cx, args)?;
    let name = cx.str_argument_named(name.unwrap_or(Value::NONE), "set_name", "name")?;
    let text = name.as_wtf8().to_string_lossy();
    let text = text.split('\0').next().unwrap_or("");
    let mut end = text.len().min(NAME_LENGTH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut buffer = [0u8; NAME_LENGTH + 1];
    buffer[..end].copy_from_slice(&text.as_bytes()[..end]);
    // SAFETY: the buffer ends with NUL.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), buffer.as_ptr().cast()) };
    Ok(Value::NONE)
}

fn get_name(cx: &Cx, _module: Value) -> PyResult {
    let mut buffer = [0u8; 64];
    // SAFETY: the buffer has the length that is passed.
    unsafe { libc::pthread_getname_np(libc::pthread_self(), buffer.as_mut_ptr().cast(), buffer.len()) };
    let end = buffer.iter().position(|&byte| byte == 0).unwrap_or(0);
    Ok(crate::support::path::fs_decode(cx, &buffer[..end]).value())
}

fn make_thread_handle(cx: &Cx, _module: Value, ident: Value) -> PyResult {
    match number::index_i64(cx, ident)? {
        ..0 => Err(cx.overflow_error("can't convert negative int to unsigned")),
        ident => Ok(handle::new_handle(cx, ident as u64, handle::RUNNING)?.value()),
    }
}

/// Shows an exception that ended a thread.
fn excepthook(cx: &Cx, _module: Value, args: Value) -> PyResult {
    let class = countless_vm::runtime::bootstrap::native_type(cx, &HOOK_ARGS)?;
    if cx.type_of(args) != class {
        return Err(cx.type_error("_thread.excepthook argument type must be ExceptHookArgs"));
    }
    let attribute = |name: &str| cx.get_attribute(args, cx.intern_str(name));
    let (kind, mut value, thread) = (attribute("exc_type")?, attribute("exc_value")?, attribute("thread")?);
    let system_exit = cx.builtin_type(countless_vm::exceptions::ExceptionKind::SystemExit.type_id());
    if kind == system_exit.value() {
        return Ok(Value::NONE);
    }
    if value.as_exception(cx).is_none() {
        value = cx.call(kind, &[])?;
    }
    if let Some(exception) = value.as_exception(cx)
        && let Some(traceback) = attribute("exc_traceback")?.not_none()
    {
        exception.set_traceback(cx, traceback);
    }
    let name = match thread.not_none() {
        Some(thread) => cx.get_attribute_optional(thread, cx.intern_str("_name"))?,
        None => None,
    };
    let name = match name {
        Some(name) => object::str(cx, name)?.as_wtf8().to_string_lossy(),
        None => current_ident().to_string(),
    };
    cx.write_to_stderr(&format!("Exception in thread {name}:\n"));
    cx.show_exception(value);
    Ok(Value::NONE)
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let runtime_error = cx.builtin_type(countless_vm::exceptions::ExceptionKind::RuntimeError.type_id()).value();
    cx.add_to_module(module, "error", runtime_error)?;
    let lock = countless_vm::runtime::bootstrap::native_type(cx, &lock::TYPE)?;
    cx.add_to_module(module, "LockType", lock.value())?;
    cx.add_to_module(module, "TIMEOUT_MAX", cx.new_float((lock::MAX_TIMEOUT / 1_000_000_000) as f64))?;
    cx.add_to_module(module, "_NAME_MAXLEN", Value::length(NAME_LENGTH))?;
    Ok(())
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "start_new_thread",
        start::start_new_thread,
        "start_new_thread($module, function, args, kwargs={}, /)\n--\n\nStart a thread that calls function(*args, **kwargs), and return its identity.\n\nThe thread ends when the function returns; an exception is reported, but for\nSystemExit.",
    ),
    Method::many(
        "start_new",
        start::start_new_thread,
        "start_new($module, function, args, kwargs={}, /)\n--\n\nAn obsolete synonym of start_new_thread().",
    ),
    Method::many(
        "start_joinable_thread",
        start::start_joinable_thread,
        "start_joinable_thread($module, /, function, handle=None, daemon=True)\n--\n\n*For internal use only*: start a thread that calls function(), and return a\nhandle to wait for its end with.",
    ),
    Method::none(
        "daemon_threads_allowed",
        yes,
        "daemon_threads_allowed($module, /)\n--\n\nTrue: the interpreter allows daemon threads.",
    ),
    Method::none("allocate_lock", allocate_lock, "allocate_lock($module, /)\n--\n\nMake a lock."),
    Method::none("allocate", allocate_lock, "allocate($module, /)\n--\n\nAn obsolete synonym of allocate_lock()."),
    Method::none("exit_thread", exit, "exit_thread($module, /)\n--\n\nAn obsolete synonym of exit()."),
    Method::none(
        "exit",
        exit,
        "exit($module, /)\n--\n\nRaise SystemExit, which ends the thread silently unless it is caught.",
    ),
    Method::optional(
        "interrupt_main",
        interrupt_main,
        "interrupt_main($module, signum=signal.SIGINT, /)\n--\n\nAct as if the signal had arrived: its handler runs on the main thread.\n\nNothing happens if Python does not handle the signal.",
    ),
    Method::none("get_ident", get_ident, "get_ident($module, /)\n--\n\nA number that no other running thread has."),
    Method::none(
        "_get_main_thread_ident",
        main_ident,
        "_get_main_thread_ident($module, /)\n--\n\nThe main thread's identity.",
    ),
    Method::none(
        "get_native_id",
        get_native_id,
        "get_native_id($module, /)\n--\n\nThe number by which the system knows the thread.",
    ),
    Method::none("_count", count, "_count($module, /)\n--\n\nHow many threads the program has started and still run."),
    Method::optional(
        "stack_size",
        stack_size,
        "stack_size($module, size=0, /)\n--\n\nSet the stack size of threads to be started; the former one is returned.\n\n0 stands for the default.",
    ),
    Method::one(
        "_excepthook",
        excepthook,
        "_excepthook($module, args, /)\n--\n\nShow an exception that ended Thread.run().",
    ),
    Method::none(
        "_is_main_interpreter",
        yes,
        "_is_main_interpreter($module, /)\n--\n\nTrue: there is one interpreter.",
    ),
    Method::none(
        "_shutdown",
        start::shutdown,
        "_shutdown($module, /)\n--\n\nWait until all threads but daemons and the calling one have ended.",
    ),
    Method::one(
        "_make_thread_handle",
        make_thread_handle,
        "_make_thread_handle($module, ident, /)\n--\n\nMake a handle of a thread that _thread did not start.",
    ),
    Method::none("_get_name", get_name, "_get_name($module, /)\n--\n\nThe system's name for the thread."),
    Method::many("set_name", set_name, "set_name($module, /, name)\n--\n\nSet the system's name for the thread."),
];

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_thread",
    doc: "Threads and locks: what the module threading is built on.",
    functions: FUNCTIONS,
    types: &[&lock::TYPE, &lock::RLOCK_TYPE, &handle::TYPE, &local::TYPE, &HOOK_ARGS],
    execute: Some(execute),
};
