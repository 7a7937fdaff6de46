//! Where the interpreter is, and where its library seems to be.
//!
//! The packed library looks like `PREFIX/lib/countless3.14`. The prefix is `PYTHONHOME`; else, in a virtual environment,
//! what its `pyvenv.cfg` calls home; else the folder above the `bin` that the interpreter lies in (links followed), or the
//! interpreter's folder if that is not called `bin`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The library's folder below the prefix.
const LIBRARY: &str = "lib/countless3.14";

/// The interpreter's file as an absolute path, links not followed; empty if it cannot be found. `word` is how it was
/// called.
pub fn executable(word: &[u8]) -> PathBuf {
    let name = Path::new(OsStr::from_bytes(word));
    if word.contains(&b'/') {
        return std::path::absolute(name).unwrap_or_default();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_program(file));
    match on_path {
        Some(file) => std::path::absolute(file).unwrap_or_default(),
        None => std::env::current_exe().unwrap_or_default(),
    }
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// The made-up folder of the packed library.
pub fn packed_library(executable: &Path, home: Option<&str>) -> PathBuf {
    let prefix = match home {
        Some(home) => PathBuf::from(home.split(':').next().unwrap_or_default()),
        None => prefix(executable),
    };
    prefix.join(LIBRARY)
}

fn prefix(executable: &Path) -> PathBuf {
    let folder = match environment_home(executable) {
        Some(home) => home,
        None => {
            let real = executable.canonicalize().unwrap_or_else(|_| executable.to_owned());
            real.parent().map(Path::to_owned).unwrap_or_default()
        }
    };
    match folder.file_name() {
        Some(name) if name == "bin" => folder.parent().map(Path::to_owned).unwrap_or_default(),
        _ => folder,
    }
}

/// What `pyvenv.cfg`, beside the interpreter or one folder up, calls home.
fn environment_home(executable: &Path) -> Option<PathBuf> {
    let folder = executable.parent()?;
    let read = |folder: &Path| std::fs::read_to_string(folder.join("pyvenv.cfg")).ok();
    let text = read(folder).or_else(|| read(folder.parent()?))?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        key.trim().eq_ignore_ascii_case("home").then(|| PathBuf::from(value.trim()))
    })
}

/// The file name of a script as tracebacks and messages show it: absolute, not normalised.
pub fn absolute(word: &[u8]) -> Vec<u8> {
    if word.starts_with(b"/") {
        return word.to_vec();
    }
    let Ok(folder) = std::env::current_dir() else { return word.to_vec() };
    let mut path = folder.into_os_string().into_vec();
    if word.is_empty() || word == b"." {
        return path;
    }
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(word);
    path
}

/// `sys.path[0]` for a script: the folder it really lies in.
pub fn script_folder(script: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(OsString::from_vec(script.to_vec()));
    let target = match std::fs::read_link(&path) {
        Ok(link) => path.parent().map(|folder| folder.join(&link)).unwrap_or(link),
        Err(_) => path,
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    real.into_os_string().into_vec()
}
