//! Starting and running: the VM, threads' contexts, errors, interned strings, signals, the end.

pub mod bootstrap;
pub mod context;
pub mod error;
pub mod intern;
pub mod names;
pub(crate) mod system;
pub mod thread;
pub mod vm;
