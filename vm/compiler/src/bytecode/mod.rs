//! Register bytecode: the instruction table and what is derived from it, code objects, and the tools that read them.
//!
//! Data flows one way: [`ops`] (the table) → [`instruction`] (words) → [`effects`] (registers read and written) →
//! [`liveness`], [`verify`], [`transfer`], [`disasm`].

pub mod code;
pub mod disasm;
pub mod effects;
pub mod image;
pub mod instruction;
pub mod liveness;
pub mod ops;
pub mod positions;
pub mod selectors;
pub mod serial;
pub mod transfer;
pub mod verify;

pub use code::{Code, CodeFlags, Constant, ExceptionEntry, LocalVariable, NestedCode};
pub use disasm::disassemble;
pub use effects::{Effects, RegisterRange};
pub use instruction::{Instruction, Op, Opcode, Operand, Place};
pub use liveness::Liveness;
pub use ops::OperandKind;
pub use positions::{Positions, Span};
pub use selectors::{CommonValue, Singleton, SpecialMethod, TypeParameterKind};
pub use verify::{VerifyError, verify, verify_all};
