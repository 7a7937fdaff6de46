//! Algorithms of str's and bytes' methods.
use crate::Outcome;
use crate::wtf8::{Wtf8, Wtf8Buf};
use std::ops::Range;

/// A kind of text: [`Wtf8`] (units are code points) or `[u8]` (units are bytes). All offsets are byte offsets.
pub trait Text: AsRef<[u8]> {
    /// Owned form.
    type Owned;
    /// From well-formed bytes.
    fn own(bytes: Vec<u8>) -> Self::Owned;
    /// Number of units.
    fn units(&self) -> usize;
    /// Whether the unit is white space to `split()` and `strip()`.
    fn is_space(unit: u32) -> bool;
}

pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> { todo!() }
pub fn rfind(text: &[u8], needle: &[u8]) -> Option<usize> { todo!() }
/// Non-overlapping occurrences; an empty needle occurs once per unit and at the end.
pub fn count<T: Text + ?Sized>(text: &T, needle: &T) -> usize { todo!() }
/// `None`: nothing to replace. `limit`: None for all.
pub fn replace<T: Text + ?Sized>(text: &T, old: &T, new: &T, limit: Option<usize>) -> Outcome<Option<T::Owned>> { todo!() }
/// Byte ranges of the parts; `separator` must not be empty (the caller raises "empty separator").
pub fn split<'a, T: Text + ?Sized>(text: &'a T, separator: &'a T, limit: Option<usize>) -> impl Iterator<Item = Range<usize>> + 'a { std::iter::empty() }
pub fn split_whitespace<T: Text + ?Sized>(text: &T, limit: Option<usize>) -> impl Iterator<Item = Range<usize>> + '_ { std::iter::empty() }
/// In text order.
pub fn rsplit<T: Text + ?Sized>(text: &T, separator: &T, limit: Option<usize>) -> Vec<Range<usize>> { todo!() }
pub fn rsplit_whitespace<T: Text + ?Sized>(text: &T, limit: Option<usize>) -> Vec<Range<usize>> { todo!() }
pub fn split_lines<T: Text + ?Sized>(text: &T, keep_ends: bool) -> impl Iterator<Item = Range<usize>> + '_ { std::iter::empty() }
/// Range of what is left. `chars`: None for white space.
pub fn strip<T: Text + ?Sized>(text: &T, chars: Option<&T>) -> Range<usize> { todo!() }
pub fn strip_start<T: Text + ?Sized>(text: &T, chars: Option<&T>) -> Range<usize> { todo!() }
pub fn strip_end<T: Text + ?Sized>(text: &T, chars: Option<&T>) -> Range<usize> { todo!() }
pub fn expand_tabs<T: Text + ?Sized>(text: &T, tab_size: isize) -> Outcome<T::Owned> { todo!() }
pub fn zero_fill<T: Text + ?Sized>(text: &T, width: usize) -> Outcome<T::Owned> { todo!() }
/// `fill` is a code point (or byte); `width` in units.
pub fn center<T: Text + ?Sized>(text: &T, width: usize, fill: u32) -> Outcome<T::Owned> { todo!() }
pub fn left_justify<T: Text + ?Sized>(text: &T, width: usize, fill: u32) -> Outcome<T::Owned> { todo!() }
pub fn right_justify<T: Text + ?Sized>(text: &T, width: usize, fill: u32) -> Outcome<T::Owned> { todo!() }
/// `text * count`.
pub fn repeat<T: Text + ?Sized>(text: &T, count: usize) -> Outcome<T::Owned> { todo!() }

pub fn upper(text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
pub fn lower(text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
pub fn title(text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
pub fn capitalize(text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
pub fn swap_case(text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
pub fn case_fold(text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
pub fn is_alpha(text: &Wtf8) -> bool { todo!() }
pub fn is_digit(text: &Wtf8) -> bool { todo!() }
pub fn is_decimal(text: &Wtf8) -> bool { todo!() }
pub fn is_numeric(text: &Wtf8) -> bool { todo!() }
pub fn is_alnum(text: &Wtf8) -> bool { todo!() }
pub fn is_space(text: &Wtf8) -> bool { todo!() }
pub fn is_upper(text: &Wtf8) -> bool { todo!() }
pub fn is_lower(text: &Wtf8) -> bool { todo!() }
pub fn is_title(text: &Wtf8) -> bool { todo!() }
pub fn is_identifier(text: &Wtf8) -> bool { todo!() }
pub fn is_printable(text: &Wtf8) -> bool { todo!() }

/// The same methods for bytes: ASCII letters only.
pub mod bytes {
    pub fn upper(text: &[u8]) -> Vec<u8> { todo!() }
    pub fn lower(text: &[u8]) -> Vec<u8> { todo!() }
    pub fn title(text: &[u8]) -> Vec<u8> { todo!() }
    pub fn capitalize(text: &[u8]) -> Vec<u8> { todo!() }
    pub fn swap_case(text: &[u8]) -> Vec<u8> { todo!() }
    pub fn is_alpha(text: &[u8]) -> bool { todo!() }
    pub fn is_digit(text: &[u8]) -> bool { todo!() }
    pub fn is_alnum(text: &[u8]) -> bool { todo!() }
    pub fn is_space(text: &[u8]) -> bool { todo!() }
    pub fn is_upper(text: &[u8]) -> bool { todo!() }
    pub fn is_lower(text: &[u8]) -> bool { todo!() }
    pub fn is_title(text: &[u8]) -> bool { todo!() }
    /// `table`: 256 bytes.
    pub fn translate(text: &[u8], table: Option<&[u8]>, delete: &[u8]) -> Vec<u8> { todo!() }
}
