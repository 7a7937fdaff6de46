//! Binding of arguments to a Python function's parameters.
//!
//! A new frame is pushed first, with all named registers unbound; the arguments are then put into it, so that whatever
//! binding makes (`*args`, `**kwargs`) is rooted at once. If they do not fit, the frame is taken away again and the
//! error is raised in the caller.
//!
//! Parameters lie in registers in this order: positional ones, keyword-only ones, `*args`, `**kwargs`.

use std::sync::atomic::AtomicU64;

use countless_compiler::bytecode::CodeFlags;

use super::bind_errors as errors;
use super::frame::{Frame, store};
use crate::native::args::Args;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::code::CodeObject;
use crate::types::function::Function;
use crate::types::str::Str;

/// The arguments of a call of a Python function: perhaps a receiver, then the others.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub receiver: Option<Value>,
    pub args: Args<'a>,
}

impl Given<'_> {
    /// How many positional arguments.
    pub fn len(&self) -> usize {
        self.args.len() + self.receiver.is_some() as usize
    }

    fn positional(self) -> impl Iterator<Item = Value> {
        self.receiver.into_iter().chain(self.args.iter())
    }
}

/// Pushes a frame for the function with a window on the thread's free registers and binds the arguments.
pub(super) fn push_call<'cx>(
    cx: &'cx Cx,
    function: Ref<Function>,
    given: Given<'_>,
    dst: u16,
    flags: u16,
) -> PyResult<&'cx Frame> {
    push_call_at(cx, function, given, cx.stack.free(), dst, flags)
}

/// The same with the window given.
pub(super) fn push_call_at<'cx>(
    cx: &'cx Cx,
    function: Ref<Function>,
    given: Given<'_>,
    window: *const AtomicU64,
    dst: u16,
    flags: u16,
) -> PyResult<&'cx Frame> {
    let code = function.code();
    let frame = push_frame(cx, function, code, window, dst, flags)?;
    let count = given.len();
    let bound = if count as u32 == code.simple_argument_count() && given.args.keyword_count() == 0 {
        given.positional().enumerate().for_each(|(register, value)| frame.set(register as u16, value));
        Ok(())
    } else {
        bind(cx, frame, function, given)
    };
    if let Err(raised) = bound {
        pop_frame(cx, frame);
        return Err(raised);
    }
    frame.set_pc(code.units());
    Ok(frame)
}

/// Pushes a frame whose named registers are unbound. Its `pc` is that of its first instruction being executed, so that
/// the collector finds it in order; the caller sets it anew.
pub(super) fn push_frame(
    cx: &Cx,
    function: Ref<Function>,
    code: Ref<CodeObject>,
    window: *const AtomicU64,
    dst: u16,
    flags: u16,
) -> PyResult<&Frame> {
    code.load(cx)?;
    let top = cx.stack.top_record();
    if !cx.stack.has_room(top, window, code.register_count) {
        return Err(cx.recursion_error());
    }
    // SAFETY: there is room for one more record.
    let frame = unsafe { &*top.add(1) };
    for register in 0..code.named_count {
        // SAFETY: there is room for the window.
        unsafe { store(window, register as u16, Value::UNBOUND) };
    }
    frame.start(function, code, window, dst, flags);
    frame.set_pc(code.units().wrapping_add(1));
    cx.stack.set_top(frame);
    Ok(frame)
}

/// Takes the top frame away.
#[inline]
pub(super) fn pop_frame(cx: &Cx, frame: &Frame) {
    debug_assert!(std::ptr::eq(cx.stack.top_record(), frame));
    cx.stack.set_top((&raw const *frame).wrapping_sub(1));
}

/// Binds arguments of any kind to the parameters of a fresh frame.
fn bind(cx: &Cx, frame: &Frame, function: Ref<Function>, given: Given<'_>) -> PyResult<()> {
    let code = frame.code();
    let parameters = code.argument_count as usize;
    for (register, value) in given.positional().take(parameters).enumerate() {
        frame.set(register as u16, value);
    }
    let mut next = parameters + code.keyword_only_count as usize;
    if code.has_flags(CodeFlags::VARARGS) {
        let excess = given.len().saturating_sub(parameters);
        let rest = cx.new_blank_tuple(excess);
        given.positional().skip(parameters).enumerate().for_each(|(index, value)| rest.init(index, value));
        frame.set(next as u16, rest.value());
        next += 1;
    }
    let extra = code.has_flags(CodeFlags::VARKEYWORDS).then_some(next as u16);
    if let Some(register) = extra {
        frame.set(register, cx.new_dict().value());
    }
    bind_keywords(cx, frame, function, given, extra)?;
    if given.len() > parameters && !code.has_flags(CodeFlags::VARARGS) {
        return Err(errors::too_many_positional(cx, frame, function, given.len()));
    }
    if given.len() < parameters {
        fill_defaults(cx, frame, function, given.len(), parameters)?;
    }
    fill_keyword_defaults(cx, frame, function)
}

fn bind_keywords(
    cx: &Cx,
    frame: &Frame,
    function: Ref<Function>,
    given: Given<'_>,
    extra: Option<u16>,
) -> PyResult<()> {
    for (name, value) in given.args.keywords() {
        match parameter(frame.code(), name) {
            Some(register) if !frame.get(register).is_unbound() => {
                return Err(errors::multiple_values(cx, function, name));
            }
            Some(register) => frame.set(register, value),
            None => match extra {
                Some(register) => {
                    // SAFETY: `bind` put a dict there.
                    let dict: Ref<crate::types::dict::Dict> = unsafe { Ref::from_value_unchecked(frame.get(register)) };
                    dict.set(cx, name.value(), value)?;
                }
                None => return Err(errors::unexpected_keyword(cx, frame, function, given.args, name)),
            },
        }
    }
    Ok(())
}

/// The register of the parameter that may be given by this name.
fn parameter(code: Ref<CodeObject>, name: Ref<Str>) -> Option<u16> {
    let first = code.positional_only_count as usize;
    let end = (code.argument_count + code.keyword_only_count) as usize;
    let names = code.local_names();
    let interned = (first..end).find(|&register| names.get(register) == name.value());
    let found = match interned {
        Some(register) => register,
        None if name.is_interned() => return None,
        None => (first..end).find(|&register| code.local_name(register).as_bytes() == name.as_wtf8().as_bytes())?,
    };
    Some(found as u16)
}

/// Gives the unbound positional parameters from `given` on their defaults.
fn fill_defaults(cx: &Cx, frame: &Frame, function: Ref<Function>, given: usize, parameters: usize) -> PyResult<()> {
    let defaults = function.defaults();
    let first = parameters.saturating_sub(defaults.map_or(0, |defaults| defaults.len()));
    let missing = |register: &usize| frame.get(*register as u16).is_unbound();
    if (given..first).any(|register| missing(&register)) {
        return Err(errors::missing_positional(cx, frame, function, 0..first));
    }
    if let Some(defaults) = defaults {
        // More defaults than parameters: the last ones count.
        let skipped = defaults.len().saturating_sub(parameters);
        for register in (given.max(first)..parameters).filter(missing) {
            frame.set(register as u16, defaults.get(register - first + skipped));
        }
    }
    Ok(())
}

fn fill_keyword_defaults(cx: &Cx, frame: &Frame, function: Ref<Function>) -> PyResult<()> {
    let code = frame.code();
    let (first, count) = (code.argument_count as usize, code.keyword_only_count as usize);
    let defaults = function.keyword_defaults();
    let mut missing = false;
    for register in first..first + count {
        if !frame.get(register as u16).is_unbound() {
            continue;
        }
        let name = code.local_names().get(register);
        match defaults.map_or(Ok(None), |defaults| defaults.get(cx, name))? {
            Some(value) => frame.set(register as u16, value),
            None => missing = true,
        }
    }
    if missing { Err(errors::missing_keyword_only(cx, frame, function, first..first + count)) } else { Ok(()) }
}
