//! Countless's compiler: source text → syntax tree → symbol table → register bytecode.
//!
//! It knows neither the heap nor the interpreter. Only this crate names the parser it uses.

pub mod ast;
pub mod bytecode;
pub mod compile;
pub mod symtable;
pub mod syntax;
