//! `select`: waiting for files to be ready.

mod epoll;
mod poll;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::tuple::Tuple;

use crate::support::system::{Rounding, add_constants, checked, error, file_descriptor, monotonic, nanoseconds};

static CONSTANTS: &[(&str, i64)] = &[
    ("EPOLLERR", 8),
    ("EPOLLET", 2147483648),
    ("EPOLLEXCLUSIVE", 268435456),
    ("EPOLLHUP", 16),
    ("EPOLLIN", 1),
    ("EPOLLMSG", 1024),
    ("EPOLLONESHOT", 1073741824),
    ("EPOLLOUT", 4),
    ("EPOLLPRI", 2),
    ("EPOLLRDBAND", 128),
    ("EPOLLRDHUP", 8192),
    ("EPOLLRDNORM", 64),
    ("EPOLLWAKEUP", 536870912),
    ("EPOLLWRBAND", 512),
    ("EPOLLWRNORM", 256),
    ("EPOLL_CLOEXEC", 524288),
    ("PIPE_BUF", 4096),
    ("POLLERR", 8),
    ("POLLHUP", 16),
    ("POLLIN", 1),
    ("POLLMSG", 1024),
    ("POLLNVAL", 32),
    ("POLLOUT", 4),
    ("POLLPRI", 2),
    ("POLLRDBAND", 128),
    ("POLLRDHUP", 8192),
    ("POLLRDNORM", 64),
    ("POLLWRBAND", 512),
    ("POLLWRNORM", 256),
];

/// What is left until a deadline, in whole milliseconds, rounded up; -1 without one.
fn milliseconds_left(deadline: Option<i64>) -> i32 {
    match deadline {
        None => -1,
        Some(deadline) => {
            let left = deadline.saturating_sub(monotonic()).max(0);
            i32::try_from((left + 999_999) / 1_000_000).unwrap_or(i32::MAX)
        }
    }
}

/// Waits for descriptors to be ready: how many are.
pub(crate) fn wait(cx: &Cx, descriptors: &mut [libc::pollfd], deadline: Option<i64>) -> PyResult<usize> {
    loop {
        let left = milliseconds_left(deadline);
        let count = descriptors.len();
        let place = &mut *descriptors;
        // SAFETY: the slice has as many records as is said.
        let answer = cx
            .mutator()
            .detached(|| checked(unsafe { libc::poll(place.as_mut_ptr(), count as libc::nfds_t, left).into() }));
        match answer {
            Ok(0) if deadline.is_none_or(|deadline| monotonic() < deadline) => cx.poll()?,
            Ok(count) => return Ok(count as usize),
            Err(libc::EINTR) => {
                cx.poll()?;
                if deadline.is_some_and(|deadline| monotonic() >= deadline) {
                    return Ok(0);
                }
            }
            Err(errno) => return Err(error(cx, errno)),
        }
    }
}

const SET_SIZE: i32 = libc::FD_SETSIZE as i32;

/// The objects of a sequence with their descriptors.
fn descriptors(cx: &Cx, value: Value) -> PyResult<(Ref<Tuple>, Vec<i32>)> {
    if cx.type_of(value).slots.iter().is_none() && cx.type_of(value).slots.subscript().is_none() {
        return Err(cx.type_error("arguments 1-3 must be sequences"));
    }
    let objects = iter::to_tuple(cx, value)?;
    let mut fds = Vec::new();
    for object in objects.iter() {
        let fd = file_descriptor(cx, object)?;
        if fd >= SET_SIZE {
            return Err(cx.value_error("filedescriptor out of range in select()"));
        }
        fds.push(fd);
    }
    Ok((objects, fds))
}

fn select(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [read, write, except, timeout] = args.between::<4>(cx, "select", 3)?;
    let deadline = match timeout.and_then(Value::not_none) {
        None => None,
        Some(timeout) => {
            let is_number = countless_vm::types::float::as_f64(cx, timeout).is_some() || number::is_index(cx, timeout);
            if !is_number {
                return Err(cx.type_error("timeout must be a float or None"));
            }
            match nanoseconds(cx, timeout, Rounding::Up)? {
                ..0 => return Err(cx.value_error("timeout must be non-negative")),
                timeout => Some(monotonic().saturating_add(timeout)),
            }
        }
    };
    let [read, write, except] = [read, write, except].map(|value| value.unwrap_or(Value::NONE));
    let (read, write, except) = (descriptors(cx, read)?, descriptors(cx, write)?, descriptors(cx, except)?);
    let objects = [read.0, write.0, except.0];
    let sets = [read.1, write.1, except.1];
    // What select calls ready, in poll's words.
    const ASKED: [i16; 3] = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
    const READY: [i16; 3] = [
        libc::POLLIN | libc::POLLRDNORM | libc::POLLHUP | libc::POLLERR,
        libc::POLLOUT | libc::POLLWRNORM | libc::POLLERR,
        libc::POLLPRI,
    ];
    let mut records = Vec::new();
    for (set, events) in sets.iter().zip(ASKED) {
        records.extend(set.iter().map(|&fd| libc::pollfd { fd, events, revents: 0 }));
    }
    wait(cx, &mut records, deadline)?;
    if records.iter().any(|record| record.revents & libc::POLLNVAL != 0) {
        return Err(error(cx, libc::EBADF));
    }
    let results = [cx.new_list(), cx.new_list(), cx.new_list()];
    let mut at = 0;
    for (index, list) in results.iter().enumerate() {
        let values = objects[index];
        for (position, _) in sets[index].iter().enumerate() {
            if records[at].revents & READY[index] != 0
                && let Some(value) = values.item(position)
            {
                list.push(cx, value)?;
            }
            at += 1;
        }
    }
    Ok(cx.new_tuple(&results.map(Ref::value)).value())
}

/// A mask of events: an unsigned short.
fn mask(cx: &Cx, value: Option<Value>, default: i16) -> PyResult<i16> {
    let Some(value) = value else { return Ok(default) };
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value) {
        Some(..0) => Err(cx.value_error("Cannot convert negative int")),
        Some(mask @ 0..=0xffff) => Ok(mask as u16 as i16),
        _ => Err(cx.overflow_error("Python int too large for C unsigned short")),
    }
}

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, CONSTANTS)?;
    cx.add_to_module(module, "error", cx.builtin_type(ExceptionKind::OSError.type_id()).value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "select",
    doc: "Waiting for files to be ready to read from or write to.",
    functions: &[
        Method::many(
            "select",
            select,
            "select($module, rlist, wlist, xlist, timeout=None, /)\n--\n\nWait until one or more files are ready.\n\nThe lists are of descriptors or of objects with fileno(): to read from, to write to,\nand to watch for exceptional conditions. The result is three lists of those that are\nready, all empty if the timeout in seconds has passed.",
        ),
        Method::none(
            "poll",
            poll::new,
            "poll($module, /)\n--\n\nAn object to register descriptors with and to wait for them.",
        ),
    ],
    types: &[&epoll::TYPE],
    execute: Some(execute),
};
