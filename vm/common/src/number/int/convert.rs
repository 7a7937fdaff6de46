//! Between ints and floats: exact where possible, else correctly rounded, ties to even.

use super::{Int, IntRef, bit_length, with_big};
use crate::number::float::round_scaled;
use crate::{Failure, Outcome};
use dashu_int::ops::{DivRem, UnsignedAbs};
use dashu_int::{IBig, Sign, UBig};
use std::cmp::Ordering;

/// Ints up to this magnitude are floats exactly.
const EXACT: u64 = 1 << 53;

/// `float(a)`.
pub fn to_f64(a: IntRef) -> Outcome<f64> {
    match a {
        IntRef::Small(a) => Ok(a as f64),
        IntRef::Big(a) => {
            let (sign, words) = a.as_sign_words();
            let magnitude = magnitude_to_f64(words);
            if magnitude.is_infinite() {
                return Err(Failure::overflow("int too large to convert to float"));
            }
            Ok(if sign == Sign::Negative { -magnitude } else { magnitude })
        }
    }
}

/// Infinite if too large.
fn magnitude_to_f64(words: &[u64]) -> f64 {
    match *words {
        [] => 0.0,
        [low] => low as f64,
        [ref rest @ .., second, top] => {
            let mantissa = u128::from(top) << 64 | u128::from(second);
            let sticky = rest.iter().any(|&word| word != 0);
            round_scaled(mantissa, sticky, 64 * rest.len() as i64)
        }
    }
}

/// `int(x)`: towards zero.
pub fn from_f64(x: f64) -> Outcome<Int> {
    if x.is_nan() {
        return Err(Failure::value("cannot convert float NaN to integer"));
    }
    if x.is_infinite() {
        return Err(Failure::overflow("cannot convert float infinity to integer"));
    }
    // 2 ** 63 is a float, so this is exact.
    if x.abs() < 9_223_372_036_854_775_808.0 {
        return Ok(Int::Small(x as i64));
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as usize;
    let mantissa = (bits & (EXACT / 2 - 1)) | (EXACT / 2);
    let magnitude = IBig::from(mantissa) << (exponent - 1075);
    Ok((if x < 0.0 { -magnitude } else { magnitude }).into())
}

/// `a / b`.
pub fn true_div(a: IntRef, b: IntRef) -> Outcome<f64> {
    if b.is_zero() {
        return Err(Failure::zero_division("division by zero"));
    }
    if let (IntRef::Small(a), IntRef::Small(b)) = (a, b)
        && a.unsigned_abs() <= EXACT
        && b.unsigned_abs() <= EXACT
    {
        return Ok(a as f64 / b as f64);
    }
    if a.is_zero() {
        return Ok(0.0);
    }
    let negative = a.is_negative() != b.is_negative();
    let quotient = divide_magnitudes(a, b);
    if quotient.is_infinite() {
        return Err(Failure::overflow("integer division result too large for a float"));
    }
    Ok(if negative { -quotient } else { quotient })
}

fn divide_magnitudes(a: IntRef, b: IntRef) -> f64 {
    let difference = bit_length(a) as i64 - bit_length(b) as i64;
    if difference > 1026 {
        return f64::INFINITY;
    }
    if difference < -1080 {
        return 0.0;
    }
    // Shifted so that the quotient has 66 or 67 bits: more than any float, and the remainder is the sticky bit.
    let shift = 66 - difference;
    let (quotient, remainder) = with_big(a, b, |a, b| {
        let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
        let places = shift.unsigned_abs() as usize;
        if shift >= 0 { (a << places).div_rem(b) } else { a.div_rem(b << places) }
    });
    let mantissa = u128::try_from(&quotient).unwrap_or(u128::MAX);
    round_scaled(mantissa, remainder != UBig::ZERO, -shift)
}

/// Which is larger, exactly; `None` if `b` is nan.
pub fn compare_float(a: IntRef, b: f64) -> Option<Ordering> {
    if b.is_nan() {
        return None;
    }
    if let IntRef::Small(a) = a
        && a.unsigned_abs() <= EXACT
    {
        return (a as f64).partial_cmp(&b);
    }
    if b.is_infinite() {
        return Some(if b > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    let whole = from_f64(b).ok()?;
    Some(super::compare(a, whole.as_ref()).then_with(|| 0.0.partial_cmp(&b.fract()).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(base: i64, exponent: usize) -> IBig {
        IBig::from(base).pow(exponent)
    }

    #[test]
    fn int_to_float() {
        let convert = |a: &IBig| to_f64(a.into());
        assert_eq!(convert(&power(10, 30)), Ok(1e30));
        assert_eq!(convert(&-power(10, 308)), Ok(-1e308));
        assert_eq!(convert(&power(10, 309)), Err(Failure::overflow("int too large to convert to float")));
        assert_eq!(convert(&(power(2, 53) + IBig::ONE)), Ok(9_007_199_254_740_992.0));
        assert_eq!(convert(&(power(2, 53) + IBig::from(3))), Ok(9_007_199_254_740_996.0));
        assert_eq!(convert(&(power(2, 200) + power(2, 147))), Ok(power_of_two(200)));
        assert_eq!(
            convert(&(power(2, 200) + power(2, 147) + IBig::ONE)),
            Ok(f64::from_bits(power_of_two(200).to_bits() + 1))
        );
        // Half a step above the largest float rounds to infinity, anything less to the largest.
        let half = power(2, 1024) - power(2, 970);
        assert!(convert(&half).is_err());
        assert_eq!(convert(&(half - IBig::ONE)), Ok(f64::MAX));
        assert_eq!(to_f64(i64::MAX.into()), Ok(9_223_372_036_854_775_808.0));
    }

    fn power_of_two(exponent: i32) -> f64 {
        2f64.powi(exponent)
    }

    #[test]
    fn float_to_int() {
        assert_eq!(from_f64(-2.9), Ok(Int::Small(-2)));
        assert_eq!(from_f64(-power_of_two(63)), Ok(Int::Small(i64::MIN)));
        assert_eq!(from_f64(1e30), Ok("1000000000000000019884624838656".parse::<IBig>().unwrap().into()));
        assert_eq!(from_f64(f64::INFINITY), Err(Failure::overflow("cannot convert float infinity to integer")));
        assert_eq!(from_f64(f64::NAN), Err(Failure::value("cannot convert float NaN to integer")));
    }

    #[test]
    fn division() {
        let divide = |a: &IBig, b: &IBig| true_div(a.into(), b.into());
        assert_eq!(true_div(1.into(), 3.into()), Ok(1.0 / 3.0));
        assert_eq!(true_div((-7).into(), 2.into()), Ok(-3.5));
        assert_eq!(divide(&power(10, 400), &power(10, 399)), Ok(10.0));
        assert_eq!(divide(&IBig::ONE, &power(10, 400)), Ok(0.0));
        assert_eq!(divide(&IBig::ONE, &power(2, 1074)), Ok(5e-324));
        assert_eq!(divide(&IBig::ONE, &power(2, 1075)), Ok(0.0));
        assert_eq!(divide(&IBig::from(3), &power(2, 1076)), Ok(5e-324));
        assert_eq!(divide(&-power(3, 200), &power(7, 100)), Ok(-82_119_622_166.212_45));
        assert_eq!(divide(&(power(2, 53) + IBig::ONE), &IBig::ONE), Ok(9_007_199_254_740_992.0));
        let too_large = Err(Failure::overflow("integer division result too large for a float"));
        assert_eq!(divide(&power(10, 400), &IBig::ONE), too_large);
        assert_eq!(true_div(1.into(), 0.into()), Err(Failure::zero_division("division by zero")));
    }

    #[test]
    fn comparison() {
        let one_more = power(2, 53) + IBig::ONE;
        assert_eq!(compare_float((&one_more).into(), 9_007_199_254_740_992.0), Some(Ordering::Greater));
        assert_eq!(compare_float(i64::MAX.into(), 9_223_372_036_854_775_808.0), Some(Ordering::Less));
        assert_eq!(compare_float(3.into(), 3.5), Some(Ordering::Less));
        assert_eq!(compare_float((&power(10, 400)).into(), f64::MAX), Some(Ordering::Greater));
        assert_eq!(compare_float((&power(10, 400)).into(), f64::INFINITY), Some(Ordering::Less));
        assert_eq!(compare_float((&-power(10, 20)).into(), -1e20), Some(Ordering::Equal));
        assert_eq!(compare_float((&-power(10, 20)).into(), -0.5), Some(Ordering::Less));
        assert_eq!(compare_float(0.into(), f64::NAN), None);
        assert_eq!(compare_float((1i64 << 53).into(), -0.0), Some(Ordering::Greater));
    }
}
