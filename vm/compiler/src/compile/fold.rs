//! Constant folding, within CPython's limits on the size of what is computed.
//!
//! An expression folds to the value that running it would give; what would raise is left for run time. The recursion is
//! bounded: deeper nests are left unfolded, and a long chain of binary operators is folded by its compiler as it goes.

use std::sync::Arc;

use countless_common::wtf8::Wtf8Buf;
use dashu_int::IBig;
use dashu_int::ops::BitTest;
use ruff_python_ast::{self as ast, Expr, Operator, UnaryOp};

use super::Compiler;
use super::constant::number;
use crate::bytecode::Constant;

/// Bits of the largest int that folding makes.
const MAX_INTEGER_BITS: usize = 128;
/// Items of the largest tuple.
const MAX_TUPLE_LENGTH: usize = 256;
/// Characters of the longest str or bytes.
const MAX_STRING_LENGTH: usize = 4096;
/// How deep folding looks.
const MAX_DEPTH: u32 = 60;

impl<'a> Compiler<'a> {
    /// The value of a constant expression.
    pub(super) fn fold(&self, expression: &Expr) -> Option<Constant> {
        self.fold_at(expression, 0)
    }

    fn fold_at(&self, expression: &Expr, depth: u32) -> Option<Constant> {
        if depth > MAX_DEPTH {
            return None;
        }
        match expression {
            Expr::NoneLiteral(_) => Some(Constant::None),
            Expr::BooleanLiteral(literal) => Some(Constant::Bool(literal.value)),
            Expr::EllipsisLiteral(_) => Some(Constant::Ellipsis),
            Expr::NumberLiteral(literal) => Some(number(&literal.value)),
            Expr::StringLiteral(literal) => Some(self.string_literal(literal)),
            Expr::BytesLiteral(literal) => Some(self.bytes_literal(literal)),
            Expr::Name(name) if name.id == "__debug__" => Some(Constant::Bool(self.options.optimize == 0)),
            Expr::Tuple(tuple) => self.fold_items(&tuple.elts, depth).map(Constant::Tuple),
            Expr::UnaryOp(unary) => unary_operation(unary.op, &self.fold_at(&unary.operand, depth + 1)?),
            Expr::BinOp(binary) => {
                let right = self.fold_at(&binary.right, depth + 1)?;
                let left = self.fold_at(&binary.left, depth + 1)?;
                binary_operation(binary.op, &left, &right)
            }
            Expr::Subscript(subscript) => {
                let index = self.fold_at(&subscript.slice, depth + 1)?;
                item(&self.fold_at(&subscript.value, depth + 1)?, &index)
            }
            _ => None,
        }
    }

    fn fold_items(&self, items: &[Expr], depth: u32) -> Option<Arc<[Constant]>> {
        items.iter().map(|item| self.fold_at(item, depth + 1)).collect()
    }

    /// The items of a display that are all constants.
    pub(super) fn fold_display(&self, items: &[Expr]) -> Option<Arc<[Constant]>> {
        self.fold_items(items, 0)
    }

    /// A slice whose bounds are all constants.
    pub(super) fn fold_slice(&self, slice: &ast::ExprSlice) -> Option<Constant> {
        let part = |part: &Option<Box<Expr>>| match part {
            Some(expression) => self.fold(expression),
            None => Some(Constant::None),
        };
        Some(Constant::Slice(Arc::new([part(&slice.lower)?, part(&slice.upper)?, part(&slice.step)?])))
    }
}

/// `bool(constant)`.
pub(super) fn truth(constant: &Constant) -> bool {
    match constant {
        Constant::None => false,
        Constant::Ellipsis | Constant::Slice(_) | Constant::Code(_) | Constant::Nested(_) | Constant::BigInt(_) => true,
        Constant::Bool(value) => *value,
        Constant::Int(value) => *value != 0,
        Constant::Float(value) => *value != 0.0,
        Constant::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
        Constant::Str(text) => !text.as_bytes().is_empty(),
        Constant::Bytes(bytes) => !bytes.is_empty(),
        Constant::Tuple(items) | Constant::FrozenSet(items) => !items.is_empty(),
    }
}

fn integer(constant: &Constant) -> Option<IBig> {
    match constant {
        Constant::Bool(value) => Some(IBig::from(u8::from(*value))),
        Constant::Int(value) => Some(IBig::from(*value)),
        Constant::BigInt(value) => Some((**value).clone()),
        _ => None,
    }
}

/// A float, or an int that is one exactly.
fn float(constant: &Constant) -> Option<f64> {
    match constant {
        Constant::Float(value) => Some(*value),
        Constant::Bool(value) => Some(f64::from(u8::from(*value))),
        Constant::Int(value) if value.unsigned_abs() <= 1 << 53 => Some(*value as f64),
        _ => None,
    }
}

pub(super) fn unary_operation(operator: UnaryOp, operand: &Constant) -> Option<Constant> {
    match (operator, operand) {
        (UnaryOp::Not, _) => Some(Constant::Bool(!truth(operand))),
        // `~True` warns when it runs.
        (UnaryOp::Invert, Constant::Bool(_)) => None,
        (UnaryOp::Invert, _) => integer(operand).map(|value| Constant::integer(!value)),
        (UnaryOp::USub, Constant::Float(value)) => Some(Constant::Float(-value)),
        (UnaryOp::USub, Constant::Complex(real, imaginary)) => Some(Constant::Complex(-real, -imaginary)),
        (UnaryOp::UAdd, Constant::Float(_) | Constant::Complex(..)) => Some(operand.clone()),
        (UnaryOp::USub, _) => integer(operand).map(|value| Constant::integer(-value)),
        (UnaryOp::UAdd, _) => integer(operand).map(Constant::integer),
    }
}

/// `left operator right`, if it is computed at compile time.
pub(super) fn binary_operation(operator: Operator, left: &Constant, right: &Constant) -> Option<Constant> {
    if let (Constant::Bool(left), Constant::Bool(right)) = (left, right) {
        // The one case where ints' operators do not give ints.
        match operator {
            Operator::BitAnd => return Some(Constant::Bool(left & right)),
            Operator::BitOr => return Some(Constant::Bool(left | right)),
            Operator::BitXor => return Some(Constant::Bool(left ^ right)),
            _ => {}
        }
    }
    if let (Some(left), Some(right)) = (integer(left), integer(right)) {
        return match operator {
            Operator::Div => exact_quotient(&left, &right),
            _ => integer_operation(operator, &left, &right).map(Constant::integer),
        };
    }
    if let (Some(left), Some(right)) = (float(left), float(right)) {
        return float_operation(operator, left, right).map(Constant::Float);
    }
    if matches!(left, Constant::Complex(..)) || matches!(right, Constant::Complex(..)) {
        return complex_operation(operator, left, right);
    }
    match operator {
        Operator::Add => concatenate(left, right),
        Operator::Mult => match (integer(left), integer(right)) {
            (Some(count), _) => repeat(right, &count),
            (_, Some(count)) => repeat(left, &count),
            _ => None,
        },
        _ => None,
    }
}

/// `a / b` where both are floats exactly, so that one division rounds as Python's does.
fn exact_quotient(left: &IBig, right: &IBig) -> Option<Constant> {
    let part = |value: &IBig| i64::try_from(value).ok().and_then(|value| float(&Constant::Int(value)));
    let (left, right) = (part(left)?, part(right)?);
    (right != 0.0).then(|| Constant::Float(left / right))
}

fn integer_operation(operator: Operator, left: &IBig, right: &IBig) -> Option<IBig> {
    let bits = |value: &IBig| value.bit_len();
    match operator {
        Operator::Add => Some(left + right),
        Operator::Sub => Some(left - right),
        Operator::BitAnd => Some(left & right),
        Operator::BitOr => Some(left | right),
        Operator::BitXor => Some(left ^ right),
        Operator::Mult => (bits(left) + bits(right) <= MAX_INTEGER_BITS).then(|| left * right),
        Operator::FloorDiv => floor_division(left, right).map(|(quotient, _)| quotient),
        Operator::Mod => floor_division(left, right).map(|(_, remainder)| remainder),
        Operator::LShift => {
            let count = usize::try_from(right).ok()?;
            (bits(left) + count.min(MAX_INTEGER_BITS + 1) <= MAX_INTEGER_BITS).then(|| left << count)
        }
        Operator::RShift => {
            let count = usize::try_from(right).ok()?;
            Some(left >> count.min(bits(left) + 1))
        }
        Operator::Pow => {
            let exponent = usize::try_from(right).ok()?;
            (bits(left).max(1).checked_mul(exponent)? <= MAX_INTEGER_BITS).then(|| left.pow(exponent))
        }
        Operator::Div | Operator::MatMult => None,
    }
}

fn floor_division(left: &IBig, right: &IBig) -> Option<(IBig, IBig)> {
    if *right == IBig::ZERO {
        return None;
    }
    let mut quotient = left / right;
    let mut remainder = left % right;
    if remainder != IBig::ZERO && (remainder < IBig::ZERO) != (*right < IBig::ZERO) {
        quotient -= 1;
        remainder += right;
    }
    Some((quotient, remainder))
}

fn float_operation(operator: Operator, left: f64, right: f64) -> Option<f64> {
    match operator {
        Operator::Add => Some(left + right),
        Operator::Sub => Some(left - right),
        Operator::Mult => Some(left * right),
        Operator::Div if right != 0.0 => Some(left / right),
        Operator::Pow if left > 0.0 && left.is_finite() && right.is_finite() => {
            Some(left.powf(right)).filter(|value| value.is_finite() && *value != 0.0)
        }
        _ => None,
    }
}

/// Sums and differences that involve a complex number; a real operand leaves the imaginary part as it is.
fn complex_operation(operator: Operator, left: &Constant, right: &Constant) -> Option<Constant> {
    let (real, imaginary) = match (operator, left, right) {
        (Operator::Add, Constant::Complex(a, b), Constant::Complex(c, d)) => (a + c, b + d),
        (Operator::Sub, Constant::Complex(a, b), Constant::Complex(c, d)) => (a - c, b - d),
        (Operator::Add, Constant::Complex(a, b), real) => (a + float(real)?, *b),
        (Operator::Sub, Constant::Complex(a, b), real) => (a - float(real)?, *b),
        (Operator::Add, real, Constant::Complex(c, d)) => (float(real)? + c, *d),
        (Operator::Sub, real, Constant::Complex(c, d)) => (float(real)? - c, -d),
        _ => return None,
    };
    Some(Constant::Complex(real, imaginary))
}

fn concatenate(left: &Constant, right: &Constant) -> Option<Constant> {
    match (left, right) {
        (Constant::Str(left), Constant::Str(right)) => {
            let mut text = Wtf8Buf::with_capacity(left.as_bytes().len() + right.as_bytes().len());
            text.push_wtf8(left);
            text.push_wtf8(right);
            Some(Constant::Str(Arc::new(text)))
        }
        (Constant::Bytes(left), Constant::Bytes(right)) => {
            Some(Constant::Bytes([&left[..], &right[..]].concat().into()))
        }
        (Constant::Tuple(left), Constant::Tuple(right)) => {
            Some(Constant::Tuple([&left[..], &right[..]].concat().into()))
        }
        _ => None,
    }
}

fn repeat(items: &Constant, count: &IBig) -> Option<Constant> {
    let count = if *count < IBig::ZERO { 0 } else { usize::try_from(count).ok()? };
    let fits = |length: usize, limit: usize| length == 0 || count <= limit / length;
    match items {
        Constant::Str(text) if fits(text.char_count(), MAX_STRING_LENGTH) => {
            let mut repeated = Wtf8Buf::default();
            if !text.as_bytes().is_empty() {
                (0..count).for_each(|_| repeated.push_wtf8(text));
            }
            Some(Constant::Str(Arc::new(repeated)))
        }
        Constant::Bytes(bytes) if fits(bytes.len(), MAX_STRING_LENGTH) => {
            let count = if bytes.is_empty() { 0 } else { count };
            Some(Constant::Bytes(bytes.repeat(count).into()))
        }
        Constant::Tuple(items) if fits(items.len(), MAX_TUPLE_LENGTH) && items.iter().all(is_flat) => {
            let count = if items.is_empty() { 0 } else { count };
            Some(Constant::Tuple(std::iter::repeat_n(&items[..], count).flatten().cloned().collect()))
        }
        _ => None,
    }
}

/// Whether repeating it cannot multiply nested contents.
fn is_flat(constant: &Constant) -> bool {
    !matches!(constant, Constant::Tuple(_) | Constant::FrozenSet(_))
}

/// `constant[index]`.
fn item(constant: &Constant, index: &Constant) -> Option<Constant> {
    let index = i64::try_from(&integer(index)?).ok()?;
    let position = |length: usize| {
        let index = if index < 0 { index + length as i64 } else { index };
        usize::try_from(index).ok().filter(|index| *index < length)
    };
    match constant {
        Constant::Tuple(items) => position(items.len()).map(|at| items[at].clone()),
        Constant::Bytes(bytes) => position(bytes.len()).map(|at| Constant::Int(i64::from(bytes[at]))),
        Constant::Str(text) => {
            let at = position(text.char_count())?;
            let point = text.code_points().nth(at)?;
            Some(Constant::Str(Arc::new(Wtf8Buf::from_code_points([point]))))
        }
        _ => None,
    }
}
