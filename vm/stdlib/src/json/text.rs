//! JSON strings: scanning and quoting.

use countless_common::wtf8::{Wtf8, push_code_point};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::str::Str;

/// Raises `json.decoder.JSONDecodeError(message, text, position)`; the position is in characters, and may be −1.
#[cold]
pub fn decode_error(cx: &Cx, message: &str, text: Ref<Str>, position: i64) -> Raised {
    let made = (|| -> PyResult {
        let name = cx.intern_str("json.decoder");
        let import = cx.builtin("__import__")?;
        let names = cx.new_tuple(&[cx.intern_str("JSONDecodeError").value()]);
        let module = cx.call(import, &[name.value(), Value::NONE, Value::NONE, names.value()])?;
        let class = cx.get_attribute(module, cx.intern_str("JSONDecodeError"))?;
        cx.call(class, &[cx.new_str(message).value(), text.value(), Value::int(position)])
    })();
    match made {
        Ok(exception) => cx.raise(exception),
        Err(raised) => raised,
    }
}

fn error_at(cx: &Cx, message: &str, text: Ref<Str>, offset: usize) -> Raised {
    decode_error(cx, message, text, text.char_index(offset) as i64)
}

/// Where the plain characters from `start` on end: at a quote, a backslash or (if `strict`) a control character.
fn plain_end(bytes: &[u8], start: usize, strict: bool) -> usize {
    let is_special = |byte: u8| byte == b'"' || byte == b'\\' || (strict && byte < 0x20);
    bytes[start..].iter().position(|&byte| is_special(byte)).map_or(bytes.len(), |length| start + length)
}

fn hex4(bytes: &[u8], start: usize) -> Option<u32> {
    let digits = bytes.get(start..start + 4)?;
    digits.iter().try_fold(0, |value, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))
}

/// The string whose opening quote is before byte offset `start`: its text, and the offset behind its closing quote.
pub fn scan(cx: &Cx, text: Ref<Str>, start: usize, strict: bool) -> PyResult<(Ref<Str>, usize)> {
    let bytes = text.as_bytes();
    let unterminated = || {
        let begin = text.char_index(start) as i64 - 1;
        decode_error(cx, "Unterminated string starting at", text, begin)
    };
    let end = plain_end(bytes, start, strict);
    if bytes.get(end) == Some(&b'"') {
        let part = Wtf8::from_trusted_bytes(&bytes[start..end]);
        let found = if text.is_ascii() { cx.new_str_counted(part, part.len()) } else { cx.new_str_wtf8(part) };
        return Ok((found, end + 1));
    }
    let mut out = Vec::new();
    let mut at = start;
    loop {
        let end = plain_end(bytes, at, strict);
        out.extend_from_slice(&bytes[at..end]);
        at = match bytes.get(end) {
            None => return Err(unterminated()),
            Some(b'"') => {
                let whole = [Wtf8::from_trusted_bytes(&out)];
                return Ok((cx.new_str_of_parts(whole.into_iter())?, end + 1));
            }
            Some(b'\\') => match bytes.get(end + 1) {
                None => return Err(unterminated()),
                Some(b'u') => unicode_escape(cx, text, end, &mut out)?,
                Some(&byte) => match simple_escape(byte) {
                    Some(byte) => {
                        out.push(byte);
                        end + 2
                    }
                    None => return Err(error_at(cx, "Invalid \\escape", text, end)),
                },
            },
            Some(_) => return Err(error_at(cx, "Invalid control character at", text, end)),
        };
    }
}

fn simple_escape(byte: u8) -> Option<u8> {
    Some(match byte {
        b'"' | b'\\' | b'/' => byte,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// The escape whose backslash is at `at`, two of them for a surrogate pair: the offset behind it.
fn unicode_escape(cx: &Cx, text: Ref<Str>, at: usize, out: &mut Vec<u8>) -> PyResult<usize> {
    let bytes = text.as_bytes();
    let Some(mut point) = hex4(bytes, at + 2) else {
        return Err(error_at(cx, "Invalid \\uXXXX escape", text, at + 1));
    };
    let mut next = at + 6;
    if (0xd800..0xdc00).contains(&point)
        && bytes.get(next..next + 2) == Some(b"\\u")
        && let Some(low @ 0xdc00..0xe000) = hex4(bytes, next + 2)
    {
        point = 0x1_0000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        next += 6;
    }
    push_code_point(out, point);
    Ok(next)
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend(b"\\\""),
        b'\\' => out.extend(b"\\\\"),
        8 => out.extend(b"\\b"),
        12 => out.extend(b"\\f"),
        b'\n' => out.extend(b"\\n"),
        b'\r' => out.extend(b"\\r"),
        b'\t' => out.extend(b"\\t"),
        _ => push_unit(out, byte.into()),
    }
}

fn push_unit(out: &mut Vec<u8>, unit: u32) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.extend(b"\\u");
    for shift in [12, 8, 4, 0] {
        out.push(DIGITS[(unit >> shift & 15) as usize]);
    }
}

/// Quotes text; what is not ASCII stays.
pub fn quote(out: &mut Vec<u8>, text: &Wtf8) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            out.extend_from_slice(&bytes[copied..index]);
            push_escape(out, byte);
            copied = index + 1;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

/// Quotes text; what is not printable ASCII is escaped.
pub fn quote_ascii(out: &mut Vec<u8>, text: &Wtf8) {
    if text.as_bytes().iter().all(|&byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    out.push(b'"');
    for point in text.code_points() {
        match point {
            0x22 | 0x5c | 0..0x20 => push_escape(out, point as u8),
            0x20..0x7f => out.push(point as u8),
            0x7f..0x1_0000 => push_unit(out, point),
            _ => {
                let rest = point - 0x1_0000;
                push_unit(out, 0xd800 + (rest >> 10));
                push_unit(out, 0xdc00 + (rest & 0x3ff));
            }
        }
    }
    out.push(b'"');
}

/// The argument of the quoting functions.
pub fn text_argument(cx: &Cx, value: Value) -> PyResult<Ref<Str>> {
    match value.downcast::<Str>(cx) {
        Some(text) => Ok(text),
        None => Err(raise!(cx, TypeError, "first argument must be a string, not {}", value.class_name(cx))),
    }
}
