//! How native code is written: rows of methods, types and modules, and the arguments of calls.

pub mod args;
pub mod convert;
pub mod definition;
