//! Expressions as text.
use countless_common::wtf8::Wtf8Buf;
use ruff_python_ast::Expr;
use ruff_text_size::Ranged;
use super::Compiler;
impl<'a> Compiler<'a> {
    pub(super) fn annotation_text(&self, annotation: &Expr) -> Wtf8Buf {
        Wtf8Buf::from(self.source.slice(annotation.range()))
    }
}
