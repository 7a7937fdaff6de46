//! Rich comparison.

use crate::object::cell::Ref;
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::str::Str;
use crate::types::type_object::TypeObject;
use crate::types::{ids, object, tuple};

/// `left <comparison> right`, as Python code gets it: any object.
pub fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if Value::both_small_ints(left, right) {
        return Ok(Value::bool(comparison.holds(left.small_int_unchecked().cmp(&right.small_int_unchecked()))));
    }
    if matches!(comparison, Comparison::Equal | Comparison::NotEqual)
        && let (Some(left), Some(right)) = (left.exact::<Str>(), right.exact::<Str>())
    {
        return Ok(Value::bool(left.equals(right) == (comparison == Comparison::Equal)));
    }
    let (left_class, right_class) = (cx.type_of(left), cx.type_of(right));
    if matches!(comparison, Comparison::Equal | Comparison::NotEqual)
        && compares_identity(left_class)
        && compares_identity(right_class)
    {
        return Ok(Value::bool((left == right) == (comparison == Comparison::Equal)));
    }
    cx.check_native_stack_while(" in comparison")?;
    let reflected = comparison.reflected();
    let mut tried_right = false;
    if left_class != right_class
        && right_class.is_subclass(left_class)
        && let Some(function) = right_class.slots.compare()
    {
        tried_right = true;
        let result = function(cx, right, left, reflected)?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    if let Some(function) = left_class.slots.compare() {
        let result = function(cx, left, right, comparison)?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    if !tried_right && let Some(function) = right_class.slots.compare() {
        let result = function(cx, right, left, reflected)?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    match comparison {
        Comparison::Equal => Ok(Value::bool(left == right)),
        Comparison::NotEqual => Ok(Value::bool(left != right)),
        _ => Err(unorderable(cx, left, right, comparison)),
    }
}

/// Whether instances of the class are equal to nothing but themselves.
#[inline]
fn compares_identity(class: Ref<TypeObject>) -> bool {
    class.slots.compare().is_some_and(|function| function as usize == object::compare as *const () as usize)
}

#[cold]
fn unorderable(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> Raised {
    let (symbol, left, right) = (comparison.symbol(), left.class_name(cx), right.class_name(cx));
    raise!(cx, TypeError, "'{symbol}' not supported between instances of '{left}' and '{right}'")
}

/// The truth of `left <comparison> right`.
#[inline]
pub fn compare_bool(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult<bool> {
    if Value::both_small_ints(left, right) {
        return Ok(comparison.holds(left.small_int_unchecked().cmp(&right.small_int_unchecked())));
    }
    if Value::both_inline_floats(left, right)
        && let Some(order) = left.inline_float_unchecked().partial_cmp(&right.inline_float_unchecked())
    {
        return Ok(comparison.holds(order));
    }
    truth_of_comparison(cx, left, right, comparison)
}

fn truth_of_comparison(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult<bool> {
    let result = compare(cx, left, right, comparison)?;
    match result.as_bool() {
        Some(truth) => Ok(truth),
        None => super::object::is_true(cx, result),
    }
}

/// `left is right or left == right`: what containers ask.
#[inline]
pub fn equal(cx: &Cx, left: Value, right: Value) -> PyResult<bool> {
    if left == right {
        return Ok(true);
    }
    if Value::both_small_ints(left, right) {
        return Ok(false);
    }
    if left.is_cell() && right.is_cell() && left.type_id() == right.type_id() {
        return equal_alike(cx, left, right);
    }
    compare_bool(cx, left, right, Comparison::Equal)
}

/// As [`equal`] for two cells of one type.
fn equal_alike(cx: &Cx, left: Value, right: Value) -> PyResult<bool> {
    if let (Some(left), Some(right)) = (left.exact::<Str>(), right.exact::<Str>()) {
        return Ok(left.equals(right));
    }
    cx.check_native_stack_while(" in comparison")?;
    let Some(function) = cx.type_of(left).slots.compare() else { return Ok(false) };
    if function as usize == tuple::compare as *const () as usize {
        // SAFETY: the slot belongs to tuples and their subclasses.
        let (left, right) = unsafe { (Ref::from_value_unchecked(left), Ref::from_value_unchecked(right)) };
        return tuple::equal(cx, left, right);
    }
    let mut result = function(cx, left, right, Comparison::Equal)?;
    if result == Value::NOT_IMPLEMENTED
        && let Some(function) = cx.type_of(right).slots.compare()
    {
        result = function(cx, right, left, Comparison::Equal)?;
    }
    match result.as_bool() {
        Some(truth) => Ok(truth),
        None if result == Value::NOT_IMPLEMENTED => Ok(false),
        None => super::object::is_true(cx, result),
    }
}

/// As [`equal`] for keys of equal hash; also says whether Python code may have run.
#[inline]
pub fn equal_keys(cx: &Cx, candidate: Value, key: Value) -> PyResult<(bool, bool)> {
    if let (Some(left), Some(right)) = (candidate.exact::<Str>(), key.exact::<Str>()) {
        return Ok((left.equals(right), false));
    }
    let harmless =
        |value: Value| !value.is_cell() || matches!(value.type_id(), ids::STR | ids::INT | ids::BYTES | ids::FLOAT);
    let ran_code = !(harmless(candidate) && harmless(key));
    Ok((equal(cx, candidate, key)?, ran_code))
}
