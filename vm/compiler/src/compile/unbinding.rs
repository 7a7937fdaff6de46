//! Which variables a run of statements may unbind: `del` and the end of `except … as`.

use ruff_python_ast::{self as ast, ExceptHandler, Expr, Stmt, name::Name};

use super::Compiler;
use super::emit::Register;
use super::expression::with_stack;
use super::unit::Variable;

impl<'a> Compiler<'a> {
    /// Registers of the variables that the statements may unbind, as far as they are mentioned yet: others are not bound
    /// anyway.
    pub(super) fn unbound_in(&self, bodies: &[&'a [Stmt]]) -> Vec<Register> {
        let mut names = Vec::new();
        bodies.iter().for_each(|body| statements(body, &mut names));
        names
            .into_iter()
            .filter_map(|name| {
                let mangled = self.mangle(name);
                match self.unit.variables.get(&mangled) {
                    Some(&Variable::Local(register)) => Some(register),
                    _ => None,
                }
            })
            .collect()
    }
}

fn statements<'a>(body: &'a [Stmt], names: &mut Vec<&'a Name>) {
    body.iter().for_each(|statement| with_stack(|| one(statement, names)));
}

fn one<'a>(statement: &'a Stmt, names: &mut Vec<&'a Name>) {
    match statement {
        Stmt::Delete(delete) => delete.targets.iter().for_each(|target| deleted(target, names)),
        Stmt::For(node) => {
            statements(&node.body, names);
            statements(&node.orelse, names);
        }
        Stmt::While(node) => {
            statements(&node.body, names);
            statements(&node.orelse, names);
        }
        Stmt::If(node) => {
            statements(&node.body, names);
            node.elif_else_clauses.iter().for_each(|clause| statements(&clause.body, names));
        }
        Stmt::With(node) => statements(&node.body, names),
        Stmt::Match(node) => node.cases.iter().for_each(|case| statements(&case.body, names)),
        Stmt::Try(node) => {
            statements(&node.body, names);
            for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                names.extend(handler.name.as_ref().map(|name| &name.id));
                statements(&handler.body, names);
            }
            statements(&node.orelse, names);
            statements(&node.finalbody, names);
        }
        _ => {}
    }
}

fn deleted<'a>(target: &'a Expr, names: &mut Vec<&'a Name>) {
    match target {
        Expr::Name(name) => names.push(&name.id),
        Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
            elts.iter().for_each(|element| with_stack(|| deleted(element, names)));
        }
        _ => {}
    }
}
