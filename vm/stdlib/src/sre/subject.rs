//! What a match runs on: the text or bytes of an object, and a matcher over them.

use std::cell::RefCell;

use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::{ByteView, Bytes};
use countless_vm::types::str::Str;

use super::engine::{Matcher, Mode, NONE, Narrow, Stop, Subject, Wide};
use super::pattern::Pattern;
use super::program::Program;

/// A subject.
pub enum Source {
    /// A string.
    Text(Ref<Str>),
    /// A bytes-like object; of mutable ones a copy as they were.
    Bytes(Value, ByteView),
}

impl Source {
    /// Of an object: TypeError if it is neither text nor bytes.
    pub fn new(cx: &Cx, value: Value) -> PyResult<Source> {
        if let Some(text) = value.downcast::<Str>(cx) {
            return Ok(Source::Text(text));
        }
        match ByteView::of_buffer(cx, value)? {
            Some(view) => Ok(Source::Bytes(value, view)),
            None => Err(raise!(cx, TypeError, "expected string or bytes-like object, got '{}'", value.class_name(cx))),
        }
    }

    /// The same, checked to be of the pattern's kind.
    pub fn for_pattern(cx: &Cx, pattern: Ref<Pattern>, value: Value) -> PyResult<Source> {
        let source = Source::new(cx, value)?;
        match (&source, pattern.is_bytes(cx)) {
            (Source::Text(_), Some(true)) => Err(cx.type_error("cannot use a bytes pattern on a string-like object")),
            (Source::Bytes(..), Some(false)) => {
                Err(cx.type_error("cannot use a string pattern on a bytes-like object"))
            }
            _ => Ok(source),
        }
    }

    /// Length in characters.
    pub fn len(&self) -> usize {
        match self {
            Source::Text(text) => text.len(),
            Source::Bytes(_, bytes) => bytes.len(),
        }
    }

    /// Length in bytes.
    pub fn byte_len(&self) -> usize {
        match self {
            Source::Text(text) => text.as_bytes().len(),
            Source::Bytes(_, bytes) => bytes.len(),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Source::Text(text) => text.as_bytes(),
            Source::Bytes(_, bytes) => bytes,
        }
    }

    /// Byte offset of a character.
    pub fn byte_offset(&self, index: usize) -> usize {
        match self {
            Source::Text(text) => text.byte_offset(index),
            Source::Bytes(_, bytes) => index.min(bytes.len()),
        }
    }

    /// Number of the character at a byte offset.
    pub fn char_index(&self, offset: usize) -> usize {
        match self {
            Source::Text(text) => text.char_index(offset),
            Source::Bytes(..) => offset,
        }
    }

    /// A part, by byte offsets: a string or bytes.
    pub fn slice(&self, cx: &Cx, from: usize, to: usize) -> PyResult {
        match self {
            Source::Text(text) => Ok(text.byte_slice(cx, from..to.max(from)).value()),
            Source::Bytes(value, bytes) => {
                let to = to.min(bytes.len());
                let from = from.min(to);
                if from == 0 && to == bytes.len() && value.exact::<Bytes>().is_some() {
                    return Ok(*value);
                }
                Ok(cx.try_new_bytes(&bytes[from..to])?.value())
            }
        }
    }

    /// The part between two marks; `absent` if they are not set.
    pub fn group(&self, cx: &Cx, (from, to): (usize, usize), absent: Value) -> PyResult {
        if from == NONE || to == NONE { Ok(absent) } else { self.slice(cx, from, to) }
    }

    /// The empty string or bytes.
    pub fn empty(&self, cx: &Cx) -> Value {
        match self {
            Source::Text(_) => cx.names().empty.value(),
            Source::Bytes(..) => cx.new_bytes(b"").value(),
        }
    }
}

/// A matcher whatever the subject's encoding.
trait Machine {
    fn run(&mut self, mode: Mode, start: usize, must_advance: bool) -> Result<Option<(usize, usize)>, Stop>;
    fn marks(&self) -> &[usize];
    fn last_group(&self) -> usize;
}

impl<S: Subject> Machine for Matcher<'_, S> {
    fn run(&mut self, mode: Mode, start: usize, must_advance: bool) -> Result<Option<(usize, usize)>, Stop> {
        Matcher::run(self, mode, start, must_advance)
    }

    fn marks(&self) -> &[usize] {
        &self.marks
    }

    fn last_group(&self) -> usize {
        self.last_group
    }
}

/// A run of matches of one pattern on one subject.
pub struct Session<'a> {
    cx: &'a Cx,
    machine: &'a mut dyn Machine,
    failure: &'a RefCell<Option<Raised>>,
    start: usize,
    must_advance: bool,
}

impl Session<'_> {
    /// Starts a session on `source[..end]`, a byte offset, and hands it to `work`.
    pub fn with<R>(
        cx: &Cx,
        program: &Program,
        source: &Source,
        (start, end): (usize, usize),
        work: impl FnOnce(&mut Session<'_>) -> PyResult<R>,
    ) -> PyResult<R> {
        let failure = RefCell::new(None);
        let poll = || match cx.poll() {
            Ok(()) => true,
            Err(raised) => {
                *failure.borrow_mut() = Some(raised);
                false
            }
        };
        let wide = matches!(source, Source::Text(text) if !text.is_ascii());
        let bytes = source.as_bytes();
        let mut narrow_machine;
        let mut wide_machine;
        let machine: &mut dyn Machine = if wide {
            wide_machine = Matcher::new(Wide(bytes), program, end, &poll);
            &mut wide_machine
        } else {
            narrow_machine = Matcher::new(Narrow(bytes), program, end, &poll);
            &mut narrow_machine
        };
        work(&mut Session { cx, machine, failure: &failure, start, must_advance: false })
    }

    /// One match, at the session's start: where it lies.
    pub fn once(&mut self, mode: Mode) -> PyResult<Option<(usize, usize)>> {
        match self.machine.run(mode, self.start, self.must_advance) {
            Ok(found) => Ok(found),
            Err(Stop::Memory) => Err(self.cx.memory_error()),
            Err(Stop::Interrupted) => {
                let raised = self.failure.borrow_mut().take();
                Err(raised.unwrap_or_else(|| self.cx.memory_error()))
            }
        }
    }

    /// One match, and on to its end, so that the next one lies behind it.
    pub fn next(&mut self, mode: Mode) -> PyResult<Option<(usize, usize)>> {
        let found = self.once(mode)?;
        if let Some((from, to)) = found {
            self.must_advance = from == to;
            self.start = to;
        }
        Ok(found)
    }

    /// Where to begin, and whether an empty match there does not count.
    pub fn set_start(&mut self, start: usize, must_advance: bool) {
        self.start = start;
        self.must_advance = must_advance;
    }

    /// The marks of group `index`, from 0 for the first one.
    pub fn group(&self, index: usize) -> (usize, usize) {
        let marks = self.machine.marks();
        let get = |index: usize| marks.get(index).copied().unwrap_or(NONE);
        let (from, to) = (get(2 * index), get(2 * index + 1));
        if from == NONE || to == NONE || from > to { (NONE, NONE) } else { (from, to) }
    }

    /// The group that was closed last, from 1; 0 for none.
    pub fn last_group(&self) -> usize {
        self.machine.last_group()
    }
}
