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
use super::{State, Text, enter, flush_buffer, open_buffer, write_buffer};

impl State {
    /// Hands what waits to the buffer.
    pub(super) fn flush_pending(&mut self, cx: &Cx, buffer: Value) -> PyResult<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let pending = std::mem::take(&mut self.pending);
        let result = write_buffer(cx, buffer, &pending);
        if result.is_ok() {
            self.pending = pending;
            self.pending.clear();
        }
        result
    }
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
    let Some(mut text) = value.downcast::<Str>(cx) else {
        return Err(raise!(cx, TypeError, "write() argument must be str, not {}", value.class_name(cx)));
    };
    let buffer = open_buffer(cx, file)?;
    let mut state = enter(cx, &file)?;
    if !state.can_write {
        return Err(unsupported(cx, "not writable"));
    }
    let length = text.len();
    let line_buffering = file.line_buffering.load(Ordering::Relaxed);
    let has_newline = (state.written_ending.is_some() || line_buffering) && text.as_bytes().contains(&b'\n');
    if has_newline && let Some(ending) = state.written_ending {
        text = with_endings(cx, text, ending);
    }
    let flush = line_buffering && (has_newline || text.as_bytes().contains(&b'\r'));
    state.encode(cx, &file, text)?;
    if state.can_read {
        if state.snapshot.take().is_some() {
            state.forget_decoded();
        }
        state.reset_decoder(cx, &file)?;
    }
    if state.pending.len() >= state.chunk_size || flush || file.write_through.load(Ordering::Relaxed) {
        state.flush_pending(cx, buffer)?;
    }
    if flush {
        flush_buffer(cx, buffer)?;
    }
    Ok(Value::length(length))
}

pub(super) fn flush(cx: &Cx, file: Ref<Text>) -> PyResult {
    file.buffer(cx)?;
    let buffer = open_buffer(cx, file)?;
    let mut state = enter(cx, &file)?;
    state.telling = state.seekable;
    state.flush_pending(cx, buffer)?;
    drop(state);
    flush_buffer(cx, buffer)?;
    Ok(Value::NONE)
}
