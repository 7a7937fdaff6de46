//! Calls: windows, method calls, keywords, unpacking.

use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Register;
use crate::bytecode::{Constant, Op};

/// Calls with more arguments than this pass them in a tuple and a dict, so that windows stay small.
const MAX_WINDOW_ARGUMENTS: usize = 255;

/// The arguments of a call.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'a> {
    /// How many positional arguments stand in the window already.
    pub(super) placed: u32,
    pub(super) positional: &'a [Expr],
    /// A register with one more positional argument, after those.
    pub(super) last: Option<Register>,
    pub(super) keywords: &'a [ast::Keyword],
}

impl<'a> Arguments<'a> {
    fn of(arguments: &'a ast::Arguments) -> Arguments<'a> {
        Arguments { placed: 0, positional: &arguments.args, last: None, keywords: &arguments.keywords }
    }

    /// Whether they need not be collected first.
    fn fit_window(&self) -> bool {
        self.positional.len() + self.keywords.len() <= MAX_WINDOW_ARGUMENTS
            && !self.positional.iter().any(Expr::is_starred_expr)
            && self.keywords.iter().all(|keyword| keyword.arg.is_some())
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn call_into(&mut self, call: &'a ast::ExprCall, dst: Register) {
        if let Some(consumer) = self.consumer(call) {
            self.consume_into(consumer, call, dst);
            return;
        }
        let arguments = Arguments::of(&call.arguments);
        if let Expr::Attribute(attribute) = &*call.func
            && arguments.fit_window()
        {
            self.method_call(call, attribute, arguments, dst);
            return;
        }
        let base = self.window(dst);
        self.expression_into(&call.func, base);
        self.unit.temporary();
        self.call_window(0, base, arguments, dst, call.range());
    }

    fn method_call(
        &mut self,
        call: &'a ast::ExprCall,
        attribute: &'a ast::ExprAttribute,
        arguments: Arguments<'a>,
        dst: Register,
    ) {
        let range = self.attribute_range(attribute);
        let mark = self.unit.mark();
        let base;
        if let Some((n, window)) = self.super_operands(attribute, dst) {
            base = window;
            let name = self.name_index(&attribute.attr.id);
            self.emit(Op::LoadSuperMethod { n, base, name }, range);
            // The window's third register is given back: arguments start there.
            let third = self.unit.mark() - 1;
            self.unit.release(third);
        } else {
            base = self.window(dst);
            let object = self.operand_in(&attribute.value, Some(base));
            let name = self.name_index(&attribute.attr.id);
            self.unit.temporary();
            self.emit(Op::LoadMethod { base, object, name }, range);
        }
        debug_assert!(mark <= self.unit.mark());
        let range =
            if range == attribute.range { call.range() } else { TextRange::new(range.start(), call.range().end()) };
        self.call_window(1, base, arguments, dst, range);
    }

    /// Fills the window at `base`, whose first two registers are taken and whose function is loaded, and calls.
    pub(super) fn call_window(
        &mut self,
        n: u8,
        base: Register,
        arguments: Arguments<'a>,
        dst: Register,
        range: TextRange,
    ) {
        if !arguments.fit_window() {
            self.call_unpacked(base, arguments, dst, range);
            return;
        }
        for argument in arguments.positional {
            self.value(argument);
        }
        if let Some(last) = arguments.last {
            let register = self.unit.temporary();
            self.emit(Op::Move { dst: register, src: last }, range);
        }
        for keyword in arguments.keywords {
            self.value(&keyword.value);
        }
        let argc = arguments.placed as usize
            + arguments.positional.len()
            + usize::from(arguments.last.is_some())
            + arguments.keywords.len();
        let argc = argc as u16;
        if arguments.keywords.is_empty() {
            self.emit(Op::Call { n, base, argc, dst }, range);
            return;
        }
        let names: Arc<[Constant]> = arguments
            .keywords
            .iter()
            .filter_map(|keyword| keyword.arg.as_ref())
            .map(|name| Constant::string(name.as_str()))
            .collect();
        let names = self.narrow_constant(Constant::Tuple(names));
        self.emit(Op::CallKeywords { n, base, argc, names }, range);
        self.move_register(dst, base, range);
    }

    fn call_unpacked(&mut self, base: Register, arguments: Arguments<'a>, dst: Register, range: TextRange) {
        // The register after the two first ones of the window, where placed arguments begin.
        let positional = base.saturating_add(2);
        let start = self.unit.mark() - arguments.placed;
        match arguments.positional {
            [Expr::Starred(starred)] if arguments.placed == 0 && arguments.last.is_none() => {
                self.unit.temporary();
                self.expression_into(&starred.value, positional);
            }
            items if items.len() <= MAX_WINDOW_ARGUMENTS && !items.iter().any(Expr::is_starred_expr) => {
                self.tuple_of_window(positional, items, arguments, range);
            }
            items => self.collect_positional(positional, start, items, arguments, range),
        }
        self.unit.release(start);
        self.unit.temporary();
        let keywords = self.unit.temporary();
        if arguments.keywords.is_empty() {
            self.emit(Op::Unbind { dst: keywords }, range);
        } else {
            self.collect_keywords(base, keywords, arguments.keywords, range);
        }
        self.emit(Op::CallUnpack { base, dst }, range);
    }

    /// Makes the tuple of positional arguments, beginning with those that stand in the window.
    fn collect_positional(
        &mut self,
        list: Register,
        start: u32,
        items: &'a [Expr],
        arguments: Arguments<'a>,
        range: TextRange,
    ) {
        let first = items.iter().take(MAX_WINDOW_ARGUMENTS).take_while(|item| !item.is_starred_expr()).count();
        items[..first].iter().for_each(|item| {
            self.value(item);
        });
        let count = (arguments.placed as usize + first) as u16;
        self.emit(Op::BuildList { dst: list, base: list, count }, range);
        self.unit.release(start);
        self.unit.temporary();
        self.extend_list(list, &items[first..], 1, range);
        if let Some(src) = arguments.last {
            self.emit(Op::ListAppend { list, src }, range);
        }
        self.emit(Op::ListToTuple { dst: list, src: list }, range);
    }

    /// Makes the tuple of positional arguments none of which has a star.
    fn tuple_of_window(&mut self, tuple: Register, items: &'a [Expr], arguments: Arguments<'a>, range: TextRange) {
        items.iter().for_each(|item| {
            self.value(item);
        });
        if let Some(src) = arguments.last {
            let register = self.unit.temporary();
            self.emit(Op::Move { dst: register, src }, range);
        }
        let count = arguments.placed as usize + items.len() + usize::from(arguments.last.is_some());
        self.emit(Op::BuildTuple { dst: tuple, base: tuple, count: count as u16 }, range);
    }

    fn collect_keywords(&mut self, base: Register, map: Register, keywords: &'a [ast::Keyword], range: TextRange) {
        let mut made = false;
        let mut rest = keywords;
        while let Some(first) = rest.first() {
            let mark = self.unit.mark();
            if first.arg.is_none() {
                if !made {
                    self.emit(Op::BuildMap { dst: map, base: map, count: 0 }, range);
                    made = true;
                }
                let src = self.operand(&first.value);
                self.emit(Op::MapMerge { map, src, function: base }, range);
                rest = &rest[1..];
            } else {
                let count = rest.iter().take(MAX_WINDOW_ARGUMENTS).take_while(|item| item.arg.is_some()).count();
                let group = self.keyword_group(&rest[..count], if made { None } else { Some(map) }, range);
                if made {
                    self.emit(Op::MapMerge { map, src: group, function: base }, range);
                }
                made = true;
                rest = &rest[count..];
            }
            self.unit.release(mark);
        }
    }

    /// A dict of named arguments, in `dst` or a new temporary.
    fn keyword_group(&mut self, group: &'a [ast::Keyword], dst: Option<Register>, range: TextRange) -> Register {
        let base = self.unit.mark();
        let mut first = None;
        for keyword in group {
            let name = self.unit.temporary();
            first.get_or_insert(name);
            if let Some(argument) = &keyword.arg {
                self.load_string(argument.as_str(), name, keyword.range);
            }
            self.value(&keyword.value);
        }
        let first = first.unwrap_or(0);
        let dst = dst.unwrap_or(first);
        self.emit(Op::BuildMap { dst, base: first, count: group.len() as u16 }, range);
        self.unit.release(base + 1);
        dst
    }

    /// Calls the function in `base`, whose arguments follow it from `base + 2`, with `argc` of them.
    pub(super) fn call_placed(&mut self, base: Register, argc: u16, dst: Register, range: TextRange) {
        self.emit(Op::Call { n: 0, base, argc, dst }, range);
    }
}
