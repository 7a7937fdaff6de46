//! Finds a real CPython to compare with.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// An interpreter and its version.
#[derive(Clone, Debug)]
pub struct Oracle {
    pub program: PathBuf,
    /// `(3, 14)`.
    pub version: (u32, u32),
}

/// `COUNTLESS_ORACLE`, else `python3.14` on the path, else the newest CPython there.
pub fn find() -> Option<Oracle> {
    if let Some(program) = env::var_os("COUNTLESS_ORACLE") {
        return examine(Path::new(&program));
    }
    let mut names = vec!["python3.14".to_owned()];
    names.extend((8..30).rev().filter(|minor| *minor != 14).map(|minor| format!("python3.{minor}")));
    names.push("python3".to_owned());
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .filter(|program| fs::metadata(program).is_ok_and(|metadata| metadata.is_file()))
        .find_map(|program| examine(&program))
}

/// The version of `program`, if it is a CPython.
fn examine(program: &Path) -> Option<Oracle> {
    const QUESTION: &str = "import sys; print(sys.implementation.name, *sys.version_info[:2])";
    let output = Command::new(program).args(["-c", QUESTION]).output().ok()?;
    let answer = String::from_utf8(output.stdout).ok()?;
    let mut words = answer.split_whitespace();
    if words.next()? != "cpython" {
        return None;
    }
    let version = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(Oracle { program: program.to_owned(), version })
}
