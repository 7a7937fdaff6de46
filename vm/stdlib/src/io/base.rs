//! `_IOBase` and the three classes below it: what every file has, in terms of what the class itself defines.

use std::sync::atomic::{AtomicU32, Ordering};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::attribute::instance_dict;
use countless_vm::object::cell::{Cell, Field, Layout, Ref};
use countless_vm::object::protocol::buffer::writable_buffer;
use countless_vm::object::protocol::{iter, number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::Bytes;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{self, TypeId, ids};

use crate::support::native::raise_own;

/// What the cells of all files begin with.
#[repr(C)]
pub struct IoBase {
    header: Header,
    /// `__dict__`.
    dictionary: Field,
    /// The file on top of this one, which has to be closed first if both are dead: it may have something to write.
    wrapper: Field,
    flags: AtomicU32,
}

/// `_IOBase.close()` has run.
const CLOSED: u32 = 1;
/// The collector found the file dead.
const FINALIZING: u32 = 2;

/// The layout.
pub(super) static LAYOUT: Layout =
    Layout::of::<IoBase>("_io._IOBase", TypeId::FREE, Some(&types::object::LAYOUT)).with_dictionary(8);

// SAFETY: `repr(C)`, header first, zero is an open file without attributes; the dictionary is reported.
unsafe impl Cell for IoBase {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dictionary.trace(tracer);
        self.wrapper.trace(tracer);
    }
}

impl IoBase {
    /// The part of a new cell.
    pub(super) fn new() -> IoBase {
        IoBase {
            header: Header::default(),
            dictionary: Field::empty(),
            wrapper: Field::empty(),
            flags: AtomicU32::new(0),
        }
    }

    /// Whether the file is being closed because nobody can reach it.
    pub(super) fn is_finalizing(&self) -> bool {
        self.flags.load(Ordering::Relaxed) & FINALIZING != 0
    }

    /// Says whether it is.
    pub(super) fn set_finalizing(&self, on: bool) {
        if on {
            self.set(FINALIZING);
        } else {
            self.flags.fetch_and(!FINALIZING, Ordering::Relaxed);
        }
    }

    fn set(&self, flag: u32) {
        self.flags.fetch_or(flag, Ordering::Relaxed);
    }
}

/// What [`raise_own`] knows `UnsupportedOperation` by.
pub(super) const UNSUPPORTED: &str = "io.UnsupportedOperation";

/// Raises `UnsupportedOperation`.
#[cold]
pub(super) fn unsupported(cx: &Cx, message: &str) -> Raised {
    raise_own(cx, UNSUPPORTED, message)
}

/// Raises what every operation on a closed file raises.
#[cold]
pub(super) fn closed_error(cx: &Cx) -> Raised {
    cx.value_error("I/O operation on closed file.")
}

/// Calls a method by name.
pub(super) fn call(cx: &Cx, object: Value, name: &str, args: &[Value]) -> PyResult {
    // Files lie on files, as many as a program likes.
    cx.check_native_stack()?;
    cx.call_method(object, cx.intern_str(name), args)
}

/// An attribute by name.
pub(super) fn attribute(cx: &Cx, object: Value, name: &str) -> PyResult {
    cx.check_native_stack()?;
    cx.get_attribute(object, cx.intern_str(name))
}

/// The truth of an attribute.
pub(super) fn flag(cx: &Cx, object: Value, name: &str) -> PyResult<bool> {
    object::is_true(cx, attribute(cx, object, name)?)
}

/// The truth of what a method returns.
pub(super) fn ask(cx: &Cx, object: Value, name: &str) -> PyResult<bool> {
    object::is_true(cx, call(cx, object, name, &[])?)
}

/// Fails if the file says that it is closed.
pub(super) fn check_closed(cx: &Cx, file: Value) -> PyResult<()> {
    if flag(cx, file, "closed")? { Err(closed_error(cx)) } else { Ok(()) }
}

/// A size argument: -1 for none.
pub(super) fn size_argument(cx: &Cx, value: Option<Value>) -> PyResult<isize> {
    match value.and_then(Value::not_none) {
        None => Ok(-1),
        Some(value) if number::is_index(cx, value) => {
            let int = number::index(cx, value)?;
            number::as_index_i64(cx, int).map(|size| size as isize).ok_or(()).map_err(|()| {
                let class = value.class_name(cx);
                raise!(cx, OverflowError, "cannot fit '{class}' into an index-sized integer")
            })
        }
        Some(value) => Err(raise!(cx, TypeError, "argument should be integer or None, not '{}'", value.class_name(cx))),
    }
}

/// Registers a new file to be closed when nobody can reach it.
pub(super) fn watch(cx: &Cx, file: Value) {
    cx.mutator().register_finalizable(file.word());
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let file = cx.allocate_instance(class, IoBase::new()).value();
    watch(cx, file);
    Ok(file)
}

/// A file that nobody can reach any more is closed; failures are reported.
pub(super) fn finalize(cx: &Cx, file: Value) -> PyResult<()> {
    let wrapper = file.downcast::<IoBase>(cx).and_then(|base| base.wrapper.replace(cx, None));
    if let Some(wrapper) = wrapper
        && let Some(finalize) = cx.type_of(wrapper).slots.finalize()
    {
        cx.check_native_stack()?;
        finalize(cx, wrapper)?;
    }
    let is_closed = match cx.get_attribute_optional(file, cx.intern_str("closed")) {
        Ok(Some(value)) => object::is_true(cx, value),
        Ok(None) => return Ok(()),
        Err(raised) => Err(raised),
    };
    match is_closed {
        Ok(false) => {}
        Ok(true) => return Ok(()),
        Err(raised) => {
            cx.discard(raised);
            return Ok(());
        }
    }
    if let Some(base) = file.downcast::<IoBase>(cx) {
        base.set(FINALIZING);
    }
    // Classes written in Python may look at it.
    if let Err(raised) = cx.set_attribute(file, cx.intern_str("_finalizing"), Value::TRUE) {
        cx.discard(raised);
    }
    if let Err(raised) = call(cx, file, "close", &[]) {
        let exception = cx.take_exception(raised);
        let shown = match object::repr(cx, file) {
            Ok(text) => text.as_wtf8().to_string_lossy(),
            Err(raised) => {
                cx.discard(raised);
                "?".to_owned()
            }
        };
        cx.write_unraisable(exception, Some(&format!("Exception ignored while finalizing file {shown}")), Value::NONE);
    }
    Ok(())
}

/// Says which file lies on top of another, if that is one of ours; `None` for none any more.
pub(super) fn set_wrapper(cx: &Cx, file: Value, wrapper: Option<Value>) {
    if let Some(base) = file.downcast::<IoBase>(cx) {
        base.wrapper.replace(cx, wrapper);
    }
}

/// Warns that a file was not closed.
pub(super) fn warn_unclosed(cx: &Cx, file: Value) -> PyResult<()> {
    let text = object::repr(cx, file)?;
    cx.warn(ExceptionKind::ResourceWarning, &format!("unclosed file {}", text.as_wtf8()), 1)
}

fn seek(cx: &Cx, _file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    Err(unsupported(cx, "seek"))
}

fn tell(cx: &Cx, file: Ref<IoBase>) -> PyResult {
    call(cx, file.value(), "seek", &[Value::int(0), Value::int(1)])
}

fn truncate(cx: &Cx, _file: Ref<IoBase>, _size: Option<Value>) -> PyResult {
    Err(unsupported(cx, "truncate"))
}

fn flush(cx: &Cx, file: Ref<IoBase>) -> PyResult {
    if file.flags.load(Ordering::Relaxed) & CLOSED != 0 {
        return Err(closed_error(cx));
    }
    Ok(Value::NONE)
}

fn close(cx: &Cx, file: Ref<IoBase>) -> PyResult {
    close_base(cx, file.value())
}

/// `_IOBase.close`: flushes, once, and is closed from then on whatever came of it.
pub(super) fn close_base(cx: &Cx, file: Value) -> PyResult {
    let Some(base) = file.downcast::<IoBase>(cx) else { return Ok(Value::NONE) };
    if base.flags.load(Ordering::Relaxed) & CLOSED != 0 {
        return Ok(Value::NONE);
    }
    let flushed = call(cx, file, "flush", &[]);
    base.set(CLOSED);
    flushed?;
    Ok(Value::NONE)
}

fn get_closed(_cx: &Cx, file: Ref<IoBase>) -> PyResult {
    Ok(Value::bool(file.flags.load(Ordering::Relaxed) & CLOSED != 0))
}

fn no(_cx: &Cx, _file: Ref<IoBase>) -> PyResult {
    Ok(Value::FALSE)
}

fn check_closed_method(cx: &Cx, file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    check_closed(cx, file.value())?;
    Ok(Value::NONE)
}

/// Fails unless the file says that it can do something.
fn check_ability(cx: &Cx, file: Value, ability: &str, message: &str) -> PyResult {
    if ask(cx, file, ability)? { Ok(Value::TRUE) } else { Err(unsupported(cx, message)) }
}

fn check_seekable(cx: &Cx, file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    check_ability(cx, file.value(), "seekable", "File or stream is not seekable.")
}

fn check_readable(cx: &Cx, file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    check_ability(cx, file.value(), "readable", "File or stream is not readable.")
}

fn check_writable(cx: &Cx, file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    check_ability(cx, file.value(), "writable", "File or stream is not writable.")
}

fn fileno(cx: &Cx, _file: Ref<IoBase>) -> PyResult {
    Err(unsupported(cx, "fileno"))
}

fn isatty(cx: &Cx, file: Ref<IoBase>) -> PyResult {
    check_closed(cx, file.value())?;
    Ok(Value::FALSE)
}

fn enter(cx: &Cx, file: Ref<IoBase>) -> PyResult {
    check_closed(cx, file.value())?;
    Ok(file.value())
}

fn exit(cx: &Cx, file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    call(cx, file.value(), "close", &[])
}

fn iter_slot(cx: &Cx, file: Value) -> PyResult {
    check_closed(cx, file)?;
    Ok(file)
}

/// The next line, by the file's own `readline`.
pub(super) fn next_line(cx: &Cx, file: Value) -> PyResult<Option<Value>> {
    let line = cx.call_method(file, cx.names().readline, &[])?;
    if object::length(cx, line)? == 0 { Ok(None) } else { Ok(Some(line)) }
}

/// How many bytes of what `peek` shows belong to the line.
fn peeked(cx: &Cx, file: Value, peek: Value, limit: isize) -> PyResult<usize> {
    let ahead = cx.call(peek, &[Value::int(1)])?;
    let Some(ahead) = ahead.downcast::<Bytes>(cx) else {
        return Err(raise!(cx, OSError, "peek() should have returned a bytes object, not '{}'", ahead.class_name(cx)));
    };
    let _ = file;
    let bytes = ahead.as_bytes();
    let bytes = if limit >= 0 { &bytes[..bytes.len().min(limit as usize)] } else { bytes };
    Ok(match bytes.iter().position(|&byte| byte == b'\n') {
        Some(end) => end + 1,
        None => bytes.len().max(1),
    })
}

fn readline(cx: &Cx, file: Ref<IoBase>, size: Option<Value>) -> PyResult {
    let (file, limit) = (file.value(), size_argument(cx, size)?);
    let peek = cx.get_attribute_optional(file, cx.intern_str("peek"))?;
    let mut line = Vec::new();
    while limit < 0 || line.len() < limit as usize {
        let left = if limit < 0 { -1 } else { limit - line.len() as isize };
        let wanted = match peek {
            Some(peek) => peeked(cx, file, peek, left)?,
            None => 1,
        };
        let read = cx.call_method(file, cx.intern_str("read"), &[Value::length(wanted)])?;
        let Some(read) = read.downcast::<Bytes>(cx) else {
            return Err(raise!(
                cx,
                OSError,
                "read() should have returned a bytes object, not '{}'",
                read.class_name(cx)
            ));
        };
        line.extend_from_slice(read.as_bytes());
        if read.is_empty() || line.last() == Some(&b'\n') {
            break;
        }
        cx.poll()?;
    }
    Ok(cx.try_new_bytes(&line)?.value())
}

fn readlines(cx: &Cx, file: Ref<IoBase>, hint: Option<Value>) -> PyResult {
    read_lines(cx, file.value(), hint)
}

/// The lines of a file, as many as come to `hint` characters if that is positive.
pub(super) fn read_lines(cx: &Cx, file: Value, hint: Option<Value>) -> PyResult {
    let hint = size_argument(cx, hint)?;
    let list = cx.new_list();
    if hint <= 0 {
        list.extend(cx, file)?;
        return Ok(list.value());
    }
    let iterator = iter::get_iter(cx, file)?;
    let mut length = 0usize;
    while let Some(line) = iter::next(cx, iterator)? {
        list.push(cx, line)?;
        length = length.saturating_add(object::length(cx, line)?);
        if length > hint as usize {
            break;
        }
    }
    Ok(list.value())
}

fn writelines(cx: &Cx, file: Ref<IoBase>, lines: Value) -> PyResult {
    check_closed(cx, file.value())?;
    let write = cx.names().write;
    iter::for_each(cx, lines, |line| cx.call_method(file.value(), write, &[line]).map(drop))?;
    Ok(Value::NONE)
}

fn get_dict(cx: &Cx, file: Ref<IoBase>) -> PyResult {
    instance_dict(cx, file.value()).map(Ref::value)
}

/// `_IOBase`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "The base class of all files.\n\nIt has no constructor of its own use. Its methods are made of those that a class\nbelow it defines: read or readinto, write, seek, and so on; what is not defined\nraises UnsupportedOperation. Files are iterators over lines, and context\nmanagers that close at the end.",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        new: Some(new),
        iter: Some(iter_slot),
        next: Some(next_line),
        finalize: Some(finalize),
        ..Slots::NONE
    },
    methods: &[
        Method::many(
            "seek",
            seek,
            "seek($self, offset, whence=os.SEEK_SET, /)\n--\n\nMove the position, and return the new one.\n\nThe offset counts from the start (whence 0), from the position (1) or from the\nend (2).",
        ),
        Method::none("tell", tell, "tell($self, /)\n--\n\nThe position."),
        Method::optional(
            "truncate",
            truncate,
            "truncate($self, size=None, /)\n--\n\nCut the file to size bytes, or at the position.",
        ),
        Method::none("flush", flush, "flush($self, /)\n--\n\nWrite out what waits to be written."),
        Method::none("close", close, "close($self, /)\n--\n\nFlush and close; a second time has no effect."),
        Method::none("seekable", no, "seekable($self, /)\n--\n\nWhether the position can be moved."),
        Method::none("readable", no, "readable($self, /)\n--\n\nWhether the file can be read."),
        Method::none("writable", no, "writable($self, /)\n--\n\nWhether the file can be written."),
        Method::many("_checkClosed", check_closed_method, "_checkClosed($self, /)\n--\n\n"),
        Method::many("_checkSeekable", check_seekable, "_checkSeekable($self, /)\n--\n\n"),
        Method::many("_checkReadable", check_readable, "_checkReadable($self, /)\n--\n\n"),
        Method::many("_checkWritable", check_writable, "_checkWritable($self, /)\n--\n\n"),
        Method::none("fileno", fileno, "fileno($self, /)\n--\n\nThe file descriptor, if there is one."),
        Method::none("isatty", isatty, "isatty($self, /)\n--\n\nWhether the file is a terminal."),
        Method::none("__enter__", enter, "__enter__($self, /)\n--\n\n"),
        Method::many("__exit__", exit, ""),
        Method::optional(
            "readline",
            readline,
            "readline($self, size=-1, /)\n--\n\nA line, of at most size bytes if that is given.",
        ),
        Method::optional(
            "readlines",
            readlines,
            "readlines($self, hint=-1, /)\n--\n\nA list of lines, ending once they come to hint bytes.",
        ),
        Method::one(
            "writelines",
            writelines,
            "writelines($self, lines, /)\n--\n\nWrite each of the lines, to which nothing is added.",
        ),
    ],
    attributes: &[GetSet::read_only("__dict__", get_dict, ""), GetSet::read_only("closed", get_closed, "")],
    ..TypeDef::new("_IOBase", &LAYOUT)
};

// ---- raw files

fn raw_read(cx: &Cx, file: Ref<IoBase>, size: Option<Value>) -> PyResult {
    let size = size_argument(cx, size)?;
    if size < 0 {
        return call(cx, file.value(), "readall", &[]);
    }
    let target = cx.new_bytearray(&[])?;
    target.replace_all(cx, &vec_of_zeros(cx, size as usize)?)?;
    let read = call(cx, file.value(), "readinto", &[target.value()])?;
    if read.is_none() {
        return Ok(read);
    }
    let count = number::index_i64(cx, read)?;
    let mut bytes = target.to_vec(cx)?;
    match usize::try_from(count) {
        Ok(count) if count <= bytes.len() => {
            bytes.truncate(count);
            Ok(cx.try_new_bytes(&bytes)?.value())
        }
        _ => {
            let length = bytes.len();
            Err(raise!(cx, ValueError, "readinto returned {count} outside buffer size {length}"))
        }
    }
}

/// So many zero bytes, or MemoryError.
pub(super) fn vec_of_zeros(cx: &Cx, size: usize) -> PyResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match bytes.try_reserve_exact(size) {
        Ok(()) => bytes.resize(size, 0),
        Err(_) => return Err(cx.memory_error()),
    }
    Ok(bytes)
}

fn raw_readall(cx: &Cx, file: Ref<IoBase>) -> PyResult {
    let mut all = Vec::new();
    loop {
        let data = call(cx, file.value(), "read", &[Value::int(DEFAULT_BUFFER_SIZE as i64)])?;
        if data.is_none() {
            if all.is_empty() {
                return Ok(Value::NONE);
            }
            break;
        }
        let Some(data) = data.downcast::<Bytes>(cx) else { return Err(cx.type_error("read() should return bytes")) };
        if data.is_empty() {
            break;
        }
        all.extend_from_slice(data.as_bytes());
    }
    Ok(cx.try_new_bytes(&all)?.value())
}

fn not_implemented(cx: &Cx, _file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    Err(cx.raise_with_args(ExceptionKind::NotImplementedError, &[]))
}

/// How much is read at a time if the program says nothing.
pub(super) const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

static RAW_LAYOUT: Layout = Layout::of::<IoBase>("_io._RawIOBase", TypeId::FREE, Some(&LAYOUT));

/// `_RawIOBase`.
pub(super) static RAW_TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "The base class of unbuffered binary files.",
    base: Some(&TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    methods: &[
        Method::optional("read", raw_read, "read($self, size=-1, /)\n--\n\n"),
        Method::none("readall", raw_readall, "readall($self, /)\n--\n\nRead until the end."),
        Method::many("readinto", not_implemented, ""),
        Method::many("write", not_implemented, ""),
    ],
    ..TypeDef::new("_RawIOBase", &RAW_LAYOUT)
};

// ---- buffered files

fn buffered_unsupported<const NAME: usize>(cx: &Cx, _file: Ref<IoBase>, _args: Args<'_>) -> PyResult {
    Err(unsupported(cx, ["detach", "read", "read1", "write", "readline"][NAME]))
}

fn read_into(cx: &Cx, file: Ref<IoBase>, target: Value, method: &str) -> PyResult {
    let buffer = writable_buffer(cx, target, "readinto() argument")?;
    let read = call(cx, file.value(), method, &[Value::length(buffer.length)]);
    let result = read.and_then(|data| match data.downcast::<Bytes>(cx) {
        None => Err(cx.type_error("read() should return bytes")),
        Some(data) if data.len() > buffer.length => {
            let (given, room) = (data.len(), buffer.length);
            Err(raise!(cx, ValueError, "read() returned too much data: {room} bytes requested, {given} returned"))
        }
        Some(data) => {
            buffer.write(0, data.as_bytes());
            Ok(Value::length(data.len()))
        }
    });
    buffer.release(cx);
    result
}

fn readinto(cx: &Cx, file: Ref<IoBase>, target: Value) -> PyResult {
    read_into(cx, file, target, "read")
}

fn readinto1(cx: &Cx, file: Ref<IoBase>, target: Value) -> PyResult {
    read_into(cx, file, target, "read1")
}

static BUFFERED_LAYOUT: Layout = Layout::of::<IoBase>("_io._BufferedIOBase", TypeId::FREE, Some(&LAYOUT));

/// `_BufferedIOBase`.
pub(super) static BUFFERED_TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "The base class of buffered binary files.\n\nread() gives all that was asked for unless the file ends before, and write()\ntakes all that it is given; a file that does not block raises BlockingIOError.",
    base: Some(&TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    methods: &[
        Method::many(
            "detach",
            buffered_unsupported::<0>,
            "detach($self, /)\n--\n\nSeparate the raw file and return it.",
        ),
        Method::many(
            "read",
            buffered_unsupported::<1>,
            "read($self, size=-1, /)\n--\n\nRead up to size bytes, or until the end.",
        ),
        Method::many(
            "read1",
            buffered_unsupported::<2>,
            "read1($self, size=-1, /)\n--\n\nRead up to size bytes with at most one read of the raw file.",
        ),
        Method::one("readinto", readinto, "readinto($self, buffer, /)\n--\n\n"),
        Method::one("readinto1", readinto1, "readinto1($self, buffer, /)\n--\n\n"),
        Method::many(
            "write",
            buffered_unsupported::<3>,
            "write($self, b, /)\n--\n\nWrite the bytes; how many they were.",
        ),
    ],
    ..TypeDef::new("_BufferedIOBase", &BUFFERED_LAYOUT)
};

// ---- text files

fn none(_cx: &Cx, _file: Ref<IoBase>) -> PyResult {
    Ok(Value::NONE)
}

static TEXT_LAYOUT: Layout = Layout::of::<IoBase>("_io._TextIOBase", TypeId::FREE, Some(&LAYOUT));

/// `_TextIOBase`.
pub(super) static TEXT_TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "The base class of text files.",
    base: Some(&TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    methods: &[
        Method::many("detach", buffered_unsupported::<0>, "detach($self, /)\n--\n\nSeparate the buffer and return it."),
        Method::many(
            "read",
            buffered_unsupported::<1>,
            "read($self, size=-1, /)\n--\n\nRead up to size characters, or until the end.",
        ),
        Method::many(
            "readline",
            buffered_unsupported::<4>,
            "readline($self, size=-1, /)\n--\n\nRead a line; the empty string at the end.",
        ),
        Method::many(
            "write",
            buffered_unsupported::<3>,
            "write($self, s, /)\n--\n\nWrite the string; how many characters it has.",
        ),
    ],
    attributes: &[
        GetSet::read_only("encoding", none, "Encoding of the text stream.\n\nSubclasses should override."),
        GetSet::read_only(
            "newlines",
            none,
            "Line endings translated so far.\n\nOnly line endings translated during reading are considered.\n\nSubclasses should override.",
        ),
        GetSet::read_only(
            "errors",
            none,
            "The error setting of the decoder or encoder.\n\nSubclasses should override.",
        ),
    ],
    ..TypeDef::new("_TextIOBase", &TEXT_LAYOUT)
};

/// Makes `UnsupportedOperation`, which has two bases.
pub(super) fn define_unsupported(cx: &Cx) -> PyResult {
    if let Some(class) = cx.native_state(UNSUPPORTED) {
        return Ok(class);
    }
    let bases: Ref<Tuple> = cx.new_tuple(&[
        cx.builtin_type(ExceptionKind::OSError.type_id()).value(),
        cx.builtin_type(ExceptionKind::ValueError.type_id()).value(),
    ]);
    let namespace = cx.new_dict();
    namespace.set_name(cx, cx.names().__module__, cx.intern_str("io").value())?;
    let name: Ref<Str> = cx.intern_str("UnsupportedOperation");
    let class = cx.call(cx.builtin_type(ids::TYPE).value(), &[name.value(), bases.value(), namespace.value()])?;
    cx.set_native_state(UNSUPPORTED, class)?;
    Ok(class)
}

/// An object with a state cannot be pickled.
pub(super) fn no_pickle(cx: &Cx, file: Value) -> PyResult {
    let class = cx.type_of(file).name();
    Err(raise!(cx, TypeError, "cannot pickle '{}' instances", class.as_wtf8()))
}
