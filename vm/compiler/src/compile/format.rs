//! f-strings and t-strings.

use std::sync::Arc;

use countless_common::wtf8::Wtf8Buf;
use ruff_python_ast::{self as ast, ConversionFlag, Expr, FStringPart, InterpolatedStringElement};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Register;
use crate::bytecode::{Constant, Op};
use crate::syntax::literal::{debug_text, interpolation_text, is_raw_f_string, is_raw_t_string};

/// f-strings with more pieces than this are joined in several steps.
const MAX_WINDOW_PIECES: usize = 64;

/// A piece of an f-string or t-string, adjacent literal text joined.
enum Piece<'a> {
    Text(Wtf8Buf, TextRange),
    /// A field, and whether the string around it is raw.
    Field(&'a ast::InterpolatedElement, bool),
    /// A value and its conversion, from a `%` format.
    Value(&'a Expr, u8),
}

/// Appends a piece, joining text to text.
fn push_text<'a>(pieces: &mut Vec<Piece<'a>>, text: &countless_common::wtf8::Wtf8, range: TextRange) {
    if text.as_bytes().is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Text(last, _)) => last.push_wtf8(text),
        _ => pieces.push(Piece::Text(text.to_wtf8_buf(), range)),
    }
}

/// The conversion's number in instructions.
fn conversion(flag: ConversionFlag) -> u8 {
    match flag {
        ConversionFlag::None => 0,
        ConversionFlag::Str => 1,
        ConversionFlag::Repr => 2,
        ConversionFlag::Ascii => 3,
    }
}

impl<'a> Compiler<'a> {
    fn push_elements(
        &self,
        pieces: &mut Vec<Piece<'a>>,
        elements: &'a [InterpolatedStringElement],
        is_template: bool,
        is_raw: bool,
    ) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    push_text(pieces, &self.literal_element(literal, is_raw), literal.range);
                }
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(debug) = &field.debug_text {
                        push_text(pieces, &Wtf8Buf::from(&*debug_text(debug)), field.range);
                    }
                    if is_template || self.constant_field(field).is_none() {
                        pieces.push(Piece::Field(field, is_raw));
                    } else if let Some(Constant::Str(text)) = self.constant_field(field) {
                        push_text(pieces, &text, field.range);
                    }
                }
            }
        }
    }

    /// A field that is a plain str constant is part of the text.
    fn constant_field(&self, field: &ast::InterpolatedElement) -> Option<Constant> {
        if field.format_spec.is_some() || field.debug_text.is_some() || field.conversion != ConversionFlag::None {
            return None;
        }
        match &*field.expression {
            ast::Expr::StringLiteral(literal) => Some(self.string_literal(literal)),
            _ => None,
        }
    }

    pub(super) fn f_string_into(&mut self, string: &'a ast::ExprFString, dst: Register) {
        let mut pieces = Vec::new();
        for part in string.value.iter() {
            match part {
                FStringPart::Literal(literal) => push_text(&mut pieces, &self.string_part(literal), literal.range),
                FStringPart::FString(part) => {
                    self.push_elements(&mut pieces, &part.elements, false, is_raw_f_string(part.flags))
                }
            }
        }
        self.join_into(pieces, dst, string.range);
    }

    /// Makes a str of pieces.
    fn join_into(&mut self, pieces: Vec<Piece<'a>>, dst: Register, range: TextRange) {
        match &pieces[..] {
            [] => self.load_string("", dst, range),
            [Piece::Text(text, _)] => self.load_constant(Constant::Str(Arc::new(text.clone())), dst, range),
            [Piece::Field(field, is_raw)] => self.field_into(field, *is_raw, dst),
            [Piece::Value(value, n)] => self.converted_into(value, *n, dst),
            [..] => {
                let mut groups = pieces.chunks(MAX_WINDOW_PIECES);
                let base = self.window(dst);
                let first = groups.next().unwrap_or(&[]);
                self.place_pieces(first, base);
                let result = if pieces.len() > MAX_WINDOW_PIECES { base } else { dst };
                self.emit(Op::BuildString { dst: result, base, count: first.len() as u16 }, range);
                for group in groups {
                    let mark = self.unit.mark();
                    let next = self.unit.temporary();
                    self.place_pieces(group, next);
                    // The text so far moves to the front of the next group.
                    self.unit.release(mark);
                    self.join_group(base, next, group.len() as u16, range);
                }
                self.move_register(dst, result, range);
            }
        }
    }

    /// `'%s %r' % (a, b)` as the f-string that it stands for. False: the format is not that simple.
    pub(super) fn percent_format_into(&mut self, binary: &'a ast::ExprBinOp, dst: Register) -> bool {
        let (Expr::StringLiteral(literal), Expr::Tuple(tuple)) = (&*binary.left, &*binary.right) else {
            return false;
        };
        let Constant::Str(format) = self.string_literal(literal) else {
            return false;
        };
        let Some(pieces) = percent_pieces(&format, &tuple.elts, literal.range) else {
            return false;
        };
        self.join_into(pieces, dst, binary.range);
        true
    }

    fn converted_into(&mut self, value: &'a Expr, n: u8, dst: Register) {
        let mark = self.unit.mark();
        let src = self.operand_in(value, Some(dst));
        self.emit(Op::FormatSimple { n, dst, src }, value.range());
        self.unit.release(mark);
    }

    /// `base = base + "".join(count pieces from next)`.
    fn join_group(&mut self, base: Register, next: Register, count: u16, range: TextRange) {
        self.emit(Op::BuildString { dst: next, base: next, count }, range);
        self.emit(Op::Add { n: 0, dst: base, a: base, b: next }, range);
    }

    fn place_pieces(&mut self, pieces: &[Piece<'a>], first: Register) {
        let mark = self.unit.mark();
        for (at, piece) in pieces.iter().enumerate() {
            let register = if at == 0 { first } else { self.unit.temporary() };
            match piece {
                Piece::Text(text, range) => {
                    self.load_constant(Constant::Str(Arc::new(text.clone())), register, *range);
                }
                Piece::Field(field, is_raw) => self.field_into(field, *is_raw, register),
                Piece::Value(value, n) => self.converted_into(value, *n, register),
            }
        }
        self.unit.release(mark);
    }

    fn field_into(&mut self, field: &'a ast::InterpolatedElement, is_raw: bool, dst: Register) {
        let mark = self.unit.mark();
        let n = field_conversion(field);
        match &field.format_spec {
            Some(spec) => {
                let src = self.operand_before(&field.expression, Some(dst), spec.range);
                let register = self.unit.temporary();
                self.spec_into(spec, register, is_raw);
                self.emit(Op::FormatWithSpec { n, dst, src, spec: register }, field.range);
            }
            None => {
                let src = self.operand_in(&field.expression, Some(dst));
                self.emit(Op::FormatSimple { n, dst, src }, field.range);
            }
        }
        self.unit.release(mark);
    }

    fn spec_into(&mut self, spec: &'a ast::InterpolatedStringFormatSpec, dst: Register, is_raw: bool) {
        let mut pieces = Vec::new();
        self.push_elements(&mut pieces, &spec.elements, false, is_raw);
        let mark = self.unit.mark();
        self.join_into(pieces, dst, spec.range);
        self.unit.release(mark);
    }

    /// A template: a tuple of its strings, one more than its interpolations, and a tuple of those.
    pub(super) fn t_string_into(&mut self, string: &'a ast::ExprTString, dst: Register) {
        let mut pieces = Vec::new();
        for part in string.value.iter() {
            self.push_elements(&mut pieces, &part.elements, true, is_raw_t_string(part.flags));
        }
        let base = self.window(dst);
        let mut count = 0;
        for piece in &pieces {
            let register = if count == 0 { base } else { self.unit.temporary() };
            count += 1;
            match piece {
                Piece::Text(text, range) => {
                    self.load_constant(Constant::Str(Arc::new(text.clone())), register, *range);
                }
                Piece::Field(field, is_raw) => self.interpolation_into(field, *is_raw, register),
                Piece::Value(value, n) => self.converted_into(value, *n, register),
            }
        }
        self.emit(Op::BuildTemplate { dst, base, count }, string.range);
    }

    fn interpolation_into(&mut self, field: &'a ast::InterpolatedElement, is_raw: bool, dst: Register) {
        let mark = self.unit.mark();
        let base = self.window(dst);
        self.expression_into(&field.expression, base);
        let text = self.unit.temporary();
        self.load_string(&interpolation_text(self.source, field), text, field.range);
        let spec_register = self.unit.temporary();
        match &field.format_spec {
            Some(spec) => self.spec_into(spec, spec_register, is_raw),
            None => self.load_string("", spec_register, field.range),
        }
        self.emit(Op::BuildInterpolation { n: field_conversion(field), dst, base }, field.range);
        self.unit.release(mark);
    }
}

/// The pieces of a `%` format that has only `%s`, `%r`, `%a` and `%%`, one for each value.
fn percent_pieces<'a>(format: &Wtf8Buf, values: &'a [Expr], range: TextRange) -> Option<Vec<Piece<'a>>> {
    if values.iter().any(Expr::is_starred_expr) {
        return None;
    }
    let mut pieces = Vec::new();
    let mut values = values.iter();
    let mut text = Wtf8Buf::default();
    let mut points = format.code_points();
    while let Some(point) = points.next() {
        if point != u32::from('%') {
            text.push(point);
            continue;
        }
        let conversion = match char::from_u32(points.next()?)? {
            '%' => {
                text.push(u32::from('%'));
                continue;
            }
            's' => 1,
            'r' => 2,
            'a' => 3,
            _ => return None,
        };
        push_text(&mut pieces, &text, range);
        text.clear();
        pieces.push(Piece::Value(values.next()?, conversion));
    }
    push_text(&mut pieces, &text, range);
    values.next().is_none().then_some(pieces)
}

/// `{x=}` shows the repr if nothing else is asked for.
fn field_conversion(field: &ast::InterpolatedElement) -> u8 {
    if field.debug_text.is_some() && field.conversion == ConversionFlag::None && field.format_spec.is_none() {
        return conversion(ConversionFlag::Repr);
    }
    conversion(field.conversion)
}
