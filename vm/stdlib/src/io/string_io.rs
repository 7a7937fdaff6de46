//! `StringIO`: a text file in memory.
//!
//! ASCII text is kept as bytes; other text as code points, so that positions are indices in either case. Each operation
//! holds the memory's lock once and runs no Python code under it.

use std::borrow::Cow;
use std::sync::Mutex;

use countless_common::wtf8::{Wtf8, Wtf8Buf};
use countless_vm::gc::Tracer;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::attribute::instance_dict;
use countless_vm::object::cell::{Cell, Layout, Ref, drop_cell};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::dict::Dict;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{TypeId, int};

use super::base::{self, IoBase, size_argument};
use super::newline::Newlines;
use crate::support::native::lock;
use memchr::{memchr, memchr_iter, memchr2};

// ---- line ends

/// What the argument `newline` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newline {
    /// `None`: all kinds end lines and become "\n".
    Translate,
    /// `''`: all kinds end lines and stay what they are.
    Keep,
    /// `'\n'`
    LineFeed,
    /// `'\r'`
    Return,
    /// `'\r\n'`
    Both,
}

impl Newline {
    /// Of the argument's text.
    fn from_text(text: Option<&[u8]>) -> Option<Newline> {
        Some(match text {
            None => Newline::Translate,
            Some(b"") => Newline::Keep,
            Some(b"\n") => Newline::LineFeed,
            Some(b"\r") => Newline::Return,
            Some(b"\r\n") => Newline::Both,
            Some(_) => return None,
        })
    }

    /// The argument's text.
    fn text(self) -> Option<&'static str> {
        match self {
            Newline::Translate => None,
            Newline::Keep => Some(""),
            Newline::LineFeed => Some("\n"),
            Newline::Return => Some("\r"),
            Newline::Both => Some("\r\n"),
        }
    }

    /// Whether all kinds of line ends are seen.
    fn is_universal(self) -> bool {
        matches!(self, Newline::Translate | Newline::Keep)
    }

    /// Whether line ends become "\n" when read.
    fn translates(self) -> bool {
        self == Newline::Translate
    }

    /// What "\n" is written as, if it is something else.
    fn written(self) -> Option<&'static str> {
        match self {
            Newline::Return => Some("\r"),
            Newline::Both => Some("\r\n"),
            _ => None,
        }
    }

    /// Where the first line ends: the position behind its end.
    fn find_end<T: Unit>(self, text: &[T]) -> Option<usize> {
        match self {
            Newline::Translate | Newline::LineFeed => T::find(text, b'\n').map(|at| at + 1),
            Newline::Return => T::find(text, b'\r').map(|at| at + 1),
            Newline::Keep => {
                let at = T::find_either(text, b'\n', b'\r')?;
                let is_pair = text[at].is(b'\r') && text.get(at + 1).is_some_and(|next| next.is(b'\n'));
                Some(at + 1 + usize::from(is_pair))
            }
            Newline::Both => {
                let mut from = 0;
                loop {
                    let at = from + T::find(&text[from..], b'\r')?;
                    if text.get(at + 1)?.is(b'\n') {
                        return Some(at + 2);
                    }
                    from = at + 1;
                }
            }
        }
    }

    /// The text as it is written: "\n" replaced, unless that is what line ends are.
    fn for_writing(self, text: &[u8]) -> Cow<'_, [u8]> {
        let Some(written) = self.written() else { return Cow::Borrowed(text) };
        let count = memchr_iter(b'\n', text).count();
        if count == 0 {
            return Cow::Borrowed(text);
        }
        let mut out = Vec::with_capacity(text.len() + count * (written.len() - 1));
        let mut from = 0;
        for at in memchr_iter(b'\n', text) {
            out.extend_from_slice(&text[from..at]);
            out.extend_from_slice(written.as_bytes());
            from = at + 1;
        }
        out.extend_from_slice(&text[from..]);
        Cow::Owned(out)
    }
}

/// What text in memory consists of: bytes of WTF-8, or code points.
trait Unit: Copy {
    /// Whether it is this ASCII character.
    fn is(self, character: u8) -> bool;
    /// The first place of an ASCII character.
    fn find(text: &[Self], character: u8) -> Option<usize>;
    /// The first place of either of two.
    fn find_either(text: &[Self], one: u8, other: u8) -> Option<usize>;
}

impl Unit for u8 {
    fn is(self, character: u8) -> bool {
        self == character
    }

    fn find(text: &[u8], character: u8) -> Option<usize> {
        memchr(character, text)
    }

    fn find_either(text: &[u8], one: u8, other: u8) -> Option<usize> {
        memchr2(one, other, text)
    }
}

impl Unit for u32 {
    fn is(self, character: u8) -> bool {
        self == u32::from(character)
    }

    fn find(text: &[u32], character: u8) -> Option<usize> {
        text.iter().position(|&point| point == u32::from(character))
    }

    fn find_either(text: &[u32], one: u8, other: u8) -> Option<usize> {
        text.iter().position(|&point| point == u32::from(one) || point == u32::from(other))
    }
}

// ---- the memory

/// The text.
enum Text {
    Ascii(Vec<u8>),
    Wide(Vec<u32>),
}

impl Text {
    fn len(&self) -> usize {
        match self {
            Text::Ascii(bytes) => bytes.len(),
            Text::Wide(points) => points.len(),
        }
    }

    fn truncate(&mut self, length: usize) {
        match self {
            Text::Ascii(bytes) => bytes.truncate(length),
            Text::Wide(points) => points.truncate(length),
        }
    }

    /// Makes room for code points beyond ASCII.
    fn widen(&mut self) -> Option<&mut Vec<u32>> {
        if let Text::Ascii(bytes) = self {
            let mut points = Vec::new();
            points.try_reserve(bytes.len()).ok()?;
            points.extend(bytes.iter().map(|&byte| u32::from(byte)));
            *self = Text::Wide(points);
        }
        match self {
            Text::Wide(points) => Some(points),
            Text::Ascii(_) => None,
        }
    }

    /// Puts text in the place of what is at a position, or behind it with NULs between; `None` if there is no memory.
    /// The position behind it.
    fn write(&mut self, position: usize, text: &Wtf8) -> Option<usize> {
        if let Text::Ascii(bytes) = self
            && text.is_ascii()
        {
            return overwrite(bytes, position, text.as_bytes().iter().copied(), text.len());
        }
        let count = text.char_count();
        overwrite(self.widen()?, position, text.code_points(), count)
    }

    /// The string from one position to another.
    fn slice(&self, cx: &Cx, start: usize, end: usize) -> PyResult<Ref<Str>> {
        match self {
            Text::Ascii(bytes) => new_text(cx, &bytes[start..end]),
            Text::Wide(points) => {
                let text = Wtf8Buf::from_code_points(points[start..end].iter().copied());
                new_text(cx, text.as_bytes())
            }
        }
    }
}

fn overwrite<T: Copy + Default>(
    text: &mut Vec<T>,
    position: usize,
    new: impl Iterator<Item = T>,
    count: usize,
) -> Option<usize> {
    let end = position.checked_add(count)?;
    if end > text.len() {
        text.try_reserve(end - text.len()).ok()?;
        if position == text.len() {
            text.extend(new);
            return Some(end);
        }
        text.resize(end, T::default());
    }
    for (target, item) in text[position..end].iter_mut().zip(new) {
        *target = item;
    }
    Some(end)
}

/// A string of well-formed bytes, of a size that the program chose.
fn new_text(cx: &Cx, bytes: &[u8]) -> PyResult<Ref<Str>> {
    cx.new_str_of_parts(std::iter::once(Wtf8::from_trusted_bytes(bytes)))
}

/// The state behind the lock.
struct Memory {
    text: Text,
    position: usize,
    newline: Newline,
    newlines: Newlines,
    is_closed: bool,
    /// Whether `__init__` has run.
    is_ready: bool,
}

/// The cell.
#[repr(C)]
pub(super) struct StringIo {
    base: IoBase,
    memory: Option<Box<Mutex<Memory>>>,
}

static LAYOUT: Layout =
    Layout::of::<StringIo>("_io.StringIO", TypeId::FREE, Some(&base::LAYOUT)).with_drop(drop_cell::<StringIo>);

// SAFETY: `repr(C)`, begins with an `IoBase`; zero is a file without memory, which every operation refuses; the box
// holds no values.
unsafe impl Cell for StringIo {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
    }
}

#[cold]
fn uninitialized(cx: &Cx) -> Raised {
    cx.value_error("I/O operation on uninitialized object")
}

#[cold]
fn closed(cx: &Cx) -> Raised {
    cx.value_error("I/O operation on closed file")
}

impl StringIo {
    /// Does something to the memory, whatever state it is in.
    fn raw<R>(&self, cx: &Cx, act: impl FnOnce(&mut Memory) -> R) -> PyResult<R> {
        match &self.memory {
            Some(memory) => Ok(act(&mut lock(cx, memory))),
            None => Err(uninitialized(cx)),
        }
    }

    /// Does something to the memory of an open file.
    fn open<R>(&self, cx: &Cx, act: impl FnOnce(&mut Memory) -> PyResult<R>) -> PyResult<R> {
        self.raw(cx, |memory| match (memory.is_ready, memory.is_closed) {
            (false, _) => Err(uninitialized(cx)),
            (_, true) => Err(closed(cx)),
            _ => act(memory),
        })?
    }
}

fn this(value: Value) -> Ref<StringIo> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let memory = Memory {
        text: Text::Ascii(Vec::new()),
        position: 0,
        newline: Newline::LineFeed,
        newlines: Newlines::default(),
        is_closed: false,
        is_ready: false,
    };
    let contents = StringIo { base: IoBase::new(), memory: Some(Box::new(Mutex::new(memory))) };
    let file = cx.allocate_instance(class, contents).value();
    // Memory needs no closing: only classes that may see it happen do.
    if !file.is_exactly(LAYOUT.id()) {
        base::watch(cx, file);
    }
    Ok(file)
}

static INIT: Signature<2> = Signature::new("StringIO", ["initial_value", "newline"]);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let [initial, newline] = INIT.bind(cx, args)?;
    let newline = newline.unwrap_or(cx.names().newline.value());
    start(cx, this(value), initial.unwrap_or(Value::NONE), newline)
}

fn start(cx: &Cx, file: Ref<StringIo>, initial: Value, newline: Value) -> PyResult<()> {
    let newline_text = match newline.not_none() {
        None => None,
        Some(newline) => match newline.downcast::<Str>(cx) {
            Some(text) => Some(text),
            None => return Err(raise!(cx, TypeError, "newline must be str or None, not {}", newline.class_name(cx))),
        },
    };
    let Some(newline) = Newline::from_text(newline_text.as_ref().map(|text| text.as_bytes())) else {
        let shown = object::repr(cx, newline)?;
        return Err(raise!(cx, ValueError, "illegal newline value: {}", shown.as_wtf8()));
    };
    let initial = match initial.not_none() {
        None => None,
        Some(initial) => match initial.downcast::<Str>(cx) {
            Some(text) => Some(text),
            None => {
                let class = initial.class_name(cx);
                return Err(raise!(cx, TypeError, "initial_value must be str or None, not {class}"));
            }
        },
    };
    file.raw(cx, |memory| {
        memory.is_ready = false;
        (memory.text, memory.position, memory.newline) = (Text::Ascii(Vec::new()), 0, newline);
        memory.newlines = Newlines::default();
        if let Some(text) = initial {
            write_text(cx, memory, text)?;
            memory.position = 0;
        }
        (memory.is_closed, memory.is_ready) = (false, true);
        Ok(())
    })?
}

fn write_text(cx: &Cx, memory: &mut Memory, text: Ref<Str>) -> PyResult<()> {
    let newline = memory.newline;
    let decoded = if newline.is_universal() {
        Cow::Owned(memory.newlines.process(text.as_bytes().to_vec(), newline.translates(), true))
    } else {
        newline.for_writing(text.as_bytes())
    };
    if decoded.is_empty() {
        return Ok(());
    }
    match memory.text.write(memory.position, Wtf8::from_trusted_bytes(&decoded)) {
        Some(position) if position as i64 <= Value::MAX_INT => {
            memory.position = position;
            Ok(())
        }
        Some(_) => Err(cx.overflow_error("new position too large")),
        None => Err(cx.memory_error()),
    }
}

fn write(cx: &Cx, file: Ref<StringIo>, text: Value) -> PyResult {
    let Some(text) = text.downcast::<Str>(cx) else {
        let class = text.class_name(cx);
        return Err(raise!(cx, TypeError, "string argument expected, got '{class}'"));
    };
    file.open(cx, |memory| write_text(cx, memory, text))?;
    Ok(Value::length(text.len()))
}

fn getvalue(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    file.open(cx, |memory| memory.text.slice(cx, 0, memory.text.len())).map(Ref::value)
}

fn read(cx: &Cx, file: Ref<StringIo>, size: Option<Value>) -> PyResult {
    let size = size_argument(cx, size)?;
    let text = file.open(cx, |memory| {
        let (start, length) = (memory.position, memory.text.len());
        if start >= length {
            return Ok(cx.names().empty);
        }
        let end = usize::try_from(size).map_or(length, |size| start.saturating_add(size).min(length));
        memory.position = end;
        memory.text.slice(cx, start, end)
    })?;
    Ok(text.value())
}

/// A line; the empty string at the end.
fn read_line(cx: &Cx, file: Ref<StringIo>, limit: isize) -> PyResult<Ref<Str>> {
    file.open(cx, |memory| {
        let (start, length) = (memory.position, memory.text.len());
        if limit == 0 || start >= length {
            return Ok(cx.names().empty);
        }
        let most = usize::try_from(limit).map_or(length, |limit| start.saturating_add(limit).min(length));
        let found = match &memory.text {
            Text::Ascii(bytes) => memory.newline.find_end(&bytes[start..most]),
            Text::Wide(points) => memory.newline.find_end(&points[start..most]),
        };
        let end = found.map_or(most, |found| start + found);
        memory.position = end;
        memory.text.slice(cx, start, end)
    })
}

fn readline(cx: &Cx, file: Ref<StringIo>, size: Option<Value>) -> PyResult {
    let size = size_argument(cx, size)?;
    read_line(cx, file, size).map(Ref::value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let line = if value.is_exactly(LAYOUT.id()) {
        file_is_open(cx, this(value))?;
        read_line(cx, this(value), -1)?
    } else {
        next_by_readline(cx, value)?
    };
    Ok(if line.is_empty() { None } else { Some(line.value()) })
}

/// The next line as the method `readline` of a class below ours gives it.
fn next_by_readline(cx: &Cx, file: Value) -> PyResult<Ref<Str>> {
    let line = cx.call_method(file, cx.names().readline, &[])?;
    match line.downcast::<Str>(cx) {
        Some(line) => Ok(line),
        None => {
            let class = line.class_name(cx);
            Err(raise!(cx, OSError, "readline() should have returned a str object, not '{class}'"))
        }
    }
}

fn file_is_open(cx: &Cx, file: Ref<StringIo>) -> PyResult<()> {
    file.open(cx, |_| Ok(()))
}

fn tell(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    file.open(cx, |memory| Ok(Value::length(memory.position)))
}

fn truncate(cx: &Cx, file: Ref<StringIo>, size: Option<Value>) -> PyResult {
    file_is_open(cx, file)?;
    let size = match size.and_then(Value::not_none) {
        None => None,
        Some(size) => Some(size_argument(cx, Some(size))?),
    };
    file.open(cx, |memory| {
        let size = match size {
            None => memory.position,
            Some(size) => usize::try_from(size).map_err(|_| raise!(cx, ValueError, "Negative size value {size}"))?,
        };
        if size < memory.text.len() {
            memory.text.truncate(size);
        }
        Ok(Value::length(size))
    })
}

fn seek(cx: &Cx, file: Ref<StringIo>, args: Args<'_>) -> PyResult {
    let [position, whence] = args.between::<2>(cx, "seek", 1)?;
    let position = number::index_i64(cx, position.unwrap_or(Value::NONE))?;
    let whence = match whence {
        Some(whence) => cx.c_int_argument(whence)?,
        None => 0,
    };
    file.open(cx, |memory| {
        if !(0..=2).contains(&whence) {
            return Err(raise!(cx, ValueError, "Invalid whence ({whence}, should be 0, 1 or 2)"));
        }
        if whence == 0 && position < 0 {
            return Err(raise!(cx, ValueError, "Negative seek position {position}"));
        }
        if whence != 0 && position != 0 {
            return Err(raise!(cx, OSError, "Can't do nonzero cur-relative seeks"));
        }
        memory.position = match whence {
            0 => position as usize,
            1 => memory.position,
            _ => memory.text.len(),
        };
        Ok(cx.new_int_from_i64(memory.position as i64))
    })
}

fn close(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    file.raw(cx, |memory| {
        memory.is_closed = true;
        memory.text = Text::Ascii(Vec::new());
    })?;
    Ok(Value::NONE)
}

fn yes(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    file_is_open(cx, file)?;
    Ok(Value::TRUE)
}

fn getstate(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    let (text, newline, position) = file.open(cx, |memory| {
        let text = memory.text.slice(cx, 0, memory.text.len())?;
        Ok((text, memory.newline, memory.position))
    })?;
    let newline = newline.text().map_or(Value::NONE, |text| cx.new_str(text).value());
    let attributes = instance_dict(cx, file.value())?;
    let attributes = if attributes.is_empty() { Value::NONE } else { attributes.copy(cx)?.value() };
    Ok(cx.new_tuple(&[text.value(), newline, cx.new_int_from_i64(position as i64), attributes]).value())
}

fn setstate(cx: &Cx, file: Ref<StringIo>, state: Value) -> PyResult {
    if file.raw(cx, |memory| memory.is_closed)? {
        return Err(closed(cx));
    }
    let Some(state) = state.downcast::<Tuple>(cx).filter(|state| state.len() >= 4) else {
        let (own, given) = (cx.type_of(file.value()).display_name(), state.class_name(cx));
        return Err(raise!(cx, TypeError, "{own}.__setstate__ argument should be 4-tuple, got {given}"));
    };
    start(cx, file, state.get(0), state.get(1))?;
    // The text was translated when it was first written: it is stored as it is.
    if let Some(text) = state.get(0).downcast::<Str>(cx) {
        file.raw(cx, |memory| {
            memory.text = Text::Ascii(Vec::new());
            memory.text.write(0, text.as_wtf8()).map(drop).ok_or(()).map_err(|()| cx.memory_error())
        })??;
    }
    if !int::is_int(cx, state.get(2)) {
        let class = state.get(2).class_name(cx);
        return Err(raise!(cx, TypeError, "third item of state must be an integer, got {class}"));
    }
    let position = number::index_i64(cx, state.get(2))?;
    let Ok(position) = usize::try_from(position) else {
        return Err(cx.value_error("position value cannot be negative"));
    };
    file.raw(cx, |memory| memory.position = position)?;
    if let Some(attributes) = state.get(3).not_none() {
        if attributes.downcast::<Dict>(cx).is_none() {
            let class = attributes.class_name(cx);
            return Err(raise!(cx, TypeError, "fourth item of state should be a dict, got a {class}"));
        }
        instance_dict(cx, file.value())?.update(cx, attributes)?;
    }
    Ok(Value::NONE)
}

fn get_closed(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    file.raw(cx, |memory| match memory.is_ready {
        true => Ok(Value::bool(memory.is_closed)),
        false => Err(uninitialized(cx)),
    })?
}

fn get_line_buffering(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    file_is_open(cx, file)?;
    Ok(Value::FALSE)
}

fn get_newlines(cx: &Cx, file: Ref<StringIo>) -> PyResult {
    file.open(cx, |memory| Ok(memory.newlines.attribute(cx)))
}

/// `StringIO`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "StringIO(initial_value='', newline='\\n')\n--\n\nA text file in memory.\n\nThe newline argument means what it means to TextIOWrapper, except that nothing\nis translated when text is read.",
    base: Some(&base::TEXT_TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), init: Some(init), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none(
            "close",
            close,
            "close($self, /)\n--\n\nClose the file and free its memory.\n\nA second time has no effect; anything else is refused from then on.",
        ),
        Method::none("getvalue", getvalue, "getvalue($self, /)\n--\n\nAll the text, wherever the position is."),
        Method::optional("read", read, "read($self, size=-1, /)\n--\n\nRead up to size characters, or until the end."),
        Method::optional(
            "readline",
            readline,
            "readline($self, size=-1, /)\n--\n\nRead a line; the empty string at the end.",
        ),
        Method::none("tell", tell, "tell($self, /)\n--\n\nThe position."),
        Method::optional(
            "truncate",
            truncate,
            "truncate($self, pos=None, /)\n--\n\nCut the text at a position, by default the current one, and return that.\n\nThe current position stays.",
        ),
        Method::many(
            "seek",
            seek,
            "seek($self, pos, whence=0, /)\n--\n\nMove the position, and return the new one.\n\nIt counts from the start (whence 0), or is where it was (1) or the end (2), and\npos must be 0 then.",
        ),
        Method::one("write", write, "write($self, s, /)\n--\n\nWrite the string; how many characters it has."),
        Method::none("seekable", yes, "seekable($self, /)\n--\n\nTrue."),
        Method::none("readable", yes, "readable($self, /)\n--\n\nTrue."),
        Method::none("writable", yes, "writable($self, /)\n--\n\nTrue."),
        Method::none("__getstate__", getstate, "__getstate__($self, /)\n--\n\n"),
        Method::one("__setstate__", setstate, "__setstate__($self, state, /)\n--\n\n"),
    ],
    attributes: &[
        GetSet::read_only("closed", get_closed, ""),
        GetSet::read_only("newlines", get_newlines, ""),
        GetSet::read_only("line_buffering", get_line_buffering, ""),
    ],
    ..TypeDef::new("StringIO", &LAYOUT)
};
