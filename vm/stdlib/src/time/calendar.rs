//! The calendar: broken-down times by the C library, which knows the time zones.

use std::ffi::{CStr, CString};

use countless_common::wtf8::Wtf8Buf;
use countless_vm::native::args::Args;
use countless_vm::native::definition::TypeDef;
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::float::as_f64;
use countless_vm::types::module::Module;
use countless_vm::types::structseq::{self, StructSequence, field};
use countless_vm::types::tuple::Tuple;

use super::clocks;
use crate::support::path::{encode_text, fs_decode};

static STRUCT_TIME_LAYOUT: Layout = structseq::layout("struct_time");
pub(super) static STRUCT_TIME: TypeDef = structseq::definition(
    "time",
    "struct_time",
    "A time as gmtime(), localtime(), and strptime() give it, and as asctime(), strftime()\nand mktime() take it: a tuple of nine numbers with names.",
    &STRUCT_TIME_LAYOUT,
    &[
        field::<0>("tm_year", "year, for example, 1993"),
        field::<1>("tm_mon", "month of year, range [1, 12]"),
        field::<2>("tm_mday", "day of month, range [1, 31]"),
        field::<3>("tm_hour", "hours, range [0, 23]"),
        field::<4>("tm_min", "minutes, range [0, 59]"),
        field::<5>("tm_sec", "seconds, range [0, 61])"),
        field::<6>("tm_wday", "day of week, range [0, 6], Monday is 0"),
        field::<7>("tm_yday", "day of year, range [1, 366]"),
        field::<8>("tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"),
        field::<9>("tm_zone", "abbreviation of timezone name"),
        field::<10>("tm_gmtoff", "offset from UTC in seconds"),
    ],
    |cx, class| structseq::finish(cx, class, 9),
);

/// A blank broken-down time.
fn blank() -> libc::tm {
    // SAFETY: numbers and a pointer, for which zero is valid.
    unsafe { std::mem::zeroed() }
}

/// Seconds since the Epoch of an argument; now by default.
fn epoch(cx: &Cx, value: Option<Value>) -> PyResult<libc::time_t> {
    let Some(value) = value.and_then(Value::not_none) else {
        let now = clocks::read(libc::CLOCK_REALTIME).unwrap_or(0);
        return Ok((now.div_euclid(1_000_000_000)) as libc::time_t);
    };
    let out_of_range = || cx.overflow_error("timestamp out of range for platform time_t");
    if let Some(seconds) = as_f64(cx, value) {
        if seconds.is_nan() {
            return Err(cx.value_error("Invalid value NaN (not a number)"));
        }
        let whole = seconds.floor();
        return match (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
            true => Ok(whole as libc::time_t),
            false => Err(out_of_range()),
        };
    }
    let value = number::index(cx, value)?;
    number::as_index_i64(cx, value).ok_or(()).map_err(|()| out_of_range())
}

fn zone_name(cx: &Cx, zone: *const libc::c_char) -> Value {
    if zone.is_null() {
        return cx.new_str("").value();
    }
    // SAFETY: the C library's zone names end with NUL, and stay until the zone changes.
    fs_decode(cx, unsafe { CStr::from_ptr(zone) }.to_bytes()).value()
}

/// The result object of a C record.
fn time_object(cx: &Cx, time: &libc::tm) -> PyResult {
    let number = |number: i32| Value::int(number.into());
    let values = [
        Value::int(i64::from(time.tm_year) + 1900),
        number(time.tm_mon + 1),
        number(time.tm_mday),
        number(time.tm_hour),
        number(time.tm_min),
        number(time.tm_sec),
        number((time.tm_wday + 6) % 7),
        number(time.tm_yday + 1),
        number(time.tm_isdst),
        zone_name(cx, time.tm_zone),
        Value::int(time.tm_gmtoff),
    ];
    cx.new_struct_sequence(&STRUCT_TIME, &values)
}

fn broken_down(cx: &Cx, seconds: libc::time_t, local: bool) -> PyResult<libc::tm> {
    let mut time = blank();
    // SAFETY: number and record are locals.
    let found =
        unsafe { if local { libc::localtime_r(&seconds, &mut time) } else { libc::gmtime_r(&seconds, &mut time) } };
    if found.is_null() { Err(crate::support::system::last_error(cx)) } else { Ok(time) }
}

pub(super) fn gmtime(cx: &Cx, _module: Value, seconds: Option<Value>) -> PyResult {
    time_object(cx, &broken_down(cx, epoch(cx, seconds)?, false)?)
}

pub(super) fn localtime(cx: &Cx, _module: Value, seconds: Option<Value>) -> PyResult {
    let time = broken_down(cx, epoch(cx, seconds)?, true)?;
    time_object(cx, &time)
}

/// A record of a time tuple, whose zone is not set.
fn time_argument(cx: &Cx, value: Value, function: &str) -> PyResult<libc::tm> {
    let Some(tuple) = value.downcast::<Tuple>(cx) else {
        return Err(cx.type_error("Tuple or struct_time argument required"));
    };
    if tuple.len() != 9 {
        return Err(raise!(cx, TypeError, "{function}(): illegal time tuple argument"));
    }
    let mut numbers = [0; 9];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = c_int(cx, tuple.get(index))?;
    }
    let [year, month, day, hour, minute, second, weekday, day_of_year, summer] = numbers;
    let Some(year) = year.checked_sub(1900) else { return Err(cx.overflow_error("year out of range")) };
    let mut time = blank();
    time.tm_year = year;
    time.tm_mon = month.wrapping_sub(1);
    time.tm_mday = day;
    time.tm_hour = hour;
    time.tm_min = minute;
    time.tm_sec = second;
    time.tm_wday = weekday.wrapping_add(1) % 7;
    time.tm_yday = day_of_year.wrapping_sub(1);
    time.tm_isdst = summer;
    Ok(time)
}

fn c_int(cx: &Cx, value: Value) -> PyResult<i32> {
    let value = number::index(cx, value)?;
    let int = number::as_index_i64(cx, value);
    match int.map(i32::try_from) {
        Some(Ok(int)) => Ok(int),
        Some(Err(_)) if int < Some(0) => Err(cx.overflow_error("signed integer is less than minimum")),
        Some(Err(_)) => Err(cx.overflow_error("signed integer is greater than maximum")),
        None => Err(cx.overflow_error("Python int too large to convert to C long")),
    }
}

/// Checks the parts of a time that `strftime` and `asctime` are given; some zeros stand for the least value.
fn check(cx: &Cx, time: &mut libc::tm) -> PyResult<()> {
    let bad = |what: &str| raise!(cx, ValueError, "{what} out of range");
    match time.tm_mon {
        -1 => time.tm_mon = 0,
        0..12 => {}
        _ => return Err(bad("month")),
    }
    match time.tm_mday {
        0 => time.tm_mday = 1,
        1..=31 => {}
        _ => return Err(bad("day of month")),
    }
    if !(0..24).contains(&time.tm_hour) {
        return Err(bad("hour"));
    }
    if !(0..60).contains(&time.tm_min) {
        return Err(bad("minute"));
    }
    if !(0..=61).contains(&time.tm_sec) {
        return Err(bad("seconds"));
    }
    if time.tm_wday < 0 {
        return Err(bad("day of week"));
    }
    match time.tm_yday {
        -1 => time.tm_yday = 0,
        0..366 => {}
        _ => return Err(bad("day of year")),
    }
    Ok(())
}

/// The time of an optional argument, checked; the local time now by default.
fn given_or_now(cx: &Cx, value: Option<Value>, function: &str) -> PyResult<libc::tm> {
    match value {
        None => broken_down(cx, epoch(cx, None)?, true),
        Some(value) => {
            let mut time = time_argument(cx, value, function)?;
            if value.downcast::<StructSequence>(cx).is_some() {
                let offset = cx.get_attribute_optional(value, cx.intern_str("tm_gmtoff"))?;
                time.tm_gmtoff = offset.and_then(Value::as_small_int).unwrap_or(0);
            }
            check(cx, &mut time)?;
            Ok(time)
        }
    }
}

fn as_text(cx: &Cx, time: &libc::tm) -> PyResult {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = DAYS.get(time.tm_wday as usize % 7).copied().unwrap_or("???");
    let month = MONTHS.get(time.tm_mon as usize).copied().unwrap_or("???");
    let year = i64::from(time.tm_year) + 1900;
    let text =
        format!("{day} {month}{:3} {:02}:{:02}:{:02} {year}", time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec);
    Ok(cx.new_str(&text).value())
}

pub(super) fn asctime(cx: &Cx, _module: Value, tuple: Option<Value>) -> PyResult {
    as_text(cx, &given_or_now(cx, tuple, "asctime")?)
}

pub(super) fn ctime(cx: &Cx, _module: Value, seconds: Option<Value>) -> PyResult {
    let time = broken_down(cx, epoch(cx, seconds)?, true)?;
    as_text(cx, &time)
}

pub(super) fn mktime(cx: &Cx, _module: Value, tuple: Value) -> PyResult {
    let mut time = time_argument(cx, tuple, "mktime")?;
    // The C library sets it if the time is one at all.
    time.tm_wday = -1;
    // SAFETY: the record is a local.
    let seconds = unsafe { libc::mktime(&mut time) };
    if seconds == -1 && time.tm_wday == -1 {
        return Err(cx.overflow_error("mktime argument out of range"));
    }
    Ok(cx.new_float(seconds as f64))
}

/// One piece of a format, without NULs.
fn format_piece(cx: &Cx, piece: &[u8], time: &libc::tm) -> PyResult<Vec<u8>> {
    if piece.is_empty() {
        return Ok(Vec::new());
    }
    let Ok(format) = CString::new(piece) else { return Err(cx.value_error("embedded null character")) };
    let mut size = 1024;
    loop {
        let mut buffer = vec![0u8; size];
        // SAFETY: the buffer has the length that is passed; the format ends with NUL; the record is whole, its zone null or
        // a string of the C library.
        let length = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), size, format.as_ptr(), time) };
        if length > 0 || size >= 256 * piece.len().max(4) {
            buffer.truncate(length);
            return Ok(buffer);
        }
        size *= 2;
    }
}

pub(super) fn strftime(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [format, tuple] = args.between::<2>(cx, "strftime", 1)?;
    let format = cx.str_argument_at(format.unwrap_or(Value::NONE), "strftime", 1)?;
    let mut time = given_or_now(cx, tuple, "strftime")?;
    time.tm_isdst = time.tm_isdst.clamp(-1, 1);
    if tuple.is_some() && time.tm_zone.is_null() {
        // The zone's name by the tuple's summer time, as the C library has it.
        let mut copy = time;
        // SAFETY: the record is a local.
        unsafe { libc::mktime(&mut copy) };
        time.tm_zone = copy.tm_zone;
        if time.tm_gmtoff == 0 {
            time.tm_gmtoff = copy.tm_gmtoff;
        }
    }
    let bytes = encode_text(cx, format).or_else(|raised| {
        // Surrogates that no file name has: they pass as they are.
        cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::UnicodeError)?;
        Ok(format.as_bytes().to_vec())
    })?;
    let mut out = Vec::new();
    for (index, piece) in bytes.split(|&byte| byte == 0).enumerate() {
        if index > 0 {
            out.push(0);
        }
        out.extend_from_slice(&format_piece(cx, piece, &time)?);
    }
    let escaped = out.clone();
    let text = match Wtf8Buf::from_bytes(out) {
        Some(text) => cx.new_str_wtf8(&text),
        // A byte that came from an escaped one.
        None => return Ok(fs_decode(cx, &escaped).value()),
    };
    Ok(text.value())
}

pub(super) fn strptime(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let function = cx.import_attribute("_strptime", "_strptime_time")?;
    cx.call_args(function, args)
}

/// The zone's offset from UTC in seconds west, and its name, at a time.
fn zone_at(seconds: libc::time_t) -> (i64, *const libc::c_char, bool) {
    let mut time = blank();
    // SAFETY: number and record are locals.
    unsafe { libc::localtime_r(&seconds, &mut time) };
    (-time.tm_gmtoff, time.tm_zone, time.tm_isdst > 0)
}

/// Sets `timezone`, `altzone`, `daylight` and `tzname`.
pub(super) fn add_zone(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    unsafe extern "C" {
        fn tzset();
    }
    // SAFETY: the call has no preconditions beyond a stable environment.
    unsafe { tzset() };
    // January and July of this year differ where there is summer time; south of the equator January has it.
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    let now = clocks::read(libc::CLOCK_REALTIME).unwrap_or(0).div_euclid(1_000_000_000) as i64;
    let january = now / YEAR * YEAR;
    let (winter, summer) = (zone_at(january), zone_at(january + YEAR / 2));
    let (standard, other) = if winter.0 < summer.0 { (summer, winter) } else { (winter, summer) };
    cx.add_to_module(module, "timezone", Value::int(standard.0))?;
    cx.add_to_module(module, "altzone", Value::int(other.0))?;
    cx.add_to_module(module, "daylight", Value::int(i64::from(standard.0 != other.0)))?;
    let names = [zone_name(cx, standard.1), zone_name(cx, other.1)];
    cx.add_to_module(module, "tzname", cx.new_tuple(&names).value())
}

pub(super) fn tzset(cx: &Cx, module: Ref<Module>) -> PyResult {
    add_zone(cx, module)?;
    Ok(Value::NONE)
}
