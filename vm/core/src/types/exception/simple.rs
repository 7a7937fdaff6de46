//! `StopIteration`, `SystemExit` and `KeyError`.

use super::base::{self, this};
use super::{BaseException, PLAIN, STOP_ITERATION, SYSTEM_EXIT};
use crate::native::args::Args;
use crate::native::definition::{GetSet, TypeDef};
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// Reads extra field number `I`; None while it is empty.
pub(super) fn get_extra<const I: usize>(_cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    Ok(exception.extra(I).get_or_none())
}

/// Writes extra field number `I`; deleting leaves None.
pub(super) fn set_extra<const I: usize>(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    exception.extra(I).set(cx, value.unwrap_or(Value::NONE));
    Ok(())
}

/// An attribute that is extra field number `I`.
pub(super) const fn extra<const I: usize>(name: &'static str) -> GetSet {
    GetSet::read_write(name, get_extra::<I>, set_extra::<I>, "")
}

fn stop_iteration_init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    base::init(cx, exception, args)?;
    this(exception).extra(0).set(cx, args.get(0).unwrap_or(Value::NONE));
    Ok(())
}

fn system_exit_init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    base::init(cx, exception, args)?;
    let code = match args.len() {
        0 => Value::NONE,
        1 => args.get(0).unwrap_or(Value::NONE),
        _ => base::args_tuple(cx, args).value(),
    };
    this(exception).extra(0).set(cx, code);
    Ok(())
}

fn key_error_str(cx: &Cx, exception: Value) -> PyResult {
    let args = this(exception).args(cx);
    if args.len() == 1 {
        return Ok(protocol::object::repr(cx, args.get(0))?.value());
    }
    base::str(cx, exception)
}

static STOP_ITERATION_ATTRIBUTES: &[GetSet] = &[extra::<0>("value")];
static SYSTEM_EXIT_ATTRIBUTES: &[GetSet] = &[extra::<0>("code")];

/// The rows of `StopIteration`.
pub(super) static STOP_ITERATION_TYPE: TypeDef = TypeDef {
    slots: Slots { init: Some(stop_iteration_init), ..Slots::NONE },
    attributes: STOP_ITERATION_ATTRIBUTES,
    ..TypeDef::new("StopIteration", &STOP_ITERATION)
};

/// The rows of `SystemExit`.
pub(super) static SYSTEM_EXIT_TYPE: TypeDef = TypeDef {
    slots: Slots { init: Some(system_exit_init), ..Slots::NONE },
    attributes: SYSTEM_EXIT_ATTRIBUTES,
    ..TypeDef::new("SystemExit", &SYSTEM_EXIT)
};

/// The rows of `KeyError`.
pub(super) static KEY_ERROR_TYPE: TypeDef =
    TypeDef { slots: Slots { str: Some(key_error_str), ..Slots::NONE }, ..TypeDef::new("KeyError", &PLAIN) };
