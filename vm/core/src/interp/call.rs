//! Calls from native code, and code run outside of functions.

use countless_gc::Slot;

use super::bind::{Given, push_call, push_frame};
use super::frame::flag;
use super::run;
use crate::native::args::Args;
use crate::object::attribute::{self, Method};
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::code::CodeObject;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::ids;
use crate::types::method::Method as BoundMethod;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Calls a Python function.
pub fn call_function(cx: &Cx, function: Ref<Function>, args: Args<'_>) -> PyResult {
    enter(cx, function, Given { receiver: None, args })
}

fn enter(cx: &Cx, function: Ref<Function>, given: Given<'_>) -> PyResult {
    cx.check_native_stack()?;
    push_call(cx, function, given, 0, flag::ENTRY)?;
    run(cx, None)
}

/// Calls `callable` with `receiver` before the other arguments.
pub fn call_with_receiver(cx: &Cx, callable: Value, receiver: Value, args: Args<'_>) -> PyResult {
    if callable.is_exactly(ids::FUNCTION) {
        // SAFETY: just checked.
        let function = unsafe { Ref::from_value_unchecked(callable) };
        return enter(cx, function, Given { receiver: Some(receiver), args });
    }
    // A method's function may be a method.
    cx.check_native_stack()?;
    with_receiver(cx, receiver, args, |args| call_value(cx, callable, args))
}

/// How many arguments are laid out on the native stack.
const SMALL: usize = 12;

/// Runs `call` with the receiver put before the other arguments.
pub fn with_receiver<R>(cx: &Cx, receiver: Value, args: Args<'_>, call: impl FnOnce(Args<'_>) -> R) -> R {
    let keywords = args.keywords().map(|(_, value)| value);
    let values = std::iter::once(receiver).chain(args.iter()).chain(keywords);
    let count = 1 + args.len() + args.keyword_count();
    with_values(cx, count, values, args.keyword_names(), call)
}

/// Runs `call` with arguments made of the values, of which there are `count`, the last named by `names`.
pub fn with_values<R>(
    cx: &Cx,
    count: usize,
    values: impl Iterator<Item = Value>,
    names: Option<Ref<Tuple>>,
    call: impl FnOnce(Args<'_>) -> R,
) -> R {
    let mut small = [Value::NONE; SMALL];
    if count <= SMALL {
        small.iter_mut().zip(values).for_each(|(place, value)| *place = value);
        return call(args_of(&small[..count], names));
    }
    // The values must be where the collector sees them: on the native stack, or in a cell.
    let tuple = cx.new_blank_tuple(count);
    values.take(count).enumerate().for_each(|(index, value)| tuple.init(index, value));
    call(tuple_args(&tuple, names))
}

fn args_of(values: &[Value], names: Option<Ref<Tuple>>) -> Args<'_> {
    match names {
        Some(names) => Args::with_keywords(values, names),
        None => Args::positional(values),
    }
}

/// The items of a tuple as arguments, the last of them named.
pub fn tuple_args(tuple: &Ref<Tuple>, names: Option<Ref<Tuple>>) -> Args<'_> {
    let items = tuple.as_ptr().wrapping_add(1).cast::<Slot>();
    // SAFETY: the items of a tuple follow its cell, one word each; the borrowed reference keeps it alive.
    unsafe { Args::in_window(items.cast(), tuple.len(), names) }
}

/// Calls anything.
pub fn call_value(cx: &Cx, callable: Value, args: Args<'_>) -> PyResult {
    if callable.is_exactly(ids::FUNCTION) {
        // SAFETY: just checked.
        return call_function(cx, unsafe { Ref::from_value_unchecked(callable) }, args);
    }
    if callable.is_exactly(ids::METHOD) {
        // SAFETY: just checked.
        let method: Ref<BoundMethod> = unsafe { Ref::from_value_unchecked(callable) };
        return call_with_receiver(cx, method.function(), method.receiver(), args);
    }
    match cx.type_of(callable).slots.call() {
        Some(call) => {
            // `__call__` may be an object of the very class.
            cx.check_native_stack_while(" while calling a Python object")?;
            call(cx, callable, args)
        }
        None => Err(not_callable(cx, callable)),
    }
}

#[cold]
pub(super) fn not_callable(cx: &Cx, callable: Value) -> Raised {
    raise!(cx, TypeError, "'{}' object is not callable", callable.class_name(cx))
}

/// The callable for messages about its arguments: `module.qualname()`, or its `str()` if it has no name.
pub(super) fn function_text(cx: &Cx, callable: Value) -> PyResult<String> {
    let text = |value: Option<Value>| value.and_then(|value| value.downcast::<Str>(cx));
    let Some(name) = text(cx.get_attribute_optional(callable, cx.names().__qualname__)?) else {
        return Ok(crate::object::protocol::object::str(cx, callable)?.as_wtf8().to_string_lossy());
    };
    let name = name.as_wtf8().to_string_lossy();
    let module = text(cx.get_attribute_optional(callable, cx.names().__module__)?);
    Ok(match module.map(|module| module.as_wtf8().to_string_lossy()) {
        Some(module) if module != "builtins" => format!("{module}.{name}()"),
        _ => format!("{name}()"),
    })
}

impl Cx {
    /// `callable(*values)`.
    #[inline]
    pub fn call(&self, callable: Value, values: &[Value]) -> PyResult {
        call_value(self, callable, Args::positional(values))
    }

    /// `callable(*args, **keywords)`.
    #[inline]
    pub fn call_with_keywords(&self, callable: Value, args: Args<'_>) -> PyResult {
        call_value(self, callable, args)
    }

    /// The same: calls with arguments that are laid out already.
    #[inline]
    pub fn call_args(&self, callable: Value, args: Args<'_>) -> PyResult {
        call_value(self, callable, args)
    }

    /// `callable(*values, **{name: value …})`, all keywords given.
    pub fn call_named(&self, callable: Value, values: &[Value], keywords: &[(Ref<Str>, Value)]) -> PyResult {
        let names = self.new_blank_tuple(keywords.len());
        keywords.iter().enumerate().for_each(|(index, (name, _))| names.init(index, name.value()));
        let all = values.iter().copied().chain(keywords.iter().map(|&(_, value)| value));
        let names = (!keywords.is_empty()).then_some(names);
        with_values(self, values.len() + keywords.len(), all, names, |args| call_value(self, callable, args))
    }

    /// `callable(*positional, **keywords)`.
    pub fn call_unpacked(&self, callable: Value, positional: Ref<Tuple>, keywords: Option<Ref<Dict>>) -> PyResult {
        let Some(keywords) = keywords.filter(|keywords| !keywords.is_empty()) else {
            return call_value(self, callable, tuple_args(&positional, None));
        };
        let (values, names) = unpack_keywords(self, positional, keywords)?;
        call_value(self, callable, tuple_args(&values, Some(names)))
    }

    /// `object.name(*values)`.
    pub fn call_method(&self, object: Value, name: Ref<Str>, values: &[Value]) -> PyResult {
        let method = attribute::get_method(self, object, name)?;
        self.call_found(method, values)
    }

    /// Calls what a look-up for a call found.
    pub fn call_found(&self, method: Method, values: &[Value]) -> PyResult {
        match method.receiver {
            Some(receiver) => call_with_receiver(self, method.function, receiver, Args::positional(values)),
            None => self.call(method.function, values),
        }
    }

    /// The same with arguments that are laid out already.
    pub fn call_found_args(&self, method: Method, args: Args<'_>) -> PyResult {
        match method.receiver {
            Some(receiver) => call_with_receiver(self, method.function, receiver, args),
            None => call_value(self, method.function, args),
        }
    }

    /// Runs code as `exec` and `eval` do: with globals, a local namespace, and the cells of its free variables.
    pub fn run_code(
        &self,
        code: Ref<CodeObject>,
        globals: Ref<Dict>,
        locals: Value,
        closure: Option<Ref<Tuple>>,
    ) -> PyResult {
        let function = self.new_function(code, globals)?;
        function.set_closure(self, closure);
        self.run_with_locals(function, locals)
    }

    /// Runs a function without parameters with a local namespace: the body of a class or module.
    pub fn run_with_locals(&self, function: Ref<Function>, locals: Value) -> PyResult {
        self.check_native_stack()?;
        let code = function.code();
        let frame = push_frame(self, function, code, self.stack.free(), 0, flag::ENTRY)?;
        frame.set_locals(locals);
        frame.set_pc(code.units());
        run(self, None)
    }
}

/// The values of a call with unpacked keywords, and the names of the last of them.
pub(super) fn unpack_keywords(
    cx: &Cx,
    positional: Ref<Tuple>,
    keywords: Ref<Dict>,
) -> PyResult<(Ref<Tuple>, Ref<Tuple>)> {
    loop {
        let (count, first) = (keywords.len(), positional.len());
        let values = cx.try_new_blank_tuple(first + count)?;
        let names = cx.try_new_blank_tuple(count)?;
        positional.iter().enumerate().for_each(|(index, value)| values.init(index, value));
        let mut filled = 0;
        for (name, value) in keywords.iter().take(count) {
            if name.downcast::<Str>(cx).is_none() {
                return Err(cx.type_error("keywords must be strings"));
            }
            names.init(filled, name);
            values.init(first + filled, value);
            filled += 1;
        }
        // Another thread may have taken some away.
        if filled == count {
            return Ok((values, names));
        }
    }
}
