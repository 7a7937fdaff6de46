//! Processes: identities, starting, ending, waiting.

use std::ffi::CString;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::TypeDef;
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::protocol::{iter, number};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::runtime::signal;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::structseq::{self, field};
use countless_vm::types::tuple::Tuple;

use super::path::{Kind, Path, id};
use crate::support::path::fs_encode;
use crate::support::system::{blocking_or_raise, errno, error, last_error, quick};

macro_rules! id_getters {
    ($($name:ident)*) => {
        $(pub(super) fn $name(_cx: &Cx, _module: Value) -> PyResult {
            // SAFETY: the call has no preconditions, and cannot fail.
            Ok(Value::int(unsafe { libc::$name() }.into()))
        })*
    };
}

id_getters! { getpid getppid getuid geteuid getgid getegid getpgrp }

macro_rules! id_setters {
    ($($name:ident($($argument:ident: $what:literal),*);)*) => {
        $(pub(super) fn $name(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
            let [$($argument),*] = args.exactly(cx, stringify!($name))?;
            $(let $argument = id(cx, $argument, $what)?;)*
            // SAFETY: the call has no preconditions.
            quick(cx, unsafe { libc::$name($($argument),*) }.into())?;
            Ok(Value::NONE)
        })*
    };
}

id_setters! {
    setuid(user: "uid");
    seteuid(user: "uid");
    setgid(group: "gid");
    setegid(group: "gid");
    setreuid(real: "uid", effective: "uid");
    setregid(real: "gid", effective: "gid");
    setresuid(real: "uid", effective: "uid", saved: "uid");
    setresgid(real: "gid", effective: "gid", saved: "gid");
}

fn ids(cx: &Cx, ids: [u32; 3]) -> PyResult {
    Ok(cx.new_tuple(&ids.map(|id| Value::int(id.into()))).value())
}

pub(super) fn getresuid(cx: &Cx, _module: Value) -> PyResult {
    let [mut real, mut effective, mut saved] = [0; 3];
    // SAFETY: the numbers are locals.
    quick(cx, unsafe { libc::getresuid(&mut real, &mut effective, &mut saved) }.into())?;
    ids(cx, [real, effective, saved])
}

pub(super) fn getresgid(cx: &Cx, _module: Value) -> PyResult {
    let [mut real, mut effective, mut saved] = [0; 3];
    // SAFETY: the numbers are locals.
    quick(cx, unsafe { libc::getresgid(&mut real, &mut effective, &mut saved) }.into())?;
    ids(cx, [real, effective, saved])
}

static GETPGID: Signature<1> = Signature::new("getpgid", ["pid"]).required(1);

pub(super) fn getpgid(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let pid = cx.c_int_argument(GETPGID.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::getpgid(pid) }.into())?))
}

pub(super) fn getsid(cx: &Cx, _module: Value, pid: Value) -> PyResult {
    let pid = cx.c_int_argument(pid)?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::getsid(pid) }.into())?))
}

pub(super) fn setpgid(cx: &Cx, _module: Value, pid: Value, group: Value) -> PyResult {
    let (pid, group) = (cx.c_int_argument(pid)?, cx.c_int_argument(group)?);
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::setpgid(pid, group) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn setpgrp(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::setpgid(0, 0) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn setsid(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::setsid() }.into())?;
    Ok(Value::NONE)
}

pub(super) fn getgroups(cx: &Cx, _module: Value) -> PyResult {
    let mut groups = vec![0; 65_536];
    // SAFETY: the vector has so many places.
    let count = quick(cx, unsafe { libc::getgroups(groups.len() as i32, groups.as_mut_ptr()) }.into())?;
    id_list(cx, &groups[..count as usize])
}

fn id_list(cx: &Cx, groups: &[u32]) -> PyResult {
    let list = cx.new_list();
    for &group in groups {
        list.push(cx, Value::int(group.into()))?;
    }
    Ok(list.value())
}

pub(super) fn setgroups(cx: &Cx, _module: Value, groups: Value) -> PyResult {
    if cx.type_of(groups).slots.length().is_none() {
        return Err(cx.type_error("setgroups argument must be a sequence"));
    }
    let mut numbers = Vec::new();
    iter::for_each(cx, groups, |group| {
        numbers.push(id(cx, group, "gid")?);
        Ok(())
    })?;
    if numbers.len() > 65_536 {
        return Err(cx.value_error("too many groups"));
    }
    // SAFETY: the vector has so many numbers.
    quick(cx, unsafe { libc::setgroups(numbers.len(), numbers.as_ptr()) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn getgrouplist(cx: &Cx, _module: Value, user: Value, group: Value) -> PyResult {
    let user = c_string(cx, user)?;
    let group = id(cx, group, "gid")?;
    let mut count = 65_536;
    let mut groups = vec![0; count as usize];
    // SAFETY: the name ends with NUL; the vector has `count` places.
    let answer = unsafe { libc::getgrouplist(user.as_ptr(), group, groups.as_mut_ptr(), &mut count) };
    if answer < 0 {
        return Err(last_error(cx));
    }
    id_list(cx, &groups[..count.max(0) as usize])
}

pub(super) fn initgroups(cx: &Cx, _module: Value, user: Value, group: Value) -> PyResult {
    let user = c_string(cx, user)?;
    let group = id(cx, group, "gid")?;
    // SAFETY: the name ends with NUL.
    quick(cx, unsafe { libc::initgroups(user.as_ptr(), group) }.into())?;
    Ok(Value::NONE)
}

/// A string for C, of the file system's encoding.
pub(crate) fn c_string(cx: &Cx, value: Value) -> PyResult<CString> {
    CString::new(fs_encode(cx, value)?).map_err(|_| cx.value_error("embedded null byte"))
}

pub(super) fn kill(cx: &Cx, _module: Value, pid: Value, number: Value) -> PyResult {
    let (pid, number) = (cx.c_int_argument(pid)?, cx.c_int_argument(number)?);
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::kill(pid, number) }.into())?;
    // A signal to oneself has an effect at once.
    cx.poll()?;
    Ok(Value::NONE)
}

pub(super) fn killpg(cx: &Cx, _module: Value, group: Value, number: Value) -> PyResult {
    let (group, number) = (cx.c_int_argument(group)?, cx.c_int_argument(number)?);
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::killpg(group, number) }.into())?;
    cx.poll()?;
    Ok(Value::NONE)
}

static EXIT: Signature<1> = Signature::new("_exit", ["status"]).required(1);

pub(super) fn exit(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let status = cx.c_int_argument(EXIT.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the process ends without looking back, as asked.
    unsafe { libc::_exit(status) }
}

pub(super) fn abort(_cx: &Cx, _module: Value) -> PyResult {
    std::process::abort()
}

// ---- fork

static AT_FORK: Signature<3> =
    Signature::new("register_at_fork", ["before", "after_in_child", "after_in_parent"]).keyword_only_from(0);

/// The lists of functions to call around a fork: before, in the child, in the parent.
fn hooks(cx: &Cx, module: Ref<Module>, index: usize) -> Option<Ref<List>> {
    let lists = module.state()?.downcast::<Tuple>(cx)?;
    lists.get(index).downcast::<List>(cx)
}

pub(super) fn make_hooks(cx: &Cx, module: Ref<Module>) {
    let lists = [cx.new_list().value(), cx.new_list().value(), cx.new_list().value()];
    module.set_state(cx, cx.new_tuple(&lists).value());
}

pub(super) fn register_at_fork(cx: &Cx, module: Ref<Module>, args: Args<'_>) -> PyResult {
    if !args.is_empty() {
        return Err(raise!(cx, TypeError, "register_at_fork() takes no positional arguments"));
    }
    let functions = AT_FORK.bind(cx, args)?;
    if functions.iter().all(Option::is_none) {
        return Err(cx.type_error("At least one argument is required."));
    }
    let names = ["before", "after_in_child", "after_in_parent"];
    for (function, name) in functions.iter().zip(names) {
        if let Some(function) = function
            && cx.type_of(*function).slots.call().is_none()
        {
            return Err(raise!(cx, TypeError, "'{name}' must be callable, not {}", function.class_name(cx)));
        }
    }
    for (index, function) in functions.into_iter().enumerate() {
        if let (Some(function), Some(list)) = (function, hooks(cx, module, index)) {
            list.push(cx, function)?;
        }
    }
    Ok(Value::NONE)
}

/// Calls the functions of a list; failures are reported, not raised.
fn run_hooks(cx: &Cx, list: Option<Ref<List>>, backwards: bool) {
    let Some(list) = list else { return };
    for position in 0..list.len() {
        let index = if backwards { list.len().saturating_sub(position + 1) } else { position };
        let Some(function) = list.get(index) else { continue };
        if let Err(raised) = cx.call(function, &[]) {
            let exception = cx.take_exception(raised);
            cx.write_unraisable(exception, Some("Exception ignored in"), function);
        }
    }
}

/// The module `posix`, for those who fork on its behalf.
fn own_module(cx: &Cx) -> PyResult<Option<Ref<Module>>> {
    Ok(cx.sys_modules()?.get_name(cx, cx.intern_str("posix"))?.and_then(|module| module.downcast::<Module>(cx)))
}

/// Calls what is to be called before a fork.
pub(crate) fn before_fork(cx: &Cx) -> PyResult<()> {
    if let Some(module) = own_module(cx)? {
        run_hooks(cx, hooks(cx, module, 0), true);
    }
    Ok(())
}

/// The same after it, in the parent.
pub(crate) fn after_fork_in_parent(cx: &Cx) -> PyResult<()> {
    if let Some(module) = own_module(cx)? {
        run_hooks(cx, hooks(cx, module, 2), false);
    }
    Ok(())
}

/// The same in the child, which has one thread: this one.
pub(crate) fn after_fork_in_child(cx: &Cx) -> PyResult<()> {
    signal::set_main_thread(cx);
    signal::forget_arrived();
    crate::thread::start::forget_others(cx);
    if let Some(module) = own_module(cx)? {
        run_hooks(cx, hooks(cx, module, 1), false);
    }
    Ok(())
}

/// Forks with the world stopped. The system call's answer.
fn raw_fork(cx: &Cx, fork: impl FnOnce() -> libc::pid_t) -> Result<libc::pid_t, i32> {
    let pause = cx.mutator().prepare_fork();
    let pid = fork();
    let failure = errno();
    match pid {
        0 => pause.resume_in_child(),
        _ => pause.resume_in_parent(),
    }
    if pid < 0 { Err(failure) } else { Ok(pid) }
}

fn fork_by(cx: &Cx, call: impl FnOnce() -> libc::pid_t) -> PyResult<libc::pid_t> {
    if cx.vm().finalizing.load(std::sync::atomic::Ordering::Relaxed) {
        return Err(raise!(cx, PythonFinalizationError, "can't fork at interpreter shutdown"));
    }
    before_fork(cx)?;
    let many_threads = !cx.vm().threads.is_empty();
    let answer = raw_fork(cx, call);
    if let Ok(0) = answer {
        after_fork_in_child(cx)?;
        return Ok(0);
    }
    after_fork_in_parent(cx)?;
    if many_threads && answer.is_ok() {
        // SAFETY: the call has no preconditions.
        let pid = unsafe { libc::getpid() };
        let message =
            format!("This process (pid={pid}) is multi-threaded, use of fork() may lead to deadlocks in the child.");
        cx.warn(countless_vm::exceptions::ExceptionKind::DeprecationWarning, &message, 1)?;
    }
    answer.map_err(|errno| error(cx, errno))
}

/// Forks for who wants to run Python code in the child: its id, 0 in the child.
pub(crate) fn fork_for(cx: &Cx) -> PyResult<libc::pid_t> {
    // SAFETY: as for `fork`.
    fork_by(cx, || unsafe { libc::fork() })
}

pub(super) fn fork(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the world is stopped, so no other thread is inside of the VM; what the child may do with the C library's
    // locks is as in every Python.
    Ok(Value::int(fork_by(cx, || unsafe { libc::fork() })?.into()))
}

pub(super) fn forkpty(cx: &Cx, _module: Value) -> PyResult {
    let mut controller = -1;
    // SAFETY: as for `fork`; the number is a local, the rest is left out.
    let pid = fork_by(cx, || unsafe {
        libc::forkpty(&mut controller, std::ptr::null_mut(), std::ptr::null(), std::ptr::null())
    })?;
    Ok(cx.new_tuple(&[Value::int(pid.into()), Value::int(controller.into())]).value())
}

// ---- exec

/// Strings for C with the array of their addresses that `exec` wants.
pub(crate) struct CStrings {
    strings: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl CStrings {
    /// Makes the array.
    pub(crate) fn new(strings: Vec<CString>) -> CStrings {
        let mut pointers: Vec<_> = strings.iter().map(|string| string.as_ptr()).collect();
        pointers.push(std::ptr::null());
        CStrings { strings, pointers }
    }

    /// The null-terminated array; valid while `self` is.
    pub(crate) fn as_ptr(&self) -> *const *const libc::c_char {
        debug_assert_eq!(self.strings.len() + 1, self.pointers.len());
        self.pointers.as_ptr()
    }
}

/// The arguments of a program: "{function}() arg 2 must …" for `execv`, "{function}: argv must …" for the others.
pub(super) fn arguments(cx: &Cx, value: Value, function: &str) -> PyResult<CStrings> {
    let what = if function == "execv" { "execv() arg 2".to_owned() } else { format!("{function}: argv") };
    if value.downcast::<Tuple>(cx).is_none() && value.downcast::<List>(cx).is_none() {
        return Err(raise!(cx, TypeError, "{what} must be a tuple or list"));
    }
    let mut strings = Vec::new();
    iter::for_each(cx, value, |item| {
        strings.push(c_string(cx, item)?);
        Ok(())
    })?;
    match strings.first() {
        None => Err(raise!(cx, ValueError, "{what} must not be empty")),
        Some(first) if first.is_empty() => Err(raise!(cx, ValueError, "{what} first element cannot be empty")),
        Some(_) => Ok(CStrings::new(strings)),
    }
}

/// An environment: a mapping of names to values.
pub(super) fn environment(cx: &Cx, value: Value) -> PyResult<CStrings> {
    let pairs = cx.call_method(value, cx.intern_str("items"), &[])?;
    let mut strings = Vec::new();
    iter::for_each(cx, pairs, |pair| {
        let pair = iter::to_tuple(cx, pair)?;
        if pair.len() != 2 {
            return Err(cx.type_error("env.keys() or env.values() is not a list"));
        }
        let (name, value) = (fs_encode(cx, pair.get(0))?, fs_encode(cx, pair.get(1))?);
        if name.is_empty() || name[1..].contains(&b'=') {
            return Err(cx.value_error("illegal environment variable name"));
        }
        let line = CString::new([&name[..], b"=", &value].concat());
        strings.push(line.map_err(|_| cx.value_error("embedded null byte"))?);
        Ok(())
    })?;
    Ok(CStrings::new(strings))
}

pub(super) fn execv(cx: &Cx, _module: Value, path: Value, argv: Value) -> PyResult {
    let path = Path::new(cx, Some(path), Kind::name("execv"))?;
    let argv = arguments(cx, argv, "execv")?;
    // SAFETY: the strings end with NUL, the array with null.
    unsafe { libc::execv(path.pointer(), argv.as_ptr()) };
    Err(path.error(cx, errno()))
}

static EXECVE: Signature<3> = Signature::new("execve", ["path", "argv", "env"]).required(3);

pub(super) fn execve(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, argv, env] = EXECVE.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("execve"))?;
    let argv = arguments(cx, argv.unwrap_or(Value::NONE), "execve")?;
    let env = env.unwrap_or(Value::NONE);
    if cx.type_of(env).slots.subscript().is_none() {
        return Err(cx.type_error("execve: environment must be a mapping object"));
    }
    let env = environment(cx, env)?;
    // SAFETY: the strings end with NUL, the arrays with null.
    unsafe {
        match path.descriptor {
            Some(fd) => libc::fexecve(fd, argv.as_ptr(), env.as_ptr()),
            None => libc::execve(path.pointer(), argv.as_ptr(), env.as_ptr()),
        }
    };
    Err(path.error(cx, errno()))
}

static SYSTEM: Signature<1> = Signature::new("system", ["command"]).required(1);

pub(super) fn system(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let command = c_string(cx, SYSTEM.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the string ends with NUL.
    let status = cx.mutator().detached(|| unsafe { libc::system(command.as_ptr()) });
    Ok(Value::int(status.into()))
}

// ---- waiting

fn pid_and_status(cx: &Cx, pid: i64, status: i32) -> PyResult {
    Ok(cx.new_tuple(&[Value::int(pid), Value::int(status.into())]).value())
}

pub(super) fn waitpid(cx: &Cx, _module: Value, pid: Value, options: Value) -> PyResult {
    let (pid, options) = (cx.c_int_argument(pid)?, cx.c_int_argument(options)?);
    let mut status = 0;
    let place = &mut status;
    // SAFETY: the number is a local.
    let pid = blocking_or_raise(cx, || unsafe { libc::waitpid(pid, place, options).into() })?;
    pid_and_status(cx, pid, status)
}

pub(super) fn wait(cx: &Cx, _module: Value) -> PyResult {
    let mut status = 0;
    let place = &mut status;
    // SAFETY: the number is a local.
    let pid = blocking_or_raise(cx, || unsafe { libc::wait(place).into() })?;
    pid_and_status(cx, pid, status)
}

fn wait_with_usage(cx: &Cx, pid: i32, options: i32) -> PyResult {
    let mut status = 0;
    // SAFETY: the record is plain numbers, for which zero is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let (place, record) = (&mut status, &mut usage);
    // SAFETY: number and record are locals.
    let pid = blocking_or_raise(cx, || unsafe { libc::wait4(pid, place, options, record).into() })?;
    let usage = crate::resource::usage_object(cx, &usage)?;
    Ok(cx.new_tuple(&[Value::int(pid), Value::int(status.into()), usage]).value())
}

static WAIT3: Signature<1> = Signature::new("wait3", ["options"]).required(1);
static WAIT4: Signature<2> = Signature::new("wait4", ["pid", "options"]).required(2);

pub(super) fn wait3(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let options = cx.c_int_argument(WAIT3.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    wait_with_usage(cx, -1, options)
}

pub(super) fn wait4(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [pid, options] = WAIT4.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    wait_with_usage(cx, cx.c_int_argument(pid)?, cx.c_int_argument(options)?)
}

static WAITID_LAYOUT: Layout = structseq::layout("waitid_result");
pub(super) static WAITID_RESULT: TypeDef = structseq::definition(
    "posix",
    "waitid_result",
    "waitid_result: Result from waitid.",
    &WAITID_LAYOUT,
    &[
        field::<0>("si_pid", ""),
        field::<1>("si_uid", ""),
        field::<2>("si_signo", ""),
        field::<3>("si_status", ""),
        field::<4>("si_code", ""),
    ],
    |cx, class| structseq::finish(cx, class, 5),
);

pub(super) fn waitid(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [kind, which, options] = args.exactly::<3>(cx, "waitid")?;
    let (kind, which, options) = (cx.c_int_argument(kind)?, cx.c_int_argument(which)?, cx.c_int_argument(options)?);
    // SAFETY: the record is plain numbers, for which zero is valid.
    let mut record: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let place = (&raw mut record).expose_provenance();
    // SAFETY: the record is a local of the caller, who waits.
    blocking_or_raise(cx, || unsafe {
        libc::waitid(kind as libc::idtype_t, which as libc::id_t, std::ptr::with_exposed_provenance_mut(place), options)
            .into()
    })?;
    // SAFETY: the call has filled the members of a child's record.
    let (pid, user, status) = unsafe { (record.si_pid(), record.si_uid(), record.si_status()) };
    if pid == 0 {
        return Ok(Value::NONE);
    }
    let values =
        [pid.into(), user.into(), record.si_signo.into(), status.into(), record.si_code.into()].map(Value::int);
    cx.new_struct_sequence(&WAITID_RESULT, &values)
}

fn status_argument(cx: &Cx, args: Args<'_>, signature: &Signature<1>) -> PyResult<i32> {
    cx.c_int_argument(signature.bind(cx, args)?[0].unwrap_or(Value::NONE))
}

macro_rules! status_tests {
    ($($function:ident $name:ident $kind:ident;)*) => {
        $(pub(super) fn $function(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
            static SIGNATURE: Signature<1> = Signature::new(stringify!($name), ["status"]).required(1);
            let status = status_argument(cx, args, &SIGNATURE)?;
            Ok(status_tests!(@$kind libc::$name(status)))
        })*
    };
    (@test $answer:expr) => { Value::bool($answer) };
    (@number $answer:expr) => { Value::int($answer.into()) };
}

status_tests! {
    w_if_continued WIFCONTINUED test;
    w_if_stopped WIFSTOPPED test;
    w_if_signaled WIFSIGNALED test;
    w_if_exited WIFEXITED test;
    w_exit_status WEXITSTATUS number;
    w_term_sig WTERMSIG number;
    w_stop_sig WSTOPSIG number;
}

pub(super) fn w_coredump(cx: &Cx, _module: Value, status: Value) -> PyResult {
    Ok(Value::bool(libc::WCOREDUMP(cx.c_int_argument(status)?)))
}

static EXITCODE: Signature<1> = Signature::new("waitstatus_to_exitcode", ["status"]).required(1);

pub(super) fn waitstatus_to_exitcode(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let status = status_argument(cx, args, &EXITCODE)?;
    if libc::WIFEXITED(status) {
        return Ok(Value::int(libc::WEXITSTATUS(status).into()));
    }
    if libc::WIFSIGNALED(status) {
        return Ok(Value::int((-libc::WTERMSIG(status)).into()));
    }
    if libc::WIFSTOPPED(status) {
        let number = libc::WSTOPSIG(status);
        return Err(raise!(cx, ValueError, "process stopped by delivery of signal {number}"));
    }
    Err(raise!(cx, ValueError, "invalid wait status: {status}"))
}

// ---- priorities and times

pub(super) fn nice(cx: &Cx, _module: Value, increment: Value) -> PyResult {
    let increment = cx.c_int_argument(increment)?;
    // SAFETY: the calls have no preconditions; the error number is this thread's.
    let value = unsafe {
        *libc::__errno_location() = 0;
        libc::nice(increment)
    };
    if value == -1 && errno() != 0 { Err(last_error(cx)) } else { Ok(Value::int(value.into())) }
}

static GETPRIORITY: Signature<2> = Signature::new("getpriority", ["which", "who"]).required(2);
static SETPRIORITY: Signature<3> = Signature::new("setpriority", ["which", "who", "priority"]).required(3);

pub(super) fn getpriority(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [which, who] = GETPRIORITY.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    let (which, who) = (cx.c_int_argument(which)?, cx.c_int_argument(who)?);
    // SAFETY: the calls have no preconditions; the error number is this thread's.
    let value = unsafe {
        *libc::__errno_location() = 0;
        libc::getpriority(which as libc::__priority_which_t, who as libc::id_t)
    };
    if errno() != 0 { Err(last_error(cx)) } else { Ok(Value::int(value.into())) }
}

pub(super) fn setpriority(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [which, who, priority] = SETPRIORITY.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    let (which, who, priority) = (cx.c_int_argument(which)?, cx.c_int_argument(who)?, cx.c_int_argument(priority)?);
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::setpriority(which as libc::__priority_which_t, who as libc::id_t, priority) }.into())?;
    Ok(Value::NONE)
}

static TIMES_LAYOUT: Layout = structseq::layout("times_result");
pub(super) static TIMES_RESULT: TypeDef = structseq::definition(
    "posix",
    "times_result",
    "times_result: Result from os.times().",
    &TIMES_LAYOUT,
    &[
        field::<0>("user", "user time"),
        field::<1>("system", "system time"),
        field::<2>("children_user", "user time of children"),
        field::<3>("children_system", "system time of children"),
        field::<4>("elapsed", "elapsed time since an arbitrary point in the past"),
    ],
    |cx, class| structseq::finish(cx, class, 5),
);

pub(super) fn times(cx: &Cx, _module: Value) -> PyResult {
    let mut record = libc::tms { tms_utime: 0, tms_stime: 0, tms_cutime: 0, tms_cstime: 0 };
    // SAFETY: the record is a local.
    let elapsed = unsafe { libc::times(&mut record) };
    // SAFETY: the call has no preconditions.
    let rate = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as f64;
    let ticks = [record.tms_utime, record.tms_stime, record.tms_cutime, record.tms_cstime, elapsed];
    cx.new_struct_sequence(&TIMES_RESULT, &ticks.map(|ticks| cx.new_float(ticks as f64 / rate)))
}

/// A whole number of any size that C takes for a `pid_t`.
pub(super) fn pid(cx: &Cx, value: Option<Value>) -> PyResult<libc::pid_t> {
    let value = number::index(cx, value.unwrap_or(Value::NONE))?;
    cx.c_int_argument(value)
}

static PIDFD: Signature<2> = Signature::new("pidfd_open", ["pid", "flags"]).required(1);

pub(super) fn pidfd_open(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [process, flags] = PIDFD.bind(cx, args)?;
    let (process, flags) = (pid(cx, process)?, crate::support::native::optional_int(cx, flags, 0)?);
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::syscall(libc::SYS_pidfd_open, process, flags) })?))
}

static UNSHARE: Signature<1> = Signature::new("unshare", ["flags"]).required(1);
static SETNS: Signature<2> = Signature::new("setns", ["fd", "nstype"]).required(1);

pub(super) fn unshare(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let flags = cx.c_int_argument(UNSHARE.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::unshare(flags) }.into())?;
    Ok(Value::NONE)
}

pub(super) fn setns(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, kind] = SETNS.bind(cx, args)?;
    let fd = crate::support::system::file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let kind = crate::support::native::optional_int(cx, kind, 0)?;
    // SAFETY: the call has no preconditions.
    quick(cx, unsafe { libc::setns(fd, kind) }.into())?;
    Ok(Value::NONE)
}
