//! `scandir` and the entries that it gives.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Field, Layout, Ref, drop_cell};
use countless_vm::object::protocol::object;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::{self, TypeId};

use super::directory::{Entry, Folder};
use super::path::{Kind, Path, Shared};
use super::status;
use crate::support::native::{lock, optional_bool};

/// The cell of the iterator. It owns the open folder; whoever reads from it holds the mutex.
#[repr(C)]
pub struct Scandir {
    header: Header,
    /// The path's object, for errors and entries' paths; empty for the current folder.
    object: Field,
    folder: Option<Box<Open>>,
}

struct Open {
    folder: Mutex<Option<Folder>>,
    /// What is put before an entry's name to make its path.
    prefix: Vec<u8>,
    /// The folder's descriptor that entries are looked up in, if it was given; -1 otherwise.
    descriptor: i32,
    is_bytes: bool,
}

static LAYOUT: Layout = Layout::of::<Scandir>("posix.ScandirIterator", TypeId::FREE, Some(&types::object::LAYOUT))
    .with_drop(drop_cell::<Scandir>);

// SAFETY: `repr(C)`, header first, zero is an iterator without a folder; the object is reported.
unsafe impl Cell for Scandir {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.object.trace(tracer);
    }
}

/// The cell of entries. What `stat` said is kept: a race stores equal results twice.
#[repr(C)]
pub struct DirEntry {
    header: Header,
    name: Field,
    path: Field,
    /// Results of `stat()` with and without following links.
    status: Field,
    link_status: Field,
    inode: AtomicU64,
    /// `DT_…`.
    kind: AtomicU8,
    /// The folder's descriptor plus one; 0 if entries are looked up by path.
    folder: AtomicU64,
}

static ENTRY_LAYOUT: Layout = Layout::of::<DirEntry>("posix.DirEntry", TypeId::FREE, Some(&types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an entry without a name; all traced fields are reported.
unsafe impl Cell for DirEntry {
    fn layout() -> &'static Layout {
        &ENTRY_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        [&self.name, &self.path, &self.status, &self.link_status].into_iter().for_each(|field| field.trace(tracer));
    }
}

static SCANDIR: Signature<1> = Signature::new("scandir", ["path"]);

pub(super) fn scandir(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [path] = SCANDIR.bind(cx, args)?;
    let path = Path::new(cx, path, Kind::optional("scandir"))?;
    let shared = Shared(&path);
    let folder = cx.mutator().detached(|| Folder::open(shared.get())).map_err(|errno| path.name_error(cx, errno))?;
    let mut prefix = Vec::new();
    if path.descriptor.is_none() {
        prefix.extend_from_slice(path.name.as_bytes());
        if prefix.last() != Some(&b'/') {
            prefix.push(b'/');
        }
    }
    let open = Open {
        folder: Mutex::new(Some(folder)),
        prefix,
        descriptor: path.descriptor.unwrap_or(-1),
        is_bytes: path.is_bytes,
    };
    native_type(cx, &TYPE)?;
    let contents = Scandir {
        header: Header::default(),
        object: path.object.map_or(Field::empty(), Field::new),
        folder: Some(Box::new(open)),
    };
    let iterator = cx.allocate(contents);
    cx.mutator().register_finalizable(iterator.value().word());
    Ok(iterator.value())
}

fn this(value: Value) -> Ref<Scandir> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let iterator = this(value);
    let Some(open) = &iterator.folder else { return Ok(None) };
    let entry = {
        let mut guard = lock(cx, &open.folder);
        match &mut *guard {
            None => return Ok(None),
            Some(folder) => {
                let entry = folder.next();
                if !matches!(entry, Ok(Some(_))) {
                    *guard = None;
                }
                entry
            }
        }
    };
    match entry {
        Ok(Some(entry)) => Ok(Some(new_entry(cx, open, &entry)?)),
        Ok(None) => Ok(None),
        Err(errno) => Err(types::exception::raise_os_error(cx, errno, iterator.object.get(), None)),
    }
}

fn new_entry(cx: &Cx, open: &Open, entry: &Entry) -> PyResult {
    let text = |bytes: &[u8]| match open.is_bytes {
        true => cx.new_bytes(bytes).value(),
        false => crate::support::path::fs_decode(cx, bytes).value(),
    };
    let name = text(&entry.name);
    let path = text(&[&open.prefix[..], &entry.name].concat());
    native_type(cx, &ENTRY_TYPE)?;
    let contents = DirEntry {
        header: Header::default(),
        name: Field::new(name),
        path: Field::new(path),
        status: Field::empty(),
        link_status: Field::empty(),
        inode: AtomicU64::new(entry.inode),
        kind: AtomicU8::new(entry.kind),
        folder: AtomicU64::new((i64::from(open.descriptor) + 1) as u64),
    };
    Ok(cx.allocate(contents).value())
}

fn close(cx: &Cx, iterator: Ref<Scandir>) -> PyResult {
    if let Some(open) = &iterator.folder {
        let folder = lock(cx, &open.folder).take();
        cx.mutator().detached(|| drop(folder));
    }
    Ok(Value::NONE)
}

fn exit(cx: &Cx, iterator: Ref<Scandir>, _args: Args<'_>) -> PyResult {
    close(cx, iterator)
}

fn enter(_cx: &Cx, iterator: Ref<Scandir>) -> PyResult {
    Ok(iterator.value())
}

fn finalize(cx: &Cx, value: Value) -> PyResult<()> {
    let iterator = this(value);
    let is_open = iterator.folder.as_ref().is_some_and(|open| lock(cx, &open.folder).is_some());
    if is_open {
        let text = object::repr(cx, value)?;
        let message = format!("unclosed scandir iterator {}", text.as_wtf8());
        let warned = cx.warn(ExceptionKind::ResourceWarning, &message, 1);
        close(cx, iterator)?;
        warned?;
    }
    Ok(())
}

/// The iterator's type.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "posix",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), finalize: Some(finalize), ..Slots::NONE },
    methods: &[
        Method::none("close", close, "close($self, /)\n--\n\nClose the folder."),
        Method::none("__enter__", enter, "__enter__($self, /)\n--\n\n"),
        Method::many("__exit__", exit, "__exit__($self, /, *args)\n--\n\n"),
    ],
    ..TypeDef::new("ScandirIterator", &LAYOUT)
};

impl DirEntry {
    /// The descriptor that the name is relative to, if the folder was given by one.
    fn descriptor(&self) -> Option<i32> {
        (self.folder.load(Ordering::Relaxed) as i64 > 0).then(|| self.folder.load(Ordering::Relaxed) as i32 - 1)
    }

    fn place(&self, cx: &Cx) -> PyResult<(Path, i32)> {
        let path = Path::new(cx, Some(self.path.get_or_none()), Kind::name("DirEntry"))?;
        Ok((path, self.descriptor().unwrap_or(libc::AT_FDCWD)))
    }
}

/// What `stat` says of the entry, kept for later.
fn status_of(cx: &Cx, entry: Ref<DirEntry>, follow: bool) -> PyResult<Result<Value, i32>> {
    let is_link = entry.kind.load(Ordering::Relaxed) == libc::DT_LNK;
    let kept = if follow && is_link { &entry.status } else { &entry.link_status };
    // A link's own status differs from its target's; anything else has one status.
    if let Some(kept) = kept.get() {
        return Ok(Ok(kept));
    }
    let (path, folder) = entry.place(cx)?;
    let unknown = entry.kind.load(Ordering::Relaxed) == libc::DT_UNKNOWN;
    let record = match status::stat_of(cx, &path, folder, follow && (is_link || unknown))? {
        Ok(record) => record,
        Err(errno) => return Ok(Err(errno)),
    };
    let value = status::stat_object(cx, &record)?;
    let target = if follow && (is_link || unknown) { &entry.status } else { &entry.link_status };
    target.set(cx, value);
    Ok(Ok(value))
}

static STAT: Signature<1> = Signature::new("stat", ["follow_symlinks"]).keyword_only_from(0);
static IS_DIR: Signature<1> = Signature::new("is_dir", ["follow_symlinks"]).keyword_only_from(0);
static IS_FILE: Signature<1> = Signature::new("is_file", ["follow_symlinks"]).keyword_only_from(0);

fn stat(cx: &Cx, entry: Ref<DirEntry>, args: Args<'_>) -> PyResult {
    let [follow] = STAT.bind(cx, args)?;
    let follow = optional_bool(cx, follow, true)?;
    match status_of(cx, entry, follow)? {
        Ok(status) => Ok(status),
        Err(errno) => Err(types::exception::raise_os_error(cx, errno, entry.path.get(), None)),
    }
}

/// Whether the entry is of a kind, asked of the system if the folder did not say.
fn is_kind(cx: &Cx, entry: Ref<DirEntry>, follow: bool, kind: u8, mode: u32) -> PyResult<bool> {
    let known = entry.kind.load(Ordering::Relaxed);
    if known != libc::DT_UNKNOWN && !(follow && known == libc::DT_LNK) {
        return Ok(known == kind);
    }
    match status_of(cx, entry, follow)? {
        Ok(status) => {
            let bits = cx.get_attribute(status, cx.intern_str("st_mode"))?;
            Ok(bits.as_small_int().is_some_and(|bits| bits as u32 & libc::S_IFMT == mode))
        }
        Err(libc::ENOENT) => Ok(false),
        Err(errno) => Err(types::exception::raise_os_error(cx, errno, entry.path.get(), None)),
    }
}

fn is_dir(cx: &Cx, entry: Ref<DirEntry>, args: Args<'_>) -> PyResult {
    let follow = optional_bool(cx, IS_DIR.bind(cx, args)?[0], true)?;
    Ok(Value::bool(is_kind(cx, entry, follow, libc::DT_DIR, libc::S_IFDIR)?))
}

fn is_file(cx: &Cx, entry: Ref<DirEntry>, args: Args<'_>) -> PyResult {
    let follow = optional_bool(cx, IS_FILE.bind(cx, args)?[0], true)?;
    Ok(Value::bool(is_kind(cx, entry, follow, libc::DT_REG, libc::S_IFREG)?))
}

fn is_symlink(cx: &Cx, entry: Ref<DirEntry>) -> PyResult {
    Ok(Value::bool(is_kind(cx, entry, false, libc::DT_LNK, libc::S_IFLNK)?))
}

fn is_junction(_cx: &Cx, _entry: Ref<DirEntry>) -> PyResult {
    Ok(Value::FALSE)
}

fn inode(cx: &Cx, entry: Ref<DirEntry>) -> PyResult {
    Ok(cx.new_int_from_u64(entry.inode.load(Ordering::Relaxed)))
}

fn fspath(_cx: &Cx, entry: Ref<DirEntry>) -> PyResult {
    Ok(entry.path.get_or_none())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    // SAFETY: called from slots of the type only.
    let entry: Ref<DirEntry> = unsafe { Ref::from_value_unchecked(value) };
    let name = object::repr(cx, entry.name.get_or_none())?;
    Ok(cx.new_str_wtf8(&countless_common::wtf8::Wtf8Buf::from(format!("<DirEntry {}>", name.as_wtf8()))).value())
}

/// `os.DirEntry`.
pub(super) static ENTRY_TYPE: TypeDef = TypeDef {
    module: "posix",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { repr: Some(repr), ..Slots::NONE },
    methods: &[
        Method::many(
            "is_dir",
            is_dir,
            "is_dir($self, /, *, follow_symlinks=True)\n--\n\nWhether the entry is a folder.",
        ),
        Method::many(
            "is_file",
            is_file,
            "is_file($self, /, *, follow_symlinks=True)\n--\n\nWhether the entry is a regular file.",
        ),
        Method::none("is_symlink", is_symlink, "is_symlink($self, /)\n--\n\nWhether the entry is a symbolic link."),
        Method::none("is_junction", is_junction, "is_junction($self, /)\n--\n\nFalse: only Windows has junctions."),
        Method::many(
            "stat",
            stat,
            "stat($self, /, *, follow_symlinks=True)\n--\n\nThe entry's stat_result, asked for once.",
        ),
        Method::none("inode", inode, "inode($self, /)\n--\n\nThe file's number."),
        Method::none("__fspath__", fspath, "__fspath__($self, /)\n--\n\nThe entry's path."),
        Method::one(
            "__class_getitem__",
            types::generic_alias::class_getitem,
            "__class_getitem__($type, object, /)\n--\n\nSee PEP 585",
        )
        .on_class(),
    ],
    attributes: &[
        GetSet::read_only(
            "name",
            |_cx, entry: Ref<DirEntry>| Ok(entry.name.get_or_none()),
            "the entry's base filename, relative to scandir() \"path\" argument",
        ),
        GetSet::read_only(
            "path",
            |_cx, entry: Ref<DirEntry>| Ok(entry.path.get_or_none()),
            "the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)",
        ),
    ],
    ..TypeDef::new("DirEntry", &ENTRY_LAYOUT)
};
