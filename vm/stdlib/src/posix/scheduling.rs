//! Scheduling, pseudo-terminals, timers.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::TypeDef;
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::structseq::{self, field};
use countless_vm::types::type_object::TypeObject;

use super::process::pid;
use crate::support::native::optional_int;
use crate::support::path::fs_decode;
use crate::support::system::{Rounding, error, file_descriptor, nanoseconds, quick, timespec};

static PARAM_LAYOUT: Layout = structseq::layout("sched_param");
pub(super) static SCHED_PARAM: TypeDef = {
    let definition = structseq::definition(
        "posix",
        "sched_param",
        "sched_param(sched_priority)\n--\n\nThe parameters of a scheduling policy.",
        &PARAM_LAYOUT,
        &[field::<0>("sched_priority", "the scheduling priority")],
        |cx, class| structseq::finish(cx, class, 1),
    );
    TypeDef { slots: Slots { new: Some(new_param), ..definition.slots }, ..definition }
};

static PARAM_NEW: Signature<1> = Signature::new("sched_param", ["sched_priority"]).required(1);

fn new_param(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [priority] = PARAM_NEW.bind(cx, args)?;
    cx.new_struct_sequence(&SCHED_PARAM, &[priority.unwrap_or(Value::NONE)])
}

/// The C record of a `sched_param`.
pub(super) fn param(cx: &Cx, value: Value) -> PyResult<libc::sched_param> {
    let class = countless_vm::runtime::bootstrap::native_type(cx, &SCHED_PARAM)?;
    if cx.type_of(value) != class {
        return Err(cx.type_error("must have a sched_param object"));
    }
    let priority = cx.get_attribute(value, cx.intern_str("sched_priority"))?;
    let priority = number::index_i64(cx, priority)?;
    match i32::try_from(priority) {
        Ok(sched_priority) => Ok(libc::sched_param { sched_priority }),
        Err(_) => Err(cx.overflow_error("sched_priority out of range")),
    }
}

static PRIORITY_MAX: Signature<1> = Signature::new("sched_get_priority_max", ["policy"]).required(1);
static PRIORITY_MIN: Signature<1> = Signature::new("sched_get_priority_min", ["policy"]).required(1);

pub(super) fn sched_get_priority_max(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let policy = cx.c_int_argument(PRIORITY_MAX.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::sched_get_priority_max(policy) }.into())?))
}

pub(super) fn sched_get_priority_min(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let policy = cx.c_int_argument(PRIORITY_MIN.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::sched_get_priority_min(policy) }.into())?))
}

pub(super) fn sched_yield(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the call has no preconditions.
    quick(cx, cx.mutator().detached(|| unsafe { libc::sched_yield() }).into())?;
    Ok(Value::NONE)
}

pub(super) fn sched_getscheduler(cx: &Cx, _module: Value, process: Value) -> PyResult {
    let process = pid(cx, Some(process))?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::sched_getscheduler(process) }.into())?))
}

pub(super) fn sched_setscheduler(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [process, policy, parameters] = args.exactly::<3>(cx, "sched_setscheduler")?;
    let (process, policy, parameters) = (pid(cx, Some(process))?, cx.c_int_argument(policy)?, param(cx, parameters)?);
    // SAFETY: the record is a local.
    quick(cx, unsafe { libc::sched_setscheduler(process, policy, &parameters) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn sched_getparam(cx: &Cx, _module: Value, process: Value) -> PyResult {
    let process = pid(cx, Some(process))?;
    let mut parameters = libc::sched_param { sched_priority: 0 };
    // SAFETY: the record is a local.
    quick(cx, unsafe { libc::sched_getparam(process, &mut parameters) }.into())?;
    cx.new_struct_sequence(&SCHED_PARAM, &[Value::int(parameters.sched_priority.into())])
}

pub(super) fn sched_setparam(cx: &Cx, _module: Value, process: Value, parameters: Value) -> PyResult {
    let (process, parameters) = (pid(cx, Some(process))?, param(cx, parameters)?);
    // SAFETY: the record is a local.
    quick(cx, unsafe { libc::sched_setparam(process, &parameters) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn sched_rr_get_interval(cx: &Cx, _module: Value, process: Value) -> PyResult {
    let process = pid(cx, Some(process))?;
    let mut interval = timespec(0);
    // SAFETY: the record is a local.
    quick(cx, unsafe { libc::sched_rr_get_interval(process, &mut interval) }.into())?;
    Ok(cx.new_float(interval.tv_sec as f64 + interval.tv_nsec as f64 * 1e-9))
}

/// The words of a set of processors.
const WORDS: usize = 128;

pub(super) fn sched_getaffinity(cx: &Cx, _module: Value, process: Value) -> PyResult {
    let process = pid(cx, Some(process))?;
    let mut mask = [0u64; WORDS];
    // SAFETY: the array has the size that is passed.
    quick(cx, unsafe { libc::sched_getaffinity(process, size_of_val(&mask), mask.as_mut_ptr().cast()) }.into())?;
    let list = cx.new_list();
    for (index, word) in mask.iter().enumerate() {
        for bit in (0..64).filter(|bit| word >> bit & 1 == 1) {
            list.push(cx, Value::length(index * 64 + bit))?;
        }
    }
    cx.call(cx.builtin_type(countless_vm::types::ids::SET).value(), &[list.value()])
}

pub(super) fn sched_setaffinity(cx: &Cx, _module: Value, process: Value, processors: Value) -> PyResult {
    let process = pid(cx, Some(process))?;
    let mut mask = [0u64; WORDS];
    iter::for_each(cx, processors, |processor| {
        if !countless_vm::types::int::is_int(cx, processor) {
            let class = processor.class_name(cx);
            return Err(raise!(cx, TypeError, "expected an iterator of ints, but iterator yielded {class}"));
        }
        match number::index_i64(cx, processor)? {
            ..0 => Err(cx.value_error("negative CPU number")),
            processor => match mask.get_mut(processor as usize / 64) {
                Some(word) => {
                    *word |= 1 << (processor % 64);
                    Ok(())
                }
                None => Err(cx.overflow_error("CPU number too large")),
            },
        }
    })?;
    // SAFETY: the array has the size that is passed.
    quick(cx, unsafe { libc::sched_setaffinity(process, size_of_val(&mask), mask.as_ptr().cast()) }.into())?;
    Ok(Value::NONE)
}

// ---- terminals

pub(super) fn openpty(cx: &Cx, _module: Value) -> PyResult {
    let (mut controller, mut other) = (-1, -1);
    // SAFETY: the numbers are locals; the rest is left out.
    unsafe {
        let answer =
            libc::openpty(&mut controller, &mut other, std::ptr::null_mut(), std::ptr::null(), std::ptr::null());
        quick(cx, answer.into())?;
        for fd in [controller, other] {
            libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
    Ok(cx.new_tuple(&[Value::int(controller.into()), Value::int(other.into())]).value())
}

pub(super) fn login_tty(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    // SAFETY: what the program does with its descriptors is its own business.
    quick(cx, unsafe { libc::login_tty(fd) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn posix_openpt(cx: &Cx, _module: Value, flags: Value) -> PyResult {
    let flags = cx.c_int_argument(flags)?;
    // SAFETY: the calls have no preconditions.
    let fd = quick(cx, unsafe { libc::posix_openpt(flags) }.into())?;
    // SAFETY: as above.
    unsafe { libc::fcntl(fd as i32, libc::F_SETFD, libc::FD_CLOEXEC) };
    Ok(Value::int(fd))
}

pub(super) fn grantpt(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::grantpt(fd) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn unlockpt(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::unlockpt(fd) }.into())?;
    Ok(Value::NONE)
}

/// A name that a call writes to a buffer; the call's answer is an error number.
fn name_by(cx: &Cx, call: impl FnOnce(*mut libc::c_char, usize) -> i32) -> PyResult {
    let mut buffer = [0u8; 4096];
    match call(buffer.as_mut_ptr().cast(), buffer.len()) {
        0 => {
            let end = buffer.iter().position(|&byte| byte == 0).unwrap_or(0);
            Ok(fs_decode(cx, &buffer[..end]).value())
        }
        errno => Err(error(cx, errno)),
    }
}

pub(super) fn ptsname(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    // SAFETY: the buffer has the length that is passed.
    name_by(cx, |buffer, length| unsafe { libc::ptsname_r(fd, buffer, length) })
}

pub(super) fn ttyname(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    // SAFETY: the buffer has the length that is passed.
    name_by(cx, |buffer, length| unsafe { libc::ttyname_r(fd, buffer, length) })
}

pub(super) fn tcgetpgrp(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::tcgetpgrp(fd) }.into())?))
}

pub(super) fn tcsetpgrp(cx: &Cx, _module: Value, fd: Value, group: Value) -> PyResult {
    let (fd, group) = (cx.c_int_argument(fd)?, cx.c_int_argument(group)?);
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::tcsetpgrp(fd, group) }.into())?;
    Ok(Value::NONE)
}

// ---- timers

pub(super) fn timerfd_create(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    static SIGNATURE: Signature<2> =
        Signature::new("timerfd_create", ["", "flags"]).required(1).positional_only(1).keyword_only_from(1);
    let [clock, flags] = SIGNATURE.bind(cx, args)?;
    let clock = cx.c_int_argument(clock.unwrap_or(Value::NONE))?;
    let flags = optional_int(cx, flags, libc::TFD_CLOEXEC)?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::timerfd_create(clock, flags) }.into())?))
}

fn timer_object(cx: &Cx, timer: &libc::itimerspec, exact: bool) -> Value {
    let show = |time: &libc::timespec| match exact {
        true => cx.new_int_from_i128(i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)),
        false => cx.new_float(time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9),
    };
    cx.new_tuple(&[show(&timer.it_value), show(&timer.it_interval)]).value()
}

fn get_timer(cx: &Cx, fd: Value, exact: bool) -> PyResult {
    let fd = file_descriptor(cx, fd)?;
    let mut timer = libc::itimerspec { it_interval: timespec(0), it_value: timespec(0) };
    // SAFETY: the record is a local.
    quick(cx, unsafe { libc::timerfd_gettime(fd, &mut timer) }.into())?;
    Ok(timer_object(cx, &timer, exact))
}

pub(super) fn timerfd_gettime(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    get_timer(cx, fd, false)
}

pub(super) fn timerfd_gettime_ns(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    get_timer(cx, fd, true)
}

fn set_timer(cx: &Cx, args: Args<'_>, function: &'static str, exact: bool) -> PyResult {
    let signature: Signature<4> = Signature::new(function, ["", "flags", "initial", "interval"])
        .required(1)
        .positional_only(1)
        .keyword_only_from(1);
    let [fd, flags, initial, interval] = signature.bind(cx, args)?;
    let fd = file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let flags = optional_int(cx, flags, 0)?;
    let time = |value: Option<Value>| match value {
        None => Ok(timespec(0)),
        Some(value) if exact => number::index_i64(cx, value).map(timespec),
        Some(value) => nanoseconds(cx, value, Rounding::Floor).map(timespec),
    };
    let timer = libc::itimerspec { it_interval: time(interval)?, it_value: time(initial)? };
    let mut former = libc::itimerspec { it_interval: timespec(0), it_value: timespec(0) };
    // SAFETY: the records are locals.
    quick(cx, unsafe { libc::timerfd_settime(fd, flags, &timer, &mut former) }.into())?;
    Ok(timer_object(cx, &former, exact))
}

pub(super) fn timerfd_settime(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    set_timer(cx, args, "timerfd_settime", false)
}

pub(super) fn timerfd_settime_ns(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    set_timer(cx, args, "timerfd_settime_ns", true)
}
