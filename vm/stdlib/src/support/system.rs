//! System calls: errors, interruption by signals, file descriptors, timeouts, constants.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::exception::raise_os_error;
use countless_vm::types::float::as_f64;
use countless_vm::types::module::Module;
use countless_vm::types::{ids, int};

/// The calling thread's error number.
pub fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// Raises the OSError of the last system call.
#[cold]
pub fn last_error(cx: &Cx) -> Raised {
    raise_os_error(cx, errno(), None, None)
}

/// Raises the OSError of an error number.
#[cold]
pub fn error(cx: &Cx, errno: i32) -> Raised {
    raise_os_error(cx, errno, None, None)
}

/// Raises the OSError of an error number, about a path.
#[cold]
pub fn path_error(cx: &Cx, errno: i32, path: Option<Value>) -> Raised {
    raise_os_error(cx, errno, path, None)
}

/// What a system call that answers -1 for failure said: the answer, or the error number.
pub fn checked(answer: i64) -> Result<i64, i32> {
    if answer < 0 { Err(errno()) } else { Ok(answer) }
}

/// Makes a system call that may block, detached; again after signal handlers if it was interrupted (PEP 475).
pub fn blocking(cx: &Cx, mut call: impl FnMut() -> i64 + Send) -> PyResult<Result<i64, i32>> {
    loop {
        match cx.mutator().detached(|| checked(call())) {
            Err(libc::EINTR) => cx.poll()?,
            answer => return Ok(answer),
        }
    }
}

/// The same; a failure is raised.
pub fn blocking_or_raise(cx: &Cx, call: impl FnMut() -> i64 + Send) -> PyResult<i64> {
    blocking(cx, call)?.map_err(|errno| error(cx, errno))
}

/// A call that does not block; a failure is raised.
pub fn quick(cx: &Cx, answer: i64) -> PyResult<i64> {
    checked(answer).map_err(|errno| error(cx, errno))
}

/// The descriptor of an int, or of an object with `fileno()`.
pub fn file_descriptor(cx: &Cx, value: Value) -> PyResult<i32> {
    let fd = if int::is_int(cx, value) {
        if value.type_id() == ids::BOOL {
            cx.warn(ExceptionKind::RuntimeWarning, "bool is used as a file descriptor", 1)?;
        }
        cx.c_int_argument(value)?
    } else {
        let Some(method) = cx.get_attribute_optional(value, cx.intern_str("fileno"))? else {
            return Err(cx.type_error("argument must be an int, or have a fileno() method."));
        };
        let result = cx.call(method, &[])?;
        if !int::is_int(cx, result) {
            return Err(cx.type_error("fileno() returned a non-integer"));
        }
        cx.c_int_argument(result)?
    };
    if fd < 0 {
        return Err(raise!(cx, ValueError, "file descriptor cannot be a negative integer ({fd})"));
    }
    Ok(fd)
}

/// How a time that is no whole number of nanoseconds is rounded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Towards minus infinity.
    Floor,
    /// Towards plus infinity.
    Ceiling,
    /// Away from zero.
    Up,
}

impl Rounding {
    /// Rounds to a whole number.
    pub fn apply(self, value: f64) -> f64 {
        match self {
            Rounding::Floor => value.floor(),
            Rounding::Ceiling => value.ceil(),
            Rounding::Up if value >= 0.0 => value.ceil(),
            Rounding::Up => value.floor(),
        }
    }
}

/// Seconds, an int or float, in nanoseconds.
pub fn nanoseconds(cx: &Cx, value: Value, rounding: Rounding) -> PyResult<i64> {
    if let Some(seconds) = as_f64(cx, value) {
        if seconds.is_nan() {
            return Err(cx.value_error("Invalid value NaN (not a number)"));
        }
        let scaled = rounding.apply(seconds * 1e9);
        if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&scaled) {
            return Err(cx.overflow_error("timestamp out of range for C PyTime_t"));
        }
        return Ok(scaled as i64);
    }
    if !number::is_index(cx, value) {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "'{class}' object cannot be interpreted as an integer or float"));
    }
    let seconds = number::index(cx, value)?;
    let seconds = number::as_index_i64(cx, seconds);
    match seconds.and_then(|seconds| seconds.checked_mul(1_000_000_000)) {
        Some(scaled) => Ok(scaled),
        None => Err(cx.overflow_error("timestamp too large to convert to C PyTime_t")),
    }
}

/// Nanoseconds of the monotonic clock.
pub fn monotonic() -> i64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the record is a local; the clock exists on every system this runs on.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now) };
    now.tv_sec.saturating_mul(1_000_000_000).saturating_add(now.tv_nsec)
}

/// A C time of nanoseconds.
pub fn timespec(nanoseconds: i64) -> libc::timespec {
    libc::timespec { tv_sec: nanoseconds.div_euclid(1_000_000_000), tv_nsec: nanoseconds.rem_euclid(1_000_000_000) }
}

/// Adds integer constants to a module.
pub fn add_constants(cx: &Cx, module: Ref<Module>, constants: &[(&str, i64)]) -> PyResult<()> {
    module.dict().reserve(cx, module.dict().len() + constants.len())?;
    for &(name, value) in constants {
        cx.add_to_module(module, name, cx.new_int_from_i64(value))?;
    }
    Ok(())
}

/// Rows `("NAME", libc::NAME as i64)` of the constants' names.
#[macro_export]
macro_rules! libc_constants {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i64)),*] };
}
