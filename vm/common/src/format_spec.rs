//! The format mini-language.
use crate::Outcome;
use crate::number::IntRef;
use crate::number::complex::Complex;
use crate::wtf8::{Wtf8, Wtf8Buf};
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align { Left, Right, Center, AfterSign }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign { Minus, Plus, Space }
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    pub fill: u32, pub align: Align, pub explicit_align: bool, pub sign: Option<Sign>, pub no_negative_zero: bool, pub alternate: bool,
    pub width: Option<usize>, pub grouping: Option<u8>, pub precision: Option<usize>, pub fraction_grouping: Option<u8>,
    /// The presentation type, a code point.
    pub kind: u32,
}
/// What type 'n' uses.
#[derive(Clone, Debug)]
pub struct NumericLocale { pub decimal_point: String, pub thousands_separator: String, pub grouping: Vec<u8> }
impl Default for NumericLocale { fn default() -> Self { todo!() } }
/// `type_name` is the type of the formatted object, for messages.
pub fn parse(spec: &Wtf8, type_name: &str, default_kind: u8, default_align: Align) -> Outcome<FormatSpec> { todo!() }
pub fn format_int(value: IntRef, spec: &Wtf8, type_name: &str, locale: &NumericLocale, max_digits: usize) -> Outcome<Wtf8Buf> { todo!() }
pub fn format_float(value: f64, spec: &Wtf8, type_name: &str, locale: &NumericLocale) -> Outcome<Wtf8Buf> { todo!() }
pub fn format_complex(value: Complex, spec: &Wtf8, type_name: &str, locale: &NumericLocale) -> Outcome<Wtf8Buf> { todo!() }
pub fn format_str(value: &Wtf8, spec: &Wtf8, type_name: &str) -> Outcome<Wtf8Buf> { todo!() }
