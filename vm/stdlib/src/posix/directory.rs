//! Names in folders: making, listing, moving and removing them.

use std::ffi::CStr;

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::protocol::number;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;

use super::path::{Kind, Path, Shared, dir_fd};
use crate::support::native::optional_bool;
use crate::support::path::fs_decode;
use crate::support::system::{blocking, blocking_or_raise, errno, error, file_descriptor, last_error};

/// An optional argument that is a mode.
fn mode(cx: &Cx, value: Option<Value>, default: libc::mode_t) -> PyResult<libc::mode_t> {
    value.map_or(Ok(default), |value| Ok(cx.c_int_argument(value)? as libc::mode_t))
}

static CHDIR: Signature<1> = Signature::new("chdir", ["path"]).required(1);

pub(super) fn chdir(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = CHDIR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("chdir"))?;
    path.call(cx, |path| match path.descriptor {
        // SAFETY: the name ends with NUL.
        None => unsafe { libc::chdir(path.pointer()).into() },
        // SAFETY: the call has no preconditions.
        Some(fd) => unsafe { libc::fchdir(fd).into() },
    })?;
    Ok(Value::NONE)
}

static FCHDIR: Signature<1> = Signature::new("fchdir", ["fd"]).required(1);

pub(super) fn fchdir(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd] = FCHDIR.bind(cx, args)?;
    let fd = file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::fchdir(fd).into() })?;
    Ok(Value::NONE)
}

static CHROOT: Signature<1> = Signature::new("chroot", ["path"]).required(1);

pub(super) fn chroot(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = CHROOT.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("chroot"))?;
    // SAFETY: the name ends with NUL.
    path.call(cx, |path| unsafe { libc::chroot(path.pointer()).into() })?;
    Ok(Value::NONE)
}

/// The working folder's name.
fn working_folder(cx: &Cx) -> PyResult<Vec<u8>> {
    use std::os::unix::ffi::OsStringExt;
    match cx.mutator().detached(std::env::current_dir) {
        Ok(path) => Ok(path.into_os_string().into_vec()),
        Err(failure) => Err(error(cx, failure.raw_os_error().unwrap_or(libc::ENOENT))),
    }
}

pub(super) fn getcwd(cx: &Cx, _module: Value) -> PyResult {
    Ok(fs_decode(cx, &working_folder(cx)?).value())
}

pub(super) fn getcwdb(cx: &Cx, _module: Value) -> PyResult {
    Ok(cx.new_bytes(&working_folder(cx)?).value())
}

/// An open folder.
pub(super) struct Folder(std::ptr::NonNull<libc::DIR>, bool);

// SAFETY: a stream is used by one thread at a time: its owner's.
unsafe impl Send for Folder {}

/// An entry of a folder.
pub(super) struct Entry {
    /// The name.
    pub(super) name: Vec<u8>,
    /// The file's number.
    pub(super) inode: u64,
    /// What kind of file it is (`DT_…`).
    pub(super) kind: u8,
}

impl Folder {
    /// Opens the folder of a path.
    pub(super) fn open(path: &Path) -> Result<Folder, i32> {
        // SAFETY: the name ends with NUL; a descriptor of our own is handed over to the stream.
        let stream = unsafe {
            match path.descriptor {
                None => libc::opendir(path.pointer()),
                Some(fd) => {
                    let own = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0);
                    if own < 0 {
                        return Err(errno());
                    }
                    let stream = libc::fdopendir(own);
                    if stream.is_null() {
                        let failure = errno();
                        libc::close(own);
                        return Err(failure);
                    }
                    stream
                }
            }
        };
        std::ptr::NonNull::new(stream).map(|stream| Folder(stream, path.descriptor.is_some())).ok_or_else(errno)
    }

    /// The next entry but "." and "..".
    pub(super) fn next(&mut self) -> Result<Option<Entry>, i32> {
        loop {
            // SAFETY: the stream is open, and used by this thread only; the error number is this thread's.
            let record = unsafe {
                *libc::__errno_location() = 0;
                libc::readdir(self.0.as_ptr())
            };
            // SAFETY: the record is null or valid until the next call; its name ends with NUL.
            let Some(record) = (unsafe { record.as_ref() }) else {
                return if errno() == 0 { Ok(None) } else { Err(errno()) };
            };
            // SAFETY: as above.
            let name = unsafe { CStr::from_ptr(record.d_name.as_ptr()) }.to_bytes();
            if name != b"." && name != b".." {
                return Ok(Some(Entry { name: name.to_vec(), inode: record.d_ino, kind: record.d_type }));
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // SAFETY: the stream is open. One over a duplicate descriptor shares its position with the original, which must
        // start anew next time.
        unsafe {
            if self.1 {
                libc::rewinddir(self.0.as_ptr());
            }
            libc::closedir(self.0.as_ptr());
        }
    }
}

static LISTDIR: Signature<1> = Signature::new("listdir", ["path"]);

pub(super) fn listdir(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = LISTDIR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::optional("listdir"))?;
    let shared = Shared(&path);
    let names = cx.mutator().detached(move || -> Result<Vec<Vec<u8>>, i32> {
        let mut folder = Folder::open(shared.get())?;
        let mut names = Vec::new();
        while let Some(entry) = folder.next()? {
            names.push(entry.name);
        }
        Ok(names)
    });
    let names = names.map_err(|errno| path.name_error(cx, errno))?;
    let list = cx.new_list();
    for name in names {
        list.push(cx, path.similar(cx, &name))?;
    }
    Ok(list.value())
}

static MKDIR: Signature<3> = Signature::new("mkdir", ["path", "mode", "dir_fd"]).required(1).keyword_only_from(2);

pub(super) fn mkdir(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, bits, folder] = MKDIR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("mkdir"))?;
    let (bits, folder) = (mode(cx, bits, 0o777)?, dir_fd(cx, folder)?);
    // SAFETY: the name ends with NUL.
    path.call(cx, |path| unsafe { libc::mkdirat(folder, path.pointer(), bits).into() })?;
    Ok(Value::NONE)
}

static MKFIFO: Signature<3> = Signature::new("mkfifo", ["path", "mode", "dir_fd"]).required(1).keyword_only_from(2);

pub(super) fn mkfifo(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, bits, folder] = MKFIFO.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("mkfifo"))?;
    let (bits, folder) = (mode(cx, bits, 0o666)?, dir_fd(cx, folder)?);
    // SAFETY: the name ends with NUL.
    path.call(cx, |path| unsafe { libc::mkfifoat(folder, path.pointer(), bits).into() })?;
    Ok(Value::NONE)
}

static MKNOD: Signature<4> =
    Signature::new("mknod", ["path", "mode", "device", "dir_fd"]).required(1).keyword_only_from(3);

pub(super) fn mknod(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, bits, device, folder] = MKNOD.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("mknod"))?;
    let (bits, folder) = (mode(cx, bits, 0o600)?, dir_fd(cx, folder)?);
    let device = device.map_or(Ok(0), |device| number::index_i64(cx, device))? as libc::dev_t;
    // SAFETY: the name ends with NUL.
    path.call(cx, |path| unsafe { libc::mknodat(folder, path.pointer(), bits, device).into() })?;
    Ok(Value::NONE)
}

fn unlink_at(cx: &Cx, args: Args<'_>, signature: &Signature<2>, function: &'static str, flags: i32) -> PyResult {
    let [path, folder] = signature.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name(function))?;
    let folder = dir_fd(cx, folder)?;
    // SAFETY: the name ends with NUL.
    path.call(cx, |path| unsafe { libc::unlinkat(folder, path.pointer(), flags).into() })?;
    Ok(Value::NONE)
}

static UNLINK: Signature<2> = Signature::new("unlink", ["path", "dir_fd"]).required(1).keyword_only_from(1);
static REMOVE: Signature<2> = Signature::new("remove", ["path", "dir_fd"]).required(1).keyword_only_from(1);
static RMDIR: Signature<2> = Signature::new("rmdir", ["path", "dir_fd"]).required(1).keyword_only_from(1);

pub(super) fn unlink(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    unlink_at(cx, args, &UNLINK, "unlink", 0)
}

pub(super) fn remove(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    unlink_at(cx, args, &REMOVE, "remove", 0)
}

pub(super) fn rmdir(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    unlink_at(cx, args, &RMDIR, "rmdir", libc::AT_REMOVEDIR)
}

/// A call with two paths, whose failure names both.
fn call_with_two(
    cx: &Cx,
    source: &Path,
    target: &Path,
    mut call: impl FnMut(*const libc::c_char, *const libc::c_char) -> i64 + Send,
) -> PyResult {
    let (first, second) = (Shared(source), Shared(target));
    match blocking(cx, || call(first.get().pointer(), second.get().pointer()))? {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(source.error_with(cx, errno, target)),
    }
}

fn rename_at(cx: &Cx, args: Args<'_>, signature: &Signature<4>, function: &'static str) -> PyResult {
    let [source, target, source_folder, target_folder] = signature.bind(cx, args)?;
    let source = Path::new(cx, source, Kind::name(function).called("src"))?;
    let target = Path::new(cx, target, Kind::name(function).called("dst"))?;
    let (from, to) = (dir_fd(cx, source_folder)?, dir_fd(cx, target_folder)?);
    // SAFETY: the names end with NUL.
    call_with_two(cx, &source, &target, |source, target| unsafe { libc::renameat(from, source, to, target).into() })
}

const RENAME_PARAMETERS: [&str; 4] = ["src", "dst", "src_dir_fd", "dst_dir_fd"];
static RENAME: Signature<4> = Signature::new("rename", RENAME_PARAMETERS).required(2).keyword_only_from(2);
static REPLACE: Signature<4> = Signature::new("replace", RENAME_PARAMETERS).required(2).keyword_only_from(2);

pub(super) fn rename(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    rename_at(cx, args, &RENAME, "rename")
}

pub(super) fn replace(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    rename_at(cx, args, &REPLACE, "replace")
}

static LINK: Signature<5> = Signature::new("link", ["src", "dst", "src_dir_fd", "dst_dir_fd", "follow_symlinks"])
    .required(2)
    .keyword_only_from(2);

pub(super) fn link(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, target, source_folder, target_folder, follow] = LINK.bind(cx, args)?;
    let source = Path::new(cx, source, Kind::name("link").called("src"))?;
    let target = Path::new(cx, target, Kind::name("link").called("dst"))?;
    let (from, to) = (dir_fd(cx, source_folder)?, dir_fd(cx, target_folder)?);
    // Left out, it is what the system does of itself: not to follow.
    let flags = if follow.is_some() && optional_bool(cx, follow, true)? { libc::AT_SYMLINK_FOLLOW } else { 0 };
    // SAFETY: the names end with NUL.
    call_with_two(cx, &source, &target, |source, target| unsafe {
        libc::linkat(from, source, to, target, flags).into()
    })
}

static SYMLINK: Signature<4> =
    Signature::new("symlink", ["src", "dst", "target_is_directory", "dir_fd"]).required(2).keyword_only_from(3);

pub(super) fn symlink(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, target, _, folder] = SYMLINK.bind(cx, args)?;
    let source = Path::new(cx, source, Kind::name("symlink").called("src"))?;
    let target = Path::new(cx, target, Kind::name("symlink").called("dst"))?;
    let folder = dir_fd(cx, folder)?;
    // SAFETY: the names end with NUL.
    call_with_two(cx, &source, &target, |source, target| unsafe { libc::symlinkat(source, folder, target).into() })
}

static READLINK: Signature<2> = Signature::new("readlink", ["path", "dir_fd"]).required(1).keyword_only_from(1);

pub(super) fn readlink(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, folder] = READLINK.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("readlink"))?;
    let folder = dir_fd(cx, folder)?;
    let mut buffer = [0u8; libc::PATH_MAX as usize + 1];
    let target = &mut buffer;
    // SAFETY: the name ends with NUL; the buffer has the length that is passed.
    let length = path.call(cx, |path| unsafe {
        libc::readlinkat(folder, path.pointer(), target.as_mut_ptr().cast(), target.len()) as i64
    })?;
    Ok(path.similar(cx, &buffer[..length as usize]))
}

static UMASK: Signature<1> = Signature::new("umask", ["mask"]).required(1);

pub(super) fn umask(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [mask] = UMASK.bind(cx, args)?;
    let mask = cx.c_int_argument(mask.unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions, and cannot fail.
    Ok(Value::int(i64::from(unsafe { libc::umask(mask as libc::mode_t) })))
}

static GETXATTR: Signature<3> =
    Signature::new("getxattr", ["path", "attribute", "follow_symlinks"]).required(2).keyword_only_from(2);

pub(super) fn getxattr(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, attribute, follow] = GETXATTR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("getxattr"))?;
    let attribute = Path::new(cx, attribute, Kind::name("getxattr").called("attribute"))?;
    let follow = optional_bool(cx, follow, true)?;
    check_follow(cx, "getxattr", &path, follow)?;
    for size in [128, 65_536] {
        let mut buffer = vec![0u8; size];
        let (target, name) = (&mut buffer, Shared(&attribute));
        let (shared, capacity) = (Shared(&path), target.len());
        // SAFETY: the names end with NUL; the buffer has the length that is passed.
        let answer = blocking(cx, || unsafe {
            let (path, name, target) = (shared.get(), name.get().pointer(), target.as_mut_ptr().cast());
            match path.descriptor {
                Some(fd) => libc::fgetxattr(fd, name, target, capacity) as i64,
                None if follow => libc::getxattr(path.pointer(), name, target, capacity) as i64,
                None => libc::lgetxattr(path.pointer(), name, target, capacity) as i64,
            }
        })?;
        match answer {
            Ok(length) => return Ok(cx.new_bytes(&buffer[..length as usize]).value()),
            Err(libc::ERANGE) if size < 65_536 => {}
            Err(errno) => return Err(path.error(cx, errno)),
        }
    }
    Err(path.error(cx, libc::ERANGE))
}

fn check_follow(cx: &Cx, function: &str, path: &Path, follow: bool) -> PyResult<()> {
    super::status::check_combination(cx, function, path, libc::AT_FDCWD, follow)
}

static SETXATTR: Signature<5> = Signature::new("setxattr", ["path", "attribute", "value", "flags", "follow_symlinks"])
    .required(3)
    .keyword_only_from(4);

pub(super) fn setxattr(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, attribute, value, flags, follow] = SETXATTR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("setxattr"))?;
    let attribute = Path::new(cx, attribute, Kind::name("setxattr").called("attribute"))?;
    let value = countless_vm::object::protocol::buffer::bytes_of(cx, value.unwrap_or(Value::NONE))?;
    let flags = flags.map_or(Ok(0), |flags| cx.c_int_argument(flags))?;
    let follow = optional_bool(cx, follow, true)?;
    check_follow(cx, "setxattr", &path, follow)?;
    let name = Shared(&attribute);
    // SAFETY: the names end with NUL; the bytes have the length that is passed.
    path.call(cx, |path| unsafe {
        let (name, bytes, length) = (name.get().pointer(), value.as_ptr().cast(), value.len());
        match path.descriptor {
            Some(fd) => libc::fsetxattr(fd, name, bytes, length, flags).into(),
            None if follow => libc::setxattr(path.pointer(), name, bytes, length, flags).into(),
            None => libc::lsetxattr(path.pointer(), name, bytes, length, flags).into(),
        }
    })?;
    Ok(Value::NONE)
}

static REMOVEXATTR: Signature<3> =
    Signature::new("removexattr", ["path", "attribute", "follow_symlinks"]).required(2).keyword_only_from(2);

pub(super) fn removexattr(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, attribute, follow] = REMOVEXATTR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("removexattr"))?;
    let attribute = Path::new(cx, attribute, Kind::name("removexattr").called("attribute"))?;
    let follow = optional_bool(cx, follow, true)?;
    check_follow(cx, "removexattr", &path, follow)?;
    let name = Shared(&attribute);
    // SAFETY: the names end with NUL.
    path.call(cx, |path| unsafe {
        match path.descriptor {
            Some(fd) => libc::fremovexattr(fd, name.get().pointer()).into(),
            None if follow => libc::removexattr(path.pointer(), name.get().pointer()).into(),
            None => libc::lremovexattr(path.pointer(), name.get().pointer()).into(),
        }
    })?;
    Ok(Value::NONE)
}

static LISTXATTR: Signature<2> = Signature::new("listxattr", ["path", "follow_symlinks"]).keyword_only_from(1);

pub(super) fn listxattr(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, follow] = LISTXATTR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::optional("listxattr"))?;
    let follow = optional_bool(cx, follow, true)?;
    check_follow(cx, "listxattr", &path, follow)?;
    let mut buffer = vec![0u8; 65_536];
    let (target, capacity) = (&mut buffer, 65_536);
    // SAFETY: the name ends with NUL; the buffer has the length that is passed.
    let length = path.call(cx, |path| unsafe {
        let target = target.as_mut_ptr().cast();
        match path.descriptor {
            Some(fd) => libc::flistxattr(fd, target, capacity) as i64,
            None if follow => libc::listxattr(path.pointer(), target, capacity) as i64,
            None => libc::llistxattr(path.pointer(), target, capacity) as i64,
        }
    })?;
    let list = cx.new_list();
    for name in buffer[..length as usize].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        list.push(cx, fs_decode(cx, name).value())?;
    }
    Ok(list.value())
}

pub(super) fn sync(cx: &Cx, _module: Value) -> PyResult {
    // SAFETY: the call has no preconditions, and cannot fail.
    cx.mutator().detached(|| unsafe { libc::sync() });
    Ok(Value::NONE)
}

static PATHCONF: Signature<2> = Signature::new("pathconf", ["path", "name"]).required(2);

pub(super) fn pathconf(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, name] = PATHCONF.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::any("pathconf"))?;
    let name = super::configuration::number_of(cx, name.unwrap_or(Value::NONE), super::configuration::PATH_NAMES)?;
    // SAFETY: the name ends with NUL; the error number is this thread's.
    let limit = unsafe {
        *libc::__errno_location() = 0;
        match path.descriptor {
            Some(fd) => libc::fpathconf(fd, name),
            None => libc::pathconf(path.pointer(), name),
        }
    };
    if limit == -1 && errno() != 0 {
        return Err(if errno() == libc::EINVAL { last_error(cx) } else { path.error(cx, errno()) });
    }
    Ok(cx.new_int_from_i64(limit))
}
