//! `frame`: a running, suspended or finished frame as an object. Made only when asked for.
//!
//! While the frame runs, the object points to its record, which belongs to one thread; that thread reads and writes
//! the registers directly, others stop the world to do it. A suspended generator's object looks into the generator. When the frame
//! is left, the named registers are copied into the object.
//!
//! `record` is written by the owning thread only: it is the proof that the record is still this frame's.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use super::cell::CellObject;
use super::code::{CodeObject, offset_of};
use super::dict::Dict;
use super::function::Function;
use super::generator::Generator;
use super::ids;
use super::list::array::Array;
use crate::interp::frame::{Frame, flag};
use crate::interp::monitor;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct FrameObject {
    header: Header,
    code: RefField<CodeObject>,
    function: RefField<Function>,
    /// The namespace of a module's or class's body.
    namespace: Field,
    generator: RefField<Generator>,
    /// The caller, once the frame is finished.
    back: RefField<FrameObject>,
    /// The named registers, once the frame is finished.
    values: RefField<Array>,
    /// `f_trace`.
    trace_function: Field,
    /// What was stored in `f_locals` under names that are not the code's.
    extra_locals: RefField<Dict>,
    /// The record while the frame runs.
    record: AtomicPtr<Frame>,
    /// Address of the context of the thread that runs it.
    owner: AtomicUsize,
    /// Number of the instruction, while there is no record.
    index: AtomicU32,
    /// `f_trace_lines`.
    trace_lines: AtomicBool,
    /// `f_trace_opcodes`.
    trace_opcodes: AtomicBool,
}

/// The layout of frames.
pub static LAYOUT: Layout = Layout::of::<FrameObject>("frame", ids::FRAME, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a frame of no code (never published); all fields are reported.
unsafe impl Cell for FrameObject {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.code.trace(tracer);
        self.function.trace(tracer);
        self.namespace.trace(tracer);
        self.generator.trace(tracer);
        self.back.trace(tracer);
        self.values.trace(tracer);
        self.trace_function.trace(tracer);
        self.extra_locals.trace(tracer);
    }
}

/// The object of a frame that this thread runs.
pub fn frame_object(cx: &Cx, frame: &Frame) -> Ref<FrameObject> {
    if let Some(object) = frame.frame_object() {
        return object;
    }
    let object = new(cx, frame.function(), frame.code(), frame.locals(), frame.generator());
    frame.set_frame_object(object);
    object.attach(cx, frame);
    if let Some(generator) = frame.generator() {
        generator.set_frame_object(cx, object);
    }
    object
}

fn new(
    cx: &Cx,
    function: Ref<Function>,
    code: Ref<CodeObject>,
    namespace: Option<Value>,
    generator: Option<Ref<Generator>>,
) -> Ref<FrameObject> {
    cx.allocate(FrameObject {
        header: Header::default(),
        code: RefField::new(code),
        function: RefField::new(function),
        namespace: namespace.map_or(Field::empty(), Field::new),
        generator: RefField::from_option(generator),
        back: RefField::empty(),
        values: RefField::empty(),
        trace_function: Field::empty(),
        extra_locals: RefField::empty(),
        record: AtomicPtr::new(std::ptr::null_mut()),
        owner: AtomicUsize::new(0),
        index: AtomicU32::new(0),
        trace_lines: AtomicBool::new(true),
        trace_opcodes: AtomicBool::new(false),
    })
}

/// The object of a generator that is not running.
pub fn suspended_frame(cx: &Cx, generator: Ref<Generator>) -> Ref<FrameObject> {
    if let Some(object) = generator.frame_object() {
        return object;
    }
    let object = new(cx, generator.function(), generator.code(), generator.locals(), Some(generator));
    object.index.store(generator.index() as u32, Ordering::Relaxed);
    generator.set_frame_object(cx, object);
    object
}

impl FrameObject {
    /// The code.
    pub fn code(&self) -> Ref<CodeObject> {
        self.code.get().expect("a frame has a code")
    }

    /// The function.
    pub fn function(&self) -> Ref<Function> {
        self.function.get().expect("a frame has a function")
    }

    /// The namespace of a module's or class's body.
    pub fn namespace(&self) -> Option<Value> {
        self.namespace.get()
    }

    /// Names stored beyond the code's own.
    pub fn extra_locals(&self) -> Option<Ref<Dict>> {
        self.extra_locals.get()
    }

    /// The frame runs from now on, on this record of the thread.
    pub(crate) fn attach(&self, cx: &Cx, frame: &Frame) {
        self.owner.store(std::ptr::from_ref(cx).addr(), Ordering::Relaxed);
        self.record.store((&raw const *frame).cast_mut(), Ordering::Release);
    }

    /// The generator's frame is about to be suspended.
    pub(crate) fn suspend(&self) {
        if let Some(frame) = self.record() {
            self.index.store(frame.index() as u32, Ordering::Relaxed);
        }
        self.record.store(std::ptr::null_mut(), Ordering::Release);
    }

    fn record(&self) -> Option<&Frame> {
        // SAFETY: the record is the frame's for as long as the pointer is here: the owner removes it before the frame is
        // left. Other threads ask only while the world is stopped.
        unsafe { self.record.load(Ordering::Acquire).as_ref() }
    }

    fn is_mine(&self, cx: &Cx) -> bool {
        self.owner.load(Ordering::Relaxed) == std::ptr::from_ref(cx).addr()
    }

    /// Whether the frame runs now.
    pub fn is_running(&self) -> bool {
        !self.record.load(Ordering::Acquire).is_null()
    }

    /// Number of the instruction being executed, or executed last.
    pub fn index(&self, cx: &Cx) -> usize {
        let read = || match self.record() {
            Some(frame) => frame.index(),
            None => self.index.load(Ordering::Relaxed) as usize,
        };
        if !self.is_running() || self.is_mine(cx) { read() } else { cx.mutator().stop_the_world(read) }
    }

    /// `f_trace`.
    pub(crate) fn trace_function(&self) -> Option<Value> {
        self.trace_function.get()
    }

    pub(crate) fn set_trace_function(&self, cx: &Cx, function: Option<Value>) {
        match function {
            Some(function) => self.trace_function.set(cx, function),
            None => self.trace_function.clear(cx),
        }
    }

    /// `f_trace_lines`.
    pub(crate) fn traces_lines(&self) -> bool {
        self.trace_lines.load(Ordering::Relaxed)
    }

    /// `f_trace_opcodes`.
    pub(crate) fn traces_opcodes(&self) -> bool {
        self.trace_opcodes.load(Ordering::Relaxed)
    }

    /// Whether whoever watches is being told that the frame begins.
    fn is_beginning(&self, cx: &Cx) -> bool {
        self.is_mine(cx) && self.record().is_some_and(|frame| frame.has(flag::AT_START))
    }

    /// The line being executed; while whoever watches is told that the frame begins, that of its `def`.
    pub fn line(&self, cx: &Cx) -> Option<u32> {
        if self.is_beginning(cx) {
            return Some(self.code().start_line());
        }
        let watched = || self.record().filter(|frame| self.is_mine(cx) && frame.has(flag::STARTED));
        // What the compiler added belongs to the line before.
        self.code().line_at(self.index(cx)).or_else(|| watched().map(Frame::traced_line))
    }

    /// What a named register holds (for variables in cells, the cell).
    fn raw_local(&self, cx: &Cx, register: usize) -> Value {
        let read = || {
            if let Some(frame) = self.record() {
                return frame.get(register as u16);
            }
            if let Some(values) = self.values.get() {
                return values.get(register).unwrap_or(Value::UNBOUND);
            }
            match self.generator.get() {
                Some(generator) => generator.register(register),
                None => Value::UNBOUND,
            }
        };
        if !self.is_running() || self.is_mine(cx) { read() } else { cx.mutator().stop_the_world(read) }
    }

    /// The value of a local variable, if it has one.
    pub fn local(&self, cx: &Cx, register: usize) -> Option<Value> {
        let value = self.raw_local(cx, register);
        let code = self.code();
        let local = &code.code().locals[register];
        if (local.is_cell || local.is_free)
            && let Some(cell) = value.exact::<CellObject>()
        {
            return cell.get();
        }
        value.bound()
    }
}

impl Ref<FrameObject> {
    /// Sets a local variable (`f_locals[name] = value`).
    pub fn set_local(self, cx: &Cx, register: usize, value: Value) {
        let code = self.code();
        let local = &code.code().locals[register];
        if (local.is_cell || local.is_free)
            && let Some(cell) = self.raw_local(cx, register).exact::<CellObject>()
        {
            return cell.set(cx, value);
        }
        let write = || {
            if let Some(frame) = self.record() {
                frame.set(register as u16, value);
            } else if let Some(values) = self.values.get() {
                if register < values.capacity() {
                    values.field(register).set(cx, value);
                }
            } else if let Some(generator) = self.generator.get() {
                generator.set_register(cx, register, value);
            }
        };
        if !self.is_running() || self.is_mine(cx) { write() } else { cx.mutator().stop_the_world(write) }
    }

    /// The dict for names beyond the code's own, made if need be.
    pub fn make_extra_locals(self, cx: &Cx) -> Ref<Dict> {
        match self.extra_locals.get() {
            Some(dict) => dict,
            None => {
                let dict = cx.new_dict();
                match self.extra_locals.untyped().compare_exchange(cx, None, Some(dict.value())) {
                    Ok(()) => dict,
                    Err(_) => self.extra_locals.get().unwrap_or(dict),
                }
            }
        }
    }

    /// The frame is about to be left: copies its named registers.
    pub(crate) fn detach(self, cx: &Cx, frame: &Frame) {
        let count = frame.code().named_count as usize;
        if let Ok(values) = cx.new_array(count) {
            for register in 0..count {
                values.field(register).init(frame.get(register as u16));
            }
            self.values.set(cx, values);
        }
        let caller = cx.stack.below(frame).map(|caller| frame_object(cx, caller));
        self.back.set_option(cx, caller.filter(|_| frame.generator().is_none()));
        self.index.store(frame.index() as u32, Ordering::Relaxed);
        self.record.store(std::ptr::null_mut(), Ordering::Release);
    }

    /// Has trace functions told of the instructions of this code, if this frame's is to be.
    pub(crate) fn watch_opcodes(self, cx: &Cx) -> PyResult<()> {
        if self.traces_opcodes() && self.trace_function().is_some() {
            let (monitoring, code) = (&cx.vm().monitoring, self.code());
            monitoring.set_local_events(cx, monitor::TRACER, code, monitor::Event::Instruction.bit())?;
        }
        Ok(())
    }

    /// `f_back`.
    pub fn back(self, cx: &Cx) -> Option<Ref<FrameObject>> {
        let read = || self.record().and_then(|frame| cx.stack.below(frame)).map(|caller| frame_object(cx, caller));
        match self.is_running() {
            false => self.back.get(),
            true if self.is_mine(cx) => read(),
            // Another thread's callers: only those that have objects can be named.
            true => cx.mutator().stop_the_world(|| {
                let frame = self.record()?;
                // SAFETY: the world is stopped, and the record below a running frame is its caller's or the bottom.
                unsafe { (*(&raw const *frame).sub(1)).frame_object() }
            }),
        }
    }

    /// `clear()`: a finished or suspended frame lets go of its variables.
    fn clear(self, cx: &Cx) -> PyResult<()> {
        if self.is_running() {
            return Err(cx.runtime_error("cannot clear an executing frame"));
        }
        if let Some(generator) = self.generator.get()
            && self.values.get().is_none()
        {
            if generator.is_suspended() {
                return Err(cx.runtime_error("cannot clear a suspended frame"));
            }
            generator.close_fresh(cx);
        }
        if let Some(values) = self.values.get() {
            values.clear_range(cx, 0, values.capacity());
        }
        self.extra_locals.set_option(cx, None);
        Ok(())
    }
}

fn get_code(_cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(frame.code().value())
}

fn get_globals(_cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(frame.function().globals().value())
}

fn get_builtins(_cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(frame.function().builtins())
}

fn get_locals(cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(match frame.namespace() {
        Some(namespace) => namespace,
        None => super::frame_locals::new(cx, frame),
    })
}

fn get_back(cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(frame.back(cx).map_or(Value::NONE, Ref::value))
}

fn get_line(cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(frame.line(cx).map_or(Value::NONE, |line| Value::int(line as i64)))
}

fn set_line(cx: &Cx, frame: Ref<FrameObject>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise!(cx, AttributeError, "cannot delete attribute")) };
    let record = if frame.is_mine(cx) { frame.record() } else { None };
    monitor::jump::set_line(cx, record, frame.trace_function().is_some(), value)
}

fn get_last_instruction(cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(Value::int(if frame.is_beginning(cx) { 0 } else { offset_of(frame.index(cx)) }))
}

fn get_generator(_cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(frame.generator.get().map_or(Value::NONE, Ref::value))
}

fn get_trace(_cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(frame.trace_function.get_or_none())
}

fn set_trace(cx: &Cx, frame: Ref<FrameObject>, value: Option<Value>) -> PyResult<()> {
    frame.set_trace_function(cx, value.and_then(Value::not_none));
    frame.watch_opcodes(cx)
}

fn as_flag(cx: &Cx, value: Option<Value>) -> PyResult<bool> {
    if value.is_none() {
        return Err(cx.type_error("can't delete numeric/char attribute"));
    }
    value.and_then(Value::as_bool).ok_or(()).map_err(|()| cx.type_error("attribute value type must be bool"))
}

fn get_trace_lines(_cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(Value::bool(frame.trace_lines.load(Ordering::Relaxed)))
}

fn set_trace_lines(cx: &Cx, frame: Ref<FrameObject>, value: Option<Value>) -> PyResult<()> {
    frame.trace_lines.store(as_flag(cx, value)?, Ordering::Relaxed);
    Ok(())
}

fn get_trace_opcodes(_cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    Ok(Value::bool(frame.trace_opcodes.load(Ordering::Relaxed)))
}

fn set_trace_opcodes(cx: &Cx, frame: Ref<FrameObject>, value: Option<Value>) -> PyResult<()> {
    frame.trace_opcodes.store(as_flag(cx, value)?, Ordering::Relaxed);
    frame.watch_opcodes(cx)
}

fn clear(cx: &Cx, frame: Ref<FrameObject>) -> PyResult {
    frame.clear(cx)?;
    Ok(Value::NONE)
}

fn repr(cx: &Cx, frame: Value) -> PyResult {
    // SAFETY: the slot belongs to the type, which cannot be subclassed.
    let frame: Ref<FrameObject> = unsafe { Ref::from_value_unchecked(frame) };
    let (code, address) = (frame.code(), frame.value().identity());
    let file = crate::object::protocol::object::repr(cx, code.filename().value())?;
    let line = frame.line(cx).map_or_else(|| "None".to_owned(), |line| line.to_string());
    let (file, name) = (file.as_wtf8(), code.name());
    Ok(cx.new_str(&format!("<frame at {address:#x}, file {file}, line {line}, code {}>", name.as_wtf8())).value())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots { repr: Some(repr), ..Slots::NONE },
    methods: &[Method::none("clear", clear, "clear($self, /)\n--\n\nClear all references held by the frame.")],
    attributes: &[
        GetSet::read_only("f_back", get_back, ""),
        GetSet::read_only("f_code", get_code, ""),
        GetSet::read_only("f_builtins", get_builtins, ""),
        GetSet::read_only("f_globals", get_globals, ""),
        GetSet::read_only("f_locals", get_locals, ""),
        GetSet::read_only("f_lasti", get_last_instruction, ""),
        GetSet::read_write("f_lineno", get_line, set_line, ""),
        GetSet::read_only("f_generator", get_generator, ""),
        GetSet::read_write("f_trace", get_trace, set_trace, ""),
        GetSet::read_write("f_trace_lines", get_trace_lines, set_trace_lines, ""),
        GetSet::read_write("f_trace_opcodes", get_trace_opcodes, set_trace_opcodes, ""),
    ],
    ..TypeDef::new("frame", &LAYOUT)
};
