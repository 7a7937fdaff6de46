//! Assignment: targets of every kind, unpacking, augmented assignment, deletion.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::{Register, TEMPORARY};
use super::operator::{arithmetic, arithmetic_immediate};
use super::unit::Variable;
use crate::bytecode::Op;
use crate::syntax::SyntaxErrorKind;

impl<'a> Compiler<'a> {
    /// The register of a target that is a local variable.
    pub(super) fn local_target(&mut self, target: &Expr) -> Option<Register> {
        let Expr::Name(name) = target else {
            return None;
        };
        let mangled = self.mangle(&name.id);
        match self.access_variable(&mangled) {
            Some(Variable::Local(register)) => Some(register),
            _ => None,
        }
    }

    /// Whether a target is the variable in `register`.
    fn is_variable(&self, target: &Expr, register: Register) -> bool {
        let Expr::Name(name) = target else {
            return false;
        };
        let named = self.unit.named.get(register as usize);
        named.is_some_and(|named| named.name == self.mangle(&name.id))
    }

    pub(super) fn assign_statement(&mut self, node: &'a ast::StmtAssign) {
        let mark = self.unit.mark();
        match &node.targets[..] {
            [target] if self.assign_parallel(target, &node.value) => {}
            [target] => self.assign_value(target, &node.value),
            targets => {
                let value = self.value(&node.value);
                targets.iter().for_each(|target| self.assign(target, value));
            }
        }
        self.unit.release(mark);
    }

    /// `target = value`; a local variable is the value's destination.
    pub(super) fn assign_value(&mut self, target: &'a Expr, value: &'a Expr) {
        let mark = self.unit.mark();
        let known = self.unit.named_count();
        match self.local_target(target) {
            Some(register) => {
                self.expression_into(value, register);
                if register as usize >= known {
                    self.unit.mention(register);
                }
                self.unit.emit.bind(register);
            }
            None => {
                let src = self.operand_before(value, None, target.range());
                self.assign(target, src);
            }
        }
        self.unit.release(mark);
    }

    /// `a, b = b, a` without making the tuple. False: it is not of that form.
    fn assign_parallel(&mut self, target: &'a Expr, value: &'a Expr) -> bool {
        let targets = match target {
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            _ => return false,
        };
        let Expr::Tuple(values) = value else {
            return false;
        };
        let has_star = |items: &[Expr]| items.iter().any(Expr::is_starred_expr);
        if targets.len() != values.elts.len() || targets.len() > 8 || has_star(targets) || has_star(&values.elts) {
            return false;
        }
        let mut sources = Vec::new();
        for (at, value) in values.elts.iter().enumerate() {
            let later = TextRange::new(target.start(), values.end());
            let mut source = self.operand_before(value, None, later);
            let overwritten = targets[..at].iter().any(|target| !target.is_name_expr() && source < TEMPORARY)
                || targets[..at].iter().any(|target| self.is_variable(target, source));
            if overwritten && source < TEMPORARY {
                let copy = self.unit.temporary();
                self.emit(Op::Move { dst: copy, src: source }, value.range());
                source = copy;
            }
            sources.push(source);
        }
        for (target, source) in targets.iter().zip(sources) {
            self.assign(target, source);
        }
        true
    }

    /// Assigns a register to a target.
    pub(super) fn assign(&mut self, target: &'a Expr, src: Register) {
        if !self.unit.emit.is_reachable() {
            return;
        }
        let mark = self.unit.mark();
        let range = target.range();
        match target {
            Expr::Name(name) => self.store_name(&name.id, src, range),
            Expr::Attribute(attribute) => {
                let object = self.operand(&attribute.value);
                let name = self.name_index(&attribute.attr.id);
                let range = self.attribute_range(attribute);
                self.emit(Op::StoreAttr { object, name, src }, range);
            }
            Expr::Subscript(subscript) => self.assign_subscript(subscript, src),
            Expr::Tuple(tuple) => super::expression::with_stack(|| self.unpack(&tuple.elts, src, range)),
            Expr::List(list) => super::expression::with_stack(|| self.unpack(&list.elts, src, range)),
            Expr::Starred(starred) => self.assign(&starred.value, src),
            _ => {}
        }
        self.unit.release(mark);
    }

    fn assign_subscript(&mut self, subscript: &'a ast::ExprSubscript, src: Register) {
        let object = self.operand_before(&subscript.value, None, subscript.slice.range());
        if let Some(slice) = self.plain_slice(&subscript.slice) {
            let bounds = self.slice_bounds(slice);
            self.emit(Op::StoreSlice { object, bounds, src }, subscript.range);
        } else {
            let index = self.operand(&subscript.slice);
            self.emit(Op::StoreSubscript { object, index, src }, subscript.range);
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], src: Register, range: TextRange) {
        let star = targets.iter().position(Expr::is_starred_expr);
        let base = self.unit.temporaries(targets.len() as u32);
        match star {
            None => {
                let at = self.unit.emit.drafts.len() as u32;
                self.unit.unpacks.push(at);
                self.emit(Op::UnpackSequence { base, src, count: targets.len() as u16 }, range);
            }
            Some(before) => {
                let after = targets.len() - before - 1;
                if before >= 256 || after >= 256 {
                    let message = "too many expressions in star-unpacking assignment";
                    self.fail(SyntaxErrorKind::SyntaxError, message.to_owned(), range);
                }
                self.emit(Op::UnpackExtended { n: after as u8, base, src, before: before as u16 }, range);
            }
        }
        for (at, target) in targets.iter().enumerate() {
            self.assign(target, base.saturating_add(at as u16));
        }
    }

    pub(super) fn augmented_assign(&mut self, node: &'a ast::StmtAugAssign) {
        let mark = self.unit.mark();
        let range = node.range;
        let later = node.value.range();
        match &*node.target {
            Expr::Name(name) => match self.local_target(&node.target) {
                Some(register) => {
                    self.check_bound(register, name.range);
                    let left = self.protect(register, later);
                    self.augmented_operation(node, register, left);
                }
                None => {
                    let value = self.unit.temporary();
                    self.load_name(&name.id, value, name.range);
                    self.augmented_operation(node, value, value);
                    self.store_name(&name.id, value, name.range);
                }
            },
            Expr::Attribute(attribute) => {
                let object = self.operand_before(&attribute.value, None, later);
                let value = self.unit.temporary();
                let name = self.name_index(&attribute.attr.id);
                let target_range = self.attribute_range(attribute);
                self.emit(Op::LoadAttr { dst: value, object, name }, target_range);
                self.augmented_operation(node, value, value);
                self.emit(Op::StoreAttr { object, name, src: value }, target_range);
            }
            Expr::Subscript(subscript) => self.augmented_subscript(node, subscript),
            _ => {}
        }
        debug_assert!(range.len() >= later.len());
        self.unit.release(mark);
    }

    fn augmented_subscript(&mut self, node: &'a ast::StmtAugAssign, subscript: &'a ast::ExprSubscript) {
        let range = subscript.range;
        let object = self.operand_before(&subscript.value, None, node.range);
        if let Some(slice) = self.plain_slice(&subscript.slice) {
            let bounds = self.slice_bounds(slice);
            let value = self.unit.temporary();
            self.emit(Op::LoadSlice { dst: value, object, bounds }, range);
            self.augmented_operation(node, value, value);
            self.emit(Op::StoreSlice { object, bounds, src: value }, range);
        } else {
            let index = self.operand_before(&subscript.slice, None, node.value.range());
            let value = self.unit.temporary();
            self.emit(Op::LoadSubscript { dst: value, object, index }, range);
            self.augmented_operation(node, value, value);
            self.emit(Op::StoreSubscript { object, index, src: value }, range);
        }
    }

    fn augmented_operation(&mut self, node: &'a ast::StmtAugAssign, dst: Register, left: Register) {
        let immediate =
            self.small_integer(&node.value).and_then(|value| arithmetic_immediate(node.op, 1, dst, left, value));
        let op = match immediate {
            Some(op) => op,
            None => {
                let right = self.operand(&node.value);
                arithmetic(node.op, 1, dst, left, right)
            }
        };
        self.emit(op, node.range);
    }

    pub(super) fn delete(&mut self, target: &'a Expr) {
        let mark = self.unit.mark();
        let range = target.range();
        match target {
            Expr::Name(name) => self.delete_name(&name.id, range),
            Expr::Attribute(attribute) => {
                let object = self.operand(&attribute.value);
                let name = self.name_index(&attribute.attr.id);
                let range = self.attribute_range(attribute);
                self.emit(Op::DeleteAttr { object, name }, range);
            }
            Expr::Subscript(subscript) => {
                let object = self.operand_before(&subscript.value, None, subscript.slice.range());
                let index = self.operand(&subscript.slice);
                self.emit(Op::DeleteSubscript { object, index }, range);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().for_each(|element| super::expression::with_stack(|| self.delete(element)));
            }
            _ => {}
        }
        self.unit.release(mark);
    }
}
