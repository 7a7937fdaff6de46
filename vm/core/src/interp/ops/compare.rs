//! Comparisons, identity, membership and truth.

use countless_compiler::bytecode::Instruction;

use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::object::cell::Ref;
use crate::object::protocol::{compare, item, object};
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::ids;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// The truth of bools, None and small ints.
#[inline(always)]
pub fn simple_truth(value: Value) -> Option<bool> {
    if value == Value::TRUE {
        Some(true)
    } else if value == Value::FALSE || value.is_none() {
        Some(false)
    } else if value.is_small_int() {
        Some(value != Value::int(0))
    } else {
        None
    }
}

/// The truth of any value.
#[inline]
pub fn truth(cx: &Cx, value: Value) -> PyResult<bool> {
    match simple_truth(value) {
        Some(truth) => Ok(truth),
        None => match value.type_id() {
            // SAFETY: the ids say so.
            ids::LIST => Ok(!unsafe { Ref::<List>::from_value_unchecked(value) }.is_empty()),
            // SAFETY: as above.
            ids::DICT => Ok(!unsafe { Ref::<Dict>::from_value_unchecked(value) }.is_empty()),
            // SAFETY: as above.
            ids::TUPLE => Ok(!unsafe { Ref::<Tuple>::from_value_unchecked(value) }.is_empty()),
            _ => object::is_true(cx, value),
        },
    }
}

macro_rules! comparison_handlers {
    ($($(#[$doc:meta])* $handler:ident = $op:ident;)*) => {$(
        $(#[$doc])*
        #[inline(never)]
        pub fn $handler(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
            let operands::$op { dst, a, b } = operands::$op::decode(word);
            let result = compare::compare(cx, frame.get(a), frame.get(b), Comparison::$op)?;
            frame.set(dst, result);
            Ok(Flow::Next)
        }
    )*};
}

comparison_handlers! {
    /// `dst = a < b`.
    less = Less;
    /// `dst = a <= b`.
    less_equal = LessEqual;
    /// `dst = a == b`.
    equal = Equal;
    /// `dst = a != b`.
    not_equal = NotEqual;
    /// `dst = a > b`.
    greater = Greater;
    /// `dst = a >= b`.
    greater_equal = GreaterEqual;
}

/// `dst = a is b`.
#[inline(never)]
pub fn is(_cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Is { n, dst, a, b } = operands::Is::decode(word);
    frame.set(dst, Value::bool((frame.get(a) == frame.get(b)) == (n == 0)));
    Ok(Flow::Next)
}

/// `dst = a in b`.
#[inline(never)]
pub fn contains(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Contains { n, dst, a, b } = operands::Contains::decode(word);
    let found = item::contains(cx, frame.get(b), frame.get(a))?;
    frame.set(dst, Value::bool(found == (n == 0)));
    Ok(Flow::Next)
}

/// `dst = not src`.
#[inline(never)]
pub fn not(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Not { dst, src } = operands::Not::decode(word);
    let truth = truth(cx, frame.get(src))?;
    frame.set(dst, Value::bool(!truth));
    Ok(Flow::Next)
}

/// `dst = bool(src)`.
#[inline(never)]
pub fn to_bool(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::ToBool { dst, src } = operands::ToBool::decode(word);
    let truth = truth(cx, frame.get(src))?;
    frame.set(dst, Value::bool(truth));
    Ok(Flow::Next)
}
