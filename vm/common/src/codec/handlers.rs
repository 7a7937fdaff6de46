//! The standard error handlers.

use super::{DecodeFix, DecodeHandler, EncodeFix, EncodeHandler, Replacement};
use crate::quote::push_escape;
use crate::wtf8::{Wtf8, Wtf8Buf, is_surrogate};
use crate::{Failure, unicode_names};

/// An error handler that needs no Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// Raises.
    Strict,
    /// Leaves out.
    Ignore,
    /// `?` or U+FFFD.
    Replace,
    /// `\xhh` and the like.
    BackslashReplace,
    /// `&#ddd;`; encoding only.
    XmlCharRefReplace,
    /// `\N{…}`; encoding only.
    NameReplace,
    /// Bytes from 0x80 on as U+DC80 on, and back.
    SurrogateEscape,
    /// Surrogates encoded like other code points.
    SurrogatePass,
}

impl BuiltIn {
    /// By the name that `codecs.register_error` has it under.
    pub fn from_name(name: &str) -> Option<BuiltIn> {
        Some(match name {
            "strict" => BuiltIn::Strict,
            "ignore" => BuiltIn::Ignore,
            "replace" => BuiltIn::Replace,
            "backslashreplace" => BuiltIn::BackslashReplace,
            "xmlcharrefreplace" => BuiltIn::XmlCharRefReplace,
            "namereplace" => BuiltIn::NameReplace,
            "surrogateescape" => BuiltIn::SurrogateEscape,
            "surrogatepass" => BuiltIn::SurrogatePass,
            _ => return None,
        })
    }
}

/// What ends a conversion with a [`BuiltIn`] handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodecError {
    /// UnicodeDecodeError.
    Decode {
        /// The codec's name.
        encoding: String,
        /// Byte offset.
        start: usize,
        /// Byte offset.
        end: usize,
        /// The message.
        reason: String,
    },
    /// UnicodeEncodeError.
    Encode {
        /// The codec's name.
        encoding: String,
        /// Index of a code point.
        start: usize,
        /// Index of a code point.
        end: usize,
        /// The message.
        reason: String,
    },
    /// Another exception.
    Failure(Failure),
}

impl From<Failure> for CodecError {
    fn from(failure: Failure) -> Self {
        CodecError::Failure(failure)
    }
}

/// What a handler does about `input[start..end]`; `None`: it raises the UnicodeDecodeError (or, for the two handlers
/// that only encode, "don't know how to handle UnicodeDecodeError in error callback").
pub fn fix_decoding(handler: BuiltIn, encoding: &str, input: &[u8], start: usize, end: usize) -> Option<DecodeFix> {
    let range = input.get(start..end)?;
    let mut position = end;
    let text = match handler {
        BuiltIn::Ignore => Wtf8Buf::new(),
        BuiltIn::Replace => Wtf8Buf::from("\u{FFFD}"),
        BuiltIn::BackslashReplace => {
            let mut escapes = Vec::new();
            range.iter().for_each(|&byte| push_escape(&mut escapes, byte.into()));
            Wtf8Buf::from_trusted_bytes(escapes)
        }
        BuiltIn::SurrogateEscape => {
            let high: Vec<u32> =
                range.iter().take(4).take_while(|&&byte| byte >= 0x80).map(|&byte| 0xDC00 + u32::from(byte)).collect();
            if high.is_empty() {
                return None;
            }
            position = start + high.len();
            Wtf8Buf::from_code_points(high)
        }
        BuiltIn::SurrogatePass => {
            let (point, length) = encoded_surrogate(encoding, input.get(start..)?)?;
            position = start + length;
            Wtf8Buf::from_code_points([point])
        }
        BuiltIn::Strict | BuiltIn::XmlCharRefReplace | BuiltIn::NameReplace => return None,
    };
    Some(DecodeFix { text, position: position as isize, input: None })
}

/// How a codec's name says it encodes: the width of a unit, and whether its high byte comes first.
fn unit_of(encoding: &str) -> Option<(usize, bool)> {
    let name: String =
        encoding.chars().filter(|symbol| !matches!(symbol, '-' | '_')).collect::<String>().to_ascii_lowercase();
    Some(match name.as_str() {
        "utf8" | "cp65001" => (1, false),
        "utf16" | "utf16le" => (2, false),
        "utf16be" => (2, true),
        "utf32" | "utf32le" => (4, false),
        "utf32be" => (4, true),
        _ => return None,
    })
}

/// The surrogate that the bytes start with, and its length.
fn encoded_surrogate(encoding: &str, bytes: &[u8]) -> Option<(u32, usize)> {
    let (width, big) = unit_of(encoding)?;
    let point = match (width, bytes) {
        (1, &[a @ 0xE0..=0xEF, b @ 0x80..=0xBF, c @ 0x80..=0xBF, ..]) => {
            return Some((u32::from(a & 0xF) << 12 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F), 3))
                .filter(|&(point, _)| is_surrogate(point));
        }
        (2, &[a, b, ..]) => u32::from(if big { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) }),
        (4, &[a, b, c, d, ..]) => {
            let unit = [a, b, c, d];
            if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) }
        }
        _ => return None,
    };
    is_surrogate(point).then_some((point, width))
}

/// What a handler does about the code points `start..end`; `None`: it raises the UnicodeEncodeError.
pub fn fix_encoding(handler: BuiltIn, encoding: &str, input: &Wtf8, start: usize, end: usize) -> Option<EncodeFix> {
    let from = input.byte_offset(start);
    let to = from + input.slice(from..input.len()).byte_offset(end.checked_sub(start)?);
    let points = input.slice(from..to).code_points();
    let mut text = Vec::new();
    let replacement = match handler {
        BuiltIn::Strict => return None,
        BuiltIn::Ignore => Replacement::Text(Wtf8Buf::new()),
        BuiltIn::SurrogateEscape => {
            let bytes = points.map(|point| (0xDC80..0xDD00).contains(&point).then(|| (point - 0xDC00) as u8));
            Replacement::Bytes(bytes.collect::<Option<_>>()?)
        }
        BuiltIn::SurrogatePass => Replacement::Bytes(passed_surrogates(encoding, points)?),
        BuiltIn::Replace => Replacement::Text(Wtf8Buf::from_trusted_bytes(points.map(|_| b'?').collect())),
        BuiltIn::BackslashReplace => {
            points.for_each(|point| push_escape(&mut text, point));
            Replacement::Text(Wtf8Buf::from_trusted_bytes(text))
        }
        BuiltIn::XmlCharRefReplace => {
            points.for_each(|point| text.extend(format!("&#{point};").bytes()));
            Replacement::Text(Wtf8Buf::from_trusted_bytes(text))
        }
        BuiltIn::NameReplace => {
            points.for_each(|point| match unicode_names::name(point) {
                Some(name) => text.extend(format!("\\N{{{name}}}").bytes()),
                None => push_escape(&mut text, point),
            });
            Replacement::Text(Wtf8Buf::from_trusted_bytes(text))
        }
    };
    Some(EncodeFix { replacement, position: end as isize })
}

fn passed_surrogates(encoding: &str, points: impl Iterator<Item = u32>) -> Option<Vec<u8>> {
    let (width, big) = unit_of(encoding)?;
    let mut out = Vec::new();
    for point in points {
        if !is_surrogate(point) {
            return None;
        }
        match (width, big) {
            (1, _) => crate::wtf8::push_code_point(&mut out, point),
            (2, false) => out.extend((point as u16).to_le_bytes()),
            (2, true) => out.extend((point as u16).to_be_bytes()),
            (_, false) => out.extend(point.to_le_bytes()),
            (_, true) => out.extend(point.to_be_bytes()),
        }
    }
    Some(out)
}

impl DecodeHandler for BuiltIn {
    type Error = CodecError;

    fn fix_decoding(
        &mut self,
        encoding: &str,
        input: &[u8],
        start: usize,
        end: usize,
        reason: &str,
    ) -> Result<DecodeFix, CodecError> {
        fix_decoding(*self, encoding, input, start, end).ok_or_else(|| match self {
            BuiltIn::XmlCharRefReplace | BuiltIn::NameReplace => CodecError::Failure(Failure::type_error(
                "don't know how to handle UnicodeDecodeError in error callback",
            )),
            _ => CodecError::Decode { encoding: encoding.to_owned(), start, end, reason: reason.to_owned() },
        })
    }
}

impl EncodeHandler for BuiltIn {
    type Error = CodecError;

    fn fix_encoding(
        &mut self,
        encoding: &str,
        input: &Wtf8,
        start: usize,
        end: usize,
        reason: &str,
    ) -> Result<EncodeFix, CodecError> {
        fix_encoding(*self, encoding, input, start, end)
            .ok_or_else(|| self.refuse_encoding(encoding, input, start, end, reason))
    }

    fn refuse_encoding(&mut self, encoding: &str, _input: &Wtf8, start: usize, end: usize, reason: &str) -> CodecError {
        CodecError::Encode { encoding: encoding.to_owned(), start, end, reason: reason.to_owned() }
    }
}
