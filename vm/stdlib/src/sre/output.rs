//! Text or bytes put together of parts, as `sub` does.

use countless_common::wtf8::Wtf8;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;
use countless_vm::types::str::Str;

use super::subject::Source;

/// The parts so far.
pub struct Output {
    bytes: Vec<u8>,
    is_text: bool,
    /// How many parts, for messages.
    count: usize,
}

impl Output {
    /// Nothing yet, of the subject's kind.
    pub fn new(source: &Source) -> Output {
        Output { bytes: Vec::new(), is_text: matches!(source, Source::Text(_)), count: 0 }
    }

    fn extend(&mut self, cx: &Cx, bytes: &[u8]) -> PyResult<()> {
        if self.bytes.try_reserve(bytes.len()).is_err() {
            return Err(cx.memory_error());
        }
        self.bytes.extend_from_slice(bytes);
        self.count += 1;
        Ok(())
    }

    /// Adds a part of the subject.
    pub fn push_slice(&mut self, cx: &Cx, source: &Source, from: usize, to: usize) -> PyResult<()> {
        let bytes = source.as_bytes();
        let to = to.min(bytes.len());
        self.extend(cx, &bytes[from.min(to)..to])
    }

    /// Adds a string or bytes-like object.
    pub fn push(&mut self, cx: &Cx, value: Value) -> PyResult<()> {
        let (index, class) = (self.count, || value.class_name(cx));
        if self.is_text {
            return match value.downcast::<Str>(cx) {
                Some(text) => self.extend(cx, text.as_bytes()),
                None => Err(raise!(cx, TypeError, "sequence item {index}: expected str instance, {} found", class())),
            };
        }
        match ByteView::of_buffer(cx, value)? {
            Some(bytes) => self.extend(cx, &bytes),
            None => {
                Err(raise!(cx, TypeError, "sequence item {index}: expected a bytes-like object, {} found", class()))
            }
        }
    }

    /// The whole.
    pub fn finish(self, cx: &Cx) -> PyResult {
        if !self.is_text {
            return Ok(cx.try_new_bytes(&self.bytes)?.value());
        }
        let parts = [Wtf8::from_trusted_bytes(&self.bytes)];
        Ok(cx.new_str_of_parts(parts.into_iter())?.value())
    }
}
