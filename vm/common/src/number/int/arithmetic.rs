//! Sums, products, quotients, powers.

use super::{Int, IntRef, bit_length, check_bits, with_big};
use crate::{Failure, Outcome};
use dashu_int::fast_div::ConstDivisor;
use dashu_int::ops::{DivRemEuclid, ExtendedGcd, Gcd, SquareRoot, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};
use std::cmp::Ordering;

const DIVISION_BY_ZERO: &str = "division by zero";

/// `a + b`.
pub fn add(a: IntRef, b: IntRef) -> Outcome<Int> {
    if let (IntRef::Small(a), IntRef::Small(b)) = (a, b) {
        return Ok(i128::from(a).wrapping_add(b.into()).into());
    }
    check_bits(bit_length(a).max(bit_length(b)) + 1)?;
    Ok(with_big(a, b, |a, b| a + b).into())
}

/// `a - b`.
pub fn sub(a: IntRef, b: IntRef) -> Outcome<Int> {
    if let (IntRef::Small(a), IntRef::Small(b)) = (a, b) {
        return Ok(i128::from(a).wrapping_sub(b.into()).into());
    }
    check_bits(bit_length(a).max(bit_length(b)) + 1)?;
    Ok(with_big(a, b, |a, b| a - b).into())
}

/// `a * b`.
pub fn mul(a: IntRef, b: IntRef) -> Outcome<Int> {
    if let (IntRef::Small(a), IntRef::Small(b)) = (a, b) {
        return Ok(i128::from(a).wrapping_mul(b.into()).into());
    }
    check_bits(bit_length(a) + bit_length(b))?;
    Ok(with_big(a, b, |a, b| a * b).into())
}

/// `-a`.
pub fn negate(a: IntRef) -> Int {
    match a {
        IntRef::Small(a) => (-i128::from(a)).into(),
        IntRef::Big(a) => (-a).into(),
    }
}

/// `abs(a)`.
pub fn absolute(a: IntRef) -> Int {
    if a.is_negative() { negate(a) } else { a.to_int() }
}

/// Quotient and remainder of machine words, the quotient rounded down; the divisor is not zero.
#[inline]
fn small_div_mod(a: i64, b: i64) -> (i128, i64) {
    let (a, b) = (i128::from(a), i128::from(b));
    let (quotient, remainder) = (a / b, a % b);
    if remainder != 0 && (remainder < 0) != (b < 0) {
        (quotient - 1, (remainder + b) as i64)
    } else {
        (quotient, remainder as i64)
    }
}

fn big_div_mod(a: &IBig, b: &IBig) -> (IBig, IBig) {
    // Euclidean division has 0 <= remainder < |b|; Python's remainder has the sign of b.
    let (quotient, remainder) = a.div_rem_euclid(b);
    let remainder = IBig::from(remainder);
    if b.sign() == Sign::Negative && !remainder.is_zero() {
        (quotient - IBig::ONE, remainder + b)
    } else {
        (quotient, remainder)
    }
}

/// `divmod(a, b)`.
pub fn div_mod(a: IntRef, b: IntRef) -> Outcome<(Int, Int)> {
    if b.is_zero() {
        return Err(Failure::zero_division(DIVISION_BY_ZERO));
    }
    if let (IntRef::Small(a), IntRef::Small(b)) = (a, b) {
        let (quotient, remainder) = small_div_mod(a, b);
        return Ok((quotient.into(), remainder.into()));
    }
    let (quotient, remainder) = with_big(a, b, big_div_mod);
    Ok((quotient.into(), remainder.into()))
}

/// `a // b`.
pub fn floor_div(a: IntRef, b: IntRef) -> Outcome<Int> {
    div_mod(a, b).map(|(quotient, _)| quotient)
}

/// `a % b`.
pub fn modulo(a: IntRef, b: IntRef) -> Outcome<Int> {
    div_mod(a, b).map(|(_, remainder)| remainder)
}

/// `base ** exponent` for an exponent that is not negative (for a negative one the caller computes with floats; here
/// it is a ValueError).
pub fn pow(base: IntRef, exponent: IntRef) -> Outcome<Int> {
    if exponent.is_negative() {
        return Err(Failure::value("negative exponent"));
    }
    match base.to_i64() {
        _ if exponent.is_zero() => return Ok(Int::Small(1)),
        Some(small @ (0 | 1)) => return Ok(Int::Small(small)),
        Some(-1) => return Ok(Int::Small(if exponent.is_odd() { -1 } else { 1 })),
        _ => {}
    }
    let exponent = exponent.to_usize().ok_or(Failure::Memory)?;
    if let (Some(base), Ok(exponent)) = (base.to_i64(), u32::try_from(exponent))
        && let Some(power) = base.checked_pow(exponent)
    {
        return Ok(Int::Small(power));
    }
    let bits = bit_length(base).checked_mul(exponent as u64).ok_or(Failure::Memory)?;
    check_bits(bits)?;
    Ok(base.to_ibig().pow(exponent).into())
}

/// `pow(base, exponent, modulus)`; a negative exponent asks for the inverse.
pub fn pow_mod(base: IntRef, exponent: IntRef, modulus: IntRef) -> Outcome<Int> {
    if modulus.is_zero() {
        return Err(Failure::value("pow() 3rd argument cannot be 0"));
    }
    let ring_size = modulus.to_ibig().unsigned_abs();
    if ring_size.is_one() {
        return Ok(Int::ZERO);
    }
    let mut base = modulo(base, IntRef::Big(&IBig::from(ring_size.clone())))?.into_ibig().unsigned_abs();
    if exponent.is_negative() {
        base = inverse(&base, &ring_size)?;
    }
    let exponent = exponent.to_ibig().unsigned_abs();
    let power = match (u64::try_from(&base), u64::try_from(&ring_size)) {
        (Ok(base), Ok(size)) if exponent.as_words().len() <= 1 => {
            let exponent = exponent.as_words().first().copied().unwrap_or(0);
            small_pow_mod(base, exponent, size).into()
        }
        _ => IBig::from(ConstDivisor::new(ring_size).reduce(base).pow(&exponent).residue()),
    };
    // The result has the sign of the modulus.
    if modulus.is_negative() && !power.is_zero() {
        return Ok((power + modulus.to_ibig()).into());
    }
    Ok(power.into())
}

fn small_pow_mod(base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let times = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(modulus)) as u64;
    let (mut square, mut power) = (base, 1 % modulus);
    while exponent != 0 {
        if exponent & 1 != 0 {
            power = times(power, square);
        }
        square = times(square, square);
        exponent >>= 1;
    }
    power
}

/// The inverse of `base` (already reduced) among the residues.
fn inverse(base: &UBig, ring_size: &UBig) -> Outcome<UBig> {
    let not_invertible = || Failure::value("base is not invertible for the given modulus");
    if base.is_zero() {
        return Err(not_invertible());
    }
    let (divisor, factor, _) = base.gcd_ext(ring_size);
    if !divisor.is_one() {
        return Err(not_invertible());
    }
    let size = IBig::from(ring_size.clone());
    Ok(big_div_mod(&factor, &size).1.unsigned_abs())
}

/// Which is larger.
#[inline]
pub fn compare(a: IntRef, b: IntRef) -> Ordering {
    match (a, b) {
        (IntRef::Small(a), IntRef::Small(b)) => a.cmp(&b),
        _ => with_big(a, b, IBig::cmp),
    }
}

/// Whether they are equal.
#[inline]
pub fn equal(a: IntRef, b: IntRef) -> bool {
    compare(a, b).is_eq()
}

/// `math.gcd(a, b)`.
pub fn gcd(a: IntRef, b: IntRef) -> Int {
    if let (IntRef::Small(a), IntRef::Small(b)) = (a, b) {
        let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        return a.into();
    }
    if a.is_zero() || b.is_zero() {
        return absolute(if a.is_zero() { b } else { a });
    }
    IBig::from(with_big(a, b, |a, b| a.gcd(b))).into()
}

/// `math.lcm(a, b)`.
pub fn lcm(a: IntRef, b: IntRef) -> Outcome<Int> {
    if a.is_zero() || b.is_zero() {
        return Ok(Int::ZERO);
    }
    let factor = floor_div(a, gcd(a, b).as_ref())?;
    Ok(absolute(mul(factor.as_ref(), b)?.as_ref()))
}

/// `math.isqrt(a)`.
pub fn isqrt(a: IntRef) -> Outcome<Int> {
    if a.is_negative() {
        return Err(Failure::value("isqrt() argument must be nonnegative"));
    }
    Ok(match a {
        IntRef::Small(a) => Int::Small(a.isqrt()),
        IntRef::Big(a) => IBig::from(a.unsigned_abs().sqrt()).into(),
    })
}

/// `round(a, digits)`: to a multiple of `10 ** -digits`, ties to the even one.
pub fn round(a: IntRef, digits: IntRef) -> Outcome<Int> {
    if !digits.is_negative() {
        return Ok(a.to_int());
    }
    let places = negate(digits);
    // Half of 10 ** places is more than |a| already if 10 ** places has two bits more.
    let places = match places.as_ref().to_u64() {
        Some(places) if places.saturating_mul(3) <= bit_length(a) + 4 => places,
        _ => return Ok(Int::ZERO),
    };
    let unit = pow(IntRef::Small(10), IntRef::Small(places as i64))?;
    let (quotient, remainder) = div_mod(a, unit.as_ref())?;
    let up = match compare(add(remainder.as_ref(), remainder.as_ref())?.as_ref(), unit.as_ref()) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => quotient.as_ref().is_odd(),
    };
    let base = sub(a, remainder.as_ref())?;
    if up { add(base.as_ref(), unit.as_ref()) } else { Ok(base) }
}

#[cfg(test)]
mod tests {
    use super::super::{parse, to_string};
    use super::*;
    use crate::wtf8::Wtf8;

    fn int(text: &str) -> Int {
        parse(Wtf8::new(text), 10, 0).unwrap()
    }

    fn text(value: &Int) -> String {
        to_string(value.as_ref(), 0).unwrap()
    }

    const BIG: &str = "1000000000000000000000000000000";

    #[test]
    fn sums_grow_and_shrink() {
        assert_eq!(text(&add(i64::MAX.into(), 1.into()).unwrap()), "9223372036854775808");
        assert_eq!(sub(int("9223372036854775808").as_ref(), 1.into()), Ok(Int::Small(i64::MAX)));
        assert_eq!(text(&mul(i64::MIN.into(), (-1).into()).unwrap()), "9223372036854775808");
        assert_eq!(text(&negate(i64::MIN.into())), "9223372036854775808");
        assert_eq!(absolute(int("-9223372036854775808").as_ref()), int("9223372036854775808"));
    }

    #[test]
    fn division_rounds_down() {
        for (a, b, quotient, remainder) in
            [(7, 2, 3, 1), (-7, 2, -4, 1), (7, -2, -4, -1), (-7, -2, 3, -1), (6, -3, -2, 0)]
        {
            let expected = (Int::Small(quotient), Int::Small(remainder));
            assert_eq!(div_mod(a.into(), b.into()), Ok(expected.clone()));
            let (a, b) = (IBig::from(a), IBig::from(b));
            assert_eq!(div_mod((&a).into(), (&b).into()), Ok(expected));
        }
        assert_eq!(text(&floor_div(i64::MIN.into(), (-1).into()).unwrap()), "9223372036854775808");
        let (quotient, remainder) =
            div_mod(int("-1000000000000000000000000000001").as_ref(), int("7000000000000000000000").as_ref()).unwrap();
        assert_eq!((text(&quotient).as_str(), text(&remainder).as_str()), ("-142857143", "999999999999999999999"));
        assert_eq!(modulo(1.into(), 0.into()), Err(Failure::zero_division("division by zero")));
    }

    #[test]
    fn powers() {
        assert_eq!(text(&pow(10.into(), 30.into()).unwrap()), BIG);
        assert_eq!(pow((-3).into(), 3.into()), Ok(Int::Small(-27)));
        assert_eq!(pow((-1).into(), int(BIG).as_ref()), Ok(Int::Small(1)));
        assert_eq!(pow(0.into(), 0.into()), Ok(Int::Small(1)));
        assert_eq!(pow(2.into(), int(BIG).as_ref()), Err(Failure::Memory));
        assert_eq!(pow(3.into(), (1i64 << 50).into()), Err(Failure::Memory));
    }

    #[test]
    fn modular_powers() {
        for (base, exponent, modulus, power) in
            [(3, -2, 7, 4), (3, 5, -7, -2), (5, 0, 1, 0), (5, -1, 1, 0), (5, 3, -1, 0), (-2, 3, 5, 2), (2, 0, 5, 1)]
        {
            assert_eq!(pow_mod(base.into(), exponent.into(), modulus.into()), Ok(Int::Small(power)));
        }
        let not_invertible = Err(Failure::value("base is not invertible for the given modulus"));
        assert_eq!(pow_mod(2.into(), (-1).into(), 4.into()), not_invertible);
        assert_eq!(pow_mod(0.into(), (-1).into(), 7.into()), not_invertible);
        assert_eq!(pow_mod(2.into(), 1.into(), 0.into()), Err(Failure::value("pow() 3rd argument cannot be 0")));
        let power = pow_mod(3.into(), int(BIG).as_ref(), int("1000000000000000000000000000057").as_ref()).unwrap();
        assert_eq!(text(&power), "269212275666402027649700328776");
        let power = pow_mod(3.into(), (-5).into(), int("-1000000000000000000000000000057").as_ref()).unwrap();
        assert_eq!(text(&power), "-917695473251028806584362139970");
    }

    #[test]
    fn divisors_and_roots() {
        assert_eq!(gcd((-12).into(), 18.into()), Int::Small(6));
        assert_eq!(gcd(i64::MIN.into(), 0.into()), int("9223372036854775808"));
        assert_eq!(gcd(int(BIG).as_ref(), int("-15000000000000000000000").as_ref()), int("5000000000000000000000"));
        assert_eq!(lcm((-4).into(), 6.into()), Ok(Int::Small(12)));
        assert_eq!(isqrt(int(BIG).as_ref()), Ok(Int::Small(1_000_000_000_000_000)));
        assert_eq!(isqrt(99.into()), Ok(Int::Small(9)));
        assert_eq!(isqrt((-1).into()), Err(Failure::value("isqrt() argument must be nonnegative")));
    }

    #[test]
    fn rounding() {
        let ten = |a: i64, digits: i64| round(a.into(), digits.into()).unwrap();
        for (a, digits, rounded) in [
            (15, -1, 20),
            (25, -1, 20),
            (-15, -1, -20),
            (-25, -1, -20),
            (26, -1, 30),
            (5, -1, 0),
            (6, -1, 10),
            (-5, -1, 0),
            (51, -2, 100),
            (50, -2, 0),
            (4, -1_000_000_000, 0),
            (123, 5, 123),
            (i64::MAX, -19, 10_000_000_000_000_000),
        ] {
            if digits != -19 {
                assert_eq!(ten(a, digits), Int::Small(rounded), "{a} {digits}");
            }
        }
        assert_eq!(text(&ten(i64::MAX, -19)), "10000000000000000000");
        assert_eq!(ten(4_999_999_999_999_999_999, -19), Int::ZERO);
    }
}
