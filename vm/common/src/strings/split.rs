//! Splitting and stripping.

use super::Text;
use memchr::memmem;
use std::ops::Range;

/// As `split(separator, limit)`: byte ranges of the parts. The separator must not be empty: the caller raises
/// ValueError("empty separator") before.
pub fn split<'a, T: Text + ?Sized>(
    text: &'a T,
    separator: &'a T,
    limit: Option<usize>,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let (bytes, separator) = (text.bytes(), separator.bytes());
    let mut places = memmem::find_iter(bytes, separator).take(limit.unwrap_or(usize::MAX));
    let mut from = Some(0);
    std::iter::from_fn(move || {
        let start = from?;
        match places.next() {
            Some(place) => {
                from = Some(place + separator.len());
                Some(start..place)
            }
            None => {
                from = None;
                Some(start..bytes.len())
            }
        }
    })
}

/// As `split(None, limit)`.
pub fn split_whitespace<T: Text + ?Sized>(text: &T, limit: Option<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.bytes();
    let mut left = limit.unwrap_or(usize::MAX);
    let mut at = 0;
    std::iter::from_fn(move || {
        at = skip::<T>(bytes, at, T::is_space);
        if at == bytes.len() {
            return None;
        }
        let start = at;
        if left == 0 {
            // The rest, with the white space at its end.
            at = bytes.len();
            return Some(start..bytes.len());
        }
        left -= 1;
        at = skip::<T>(bytes, at, |unit| !T::is_space(unit));
        Some(start..at)
    })
}

/// The first place from `at` on whose unit is not wanted.
#[inline]
fn skip<T: Text + ?Sized>(bytes: &[u8], mut at: usize, wanted: impl Fn(u32) -> bool) -> usize {
    while let Some((unit, length)) = T::first(&bytes[at..]) {
        if !wanted(unit) {
            break;
        }
        at += length;
    }
    at
}

/// The place behind the last unit before `end` that is not wanted.
#[inline]
fn skip_back<T: Text + ?Sized>(bytes: &[u8], mut end: usize, wanted: impl Fn(u32) -> bool) -> usize {
    while let Some((unit, length)) = T::last(&bytes[..end]) {
        if !wanted(unit) {
            break;
        }
        end -= length;
    }
    end
}

/// As `rsplit(separator, limit)`, in the order of the text. The separator must not be empty.
pub fn rsplit<T: Text + ?Sized>(text: &T, separator: &T, limit: Option<usize>) -> Vec<Range<usize>> {
    let (bytes, separator) = (text.bytes(), separator.bytes());
    let mut parts = Vec::new();
    let mut end = bytes.len();
    for place in memmem::rfind_iter(bytes, separator).take(limit.unwrap_or(usize::MAX)) {
        parts.push(place + separator.len()..end);
        end = place;
    }
    parts.push(0..end);
    parts.reverse();
    parts
}

/// As `rsplit(None, limit)`, in the order of the text.
pub fn rsplit_whitespace<T: Text + ?Sized>(text: &T, limit: Option<usize>) -> Vec<Range<usize>> {
    let bytes = text.bytes();
    let mut left = limit.unwrap_or(usize::MAX);
    let mut parts = Vec::new();
    let mut end = bytes.len();
    loop {
        end = skip_back::<T>(bytes, end, T::is_space);
        if end == 0 {
            break;
        }
        if left == 0 {
            // The rest, with the white space at its start.
            parts.push(0..end);
            break;
        }
        left -= 1;
        let start = skip_back::<T>(bytes, end, |unit| !T::is_space(unit));
        parts.push(start..end);
        end = start;
    }
    parts.reverse();
    parts
}

/// As `splitlines(keep_ends)`.
pub fn split_lines<T: Text + ?Sized>(text: &T, keep_ends: bool) -> impl Iterator<Item = Range<usize>> + '_ {
    let bytes = text.bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        if at == bytes.len() {
            return None;
        }
        let start = at;
        let end = skip::<T>(bytes, at, |unit| !T::is_line_break(unit));
        let break_len = match bytes[end..] {
            [b'\r', b'\n', ..] => 2,
            ref rest => T::first(rest).map_or(0, |(_, length)| length),
        };
        at = end + break_len;
        Some(start..if keep_ends { at } else { end })
    })
}

/// Whether the unit that `bytes` starts with is one of `chars`.
fn is_one_of<'a, T: Text + ?Sized>(chars: &'a T) -> impl Fn(u32) -> bool + 'a {
    let bytes = chars.bytes();
    move |unit| {
        if unit < 0x80 || T::unit_len(unit) == 1 {
            return memchr::memchr(unit as u8, bytes).is_some();
        }
        skip::<T>(bytes, 0, |other| other != unit) < bytes.len()
    }
}

/// As `strip`: the range of what stays. `chars`: `None` for white space.
pub fn strip<T: Text + ?Sized>(text: &T, chars: Option<&T>) -> Range<usize> {
    let start = strip_start(text, chars).start;
    let end = strip_end(text, chars).end;
    start.min(end)..end
}

/// As `lstrip`.
pub fn strip_start<T: Text + ?Sized>(text: &T, chars: Option<&T>) -> Range<usize> {
    let bytes = text.bytes();
    let start = match chars {
        None => skip::<T>(bytes, 0, T::is_space),
        Some(chars) => skip::<T>(bytes, 0, is_one_of(chars)),
    };
    start..bytes.len()
}

/// As `rstrip`.
pub fn strip_end<T: Text + ?Sized>(text: &T, chars: Option<&T>) -> Range<usize> {
    let bytes = text.bytes();
    let end = match chars {
        None => skip_back::<T>(bytes, bytes.len(), T::is_space),
        Some(chars) => skip_back::<T>(bytes, bytes.len(), is_one_of(chars)),
    };
    0..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wtf8::Wtf8;

    fn parts(text: &str, ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<&str> {
        ranges.into_iter().map(|range| &text[range]).collect()
    }

    fn w(text: &str) -> &Wtf8 {
        Wtf8::new(text)
    }

    #[test]
    fn separators() {
        assert_eq!(parts("a,b,,c", split(w("a,b,,c"), w(","), None)), ["a", "b", "", "c"]);
        assert_eq!(parts("a,b,,c", split(w("a,b,,c"), w(","), Some(1))), ["a", "b,,c"]);
        assert_eq!(parts("a,b", split(w("a,b"), w(","), Some(0))), ["a,b"]);
        assert_eq!(parts("", split(w(""), w(","), None)), [""]);
        assert_eq!(parts("a,b,,c", rsplit(w("a,b,,c"), w(","), Some(2))), ["a,b", "", "c"]);
        assert_eq!(parts("aaa", rsplit(w("aaa"), w("aa"), None)), ["a", ""]);
        assert_eq!(parts("aaa", split(w("aaa"), w("aa"), None)), ["", "a"]);
    }

    #[test]
    fn white_space() {
        let text = "  a\u{3000}b \x1c c  ";
        assert_eq!(parts(text, split_whitespace(w(text), None)), ["a", "b", "c"]);
        assert_eq!(parts(text, split_whitespace(w(text), Some(1))), ["a", "b \x1c c  "]);
        assert_eq!(parts(text, split_whitespace(w(text), Some(0))), ["a\u{3000}b \x1c c  "]);
        assert_eq!(parts(text, rsplit_whitespace(w(text), Some(1))), ["  a\u{3000}b", "c"]);
        assert_eq!(parts(text, rsplit_whitespace(w(text), None)), ["a", "b", "c"]);
        assert_eq!(parts(text, rsplit_whitespace(w(text), Some(0))), ["  a\u{3000}b \x1c c"]);
        assert_eq!(parts("  ", split_whitespace(w("  "), None)), [""; 0]);
        assert_eq!(split_whitespace(&b"a\x1cb"[..], None).count(), 1);
    }

    #[test]
    fn lines() {
        let text = "a\nb\r\nc\rd\x0be\x1cf\u{85}g\u{2028}\n";
        assert_eq!(parts(text, split_lines(w(text), false)), ["a", "b", "c", "d", "e", "f", "g", ""]);
        let kept = ["a\n", "b\r\n", "c\r", "d\x0b", "e\x1c", "f\u{85}", "g\u{2028}", "\n"];
        assert_eq!(parts(text, split_lines(w(text), true)), kept);
        let lines: Vec<_> = split_lines(&b"a\x0bb\n"[..], false).collect();
        assert_eq!((lines.len(), lines[0].clone()), (1, 0..3));
    }

    #[test]
    fn stripping() {
        assert_eq!(strip(w(" \u{a0}é \n"), None), 3..5);
        assert!(strip(w("   "), None).is_empty());
        assert_eq!(strip(w("éxé"), Some(w("é"))), 2..3);
        assert_eq!(strip_start(w("xyxz"), Some(w("yx"))), 3..4);
        assert_eq!(strip_end(&b"ab\xff\xff"[..], Some(&b"\xff"[..])), 0..2);
    }
}
