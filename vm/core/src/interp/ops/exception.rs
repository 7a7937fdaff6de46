//! Raising, matching and handling exceptions.

use countless_compiler::bytecode::Instruction;

use crate::exceptions::ExceptionKind;
use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::object::attribute::Method;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::exception::{self, BaseException};
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// Raises.
#[inline(never)]
pub fn raise(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Raise { n, exception, cause } = operands::Raise::decode(word);
    if n == 0 {
        return match cx.handled_exception() {
            Some(handled) => Err(raise_again(cx, handled)),
            None => Err(cx.runtime_error("No active exception to reraise")),
        };
    }
    let exception = cx.exception_of(frame.get(exception))?;
    if n == 2 {
        let cause = cause_of(cx, frame.get(cause))?;
        if let Some(cell) = exception.as_exception(cx) {
            cell.set_cause(cx, cause);
        }
    }
    Err(cx.raise(exception))
}

/// What `from cause` names: an exception, a class to be called, or None.
fn cause_of(cx: &Cx, cause: Value) -> PyResult<Option<Value>> {
    if cause.is_none() {
        return Ok(None);
    }
    if cause.as_exception(cx).is_some() {
        return Ok(Some(cause));
    }
    if cause.as_exception_class(cx).is_none() {
        return Err(cx.type_error("exception causes must derive from BaseException"));
    }
    let made = cx.call(cause, &[])?;
    if made.as_exception(cx).is_none() {
        let class = made.class_name(cx);
        return Err(raise!(
            cx,
            TypeError,
            "calling {} should have returned an instance of BaseException, not {class}",
            crate::object::protocol::object::repr(cx, cause)?.as_wtf8()
        ));
    }
    Ok(Some(made))
}

/// Raises what was raised in this frame before: the traceback stays as it is.
fn raise_again(cx: &Cx, exception: Value) -> Raised {
    cx.stack.raised_again.set(true);
    cx.raise_unchained(exception)
}

/// Raises the caught exception again.
#[inline(never)]
pub fn reraise(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let exception = frame.get(operands::Reraise::decode(word).exception);
    if exception.as_exception(cx).is_none() {
        return Err(frame.wrong_operand(cx));
    }
    Err(raise_again(cx, exception))
}

/// Makes an exception the handled one.
#[inline(never)]
pub fn push(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::PushHandled { saved, exception } = operands::PushHandled::decode(word);
    let exception = frame.get(exception);
    if exception.as_exception(cx).is_none() {
        return Err(frame.wrong_operand(cx));
    }
    let former = cx.replace_handled_exception(Some(exception));
    // A generator remembers only its own: the resumer's may be another one next time.
    let former = match frame.generator() {
        Some(generator) => generator.replace_own_handled(cx, Some(exception)),
        None => former,
    };
    frame.set(saved, former.unwrap_or(Value::NONE));
    Ok(Flow::Next)
}

/// Makes the former handled exception the handled one again.
#[inline(never)]
pub fn pop(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    put_back(cx, frame, operands::PopHandled::decode(word).saved);
    Ok(Flow::Next)
}

/// Makes the saved exception in a register the handled one again.
pub(in crate::interp) fn put_back(cx: &Cx, frame: &Frame, saved: u16) {
    let saved = frame.get(saved).not_none();
    let handled = match frame.generator() {
        Some(generator) => {
            generator.replace_own_handled(cx, saved);
            saved.or(generator.inherited())
        }
        None => saved,
    };
    cx.replace_handled_exception(handled);
}

/// Whether the exception is an instance of the class, or of one in the tuple.
fn matches(cx: &Cx, exception: Value, class: Value) -> PyResult<bool> {
    if let Some(classes) = class.downcast::<Tuple>(cx) {
        if !classes.iter().all(|class| class.as_exception_class(cx).is_some()) {
            return Err(not_an_exception_class(cx));
        }
        return Ok(classes.iter().filter_map(|class| class.as_class(cx)).any(|class| exception.is_instance(cx, class)));
    }
    match class.as_exception_class(cx) {
        Some(class) => Ok(exception.is_instance(cx, class)),
        None => Err(not_an_exception_class(cx)),
    }
}

#[cold]
fn not_an_exception_class(cx: &Cx) -> Raised {
    cx.type_error("catching classes that do not inherit from BaseException is not allowed")
}

/// Jumps unless the exception matches.
#[inline(never)]
pub fn jump_no_match(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpNoMatch { exception, class, target } = operands::JumpNoMatch::decode(word);
    if matches(cx, frame.get(exception), frame.get(class))? { Ok(Flow::Next) } else { Ok(frame.jump(target as i32)) }
}

fn is_group(cx: &Cx, value: Value) -> bool {
    value.is_exception_of(cx, ExceptionKind::BaseExceptionGroup)
}

/// TypeError if a class of `except*` is one of groups.
fn check_star_classes(cx: &Cx, class: Value) -> PyResult<()> {
    let group = cx.builtin_type(ExceptionKind::BaseExceptionGroup.type_id());
    let is_group_class = |class: Value| class.as_class(cx).is_some_and(|class| class.is_subclass(group));
    let any = match class.downcast::<Tuple>(cx) {
        Some(classes) => classes.iter().any(is_group_class),
        None => is_group_class(class),
    };
    if any {
        return Err(cx.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
    }
    Ok(())
}

/// `except*`: splits the group by the class.
#[inline(never)]
pub fn match_group(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let base = operands::MatchGroup::decode(word).base;
    let (group, class) = (frame.get(base), frame.get(base + 1));
    let (matching, rest) = split(cx, group, class)?;
    frame.set(base, matching);
    frame.set(base + 1, rest);
    Ok(Flow::Next)
}

fn split(cx: &Cx, group: Value, class: Value) -> PyResult<(Value, Value)> {
    if group.is_none() {
        return Ok((Value::NONE, Value::NONE));
    }
    let direct = matches(cx, group, class)?;
    check_star_classes(cx, class)?;
    if direct {
        if is_group(cx, group) {
            return Ok((group, Value::NONE));
        }
        return Ok((wrap(cx, group)?, Value::NONE));
    }
    if !is_group(cx, group) {
        return Ok((Value::NONE, group));
    }
    let pair = cx.call_method(group, cx.intern_str("split"), &[class])?;
    match pair.downcast::<Tuple>(cx) {
        Some(pair) if pair.len() >= 2 => Ok((pair.get(0), pair.get(1))),
        Some(pair) => {
            let (class, length) = (group.class_name(cx), pair.len());
            Err(raise!(cx, TypeError, "{class}.split must return a 2-tuple, got tuple of size {length}"))
        }
        None => {
            let (class, given) = (group.class_name(cx), pair.class_name(cx));
            Err(raise!(cx, TypeError, "{class}.split must return a tuple, not {given}"))
        }
    }
}

/// A naked exception as a group of one, with its traceback.
fn wrap(cx: &Cx, exception: Value) -> PyResult {
    let group = group_of(cx, &[exception])?;
    if let (Some(group), Some(inner)) = (group.as_exception(cx), exception.as_exception(cx))
        && let Some(traceback) = inner.traceback()
    {
        group.set_traceback(cx, traceback);
    }
    Ok(group)
}

fn group_of(cx: &Cx, exceptions: &[Value]) -> PyResult {
    let exceptions = cx.new_tuple(exceptions);
    let class = cx.builtin_type(ExceptionKind::BaseExceptionGroup.type_id());
    cx.call(class.value(), &[cx.names().empty.value(), exceptions.value()])
}

/// `except*`'s end.
#[inline(never)]
pub fn prepare_reraise_star(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::PrepareReraiseStar { dst, exception, raised } = operands::PrepareReraiseStar::decode(word);
    let result = reraised(cx, frame.get(exception), frame.operand(cx, raised)?)?;
    frame.set(dst, result);
    Ok(Flow::Next)
}

fn reraised(cx: &Cx, original: Value, list: Ref<List>) -> PyResult {
    let all = cx.new_list();
    for value in list.iter() {
        if !value.is_none() {
            all.push(cx, value)?;
        }
    }
    if all.is_empty() {
        return Ok(Value::NONE);
    }
    if !is_group(cx, original) {
        // A naked exception: only one clause can have run.
        return Ok(all.get(0).unwrap_or(Value::NONE));
    }
    let (fresh, kept) = (cx.new_list(), cx.new_list());
    for value in all.iter() {
        if same_origin(cx, value, original) { kept.push(cx, value)? } else { fresh.push(cx, value)? }
    }
    let kept = exception::group_projection(cx, original, kept)?;
    if fresh.is_empty() {
        return Ok(kept);
    }
    if !kept.is_none() {
        fresh.push(cx, kept)?;
    }
    if fresh.len() == 1 {
        return Ok(fresh.get(0).unwrap_or(Value::NONE));
    }
    let class = cx.builtin_type(ExceptionKind::BaseExceptionGroup.type_id());
    cx.call(class.value(), &[cx.names().empty.value(), fresh.value()])
}

/// Whether the exception is a part of the original group: a group with the same traceback, cause and context.
fn same_origin(cx: &Cx, value: Value, original: Value) -> bool {
    if !is_group(cx, value) {
        return false;
    }
    let (Some(value), Some(original)) = (value.as_exception(cx), original.as_exception(cx)) else { return false };
    let parts = |exception: Ref<BaseException>| (exception.traceback(), exception.cause(), exception.context());
    parts(value) == parts(original)
}

/// Calls `__exit__` with the exception's parts.
#[inline(never)]
pub fn with_except(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::WithExcept { dst, base, exception } = operands::WithExcept::decode(word);
    let exception = frame.get(exception);
    let traceback = exception.as_exception(cx).and_then(|cell| cell.traceback()).unwrap_or(Value::NONE);
    let method = Method { function: frame.get(base), receiver: frame.get(base + 1).bound() };
    let answer = cx.call_found(method, &[cx.type_of(exception).value(), exception, traceback])?;
    frame.set(dst, answer);
    Ok(Flow::Next)
}
