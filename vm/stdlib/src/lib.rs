//! Countless's native modules, one file (or folder) each. [`MODULES`] lists them; the binary hands the list to the VM.

mod abc;
mod array;
mod ast;
mod atexit;
mod binascii;
mod bisect;
mod builtins;
mod cmath;
mod codecs;
mod collections;
mod contextvars;
mod countless;

mod csv;
mod errno;
mod faulthandler;
mod fcntl;
mod functools;
mod gc;
mod grp;
mod hashes;
mod heapq;
mod imp;
mod io;
mod itertools;
mod json;
mod locale;
mod marshal;
mod math;
mod opcode;
mod operator;
mod posix;
mod posixsubprocess;
mod pwd;
mod random;
mod resource;
mod select;
mod signal;
mod socket;
mod sre;
mod stat;
mod statistics;
mod string;
mod structs;
mod suggestions;
mod support;
mod symtable;
mod sys;
mod termios;
mod thread;
mod time;
mod tokenize;
mod tracemalloc;
mod types;
mod typing;
mod unicode_3_2;
mod unicodedata;
mod warnings;
mod weakref;
mod zlib;

pub use io::{flush_open_files, make_printer};

use countless_vm::native::definition::ModuleDef;

/// Every native module.
pub static MODULES: &[&ModuleDef] = &[
    &abc::MODULE,
    &array::MODULE,
    &ast::MODULE,
    &atexit::MODULE,
    &binascii::MODULE,
    &bisect::MODULE,
    &builtins::MODULE,
    &cmath::MODULE,
    &codecs::MODULE,
    &collections::MODULE,
    &contextvars::MODULE,
    &countless::MODULE,
    &csv::MODULE,
    &errno::MODULE,
    &faulthandler::MODULE,
    &fcntl::MODULE,
    &functools::MODULE,
    &gc::MODULE,
    &grp::MODULE,
    &hashes::blake2::MODULE,
    &hashes::plain::MD5,
    &hashes::plain::SHA1,
    &hashes::plain::SHA2,
    &hashes::sha3::MODULE,
    &heapq::MODULE,
    &imp::MODULE,
    &io::MODULE,
    &itertools::MODULE,
    &json::MODULE,
    &locale::MODULE,
    &marshal::MODULE,
    &math::MODULE,
    &opcode::MODULE,
    &operator::MODULE,
    &posix::MODULE,
    &posixsubprocess::MODULE,
    &pwd::MODULE,
    &random::MODULE,
    &resource::MODULE,
    &select::MODULE,
    &signal::MODULE,
    &socket::MODULE,
    &sre::MODULE,
    &stat::MODULE,
    &statistics::MODULE,
    &string::MODULE,
    &structs::MODULE,
    &suggestions::MODULE,
    &symtable::MODULE,
    &sys::MODULE,
    &termios::MODULE,
    &thread::MODULE,
    &time::MODULE,
    &tokenize::MODULE,
    &tracemalloc::MODULE,
    &types::MODULE,
    &typing::MODULE,
    &unicodedata::MODULE,
    &warnings::MODULE,
    &weakref::MODULE,
    &zlib::MODULE,
];
