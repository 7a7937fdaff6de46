//! Against what CPython 3.14 answered: `tests/data/codec.txt` has a line per case, of direction (d: decode, i: decode
//! with more to follow, e: encode), codec, handler, input, and result or `!encoding start end reason`; text is UTF-8
//! with surrogates, and everything is in hexadecimal.

use super::*;

const CASES: &str = include_str!("../../tests/data/codec.txt");

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn error(error: CodecError) -> String {
    match error {
        CodecError::Decode { encoding, start, end, reason } | CodecError::Encode { encoding, start, end, reason } => {
            format!("!{encoding} {start} {end} {reason}")
        }
        CodecError::Failure(failure) => panic!("{failure:?}"),
    }
}

fn decode(codec: &str, input: &[u8], is_final: bool, handler: &mut BuiltIn) -> Result<Decoded, CodecError> {
    let whole = |text| Decoded { text, consumed: input.len() };
    match codec {
        "utf-8" => decode_utf8(input, is_final, handler),
        "utf-16" => decode_utf16(input, Endian::Mark, is_final, handler).map(|(decoded, _)| decoded),
        "utf-16-le" => decode_utf16(input, Endian::Little, is_final, handler).map(|(decoded, _)| decoded),
        "utf-16-be" => decode_utf16(input, Endian::Big, is_final, handler).map(|(decoded, _)| decoded),
        "utf-32" => decode_utf32(input, Endian::Mark, is_final, handler).map(|(decoded, _)| decoded),
        "utf-32-le" => decode_utf32(input, Endian::Little, is_final, handler).map(|(decoded, _)| decoded),
        "utf-32-be" => decode_utf32(input, Endian::Big, is_final, handler).map(|(decoded, _)| decoded),
        "ascii" => decode_ascii(input, handler).map(whole),
        "latin-1" => Ok(whole(decode_latin1(input)?)),
        "utf-7" => decode_utf7(input, is_final, handler),
        "unicode_escape" => decode_unicode_escape(input, is_final, handler)
            .map(|decoded| Decoded { text: decoded.value, consumed: decoded.consumed }),
        _ => decode_raw_unicode_escape(input, is_final, handler),
    }
}

/// What of cp1252 the cases use.
fn cp1252(point: u32, out: &mut Vec<u8>) -> bool {
    let byte = match point {
        0x20AC => 0x80,
        0..0x80 | 0xA0..0x100 => point as u8,
        _ => return false,
    };
    out.push(byte);
    true
}

fn encode(codec: &str, input: &Wtf8, handler: &mut BuiltIn) -> Result<Vec<u8>, CodecError> {
    match codec {
        "utf-8" => encode_utf8(input, handler),
        "utf-16" => encode_utf16(input, Endian::Mark, handler),
        "utf-16-le" => encode_utf16(input, Endian::Little, handler),
        "utf-16-be" => encode_utf16(input, Endian::Big, handler),
        "utf-32" => encode_utf32(input, Endian::Mark, handler),
        "utf-32-le" => encode_utf32(input, Endian::Little, handler),
        "utf-32-be" => encode_utf32(input, Endian::Big, handler),
        "ascii" => encode_ascii(input, handler),
        "latin-1" => encode_latin1(input, handler),
        "cp1252" => encode_charmap(input, cp1252, handler),
        "utf-7" => Ok(encode_utf7(input)?),
        "unicode_escape" => Ok(encode_unicode_escape(input)?),
        _ => Ok(encode_raw_unicode_escape(input)?),
    }
}

#[test]
fn as_cpython() {
    for line in CASES.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [direction, codec, handler, input, expected] = fields[..] else { panic!("{line}") };
        let mut handler = BuiltIn::from_name(handler).unwrap();
        let input = unhex(input);
        let result = if direction == "e" {
            encode(codec, Wtf8::from_bytes(&input).unwrap(), &mut handler).map(|bytes| hex(&bytes))
        } else {
            decode(codec, &input, direction == "d", &mut handler)
                .map(|decoded| format!("{} {}", hex(decoded.text.as_bytes()), decoded.consumed))
        };
        assert_eq!(result.unwrap_or_else(error), expected, "{line}");
    }
}

#[test]
fn escapes_of_bytes() {
    let decoded = decode_escape(b"\\x41\\n\\\n\\q\\8\\400\\777", "strict").unwrap();
    assert_eq!(decoded.value, b"A\n\\q\\8\x00\xff");
    assert_eq!(decoded.invalid_escape, Some(8));
    assert_eq!(decode_escape(b"\\xzza", "replace").unwrap().value, b"?zza");
    assert_eq!(decode_escape(b"\\x1za", "ignore").unwrap().value, b"za");
    assert_eq!(decode_escape(b"\\u0041", "strict").unwrap().value, b"\\u0041");
    for (input, errors, message) in [
        (&b"a\\x4"[..], "strict", "invalid \\x escape at position 1"),
        (b"\\", "replace", "Trailing \\ in string"),
        (b"\\x1za", "foo", "decoding error; unknown error handling code: foo"),
    ] {
        assert_eq!(decode_escape(input, errors).unwrap_err().message(), message);
    }
    assert_eq!(encode_escape(b"'a\n\\\x80\"").unwrap(), b"\\'a\\n\\\\\\x80\"");
    let decoded = decode_unicode_escape(b"ab\\q", true, &mut BuiltIn::Strict).unwrap();
    assert_eq!(decoded.invalid_escape, Some(2));
}

/// Answers what it was made with, once; then ignores.
struct Scripted(Option<DecodeFix>);

impl DecodeHandler for Scripted {
    type Error = CodecError;

    fn fix_decoding(&mut self, _: &str, _: &[u8], _: usize, end: usize, _: &str) -> Result<DecodeFix, CodecError> {
        let skip = DecodeFix { text: Wtf8Buf::new(), position: end as isize, input: None };
        Ok(self.0.take().unwrap_or(skip))
    }
}

#[test]
fn handlers_move_and_replace() {
    let fix = |position, input: Option<&[u8]>| {
        Scripted(Some(DecodeFix { text: "?".into(), position, input: input.map(<[u8]>::to_vec) }))
    };
    let decoded = decode_utf8(b"a\xffbc", true, &mut fix(-1, None)).unwrap();
    assert_eq!(decoded.text, "a?c");
    let decoded = decode_utf8(b"a\xffbc", true, &mut fix(0, None)).unwrap();
    assert_eq!(decoded.text, "a?abc");
    let decoded = decode_ascii(b"\xff", &mut fix(2, Some(b"xyz"))).unwrap();
    assert_eq!(decoded, "?z");
    let refused = decode_ascii(b"\xff", &mut fix(5, None)).unwrap_err();
    let message = "position 5 from error handler out of bounds";
    assert_eq!(refused, CodecError::Failure(Failure::Index(message.into())));
    assert!(decode_ascii(b"\xff", &mut fix(-2, None)).is_err());
}
