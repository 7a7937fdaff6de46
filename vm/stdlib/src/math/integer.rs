//! Functions of integers.

use countless_common::Outcome;
use countless_common::number::int as algorithms;
use countless_common::number::{Int, IntRef};
use countless_vm::native::args::Args;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::int;

fn index(cx: &Cx, value: Value) -> PyResult<Int> {
    let index = number::index(cx, value)?;
    match int::to_number(cx, index) {
        Some(number) => Ok(number),
        None => Err(cx.type_error("an integer is required")),
    }
}

fn finish(cx: &Cx, result: Outcome<Int>) -> PyResult<Int> {
    result.map_err(|failure| cx.raise_failure(failure))
}

fn fold(cx: &Cx, args: Args<'_>, name: &str, start: Int, step: impl Fn(IntRef, IntRef) -> Outcome<Int>) -> PyResult {
    args.no_keywords(cx, name)?;
    let mut total = start;
    for (position, value) in args.iter().enumerate() {
        let next = index(cx, value)?;
        total = if position == 0 {
            algorithms::absolute(next.as_ref())
        } else {
            finish(cx, step(total.as_ref(), next.as_ref()))?
        };
    }
    Ok(cx.new_int(total))
}

pub(super) fn gcd(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    fold(cx, args, "math.gcd", Int::ZERO, |a, b| Ok(algorithms::gcd(a, b)))
}

pub(super) fn lcm(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    fold(cx, args, "math.lcm", Int::Small(1), algorithms::lcm)
}

pub(super) fn isqrt(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let number = index(cx, value)?;
    finish(cx, algorithms::isqrt(number.as_ref())).map(|root| cx.new_int(root))
}

/// The product of the ints `low..high`, by halves so that the factors are of like size.
fn product(cx: &Cx, low: u64, high: u64) -> PyResult<Int> {
    if high - low <= 8 {
        let mut total = Int::Small(1);
        for factor in low..high {
            total = finish(cx, algorithms::mul(total.as_ref(), Int::from(factor).as_ref()))?;
        }
        cx.poll()?;
        return Ok(total);
    }
    let middle = low + (high - low) / 2;
    let (left, right) = (product(cx, low, middle)?, product(cx, middle, high)?);
    finish(cx, algorithms::mul(left.as_ref(), right.as_ref()))
}

pub(super) fn factorial(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let number = index(cx, value)?;
    if number.as_ref().is_negative() {
        return Err(cx.value_error("factorial() not defined for negative values"));
    }
    match number.as_ref().to_i64() {
        Some(number) => Ok(cx.new_int(product(cx, 1, number as u64 + 1)?)),
        None => Err(raise!(cx, OverflowError, "factorial() argument should not exceed {}", i64::MAX)),
    }
}

/// n·(n − 1)·…, `count` factors.
fn falling(cx: &Cx, n: &Int, count: u64) -> PyResult<Int> {
    if let Some(n) = n.as_ref().to_u64() {
        return product(cx, n - count + 1, n + 1);
    }
    let mut total = Int::Small(1);
    for step in 0..count {
        let factor = finish(cx, algorithms::sub(n.as_ref(), Int::from(step).as_ref()))?;
        total = finish(cx, algorithms::mul(total.as_ref(), factor.as_ref()))?;
        cx.poll()?;
    }
    Ok(total)
}

fn not_negative(cx: &Cx, number: &Int, name: &str) -> PyResult<()> {
    if number.as_ref().is_negative() {
        return Err(raise!(cx, ValueError, "{name} must be a non-negative integer"));
    }
    Ok(())
}

pub(super) fn perm(cx: &Cx, module: Value, args: Args<'_>) -> PyResult {
    let [n, k] = args.between::<2>(cx, "perm", 1)?;
    let n = n.unwrap_or(Value::NONE);
    let Some(k) = k.and_then(Value::not_none) else { return factorial(cx, module, n) };
    let (n, k) = (index(cx, n)?, index(cx, k)?);
    not_negative(cx, &n, "n")?;
    not_negative(cx, &k, "k")?;
    if algorithms::compare(n.as_ref(), k.as_ref()).is_lt() {
        return Ok(Value::int(0));
    }
    match k.as_ref().to_i64() {
        Some(count) => Ok(cx.new_int(falling(cx, &n, count as u64)?)),
        None => Err(raise!(cx, OverflowError, "k must not exceed {}", i64::MAX)),
    }
}

pub(super) fn comb(cx: &Cx, _module: Value, n: Value, k: Value) -> PyResult {
    let (n, k) = (index(cx, n)?, index(cx, k)?);
    not_negative(cx, &n, "n")?;
    not_negative(cx, &k, "k")?;
    if algorithms::compare(n.as_ref(), k.as_ref()).is_lt() {
        return Ok(Value::int(0));
    }
    let rest = finish(cx, algorithms::sub(n.as_ref(), k.as_ref()))?;
    let k = if algorithms::compare(rest.as_ref(), k.as_ref()).is_lt() { rest } else { k };
    let Some(count) = k.as_ref().to_i64() else {
        return Err(raise!(cx, OverflowError, "min(n - k, k) must not exceed {}", i64::MAX));
    };
    let numerator = falling(cx, &n, count as u64)?;
    let denominator = product(cx, 1, count as u64 + 1)?;
    finish(cx, algorithms::floor_div(numerator.as_ref(), denominator.as_ref())).map(|result| cx.new_int(result))
}
