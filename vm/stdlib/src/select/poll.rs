//! `select.poll`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Layout, Ref, drop_cell};
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::{self, TypeId};

use super::{mask, wait};
use crate::support::native::lock;
use crate::support::system::{Rounding, error, file_descriptor, monotonic, nanoseconds};

/// The cell. The descriptors and what they are watched for, in the order of their registration.
#[repr(C)]
pub struct Poll {
    header: Header,
    watched: Option<Box<Mutex<Vec<(i32, i16)>>>>,
    /// Whether some thread is waiting.
    waiting: AtomicBool,
}

static LAYOUT: Layout =
    Layout::of::<Poll>("select.poll", TypeId::FREE, Some(&types::object::LAYOUT)).with_drop(drop_cell::<Poll>);

// SAFETY: `repr(C)`, header first, zero is an object that watches nothing; there is nothing to report.
unsafe impl Cell for Poll {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

pub(super) fn new(cx: &Cx, _module: Value) -> PyResult {
    native_type(cx, &TYPE)?;
    let contents = Poll { header: Header::default(), watched: Some(Box::default()), waiting: AtomicBool::new(false) };
    Ok(cx.allocate(contents).value())
}

impl Poll {
    fn change<R>(&self, cx: &Cx, change: impl FnOnce(&mut Vec<(i32, i16)>) -> R) -> Option<R> {
        self.watched.as_ref().map(|watched| change(&mut lock(cx, watched)))
    }
}

const DEFAULT: i16 = libc::POLLIN | libc::POLLPRI | libc::POLLOUT;

fn register(cx: &Cx, poll: Ref<Poll>, args: Args<'_>) -> PyResult {
    let [fd, events] = args.between::<2>(cx, "register", 1)?;
    let fd = file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let events = mask(cx, events, DEFAULT)?;
    poll.change(cx, |watched| match watched.iter_mut().find(|(known, _)| *known == fd) {
        Some(entry) => entry.1 = events,
        None => watched.push((fd, events)),
    });
    Ok(Value::NONE)
}

fn modify(cx: &Cx, poll: Ref<Poll>, fd: Value, events: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    let events = mask(cx, Some(events), DEFAULT)?;
    let known = poll.change(cx, |watched| match watched.iter_mut().find(|(known, _)| *known == fd) {
        Some(entry) => {
            entry.1 = events;
            true
        }
        None => false,
    });
    if known == Some(true) { Ok(Value::NONE) } else { Err(error(cx, libc::ENOENT)) }
}

fn unregister(cx: &Cx, poll: Ref<Poll>, fd: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    let known = poll.change(cx, |watched| {
        let before = watched.len();
        watched.retain(|(known, _)| *known != fd);
        watched.len() < before
    });
    if known == Some(true) { Ok(Value::NONE) } else { Err(cx.key_error(Value::int(fd.into()))) }
}

/// A timeout in milliseconds as a deadline.
fn deadline(cx: &Cx, timeout: Option<Value>) -> PyResult<Option<i64>> {
    let Some(timeout) = timeout.and_then(Value::not_none) else { return Ok(None) };
    let milliseconds = match countless_vm::types::float::as_f64(cx, timeout) {
        Some(_) => nanoseconds(cx, timeout, Rounding::Ceiling)? / 1000,
        None if number::is_index(cx, timeout) => match number::index_i64(cx, timeout)? {
            ..0 => return Ok(None),
            milliseconds => milliseconds.saturating_mul(1_000_000),
        },
        None => return Err(cx.type_error("timeout must be an integer or None")),
    };
    if milliseconds < 0 {
        return Ok(None);
    }
    if milliseconds / 1_000_000 > i32::MAX.into() {
        return Err(cx.overflow_error("timeout is too large"));
    }
    Ok(Some(monotonic().saturating_add(milliseconds)))
}

fn poll(cx: &Cx, poll: Ref<Poll>, timeout: Option<Value>) -> PyResult {
    let deadline = deadline(cx, timeout)?;
    if poll.waiting.swap(true, Ordering::Acquire) {
        return Err(cx.runtime_error("concurrent poll() invocation"));
    }
    let watched = poll.change(cx, |watched| watched.clone()).unwrap_or_default();
    let mut records: Vec<libc::pollfd> =
        watched.into_iter().map(|(fd, events)| libc::pollfd { fd, events, revents: 0 }).collect();
    let waited = wait(cx, &mut records, deadline);
    poll.waiting.store(false, Ordering::Release);
    waited?;
    let list = cx.new_list();
    for record in records.iter().filter(|record| record.revents != 0) {
        let pair = [Value::int(record.fd.into()), Value::int((record.revents as u16).into())];
        list.push(cx, cx.new_tuple(&pair).value())?;
    }
    Ok(list.value())
}

/// The type of poll objects.
static TYPE: TypeDef = TypeDef {
    module: "select",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    methods: &[
        Method::many(
            "register",
            register,
            "register($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)\n--\n\nWatch a descriptor for events.",
        ),
        Method::two(
            "modify",
            modify,
            "modify($self, fd, eventmask, /)\n--\n\nChange what a descriptor is watched for.",
        ),
        Method::one("unregister", unregister, "unregister($self, fd, /)\n--\n\nWatch a descriptor no more."),
        Method::optional(
            "poll",
            poll,
            "poll($self, timeout=None, /)\n--\n\nWait, for so many milliseconds at most; a list of pairs (descriptor, events).",
        ),
    ],
    ..TypeDef::new("poll", &LAYOUT)
};
