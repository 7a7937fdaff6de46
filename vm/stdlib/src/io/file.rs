//! `FileIO`: a file by its descriptor, without buffering.

use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, Ordering};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::gc::Tracer;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Layout, Ref};
use countless_vm::object::protocol::buffer::writable_buffer;
use countless_vm::object::protocol::{number, object};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::bytes::ByteView;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{TypeId, ids};

use super::base::{self, DEFAULT_BUFFER_SIZE, IoBase, no_pickle, size_argument, unsupported};
use crate::posix::path::{Kind, Path};
use crate::support::native::optional_bool;
use crate::support::system::{blocking, checked, error};

/// The cell. The descriptor is taken out by whoever closes; the rest is set by `__init__`.
#[repr(C)]
pub struct FileIo {
    base: IoBase,
    /// -1 if closed.
    fd: AtomicI32,
    flags: AtomicU32,
    /// 1 if it is, 0 if not, -1 if nobody has asked.
    seekable: AtomicI32,
    block_size: AtomicI64,
    /// The size when the file was opened, -1 if unknown: a hint for reading it whole.
    size: AtomicI64,
}

const READABLE: u32 = 1;
const WRITABLE: u32 = 2;
const CREATED: u32 = 4;
const APPENDING: u32 = 8;
const CLOSES: u32 = 16;

static LAYOUT: Layout = Layout::of::<FileIo>("_io.FileIO", TypeId::FREE, Some(&base::LAYOUT));

// SAFETY: `repr(C)`, begins with an `IoBase`; zero is a file of descriptor 0 that is neither readable nor writable and
// is never published; all traced fields are reported.
unsafe impl Cell for FileIo {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
    }
}

impl FileIo {
    /// The descriptor, if the file is open.
    pub(super) fn fd_or_closed(&self) -> Option<i32> {
        Some(self.fd.load(Ordering::Relaxed)).filter(|&fd| fd >= 0)
    }

    /// The descriptor of an open file.
    pub(super) fn fd(&self, cx: &Cx) -> PyResult<i32> {
        self.fd_or_closed().ok_or(()).map_err(|()| cx.value_error("I/O operation on closed file"))
    }

    fn has(&self, flag: u32) -> bool {
        self.flags.load(Ordering::Relaxed) & flag != 0
    }

    /// Whether the file can be read.
    pub(super) fn is_readable(&self) -> bool {
        self.has(READABLE)
    }

    /// Whether the file can be written.
    pub(super) fn is_writable(&self) -> bool {
        self.has(WRITABLE)
    }

    /// The size of the blocks that the file system likes.
    pub(super) fn block_size(&self) -> i64 {
        self.block_size.load(Ordering::Relaxed)
    }

    fn mode(&self) -> &'static str {
        let flags = self.flags.load(Ordering::Relaxed);
        match (flags & CREATED != 0, flags & APPENDING != 0, flags & READABLE != 0, flags & WRITABLE != 0) {
            (true, _, true, _) => "xb+",
            (true, _, false, _) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, false, _) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = FileIo {
        base: IoBase::new(),
        fd: AtomicI32::new(-1),
        flags: AtomicU32::new(CLOSES),
        seekable: AtomicI32::new(-1),
        block_size: AtomicI64::new(DEFAULT_BUFFER_SIZE as i64),
        size: AtomicI64::new(-1),
    };
    let file = cx.allocate_instance(class, contents).value();
    base::watch(cx, file);
    Ok(file)
}

fn this(value: Value) -> Ref<FileIo> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

/// The flags of a mode: ours, and those of `open`.
fn parse_mode(cx: &Cx, mode: &str) -> PyResult<(u32, i32)> {
    let wrong = || cx.value_error("Must have exactly one of create/read/write/append mode and at most one plus");
    let (mut ours, mut system, mut kinds, mut plus) = (0, 0, 0, false);
    for character in mode.chars() {
        match character {
            'x' => {
                (ours, system, kinds) = (ours | CREATED | WRITABLE, system | libc::O_EXCL | libc::O_CREAT, kinds + 1)
            }
            'r' => (ours, kinds) = (ours | READABLE, kinds + 1),
            'w' => (ours, system, kinds) = (ours | WRITABLE, system | libc::O_CREAT | libc::O_TRUNC, kinds + 1),
            'a' => {
                (ours, system, kinds) =
                    (ours | WRITABLE | APPENDING, system | libc::O_APPEND | libc::O_CREAT, kinds + 1);
            }
            'b' => {}
            '+' if plus => return Err(wrong()),
            '+' => (ours, plus) = (ours | READABLE | WRITABLE, true),
            _ => return Err(raise!(cx, ValueError, "invalid mode: {mode}")),
        }
        if kinds > 1 {
            return Err(wrong());
        }
    }
    if kinds == 0 {
        return Err(wrong());
    }
    system |= match (ours & READABLE != 0, ours & WRITABLE != 0) {
        (true, true) => libc::O_RDWR,
        (true, false) => libc::O_RDONLY,
        _ => libc::O_WRONLY,
    };
    Ok((ours, system | libc::O_CLOEXEC))
}

static INIT: Signature<4> = Signature::new("FileIO", ["file", "mode", "closefd", "opener"]).required(1);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let [name, mode, closes, opener] = INIT.bind(cx, args)?;
    let (file, name) = (this(value), name.unwrap_or(Value::NONE));
    let mode = match mode {
        Some(mode) => cx.str_argument_named(mode, "FileIO", "mode")?.as_wtf8().to_string_lossy(),
        None => "r".to_owned(),
    };
    let closes = optional_bool(cx, closes, true)?;
    close_descriptor(cx, file)?;
    let given = match name.downcast::<countless_vm::types::float::Float>(cx).is_none() && number::is_index(cx, name) {
        false => None,
        true => {
            if name.type_id() == ids::BOOL {
                let message = "bool is used as a file descriptor";
                cx.warn(ExceptionKind::RuntimeWarning, message, 1)?;
            }
            match cx.c_int_argument(name)? {
                ..0 => return Err(cx.value_error("negative file descriptor")),
                fd => Some(fd),
            }
        }
    };
    let (ours, system) = parse_mode(cx, &mode)?;
    let fd = match given {
        Some(fd) => fd,
        None if !closes => return Err(cx.value_error("Cannot use closefd=False with file name")),
        None => open(cx, name, system, opener.and_then(Value::not_none))?,
    };
    let closes_flag = if closes { CLOSES } else { 0 };
    file.flags.store(ours | closes_flag, Ordering::Relaxed);
    file.seekable.store(-1, Ordering::Relaxed);
    file.fd.store(fd, Ordering::Relaxed);
    let settled = settle(cx, file, fd, name);
    if settled.is_err() && given.is_some() {
        // A descriptor that was given stays open.
        file.fd.store(-1, Ordering::Relaxed);
    } else if let Err(raised) = settled {
        let exception = cx.take_exception(raised);
        close_descriptor(cx, file)?;
        return Err(cx.raise_unchained(exception));
    }
    settled
}

/// Opens a file by name.
fn open(cx: &Cx, name: Value, system: i32, opener: Option<Value>) -> PyResult<i32> {
    let Some(opener) = opener else {
        let path = match Path::new(cx, Some(name), Kind::name("open").called("file")) {
            Ok(path) => path,
            Err(raised) if cx.pending_is(&raised, ExceptionKind::UnicodeError) => return Err(raised),
            Err(raised) => {
                cx.ignore_if(raised, ExceptionKind::ValueError)?;
                return Err(cx.value_error("embedded null byte"));
            }
        };
        // SAFETY: the name ends with NUL.
        return Ok(path.call(cx, |path| unsafe { libc::open(path.pointer(), system, 0o666).into() })? as i32);
    };
    let fd = cx.call(opener, &[name, Value::int(system.into())])?;
    if !countless_vm::types::int::is_int(cx, fd) {
        return Err(cx.type_error("expected integer from opener"));
    }
    match cx.c_int_argument(fd)? {
        fd @ ..0 => Err(raise!(cx, ValueError, "opener returned {fd}")),
        fd => {
            // SAFETY: the call has no preconditions.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
            Ok(fd)
        }
    }
}

/// What follows the opening: the file is no folder, has a name, and is at its end if it is appended to.
fn settle(cx: &Cx, file: Ref<FileIo>, fd: i32, name: Value) -> PyResult<()> {
    // SAFETY: the record is plain numbers, for which zero is valid.
    let mut record: libc::stat = unsafe { std::mem::zeroed() };
    let place = (&raw mut record).expose_provenance();
    // SAFETY: the record is a local of the caller, who waits.
    let answer = blocking(cx, || unsafe { libc::fstat(fd, std::ptr::with_exposed_provenance_mut(place)).into() })?;
    match answer {
        Ok(_) if record.st_mode & libc::S_IFMT == libc::S_IFDIR => {
            return Err(crate::support::system::path_error(cx, libc::EISDIR, Some(name)));
        }
        Ok(_) => {
            if record.st_blksize > 1 {
                let size = (DEFAULT_BUFFER_SIZE as i64).max(record.st_blksize as i64).min(8 * 1024 * 1024);
                file.block_size.store(size, Ordering::Relaxed);
            }
            file.size.store(record.st_size, Ordering::Relaxed);
        }
        Err(libc::EBADF) => return Err(error(cx, libc::EBADF)),
        Err(_) => {}
    }
    cx.set_attribute(file.value(), cx.intern_str("name"), name)?;
    if file.has(APPENDING) {
        seek_to(cx, file, 0, libc::SEEK_END)?;
    }
    Ok(())
}

/// Closes the descriptor, if it is open and ours.
fn close_descriptor(cx: &Cx, file: Ref<FileIo>) -> PyResult<()> {
    let fd = file.fd.swap(-1, Ordering::AcqRel);
    if fd < 0 || !file.has(CLOSES) {
        return Ok(());
    }
    // An interrupted close has closed the descriptor: it is not tried again.
    // SAFETY: the descriptor was this file's, who took it out.
    match cx.mutator().detached(|| checked(unsafe { libc::close(fd) }.into())) {
        Ok(_) | Err(libc::EINTR) => Ok(()),
        Err(errno) => Err(error(cx, errno)),
    }
}

fn close(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    if !file.has(CLOSES) {
        file.fd.store(-1, Ordering::Relaxed);
        return base::close_base(cx, file.value());
    }
    if file.base.is_finalizing() && file.fd_or_closed().is_some() {
        let warned = base::warn_unclosed(cx, file.value());
        if let Err(raised) = warned {
            let exception = cx.take_exception(raised);
            cx.write_unraisable(exception, None, file.value());
        }
    }
    let flushed = base::close_base(cx, file.value());
    let closed = close_descriptor(cx, file);
    flushed?;
    closed?;
    Ok(Value::NONE)
}

fn dealloc_warn(cx: &Cx, file: Ref<FileIo>, source: Value) -> PyResult {
    if file.fd_or_closed().is_some() && file.has(CLOSES) {
        base::warn_unclosed(cx, source)?;
    }
    Ok(Value::NONE)
}

#[cold]
fn wrong_direction(cx: &Cx, direction: &str) -> Raised {
    unsupported(cx, &format!("File not open for {direction}"))
}

/// Reads once into a buffer that has room for `length` bytes more; `None` if nothing is there and the file does not
/// block.
fn read_more(cx: &Cx, fd: i32, buffer: &mut Vec<u8>, length: usize) -> PyResult<Option<usize>> {
    if buffer.try_reserve(length).is_err() {
        return Err(cx.memory_error());
    }
    let at = buffer.len();
    let place = &mut *buffer;
    // SAFETY: the vector has reserved `length` bytes after those it has.
    let answer = blocking(cx, || unsafe { libc::read(fd, place.as_mut_ptr().add(at).cast(), length) as i64 })?;
    match answer {
        Ok(count) => {
            // SAFETY: the call has filled so many bytes of those reserved.
            unsafe { buffer.set_len(at + count as usize) };
            Ok(Some(count as usize))
        }
        Err(libc::EAGAIN) => Ok(None),
        Err(errno) => Err(error(cx, errno)),
    }
}

impl FileIo {
    /// Reads once; `None` if nothing is there and the file does not block.
    pub(super) fn read_once(&self, cx: &Cx, buffer: &mut Vec<u8>, length: usize) -> PyResult<Option<usize>> {
        let fd = self.fd(cx)?;
        if !self.is_readable() {
            return Err(wrong_direction(cx, "reading"));
        }
        read_more(cx, fd, buffer, length)
    }

    /// Reads until the end; `None` if nothing is there and the file does not block.
    pub(super) fn read_rest(&self, cx: &Cx, buffer: &mut Vec<u8>) -> PyResult<Option<()>> {
        let fd = self.fd(cx)?;
        if !self.is_readable() {
            return Err(wrong_direction(cx, "reading"));
        }
        let before = buffer.len();
        // One byte more than the file has, so that the read that finds the end needs no more room.
        let mut step = match self.size.load(Ordering::Relaxed) {
            size @ 1..=0x4000_0000 => {
                // SAFETY: the call has no preconditions.
                let position = unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) }.max(0);
                (size - position).max(0) as usize + 1
            }
            _ => 64 * 1024,
        };
        loop {
            match read_more(cx, fd, buffer, step)? {
                Some(0) => return Ok(Some(())),
                Some(_) => {}
                None if buffer.len() == before => return Ok(None),
                None => return Ok(Some(())),
            }
            step = (buffer.len() - before).clamp(16 * 1024, 64 * 1024 * 1024);
        }
    }

    /// Writes once; `None` if the file would block.
    pub(super) fn write_once(&self, cx: &Cx, bytes: &[u8]) -> PyResult<Option<usize>> {
        let fd = self.fd(cx)?;
        if !self.is_writable() {
            return Err(wrong_direction(cx, "writing"));
        }
        let (address, length) = (bytes.as_ptr().expose_provenance(), bytes.len());
        // SAFETY: the bytes are the caller's, who waits.
        let answer =
            blocking(cx, || unsafe { libc::write(fd, std::ptr::with_exposed_provenance(address), length) as i64 })?;
        match answer {
            Ok(count) => Ok(Some(count as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(errno) => Err(error(cx, errno)),
        }
    }
}

fn read(cx: &Cx, file: Ref<FileIo>, size: Option<Value>) -> PyResult {
    file.fd(cx)?;
    if !file.is_readable() {
        return Err(wrong_direction(cx, "reading"));
    }
    let size = size_argument(cx, size)?;
    if size < 0 {
        return readall(cx, file);
    }
    let mut buffer = Vec::new();
    match file.read_once(cx, &mut buffer, size as usize)? {
        Some(_) => Ok(cx.try_new_bytes(&buffer)?.value()),
        None => Ok(Value::NONE),
    }
}

fn readall(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    let mut buffer = Vec::new();
    match file.read_rest(cx, &mut buffer)? {
        Some(()) => Ok(cx.try_new_bytes(&buffer)?.value()),
        None => Ok(Value::NONE),
    }
}

fn readinto(cx: &Cx, file: Ref<FileIo>, target: Value) -> PyResult {
    file.fd(cx)?;
    if !file.is_readable() {
        return Err(wrong_direction(cx, "reading"));
    }
    let target = writable_buffer(cx, target, "readinto() argument")?;
    let mut bytes = Vec::new();
    let read = file.read_once(cx, &mut bytes, target.length);
    if read.is_ok() {
        target.write(0, &bytes);
    }
    target.release(cx);
    Ok(read?.map_or(Value::NONE, Value::length))
}

fn write(cx: &Cx, file: Ref<FileIo>, data: Value) -> PyResult {
    file.fd(cx)?;
    if !file.is_writable() {
        return Err(wrong_direction(cx, "writing"));
    }
    let bytes = ByteView::new(cx, data)?;
    Ok(file.write_once(cx, &bytes)?.map_or(Value::NONE, Value::length))
}

/// Moves the position.
pub(super) fn seek_to(cx: &Cx, file: Ref<FileIo>, offset: i64, whence: i32) -> PyResult<i64> {
    let fd = file.fd(cx)?;
    // SAFETY: the call has no preconditions.
    match blocking(cx, || unsafe { libc::lseek(fd, offset, whence) })? {
        Ok(position) => {
            file.seekable.store(1, Ordering::Relaxed);
            Ok(position)
        }
        Err(errno) => {
            if errno == libc::ESPIPE {
                file.seekable.store(0, Ordering::Relaxed);
            }
            Err(error(cx, errno))
        }
    }
}

/// A position argument: an int.
fn position(cx: &Cx, value: Value) -> PyResult<i64> {
    if value.downcast::<countless_vm::types::float::Float>(cx).is_some() || value.is_inline_float() {
        return Err(cx.type_error("an integer is required"));
    }
    number::index_i64(cx, value)
}

fn seek(cx: &Cx, file: Ref<FileIo>, args: Args<'_>) -> PyResult {
    let [offset, whence] = args.between::<2>(cx, "seek", 1)?;
    file.fd(cx)?;
    let offset = position(cx, offset.unwrap_or(Value::NONE))?;
    let whence = whence.map_or(Ok(0), |whence| cx.c_int_argument(whence))?;
    Ok(cx.new_int_from_i64(seek_to(cx, file, offset, whence)?))
}

fn tell(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    Ok(cx.new_int_from_i64(seek_to(cx, file, 0, libc::SEEK_CUR)?))
}

fn truncate(cx: &Cx, file: Ref<FileIo>, size: Option<Value>) -> PyResult {
    let fd = file.fd(cx)?;
    if !file.is_writable() {
        return Err(wrong_direction(cx, "writing"));
    }
    let size = match size.and_then(Value::not_none) {
        Some(size) => position(cx, size)?,
        None => seek_to(cx, file, 0, libc::SEEK_CUR)?,
    };
    // SAFETY: the call has no preconditions.
    match blocking(cx, || unsafe { libc::ftruncate(fd, size).into() })? {
        Ok(_) => {
            file.size.store(-1, Ordering::Relaxed);
            Ok(cx.new_int_from_i64(size))
        }
        Err(errno) => Err(error(cx, errno)),
    }
}

/// Whether the position can be moved, asked of the system once.
pub(super) fn is_seekable(cx: &Cx, file: Ref<FileIo>) -> PyResult<bool> {
    file.fd(cx)?;
    if file.seekable.load(Ordering::Relaxed) < 0
        && let Err(raised) = seek_to(cx, file, 0, libc::SEEK_CUR)
    {
        cx.ignore_if(raised, ExceptionKind::OSError)?;
        file.seekable.store(0, Ordering::Relaxed);
    }
    Ok(file.seekable.load(Ordering::Relaxed) == 1)
}

fn seekable(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    Ok(Value::bool(is_seekable(cx, file)?))
}

fn readable(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    file.fd(cx)?;
    Ok(Value::bool(file.is_readable()))
}

fn writable(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    file.fd(cx)?;
    Ok(Value::bool(file.is_writable()))
}

fn fileno(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    Ok(Value::int(file.fd(cx)?.into()))
}

/// Whether the descriptor is a terminal.
pub(super) fn is_terminal(cx: &Cx, file: Ref<FileIo>) -> PyResult<bool> {
    let fd = file.fd(cx)?;
    // SAFETY: the call has no preconditions.
    Ok(cx.mutator().detached(|| unsafe { libc::isatty(fd) }) == 1)
}

fn isatty(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    Ok(Value::bool(is_terminal(cx, file)?))
}

fn getstate(cx: &Cx, file: Ref<FileIo>) -> PyResult {
    no_pickle(cx, file.value())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let file = this(value);
    let Some(fd) = file.fd_or_closed() else { return Ok(cx.new_str("<_io.FileIO [closed]>").value()) };
    let (mode, closes) = (file.mode(), if file.has(CLOSES) { "True" } else { "False" });
    match cx.get_attribute_optional(value, cx.intern_str("name"))? {
        None => Ok(cx.new_str(&format!("<_io.FileIO fd={fd} mode='{mode}' closefd={closes}>")).value()),
        Some(name) => {
            if !cx.repr_enter(value) {
                return Err(raise!(cx, RuntimeError, "reentrant call inside {}.__repr__", value.class_name(cx)));
            }
            let name = object::repr(cx, name);
            cx.repr_leave(value);
            let text = format!("<_io.FileIO name={} mode='{mode}' closefd={closes}>", name?.as_wtf8());
            Ok(cx.new_str(&text).value())
        }
    }
}

/// `FileIO`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_io",
    doc: "FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nOpen a file without buffering.\n\nThe mode is 'r', 'w', 'x' or 'a', with '+' for both directions. An opener is\ncalled with the name and flags, and returns a descriptor.",
    base: Some(&base::RAW_TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), ..Slots::NONE },
    methods: &[
        Method::optional(
            "read",
            read,
            "read($self, size=-1, /)\n--\n\nRead up to size bytes with one system call, or until the end; None if nothing is\nthere and the file does not block.",
        ),
        Method::none(
            "readall",
            readall,
            "readall($self, /)\n--\n\nRead until the end; None if nothing is there and the file does not block.",
        ),
        Method::one(
            "readinto",
            readinto,
            "readinto($self, buffer, /)\n--\n\nRead into a buffer; how many bytes were read.",
        ),
        Method::one(
            "write",
            write,
            "write($self, b, /)\n--\n\nWrite bytes with one system call; how many were written, None if the file would\nblock.",
        ),
        Method::many("seek", seek, "seek($self, pos, whence=0, /)\n--\n\nMove the position, and return the new one."),
        Method::none("tell", tell, "tell($self, /)\n--\n\nThe position."),
        Method::optional(
            "truncate",
            truncate,
            "truncate($self, size=None, /)\n--\n\nCut the file to size bytes, or at the position, and return the size.",
        ),
        Method::none("close", close, "close($self, /)\n--\n\nClose the file; a second time has no effect."),
        Method::none("seekable", seekable, "seekable($self, /)\n--\n\nWhether the position can be moved."),
        Method::none("readable", readable, "readable($self, /)\n--\n\nWhether the file was opened for reading."),
        Method::none("writable", writable, "writable($self, /)\n--\n\nWhether the file was opened for writing."),
        Method::none("fileno", fileno, "fileno($self, /)\n--\n\nThe file descriptor."),
        Method::none("isatty", isatty, "isatty($self, /)\n--\n\nWhether the file is a terminal."),
        Method::none("_isatty_open_only", isatty, "_isatty_open_only($self, /)\n--\n\nWhether the file is a terminal."),
        Method::one("_dealloc_warn", dealloc_warn, "_dealloc_warn($self, object, /)\n--\n\n"),
        Method::none("__getstate__", getstate, "__getstate__($self, /)\n--\n\n"),
    ],
    attributes: &[
        GetSet::read_only(
            "closed",
            |_cx, file: Ref<FileIo>| Ok(Value::bool(file.fd_or_closed().is_none())),
            "True if the file is closed",
        ),
        GetSet::read_only(
            "closefd",
            |_cx, file: Ref<FileIo>| Ok(Value::bool(file.has(CLOSES))),
            "True if the file descriptor will be closed by close().",
        ),
        GetSet::read_only(
            "mode",
            |cx, file: Ref<FileIo>| Ok(cx.new_str(file.mode()).value()),
            "String giving the file mode",
        ),
        GetSet::read_only(
            "_blksize",
            |cx, file: Ref<FileIo>| Ok(cx.new_int_from_i64(file.block_size())),
            "Stat st_blksize if available",
        ),
        GetSet::read_only("_finalizing", |_cx, file: Ref<FileIo>| Ok(Value::bool(file.base.is_finalizing())), ""),
    ],
    ..TypeDef::new("FileIO", &LAYOUT)
};
