//! `BaseExceptionGroup` and `ExceptionGroup`.
//!
//! Extra fields: message, exceptions (a tuple).

use super::base::{self, this};
use super::{BaseException, GROUP, allocate};
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef};
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

const MESSAGE: usize = 0;
const EXCEPTIONS: usize = 1;

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, &class.display_name())?;
    let (Some(message), Some(exceptions), 2) = (args.get(0), args.get(1), args.len()) else {
        return Err(raise!(
            cx,
            TypeError,
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
            args.len()
        ));
    };
    if message.downcast::<Str>(cx).is_none() {
        let given = message.class_name(cx);
        return Err(raise!(cx, TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not {given}"));
    }
    let is_sequence = exceptions.downcast::<Tuple>(cx).is_some()
        || (cx.type_of(exceptions).slots.subscript().is_some() && cx.type_of(exceptions).slots.length().is_some());
    if !is_sequence {
        return Err(cx.type_error("second argument (exceptions) must be a sequence"));
    }
    let exceptions = protocol::iter::to_tuple(cx, exceptions)?;
    if exceptions.is_empty() {
        return Err(cx.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut only_exceptions = true;
    for (index, item) in exceptions.iter().enumerate() {
        if item.as_exception(cx).is_none() {
            return Err(raise!(cx, ValueError, "Item {index} of second argument (exceptions) is not an exception"));
        }
        only_exceptions &= item.is_exception_of(cx, ExceptionKind::Exception);
    }
    let class = choose_class(cx, class, only_exceptions)?;
    let group = allocate(cx, class, base::args_tuple(cx, args));
    group.extra(MESSAGE).set(cx, message);
    group.extra(EXCEPTIONS).set(cx, exceptions.value());
    Ok(group.value())
}

/// `BaseExceptionGroup(…)` of ordinary exceptions is an ExceptionGroup; an ExceptionGroup may hold no others.
fn choose_class(cx: &Cx, class: Ref<TypeObject>, only_exceptions: bool) -> PyResult<Ref<TypeObject>> {
    let base_group = cx.builtin_type(ExceptionKind::BaseExceptionGroup.type_id());
    let group = cx.builtin_type(ExceptionKind::ExceptionGroup.type_id());
    if class == base_group {
        return Ok(if only_exceptions { group } else { class });
    }
    if class == group && !only_exceptions {
        return Err(cx.type_error("Cannot nest BaseExceptions in an ExceptionGroup"));
    }
    if !only_exceptions && class.is_subclass(cx.builtin_type(ExceptionKind::Exception.type_id())) {
        let class = class.display_name();
        return Err(raise!(cx, TypeError, "Cannot nest BaseExceptions in '{class}'"));
    }
    Ok(class)
}

fn exceptions_of(cx: &Cx, group: Ref<BaseException>) -> Ref<Tuple> {
    group.extra(EXCEPTIONS).get().and_then(|value| value.downcast::<Tuple>(cx)).unwrap_or_else(|| cx.new_tuple(&[]))
}

fn init(cx: &Cx, group: Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(cx, &group.class_name(cx))?;
    this(group).args.set(cx, base::args_tuple(cx, args));
    Ok(())
}

fn str(cx: &Cx, group: Value) -> PyResult {
    let group = this(group);
    let message = protocol::object::str(cx, group.extra(MESSAGE).get_or_none())?;
    let count = exceptions_of(cx, group).len();
    let plural = if count == 1 { "" } else { "s" };
    Ok(cx.new_str(&format!("{} ({count} sub-exception{plural})", message.as_wtf8())).value())
}

fn repr(cx: &Cx, group: Value) -> PyResult {
    let cell = this(group);
    let message = protocol::object::repr(cx, cell.extra(MESSAGE).get_or_none())?;
    // What was passed decides how the sequence is shown: a list stays a list.
    let given = cell.args(cx);
    let exceptions = exceptions_of(cx, cell).value();
    let shown = match given.len() {
        2 if given.get(1).downcast::<crate::types::list::List>(cx).is_some() => {
            protocol::iter::to_list(cx, exceptions)?.value()
        }
        _ => exceptions,
    };
    let shown = protocol::object::repr(cx, shown)?;
    let class = group.class_name(cx);
    Ok(cx.new_str(&format!("{class}({}, {})", message.as_wtf8(), shown.as_wtf8())).value())
}

/// A group of the same kind for some of the exceptions: `self.derive(exceptions)` with what belongs to the original.
pub(super) fn derive_like(cx: &Cx, group: Ref<BaseException>, exceptions: Ref<Tuple>) -> PyResult {
    let list = protocol::iter::to_list(cx, exceptions.value())?;
    let derived = cx.call_method(group.value(), cx.intern_str("derive"), &[list.value()])?;
    let Some(cell) =
        derived.as_exception(cx).filter(|_| derived.is_exception_of(cx, ExceptionKind::BaseExceptionGroup))
    else {
        return Err(cx.type_error("derive must return an instance of BaseExceptionGroup"));
    };
    cell.set_traceback(cx, group.traceback().unwrap_or(Value::NONE));
    cell.set_context(cx, group.context());
    if let Some(cause) = group.cause() {
        cell.set_cause(cx, Some(cause));
    }
    let names = cx.names();
    if let Some(notes) = cx.get_attribute_optional(group.value(), names.__notes__)? {
        let copy = protocol::iter::to_list(cx, notes)?;
        cx.set_attribute(derived, names.__notes__, copy.value())?;
    }
    Ok(derived)
}

fn derive(cx: &Cx, group: Ref<BaseException>, exceptions: Value) -> PyResult {
    let class = cx.builtin_type(ExceptionKind::BaseExceptionGroup.type_id());
    cx.call(class.value(), &[group.extra(MESSAGE).get_or_none(), exceptions])
}

/// What `split` and `subgroup` ask of each exception.
#[derive(Clone, Copy)]
enum Condition {
    Types(Value),
    Predicate(Value),
}

impl Condition {
    fn new(cx: &Cx, value: Value) -> PyResult<Condition> {
        let is_class = |value: Value| value.as_exception_class(cx).is_some();
        if is_class(value) || value.downcast::<Tuple>(cx).is_some_and(|types| types.iter().all(is_class)) {
            return Ok(Condition::Types(value));
        }
        if cx.type_of(value).slots.call().is_some() && value.as_class(cx).is_none() {
            return Ok(Condition::Predicate(value));
        }
        Err(cx.type_error("expected an exception type, a tuple of exception types, or a callable (other than a class)"))
    }

    fn holds(self, cx: &Cx, exception: Value) -> PyResult<bool> {
        match self {
            Condition::Types(types) => protocol::class::is_instance(cx, exception, types),
            Condition::Predicate(predicate) => {
                let answer = cx.call(predicate, &[exception])?;
                protocol::object::is_true(cx, answer)
            }
        }
    }
}

/// The parts of an exception that match and that do not, each with the group's structure kept.
fn partition(cx: &Cx, exception: Value, condition: Condition) -> PyResult<(Option<Value>, Option<Value>)> {
    cx.check_native_stack()?;
    if condition.holds(cx, exception)? {
        return Ok((Some(exception), None));
    }
    let Some(group) =
        exception.as_exception(cx).filter(|_| exception.is_exception_of(cx, ExceptionKind::BaseExceptionGroup))
    else {
        return Ok((None, Some(exception)));
    };
    let (matching, rest) = (cx.new_list(), cx.new_list());
    for item in exceptions_of(cx, group).iter() {
        let (yes, no) = partition(cx, item, condition)?;
        if let Some(yes) = yes {
            matching.push(cx, yes)?;
        }
        if let Some(no) = no {
            rest.push(cx, no)?;
        }
    }
    let regroup = |list: Ref<crate::types::list::List>| -> PyResult<Option<Value>> {
        if list.is_empty() {
            return Ok(None);
        }
        derive_like(cx, group, list.to_tuple(cx)?).map(Some)
    };
    Ok((regroup(matching)?, regroup(rest)?))
}

/// `except*`: the parts of an exception group (or of a naked exception, which is wrapped) that match the type.
pub fn split_by_type(cx: &Cx, exception: Value, types: Value) -> PyResult<(Option<Value>, Option<Value>)> {
    if exception.is_exception_of(cx, ExceptionKind::BaseExceptionGroup) {
        return partition(cx, exception, Condition::Types(types));
    }
    if protocol::class::is_instance(cx, exception, types)? {
        let class = cx.builtin_type(ExceptionKind::BaseExceptionGroup.type_id());
        let list = cx.new_tuple(&[exception]);
        let group = cx.call(class.value(), &[cx.names().empty.value(), list.value()])?;
        if let (Some(group), Some(cell)) = (group.as_exception(cx), exception.as_exception(cx)) {
            group.set_traceback(cx, cell.traceback().unwrap_or(Value::NONE));
        }
        return Ok((Some(group), None));
    }
    Ok((None, Some(exception)))
}

/// The part of `original` whose leaves are leaves of the groups in `kept`, or None: what an `except*` statement raises
/// again.
pub fn group_projection(cx: &Cx, original: Value, kept: Ref<crate::types::list::List>) -> PyResult {
    let leaves = cx.new_list();
    for group in kept.iter() {
        collect_leaves(cx, group, leaves)?;
    }
    Ok(project(cx, original, leaves)?.unwrap_or(Value::NONE))
}

fn collect_leaves(cx: &Cx, exception: Value, leaves: Ref<crate::types::list::List>) -> PyResult<()> {
    cx.check_native_stack()?;
    match exception.as_exception(cx).filter(|_| exception.is_exception_of(cx, ExceptionKind::BaseExceptionGroup)) {
        None => leaves.push(cx, exception),
        Some(group) => exceptions_of(cx, group).iter().try_for_each(|item| collect_leaves(cx, item, leaves)),
    }
}

fn project(cx: &Cx, exception: Value, leaves: Ref<crate::types::list::List>) -> PyResult<Option<Value>> {
    cx.check_native_stack()?;
    let Some(group) =
        exception.as_exception(cx).filter(|_| exception.is_exception_of(cx, ExceptionKind::BaseExceptionGroup))
    else {
        return Ok(leaves.iter().any(|leaf| leaf == exception).then_some(exception));
    };
    let items = exceptions_of(cx, group);
    let rest = cx.new_list();
    let mut changed = false;
    for item in items.iter() {
        let kept = project(cx, item, leaves)?;
        changed |= kept != Some(item);
        if let Some(kept) = kept {
            rest.push(cx, kept)?;
        }
    }
    match (changed, rest.len()) {
        (false, _) => Ok(Some(exception)),
        (true, 0) => Ok(None),
        (true, _) => derive_like(cx, group, rest.to_tuple(cx)?).map(Some),
    }
}

fn split(cx: &Cx, group: Ref<BaseException>, matcher: Value) -> PyResult {
    let (matching, rest) = partition(cx, group.value(), Condition::new(cx, matcher)?)?;
    Ok(cx.new_tuple(&[matching.unwrap_or(Value::NONE), rest.unwrap_or(Value::NONE)]).value())
}

fn subgroup(cx: &Cx, group: Ref<BaseException>, matcher: Value) -> PyResult {
    let (matching, _) = partition(cx, group.value(), Condition::new(cx, matcher)?)?;
    Ok(matching.unwrap_or(Value::NONE))
}

static METHODS: &[Method] = &[
    Method::one(
        "derive",
        derive,
        "derive($self, excs, /)\n--\n\nMake a group of the same message for other exceptions.",
    ),
    Method::one("split", split, "split($self, matcher_value, /)\n--\n\nThe matching part and the rest."),
    Method::one("subgroup", subgroup, "subgroup($self, matcher_value, /)\n--\n\nThe matching part."),
    Method::one(
        "__class_getitem__",
        |cx, class: Value, item| crate::types::generic_alias::new(cx, class, item),
        "__class_getitem__($type, item, /)\n--\n\nSee PEP 585",
    )
    .on_class(),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member(
        "message",
        |_cx, group: Ref<BaseException>| Ok(group.extra(MESSAGE).get_or_none()),
        "exception message",
    ),
    GetSet::member(
        "exceptions",
        |cx, group: Ref<BaseException>| Ok(exceptions_of(cx, group).value()),
        "nested exceptions",
    ),
];

/// The rows of `BaseExceptionGroup`.
pub(super) static TYPE: TypeDef = TypeDef {
    slots: Slots { new: Some(new), init: Some(init), str: Some(str), repr: Some(repr), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("BaseExceptionGroup", &GROUP)
};
