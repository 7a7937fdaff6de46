//! `sys.stderr` before there are files: what it is given goes to the descriptor at once.
//!
//! Immutable, so threads need no rule.

use countless_vm::gc::{Header, Tracer};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Layout, Ref};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;
use countless_vm::types::{self, TypeId};

use crate::support::system::{blocking, error};

/// The cell.
#[repr(C)]
pub struct Printer {
    header: Header,
    fd: i32,
}

static LAYOUT: Layout = Layout::of::<Printer>("stderrprinter", TypeId::FREE, Some(&types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a printer to descriptor 0; there are no traced fields.
unsafe impl Cell for Printer {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

/// A printer to a descriptor.
pub fn make_printer(cx: &Cx, fd: i32) -> PyResult {
    let class = countless_vm::runtime::bootstrap::native_type(cx, &TYPE)?;
    Ok(cx.allocate_instance(class, Printer { header: Header::default(), fd }).value())
}

/// Characters that UTF-8 has no bytes for are replaced.
fn encoded(text: Ref<Str>) -> Vec<u8> {
    match text.to_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => text.as_wtf8().to_string_lossy().into_bytes(),
    }
}

fn write(cx: &Cx, printer: Ref<Printer>, text: Value) -> PyResult {
    let Some(text) = text.downcast::<Str>(cx) else {
        return Err(raise!(cx, TypeError, "write() argument 1 must be str, not {}", text.class_name(cx)));
    };
    let (bytes, fd) = (encoded(text), printer.fd);
    let mut done = 0;
    while done < bytes.len() {
        let rest = &bytes[done..];
        // SAFETY: the bytes are readable.
        match blocking(cx, || unsafe { libc::write(fd, rest.as_ptr().cast(), rest.len()) as i64 })? {
            Ok(count) => done += count as usize,
            Err(libc::EAGAIN) => return Ok(Value::NONE),
            Err(errno) => return Err(error(cx, errno)),
        }
    }
    Ok(Value::length(text.len()))
}

fn isatty(_cx: &Cx, printer: Ref<Printer>) -> PyResult {
    // SAFETY: the call has no preconditions.
    Ok(Value::bool(unsafe { libc::isatty(printer.fd) } == 1))
}

static TYPE: TypeDef = TypeDef {
    module: "builtins",
    doc: "",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    methods: &[
        Method::one("write", write, ""),
        Method::none("isatty", isatty, ""),
        Method::none("fileno", |_cx: &Cx, printer: Ref<Printer>| Ok(Value::int(printer.fd.into())), ""),
        Method::none("flush", |_cx: &Cx, _printer: Ref<Printer>| Ok(Value::NONE), ""),
        Method::none("close", |_cx: &Cx, _printer: Ref<Printer>| Ok(Value::NONE), ""),
    ],
    attributes: &[
        GetSet::read_only("closed", |_cx, _printer: Ref<Printer>| Ok(Value::FALSE), ""),
        GetSet::read_only("encoding", |_cx, _printer: Ref<Printer>| Ok(Value::NONE), ""),
        GetSet::read_only("mode", |cx, _printer: Ref<Printer>| Ok(cx.intern_str("w").value()), ""),
    ],
    ..TypeDef::new("stderrprinter", &LAYOUT)
};
