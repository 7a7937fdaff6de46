//! The formats of the `struct` module: their layout, and packing and unpacking of single values.

use crate::number::int::{self, ByteOrder, Int, IntRef};
use crate::{Failure, Outcome};

/// A run of values of one kind; for `s` and `p` one value of `count` bytes. Pad bytes have no item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The format letter.
    pub code: u8,
    /// How many values, or the length of `s` and `p`.
    pub count: usize,
    /// Where the first starts.
    pub offset: usize,
    /// Bytes of one value (1 for `s` and `p`).
    pub size: usize,
}

/// A parsed format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    /// In order, without empty ones other than `s` and `p`.
    pub items: Vec<Item>,
    /// Bytes of the whole.
    pub size: usize,
    /// How many values are packed or unpacked.
    pub values: usize,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
    /// Whether sizes and alignment are those of C on this machine.
    pub native: bool,
}

/// What one value of a format stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Unpacked {
    /// All int formats.
    Int(Int),
    /// `e`, `f`, `d`.
    Float(f64),
    /// `F`, `D`: real and imaginary part.
    Complex(f64, f64),
    /// `?`.
    Bool(bool),
    /// `c`: bytes of length 1.
    Char(u8),
}

fn bad(message: &'static str) -> Failure {
    Failure::Struct(message.into())
}

/// Size and alignment of a format letter.
fn kind(code: u8, native: bool) -> Option<(usize, usize)> {
    let (size, alignment) = match code {
        b'x' | b'b' | b'B' | b'c' | b's' | b'p' | b'?' => (1, 1),
        b'h' | b'H' | b'e' => (2, 2),
        b'i' | b'I' | b'f' => (4, 4),
        b'l' | b'L' if native => (size_of::<std::ffi::c_long>(), align_of::<std::ffi::c_long>()),
        b'l' | b'L' => (4, 4),
        b'q' | b'Q' | b'd' => (8, 8),
        b'n' | b'N' | b'P' if native => (size_of::<usize>(), align_of::<usize>()),
        b'F' => (8, 4),
        b'D' => (16, 8),
        _ => return None,
    };
    Some((size, if native { alignment } else { 1 }))
}

impl Format {
    /// Parses a format, as ASCII.
    pub fn parse(text: &[u8]) -> Outcome<Format> {
        if text.contains(&0) {
            return Err(bad("embedded null character"));
        }
        let native_big = cfg!(target_endian = "big");
        let (big_endian, native, rest) = match text {
            [b'<', rest @ ..] => (false, false, rest),
            [b'>' | b'!', rest @ ..] => (true, false, rest),
            [b'=', rest @ ..] => (native_big, false, rest),
            [b'@', rest @ ..] => (native_big, true, rest),
            _ => (native_big, true, text),
        };
        let mut format = Format { items: Vec::new(), size: 0, values: 0, big_endian, native };
        let mut rest = rest.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            if matches!(byte, b' ' | 0x09..=0x0D) {
                continue;
            }
            let mut code = Some(byte);
            let mut count = None;
            while let Some(digit @ b'0'..=b'9') = code {
                let grown = count
                    .unwrap_or(0usize)
                    .checked_mul(10)
                    .and_then(|tens| tens.checked_add(usize::from(digit - b'0')));
                count = Some(grown.filter(|&count| count <= isize::MAX as usize).ok_or_else(too_long)?);
                code = rest.next();
            }
            let code = code.ok_or_else(|| bad("repeat count given without format specifier"))?;
            format.push(code, count.unwrap_or(1))?;
        }
        Ok(format)
    }

    fn push(&mut self, code: u8, count: usize) -> Outcome<()> {
        let (size, alignment) = kind(code, self.native).ok_or_else(|| bad("bad char in struct format"))?;
        let offset = self.size.checked_next_multiple_of(alignment).ok_or_else(too_long)?;
        let total = count.checked_mul(size).and_then(|bytes| bytes.checked_add(offset));
        self.size = total.filter(|&total| total <= isize::MAX as usize).ok_or_else(too_long)?;
        let values = match code {
            b'x' => 0,
            b's' | b'p' => 1,
            _ => count,
        };
        self.values += values;
        if values > 0 {
            self.items.push(Item { code, count, offset, size });
        }
        Ok(())
    }

    fn order(&self) -> ByteOrder {
        if self.big_endian { ByteOrder::Big } else { ByteOrder::Little }
    }

    /// The value of an item (other than `s` and `p`) in `bytes`, which are `item.size` long (missing ones are zero).
    pub fn unpack(&self, item: &Item, bytes: &[u8]) -> Unpacked {
        let half = item.size / 2;
        let float = |bytes: &[u8], code| float_from(little(bytes, self.big_endian), code);
        match item.code {
            b'?' => Unpacked::Bool(bytes.iter().any(|&byte| byte != 0)),
            b'c' => Unpacked::Char(bytes.first().copied().unwrap_or(0)),
            b'e' | b'f' | b'd' => Unpacked::Float(float(bytes, item.code)),
            b'F' | b'D' => {
                let (re, im) = bytes.split_at(half.min(bytes.len()));
                let code = item.code.to_ascii_lowercase();
                Unpacked::Complex(float(re, code), float(im, code))
            }
            _ => Unpacked::Int(int::from_bytes(bytes, self.order(), is_signed(item.code))),
        }
    }

    /// Packs an int into `out`, which is `item.size` long.
    pub fn pack_int(&self, item: &Item, value: IntRef, out: &mut [u8]) -> Outcome<()> {
        let signed = is_signed(item.code) || (item.code == b'P' && value.is_negative());
        let bytes = int::to_bytes(value, item.size, self.order(), signed).map_err(|_| out_of_range(item))?;
        copy(out, &bytes)
    }

    /// Packs a float by `e`, `f` or `d` into `out`, which is `item.size` long.
    pub fn pack_float(&self, item: &Item, value: f64, out: &mut [u8]) -> Outcome<()> {
        let mut bytes = float_bits(value, item.code)?.to_le_bytes();
        let bytes = &mut bytes[..item.size.min(8)];
        if self.big_endian {
            bytes.reverse();
        }
        copy(out, bytes)
    }

    /// Packs a complex number by `F` or `D` into `out`, which is `item.size` long.
    pub fn pack_complex(&self, item: &Item, re: f64, im: f64, out: &mut [u8]) -> Outcome<()> {
        let part = Item { code: item.code.to_ascii_lowercase(), size: item.size / 2, ..*item };
        let (first, second) = out.split_at_mut(part.size.min(out.len()));
        self.pack_float(&part, re, first)?;
        self.pack_float(&part, im, second)
    }
}

impl Item {
    /// Packs bytes by `s` (cut, or filled with zeros) or `p` (the length in the first byte) into `out`, which is
    /// `count` long.
    pub fn pack_bytes(&self, value: &[u8], out: &mut [u8]) {
        out.fill(0);
        let mut target = out;
        if self.code == b'p' {
            let Some((length, rest)) = target.split_first_mut() else {
                return;
            };
            *length = value.len().min(rest.len()).min(255) as u8;
            target = rest;
        }
        let length = value.len().min(target.len());
        target[..length].copy_from_slice(&value[..length]);
    }

    /// The bytes that `s` or `p` stand for in `bytes`, which are `count` long.
    pub fn unpack_bytes<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        match (self.code, bytes) {
            (b'p', [length, rest @ ..]) => &rest[..rest.len().min(usize::from(*length))],
            _ => bytes,
        }
    }
}

fn too_long() -> Failure {
    bad("total struct size too long")
}

fn copy(out: &mut [u8], bytes: &[u8]) -> Outcome<()> {
    let target = out.get_mut(..bytes.len()).ok_or_else(|| bad("buffer too small"))?;
    target.copy_from_slice(bytes);
    Ok(())
}

fn is_signed(code: u8) -> bool {
    matches!(code, b'b' | b'h' | b'i' | b'l' | b'q' | b'n')
}

fn out_of_range(item: &Item) -> Failure {
    if item.code == b'P' {
        return bad("int too large to convert");
    }
    let bits = 8 * item.size as u32;
    let code = char::from(item.code);
    let (least, most) = if is_signed(item.code) {
        (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)
    } else {
        (0, (1i128 << bits) - 1)
    };
    Failure::Struct(format!("'{code}' format requires {least} <= number <= {most}").into())
}

/// Up to eight bytes as a word.
fn little(bytes: &[u8], big_endian: bool) -> u64 {
    let shift = |word: u64, &byte: &u8| word << 8 | u64::from(byte);
    if big_endian { bytes.iter().fold(0, shift) } else { bytes.iter().rev().fold(0, shift) }
}

const SIGN: u64 = 1 << 63;
const INFINITE: u64 = 0x7FF << 52;

/// The float that the bits of a format stand for. Not-a-numbers keep their payload.
fn float_from(bits: u64, code: u8) -> f64 {
    let (exponent_bits, mantissa_bits) = match code {
        b'e' => (5, 10),
        b'f' => (8, 23),
        _ => return f64::from_bits(bits),
    };
    let sign = if bits >> (exponent_bits + mantissa_bits) & 1 != 0 { SIGN } else { 0 };
    let exponent = bits >> mantissa_bits & ((1 << exponent_bits) - 1);
    let mantissa = bits & ((1 << mantissa_bits) - 1);
    let magnitude = if exponent == (1 << exponent_bits) - 1 {
        INFINITE | mantissa << (52 - mantissa_bits)
    } else if exponent == 0 {
        // Subnormal: so many units of the smallest number.
        let unit = 2f64.powi(2 - (1 << (exponent_bits - 1)) - mantissa_bits);
        (mantissa as f64 * unit).to_bits()
    } else {
        (exponent + 1024 - (1 << (exponent_bits - 1))) << 52 | mantissa << (52 - mantissa_bits)
    };
    f64::from_bits(sign | magnitude)
}

/// The bits of a float in a format, rounded to nearest, ties to even.
fn float_bits(value: f64, code: u8) -> Outcome<u64> {
    let (exponent_bits, mantissa_bits) = match code {
        b'e' => (5, 10),
        b'f' => (8, 23),
        _ => return Ok(value.to_bits()),
    };
    let sign = u64::from(value.is_sign_negative()) << (exponent_bits + mantissa_bits);
    let infinite = ((1 << exponent_bits) - 1) << mantissa_bits;
    if value.is_infinite() {
        return Ok(sign | infinite);
    }
    if value.is_nan() {
        let payload = (value.to_bits() & !(SIGN | INFINITE)) >> (52 - mantissa_bits);
        return Ok(sign | infinite | payload.max(1));
    }
    let least_exponent = 2 - (1 << (exponent_bits - 1));
    let magnitude = value.abs();
    let exponent = ((magnitude.to_bits() >> 52) as i32 - 1023).max(least_exponent);
    // In units of the last place; rounding up to a power of two carries into the exponent as it should.
    let units = (magnitude * 2f64.powi(-exponent / 2) * 2f64.powi(mantissa_bits - exponent + exponent / 2))
        .round_ties_even() as u64;
    let bits = ((exponent - least_exponent) as u64) << mantissa_bits;
    let bits = bits + units;
    if bits >= infinite || exponent >= 1 << (exponent_bits - 1) {
        let code = char::from(code);
        return Err(Failure::overflow(format!("float too large to pack with {code} format")));
    }
    Ok(sign | bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_int::IBig;

    fn size(text: &str) -> Outcome<usize> {
        Format::parse(text.as_bytes()).map(|format| format.size)
    }

    fn message(text: &str) -> String {
        size(text).unwrap_err().message().to_owned()
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("", 0),
            ("bhilqnPfd?c5s3p2x", 68),
            ("<bhilqfd?c5s3p2x", 43),
            ("bq", 16),
            ("qb", 9),
            ("b0q", 8),
            ("=bq", 9),
            ("e", 2),
            ("F", 8),
            ("D", 16),
            ("<F", 8),
            ("0s", 0),
            ("@bhx", 5),
            (" b\th", 4),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["<n", "<P", "z", " 3 h ", "<h>", "-1b"] {
            assert_eq!(message(text), "bad char in struct format");
        }
        assert_eq!(message("3"), "repeat count given without format specifier");
        assert_eq!(message("99999999999999999999b"), "total struct size too long");
        assert_eq!(message("9223372036854775807q"), "total struct size too long");
        assert_eq!(message("\0"), "embedded null character");
        assert_eq!(Format::parse(b"3h2x2s0s0h").unwrap().values, 5);
    }

    fn packed(text: &str, value: i64) -> Result<Vec<u8>, String> {
        let format = Format::parse(text.as_bytes()).unwrap();
        let mut out = vec![0; format.size];
        let result = format.pack_int(&format.items[0], value.into(), &mut out);
        result.map(|()| out).map_err(|failure| failure.message().to_owned())
    }

    #[test]
    fn ints() {
        assert_eq!(packed("<h", -2).unwrap(), [0xFE, 0xFF]);
        assert_eq!(packed(">I", 1).unwrap(), [0, 0, 0, 1]);
        assert_eq!(packed("P", -1).unwrap(), [0xFF; 8]);
        assert_eq!(packed("b", 128).unwrap_err(), "'b' format requires -128 <= number <= 127");
        assert_eq!(packed("H", -1).unwrap_err(), "'H' format requires 0 <= number <= 65535");
        assert_eq!(packed("<l", 1 << 31).unwrap_err(), "'l' format requires -2147483648 <= number <= 2147483647");
        assert_eq!(packed("L", -1).unwrap_err(), "'L' format requires 0 <= number <= 18446744073709551615");
        let format = Format::parse(b"P").unwrap();
        let refused = format.pack_int(&format.items[0], (&(IBig::ONE << 64)).into(), &mut [0; 8]);
        assert_eq!(refused.unwrap_err().message(), "int too large to convert");
        let format = Format::parse(b">Qq").unwrap();
        assert_eq!(format.unpack(&format.items[0], &[0xFF; 8]), Unpacked::Int(u64::MAX.into()));
        assert_eq!(format.unpack(&format.items[1], &[0xFF; 8]), Unpacked::Int(Int::Small(-1)));
    }

    fn float(text: &str, value: f64) -> Outcome<Vec<u8>> {
        let format = Format::parse(text.as_bytes()).unwrap();
        let mut out = vec![0; format.size];
        format.pack_float(&format.items[0], value, &mut out).map(|()| out)
    }

    #[test]
    fn halves() {
        let bits = |value| float(">e", value).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
        for (value, expected) in [
            (65519.0, 0x7BFF),
            (1e-8, 0),
            (2f64.powi(-25), 0),
            (2f64.powi(-24), 1),
            (3.0 * 2f64.powi(-25), 2),
            (f64::NAN, 0x7E00),
            (f64::NEG_INFINITY, 0xFC00),
            (-0.0, 0x8000),
            (1.0009765625, 0x3C01),
            (2049.0, 0x6800),
            (2051.0, 0x6802),
            (5e-324, 0),
        ] {
            assert_eq!(bits(value), Ok(expected), "{value}");
        }
        let too_large = Err(Failure::overflow("float too large to pack with e format"));
        assert_eq!(bits(65520.0), too_large);
        assert_eq!(bits(f64::MAX), too_large);
        for word in 0..=u16::MAX {
            let value = float_from(word.into(), b'e');
            assert_eq!(float_bits(value, b'e'), Ok(word.into()));
        }
    }

    #[test]
    fn singles() {
        let mut random = crate::testing::Random(3);
        for _ in 0..100_000 {
            let word = random.next() as u32;
            let value = f32::from_bits(word);
            let wide = float_from(word.into(), b'f');
            if !value.is_nan() {
                assert_eq!(wide, f64::from(value));
            }
            assert_eq!(float_bits(wide, b'f'), Ok(word.into()));
            let any = random.float();
            match any as f32 {
                narrow if narrow.is_finite() => {
                    assert_eq!(float_bits(any, b'f'), Ok(narrow.to_bits().into()))
                }
                _ => assert!(float_bits(any, b'f').is_err()),
            }
        }
        assert_eq!(float("<f", 3.4028235677973362e38).unwrap(), [0xFF, 0xFF, 0x7F, 0x7F]);
        let refused = float("f", 3.4028235677973366e38).unwrap_err();
        assert_eq!(refused, Failure::overflow("float too large to pack with f format"));
        assert_eq!(float(">d", 1.5).unwrap(), 1.5f64.to_be_bytes());
    }

    #[test]
    fn complexes_and_bytes() {
        let format = Format::parse(b"<FD").unwrap();
        let mut out = [0; 8];
        format.pack_complex(&format.items[0], 1.0, 2.0, &mut out).unwrap();
        assert_eq!(out, [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]);
        assert_eq!(format.unpack(&format.items[0], &out), Unpacked::Complex(1.0, 2.0));
        let format = Format::parse(b"3p3s0p").unwrap();
        let mut out = [9; 3];
        format.items[0].pack_bytes(b"abcd", &mut out);
        assert_eq!(out, [2, b'a', b'b']);
        assert_eq!(format.items[0].unpack_bytes(&[5, b'a', b'b']), b"ab");
        format.items[1].pack_bytes(b"a", &mut out);
        assert_eq!(out, [b'a', 0, 0]);
        format.items[2].pack_bytes(b"a", &mut []);
        assert_eq!(format.items[2].unpack_bytes(&[]), b"");
    }
}
