//! Attributes, and the look-ups of methods for calls.

use std::sync::atomic::Ordering;

use countless_compiler::bytecode::{Instruction, SpecialMethod};

use crate::interp::bind::{Given, push_call};
use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::native::args::Args;
use crate::native::definition::TypeFlags;
use crate::object::attribute::{self, Method, bind_descriptor};
use crate::object::cell::Ref;
use crate::object::inline_cache::{self, Loaded};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::ids;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// The attribute, if the cache word says that it is a word of the instance itself.
#[inline(always)]
pub fn slot_hit(object: Value, cache: u64) -> Option<Value> {
    if !object.is_cell() {
        return None;
    }
    let index = inline_cache::first_slot_of(cache, object.type_id())?;
    attribute::word_of(object, index)
}

/// `dst = object.name`.
#[inline(never)]
pub fn load(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadAttr { dst, object, name } = operands::LoadAttr::decode(word);
    let (object, cache) = (frame.get(object), frame.cache().load(Ordering::Acquire));
    let value = inline_cache::slot_value(object, cache);
    if let Some(value) = value.or_else(|| inline_cache::class_value(object, frame.name(name).value(), cache)) {
        frame.set(dst, value);
        return Ok(Flow::Next);
    }
    load_any(cx, frame, word)
}

#[inline(never)]
fn load_any(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadAttr { dst, object, name } = operands::LoadAttr::decode(word);
    let object = frame.get(object);
    match inline_cache::load(cx, object, frame.name(name), frame.attribute_cache())? {
        Loaded::Value(value) => frame.set(dst, value),
        Loaded::Getter(getter) => {
            let given = Given { receiver: Some(object), args: Args::positional(&[]) };
            push_call(cx, getter, given, dst, 0)?;
            return Ok(Flow::Reload);
        }
    }
    Ok(Flow::Next)
}

/// `object.name = src`.
#[inline(never)]
pub fn store(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::StoreAttr { object, name, src } = operands::StoreAttr::decode(word);
    inline_cache::store(cx, frame.get(object), frame.name(name), frame.get(src), frame.attribute_cache())?;
    Ok(Flow::Next)
}

/// `del object.name`.
#[inline(never)]
pub fn delete(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::DeleteAttr { object, name } = operands::DeleteAttr::decode(word);
    cx.delete_attribute(frame.get(object), frame.name(name))?;
    Ok(Flow::Next)
}

/// Puts what a look-up found into the first two words of a call window.
fn set_window(frame: &Frame, base: u16, method: Method) {
    frame.set(base, method.function);
    frame.set(base + 1, method.receiver.unwrap_or(Value::UNBOUND));
}

/// `base, base+1 = function, object`, or `attribute, unbound`.
#[inline(never)]
pub fn load_method(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadMethod { base, object, .. } = operands::LoadMethod::decode(word);
    let object = frame.get(object);
    if let Some(function) = inline_cache::any_method_of(object, frame.cache().load(Ordering::Acquire)) {
        set_window(frame, base, Method { function, receiver: Some(object) });
        return Ok(Flow::Next);
    }
    load_any_method(cx, frame, word)
}

#[inline(never)]
fn load_any_method(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadMethod { base, object, name } = operands::LoadMethod::decode(word);
    let method = inline_cache::load_method(cx, frame.get(object), frame.name(name), frame.attribute_cache())?;
    set_window(frame, base, method);
    Ok(Flow::Next)
}

/// The class behind `class` in the method resolution order of the object's type (or of the object, if it is a class) that
/// has the name, and how the attribute is to be bound; `None` if `super` cannot do it in the usual way.
fn super_lookup(cx: &Cx, class: Value, object: Value, name: Ref<Str>) -> Option<(Value, bool, Ref<TypeObject>)> {
    let class = class.as_class(cx)?;
    let own = object.as_class(cx).filter(|own| own.is_subclass(class));
    let start = own.unwrap_or_else(|| cx.type_of(object));
    if !start.is_subclass(class) || name == cx.names().__class__ {
        return None;
    }
    let mut rest = start.linearization().skip_while(|base| *base != class).skip(1);
    let found = rest.find_map(|base| base.dict().get_name(cx, name).ok().flatten())?;
    Some((found, own.is_some(), start))
}

/// The function that `super().name` would bind to the object, filling the cache; `None` if it would do anything else.
fn super_method(cx: &Cx, frame: &Frame, behind: Value, object: Value, name: Ref<Str>) -> Option<Value> {
    let class = cx.type_of(object);
    // Taken first, so that a change during the look-up makes the record stale from the start.
    let version = attribute::class_version(cx, class);
    let (found, on_class, _) = super_lookup(cx, behind, object, name)?;
    if on_class || !found.is_cell() || !cx.type_of(found).has_flags(TypeFlags::METHOD_DESCRIPTOR.0) {
        return None;
    }
    // Of a class object the type alone does not tell whether it is looked at as an instance.
    if object.as_class(cx).is_none() {
        inline_cache::fill_super_method(cx, (class, version), (object, behind, found), frame.attribute_cache());
    }
    Some(found)
}

/// Whether the callable is the builtin `super`, so that no object need be made.
fn is_super(cx: &Cx, callable: Value) -> bool {
    callable == cx.builtin_type(ids::SUPER).value()
}

/// `super(class, self)` made as an object, for what has no shortcut.
fn super_object(cx: &Cx, frame: &Frame, base: u16, zero_arguments: bool) -> PyResult {
    let (callable, class, object) = (frame.get(base), frame.get(base + 1), frame.get(base + 2));
    if zero_arguments && !is_super(cx, callable) { cx.call(callable, &[]) } else { cx.call(callable, &[class, object]) }
}

/// The attribute through `super`, for a plain load.
fn super_attribute(cx: &Cx, frame: &Frame, base: u16, zero_arguments: bool, name: Ref<Str>) -> PyResult {
    if is_super(cx, frame.get(base))
        && let Some((found, on_class, start)) = super_lookup(cx, frame.get(base + 1), frame.get(base + 2), name)
    {
        let instance = if on_class { None } else { Some(frame.get(base + 2)) };
        return bind_descriptor(cx, found, instance, start);
    }
    let object = super_object(cx, frame, base, zero_arguments)?;
    cx.get_attribute(object, name)
}

/// `dst = super(class, self).name`.
#[inline(never)]
pub fn load_super(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadSuperAttr { n, dst, base, name } = operands::LoadSuperAttr::decode(word);
    let value = super_attribute(cx, frame, base, n == 1, frame.name(name))?;
    frame.set(dst, value);
    Ok(Flow::Next)
}

/// The method form of [`load_super`].
#[inline(never)]
pub fn load_super_method(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadSuperMethod { n, base, name } = operands::LoadSuperMethod::decode(word);
    let name = frame.name(name);
    if is_super(cx, frame.get(base)) {
        let (behind, object) = (frame.get(base + 1), frame.get(base + 2));
        let cached = inline_cache::super_method(object, behind, frame.cache().load(Ordering::Acquire));
        if let Some(function) = cached.or_else(|| super_method(cx, frame, behind, object, name)) {
            set_window(frame, base, Method { function, receiver: Some(object) });
            return Ok(Flow::Next);
        }
    }
    let function = super_attribute(cx, frame, base, n == 1, name)?;
    set_window(frame, base, Method { function, receiver: None });
    Ok(Flow::Next)
}

/// The special method `n` of the object's type, for `with`.
#[inline(never)]
pub fn load_special(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadSpecial { n, base, object } = operands::LoadSpecial::decode(word);
    let object = frame.get(object);
    let special = SpecialMethod::from_number(n).unwrap_or(SpecialMethod::Enter);
    match cx.lookup_special(object, special_name(cx, special))? {
        Some(method) => set_window(frame, base, method),
        None => return Err(missing_special(cx, object, special)),
    }
    Ok(Flow::Next)
}

fn special_name(cx: &Cx, special: SpecialMethod) -> Ref<Str> {
    match special {
        SpecialMethod::Enter => cx.names().__enter__,
        SpecialMethod::Exit => cx.names().__exit__,
        SpecialMethod::AsyncEnter => cx.names().__aenter__,
        SpecialMethod::AsyncExit => cx.names().__aexit__,
    }
}

#[cold]
fn missing_special(cx: &Cx, object: Value, special: SpecialMethod) -> Raised {
    let (class, method) = (object.class_name(cx), special.text());
    let is_async = matches!(special, SpecialMethod::AsyncEnter | SpecialMethod::AsyncExit);
    let (protocol, others, other_statement) = if is_async {
        ("asynchronous context manager", [cx.names().__enter__, cx.names().__exit__], "with")
    } else {
        ("context manager", [cx.names().__aenter__, cx.names().__aexit__], "async with")
    };
    let start = cx.type_of(object);
    let has_others = others.into_iter().all(|name| attribute::lookup(cx, start, name).is_some());
    if has_others {
        let other_protocol = if is_async { "context manager" } else { "asynchronous context manager" };
        return raise!(
            cx,
            TypeError,
            "'{class}' object does not support the {protocol} protocol (missed {method} method) but it supports the \
             {other_protocol} protocol. Did you mean to use '{other_statement}'?"
        );
    }
    raise!(cx, TypeError, "'{class}' object does not support the {protocol} protocol (missed {method} method)")
}
