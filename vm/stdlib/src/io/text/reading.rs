//! Reading text.

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
use super::{Ending, LAYOUT, Snapshot, State, Text, bytes_of, enter, open_buffer, read_buffer};

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

impl State {
    /// Replaces the decoded text, all of which was given out, by the next piece; false at the end of the file.
    fn read_chunk(&mut self, cx: &Cx, file: &Ref<Text>, buffer: Value, hint: usize) -> PyResult<bool> {
        self.check_readable(cx)?;
        self.forget_decoded();
        let before = match self.telling {
            true => Some((self.decoder_state(cx, file)?, self.newlines.pending_cr)),
            false => None,
        };
        // As many bytes as the characters that are wanted will take.
        let hint = (self.ratio.max(1.0) * hint as f64) as usize;
        let input = read_buffer(cx, buffer, self.has_read1, self.chunk_size.max(hint))?;
        let (at_end, bytes) = (input.is_empty(), input.len());
        let snapshot = before.map(|((mut held, flags), pending_cr)| {
            held.extend_from_slice(&input);
            Snapshot { flags, pending_cr, input: held }
        });
        self.decoded = self.decode(cx, file, input, at_end)?;
        if snapshot.is_some() {
            self.snapshot = snapshot;
        }
        self.has_read = true;
        self.ratio = match Wtf8::from_trusted_bytes(&self.decoded).char_count() {
            0 => 0.0,
            characters => bytes as f64 / characters as f64,
        };
        Ok(!at_end || !self.decoded.is_empty())
    }

    fn check_readable(&self, cx: &Cx) -> PyResult<()> {
        if self.can_read { Ok(()) } else { Err(unsupported(cx, "not readable")) }
    }

    /// Reads a line of at most `limit` characters onto `line`.
    fn read_line(&mut self, cx: &Cx, file: &Ref<Text>, buffer: Value, limit: Option<usize>) -> PyResult<Ref<Str>> {
        let text = |bytes: &[u8]| cx.new_str_wtf8(Wtf8::from_trusted_bytes(bytes));
        let mut line: Vec<u8> = Vec::new();
        let mut left = limit;
        if self.decoded.is_empty() && !self.read_more(cx, file, buffer)? {
            return Ok(cx.names().empty);
        }
        loop {
            let chunk = &self.decoded[self.at..];
            // An ending of two characters may lie across two chunks.
            let split =
                self.ending == Ending::Only("\r\n") && line.last() == Some(&b'\r') && chunk.first() == Some(&b'\n');
            let end = if split { Some(1) } else { line_end(chunk, self.ending) };
            let (mut length, mut complete) = (end.unwrap_or(chunk.len()), end.is_some());
            if let Some(left) = &mut left {
                let (bytes, characters) = prefix(&chunk[..length], *left);
                complete |= characters == *left;
                *left -= characters;
                length = bytes;
            }
            if complete && line.is_empty() {
                let found = text(&chunk[..length]);
                self.at += length;
                return Ok(found);
            }
            line.extend_from_slice(&chunk[..length]);
            self.at += length;
            if complete || !self.read_more(cx, file, buffer)? {
                return Ok(text(&line));
            }
        }
    }

    /// The next piece that has text; false at the end of the file.
    fn read_more(&mut self, cx: &Cx, file: &Ref<Text>, buffer: Value) -> PyResult<bool> {
        loop {
            if !self.read_chunk(cx, file, buffer, 0)? {
                self.forget_decoded();
                self.snapshot = None;
                return Ok(false);
            }
            if !self.decoded.is_empty() {
                return Ok(true);
            }
            cx.poll()?;
        }
    }
}

pub(super) fn read(cx: &Cx, file: Ref<Text>, size: Option<Value>) -> PyResult {
    file.buffer(cx)?;
    let size = size_argument(cx, size)?;
    let buffer = open_buffer(cx, file)?;
    let mut state = enter(cx, &file)?;
    state.check_readable(cx)?;
    state.flush_pending(cx, buffer)?;
    if size < 0 {
        return read_all(cx, &file, &mut state, buffer);
    }
    let mut left = size as usize;
    let mut out: Vec<u8> = Vec::new();
    loop {
        let (bytes, characters) = prefix(&state.decoded[state.at..], left);
        out.extend_from_slice(&state.decoded[state.at..state.at + bytes]);
        state.at += bytes;
        left -= characters;
        if left == 0 || !state.read_chunk(cx, &file, buffer, left)? {
            break;
        }
        cx.poll()?;
    }
    Ok(cx.new_str_wtf8(Wtf8::from_trusted_bytes(&out)).value())
}

fn read_all(cx: &Cx, file: &Ref<Text>, state: &mut State, buffer: Value) -> PyResult {
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
    let rest = state.decode(cx, file, input, true)?;
    let mut whole = state.decoded.split_off(state.at);
    whole.extend_from_slice(&rest);
    if state.snapshot.take().is_some() {
        state.forget_decoded();
    } else {
        state.at = state.decoded.len();
    }
    Ok(cx.new_str_wtf8(Wtf8::from_trusted_bytes(&whole)).value())
}

pub(super) fn readline(cx: &Cx, file: Ref<Text>, size: Option<Value>) -> PyResult {
    file.buffer(cx)?;
    let size = size.map_or(Ok(-1), |size| number::index_i64(cx, size))?;
    Ok(line(cx, file, usize::try_from(size).ok())?.value())
}

fn line(cx: &Cx, file: Ref<Text>, limit: Option<usize>) -> PyResult<Ref<Str>> {
    let buffer = open_buffer(cx, file)?;
    let mut state = enter(cx, &file)?;
    state.flush_pending(cx, buffer)?;
    state.read_line(cx, &file, buffer, limit)
}

/// The next line, while `tell` does not work.
pub(super) fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: called from slots of the type only.
    let file: Ref<Text> = unsafe { Ref::from_value_unchecked(value) };
    enter(cx, &file)?.telling = false;
    let found = if value.type_id() == LAYOUT.id() {
        line(cx, file, None)?
    } else {
        let found = cx.call_method(value, cx.names().readline, &[])?;
        let Some(text) = found.downcast::<Str>(cx) else {
            let class = found.class_name(cx);
            return Err(raise!(cx, OSError, "readline() should have returned a str object, not '{class}'"));
        };
        text
    };
    if found.is_empty() {
        let mut state = enter(cx, &file)?;
        state.telling = state.seekable;
        state.snapshot = None;
        return Ok(None);
    }
    Ok(Some(found.value()))
}
