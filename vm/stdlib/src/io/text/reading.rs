//! Reading text.

use std::ops::Range;
use std::sync::Arc;

use countless_common::wtf8::Wtf8;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;

use super::super::base::{call, size_argument, unsupported};
use super::super::buffered;
use super::codec::{Decoder, decode};
use super::writing::flush_pending;
use super::{Ending, LAYOUT, Settings, Snapshot, State, Text, bytes_of, open_buffer, read_buffer};

/// The first bytes of a text, up to `count` characters: how many bytes, and how many characters.
fn prefix(text: &[u8], count: usize) -> (usize, usize) {
    if text.len() <= count && text.is_ascii() {
        return (text.len(), text.len());
    }
    let text = Wtf8::from_trusted_bytes(text);
    let characters = text.char_count();
    if characters <= count { (text.len(), characters) } else { (text.byte_offset(count), count) }
}

/// The number of bytes up to and including the end of the first line in the text.
fn line_end(text: &[u8], ending: Ending) -> Option<usize> {
    match ending {
        Ending::Translated | Ending::Only("\n") => memchr::memchr(b'\n', text).map(|at| at + 1),
        Ending::Universal => memchr::memchr2(b'\n', b'\r', text).map(|at| match (text[at], text.get(at + 1)) {
            (b'\r', Some(b'\n')) => at + 2,
            _ => at + 1,
        }),
        Ending::Only(ending) => memchr::memmem::find(text, ending.as_bytes()).map(|at| at + ending.len()),
    }
}

/// A part of a line, and whether the line ends with it.
struct Part {
    text: Arc<Vec<u8>>,
    range: Range<usize>,
    complete: bool,
}

impl State {
    /// Gives out what follows of a line that ends with the byte `last`, up to `left` characters.
    fn take_part(&mut self, last: Option<u8>, left: &mut Option<usize>) -> Part {
        let chunk = self.unread();
        let ending = self.settings.ending;
        // An ending of two characters may lie across two chunks.
        let split = ending == Ending::Only("\r\n") && last == Some(b'\r') && chunk.first() == Some(&b'\n');
        let end = if split { Some(1) } else { line_end(chunk, ending) };
        let (mut length, mut complete) = (end.unwrap_or(chunk.len()), end.is_some());
        if let Some(left) = left {
            let (bytes, characters) = prefix(&chunk[..length], *left);
            complete |= characters == *left;
            *left -= characters;
            length = bytes;
        }
        let start = self.at;
        self.at += length;
        Part { text: self.decoded.clone(), range: start..self.at, complete }
    }

    /// Adds a piece of decoded text behind what there is. There is something only if another thread has read meanwhile:
    /// then nobody knows where the text came from.
    fn add_chunk(&mut self, decoded: Vec<u8>, snapshot: Option<Snapshot>) {
        if self.unread().is_empty() {
            self.set_decoded(decoded);
            if let Some(snapshot) = snapshot {
                self.snapshot = Some(Arc::new(snapshot));
            }
        } else {
            let mut whole = self.unread().to_vec();
            whole.extend_from_slice(&decoded);
            self.set_decoded(whole);
            self.snapshot = None;
        }
        self.has_read = true;
    }

    /// Gives out up to `left` characters.
    fn take_characters(&mut self, left: &mut usize, out: &mut Vec<u8>) {
        let (bytes, characters) = prefix(self.unread(), *left);
        out.extend_from_slice(&self.unread()[..bytes]);
        self.at += bytes;
        *left -= characters;
    }
}

/// Reads and decodes the next piece, after all text was given out; false at the end of the file.
fn read_chunk(cx: &Cx, file: &Ref<Text>, buffer: Value, hint: usize) -> PyResult<bool> {
    let (settings, telling, ratio) = file.state.with(cx, |state| {
        if state.unread().is_empty() {
            state.forget_decoded();
        }
        (state.settings, state.telling, state.ratio)
    });
    check_readable(cx, settings)?;
    let before = match telling {
        true => {
            let held = file.state.with(cx, |state| state.held.clone());
            let pending_cr = held.newlines.pending_cr;
            Some((Decoder::new(file, settings, held).state(cx)?, pending_cr))
        }
        false => None,
    };
    // As many bytes as the characters that are wanted will take.
    let hint = (ratio.max(1.0) * hint as f64) as usize;
    let input = read_buffer(cx, buffer, settings.has_read1, settings.chunk_size.max(hint))?;
    let (at_end, bytes) = (input.is_empty(), input.len());
    let snapshot = before.map(|((mut held, flags), pending_cr)| {
        held.extend_from_slice(&input);
        Snapshot { flags, pending_cr, input: held }
    });
    let decoded = decode(cx, file, input, at_end)?;
    let characters = Wtf8::from_trusted_bytes(&decoded).char_count();
    let more = !at_end || !decoded.is_empty();
    file.state.with(cx, |state| {
        state.add_chunk(decoded, snapshot);
        state.ratio = if characters == 0 { 0.0 } else { bytes as f64 / characters as f64 };
    });
    Ok(more)
}

/// Reads the next piece that has text; false at the end of the file.
fn read_more(cx: &Cx, file: &Ref<Text>, buffer: Value) -> PyResult<bool> {
    loop {
        let more = read_chunk(cx, file, buffer, 0)?;
        let found = file.state.with(cx, |state| {
            let found = !state.unread().is_empty();
            if !more && !found {
                state.forget_decoded();
                state.snapshot = None;
            }
            found
        });
        if found || !more {
            return Ok(found);
        }
        cx.poll()?;
    }
}

fn check_readable(cx: &Cx, settings: Settings) -> PyResult<()> {
    if settings.can_read { Ok(()) } else { Err(unsupported(cx, "not readable")) }
}

pub(super) fn read(cx: &Cx, file: Ref<Text>, size: Option<Value>) -> PyResult {
    file.buffer(cx)?;
    let size = size_argument(cx, size)?;
    let buffer = open_buffer(cx, file)?;
    check_readable(cx, file.settings(cx))?;
    flush_pending(cx, &file, buffer)?;
    if size < 0 {
        return read_all(cx, &file, buffer);
    }
    let mut left = size as usize;
    let mut out: Vec<u8> = Vec::new();
    loop {
        file.state.with(cx, |state| state.take_characters(&mut left, &mut out));
        if left == 0 || !read_chunk(cx, &file, buffer, left)? {
            break;
        }
        cx.poll()?;
    }
    Ok(cx.new_str_wtf8(Wtf8::from_trusted_bytes(&out)).value())
}

fn read_all(cx: &Cx, file: &Ref<Text>, buffer: Value) -> PyResult {
    let input = match buffered::exact(buffer).filter(|buffer| buffered::can_read1(*buffer)) {
        Some(buffer) => {
            let mut bytes = Vec::new();
            buffered::read_all_into(cx, buffer, &mut bytes)?;
            bytes
        }
        None => {
            let read = call(cx, buffer, "read", &[])?;
            if read.is_none() {
                let message = "Read returned None.";
                return Err(raise!(cx, BlockingIOError, "{message}"));
            }
            if cx.type_of(read).slots.buffer().is_none() {
                return Err(raise!(cx, TypeError, "can't concat {} to bytes", read.class_name(cx)));
            }
            bytes_of(cx, read, "read")?
        }
    };
    let rest = decode(cx, file, input, true)?;
    let whole = file.state.with(cx, |state| {
        let mut whole = state.unread().to_vec();
        if state.snapshot.take().is_some() {
            state.forget_decoded();
        } else {
            state.at = state.decoded.len();
        }
        whole.extend_from_slice(&rest);
        whole
    });
    Ok(cx.new_str_wtf8(Wtf8::from_trusted_bytes(&whole)).value())
}

pub(super) fn readline(cx: &Cx, file: Ref<Text>, size: Option<Value>) -> PyResult {
    file.buffer(cx)?;
    let size = size.map_or(Ok(-1), |size| number::index_i64(cx, size))?;
    Ok(line(cx, file, usize::try_from(size).ok(), false)?.value())
}

/// Reads a line of at most `limit` characters. While a file is iterated over, `tell` does not work.
fn line(cx: &Cx, file: Ref<Text>, limit: Option<usize>, iterating: bool) -> PyResult<Ref<Str>> {
    let text = |bytes: &[u8]| cx.new_str_wtf8(Wtf8::from_trusted_bytes(bytes));
    let buffer = open_buffer(cx, file)?;
    let mut line: Vec<u8> = Vec::new();
    let mut left = limit;
    loop {
        let last = line.last().copied();
        let part = file.state.with(cx, |state| {
            state.telling &= !iterating;
            let ready = state.pending.is_empty() && !state.unread().is_empty();
            ready.then(|| state.take_part(last, &mut left))
        });
        match part {
            Some(part) if part.complete && line.is_empty() => return Ok(text(&part.text[part.range])),
            Some(part) => {
                line.extend_from_slice(&part.text[part.range]);
                if part.complete {
                    return Ok(text(&line));
                }
            }
            None => {
                let exhausted = file.state.with(cx, |state| state.unread().is_empty());
                flush_pending(cx, &file, buffer)?;
                if exhausted && !read_more(cx, &file, buffer)? {
                    return Ok(text(&line));
                }
            }
        }
    }
}

/// The next line, while `tell` does not work.
pub(super) fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: called from slots of the type only.
    let file: Ref<Text> = unsafe { Ref::from_value_unchecked(value) };
    let found = if value.type_id() == LAYOUT.id() {
        line(cx, file, None, true)?
    } else {
        file.state.with(cx, |state| state.telling = false);
        let found = cx.call_method(value, cx.names().readline, &[])?;
        let Some(text) = found.downcast::<Str>(cx) else {
            let class = found.class_name(cx);
            return Err(raise!(cx, OSError, "readline() should have returned a str object, not '{class}'"));
        };
        text
    };
    if found.is_empty() {
        file.state.with(cx, |state| {
            state.telling = state.settings.seekable;
            state.snapshot = None;
        });
        return Ok(None);
    }
    Ok(Some(found.value()))
}
