//! The keyed hash of str and bytes: SipHash-1-3 over the text in the fixed-width form that CPython stores, so that
//! hashes are CPython's for the same key.

use crate::wtf8::Wtf8;

/// The secret of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKey {
    /// First half.
    pub k0: u64,
    /// Second half.
    pub k1: u64,
}

impl HashKey {
    /// The key of `PYTHONHASHSEED=seed`; with 0 nothing is random.
    pub fn from_seed(seed: u32) -> Self {
        if seed == 0 {
            return HashKey { k0: 0, k1: 0 };
        }
        let mut state = seed;
        let mut word = || {
            let mut bytes = [0; 8];
            for byte in &mut bytes {
                state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
                *byte = (state >> 16) as u8;
            }
            u64::from_le_bytes(bytes)
        };
        let k0 = word();
        HashKey { k0, k1: word() }
    }

    /// A key from the system's randomness.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        let key = u128::from_le_bytes(bytes);
        HashKey { k0: key as u64, k1: (key >> 64) as u64 }
    }

    /// As `hash(bytes)`.
    #[inline]
    pub fn hash_bytes(self, bytes: &[u8]) -> i64 {
        if bytes.is_empty() {
            return 0;
        }
        match siphash13(self, bytes) as i64 {
            -1 => -2,
            hash => hash,
        }
    }

    /// As `hash(text)`: over one, two or four bytes per code point, whichever all code points fit.
    pub fn hash_str(self, text: &Wtf8) -> i64 {
        if text.is_ascii() {
            return self.hash_bytes(text.as_bytes());
        }
        let points = text.code_points();
        let units: Vec<u8> = match text.max_code_point() {
            0..0x100 => points.map(|point| point as u8).collect(),
            0x100..0x1_0000 => points.flat_map(|point| (point as u16).to_ne_bytes()).collect(),
            _ => points.flat_map(u32::to_ne_bytes).collect(),
        };
        self.hash_bytes(&units)
    }
}

struct State([u64; 4]);

impl State {
    #[inline]
    fn round(&mut self) {
        let [a, b, c, d] = &mut self.0;
        *a = a.wrapping_add(*b);
        *c = c.wrapping_add(*d);
        *b = b.rotate_left(13) ^ *a;
        *d = d.rotate_left(16) ^ *c;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*b);
        *a = a.wrapping_add(*d);
        *b = b.rotate_left(17) ^ *c;
        *d = d.rotate_left(21) ^ *a;
        *c = c.rotate_left(32);
    }

    #[inline]
    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }
}

/// SipHash with one round per word and three at the end.
pub fn siphash13(key: HashKey, bytes: &[u8]) -> u64 {
    let mut state = State([
        key.k0 ^ 0x736f_6d65_7073_6575,
        key.k1 ^ 0x646f_7261_6e64_6f6d,
        key.k0 ^ 0x6c79_6765_6e65_7261,
        key.k1 ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = bytes.as_chunks::<8>();
    for &word in words {
        state.absorb(u64::from_le_bytes(word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = bytes.len() as u8;
    state.absorb(u64::from_le_bytes(last));
    state.0[2] ^= 0xFF;
    for _ in 0..3 {
        state.round();
    }
    state.0.iter().fold(0, |hash, word| hash ^ word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wtf8::Wtf8Buf;

    /// Seed, hashes of the texts, hash of a lone surrogate.
    const EXPECTED: [(u32, [i64; 7], i64); 4] = [
        (
            0,
            [
                0,
                4644417185603328019,
                -4594863902769663758,
                -5642461784034726774,
                6047309291227476195,
                1800529422896539876,
                -6970120874385731343,
            ],
            5926611903945376553,
        ),
        (
            1,
            [
                0,
                -3012895188637184397,
                -4667308735975688587,
                4697380503286254714,
                8133168473585362875,
                7878966523820160372,
                7860550542609649698,
            ],
            3047174455005046515,
        ),
        (
            42,
            [
                0,
                -123207753977932514,
                3869580338025362921,
                -3893157060480277979,
                5653850369683463245,
                -2010860213495462754,
                3739657454509745579,
            ],
            3727559787064597055,
        ),
        (
            u32::MAX,
            [
                0,
                -5989683813037840249,
                -6122489556238538401,
                6208778848576073069,
                -5741392403324874290,
                -945582275966399707,
                15917687635634242,
            ],
            -7343857683946629238,
        ),
    ];

    #[test]
    fn as_cpython() {
        let texts = ["", "a", "abc", "hello world", "é", "é€", "a😀"];
        for (seed, hashes, lone_surrogate) in EXPECTED {
            let key = HashKey::from_seed(seed);
            assert_eq!(texts.map(|text| key.hash_str(Wtf8::new(text))), hashes);
            assert_eq!(key.hash_str(&Wtf8Buf::from_code_points([0xD800])), lone_surrogate);
        }
        let key = HashKey::from_seed(1);
        assert_eq!(key.hash_bytes(b"0123456789abcdef"), 3673576830174574914);
        assert_eq!(key.hash_bytes(&[b'x'; 100]), 8959034462456271562);
    }
}
