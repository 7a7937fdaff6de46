//! The algorithms behind the methods of str, bytes and bytearray.
//!
//! What both kinds share is generic over [`Text`]: its units are code points for [`Wtf8`] and bytes for `[u8]`.
//! Positions are always byte offsets, and parts are byte ranges, so that the caller decides what to copy. Searching
//! works on bytes for both: in WTF-8 no encoding of one code point occurs inside that of others.

pub mod bytes;
mod case;
mod predicates;
mod search;
mod split;

pub use case::{capitalize, case_fold, lower, swap_case, title, upper};
pub use predicates::{
    is_alnum, is_alpha, is_decimal, is_digit, is_identifier, is_lower, is_numeric, is_printable, is_space, is_title,
    is_upper,
};
pub use search::{byte_places, contains, count, find, replace, rfind};
pub use split::{rsplit, rsplit_whitespace, split, split_lines, split_whitespace, strip, strip_end, strip_start};

use crate::failure::reserve;
use crate::unicode;
use crate::wtf8::{Wtf8, Wtf8Buf, encoded_len, push_code_point};
use crate::{Failure, Outcome};

/// A kind of text: [`Wtf8`], whose units are code points, or `[u8]`, whose units are bytes.
pub trait Text {
    /// The owned form.
    type Owned;
    /// The bytes.
    fn bytes(&self) -> &[u8];
    /// The text that these bytes (parts of texts of this kind) make.
    fn own(bytes: Vec<u8>) -> Self::Owned;
    /// Number of units.
    fn units(&self) -> usize;
    /// Whether all units are below 128.
    fn is_ascii(&self) -> bool;
    /// The first unit of some bytes of such text, and its length.
    fn first(bytes: &[u8]) -> Option<(u32, usize)>;
    /// The last unit of some bytes of such text, and its length.
    fn last(bytes: &[u8]) -> Option<(u32, usize)>;
    /// Whether `split()` and `strip()` take the unit for white space.
    fn is_space(unit: u32) -> bool;
    /// Whether `splitlines()` splits after the unit.
    fn is_line_break(unit: u32) -> bool;
    /// Appends a unit.
    fn push(bytes: &mut Vec<u8>, unit: u32);
    /// Length of a unit in bytes.
    fn unit_len(unit: u32) -> usize;
}

impl Text for Wtf8 {
    type Owned = Wtf8Buf;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn own(bytes: Vec<u8>) -> Wtf8Buf {
        Wtf8Buf::from_trusted_bytes(bytes)
    }

    fn units(&self) -> usize {
        self.char_count()
    }

    fn is_ascii(&self) -> bool {
        Wtf8::is_ascii(self)
    }

    #[inline]
    fn first(bytes: &[u8]) -> Option<(u32, usize)> {
        crate::wtf8::first_code_point(bytes)
    }

    #[inline]
    fn last(bytes: &[u8]) -> Option<(u32, usize)> {
        crate::wtf8::last_code_point(bytes)
    }

    #[inline]
    fn is_space(unit: u32) -> bool {
        match unit {
            // The separators FS, GS, RS and US count as white space in str, not in bytes.
            0..0x80 => matches!(unit, 0x09..=0x0D | 0x1C..=0x20),
            _ => unicode::is_space(unit),
        }
    }

    #[inline]
    fn is_line_break(unit: u32) -> bool {
        match unit {
            0..0x80 => matches!(unit, 0x0A..=0x0D | 0x1C..=0x1E),
            _ => matches!(unit, 0x85 | 0x2028 | 0x2029),
        }
    }

    fn push(bytes: &mut Vec<u8>, unit: u32) {
        push_code_point(bytes, unit);
    }

    fn unit_len(unit: u32) -> usize {
        encoded_len(unit)
    }
}

impl Text for [u8] {
    type Owned = Vec<u8>;

    fn bytes(&self) -> &[u8] {
        self
    }

    fn own(bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    fn units(&self) -> usize {
        self.len()
    }

    fn is_ascii(&self) -> bool {
        <[u8]>::is_ascii(self)
    }

    #[inline]
    fn first(bytes: &[u8]) -> Option<(u32, usize)> {
        bytes.first().map(|&byte| (byte.into(), 1))
    }

    #[inline]
    fn last(bytes: &[u8]) -> Option<(u32, usize)> {
        bytes.last().map(|&byte| (byte.into(), 1))
    }

    #[inline]
    fn is_space(unit: u32) -> bool {
        matches!(unit, 0x09..=0x0D | 0x20)
    }

    #[inline]
    fn is_line_break(unit: u32) -> bool {
        matches!(unit, 0x0A | 0x0D)
    }

    fn push(bytes: &mut Vec<u8>, unit: u32) {
        bytes.push(unit as u8);
    }

    fn unit_len(_: u32) -> usize {
        1
    }
}

/// `before` and `after` times `fill` around the text.
fn pad<T: Text + ?Sized>(text: &T, before: usize, after: usize, fill: u32) -> Outcome<T::Owned> {
    let fills = before.checked_add(after).ok_or(Failure::Memory)?;
    let added = fills.checked_mul(T::unit_len(fill)).ok_or(Failure::Memory)?;
    let total = text.bytes().len().checked_add(added).ok_or(Failure::Memory)?;
    let mut out = reserve(total)?;
    push_repeated::<T>(&mut out, fill, before);
    out.extend_from_slice(text.bytes());
    push_repeated::<T>(&mut out, fill, after);
    Ok(T::own(out))
}

fn push_repeated<T: Text + ?Sized>(out: &mut Vec<u8>, unit: u32, times: usize) {
    if T::unit_len(unit) == 1 {
        out.resize(out.len() + times, unit as u8);
    } else {
        for _ in 0..times {
            T::push(out, unit);
        }
    }
}

/// As `center`; `fill` is a unit, `width` counts units.
pub fn center<T: Text + ?Sized>(text: &T, width: usize, fill: u32) -> Outcome<T::Owned> {
    let missing = width.saturating_sub(text.units());
    // The odd one goes to the left if the width is odd.
    let before = missing / 2 + (missing & width & 1);
    pad(text, before, missing - before, fill)
}

/// As `ljust`.
pub fn left_justify<T: Text + ?Sized>(text: &T, width: usize, fill: u32) -> Outcome<T::Owned> {
    pad(text, 0, width.saturating_sub(text.units()), fill)
}

/// As `rjust`.
pub fn right_justify<T: Text + ?Sized>(text: &T, width: usize, fill: u32) -> Outcome<T::Owned> {
    pad(text, width.saturating_sub(text.units()), 0, fill)
}

/// As `zfill`: zeros go between a sign and the rest.
pub fn zero_fill<T: Text + ?Sized>(text: &T, width: usize) -> Outcome<T::Owned> {
    let missing = width.saturating_sub(text.units());
    let bytes = text.bytes();
    let mut out = reserve(bytes.len().checked_add(missing).ok_or(Failure::Memory)?)?;
    let signs = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    out.extend_from_slice(&bytes[..signs]);
    out.resize(signs + missing, b'0');
    out.extend_from_slice(&bytes[signs..]);
    Ok(T::own(out))
}

/// `text * count`.
pub fn repeat<T: Text + ?Sized>(text: &T, count: usize) -> Outcome<T::Owned> {
    let total = text.bytes().len().checked_mul(count).ok_or(Failure::Memory)?;
    let mut out = reserve(total)?;
    if let [byte] = *text.bytes() {
        out.resize(total, byte);
    } else if total > 0 {
        out.extend_from_slice(text.bytes());
        while out.len() < total {
            let more = out.len().min(total - out.len());
            out.extend_from_within(..more);
        }
    }
    Ok(T::own(out))
}

/// As `expandtabs`.
pub fn expand_tabs<T: Text + ?Sized>(text: &T, tab_size: isize) -> Outcome<T::Owned> {
    let tab_size = usize::try_from(tab_size).unwrap_or(0);
    let mut out = reserve(text.bytes().len())?;
    let mut column = 0;
    let mut rest = text.bytes();
    while let Some((unit, length)) = T::first(rest) {
        if unit == u32::from(b'\t') {
            if tab_size > 0 {
                let blanks = tab_size - column % tab_size;
                crate::failure::grow(&mut out, blanks)?;
                out.resize(out.len() + blanks, b' ');
                column += blanks;
            }
        } else {
            crate::failure::grow(&mut out, length)?;
            out.extend_from_slice(&rest[..length]);
            column = if matches!(unit, 0x0A | 0x0D) { 0 } else { column + 1 };
        }
        rest = &rest[length..];
    }
    Ok(T::own(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::new(text)
    }

    #[test]
    fn padding() {
        assert_eq!(center(w("ab"), 5, 0x20).unwrap(), "  ab ");
        assert_eq!(center(w("abc"), 6, 0xE9).unwrap(), "éabcéé");
        assert_eq!(center(w("abc"), 2, 0x20).unwrap(), "abc");
        assert_eq!(left_justify(w("é"), 3, 0x1F600).unwrap(), "é😀😀");
        assert_eq!(right_justify(&b"ab"[..], 4, 0xFF).unwrap(), b"\xff\xffab");
        assert_eq!(zero_fill(w("-42"), 6).unwrap(), "-00042");
        assert_eq!(zero_fill(w("+"), 3).unwrap(), "+00");
        assert_eq!(zero_fill(w("é"), 3).unwrap(), "00é");
        assert_eq!(zero_fill(w(""), 0).unwrap(), "");
        assert_eq!(center(w("ab"), usize::MAX, 0xE9), Err(Failure::Memory));
        assert_eq!(zero_fill(w("ab"), 1 << 50), Err(Failure::Memory));
    }

    #[test]
    fn repeating() {
        assert_eq!(repeat(w("aé"), 3).unwrap(), "aéaéaé");
        assert_eq!(repeat(w(""), usize::MAX).unwrap(), "");
        assert_eq!(repeat(w("a"), 1 << 50), Err(Failure::Memory));
        assert_eq!(repeat(w("ab"), usize::MAX), Err(Failure::Memory));
        assert_eq!(repeat(&b"abc"[..], 5).unwrap(), b"abcabcabcabcabc");
    }

    #[test]
    fn tabs() {
        assert_eq!(expand_tabs(w("a\té\tbc\n\td\r\te"), 4).unwrap(), "a   é   bc\n    d\r    e");
        assert_eq!(expand_tabs(w("a\tb"), 0).unwrap(), "ab");
        assert_eq!(expand_tabs(w("a\tb"), -5).unwrap(), "ab");
        assert_eq!(expand_tabs(&b"\ta"[..], 2).unwrap(), b"  a");
        assert_eq!(expand_tabs(w("\t"), isize::MAX), Err(Failure::Memory));
    }
}
