//! Int arithmetic with Python's semantics.
//!
//! Operands are [`IntRef`]s, results [`Int`]s; a result is `Small` whenever it fits an `i64`. The caller keeps its own
//! fast paths for its small ints. Whatever could need much memory is checked before the library is asked for it.

mod arithmetic;
mod bits;
mod bytes;
mod convert;
mod text;

pub use arithmetic::{
    absolute, add, compare, div_mod, equal, floor_div, gcd, isqrt, lcm, modulo, mul, negate, pow, pow_mod, round, sub,
};
pub use bits::{bit_and, bit_count, bit_length, bit_or, bit_xor, invert, shift_left, shift_right};
pub use bytes::{ByteOrder, from_bytes, to_bytes};
pub use convert::{compare_float, from_f64, to_f64, true_div};
pub use text::{is_over_limit, parse, parse_bytes, push_decimal, to_string, to_string_radix};
pub(crate) use text::{to_ascii, trim};

use crate::failure::{MAX_BYTES, reserve};
use crate::{Failure, Outcome};
use dashu_int::{IBig, Sign};

/// A result; `Small` if it fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int {
    /// Any `i64`.
    Small(i64),
    /// What does not fit an `i64`.
    Big(IBig),
}

/// An operand; a `Big` one may be small too.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    /// By value.
    Small(i64),
    /// Borrowed.
    Big(&'a IBig),
}

impl Int {
    /// Zero.
    pub const ZERO: Int = Int::Small(0);

    /// As an operand.
    pub fn as_ref(&self) -> IntRef<'_> {
        match self {
            Int::Small(value) => IntRef::Small(*value),
            Int::Big(value) => IntRef::Big(value),
        }
    }

    /// In the library's form.
    pub fn into_ibig(self) -> IBig {
        match self {
            Int::Small(value) => value.into(),
            Int::Big(value) => value,
        }
    }
}

impl From<i64> for Int {
    fn from(value: i64) -> Int {
        Int::Small(value)
    }
}

impl From<u64> for Int {
    fn from(value: u64) -> Int {
        i64::try_from(value).map_or_else(|_| Int::Big(value.into()), Int::Small)
    }
}

impl From<usize> for Int {
    fn from(value: usize) -> Int {
        Int::from(value as u64)
    }
}

impl From<i128> for Int {
    #[inline]
    fn from(value: i128) -> Int {
        i64::try_from(value).map_or_else(|_| Int::Big(value.into()), Int::Small)
    }
}

impl From<IBig> for Int {
    fn from(value: IBig) -> Int {
        i64::try_from(&value).map_or_else(|_| Int::Big(value), Int::Small)
    }
}

impl From<i64> for IntRef<'_> {
    fn from(value: i64) -> Self {
        IntRef::Small(value)
    }
}

impl<'a> From<&'a IBig> for IntRef<'a> {
    fn from(value: &'a IBig) -> Self {
        IntRef::Big(value)
    }
}

impl<'a> From<&'a Int> for IntRef<'a> {
    fn from(value: &'a Int) -> Self {
        value.as_ref()
    }
}

impl IntRef<'_> {
    /// In the library's form.
    pub fn to_ibig(self) -> IBig {
        match self {
            IntRef::Small(value) => value.into(),
            IntRef::Big(value) => value.clone(),
        }
    }

    /// An owned copy.
    pub fn to_int(self) -> Int {
        match self {
            IntRef::Small(value) => Int::Small(value),
            IntRef::Big(value) => value.clone().into(),
        }
    }

    /// As `i64`, if it fits.
    #[inline]
    pub fn to_i64(self) -> Option<i64> {
        match self {
            IntRef::Small(value) => Some(value),
            IntRef::Big(value) => value.try_into().ok(),
        }
    }

    /// As `u64`, if it fits.
    pub fn to_u64(self) -> Option<u64> {
        match self {
            IntRef::Small(value) => value.try_into().ok(),
            IntRef::Big(value) => value.try_into().ok(),
        }
    }

    /// As `usize`, if it fits.
    pub fn to_usize(self) -> Option<usize> {
        self.to_u64()?.try_into().ok()
    }

    /// The low 64 bits in two's complement.
    pub fn low_u64(self) -> u64 {
        match self {
            IntRef::Small(value) => value as u64,
            IntRef::Big(value) => {
                let (sign, words) = value.as_sign_words();
                let low = words.first().copied().unwrap_or(0);
                if sign == Sign::Negative { low.wrapping_neg() } else { low }
            }
        }
    }

    /// −1, 0 or 1.
    #[inline]
    pub fn sign(self) -> i32 {
        match self {
            IntRef::Small(value) => value.signum() as i32,
            IntRef::Big(value) if value.is_zero() => 0,
            IntRef::Big(value) if value.sign() == Sign::Negative => -1,
            IntRef::Big(_) => 1,
        }
    }

    /// Whether it is below zero.
    #[inline]
    pub fn is_negative(self) -> bool {
        self.sign() < 0
    }

    /// Whether it is zero.
    #[inline]
    pub fn is_zero(self) -> bool {
        self.sign() == 0
    }

    /// Whether the lowest bit is 1.
    pub fn is_odd(self) -> bool {
        self.low_u64() & 1 != 0
    }
}

/// Runs `body` with both operands in the library's form, without copying big ones.
#[inline]
fn with_big<R>(a: IntRef, b: IntRef, body: impl FnOnce(&IBig, &IBig) -> R) -> R {
    match (a, b) {
        (IntRef::Big(a), IntRef::Big(b)) => body(a, b),
        (IntRef::Big(a), IntRef::Small(b)) => body(a, &b.into()),
        (IntRef::Small(a), IntRef::Big(b)) => body(&a.into(), b),
        (IntRef::Small(a), IntRef::Small(b)) => body(&a.into(), &b.into()),
    }
}

/// Refuses results of more bits than can be had. Large ones are tried out, since the library's allocations cannot fail
/// politely.
fn check_bits(bits: u64) -> Outcome<()> {
    const TRIED: u64 = 1 << 23;
    if bits < TRIED {
        return Ok(());
    }
    let bytes = usize::try_from(bits / 8).map_err(|_| Failure::Memory)?;
    if bytes > MAX_BYTES / 32 {
        return Err(Failure::Memory);
    }
    // The library works in scratch space besides the result.
    reserve(bytes.saturating_mul(6)).map(drop)
}
