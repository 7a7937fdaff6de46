//! Expressions.

use dashu_int::IBig;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, ExprContext, Number, Operator, UnaryOp, name::Name};
use ruff_text_size::{TextRange, TextSize};

use super::{Importer, int, list, text};
use crate::ast::{Constant, Item, Node, NodeKind, Span};
use crate::syntax::literal::Integer;

/// A node of the parser: the fields given, the usual ones filled in.
macro_rules! make {
    ($variant:ident, $kind:ident, $range:expr $(, $field:ident $(: $value:expr)?)* $(,)?) => {
        Expr::$variant(ast::$kind { node_index: Default::default(), range: $range, $($field $(: $value)?,)* })
    };
}

impl<'a> Importer<'a> {
    pub(super) fn expression_node(&mut self, node: &'a Node) -> Expr {
        let (fields, span) = (&node.fields[..], node.span);
        match (node.kind, fields) {
            (NodeKind::Constant, [value, ..]) => {
                let constant = match value {
                    Item::Constant(constant) => constant,
                    _ => &Constant::None,
                };
                return self.constant(constant, span);
            }
            (NodeKind::JoinedStr, [values]) => return self.joined_string(values, span),
            (NodeKind::TemplateStr, [values]) => return self.template_string(values, span),
            (NodeKind::FormattedValue | NodeKind::Interpolation, _) => return self.lone_field(node),
            _ => {}
        }
        let start = self.places.begin(span);
        match (node.kind, fields) {
            (NodeKind::Name, [id, context]) => {
                let (id, ctx) = (Name::new(text(id)), self.context(context));
                make!(Name, ExprName, self.places.end(start, span), id, ctx)
            }
            (NodeKind::Attribute, [value, attribute, context]) => {
                let (value, attr, ctx) = (self.boxed(value), self.identifier(attribute), self.context(context));
                make!(Attribute, ExprAttribute, self.places.end(start, span), value, attr, ctx)
            }
            (NodeKind::Subscript, [value, slice, context]) => {
                let (value, slice, ctx) = (self.boxed(value), self.boxed(slice), self.context(context));
                make!(Subscript, ExprSubscript, self.places.end(start, span), value, slice, ctx)
            }
            (NodeKind::Starred, [value, context]) => {
                let (value, ctx) = (self.boxed(value), self.context(context));
                make!(Starred, ExprStarred, self.places.end(start, span), value, ctx)
            }
            (NodeKind::Call, [function, positional, keywords]) => {
                let func = self.boxed(function);
                let arguments = self.arguments(positional, keywords);
                let range_start = start;
                let range = self.places.end(start, span);
                debug_assert_eq!(range.start(), range_start);
                Expr::Call(ast::ExprCall { node_index: Default::default(), range_start, func, arguments })
            }
            (NodeKind::List, [items, context]) => {
                let (elts, ctx) = (self.expressions(items), self.context(context));
                make!(List, ExprList, self.places.end(start, span), elts, ctx)
            }
            (NodeKind::Tuple, [items, context]) => {
                let (elts, ctx) = (self.expressions(items), self.context(context));
                make!(Tuple, ExprTuple, self.places.end(start, span), elts, ctx, parenthesized: true)
            }
            (NodeKind::Slice, [lower, upper, step]) => {
                let (lower, upper, step) = (self.optional(lower), self.optional(upper), self.optional(step));
                make!(Slice, ExprSlice, self.places.end(start, span), lower, upper, step)
            }
            _ => self.operation(node, start),
        }
    }

    fn operation(&mut self, node: &'a Node, start: TextSize) -> Expr {
        let span = node.span;
        match (node.kind, &node.fields[..]) {
            (NodeKind::BoolOp, [operator, values]) => {
                let op = if self.kind_of(operator) == Some(NodeKind::And) { BoolOp::And } else { BoolOp::Or };
                let values = self.expressions(values);
                make!(BoolOp, ExprBoolOp, self.places.end(start, span), op, values)
            }
            (NodeKind::NamedExpr, [target, value]) => {
                let target = self.boxed(target);
                self.places.write(":=");
                let value = self.boxed(value);
                make!(Named, ExprNamed, self.places.end(start, span), target, value)
            }
            (NodeKind::BinOp, [left, operator, right]) => {
                let (left, op, right) = (self.boxed(left), self.operator(operator), self.boxed(right));
                make!(BinOp, ExprBinOp, self.places.end(start, span), left, op, right)
            }
            (NodeKind::UnaryOp, [operator, operand]) => {
                let (op, operand) = (self.unary_operator(operator), self.boxed(operand));
                make!(UnaryOp, ExprUnaryOp, self.places.end(start, span), op, operand)
            }
            (NodeKind::Lambda, [parameters, body]) => {
                let (parameters, body) = (Some(Box::new(self.parameters(parameters))), self.boxed(body));
                let parameters = parameters.filter(|parameters| !parameters.is_empty());
                make!(Lambda, ExprLambda, self.places.end(start, span), parameters, body)
            }
            (NodeKind::IfExp, [test, body, otherwise]) => {
                let (body, test, orelse) = (self.boxed(body), self.boxed(test), self.boxed(otherwise));
                make!(If, ExprIf, self.places.end(start, span), test, body, orelse)
            }
            (NodeKind::Await, [value]) => {
                let value = self.boxed(value);
                make!(Await, ExprAwait, self.places.end(start, span), value)
            }
            (NodeKind::Yield, [value]) => {
                let value = self.optional(value);
                make!(Yield, ExprYield, self.places.end(start, span), value)
            }
            (NodeKind::YieldFrom, [value]) => {
                let value = self.boxed(value);
                make!(YieldFrom, ExprYieldFrom, self.places.end(start, span), value)
            }
            (NodeKind::Compare, [left, operators, comparators]) => {
                let left = self.boxed(left);
                let ops = list(operators).iter().map(|operator| self.comparison(operator)).collect();
                let comparators = self.expressions(comparators).into();
                make!(Compare, ExprCompare, self.places.end(start, span), left, ops, comparators)
            }
            _ => self.display(node, start),
        }
    }

    fn display(&mut self, node: &'a Node, start: TextSize) -> Expr {
        let span = node.span;
        match (node.kind, &node.fields[..]) {
            (NodeKind::Dict, [keys, values]) => {
                let pairs = list(keys).iter().zip(list(values));
                let items = pairs
                    .map(|(key, value)| ast::DictItem {
                        key: self.optional(key).map(|key| *key),
                        value: self.expression(value),
                    })
                    .collect();
                make!(Dict, ExprDict, self.places.end(start, span), items)
            }
            (NodeKind::Set, [items]) => {
                let elts = self.expressions(items);
                make!(Set, ExprSet, self.places.end(start, span), elts)
            }
            (NodeKind::ListComp, [element, clauses]) => {
                let (elt, generators) = (self.boxed(element), self.clauses(clauses));
                make!(ListComp, ExprListComp, self.places.end(start, span), elt, generators)
            }
            (NodeKind::SetComp, [element, clauses]) => {
                let (elt, generators) = (self.boxed(element), self.clauses(clauses));
                make!(SetComp, ExprSetComp, self.places.end(start, span), elt, generators)
            }
            (NodeKind::GeneratorExp, [element, clauses]) => {
                let (elt, generators) = (self.boxed(element), self.clauses(clauses));
                make!(Generator, ExprGenerator, self.places.end(start, span), elt, generators, parenthesized: true)
            }
            (NodeKind::DictComp, [key, value, clauses]) => {
                let (key, value, generators) = (self.optional(key), self.boxed(value), self.clauses(clauses));
                make!(DictComp, ExprDictComp, self.places.end(start, span), key, value, generators)
            }
            _ => make!(NoneLiteral, ExprNoneLiteral, self.places.end(start, span)),
        }
    }

    fn clauses(&mut self, items: &'a Item) -> Vec<ast::Comprehension> {
        let nodes: Vec<&'a Node> = list(items).iter().filter_map(|item| self.node_of(item)).collect();
        nodes
            .into_iter()
            .map(|node| {
                let start = self.places.here();
                let target = self.expression(&node.fields[0]);
                let iter = self.expression(&node.fields[1]);
                let ifs = self.expressions(&node.fields[2]);
                let is_async = int(&node.fields[3]) != 0;
                let range = self.range_from(start);
                ast::Comprehension { node_index: Default::default(), range, target, iter, ifs, is_async }
            })
            .collect()
    }

    pub(super) fn constant(&mut self, constant: &Constant, span: Span) -> Expr {
        if let Constant::Str(value) = constant {
            return self.string(value, span);
        }
        let start = self.places.begin(span);
        let number = |value, range: TextRange| make!(NumberLiteral, ExprNumberLiteral, range, value);
        match constant {
            Constant::Integer(integer) => {
                let is_negative = match integer {
                    Integer::Small(small) => *small < 0,
                    Integer::Big(big) => *big < IBig::ZERO,
                };
                // The parser's ints have no sign.
                let inner = if is_negative { self.places.begin(span) } else { start };
                let value = Number::Int(magnitude(integer));
                let literal = number(value, self.places.end(inner, span));
                if !is_negative {
                    return literal;
                }
                let (op, operand) = (UnaryOp::USub, Box::new(literal));
                make!(UnaryOp, ExprUnaryOp, self.places.end(start, span), op, operand)
            }
            Constant::Float(float) => number(Number::Float(*float), self.places.end(start, span)),
            Constant::Complex(real, imag) => {
                number(Number::Complex { real: *real, imag: *imag }, self.places.end(start, span))
            }
            Constant::Bytes(bytes) => {
                let range = self.places.end(start, span);
                let part = ast::BytesLiteral {
                    node_index: Default::default(),
                    range,
                    value: bytes.clone().into(),
                    flags: ast::BytesLiteralFlags::empty(),
                };
                make!(BytesLiteral, ExprBytesLiteral, range, value: ast::BytesLiteralValue::single(part))
            }
            Constant::Tuple(items) => {
                let elts = items.iter().map(|item| self.constant(item, span)).collect();
                let range = self.places.end(start, span);
                make!(Tuple, ExprTuple, range, elts, ctx: ExprContext::Load, parenthesized: true)
            }
            Constant::Bool(value) => {
                make!(BooleanLiteral, ExprBooleanLiteral, self.places.end(start, span), value: *value)
            }
            Constant::Ellipsis => make!(EllipsisLiteral, ExprEllipsisLiteral, self.places.end(start, span)),
            Constant::None | Constant::Str(_) => make!(NoneLiteral, ExprNoneLiteral, self.places.end(start, span)),
        }
    }

    fn context(&self, item: &Item) -> ExprContext {
        match self.kind_of(item) {
            Some(NodeKind::Store) => ExprContext::Store,
            Some(NodeKind::Del) => ExprContext::Del,
            _ => ExprContext::Load,
        }
    }

    pub(super) fn operator(&self, item: &Item) -> Operator {
        match self.kind_of(item) {
            Some(NodeKind::Sub) => Operator::Sub,
            Some(NodeKind::Mult) => Operator::Mult,
            Some(NodeKind::MatMult) => Operator::MatMult,
            Some(NodeKind::Div) => Operator::Div,
            Some(NodeKind::Mod) => Operator::Mod,
            Some(NodeKind::Pow) => Operator::Pow,
            Some(NodeKind::LShift) => Operator::LShift,
            Some(NodeKind::RShift) => Operator::RShift,
            Some(NodeKind::BitOr) => Operator::BitOr,
            Some(NodeKind::BitXor) => Operator::BitXor,
            Some(NodeKind::BitAnd) => Operator::BitAnd,
            Some(NodeKind::FloorDiv) => Operator::FloorDiv,
            _ => Operator::Add,
        }
    }

    fn unary_operator(&self, item: &Item) -> UnaryOp {
        match self.kind_of(item) {
            Some(NodeKind::Invert) => UnaryOp::Invert,
            Some(NodeKind::Not) => UnaryOp::Not,
            Some(NodeKind::USub) => UnaryOp::USub,
            _ => UnaryOp::UAdd,
        }
    }

    fn comparison(&self, item: &Item) -> CmpOp {
        match self.kind_of(item) {
            Some(NodeKind::NotEq) => CmpOp::NotEq,
            Some(NodeKind::Lt) => CmpOp::Lt,
            Some(NodeKind::LtE) => CmpOp::LtE,
            Some(NodeKind::Gt) => CmpOp::Gt,
            Some(NodeKind::GtE) => CmpOp::GtE,
            Some(NodeKind::Is) => CmpOp::Is,
            Some(NodeKind::IsNot) => CmpOp::IsNot,
            Some(NodeKind::In) => CmpOp::In,
            Some(NodeKind::NotIn) => CmpOp::NotIn,
            _ => CmpOp::Eq,
        }
    }
}

/// The parser's int of a magnitude.
fn magnitude(integer: &Integer) -> ast::Int {
    let text = match integer {
        Integer::Small(small) => small.unsigned_abs().to_string(),
        Integer::Big(big) => {
            let text = big.in_radix(16).to_string();
            let digits = text.trim_start_matches('-');
            let token = format!("0x{digits}");
            return ast::Int::from_str_radix(digits, 16, &token).unwrap_or(ast::Int::ZERO);
        }
    };
    text.parse().unwrap_or(ast::Int::ZERO)
}
