//! Templates of `str.format`.
use crate::Outcome;
use crate::wtf8::{Wtf8, Wtf8Buf};
/// Literal text, then perhaps a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> { pub literal: &'a Wtf8, pub field: Option<Field<'a>> }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: &'a Wtf8,
    /// 'r', 's', 'a' or what stands there (the caller refuses what it does not know).
    pub conversion: Option<u32>,
    pub spec: &'a Wtf8,
    /// Whether the spec holds fields itself.
    pub nested: bool,
}
/// Parts of a template; each item may be an error.
pub fn parse(template: &Wtf8) -> Parts<'_> { todo!() }
#[derive(Clone, Debug)]
pub struct Parts<'a> { rest: &'a Wtf8 }
impl<'a> Iterator for Parts<'a> { type Item = Outcome<Part<'a>>; fn next(&mut self) -> Option<Self::Item> { todo!() } }
/// What a field name starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> { Auto, Index(usize), Name(&'a Wtf8) }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a> { Attribute(&'a Wtf8), Index(usize), Key(&'a Wtf8) }
/// `0.attr[key]` → first and an iterator of accesses.
pub fn split_field_name(name: &Wtf8) -> Outcome<(First<'_>, Accesses<'_>)> { todo!() }
#[derive(Clone, Debug)]
pub struct Accesses<'a> { rest: &'a Wtf8 }
impl<'a> Iterator for Accesses<'a> { type Item = Outcome<Access<'a>>; fn next(&mut self) -> Option<Self::Item> { todo!() } }
/// Numbers `{}` and refuses the mixture with `{0}`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoNumber { next: usize, manual: bool }
impl AutoNumber {
    pub fn auto(&mut self) -> Outcome<usize> { todo!() }
    pub fn manual(&mut self) -> Outcome<()> { todo!() }
}
