//! `generator`: the methods that all three kinds share, and the type itself.

use super::{Detail, Generator, Kind, LAYOUT, as_generator};
use crate::exceptions::ExceptionKind;
use crate::interp::resume::{Resumed, resume, resume_raising, step};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::str::Str;
use crate::types::traceback::Traceback;

/// A resumption's end as `send` shows it: a return is a StopIteration.
pub(super) fn sent(cx: &Cx, resumed: Resumed) -> PyResult {
    match resumed {
        Resumed::Yielded(value) => Ok(value),
        Resumed::Returned(value) => Err(cx.stop_iteration(value)),
    }
}

/// A resumption's end as a `next` slot shows it.
pub(super) fn stepped(cx: &Cx, resumed: Resumed) -> Option<Value> {
    match resumed {
        Resumed::Yielded(value) => Some(value),
        Resumed::Returned(value) => {
            cx.set_stop_value(value);
            None
        }
    }
}

/// Raises an exception at the generator's yield, or in what it delegates to.
pub fn throw_into(cx: &Cx, generator: Ref<Generator>, exception: Value, close_delegate: bool) -> PyResult<Resumed> {
    cx.check_native_stack()?;
    let Some(delegate) = generator.delegate() else { return resume_raising(cx, generator, exception) };
    if close_delegate && exception.is_exception_of(cx, ExceptionKind::GeneratorExit) {
        // The delegate is closed while the generator counts as running.
        generator.claim(cx)?;
        let closed = close_iterator(cx, delegate);
        generator.release_unchanged();
        return match closed {
            Ok(()) => resume_raising(cx, generator, exception),
            Err(raised) => resume_raising(cx, generator, cx.take_exception(raised)),
        };
    }
    let answer = match as_generator(delegate).filter(|inner| inner.kind() != Kind::AsyncGenerator) {
        Some(inner) => {
            generator.claim(cx)?;
            let answer = throw_into(cx, inner, exception, close_delegate);
            generator.release_unchanged();
            answer
        }
        None => {
            let Some(method) = cx.get_attribute_optional(delegate, cx.names().throw)? else {
                return resume_raising(cx, generator, exception);
            };
            generator.claim(cx)?;
            let answer = cx.call(method, &[exception]).map(Resumed::Yielded);
            generator.release_unchanged();
            answer
        }
    };
    match answer {
        Ok(Resumed::Yielded(value)) => Ok(Resumed::Yielded(value)),
        Ok(Resumed::Returned(value)) => {
            let raised = cx.stop_iteration(value);
            resume_raising(cx, generator, cx.take_exception(raised))
        }
        Err(raised) => resume_raising(cx, generator, cx.take_exception(raised)),
    }
}

/// Closes what a generator delegates to.
fn close_iterator(cx: &Cx, iterator: Value) -> PyResult<()> {
    if let Some(inner) = as_generator(iterator).filter(|inner| inner.kind() != Kind::AsyncGenerator) {
        return close(cx, inner).map(|_| ());
    }
    if let Some(method) = cx.get_attribute_optional(iterator, cx.names().close)? {
        cx.call(method, &[])?;
    }
    Ok(())
}

/// `close()`: raises GeneratorExit at the yield; what the generator returns then.
pub fn close(cx: &Cx, generator: Ref<Generator>) -> PyResult {
    if generator.is_finished() || generator.close_fresh(cx) {
        return Ok(Value::NONE);
    }
    let exception = cx.new_exception(ExceptionKind::GeneratorExit, &[]);
    match throw_into(cx, generator, exception, true) {
        Ok(Resumed::Yielded(_)) => Err(raise!(cx, RuntimeError, "{} ignored GeneratorExit", generator.kind().text())),
        Ok(Resumed::Returned(value)) => Ok(value),
        Err(raised) => {
            let exception = cx.take_exception(raised);
            let expected = [ExceptionKind::GeneratorExit, ExceptionKind::StopIteration];
            if expected.into_iter().any(|kind| exception.is_exception_of(cx, kind)) {
                return Ok(Value::NONE);
            }
            Err(cx.raise_unchained(exception))
        }
    }
}

/// What the arguments of `throw()` mean: an exception with its traceback.
pub(super) fn thrown(cx: &Cx, args: Args<'_>) -> PyResult {
    let [kind, value, traceback] = args.between::<3>(cx, "throw", 1)?;
    let (kind, value) = (kind.unwrap_or(Value::NONE), value.and_then(Value::not_none));
    let traceback = traceback.and_then(Value::not_none);
    if let Some(traceback) = traceback
        && traceback.exact::<Traceback>().is_none()
    {
        return Err(cx.type_error("throw() third argument must be a traceback object"));
    }
    let exception = if kind.as_exception_class(cx).is_some() {
        match value {
            Some(value) if value.is_instance(cx, kind.as_class(cx).unwrap_or(cx.type_of(value))) => value,
            Some(value) => match value.exact::<crate::types::tuple::Tuple>() {
                Some(args) => cx.call_unpacked(kind, args, None)?,
                None => cx.call(kind, &[value])?,
            },
            None => cx.call(kind, &[])?,
        }
    } else if kind.as_exception(cx).is_some() {
        if value.is_some() {
            return Err(cx.type_error("instance exception may not have a separate value"));
        }
        kind
    } else {
        let class = kind.class_name(cx);
        return Err(raise!(
            cx,
            TypeError,
            "exceptions must be classes or instances deriving from BaseException, not {class}"
        ));
    };
    if let (Some(cell), Some(traceback)) = (exception.as_exception(cx), traceback) {
        cell.set_traceback(cx, traceback);
    }
    Ok(exception)
}

fn next(cx: &Cx, generator: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let generator: Ref<Generator> = unsafe { Ref::from_value_unchecked(generator) };
    step(cx, generator)
}

fn iter(_cx: &Cx, generator: Value) -> PyResult {
    Ok(generator)
}

pub(super) fn send(cx: &Cx, generator: Ref<Generator>, value: Value) -> PyResult {
    let resumed = resume(cx, generator, value)?;
    sent(cx, resumed)
}

pub(super) fn throw(cx: &Cx, generator: Ref<Generator>, args: Args<'_>) -> PyResult {
    let exception = thrown(cx, args)?;
    let resumed = throw_into(cx, generator, exception, true)?;
    sent(cx, resumed)
}

/// The collector found the generator dead: what is left of it runs.
pub(super) fn finalize(cx: &Cx, generator: Value) -> PyResult<()> {
    // SAFETY: the slot belongs to the types of this layout.
    let generator: Ref<Generator> = unsafe { Ref::from_value_unchecked(generator) };
    match generator.kind() {
        Kind::AsyncGenerator if super::async_generator::finalize_by_hook(cx, generator)? => return Ok(()),
        Kind::Coroutine if !generator.is_finished() && generator.is_fresh() => {
            super::coroutine::warn_never_awaited(cx, generator)?;
        }
        _ => {}
    }
    close(cx, generator).map(|_| ())
}

pub(super) fn repr(cx: &Cx, generator: Value) -> PyResult {
    // SAFETY: the slot belongs to the types of this layout.
    let generator: Ref<Generator> = unsafe { Ref::from_value_unchecked(generator) };
    let (class, address) = (generator.value().class_name(cx), generator.value().identity());
    Ok(cx.new_str(&format!("<{class} object {} at {address:#x}>", generator.qualified_name().as_wtf8())).value())
}

fn string(cx: &Cx, value: Option<Value>, attribute: &str) -> PyResult<Ref<Str>> {
    match value.and_then(|value| value.downcast::<Str>(cx)) {
        Some(text) => Ok(text),
        None => Err(raise!(cx, TypeError, "{attribute} must be set to a string object")),
    }
}

pub(super) fn get_name(_cx: &Cx, generator: Ref<Generator>) -> PyResult {
    Ok(generator.name().value())
}

pub(super) fn set_name(cx: &Cx, generator: Ref<Generator>, value: Option<Value>) -> PyResult<()> {
    let name = string(cx, value, "__name__")?;
    generator.set_detail(cx, Detail::Name, name.value());
    Ok(())
}

pub(super) fn get_qualified_name(_cx: &Cx, generator: Ref<Generator>) -> PyResult {
    Ok(generator.qualified_name().value())
}

pub(super) fn set_qualified_name(cx: &Cx, generator: Ref<Generator>, value: Option<Value>) -> PyResult<()> {
    let name = string(cx, value, "__qualname__")?;
    generator.set_detail(cx, Detail::QualifiedName, name.value());
    Ok(())
}

pub(super) fn get_code(_cx: &Cx, generator: Ref<Generator>) -> PyResult {
    Ok(generator.code().value())
}

pub(super) fn get_frame(cx: &Cx, generator: Ref<Generator>) -> PyResult {
    if generator.is_finished() {
        return Ok(Value::NONE);
    }
    if generator.is_running() {
        let own = |frame: &&crate::interp::frame::Frame| frame.generator() == Some(generator);
        if let Some(frame) = cx.stack.frames().find(own) {
            return Ok(crate::types::frame::frame_object(cx, frame).value());
        }
    }
    Ok(crate::types::frame::suspended_frame(cx, generator).value())
}

pub(super) fn get_running(_cx: &Cx, generator: Ref<Generator>) -> PyResult {
    Ok(Value::bool(generator.is_running()))
}

pub(super) fn get_suspended(_cx: &Cx, generator: Ref<Generator>) -> PyResult {
    Ok(Value::bool(generator.is_suspended()))
}

pub(super) fn get_delegate(_cx: &Cx, generator: Ref<Generator>) -> PyResult {
    Ok(generator.delegate().unwrap_or(Value::NONE))
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { repr: Some(repr), iter: Some(iter), next: Some(next), finalize: Some(finalize), ..Slots::NONE },
    methods: &[
        Method::one(
            "send",
            send,
            "send($self, arg, /)\n--\n\nSend 'arg' into the generator; the next yielded value, or StopIteration.",
        ),
        Method::many(
            "throw",
            throw,
            "throw($self, type, value=None, traceback=None, /)\n--\n\nRaise an exception in the generator; the next yielded value, or StopIteration.",
        ),
        Method::none("close", close, "close($self, /)\n--\n\nRaise GeneratorExit in the generator."),
        Method::none(
            "__sizeof__",
            crate::types::object::size_of_object,
            "__sizeof__($self, /)\n--\n\nSize of the generator in memory, in bytes.",
        ),
        Method::one(
            "__class_getitem__",
            crate::types::generic_alias::class_getitem,
            "__class_getitem__($cls, object, /)\n--\n\nSee PEP 585",
        )
        .on_class(),
    ],
    attributes: &[
        GetSet::read_write("__name__", get_name, set_name, "name of the generator"),
        GetSet::read_write("__qualname__", get_qualified_name, set_qualified_name, "qualified name of the generator"),
        GetSet::read_only("gi_yieldfrom", get_delegate, "object being iterated by yield from, or None"),
        GetSet::read_only("gi_running", get_running, ""),
        GetSet::read_only("gi_frame", get_frame, ""),
        GetSet::read_only("gi_suspended", get_suspended, ""),
        GetSet::read_only("gi_code", get_code, ""),
    ],
    ..TypeDef::new("generator", &LAYOUT)
};
