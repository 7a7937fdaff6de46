//! `repr()` of str and bytes, and `ascii()`.

use crate::Outcome;
use crate::failure::{grow, reserve};
use crate::unicode;
use crate::wtf8::{Wtf8, Wtf8Buf};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Single quotes, unless there are single and no double ones inside.
fn quote_for(text: &[u8]) -> u8 {
    let has = |quote| memchr::memchr(quote, text).is_some();
    if has(b'\'') && !has(b'"') { b'"' } else { b'\'' }
}

/// The shortest of `\xhh`, `\uhhhh`, `\Uhhhhhhhh`.
pub fn push_escape(out: &mut Vec<u8>, point: u32) {
    let (letter, digits) = match point {
        0..0x100 => (b'x', 2),
        0x100..0x1_0000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.extend([b'\\', letter]);
    out.extend((0..digits).rev().map(|place| HEX[(point >> (4 * place) & 0xF) as usize]));
}

/// The escape of an ASCII character that is not simply itself between such quotes.
fn push_ascii(out: &mut Vec<u8>, byte: u8, quote: u8) {
    match byte {
        b'\n' => out.extend(b"\\n"),
        b'\r' => out.extend(b"\\r"),
        b'\t' => out.extend(b"\\t"),
        b'\\' => out.extend(b"\\\\"),
        _ if byte == quote => out.extend([b'\\', byte]),
        b' '..=b'~' => out.push(byte),
        _ => push_escape(out, byte.into()),
    }
}

/// Whether repr copies the byte, whatever the quotes.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'"' | b'\\')
}

fn repr_with(text: &Wtf8, ascii: bool) -> Outcome<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut out = reserve(bytes.len() + 2)?;
    if bytes.iter().all(|&byte| is_plain(byte)) {
        out.push(b'\'');
        out.extend_from_slice(bytes);
        out.push(b'\'');
        return Ok(out);
    }
    let quote = quote_for(bytes);
    out.push(quote);
    for point in text.code_points() {
        grow(&mut out, 10)?;
        if point < 0x80 {
            push_ascii(&mut out, point as u8, quote);
        } else if ascii || !unicode::is_printable(point) {
            push_escape(&mut out, point);
        } else {
            crate::wtf8::push_code_point(&mut out, point);
        }
    }
    grow(&mut out, 1)?;
    out.push(quote);
    Ok(out)
}

/// `repr(text)`.
pub fn repr_str(text: &Wtf8) -> Outcome<Wtf8Buf> {
    repr_with(text, false).map(Wtf8Buf::from_trusted_bytes)
}

/// `ascii(text)` of a str.
pub fn ascii_str(text: &Wtf8) -> Outcome<String> {
    Ok(string(repr_with(text, true)?))
}

/// `ascii()` of any object, from its repr: what is beyond ASCII is escaped.
pub fn escape_non_ascii(repr: &Wtf8) -> Outcome<String> {
    let mut out = reserve(repr.len())?;
    for point in repr.code_points() {
        grow(&mut out, 10)?;
        if point < 0x80 {
            out.push(point as u8);
        } else {
            push_escape(&mut out, point);
        }
    }
    Ok(string(out))
}

/// `repr(bytes)`: `b'…'`.
pub fn repr_bytes(bytes: &[u8]) -> Outcome<String> {
    let quote = quote_for(bytes);
    let mut out = reserve(bytes.len() + 3)?;
    out.extend([b'b', quote]);
    for &byte in bytes {
        grow(&mut out, 4)?;
        push_ascii(&mut out, byte, quote);
    }
    grow(&mut out, 1)?;
    out.push(quote);
    Ok(string(out))
}

/// What was written byte by byte in ASCII.
fn string(ascii: Vec<u8>) -> String {
    String::from_utf8(ascii).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repr(text: &str) -> String {
        repr_str(Wtf8::new(text)).unwrap().into_string().unwrap()
    }

    #[test]
    fn quotes() {
        assert_eq!(repr(""), "''");
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("\"a\""), "'\"a\"'");
        assert_eq!(repr("'\""), "'\\'\"'");
        assert_eq!(repr_bytes(b"it's").unwrap(), "b\"it's\"");
        assert_eq!(repr_bytes(b"'\"").unwrap(), "b'\\'\"'");
    }

    #[test]
    fn escapes() {
        assert_eq!(repr("\0\t\n\r\x1b\\\x7f"), "'\\x00\\t\\n\\r\\x1b\\\\\\x7f'");
        assert_eq!(repr("é\u{ad}\u{3000}\u{e000}\u{10ffff}😀"), "'é\\xad\\u3000\\ue000\\U0010ffff😀'");
        let lone = Wtf8Buf::from_code_points([0xD800, 0x27]);
        assert_eq!(repr_str(&lone).unwrap(), "\"\\ud800'\"");
        assert_eq!(ascii_str(Wtf8::new("é€😀\"")).unwrap(), "'\\xe9\\u20ac\\U0001f600\"'");
        assert_eq!(escape_non_ascii(Wtf8::new("<é\n>")).unwrap(), "<\\xe9\n>");
        assert_eq!(repr_bytes(b"\x00\t\n\r a\x7f\xff\\").unwrap(), "b'\\x00\\t\\n\\r a\\x7f\\xff\\\\'");
    }
}
