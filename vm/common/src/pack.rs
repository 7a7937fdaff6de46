//! struct formats.
use crate::Outcome;
use crate::number::{Int, IntRef};
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item { /** the format letter */ pub code: u8, /** how many values, or the length of `s` and `p` */ pub count: usize, pub offset: usize, /** bytes of one unit */ pub size: usize }
#[derive(Clone, Debug)]
pub struct Format { pub items: Vec<Item>, pub size: usize, /** values packed or unpacked */ pub values: usize, pub big_endian: bool, pub native: bool }
impl Format { pub fn parse(text: &[u8]) -> Outcome<Format> { todo!() } }
pub enum Unpacked { Int(Int), Float(f64), Complex(f64, f64), Bool(bool), Char(u8) }
impl Format {
    pub fn unpack_unit(&self, item: &Item, bytes: &[u8]) -> Unpacked { todo!() }
    pub fn pack_int(&self, item: &Item, value: IntRef, out: &mut [u8]) -> Outcome<()> { todo!() }
    pub fn pack_float(&self, item: &Item, value: f64, out: &mut [u8]) -> Outcome<()> { todo!() }
}
