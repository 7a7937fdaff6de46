//! Statements: the dispatch over their kinds, and the simple ones.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::Compiler;
use super::condition::Jumps;
use super::expression::with_stack;
use crate::bytecode::{CommonValue, Constant, Op};
use crate::syntax::Mode;

impl<'a> Compiler<'a> {
    pub(super) fn statements(&mut self, body: &'a [Stmt]) {
        for statement in body {
            if !self.unit.emit.is_reachable() || self.failure.is_some() {
                return;
            }
            let mark = self.unit.mark();
            with_stack(|| self.statement(statement));
            self.unit.release(mark);
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        let range = statement.range();
        match statement {
            Stmt::Expr(node) => self.expression_statement(node),
            Stmt::Assign(node) => self.assign_statement(node),
            Stmt::AugAssign(node) => self.augmented_assign(node),
            Stmt::AnnAssign(node) => self.annotated_assign(node),
            Stmt::Return(node) => self.return_statement(node),
            Stmt::If(node) => self.if_statement(node),
            Stmt::For(node) => self.for_statement(node),
            Stmt::While(node) => self.while_statement(node),
            Stmt::Try(node) if node.is_star => self.try_star_statement(node),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::With(node) => self.with_statement(node),
            Stmt::Match(node) => self.match_statement(node),
            Stmt::Raise(node) => self.raise_statement(node),
            Stmt::Assert(node) => self.assert_statement(node),
            Stmt::Delete(node) => node.targets.iter().for_each(|target| self.delete(target)),
            Stmt::FunctionDef(node) => self.function_statement(node),
            Stmt::ClassDef(node) => self.class_statement(node),
            Stmt::TypeAlias(node) => self.type_alias_statement(node),
            Stmt::Import(node) => self.import_statement(node),
            Stmt::ImportFrom(node) => self.import_from_statement(node),
            Stmt::Break(_) => self.break_statement(range),
            Stmt::Continue(_) => self.continue_statement(range),
            Stmt::Pass(_) => self.emit(Op::Nop {}, range),
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    fn expression_statement(&mut self, node: &'a ast::StmtExpr) {
        if self.mode == Mode::Single && self.outer.is_empty() {
            let src = self.operand(&node.value);
            self.emit(Op::PrintExpression { src }, node.range);
            return;
        }
        if self.fold(&node.value).is_some() {
            self.emit(Op::Nop {}, node.range);
            return;
        }
        if node.value.is_name_expr() {
            // A variable is read without an instruction.
            self.emit(Op::Nop {}, node.range);
        }
        self.effect(&node.value);
    }

    fn return_statement(&mut self, node: &'a ast::StmtReturn) {
        let range = node.range;
        let leaving = self.leaving_runs_code(0);
        let constant = match &node.value {
            Some(value) => self.fold(value),
            None => Some(Constant::None),
        };
        let src = match (&constant, &node.value) {
            (Some(_), _) | (_, None) => None,
            (None, Some(value)) if leaving => Some(self.value(value)),
            (None, Some(value)) => Some(self.operand(value)),
        };
        self.leave_blocks(0, range, |this, range| match (src, constant) {
            (Some(src), _) => this.emit(Op::Return { src }, range),
            (None, None | Some(Constant::None)) => this.return_none(range),
            (None, Some(constant)) => {
                let src = this.unit.temporary();
                this.load_constant(constant, src, range);
                this.emit(Op::Return { src }, range);
            }
        });
    }

    fn if_statement(&mut self, node: &'a ast::StmtIf) {
        let end = self.unit.emit.label();
        let first = (Some(&*node.test), &node.body[..]);
        let clauses = node.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body[..]));
        let count = 1 + node.elif_else_clauses.len();
        for (at, (test, body)) in std::iter::once(first).chain(clauses).enumerate() {
            let next = self.unit.emit.label();
            if let Some(test) = test {
                self.jump_if(test, Jumps::IfFalse, next);
            }
            self.statements(body);
            if at + 1 < count {
                self.unit.emit.jump(Op::Jump { target: 0 }, end, super::emit::nowhere());
            }
            self.unit.emit.place(next);
        }
        self.unit.emit.place(end);
    }

    fn raise_statement(&mut self, node: &'a ast::StmtRaise) {
        let Some(exception) = &node.exc else {
            self.emit(Op::Raise { n: 0, exception: 0, cause: 0 }, node.range);
            return;
        };
        match &node.cause {
            Some(cause) => {
                let exception = self.operand_before(exception, None, cause.range());
                let cause = self.operand(cause);
                self.emit(Op::Raise { n: 2, exception, cause }, node.range);
            }
            None => {
                let exception = self.operand(exception);
                self.emit(Op::Raise { n: 1, exception, cause: exception }, node.range);
            }
        }
    }

    fn assert_statement(&mut self, node: &'a ast::StmtAssert) {
        if self.options.optimize > 0 {
            return;
        }
        let holds = self.unit.emit.label();
        self.jump_if(&node.test, Jumps::IfTrue, holds);
        let range = node.range;
        let base = self.unit.temporary();
        self.emit(Op::LoadCommon { n: CommonValue::AssertionError as u8, dst: base }, range);
        if let Some(message) = &node.msg {
            self.unit.temporary();
            self.value(message);
            self.call_placed(base, 1, base, range);
        }
        self.emit(Op::Raise { n: 1, exception: base, cause: base }, node.test.range());
        self.unit.emit.place(holds);
    }

    /// Evaluates an expression whose value nobody wants, as an annotation that is only checked.
    pub(super) fn check_expression(&mut self, expression: &'a Expr) {
        self.effect(expression);
    }
}
