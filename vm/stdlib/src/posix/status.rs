//! What the system knows about files: `stat` and what changes it.

use std::mem::MaybeUninit;

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::TypeDef;
use countless_vm::object::cell::Layout;
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::float::as_f64;
use countless_vm::types::structseq::{self, field};
use countless_vm::types::tuple::Tuple;

use super::path::{Kind, Path, Shared, dir_fd, id};
use crate::support::native::optional_bool;
use crate::support::system::{self, blocking, blocking_or_raise};

static STAT_LAYOUT: Layout = structseq::layout("stat_result");
pub(super) static STAT_RESULT: TypeDef = structseq::definition(
    "os",
    "stat_result",
    "stat_result: Result from stat, fstat, or lstat.\n\nA tuple of the first ten numbers, with names for these and more.",
    &STAT_LAYOUT,
    // Items 7 to 9 are whole seconds; their names stand for the exact times, which come later.
    &[
        field::<0>("st_mode", "protection bits"),
        field::<1>("st_ino", "inode"),
        field::<2>("st_dev", "device"),
        field::<3>("st_nlink", "number of hard links"),
        field::<4>("st_uid", "user ID of owner"),
        field::<5>("st_gid", "group ID of owner"),
        field::<6>("st_size", "total size, in bytes"),
        field::<7>("st_atime", ""),
        field::<8>("st_mtime", ""),
        field::<9>("st_ctime", ""),
        field::<10>("st_atime", "time of last access"),
        field::<11>("st_mtime", "time of last modification"),
        field::<12>("st_ctime", "time of last change"),
        field::<13>("st_atime_ns", "time of last access in nanoseconds"),
        field::<14>("st_mtime_ns", "time of last modification in nanoseconds"),
        field::<15>("st_ctime_ns", "time of last change in nanoseconds"),
        field::<16>("st_blksize", "blocksize for filesystem I/O"),
        field::<17>("st_blocks", "number of blocks allocated"),
        field::<18>("st_rdev", "device type (if inode device)"),
    ],
    |cx, class| {
        structseq::finish(cx, class, 10)?;
        let (dict, names) = (class.dict(), cx.names());
        dict.set_name(cx, cx.intern_str("n_unnamed_fields"), Value::int(3))?;
        let shown = ["st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size"];
        let shown = shown.map(|name| cx.intern_str(name).value());
        dict.set_name(cx, names.__match_args__, cx.new_tuple(&shown).value())
    },
);

static STATVFS_LAYOUT: Layout = structseq::layout("statvfs_result");
pub(super) static STATVFS_RESULT: TypeDef = structseq::definition(
    "os",
    "statvfs_result",
    "statvfs_result: Result from statvfs or fstatvfs.",
    &STATVFS_LAYOUT,
    &[
        field::<0>("f_bsize", ""),
        field::<1>("f_frsize", ""),
        field::<2>("f_blocks", ""),
        field::<3>("f_bfree", ""),
        field::<4>("f_bavail", ""),
        field::<5>("f_files", ""),
        field::<6>("f_ffree", ""),
        field::<7>("f_favail", ""),
        field::<8>("f_flag", ""),
        field::<9>("f_namemax", ""),
        field::<10>("f_fsid", ""),
    ],
    |cx, class| structseq::finish(cx, class, 10),
);

/// The result object of a C record.
pub(super) fn stat_object(cx: &Cx, record: &libc::stat) -> PyResult {
    let unsigned = |number: u64| cx.new_int_from_u64(number);
    let times = [
        (record.st_atime, record.st_atime_nsec),
        (record.st_mtime, record.st_mtime_nsec),
        (record.st_ctime, record.st_ctime_nsec),
    ];
    let exact = |(seconds, nanoseconds): (i64, i64)| cx.new_float(seconds as f64 + 1e-9 * nanoseconds as f64);
    let whole = |(seconds, nanoseconds): (i64, i64)| {
        cx.new_int_from_i128(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds))
    };
    let signed = |number: i64| cx.new_int_from_i64(number);
    let [access, modification, change] = times;
    cx.new_struct_sequence(
        &STAT_RESULT,
        &[
            unsigned(u64::from(record.st_mode)),
            unsigned(record.st_ino),
            unsigned(record.st_dev),
            unsigned(record.st_nlink),
            unsigned(u64::from(record.st_uid)),
            unsigned(u64::from(record.st_gid)),
            signed(record.st_size),
            signed(access.0),
            signed(modification.0),
            signed(change.0),
            exact(access),
            exact(modification),
            exact(change),
            whole(access),
            whole(modification),
            whole(change),
            signed(record.st_blksize),
            signed(record.st_blocks),
            unsigned(record.st_rdev),
        ],
    )
}

/// `stat` by name or descriptor.
pub(super) fn stat_of(cx: &Cx, path: &Path, folder: i32, follow: bool) -> PyResult<Result<libc::stat, i32>> {
    let mut record = MaybeUninit::<libc::stat>::uninit();
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    let (place, shared) = (record.as_mut_ptr().expose_provenance(), Shared(path));
    let answer = blocking(cx, || {
        let (place, path) = (std::ptr::with_exposed_provenance_mut::<libc::stat>(place), shared.get());
        // SAFETY: the record is a local of the caller, who waits; the name ends with NUL.
        unsafe {
            match path.descriptor {
                Some(fd) => libc::fstat(fd, place).into(),
                None => libc::fstatat(folder, path.pointer(), place, flags).into(),
            }
        }
    })?;
    // SAFETY: the call has filled the record.
    Ok(answer.map(|_| unsafe { record.assume_init() }))
}

fn checked_stat(cx: &Cx, path: &Path, folder: i32, follow: bool) -> PyResult {
    match stat_of(cx, path, folder, follow)? {
        Ok(record) => stat_object(cx, &record),
        Err(errno) => Err(path.error(cx, errno)),
    }
}

/// Refuses combinations that make no sense.
pub(super) fn check_combination(cx: &Cx, function: &str, path: &Path, folder: i32, follow: bool) -> PyResult<()> {
    if path.descriptor.is_some() && folder != libc::AT_FDCWD {
        return Err(raise!(cx, ValueError, "{function}: can't specify dir_fd without matching path"));
    }
    if path.descriptor.is_some() && !follow {
        return Err(raise!(cx, ValueError, "{function}: cannot use fd and follow_symlinks together"));
    }
    Ok(())
}

static STAT: Signature<3> =
    Signature::new("stat", ["path", "dir_fd", "follow_symlinks"]).required(1).keyword_only_from(1);

pub(super) fn stat(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, folder, follow] = STAT.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("stat"))?;
    let (folder, follow) = (dir_fd(cx, folder)?, optional_bool(cx, follow, true)?);
    check_combination(cx, "stat", &path, folder, follow)?;
    checked_stat(cx, &path, folder, follow)
}

static LSTAT: Signature<2> = Signature::new("lstat", ["path", "dir_fd"]).required(1).keyword_only_from(1);

pub(super) fn lstat(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, folder] = LSTAT.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("lstat"))?;
    checked_stat(cx, &path, dir_fd(cx, folder)?, false)
}

static FSTAT: Signature<1> = Signature::new("fstat", ["fd"]).required(1);

pub(super) fn fstat(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd] = FSTAT.bind(cx, args)?;
    let fd = cx.c_int_argument(fd.unwrap_or(Value::NONE))?;
    let path = Path { object: None, name: c".".to_owned(), descriptor: Some(fd), is_bytes: false };
    checked_stat(cx, &path, libc::AT_FDCWD, true)
}

fn statvfs_object(cx: &Cx, record: &libc::statvfs) -> PyResult {
    let unsigned = |number: u64| cx.new_int_from_u64(number);
    cx.new_struct_sequence(
        &STATVFS_RESULT,
        &[
            unsigned(record.f_bsize),
            unsigned(record.f_frsize),
            unsigned(record.f_blocks),
            unsigned(record.f_bfree),
            unsigned(record.f_bavail),
            unsigned(record.f_files),
            unsigned(record.f_ffree),
            unsigned(record.f_favail),
            unsigned(record.f_flag),
            unsigned(record.f_namemax),
            unsigned(record.f_fsid),
        ],
    )
}

fn statvfs_of(cx: &Cx, path: &Path) -> PyResult {
    let mut record = MaybeUninit::<libc::statvfs>::uninit();
    let place = record.as_mut_ptr().expose_provenance();
    path.call(cx, |path| {
        let place = std::ptr::with_exposed_provenance_mut::<libc::statvfs>(place);
        // SAFETY: the record is a local of the caller, who waits; the name ends with NUL.
        unsafe {
            match path.descriptor {
                Some(fd) => libc::fstatvfs(fd, place).into(),
                None => libc::statvfs(path.pointer(), place).into(),
            }
        }
    })?;
    // SAFETY: the call has filled the record.
    statvfs_object(cx, unsafe { record.assume_init_ref() })
}

static STATVFS: Signature<1> = Signature::new("statvfs", ["path"]).required(1);

pub(super) fn statvfs(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = STATVFS.bind(cx, args)?;
    statvfs_of(cx, &Path::new(cx, path, Kind::any("statvfs"))?)
}

pub(super) fn fstatvfs(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    statvfs_of(cx, &Path { object: None, name: c".".to_owned(), descriptor: Some(fd), is_bytes: false })
}

static ACCESS: Signature<5> = Signature::new("access", ["path", "mode", "dir_fd", "effective_ids", "follow_symlinks"])
    .required(2)
    .keyword_only_from(2);

pub(super) fn access(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, mode, folder, effective, follow] = ACCESS.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("access"))?;
    let (mode, folder) = (cx.c_int_argument(mode.unwrap_or(Value::NONE))?, dir_fd(cx, folder)?);
    let mut flags = 0;
    if optional_bool(cx, effective, false)? {
        flags |= libc::AT_EACCESS;
    }
    if !optional_bool(cx, follow, true)? {
        flags |= libc::AT_SYMLINK_NOFOLLOW;
    }
    let shared = Shared(&path);
    // SAFETY: the name ends with NUL.
    let answer = blocking(cx, || unsafe { libc::faccessat(folder, shared.get().pointer(), mode, flags).into() })?;
    Ok(Value::bool(answer.is_ok()))
}

static CHMOD: Signature<4> =
    Signature::new("chmod", ["path", "mode", "dir_fd", "follow_symlinks"]).required(2).keyword_only_from(2);

pub(super) fn chmod(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, mode, folder, follow] = CHMOD.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("chmod"))?;
    let mode = cx.c_int_argument(mode.unwrap_or(Value::NONE))? as libc::mode_t;
    let (folder, follow) = (dir_fd(cx, folder)?, optional_bool(cx, follow, true)?);
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    path.call(cx, |path| match path.descriptor {
        // SAFETY: the name ends with NUL.
        None => unsafe { libc::fchmodat(folder, path.pointer(), mode, flags).into() },
        // SAFETY: the call has no preconditions.
        Some(fd) => unsafe { libc::fchmod(fd, mode).into() },
    })?;
    Ok(Value::NONE)
}

static FCHMOD: Signature<2> = Signature::new("fchmod", ["fd", "mode"]).required(2);

pub(super) fn fchmod(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, mode] = FCHMOD.bind(cx, args)?;
    let fd = system::file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let mode = cx.c_int_argument(mode.unwrap_or(Value::NONE))? as libc::mode_t;
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::fchmod(fd, mode).into() })?;
    Ok(Value::NONE)
}

static CHOWN: Signature<5> =
    Signature::new("chown", ["path", "uid", "gid", "dir_fd", "follow_symlinks"]).required(3).keyword_only_from(3);

pub(super) fn chown(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, user, group, folder, follow] = CHOWN.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("chown"))?;
    let user = id(cx, user.unwrap_or(Value::NONE), "uid")?;
    let group = id(cx, group.unwrap_or(Value::NONE), "gid")?;
    let (folder, follow) = (dir_fd(cx, folder)?, optional_bool(cx, follow, true)?);
    check_combination(cx, "chown", &path, folder, follow)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    path.call(cx, |path| match path.descriptor {
        // SAFETY: the name ends with NUL.
        None => unsafe { libc::fchownat(folder, path.pointer(), user, group, flags).into() },
        // SAFETY: the call has no preconditions.
        Some(fd) => unsafe { libc::fchown(fd, user, group).into() },
    })?;
    Ok(Value::NONE)
}

static FCHOWN: Signature<3> = Signature::new("fchown", ["fd", "uid", "gid"]).required(3);

pub(super) fn fchown(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, user, group] = FCHOWN.bind(cx, args)?;
    let fd = system::file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let user = id(cx, user.unwrap_or(Value::NONE), "uid")?;
    let group = id(cx, group.unwrap_or(Value::NONE), "gid")?;
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::fchown(fd, user, group).into() })?;
    Ok(Value::NONE)
}

static LCHOWN: Signature<3> = Signature::new("lchown", ["path", "uid", "gid"]).required(3);

pub(super) fn lchown(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, user, group] = LCHOWN.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("lchown"))?;
    let user = id(cx, user.unwrap_or(Value::NONE), "uid")?;
    let group = id(cx, group.unwrap_or(Value::NONE), "gid")?;
    // SAFETY: the name ends with NUL.
    path.call(cx, |path| unsafe { libc::lchown(path.pointer(), user, group).into() })?;
    Ok(Value::NONE)
}

/// A time in seconds, rounded down to nanoseconds.
fn seconds(cx: &Cx, value: Value) -> PyResult<libc::timespec> {
    if let Some(seconds) = as_f64(cx, value) {
        if seconds.is_nan() {
            return Err(cx.value_error("Invalid value NaN (not a number)"));
        }
        let mut whole = seconds.floor();
        let mut nanoseconds = ((seconds - whole) * 1e9).floor();
        if nanoseconds >= 1e9 {
            nanoseconds -= 1e9;
            whole += 1.0;
        }
        if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
            return Err(cx.overflow_error("timestamp out of range for platform time_t"));
        }
        return Ok(libc::timespec { tv_sec: whole as i64, tv_nsec: nanoseconds as i64 });
    }
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value) {
        Some(seconds) => Ok(libc::timespec { tv_sec: seconds, tv_nsec: 0 }),
        None => Err(cx.overflow_error("timestamp out of range for platform time_t")),
    }
}

fn nanoseconds(cx: &Cx, value: Value) -> PyResult<libc::timespec> {
    let value = number::index(cx, value)?;
    match number::as_index_i64(cx, value) {
        Some(whole) => Ok(system::timespec(whole)),
        None => Err(cx.overflow_error("timestamp out of range for platform time_t")),
    }
}

static UTIME: Signature<5> =
    Signature::new("utime", ["path", "times", "ns", "dir_fd", "follow_symlinks"]).required(1).keyword_only_from(2);

pub(super) fn utime(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, times, ns, folder, follow] = UTIME.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("utime"))?;
    let (folder, follow) = (dir_fd(cx, folder)?, optional_bool(cx, follow, true)?);
    let times = times.and_then(Value::not_none);
    if times.is_some() && ns.is_some() {
        return Err(cx.value_error("utime: you may specify either 'times' or 'ns' but not both"));
    }
    let pair = |value: Value, what: &str| match value.downcast::<Tuple>(cx).filter(|pair| pair.len() == 2) {
        Some(pair) => Ok((pair.get(0), pair.get(1))),
        None => Err(raise!(cx, TypeError, "utime: {what}")),
    };
    let now = libc::timespec { tv_sec: 0, tv_nsec: libc::UTIME_NOW };
    let times = match (times, ns) {
        (Some(times), _) => {
            let (access, modification) = pair(times, "'times' must be either a tuple of two ints or None")?;
            [seconds(cx, access)?, seconds(cx, modification)?]
        }
        (None, Some(ns)) => {
            let (access, modification) = pair(ns, "'ns' must be a tuple of two ints")?;
            [nanoseconds(cx, access)?, nanoseconds(cx, modification)?]
        }
        (None, None) => [now, now],
    };
    check_combination(cx, "utime", &path, folder, follow)?;
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    path.call(cx, |path| match path.descriptor {
        // SAFETY: the name ends with NUL; the array has two times.
        None => unsafe { libc::utimensat(folder, path.pointer(), times.as_ptr(), flags).into() },
        // SAFETY: the array has two times.
        Some(fd) => unsafe { libc::futimens(fd, times.as_ptr()).into() },
    })?;
    Ok(Value::NONE)
}

static TRUNCATE: Signature<2> = Signature::new("truncate", ["path", "length"]).required(2);

pub(super) fn truncate(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, length] = TRUNCATE.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("truncate"))?;
    let length = number::index_i64(cx, length.unwrap_or(Value::NONE))?;
    path.call(cx, |path| match path.descriptor {
        // SAFETY: the name ends with NUL.
        None => unsafe { libc::truncate(path.pointer(), length).into() },
        // SAFETY: the call has no preconditions.
        Some(fd) => unsafe { libc::ftruncate(fd, length).into() },
    })?;
    Ok(Value::NONE)
}

pub(super) fn ftruncate(cx: &Cx, _module: Value, fd: Value, length: Value) -> PyResult {
    let (fd, length) = (cx.c_int_argument(fd)?, number::index_i64(cx, length)?);
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::ftruncate(fd, length).into() })?;
    Ok(Value::NONE)
}

fn device(cx: &Cx, value: Value) -> PyResult<u64> {
    let value = number::index(cx, value)?;
    if let Some(number) = number::as_index_i64(cx, value) {
        return Ok(number as u64);
    }
    match countless_vm::types::int::view(cx, &value).and_then(|number| number.to_u64()) {
        Some(number) => Ok(number),
        None => Err(cx.overflow_error("Python int too large to convert to C unsigned long long")),
    }
}

pub(super) fn major(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int(i64::from(libc::major(device(cx, value)?))))
}

pub(super) fn minor(cx: &Cx, _module: Value, value: Value) -> PyResult {
    Ok(Value::int(i64::from(libc::minor(device(cx, value)?))))
}

pub(super) fn makedev(cx: &Cx, _module: Value, major: Value, minor: Value) -> PyResult {
    let (major, minor) = (device(cx, major)?, device(cx, minor)?);
    Ok(cx.new_int_from_u64(libc::makedev(major as u32, minor as u32)))
}
