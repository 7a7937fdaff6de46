//! `try` in all its forms.
//!
//! In a handler the caught exception is the handled one (`PushHandled`) until the handler is left, whichever way
//! (`PopHandled`); a *cleanup* handler around it does that for exceptions and raises them on.

use ruff_python_ast::{self as ast, ExceptHandler, Stmt};
use ruff_text_size::TextRange;

use super::Compiler;
use super::block::BlockKind;
use super::emit::{BoundSet, HandlerId, Label, Register, nowhere};
use crate::bytecode::Op;

/// A region in which an exception is handled: what is to be done when it is left.
pub(super) struct Handling {
    saved: Register,
    caught: Register,
    cleanup: HandlerId,
    outer: HandlerId,
    bound: BoundSet,
}

impl<'a> Compiler<'a> {
    /// What is bound wherever the bodies may raise.
    pub(super) fn bound_around(&self, bodies: &[&'a [Stmt]]) -> BoundSet {
        let mut bound = self.unit.emit.bound().clone();
        self.unbound_in(bodies).into_iter().for_each(|register| bound.remove(register));
        bound
    }

    /// Begins the handling of `exception`; `bodies` are what runs meanwhile.
    pub(super) fn begin_handling(&mut self, exception: Register, bodies: &[&'a [Stmt]], range: TextRange) -> Handling {
        let saved = self.unit.temporary();
        let caught = self.unit.temporary();
        let cleanup = self.unit.emit.new_handler(caught);
        let bound = self.bound_around(bodies);
        self.emit(Op::PushHandled { saved, exception }, range);
        self.push_block(BlockKind::Handling { saved }, range);
        let outer = self.unit.emit.set_handler(cleanup);
        Handling { saved, caught, cleanup, outer, bound }
    }

    /// Leaves the handling normally, for `end`. The region goes on for other clauses.
    pub(super) fn leave_handling(&mut self, handling: &Handling, end: Label) {
        self.unit.emit.set_handler(handling.outer);
        self.emit(Op::PopHandled { saved: handling.saved }, nowhere());
        self.unit.emit.jump(Op::Jump { target: 0 }, end, nowhere());
        self.unit.emit.set_handler(handling.cleanup);
    }

    /// Ends the region; control must not come here.
    pub(super) fn end_handling(&mut self, handling: Handling) {
        self.pop_block();
        self.unit.emit.set_handler(handling.outer);
        self.unit.emit.place_handler(handling.cleanup, handling.bound);
        self.emit(Op::PopHandled { saved: handling.saved }, nowhere());
        self.emit(Op::Reraise { exception: handling.caught }, nowhere());
    }

    pub(super) fn try_statement(&mut self, node: &'a ast::StmtTry) {
        self.with_finally(node, Self::try_except);
    }

    pub(super) fn try_star_statement(&mut self, node: &'a ast::StmtTry) {
        self.with_finally(node, Self::try_except_star);
    }

    fn with_finally(&mut self, node: &'a ast::StmtTry, inner: fn(&mut Self, &'a ast::StmtTry)) {
        self.emit(Op::Nop {}, node.range);
        let mark = self.unit.mark();
        if node.finalbody.is_empty() {
            inner(self, node);
        } else {
            self.try_finally(node, inner);
        }
        self.unit.release(mark);
    }

    fn try_finally(&mut self, node: &'a ast::StmtTry, inner: fn(&mut Self, &'a ast::StmtTry)) {
        let caught = self.unit.temporary();
        let handler = self.unit.emit.new_handler(caught);
        let end = self.unit.emit.label();
        let bodies = protected_bodies(node);
        let bound = self.bound_around(&bodies);
        let block = BlockKind::Finally { body: &node.finalbody };
        self.push_block(block, node.range);
        let outer = self.unit.emit.set_handler(handler);
        if node.handlers.is_empty() {
            self.statements(&node.body);
            self.statements(&node.orelse);
        } else {
            inner(self, node);
        }
        self.unit.emit.set_handler(outer);
        self.pop_block();
        self.statements(&node.finalbody);
        self.unit.emit.jump(Op::Jump { target: 0 }, end, nowhere());
        self.unit.emit.place_handler(handler, bound);
        if self.unit.emit.is_reachable() {
            let handling = self.begin_handling(caught, &[&node.finalbody], nowhere());
            self.statements(&node.finalbody);
            self.emit(Op::Reraise { exception: caught }, nowhere());
            self.end_handling(handling);
        }
        self.unit.emit.place(end);
    }

    /// Compiles the protected body and the `else` part; then the handler begins, if anything can come to it.
    fn protected(&mut self, node: &'a ast::StmtTry, caught: Register, end: Label) {
        let handler = self.unit.emit.new_handler(caught);
        let bound = self.bound_around(&[&node.body]);
        self.push_block(BlockKind::Protected, node.range);
        let outer = self.unit.emit.set_handler(handler);
        self.statements(&node.body);
        self.unit.emit.set_handler(outer);
        self.pop_block();
        self.statements(&node.orelse);
        self.unit.emit.jump(Op::Jump { target: 0 }, end, nowhere());
        self.unit.emit.place_handler(handler, bound);
    }

    fn try_except(&mut self, node: &'a ast::StmtTry) {
        let mark = self.unit.mark();
        let end = self.unit.emit.label();
        let caught = self.unit.temporary();
        self.protected(node, caught, end);
        if self.unit.emit.is_reachable() {
            let bodies = handler_bodies(node);
            let mut handling = self.begin_handling(caught, &bodies, nowhere());
            for ExceptHandler::ExceptHandler(clause) in &node.handlers {
                handling.bound.intersect(self.unit.emit.bound());
                if let Some(name) = &clause.name {
                    self.remove_bound(&mut handling.bound, &name.id);
                }
                self.except_clause(clause, caught, &handling, end);
            }
            self.emit(Op::Reraise { exception: caught }, nowhere());
            self.end_handling(handling);
        }
        self.unit.emit.place(end);
        self.unit.release(mark);
    }

    fn remove_bound(&mut self, bound: &mut BoundSet, name: &ast::name::Name) {
        let mangled = self.mangle(name);
        if let Some(super::unit::Variable::Local(register)) = self.access_variable(&mangled) {
            bound.remove(register);
        }
    }

    fn except_clause(
        &mut self,
        clause: &'a ast::ExceptHandlerExceptHandler,
        caught: Register,
        handling: &Handling,
        end: Label,
    ) {
        let mark = self.unit.mark();
        let next = self.unit.emit.label();
        if let Some(class) = &clause.type_ {
            let register = self.operand(class);
            let op = Op::JumpNoMatch { exception: caught, class: register, target: 0 };
            self.unit.emit.jump(op, next, clause.range);
        } else {
            self.emit(Op::Nop {}, clause.range);
        }
        self.unit.release(mark);
        match &clause.name {
            Some(name) => {
                self.store_name(&name.id, caught, clause.range);
                let (handler, raised, bound) = self.begin_named_clause(clause, &name.id);
                self.statements(&clause.body);
                self.end_named_clause(&name.id);
                self.leave_handling(handling, end);
                self.unit.emit.place_handler(handler, bound);
                self.clear_exception_name(&name.id, nowhere());
                self.emit(Op::Reraise { exception: raised }, nowhere());
            }
            None => {
                self.push_block(BlockKind::Protected, clause.range);
                self.statements(&clause.body);
                self.pop_block();
                self.leave_handling(handling, end);
            }
        }
        self.unit.emit.place(next);
        self.unit.release(mark);
    }

    /// Begins the body of `except … as name`, in a region whose handler unbinds the name.
    fn begin_named_clause(
        &mut self,
        clause: &'a ast::ExceptHandlerExceptHandler,
        name: &'a ast::name::Name,
    ) -> (HandlerId, Register, BoundSet) {
        let raised = self.unit.temporary();
        let handler = self.unit.emit.new_handler(raised);
        let bound = self.bound_around(&[&clause.body]);
        self.push_block(BlockKind::ExceptName { name }, clause.range);
        self.unit.emit.set_handler(handler);
        (handler, raised, bound)
    }

    /// Ends it: the name is unbound on the normal way out.
    fn end_named_clause(&mut self, name: &'a ast::name::Name) {
        if let Some(block) = self.unit.blocks.last() {
            self.unit.emit.set_handler(block.outer);
        }
        self.pop_block();
        self.clear_exception_name(name, nowhere());
    }

    fn try_except_star(&mut self, node: &'a ast::StmtTry) {
        let mark = self.unit.mark();
        let end = self.unit.emit.label();
        let caught = self.unit.temporary();
        self.protected(node, caught, end);
        if self.unit.emit.is_reachable() {
            let bodies = handler_bodies(node);
            let mut handling = self.begin_handling(caught, &bodies, nowhere());
            let raised = self.unit.temporary();
            let group = self.unit.temporaries(2);
            let empty = Op::BuildList { dst: raised, base: raised, count: 0 };
            self.emit(empty, nowhere());
            self.move_register(group, caught, nowhere());
            for ExceptHandler::ExceptHandler(clause) in &node.handlers {
                if let Some(name) = &clause.name {
                    self.remove_bound(&mut handling.bound, &name.id);
                }
                self.except_star_clause(clause, group, raised);
            }
            let unhandled = Op::ListAppend { list: raised, src: group };
            self.emit(unhandled, nowhere());
            let prepare = Op::PrepareReraiseStar { dst: group, exception: caught, raised };
            self.emit(prepare, nowhere());
            self.raise_rest(group, &handling);
            self.leave_handling(&handling, end);
            self.end_handling(handling);
        }
        self.unit.emit.place(end);
        self.unit.release(mark);
    }

    /// Raises what is left of an exception group, if anything is.
    fn raise_rest(&mut self, group: Register, handling: &Handling) {
        let none = self.unit.emit.label();
        let skip = Op::JumpIfNone { src: group, target: 0 };
        self.unit.emit.jump(skip, none, nowhere());
        self.unit.emit.set_handler(handling.outer);
        let saved = handling.saved;
        self.emit(Op::PopHandled { saved }, nowhere());
        self.emit(Op::Reraise { exception: group }, nowhere());
        self.unit.emit.set_handler(handling.cleanup);
        self.unit.emit.place(none);
    }

    /// One `except*`: `group` holds what is left of the exception, before and after.
    fn except_star_clause(&mut self, clause: &'a ast::ExceptHandlerExceptHandler, group: Register, raised: Register) {
        let mark = self.unit.mark();
        let next = self.unit.emit.label();
        let rest = group.saturating_add(1);
        if let Some(class) = &clause.type_ {
            self.expression_into(class, rest);
            self.emit(Op::MatchGroup { base: group }, clause.range);
        }
        let skip = Op::JumpIfNone { src: group, target: 0 };
        self.unit.emit.jump(skip, next, clause.range);
        self.except_star_body(clause, group, raised, next);
        self.unit.emit.place(next);
        self.move_register(group, rest, nowhere());
        self.unit.release(mark);
    }

    /// The body of an `except*`; what it raises is added to the list `raised`.
    fn except_star_body(
        &mut self,
        clause: &'a ast::ExceptHandlerExceptHandler,
        group: Register,
        raised: Register,
        next: Label,
    ) {
        let saved = self.unit.temporary();
        let caught = self.unit.temporary();
        let handler = self.unit.emit.new_handler(caught);
        let bound = self.bound_around(&[&clause.body]);
        let push = Op::PushHandled { saved, exception: group };
        self.emit(push, clause.range);
        self.push_block(BlockKind::Handling { saved }, clause.range);
        let outer = self.unit.emit.set_handler(handler);
        if let Some(name) = &clause.name {
            self.store_name(&name.id, group, clause.range);
            self.push_block(BlockKind::ExceptName { name: &name.id }, clause.range);
        }
        self.statements(&clause.body);
        if let Some(name) = &clause.name {
            self.pop_block();
            self.clear_exception_name(&name.id, nowhere());
        }
        self.pop_block();
        self.unit.emit.set_handler(outer);
        self.emit(Op::PopHandled { saved }, nowhere());
        self.unit.emit.jump(Op::Jump { target: 0 }, next, nowhere());
        self.unit.emit.place_handler(handler, bound);
        if let Some(name) = &clause.name {
            self.clear_exception_name(&name.id, nowhere());
        }
        let add = Op::ListAppend { list: raised, src: caught };
        self.emit(add, nowhere());
        self.emit(Op::PopHandled { saved }, nowhere());
    }
}

fn handler_bodies(node: &ast::StmtTry) -> Vec<&[Stmt]> {
    let clauses = node.handlers.iter();
    clauses.map(|ExceptHandler::ExceptHandler(clause)| &clause.body[..]).collect()
}

/// Everything that a `finally` protects, as statements to search for what they unbind.
fn protected_bodies(node: &ast::StmtTry) -> Vec<&[Stmt]> {
    let mut bodies = handler_bodies(node);
    bodies.push(&node.body);
    bodies.push(&node.orelse);
    bodies
}
