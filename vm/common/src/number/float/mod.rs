//! Floats: conversions to and from text, rounding, and the arithmetic that is not the machine's.

mod arithmetic;
mod format;
mod hex;
mod parse;

pub use arithmetic::{
    as_integer_ratio, ceil, div_mod, floor, floor_div, modulo, pow, round, round_digits, round_scaled, trunc,
};
pub use format::{Flags, format, push_repr, repr};
pub use hex::{from_hex, to_hex};
pub use parse::{parse, parse_bytes};
pub(crate) use parse::{parse_plain, without_underscores};

#[cfg(test)]
mod tests;
