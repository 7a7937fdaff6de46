//! `__format__` of int, float, complex and str.

use super::layout::{Number, fill_text, lay_out};
use super::{Align, FormatSpec, NumericLocale, Sign, parse, unknown_kind};
use crate::number::complex::{self, Complex};
use crate::number::float::{self, Flags};
use crate::number::int::{self, IntRef};
use crate::wtf8::{Wtf8, Wtf8Buf, push_code_point};
use crate::{Failure, Outcome};

/// What C's int holds; beyond it CPython refuses a precision.
const MAX_PRECISION: usize = i32::MAX as usize;

/// The presentation type if it is an ASCII letter or sign.
fn kind_of(spec: &FormatSpec) -> u8 {
    u8::try_from(spec.kind).unwrap_or(0xFF)
}

/// As `format(value, spec)` of an int; `max_digits` as in [`int::to_string`].
pub fn format_int(
    value: IntRef,
    spec: &Wtf8,
    type_name: &str,
    locale: &NumericLocale,
    max_digits: usize,
) -> Outcome<Wtf8Buf> {
    if spec.is_empty() {
        return int::to_string(value, max_digits).map(Wtf8Buf::from);
    }
    let spec = parse(spec, type_name, b'd', Align::Right)?;
    match kind_of(&spec) {
        b'd' | b'b' | b'o' | b'x' | b'X' | b'c' | b'n' => int_digits(value, &spec, locale, max_digits),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%' => float_digits(int::to_f64(value)?, &spec, locale),
        _ => Err(unknown_kind(spec.kind, type_name)),
    }
}

fn int_digits(value: IntRef, spec: &FormatSpec, locale: &NumericLocale, max_digits: usize) -> Outcome<Wtf8Buf> {
    if spec.precision.is_some() {
        return Err(Failure::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(Failure::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    let kind = kind_of(spec);
    if kind == b'c' {
        return character(value, spec);
    }
    let (base, prefix) = match kind {
        b'b' => (2, "0b"),
        b'o' => (8, "0o"),
        b'x' => (16, "0x"),
        b'X' => (16, "0X"),
        _ => (10, ""),
    };
    let mut digits =
        if base == 10 { int::to_string(value, max_digits)? } else { int::to_string_radix(value, base, false)? };
    if kind == b'X' {
        digits.make_ascii_uppercase();
    }
    let negative = value.is_negative();
    let number = Number {
        negative,
        prefix: if spec.alternate { prefix } else { "" },
        whole: &digits[usize::from(negative)..],
        fraction: None,
        rest: "",
    };
    lay_out(&number, spec, locale).map(Wtf8Buf::from_trusted_bytes)
}

fn character(value: IntRef, spec: &FormatSpec) -> Outcome<Wtf8Buf> {
    if spec.sign.is_some() {
        return Err(Failure::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(Failure::value("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let value = value.to_i64().ok_or_else(|| Failure::overflow("Python int too large to convert to C long"))?;
    let out_of_range = || Failure::overflow("%c arg not in range(0x110000)");
    let point = u32::try_from(value).ok().filter(|&point| point < 0x11_0000).ok_or_else(out_of_range)?;
    let mut text = Vec::new();
    push_code_point(&mut text, point);
    fill_text(&text, 1, spec)
}

/// As `format(value, spec)` of a float.
pub fn format_float(value: f64, spec: &Wtf8, type_name: &str, locale: &NumericLocale) -> Outcome<Wtf8Buf> {
    if spec.is_empty() {
        return Ok(float::repr(value).into());
    }
    let spec = parse(spec, type_name, 0, Align::Right)?;
    match kind_of(&spec) {
        0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'%' => float_digits(value, &spec, locale),
        _ => Err(unknown_kind(spec.kind, type_name)),
    }
}

/// The conversion and precision that a presentation type stands for.
fn conversion(spec: &FormatSpec) -> Outcome<(u8, usize)> {
    if spec.precision.is_some_and(|precision| precision > MAX_PRECISION) {
        return Err(Failure::value("precision too big"));
    }
    Ok(match (kind_of(spec), spec.precision) {
        (0, None) => (b'r', 0),
        (0 | b'n', Some(precision)) => (b'g', precision),
        (b'n', None) => (b'g', 6),
        (b'%', precision) => (b'f', precision.unwrap_or(6)),
        (kind, precision) => (kind, precision.unwrap_or(6)),
    })
}

fn float_digits(value: f64, spec: &FormatSpec, locale: &NumericLocale) -> Outcome<Wtf8Buf> {
    let (conversion, precision) = conversion(spec)?;
    let is_percent = kind_of(spec) == b'%';
    let flags = Flags {
        sign: false,
        alternate: spec.alternate,
        add_dot_zero: spec.kind == 0,
        no_negative_zero: spec.no_negative_zero,
    };
    let value = if is_percent { value * 100.0 } else { value };
    let mut text = float::format(value, conversion, precision, flags)?;
    if is_percent {
        text.push('%');
    }
    lay_out(&Number::from_float(&text), spec, locale).map(Wtf8Buf::from_trusted_bytes)
}

/// As `format(value, spec)` of a complex number.
pub fn format_complex(value: Complex, spec: &Wtf8, type_name: &str, locale: &NumericLocale) -> Outcome<Wtf8Buf> {
    if spec.is_empty() {
        return Ok(complex::repr(value).into());
    }
    let spec = parse(spec, type_name, 0, Align::Right)?;
    if !matches!(kind_of(&spec), 0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n') {
        return Err(unknown_kind(spec.kind, type_name));
    }
    complex_parts(value, &spec, locale)
}

/// Both parts by a presentation type of floats, laid out as one text.
fn complex_parts(value: Complex, spec: &FormatSpec, locale: &NumericLocale) -> Outcome<Wtf8Buf> {
    let (conversion, precision) = conversion(spec)?;
    if spec.fill == u32::from(b'0') {
        return Err(Failure::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == Align::AfterSign {
        return Err(Failure::value("'=' alignment flag is not allowed in complex format specifier"));
    }
    let flags = Flags { alternate: spec.alternate, no_negative_zero: spec.no_negative_zero, ..Flags::default() };
    let inner = FormatSpec { width: None, fill: u32::from(b' '), align: Align::Left, ..spec.clone() };
    let part = |x: f64, sign: Option<Sign>| -> Outcome<Vec<u8>> {
        let text = float::format(x, conversion, precision, flags)?;
        lay_out(&Number::from_float(&text), &FormatSpec { sign, ..inner.clone() }, locale)
    };
    let is_plain = spec.kind == 0;
    let only_imaginary = is_plain && value.re == 0.0 && value.re.is_sign_positive();
    let mut text = Vec::new();
    if only_imaginary {
        text.extend(part(value.im, spec.sign)?);
        text.push(b'j');
    } else {
        text.extend(is_plain.then_some(b'('));
        text.extend(part(value.re, spec.sign)?);
        text.extend(part(value.im, Some(Sign::Plus))?);
        text.push(b'j');
        text.extend(is_plain.then_some(b')'));
    }
    let units = Wtf8::from_trusted_bytes(&text).char_count();
    fill_text(&text, units, spec)
}

/// As `format(value, spec)` of a str.
pub fn format_str(value: &Wtf8, spec: &Wtf8, type_name: &str) -> Outcome<Wtf8Buf> {
    if spec.is_empty() {
        return Ok(value.to_wtf8_buf());
    }
    let spec = parse(spec, type_name, b's', Align::Left)?;
    if kind_of(&spec) != b's' {
        return Err(unknown_kind(spec.kind, type_name));
    }
    let refused = match spec.sign {
        Some(Sign::Space) => Some("Space not allowed in string format specifier"),
        Some(_) => Some("Sign not allowed in string format specifier"),
        None if spec.no_negative_zero => Some("Negative zero coercion (z) not allowed in string format specifier"),
        None if spec.alternate => Some("Alternate form (#) not allowed in string format specifier"),
        None if spec.align == Align::AfterSign => Some("'=' alignment not allowed in string format specifier"),
        None => None,
    };
    if let Some(message) = refused {
        return Err(Failure::value(message));
    }
    let cut = match spec.precision {
        Some(precision) if precision < value.len() => value.slice(0..value.byte_offset(precision)),
        _ => value,
    };
    if spec.width.is_none() {
        return Ok(cut.to_wtf8_buf());
    }
    fill_text(cut.as_bytes(), cut.char_count(), &spec)
}
