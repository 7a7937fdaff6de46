//! Finds the interpreters to compare.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use crate::fetch;
use crate::options::Options;

/// The name of our own interpreter in tables.
pub const OURS: &str = "countless";
/// The one that ratios refer to.
pub const REFERENCE: &str = "cpython";

/// One interpreter.
#[derive(Clone, Debug)]
pub struct Interpreter {
    pub name: String,
    pub program: PathBuf,
    pub version: String,
}

/// Everything that runs, in the order of the tables: ours, the reference, the others.
pub fn find(options: &Options) -> io::Result<Vec<Interpreter>> {
    let mut candidates: Vec<(String, Vec<PathBuf>)> = vec![
        (OURS.to_owned(), ours()),
        (REFERENCE.to_owned(), named("COUNTLESS_ORACLE", &["python3.14", "python3"])),
        ("pypy".to_owned(), named("COUNTLESS_PYPY", &["pypy3.11", "pypy3"])),
        ("rustpython".to_owned(), named("COUNTLESS_RUSTPYTHON", &["rustpython"])),
    ];
    candidates.extend(options.interpreters.iter().map(|(name, path)| (name.clone(), vec![path.clone()])));
    let mut found = Vec::new();
    for (name, programs) in candidates {
        if !options.only.is_empty() && !options.only.contains(&name) {
            continue;
        }
        match programs.iter().find_map(|program| examine(&name, program)) {
            Some(interpreter) => found.push(interpreter),
            None => eprintln!("bench: no {name} found"),
        }
    }
    if found.is_empty() {
        return Err(io::Error::other("no interpreter found"));
    }
    Ok(found)
}

fn ours() -> Vec<PathBuf> {
    if let Some(path) = env::var_os("COUNTLESS") {
        return vec![path.into()];
    }
    let target = fetch::target();
    vec![target.join("dist").join(OURS), target.join("release").join(OURS)]
}

/// The folder of the workspace, two levels above this file.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(PathBuf::from).unwrap_or_default()
}

fn named(variable: &str, names: &[&str]) -> Vec<PathBuf> {
    if let Some(path) = env::var_os(variable) {
        return vec![path.into()];
    }
    let peers = env::var_os("COUNTLESS_PEERS").map(|folder| PathBuf::from(folder).join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = peers.into_iter().chain(env::split_paths(&path)).collect();
    names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).collect()
}

fn examine(name: &str, program: &Path) -> Option<Interpreter> {
    const QUESTION: &str = "import sys; print(sys.implementation.name, sys.version.split()[0])";
    let output = Command::new(program).args(["-c", QUESTION]).output().ok()?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    // `python3` may be another implementation's link.
    let implementation = version.split(' ').next().unwrap_or("");
    if !output.status.success() || (name == REFERENCE && implementation != REFERENCE) {
        return None;
    }
    Some(Interpreter { name: name.to_owned(), program: program.to_owned(), version })
}
