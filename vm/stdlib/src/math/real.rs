//! Functions of real numbers.

use countless_common::number::int as algorithms;
use countless_common::number::{IntRef, float as float_algorithms};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::protocol::number::{self, to_float};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::{float, int};

use super::{c, special};

/// What is wrong with the arguments of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is not defined there.
    Domain,
    /// The result is too large.
    Range,
}

/// The exception for it.
#[cold]
pub fn raise_trouble(cx: &Cx, trouble: Trouble) -> Raised {
    match trouble {
        Trouble::Domain => cx.value_error("math domain error"),
        Trouble::Range => cx.overflow_error("math range error"),
    }
}

#[cold]
fn expected(cx: &Cx, what: &str, got: f64) -> Raised {
    raise!(cx, ValueError, "{what}, got {}", float_algorithms::repr(got))
}

/// What a function expects, where it is not defined everywhere; empty for "math domain error".
#[derive(Clone, Copy)]
struct Rules {
    can_overflow: bool,
    expects: &'static str,
}

#[inline(always)]
fn unary(cx: &Cx, value: Value, rules: Rules, function: impl Fn(f64) -> f64) -> PyResult {
    let x = to_float(cx, value)?;
    let result = function(x);
    if !result.is_finite() {
        let undefined = result.is_nan() && !x.is_nan();
        let infinite = result.is_infinite() && x.is_finite();
        if infinite && rules.can_overflow {
            return Err(raise_trouble(cx, Trouble::Range));
        }
        if undefined || infinite {
            return Err(match rules.expects {
                "" => raise_trouble(cx, Trouble::Domain),
                what => expected(cx, what, x),
            });
        }
    }
    Ok(cx.new_float(result))
}

const FINITE: &str = "expected a finite input";
const UNIT: &str = "expected a number in range from -1 up to 1";

macro_rules! functions {
    ($($name:ident($can_overflow:literal, $expects:expr) = $function:expr;)*) => {
        $(pub(super) fn $name(cx: &Cx, _module: Value, value: Value) -> PyResult {
            unary(cx, value, Rules { can_overflow: $can_overflow, expects: $expects }, $function)
        })*
    };
}

functions! {
    acos(false, UNIT) = f64::acos;
    acosh(false, "expected argument value not less than 1") = |x| c::acosh(x);
    asin(false, UNIT) = f64::asin;
    asinh(false, "") = |x| c::asinh(x);
    atan(false, "") = f64::atan;
    atanh(false, "expected a number between -1 and 1") = |x| c::atanh(x);
    cbrt(false, "") = f64::cbrt;
    cos(false, FINITE) = f64::cos;
    cosh(true, "") = f64::cosh;
    erf(false, "") = |x| c::erf(x);
    erfc(false, "") = |x| c::erfc(x);
    exp(true, "") = f64::exp;
    exp2(true, "") = f64::exp2;
    expm1(true, "") = f64::exp_m1;
    fabs(false, "") = f64::abs;
    log1p(false, "expected argument value > -1") = f64::ln_1p;
    sin(false, FINITE) = f64::sin;
    sinh(true, "") = f64::sinh;
    sqrt(false, "expected a nonnegative input") = f64::sqrt;
    tan(false, FINITE) = f64::tan;
    tanh(false, "") = f64::tanh;
}

fn gamma_like(cx: &Cx, value: Value, function: fn(f64) -> Result<f64, Trouble>) -> PyResult {
    let x = to_float(cx, value)?;
    match function(x) {
        Ok(result) => Ok(cx.new_float(result)),
        Err(Trouble::Domain) => Err(expected(cx, "expected a noninteger or positive integer", x)),
        Err(trouble) => Err(raise_trouble(cx, trouble)),
    }
}

pub(super) fn gamma(cx: &Cx, _module: Value, value: Value) -> PyResult {
    gamma_like(cx, value, special::gamma)
}

pub(super) fn lgamma(cx: &Cx, _module: Value, value: Value) -> PyResult {
    gamma_like(cx, value, special::log_gamma)
}

pub(super) fn degrees(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(cx.new_float(to_float(cx, value)? * (180.0 / std::f64::consts::PI)))
}

pub(super) fn radians(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(cx.new_float(to_float(cx, value)? * (std::f64::consts::PI / 180.0)))
}

pub(super) fn isfinite(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(to_float(cx, value)?.is_finite()))
}

pub(super) fn isinf(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(to_float(cx, value)?.is_infinite()))
}

pub(super) fn isnan(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(to_float(cx, value)?.is_nan()))
}

pub(super) fn ulp(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let x = to_float(cx, value)?.abs();
    if !x.is_finite() {
        return Ok(cx.new_float(x));
    }
    let above = x.next_up();
    Ok(cx.new_float(if above.is_infinite() { x - x.next_down() } else { above - x }))
}

// ---- rounding to ints

fn rounded(
    cx: &Cx,
    value: Value,
    method: &str,
    round: fn(f64) -> countless_common::Outcome<countless_common::number::Int>,
) -> PyResult {
    if value.as_inline_float().is_none()
        && let Some(method) = cx.lookup_special(value, cx.intern_str(method))?
    {
        return cx.call_found(method, &[]);
    }
    let x = to_float(cx, value)?;
    round(x).map(|int| cx.new_int(int)).map_err(|failure| cx.raise_failure(failure))
}

pub(super) fn ceil(cx: &Cx, _module: Value, value: Value) -> PyResult {
    rounded(cx, value, "__ceil__", float_algorithms::ceil)
}

pub(super) fn floor(cx: &Cx, _module: Value, value: Value) -> PyResult {
    rounded(cx, value, "__floor__", float_algorithms::floor)
}

pub(super) fn trunc(cx: &Cx, _module: Value, value: Value) -> PyResult {
    if let Some(x) = value.as_inline_float() {
        return float_algorithms::trunc(x).map(|int| cx.new_int(int)).map_err(|failure| cx.raise_failure(failure));
    }
    match cx.lookup_special(value, cx.intern_str("__trunc__"))? {
        Some(method) => cx.call_found(method, &[]),
        None => Err(raise!(cx, TypeError, "type {} doesn't define __trunc__ method", value.class_name(cx))),
    }
}

// ---- two arguments

fn both(cx: &Cx, x: Value, y: Value) -> PyResult<(f64, f64)> {
    Ok((to_float(cx, x)?, to_float(cx, y)?))
}

pub(super) fn atan2(cx: &Cx, _module: Value, y: Value, x: Value) -> PyResult {
    let (y, x) = both(cx, y, x)?;
    Ok(cx.new_float(y.atan2(x)))
}

pub(super) fn copysign(cx: &Cx, _module: Value, x: Value, y: Value) -> PyResult {
    let (x, y) = both(cx, x, y)?;
    Ok(cx.new_float(x.copysign(y)))
}

pub(super) fn fmod(cx: &Cx, _module: Value, x: Value, y: Value) -> PyResult {
    let (x, y) = both(cx, x, y)?;
    if y.is_infinite() && x.is_finite() {
        return Ok(cx.new_float(x));
    }
    let result = x % y;
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(raise_trouble(cx, Trouble::Domain));
    }
    Ok(cx.new_float(result))
}

pub(super) fn remainder(cx: &Cx, _module: Value, x: Value, y: Value) -> PyResult {
    let (x, y) = both(cx, x, y)?;
    let result = c::remainder(x, y);
    if result.is_nan() && !x.is_nan() && !y.is_nan() {
        return Err(raise_trouble(cx, Trouble::Domain));
    }
    Ok(cx.new_float(result))
}

pub(super) fn pow(cx: &Cx, _module: Value, x: Value, y: Value) -> PyResult {
    let (x, y) = both(cx, x, y)?;
    let result = x.powf(y);
    if !result.is_finite() && x.is_finite() && y.is_finite() {
        let undefined = result.is_nan() || x == 0.0;
        return Err(raise_trouble(cx, if undefined { Trouble::Domain } else { Trouble::Range }));
    }
    Ok(cx.new_float(result))
}

pub(super) fn ldexp(cx: &Cx, _module: Value, x: Value, exponent: Value) -> PyResult {
    let x = to_float(cx, x)?;
    let Some(view) = int::view(cx, &exponent) else {
        return Err(cx.type_error("Expected an int as second argument to ldexp."));
    };
    let limit = if view.is_negative() { i64::MIN } else { i64::MAX };
    let exponent = view.to_i64().unwrap_or(limit).clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    if x == 0.0 || !x.is_finite() {
        return Ok(cx.new_float(x));
    }
    let result = c::ldexp(x, exponent);
    if result.is_infinite() {
        return Err(raise_trouble(cx, Trouble::Range));
    }
    Ok(cx.new_float(result))
}

pub(super) fn frexp(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let (fraction, exponent) = c::frexp(to_float(cx, value)?);
    Ok(cx.new_tuple(&[cx.new_float(fraction), Value::int(exponent.into())]).value())
}

pub(super) fn modf(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let x = to_float(cx, value)?;
    let (fraction, whole) = match x {
        x if x.is_infinite() => (0f64.copysign(x), x),
        x if x.is_nan() => (x, x),
        x => ((x - x.trunc()).copysign(x), x.trunc()),
    };
    Ok(cx.new_tuple(&[cx.new_float(fraction), cx.new_float(whole)]).value())
}

pub(super) fn fma(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [x, y, z] = args.exactly::<3>(cx, "fma")?;
    let (x, y, z) = (to_float(cx, x)?, to_float(cx, y)?, to_float(cx, z)?);
    let result = c::fma(x, y, z);
    if result.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
        return Err(cx.value_error("invalid operation in fma"));
    }
    if result.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
        return Err(cx.overflow_error("overflow in fma"));
    }
    Ok(cx.new_float(result))
}

static NEXTAFTER: Signature<3> =
    Signature::new("nextafter", ["x", "y", "steps"]).required(2).positional_only(2).keyword_only_from(2);

pub(super) fn nextafter(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [x, y, steps] = NEXTAFTER.bind(cx, args)?;
    let (x, y) = both(cx, x.unwrap_or(Value::NONE), y.unwrap_or(Value::NONE))?;
    let Some(steps) = steps.and_then(Value::not_none) else { return Ok(cx.new_float(c::next_after(x, y))) };
    let steps = number::index(cx, steps)?;
    let Some(view) = int::view(cx, &steps) else { return Err(cx.type_error("an integer is required")) };
    if view.is_negative() {
        return Err(cx.value_error("steps must be a non-negative integer"));
    }
    let steps = view.to_u64().unwrap_or(u64::MAX);
    Ok(cx.new_float(step_towards(x, y, steps)))
}

/// `steps` floats from `x` towards `y`, never beyond it: by distances on the line of all floats.
fn step_towards(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 {
        return x;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    if x == y {
        return y;
    }
    const SIGN: u64 = 1 << 63;
    // Distance from zero, with the sign put back.
    let ordinal = |float: f64| -> i128 {
        let magnitude = i128::from(float.to_bits() & !SIGN);
        if float.is_sign_negative() { -magnitude } else { magnitude }
    };
    let (from, to) = (ordinal(x), ordinal(y));
    if i128::from(steps) >= (to - from).abs() {
        return y;
    }
    let reached = if to > from { from + i128::from(steps) } else { from - i128::from(steps) };
    let magnitude = f64::from_bits(reached.unsigned_abs() as u64);
    match reached {
        0 => 0f64.copysign(x),
        _ if reached < 0 => -magnitude,
        _ => magnitude,
    }
}

static ISCLOSE: Signature<4> =
    Signature::new("isclose", ["a", "b", "rel_tol", "abs_tol"]).required(2).keyword_only_from(2);

pub(super) fn isclose(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [a, b, relative, absolute] = ISCLOSE.bind(cx, args)?;
    let (a, b) = both(cx, a.unwrap_or(Value::NONE), b.unwrap_or(Value::NONE))?;
    let relative = relative.map_or(Ok(1e-9), |value| to_float(cx, value))?;
    let absolute = absolute.map_or(Ok(0.0), |value| to_float(cx, value))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(cx.value_error("tolerances must be non-negative"));
    }
    if a == b {
        return Ok(Value::TRUE);
    }
    if a.is_infinite() || b.is_infinite() {
        return Ok(Value::FALSE);
    }
    let difference = (b - a).abs();
    Ok(Value::bool(difference <= (relative * b).abs() || difference <= (relative * a).abs() || difference <= absolute))
}

// ---- logarithms

/// The float nearest to `int / 2 ** exponent`, in [0.5, 1], and the exponent: for ints beyond the range of floats.
fn frexp_int(view: IntRef<'_>) -> (f64, f64) {
    let bits = algorithms::bit_length(view);
    let shift = bits.saturating_sub(512) as i64;
    let Ok(high) = algorithms::shift_right(view, IntRef::Small(shift)) else { return (0.5, 0.0) };
    let lost = match algorithms::shift_left(high.as_ref(), IntRef::Small(shift)) {
        Ok(back) => !algorithms::equal(back.as_ref(), view),
        Err(_) => false,
    };
    // What was shifted out matters for the rounding only.
    let high = if lost { algorithms::bit_or(high.as_ref(), IntRef::Small(1)) } else { high };
    let (fraction, exponent) = c::frexp(algorithms::to_f64(high.as_ref()).unwrap_or(0.5));
    (fraction, f64::from(exponent) + shift as f64)
}

fn log_helper(cx: &Cx, value: Value, function: fn(f64) -> f64) -> PyResult<f64> {
    if value.as_inline_float().is_none() && number::is_index(cx, value) && float::as_f64(cx, value).is_none() {
        let int = match int::is_int(cx, value) || cx.type_of(value).slots.float().is_none() {
            true => Some(number::index(cx, value)?),
            false => None,
        };
        if let Some(int) = int
            && let Some(view) = int::view(cx, &int)
        {
            if view.sign() <= 0 {
                return Err(cx.value_error("expected a positive input"));
            }
            return Ok(match algorithms::to_f64(view) {
                Ok(x) => function(x),
                Err(_) => {
                    let (fraction, exponent) = frexp_int(view);
                    function(fraction) + function(2.0) * exponent
                }
            });
        }
    }
    let x = to_float(cx, value)?;
    if x.is_nan() || x > 0.0 {
        return Ok(function(x));
    }
    Err(expected(cx, "expected a positive input", x))
}

pub(super) fn log(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "math.log")?;
    let [x, base] = args.between::<2>(cx, "log", 1)?;
    let numerator = log_helper(cx, x.unwrap_or(Value::NONE), f64::ln)?;
    let Some(base) = base else { return Ok(cx.new_float(numerator)) };
    let denominator = log_helper(cx, base, f64::ln)?;
    if denominator == 0.0 {
        return Err(cx.raise_message(ExceptionKind::ZeroDivisionError, format_args!("division by zero")));
    }
    Ok(cx.new_float(numerator / denominator))
}

pub(super) fn log2(cx: &Cx, _module: Value, value: Value) -> PyResult {
    log_helper(cx, value, f64::log2).map(|result| cx.new_float(result))
}

pub(super) fn log10(cx: &Cx, _module: Value, value: Value) -> PyResult {
    log_helper(cx, value, f64::log10).map(|result| cx.new_float(result))
}
