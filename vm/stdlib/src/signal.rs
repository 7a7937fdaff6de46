//! `_signal`.
//!
//! Python's handlers are in the VM's table (`runtime::signal`): callables, or the numbers 0 (`SIG_DFL`) and 1 (`SIG_IGN`).

use std::time::Duration;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef, TypeDef};
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::runtime::signal::{self, SIGNALS};
use countless_vm::runtime::thread::current_ident;
use countless_vm::types::exception::raise_os_error;
use countless_vm::types::module::Module;
use countless_vm::types::structseq::{self, field};

use crate::support::system::{Rounding, checked, monotonic, nanoseconds, timespec};

const DEFAULT: i64 = 0;
const IGNORE: i64 = 1;

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

fn os_error(cx: &Cx) -> Raised {
    raise_os_error(cx, errno(), None, None)
}

fn signal_number(cx: &Cx, value: Value) -> PyResult<i32> {
    let number = cx.c_int_argument(value)?;
    if (1..SIGNALS as i32).contains(&number) {
        return Ok(number);
    }
    Err(cx.value_error("signal number out of range"))
}

/// What the system does with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disposition {
    Default,
    Ignore,
    Handled,
}

fn set_disposition(cx: &Cx, number: i32, disposition: Disposition) -> PyResult<()> {
    let handler = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
        Disposition::Handled => signal::c_handler as *const () as libc::sighandler_t,
    };
    // SAFETY: the structure is initialised in full; the handler is async-signal-safe.
    let failed = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        libc::sigemptyset(&mut action.sa_mask);
        libc::sigaction(number, &action, std::ptr::null_mut()) != 0
    };
    if failed { Err(os_error(cx)) } else { Ok(()) }
}

/// What the system does with a signal now; `None` if that cannot be known.
fn disposition(number: i32) -> Option<Disposition> {
    // SAFETY: the structure is written by the call.
    let (failed, handler) = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let failed = libc::sigaction(number, std::ptr::null(), &mut action) != 0;
        (failed, action.sa_sigaction)
    };
    if failed {
        return None;
    }
    Some(match handler {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignore,
        _ => Disposition::Handled,
    })
}

fn is_main_thread() -> bool {
    signal::main_ident() == current_ident()
}

fn set_signal(cx: &Cx, _module: Ref<Module>, number: Value, handler: Value) -> PyResult {
    if !is_main_thread() {
        return Err(cx.value_error("signal only works in main thread of the main interpreter"));
    }
    let number = signal_number(cx, number)?;
    let disposition = match number::as_index_i64(cx, handler) {
        Some(DEFAULT) => Disposition::Default,
        Some(IGNORE) => Disposition::Ignore,
        _ if cx.type_of(handler).slots.call().is_some() => Disposition::Handled,
        _ => return Err(cx.type_error("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")),
    };
    // What has arrived belongs to the old handler.
    cx.poll()?;
    set_disposition(cx, number, disposition)?;
    Ok(cx.vm().signals.replace(cx, number as usize, Some(handler)).unwrap_or(Value::NONE))
}

fn getsignal(cx: &Cx, _module: Ref<Module>, number: Value) -> PyResult {
    let number = signal_number(cx, number)?;
    Ok(cx.vm().signals.get(number as usize).unwrap_or(Value::NONE))
}

fn default_int_handler(cx: &Cx, _module: Value, _args: Args<'_>) -> PyResult {
    Err(cx.raise_with_args(countless_vm::exceptions::ExceptionKind::KeyboardInterrupt, &[]))
}

fn raise_signal(cx: &Cx, _module: Value, number: Value) -> PyResult {
    let number = cx.c_int_argument(number)?;
    // SAFETY: takes a number.
    if unsafe { libc::raise(number) } != 0 {
        return Err(os_error(cx));
    }
    cx.poll()?;
    Ok(Value::NONE)
}

fn alarm(cx: &Cx, _module: Value, seconds: Value) -> PyResult {
    let seconds = cx.c_int_argument(seconds)?;
    // SAFETY: takes a number.
    Ok(Value::int(i64::from(unsafe { libc::alarm(seconds as u32) })))
}

fn pause(cx: &Cx, _module: Value) -> PyResult {
    cx.mutator().detached(|| {
        // SAFETY: waits; no arguments.
        unsafe { libc::pause() };
    });
    cx.poll()?;
    Ok(Value::NONE)
}

fn strsignal(cx: &Cx, _module: Value, number: Value) -> PyResult {
    let number = signal_number(cx, number)?;
    // SAFETY: the answer is null or a string of the C library, copied at once.
    let text = unsafe {
        let text = libc::strsignal(number);
        if text.is_null() {
            return Ok(Value::NONE);
        }
        std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()
    };
    if text.starts_with("Unknown signal") {
        return Ok(Value::NONE);
    }
    Ok(cx.new_str(&text).value())
}

static SET_WAKEUP: Signature<2> =
    Signature::new("set_wakeup_fd", ["fd", "warn_on_full_buffer"]).required(1).positional_only(1).keyword_only_from(1);

fn set_wakeup_fd(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [descriptor, warn] = SET_WAKEUP.bind(cx, args)?;
    let descriptor = cx.c_int_argument(descriptor.unwrap_or(Value::NONE))?;
    if !is_main_thread() {
        return Err(cx.value_error("set_wakeup_fd only works in main thread of the main interpreter"));
    }
    if descriptor != -1 {
        // SAFETY: only asks about a descriptor.
        let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
        if flags < 0 {
            return Err(os_error(cx));
        }
        if flags & libc::O_NONBLOCK == 0 {
            return Err(raise!(cx, ValueError, "the fd {descriptor} must be in non-blocking mode"));
        }
    }
    let warn = warn.map_or(Ok(true), |warn| countless_vm::object::protocol::object::is_true(cx, warn))?;
    Ok(Value::int(i64::from(signal::set_wakeup_fd(descriptor, warn))))
}

fn siginterrupt(cx: &Cx, _module: Value, number: Value, flag: Value) -> PyResult {
    let (number, flag) = (signal_number(cx, number)?, cx.c_int_argument(flag)?);
    // SAFETY: changes only the restart flag of the handler that is there.
    let failed = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(number, std::ptr::null(), &mut action);
        action.sa_flags =
            if flag != 0 { action.sa_flags & !libc::SA_RESTART } else { action.sa_flags | libc::SA_RESTART };
        libc::sigaction(number, &action, std::ptr::null_mut()) != 0
    };
    if failed { Err(os_error(cx)) } else { Ok(Value::NONE) }
}

fn pthread_kill(cx: &Cx, _module: Value, thread: Value, number: Value) -> PyResult {
    let (thread, number) = (number::index_i64(cx, thread)?, cx.c_int_argument(number)?);
    // SAFETY: as in C, the caller answers for the thread being alive.
    let error = unsafe { libc::pthread_kill(thread as libc::pthread_t, number) };
    if error != 0 {
        return Err(raise_os_error(cx, error, None, None));
    }
    cx.poll()?;
    Ok(Value::NONE)
}

fn set_of(cx: &Cx, numbers: Value) -> PyResult<libc::sigset_t> {
    // SAFETY: initialised by `sigemptyset`.
    let mut set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        set
    };
    iter::for_each(cx, numbers, |number| {
        let number = cx.c_int_argument(number)?;
        if !(1..SIGNALS as i32).contains(&number) {
            let last = SIGNALS - 1;
            return Err(raise!(cx, ValueError, "signal number {number} out of range [1; {last}]"));
        }
        // SAFETY: the set is initialised.
        unsafe { libc::sigaddset(&mut set, number) };
        Ok(())
    })?;
    Ok(set)
}

fn as_set(cx: &Cx, set: &libc::sigset_t) -> PyResult {
    let class = cx.builtin_type(countless_vm::types::ids::SET);
    let numbers = cx.new_list();
    for number in 1..SIGNALS as i32 {
        // SAFETY: the set is initialised.
        if unsafe { libc::sigismember(set, number) } == 1 {
            numbers.push(cx, Value::int(i64::from(number)))?;
        }
    }
    cx.call(class.value(), &[numbers.value()])
}

fn pthread_sigmask(cx: &Cx, _module: Value, how: Value, mask: Value) -> PyResult {
    let (how, set) = (cx.c_int_argument(how)?, set_of(cx, mask)?);
    // SAFETY: both sets are locals.
    let (error, old) = unsafe {
        let mut old: libc::sigset_t = std::mem::zeroed();
        (libc::pthread_sigmask(how, &set, &mut old), old)
    };
    if error != 0 {
        return Err(raise_os_error(cx, error, None, None));
    }
    cx.poll()?;
    as_set(cx, &old)
}

fn sigpending(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the set is a local.
    let set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        if libc::sigpending(&mut set) != 0 {
            return Err(os_error(cx));
        }
        set
    };
    as_set(cx, &set)
}

fn sigwait(cx: &Cx, _module: Value, numbers: Value) -> PyResult {
    let set = set_of(cx, numbers)?;
    let (error, number) = cx.mutator().detached(move || {
        let mut number = 0;
        // SAFETY: the set and the number are locals.
        (unsafe { libc::sigwait(&set, &mut number) }, number)
    });
    if error != 0 {
        return Err(raise_os_error(cx, error, None, None));
    }
    Ok(Value::int(i64::from(number)))
}

static SIGINFO_LAYOUT: Layout = structseq::layout("struct_siginfo");
static SIGINFO: TypeDef = structseq::definition(
    "signal",
    "struct_siginfo",
    "struct_siginfo: Result from sigwaitinfo or sigtimedwait.\n\nWhat the system says of a signal, as a tuple with names.",
    &SIGINFO_LAYOUT,
    &[
        field::<0>("si_signo", "signal number"),
        field::<1>("si_code", "signal code"),
        field::<2>("si_errno", "errno associated with this signal"),
        field::<3>("si_pid", "sending process ID"),
        field::<4>("si_uid", "real user ID of sending process"),
        field::<5>("si_status", "exit value or signal"),
        field::<6>("si_band", "band event for SIGPOLL"),
    ],
    |cx, class| structseq::finish(cx, class, 7),
);

/// Waits for one of the signals until the deadline, if there is one; `None` if that passed.
fn wait_info(cx: &Cx, numbers: Value, deadline: Option<i64>) -> PyResult {
    let set = set_of(cx, numbers)?;
    // SAFETY: the record is plain numbers, for which zero is valid.
    let mut record: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let place = (&raw mut record).expose_provenance();
    loop {
        let left = deadline.map(|deadline| timespec(deadline.saturating_sub(monotonic()).max(0)));
        let answer = cx.mutator().detached(|| {
            let left = left.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            // SAFETY: the set, the record and the time are locals of the caller, who waits.
            checked(unsafe { libc::sigtimedwait(&set, std::ptr::with_exposed_provenance_mut(place), left) }.into())
        });
        match answer {
            Ok(_) => break,
            Err(libc::EAGAIN) => return Ok(Value::NONE),
            Err(libc::EINTR) => cx.poll()?,
            Err(errno) => return Err(raise_os_error(cx, errno, None, None)),
        }
    }
    // SAFETY: the call has filled the record; of these members those that the signal does not have are numbers as well.
    let (pid, user, status, band) = unsafe {
        let band = std::ptr::read_unaligned((&raw const record).cast::<u8>().add(16).cast::<i64>());
        (record.si_pid(), record.si_uid(), record.si_status(), band)
    };
    let int = |number: i32| Value::int(number.into());
    let values = [
        int(record.si_signo),
        int(record.si_code),
        int(record.si_errno),
        int(pid),
        Value::int(user.into()),
        int(status),
        cx.new_int_from_i64(band),
    ];
    cx.new_struct_sequence(&SIGINFO, &values)
}

fn sigwaitinfo(cx: &Cx, _module: Value, numbers: Value) -> PyResult {
    wait_info(cx, numbers, None)
}

fn sigtimedwait(cx: &Cx, _module: Value, numbers: Value, timeout: Value) -> PyResult {
    match nanoseconds(cx, timeout, Rounding::Ceiling)? {
        ..0 => Err(cx.value_error("timeout must be non-negative")),
        timeout => wait_info(cx, numbers, Some(monotonic().saturating_add(timeout))),
    }
}

fn pidfd_send_signal(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, number, info, flags] = args.between::<4>(cx, "pidfd_send_signal", 2)?;
    let fd = cx.c_int_argument(fd.unwrap_or(Value::NONE))?;
    let number = cx.c_int_argument(number.unwrap_or(Value::NONE))?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    if info.is_some_and(|info| !info.is_none()) {
        return Err(cx.type_error("siginfo must be None"));
    }
    // SAFETY: the record is left out.
    let answer =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, number, std::ptr::null::<libc::siginfo_t>(), flags) };
    if answer < 0 { Err(os_error(cx)) } else { Ok(Value::NONE) }
}

fn valid_signals(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: initialised by `sigfillset`.
    let set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut set);
        set
    };
    as_set(cx, &set)
}

fn interval(cx: &Cx, seconds: f64) -> PyResult<libc::timeval> {
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) => Ok(libc::timeval { tv_sec: time.as_secs() as i64, tv_usec: i64::from(time.subsec_micros()) }),
        Err(_) => Err(raise_os_error(cx, libc::EINVAL, None, None)),
    }
}

fn timer_pair(cx: &Cx, timer: &libc::itimerval) -> PyResult {
    let seconds = |time: &libc::timeval| cx.new_float(time.tv_sec as f64 + time.tv_usec as f64 / 1e6);
    Ok(cx.new_tuple(&[seconds(&timer.it_value), seconds(&timer.it_interval)]).value())
}

fn setitimer(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [which, seconds, repeat] = args.between::<3>(cx, "setitimer", 2)?;
    let which = cx.c_int_argument(which.unwrap_or(Value::NONE))?;
    let seconds = number::to_float(cx, seconds.unwrap_or(Value::NONE))?;
    let repeat = repeat.map_or(Ok(0.0), |repeat| number::to_float(cx, repeat))?;
    let timer = libc::itimerval { it_value: interval(cx, seconds)?, it_interval: interval(cx, repeat)? };
    // SAFETY: both structures are locals.
    let (failed, old) = unsafe {
        let mut old: libc::itimerval = std::mem::zeroed();
        (libc::setitimer(which as _, &timer, &mut old) != 0, old)
    };
    if failed { Err(os_error(cx)) } else { timer_pair(cx, &old) }
}

fn getitimer(cx: &Cx, _module: Value, which: Value) -> PyResult {
    let which = cx.c_int_argument(which)?;
    // SAFETY: the structure is a local.
    let (failed, timer) = unsafe {
        let mut timer: libc::itimerval = std::mem::zeroed();
        (libc::getitimer(which as _, &mut timer) != 0, timer)
    };
    if failed { Err(os_error(cx)) } else { timer_pair(cx, &timer) }
}

static FUNCTIONS: &[Method] = &[
    Method::two(
        "signal",
        set_signal,
        "signal($module, signalnum, handler, /)\n--\n\nSet what happens on a signal; returns what was set before.",
    ),
    Method::one("getsignal", getsignal, "getsignal($module, signalnum, /)\n--\n\nWhat happens on a signal."),
    Method::many(
        "default_int_handler",
        default_int_handler,
        "default_int_handler($module, signalnum, frame, /)\n--\n\nRaise KeyboardInterrupt.",
    ),
    Method::one(
        "raise_signal",
        raise_signal,
        "raise_signal($module, signalnum, /)\n--\n\nSend a signal to this process.",
    ),
    Method::one("alarm", alarm, "alarm($module, seconds, /)\n--\n\nHave SIGALRM arrive in so many seconds."),
    Method::none("pause", pause, "pause($module, /)\n--\n\nWait for a signal."),
    Method::one(
        "strsignal",
        strsignal,
        "strsignal($module, signalnum, /)\n--\n\nThe system's description of a signal.",
    ),
    Method::many(
        "set_wakeup_fd",
        set_wakeup_fd,
        "set_wakeup_fd($module, fd, /, *, warn_on_full_buffer=True)\n--\n\nHave a byte per signal written to a descriptor.",
    ),
    Method::two(
        "siginterrupt",
        siginterrupt,
        "siginterrupt($module, signalnum, flag, /)\n--\n\nWhether a signal interrupts system calls.",
    ),
    Method::two(
        "pthread_kill",
        pthread_kill,
        "pthread_kill($module, thread_id, signalnum, /)\n--\n\nSend a signal to a thread.",
    ),
    Method::two(
        "pthread_sigmask",
        pthread_sigmask,
        "pthread_sigmask($module, how, mask, /)\n--\n\nChange the thread's blocked signals.",
    ),
    Method::none("sigpending", sigpending, "sigpending($module, /)\n--\n\nThe signals that wait to be delivered."),
    Method::one("sigwait", sigwait, "sigwait($module, sigset, /)\n--\n\nWait for one of the signals."),
    Method::one(
        "sigwaitinfo",
        sigwaitinfo,
        "sigwaitinfo($module, sigset, /)\n--\n\nWait for one of the signals; what the system says of it.",
    ),
    Method::two(
        "sigtimedwait",
        sigtimedwait,
        "sigtimedwait($module, sigset, timeout, /)\n--\n\nThe same for so many seconds at most; None if none arrived.",
    ),
    Method::many(
        "pidfd_send_signal",
        pidfd_send_signal,
        "pidfd_send_signal($module, pidfd, signalnum, siginfo=None, flags=0, /)\n--\n\nSend a signal to the process of a descriptor.",
    ),
    Method::none("valid_signals", valid_signals, "valid_signals($module, /)\n--\n\nThe signal numbers of this system."),
    Method::many(
        "setitimer",
        setitimer,
        "setitimer($module, which, seconds, interval=0.0, /)\n--\n\nSet an interval timer.",
    ),
    Method::one("getitimer", getitimer, "getitimer($module, which, /)\n--\n\nThe setting of an interval timer."),
];

const NUMBERS: &[(&str, i32)] = &[
    ("SIGHUP", libc::SIGHUP),
    ("SIGINT", libc::SIGINT),
    ("SIGQUIT", libc::SIGQUIT),
    ("SIGILL", libc::SIGILL),
    ("SIGTRAP", libc::SIGTRAP),
    ("SIGABRT", libc::SIGABRT),
    ("SIGIOT", libc::SIGIOT),
    ("SIGBUS", libc::SIGBUS),
    ("SIGFPE", libc::SIGFPE),
    ("SIGKILL", libc::SIGKILL),
    ("SIGUSR1", libc::SIGUSR1),
    ("SIGSEGV", libc::SIGSEGV),
    ("SIGUSR2", libc::SIGUSR2),
    ("SIGPIPE", libc::SIGPIPE),
    ("SIGALRM", libc::SIGALRM),
    ("SIGTERM", libc::SIGTERM),
    ("SIGSTKFLT", libc::SIGSTKFLT),
    ("SIGCHLD", libc::SIGCHLD),
    ("SIGCLD", libc::SIGCHLD),
    ("SIGCONT", libc::SIGCONT),
    ("SIGSTOP", libc::SIGSTOP),
    ("SIGTSTP", libc::SIGTSTP),
    ("SIGTTIN", libc::SIGTTIN),
    ("SIGTTOU", libc::SIGTTOU),
    ("SIGURG", libc::SIGURG),
    ("SIGXCPU", libc::SIGXCPU),
    ("SIGXFSZ", libc::SIGXFSZ),
    ("SIGVTALRM", libc::SIGVTALRM),
    ("SIGPROF", libc::SIGPROF),
    ("SIGWINCH", libc::SIGWINCH),
    ("SIGIO", libc::SIGIO),
    ("SIGPOLL", libc::SIGPOLL),
    ("SIGPWR", libc::SIGPWR),
    ("SIGSYS", libc::SIGSYS),
    ("SIG_BLOCK", libc::SIG_BLOCK),
    ("SIG_UNBLOCK", libc::SIG_UNBLOCK),
    ("SIG_SETMASK", libc::SIG_SETMASK),
    ("ITIMER_REAL", libc::ITIMER_REAL),
    ("ITIMER_VIRTUAL", libc::ITIMER_VIRTUAL),
    ("ITIMER_PROF", libc::ITIMER_PROF),
    ("SIG_DFL", 0),
    ("SIG_IGN", 1),
    ("NSIG", SIGNALS as i32),
];

fn execute(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    for &(name, number) in NUMBERS {
        cx.add_to_module(module, name, Value::int(i64::from(number)))?;
    }
    cx.add_to_module(module, "SIGRTMIN", Value::int(i64::from(libc::SIGRTMIN())))?;
    cx.add_to_module(module, "SIGRTMAX", Value::int(i64::from(libc::SIGRTMAX())))?;
    let os_error = cx.builtin_type(countless_vm::exceptions::ExceptionKind::OSError.type_id()).value();
    let type_class = cx.builtin_type(countless_vm::types::ids::TYPE).value();
    let (name, bases, namespace) = (cx.new_str("ItimerError"), cx.new_tuple(&[os_error]), cx.new_dict());
    namespace.set_name(cx, cx.names().__module__, cx.intern_str("signal").value())?;
    let error = cx.call(type_class, &[name.value(), bases.value(), namespace.value()])?;
    cx.add_to_module(module, "ItimerError", error)?;
    // A file that grows too large is an OSError, not the end of the process.
    // SAFETY: ignoring a signal has no preconditions.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    for number in 1..SIGNALS as i32 {
        let handler = match disposition(number) {
            Some(Disposition::Default) => Some(Value::int(DEFAULT)),
            Some(Disposition::Ignore) => Some(Value::int(IGNORE)),
            _ => None,
        };
        cx.vm().signals.replace(cx, number as usize, handler);
    }
    // Ctrl-C is KeyboardInterrupt unless whoever started the process ignores it.
    if cx.vm().signals.get(libc::SIGINT as usize) == Some(Value::int(DEFAULT)) {
        let handler = module.dict().get_name(cx, cx.intern_str("default_int_handler"))?;
        if let Some(handler) = handler {
            set_signal(cx, module, Value::int(i64::from(libc::SIGINT)), handler)?;
        }
    }
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_signal",
    doc: "Signals of the system.",
    functions: FUNCTIONS,
    types: &[&SIGINFO],
    execute: Some(execute),
};
