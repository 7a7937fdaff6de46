//! The reading half.

use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::buffer::writable_buffer;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;

use super::super::base::{call, size_argument};
use super::super::file::FileIo;
use super::{Buffered, State, enter, open_raw, raw_read};

fn bytes(cx: &Cx, bytes: &[u8]) -> PyResult {
    Ok(cx.try_new_bytes(bytes)?.value())
}

impl State {
    /// Reads once into the empty buffer; `None` if nothing is there and the file does not block.
    fn fill(&mut self, cx: &Cx, raw: Value) -> PyResult<Option<usize>> {
        self.forget_ahead();
        let size = self.size;
        raw_read(cx, raw, &mut self.ahead, size)
    }

    /// Appends up to `count` bytes to `out`; `None` if nothing was there and the file does not block.
    fn read(&mut self, cx: &Cx, raw: Value, count: usize, out: &mut Vec<u8>) -> PyResult<Option<()>> {
        let start = out.len();
        out.extend_from_slice(self.take(count));
        self.flush_pending(cx, raw)?;
        loop {
            let missing = count - (out.len() - start);
            if missing == 0 {
                return Ok(Some(()));
            }
            // Much is read straight into place, but in steps of the buffer's size.
            let direct = missing >= self.size;
            let read = match direct {
                true => raw_read(cx, raw, out, missing - missing % self.size)?,
                false => self.fill(cx, raw)?,
            };
            match read {
                None if out.len() == start => return Ok(None),
                None | Some(0) => return Ok(Some(())),
                Some(_) if direct => {}
                Some(_) => out.extend_from_slice(self.take(missing)),
            }
            cx.poll()?;
        }
    }

    /// Appends everything until the end.
    fn read_all(&mut self, cx: &Cx, raw: Value, out: &mut Vec<u8>) -> PyResult<Option<()>> {
        let start = out.len();
        out.extend_from_slice(self.take(usize::MAX));
        self.forget_ahead();
        self.flush_pending(cx, raw)?;
        if let Some(raw) = raw.exact::<FileIo>() {
            let rest = raw.read_rest(cx, out)?;
            return Ok(rest.or((out.len() > start).then_some(())));
        }
        if let Some(readall) = cx.get_attribute_optional(raw, cx.intern_str("readall"))? {
            let rest = cx.call(readall, &[])?;
            if rest.is_none() {
                return Ok((out.len() > start).then_some(()));
            }
            let Some(rest) = rest.downcast::<Bytes>(cx) else {
                return Err(cx.type_error("readall() should return bytes"));
            };
            out.extend_from_slice(rest.as_bytes());
            return Ok(Some(()));
        }
        loop {
            let data = call(cx, raw, "read", &[])?;
            if data.is_none() {
                return Ok((out.len() > start).then_some(()));
            }
            let Some(data) = data.downcast::<Bytes>(cx) else {
                return Err(cx.type_error("read() should return bytes"));
            };
            if data.is_empty() {
                return Ok(Some(()));
            }
            out.extend_from_slice(data.as_bytes());
        }
    }
}

/// Appends what one read gives, at most: the way of text files to read from this one.
pub(crate) fn read1_into(cx: &Cx, file: Ref<Buffered>, count: usize, out: &mut Vec<u8>) -> PyResult<()> {
    let raw = open_raw(cx, file, "read of")?;
    let mut state = enter(cx, &file)?;
    state.flush_pending(cx, raw)?;
    if !state.unread().is_empty() {
        out.extend_from_slice(state.take(count));
        return Ok(());
    }
    state.forget_ahead();
    raw_read(cx, raw, out, count)?;
    Ok(())
}

/// Appends everything until the end.
pub(crate) fn read_all_into(cx: &Cx, file: Ref<Buffered>, out: &mut Vec<u8>) -> PyResult<()> {
    let raw = open_raw(cx, file, "read of")?;
    enter(cx, &file)?.read_all(cx, raw, out)?;
    Ok(())
}

pub(super) fn read(cx: &Cx, file: Ref<Buffered>, size: Option<Value>) -> PyResult {
    file.raw(cx)?;
    let size = size_argument(cx, size)?;
    if size < -1 {
        return Err(cx.value_error("read length must be non-negative or -1"));
    }
    let raw = open_raw(cx, file, "read of")?;
    let mut state = enter(cx, &file)?;
    if let Ok(size) = usize::try_from(size)
        && state.pending.is_empty()
        && state.unread().len() >= size
    {
        return bytes(cx, state.take(size));
    }
    let mut out = Vec::new();
    let read = match usize::try_from(size) {
        Ok(size) => {
            if out.try_reserve(size).is_err() {
                return Err(cx.memory_error());
            }
            state.read(cx, raw, size, &mut out)?
        }
        Err(_) => state.read_all(cx, raw, &mut out)?,
    };
    drop(state);
    read.map_or(Ok(Value::NONE), |()| bytes(cx, &out))
}

pub(super) fn read1(cx: &Cx, file: Ref<Buffered>, size: Option<Value>) -> PyResult {
    let raw = open_raw(cx, file, "read of")?;
    let size = match size {
        Some(size) => number::index_i64(cx, size)?,
        None => -1,
    };
    let mut state = enter(cx, &file)?;
    let size = usize::try_from(size).unwrap_or(state.size);
    if size == 0 {
        return bytes(cx, b"");
    }
    state.flush_pending(cx, raw)?;
    if !state.unread().is_empty() {
        return bytes(cx, state.take(size));
    }
    state.forget_ahead();
    let mut out = Vec::new();
    raw_read(cx, raw, &mut out, size)?;
    drop(state);
    bytes(cx, &out)
}

pub(super) fn peek(cx: &Cx, file: Ref<Buffered>, _size: Option<Value>) -> PyResult {
    let raw = open_raw(cx, file, "peek of")?;
    let mut state = enter(cx, &file)?;
    state.flush_pending(cx, raw)?;
    if state.unread().is_empty() {
        state.fill(cx, raw)?;
    }
    bytes(cx, state.unread())
}

fn read_into(cx: &Cx, file: Ref<Buffered>, target: Value, once: bool) -> PyResult {
    file.raw(cx)?;
    let raw = open_raw(cx, file, "readinto of")?;
    let buffer = writable_buffer(cx, target, if once { "readinto1() argument" } else { "readinto() argument" })?;
    let mut out = Vec::new();
    let room = buffer.length;
    let read = enter(cx, &file).and_then(|mut state| match once {
        false => state.read(cx, raw, room, &mut out),
        true => {
            state.flush_pending(cx, raw)?;
            if state.unread().is_empty() && room > 0 {
                state.forget_ahead();
                let read = if room >= state.size { raw_read(cx, raw, &mut out, room)? } else { state.fill(cx, raw)? };
                if read.is_none() {
                    return Ok(None);
                }
            }
            out.extend_from_slice(state.take(room - out.len()));
            Ok(Some(()))
        }
    });
    if read.is_ok() {
        buffer.write(0, &out);
    }
    buffer.release(cx);
    Ok(read?.map_or(Value::NONE, |()| Value::length(out.len())))
}

pub(super) fn readinto(cx: &Cx, file: Ref<Buffered>, target: Value) -> PyResult {
    read_into(cx, file, target, false)
}

pub(super) fn readinto1(cx: &Cx, file: Ref<Buffered>, target: Value) -> PyResult {
    read_into(cx, file, target, true)
}

fn read_line(cx: &Cx, file: Ref<Buffered>, limit: isize) -> PyResult {
    let raw = open_raw(cx, file, "readline of")?;
    let mut state = enter(cx, &file)?;
    state.flush_pending(cx, raw)?;
    let mut line = Vec::new();
    loop {
        let left = usize::try_from(limit).map_or(usize::MAX, |limit| limit - line.len());
        let unread = state.unread();
        let within = &unread[..unread.len().min(left)];
        if let Some(end) = memchr::memchr(b'\n', within) {
            let last = state.take(end + 1);
            if line.is_empty() {
                return bytes(cx, last);
            }
            line.extend_from_slice(last);
            return bytes(cx, &line);
        }
        let count = within.len();
        line.extend_from_slice(state.take(count));
        if count == left {
            return bytes(cx, &line);
        }
        if !matches!(state.fill(cx, raw)?, Some(1..)) {
            return bytes(cx, &line);
        }
        cx.poll()?;
    }
}

pub(super) fn readline(cx: &Cx, file: Ref<Buffered>, size: Option<Value>) -> PyResult {
    file.raw(cx)?;
    let limit = size_argument(cx, size)?;
    read_line(cx, file, limit)
}

/// The next line.
pub(super) fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let Some(file) = super::exact(value) else { return super::super::base::next_line(cx, value) };
    let line = read_line(cx, file, -1)?;
    Ok(line.exact::<Bytes>().is_some_and(|line| !line.is_empty()).then_some(line))
}
