//! The awaitables of asynchronous generators: of `__anext__` and `asend`, of `athrow` and `aclose`, and of `anext()` with
//! a default.
//!
//! An awaitable is used once: `state` goes from `FRESH` to `ITERATING` to `CLOSED`. While it iterates, its generator
//! carries `AWAITED`, so that a second one is refused.

use std::sync::atomic::{AtomicU8, Ordering};

use countless_gc::{Header, Tracer};

use super::async_generator::unwrapped;
use super::methods::thrown;
use super::{Generator, awaitable_iterator, flag, stop_iteration_value, throw_into};
use crate::exceptions::ExceptionKind;
use crate::interp::call::tuple_args;
use crate::interp::resume::{Resumed, resume};
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::ids;
use crate::types::tuple::Tuple;

const FRESH: u8 = 0;
const ITERATING: u8 = 1;
const CLOSED: u8 = 2;

/// What `__anext__()` and `asend()` give.
#[repr(C)]
pub struct AsyncSend {
    header: Header,
    generator: RefField<Generator>,
    value: Field,
    state: AtomicU8,
}

/// What `athrow()` and `aclose()` give.
#[repr(C)]
pub struct AsyncThrow {
    header: Header,
    generator: RefField<Generator>,
    /// The arguments of `athrow`; empty for `aclose`.
    args: RefField<Tuple>,
    state: AtomicU8,
}

/// What `anext(iterator, default)` gives.
#[repr(C)]
pub struct AnextAwaitable {
    header: Header,
    awaitable: Field,
    default: Field,
}

/// The layout of [`AsyncSend`].
pub static SEND_LAYOUT: Layout =
    Layout::of::<AsyncSend>("async_generator_asend", ids::ASYNC_GENERATOR_SEND, Some(&crate::types::object::LAYOUT));
/// The layout of [`AsyncThrow`].
pub static THROW_LAYOUT: Layout =
    Layout::of::<AsyncThrow>("async_generator_athrow", ids::ASYNC_GENERATOR_THROW, Some(&crate::types::object::LAYOUT));
/// The layout of [`AnextAwaitable`].
pub static ANEXT_LAYOUT: Layout =
    Layout::of::<AnextAwaitable>("anext_awaitable", ids::ANEXT_AWAITABLE, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an awaitable of nothing (never published); all fields are reported.
unsafe impl Cell for AsyncSend {
    fn layout() -> &'static Layout {
        &SEND_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.generator.trace(tracer);
        self.value.trace(tracer);
    }
}

// SAFETY: as for `AsyncSend`.
unsafe impl Cell for AsyncThrow {
    fn layout() -> &'static Layout {
        &THROW_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.generator.trace(tracer);
        self.args.trace(tracer);
    }
}

// SAFETY: as for `AsyncSend`.
unsafe impl Cell for AnextAwaitable {
    fn layout() -> &'static Layout {
        &ANEXT_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.awaitable.trace(tracer);
        self.default.trace(tracer);
    }
}

pub(super) fn new_send(cx: &Cx, generator: Ref<Generator>, value: Value) -> Value {
    cx.allocate(AsyncSend {
        header: Header::default(),
        generator: RefField::new(generator),
        value: Field::new(value),
        state: AtomicU8::new(FRESH),
    })
    .value()
}

pub(super) fn new_throw(cx: &Cx, generator: Ref<Generator>, args: Option<Ref<Tuple>>) -> Value {
    cx.allocate(AsyncThrow {
        header: Header::default(),
        generator: RefField::new(generator),
        args: RefField::from_option(args),
        state: AtomicU8::new(FRESH),
    })
    .value()
}

/// The awaitable of `anext(iterator, default)`, where `awaitable` is what `__anext__` gave.
pub fn new_anext(cx: &Cx, awaitable: Value, default: Value) -> Value {
    cx.allocate(AnextAwaitable {
        header: Header::default(),
        awaitable: Field::new(awaitable),
        default: Field::new(default),
    })
    .value()
}

/// What a step of the generator is to the awaiting side: a yielded value ends the await, the end is StopAsyncIteration.
fn unwrap_step(cx: &Cx, generator: Ref<Generator>, step: PyResult<Resumed>) -> PyResult<Resumed> {
    match step {
        Ok(Resumed::Yielded(value)) => Ok(match unwrapped(value) {
            Some(value) => {
                generator.clear_flag(flag::AWAITED);
                Resumed::Returned(value)
            }
            None => Resumed::Yielded(value),
        }),
        Ok(Resumed::Returned(_)) => {
            generator.set_flag(flag::CLOSED);
            generator.clear_flag(flag::AWAITED);
            Err(cx.raise_with_args(ExceptionKind::StopAsyncIteration, &[]))
        }
        Err(raised) => {
            if ends_generator(cx, &raised) {
                generator.set_flag(flag::CLOSED);
            }
            generator.clear_flag(flag::AWAITED);
            Err(raised)
        }
    }
}

fn ends_generator(cx: &Cx, raised: &Raised) -> bool {
    let exception = cx.pending_exception(raised);
    let kinds = [ExceptionKind::StopAsyncIteration, ExceptionKind::GeneratorExit];
    kinds.into_iter().any(|kind| exception.is_exception_of(cx, kind))
}

/// A step's end as `send` shows it.
fn sent(cx: &Cx, step: PyResult<Resumed>) -> PyResult {
    super::methods::sent(cx, step?)
}

fn stepped(cx: &Cx, step: PyResult<Resumed>) -> PyResult<Option<Value>> {
    Ok(super::methods::stepped(cx, step?))
}

impl AsyncSend {
    fn generator(&self) -> Ref<Generator> {
        self.generator.get().expect("an awaitable has a generator")
    }

    /// Begins or goes on; `value` is what is to be sent.
    fn begin(&self, cx: &Cx, value: Value) -> PyResult {
        match self.state.load(Ordering::Relaxed) {
            CLOSED => Err(cx.runtime_error("cannot reuse already awaited __anext__()/asend()")),
            FRESH => {
                if self.generator().set_flag(flag::AWAITED) {
                    self.state.store(CLOSED, Ordering::Relaxed);
                    return Err(cx.runtime_error("anext(): asynchronous generator is already running"));
                }
                self.state.store(ITERATING, Ordering::Relaxed);
                Ok(if value.is_none() { self.value.get_or_none() } else { value })
            }
            _ => Ok(value),
        }
    }

    fn close_unless_yielded(&self, step: PyResult<Resumed>) -> PyResult<Resumed> {
        if !matches!(step, Ok(Resumed::Yielded(_))) {
            self.state.store(CLOSED, Ordering::Relaxed);
        }
        step
    }

    fn step(&self, cx: &Cx, value: Value) -> PyResult<Resumed> {
        let value = self.begin(cx, value)?;
        let generator = self.generator();
        let step = resume(cx, generator, value);
        self.close_unless_yielded(unwrap_step(cx, generator, step))
    }
}

fn itself(_cx: &Cx, awaitable: Value) -> PyResult {
    Ok(awaitable)
}

fn send_next(cx: &Cx, awaitable: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let awaitable: Ref<AsyncSend> = unsafe { Ref::from_value_unchecked(awaitable) };
    stepped(cx, awaitable.step(cx, Value::NONE))
}

fn send_send(cx: &Cx, awaitable: Ref<AsyncSend>, value: Value) -> PyResult {
    sent(cx, awaitable.step(cx, value))
}

fn send_throw(cx: &Cx, awaitable: Ref<AsyncSend>, args: Args<'_>) -> PyResult {
    awaitable.begin(cx, Value::NONE)?;
    let generator = awaitable.generator();
    let exception = thrown(cx, args)?;
    let step = throw_into(cx, generator, exception, false);
    sent(cx, awaitable.close_unless_yielded(unwrap_step(cx, generator, step)))
}

fn send_close(cx: &Cx, awaitable: Ref<AsyncSend>) -> PyResult {
    if awaitable.state.load(Ordering::Relaxed) == CLOSED {
        return Ok(Value::NONE);
    }
    let exit = cx.new_exception(ExceptionKind::GeneratorExit, &[]);
    match send_throw(cx, awaitable, Args::positional(&[exit])) {
        Ok(_) => Err(cx.runtime_error("coroutine ignored GeneratorExit")),
        Err(raised) => closed(cx, raised),
    }
}

/// The end of a `close()`: the exceptions that mean it went well.
fn closed(cx: &Cx, raised: Raised) -> PyResult {
    let exception = cx.take_exception(raised);
    let expected = [ExceptionKind::StopIteration, ExceptionKind::StopAsyncIteration, ExceptionKind::GeneratorExit];
    if expected.into_iter().any(|kind| exception.is_exception_of(cx, kind)) {
        return Ok(Value::NONE);
    }
    Err(cx.raise_unchained(exception))
}

impl AsyncThrow {
    fn generator(&self) -> Ref<Generator> {
        self.generator.get().expect("an awaitable has a generator")
    }

    fn is_close(&self) -> bool {
        self.args.get().is_none()
    }

    /// Checks that the awaitable may begin, and begins.
    fn begin(&self, cx: &Cx) -> PyResult<()> {
        let generator = self.generator();
        if generator.set_flag(flag::AWAITED) {
            self.state.store(CLOSED, Ordering::Relaxed);
            let method = if self.is_close() { "aclose" } else { "athrow" };
            return Err(raise!(cx, RuntimeError, "{method}(): asynchronous generator is already running"));
        }
        if generator.has_flag(flag::CLOSED) {
            generator.clear_flag(flag::AWAITED);
            self.state.store(CLOSED, Ordering::Relaxed);
            return Err(cx.raise_with_args(ExceptionKind::StopAsyncIteration, &[]));
        }
        self.state.store(ITERATING, Ordering::Relaxed);
        Ok(())
    }

    fn step(&self, cx: &Cx, value: Value) -> PyResult<Resumed> {
        let generator = self.generator();
        let state = self.state.load(Ordering::Relaxed);
        if state == CLOSED {
            return Err(cx.runtime_error("cannot reuse already awaited aclose()/athrow()"));
        }
        if generator.is_finished() {
            self.state.store(CLOSED, Ordering::Relaxed);
            return Ok(Resumed::Returned(Value::NONE));
        }
        if state == ITERATING {
            let step = resume(cx, generator, value);
            return self.judge(cx, step);
        }
        if !value.is_none() {
            return Err(cx.runtime_error("can't send non-None value to a just-started coroutine"));
        }
        self.begin(cx)?;
        let step = match self.args.get() {
            Some(args) => {
                let exception = thrown(cx, tuple_args(&args, None));
                exception.and_then(|exception| throw_into(cx, generator, exception, false))
            }
            None => {
                generator.set_flag(flag::CLOSED);
                let exit = cx.new_exception(ExceptionKind::GeneratorExit, &[]);
                throw_into(cx, generator, exit, false)
            }
        };
        self.judge(cx, step)
    }

    /// What a step means for the awaiting side.
    fn judge(&self, cx: &Cx, step: PyResult<Resumed>) -> PyResult<Resumed> {
        let generator = self.generator();
        if !self.is_close() {
            let step = unwrap_step(cx, generator, step);
            if !matches!(step, Ok(Resumed::Yielded(_))) {
                self.state.store(CLOSED, Ordering::Relaxed);
            }
            return step;
        }
        if let Ok(Resumed::Yielded(value)) = step
            && unwrapped(value).is_none()
        {
            return step;
        }
        generator.clear_flag(flag::AWAITED);
        self.state.store(CLOSED, Ordering::Relaxed);
        match step {
            Ok(Resumed::Yielded(_)) => Err(cx.runtime_error("async generator ignored GeneratorExit")),
            Ok(Resumed::Returned(_)) => Ok(Resumed::Returned(Value::NONE)),
            Err(raised) if ends_generator(cx, &raised) => {
                cx.take_exception(raised);
                Ok(Resumed::Returned(Value::NONE))
            }
            Err(raised) => Err(raised),
        }
    }
}

fn throw_next(cx: &Cx, awaitable: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let awaitable: Ref<AsyncThrow> = unsafe { Ref::from_value_unchecked(awaitable) };
    stepped(cx, awaitable.step(cx, Value::NONE))
}

fn throw_send(cx: &Cx, awaitable: Ref<AsyncThrow>, value: Value) -> PyResult {
    sent(cx, awaitable.step(cx, value))
}

fn throw_throw(cx: &Cx, awaitable: Ref<AsyncThrow>, args: Args<'_>) -> PyResult {
    match awaitable.state.load(Ordering::Relaxed) {
        CLOSED => return Err(cx.runtime_error("cannot reuse already awaited aclose()/athrow()")),
        FRESH => awaitable.begin(cx)?,
        _ => {}
    }
    let exception = thrown(cx, args)?;
    let step = throw_into(cx, awaitable.generator(), exception, false);
    sent(cx, awaitable.judge(cx, step))
}

fn throw_close(cx: &Cx, awaitable: Ref<AsyncThrow>) -> PyResult {
    if awaitable.state.load(Ordering::Relaxed) == CLOSED {
        return Ok(Value::NONE);
    }
    let exit = cx.new_exception(ExceptionKind::GeneratorExit, &[]);
    match throw_throw(cx, awaitable, Args::positional(&[exit])) {
        Ok(_) => Err(cx.runtime_error("coroutine ignored GeneratorExit")),
        Err(raised) => closed(cx, raised),
    }
}

impl AnextAwaitable {
    /// The iterator behind the awaitable.
    fn iterator(&self, cx: &Cx) -> PyResult {
        let awaitable = self.awaitable.get_or_none();
        match awaitable_iterator(cx, awaitable)? {
            Some(iterator) if cx.type_of(iterator).slots.next().is_some() => Ok(iterator),
            Some(coroutine) => cx.call_method(coroutine, cx.names().__await__, &[]),
            None => Err(raise!(cx, TypeError, "'{}' object can't be awaited", awaitable.class_name(cx))),
        }
    }

    /// The default instead of StopAsyncIteration; StopIteration ends the await.
    fn judge(&self, cx: &Cx, raised: Raised) -> PyResult<Resumed> {
        let exception = cx.pending_exception(&raised);
        if exception.is_exception_of(cx, ExceptionKind::StopAsyncIteration) {
            cx.take_exception(raised);
            return Ok(Resumed::Returned(self.default.get_or_none()));
        }
        stop_iteration_value(cx, raised).map(Resumed::Returned)
    }
}

fn anext_next(cx: &Cx, awaitable: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let awaitable: Ref<AnextAwaitable> = unsafe { Ref::from_value_unchecked(awaitable) };
    let iterator = awaitable.iterator(cx)?;
    match crate::object::protocol::iter::next(cx, iterator) {
        Ok(item) => Ok(item),
        Err(raised) => stepped(cx, awaitable.judge(cx, raised)),
    }
}

fn anext_send(cx: &Cx, awaitable: Ref<AnextAwaitable>, value: Value) -> PyResult {
    let iterator = awaitable.iterator(cx)?;
    match cx.call_method(iterator, cx.names().send, &[value]) {
        Ok(item) => Ok(item),
        Err(raised) => sent(cx, awaitable.judge(cx, raised)),
    }
}

fn anext_throw(cx: &Cx, awaitable: Ref<AnextAwaitable>, args: Args<'_>) -> PyResult {
    let iterator = awaitable.iterator(cx)?;
    let method = cx.get_attribute(iterator, cx.names().throw)?;
    match cx.call_args(method, args) {
        Ok(item) => Ok(item),
        Err(raised) => sent(cx, awaitable.judge(cx, raised)),
    }
}

fn anext_close(cx: &Cx, awaitable: Ref<AnextAwaitable>) -> PyResult {
    let iterator = awaitable.iterator(cx)?;
    cx.call_method(iterator, cx.names().close, &[])
}

/// `async_generator_asend`.
pub static SEND_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots { await_: Some(itself), iter: Some(itself), next: Some(send_next), ..Slots::NONE },
    methods: &[
        Method::one("send", send_send, "send($self, value, /)\n--\n\n"),
        Method::many("throw", send_throw, "throw($self, type, value=None, tb=None, /)\n--\n\n"),
        Method::none("close", send_close, "close($self, /)\n--\n\n"),
    ],
    ..TypeDef::new("async_generator_asend", &SEND_LAYOUT)
};

/// `async_generator_athrow`.
pub static THROW_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots { await_: Some(itself), iter: Some(itself), next: Some(throw_next), ..Slots::NONE },
    methods: &[
        Method::one("send", throw_send, "send($self, value, /)\n--\n\n"),
        Method::many("throw", throw_throw, "throw($self, type, value=None, tb=None, /)\n--\n\n"),
        Method::none("close", throw_close, "close($self, /)\n--\n\n"),
    ],
    ..TypeDef::new("async_generator_athrow", &THROW_LAYOUT)
};

/// `anext_awaitable`.
pub static ANEXT_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots { await_: Some(itself), iter: Some(itself), next: Some(anext_next), ..Slots::NONE },
    methods: &[
        Method::one("send", anext_send, "send($self, value, /)\n--\n\n"),
        Method::many("throw", anext_throw, "throw($self, type, value=None, tb=None, /)\n--\n\n"),
        Method::none("close", anext_close, "close($self, /)\n--\n\n"),
    ],
    ..TypeDef::new("anext_awaitable", &ANEXT_LAYOUT)
};
