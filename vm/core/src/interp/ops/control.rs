//! Jumps.

use countless_compiler::bytecode::Instruction;

use super::compare::truth;
use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::object::protocol::{compare, item};
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// Does nothing.
#[inline(never)]
pub fn nop(_cx: &Cx, _frame: &Frame, _word: Instruction) -> PyResult<Flow> {
    Ok(Flow::Next)
}

/// Jumps if the condition holds.
fn jump_if(frame: &Frame, condition: bool, distance: i32) -> PyResult<Flow> {
    Ok(if condition { frame.jump(distance) } else { Flow::Next })
}

/// Jumps forward.
#[inline(never)]
pub fn jump(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    jump_if(frame, true, operands::Jump::decode(word).target)
}

/// Jumps backward, polling.
#[inline(never)]
pub fn jump_back(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    cx.poll()?;
    jump_if(frame, true, operands::JumpBack::decode(word).target)
}

/// Jumps if `bool(src)`.
#[inline(never)]
pub fn jump_if_true(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpIfTrue { src, target } = operands::JumpIfTrue::decode(word);
    jump_if(frame, truth(cx, frame.get(src))?, target)
}

/// Jumps unless `bool(src)`.
#[inline(never)]
pub fn jump_if_false(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpIfFalse { src, target } = operands::JumpIfFalse::decode(word);
    jump_if(frame, !truth(cx, frame.get(src))?, target)
}

/// Jumps if `src is None`.
#[inline(never)]
pub fn jump_if_none(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpIfNone { src, target } = operands::JumpIfNone::decode(word);
    jump_if(frame, frame.get(src).is_none(), target)
}

/// Jumps if `src is not None`.
#[inline(never)]
pub fn jump_if_not_none(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpIfNotNone { src, target } = operands::JumpIfNotNone::decode(word);
    jump_if(frame, !frame.get(src).is_none(), target)
}

/// Jumps if the register is unbound.
#[inline(never)]
pub fn jump_if_unbound(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpIfUnbound { src, target } = operands::JumpIfUnbound::decode(word);
    jump_if(frame, frame.get(src).is_unbound(), target)
}

/// Jumps if `(a is b) == n`.
#[inline(never)]
pub fn jump_is(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpIs { n, a, b, target } = operands::JumpIs::decode(word);
    jump_if(frame, (frame.get(a) == frame.get(b)) == (n != 0), target as i32)
}

/// Jumps if `(a in b) == n`.
#[inline(never)]
pub fn jump_contains(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::JumpContains { n, a, b, target } = operands::JumpContains::decode(word);
    let found = item::contains(cx, frame.get(b), frame.get(a))?;
    jump_if(frame, found == (n != 0), target as i32)
}

/// The truth of a comparison.
fn holds(cx: &Cx, a: Value, b: Value, comparison: Comparison) -> PyResult<bool> {
    let result = compare::compare(cx, a, b, comparison)?;
    truth(cx, result)
}

macro_rules! comparison_jumps {
    ($($(#[$doc:meta])* $handler:ident = $op:ident, $comparison:ident;)*) => {$(
        $(#[$doc])*
        #[inline(never)]
        pub fn $handler(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
            let operands::$op { n, a, b, target } = operands::$op::decode(word);
            let holds = holds(cx, frame.get(a), frame.get(b), Comparison::$comparison)?;
            jump_if(frame, holds == (n != 0), target as i32)
        }
    )*};
}

comparison_jumps! {
    /// Jumps if `bool(a < b) == n`.
    jump_less = JumpLess, Less;
    /// Jumps if `bool(a <= b) == n`.
    jump_less_equal = JumpLessEqual, LessEqual;
    /// Jumps if `bool(a == b) == n`.
    jump_equal = JumpEqual, Equal;
    /// Jumps if `bool(a != b) == n`.
    jump_not_equal = JumpNotEqual, NotEqual;
    /// Jumps if `bool(a > b) == n`.
    jump_greater = JumpGreater, Greater;
    /// Jumps if `bool(a >= b) == n`.
    jump_greater_equal = JumpGreaterEqual, GreaterEqual;
}

macro_rules! immediate_jumps {
    ($($(#[$doc:meta])* $handler:ident = $op:ident, $comparison:ident;)*) => {$(
        $(#[$doc])*
        #[inline(never)]
        pub fn $handler(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
            let operands::$op { n, a, value, target } = operands::$op::decode(word);
            let holds = holds(cx, frame.get(a), Value::int(value as i64), Comparison::$comparison)?;
            jump_if(frame, holds == (n != 0), target as i32)
        }
    )*};
}

immediate_jumps! {
    /// Jumps if `bool(a < value) == n`.
    jump_less_immediate = JumpLessI, Less;
    /// Jumps if `bool(a <= value) == n`.
    jump_less_equal_immediate = JumpLessEqualI, LessEqual;
    /// Jumps if `bool(a == value) == n`.
    jump_equal_immediate = JumpEqualI, Equal;
    /// Jumps if `bool(a != value) == n`.
    jump_not_equal_immediate = JumpNotEqualI, NotEqual;
    /// Jumps if `bool(a > value) == n`.
    jump_greater_immediate = JumpGreaterI, Greater;
    /// Jumps if `bool(a >= value) == n`.
    jump_greater_equal_immediate = JumpGreaterEqualI, GreaterEqual;
}

/// `sys.displayhook(src)`.
#[inline(never)]
pub fn print_expression(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let src = operands::PrintExpression::decode(word).src;
    let hook = cx.vm().sys.get().map(|sys| sys.dict().get_name(cx, cx.names().displayhook));
    match hook.transpose()?.flatten() {
        Some(hook) => cx.call(hook, &[frame.get(src)])?,
        None => return Err(cx.runtime_error("lost sys.displayhook")),
    };
    Ok(Flow::Next)
}
