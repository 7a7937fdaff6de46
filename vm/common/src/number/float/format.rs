//! Floats as text: the shortest that reads back, or rounded exactly to a precision.

use crate::failure::reserve;
use crate::{Failure, Outcome};

/// No float has more digits than this after the point, and none more significant ones; what is asked for beyond is
/// zeros. It also keeps below the limit of Rust's formatting.
const MOST_DIGITS: usize = 1100;

/// How [`format`] writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// A `+` before numbers that are not negative.
    pub sign: bool,
    /// A point even without digits behind it; 'g' keeps its zeros.
    pub alternate: bool,
    /// `.0` behind what would look like an int ('r' and 'g').
    pub add_dot_zero: bool,
    /// No minus before what rounds to zero.
    pub no_negative_zero: bool,
}

/// Digits without a point, the first not 0 unless the number is; the value is `0.DIGITS * 10 ** point`.
struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

/// Reads what Rust writes for `{:e}`: `D[.DDD]e[-]X`.
fn from_scientific(text: &str) -> Decimal {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    Decimal { digits, point: exponent.parse().unwrap_or(0) + 1 }
}

/// The shortest digits that read back, of a number that is finite and not zero.
fn shortest(x: f64) -> Decimal {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(x).as_bytes();
    // Either `DDD.DDD` or `D.DDDe[-]XX`, with an optional point.
    let mut digits = Vec::with_capacity(20);
    let mut point = None;
    let mut exponent = 0;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'.' => point = Some(digits.len() as i32),
            b'e' => {
                exponent = std::str::from_utf8(&text[at + 1..]).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
                break;
            }
            _ => digits.push(byte),
        }
    }
    let mut point = point.unwrap_or(digits.len() as i32) + exponent;
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    digits.drain(..zeros);
    point -= zeros as i32;
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    Decimal { digits, point }
}

/// As `repr(x)`.
pub fn repr(x: f64) -> String {
    let mut out = Vec::with_capacity(24);
    push_repr(&mut out, x);
    string(out)
}

/// Appends `repr(x)`.
pub fn push_repr(out: &mut Vec<u8>, x: f64) {
    if x.is_sign_negative() && !x.is_nan() {
        out.push(b'-');
    }
    let magnitude = x.abs();
    if magnitude.is_nan() {
        out.extend(b"nan");
    } else if magnitude.is_infinite() {
        out.extend(b"inf");
    } else if magnitude == 0.0 {
        out.extend(b"0.0");
    } else {
        push_shortest(out, &shortest(magnitude), Flags { add_dot_zero: true, ..Flags::default() }, b'e');
    }
}

/// Fixed notation for 1e-4 to 1e16, else with an exponent.
fn push_shortest(out: &mut Vec<u8>, decimal: &Decimal, flags: Flags, letter: u8) {
    if -4 < decimal.point && decimal.point <= 16 {
        let decimals = (decimal.digits.len() as i32 - decimal.point).max(0) as usize;
        push_fixed(out, decimal, decimals, flags);
    } else {
        push_exponent(out, decimal, decimal.digits.len(), flags.alternate, letter);
    }
}

/// `decimals` digits behind the point, zeros where the decimal has none.
fn push_fixed(out: &mut Vec<u8>, decimal: &Decimal, decimals: usize, flags: Flags) {
    let digit = |place: i64| usize::try_from(place).ok().and_then(|at| decimal.digits.get(at)).copied().unwrap_or(b'0');
    let whole = i64::from(decimal.point);
    if whole <= 0 {
        out.push(b'0');
    }
    out.extend((0..whole).map(digit));
    if decimals > 0 {
        out.push(b'.');
        out.extend((whole..whole + decimals as i64).map(digit));
    } else if flags.add_dot_zero {
        out.extend(b".0");
    } else if flags.alternate {
        out.push(b'.');
    }
}

/// `count` digits, the point behind the first, and the exponent.
fn push_exponent(out: &mut Vec<u8>, decimal: &Decimal, count: usize, alternate: bool, letter: u8) {
    let digit = |at: usize| decimal.digits.get(at).copied().unwrap_or(b'0');
    out.push(digit(0));
    if count > 1 {
        out.push(b'.');
        out.extend((1..count).map(digit));
    } else if alternate {
        out.push(b'.');
    }
    let exponent = decimal.point - 1;
    out.extend([letter, if exponent < 0 { b'-' } else { b'+' }]);
    out.extend(format!("{:02}", exponent.unsigned_abs()).bytes());
}

/// Formats by a conversion of C ('e', 'f', 'g', upper or lower case) to a precision, or by 'r' as repr does (the
/// precision is then ignored). Rounding is exact, ties to even.
pub fn format(x: f64, conversion: u8, precision: usize, flags: Flags) -> Outcome<String> {
    let upper = conversion.is_ascii_uppercase();
    let mut body = reserve(precision.checked_add(400).ok_or(Failure::Memory)?)?;
    let magnitude = x.abs();
    let mut negative = x.is_sign_negative() && !x.is_nan();
    if magnitude.is_nan() {
        body.extend(b"nan");
    } else if magnitude.is_infinite() {
        body.extend(b"inf");
    } else {
        push_finite(&mut body, magnitude, conversion.to_ascii_lowercase(), precision, flags);
        if negative && flags.no_negative_zero {
            let mantissa = body.iter().take_while(|byte| **byte != b'e');
            negative = mantissa.filter(|byte| byte.is_ascii_digit()).any(|&digit| digit != b'0');
        }
    }
    if upper {
        body.make_ascii_uppercase();
    }
    if negative {
        body.insert(0, b'-');
    } else if flags.sign {
        body.insert(0, b'+');
    }
    Ok(string(body))
}

fn push_finite(out: &mut Vec<u8>, x: f64, conversion: u8, precision: usize, flags: Flags) {
    match conversion {
        b'f' => {
            let known = precision.min(MOST_DIGITS);
            out.extend(format!("{x:.known$}").bytes());
            out.resize(out.len() + (precision - known), b'0');
            if precision == 0 && flags.alternate {
                out.push(b'.');
            }
        }
        b'e' => {
            let decimal = rounded(x, precision.saturating_add(1));
            push_exponent(out, &decimal, precision.saturating_add(1), flags.alternate, b'e');
        }
        b'g' => push_general(out, x, precision.max(1), flags),
        _ if x == 0.0 => push_fixed(out, &Decimal { digits: Vec::new(), point: 0 }, 0, flags),
        _ => push_shortest(out, &shortest(x), flags, b'e'),
    }
}

/// Rounded to so many significant digits (or as many as there can be).
fn rounded(x: f64, count: usize) -> Decimal {
    let decimals = count.min(MOST_DIGITS) - 1;
    from_scientific(&format!("{x:.decimals$e}"))
}

/// `count` significant digits, without zeros at the end unless `alternate`, in the notation that fits.
fn push_general(out: &mut Vec<u8>, x: f64, count: usize, flags: Flags) {
    let mut decimal = rounded(x, count);
    let mut kept = count;
    if !flags.alternate {
        while decimal.digits.len() > 1 && decimal.digits.last() == Some(&b'0') {
            decimal.digits.pop();
        }
        kept = decimal.digits.len();
    }
    let exponent = i64::from(decimal.point) - 1;
    // Where repr would: add_dot_zero moves the boundary down, so that all digits before the point are real ones.
    let limit = if flags.add_dot_zero { count.saturating_sub(1) } else { count };
    if -4 <= exponent && (exponent < 0 || (exponent as usize) < limit) {
        let decimals = (kept as i64 - i64::from(decimal.point)).max(0) as usize;
        push_fixed(out, &decimal, decimals, flags);
    } else {
        push_exponent(out, &decimal, kept, flags.alternate, b'e');
    }
}

/// What was written byte by byte in ASCII.
fn string(ascii: Vec<u8>) -> String {
    String::from_utf8(ascii).unwrap_or_default()
}
