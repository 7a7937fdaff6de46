//! `float(text)`.

use crate::number::int::{to_ascii, trim};
use crate::quote::{repr_bytes, repr_str};
use crate::wtf8::Wtf8;
use crate::{Failure, Outcome};
use std::borrow::Cow;

/// As `float(text)`.
pub fn parse(text: &Wtf8) -> Outcome<f64> {
    let parsed = if text.is_ascii() {
        parse_trimmed(trim(text.as_bytes(), true))
    } else {
        parse_trimmed(trim(&to_ascii(text)?, true))
    };
    match parsed {
        Some(value) => Ok(value),
        None => Err(malformed(&repr_str(text)?.to_string_lossy())),
    }
}

/// As `float(bytes)`.
pub fn parse_bytes(text: &[u8]) -> Outcome<f64> {
    match parse_trimmed(trim(text, false)) {
        Some(value) => Ok(value),
        None => Err(malformed(&repr_bytes(text)?)),
    }
}

fn malformed(shown: &str) -> Failure {
    Failure::value(format!("could not convert string to float: {shown}"))
}

fn parse_trimmed(text: &[u8]) -> Option<f64> {
    let plain = without_underscores(text)?;
    let (value, length) = parse_plain(&plain)?;
    (length == plain.len()).then_some(value)
}

/// Each underscore must stand between two digits.
pub(crate) fn without_underscores(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    if memchr::memchr(b'_', text).is_none() {
        return Some(Cow::Borrowed(text));
    }
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let misplaced = |at: usize| text[at] == b'_' && !(at > 0 && is_digit(at - 1) && is_digit(at + 1));
    if (0..text.len()).any(misplaced) {
        return None;
    }
    Some(Cow::Owned(text.iter().copied().filter(|&byte| byte != b'_').collect()))
}

/// The longest number at the start of the text, and its length.
pub(crate) fn parse_plain(text: &[u8]) -> Option<(f64, usize)> {
    let sign_length = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let body = &text[sign_length..];
    let starts = |word: &str| body.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
    let (value, length) = if starts("infinity") {
        (f64::INFINITY, 8)
    } else if starts("inf") {
        (f64::INFINITY, 3)
    } else if starts("nan") {
        (f64::NAN, 3)
    } else {
        let length = number_length(body)?;
        (std::str::from_utf8(&body[..length]).ok()?.parse().ok()?, length)
    };
    Some((if text.first() == Some(&b'-') { -value } else { value }, sign_length + length))
}

/// Length of `DDD[.DDD][e[+-]DDD]` at the start; an exponent without digits is left out.
fn number_length(text: &[u8]) -> Option<usize> {
    let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let mut end = whole;
    let mut fraction = 0;
    if text.get(end) == Some(&b'.') {
        fraction = digits(end + 1);
        end += 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let signs = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = if end + 1 + signs <= text.len() { digits(end + 1 + signs) } else { 0 };
        if exponent > 0 {
            end += 1 + signs + exponent;
        }
    }
    Some(end)
}
