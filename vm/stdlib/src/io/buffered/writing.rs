//! The writing half.

use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;

use super::{Buffered, State, enter, open_raw, raw_write, would_block};

const BLOCKED: &str = "write could not complete without blocking";

impl State {
    /// Writes out what waits; what could not be written keeps waiting.
    pub(super) fn flush_pending(&mut self, cx: &Cx, raw: Value) -> PyResult<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut done = 0;
        let result = loop {
            if done == self.pending.len() {
                break Ok(());
            }
            match raw_write(cx, raw, &self.pending[done..]) {
                Ok(Some(count)) => done += count,
                Ok(None) => break Err(would_block(cx, BLOCKED, 0)),
                Err(raised) => break Err(raised),
            }
            // A signal may have cut the write short.
            if let Err(raised) = cx.poll() {
                break Err(raised);
            }
        };
        self.pending.drain(..done);
        result
    }

    /// Takes bytes to be written.
    fn write(&mut self, cx: &Cx, raw: Value, bytes: &[u8]) -> PyResult<()> {
        self.rewind(cx, raw)?;
        if self.pending.len() + bytes.len() <= self.size {
            self.pending.extend_from_slice(bytes);
            return Ok(());
        }
        if let Err(raised) = self.flush_pending(cx, raw) {
            return self.take_what_fits(cx, raised, bytes);
        }
        let mut done = 0;
        // Much is written straight away; what is less than a buffer waits.
        while bytes.len() - done > self.size {
            match raw_write(cx, raw, &bytes[done..])? {
                Some(count) => done += count,
                None => {
                    let fits = self.size.min(bytes.len() - done);
                    self.pending.extend_from_slice(&bytes[done..done + fits]);
                    if done + fits == bytes.len() {
                        return Ok(());
                    }
                    return Err(would_block(cx, BLOCKED, done + fits));
                }
            }
            cx.poll()?;
        }
        self.pending.extend_from_slice(&bytes[done..]);
        Ok(())
    }

    /// The raw file would block: takes as much as there is room for, and fails if that is not all.
    fn take_what_fits(&mut self, cx: &Cx, raised: countless_vm::runtime::error::Raised, bytes: &[u8]) -> PyResult<()> {
        cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::BlockingIOError)?;
        let fits = self.size.saturating_sub(self.pending.len()).min(bytes.len());
        self.pending.extend_from_slice(&bytes[..fits]);
        if fits == bytes.len() { Ok(()) } else { Err(would_block(cx, BLOCKED, fits)) }
    }
}

/// Takes bytes to be written: the way of text files to write to this one.
pub(crate) fn write_bytes(cx: &Cx, file: Ref<Buffered>, bytes: &[u8]) -> PyResult<()> {
    let raw = open_raw(cx, file, "write to")?;
    enter(cx, &file)?.write(cx, raw, bytes)
}

pub(super) fn write(cx: &Cx, file: Ref<Buffered>, data: Value) -> PyResult {
    file.raw(cx)?;
    if data.downcast::<countless_vm::types::str::Str>(cx).is_some() {
        return Err(cx.type_error("a bytes-like object is required, not 'str'"));
    }
    let bytes = ByteView::new(cx, data)?;
    write_bytes(cx, file, &bytes)?;
    Ok(Value::length(bytes.len()))
}

/// Writes out what waits, and gives up what was read ahead.
pub(super) fn flush_and_rewind(cx: &Cx, file: Ref<Buffered>, raw: Value) -> PyResult<()> {
    let mut state = enter(cx, &file)?;
    state.flush_pending(cx, raw)?;
    state.rewind(cx, raw)
}

/// The same for a file that must be open.
pub(crate) fn flush_file(cx: &Cx, file: Ref<Buffered>) -> PyResult<()> {
    let raw = open_raw(cx, file, "flush of")?;
    flush_and_rewind(cx, file, raw)
}

pub(super) fn flush(cx: &Cx, file: Ref<Buffered>) -> PyResult {
    flush_file(cx, file)?;
    Ok(Value::NONE)
}
