//! Arithmetic, comparison and boolean operators.

use ruff_python_ast::{self as ast, CmpOp, Expr, Operator, UnaryOp};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::condition::Jumps;
use super::emit::Register;
use super::fold::{binary_operation, truth};
use crate::bytecode::{Constant, Op};

/// The left side of a chain of binary operators, as far as it is evaluated.
enum Left {
    Constant(Constant),
    Register(Register),
}

impl<'a> Compiler<'a> {
    /// A binary operation. Long chains nest to the left, so the chain is walked, not recursed into.
    pub(super) fn binary_into(&mut self, expression: &'a Expr, dst: Register) {
        let mut chain = Vec::new();
        let mut leftmost = expression;
        while let Expr::BinOp(binary) = leftmost {
            chain.push(binary);
            leftmost = &binary.left;
        }
        if let [binary] = chain[..]
            && binary.op == Operator::Mod
            && self.fold(expression).is_none()
            && self.percent_format_into(binary, dst)
        {
            return;
        }
        let scratch = self.scratch(dst);
        let mut left = match self.fold(leftmost) {
            Some(constant) => Left::Constant(constant),
            None => Left::Register(self.operand_in(leftmost, Some(scratch))),
        };
        let mut left_range = leftmost.range();
        while let Some(binary) = chain.pop() {
            let target = if chain.is_empty() { dst } else { scratch };
            left = self.binary_step(binary, left, left_range, scratch, target);
            left_range = binary.range;
        }
        if let Left::Constant(constant) = left {
            self.load_constant(constant, dst, expression.range());
        }
    }

    fn binary_step(
        &mut self,
        binary: &'a ast::ExprBinOp,
        left: Left,
        left_range: TextRange,
        scratch: Register,
        target: Register,
    ) -> Left {
        let constant = self.fold(&binary.right);
        if let (Left::Constant(left), Some(right)) = (&left, &constant)
            && let Some(folded) = binary_operation(binary.op, left, right)
        {
            return Left::Constant(folded);
        }
        let mark = self.unit.mark();
        let left = match left {
            Left::Constant(constant) => {
                self.load_constant(constant, scratch, left_range);
                scratch
            }
            Left::Register(register) => self.protect(register, binary.right.range()),
        };
        let immediate = match constant {
            Some(Constant::Int(value)) => i16::try_from(value).ok(),
            _ => None,
        };
        let op = immediate.and_then(|value| arithmetic_immediate(binary.op, 0, target, left, value));
        let op = match op {
            Some(op) => op,
            None => {
                let right = self.operand(&binary.right);
                arithmetic(binary.op, 0, target, left, right)
            }
        };
        self.emit(op, binary.range);
        self.unit.release(mark);
        Left::Register(target)
    }

    pub(super) fn unary_into(&mut self, unary: &'a ast::ExprUnaryOp, dst: Register) {
        let mut operators = vec![unary];
        let mut operand = &*unary.operand;
        while let Expr::UnaryOp(inner) = operand {
            operators.push(inner);
            operand = &inner.operand;
        }
        let scratch = self.scratch(dst);
        let mut src = self.operand_in(operand, Some(scratch));
        while let Some(unary) = operators.pop() {
            let dst = if operators.is_empty() { dst } else { scratch };
            let op = match unary.op {
                UnaryOp::Not => Op::Not { dst, src },
                UnaryOp::USub => Op::Negative { dst, src },
                UnaryOp::UAdd => Op::Positive { dst, src },
                UnaryOp::Invert => Op::Invert { dst, src },
            };
            self.emit(op, unary.range);
            src = dst;
        }
    }

    /// A comparison, or a chain of them: the first false one is the value.
    pub(super) fn compare_into(&mut self, compare: &'a ast::ExprCompare, dst: Register) {
        if let ([op], [right]) = (&*compare.ops, &*compare.comparators) {
            let left = self.operand_before(&compare.left, Some(dst), right.range());
            let right = self.comparand(*op, right);
            self.emit(comparison(*op, dst, left, right), compare.range);
            return;
        }
        let end = self.unit.emit.label();
        let result = self.scratch(dst);
        let operands = self.unit.temporaries(2);
        let mut left = self.operand_before(&compare.left, Some(operands), compare.range);
        let last = compare.ops.len() - 1;
        for (at, (op, right)) in compare.ops.iter().zip(&compare.comparators).enumerate() {
            // Operands take turns: the left one is not needed any more when the next but one is evaluated.
            let right = if at < last {
                let register = operands + (at as u16 + 1) % 2;
                self.operand_before(right, Some(register), compare.range)
            } else {
                self.comparand(*op, right)
            };
            self.emit(comparison(*op, result, left, right), compare.range);
            if at < last {
                self.unit.emit.jump(Op::JumpIfFalse { src: result, target: 0 }, end, compare.range);
            }
            left = right;
        }
        self.unit.emit.place(end);
        self.move_register(dst, result, compare.range);
    }

    /// The right side of a comparison; a display of constants after `in` is made once.
    pub(super) fn comparand(&mut self, op: CmpOp, right: &'a Expr) -> Register {
        if matches!(op, CmpOp::In | CmpOp::NotIn) {
            let constant = match right {
                Expr::List(list) => self.fold_display(&list.elts).map(Constant::Tuple),
                Expr::Set(set) => self.fold_display(&set.elts).map(super::display::frozen_set),
                _ => None,
            };
            if let Some(constant) = constant {
                let register = self.unit.temporary();
                self.load_constant(constant, register, right.range());
                return register;
            }
        }
        self.operand(right)
    }

    /// `and`, `or`: the value that decides.
    pub(super) fn boolean_into(&mut self, boolean: &'a ast::ExprBoolOp, dst: Register) {
        let end = self.unit.emit.label();
        let result = self.scratch(dst);
        let last = boolean.values.len() - 1;
        let jumps = if boolean.op == ast::BoolOp::And { Jumps::IfFalse } else { Jumps::IfTrue };
        for (at, value) in boolean.values.iter().enumerate() {
            if at == last {
                self.expression_into(value, result);
                break;
            }
            if let Some(constant) = self.fold(value) {
                if truth(&constant) == jumps.when() {
                    self.load_constant(constant, result, value.range());
                    break;
                }
                continue;
            }
            self.expression_into(value, result);
            self.unit.emit.jump(jumps.on(result), end, value.range());
        }
        self.unit.emit.place(end);
        self.move_register(dst, result, boolean.range);
    }
}

/// The instruction of a binary operator; `n` = 1: augmented.
pub(super) fn arithmetic(operator: Operator, n: u8, dst: Register, a: Register, b: Register) -> Op {
    match operator {
        Operator::Add => Op::Add { n, dst, a, b },
        Operator::Sub => Op::Subtract { n, dst, a, b },
        Operator::Mult => Op::Multiply { n, dst, a, b },
        Operator::MatMult => Op::MatrixMultiply { n, dst, a, b },
        Operator::Div => Op::TrueDivide { n, dst, a, b },
        Operator::Mod => Op::Modulo { n, dst, a, b },
        Operator::Pow => Op::Power { n, dst, a, b },
        Operator::LShift => Op::LeftShift { n, dst, a, b },
        Operator::RShift => Op::RightShift { n, dst, a, b },
        Operator::BitOr => Op::BitOr { n, dst, a, b },
        Operator::BitXor => Op::BitXor { n, dst, a, b },
        Operator::BitAnd => Op::BitAnd { n, dst, a, b },
        Operator::FloorDiv => Op::FloorDivide { n, dst, a, b },
    }
}

/// The immediate form, where there is one.
pub(super) fn arithmetic_immediate(operator: Operator, n: u8, dst: Register, a: Register, value: i16) -> Option<Op> {
    Some(match operator {
        Operator::Add => Op::AddI { n, dst, a, value },
        Operator::Sub => Op::SubtractI { n, dst, a, value },
        Operator::Mult => Op::MultiplyI { n, dst, a, value },
        Operator::FloorDiv => Op::FloorDivideI { n, dst, a, value },
        Operator::Mod => Op::ModuloI { n, dst, a, value },
        Operator::BitAnd => Op::BitAndI { n, dst, a, value },
        Operator::LShift => Op::LeftShiftI { n, dst, a, value },
        Operator::RShift => Op::RightShiftI { n, dst, a, value },
        _ => return None,
    })
}

/// The instruction of a comparison.
pub(super) fn comparison(op: CmpOp, dst: Register, a: Register, b: Register) -> Op {
    match op {
        CmpOp::Eq => Op::Equal { dst, a, b },
        CmpOp::NotEq => Op::NotEqual { dst, a, b },
        CmpOp::Lt => Op::Less { dst, a, b },
        CmpOp::LtE => Op::LessEqual { dst, a, b },
        CmpOp::Gt => Op::Greater { dst, a, b },
        CmpOp::GtE => Op::GreaterEqual { dst, a, b },
        CmpOp::Is => Op::Is { n: 0, dst, a, b },
        CmpOp::IsNot => Op::Is { n: 1, dst, a, b },
        CmpOp::In => Op::Contains { n: 0, dst, a, b },
        CmpOp::NotIn => Op::Contains { n: 1, dst, a, b },
    }
}
