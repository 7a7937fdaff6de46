//! Patterns: what can never match, and what binds a name twice.

use std::collections::HashSet;

use countless_common::number::{Complex, complex, float};
use countless_common::quote;
use countless_common::wtf8::Wtf8;
use dashu_int::IBig;
use ruff_python_ast as ast;
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Expr, Number, Operator, Pattern, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::Checker;
use crate::syntax::guard_stack;
use crate::syntax::literal::{self, Integer};

/// What is known while a pattern is checked.
struct Context {
    /// Names bound so far, in order.
    names: Vec<String>,
    /// A pattern that always matches may stand here.
    allow_irrefutable: bool,
}

impl<'a> Checker<'a> {
    pub(super) fn match_statement(&mut self, node: &'a ast::StmtMatch) {
        self.visit_expr(&node.subject);
        for (at, case) in node.cases.iter().enumerate() {
            let last = at + 1 == node.cases.len();
            let allow_irrefutable = case.guard.is_some() || last;
            let mut context = Context { names: Vec::new(), allow_irrefutable };
            self.pattern(&case.pattern, &mut context);
            if let Some(guard) = &case.guard {
                self.visit_expr(guard);
            }
            self.visit_body(&case.body);
        }
    }

    fn pattern(&mut self, pattern: &'a Pattern, context: &mut Context) {
        if self.error.is_some() {
            return;
        }
        guard_stack(|| match pattern {
            Pattern::MatchValue(node) => {
                if constant(self, &node.value).is_none() && !node.value.is_attribute_expr() {
                    let message = "patterns may only match literals and attribute lookups";
                    return self.fail(node.range, message);
                }
                self.visit_expr(&node.value);
            }
            Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(node) => {
                let stars = node.patterns.iter().filter(|inner| inner.is_match_star()).count();
                if stars > 1 {
                    let message = "multiple starred names in sequence pattern";
                    return self.fail(node.range, message);
                }
                node.patterns.iter().for_each(|inner| self.subpattern(inner, context));
            }
            Pattern::MatchMapping(node) => self.mapping(node, context),
            Pattern::MatchClass(node) => self.class_pattern(node, context),
            Pattern::MatchStar(node) => self.store(node.name.as_ref(), node.range, context),
            Pattern::MatchAs(node) => {
                match &node.pattern {
                    Some(inner) => self.pattern(inner, context),
                    None if !context.allow_irrefutable => {
                        let message = match &node.name {
                            Some(name) => format!("name capture '{name}' makes remaining patterns unreachable"),
                            None => "wildcard makes remaining patterns unreachable".to_string(),
                        };
                        return self.fail(node.range, message);
                    }
                    None => {}
                }
                self.store(node.name.as_ref(), node.range, context);
            }
            Pattern::MatchOr(node) => self.alternatives(node, context),
        });
    }

    /// Inside another pattern everything may always match.
    fn subpattern(&mut self, pattern: &'a Pattern, context: &mut Context) {
        let saved = std::mem::replace(&mut context.allow_irrefutable, true);
        self.pattern(pattern, context);
        context.allow_irrefutable = saved;
    }

    fn store(&mut self, name: Option<&ast::Identifier>, range: TextRange, context: &mut Context) {
        let Some(name) = name else { return };
        self.bind(name.as_str(), range, context);
    }

    fn bind(&mut self, name: &str, range: TextRange, context: &mut Context) {
        if context.names.iter().any(|bound| bound == name) {
            return self.fail(range, format!("multiple assignments to name '{name}' in pattern"));
        }
        context.names.push(name.to_string());
    }

    fn alternatives(&mut self, node: &'a ast::PatternMatchOr, context: &mut Context) {
        let mut control: Option<Vec<String>> = None;
        for (at, inner) in node.patterns.iter().enumerate() {
            let last = at + 1 == node.patterns.len();
            let mut own = Context { names: Vec::new(), allow_irrefutable: last && context.allow_irrefutable };
            self.pattern(inner, &mut own);
            match &control {
                None => control = Some(own.names),
                Some(names) => {
                    let same = names.len() == own.names.len() && names.iter().all(|name| own.names.contains(name));
                    if !same {
                        let message = "alternative patterns bind different names";
                        return self.fail(node.range, message);
                    }
                }
            }
        }
        for name in control.unwrap_or_default() {
            self.bind(&name, node.range, context);
        }
    }

    fn class_pattern(&mut self, node: &'a ast::PatternMatchClass, context: &mut Context) {
        let keywords = &node.arguments.keywords;
        for (at, keyword) in keywords.iter().enumerate() {
            let later = keywords[at + 1..].iter().find(|other| other.attr.id == keyword.attr.id);
            if let Some(later) = later {
                let message = format!("attribute name repeated in class pattern: {}", later.attr);
                return self.fail(later.pattern.range(), message);
            }
        }
        self.visit_expr(&node.cls);
        node.arguments.patterns.iter().for_each(|inner| self.subpattern(inner, context));
        keywords.iter().for_each(|keyword| self.subpattern(&keyword.pattern, context));
    }

    fn mapping(&mut self, node: &'a ast::PatternMatchMapping, context: &mut Context) {
        let mut seen = HashSet::new();
        for key in &node.keys {
            match constant(self, key) {
                Some(key) if !seen.insert(key.identity.clone()) => {
                    let message = format!("mapping pattern checks duplicate key ({})", key.repr);
                    return self.fail(node.range, message);
                }
                Some(_) => {}
                None if !key.is_attribute_expr() => {
                    let message = "mapping pattern keys may only match literals and attribute lookups";
                    return self.fail(node.range, message);
                }
                None => {}
            }
            self.visit_expr(key);
        }
        node.patterns.iter().for_each(|inner| self.subpattern(inner, context));
        self.store(node.rest.as_ref(), node.range, context);
    }
}

/// A constant key: what makes it equal to another, and how it is shown.
struct Key {
    identity: String,
    repr: String,
}

impl Key {
    /// Numbers that are equal are the same key, whatever their types.
    fn number(real: f64, imaginary: f64, repr: String) -> Key {
        if imaginary != 0.0 {
            return Key { identity: format!("complex {} {}", real + 0.0, imaginary + 0.0), repr };
        }
        let integral = IBig::try_from(real).ok().filter(|_| real.fract() == 0.0);
        match integral {
            Some(integer) => Key { identity: format!("number {integer}"), repr },
            None => Key { identity: format!("number {real}"), repr },
        }
    }
}

/// The constant that a pattern's expression is, signs and complex sums included.
fn constant(checker: &Checker<'_>, expression: &Expr) -> Option<Key> {
    let text = |repr: &str, identity: &str| Some(Key { identity: identity.to_string(), repr: repr.to_string() });
    match expression {
        Expr::StringLiteral(node) => {
            let value = literal::string(checker.source, &node.value);
            let wtf8 = Wtf8::from_bytes(&value)?;
            let repr = quote::repr_str(wtf8).ok()?.into_bytes();
            let repr = String::from_utf8_lossy(&repr).into_owned();
            Some(Key { identity: format!("str {repr}"), repr })
        }
        Expr::BytesLiteral(node) => {
            let repr = quote::repr_bytes(&literal::bytes(&node.value)).ok()?;
            Some(Key { identity: format!("bytes {repr}"), repr })
        }
        Expr::NoneLiteral(_) => text("None", "None"),
        Expr::EllipsisLiteral(_) => text("Ellipsis", "Ellipsis"),
        Expr::BooleanLiteral(node) if node.value => text("True", "number 1"),
        Expr::BooleanLiteral(_) => text("False", "number 0"),
        Expr::NumberLiteral(node) => Some(number(&node.value, false)),
        Expr::UnaryOp(node) if node.op == UnaryOp::USub => match &*node.operand {
            Expr::NumberLiteral(inner) => Some(number(&inner.value, true)),
            _ => None,
        },
        Expr::BinOp(node) if matches!(node.op, Operator::Add | Operator::Sub) => {
            let (negative, left) = match &*node.left {
                Expr::UnaryOp(inner) if inner.op == UnaryOp::USub => (true, &*inner.operand),
                left => (false, left),
            };
            let real = as_float(left)?;
            let real = if negative { -real } else { real };
            let Expr::NumberLiteral(right) = &*node.right else {
                return None;
            };
            let Number::Complex { imag, .. } = right.value else {
                return None;
            };
            let imaginary = if node.op == Operator::Sub { -imag } else { imag };
            Some(Key::number(real, imaginary, complex_repr(real, imaginary)))
        }
        _ => None,
    }
}

fn as_float(expression: &Expr) -> Option<f64> {
    match expression {
        Expr::NumberLiteral(node) => match &node.value {
            Number::Int(value) => match literal::integer(value) {
                Integer::Small(value) => Some(value as f64),
                Integer::Big(value) => Some(value.to_f64().value()),
            },
            Number::Float(value) => Some(*value),
            Number::Complex { .. } => None,
        },
        _ => None,
    }
}

fn number(value: &Number, negative: bool) -> Key {
    let sign = if negative { -1.0 } else { 1.0 };
    match value {
        Number::Int(value) => {
            let integer = match literal::integer(value) {
                Integer::Small(value) => IBig::from(value),
                Integer::Big(value) => value,
            };
            let integer = if negative { -integer } else { integer };
            Key { identity: format!("number {integer}"), repr: integer.to_string() }
        }
        Number::Float(value) => Key::number(sign * value, 0.0, float::repr(sign * value)),
        Number::Complex { imag, .. } => {
            let imaginary = sign * imag;
            let real = if negative { -0.0 } else { 0.0 };
            Key::number(0.0, imaginary, complex_repr(real, imaginary))
        }
    }
}

fn complex_repr(real: f64, imaginary: f64) -> String {
    complex::repr(Complex { re: real, im: imaginary })
}
