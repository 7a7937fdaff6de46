//! `math`: functions of real numbers and integers, by the C library where CPython uses it.

pub(crate) mod c;
mod integer;
mod real;
mod special;
mod sums;

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

static FUNCTIONS: &[Method] = &[
    Method::one("acos", real::acos, "acos($module, x, /)\n--\n\nThe arc cosine of x, in radians from 0 to pi."),
    Method::one("acosh", real::acosh, "acosh($module, x, /)\n--\n\nThe inverse hyperbolic cosine of x."),
    Method::one("asin", real::asin, "asin($module, x, /)\n--\n\nThe arc sine of x, in radians from -pi/2 to pi/2."),
    Method::one("asinh", real::asinh, "asinh($module, x, /)\n--\n\nThe inverse hyperbolic sine of x."),
    Method::one("atan", real::atan, "atan($module, x, /)\n--\n\nThe arc tangent of x, in radians from -pi/2 to pi/2."),
    Method::two(
        "atan2",
        real::atan2,
        "atan2($module, y, x, /)\n--\n\nThe arc tangent of y/x, in radians, in the quadrant that the signs tell.",
    ),
    Method::one("atanh", real::atanh, "atanh($module, x, /)\n--\n\nThe inverse hyperbolic tangent of x."),
    Method::one("cbrt", real::cbrt, "cbrt($module, x, /)\n--\n\nThe cube root of x."),
    Method::one("ceil", real::ceil, "ceil($module, x, /)\n--\n\nThe smallest integer that is not less than x."),
    Method::two("copysign", real::copysign, "copysign($module, x, y, /)\n--\n\nThe magnitude of x with the sign of y."),
    Method::one("cos", real::cos, "cos($module, x, /)\n--\n\nThe cosine of x radians."),
    Method::one("cosh", real::cosh, "cosh($module, x, /)\n--\n\nThe hyperbolic cosine of x."),
    Method::one("degrees", real::degrees, "degrees($module, x, /)\n--\n\nAn angle in radians as degrees."),
    Method::two(
        "dist",
        sums::dist,
        "dist($module, p, q, /)\n--\n\nThe Euclidean distance of two points, given as sequences of coordinates.",
    ),
    Method::one("erf", real::erf, "erf($module, x, /)\n--\n\nThe error function at x."),
    Method::one("erfc", real::erfc, "erfc($module, x, /)\n--\n\nThe complementary error function at x."),
    Method::one("exp", real::exp, "exp($module, x, /)\n--\n\ne to the power of x."),
    Method::one("exp2", real::exp2, "exp2($module, x, /)\n--\n\n2 to the power of x."),
    Method::one("expm1", real::expm1, "expm1($module, x, /)\n--\n\nexp(x)-1, precise for small x."),
    Method::one("fabs", real::fabs, "fabs($module, x, /)\n--\n\nThe absolute value of x, a float."),
    Method::one("factorial", integer::factorial, "factorial($module, n, /)\n--\n\nn!"),
    Method::one("floor", real::floor, "floor($module, x, /)\n--\n\nThe largest integer that is not greater than x."),
    Method::many("fma", real::fma, "fma($module, x, y, z, /)\n--\n\n(x * y) + z, rounded once."),
    Method::two("fmod", real::fmod, "fmod($module, x, y, /)\n--\n\nThe remainder of C's fmod, with the sign of x."),
    Method::one(
        "frexp",
        real::frexp,
        "frexp($module, x, /)\n--\n\nThe pair (m, e) with x = m * 2.**e and 0.5 <= abs(m) < 1.0 (both 0 for 0).",
    ),
    Method::one("fsum", sums::fsum, "fsum($module, seq, /)\n--\n\nThe exact sum of the floats, rounded once."),
    Method::one("gamma", real::gamma, "gamma($module, x, /)\n--\n\nThe gamma function at x."),
    Method::many("gcd", integer::gcd, "gcd($module, /, *integers)\n--\n\nThe greatest common divisor."),
    Method::many(
        "hypot",
        sums::hypot,
        "hypot(*coordinates) -> value\n\nThe Euclidean distance of a point from the origin.",
    ),
    Method::many(
        "isclose",
        real::isclose,
        "isclose($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)\n--\n\nWhether two floats are close to each other.\n\n  rel_tol\n    the difference allowed relative to the larger magnitude\n  abs_tol\n    the difference allowed in any case\n\nnan is close to nothing, infinities only to themselves.",
    ),
    Method::one(
        "isfinite",
        real::isfinite,
        "isfinite($module, x, /)\n--\n\nWhether x is neither an infinity nor a nan.",
    ),
    Method::one("isinf", real::isinf, "isinf($module, x, /)\n--\n\nWhether x is an infinity."),
    Method::one("isnan", real::isnan, "isnan($module, x, /)\n--\n\nWhether x is a nan."),
    Method::one("isqrt", integer::isqrt, "isqrt($module, n, /)\n--\n\nThe integer part of the square root of n."),
    Method::many("lcm", integer::lcm, "lcm($module, /, *integers)\n--\n\nThe least common multiple."),
    Method::two("ldexp", real::ldexp, "ldexp($module, x, i, /)\n--\n\nx * (2**i), the inverse of frexp()."),
    Method::one(
        "lgamma",
        real::lgamma,
        "lgamma($module, x, /)\n--\n\nThe natural logarithm of the absolute value of the gamma function at x.",
    ),
    Method::many("log", real::log, "log(x, [base=math.e])\nThe logarithm of x to a base, the natural one by default."),
    Method::one("log10", real::log10, "log10($module, x, /)\n--\n\nThe logarithm of x to base 10."),
    Method::one("log1p", real::log1p, "log1p($module, x, /)\n--\n\nThe natural logarithm of 1+x, precise for small x."),
    Method::one("log2", real::log2, "log2($module, x, /)\n--\n\nThe logarithm of x to base 2."),
    Method::one(
        "modf",
        real::modf,
        "modf($module, x, /)\n--\n\nThe fractional and the integer part of x, both floats with the sign of x.",
    ),
    Method::many(
        "nextafter",
        real::nextafter,
        "nextafter($module, x, y, /, *, steps=None)\n--\n\nThe float so many steps from x towards y; one step by default.",
    ),
    Method::many(
        "perm",
        integer::perm,
        "perm($module, n, k=None, /)\n--\n\nThe number of ways to choose k of n items in order; n! without k.",
    ),
    Method::two(
        "comb",
        integer::comb,
        "comb($module, n, k, /)\n--\n\nThe number of ways to choose k of n items regardless of their order.",
    ),
    Method::two("pow", real::pow, "pow($module, x, y, /)\n--\n\nx to the power of y, as floats."),
    Method::many(
        "prod",
        sums::prod,
        "prod($module, iterable, /, *, start=1)\n--\n\nThe product of the items and a start value.",
    ),
    Method::one("radians", real::radians, "radians($module, x, /)\n--\n\nAn angle in degrees as radians."),
    Method::two(
        "remainder",
        real::remainder,
        "remainder($module, x, y, /)\n--\n\nx - n*y for the integer n closest to x/y (the even one of two).",
    ),
    Method::one("sin", real::sin, "sin($module, x, /)\n--\n\nThe sine of x radians."),
    Method::one("sinh", real::sinh, "sinh($module, x, /)\n--\n\nThe hyperbolic sine of x."),
    Method::one("sqrt", real::sqrt, "sqrt($module, x, /)\n--\n\nThe square root of x."),
    Method::two(
        "sumprod",
        sums::sumprod,
        "sumprod($module, p, q, /)\n--\n\nThe sum of the products of the items of two iterables of one length.",
    ),
    Method::one("tan", real::tan, "tan($module, x, /)\n--\n\nThe tangent of x radians."),
    Method::one("tanh", real::tanh, "tanh($module, x, /)\n--\n\nThe hyperbolic tangent of x."),
    Method::one("trunc", real::trunc, "trunc($module, x, /)\n--\n\nThe integer part of x, by its __trunc__ method."),
    Method::one("ulp", real::ulp, "ulp($module, x, /)\n--\n\nThe value of the least significant bit of the float x."),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    use std::f64::consts;
    let constants =
        [("pi", consts::PI), ("e", consts::E), ("tau", consts::TAU), ("inf", f64::INFINITY), ("nan", f64::NAN)];
    for (name, value) in constants {
        cx.add_to_module(module, name, cx.new_float(value))?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "math",
    doc: "The mathematical functions of the C standard library, and others.",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
