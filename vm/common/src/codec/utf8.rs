//! UTF-8.

use super::driver::{Decoder, Encoder};
use super::{DecodeHandler, Decoded, EncodeHandler};
use crate::wtf8::{Wtf8, is_surrogate};

/// Whether the bytes are UTF-8, without surrogates.
pub fn is_utf8(input: &[u8]) -> bool {
    std::str::from_utf8(input).is_ok()
}

/// Decodes. Unless `is_final`, an incomplete sequence at the end is left for the next call.
pub fn decode_utf8<H: DecodeHandler>(input: &[u8], is_final: bool, handler: &mut H) -> Result<Decoded, H::Error> {
    let mut decoder = Decoder::new("utf-8", input, handler)?;
    loop {
        let rest = &decoder.input[decoder.position..];
        let (valid, problem) = match std::str::from_utf8(rest) {
            Ok(_) => (rest.len(), None),
            Err(error) => (error.valid_up_to(), Some(error.error_len())),
        };
        crate::failure::grow(&mut decoder.out, valid)?;
        decoder.out.extend_from_slice(&decoder.input[decoder.position..][..valid]);
        decoder.position += valid;
        match problem {
            None => return Ok(decoder.finish()),
            Some(None) if !is_final => return Ok(decoder.finish()),
            Some(None) => decoder.fail(decoder.rest().len(), "unexpected end of data")?,
            // The start of a surrogate may become one that a handler passes.
            Some(_) if !is_final && matches!(decoder.rest(), [0xED, 0xA0..=0xBF]) => {
                return Ok(decoder.finish());
            }
            Some(Some(length)) => {
                let reason = match decoder.rest()[0] {
                    0x80..=0xC1 | 0xF5.. => "invalid start byte",
                    _ => "invalid continuation byte",
                };
                decoder.fail(length, reason)?;
            }
        }
    }
}

/// Encodes; surrogates are errors.
pub fn encode_utf8<H: EncodeHandler>(input: &Wtf8, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    let mut encoder = Encoder::new("utf-8", input, handler)?;
    loop {
        let rest = encoder.rest();
        let valid = match std::str::from_utf8(rest.as_bytes()) {
            Ok(_) => rest.len(),
            Err(error) => error.valid_up_to(),
        };
        encoder.push(&rest.as_bytes()[..valid])?;
        encoder.offset += valid;
        if valid == rest.len() {
            return Ok(encoder.out);
        }
        encoder.index += rest.slice(0..valid).char_count();
        let run = encoder.rest().code_points().take_while(|&point| is_surrogate(point)).count();
        encoder.fail(run, "surrogates not allowed", 1, |point, out| {
            out.push(point as u8);
            point < 0x80
        })?;
    }
}
