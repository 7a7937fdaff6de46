//! Type parameters and type aliases (PEP 695, PEP 696).

use ruff_python_ast::{self as ast, Expr, TypeParam};
use ruff_text_size::{Ranged, TextRange};

use super::Compiler;
use super::emit::Register;
use crate::bytecode::{Op, Singleton, TypeParameterKind};
use crate::symtable::{ScopeId, ScopeRole};

impl<'a> Compiler<'a> {
    /// Makes the type parameters, stores each under its name, and gives the tuple of them.
    pub(super) fn type_parameters(&mut self, parameters: &'a ast::TypeParams, range: TextRange) -> Register {
        let tuple = self.unit.temporary();
        let mark = self.unit.mark();
        let mut base = None;
        for parameter in &parameters.type_params {
            let register = self.unit.temporary();
            base.get_or_insert(register);
            self.type_parameter(parameter, register);
            self.store_name(&parameter.name().id, register, parameter.range());
        }
        let count = parameters.type_params.len() as u16;
        self.emit(Op::BuildTuple { dst: tuple, base: base.unwrap_or(tuple), count }, range);
        self.unit.release(mark);
        tuple
    }

    fn type_parameter(&mut self, parameter: &'a TypeParam, dst: Register) {
        let range = parameter.range();
        let mark = self.unit.mark();
        let base = self.unit.temporaries(3);
        self.load_string(parameter.name().as_str(), base, range);
        let (kind, bound, default) = match parameter {
            TypeParam::TypeVar(node) => {
                let kind = match node.bound.as_deref() {
                    None => TypeParameterKind::TypeVar,
                    Some(Expr::Tuple(_)) => TypeParameterKind::TypeVarWithConstraints,
                    Some(_) => TypeParameterKind::TypeVarWithBound,
                };
                (kind, node.bound.as_deref(), node.default.as_deref())
            }
            TypeParam::ParamSpec(node) => (TypeParameterKind::ParamSpec, None, node.default.as_deref()),
            TypeParam::TypeVarTuple(node) => (TypeParameterKind::TypeVarTuple, None, node.default.as_deref()),
        };
        for (value, role, offset) in [(bound, ScopeRole::Bound, 1), (default, ScopeRole::Default, 2)] {
            match value {
                Some(value) => {
                    let scope = self.table.scope_of(range, role);
                    self.evaluator_into(value, scope, base.saturating_add(offset), value.range());
                }
                None => self.emit(Op::Unbind { dst: base.saturating_add(offset) }, range),
            }
        }
        self.emit(Op::MakeTypeParameter { n: kind as u8, dst, base }, range);
        self.unit.release(mark);
    }

    /// A function that evaluates a type expression when it is asked for.
    fn evaluator_into(&mut self, value: &'a Expr, scope: ScopeId, dst: Register, range: TextRange) {
        self.enter_evaluator(scope, self.line(range.start()), range);
        let result = match value {
            Expr::Starred(starred) => {
                let result = self.unit.temporary();
                self.single_item_into(&starred.value, result, range);
                result
            }
            _ => self.operand(value),
        };
        self.emit(Op::Return { src: result }, range);
        let code = self.leave_unit();
        self.make_evaluator(code, scope, dst, range);
    }

    pub(super) fn type_alias_statement(&mut self, node: &'a ast::StmtTypeAlias) {
        let Expr::Name(name) = &*node.name else {
            return;
        };
        let range = node.range;
        let alias = self.unit.temporary();
        match &node.type_params {
            None => self.type_alias_into(node, name, None, alias),
            Some(type_params) => {
                let scope = self.table.scope_of(range, ScopeRole::TypeParameters);
                let unit = self.function_unit(scope, self.line(range.start()));
                self.enter_unit(unit);
                self.begin_unit();
                let types = self.type_parameters(type_params, range);
                let result = self.unit.temporary();
                self.type_alias_into(node, name, Some(types), result);
                self.emit(Op::Return { src: result }, range);
                let code = self.leave_unit();
                self.unit.temporary();
                self.make_closure(code, scope, alias, range);
                self.call_placed(alias, 0, alias, range);
            }
        }
        self.store_name(&name.id, alias, name.range);
    }

    fn type_alias_into(
        &mut self,
        node: &'a ast::StmtTypeAlias,
        name: &'a ast::ExprName,
        types: Option<Register>,
        dst: Register,
    ) {
        let range = node.range;
        let mark = self.unit.mark();
        let base = self.unit.temporaries(3);
        self.load_string(name.id.as_str(), base, range);
        match types {
            Some(src) => self.emit(Op::Move { dst: base.saturating_add(1), src }, range),
            None => self.load_singleton(Singleton::None, base.saturating_add(1), range),
        }
        let scope = self.table.scope_of(range, ScopeRole::Body);
        self.evaluator_into(&node.value, scope, base.saturating_add(2), range);
        self.emit(Op::MakeTypeAlias { dst, base }, range);
        self.unit.release(mark);
    }
}
