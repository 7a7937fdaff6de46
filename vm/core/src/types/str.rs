//! `str`: immutable text in WTF-8, with its length in code points and its hash.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_common::wtf8::Wtf8;
use countless_gc::{Header, Tracer};

use super::ids;
use crate::object::cell::{Cell, Layout, Ref};
use crate::runtime::context::Cx;

/// The cell: the bytes follow it (at this offset in subclasses too).
#[repr(C)]
pub struct Str {
    header: Header,
    /// The hash, or 0 while it is not known. Racing writers store the same number.
    hash: AtomicU64,
    byte_length: usize,
    char_length: usize,
}

/// The layout of strings.
pub static LAYOUT: Layout = Layout::of::<Str>("str", ids::STR, Some(&super::object::LAYOUT)).variable();

/// Bit of the header's first user byte: the string stands in the table of interned strings.
const INTERNED: u8 = 1;

// SAFETY: `repr(C)`, header first, zero is an empty string; there are no traced fields.
unsafe impl Cell for Str {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl Str {
    /// The text.
    #[inline(always)]
    pub fn as_wtf8(&self) -> &Wtf8 {
        let bytes = (&raw const *self).wrapping_add(1).cast::<u8>();
        // SAFETY: `byte_length` bytes follow the cell, written before it was published and never since. The borrow ends
        // with the reference it came from, which keeps the cell alive.
        Wtf8::from_trusted_bytes(unsafe { std::slice::from_raw_parts(bytes, self.byte_length) })
    }

    /// The text, if it has no surrogate.
    pub fn to_str(&self) -> Option<&str> {
        self.as_wtf8().to_str()
    }

    /// Length in code points.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.char_length
    }

    /// Whether there is no code point.
    pub fn is_empty(&self) -> bool {
        self.byte_length == 0
    }

    /// Whether all code points are below 128 (so that byte offsets are indices).
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.byte_length == self.char_length
    }

    /// The hash, as `hash(str)`.
    #[inline(always)]
    pub fn hash(&self, cx: &Cx) -> i64 {
        match self.hash.load(Ordering::Relaxed) {
            0 => self.compute_hash(cx),
            hash => hash as i64,
        }
    }

    #[cold]
    fn compute_hash(&self, cx: &Cx) -> i64 {
        let hash = cx.vm().hash_key.hash_text(self.as_wtf8());
        self.hash.store(hash as u64, Ordering::Relaxed);
        hash
    }

    /// Whether equal interned strings are this very cell.
    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.header.user_flags_1().load(Ordering::Relaxed) & INTERNED != 0
    }

    pub(crate) fn mark_interned(&self) {
        self.header.user_flags_1().fetch_or(INTERNED, Ordering::Relaxed);
    }
}

impl Ref<Str> {
    /// Whether the texts are equal.
    #[inline(always)]
    pub fn equals(self, other: Ref<Str>) -> bool {
        self == other || (self.byte_length == other.byte_length && self.as_wtf8() == other.as_wtf8())
    }
}

impl Cx {
    /// A string of valid text.
    pub fn new_str(&self, text: &str) -> Ref<Str> {
        self.new_str_wtf8(Wtf8::new(text))
    }

    /// A string of text that may have surrogates. For sizes known to fit memory.
    pub fn new_str_wtf8(&self, text: &Wtf8) -> Ref<Str> {
        let (byte_length, char_length) = (text.len(), text.char_count());
        let contents =
            Str { header: Header::default(), hash: AtomicU64::new(0), byte_length, char_length };
        let cell = self.allocate_as(ids::STR, size_of::<Str>() + byte_length, contents);
        let bytes = cell.as_ptr().wrapping_add(1).cast::<u8>().cast_mut();
        // SAFETY: the fresh cell has `byte_length` bytes after its fixed part, which nobody else sees yet.
        unsafe { std::ptr::copy_nonoverlapping(text.as_bytes().as_ptr(), bytes, byte_length) };
        cell
    }
}
