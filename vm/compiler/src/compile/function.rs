//! Functions and lambdas: entering and leaving their code objects, defaults, closures, decorators.

use std::sync::Arc;

use countless_common::wtf8::Wtf8Buf;
use ruff_python_ast::{self as ast, Expr, Parameters, Stmt, name::Name};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::{Register, nowhere};
use super::unit::{Named, Unit, UnitKind, Variable};
use crate::bytecode::{Code, CodeFlags, Constant, Op};
use crate::symtable::{Scope, ScopeId, ScopeKind, ScopeRole, SymbolScope};

/// Bits of `MakeFunction`.
const DEFAULTS: u8 = 1;
const KEYWORD_DEFAULTS: u8 = 2;
const ANNOTATE: u8 = 4;
const CLOSURE: u8 = 8;

impl<'a> Compiler<'a> {
    /// The unit of a nested scope, not entered yet. The current unit is the one around it.
    pub(super) fn function_unit(&self, scope: ScopeId, first_line: u32) -> Unit<'a> {
        let kind = match self.table[scope].kind {
            ScopeKind::Class => UnitKind::Class,
            ScopeKind::Annotation | ScopeKind::TypeAlias | ScopeKind::TypeParameters | ScopeKind::TypeVariable => {
                UnitKind::Annotation
            }
            _ => UnitKind::Function,
        };
        let name = match self.table[scope].kind {
            ScopeKind::TypeParameters => Name::new(format!("<generic parameters of {}>", self.table[scope].name)),
            ScopeKind::Lambda => Name::new_static("<lambda>"),
            ScopeKind::GeneratorExpression => Name::new_static("<genexpr>"),
            ScopeKind::ListComprehension => Name::new_static("<listcomp>"),
            ScopeKind::SetComprehension => Name::new_static("<setcomp>"),
            ScopeKind::DictComprehension => Name::new_static("<dictcomp>"),
            _ => self.table[scope].name.clone(),
        };
        let qualified_name = self.qualified_name(scope, &name);
        Unit::new(kind, scope, name, qualified_name, first_line)
    }

    /// `__qualname__` of a scope in the current unit. Annotation scopes do not count as places of their own.
    pub(super) fn qualified_name(&self, scope: ScopeId, name: &Name) -> String {
        let mut around: Vec<&Unit<'a>> = self.outer.iter().collect();
        around.push(&self.unit);
        if around.len() < 2 {
            return name.to_string();
        }
        let mut parent = around[around.len() - 1];
        if parent.kind == UnitKind::Annotation {
            if around.len() == 2 {
                return name.to_string();
            }
            parent = around[around.len() - 2];
        }
        if matches!(self.table[scope].kind, ScopeKind::Function | ScopeKind::Class) {
            let mangled = self.table[parent.scope].mangled(name);
            if self.table[parent.scope].scope_of_name(&mangled) == Some(SymbolScope::GlobalExplicit) {
                return name.to_string();
            }
        }
        match self.table[parent.scope].kind {
            ScopeKind::Function | ScopeKind::Lambda => {
                format!("{}.<locals>.{name}", parent.qualified_name)
            }
            _ => format!("{}.{name}", parent.qualified_name),
        }
    }

    /// Gives the current unit its flags, parameters, cells and free variables, and writes what a frame begins with.
    pub(super) fn begin_unit(&mut self) {
        let table = self.table;
        let scope = &table[self.unit.scope];
        if scope.kind.is_function_like() {
            self.unit.flags.insert(scope_flags(scope));
        }
        let mut made = Vec::new();
        for name in &scope.parameters {
            let is_cell = scope.scope_of_name(name) == Some(SymbolScope::Cell);
            let register = self.add_parameter(name, is_cell);
            if is_cell {
                made.push(register);
            }
        }
        if scope.kind.is_function_like() || scope.kind == ScopeKind::Class {
            made.extend(self.add_cells(scope));
        }
        if let Some((base, count)) = self.add_free_variables(scope) {
            self.emit(Op::CopyFree { base, count }, nowhere());
        }
        made.into_iter().for_each(|reg| self.emit(Op::MakeCell { reg }, nowhere()));
        if self.unit.flags.is_suspendable() {
            self.emit(Op::MakeGenerator {}, nowhere());
        }
    }

    fn add_parameter(&mut self, name: &Name, is_cell: bool) -> Register {
        let is_annotate = self.table[self.unit.scope].kind == ScopeKind::Annotation && name == ".format";
        let shown = if is_annotate { Name::new_static("format") } else { name.clone() };
        let register =
            self.unit.add_named(Named { name: shown, is_parameter: true, is_cell, is_free: false, is_inlined: false });
        self.unit.emit.bind(register);
        let variable = if is_cell { Variable::Cell(register) } else { Variable::Local(register) };
        self.unit.variables.insert(name.clone(), variable);
        register
    }

    /// Cells that are not parameters.
    fn add_cells(&mut self, scope: &Scope) -> Vec<Register> {
        let mut names: Vec<Name> = scope.cells().map(|symbol| symbol.name.clone()).collect();
        if scope.kind == ScopeKind::Class {
            names.clear();
            let implicit = [
                (scope.needs_class_closure, "__class__"),
                (scope.needs_classdict, "__classdict__"),
                (scope.has_conditional_annotations, "__conditional_annotations__"),
            ];
            names.extend(implicit.iter().filter(|(needed, _)| *needed).map(|(_, name)| Name::new_static(name)));
        }
        names.sort();
        names.retain(|name| !self.unit.variables.contains_key(name));
        let mut registers = Vec::new();
        for name in names {
            let register = self.unit.add_named(Named {
                name: name.clone(),
                is_parameter: false,
                is_cell: true,
                is_free: false,
                is_inlined: false,
            });
            self.unit.variables.insert(name, Variable::Cell(register));
            registers.push(register);
        }
        registers
    }

    fn add_free_variables(&mut self, scope: &Scope) -> Option<(Register, u16)> {
        let names = free_names(scope);
        let mut first = None;
        for name in &names {
            let register = self.unit.add_named(Named {
                name: name.clone(),
                is_parameter: false,
                is_cell: false,
                is_free: true,
                is_inlined: false,
            });
            first.get_or_insert(register);
            self.unit.variables.insert(name.clone(), Variable::Cell(register));
        }
        Some((first?, names.len() as u16))
    }

    /// The register of the parameter at a position.
    pub(super) fn parameter_register(&self, at: u16) -> Register {
        at
    }

    /// The register that holds the cell of a variable which an inner scope captures.
    fn cell_register(&self, name: &Name) -> Option<Register> {
        let inlined = self.unit.inlined.iter().rev();
        let of_comprehension = inlined
            .flat_map(|inlined| &inlined.variables)
            .find(|(known, _)| known == name)
            .map(|(_, variable)| variable);
        match of_comprehension.or_else(|| self.unit.variables.get(name)) {
            Some(&Variable::Cell(register)) => Some(register),
            _ => None,
        }
    }

    /// Makes the tuple of cells for a nested scope. False: it needs none.
    fn closure_into(&mut self, scope: ScopeId, dst: Register, range: TextRange) -> bool {
        let names = free_names(&self.table[scope]);
        if names.is_empty() {
            return false;
        }
        let mark = self.unit.mark();
        let mut base = None;
        for name in &names {
            let register = self.unit.temporary();
            base.get_or_insert(register);
            match self.cell_register(name) {
                Some(cell) => self.emit(Op::Move { dst: register, src: cell }, range),
                None => {
                    let message = format!("compiler lost the cell of '{name}'");
                    self.fail(crate::syntax::SyntaxErrorKind::SyntaxError, message, range);
                }
            }
        }
        if let Some(base) = base {
            self.emit(Op::BuildTuple { dst, base, count: names.len() as u16 }, range);
        }
        self.unit.release(mark);
        true
    }

    /// Makes a function without defaults or annotations.
    pub(super) fn make_closure(&mut self, code: Arc<Code>, scope: ScopeId, dst: Register, range: TextRange) {
        self.make_function(code, scope, 0, None, dst, range);
    }

    /// Makes a function. `parts` is a window of four, of which `present` bits are filled but for the closure.
    fn make_function(
        &mut self,
        code: Arc<Code>,
        scope: ScopeId,
        present: u8,
        parts: Option<Register>,
        dst: Register,
        range: TextRange,
    ) {
        let mark = self.unit.mark();
        let base = match parts {
            Some(base) => base,
            None => self.unit.temporaries(4),
        };
        let has_closure = self.closure_into(scope, base.saturating_add(3), range);
        let n = present | if has_closure { CLOSURE } else { 0 };
        if self.unit.emit.is_reachable() {
            let code = self.narrow_constant(Constant::Code(code));
            self.emit(Op::MakeFunction { n, dst, base, code }, range);
        }
        self.unit.release(mark);
    }

    /// Makes a function of one parameter `.format` whose default is 1, as lazily evaluated expressions are.
    pub(super) fn make_evaluator(&mut self, code: Arc<Code>, scope: ScopeId, dst: Register, range: TextRange) {
        let mark = self.unit.mark();
        let parts = self.unit.temporaries(4);
        self.load_constant(Constant::Tuple([Constant::Int(1)].into()), parts, range);
        self.make_function(code, scope, DEFAULTS, Some(parts), dst, range);
        self.unit.release(mark);
    }

    /// Evaluates positional defaults into a tuple. False: there are none.
    pub(super) fn defaults_into(&mut self, parameters: &'a Parameters, dst: Register, range: TextRange) -> bool {
        let all = parameters.posonlyargs.iter().chain(&parameters.args);
        let defaults: Vec<&'a Expr> = all.filter_map(|parameter| parameter.default.as_deref()).collect();
        if defaults.is_empty() {
            return false;
        }
        let constants: Option<Arc<[Constant]>> = defaults.iter().map(|default| self.fold(default)).collect();
        if let Some(constants) = constants {
            self.load_constant(Constant::Tuple(constants), dst, range);
            return true;
        }
        let mark = self.unit.mark();
        let mut base = None;
        for default in &defaults {
            let register = self.value(default);
            base.get_or_insert(register);
        }
        self.emit(Op::BuildTuple { dst, base: base.unwrap_or(dst), count: defaults.len() as u16 }, range);
        self.unit.release(mark);
        true
    }

    /// Evaluates keyword-only defaults into a dict. False: there are none.
    pub(super) fn keyword_defaults_into(
        &mut self,
        parameters: &'a Parameters,
        dst: Register,
        range: TextRange,
    ) -> bool {
        let mark = self.unit.mark();
        let mut base = None;
        let mut count = 0;
        for parameter in &parameters.kwonlyargs {
            let Some(default) = &parameter.default else {
                continue;
            };
            let name = self.unit.temporary();
            base.get_or_insert(name);
            let mangled = self.mangle(&parameter.parameter.name.id);
            self.load_string(&mangled, name, range);
            self.value(default);
            count += 1;
        }
        if let Some(base) = base {
            self.emit(Op::BuildMap { dst, base, count }, range);
        }
        self.unit.release(mark);
        base.is_some()
    }

    pub(super) fn lambda_into(&mut self, lambda: &'a ast::ExprLambda, dst: Register) {
        let range = lambda.range;
        let parts = self.unit.temporaries(4);
        let mut present = 0;
        if let Some(parameters) = &lambda.parameters {
            present |= self.default_parts(parameters, parts, range);
        }
        let scope = self.table.scope_of(range, ScopeRole::Body);
        let unit = self.function_unit(scope, self.line(range.start()));
        self.enter_unit(unit);
        if let Some(parameters) = &lambda.parameters {
            self.count_parameters(parameters);
        }
        self.begin_unit();
        let value = self.operand(&lambda.body);
        self.emit(Op::Return { src: value }, lambda.body.range());
        let code = self.leave_unit();
        self.make_function(code, scope, present, Some(parts), dst, range);
    }

    fn default_parts(&mut self, parameters: &'a Parameters, parts: Register, range: TextRange) -> u8 {
        let mut present = 0;
        if self.defaults_into(parameters, parts, range) {
            present |= DEFAULTS;
        }
        if self.keyword_defaults_into(parameters, parts.saturating_add(1), range) {
            present |= KEYWORD_DEFAULTS;
        }
        present
    }

    pub(super) fn count_parameters(&mut self, parameters: &Parameters) {
        let positional_only = parameters.posonlyargs.len() as u32;
        self.unit.argument_count = positional_only + parameters.args.len() as u32;
        self.unit.positional_only_count = positional_only;
        self.unit.keyword_only_count = parameters.kwonlyargs.len() as u32;
    }

    pub(super) fn function_statement(&mut self, node: &'a ast::StmtFunctionDef) {
        let range = self.definition_range(node.range, &node.decorator_list);
        let (windows, target) = self.decorators(&node.decorator_list);
        match &node.type_params {
            Some(type_params) => self.generic_function(node, type_params, target, range),
            None => {
                let mark = self.unit.mark();
                let parts = self.unit.temporaries(4);
                let present = self.default_parts(&node.parameters, parts, range);
                self.function_into(node, parts, present, target, range);
                self.unit.release(mark);
            }
        }
        self.apply_decorators(&node.decorator_list, &windows, target);
        self.store_name(&node.name.id, target, range);
    }

    /// A function with type parameters: a function makes those, and then the function.
    fn generic_function(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        type_params: &'a ast::TypeParams,
        target: Register,
        range: TextRange,
    ) {
        let mark = self.unit.mark();
        let base = self.window(target);
        self.unit.temporary();
        let mut argc = 0;
        let mut present = 0;
        let argument = self.unit.temporary();
        if self.defaults_into(&node.parameters, argument, range) {
            argc += 1;
            present |= DEFAULTS;
        }
        let argument = if argc == 1 { self.unit.temporary() } else { argument };
        if self.keyword_defaults_into(&node.parameters, argument, range) {
            argc += 1;
            present |= KEYWORD_DEFAULTS;
        }
        let code = self.generic_body(node, type_params, (argc, present), range);
        let scope = self.table.scope_of(node.range, ScopeRole::TypeParameters);
        self.make_closure(code, scope, base, range);
        self.call_placed(base, argc as u16, target, range);
        self.unit.release(mark);
    }

    /// The function that makes the type parameters, and with them the function itself. It gets the defaults, as many
    /// as there are of the two kinds, as arguments.
    fn generic_body(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        type_params: &'a ast::TypeParams,
        (argc, present): (u32, u8),
        range: TextRange,
    ) -> Arc<Code> {
        let scope = self.table.scope_of(node.range, ScopeRole::TypeParameters);
        let unit = self.function_unit(scope, self.first_line(node.range, &node.decorator_list));
        self.enter_unit(unit);
        self.unit.argument_count = argc;
        self.begin_unit();
        let types = self.type_parameters(type_params, range);
        let parts = self.unit.temporaries(4);
        let mut next = 0;
        for (bit, offset) in [(DEFAULTS, 0), (KEYWORD_DEFAULTS, 1)] {
            if present & bit != 0 {
                let argument = self.parameter_register(next);
                self.move_register(parts.saturating_add(offset), argument, range);
                next += 1;
            }
        }
        let function = self.unit.temporary();
        self.function_into(node, parts, present, function, range);
        let set = Op::SetTypeParameters { function, src: types };
        self.emit(set, range);
        self.emit(Op::Return { src: function }, range);
        self.leave_unit()
    }

    /// Makes the function of a definition; defaults are in `parts`.
    fn function_into(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        parts: Register,
        mut present: u8,
        dst: Register,
        range: TextRange,
    ) {
        if self.annotate_function(node, parts.saturating_add(2), range) {
            present |= ANNOTATE;
        }
        let scope = self.table.scope_of(node.range, ScopeRole::Body);
        let unit = self.function_unit(scope, self.first_line(node.range, &node.decorator_list));
        self.enter_unit(unit);
        self.count_parameters(&node.parameters);
        let body = self.function_docstring(&node.body);
        self.begin_unit();
        self.statements(body);
        self.return_none(nowhere());
        let code = self.leave_unit();
        self.make_function(code, scope, present, Some(parts), dst, range);
    }

    /// Takes the docstring off a function's body and makes it the first constant.
    fn function_docstring(&mut self, body: &'a [Stmt]) -> &'a [Stmt] {
        let Some((text, rest)) = self.split_docstring(body) else {
            return body;
        };
        if self.options.optimize < 2 {
            self.narrow_constant(Constant::Str(Arc::new(text)));
            self.unit.flags.insert(CodeFlags::HAS_DOCSTRING);
        }
        rest
    }

    /// The docstring of a body, cleaned, and the statements after it.
    fn split_docstring(&self, body: &'a [Stmt]) -> Option<(Wtf8Buf, &'a [Stmt])> {
        let (Stmt::Expr(first), rest) = body.split_first()? else {
            return None;
        };
        let Expr::StringLiteral(literal) = &*first.value else {
            return None;
        };
        match self.string_literal(literal) {
            Constant::Str(text) => Some((clean_docstring(&text), rest)),
            _ => None,
        }
    }

    /// Takes the docstring off a module's or class's body and stores it as `__doc__`.
    pub(super) fn namespace_docstring(&mut self, body: &'a [Stmt]) -> &'a [Stmt] {
        let Some((text, rest)) = self.split_docstring(body) else {
            return body;
        };
        if self.options.optimize < 2 {
            let range = body[0].range();
            self.with_temporary(|this, register| {
                this.load_constant(Constant::Str(Arc::new(text)), register, range);
                this.store_name(&Name::new_static("__doc__"), register, range);
            });
        }
        rest
    }

    /// The definition without its decorators, as CPython's positions have it.
    pub(super) fn definition_range(&self, range: TextRange, decorators: &[ast::Decorator]) -> TextRange {
        let Some(last) = decorators.last() else {
            return range;
        };
        let text = self.source.text();
        let mut at = last.range.end().to_usize();
        let end = range.end().to_usize();
        while at < end {
            let rest = &text[at..end];
            let Some(first) = rest.chars().next() else {
                break;
            };
            match first {
                '#' => at += rest.find('\n').unwrap_or(rest.len()),
                first if first.is_alphabetic() => break,
                first => at += first.len_utf8(),
            }
        }
        TextRange::new((at as u32).into(), range.end())
    }

    /// `co_firstlineno`: the first decorator's line, if there is one.
    pub(super) fn first_line(&self, range: TextRange, decorators: &[ast::Decorator]) -> u32 {
        match decorators.first() {
            Some(first) => self.line(first.expression.start()),
            None => self.line(range.start()),
        }
    }

    /// Evaluates decorators into nested windows; gives those and the register that what is decorated goes to.
    pub(super) fn decorators(&mut self, decorators: &'a [ast::Decorator]) -> (Vec<Register>, Register) {
        let mut windows = Vec::new();
        let mut target = self.unit.temporary();
        for decorator in decorators {
            self.expression_into(&decorator.expression, target);
            windows.push(target);
            self.unit.temporary();
            target = self.unit.temporary();
        }
        (windows, target)
    }

    /// Calls the decorators from the last to the first; the result ends in `target`.
    pub(super) fn apply_decorators(
        &mut self,
        decorators: &'a [ast::Decorator],
        windows: &[Register],
        target: Register,
    ) {
        let mut at = windows.len();
        while let Some(earlier) = at.checked_sub(1) {
            at = earlier;
            let dst = if at == 0 { target } else { windows[at] };
            self.call_placed(windows[at], 1, dst, decorators[at].expression.range());
        }
    }
}

fn scope_flags(scope: &Scope) -> CodeFlags {
    let mut flags = CodeFlags(CodeFlags::OPTIMIZED.0 | CodeFlags::NEWLOCALS.0);
    let kind = match (scope.is_generator, scope.is_coroutine) {
        (true, true) => CodeFlags::ASYNC_GENERATOR,
        (true, false) => CodeFlags::GENERATOR,
        (false, true) => CodeFlags::COROUTINE,
        (false, false) => CodeFlags::default(),
    };
    flags.insert(kind);
    let bits = [
        (scope.nested, CodeFlags::NESTED),
        (scope.has_varargs, CodeFlags::VARARGS),
        (scope.has_varkeywords, CodeFlags::VARKEYWORDS),
        (scope.is_method, CodeFlags::METHOD),
    ];
    bits.iter().filter(|(set, _)| *set).for_each(|(_, flag)| flags.insert(*flag));
    flags
}

/// Names of the cells that a scope receives, in their order in the closure.
fn free_names(scope: &Scope) -> Vec<Name> {
    let mut names: Vec<Name> = scope.free_variables().map(|symbol| symbol.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// A docstring without the indentation that its lines share; tabs are eight columns.
fn clean_docstring(text: &Wtf8Buf) -> Wtf8Buf {
    let bytes = expand_tabs(text.as_bytes());
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let indent = |line: &[u8]| line.iter().take_while(|byte| **byte == b' ').count();
    let margin = lines[1..].iter().filter(|line| indent(line) < line.len()).map(|line| indent(line)).min().unwrap_or(0);
    lines[0] = &lines[0][indent(lines[0])..];
    for line in &mut lines[1..] {
        *line = &line[margin.min(indent(line))..];
    }
    Wtf8Buf::from_trusted_bytes(lines.join(&b'\n'))
}

fn expand_tabs(bytes: &[u8]) -> Vec<u8> {
    let mut expanded = Vec::with_capacity(bytes.len());
    let mut column = 0;
    for &byte in bytes {
        match byte {
            b'\t' => {
                let count = 8 - column % 8;
                expanded.resize(expanded.len() + count, b' ');
                column += count;
            }
            b'\n' | b'\r' => {
                expanded.push(byte);
                column = 0;
            }
            _ => {
                expanded.push(byte);
                // Continuation bytes take no column.
                column += usize::from(byte & 0xc0 != 0x80);
            }
        }
    }
    expanded
}
