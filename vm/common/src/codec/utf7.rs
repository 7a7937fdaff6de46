//! UTF-7.

use super::driver::Decoder;
use super::{DecodeHandler, Decoded};
use crate::Outcome;
use crate::failure::{grow, reserve};
use crate::wtf8::Wtf8;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn from_base64(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

/// Bits of a shifted section that are not used up yet.
#[derive(Default)]
struct Bits {
    value: u32,
    count: u32,
}

/// A section between `+` and what ends it.
#[derive(Default)]
struct Section {
    bits: Bits,
    /// A high surrogate that waits for its low one.
    high: Option<u32>,
    /// Where the section starts in the input.
    start: usize,
    /// Length of the output before it.
    kept: usize,
}

impl Section {
    /// A digit of base 64; the code point or surrogate it completes, and what waited before it.
    fn digit(&mut self, value: u32) -> [Option<u32>; 2] {
        self.bits.value = self.bits.value << 6 | value;
        self.bits.count += 6;
        if self.bits.count < 16 {
            return [None, None];
        }
        self.bits.count -= 16;
        let unit = self.bits.value >> self.bits.count;
        self.bits.value &= (1 << self.bits.count) - 1;
        match (self.high.take(), unit) {
            (Some(high), 0xDC00..0xE000) => [None, Some(0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00))],
            (waiting, 0xD800..0xDC00) => {
                self.high = Some(unit);
                [waiting, None]
            }
            (waiting, _) => [waiting, Some(unit)],
        }
    }

    /// What is wrong with the bits left at the end.
    fn problem(&self) -> Option<&'static str> {
        match self.bits {
            Bits { count: 6.., .. } => Some("partial character in shift sequence"),
            Bits { value: 1.., .. } => Some("non-zero padding bits in shift sequence"),
            _ => None,
        }
    }
}

/// Decodes. Unless `is_final`, a section that has not ended is left for the next call.
pub fn decode_utf7<H: DecodeHandler>(input: &[u8], is_final: bool, handler: &mut H) -> Result<Decoded, H::Error> {
    let mut decoder = Decoder::new("utf7", input, handler)?;
    let mut section: Option<Section> = None;
    loop {
        let Some(&byte) = decoder.rest().first() else {
            match section.take() {
                Some(open) if !is_final => {
                    decoder.position = open.start;
                    decoder.out.truncate(open.kept);
                }
                Some(open) if open.high.is_some() || open.problem().is_some() => {
                    let end = decoder.input.len();
                    decoder.fail_from(open.start, end, "unterminated shift sequence")?;
                    if decoder.position < decoder.input.len() {
                        continue;
                    }
                }
                _ => {}
            }
            return Ok(decoder.finish());
        };
        match &mut section {
            Some(open) => match from_base64(byte) {
                Some(value) => {
                    decoder.position += 1;
                    for point in open.digit(value).into_iter().flatten() {
                        decoder.push(point)?;
                    }
                }
                None => {
                    let open = section.take().unwrap_or_default();
                    close(&mut decoder, &open, byte)?;
                }
            },
            None if byte == b'+' => section = open(&mut decoder)?,
            None if byte < 0x80 => decoder.accept(byte.into(), 1)?,
            None => decoder.fail(1, "unexpected special character")?,
        }
    }
}

/// A byte that is no digit ends the section.
fn close<H: DecodeHandler>(decoder: &mut Decoder<'_, H>, open: &Section, byte: u8) -> Result<(), H::Error> {
    if let Some(problem) = open.problem() {
        let end = decoder.position + 1;
        return decoder.fail_from(open.start, end, problem);
    }
    if let Some(high) = open.high
        && byte < 0x80
    {
        decoder.push(high)?;
    }
    // A minus only ends the section; anything else stands for itself.
    decoder.position += usize::from(byte == b'-');
    Ok(())
}

/// After a plus.
fn open<H: DecodeHandler>(decoder: &mut Decoder<'_, H>) -> Result<Option<Section>, H::Error> {
    match decoder.rest().get(1) {
        Some(b'-') => decoder.accept('+'.into(), 2)?,
        Some(&next) if from_base64(next).is_none() => decoder.fail(2, "ill-formed sequence")?,
        _ => {
            let section = Section { start: decoder.position, kept: decoder.out.len(), ..Section::default() };
            decoder.position += 1;
            return Ok(Some(section));
        }
    }
    Ok(None)
}

fn is_direct(point: u32) -> bool {
    matches!(point, 0x20..0x7E | 0x09 | 0x0A | 0x0D) && !matches!(point, 0x2B | 0x5C)
}

/// Encodes; nothing is an error.
pub fn encode_utf7(input: &Wtf8) -> Outcome<Vec<u8>> {
    let mut out = reserve(input.len())?;
    let mut bits: Option<Bits> = None;
    for point in input.code_points() {
        grow(&mut out, 12)?;
        if is_direct(point) {
            if let Some(rest) = bits.take() {
                flush(&mut out, &rest);
                if point == u32::from(b'-') || from_base64(point as u8).is_some() {
                    out.push(b'-');
                }
            }
            out.push(point as u8);
        } else if point == u32::from(b'+') && bits.is_none() {
            out.extend(b"+-");
        } else {
            let bits = bits.get_or_insert_with(|| {
                out.push(b'+');
                Bits::default()
            });
            if point >= 0x1_0000 {
                push_unit(&mut out, bits, 0xD800 + ((point - 0x1_0000) >> 10));
                push_unit(&mut out, bits, 0xDC00 + (point & 0x3FF));
            } else {
                push_unit(&mut out, bits, point);
            }
        }
    }
    if let Some(rest) = bits {
        grow(&mut out, 2)?;
        flush(&mut out, &rest);
        out.push(b'-');
    }
    Ok(out)
}

fn push_unit(out: &mut Vec<u8>, bits: &mut Bits, unit: u32) {
    bits.value = bits.value << 16 | unit;
    bits.count += 16;
    while bits.count >= 6 {
        bits.count -= 6;
        out.push(BASE64[(bits.value >> bits.count & 0x3F) as usize]);
    }
    bits.value &= (1 << bits.count) - 1;
}

fn flush(out: &mut Vec<u8>, bits: &Bits) {
    if bits.count > 0 {
        out.push(BASE64[(bits.value << (6 - bits.count) & 0x3F) as usize]);
    }
}
