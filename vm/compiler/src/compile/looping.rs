//! Loops: `for`, `async for`, `while`, and the steps that comprehensions share with them.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::block::BlockKind;
use super::condition::Jumps;
use super::emit::{BoundSet, HandlerId, Label, Register, nowhere};
use super::fold::truth;
use crate::bytecode::Op;

/// What the end of an asynchronous loop needs.
pub(super) struct AsyncLoop {
    handler: HandlerId,
    caught: Register,
    bound: BoundSet,
}

impl<'a> Compiler<'a> {
    /// Takes the next item and assigns it, or jumps to `exit`.
    pub(super) fn for_next(&mut self, iterator: Register, target: &'a Expr, exit: Label, range: TextRange) {
        if let Some(dst) = self.local_target(target) {
            self.unit.emit.jump(Op::ForIter { dst, iterator, target: 0 }, exit, range);
            self.unit.emit.bind(dst);
            return;
        }
        self.with_temporary(|this, item| {
            this.unit.emit.jump(Op::ForIter { dst: item, iterator, target: 0 }, exit, range);
            this.assign(target, item);
        });
    }

    /// Awaits the next item and assigns it.
    pub(super) fn async_next(&mut self, iterator: Register, target: &'a Expr, range: TextRange) -> AsyncLoop {
        let caught = self.unit.temporary();
        let handler = self.unit.emit.new_handler(caught);
        let bound = self.unit.emit.bound().clone();
        let mark = self.unit.mark();
        let awaitable = self.unit.temporary();
        let item = self.unit.temporary();
        let outer = self.unit.emit.set_handler(handler);
        self.emit(Op::GetAsyncNext { dst: awaitable, src: iterator }, range);
        self.delegate(awaitable, item, range);
        self.unit.emit.set_handler(outer);
        self.assign(target, item);
        self.unit.release(mark);
        AsyncLoop { handler, caught, bound }
    }

    /// The end of an asynchronous loop; the loop's exit follows.
    pub(super) fn end_async_loop(&mut self, ended: AsyncLoop, range: TextRange) {
        self.unit.emit.place_handler(ended.handler, ended.bound);
        self.emit(Op::EndAsyncFor { exception: ended.caught }, range);
    }

    pub(super) fn for_statement(&mut self, node: &'a ast::StmtFor) {
        let range = node.iter.range();
        let mark = self.unit.mark();
        let iterator = self.unit.temporary();
        let src = if node.is_async {
            self.operand_in(&node.iter, Some(iterator))
        } else {
            self.iterable(&node.iter, iterator)
        };
        let op =
            if node.is_async { Op::GetAsyncIter { dst: iterator, src } } else { Op::GetIter { dst: iterator, src } };
        self.emit(op, range);
        let next = self.unit.emit.label();
        let exit = self.unit.emit.label();
        let end = self.unit.emit.label();
        let unbound = self.unbound_in(&[&node.body]);
        self.push_block(BlockKind::Loop { next, exit: end, asked: nowhere() }, node.range);
        self.unit.emit.place_loop(next, &unbound);
        let async_loop = if node.is_async {
            Some(self.async_next(iterator, &node.target, range))
        } else {
            self.for_next(iterator, &node.target, exit, range);
            None
        };
        self.statements(&node.body);
        self.unit.emit.jump_back(next, nowhere());
        self.pop_block();
        if let Some(async_loop) = async_loop {
            self.end_async_loop(async_loop, range);
        }
        self.unit.emit.place(exit);
        self.unit.release(mark);
        self.statements(&node.orelse);
        self.unit.emit.place(end);
    }

    pub(super) fn while_statement(&mut self, node: &'a ast::StmtWhile) {
        let constant = self.fold(&node.test).map(|constant| truth(&constant));
        let next = self.unit.emit.label();
        let exit = self.unit.emit.label();
        let end = self.unit.emit.label();
        if constant == Some(false) {
            self.emit(Op::Nop {}, node.test.range());
            self.statements(&node.orelse);
            return;
        }
        let unbound = self.unbound_in(&[&node.body]);
        let range = node.test.range();
        // An endless loop is seen to be asked again when it goes back: that costs nothing more.
        let asked = if constant == Some(true) { range } else { nowhere() };
        self.push_block(BlockKind::Loop { next, exit: end, asked }, node.range);
        if constant == Some(true) {
            self.emit(Op::Nop {}, range);
        }
        self.unit.emit.place_loop(next, &unbound);
        if constant.is_none() {
            self.jump_if(&node.test, Jumps::IfFalse, exit);
        }
        self.statements(&node.body);
        self.unit.emit.jump_back(next, asked);
        self.pop_block();
        self.unit.emit.place(exit);
        self.statements(&node.orelse);
        self.unit.emit.place(end);
    }

    /// The innermost loop: its depth in the block stack, its labels, and where an endless one is asked again.
    fn innermost_loop(&self) -> Option<(usize, Label, Label, TextRange)> {
        let blocks = self.unit.blocks.iter().enumerate().rev();
        blocks.into_iter().find_map(|(depth, block)| match block.kind {
            BlockKind::Loop { next, exit, asked } => Some((depth, next, exit, asked)),
            _ => None,
        })
    }

    pub(super) fn break_statement(&mut self, range: TextRange) {
        if let Some((depth, _, exit, _)) = self.innermost_loop() {
            self.leave_blocks(depth, range, |this, range| this.unit.emit.jump(Op::Jump { target: 0 }, exit, range));
        }
    }

    pub(super) fn continue_statement(&mut self, range: TextRange) {
        if let Some((depth, next, _, asked)) = self.innermost_loop() {
            self.leave_blocks(depth + 1, range, |this, range| {
                if asked == nowhere() {
                    return this.unit.emit.jump_back(next, range);
                }
                this.emit(Op::Nop {}, range);
                this.unit.emit.jump_back(next, asked);
            });
        }
    }
}
