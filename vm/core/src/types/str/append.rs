//! Appending to long text: see the note on shared buffers at the top of `types::str`.

use std::sync::atomic::Ordering;

use super::{APPENDED, SHARED, Str, blank};
use crate::object::cell::{Ref, RefField};
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::bytearray::ByteStorage;
use crate::types::ids;

/// Shorter text is copied.
const LONG: usize = 512;

impl Str {
    /// The field with the buffer of a shared string.
    pub(super) fn buffer(&self) -> &RefField<ByteStorage> {
        debug_assert!(self.flags() & SHARED != 0);
        // SAFETY: cells with the flag were made with this field behind their fixed part.
        unsafe { &*self.tail().cast::<RefField<ByteStorage>>() }
    }

    #[cold]
    pub(super) fn shared_start(&self) -> *const u8 {
        self.buffer().get().map_or(self.tail(), |buffer| buffer.address(0).cast_const())
    }
}

/// Whether appending to the text may lead to a shared buffer.
pub(super) fn is_worthwhile(left: Ref<Str>, right: Ref<Str>) -> bool {
    left.byte_length >= LONG && right.byte_length < left.byte_length && left.is_ascii() && right.is_ascii()
}

/// `left + right` of long ASCII text. The first time a text is appended to, the result is a plain string; from the second
/// time on, it lies in a buffer with room for more.
pub(super) fn append(cx: &Cx, left: Ref<Str>, right: Ref<Str>) -> PyResult<Ref<Str>> {
    let total = left.byte_length + right.byte_length;
    if left.flags() & (SHARED | APPENDED) == 0 {
        let text = cx.fill_str(total, total, [left.as_wtf8(), right.as_wtf8()].into_iter())?;
        text.header().user_flags_1().fetch_or(APPENDED, Ordering::Relaxed);
        return Ok(text);
    }
    if left.flags() & SHARED != 0
        && let Some(buffer) = left.buffer().get()
        && buffer.claim(left.byte_length, right.byte_length)
    {
        buffer.store(left.byte_length, right.as_bytes());
        return Ok(shared(cx, buffer, total));
    }
    let buffer = ByteStorage::new(cx, total.saturating_mul(2))?;
    buffer.claim(0, total);
    buffer.store(0, left.as_bytes());
    buffer.store(left.byte_length, right.as_bytes());
    Ok(shared(cx, buffer, total))
}

/// The string of the first bytes of a buffer.
fn shared(cx: &Cx, buffer: Ref<ByteStorage>, length: usize) -> Ref<Str> {
    let size = size_of::<Str>() + size_of::<RefField<ByteStorage>>();
    let text = cx.allocate_as(ids::STR, size, blank(length, length));
    text.header().user_flags_1().fetch_or(SHARED, Ordering::Relaxed);
    text.buffer().init(buffer);
    text
}
