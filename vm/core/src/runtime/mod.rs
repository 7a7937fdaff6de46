//! Starting and running: the VM, threads' contexts, errors, interned strings, signals, the end.

pub mod bootstrap;
pub mod bug;
pub mod codecs;
pub mod compile;
pub mod context;
pub mod error;
pub mod finalizers;
pub mod intern;
pub mod interrupt;
pub mod locale;
pub mod names;
pub mod process;
pub mod signal;
pub mod system;
pub mod thread;
pub mod vm;
pub mod warnings;
