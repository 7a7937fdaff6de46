//! `cmath`: functions of complex numbers, after Kahan, with the values at infinities and nans that C99's annex G says.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, PI};

use countless_common::number::Complex;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number::to_float;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::complex::from_number;
use countless_vm::types::module::Module;

use crate::math::c;

/// Why there is no result.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Domain,
    Range,
}

type Outcome = Result<Complex, Trouble>;

#[cold]
fn raise(cx: &Cx, trouble: Trouble) -> Raised {
    match trouble {
        Trouble::Domain => cx.value_error("math domain error"),
        Trouble::Range => cx.overflow_error("math range error"),
    }
}

const fn complex(re: f64, im: f64) -> Complex {
    Complex { re, im }
}

/// Beyond this, squares and sums may overflow.
const LARGE: f64 = f64::MAX / 4.0;
const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn is_finite(z: Complex) -> bool {
    z.re.is_finite() && z.im.is_finite()
}

// ---- roots and inverse functions

fn sqrt(z: Complex) -> Complex {
    if z.im.is_infinite() {
        return complex(INF, z.im);
    }
    if z.re.is_infinite() || z.re.is_nan() || z.im.is_nan() {
        return match z.re {
            re if re == INF => complex(INF, if z.im.is_nan() { NAN } else { 0f64.copysign(z.im) }),
            re if re == -INF => match z.im.is_nan() {
                true => complex(NAN, INF),
                false => complex(0.0, INF.copysign(z.im)),
            },
            _ => complex(NAN, NAN),
        };
    }
    if z.re == 0.0 && z.im == 0.0 {
        return complex(0.0, z.im);
    }
    let (ax, ay) = (z.re.abs(), z.im.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE && (ax > 0.0 || ay > 0.0) {
        let ax = c::ldexp(ax, 54);
        c::ldexp((ax + c::hypot(ax, c::ldexp(ay, 54))).sqrt(), -27)
    } else {
        let ax = ax / 8.0;
        2.0 * (ax + c::hypot(ax, ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    if z.re >= 0.0 { complex(s, d.copysign(z.im)) } else { complex(d, s.copysign(z.im)) }
}

fn acos(z: Complex) -> Complex {
    if !is_finite(z) {
        // pi/2 - asin, with care for nans: acosh turned by a quarter.
        let w = acosh(z);
        let (re, im) = (w.im.abs(), w.re);
        return complex(re, if im.is_nan() { im } else { -im.copysign(z.im) });
    }
    if z.re.abs() > LARGE || z.im.abs() > LARGE {
        let re = z.im.abs().atan2(z.re);
        let size = c::hypot(z.re / 2.0, z.im / 2.0).ln() + 2.0 * LN_2;
        let im = if z.re < 0.0 { -size.copysign(z.im) } else { size.copysign(-z.im) };
        return complex(re, im);
    }
    let (s1, s2) = (sqrt(complex(1.0 - z.re, -z.im)), sqrt(complex(1.0 + z.re, z.im)));
    complex(2.0 * s1.re.atan2(s2.re), c::asinh(s2.re * s1.im - s2.im * s1.re))
}

fn acosh(z: Complex) -> Complex {
    if !is_finite(z) {
        return match (z.re, z.im) {
            (re, im) if im.is_infinite() => {
                let angle = match re {
                    re if re.is_nan() => NAN,
                    re if re == INF => FRAC_PI_4,
                    re if re == -INF => 3.0 * FRAC_PI_4,
                    _ => FRAC_PI_2,
                };
                complex(INF, angle.copysign(im))
            }
            (re, im) if re.is_infinite() => {
                if im.is_nan() {
                    return complex(INF, NAN);
                }
                complex(INF, if re > 0.0 { 0.0 } else { PI }.copysign(im))
            }
            (0.0, _) => complex(NAN, FRAC_PI_2),
            _ => complex(NAN, NAN),
        };
    }
    if z.re.abs() > LARGE || z.im.abs() > LARGE {
        return complex(c::hypot(z.re / 2.0, z.im / 2.0).ln() + 2.0 * LN_2, z.im.atan2(z.re));
    }
    let (s1, s2) = (sqrt(complex(z.re - 1.0, z.im)), sqrt(complex(z.re + 1.0, z.im)));
    complex(c::asinh(s1.re * s2.re + s1.im * s2.im), 2.0 * s1.im.atan2(s2.re))
}

fn asinh(z: Complex) -> Complex {
    if !is_finite(z) {
        return match (z.re, z.im) {
            (re, im) if re.is_infinite() => match im {
                im if im.is_nan() => complex(re, NAN),
                im if im.is_infinite() => complex(re, FRAC_PI_4.copysign(im)),
                _ => complex(re, 0f64.copysign(im)),
            },
            (re, im) if im.is_infinite() => match re.is_nan() {
                true => complex(INF, NAN),
                false => complex(INF.copysign(re), FRAC_PI_2.copysign(im)),
            },
            (re, 0.0) => complex(re, z.im),
            _ => complex(NAN, NAN),
        };
    }
    if z.re.abs() > LARGE || z.im.abs() > LARGE {
        let size = c::hypot(z.re / 2.0, z.im / 2.0).ln() + 2.0 * LN_2;
        let re = if z.im.is_sign_negative() { -size.copysign(-z.re) } else { size.copysign(z.re) };
        return complex(re.abs().copysign(z.re), z.im.atan2(z.re.abs()));
    }
    let (s1, s2) = (sqrt(complex(1.0 + z.im, -z.re)), sqrt(complex(1.0 - z.im, z.re)));
    complex(c::asinh(s1.re * s2.im - s2.re * s1.im), z.im.atan2(s1.re * s2.re - s1.im * s2.im))
}

fn asin(z: Complex) -> Complex {
    let w = asinh(complex(-z.im, z.re));
    complex(w.im, -w.re)
}

fn atanh(z: Complex) -> Outcome {
    if !is_finite(z) {
        return Ok(match (z.re, z.im) {
            (re, im) if im.is_infinite() => complex(0f64.copysign(re), FRAC_PI_2.copysign(im)),
            (re, im) if re.is_infinite() => match im.is_nan() {
                true => complex(0f64.copysign(re), NAN),
                false => complex(0f64.copysign(re), FRAC_PI_2.copysign(im)),
            },
            (0.0, _) => complex(z.re, NAN),
            _ => complex(NAN, NAN),
        });
    }
    if z.re < 0.0 || (z.re == 0.0 && z.re.is_sign_negative()) {
        let w = atanh(complex(-z.re, -z.im))?;
        return Ok(complex(-w.re, -w.im));
    }
    let ay = z.im.abs();
    let root = LARGE.sqrt();
    if z.re > root || ay > root {
        let h = c::hypot(z.re / 2.0, z.im / 2.0);
        return Ok(complex(z.re / 4.0 / h / h, -FRAC_PI_2.copysign(-z.im)));
    }
    if z.re == 1.0 && ay < f64::MIN_POSITIVE.sqrt() {
        if ay == 0.0 {
            return Err(Trouble::Domain);
        }
        let re = -(ay.sqrt() / c::hypot(ay, 2.0).sqrt()).ln();
        return Ok(complex(re, (2f64.atan2(-ay) / 2.0).copysign(z.im)));
    }
    let below = 1.0 - z.re;
    let re = (4.0 * z.re / (below * below + ay * ay)).ln_1p() / 4.0;
    Ok(complex(re, -(-2.0 * z.im).atan2(below * (1.0 + z.re) - ay * ay) / 2.0))
}

fn atan(z: Complex) -> Outcome {
    let w = atanh(complex(-z.im, z.re))?;
    Ok(complex(w.im, -w.re))
}

// ---- exponentials

/// The largest argument whose exponential is safe to scale.
const LOG_LARGE: f64 = 708.396_418_532_264_1;

fn checked(z: Complex) -> Outcome {
    if z.re.is_infinite() || z.im.is_infinite() { Err(Trouble::Range) } else { Ok(z) }
}

/// An infinity or zero in the direction of an angle.
fn directed(size: f64, angle: f64) -> Complex {
    complex(size.copysign(angle.cos()), size.copysign(angle.sin()))
}

fn exp(z: Complex) -> Outcome {
    if !is_finite(z) {
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            return Ok(directed(if z.re > 0.0 { INF } else { 0.0 }, z.im));
        }
        if z.im.is_infinite() && (z.re.is_finite() || z.re == INF) {
            return Err(Trouble::Domain);
        }
        return Ok(match (z.re, z.im) {
            (re, im) if im == 0.0 => complex(if re == -INF { 0.0 } else { re }, im),
            (re, im) if re == -INF => complex(0.0, 0f64.copysign(if im.is_nan() { 1.0 } else { im })),
            (re, _) if re == INF => complex(INF, NAN),
            _ => complex(NAN, NAN),
        });
    }
    let shift = if z.re > LOG_LARGE { 1.0 } else { 0.0 };
    let size = (z.re - shift).exp();
    let scale = if shift > 0.0 { std::f64::consts::E } else { 1.0 };
    checked(complex(size * z.im.cos() * scale, size * z.im.sin() * scale))
}

fn cosh(z: Complex) -> Outcome {
    if !is_finite(z) {
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            let w = directed(INF, z.im);
            return Ok(if z.re > 0.0 { w } else { complex(w.re, -w.im) });
        }
        if z.im.is_infinite() && !z.re.is_nan() {
            return Err(Trouble::Domain);
        }
        return Ok(match (z.re, z.im) {
            (re, im) if re.is_infinite() && im == 0.0 => complex(INF, im * 1f64.copysign(re)),
            (re, _) if re.is_infinite() => complex(INF, NAN),
            (0.0, _) => complex(NAN, 0.0),
            (_, 0.0) => complex(NAN, z.im),
            _ => complex(NAN, NAN),
        });
    }
    if z.re.abs() > LOG_LARGE {
        let less = z.re - 1f64.copysign(z.re);
        let scale = std::f64::consts::E;
        return checked(complex(z.im.cos() * less.cosh() * scale, z.im.sin() * less.sinh() * scale));
    }
    checked(complex(z.im.cos() * z.re.cosh(), z.im.sin() * z.re.sinh()))
}

fn sinh(z: Complex) -> Outcome {
    if !is_finite(z) {
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            let w = directed(INF, z.im);
            return Ok(if z.re > 0.0 { w } else { complex(-w.re, w.im) });
        }
        if z.im.is_infinite() && !z.re.is_nan() {
            return Err(Trouble::Domain);
        }
        return Ok(match (z.re, z.im) {
            (re, im) if re.is_infinite() => complex(re, if im == 0.0 { im } else { NAN }),
            (0.0, _) => complex(z.re, NAN),
            (_, 0.0) => complex(NAN, z.im),
            _ => complex(NAN, NAN),
        });
    }
    if z.re.abs() > LOG_LARGE {
        let less = z.re - 1f64.copysign(z.re);
        let scale = std::f64::consts::E;
        return checked(complex(z.im.cos() * less.sinh() * scale, z.im.sin() * less.cosh() * scale));
    }
    checked(complex(z.im.cos() * z.re.sinh(), z.im.sin() * z.re.cosh()))
}

fn tanh(z: Complex) -> Outcome {
    if !is_finite(z) {
        if z.re.is_infinite() && z.im.is_finite() && z.im != 0.0 {
            return Ok(complex(1f64.copysign(z.re), 0f64.copysign(2.0 * z.im.sin() * z.im.cos())));
        }
        if z.im.is_infinite() && z.re.is_finite() {
            return Err(Trouble::Domain);
        }
        return Ok(match (z.re, z.im) {
            (re, im) if re.is_infinite() => complex(1f64.copysign(re), if im == 0.0 { im } else { 0.0 }),
            (_, 0.0) => complex(NAN, z.im),
            _ => complex(NAN, NAN),
        });
    }
    if z.re.abs() > LOG_LARGE {
        let im = 4.0 * z.im.sin() * z.im.cos() * (-2.0 * z.re.abs()).exp();
        return Ok(complex(1f64.copysign(z.re), im));
    }
    let (tx, ty) = (z.re.tanh(), z.im.tan());
    let cx = 1.0 / z.re.cosh();
    let txty = tx * ty;
    let denominator = 1.0 + txty * txty;
    Ok(complex(tx * (1.0 + ty * ty) / denominator, ty / denominator * cx * cx))
}

fn cos(z: Complex) -> Outcome {
    cosh(complex(-z.im, z.re))
}

fn sin(z: Complex) -> Outcome {
    let w = sinh(complex(-z.im, z.re))?;
    Ok(complex(w.im, -w.re))
}

fn tan(z: Complex) -> Outcome {
    let w = tanh(complex(-z.im, z.re))?;
    Ok(complex(w.im, -w.re))
}

// ---- logarithms and polar coordinates

/// atan2(y, x), with C99's values at infinities.
fn phase_of(z: Complex) -> f64 {
    if z.re.is_nan() || z.im.is_nan() { NAN } else { z.im.atan2(z.re) }
}

fn log(z: Complex) -> Outcome {
    if !is_finite(z) {
        let infinite = z.re.is_infinite() || z.im.is_infinite();
        return Ok(complex(if infinite { INF } else { NAN }, phase_of(z)));
    }
    let (ax, ay) = (z.re.abs(), z.im.abs());
    let re = if ax > LARGE || ay > LARGE {
        c::hypot(ax / 2.0, ay / 2.0).ln() + LN_2
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        if ax == 0.0 && ay == 0.0 {
            return Err(Trouble::Domain);
        }
        c::hypot(c::ldexp(ax, 53), c::ldexp(ay, 53)).ln() - 53.0 * LN_2
    } else {
        let size = c::hypot(ax, ay);
        if (0.71..=1.73).contains(&size) {
            let (more, less) = if ax > ay { (ax, ay) } else { (ay, ax) };
            ((more - 1.0) * (more + 1.0) + less * less).ln_1p() / 2.0
        } else {
            size.ln()
        }
    };
    Ok(complex(re, phase_of(z)))
}

fn quotient(cx: &Cx, a: Complex, b: Complex) -> PyResult<Complex> {
    countless_common::number::complex::div(a, b).map_err(|_| raise(cx, Trouble::Domain))
}

fn call(cx: &Cx, value: Value, function: impl FnOnce(Complex) -> Outcome) -> PyResult {
    let z = from_number(cx, value)?;
    function(z).map(|result| cx.new_complex(result)).map_err(|trouble| raise(cx, trouble))
}

macro_rules! functions {
    ($($name:ident = $function:expr;)*) => {
        /// The functions of one argument, as Python calls them.
        mod called {
            use super::{Cx, PyResult, Value, call};

            $(pub(super) fn $name(cx: &Cx, _module: Value, value: Value) -> PyResult {
                call(cx, value, $function)
            })*
        }
    };
}

functions! {
    acos = |z| Ok(super::acos(z));
    acosh = |z| Ok(super::acosh(z));
    asin = |z| Ok(super::asin(z));
    asinh = |z| Ok(super::asinh(z));
    atan = super::atan;
    atanh = super::atanh;
    cos = super::cos;
    cosh = super::cosh;
    exp = super::exp;
    log10 = |z| super::log(z).map(|w| super::complex(w.re / std::f64::consts::LN_10, w.im / std::f64::consts::LN_10));
    sin = super::sin;
    sinh = super::sinh;
    sqrt = |z| Ok(super::sqrt(z));
    tan = super::tan;
    tanh = super::tanh;
}

fn log_to_base(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [z, base] = args.between::<2>(cx, "log", 1)?;
    let z = from_number(cx, z.unwrap_or(Value::NONE))?;
    let numerator = log(z).map_err(|trouble| raise(cx, trouble))?;
    let Some(base) = base else { return Ok(cx.new_complex(numerator)) };
    let denominator = log(from_number(cx, base)?).map_err(|trouble| raise(cx, trouble))?;
    quotient(cx, numerator, denominator).map(|result| cx.new_complex(result))
}

fn phase(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(cx.new_float(phase_of(from_number(cx, value)?)))
}

fn polar(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let z = from_number(cx, value)?;
    let size = countless_common::number::complex::abs(z).map_err(|_| raise(cx, Trouble::Range))?;
    Ok(cx.new_tuple(&[cx.new_float(size), cx.new_float(phase_of(z))]).value())
}

fn rect(cx: &Cx, _module: Value, r: Value, phi: Value) -> PyResult {
    let (r, phi) = (to_float(cx, r)?, to_float(cx, phi)?);
    let z = if r.is_finite() && phi.is_finite() {
        if phi == 0.0 { complex(r, r * phi) } else { complex(r * phi.cos(), r * phi.sin()) }
    } else if r.is_infinite() && phi.is_finite() && phi != 0.0 {
        let w = directed(INF, phi);
        if r > 0.0 { w } else { complex(-w.re, -w.im) }
    } else if phi.is_infinite() && r != 0.0 && !r.is_nan() {
        return Err(raise(cx, Trouble::Domain));
    } else if r == 0.0 {
        complex(0.0, 0.0)
    } else if r.is_infinite() {
        if phi == 0.0 { complex(r, if r > 0.0 { phi } else { -phi }) } else { complex(INF, NAN) }
    } else if phi == 0.0 {
        complex(NAN, 0.0)
    } else {
        complex(NAN, NAN)
    };
    Ok(cx.new_complex(z))
}

fn isfinite(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(is_finite(from_number(cx, value)?)))
}

fn isinf(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let z = from_number(cx, value)?;
    Ok(Value::bool(z.re.is_infinite() || z.im.is_infinite()))
}

fn isnan(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let z = from_number(cx, value)?;
    Ok(Value::bool(z.re.is_nan() || z.im.is_nan()))
}

static ISCLOSE: Signature<4> =
    Signature::new("isclose", ["a", "b", "rel_tol", "abs_tol"]).required(2).keyword_only_from(2);

fn isclose(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [a, b, relative, absolute] = ISCLOSE.bind(cx, args)?;
    let (a, b) = (from_number(cx, a.unwrap_or(Value::NONE))?, from_number(cx, b.unwrap_or(Value::NONE))?);
    let relative = relative.map_or(Ok(1e-9), |value| to_float(cx, value))?;
    let absolute = absolute.map_or(Ok(0.0), |value| to_float(cx, value))?;
    if relative < 0.0 || absolute < 0.0 {
        return Err(cx.value_error("tolerances must be non-negative"));
    }
    if a.re == b.re && a.im == b.im {
        return Ok(Value::TRUE);
    }
    if [a, b].iter().any(|z| z.re.is_infinite() || z.im.is_infinite()) {
        return Ok(Value::FALSE);
    }
    let size = |z: Complex| c::hypot(z.re, z.im);
    let difference = size(complex(a.re - b.re, a.im - b.im));
    let close = difference <= relative * size(b) || difference <= relative * size(a) || difference <= absolute;
    Ok(Value::bool(close))
}

static FUNCTIONS: &[Method] = &[
    Method::one("acos", called::acos, "acos($module, z, /)\n--\n\nThe arc cosine of z."),
    Method::one("acosh", called::acosh, "acosh($module, z, /)\n--\n\nThe inverse hyperbolic cosine of z."),
    Method::one("asin", called::asin, "asin($module, z, /)\n--\n\nThe arc sine of z."),
    Method::one("asinh", called::asinh, "asinh($module, z, /)\n--\n\nThe inverse hyperbolic sine of z."),
    Method::one("atan", called::atan, "atan($module, z, /)\n--\n\nThe arc tangent of z."),
    Method::one("atanh", called::atanh, "atanh($module, z, /)\n--\n\nThe inverse hyperbolic tangent of z."),
    Method::one("cos", called::cos, "cos($module, z, /)\n--\n\nThe cosine of z."),
    Method::one("cosh", called::cosh, "cosh($module, z, /)\n--\n\nThe hyperbolic cosine of z."),
    Method::one("exp", called::exp, "exp($module, z, /)\n--\n\ne to the power of z."),
    Method::many(
        "isclose",
        isclose,
        "isclose($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)\n--\n\nWhether two complex numbers are close to each other.\n\n  rel_tol\n    the difference allowed relative to the larger magnitude\n  abs_tol\n    the difference allowed in any case\n\nnan is close to nothing, infinities only to themselves.",
    ),
    Method::one("isfinite", isfinite, "isfinite($module, z, /)\n--\n\nWhether both parts of z are finite."),
    Method::one("isinf", isinf, "isinf($module, z, /)\n--\n\nWhether a part of z is an infinity."),
    Method::one("isnan", isnan, "isnan($module, z, /)\n--\n\nWhether a part of z is a nan."),
    Method::many(
        "log",
        log_to_base,
        "log($module, z, base=<unrepresentable>, /)\n--\n\nThe logarithm of z to a base, the natural one by default.",
    ),
    Method::one("log10", called::log10, "log10($module, z, /)\n--\n\nThe logarithm of z to base 10."),
    Method::one("phase", phase, "phase($module, z, /)\n--\n\nThe argument, or phase angle, of z."),
    Method::one(
        "polar",
        polar,
        "polar($module, z, /)\n--\n\nThe polar coordinates of z: distance from 0 and phase angle.",
    ),
    Method::two("rect", rect, "rect($module, r, phi, /)\n--\n\nThe complex number of polar coordinates."),
    Method::one("sin", called::sin, "sin($module, z, /)\n--\n\nThe sine of z."),
    Method::one("sinh", called::sinh, "sinh($module, z, /)\n--\n\nThe hyperbolic sine of z."),
    Method::one("sqrt", called::sqrt, "sqrt($module, z, /)\n--\n\nThe square root of z."),
    Method::one("tan", called::tan, "tan($module, z, /)\n--\n\nThe tangent of z."),
    Method::one("tanh", called::tanh, "tanh($module, z, /)\n--\n\nThe hyperbolic tangent of z."),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    use std::f64::consts;
    for (name, value) in [("pi", PI), ("e", consts::E), ("tau", consts::TAU), ("inf", INF), ("nan", NAN)] {
        cx.add_to_module(module, name, cx.new_float(value))?;
    }
    cx.add_to_module(module, "infj", cx.new_complex(complex(0.0, INF)))?;
    cx.add_to_module(module, "nanj", cx.new_complex(complex(0.0, NAN)))
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "cmath",
    doc: "Mathematical functions of complex numbers.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
