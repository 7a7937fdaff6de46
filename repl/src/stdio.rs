//! `sys.stdin`, `sys.stdout` and `sys.stderr`: text over buffers over descriptors.
//!
//! Standard output is buffered by lines on a terminal and by blocks otherwise, standard error always by lines; with `-u`
//! neither is buffered. A descriptor that was closed when the process started gives None.

use countless_vm::native::args::Args;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::process::{self, CharacterLocale};

use crate::settings::Settings;

/// What is the same for the three streams.
pub struct Streams<'a> {
    /// The context.
    pub cx: &'a Cx,
    /// The settings.
    pub settings: &'a Settings,
    /// The locale of characters.
    pub locale: &'a CharacterLocale,
}

impl Streams<'_> {
    /// Makes the streams, as `sys.stdin` and `sys.__stdin__` and so on.
    pub fn install(&self) -> PyResult<()> {
        for (name, descriptor) in [("stdin", 0), ("stdout", 1), ("stderr", 2)] {
            let stream = if process::was_open(descriptor) { self.open(name, descriptor)? } else { Value::NONE };
            self.set(name, stream)?;
        }
        Ok(())
    }

    fn set(&self, name: &str, stream: Value) -> PyResult<()> {
        let Some(sys) = self.cx.vm().sys.get() else { return Ok(()) };
        self.cx.add_to_module(sys, name, stream)?;
        self.cx.add_to_module(sys, &format!("__{name}__"), stream)
    }

    fn open(&self, name: &str, descriptor: i32) -> PyResult {
        let cx = self.cx;
        let attribute = |object: Value, name: &str| cx.get_attribute(object, cx.intern_str(name));
        let io = cx.import_module("_io")?;
        let is_input = descriptor == 0;
        let unbuffered = self.settings.flags.unbuffered && !is_input;
        let mode = if is_input { "rb" } else { "wb" };
        let buffer = self.call_with_names(
            attribute(io, "open")?,
            &[Value::int(i64::from(descriptor)), cx.new_str(mode).value(), Value::int(if unbuffered { 0 } else { -1 })],
            &[("closefd", Value::FALSE)],
        )?;
        let raw = if unbuffered { buffer } else { attribute(buffer, "raw")? };
        cx.set_attribute(raw, cx.intern_str("name"), cx.new_str(&format!("<{name}>")).value())?;
        let by_lines = !unbuffered && (descriptor == 2 || process::is_terminal(descriptor));
        let (encoding, errors) = self.encoding(descriptor);
        let newline = if is_input { Value::NONE } else { cx.names().newline.value() };
        let stream = self.call_with_names(
            attribute(io, "TextIOWrapper")?,
            &[buffer],
            &[
                ("encoding", cx.new_str(&encoding).value()),
                ("errors", cx.new_str(&errors).value()),
                ("newline", newline),
                ("line_buffering", Value::bool(by_lines)),
                ("write_through", Value::bool(unbuffered)),
            ],
        )?;
        cx.set_attribute(stream, cx.intern_str("mode"), cx.new_str(&mode[..1]).value())?;
        Ok(stream)
    }

    fn call_with_names(&self, callable: Value, positional: &[Value], named: &[(&str, Value)]) -> PyResult {
        let cx = self.cx;
        let mut values = [Value::NONE; 8];
        let mut names = [Value::NONE; 8];
        values[..positional.len()].copy_from_slice(positional);
        for (index, (name, value)) in named.iter().enumerate() {
            values[positional.len() + index] = *value;
            names[index] = cx.intern_str(name).value();
        }
        let count = positional.len() + named.len();
        let names = cx.new_tuple(&names[..named.len()]);
        cx.call_args(callable, Args::with_keywords(&values[..count], names))
    }

    /// Encoding and error handler of a stream.
    fn encoding(&self, descriptor: i32) -> (String, String) {
        let given = &self.settings.stream_encoding;
        let utf8 = self.settings.flags.utf8_mode > 0;
        let encoding = match &given.encoding {
            Some(encoding) => encoding.clone(),
            None if utf8 => "utf-8".to_owned(),
            None => encoding_of_locale(&self.locale.encoding),
        };
        let is_lenient = utf8 || ["C", "POSIX", "C.UTF-8", "C.utf8", "UTF-8"].contains(&self.locale.name.as_str());
        let errors = match &given.errors {
            _ if descriptor == 2 => "backslashreplace",
            Some(errors) => errors,
            None if is_lenient => "surrogateescape",
            None => "strict",
        };
        (encoding, errors.to_owned())
    }
}

/// Python's name for an encoding of the C library; UTF-8 for plain ASCII, which is a part of it.
fn encoding_of_locale(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "" | "utf-8" | "utf8" | "ansi_x3.4-1968" | "us-ascii" | "646" => "utf-8".to_owned(),
        other => other.to_owned(),
    }
}
