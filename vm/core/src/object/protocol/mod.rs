//! The object protocols: functions that look into an operand's class for the slot and say what to do without one.
//!
//! Native code calls these, never the slots themselves.

pub mod buffer;
pub mod class;
pub mod compare;
pub mod item;
pub mod iter;
pub mod number;
pub mod object;
