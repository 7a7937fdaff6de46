//! Arithmetic.

use countless_compiler::bytecode::Instruction;

use crate::interp::frame::Frame;
use crate::interp::{Flow, operands};
use crate::object::protocol::number::{self, BinaryOperator};
use crate::object::slots::SlotId;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

// ---- small ints: `None` where the result does not fit or the operation is not defined

/// `a // b`.
#[inline(always)]
pub fn floor_divide_small(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.small_int_unchecked(), b.small_int_unchecked());
    if b == 0 {
        return None;
    }
    let quotient = a / b;
    Value::small_int(quotient - (a % b != 0 && (a ^ b) < 0) as i64)
}

/// `a % b`.
#[inline(always)]
pub fn modulo_small(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.small_int_unchecked(), b.small_int_unchecked());
    if b == 0 {
        return None;
    }
    let rest = a % b;
    Some(Value::int(if rest != 0 && (rest ^ b) < 0 { rest + b } else { rest }))
}

/// `a & b`.
#[inline(always)]
pub fn and_small(a: Value, b: Value) -> Option<Value> {
    Value::from_word(a.word() & b.word())
}

/// `a | b`.
#[inline(always)]
pub fn or_small(a: Value, b: Value) -> Option<Value> {
    Value::from_word(a.word() | b.word())
}

/// `a ^ b`.
#[inline(always)]
pub fn xor_small(a: Value, b: Value) -> Option<Value> {
    Some(Value::int(a.small_int_unchecked() ^ b.small_int_unchecked()))
}

/// `a << b`.
#[inline(always)]
pub fn left_shift_small(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.small_int_unchecked(), b.small_int_unchecked());
    if !(0..60).contains(&b) {
        return None;
    }
    let shifted = a << b;
    if shifted >> b == a { Value::small_int(shifted) } else { None }
}

/// `a >> b`.
#[inline(always)]
pub fn right_shift_small(a: Value, b: Value) -> Option<Value> {
    let (a, b) = (a.small_int_unchecked(), b.small_int_unchecked());
    if b < 0 { None } else { Some(Value::int(a >> b.min(63))) }
}

/// `a / b` of unboxed floats, or of ints that floats hold exactly.
#[inline(always)]
pub fn divide_floats(a: Value, b: Value) -> Option<Value> {
    const EXACT: i64 = 1 << 53;
    let (a, b) = if Value::both_inline_floats(a, b) {
        (a.inline_float_unchecked(), b.inline_float_unchecked())
    } else if Value::both_small_ints(a, b) {
        let (a, b) = (a.small_int_unchecked(), b.small_int_unchecked());
        if a.abs() > EXACT || b.abs() > EXACT {
            return None;
        }
        (a as f64, b as f64)
    } else {
        return None;
    };
    if b == 0.0 { None } else { Value::inline_float(a / b) }
}

// ---- the handlers

/// Both operands as floats, if one is a float and the other a float or an int that a float holds exactly.
#[inline(always)]
fn float_pair(a: Value, b: Value) -> Option<(f64, f64)> {
    const EXACT: i64 = 1 << 53;
    let as_float = |value: Value| {
        if value.is_inline_float() {
            return Some(value.inline_float_unchecked());
        }
        value.as_small_int().filter(|int| int.abs() <= EXACT).map(|int| int as f64)
    };
    if !(a.is_inline_float() || b.is_inline_float()) {
        return None;
    }
    Some((as_float(a)?, as_float(b)?))
}

fn binary(cx: &Cx, frame: &Frame, (n, dst): (u8, u16), a: Value, b: Value, operator: BinaryOperator) -> PyResult<Flow> {
    let result = if n == 0 { number::binary(cx, a, b, operator) } else { number::inplace(cx, a, b, operator) };
    frame.set(dst, result?);
    Ok(Flow::Next)
}

macro_rules! binary_handlers {
    ($($(#[$doc:meta])* $handler:ident = $op:ident, $operator:ident $(, $float:expr)?;)*) => {$(
        $(#[$doc])*
        #[inline(never)]
        pub fn $handler(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
            let operands::$op { n, dst, a, b } = operands::$op::decode(word);
            let (a, b) = (frame.get(a), frame.get(b));
            $(
                if let Some((x, y)) = float_pair(a, b) {
                    let float: fn(f64, f64) -> f64 = $float;
                    frame.set(dst, cx.new_float(float(x, y)));
                    return Ok(Flow::Next);
                }
            )?
            binary(cx, frame, (n, dst), a, b, BinaryOperator::$operator)
        }
    )*};
}

binary_handlers! {
    /// `dst = a + b`.
    add = Add, Add, |x, y| x + y;
    /// `dst = a - b`.
    subtract = Subtract, Subtract, |x, y| x - y;
    /// `dst = a * b`.
    multiply = Multiply, Multiply, |x, y| x * y;
    /// `dst = a / b`.
    true_divide = TrueDivide, TrueDivide;
    /// `dst = a // b`.
    floor_divide = FloorDivide, FloorDivide;
    /// `dst = a % b`.
    modulo = Modulo, Modulo;
    /// `dst = a ** b`.
    power = Power, Power;
    /// `dst = a @ b`.
    matrix_multiply = MatrixMultiply, MatrixMultiply;
    /// `dst = a << b`.
    left_shift = LeftShift, LeftShift;
    /// `dst = a >> b`.
    right_shift = RightShift, RightShift;
    /// `dst = a & b`.
    bit_and = BitAnd, And;
    /// `dst = a | b`.
    bit_or = BitOr, Or;
    /// `dst = a ^ b`.
    bit_xor = BitXor, Xor;
}

macro_rules! immediate_handlers {
    ($($(#[$doc:meta])* $handler:ident = $op:ident, $operator:ident $(, $float:expr)?;)*) => {$(
        $(#[$doc])*
        #[inline(never)]
        pub fn $handler(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
            let operands::$op { n, dst, a, value } = operands::$op::decode(word);
            let a = frame.get(a);
            $(
                if a.is_inline_float() {
                    let float: fn(f64, f64) -> f64 = $float;
                    frame.set(dst, cx.new_float(float(a.inline_float_unchecked(), value as f64)));
                    return Ok(Flow::Next);
                }
            )?
            binary(cx, frame, (n, dst), a, Value::int(value as i64), BinaryOperator::$operator)
        }
    )*};
}

immediate_handlers! {
    /// `dst = a + value`.
    add_immediate = AddI, Add, |x, y| x + y;
    /// `dst = a - value`.
    subtract_immediate = SubtractI, Subtract, |x, y| x - y;
    /// `dst = a * value`.
    multiply_immediate = MultiplyI, Multiply, |x, y| x * y;
    /// `dst = a // value`.
    floor_divide_immediate = FloorDivideI, FloorDivide;
    /// `dst = a % value`.
    modulo_immediate = ModuloI, Modulo;
    /// `dst = a & value`.
    bit_and_immediate = BitAndI, And;
    /// `dst = a << value`.
    left_shift_immediate = LeftShiftI, LeftShift;
    /// `dst = a >> value`.
    right_shift_immediate = RightShiftI, RightShift;
}

/// `dst = -src`.
#[inline(never)]
pub fn negative(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Negative { dst, src } = operands::Negative::decode(word);
    let value = frame.get(src);
    let result = if let Some(int) = value.as_small_int() {
        cx.new_int(-int)
    } else if let Some(float) = value.as_inline_float() {
        cx.new_float(-float)
    } else {
        number::unary(cx, value, SlotId::negative)?
    };
    frame.set(dst, result);
    Ok(Flow::Next)
}

/// `dst = +src`.
#[inline(never)]
pub fn positive(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Positive { dst, src } = operands::Positive::decode(word);
    frame.set(dst, number::unary(cx, frame.get(src), SlotId::positive)?);
    Ok(Flow::Next)
}

/// `dst = ~src`.
#[inline(never)]
pub fn invert(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::Invert { dst, src } = operands::Invert::decode(word);
    let value = frame.get(src);
    let result = match value.as_small_int() {
        Some(int) => Value::int(!int),
        None => number::unary(cx, value, SlotId::invert)?,
    };
    frame.set(dst, result);
    Ok(Flow::Next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_rounds_down() {
        for (a, b, quotient, rest) in [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, 3, 2, 0)] {
            let (a, b) = (Value::int(a), Value::int(b));
            assert_eq!(floor_divide_small(a, b), Some(Value::int(quotient)));
            assert_eq!(modulo_small(a, b), Some(Value::int(rest)));
        }
        assert_eq!(floor_divide_small(Value::int(Value::MIN_INT), Value::int(-1)), None);
        assert_eq!(modulo_small(Value::int(1), Value::int(0)), None);
    }

    #[test]
    fn shifts_keep_to_the_word() {
        assert_eq!(left_shift_small(Value::int(1), Value::int(59)), Some(Value::int(1 << 59)));
        assert_eq!(left_shift_small(Value::int(2), Value::int(59)), None);
        assert_eq!(left_shift_small(Value::int(-1), Value::int(3)), Some(Value::int(-8)));
        assert_eq!(right_shift_small(Value::int(-1), Value::int(100)), Some(Value::int(-1)));
        assert_eq!(right_shift_small(Value::int(1), Value::int(-1)), None);
        assert_eq!(xor_small(Value::int(6), Value::int(-3)), Some(Value::int(6 ^ -3)));
    }
}
