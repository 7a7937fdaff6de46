//! `fcntl`: what else can be done with file descriptors.

use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::buffer::{get_buffer, request};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::int;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

use crate::support::system::{add_constants, blocking_or_raise, file_descriptor};

static CONSTANTS: &[(&str, i64)] = &[
    ("DN_ACCESS", 1),
    ("DN_ATTRIB", 32),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_MODIFY", 2),
    ("DN_MULTISHOT", 2147483648),
    ("DN_RENAME", 16),
    ("FASYNC", 8192),
    ("FD_CLOEXEC", 1),
    ("FICLONE", 1074041865),
    ("FICLONERANGE", 1075876877),
    ("F_ADD_SEALS", 1033),
    ("F_DUPFD", 0),
    ("F_DUPFD_CLOEXEC", 1030),
    ("F_DUPFD_QUERY", 1027),
    ("F_EXLCK", 4),
    ("F_GETFD", 1),
    ("F_GETFL", 3),
    ("F_GETLEASE", 1025),
    ("F_GETLK", 5),
    ("F_GETLK64", 5),
    ("F_GETOWN", 9),
    ("F_GETOWN_EX", 16),
    ("F_GETPIPE_SZ", 1032),
    ("F_GETSIG", 11),
    ("F_GET_FILE_RW_HINT", 1037),
    ("F_GET_RW_HINT", 1035),
    ("F_GET_SEALS", 1034),
    ("F_NOTIFY", 1026),
    ("F_OFD_GETLK", 36),
    ("F_OFD_SETLK", 37),
    ("F_OFD_SETLKW", 38),
    ("F_OWNER_PGRP", 2),
    ("F_OWNER_PID", 1),
    ("F_OWNER_TID", 0),
    ("F_RDLCK", 0),
    ("F_SEAL_FUTURE_WRITE", 16),
    ("F_SEAL_GROW", 4),
    ("F_SEAL_SEAL", 1),
    ("F_SEAL_SHRINK", 2),
    ("F_SEAL_WRITE", 8),
    ("F_SETFD", 2),
    ("F_SETFL", 4),
    ("F_SETLEASE", 1024),
    ("F_SETLK", 6),
    ("F_SETLK64", 6),
    ("F_SETLKW", 7),
    ("F_SETLKW64", 7),
    ("F_SETOWN", 8),
    ("F_SETOWN_EX", 15),
    ("F_SETPIPE_SZ", 1031),
    ("F_SETSIG", 10),
    ("F_SET_FILE_RW_HINT", 1038),
    ("F_SET_RW_HINT", 1036),
    ("F_SHLCK", 8),
    ("F_UNLCK", 2),
    ("F_WRLCK", 1),
    ("LOCK_EX", 2),
    ("LOCK_MAND", 32),
    ("LOCK_NB", 4),
    ("LOCK_READ", 64),
    ("LOCK_RW", 192),
    ("LOCK_SH", 1),
    ("LOCK_UN", 8),
    ("LOCK_WRITE", 128),
    ("RWH_WRITE_LIFE_EXTREME", 5),
    ("RWH_WRITE_LIFE_LONG", 4),
    ("RWH_WRITE_LIFE_MEDIUM", 3),
    ("RWH_WRITE_LIFE_NONE", 1),
    ("RWH_WRITE_LIFE_NOT_SET", 0),
    ("RWH_WRITE_LIFE_SHORT", 2),
];

/// The longest argument that is passed through a buffer.
const MOST: usize = 1024;

/// An argument of a request.
enum Argument {
    Number(i64),
    Bytes(Vec<u8>),
}

/// A number of any C type that requests have.
fn unsigned(cx: &Cx, value: Value) -> PyResult<i64> {
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value) {
        Some(number) => Ok(number),
        None => match int::view(cx, &value).and_then(|number| number.to_u64()) {
            Some(number) => Ok(number as i64),
            None => Err(cx.overflow_error("Python int too large to convert to C unsigned long")),
        },
    }
}

fn argument(cx: &Cx, value: Option<Value>, function: &str) -> PyResult<Argument> {
    let Some(value) = value else { return Ok(Argument::Number(0)) };
    if number::is_index(cx, value) {
        return Ok(Argument::Number(unsigned(cx, value)?));
    }
    let bytes = match value.downcast::<Str>(cx) {
        Some(text) => text.as_bytes().to_vec(),
        None if cx.type_of(value).slots.buffer().is_some() => ByteView::new(cx, value)?.to_vec(),
        None => {
            let class = value.class_name(cx);
            return Err(raise!(
                cx,
                TypeError,
                "{function}() argument 3 must be an integer, a bytes-like object, or a string, not {class}"
            ));
        }
    };
    if bytes.len() > MOST {
        return Err(raise!(cx, ValueError, "{function} argument 3 is too long"));
    }
    Ok(Argument::Bytes(bytes))
}

/// The bytes in a buffer that the system may write more to than it should.
fn roomy(bytes: &[u8]) -> Vec<u8> {
    let mut buffer = bytes.to_vec();
    buffer.resize(bytes.len().max(MOST) + 64, 0);
    buffer
}

fn fcntl(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, command, value] = args.between::<3>(cx, "fcntl", 2)?;
    let fd = file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let command = cx.c_int_argument(command.unwrap_or(Value::NONE))?;
    match argument(cx, value, "fcntl")? {
        Argument::Number(number) => {
            // SAFETY: the commands that take a number do; that this is one of them is, as in every Python, the caller's
            // promise.
            let answer = blocking_or_raise(cx, || unsafe { libc::fcntl(fd, command, number as libc::c_int).into() })?;
            Ok(Value::int(answer))
        }
        Argument::Bytes(bytes) => {
            let mut buffer = roomy(&bytes);
            let place = &mut buffer;
            // SAFETY: the buffer has room for every command's record.
            blocking_or_raise(cx, || unsafe { libc::fcntl(fd, command, place.as_mut_ptr()).into() })?;
            Ok(cx.new_bytes(&buffer[..bytes.len()]).value())
        }
    }
}

fn ioctl(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, code, value, mutate] = args.between::<4>(cx, "ioctl", 2)?;
    let fd = file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let code = unsigned(cx, code.unwrap_or(Value::NONE))? as libc::c_ulong;
    let mutate = mutate.map_or(Ok(true), |mutate| object::is_true(cx, mutate))?;
    if let Some(target) = value.filter(|value| mutate && !number::is_index(cx, *value))
        && cx.type_of(target).slots.buffer().is_some()
    {
        let buffer = get_buffer(cx, target, request::SIMPLE)?;
        if !buffer.read_only {
            let mut bytes = roomy(&buffer.to_vec());
            let place = &mut bytes;
            // SAFETY: the buffer has more room than the caller's own; that this is enough is, as in every Python, the
            // caller's promise.
            let answer = blocking_or_raise(cx, || unsafe { libc::ioctl(fd, code, place.as_mut_ptr()).into() });
            if answer.is_ok() {
                buffer.write(0, &bytes[..buffer.length]);
            }
            buffer.release(cx);
            return Ok(Value::int(answer?));
        }
        buffer.release(cx);
    }
    match argument(cx, value, "ioctl")? {
        Argument::Number(number) => {
            // SAFETY: as for `fcntl`.
            Ok(Value::int(blocking_or_raise(cx, || unsafe { libc::ioctl(fd, code, number).into() })?))
        }
        Argument::Bytes(bytes) => {
            let mut buffer = roomy(&bytes);
            let place = &mut buffer;
            // SAFETY: as above.
            blocking_or_raise(cx, || unsafe { libc::ioctl(fd, code, place.as_mut_ptr()).into() })?;
            Ok(cx.new_bytes(&buffer[..bytes.len()]).value())
        }
    }
}

fn flock(cx: &Cx, _module: Value, fd: Value, operation: Value) -> PyResult {
    let (fd, operation) = (file_descriptor(cx, fd)?, cx.c_int_argument(operation)?);
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::flock(fd, operation).into() })?;
    Ok(Value::NONE)
}

fn lockf(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, command, length, start, whence] = args.between::<5>(cx, "lockf", 2)?;
    let fd = file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let command = cx.c_int_argument(command.unwrap_or(Value::NONE))?;
    let offset = |value: Option<Value>| value.map_or(Ok(0), |value| number::index_i64(cx, value));
    let kind = match command {
        libc::LOCK_UN => libc::F_UNLCK,
        command if command & libc::LOCK_SH != 0 => libc::F_RDLCK,
        command if command & libc::LOCK_EX != 0 => libc::F_WRLCK,
        _ => return Err(cx.value_error("unrecognized lockf argument")),
    };
    // SAFETY: the record is plain numbers, for which zero is valid.
    let mut record: libc::flock = unsafe { std::mem::zeroed() };
    record.l_type = kind as libc::c_short;
    record.l_len = offset(length)?;
    record.l_start = offset(start)?;
    record.l_whence = whence.map_or(Ok(0), |whence| cx.c_int_argument(whence))? as libc::c_short;
    let request = if command & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
    // SAFETY: the record is a local.
    blocking_or_raise(cx, || unsafe { libc::fcntl(fd, request, &raw const record).into() })?;
    Ok(Value::NONE)
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, CONSTANTS)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "fcntl",
    doc: "What else can be done with file descriptors: control and locks.\n\nThey are given as numbers or as files.",
    functions: &[
        Method::many(
            "fcntl",
            fcntl,
            "fcntl($module, fd, cmd, arg=0, /)\n--\n\nPerform the operation cmd on a file descriptor.\n\nThe result is a number; for bytes as an argument, the bytes that the system made of\nthem.",
        ),
        Method::many(
            "ioctl",
            ioctl,
            "ioctl($module, fd, request, arg=0, mutate_flag=True, /)\n--\n\nPerform the operation request on a device.\n\nA writable buffer as an argument is changed in place, unless mutate_flag is false.",
        ),
        Method::two("flock", flock, "flock($module, fd, operation, /)\n--\n\nLock or unlock a file."),
        Method::many(
            "lockf",
            lockf,
            "lockf($module, fd, cmd, len=0, start=0, whence=0, /)\n--\n\nLock or unlock a part of a file.",
        ),
    ],
    types: &[],
    execute: Some(execute),
};
