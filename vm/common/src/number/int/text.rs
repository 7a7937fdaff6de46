//! Between ints and text.

use super::{Int, IntRef, bit_length};
use crate::failure::reserve;
use crate::quote::{repr_bytes, repr_str};
use crate::unicode;
use crate::wtf8::Wtf8;
use crate::{Failure, Outcome};
use dashu_int::fmt::InRadix;
use dashu_int::ops::UnsignedAbs;
use dashu_int::{IBig, Sign, UBig};

/// Texts up to this many digits are never refused.
const ALWAYS_ALLOWED: usize = 640;

/// As `int(text, base)`; the base is 0 or 2 to 36. `max_digits` (0: none) is the limit for bases that are no power of
/// two.
pub fn parse(text: &Wtf8, base: u32, max_digits: usize) -> Outcome<Int> {
    check_base(base)?;
    let parsed = if text.is_ascii() {
        parse_ascii(text.as_bytes(), base, max_digits, true)?
    } else {
        parse_ascii(&to_ascii(text)?, base, max_digits, true)?
    };
    match parsed {
        Some(value) => Ok(value),
        None => {
            let shown = repr_str(text)?;
            let end = shown.byte_offset(200);
            Err(invalid(base, &shown.slice(0..end).to_string_lossy()))
        }
    }
}

/// As `int(bytes, base)`.
pub fn parse_bytes(text: &[u8], base: u32, max_digits: usize) -> Outcome<Int> {
    check_base(base)?;
    match parse_ascii(text, base, max_digits, false)? {
        Some(value) => Ok(value),
        None => {
            let shown = repr_bytes(text)?;
            Err(invalid(base, &shown[..shown.len().min(200)]))
        }
    }
}

fn check_base(base: u32) -> Outcome<()> {
    if base == 0 || (2..=36).contains(&base) {
        return Ok(());
    }
    Err(Failure::value("int() base must be >= 2 and <= 36, or 0"))
}

fn invalid(base: u32, shown: &str) -> Failure {
    Failure::value(format!("invalid literal for int() with base {base}: {shown}"))
}

/// The text with decimal digits and white space of all scripts as ASCII; `?` for what else is beyond ASCII.
pub(crate) fn to_ascii(text: &Wtf8) -> Outcome<Vec<u8>> {
    let mut out = reserve(text.len())?;
    out.extend(text.code_points().map(|point| match point {
        0..0x80 => point as u8,
        _ if unicode::is_space(point) => b' ',
        _ => unicode::decimal_value(point).map_or(b'?', |digit| b'0' + digit),
    }));
    Ok(out)
}

/// Without white space at both ends. The separators FS to US are white space in str only.
pub(crate) fn trim(text: &[u8], separators: bool) -> &[u8] {
    let space = |byte: &u8| matches!(byte, 0x09..=0x0D | b' ') || (separators && matches!(byte, 0x1C..=0x1F));
    let start = text.iter().position(|byte| !space(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

/// `None` if this is no literal.
fn parse_ascii(text: &[u8], base: u32, max_digits: usize, separators: bool) -> Outcome<Option<Int>> {
    let text = trim(text, separators);
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if let Some(value) = parse_short(text, base) {
        return Ok(Some(Int::Small(if negative { -value } else { value })));
    }
    let (base, digits, zero_only) = split_prefix(text, base);
    let Some(digits) = plain_digits(digits, base) else {
        return Ok(None);
    };
    if zero_only && digits.bytes().any(|digit| digit != b'0') {
        return Ok(None);
    }
    let is_over = max_digits > 0 && digits.len() > ALWAYS_ALLOWED && digits.len() > max_digits;
    if is_over && !base.is_power_of_two() {
        return Err(Failure::value(format!(
            "Exceeds the limit ({max_digits} digits) for integer string conversion: value has {} digits; \
             use sys.set_int_max_str_digits() to increase the limit",
            digits.len()
        )));
    }
    let Ok(magnitude) = UBig::from_str_radix(&digits, base) else {
        return Ok(None);
    };
    let sign = if negative { Sign::Negative } else { Sign::Positive };
    Ok(Some(IBig::from_parts(sign, magnitude).into()))
}

/// Up to 18 plain decimal digits, which is nearly all there is.
#[inline]
fn parse_short(digits: &[u8], base: u32) -> Option<i64> {
    if base != 10 || digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value = 0;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(value)
}

/// Takes a prefix off: the base that holds, what follows, and whether only zeros may follow.
fn split_prefix(text: &[u8], base: u32) -> (u32, &[u8], bool) {
    let (prefix_base, rest) = match text {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        _ => (0, text),
    };
    if prefix_base != 0 && (base == 0 || base == prefix_base) {
        // One underscore may follow a prefix.
        return (prefix_base, rest.strip_prefix(b"_").unwrap_or(rest), false);
    }
    if base == 0 {
        return (10, text, text.first() == Some(&b'0'));
    }
    (base, text, false)
}

/// The digits without underscores; `None` unless they are digits of the base with single underscores between.
fn plain_digits(text: &[u8], base: u32) -> Option<String> {
    let mut digits = String::with_capacity(text.len());
    let mut after_digit = false;
    for &byte in text {
        if byte == b'_' && after_digit {
            after_digit = false;
            continue;
        }
        char::from(byte).to_digit(base)?;
        digits.push(byte.into());
        after_digit = true;
    }
    after_digit.then_some(digits)
}

/// Whether the decimal text has more than `max_digits` digits for sure, told from the size alone.
fn is_surely_over(bits: u64, max_digits: usize) -> bool {
    // A number of so many bits has at least this many digits but one.
    let digits = bits as f64 * std::f64::consts::LOG10_2;
    max_digits > 0 && digits > max_digits as f64 + 2.0
}

fn over_limit(max_digits: usize) -> Failure {
    Failure::value(format!(
        "Exceeds the limit ({max_digits} digits) for integer string conversion; \
         use sys.set_int_max_str_digits() to increase the limit"
    ))
}

/// Whether `str(a)` is refused.
pub fn is_over_limit(a: IntRef, max_digits: usize) -> bool {
    is_surely_over(bit_length(a), max_digits) || to_string(a, max_digits).is_err()
}

/// As `str(a)`, for at most `max_digits` digits (0: no limit).
pub fn to_string(a: IntRef, max_digits: usize) -> Outcome<String> {
    let big = match a {
        IntRef::Small(small) => return Ok(small.to_string()),
        IntRef::Big(big) => big,
    };
    let bits = bit_length(a);
    if is_surely_over(bits, max_digits) {
        return Err(over_limit(max_digits));
    }
    reserve((bits / 2) as usize)?;
    let text = big.to_string();
    let digits = text.len() - usize::from(a.is_negative());
    if max_digits > 0 && digits > ALWAYS_ALLOWED && digits > max_digits {
        return Err(over_limit(max_digits));
    }
    Ok(text)
}

/// Appends the decimal text of a small int.
pub fn push_decimal(out: &mut Vec<u8>, value: i64) {
    let mut buffer = [0; 20];
    let mut at = buffer.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&buffer[at..]);
}

/// In base 2, 8, 10 or 16 (lower case); with the prefix that `bin`, `oct` and `hex` put.
pub fn to_string_radix(a: IntRef, base: u32, prefix: bool) -> Outcome<String> {
    let bits = bit_length(a);
    reserve(usize::try_from(bits).map_err(|_| Failure::Memory)?)?;
    let digits = match a {
        IntRef::Small(small) => {
            let magnitude = small.unsigned_abs();
            match base {
                2 => format!("{magnitude:b}"),
                8 => format!("{magnitude:o}"),
                16 => format!("{magnitude:x}"),
                _ => magnitude.to_string(),
            }
        }
        IntRef::Big(big) => radix_digits(&big.unsigned_abs(), base),
    };
    let sign = if a.is_negative() { "-" } else { "" };
    let prefix = match base {
        2 if prefix => "0b",
        8 if prefix => "0o",
        16 if prefix => "0x",
        _ => "",
    };
    Ok(format!("{sign}{prefix}{digits}"))
}

fn radix_digits(magnitude: &UBig, base: u32) -> String {
    let in_radix: InRadix<'_> = magnitude.in_radix(base.clamp(2, 36) as u8);
    in_radix.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(text: &str, base: u32) -> Option<i64> {
        match parse(Wtf8::new(text), base, 4300) {
            Ok(Int::Small(value)) => Some(value),
            _ => None,
        }
    }

    fn message(text: &str, base: u32) -> String {
        parse(Wtf8::new(text), base, 4300).unwrap_err().message().to_owned()
    }

    #[test]
    fn literals() {
        for (text, base, value) in [
            (" +1 ", 10, 1),
            ("-12", 10, -12),
            ("1_000", 10, 1000),
            ("0x1F", 16, 31),
            ("0x1F", 0, 31),
            ("0x_1F", 0, 31),
            ("00", 0, 0),
            ("0_0", 0, 0),
            ("-0b1", 0, -1),
            ("0b1", 2, 1),
            ("0b1", 36, 397),
            ("٣٤", 10, 34),
            ("\u{3000}7\x1f", 10, 7),
            ("zZ", 36, 1295),
            ("-9223372036854775808", 10, i64::MIN),
            ("0o17", 0, 15),
            ("1_0", 2, 2),
        ] {
            assert_eq!(small(text, base), Some(value), "{text}");
        }
        for (text, base) in [
            ("", 10),
            (" ", 10),
            ("_1", 10),
            ("1__1", 10),
            ("1_", 10),
            ("0x", 16),
            ("010", 0),
            (" + 1", 10),
            ("+-1", 10),
            ("1\0", 10),
            ("2", 2),
            ("0x__1", 0),
            ("é", 10),
            ("0_1", 0),
            ("0b2", 0),
            ("12345678901234567890x", 10),
        ] {
            assert_eq!(small(text, base), None, "{text}");
        }
    }

    #[test]
    fn messages() {
        assert_eq!(message("1__1", 10), "invalid literal for int() with base 10: '1__1'");
        assert_eq!(message("010", 0), "invalid literal for int() with base 0: '010'");
        assert_eq!(message("1", 37), "int() base must be >= 2 and <= 36, or 0");
        assert_eq!(
            message(&"é".repeat(300), 10),
            format!("invalid literal for int() with base 10: '{}", "é".repeat(199))
        );
        let bytes = parse_bytes(b"\xff", 10, 0).unwrap_err();
        assert_eq!(bytes.message(), "invalid literal for int() with base 10: b'\\xff'");
        assert_eq!(parse_bytes(b" 12 ", 10, 0), Ok(Int::Small(12)));
        assert!(parse_bytes(b"1\x1f", 10, 0).is_err());
    }

    #[test]
    fn limits() {
        let zeros = "0".repeat(4000) + &"1".repeat(500);
        assert_eq!(
            message(&zeros, 10),
            "Exceeds the limit (4300 digits) for integer string conversion: value has 4500 digits; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        assert!(parse(Wtf8::new(&"f".repeat(5000)), 16, 4300).is_ok());
        let big = IBig::from(10).pow(4300);
        let refused = to_string((&big).into(), 4300).unwrap_err();
        assert_eq!(
            refused.message(),
            "Exceeds the limit (4300 digits) for integer string conversion; \
             use sys.set_int_max_str_digits() to increase the limit"
        );
        assert_eq!(to_string((&big).into(), 0).unwrap().len(), 4301);
        assert_eq!(to_string((&-IBig::from(10).pow(4299)).into(), 4300).unwrap().len(), 4301);
        assert!(to_string((&IBig::from(10).pow(100_000)).into(), 4300).is_err());
    }

    #[test]
    fn radixes() {
        assert_eq!(to_string_radix((-10).into(), 2, true).unwrap(), "-0b1010");
        assert_eq!(to_string_radix(0.into(), 16, true).unwrap(), "0x0");
        assert_eq!(to_string_radix(8.into(), 8, false).unwrap(), "10");
        let big = -(IBig::ONE << 70);
        assert_eq!(to_string_radix((&big).into(), 16, true).unwrap(), "-0x400000000000000000");
        let mut out = Vec::new();
        push_decimal(&mut out, i64::MIN);
        push_decimal(&mut out, 0);
        assert_eq!(out, b"-92233720368547758080");
    }
}
