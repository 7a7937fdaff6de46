//! Expressions that are allowed and cannot be meant: calls and subscripts of literals, `is` with one.

use ruff_python_ast as ast;
use ruff_python_ast::{CmpOp, Expr, Number};
use ruff_text_size::Ranged;

use super::Checker;

impl Checker<'_> {
    pub(super) fn check_caller(&mut self, callee: &Expr) {
        let is_literal = constant_type(callee).is_some()
            || matches!(
                callee,
                Expr::Tuple(_)
                    | Expr::List(_)
                    | Expr::ListComp(_)
                    | Expr::Dict(_)
                    | Expr::DictComp(_)
                    | Expr::Set(_)
                    | Expr::SetComp(_)
                    | Expr::Generator(_)
                    | Expr::FString(_)
                    | Expr::TString(_)
            );
        if let (true, Some(name)) = (is_literal, type_name(callee)) {
            let message = format!("'{name}' object is not callable; perhaps you missed a comma?");
            self.warn(callee.range(), message);
        }
    }

    pub(super) fn check_subscript(&mut self, node: &ast::ExprSubscript) {
        let value = &*node.value;
        let range = value.range();
        let Some(name) = type_name(value) else { return };
        let never = match value {
            Expr::Set(_) | Expr::SetComp(_) | Expr::Generator(_) | Expr::TString(_) | Expr::Lambda(_) => true,
            _ => constant_type(value).is_some() && !matches!(name, "str" | "bytes" | "tuple"),
        };
        if never {
            let message = format!("'{name}' object is not subscriptable; perhaps you missed a comma?");
            return self.warn(range, message);
        }
        let is_sequence = matches!(value, Expr::Tuple(_) | Expr::List(_) | Expr::ListComp(_) | Expr::FString(_))
            || matches!(constant_type(value), Some("str" | "bytes" | "tuple"));
        let Some(index) = type_name(&node.slice) else {
            return;
        };
        if is_sequence && !matches!(index, "int" | "bool") {
            let message =
                format!("{name} indices must be integers or slices, not {index}; perhaps you missed a comma?");
            self.warn(range, message);
        }
    }

    pub(super) fn check_identity(&mut self, node: &ast::ExprCompare) {
        let mut left = &*node.left;
        for (operator, right) in node.ops.iter().zip(&node.comparators) {
            let literal = literal_for_identity(left).or_else(|| literal_for_identity(right));
            if let Some(name) = literal {
                let message = match operator {
                    CmpOp::Is => {
                        format!("\"is\" with '{name}' literal. Did you mean \"==\"?")
                    }
                    CmpOp::IsNot => {
                        format!("\"is not\" with '{name}' literal. Did you mean \"!=\"?")
                    }
                    _ => {
                        left = right;
                        continue;
                    }
                };
                // One warning a comparison.
                return self.warn(node.range, message);
            }
            left = right;
        }
    }
}

/// The type of a constant whose identity means nothing.
fn literal_for_identity(expression: &Expr) -> Option<&'static str> {
    match constant_type(expression)? {
        "NoneType" | "bool" | "ellipsis" => None,
        name => Some(name),
    }
}

/// The type of a constant; a tuple of constants is one.
fn constant_type(expression: &Expr) -> Option<&'static str> {
    match expression {
        Expr::StringLiteral(_) => Some("str"),
        Expr::BytesLiteral(_) => Some("bytes"),
        Expr::NumberLiteral(node) => Some(match node.value {
            Number::Int(_) => "int",
            Number::Float(_) => "float",
            Number::Complex { .. } => "complex",
        }),
        Expr::BooleanLiteral(_) => Some("bool"),
        Expr::NoneLiteral(_) => Some("NoneType"),
        Expr::EllipsisLiteral(_) => Some("ellipsis"),
        Expr::Name(node) if node.id == "__debug__" => Some("bool"),
        Expr::Tuple(node) if node.elts.iter().all(|element| constant_type(element).is_some()) => Some("tuple"),
        _ => None,
    }
}

/// The type that an expression certainly has.
fn type_name(expression: &Expr) -> Option<&'static str> {
    match expression {
        Expr::Tuple(_) => Some("tuple"),
        Expr::List(_) | Expr::ListComp(_) => Some("list"),
        Expr::Dict(_) | Expr::DictComp(_) => Some("dict"),
        Expr::Set(_) | Expr::SetComp(_) => Some("set"),
        Expr::Generator(_) => Some("generator"),
        Expr::Lambda(_) => Some("function"),
        Expr::TString(_) => Some("string.templatelib.Template"),
        Expr::FString(_) => Some("str"),
        _ => constant_type(expression),
    }
}
