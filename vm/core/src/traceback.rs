//! Showing exceptions that nobody caught.
//!
//! The library's `traceback` module draws them (carets, suggestions, notes, groups), as in CPython 3.14. What is here is
//! the way to it, and a plain rendering for when that module cannot be imported or fails itself.

use crate::object::attribute;
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::exception::BaseException;
use crate::types::str::Str;
use crate::types::traceback::Traceback;

impl Cx {
    /// Shows an exception on `sys.stderr`, as `sys.excepthook` does.
    pub fn show_exception(&self, exception: Value) {
        let stream = self.sys_attribute("stderr");
        if matches!(stream, Ok(Some(stream)) if stream.is_none()) {
            // The program was started without a standard error, or has done away with it.
            return;
        }
        let shown = self.show_with_library(exception);
        if let Err(raised) = shown {
            self.discard(raised);
            let text = self.plain_traceback(exception);
            self.write_to_stderr(&text);
        }
    }

    fn show_with_library(&self, exception: Value) -> PyResult<()> {
        let function = self.import_attribute("traceback", "_print_exception_bltin")?;
        self.call(function, &[exception])?;
        Ok(())
    }

    /// Writes to `sys.stderr`, or to descriptor 2 if that fails.
    pub fn write_to_stderr(&self, text: &str) {
        let written = self.write_to_stream("stderr", text);
        if !matches!(written, Ok(true)) {
            if let Err(raised) = written {
                self.discard(raised);
            }
            use std::io::Write;
            // There is nowhere left to report a failure to.
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }

    fn write_to_stream(&self, stream: &str, text: &str) -> PyResult<bool> {
        let Some(stream) = self.sys_attribute(stream)?.and_then(Value::not_none) else { return Ok(false) };
        self.call_method(stream, self.names().write, &[self.new_str(text).value()])?;
        self.call_method(stream, self.names().flush, &[])?;
        Ok(true)
    }

    /// The exception with its chain, without source lines.
    fn plain_traceback(&self, exception: Value) -> String {
        let mut chain = Vec::new();
        let mut current = exception.as_exception(self);
        let mut text = String::new();
        while let Some(cell) = current {
            if chain.len() > 100 {
                break;
            }
            chain.push(cell.value().word());
            current = match (cell.cause(), cell.suppresses_context()) {
                (Some(cause), _) => cause.as_exception(self),
                (None, false) => cell.context().and_then(|context| context.as_exception(self)),
                (None, true) => None,
            };
            let own = self.plain_one(cell);
            text = if text.is_empty() {
                own
            } else {
                format!("{own}\nThe above exception led to the following one:\n\n{text}")
            };
        }
        text
    }

    fn plain_one(&self, exception: Ref<BaseException>) -> String {
        let mut text = String::new();
        let mut entry = exception.traceback().and_then(|traceback| traceback.exact::<Traceback>());
        if entry.is_some() {
            text.push_str("Traceback (most recent call last):\n");
        }
        while let Some(current) = entry {
            let code = current.frame().code();
            let line = current.line().map_or("?".to_owned(), |line| line.to_string());
            text.push_str(&format!(
                "  File \"{}\", line {line}, in {}\n",
                code.filename().as_wtf8(),
                code.name().as_wtf8()
            ));
            if let Some(line) = current.line()
                && let Some(source) = self.source_line(code.filename(), line)
            {
                text.push_str(&format!("    {source}\n"));
            }
            entry = current.next();
        }
        let class = self.qualified_class_name(exception.value());
        let message = match protocol::object::str(self, exception.value()) {
            Ok(message) => message.as_wtf8().to_string_lossy(),
            Err(raised) => {
                self.discard(raised);
                "<exception str() failed>".to_owned()
            }
        };
        text.push_str(&if message.is_empty() { format!("{class}\n") } else { format!("{class}: {message}\n") });
        text
    }

    /// The text of a line of a file, without the blanks around it; nothing if it cannot be had.
    fn source_line(&self, file: Ref<Str>, line: u32) -> Option<String> {
        let text = self.import_attribute("linecache", "getline").and_then(|function| {
            let text = self.call(function, &[file.value(), Value::int(i64::from(line))])?;
            protocol::object::str(self, text)
        });
        match text {
            Ok(text) => Some(text.as_wtf8().to_string_lossy().trim().to_owned()).filter(|text| !text.is_empty()),
            Err(raised) => {
                self.discard(raised);
                None
            }
        }
    }

    /// The name of a value's class, with its module unless everybody knows that.
    fn qualified_class_name(&self, value: Value) -> String {
        let class = self.type_of(value).value();
        let text = |name| match self.get_attribute(class, name) {
            Ok(text) => text.downcast::<Str>(self).map(|text| text.as_wtf8().to_string_lossy()),
            Err(raised) => {
                self.discard(raised);
                None
            }
        };
        let name = text(self.names().__qualname__).unwrap_or_else(|| value.class_name(self));
        match text(self.names().__module__) {
            Some(module) if module != "builtins" && module != "__main__" => format!("{module}.{name}"),
            _ => name,
        }
    }

    /// Shows an exception that cannot be raised on `sys.stderr`: itself alone, without carets.
    pub fn show_unraisable(&self, exception: Value) {
        if let Some(exception) = exception.as_exception(self) {
            let text = self.plain_one(exception);
            self.write_to_stderr(&text);
        }
    }

    /// Hands an exception that cannot be raised to `sys.unraisablehook`: from a finalizer or a callback. `what` says where
    /// it came from, `object` is what was being run.
    pub fn write_unraisable(&self, exception: Value, what: Option<&str>, object: Value) {
        let shown = self.call_unraisable_hook(exception, what, object);
        if let Err(raised) = shown {
            let second = self.take_exception(raised);
            self.show_exception(exception);
            self.show_exception(second);
        }
    }

    /// The object's `repr`, whatever happens.
    fn shown(&self, object: Value) -> String {
        match protocol::object::repr(self, object) {
            Ok(text) => text.as_wtf8().to_string_lossy(),
            Err(raised) => {
                self.discard(raised);
                "<object repr() failed>".to_owned()
            }
        }
    }

    fn call_unraisable_hook(&self, exception: Value, what: Option<&str>, object: Value) -> PyResult<()> {
        // A sentence that names the object says all; without one, the hook makes it from the object.
        let (message, object) = match what {
            Some(what) if !object.is_none() => {
                (self.new_str(&format!("{what} {}", self.shown(object))).value(), Value::NONE)
            }
            Some(what) => (self.new_str(what).value(), Value::NONE),
            None => (Value::NONE, object),
        };
        let traceback = exception.as_exception(self).and_then(|cell| cell.traceback()).unwrap_or(Value::NONE);
        let namespace = self.import_attribute("types", "SimpleNamespace")?;
        let args = self.call(namespace, &[])?;
        let fields = [
            ("exc_type", self.type_of(exception).value()),
            ("exc_value", exception),
            ("exc_traceback", traceback),
            ("err_msg", message),
            ("object", object),
        ];
        for (name, value) in fields {
            attribute::instance_set(self, args, self.intern_str(name), value)?;
        }
        match self.sys_attribute("unraisablehook")?.and_then(Value::not_none) {
            Some(hook) => self.call(hook, &[args]).map(drop),
            None => {
                self.show_exception(exception);
                Ok(())
            }
        }
    }
}
