//! Complex numbers, with the rules of C's Annex G for infinities.

use crate::failure::reserve;
use crate::number::float::{Flags, format, parse_plain, without_underscores};
use crate::number::int::{to_ascii, trim};
use crate::wtf8::Wtf8;
use crate::{Failure, Outcome};

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

impl Complex {
    /// From its parts.
    pub const fn new(re: f64, im: f64) -> Self {
        Complex { re, im }
    }

    fn is_nan(self) -> bool {
        self.re.is_nan() && self.im.is_nan()
    }

    fn is_infinite(self) -> bool {
        self.re.is_infinite() || self.im.is_infinite()
    }

    fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    /// ±1 for infinite parts, ±0 for others.
    fn direction(self) -> Complex {
        let unit = |part: f64| f64::from(u8::from(part.is_infinite())).copysign(part);
        Complex::new(unit(self.re), unit(self.im))
    }
}

/// As `repr(z)`.
pub fn repr(z: Complex) -> String {
    let part = |x, sign| format(x, b'r', 0, Flags { sign, ..Flags::default() }).unwrap_or_default();
    if z.re == 0.0 && z.re.is_sign_positive() {
        return part(z.im, false) + "j";
    }
    format!("({}{}j)", part(z.re, false), part(z.im, true))
}

/// As `complex(text)`.
pub fn parse(text: &Wtf8) -> Outcome<Complex> {
    let ascii = if text.is_ascii() {
        let mut ascii = reserve(text.len())?;
        ascii.extend_from_slice(text.as_bytes());
        ascii
    } else {
        to_ascii(text)?
    };
    let plain = without_underscores(trim(&ascii, true));
    plain.and_then(|plain| parse_trimmed(&plain)).ok_or_else(|| Failure::value("complex() arg is a malformed string"))
}

fn parse_trimmed(text: &[u8]) -> Option<Complex> {
    let text = match text {
        [b'(', inner @ .., b')'] => trim(inner, true),
        _ => text,
    };
    let (first, rest) = match parse_plain(text) {
        Some((value, length)) => (value, &text[length..]),
        // `j` and `-j` are short for `1j` and `-1j`.
        None => return unit(text).map(|im| Complex::new(0.0, im)),
    };
    match rest {
        [] => Some(Complex::new(first, 0.0)),
        [b'j' | b'J'] => Some(Complex::new(0.0, first)),
        [b'+' | b'-', ..] => {
            let im = match parse_plain(rest) {
                Some((value, length)) => matches!(rest[length..], [b'j' | b'J']).then_some(value)?,
                None => unit(rest)?,
            };
            Some(Complex::new(first, im))
        }
        _ => None,
    }
}

fn unit(text: &[u8]) -> Option<f64> {
    match text {
        [b'j' | b'J'] | [b'+', b'j' | b'J'] => Some(1.0),
        [b'-', b'j' | b'J'] => Some(-1.0),
        _ => None,
    }
}

fn zero_if_nan(x: f64) -> f64 {
    if x.is_nan() { 0.0f64.copysign(x) } else { x }
}

/// `a * b`.
pub fn mul(a: Complex, b: Complex) -> Complex {
    let products = [a.re * b.re, a.im * b.im, a.re * b.im, a.im * b.re];
    let result = Complex::new(products[0] - products[1], products[2] + products[3]);
    if !result.is_nan() {
        return result;
    }
    let clean = |z: Complex| Complex::new(zero_if_nan(z.re), zero_if_nan(z.im));
    let (mut x, mut y) = (a, b);
    let mut infinite = false;
    if x.is_infinite() {
        (x, y) = (x.direction(), clean(y));
        infinite = true;
    }
    if y.is_infinite() {
        (x, y) = (clean(x), y.direction());
        infinite = true;
    }
    if !infinite && products.iter().any(|product| product.is_infinite()) {
        (x, y) = (clean(x), clean(y));
        infinite = true;
    }
    if !infinite {
        return result;
    }
    Complex::new(f64::INFINITY * (x.re * y.re - x.im * y.im), f64::INFINITY * (x.re * y.im + x.im * y.re))
}

/// `a * b` with a real `b`.
pub fn mul_real(a: Complex, b: f64) -> Complex {
    Complex::new(a.re * b, a.im * b)
}

/// `a / b`.
pub fn div(a: Complex, b: Complex) -> Outcome<Complex> {
    if b.re == 0.0 && b.im == 0.0 {
        return Err(Failure::zero_division("division by zero"));
    }
    let result = smith(a, b);
    if !result.is_nan() {
        return Ok(result);
    }
    if a.is_infinite() && b.is_finite() {
        let a = a.direction();
        let re = f64::INFINITY * (a.re * b.re + a.im * b.im);
        return Ok(Complex::new(re, f64::INFINITY * (a.im * b.re - a.re * b.im)));
    }
    if b.is_infinite() && a.is_finite() {
        let b = b.direction();
        return Ok(Complex::new(0.0 * (a.re * b.re + a.im * b.im), 0.0 * (a.im * b.re - a.re * b.im)));
    }
    Ok(result)
}

/// Smith's method: scaled by the larger part of the divisor, so that nothing overflows early.
fn smith(a: Complex, b: Complex) -> Complex {
    if b.re.abs() >= b.im.abs() {
        let ratio = b.im / b.re;
        let divisor = b.re + b.im * ratio;
        Complex::new((a.re + a.im * ratio) / divisor, (a.im - a.re * ratio) / divisor)
    } else if b.im.abs() >= b.re.abs() {
        let ratio = b.re / b.im;
        let divisor = b.re * ratio + b.im;
        Complex::new((a.re * ratio + a.im) / divisor, (a.im * ratio - a.re) / divisor)
    } else {
        Complex::new(f64::NAN, f64::NAN)
    }
}

/// `a / b` with a real `b`.
pub fn div_by_real(a: Complex, b: f64) -> Outcome<Complex> {
    if b == 0.0 {
        return Err(Failure::zero_division("division by zero"));
    }
    Ok(Complex::new(a.re / b, a.im / b))
}

/// `a / b` with a real `a`.
pub fn div_real(a: f64, b: Complex) -> Outcome<Complex> {
    if b.re == 0.0 && b.im == 0.0 {
        return Err(Failure::zero_division("division by zero"));
    }
    let result = if b.re.abs() >= b.im.abs() {
        let ratio = b.im / b.re;
        let divisor = b.re + b.im * ratio;
        Complex::new(a / divisor, -a * ratio / divisor)
    } else if b.im.abs() >= b.re.abs() {
        let ratio = b.re / b.im;
        let divisor = b.re * ratio + b.im;
        Complex::new(a * ratio / divisor, -a / divisor)
    } else {
        Complex::new(f64::NAN, f64::NAN)
    };
    if result.is_nan() && a.is_finite() && b.is_infinite() {
        let b = b.direction();
        return Ok(Complex::new(0.0 * (a * b.re), 0.0 * (-a * b.im)));
    }
    Ok(result)
}

/// `a ** b`.
pub fn pow(a: Complex, b: Complex) -> Outcome<Complex> {
    let is_small_int = b.im == 0.0 && b.re == b.re.floor() && b.re.abs() <= 100.0;
    let result = if is_small_int { int_power(a, b.re as i32) } else { general_power(a, b) };
    let result = result.map_err(|_| Failure::zero_division("zero to a negative or complex power"))?;
    if result.is_infinite() {
        return Err(Failure::overflow("complex exponentiation"));
    }
    Ok(result)
}

fn int_power(a: Complex, exponent: i32) -> Outcome<Complex> {
    let mut power = Complex::new(1.0, 0.0);
    let mut square = a;
    let mut rest = exponent.unsigned_abs();
    while rest != 0 {
        if rest & 1 != 0 {
            power = mul(power, square);
        }
        rest >>= 1;
        square = mul(square, square);
    }
    if exponent < 0 { div(Complex::new(1.0, 0.0), power) } else { Ok(power) }
}

fn general_power(a: Complex, b: Complex) -> Outcome<Complex> {
    if a.re == 0.0 && a.im == 0.0 {
        if b.im != 0.0 || b.re < 0.0 {
            return Err(Failure::zero_division("0.0 to a negative or complex power"));
        }
        return Ok(Complex::new(0.0, 0.0));
    }
    let size = a.re.hypot(a.im);
    let angle = a.im.atan2(a.re);
    let mut length = size.powf(b.re);
    let mut phase = angle * b.re;
    if b.im != 0.0 {
        length *= (-angle * b.im).exp();
        phase += b.im * size.ln();
    }
    Ok(Complex::new(length * phase.cos(), length * phase.sin()))
}

/// `abs(a)`.
pub fn abs(a: Complex) -> Outcome<f64> {
    let size = a.re.hypot(a.im);
    if size.is_infinite() && a.is_finite() {
        return Err(Failure::overflow("absolute value too large"));
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        parse(Wtf8::new(text)).ok().map(repr)
    }

    #[test]
    fn texts() {
        for (text, shown) in [
            ("1+2j", "(1+2j)"),
            (" ( 1-2J ) ", "(1-2j)"),
            ("j", "1j"),
            ("-j", "-1j"),
            ("1e5+infj", "(100000+infj)"),
            ("nan+nanj", "(nan+nanj)"),
            ("1_0+1_0j", "(10+10j)"),
            ("infj", "infj"),
            ("٣j", "3j"),
            ("1+j", "(1+1j)"),
            ("1e16j", "1e+16j"),
            ("-0.0-1j", "(-0-1j)"),
            ("1-0j", "(1-0j)"),
            ("1.5", "(1.5+0j)"),
            ("0", "0j"),
        ] {
            assert_eq!(read(text).as_deref(), Some(shown), "{text}");
        }
        for text in ["", "1+2", "1 +2j", "(1+2j", "1j+2", "+-1j", "1\0", "1++2j", "1.5e", "()", "1+2jj"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic() {
        let (a, b) = (Complex::new(1.0, 2.0), Complex::new(3.0, 4.0));
        assert_eq!(mul(a, b), Complex::new(-5.0, 10.0));
        assert_eq!(div(a, b), Ok(Complex::new(0.44, 0.08)));
        assert_eq!(div_real(1.0, b), Ok(Complex::new(0.12, -0.16)));
        assert_eq!(pow(a, Complex::new(2.0, 0.0)), Ok(Complex::new(-3.0, 4.0)));
        assert_eq!(pow(a, Complex::new(0.5, 0.0)), Ok(Complex::new(1.272019649514069, 0.7861513777574233)));
        assert_eq!(pow(a, Complex::new(100.0, 0.0)), Ok(Complex::new(-6.443164690985892e34, -6.113241307762508e34)));
        assert_eq!(pow(a, Complex::new(101.0, 0.0)), Ok(Complex::new(5.783317924538885e34, -1.8999570689734468e35)));
        let zero = Complex::new(0.0, 0.0);
        let message = "zero to a negative or complex power";
        assert_eq!(pow(zero, Complex::new(-1.0, 0.0)), Err(Failure::zero_division(message)));
        assert_eq!(pow(zero, Complex::new(0.0, 1.0)), Err(Failure::zero_division(message)));
        assert_eq!(
            pow(Complex::new(1e200, 1.0), Complex::new(2.0, 0.0)),
            Err(Failure::overflow("complex exponentiation"))
        );
        assert_eq!(div(a, zero), Err(Failure::zero_division("division by zero")));
        assert_eq!(abs(Complex::new(1e308, 1e308)), Ok(1.4142135623730951e308));
        let odd = mul(Complex::new(f64::INFINITY, f64::NAN), Complex::new(0.0, 1.0));
        assert!(odd.re.is_nan() && odd.im == f64::INFINITY);
    }
}
