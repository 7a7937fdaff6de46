//! On whose behalf a warning is given: the frame that `stacklevel` and `skip_file_prefixes` pick.

use countless_vm::interp::frame::Frame;
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;

/// A place in a program.
#[derive(Clone, Copy)]
pub struct Caller {
    /// The file.
    pub filename: Value,
    /// The line, from 1; 0 if there is none.
    pub line: i64,
    /// The name of its module.
    pub module: Value,
    /// The module's registry.
    pub registry: Value,
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether the frame is of the import machinery, which nobody means by "the caller".
fn is_internal(frame: &Frame) -> bool {
    let code = frame.code();
    let name = code.filename();
    let name = name.as_wtf8().as_bytes();
    contains(name, b"importlib") && contains(name, b"_bootstrap")
}

fn is_skipped(cx: &Cx, frame: &Frame, prefixes: Ref<Tuple>) -> bool {
    let name = frame.code().filename();
    prefixes
        .iter()
        .filter_map(|prefix| prefix.downcast::<Str>(cx))
        .any(|prefix| name.as_wtf8().as_bytes().starts_with(prefix.as_wtf8().as_bytes()))
}

fn pick(cx: &Cx, level: i64, prefixes: Ref<Tuple>) -> Option<&Frame> {
    let mut frames = cx.stack_frames();
    let mut frame = frames.next();
    let every_frame = level <= 0 || frame.is_some_and(is_internal);
    for _ in 1..level {
        frame?;
        frame = if every_frame {
            frames.next()
        } else {
            frames.find(|frame| !is_internal(frame) && !is_skipped(cx, frame, prefixes))
        };
    }
    frame
}

/// The place of the frame `level` steps up (1: the running Python code).
pub fn caller(cx: &Cx, level: i64, prefixes: Ref<Tuple>) -> PyResult<Caller> {
    let (globals, filename, line) = match pick(cx, level, prefixes) {
        Some(frame) => {
            let line = frame.code().line_at(frame.index()).unwrap_or(0);
            (frame.globals(), frame.code().filename().value(), i64::from(line))
        }
        None => {
            let globals = cx.vm().sys.get().map_or_else(|| cx.new_dict(), |sys| sys.dict());
            (globals, cx.intern_str("<sys>").value(), 0)
        }
    };
    let registry = registry_of(cx, globals)?;
    let module = match globals.get_name(cx, cx.names().__name__)? {
        Some(name) if name.is_none() || name.downcast::<Str>(cx).is_some() => name,
        _ => cx.intern_str("<string>").value(),
    };
    Ok(Caller { filename, line, module, registry })
}

fn registry_of(cx: &Cx, globals: Ref<Dict>) -> PyResult {
    let name = cx.names().__warningregistry__;
    match globals.get_name(cx, name)? {
        Some(registry) => Ok(registry),
        None => globals.set_default(cx, name.value(), cx.new_dict().value()),
    }
}
