//! Hashes of numbers, tuples and sets, equal to CPython's on 64-bit machines. −1 is never a hash; it becomes −2.

use super::IntRef;
use super::complex::Complex;
use dashu_int::Sign;

/// Numbers hash to their value modulo this prime, 2 ** 61 − 1.
const MODULUS: u64 = (1 << 61) - 1;
const INFINITY_HASH: i64 = 314_159;
const IMAGINARY: u64 = 1_000_003;

#[inline]
fn never_minus_one(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

/// As `hash(int)`.
#[inline]
pub fn hash_int(a: IntRef) -> i64 {
    let (negative, magnitude) = match a {
        IntRef::Small(a) => (a < 0, a.unsigned_abs() % MODULUS),
        IntRef::Big(a) => {
            let (sign, words) = a.as_sign_words();
            let fold = |hash: u64, &word: &u64| {
                let value = u128::from(hash) << 64 | u128::from(word);
                (value % u128::from(MODULUS)) as u64
            };
            (sign == Sign::Negative, words.iter().rev().fold(0, fold))
        }
    };
    let hash = magnitude as i64;
    never_minus_one(if negative { -hash } else { hash })
}

/// As `hash(float)`; `None` for nan, which hashes as the object it is.
#[inline]
pub fn hash_float(x: f64) -> Option<i64> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { INFINITY_HASH } else { -INFINITY_HASH });
    }
    let whole = x as i64;
    if whole as f64 == x && whole != i64::MAX {
        return Some(hash_int(IntRef::Small(whole)));
    }
    let bits = x.to_bits();
    let biased = (bits >> 52 & 0x7FF) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if biased == 0 { fraction } else { fraction | 1 << 52 };
    // 2 ** 61 is 1 modulo the prime, so multiplying by a power of two rotates 61 bits.
    let turn = (biased.max(1) - 1075).rem_euclid(61) as u32;
    let hash = ((mantissa << turn) & MODULUS) | (mantissa >> (61 - turn));
    let hash = (if hash == MODULUS { 0 } else { hash }) as i64;
    Some(never_minus_one(if x < 0.0 { -hash } else { hash }))
}

/// As `hash(complex)`; `nan_hash` stands for a part that is nan.
pub fn hash_complex(z: Complex, nan_hash: i64) -> i64 {
    let re = hash_float(z.re).unwrap_or(nan_hash) as u64;
    let im = hash_float(z.im).unwrap_or(nan_hash) as u64;
    never_minus_one(re.wrapping_add(IMAGINARY.wrapping_mul(im)) as i64)
}

const PRIME_1: u64 = 11_400_714_785_074_694_791;
const PRIME_2: u64 = 14_029_467_366_897_019_727;
const PRIME_5: u64 = 2_870_177_450_012_600_261;

/// Hashes a tuple from its items' hashes, in order.
#[derive(Clone, Copy, Debug)]
pub struct TupleHasher {
    state: u64,
    length: u64,
}

impl Default for TupleHasher {
    fn default() -> Self {
        TupleHasher::new()
    }
}

impl TupleHasher {
    /// Of no items yet.
    #[inline]
    pub const fn new() -> Self {
        TupleHasher { state: PRIME_5, length: 0 }
    }

    /// The next item's hash.
    #[inline]
    pub fn add(&mut self, hash: i64) {
        let mixed = self.state.wrapping_add((hash as u64).wrapping_mul(PRIME_2));
        self.state = mixed.rotate_left(31).wrapping_mul(PRIME_1);
        self.length += 1;
    }

    /// The tuple's hash.
    #[inline]
    pub fn finish(self) -> i64 {
        let hash = self.state.wrapping_add(self.length ^ (PRIME_5 ^ 3_527_539));
        if hash == u64::MAX { 1_546_275_796 } else { hash as i64 }
    }
}

/// As `hash(tuple)`, from the items' hashes.
pub fn hash_tuple(hashes: &[i64]) -> i64 {
    let mut hasher = TupleHasher::new();
    hashes.iter().for_each(|&hash| hasher.add(hash));
    hasher.finish()
}

/// Hashes a frozenset from its items' hashes, in any order.
#[derive(Clone, Copy, Debug, Default)]
pub struct FrozensetHasher {
    state: u64,
    length: u64,
}

impl FrozensetHasher {
    /// Of no items yet.
    pub const fn new() -> Self {
        FrozensetHasher { state: 0, length: 0 }
    }

    /// Another item's hash.
    pub fn add(&mut self, hash: i64) {
        let hash = hash as u64;
        self.state ^= ((hash ^ 89_869_747) ^ (hash << 16)).wrapping_mul(3_644_798_167);
        self.length += 1;
    }

    /// The set's hash.
    pub fn finish(self) -> i64 {
        let mut hash = self.state ^ (self.length + 1).wrapping_mul(1_927_868_237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69069).wrapping_add(907_133_923);
        if hash == u64::MAX { 590_923_713 } else { hash as i64 }
    }
}

/// As `object.__hash__` of an object at this address.
#[inline]
pub fn hash_address(address: usize) -> i64 {
    // The low bits of an address are mostly zero.
    never_minus_one(address.rotate_right(4) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashu_int::IBig;

    fn float(x: f64) -> i64 {
        hash_float(x).unwrap()
    }

    #[test]
    fn numbers() {
        let ten = IBig::from(10).pow(40);
        assert_eq!([-1, -2, (1 << 61) - 1, 1 << 61].map(|a: i64| hash_int(a.into())), [-2, -2, 0, 1]);
        assert_eq!(hash_int((&ten).into()), 1388497483929617590);
        assert_eq!(hash_int((&-ten).into()), -1388497483929617590);
        assert_eq!(hash_int((&IBig::from(7)).into()), 7);
        let floats = [0.1, 1e300, -1.5, 5e-324, f64::INFINITY, f64::NEG_INFINITY, 2f64.powi(70), -0.0, -1.0];
        let hashes =
            [230584300921369408, 1224995262755759164, -1152921504606846977, 16777216, 314159, -314159, 512, 0, -2];
        assert_eq!(floats.map(float), hashes);
        assert_eq!(hash_float(f64::NAN), None);
        assert_eq!(float(2f64.powi(63)), hash_int((&(IBig::ONE << 63)).into()));
        let parts = [(1.0, 2.0), (0.0, 1.0), (0.0, -1.0), (-0.0, -1.0), (0.5, 0.25)];
        let hashes = parts.map(|(re, im)| hash_complex(Complex { re, im }, 0));
        assert_eq!(hashes, [2000007, 1000003, -2000006, -2000006, 2882303761517117440]);
    }

    #[test]
    fn collections() {
        assert_eq!(hash_tuple(&[]), 5740354900026072187);
        assert_eq!(hash_tuple(&[1]), -6644214454873602895);
        assert_eq!(hash_tuple(&[1, 2, 3]), 529344067295497451);
        assert_eq!(hash_tuple(&(0..100).collect::<Vec<_>>()), 4479737025582696436);
        let frozen = |hashes: &[i64]| {
            let mut hasher = FrozensetHasher::new();
            hashes.iter().for_each(|&hash| hasher.add(hash));
            hasher.finish()
        };
        assert_eq!(frozen(&[]), 133146708735736);
        assert_eq!(frozen(&[1]), -558064481276695278);
        assert_eq!(frozen(&(0..10).rev().collect::<Vec<_>>()), 3895031357313128696);
        assert_eq!(frozen(&[-2, 512]), -5538490020596840296);
    }
}
