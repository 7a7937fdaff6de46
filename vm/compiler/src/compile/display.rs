//! Displays: tuples, lists, sets and dicts written out.

use std::sync::Arc;

use ruff_python_ast::{DictItem, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Register;
use crate::bytecode::{Constant, Op};

/// Displays with more items than this are built piece by piece, so that frames stay small.
const MAX_WINDOW_ITEMS: usize = 64;

/// From how many items on a display of constants is copied from a constant.
const MIN_CONSTANT_ITEMS: usize = 3;

impl<'a> Compiler<'a> {
    pub(super) fn tuple_into(&mut self, items: &'a [Expr], dst: Register, range: TextRange) {
        if is_plain(items) {
            let (base, count) = self.place_items(items, dst);
            self.emit(Op::BuildTuple { dst, base, count }, range);
            return;
        }
        let list = self.scratch(dst);
        self.build_list(items, list, range);
        self.emit(Op::ListToTuple { dst, src: list }, range);
    }

    pub(super) fn list_into(&mut self, items: &'a [Expr], dst: Register, range: TextRange) {
        if items.len() >= MIN_CONSTANT_ITEMS
            && let Some(constants) = self.fold_display(items)
        {
            let list = self.scratch(dst);
            self.emit(Op::BuildList { dst: list, base: list, count: 0 }, range);
            let src = self.unit.temporary();
            self.load_constant(Constant::Tuple(constants), src, range);
            self.emit(Op::ListExtend { n: 0, list, src }, range);
            self.move_register(dst, list, range);
            return;
        }
        if is_plain(items) {
            let (base, count) = self.place_items(items, dst);
            self.emit(Op::BuildList { dst, base, count }, range);
            return;
        }
        let list = self.scratch(dst);
        self.build_list(items, list, range);
        self.move_register(dst, list, range);
    }

    /// Evaluates items into a new window.
    fn place_items(&mut self, items: &'a [Expr], dst: Register) -> (Register, u16) {
        let Some((first, rest)) = items.split_first() else {
            return (dst, 0);
        };
        let base = self.window(dst);
        self.expression_into(first, base);
        rest.iter().for_each(|item| {
            self.value(item);
        });
        (base, items.len() as u16)
    }

    /// Builds a list of any items in a temporary.
    fn build_list(&mut self, items: &'a [Expr], list: Register, range: TextRange) {
        let plain = items.iter().take(MAX_WINDOW_ITEMS).take_while(|item| !item.is_starred_expr()).count();
        let mark = self.unit.mark();
        let base = if plain == 0 { list } else { self.value(&items[0]) };
        items[..plain].iter().skip(1).for_each(|item| {
            self.value(item);
        });
        self.emit(Op::BuildList { dst: list, base, count: plain as u16 }, range);
        self.unit.release(mark);
        self.extend_list(list, &items[plain..], 0, range);
    }

    /// Adds items to a list; `n` = 1 for the arguments of a call.
    pub(super) fn extend_list(&mut self, list: Register, items: &'a [Expr], n: u8, range: TextRange) {
        for item in items {
            let mark = self.unit.mark();
            if let Expr::Starred(starred) = item {
                let src = self.operand(&starred.value);
                self.emit(Op::ListExtend { n, list, src }, range);
            } else {
                let src = self.operand(item);
                self.emit(Op::ListAppend { list, src }, range);
            }
            self.unit.release(mark);
        }
    }

    pub(super) fn set_into(&mut self, items: &'a [Expr], dst: Register, range: TextRange) {
        if items.len() >= MIN_CONSTANT_ITEMS
            && let Some(constants) = self.fold_display(items)
        {
            let set = self.scratch(dst);
            self.emit(Op::BuildSet { dst: set, base: set, count: 0 }, range);
            let src = self.unit.temporary();
            self.load_constant(frozen_set(constants), src, range);
            self.emit(Op::SetUpdate { set, src }, range);
            self.move_register(dst, set, range);
            return;
        }
        if is_plain(items) {
            let (base, count) = self.place_items(items, dst);
            self.emit(Op::BuildSet { dst, base, count }, range);
            return;
        }
        let set = self.scratch(dst);
        self.emit(Op::BuildSet { dst: set, base: set, count: 0 }, range);
        for item in items {
            let mark = self.unit.mark();
            if let Expr::Starred(starred) = item {
                let src = self.operand(&starred.value);
                self.emit(Op::SetUpdate { set, src }, range);
            } else {
                let src = self.operand(item);
                self.emit(Op::SetAdd { set, src }, range);
            }
            self.unit.release(mark);
        }
        self.move_register(dst, set, range);
    }

    pub(super) fn dict_into(&mut self, items: &'a [DictItem], dst: Register, range: TextRange) {
        let plain = items.iter().take_while(|item| item.key.is_some()).count();
        if plain == items.len() && plain <= MAX_WINDOW_ITEMS / 2 {
            let base = self.place_pairs(items, dst);
            self.emit(Op::BuildMap { dst, base, count: plain as u16 }, range);
            return;
        }
        let map = self.scratch(dst);
        let first = plain.min(MAX_WINDOW_ITEMS / 2);
        let mark = self.unit.mark();
        let base = self.place_pairs(&items[..first], map);
        self.emit(Op::BuildMap { dst: map, base, count: first as u16 }, range);
        self.unit.release(mark);
        for item in &items[first..] {
            let mark = self.unit.mark();
            match &item.key {
                Some(key) => {
                    let key = self.operand_before(key, None, item.value.range());
                    let value = self.operand(&item.value);
                    self.emit(Op::MapAdd { map, key, value }, range);
                }
                None => {
                    let src = self.operand(&item.value);
                    self.emit(Op::MapUpdate { map, src }, range);
                }
            }
            self.unit.release(mark);
        }
        self.move_register(dst, map, range);
    }

    fn place_pairs(&mut self, items: &'a [DictItem], dst: Register) -> Register {
        let mut base = None;
        for item in items {
            let key = match base {
                None => self.window(dst),
                Some(_) => self.unit.temporary(),
            };
            base.get_or_insert(key);
            if let Some(expression) = &item.key {
                self.expression_into(expression, key);
            }
            self.value(&item.value);
        }
        base.unwrap_or(dst)
    }
}

/// Whether the items fit a window.
fn is_plain(items: &[Expr]) -> bool {
    items.len() <= MAX_WINDOW_ITEMS && !items.iter().any(Expr::is_starred_expr)
}

/// A frozenset constant: each item once.
pub(super) fn frozen_set(items: Arc<[Constant]>) -> Constant {
    let mut seen = std::collections::HashSet::new();
    let items: Vec<Constant> = items.iter().filter(|item| seen.insert(*item)).cloned().collect();
    Constant::FrozenSet(items.into())
}
