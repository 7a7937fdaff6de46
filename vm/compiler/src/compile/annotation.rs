//! Annotations: `__annotate__` functions (PEP 649), and their text under `from __future__ import annotations`.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt, name::Name};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Register;
use super::unit::{UnitKind, Variable};
use crate::bytecode::{CommonValue, Constant, Op};
use crate::symtable::{ScopeId, ScopeRole};

/// `annotationlib.Format.VALUE_WITH_FAKE_GLOBALS`: formats beyond it are not this function's business.
const LAST_FORMAT: i16 = 2;

impl<'a> Compiler<'a> {
    /// Makes `__annotations__` where annotations are text.
    pub(super) fn setup_annotations(&mut self, body: &[Stmt], range: TextRange) {
        if self.future.annotations && self.table[self.unit.scope].annotations_used && !body.is_empty() {
            self.emit(Op::SetupAnnotations {}, range);
        }
    }

    /// Enters a unit that is evaluated on demand and checks the format that is asked for.
    pub(super) fn enter_evaluator(&mut self, scope: ScopeId, first_line: u32, range: TextRange) {
        let unit = self.function_unit(scope, first_line);
        self.enter_unit(unit);
        self.unit.argument_count = 1;
        self.unit.positional_only_count = 1;
        self.begin_unit();
        if self.unit.named.first().is_none_or(|first| !first.is_parameter) {
            return;
        }
        let wanted = self.parameter_register(0);
        let known = self.unit.emit.label();
        let a = self.readable_parameter(wanted, range);
        self.unit.emit.jump(Op::JumpGreaterI { n: 0, a, value: LAST_FORMAT, target: 0 }, known, range);
        self.with_temporary(|this, error| {
            this.emit(Op::LoadCommon { n: CommonValue::NotImplementedError as u8, dst: error }, range);
            this.emit(Op::Raise { n: 1, exception: error, cause: error }, range);
        });
        self.unit.emit.place(known);
    }

    /// The parameter's value, also if something captures it.
    fn readable_parameter(&mut self, register: Register, range: TextRange) -> Register {
        if !self.unit.named[register as usize].is_cell {
            return register;
        }
        let value = self.unit.temporary();
        self.emit(Op::LoadDeref { dst: value, cell: register }, range);
        value
    }

    /// Makes the `__annotate__` function of a signature. False: it has no annotations.
    pub(super) fn annotate_function(
        &mut self,
        node: &'a ast::StmtFunctionDef,
        dst: Register,
        range: TextRange,
    ) -> bool {
        let annotations = signature_annotations(node);
        if annotations.is_empty() {
            return false;
        }
        let Some(scope) = self.table.find_scope(node.range, ScopeRole::Annotations) else {
            return false;
        };
        let function = self.table.find_scope(node.range, ScopeRole::Body).unwrap_or(scope);
        let owner = self.qualified_name(function, &node.name.id);
        self.enter_evaluator(scope, self.line(range.start()), range);
        self.unit.qualified_name = format!("{owner}.__annotate__");
        let map = self.unit.temporary();
        let mark = self.unit.mark();
        let mut base = None;
        let count = annotations.len();
        for (name, annotation) in annotations {
            let key = self.unit.temporary();
            base.get_or_insert(key);
            let mangled = self.mangle(name);
            self.load_string(&mangled, key, annotation.range());
            let value = self.unit.temporary();
            self.annotation_into(annotation, value);
        }
        self.emit(Op::BuildMap { dst: map, base: base.unwrap_or(map), count: count as u16 }, range);
        self.unit.release(mark);
        self.emit(Op::Return { src: map }, range);
        let code = self.leave_unit();
        self.make_closure(code, scope, dst, range);
        true
    }

    /// An annotation's value, or its text where annotations are text.
    fn annotation_into(&mut self, annotation: &'a Expr, dst: Register) {
        let range = annotation.range();
        if self.future.annotations {
            let text = self.annotation_text(annotation);
            self.load_constant(Constant::Str(std::sync::Arc::new(text)), dst, range);
            return;
        }
        match annotation {
            Expr::Starred(starred) => self.single_item_into(&starred.value, dst, range),
            _ => self.expression_into(annotation, dst),
        }
    }

    /// The only item of an iterable: what `*args: *Ts` stands for.
    pub(super) fn single_item_into(&mut self, iterable: &'a Expr, dst: Register, range: TextRange) {
        let mark = self.unit.mark();
        let src = self.operand_in(iterable, Some(dst));
        let item = self.unit.temporary();
        self.emit(Op::UnpackSequence { base: item, src, count: 1 }, range);
        self.move_register(dst, item, range);
        self.unit.release(mark);
    }

    pub(super) fn annotated_assign(&mut self, node: &'a ast::StmtAnnAssign) {
        if let Some(value) = &node.value {
            self.assign_value(&node.target, value);
        }
        let in_namespace = matches!(self.unit.kind, UnitKind::Module | UnitKind::Class);
        match &*node.target {
            Expr::Name(name) if node.simple && in_namespace => self.simple_annotation(node, name),
            Expr::Attribute(attribute) if node.value.is_none() => self.check_expression(&attribute.value),
            Expr::Subscript(subscript) if node.value.is_none() => {
                self.check_expression(&subscript.value);
                self.check_subscript(&subscript.slice);
            }
            _ => {}
        }
        if !node.simple && in_namespace && !self.future.annotations {
            self.check_expression(&node.annotation);
        }
    }

    fn check_subscript(&mut self, index: &'a Expr) {
        match index {
            Expr::Slice(slice) => {
                for part in [&slice.lower, &slice.upper, &slice.step].into_iter().flatten() {
                    self.check_expression(part);
                }
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|element| self.check_subscript(element)),
            _ => self.check_expression(index),
        }
    }

    fn simple_annotation(&mut self, node: &'a ast::StmtAnnAssign, name: &'a ast::ExprName) {
        let range = node.range;
        let mark = self.unit.mark();
        if self.future.annotations {
            let src = self.unit.temporary();
            self.annotation_into(&node.annotation, src);
            let object = self.unit.temporary();
            self.load_name(&Name::new_static("__annotations__"), object, range);
            let index = self.unit.temporary();
            let mangled = self.mangle(&name.id);
            self.load_string(&mangled, index, range);
            self.emit(Op::StoreSubscript { object, index, src }, range);
        } else {
            let start = node.range.start();
            let known = self.unit.annotations.binary_search_by_key(&start, |(node, _)| node.range.start());
            if let Some(index) = known.ok().and_then(|at| self.unit.annotations[at].1) {
                let set = self.unit.temporary();
                self.load_conditional_annotations(set, range);
                let src = self.unit.temporary();
                self.load_constant(Constant::Int(i64::from(index)), src, range);
                self.emit(Op::SetAdd { set, src }, range);
            }
        }
        self.unit.release(mark);
    }

    /// The set of the conditional annotations that have been reached.
    fn load_conditional_annotations(&mut self, dst: Register, range: TextRange) {
        let name = Name::new_static("__conditional_annotations__");
        match self.unit.variables.get(&name) {
            Some(&Variable::Cell(cell)) => self.emit(Op::LoadDeref { dst, cell }, range),
            _ => self.load_name(&name, dst, range),
        }
    }

    /// Finds the annotations of a module or class, in the order of the text: also those that nothing leads to, since
    /// their text can be asked for. Those that may not be reached are numbered.
    pub(super) fn collect_annotations(&mut self, body: &'a [Stmt]) {
        if self.future.annotations || self.table[self.unit.scope].annotations.is_none() {
            return;
        }
        let mut found = Annotations { all: Vec::new(), conditional: 0, depth: 0 };
        found.depth += u32::from(self.unit.kind == UnitKind::Module);
        body.iter().for_each(|statement| found.visit_stmt(statement));
        self.unit.annotations = found.all;
    }

    /// Makes the `__annotate__` function of a module or class.
    pub(super) fn deferred_annotations(&mut self, range: TextRange) {
        let annotations = self.unit.annotations.clone();
        let Some(scope) = self.table[self.unit.scope].annotations else {
            return;
        };
        if annotations.is_empty() || self.future.annotations {
            return;
        }
        let (kind, first_line) = (self.unit.kind, self.unit.first_line);
        self.enter_evaluator(scope, first_line, range);
        let map = self.unit.temporary();
        self.emit(Op::BuildMap { dst: map, base: map, count: 0 }, range);
        for (node, index) in annotations {
            self.deferred_annotation(node, index, map, range);
        }
        self.emit(Op::Return { src: map }, range);
        let code = self.leave_unit();
        self.with_temporary(|this, function| {
            this.make_closure(code, scope, function, range);
            let name = if kind == UnitKind::Class { "__annotate_func__" } else { "__annotate__" };
            this.store_name(&Name::new_static(name), function, range);
        });
    }

    fn deferred_annotation(
        &mut self,
        node: &'a ast::StmtAnnAssign,
        index: Option<u32>,
        map: Register,
        range: TextRange,
    ) {
        let Expr::Name(name) = &*node.target else {
            return;
        };
        let mark = self.unit.mark();
        let not_set = self.unit.emit.label();
        let node_range = node.range;
        if let Some(index) = index {
            let a = self.unit.temporary();
            self.load_constant(Constant::Int(i64::from(index)), a, node_range);
            let b = self.unit.temporary();
            self.load_conditional_annotations(b, node_range);
            self.unit.emit.jump(Op::JumpContains { n: 0, a, b, target: 0 }, not_set, node_range);
        }
        let value = self.value(&node.annotation);
        let key = self.unit.temporary();
        let mangled = self.mangle(&name.id);
        self.load_string(&mangled, key, node_range);
        self.emit(Op::StoreSubscript { object: map, index: key, src: value }, range);
        self.unit.emit.place(not_set);
        self.unit.release(mark);
    }
}

/// The annotations of a body's own variables.
struct Annotations<'a> {
    all: Vec<(&'a ast::StmtAnnAssign, Option<u32>)>,
    /// How many are numbered.
    conditional: u32,
    /// How many statements are around.
    depth: u32,
}

impl<'a> Visitor<'a> for Annotations<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::AnnAssign(node) if node.simple && node.target.is_name_expr() => {
                let index = (self.depth > 0).then_some(self.conditional);
                self.conditional += u32::from(index.is_some());
                self.all.push((node, index));
            }
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => {
                self.depth += 1;
                visitor::walk_stmt(self, statement);
                self.depth -= 1;
            }
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

/// A signature's annotations in the order in which CPython evaluates them.
fn signature_annotations(node: &ast::StmtFunctionDef) -> Vec<(&Name, &Expr)> {
    static RETURN: Name = Name::new_static("return");
    let parameters = &node.parameters;
    let plain = parameters.args.iter().chain(&parameters.posonlyargs).map(|parameter| &parameter.parameter);
    let keyword_only = parameters.kwonlyargs.iter().map(|parameter| &parameter.parameter);
    let all = plain
        .chain(parameters.vararg.as_deref())
        .chain(keyword_only)
        .chain(parameters.kwarg.as_deref())
        .filter_map(|parameter| Some((&parameter.name.id, parameter.annotation.as_deref()?)));
    all.chain(node.returns.as_deref().map(|returns| (&RETURN, returns))).collect()
}
