//! Arithmetic dispatch, and the conversions to index, int and float.

use crate::object::slots::{BinaryFn, SlotId, SlotTable};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::int::Int;

/// The binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum BinaryOperator {
    Add,
    Subtract,
    Multiply,
    MatrixMultiply,
    TrueDivide,
    FloorDivide,
    Modulo,
    DivMod,
    Power,
    LeftShift,
    RightShift,
    And,
    Xor,
    Or,
}

impl BinaryOperator {
    /// The slot of the operator and of its augmented form.
    const fn slots(self) -> (SlotId, Option<SlotId>) {
        match self {
            BinaryOperator::Add => (SlotId::add, Some(SlotId::inplace_add)),
            BinaryOperator::Subtract => (SlotId::subtract, Some(SlotId::inplace_subtract)),
            BinaryOperator::Multiply => (SlotId::multiply, Some(SlotId::inplace_multiply)),
            BinaryOperator::MatrixMultiply => (SlotId::matrix_multiply, Some(SlotId::inplace_matrix_multiply)),
            BinaryOperator::TrueDivide => (SlotId::true_divide, Some(SlotId::inplace_true_divide)),
            BinaryOperator::FloorDivide => (SlotId::floor_divide, Some(SlotId::inplace_floor_divide)),
            BinaryOperator::Modulo => (SlotId::modulo, Some(SlotId::inplace_modulo)),
            BinaryOperator::DivMod => (SlotId::divmod, None),
            BinaryOperator::Power => (SlotId::power, Some(SlotId::inplace_power)),
            BinaryOperator::LeftShift => (SlotId::left_shift, Some(SlotId::inplace_left_shift)),
            BinaryOperator::RightShift => (SlotId::right_shift, Some(SlotId::inplace_right_shift)),
            BinaryOperator::And => (SlotId::bit_and, Some(SlotId::inplace_and)),
            BinaryOperator::Xor => (SlotId::bit_xor, Some(SlotId::inplace_xor)),
            BinaryOperator::Or => (SlotId::bit_or, Some(SlotId::inplace_or)),
        }
    }

    /// As written in messages.
    const fn symbol(self, inplace: bool) -> &'static str {
        match (self, inplace) {
            (BinaryOperator::Add, false) => "+",
            (BinaryOperator::Add, true) => "+=",
            (BinaryOperator::Subtract, false) => "-",
            (BinaryOperator::Subtract, true) => "-=",
            (BinaryOperator::Multiply, false) => "*",
            (BinaryOperator::Multiply, true) => "*=",
            (BinaryOperator::MatrixMultiply, false) => "@",
            (BinaryOperator::MatrixMultiply, true) => "@=",
            (BinaryOperator::TrueDivide, false) => "/",
            (BinaryOperator::TrueDivide, true) => "/=",
            (BinaryOperator::FloorDivide, false) => "//",
            (BinaryOperator::FloorDivide, true) => "//=",
            (BinaryOperator::Modulo, false) => "%",
            (BinaryOperator::Modulo, true) => "%=",
            (BinaryOperator::DivMod, _) => "divmod()",
            (BinaryOperator::Power, false) => "** or pow()",
            (BinaryOperator::Power, true) => "**=",
            (BinaryOperator::LeftShift, false) => "<<",
            (BinaryOperator::LeftShift, true) => "<<=",
            (BinaryOperator::RightShift, false) => ">>",
            (BinaryOperator::RightShift, true) => ">>=",
            (BinaryOperator::And, false) => "&",
            (BinaryOperator::And, true) => "&=",
            (BinaryOperator::Xor, false) => "^",
            (BinaryOperator::Xor, true) => "^=",
            (BinaryOperator::Or, false) => "|",
            (BinaryOperator::Or, true) => "|=",
        }
    }
}

/// A slot's function as a binary one; power's with no modulus.
fn call_slot(cx: &Cx, slot: SlotId, table: &SlotTable, left: Value, right: Value) -> Option<PyResult> {
    if slot == SlotId::power {
        return table.power().map(|function| function(cx, left, right, Value::NONE));
    }
    binary_slot(table, slot).map(|function| function(cx, left, right))
}

/// The function of a binary slot, by number.
fn binary_slot(table: &SlotTable, slot: SlotId) -> Option<BinaryFn> {
    match slot {
        SlotId::add => table.add(),
        SlotId::subtract => table.subtract(),
        SlotId::multiply => table.multiply(),
        SlotId::matrix_multiply => table.matrix_multiply(),
        SlotId::true_divide => table.true_divide(),
        SlotId::floor_divide => table.floor_divide(),
        SlotId::modulo => table.modulo(),
        SlotId::divmod => table.divmod(),
        SlotId::left_shift => table.left_shift(),
        SlotId::right_shift => table.right_shift(),
        SlotId::bit_and => table.bit_and(),
        SlotId::bit_xor => table.bit_xor(),
        SlotId::bit_or => table.bit_or(),
        SlotId::inplace_add => table.inplace_add(),
        SlotId::inplace_subtract => table.inplace_subtract(),
        SlotId::inplace_multiply => table.inplace_multiply(),
        SlotId::inplace_matrix_multiply => table.inplace_matrix_multiply(),
        SlotId::inplace_true_divide => table.inplace_true_divide(),
        SlotId::inplace_floor_divide => table.inplace_floor_divide(),
        SlotId::inplace_modulo => table.inplace_modulo(),
        SlotId::inplace_power => table.inplace_power(),
        SlotId::inplace_left_shift => table.inplace_left_shift(),
        SlotId::inplace_right_shift => table.inplace_right_shift(),
        SlotId::inplace_and => table.inplace_and(),
        SlotId::inplace_xor => table.inplace_xor(),
        SlotId::inplace_or => table.inplace_or(),
        _ => None,
    }
}

/// The numeric slots of both operands, the right one first if its class derives from the left one's.
/// NotImplemented if neither answers.
fn try_slots(cx: &Cx, left: Value, right: Value, slot: SlotId) -> PyResult {
    let (left_class, right_class) = (cx.type_of(left), cx.type_of(right));
    let left_address = left_class.slots.raw(slot);
    let mut right_address = right_class.slots.raw(slot);
    if left_class == right_class || right_address == left_address {
        right_address = 0;
    }
    if left_address != 0 && right_address != 0 && right_class.is_subclass(left_class) {
        if let Some(result) = call_slot(cx, slot, &right_class.slots, left, right) {
            let result = result?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        right_address = 0;
    }
    if let Some(result) = call_slot(cx, slot, &left_class.slots, left, right) {
        let result = result?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    if right_address != 0
        && let Some(result) = call_slot(cx, slot, &right_class.slots, left, right)
    {
        return result;
    }
    Ok(Value::NOT_IMPLEMENTED)
}

/// `left <operator> right`.
pub fn binary(cx: &Cx, left: Value, right: Value, operator: BinaryOperator) -> PyResult {
    let (slot, _) = operator.slots();
    let result = try_slots(cx, left, right, slot)?;
    if result != Value::NOT_IMPLEMENTED {
        return Ok(result);
    }
    match sequence_fallback(cx, left, right, operator, false)? {
        Some(result) => Ok(result),
        None => Err(unsupported(cx, left, right, operator, false)),
    }
}

/// `left <operator>= right`.
pub fn inplace(cx: &Cx, left: Value, right: Value, operator: BinaryOperator) -> PyResult {
    let (slot, inplace_slot) = operator.slots();
    if let Some(inplace_slot) = inplace_slot
        && let Some(function) = binary_slot(&cx.type_of(left).slots, inplace_slot)
    {
        let result = function(cx, left, right)?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    let result = try_slots(cx, left, right, slot)?;
    if result != Value::NOT_IMPLEMENTED {
        return Ok(result);
    }
    match sequence_fallback(cx, left, right, operator, true)? {
        Some(result) => Ok(result),
        None => Err(unsupported(cx, left, right, operator, true)),
    }
}

/// Concatenation and repetition of sequences.
fn sequence_fallback(
    cx: &Cx,
    left: Value,
    right: Value,
    operator: BinaryOperator,
    inplace: bool,
) -> PyResult<Option<Value>> {
    let (left_slots, right_slots) = (&cx.type_of(left).slots, &cx.type_of(right).slots);
    match operator {
        BinaryOperator::Add => {
            let own = if inplace { left_slots.inplace_concatenate() } else { None };
            own.or(left_slots.concatenate()).map(|function| function(cx, left, right)).transpose()
        }
        BinaryOperator::Multiply => {
            let own = if inplace { left_slots.inplace_repeat() } else { None };
            if let Some(function) = own.or(left_slots.repeat()) {
                return repeat(cx, function, left, right).map(Some);
            }
            match right_slots.repeat() {
                Some(function) => repeat(cx, function, right, left).map(Some),
                None => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

fn repeat(cx: &Cx, function: BinaryFn, sequence: Value, count: Value) -> PyResult {
    if !is_index(cx, count) {
        let class = count.class_name(cx);
        return Err(raise!(cx, TypeError, "can't multiply sequence by non-int of type '{class}'"));
    }
    function(cx, sequence, index(cx, count)?)
}

#[cold]
fn unsupported(cx: &Cx, left: Value, right: Value, operator: BinaryOperator, inplace: bool) -> Raised {
    let (symbol, left_class, right_class) = (operator.symbol(inplace), left.class_name(cx), right.class_name(cx));
    if operator == BinaryOperator::RightShift && !inplace && crate::types::builtin_function::is_print(cx, left) {
        return raise!(
            cx,
            TypeError,
            "unsupported operand type(s) for {symbol}: '{left_class}' and '{right_class}'. \
             Did you mean \"print(<message>, file=<output_stream>)\"?"
        );
    }
    raise!(cx, TypeError, "unsupported operand type(s) for {symbol}: '{left_class}' and '{right_class}'")
}

/// `pow(base, exponent, modulus)`.
pub fn power(cx: &Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    if modulus.is_none() {
        return binary(cx, base, exponent, BinaryOperator::Power);
    }
    for operand in [base, exponent, modulus] {
        if let Some(function) = cx.type_of(operand).slots.power() {
            let result = function(cx, base, exponent, modulus)?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    let [base, exponent, modulus] = [base, exponent, modulus].map(|operand| operand.class_name(cx));
    Err(raise!(cx, TypeError, "unsupported operand type(s) for ** or pow(): '{base}', '{exponent}', '{modulus}'"))
}

/// The unary operators and `abs`.
pub fn unary(cx: &Cx, value: Value, slot: SlotId) -> PyResult {
    let slots = &cx.type_of(value).slots;
    let (function, name) = match slot {
        SlotId::negative => (slots.negative(), "unary -"),
        SlotId::positive => (slots.positive(), "unary +"),
        SlotId::invert => (slots.invert(), "unary ~"),
        _ => (slots.absolute(), "abs()"),
    };
    match function {
        Some(function) => function(cx, value),
        None => Err(raise!(cx, TypeError, "bad operand type for {name}: '{}'", value.class_name(cx))),
    }
}

/// Whether the value is an int or has `__index__`.
pub fn is_index(cx: &Cx, value: Value) -> bool {
    value.is_small_int() || cx.type_of(value).slots.index().is_some()
}

/// `operator.index(value)`: an int (possibly of a subclass that the value itself is).
pub fn index(cx: &Cx, value: Value) -> PyResult {
    if value.is_small_int() || value.downcast::<Int>(cx).is_some() || value.is_bool() {
        return Ok(value);
    }
    let class = cx.type_of(value);
    let Some(function) = class.slots.index() else {
        let class = class.display_name();
        return Err(raise!(cx, TypeError, "'{class}' object cannot be interpreted as an integer"));
    };
    let result = function(cx, value)?;
    if !result.is_small_int() && !result.is_bool() && result.downcast::<Int>(cx).is_none() {
        return Err(raise!(cx, TypeError, "__index__ returned non-int (type {})", result.class_name(cx)));
    }
    Ok(result)
}

/// The value of an int (or bool, or instance of a subclass) as i64, if it is one and fits. Calls no Python code.
pub fn as_index_i64(cx: &Cx, value: Value) -> Option<i64> {
    if let Some(int) = value.as_small_int() {
        return Some(int);
    }
    if let Some(truth) = value.as_bool() {
        return Some(truth as i64);
    }
    value.downcast::<Int>(cx)?.to_i64()
}

/// `operator.index(value)` as i64: OverflowError "Python int too large to convert to C ssize_t" if it does not fit.
pub fn index_i64(cx: &Cx, value: Value) -> PyResult<i64> {
    let int = index(cx, value)?;
    as_index_i64(cx, int)
        .ok_or(())
        .map_err(|()| raise!(cx, OverflowError, "Python int too large to convert to C ssize_t"))
}

/// `operator.index(value)` as a position in a sequence: IndexError if it does not fit.
pub fn index_position(cx: &Cx, value: Value) -> PyResult<isize> {
    let int = index(cx, value)?;
    as_index_i64(cx, int)
        .map(|int| int as isize)
        .ok_or(())
        .map_err(|()| raise!(cx, IndexError, "cannot fit '{}' into an index-sized integer", value.class_name(cx)))
}

/// The value as an index, clamped to what fits; `message` is the TypeError for what is not an index.
pub fn index_clamped(cx: &Cx, value: Value, message: &str) -> PyResult<isize> {
    if !is_index(cx, value) && !value.is_bool() {
        return Err(cx.type_error(message));
    }
    let int = index(cx, value)?;
    match as_index_i64(cx, int) {
        Some(int) => Ok(int as isize),
        None => {
            let negative = int.downcast::<Int>(cx).is_some_and(|int| int.is_negative());
            Ok(if negative { isize::MIN } else { isize::MAX })
        }
    }
}

/// The float of a number: a float, or what `__float__` or `__index__` give. TypeError "must be real number, not …".
pub fn to_float(cx: &Cx, value: Value) -> PyResult<f64> {
    crate::types::float::from_number(cx, value)
}
