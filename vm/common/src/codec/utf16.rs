//! UTF-16.

use super::driver::{Decoder, Encoder};
use super::{DecodeHandler, Decoded, EncodeHandler, Endian};
use crate::wtf8::{Wtf8, is_surrogate};

fn name(endian: Endian) -> &'static str {
    match endian {
        Endian::Mark => "utf-16",
        Endian::Little => "utf-16-le",
        Endian::Big => "utf-16-be",
    }
}

/// Decodes; also tells the byte order, for the next call. Unless `is_final`, what is incomplete at the end is left.
pub fn decode_utf16<H: DecodeHandler>(
    input: &[u8],
    endian: Endian,
    is_final: bool,
    handler: &mut H,
) -> Result<(Decoded, Endian), H::Error> {
    let mut decoder = Decoder::new(name(endian), input, handler)?;
    let mut endian = endian;
    if endian == Endian::Mark {
        endian = match *input {
            [0xFF, 0xFE, ..] => Endian::Little,
            [0xFE, 0xFF, ..] => Endian::Big,
            _ => Endian::Mark,
        };
        if endian != Endian::Mark {
            decoder.position = 2;
        }
        // Without a mark it is read as, and errors speak of, little endian.
        decoder.set_encoding(name(if endian == Endian::Big { Endian::Big } else { Endian::Little }));
    }
    let big = endian == Endian::Big;
    let read = |bytes: &[u8]| {
        let pair = [bytes[0], bytes[1]];
        u32::from(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    };
    loop {
        let rest = decoder.rest();
        let length = rest.len();
        if length < 2 {
            if length == 0 || !is_final {
                return Ok((decoder.finish(), endian));
            }
            decoder.fail(length, "truncated data")?;
            continue;
        }
        match read(rest) {
            high @ 0xD800..0xDC00 if length >= 4 => match read(&rest[2..]) {
                low @ 0xDC00..0xE000 => decoder.accept(0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), 4)?,
                _ => decoder.fail(2, "illegal UTF-16 surrogate")?,
            },
            0xD800..0xDC00 if !is_final => return Ok((decoder.finish(), endian)),
            0xD800..0xDC00 => decoder.fail(length, "unexpected end of data")?,
            0xDC00..0xE000 => decoder.fail(2, "illegal encoding")?,
            point => decoder.accept(point, 2)?,
        }
    }
}

/// Encodes; surrogates are errors.
pub fn encode_utf16<H: EncodeHandler>(input: &Wtf8, endian: Endian, handler: &mut H) -> Result<Vec<u8>, H::Error> {
    let mut encoder = Encoder::new(name(endian), input, handler)?;
    let big = endian == Endian::Big;
    let bytes = |unit: u32| {
        if big { (unit as u16).to_be_bytes() } else { (unit as u16).to_le_bytes() }
    };
    if endian == Endian::Mark {
        encoder.push(&bytes(0xFEFF))?;
    }
    while let Some((point, length)) = encoder.peek() {
        if is_surrogate(point) {
            encoder.fail(1, "surrogates not allowed", 2, |point, out| {
                out.extend(bytes(point));
                point < 0x80
            })?;
            continue;
        }
        if point < 0x1_0000 {
            encoder.push(&bytes(point))?;
        } else {
            let above = point - 0x1_0000;
            encoder.push(&bytes(0xD800 + (above >> 10)))?;
            encoder.push(&bytes(0xDC00 + (above & 0x3FF)))?;
        }
        encoder.skip(length);
    }
    Ok(encoder.out)
}
