//! The end of the process: what was written to files that are still open, because something seems to reach them, is
//! written out. They are not closed: what reports a failure may need them.

use countless_vm::gc::TempRoots;
use countless_vm::object::cell::Cell;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

use super::base::{self, IoBase};
use super::buffered::Buffered;
use super::text::Text;

/// Flushes every file but the standard streams, which have their own rules. Text comes first, then what may lie under it.
pub fn flush_open_files(cx: &Cx) {
    let files = [TempRoots::new(cx.mutator()), TempRoots::new(cx.mutator()), TempRoots::new(cx.mutator())];
    let layouts = [Text::layout(), Buffered::layout(), IoBase::layout()];
    cx.mutator().for_each_cell(&mut |cell| {
        let value = Value::from_cell(cell);
        let layout = cx.layout_of(value.type_id());
        if let Some(kind) = layouts.iter().position(|known| layout.begins_with(known)) {
            files[kind].push(value.word());
        }
    });
    let standard = standard_streams(cx);
    for files in &files {
        for file in (0..files.len()).filter_map(|index| files.get(index).and_then(Value::from_word)) {
            if standard.iter().flatten().any(|stream| stream.as_cell() == file.as_cell()) {
                continue;
            }
            if let Err(raised) = flush(cx, file) {
                let exception = cx.take_exception(raised);
                cx.write_unraisable(exception, Some("Exception ignored while flushing file"), file);
            }
        }
    }
}

/// The standard streams and what is under them.
fn standard_streams(cx: &Cx) -> [Option<Value>; 18] {
    let mut found = [None; 18];
    let names = ["stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"];
    for (name, found) in names.into_iter().zip(found.chunks_exact_mut(3)) {
        let part = |file: Option<Value>, name: &str| {
            let part = cx.get_attribute_optional(file?, cx.intern_str(name));
            part.unwrap_or_else(|raised| {
                cx.discard(raised);
                None
            })
        };
        found[0] = cx.sys_attribute(name).unwrap_or_else(|raised| {
            cx.discard(raised);
            None
        });
        found[1] = part(found[0], "buffer");
        found[2] = part(found[1], "raw");
    }
    found
}

fn flush(cx: &Cx, file: Value) -> PyResult<()> {
    match cx.get_attribute_optional(file, cx.intern_str("closed")) {
        Ok(Some(closed)) if !object::is_true(cx, closed)? => base::call(cx, file, "flush", &[]).map(drop),
        Ok(_) => Ok(()),
        // Neither open nor closed: detached, or never initialized.
        Err(raised) => cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::ValueError),
    }
}
