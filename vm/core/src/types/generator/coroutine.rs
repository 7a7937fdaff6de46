//! `coroutine`, and the iterator that its `__await__` gives.

use countless_gc::{Header, Tracer};

use super::methods::{self, sent, stepped, thrown};
use super::{COROUTINE_LAYOUT, Detail, Generator, close, throw_into};
use crate::exceptions::ExceptionKind;
use crate::interp::resume::resume;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// What `coroutine.__await__()` gives.
#[repr(C)]
pub struct CoroutineWrapper {
    header: Header,
    coroutine: RefField<Generator>,
}

/// The layout of the wrappers.
pub static WRAPPER_LAYOUT: Layout =
    Layout::of::<CoroutineWrapper>("coroutine_wrapper", ids::COROUTINE_WRAPPER, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a wrapper of nothing (never published); the field is reported.
unsafe impl Cell for CoroutineWrapper {
    fn layout() -> &'static Layout {
        &WRAPPER_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.coroutine.trace(tracer);
    }
}

impl CoroutineWrapper {
    fn coroutine(&self) -> Ref<Generator> {
        self.coroutine.get().expect("a wrapper has a coroutine")
    }
}

/// Remembers where the coroutine was made, if the thread wants that (`sys.set_coroutine_origin_tracking_depth`).
pub(super) fn track_origin(cx: &Cx, coroutine: Ref<Generator>) -> PyResult<()> {
    let depth = cx.thread.origin_depth.get();
    if depth == 0 {
        return Ok(());
    }
    let origins = cx.new_list();
    // The coroutine function's own frame is still the top one.
    for frame in cx.stack.frames().skip(1).take(depth as usize) {
        let code = frame.code();
        let line = code.line_at(frame.index()).map_or(Value::NONE, |line| Value::int(line as i64));
        let entry = cx.new_tuple(&[code.filename().value(), line, code.name().value()]);
        origins.push(cx, entry.value())?;
    }
    coroutine.set_detail(cx, Detail::Extra, origins.to_tuple(cx)?.value());
    Ok(())
}

/// RuntimeWarning: the coroutine dies without having been awaited.
pub(super) fn warn_never_awaited(cx: &Cx, coroutine: Ref<Generator>) -> PyResult<()> {
    let name = coroutine.qualified_name();
    let message = cx.new_str(&format!("coroutine '{}' was never awaited", name.as_wtf8()));
    let Some(modules) = cx.vm().modules.get() else { return Ok(()) };
    let Some(warnings) = modules.get_name(cx, cx.names().warnings)? else { return Ok(()) };
    // With origins, the library's own function tells them.
    if coroutine.detail(Detail::Extra).is_some() {
        let function = cx.intern_str("_warn_unawaited_coroutine");
        if let Some(function) = cx.get_attribute_optional(warnings, function)? {
            return cx.call(function, &[coroutine.value()]).map(|_| ());
        }
    }
    let category = cx.builtin_type(ExceptionKind::RuntimeWarning.type_id());
    cx.call_method(warnings, cx.names().warn, &[message.value(), category.value()]).map(|_| ())
}

fn await_(cx: &Cx, coroutine: Value) -> PyResult {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let coroutine: Ref<Generator> = unsafe { Ref::from_value_unchecked(coroutine) };
    let wrapper = CoroutineWrapper { header: Header::default(), coroutine: RefField::new(coroutine) };
    Ok(cx.allocate(wrapper).value())
}

fn get_origin(_cx: &Cx, coroutine: Ref<Generator>) -> PyResult {
    Ok(coroutine.detail(Detail::Extra).unwrap_or(Value::NONE))
}

fn wrapper_next(cx: &Cx, wrapper: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let wrapper: Ref<CoroutineWrapper> = unsafe { Ref::from_value_unchecked(wrapper) };
    Ok(stepped(cx, resume(cx, wrapper.coroutine(), Value::NONE)?))
}

fn wrapper_iter(_cx: &Cx, wrapper: Value) -> PyResult {
    Ok(wrapper)
}

fn wrapper_send(cx: &Cx, wrapper: Ref<CoroutineWrapper>, value: Value) -> PyResult {
    let resumed = resume(cx, wrapper.coroutine(), value)?;
    sent(cx, resumed)
}

fn wrapper_throw(cx: &Cx, wrapper: Ref<CoroutineWrapper>, args: Args<'_>) -> PyResult {
    let exception = thrown(cx, args)?;
    let resumed = throw_into(cx, wrapper.coroutine(), exception, true)?;
    sent(cx, resumed)
}

fn wrapper_close(cx: &Cx, wrapper: Ref<CoroutineWrapper>) -> PyResult {
    close(cx, wrapper.coroutine())
}

/// `coroutine`.
pub static TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { repr: Some(methods::repr), await_: Some(await_), finalize: Some(methods::finalize), ..Slots::NONE },
    methods: &[
        Method::one(
            "send",
            methods::send,
            "send($self, arg, /)\n--\n\nSend 'arg' into the coroutine; what it awaits next, or StopIteration.",
        ),
        Method::many(
            "throw",
            methods::throw,
            "throw($self, type, value=None, traceback=None, /)\n--\n\nRaise an exception in the coroutine; what it awaits next, or StopIteration.",
        ),
        Method::none("close", close, "close($self, /)\n--\n\nRaise GeneratorExit in the coroutine."),
    ],
    attributes: &[
        GetSet::read_write("__name__", methods::get_name, methods::set_name, "name of the coroutine"),
        GetSet::read_write(
            "__qualname__",
            methods::get_qualified_name,
            methods::set_qualified_name,
            "qualified name of the coroutine",
        ),
        GetSet::read_only("cr_await", methods::get_delegate, "object being awaited on, or None"),
        GetSet::read_only("cr_running", methods::get_running, ""),
        GetSet::read_only("cr_frame", methods::get_frame, ""),
        GetSet::read_only("cr_code", methods::get_code, ""),
        GetSet::read_only("cr_origin", get_origin, ""),
        GetSet::read_only("cr_suspended", methods::get_suspended, ""),
    ],
    ..TypeDef::new("coroutine", &COROUTINE_LAYOUT)
};

/// `coroutine_wrapper`.
pub static WRAPPER_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(wrapper_iter), next: Some(wrapper_next), ..Slots::NONE },
    methods: &[
        Method::one("send", wrapper_send, "send($self, arg, /)\n--\n\n"),
        Method::many("throw", wrapper_throw, "throw($self, type, value=None, traceback=None, /)\n--\n\n"),
        Method::none("close", wrapper_close, "close($self, /)\n--\n\n"),
    ],
    ..TypeDef::new("coroutine_wrapper", &WRAPPER_LAYOUT)
};
