//! Value-free algorithms of Python: what the types, the compiler and the native modules compute, over plain Rust data
//! (`&[u8]`, [`wtf8::Wtf8`], `f64`, `IBig`). This crate knows neither the heap nor the interpreter.
//!
//! Invariants: nothing here panics on any input; nothing asks for memory in proportion to an untrusted number
//! without checking it first ([`Failure::Memory`]); what can fail in Python fails here with a [`Failure`] that
//! carries CPython's wording.
#![deny(unsafe_code)]

pub mod codec;
mod failure;
pub mod format_spec;
pub mod format_string;
pub mod number;
pub mod pack;
pub mod percent;
pub mod quote;
pub mod siphash;
pub mod strings;
#[cfg(test)]
mod testing;
pub mod unicode;
pub mod unicode_names;
pub mod wtf8;

pub use failure::{Failure, MAX_BYTES, Outcome};
