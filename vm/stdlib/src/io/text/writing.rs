//! Writing text.

use std::sync::atomic::Ordering;

use countless_common::wtf8::Wtf8;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;

use super::super::base::unsupported;
use super::codec::Native;
use super::codec::{encode, reset_decoder};
use super::{State, Text, flush_buffer, open_buffer, write_buffer};

impl State {
    /// Adds encoded text; returns all that waits if it is due to be handed on.
    fn add(&mut self, encoded: &[u8], at_once: bool) -> Option<Vec<u8>> {
        // What was read ahead is of no use any more.
        if self.snapshot.take().is_some() {
            self.forget_decoded();
        }
        self.pending.extend_from_slice(encoded);
        let is_due = at_once || self.pending.len() >= self.settings.chunk_size;
        is_due.then(|| std::mem::take(&mut self.pending))
    }

    /// Whether text is written as it is, and nothing that was read is to be forgotten.
    fn is_plain(&self, text: Plain) -> bool {
        let settings = &self.settings;
        settings.can_write
            && !settings.can_read
            && settings.native.is_some_and(|native| text.is_ascii || text.is_utf8 && native == Native::Utf8)
            && !(text.has_newline && settings.written_ending.is_some())
    }
}

/// What decides whether a text needs encoding.
#[derive(Clone, Copy)]
struct Plain {
    is_ascii: bool,
    is_utf8: bool,
    has_newline: bool,
}

/// Hands what waits to the buffer.
pub(super) fn flush_pending(cx: &Cx, file: &Ref<Text>, buffer: Value) -> PyResult<()> {
    let pending = file.state.with(cx, |state| std::mem::take(&mut state.pending));
    if pending.is_empty() { Ok(()) } else { write_buffer(cx, buffer, &pending) }
}

/// The text with every "\n" as it is to be written.
fn with_endings(cx: &Cx, text: Ref<Str>, ending: &str) -> Ref<Str> {
    let source = text.as_bytes();
    let mut out = Vec::with_capacity(source.len() + source.len() / 16);
    for (index, part) in source.split(|&byte| byte == b'\n').enumerate() {
        if index > 0 {
            out.extend_from_slice(ending.as_bytes());
        }
        out.extend_from_slice(part);
    }
    cx.new_str_wtf8(Wtf8::from_trusted_bytes(&out))
}

pub(super) fn write(cx: &Cx, file: Ref<Text>, value: Value) -> PyResult {
    file.buffer(cx)?;
    let Some(text) = value.downcast::<Str>(cx) else {
        return Err(raise!(cx, TypeError, "write() argument must be str, not {}", value.class_name(cx)));
    };
    let buffer = open_buffer(cx, file)?;
    let line_buffering = file.line_buffering.load(Ordering::Relaxed);
    let write_through = file.write_through.load(Ordering::Relaxed);
    let (bytes, is_ascii) = (text.as_bytes(), text.is_ascii());
    let is_utf8 = is_ascii || text.to_str().is_some();
    let has_newline = memchr::memchr(b'\n', bytes).is_some();
    let flush = line_buffering && (has_newline || memchr::memchr(b'\r', bytes).is_some());
    let at_once = flush || write_through;
    let plain = Plain { is_ascii, is_utf8, has_newline };
    // The common case needs one look at the state.
    let added = file.state.with(cx, |state| if state.is_plain(plain) { Some(state.add(bytes, at_once)) } else { None });
    let (due, can_read) = match added {
        Some(due) => (due, false),
        None => add_encoded(cx, &file, text, has_newline, at_once)?,
    };
    if can_read {
        reset_decoder(cx, &file)?;
    }
    if let Some(bytes) = due.filter(|due| !due.is_empty()) {
        write_buffer(cx, buffer, &bytes)?;
    }
    if flush {
        flush_buffer(cx, buffer)?;
    }
    Ok(Value::length(text.len()))
}

/// Adds text that has to be encoded; what is due to be handed on, and whether the file can be read.
fn add_encoded(
    cx: &Cx,
    file: &Ref<Text>,
    mut text: Ref<Str>,
    has_newline: bool,
    at_once: bool,
) -> PyResult<(Option<Vec<u8>>, bool)> {
    let settings = file.settings(cx);
    if !settings.can_write {
        return Err(unsupported(cx, "not writable"));
    }
    if has_newline && let Some(ending) = settings.written_ending {
        text = with_endings(cx, text, ending);
    }
    let encoded = encode(cx, file, settings.native, &text)?;
    Ok((file.state.with(cx, |state| state.add(&encoded, at_once)), settings.can_read))
}

pub(super) fn flush(cx: &Cx, file: Ref<Text>) -> PyResult {
    file.buffer(cx)?;
    let buffer = open_buffer(cx, file)?;
    file.state.with(cx, |state| state.telling = state.settings.seekable);
    flush_pending(cx, &file, buffer)?;
    flush_buffer(cx, buffer)?;
    Ok(Value::NONE)
}
