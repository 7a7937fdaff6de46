//! Showing a warning: through the library's `_showwarnmsg`, or plainly while the library is not imported.

use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;

use super::Warning;
use super::filter::library_attribute;

/// Hands the warning to `warnings._showwarnmsg`.
pub fn show(cx: &Cx, warning: &Warning) -> PyResult<()> {
    let Some(function) = library_attribute(cx, "_showwarnmsg", !warning.source.is_none())? else {
        return show_plainly(cx, warning);
    };
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("warnings._showwarnmsg() must be set to a callable"));
    }
    let Some(class) = library_attribute(cx, "WarningMessage", false)? else {
        return Err(cx.runtime_error("unable to get warnings.WarningMessage"));
    };
    let line = cx.new_int(warning.line);
    let arguments =
        [warning.message, warning.category, warning.filename, line, Value::NONE, Value::NONE, warning.source];
    let message = cx.call(class, &arguments)?;
    cx.call(function, &[message])?;
    Ok(())
}

/// `file:line: Category: text`, then the source line, on `sys.stderr`.
fn show_plainly(cx: &Cx, warning: &Warning) -> PyResult<()> {
    let Some(stream) = cx.sys_attribute("stderr")?.and_then(Value::not_none) else { return Ok(()) };
    let category = object::str(cx, cx.get_attribute(warning.category, cx.names().__name__)?)?;
    let (filename, text) = (object::str(cx, warning.filename)?, object::str(cx, warning.text)?);
    let head = format!(":{}: {}: ", warning.line, category.as_wtf8());
    let mut shown = filename.as_wtf8().to_owned();
    shown.push_str(&head);
    shown.push_wtf8(text.as_wtf8());
    shown.push_str("\n");
    if let Some(line) = source_line(cx, warning)? {
        let trimmed = line.trim_matches([' ', '\t', '\x0c', '\n', '\r']);
        if !trimmed.is_empty() {
            shown.push_str(&format!("  {trimmed}\n"));
        }
    }
    let written = cx.call_method(stream, cx.names().write, &[cx.new_str_wtf8(&shown).value()]);
    match written {
        Ok(_) => Ok(()),
        Err(raised) => {
            // A stream that fails must not make the warning an error.
            let _ = cx.take_exception(raised);
            Ok(())
        }
    }
}

/// The line that was given, or that the file has.
fn source_line(cx: &Cx, warning: &Warning) -> PyResult<Option<String>> {
    if let Some(line) = warning.source_line {
        return Ok(Some(object::str(cx, line)?.as_wtf8().to_string_lossy()));
    }
    let (Some(name), Ok(number)) = (warning.filename.downcast::<Str>(cx), usize::try_from(warning.line)) else {
        return Ok(None);
    };
    let (path, number) = (crate::support::path::encode_text(cx, name)?, number.wrapping_sub(1));
    Ok(cx.mutator().detached(move || read_line(&path, number)))
}

fn read_line(path: &[u8], number: usize) -> Option<String> {
    use std::io::BufRead;
    use std::os::unix::ffi::OsStrExt;
    let file = std::fs::File::open(std::ffi::OsStr::from_bytes(path)).ok()?;
    let line = std::io::BufReader::new(file).split(b'\n').nth(number)?.ok()?;
    Some(String::from_utf8_lossy(&line).into_owned())
}

/// The source line that the loader in a module's globals gives.
pub fn loader_line(cx: &Cx, globals: Value, line: i64) -> PyResult<Option<Value>> {
    let loader = cx.call(cx.import_attribute("importlib._bootstrap_external", "_bless_my_loader")?, &[globals])?;
    if loader.is_none() {
        return Ok(None);
    }
    let name = countless_vm::object::protocol::item::get_item(cx, globals, cx.names().__name__.value())?;
    let Some(get_source) = cx.get_attribute_optional(loader, cx.intern_str("get_source"))? else { return Ok(None) };
    let source = cx.call(get_source, &[name])?;
    if source.is_none() {
        return Ok(None);
    }
    let lines = cx.call_method(source, cx.intern_str("splitlines"), &[])?;
    let line: Ref<Str> = match countless_vm::object::protocol::item::get_item(cx, lines, cx.new_int(line - 1)) {
        Ok(line) => object::str(cx, line)?,
        Err(raised) => {
            cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::IndexError)?;
            return Ok(None);
        }
    };
    Ok(Some(line.value()))
}
