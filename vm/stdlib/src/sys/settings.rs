//! Settings and simple questions.

use std::sync::atomic::Ordering;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

use super::info;

pub(super) fn no(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::FALSE)
}

pub(super) fn clear_caches(cx: &Cx, _module: Value) -> PyResult {
    countless_vm::object::inline_cache::forget_all(cx);
    Ok(Value::NONE)
}

/// `sys._clear_type_descriptors(cls)`: what dataclasses does to a class that it has copied.
pub(super) fn clear_type_descriptors(cx: &Cx, _module: Value, class: Value) -> PyResult {
    let Some(class) = class.as_class(cx).filter(|class| class.is_heap_type()) else {
        let given = class.class_name(cx);
        return Err(raise!(
            cx,
            TypeError,
            "_clear_type_descriptors() argument must be a class made by Python code, not {given}"
        ));
    };
    for name in [cx.names().__dict__, cx.names().__weakref__] {
        if class.dict().get_name(cx, name)?.is_some() {
            countless_vm::types::type_attribute::set_in_namespace(cx, class, name, None)?;
        }
    }
    Ok(Value::NONE)
}

/// `-X cpu_count=N`, or −1.
pub(super) fn cpu_count_config(cx: &Cx, _module: Value) -> PyResult {
    let options = &cx.vm().config.command_line.x_options;
    let given = options.iter().rev().find(|(name, _)| name == "cpu_count").and_then(|(_, value)| value.as_deref());
    let count = given.and_then(|count| count.parse::<i64>().ok()).filter(|count| *count > 0);
    Ok(Value::int(count.unwrap_or(-1)))
}

pub(super) fn exit(cx: &Cx, _module: Value, status: Option<Value>) -> PyResult {
    let args: &[Value] = match &status {
        Some(status) => std::slice::from_ref(status),
        None => &[],
    };
    Err(cx.raise_with_args(ExceptionKind::SystemExit, args))
}

pub(super) fn getdefaultencoding(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.names().utf_8.value())
}

pub(super) fn getfilesystemencoding(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.names().utf_8.value())
}

pub(super) fn getfilesystemencodeerrors(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.names().surrogateescape.value())
}

pub(super) fn intern(cx: &Cx, _module: Value, value: Value) -> PyResult {
    match value.exact::<Str>() {
        Some(text) => Ok(cx.intern(text).value()),
        None => {
            let class = value.class_name(cx);
            Err(if value.downcast::<Str>(cx).is_some() {
                raise!(cx, TypeError, "can't intern {class}")
            } else {
                raise!(cx, TypeError, "intern() argument must be str, not {class}")
            })
        }
    }
}

pub(super) fn is_interned(cx: &Cx, _module: Value, value: Value) -> PyResult {
    match value.downcast::<Str>(cx) {
        Some(text) => Ok(Value::bool(text.is_interned())),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "_is_interned() argument must be str, not {class}"))
        }
    }
}

pub(super) fn is_immortal(_cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(!value.is_cell()))
}

pub(super) fn is_finalizing(cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::bool(cx.vm().finalizing.load(Ordering::Relaxed)))
}

pub(super) fn get_cpu_count_config(cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(i64::from(cx.vm().config.command_line.cpu_count.unwrap_or(-1))))
}

pub(super) fn getrecursionlimit(cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(i64::from(cx.vm().recursion_limit.load(Ordering::Relaxed))))
}

pub(super) fn setrecursionlimit(cx: &Cx, _module: Value, limit: Value) -> PyResult {
    let limit = cx.c_int_argument(limit)?;
    if limit < 1 {
        return Err(cx.value_error("recursion limit must be greater or equal than 1"));
    }
    cx.set_recursion_limit(limit as usize)?;
    Ok(Value::NONE)
}

pub(super) fn get_int_max_str_digits(cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(i64::from(cx.vm().int_max_str_digits.load(Ordering::Relaxed))))
}

static MAX_DIGITS: Signature<1> = Signature::new("set_int_max_str_digits", ["maxdigits"]).required(1);

pub(super) fn set_int_max_str_digits(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [limit] = MAX_DIGITS.bind(cx, args)?;
    let limit = cx.c_int_argument(limit.unwrap_or(Value::NONE))?;
    if limit != 0 && limit < 640 {
        return Err(cx.value_error("maxdigits must be >= 640 or 0 for unlimited"));
    }
    cx.vm().int_max_str_digits.store(limit, Ordering::Relaxed);
    Ok(Value::NONE)
}

pub(super) fn getrefcount(_cx: &Cx, _module: Value, value: Value) -> PyResult {
    // CPython's answer for an object held by one variable; its immortal ones answer a huge number.
    Ok(Value::int(if value.is_cell() { 2 } else { 3_221_225_472 }))
}

pub(super) fn getallocatedblocks(cx: &Cx, _module: Value) -> PyResult {
    let mut count = 0;
    cx.mutator().census(&mut |_, cells, _| count += cells);
    Ok(Value::length(count))
}

pub(super) fn getunicodeinternedsize(cx: &Cx, _module: Value, _only_immortal: Option<Value>) -> PyResult {
    Ok(Value::length(cx.vm().interned.len()))
}

static SIZE_OF: Signature<2> = Signature::new("getsizeof", ["object", "default"]).required(1);

pub(super) fn getsizeof(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [object, default] = SIZE_OF.bind(cx, args)?;
    let object = object.unwrap_or(Value::NONE);
    let size = match cx.lookup_special(object, cx.names().__sizeof__)? {
        Some(method) => cx.call_found(method, &[]),
        None => Err(raise!(cx, TypeError, "Type {} doesn't define __sizeof__", object.class_name(cx))),
    };
    let size = size.and_then(|size| number::index_i64(cx, size));
    match (size, default) {
        (Ok(size), _) if size >= 0 => Ok(cx.new_int(size)),
        (Ok(_), _) => Err(cx.value_error("__sizeof__() should return >= 0")),
        (Err(raised), Some(default)) => {
            cx.ignore_if(raised, ExceptionKind::TypeError)?;
            Ok(default)
        }
        (Err(raised), None) => Err(raised),
    }
}

pub(super) fn getswitchinterval(cx: &Cx, module: Ref<Module>) -> PyResult {
    let kept = module.dict().get_name(cx, cx.intern_str("_switch_interval"))?;
    Ok(kept.unwrap_or_else(|| cx.new_float(0.005)))
}

pub(super) fn setswitchinterval(cx: &Cx, module: Ref<Module>, interval: Value) -> PyResult {
    let seconds = number::to_float(cx, interval)?;
    if seconds <= 0.0 {
        return Err(cx.value_error("switch interval must be strictly positive"));
    }
    cx.add_to_module(module, "_switch_interval", cx.new_float(seconds))?;
    Ok(Value::NONE)
}

pub(super) fn get_origin_depth(cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(i64::from(cx.thread.origin_depth.get())))
}

static ORIGIN_DEPTH: Signature<1> = Signature::new("set_coroutine_origin_tracking_depth", ["depth"]).required(1);

pub(super) fn set_origin_depth(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [depth] = ORIGIN_DEPTH.bind(cx, args)?;
    let depth = cx.c_int_argument(depth.unwrap_or(Value::NONE))?;
    if depth < 0 {
        return Err(cx.value_error("depth must be >= 0"));
    }
    cx.thread.origin_depth.set(depth as u32);
    Ok(Value::NONE)
}

pub(super) fn get_asyncgen_hooks(cx: &Cx, _module: Value) -> PyResult {
    let or_none = |hook: Option<Value>| hook.unwrap_or(Value::NONE);
    let hooks = [or_none(cx.thread.async_first_iteration.get()), or_none(cx.thread.async_finalizer.get())];
    cx.new_struct_sequence(&info::ASYNCGEN_HOOKS, &hooks)
}

static HOOKS: Signature<2> = Signature::new("set_asyncgen_hooks", ["firstiter", "finalizer"]);

pub(super) fn set_asyncgen_hooks(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [first, finalizer] = HOOKS.bind(cx, args)?;
    for (hook, name) in [(finalizer, "finalizer"), (first, "firstiter")] {
        if let Some(hook) = hook
            && !hook.is_none()
            && cx.type_of(hook).slots.call().is_none()
        {
            let class = hook.class_name(cx);
            return Err(raise!(cx, TypeError, "callable {name} expected, got {class}"));
        }
    }
    if let Some(finalizer) = finalizer {
        cx.thread.async_finalizer.set(finalizer.not_none());
    }
    if let Some(first) = first {
        cx.thread.async_first_iteration.set(first.not_none());
    }
    Ok(Value::NONE)
}
