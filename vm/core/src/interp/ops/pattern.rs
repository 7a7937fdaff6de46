//! Pattern matching.

use countless_compiler::bytecode::Instruction;

use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::native::definition::TypeFlags;
use crate::object::attribute::Method;
use crate::object::cell::Ref;
use crate::object::protocol::object;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::ids;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

/// `case Class(...)`.
#[inline(never)]
pub fn class(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MatchClass { n, dst, base } = operands::MatchClass::decode(word);
    let result = match_class(cx, frame.get(base), frame.get(base + 1), frame.operand(cx, base + 2)?, n as usize)?;
    frame.set(dst, result);
    Ok(Flow::Next)
}

fn match_class(cx: &Cx, subject: Value, class: Value, keywords: Ref<Tuple>, positional: usize) -> PyResult {
    let Some(class_object) = class.as_class(cx) else {
        return Err(cx.type_error("called match pattern must be a class"));
    };
    if !crate::object::protocol::class::is_instance(cx, subject, class)? {
        return Ok(Value::NONE);
    }
    let found = cx.new_list();
    let seen = cx.new_list();
    if positional > 0 {
        let names = positional_names(cx, class_object, positional)?;
        match names {
            None => found.push(cx, subject)?,
            Some(names) => {
                for name in names.iter().take(positional) {
                    if !name.is_exactly(ids::STR) {
                        let given = name.class_name(cx);
                        return Err(raise!(cx, TypeError, "__match_args__ elements must be strings (got {given})"));
                    }
                    let Some(value) = attribute(cx, class_object, subject, name, seen)? else { return Ok(Value::NONE) };
                    found.push(cx, value)?;
                }
            }
        }
    }
    for name in keywords.iter() {
        let Some(value) = attribute(cx, class_object, subject, name, seen)? else { return Ok(Value::NONE) };
        found.push(cx, value)?;
    }
    Ok(found.to_tuple(cx)?.value())
}

/// `__match_args__`; `None` if the subject itself is the only positional attribute.
fn positional_names(cx: &Cx, class: Ref<TypeObject>, positional: usize) -> PyResult<Option<Ref<Tuple>>> {
    let found = cx.get_attribute_optional(class.value(), cx.intern_str("__match_args__"))?;
    let (names, allowed) = match found {
        Some(names) => match names.exact::<Tuple>() {
            Some(names) => (Some(names), names.len()),
            None => {
                let (class, given) = (class.display_name(), names.class_name(cx));
                return Err(raise!(cx, TypeError, "{class}.__match_args__ must be a tuple (got {given})"));
            }
        },
        None if class.has_flags(TypeFlags::MATCH_SELF.0) => (None, 1),
        None => (Some(cx.new_tuple(&[])), 0),
    };
    if positional > allowed {
        return Err(too_many_positional(cx, class, allowed, positional));
    }
    Ok(names)
}

#[cold]
fn too_many_positional(cx: &Cx, class: Ref<TypeObject>, allowed: usize, given: usize) -> Raised {
    let (class, plural) = (class.display_name(), if allowed == 1 { "" } else { "s" });
    raise!(cx, TypeError, "{class}() accepts {allowed} positional sub-pattern{plural} ({given} given)")
}

fn attribute(
    cx: &Cx,
    class: Ref<TypeObject>,
    subject: Value,
    name: Value,
    seen: Ref<crate::types::list::List>,
) -> PyResult<Option<Value>> {
    for earlier in seen.iter() {
        if crate::object::protocol::compare::equal(cx, earlier, name)? {
            let (class, name) = (class.display_name(), object::repr(cx, name)?);
            return Err(raise!(cx, TypeError, "{class}() got multiple sub-patterns for attribute {}", name.as_wtf8()));
        }
    }
    seen.push(cx, name)?;
    cx.get_attribute_optional(subject, cx.attribute_name(name)?)
}

/// Whether the value's class carries the flag.
fn has_flag(cx: &Cx, value: Value, flag: TypeFlags) -> Value {
    Value::bool(cx.type_of(value).has_flags(flag.0))
}

/// `dst = isinstance(src, Mapping)` by type flag.
#[inline(never)]
pub fn mapping(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MatchMapping { dst, src } = operands::MatchMapping::decode(word);
    frame.set(dst, has_flag(cx, frame.get(src), TypeFlags::MAPPING));
    Ok(Flow::Next)
}

/// `dst = isinstance(src, Sequence)` by type flag.
#[inline(never)]
pub fn sequence(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MatchSequence { dst, src } = operands::MatchSequence::decode(word);
    frame.set(dst, has_flag(cx, frame.get(src), TypeFlags::SEQUENCE));
    Ok(Flow::Next)
}

/// `dst =` tuple of the values for the keys, or None.
#[inline(never)]
pub fn keys(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MatchKeys { dst, src, keys } = operands::MatchKeys::decode(word);
    let values = match_keys(cx, frame.get(src), frame.operand(cx, keys)?)?;
    frame.set(dst, values);
    Ok(Flow::Next)
}

fn match_keys(cx: &Cx, mapping: Value, keys: Ref<Tuple>) -> PyResult {
    if keys.is_empty() {
        return Ok(cx.new_tuple(&[]).value());
    }
    let get: Method = crate::object::attribute::get_method(cx, mapping, cx.names().get)?;
    let missing = cx.new_list().value();
    let (seen, values) = (cx.new_dict(), cx.new_list());
    for key in keys.iter() {
        if seen.get(cx, key)?.is_some() {
            let key = object::repr(cx, key)?;
            return Err(raise!(cx, ValueError, "mapping pattern checks duplicate key ({})", key.as_wtf8()));
        }
        seen.set(cx, key, Value::NONE)?;
        let value = cx.call_found(get, &[key, missing])?;
        if value == missing {
            return Ok(Value::NONE);
        }
        values.push(cx, value)?;
    }
    Ok(values.to_tuple(cx)?.value())
}

/// `dst =` copy of the mapping without the keys.
#[inline(never)]
pub fn rest(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MatchRest { dst, src, keys } = operands::MatchRest::decode(word);
    let (mapping, keys) = (frame.get(src), frame.operand::<Tuple>(cx, keys)?);
    let rest: Ref<Dict> = cx.new_dict();
    super::build::for_each_entry(cx, mapping, |key, value| rest.set(cx, key, value))?;
    for key in keys.iter() {
        if rest.remove(cx, key)?.is_none() {
            return Err(cx.key_error(key));
        }
    }
    frame.set(dst, rest.value());
    Ok(Flow::Next)
}

/// `dst = len(src)`.
#[inline(never)]
pub fn length(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::GetLength { dst, src } = operands::GetLength::decode(word);
    let length = object::length(cx, frame.get(src))?;
    frame.set(dst, Value::length(length));
    Ok(Flow::Next)
}
