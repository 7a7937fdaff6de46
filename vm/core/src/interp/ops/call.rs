//! Calls and returns.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_compiler::bytecode::{Instruction, Opcode};

use crate::interp::bind::{Given, pop_frame, push_call};
use crate::interp::call::{
    call_value, call_with_receiver, function_text, not_callable, tuple_args, unpack_keywords, with_receiver,
};
use crate::interp::frame::{Frame, flag, store};
use crate::interp::{Flow, operands, resume};
use crate::native::args::Args;
use crate::native::definition::{Method as MethodRow, NativeFn};
use crate::object::cell::Ref;
use crate::object::inline_cache;
use crate::object::protocol::iter;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::builtin_function::{BuiltinFunction, MethodDescriptor, check_receiver};
use crate::types::code::{CodeObject, NOT_SIMPLE};
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::ids;
use crate::types::method::Method;
use crate::types::object::new_instance_of;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

/// Calls `callee`: a Python function's frame is pushed, anything else is done at once.
fn dispatch(cx: &Cx, frame: &Frame, callee: Value, given: Given<'_>, dst: u16) -> PyResult<Flow> {
    let Given { receiver, args } = given;
    let result = match callee.type_id() {
        ids::FUNCTION => {
            // SAFETY: the id says so.
            push_call(cx, unsafe { Ref::from_value_unchecked(callee) }, given, dst, 0)?;
            return Ok(Flow::Reload);
        }
        ids::METHOD if receiver.is_none() => {
            // SAFETY: the id says so.
            let method: Ref<Method> = unsafe { Ref::from_value_unchecked(callee) };
            let given = Given { receiver: Some(method.receiver()), args };
            return dispatch_bound(cx, frame, method.function(), given, dst);
        }
        ids::METHOD_DESCRIPTOR => {
            // SAFETY: the id says so.
            call_descriptor(cx, unsafe { Ref::from_value_unchecked(callee) }, given)?
        }
        ids::BUILTIN_FUNCTION if receiver.is_none() => {
            // SAFETY: the id says so.
            let function: Ref<BuiltinFunction> = unsafe { Ref::from_value_unchecked(callee) };
            cx.call_native(function.method(), function.receiver(), args, &|| function.display_name())?
        }
        ids::TYPE if receiver.is_none() => return super::class::call_class(cx, frame, callee, args, dst),
        _ => call_other(cx, callee, given)?,
    };
    frame.set(dst, result);
    Ok(Flow::Next)
}

/// The same for the function of a bound method (which may be anything, but is not looked into again).
fn dispatch_bound(cx: &Cx, frame: &Frame, callee: Value, given: Given<'_>, dst: u16) -> PyResult<Flow> {
    if callee.is_exactly(ids::FUNCTION) {
        // SAFETY: just checked.
        push_call(cx, unsafe { Ref::from_value_unchecked(callee) }, given, dst, 0)?;
        return Ok(Flow::Reload);
    }
    let result = call_other(cx, callee, given)?;
    frame.set(dst, result);
    Ok(Flow::Next)
}

fn call_other(cx: &Cx, callee: Value, given: Given<'_>) -> PyResult {
    let Some(call) = cx.type_of(callee).slots.call() else { return Err(not_callable(cx, callee)) };
    match given.receiver {
        Some(receiver) => with_receiver(cx, receiver, given.args, |args| call(cx, callee, args)),
        None => call(cx, callee, given.args),
    }
}

/// A native method: the receiver is apart, or the first argument.
fn call_descriptor(cx: &Cx, descriptor: Ref<MethodDescriptor>, given: Given<'_>) -> PyResult {
    let (receiver, args) = match (given.receiver, given.args.get(0)) {
        (Some(receiver), _) => (receiver, given.args),
        (None, Some(first)) => (first, given.args.skip(1)),
        (None, None) => return call_other(cx, descriptor.value(), given),
    };
    check_receiver(cx, descriptor, receiver)?;
    cx.call_native(descriptor.method(), receiver, args, &|| {
        format!("{}.{}", descriptor.owner().name().as_wtf8(), descriptor.method().name)
    })
}

/// What a call window holds: callable, receiver, arguments (the last of them named).
fn window<'a>(frame: &'a Frame, n: u8, base: u16, argc: u16, names: Option<Ref<Tuple>>) -> (Value, Given<'a>) {
    let receiver = receiver(frame, n, base);
    // SAFETY: the verifier proves the window to be inside the frame's and written; it stays for the whole instruction.
    let args = unsafe { Args::in_window(frame.registers().add(base as usize + 2), argc as usize, names) };
    (frame.get(base), Given { receiver, args })
}

/// The receiver of a call window, if there is one apart from the arguments.
#[inline(always)]
fn receiver(frame: &Frame, n: u8, base: u16) -> Option<Value> {
    if n != 0 { frame.get(base + 1).bound() } else { None }
}

/// The call that an instruction is about to make, for whoever watches.
pub(in crate::interp) struct Window<'a> {
    callee: Value,
    given: Given<'a>,
    unpacked: Option<(Ref<Tuple>, Option<Ref<Dict>>)>,
    /// Where its result goes.
    pub dst: u16,
}

impl<'a> Window<'a> {
    /// Takes the instruction apart. Bound methods are, too; the argument after `*` becomes a tuple.
    pub fn of(cx: &Cx, frame: &'a Frame, word: Instruction) -> PyResult<Window<'a>> {
        let ((callee, mut given), dst) = match word.opcode() {
            Some(Opcode::CallUnpack) => return Self::of_unpacking(cx, frame, word),
            Some(Opcode::CallKeywords) => {
                let operands::CallKeywords { n, base, argc, names } = operands::CallKeywords::decode(word);
                // SAFETY: the verifier proves the constant to be a tuple of strings.
                let names: Ref<Tuple> = unsafe { Ref::from_value_unchecked(frame.constant(names as usize)) };
                (window(frame, n, base, argc, Some(names)), base)
            }
            _ => {
                let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
                (window(frame, n, base, argc, None), dst)
            }
        };
        let mut callee = callee;
        if let Some(method) = callee.exact::<Method>().filter(|_| given.receiver.is_none()) {
            callee = method.function();
            given.receiver = Some(method.receiver());
        }
        Ok(Window { callee, given, unpacked: None, dst })
    }

    fn of_unpacking(cx: &Cx, frame: &'a Frame, word: Instruction) -> PyResult<Window<'a>> {
        let operands::CallUnpack { base, dst } = operands::CallUnpack::decode(word);
        let callee = frame.get(base);
        let positional = positional_tuple(cx, callee, frame.get(base + 2))?;
        frame.set(base + 2, positional.value());
        let keywords = frame.get(base + 3).bound().and_then(|keywords| keywords.downcast::<Dict>(cx));
        let given = Given { receiver: None, args: Args::positional(&[]) };
        Ok(Window { callee, given, unpacked: Some((positional, keywords)), dst })
    }

    /// What is called.
    pub fn callee(&self) -> Value {
        self.callee
    }

    /// The first argument, or `sys.monitoring.MISSING`.
    pub fn first(&self, cx: &Cx) -> Value {
        let first = match self.unpacked {
            Some((positional, _)) => positional.item(0),
            None => {
                let args = self.given.args;
                let named = || args.keywords().next().map(|(_, value)| value);
                self.given.receiver.or_else(|| args.get(0)).or_else(named)
            }
        };
        first.unwrap_or_else(|| cx.vm().monitoring.missing.get_or_none())
    }

    /// Makes the call, to its end.
    pub fn call(&self, cx: &Cx) -> PyResult {
        match (self.unpacked, self.given.receiver) {
            (Some((positional, keywords)), _) => cx.call_unpacked(self.callee, positional, keywords),
            (None, Some(receiver)) => call_with_receiver(cx, self.callee, receiver, self.given.args),
            (None, None) => call_value(cx, self.callee, self.given.args),
        }
    }
}

/// `dst =` call with positional arguments. Each kind of callable has a function of its own with the same arguments, so that
/// this one is but a jump.
#[inline(never)]
pub fn call(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Call { base, .. } = operands::Call::decode(word);
    cx.poll()?;
    match frame.get(base).type_id() {
        ids::FUNCTION => call_function(cx, frame, word),
        ids::METHOD => call_bound(cx, frame, word),
        ids::BUILTIN_FUNCTION => call_builtin(cx, frame, word),
        ids::METHOD_DESCRIPTOR => call_native_method(cx, frame, word),
        ids::TYPE => call_type(cx, frame, word),
        _ => call_any(cx, frame, word),
    }
}

/// Calls anything that has no shortcut.
#[inline(never)]
fn call_any(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
    let (callee, given) = window(frame, n, base, argc, None);
    dispatch(cx, frame, callee, given, dst)
}

#[inline(never)]
fn call_function(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
    // SAFETY: `call` has looked at the type id.
    let function: Ref<Function> = unsafe { Ref::from_value_unchecked(frame.get(base)) };
    let received = receiver(frame, n, base).is_some() as u16;
    if push_in_place(cx, frame, function, (base + 2 - received, argc + received), (dst, 0)) {
        return Ok(Flow::Reload);
    }
    call_any(cx, frame, word)
}

#[inline(never)]
fn call_bound(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
    // SAFETY: `call` has looked at the type id.
    let method: Ref<Method> = unsafe { Ref::from_value_unchecked(frame.get(base)) };
    if receiver(frame, n, base).is_none()
        && let Some(function) = method.function().exact::<Function>()
    {
        // The receiver goes to the word between callable and arguments, which is free for it.
        frame.set(base + 1, method.receiver());
        if push_in_place(cx, frame, function, (base + 1, argc + 1), (dst, 0)) {
            return Ok(Flow::Reload);
        }
        frame.set(base + 1, Value::UNBOUND);
    }
    call_any(cx, frame, word)
}

#[inline(never)]
fn call_builtin(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
    // SAFETY: `call` has looked at the type id.
    let function: Ref<BuiltinFunction> = unsafe { Ref::from_value_unchecked(frame.get(base)) };
    if receiver(frame, n, base).is_none()
        && let Some(result) = call_short(cx, frame, function.method(), function.receiver(), (base + 2, argc))
    {
        frame.set(dst, result?);
        return Ok(Flow::Next);
    }
    call_any(cx, frame, word)
}

#[inline(never)]
fn call_native_method(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
    if let Some(receiver) = receiver(frame, n, base) {
        // SAFETY: `call` has looked at the type id.
        let descriptor: Ref<MethodDescriptor> = unsafe { Ref::from_value_unchecked(frame.get(base)) };
        check_receiver(cx, descriptor, receiver)?;
        if let Some(result) = call_short(cx, frame, descriptor.method(), receiver, (base + 2, argc)) {
            frame.set(dst, result?);
            return Ok(Flow::Next);
        }
    }
    call_any(cx, frame, word)
}

/// A class whose metaclass is `type`.
#[inline(never)]
fn call_type(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Call { n, base, argc, dst } = operands::Call::decode(word);
    // SAFETY: `call` has looked at the type id.
    let class: Ref<TypeObject> = unsafe { Ref::from_value_unchecked(frame.get(base)) };
    if receiver(frame, n, base).is_some() {
        return call_any(cx, frame, word);
    }
    if class.is_heap_type() {
        return match instantiate(cx, frame, class, (base, argc), dst)? {
            Some(flow) => Ok(flow),
            None => call_any(cx, frame, word),
        };
    }
    if argc == 1 && class == cx.builtin_type(ids::TYPE) {
        frame.set(dst, cx.type_of(frame.get(base + 2)).value());
        return Ok(Flow::Next);
    }
    let (_, Given { args, .. }) = window(frame, 0, base, argc, None);
    frame.set(dst, crate::types::type_new::call(cx, class.value(), args)?);
    Ok(Flow::Next)
}

/// Calls a class by the cache, which is filled, if its instances are plain; `None` if they are not, or cannot be made so.
fn instantiate(
    cx: &Cx,
    frame: &Frame,
    class: Ref<TypeObject>,
    (base, argc): (u16, u16),
    dst: u16,
) -> PyResult<Option<Flow>> {
    let cache = frame.attribute_cache();
    let known = inline_cache::instantiation(class, cache.load(Ordering::Acquire));
    let Some(plain) = known.or_else(|| inline_cache::fill_instantiation(cx, class, cache)) else { return Ok(None) };
    if plain.init.is_none() && argc != 0 {
        return Ok(None);
    }
    let instance = new_instance_of(cx, plain.id, plain.size);
    let Some(init) = plain.init else {
        frame.set(dst, instance);
        return Ok(Some(Flow::Next));
    };
    // The words of callable and receiver are free for the instance: below the window of `__init__`, and as its first
    // argument.
    frame.set(base, instance);
    frame.set(base + 1, instance);
    if !push_in_place(cx, frame, init, (base + 1, argc + 1), (dst, flag::INIT)) {
        // SAFETY: the verifier proves the window to be inside the frame's and written.
        let args = unsafe { Args::in_window(frame.registers().add(base as usize + 2), argc as usize, None) };
        super::class::push_init(cx, init, instance, args, dst)?;
    }
    Ok(Some(Flow::Reload))
}

/// Calls a native function that takes just as many arguments as there are, or any; `None` if it does not.
#[inline(always)]
fn call_short(
    cx: &Cx,
    frame: &Frame,
    row: &'static MethodRow,
    receiver: Value,
    (first, count): (u16, u16),
) -> Option<PyResult> {
    match (row.function, count) {
        (NativeFn::None(function), 0) => Some(function(cx, receiver)),
        (NativeFn::One(function), 1) => Some(function(cx, receiver, frame.get(first))),
        (NativeFn::Optional(function), 0) => Some(function(cx, receiver, None)),
        (NativeFn::Optional(function), 1) => Some(function(cx, receiver, Some(frame.get(first)))),
        (NativeFn::Two(function), 2) => Some(function(cx, receiver, frame.get(first), frame.get(first + 1))),
        (NativeFn::Many(function), _) => {
            // SAFETY: the verifier proves the window to be inside the frame's and written; it stays for the whole
            // instruction.
            let args = unsafe { Args::in_window(frame.registers().add(first as usize), count as usize, None) };
            Some(function(cx, receiver, args))
        }
        _ => None,
    }
}

/// Pushes the frame of a function with plain positional parameters on the arguments where they lie (`count` registers
/// from `first`), filling in defaults. False if that cannot be done.
fn push_in_place(
    cx: &Cx,
    frame: &Frame,
    function: Ref<Function>,
    (first, count): (u16, u16),
    (dst, flags): (u16, u16),
) -> bool {
    let code = function.code();
    let (parameters, count) = (code.simple_argument_count(), count as u32);
    if parameters == NOT_SIMPLE || count > parameters {
        return false;
    }
    let missing = parameters - count;
    let defaults = function.defaults();
    let available = defaults.map_or(0, |defaults| defaults.len()) as u32;
    // SAFETY: the call's window is inside the frame's.
    let arguments = unsafe { frame.registers().add(first as usize) };
    // A generator's window is in its cell: the callee's is put on the thread's stack, with the instance below it.
    let below = (flags & flag::INIT != 0) as usize;
    let window = if frame.has(flag::GENERATOR) { frame.free().wrapping_add(below) } else { arguments };
    if missing > available || !cx.stack.has_room(frame, window, code.register_count) {
        return false;
    }
    if !std::ptr::eq(window, arguments) {
        for index in 0..count as usize + below {
            // SAFETY: the arguments are in the frame's window, and there is room for the callee's.
            let (from, to) = unsafe { (&*arguments.sub(below).add(index), &*window.sub(below).add(index)) };
            to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
    frame_above(cx, frame, (function, code), window, (dst, flags));
    let skipped = available - missing;
    for index in 0..missing {
        if let Some(defaults) = defaults {
            // SAFETY: there is room for the window.
            unsafe { store(window, (count + index) as u16, defaults.get((skipped + index) as usize)) };
        }
    }
    for register in parameters..code.named_count {
        // SAFETY: there is room for the window.
        unsafe { store(window, register as u16, Value::UNBOUND) };
    }
    true
}

/// Makes the record above the top one that of a function's frame. There is room for it.
fn frame_above(
    cx: &Cx,
    frame: &Frame,
    (function, code): (Ref<Function>, Ref<CodeObject>),
    window: *const AtomicU64,
    (dst, flags): (u16, u16),
) {
    // SAFETY: the caller has checked that there is room for one more record.
    let above = unsafe { &*(&raw const *frame).add(1) };
    above.start(function, code, window, dst, flags);
    above.set_pc(code.units());
    cx.stack.set_top(above);
}

/// `base =` call with keywords.
#[inline(never)]
pub fn call_keywords(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::CallKeywords { n, base, argc, names } = operands::CallKeywords::decode(word);
    cx.poll()?;
    // SAFETY: the verifier proves the constant to be a tuple of strings.
    let names: Ref<Tuple> = unsafe { Ref::from_value_unchecked(frame.constant(names as usize)) };
    let (callee, given) = window(frame, n, base, argc, Some(names));
    dispatch(cx, frame, callee, given, base)
}

/// `dst =` call with an iterable of arguments and a dict of keywords.
#[inline(never)]
pub fn call_unpack(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::CallUnpack { base, dst } = operands::CallUnpack::decode(word);
    cx.poll()?;
    let callee = frame.get(base);
    let positional = positional_tuple(cx, callee, frame.get(base + 2))?;
    // In its register the tuple is rooted for as long as the arguments are needed.
    frame.set(base + 2, positional.value());
    let keywords = frame.get(base + 3).bound().and_then(|keywords| keywords.downcast::<Dict>(cx));
    let Some(keywords) = keywords.filter(|keywords| !keywords.is_empty()) else {
        return dispatch(cx, frame, callee, Given { receiver: None, args: tuple_args(&positional, None) }, dst);
    };
    let (values, names) = unpack_keywords(cx, positional, keywords)?;
    frame.set(base + 2, values.value());
    frame.set(base + 3, names.value());
    dispatch(cx, frame, callee, Given { receiver: None, args: tuple_args(&values, Some(names)) }, dst)
}

/// The argument after `*` as a tuple.
fn positional_tuple(cx: &Cx, callee: Value, iterable: Value) -> PyResult<Ref<Tuple>> {
    check_iterable(cx, callee, iterable)?;
    iter::to_tuple(cx, iterable)
}

/// TypeError unless the argument after `*` is iterable.
pub(super) fn check_iterable(cx: &Cx, callee: Value, iterable: Value) -> PyResult<()> {
    let class = cx.type_of(iterable);
    if class.slots.iter().is_some() || crate::object::dunder::is_old_style_sequence(cx, class) {
        return Ok(());
    }
    let function = function_text(cx, callee)?;
    Err(raise!(cx, TypeError, "{function} argument after * must be an iterable, not {}", class.display_name()))
}

/// TypeError: what comes after `**` is no mapping.
#[cold]
pub(super) fn not_a_mapping(cx: &Cx, callee: Value, value: Value) -> Raised {
    match function_text(cx, callee) {
        Ok(function) => {
            raise!(cx, TypeError, "{function} argument after ** must be a mapping, not {}", value.class_name(cx))
        }
        Err(raised) => raised,
    }
}

/// TypeError: a keyword is given twice.
#[cold]
pub(super) fn duplicate_keyword(cx: &Cx, callee: Value, name: Value) -> Raised {
    let Some(name) = name.downcast::<Str>(cx) else { return cx.type_error("keywords must be strings") };
    match function_text(cx, callee) {
        Ok(function) => {
            raise!(cx, TypeError, "{function} got multiple values for keyword argument '{}'", name.as_wtf8())
        }
        Err(raised) => raised,
    }
}

/// Returns `src`.
#[inline(never)]
pub fn return_value(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    leave(cx, frame, frame.get(operands::Return::decode(word).src))
}

/// Returns None.
#[inline(never)]
pub fn return_none(cx: &Cx, frame: &Frame, _word: Instruction) -> PyResult<Flow> {
    leave(cx, frame, Value::NONE)
}

/// Leaves a frame of any kind with a result.
pub(super) fn leave(cx: &Cx, frame: &Frame, value: Value) -> PyResult<Flow> {
    if let Some(object) = frame.frame_object() {
        object.detach(cx, frame);
    }
    if frame.has(flag::GENERATOR) {
        resume::finish(cx, frame);
    }
    let (flags, dst) = (frame.flags.get(), frame.dst.get());
    let result = if flags & flag::INIT != 0 {
        // SAFETY: the window of an `__init__` frame begins above the word that holds the instance.
        let instance = unsafe { crate::interp::frame::load(frame.registers().sub(1), 0) };
        if !value.is_none() {
            pop_frame(cx, frame);
            return Err(raise!(cx, TypeError, "__init__() should return None, not '{}'", value.class_name(cx)));
        }
        instance
    } else {
        value
    };
    pop_frame(cx, frame);
    if flags & flag::ENTRY != 0 {
        cx.stack.yielded.set(false);
        cx.stack.set_result(result);
        return Ok(Flow::Exit);
    }
    if let Some(caller) = cx.stack.top() {
        if flags & (flag::FOR | flag::SEND) != 0 {
            resume::returned_to(caller, flags, result);
        } else {
            caller.set(dst, result);
        }
    }
    Ok(Flow::Reload)
}
