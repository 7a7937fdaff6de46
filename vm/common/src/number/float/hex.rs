//! `float.hex` and `float.fromhex`.

use super::arithmetic::round_scaled;
use crate::number::int::trim;
use crate::wtf8::Wtf8;
use crate::{Failure, Outcome};

/// As `float.hex`.
pub fn to_hex(x: f64) -> String {
    if !x.is_finite() {
        return super::repr(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = x.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match (bits >> 52 & 0x7FF) as i64 {
        0 => format!("{sign}0x0.{fraction:013x}p-1022"),
        biased => format!("{sign}0x1.{fraction:013x}p{:+}", biased - 1023),
    }
}

/// As `float.fromhex`.
pub fn from_hex(text: &Wtf8) -> Outcome<f64> {
    let text = trim(text.as_bytes(), false);
    let (negative, body) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let is = |word: &str| body.eq_ignore_ascii_case(word.as_bytes());
    let magnitude = if is("inf") || is("infinity") {
        f64::INFINITY
    } else if is("nan") {
        f64::NAN
    } else {
        let magnitude = magnitude(body).ok_or_else(|| Failure::value("invalid hexadecimal floating-point string"))?;
        if magnitude.is_infinite() {
            return Err(Failure::overflow("hexadecimal value too large to represent as a float"));
        }
        magnitude
    };
    Ok(if negative { -magnitude } else { magnitude })
}

/// `[0x]HHH[.HHH][p[+-]DDD]`; `None` if it is not of that form, infinite if it is too large.
fn magnitude(text: &[u8]) -> Option<f64> {
    let text = match text {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => text,
    };
    let end = text.iter().position(|byte| matches!(byte, b'p' | b'P')).unwrap_or(text.len());
    let (digits, exponent) = text.split_at(end);
    let mut mantissa = 0u128;
    let mut sticky = false;
    let mut scale = 0i64;
    let mut seen_point = false;
    let mut seen_digit = false;
    for &byte in digits {
        if byte == b'.' && !seen_point {
            seen_point = true;
            continue;
        }
        let digit = char::from(byte).to_digit(16)?;
        seen_digit = true;
        if mantissa < 1 << 120 {
            mantissa = mantissa << 4 | u128::from(digit);
            scale -= if seen_point { 4 } else { 0 };
        } else {
            sticky |= digit != 0;
            scale += if seen_point { 0 } else { 4 };
        }
    }
    if !seen_digit {
        return None;
    }
    let exponent = if exponent.is_empty() { 0 } else { decimal_exponent(&exponent[1..])? };
    Some(round_scaled(mantissa, sticky, scale.saturating_add(exponent)))
}

/// A decimal number with an optional sign, cut to a size that decides all the same.
fn decimal_exponent(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i64;
    for &byte in digits {
        let digit = char::from(byte).to_digit(10)?;
        value = (value * 10 + i64::from(digit)).min(1 << 58);
    }
    Some(if negative { -value } else { value })
}
