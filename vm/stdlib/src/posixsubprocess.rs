//! `_posixsubprocess`: starting programs.
//!
//! Everything the child needs is made before the fork. Without a `preexec_fn` the child touches neither the heap nor the
//! allocator between fork and exec; with one, the world is stopped around the fork, as for `os.fork`.

use std::ffi::CString;
use std::sync::atomic::Ordering;

use countless_vm::exceptions::ExceptionKind;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::protocol::{iter, number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::tuple::Tuple;

use crate::posix::process::{self, CStrings, c_string};
use crate::support::system::{errno, error};

/// What the child is to do.
struct Plan {
    args: CStrings,
    executables: Vec<CString>,
    environment: Option<CStrings>,
    folder: Option<CString>,
    /// Descriptors that stay open, in ascending order.
    kept: Vec<i32>,
    close_others: bool,
    p2c_read: i32,
    p2c_write: i32,
    c2p_read: i32,
    c2p_write: i32,
    error_read: i32,
    error_write: i32,
    report_read: i32,
    report_write: i32,
    restore_signals: bool,
    new_session: bool,
    group: i32,
    group_id: Option<u32>,
    groups: Option<Vec<u32>>,
    user_id: Option<u32>,
    mask: i32,
}

/// What went wrong in the child: the error number, and the words that the parent knows.
type Failure = (i32, &'static str);

fn step(answer: i32, words: &'static str) -> Result<i32, Failure> {
    if answer < 0 { Err((errno(), words)) } else { Ok(answer) }
}

fn set_inheritable(fd: i32) -> i32 {
    // SAFETY: the call has no preconditions.
    unsafe { libc::fcntl(fd, libc::F_SETFD, 0) }
}

impl Plan {
    /// Puts the descriptors where the program expects them.
    fn place_descriptors(&self) -> Result<(), Failure> {
        const NO_EXEC: &str = "noexec";
        // SAFETY: the calls have no preconditions; the descriptors are the child's own copies.
        unsafe {
            for &fd in &self.kept {
                if fd != self.report_write {
                    step(set_inheritable(fd), NO_EXEC)?;
                }
            }
            for fd in [self.p2c_write, self.c2p_read, self.error_read, self.report_read] {
                if fd >= 0 {
                    libc::close(fd);
                }
            }
            // None of them may be overwritten before it is used.
            let (mut output, mut failures) = (self.c2p_write, self.error_write);
            if output == 0 {
                output = step(libc::dup(output), NO_EXEC)?;
            }
            while failures == 0 || failures == 1 {
                failures = step(libc::dup(failures), NO_EXEC)?;
            }
            for (fd, target) in [(self.p2c_read, 0), (output, 1), (failures, 2)] {
                if fd == target {
                    step(set_inheritable(fd), NO_EXEC)?;
                } else if fd >= 0 {
                    step(libc::dup2(fd, target), NO_EXEC)?;
                }
            }
        }
        Ok(())
    }

    /// Sets what belongs to the process rather than the program.
    fn settle(&self) -> Result<(), Failure> {
        const NO_EXEC: &str = "noexec";
        // SAFETY: the calls have no preconditions; names end with NUL, the vector has as many numbers as is said.
        unsafe {
            if let Some(folder) = &self.folder {
                step(libc::chdir(folder.as_ptr()), "noexec:chdir")?;
            }
            if self.mask >= 0 {
                libc::umask(self.mask as libc::mode_t);
            }
            if self.restore_signals {
                for number in [libc::SIGPIPE, libc::SIGXFSZ] {
                    libc::signal(number, libc::SIG_DFL);
                }
            }
            if self.new_session {
                step(libc::setsid(), NO_EXEC)?;
            }
            if self.group >= 0 {
                step(libc::setpgid(0, self.group), NO_EXEC)?;
            }
            if let Some(groups) = &self.groups {
                step(libc::setgroups(groups.len(), groups.as_ptr()), NO_EXEC)?;
            }
            if let Some(group) = self.group_id {
                step(libc::setregid(group, group), NO_EXEC)?;
            }
            if let Some(user) = self.user_id {
                step(libc::setreuid(user, user), NO_EXEC)?;
            }
        }
        Ok(())
    }

    /// Closes all descriptors above the standard ones but those kept.
    fn close_descriptors(&self) {
        let mut next = 3u32;
        for &fd in self.kept.iter().filter(|&&fd| fd >= 3) {
            if fd as u32 > next {
                close_range(next, fd as u32 - 1);
            }
            next = fd as u32 + 1;
        }
        close_range(next, u32::MAX);
    }

    /// Becomes the program; returns only if that failed.
    fn execute(&self) -> Failure {
        let mut saved = 0;
        for executable in &self.executables {
            // SAFETY: the strings end with NUL, the arrays with null.
            unsafe {
                match &self.environment {
                    Some(environment) => libc::execve(executable.as_ptr(), self.args.as_ptr(), environment.as_ptr()),
                    None => libc::execv(executable.as_ptr(), self.args.as_ptr()),
                };
            }
            let failure = errno();
            if failure != libc::ENOENT && failure != libc::ENOTDIR && saved == 0 {
                saved = failure;
            }
        }
        (if saved != 0 { saved } else { errno() }, "")
    }

    /// All that the child does; `preexec` runs just before the descriptors are closed. Returns only if it failed.
    fn run(&self, preexec: impl FnOnce() -> bool) -> ! {
        let settled = self.place_descriptors().and_then(|()| self.settle());
        match settled {
            Err((errno, words)) => self.report(b"OSError:", errno, words.as_bytes()),
            Ok(()) if !preexec() => self.report(b"SubprocessError:", 0, b"Exception occurred in preexec_fn."),
            Ok(()) => {
                if self.close_others {
                    self.close_descriptors();
                }
                let (errno, words) = self.execute();
                self.report(b"OSError:", errno, words.as_bytes());
            }
        }
        // SAFETY: the child ends without looking back.
        unsafe { libc::_exit(255) }
    }

    /// Tells the parent of a failure, without allocating.
    fn report(&self, class: &[u8], number: i32, words: &[u8]) {
        let mut digits = [0u8; 16];
        let (mut at, mut rest) = (digits.len(), number as u32);
        while rest > 0 || at == digits.len() {
            at -= 1;
            digits[at] = b"0123456789abcdef"[(rest & 15) as usize];
            rest >>= 4;
        }
        for part in [class, &digits[at..], b":", words] {
            // SAFETY: the bytes are readable. A parent that does not listen cannot be helped.
            unsafe { libc::write(self.report_write, part.as_ptr().cast(), part.len()) };
        }
    }
}

fn close_range(first: u32, last: u32) {
    // SAFETY: the child's descriptors are its own.
    unsafe {
        if libc::syscall(libc::SYS_close_range, first, last, 0) < 0 {
            let limit = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 65_536) as u32;
            (first..=last.min(limit)).for_each(|fd| {
                libc::close(fd as i32);
            });
        }
    }
}

fn c_strings(cx: &Cx, values: Value) -> PyResult<Vec<CString>> {
    let mut strings = Vec::new();
    iter::for_each(cx, values, |value| {
        strings.push(c_string(cx, value)?);
        Ok(())
    })?;
    Ok(strings)
}

fn optional_id(cx: &Cx, value: Value, what: &str) -> PyResult<Option<u32>> {
    value.not_none().map(|value| crate::posix::path::id(cx, value, what)).transpose()
}

/// How many groups Linux allows a process.
const MAX_GROUPS: usize = 65_536;

fn group_id(cx: &Cx, value: Value) -> PyResult<u32> {
    crate::posix::path::id(cx, value, "gid").or_else(|raised| {
        cx.ignore_if(raised, ExceptionKind::OverflowError)?;
        Err(cx.value_error("invalid group id"))
    })
}

fn kept_descriptors(cx: &Cx, value: Value) -> PyResult<Vec<i32>> {
    let Some(tuple) = value.downcast::<Tuple>(cx) else {
        return Err(raise!(cx, TypeError, "fork_exec() argument 4 must be tuple, not {}", value.class_name(cx)));
    };
    let mut kept = Vec::new();
    for item in tuple.iter() {
        match number::as_index_i64(cx, item).and_then(|fd| i32::try_from(fd).ok()) {
            Some(fd @ 0..) if kept.last().is_none_or(|&last| last < fd) => kept.push(fd),
            _ => return Err(cx.value_error("bad value(s) in fds_to_keep")),
        }
    }
    Ok(kept)
}

fn plan(cx: &Cx, args: &[Value; 22]) -> PyResult<Plan> {
    let int = |index: usize| cx.c_int_argument(args[index]);
    let truth = |index: usize| object::is_true(cx, args[index]);
    let groups = match args[18].not_none() {
        None => None,
        Some(values) => {
            let mut groups = Vec::new();
            iter::for_each(cx, values, |value| {
                if groups.len() == MAX_GROUPS {
                    return Err(cx.value_error("too many extra_groups"));
                }
                groups.push(group_id(cx, value)?);
                Ok(())
            })?;
            Some(groups)
        }
    };
    let plan = Plan {
        args: CStrings::new(c_strings(cx, args[0])?),
        executables: c_strings(cx, args[1])?,
        close_others: truth(2)?,
        kept: kept_descriptors(cx, args[3])?,
        folder: args[4].not_none().map(|folder| c_string(cx, folder)).transpose()?,
        environment: args[5].not_none().map(|lines| c_strings(cx, lines)).transpose()?.map(CStrings::new),
        p2c_read: int(6)?,
        p2c_write: int(7)?,
        c2p_read: int(8)?,
        c2p_write: int(9)?,
        error_read: int(10)?,
        error_write: int(11)?,
        report_read: int(12)?,
        report_write: int(13)?,
        restore_signals: truth(14)?,
        new_session: truth(15)?,
        group: int(16)?,
        group_id: optional_id(cx, args[17], "gid")?,
        groups,
        user_id: optional_id(cx, args[19], "uid")?,
        mask: int(20)?,
    };
    if plan.close_others && plan.report_write < 3 {
        return Err(cx.value_error("errpipe_write must be >= 3"));
    }
    Ok(plan)
}

fn fork_exec(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let args = args.exactly::<22>(cx, "fork_exec")?;
    if args[21].not_none().is_some() && cx.vm().finalizing.load(Ordering::Relaxed) {
        return Err(raise!(cx, PythonFinalizationError, "preexec_fn not supported at interpreter shutdown"));
    }
    let plan = plan(cx, &args)?;
    let Some(preexec) = args[21].not_none() else {
        // SAFETY: the child does nothing but make system calls on what lies ready, then becomes the program or ends.
        let pid = unsafe { libc::fork() };
        return match pid {
            0 => plan.run(|| true),
            ..0 => Err(error(cx, errno())),
            pid => Ok(Value::int(pid.into())),
        };
    };
    match process::fork_for(cx)? {
        0 => plan.run(|| match cx.call(preexec, &[]) {
            Ok(_) => true,
            Err(raised) => {
                let _ = cx.take_exception(raised);
                false
            }
        }),
        pid => Ok(Value::int(pid.into())),
    }
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_posixsubprocess",
    doc: "Starting programs for the module subprocess.",
    functions: &[Method::many(
        "fork_exec",
        fork_exec,
        "fork_exec($module, args, executable_list, close_fds, pass_fds, cwd,\n          env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite,\n          errpipe_read, errpipe_write, restore_signals, call_setsid,\n          pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn,\n          /)\n--\n\nStart a program in a new process, and return its id.\n\nA failure before the program runs is written to errpipe_write as\n\"class:error number in hexadecimal:words\".",
    )],
    types: &[],
    execute: None,
};
