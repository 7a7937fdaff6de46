//! `_thread._ThreadHandle`: a thread as those see it who wait for its end.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Layout, Ref};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::thread::current_ident;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{self, TypeId};

use crate::support::futex::{self, Wait};
use crate::support::system::{Rounding, monotonic, nanoseconds};

pub(super) const NOT_STARTED: u32 = 0;
pub(super) const STARTING: u32 = 1;
pub(super) const RUNNING: u32 = 2;
pub(super) const DONE: u32 = 3;

/// The cell. The state only grows, but that a thread which could not be started is `NOT_STARTED` again.
#[repr(C)]
pub struct Handle {
    header: Header,
    pub(super) ident: AtomicU64,
    pub(super) state: AtomicU32,
}

static LAYOUT: Layout = Layout::of::<Handle>("_thread._ThreadHandle", TypeId::FREE, Some(&types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a handle of no thread; there is nothing to report.
unsafe impl Cell for Handle {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl Handle {
    /// The thread has ended: lets all go on who wait for that.
    pub(super) fn set_done(&self) {
        self.state.store(DONE, Ordering::Release);
        futex::wake(&self.state, i32::MAX);
    }

    /// Waits for the thread's end, until the deadline if there is one; false if that passed.
    pub(super) fn wait(&self, cx: &Cx, deadline: Option<i64>) -> PyResult<bool> {
        loop {
            let state = self.state.load(Ordering::Acquire);
            if state == DONE {
                return Ok(true);
            }
            // The word is no traced one, and the caller's stack keeps the cell alive.
            match cx.mutator().detached(|| futex::wait(&self.state, state, deadline)) {
                Wait::TimedOut => return Ok(self.state.load(Ordering::Acquire) == DONE),
                Wait::Woken | Wait::Interrupted => cx.poll()?,
            }
        }
    }
}

/// A handle of a thread that runs already, or of none.
pub(super) fn new_handle(cx: &Cx, ident: u64, state: u32) -> PyResult<Ref<Handle>> {
    native_type(cx, &TYPE)?;
    Ok(cx.allocate(Handle { header: Header::default(), ident: AtomicU64::new(ident), state: AtomicU32::new(state) }))
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.exactly::<0>(cx, "_ThreadHandle")?;
    Ok(new_handle(cx, 0, NOT_STARTED)?.value())
}

fn join(cx: &Cx, handle: Ref<Handle>, args: Args<'_>) -> PyResult {
    let [timeout] = args.between::<1>(cx, "join", 0)?;
    let deadline = match timeout.and_then(Value::not_none) {
        None => None,
        Some(timeout) => match nanoseconds(cx, timeout, Rounding::Up)? {
            ..0 => None,
            timeout => Some(monotonic().saturating_add(timeout)),
        },
    };
    match handle.state.load(Ordering::Acquire) {
        NOT_STARTED => return Err(cx.runtime_error("thread not started")),
        DONE => return Ok(Value::NONE),
        _ => {}
    }
    if handle.ident.load(Ordering::Relaxed) == current_ident() {
        return Err(cx.runtime_error("Cannot join current thread"));
    }
    if cx.vm().finalizing.load(Ordering::Relaxed) {
        // Daemons never end.
        let message = "cannot join a daemon thread at interpreter shutdown";
        return Err(raise!(cx, PythonFinalizationError, "{message}"));
    }
    handle.wait(cx, deadline)?;
    Ok(Value::NONE)
}

fn is_done(_cx: &Cx, handle: Ref<Handle>) -> PyResult {
    Ok(Value::bool(handle.state.load(Ordering::Acquire) == DONE))
}

fn set_done(cx: &Cx, handle: Ref<Handle>) -> PyResult {
    if handle.state.load(Ordering::Acquire) == NOT_STARTED {
        return Err(cx.raise_message(ExceptionKind::RuntimeError, format_args!("thread not started")));
    }
    handle.set_done();
    Ok(Value::NONE)
}

fn ident(cx: &Cx, handle: Ref<Handle>) -> PyResult {
    Ok(cx.new_int_from_u64(handle.ident.load(Ordering::Relaxed)))
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    // SAFETY: called from slots of the type only.
    let handle: Ref<Handle> = unsafe { Ref::from_value_unchecked(value) };
    let ident = handle.ident.load(Ordering::Relaxed);
    Ok(cx.new_str(&format!("<_thread._ThreadHandle object: ident={ident}>")).value())
}

/// `_thread._ThreadHandle`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_thread",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::NONE,
    slots: Slots { new: Some(new), repr: Some(repr), ..Slots::NONE },
    methods: &[
        Method::many("join", join, ""),
        Method::none("_set_done", set_done, "_set_done($self, /)\n--\n\n"),
        Method::none("is_done", is_done, "is_done($self, /)\n--\n\n"),
    ],
    attributes: &[GetSet::read_only("ident", ident, "")],
    ..TypeDef::new("_ThreadHandle", &LAYOUT)
};
