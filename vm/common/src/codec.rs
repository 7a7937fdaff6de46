//! Codecs.
use crate::Failure;
use crate::wtf8::{Wtf8, Wtf8Buf};
/// What a decoding error handler answers.
pub struct DecodeFix { pub text: Wtf8Buf, /** negative counts from the end */ pub position: isize, /** the handler replaced the input */ pub input: Option<Vec<u8>> }
pub trait DecodeHandler { type Error: From<Failure>;
    fn fix(&mut self, encoding: &str, input: &[u8], start: usize, end: usize, reason: &str) -> Result<DecodeFix, Self::Error>; }
pub enum Replacement { Text(Wtf8Buf), Bytes(Vec<u8>) }
pub struct EncodeFix { pub replacement: Replacement, pub position: isize }
/// Positions are code point indices.
pub trait EncodeHandler { type Error: From<Failure>;
    fn fix(&mut self, encoding: &str, input: &Wtf8, start: usize, end: usize, reason: &str) -> Result<EncodeFix, Self::Error>; }
/// Text and number of bytes consumed.
pub struct Decoded { pub text: Wtf8Buf, pub consumed: usize }
pub fn decode_utf8<H: DecodeHandler>(input: &[u8], is_final: bool, handler: &mut H) -> Result<Decoded, H::Error> { todo!() }
pub fn encode_utf8<H: EncodeHandler>(input: &Wtf8, handler: &mut H) -> Result<Vec<u8>, H::Error> { todo!() }
/// Whole valid UTF-8 (no surrogates)?
pub fn is_utf8(input: &[u8]) -> bool { std::str::from_utf8(input).is_ok() }
pub fn decode_ascii<H: DecodeHandler>(input: &[u8], handler: &mut H) -> Result<Wtf8Buf, H::Error> { todo!() }
pub fn encode_ascii<H: EncodeHandler>(input: &Wtf8, handler: &mut H) -> Result<Vec<u8>, H::Error> { todo!() }
pub fn decode_latin1(input: &[u8]) -> Result<Wtf8Buf, Failure> { todo!() }
pub fn encode_latin1<H: EncodeHandler>(input: &Wtf8, handler: &mut H) -> Result<Vec<u8>, H::Error> { todo!() }
