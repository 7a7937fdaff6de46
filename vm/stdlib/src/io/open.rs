//! `open`, `open_code`, `text_encoding`.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::str::Str;

use super::base::call;
use super::file::{self, FileIo};
use super::text::{self, Wanted};
use super::{base, buffered};
use crate::support::native::optional_bool;

/// A mode of `open`, taken apart.
#[derive(Clone, Copy, Default)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
}

impl Mode {
    fn parse(cx: &Cx, text: &str) -> PyResult<Mode> {
        let mut mode = Mode::default();
        for character in text.chars() {
            let flag = match character {
                'x' => &mut mode.creating,
                'r' => &mut mode.reading,
                'w' => &mut mode.writing,
                'a' => &mut mode.appending,
                '+' => &mut mode.updating,
                't' => &mut mode.text,
                'b' => &mut mode.binary,
                _ => return Err(raise!(cx, ValueError, "invalid mode: '{text}'")),
            };
            if std::mem::replace(flag, true) {
                return Err(raise!(cx, ValueError, "invalid mode: '{text}'"));
            }
        }
        Ok(mode)
    }

    fn check(self, cx: &Cx, wanted: &Wanted) -> PyResult<()> {
        if self.text && self.binary {
            return Err(cx.value_error("can't have text and binary mode at once"));
        }
        let kinds = [self.creating, self.reading, self.writing, self.appending];
        if kinds.into_iter().filter(|&kind| kind).count() > 1 {
            return Err(cx.value_error("must have exactly one of create/read/write/append mode"));
        }
        let given = [("encoding", wanted.encoding), ("errors", wanted.errors), ("newline", wanted.newline)];
        for (name, value) in given {
            if self.binary && value.is_some_and(|value| !value.is_none()) {
                let article = if name == "newline" { "a" } else { "an" };
                return Err(raise!(cx, ValueError, "binary mode doesn't take {article} {name} argument"));
            }
        }
        Ok(())
    }

    /// The mode of the raw file.
    fn raw(self) -> String {
        let letters = [
            (self.creating, 'x'),
            (self.reading, 'r'),
            (self.writing, 'w'),
            (self.appending, 'a'),
            (self.updating, '+'),
        ];
        letters.into_iter().filter(|(set, _)| *set).map(|(_, letter)| letter).collect()
    }
}

static OPEN: Signature<8> =
    Signature::new("open", ["file", "mode", "buffering", "encoding", "errors", "newline", "closefd", "opener"])
        .required(1);

/// `open(…)`.
pub(super) fn open(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name, mode, buffering, encoding, errors, newline, closes, opener] = OPEN.bind(cx, args)?;
    let mut name = name.unwrap_or(Value::NONE);
    let is_text = name.downcast::<Str>(cx).is_some() || name.downcast::<Bytes>(cx).is_some();
    if !is_text && !number::is_index(cx, name) {
        name = crate::support::path::fs_path(cx, name)?;
    }
    let mode_text = match mode {
        Some(mode) => cx.str_argument_named(mode, "open", "mode")?,
        None => cx.intern_str("r"),
    };
    if mode_text.as_bytes().contains(&0) {
        return Err(cx.value_error("embedded null character"));
    }
    let mode = Mode::parse(cx, &mode_text.as_wtf8().to_string_lossy())?;
    let buffering = buffering.map_or(Ok(-1), |buffering| cx.c_int_argument(buffering))?;
    let wanted = Wanted { encoding, errors, newline, ..Wanted::default() };
    mode.check(cx, &wanted)?;
    if mode.binary && buffering == 1 {
        let message =
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
        cx.warn(ExceptionKind::RuntimeWarning, message, 1)?;
    }
    let closes = Value::bool(optional_bool(cx, closes, true)?);
    let class = native_type(cx, &file::TYPE)?;
    let raw_mode = cx.new_str(&mode.raw()).value();
    let raw = cx.call(class.value(), &[name, raw_mode, closes, opener.unwrap_or(Value::NONE)])?;
    match wrap(cx, raw, mode, mode_text, buffering, wanted) {
        Ok(file) => Ok(file),
        Err(raised) => {
            let exception = cx.take_exception(raised);
            if let Err(second) = call(cx, raw, "close", &[]) {
                cx.discard(second);
            }
            Err(cx.raise_unchained(exception))
        }
    }
}

/// Puts over a raw file what the mode asks for.
fn wrap(cx: &Cx, raw: Value, mode: Mode, mode_text: Ref<Str>, buffering: i32, mut wanted: Wanted) -> PyResult {
    let is_terminal = match raw.exact::<FileIo>() {
        Some(raw) if buffering < 0 => file::is_terminal(cx, raw)?,
        _ => false,
    };
    wanted.line_buffering = !mode.binary && (buffering == 1 || is_terminal);
    let size = match buffering {
        i32::MIN..=-1 | 1 => raw.exact::<FileIo>().map_or(base::DEFAULT_BUFFER_SIZE as i64, |raw| raw.block_size()),
        size => i64::from(size),
    };
    if size == 0 {
        if !mode.binary {
            return Err(cx.value_error("can't have unbuffered text I/O"));
        }
        return Ok(raw);
    }
    let definition = match () {
        () if mode.updating => &buffered::RANDOM_TYPE,
        () if mode.creating || mode.writing || mode.appending => &buffered::WRITER_TYPE,
        () if mode.reading => &buffered::READER_TYPE,
        () => return Err(raise!(cx, ValueError, "unknown mode: '{}'", mode_text.as_wtf8())),
    };
    if mode.updating && !object::is_true(cx, call(cx, raw, "seekable", &[])?)? {
        return Err(base::unsupported(cx, "File or stream is not seekable."));
    }
    let buffer = buffered::make(cx, definition, raw, size)?;
    if mode.binary {
        return Ok(buffer);
    }
    let file = text::make(cx, buffer, wanted)?;
    cx.set_attribute(file, cx.intern_str("mode"), mode_text.value())?;
    Ok(file)
}

static OPEN_CODE: Signature<1> = Signature::new("open_code", ["path"]).required(1);

/// `open_code(path)`.
pub(super) fn open_code(cx: &Cx, module: Value, args: Args<'_>) -> PyResult {
    let [path] = OPEN_CODE.bind(cx, args)?;
    let path = path.unwrap_or(Value::NONE);
    if path.downcast::<Str>(cx).is_none() {
        return Err(raise!(cx, TypeError, "open_code() argument 'path' must be str, not {}", path.class_name(cx)));
    }
    open(cx, module, Args::positional(&[path, cx.intern_str("rb").value()]))
}

/// `text_encoding(encoding, stacklevel=2)`.
pub(super) fn text_encoding(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [encoding, level] = args.between::<2>(cx, "text_encoding", 1)?;
    let level = level.map_or(Ok(2), |level| cx.c_int_argument(level))?;
    if let Some(encoding) = encoding.and_then(Value::not_none) {
        return Ok(encoding);
    }
    let flags = &cx.vm().config.command_line.flags;
    if flags.warn_default_encoding != 0 {
        let level = usize::try_from(level).unwrap_or(0);
        cx.warn(ExceptionKind::EncodingWarning, "'encoding' argument not specified", level)?;
    }
    Ok(cx.intern_str(if flags.utf8_mode != 0 { "utf-8" } else { "locale" }).value())
}
