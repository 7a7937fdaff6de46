//! `_codecs`: the registry of encodings, and the native codecs as functions.

use std::cell::RefCell;

use countless_common::Outcome;
use countless_common::codec::{self, Decoded, Endian};
use countless_common::wtf8::{Wtf8, Wtf8Buf};
use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{item, number};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::codecs::{self as registry, ConversionError, Handler};
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::{ByteView, Bytes};
use countless_vm::types::dict::Dict;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

use crate::support::native::{optional_bool, optional_int, optional_str};

// ---- the registry

fn register(cx: &Cx, _module: Value, function: Value) -> PyResult {
    registry::register(cx, function)?;
    Ok(Value::NONE)
}

fn unregister(cx: &Cx, _module: Value, function: Value) -> PyResult {
    registry::unregister(cx, function)?;
    Ok(Value::NONE)
}

fn no_null(cx: &Cx, text: Ref<Str>) -> PyResult<Ref<Str>> {
    if text.as_bytes().contains(&0) {
        return Err(cx.value_error("embedded null character"));
    }
    Ok(text)
}

fn lookup(cx: &Cx, _module: Value, encoding: Value) -> PyResult {
    let encoding = no_null(cx, cx.str_argument(encoding, "lookup")?)?;
    Ok(registry::lookup(cx, encoding)?.value())
}

fn encoding_arguments(
    cx: &Cx,
    args: [Option<Value>; 3],
    function: &str,
) -> PyResult<(Value, Ref<Str>, Option<Ref<Str>>)> {
    let [object, encoding, errors] = args;
    let encoding = match encoding {
        Some(encoding) => no_null(cx, cx.str_argument_named(encoding, function, "encoding")?)?,
        None => cx.names().utf_8,
    };
    let errors = match errors {
        Some(errors) => Some(no_null(cx, cx.str_argument_named(errors, function, "errors")?)?),
        None => None,
    };
    Ok((object.unwrap_or(Value::NONE), encoding, errors))
}

static ENCODE: Signature<3> = Signature::new("encode", ["obj", "encoding", "errors"]).required(1);

fn encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let (object, encoding, errors) = encoding_arguments(cx, ENCODE.bind(cx, args)?, "encode")?;
    let codec = registry::lookup(cx, encoding)?;
    registry::convert(cx, codec.get(0), object, errors, "encoder")
        .map_err(|raised| registry::with_note(cx, raised, "encoding", encoding))
}

static DECODE: Signature<3> = Signature::new("decode", ["obj", "encoding", "errors"]).required(1);

fn decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let (object, encoding, errors) = encoding_arguments(cx, DECODE.bind(cx, args)?, "decode")?;
    let codec = registry::lookup(cx, encoding)?;
    registry::convert(cx, codec.get(1), object, errors, "decoder")
        .map_err(|raised| registry::with_note(cx, raised, "decoding", encoding))
}

fn register_error(cx: &Cx, _module: Value, name: Value, handler: Value) -> PyResult {
    let name = cx.str_argument_at(name, "register_error", 1)?;
    registry::register_error(cx, name, handler)?;
    Ok(Value::NONE)
}

fn unregister_error(cx: &Cx, _module: Value, name: Value) -> PyResult {
    let name = cx.str_argument(name, "_unregister_error")?;
    if HANDLERS.iter().any(|(builtin, _)| name.as_bytes() == builtin.as_bytes()) {
        let name = name.as_wtf8();
        return Err(raise!(cx, ValueError, "cannot un-register built-in error handler '{name}'"));
    }
    registry::unregister_error(cx, name).map(Value::bool)
}

fn lookup_error(cx: &Cx, _module: Value, name: Value) -> PyResult {
    registry::lookup_error(cx, cx.str_argument(name, "lookup_error")?)
}

// ---- the standard error handlers as functions

/// What a UnicodeError is about.
enum Trouble {
    Encode { encoding: String, text: Ref<Str>, start: usize, end: usize },
    Decode { encoding: String, bytes: Ref<Bytes>, start: usize, end: usize },
    Translate { text: Ref<Str>, start: usize, end: usize },
}

fn unknown(cx: &Cx, exception: Value) -> Raised {
    let class = exception.class_name(cx);
    raise!(cx, TypeError, "don't know how to handle {class} in error callback")
}

fn trouble(cx: &Cx, exception: Value) -> PyResult<Trouble> {
    let get = |name: &str| cx.get_attribute(exception, cx.intern_str(name));
    let position = |name: &str, low: usize, length: usize| -> PyResult<usize> {
        let position = number::index_i64(cx, get(name)?)?;
        Ok(position.clamp(low as i64, length as i64) as usize)
    };
    let range = |length: usize| -> PyResult<(usize, usize)> {
        let start = position("start", 0, length.saturating_sub(1))?;
        let end = position("end", 1.min(length), length)?;
        Ok((start, end.max(start)))
    };
    let encoding = || -> PyResult<String> {
        let name = get("encoding")?;
        Ok(name.downcast::<Str>(cx).map_or(String::new(), |name| name.as_wtf8().to_string_lossy()))
    };
    let is = |kind: ExceptionKind| exception.is_exception_of(cx, kind);
    if is(ExceptionKind::UnicodeDecodeError) {
        let object = get("object")?;
        let Some(bytes) = object.downcast::<Bytes>(cx) else {
            return Err(cx.type_error("object attribute must be bytes"));
        };
        let (start, end) = range(bytes.len())?;
        return Ok(Trouble::Decode { encoding: encoding()?, bytes, start, end });
    }
    let encode = is(ExceptionKind::UnicodeEncodeError);
    if !encode && !is(ExceptionKind::UnicodeTranslateError) {
        return Err(unknown(cx, exception));
    }
    let object = get("object")?;
    let Some(text) = object.downcast::<Str>(cx) else { return Err(cx.type_error("object attribute must be unicode")) };
    let (start, end) = range(text.len())?;
    Ok(match encode {
        true => Trouble::Encode { encoding: encoding()?, text, start, end },
        false => Trouble::Translate { text, start, end },
    })
}

fn pair(cx: &Cx, value: Value, position: usize) -> PyResult {
    Ok(cx.new_tuple(&[value, Value::length(position)]).value())
}

/// The answer of a standard handler; `None` if it passes the exception on.
fn answer(cx: &Cx, builtin: codec::BuiltIn, exception: Value) -> PyResult<Option<Value>> {
    match trouble(cx, exception)? {
        Trouble::Encode { encoding, text, start, end } => {
            let fix = codec::fix_encoding(builtin, &encoding, text.as_wtf8(), start, end);
            let Some(fix) = fix else { return Ok(None) };
            let position = usize::try_from(fix.position).unwrap_or(end);
            let value = match fix.replacement {
                codec::Replacement::Text(text) => cx.new_str_wtf8(&text).value(),
                codec::Replacement::Bytes(bytes) => cx.try_new_bytes(&bytes)?.value(),
            };
            pair(cx, value, position).map(Some)
        }
        Trouble::Decode { encoding, bytes, start, end } => {
            if matches!(builtin, codec::BuiltIn::XmlCharRefReplace | codec::BuiltIn::NameReplace) {
                return Err(unknown(cx, exception));
            }
            let fix = codec::fix_decoding(builtin, &encoding, bytes.as_bytes(), start, end);
            let Some(fix) = fix else { return Ok(None) };
            pair(cx, cx.new_str_wtf8(&fix.text).value(), usize::try_from(fix.position).unwrap_or(end)).map(Some)
        }
        Trouble::Translate { text, start, end } => match builtin {
            codec::BuiltIn::Ignore => pair(cx, cx.names().empty.value(), end).map(Some),
            codec::BuiltIn::Replace => {
                let marks = Wtf8Buf::from_code_points((start..end).map(|_| 0xfffd));
                pair(cx, cx.new_str_wtf8(&marks).value(), end).map(Some)
            }
            codec::BuiltIn::BackslashReplace => {
                let mut out = Vec::new();
                for index in start..end {
                    countless_common::quote::push_escape(&mut out, text.code_point(index).unwrap_or(0));
                }
                pair(cx, cx.new_str_ascii(&out).value(), end).map(Some)
            }
            _ => Err(unknown(cx, exception)),
        },
    }
}

fn handle(cx: &Cx, builtin: codec::BuiltIn, exception: Value) -> PyResult {
    match answer(cx, builtin, exception)? {
        Some(answer) => Ok(answer),
        None => Err(cx.raise(exception)),
    }
}

fn strict_errors(cx: &Cx, _module: Value, exception: Value) -> PyResult {
    match exception.as_exception(cx) {
        Some(_) => Err(cx.raise(exception)),
        None => Err(cx.type_error("codec must pass exception instance")),
    }
}

macro_rules! handlers {
    ($($function:ident: $builtin:ident;)*) => {
        $(fn $function(cx: &Cx, _module: Value, exception: Value) -> PyResult {
            handle(cx, codec::BuiltIn::$builtin, exception)
        })*
    };
}

handlers! {
    ignore_errors: Ignore;
    replace_errors: Replace;
    xmlcharrefreplace_errors: XmlCharRefReplace;
    backslashreplace_errors: BackslashReplace;
    namereplace_errors: NameReplace;
    surrogatepass: SurrogatePass;
    surrogateescape: SurrogateEscape;
}

/// The names under which the standard handlers are registered.
static HANDLERS: &[(&str, Method)] = &[
    (
        "strict",
        Method::one(
            "strict_errors",
            strict_errors,
            "Implements the 'strict' error handling, which raises a UnicodeError on coding errors.",
        ),
    ),
    (
        "ignore",
        Method::one(
            "ignore_errors",
            ignore_errors,
            "Implements the 'ignore' error handling, which skips malformed data and continues.",
        ),
    ),
    (
        "replace",
        Method::one(
            "replace_errors",
            replace_errors,
            "Implements the 'replace' error handling, which replaces malformed data with a replacement marker.",
        ),
    ),
    (
        "xmlcharrefreplace",
        Method::one(
            "xmlcharrefreplace_errors",
            xmlcharrefreplace_errors,
            "Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate XML character reference.",
        ),
    ),
    (
        "backslashreplace",
        Method::one(
            "backslashreplace_errors",
            backslashreplace_errors,
            "Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape sequence.",
        ),
    ),
    (
        "namereplace",
        Method::one(
            "namereplace_errors",
            namereplace_errors,
            "Implements the 'namereplace' error handling, which replaces an unencodable character with a \\N{...} escape sequence.",
        ),
    ),
    ("surrogatepass", Method::one("surrogatepass", surrogatepass, "")),
    ("surrogateescape", Method::one("surrogateescape", surrogateescape, "")),
];

// ---- encoders

/// `(str, errors=None, /)`: the text and the name of the handler.
fn encoder_arguments(cx: &Cx, args: Args<'_>, function: &str) -> PyResult<(Ref<Str>, Option<Ref<Str>>)> {
    let [text, errors] = args.between::<2>(cx, function, 1)?;
    encoder_parts(cx, text, errors, function)
}

fn encoder_parts(
    cx: &Cx,
    text: Option<Value>,
    errors: Option<Value>,
    function: &str,
) -> PyResult<(Ref<Str>, Option<Ref<Str>>)> {
    let text = cx.str_argument_at(text.unwrap_or(Value::NONE), function, 1)?;
    Ok((text, optional_str(cx, errors, function, 2)?))
}

fn encoded(cx: &Cx, text: Ref<Str>, bytes: Result<Vec<u8>, ConversionError>) -> PyResult {
    let bytes = bytes.map_err(|error| error.raise(cx))?;
    pair(cx, cx.try_new_bytes(&bytes)?.value(), text.len())
}

fn encoded_plainly(cx: &Cx, text: Ref<Str>, bytes: Outcome<Vec<u8>>) -> PyResult {
    encoded(cx, text, bytes.map_err(ConversionError::from))
}

macro_rules! encoders {
    ($($function:ident = $name:literal: |$text:ident, $handler:ident| $encode:expr;)*) => {
        $(fn $function(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
            let (source, errors) = encoder_arguments(cx, args, $name)?;
            let mut handler = Handler::new(cx, errors, Some(source));
            let ($text, $handler) = (source.as_wtf8(), &mut handler);
            let bytes: Result<Vec<u8>, ConversionError> = $encode;
            encoded(cx, source, bytes)
        })*
    };
}

encoders! {
    utf_8_encode = "utf_8_encode": |text, handler| codec::encode_utf8(text, handler);
    utf_16_le_encode = "utf_16_le_encode": |text, handler| codec::encode_utf16(text, Endian::Little, handler);
    utf_16_be_encode = "utf_16_be_encode": |text, handler| codec::encode_utf16(text, Endian::Big, handler);
    utf_32_le_encode = "utf_32_le_encode": |text, handler| codec::encode_utf32(text, Endian::Little, handler);
    utf_32_be_encode = "utf_32_be_encode": |text, handler| codec::encode_utf32(text, Endian::Big, handler);
    ascii_encode = "ascii_encode": |text, handler| codec::encode_ascii(text, handler);
    latin_1_encode = "latin_1_encode": |text, handler| codec::encode_latin1(text, handler);
}

fn utf_7_encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let (text, _) = encoder_arguments(cx, args, "utf_7_encode")?;
    encoded_plainly(cx, text, codec::encode_utf7(text.as_wtf8()))
}

fn unicode_escape_encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let (text, _) = encoder_arguments(cx, args, "unicode_escape_encode")?;
    encoded_plainly(cx, text, codec::encode_unicode_escape(text.as_wtf8()))
}

fn raw_unicode_escape_encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let (text, _) = encoder_arguments(cx, args, "raw_unicode_escape_encode")?;
    encoded_plainly(cx, text, codec::encode_raw_unicode_escape(text.as_wtf8()))
}

fn order_of(byte_order: i32) -> Endian {
    match byte_order {
        0 => Endian::Mark,
        order if order < 0 => Endian::Little,
        _ => Endian::Big,
    }
}

fn utf_16_encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [text, errors, order] = args.between::<3>(cx, "utf_16_encode", 1)?;
    let (text, errors) = encoder_parts(cx, text, errors, "utf_16_encode")?;
    let order = order_of(optional_int(cx, order, 0)?);
    encoded(cx, text, codec::encode_utf16(text.as_wtf8(), order, &mut Handler::new(cx, errors, Some(text))))
}

fn utf_32_encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [text, errors, order] = args.between::<3>(cx, "utf_32_encode", 1)?;
    let (text, errors) = encoder_parts(cx, text, errors, "utf_32_encode")?;
    let order = order_of(optional_int(cx, order, 0)?);
    encoded(cx, text, codec::encode_utf32(text.as_wtf8(), order, &mut Handler::new(cx, errors, Some(text))))
}

fn escape_encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, errors] = args.between::<2>(cx, "escape_encode", 1)?;
    let data = data.unwrap_or(Value::NONE);
    optional_str(cx, errors, "escape_encode", 2)?;
    let Some(bytes) = data.downcast::<Bytes>(cx) else {
        let class = if data.is_none() { "None".to_owned() } else { data.class_name(cx) };
        return Err(raise!(cx, TypeError, "escape_encode() argument 1 must be bytes, not {class}"));
    };
    let escaped = codec::encode_escape(bytes.as_bytes()).map_err(|failure| cx.raise_failure(failure))?;
    pair(cx, cx.try_new_bytes(&escaped)?.value(), bytes.len())
}

/// The bytes of an argument that is a string (as UTF-8) or bytes-like.
fn text_or_bytes(cx: &Cx, data: Option<Value>) -> PyResult<ByteView> {
    let data = data.unwrap_or(Value::NONE);
    if data.downcast::<Str>(cx).is_some() {
        let bytes = registry::encode(cx, cx.str_argument(data, "")?, None, None)?;
        return ByteView::new(cx, bytes);
    }
    ByteView::new(cx, data)
}

fn readbuffer_encode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, errors] = args.between::<2>(cx, "readbuffer_encode", 1)?;
    optional_str(cx, errors, "readbuffer_encode", 2)?;
    let bytes = text_or_bytes(cx, data)?;
    pair(cx, cx.try_new_bytes(&bytes)?.value(), bytes.len())
}

// ---- decoders

fn decoded(cx: &Cx, result: Result<Decoded, ConversionError>) -> PyResult {
    let decoded = result.map_err(|error| error.raise(cx))?;
    pair(cx, cx.new_str_wtf8(&decoded.text).value(), decoded.consumed)
}

/// `(data, errors=None, final=…, /)`.
struct Source {
    bytes: ByteView,
    errors: Option<Ref<Str>>,
    is_final: bool,
}

fn decoder_arguments(cx: &Cx, args: Args<'_>, function: &str, escapes: bool) -> PyResult<Source> {
    let [data, errors, is_final] = args.between::<3>(cx, function, 1)?;
    let bytes = if escapes { text_or_bytes(cx, data)? } else { ByteView::new(cx, data.unwrap_or(Value::NONE))? };
    let errors = optional_str(cx, errors, function, 2)?;
    Ok(Source { bytes, errors, is_final: optional_bool(cx, is_final, escapes)? })
}

macro_rules! decoders {
    ($($function:ident = $name:literal: |$source:ident, $handler:ident| $decode:expr;)*) => {
        $(fn $function(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
            let $source = decoder_arguments(cx, args, $name, false)?;
            let mut handler = Handler::new(cx, $source.errors, None);
            let $handler = &mut handler;
            decoded(cx, $decode)
        })*
    };
}

decoders! {
    utf_7_decode = "utf_7_decode": |source, handler| codec::decode_utf7(&source.bytes, source.is_final, handler);
    utf_16_decode = "utf_16_decode": |source, handler|
        codec::decode_utf16(&source.bytes, Endian::Mark, source.is_final, handler).map(|(decoded, _)| decoded);
    utf_16_le_decode = "utf_16_le_decode": |source, handler|
        codec::decode_utf16(&source.bytes, Endian::Little, source.is_final, handler).map(|(decoded, _)| decoded);
    utf_16_be_decode = "utf_16_be_decode": |source, handler|
        codec::decode_utf16(&source.bytes, Endian::Big, source.is_final, handler).map(|(decoded, _)| decoded);
    utf_32_decode = "utf_32_decode": |source, handler|
        codec::decode_utf32(&source.bytes, Endian::Mark, source.is_final, handler).map(|(decoded, _)| decoded);
    utf_32_le_decode = "utf_32_le_decode": |source, handler|
        codec::decode_utf32(&source.bytes, Endian::Little, source.is_final, handler).map(|(decoded, _)| decoded);
    utf_32_be_decode = "utf_32_be_decode": |source, handler|
        codec::decode_utf32(&source.bytes, Endian::Big, source.is_final, handler).map(|(decoded, _)| decoded);
}

fn utf_8_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let source = decoder_arguments(cx, args, "utf_8_decode", false)?;
    if let Ok(text) = std::str::from_utf8(&source.bytes) {
        return pair(cx, cx.new_str(text).value(), source.bytes.len());
    }
    decoded(cx, codec::decode_utf8(&source.bytes, source.is_final, &mut Handler::new(cx, source.errors, None)))
}

fn ascii_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, errors] = args.between::<2>(cx, "ascii_decode", 1)?;
    let bytes = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let errors = optional_str(cx, errors, "ascii_decode", 2)?;
    let text = codec::decode_ascii(&bytes, &mut Handler::new(cx, errors, None));
    decoded(cx, text.map(|text| Decoded { text, consumed: bytes.len() }))
}

fn latin_1_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, errors] = args.between::<2>(cx, "latin_1_decode", 1)?;
    let bytes = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    optional_str(cx, errors, "latin_1_decode", 2)?;
    let text = codec::decode_latin1(&bytes).map_err(ConversionError::from);
    decoded(cx, text.map(|text| Decoded { text, consumed: bytes.len() }))
}

fn extended(
    cx: &Cx,
    args: Args<'_>,
    function: &str,
    decode: impl FnOnce(&[u8], Endian, bool, &mut Handler<'_>) -> Result<(Decoded, Endian), ConversionError>,
) -> PyResult {
    let [data, errors, order, is_final] = args.between::<4>(cx, function, 1)?;
    let bytes = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let errors = optional_str(cx, errors, function, 2)?;
    let order = optional_int(cx, order, 0)?;
    let is_final = optional_bool(cx, is_final, false)?;
    let found = decode(&bytes, order_of(order), is_final, &mut Handler::new(cx, errors, None));
    let (decoded, endian) = found.map_err(|error| error.raise(cx))?;
    // Only a mark decides: text without one leaves the order open.
    let mark = bytes.len() >= 2 && matches!((bytes[0], bytes[1]), (0xff, 0xfe) | (0xfe, 0xff) | (0, 0));
    let order = match endian {
        _ if order == 0 && !mark => 0,
        Endian::Little => -1,
        Endian::Big => 1,
        Endian::Mark => 0,
    };
    let text = cx.new_str_wtf8(&decoded.text).value();
    Ok(cx.new_tuple(&[text, Value::length(decoded.consumed), Value::int(order)]).value())
}

fn utf_16_ex_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    extended(cx, args, "utf_16_ex_decode", |bytes, order, is_final, handler| {
        codec::decode_utf16(bytes, order, is_final, handler)
    })
}

fn utf_32_ex_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    extended(cx, args, "utf_32_ex_decode", |bytes, order, is_final, handler| {
        codec::decode_utf32(bytes, order, is_final, handler)
    })
}

/// The warning about an escape that means nothing.
fn warn_escape(cx: &Cx, bytes: &[u8], at: usize, prefix: &str) -> PyResult<()> {
    let rest = &bytes[at + 1..];
    let digits = rest.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let message = if digits == 3 {
        let digits = String::from_utf8_lossy(&rest[..3]);
        format!(
            "{prefix}\"\\{digits}\" is an invalid octal escape sequence. Such sequences will not work in the future. "
        )
    } else {
        let character = rest.first().map_or(String::new(), |&byte| char::from(byte).to_string());
        format!("{prefix}\"\\{character}\" is an invalid escape sequence. Such sequences will not work in the future. ")
    };
    cx.warn(ExceptionKind::DeprecationWarning, &message, 1)
}

fn unicode_escape_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let source = decoder_arguments(cx, args, "unicode_escape_decode", true)?;
    let mut handler = Handler::new(cx, source.errors, None);
    let result = codec::decode_unicode_escape(&source.bytes, source.is_final, &mut handler);
    let escaped = result.map_err(|error| error.raise(cx))?;
    if let Some(at) = escaped.invalid_escape {
        warn_escape(cx, &source.bytes, at, "")?;
    }
    pair(cx, cx.new_str_wtf8(&escaped.value).value(), escaped.consumed)
}

fn raw_unicode_escape_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let source = decoder_arguments(cx, args, "raw_unicode_escape_decode", true)?;
    let mut handler = Handler::new(cx, source.errors, None);
    decoded(cx, codec::decode_raw_unicode_escape(&source.bytes, source.is_final, &mut handler))
}

fn escape_decode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [data, errors] = args.between::<2>(cx, "escape_decode", 1)?;
    let bytes = text_or_bytes(cx, data)?;
    let errors = optional_str(cx, errors, "escape_decode", 2)?;
    let errors = errors.and_then(|errors| errors.to_str().map(str::to_owned)).unwrap_or_else(|| "strict".to_owned());
    let escaped = codec::decode_escape(&bytes, &errors).map_err(|failure| cx.raise_failure(failure))?;
    if let Some(at) = escaped.invalid_escape {
        warn_escape(cx, &bytes, at, "b")?;
    }
    pair(cx, cx.try_new_bytes(&escaped.value)?.value(), escaped.consumed)
}

// ---- character maps

fn charmap_build(cx: &Cx, _module: Value, map: Value) -> PyResult {
    let map = cx.str_argument(map, "charmap_build")?;
    let table = cx.new_dict();
    for (index, point) in map.as_wtf8().code_points().enumerate().take(256) {
        table.set(cx, Value::int(point.into()), Value::length(index))?;
    }
    Ok(table.value())
}

/// What a mapping has under a number; LookupErrors mean "nothing".
fn mapped(cx: &Cx, mapping: Value, key: u32) -> PyResult<Option<Value>> {
    let key = Value::int(key.into());
    let found = match mapping.exact::<Dict>() {
        Some(dict) => dict.get(cx, key)?,
        None => match item::get_item(cx, mapping, key) {
            Ok(value) => Some(value),
            Err(raised) => {
                cx.ignore_if(raised, ExceptionKind::LookupError)?;
                None
            }
        },
    };
    Ok(found.and_then(Value::not_none))
}

/// Decodes one byte by a mapping: whether it is defined.
fn decode_mapped(cx: &Cx, mapping: Value, byte: u8, out: &mut Wtf8Buf) -> PyResult<bool> {
    if let Some(text) = mapping.downcast::<Str>(cx) {
        return Ok(match text.code_point(byte.into()) {
            Some(0xfffe) | None => false,
            Some(point) => {
                out.push(point);
                true
            }
        });
    }
    let Some(value) = mapped(cx, mapping, byte.into())? else { return Ok(false) };
    if let Some(text) = value.downcast::<Str>(cx) {
        if text.len() == 1 && text.code_point(0) == Some(0xfffe) {
            return Ok(false);
        }
        out.push_wtf8(text.as_wtf8());
        return Ok(true);
    }
    if !countless_vm::types::int::is_int(cx, value) {
        return Err(cx.type_error("character mapping must return integer, None or str"));
    }
    match number::as_index_i64(cx, value) {
        Some(0xfffe) => Ok(false),
        Some(point @ 0..0x11_0000) => {
            out.push(point as u32);
            Ok(true)
        }
        _ => Err(cx.type_error("character mapping must be in range(0x110000)")),
    }
}

fn charmap_decode(cx: &Cx, module: Value, args: Args<'_>) -> PyResult {
    let [data, errors, mapping] = args.between::<3>(cx, "charmap_decode", 1)?;
    let Some(mapping) = mapping.and_then(Value::not_none) else {
        let values = [data.unwrap_or(Value::NONE), errors.unwrap_or(Value::NONE)];
        return latin_1_decode(cx, module, Args::positional(&values));
    };
    let bytes = ByteView::new(cx, data.unwrap_or(Value::NONE))?;
    let errors = optional_str(cx, errors, "charmap_decode", 2)?;
    let map = |byte: u8, out: &mut Wtf8Buf| decode_mapped(cx, mapping, byte, out).map_err(ConversionError::from);
    let text = codec::decode_charmap(&bytes, map, &mut Handler::new(cx, errors, None));
    decoded(cx, text.map(|text| Decoded { text, consumed: bytes.len() }))
}

/// Encodes one code point by a mapping: whether it is defined.
fn encode_mapped(cx: &Cx, mapping: Value, point: u32, out: &mut Vec<u8>) -> PyResult<bool> {
    let Some(value) = mapped(cx, mapping, point)? else { return Ok(false) };
    if let Some(byte) = value.as_small_int() {
        return match u8::try_from(byte) {
            Ok(byte) => {
                out.push(byte);
                Ok(true)
            }
            Err(_) => Err(cx.type_error("character mapping must be in range(256)")),
        };
    }
    if let Some(bytes) = value.downcast::<Bytes>(cx) {
        out.extend_from_slice(bytes.as_bytes());
        return Ok(true);
    }
    if countless_vm::types::int::is_int(cx, value) {
        return Err(cx.type_error("character mapping must be in range(256)"));
    }
    let class = value.class_name(cx);
    Err(raise!(cx, TypeError, "character mapping must return integer, bytes or None, not {class}"))
}

fn charmap_encode(cx: &Cx, module: Value, args: Args<'_>) -> PyResult {
    let [text, errors, mapping] = args.between::<3>(cx, "charmap_encode", 1)?;
    let Some(mapping) = mapping.and_then(Value::not_none) else {
        let values = [text.unwrap_or(Value::NONE), errors.unwrap_or(Value::NONE)];
        return latin_1_encode(cx, module, Args::positional(&values));
    };
    let (text, errors) = encoder_parts(cx, text, errors, "charmap_encode")?;
    // The codec's map cannot fail: a failure waits here until the codec is back.
    let failure: RefCell<Option<Raised>> = RefCell::new(None);
    let map = |point: u32, out: &mut Vec<u8>| {
        if failure.borrow().is_some() {
            return true;
        }
        encode_mapped(cx, mapping, point, out).unwrap_or_else(|raised| {
            *failure.borrow_mut() = Some(raised);
            true
        })
    };
    let source: &Wtf8 = text.as_wtf8();
    let bytes = codec::encode_charmap(source, map, &mut Handler::new(cx, errors, Some(text)));
    match failure.into_inner() {
        Some(raised) => Err(raised),
        None => encoded(cx, text, bytes),
    }
}

static FUNCTIONS: &[Method] = &[
    Method::one(
        "register",
        register,
        "register($module, search_function, /)\n--\n\nAdd a function that finds codecs.\n\nIt gets a normalized encoding name and returns a tuple (encoder, decoder,\nstream_reader, stream_writer), or None.",
    ),
    Method::one(
        "unregister",
        unregister,
        "unregister($module, search_function, /)\n--\n\nRemove a function that finds codecs, and forget what was found.",
    ),
    Method::one("lookup", lookup, "lookup($module, encoding, /)\n--\n\nFind a codec: a tuple of its functions."),
    Method::many(
        "encode",
        encode,
        "encode($module, /, obj, encoding='utf-8', errors='strict')\n--\n\nEncode an object by a registered codec.",
    ),
    Method::many(
        "decode",
        decode,
        "decode($module, /, obj, encoding='utf-8', errors='strict')\n--\n\nDecode an object by a registered codec.",
    ),
    Method::many("escape_encode", escape_encode, "escape_encode($module, data, errors=None, /)\n--\n\n"),
    Method::many("escape_decode", escape_decode, "escape_decode($module, data, errors=None, /)\n--\n\n"),
    Method::many("utf_8_encode", utf_8_encode, "utf_8_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("utf_8_decode", utf_8_decode, "utf_8_decode($module, data, errors=None, final=False, /)\n--\n\n"),
    Method::many("utf_7_encode", utf_7_encode, "utf_7_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("utf_7_decode", utf_7_decode, "utf_7_decode($module, data, errors=None, final=False, /)\n--\n\n"),
    Method::many("utf_16_encode", utf_16_encode, "utf_16_encode($module, str, errors=None, byteorder=0, /)\n--\n\n"),
    Method::many("utf_16_le_encode", utf_16_le_encode, "utf_16_le_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("utf_16_be_encode", utf_16_be_encode, "utf_16_be_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("utf_16_decode", utf_16_decode, "utf_16_decode($module, data, errors=None, final=False, /)\n--\n\n"),
    Method::many(
        "utf_16_le_decode",
        utf_16_le_decode,
        "utf_16_le_decode($module, data, errors=None, final=False, /)\n--\n\n",
    ),
    Method::many(
        "utf_16_be_decode",
        utf_16_be_decode,
        "utf_16_be_decode($module, data, errors=None, final=False, /)\n--\n\n",
    ),
    Method::many(
        "utf_16_ex_decode",
        utf_16_ex_decode,
        "utf_16_ex_decode($module, data, errors=None, byteorder=0, final=False,\n                 /)\n--\n\n",
    ),
    Method::many("utf_32_encode", utf_32_encode, "utf_32_encode($module, str, errors=None, byteorder=0, /)\n--\n\n"),
    Method::many("utf_32_le_encode", utf_32_le_encode, "utf_32_le_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("utf_32_be_encode", utf_32_be_encode, "utf_32_be_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("utf_32_decode", utf_32_decode, "utf_32_decode($module, data, errors=None, final=False, /)\n--\n\n"),
    Method::many(
        "utf_32_le_decode",
        utf_32_le_decode,
        "utf_32_le_decode($module, data, errors=None, final=False, /)\n--\n\n",
    ),
    Method::many(
        "utf_32_be_decode",
        utf_32_be_decode,
        "utf_32_be_decode($module, data, errors=None, final=False, /)\n--\n\n",
    ),
    Method::many(
        "utf_32_ex_decode",
        utf_32_ex_decode,
        "utf_32_ex_decode($module, data, errors=None, byteorder=0, final=False,\n                 /)\n--\n\n",
    ),
    Method::many(
        "unicode_escape_encode",
        unicode_escape_encode,
        "unicode_escape_encode($module, str, errors=None, /)\n--\n\n",
    ),
    Method::many(
        "unicode_escape_decode",
        unicode_escape_decode,
        "unicode_escape_decode($module, data, errors=None, final=True, /)\n--\n\n",
    ),
    Method::many(
        "raw_unicode_escape_encode",
        raw_unicode_escape_encode,
        "raw_unicode_escape_encode($module, str, errors=None, /)\n--\n\n",
    ),
    Method::many(
        "raw_unicode_escape_decode",
        raw_unicode_escape_decode,
        "raw_unicode_escape_decode($module, data, errors=None, final=True, /)\n--\n\n",
    ),
    Method::many("latin_1_encode", latin_1_encode, "latin_1_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("latin_1_decode", latin_1_decode, "latin_1_decode($module, data, errors=None, /)\n--\n\n"),
    Method::many("ascii_encode", ascii_encode, "ascii_encode($module, str, errors=None, /)\n--\n\n"),
    Method::many("ascii_decode", ascii_decode, "ascii_decode($module, data, errors=None, /)\n--\n\n"),
    Method::many(
        "charmap_encode",
        charmap_encode,
        "charmap_encode($module, str, errors=None, mapping=None, /)\n--\n\n",
    ),
    Method::many(
        "charmap_decode",
        charmap_decode,
        "charmap_decode($module, data, errors=None, mapping=None, /)\n--\n\n",
    ),
    Method::one("charmap_build", charmap_build, "charmap_build($module, map, /)\n--\n\n"),
    Method::many("readbuffer_encode", readbuffer_encode, "readbuffer_encode($module, data, errors=None, /)\n--\n\n"),
    Method::two(
        "register_error",
        register_error,
        "register_error($module, errors, handler, /)\n--\n\nRegister an error handler under a name.\n\nThe handler gets a UnicodeError and returns a tuple of a replacement and the\nposition where to go on, or raises.",
    ),
    Method::one(
        "_unregister_error",
        unregister_error,
        "_unregister_error($module, errors, /)\n--\n\nForget an error handler; the standard ones cannot be forgotten.\n\nReturns whether there was one.",
    ),
    Method::one(
        "lookup_error",
        lookup_error,
        "lookup_error($module, name, /)\n--\n\nThe error handler registered under a name.",
    ),
];

fn execute(cx: &Cx, _module: Ref<Module>) -> PyResult<()> {
    for (name, method) in HANDLERS {
        let function = cx.new_builtin_function(method, Value::UNBOUND, None, None);
        registry::register_error(cx, cx.intern_str(name), function.value())?;
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef =
    ModuleDef { name: "_codecs", doc: "", functions: FUNCTIONS, types: &[], execute: Some(execute) };
