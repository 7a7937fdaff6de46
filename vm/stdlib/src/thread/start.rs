//! Starting threads, and waiting for them at the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::thread::current_ident;
use countless_vm::runtime::vm::Vm;
use countless_vm::types::dict::Dict;
use countless_vm::types::tuple::Tuple;

use super::handle::{self, Handle};
use super::local;

/// The smallest stack that may be asked for.
pub(super) const LEAST_STACK: usize = 53_248;
/// What threads get at least: native functions keep a reserve.
const USEFUL_STACK: usize = 1024 * 1024;
const DEFAULT_STACK: usize = 8 * 1024 * 1024;

/// The size asked for; 0 for the default.
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);

/// Sets the stack size of threads to come; the former one, or `None` if the size is too small.
pub(super) fn set_stack_size(size: usize) -> Option<usize> {
    if size != 0 && size < LEAST_STACK {
        return None;
    }
    Some(STACK_SIZE.swap(size, Ordering::Relaxed))
}

/// What the registry holds for a thread, by position.
const FUNCTION: usize = 0;
const ARGS: usize = 1;
const KEYWORDS: usize = 2;
const HANDLE: usize = 3;

/// Runs `function(*args, **keywords)` on a new thread.
fn start(
    cx: &Cx,
    function: Value,
    args: Ref<Tuple>,
    keywords: Option<Ref<Dict>>,
    thread_handle: Ref<Handle>,
    daemon: bool,
) -> PyResult<()> {
    if cx.vm().finalizing.load(Ordering::Relaxed) {
        return Err(raise!(cx, PythonFinalizationError, "can't create new thread at interpreter shutdown"));
    }
    let exchanged = thread_handle.state.compare_exchange(
        handle::NOT_STARTED,
        handle::STARTING,
        Ordering::AcqRel,
        Ordering::Relaxed,
    );
    if exchanged.is_err() {
        return Err(cx.runtime_error("thread already started"));
    }
    let given = [Some(function), Some(args.value()), keywords.map(Ref::value), Some(thread_handle.value())];
    let vm = cx.vm();
    let key = vm.threads.add(given, daemon);
    let size = match STACK_SIZE.load(Ordering::Relaxed) {
        0 => DEFAULT_STACK,
        size => size.max(USEFUL_STACK),
    };
    let builder = std::thread::Builder::new().stack_size(size);
    let (send, receive) = channel();
    let entry = move || enter(vm, key, &send);
    // The identity is needed at once, and only the thread itself can tell it, or that it cannot begin.
    let ident = cx.mutator().detached(move || builder.spawn(entry).ok().and_then(|_| receive.recv().ok()));
    match ident {
        Some(ident) => {
            thread_handle.ident.store(ident, Ordering::Release);
            Ok(())
        }
        None => {
            vm.threads.remove(key);
            thread_handle.state.store(handle::NOT_STARTED, Ordering::Release);
            Err(cx.runtime_error("can't start new thread"))
        }
    }
}

/// A thread's whole life; `begun` is told its identity, or dropped if there is no room for its registers. A panic would
/// leave it attached and hang the world: it ends the process instead.
fn enter(vm: &'static Vm, key: u64, begun: &Sender<u64>) {
    let result = catch_unwind(AssertUnwindSafe(|| {
        let Some(cx) = Cx::for_thread(vm) else { return };
        // A thread that nobody waits for any more is as good as one that was told.
        let _ = begun.send(current_ident());
        live(&cx, key);
    }));
    if result.is_err() {
        eprintln!("Fatal error: a bug of the virtual machine ended a thread; the process cannot go on.");
        std::process::abort();
    }
}

fn live(cx: &Cx, key: u64) {
    let given = cx.vm().threads.given(cx, key);
    let function = given[FUNCTION].unwrap_or(Value::NONE);
    let args = given[ARGS].and_then(|args| args.downcast::<Tuple>(cx)).unwrap_or_else(|| cx.empty_tuple());
    let keywords = given[KEYWORDS].and_then(|keywords| keywords.downcast::<Dict>(cx));
    let thread_handle = given[HANDLE].and_then(|value| value.downcast::<Handle>(cx));
    if let Some(thread_handle) = thread_handle {
        thread_handle.ident.store(current_ident(), Ordering::Release);
        thread_handle.state.store(handle::RUNNING, Ordering::Release);
    }
    if let Err(raised) = cx.call_unpacked(function, args, keywords) {
        let exception = cx.take_exception(raised);
        if !exception.is_exception_of(cx, ExceptionKind::SystemExit) {
            cx.write_unraisable(exception, Some("Exception ignored in thread started by"), function);
        }
    }
    if let Err(raised) = local::forget_thread(cx) {
        cx.discard(raised);
    }
    cx.vm().threads.remove(key);
    if let Some(thread_handle) = thread_handle {
        thread_handle.set_done();
    }
}

pub(super) fn start_new_thread(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [function, positional, keywords] = args.between::<3>(cx, "start_new_thread", 2)?;
    let function = function.unwrap_or(Value::NONE);
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("first arg must be callable"));
    }
    let Some(positional) = positional.and_then(|value| value.downcast::<Tuple>(cx)) else {
        return Err(cx.type_error("2nd arg must be a tuple"));
    };
    let keywords = match keywords {
        None => None,
        Some(value) => match value.downcast::<Dict>(cx) {
            Some(dict) => Some(dict),
            None => return Err(cx.type_error("optional 3rd arg must be a dictionary")),
        },
    };
    let thread_handle = handle::new_handle(cx, 0, handle::NOT_STARTED)?;
    start(cx, function, positional, keywords, thread_handle, true)?;
    Ok(cx.new_int_from_u64(thread_handle.ident.load(Ordering::Acquire)))
}

static JOINABLE: Signature<3> = Signature::new("start_joinable_thread", ["function", "handle", "daemon"]).required(1);

pub(super) fn start_joinable_thread(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [function, given, daemon] = JOINABLE.bind(cx, args)?;
    let function = function.unwrap_or(Value::NONE);
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("thread function must be callable"));
    }
    let thread_handle = match given.and_then(Value::not_none) {
        None => handle::new_handle(cx, 0, handle::NOT_STARTED)?,
        Some(value) => match value.downcast::<Handle>(cx) {
            Some(thread_handle) => thread_handle,
            None => return Err(cx.type_error("'handle' must be a _ThreadHandle")),
        },
    };
    let daemon = match daemon {
        Some(daemon) => object::is_true(cx, daemon)?,
        None => true,
    };
    start(cx, function, cx.empty_tuple(), None, thread_handle, daemon)?;
    Ok(thread_handle.value())
}

/// Waits for the threads that are no daemons.
pub(super) fn shutdown(cx: &Cx, _module: Value) -> PyResult {
    loop {
        let own = current_ident();
        let waited_for = cx.vm().threads.held(cx, HANDLE, true).into_iter().filter_map(Value::from_word);
        let mut handles = waited_for.filter_map(|value| value.downcast::<Handle>(cx));
        match handles.find(|thread_handle| thread_handle.ident.load(Ordering::Acquire) != own) {
            Some(thread_handle) => thread_handle.wait(cx, None)?,
            None => return Ok(Value::NONE),
        };
    }
}

/// In the child of a fork: only the calling thread is left.
pub(crate) fn forget_others(cx: &Cx) {
    let own = current_ident();
    let handles = cx.vm().threads.held(cx, HANDLE, false).into_iter().filter_map(Value::from_word);
    let mut kept = None;
    for (index, thread_handle) in handles.filter_map(|value| value.downcast::<Handle>(cx)).enumerate() {
        if thread_handle.ident.load(Ordering::Acquire) == own {
            kept = Some(index);
        } else {
            thread_handle.set_done();
        }
    }
    cx.vm().threads.keep_only(kept.and_then(|index| cx.vm().threads.key_at(index)));
}
