//! Open files by descriptor.

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::protocol::buffer::{get_buffer, request};
use countless_vm::object::protocol::{iter, number, object};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytes::ByteView;

use super::path::{Kind, Path, dir_fd};
use crate::support::native::{optional_bool, optional_int};
use crate::support::system::{blocking, blocking_or_raise, error, file_descriptor, quick};

/// The most that one read or write moves, as CPython limits it.
const MOST: usize = isize::MAX as usize;

static OPEN: Signature<4> =
    Signature::new("open", ["path", "flags", "mode", "dir_fd"]).required(2).keyword_only_from(3);

pub(super) fn open(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path, flags, mode, folder] = OPEN.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::name("open"))?;
    let flags = cx.c_int_argument(flags.unwrap_or(Value::NONE))? | libc::O_CLOEXEC;
    let (mode, folder) = (optional_int(cx, mode, 0o777)?, dir_fd(cx, folder)?);
    // SAFETY: the name ends with NUL.
    let fd =
        path.call(cx, |path| unsafe { libc::openat(folder, path.pointer(), flags, mode as libc::c_uint).into() })?;
    Ok(Value::int(fd))
}

static CLOSE: Signature<1> = Signature::new("close", ["fd"]).required(1);

pub(super) fn close(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd] = CLOSE.bind(cx, args)?;
    let fd = cx.c_int_argument(fd.unwrap_or(Value::NONE))?;
    // An interrupted close has closed the descriptor: it is not tried again.
    // SAFETY: what the program closes is its own business.
    match cx.mutator().detached(|| crate::support::system::checked(unsafe { libc::close(fd) }.into())) {
        Ok(_) | Err(libc::EINTR) => Ok(Value::NONE),
        Err(errno) => Err(error(cx, errno)),
    }
}

pub(super) fn closerange(cx: &Cx, _module: Value, low: Value, high: Value) -> PyResult {
    let (low, high) = (cx.c_int_argument(low)?.max(0), cx.c_int_argument(high)?);
    if high > low {
        // SAFETY: as for `close`.
        cx.mutator().detached(|| unsafe {
            if libc::syscall(libc::SYS_close_range, low, high - 1, 0) < 0 {
                (low..high.min(libc::sysconf(libc::_SC_OPEN_MAX) as i32)).for_each(|fd| {
                    libc::close(fd);
                });
            }
        });
    }
    Ok(Value::NONE)
}

/// An empty buffer that can take so many bytes.
fn buffer_for(cx: &Cx, length: usize) -> PyResult<Vec<u8>> {
    let mut buffer = Vec::new();
    match buffer.try_reserve_exact(length) {
        Ok(()) => Ok(buffer),
        Err(_) => Err(cx.memory_error()),
    }
}

/// Reads into a fresh buffer by a call that is told where and how much.
fn read_with(cx: &Cx, length: i64, mut call: impl FnMut(*mut libc::c_void, usize) -> isize + Send) -> PyResult {
    if length < 0 {
        return Err(error(cx, libc::EINVAL));
    }
    let length = (length as usize).min(MOST);
    let mut buffer = buffer_for(cx, length)?;
    let place = &mut buffer;
    let read = blocking_or_raise(cx, || call(place.as_mut_ptr().cast(), length) as i64)? as usize;
    // SAFETY: the call has filled so many bytes of the `length` that are reserved.
    unsafe { buffer.set_len(read.min(length)) };
    Ok(cx.try_new_bytes(&buffer)?.value())
}

pub(super) fn read(cx: &Cx, _module: Value, fd: Value, length: Value) -> PyResult {
    let (fd, length) = (cx.c_int_argument(fd)?, number::index_i64(cx, length)?);
    // SAFETY: the place has room for `length` bytes.
    read_with(cx, length, |place, length| unsafe { libc::read(fd, place, length) })
}

pub(super) fn pread(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, length, offset] = args.exactly::<3>(cx, "pread")?;
    let (fd, length, offset) = (cx.c_int_argument(fd)?, number::index_i64(cx, length)?, number::index_i64(cx, offset)?);
    // SAFETY: the place has room for `length` bytes.
    read_with(cx, length, |place, length| unsafe { libc::pread(fd, place, length, offset) })
}

/// Reads into an object's memory through a buffer of our own: the object may be shared with other threads.
pub(super) fn readinto(cx: &Cx, _module: Value, fd: Value, target: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    let target = writable(cx, target)?;
    let mut buffer = match buffer_for(cx, target.length) {
        Ok(buffer) => buffer,
        Err(raised) => {
            target.release(cx);
            return Err(raised);
        }
    };
    let (place, length) = (&mut buffer, target.length);
    // SAFETY: the place has room for `length` bytes.
    let answer = blocking(cx, || unsafe { libc::read(fd, place.as_mut_ptr().cast(), length) as i64 });
    if let Ok(Ok(read)) = answer {
        // SAFETY: the call has filled so many bytes of the `length` that are reserved.
        unsafe { buffer.set_len(read as usize) };
        target.write(0, &buffer);
    }
    target.release(cx);
    answer?.map(Value::int).map_err(|errno| error(cx, errno))
}

/// An object's memory, to be written.
fn writable(cx: &Cx, object: Value) -> PyResult<countless_vm::object::protocol::buffer::Buffer> {
    let buffer = get_buffer(cx, object, request::WRITABLE)?;
    if buffer.read_only {
        buffer.release(cx);
        return Err(cx.type_error("read-write bytes-like object expected"));
    }
    Ok(buffer)
}

/// Writes bytes by a call that is told from where and how much.
fn write_with(cx: &Cx, data: Value, mut call: impl FnMut(*const libc::c_void, usize) -> isize + Send) -> PyResult {
    let view = ByteView::new(cx, data)?;
    // Bytes objects do not change or move; the view keeps them alive.
    let (address, length) = (view.as_ptr().expose_provenance(), view.len().min(MOST));
    let written = blocking_or_raise(cx, || call(std::ptr::with_exposed_provenance(address), length) as i64)?;
    Ok(Value::int(written))
}

pub(super) fn write(cx: &Cx, _module: Value, fd: Value, data: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    // SAFETY: `length` bytes are readable from the place.
    write_with(cx, data, |place, length| unsafe { libc::write(fd, place, length) })
}

pub(super) fn pwrite(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, data, offset] = args.exactly::<3>(cx, "pwrite")?;
    let (fd, offset) = (cx.c_int_argument(fd)?, number::index_i64(cx, offset)?);
    // SAFETY: `length` bytes are readable from the place.
    write_with(cx, data, |place, length| unsafe { libc::pwrite(fd, place, length, offset) })
}

/// Reads into several objects, one after the other filled.
fn read_vector(cx: &Cx, fd: i32, buffers: Value, offset: Option<i64>, flags: i32) -> PyResult {
    let targets = iter::to_tuple(cx, buffers)?;
    let mut total = 0usize;
    for target in targets.iter() {
        let target = writable(cx, target)?;
        total = total.saturating_add(target.length);
        target.release(cx);
    }
    let mut bytes = buffer_for(cx, total)?;
    let place = &mut bytes;
    // SAFETY: the place has room for `total` bytes.
    let read = blocking_or_raise(cx, || unsafe {
        let one = libc::iovec { iov_base: place.as_mut_ptr().cast(), iov_len: total };
        match offset {
            None => libc::readv(fd, &one, 1) as i64,
            Some(offset) => libc::preadv2(fd, &one, 1, offset, flags) as i64,
        }
    })?;
    // SAFETY: the call has filled so many bytes of the `total` that are reserved.
    unsafe { bytes.set_len((read as usize).min(total)) };
    let mut rest: &[u8] = &bytes;
    for target in targets.iter() {
        let target = writable(cx, target)?;
        let (part, after) = rest.split_at(rest.len().min(target.length));
        target.write(0, part);
        target.release(cx);
        rest = after;
    }
    Ok(Value::int(read))
}

fn write_vector(cx: &Cx, fd: i32, buffers: Value, offset: Option<i64>, flags: i32) -> PyResult {
    let sources = iter::to_tuple(cx, buffers)?;
    let mut bytes = Vec::new();
    for source in sources.iter() {
        bytes.extend_from_slice(&ByteView::new(cx, source)?);
    }
    // SAFETY: the vector's bytes are readable.
    let written = blocking_or_raise(cx, || unsafe {
        let one = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
        match offset {
            None => libc::writev(fd, &one, 1) as i64,
            Some(offset) => libc::pwritev2(fd, &one, 1, offset, flags) as i64,
        }
    })?;
    Ok(Value::int(written))
}

pub(super) fn readv(cx: &Cx, _module: Value, fd: Value, buffers: Value) -> PyResult {
    read_vector(cx, cx.c_int_argument(fd)?, sequence(cx, buffers, "readv")?, None, 0)
}

pub(super) fn writev(cx: &Cx, _module: Value, fd: Value, buffers: Value) -> PyResult {
    write_vector(cx, cx.c_int_argument(fd)?, sequence(cx, buffers, "writev")?, None, 0)
}

fn sequence(cx: &Cx, value: Value, function: &str) -> PyResult {
    match cx.type_of(value).slots.length() {
        Some(_) => Ok(value),
        None => Err(raise!(cx, TypeError, "{function}() arg 2 must be a sequence")),
    }
}

pub(super) fn preadv(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, buffers, offset, flags] = args.between::<4>(cx, "preadv", 3)?;
    let (fd, buffers) = (cx.c_int_argument(fd.unwrap_or(Value::NONE))?, buffers.unwrap_or(Value::NONE));
    let offset = number::index_i64(cx, offset.unwrap_or(Value::NONE))?;
    read_vector(cx, fd, sequence(cx, buffers, "preadv")?, Some(offset), optional_int(cx, flags, 0)?)
}

pub(super) fn pwritev(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, buffers, offset, flags] = args.between::<4>(cx, "pwritev", 3)?;
    let (fd, buffers) = (cx.c_int_argument(fd.unwrap_or(Value::NONE))?, buffers.unwrap_or(Value::NONE));
    let offset = number::index_i64(cx, offset.unwrap_or(Value::NONE))?;
    write_vector(cx, fd, sequence(cx, buffers, "pwritev")?, Some(offset), optional_int(cx, flags, 0)?)
}

pub(super) fn lseek(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, position, whence] = args.exactly::<3>(cx, "lseek")?;
    let (fd, position, whence) = (cx.c_int_argument(fd)?, number::index_i64(cx, position)?, cx.c_int_argument(whence)?);
    // SAFETY: the call has no preconditions.
    Ok(cx.new_int_from_i64(blocking_or_raise(cx, || unsafe { libc::lseek(fd, position, whence) })?))
}

pub(super) fn dup(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) }.into())?))
}

static DUP2: Signature<3> = Signature::new("dup2", ["fd", "fd2", "inheritable"]).required(2);

pub(super) fn dup2(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, target, inheritable] = DUP2.bind(cx, args)?;
    let fd = cx.c_int_argument(fd.unwrap_or(Value::NONE))?;
    let target = cx.c_int_argument(target.unwrap_or(Value::NONE))?;
    let inheritable = optional_bool(cx, inheritable, true)?;
    if fd < 0 || target < 0 {
        return Err(error(cx, libc::EBADF));
    }
    let flags = if inheritable { 0 } else { libc::O_CLOEXEC };
    // SAFETY: what the program does with its descriptors is its own business.
    let answer = blocking_or_raise(cx, || unsafe {
        if fd == target { libc::dup2(fd, target).into() } else { libc::dup3(fd, target, flags).into() }
    })?;
    Ok(Value::int(answer))
}

static FSYNC: Signature<1> = Signature::new("fsync", ["fd"]).required(1);
static FDATASYNC: Signature<1> = Signature::new("fdatasync", ["fd"]).required(1);

pub(super) fn fsync(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let fd = file_descriptor(cx, FSYNC.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::fsync(fd).into() })?;
    Ok(Value::NONE)
}

pub(super) fn fdatasync(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let fd = file_descriptor(cx, FDATASYNC.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::fdatasync(fd).into() })?;
    Ok(Value::NONE)
}

pub(super) fn isatty(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    let fd = cx.c_int_argument(fd)?;
    // SAFETY: the call has no preconditions.
    Ok(Value::bool(unsafe { libc::isatty(fd) } == 1))
}

fn pair(cx: &Cx, fds: [i32; 2]) -> PyResult {
    Ok(cx.new_tuple(&fds.map(|fd| Value::int(fd.into()))).value())
}

fn pipe_with(cx: &Cx, flags: i32) -> PyResult {
    let mut fds = [0; 2];
    // SAFETY: the array has two places.
    quick(cx, unsafe { libc::pipe2(fds.as_mut_ptr(), flags) }.into())?;
    pair(cx, fds)
}

pub(super) fn pipe(cx: &Cx, _module: Value) -> PyResult {
    pipe_with(cx, libc::O_CLOEXEC)
}

pub(super) fn pipe2(cx: &Cx, _module: Value, flags: Value) -> PyResult {
    pipe_with(cx, cx.c_int_argument(flags)?)
}

/// Whether a flag of the descriptor is set.
fn flag_is_set(cx: &Cx, fd: i32, command: i32, flag: i32) -> PyResult<bool> {
    // SAFETY: the call has no preconditions.
    Ok(quick(cx, unsafe { libc::fcntl(fd, command) }.into())? & i64::from(flag) != 0)
}

fn set_flag(cx: &Cx, fd: i32, (get, set): (i32, i32), flag: i32, on: bool) -> PyResult {
    // SAFETY: the calls have no preconditions.
    unsafe {
        let flags = quick(cx, libc::fcntl(fd, get).into())? as i32;
        quick(cx, libc::fcntl(fd, set, if on { flags | flag } else { flags & !flag }).into())?;
    }
    Ok(Value::NONE)
}

pub(super) fn get_inheritable(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    Ok(Value::bool(!flag_is_set(cx, cx.c_int_argument(fd)?, libc::F_GETFD, libc::FD_CLOEXEC)?))
}

pub(super) fn set_inheritable(cx: &Cx, _module: Value, fd: Value, on: Value) -> PyResult {
    let (fd, on) = (cx.c_int_argument(fd)?, cx.c_int_argument(on)? != 0);
    set_flag(cx, fd, (libc::F_GETFD, libc::F_SETFD), libc::FD_CLOEXEC, !on)
}

pub(super) fn get_blocking(cx: &Cx, _module: Value, fd: Value) -> PyResult {
    Ok(Value::bool(!flag_is_set(cx, cx.c_int_argument(fd)?, libc::F_GETFL, libc::O_NONBLOCK)?))
}

pub(super) fn set_blocking(cx: &Cx, _module: Value, fd: Value, on: Value) -> PyResult {
    let (fd, on) = (cx.c_int_argument(fd)?, object::is_true(cx, on)?);
    set_flag(cx, fd, (libc::F_GETFL, libc::F_SETFL), libc::O_NONBLOCK, !on)
}

pub(super) fn lockf(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, command, length] = args.exactly::<3>(cx, "lockf")?;
    let (fd, command, length) = (cx.c_int_argument(fd)?, cx.c_int_argument(command)?, number::index_i64(cx, length)?);
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::lockf(fd, command, length).into() })?;
    Ok(Value::NONE)
}

static SENDFILE: Signature<4> = Signature::new("sendfile", ["out_fd", "in_fd", "offset", "count"]).required(4);

/// An offset that may be None: the file's own position moves then.
fn optional_offset(cx: &Cx, value: Option<Value>) -> PyResult<Option<i64>> {
    value.and_then(Value::not_none).map(|value| number::index_i64(cx, value)).transpose()
}

fn offset_pointer(offset: &mut Option<i64>) -> *mut i64 {
    offset.as_mut().map_or(std::ptr::null_mut(), std::ptr::from_mut)
}

pub(super) fn sendfile(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [target, source, offset, count] = SENDFILE.bind(cx, args)?;
    let target = cx.c_int_argument(target.unwrap_or(Value::NONE))?;
    let source = cx.c_int_argument(source.unwrap_or(Value::NONE))?;
    let mut offset = optional_offset(cx, offset)?;
    let count = number::index_i64(cx, count.unwrap_or(Value::NONE))?.max(0) as usize;
    // SAFETY: the offset is null or a local.
    let sent =
        blocking_or_raise(cx, || unsafe { libc::sendfile(target, source, offset_pointer(&mut offset), count) as i64 })?;
    Ok(Value::int(sent))
}

static COPY_RANGE: Signature<5> =
    Signature::new("copy_file_range", ["src", "dst", "count", "offset_src", "offset_dst"]).required(3);

pub(super) fn copy_file_range(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, target, count, from, to] = COPY_RANGE.bind(cx, args)?;
    let source = cx.c_int_argument(source.unwrap_or(Value::NONE))?;
    let target = cx.c_int_argument(target.unwrap_or(Value::NONE))?;
    let count = number::index_i64(cx, count.unwrap_or(Value::NONE))?;
    if count < 0 {
        return Err(cx.value_error("negative value for 'count' not allowed"));
    }
    let (mut from, mut to) = (optional_offset(cx, from)?, optional_offset(cx, to)?);
    // SAFETY: the offsets are null or locals.
    let copied = blocking_or_raise(cx, || unsafe {
        libc::copy_file_range(source, offset_pointer(&mut from), target, offset_pointer(&mut to), count as usize, 0)
            as i64
    })?;
    Ok(Value::int(copied))
}

static SPLICE: Signature<6> =
    Signature::new("splice", ["src", "dst", "count", "offset_src", "offset_dst", "flags"]).required(3);

pub(super) fn splice(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [source, target, count, from, to, flags] = SPLICE.bind(cx, args)?;
    let source = cx.c_int_argument(source.unwrap_or(Value::NONE))?;
    let target = cx.c_int_argument(target.unwrap_or(Value::NONE))?;
    let count = number::index_i64(cx, count.unwrap_or(Value::NONE))?;
    if count < 0 {
        return Err(cx.value_error("negative value for 'count' not allowed"));
    }
    let (mut from, mut to) = (optional_offset(cx, from)?, optional_offset(cx, to)?);
    let flags = optional_int(cx, flags, 0)? as u32;
    // SAFETY: the offsets are null or locals.
    let moved = blocking_or_raise(cx, || unsafe {
        libc::splice(source, offset_pointer(&mut from), target, offset_pointer(&mut to), count as usize, flags) as i64
    })?;
    Ok(Value::int(moved))
}

pub(super) fn posix_fadvise(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, offset, length, advice] = args.exactly::<4>(cx, "posix_fadvise")?;
    let (fd, advice) = (cx.c_int_argument(fd)?, cx.c_int_argument(advice)?);
    let (offset, length) = (number::index_i64(cx, offset)?, number::index_i64(cx, length)?);
    // SAFETY: the call has no preconditions.
    match cx.mutator().detached(|| unsafe { libc::posix_fadvise(fd, offset, length, advice) }) {
        0 => Ok(Value::NONE),
        errno => Err(error(cx, errno)),
    }
}

pub(super) fn posix_fallocate(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, offset, length] = args.exactly::<3>(cx, "posix_fallocate")?;
    let (fd, offset, length) = (cx.c_int_argument(fd)?, number::index_i64(cx, offset)?, number::index_i64(cx, length)?);
    // SAFETY: the call has no preconditions.
    match cx.mutator().detached(|| unsafe { libc::posix_fallocate(fd, offset, length) }) {
        0 => Ok(Value::NONE),
        errno => Err(error(cx, errno)),
    }
}

static MEMFD: Signature<2> = Signature::new("memfd_create", ["name", "flags"]).required(1);

pub(super) fn memfd_create(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [name, flags] = MEMFD.bind(cx, args)?;
    let name = Path::new(cx, name, Kind::name("memfd_create").called("name"))?;
    let flags = optional_int(cx, flags, libc::MFD_CLOEXEC as i32)? as u32;
    // SAFETY: the name ends with NUL.
    Ok(Value::int(quick(cx, unsafe { libc::memfd_create(name.pointer(), flags) }.into())?))
}

static EVENTFD: Signature<2> = Signature::new("eventfd", ["initval", "flags"]).required(1);

pub(super) fn eventfd(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [start, flags] = EVENTFD.bind(cx, args)?;
    let start = number::index_i64(cx, start.unwrap_or(Value::NONE))? as u32;
    let flags = optional_int(cx, flags, libc::EFD_CLOEXEC)?;
    // SAFETY: the call has no preconditions.
    Ok(Value::int(quick(cx, unsafe { libc::eventfd(start, flags) }.into())?))
}

static EVENTFD_READ: Signature<1> = Signature::new("eventfd_read", ["fd"]).required(1);
static EVENTFD_WRITE: Signature<2> = Signature::new("eventfd_write", ["fd", "value"]).required(2);

pub(super) fn eventfd_read(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let fd = file_descriptor(cx, EVENTFD_READ.bind(cx, args)?[0].unwrap_or(Value::NONE))?;
    let mut value = 0u64;
    let place = &mut value;
    // SAFETY: the number is a local.
    blocking_or_raise(cx, || unsafe { libc::eventfd_read(fd, place).into() })?;
    Ok(cx.new_int_from_u64(value))
}

pub(super) fn eventfd_write(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [fd, value] = EVENTFD_WRITE.bind(cx, args)?;
    let fd = file_descriptor(cx, fd.unwrap_or(Value::NONE))?;
    let value = number::index_i64(cx, value.unwrap_or(Value::NONE))? as u64;
    // SAFETY: the call has no preconditions.
    blocking_or_raise(cx, || unsafe { libc::eventfd_write(fd, value).into() })?;
    Ok(Value::NONE)
}
