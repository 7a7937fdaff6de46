//! `_tracemalloc`: the collector does not record where memory is allocated, so tracing cannot start. What asks about
//! traces gets the answers of a tracer that is off, which is what the library needs to show warnings.

use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

/// The most frames that a trace may have in CPython.
const MAX_FRAMES: i32 = u16::MAX as i32;

fn start(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [frames] = args.between::<1>(cx, "start", 0)?;
    let frames = frames.map_or(Ok(1), |frames| cx.c_int_argument(frames))?;
    if !(1..=MAX_FRAMES).contains(&frames) {
        return Err(raise!(cx, ValueError, "the number of frames must be in range [1; {MAX_FRAMES}]"));
    }
    Err(raise!(cx, NotImplementedError, "memory allocations cannot be traced"))
}

fn nothing(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::NONE)
}

fn is_tracing(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::FALSE)
}

fn get_traceback_limit(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(1))
}

fn get_traced_memory(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.new_tuple(&[Value::int(0), Value::int(0)]).value())
}

fn get_tracemalloc_memory(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(0))
}

fn get_traces(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.new_list().value())
}

fn get_object_traceback(_cx: &Cx, _module: Value, _object: Value) -> PyResult {
    Ok(Value::NONE)
}

static FUNCTIONS: &[Method] = &[
    Method::none(
        "is_tracing",
        is_tracing,
        "is_tracing($module, /)\n--\n\nWhether allocations are being traced: they never are.",
    ),
    Method::none(
        "clear_traces",
        nothing,
        "clear_traces($module, /)\n--\n\nForget the traces, of which there are none.",
    ),
    Method::none("_get_traces", get_traces, "_get_traces($module, /)\n--\n\nThe traces, of which there are none."),
    Method::one(
        "_get_object_traceback",
        get_object_traceback,
        "_get_object_traceback($module, obj, /)\n--\n\nWhere an object was allocated: None, as without tracing.",
    ),
    Method::many("start", start, "start($module, nframe=1, /)\n--\n\nRefuses to trace allocations."),
    Method::none("stop", nothing, "stop($module, /)\n--\n\nDoes nothing, as when allocations are not being traced."),
    Method::none(
        "get_traceback_limit",
        get_traceback_limit,
        "get_traceback_limit($module, /)\n--\n\nHow many frames a trace would have.",
    ),
    Method::none(
        "get_tracemalloc_memory",
        get_tracemalloc_memory,
        "get_tracemalloc_memory($module, /)\n--\n\nBytes that the traces need.",
    ),
    Method::none(
        "get_traced_memory",
        get_traced_memory,
        "get_traced_memory($module, /)\n--\n\nBytes of the traced blocks, now and at most: (0, 0) without tracing.",
    ),
    Method::none("reset_peak", nothing, "reset_peak($module, /)\n--\n\nForget the largest size of traced blocks."),
];

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_tracemalloc",
    doc: "Debug module to trace memory blocks allocated by Python.",
    functions: FUNCTIONS,
    types: &[],
    execute: None,
};
