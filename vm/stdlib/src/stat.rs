//! `_stat`: what the bits of a file's mode and flags mean.

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

use crate::support::system::add_constants;

static CONSTANTS: &[(&str, i64)] = &[
    ("SF_APPEND", 0x40000),
    ("SF_ARCHIVED", 0x10000),
    ("SF_DATALESS", 0x40000000),
    ("SF_FIRMLINK", 0x800000),
    ("SF_IMMUTABLE", 0x20000),
    ("SF_NOUNLINK", 0x100000),
    ("SF_SETTABLE", 0xffff0000),
    ("SF_SNAPSHOT", 0x200000),
    ("ST_ATIME", 7),
    ("ST_CTIME", 9),
    ("ST_DEV", 2),
    ("ST_GID", 5),
    ("ST_INO", 1),
    ("ST_MODE", 0),
    ("ST_MTIME", 8),
    ("ST_NLINK", 3),
    ("ST_SIZE", 6),
    ("ST_UID", 4),
    ("S_ENFMT", 0o2000),
    ("S_IEXEC", 0o100),
    ("S_IFBLK", 0o60000),
    ("S_IFCHR", 0o20000),
    ("S_IFDIR", 0o40000),
    ("S_IFDOOR", 0o0),
    ("S_IFIFO", 0o10000),
    ("S_IFLNK", 0o120000),
    ("S_IFPORT", 0o0),
    ("S_IFREG", 0o100000),
    ("S_IFSOCK", 0o140000),
    ("S_IFWHT", 0o0),
    ("S_IREAD", 0o400),
    ("S_IRGRP", 0o40),
    ("S_IROTH", 0o4),
    ("S_IRUSR", 0o400),
    ("S_IRWXG", 0o70),
    ("S_IRWXO", 0o7),
    ("S_IRWXU", 0o700),
    ("S_ISGID", 0o2000),
    ("S_ISUID", 0o4000),
    ("S_ISVTX", 0o1000),
    ("S_IWGRP", 0o20),
    ("S_IWOTH", 0o2),
    ("S_IWRITE", 0o200),
    ("S_IWUSR", 0o200),
    ("S_IXGRP", 0o10),
    ("S_IXOTH", 0o1),
    ("S_IXUSR", 0o100),
    ("UF_APPEND", 4),
    ("UF_COMPRESSED", 0x20),
    ("UF_DATAVAULT", 0x80),
    ("UF_HIDDEN", 0x8000),
    ("UF_IMMUTABLE", 2),
    ("UF_NODUMP", 1),
    ("UF_NOUNLINK", 0x10),
    ("UF_OPAQUE", 8),
    ("UF_SETTABLE", 0xffff),
    ("UF_TRACKED", 0x40),
];

const TYPE_MASK: u32 = 0o170_000;

/// A mode: an unsigned C int.
fn mode(cx: &Cx, value: Value) -> PyResult<u32> {
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value) {
        Some(mode) if mode < 0 => Err(cx.overflow_error("can't convert negative value to unsigned int")),
        Some(mode) => u32::try_from(mode).map_err(|_| cx.overflow_error("mode out of range")),
        None => Err(cx.overflow_error("Python int too large to convert to C unsigned long")),
    }
}

fn is_kind<const KIND: u32>(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::bool(mode(cx, value)? & TYPE_MASK == KIND))
}

fn never(cx: &Cx, _module: Value, value: Value) -> PyResult {
    mode(cx, value)?;
    Ok(Value::FALSE)
}

fn permissions(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int(i64::from(mode(cx, value)? & 0o7777)))
}

fn kind(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int(i64::from(mode(cx, value)? & TYPE_MASK)))
}

/// The mode as `ls -l` shows it.
fn text_of(mode: u32) -> String {
    let mut text = String::with_capacity(10);
    text.push(match mode & TYPE_MASK {
        0o100_000 => '-',
        0o040_000 => 'd',
        0o120_000 => 'l',
        0o060_000 => 'b',
        0o020_000 => 'c',
        0o010_000 => 'p',
        0o140_000 => 's',
        _ => '?',
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

fn filemode(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(cx.new_str(&text_of(mode(cx, value)?)).value())
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, CONSTANTS)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_stat",
    doc: "What the bits of a file's mode and flags mean.",
    functions: &[
        Method::one("S_ISDIR", is_kind::<0o040_000>, "S_ISDIR(mode) -> bool\n\nWhether mode is of a directory."),
        Method::one(
            "S_ISCHR",
            is_kind::<0o020_000>,
            "S_ISCHR(mode) -> bool\n\nWhether mode is of a character special device.",
        ),
        Method::one(
            "S_ISBLK",
            is_kind::<0o060_000>,
            "S_ISBLK(mode) -> bool\n\nWhether mode is of a block special device.",
        ),
        Method::one("S_ISREG", is_kind::<0o100_000>, "S_ISREG(mode) -> bool\n\nWhether mode is of a regular file."),
        Method::one("S_ISFIFO", is_kind::<0o010_000>, "S_ISFIFO(mode) -> bool\n\nWhether mode is of a named pipe."),
        Method::one("S_ISLNK", is_kind::<0o120_000>, "S_ISLNK(mode) -> bool\n\nWhether mode is of a symbolic link."),
        Method::one("S_ISSOCK", is_kind::<0o140_000>, "S_ISSOCK(mode) -> bool\n\nWhether mode is of a socket."),
        Method::one("S_ISDOOR", never, "S_ISDOOR(mode) -> bool\n\nWhether mode is of a door."),
        Method::one("S_ISPORT", never, "S_ISPORT(mode) -> bool\n\nWhether mode is of an event port."),
        Method::one("S_ISWHT", never, "S_ISWHT(mode) -> bool\n\nWhether mode is of a whiteout."),
        Method::one("S_IMODE", permissions, "S_IMODE(mode) -> int\n\nThe part of mode that os.chmod() can set."),
        Method::one("S_IFMT", kind, "S_IFMT(mode) -> int\n\nThe part of mode that says what kind of file it is."),
        Method::one("filemode", filemode, "filemode(mode) -> string\n\nmode as `ls -l` shows it."),
    ],
    types: &[],
    execute: Some(execute),
};
