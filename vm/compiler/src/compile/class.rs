//! Class definitions.

use std::sync::Arc;

use ruff_python_ast::{self as ast, Expr, name::Name};
use ruff_text_size::TextRange;

use super::Compiler;
use super::call::Arguments;
use super::emit::{Register, nowhere};
use super::unit::Variable;
use crate::bytecode::{Code, CommonValue, Constant, Op, Singleton};
use crate::symtable::{ScopeId, ScopeRole};

impl<'a> Compiler<'a> {
    pub(super) fn class_statement(&mut self, node: &'a ast::StmtClassDef) {
        let range = self.definition_range(node.range, &node.decorator_list);
        let (windows, target) = self.decorators(&node.decorator_list);
        let mark = self.unit.mark();
        match &node.type_params {
            Some(type_params) => self.generic_class(node, type_params, target, range),
            None => self.build_class(node, None, target, range),
        }
        self.unit.release(mark);
        self.apply_decorators(&node.decorator_list, &windows, target);
        self.store_name(&node.name.id, target, range);
    }

    /// A class with type parameters: a function makes those, and then the class with `Generic[…]` as its last base.
    fn generic_class(
        &mut self,
        node: &'a ast::StmtClassDef,
        type_params: &'a ast::TypeParams,
        target: Register,
        range: TextRange,
    ) {
        let scope = self.table.scope_of(node.range, ScopeRole::TypeParameters);
        let unit = self.function_unit(scope, self.first_line(node.range, &node.decorator_list));
        self.enter_unit(unit);
        self.begin_unit();
        let types = self.type_parameters(type_params, range);
        self.store_unmangled(".type_params", types, range);
        let generic = self.unit.temporary();
        self.emit(Op::SubscriptGeneric { dst: generic, src: types }, range);
        let class = self.unit.temporary();
        self.build_class(node, Some(generic), class, range);
        self.emit(Op::Return { src: class }, range);
        let code = self.leave_unit();
        let base = self.window(target);
        self.unit.temporary();
        self.make_closure(code, scope, base, range);
        self.call_placed(base, 0, target, range);
    }

    /// Stores a variable of this unit whose name cannot be written in a program.
    fn store_unmangled(&mut self, name: &'static str, src: Register, range: TextRange) {
        let name = Name::new_static(name);
        match self.unit.variables.get(&name) {
            Some(&Variable::Cell(cell)) => self.emit(Op::StoreDeref { cell, src }, range),
            _ => {
                let register = self.local_register(&name);
                self.move_register(register, src, range);
                self.unit.emit.bind(register);
            }
        }
    }

    /// `__build_class__(body, name, *bases, **keywords)`.
    fn build_class(&mut self, node: &'a ast::StmtClassDef, generic: Option<Register>, dst: Register, range: TextRange) {
        let base = self.window(dst);
        self.unit.temporary();
        self.emit(Op::LoadCommon { n: CommonValue::BuildClass as u8, dst: base }, range);
        let function = self.unit.temporary();
        let scope = self.table.scope_of(node.range, ScopeRole::Body);
        let code = self.class_body(node, scope);
        self.make_closure(code, scope, function, range);
        let name = self.unit.temporary();
        self.load_string(node.name.as_str(), name, range);
        let (positional, keywords): (&'a [Expr], &'a [ast::Keyword]) = match &node.arguments {
            Some(arguments) => (&arguments.args, &arguments.keywords),
            None => (&[], &[]),
        };
        let arguments = Arguments { placed: 2, positional, last: generic, keywords };
        self.call_window(0, base, arguments, dst, range);
    }

    fn class_body(&mut self, node: &'a ast::StmtClassDef, scope: ScopeId) -> Arc<Code> {
        let unit = self.function_unit(scope, self.first_line(node.range, &node.decorator_list));
        self.enter_unit(unit);
        self.begin_unit();
        let start = TextRange::empty(self.source.line_start(self.unit.first_line).into());
        let mark = self.unit.mark();
        let value = self.unit.temporary();
        self.load_name(&Name::new_static("__name__"), value, start);
        self.store_name(&Name::new_static("__module__"), value, start);
        let qualified_name = self.unit.qualified_name.clone();
        self.load_string(&qualified_name, value, start);
        self.store_name(&Name::new_static("__qualname__"), value, start);
        self.load_constant(Constant::Int(i64::from(self.unit.first_line)), value, start);
        self.store_name(&Name::new_static("__firstlineno__"), value, start);
        if node.type_params.is_some() {
            self.load_name(&Name::new_static(".type_params"), value, start);
            self.store_name(&Name::new_static("__type_params__"), value, start);
        }
        self.class_cells(value, start);
        self.unit.release(mark);
        self.setup_annotations(&node.body, start);
        self.collect_annotations(&node.body);
        let body = self.namespace_docstring(&node.body);
        self.statements(body);
        self.deferred_annotations(start);
        self.end_class_body(scope, nowhere());
        self.leave_unit()
    }

    /// Fills the cells that annotation scopes look into.
    fn class_cells(&mut self, value: Register, range: TextRange) {
        if let Some(&Variable::Cell(cell)) = self.unit.variables.get("__classdict__") {
            self.emit(Op::LoadLocals { dst: value }, range);
            self.emit(Op::StoreDeref { cell, src: value }, range);
        }
        if let Some(&Variable::Cell(cell)) = self.unit.variables.get("__conditional_annotations__") {
            self.emit(Op::BuildSet { dst: value, base: value, count: 0 }, range);
            self.emit(Op::StoreDeref { cell, src: value }, range);
        }
    }

    fn end_class_body(&mut self, scope: ScopeId, range: TextRange) {
        let table = self.table;
        let attributes = table[scope].static_attributes.iter().map(|name| Constant::string(name)).collect();
        let value = self.unit.temporary();
        self.load_constant(Constant::Tuple(attributes), value, range);
        self.store_name(&Name::new_static("__static_attributes__"), value, range);
        if let Some(&Variable::Cell(cell)) = self.unit.variables.get("__classdict__") {
            self.emit(Op::Move { dst: value, src: cell }, nowhere());
            self.store_name(&Name::new_static("__classdictcell__"), value, nowhere());
        }
        match self.unit.variables.get("__class__") {
            Some(&Variable::Cell(cell)) if table[scope].needs_class_closure => {
                self.emit(Op::Move { dst: value, src: cell }, nowhere());
                self.store_name(&Name::new_static("__classcell__"), value, nowhere());
            }
            _ => self.load_singleton(Singleton::None, value, nowhere()),
        }
        self.emit(Op::Return { src: value }, nowhere());
    }
}
