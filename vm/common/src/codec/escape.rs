//! The codecs of backslash escapes: `unicode_escape`, `raw_unicode_escape`, and `escape` of bytes.

use super::driver::Decoder;
use super::{DecodeHandler, Decoded};
use crate::failure::{grow, reserve};
use crate::quote::push_escape;
use crate::unicode_names;
use crate::wtf8::Wtf8;
use crate::{Failure, Outcome};

/// What escapes stood for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscapeDecoded<T> {
    /// The text or bytes.
    pub value: T,
    /// Bytes consumed.
    pub consumed: usize,
    /// Offset of the first backslash that starts no valid escape, about which the caller warns.
    pub invalid_escape: Option<usize>,
}

/// A value and the length of its escape, or what is wrong with so many bytes; these may be incomplete.
enum Escape {
    Point(u32, usize),
    Nothing(usize),
    /// No escape: the backslash stands for itself.
    Plain,
    /// An octal number beyond a byte: valid but warned about.
    LargeOctal(u32, usize),
    Wrong {
        reason: &'static str,
        length: usize,
        incomplete: bool,
    },
}

/// Up to `wanted` hexadecimal digits: their value and how many there are.
fn hex(bytes: &[u8], wanted: usize) -> (u32, usize) {
    let digits = bytes.iter().take(wanted).map_while(|&byte| char::from(byte).to_digit(16));
    digits.fold((0, 0), |(value, count), digit| (value << 4 | digit, count + 1))
}

fn hex_escape(bytes: &[u8], wanted: usize, truncated: &'static str, too_large: &'static str) -> Escape {
    let (value, count) = hex(&bytes[2..], wanted);
    if count < wanted {
        let incomplete = 2 + count == bytes.len();
        return Escape::Wrong { reason: truncated, length: 2 + count, incomplete };
    }
    if value >= 0x11_0000 {
        return Escape::Wrong { reason: too_large, length: 2 + count, incomplete: false };
    }
    Escape::Point(value, 2 + count)
}

const TRUNCATED_X: &str = "truncated \\xXX escape";
const TRUNCATED_U: &str = "truncated \\uXXXX escape";
const TRUNCATED_LONG_U: &str = "truncated \\UXXXXXXXX escape";

/// The escape that the bytes (the first is a backslash) start with.
fn escape(bytes: &[u8]) -> Escape {
    let Some(&letter) = bytes.get(1) else {
        return Escape::Wrong { reason: "\\ at end of string", length: 1, incomplete: true };
    };
    let point = match letter {
        b'\n' => return Escape::Nothing(2),
        b'\\' | b'\'' | b'"' => letter,
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0C,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0B,
        b'0'..=b'7' => return octal(bytes),
        b'x' => return hex_escape(bytes, 2, TRUNCATED_X, ""),
        b'u' => return hex_escape(bytes, 4, TRUNCATED_U, ""),
        b'U' => return hex_escape(bytes, 8, TRUNCATED_LONG_U, "illegal Unicode character"),
        b'N' => return named(bytes),
        _ => return Escape::Plain,
    };
    Escape::Point(point.into(), 2)
}

fn octal(bytes: &[u8]) -> Escape {
    let digits = bytes[1..].iter().take(3).map_while(|&byte| char::from(byte).to_digit(8));
    let (value, count) = digits.fold((0, 0), |(value, count), digit| (value << 3 | digit, count + 1));
    if value > 0xFF { Escape::LargeOctal(value, 1 + count) } else { Escape::Point(value, 1 + count) }
}

fn named(bytes: &[u8]) -> Escape {
    let malformed = |length, incomplete| Escape::Wrong { reason: "malformed \\N character escape", length, incomplete };
    let Some(name) = bytes[2..].strip_prefix(b"{") else {
        return malformed(2, bytes.len() == 2);
    };
    match memchr::memchr(b'}', name) {
        None => malformed(bytes.len(), true),
        Some(0) => malformed(3, false),
        Some(length) => {
            let point = std::str::from_utf8(&name[..length]).ok().and_then(unicode_names::lookup_character);
            let length = 4 + length;
            let reason = "unknown Unicode character name";
            point.map_or(Escape::Wrong { reason, length, incomplete: false }, |point| Escape::Point(point, length))
        }
    }
}

/// Decodes `unicode_escape`. Unless `is_final`, an incomplete escape at the end is left for the next call.
pub fn decode_unicode_escape<H: DecodeHandler>(
    input: &[u8],
    is_final: bool,
    handler: &mut H,
) -> Result<EscapeDecoded<crate::wtf8::Wtf8Buf>, H::Error> {
    let mut decoder = Decoder::new("unicodeescape", input, handler)?;
    let mut invalid_escape = None;
    while let Some(&byte) = decoder.rest().first() {
        if byte != b'\\' {
            decoder.accept(byte.into(), 1)?;
            continue;
        }
        let position = decoder.position;
        match escape(decoder.rest()) {
            Escape::Point(point, length) => decoder.accept(point, length)?,
            Escape::Nothing(length) => decoder.position += length,
            Escape::Plain => {
                invalid_escape.get_or_insert(position);
                decoder.accept(b'\\'.into(), 1)?;
            }
            Escape::LargeOctal(point, length) => {
                invalid_escape.get_or_insert(position);
                decoder.accept(point, length)?;
            }
            Escape::Wrong { incomplete: true, .. } if !is_final => break,
            Escape::Wrong { reason, length, .. } => decoder.fail(length, reason)?,
        }
    }
    let Decoded { text, consumed } = decoder.finish();
    Ok(EscapeDecoded { value: text, consumed, invalid_escape })
}

/// Decodes `raw_unicode_escape`. Unless `is_final`, an incomplete escape at the end is left for the next call.
pub fn decode_raw_unicode_escape<H: DecodeHandler>(
    input: &[u8],
    is_final: bool,
    handler: &mut H,
) -> Result<Decoded, H::Error> {
    let mut decoder = Decoder::new("rawunicodeescape", input, handler)?;
    while let Some(&byte) = decoder.rest().first() {
        let escape = match (byte, decoder.rest().get(1)) {
            (b'\\', Some(b'u')) => hex_escape(decoder.rest(), 4, TRUNCATED_U, ""),
            (b'\\', Some(b'U')) => hex_escape(decoder.rest(), 8, TRUNCATED_LONG_U, "\\Uxxxxxxxx out of range"),
            (b'\\', Some(&next)) => {
                // Both, so that a second backslash starts nothing.
                decoder.accept(byte.into(), 1)?;
                Escape::Point(next.into(), 1)
            }
            (b'\\', None) if !is_final => break,
            _ => Escape::Point(byte.into(), 1),
        };
        match escape {
            Escape::Point(point, length) => decoder.accept(point, length)?,
            Escape::Wrong { incomplete: true, .. } if !is_final => break,
            Escape::Wrong { reason, length, .. } => decoder.fail(length, reason)?,
            Escape::Nothing(_) | Escape::Plain | Escape::LargeOctal(..) => {}
        }
    }
    Ok(decoder.finish())
}

/// Decodes the escapes of a bytes literal, as `codecs.escape_decode`; `errors` is "strict", "replace" or "ignore".
pub fn decode_escape(input: &[u8], errors: &str) -> Outcome<EscapeDecoded<Vec<u8>>> {
    let mut out = reserve(input.len())?;
    let mut invalid_escape = None;
    let mut at = 0;
    while let Some(&byte) = input.get(at) {
        if byte != b'\\' {
            out.push(byte);
            at += 1;
            continue;
        }
        let rest = &input[at..];
        let found = match rest.get(1) {
            None => return Err(Failure::value("Trailing \\ in string")),
            Some(b'u' | b'U' | b'N') => Escape::Plain,
            Some(_) => escape(rest),
        };
        at += match found {
            Escape::Point(point, length) => {
                out.push(point as u8);
                length
            }
            Escape::LargeOctal(point, length) => {
                invalid_escape.get_or_insert(at);
                out.push(point as u8);
                length
            }
            Escape::Nothing(length) => length,
            Escape::Plain => {
                invalid_escape.get_or_insert(at);
                out.push(b'\\');
                1
            }
            Escape::Wrong { length, .. } => {
                match errors {
                    "strict" => {
                        return Err(Failure::value(format!("invalid \\x escape at position {at}")));
                    }
                    "replace" => out.push(b'?'),
                    "ignore" => {}
                    _ => {
                        let message = format!("decoding error; unknown error handling code: {errors:.400}");
                        return Err(Failure::value(message));
                    }
                }
                length
            }
        };
    }
    Ok(EscapeDecoded { value: out, consumed: input.len(), invalid_escape })
}

fn push_control(out: &mut Vec<u8>, point: u32) {
    match point {
        0x09 => out.extend(b"\\t"),
        0x0A => out.extend(b"\\n"),
        0x0D => out.extend(b"\\r"),
        0x5C => out.extend(b"\\\\"),
        0x20..0x7F => out.push(point as u8),
        _ => push_escape(out, point),
    }
}

/// Encodes `unicode_escape`.
pub fn encode_unicode_escape(input: &Wtf8) -> Outcome<Vec<u8>> {
    let mut out = reserve(input.len())?;
    for point in input.code_points() {
        grow(&mut out, 10)?;
        push_control(&mut out, point);
    }
    Ok(out)
}

/// Encodes `raw_unicode_escape`.
pub fn encode_raw_unicode_escape(input: &Wtf8) -> Outcome<Vec<u8>> {
    let mut out = reserve(input.len())?;
    for point in input.code_points() {
        grow(&mut out, 10)?;
        match point {
            0..0x100 => out.push(point as u8),
            _ => push_escape(&mut out, point),
        }
    }
    Ok(out)
}

/// As `codecs.escape_encode`: the bytes as in a literal of single quotes.
pub fn encode_escape(input: &[u8]) -> Outcome<Vec<u8>> {
    let mut out = reserve(input.len())?;
    for &byte in input {
        grow(&mut out, 4)?;
        match byte {
            b'\'' => out.extend(b"\\'"),
            _ => push_control(&mut out, byte.into()),
        }
    }
    Ok(out)
}
