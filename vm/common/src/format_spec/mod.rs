//! The format mini-language: what `format(value, spec)` does for int, float, complex and str.
//!
//! A caller of `format_int` and its siblings handles subclasses: an empty specifier means `str(value)`, which only
//! for exact builtin types is what these functions then return.

mod layout;
mod parse;
mod quick;
mod render;

pub use parse::parse;
pub use quick::{QuickText, quick_float, quick_int, quick_text};
pub use render::{format_complex, format_float, format_int, format_str};

use crate::Failure;

/// Where the fill goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`: behind.
    Left,
    /// `>`: before.
    Right,
    /// `^`: around.
    Center,
    /// `=`: between sign and digits.
    AfterSign,
}

/// What stands before numbers that are not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `-`: nothing.
    Minus,
    /// `+`.
    Plus,
    /// A space.
    Space,
}

/// A separator between groups of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// `,`.
    Comma,
    /// `_`.
    Underscore,
}

impl Grouping {
    fn symbol(self) -> char {
        match self {
            Grouping::Comma => ',',
            Grouping::Underscore => '_',
        }
    }
}

/// A parsed specifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    /// A code point.
    pub fill: u32,
    /// Given or the type's default.
    pub align: Align,
    /// `None` if not given.
    pub sign: Option<Sign>,
    /// `z`.
    pub no_negative_zero: bool,
    /// `#`.
    pub alternate: bool,
    /// In code points.
    pub width: Option<usize>,
    /// Of the digits before the point.
    pub grouping: Option<Grouping>,
    /// After the point.
    pub precision: Option<usize>,
    /// Of the digits behind the point.
    pub fraction_grouping: Option<Grouping>,
    /// The presentation type, a code point; 0 if there is none and the type has no default.
    pub kind: u32,
}

/// What the presentation type `n` takes from the locale; the default is that of the C locale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumericLocale {
    /// Between whole and fraction.
    pub decimal_point: String,
    /// Between groups.
    pub thousands_separator: String,
    /// Sizes of the groups from the right, as `localeconv` has them: the last repeats, 127 ends grouping.
    pub grouping: Vec<u8>,
}

impl Default for NumericLocale {
    fn default() -> Self {
        NumericLocale { decimal_point: ".".to_owned(), thousands_separator: String::new(), grouping: Vec::new() }
    }
}

/// The presentation type as messages show it.
fn shown(kind: u32) -> String {
    match u8::try_from(kind) {
        Ok(byte @ 0x21..=0x7F) => char::from(byte).to_string(),
        _ => format!("\\x{kind:x}"),
    }
}

fn unknown_kind(kind: u32, type_name: &str) -> Failure {
    Failure::value(format!("Unknown format code '{}' for object of type '{type_name}'", shown(kind)))
}

#[cfg(test)]
mod tests;
