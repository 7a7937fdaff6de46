//! The end of the interpreter: threads, exit functions, streams, finalizers, in CPython's order.

use countless_vm::gc::Stats;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::types::weakref::{self, WeakRef};

use crate::report::{flush, settle};

/// Ends the interpreter. False if standard output or error could not be flushed.
pub fn finish(cx: &Cx) -> bool {
    wait_for_threads(cx);
    run_exit_functions(cx);
    let flushed = flush_streams(cx);
    cx.stop_other_threads();
    destroy_modules(cx);
    countless_stdlib::flush_open_files(cx);
    // Finalizers may have written more.
    flushed && flush_streams(cx)
}

/// An attribute of a module that has been imported.
fn of_imported(cx: &Cx, module: &str, attribute: &str) -> PyResult<Option<Value>> {
    match cx.sys_modules()?.get_name(cx, cx.intern_str(module))? {
        Some(module) if !module.is_none() => cx.get_attribute_optional(module, cx.intern_str(attribute)),
        _ => Ok(None),
    }
}

/// Waits for the threads that are no daemons.
fn wait_for_threads(cx: &Cx) {
    let Some(shutdown) = settle(cx, of_imported(cx, "threading", "_shutdown")).flatten() else { return };
    if let Err(raised) = cx.call(shutdown, &[]) {
        let exception = cx.take_exception(raised);
        let module = settle(cx, cx.import_module("threading")).unwrap_or(Value::NONE);
        cx.write_unraisable(exception, Some("Exception ignored on threading shutdown"), module);
    }
}

fn run_exit_functions(cx: &Cx) {
    let Some(run) = settle(cx, of_imported(cx, "atexit", "_run_exitfuncs")).flatten() else { return };
    if let Err(raised) = cx.call(run, &[]) {
        let exception = cx.take_exception(raised);
        cx.write_unraisable(exception, Some("Exception ignored in atexit callback"), Value::NONE);
    }
}

/// Flushes standard output and error. A failure of the first is reported; one of the second cannot be.
fn flush_streams(cx: &Cx) -> bool {
    let mut flushed = true;
    for name in ["stdout", "stderr"] {
        let Some(stream) = settle(cx, cx.sys_attribute(name)).flatten().and_then(Value::not_none) else { continue };
        if is_closed(cx, stream) {
            continue;
        }
        if let Err(raised) = cx.call_method(stream, cx.names().flush, &[]) {
            let exception = cx.take_exception(raised);
            flushed = false;
            if name == "stdout" {
                cx.write_unraisable(exception, Some("Exception ignored while flushing sys.stdout"), Value::NONE);
                flush(cx, "stderr");
            }
        }
    }
    flushed
}

fn is_closed(cx: &Cx, stream: Value) -> bool {
    let closed = settle(cx, cx.get_attribute_optional(stream, cx.intern_str("closed"))).flatten();
    closed == Some(Value::TRUE)
}

/// Lets go of the program's modules, so that what only they hold is finalized. The library's modules stay: finalizers may
/// need them, and so does whoever reports a finalizer's failure.
fn destroy_modules(cx: &Cx) {
    settle(cx, forget_session(cx));
    // From here on the program's globals are held weakly. They may live on, if only because of a word on the native stack
    // that looks like them.
    settle(cx, watch_globals(cx));
    settle(cx, forget_modules(cx));
    overwrite_stack();
    cx.collect_garbage();
    if clear_survivor(cx) {
        overwrite_stack();
        cx.collect_garbage();
    }
}

/// Overwrites the part of the native stack that the program has used: the frames of what comes now would else uncover words
/// of its.
#[inline(never)]
fn overwrite_stack() {
    const DEPTH: usize = 64 << 10;
    std::hint::black_box(&mut [0u8; DEPTH]);
}

/// Where the weak reference to the program's globals is kept: not on the native stack, where it would keep its neighbour.
const WATCHED_GLOBALS: &str = "finish.globals";

/// Makes a weak reference to the names of `__main__`.
#[inline(never)]
fn watch_globals(cx: &Cx) -> PyResult<()> {
    let main = cx.sys_modules()?.get_name(cx, cx.names().__main__)?;
    match main.and_then(|main| main.downcast::<Module>(cx)) {
        Some(main) => cx.set_native_state(WATCHED_GLOBALS, weakref::watch(cx, main.dict().value()).value()),
        None => Ok(()),
    }
}

/// Clears the program's globals if they live on; whether they did.
#[inline(never)]
fn clear_survivor(cx: &Cx) -> bool {
    let globals = cx.native_state(WATCHED_GLOBALS).and_then(|globals| globals.exact::<WeakRef>());
    let survivor = globals.and_then(|globals| globals.get(cx)).and_then(|globals| globals.downcast::<Dict>(cx));
    survivor.is_some_and(|survivor| settle(cx, clear_names(cx, survivor)).is_some())
}

/// Takes the modules that are not the library's out of `sys.modules`.
#[inline(never)]
fn forget_modules(cx: &Cx) -> PyResult<()> {
    let (modules, names) = (cx.sys_modules()?, cx.new_list());
    let Some(library) = cx.sys_attribute("stdlib_module_names")? else { return Ok(()) };
    for (name, _) in modules.iter() {
        let Some(text) = name.downcast::<Str>(cx).map(|name| name.as_wtf8().to_string_lossy()) else { continue };
        let top = text.split('.').next().unwrap_or_default();
        let is_machinery = top.starts_with("_frozen_importlib") || top == "_packed_library";
        let found = cx.call_method(library, cx.intern_str("__contains__"), &[cx.new_str(top).value()])?;
        if !is_machinery && found != Value::TRUE {
            names.push(cx, name)?;
        }
    }
    for name in names.iter() {
        modules.remove(cx, name)?;
    }
    Ok(())
}

/// Sets a module's names to None, in the order in which they came there.
fn clear_names(cx: &Cx, dict: Ref<Dict>) -> PyResult<()> {
    let names = cx.new_list();
    for (name, _) in dict.iter() {
        if name != cx.names().__builtins__.value() {
            names.push(cx, name)?;
        }
    }
    names.iter().try_for_each(|name| dict.set(cx, name, Value::NONE))
}

/// What `sys` keeps of the last exception and of the session.
fn forget_session(cx: &Cx) -> PyResult<()> {
    let Some(sys) = cx.vm().sys.get() else { return Ok(()) };
    for name in ["last_exc", "last_type", "last_value", "last_traceback", "ps1", "ps2", "__interactivehook__"] {
        if sys.dict().get_name(cx, cx.intern_str(name))?.is_some() {
            cx.add_to_module(sys, name, Value::NONE)?;
        }
    }
    if let Some(builtins) = cx.vm().builtins.get() {
        cx.add_to_module(builtins, "_", Value::NONE)?;
    }
    Ok(())
}

/// The collector's numbers for `-X gclog`.
pub fn print_statistics(stats: &Stats) {
    let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
    eprintln!(
        "collector: {} cycles, {} pauses (median {:.3} ms, p99 {:.3} ms, longest {:.3} ms)",
        stats.cycles,
        stats.pauses,
        milliseconds(stats.pause.p50_ns),
        milliseconds(stats.pause.p99_ns),
        milliseconds(stats.pause.max_ns),
    );
    eprintln!(
        "collector: {} bytes allocated, {} marked, {} swept, {} returned; {} live in {} cells, {} outside the heap",
        stats.bytes_allocated,
        stats.bytes_marked,
        stats.bytes_swept,
        stats.bytes_returned,
        stats.live_bytes,
        stats.live_cells,
        stats.external_bytes,
    );
}
