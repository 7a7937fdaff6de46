//! Encodings that are converted here, and the way to the others.

use std::borrow::Cow;

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
use super::{Ending, Settings, Text};

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

/// What is held back between two pieces of input.
#[derive(Clone, Default)]
pub(super) struct Held {
    pub(super) newlines: Newlines,
    /// Undecoded bytes of a character whose rest is yet to come.
    pub(super) leftover: Vec<u8>,
}

/// A decoder at work: on what was taken out of the file's state, or on a copy. The registry's decoder has its own state.
pub(super) struct Decoder<'a> {
    file: &'a Ref<Text>,
    pub(super) native: Option<Native>,
    pub(super) ending: Ending,
    pub(super) held: Held,
}

impl<'a> Decoder<'a> {
    /// A decoder that goes on from `held`.
    pub(super) fn new(file: &'a Ref<Text>, settings: Settings, held: Held) -> Decoder<'a> {
        Decoder { file, native: settings.native, ending: settings.ending, held }
    }

    /// Decodes input: to text whose line endings are dealt with.
    pub(super) fn decode(&mut self, cx: &Cx, input: Vec<u8>, is_final: bool) -> PyResult<Vec<u8>> {
        let text = match self.native {
            Some(native) => self.decode_native(cx, native, input, is_final)?,
            None => decode_registered(cx, self.file, &input, is_final)?,
        };
        Ok(match self.ending {
            Ending::Translated => self.held.newlines.process(text, true, is_final),
            Ending::Universal => self.held.newlines.process(text, false, is_final),
            Ending::Only(_) => text,
        })
    }

    fn decode_native(&mut self, cx: &Cx, native: Native, mut input: Vec<u8>, is_final: bool) -> PyResult<Vec<u8>> {
        if !self.held.leftover.is_empty() {
            let mut whole = std::mem::take(&mut self.held.leftover);
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
        let mut handler = Handler::new(cx, self.file.handler(cx), None);
        let decoded: Result<_, ConversionError> = match native {
            Native::Utf8 => codec::decode_utf8(&input, is_final, &mut handler).map(|decoded| {
                self.held.leftover = input.get(decoded.consumed..).unwrap_or_default().to_vec();
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

    fn registered(&self) -> Option<Value> {
        self.file.decoder.get().and_then(Value::not_none)
    }

    /// Forgets what is held back.
    pub(super) fn reset(&mut self, cx: &Cx) -> PyResult<()> {
        self.held = Held::default();
        match self.registered() {
            Some(decoder) => call(cx, decoder, "reset", &[]).map(drop),
            None => Ok(()),
        }
    }

    /// The bytes held back, and the flags of the registry's decoder.
    pub(super) fn state(&self, cx: &Cx) -> PyResult<(Vec<u8>, i64)> {
        let Some(decoder) = self.registered() else { return Ok((self.held.leftover.clone(), 0)) };
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

    /// Sets the bytes held back, and the flags of the registry's decoder.
    pub(super) fn set_state(&mut self, cx: &Cx, buffer: &[u8], flags: i64) -> PyResult<()> {
        match self.registered() {
            Some(decoder) => {
                let state = cx.new_tuple(&[cx.new_bytes(buffer).value(), cx.new_int_from_i64(flags)]);
                call(cx, decoder, "setstate", &[state.value()])?;
            }
            None => self.held.leftover = buffer.to_vec(),
        }
        Ok(())
    }
}

/// A decoder on what the file holds back, which [`put_back`] puts back.
pub(super) fn take_decoder<'a>(cx: &Cx, file: &'a Ref<Text>) -> Decoder<'a> {
    let (settings, held) = file.state.with(cx, |state| {
        let leftover = std::mem::take(&mut state.held.leftover);
        (state.settings, Held { newlines: state.held.newlines, leftover })
    });
    Decoder::new(file, settings, held)
}

/// Makes what a decoder holds back the file's.
pub(super) fn put_back(cx: &Cx, file: &Ref<Text>, held: Held) {
    file.state.with(cx, |state| state.held = held);
}

/// Decodes input that comes after all that was decoded before.
pub(super) fn decode(cx: &Cx, file: &Ref<Text>, input: Vec<u8>, is_final: bool) -> PyResult<Vec<u8>> {
    let mut decoder = take_decoder(cx, file);
    let decoded = decoder.decode(cx, input, is_final);
    put_back(cx, file, decoder.held);
    decoded
}

/// Forgets what the decoder holds back.
pub(super) fn reset_decoder(cx: &Cx, file: &Ref<Text>) -> PyResult<()> {
    let mut decoder = take_decoder(cx, file);
    let result = decoder.reset(cx);
    put_back(cx, file, decoder.held);
    result
}

/// Encodes text whose line endings are dealt with.
pub(super) fn encode<'a>(
    cx: &Cx,
    file: &Ref<Text>,
    native: Option<Native>,
    text: &'a Ref<Str>,
) -> PyResult<Cow<'a, [u8]>> {
    let Some(native) = native else { return encode_registered(cx, file, text).map(Cow::Owned) };
    let plain = match native {
        Native::Utf8 => text.to_str().is_some(),
        Native::Ascii | Native::Latin1 => text.is_ascii(),
    };
    if plain {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let mut handler = Handler::new(cx, file.handler(cx), Some(*text));
    let source = text.as_wtf8();
    let encoded: Result<Vec<u8>, ConversionError> = match native {
        Native::Utf8 => codec::encode_utf8(source, &mut handler),
        Native::Ascii => codec::encode_ascii(source, &mut handler),
        Native::Latin1 => codec::encode_latin1(source, &mut handler),
    };
    encoded.map(Cow::Owned).map_err(|error| error.raise(cx))
}

fn encode_registered(cx: &Cx, file: &Ref<Text>, text: &Ref<Str>) -> PyResult<Vec<u8>> {
    let encoded = call(cx, file.encoder.get_or_none(), "encode", &[text.value()])?;
    match encoded.downcast::<Bytes>(cx) {
        Some(encoded) => Ok(encoded.as_bytes().to_vec()),
        None => {
            let class = encoded.class_name(cx);
            Err(raise!(cx, TypeError, "encoder should return a bytes object, not '{class}'"))
        }
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
