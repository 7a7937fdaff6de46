//! `_io`: files.
//!
//! From the system upwards: `FileIO` (descriptors), the buffered files, `TextIOWrapper`; beside them files in memory.
//! Each object's state outside the heap is behind a lock of its own (`support::guarded`); calls that block run detached.

mod base;
mod buffered;
mod file;

use countless_vm::native::definition::ModuleDef;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    cx.add_to_module(module, "DEFAULT_BUFFER_SIZE", Value::length(base::DEFAULT_BUFFER_SIZE))?;
    cx.add_to_module(module, "UnsupportedOperation", base::define_unsupported(cx)?)?;
    let blocking = cx.builtin_type(countless_vm::exceptions::ExceptionKind::BlockingIOError.type_id());
    cx.add_to_module(module, "BlockingIOError", blocking.value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_io",
    doc: "Files: raw, buffered, and of text.",
    functions: &[],
    types: &[
        &base::TYPE,
        &base::RAW_TYPE,
        &base::BUFFERED_TYPE,
        &base::TEXT_TYPE,
        &file::TYPE,
        &buffered::READER_TYPE,
        &buffered::WRITER_TYPE,
        &buffered::RANDOM_TYPE,
        &buffered::PAIR_TYPE,
    ],
    execute: Some(execute),
};
