//! `NameError` and `AttributeError`: they remember the name (and the object).

use super::base::{self, this};
use super::simple::extra;
use super::{ATTRIBUTE, BaseException, NAME};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef};
use crate::object::attribute;
use crate::object::cell::Ref;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;

/// Stores keyword arguments that are named as extra fields; others are an error.
pub(super) fn take_keywords(cx: &Cx, exception: Value, args: Args<'_>, names: &[&str]) -> PyResult<()> {
    let cell = this(exception);
    for (name, value) in args.keywords() {
        let text = name.as_wtf8();
        match names.iter().position(|candidate| text.as_bytes() == candidate.as_bytes()) {
            Some(index) => cell.extra(index).set(cx, value),
            None => {
                let class = exception.class_name(cx);
                return Err(raise!(cx, TypeError, "{class}() got an unexpected keyword argument '{text}'"));
            }
        }
    }
    Ok(())
}

/// The arguments without their keywords.
pub(super) fn without_keywords(cx: &Cx, exception: Value, args: Args<'_>) {
    this(exception).args.set(cx, base::args_tuple(cx, args));
}

fn attribute_error_init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    without_keywords(cx, exception, args);
    let cell = this(exception);
    cell.extra(0).set(cx, Value::NONE);
    cell.extra(1).set(cx, Value::NONE);
    take_keywords(cx, exception, args, &["name", "obj"])
}

fn name_error_init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    without_keywords(cx, exception, args);
    this(exception).extra(0).set(cx, Value::NONE);
    take_keywords(cx, exception, args, &["name"])
}

/// The instance's attributes and the name: an AttributeError's state for pickle (the object stays behind).
fn attribute_error_state(cx: &Cx, exception: Ref<BaseException>) -> PyResult<Ref<Dict>> {
    let state = cx.new_dict();
    let mut pending: PyResult<()> = Ok(());
    attribute::instance_attributes(cx, exception.value(), &mut |name, value| {
        if pending.is_ok() {
            pending = state.set(cx, name, value);
        }
    });
    pending?;
    if let Some(name) = exception.extra(0).get().and_then(Value::not_none) {
        state.set_name(cx, cx.names().name, name)?;
    }
    let args = exception.args(cx);
    if !args.is_empty() {
        state.set_name(cx, cx.names().args, args.value())?;
    }
    Ok(state)
}

fn getstate(cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    Ok(attribute_error_state(cx, exception)?.value())
}

fn reduce(cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    let state = attribute_error_state(cx, exception)?;
    let class = cx.type_of(exception.value()).value();
    Ok(cx.new_tuple(&[class, exception.args(cx).value(), state.value()]).value())
}

static ATTRIBUTE_ERROR_METHODS: &[Method] = &[
    Method::none("__getstate__", getstate, "__getstate__($self, /)\n--\n\nHelper for pickle."),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nHelper for pickle."),
];

static ATTRIBUTE_ERROR_ATTRIBUTES: &[GetSet] = &[extra::<0>("name"), extra::<1>("obj")];
static NAME_ERROR_ATTRIBUTES: &[GetSet] = &[extra::<0>("name")];

/// The rows of `AttributeError`.
pub(super) static ATTRIBUTE_ERROR_TYPE: TypeDef = TypeDef {
    slots: Slots { init: Some(attribute_error_init), ..Slots::NONE },
    methods: ATTRIBUTE_ERROR_METHODS,
    attributes: ATTRIBUTE_ERROR_ATTRIBUTES,
    ..TypeDef::new("AttributeError", &ATTRIBUTE)
};

/// The rows of `NameError`.
pub(super) static NAME_ERROR_TYPE: TypeDef = TypeDef {
    slots: Slots { init: Some(name_error_init), ..Slots::NONE },
    attributes: NAME_ERROR_ATTRIBUTES,
    ..TypeDef::new("NameError", &NAME)
};
