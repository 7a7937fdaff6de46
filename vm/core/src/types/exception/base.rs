//! `BaseException`: what all exceptions can do.

use std::sync::atomic::Ordering;

use super::{BaseException, PLAIN, allocate};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef};
use crate::object::attribute;
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

pub(super) fn this(value: Value) -> Ref<BaseException> {
    // SAFETY: called from slots of exception classes only.
    unsafe { Ref::from_value_unchecked(value) }
}

/// The positional arguments as a tuple.
pub(super) fn args_tuple(cx: &Cx, args: Args<'_>) -> Ref<Tuple> {
    let tuple = cx.new_blank_tuple(args.len());
    for (index, value) in args.iter().enumerate() {
        tuple.init(index, value);
    }
    tuple
}

/// `BaseException.__new__`.
pub(super) fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    Ok(allocate(cx, class, args_tuple(cx, args)).value())
}

/// `BaseException.__init__`.
pub(super) fn init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    if args.keyword_count() > 0 {
        return Err(raise!(cx, TypeError, "{}() takes no keyword arguments", exception.class_name(cx)));
    }
    this(exception).args.set(cx, args_tuple(cx, args));
    Ok(())
}

/// `BaseException.__str__`.
pub(super) fn str(cx: &Cx, exception: Value) -> PyResult {
    let args = this(exception).args(cx);
    Ok(match args.len() {
        0 => cx.names().empty.value(),
        1 => protocol::object::str(cx, args.get(0))?.value(),
        _ => protocol::object::str(cx, args.value())?.value(),
    })
}

fn repr(cx: &Cx, exception: Value) -> PyResult {
    let args = this(exception).args(cx);
    let class = exception.class_name(cx);
    let shown = match args.len() {
        1 => format!("({})", protocol::object::repr(cx, args.get(0))?.as_wtf8()),
        _ => protocol::object::repr(cx, args.value())?.as_wtf8().to_string_lossy(),
    };
    Ok(cx.new_str(&format!("{class}{shown}")).value())
}

fn get_args(cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    Ok(exception.args(cx).value())
}

fn set_args(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("args may not be deleted")) };
    let args = protocol::iter::to_tuple(cx, value)?;
    exception.args.set(cx, args);
    Ok(())
}

fn get_traceback(_cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    Ok(exception.traceback().unwrap_or(Value::NONE))
}

fn set_traceback(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("__traceback__ may not be deleted")) };
    if !value.is_none() && !value.is_exactly(crate::types::ids::TRACEBACK) {
        return Err(cx.type_error("__traceback__ must be a traceback or None"));
    }
    exception.set_traceback(cx, value);
    Ok(())
}

fn check_link(cx: &Cx, name: &str, value: Option<Value>) -> PyResult<Option<Value>> {
    let Some(value) = value else { return Err(raise!(cx, TypeError, "{name} may not be deleted")) };
    if value.is_none() {
        return Ok(None);
    }
    if value.as_exception(cx).is_none() {
        let what = if name == "__context__" { "exception context" } else { "exception cause" };
        return Err(raise!(cx, TypeError, "{what} must be None or derive from BaseException"));
    }
    Ok(Some(value))
}

fn set_context(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    let context = check_link(cx, "__context__", value)?;
    exception.set_context(cx, context);
    Ok(())
}

fn set_cause(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    let cause = check_link(cx, "__cause__", value)?;
    exception.set_cause(cx, cause);
    Ok(())
}

fn set_suppress(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("can't delete numeric/char attribute")) };
    let Some(truth) = value.as_bool() else {
        return Err(cx.type_error("attribute value type must be bool"));
    };
    exception.suppress_context.store(truth as u8, Ordering::Relaxed);
    Ok(())
}

fn with_traceback(cx: &Cx, exception: Ref<BaseException>, traceback: Value) -> PyResult {
    set_traceback(cx, exception, Some(traceback))?;
    Ok(exception.value())
}

fn add_note_method(cx: &Cx, exception: Ref<BaseException>, note: Value) -> PyResult {
    let Some(note) = note.downcast::<Str>(cx) else {
        let class = note.class_name(cx);
        return Err(raise!(cx, TypeError, "add_note() argument must be str, not {class}"));
    };
    add_note(cx, exception.value(), note)?;
    Ok(Value::NONE)
}

/// `exception.add_note(note)`.
pub fn add_note(cx: &Cx, exception: Value, note: Ref<Str>) -> PyResult<()> {
    let name = cx.names().__notes__;
    let notes = match cx.get_attribute_optional(exception, name)? {
        Some(notes) => notes,
        None => {
            let notes = cx.new_list().value();
            cx.set_attribute(exception, name, notes)?;
            notes
        }
    };
    match notes.downcast::<List>(cx) {
        Some(notes) => notes.push(cx, note.value()),
        None => Err(cx.type_error("Cannot add note: __notes__ is not a list")),
    }
}

fn reduce(cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    let class = cx.type_of(exception.value()).value();
    let args = exception.args(cx).value();
    let state = cx.new_dict();
    let mut pending: PyResult<()> = Ok(());
    attribute::instance_attributes(cx, exception.value(), &mut |name, value| {
        if pending.is_ok() {
            pending = state.set(cx, name, value);
        }
    });
    pending?;
    if state.is_empty() {
        return Ok(cx.new_tuple(&[class, args]).value());
    }
    Ok(cx.new_tuple(&[class, args, state.value()]).value())
}

fn set_state(cx: &Cx, exception: Ref<BaseException>, state: Value) -> PyResult {
    if state.is_none() {
        return Ok(Value::NONE);
    }
    let Some(state) = state.downcast::<Dict>(cx) else { return Err(cx.type_error("state is not a dictionary")) };
    for (name, value) in state.iter() {
        let name = cx.attribute_name(name)?;
        cx.set_attribute(exception.value(), name, value)?;
    }
    Ok(Value::NONE)
}

static METHODS: &[Method] = &[
    Method::one(
        "with_traceback",
        with_traceback,
        "with_traceback($self, object, /)\n--\n\nSet self.__traceback__ and return self.",
    ),
    Method::one(
        "add_note",
        add_note_method,
        "add_note($self, object, /)\n--\n\nAdd a line of text that is shown after the exception.",
    ),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nHelper for pickle."),
    Method::one("__setstate__", set_state, "__setstate__($self, object, /)\n--\n\nHelper for pickle."),
];

static ATTRIBUTES: &[GetSet] = &[
    crate::types::object::DICT_ROW,
    GetSet::read_write("args", get_args, set_args, ""),
    GetSet::read_write("__traceback__", get_traceback, set_traceback, ""),
    GetSet::read_write(
        "__context__",
        |_cx, exception: Ref<BaseException>| Ok(exception.context().unwrap_or(Value::NONE)),
        set_context,
        "",
    ),
    GetSet::read_write(
        "__cause__",
        |_cx, exception: Ref<BaseException>| Ok(exception.cause().unwrap_or(Value::NONE)),
        set_cause,
        "",
    ),
    GetSet::read_write(
        "__suppress_context__",
        |_cx, exception: Ref<BaseException>| Ok(Value::bool(exception.suppresses_context())),
        set_suppress,
        "",
    ),
];

/// The rows of `BaseException`.
pub(super) static TYPE: TypeDef = TypeDef {
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), str: Some(str), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    flags: super::FLAGS,
    ..TypeDef::new("BaseException", &PLAIN)
};
