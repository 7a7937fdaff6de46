//! Iteration.

use countless_compiler::bytecode::Instruction;

use crate::interp::frame::{Frame, flag};
use crate::interp::resume::push_generator;
use crate::interp::{Flow, operands};
use crate::object::cell::Ref;
use crate::object::protocol::iter;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::generator::{Claim, Generator};
use crate::types::ids;

/// `dst = iter(src)`.
#[inline(never)]
pub fn get_iter(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::GetIter { dst, src } = operands::GetIter::decode(word);
    let value = frame.get(src);
    // A generator is its own iterator.
    let iterator = if value.is_exactly(ids::GENERATOR) { value } else { iter::get_iter(cx, value)? };
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
                push_generator(cx, generator, Some(Value::NONE), dst, flag::FOR)?;
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
