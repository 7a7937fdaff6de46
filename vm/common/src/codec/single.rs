//! Codecs of one byte per code point: ASCII, Latin-1, and those given by a map.

use super::driver::{Decoder, Encoder};
use super::{DecodeHandler, EncodeHandler};
use crate::Outcome;
use crate::failure::{grow, reserve};
use crate::wtf8::{Wtf8, Wtf8Buf, push_code_point};

/// Decodes ASCII.
pub fn decode_ascii<H: DecodeHandler>(input: &[u8], handler: &mut H) -> Result<Wtf8Buf, H::Error> {
    let mut decoder = Decoder::new("ascii", input, handler)?;
    loop {
        let rest = decoder.rest();
        let valid = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        grow(&mut decoder.out, valid)?;
        decoder.out.extend_from_slice(&decoder.input[decoder.position..][..valid]);
        decoder.position += valid;
        if decoder.rest().is_empty() {
            return Ok(decoder.finish().text);
        }
        decoder.fail(1, "ordinal not in range(128)")?;
    }
}

/// Decodes Latin-1, which cannot fail but for lack of memory.
pub fn decode_latin1(input: &[u8]) -> Outcome<Wtf8Buf> {
    let high = input.iter().filter(|byte| !byte.is_ascii()).count();
    let mut bytes = reserve(input.len() + high)?;
    if high == 0 {
        bytes.extend_from_slice(input);
    } else {
        input.iter().for_each(|&byte| push_code_point(&mut bytes, byte.into()));
    }
    Ok(Wtf8Buf::from_trusted_bytes(bytes))
}

/// Encodes ASCII.
pub fn encode_ascii<H: EncodeHandler>(input: &Wtf8, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    encode_below(0x80, "ascii", "ordinal not in range(128)", input, handler)
}

/// Encodes Latin-1.
pub fn encode_latin1<H: EncodeHandler>(input: &Wtf8, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    encode_below(0x100, "latin-1", "ordinal not in range(256)", input, handler)
}

fn encode_below<H: EncodeHandler>(
    limit: u32,
    encoding: &'static str,
    reason: &str,
    input: &Wtf8,
    handler: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut encoder = Encoder::new(encoding, input, handler)?;
    if input.is_ascii() {
        encoder.push(input.as_bytes())?;
        return Ok(encoder.out);
    }
    while let Some((point, length)) = encoder.peek() {
        if point < limit {
            encoder.push(&[point as u8])?;
            encoder.skip(length);
            continue;
        }
        let run = encoder.rest().code_points().take_while(|&point| point >= limit).count();
        encoder.fail(run, reason, 1, |point, out| {
            out.push(point as u8);
            point < limit
        })?;
    }
    Ok(encoder.out)
}

const UNDEFINED: &str = "character maps to <undefined>";

/// Decodes by a map from a byte to text; it answers `false` for what is undefined.
pub fn decode_charmap<H: DecodeHandler>(
    input: &[u8],
    mut map: impl FnMut(u8, &mut Wtf8Buf) -> Result<bool, H::Error>,
    handler: &mut H,
) -> Result<Wtf8Buf, H::Error> {
    let mut decoder = Decoder::new("charmap", input, handler)?;
    let mut text = Wtf8Buf::new();
    while let Some(&byte) = decoder.rest().first() {
        text.clear();
        if map(byte, &mut text)? {
            grow(&mut decoder.out, text.len())?;
            decoder.out.extend_from_slice(text.as_bytes());
            decoder.position += 1;
        } else {
            decoder.fail(1, UNDEFINED)?;
        }
    }
    Ok(decoder.finish().text)
}

/// Encodes by a map from a code point to bytes; it answers `false` for what is undefined.
pub fn encode_charmap<H: EncodeHandler>(
    input: &Wtf8,
    map: impl Fn(u32, &mut Vec<u8>) -> bool,
    handler: &mut H,
) -> Result<Vec<u8>, H::Error> {
    let mut encoder = Encoder::new("charmap", input, handler)?;
    while let Some((point, length)) = encoder.peek() {
        grow(&mut encoder.out, 16)?;
        if map(point, &mut encoder.out) {
            encoder.skip(length);
            continue;
        }
        let mut scratch = Vec::new();
        let run = encoder.rest().code_points().take_while(|&point| !map(point, &mut scratch)).count();
        encoder.fail(run, UNDEFINED, 1, &map)?;
    }
    Ok(encoder.out)
}
