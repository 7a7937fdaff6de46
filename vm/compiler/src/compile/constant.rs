//! Literals as constants, and how constants get into registers.

use std::sync::Arc;

use countless_common::wtf8::Wtf8Buf;
use ruff_python_ast::{self as ast, Number};
use ruff_text_size::TextRange;

use super::Compiler;
use super::emit::Register;
use crate::bytecode::{Constant, Op, Singleton};
use crate::syntax::literal;

impl<'a> Compiler<'a> {
    /// Loads a constant.
    pub(super) fn load_constant(&mut self, constant: Constant, dst: Register, range: TextRange) {
        let singleton = match &constant {
            Constant::None => Singleton::None,
            Constant::Ellipsis => Singleton::Ellipsis,
            Constant::Bool(true) => Singleton::True,
            Constant::Bool(false) => Singleton::False,
            Constant::Int(value) if i32::try_from(*value).is_ok() => {
                self.emit(Op::LoadInt { dst, value: *value as i32 }, range);
                return;
            }
            _ => {
                if self.unit.emit.is_reachable() {
                    let index = self.constant(constant);
                    self.emit(Op::LoadConst { dst, index }, range);
                }
                return;
            }
        };
        self.load_singleton(singleton, dst, range);
    }

    /// Loads a singleton.
    pub(super) fn load_singleton(&mut self, singleton: Singleton, dst: Register, range: TextRange) {
        self.emit(Op::LoadSingleton { n: singleton as u8, dst }, range);
    }

    /// Loads a str.
    pub(super) fn load_string(&mut self, text: &str, dst: Register, range: TextRange) {
        self.load_constant(Constant::string(text), dst, range);
    }

    /// A str literal, its adjacent parts joined.
    pub(super) fn string_literal(&self, literal: &ast::ExprStringLiteral) -> Constant {
        let text = Wtf8Buf::from_trusted_bytes(literal::string(self.source, &literal.value).into_owned());
        Constant::Str(Arc::new(text))
    }

    /// One str literal.
    pub(super) fn string_part(&self, part: &ast::StringLiteral) -> Wtf8Buf {
        Wtf8Buf::from_trusted_bytes(literal::string_part(self.source, part).into_owned())
    }

    /// The literal text between the fields of an f-string or t-string.
    pub(super) fn literal_element(&self, element: &ast::InterpolatedStringLiteralElement, is_raw: bool) -> Wtf8Buf {
        Wtf8Buf::from_trusted_bytes(literal::interpolated_part(self.source, element, is_raw).into_owned())
    }

    /// A bytes literal, its adjacent parts joined.
    pub(super) fn bytes_literal(&self, literal: &ast::ExprBytesLiteral) -> Constant {
        let bytes: Vec<u8> = literal.value.iter().flat_map(|part| part.value.iter().copied()).collect();
        Constant::Bytes(bytes.into())
    }
}

/// A number literal.
pub(super) fn number(value: &Number) -> Constant {
    match value {
        Number::Float(value) => Constant::Float(*value),
        Number::Complex { real, imag } => Constant::Complex(*real, *imag),
        Number::Int(value) => match literal::integer(value) {
            literal::Integer::Small(value) => Constant::Int(value),
            literal::Integer::Big(value) => Constant::integer(value),
        },
    }
}
