//! Trace functions and profilers.

use countless_vm::interp::monitor::legacy::Watcher;
use countless_vm::native::args::Args;
use countless_vm::native::definition::Method;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::tuple::Tuple;

fn gettrace(cx: &Cx, _module: Value) -> PyResult {
    Ok(Watcher::Tracer.get(cx).unwrap_or(Value::NONE))
}

fn settrace(cx: &Cx, _module: Value, function: Value) -> PyResult {
    Watcher::Tracer.set(cx, function.not_none());
    Ok(Value::NONE)
}

fn settrace_all(cx: &Cx, _module: Value, function: Value) -> PyResult {
    Watcher::Tracer.set_in_all_threads(cx, function.not_none());
    Ok(Value::NONE)
}

fn getprofile(cx: &Cx, _module: Value) -> PyResult {
    Ok(Watcher::Profiler.get(cx).unwrap_or(Value::NONE))
}

fn setprofile(cx: &Cx, _module: Value, function: Value) -> PyResult {
    Watcher::Profiler.set(cx, function.not_none());
    Ok(Value::NONE)
}

fn setprofile_all(cx: &Cx, _module: Value, function: Value) -> PyResult {
    Watcher::Profiler.set_in_all_threads(cx, function.not_none());
    Ok(Value::NONE)
}

fn call_tracing(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [function, arguments] = args.exactly::<2>(cx, "call_tracing")?;
    let Some(arguments) = arguments.downcast::<Tuple>(cx) else {
        let class = arguments.class_name(cx);
        return Err(raise!(cx, TypeError, "call_tracing() argument 2 must be tuple, not {class}"));
    };
    cx.watched_again(|| cx.call_unpacked(function, arguments, None))
}

/// What the module `sys` has of it.
pub(super) static FUNCTIONS: &[Method] = &[
    Method::many(
        "call_tracing",
        call_tracing,
        "call_tracing($module, func, args, /)\n--\n\nCall func(*args) with tracing enabled, inside a trace function too.",
    ),
    Method::none("gettrace", gettrace, "gettrace($module, /)\n--\n\nThis thread's trace function, or None."),
    Method::one(
        "settrace",
        settrace,
        "settrace($module, function, /)\n--\n\nSet this thread's trace function: it is called when a function begins.",
    ),
    Method::one(
        "_settraceallthreads",
        settrace_all,
        "_settraceallthreads($module, function, /)\n--\n\nSet the trace function of all running threads.",
    ),
    Method::none("getprofile", getprofile, "getprofile($module, /)\n--\n\nThis thread's profile function, or None."),
    Method::one(
        "setprofile",
        setprofile,
        "setprofile($module, function, /)\n--\n\nSet this thread's profile function: it is called at calls and returns.",
    ),
    Method::one(
        "_setprofileallthreads",
        setprofile_all,
        "_setprofileallthreads($module, function, /)\n--\n\nSet the profile function of all running threads.",
    ),
];
