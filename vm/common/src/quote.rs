//! `repr` of str and bytes, `ascii`.
use crate::Outcome;
use crate::wtf8::{Wtf8, Wtf8Buf};
pub fn repr_str(text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
/// `ascii(text)` of a str; also what turns any repr into `ascii()` is [`escape_non_ascii`].
pub fn ascii_str(text: &Wtf8) -> Outcome<String> { todo!() }
/// Escapes everything beyond ASCII in a finished repr.
pub fn escape_non_ascii(repr: &Wtf8) -> Outcome<String> { todo!() }
/// `b'...'`.
pub fn repr_bytes(bytes: &[u8]) -> Outcome<String> { todo!() }
