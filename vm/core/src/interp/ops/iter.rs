//! Iteration.

use countless_compiler::bytecode::Instruction;

use crate::interp::frame::{Frame, flag};
use crate::interp::resume::push_chain;
use crate::interp::{Flow, operands};
use crate::object::cell::Ref;
use crate::object::protocol::iter;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::generator::{Claim, Generator};
use crate::types::ids;
use crate::types::list::iterator::ListIterator;
use crate::types::range::RangeIterator;
use crate::types::tuple::TupleIterator;

/// What the loop's own attempt at a step came to.
pub enum Step {
    /// The next item.
    Item(Value),
    /// The iterator is exhausted.
    End,
    /// It is not one of those that the loop knows.
    Ask,
}

/// A step of the iterators over ranges, lists and tuples.
#[inline(always)]
pub fn next_inline(cx: &Cx, iterator: Value) -> Step {
    if !iterator.is_cell() {
        return Step::Ask;
    }
    // SAFETY: the ids say so.
    let item = unsafe {
        match iterator.type_id() {
            ids::RANGE_ITERATOR => {
                Ref::<RangeIterator>::from_value_unchecked(iterator).step().map(|int| cx.new_int_from_i64(int))
            }
            ids::LIST_ITERATOR => Ref::<ListIterator>::from_value_unchecked(iterator).step(cx),
            ids::TUPLE_ITERATOR => Ref::<TupleIterator>::from_value_unchecked(iterator).step(cx),
            _ => return Step::Ask,
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
    match iter::next(cx, iterator)? {
        Some(item) => {
            frame.set(dst, item);
            Ok(Flow::Next)
        }
        None => Ok(frame.jump(target as i32)),
    }
}
