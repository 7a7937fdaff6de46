//! `posix_spawn` and `posix_spawnp`.

use std::ffi::CString;
use std::mem::MaybeUninit;

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::protocol::{iter, number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::tuple::Tuple;

use super::path::{Kind, Path};
use super::process::{arguments, c_string, environment};
use crate::support::native::optional_bool;
use crate::support::system::error;

/// What is done with the child's descriptors. The C library keeps the addresses of the names.
struct Actions {
    actions: libc::posix_spawn_file_actions_t,
    names: Vec<CString>,
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: the record was initialised when it was made.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.actions) };
    }
}

impl Actions {
    fn new() -> Actions {
        let mut actions = MaybeUninit::uninit();
        // SAFETY: the record is a local, and whole afterwards.
        let actions = unsafe {
            libc::posix_spawn_file_actions_init(actions.as_mut_ptr());
            actions.assume_init()
        };
        Actions { actions, names: Vec::new() }
    }

    /// Adds one of the program's tuples.
    fn add(&mut self, cx: &Cx, item: Value) -> PyResult<()> {
        let Some(tuple) = item.downcast::<Tuple>(cx).filter(|tuple| !tuple.is_empty()) else {
            return Err(cx.type_error("Each file_actions element must be a non-empty tuple"));
        };
        let int = |index: usize| cx.c_int_argument(tuple.get(index));
        let length = |wanted: usize, what: &str| match tuple.len() == wanted {
            true => Ok(()),
            false => Err(raise!(cx, TypeError, "A {what} file_action tuple must have {wanted} elements")),
        };
        let kind = number::as_index_i64(cx, number::index(cx, tuple.get(0))?);
        let answer = match kind {
            Some(0) => {
                length(5, "open")?;
                let name = c_string(cx, tuple.get(2))?;
                let (fd, flags, mode) = (int(1)?, int(3)?, int(4)? as libc::mode_t);
                // SAFETY: the name ends with NUL, and is kept as long as the actions.
                let answer = unsafe {
                    libc::posix_spawn_file_actions_addopen(&mut self.actions, fd, name.as_ptr(), flags, mode)
                };
                self.names.push(name);
                answer
            }
            Some(1) => {
                length(2, "close")?;
                // SAFETY: the record is whole.
                unsafe { libc::posix_spawn_file_actions_addclose(&mut self.actions, int(1)?) }
            }
            Some(2) => {
                length(3, "dup2")?;
                // SAFETY: the record is whole.
                unsafe { libc::posix_spawn_file_actions_adddup2(&mut self.actions, int(1)?, int(2)?) }
            }
            #[cfg(target_env = "gnu")]
            Some(3) => {
                length(2, "closefrom")?;
                // SAFETY: the record is whole.
                unsafe { libc::posix_spawn_file_actions_addclosefrom_np(&mut self.actions, int(1)?) }
            }
            Some(_) => return Err(cx.type_error("Unknown file_actions identifier")),
            None => return Err(cx.overflow_error("Python int too large to convert to C long")),
        };
        if answer == 0 { Ok(()) } else { Err(error(cx, answer)) }
    }
}

/// The child's other properties.
struct Attributes(libc::posix_spawnattr_t);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the record was initialised when it was made.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

/// A set of signals.
fn signal_set(cx: &Cx, signals: Value) -> PyResult<libc::sigset_t> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the record is a local, and whole afterwards.
    let mut set = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        set.assume_init()
    };
    iter::for_each(cx, signals, |number| {
        let number = cx.c_int_argument(number)?;
        // SAFETY: the record is whole.
        match unsafe { libc::sigaddset(&mut set, number) } {
            0 => Ok(()),
            _ => Err(raise!(cx, ValueError, "signal number {number} out of range [1; 64]")),
        }
    })?;
    Ok(set)
}

const PARAMETERS: [&str; 10] =
    ["", "", "", "file_actions", "setpgroup", "resetids", "setsid", "setsigmask", "setsigdef", "scheduler"];

fn attributes(cx: &Cx, given: &[Option<Value>; 10]) -> PyResult<Attributes> {
    let mut record = MaybeUninit::uninit();
    // SAFETY: the record is a local, and whole afterwards.
    let mut own = unsafe {
        libc::posix_spawnattr_init(record.as_mut_ptr());
        Attributes(record.assume_init())
    };
    let mut flags = 0;
    let check = |answer: i32| if answer == 0 { Ok(()) } else { Err(error(cx, answer)) };
    if let Some(group) = given[4].and_then(Value::not_none) {
        let group = cx.c_int_argument(group)?;
        // SAFETY: the record is whole.
        check(unsafe { libc::posix_spawnattr_setpgroup(&mut own.0, group) })?;
        flags |= libc::POSIX_SPAWN_SETPGROUP;
    }
    if optional_bool(cx, given[5], false)? {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if optional_bool(cx, given[6], false)? {
        const SET_SESSION: i32 = 0x80;
        flags |= SET_SESSION;
    }
    if let Some(mask) = given[7] {
        let set = signal_set(cx, mask)?;
        // SAFETY: both records are whole.
        check(unsafe { libc::posix_spawnattr_setsigmask(&mut own.0, &set) })?;
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
    }
    if let Some(defaults) = given[8] {
        let set = signal_set(cx, defaults)?;
        // SAFETY: both records are whole.
        check(unsafe { libc::posix_spawnattr_setsigdefault(&mut own.0, &set) })?;
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
    }
    if let Some(scheduler) = given[9].and_then(Value::not_none) {
        let Some(pair) = scheduler.downcast::<Tuple>(cx) else {
            return Err(cx.type_error("posix_spawn: scheduler must be a tuple or None"));
        };
        if pair.len() != 2 {
            return Err(cx.type_error("A scheduler tuple must have two elements"));
        }
        if let Some(policy) = pair.get(0).not_none() {
            let policy = cx.c_int_argument(policy)?;
            // SAFETY: the record is whole.
            check(unsafe { libc::posix_spawnattr_setschedpolicy(&mut own.0, policy) })?;
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
        }
        let parameters = super::scheduling::param(cx, pair.get(1))?;
        // SAFETY: both records are whole.
        check(unsafe { libc::posix_spawnattr_setschedparam(&mut own.0, &parameters) })?;
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
    }
    // SAFETY: the record is whole.
    check(unsafe { libc::posix_spawnattr_setflags(&mut own.0, flags as libc::c_short) })?;
    Ok(own)
}

fn spawn(cx: &Cx, args: Args<'_>, function: &'static str, search: bool) -> PyResult {
    let signature: Signature<10> =
        Signature::new(function, PARAMETERS).required(3).positional_only(3).keyword_only_from(3);
    let given = signature.bind(cx, args)?;
    let path = Path::new(cx, given[0], Kind::name(function))?;
    let argv = arguments(cx, given[1].unwrap_or(Value::NONE), function)?;
    let env = match given[2].and_then(Value::not_none) {
        None => None,
        Some(env) if cx.type_of(env).slots.subscript().is_none() => {
            return Err(raise!(cx, TypeError, "{function}: environment must be a mapping object or None"));
        }
        Some(env) => Some(environment(cx, env)?),
    };
    let mut actions = Actions::new();
    if let Some(list) = given[3].and_then(Value::not_none)
        && object::is_true(cx, list)?
    {
        if !iter::is_iterable(cx, list) {
            return Err(cx.type_error("file_actions must be a sequence or None"));
        }
        iter::for_each(cx, list, |item| actions.add(cx, item))?;
    }
    let own = attributes(cx, &given)?;
    unsafe extern "C" {
        static environ: *const *const libc::c_char;
    }
    let mut pid = 0;
    // SAFETY: the strings end with NUL, the arrays with null; the records are whole; without an environment of its own
    // the child gets the process's.
    let answer = unsafe {
        let env = env.as_ref().map_or(environ, |env| env.as_ptr());
        let call = if search { libc::posix_spawnp } else { libc::posix_spawn };
        call(&mut pid, path.pointer(), &actions.actions, &own.0, argv.as_ptr().cast(), env.cast())
    };
    if answer == 0 { Ok(Value::int(pid.into())) } else { Err(path.error(cx, answer)) }
}

pub(super) fn posix_spawn(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    spawn(cx, args, "posix_spawn", false)
}

pub(super) fn posix_spawnp(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    spawn(cx, args, "posix_spawnp", true)
}

/// No hook is called while input is waited for.
pub(super) fn _inputhook(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::NONE)
}

pub(super) fn _is_inputhook_installed(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::FALSE)
}
