//! `countless`: what this implementation can tell of itself.

use countless_vm::gc::Durations;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;

fn set_number(cx: &Cx, dict: Ref<Dict>, name: &str, number: u64) -> PyResult<()> {
    dict.set_name(cx, cx.intern_str(name), Value::int(number as i64))
}

fn durations(cx: &Cx, durations: Durations) -> PyResult<Value> {
    let row = cx.new_dict();
    set_number(cx, row, "p50_ns", durations.p50_ns)?;
    set_number(cx, row, "p99_ns", durations.p99_ns)?;
    set_number(cx, row, "p999_ns", durations.p999_ns)?;
    set_number(cx, row, "max_ns", durations.max_ns)?;
    Ok(row.value())
}

fn gc_stats(cx: &Cx, _module: Value) -> PyResult {
    let stats = cx.vm().heap().stats();
    let result = cx.new_dict();
    for (name, number) in [
        ("cycles", stats.cycles),
        ("pauses", stats.pauses),
        ("time_to_safepoint_max_ns", stats.time_to_safepoint_max_ns),
        ("bytes_allocated", stats.bytes_allocated),
        ("bytes_marked", stats.bytes_marked),
        ("bytes_swept", stats.bytes_swept),
        ("bytes_returned", stats.bytes_returned),
        ("live_bytes", stats.live_bytes),
        ("live_cells", stats.live_cells),
        ("external_bytes", stats.external_bytes),
        ("goal_bytes", stats.goal_bytes),
        ("blocks", stats.blocks),
        ("large_cells", stats.large_cells),
        ("barrier_slow_paths", stats.barrier_slow_paths),
        ("assist_ns", stats.assist_ns),
        ("beside_ns", stats.beside_ns),
    ] {
        set_number(cx, result, name, number)?;
    }
    result.set_name(cx, cx.intern_str("pause"), durations(cx, stats.pause)?)?;
    result.set_name(cx, cx.intern_str("pause_processor"), durations(cx, stats.pause_processor)?)?;
    Ok(result.value())
}

static FUNCTIONS: &[Method] = &[Method::none(
    "gc_stats",
    gc_stats,
    "gc_stats($module, /)\n--\n\nWhat the collector did since the start, as a dictionary.\n\n\
     'pause' and 'pause_processor' have the percentiles of the latest stops of the world: by the\n\
     clock, and as processor time of the thread that ran them. 'assist_ns' is what the program's\n\
     threads marked when they allocated, 'beside_ns' what the collector's own thread did.",
)];

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "countless",
    doc: "What the interpreter can tell of itself.",
    functions: FUNCTIONS,
    types: &[],
    execute: None,
};
