//! Clocks and sleeping.

use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;

use crate::support::system::{Rounding, error, last_error, monotonic as monotonic_now, nanoseconds, timespec};

const BILLION: i64 = 1_000_000_000;

/// The time of a clock in nanoseconds; `None` if the system does not know the clock.
pub(super) fn read(clock: libc::clockid_t) -> Option<i128> {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the record is a local.
    match unsafe { libc::clock_gettime(clock, &mut now) } {
        0 => Some(i128::from(now.tv_sec) * i128::from(BILLION) + i128::from(now.tv_nsec)),
        _ => None,
    }
}

fn seconds_of(cx: &Cx, nanoseconds: i128) -> Value {
    // Whole seconds are exact; so is what is left, before it is added.
    let (whole, rest) = (nanoseconds.div_euclid(BILLION.into()), nanoseconds.rem_euclid(BILLION.into()));
    match rest {
        0 => cx.new_float(whole as f64),
        _ => cx.new_float(nanoseconds as f64 / BILLION as f64),
    }
}

fn clock_seconds(cx: &Cx, clock: libc::clockid_t) -> PyResult {
    read(clock).map(|now| seconds_of(cx, now)).ok_or(()).map_err(|()| last_error(cx))
}

fn clock_nanoseconds(cx: &Cx, clock: libc::clockid_t) -> PyResult {
    read(clock).map(|now| cx.new_int_from_i128(now)).ok_or(()).map_err(|()| last_error(cx))
}

macro_rules! clocks {
    ($($seconds:ident $nanoseconds:ident $clock:ident;)*) => {
        $(pub(super) fn $seconds(cx: &Cx, _module: Value) -> PyResult {
            clock_seconds(cx, libc::$clock)
        }

        pub(super) fn $nanoseconds(cx: &Cx, _module: Value) -> PyResult {
            clock_nanoseconds(cx, libc::$clock)
        })*
    };
}

clocks! {
    time time_ns CLOCK_REALTIME;
    monotonic monotonic_ns CLOCK_MONOTONIC;
    process_time process_time_ns CLOCK_PROCESS_CPUTIME_ID;
    thread_time thread_time_ns CLOCK_THREAD_CPUTIME_ID;
}

pub(super) fn clock_gettime(cx: &Cx, _module: Value, clock: Value) -> PyResult {
    clock_seconds(cx, cx.c_int_argument(clock)?)
}

pub(super) fn clock_gettime_ns(cx: &Cx, _module: Value, clock: Value) -> PyResult {
    clock_nanoseconds(cx, cx.c_int_argument(clock)?)
}

fn set(cx: &Cx, clock: i32, nanoseconds: i64) -> PyResult {
    // SAFETY: the record is a local.
    match unsafe { libc::clock_settime(clock, &timespec(nanoseconds)) } {
        0 => Ok(Value::NONE),
        _ => Err(last_error(cx)),
    }
}

pub(super) fn clock_settime(cx: &Cx, _module: Value, clock: Value, time: Value) -> PyResult {
    let clock = cx.c_int_argument(clock)?;
    set(cx, clock, nanoseconds(cx, time, Rounding::Floor)?)
}

pub(super) fn clock_settime_ns(cx: &Cx, _module: Value, clock: Value, time: Value) -> PyResult {
    let clock = cx.c_int_argument(clock)?;
    set(cx, clock, number::index_i64(cx, time)?)
}

fn resolution(clock: libc::clockid_t) -> Option<f64> {
    let mut step = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the record is a local.
    let known = unsafe { libc::clock_getres(clock, &mut step) } == 0;
    known.then_some(step.tv_sec as f64 + step.tv_nsec as f64 * 1e-9)
}

pub(super) fn clock_getres(cx: &Cx, _module: Value, clock: Value) -> PyResult {
    let clock = cx.c_int_argument(clock)?;
    resolution(clock).map(|step| cx.new_float(step)).ok_or(()).map_err(|()| last_error(cx))
}

pub(super) fn pthread_getcpuclockid(cx: &Cx, _module: Value, thread: Value) -> PyResult {
    let thread = number::index_i64(cx, thread)? as libc::pthread_t;
    let mut clock = 0;
    // SAFETY: the number is a local; that the thread lives is, as in every Python, the caller's promise.
    match unsafe { libc::pthread_getcpuclockid(thread, &mut clock) } {
        0 => Ok(Value::int(clock.into())),
        errno => Err(error(cx, errno)),
    }
}

/// Waits until the deadline has passed; signal handlers run meanwhile.
pub(super) fn sleep(cx: &Cx, _module: Value, seconds: Value) -> PyResult {
    let length = nanoseconds(cx, seconds, Rounding::Up)?;
    if length < 0 {
        return Err(cx.value_error("sleep length must be non-negative"));
    }
    let deadline = timespec(monotonic_now().saturating_add(length));
    loop {
        // SAFETY: the record is a local; what is left is not asked for.
        let answer = cx.mutator().detached(|| unsafe {
            libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &deadline, std::ptr::null_mut())
        });
        match answer {
            0 => return Ok(Value::NONE),
            libc::EINTR => cx.poll()?,
            errno => return Err(error(cx, errno)),
        }
    }
}

pub(super) fn get_clock_info(cx: &Cx, _module: Value, name: Value) -> PyResult {
    let name = cx.str_argument(name, "get_clock_info")?;
    let (implementation, clock, monotonic, adjustable) = match name.as_bytes() {
        b"time" => ("clock_gettime(CLOCK_REALTIME)", libc::CLOCK_REALTIME, false, true),
        b"monotonic" | b"perf_counter" => ("clock_gettime(CLOCK_MONOTONIC)", libc::CLOCK_MONOTONIC, true, false),
        b"process_time" => ("clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", libc::CLOCK_PROCESS_CPUTIME_ID, true, false),
        b"thread_time" => ("clock_gettime(CLOCK_THREAD_CPUTIME_ID)", libc::CLOCK_THREAD_CPUTIME_ID, true, false),
        _ => return Err(raise!(cx, ValueError, "unknown clock")),
    };
    let info: Ref<Dict> = cx.new_dict();
    let fields = [
        ("implementation", cx.new_str(implementation).value()),
        ("monotonic", Value::bool(monotonic)),
        ("adjustable", Value::bool(adjustable)),
        ("resolution", cx.new_float(resolution(clock).unwrap_or(1e-9))),
    ];
    for (name, value) in fields {
        info.set_name(cx, cx.intern_str(name), value)?;
    }
    Ok(cx.new_simple_namespace(info).value())
}
