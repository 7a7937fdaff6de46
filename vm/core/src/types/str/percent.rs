//! The `%` operator of str. (That of bytes is in `types::byte_sequence::percent`, over the same parts.)

use countless_common::percent::{self, Amount, Conversion, Layout, Part};
use countless_common::wtf8::{Wtf8, Wtf8Buf};

use super::{Str, format::ascii};
use crate::exceptions::ExceptionKind;
use crate::object::cell::Ref;
use crate::object::protocol::{item, number, object};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::tuple::Tuple;
use crate::types::{bytearray, bytes, complex, float, int};

/// The right operand, as the conversions consume it.
pub(crate) struct Operands {
    whole: Value,
    tuple: Option<Ref<Tuple>>,
    next: usize,
    /// The value that a key chose, until it is consumed; then there is nothing more.
    chosen: Option<Value>,
    /// Whether the operand is a mapping, of which values may be left over.
    is_mapping: bool,
    keyed: bool,
}

impl Operands {
    pub(crate) fn new(cx: &Cx, whole: Value) -> Operands {
        let tuple = whole.downcast::<Tuple>(cx);
        let is_text = whole.downcast::<Str>(cx).is_some();
        let is_mapping = tuple.is_none() && !is_text && cx.type_of(whole).slots.subscript().is_some();
        Operands { whole, tuple, next: 0, chosen: None, is_mapping, keyed: false }
    }

    /// The same for the `%` of bytes, where bytes and bytearrays are values, not mappings.
    pub(crate) fn of_bytes(cx: &Cx, whole: Value) -> Operands {
        let mut operands = Operands::new(cx, whole);
        operands.is_mapping &=
            whole.downcast::<bytes::Bytes>(cx).is_none() && whole.downcast::<bytearray::ByteArray>(cx).is_none();
        operands
    }

    /// The next value.
    pub(crate) fn take(&mut self, cx: &Cx) -> PyResult {
        if self.keyed {
            if let Some(chosen) = self.chosen.take() {
                return Ok(chosen);
            }
        } else if let Some(tuple) = self.tuple {
            if self.next < tuple.len() {
                self.next += 1;
                return Ok(tuple.get(self.next - 1));
            }
        } else if self.next == 0 {
            self.next = 1;
            return Ok(self.whole);
        }
        Err(cx.type_error("not enough arguments for format string"))
    }

    /// Chooses the value of a key for the conversion that has it.
    pub(crate) fn choose(&mut self, cx: &Cx, key: Value) -> PyResult<()> {
        if !self.is_mapping {
            return Err(cx.type_error("format requires a mapping"));
        }
        self.chosen = Some(item::get_item(cx, self.whole, key)?);
        self.keyed = true;
        Ok(())
    }

    /// Fails if values are left.
    pub(crate) fn finish(&self, cx: &Cx, kind: &str) -> PyResult<()> {
        let left = match self.tuple {
            Some(tuple) => self.next < tuple.len(),
            None => self.next == 0,
        };
        if left && !self.is_mapping && !self.keyed {
            return Err(raise!(cx, TypeError, "not all arguments converted during {kind} formatting"));
        }
        Ok(())
    }
}

/// Flags, width and precision, with the stars' values filled in.
pub(crate) fn resolve(cx: &Cx, conversion: &Conversion<'_>, operands: &mut Operands) -> PyResult<Layout> {
    let mut layout = Layout { flags: conversion.flags, width: 0, precision: None };
    match conversion.width {
        Amount::Absent => {}
        Amount::Number(width) => layout.width = width,
        Amount::Star => {
            let width = star(cx, operands, "ssize_t", i64::MAX)?;
            layout.flags.left |= width < 0;
            layout.width = usize::try_from(width.unsigned_abs()).unwrap_or(usize::MAX);
        }
    }
    match conversion.precision {
        Amount::Absent => {}
        Amount::Number(precision) => layout.precision = Some(precision),
        Amount::Star => {
            let precision = star(cx, operands, "int", i32::MAX.into())?;
            layout.precision = Some(usize::try_from(precision).unwrap_or(0));
        }
    }
    Ok(layout)
}

fn star(cx: &Cx, operands: &mut Operands, c_type: &str, most: i64) -> PyResult<i64> {
    let value = operands.take(cx)?;
    if !int::is_int(cx, value) {
        return Err(cx.type_error("* wants int"));
    }
    match number::as_index_i64(cx, value) {
        Some(amount) if (-most - 1..=most).contains(&amount) => Ok(amount),
        _ => Err(raise!(cx, OverflowError, "Python int too large to convert to C {c_type}")),
    }
}

/// The int that a conversion `d`, `i`, `u`, `o`, `x` or `X` formats.
fn integer(cx: &Cx, value: Value, kind: u8) -> PyResult {
    if int::is_int(cx, value) {
        return Ok(value);
    }
    let slots = &cx.type_of(value).slots;
    let is_number = slots.index().is_some()
        || slots.int().is_some()
        || slots.float().is_some()
        || complex::as_pair(cx, value).is_some();
    if is_number {
        let converted = match kind {
            b'o' | b'x' | b'X' => number::index(cx, value),
            _ => int::from_number(cx, value),
        };
        match converted {
            Ok(int) => return Ok(int),
            Err(raised) => cx.ignore_if(raised, ExceptionKind::TypeError)?,
        }
    }
    let (kind_text, class) = (kind as char, value.class_name(cx));
    let wanted = if matches!(kind, b'o' | b'x' | b'X') { "an integer" } else { "a real number" };
    Err(raise!(cx, TypeError, "%{kind_text} format: {wanted} is required, not {class}"))
}

/// The text of a conversion to a number.
pub(crate) fn format_number(cx: &Cx, value: Value, kind: u8, layout: Layout) -> PyResult<String> {
    let result = match kind {
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' => {
            let int = integer(cx, value, kind)?;
            let view = int::view(cx, &int).unwrap_or(int::IntView::Small(0));
            percent::format_int(view, kind, layout, int::max_digits(cx))
        }
        _ => percent::format_float(float::from_number(cx, value)?, kind, layout),
    };
    result.map_err(|failure| cx.raise_failure(failure))
}

/// The code point of `%c`.
fn character(cx: &Cx, value: Value) -> PyResult<u32> {
    if let Some(text) = value.downcast::<Str>(cx) {
        let length = text.len();
        return text.code_point(0).filter(|_| length == 1).ok_or_else(|| {
            raise!(cx, TypeError, "%c requires an int or a unicode character, not a string of length {length}")
        });
    }
    if !number::is_index(cx, value) && !value.is_bool() {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "%c requires an int or a unicode character, not {class}"));
    }
    let int = number::index(cx, value)?;
    match number::as_index_i64(cx, int) {
        Some(point @ 0..0x11_0000) => Ok(point as u32),
        _ => Err(cx.overflow_error("%c arg not in range(0x110000)")),
    }
}

fn padded(cx: &Cx, text: &[u8], layout: Layout, out: &mut Wtf8Buf) -> PyResult<()> {
    if layout.width == 0 && layout.precision.is_none() {
        out.push_wtf8(Wtf8::from_trusted_bytes(text));
        return Ok(());
    }
    match percent::pad(text, layout, true) {
        Ok(bytes) => {
            out.push_wtf8(Wtf8::from_trusted_bytes(&bytes));
            Ok(())
        }
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn convert(cx: &Cx, conversion: &Conversion<'_>, operands: &mut Operands, out: &mut Wtf8Buf) -> PyResult<()> {
    if let Some(key) = conversion.key {
        let key = cx.new_str_wtf8(Wtf8::from_trusted_bytes(key));
        operands.choose(cx, key.value())?;
    }
    let layout = resolve(cx, conversion, operands)?;
    let kind = u8::try_from(conversion.kind).unwrap_or(0);
    let value = operands.take(cx)?;
    match kind {
        b's' => padded(cx, object::str(cx, value)?.as_bytes(), layout, out),
        b'r' => padded(cx, object::repr(cx, value)?.as_bytes(), layout, out),
        b'a' => padded(cx, ascii(cx, value)?.as_bytes(), layout, out),
        b'c' => {
            let mut text = Wtf8Buf::new();
            text.push(character(cx, value)?);
            padded(cx, text.as_bytes(), Layout { precision: None, ..layout }, out)
        }
        b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            out.push_str(&format_number(cx, value, kind, layout)?);
            Ok(())
        }
        _ => Err(unsupported(cx, conversion)),
    }
}

#[cold]
fn unsupported(cx: &Cx, conversion: &Conversion<'_>) -> Raised {
    cx.raise_failure(conversion.unsupported(true))
}

/// `template % operand`.
pub fn percent_format(cx: &Cx, template: Ref<Str>, operand: Value) -> PyResult {
    let mut operands = Operands::new(cx, operand);
    let mut out = Wtf8Buf::with_capacity(template.byte_length + 16);
    for part in percent::parse(template.as_bytes(), true) {
        match part.map_err(|failure| cx.raise_failure(failure))? {
            Part::Literal(text) => out.push_wtf8(Wtf8::from_trusted_bytes(text)),
            Part::Conversion(conversion) => convert(cx, &conversion, &mut operands, &mut out)?,
        }
    }
    // The template is borrowed while Python code runs.
    std::hint::black_box(template);
    operands.finish(cx, "string")?;
    Ok(cx.new_str_wtf8(&out).value())
}
