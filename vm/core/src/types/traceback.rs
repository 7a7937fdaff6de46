//! `traceback`: the frames that an exception passed, outermost first.

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use countless_gc::{Header, Tracer};

use super::code::{index_of, offset_of};
use super::frame::FrameObject;
use super::ids;
use super::type_object::TypeObject;
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::number::index_i64;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct Traceback {
    header: Header,
    next: RefField<Traceback>,
    frame: RefField<FrameObject>,
    /// `tb_lasti`: the offset of the instruction.
    last_instruction: AtomicU32,
    /// `tb_lineno`; −1 if it is to be found by the instruction.
    line: AtomicI32,
}

/// The layout of tracebacks.
pub static LAYOUT: Layout = Layout::of::<Traceback>("traceback", ids::TRACEBACK, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a traceback of no frame (never published); both fields are reported.
unsafe impl Cell for Traceback {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.next.trace(tracer);
        self.frame.trace(tracer);
    }
}

impl Traceback {
    /// `tb_next`.
    pub fn next(&self) -> Option<Ref<Traceback>> {
        self.next.get()
    }

    /// `tb_frame`.
    pub fn frame(&self) -> Ref<FrameObject> {
        self.frame.get().expect("a traceback has a frame")
    }

    /// Links another entry as the next one, which must not lead back here.
    pub fn relink(&self, cx: &Cx, next: Option<Ref<Traceback>>) {
        self.next.set_option(cx, next);
    }

    /// Number of the instruction in the frame's code.
    pub fn index(&self) -> usize {
        index_of(self.last_instruction.load(Ordering::Relaxed).into())
    }

    /// `tb_lineno`.
    pub fn line(&self) -> Option<u32> {
        match self.line.load(Ordering::Relaxed) {
            -1 => self.frame().code().line_at(self.index()),
            line => Some(line as u32),
        }
    }
}

/// Puts the frame in front of the exception's traceback. The line is found when somebody asks.
pub fn add(cx: &Cx, exception: Value, frame: Ref<FrameObject>, index: usize) {
    let Some(exception) = exception.as_exception(cx) else { return };
    let next = exception.traceback().and_then(|next| next.exact::<Traceback>());
    let entry = cx.new_traceback(next, frame, offset_of(index) as u32, -1);
    exception.set_traceback(cx, entry.value());
}

impl Cx {
    /// A traceback entry.
    pub fn new_traceback(
        &self,
        next: Option<Ref<Traceback>>,
        frame: Ref<FrameObject>,
        last_instruction: u32,
        line: i32,
    ) -> Ref<Traceback> {
        self.allocate(Traceback {
            header: Header::default(),
            next: RefField::from_option(next),
            frame: RefField::new(frame),
            last_instruction: AtomicU32::new(last_instruction),
            line: AtomicI32::new(line),
        })
    }
}

static NEW: Signature<4> = Signature::new("traceback", ["tb_next", "tb_frame", "tb_lasti", "tb_lineno"]).required(4);

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [next, frame, last, line] = NEW.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    let next = next_of(cx, next)?;
    let Some(frame) = frame.exact::<FrameObject>() else {
        let class = frame.class_name(cx);
        return Err(raise!(cx, TypeError, "traceback() argument 'tb_frame' must be frame, not {class}"));
    };
    let (last, line) = (index_i64(cx, last)? as u32, index_i64(cx, line)? as i32);
    Ok(cx.new_traceback(next, frame, last, line).value())
}

fn next_of(cx: &Cx, next: Value) -> PyResult<Option<Ref<Traceback>>> {
    if next.is_none() {
        return Ok(None);
    }
    next.exact::<Traceback>()
        .map(Some)
        .ok_or(())
        .map_err(|()| raise!(cx, TypeError, "expected traceback object or None, got '{}'", next.class_name(cx)))
}

fn get_next(_cx: &Cx, traceback: Ref<Traceback>) -> PyResult {
    Ok(traceback.next().map_or(Value::NONE, Ref::value))
}

fn set_next(cx: &Cx, traceback: Ref<Traceback>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("can't delete tb_next attribute")) };
    let next = next_of(cx, value)?;
    let chain = std::iter::successors(next, |entry| entry.next());
    if chain.into_iter().any(|entry| entry == traceback) {
        return Err(cx.value_error("traceback loop detected"));
    }
    traceback.next.set_option(cx, next);
    Ok(())
}

fn get_frame(_cx: &Cx, traceback: Ref<Traceback>) -> PyResult {
    Ok(traceback.frame().value())
}

fn get_last_instruction(_cx: &Cx, traceback: Ref<Traceback>) -> PyResult {
    Ok(Value::int(traceback.last_instruction.load(Ordering::Relaxed) as i64))
}

fn get_line(_cx: &Cx, traceback: Ref<Traceback>) -> PyResult {
    Ok(traceback.line().map_or(Value::NONE, |line| Value::int(line as i64)))
}

fn dir(cx: &Cx, _traceback: Ref<Traceback>) -> PyResult {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|name| cx.intern_str(name).value());
    Ok(cx.new_list_from(&names).value())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "traceback(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\nCreate a new traceback object.",
    flags: TypeFlags::NONE,
    slots: Slots { new: Some(new), ..Slots::NONE },
    methods: &[Method::none("__dir__", dir, "")],
    attributes: &[
        GetSet::read_write("tb_next", get_next, set_next, ""),
        GetSet::read_only("tb_frame", get_frame, ""),
        GetSet::read_only("tb_lasti", get_last_instruction, ""),
        GetSet::read_only("tb_lineno", get_line, ""),
    ],
    ..TypeDef::new("traceback", &LAYOUT)
};
