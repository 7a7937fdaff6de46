//! Finding, counting and replacing.

use super::Text;
use crate::failure::reserve;
use crate::{Failure, Outcome};
use memchr::memmem;

/// Below this size of the text a plain scan beats the setting up of a searcher.
const SMALL: usize = 64;

/// Byte offset of the first occurrence.
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    match *needle {
        [] => Some(0),
        [byte] => memchr::memchr(byte, text),
        [first, ..] if text.len() < SMALL => {
            let last_start = text.len().checked_sub(needle.len())?;
            let mut from = 0;
            loop {
                from += memchr::memchr(first, &text[from..=last_start])?;
                if text[from..].starts_with(needle) {
                    return Some(from);
                }
                from += 1;
                if from > last_start {
                    return None;
                }
            }
        }
        _ => memmem::find(text, needle),
    }
}

/// Byte offset of the last occurrence.
pub fn rfind(text: &[u8], needle: &[u8]) -> Option<usize> {
    match *needle {
        [] => Some(text.len()),
        [byte] => memchr::memrchr(byte, text),
        _ => memmem::rfind(text, needle),
    }
}

/// Whether the needle occurs.
pub fn contains(text: &[u8], needle: &[u8]) -> bool {
    find(text, needle).is_some()
}

/// Number of occurrences that do not overlap; an empty needle occurs before each unit and at the end.
pub fn count<T: Text + ?Sized>(text: &T, needle: &T) -> usize {
    match *needle.bytes() {
        [] => text.units() + 1,
        [byte] => memchr::memchr_iter(byte, text.bytes()).count(),
        ref needle => memmem::find_iter(text.bytes(), needle).count(),
    }
}

/// Where a byte is.
pub fn byte_places(bytes: &[u8], byte: u8) -> impl Iterator<Item = usize> + Clone {
    memchr::memchr_iter(byte, bytes)
}

/// As `replace`, at most `limit` times (`None`: everywhere). `Ok(None)` says that nothing is to be replaced, so the
/// caller can return the text itself.
pub fn replace<T: Text + ?Sized>(text: &T, old: &T, new: &T, limit: Option<usize>) -> Outcome<Option<T::Owned>> {
    let limit = limit.unwrap_or(usize::MAX);
    if limit == 0 {
        return Ok(None);
    }
    if old.bytes().is_empty() {
        return interleave(text, new, limit);
    }
    let (bytes, old, new) = (text.bytes(), old.bytes(), new.bytes());
    let places: Vec<usize> = memmem::find_iter(bytes, old).take(limit).collect();
    if places.is_empty() {
        return Ok(None);
    }
    let added = places.len().checked_mul(new.len()).ok_or(Failure::Memory)?;
    let kept = bytes.len() - places.len() * old.len();
    let mut out = reserve(kept.checked_add(added).ok_or(Failure::Memory)?)?;
    let mut from = 0;
    for place in places {
        out.extend_from_slice(&bytes[from..place]);
        out.extend_from_slice(new);
        from = place + old.len();
    }
    out.extend_from_slice(&bytes[from..]);
    Ok(Some(T::own(out)))
}

/// `new` before each unit and at the end, at most `limit` times.
fn interleave<T: Text + ?Sized>(text: &T, new: &T, limit: usize) -> Outcome<Option<T::Owned>> {
    let times = limit.min(text.units() + 1);
    let added = times.checked_mul(new.bytes().len()).ok_or(Failure::Memory)?;
    let mut out = reserve(text.bytes().len().checked_add(added).ok_or(Failure::Memory)?)?;
    let mut rest = text.bytes();
    for _ in 0..times {
        out.extend_from_slice(new.bytes());
        if let Some((_, length)) = T::first(rest) {
            out.extend_from_slice(&rest[..length]);
            rest = &rest[length..];
        }
    }
    out.extend_from_slice(rest);
    Ok(Some(T::own(out)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wtf8::Wtf8;

    fn replaced(text: &str, old: &str, new: &str, limit: Option<usize>) -> Option<String> {
        let result = replace(Wtf8::new(text), Wtf8::new(old), Wtf8::new(new), limit).unwrap();
        result.map(|text| text.into_string().unwrap())
    }

    #[test]
    fn finding() {
        let long = format!("{}needle{}", "x".repeat(500), "y".repeat(500));
        assert_eq!(find(long.as_bytes(), b"needle"), Some(500));
        assert_eq!(rfind(long.as_bytes(), b"needle"), Some(500));
        assert_eq!(find(b"abcabd", b"abd"), Some(3));
        assert_eq!(find(b"ab", b"abc"), None);
        assert_eq!(find(b"abab", b"bb"), None);
        assert_eq!(find(b"", b""), Some(0));
        assert_eq!(rfind(b"abc", b""), Some(3));
        assert_eq!(rfind(b"abcab", b"ab"), Some(3));
        assert_eq!(find(b"aaab", b"ab"), Some(2));
    }

    #[test]
    fn counting() {
        assert_eq!(count(Wtf8::new("aaaa"), Wtf8::new("aa")), 2);
        assert_eq!(count(Wtf8::new("aéb"), Wtf8::new("")), 4);
        assert_eq!(count(&b"banana"[..], &b"a"[..]), 3);
    }

    #[test]
    fn replacing() {
        assert_eq!(replaced("banana", "a", "o", None).unwrap(), "bonono");
        assert_eq!(replaced("banana", "an", "", Some(1)).unwrap(), "bana");
        assert_eq!(replaced("aé", "", "-", None).unwrap(), "-a-é-");
        assert_eq!(replaced("aé", "", "-", Some(2)).unwrap(), "-a-é");
        assert_eq!(replaced("", "", "-", None).unwrap(), "-");
        assert_eq!(replaced("abc", "x", "y", None), None);
        assert_eq!(replaced("abc", "a", "y", Some(0)), None);
    }
}
