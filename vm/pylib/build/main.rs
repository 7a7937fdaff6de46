//! Packs the standard library into one blob that the crate embeds.
//!
//! Input: the `Lib` directory of the `rustpython-pylib` dependency, minus `LEFT_OUT`, with `PATCHES` applied, under the
//! files of `overlay/`. Output: `$OUT_DIR/pylib.bin` in the layout that `src/lib.rs` describes, and `$OUT_DIR/pycode.bin`
//! with the sources' code (`code`). The registry copy of the dependency never changes under one version, so only this
//! folder and the overlay are watched; cargo builds and runs this anew when the compiler changes.

mod code;
mod patches;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use patches::{LEFT_OUT, PATCHES};

/// Files by their path inside the library, `/`-separated.
type Files = BTreeMap<String, Vec<u8>>;

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=overlay");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    collect(Path::new(rustpython_pylib::LIB_PATH), "", &mut files)?;
    files.retain(|path, _| !is_left_out(path));
    if let Some(licence) = files.remove("PSF-LICENSE") {
        files.insert("LICENSE.txt".to_owned(), licence);
    }
    apply_patches(&mut files);
    collect(&manifest.join("overlay"), "", &mut files)?;
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("pycode.bin"), code::pack(&files))?;
    fs::write(out.join("pylib.bin"), pack(&files))
}

fn is_left_out(path: &str) -> bool {
    LEFT_OUT.iter().any(|entry| match entry.strip_suffix('/') {
        Some(folder) => path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
        None => path == *entry,
    })
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
    let explain = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(explain)? {
        let entry = entry?;
        let name = entry.file_name().into_string().map_err(|name| io::Error::other(format!("file name {name:?}")))?;
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            if name != "__pycache__" {
                collect(&entry.path(), &format!("{path}/"), files)?;
            }
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Replaces the few lines that name another implementation. A patch that no longer fits stops the build: a new version
/// of the dependency has to be read, not guessed at.
fn apply_patches(files: &mut Files) {
    for patch in PATCHES {
        let data =
            files.get_mut(patch.file).unwrap_or_else(|| panic!("patched file {} is not in the library", patch.file));
        let text = std::str::from_utf8(data).unwrap_or_else(|_| panic!("{} is not UTF-8", patch.file));
        let found = text.matches(patch.from).count();
        assert_eq!(found, 1, "{}: the text to replace occurs {found} times: {:?}", patch.file, patch.from);
        *data = text.replace(patch.from, patch.to).into_bytes();
    }
}

/// Lays the blob out; the reader in `src/lib.rs` is the other half of this function.
fn pack(files: &Files) -> Vec<u8> {
    const ENTRY_SIZE: usize = 20;
    const HEAD_SIZE: usize = 16;
    let (mut paths, mut data) = (Vec::new(), Vec::new());
    let mut index = Vec::with_capacity(files.len() * ENTRY_SIZE);
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    let names_start = HEAD_SIZE + files.len() * ENTRY_SIZE;
    let data_start = names_start + files.keys().map(String::len).sum::<usize>();
    for (path, content) in files {
        for byte in path.bytes().chain([0]).chain(content.iter().copied()) {
            digest = (digest ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        let packed = miniz_oxide::deflate::compress_to_vec(content, 9);
        let stored = if packed.len() < content.len() { packed } else { content.clone() };
        let field = |value: usize| u32::try_from(value).expect("the packed library is far below 4 GiB").to_le_bytes();
        index.extend(field(names_start + paths.len()));
        index.extend(field(path.len()));
        index.extend(field(data_start + data.len()));
        index.extend(field(stored.len()));
        index.extend(field(content.len()));
        paths.extend(path.bytes());
        data.extend(stored);
    }
    let count = u32::try_from(files.len()).expect("fewer than 2^32 files");
    let mut blob = Vec::with_capacity(data_start + data.len());
    blob.extend(b"CPYL");
    blob.extend(count.to_le_bytes());
    blob.extend(digest.to_le_bytes());
    blob.extend(index);
    blob.extend(paths);
    blob.extend(data);
    blob
}
