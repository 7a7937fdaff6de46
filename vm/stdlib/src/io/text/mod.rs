//! `TextIOWrapper`: text over a buffered file.
//!
//! UTF-8, ASCII and Latin-1 are converted here, other encodings by the registry's incremental codecs. A buffer that is
//! exactly one of the three buffered types is used without going through Python.
//!
//! Threads: what was decoded and not given out, and what was encoded and not handed on, lie outside the heap behind a
//! [`ShortLock`], which nobody holds while the buffer, a codec or an error handler is at work. Such a call works on what it
//! has taken out of the state, and puts its result back. So one thread may wait for input while others write. Threads that
//! read at the same time get different pieces of the text, in an order that nobody promises; they may break up each other's
//! half characters, and what `tell` says then is of no use.

mod codec;
mod methods;
mod position;
mod reading;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countless_vm::gc::Tracer;
use countless_vm::object::cell::{Cell, Field, Layout, Ref, drop_cell};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::TypeId;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::str::Str;

use super::base::{self, IoBase, attribute, call, closed_error, flag};
use super::buffered;
use crate::support::short_lock::ShortLock;

use codec::{Held, Native};
pub(super) use methods::{TYPE, Wanted, make};

/// The cell.
#[repr(C)]
pub struct Text {
    base: IoBase,
    /// The file underneath; empty before `__init__` and after `detach`.
    buffer: Field,
    encoding: Field,
    errors: Field,
    /// Codecs of the registry, for encodings that are not converted here.
    encoder: Field,
    decoder: Field,
    detached: AtomicBool,
    line_buffering: AtomicBool,
    write_through: AtomicBool,
    state: ShortLock<State>,
}

/// How lines end when reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ending {
    /// Only by "\n", which all endings become.
    #[default]
    Translated,
    /// By any of the three, left as they are.
    Universal,
    /// By this alone.
    Only(&'static str),
}

/// Where a chunk of decoded text came from, for `tell`.
#[derive(Clone, Default)]
struct Snapshot {
    /// The codec's flags before the chunk, of the registry's decoder.
    flags: i64,
    /// Whether a carriage return was held back before it.
    pending_cr: bool,
    /// The bytes, those held back from the chunk before included.
    input: Vec<u8>,
}

/// What `__init__` and `reconfigure` decide.
#[derive(Clone, Copy)]
struct Settings {
    /// How the encoding is converted; `None` for the registry's codecs.
    native: Option<Native>,
    can_read: bool,
    can_write: bool,
    has_read1: bool,
    seekable: bool,
    ending: Ending,
    /// What "\n" becomes when written.
    written_ending: Option<&'static str>,
    chunk_size: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            native: None,
            can_read: false,
            can_write: false,
            has_read1: false,
            seekable: false,
            ending: Ending::Translated,
            written_ending: None,
            chunk_size: 8192,
        }
    }
}

/// What the lock protects.
#[derive(Default)]
struct State {
    settings: Settings,
    /// Whether `tell` works: not while the file is being iterated over.
    telling: bool,
    held: Held,
    /// Decoded text, which never changes; what lies before `at` has been given out.
    decoded: Arc<Vec<u8>>,
    at: usize,
    /// Whether `decoded` came from the file, if only to be given out whole.
    has_read: bool,
    snapshot: Option<Arc<Snapshot>>,
    /// Bytes per character in the last chunk.
    ratio: f64,
    /// Encoded text on its way to the buffer.
    pending: Vec<u8>,
}

impl State {
    /// Decoded text that was not given out.
    fn unread(&self) -> &[u8] {
        &self.decoded[self.at..]
    }

    fn forget_decoded(&mut self) {
        self.set_decoded(Vec::new());
        self.has_read = false;
    }

    fn set_decoded(&mut self, decoded: Vec<u8>) {
        self.decoded = Arc::new(decoded);
        self.at = 0;
    }
}

static LAYOUT: Layout =
    Layout::of::<Text>("_io.TextIOWrapper", TypeId::FREE, Some(&base::LAYOUT)).with_drop(drop_cell::<Text>);

// SAFETY: `repr(C)`, begins with an `IoBase`; zero is a file without a buffer; all traced fields are reported.
unsafe impl Cell for Text {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
        for field in [&self.buffer, &self.encoding, &self.errors, &self.encoder, &self.decoder] {
            field.trace(tracer);
        }
    }
}

impl Text {
    /// The file underneath.
    fn buffer(&self, cx: &Cx) -> PyResult {
        match self.buffer.get() {
            Some(buffer) => Ok(buffer),
            None if self.detached.load(Ordering::Relaxed) => Err(cx.value_error("underlying buffer has been detached")),
            None => Err(cx.value_error("I/O operation on uninitialized object")),
        }
    }

    /// Fails before `__init__`.
    fn check_ready(&self, cx: &Cx) -> PyResult<()> {
        if self.buffer.get().is_some() || self.detached.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(cx.value_error("I/O operation on uninitialized object"))
    }

    /// What was decided when the file was made.
    fn settings(&self, cx: &Cx) -> Settings {
        self.state.with(cx, |state| state.settings)
    }

    /// The name of the error handler.
    fn handler(&self, cx: &Cx) -> Option<Ref<Str>> {
        self.errors.get().and_then(|errors| errors.downcast::<Str>(cx))
    }
}

/// The buffer of an open file.
fn open_buffer(cx: &Cx, file: Ref<Text>) -> PyResult {
    let buffer = file.buffer(cx)?;
    let closed = match buffered::exact(buffer) {
        _ if file.value().type_id() != LAYOUT.id() => flag(cx, file.value(), "closed")?,
        Some(buffer) => buffered::is_file_closed(cx, buffer)?,
        None => flag(cx, buffer, "closed")?,
    };
    if closed { Err(closed_error(cx)) } else { Ok(buffer) }
}

/// The bytes that a read of the buffer returned.
fn bytes_of(cx: &Cx, value: Value, method: &str) -> PyResult<Vec<u8>> {
    match value.downcast::<Bytes>(cx) {
        Some(bytes) => Ok(bytes.as_bytes().to_vec()),
        None if cx.type_of(value).slots.buffer().is_some() => {
            countless_vm::object::protocol::buffer::bytes_of(cx, value)
        }
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "underlying {method}() should have returned a bytes-like object, not '{class}'"))
        }
    }
}

/// One read of the buffer.
fn read_buffer(cx: &Cx, buffer: Value, has_read1: bool, size: usize) -> PyResult<Vec<u8>> {
    if let Some(buffer) = buffered::exact(buffer).filter(|buffer| buffered::can_read1(*buffer)) {
        let mut bytes = Vec::new();
        buffered::read1_into(cx, buffer, size, &mut bytes)?;
        return Ok(bytes);
    }
    let method = if has_read1 { "read1" } else { "read" };
    let value = call(cx, buffer, method, &[Value::length(size)])?;
    bytes_of(cx, value, method)
}

/// Hands bytes to the buffer.
fn write_buffer(cx: &Cx, buffer: Value, bytes: &[u8]) -> PyResult<()> {
    if let Some(buffer) = buffered::exact(buffer).filter(|buffer| buffered::can_write(*buffer)) {
        return buffered::write_bytes(cx, buffer, bytes);
    }
    let data = cx.try_new_bytes(bytes)?;
    cx.call_method(buffer, cx.names().write, &[data.value()])?;
    Ok(())
}

/// Flushes the buffer.
fn flush_buffer(cx: &Cx, buffer: Value) -> PyResult<()> {
    match buffered::exact(buffer).filter(|buffer| buffered::can_write(*buffer)) {
        Some(buffer) => buffered::flush_file(cx, buffer),
        None => cx.call_method(buffer, cx.names().flush, &[]).map(drop),
    }
}

/// An attribute of the buffer.
fn of_buffer(cx: &Cx, file: Ref<Text>, name: &str) -> PyResult {
    attribute(cx, file.buffer(cx)?, name)
}
