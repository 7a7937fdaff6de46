//! Unpacking into registers.
//!
//! The registers are written at the end, since iterating may run Python code, and they do not count as live until the
//! instruction is done.

use std::cmp::Ordering;
use std::sync::atomic::{self, AtomicU64};

use countless_compiler::bytecode::Instruction;
use countless_gc::{Slot, lock};

use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::object::cell::Ref;
use crate::object::protocol::iter;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::ids;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// The iterator of what is unpacked.
fn iterator_of(cx: &Cx, value: Value) -> PyResult {
    let class = cx.type_of(value);
    if class.slots.iter().is_none() && !crate::object::dunder::is_old_style_sequence(cx, class) {
        return Err(raise!(cx, TypeError, "cannot unpack non-iterable {} object", class.display_name()));
    }
    iter::get_iter(cx, value)
}

#[cold]
fn too_many(cx: &Cx, expected: usize, got: Option<usize>) -> Raised {
    match got {
        Some(got) => raise!(cx, ValueError, "too many values to unpack (expected {expected}, got {got})"),
        None => raise!(cx, ValueError, "too many values to unpack (expected {expected})"),
    }
}

#[cold]
fn too_few(cx: &Cx, expected: usize, got: usize, at_least: bool) -> Raised {
    let bound = if at_least { "at least " } else { "" };
    raise!(cx, ValueError, "not enough values to unpack (expected {bound}{expected}, got {got})")
}

/// Unpacks into exactly `count` registers.
#[inline(never)]
pub fn sequence(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::UnpackSequence { base, src, count } = operands::UnpackSequence::decode(word);
    let (value, count) = (frame.get(src), count as usize);
    if value.is_exactly(ids::TUPLE) {
        // SAFETY: just checked.
        let tuple: Ref<Tuple> = unsafe { Ref::from_value_unchecked(value) };
        if tuple.len() == count {
            // SAFETY: the verifier proves the registers to be inside the window; the tuple has that many items.
            unsafe { copy_words(tuple.items(), frame.registers().add(base as usize), count) };
            return Ok(Flow::Next);
        }
        let got = tuple.len();
        return Err(if got > count { too_many(cx, count, Some(got)) } else { too_few(cx, count, got, false) });
    }
    let Some(list) = value.exact::<List>() else { return from_iterable(cx, frame, value, (base, count)) };
    let got = {
        // Under the lock the length and the store belong together.
        let _guard = lock(cx.mutator(), list.header());
        let length = list.len();
        if length == count
            && let Some(array) = list.array().filter(|array| array.capacity() >= count)
        {
            // SAFETY: as above; the first `length` fields of the store are items.
            unsafe { copy_words(array.slots(), frame.registers().add(base as usize), count) };
            return Ok(Flow::Next);
        }
        length
    };
    match got.cmp(&count) {
        // An empty list without a store.
        Ordering::Equal => Ok(Flow::Next),
        Ordering::Greater => Err(too_many(cx, count, Some(got))),
        Ordering::Less => Err(too_few(cx, count, got, false)),
    }
}

/// Copies item words into a window.
///
/// # Safety
///
/// There are `count` slots that hold values, and as many registers.
#[inline(always)]
unsafe fn copy_words(slots: *const Slot, registers: *const AtomicU64, count: usize) {
    for index in 0..count {
        // SAFETY: the caller's contract.
        unsafe { (*registers.add(index)).store((*slots.add(index)).load(), atomic::Ordering::Relaxed) };
    }
}

fn from_iterable(cx: &Cx, frame: &Frame, value: Value, (base, count): (u16, usize)) -> PyResult<Flow> {
    let items = from_iterator(cx, value, count)?;
    if items.len() < count {
        return Err(too_few(cx, count, items.len(), false));
    }
    (0..count).for_each(|index| frame.set(base + index as u16, items.get(index)));
    Ok(Flow::Next)
}

/// At most `count` items of an iterable; an error if it has more.
fn from_iterator(cx: &Cx, value: Value, count: usize) -> PyResult<Ref<Tuple>> {
    let iterator = iterator_of(cx, value)?;
    let items = cx.new_list();
    while let Some(item) = iter::next(cx, iterator)? {
        if items.len() == count {
            let got = if value.is_exactly(ids::DICT) {
                crate::object::protocol::object::length(cx, value).ok()
            } else {
                None
            };
            return Err(too_many(cx, count, got));
        }
        items.push(cx, item)?;
    }
    items.to_tuple(cx)
}

/// Unpacks into `before` registers, a list, and `n` registers after it.
#[inline(never)]
pub fn extended(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::UnpackExtended { n, base, src, before } = operands::UnpackExtended::decode(word);
    let (value, before, after) = (frame.get(src), before as usize, n as usize);
    let items = cx.new_list();
    match value.type_id() {
        ids::TUPLE | ids::LIST => items.extend(cx, value)?,
        _ => {
            let iterator = iterator_of(cx, value)?;
            while let Some(item) = iter::next(cx, iterator)? {
                items.push(cx, item)?;
            }
        }
    }
    let length = items.len();
    if length < before + after {
        return Err(too_few(cx, before + after, length, true));
    }
    let items = items.to_tuple(cx)?;
    let rest = cx.new_list_with_capacity(length - before - after)?;
    for index in before..length - after {
        rest.push(cx, items.get(index))?;
    }
    (0..before).for_each(|index| frame.set(base + index as u16, items.get(index)));
    frame.set(base + before as u16, rest.value());
    for index in 0..after {
        frame.set(base + (before + 1 + index) as u16, items.get(length - after + index));
    }
    Ok(Flow::Next)
}
