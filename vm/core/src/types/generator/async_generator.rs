//! `async_generator`: its type, and the hooks of event loops.

use countless_gc::{Header, Tracer};

use super::async_awaitable::{new_send, new_throw};
use super::{ASYNC_LAYOUT, Detail, Generator, flag, methods};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// A value yielded by an asynchronous generator, to tell it from what its awaits yield.
#[repr(C)]
pub struct AsyncValue {
    header: Header,
    value: Field,
}

/// The layout of wrapped values.
pub static VALUE_LAYOUT: Layout = Layout::of::<AsyncValue>(
    "async_generator_wrapped_value",
    ids::ASYNC_GENERATOR_VALUE,
    Some(&crate::types::object::LAYOUT),
);

// SAFETY: `repr(C)`, header first, zero is a wrapper of nothing; the field is reported.
unsafe impl Cell for AsyncValue {
    fn layout() -> &'static Layout {
        &VALUE_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.value.trace(tracer);
    }
}

impl Cx {
    /// A value wrapped for an asynchronous generator's yield.
    pub fn new_async_value(&self, value: Value) -> Value {
        self.allocate(AsyncValue { header: Header::default(), value: Field::new(value) }).value()
    }
}

/// The value in the wrapper, if it is one.
pub(super) fn unwrapped(value: Value) -> Option<Value> {
    value.exact::<AsyncValue>().map(|wrapper| wrapper.value.get_or_none())
}

/// Before the first step: asks the thread's hooks.
pub(super) fn call_hooks(cx: &Cx, generator: Ref<Generator>) -> PyResult<()> {
    if generator.set_flag(flag::HOOKS_CALLED) {
        return Ok(());
    }
    if let Some(finalizer) = cx.thread.async_finalizer.get() {
        generator.set_detail(cx, Detail::Extra, finalizer);
    }
    if let Some(first) = cx.thread.async_first_iteration.get() {
        cx.call(first, &[generator.value()])?;
    }
    Ok(())
}

/// The collector found the generator dead: its event loop may want to close it. False if there is no such hook.
pub(super) fn finalize_by_hook(cx: &Cx, generator: Ref<Generator>) -> PyResult<bool> {
    if generator.is_finished() || generator.has_flag(flag::CLOSED) {
        return Ok(false);
    }
    let Some(finalizer) = generator.detail(Detail::Extra) else { return Ok(false) };
    cx.call(finalizer, &[generator.value()])?;
    Ok(true)
}

fn async_iter(_cx: &Cx, generator: Value) -> PyResult {
    Ok(generator)
}

fn async_next(cx: &Cx, generator: Value) -> PyResult {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let generator: Ref<Generator> = unsafe { Ref::from_value_unchecked(generator) };
    call_hooks(cx, generator)?;
    Ok(new_send(cx, generator, Value::NONE))
}

fn send(cx: &Cx, generator: Ref<Generator>, value: Value) -> PyResult {
    call_hooks(cx, generator)?;
    Ok(new_send(cx, generator, value))
}

fn throw(cx: &Cx, generator: Ref<Generator>, args: Args<'_>) -> PyResult {
    args.between::<3>(cx, "athrow", 1)?;
    call_hooks(cx, generator)?;
    let arguments = cx.new_blank_tuple(args.len());
    args.iter().enumerate().for_each(|(index, value)| arguments.init(index, value));
    Ok(new_throw(cx, generator, Some(arguments)))
}

fn close(cx: &Cx, generator: Ref<Generator>) -> PyResult {
    call_hooks(cx, generator)?;
    Ok(new_throw(cx, generator, None))
}

fn get_running(_cx: &Cx, generator: Ref<Generator>) -> PyResult {
    Ok(Value::bool(generator.has_flag(flag::AWAITED)))
}

/// `async_generator`.
pub static TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        repr: Some(methods::repr),
        async_iter: Some(async_iter),
        async_next: Some(async_next),
        finalize: Some(methods::finalize),
        ..Slots::NONE
    },
    methods: &[
        Method::one("asend", send, "asend($self, value, /)\n--\n\nAn awaitable that sends 'value' into the generator."),
        Method::many(
            "athrow",
            throw,
            "athrow($self, type, value=None, tb=None, /)\n--\n\nAn awaitable that raises an exception in the generator.",
        ),
        Method::none(
            "aclose",
            close,
            "aclose($self, /)\n--\n\nAn awaitable that raises GeneratorExit in the generator.",
        ),
        Method::one(
            "__class_getitem__",
            crate::types::generic_alias::class_getitem,
            "__class_getitem__($cls, object, /)\n--\n\nSee PEP 585",
        )
        .on_class(),
    ],
    attributes: &[
        GetSet::read_write("__name__", methods::get_name, methods::set_name, "name of the async generator"),
        GetSet::read_write(
            "__qualname__",
            methods::get_qualified_name,
            methods::set_qualified_name,
            "qualified name of the async generator",
        ),
        GetSet::read_only("ag_await", methods::get_delegate, "object being awaited on, or None"),
        GetSet::read_only("ag_frame", methods::get_frame, ""),
        GetSet::read_only("ag_running", get_running, ""),
        GetSet::read_only("ag_code", methods::get_code, ""),
        GetSet::read_only("ag_suspended", methods::get_suspended, ""),
    ],
    ..TypeDef::new("async_generator", &ASYNC_LAYOUT)
};

/// `async_generator_wrapped_value`.
pub static VALUE_TYPE: TypeDef =
    TypeDef { flags: TypeFlags::NO_NEW, ..TypeDef::new("async_generator_wrapped_value", &VALUE_LAYOUT) };
