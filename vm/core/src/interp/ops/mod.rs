//! The handlers of the instructions, by family, under the names that the instruction table gives them.
//!
//! A handler does the whole instruction, also the cases that the loop does itself. It must be out of line, and reads its
//! operands from the frame again after whatever it calls.

pub mod arith;
pub mod attribute;
pub mod build;
pub mod call;
pub mod class;
pub mod compare;
pub mod control;
pub mod exception;
pub mod generator;
pub mod import;
pub mod iter;
pub mod load;
pub mod pattern;
pub mod store;
pub mod subscript;
pub mod unpack;

pub use super::monitor::execute as monitor;
