//! `return`, `break` and `continue` that leave a `finally` block (PEP 765): a warning.

use ruff_python_ast::{ExceptHandler, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::syntax::SourceText;
use crate::syntax::error::{SyntaxError, SyntaxWarning};
use crate::syntax::guard_stack;

/// Where a statement stands.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    in_finally: bool,
    /// A loop begins inside the innermost `finally`.
    in_loop: bool,
}

struct Walk<'a> {
    source: &'a SourceText,
    warnings: Vec<SyntaxWarning>,
}

/// All such warnings of a module.
pub(super) fn warnings(body: &[Stmt], source: &SourceText) -> Vec<SyntaxWarning> {
    let mut walk = Walk { source, warnings: Vec::new() };
    walk.body(body, Place::default());
    walk.warnings
}

impl Walk<'_> {
    fn body(&mut self, body: &[Stmt], place: Place) {
        body.iter().for_each(|statement| guard_stack(|| self.statement(statement, place)));
    }

    fn warn(&mut self, range: TextRange, word: &str) {
        let message = format!("'{word}' in a 'finally' block");
        self.warnings.push(SyntaxWarning {
            line: self.source.line_of(range.start()),
            error: SyntaxError::in_compiler(self.source, range, message.clone()),
            message,
        });
    }

    fn statement(&mut self, statement: &Stmt, place: Place) {
        let in_loop = Place { in_loop: true, ..place };
        match statement {
            Stmt::Return(_) if place.in_finally => self.warn(statement.range(), "return"),
            Stmt::Break(_) if place.in_finally && !place.in_loop => {
                self.warn(statement.range(), "break");
            }
            Stmt::Continue(_) if place.in_finally && !place.in_loop => {
                self.warn(statement.range(), "continue");
            }
            Stmt::FunctionDef(node) => self.body(&node.body, Place::default()),
            Stmt::ClassDef(node) => self.body(&node.body, Place::default()),
            Stmt::For(node) => {
                self.body(&node.body, in_loop);
                self.body(&node.orelse, place);
            }
            Stmt::While(node) => {
                self.body(&node.body, in_loop);
                self.body(&node.orelse, place);
            }
            Stmt::If(node) => {
                self.body(&node.body, place);
                for clause in &node.elif_else_clauses {
                    self.body(&clause.body, place);
                }
            }
            Stmt::With(node) => self.body(&node.body, place),
            Stmt::Match(node) => node.cases.iter().for_each(|case| self.body(&case.body, place)),
            Stmt::Try(node) => {
                self.body(&node.body, place);
                for ExceptHandler::ExceptHandler(handler) in &node.handlers {
                    self.body(&handler.body, place);
                }
                self.body(&node.orelse, place);
                self.body(&node.finalbody, Place { in_finally: true, in_loop: false });
            }
            _ => {}
        }
    }
}
