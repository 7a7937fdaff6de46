//! Making text files, their attributes, and the rows of the type.

use std::sync::atomic::{AtomicBool, Ordering};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Field, Ref};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;
use countless_vm::types::type_attribute::dotted_name;
use countless_vm::types::type_object::TypeObject;

use super::super::base::{self, IoBase, ask, call, no_pickle, unsupported};
use super::super::buffered;
use super::codec::{Held, native};
use super::position::{place_encoder, seek, tell, truncate};
use super::reading::{next, read, readline};
use super::writing::{flush, write};
use super::{Ending, LAYOUT, Settings, State, Text, of_buffer};
use crate::support::short_lock::ShortLock;

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = Text {
        base: IoBase::new(),
        buffer: Field::empty(),
        encoding: Field::empty(),
        errors: Field::empty(),
        encoder: Field::empty(),
        decoder: Field::empty(),
        detached: AtomicBool::new(false),
        line_buffering: AtomicBool::new(false),
        write_through: AtomicBool::new(false),
        state: ShortLock::new(State::default()),
    };
    let file = cx.allocate_instance(class, contents).value();
    base::watch(cx, file);
    Ok(file)
}

fn this(value: Value) -> Ref<Text> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

/// What is asked for by `TextIOWrapper(…)` and `open(…)`.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wanted {
    /// The encoding; `None` for the locale's.
    pub(crate) encoding: Option<Value>,
    /// The error handler; `None` for "strict".
    pub(crate) errors: Option<Value>,
    /// How lines end; `None` for all of them made "\n".
    pub(crate) newline: Option<Value>,
    /// Whether a newline written is handed on at once.
    pub(crate) line_buffering: bool,
    /// Whether all that is written is handed on at once.
    pub(crate) write_through: bool,
}

/// The text of an optional argument: "{function}() argument 'encoding' must be str or None, not …".
fn optional_text(cx: &Cx, value: Option<Value>, function: &str, name: &str) -> PyResult<Option<Ref<Str>>> {
    let Some(value) = value.and_then(Value::not_none) else { return Ok(None) };
    match value.downcast::<Str>(cx) {
        Some(text) if text.as_bytes().contains(&0) => Err(cx.value_error("embedded null character")),
        Some(text) => Ok(Some(text)),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "{function}() argument '{name}' must be str or None, not {class}"))
        }
    }
}

/// How lines end when reading, and what "\n" becomes when writing.
fn endings(cx: &Cx, newline: Option<Ref<Str>>) -> PyResult<(Ending, Option<&'static str>)> {
    Ok(match newline.map(|newline| newline.as_bytes().to_vec()).as_deref() {
        None => (Ending::Translated, None),
        Some(b"") => (Ending::Universal, None),
        Some(b"\n") => (Ending::Only("\n"), None),
        Some(b"\r") => (Ending::Only("\r"), Some("\r")),
        Some(b"\r\n") => (Ending::Only("\r\n"), Some("\r\n")),
        Some(_) => {
            let shown = newline.map_or(String::new(), |newline| newline.as_wtf8().to_string_lossy());
            return Err(raise!(cx, ValueError, "illegal newline value: {shown}"));
        }
    })
}

/// The codec of a name, which must be one for text.
fn text_codec(cx: &Cx, encoding: Ref<Str>) -> PyResult {
    let codec = countless_vm::runtime::codecs::lookup(cx, encoding)?;
    if let Some(flag) = cx.get_attribute_optional(codec.value(), cx.intern_str("_is_text_encoding"))?
        && !object::is_true(cx, flag)?
    {
        let encoding = encoding.as_wtf8();
        return Err(raise!(cx, LookupError, "'{encoding}' is not a text encoding"));
    }
    Ok(codec.value())
}

/// Sets how text is converted.
fn set_codec(cx: &Cx, file: Ref<Text>, settings: &mut Settings, encoding: Ref<Str>, errors: Ref<Str>) -> PyResult<()> {
    let native = native(encoding.as_wtf8());
    let (mut decoder, mut encoder) = (Value::NONE, Value::NONE);
    if native.is_none() {
        let codec = text_codec(cx, encoding)?;
        let make = |name: &str| {
            let factory = cx.get_attribute(codec, cx.intern_str(name))?;
            cx.call(factory, &[errors.value()])
        };
        if settings.can_read {
            decoder = make("incrementaldecoder")?;
        }
        if settings.can_write {
            encoder = make("incrementalencoder")?;
        }
    }
    settings.native = native;
    file.decoder.set(cx, decoder);
    file.encoder.set(cx, encoder);
    file.encoding.set(cx, encoding.value());
    file.errors.set(cx, errors.value());
    Ok(())
}

/// The default encoding; warns of its use if asked to.
fn default_encoding(cx: &Cx, explicit: bool) -> PyResult<Ref<Str>> {
    if !explicit && cx.vm().config.command_line.flags.warn_default_encoding != 0 {
        cx.warn(ExceptionKind::EncodingWarning, "'encoding' argument not specified", 1)?;
    }
    Ok(cx.new_str(&crate::support::locale::encoding(cx)))
}

/// Puts a new text file over a buffer.
fn set_up(cx: &Cx, file: Ref<Text>, buffer: Value, wanted: Wanted) -> PyResult<()> {
    let text = |value, name| optional_text(cx, value, "TextIOWrapper", name);
    let encoding = text(wanted.encoding, "encoding")?;
    let newline = text(wanted.newline, "newline")?;
    let errors = text(wanted.errors, "errors")?.unwrap_or(cx.names().strict);
    if cx.vm().config.command_line.flags.dev_mode {
        countless_vm::runtime::codecs::lookup_error(cx, errors)?;
    }
    let (ending, written_ending) = endings(cx, newline)?;
    let encoding = match encoding {
        Some(name) if name.as_bytes() != b"locale" => name,
        encoding => default_encoding(cx, encoding.is_some())?,
    };
    let mut fresh = Settings {
        can_read: ask(cx, buffer, "readable")?,
        can_write: ask(cx, buffer, "writable")?,
        seekable: ask(cx, buffer, "seekable")?,
        has_read1: cx.get_attribute_optional(buffer, cx.intern_str("read1"))?.is_some(),
        ending,
        written_ending,
        ..Settings::default()
    };
    set_codec(cx, file, &mut fresh, encoding, errors)?;
    file.state.with(cx, |state| *state = State { settings: fresh, telling: fresh.seekable, ..State::default() });
    file.line_buffering.store(wanted.line_buffering, Ordering::Relaxed);
    file.write_through.store(wanted.write_through, Ordering::Relaxed);
    file.buffer.set(cx, buffer);
    file.detached.store(false, Ordering::Relaxed);
    base::set_wrapper(cx, buffer, Some(file.value()));
    if fresh.seekable && fresh.can_write && !file.encoder.get_or_none().is_none() {
        place_by_position(cx, file)?;
    }
    Ok(())
}

/// An encoder that starts in the middle of a file writes no mark.
fn place_by_position(cx: &Cx, file: Ref<Text>) -> PyResult<()> {
    let position = call(cx, file.buffer(cx)?, "tell", &[])?;
    if number::as_index_i64(cx, position) != Some(0) {
        place_encoder(cx, &file, false)?;
    }
    Ok(())
}

/// Makes a text file over a buffer: what `open` does.
pub(crate) fn make(cx: &Cx, buffer: Value, wanted: Wanted) -> PyResult {
    let class = countless_vm::runtime::bootstrap::native_type(cx, &TYPE)?;
    let value = new(cx, class, Args::NONE)?;
    set_up(cx, this(value), buffer, wanted)?;
    Ok(value)
}

static INIT: Signature<6> =
    Signature::new("TextIOWrapper", ["buffer", "encoding", "errors", "newline", "line_buffering", "write_through"])
        .required(1);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let [buffer, encoding, errors, newline, line_buffering, write_through] = INIT.bind(cx, args)?;
    let wanted = Wanted {
        encoding,
        errors,
        newline,
        line_buffering: crate::support::native::optional_bool(cx, line_buffering, false)?,
        write_through: crate::support::native::optional_bool(cx, write_through, false)?,
    };
    set_up(cx, this(value), buffer.unwrap_or(Value::NONE), wanted)
}

static RECONFIGURE: Signature<5> =
    Signature::new("reconfigure", ["encoding", "errors", "newline", "line_buffering", "write_through"])
        .keyword_only_from(0);

fn reconfigure(cx: &Cx, file: Ref<Text>, args: Args<'_>) -> PyResult {
    let [encoding, errors, newline, line_buffering, write_through] = RECONFIGURE.bind(cx, args)?;
    file.buffer(cx)?;
    let text = |value, name| optional_text(cx, value, "reconfigure", name);
    let encoding = text(encoding, "encoding")?;
    let errors = text(errors, "errors")?;
    let newline = newline.map(|newline| text(Some(newline), "newline")).transpose()?;
    let recodes = encoding.is_some() || errors.is_some() || newline.is_some();
    if recodes && file.state.with(cx, |state| state.has_read) {
        let message = "It is not possible to set the encoding or newline of stream after the first read";
        return Err(unsupported(cx, message));
    }
    let new_endings = newline.map(|newline| endings(cx, newline)).transpose()?;
    let truth = |value: Option<Value>, before: bool| match value.and_then(Value::not_none) {
        Some(value) => Ok(cx.c_int_argument(value)? != 0),
        None => Ok(before),
    };
    let line_buffering = truth(line_buffering, file.line_buffering.load(Ordering::Relaxed))?;
    let write_through = truth(write_through, file.write_through.load(Ordering::Relaxed))?;
    call(cx, file.value(), "flush", &[])?;
    if recodes {
        let mut settings = file.settings(cx);
        // A new encoding comes with the strict handler unless another is named.
        let own = |field: &Field| field.get().and_then(|value| value.downcast::<Str>(cx)).unwrap_or(cx.names().strict);
        let errors = match (errors, encoding) {
            (Some(errors), _) => errors,
            (None, Some(_)) => cx.names().strict,
            (None, None) => own(&file.errors),
        };
        let encoding = match encoding {
            Some(name) if name.as_bytes() == b"locale" => default_encoding(cx, true)?,
            Some(name) => name,
            None => own(&file.encoding),
        };
        set_codec(cx, file, &mut settings, encoding, errors)?;
        if let Some((ending, written_ending)) = new_endings {
            (settings.ending, settings.written_ending) = (ending, written_ending);
        }
        file.state.with(cx, |state| {
            state.settings = settings;
            state.held = Held::default();
            state.ratio = 0.0;
        });
        if settings.seekable && settings.can_write && settings.native.is_none() {
            place_by_position(cx, file)?;
        }
    }
    file.line_buffering.store(line_buffering, Ordering::Relaxed);
    file.write_through.store(write_through, Ordering::Relaxed);
    Ok(Value::NONE)
}

fn detach(cx: &Cx, file: Ref<Text>) -> PyResult {
    let buffer = file.buffer(cx)?;
    call(cx, file.value(), "flush", &[])?;
    file.buffer.clear(cx);
    file.detached.store(true, Ordering::Relaxed);
    base::set_wrapper(cx, buffer, None);
    Ok(buffer)
}

fn close(cx: &Cx, file: Ref<Text>) -> PyResult {
    let buffer = file.buffer(cx)?;
    if base::flag(cx, file.value(), "closed")? {
        return Ok(Value::NONE);
    }
    if file.base.is_finalizing() {
        let warned =
            cx.get_attribute_optional(buffer, cx.intern_str("_dealloc_warn")).and_then(|method| match method {
                Some(method) => cx.call(method, &[file.value()]),
                None => Ok(Value::NONE),
            });
        if let Err(raised) = warned {
            cx.discard(raised);
        }
    }
    let flushed = call(cx, file.value(), "flush", &[]);
    buffered::close_after(cx, flushed, || call(cx, buffer, "close", &[]))
}

macro_rules! forwarded {
    ($($name:ident)*) => {
        $(fn $name(cx: &Cx, file: Ref<Text>) -> PyResult {
            call(cx, file.buffer(cx)?, stringify!($name), &[])
        })*
    };
}

forwarded! { fileno seekable readable writable isatty }

fn repr(cx: &Cx, value: Value) -> PyResult {
    let file = this(value);
    file.check_ready(cx)?;
    if !cx.repr_enter(value) {
        let class = dotted_name(cx, cx.type_of(value))?;
        return Err(raise!(cx, RuntimeError, "reentrant call inside {class}.__repr__"));
    }
    let shown = show(cx, value, file);
    cx.repr_leave(value);
    shown
}

fn show(cx: &Cx, value: Value, file: Ref<Text>) -> PyResult {
    let mut text = String::from("<_io.TextIOWrapper");
    for part in ["name", "mode"] {
        let found = match cx.get_attribute_optional(value, cx.intern_str(part)) {
            Ok(found) => found,
            Err(raised) => {
                cx.ignore_if(raised, ExceptionKind::ValueError)?;
                None
            }
        };
        if let Some(found) = found {
            text.push_str(&format!(" {part}={}", object::repr(cx, found)?.as_wtf8()));
        }
    }
    let encoding = object::repr(cx, file.encoding.get_or_none())?;
    text.push_str(&format!(" encoding={}>", encoding.as_wtf8()));
    Ok(cx.new_str(&text).value())
}

fn get_closed(cx: &Cx, file: Ref<Text>) -> PyResult {
    // A file that never opened is as good as closed.
    if file.check_ready(cx).map_err(|raised| cx.discard(raised)).is_err() {
        return Ok(Value::TRUE);
    }
    of_buffer(cx, file, "closed")
}

fn get_newlines(cx: &Cx, file: Ref<Text>) -> PyResult {
    file.buffer(cx)?;
    let (can_read, newlines) = file.state.with(cx, |state| (state.settings.can_read, state.held.newlines));
    Ok(if can_read { newlines.attribute(cx) } else { Value::NONE })
}

fn get_chunk_size(cx: &Cx, file: Ref<Text>) -> PyResult {
    file.buffer(cx)?;
    Ok(Value::length(file.settings(cx).chunk_size))
}

fn set_chunk_size(cx: &Cx, file: Ref<Text>, value: Option<Value>) -> PyResult<()> {
    file.buffer(cx)?;
    let Some(value) = value else {
        let class = dotted_name(cx, cx.type_of(file.value()))?;
        return Err(raise!(cx, AttributeError, "attribute '_CHUNK_SIZE' of '{class}' objects cannot be deleted"));
    };
    let int = number::index(cx, value)?;
    let Some(size) = number::as_index_i64(cx, int) else {
        let class = value.class_name(cx);
        return Err(raise!(cx, ValueError, "cannot fit '{class}' into an index-sized integer"));
    };
    match size {
        ..=0 => Err(cx.value_error("a strictly positive integer is required")),
        size => {
            file.state.with(cx, |state| state.settings.chunk_size = size as usize);
            Ok(())
        }
    }
}

fn set_finalizing(cx: &Cx, file: Ref<Text>, value: Option<Value>) -> PyResult<()> {
    match value {
        None => Err(cx.type_error("can't delete numeric/char attribute")),
        Some(value) if value.is_bool() => {
            file.base.set_finalizing(value == Value::TRUE);
            Ok(())
        }
        Some(_) => Err(cx.type_error("attribute value type must be bool")),
    }
}

fn getstate(cx: &Cx, file: Ref<Text>) -> PyResult {
    no_pickle(cx, file.value())
}

static METHODS: &[Method] = &[
    Method::none(
        "detach",
        detach,
        "detach($self, /)\n--\n\nSeparate the buffer and return it; this file cannot be used any more.",
    ),
    Method::many(
        "reconfigure",
        reconfigure,
        "reconfigure($self, /, *, encoding=None, errors=None, newline=None,\n            line_buffering=None, write_through=None)\n--\n\nChange the settings; the file is flushed.",
    ),
    Method::one("write", write, "write($self, text, /)\n--\n\nWrite the text; how many characters it has."),
    Method::optional("read", read, "read($self, size=-1, /)\n--\n\nRead up to size characters, or until the end."),
    Method::optional(
        "readline",
        readline,
        "readline($self, size=-1, /)\n--\n\nRead a line, of at most size characters if that is given.",
    ),
    Method::none("flush", flush, "flush($self, /)\n--\n\nHand on what was written."),
    Method::none("close", close, "close($self, /)\n--\n\nFlush, and close the buffer; a second time has no effect."),
    Method::none("fileno", fileno, "fileno($self, /)\n--\n\nThe file descriptor."),
    Method::none("seekable", seekable, "seekable($self, /)\n--\n\nWhether the position can be moved."),
    Method::none("readable", readable, "readable($self, /)\n--\n\nWhether the file can be read."),
    Method::none("writable", writable, "writable($self, /)\n--\n\nWhether the file can be written."),
    Method::none("isatty", isatty, "isatty($self, /)\n--\n\nWhether the file is a terminal."),
    Method::many(
        "seek",
        seek,
        "seek($self, cookie, whence=os.SEEK_SET, /)\n--\n\nMove the position to a place that tell() gave, or to the start or the end.",
    ),
    Method::none("tell", tell, "tell($self, /)\n--\n\nThe position, as a number that only seek() understands."),
    Method::optional("truncate", truncate, "truncate($self, pos=None, /)\n--\n\nCut the file."),
    Method::none("__getstate__", getstate, "__getstate__($self, /)\n--\n\n"),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member("encoding", |_cx, file: Ref<Text>| Ok(file.encoding.get_or_none()), ""),
    GetSet::read_only("errors", |cx, file: Ref<Text>| file.check_ready(cx).map(|()| file.errors.get_or_none()), ""),
    GetSet::read_only("buffer", |cx, file: Ref<Text>| file.buffer(cx), ""),
    GetSet::member(
        "line_buffering",
        |_cx, file: Ref<Text>| Ok(Value::bool(file.line_buffering.load(Ordering::Relaxed))),
        "",
    ),
    GetSet::member(
        "write_through",
        |_cx, file: Ref<Text>| Ok(Value::bool(file.write_through.load(Ordering::Relaxed))),
        "",
    ),
    GetSet::read_write(
        "_finalizing",
        |_cx, file: Ref<Text>| Ok(Value::bool(file.base.is_finalizing())),
        set_finalizing,
        "",
    ),
    GetSet::read_only("name", |cx, file: Ref<Text>| of_buffer(cx, file, "name"), ""),
    GetSet::read_only("closed", get_closed, ""),
    GetSet::read_only("newlines", get_newlines, ""),
    GetSet::read_write("_CHUNK_SIZE", get_chunk_size, set_chunk_size, ""),
];

/// `TextIOWrapper`.
pub(crate) static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)\n--\n\nText over a buffered binary file.\n\nThe encoding is the locale's by default, the error handler \"strict\". Read with\nnewline None, all line endings become \"\\n\"; with '' they stay as they are; with\n'\\n', '\\r' or '\\r\\n' lines end by that alone, and it is what \"\\n\" becomes when\nwritten. line_buffering hands on what was written with each newline,\nwrite_through at once.",
    base: Some(&base::TEXT_TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), next: Some(next), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("TextIOWrapper", &LAYOUT)
};
