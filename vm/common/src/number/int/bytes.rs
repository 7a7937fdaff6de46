//! `int.to_bytes` and `int.from_bytes`.

use super::{Int, IntRef};
use crate::failure::reserve;
use crate::{Failure, Outcome};
use dashu_int::{IBig, Sign, UBig};

/// Which byte comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant.
    Little,
    /// The most significant.
    Big,
}

/// As `int.to_bytes`.
pub fn to_bytes(a: IntRef, length: usize, order: ByteOrder, signed: bool) -> Outcome<Vec<u8>> {
    let negative = a.is_negative();
    if negative && !signed {
        return Err(Failure::overflow("can't convert negative int to unsigned"));
    }
    let too_big = || Failure::overflow("int too big to convert");
    let mut bytes = reserve(length)?;
    match a {
        IntRef::Small(value) => bytes.extend(value.to_le_bytes()),
        IntRef::Big(value) => {
            let words = value.as_sign_words().1;
            bytes.try_reserve(words.len() * 8).map_err(|_| Failure::Memory)?;
            bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            if negative {
                negate_bytes(&mut bytes);
                // The sign of a magnitude that fills its top bit needs a byte of its own.
                bytes.push(if value.is_zero() { 0 } else { 0xFF });
            } else {
                bytes.push(0);
            }
        }
    }
    let filler = if negative { 0xFF } else { 0 };
    if bytes.iter().skip(length).any(|&byte| byte != filler) {
        return Err(too_big());
    }
    bytes.resize(length, filler);
    if signed {
        let top = bytes.last().map_or(filler, |&byte| if byte & 0x80 != 0 { 0xFF } else { 0 });
        if top != filler || (negative && length == 0) {
            return Err(too_big());
        }
    }
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    Ok(bytes)
}

/// Negates a little-endian number in two's complement.
fn negate_bytes(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        let (sum, overflow) = (!*byte).overflowing_add(u8::from(carry));
        *byte = sum;
        carry = overflow;
    }
}

/// As `int.from_bytes`.
pub fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> Int {
    match order {
        ByteOrder::Little => from_little(bytes, signed),
        ByteOrder::Big => {
            let mut little = bytes.to_vec();
            little.reverse();
            from_little(&little, signed)
        }
    }
}

fn from_little(bytes: &[u8], signed: bool) -> Int {
    let negative = signed && bytes.last().is_some_and(|&top| top & 0x80 != 0);
    if bytes.len() <= 8 {
        let mut word = [if negative { 0xFF } else { 0 }; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        return if signed { i64::from_le_bytes(word).into() } else { u64::from_le_bytes(word).into() };
    }
    if !negative {
        return IBig::from(UBig::from_le_bytes(bytes)).into();
    }
    let mut magnitude = bytes.to_vec();
    negate_bytes(&mut magnitude);
    IBig::from_parts(Sign::Negative, UBig::from_le_bytes(&magnitude)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits() {
        let to = |value: i64, length, signed| to_bytes(value.into(), length, ByteOrder::Big, signed);
        let too_big = Err(Failure::overflow("int too big to convert"));
        assert_eq!(to(300, 1, false), too_big);
        assert_eq!(to(-1, 1, false), Err(Failure::overflow("can't convert negative int to unsigned")));
        assert_eq!(to(-129, 1, true), too_big);
        assert_eq!(to(-128, 1, true).unwrap(), [0x80]);
        assert_eq!(to(128, 1, true), too_big);
        assert_eq!(to(255, 1, false).unwrap(), [0xFF]);
        assert_eq!(to(0, 0, false).unwrap(), [0u8; 0]);
        assert_eq!(to(-1, 0, true), too_big);
        assert_eq!(to(0, 0, true).unwrap(), [0u8; 0]);
        assert_eq!(to(-2, 3, true).unwrap(), [0xFF, 0xFF, 0xFE]);
        assert_eq!(to(i64::MIN, 8, true).unwrap(), i64::MIN.to_be_bytes());
        assert_eq!(to(1, 1 << 45, true), Err(Failure::Memory));
    }

    #[test]
    fn round_trips() {
        for shift in [0, 7, 8, 63, 64, 65, 127, 128, 200] {
            for value in [IBig::ONE << shift, -(IBig::ONE << shift), (IBig::ONE << shift) - IBig::ONE] {
                for order in [ByteOrder::Little, ByteOrder::Big] {
                    let bytes = to_bytes((&value).into(), 40, order, true).unwrap();
                    assert_eq!(from_bytes(&bytes, order, true), value.clone().into());
                }
            }
            let least = to_bytes((&-(IBig::ONE << shift)).into(), shift / 8 + 1, ByteOrder::Little, true).unwrap();
            assert_eq!(from_bytes(&least, ByteOrder::Little, true), (-(IBig::ONE << shift)).into());
        }
        assert_eq!(from_bytes(&[0xFF, 0], ByteOrder::Little, true), Int::Small(255));
        assert_eq!(from_bytes(&[0xFF; 8], ByteOrder::Little, false), Int::from(u64::MAX));
        assert_eq!(from_bytes(&[0xFF; 9], ByteOrder::Big, true), Int::Small(-1));
    }
}
