//! `with` and `async with`.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::block::BlockKind;
use super::emit::{Register, TEMPORARY, nowhere};
use super::expression::with_stack;
use crate::bytecode::{Constant, Op, SpecialMethod};

impl<'a> Compiler<'a> {
    pub(super) fn with_statement(&mut self, node: &'a ast::StmtWith) {
        self.with_item(node, 0);
    }

    /// The items from `at` on, and the body within them.
    fn with_item(&mut self, node: &'a ast::StmtWith, at: usize) {
        let Some(item) = node.items.get(at) else {
            self.statements(&node.body);
            return;
        };
        let range = item.context_expr.range();
        let mark = self.unit.mark();
        let caught = self.unit.temporary();
        let base = self.unit.temporaries(2);
        let entered = self.enter_context(node, item, base, range);
        let handler = self.unit.emit.new_handler(caught);
        let bound = self.bound_around(&[&node.body]);
        let block = BlockKind::With { base, is_async: node.is_async, range };
        self.push_block(block, item.range);
        let outer = self.unit.emit.set_handler(handler);
        if let (Some(target), Some(entered)) = (&item.optional_vars, entered) {
            self.assign(target, entered);
        }
        self.unit.release(self.register_mark(base) + 2);
        with_stack(|| self.with_item(node, at + 1));
        self.unit.emit.set_handler(outer);
        self.pop_block();
        let end = self.unit.emit.label();
        self.call_exit(base, node.is_async, range);
        self.unit.emit.jump(Op::Jump { target: 0 }, end, nowhere());
        self.unit.emit.place_handler(handler, bound);
        if self.unit.emit.is_reachable() {
            self.exit_with_exception(node.is_async, base, caught, end, range);
        }
        self.unit.emit.place(end);
        self.unit.release(mark);
    }

    /// The height of the stack of temporaries just below `register`.
    fn register_mark(&self, register: Register) -> u32 {
        u32::from(register - TEMPORARY)
    }

    /// Fills `base` and `base + 1` with the exit function and enters. Gives the register of what `__enter__` returned,
    /// unless that is assigned already.
    fn enter_context(
        &mut self,
        node: &'a ast::StmtWith,
        item: &'a ast::WithItem,
        base: Register,
        range: TextRange,
    ) -> Option<Register> {
        let (enter, exit) = if node.is_async {
            (SpecialMethod::AsyncEnter, SpecialMethod::AsyncExit)
        } else {
            (SpecialMethod::Enter, SpecialMethod::Exit)
        };
        let object = self.operand(&item.context_expr);
        let load_exit = Op::LoadSpecial { n: exit as u8, base, object };
        self.emit(load_exit, range);
        let window = self.unit.temporaries(2);
        let load_enter = Op::LoadSpecial { n: enter as u8, base: window, object };
        self.emit(load_enter, range);
        let target = match item.optional_vars.as_deref() {
            Some(target) if !node.is_async => self.local_target(target),
            _ => None,
        };
        let dst = target.unwrap_or(window);
        self.emit(Op::Call { n: 1, base: window, argc: 0, dst }, range);
        if let Some(target) = target {
            self.unit.emit.bind(target);
            return None;
        }
        if node.is_async {
            let awaitable = self.unit.temporary();
            self.await_register(1, window, awaitable, window, range);
        }
        Some(window)
    }

    /// `exit(None, None, None)`.
    pub(super) fn call_exit(&mut self, base: Register, is_async: bool, range: TextRange) {
        let mark = self.unit.mark();
        let is_top = mark == self.register_mark(base) + 2;
        let window = if is_top { base } else { self.unit.temporaries(2) };
        self.move_register(window, base, range);
        self.move_register(window.saturating_add(1), base.saturating_add(1), range);
        for _ in 0..3 {
            let none = self.unit.temporary();
            self.load_constant(Constant::None, none, range);
        }
        self.emit(Op::Call { n: 1, base: window, argc: 3, dst: window }, range);
        if is_async {
            let awaitable = self.unit.temporary();
            self.await_register(2, window, awaitable, window, range);
        }
        self.unit.release(mark);
    }

    fn exit_with_exception(
        &mut self,
        is_async: bool,
        base: Register,
        exception: Register,
        end: super::emit::Label,
        range: TextRange,
    ) {
        let handling = self.begin_handling(exception, &[], range);
        let answer = self.unit.temporary();
        self.emit(Op::WithExcept { dst: answer, base, exception }, range);
        if is_async {
            let awaitable = self.unit.temporary();
            self.await_register(2, answer, awaitable, answer, range);
        }
        let suppressed = self.unit.emit.label();
        self.unit.emit.jump(Op::JumpIfTrue { src: answer, target: 0 }, suppressed, range);
        self.emit(Op::Reraise { exception }, range);
        self.unit.emit.place(suppressed);
        self.leave_handling(&handling, end);
        self.end_handling(handling);
    }
}
