//! `BytesIO`: a binary file in memory.
//!
//! The bytes are a bytearray, whose lock makes each access whole; the position is an atomic, and operations hold a lock of
//! the file's own, under which no Python code runs. `getbuffer` lends the bytearray's memory, which then cannot grow.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use countless_vm::gc::Tracer;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::attribute::instance_dict;
use countless_vm::object::cell::{Cell, Layout, Ref, RefField};
use countless_vm::object::protocol::buffer::writable_buffer;
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytearray::ByteArray;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::dict::Dict;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{TypeId, ids};

use super::base::{self, IoBase, closed_error, size_argument};
use crate::support::futex::RawLock;

/// The cell.
#[repr(C)]
pub struct BytesIo {
    base: IoBase,
    bytes: RefField<ByteArray>,
    position: AtomicUsize,
    closed: AtomicBool,
    lock: RawLock,
}

static LAYOUT: Layout = Layout::of::<BytesIo>("_io.BytesIO", TypeId::FREE, Some(&base::LAYOUT));

// SAFETY: `repr(C)`, begins with an `IoBase`; zero is a file without bytes, never published; the bytes are reported.
unsafe impl Cell for BytesIo {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
        self.bytes.trace(tracer);
    }
}

/// The file's lock is held until this is dropped.
struct Held<'a>(&'a RawLock);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl BytesIo {
    /// The bytes of an open file.
    fn open(&self, cx: &Cx) -> PyResult<Ref<ByteArray>> {
        match self.bytes.get() {
            Some(bytes) if !self.closed.load(Ordering::Relaxed) => Ok(bytes),
            _ => Err(closed_error(cx)),
        }
    }

    fn hold(&self, cx: &Cx) -> PyResult<Held<'_>> {
        self.lock.acquire(cx, None)?;
        Ok(Held(&self.lock))
    }

    fn position(&self) -> usize {
        self.position.load(Ordering::Relaxed)
    }

    /// Takes up to `count` bytes from the position; the position moves behind them.
    fn take(&self, cx: &Cx, count: usize) -> PyResult<Vec<u8>> {
        let bytes = self.open(cx)?;
        let start = self.position();
        let part = bytes.copy_range(cx, start, count)?;
        self.position.store(start + part.len(), Ordering::Relaxed);
        Ok(part)
    }

    /// The number of bytes up to the end of the line at the position.
    fn line_length(&self, cx: &Cx, limit: Option<usize>) -> PyResult<usize> {
        const STEP: usize = 4096;
        let bytes = self.open(cx)?;
        let (start, mut length) = (self.position(), 0);
        let limit = limit.unwrap_or(usize::MAX);
        while length < limit {
            let part = bytes.copy_range(cx, start + length, STEP.min(limit - length))?;
            match memchr::memchr(b'\n', &part) {
                Some(end) => return Ok(length + end + 1),
                None if part.is_empty() => break,
                None => length += part.len(),
            }
        }
        Ok(length)
    }

    /// Writes at the position, behind zeros if that is beyond the end.
    fn put(&self, cx: &Cx, data: &[u8]) -> PyResult<()> {
        let bytes = self.open(cx)?;
        if data.is_empty() {
            return Ok(());
        }
        let position = self.position();
        loop {
            let length = bytes.len();
            let done = match position.checked_sub(length) {
                Some(0) | None => {
                    let end = position.saturating_add(data.len()).min(length);
                    bytes.splice(cx, length, position..end, data)?
                }
                Some(gap) => {
                    let mut padded = base::vec_of_zeros(cx, gap)?;
                    padded.extend_from_slice(data);
                    bytes.splice(cx, length, length..length, &padded)?
                }
            };
            if done {
                break;
            }
        }
        self.position.store(position + data.len(), Ordering::Relaxed);
        Ok(())
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let bytes = cx.new_bytearray(b"")?;
    let contents = BytesIo {
        base: IoBase::new(),
        bytes: RefField::new(bytes),
        position: AtomicUsize::new(0),
        closed: AtomicBool::new(false),
        lock: RawLock::new(),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn this(value: Value) -> Ref<BytesIo> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

static INIT: Signature<1> = Signature::new("BytesIO", ["initial_bytes"]);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let [initial] = INIT.bind(cx, args)?;
    let initial = match initial.and_then(Value::not_none) {
        Some(initial) => ByteView::new(cx, initial)?.to_vec(),
        None => Vec::new(),
    };
    let file = this(value);
    let fresh = cx.new_bytearray(&initial)?;
    file.bytes.set(cx, fresh);
    file.position.store(0, Ordering::Relaxed);
    file.closed.store(false, Ordering::Relaxed);
    Ok(())
}

fn read(cx: &Cx, file: Ref<BytesIo>, size: Option<Value>) -> PyResult {
    file.open(cx)?;
    let size = size_argument(cx, size)?;
    let held = file.hold(cx)?;
    let part = file.take(cx, usize::try_from(size).unwrap_or(usize::MAX))?;
    drop(held);
    Ok(cx.try_new_bytes(&part)?.value())
}

fn line(cx: &Cx, file: Ref<BytesIo>, limit: Option<usize>) -> PyResult<Vec<u8>> {
    let _held = file.hold(cx)?;
    let length = file.line_length(cx, limit)?;
    file.take(cx, length)
}

fn readline(cx: &Cx, file: Ref<BytesIo>, size: Option<Value>) -> PyResult {
    file.open(cx)?;
    let limit = usize::try_from(size_argument(cx, size)?).ok();
    Ok(cx.try_new_bytes(&line(cx, file, limit)?)?.value())
}

fn readlines(cx: &Cx, file: Ref<BytesIo>, size: Option<Value>) -> PyResult {
    file.open(cx)?;
    let most = size_argument(cx, size)?;
    let list = cx.new_list();
    let mut total = 0;
    loop {
        let line = line(cx, file, None)?;
        if line.is_empty() {
            return Ok(list.value());
        }
        total += line.len();
        list.push(cx, cx.new_bytes(&line).value())?;
        if most > 0 && total >= most as usize {
            return Ok(list.value());
        }
    }
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let file = this(value);
    file.open(cx)?;
    let line = line(cx, file, None)?;
    if line.is_empty() { Ok(None) } else { Ok(Some(cx.try_new_bytes(&line)?.value())) }
}

fn itself(cx: &Cx, value: Value) -> PyResult {
    this(value).open(cx)?;
    Ok(value)
}

fn readinto(cx: &Cx, file: Ref<BytesIo>, target: Value) -> PyResult {
    file.open(cx)?;
    let buffer = writable_buffer(cx, target, "readinto() argument")?;
    let part = file.hold(cx).and_then(|_held| file.take(cx, buffer.length));
    if let Ok(part) = &part {
        buffer.write(0, part);
    }
    buffer.release(cx);
    Ok(Value::length(part?.len()))
}

fn write(cx: &Cx, file: Ref<BytesIo>, data: Value) -> PyResult {
    file.open(cx)?;
    let data = ByteView::new(cx, data)?;
    let _held = file.hold(cx)?;
    file.put(cx, &data)?;
    Ok(Value::length(data.len()))
}

fn writelines(cx: &Cx, file: Ref<BytesIo>, lines: Value) -> PyResult {
    file.open(cx)?;
    iter::for_each(cx, lines, |line| write(cx, file, line).map(drop))?;
    Ok(Value::NONE)
}

fn getvalue(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    let bytes = file.open(cx)?;
    Ok(cx.try_new_bytes(&bytes.to_vec(cx)?)?.value())
}

fn getbuffer(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    let bytes = file.open(cx)?;
    cx.call(cx.builtin_type(ids::MEMORYVIEW).value(), &[bytes.value()])
}

fn tell(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    file.open(cx)?;
    Ok(Value::length(file.position()))
}

fn seek(cx: &Cx, file: Ref<BytesIo>, args: Args<'_>) -> PyResult {
    let [target, whence] = args.between::<2>(cx, "seek", 1)?;
    let target = number::index_i64(cx, target.unwrap_or(Value::NONE))?;
    let whence = whence.map_or(Ok(0), |whence| cx.c_int_argument(whence))?;
    let bytes = file.open(cx)?;
    if target < 0 && whence == 0 {
        return Err(raise!(cx, ValueError, "negative seek value {target}"));
    }
    let start = match whence {
        0 => 0,
        1 => file.position() as i64,
        2 => bytes.len() as i64,
        _ => return Err(raise!(cx, ValueError, "invalid whence ({whence}, should be 0, 1 or 2)")),
    };
    let Some(position) = start.checked_add(target).filter(|&position| position < isize::MAX as i64) else {
        return Err(cx.overflow_error("new position too large"));
    };
    let position = position.max(0);
    file.position.store(position as usize, Ordering::Relaxed);
    Ok(cx.new_int_from_i64(position))
}

fn truncate(cx: &Cx, file: Ref<BytesIo>, size: Option<Value>) -> PyResult {
    let bytes = file.open(cx)?;
    let size = match size.and_then(Value::not_none) {
        None => file.position() as i64,
        Some(size) if number::is_index(cx, size) => number::index_i64(cx, size)?,
        Some(size) => {
            return Err(raise!(cx, TypeError, "argument should be integer or None, not '{}'", size.class_name(cx)));
        }
    };
    let Ok(wanted) = usize::try_from(size) else {
        return Err(raise!(cx, ValueError, "negative size value {size}"));
    };
    let _held = file.hold(cx)?;
    loop {
        let length = bytes.len();
        if wanted >= length || bytes.splice(cx, length, wanted..length, b"")? {
            return Ok(cx.new_int_from_i64(size));
        }
    }
}

fn close(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    if let Some(bytes) = file.bytes.get() {
        // Memory that is lent cannot go.
        bytes.check_not_lent(cx)?;
    }
    file.closed.store(true, Ordering::Relaxed);
    file.bytes.set(cx, cx.new_bytearray(b"")?);
    Ok(Value::NONE)
}

fn yes(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    file.open(cx)?;
    Ok(Value::TRUE)
}

fn no(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    file.open(cx)?;
    Ok(Value::FALSE)
}

fn flush(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    file.open(cx)?;
    Ok(Value::NONE)
}

fn getstate(cx: &Cx, file: Ref<BytesIo>) -> PyResult {
    let value = getvalue(cx, file)?;
    let attributes = instance_dict(cx, file.value())?;
    let copy = if attributes.is_empty() { Value::NONE } else { attributes.copy(cx)?.value() };
    Ok(cx.new_tuple(&[value, Value::length(file.position()), copy]).value())
}

fn setstate(cx: &Cx, file: Ref<BytesIo>, state: Value) -> PyResult {
    let Some(parts) = state.downcast::<Tuple>(cx).filter(|parts| parts.len() >= 3) else {
        let (own, given) = (file.value().class_name(cx), state.class_name(cx));
        return Err(raise!(cx, TypeError, "{own}.__setstate__ argument should be 3-tuple, got {given}"));
    };
    let Some(position) = number::as_index_i64(cx, parts.get(1)) else {
        let class = parts.get(1).class_name(cx);
        return Err(raise!(cx, TypeError, "second item of state must be an integer, got {class}"));
    };
    let Ok(position) = usize::try_from(position) else {
        return Err(cx.value_error("position value cannot be negative"));
    };
    let initial = ByteView::new(cx, parts.get(0))?.to_vec();
    if let Some(attributes) = parts.get(2).not_none() {
        let Some(attributes) = attributes.downcast::<Dict>(cx) else {
            let class = attributes.class_name(cx);
            return Err(raise!(cx, TypeError, "third item of state should be a dict, got a {class}"));
        };
        instance_dict(cx, file.value())?.merge_dict(cx, attributes, false)?;
    }
    file.bytes.set(cx, cx.new_bytearray(&initial)?);
    file.position.store(position, Ordering::Relaxed);
    Ok(Value::NONE)
}

/// `BytesIO`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "BytesIO(initial_bytes=b'')\n--\n\nA binary file in memory.",
    base: Some(&base::BUFFERED_TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), init: Some(init), iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none("readable", yes, "readable($self, /)\n--\n\nTrue."),
        Method::none("seekable", yes, "seekable($self, /)\n--\n\nTrue."),
        Method::none("writable", yes, "writable($self, /)\n--\n\nTrue."),
        Method::none("close", close, "close($self, /)\n--\n\nForget the bytes."),
        Method::none("flush", flush, "flush($self, /)\n--\n\nDoes nothing."),
        Method::none("isatty", no, "isatty($self, /)\n--\n\nFalse."),
        Method::none("tell", tell, "tell($self, /)\n--\n\nThe position."),
        Method::one("write", write, "write($self, b, /)\n--\n\nWrite bytes; how many they were."),
        Method::one(
            "writelines",
            writelines,
            "writelines($self, lines, /)\n--\n\nWrite each of the bytes-like objects.",
        ),
        Method::optional("read1", read, "read1($self, size=-1, /)\n--\n\nRead up to size bytes, or until the end."),
        Method::one(
            "readinto",
            readinto,
            "readinto($self, buffer, /)\n--\n\nRead into a buffer; how many bytes were read.",
        ),
        Method::optional(
            "readline",
            readline,
            "readline($self, size=-1, /)\n--\n\nRead a line, of at most size bytes if that is given.",
        ),
        Method::optional(
            "readlines",
            readlines,
            "readlines($self, size=None, /)\n--\n\nA list of lines, ending once they come to size bytes.",
        ),
        Method::optional("read", read, "read($self, size=-1, /)\n--\n\nRead up to size bytes, or until the end."),
        Method::none("getbuffer", getbuffer, "getbuffer($self, /)\n--\n\nA view of the bytes."),
        Method::none("getvalue", getvalue, "getvalue($self, /)\n--\n\nAll the bytes."),
        Method::many("seek", seek, "seek($self, pos, whence=0, /)\n--\n\nMove the position, and return the new one."),
        Method::optional(
            "truncate",
            truncate,
            "truncate($self, size=None, /)\n--\n\nCut the bytes at a size, or at the position.",
        ),
        Method::none("__getstate__", getstate, "__getstate__($self, /)\n--\n\n"),
        Method::one("__setstate__", setstate, "__setstate__($self, object, /)\n--\n\n"),
    ],
    attributes: &[GetSet::read_only(
        "closed",
        |_cx, file: Ref<BytesIo>| Ok(Value::bool(file.closed.load(Ordering::Relaxed))),
        "True if the file is closed.",
    )],
    ..TypeDef::new("BytesIO", &LAYOUT)
};
