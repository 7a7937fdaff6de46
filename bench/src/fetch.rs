//! Gets pyperformance's programs: they are downloaded once, into a cache, and run as they are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use crate::interpreters::workspace;

const VERSION: &str = "1.14.0";
const INSIDE: &str = "pyperformance/data-files/benchmarks";

/// The folder with `bm_NAME/run_benchmark.py`.
pub fn pyperformance() -> io::Result<PathBuf> {
    if let Some(given) = env::var_os("COUNTLESS_PYPERFORMANCE").map(PathBuf::from) {
        if given.is_file() {
            return unpack(&given, &cache());
        }
        return programs_in(&given).ok_or_else(|| missing(&given));
    }
    let cache = cache();
    if let Some(folder) = programs_in(&cache) {
        return Ok(folder);
    }
    fs::create_dir_all(&cache)?;
    let package = format!("pyperformance=={VERSION}");
    eprintln!("bench: downloading {package} into {}", cache.display());
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest"]);
    succeed(pip.arg(&cache).arg(package))?;
    let wheel = fs::read_dir(&cache)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"));
    unpack(&wheel.ok_or_else(|| missing(&cache))?, &cache)
}

/// Where builds and caches go.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

fn cache() -> PathBuf {
    target().join("bench-cache").join(format!("pyperformance-{VERSION}"))
}

fn unpack(wheel: &Path, folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    succeed(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel).arg(folder))?;
    programs_in(folder).ok_or_else(|| missing(folder))
}

/// The programs inside an unpacked package, or the folder itself.
fn programs_in(folder: &Path) -> Option<PathBuf> {
    [folder.join(INSIDE), folder.to_owned()].into_iter().find(|folder| folder.join("bm_nbody").is_dir())
}

fn missing(folder: &Path) -> io::Error {
    io::Error::other(format!("no pyperformance programs in {}", folder.display()))
}

fn succeed(command: &mut Command) -> io::Result<()> {
    let status = command.status().map_err(|error| io::Error::new(error.kind(), format!("python3: {error}")))?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{command:?} failed"))) }
}
