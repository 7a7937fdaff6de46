//! Iteration.

use std::sync::atomic::Ordering;

use countless_compiler::bytecode::{Instruction, Opcode};
use countless_gc::TypeId;

use crate::interp::frame::{Frame, flag};
use crate::interp::resume::push_chain;
use crate::interp::{Flow, operands};
use crate::object::cell::Ref;
use crate::object::protocol::iter;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::iterator::DictIterator;
use crate::types::enumerate::Enumerate;
use crate::types::generator::{Claim, Generator};
use crate::types::ids;
use crate::types::list::iterator::ListIterator;
use crate::types::range::RangeIterator;
use crate::types::set::iterator::SetIterator;
use crate::types::tuple::TupleIterator;
use crate::types::zip::Zip;

/// What the loop's own attempt at a step came to.
pub enum Step {
    /// The next item.
    Item(Value),
    /// The iterator is exhausted.
    End,
    /// It is a generator.
    Generator(Ref<Generator>),
    /// It is not one of those that the loop knows.
    Ask,
}

/// The same id, of which the code generator forgets that it was compared before.
#[inline(always)]
fn apart(id: TypeId) -> TypeId {
    let mut number = id.0;
    // SAFETY: there is no instruction.
    unsafe { std::arch::asm!("/* {0:e} */", inout(reg) number, options(pure, nomem, nostack, preserves_flags)) };
    TypeId(number)
}

/// A step of the iterators over ranges, lists and tuples.
#[inline(always)]
pub fn next_inline(cx: &Cx, iterator: Value) -> Step {
    if !iterator.is_cell() {
        return Step::Ask;
    }
    // One after the other, most frequent first: a table of jumps would cost a jump that the processor cannot foresee.
    let id = iterator.type_id();
    // SAFETY: the ids say so.
    let item = unsafe {
        if id == ids::LIST_ITERATOR {
            Ref::<ListIterator>::from_value_unchecked(iterator).step(cx)
        } else if apart(id) == ids::RANGE_ITERATOR {
            Ref::<RangeIterator>::from_value_unchecked(iterator).step().map(|int| cx.new_int_from_i64(int))
        } else if apart(id) == ids::TUPLE_ITERATOR {
            Ref::<TupleIterator>::from_value_unchecked(iterator).step(cx)
        } else if apart(id) == ids::GENERATOR {
            return Step::Generator(Ref::from_value_unchecked(iterator));
        } else {
            return Step::Ask;
        }
    };
    item.map_or(Step::End, Step::Item)
}

/// `dst = iter(src)`.
#[inline(never)]
pub fn get_iter(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::GetIter { dst, src } = operands::GetIter::decode(word);
    let iterator = iter::get_iter(cx, frame.get(src))?;
    frame.set(dst, iterator);
    Ok(Flow::Next)
}

/// `dst = next(iterator)`, or jumps.
#[inline(never)]
pub fn for_iter(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::ForIter { dst, iterator, target } = operands::ForIter::decode(word);
    let iterator = frame.get(iterator);
    if iterator.is_exactly(ids::GENERATOR) {
        // SAFETY: just checked.
        let generator: Ref<Generator> = unsafe { Ref::from_value_unchecked(iterator) };
        cx.poll()?;
        return match generator.claim(cx)? {
            Claim::Finished => Ok(frame.jump(target as i32)),
            _ => {
                push_chain(cx, generator, Value::NONE, dst, flag::FOR)?;
                Ok(Flow::Reload)
            }
        };
    }
    let item = match iterator.type_id() {
        ids::DICT_ITEM_ITERATOR | ids::ENUMERATE | ids::ZIP => return for_pairs(cx, frame, iterator, (dst, target)),
        ids::DICT_KEY_ITERATOR => {
            // SAFETY: the id says so.
            let iterator: Ref<DictIterator> = unsafe { Ref::from_value_unchecked(iterator) };
            iterator.step(cx)?.map(|(key, _)| key)
        }
        ids::DICT_VALUE_ITERATOR => {
            // SAFETY: the id says so.
            let iterator: Ref<DictIterator> = unsafe { Ref::from_value_unchecked(iterator) };
            iterator.step(cx)?.map(|(_, value)| value)
        }
        // SAFETY: the id says so.
        ids::SET_ITERATOR => unsafe { Ref::<SetIterator>::from_value_unchecked(iterator) }.step(cx)?,
        _ => iter::next(cx, iterator)?,
    };
    match item {
        Some(item) => {
            frame.set(dst, item);
            Ok(Flow::Next)
        }
        None => Ok(frame.jump(target as i32)),
    }
}

/// A step of an iterator that gives pairs. If they are unpacked at once, the pair is never made: its items go to the
/// registers that the next instruction would write, and that instruction is done too.
fn for_pairs(cx: &Cx, frame: &Frame, iterator: Value, (dst, target): (u16, i16)) -> PyResult<Flow> {
    // SAFETY: the ids say so.
    let pair = unsafe {
        match iterator.type_id() {
            ids::DICT_ITEM_ITERATOR => Ref::<DictIterator>::from_value_unchecked(iterator).step(cx)?,
            ids::ENUMERATE => Ref::<Enumerate>::from_value_unchecked(iterator).step(cx)?,
            _ => match Ref::<Zip>::from_value_unchecked(iterator).step_of_two(cx) {
                Some(pair) => pair?,
                None => match iter::next(cx, iterator)? {
                    Some(item) => {
                        frame.set(dst, item);
                        return Ok(Flow::Next);
                    }
                    None => return Ok(frame.jump(target as i32)),
                },
            },
        }
    };
    let Some((first, second)) = pair else { return Ok(frame.jump(target as i32)) };
    // SAFETY: `ForIter` is not the last instruction.
    let next = Instruction(unsafe { (*frame.pc()).instruction.load(Ordering::Relaxed) });
    if next.number() == Opcode::UnpackSequence as u8 {
        let operands::UnpackSequence { base, src, count } = operands::UnpackSequence::decode(next);
        if (src, count) == (dst, 2) {
            frame.set(base, first);
            frame.set(base + 1, second);
            return Ok(frame.jump(1));
        }
    }
    let pair = cx.new_tuple(&[first, second]);
    frame.set(dst, pair.value());
    Ok(Flow::Next)
}
