//! `str`: immutable text in WTF-8, with its length in code points and its hash.
//!
//! Byte offsets are indices in ASCII text. Longer text with other characters has room behind its bytes for *crumbs*: the
//! byte offset of every 64th code point, filled when the text is first indexed. Filling is idempotent, so threads may
//! race; a flag with release tells readers that all crumbs are there.
//!
//! The empty string and those of one ASCII character are interned, one per VM.
//!
//! Long ASCII text that is appended to a second time goes to a *shared* buffer with room to spare (a [`ByteStorage`]),
//! of which it is a prefix: appending to the longest prefix only adds what is new, so that `s += x` in a loop takes
//! linear time. Bytes of a buffer are written once, by whoever claimed them, before the string that has them is
//! published.

mod append;
mod convert;
mod encode;
mod format;
pub mod iterator;
mod methods;
mod percent;
mod search;
mod slots;
mod split;
mod translate;

pub use methods::TYPE;
pub use percent::percent_format;
pub use slots::{concatenate, contains};

pub(crate) use format::ascii;
pub(crate) use percent::{Operands, format_number, resolve};
pub(crate) use slots::clamp_range;
pub(crate) use split::join_items;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_common::wtf8::{Wtf8, push_code_point};
use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell: the bytes follow it (at this offset in subclasses too), then the crumbs; or, with the flag [`SHARED`], a field
/// with the buffer.
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
/// Bit of the header's first user byte: the crumbs are filled.
const INDEXED: u8 = 2;

/// Bit of the header's first user byte: the text is the first part of a buffer. Set before publication.
const SHARED: u8 = 4;
/// Bit of the header's first user byte: the text was made by appending. Set before publication.
const APPENDED: u8 = 8;

/// Code points per crumb.
const STRIDE: usize = 64;
/// Text of fewer code points has no crumbs.
const INDEXED_FROM: usize = 2 * STRIDE;

// SAFETY: `repr(C)`, header first, zero is an empty string; the only traced field, a shared buffer, is reported.
unsafe impl Cell for Str {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        if self.flags() & SHARED != 0 {
            self.buffer().trace(tracer);
        }
    }
}

/// How many crumbs text of this size has. Their width is 32 bits, so enormous text does without.
const fn crumb_count(byte_length: usize, char_length: usize) -> usize {
    if byte_length == char_length || char_length < INDEXED_FROM || byte_length > u32::MAX as usize {
        0
    } else {
        (char_length - 1) / STRIDE
    }
}

/// Bytes behind the cell's fixed part.
const fn tail_size(byte_length: usize, char_length: usize) -> usize {
    match crumb_count(byte_length, char_length) {
        0 => byte_length,
        count => byte_length.next_multiple_of(4) + 4 * count,
    }
}

impl Str {
    /// The text.
    #[inline(always)]
    pub fn as_wtf8(&self) -> &Wtf8 {
        let bytes: *const [u8] = std::ptr::slice_from_raw_parts(self.start(), self.byte_length);
        // SAFETY: `byte_length` bytes follow the cell, or start the shared buffer; they were written before the string was
        // published and never since; they are well-formed, and `Wtf8` is a transparent wrapper of bytes. The borrow ends
        // with the reference it came from, which keeps the cell alive, and with it the buffer.
        unsafe { &*(bytes as *const Wtf8) }
    }

    #[inline(always)]
    fn flags(&self) -> u8 {
        self.header.user_flags_1().load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn start(&self) -> *const u8 {
        if self.flags() & SHARED != 0 { self.shared_start() } else { self.tail() }
    }

    /// What follows the fixed part.
    #[inline(always)]
    fn tail(&self) -> *const u8 {
        (&raw const *self).wrapping_add(1).cast::<u8>()
    }

    /// The bytes of the text.
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        self.as_wtf8().as_bytes()
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
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.byte_length == 0
    }

    /// Whether all code points are below 128 (so that byte offsets are indices).
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.byte_length == self.char_length
    }

    fn crumbs(&self) -> &[AtomicU32] {
        let count = crumb_count(self.byte_length, self.char_length);
        if count == 0 {
            return &[];
        }
        let first = self.tail().wrapping_add(self.byte_length.next_multiple_of(4)).cast::<AtomicU32>();
        // SAFETY: the cell was made with `tail_size` bytes behind its fixed part; the fixed part's size and the offset
        // are multiples of four; the words are atomics.
        unsafe { std::slice::from_raw_parts(first, count) }
    }

    /// The crumbs, filled; none if the text is short or ASCII.
    #[inline]
    fn index(&self) -> &[AtomicU32] {
        let crumbs = self.crumbs();
        if !crumbs.is_empty() && self.header.user_flags_1().load(Ordering::Acquire) & INDEXED == 0 {
            self.fill_crumbs(crumbs);
        }
        crumbs
    }

    #[cold]
    fn fill_crumbs(&self, crumbs: &[AtomicU32]) {
        let (mut rest, mut offset) = (self.as_wtf8(), 0);
        for crumb in crumbs {
            let step = rest.byte_offset(STRIDE);
            offset += step;
            rest = rest.slice(step..rest.len());
            crumb.store(offset as u32, Ordering::Relaxed);
        }
        self.header.user_flags_1().fetch_or(INDEXED, Ordering::Release);
    }

    /// Byte offset of a code point; the length in bytes if there are not so many.
    #[inline]
    pub fn byte_offset(&self, index: usize) -> usize {
        if self.is_ascii() {
            return index.min(self.byte_length);
        }
        if index >= self.char_length {
            return self.byte_length;
        }
        let crumbs = self.index();
        let text = self.as_wtf8();
        if crumbs.is_empty() || index < STRIDE {
            return text.byte_offset(index);
        }
        let start = crumbs[index / STRIDE - 1].load(Ordering::Relaxed) as usize;
        start + text.slice(start..text.len()).byte_offset(index % STRIDE)
    }

    /// Number of the code point that starts at a byte offset.
    #[inline]
    pub fn char_index(&self, offset: usize) -> usize {
        if self.is_ascii() {
            return offset;
        }
        let crumbs = self.index();
        let text = self.as_wtf8();
        let before = crumbs.partition_point(|crumb| crumb.load(Ordering::Relaxed) as usize <= offset);
        if before == 0 {
            return text.char_index(offset);
        }
        let start = crumbs[before - 1].load(Ordering::Relaxed) as usize;
        before * STRIDE + text.slice(start..offset.max(start)).char_count()
    }

    /// The code point of a number below the length.
    #[inline]
    pub fn code_point(&self, index: usize) -> Option<u32> {
        if self.is_ascii() {
            return self.as_bytes().get(index).map(|&byte| byte.into());
        }
        self.as_wtf8().code_point_at(self.byte_offset(index))
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
        let hash = cx.vm().hash_key.hash_str(self.as_wtf8());
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

    /// The string as exactly a `str`: a copy, if it is an instance of a subclass.
    pub fn to_exact(self, cx: &Cx) -> Ref<Str> {
        if self.value().is_exactly(ids::STR) { self } else { cx.new_str_counted(self.as_wtf8(), self.char_length) }
    }

    /// The code points from number `start` to before `end`.
    pub fn slice(self, cx: &Cx, start: usize, end: usize) -> Ref<Str> {
        if start == 0 && end >= self.char_length {
            return self.to_exact(cx);
        }
        if start >= end {
            return cx.names().empty;
        }
        let (from, to) = (self.byte_offset(start), self.byte_offset(end));
        cx.new_str_counted(self.as_wtf8().slice(from..to), end.min(self.char_length) - start)
    }

    /// The part in a range of byte offsets that lie on boundaries.
    pub fn byte_slice(self, cx: &Cx, range: std::ops::Range<usize>) -> Ref<Str> {
        if range.start == 0 && range.end == self.byte_length {
            return self.to_exact(cx);
        }
        let text = self.as_wtf8().slice(range);
        if self.is_ascii() { cx.new_str_counted(text, text.len()) } else { cx.new_str_wtf8(text) }
    }
}

/// The empty string and those of one ASCII character, made when first asked for.
pub struct SmallStrings([RefField<Str>; 129]);

impl SmallStrings {
    const EMPTY: usize = 128;

    /// None of them yet.
    pub const fn new() -> SmallStrings {
        SmallStrings([const { RefField::empty() }; 129])
    }

    /// Reports them.
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.iter().for_each(|field| field.trace(tracer));
    }

    /// The string of a number below 128, or the empty one.
    #[inline(always)]
    fn get(&self, cx: &Cx, index: usize) -> Ref<Str> {
        match self.0[index].get() {
            Some(text) => text,
            None => self.make(cx, index),
        }
    }

    #[cold]
    #[inline(never)]
    fn make(&self, cx: &Cx, index: usize) -> Ref<Str> {
        let bytes: &[u8] = if index == Self::EMPTY { &[] } else { &[index as u8] };
        let fresh = cx.allocate_str(ids::STR, bytes, bytes.len());
        // All threads get the same one from the table of interned strings.
        let text = cx.intern(fresh);
        self.0[index].set(cx, text);
        text
    }
}

impl Default for SmallStrings {
    fn default() -> Self {
        Self::new()
    }
}

impl Cx {
    /// A string of valid text.
    #[inline]
    pub fn new_str(&self, text: &str) -> Ref<Str> {
        self.new_str_wtf8(Wtf8::new(text))
    }

    /// A string of text that may have surrogates. For sizes known to fit memory.
    #[inline]
    pub fn new_str_wtf8(&self, text: &Wtf8) -> Ref<Str> {
        self.new_str_counted(text, text.char_count())
    }

    /// A string of bytes known to be ASCII.
    #[inline]
    pub fn new_str_ascii(&self, bytes: &[u8]) -> Ref<Str> {
        debug_assert!(bytes.is_ascii());
        self.new_str_counted(Wtf8::from_trusted_bytes(bytes), bytes.len())
    }

    /// A string of text whose length in code points is known.
    #[inline]
    pub fn new_str_counted(&self, text: &Wtf8, char_length: usize) -> Ref<Str> {
        debug_assert_eq!(text.char_count(), char_length);
        match *text.as_bytes() {
            [] => self.vm().small_strings.get(self, SmallStrings::EMPTY),
            [byte] => self.vm().small_strings.get(self, (byte & 0x7F) as usize),
            ref bytes => self.allocate_str(ids::STR, bytes, char_length),
        }
    }

    /// The string of one code point (of U+FFFD if it is above U+10FFFF).
    #[inline]
    pub fn new_char(&self, point: u32) -> Ref<Str> {
        if point < 128 {
            return self.vm().small_strings.get(self, point as usize);
        }
        let mut bytes = [0u8; 4];
        let mut buffer = Vec::new();
        match char::from_u32(point) {
            Some(character) => {
                let text = character.encode_utf8(&mut bytes);
                self.allocate_str(ids::STR, text.as_bytes(), 1)
            }
            None => {
                push_code_point(&mut buffer, point);
                self.allocate_str(ids::STR, &buffer, 1)
            }
        }
    }

    fn allocate_str(&self, id: countless_gc::TypeId, bytes: &[u8], char_length: usize) -> Ref<Str> {
        let contents = blank(bytes.len(), char_length);
        let size = size_of::<Str>() + tail_size(bytes.len(), char_length);
        let text = self.allocate_as(id, size, contents);
        // SAFETY: the fresh cell has room for the bytes after its fixed part, which nobody else sees yet.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), text.start().cast_mut(), bytes.len()) };
        text
    }

    /// A string put together of parts, whose total length the program chose.
    pub fn new_str_of_parts<'a>(&self, parts: impl Iterator<Item = &'a Wtf8> + Clone) -> PyResult<Ref<Str>> {
        let mut bytes = 0usize;
        let mut points = 0usize;
        for part in parts.clone() {
            // Lengths of things in memory: their sum overflows only if parts repeat.
            bytes = bytes.checked_add(part.len()).ok_or_else(|| self.memory_error())?;
            points += part.char_count();
        }
        self.fill_str(bytes, points, parts)
    }

    /// A string of parts whose total lengths are known.
    fn fill_str<'a>(&self, bytes: usize, points: usize, parts: impl Iterator<Item = &'a Wtf8>) -> PyResult<Ref<Str>> {
        if bytes < 2 {
            let mut only = parts.filter(|part| !part.is_empty());
            return Ok(self.new_str_counted(only.next().unwrap_or(Wtf8::new("")), points));
        }
        let size = size_of::<Str>() + tail_size(bytes, points);
        let text = self.try_allocate_as(ids::STR, size, blank(bytes, points))?;
        let mut target = text.start().cast_mut();
        let mut room = bytes;
        for part in parts {
            assert!(part.len() <= room);
            room -= part.len();
            // SAFETY: the fresh cell has `bytes` bytes after its fixed part, of which `room` were left for this part and
            // what follows; nobody else sees it yet.
            unsafe {
                std::ptr::copy_nonoverlapping(part.as_bytes().as_ptr(), target, part.len());
                target = target.add(part.len());
            }
        }
        assert!(room == 0);
        Ok(text)
    }

    /// A string as instance of a class: the class's own constructor is not called.
    pub(crate) fn new_str_instance(&self, class: Ref<TypeObject>, text: Ref<Str>) -> PyResult<Ref<Str>> {
        let (bytes, points) = (text.byte_length, text.char_length);
        let instance = self.allocate_variable_instance(class, tail_size(bytes, points), blank(bytes, points))?;
        // SAFETY: the fresh cell has room for the bytes after its fixed part, which nobody else sees yet.
        unsafe { std::ptr::copy_nonoverlapping(text.start(), instance.start().cast_mut(), bytes) };
        Ok(instance)
    }
}

/// The fixed part of a string under construction.
fn blank(byte_length: usize, char_length: usize) -> Str {
    Str { header: Header::default(), hash: AtomicU64::new(0), byte_length, char_length }
}
