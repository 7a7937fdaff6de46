//! Names of characters.
use crate::wtf8::Wtf8Buf;
pub fn name(c: u32) -> Option<String> { todo!() }
/// One code point, or several for a named sequence (unicodedata.lookup).
pub fn lookup(name: &str) -> Option<Wtf8Buf> { todo!() }
/// `\N{name}`: aliases but no sequences.
pub fn lookup_character(name: &str) -> Option<u32> { todo!() }
