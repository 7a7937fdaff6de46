//! Statements and expressions that may stand only in some places.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::Visitor;
use ruff_python_ast::{Comprehension, Expr, ExprContext};
use ruff_text_size::{Ranged, TextRange};

use super::{Block, Checker};
use crate::symtable::{ScopeKind, ScopeRole};

const LEAVES_EXCEPT_STAR: &str = "'break', 'continue' and 'return' cannot appear in an except* block";

impl<'a> Checker<'a> {
    pub(super) fn return_statement(&mut self, node: &'a ast::StmtReturn) {
        let unit = self.units.last().expect("the module's unit is never left");
        let scope = &self.table[unit.scope];
        let in_except_star = unit.blocks.contains(&Block::ExceptStar);
        if !scope.kind.is_function_like() {
            return self.fail(node.range, "'return' outside function");
        }
        if node.value.is_some() && scope.is_coroutine && scope.is_generator {
            return self.fail(node.range, "'return' with value in async generator");
        }
        if let Some(value) = &node.value {
            self.visit_expr(value);
        }
        if in_except_star {
            let range = node.value.as_ref().map_or(node.range, |value| value.range());
            self.fail(range, LEAVES_EXCEPT_STAR);
        }
    }

    /// `break` and `continue`: what is met first on the way out decides.
    pub(super) fn leave_loop(&mut self, range: TextRange, outside: &str) {
        let met = self.unit().blocks.iter().rev().find(|block| **block != Block::Other).copied();
        match met {
            Some(Block::Loop) => {}
            Some(_) => self.fail(range, LEAVES_EXCEPT_STAR),
            None => self.fail(range, outside),
        }
    }

    fn in_async_function(&self) -> bool {
        let unit = self.units.last().expect("the module's unit is never left");
        let scope = &self.table[unit.scope];
        scope.is_async_definition || self.allow_top_level_await && scope.kind == ScopeKind::Module
    }

    pub(super) fn require_async(&mut self, what: &str, range: TextRange) {
        if !self.in_async_function() {
            self.fail(range, format!("'{what}' outside async function"));
        }
    }

    pub(super) fn check_yield(&mut self, range: TextRange, what: &str) {
        if !self.unit_kind().is_function_like() {
            return self.fail(range, format!("'{what}' outside function"));
        }
        let in_async = self.in_async_function() && self.unit_kind() == ScopeKind::Function;
        if what == "yield from" && in_async {
            self.fail(range, "'yield from' inside async function");
        }
    }

    /// A list or tuple: a display, or an unpacking target.
    pub(super) fn display(&mut self, elements: &'a [Expr], context: ExprContext, range: TextRange) {
        if context == ExprContext::Store {
            let mut starred = elements.iter().enumerate().filter(|(_, e)| e.is_starred_expr());
            if let Some((first, _)) = starred.next() {
                let after = elements.len() - first - 1;
                if starred.next().is_some() {
                    return self.fail(range, "multiple starred expressions in assignment");
                }
                if first >= 1 << 8 || after >= 1 << 23 {
                    let message = "too many expressions in star-unpacking assignment";
                    return self.fail(range, message);
                }
            }
        }
        elements.iter().for_each(|element| self.element(element));
    }

    pub(super) fn comprehension(&mut self, expression: &'a Expr) {
        let generators: &'a [Comprehension] = match expression {
            Expr::ListComp(node) => &node.generators,
            Expr::SetComp(node) => &node.generators,
            Expr::DictComp(node) => &node.generators,
            Expr::Generator(node) => &node.generators,
            _ => return,
        };
        let range = expression.range();
        let id = self.table.scope_of(range, ScopeRole::Body);
        let scope = &self.table[id];
        let is_generator = scope.kind == ScopeKind::GeneratorExpression;
        let allowed = is_generator || self.in_async_function() || self.unit_kind().is_comprehension();
        if scope.is_coroutine && !allowed {
            let message = "asynchronous comprehension outside of an asynchronous function";
            return self.fail(range, message);
        }
        let unit = (!scope.inlined).then_some(id);
        let Some((outermost, inner)) = generators.split_first() else {
            return;
        };
        self.visit_expr(&outermost.iter);
        self.in_unit(unit, |walk| {
            walk.visit_expr(&outermost.target);
            outermost.ifs.iter().for_each(|condition| walk.visit_expr(condition));
            for generator in inner {
                walk.visit_expr(&generator.iter);
                walk.visit_expr(&generator.target);
                generator.ifs.iter().for_each(|condition| walk.visit_expr(condition));
            }
            match expression {
                Expr::ListComp(node) => walk.visit_expr(&node.elt),
                Expr::SetComp(node) => walk.visit_expr(&node.elt),
                Expr::Generator(node) => walk.visit_expr(&node.elt),
                Expr::DictComp(node) => {
                    if let Some(key) = &node.key {
                        walk.visit_expr(key);
                    }
                    walk.visit_expr(&node.value);
                }
                _ => {}
            }
        });
    }
}
