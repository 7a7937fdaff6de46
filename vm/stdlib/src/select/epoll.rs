//! `select.epoll`.

use std::sync::atomic::{AtomicI32, Ordering};

use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Layout, Ref};
use countless_vm::object::protocol::number;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{self, TypeId};

use super::milliseconds_left;
use crate::support::system::{Rounding, checked, error, file_descriptor, last_error, monotonic, nanoseconds, quick};

/// The cell. The descriptor is taken out by whoever closes; it is kept plus one, so that zero is "closed".
#[repr(C)]
pub struct Epoll {
    header: Header,
    descriptor: AtomicI32,
}

static LAYOUT: Layout = Layout::of::<Epoll>("select.epoll", TypeId::FREE, Some(&types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a closed object; there is nothing to report.
unsafe impl Cell for Epoll {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl Epoll {
    fn open(&self, cx: &Cx) -> PyResult<i32> {
        match self.descriptor.load(Ordering::Relaxed) {
            0 => Err(cx.value_error("I/O operation on closed epoll object")),
            next => Ok(next - 1),
        }
    }
}

fn make(cx: &Cx, class: Ref<TypeObject>, fd: i32) -> Value {
    let contents = Epoll { header: Header::default(), descriptor: AtomicI32::new(fd + 1) };
    let value = cx.allocate_instance(class, contents).value();
    cx.mutator().register_finalizable(value.word());
    value
}

static NEW: Signature<2> = Signature::new("epoll", ["sizehint", "flags"]);

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [size, flags] = NEW.bind(cx, args)?;
    let size = size.map_or(Ok(-1), |size| cx.c_int_argument(size))?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    if size != -1 && size <= 0 {
        return Err(cx.value_error("negative sizehint"));
    }
    if flags != 0 && flags != libc::EPOLL_CLOEXEC {
        return Err(raise!(cx, OSError, "invalid flags"));
    }
    // SAFETY: the call has no preconditions.
    let fd = quick(cx, unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) }.into())?;
    Ok(make(cx, class, fd as i32))
}

fn fromfd(cx: &Cx, class: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    match class.as_class(cx) {
        Some(class) => Ok(make(cx, class, fd)),
        None => Err(cx.type_error("fromfd() needs a class")),
    }
}

fn close_descriptor(cx: &Cx, epoll: Ref<Epoll>) -> PyResult<()> {
    let fd = epoll.descriptor.swap(0, Ordering::AcqRel) - 1;
    if fd < 0 {
        return Ok(());
    }
    // SAFETY: the descriptor was this object's, who took it out.
    match cx.mutator().detached(|| checked(unsafe { libc::close(fd) }.into())) {
        Ok(_) | Err(libc::EINTR) => Ok(()),
        Err(errno) => Err(error(cx, errno)),
    }
}

fn finalize(cx: &Cx, value: Value) -> PyResult<()> {
    // SAFETY: called from slots of the type only.
    close_descriptor(cx, unsafe { Ref::from_value_unchecked(value) })
}

fn close(cx: &Cx, epoll: Ref<Epoll>) -> PyResult {
    close_descriptor(cx, epoll)?;
    Ok(Value::NONE)
}

fn enter(cx: &Cx, epoll: Ref<Epoll>) -> PyResult {
    epoll.open(cx)?;
    Ok(epoll.value())
}

fn exit(cx: &Cx, epoll: Ref<Epoll>, _args: Args<'_>) -> PyResult {
    cx.call_method(epoll.value(), cx.intern_str("close"), &[])
}

fn fileno(cx: &Cx, epoll: Ref<Epoll>) -> PyResult {
    Ok(Value::int(epoll.open(cx)?.into()))
}

fn control(cx: &Cx, epoll: Ref<Epoll>, operation: i32, fd: Value, events: u32) -> PyResult {
    let own = epoll.open(cx)?;
    let fd = file_descriptor(cx, fd)?;
    let mut event = libc::epoll_event { events, u64: fd as u64 };
    // SAFETY: the record is a local.
    match unsafe { libc::epoll_ctl(own, operation, fd, &mut event) } {
        0 => Ok(Value::NONE),
        _ => Err(last_error(cx)),
    }
}

fn events(cx: &Cx, value: Value) -> PyResult<u32> {
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value).map(u32::try_from) {
        Some(Ok(events)) => Ok(events),
        _ => Err(cx.overflow_error("Python int too large to convert to C unsigned int")),
    }
}

static REGISTER: Signature<2> = Signature::new("register", ["fd", "eventmask"]).required(1);
static MODIFY: Signature<2> = Signature::new("modify", ["fd", "eventmask"]).required(2);
static UNREGISTER: Signature<1> = Signature::new("unregister", ["fd"]).required(1);

fn register(cx: &Cx, epoll: Ref<Epoll>, args: Args<'_>) -> PyResult {
    let [fd, mask] = REGISTER.bind(cx, args)?;
    let default = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32;
    let mask = mask.map_or(Ok(default), |mask| events(cx, mask))?;
    control(cx, epoll, libc::EPOLL_CTL_ADD, fd.unwrap_or(Value::NONE), mask)
}

fn modify(cx: &Cx, epoll: Ref<Epoll>, args: Args<'_>) -> PyResult {
    let [fd, mask] = MODIFY.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    control(cx, epoll, libc::EPOLL_CTL_MOD, fd, events(cx, mask)?)
}

fn unregister(cx: &Cx, epoll: Ref<Epoll>, args: Args<'_>) -> PyResult {
    let [fd] = UNREGISTER.bind(cx, args)?;
    control(cx, epoll, libc::EPOLL_CTL_DEL, fd.unwrap_or(Value::NONE), 0)
}

static POLL: Signature<2> = Signature::new("poll", ["timeout", "maxevents"]);

fn poll(cx: &Cx, epoll: Ref<Epoll>, args: Args<'_>) -> PyResult {
    let [timeout, most] = POLL.bind(cx, args)?;
    let fd = epoll.open(cx)?;
    let deadline = match timeout.and_then(Value::not_none) {
        None => None,
        Some(timeout) => match nanoseconds(cx, timeout, Rounding::Ceiling)? {
            ..0 => None,
            timeout => Some(monotonic().saturating_add(timeout)),
        },
    };
    let most = match most.map_or(Ok(-1), |most| cx.c_int_argument(most))? {
        -1 => 1023,
        most @ 1.. => most,
        most => return Err(raise!(cx, ValueError, "maxevents must be greater than 0, got {most}")),
    };
    let mut found = vec![libc::epoll_event { events: 0, u64: 0 }; most.min(65_536) as usize];
    let count = loop {
        let (place, left) = (&mut found, milliseconds_left(deadline));
        // SAFETY: the vector has as many places as is said.
        let answer = cx
            .mutator()
            .detached(|| checked(unsafe { libc::epoll_wait(fd, place.as_mut_ptr(), place.len() as i32, left) }.into()));
        match answer {
            Ok(count) => break count as usize,
            Err(libc::EINTR) => cx.poll()?,
            Err(errno) => return Err(error(cx, errno)),
        }
    };
    let list = cx.new_list();
    for event in &found[..count] {
        let (fd, events) = (event.u64, event.events);
        list.push(cx, cx.new_tuple(&[Value::int(fd as i64), Value::int(events.into())]).value())?;
    }
    Ok(list.value())
}

fn get_closed(_cx: &Cx, epoll: Ref<Epoll>) -> PyResult {
    Ok(Value::bool(epoll.descriptor.load(Ordering::Relaxed) == 0))
}

/// `select.epoll`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "select",
    doc: "select.epoll(sizehint=-1, flags=0)\n\nAn object to register descriptors with and to wait for them, which the system keeps.",
    base: Some(&types::object::TYPE),
    slots: Slots { new: Some(new), finalize: Some(finalize), ..Slots::NONE },
    flags: TypeFlags::NONE,
    methods: &[
        Method::one("fromfd", fromfd, "fromfd($type, fd, /)\n--\n\nAn object of a descriptor.").on_class(),
        Method::none("close", close, "close($self, /)\n--\n\nClose the descriptor."),
        Method::none("fileno", fileno, "fileno($self, /)\n--\n\nThe descriptor."),
        Method::many(
            "modify",
            modify,
            "modify($self, /, fd, eventmask)\n--\n\nChange what a descriptor is watched for.",
        ),
        Method::many(
            "register",
            register,
            "register($self, /, fd,\n         eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)\n--\n\nWatch a descriptor for events.",
        ),
        Method::many("unregister", unregister, "unregister($self, /, fd)\n--\n\nWatch a descriptor no more."),
        Method::many(
            "poll",
            poll,
            "poll($self, /, timeout=None, maxevents=-1)\n--\n\nWait, for so many seconds at most; a list of pairs (descriptor, events).",
        ),
        Method::none("__enter__", enter, "__enter__($self, /)\n--\n\n"),
        Method::many("__exit__", exit, "__exit__($self, exc_type=None, exc_value=None, exc_tb=None, /)\n--\n\n"),
    ],
    attributes: &[GetSet::read_only("closed", get_closed, "True if the epoll handler is closed")],
    ..TypeDef::new("epoll", &LAYOUT)
};
