//! The first walk through definitions: functions, classes, type parameters, annotations.

use ruff_python_ast as ast;
use ruff_python_ast::{Expr, Parameters, TypeParam};
use ruff_text_size::{Ranged, TextRange};

use super::ScopeRole;
use super::build::{Builder, Walk};
use super::scope::{ScopeKind, SymbolFlags};

/// What a generic definition is, for the implicit names of its type parameters' scope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Generic {
    Function { has_defaults: bool, has_keyword_defaults: bool },
    Class,
    TypeAlias,
}

impl Builder<'_> {
    pub(super) fn function_definition(&mut self, node: &ast::StmtFunctionDef) -> Walk {
        self.bind(&node.name, SymbolFlags::LOCAL, node.range)?;
        self.defaults(&node.parameters)?;
        for decorator in &node.decorator_list {
            self.expression(&decorator.expression)?;
        }
        if let Some(type_params) = &node.type_params {
            let has_defaults = positional(&node.parameters).any(|p| p.default.is_some());
            let has_keyword_defaults = node.parameters.kwonlyargs.iter().any(|p| p.default.is_some());
            let generic = Generic::Function { has_defaults, has_keyword_defaults };
            self.enter_type_parameters(&node.name, node.range, generic)?;
            self.type_parameters(type_params)?;
        }
        self.signature_annotations(node)?;
        let id = self.enter(ScopeKind::Function, &node.name, node.range, Some(ScopeRole::Body));
        self.scopes[id.0 as usize].has_docstring = starts_with_docstring(&node.body);
        self.parameters(&node.parameters)?;
        self.current().is_coroutine |= node.is_async;
        self.current().is_async_definition = node.is_async;
        self.statements(&node.body)?;
        self.leave();
        if node.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    pub(super) fn class_definition(&mut self, node: &ast::StmtClassDef) -> Walk {
        self.bind(&node.name, SymbolFlags::LOCAL, node.range)?;
        for decorator in &node.decorator_list {
            self.expression(&decorator.expression)?;
        }
        let saved = self.private.clone();
        if let Some(type_params) = &node.type_params {
            self.enter_type_parameters(&node.name, node.range, Generic::Class)?;
            self.private = Some(node.name.id.clone());
            self.current().private = self.private.clone();
            self.state().mangled_names = Some(Default::default());
            self.type_parameters(type_params)?;
        }
        if let Some(arguments) = &node.arguments {
            self.arguments(arguments)?;
        }
        self.private = Some(node.name.id.clone());
        let id = self.enter(ScopeKind::Class, &node.name, node.range, Some(ScopeRole::Body));
        self.scopes[id.0 as usize].has_docstring = starts_with_docstring(&node.body);
        if node.type_params.is_some() {
            self.define("__type_params__", SymbolFlags::LOCAL, node.range)?;
            self.define(".type_params", SymbolFlags::USE, node.range)?;
        }
        self.statements(&node.body)?;
        let attributes = &mut self.current().static_attributes;
        attributes.sort();
        attributes.dedup();
        self.leave();
        if node.type_params.is_some() {
            self.leave();
        }
        self.private = saved;
        Ok(())
    }

    pub(super) fn type_alias(&mut self, node: &ast::StmtTypeAlias) -> Walk {
        self.expression(&node.name)?;
        let Expr::Name(name) = &*node.name else {
            return Err(self.error(node.name.range(), "invalid syntax"));
        };
        let in_class = self.current().kind == ScopeKind::Class;
        if let Some(type_params) = &node.type_params {
            self.enter_type_parameters(&name.id, node.range, Generic::TypeAlias)?;
            self.type_parameters(type_params)?;
        }
        self.enter(ScopeKind::TypeAlias, &name.id, node.range, Some(ScopeRole::Body));
        self.see_class_scope(in_class, node.value.range())?;
        self.expression(&node.value)?;
        self.leave();
        if node.type_params.is_some() {
            self.leave();
        }
        Ok(())
    }

    /// Lets the current scope look names up in the class around it.
    fn see_class_scope(&mut self, in_class: bool, range: TextRange) -> Walk {
        if in_class {
            self.current().can_see_class_scope = true;
            self.define("__classdict__", SymbolFlags::USE, range)?;
        }
        Ok(())
    }

    fn enter_type_parameters(&mut self, name: &str, range: TextRange, generic: Generic) -> Walk {
        let in_class = self.current().kind == ScopeKind::Class;
        self.enter(ScopeKind::TypeParameters, name, range, Some(ScopeRole::TypeParameters));
        self.see_class_scope(in_class, range)?;
        match generic {
            Generic::Class => {
                for name in [".type_params", ".generic_base"] {
                    self.define(name, SymbolFlags::LOCAL, range)?;
                    self.define(name, SymbolFlags::USE, range)?;
                }
            }
            Generic::Function { has_defaults, has_keyword_defaults } => {
                if has_defaults {
                    self.define(".defaults", SymbolFlags::PARAMETER, range)?;
                }
                if has_keyword_defaults {
                    self.define(".kwdefaults", SymbolFlags::PARAMETER, range)?;
                }
            }
            Generic::TypeAlias => {}
        }
        Ok(())
    }

    fn type_parameters(&mut self, type_params: &ast::TypeParams) -> Walk {
        type_params.iter().try_for_each(|parameter| self.type_parameter(parameter))
    }

    fn type_parameter(&mut self, parameter: &TypeParam) -> Walk {
        let name = parameter.name();
        let range = parameter.range();
        let mut flags = SymbolFlags::TYPE_PARAMETER;
        flags.insert(SymbolFlags::LOCAL);
        self.bind(name, flags, range)?;
        let (bound, default, description) = match parameter {
            TypeParam::TypeVar(node) => (node.bound.as_deref(), node.default.as_deref(), "a TypeVar default"),
            TypeParam::TypeVarTuple(node) => (None, node.default.as_deref(), "a TypeVarTuple default"),
            TypeParam::ParamSpec(node) => (None, node.default.as_deref(), "a ParamSpec default"),
        };
        let bound_description = match bound {
            Some(Expr::Tuple(_)) => "a TypeVar constraint",
            _ => "a TypeVar bound",
        };
        self.type_variable_part(name, range, bound, ScopeRole::Bound, bound_description)?;
        self.type_variable_part(name, range, default, ScopeRole::Default, description)
    }

    /// A bound or a default: a scope of its own, evaluated on demand.
    fn type_variable_part(
        &mut self,
        name: &ast::Identifier,
        range: TextRange,
        value: Option<&Expr>,
        role: ScopeRole,
        description: &'static str,
    ) -> Walk {
        if name.as_str() == "__classdict__" {
            let message = format!("reserved name '{name}' cannot be used for type parameter");
            return Err(self.error(range, message));
        }
        let Some(value) = value else { return Ok(()) };
        let in_class = self.current().can_see_class_scope;
        self.enter(ScopeKind::TypeVariable, name, range, Some(role));
        self.see_class_scope(in_class, value.range())?;
        self.state().description = description;
        self.expression(value)?;
        self.leave();
        Ok(())
    }

    /// The annotations of a signature share one scope. A signature without any has none.
    fn signature_annotations(&mut self, node: &ast::StmtFunctionDef) -> Walk {
        let parameters = &node.parameters;
        let annotated = node.returns.is_some() || parameters.iter().any(|parameter| parameter.annotation().is_some());
        if !annotated {
            return Ok(());
        }
        let in_class = self.current().can_see_class_scope || self.current().kind == ScopeKind::Class;
        let id = self.enter(ScopeKind::Annotation, "__annotate__", node.range, Some(ScopeRole::Annotations));
        self.see_class_scope(in_class, node.range)?;
        self.scopes[id.0 as usize].annotations_used = true;
        let plain = parameters.posonlyargs.iter().chain(&parameters.args);
        for parameter in plain {
            self.optional_expression(parameter.annotation())?;
        }
        for parameter in [&parameters.vararg, &parameters.kwarg].into_iter().flatten() {
            self.optional_expression(parameter.annotation())?;
        }
        for parameter in &parameters.kwonlyargs {
            self.optional_expression(parameter.annotation())?;
        }
        self.optional_expression(node.returns.as_deref())?;
        self.leave();
        Ok(())
    }

    pub(super) fn annotated_assignment(&mut self, node: &ast::StmtAnnAssign) -> Walk {
        self.current().annotations_used = true;
        if let Expr::Name(target) = &*node.target {
            let flags = self.flags_in(self.current_id(), &target.id);
            let declared = flags.has(SymbolFlags::GLOBAL) || flags.has(SymbolFlags::NONLOCAL);
            if declared && self.stack.len() > 1 && node.simple {
                let word = if flags.has(SymbolFlags::GLOBAL) { "global" } else { "nonlocal" };
                let message = format!("annotated name '{}' can't be {word}", target.id);
                return Err(self.error(node.range, message));
            }
            if node.simple {
                let mut flags = SymbolFlags::ANNOTATED;
                flags.insert(SymbolFlags::LOCAL);
                self.bind(&target.id, flags, target.range)?;
            } else if node.value.is_some() {
                self.bind(&target.id, SymbolFlags::LOCAL, target.range)?;
            }
        } else if node.value.is_some() {
            self.expression(&node.target)?;
        } else {
            self.without_static_attributes(&node.target)?;
        }
        self.block_annotation(&node.annotation)?;
        self.optional_expression(node.value.as_deref())
    }

    /// A target that is evaluated, not stored to.
    fn without_static_attributes(&mut self, target: &Expr) -> Walk {
        match target {
            Expr::Attribute(node) => {
                self.check_name(&node.attr, node.ctx, node.range)?;
                self.expression(&node.value)
            }
            _ => self.expression(target),
        }
    }

    /// An annotation in a block: all of a block share one scope.
    fn block_annotation(&mut self, annotation: &Expr) -> Walk {
        let outer = self.current_id();
        let kind = self.current().kind;
        let unevaluated = kind == ScopeKind::Function;
        let conditional = match kind {
            ScopeKind::Module => true,
            ScopeKind::Class => self.state().in_conditional_block,
            _ => false,
        };
        if conditional && !self.current().has_conditional_annotations {
            self.current().has_conditional_annotations = true;
            self.define("__conditional_annotations__", SymbolFlags::USE, annotation.range())?;
        }
        match self.current().annotations {
            Some(id) => self.enter_existing(id),
            None => {
                let id = self.enter(ScopeKind::Annotation, "__annotate__", annotation.range(), None);
                self.scopes[outer.0 as usize].annotations = Some(id);
                if kind == ScopeKind::Class && !self.module.future.annotations {
                    self.see_class_scope(true, annotation.range())?;
                }
            }
        }
        if conditional && kind == ScopeKind::Class {
            // Which annotations were reached is kept in a cell of the class.
            let name = "__conditional_annotations__";
            self.define(name, SymbolFlags::USE, annotation.range())?;
        }
        self.expression(annotation)?;
        self.leave();
        if unevaluated {
            // Never run, so it captures nothing and is nobody's child.
            let annotations = self.current().annotations;
            self.current().children.retain(|&child| Some(child) != annotations);
        }
        Ok(())
    }

    /// Default values belong to the scope around the function.
    pub(super) fn defaults(&mut self, parameters: &Parameters) -> Walk {
        for parameter in positional(parameters).chain(&parameters.kwonlyargs) {
            self.optional_expression(parameter.default())?;
        }
        Ok(())
    }

    /// Parameters become names of the function's scope.
    pub(super) fn parameters(&mut self, parameters: &Parameters) -> Walk {
        for parameter in positional(parameters).chain(&parameters.kwonlyargs) {
            self.parameter(&parameter.parameter)?;
        }
        if let Some(parameter) = &parameters.vararg {
            self.parameter(parameter)?;
            self.current().has_varargs = true;
        }
        if let Some(parameter) = &parameters.kwarg {
            self.parameter(parameter)?;
            self.current().has_varkeywords = true;
        }
        Ok(())
    }

    fn parameter(&mut self, parameter: &ast::Parameter) -> Walk {
        // The stars of `*args` are no part of the parameter.
        let range = TextRange::new(parameter.name.range.start(), parameter.range.end());
        self.bind(&parameter.name, SymbolFlags::PARAMETER, range)
    }
}

/// Positional-only and ordinary parameters.
fn positional(parameters: &Parameters) -> impl Iterator<Item = &ast::ParameterWithDefault> {
    parameters.posonlyargs.iter().chain(&parameters.args)
}

/// Whether a body begins with a plain string.
fn starts_with_docstring(body: &[ast::Stmt]) -> bool {
    matches!(body.first(), Some(ast::Stmt::Expr(first)) if first.value.is_string_literal_expr())
}
