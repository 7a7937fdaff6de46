//! Countless's virtual machine: values, object layouts, builtin types, interpreter, import, threads.
//!
//! It knows neither the command line nor the C API. Native modules beyond the core are in `countless-stdlib` and are
//! handed in through `Config::modules`.

pub mod exceptions;
pub mod import;
pub mod interp;
pub mod native;
pub mod object;
pub mod runtime;
pub mod traceback;
pub mod types;

/// The collector, as far as native types need it: heads of cells, tracers, locks.
pub use countless_gc as gc;
