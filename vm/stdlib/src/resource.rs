//! `resource`: limits of what the process may use, and what it has used.

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef, TypeDef};
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::module::Module;
use countless_vm::types::structseq::{self, field};

use crate::libc_constants;
use crate::support::system::{add_constants, errno, last_error};

static USAGE_LAYOUT: Layout = structseq::layout("struct_rusage");
static USAGE: TypeDef = structseq::definition(
    "resource",
    "struct_rusage",
    "struct_rusage: Result from getrusage.",
    &USAGE_LAYOUT,
    &[
        field::<0>("ru_utime", "user time used"),
        field::<1>("ru_stime", "system time used"),
        field::<2>("ru_maxrss", "max. resident set size"),
        field::<3>("ru_ixrss", "shared memory size"),
        field::<4>("ru_idrss", "unshared data size"),
        field::<5>("ru_isrss", "unshared stack size"),
        field::<6>("ru_minflt", "page faults not requiring I/O"),
        field::<7>("ru_majflt", "page faults requiring I/O"),
        field::<8>("ru_nswap", "number of swap outs"),
        field::<9>("ru_inblock", "block input operations"),
        field::<10>("ru_oublock", "block output operations"),
        field::<11>("ru_msgsnd", "IPC messages sent"),
        field::<12>("ru_msgrcv", "IPC messages received"),
        field::<13>("ru_nsignals", "signals received"),
        field::<14>("ru_nvcsw", "voluntary context switches"),
        field::<15>("ru_nivcsw", "involuntary context switches"),
    ],
    |cx, class| structseq::finish(cx, class, 16),
);

/// The result object of a C record.
pub fn usage_object(cx: &Cx, usage: &libc::rusage) -> PyResult {
    let time = |time: libc::timeval| cx.new_float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    let number = |number: i64| cx.new_int_from_i64(number);
    cx.new_struct_sequence(
        &USAGE,
        &[
            time(usage.ru_utime),
            time(usage.ru_stime),
            number(usage.ru_maxrss),
            number(usage.ru_ixrss),
            number(usage.ru_idrss),
            number(usage.ru_isrss),
            number(usage.ru_minflt),
            number(usage.ru_majflt),
            number(usage.ru_nswap),
            number(usage.ru_inblock),
            number(usage.ru_oublock),
            number(usage.ru_msgsnd),
            number(usage.ru_msgrcv),
            number(usage.ru_nsignals),
            number(usage.ru_nvcsw),
            number(usage.ru_nivcsw),
        ],
    )
}

fn getrusage(cx: &Cx, _module: Value, who: Value) -> PyResult {
    let who = cx.c_int_argument(who)?;
    // SAFETY: the record is plain numbers, for which zero is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the record is a local.
    if unsafe { libc::getrusage(who, &mut usage) } < 0 {
        return Err(if errno() == libc::EINVAL { cx.value_error("invalid who parameter") } else { last_error(cx) });
    }
    usage_object(cx, &usage)
}

fn resource_argument(cx: &Cx, value: Value) -> PyResult<u32> {
    match u32::try_from(cx.c_int_argument(value)?) {
        Ok(resource) if resource < 16 => Ok(resource),
        _ => Err(cx.value_error("invalid resource specified")),
    }
}

fn limit(cx: &Cx, limit: libc::rlim_t) -> Value {
    if limit == libc::RLIM_INFINITY { Value::int(-1) } else { cx.new_int_from_u64(limit) }
}

fn limits_object(cx: &Cx, limits: &libc::rlimit) -> Value {
    cx.new_tuple(&[limit(cx, limits.rlim_cur), limit(cx, limits.rlim_max)]).value()
}

fn limits_argument(cx: &Cx, value: Value) -> PyResult<libc::rlimit> {
    let pair = iter::to_tuple(cx, value)?;
    if pair.len() != 2 {
        return Err(cx.value_error("expected a tuple of 2 integers"));
    }
    let [soft, hard] = [pair.get(0), pair.get(1)];
    let (soft, hard) = (number::index_i64(cx, soft)?, number::index_i64(cx, hard)?);
    Ok(libc::rlimit { rlim_cur: soft as libc::rlim_t, rlim_max: hard as libc::rlim_t })
}

fn getrlimit(cx: &Cx, _module: Value, resource: Value) -> PyResult {
    let resource = resource_argument(cx, resource)?;
    let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the record is a local.
    match unsafe { libc::getrlimit(resource, &mut limits) } {
        0 => Ok(limits_object(cx, &limits)),
        _ => Err(last_error(cx)),
    }
}

fn setting_failed(cx: &Cx) -> countless_vm::runtime::error::Raised {
    match errno() {
        libc::EINVAL => cx.value_error("current limit exceeds maximum limit"),
        libc::EPERM => cx.value_error("not allowed to raise maximum limit"),
        _ => last_error(cx),
    }
}

fn setrlimit(cx: &Cx, _module: Value, resource: Value, limits: Value) -> PyResult {
    let resource = resource_argument(cx, resource)?;
    let limits = limits_argument(cx, limits)?;
    // SAFETY: the record is a local.
    match unsafe { libc::setrlimit(resource, &limits) } {
        0 => Ok(Value::NONE),
        _ => Err(setting_failed(cx)),
    }
}

fn prlimit(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [pid, resource, limits] = args.between::<3>(cx, "prlimit", 2)?;
    let pid = cx.c_int_argument(pid.unwrap_or(Value::NONE))?;
    let resource = resource_argument(cx, resource.unwrap_or(Value::NONE))?;
    let wanted = limits.and_then(Value::not_none).map(|limits| limits_argument(cx, limits)).transpose()?;
    let wanted = wanted.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let mut former = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the records are null or locals.
    match unsafe { libc::prlimit(pid, resource, wanted, &mut former) } {
        0 => Ok(limits_object(cx, &former)),
        _ if errno() == libc::EINVAL => Err(cx.value_error("current limit exceeds maximum limit")),
        _ => Err(last_error(cx)),
    }
}

fn getpagesize(_cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the call has no preconditions.
    Ok(Value::int(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }))
}

static CONSTANTS: &[(&str, i64)] = libc_constants![
    RLIMIT_AS RLIMIT_CORE RLIMIT_CPU RLIMIT_DATA RLIMIT_FSIZE RLIMIT_MEMLOCK RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_NOFILE
    RLIMIT_NPROC RLIMIT_RSS RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING RLIMIT_STACK RUSAGE_CHILDREN RUSAGE_SELF
    RUSAGE_THREAD
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    add_constants(cx, module, CONSTANTS)?;
    add_constants(cx, module, &[("RLIMIT_OFILE", libc::RLIMIT_NOFILE.into()), ("RLIM_INFINITY", -1)])?;
    cx.add_to_module(module, "error", cx.builtin_type(ExceptionKind::OSError.type_id()).value())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "resource",
    doc: "Limits of what the process may use, and what it has used.",
    functions: &[
        Method::one(
            "getrusage",
            getrusage,
            "getrusage($module, who, /)\n--\n\nWhat the process, its children or the thread have used.",
        ),
        Method::one(
            "getrlimit",
            getrlimit,
            "getrlimit($module, resource, /)\n--\n\nThe soft and hard limit of a resource.",
        ),
        Method::many(
            "prlimit",
            prlimit,
            "prlimit(pid, resource, [limits])\n\nSet the limits of a process; the former ones are returned.",
        ),
        Method::two(
            "setrlimit",
            setrlimit,
            "setrlimit($module, resource, limits, /)\n--\n\nSet the soft and hard limit of a resource.",
        ),
        Method::none("getpagesize", getpagesize, "getpagesize($module, /)\n--\n\nThe size of a page of memory."),
    ],
    types: &[&USAGE],
    execute: Some(execute),
};
