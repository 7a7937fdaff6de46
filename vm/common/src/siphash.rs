//! The keyed hash of str and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKey { pub k0: u64, pub k1: u64 }
impl HashKey {
    /// As PYTHONHASHSEED=seed; 0 disables randomisation (zero key).
    pub fn from_seed(seed: u32) -> Self { todo!() }
    pub fn from_random(bytes: [u8; 16]) -> Self { todo!() }
    /// hash() of bytes.
    pub fn hash_bytes(self, bytes: &[u8]) -> i64 { todo!() }
    /// hash() of str. (CPython hashes the fixed-width code units.)
    pub fn hash_str(self, text: &crate::wtf8::Wtf8) -> i64 { todo!() }
}
/// SipHash-1-3.
pub fn siphash13(key: HashKey, bytes: &[u8]) -> u64 { todo!() }
