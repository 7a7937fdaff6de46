//! UTF-32.

use super::driver::{Decoder, Encoder};
use super::{DecodeHandler, Decoded, EncodeHandler, Endian};
use crate::wtf8::{Wtf8, is_surrogate};

fn name(endian: Endian) -> &'static str {
    match endian {
        Endian::Mark => "utf-32",
        Endian::Little => "utf-32-le",
        Endian::Big => "utf-32-be",
    }
}

/// Decodes; also tells the byte order, for the next call. Unless `is_final`, what is incomplete at the end is left.
pub fn decode_utf32<H: DecodeHandler>(
    input: &[u8],
    endian: Endian,
    is_final: bool,
    handler: &mut H,
) -> Result<(Decoded, Endian), H::Error> {
    let mut decoder = Decoder::new(name(endian), input, handler)?;
    let mut endian = endian;
    if endian == Endian::Mark {
        endian = match *input {
            [0xFF, 0xFE, 0, 0, ..] => Endian::Little,
            [0, 0, 0xFE, 0xFF, ..] => Endian::Big,
            _ => Endian::Mark,
        };
        if endian != Endian::Mark {
            decoder.position = 4;
        }
        // Without a mark it is read as, and errors speak of, little endian.
        decoder.set_encoding(name(if endian == Endian::Big { Endian::Big } else { Endian::Little }));
    }
    loop {
        let rest = decoder.rest();
        let Some(&unit) = rest.first_chunk::<4>() else {
            let length = rest.len();
            if length == 0 || !is_final {
                return Ok((decoder.finish(), endian));
            }
            decoder.fail(length, "truncated data")?;
            continue;
        };
        let point = if endian == Endian::Big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
        if is_surrogate(point) {
            decoder.fail(4, "code point in surrogate code point range(0xd800, 0xe000)")?;
        } else if point >= 0x11_0000 {
            decoder.fail(4, "code point not in range(0x110000)")?;
        } else {
            decoder.accept(point, 4)?;
        }
    }
}

/// Encodes; surrogates are errors.
pub fn encode_utf32<H: EncodeHandler>(input: &Wtf8, endian: Endian, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    let mut encoder = Encoder::new(name(endian), input, handler)?;
    let big = endian == Endian::Big;
    let bytes = |point: u32| {
        if big { point.to_be_bytes() } else { point.to_le_bytes() }
    };
    if endian == Endian::Mark {
        encoder.push(&bytes(0xFEFF))?;
    }
    while let Some((point, length)) = encoder.peek() {
        if is_surrogate(point) {
            encoder.fail(1, "surrogates not allowed", 4, |point, out| {
                out.extend(bytes(point));
                point < 0x80
            })?;
        } else {
            encoder.push(&bytes(point))?;
            encoder.skip(length);
        }
    }
    Ok(encoder.out)
}
