//! printf-style formatting.
use crate::Outcome;
use crate::number::IntRef;
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PercentFlags { pub left: bool, pub plus: bool, pub space: bool, pub alternate: bool, pub zero: bool }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount { Absent, Number(usize), Star }
/// One conversion (`%(key)-5.2f`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion<'a> { pub key: Option<&'a [u8]>, pub flags: PercentFlags, pub width: Amount, pub precision: Amount,
    /// A code point; '%' too.
    pub kind: u32,
    /// Index of the kind in units, for messages.
    pub index: usize }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> { Literal(&'a [u8]), Conversion(Conversion<'a>) }
/// `text`: whether units are code points (str) or bytes.
pub fn parse(template: &[u8], text: bool) -> Parts<'_> { todo!() }
#[derive(Clone, Debug)]
pub struct Parts<'a> { template: &'a [u8], position: usize, text: bool }
impl<'a> Iterator for Parts<'a> { type Item = Outcome<Part<'a>>; fn next(&mut self) -> Option<Self::Item> { todo!() } }
/// Resolved flags: width and precision known (negative star width = left).
#[derive(Clone, Copy, Debug, Default)]
pub struct Layout { pub flags: PercentFlags, pub width: usize, pub precision: Option<usize> }
/// d i u o x X
pub fn format_int(value: IntRef, kind: u8, layout: Layout, max_digits: usize) -> Outcome<String> { todo!() }
/// e E f F g G
pub fn format_float(value: f64, kind: u8, layout: Layout) -> Outcome<String> { todo!() }
/// s r a c: cuts to precision, pads; units are code points if `text`.
pub fn pad(value: &[u8], layout: Layout, text: bool) -> Outcome<Vec<u8>> { todo!() }
