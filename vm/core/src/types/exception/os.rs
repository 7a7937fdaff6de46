//! `OSError` and the classes that stand for its error numbers.
//!
//! Extra fields: errno, strerror, filename, filename2, characters_written. As in CPython, a class with its own
//! `__init__` but not its own `__new__` is initialised in `__init__`; others already in `__new__`, which may choose a
//! subclass by the error number.

use super::base::{self, args_tuple, this};
use super::{BaseException, OS, allocate};
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef};
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::slots::{SlotId, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::type_object::TypeObject;

const ERRNO: usize = 0;
const STRERROR: usize = 1;
const FILENAME: usize = 2;
const FILENAME2: usize = 3;
const WRITTEN: usize = 4;

/// The subclass of OSError that stands for an error number.
pub fn kind_of_errno(errno: i32) -> ExceptionKind {
    match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => ExceptionKind::BlockingIOError,
        libc::EPIPE | libc::ESHUTDOWN => ExceptionKind::BrokenPipeError,
        libc::ECHILD => ExceptionKind::ChildProcessError,
        libc::ECONNABORTED => ExceptionKind::ConnectionAbortedError,
        libc::ECONNREFUSED => ExceptionKind::ConnectionRefusedError,
        libc::ECONNRESET => ExceptionKind::ConnectionResetError,
        libc::EEXIST => ExceptionKind::FileExistsError,
        libc::ENOENT => ExceptionKind::FileNotFoundError,
        libc::EISDIR => ExceptionKind::IsADirectoryError,
        libc::ENOTDIR => ExceptionKind::NotADirectoryError,
        libc::EINTR => ExceptionKind::InterruptedError,
        libc::EACCES | libc::EPERM => ExceptionKind::PermissionError,
        libc::ESRCH => ExceptionKind::ProcessLookupError,
        libc::ETIMEDOUT => ExceptionKind::TimeoutError,
        _ => ExceptionKind::OSError,
    }
}

/// The system's text for an error number.
pub fn error_text(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.rfind(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Raises the OSError of an error number, with up to two file names.
#[cold]
pub fn raise_os_error(cx: &Cx, errno: i32, filename: Option<Value>, filename2: Option<Value>) -> Raised {
    let text = cx.new_str(&error_text(errno));
    let number = Value::int(errno as i64);
    match (filename, filename2) {
        (None, None) => cx.raise_with_args(ExceptionKind::OSError, &[number, text.value()]),
        (filename, None) => {
            cx.raise_with_args(ExceptionKind::OSError, &[number, text.value(), filename.unwrap_or(Value::NONE)])
        }
        (filename, Some(filename2)) => {
            let args = [number, text.value(), filename.unwrap_or(Value::NONE), Value::NONE, filename2];
            cx.raise_with_args(ExceptionKind::OSError, &args)
        }
    }
}

fn initialized_by_init(class: Ref<TypeObject>) -> bool {
    class.slots.raw(SlotId::init) != init as *const () as usize
        && class.slots.raw(SlotId::new) == new as *const () as usize
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if initialized_by_init(class) {
        return Ok(allocate(cx, class, cx.new_tuple(&[])).value());
    }
    if args.keyword_count() > 0 {
        return Err(raise!(cx, TypeError, "{}() takes no keyword arguments", class.display_name()));
    }
    let os_error = cx.builtin_type(ExceptionKind::OSError.type_id());
    let mut actual = class;
    if class == os_error
        && (2..=5).contains(&args.len())
        && let Some(errno) = args.get(0).and_then(|errno| protocol::number::as_index_i64(cx, errno))
        && let Ok(errno) = i32::try_from(errno)
    {
        actual = cx.builtin_type(kind_of_errno(errno).type_id());
    }
    let exception = allocate(cx, actual, args_tuple(cx, args));
    fill(cx, exception, args)?;
    Ok(exception.value())
}

fn init(cx: &Cx, exception: Value, args: Args<'_>) -> PyResult<()> {
    if !initialized_by_init(cx.type_of(exception)) {
        return Ok(());
    }
    if args.keyword_count() > 0 {
        return Err(raise!(cx, TypeError, "{}() takes no keyword arguments", exception.class_name(cx)));
    }
    let cell = this(exception);
    cell.args.set(cx, args_tuple(cx, args));
    fill(cx, cell, args)
}

/// Spreads two to five arguments over the fields.
fn fill(cx: &Cx, exception: Ref<BaseException>, args: Args<'_>) -> PyResult<()> {
    if !(2..=5).contains(&args.len()) {
        return Ok(());
    }
    let get = |index: usize| args.get(index).unwrap_or(Value::NONE);
    exception.extra(ERRNO).set(cx, get(0));
    exception.extra(STRERROR).set(cx, get(1));
    let filename = get(2);
    if filename.is_none() {
        return Ok(());
    }
    let blocking = exception.value().is_exception_of(cx, ExceptionKind::BlockingIOError);
    if blocking && protocol::number::is_index(cx, filename) {
        exception.extra(WRITTEN).set(cx, protocol::number::index(cx, filename)?);
        return Ok(());
    }
    exception.extra(FILENAME).set(cx, filename);
    if let Some(filename2) = args.get(4).and_then(Value::not_none) {
        exception.extra(FILENAME2).set(cx, filename2);
    }
    exception.args.set(cx, cx.new_tuple(&[get(0), get(1)]));
    Ok(())
}

fn str(cx: &Cx, exception: Value) -> PyResult {
    let cell = this(exception);
    let field = |index: usize| cell.extra(index).get();
    let show = |value: Option<Value>| protocol::object::str(cx, value.unwrap_or(Value::NONE));
    let (errno, strerror) = (field(ERRNO), field(STRERROR));
    if let Some(filename) = field(FILENAME) {
        let (errno, strerror) = (show(errno)?, show(strerror)?);
        let filename = protocol::object::repr(cx, filename)?;
        let text = match field(FILENAME2) {
            Some(filename2) => {
                let filename2 = protocol::object::repr(cx, filename2)?;
                format!(
                    "[Errno {}] {}: {} -> {}",
                    errno.as_wtf8(),
                    strerror.as_wtf8(),
                    filename.as_wtf8(),
                    filename2.as_wtf8()
                )
            }
            None => format!("[Errno {}] {}: {}", errno.as_wtf8(), strerror.as_wtf8(), filename.as_wtf8()),
        };
        return Ok(cx.new_str(&text).value());
    }
    if errno.is_some() && strerror.is_some() {
        let (errno, strerror) = (show(errno)?, show(strerror)?);
        return Ok(cx.new_str(&format!("[Errno {}] {}", errno.as_wtf8(), strerror.as_wtf8())).value());
    }
    base::str(cx, exception)
}

fn get<const I: usize>(_cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    Ok(exception.extra(I).get_or_none())
}

fn set<const I: usize>(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => exception.extra(I).set(cx, value),
        None => exception.extra(I).clear(cx),
    }
    Ok(())
}

fn get_written(cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    match exception.extra(WRITTEN).get() {
        Some(value) => Ok(value),
        None => Err(raise!(cx, AttributeError, "characters_written")),
    }
}

fn set_written(cx: &Cx, exception: Ref<BaseException>, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => exception.extra(WRITTEN).set(cx, protocol::number::index(cx, value)?),
        None if exception.extra(WRITTEN).get().is_none() => {
            return Err(raise!(cx, AttributeError, "characters_written"));
        }
        None => exception.extra(WRITTEN).clear(cx),
    }
    Ok(())
}

fn reduce(cx: &Cx, exception: Ref<BaseException>) -> PyResult {
    let mut args = exception.args(cx);
    if args.len() == 2
        && let Some(filename) = exception.extra(FILENAME).get()
    {
        let (errno, strerror) = (args.get(0), args.get(1));
        args = match exception.extra(FILENAME2).get() {
            Some(filename2) => cx.new_tuple(&[errno, strerror, filename, Value::NONE, filename2]),
            None => cx.new_tuple(&[errno, strerror, filename]),
        };
    }
    let class = cx.type_of(exception.value()).value();
    let state = cx.new_dict();
    let mut pending: PyResult<()> = Ok(());
    crate::object::attribute::instance_attributes(cx, exception.value(), &mut |name, value| {
        if pending.is_ok() {
            pending = state.set(cx, name, value);
        }
    });
    pending?;
    if state.is_empty() {
        return Ok(cx.new_tuple(&[class, args.value()]).value());
    }
    Ok(cx.new_tuple(&[class, args.value(), state.value()]).value())
}

static METHODS: &[Method] = &[Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_write("errno", get::<ERRNO>, set::<ERRNO>, "POSIX exception code"),
    GetSet::read_write("strerror", get::<STRERROR>, set::<STRERROR>, "exception strerror"),
    GetSet::read_write("filename", get::<FILENAME>, set::<FILENAME>, "exception filename"),
    GetSet::read_write("filename2", get::<FILENAME2>, set::<FILENAME2>, "second exception filename"),
    GetSet::read_write("characters_written", get_written, set_written, ""),
];

/// The rows of `OSError`.
pub(super) static TYPE: TypeDef = TypeDef {
    slots: Slots { new: Some(new), init: Some(init), str: Some(str), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("OSError", &OS)
};
