//! Subscripts and slices.

use countless_compiler::bytecode::Instruction;

use crate::interp::bind::{Given, push_call};
use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::native::args::Args;
use crate::object::attribute::lookup;
use crate::object::cell::Ref;
use crate::object::dunder;
use crate::object::protocol::item::{self, Bounds};
use crate::object::slots::SlotId;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::ids;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// The item of an exact list or tuple at a small int that is in range.
#[inline(always)]
pub fn load_inline(object: Value, index: Value) -> Option<Value> {
    if !index.is_small_int() || !object.is_cell() {
        return None;
    }
    let index = index.small_int_unchecked();
    let id = object.type_id();
    if id == ids::LIST {
        // SAFETY: just checked.
        let list: Ref<List> = unsafe { Ref::from_value_unchecked(object) };
        let index = if index < 0 { index.wrapping_add(list.len() as i64) } else { index };
        return list.get(index as usize);
    }
    if id == ids::TUPLE {
        // SAFETY: just checked.
        let tuple: Ref<Tuple> = unsafe { Ref::from_value_unchecked(object) };
        let length = tuple.len();
        let index = if index < 0 { index.wrapping_add(length as i64) } else { index } as usize;
        return if index < length { Some(tuple.get(index)) } else { None };
    }
    None
}

/// `object[index]` of lists, tuples and dicts.
#[inline(always)]
fn load_quickly(cx: &Cx, object: Value, index: Value) -> PyResult<Option<Value>> {
    if let Some(item) = load_inline(object, index) {
        return Ok(Some(item));
    }
    match object.exact::<Dict>() {
        Some(dict) => dict.get(cx, index),
        None => Ok(None),
    }
}

/// `dst = object[index]`.
#[inline(never)]
pub fn load(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadSubscript { dst, object, index } = operands::LoadSubscript::decode(word);
    load_to(cx, frame, frame.get(object), frame.get(index), dst)
}

/// `dst = object[index]`.
#[inline(always)]
fn load_to(cx: &Cx, frame: &Frame, object: Value, index: Value, dst: u16) -> PyResult<Flow> {
    match load_quickly(cx, object, index)? {
        Some(value) => frame.set(dst, value),
        None => return load_by_class(cx, frame, object, index, dst),
    }
    Ok(Flow::Next)
}

/// The same by the object's class; the frame of a `__getitem__` in Python is pushed.
#[inline(never)]
fn load_by_class(cx: &Cx, frame: &Frame, object: Value, index: Value, dst: u16) -> PyResult<Flow> {
    if let Some(getter) = python_getter(cx, object) {
        cx.poll()?;
        return push_getter(cx, getter, object, index, dst);
    }
    frame.set(dst, item::get_item(cx, object, index)?);
    Ok(Flow::Next)
}

#[inline(never)]
fn push_getter(cx: &Cx, getter: Ref<Function>, object: Value, index: Value, dst: u16) -> PyResult<Flow> {
    let index = [index];
    push_call(cx, getter, Given { receiver: Some(object), args: Args::positional(&index) }, dst, 0)?;
    Ok(Flow::Reload)
}

/// The `__getitem__` of the object's class, if it is a function to be called with the object.
fn python_getter(cx: &Cx, object: Value) -> Option<Ref<Function>> {
    let class = cx.type_of(object);
    if class.slots.raw(SlotId::subscript) != dunder::python_subscript_address() {
        return None;
    }
    lookup(cx, class, cx.names().__getitem__)?.exact()
}

/// `dst = object[index]` with a small constant.
#[inline(never)]
pub fn load_immediate(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadSubscriptI { dst, object, index } = operands::LoadSubscriptI::decode(word);
    load_to(cx, frame, frame.get(object), Value::int(index as i64), dst)
}

/// `object[index] = src`.
#[inline(never)]
pub fn store(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::StoreSubscript { object, index, src } = operands::StoreSubscript::decode(word);
    let (object, index, value) = (frame.get(object), frame.get(index), frame.get(src));
    if let Some(dict) = object.exact::<Dict>() {
        dict.set(cx, index, value)?;
        return Ok(Flow::Next);
    }
    if let Some(list) = object.exact::<List>()
        && let Some(position) = index.as_small_int()
    {
        let position = if position < 0 { position + list.len() as i64 } else { position };
        if position >= 0 && list.set(cx, position as usize, value) {
            return Ok(Flow::Next);
        }
    }
    item::set_item(cx, object, index, value)?;
    Ok(Flow::Next)
}

/// `del object[index]`.
#[inline(never)]
pub fn delete(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::DeleteSubscript { object, index } = operands::DeleteSubscript::decode(word);
    item::delete_item(cx, frame.get(object), frame.get(index))?;
    Ok(Flow::Next)
}

/// The positions that the bounds of a slice with step 1 mean, the first not behind the second: `None` unless both are
/// small ints or None.
#[inline]
fn plain_bounds(lower: Value, upper: Value, length: usize) -> Option<(usize, usize)> {
    let position = |bound: Value, default: usize| {
        if bound.is_none() {
            return Some(default);
        }
        let index = bound.as_small_int()?;
        let index = if index < 0 { index + length as i64 } else { index };
        Some(index.clamp(0, length as i64) as usize)
    };
    let (from, to) = (position(lower, 0)?, position(upper, length)?);
    Some((from, to.max(from)))
}

/// A slice of an exact list or tuple, without a slice object.
fn slice_inline(cx: &Cx, object: Value, lower: Value, upper: Value) -> PyResult<Option<Value>> {
    match object.type_id() {
        ids::LIST => {
            // SAFETY: the id says so.
            let list: Ref<List> = unsafe { Ref::from_value_unchecked(object) };
            let Some((from, to)) = plain_bounds(lower, upper, list.len()) else { return Ok(None) };
            let bounds = Bounds { start: from as isize, stop: to as isize, step: 1, length: to - from };
            list.slice(cx, bounds).map(|list| Some(list.value()))
        }
        ids::TUPLE => {
            // SAFETY: the id says so.
            let tuple: Ref<Tuple> = unsafe { Ref::from_value_unchecked(object) };
            let Some((from, to)) = plain_bounds(lower, upper, tuple.len()) else { return Ok(None) };
            tuple.range(cx, from, to).map(|tuple| Some(tuple.value()))
        }
        _ => Ok(None),
    }
}

/// `dst = object[lower:upper]`.
#[inline(never)]
pub fn load_slice(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::LoadSlice { dst, object, bounds } = operands::LoadSlice::decode(word);
    if let Some(value) = slice_inline(cx, frame.get(object), frame.get(bounds), frame.get(bounds + 1))? {
        frame.set(dst, value);
        return Ok(Flow::Next);
    }
    let slice = cx.new_slice(frame.get(bounds), frame.get(bounds + 1), Value::NONE);
    let value = item::get_item(cx, frame.get(object), slice.value())?;
    frame.set(dst, value);
    Ok(Flow::Next)
}

/// `object[lower:upper] = src`.
#[inline(never)]
pub fn store_slice(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::StoreSlice { object, bounds, src } = operands::StoreSlice::decode(word);
    if let (Some(list), Some(items)) = (frame.get(object).exact::<List>(), frame.get(src).exact::<List>())
        && list != items
        && let Some((from, to)) = plain_bounds(frame.get(bounds), frame.get(bounds + 1), list.len())
    {
        list.replace(cx, (from, to), items)?;
        return Ok(Flow::Next);
    }
    let slice = cx.new_slice(frame.get(bounds), frame.get(bounds + 1), Value::NONE);
    item::set_item(cx, frame.get(object), slice.value(), frame.get(src))?;
    Ok(Flow::Next)
}
