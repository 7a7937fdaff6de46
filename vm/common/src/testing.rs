//! What tests share: a checksum and a random sequence that expectations were computed with under CPython.

/// CRC-32, as `zlib.crc32`.
pub struct Crc {
    table: Vec<u32>,
    state: u32,
}

impl Crc {
    pub fn new() -> Self {
        let step = |crc: u32, _| {
            if crc & 1 != 0 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        };
        Crc { table: (0..256u32).map(|byte| (0..8).fold(byte, step)).collect(), state: !0 }
    }

    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = self.state >> 8 ^ self.table[usize::from(self.state as u8 ^ byte)];
        }
    }

    pub fn finish(self) -> u32 {
        !self.state
    }
}

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ word >> 31
    }

    /// Finite floats: any bits, short decimals, integers, halves and powers of two.
    pub fn float(&mut self) -> f64 {
        let word = self.next();
        let x = match word % 5 {
            0 | 1 => f64::from_bits(self.next()),
            2 => (self.next() % 2_000_001) as f64 / 1000.0 - 1000.0,
            3 => (self.next() % 4001) as f64 / 8.0 - 250.0,
            _ => 2f64.powi((self.next() % 2000) as i32 - 1000),
        };
        if x.is_finite() { x } else { 0.5 }
    }
}
