//! Text in and out: `print`, `input`, `repr`, `format`.

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;

pub(super) fn repr(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(object::repr(cx, value)?.value())
}

pub(super) fn ascii(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(object::ascii(cx, value)?.value())
}

pub(super) fn format(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [value, spec] = args.between::<2>(cx, "format", 1)?;
    let spec = match spec {
        None => cx.names().empty,
        Some(spec) => match spec.downcast::<Str>(cx) {
            Some(spec) => spec,
            None => return Err(raise!(cx, TypeError, "format() argument 2 must be str, not {}", spec.class_name(cx))),
        },
    };
    Ok(object::format(cx, value.unwrap_or(Value::NONE), spec)?.value())
}

static PRINT: Signature<4> = Signature::new("print", ["sep", "end", "file", "flush"]).keyword_only_from(0);

/// `sep` or `end`: a string, or `None` for the default.
fn separator(cx: &Cx, value: Option<Value>, name: &str, default: Ref<Str>) -> PyResult {
    match value.and_then(Value::not_none) {
        None => Ok(default.value()),
        Some(value) if value.downcast::<Str>(cx).is_some() => Ok(value),
        Some(value) => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "{name} must be None or a string, not {class}"))
        }
    }
}

pub(super) fn print(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [sep, end, file, flush] = PRINT.bind(cx, args.skip(args.len()))?;
    let names = cx.names();
    let file = match file.and_then(Value::not_none) {
        Some(file) => file,
        None => match cx.sys_attribute("stdout")? {
            Some(stdout) if stdout.is_none() => return Ok(Value::NONE),
            Some(stdout) => stdout,
            None => return Err(cx.runtime_error("lost sys.stdout")),
        },
    };
    let sep = separator(cx, sep, "sep", names.space)?;
    let end = separator(cx, end, "end", names.newline)?;
    for (index, value) in args.iter().enumerate() {
        if index > 0 {
            cx.call_method(file, names.write, &[sep])?;
        }
        let text = object::str(cx, value)?;
        cx.call_method(file, names.write, &[text.value()])?;
    }
    cx.call_method(file, names.write, &[end])?;
    if let Some(flush) = flush
        && object::is_true(cx, flush)?
    {
        cx.call_method(file, names.flush, &[])?;
    }
    Ok(Value::NONE)
}

/// A standard stream, which must be there.
fn stream(cx: &Cx, name: &str) -> PyResult {
    match cx.sys_attribute(name)? {
        Some(stream) if !stream.is_none() => Ok(stream),
        _ => Err(raise!(cx, RuntimeError, "input(): lost sys.{name}")),
    }
}

pub(super) fn input(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [prompt] = args.between::<1>(cx, "input", 0)?;
    let names = cx.names();
    let (stdin, stdout) = (stream(cx, "stdin")?, stream(cx, "stdout")?);
    let stderr = stream(cx, "stderr")?;
    cx.call_method(stderr, names.flush, &[])?;
    if let Some(prompt) = prompt {
        let text = object::str(cx, prompt)?;
        cx.call_method(stdout, names.write, &[text.value()])?;
    }
    cx.call_method(stdout, names.flush, &[])?;
    let line = cx.call_method(stdin, names.readline, &[])?;
    let Some(line) = line.downcast::<Str>(cx) else {
        return Err(cx.type_error("object.readline() returned non-string"));
    };
    let text = line.as_wtf8();
    if text.is_empty() {
        return Err(raise!(cx, EOFError, "EOF when reading a line"));
    }
    match text.as_bytes().strip_suffix(b"\n") {
        Some(rest) => Ok(cx.new_str_wtf8(text.slice(0..rest.len())).value()),
        None => Ok(line.value()),
    }
}
