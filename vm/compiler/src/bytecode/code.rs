//! The compiler's output: an immutable code object, shared by `Arc`.
//!
//! Invariants (checked by [`super::verify`]): `instructions` is not empty and ends in a terminal instruction;
//! `locals.len() <= register_count`; `positions` has one entry per instruction; `exception_table` is sorted by start
//! and its entries do not overlap, so that the entry around an instruction is the innermost handler.

use std::sync::Arc;

use countless_common::wtf8::Wtf8Buf;
use dashu_int::IBig;

use super::instruction::Instruction;
use super::positions::Positions;

/// A code object.
#[derive(Debug, Clone)]
pub struct Code {
    /// `co_name`.
    pub name: Box<str>,
    /// `co_qualname`.
    pub qualified_name: Box<str>,
    /// `co_filename`.
    pub filename: Arc<str>,
    /// `co_firstlineno`.
    pub first_line: u32,
    /// `co_flags`.
    pub flags: CodeFlags,
    /// `co_argcount`: positional parameters, positional-only ones included.
    pub argument_count: u32,
    /// `co_posonlyargcount`.
    pub positional_only_count: u32,
    /// `co_kwonlyargcount`.
    pub keyword_only_count: u32,
    /// The named registers, from register 0: parameters (positional, keyword-only, `*args`, `**kwargs`), other locals,
    /// cells that are not parameters, free variables.
    pub locals: Box<[LocalVariable]>,
    /// Size of the frame's window: named registers and temporaries, call windows included.
    pub register_count: u32,
    /// The instructions.
    pub instructions: Box<[Instruction]>,
    /// `co_consts`; the first is the docstring if the flags say so.
    pub constants: Box<[Constant]>,
    /// `co_names`.
    pub names: Box<[Box<str>]>,
    /// Exception handlers.
    pub exception_table: Box<[ExceptionEntry]>,
    /// Source positions.
    pub positions: Positions,
}

/// A named register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalVariable {
    /// The variable's name.
    pub name: Box<str>,
    /// A parameter.
    pub is_parameter: bool,
    /// A cell of this frame: `MakeCell` puts it into the register.
    pub is_cell: bool,
    /// A cell of an enclosing frame: `CopyFree` puts it into the register.
    pub is_free: bool,
    /// A variable of an inlined comprehension that is not one of the function's own: not in `co_varnames`; `locals()`
    /// shows it while it is bound.
    pub is_hidden: bool,
}

/// Instructions `start..end` are handled at `handler`, which finds the exception in `register`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExceptionEntry {
    /// First instruction.
    pub start: u32,
    /// The one after the last.
    pub end: u32,
    /// Where to go on.
    pub handler: u32,
    /// The register that receives the exception.
    pub register: u16,
}

/// A constant.
///
/// Equality tells apart what Python code could tell apart: floats by their bits, ints from bools.
#[derive(Debug, Clone)]
pub enum Constant {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// A bool.
    Bool(bool),
    /// An int of at most 64 bits.
    Int(i64),
    /// An int beyond that.
    BigInt(Arc<IBig>),
    /// A float.
    Float(f64),
    /// A complex number.
    Complex(f64, f64),
    /// A str.
    Str(Arc<Wtf8Buf>),
    /// A bytes object.
    Bytes(Arc<[u8]>),
    /// A tuple.
    Tuple(Arc<[Constant]>),
    /// A frozenset; its elements in source order, without repetitions.
    FrozenSet(Arc<[Constant]>),
    /// A slice: start, stop, step.
    Slice(Arc<[Constant; 3]>),
    /// A nested code object.
    Code(Arc<Code>),
    /// A nested code object that is kept elsewhere: in an image, or in the heap.
    Nested(Arc<NestedCode>),
}

/// What code must know of a code object that is nested in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NestedCode {
    /// `co_qualname`.
    pub qualified_name: Box<str>,
    /// How many free variables it has.
    pub free_count: u32,
}

impl PartialEq for Constant {
    fn eq(&self, other: &Constant) -> bool {
        match (self, other) {
            (Constant::None, Constant::None) | (Constant::Ellipsis, Constant::Ellipsis) => true,
            (Constant::Bool(a), Constant::Bool(b)) => a == b,
            (Constant::Int(a), Constant::Int(b)) => a == b,
            (Constant::BigInt(a), Constant::BigInt(b)) => a == b,
            (Constant::Float(a), Constant::Float(b)) => a.to_bits() == b.to_bits(),
            (Constant::Complex(a, b), Constant::Complex(c, d)) => {
                a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
            }
            (Constant::Str(a), Constant::Str(b)) => a == b,
            (Constant::Bytes(a), Constant::Bytes(b)) => a == b,
            (Constant::Tuple(a), Constant::Tuple(b)) | (Constant::FrozenSet(a), Constant::FrozenSet(b)) => a == b,
            (Constant::Slice(a), Constant::Slice(b)) => a == b,
            (Constant::Code(a), Constant::Code(b)) => Arc::ptr_eq(a, b),
            (Constant::Nested(a), Constant::Nested(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Constant {}

impl std::hash::Hash for Constant {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
        match self {
            Constant::None | Constant::Ellipsis => {}
            Constant::Bool(value) => value.hash(state),
            Constant::Int(value) => value.hash(state),
            Constant::BigInt(value) => value.hash(state),
            Constant::Float(value) => value.to_bits().hash(state),
            Constant::Complex(real, imaginary) => (real.to_bits(), imaginary.to_bits()).hash(state),
            Constant::Str(value) => value.hash(state),
            Constant::Bytes(value) => value.hash(state),
            Constant::Tuple(items) | Constant::FrozenSet(items) => items.hash(state),
            Constant::Slice(parts) => parts.hash(state),
            Constant::Code(code) => Arc::as_ptr(code).hash(state),
            Constant::Nested(code) => code.hash(state),
        }
    }
}

impl Constant {
    /// A str constant.
    pub fn string(text: &str) -> Constant {
        Constant::Str(Arc::new(Wtf8Buf::from(text)))
    }

    /// An int constant in its shortest form.
    pub fn integer(value: IBig) -> Constant {
        match i64::try_from(&value) {
            Ok(small) => Constant::Int(small),
            Err(_) => Constant::BigInt(Arc::new(value)),
        }
    }
}

/// `co_flags`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct CodeFlags(pub u32);

impl CodeFlags {
    /// Locals live in registers.
    pub const OPTIMIZED: CodeFlags = CodeFlags(0x1);
    /// A call makes new locals.
    pub const NEWLOCALS: CodeFlags = CodeFlags(0x2);
    /// Has `*args`.
    pub const VARARGS: CodeFlags = CodeFlags(0x4);
    /// Has `**kwargs`.
    pub const VARKEYWORDS: CodeFlags = CodeFlags(0x8);
    /// Inside a function.
    pub const NESTED: CodeFlags = CodeFlags(0x10);
    /// A generator.
    pub const GENERATOR: CodeFlags = CodeFlags(0x20);
    /// A coroutine.
    pub const COROUTINE: CodeFlags = CodeFlags(0x80);
    /// A generator that can be awaited (`types.coroutine`); never set by the compiler.
    pub const ITERABLE_COROUTINE: CodeFlags = CodeFlags(0x100);
    /// An asynchronous generator.
    pub const ASYNC_GENERATOR: CodeFlags = CodeFlags(0x200);
    /// The first constant is the docstring.
    pub const HAS_DOCSTRING: CodeFlags = CodeFlags(0x400_0000);
    /// A function defined in a class body.
    pub const METHOD: CodeFlags = CodeFlags(0x800_0000);
    /// All the `from __future__` bits.
    pub const FUTURE_MASK: u32 = 0x1fe_0000;
    /// `from __future__ import annotations`.
    pub const FUTURE_ANNOTATIONS: CodeFlags = CodeFlags(0x100_0000);
    /// `from __future__ import barry_as_FLUFL`.
    pub const FUTURE_BARRY: CodeFlags = CodeFlags(0x40_0000);

    /// Whether any bit of `other` is set.
    pub const fn has(self, other: CodeFlags) -> bool {
        self.0 & other.0 != 0
    }

    /// Sets the bits of `other`.
    pub fn insert(&mut self, other: CodeFlags) {
        self.0 |= other.0;
    }

    /// Whether calling it makes a generator, coroutine or asynchronous generator.
    pub const fn is_suspendable(self) -> bool {
        self.0 & (Self::GENERATOR.0 | Self::COROUTINE.0 | Self::ASYNC_GENERATOR.0) != 0
    }
}

impl Code {
    /// The docstring.
    pub fn docstring(&self) -> Option<&Constant> {
        self.flags.has(CodeFlags::HAS_DOCSTRING).then(|| &self.constants[0])
    }

    /// How many named registers are parameters, `*args` and `**kwargs` included.
    pub fn parameter_register_count(&self) -> u32 {
        self.argument_count
            + self.keyword_only_count
            + u32::from(self.flags.has(CodeFlags::VARARGS))
            + u32::from(self.flags.has(CodeFlags::VARKEYWORDS))
    }

    /// The handler that an exception raised at `pc` goes to.
    pub fn handler(&self, pc: u32) -> Option<&ExceptionEntry> {
        let after = self.exception_table.partition_point(|entry| entry.start <= pc);
        let entry = &self.exception_table[after.checked_sub(1)?];
        (pc < entry.end).then_some(entry)
    }

    /// Whether all but file name and constants is the same.
    pub fn has_parts_of(&self, other: &Code) -> bool {
        self.name == other.name
            && self.qualified_name == other.qualified_name
            && self.first_line == other.first_line
            && self.flags == other.flags
            && self.argument_count == other.argument_count
            && self.positional_only_count == other.positional_only_count
            && self.keyword_only_count == other.keyword_only_count
            && self.locals == other.locals
            && self.register_count == other.register_count
            && self.instructions == other.instructions
            && self.names == other.names
            && self.exception_table == other.exception_table
            && self.positions == other.positions
            && self.constants.len() == other.constants.len()
    }

    /// The nested code objects that are part of it.
    pub fn nested(&self) -> impl Iterator<Item = &Arc<Code>> {
        self.constants.iter().filter_map(|constant| match constant {
            Constant::Code(code) => Some(code),
            _ => None,
        })
    }
}
