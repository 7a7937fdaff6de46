//! `BufferedReader`, `BufferedWriter` and `BufferedRandom`: one cell, three types.
//!
//! What was read ahead and what waits to be written lie outside the heap. Bytes are either read ahead or waiting, never
//! both: reading writes out first, writing goes back to where reading has come. A raw file that is exactly a `FileIO` is
//! used without going through Python.
//!
//! Threads: the state is behind a lock ([`Guarded`]) that its holder keeps across calls of the raw file, also of one written
//! in Python, and while those block: what comes out of a file in pieces stays in order. Who comes back in from there, or
//! from a signal handler, gets a RuntimeError. Waiting for the lock is detached, and signal handlers run. Once the
//! interpreter ends, nobody waits longer than a second for a daemon thread that will not go on, and raises. The end flushes
//! what can be written, never `sys.stdin`, so that a thread that waits for input does not matter.

mod methods;
mod pair;
mod reading;
mod writing;

use std::sync::atomic::{AtomicBool, Ordering};

use countless_vm::gc::Tracer;
use countless_vm::object::cell::{Cell, Field, Layout, Ref, drop_cell};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::{TypeId, ids};

use super::base::{self, IoBase, call, flag};
use super::file::{self, FileIo};
use crate::support::guarded::{Guard, Guarded};

pub(super) use methods::{RANDOM_TYPE, READER_TYPE, WRITER_TYPE, close_after, make};
pub(super) use pair::TYPE as PAIR_TYPE;
pub(super) use reading::{read_all_into, read1_into};
pub(super) use writing::{flush_file, write_bytes};

/// The cell.
#[repr(C)]
pub struct Buffered {
    base: IoBase,
    /// The raw file; empty before `__init__` and after `detach`.
    raw: Field,
    detached: AtomicBool,
    state: Guarded<State>,
}

/// What the lock protects.
#[derive(Default)]
pub(super) struct State {
    /// Bytes read ahead; those before `at` have been given out.
    ahead: Vec<u8>,
    at: usize,
    /// Bytes that wait to be written.
    pending: Vec<u8>,
    /// How many bytes are read ahead or wait at most.
    size: usize,
}

impl State {
    /// What was read ahead and not given out.
    fn unread(&self) -> &[u8] {
        &self.ahead[self.at..]
    }

    /// Takes up to `count` bytes that were read ahead.
    fn take(&mut self, count: usize) -> &[u8] {
        let start = self.at;
        self.at += count.min(self.ahead.len() - start);
        &self.ahead[start..self.at]
    }

    fn forget_ahead(&mut self) {
        self.ahead.clear();
        self.at = 0;
    }
}

/// What the layouts of the three types begin with.
static LAYOUT: Layout =
    Layout::of::<Buffered>("buffered file", TypeId::FREE, Some(&base::LAYOUT)).with_drop(drop_cell::<Buffered>);

const fn layout(name: &'static str) -> Layout {
    Layout::of::<Buffered>(name, TypeId::FREE, Some(&LAYOUT)).with_drop(drop_cell::<Buffered>)
}

static READER_LAYOUT: Layout = layout("_io.BufferedReader");
static WRITER_LAYOUT: Layout = layout("_io.BufferedWriter");
static RANDOM_LAYOUT: Layout = layout("_io.BufferedRandom");

// SAFETY: `repr(C)`, begins with an `IoBase`; zero is a file without a raw one; all traced fields are reported.
unsafe impl Cell for Buffered {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
        self.raw.trace(tracer);
    }
}

fn new(
    cx: &Cx,
    class: Ref<countless_vm::types::type_object::TypeObject>,
    _args: countless_vm::native::args::Args<'_>,
) -> PyResult {
    let contents = Buffered {
        base: IoBase::new(),
        raw: Field::empty(),
        detached: AtomicBool::new(false),
        state: Guarded::new(State::default()),
    };
    let file = cx.allocate_instance(class, contents).value();
    base::watch(cx, file);
    Ok(file)
}

impl Buffered {
    /// The raw file.
    pub(super) fn raw(&self, cx: &Cx) -> PyResult {
        match self.raw.get() {
            Some(raw) => Ok(raw),
            None if self.detached.load(Ordering::Relaxed) => Err(cx.value_error("raw stream has been detached")),
            None => Err(cx.value_error("I/O operation on uninitialized object")),
        }
    }
}

/// The state, held.
fn enter<'a>(cx: &Cx, file: &'a Ref<Buffered>) -> PyResult<Guard<'a, State>> {
    let value = file.value();
    let reentered = || {
        let shown = match object::repr(cx, value) {
            Ok(text) => text.as_wtf8().to_string_lossy(),
            Err(raised) => return raised,
        };
        raise!(cx, RuntimeError, "reentrant call inside {shown}")
    };
    file.state.enter(cx, reentered, || cx.value_error("I/O operation on uninitialized object"))
}

/// Whether the raw file is closed.
fn is_closed(cx: &Cx, raw: Value) -> PyResult<bool> {
    match raw.exact::<FileIo>() {
        Some(raw) => Ok(raw.fd_or_closed().is_none()),
        None => flag(cx, raw, "closed"),
    }
}

/// The raw file, which must be open: "{operation} closed file".
fn open_raw(cx: &Cx, file: Ref<Buffered>, operation: &str) -> PyResult {
    let raw = file.raw(cx)?;
    if is_closed(cx, raw)? {
        return Err(raise!(cx, ValueError, "{operation} closed file"));
    }
    Ok(raw)
}

/// A file that may be used without going through Python: exactly one of the three types.
pub(super) fn exact(value: Value) -> Option<Ref<Buffered>> {
    let id = value.type_id();
    let is_exact = [&READER_LAYOUT, &WRITER_LAYOUT, &RANDOM_LAYOUT].into_iter().any(|layout| layout.id() == id);
    // SAFETY: the three layouts are of this cell; a type that does not exist yet has no instances, and `FREE` is no
    // value's type.
    (is_exact && value.is_cell()).then(|| unsafe { Ref::from_value_unchecked(value) })
}

// ---- the raw file

/// What a raw method returned as a count of bytes; `None` if it would block.
fn count_of(cx: &Cx, result: Value, most: usize, method: &str) -> PyResult<Option<usize>> {
    if result.is_none() {
        return Ok(None);
    }
    let count = number::index(cx, result).map(|count| number::as_index_i64(cx, count))?;
    match count.and_then(|count| usize::try_from(count).ok()) {
        Some(count) if count <= most => Ok(Some(count)),
        _ => {
            let shown = count.unwrap_or(-1);
            Err(raise!(
                cx,
                OSError,
                "raw {method}() returned invalid length {shown} (should have been between 0 and {most})"
            ))
        }
    }
}

/// Reads once from the raw file, up to `length` bytes onto the end of `buffer`.
fn raw_read(cx: &Cx, raw: Value, buffer: &mut Vec<u8>, length: usize) -> PyResult<Option<usize>> {
    if let Some(raw) = raw.exact::<FileIo>() {
        return raw.read_once(cx, buffer, length);
    }
    let target = cx.new_bytearray(&base::vec_of_zeros(cx, length)?)?;
    let view = cx.call(cx.builtin_type(ids::MEMORYVIEW).value(), &[target.value()])?;
    let result = call(cx, raw, "readinto", &[view])?;
    let count = count_of(cx, result, length, "readinto")?;
    if let Some(count) = count {
        buffer.extend_from_slice(&target.to_vec(cx)?[..count]);
    }
    Ok(count)
}

/// Writes once to the raw file.
fn raw_write(cx: &Cx, raw: Value, bytes: &[u8]) -> PyResult<Option<usize>> {
    if let Some(raw) = raw.exact::<FileIo>() {
        return raw.write_once(cx, bytes);
    }
    let data = cx.try_new_bytes(bytes)?;
    let view = cx.call(cx.builtin_type(ids::MEMORYVIEW).value(), &[data.value()])?;
    let result = call(cx, raw, "write", &[view])?;
    count_of(cx, result, bytes.len(), "write")
}

fn position_of(cx: &Cx, result: Value) -> PyResult<i64> {
    match number::index_i64(cx, result)? {
        position @ ..0 => Err(raise!(cx, OSError, "Raw stream returned invalid position {position}")),
        position => Ok(position),
    }
}

fn raw_seek(cx: &Cx, raw: Value, target: i64, whence: i32) -> PyResult<i64> {
    if let Some(raw) = raw.exact::<FileIo>() {
        return file::seek_to(cx, raw, target, whence);
    }
    let result = call(cx, raw, "seek", &[cx.new_int_from_i64(target), Value::int(whence.into())])?;
    position_of(cx, result)
}

fn raw_tell(cx: &Cx, raw: Value) -> PyResult<i64> {
    match raw.exact::<FileIo>() {
        Some(raw) => file::seek_to(cx, raw, 0, libc::SEEK_CUR),
        None => position_of(cx, call(cx, raw, "tell", &[])?),
    }
}

/// Raises BlockingIOError of an operation that got so far.
#[cold]
fn would_block(cx: &Cx, message: &str, done: usize) -> Raised {
    let args = [Value::int(libc::EAGAIN.into()), cx.new_str(message).value(), Value::length(done)];
    cx.raise_with_args(countless_vm::exceptions::ExceptionKind::BlockingIOError, &args)
}

impl State {
    /// Makes the raw file's position the one that the program sees.
    fn rewind(&mut self, cx: &Cx, raw: Value) -> PyResult<()> {
        let unread = self.unread().len();
        if unread > 0 {
            raw_seek(cx, raw, -(unread as i64), libc::SEEK_CUR)?;
        }
        self.forget_ahead();
        Ok(())
    }
}

/// Whether the file under a buffered one is closed.
pub(super) fn is_file_closed(cx: &Cx, file: Ref<Buffered>) -> PyResult<bool> {
    is_closed(cx, file.raw(cx)?)
}

/// Whether a file of one of the three types can be read.
pub(super) fn can_read1(file: Ref<Buffered>) -> bool {
    file.value().type_id() != WRITER_LAYOUT.id()
}

/// Whether a file of one of the three types can be written.
pub(super) fn can_write(file: Ref<Buffered>) -> bool {
    file.value().type_id() != READER_LAYOUT.id()
}
