//! Building containers and strings.

use countless_common::wtf8::Wtf8Buf;
use countless_compiler::bytecode::Instruction;

use super::call::{check_iterable, duplicate_keyword, not_a_mapping};
use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::object::cell::Ref;
use crate::object::protocol::{iter, object};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::ids;
use crate::types::list::List;
use crate::types::set::Set;
use crate::types::str::Str;

fn registers(frame: &Frame, base: u16, count: u16) -> impl Iterator<Item = Value> {
    (0..count).map(move |index| frame.get(base + index))
}

/// `dst = slice(…)`.
#[inline(never)]
pub fn slice(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildSlice { n, dst, base } = operands::BuildSlice::decode(word);
    let step = if n == 3 { frame.get(base + 2) } else { Value::NONE };
    let slice = cx.new_slice(frame.get(base), frame.get(base + 1), step);
    frame.set(dst, slice.value());
    Ok(Flow::Next)
}

/// `dst = (…)`.
#[inline(never)]
pub fn tuple(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildTuple { dst, base, count } = operands::BuildTuple::decode(word);
    let tuple = cx.new_blank_tuple(count as usize);
    registers(frame, base, count).enumerate().for_each(|(index, value)| tuple.init(index, value));
    frame.set(dst, tuple.value());
    Ok(Flow::Next)
}

/// `dst = […]`.
#[inline(never)]
pub fn list(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildList { dst, base, count } = operands::BuildList::decode(word);
    let list = if count == 0 {
        cx.new_list()
    } else {
        let array = cx.new_array(count as usize)?;
        registers(frame, base, count).enumerate().for_each(|(index, value)| array.field(index).init(value));
        cx.list_of_array(array, count as usize)
    };
    frame.set(dst, list.value());
    Ok(Flow::Next)
}

/// `dst = {…}`.
#[inline(never)]
pub fn set(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildSet { dst, base, count } = operands::BuildSet::decode(word);
    let set = cx.new_set();
    for value in registers(frame, base, count) {
        set.add(cx, value)?;
    }
    frame.set(dst, set.value());
    Ok(Flow::Next)
}

/// `dst = {…: …}`.
#[inline(never)]
pub fn map(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildMap { dst, base, count } = operands::BuildMap::decode(word);
    let dict = cx.new_dict();
    for index in 0..count {
        dict.set(cx, frame.get(base + 2 * index), frame.get(base + 2 * index + 1))?;
    }
    frame.set(dst, dict.value());
    Ok(Flow::Next)
}

/// `dst = "".join(…)`.
#[inline(never)]
pub fn string(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildString { dst, base, count } = operands::BuildString::decode(word);
    let mut text = Wtf8Buf::new();
    for index in 0..count {
        text.push_wtf8(frame.operand::<Str>(cx, base + index)?.as_wtf8());
    }
    frame.set(dst, cx.new_str_wtf8(&text).value());
    Ok(Flow::Next)
}

/// `dst = Template(…)`.
#[inline(never)]
pub fn template(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildTemplate { dst, base, count } = operands::BuildTemplate::decode(word);
    let parts = cx.new_blank_tuple(count as usize);
    registers(frame, base, count).enumerate().for_each(|(index, value)| parts.init(index, value));
    let class = cx.builtin_type(ids::TEMPLATE);
    let template = cx.call_unpacked(class.value(), parts, None)?;
    frame.set(dst, template);
    Ok(Flow::Next)
}

/// `dst = Interpolation(value, expression, conversion, format spec)`.
#[inline(never)]
pub fn interpolation(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::BuildInterpolation { n, dst, base } = operands::BuildInterpolation::decode(word);
    let conversion = match n {
        1 => cx.intern_str("s").value(),
        2 => cx.intern_str("r").value(),
        3 => cx.intern_str("a").value(),
        _ => Value::NONE,
    };
    let class = cx.builtin_type(ids::INTERPOLATION);
    let values = [frame.get(base), frame.get(base + 1), conversion, frame.get(base + 2)];
    let interpolation = cx.call(class.value(), &values)?;
    frame.set(dst, interpolation);
    Ok(Flow::Next)
}

fn list_in(frame: &Frame, register: u16) -> Ref<List> {
    // SAFETY: the verifier proves such operands to be lists that the code itself has built.
    unsafe { Ref::from_value_unchecked(frame.get(register)) }
}

fn dict_in(frame: &Frame, register: u16) -> Ref<Dict> {
    // SAFETY: the verifier proves such operands to be dicts that the code itself has built.
    unsafe { Ref::from_value_unchecked(frame.get(register)) }
}

fn set_in(frame: &Frame, register: u16) -> Ref<Set> {
    // SAFETY: the verifier proves such operands to be sets that the code itself has built.
    unsafe { Ref::from_value_unchecked(frame.get(register)) }
}

/// `dst = tuple(list)`.
#[inline(never)]
pub fn list_to_tuple(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::ListToTuple { dst, src } = operands::ListToTuple::decode(word);
    let tuple = frame.operand::<List>(cx, src)?.to_tuple(cx)?;
    frame.set(dst, tuple.value());
    Ok(Flow::Next)
}

/// `list.append(src)`.
#[inline(never)]
pub fn list_append(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::ListAppend { list, src } = operands::ListAppend::decode(word);
    list_in(frame, list).push(cx, frame.get(src))?;
    Ok(Flow::Next)
}

/// `list.extend(src)` for `[*a]` and `f(*a)`.
#[inline(never)]
pub fn list_extend(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::ListExtend { n, list, src } = operands::ListExtend::decode(word);
    let iterable = frame.get(src);
    let class = cx.type_of(iterable);
    if class.slots.iter().is_none() && !crate::object::dunder::is_old_style_sequence(cx, class) {
        if n == 1 {
            // The callable lies two registers below the list of arguments.
            check_iterable(cx, frame.get(list.saturating_sub(2)), iterable)?;
        }
        return Err(raise!(cx, TypeError, "Value after * must be an iterable, not {}", class.display_name()));
    }
    list_in(frame, list).extend(cx, iterable)?;
    Ok(Flow::Next)
}

/// `set.add(src)`.
#[inline(never)]
pub fn set_add(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::SetAdd { set, src } = operands::SetAdd::decode(word);
    let container = frame.get(set);
    let Some(set) =
        container.downcast::<Set>(cx).filter(|_| cx.type_of(container).is_subclass(cx.builtin_type(ids::SET)))
    else {
        return Err(raise!(cx, TypeError, "'{}' object is not a set", container.class_name(cx)));
    };
    set.add(cx, frame.get(src))?;
    Ok(Flow::Next)
}

/// `set.update(src)`.
#[inline(never)]
pub fn set_update(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::SetUpdate { set, src } = operands::SetUpdate::decode(word);
    let set = set_in(frame, set);
    iter::for_each(cx, frame.get(src), |item| set.add(cx, item).map(|_| ()))?;
    Ok(Flow::Next)
}

/// `map[key] = value`.
#[inline(never)]
pub fn map_add(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MapAdd { map, key, value } = operands::MapAdd::decode(word);
    dict_in(frame, map).set(cx, frame.get(key), frame.get(value))?;
    Ok(Flow::Next)
}

/// Calls `visit` with the entries of a mapping, by `keys()` and subscripts; AttributeError if it has no `keys`.
pub(super) fn for_each_entry(
    cx: &Cx,
    mapping: Value,
    mut visit: impl FnMut(Value, Value) -> PyResult<()>,
) -> PyResult<()> {
    if let Some(dict) = mapping.exact::<Dict>() {
        let mut position = 0;
        while let Some((key, value)) = dict.next_entry(&mut position) {
            visit(key, value)?;
        }
        return Ok(());
    }
    let keys = cx.call_method(mapping, cx.names().keys, &[])?;
    iter::for_each(cx, keys, |key| {
        let value = crate::object::protocol::item::get_item(cx, mapping, key)?;
        visit(key, value)
    })
}

/// Whether the value has `keys`, as mappings do.
fn has_keys(cx: &Cx, value: Value) -> PyResult<bool> {
    Ok(value.is_exactly(ids::DICT) || cx.get_attribute_optional(value, cx.names().keys)?.is_some())
}

/// `map.update(src)` for `{**a}`.
#[inline(never)]
pub fn map_update(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MapUpdate { map, src } = operands::MapUpdate::decode(word);
    let (dict, mapping) = (dict_in(frame, map), frame.get(src));
    if !has_keys(cx, mapping)? {
        return Err(raise!(cx, TypeError, "'{}' object is not a mapping", mapping.class_name(cx)));
    }
    for_each_entry(cx, mapping, |key, value| dict.set(cx, key, value))?;
    Ok(Flow::Next)
}

/// Merges keywords for a call.
#[inline(never)]
pub fn map_merge(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::MapMerge { map, src, function } = operands::MapMerge::decode(word);
    let (dict, mapping, callee) = (dict_in(frame, map), frame.get(src), frame.get(function));
    if !has_keys(cx, mapping)? {
        return Err(not_a_mapping(cx, callee, mapping));
    }
    for_each_entry(cx, mapping, |key, value| {
        if dict.get(cx, key)?.is_some() {
            return Err(duplicate_keyword(cx, callee, key));
        }
        dict.set(cx, key, value)
    })?;
    Ok(Flow::Next)
}

/// The value after an f-string's conversion.
fn converted(cx: &Cx, value: Value, conversion: u8) -> PyResult {
    Ok(match conversion {
        1 => object::str(cx, value)?.value(),
        2 => object::repr(cx, value)?.value(),
        3 => object::ascii(cx, value)?.value(),
        _ => value,
    })
}

/// `dst = format(src, "")` after a conversion.
#[inline(never)]
pub fn format_simple(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::FormatSimple { n, dst, src } = operands::FormatSimple::decode(word);
    let value = converted(cx, frame.get(src), n)?;
    let text = match value.exact::<Str>() {
        Some(text) => text,
        None => object::format(cx, value, cx.names().empty)?,
    };
    frame.set(dst, text.value());
    Ok(Flow::Next)
}

/// `dst = format(src, spec)` after a conversion.
#[inline(never)]
pub fn format_with_spec(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::FormatWithSpec { n, dst, src, spec } = operands::FormatWithSpec::decode(word);
    let value = converted(cx, frame.get(src), n)?;
    let text = object::format(cx, value, frame.operand(cx, spec)?)?;
    frame.set(dst, text.value());
    Ok(Flow::Next)
}
