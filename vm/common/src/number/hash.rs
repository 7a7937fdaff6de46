//! Hashes equal to CPython's.
use super::IntRef;
use super::complex::Complex;
pub fn hash_int(a: IntRef) -> i64 { todo!() }
/// None for nan: the caller hashes the object's identity.
pub fn hash_float(x: f64) -> Option<i64> { todo!() }
/// `nan_hash` stands for each part that is nan.
pub fn hash_complex(z: Complex, nan_hash: i64) -> i64 { todo!() }
/// From the hashes of the items.
pub fn hash_tuple(hashes: &[i64]) -> i64 { todo!() }
/// Incremental form of [`hash_tuple`].
#[derive(Clone, Copy, Debug)]
pub struct TupleHasher { state: u64, length: u64 }
impl TupleHasher { pub fn new() -> Self { todo!() } pub fn add(&mut self, hash: i64) { todo!() } pub fn finish(self) -> i64 { todo!() } }
/// Order-independent; add every item's hash.
#[derive(Clone, Copy, Debug)]
pub struct FrozensetHasher { state: u64, length: u64 }
impl FrozensetHasher { pub fn new() -> Self { todo!() } pub fn add(&mut self, hash: i64) { todo!() } pub fn finish(self) -> i64 { todo!() } }
/// hash(pointer), as `object.__hash__`.
pub fn hash_address(address: usize) -> i64 { todo!() }
