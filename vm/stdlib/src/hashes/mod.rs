//! The hash algorithms that `hashlib` is made of: `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`.

pub mod blake2;
mod object;
pub mod plain;
pub mod sha3;
