//! `_io`: files.
//!
//! From the system upwards: `FileIO` (descriptors), the buffered files, `TextIOWrapper`; beside them files in memory.
//! Threads: calls that block run detached. Buffered files hold their lock across calls of the raw file, as CPython's do
//! (`support::guarded`); text files and files in memory hold theirs for moments only (`support::short_lock`), and a
//! `BufferedRWPair` has none but those of its two halves. So who waits for input keeps nobody from writing.

mod base;
mod buffered;
mod bytes_io;
mod exit;
mod file;
mod newline;
mod open;
mod printer;
mod string_io;
mod text;

pub use exit::flush_open_files;
pub use printer::make_printer;

use countless_vm::native::definition::{Method, ModuleDef};
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
    functions: &[
        Method::many(
            "open",
            open::open,
            "open($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)\n--\n\nOpen a file by name or descriptor.\n\nThe mode is 'r' to read (the default), 'w' to write anew, 'x' to make a new file\nand write it, 'a' to write at the end; with 'b' for bytes or 't' for text (the\ndefault), and '+' for both directions. buffering is 0 for none (bytes only), 1\nfor lines (text only), or the buffer's size. encoding, errors and newline are\nthose of TextIOWrapper. With closefd false a descriptor stays open; an opener is\ncalled with name and flags and returns a descriptor.",
        ),
        Method::many(
            "open_code",
            open::open_code,
            "open_code($module, /, path)\n--\n\nOpen a file of code in mode 'rb'.",
        ),
        Method::many(
            "text_encoding",
            open::text_encoding,
            "text_encoding($module, encoding, stacklevel=2, /)\n--\n\nThe encoding, or what None stands for: \"utf-8\" in UTF-8 mode, else \"locale\".\n\nFor functions with an argument encoding=None that they pass on to open() or\nTextIOWrapper: warns about None if that was asked for.",
        ),
    ],
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
        &newline::TYPE,
        &text::TYPE,
        &bytes_io::TYPE,
        &string_io::TYPE,
    ],
    execute: Some(execute),
};
