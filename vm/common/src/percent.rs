//! printf-style formatting of str and bytes: the parser of templates and the layout of numbers.
//!
//! The driver is the caller's: it fetches arguments, including those for `*`, and raises the errors about them.

use crate::failure::reserve;
use crate::number::IntRef;
use crate::number::float::{self, Flags};
use crate::number::int;
use crate::wtf8::{self, Wtf8};
use crate::{Failure, Outcome};

/// The flags before the width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PercentFlags {
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// A space.
    pub space: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
}

/// A width or precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Not given.
    Absent,
    /// Given; a point without digits is precision 0.
    Number(usize),
    /// `*`: the next argument, an int.
    Star,
}

/// One conversion, as `%(key)-5.2f`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion<'a> {
    /// The text in parentheses: the arguments must be a mapping.
    pub key: Option<&'a [u8]>,
    /// Before the width.
    pub flags: PercentFlags,
    /// A negative star width means left.
    pub width: Amount,
    /// A negative star precision means 0.
    pub precision: Amount,
    /// The letter: a code point, or a byte. May be anything; see [`Conversion::unsupported`].
    pub kind: u32,
    /// Where the letter stands, in units, for messages.
    pub index: usize,
}

impl Conversion<'_> {
    /// The error about a letter that is none.
    pub fn unsupported(&self, is_text: bool) -> Failure {
        let kind = self.kind;
        if !is_text && kind >= 0x80 {
            return Failure::overflow("character argument not in range(0x110000)");
        }
        let shown = if (0x1F..0x7F).contains(&kind) { kind as u8 as char } else { '?' };
        let index = self.index;
        Failure::value(format!("unsupported format character '{shown}' (0x{kind:x}) at index {index}"))
    }
}

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// To be copied.
    Literal(&'a [u8]),
    /// To be filled in.
    Conversion(Conversion<'a>),
}

/// The parts of a template; `is_text`: of str, whose units are code points, else of bytes. After an error there are
/// no more.
pub fn parse(template: &[u8], is_text: bool) -> Parts<'_> {
    Parts { template, position: 0, is_text }
}

/// See [`parse`].
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    template: &'a [u8],
    position: usize,
    is_text: bool,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Outcome<Part<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.position;
        let rest = &self.template[start..];
        match memchr::memchr(b'%', rest) {
            None => {
                self.position = self.template.len();
                (!rest.is_empty()).then_some(Ok(Part::Literal(rest)))
            }
            Some(0) if rest.get(1) == Some(&b'%') => {
                self.position = start + 2;
                Some(Ok(Part::Literal(b"%")))
            }
            Some(0) => {
                self.position = start + 1;
                let conversion = self.conversion();
                if conversion.is_err() {
                    self.position = self.template.len();
                }
                Some(conversion.map(Part::Conversion))
            }
            Some(length) => {
                self.position = start + length;
                Some(Ok(Part::Literal(&rest[..length])))
            }
        }
    }
}

impl<'a> Parts<'a> {
    fn peek(&self) -> Option<u8> {
        self.template.get(self.position).copied()
    }

    fn conversion(&mut self) -> Outcome<Conversion<'a>> {
        let key = self.key()?;
        let flags = self.flags();
        let width = self.amount(isize::MAX as usize, "width too big")?;
        let mut precision = Amount::Absent;
        if self.peek() == Some(b'.') {
            self.position += 1;
            let too_big = if self.is_text { "precision too big" } else { "prec too big" };
            precision = match self.amount(i32::MAX as usize, too_big)? {
                Amount::Absent => Amount::Number(0),
                given => given,
            };
        }
        // A length modifier of C means nothing here.
        if matches!(self.peek(), Some(b'h' | b'l' | b'L')) {
            self.position += 1;
        }
        let rest = &self.template[self.position..];
        let unit = if self.is_text { wtf8::first_code_point(rest) } else { rest.first().map(|&byte| (byte.into(), 1)) };
        let (kind, length) = unit.ok_or_else(|| Failure::value("incomplete format"))?;
        let before = &self.template[..self.position];
        let index = if self.is_text { Wtf8::from_trusted_bytes(before).char_count() } else { before.len() };
        self.position += length;
        Ok(Conversion { key, flags, width, precision, kind, index })
    }

    /// `(key)`, with balanced parentheses inside.
    fn key(&mut self) -> Outcome<Option<&'a [u8]>> {
        if self.peek() != Some(b'(') {
            return Ok(None);
        }
        let start = self.position + 1;
        let mut depth = 1usize;
        for (at, &byte) in self.template.iter().enumerate().skip(start) {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.position = at + 1;
                return Ok(Some(&self.template[start..at]));
            }
        }
        Err(Failure::value("incomplete format key"))
    }

    fn flags(&mut self) -> PercentFlags {
        let mut flags = PercentFlags::default();
        loop {
            match self.peek() {
                Some(b'-') => flags.left = true,
                Some(b'+') => flags.plus = true,
                Some(b' ') => flags.space = true,
                Some(b'#') => flags.alternate = true,
                Some(b'0') => flags.zero = true,
                _ => return flags,
            }
            self.position += 1;
        }
    }

    fn amount(&mut self, most: usize, too_big: &'static str) -> Outcome<Amount> {
        if self.peek() == Some(b'*') {
            self.position += 1;
            return Ok(Amount::Star);
        }
        let mut amount = Amount::Absent;
        let mut value = 0usize;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            let grown = value.checked_mul(10).and_then(|tens| tens.checked_add(usize::from(digit - b'0')));
            value = grown.filter(|&value| value <= most).ok_or_else(|| Failure::value(too_big))?;
            amount = Amount::Number(value);
            self.position += 1;
        }
        Ok(amount)
    }
}

/// Flags with width and precision resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// As parsed, `left` also if a star width was negative.
    pub flags: PercentFlags,
    /// In units.
    pub width: usize,
    /// `None` if not given.
    pub precision: Option<usize>,
}

/// Sign, prefix, and digits or text of a number, laid out.
fn lay_out(negative: bool, prefix: &str, body: &str, layout: Layout) -> Outcome<String> {
    let flags = layout.flags;
    let sign = match negative {
        true => "-",
        false if flags.plus => "+",
        false if flags.space => " ",
        false => "",
    };
    let length = sign.len() + prefix.len() + body.len();
    let padding = layout.width.saturating_sub(length);
    let mut out = String::from_utf8(reserve(length.checked_add(padding).ok_or(Failure::Memory)?)?).unwrap_or_default();
    let pad = |out: &mut String, fill: char| out.extend(std::iter::repeat_n(fill, padding));
    if !flags.left && !flags.zero {
        pad(&mut out, ' ');
    }
    out.push_str(sign);
    out.push_str(prefix);
    if !flags.left && flags.zero {
        pad(&mut out, '0');
    }
    out.push_str(body);
    if flags.left {
        pad(&mut out, ' ');
    }
    Ok(out)
}

/// An int by `d`, `i`, `u`, `o`, `x` or `X`; `max_digits` as in [`int::to_string`].
pub fn format_int(value: IntRef, kind: u8, layout: Layout, max_digits: usize) -> Outcome<String> {
    let (base, prefix) = match kind {
        b'o' => (8, "0o"),
        b'x' => (16, "0x"),
        b'X' => (16, "0X"),
        _ => (10, ""),
    };
    let text = if base == 10 { int::to_string(value, max_digits)? } else { int::to_string_radix(value, base, false)? };
    let negative = value.is_negative();
    let digits = &text[usize::from(negative)..];
    let zeros = layout.precision.unwrap_or(0).saturating_sub(digits.len());
    let mut body = reserve(zeros.checked_add(digits.len()).ok_or(Failure::Memory)?)?;
    body.resize(zeros, b'0');
    body.extend(digits.bytes());
    if kind == b'X' {
        body.make_ascii_uppercase();
    }
    let body = String::from_utf8(body).unwrap_or_default();
    lay_out(negative, if layout.flags.alternate { prefix } else { "" }, &body, layout)
}

/// A float by `e`, `E`, `f`, `F`, `g` or `G`.
pub fn format_float(value: f64, kind: u8, layout: Layout) -> Outcome<String> {
    let flags = Flags { alternate: layout.flags.alternate, ..Flags::default() };
    let text = float::format(value, kind, layout.precision.unwrap_or(6), flags)?;
    match text.strip_prefix('-') {
        Some(magnitude) => lay_out(true, "", magnitude, layout),
        None => lay_out(false, "", &text, layout),
    }
}

/// Text by `s`, `r`, `a`, `b` (cut to the precision), or `c` (pass no precision), padded with spaces. `is_text`: the
/// units are code points.
pub fn pad(value: &[u8], layout: Layout, is_text: bool) -> Outcome<Vec<u8>> {
    let mut cut = value;
    if let Some(precision) = layout.precision
        && precision < value.len()
    {
        let end = if is_text { Wtf8::from_trusted_bytes(value).byte_offset(precision) } else { precision };
        cut = &value[..end];
    }
    let units = if is_text { Wtf8::from_trusted_bytes(cut).char_count() } else { cut.len() };
    let padding = layout.width.saturating_sub(units);
    let mut out = reserve(cut.len().checked_add(padding).ok_or(Failure::Memory)?)?;
    if !layout.flags.left {
        out.resize(padding, b' ');
    }
    out.extend_from_slice(cut);
    if layout.flags.left {
        out.resize(cut.len() + padding, b' ');
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(template: &str) -> Outcome<Conversion<'_>> {
        match parse(template.as_bytes(), true).find(|part| !matches!(part, Ok(Part::Literal(_)))) {
            Some(Ok(Part::Conversion(conversion))) => Ok(conversion),
            Some(Err(failure)) => Err(failure),
            _ => panic!("{template}"),
        }
    }

    fn layout(template: &str) -> (u8, Layout) {
        let conversion = one(template).unwrap();
        let number = |amount| {
            if let Amount::Number(number) = amount { Some(number) } else { None }
        };
        let width = number(conversion.width).unwrap_or(0);
        (conversion.kind as u8, Layout { flags: conversion.flags, width, precision: number(conversion.precision) })
    }

    #[test]
    fn parts() {
        let parts: Vec<_> = parse(b"a%%b%(k(e)y)-+ #05.3lfc%", true).collect();
        let conversion = Conversion {
            key: Some(b"k(e)y"),
            flags: PercentFlags { left: true, plus: true, space: true, alternate: true, zero: true },
            width: Amount::Number(5),
            precision: Amount::Number(3),
            kind: 'f'.into(),
            index: 21,
        };
        let expected = [
            Ok(Part::Literal(&b"a"[..])),
            Ok(Part::Literal(b"%")),
            Ok(Part::Literal(b"b")),
            Ok(Part::Conversion(conversion)),
            Ok(Part::Literal(b"c")),
            Err(Failure::value("incomplete format")),
        ];
        assert_eq!(parts, expected);
        assert_eq!(parse(b"abc", true).count(), 1);
        assert_eq!(parse(b"", true).count(), 0);
        let stars = one("%*.*d").unwrap();
        assert_eq!((stars.width, stars.precision), (Amount::Star, Amount::Star));
        assert_eq!(one("%.d").unwrap().precision, Amount::Number(0));
    }

    #[test]
    fn malformed() {
        for (template, message) in [
            ("%", "incomplete format"),
            ("%(a", "incomplete format key"),
            ("%(a)", "incomplete format"),
            ("%5.2", "incomplete format"),
            ("%l", "incomplete format"),
            ("%99999999999999999999d", "width too big"),
            ("%.3000000000d", "precision too big"),
        ] {
            assert_eq!(one(template).unwrap_err().message(), message, "{template}");
        }
        let prec = parse(b"%.3000000000d", false).next().unwrap().unwrap_err();
        assert_eq!(prec.message(), "prec too big");
        for (template, message) in [
            ("%q", "unsupported format character 'q' (0x71) at index 1"),
            ("éé%é", "unsupported format character '?' (0xe9) at index 3"),
            ("a%\x01", "unsupported format character '?' (0x1) at index 2"),
            ("%lld", "unsupported format character 'l' (0x6c) at index 2"),
        ] {
            assert_eq!(one(template).unwrap().unsupported(true).message(), message);
        }
    }

    #[test]
    fn ints() {
        for (template, value, text) in [
            ("%5d", 42, "   42"),
            ("%-5d", 42, "42   "),
            ("%05d", -42, "-0042"),
            ("%+d", 42, "+42"),
            ("% d", 42, " 42"),
            ("%.5d", 42, "00042"),
            ("%8.5d", -42, "  -00042"),
            ("%08.5d", -42, "-0000042"),
            ("%#x", 255, "0xff"),
            ("%#X", 255, "0XFF"),
            ("%#o", 8, "0o10"),
            ("%#.5x", 255, "0x000ff"),
            ("%#08x", 255, "0x0000ff"),
            ("%-#8x", 255, "0xff    "),
            ("%08x", -255, "-00000ff"),
            ("%#8.5x", -255, "-0x000ff"),
            ("%.0d", 0, "0"),
            ("%+#x", 255, "+0xff"),
            ("%-05d", 5, "5    "),
            ("%+ d", 3, "+3"),
            ("%u", -1, "-1"),
        ] {
            let (kind, layout) = layout(template);
            assert_eq!(format_int(value.into(), kind, layout, 0).as_deref(), Ok(text), "{template}");
        }
        let wide = Layout { width: 1 << 50, ..Layout::default() };
        assert_eq!(format_int(1.into(), b'd', wide, 0), Err(Failure::Memory));
    }

    #[test]
    fn floats() {
        for (template, value, text) in [
            ("%e", 1.5, "1.500000e+00"),
            ("%.3f", 2.0005, "2.001"),
            ("%010.2f", -2.71528, "-000002.72"),
            ("%+.1f", 0.05, "+0.1"),
            ("%g", 1e20, "1e+20"),
            ("%G", 1e-10, "1E-10"),
            ("%#g", 1.0, "1.00000"),
            ("%5.1f", f64::NAN, "  nan"),
            ("%05f", f64::INFINITY, "00inf"),
            ("%-08f", f64::NEG_INFINITY, "-inf    "),
            ("%08f", f64::NEG_INFINITY, "-0000inf"),
            ("%.f", 1.5, "2"),
            ("%+.3e", 12345.678, "+1.235e+04"),
        ] {
            let (kind, layout) = layout(template);
            assert_eq!(format_float(value, kind, layout).as_deref(), Ok(text), "{template}");
        }
    }

    #[test]
    fn texts() {
        let padded =
            |template, value: &str| String::from_utf8(pad(value.as_bytes(), layout(template).1, true).unwrap());
        assert_eq!(padded("%5.1s", "éa").unwrap(), "    é");
        assert_eq!(padded("%-5s", "abc").unwrap(), "abc  ");
        assert_eq!(padded("%05s", "abc").unwrap(), "  abc");
        assert_eq!(padded("%5.s", "abc").unwrap(), "     ");
        assert_eq!(pad(b"\xe9a", layout("%4.1s").1, false).unwrap(), b"   \xe9");
    }
}
