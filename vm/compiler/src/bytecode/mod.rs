//! Register bytecode: the instruction table and what is derived from it, code objects, and the tools that read them.
//!
//! Data flows one way: [`ops`] (the table) → [`instruction`] (words) → [`effects`] (registers read and written) →
//! [`liveness`], [`verify`], [`disasm`].

pub mod code;
pub mod effects;
pub mod instruction;
pub mod ops;
pub mod positions;
pub mod selectors;

pub use code::{Code, CodeFlags, Constant, ExceptionEntry, LocalVariable};
pub use effects::{Effects, RegisterRange};
pub use instruction::{Instruction, Op, Opcode, Operand, Place};
pub use ops::OperandKind;
pub use positions::{Positions, Span};
pub use selectors::{CommonValue, Singleton, SpecialMethod, TypeParameterKind};
