//! Int arithmetic with Python's semantics.
use crate::Outcome;
use crate::wtf8::Wtf8;
use dashu_int::IBig;
use std::cmp::Ordering;

/// A result; always `Small` if it fits in an `i64`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Int { Small(i64), Big(IBig) }
/// An operand.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> { Small(i64), Big(&'a IBig) }
impl From<i64> for Int { fn from(v: i64) -> Int { Int::Small(v) } }
impl From<i128> for Int { fn from(v: i128) -> Int { todo!() } }
impl From<u64> for Int { fn from(v: u64) -> Int { todo!() } }
impl From<IBig> for Int { fn from(v: IBig) -> Int { todo!() } }
impl From<i64> for IntRef<'_> { fn from(v: i64) -> Self { IntRef::Small(v) } }
impl<'a> From<&'a IBig> for IntRef<'a> { fn from(v: &'a IBig) -> Self { IntRef::Big(v) } }
impl Int { pub fn as_ref(&self) -> IntRef<'_> { todo!() } pub fn into_ibig(self) -> IBig { todo!() } }
impl<'a> IntRef<'a> {
    pub fn to_ibig(self) -> IBig { todo!() }
    pub fn to_i64(self) -> Option<i64> { todo!() }
    pub fn to_u64(self) -> Option<u64> { todo!() }
    /// -1, 0, 1
    pub fn sign(self) -> i32 { todo!() }
}
pub fn add(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
pub fn sub(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
pub fn mul(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
pub fn floor_div(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
pub fn modulo(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
pub fn div_mod(a: IntRef, b: IntRef) -> Outcome<(Int, Int)> { todo!() }
/// `a / b`, correctly rounded.
pub fn true_div(a: IntRef, b: IntRef) -> Outcome<f64> { todo!() }
/// `base ** exponent` with `exponent >= 0` (else the caller computes with floats).
pub fn pow(base: IntRef, exponent: IntRef) -> Outcome<Int> { todo!() }
/// `pow(base, exponent, modulus)`, negative exponents included.
pub fn pow_mod(base: IntRef, exponent: IntRef, modulus: IntRef) -> Outcome<Int> { todo!() }
pub fn shift_left(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
pub fn shift_right(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
pub fn bit_and(a: IntRef, b: IntRef) -> Int { todo!() }
pub fn bit_or(a: IntRef, b: IntRef) -> Int { todo!() }
pub fn bit_xor(a: IntRef, b: IntRef) -> Int { todo!() }
pub fn invert(a: IntRef) -> Int { todo!() }
pub fn negate(a: IntRef) -> Int { todo!() }
pub fn absolute(a: IntRef) -> Int { todo!() }
pub fn compare(a: IntRef, b: IntRef) -> Ordering { todo!() }
pub fn equal(a: IntRef, b: IntRef) -> bool { todo!() }
/// Exact; `None` with nan.
pub fn compare_float(a: IntRef, b: f64) -> Option<Ordering> { todo!() }
pub fn gcd(a: IntRef, b: IntRef) -> Int { todo!() }
pub fn lcm(a: IntRef, b: IntRef) -> Outcome<Int> { todo!() }
/// "isqrt() argument must be nonnegative"
pub fn isqrt(a: IntRef) -> Outcome<Int> { todo!() }
pub fn bit_length(a: IntRef) -> u64 { todo!() }
pub fn bit_count(a: IntRef) -> u64 { todo!() }
/// Half-even; OverflowError "int too large to convert to float".
pub fn to_f64(a: IntRef) -> Outcome<f64> { todo!() }
/// `int(x)`: truncates; errors for inf and nan.
pub fn from_f64(x: f64) -> Outcome<Int> { todo!() }
/// `round(a, digits)` for negative `digits`.
pub fn round(a: IntRef, digits: IntRef) -> Outcome<Int> { todo!() }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder { Little, Big }
pub fn to_bytes(a: IntRef, length: usize, order: ByteOrder, signed: bool) -> Outcome<Vec<u8>> { todo!() }
pub fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> Int { todo!() }
/// `int(text, base)`: base 0 or 2..=36. `max_digits` 0: no limit.
pub fn parse(text: &Wtf8, base: u32, max_digits: usize) -> Outcome<Int> { todo!() }
/// `int(bytes, base)`.
pub fn parse_bytes(text: &[u8], base: u32, max_digits: usize) -> Outcome<Int> { todo!() }
/// Decimal.
pub fn to_string(a: IntRef, max_digits: usize) -> Outcome<String> { todo!() }
/// Base 2, 8, 10 or 16; with `prefix`, as bin(), oct(), hex().
pub fn to_string_radix(a: IntRef, base: u32, prefix: bool) -> Outcome<String> { todo!() }
