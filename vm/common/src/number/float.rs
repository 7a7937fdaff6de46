//! Floats.
use super::Int;
use crate::Outcome;
use crate::wtf8::Wtf8;
pub fn repr(x: f64) -> String { todo!() }
/// Without allocation of a String of its own.
pub fn push_repr(out: &mut Vec<u8>, x: f64) { todo!() }
pub fn parse(text: &Wtf8) -> Outcome<f64> { todo!() }
pub fn parse_bytes(text: &[u8]) -> Outcome<f64> { todo!() }
pub fn to_hex(x: f64) -> String { todo!() }
pub fn from_hex(text: &Wtf8) -> Outcome<f64> { todo!() }
pub fn as_integer_ratio(x: f64) -> Outcome<(Int, Int)> { todo!() }
/// `round(x, digits)`
pub fn round_digits(x: f64, digits: i64) -> Outcome<f64> { todo!() }
/// `round(x)`
pub fn round(x: f64) -> Outcome<Int> { todo!() }
pub fn floor(x: f64) -> Outcome<Int> { todo!() }
pub fn ceil(x: f64) -> Outcome<Int> { todo!() }
pub fn trunc(x: f64) -> Outcome<Int> { todo!() }
pub fn floor_div(a: f64, b: f64) -> Outcome<f64> { todo!() }
pub fn modulo(a: f64, b: f64) -> Outcome<f64> { todo!() }
pub fn div_mod(a: f64, b: f64) -> Outcome<(f64, f64)> { todo!() }
/// `a ** b`; `Ok(None)`: the result is complex (negative base, fractional exponent).
pub fn pow(a: f64, b: f64) -> Outcome<Option<f64>> { todo!() }
/// Formatting by a C-like conversion: 'e' 'E' 'f' 'F' 'g' 'G' 'r'; see PyOS_double_to_string.
pub fn format(x: f64, conversion: u8, precision: usize, flags: Flags) -> Outcome<String> { todo!() }
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags { pub sign: bool, pub alternate: bool, pub add_dot_zero: bool, pub no_negative_zero: bool }
