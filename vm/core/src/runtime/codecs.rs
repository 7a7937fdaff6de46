//! Encodings: the native ones, the registry of the others, and error handlers.
//!
//! UTF-8, UTF-16, UTF-32, ASCII and Latin-1 are converted here at once; every other name is looked up through the search
//! functions of the registry, as the module `_codecs` offers it.

use countless_common::Failure;
use countless_common::codec::{self, BuiltIn, DecodeFix, DecodeHandler, EncodeFix, EncodeHandler, Endian, Replacement};
use countless_common::wtf8::{Wtf8, Wtf8Buf};
use countless_gc::Tracer;

use crate::exceptions::ExceptionKind;
use crate::object::cell::{Ref, RefField};
use crate::object::protocol::{buffer, number, object};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// What the module `_codecs` registers.
pub struct CodecRegistry {
    /// The search functions.
    search: RefField<List>,
    /// Codecs found, by normalized name.
    found: RefField<Dict>,
    /// Error handlers, by name.
    handlers: RefField<Dict>,
}

impl CodecRegistry {
    /// Nothing registered.
    pub const fn new() -> CodecRegistry {
        CodecRegistry { search: RefField::empty(), found: RefField::empty(), handlers: RefField::empty() }
    }

    /// Reports what is registered.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        self.search.trace(tracer);
        self.found.trace(tracer);
        self.handlers.trace(tracer);
    }
}

impl Default for CodecRegistry {
    fn default() -> Self {
        Self::new()
    }
}

// ---- the registry

fn search_functions(cx: &Cx) -> Ref<List> {
    let field = &cx.vm().codecs.search;
    match field.get() {
        Some(list) => list,
        None => {
            // Whoever is second takes the first one's.
            let _ = field.untyped().compare_exchange(cx, None, Some(cx.new_list().value()));
            field.get().unwrap_or_else(|| cx.new_list())
        }
    }
}

fn table(cx: &Cx, field: &RefField<Dict>) -> Ref<Dict> {
    match field.get() {
        Some(dict) => dict,
        None => {
            let _ = field.untyped().compare_exchange(cx, None, Some(cx.new_dict().value()));
            field.get().unwrap_or_else(|| cx.new_dict())
        }
    }
}

/// `codecs.register`.
pub fn register(cx: &Cx, function: Value) -> PyResult<()> {
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("argument must be callable"));
    }
    search_functions(cx).push(cx, function)
}

/// `codecs.unregister`.
pub fn unregister(cx: &Cx, function: Value) -> PyResult<()> {
    let kept = cx.new_list();
    let list = search_functions(cx);
    let mut index = 0;
    while let Some(item) = list.get(index) {
        index += 1;
        if item != function {
            kept.push(cx, item)?;
        }
    }
    cx.vm().codecs.search.set(cx, kept);
    cx.vm().codecs.found.set(cx, cx.new_dict());
    Ok(())
}

/// The name as search functions get it: lower case, runs of other characters than letters, digits and dots made one
/// underscore.
pub fn normalize(name: &Wtf8) -> String {
    let mut normalized = String::with_capacity(name.len());
    let mut gap = false;
    for &byte in name.as_bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'.' {
            if gap && !normalized.is_empty() {
                normalized.push('_');
            }
            gap = false;
            normalized.push(byte.to_ascii_lowercase() as char);
        } else {
            gap = true;
        }
    }
    normalized
}

/// `codecs.lookup`: the tuple of a codec.
pub fn lookup(cx: &Cx, encoding: Ref<Str>) -> PyResult<Ref<Tuple>> {
    let name = cx.intern_str(&normalize(encoding.as_wtf8()));
    let found = table(cx, &cx.vm().codecs.found);
    if let Some(codec) = found.get_name(cx, name)?
        && let Some(codec) = codec.downcast::<Tuple>(cx)
    {
        return Ok(codec);
    }
    let list = search_functions(cx);
    if list.is_empty() {
        import_encodings(cx)?;
    }
    let mut index = 0;
    while let Some(function) = list.get(index) {
        index += 1;
        let Some(codec) = cx.call(function, &[name.value()])?.not_none() else { continue };
        let Some(codec) = codec.downcast::<Tuple>(cx).filter(|codec| codec.len() == 4) else {
            return Err(cx.type_error("codec search functions must return 4-tuples"));
        };
        found.set_name(cx, name, codec.value())?;
        return Ok(codec);
    }
    Err(raise!(cx, LookupError, "unknown encoding: {}", encoding.as_wtf8()))
}

/// Imports the package that registers the usual search function.
fn import_encodings(cx: &Cx) -> PyResult<()> {
    let import = crate::types::module::builtin(cx, "__import__")?;
    cx.call(import, &[cx.names().encodings.value()])?;
    Ok(())
}

/// `codecs.register_error`.
pub fn register_error(cx: &Cx, name: Ref<Str>, handler: Value) -> PyResult<()> {
    if cx.type_of(handler).slots.call().is_none() {
        return Err(cx.type_error("handler must be callable"));
    }
    table(cx, &cx.vm().codecs.handlers).set(cx, name.value(), handler)
}

/// `codecs._unregister_error`: whether there was one.
pub fn unregister_error(cx: &Cx, name: Ref<Str>) -> PyResult<bool> {
    Ok(table(cx, &cx.vm().codecs.handlers).remove(cx, name.value())?.is_some())
}

/// `codecs.lookup_error`.
pub fn lookup_error(cx: &Cx, name: Ref<Str>) -> PyResult {
    match table(cx, &cx.vm().codecs.handlers).get(cx, name.value())? {
        Some(handler) => Ok(handler),
        None => Err(raise!(cx, LookupError, "unknown error handler name '{}'", name.as_wtf8())),
    }
}

// ---- error handlers in native conversions

/// What ends a conversion.
pub enum ConversionError {
    /// A pending exception.
    Raised(Raised),
    /// A failure that is still to be raised.
    Failure(Failure),
}

impl From<Failure> for ConversionError {
    fn from(failure: Failure) -> Self {
        ConversionError::Failure(failure)
    }
}

impl From<Raised> for ConversionError {
    fn from(raised: Raised) -> Self {
        ConversionError::Raised(raised)
    }
}

impl ConversionError {
    /// The pending exception.
    pub fn raise(self, cx: &Cx) -> Raised {
        match self {
            ConversionError::Raised(raised) => raised,
            ConversionError::Failure(failure) => cx.raise_failure(failure),
        }
    }
}

/// The error handler of one conversion: a standard one, or one registered under a name.
pub struct Handler<'a> {
    cx: &'a Cx,
    builtin: Option<BuiltIn>,
    name: Option<Ref<Str>>,
    /// The text being encoded, for exceptions.
    text: Option<Ref<Str>>,
}

impl<'a> Handler<'a> {
    /// By name; `None` is "strict".
    pub fn new(cx: &'a Cx, name: Option<Ref<Str>>, text: Option<Ref<Str>>) -> Handler<'a> {
        let builtin = match name {
            None => Some(BuiltIn::Strict),
            Some(name) => name.to_str().and_then(BuiltIn::from_name),
        };
        Handler { cx, builtin, name, text }
    }

    fn decode_error(&self, encoding: &str, input: &[u8], start: usize, end: usize, reason: &str) -> Value {
        let cx = self.cx;
        let (encoding, object) = (cx.new_str(encoding).value(), cx.new_bytes(input).value());
        let args = [encoding, object, Value::length(start), Value::length(end), cx.new_str(reason).value()];
        cx.new_exception(ExceptionKind::UnicodeDecodeError, &args)
    }

    fn encode_error(&self, encoding: &str, input: &Wtf8, start: usize, end: usize, reason: &str) -> Value {
        let cx = self.cx;
        let object = self.text.unwrap_or_else(|| cx.new_str_wtf8(input)).value();
        let encoding = cx.new_str(encoding).value();
        let args = [encoding, object, Value::length(start), Value::length(end), cx.new_str(reason).value()];
        cx.new_exception(ExceptionKind::UnicodeEncodeError, &args)
    }

    /// Calls a registered handler: what it returned, as a pair.
    fn call(&self, exception: Value, expected: &str) -> PyResult<(Value, isize)> {
        let cx = self.cx;
        let handler = lookup_error(cx, self.name.unwrap_or(cx.names().strict))?;
        let result = cx.call(handler, &[exception])?;
        let Some(pair) = result.downcast::<Tuple>(cx).filter(|pair| pair.len() == 2) else {
            return Err(cx.type_error(expected));
        };
        let position = number::index_i64(cx, pair.get(1))?;
        Ok((pair.get(0), position as isize))
    }
}

const DECODE_EXPECTED: &str = "decoding error handler must return (str, int) tuple";
const ENCODE_EXPECTED: &str = "encoding error handler must return (str/bytes, int) tuple";

impl DecodeHandler for Handler<'_> {
    type Error = ConversionError;

    fn fix_decoding(
        &mut self,
        encoding: &str,
        input: &[u8],
        start: usize,
        end: usize,
        reason: &str,
    ) -> Result<DecodeFix, ConversionError> {
        let cx = self.cx;
        if let Some(builtin) = self.builtin {
            if let Some(fix) = codec::fix_decoding(builtin, encoding, input, start, end) {
                return Ok(fix);
            }
            if matches!(builtin, BuiltIn::XmlCharRefReplace | BuiltIn::NameReplace) {
                let message = "don't know how to handle UnicodeDecodeError in error callback";
                return Err(cx.type_error(message).into());
            }
            return Err(cx.raise(self.decode_error(encoding, input, start, end, reason)).into());
        }
        let exception = self.decode_error(encoding, input, start, end, reason);
        let (replacement, position) = self.call(exception, DECODE_EXPECTED)?;
        let Some(text) = replacement.downcast::<Str>(cx) else { return Err(cx.type_error(DECODE_EXPECTED).into()) };
        // The handler may have put other input into the exception.
        let object = cx.get_attribute(exception, cx.names().object)?;
        let Some(object) = object.downcast::<Bytes>(cx) else {
            return Err(cx.type_error("exception attribute object must be bytes").into());
        };
        let replaced = (object.as_bytes() != input).then(|| object.as_bytes().to_vec());
        Ok(DecodeFix { text: text.as_wtf8().to_wtf8_buf(), position, input: replaced })
    }
}

impl EncodeHandler for Handler<'_> {
    type Error = ConversionError;

    fn fix_encoding(
        &mut self,
        encoding: &str,
        input: &Wtf8,
        start: usize,
        end: usize,
        reason: &str,
    ) -> Result<EncodeFix, ConversionError> {
        let cx = self.cx;
        if let Some(builtin) = self.builtin {
            return codec::fix_encoding(builtin, encoding, input, start, end)
                .ok_or_else(|| self.refuse_encoding(encoding, input, start, end, reason));
        }
        let exception = self.encode_error(encoding, input, start, end, reason);
        let (replacement, position) = self.call(exception, ENCODE_EXPECTED)?;
        let replacement = if let Some(text) = replacement.downcast::<Str>(cx) {
            Replacement::Text(text.as_wtf8().to_wtf8_buf())
        } else if let Some(bytes) = replacement.downcast::<Bytes>(cx) {
            Replacement::Bytes(bytes.as_bytes().to_vec())
        } else {
            return Err(cx.type_error(ENCODE_EXPECTED).into());
        };
        Ok(EncodeFix { replacement, position })
    }

    fn refuse_encoding(
        &mut self,
        encoding: &str,
        input: &Wtf8,
        start: usize,
        end: usize,
        reason: &str,
    ) -> ConversionError {
        self.cx.raise(self.encode_error(encoding, input, start, end, reason)).into()
    }
}

// ---- conversions

/// The encodings that need no look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Native {
    Utf8,
    Utf16(Endian),
    Utf32(Endian),
    Ascii,
    Latin1,
}

fn native(encoding: Option<Ref<Str>>) -> Option<Native> {
    let Some(encoding) = encoding else { return Some(Native::Utf8) };
    let mut name = [0u8; 12];
    let bytes = encoding.as_bytes();
    let name = name.get_mut(..bytes.len())?;
    for (target, &byte) in name.iter_mut().zip(bytes) {
        *target = if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    }
    Some(match &*name {
        b"utf-8" | b"utf8" => Native::Utf8,
        b"utf-16" | b"utf16" => Native::Utf16(Endian::Mark),
        b"utf-16-le" => Native::Utf16(Endian::Little),
        b"utf-16-be" => Native::Utf16(Endian::Big),
        b"utf-32" | b"utf32" => Native::Utf32(Endian::Mark),
        b"utf-32-le" => Native::Utf32(Endian::Little),
        b"utf-32-be" => Native::Utf32(Endian::Big),
        b"ascii" | b"us-ascii" => Native::Ascii,
        b"latin-1" | b"latin1" | b"iso-8859-1" | b"iso8859-1" => Native::Latin1,
        _ => return None,
    })
}

/// `text.encode(encoding, errors)`; `None` stands for the defaults.
pub fn encode(cx: &Cx, text: Ref<Str>, encoding: Option<Ref<Str>>, errors: Option<Ref<Str>>) -> PyResult {
    let Some(native) = native(encoding) else { return encode_registered(cx, text, encoding, errors) };
    if text.is_ascii() && matches!(native, Native::Utf8 | Native::Ascii | Native::Latin1) {
        return Ok(cx.try_new_bytes(text.as_bytes())?.value());
    }
    let mut handler = Handler::new(cx, errors, Some(text));
    let source = text.as_wtf8();
    let encoded = match native {
        Native::Utf8 => codec::encode_utf8(source, &mut handler),
        Native::Utf16(endian) => codec::encode_utf16(source, endian, &mut handler),
        Native::Utf32(endian) => codec::encode_utf32(source, endian, &mut handler),
        Native::Ascii => codec::encode_ascii(source, &mut handler),
        Native::Latin1 => codec::encode_latin1(source, &mut handler),
    };
    std::hint::black_box(text);
    match encoded {
        Ok(bytes) => Ok(cx.try_new_bytes(&bytes)?.value()),
        Err(error) => Err(error.raise(cx)),
    }
}

/// `object.decode(encoding, errors)` for any bytes-like object; `None` stands for the defaults.
pub fn decode(cx: &Cx, object: Value, encoding: Option<Ref<Str>>, errors: Option<Ref<Str>>) -> PyResult<Ref<Str>> {
    let Some(native) = native(encoding) else { return decode_registered(cx, object, encoding, errors) };
    if let Some(bytes) = object.exact::<Bytes>() {
        let result = decode_native(cx, native, bytes.as_bytes(), errors);
        std::hint::black_box(bytes);
        return result;
    }
    let bytes = buffer::bytes_of(cx, object)?;
    decode_native(cx, native, &bytes, errors)
}

fn decode_native(cx: &Cx, native: Native, bytes: &[u8], errors: Option<Ref<Str>>) -> PyResult<Ref<Str>> {
    if bytes.is_ascii() && matches!(native, Native::Utf8 | Native::Ascii | Native::Latin1) {
        return Ok(cx.new_str_ascii(bytes));
    }
    let mut handler = Handler::new(cx, errors, None);
    let decoded: Result<Wtf8Buf, ConversionError> = match native {
        Native::Utf8 => match std::str::from_utf8(bytes) {
            Ok(text) => return Ok(cx.new_str(text)),
            Err(_) => codec::decode_utf8(bytes, true, &mut handler).map(|decoded| decoded.text),
        },
        Native::Utf16(endian) => {
            codec::decode_utf16(bytes, endian, true, &mut handler).map(|(decoded, _)| decoded.text)
        }
        Native::Utf32(endian) => {
            codec::decode_utf32(bytes, endian, true, &mut handler).map(|(decoded, _)| decoded.text)
        }
        Native::Ascii => codec::decode_ascii(bytes, &mut handler),
        Native::Latin1 => codec::decode_latin1(bytes).map_err(ConversionError::from),
    };
    match decoded {
        Ok(text) => Ok(cx.new_str_wtf8(&text)),
        Err(error) => Err(error.raise(cx)),
    }
}

/// A codec that is declared to convert between str and bytes.
fn text_codec(cx: &Cx, encoding: Ref<Str>, alternative: &str) -> PyResult<Ref<Tuple>> {
    let codec = lookup(cx, encoding)?;
    if codec.value().exact::<Tuple>().is_none() {
        let name = cx.intern_str("_is_text_encoding");
        if let Some(flag) = cx.get_attribute_optional(codec.value(), name)?
            && !object::is_true(cx, flag)?
        {
            let encoding = encoding.as_wtf8();
            return Err(raise!(
                cx,
                LookupError,
                "'{encoding}' is not a text encoding; use {alternative} to handle arbitrary codecs"
            ));
        }
    }
    Ok(codec)
}

/// Calls an encoder or decoder of the registry: the first item of the pair that it returns.
pub fn convert(cx: &Cx, function: Value, object: Value, errors: Option<Ref<Str>>, kind: &str) -> PyResult {
    let result = match errors {
        Some(errors) => cx.call(function, &[object, errors.value()])?,
        None => cx.call(function, &[object])?,
    };
    match result.downcast::<Tuple>(cx).filter(|pair| pair.len() == 2) {
        Some(pair) => Ok(pair.get(0)),
        None => Err(raise!(cx, TypeError, "{kind} must return a tuple (object, integer)")),
    }
}

/// The failure of a codec, with a note that says which one failed.
pub fn with_note(cx: &Cx, raised: Raised, operation: &str, encoding: Ref<Str>) -> Raised {
    let exception = cx.take_exception(raised);
    let note = cx.new_str(&format!("{operation} with '{}' codec failed", encoding.as_wtf8()));
    match crate::types::exception::add_note(cx, exception, note) {
        Ok(()) => cx.raise_unchained(exception),
        Err(raised) => raised,
    }
}

fn encode_registered(cx: &Cx, text: Ref<Str>, encoding: Option<Ref<Str>>, errors: Option<Ref<Str>>) -> PyResult {
    let encoding = encoding.unwrap_or(cx.names().utf_8);
    let codec = text_codec(cx, encoding, "codecs.encode()")?;
    let encoded = convert(cx, codec.get(0), text.value(), errors, "encoder")
        .map_err(|raised| with_note(cx, raised, "encoding", encoding))?;
    if encoded.downcast::<Bytes>(cx).is_some() {
        return Ok(encoded);
    }
    let (name, class) = (encoding.as_wtf8(), encoded.class_name(cx));
    if encoded.downcast::<crate::types::bytearray::ByteArray>(cx).is_some() {
        let message = format!(
            "encoder {name} returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types"
        );
        cx.warn(ExceptionKind::RuntimeWarning, &message, 1)?;
        return Ok(cx.try_new_bytes(&buffer::bytes_of(cx, encoded)?)?.value());
    }
    Err(raise!(
        cx,
        TypeError,
        "'{name}' encoder returned '{class}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
    ))
}

fn decode_registered(
    cx: &Cx,
    object: Value,
    encoding: Option<Ref<Str>>,
    errors: Option<Ref<Str>>,
) -> PyResult<Ref<Str>> {
    let encoding = encoding.unwrap_or(cx.names().utf_8);
    let codec = text_codec(cx, encoding, "codecs.decode()")?;
    let decoded = convert(cx, codec.get(1), object, errors, "decoder")
        .map_err(|raised| with_note(cx, raised, "decoding", encoding))?;
    match decoded.downcast::<Str>(cx) {
        Some(text) => Ok(text),
        None => {
            let (name, class) = (encoding.as_wtf8(), decoded.class_name(cx));
            Err(raise!(
                cx,
                TypeError,
                "'{name}' decoder returned '{class}' instead of 'str'; use codecs.decode() to decode to arbitrary types"
            ))
        }
    }
}
