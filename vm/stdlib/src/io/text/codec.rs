//! Encodings that are converted here, and the way to the others.

use countless_common::codec;
use countless_common::wtf8::Wtf8;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::codecs::{self, ConversionError, Handler};
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

use super::super::base::call;
use super::super::newline::Newlines;
use super::{Ending, State, Text};

/// An encoding that is converted here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Native {
    Utf8,
    Ascii,
    Latin1,
}

/// The encoding of a name, if it is one of those.
pub(super) fn native(name: &Wtf8) -> Option<Native> {
    Some(match &*codecs::normalize(name).replace('_', "-").to_ascii_lowercase() {
        "utf-8" | "utf8" => Native::Utf8,
        "ascii" | "us-ascii" => Native::Ascii,
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => Native::Latin1,
        _ => return None,
    })
}

impl State {
    /// Decodes what the buffer gave: to text whose line endings are dealt with.
    pub(super) fn decode(&mut self, cx: &Cx, file: &Ref<Text>, input: Vec<u8>, is_final: bool) -> PyResult<Vec<u8>> {
        let text = match self.native {
            Some(native) => self.decode_native(cx, file, native, input, is_final)?,
            None => decode_registered(cx, file, &input, is_final)?,
        };
        Ok(match self.ending {
            Ending::Translated => self.newlines.process(text, true, is_final),
            Ending::Universal => self.newlines.process(text, false, is_final),
            Ending::Only(_) => text,
        })
    }

    fn decode_native(
        &mut self,
        cx: &Cx,
        file: &Ref<Text>,
        native: Native,
        mut input: Vec<u8>,
        is_final: bool,
    ) -> PyResult<Vec<u8>> {
        if !self.leftover.is_empty() {
            let mut whole = std::mem::take(&mut self.leftover);
            whole.append(&mut input);
            input = whole;
        }
        let plain = match native {
            Native::Utf8 => std::str::from_utf8(&input).is_ok(),
            Native::Ascii | Native::Latin1 => input.is_ascii(),
        };
        if plain {
            return Ok(input);
        }
        let mut handler = Handler::new(cx, file.handler(cx), None);
        let decoded: Result<_, ConversionError> = match native {
            Native::Utf8 => codec::decode_utf8(&input, is_final, &mut handler).map(|decoded| {
                self.leftover = input.get(decoded.consumed..).unwrap_or_default().to_vec();
                decoded.text
            }),
            Native::Ascii => codec::decode_ascii(&input, &mut handler),
            Native::Latin1 => codec::decode_latin1(&input).map_err(ConversionError::from),
        };
        match decoded {
            Ok(text) => Ok(text.into_bytes()),
            Err(error) => Err(error.raise(cx)),
        }
    }

    /// Encodes text, whose line endings are dealt with, onto what waits.
    pub(super) fn encode(&mut self, cx: &Cx, file: &Ref<Text>, text: Ref<Str>) -> PyResult<()> {
        let native = match self.native {
            Some(native) => native,
            None => {
                let encoder = file.encoder.get_or_none();
                let encoded = call(cx, encoder, "encode", &[text.value()])?;
                let Some(encoded) = encoded.downcast::<Bytes>(cx) else {
                    return Err(raise!(
                        cx,
                        TypeError,
                        "encoder should return a bytes object, not '{}'",
                        encoded.class_name(cx)
                    ));
                };
                self.pending.extend_from_slice(encoded.as_bytes());
                return Ok(());
            }
        };
        let plain = match native {
            Native::Utf8 => text.to_str().is_some(),
            Native::Ascii | Native::Latin1 => text.is_ascii(),
        };
        if plain {
            self.pending.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let mut handler = Handler::new(cx, file.handler(cx), Some(text));
        let source = text.as_wtf8();
        let encoded: Result<Vec<u8>, ConversionError> = match native {
            Native::Utf8 => codec::encode_utf8(source, &mut handler),
            Native::Ascii => codec::encode_ascii(source, &mut handler),
            Native::Latin1 => codec::encode_latin1(source, &mut handler),
        };
        match encoded {
            Ok(bytes) => self.pending.extend_from_slice(&bytes),
            Err(error) => return Err(error.raise(cx)),
        }
        Ok(())
    }

    /// Forgets what the decoder holds back.
    pub(super) fn reset_decoder(&mut self, cx: &Cx, file: &Ref<Text>) -> PyResult<()> {
        self.leftover.clear();
        self.newlines = Newlines::default();
        if let Some(decoder) = file.decoder.get().and_then(Value::not_none) {
            call(cx, decoder, "reset", &[])?;
        }
        Ok(())
    }

    /// The decoder's bytes held back and flags.
    pub(super) fn decoder_state(&self, cx: &Cx, file: &Ref<Text>) -> PyResult<(Vec<u8>, i64)> {
        let Some(decoder) = file.decoder.get().and_then(Value::not_none) else { return Ok((self.leftover.clone(), 0)) };
        let state = call(cx, decoder, "getstate", &[])?;
        let Some(state) = state.downcast::<Tuple>(cx).filter(|state| state.len() == 2) else {
            return Err(cx.type_error("illegal decoder state"));
        };
        let Some(buffer) = state.get(0).downcast::<Bytes>(cx) else {
            let class = state.get(0).class_name(cx);
            return Err(raise!(
                cx,
                TypeError,
                "illegal decoder state: the first item should be a bytes object, not '{class}'"
            ));
        };
        Ok((buffer.as_bytes().to_vec(), number::index_i64(cx, state.get(1))?))
    }

    /// Sets the decoder's bytes held back and flags.
    pub(super) fn set_decoder_state(&mut self, cx: &Cx, file: &Ref<Text>, buffer: &[u8], flags: i64) -> PyResult<()> {
        match file.decoder.get().and_then(Value::not_none) {
            Some(decoder) => {
                let state = cx.new_tuple(&[cx.new_bytes(buffer).value(), cx.new_int_from_i64(flags)]);
                call(cx, decoder, "setstate", &[state.value()])?;
            }
            None => self.leftover = buffer.to_vec(),
        }
        Ok(())
    }
}

fn decode_registered(cx: &Cx, file: &Ref<Text>, input: &[u8], is_final: bool) -> PyResult<Vec<u8>> {
    let decoder = file.decoder.get_or_none();
    let text = call(cx, decoder, "decode", &[cx.try_new_bytes(input)?.value(), Value::bool(is_final)])?;
    match text.downcast::<Str>(cx) {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None => Err(raise!(cx, TypeError, "decoder should return a string result, not '{}'", text.class_name(cx))),
    }
}
