//! Arithmetic and comparison of ints: the type's slots, which are also the interpreter's slow paths.
//!
//! Each takes any two values and answers NotImplemented unless both are ints. Work on huge numbers runs detached, so
//! that it holds up no collection; the borrowed operands keep their cells alive meanwhile.

use std::cmp::Ordering;

use countless_common::Outcome;
use countless_common::number::{Int as Number, float as float_algorithms, int as algorithms};

use super::{IntView, view};
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// Numbers of so many bits are worth detaching for: below it any operation takes well under 100 µs.
const HUGE_BITS: usize = 1 << 16;

/// Whether an operation on the number may take long.
pub(super) fn is_huge(int: IntView<'_>) -> bool {
    match int {
        IntView::Small(_) => false,
        IntView::Big(int) => {
            let (_, words) = int.as_sign_words();
            words.len() * 64 > HUGE_BITS
        }
    }
}

/// Runs `work` detached if it may take long. It must touch nothing but owned data and the limbs of ints that the caller
/// holds.
pub(super) fn detached_if<R>(cx: &Cx, long: bool, work: impl FnOnce() -> R) -> R {
    if long {
        // SAFETY: callers pass closures over numbers borrowed from values in their own frames, which the scan of this
        // stack finds; the closures use neither the context nor any other cell.
        unsafe { cx.mutator().detached_unchecked(work) }
    } else {
        work()
    }
}

/// The operation on two ints, or NotImplemented.
#[inline]
fn binary(
    cx: &Cx,
    left: Value,
    right: Value,
    operation: impl FnOnce(IntView<'_>, IntView<'_>) -> Outcome<Number>,
) -> PyResult {
    let (Some(a), Some(b)) = (view(cx, &left), view(cx, &right)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let result = detached_if(cx, is_huge(a) || is_huge(b), || operation(a, b));
    std::hint::black_box((&left, &right));
    match result {
        Ok(number) => Ok(cx.new_int(number)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

/// `left + right`.
#[inline(never)]
pub fn add(cx: &Cx, left: Value, right: Value) -> PyResult {
    if Value::both_small_ints(left, right) {
        return Ok(cx.new_int_from_i64(left.small_int_unchecked() + right.small_int_unchecked()));
    }
    binary(cx, left, right, algorithms::add)
}

/// `left - right`.
#[inline(never)]
pub fn subtract(cx: &Cx, left: Value, right: Value) -> PyResult {
    if Value::both_small_ints(left, right) {
        return Ok(cx.new_int_from_i64(left.small_int_unchecked() - right.small_int_unchecked()));
    }
    binary(cx, left, right, algorithms::sub)
}

/// `left * right`.
#[inline(never)]
pub fn multiply(cx: &Cx, left: Value, right: Value) -> PyResult {
    if Value::both_small_ints(left, right) {
        let product = left.small_int_unchecked() as i128 * right.small_int_unchecked() as i128;
        return Ok(cx.new_int_from_i128(product));
    }
    binary(cx, left, right, algorithms::mul)
}

/// `left // right`.
#[inline(never)]
pub fn floor_divide(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, algorithms::floor_div)
}

/// `left % right`.
#[inline(never)]
pub fn modulo(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, algorithms::modulo)
}

/// `divmod(left, right)`.
#[inline(never)]
pub fn divmod(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (Some(a), Some(b)) = (view(cx, &left), view(cx, &right)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let result = detached_if(cx, is_huge(a) || is_huge(b), || algorithms::div_mod(a, b));
    std::hint::black_box((&left, &right));
    let (quotient, remainder) = result.map_err(|failure| cx.raise_failure(failure))?;
    let (quotient, remainder) = (cx.new_int(quotient), cx.new_int(remainder));
    Ok(cx.new_tuple(&[quotient, remainder]).value())
}

/// `left / right`.
#[inline(never)]
pub fn true_divide(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (Some(a), Some(b)) = (view(cx, &left), view(cx, &right)) else { return Ok(Value::NOT_IMPLEMENTED) };
    let result = detached_if(cx, is_huge(a) || is_huge(b), || algorithms::true_div(a, b));
    std::hint::black_box((&left, &right));
    result.map(|quotient| cx.new_float(quotient)).map_err(|failure| cx.raise_failure(failure))
}

/// `pow(base, exponent, modulus)`; no modulus if `None`.
#[inline(never)]
pub fn power(cx: &Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    let (Some(a), Some(b)) = (view(cx, &base), view(cx, &exponent)) else { return Ok(Value::NOT_IMPLEMENTED) };
    if modulus.is_none() {
        if b.sign() < 0 {
            return float_power(cx, a, b);
        }
        // The exponent bounds the size of the result, not of the operands.
        let long = is_huge(a) || b.to_i64().is_none_or(|exponent| exponent > 1 << 10);
        let result = detached_if(cx, long, || algorithms::pow(a, b));
        std::hint::black_box((&base, &exponent));
        return result.map(|power| cx.new_int(power)).map_err(|failure| cx.raise_failure(failure));
    }
    let Some(m) = view(cx, &modulus) else { return Ok(Value::NOT_IMPLEMENTED) };
    let long = [a, b, m].into_iter().any(|int| algorithms::bit_length(int) > 1 << 10);
    let result = detached_if(cx, long, || algorithms::pow_mod(a, b, m));
    std::hint::black_box((&base, &exponent, &modulus));
    result.map(|power| cx.new_int(power)).map_err(|failure| cx.raise_failure(failure))
}

/// `base ** exponent` with a negative exponent: a float.
fn float_power(cx: &Cx, base: IntView<'_>, exponent: IntView<'_>) -> PyResult {
    let power = algorithms::to_f64(base)
        .and_then(|base| Ok((base, algorithms::to_f64(exponent)?)))
        .and_then(|(base, exponent)| float_algorithms::pow(base, exponent));
    match power {
        // An integral exponent never gives a complex number.
        Ok(power) => Ok(cx.new_float(power.unwrap_or(f64::NAN))),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

/// `left << right`.
#[inline(never)]
pub fn left_shift(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, algorithms::shift_left)
}

/// `left >> right`.
#[inline(never)]
pub fn right_shift(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, algorithms::shift_right)
}

/// `left & right`.
#[inline(never)]
pub fn bit_and(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| Ok(algorithms::bit_and(a, b)))
}

/// `left | right`.
#[inline(never)]
pub fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| Ok(algorithms::bit_or(a, b)))
}

/// `left ^ right`.
#[inline(never)]
pub fn bit_xor(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| Ok(algorithms::bit_xor(a, b)))
}

/// How two ints compare; `None` unless both are ints.
pub fn compare_values(cx: &Cx, left: Value, right: Value) -> Option<Ordering> {
    Some(algorithms::compare(view(cx, &left)?, view(cx, &right)?))
}

/// Whether two ints are equal; `None` unless both are ints.
pub fn equal_values(cx: &Cx, left: Value, right: Value) -> Option<bool> {
    Some(algorithms::equal(view(cx, &left)?, view(cx, &right)?))
}

pub(super) fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    Ok(match compare_values(cx, left, right) {
        Some(ordering) => Value::bool(comparison.holds(ordering)),
        None => Value::NOT_IMPLEMENTED,
    })
}

fn unary(cx: &Cx, value: Value, operation: impl FnOnce(IntView<'_>) -> Number) -> PyResult {
    match view(cx, &value) {
        Some(int) => {
            let result = operation(int);
            Ok(cx.new_int(result))
        }
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

pub(super) fn negative(cx: &Cx, value: Value) -> PyResult {
    unary(cx, value, algorithms::negate)
}

pub(super) fn absolute(cx: &Cx, value: Value) -> PyResult {
    unary(cx, value, algorithms::absolute)
}

pub(super) fn invert(cx: &Cx, value: Value) -> PyResult {
    unary(cx, value, algorithms::invert)
}
