//! Calls of builtins that only go through a generator expression: `any(x for …)`, `all`, `tuple`, `list`, `set`.
//!
//! The loop over the generator is compiled in place, behind a question whether the name still stands for the builtin: so
//! the generator's frame is resumed and suspended within one loop of the interpreter. If it stands for something else, that
//! is called, with the same generator.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::condition::Jumps;
use super::emit::{Label, Register};
use crate::bytecode::{CommonValue, Op, Singleton};
use crate::symtable::ScopeRole;

/// What such a call makes of the items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consumer {
    Any,
    All,
    Tuple,
    List,
    Set,
}

impl Consumer {
    fn of_name(name: &str) -> Option<Consumer> {
        Some(match name {
            "any" => Consumer::Any,
            "all" => Consumer::All,
            "tuple" => Consumer::Tuple,
            "list" => Consumer::List,
            "set" => Consumer::Set,
            _ => return None,
        })
    }

    fn builtin(self) -> CommonValue {
        match self {
            Consumer::Any => CommonValue::Any,
            Consumer::All => CommonValue::All,
            Consumer::Tuple => CommonValue::Tuple,
            Consumer::List => CommonValue::List,
            Consumer::Set => CommonValue::Set,
        }
    }
}

impl<'a> Compiler<'a> {
    /// Which builtin the call goes through a generator expression with, if that is all it does.
    pub(super) fn consumer(&self, call: &ast::ExprCall) -> Option<Consumer> {
        let (Expr::Name(name), [argument @ Expr::Generator(_)], []) =
            (&*call.func, &*call.arguments.args, &*call.arguments.keywords)
        else {
            return None;
        };
        let scope = self.table.scope_of(argument.range(), ScopeRole::Body);
        Consumer::of_name(&name.id).filter(|_| !self.table[scope].is_coroutine)
    }

    pub(super) fn consume_into(&mut self, consumer: Consumer, call: &'a ast::ExprCall, dst: Register) {
        // What goes wrong in the loops that CPython has in place, too, is shown under the name alone.
        let range = match consumer {
            Consumer::Any | Consumer::All | Consumer::Tuple => call.func.range(),
            Consumer::List | Consumer::Set => call.range(),
        };
        let base = self.window(dst);
        self.expression_into(&call.func, base);
        self.unit.temporary();
        let generator = self.value(&call.arguments.args[0]);
        let builtin = self.unit.temporary();
        let (other, end) = (self.unit.emit.label(), self.unit.emit.label());
        self.emit(Op::LoadCommon { n: consumer.builtin() as u8, dst: builtin }, range);
        self.unit.emit.jump(Op::JumpIs { n: 0, a: base, b: builtin, target: 0 }, other, range);
        match consumer {
            Consumer::Any => self.search(generator, builtin, (Jumps::IfTrue, end), dst, range),
            Consumer::All => self.search(generator, builtin, (Jumps::IfFalse, end), dst, range),
            Consumer::Tuple | Consumer::List => {
                self.emit(Op::BuildList { dst: base, base, count: 0 }, range);
                self.each(generator, builtin, range, |src| Op::ListAppend { list: base, src });
                if consumer == Consumer::Tuple {
                    self.emit(Op::ListToTuple { dst, src: base }, range);
                } else {
                    self.move_register(dst, base, range);
                }
            }
            Consumer::Set => {
                self.emit(Op::BuildSet { dst: base, base, count: 0 }, range);
                self.each(generator, builtin, range, |src| Op::SetAdd { set: base, src });
                self.move_register(dst, base, range);
            }
        }
        self.unit.emit.jump(Op::Jump { target: 0 }, end, range);
        self.unit.emit.place(other);
        self.call_placed(base, 1, dst, call.range());
        self.unit.emit.place(end);
    }

    /// Does something with each item of the iterator, which goes to `item` first.
    fn each(&mut self, iterator: Register, item: Register, range: TextRange, with: impl FnOnce(Register) -> Op) {
        let (next, exit) = (self.unit.emit.label(), self.unit.emit.label());
        self.unit.emit.place_loop(next, &[]);
        self.unit.emit.jump(Op::ForIter { dst: item, iterator, target: 0 }, exit, range);
        self.emit(with(item), range);
        self.unit.emit.jump_back(next, range);
        self.unit.emit.place(exit);
    }

    /// `dst =` whether there is an item that jumps, or whether there is none. Goes to `end` if there is one.
    fn search(
        &mut self,
        iterator: Register,
        item: Register,
        (jumps, end): (Jumps, Label),
        dst: Register,
        range: TextRange,
    ) {
        let found = self.unit.emit.label();
        let (next, exit) = (self.unit.emit.label(), self.unit.emit.label());
        let singleton = |truth: bool| if truth { Singleton::True } else { Singleton::False };
        self.unit.emit.place_loop(next, &[]);
        self.unit.emit.jump(Op::ForIter { dst: item, iterator, target: 0 }, exit, range);
        self.unit.emit.jump(jumps.on(item), found, range);
        self.unit.emit.jump_back(next, range);
        self.unit.emit.place(found);
        self.emit(Op::LoadSingleton { n: singleton(jumps.when()) as u8, dst }, range);
        self.unit.emit.jump(Op::Jump { target: 0 }, end, range);
        self.unit.emit.place(exit);
        self.emit(Op::LoadSingleton { n: singleton(!jumps.when()) as u8, dst }, range);
    }
}
