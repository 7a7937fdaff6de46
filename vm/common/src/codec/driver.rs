//! What the codecs share: input with a position, output, and the calls of the error handler.

use super::{DecodeHandler, EncodeHandler, Replacement};
use crate::failure::{grow, reserve};
use crate::wtf8::{Wtf8, Wtf8Buf, push_code_point};
use crate::{Failure, Outcome};
use std::borrow::Cow;

/// The position that a handler answered, in `0..=length`.
fn resolve(position: isize, length: usize) -> Outcome<usize> {
    let absolute = if position < 0 { position.checked_add_unsigned(length) } else { Some(position) };
    let found = absolute.and_then(|position| usize::try_from(position).ok());
    found
        .filter(|&found| found <= length)
        .ok_or_else(|| Failure::Index(format!("position {position} from error handler out of bounds").into()))
}

/// A decoding in progress.
pub(super) struct Decoder<'a, H> {
    pub input: Cow<'a, [u8]>,
    pub position: usize,
    pub out: Vec<u8>,
    encoding: &'static str,
    handler: &'a mut H,
}

impl<'a, H: DecodeHandler> Decoder<'a, H> {
    pub fn new(encoding: &'static str, input: &'a [u8], handler: &'a mut H) -> Result<Self, H::Error> {
        Ok(Decoder { input: Cow::Borrowed(input), position: 0, out: reserve(input.len())?, encoding, handler })
    }

    /// What is left.
    pub fn rest(&self) -> &[u8] {
        &self.input[self.position..]
    }

    pub fn set_encoding(&mut self, encoding: &'static str) {
        self.encoding = encoding;
    }

    /// Appends a code point.
    pub fn push(&mut self, point: u32) -> Result<(), H::Error> {
        grow(&mut self.out, 4)?;
        push_code_point(&mut self.out, point);
        Ok(())
    }

    /// Appends a code point and steps over its bytes.
    pub fn accept(&mut self, point: u32, length: usize) -> Result<(), H::Error> {
        self.position += length;
        self.push(point)
    }

    /// Asks the handler about the next `length` bytes.
    pub fn fail(&mut self, length: usize, reason: &str) -> Result<(), H::Error> {
        self.fail_from(self.position, self.position + length, reason)
    }

    /// Asks the handler about `start..end`.
    pub fn fail_from(&mut self, start: usize, end: usize, reason: &str) -> Result<(), H::Error> {
        let fix = self.handler.fix_decoding(self.encoding, &self.input, start, end, reason)?;
        if let Some(input) = fix.input {
            self.input = Cow::Owned(input);
        }
        self.position = resolve(fix.position, self.input.len())?;
        grow(&mut self.out, fix.text.len())?;
        self.out.extend_from_slice(fix.text.as_bytes());
        Ok(())
    }

    pub fn finish(self) -> super::Decoded {
        super::Decoded { text: Wtf8Buf::from_trusted_bytes(self.out), consumed: self.position }
    }
}

/// An encoding in progress.
pub(super) struct Encoder<'a, H> {
    input: &'a Wtf8,
    /// Byte offset of what is left.
    pub offset: usize,
    /// Code points before that.
    pub index: usize,
    pub out: Vec<u8>,
    encoding: &'static str,
    handler: &'a mut H,
}

impl<'a, H: EncodeHandler> Encoder<'a, H> {
    pub fn new(encoding: &'static str, input: &'a Wtf8, handler: &'a mut H) -> Result<Self, H::Error> {
        Ok(Encoder { input, offset: 0, index: 0, out: reserve(input.len())?, encoding, handler })
    }

    /// What is left.
    pub fn rest(&self) -> &'a Wtf8 {
        self.input.slice(self.offset..self.input.len())
    }

    /// The next code point, and its length in bytes.
    pub fn peek(&self) -> Option<(u32, usize)> {
        crate::wtf8::first_code_point(&self.input.as_bytes()[self.offset..])
    }

    /// Steps over a code point.
    pub fn skip(&mut self, length: usize) {
        self.offset += length;
        self.index += 1;
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), H::Error> {
        grow(&mut self.out, bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Asks the handler about the next `count` code points. `write` encodes a replacement text; `false` says that it
    /// cannot. `unit`: bytes that a replacement of bytes must be a multiple of.
    pub fn fail(
        &mut self,
        count: usize,
        reason: &str,
        unit: usize,
        write: impl Fn(u32, &mut Vec<u8>) -> bool,
    ) -> Result<(), H::Error> {
        let (start, end) = (self.index, self.index + count);
        let fix = self.handler.fix_encoding(self.encoding, self.input, start, end, reason)?;
        let written = match &fix.replacement {
            Replacement::Bytes(bytes) => {
                self.push(bytes)?;
                bytes.len() % unit == 0
            }
            Replacement::Text(text) => {
                grow(&mut self.out, text.len().saturating_mul(unit))?;
                text.code_points().all(|point| write(point, &mut self.out))
            }
        };
        if !written {
            return Err(self.handler.refuse_encoding(self.encoding, self.input, start, end, reason));
        }
        self.go_to(fix.position, end)
    }

    fn go_to(&mut self, position: isize, end: usize) -> Result<(), H::Error> {
        if usize::try_from(position) == Ok(end) {
            // The usual case, without counting from the start.
            self.offset += self.rest().byte_offset(end - self.index);
            self.index = end;
            return Ok(());
        }
        let index = resolve(position, self.input.char_count())?;
        self.offset = self.input.byte_offset(index);
        self.index = index;
        Ok(())
    }
}
