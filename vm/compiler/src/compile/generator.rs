//! `yield`, `yield from`, `await`.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Register;
use crate::bytecode::{CodeFlags, Constant, Op, Singleton};

impl<'a> Compiler<'a> {
    pub(super) fn yield_into(&mut self, yielding: &'a ast::ExprYield, dst: Register) {
        let range = yielding.range;
        let mut src = match &yielding.value {
            Some(value) => self.operand_in(value, Some(dst)),
            None => {
                let register = self.scratch(dst);
                self.load_constant(Constant::None, register, range);
                register
            }
        };
        if self.unit.flags.has(CodeFlags::ASYNC_GENERATOR) {
            let wrapped = self.unit.temporary();
            self.emit(Op::WrapAsyncYield { dst: wrapped, src }, range);
            src = wrapped;
        }
        self.emit(Op::Yield { n: 0, dst, src, delegate: src }, range);
    }

    pub(super) fn yield_from_into(&mut self, delegating: &'a ast::ExprYieldFrom, dst: Register) {
        let iterator = self.unit.temporary();
        let src = self.operand_in(&delegating.value, Some(iterator));
        self.emit(Op::GetYieldFrom { dst: iterator, src }, delegating.range);
        self.delegate(iterator, dst, delegating.range);
    }

    pub(super) fn await_into(&mut self, awaiting: &'a ast::ExprAwait, dst: Register) {
        let iterator = self.unit.temporary();
        let src = self.operand_in(&awaiting.value, Some(iterator));
        self.await_register(0, src, iterator, dst, awaiting.range());
    }

    /// Awaits what is in `src`; `n` says what it came from. `iterator` is a temporary for the awaitable.
    pub(super) fn await_register(&mut self, n: u8, src: Register, iterator: Register, dst: Register, range: TextRange) {
        self.emit(Op::GetAwaitable { n, dst: iterator, src }, range);
        self.delegate(iterator, dst, range);
    }

    /// Sends and yields until `iterator` is exhausted; its result goes to `dst`.
    pub(super) fn delegate(&mut self, iterator: Register, dst: Register, range: TextRange) {
        let value = if dst == iterator { self.unit.temporary() } else { self.scratch(dst) };
        self.load_singleton(Singleton::None, value, range);
        if !self.unit.emit.is_reachable() {
            return;
        }
        let again = self.unit.emit.label();
        let end = self.unit.emit.label();
        let caught = self.unit.temporary();
        let handler = self.unit.emit.new_handler(caught);
        let bound = self.unit.emit.bound().clone();
        self.unit.emit.place_loop(again, &[]);
        self.unit.emit.jump(Op::Send { value, iterator, target: 0 }, end, range);
        let outer = self.unit.emit.set_handler(handler);
        self.emit(Op::Yield { n: 1, dst: value, src: value, delegate: iterator }, range);
        self.unit.emit.set_handler(outer);
        self.unit.emit.jump_back(again, range);
        self.unit.emit.place_handler(handler, bound);
        self.emit(Op::CleanupThrow { dst: value, exception: caught }, range);
        self.unit.emit.place(end);
        self.move_register(dst, value, range);
    }
}
