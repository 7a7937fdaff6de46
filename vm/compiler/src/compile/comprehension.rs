//! Comprehensions: inlined ones (PEP 709) and generator expressions.
//!
//! An inlined comprehension's variables get registers of their own, so nothing has to be saved and restored. They are
//! unbound before and after; a handler unbinds them when an exception passes through.

use ruff_python_ast::{Comprehension, Expr, name::Name};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::condition::Jumps;
use super::emit::Register;
use super::expression::with_stack;
use super::unit::{Inlined, Named, Unwinding, Variable};
use crate::bytecode::{CodeFlags, Op};
use crate::symtable::{ScopeId, ScopeRole, SymbolScope};

/// What a comprehension makes of each round.
#[derive(Clone, Copy)]
enum Element<'a> {
    List(&'a Expr),
    Set(&'a Expr),
    /// A key and a value, or only a mapping to merge.
    Dict(Option<&'a Expr>, &'a Expr),
    Yield(&'a Expr),
}

/// The parts of a comprehension expression.
fn parts(expression: &Expr) -> Option<(Element<'_>, &[Comprehension])> {
    match expression {
        Expr::ListComp(list) => Some((Element::List(&list.elt), &list.generators)),
        Expr::SetComp(set) => Some((Element::Set(&set.elt), &set.generators)),
        Expr::DictComp(dict) => Some((Element::Dict(dict.key.as_deref(), &dict.value), &dict.generators)),
        Expr::Generator(generator) => Some((Element::Yield(&generator.elt), &generator.generators)),
        _ => None,
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn comprehension_into(&mut self, expression: &'a Expr, dst: Register) {
        let Some((element, generators)) = parts(expression) else {
            return;
        };
        let scope = self.table.scope_of(expression.range(), ScopeRole::Body);
        if self.table[scope].inlined {
            self.inlined_into(scope, element, generators, dst, expression.range());
        } else {
            let range = self.with_parentheses(expression);
            self.separate_into(scope, element, generators, dst, range);
        }
    }

    /// The range of a comprehension; a generator expression that is a call's only argument has the call's parentheses.
    fn with_parentheses(&self, expression: &Expr) -> TextRange {
        let range = expression.range();
        match expression {
            Expr::Generator(node) if !node.parenthesized => {}
            _ => return range,
        }
        let text = self.source.text();
        let before = text[..range.start().to_usize()].trim_end();
        let after = &text[range.end().to_usize()..];
        let blank = after.len() - after.trim_start().len();
        if before.ends_with('(') && after[blank..].starts_with(')') {
            let end = range.end().to_usize() + blank + 1;
            return TextRange::new((before.len() as u32 - 1).into(), (end as u32).into());
        }
        range
    }

    fn inlined_into(
        &mut self,
        scope: ScopeId,
        element: Element<'a>,
        generators: &'a [Comprehension],
        dst: Register,
        range: TextRange,
    ) {
        // The outermost iterable belongs to the code around the comprehension.
        let iterator = self.unit.temporary();
        self.iterator_into(&generators[0], iterator);
        let result = self.scratch(dst);
        if !self.unit.emit.is_reachable() {
            return;
        }
        let caught = self.unit.temporary();
        let variables = self.enter_inlined(scope, range);
        let outer = self.unit.emit.handler;
        let handler = if variables.is_empty() { outer } else { self.unit.emit.new_handler(caught) };
        self.unit.emit.set_handler(handler);
        let entry = self.unit.emit.bound().clone();
        self.build_empty(element, result, range);
        self.rounds(generators, 0, iterator, element, result, range);
        self.unit.emit.set_handler(outer);
        self.unbind_inlined(&registers(&variables), range);
        self.move_register(dst, result, range);
        if !variables.is_empty() {
            self.unit.unwinding.push(Unwinding {
                handler,
                outer,
                caught,
                registers: registers(&variables),
                entry,
                range,
            });
        }
        self.leave_inlined(variables);
    }

    fn build_empty(&mut self, element: Element<'a>, dst: Register, range: TextRange) {
        match element {
            Element::List(_) => self.emit(Op::BuildList { dst, base: dst, count: 0 }, range),
            Element::Set(_) => self.emit(Op::BuildSet { dst, base: dst, count: 0 }, range),
            Element::Dict(..) => self.emit(Op::BuildMap { dst, base: dst, count: 0 }, range),
            Element::Yield(_) => {}
        }
    }

    /// Gives the comprehension's variables registers.
    fn enter_inlined(&mut self, scope: ScopeId, range: TextRange) -> Vec<(Name, Variable)> {
        let table = self.table;
        let mut variables = Vec::new();
        for symbol in table[scope].bound_in_comprehension() {
            if !matches!(symbol.scope, SymbolScope::Local | SymbolScope::Cell) {
                continue;
            }
            let is_cell = symbol.scope == SymbolScope::Cell;
            let register = self.hidden_register(&symbol.name, is_cell);
            self.unit.emit.unbind(register);
            let variable = if is_cell {
                self.emit(Op::MakeCell { reg: register }, range);
                Variable::Cell(register)
            } else {
                Variable::Local(register)
            };
            variables.push((symbol.name.clone(), variable));
        }
        self.unit.inlined.push(Inlined { scope, variables: variables.clone() });
        variables
    }

    /// An idle register for a comprehension's variable.
    fn hidden_register(&mut self, name: &Name, is_cell: bool) -> Register {
        if let Some(register) = self.unit.idle_hidden.get_mut(&(name.clone(), is_cell)).and_then(Vec::pop) {
            return register;
        }
        self.unit.add_named(Named {
            name: name.clone(),
            is_parameter: false,
            is_cell,
            is_free: false,
            is_inlined: true,
        })
    }

    fn unbind_inlined(&mut self, registers: &[Register], range: TextRange) {
        for &register in registers {
            self.emit(Op::Unbind { dst: register }, range);
            self.unit.emit.unbind(register);
        }
    }

    /// Writes the handlers that unbind comprehensions' variables, behind all other code of the unit.
    pub(super) fn unwind_comprehensions(&mut self) {
        for unwinding in std::mem::take(&mut self.unit.unwinding) {
            let handler = self.unit.emit.set_handler(unwinding.outer);
            self.unit.emit.place_handler(unwinding.handler, unwinding.entry);
            self.unbind_inlined(&unwinding.registers, unwinding.range);
            self.emit(Op::Reraise { exception: unwinding.caught }, unwinding.range);
            self.unit.emit.set_handler(handler);
        }
    }

    fn leave_inlined(&mut self, variables: Vec<(Name, Variable)>) {
        self.unit.inlined.pop();
        for (name, variable) in variables {
            let (register, is_cell) = match variable {
                Variable::Local(register) => (register, false),
                Variable::Cell(register) => (register, true),
            };
            self.unit.idle_hidden.entry((name, is_cell)).or_default().push(register);
        }
    }

    /// A comprehension in a code object of its own, called at once with its outermost iterator.
    fn separate_into(
        &mut self,
        scope: ScopeId,
        element: Element<'a>,
        generators: &'a [Comprehension],
        dst: Register,
        range: TextRange,
    ) {
        let base = self.window(dst);
        self.separate_function(scope, element, generators, base, range);
        self.unit.temporary();
        let iterator = self.unit.temporary();
        self.iterator_into(&generators[0], iterator);
        let is_awaited = self.table[scope].is_coroutine && !matches!(element, Element::Yield(_));
        if is_awaited {
            let result = self.scratch(base);
            self.call_placed(base, 1, result, range);
            let awaitable = self.unit.temporary();
            self.await_register(0, result, awaitable, dst, range);
        } else {
            self.call_placed(base, 1, dst, range);
        }
    }

    fn separate_function(
        &mut self,
        scope: ScopeId,
        element: Element<'a>,
        generators: &'a [Comprehension],
        dst: Register,
        range: TextRange,
    ) {
        let unit = self.function_unit(scope, self.line(range.start()));
        self.enter_unit(unit);
        self.unit.argument_count = 1;
        self.begin_unit();
        let iterator = self.parameter_register(0);
        let mark = self.unit.mark();
        let result = self.unit.temporary();
        self.build_empty(element, result, range);
        // The iterator is owned by the loop, not by a variable, once the loop is over.
        self.rounds(generators, 0, iterator, element, result, range);
        self.unit.release(mark);
        if matches!(element, Element::Yield(_)) {
            self.return_none(range);
        } else {
            self.emit(Op::Return { src: result }, range);
        }
        let code = self.leave_unit();
        self.make_closure(code, scope, dst, range);
    }

    /// Evaluates an iterable and gets its iterator.
    fn iterator_into(&mut self, generator: &'a Comprehension, dst: Register) {
        let range = generator.iter.range();
        let mark = self.unit.mark();
        let src = if generator.is_async {
            self.operand_in(&generator.iter, Some(dst))
        } else {
            self.iterable(&generator.iter, dst)
        };
        if generator.is_async {
            self.emit(Op::GetAsyncIter { dst, src }, range);
        } else {
            self.emit(Op::GetIter { dst, src }, range);
        }
        self.unit.release(mark);
    }

    /// The loops from `generators[at]` on, whose iterator is in `iterator`, and the element within.
    fn rounds(
        &mut self,
        generators: &'a [Comprehension],
        at: usize,
        iterator: Register,
        element: Element<'a>,
        result: Register,
        range: TextRange,
    ) {
        let generator = &generators[at];
        let mark = self.unit.mark();
        let next = self.unit.emit.label();
        let exit = self.unit.emit.label();
        self.unit.emit.place_loop(next, &[]);
        let async_loop = if generator.is_async {
            Some(self.async_next(iterator, &generator.target, generator.iter.range()))
        } else {
            self.for_next(iterator, &generator.target, exit, generator.iter.range());
            None
        };
        for condition in &generator.ifs {
            self.jump_round(condition, next, element);
        }
        with_stack(|| self.rounds_within(generators, at + 1, element, result, range));
        self.unit.emit.jump_back(next, element_range(element));
        if let Some(loop_end) = async_loop {
            self.end_async_loop(loop_end, generator.iter.range());
        }
        self.unit.emit.place(exit);
        self.unit.release(mark);
    }

    /// What one round of the loop before `generators[at]` does: the loops from there on, or the element.
    fn rounds_within(
        &mut self,
        generators: &'a [Comprehension],
        at: usize,
        element: Element<'a>,
        result: Register,
        range: TextRange,
    ) {
        let Some(generator) = generators.get(at) else {
            self.add_element(element, result);
            return;
        };
        let mark = self.unit.mark();
        match single_item(generator) {
            // `for x in [value]` is an assignment.
            Some(value) => {
                let skip = self.unit.emit.label();
                self.assign_value(&generator.target, value);
                for condition in &generator.ifs {
                    self.jump_if(condition, Jumps::IfFalse, skip);
                }
                with_stack(|| self.rounds_within(generators, at + 1, element, result, range));
                self.unit.emit.place(skip);
            }
            None => {
                let iterator = self.unit.temporary();
                self.iterator_into(generator, iterator);
                self.rounds(generators, at, iterator, element, result, range);
            }
        }
        self.unit.release(mark);
    }

    /// Goes to the next round if the condition fails.
    fn jump_round(&mut self, condition: &'a Expr, next: super::emit::Label, element: Element<'a>) {
        let goes_on = self.unit.emit.label();
        self.jump_if(condition, Jumps::IfTrue, goes_on);
        self.unit.emit.jump_back(next, element_range(element));
        self.unit.emit.place(goes_on);
    }

    fn add_element(&mut self, element: Element<'a>, result: Register) {
        let mark = self.unit.mark();
        match element {
            Element::List(item) => {
                let src = self.operand(item);
                self.emit(Op::ListAppend { list: result, src }, item.range());
            }
            Element::Set(item) => {
                let src = self.operand(item);
                self.emit(Op::SetAdd { set: result, src }, item.range());
            }
            Element::Dict(Some(key), value) => {
                let range = super::expression::between(key.start(), value.end());
                let key = self.operand_before(key, None, value.range());
                let value = self.operand(value);
                self.emit(Op::MapAdd { map: result, key, value }, range);
            }
            Element::Dict(None, mapping) => {
                let src = self.operand(mapping);
                self.emit(Op::MapUpdate { map: result, src }, mapping.range());
            }
            Element::Yield(item) => {
                let mut src = self.operand(item);
                if self.unit.flags.has(CodeFlags::ASYNC_GENERATOR) {
                    let wrapped = self.unit.temporary();
                    self.emit(Op::WrapAsyncYield { dst: wrapped, src }, item.range());
                    src = wrapped;
                }
                let sent = self.unit.temporary();
                self.emit(Op::Yield { n: 0, dst: sent, src, delegate: src }, item.range());
            }
        }
        self.unit.release(mark);
    }

    /// An iterable that is only iterated: a list display of constants need not be a list.
    pub(super) fn iterable(&mut self, expression: &'a Expr, scratch: Register) -> Register {
        if let Expr::List(list) = expression
            && let Some(constants) = self.fold_display(&list.elts)
        {
            let register = if scratch >= super::emit::TEMPORARY { scratch } else { self.unit.temporary() };
            self.load_constant(crate::bytecode::Constant::Tuple(constants), register, expression.range());
            return register;
        }
        self.operand_in(expression, Some(scratch))
    }
}

fn registers(variables: &[(Name, Variable)]) -> Vec<Register> {
    variables.iter().map(|(_, Variable::Local(register) | Variable::Cell(register))| *register).collect()
}

/// The only item that a loop goes over, if it is written out.
fn single_item(generator: &Comprehension) -> Option<&Expr> {
    let items = match &generator.iter {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    match &items[..] {
        [item] if !generator.is_async && !item.is_starred_expr() => Some(item),
        _ => None,
    }
}

fn element_range(element: Element<'_>) -> TextRange {
    match element {
        Element::List(item) | Element::Set(item) | Element::Dict(None, item) | Element::Yield(item) => item.range(),
        Element::Dict(Some(key), value) => super::expression::between(key.start(), value.end()),
    }
}
