//! Conditions: expressions of which only the truth matters, compiled to jumps.

use ruff_python_ast::{self as ast, CmpOp, Expr, UnaryOp};
use ruff_text_size::Ranged;

use super::Compiler;
use super::emit::{Label, Register};
use super::expression::with_stack;
use super::fold::truth;
use crate::bytecode::Op;

/// When a condition jumps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jumps {
    /// When it holds.
    IfTrue,
    /// When it does not hold.
    IfFalse,
}

impl Jumps {
    /// The truth that jumps.
    pub(super) fn when(self) -> bool {
        self == Jumps::IfTrue
    }

    fn inverse(self) -> Jumps {
        match self {
            Jumps::IfTrue => Jumps::IfFalse,
            Jumps::IfFalse => Jumps::IfTrue,
        }
    }

    /// The plain jump on a register.
    pub(super) fn on(self, src: Register) -> Op {
        match self {
            Jumps::IfTrue => Op::JumpIfTrue { src, target: 0 },
            Jumps::IfFalse => Op::JumpIfFalse { src, target: 0 },
        }
    }
}

impl<'a> Compiler<'a> {
    /// Jumps to `label` when the condition is as `jumps` says, else goes on.
    pub(super) fn jump_if(&mut self, condition: &'a Expr, jumps: Jumps, label: Label) {
        if !self.unit.emit.is_reachable() || self.failure.is_some() {
            return;
        }
        let mark = self.unit.mark();
        with_stack(|| self.jump_dispatch(condition, jumps, label));
        self.unit.release(mark);
    }

    fn jump_dispatch(&mut self, condition: &'a Expr, jumps: Jumps, label: Label) {
        let range = condition.range();
        if let Some(constant) = self.fold(condition) {
            if truth(&constant) == jumps.when() {
                self.unit.emit.jump(Op::Jump { target: 0 }, label, range);
            } else {
                self.emit(Op::Nop {}, range);
            }
            return;
        }
        match condition {
            Expr::UnaryOp(unary) if unary.op == UnaryOp::Not => self.jump_if(&unary.operand, jumps.inverse(), label),
            Expr::BoolOp(boolean) => self.jump_if_boolean(boolean, jumps, label),
            Expr::If(conditional) => self.jump_if_conditional(conditional, jumps, label),
            Expr::Compare(compare) => self.jump_if_compare(compare, jumps, label),
            _ => {
                let src = self.operand(condition);
                self.unit.emit.jump(jumps.on(src), label, range);
            }
        }
    }

    fn jump_if_boolean(&mut self, boolean: &'a ast::ExprBoolOp, jumps: Jumps, label: Label) {
        let last = boolean.values.len() - 1;
        // The truth of one operand that decides the whole.
        let decides = if boolean.op == ast::BoolOp::And { Jumps::IfFalse } else { Jumps::IfTrue };
        let around = self.unit.emit.label();
        for value in &boolean.values[..last] {
            let to = if decides == jumps { label } else { around };
            self.jump_if(value, decides, to);
        }
        self.jump_if(&boolean.values[last], jumps, label);
        self.unit.emit.place(around);
    }

    fn jump_if_conditional(&mut self, conditional: &'a ast::ExprIf, jumps: Jumps, label: Label) {
        let otherwise = self.unit.emit.label();
        let end = self.unit.emit.label();
        self.jump_if(&conditional.test, Jumps::IfFalse, otherwise);
        self.jump_if(&conditional.body, jumps, label);
        self.unit.emit.jump(Op::Jump { target: 0 }, end, conditional.range);
        self.unit.emit.place(otherwise);
        self.jump_if(&conditional.orelse, jumps, label);
        self.unit.emit.place(end);
    }

    fn jump_if_compare(&mut self, compare: &'a ast::ExprCompare, jumps: Jumps, label: Label) {
        let last = compare.ops.len() - 1;
        let fails = self.unit.emit.label();
        let operands = self.unit.temporaries(2);
        let mut left = self.operand_before(&compare.left, Some(operands), compare.range);
        for (at, (op, right)) in compare.ops.iter().zip(&compare.comparators).enumerate() {
            if at == last {
                self.jump_on_comparison(*op, left, right, compare, jumps, label);
                break;
            }
            let register = operands + (at as u16 + 1) % 2;
            let right = self.operand_before(right, Some(register), compare.range);
            let to = if jumps == Jumps::IfFalse { label } else { fails };
            self.unit.emit.jump(fused(*op, left, right, false), to, compare.range);
            left = right;
        }
        self.unit.emit.place(fails);
    }

    fn jump_on_comparison(
        &mut self,
        op: CmpOp,
        left: Register,
        right: &'a Expr,
        compare: &'a ast::ExprCompare,
        jumps: Jumps,
        label: Label,
    ) {
        let when = jumps.when();
        if matches!(op, CmpOp::Is | CmpOp::IsNot) && right.is_none_literal_expr() {
            let jump = if (op == CmpOp::Is) == when {
                Op::JumpIfNone { src: left, target: 0 }
            } else {
                Op::JumpIfNotNone { src: left, target: 0 }
            };
            self.unit.emit.jump(jump, label, compare.range);
            return;
        }
        let immediate = self.small_integer(right).and_then(|value| fused_immediate(op, left, value, when));
        let jump = match immediate {
            Some(jump) => jump,
            None => {
                let right = self.comparand(op, right);
                fused(op, left, right, when)
            }
        };
        self.unit.emit.jump(jump, label, compare.range);
    }
}

/// Compare and jump when the outcome is `when`.
pub(super) fn fused(op: CmpOp, a: Register, b: Register, when: bool) -> Op {
    let n = u8::from(when);
    match op {
        CmpOp::Eq => Op::JumpEqual { n, a, b, target: 0 },
        CmpOp::NotEq => Op::JumpNotEqual { n, a, b, target: 0 },
        CmpOp::Lt => Op::JumpLess { n, a, b, target: 0 },
        CmpOp::LtE => Op::JumpLessEqual { n, a, b, target: 0 },
        CmpOp::Gt => Op::JumpGreater { n, a, b, target: 0 },
        CmpOp::GtE => Op::JumpGreaterEqual { n, a, b, target: 0 },
        CmpOp::Is => Op::JumpIs { n, a, b, target: 0 },
        CmpOp::IsNot => Op::JumpIs { n: 1 - n, a, b, target: 0 },
        CmpOp::In => Op::JumpContains { n, a, b, target: 0 },
        CmpOp::NotIn => Op::JumpContains { n: 1 - n, a, b, target: 0 },
    }
}

/// The immediate form, where there is one.
pub(super) fn fused_immediate(op: CmpOp, a: Register, value: i16, when: bool) -> Option<Op> {
    let n = u8::from(when);
    Some(match op {
        CmpOp::Eq => Op::JumpEqualI { n, a, value, target: 0 },
        CmpOp::NotEq => Op::JumpNotEqualI { n, a, value, target: 0 },
        CmpOp::Lt => Op::JumpLessI { n, a, value, target: 0 },
        CmpOp::LtE => Op::JumpLessEqualI { n, a, value, target: 0 },
        CmpOp::Gt => Op::JumpGreaterI { n, a, value, target: 0 },
        CmpOp::GtE => Op::JumpGreaterEqualI { n, a, value, target: 0 },
        _ => return None,
    })
}
