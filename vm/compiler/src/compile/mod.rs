//! Syntax tree and symbol table to register bytecode.
//!
//! One [`Compiler`] walks one module; a [`unit::Unit`] is the code object being written, and nested ones wait on a
//! stack. Expressions are compiled *into* a register ([`Compiler::expression_into`]) or as an *operand*, which for a
//! local variable that is surely bound is the variable's own register.
//!
//! Rules that every statement and expression keeps:
//! - A named register is written only by the last effect of what is compiled into it, so that an exception leaves the
//!   variable as it was. A temporary given as destination holds nothing of worth and may be written at any time.
//! - An operand that is a variable's own register is copied if a later part of the same expression may assign it.
//! - What cannot be expressed (too many registers, names …) is noted in `failure`; the walk goes on and the error is
//!   reported at the end.

mod annotation;
mod assemble;
mod assign;
mod block;
mod call;
mod class;
mod comprehension;
mod condition;
mod constant;
mod consumer;
mod display;
mod emit;
mod exception;
mod expression;
mod fold;
mod format;
mod function;
mod generator;
mod import;
mod lines;
mod looping;
mod names;
mod operator;
mod pattern;
mod statement;
mod type_parameter;
mod unbinding;
mod unit;
mod unparse;
mod with;

use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt, name::Name};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::bytecode::{Code, CodeFlags, Constant, Op};
use crate::symtable::{ScopeId, SymbolTable};
use crate::syntax::{FutureFeatures, Mode, Module, ModuleBody, SourceText, SyntaxError, SyntaxErrorKind};
use emit::{Register, TEMPORARY};
use unit::{Unit, UnitKind};

/// How to compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompileOptions {
    /// 0; 1 drops `assert` and sets `__debug__` to False; 2 drops docstrings too.
    pub optimize: u8,
    /// `PyCF_ALLOW_TOP_LEVEL_AWAIT`.
    pub allow_top_level_await: bool,
}

/// Compiles a parsed module. `table` is its symbol table, whose making has found all that there is to warn of.
pub fn compile(module: &Module, table: &SymbolTable, options: CompileOptions) -> Result<Arc<Code>, SyntaxError> {
    let mut compiler = Compiler::new(module, table, options);
    let code = match &module.body {
        ModuleBody::Statements(tree) => compiler.module(&tree.body),
        ModuleBody::Expression(tree) => compiler.expression_module(&tree.body),
        ModuleBody::FunctionType { returns, .. } => compiler.expression_module(returns),
    };
    match compiler.failure {
        Some(failure) => Err(*failure),
        None => Ok(code),
    }
}

/// The walk over one module.
struct Compiler<'a> {
    table: &'a SymbolTable,
    source: &'a SourceText,
    filename: Arc<str>,
    mode: Mode,
    options: CompileOptions,
    future: FutureFeatures,
    /// The code object being written.
    unit: Unit<'a>,
    /// Those around it.
    outer: Vec<Unit<'a>>,
    failure: Option<Box<SyntaxError>>,
    /// Offsets of `:=` in the source: a cheap and safe answer to "may this expression assign a variable?".
    walruses: Vec<u32>,
}

impl<'a> Compiler<'a> {
    fn new(module: &'a Module, table: &'a SymbolTable, options: CompileOptions) -> Compiler<'a> {
        let text = module.source.text();
        Compiler {
            table,
            source: &module.source,
            filename: module.source.filename.as_str().into(),
            mode: module.mode,
            options,
            future: module.future,
            unit: Unit::new(UnitKind::Module, ScopeId::MODULE, Name::new_static("<module>"), "<module>".into(), 1),
            outer: Vec::new(),
            failure: None,
            walruses: text.match_indices(":=").map(|(at, _)| at as u32).collect(),
        }
    }

    fn module(&mut self, body: &'a [Stmt]) -> Arc<Code> {
        let start = TextRange::empty(TextSize::new(0));
        self.begin_unit();
        self.module_flags();
        self.setup_annotations(body, start);
        if self.table.module().has_conditional_annotations {
            self.with_temporary(|this, set| {
                this.emit(Op::BuildSet { dst: set, base: set, count: 0 }, start);
                this.store_name(&Name::new_static("__conditional_annotations__"), set, start);
            });
        }
        // The annotations of a module can be asked for while it runs.
        self.collect_annotations(body);
        self.deferred_annotations(start);
        let body = if self.mode == Mode::Single { body } else { self.namespace_docstring(body) };
        self.statements(body);
        self.return_none(emit::nowhere());
        self.finish_unit()
    }

    fn expression_module(&mut self, body: &'a Expr) -> Arc<Code> {
        self.begin_unit();
        self.module_flags();
        let value = self.operand(body);
        self.emit(Op::Return { src: value }, body.range());
        self.finish_unit()
    }

    fn module_flags(&mut self) {
        if self.options.allow_top_level_await && self.table.module().is_coroutine {
            let flag = if self.table.module().is_generator { CodeFlags::ASYNC_GENERATOR } else { CodeFlags::COROUTINE };
            self.unit.flags.insert(flag);
            self.emit(Op::MakeGenerator {}, emit::nowhere());
        }
    }

    /// Enters a nested code object.
    fn enter_unit(&mut self, unit: Unit<'a>) {
        let outer = std::mem::replace(&mut self.unit, unit);
        self.outer.push(outer);
    }

    /// Ends the nested code object and goes back to the one around it.
    fn leave_unit(&mut self) -> Arc<Code> {
        let code = self.finish_unit();
        if let Some(outer) = self.outer.pop() {
            self.unit = outer;
        }
        code
    }

    fn finish_unit(&mut self) -> Arc<Code> {
        self.unwind_comprehensions();
        let scope = self.unit.scope;
        let blank = Unit::new(UnitKind::Module, scope, Name::new_static(""), String::new(), 0);
        let mut unit = std::mem::replace(&mut self.unit, blank);
        unit.flags.insert(CodeFlags(self.future.flags & CodeFlags::FUTURE_MASK));
        let range = self.table[scope].range;
        match assemble::assemble(unit, &self.filename, self.source) {
            Ok(code) => {
                if cfg!(debug_assertions)
                    && self.failure.is_none()
                    && let Err(error) = crate::bytecode::verify(&code)
                {
                    panic!("{error}\n{}", crate::bytecode::disassemble(&code));
                }
                Arc::new(code)
            }
            Err(what) => {
                self.fail(SyntaxErrorKind::SyntaxError, format!("too many {what}"), range);
                Arc::new(assemble::empty_code(&self.filename))
            }
        }
    }

    /// Notes the first error.
    fn fail(&mut self, kind: SyntaxErrorKind, message: String, range: TextRange) {
        if self.failure.is_some() {
            return;
        }
        let range = if range == emit::nowhere() { self.table[self.unit.scope].range } else { range };
        let mut failure = SyntaxError::in_compiler(self.source, range, message);
        failure.kind = kind;
        self.failure = Some(Box::new(failure));
    }

    fn emit(&mut self, op: Op, range: TextRange) {
        self.unit.emit.emit(op, range);
    }

    fn move_register(&mut self, dst: Register, src: Register, range: TextRange) {
        if dst != src {
            self.emit(Op::Move { dst, src }, range);
        }
    }

    fn return_none(&mut self, range: TextRange) {
        self.emit(Op::ReturnNone {}, range);
    }

    /// Runs `body` with a temporary that ends with it.
    fn with_temporary<T>(&mut self, body: impl FnOnce(&mut Self, Register) -> T) -> T {
        let mark = self.unit.mark();
        let register = self.unit.temporary();
        let result = body(self, register);
        self.unit.release(mark);
        result
    }

    /// `dst` if it may hold intermediate results, else a new temporary.
    fn scratch(&mut self, dst: Register) -> Register {
        if dst >= TEMPORARY { dst } else { self.unit.temporary() }
    }

    /// Where a window may begin whose result goes to `dst`: there, if it is the last temporary. The window's first
    /// register is taken.
    fn window(&mut self, dst: Register) -> Register {
        if self.unit.is_top(dst) { dst } else { self.unit.temporary() }
    }

    /// Whether code in this range may assign a variable of the unit.
    fn may_assign(&self, range: TextRange) -> bool {
        let first = self.walruses.partition_point(|&at| at < range.start().to_u32());
        self.walruses.get(first).is_some_and(|&at| at < range.end().to_u32())
    }

    /// Keeps an operand safe from assignments in `later`.
    fn protect(&mut self, operand: Register, later: TextRange) -> Register {
        if operand >= TEMPORARY || !self.may_assign(later) {
            return operand;
        }
        let copy = self.unit.temporary();
        self.emit(Op::Move { dst: copy, src: operand }, later);
        copy
    }

    /// The index of a constant for `LoadConst`.
    fn constant(&mut self, constant: Constant) -> u32 {
        assemble::WIDE_CONSTANTS + self.unit.constants.add(constant)
    }

    /// The index of a constant for a 16-bit operand.
    fn narrow_constant(&mut self, constant: Constant) -> u16 {
        self.unit.narrow_constants.add(constant).min(u32::from(u16::MAX)) as u16
    }

    /// The line of an offset.
    fn line(&self, offset: TextSize) -> u32 {
        self.source.line_of(offset)
    }
}
