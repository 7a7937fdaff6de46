//! Python's strings as bytes: generalized UTF-8, where each code point up to U+10FFFF, surrogates included, is encoded
//! by itself. Two code points that happen to form a surrogate pair stay two, so splitting and joining never change
//! code points, and byte order is code point order.
//!
//! Invariant: a [`Wtf8`] holds well-formed sequences. Nothing depends on it for memory safety: decoding malformed
//! bytes gives wrong code points, never undefined behaviour.

use std::borrow::Borrow;
use std::fmt;
use std::ops::{Deref, Range};

/// Every 64th code point has its byte offset in an [`Index`].
const STRIDE: usize = 64;

/// A borrowed string of code points.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Wtf8([u8]);

/// An owned string of code points.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wtf8Buf(Vec<u8>);

impl Wtf8 {
    /// The same text as `text`.
    pub fn new(text: &str) -> &Wtf8 {
        Wtf8::from_trusted_bytes(text.as_bytes())
    }

    /// `bytes` as a string, if they are well-formed.
    pub fn from_bytes(bytes: &[u8]) -> Option<&Wtf8> {
        is_valid(bytes).then(|| Wtf8::from_trusted_bytes(bytes))
    }

    /// `bytes` as a string; the caller knows that they are well-formed (checked in debug builds).
    #[inline]
    pub fn from_trusted_bytes(bytes: &[u8]) -> &Wtf8 {
        debug_assert!(is_valid(bytes));
        Wtf8::cast(bytes)
    }

    #[inline]
    #[allow(unsafe_code)]
    fn cast(bytes: &[u8]) -> &Wtf8 {
        // SAFETY: `Wtf8` is a transparent wrapper of `[u8]`, so the pointer, its length and its lifetime carry over.
        unsafe { &*(std::ptr::from_ref(bytes) as *const Wtf8) }
    }

    /// The bytes.
    #[inline]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Length in bytes.
    #[inline]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no code point.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every code point is below 128.
    #[inline]
    pub const fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// Number of code points: bytes that are not continuation bytes.
    #[inline]
    pub fn char_count(&self) -> usize {
        count_starts(&self.0)
    }

    /// As `str`, unless there is a surrogate.
    pub fn to_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// As `String`, surrogates replaced by U+FFFD.
    pub fn to_string_lossy(&self) -> String {
        self.code_points().map(|point| char::from_u32(point).unwrap_or('\u{FFFD}')).collect()
    }

    /// The code points, from both ends.
    #[inline]
    pub fn code_points(&self) -> CodePoints<'_> {
        CodePoints { rest: &self.0 }
    }

    /// Each code point with the byte offset at which it starts.
    pub fn code_point_indices(&self) -> impl Iterator<Item = (usize, u32)> + '_ {
        let total = self.0.len();
        let mut points = self.code_points();
        std::iter::from_fn(move || {
            let offset = total - points.rest.len();
            points.next().map(|point| (offset, point))
        })
    }

    /// The part in a range of byte offsets, which must lie on code point boundaries (else, or if out of range, the
    /// nearest sensible part).
    #[inline]
    pub fn slice(&self, bytes: Range<usize>) -> &Wtf8 {
        debug_assert!(self.is_boundary(bytes.start) && self.is_boundary(bytes.end));
        Wtf8::cast(self.0.get(bytes).unwrap_or(&[]))
    }

    /// Whether a code point starts at, or the string ends at, this byte offset.
    #[inline]
    pub fn is_boundary(&self, offset: usize) -> bool {
        match self.0.get(offset) {
            Some(&byte) => is_start(byte),
            None => offset == self.0.len(),
        }
    }

    /// The code point that starts at a byte offset.
    #[inline]
    pub fn code_point_at(&self, offset: usize) -> Option<u32> {
        let mut rest = CodePoints { rest: self.0.get(offset..)? };
        rest.next()
    }

    /// Byte offset of the code point number `index`, counted from the start; the length if there are not so many.
    pub fn byte_offset(&self, index: usize) -> usize {
        nth_start(&self.0, index)
    }

    /// Number of code points before a byte offset.
    pub fn char_index(&self, offset: usize) -> usize {
        count_starts(&self.0[..offset.min(self.0.len())])
    }

    /// The largest code point, 0 if empty.
    pub fn max_code_point(&self) -> u32 {
        if self.is_ascii() {
            return self.0.iter().copied().max().unwrap_or(0).into();
        }
        self.code_points().max().unwrap_or(0)
    }

    /// An owned copy.
    pub fn to_wtf8_buf(&self) -> Wtf8Buf {
        Wtf8Buf(self.0.to_vec())
    }
}

impl ToOwned for Wtf8 {
    type Owned = Wtf8Buf;

    fn to_owned(&self) -> Wtf8Buf {
        self.to_wtf8_buf()
    }
}

impl Borrow<Wtf8> for Wtf8Buf {
    fn borrow(&self) -> &Wtf8 {
        self
    }
}

impl Deref for Wtf8Buf {
    type Target = Wtf8;

    #[inline]
    fn deref(&self) -> &Wtf8 {
        Wtf8::cast(&self.0)
    }
}

impl AsRef<Wtf8> for Wtf8 {
    fn as_ref(&self) -> &Wtf8 {
        self
    }
}

impl AsRef<Wtf8> for str {
    fn as_ref(&self) -> &Wtf8 {
        Wtf8::new(self)
    }
}

impl AsRef<Wtf8> for Wtf8Buf {
    fn as_ref(&self) -> &Wtf8 {
        self
    }
}

impl fmt::Debug for Wtf8 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\"")?;
        for point in self.code_points() {
            match char::from_u32(point) {
                Some(character) => write!(out, "{}", character.escape_debug())?,
                None => write!(out, "\\u{{{point:x}}}")?,
            }
        }
        out.write_str("\"")
    }
}

impl fmt::Debug for Wtf8Buf {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, out)
    }
}

impl fmt::Display for Wtf8 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.to_string_lossy())
    }
}

impl fmt::Display for Wtf8Buf {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, out)
    }
}

impl PartialEq<str> for Wtf8 {
    fn eq(&self, other: &str) -> bool {
        self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Wtf8Buf {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl Wtf8Buf {
    /// An empty string.
    pub const fn new() -> Self {
        Wtf8Buf(Vec::new())
    }

    /// An empty string with room for `bytes` bytes.
    pub fn with_capacity(bytes: usize) -> Self {
        Wtf8Buf(Vec::with_capacity(bytes))
    }

    /// `bytes` as a string, if they are well-formed.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        is_valid(&bytes).then_some(Wtf8Buf(bytes))
    }

    /// `bytes` as a string; the caller knows that they are well-formed (checked in debug builds).
    pub fn from_trusted_bytes(bytes: Vec<u8>) -> Self {
        debug_assert!(is_valid(&bytes));
        Wtf8Buf(bytes)
    }

    /// The string of these code points; those above U+10FFFF become U+FFFD.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Self {
        points.into_iter().collect()
    }

    /// Appends a code point (U+FFFD if it is above U+10FFFF).
    #[inline]
    pub fn push(&mut self, point: u32) {
        push_code_point(&mut self.0, point);
    }

    /// Appends text.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Appends text.
    #[inline]
    pub fn push_wtf8(&mut self, text: &Wtf8) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Removes the last code point.
    pub fn pop(&mut self) -> Option<u32> {
        let mut points = self.code_points();
        let last = points.next_back();
        let kept = points.rest.len();
        self.0.truncate(kept);
        last
    }

    /// Forgets the content, keeps the room.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Makes room for more bytes.
    pub fn reserve(&mut self, bytes: usize) {
        self.0.reserve(bytes);
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// As `String`, unless there is a surrogate.
    pub fn into_string(self) -> Result<String, Self> {
        String::from_utf8(self.0).map_err(|error| Wtf8Buf(error.into_bytes()))
    }
}

impl From<String> for Wtf8Buf {
    fn from(text: String) -> Self {
        Wtf8Buf(text.into_bytes())
    }
}

impl From<&str> for Wtf8Buf {
    fn from(text: &str) -> Self {
        Wtf8Buf(text.as_bytes().to_vec())
    }
}

impl From<&Wtf8> for Wtf8Buf {
    fn from(text: &Wtf8) -> Self {
        text.to_wtf8_buf()
    }
}

impl FromIterator<u32> for Wtf8Buf {
    fn from_iter<I: IntoIterator<Item = u32>>(points: I) -> Self {
        let mut buffer = Wtf8Buf::new();
        buffer.extend(points);
        buffer
    }
}

impl Extend<u32> for Wtf8Buf {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, points: I) {
        let points = points.into_iter();
        self.0.reserve(points.size_hint().0);
        for point in points {
            self.push(point);
        }
    }
}

/// Appends the encoding of a code point (of U+FFFD if it is above U+10FFFF).
#[inline]
pub fn push_code_point(bytes: &mut Vec<u8>, point: u32) {
    // Continuation bytes carry six bits each; the masks make the truncations exact.
    let tail = |shift: u32| 0x80 | ((point >> shift) & 0x3F) as u8;
    match point {
        0..0x80 => bytes.push(point as u8),
        0x80..0x800 => bytes.extend_from_slice(&[0xC0 | (point >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => bytes.extend_from_slice(&[0xE0 | (point >> 12) as u8, tail(6), tail(0)]),
        0x1_0000..0x11_0000 => {
            bytes.extend_from_slice(&[0xF0 | (point >> 18) as u8, tail(12), tail(6), tail(0)]);
        }
        _ => bytes.extend_from_slice("\u{FFFD}".as_bytes()),
    }
}

/// Length in bytes of the encoding of a code point.
#[inline]
pub const fn encoded_len(point: u32) -> usize {
    match point {
        0..0x80 => 1,
        0x80..0x800 => 2,
        0x800..0x1_0000 => 3,
        _ => 4,
    }
}

/// Whether the code point is a surrogate.
#[inline]
pub const fn is_surrogate(point: u32) -> bool {
    point & 0xFFFF_F800 == 0xD800
}

#[inline]
const fn is_start(byte: u8) -> bool {
    byte & 0xC0 != 0x80
}

/// Whether the bytes are generalized UTF-8: each code point encoded by itself, in the shortest form, surrogates allowed.
pub fn is_valid(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(_) => return true,
            Err(error) => {
                // The standard library stops at a surrogate; step over it and go on.
                let at = error.valid_up_to();
                match rest[at..] {
                    [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..] => rest = &rest[at + 3..],
                    _ => return false,
                }
            }
        }
    }
}

/// Number of bytes that start a code point.
fn count_starts(bytes: &[u8]) -> usize {
    /// How many of the word's bytes go on with a code point: those with bit 7 and without bit 6.
    fn continuations(word: u64) -> usize {
        const ONES: u64 = 0x0101_0101_0101_0101;
        (((word >> 7) & !(word >> 6) & ONES).wrapping_mul(ONES) >> 56) as usize
    }
    let mut total = bytes.len();
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        total -= continuations(u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    total - continuations(u64::from_le_bytes(last))
}

/// Byte offset of the start number `index`, or the length.
fn nth_start(bytes: &[u8], index: usize) -> usize {
    let mut left = index;
    let mut base = 0;
    for block in bytes.chunks(256) {
        let here = count_starts(block);
        if here > left {
            break;
        }
        left -= here;
        base += block.len();
    }
    bytes[base..]
        .iter()
        .enumerate()
        .filter(|&(_, &byte)| is_start(byte))
        .nth(left)
        .map_or(bytes.len(), |(at, _)| base + at)
}

/// The code points of a [`Wtf8`].
#[derive(Clone, Debug)]
pub struct CodePoints<'a> {
    rest: &'a [u8],
}

impl<'a> CodePoints<'a> {
    /// What has not been yielded yet.
    pub fn as_wtf8(&self) -> &'a Wtf8 {
        Wtf8::cast(self.rest)
    }
}

/// The first code point of well-formed bytes, and its length.
#[inline]
pub fn first_code_point(bytes: &[u8]) -> Option<(u32, usize)> {
    let part = |byte: u8| u32::from(byte & 0x3F);
    Some(match *bytes {
        [] => return None,
        [a @ 0..0x80, ..] => (u32::from(a), 1),
        [a @ 0..0xE0, b, ..] => (u32::from(a & 0x1F) << 6 | part(b), 2),
        [a @ 0..0xF0, b, c, ..] => (u32::from(a & 0x0F) << 12 | part(b) << 6 | part(c), 3),
        [a, b, c, d, ..] => (u32::from(a & 0x07) << 18 | part(b) << 12 | part(c) << 6 | part(d), 4),
        _ => (0xFFFD, bytes.len()),
    })
}

/// The last code point of well-formed bytes, and its length.
#[inline]
pub fn last_code_point(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut at = bytes.len().checked_sub(1)?;
    while at > 0 && bytes.len() - at < 4 && !is_start(bytes[at]) {
        at -= 1;
    }
    first_code_point(&bytes[at..]).map(|(point, _)| (point, bytes.len() - at))
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (point, length) = first_code_point(self.rest)?;
        self.rest = &self.rest[length..];
        Some(point)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len().div_ceil(4), Some(self.rest.len()))
    }

    fn count(self) -> usize {
        count_starts(self.rest)
    }
}

impl DoubleEndedIterator for CodePoints<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<u32> {
        let (point, length) = last_code_point(self.rest)?;
        self.rest = &self.rest[..self.rest.len() - length];
        Some(point)
    }
}

/// Breadcrumbs for random access to a long non-ASCII string: the byte offset of every 64th code point. Kept beside
/// the string it was built from, and only meaningful with it.
#[derive(Clone, Debug, Default)]
pub struct Index {
    offsets: Offsets,
    char_count: usize,
}

/// Four bytes per crumb suffice for all but enormous strings.
#[derive(Clone, Debug)]
enum Offsets {
    Narrow(Box<[u32]>),
    Wide(Box<[usize]>),
}

impl Default for Offsets {
    fn default() -> Self {
        Offsets::Narrow(Box::default())
    }
}

impl Index {
    /// Walks the string once.
    pub fn build(text: &Wtf8) -> Self {
        let bytes = text.as_bytes();
        let mut crumbs = Vec::with_capacity(bytes.len() / STRIDE / 2 + 1);
        let mut char_count = 0;
        for (offset, &byte) in bytes.iter().enumerate() {
            if is_start(byte) {
                if char_count % STRIDE == 0 {
                    crumbs.push(offset);
                }
                char_count += 1;
            }
        }
        let narrow: Option<Box<[u32]>> = crumbs.iter().map(|&offset| offset.try_into().ok()).collect();
        let offsets = narrow.map_or_else(|| Offsets::Wide(crumbs.into()), Offsets::Narrow);
        Index { offsets, char_count }
    }

    /// Number of code points.
    pub fn char_count(&self) -> usize {
        self.char_count
    }

    /// Bytes of memory held.
    pub fn heap_size(&self) -> usize {
        match &self.offsets {
            Offsets::Narrow(crumbs) => size_of_val(&**crumbs),
            Offsets::Wide(crumbs) => size_of_val(&**crumbs),
        }
    }

    fn crumb(&self, number: usize) -> Option<usize> {
        match &self.offsets {
            Offsets::Narrow(crumbs) => crumbs.get(number).map(|&offset| offset as usize),
            Offsets::Wide(crumbs) => crumbs.get(number).copied(),
        }
    }

    fn crumbs_up_to(&self, offset: usize) -> usize {
        match &self.offsets {
            Offsets::Narrow(crumbs) => crumbs.partition_point(|&crumb| crumb as usize <= offset),
            Offsets::Wide(crumbs) => crumbs.partition_point(|&crumb| crumb <= offset),
        }
    }

    /// As [`Wtf8::byte_offset`] of the same string.
    pub fn byte_offset(&self, text: &Wtf8, index: usize) -> usize {
        let Some(crumb) = self.crumb(index / STRIDE) else {
            return text.len();
        };
        let rest = text.as_bytes().get(crumb..).unwrap_or(&[]);
        crumb + nth_start(rest, index % STRIDE)
    }

    /// As [`Wtf8::char_index`] of the same string.
    pub fn char_index(&self, text: &Wtf8, offset: usize) -> usize {
        let offset = offset.min(text.len());
        let number = self.crumbs_up_to(offset).saturating_sub(1);
        let crumb = self.crumb(number).unwrap_or(0);
        number * STRIDE + count_starts(text.as_bytes().get(crumb..offset).unwrap_or(&[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_stay_apart() {
        let text = Wtf8Buf::from_code_points([0xD83D, 0xDE00, 0x1F600, 0x61]);
        assert_eq!(text.as_bytes(), b"\xed\xa0\xbd\xed\xb8\x80\xf0\x9f\x98\x80a");
        assert_eq!(text.char_count(), 4);
        assert_eq!(text.to_str(), None);
        assert_eq!(text.code_points().collect::<Vec<_>>(), [0xD83D, 0xDE00, 0x1F600, 0x61]);
        assert_eq!(text.code_points().rev().collect::<Vec<_>>(), [0x61, 0x1F600, 0xDE00, 0xD83D]);
        assert!(Wtf8::from_bytes(text.as_bytes()).is_some());
    }

    #[test]
    fn malformed_is_refused() {
        for bytes in [&b"\x80"[..], b"\xc0\x80", b"\xed\xa0", b"\xf4\x90\x80\x80", b"\xe0\x80\x80", b"a\xff"] {
            assert!(Wtf8::from_bytes(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn every_code_point_round_trips() {
        for point in 0..0x11_0000 {
            let text = Wtf8Buf::from_code_points([point]);
            assert_eq!(text.len(), encoded_len(point));
            assert_eq!(text.code_points().next(), Some(point));
            assert_eq!(text.code_points().next_back(), Some(point));
            assert!(is_valid(text.as_bytes()));
        }
    }

    #[test]
    fn index_agrees_with_walking() {
        let points = (0..1000u32).map(|n| [0x61, 0xE9, 0x20AC, 0x1F600, 0xDC80][(n * n % 5) as usize]);
        let text = Wtf8Buf::from_code_points(points);
        let index = Index::build(&text);
        assert_eq!(index.char_count(), 1000);
        assert_eq!(text.char_count(), 1000);
        let starts: Vec<usize> = text.code_point_indices().map(|(offset, _)| offset).collect();
        for (number, &offset) in starts.iter().enumerate() {
            assert_eq!(index.byte_offset(&text, number), offset);
            assert_eq!(text.byte_offset(number), offset);
            assert_eq!(index.char_index(&text, offset), number);
            assert_eq!(text.char_index(offset), number);
        }
        assert_eq!(index.byte_offset(&text, 1000), text.len());
        assert_eq!(index.byte_offset(&text, 5000), text.len());
        assert_eq!(index.char_index(&text, text.len()), 1000);
    }

    #[test]
    fn edges() {
        let mut text = Wtf8Buf::from("aé");
        assert_eq!(text.pop(), Some(0xE9));
        assert_eq!(text.pop(), Some(0x61));
        assert_eq!(text.pop(), None);
        assert_eq!(Index::build(&text).byte_offset(&text, 0), 0);
        assert_eq!(text.max_code_point(), 0);
        assert!(Wtf8::new("b") < Wtf8::new("é"));
    }
}
