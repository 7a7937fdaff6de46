//! `gc`: what programs see of the collector.
//!
//! The collector has no generations, and there is no memory without it: thresholds and `disable()` are remembered and
//! reported, but it goes on when memory calls for it. A collection that the program asks for is always a full one.

mod heap;

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use countless_vm::gc::flag;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;

/// Flags of `set_debug`.
mod debug {
    pub const STATS: i32 = 1;
    pub const COLLECTABLE: i32 = 2;
    pub const UNCOLLECTABLE: i32 = 4;
    pub const SAVEALL: i32 = 32;
    pub const LEAK: i32 = COLLECTABLE | UNCOLLECTABLE | SAVEALL;
}

/// How many generations CPython has.
const GENERATIONS: i64 = 3;

/// The key of the list of callbacks.
const CALLBACKS: &str = "gc.callbacks";

static ENABLED: AtomicBool = AtomicBool::new(true);
static COLLECTING: AtomicBool = AtomicBool::new(false);
static DEBUG: AtomicI32 = AtomicI32::new(0);
static THRESHOLDS: [AtomicI64; 3] = [AtomicI64::new(2000), AtomicI64::new(10), AtomicI64::new(10)];
/// Objects found dead by collections that the program asked for.
static COLLECTED: AtomicU64 = AtomicU64::new(0);
/// Objects that were there at the last `freeze()`.
static FROZEN: AtomicUsize = AtomicUsize::new(0);
/// Bytes allocated until the collection that `COUNTED_CYCLE` numbers.
static COUNTED_BYTES: AtomicU64 = AtomicU64::new(0);
static COUNTED_CYCLE: AtomicU64 = AtomicU64::new(0);

fn enable(_cx: &Cx, _module: Value) -> PyResult {
    ENABLED.store(true, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn disable(_cx: &Cx, _module: Value) -> PyResult {
    ENABLED.store(false, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn is_enabled(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::bool(ENABLED.load(Ordering::Relaxed)))
}

static COLLECT: Signature<1> = Signature::new("collect", ["generation"]);

fn collect(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    if COLLECTING.swap(true, Ordering::AcqRel) {
        return Ok(Value::int(0));
    }
    let result = collect_reporting(cx, args);
    COLLECTING.store(false, Ordering::Release);
    Ok(Value::length(result?))
}

fn collect_reporting(cx: &Cx, args: Args<'_>) -> PyResult<usize> {
    let [generation] = COLLECT.bind(cx, args)?;
    let generation = generation.map_or(Ok(2), |generation| cx.c_int_argument(generation))?;
    if !(0..GENERATIONS).contains(&i64::from(generation)) {
        return Err(cx.value_error("invalid generation"));
    }
    call_back(cx, "start", generation, 0)?;
    let (before, began) = (heap::count_tracked(cx), Instant::now());
    cx.collect_in_call(collect);
    let (after, elapsed) = (heap::count_tracked(cx), began.elapsed());
    let dead = before.saturating_sub(after);
    COLLECTED.fetch_add(dead as u64, Ordering::Relaxed);
    if DEBUG.load(Ordering::Relaxed) & debug::STATS != 0 {
        cx.write_to_stderr(&format!(
            "gc: collecting generation {generation}...\n\
             gc: objects in each generation: 0 0 {before}\n\
             gc: objects in permanent generation: {}\n\
             gc: done, {dead} unreachable, 0 uncollectable, {:.4}s elapsed\n",
            FROZEN.load(Ordering::Relaxed),
            elapsed.as_secs_f64()
        ));
    }
    call_back(cx, "stop", generation, dead)?;
    Ok(dead)
}

/// Calls `gc.callbacks`. What they raise is reported and forgotten.
fn call_back(cx: &Cx, phase: &str, generation: i32, collected: usize) -> PyResult<()> {
    let Some(callbacks) = cx.native_state(CALLBACKS).and_then(|list| list.downcast::<List>(cx)) else { return Ok(()) };
    if callbacks.is_empty() {
        return Ok(());
    }
    let info = cx.new_dict();
    info.set_name(cx, cx.intern_str("generation"), Value::int(generation.into()))?;
    info.set_name(cx, cx.intern_str("collected"), Value::length(collected))?;
    info.set_name(cx, cx.intern_str("uncollectable"), Value::int(0))?;
    let phase = cx.intern_str(phase).value();
    for callback in callbacks.iter() {
        if let Err(raised) = cx.call(callback, &[phase, info.value()]) {
            let exception = cx.take_exception(raised);
            cx.write_unraisable(exception, None, callback);
        }
    }
    Ok(())
}

fn set_debug(cx: &Cx, _module: Value, flags: Value) -> PyResult {
    let flags = cx.c_int_argument(flags)?;
    if flags & debug::SAVEALL != 0 {
        return Err(raise!(cx, NotImplementedError, "gc.DEBUG_SAVEALL: unreachable objects are not kept"));
    }
    DEBUG.store(flags, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn get_debug(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(DEBUG.load(Ordering::Relaxed).into()))
}

fn set_threshold(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "set_threshold")?;
    if args.is_empty() || args.len() > 3 {
        return Err(cx.type_error("gc.set_threshold requires 1 to 3 arguments"));
    }
    let mut thresholds = [None; 3];
    for (threshold, value) in thresholds.iter_mut().zip(args.iter()) {
        *threshold = Some(i64::from(cx.c_int_argument(value)?));
    }
    for (threshold, stored) in thresholds.into_iter().zip(&THRESHOLDS) {
        if let Some(threshold) = threshold {
            stored.store(threshold, Ordering::Relaxed);
        }
    }
    Ok(Value::NONE)
}

fn get_threshold(cx: &Cx, _module: Value) -> PyResult {
    let thresholds = THRESHOLDS.each_ref().map(|threshold| Value::int(threshold.load(Ordering::Relaxed)));
    Ok(cx.new_tuple(&thresholds).value())
}

/// An estimate: cells allocated since the last collection that a call of this function knows of, and how many
/// collections there were since then.
fn get_count(cx: &Cx, _module: Value) -> PyResult {
    let stats = cx.vm().heap().stats();
    if COUNTED_CYCLE.swap(stats.cycles, Ordering::Relaxed) != stats.cycles {
        COUNTED_BYTES.store(stats.bytes_allocated, Ordering::Relaxed);
    }
    const TYPICAL_CELL_BYTES: u64 = 64;
    let young = stats.bytes_allocated.saturating_sub(COUNTED_BYTES.load(Ordering::Relaxed)) / TYPICAL_CELL_BYTES;
    Ok(cx.new_tuple(&[Value::int(young as i64), Value::int(0), Value::int(0)]).value())
}

fn get_stats(cx: &Cx, _module: Value) -> PyResult {
    let list = cx.new_list();
    let cycles = cx.vm().heap().stats().cycles as i64;
    let collected = COLLECTED.load(Ordering::Relaxed) as i64;
    for (collections, collected) in [(0, 0), (0, 0), (cycles, collected)] {
        let row = cx.new_dict();
        row.set_name(cx, cx.intern_str("collections"), Value::int(collections))?;
        row.set_name(cx, cx.intern_str("collected"), Value::int(collected))?;
        row.set_name(cx, cx.intern_str("uncollectable"), Value::int(0))?;
        list.push(cx, row.value())?;
    }
    Ok(list.value())
}

static GET_OBJECTS: Signature<1> = Signature::new("get_objects", ["generation"]);

fn get_objects(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [generation] = GET_OBJECTS.bind(cx, args)?;
    let generation = match generation.and_then(Value::not_none) {
        Some(generation) if !number::is_index(cx, generation) => {
            let class = generation.class_name(cx);
            return Err(raise!(cx, TypeError, "argument should be integer or None, not '{class}'"));
        }
        Some(generation) => Some(number::index_i64(cx, generation)?),
        None => None,
    };
    match generation {
        Some(GENERATIONS..) => Err(raise!(
            cx,
            ValueError,
            "generation parameter must be less than the number of available generations ({GENERATIONS})"
        )),
        Some(..0) => Err(cx.value_error("generation parameter cannot be negative")),
        // All objects are of one generation: the oldest.
        Some(0 | 1) => Ok(cx.new_list().value()),
        _ => Ok(heap::tracked_objects(cx)?.value()),
    }
}

fn get_referrers(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "get_referrers")?;
    let targets: Vec<u64> = args.iter().map(Value::word).collect();
    Ok(heap::referrers(cx, &targets)?.value())
}

fn get_referents(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "get_referents")?;
    let list = cx.new_list();
    for value in args.iter() {
        heap::referents(cx, value, list)?;
    }
    Ok(list.value())
}

fn is_tracked(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(heap::is_tracked(cx, value)))
}

fn is_finalized(_cx: &Cx, _module: Value, value: Value) -> PyResult {
    let finalized = value.as_cell().is_some_and(|cell| {
        // SAFETY: a value that is a cell points to a live one.
        unsafe { cell.as_ref() }.flags() & flag::FINALIZED != 0
    });
    Ok(Value::bool(finalized))
}

fn freeze(cx: &Cx, _module: Value) -> PyResult {
    FROZEN.store(heap::count_tracked(cx), Ordering::Relaxed);
    Ok(Value::NONE)
}

fn unfreeze(_cx: &Cx, _module: Value) -> PyResult {
    FROZEN.store(0, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn get_freeze_count(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::length(FROZEN.load(Ordering::Relaxed)))
}

static FUNCTIONS: &[Method] = &[
    Method::none("enable", enable, "enable($module, /)\n--\n\nEnable automatic garbage collection."),
    Method::none(
        "disable",
        disable,
        "disable($module, /)\n--\n\nDisable automatic garbage collection: recorded, but memory that runs short is still\ncollected, since nothing else frees it.",
    ),
    Method::none(
        "isenabled",
        is_enabled,
        "isenabled($module, /)\n--\n\nWhether automatic garbage collection is enabled.",
    ),
    Method::many(
        "collect",
        collect,
        "collect($module, /, generation=2)\n--\n\nRun the garbage collector.\n\n\
         Whatever generation is asked for, the whole heap is collected. Returns how many objects\nwere found dead.",
    ),
    Method::one("set_debug", set_debug, "set_debug($module, flags, /)\n--\n\nSet the collector's debugging flags."),
    Method::none("get_debug", get_debug, "get_debug($module, /)\n--\n\nThe collector's debugging flags."),
    Method::many(
        "set_threshold",
        set_threshold,
        "set_threshold(threshold0, [threshold1, [threshold2]])\nSet the collection thresholds (the collection frequency).\n\nSetting 'threshold0' to zero disables collection.",
    ),
    Method::none(
        "get_threshold",
        get_threshold,
        "get_threshold($module, /)\n--\n\nThe collection thresholds that were set.",
    ),
    Method::none(
        "get_count",
        get_count,
        "get_count($module, /)\n--\n\nAn estimate of what was allocated since the last collection.",
    ),
    Method::none(
        "get_stats",
        get_stats,
        "get_stats($module, /)\n--\n\nA list of dictionaries with statistics by generation.",
    ),
    Method::many(
        "get_objects",
        get_objects,
        "get_objects($module, /, generation=None)\n--\n\nA list of the objects that the collector watches, but for the list itself.",
    ),
    Method::many(
        "get_referrers",
        get_referrers,
        "get_referrers($module, /, *objs)\n--\n\nThe objects that refer directly to any of objs.",
    ),
    Method::many(
        "get_referents",
        get_referents,
        "get_referents($module, /, *objs)\n--\n\nThe objects that objs refer to directly.",
    ),
    Method::one(
        "is_tracked",
        is_tracked,
        "is_tracked($module, obj, /)\n--\n\nWhether the object can be part of a cycle.",
    ),
    Method::one(
        "is_finalized",
        is_finalized,
        "is_finalized($module, obj, /)\n--\n\nWhether the object's finalizer has run.",
    ),
    Method::none("freeze", freeze, "freeze($module, /)\n--\n\nCount the present objects as permanent."),
    Method::none("unfreeze", unfreeze, "unfreeze($module, /)\n--\n\nCount no object as permanent any more."),
    Method::none(
        "get_freeze_count",
        get_freeze_count,
        "get_freeze_count($module, /)\n--\n\nHow many objects were counted as permanent.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let callbacks = cx.new_list().value();
    cx.set_native_state(CALLBACKS, callbacks)?;
    cx.add_to_module(module, "callbacks", callbacks)?;
    cx.add_to_module(module, "garbage", cx.new_list().value())?;
    let constants = [
        ("DEBUG_STATS", debug::STATS),
        ("DEBUG_COLLECTABLE", debug::COLLECTABLE),
        ("DEBUG_UNCOLLECTABLE", debug::UNCOLLECTABLE),
        ("DEBUG_SAVEALL", debug::SAVEALL),
        ("DEBUG_LEAK", debug::LEAK),
    ];
    for (name, value) in constants {
        cx.add_to_module(module, name, Value::int(value.into()))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "gc",
    doc: "This module provides access to the garbage collector.\n\n\
          enable() -- Enable automatic garbage collection.\n\
          disable() -- Disable automatic garbage collection.\n\
          isenabled() -- Whether automatic collection is enabled.\n\
          collect() -- Do a full collection right now.\n\
          get_count() -- Return the current collection counts.\n\
          get_stats() -- Return list of dictionaries containing per-generation stats.\n\
          set_debug() -- Set debugging flags.\n\
          get_debug() -- Get debugging flags.\n\
          set_threshold() -- Set the collection thresholds.\n\
          get_threshold() -- Return the collection thresholds.\n\
          get_objects() -- Return a list of the objects that the collector watches.\n\
          is_tracked() -- Whether an object can be part of a cycle.\n\
          is_finalized() -- Whether an object's finalizer has run.\n\
          get_referrers() -- Return the list of objects that refer to an object.\n\
          get_referents() -- Return the list of objects that an object refers to.\n\
          freeze() -- Count the present objects as permanent.\n\
          unfreeze() -- Count no object as permanent.\n\
          get_freeze_count() -- Return how many objects are counted as permanent.\n",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
