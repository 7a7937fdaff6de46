//! Bitwise operations and shifts, in two's complement of unlimited width.

use super::{Int, IntRef, check_bits, with_big};
use crate::{Failure, Outcome};
use dashu_int::ops::BitTest;

/// Number of bits of `abs(a)`.
#[inline]
pub fn bit_length(a: IntRef) -> u64 {
    match a {
        IntRef::Small(a) => u64::from(64 - a.unsigned_abs().leading_zeros()),
        // Of the magnitude: the library counts negative numbers in two's complement.
        IntRef::Big(a) => {
            let (_, words) = a.as_sign_words();
            words.last().map_or(0, |last| words.len() as u64 * 64 - u64::from(last.leading_zeros()))
        }
    }
}

/// Number of ones in `abs(a)`.
pub fn bit_count(a: IntRef) -> u64 {
    match a {
        IntRef::Small(a) => a.unsigned_abs().count_ones().into(),
        IntRef::Big(a) => a.as_sign_words().1.iter().map(|word| u64::from(word.count_ones())).sum(),
    }
}

/// `a & b`.
pub fn bit_and(a: IntRef, b: IntRef) -> Int {
    match (a, b) {
        (IntRef::Small(a), IntRef::Small(b)) => Int::Small(a & b),
        _ => with_big(a, b, |a, b| a & b).into(),
    }
}

/// `a | b`.
pub fn bit_or(a: IntRef, b: IntRef) -> Int {
    match (a, b) {
        (IntRef::Small(a), IntRef::Small(b)) => Int::Small(a | b),
        _ => with_big(a, b, |a, b| a | b).into(),
    }
}

/// `a ^ b`.
pub fn bit_xor(a: IntRef, b: IntRef) -> Int {
    match (a, b) {
        (IntRef::Small(a), IntRef::Small(b)) => Int::Small(a ^ b),
        _ => with_big(a, b, |a, b| a ^ b).into(),
    }
}

/// `~a`.
pub fn invert(a: IntRef) -> Int {
    match a {
        IntRef::Small(a) => Int::Small(!a),
        IntRef::Big(a) => (!a).into(),
    }
}

fn shift_count(b: IntRef) -> Outcome<Option<usize>> {
    if b.is_negative() {
        return Err(Failure::value("negative shift count"));
    }
    Ok(b.to_usize())
}

/// `a << b`.
pub fn shift_left(a: IntRef, b: IntRef) -> Outcome<Int> {
    let count = shift_count(b)?;
    if a.is_zero() {
        return Ok(Int::ZERO);
    }
    let too_many = || Failure::overflow("too many digits in integer");
    // More than this is more than an address space.
    let count = count.filter(|&count| count < 1 << 62).ok_or_else(too_many)?;
    if let IntRef::Small(a) = a
        && count < 64
    {
        return Ok((i128::from(a) << count).into());
    }
    check_bits(bit_length(a) + count as u64)?;
    Ok((a.to_ibig() << count).into())
}

/// `a >> b`.
pub fn shift_right(a: IntRef, b: IntRef) -> Outcome<Int> {
    let count = shift_count(b)?;
    match (a, count) {
        (IntRef::Small(a), Some(count @ 0..64)) => Ok(Int::Small(a >> count)),
        (IntRef::Big(a), Some(count)) if count < a.bit_len() => Ok((a >> count).into()),
        _ => Ok(Int::Small(if a.is_negative() { -1 } else { 0 })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_int::IBig;

    fn big(shift: usize) -> IBig {
        IBig::ONE << shift
    }

    #[test]
    fn lengths() {
        assert_eq!(bit_length(0.into()), 0);
        assert_eq!(bit_length((-1).into()), 1);
        assert_eq!(bit_length(i64::MIN.into()), 64);
        assert_eq!(bit_length((&-big(200)).into()), 201);
        assert_eq!(bit_length((&(big(200) - IBig::ONE)).into()), 200);
        assert_eq!(bit_count((&(IBig::ONE - big(200))).into()), 200);
        assert_eq!(bit_count((-7).into()), 3);
    }

    #[test]
    fn shifts() {
        assert_eq!(shift_left(1.into(), 100.into()), Ok(big(100).into()));
        assert_eq!(shift_left((-3).into(), 62.into()), Ok((IBig::from(-3) << 62).into()));
        assert_eq!(shift_left(1.into(), (-1).into()), Err(Failure::value("negative shift count")));
        assert_eq!(shift_left(1.into(), 1_000_000_000_000i64.into()), Err(Failure::Memory));
        assert_eq!(shift_left(1.into(), (&big(100)).into()), Err(Failure::overflow("too many digits in integer")));
        assert_eq!(shift_left(0.into(), (&big(100)).into()), Ok(Int::ZERO));
        assert_eq!(shift_right((-1).into(), (&big(100)).into()), Ok(Int::Small(-1)));
        assert_eq!(shift_right((&big(100)).into(), 98.into()), Ok(Int::Small(4)));
        assert_eq!(shift_right((&(-big(100) - IBig::ONE)).into(), 98.into()), Ok(Int::Small(-5)));
        assert_eq!(shift_right((&-big(100)).into(), 300.into()), Ok(Int::Small(-1)));
        assert_eq!(shift_right((-5).into(), 64.into()), Ok(Int::Small(-1)));
        assert_eq!(shift_right((&-big(100)).into(), 100.into()), Ok(Int::Small(-1)));
    }

    #[test]
    fn two_complement() {
        let mask = big(100) - IBig::ONE;
        assert_eq!(bit_and((-1).into(), (&mask).into()), mask.clone().into());
        assert_eq!(bit_or((&-big(100)).into(), (&mask).into()), Int::Small(-1));
        assert_eq!(bit_xor((-1).into(), (&mask).into()), (-big(100)).into());
        assert_eq!(invert((&mask).into()), (-big(100)).into());
        assert_eq!(invert(i64::MIN.into()), Int::Small(i64::MAX));
        assert_eq!(IntRef::Big(&-big(100)).low_u64(), 0);
        assert_eq!(IntRef::Big(&(-big(100) + IBig::ONE)).low_u64(), 1);
    }
}
