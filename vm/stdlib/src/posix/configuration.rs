//! What the system says of itself, and the environment.

use std::ffi::CStr;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::TypeDef;
use countless_vm::object::cell::{Layout, Ref};
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::exception::error_text;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;
use countless_vm::types::structseq::{self, field};

use super::path::{Kind, Path};
use super::process::c_string;
use crate::support::native::optional_int;
use crate::support::path::{fs_decode, fs_encode, fs_path};
use crate::support::system::{blocking_or_raise, errno, error, last_error};

/// Names of limits of files, with the C library's numbers.
pub(super) static PATH_NAMES: &[(&str, i32)] = &[
    ("PC_ALLOC_SIZE_MIN", 18),
    ("PC_ASYNC_IO", 10),
    ("PC_CHOWN_RESTRICTED", 6),
    ("PC_FILESIZEBITS", 13),
    ("PC_LINK_MAX", 0),
    ("PC_MAX_CANON", 1),
    ("PC_MAX_INPUT", 2),
    ("PC_NAME_MAX", 3),
    ("PC_NO_TRUNC", 7),
    ("PC_PATH_MAX", 4),
    ("PC_PIPE_BUF", 5),
    ("PC_PRIO_IO", 11),
    ("PC_REC_INCR_XFER_SIZE", 14),
    ("PC_REC_MAX_XFER_SIZE", 15),
    ("PC_REC_MIN_XFER_SIZE", 16),
    ("PC_REC_XFER_ALIGN", 17),
    ("PC_SOCK_MAXBUF", 12),
    ("PC_SYMLINK_MAX", 19),
    ("PC_SYNC_IO", 9),
    ("PC_VDISABLE", 8),
];

/// Names of limits of the system.
pub(super) static SYSTEM_NAMES: &[(&str, i32)] = &[
    ("SC_2_CHAR_TERM", 95),
    ("SC_2_C_BIND", 47),
    ("SC_2_C_DEV", 48),
    ("SC_2_C_VERSION", 96),
    ("SC_2_FORT_DEV", 49),
    ("SC_2_FORT_RUN", 50),
    ("SC_2_LOCALEDEF", 52),
    ("SC_2_SW_DEV", 51),
    ("SC_2_UPE", 97),
    ("SC_2_VERSION", 46),
    ("SC_AIO_LISTIO_MAX", 23),
    ("SC_AIO_MAX", 24),
    ("SC_AIO_PRIO_DELTA_MAX", 25),
    ("SC_ARG_MAX", 0),
    ("SC_ASYNCHRONOUS_IO", 12),
    ("SC_ATEXIT_MAX", 87),
    ("SC_AVPHYS_PAGES", 86),
    ("SC_BC_BASE_MAX", 36),
    ("SC_BC_DIM_MAX", 37),
    ("SC_BC_SCALE_MAX", 38),
    ("SC_BC_STRING_MAX", 39),
    ("SC_CHARCLASS_NAME_MAX", 45),
    ("SC_CHAR_BIT", 101),
    ("SC_CHAR_MAX", 102),
    ("SC_CHAR_MIN", 103),
    ("SC_CHILD_MAX", 1),
    ("SC_CLK_TCK", 2),
    ("SC_COLL_WEIGHTS_MAX", 40),
    ("SC_DELAYTIMER_MAX", 26),
    ("SC_EQUIV_CLASS_MAX", 41),
    ("SC_EXPR_NEST_MAX", 42),
    ("SC_FSYNC", 15),
    ("SC_GETGR_R_SIZE_MAX", 69),
    ("SC_GETPW_R_SIZE_MAX", 70),
    ("SC_INT_MAX", 104),
    ("SC_INT_MIN", 105),
    ("SC_IOV_MAX", 60),
    ("SC_JOB_CONTROL", 7),
    ("SC_LINE_MAX", 43),
    ("SC_LOGIN_NAME_MAX", 71),
    ("SC_LONG_BIT", 106),
    ("SC_MAPPED_FILES", 16),
    ("SC_MB_LEN_MAX", 108),
    ("SC_MEMLOCK", 17),
    ("SC_MEMLOCK_RANGE", 18),
    ("SC_MEMORY_PROTECTION", 19),
    ("SC_MESSAGE_PASSING", 20),
    ("SC_MINSIGSTKSZ", 249),
    ("SC_MQ_OPEN_MAX", 27),
    ("SC_MQ_PRIO_MAX", 28),
    ("SC_NGROUPS_MAX", 3),
    ("SC_NL_ARGMAX", 119),
    ("SC_NL_LANGMAX", 120),
    ("SC_NL_MSGMAX", 121),
    ("SC_NL_NMAX", 122),
    ("SC_NL_SETMAX", 123),
    ("SC_NL_TEXTMAX", 124),
    ("SC_NPROCESSORS_CONF", 83),
    ("SC_NPROCESSORS_ONLN", 84),
    ("SC_NZERO", 109),
    ("SC_OPEN_MAX", 4),
    ("SC_PAGESIZE", 30),
    ("SC_PAGE_SIZE", 30),
    ("SC_PASS_MAX", 88),
    ("SC_PHYS_PAGES", 85),
    ("SC_PII", 53),
    ("SC_PII_INTERNET", 56),
    ("SC_PII_INTERNET_DGRAM", 62),
    ("SC_PII_INTERNET_STREAM", 61),
    ("SC_PII_OSI", 57),
    ("SC_PII_OSI_CLTS", 64),
    ("SC_PII_OSI_COTS", 63),
    ("SC_PII_OSI_M", 65),
    ("SC_PII_SOCKET", 55),
    ("SC_PII_XTI", 54),
    ("SC_POLL", 58),
    ("SC_PRIORITIZED_IO", 13),
    ("SC_PRIORITY_SCHEDULING", 10),
    ("SC_REALTIME_SIGNALS", 9),
    ("SC_RE_DUP_MAX", 44),
    ("SC_RTSIG_MAX", 31),
    ("SC_SAVED_IDS", 8),
    ("SC_SCHAR_MAX", 111),
    ("SC_SCHAR_MIN", 112),
    ("SC_SELECT", 59),
    ("SC_SEMAPHORES", 21),
    ("SC_SEM_NSEMS_MAX", 32),
    ("SC_SEM_VALUE_MAX", 33),
    ("SC_SHARED_MEMORY_OBJECTS", 22),
    ("SC_SHRT_MAX", 113),
    ("SC_SHRT_MIN", 114),
    ("SC_SIGQUEUE_MAX", 34),
    ("SC_SSIZE_MAX", 110),
    ("SC_STREAM_MAX", 5),
    ("SC_SYNCHRONIZED_IO", 14),
    ("SC_THREADS", 67),
    ("SC_THREAD_ATTR_STACKADDR", 77),
    ("SC_THREAD_ATTR_STACKSIZE", 78),
    ("SC_THREAD_DESTRUCTOR_ITERATIONS", 73),
    ("SC_THREAD_KEYS_MAX", 74),
    ("SC_THREAD_PRIORITY_SCHEDULING", 79),
    ("SC_THREAD_PRIO_INHERIT", 80),
    ("SC_THREAD_PRIO_PROTECT", 81),
    ("SC_THREAD_PROCESS_SHARED", 82),
    ("SC_THREAD_SAFE_FUNCTIONS", 68),
    ("SC_THREAD_STACK_MIN", 75),
    ("SC_THREAD_THREADS_MAX", 76),
    ("SC_TIMERS", 11),
    ("SC_TIMER_MAX", 35),
    ("SC_TTY_NAME_MAX", 72),
    ("SC_TZNAME_MAX", 6),
    ("SC_T_IOV_MAX", 66),
    ("SC_UCHAR_MAX", 115),
    ("SC_UINT_MAX", 116),
    ("SC_UIO_MAXIOV", 60),
    ("SC_ULONG_MAX", 117),
    ("SC_USHRT_MAX", 118),
    ("SC_VERSION", 29),
    ("SC_WORD_BIT", 107),
    ("SC_XBS5_ILP32_OFF32", 125),
    ("SC_XBS5_ILP32_OFFBIG", 126),
    ("SC_XBS5_LP64_OFF64", 127),
    ("SC_XBS5_LPBIG_OFFBIG", 128),
    ("SC_XOPEN_CRYPT", 92),
    ("SC_XOPEN_ENH_I18N", 93),
    ("SC_XOPEN_LEGACY", 129),
    ("SC_XOPEN_REALTIME", 130),
    ("SC_XOPEN_REALTIME_THREADS", 131),
    ("SC_XOPEN_SHM", 94),
    ("SC_XOPEN_UNIX", 91),
    ("SC_XOPEN_VERSION", 89),
    ("SC_XOPEN_XCU_VERSION", 90),
    ("SC_XOPEN_XPG2", 98),
    ("SC_XOPEN_XPG3", 99),
    ("SC_XOPEN_XPG4", 100),
];

/// Names of the system's texts.
pub(super) static TEXT_NAMES: &[(&str, i32)] = &[
    ("CS_GNU_LIBC_VERSION", 2),
    ("CS_GNU_LIBPTHREAD_VERSION", 3),
    ("CS_LFS64_CFLAGS", 1004),
    ("CS_LFS64_LDFLAGS", 1005),
    ("CS_LFS64_LIBS", 1006),
    ("CS_LFS64_LINTFLAGS", 1007),
    ("CS_LFS_CFLAGS", 1000),
    ("CS_LFS_LDFLAGS", 1001),
    ("CS_LFS_LIBS", 1002),
    ("CS_LFS_LINTFLAGS", 1003),
    ("CS_PATH", 0),
    ("CS_XBS5_ILP32_OFF32_CFLAGS", 1100),
    ("CS_XBS5_ILP32_OFF32_LDFLAGS", 1101),
    ("CS_XBS5_ILP32_OFF32_LIBS", 1102),
    ("CS_XBS5_ILP32_OFF32_LINTFLAGS", 1103),
    ("CS_XBS5_ILP32_OFFBIG_CFLAGS", 1104),
    ("CS_XBS5_ILP32_OFFBIG_LDFLAGS", 1105),
    ("CS_XBS5_ILP32_OFFBIG_LIBS", 1106),
    ("CS_XBS5_ILP32_OFFBIG_LINTFLAGS", 1107),
    ("CS_XBS5_LP64_OFF64_CFLAGS", 1108),
    ("CS_XBS5_LP64_OFF64_LDFLAGS", 1109),
    ("CS_XBS5_LP64_OFF64_LIBS", 1110),
    ("CS_XBS5_LP64_OFF64_LINTFLAGS", 1111),
    ("CS_XBS5_LPBIG_OFFBIG_CFLAGS", 1112),
    ("CS_XBS5_LPBIG_OFFBIG_LDFLAGS", 1113),
    ("CS_XBS5_LPBIG_OFFBIG_LIBS", 1114),
    ("CS_XBS5_LPBIG_OFFBIG_LINTFLAGS", 1115),
];

/// A name of a table, or a number.
pub(super) fn number_of(cx: &Cx, value: Value, table: &[(&str, i32)]) -> PyResult<i32> {
    if number::is_index(cx, value) {
        return cx.c_int_argument(value);
    }
    let Some(name) = value.downcast::<Str>(cx) else {
        return Err(cx.type_error("configuration names must be strings or integers"));
    };
    let found = table.iter().find(|(candidate, _)| candidate.as_bytes() == name.as_bytes());
    found.map(|&(_, number)| number).ok_or(()).map_err(|()| cx.value_error("unrecognized configuration name"))
}

pub(super) fn sysconf(cx: &Cx, _module: Value, name: Value) -> PyResult {
    let name = number_of(cx, name, SYSTEM_NAMES)?;
    // SAFETY: the calls have no preconditions; the error number is this thread's.
    let value = unsafe {
        *libc::__errno_location() = 0;
        libc::sysconf(name)
    };
    if value == -1 && errno() != 0 { Err(last_error(cx)) } else { Ok(cx.new_int_from_i64(value)) }
}

pub(super) fn fpathconf(cx: &Cx, _module: Value, fd: Value, name: Value) -> PyResult {
    let fd = crate::support::system::file_descriptor(cx, fd)?;
    let name = number_of(cx, name, PATH_NAMES)?;
    // SAFETY: the calls have no preconditions; the error number is this thread's.
    let value = unsafe {
        *libc::__errno_location() = 0;
        libc::fpathconf(fd, name)
    };
    if value == -1 && errno() != 0 { Err(last_error(cx)) } else { Ok(cx.new_int_from_i64(value)) }
}

pub(super) fn confstr(cx: &Cx, _module: Value, name: Value) -> PyResult {
    let name = number_of(cx, name, TEXT_NAMES)?;
    let mut buffer = vec![0u8; 65_536];
    // SAFETY: the buffer has the length that is passed; the error number is this thread's.
    let length = unsafe {
        *libc::__errno_location() = 0;
        libc::confstr(name, buffer.as_mut_ptr().cast(), buffer.len())
    };
    match length {
        0 if errno() != 0 => Err(last_error(cx)),
        0 => Ok(Value::NONE),
        length => Ok(fs_decode(cx, &buffer[..length.min(buffer.len()) - 1]).value()),
    }
}

pub(super) fn add_tables(cx: &Cx, module: Ref<Module>) -> PyResult<()> {
    let tables = [("pathconf_names", PATH_NAMES), ("sysconf_names", SYSTEM_NAMES), ("confstr_names", TEXT_NAMES)];
    for (name, table) in tables {
        let dict = cx.new_dict();
        for &(key, number) in table {
            dict.set_name(cx, cx.intern_str(key), Value::int(number.into()))?;
        }
        cx.add_to_module(module, name, dict.value())?;
    }
    Ok(())
}

// ---- environment

/// The environment as a dict of bytes.
pub(super) fn environ(cx: &Cx) -> PyResult {
    use std::os::unix::ffi::OsStringExt;
    let dict = cx.new_dict();
    for (name, value) in std::env::vars_os() {
        let (name, value) = (cx.new_bytes(&name.into_vec()), cx.new_bytes(&value.into_vec()));
        dict.set_default(cx, name.value(), value.value())?;
    }
    Ok(dict.value())
}

pub(super) fn create_environ(cx: &Cx, _module: Value) -> PyResult {
    environ(cx)
}

pub(super) fn putenv(cx: &Cx, _module: Value, name: Value, value: Value) -> PyResult {
    let (name, value) = (c_string(cx, name)?, c_string(cx, value)?);
    if name.as_bytes().contains(&b'=') {
        return Err(cx.value_error("illegal environment variable name"));
    }
    if name.is_empty() {
        return Err(error(cx, libc::EINVAL));
    }
    // SAFETY: the strings end with NUL. As in every Python, the C library's environment must not be read meanwhile by
    // foreign code; Rust's own readers take the standard library's lock, which this goes through.
    unsafe {
        use std::os::unix::ffi::OsStrExt;
        std::env::set_var(std::ffi::OsStr::from_bytes(name.as_bytes()), std::ffi::OsStr::from_bytes(value.as_bytes()));
    }
    Ok(Value::NONE)
}

pub(super) fn unsetenv(cx: &Cx, _module: Value, name: Value) -> PyResult {
    let name = c_string(cx, name)?;
    if name.is_empty() || name.as_bytes().contains(&b'=') {
        return Err(error(cx, libc::EINVAL));
    }
    // SAFETY: as for `putenv`.
    unsafe {
        use std::os::unix::ffi::OsStrExt;
        std::env::remove_var(std::ffi::OsStr::from_bytes(name.as_bytes()));
    }
    Ok(Value::NONE)
}

// ---- the machine

static UNAME_LAYOUT: Layout = structseq::layout("uname_result");
pub(super) static UNAME_RESULT: TypeDef = structseq::definition(
    "posix",
    "uname_result",
    "uname_result: Result from os.uname().",
    &UNAME_LAYOUT,
    &[
        field::<0>("sysname", "operating system name"),
        field::<1>("nodename", "name of machine on network (implementation-defined)"),
        field::<2>("release", "operating system release"),
        field::<3>("version", "operating system version"),
        field::<4>("machine", "hardware identifier"),
    ],
    |cx, class| structseq::finish(cx, class, 5),
);

pub(super) fn uname(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the record is plain bytes, for which zero is valid.
    let mut record: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: the record is a local.
    if unsafe { libc::uname(&mut record) } < 0 {
        return Err(last_error(cx));
    }
    let text = |field: &[libc::c_char]| {
        // SAFETY: the call has ended each field with NUL.
        let bytes = unsafe { CStr::from_ptr(field.as_ptr()) }.to_bytes();
        fs_decode(cx, bytes).value()
    };
    let fields = [&record.sysname, &record.nodename, &record.release, &record.version, &record.machine];
    cx.new_struct_sequence(&UNAME_RESULT, &fields.map(|field| text(field)))
}

pub(super) fn cpu_count(cx: &Cx, _module: Value) -> PyResult {
    if let Some(count) = cx.vm().config.command_line.cpu_count {
        return Ok(Value::int(i64::from(count)));
    }
    // SAFETY: the call has no preconditions.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    Ok(if count > 0 { Value::int(count) } else { Value::NONE })
}

pub(super) fn getloadavg(cx: &Cx, _module: Value) -> PyResult {
    let mut loads = [0.0; 3];
    // SAFETY: the array has three places.
    if unsafe { libc::getloadavg(loads.as_mut_ptr(), 3) } != 3 {
        return Err(raise!(cx, OSError, "Load averages are unobtainable"));
    }
    Ok(cx.new_tuple(&loads.map(|load| cx.new_float(load))).value())
}

static TERMINAL_SIZE_LAYOUT: Layout = structseq::layout("terminal_size");
pub(super) static TERMINAL_SIZE: TypeDef = structseq::definition(
    "os",
    "terminal_size",
    "A tuple of (columns, lines) for holding terminal window size",
    &TERMINAL_SIZE_LAYOUT,
    &[
        field::<0>("columns", "width of the terminal window in characters"),
        field::<1>("lines", "height of the terminal window in characters"),
    ],
    |cx, class| structseq::finish(cx, class, 2),
);

pub(super) fn get_terminal_size(cx: &Cx, _module: Value, fd: Option<Value>) -> PyResult {
    let fd = optional_int(cx, fd, libc::STDOUT_FILENO)?;
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the record is a local of the type that the request fills.
    if unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) } < 0 {
        return Err(last_error(cx));
    }
    cx.new_struct_sequence(&TERMINAL_SIZE, &[Value::int(size.ws_col.into()), Value::int(size.ws_row.into())])
}

pub(super) fn strerror(cx: &Cx, _module: Value, number: Value) -> PyResult {
    let number = cx.c_int_argument(number)?;
    let text = error_text(number);
    Ok(cx.new_str(&text).value())
}

pub(super) fn urandom(cx: &Cx, _module: Value, size: Value) -> PyResult {
    let size = number::index_i64(cx, size)?;
    let Ok(size) = usize::try_from(size) else { return Err(cx.value_error("negative argument not allowed")) };
    random(cx, size, 0, true)
}

static GETRANDOM: Signature<2> = Signature::new("getrandom", ["size", "flags"]).required(1);

pub(super) fn getrandom(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [size, flags] = GETRANDOM.bind(cx, args)?;
    let size = number::index_i64(cx, size.unwrap_or(Value::NONE))?;
    let Ok(size) = usize::try_from(size) else { return Err(error(cx, libc::EINVAL)) };
    random(cx, size, optional_int(cx, flags, 0)? as u32, false)
}

/// Random bytes; all that were asked for if `whole`.
fn random(cx: &Cx, size: usize, flags: u32, whole: bool) -> PyResult {
    let mut buffer = Vec::new();
    if buffer.try_reserve_exact(size).is_err() {
        return Err(cx.memory_error());
    }
    buffer.resize(size, 0u8);
    let mut filled = 0;
    while filled < size {
        let rest = &mut buffer[filled..];
        // SAFETY: the rest has the length that is passed.
        let got =
            blocking_or_raise(cx, || unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), flags) as i64 })?;
        filled += got as usize;
        if !whole {
            break;
        }
    }
    buffer.truncate(filled);
    Ok(cx.try_new_bytes(&buffer)?.value())
}

pub(super) fn getlogin(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the answer is null or ends with NUL, in memory that the next call may change: it is copied at once.
    let name = unsafe { libc::getlogin().as_ref().map(|name| CStr::from_ptr(name).to_bytes().to_vec()) };
    match name {
        Some(name) => Ok(fs_decode(cx, &name).value()),
        None => Err(last_error(cx)),
    }
}

static DEVICE_ENCODING: Signature<1> = Signature::new("device_encoding", ["fd"]).required(1);

pub(super) fn device_encoding(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let fd = cx.c_int_argument(DEVICE_ENCODING.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    if unsafe { libc::isatty(fd) } != 1 {
        return Ok(Value::NONE);
    }
    Ok(cx.new_str(&crate::support::locale::encoding(cx)).value())
}

// ---- paths as text

static FSPATH: Signature<1> = Signature::new("fspath", ["path"]).required(1);

pub(super) fn fspath(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = FSPATH.bind(cx, args)?;
    fs_path(cx, path.unwrap_or(Value::NONE))
}

/// A path as text: its bytes, and whether it was given as bytes.
fn text_path(cx: &Cx, value: Option<Value>, kind: Kind) -> PyResult<(Vec<u8>, bool)> {
    let value = value.unwrap_or(Value::NONE);
    if let Some(text) = value.downcast::<Str>(cx) {
        return Ok((text.as_bytes().to_vec(), false));
    }
    if let Some(bytes) = value.downcast::<Bytes>(cx) {
        return Ok((bytes.as_bytes().to_vec(), true));
    }
    let path = Path::new(cx, Some(value), kind)?;
    match path.is_bytes {
        true => Ok((path.name.into_bytes(), true)),
        false => Ok((fs_decode(cx, &fs_encode(cx, value)?).as_bytes().to_vec(), false)),
    }
}

fn text_of(cx: &Cx, bytes: &[u8], is_bytes: bool) -> Value {
    match is_bytes {
        true => cx.new_bytes(bytes).value(),
        // Cut at slashes, which are characters of their own.
        false => cx.new_str_wtf8(countless_common::wtf8::Wtf8::from_trusted_bytes(bytes)).value(),
    }
}

/// How many leading slashes are the root: none, one, or exactly two, which POSIX lets mean something of its own.
fn root_length(path: &[u8]) -> usize {
    match path.iter().take_while(|&&byte| byte == b'/').count() {
        0 => 0,
        2 => 2,
        _ => 1,
    }
}

static SPLITROOT: Signature<1> = Signature::new("_path_splitroot_ex", ["p"]).required(1);

pub(super) fn path_splitroot(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = SPLITROOT.bind(cx, args)?;
    let (path, is_bytes) = text_path(cx, path, Kind::name("_path_splitroot_ex"))?;
    let root = root_length(&path);
    let parts = [&path[..0], &path[..root], &path[root..]].map(|part| text_of(cx, part, is_bytes));
    Ok(cx.new_tuple(&parts).value())
}

static NORMPATH: Signature<1> = Signature::new("_path_normpath", ["path"]).required(1);

pub(super) fn path_normpath(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = NORMPATH.bind(cx, args)?;
    let (path, is_bytes) = text_path(cx, path, Kind::name("_path_normpath"))?;
    let root = root_length(&path);
    let mut kept: Vec<&[u8]> = Vec::new();
    for part in path[root..].split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if kept.last().is_some_and(|last| *last != b"..") => drop(kept.pop()),
            b".." if root > 0 && kept.is_empty() => {}
            _ => kept.push(part),
        }
    }
    let mut normal = path[..root].to_vec();
    normal.extend_from_slice(&kept.join(&b'/'));
    if normal.is_empty() {
        normal.push(b'.');
    }
    Ok(text_of(cx, &normal, is_bytes))
}

pub(super) fn ctermid(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.new_str("/dev/tty").value())
}
