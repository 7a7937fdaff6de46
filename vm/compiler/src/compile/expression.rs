//! Expressions: the ways to ask for a value, and the dispatch over the kinds of expression.

use ruff_python_ast::{self as ast, Expr, name::Name};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Compiler;
use super::condition::Jumps;
use super::emit::{Register, TEMPORARY};
use crate::bytecode::{Constant, Op};

/// Native stack that must be left before an expression is entered.
const RED_ZONE: usize = 128 * 1024;
/// Native stack that is added when it is not.
const STACK_PIECE: usize = 4 * 1024 * 1024;

/// Runs `body` with enough native stack.
pub(super) fn with_stack<T>(body: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, STACK_PIECE, body)
}

impl<'a> Compiler<'a> {
    /// The register that holds the expression's value: a bound variable's own one, or a new temporary.
    pub(super) fn operand(&mut self, expression: &'a Expr) -> Register {
        self.operand_in(expression, None)
    }

    /// As [`Compiler::operand`], but a value that needs a temporary goes to `scratch` if that is one.
    pub(super) fn operand_in(&mut self, expression: &'a Expr, scratch: Option<Register>) -> Register {
        if let Expr::Name(name) = expression
            && name.id != "__debug__"
            && let Some(register) = self.bound_local(&name.id, name.range)
        {
            return register;
        }
        if let Expr::Named(named) = expression
            && let Some(register) = self.local_target(&named.target)
        {
            self.assign_value(&named.target, &named.value);
            return register;
        }
        let register = match scratch {
            Some(register) if register >= TEMPORARY => register,
            _ => self.unit.temporary(),
        };
        self.expression_into(expression, register);
        register
    }

    /// An operand that stays as it is while `later` is evaluated.
    pub(super) fn operand_before(
        &mut self,
        expression: &'a Expr,
        scratch: Option<Register>,
        later: TextRange,
    ) -> Register {
        let operand = self.operand_in(expression, scratch);
        match scratch {
            Some(scratch) if scratch >= TEMPORARY && operand < TEMPORARY && self.may_assign(later) => {
                self.emit(Op::Move { dst: scratch, src: operand }, expression.range());
                scratch
            }
            _ => self.protect(operand, later),
        }
    }

    /// Evaluates into a new temporary.
    pub(super) fn value(&mut self, expression: &'a Expr) -> Register {
        let register = self.unit.temporary();
        self.expression_into(expression, register);
        register
    }

    /// Evaluates and drops the value.
    pub(super) fn effect(&mut self, expression: &'a Expr) {
        let mark = self.unit.mark();
        self.operand(expression);
        self.unit.release(mark);
    }

    /// Evaluates into `dst`. Other temporaries that it takes are given back.
    pub(super) fn expression_into(&mut self, expression: &'a Expr, dst: Register) {
        if !self.unit.emit.is_reachable() || self.failure.is_some() {
            return;
        }
        let mark = self.unit.mark();
        with_stack(|| self.dispatch(expression, dst));
        self.unit.release(mark);
    }

    fn dispatch(&mut self, expression: &'a Expr, dst: Register) {
        let range = expression.range();
        if !matches!(expression, Expr::BinOp(_))
            && let Some(constant) = self.fold(expression)
        {
            self.load_constant(constant, dst, range);
            return;
        }
        match expression {
            Expr::Name(name) => self.load_name(&name.id, dst, range),
            Expr::Attribute(attribute) => self.attribute_into(attribute, dst),
            Expr::Call(call) => self.call_into(call, dst),
            Expr::Subscript(subscript) => self.subscript_into(subscript, dst),
            Expr::BinOp(_) => self.binary_into(expression, dst),
            Expr::UnaryOp(unary) => self.unary_into(unary, dst),
            Expr::Compare(compare) => self.compare_into(compare, dst),
            Expr::BoolOp(boolean) => self.boolean_into(boolean, dst),
            Expr::If(conditional) => self.conditional_into(conditional, dst),
            Expr::Named(named) => self.named_into(named, dst),
            Expr::Lambda(lambda) => self.lambda_into(lambda, dst),
            Expr::Tuple(tuple) => self.tuple_into(&tuple.elts, dst, range),
            Expr::List(list) => self.list_into(&list.elts, dst, range),
            Expr::Set(set) => self.set_into(&set.elts, dst, range),
            Expr::Dict(dict) => self.dict_into(&dict.items, dst, range),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension_into(expression, dst);
            }
            Expr::Await(awaiting) => self.await_into(awaiting, dst),
            Expr::Yield(yielding) => self.yield_into(yielding, dst),
            Expr::YieldFrom(delegating) => self.yield_from_into(delegating, dst),
            Expr::FString(string) => self.f_string_into(string, dst),
            Expr::TString(string) => self.t_string_into(string, dst),
            Expr::Slice(slice) => self.slice_into(slice, dst),
            // Validation has refused a star anywhere but in a display, a call or an annotation of `*args`, where its
            // value is what is asked for.
            Expr::Starred(starred) => self.expression_into(&starred.value, dst),
            Expr::NoneLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::IpyEscapeCommand(_) => self.load_constant(Constant::None, dst, range),
        }
    }

    /// Where an attribute's instruction is drawn: the whole expression, or the name alone if it is on another line.
    pub(super) fn attribute_range(&self, attribute: &ast::ExprAttribute) -> TextRange {
        if self.line(attribute.range.start()) == self.line(attribute.range.end()) {
            return attribute.range;
        }
        TextRange::new(attribute.attr.range.start(), attribute.range.end())
    }

    fn attribute_into(&mut self, attribute: &'a ast::ExprAttribute, dst: Register) {
        let range = self.attribute_range(attribute);
        if let Some((n, base)) = self.super_operands(attribute, dst) {
            let name = self.name_index(&attribute.attr.id);
            self.emit(Op::LoadSuperAttr { n, dst, base, name }, range);
            return;
        }
        let object = self.operand_in(&attribute.value, Some(dst));
        let name = self.name_index(&attribute.attr.id);
        self.emit(Op::LoadAttr { dst, object, name }, range);
    }

    fn subscript_into(&mut self, subscript: &'a ast::ExprSubscript, dst: Register) {
        let range = subscript.range;
        let object = self.operand_before(&subscript.value, Some(dst), subscript.slice.range());
        if let Some(index) = self.small_integer(&subscript.slice) {
            self.emit(Op::LoadSubscriptI { dst, object, index }, range);
        } else if let Some(slice) = self.plain_slice(&subscript.slice) {
            let bounds = self.slice_bounds(slice);
            self.emit(Op::LoadSlice { dst, object, bounds }, range);
        } else {
            let index = self.operand(&subscript.slice);
            self.emit(Op::LoadSubscript { dst, object, index }, range);
        }
    }

    /// The value of an int literal that fits an immediate operand.
    pub(super) fn small_integer(&self, expression: &Expr) -> Option<i16> {
        if !matches!(expression, Expr::NumberLiteral(_) | Expr::UnaryOp(_) | Expr::BinOp(_)) {
            return None;
        }
        match self.fold(expression)? {
            Constant::Int(value) => i16::try_from(value).ok(),
            _ => None,
        }
    }

    /// A slice without step whose bounds are not both constants.
    pub(super) fn plain_slice<'e>(&self, expression: &'e Expr) -> Option<&'e ast::ExprSlice> {
        match expression {
            Expr::Slice(slice) if slice.step.is_none() && self.fold_slice(slice).is_none() => Some(slice),
            _ => None,
        }
    }

    /// Evaluates a slice's two bounds into new temporaries.
    pub(super) fn slice_bounds(&mut self, slice: &'a ast::ExprSlice) -> Register {
        let bounds = self.unit.temporary();
        self.optional_into(slice.lower.as_deref(), bounds, slice.range);
        let upper = self.unit.temporary();
        self.optional_into(slice.upper.as_deref(), upper, slice.range);
        bounds
    }

    fn optional_into(&mut self, expression: Option<&'a Expr>, dst: Register, range: TextRange) {
        match expression {
            Some(expression) => self.expression_into(expression, dst),
            None => self.load_constant(Constant::None, dst, range),
        }
    }

    fn slice_into(&mut self, slice: &'a ast::ExprSlice, dst: Register) {
        if let Some(constant) = self.fold_slice(slice) {
            self.load_constant(constant, dst, slice.range);
            return;
        }
        let base = self.slice_bounds(slice);
        if let Some(step) = &slice.step {
            self.value(step);
        }
        let n = if slice.step.is_some() { 3 } else { 2 };
        self.emit(Op::BuildSlice { n, dst, base }, slice.range);
    }

    fn conditional_into(&mut self, conditional: &'a ast::ExprIf, dst: Register) {
        let otherwise = self.unit.emit.label();
        let end = self.unit.emit.label();
        self.jump_if(&conditional.test, Jumps::IfFalse, otherwise);
        self.expression_into(&conditional.body, dst);
        self.unit.emit.jump(Op::Jump { target: 0 }, end, conditional.range);
        self.unit.emit.place(otherwise);
        self.expression_into(&conditional.orelse, dst);
        self.unit.emit.place(end);
    }

    fn named_into(&mut self, named: &'a ast::ExprNamed, dst: Register) {
        if let Some(register) = self.local_target(&named.target) {
            self.assign_value(&named.target, &named.value);
            self.move_register(dst, register, named.range);
            return;
        }
        let value = self.scratch(dst);
        self.expression_into(&named.value, value);
        if let Expr::Name(target) = &*named.target {
            self.store_name(&target.id, value, target.range);
        }
        self.move_register(dst, value, named.range);
    }

    /// The three registers of a `super().name` or `super(class, self).name` that is looked up in one go, and whether it
    /// is the form without arguments.
    pub(super) fn super_operands(
        &mut self,
        attribute: &'a ast::ExprAttribute,
        dst: Register,
    ) -> Option<(u8, Register)> {
        let Expr::Call(call) = &*attribute.value else {
            return None;
        };
        let Expr::Name(name) = &*call.func else {
            return None;
        };
        if name.id != "super" || attribute.attr.id == "__class__" || !call.arguments.keywords.is_empty() {
            return None;
        }
        if self.access(&name.id) != super::names::Access::Global || !self.super_is_builtin() {
            return None;
        }
        match &*call.arguments.args {
            [] => {
                let class = self.access_variable(&Name::new_static("__class__"))?;
                let receiver = self.unit.named.first().filter(|first| first.is_parameter)?.name.clone();
                if self.unit.argument_count == 0 {
                    return None;
                }
                let super::unit::Variable::Cell(class) = class else {
                    return None;
                };
                let base = self.window(dst);
                self.load_name(&name.id, base, name.range);
                let class_register = self.unit.temporary();
                self.emit(Op::LoadDeref { dst: class_register, cell: class }, call.range());
                let object = self.unit.temporary();
                self.load_unmangled(&receiver, object, call.range());
                Some((1, base))
            }
            [class, object] if !class.is_starred_expr() && !object.is_starred_expr() => {
                let base = self.window(dst);
                self.load_name(&name.id, base, name.range);
                self.value(class);
                self.value(object);
                Some((0, base))
            }
            _ => None,
        }
    }

    /// Whether neither this scope nor the module binds `super`.
    fn super_is_builtin(&self) -> bool {
        use crate::symtable::{SymbolFlags, SymbolScope};
        let here = self.table[self.unit.scope].scope_of_name("super");
        let module = self.table.module().symbol("super");
        here == Some(SymbolScope::GlobalImplicit) && module.is_none_or(|symbol| !symbol.flags.has(SymbolFlags::BOUND))
    }

    /// Loads a variable whose name is already as the symbol table has it.
    pub(super) fn load_unmangled(&mut self, name: &Name, dst: Register, range: TextRange) {
        match self.unit.variables.get(name) {
            Some(&super::unit::Variable::Local(register)) => {
                self.check_bound(register, range);
                self.move_register(dst, register, range);
            }
            Some(&super::unit::Variable::Cell(cell)) => self.emit(Op::LoadDeref { dst, cell }, range),
            None => self.load_name(name, dst, range),
        }
    }
}

/// The first place that an expression's operator could stand: after its left operand.
pub(super) fn between(start: TextSize, end: TextSize) -> TextRange {
    TextRange::new(start.min(end), end)
}
