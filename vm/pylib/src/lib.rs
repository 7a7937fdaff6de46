//! The pure-Python standard library, packed into the binary: one blob, each file deflated by itself.
//!
//! With each source goes its code, which the build has compiled. This crate knows paths and bytes and nothing of the interpreter;
//! what the code means is the compiler's business. A path is relative to the library's root and
//! `/`-separated (`"os.py"`, `"json/decoder.py"`); the root folder is `""`.
//!
//! Layout of the blob, all numbers little-endian: magic `CPYL`, file count (u32), digest of all paths and contents
//! (u64); then one 20-byte entry per file, sorted by path: where the path starts, its length, where the data starts,
//! its stored length, its unpacked length (u32 each); then the paths; then the data. A file whose two lengths are equal
//! is stored as it is, any other is raw deflate. `build/main.rs` writes this.

#![deny(unsafe_code)]

use std::borrow::Cow;
use std::cmp::Ordering;

use miniz_oxide::inflate::decompress_slice_iter_to_slice;

static BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pylib.bin"));
/// Code: `build/code.rs` describes its layout.
static CODE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pycode.bin"));

const HEAD_SIZE: usize = 16;
const ENTRY_SIZE: usize = 20;

/// One packed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    path: &'static str,
    stored: &'static [u8],
    size: usize,
}

impl File {
    /// The path below the library's root.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Size of the unpacked content in bytes.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The content; borrowed where it was stored as it is.
    pub fn read(&self) -> Cow<'static, [u8]> {
        if self.stored.len() == self.size {
            return Cow::Borrowed(self.stored);
        }
        let mut content = vec![0; self.size];
        let unpacked = decompress_slice_iter_to_slice(&mut content, std::iter::once(self.stored), false, true);
        assert_eq!(unpacked, Ok(self.size), "the packed library is damaged at {}", self.path);
        Cow::Owned(content)
    }
}

/// A name in a folder, as `list` yields it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file in the folder.
    File(&'static str),
    /// A folder in the folder.
    Folder(&'static str),
}

impl Entry {
    /// The bare name, without the folder's path.
    pub fn name(&self) -> &'static str {
        match self {
            Entry::File(name) | Entry::Folder(name) => name,
        }
    }
}

/// Where the source of a module lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Module {
    /// The module's source; of a package its `__init__.py`.
    pub file: File,
    /// Whether submodules may exist.
    pub is_package: bool,
}

/// A number that changes with any path or content of the library: a key for caches of compiled code.
pub fn digest() -> u64 {
    u64::from(number(8)) | u64::from(number(12)) << 32
}

/// How many files are packed.
pub fn file_count() -> usize {
    number(4) as usize
}

/// The file at `path`.
pub fn file(path: &str) -> Option<File> {
    let position = first_not_below(path);
    (position < file_count() && path_at(position) == path).then(|| file_at(position))
}

/// The content of the file at `path`.
pub fn get(path: &str) -> Option<Cow<'static, [u8]>> {
    file(path).map(|file| file.read())
}

/// The image of the code that a source file compiles to at a level of optimization; nothing if it is no source, or the code
/// of that level is not packed. The build has verified it.
pub fn code(path: &str, optimize: u8) -> Option<&'static [u8]> {
    const ENTRY: usize = 12;
    let position = first_not_below(path);
    if position >= file_count() || path_at(position) != path {
        return None;
    }
    let word = |at: usize| u32::from_le_bytes([CODE[at], CODE[at + 1], CODE[at + 2], CODE[at + 3]]) as usize;
    let at = position * ENTRY;
    let (start, length, levels) = (word(at), word(at + 4), word(at + 8));
    (usize::from(optimize) < levels).then(|| &CODE[start..start + length])
}

/// Every file, in the order of the paths' bytes.
pub fn files() -> impl ExactSizeIterator<Item = File> {
    (0..file_count()).map(file_at)
}

/// Whether `path` is a folder; the root `""` is one.
pub fn is_folder(path: &str) -> bool {
    path.is_empty() || {
        let position = first_not_below_folder(path);
        position < file_count() && is_inside(path_at(position), path)
    }
}

/// Files and folders directly in the folder `path`, sorted; nothing if there is no such folder.
pub fn list(path: &str) -> impl Iterator<Item = Entry> {
    let skip = if path.is_empty() { 0 } else { path.len() + 1 };
    let mut position = if path.is_empty() { 0 } else { first_not_below_folder(path) };
    let folder = path.to_owned();
    std::iter::from_fn(move || {
        if position >= file_count() {
            return None;
        }
        let full = path_at(position);
        if !folder.is_empty() && !is_inside(full, &folder) {
            return None;
        }
        let rest = &full[skip..];
        match rest.find('/') {
            None => {
                position += 1;
                Some(Entry::File(rest))
            }
            Some(length) => {
                position = first_after_folder(&full[..skip + length]);
                Some(Entry::Folder(&rest[..length]))
            }
        }
    })
}

/// The source of the module with this dotted name.
pub fn module(name: &str) -> Option<Module> {
    if name.is_empty() || name.split('.').any(|part| part.is_empty() || part.contains('/')) {
        return None;
    }
    let path = name.replace('.', "/");
    if let Some(file) = file(&format!("{path}/__init__.py")) {
        return Some(Module { file, is_package: true });
    }
    file(&format!("{path}.py")).map(|file| Module { file, is_package: false })
}

/// Whether the dotted name is a package with an `__init__.py`.
pub fn is_package(name: &str) -> bool {
    module(name).is_some_and(|module| module.is_package)
}

fn number(at: usize) -> u32 {
    let bytes = &BLOB[at..at + 4];
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn field(position: usize, index: usize) -> usize {
    number(HEAD_SIZE + position * ENTRY_SIZE + index * 4) as usize
}

fn path_bytes(position: usize) -> &'static [u8] {
    let start = field(position, 0);
    &BLOB[start..start + field(position, 1)]
}

fn path_at(position: usize) -> &'static str {
    std::str::from_utf8(path_bytes(position)).expect("the build script packs UTF-8 paths")
}

fn file_at(position: usize) -> File {
    let start = field(position, 2);
    File { path: path_at(position), stored: &BLOB[start..start + field(position, 3)], size: field(position, 4) }
}

fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// The first entry whose path is not below `bytes`, compared as bytes.
fn first_not_below_bytes(compare: impl Fn(&[u8]) -> Ordering) -> usize {
    let (mut low, mut high) = (0, file_count());
    while low < high {
        let middle = low + (high - low) / 2;
        if compare(path_bytes(middle)) == Ordering::Less { low = middle + 1 } else { high = middle }
    }
    low
}

fn first_not_below(path: &str) -> usize {
    first_not_below_bytes(|candidate| candidate.cmp(path.as_bytes()))
}

/// The first entry at or after `folder/`.
fn first_not_below_folder(folder: &str) -> usize {
    first_not_below_bytes(|candidate| candidate.iter().copied().cmp(folder.bytes().chain([b'/'])))
}

/// The first entry after everything in `folder`: '0' is the byte after '/'.
fn first_after_folder(folder: &str) -> usize {
    first_not_below_bytes(|candidate| candidate.iter().copied().cmp(folder.bytes().chain([b'0'])))
}
