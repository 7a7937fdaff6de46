//! `BufferedRWPair`: a reader and a writer seen as one file.

use countless_vm::gc::Tracer;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Field, Layout, Ref};
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::TypeId;
use countless_vm::types::type_object::TypeObject;

use super::super::base::{self, DEFAULT_BUFFER_SIZE, IoBase, ask, attribute, call, unsupported};
use super::methods::{READER_TYPE, WRITER_TYPE, close_after, make};

/// The cell.
#[repr(C)]
pub struct Pair {
    base: IoBase,
    reader: Field,
    writer: Field,
}

static LAYOUT: Layout = Layout::of::<Pair>("_io.BufferedRWPair", TypeId::FREE, Some(&base::LAYOUT));

// SAFETY: `repr(C)`, begins with an `IoBase`; zero is a pair of nothing; all traced fields are reported.
unsafe impl Cell for Pair {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
        self.reader.trace(tracer);
        self.writer.trace(tracer);
    }
}

impl Pair {
    fn reader(&self, cx: &Cx) -> PyResult {
        self.reader.get().ok_or(()).map_err(|()| cx.value_error("I/O operation on uninitialized object"))
    }

    fn writer(&self, cx: &Cx) -> PyResult {
        self.writer.get().ok_or(()).map_err(|()| cx.value_error("I/O operation on uninitialized object"))
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = Pair { base: IoBase::new(), reader: Field::empty(), writer: Field::empty() };
    let pair = cx.allocate_instance(class, contents).value();
    base::watch(cx, pair);
    Ok(pair)
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let [reader, writer, size] = args.between::<3>(cx, "BufferedRWPair", 2)?;
    // SAFETY: called from slots of the type only.
    let pair: Ref<Pair> = unsafe { Ref::from_value_unchecked(value) };
    let (reader, writer) = (reader.unwrap_or(Value::NONE), writer.unwrap_or(Value::NONE));
    let size = size.map_or(Ok(DEFAULT_BUFFER_SIZE as i64), |size| number::index_i64(cx, size))?;
    for (file, ability) in [(reader, "readable"), (writer, "writable")] {
        if !ask(cx, file, ability)? {
            return Err(unsupported(cx, &format!("File or stream is not {ability}.")));
        }
    }
    pair.reader.set(cx, make(cx, &READER_TYPE, reader, size)?);
    pair.writer.set(cx, make(cx, &WRITER_TYPE, writer, size)?);
    Ok(())
}

macro_rules! forwarded {
    ($($name:ident: $side:ident;)*) => {
        $(fn $name(cx: &Cx, pair: Ref<Pair>, args: Args<'_>) -> PyResult {
            let method = attribute(cx, pair.$side(cx)?, stringify!($name))?;
            cx.call_args(method, args)
        })*
    };
}

forwarded! {
    read: reader;
    peek: reader;
    read1: reader;
    readinto: reader;
    readinto1: reader;
    readable: reader;
    write: writer;
    flush: writer;
    writable: writer;
}

fn close(cx: &Cx, pair: Ref<Pair>) -> PyResult {
    let (reader, writer) = (pair.reader(cx)?, pair.writer(cx)?);
    let closed = call(cx, writer, "close", &[]);
    close_after(cx, closed, || call(cx, reader, "close", &[]))
}

fn isatty(cx: &Cx, pair: Ref<Pair>) -> PyResult {
    let writer = call(cx, pair.writer(cx)?, "isatty", &[])?;
    if object::is_true(cx, writer)? {
        return Ok(writer);
    }
    call(cx, pair.reader(cx)?, "isatty", &[])
}

fn get_closed(cx: &Cx, pair: Ref<Pair>) -> PyResult {
    match pair.writer.get() {
        Some(writer) => attribute(cx, writer, "closed"),
        None => Err(cx.runtime_error("the BufferedRWPair object is being garbage-collected")),
    }
}

/// `BufferedRWPair`.
pub(crate) static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\nA raw file to read from and one to write to, buffered and seen as one.",
    base: Some(&base::BUFFERED_TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), init: Some(init), finalize: Some(base::finalize), ..Slots::NONE },
    methods: &[
        Method::many("read", read, ""),
        Method::many("peek", peek, ""),
        Method::many("read1", read1, ""),
        Method::many("readinto", readinto, ""),
        Method::many("readinto1", readinto1, ""),
        Method::many("write", write, ""),
        Method::many("flush", flush, "flush($self, /)\n--\n\n"),
        Method::many("readable", readable, "readable($self, /)\n--\n\n"),
        Method::many("writable", writable, "writable($self, /)\n--\n\n"),
        Method::none("close", close, "close($self, /)\n--\n\n"),
        Method::none("isatty", isatty, "isatty($self, /)\n--\n\n"),
    ],
    attributes: &[GetSet::read_only("closed", get_closed, "")],
    ..TypeDef::new("BufferedRWPair", &LAYOUT)
};
