//! Generators, coroutines and asynchronous iteration.

use countless_compiler::bytecode::{CodeFlags, Instruction};

use super::call::leave;
use crate::exceptions::ExceptionKind;
use crate::interp::frame::{Frame, flag};
use crate::interp::{Flow, operands, resume};
use crate::object::cell::Ref;
use crate::object::protocol::iter;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::generator::{Claim, Generator, Kind, awaitable_iterator, stop_iteration_value};
use crate::types::ids;

/// Turns the running frame into a generator and returns it.
#[inline(never)]
pub fn make(cx: &Cx, frame: &Frame, _word: Instruction) -> PyResult<Flow> {
    let generator = cx.new_generator(frame)?;
    leave(cx, frame, generator.value())
}

/// Yields.
#[inline(never)]
pub fn yield_value(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    resume::suspend(cx, frame, word)
}

/// `dst =` what `yield from src` delegates to.
#[inline(never)]
pub fn get_yield_from(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::GetYieldFrom { dst, src } = operands::GetYieldFrom::decode(word);
    let value = frame.get(src);
    let iterator = match value.type_id() {
        ids::COROUTINE => {
            if !frame.code().has_flags(CodeFlags(CodeFlags::COROUTINE.0 | CodeFlags::ITERABLE_COROUTINE.0)) {
                return Err(cx.type_error("cannot 'yield from' a coroutine object in a non-coroutine generator"));
            }
            value
        }
        ids::GENERATOR => value,
        _ => iter::get_iter(cx, value)?,
    };
    frame.set(dst, iterator);
    Ok(Flow::Next)
}

/// Sends a value to the iterator that is delegated to.
#[inline(never)]
pub fn send(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Send { value: register, iterator, target } = operands::Send::decode(word);
    let (value, iterator) = (frame.get(register), frame.get(iterator));
    let id = iterator.type_id();
    if id == ids::GENERATOR || id == ids::COROUTINE {
        // SAFETY: the id says so; coroutines have the same layout.
        let generator: Ref<Generator> = unsafe { Ref::from_value_unchecked(iterator) };
        return send_to_generator(cx, frame, generator, value, (register, target));
    }
    match send_to(cx, iterator, value)? {
        resume::Resumed::Yielded(item) => {
            frame.set(register, item);
            Ok(Flow::Next)
        }
        resume::Resumed::Returned(result) => {
            frame.set(register, result);
            Ok(frame.jump(target as i32))
        }
    }
}

fn send_to_generator(
    cx: &Cx,
    frame: &Frame,
    generator: Ref<Generator>,
    value: Value,
    (register, target): (u16, i16),
) -> PyResult<Flow> {
    cx.poll()?;
    match generator.claim(cx)? {
        Claim::Finished => {
            frame.set(register, Value::NONE);
            return Ok(frame.jump(target as i32));
        }
        Claim::Fresh if !value.is_none() => {
            generator.release_fresh();
            let kind = generator.kind().text();
            return Err(cx.type_error(format_args!("can't send non-None value to a just-started {kind}")));
        }
        _ => {}
    }
    resume::push_chain(cx, generator, value, register, flag::SEND)?;
    Ok(Flow::Reload)
}

/// Sends to an iterator of any type.
fn send_to(cx: &Cx, iterator: Value, value: Value) -> PyResult<resume::Resumed> {
    if value.is_none()
        && let Some(next) = cx.type_of(iterator).slots.next()
    {
        cx.set_stop_value(Value::NONE);
        return Ok(match next(cx, iterator)? {
            Some(item) => resume::Resumed::Yielded(item),
            None => resume::Resumed::Returned(cx.take_stop_value()),
        });
    }
    match cx.call_method(iterator, cx.names().send, &[value]) {
        Ok(item) => Ok(resume::Resumed::Yielded(item)),
        Err(raised) => Ok(resume::Resumed::Returned(stop_iteration_value(cx, raised)?)),
    }
}

/// In the handler of a delegation: the value of a StopIteration.
#[inline(never)]
pub fn cleanup_throw(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::CleanupThrow { dst, exception } = operands::CleanupThrow::decode(word);
    let exception = frame.get(exception);
    if !exception.is_exception_of(cx, ExceptionKind::StopIteration) {
        cx.stack.raised_again.set(true);
        return Err(cx.raise_unchained(exception));
    }
    let value = cx.get_attribute(exception, cx.names().value)?;
    frame.set(dst, value);
    Ok(Flow::Next)
}

/// `dst =` what `await src` awaits.
#[inline(never)]
pub fn get_awaitable(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::GetAwaitable { n, dst, src } = operands::GetAwaitable::decode(word);
    let value = frame.get(src);
    let Some(iterator) = awaitable_iterator(cx, value)? else { return Err(not_awaitable(cx, value, n)) };
    if iterator.is_exactly(ids::COROUTINE) {
        // SAFETY: just checked; coroutines have the generators' layout.
        let coroutine: Ref<Generator> = unsafe { Ref::from_value_unchecked(iterator) };
        if coroutine.delegate().is_some() {
            return Err(cx.runtime_error("coroutine is being awaited already"));
        }
    }
    frame.set(dst, iterator);
    Ok(Flow::Next)
}

#[cold]
fn not_awaitable(cx: &Cx, value: Value, origin: u8) -> Raised {
    let class = value.class_name(cx);
    let method = match origin {
        1 => "__aenter__",
        2 => "__aexit__",
        _ => return raise!(cx, TypeError, "'{class}' object can't be awaited"),
    };
    raise!(cx, TypeError, "'async with' received an object from {method} that does not implement __await__: {class}")
}

/// `dst = aiter(src)`.
#[inline(never)]
pub fn get_aiter(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::GetAsyncIter { dst, src } = operands::GetAsyncIter::decode(word);
    let value = frame.get(src);
    let Some(function) = cx.type_of(value).slots.async_iter() else {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "'async for' requires an object with __aiter__ method, got {class}"));
    };
    let iterator = function(cx, value)?;
    if cx.type_of(iterator).slots.async_next().is_none() {
        let class = iterator.class_name(cx);
        return Err(raise!(
            cx,
            TypeError,
            "'async for' received an object from __aiter__ that does not implement __anext__: {class}"
        ));
    }
    frame.set(dst, iterator);
    Ok(Flow::Next)
}

/// `dst =` the awaitable of `anext(src)`.
#[inline(never)]
pub fn get_anext(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::GetAsyncNext { dst, src } = operands::GetAsyncNext::decode(word);
    let value = frame.get(src);
    let Some(function) = cx.type_of(value).slots.async_next() else {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "'async for' requires an iterator with __anext__ method, got {class}"));
    };
    let awaitable = function(cx, value)?;
    let iterator =
        if value.is_exactly(ids::ASYNC_GENERATOR) { Ok(Some(awaitable)) } else { awaitable_iterator(cx, awaitable) };
    match iterator {
        Ok(Some(iterator)) => frame.set(dst, iterator),
        Ok(None) => return Err(invalid_anext(cx, awaitable, None)),
        Err(raised) => {
            let cause = cx.take_exception(raised);
            return Err(invalid_anext(cx, awaitable, Some(cause)));
        }
    }
    Ok(Flow::Next)
}

#[cold]
fn invalid_anext(cx: &Cx, awaitable: Value, cause: Option<Value>) -> Raised {
    let class = awaitable.class_name(cx);
    // Without a cause of its own: what awaiting the object says.
    let cause = cause.unwrap_or_else(|| {
        let raised = raise!(cx, TypeError, "'{class}' object can't be awaited");
        cx.take_exception(raised)
    });
    let raised = raise!(cx, TypeError, "'async for' received an invalid object from __anext__: {class}");
    let error = cx.take_exception(raised);
    if let Some(cell) = error.as_exception(cx) {
        cell.set_cause(cx, Some(cause));
        cell.set_context(cx, Some(cause));
    }
    cx.raise_unchained(error)
}

/// End of `async for`.
#[inline(never)]
pub fn end_async_for(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let exception = frame.get(operands::EndAsyncFor::decode(word).exception);
    if exception.is_exception_of(cx, ExceptionKind::StopAsyncIteration) {
        return Ok(Flow::Next);
    }
    cx.stack.raised_again.set(true);
    Err(cx.raise_unchained(exception))
}

/// `dst =` the value wrapped for an async generator's yield.
#[inline(never)]
pub fn wrap_async(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::WrapAsyncYield { dst, src } = operands::WrapAsyncYield::decode(word);
    let wrapped = cx.new_async_value(frame.get(src));
    frame.set(dst, wrapped);
    Ok(Flow::Next)
}

/// The kind of generator that code makes.
pub fn kind_of(flags: u32) -> Kind {
    let flags = CodeFlags(flags);
    if flags.has(CodeFlags::ASYNC_GENERATOR) {
        Kind::AsyncGenerator
    } else if flags.has(CodeFlags::COROUTINE) {
        Kind::Coroutine
    } else {
        Kind::Generator
    }
}
