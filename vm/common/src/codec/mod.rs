//! Codecs between bytes and [`Wtf8`], with CPython's error ranges and reasons.
//!
//! A codec calls an error handler where the input cannot be converted. [`BuiltIn`] holds the standard handlers; the
//! VM passes handlers that call Python. Positions are byte offsets when decoding and code point indices when encoding.

mod driver;
mod escape;
mod handlers;
mod single;
mod utf16;
mod utf32;
mod utf7;
mod utf8;

pub use escape::{
    EscapeDecoded, decode_escape, decode_raw_unicode_escape, decode_unicode_escape, encode_escape,
    encode_raw_unicode_escape, encode_unicode_escape,
};
pub use handlers::{BuiltIn, CodecError, fix_decoding, fix_encoding};
pub use single::{decode_ascii, decode_charmap, decode_latin1, encode_ascii, encode_charmap, encode_latin1};
pub use utf7::{decode_utf7, encode_utf7};
pub use utf8::{decode_utf8, encode_utf8, is_utf8};
pub use utf16::{decode_utf16, encode_utf16};
pub use utf32::{decode_utf32, encode_utf32};

use crate::Failure;
use crate::wtf8::{Wtf8, Wtf8Buf};

/// What a decoding error handler answers.
#[derive(Clone, Debug)]
pub struct DecodeFix {
    /// To be inserted.
    pub text: Wtf8Buf,
    /// Where decoding goes on; negative counts from the end.
    pub position: isize,
    /// The input that decoding goes on with, if the handler has replaced it.
    pub input: Option<Vec<u8>>,
}

/// Called where input cannot be decoded.
pub trait DecodeHandler {
    /// What ends the decoding.
    type Error: From<Failure>;

    /// Says how to go on after `input[start..end]`.
    fn fix_decoding(
        &mut self,
        encoding: &str,
        input: &[u8],
        start: usize,
        end: usize,
        reason: &str,
    ) -> Result<DecodeFix, Self::Error>;
}

/// What stands for what cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// To be encoded in its turn.
    Text(Wtf8Buf),
    /// To be inserted.
    Bytes(Vec<u8>),
}

/// What an encoding error handler answers.
#[derive(Clone, Debug)]
pub struct EncodeFix {
    /// What to write.
    pub replacement: Replacement,
    /// Where encoding goes on; negative counts from the end.
    pub position: isize,
}

/// Called where text cannot be encoded.
pub trait EncodeHandler {
    /// What ends the encoding.
    type Error: From<Failure>;

    /// Says how to go on after the code points `start..end`.
    fn fix_encoding(
        &mut self,
        encoding: &str,
        input: &Wtf8,
        start: usize,
        end: usize,
        reason: &str,
    ) -> Result<EncodeFix, Self::Error>;

    /// The UnicodeEncodeError itself, for when the replacement cannot be encoded either.
    fn refuse_encoding(&mut self, encoding: &str, input: &Wtf8, start: usize, end: usize, reason: &str) -> Self::Error;
}

/// Text and how many bytes it came from (fewer than given only if more were to follow).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: Wtf8Buf,
    /// Bytes consumed.
    pub consumed: usize,
}

/// Byte order of UTF-16 and UTF-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// By the mark at the start, which is taken off or put on; little without one.
    Mark,
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

#[cfg(test)]
mod tests;
