//! Rounding, division and powers with Python's rules.

use crate::number::Int;
use crate::number::int::from_f64;
use crate::{Failure, Outcome};
use dashu_int::IBig;

/// `mantissa * 2 ** exponent`, plus a bit less than one unit of it if `sticky`, as the nearest float, ties to even;
/// infinite if too large. With `sticky` the mantissa must have at least 55 bits.
pub fn round_scaled(mantissa: u128, sticky: bool, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let bits = i64::from(128 - mantissa.leading_zeros());
    let top = bits + exponent;
    if top > 1024 {
        return f64::INFINITY;
    }
    // Below the smallest normal number each halving costs one bit.
    let precision = if top < -1021 { 53 + (top + 1021) } else { 53 };
    if precision < 0 {
        return 0.0;
    }
    let dropped = bits - precision;
    if dropped <= 0 {
        return scale(mantissa as f64, exponent);
    }
    let kept = mantissa.checked_shr(dropped as u32).unwrap_or(0);
    let rest = mantissa - kept.checked_shl(dropped as u32).unwrap_or(0);
    let half = 1u128 << (dropped - 1);
    let up = rest > half || (rest == half && (sticky || kept & 1 != 0));
    scale((kept + u128::from(up)) as f64, exponent + dropped)
}

/// `x * 2 ** exponent`, where the result is a float or infinite.
fn scale(x: f64, exponent: i64) -> f64 {
    if x == 0.0 {
        return x;
    }
    let mut result = x;
    let mut left = exponent.clamp(-3000, 3000);
    // Each factor is a normal float, and no intermediate result loses bits that the last one has.
    while left != 0 {
        let step = left.clamp(-1022, 1023);
        result *= f64::from_bits(((1023 + step) as u64) << 52);
        left -= step;
    }
    result
}

/// As `float.as_integer_ratio`.
pub fn as_integer_ratio(x: f64) -> Outcome<(Int, Int)> {
    if x.is_infinite() {
        return Err(Failure::overflow("cannot convert Infinity to integer ratio"));
    }
    if x.is_nan() {
        return Err(Failure::value("cannot convert NaN to integer ratio"));
    }
    if x == 0.0 {
        return Ok((Int::ZERO, Int::Small(1)));
    }
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7FF) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if biased == 0 { fraction } else { fraction | 1 << 52 };
    let zeros = mantissa.trailing_zeros();
    let exponent = biased.max(1) - 1075 + i64::from(zeros);
    let odd = (mantissa >> zeros) as i64;
    let numerator = IBig::from(if x < 0.0 { -odd } else { odd });
    let shift = exponent.unsigned_abs() as usize;
    if exponent >= 0 {
        Ok(((numerator << shift).into(), Int::Small(1)))
    } else {
        Ok((numerator.into(), (IBig::ONE << shift).into()))
    }
}

/// As `round(x)`: to an int, ties to even.
pub fn round(x: f64) -> Outcome<Int> {
    from_f64(x.round_ties_even())
}

/// As `math.floor(x)`.
pub fn floor(x: f64) -> Outcome<Int> {
    from_f64(x.floor())
}

/// As `math.ceil(x)`.
pub fn ceil(x: f64) -> Outcome<Int> {
    from_f64(x.ceil())
}

/// As `int(x)`.
pub fn trunc(x: f64) -> Outcome<Int> {
    from_f64(x)
}

/// As `round(x, digits)`: the float nearest to the exact decimal rounding, ties to even.
pub fn round_digits(x: f64, digits: i64) -> Outcome<f64> {
    if !x.is_finite() || x == 0.0 || digits > 323 {
        return Ok(x);
    }
    if digits < -308 {
        return Ok(x * 0.0);
    }
    let rounded = if digits >= 0 {
        let text = format!("{x:.*}", digits as usize);
        text.parse().unwrap_or(x)
    } else {
        round_to_power_of_ten(x, digits.unsigned_abs() as usize)
    };
    if rounded.is_infinite() {
        return Err(Failure::overflow("rounded value too large to represent"));
    }
    Ok(rounded)
}

/// Rounds at the `places`-th digit before the point.
fn round_to_power_of_ten(x: f64, places: usize) -> f64 {
    let whole = x.abs().trunc();
    let digits = format!("{whole:.0}");
    let digits = digits.as_bytes();
    let Some(kept) = digits.len().checked_sub(places) else {
        return 0.0f64.copysign(x);
    };
    let (head, tail) = digits.split_at(kept);
    let more_than_half =
        tail[0] > b'5' || (tail[0] == b'5' && (tail[1..].iter().any(|&digit| digit != b'0') || x.abs() != whole));
    let is_half = tail[0] == b'5' && !more_than_half;
    let is_odd = head.last().is_some_and(|digit| digit & 1 != 0);
    let head = std::str::from_utf8(head).unwrap_or_default();
    let mut number: IBig = if head.is_empty() { IBig::ZERO } else { head.parse().unwrap_or(IBig::ZERO) };
    if more_than_half || (is_half && is_odd) {
        number += IBig::ONE;
    }
    let text = format!("{number}e{places}");
    text.parse::<f64>().unwrap_or(x).copysign(x)
}

fn division_by_zero() -> Failure {
    Failure::zero_division("division by zero")
}

/// `divmod(a, b)`.
pub fn div_mod(a: f64, b: f64) -> Outcome<(f64, f64)> {
    if b == 0.0 {
        return Err(division_by_zero());
    }
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0.0f64.copysign(b);
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return Ok((0.0f64.copysign(a / b), remainder));
    }
    let mut floored = quotient.floor();
    if quotient - floored > 0.5 {
        floored += 1.0;
    }
    Ok((floored, remainder))
}

/// `a // b`.
pub fn floor_div(a: f64, b: f64) -> Outcome<f64> {
    div_mod(a, b).map(|(quotient, _)| quotient)
}

/// `a % b`.
#[inline]
pub fn modulo(a: f64, b: f64) -> Outcome<f64> {
    if b == 0.0 {
        return Err(division_by_zero());
    }
    let remainder = a % b;
    Ok(if remainder == 0.0 {
        0.0f64.copysign(b)
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder + b
    } else {
        remainder
    })
}

/// `a ** b`; `None` if the result is complex: the caller computes it as such.
pub fn pow(a: f64, b: f64) -> Outcome<Option<f64>> {
    if a == 0.0 && b < 0.0 {
        return Err(Failure::zero_division("zero to a negative power"));
    }
    if a.is_finite() && b.is_finite() {
        if a < 0.0 && b != b.floor() {
            return Ok(None);
        }
        let power = a.powf(b);
        if power.is_infinite() {
            return Err(Failure::Range);
        }
        return Ok(Some(power));
    }
    Ok(Some(a.powf(b)))
}
