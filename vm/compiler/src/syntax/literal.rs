//! The values of literals.
//!
//! The parser keeps strings as Rust strings, which cannot hold lone surrogates; where an escape may
//! have made one, the value is read again from the source text. Strings come out as WTF-8 bytes:
//! each code point encoded by itself, also a surrogate.

use std::borrow::Cow;

use dashu_int::IBig;
use ruff_python_ast::{self as ast, StringFlags};
use ruff_text_size::{Ranged, TextRange};

use super::source::SourceText;

/// The value of an int literal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Integer {
    /// Fits a machine word.
    Small(i64),
    /// Does not.
    Big(IBig),
}

/// A string literal's value, its parts concatenated, as WTF-8.
pub fn string<'a>(source: &SourceText, literal: &'a ast::StringLiteralValue) -> Cow<'a, [u8]> {
    let mut parts = literal.iter();
    if let (Some(only), None) = (parts.next(), parts.next()) {
        return string_part(source, only);
    }
    let parts = literal.iter().map(|part| string_part(source, part));
    Cow::Owned(parts.collect::<Vec<_>>().concat())
}

/// One string literal's value as WTF-8.
pub fn string_part<'a>(source: &SourceText, part: &'a ast::StringLiteral) -> Cow<'a, [u8]> {
    let range = part.range.add_start(part.flags.opener_len()).sub_end(part.flags.closer_len());
    text(source, range, &part.value, part.flags.prefix().is_raw())
}

/// The value of a literal piece of an f-string or t-string as WTF-8. `is_raw` is whether the string
/// around it has an `r` prefix. Doubled braces are single in the value.
pub fn interpolated_part<'a>(
    source: &SourceText,
    part: &'a ast::InterpolatedStringLiteralElement,
    is_raw: bool,
) -> Cow<'a, [u8]> {
    text(source, part.range, &part.value, is_raw)
}

/// The replacement character stands in the parser's value where a surrogate was escaped.
fn text<'a>(source: &SourceText, range: TextRange, value: &'a str, is_raw: bool) -> Cow<'a, [u8]> {
    if is_raw || !value.contains(char::REPLACEMENT_CHARACTER) {
        return Cow::Borrowed(value.as_bytes());
    }
    let raw = source.slice(range);
    let escapes = surrogate_escapes(raw);
    if escapes.is_empty() {
        return Cow::Borrowed(value.as_bytes());
    }
    Cow::Owned(restore_surrogates(value, &escapes))
}

/// What each replacement character of the value was in the source: an escaped surrogate, or
/// (`None`) itself.
fn surrogate_escapes(raw: &str) -> Vec<Option<u32>> {
    let mut found = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find(['\\', char::REPLACEMENT_CHARACTER]) {
        let tail = &rest[at..];
        let Some(escape) = tail.strip_prefix('\\') else {
            found.push(None);
            rest = &tail[char::REPLACEMENT_CHARACTER.len_utf8()..];
            continue;
        };
        let digits = match escape.as_bytes().first() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'N') if escape[1..].starts_with('{') => {
                let end = escape.find('}').unwrap_or(escape.len() - 1);
                if escape[2..end].eq_ignore_ascii_case("REPLACEMENT CHARACTER") {
                    found.push(None);
                }
                rest = &escape[end + 1..];
                continue;
            }
            _ => {
                let skipped = escape.chars().next().map_or(0, char::len_utf8);
                rest = &escape[skipped..];
                continue;
            }
        };
        let point = escape.get(1..1 + digits).and_then(|text| u32::from_str_radix(text, 16).ok());
        match point {
            Some(0xd800..=0xdfff) => found.push(point),
            Some(0xfffd) => found.push(None),
            _ => {}
        }
        rest = escape.get(1 + digits..).unwrap_or("");
    }
    found
}

/// Puts the surrogates back in the place of their replacement characters.
fn restore_surrogates(value: &str, escapes: &[Option<u32>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut escapes = escapes.iter();
    for (at, piece) in value.split(char::REPLACEMENT_CHARACTER).enumerate() {
        if at > 0 {
            match escapes.next().copied().flatten() {
                Some(point) => push_code_point(&mut bytes, point),
                None => bytes.extend_from_slice("\u{fffd}".as_bytes()),
            }
        }
        bytes.extend_from_slice(piece.as_bytes());
    }
    bytes
}

/// Encodes a code point of three bytes: a surrogate.
fn push_code_point(bytes: &mut Vec<u8>, point: u32) {
    bytes.push(0xe0 | (point >> 12) as u8);
    bytes.push(0x80 | (point >> 6 & 0x3f) as u8);
    bytes.push(0x80 | (point & 0x3f) as u8);
}

/// A bytes literal's value, its parts concatenated.
pub fn bytes(literal: &ast::BytesLiteralValue) -> Vec<u8> {
    literal.bytes().collect()
}

/// An int literal's value.
pub fn integer(literal: &ast::Int) -> Integer {
    if let Some(small) = literal.as_i64() {
        return Integer::Small(small);
    }
    let text = literal.to_string();
    let (digits, radix) = split_radix(&text);
    let digits: String = digits.chars().filter(|&digit| digit != '_').collect();
    // The parser has checked the digits.
    let value = IBig::from_str_radix(&digits, radix).unwrap_or_default();
    Integer::Big(value)
}

/// Splits an int literal into its digits and its radix.
fn split_radix(text: &str) -> (&str, u32) {
    match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', b'o' | b'O', ..] => (&text[2..], 8),
        [b'0', b'b' | b'B', ..] => (&text[2..], 2),
        _ => (text, 10),
    }
}

/// How many decimal digits an int literal has; `None` for other radices, which have no limit.
pub fn decimal_digits(text: &str) -> Option<usize> {
    match split_radix(text) {
        (digits, 10) => Some(digits.bytes().filter(u8::is_ascii_digit).count()),
        _ => None,
    }
}

/// Whether a literal element of an f-string stands in one with an `r` prefix.
pub fn is_raw_f_string(flags: ast::FStringFlags) -> bool {
    flags.prefix().is_raw()
}

/// Whether a literal element of a t-string stands in one with an `r` prefix.
pub fn is_raw_t_string(flags: ast::TStringFlags) -> bool {
    flags.prefix().is_raw()
}

/// What `{expression=}` shows of its expression: the text without its comments.
pub fn debug_text(debug: &ast::DebugText) -> Cow<'_, str> {
    without_comments(debug.as_str())
}

/// The expression of an interpolation as it is written, blanks included, comments not.
pub fn interpolation_text<'a>(source: &'a SourceText, field: &'a ast::InterpolatedElement) -> Cow<'a, str> {
    if let Some(text) = source.made_up_expression(field.range.start()) {
        return Cow::Borrowed(text);
    }
    if let Some(debug) = &field.debug_text {
        let text = debug.as_str();
        return without_comments(&text[..text.rfind('=').unwrap_or(text.len())]);
    }
    let whole = source.slice(field.range);
    let whole = whole.strip_prefix('{').unwrap_or(whole);
    // A format specification begins behind its colon; without one, the closing brace is the last character.
    let end = match &field.format_spec {
        Some(spec) => (spec.range.start() - field.range.start()).to_usize().saturating_sub(2),
        None => whole.len().saturating_sub(1),
    };
    let text = whole.get(..end).unwrap_or(whole);
    without_comments(match field.conversion {
        ast::ConversionFlag::None => text,
        _ => &text[..text.rfind('!').unwrap_or(text.len())],
    })
}

/// The text of an expression without its comments.
fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains('#') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => {
                rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
                continue;
            }
            '\'' | '"' => string_length(rest, first),
            first => first.len_utf8(),
        };
        kept.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Cow::Owned(kept)
}

/// How long the string literal is that the text begins with.
fn string_length(text: &str, quote: char) -> usize {
    let triple = quote.to_string().repeat(3);
    let closing = if text.starts_with(&triple) { &triple[..] } else { &triple[..1] };
    let mut at = closing.len();
    while let Some(next) = text[at..].chars().next() {
        if text[at..].starts_with(closing) {
            return at + closing.len();
        }
        at += next.len_utf8();
        if next == '\\' {
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    text.len()
}

/// The range between the quotes of a string literal.
pub fn contents_range(literal: &impl Ranged, flags: impl StringFlags) -> TextRange {
    literal.range().add_start(flags.opener_len()).sub_end(flags.closer_len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Vec<u8> {
        let source = SourceText::new("m.py", text);
        let parsed = ruff_python_parser::parse_expression(source.text()).unwrap();
        let literal = parsed.expr().as_string_literal_expr().unwrap();
        string(&source, &literal.value).into_owned()
    }

    #[test]
    fn surrogates_survive() {
        assert_eq!(value(r"'a\ud800b'"), b"a\xed\xa0\x80b");
        assert_eq!(value(r"'\ud83d\ude00'"), b"\xed\xa0\xbd\xed\xb8\x80");
        assert_eq!(value("'\u{fffd}\\ud800\\ufffd'"), b"\xef\xbf\xbd\xed\xa0\x80\xef\xbf\xbd");
        assert_eq!(value(r"'\\ud800'"), b"\\ud800");
        assert_eq!(value(r"'\N{REPLACEMENT CHARACTER}' '\udfff'"), b"\xef\xbf\xbd\xed\xbf\xbf");
        assert_eq!(value(r"r'\ud800'"), br"\ud800");
    }

    #[test]
    fn integers() {
        let read = |text: &str| {
            let parsed = ruff_python_parser::parse_expression(text).unwrap();
            match &parsed.expr().as_number_literal_expr().unwrap().value {
                ast::Number::Int(value) => integer(value),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(read("0x7fff_ffff_ffff_ffff"), Integer::Small(i64::MAX));
        assert_eq!(read("0x8000_0000_0000_0000"), Integer::Big(IBig::from(1u64 << 63)));
        assert_eq!(read("1_000_000_000_000_000_000_000"), Integer::Big(IBig::from(10u8).pow(21)));
        assert_eq!(read("0b1_1"), Integer::Small(3));
        assert_eq!(decimal_digits("0xff"), None);
        assert_eq!(decimal_digits("1_0"), Some(2));
    }
}
