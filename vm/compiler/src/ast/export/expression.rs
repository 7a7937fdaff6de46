//! Expressions.

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, ExprContext, Number, Operator, UnaryOp};
use ruff_text_size::TextRange;

use super::{Exporter, identifier};
use crate::ast::{Constant, Item, NodeKind};
use crate::syntax::literal;

impl Exporter<'_> {
    pub(super) fn expression_node(&mut self, expression: &Expr, range: TextRange) -> Item {
        let (kind, fields) = match expression {
            Expr::BoolOp(node) => {
                let operator = self.plain(bool_operator(node.op), Vec::new());
                (NodeKind::BoolOp, vec![operator, self.expressions(&node.values)])
            }
            Expr::Named(node) => {
                (NodeKind::NamedExpr, vec![self.expression(&node.target), self.expression(&node.value)])
            }
            Expr::BinOp(node) => {
                let left = self.expression(&node.left);
                let operator = self.plain(operator(node.op), Vec::new());
                (NodeKind::BinOp, vec![left, operator, self.expression(&node.right)])
            }
            Expr::UnaryOp(node) => {
                let operator = self.plain(unary_operator(node.op), Vec::new());
                (NodeKind::UnaryOp, vec![operator, self.expression(&node.operand)])
            }
            Expr::Lambda(node) => {
                (NodeKind::Lambda, vec![self.parameters(node.parameters.as_deref()), self.expression(&node.body)])
            }
            Expr::If(node) => {
                let parts = [&node.test, &node.body, &node.orelse];
                (NodeKind::IfExp, parts.map(|part| self.expression(part)).into())
            }
            Expr::Await(node) => (NodeKind::Await, vec![self.expression(&node.value)]),
            Expr::Yield(node) => (NodeKind::Yield, vec![self.optional(node.value.as_deref())]),
            Expr::YieldFrom(node) => (NodeKind::YieldFrom, vec![self.expression(&node.value)]),
            Expr::Compare(node) => self.compare(node),
            Expr::Call(node) => self.call(node),
            Expr::Attribute(node) => {
                let fields = vec![self.expression(&node.value), identifier(&node.attr), self.context(node.ctx)];
                (NodeKind::Attribute, fields)
            }
            Expr::Subscript(node) => {
                let fields = vec![self.expression(&node.value), self.expression(&node.slice), self.context(node.ctx)];
                (NodeKind::Subscript, fields)
            }
            Expr::Starred(node) => (NodeKind::Starred, vec![self.expression(&node.value), self.context(node.ctx)]),
            Expr::Name(node) => (NodeKind::Name, vec![Item::Identifier(node.id.to_string()), self.context(node.ctx)]),
            Expr::List(node) => (NodeKind::List, vec![self.expressions(&node.elts), self.context(node.ctx)]),
            Expr::Tuple(node) => (NodeKind::Tuple, vec![self.expressions(&node.elts), self.context(node.ctx)]),
            Expr::Slice(node) => {
                let parts = [&node.lower, &node.upper, &node.step];
                (NodeKind::Slice, parts.map(|part| self.optional(part.as_deref())).into())
            }
            Expr::FString(node) => return self.joined_string(node),
            Expr::TString(node) => return self.template_string(node),
            Expr::Dict(_)
            | Expr::Set(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::Generator(_) => return self.display(expression, range),
            _ => return self.literal(expression, range),
        };
        self.node(kind, range, fields)
    }

    fn display(&mut self, expression: &Expr, range: TextRange) -> Item {
        let (kind, fields) = match expression {
            Expr::Dict(node) => {
                let keys = self.list(&node.items, |this, item| this.optional(item.key.as_ref()));
                let values = self.list(&node.items, |this, item| this.expression(&item.value));
                (NodeKind::Dict, vec![keys, values])
            }
            Expr::Set(node) => (NodeKind::Set, vec![self.expressions(&node.elts)]),
            Expr::ListComp(node) => {
                (NodeKind::ListComp, vec![self.expression(&node.elt), self.clauses(&node.generators)])
            }
            Expr::SetComp(node) => {
                (NodeKind::SetComp, vec![self.expression(&node.elt), self.clauses(&node.generators)])
            }
            Expr::Generator(node) => {
                (NodeKind::GeneratorExp, vec![self.expression(&node.elt), self.clauses(&node.generators)])
            }
            Expr::DictComp(node) => {
                let key = self.optional(node.key.as_deref());
                (NodeKind::DictComp, vec![key, self.expression(&node.value), self.clauses(&node.generators)])
            }
            _ => return self.literal(expression, range),
        };
        self.node(kind, range, fields)
    }

    fn clauses(&mut self, clauses: &[ast::Comprehension]) -> Item {
        self.list(clauses, Self::comprehension)
    }

    fn literal(&mut self, expression: &Expr, range: TextRange) -> Item {
        let constant = match expression {
            Expr::StringLiteral(node) => return self.string_literal(node),
            Expr::BytesLiteral(node) => Constant::Bytes(literal::bytes(&node.value)),
            Expr::NumberLiteral(node) => match &node.value {
                Number::Int(int) => Constant::Integer(literal::integer(int)),
                Number::Float(float) => Constant::Float(*float),
                Number::Complex { real, imag } => Constant::Complex(*real, *imag),
            },
            Expr::BooleanLiteral(node) => Constant::Bool(node.value),
            Expr::EllipsisLiteral(_) => Constant::Ellipsis,
            _ => Constant::None,
        };
        self.constant(range, constant)
    }

    fn compare(&mut self, node: &ast::ExprCompare) -> (NodeKind, Vec<Item>) {
        let left = self.expression(&node.left);
        let operators = self.list(&*node.ops, |this, &operator| this.plain(comparison(operator), Vec::new()));
        (NodeKind::Compare, vec![left, operators, self.expressions(&*node.comparators)])
    }

    fn call(&mut self, node: &ast::ExprCall) -> (NodeKind, Vec<Item>) {
        let function = self.expression(&node.func);
        let arguments = match &*node.arguments.args {
            // A generator without parentheses of its own has the call's.
            [argument @ Expr::Generator(generator)] if !generator.parenthesized => {
                Item::List(vec![self.expression_node(argument, node.arguments.range)])
            }
            arguments => self.expressions(arguments),
        };
        let keywords = self.list(&node.arguments.keywords, Self::keyword);
        (NodeKind::Call, vec![function, arguments, keywords])
    }

    pub(super) fn context(&mut self, context: ExprContext) -> Item {
        let kind = match context {
            ExprContext::Store => NodeKind::Store,
            ExprContext::Del => NodeKind::Del,
            ExprContext::Load | ExprContext::Invalid => NodeKind::Load,
        };
        self.plain(kind, Vec::new())
    }
}

fn bool_operator(operator: BoolOp) -> NodeKind {
    match operator {
        BoolOp::And => NodeKind::And,
        BoolOp::Or => NodeKind::Or,
    }
}

pub(super) fn operator(operator: Operator) -> NodeKind {
    match operator {
        Operator::Add => NodeKind::Add,
        Operator::Sub => NodeKind::Sub,
        Operator::Mult => NodeKind::Mult,
        Operator::MatMult => NodeKind::MatMult,
        Operator::Div => NodeKind::Div,
        Operator::Mod => NodeKind::Mod,
        Operator::Pow => NodeKind::Pow,
        Operator::LShift => NodeKind::LShift,
        Operator::RShift => NodeKind::RShift,
        Operator::BitOr => NodeKind::BitOr,
        Operator::BitXor => NodeKind::BitXor,
        Operator::BitAnd => NodeKind::BitAnd,
        Operator::FloorDiv => NodeKind::FloorDiv,
    }
}

fn unary_operator(operator: UnaryOp) -> NodeKind {
    match operator {
        UnaryOp::Invert => NodeKind::Invert,
        UnaryOp::Not => NodeKind::Not,
        UnaryOp::UAdd => NodeKind::UAdd,
        UnaryOp::USub => NodeKind::USub,
    }
}

fn comparison(operator: CmpOp) -> NodeKind {
    match operator {
        CmpOp::Eq => NodeKind::Eq,
        CmpOp::NotEq => NodeKind::NotEq,
        CmpOp::Lt => NodeKind::Lt,
        CmpOp::LtE => NodeKind::LtE,
        CmpOp::Gt => NodeKind::Gt,
        CmpOp::GtE => NodeKind::GtE,
        CmpOp::Is => NodeKind::Is,
        CmpOp::IsNot => NodeKind::IsNot,
        CmpOp::In => NodeKind::In,
        CmpOp::NotIn => NodeKind::NotIn,
    }
}
