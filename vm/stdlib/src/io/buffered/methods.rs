//! What all three types have, and their rows.

use std::sync::atomic::Ordering;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::type_attribute::dotted_name;

use super::super::base::{self, DEFAULT_BUFFER_SIZE, ask, attribute, call, no_pickle, unsupported};
use super::super::file::{self, FileIo};
use super::reading::{next, peek, read, read1, readinto, readinto1, readline};
use super::writing::{flush, flush_and_rewind, write};
use super::{
    Buffered, RANDOM_LAYOUT, READER_LAYOUT, WRITER_LAYOUT, enter, is_closed, new, open_raw, raw_seek, raw_tell,
};

fn this(value: Value) -> Ref<Buffered> {
    // SAFETY: called from slots of the three types only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn require(cx: &Cx, raw: Value, ability: &str) -> PyResult<()> {
    let able = match (raw.exact::<FileIo>(), ability) {
        (Some(raw), "readable") => raw.fd(cx).map(|_| raw.is_readable())?,
        (Some(raw), "writable") => raw.fd(cx).map(|_| raw.is_writable())?,
        (Some(raw), _) => file::is_seekable(cx, raw)?,
        (None, ability) => ask(cx, raw, ability)?,
    };
    if able { Ok(()) } else { Err(unsupported(cx, &format!("File or stream is not {ability}."))) }
}

/// Puts a raw file under a new buffered one.
fn set_up(cx: &Cx, value: Value, raw: Value, size: i64) -> PyResult<()> {
    let file = this(value);
    let Ok(size @ 1..) = usize::try_from(size) else {
        return Err(cx.value_error("buffer size must be strictly positive"));
    };
    {
        let mut state = enter(cx, &file)?;
        state.forget_ahead();
        state.pending.clear();
        state.size = size;
    }
    file.raw.set(cx, raw);
    file.detached.store(false, Ordering::Relaxed);
    base::set_wrapper(cx, raw, Some(value));
    Ok(())
}

/// Makes a buffered file over a raw one: what `open` does.
pub(crate) fn make(cx: &Cx, definition: &'static TypeDef, raw: Value, size: i64) -> PyResult {
    let class = countless_vm::runtime::bootstrap::native_type(cx, definition)?;
    let value = new(cx, class, Args::NONE)?;
    set_up(cx, value, raw, size)?;
    Ok(value)
}

macro_rules! init {
    ($init:ident, $signature:ident, $name:literal, [$($ability:literal),*]) => {
        static $signature: Signature<2> = Signature::new($name, ["raw", "buffer_size"]).required(1);

        fn $init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
            let [raw, size] = $signature.bind(cx, args)?;
            let raw = raw.unwrap_or(Value::NONE);
            let size = size.map_or(Ok(DEFAULT_BUFFER_SIZE as i64), |size| number::index_i64(cx, size))?;
            $(require(cx, raw, $ability)?;)*
            set_up(cx, value, raw, size)
        }
    };
}

init!(init_reader, READER_INIT, "BufferedReader", ["readable"]);
init!(init_writer, WRITER_INIT, "BufferedWriter", ["writable"]);
init!(init_random, RANDOM_INIT, "BufferedRandom", ["seekable", "readable", "writable"]);

macro_rules! forwarded {
    ($($name:ident)*) => {
        $(fn $name(cx: &Cx, file: Ref<Buffered>) -> PyResult {
            call(cx, file.raw(cx)?, stringify!($name), &[])
        })*
    };
}

forwarded! { seekable readable writable fileno isatty }

fn simple_flush(cx: &Cx, file: Ref<Buffered>) -> PyResult {
    call(cx, file.raw(cx)?, "flush", &[])
}

fn get_closed(cx: &Cx, file: Ref<Buffered>) -> PyResult {
    Ok(Value::bool(is_closed(cx, file.raw(cx)?)?))
}

fn close(cx: &Cx, file: Ref<Buffered>) -> PyResult {
    let raw = file.raw(cx)?;
    if is_closed(cx, raw)? {
        return Ok(Value::NONE);
    }
    if file.base.is_finalizing() {
        dealloc_warn(cx, file, file.value())?;
    }
    let flushed = call(cx, file.value(), "flush", &[]);
    close_after(cx, flushed, || call(cx, raw, "close", &[]))
}

/// Closes after a flush, whatever came of that; a failure of the flush stays the context of one of the close.
pub(crate) fn close_after(cx: &Cx, flushed: PyResult, close: impl FnOnce() -> PyResult) -> PyResult {
    let raised = match flushed {
        Ok(_) => return close(),
        Err(raised) => raised,
    };
    let first = cx.take_exception(raised);
    match close() {
        Ok(_) => Err(cx.raise_unchained(first)),
        Err(raised) => {
            let second = cx.take_exception(raised);
            if let Some(second) = second.as_exception(cx)
                && second.context().is_none()
            {
                second.set_context(cx, Some(first));
            }
            Err(cx.raise_unchained(second))
        }
    }
}

fn dealloc_warn(cx: &Cx, file: Ref<Buffered>, source: Value) -> PyResult {
    if let Ok(raw) = file.raw(cx) {
        let warned = cx.get_attribute_optional(raw, cx.intern_str("_dealloc_warn")).and_then(|method| match method {
            Some(method) => cx.call(method, &[source]),
            None => Ok(Value::NONE),
        });
        if let Err(raised) = warned {
            cx.discard(raised);
        }
    }
    Ok(Value::NONE)
}

fn detach(cx: &Cx, file: Ref<Buffered>) -> PyResult {
    let raw = file.raw(cx)?;
    call(cx, file.value(), "flush", &[])?;
    file.raw.clear(cx);
    file.detached.store(true, Ordering::Relaxed);
    base::set_wrapper(cx, raw, None);
    Ok(raw)
}

fn seek(cx: &Cx, file: Ref<Buffered>, args: Args<'_>) -> PyResult {
    let [target, whence] = args.between::<2>(cx, "seek", 1)?;
    let whence = whence.map_or(Ok(0), |whence| cx.c_int_argument(whence))?;
    file.raw(cx)?;
    if !(0..=4).contains(&whence) {
        return Err(raise!(cx, ValueError, "whence value {whence} unsupported"));
    }
    let raw = open_raw(cx, file, "seek of")?;
    require(cx, raw, "seekable")?;
    let mut target = number::index_i64(cx, target.unwrap_or(Value::NONE))?;
    let mut state = enter(cx, &file)?;
    // What was read ahead may have the place already.
    if whence != libc::SEEK_END && whence < 3 && !state.ahead.is_empty() && state.pending.is_empty() {
        let end = raw_tell(cx, raw)?;
        let start = end - state.ahead.len() as i64;
        let wanted = if whence == 0 { target } else { start + state.at as i64 + target };
        if (start..=end).contains(&wanted) {
            state.at = (wanted - start) as usize;
            return Ok(cx.new_int_from_i64(wanted));
        }
    }
    state.flush_pending(cx, raw)?;
    if whence == libc::SEEK_CUR {
        target -= state.unread().len() as i64;
    }
    let position = raw_seek(cx, raw, target, whence)?;
    state.forget_ahead();
    Ok(cx.new_int_from_i64(position))
}

fn tell(cx: &Cx, file: Ref<Buffered>) -> PyResult {
    let raw = file.raw(cx)?;
    let state = enter(cx, &file)?;
    let position = raw_tell(cx, raw)? - state.unread().len() as i64 + state.pending.len() as i64;
    Ok(cx.new_int_from_i64(position.max(0)))
}

fn truncate(cx: &Cx, file: Ref<Buffered>, size: Option<Value>) -> PyResult {
    let raw = open_raw(cx, file, "truncate of")?;
    if !ask(cx, file.value(), "writable")? {
        return Err(unsupported(cx, "truncate"));
    }
    flush_and_rewind(cx, file, raw)?;
    let size = match size.and_then(Value::not_none) {
        Some(size) => size,
        None => cx.new_int_from_i64(raw_tell(cx, raw)?),
    };
    call(cx, raw, "truncate", &[size])
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let class = dotted_name(cx, cx.type_of(value))?;
    let name = match cx.get_attribute_optional(value, cx.intern_str("name")) {
        Ok(name) => name,
        Err(raised) => {
            cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::ValueError)?;
            None
        }
    };
    let Some(name) = name else { return Ok(cx.new_str(&format!("<{class}>")).value()) };
    if !cx.repr_enter(value) {
        return Err(raise!(cx, RuntimeError, "reentrant call inside {class}.__repr__"));
    }
    let name = object::repr(cx, name);
    cx.repr_leave(value);
    Ok(cx.new_str(&format!("<{class} name={}>", name?.as_wtf8())).value())
}

fn getstate(cx: &Cx, file: Ref<Buffered>) -> PyResult {
    no_pickle(cx, file.value())
}

const READ: Method =
    Method::optional("read", read, "read($self, size=-1, /)\n--\n\nRead up to size bytes, or until the end.");
const READ1: Method = Method::optional(
    "read1",
    read1,
    "read1($self, size=-1, /)\n--\n\nRead up to size bytes with at most one read of the raw file.",
);
const PEEK: Method =
    Method::optional("peek", peek, "peek($self, size=0, /)\n--\n\nBytes that are next to be read; the position stays.");
const READINTO: Method = Method::one("readinto", readinto, "readinto($self, buffer, /)\n--\n\n");
const READINTO1: Method = Method::one("readinto1", readinto1, "readinto1($self, buffer, /)\n--\n\n");
const READLINE: Method = Method::optional(
    "readline",
    readline,
    "readline($self, size=-1, /)\n--\n\nA line, of at most size bytes if that is given.",
);
const WRITE: Method = Method::one(
    "write",
    write,
    "write($self, buffer, /)\n--\n\nWrite bytes, which may wait in the buffer; how many they were.",
);
const FLUSH: Method = Method::none("flush", flush, "flush($self, /)\n--\n\nWrite out what waits in the buffer.");
const SIMPLE_FLUSH: Method = Method::none("flush", simple_flush, "flush($self, /)\n--\n\n");
const READABLE: Method = Method::none("readable", readable, "readable($self, /)\n--\n\nWhether the file can be read.");
const WRITABLE: Method =
    Method::none("writable", writable, "writable($self, /)\n--\n\nWhether the file can be written.");
const CLOSE: Method =
    Method::none("close", close, "close($self, /)\n--\n\nFlush, and close the raw file; a second time has no effect.");
const DETACH: Method = Method::none(
    "detach",
    detach,
    "detach($self, /)\n--\n\nSeparate the raw file and return it; this one cannot be used any more.",
);
const SEEKABLE: Method =
    Method::none("seekable", seekable, "seekable($self, /)\n--\n\nWhether the position can be moved.");
const FILENO: Method = Method::none("fileno", fileno, "fileno($self, /)\n--\n\nThe file descriptor.");
const ISATTY: Method = Method::none("isatty", isatty, "isatty($self, /)\n--\n\nWhether the file is a terminal.");
const DEALLOC_WARN: Method = Method::one("_dealloc_warn", dealloc_warn, "_dealloc_warn($self, source, /)\n--\n\n");
const SEEK: Method =
    Method::many("seek", seek, "seek($self, target, whence=0, /)\n--\n\nMove the position, and return the new one.");
const TELL: Method = Method::none("tell", tell, "tell($self, /)\n--\n\nThe position.");
const TRUNCATE: Method = Method::optional(
    "truncate",
    truncate,
    "truncate($self, pos=None, /)\n--\n\nCut the file to a length, or at the position.",
);
const GETSTATE: Method = Method::none("__getstate__", getstate, "__getstate__($self, /)\n--\n\n");

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("raw", |_cx, file: Ref<Buffered>| Ok(file.raw.get_or_none()), ""),
    GetSet::read_only("_finalizing", |_cx, file: Ref<Buffered>| Ok(Value::bool(file.base.is_finalizing())), ""),
    GetSet::read_only("closed", get_closed, ""),
    GetSet::read_only("name", |cx, file: Ref<Buffered>| attribute(cx, file.raw(cx)?, "name"), ""),
    GetSet::read_only("mode", |cx, file: Ref<Buffered>| attribute(cx, file.raw(cx)?, "mode"), ""),
];

const FLAGS: TypeFlags = TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES);

/// `BufferedReader`.
pub(crate) static READER_TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "BufferedReader(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nRead ahead from a raw file.",
    base: Some(&base::BUFFERED_TYPE),
    flags: FLAGS,
    slots: Slots { new: Some(new), init: Some(init_reader), repr: Some(repr), next: Some(next), ..Slots::NONE },
    methods: &[
        DETACH,
        SIMPLE_FLUSH,
        CLOSE,
        SEEKABLE,
        READABLE,
        FILENO,
        ISATTY,
        DEALLOC_WARN,
        READ,
        PEEK,
        READ1,
        READINTO,
        READINTO1,
        READLINE,
        SEEK,
        TELL,
        TRUNCATE,
        GETSTATE,
    ],
    attributes: ATTRIBUTES,
    ..TypeDef::new("BufferedReader", &READER_LAYOUT)
};

/// `BufferedWriter`.
pub(crate) static WRITER_TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "BufferedWriter(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nCollect what is written to a raw file.",
    base: Some(&base::BUFFERED_TYPE),
    flags: FLAGS,
    slots: Slots { new: Some(new), init: Some(init_writer), repr: Some(repr), ..Slots::NONE },
    methods: &[
        CLOSE,
        DETACH,
        SEEKABLE,
        WRITABLE,
        FILENO,
        ISATTY,
        DEALLOC_WARN,
        WRITE,
        TRUNCATE,
        FLUSH,
        SEEK,
        TELL,
        GETSTATE,
    ],
    attributes: ATTRIBUTES,
    ..TypeDef::new("BufferedWriter", &WRITER_LAYOUT)
};

/// `BufferedRandom`.
pub(crate) static RANDOM_TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "BufferedRandom(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\nRead ahead from a seekable raw file, and collect what is written to it.",
    base: Some(&base::BUFFERED_TYPE),
    flags: FLAGS,
    slots: Slots { new: Some(new), init: Some(init_random), repr: Some(repr), next: Some(next), ..Slots::NONE },
    methods: &[
        CLOSE,
        DETACH,
        SEEKABLE,
        READABLE,
        WRITABLE,
        FILENO,
        ISATTY,
        DEALLOC_WARN,
        FLUSH,
        SEEK,
        TELL,
        TRUNCATE,
        READ,
        READ1,
        READINTO,
        READINTO1,
        READLINE,
        PEEK,
        WRITE,
        GETSTATE,
    ],
    attributes: ATTRIBUTES,
    ..TypeDef::new("BufferedRandom", &RANDOM_LAYOUT)
};
