//! `time`: clocks, sleeping, and the calendar.

mod calendar;
mod clocks;

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;

use crate::libc_constants;
use crate::support::system::add_constants;

static CONSTANTS: &[(&str, i64)] = libc_constants![
    CLOCK_BOOTTIME CLOCK_MONOTONIC CLOCK_MONOTONIC_RAW CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME CLOCK_TAI
    CLOCK_THREAD_CPUTIME_ID
];

static FUNCTIONS: &[Method] = &[
    Method::none("time", clocks::time, "time($self, /)\n--\n\nSeconds since the Epoch, a float."),
    Method::none("time_ns", clocks::time_ns, "time_ns($self, /)\n--\n\nNanoseconds since the Epoch."),
    Method::one(
        "clock_gettime",
        clocks::clock_gettime,
        "clock_gettime($module, clk_id, /)\n--\n\nThe time of a clock, a float.",
    ),
    Method::one(
        "clock_gettime_ns",
        clocks::clock_gettime_ns,
        "clock_gettime_ns($module, clk_id, /)\n--\n\nThe time of a clock in nanoseconds.",
    ),
    Method::two("clock_settime", clocks::clock_settime, "clock_settime(clk_id, time)\n\nSet the time of a clock."),
    Method::two(
        "clock_settime_ns",
        clocks::clock_settime_ns,
        "clock_settime_ns(clk_id, time)\n\nSet the time of a clock in nanoseconds.",
    ),
    Method::one(
        "clock_getres",
        clocks::clock_getres,
        "clock_getres(clk_id) -> floating-point number\n\nThe resolution of a clock in seconds.",
    ),
    Method::one(
        "pthread_getcpuclockid",
        clocks::pthread_getcpuclockid,
        "pthread_getcpuclockid(thread_id) -> int\n\nThe clock of a thread's processor time.",
    ),
    Method::one(
        "sleep",
        clocks::sleep,
        "sleep($self, object, /)\n--\n\nsleep(seconds)\n\nWait for so many seconds, of which there may be fractions.",
    ),
    Method::optional(
        "gmtime",
        calendar::gmtime,
        "gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,\n                       tm_sec, tm_wday, tm_yday, tm_isdst)\n\nThe date and time of seconds since the Epoch (now by default) in UTC.",
    ),
    Method::optional(
        "localtime",
        calendar::localtime,
        "localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,\n                          tm_sec,tm_wday,tm_yday,tm_isdst)\n\nThe date and time of seconds since the Epoch (now by default) in local time.",
    ),
    Method::optional(
        "asctime",
        calendar::asctime,
        "asctime([tuple]) -> string\n\nA time tuple (now by default) as text, like 'Sat Jun 06 16:26:11 1998'.",
    ),
    Method::optional(
        "ctime",
        calendar::ctime,
        "ctime(seconds) -> string\n\nSeconds since the Epoch (now by default) as text in local time.",
    ),
    Method::one(
        "mktime",
        calendar::mktime,
        "mktime($self, object, /)\n--\n\nmktime(tuple) -> floating-point number\n\nSeconds since the Epoch of a time tuple in local time.",
    ),
    Method::many(
        "strftime",
        calendar::strftime,
        "strftime(format[, tuple]) -> string\n\nA time tuple (now by default) as text by a format.",
    ),
    Method::many(
        "strptime",
        calendar::strptime,
        "strptime(string, format) -> struct_time\n\nThe time tuple of a text by a format.",
    ),
    Method::none("tzset", calendar::tzset, "tzset($self, /)\n--\n\nTake the time zone from the environment's TZ anew."),
    Method::none(
        "monotonic",
        clocks::monotonic,
        "monotonic($self, /)\n--\n\nmonotonic() -> float\n\nA clock that never goes back.",
    ),
    Method::none(
        "monotonic_ns",
        clocks::monotonic_ns,
        "monotonic_ns($self, /)\n--\n\nmonotonic_ns() -> int\n\nA clock that never goes back, in nanoseconds.",
    ),
    Method::none(
        "process_time",
        clocks::process_time,
        "process_time($self, /)\n--\n\nprocess_time() -> float\n\nThe processor time of the process.",
    ),
    Method::none(
        "process_time_ns",
        clocks::process_time_ns,
        "process_time_ns($self, /)\n--\n\nprocess_time_ns() -> int\n\nThe processor time of the process in nanoseconds.",
    ),
    Method::none(
        "thread_time",
        clocks::thread_time,
        "thread_time($self, /)\n--\n\nthread_time() -> float\n\nThe processor time of the thread.",
    ),
    Method::none(
        "thread_time_ns",
        clocks::thread_time_ns,
        "thread_time_ns($self, /)\n--\n\nthread_time_ns() -> int\n\nThe processor time of the thread in nanoseconds.",
    ),
    Method::none(
        "perf_counter",
        clocks::monotonic,
        "perf_counter($self, /)\n--\n\nperf_counter() -> float\n\nThe clock of the highest resolution, to measure short times.",
    ),
    Method::none(
        "perf_counter_ns",
        clocks::monotonic_ns,
        "perf_counter_ns($self, /)\n--\n\nperf_counter_ns() -> int\n\nThe clock of the highest resolution in nanoseconds.",
    ),
    Method::one(
        "get_clock_info",
        clocks::get_clock_info,
        "get_clock_info(name: str) -> dict\n\nWhat is known of a clock.",
    ),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, CONSTANTS)?;
    cx.add_to_module(module, "_STRUCT_TM_ITEMS", Value::int(11))?;
    calendar::add_zone(cx, module)
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "time",
    doc: "Clocks, sleeping, and the calendar.\n\nTimes are seconds since the Epoch, the beginning of 1970 in UTC, or tuples of year,\nmonth, day, hour, minute, second, weekday, day of the year and whether it is summer\ntime.",
    functions: FUNCTIONS,
    types: &[&calendar::STRUCT_TIME],
    execute: Some(execute),
};
