//! String literals, f-strings and t-strings. Adjacent pieces of text are one constant.

use countless_common::wtf8::Wtf8Buf;
use ruff_python_ast::{self as ast, ConversionFlag, FStringPart, InterpolatedStringElement};
use ruff_text_size::{TextRange, TextSize};

use super::Exporter;
use crate::ast::{Constant, Item, NodeKind};
use crate::syntax::{guard_stack, literal};

/// The nodes of a string so far, and the text that no node holds yet.
struct Pieces {
    nodes: Vec<Item>,
    text: Wtf8Buf,
    range: Option<TextRange>,
    is_template: bool,
    is_raw: bool,
}

impl Pieces {
    fn new(is_template: bool) -> Pieces {
        Pieces { nodes: Vec::new(), text: Wtf8Buf::default(), range: None, is_template, is_raw: false }
    }

    fn add(&mut self, text: &[u8], range: TextRange) {
        self.text.push_wtf8(&Wtf8Buf::from_trusted_bytes(text.to_vec()));
        self.range = Some(self.range.map_or(range, |whole| whole.cover(range)));
    }
}

impl Exporter<'_> {
    pub(super) fn string_literal(&mut self, node: &ast::ExprStringLiteral) -> Item {
        let value = Wtf8Buf::from_trusted_bytes(literal::string(self.source, &node.value).into_owned());
        let kind = if node.value.is_unicode() { Item::Text(Wtf8Buf::from("u")) } else { Item::Nothing };
        self.node(NodeKind::Constant, node.range, vec![Item::Constant(Constant::Str(value)), kind])
    }

    pub(super) fn joined_string(&mut self, node: &ast::ExprFString) -> Item {
        let mut pieces = Pieces::new(false);
        for part in node.value.iter() {
            match part {
                FStringPart::Literal(part) => {
                    let text = literal::string_part(self.source, part);
                    pieces.add(&text, part.range);
                }
                FStringPart::FString(part) => {
                    pieces.is_raw = literal::is_raw_f_string(part.flags);
                    self.elements(&mut pieces, &part.elements);
                }
            }
        }
        self.finish_text(&mut pieces);
        self.node(NodeKind::JoinedStr, node.range, vec![Item::List(pieces.nodes)])
    }

    pub(super) fn template_string(&mut self, node: &ast::ExprTString) -> Item {
        let mut pieces = Pieces::new(true);
        for part in node.value.iter() {
            pieces.is_raw = literal::is_raw_t_string(part.flags);
            self.elements(&mut pieces, &part.elements);
        }
        self.finish_text(&mut pieces);
        self.node(NodeKind::TemplateStr, node.range, vec![Item::List(pieces.nodes)])
    }

    /// Makes a constant of the text that has come together.
    fn finish_text(&mut self, pieces: &mut Pieces) {
        let text = std::mem::take(&mut pieces.text);
        let range = pieces.range.take();
        if let Some(range) = range
            && !text.as_bytes().is_empty()
        {
            let constant = self.constant(range, Constant::Str(text));
            pieces.nodes.push(constant);
        }
    }

    fn elements(&mut self, pieces: &mut Pieces, elements: &ast::InterpolatedStringElements) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(part) => {
                    let text = literal::interpolated_part(self.source, part, pieces.is_raw);
                    pieces.add(&text, part.range);
                }
                InterpolatedStringElement::Interpolation(field) => {
                    if let Some(debug) = &field.debug_text {
                        let start = field.range.start() + TextSize::new(1);
                        let range = TextRange::at(start, TextSize::new(debug.as_str().len() as u32));
                        pieces.add(literal::debug_text(debug).as_bytes(), range);
                    }
                    self.finish_text(pieces);
                    let node = guard_stack(|| self.field(field, pieces.is_template, pieces.is_raw));
                    pieces.nodes.push(node);
                }
            }
        }
    }

    fn field(&mut self, field: &ast::InterpolatedElement, is_template: bool, is_raw: bool) -> Item {
        let value = self.expression(&field.expression);
        let conversion = match (field.conversion, &field.debug_text, &field.format_spec) {
            (ConversionFlag::None, Some(_), None) | (ConversionFlag::Repr, ..) => i32::from(b'r'),
            (ConversionFlag::None, ..) => -1,
            (ConversionFlag::Str, ..) => i32::from(b's'),
            (ConversionFlag::Ascii, ..) => i32::from(b'a'),
        };
        let spec = match &field.format_spec {
            Some(spec) => self.format_spec(spec, is_raw),
            None => Item::Nothing,
        };
        let conversion = Item::Int(conversion);
        if !is_template {
            return self.node(NodeKind::FormattedValue, field.range, vec![value, conversion, spec]);
        }
        let text = literal::interpolation_text(self.source, field).into_owned();
        let text = Item::Constant(Constant::Str(Wtf8Buf::from(text)));
        self.node(NodeKind::Interpolation, field.range, vec![value, text, conversion, spec])
    }

    /// The string that a format specification is; its position has the colon.
    fn format_spec(&mut self, spec: &ast::InterpolatedStringFormatSpec, is_raw: bool) -> Item {
        let mut pieces = Pieces { is_raw, ..Pieces::new(false) };
        self.elements(&mut pieces, &spec.elements);
        self.finish_text(&mut pieces);
        let start = spec.range.start().to_u32().saturating_sub(1);
        let range = TextRange::new(start.into(), spec.range.end());
        self.node(NodeKind::JoinedStr, range, vec![Item::List(pieces.nodes)])
    }
}
