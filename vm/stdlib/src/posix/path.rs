//! Paths as arguments: names, descriptors, folders that names are relative to.

use std::ffi::CString;

use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::Bytes;
use countless_vm::types::exception::raise_os_error;
use countless_vm::types::int::Int;
use countless_vm::types::str::Str;

use crate::support::path::{fs_decode, fs_encode};

/// What a path argument may be, for its conversion and the error's wording.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The function's name.
    pub function: &'static str,
    /// The argument's name.
    pub argument: &'static str,
    /// Whether a descriptor will do.
    pub descriptor: bool,
    /// Whether None stands for the current folder.
    pub nullable: bool,
}

impl Kind {
    /// A name.
    pub const fn name(function: &'static str) -> Kind {
        Kind { function, argument: "path", descriptor: false, nullable: false }
    }

    /// A name or a descriptor.
    pub const fn any(function: &'static str) -> Kind {
        Kind { function, argument: "path", descriptor: true, nullable: false }
    }

    /// A name, a descriptor, or nothing for the current folder.
    pub const fn optional(function: &'static str) -> Kind {
        Kind { function, argument: "path", descriptor: true, nullable: true }
    }

    /// The same for an argument of another name.
    pub const fn called(mut self, argument: &'static str) -> Kind {
        self.argument = argument;
        self
    }
}

/// A path argument.
pub struct Path {
    /// What was passed, for errors; `None` if nothing was.
    pub object: Option<Value>,
    /// The name; "." if nothing was passed or a descriptor was.
    pub name: CString,
    /// The descriptor, if one was passed.
    pub descriptor: Option<i32>,
    /// Whether the name was given as bytes.
    pub is_bytes: bool,
}

impl Path {
    /// Converts an argument.
    pub fn new(cx: &Cx, value: Option<Value>, kind: Kind) -> PyResult<Path> {
        let value = value.filter(|value| !(kind.nullable && value.is_none()));
        let Some(value) = value.or_else(|| (!kind.nullable).then_some(Value::NONE)) else {
            return Ok(Path { object: None, name: c".".to_owned(), descriptor: None, is_bytes: false });
        };
        let is_name = value.downcast::<Str>(cx).is_some() || value.downcast::<Bytes>(cx).is_some();
        if !is_name && kind.descriptor && number::is_index(cx, value) {
            let descriptor = descriptor(cx, value)?;
            return Ok(Path {
                object: Some(value),
                name: c".".to_owned(),
                descriptor: Some(descriptor),
                is_bytes: false,
            });
        }
        if !is_name && cx.lookup_special(value, cx.names().__fspath__)?.is_none() {
            return Err(wrong_type(cx, value, kind));
        }
        let bytes = fs_encode(cx, value)?;
        let is_bytes = value.downcast::<Str>(cx).is_none()
            && crate::support::path::fs_path(cx, value)?.downcast::<Bytes>(cx).is_some();
        match CString::new(bytes) {
            Ok(name) => Ok(Path { object: Some(value), name, descriptor: None, is_bytes }),
            Err(_) => {
                let Kind { function, argument, .. } = kind;
                Err(raise!(cx, ValueError, "{function}: embedded null character in {argument}"))
            }
        }
    }

    /// The address of the name, for system calls; valid while the path is.
    pub fn pointer(&self) -> *const libc::c_char {
        self.name.as_ptr()
    }

    /// Raises the OSError of an error number, about this path.
    #[cold]
    pub fn error(&self, cx: &Cx, errno: i32) -> Raised {
        raise_os_error(cx, errno, self.object, None)
    }

    /// The same, but a descriptor is not mentioned.
    #[cold]
    pub fn name_error(&self, cx: &Cx, errno: i32) -> Raised {
        raise_os_error(cx, errno, self.object.filter(|_| self.descriptor.is_none()), None)
    }

    /// The same about two paths.
    #[cold]
    pub fn error_with(&self, cx: &Cx, errno: i32, other: &Path) -> Raised {
        raise_os_error(cx, errno, self.object, other.object)
    }

    /// Makes a system call that may block, detached, and raises its failure.
    pub fn call(&self, cx: &Cx, mut call: impl FnMut(&Path) -> i64 + Send) -> PyResult<i64> {
        // Only the name and the descriptor are used detached; both are Rust's own.
        let shared = Shared(self);
        crate::support::system::blocking(cx, || call(shared.get()))?.map_err(|errno| self.error(cx, errno))
    }

    /// A name of the system as the same kind of string as this path.
    pub fn similar(&self, cx: &Cx, name: &[u8]) -> Value {
        if self.is_bytes { cx.new_bytes(name).value() } else { fs_decode(cx, name).value() }
    }
}

/// A path on its way into a detached call, which does not touch the object in it.
pub(super) struct Shared<'a>(pub(super) &'a Path);

impl<'a> Shared<'a> {
    pub(super) fn get(&self) -> &'a Path {
        self.0
    }
}

// SAFETY: the calls made detached read `name` and `descriptor`, which nothing changes.
unsafe impl Send for Shared<'_> {}
// SAFETY: as above.
unsafe impl Sync for Shared<'_> {}

#[cold]
fn wrong_type(cx: &Cx, value: Value, kind: Kind) -> Raised {
    let Kind { function, argument, .. } = kind;
    let expected = match (kind.descriptor, kind.nullable) {
        (true, true) => "string, bytes, os.PathLike, integer or None",
        (true, false) => "string, bytes, os.PathLike or integer",
        (false, true) => "string, bytes, os.PathLike or None",
        (false, false) => "string, bytes or os.PathLike",
    };
    raise!(cx, TypeError, "{function}: {argument} should be {expected}, not {}", value.class_name(cx))
}

/// A descriptor given as a number.
pub fn descriptor(cx: &Cx, value: Value) -> PyResult<i32> {
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value) {
        Some(fd) if i32::try_from(fd).is_ok() => Ok(fd as i32),
        Some(..0) => Err(cx.overflow_error("fd is less than minimum")),
        _ => Err(cx.overflow_error("fd is greater than maximum")),
    }
}

/// The folder that names are relative to.
pub fn dir_fd(cx: &Cx, value: Option<Value>) -> PyResult<i32> {
    match value.and_then(Value::not_none) {
        None => Ok(libc::AT_FDCWD),
        Some(value) if number::is_index(cx, value) => descriptor(cx, value),
        Some(value) => Err(raise!(cx, TypeError, "argument should be integer or None, not {}", value.class_name(cx))),
    }
}

/// A user's or group's number; -1 stands for "leave it".
pub(crate) fn id(cx: &Cx, value: Value, what: &str) -> PyResult<u32> {
    if !number::is_index(cx, value) {
        return Err(raise!(cx, TypeError, "{what} should be integer, not {}", value.class_name(cx)));
    }
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value) {
        Some(-1) => Ok(u32::MAX),
        Some(id) => match u32::try_from(id) {
            Ok(id) => Ok(id),
            // So CPython says of numbers that are too large as well.
            Err(_) => Err(raise!(cx, OverflowError, "{what} is less than minimum")),
        },
        None if value.downcast::<Int>(cx).is_some_and(|id| id.is_negative()) => {
            Err(raise!(cx, OverflowError, "{what} is less than minimum"))
        }
        None => Err(raise!(cx, OverflowError, "{what} is greater than maximum")),
    }
}
