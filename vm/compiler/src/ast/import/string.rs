//! Strings, f-strings and t-strings.
//!
//! The parser's strings cannot hold surrogates: the replacement character stands for them, and the made-up text has the
//! escapes that the values are read from.

use std::fmt::Write;

use countless_common::wtf8::Wtf8Buf;
use ruff_python_ast::{self as ast, ConversionFlag, Expr, InterpolatedStringElement, InterpolatedStringElements};
use ruff_text_size::{TextRange, TextSize};

use super::{Importer, int, list};
use crate::ast::{Constant, Item, Node, NodeKind, Span};

impl<'a> Importer<'a> {
    /// Writes what the value is read again from, if it has to be, and gives the parser's value.
    fn written(&mut self, value: &Wtf8Buf) -> Box<str> {
        let mut text = String::with_capacity(value.as_bytes().len());
        let mut escapes = String::new();
        for point in value.code_points() {
            let character = char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
            text.push(character);
            if character == char::REPLACEMENT_CHARACTER {
                // Writing to a string does not fail.
                let _ = write!(escapes, "\\u{point:04x}");
            }
        }
        self.places.write(&escapes);
        text.into()
    }

    fn string_part(&mut self, value: &Wtf8Buf, span: Span) -> ast::StringLiteral {
        let start = self.places.begin(span);
        let value = self.written(value);
        // The marks of both ends stand for the quotes, so the end's belongs to the range.
        self.places.write(" ");
        let range = self.places.end(start, span);
        ast::StringLiteral { node_index: Default::default(), range, value, flags: ast::StringLiteralFlags::empty() }
    }

    pub(super) fn string(&mut self, value: &Wtf8Buf, span: Span) -> Expr {
        let part = self.string_part(value, span);
        let range = part.range;
        let value = ast::StringLiteralValue::single(part);
        Expr::StringLiteral(ast::ExprStringLiteral { node_index: Default::default(), range, value })
    }

    fn text_element(&mut self, value: &Wtf8Buf, span: Span) -> InterpolatedStringElement {
        let start = self.places.begin(span);
        let value = self.written(value);
        let range = self.places.end(start, span);
        InterpolatedStringElement::Literal(ast::InterpolatedStringLiteralElement {
            node_index: Default::default(),
            range,
            value,
        })
    }

    fn elements(&mut self, values: &'a Item) -> InterpolatedStringElements {
        let nodes: Vec<&'a Node> = list(values).iter().filter_map(|item| self.node_of(item)).collect();
        let elements: Vec<_> = nodes.into_iter().map(|node| self.element(node)).collect();
        InterpolatedStringElements::from(elements)
    }

    fn element(&mut self, node: &'a Node) -> InterpolatedStringElement {
        match (node.kind, &node.fields[..]) {
            (NodeKind::Constant, [Item::Constant(Constant::Str(value)), _]) => self.text_element(value, node.span),
            (NodeKind::FormattedValue, [value, conversion, spec]) => {
                self.field((value, int(conversion), spec), None, node.span)
            }
            (NodeKind::Interpolation, [value, text, conversion, spec]) => {
                self.field((value, int(conversion), spec), Some(text), node.span)
            }
            // Any other expression is formatted without further ado.
            _ => {
                let start = self.places.begin(node.span);
                let expression = Box::new(self.expression_node(node));
                let range = self.places.end(start, node.span);
                interpolation(range, expression, ConversionFlag::None, None)
            }
        }
    }

    fn field(
        &mut self,
        (value, conversion, spec): (&'a Item, i32, &'a Item),
        text: Option<&Item>,
        span: Span,
    ) -> InterpolatedStringElement {
        let start = self.places.begin(span);
        if let Some(Item::Constant(Constant::Str(text))) = text {
            self.places.note_expression(start, text.to_string_lossy());
        }
        let expression = self.boxed(value);
        let conversion = match u8::try_from(conversion) {
            Ok(b's') => ConversionFlag::Str,
            Ok(b'r') => ConversionFlag::Repr,
            Ok(b'a') => ConversionFlag::Ascii,
            _ => ConversionFlag::None,
        };
        let spec = self.node_of(spec).map(|node| {
            let start = self.places.begin(node.span);
            let elements = match (node.kind, &node.fields[..]) {
                (NodeKind::JoinedStr, [values]) => self.elements(values),
                _ => vec![self.element(node)].into(),
            };
            let range = self.places.end(start, node.span);
            Box::new(ast::InterpolatedStringFormatSpec { node_index: Default::default(), range, elements })
        });
        let range = self.places.end(start, span);
        interpolation(range, expression, conversion, spec)
    }

    pub(super) fn joined_string(&mut self, values: &'a Item, span: Span) -> Expr {
        let start = self.places.begin(span);
        let elements = self.elements(values);
        self.f_string(elements, start, span)
    }

    fn f_string(&mut self, elements: InterpolatedStringElements, start: TextSize, span: Span) -> Expr {
        let range = self.places.end(start, span);
        let part = ast::FString { node_index: Default::default(), range, elements, flags: ast::FStringFlags::empty() };
        let value = ast::FStringValue::single(part);
        Expr::FString(ast::ExprFString { node_index: Default::default(), range, value })
    }

    /// A field outside of any string is a string of nothing else.
    pub(super) fn lone_field(&mut self, node: &'a Node) -> Expr {
        let start = self.places.begin(node.span);
        let elements = vec![self.element(node)].into();
        match node.kind {
            NodeKind::Interpolation => self.t_string(elements, start, node.span),
            _ => self.f_string(elements, start, node.span),
        }
    }

    pub(super) fn template_string(&mut self, values: &'a Item, span: Span) -> Expr {
        let start = self.places.begin(span);
        let elements = self.elements(values);
        self.t_string(elements, start, span)
    }

    fn t_string(&mut self, elements: InterpolatedStringElements, start: TextSize, span: Span) -> Expr {
        let range = self.places.end(start, span);
        let part = ast::TString { node_index: Default::default(), range, elements, flags: ast::TStringFlags::empty() };
        let value = ast::TStringValue::single(part);
        Expr::TString(ast::ExprTString { node_index: Default::default(), range, value })
    }
}

fn interpolation(
    range: TextRange,
    expression: Box<Expr>,
    conversion: ConversionFlag,
    format_spec: Option<Box<ast::InterpolatedStringFormatSpec>>,
) -> InterpolatedStringElement {
    InterpolatedStringElement::Interpolation(ast::InterpolatedElement {
        node_index: Default::default(),
        range,
        expression,
        debug_text: None,
        conversion,
        format_spec,
    })
}
