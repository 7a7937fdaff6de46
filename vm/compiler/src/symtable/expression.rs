//! The first walk through expressions: uses, walrus targets, comprehensions.

use ruff_python_ast as ast;
use ruff_python_ast::{Comprehension, Expr, ExprContext, InterpolatedStringElement};
use ruff_text_size::{Ranged, TextRange};

use super::ScopeRole;
use super::build::{Builder, Walk};
use super::scope::{ScopeKind, SymbolFlags};
use crate::syntax::guard_stack;

impl Builder<'_> {
    pub(super) fn expressions<'e>(&mut self, list: impl IntoIterator<Item = &'e Expr>) -> Walk {
        list.into_iter().try_for_each(|expression| self.expression(expression))
    }

    pub(super) fn optional_expression(&mut self, expression: Option<&Expr>) -> Walk {
        expression.map_or(Ok(()), |expression| self.expression(expression))
    }

    pub(super) fn expression(&mut self, expression: &Expr) -> Walk {
        guard_stack(|| match expression {
            Expr::Named(node) => self.named_expression(node),
            Expr::BoolOp(node) => self.expressions(&node.values),
            Expr::BinOp(node) => {
                self.expression(&node.left)?;
                self.expression(&node.right)
            }
            Expr::UnaryOp(node) => self.expression(&node.operand),
            Expr::Lambda(node) => self.lambda(node),
            Expr::If(node) => {
                self.expression(&node.test)?;
                self.expression(&node.body)?;
                self.expression(&node.orelse)
            }
            Expr::Dict(node) => {
                self.expressions(node.items.iter().filter_map(|item| item.key.as_ref()))?;
                self.expressions(node.items.iter().map(|item| &item.value))
            }
            Expr::Set(node) => self.expressions(&node.elts),
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                self.comprehension(expression)
            }
            Expr::Await(node) => self.await_expression(node),
            Expr::Yield(node) => {
                self.forbid_in_annotation("yield expression", node.range)?;
                self.optional_expression(node.value.as_deref())?;
                self.mark_generator(node.range)
            }
            Expr::YieldFrom(node) => {
                self.forbid_in_annotation("yield expression", node.range)?;
                self.expression(&node.value)?;
                self.mark_generator(node.range)
            }
            Expr::Compare(node) => {
                self.expression(&node.left)?;
                self.expressions(&node.comparators)
            }
            Expr::Call(node) => {
                self.expression(&node.func)?;
                self.arguments(&node.arguments)
            }
            Expr::FString(node) => {
                let elements = node.value.elements();
                elements.into_iter().try_for_each(|element| self.interpolation(element))
            }
            Expr::TString(node) => {
                let elements = node.value.elements();
                elements.into_iter().try_for_each(|element| self.interpolation(element))
            }
            _ => self.simple_expression(expression),
        })
    }

    /// Names, displays, and what holds no names.
    fn simple_expression(&mut self, expression: &Expr) -> Walk {
        match expression {
            Expr::Attribute(node) => self.attribute(node),
            Expr::Subscript(node) => {
                self.expression(&node.value)?;
                self.expression(&node.slice)
            }
            Expr::Starred(node) => self.expression(&node.value),
            Expr::Name(node) => self.name(node),
            Expr::List(node) => self.expressions(&node.elts),
            Expr::Tuple(node) => self.expressions(&node.elts),
            Expr::Slice(node) => {
                self.optional_expression(node.lower.as_deref())?;
                self.optional_expression(node.upper.as_deref())?;
                self.optional_expression(node.step.as_deref())
            }
            // Literals.
            _ => Ok(()),
        }
    }

    fn name(&mut self, node: &ast::ExprName) -> Walk {
        if node.ctx != ExprContext::Load {
            self.check_name(&node.id, node.ctx, node.range)?;
            return self.define(&node.id, SymbolFlags::LOCAL, node.range);
        }
        self.define(&node.id, SymbolFlags::USE, node.range)?;
        if node.id == "super" && self.current().kind.is_function_like() {
            self.define("__class__", SymbolFlags::USE, node.range)?;
        }
        Ok(())
    }

    fn attribute(&mut self, node: &ast::ExprAttribute) -> Walk {
        self.check_name(&node.attr, node.ctx, node.range)?;
        if node.ctx == ExprContext::Store && matches!(&*node.value, Expr::Name(name) if name.id == "self") {
            let around = self.stack[..self.stack.len() - 1].iter().rev();
            let class = around.copied().find(|&id| self.scope(id).kind == ScopeKind::Class);
            if let Some(class) = class {
                self.scopes[class.0 as usize].static_attributes.push(node.attr.id.clone());
            }
        }
        self.expression(&node.value)
    }

    fn lambda(&mut self, node: &ast::ExprLambda) -> Walk {
        if let Some(parameters) = &node.parameters {
            self.defaults(parameters)?;
        }
        self.enter(ScopeKind::Lambda, "<lambda>", node.range, Some(ScopeRole::Body));
        if let Some(parameters) = &node.parameters {
            self.parameters(parameters)?;
        }
        self.expression(&node.body)?;
        self.leave();
        Ok(())
    }

    pub(super) fn arguments(&mut self, arguments: &ast::Arguments) -> Walk {
        self.expressions(&arguments.args)?;
        for keyword in &arguments.keywords {
            if let Some(name) = &keyword.arg {
                self.check_name(name, ExprContext::Store, keyword.range)?;
            }
        }
        self.expressions(arguments.keywords.iter().map(|keyword| &keyword.value))
    }

    fn interpolation(&mut self, element: &InterpolatedStringElement) -> Walk {
        let InterpolatedStringElement::Interpolation(element) = element else {
            return Ok(());
        };
        self.expression(&element.expression)?;
        match &element.format_spec {
            Some(spec) => spec.elements.iter().try_for_each(|inner| self.interpolation(inner)),
            None => Ok(()),
        }
    }

    fn await_expression(&mut self, node: &ast::ExprAwait) -> Walk {
        self.forbid_in_annotation("await expression", node.range)?;
        let top_level = self.allow_top_level_await && self.current().kind == ScopeKind::Module;
        if !top_level {
            let scope = self.current();
            if !scope.kind.is_function_like() {
                return Err(self.error(node.range, "'await' outside function"));
            }
            if !scope.is_coroutine && !scope.kind.is_comprehension() {
                return Err(self.error(node.range, "'await' outside async function"));
            }
        }
        self.expression(&node.value)?;
        self.current().is_coroutine = true;
        Ok(())
    }

    fn mark_generator(&mut self, range: TextRange) -> Walk {
        let scope = self.current();
        scope.is_generator = true;
        let what = match scope.kind {
            ScopeKind::ListComprehension => "list comprehension",
            ScopeKind::SetComprehension => "set comprehension",
            ScopeKind::DictComprehension => "dict comprehension",
            ScopeKind::GeneratorExpression => "generator expression",
            _ => return Ok(()),
        };
        Err(self.error(range, format!("'yield' inside {what}")))
    }

    /// Scopes that are evaluated on demand can neither bind, yield nor await.
    pub(super) fn forbid_in_annotation(&mut self, what: &str, range: TextRange) -> Walk {
        let place = match self.current().kind {
            ScopeKind::Annotation => "an annotation",
            ScopeKind::TypeVariable => self.state().description,
            ScopeKind::TypeAlias => "a type alias",
            ScopeKind::TypeParameters => "the definition of a generic",
            _ => return Ok(()),
        };
        Err(self.error(range, format!("{what} cannot be used within {place}")))
    }

    fn named_expression(&mut self, node: &ast::ExprNamed) -> Walk {
        self.forbid_in_annotation("named expression", node.range)?;
        if self.state().iterable_depth > 0 {
            let message = "assignment expression cannot be used in a comprehension iterable expression";
            return Err(self.error(node.range, message));
        }
        if self.current().kind.is_comprehension()
            && let Expr::Name(target) = &*node.target
        {
            self.extend_named_expression(target)?;
        }
        self.expression(&node.value)?;
        self.expression(&node.target)
    }

    /// A walrus inside comprehensions binds in the scope around them all.
    fn extend_named_expression(&mut self, target: &ast::ExprName) -> Walk {
        let name = &target.id;
        let range = target.range;
        for at in (0..self.stack.len()).rev() {
            let id = self.stack[at];
            let kind = self.scope(id).kind;
            if kind.is_comprehension() {
                let flags = self.flags_in(id, name);
                if flags.has(SymbolFlags::COMPREHENSION_ITERATION) && flags.has(SymbolFlags::LOCAL) {
                    let message =
                        format!("assignment expression cannot rebind comprehension iteration variable '{name}'");
                    return Err(self.error(range, message));
                }
                continue;
            }
            let place = match kind {
                ScopeKind::Function | ScopeKind::Lambda => {
                    let is_global = self.flags_in(id, name).has(SymbolFlags::GLOBAL);
                    let flag = if is_global { SymbolFlags::GLOBAL } else { SymbolFlags::NONLOCAL };
                    self.define(name, flag, range)?;
                    self.record_directive(name, range);
                    return self.define_in(id, name, SymbolFlags::LOCAL, range);
                }
                ScopeKind::Module => {
                    self.define(name, SymbolFlags::GLOBAL, range)?;
                    self.record_directive(name, range);
                    return self.define_in(id, name, SymbolFlags::GLOBAL, range);
                }
                ScopeKind::Class => "in a class body",
                ScopeKind::TypeParameters => "within the definition of a generic",
                ScopeKind::TypeAlias => "in a type alias",
                ScopeKind::TypeVariable => &format!("in {}", self.states[id.0 as usize].description),
                _ => return self.forbid_in_annotation("named expression", range),
            };
            let message = format!("assignment expression within a comprehension cannot be used {place}");
            return Err(self.error(range, message));
        }
        Ok(())
    }

    fn comprehension(&mut self, expression: &Expr) -> Walk {
        let (kind, name, generators): (_, _, &[Comprehension]) = match expression {
            Expr::ListComp(node) => (ScopeKind::ListComprehension, "<listcomp>", &node.generators),
            Expr::SetComp(node) => (ScopeKind::SetComprehension, "<setcomp>", &node.generators),
            Expr::DictComp(node) => (ScopeKind::DictComprehension, "<dictcomp>", &node.generators),
            Expr::Generator(node) => (ScopeKind::GeneratorExpression, "<genexpr>", &node.generators),
            _ => unreachable!("only comprehensions come here"),
        };
        let Some((outermost, inner)) = generators.split_first() else {
            return Ok(());
        };
        self.state().iterable_depth += 1;
        self.expression(&outermost.iter)?;
        self.state().iterable_depth -= 1;
        let range = expression.range();
        self.enter(kind, name, range, Some(ScopeRole::Body));
        self.current().is_coroutine |= outermost.is_async;
        self.define(".0", SymbolFlags::PARAMETER, range)?;
        self.iteration_target(&outermost.target)?;
        self.expressions(&outermost.ifs)?;
        inner.iter().try_for_each(|generator| self.inner_generator(generator))?;
        match expression {
            Expr::ListComp(node) => self.expression(&node.elt)?,
            Expr::SetComp(node) => self.expression(&node.elt)?,
            Expr::Generator(node) => self.expression(&node.elt)?,
            Expr::DictComp(node) => {
                self.expression(&node.value)?;
                self.optional_expression(node.key.as_deref())?;
            }
            _ => unreachable!("only comprehensions come here"),
        }
        let is_generator = kind == ScopeKind::GeneratorExpression;
        self.current().is_generator = is_generator;
        let awaits = self.current().is_coroutine && !is_generator;
        self.leave();
        if awaits {
            self.current().is_coroutine = true;
        }
        Ok(())
    }

    fn iteration_target(&mut self, target: &Expr) -> Walk {
        self.state().in_iteration_target = true;
        self.expression(target)?;
        self.state().in_iteration_target = false;
        Ok(())
    }

    fn inner_generator(&mut self, generator: &Comprehension) -> Walk {
        self.iteration_target(&generator.target)?;
        self.state().iterable_depth += 1;
        self.expression(&generator.iter)?;
        self.state().iterable_depth -= 1;
        self.expressions(&generator.ifs)?;
        self.current().is_coroutine |= generator.is_async;
        Ok(())
    }
}
