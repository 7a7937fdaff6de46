//! Expressions as text: what `from __future__ import annotations` leaves of an annotation.
//!
//! The text is CPython's: one spelling for each tree, with as few parentheses as its precedence rules allow.

use countless_common::quote;
use countless_common::wtf8::{Wtf8, Wtf8Buf};
use ruff_python_ast::{
    self as ast, CmpOp, Comprehension, ConversionFlag, Expr, FStringPart, InterpolatedStringElement, Number, Operator,
    Parameters, UnaryOp,
};

use super::Compiler;
use super::constant::number;
use super::expression::with_stack;
use crate::bytecode::Constant;
use crate::syntax::literal::{is_raw_f_string, is_raw_t_string};

/// How tightly an expression binds; where a tighter one is wanted, it gets parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Named,
    Tuple,
    Test,
    Or,
    And,
    Not,
    Compare,
    BitOr,
    BitXor,
    BitAnd,
    Shift,
    Arithmetic,
    Term,
    Factor,
    Power,
    Await,
    Atom,
}

impl Level {
    const ALL: [Level; 17] = [
        Level::Named,
        Level::Tuple,
        Level::Test,
        Level::Or,
        Level::And,
        Level::Not,
        Level::Compare,
        Level::BitOr,
        Level::BitXor,
        Level::BitAnd,
        Level::Shift,
        Level::Arithmetic,
        Level::Term,
        Level::Factor,
        Level::Power,
        Level::Await,
        Level::Atom,
    ];

    fn next(self) -> Level {
        Level::ALL.get(self as usize + 1).copied().unwrap_or(Level::Atom)
    }

    fn of_operator(operator: Operator) -> Level {
        match operator {
            Operator::BitOr => Level::BitOr,
            Operator::BitXor => Level::BitXor,
            Operator::BitAnd => Level::BitAnd,
            Operator::LShift | Operator::RShift => Level::Shift,
            Operator::Add | Operator::Sub => Level::Arithmetic,
            Operator::Pow => Level::Power,
            Operator::Mult | Operator::MatMult | Operator::Div | Operator::Mod | Operator::FloorDiv => Level::Term,
        }
    }
}

fn comparison_text(op: CmpOp) -> &'static str {
    match op {
        CmpOp::Eq => " == ",
        CmpOp::NotEq => " != ",
        CmpOp::Lt => " < ",
        CmpOp::LtE => " <= ",
        CmpOp::Gt => " > ",
        CmpOp::GtE => " >= ",
        CmpOp::Is => " is ",
        CmpOp::IsNot => " is not ",
        CmpOp::In => " in ",
        CmpOp::NotIn => " not in ",
    }
}

impl<'a> Compiler<'a> {
    /// The text of an annotation.
    pub(super) fn annotation_text(&self, annotation: &Expr) -> Wtf8Buf {
        let mut writer = Writer { compiler: self, out: Wtf8Buf::default() };
        writer.expression(annotation, Level::Test);
        writer.out
    }
}

struct Writer<'c, 'a> {
    compiler: &'c Compiler<'a>,
    out: Wtf8Buf,
}

impl Writer<'_, '_> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Writes `body` in parentheses if its level binds less than is wanted.
    fn group(&mut self, wanted: Level, own: Level, body: impl FnOnce(&mut Self)) {
        let needed = wanted > own;
        if needed {
            self.text("(");
        }
        body(self);
        if needed {
            self.text(")");
        }
    }

    fn list<'e>(&mut self, items: impl IntoIterator<Item = &'e Expr>, level: Level) {
        for (at, item) in items.into_iter().enumerate() {
            self.text(if at == 0 { "" } else { ", " });
            self.expression(item, level);
        }
    }

    fn expression(&mut self, expression: &Expr, level: Level) {
        with_stack(|| self.dispatch(expression, level));
    }

    fn dispatch(&mut self, expression: &Expr, level: Level) {
        match expression {
            Expr::Name(node) => self.text(&node.id),
            Expr::Attribute(node) => {
                self.expression(&node.value, Level::Atom);
                let is_integer = matches!(&*node.value, Expr::NumberLiteral(literal) if literal.value.is_int());
                self.text(if is_integer { " ." } else { "." });
                self.text(&node.attr.id);
            }
            Expr::Subscript(node) => {
                self.expression(&node.value, Level::Atom);
                self.text("[");
                self.expression(&node.slice, Level::Tuple);
                self.text("]");
            }
            Expr::Tuple(node) => self.tuple(&node.elts, level),
            Expr::Starred(node) => {
                self.text("*");
                self.expression(&node.value, Level::BitOr);
            }
            Expr::Call(node) => self.call(node),
            Expr::BinOp(_) | Expr::UnaryOp(_) | Expr::BoolOp(_) | Expr::Compare(_) => self.operation(expression, level),
            Expr::List(_) | Expr::Set(_) | Expr::Dict(_) => self.display(expression),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(expression);
            }
            Expr::Slice(node) => self.slice(node),
            Expr::FString(_) | Expr::TString(_) => self.interpolated(expression),
            Expr::Lambda(_) | Expr::If(_) | Expr::Named(_) | Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => {
                self.rare(expression, level)
            }
            _ => self.constant(expression),
        }
    }

    fn tuple(&mut self, items: &[Expr], level: Level) {
        if items.is_empty() {
            return self.text("()");
        }
        self.group(level, Level::Tuple, |this| {
            this.list(items, Level::Test);
            if items.len() == 1 {
                this.text(",");
            }
        });
    }

    fn operation(&mut self, expression: &Expr, level: Level) {
        match expression {
            Expr::BinOp(node) => {
                let own = Level::of_operator(node.op);
                let (left, right) = if node.op == Operator::Pow { (own.next(), own) } else { (own, own.next()) };
                self.group(level, own, |this| {
                    this.expression(&node.left, left);
                    this.text(&format!(" {} ", node.op.as_str()));
                    this.expression(&node.right, right);
                });
            }
            Expr::UnaryOp(node) => {
                let (text, own) = match node.op {
                    UnaryOp::Invert => ("~", Level::Factor),
                    UnaryOp::Not => ("not ", Level::Not),
                    UnaryOp::UAdd => ("+", Level::Factor),
                    UnaryOp::USub => ("-", Level::Factor),
                };
                self.group(level, own, |this| {
                    this.text(text);
                    this.expression(&node.operand, own);
                });
            }
            Expr::BoolOp(node) => {
                let (text, own) = match node.op {
                    ast::BoolOp::And => (" and ", Level::And),
                    ast::BoolOp::Or => (" or ", Level::Or),
                };
                self.group(level, own, |this| {
                    for (at, value) in node.values.iter().enumerate() {
                        this.text(if at == 0 { "" } else { text });
                        this.expression(value, own.next());
                    }
                });
            }
            Expr::Compare(node) => self.group(level, Level::Compare, |this| {
                this.expression(&node.left, Level::Compare.next());
                for (op, right) in node.ops.iter().zip(&node.comparators) {
                    this.text(comparison_text(*op));
                    this.expression(right, Level::Compare.next());
                }
            }),
            _ => {}
        }
    }

    fn call(&mut self, node: &ast::ExprCall) {
        self.expression(&node.func, Level::Atom);
        if let ([generator @ Expr::Generator(_)], []) = (&*node.arguments.args, &node.arguments.keywords[..]) {
            return self.expression(generator, Level::Test);
        }
        self.text("(");
        self.list(&node.arguments.args, Level::Test);
        for (at, keyword) in node.arguments.keywords.iter().enumerate() {
            self.text(if at == 0 && node.arguments.args.is_empty() { "" } else { ", " });
            match &keyword.arg {
                Some(name) => {
                    self.text(&name.id);
                    self.text("=");
                }
                None => self.text("**"),
            }
            self.expression(&keyword.value, Level::Test);
        }
        self.text(")");
    }

    fn display(&mut self, expression: &Expr) {
        match expression {
            Expr::List(node) => {
                self.text("[");
                self.list(&node.elts, Level::Test);
                self.text("]");
            }
            Expr::Set(node) => {
                self.text("{");
                self.list(&node.elts, Level::Test);
                self.text("}");
            }
            Expr::Dict(node) => {
                self.text("{");
                for (at, item) in node.items.iter().enumerate() {
                    self.text(if at == 0 { "" } else { ", " });
                    match &item.key {
                        Some(key) => {
                            self.expression(key, Level::Test);
                            self.text(": ");
                            self.expression(&item.value, Level::Test);
                        }
                        None => {
                            self.text("**");
                            self.expression(&item.value, Level::BitOr);
                        }
                    }
                }
                self.text("}");
            }
            _ => {}
        }
    }

    fn comprehension(&mut self, expression: &Expr) {
        let (open, close, key, value, generators): (_, _, _, _, &[Comprehension]) = match expression {
            Expr::ListComp(node) => ("[", "]", None, &node.elt, &node.generators),
            Expr::SetComp(node) => ("{", "}", None, &node.elt, &node.generators),
            Expr::Generator(node) => ("(", ")", None, &node.elt, &node.generators),
            Expr::DictComp(node) => ("{", "}", node.key.as_deref(), &node.value, &node.generators),
            _ => return,
        };
        self.text(open);
        if let Some(key) = key {
            self.expression(key, Level::Test);
            self.text(": ");
        }
        self.expression(value, Level::Test);
        for generator in generators {
            self.text(if generator.is_async { " async for " } else { " for " });
            self.expression(&generator.target, Level::Tuple);
            self.text(" in ");
            self.expression(&generator.iter, Level::Test.next());
            for condition in &generator.ifs {
                self.text(" if ");
                self.expression(condition, Level::Test.next());
            }
        }
        self.text(close);
    }

    fn slice(&mut self, node: &ast::ExprSlice) {
        if let Some(lower) = &node.lower {
            self.expression(lower, Level::Test);
        }
        self.text(":");
        if let Some(upper) = &node.upper {
            self.expression(upper, Level::Test);
        }
        if let Some(step) = &node.step {
            self.text(":");
            self.expression(step, Level::Test);
        }
    }

    fn rare(&mut self, expression: &Expr, level: Level) {
        match expression {
            Expr::Lambda(node) => self.group(level, Level::Test, |this| {
                this.text("lambda");
                if let Some(parameters) = &node.parameters {
                    this.text(" ");
                    this.parameters(parameters);
                }
                this.text(": ");
                this.expression(&node.body, Level::Test);
            }),
            Expr::If(node) => self.group(level, Level::Test, |this| {
                this.expression(&node.body, Level::Test.next());
                this.text(" if ");
                this.expression(&node.test, Level::Test.next());
                this.text(" else ");
                this.expression(&node.orelse, Level::Test);
            }),
            Expr::Named(node) => self.group(level, Level::Named, |this| {
                this.expression(&node.target, Level::Atom);
                this.text(" := ");
                this.expression(&node.value, Level::Atom);
            }),
            Expr::Await(node) => self.group(level, Level::Await, |this| {
                this.text("await ");
                this.expression(&node.value, Level::Atom);
            }),
            Expr::Yield(node) => match &node.value {
                None => self.text("(yield)"),
                Some(value) => self.yielding("(yield ", value),
            },
            Expr::YieldFrom(node) => self.yielding("(yield from ", &node.value),
            _ => {}
        }
    }

    fn yielding(&mut self, word: &str, value: &Expr) {
        self.text(word);
        self.expression(value, Level::Test);
        self.text(")");
    }

    fn parameters(&mut self, parameters: &Parameters) {
        let mut separator = "";
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        for (at, parameter) in positional.enumerate() {
            self.text(separator);
            separator = ", ";
            self.parameter(parameter);
            if at + 1 == parameters.posonlyargs.len() {
                self.text(", /");
            }
        }
        if parameters.vararg.is_some() || !parameters.kwonlyargs.is_empty() {
            self.text(separator);
            separator = ", ";
            self.text("*");
            if let Some(parameter) = &parameters.vararg {
                self.text(&parameter.name.id);
            }
        }
        for parameter in &parameters.kwonlyargs {
            self.text(separator);
            self.parameter(parameter);
        }
        if let Some(parameter) = &parameters.kwarg {
            self.text(separator);
            self.text("**");
            self.text(&parameter.name.id);
        }
    }

    fn parameter(&mut self, parameter: &ast::ParameterWithDefault) {
        self.text(&parameter.parameter.name.id);
        if let Some(default) = &parameter.default {
            self.text("=");
            self.expression(default, Level::Test);
        }
    }

    fn constant(&mut self, expression: &Expr) {
        if let Expr::NumberLiteral(literal) = expression {
            return self.number(&literal.value);
        }
        match self.compiler.fold(expression) {
            Some(Constant::Str(text)) => self.repr(&text),
            Some(Constant::Bytes(bytes)) => {
                if let Ok(text) = quote::repr_bytes(&bytes) {
                    self.text(&text);
                }
            }
            Some(Constant::Bool(true)) => self.text("True"),
            Some(Constant::Bool(false)) => self.text("False"),
            Some(Constant::Ellipsis) => self.text("..."),
            _ => self.text("None"),
        }
    }

    fn repr(&mut self, text: &Wtf8) {
        if let Ok(repr) = quote::repr_str(text) {
            self.out.push_wtf8(&repr);
        }
    }

    /// A number; infinity is a literal that is too large.
    fn number(&mut self, value: &Number) {
        let text = match number(value) {
            Constant::Int(value) => value.to_string(),
            Constant::BigInt(value) => value.to_string(),
            Constant::Float(value) => float_text(value),
            Constant::Complex(_, imaginary) => {
                let text = float_text(imaginary);
                format!("{}j", text.strip_suffix(".0").unwrap_or(&text))
            }
            _ => return,
        };
        self.text(&text);
    }

    /// An f-string or t-string: its contents with braces doubled, as a str literal with a prefix.
    fn interpolated(&mut self, expression: &Expr) {
        let mut contents = Writer { compiler: self.compiler, out: Wtf8Buf::default() };
        let prefix = match expression {
            Expr::FString(node) => {
                for part in node.value.iter() {
                    match part {
                        FStringPart::Literal(literal) => {
                            contents.braced(&self.compiler.string_part(literal));
                        }
                        FStringPart::FString(part) => contents.elements(&part.elements, is_raw_f_string(part.flags)),
                    }
                }
                "f"
            }
            Expr::TString(node) => {
                node.value.iter().for_each(|part| contents.elements(&part.elements, is_raw_t_string(part.flags)));
                "t"
            }
            _ => return,
        };
        self.text(prefix);
        self.repr(&contents.out);
    }

    fn braced(&mut self, text: &Wtf8) {
        for point in text.code_points() {
            self.out.push(point);
            if point == u32::from('{') || point == u32::from('}') {
                self.out.push(point);
            }
        }
    }

    fn elements(&mut self, elements: &[InterpolatedStringElement], is_raw: bool) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    let text = self.compiler.literal_element(literal, is_raw);
                    self.braced(&text);
                }
                InterpolatedStringElement::Interpolation(field) => self.field(field, is_raw),
            }
        }
    }

    fn field(&mut self, field: &ast::InterpolatedElement, is_raw: bool) {
        if let Some(debug) = &field.debug_text {
            self.braced(Wtf8::new(debug.as_str()));
        }
        let mut inner = Writer { compiler: self.compiler, out: Wtf8Buf::default() };
        inner.expression(&field.expression, Level::Test.next());
        self.text(if inner.out.as_bytes().first() == Some(&b'{') { "{ " } else { "{" });
        self.out.push_wtf8(&inner.out);
        let is_debug = field.debug_text.is_some() && field.format_spec.is_none();
        match field.conversion {
            ConversionFlag::None if is_debug => self.text("!r"),
            ConversionFlag::None => {}
            ConversionFlag::Str => self.text("!s"),
            ConversionFlag::Repr => self.text("!r"),
            ConversionFlag::Ascii => self.text("!a"),
        }
        if let Some(spec) = &field.format_spec {
            self.text(":");
            self.elements(&spec.elements, is_raw);
        }
        self.text("}");
    }
}

/// A float as `repr` has it; infinity as a literal that is too large to be finite.
fn float_text(value: f64) -> String {
    if value.is_infinite() {
        return "1e309".to_owned();
    }
    countless_common::number::float::repr(value)
}
