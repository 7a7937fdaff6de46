//! Runs one module in a process of its own, with limits; starts again behind a test that crashed or hung.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::journal::{Journal, Outcome};

/// How often a running module is looked at.
const LOOK: Duration = Duration::from_millis(50);
const PAGE_BYTES: u64 = 4096;

/// What a module may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long one test may be at work.
    pub per_test: Duration,
    /// How long the module may take in all.
    pub per_module: Duration,
    /// Resident memory.
    pub bytes: u64,
}

/// An interpreter, and how it finds the library.
pub struct Python<'a> {
    pub program: &'a Path,
    /// The folder where the package `test` is.
    pub library: &'a Path,
    pub runner: &'a Path,
}

/// Runs a module; its journal and log are left in `folder`.
pub fn run_module(python: &Python, module: &str, folder: &Path, limits: Limits) -> io::Result<Journal> {
    let scratch = folder.join(format!("{module}.scratch"));
    let journal_path = folder.join(format!("{module}.journal"));
    let log = folder.join(format!("{module}.log"));
    let _ = fs::remove_dir_all(&scratch);
    let _ = fs::remove_file(&journal_path);
    fs::create_dir_all(&scratch)?;
    let mut output = File::create(&log)?;
    let begun = Instant::now();
    loop {
        let child = spawn(python, module, &journal_path, &scratch, &mut output)?;
        let end = watch(child, &journal_path, begun, limits)?;
        let journal = read(&journal_path)?;
        if journal.ended {
            let _ = fs::remove_dir_all(&scratch);
            return Ok(journal);
        }
        let at_work = journal.at_work.unwrap_or_else(|| "<outside of tests>".to_owned());
        append(&journal_path, &format!("\nerrored\t{at_work}\t{end}\n"))?;
        let only_once = at_work.starts_with('<') || begun.elapsed() >= limits.per_module;
        if only_once {
            let _ = fs::remove_dir_all(&scratch);
            return read(&journal_path);
        }
    }
}

fn spawn(python: &Python, module: &str, journal: &Path, scratch: &Path, output: &mut File) -> io::Result<Child> {
    Command::new(python.program)
        .arg(python.runner)
        .arg(module)
        .arg(journal)
        .env("PYTHONPATH", python.library)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("TMPDIR", scratch)
        .current_dir(scratch)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?)
        .process_group(0)
        .spawn()
}

/// Waits for the process within the limits, and says how it ended.
fn watch(mut child: Child, journal: &Path, begun: Instant, limits: Limits) -> io::Result<String> {
    let mut written = 0;
    let mut progress = Instant::now();
    let end = loop {
        if let Some(status) = child.try_wait()? {
            break describe(status);
        }
        let length = fs::metadata(journal).map_or(0, |metadata| metadata.len());
        if length != written {
            written = length;
            progress = Instant::now();
        }
        if progress.elapsed() >= limits.per_test {
            break format!("hangs: no end within {} s", limits.per_test.as_secs());
        }
        if begun.elapsed() >= limits.per_module {
            break format!("the module took more than {} s", limits.per_module.as_secs());
        }
        if resident_bytes(child.id()) > limits.bytes {
            break format!("takes more than {} MiB", limits.bytes >> 20);
        }
        std::thread::sleep(LOOK);
    };
    // Whatever the tests started goes with it. There may be nothing left to end.
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status()?;
    child.wait()?;
    Ok(end)
}

fn describe(status: ExitStatus) -> String {
    match status.signal() {
        Some(signal) => format!("crashes: signal {signal}"),
        None => format!("ends the process: exit status {}", status.code().unwrap_or(-1)),
    }
}

/// The second number of `statm`; a process that has just ended takes nothing.
fn resident_bytes(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).map_or(0, |pages| pages * PAGE_BYTES)
}

/// Reads a journal; without one, nothing happened.
pub fn read(path: &Path) -> io::Result<Journal> {
    match fs::read(path) {
        Ok(bytes) => Ok(Journal::parse(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Journal::default()),
        Err(error) => Err(error),
    }
}

fn append(path: &PathBuf, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    File::options().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// Counts in the order in which they are written down.
pub fn counts(journal: &Journal) -> String {
    format!(
        "{} passed, {} failed, {} errored, {} skipped",
        journal.count(Outcome::Passed),
        journal.count(Outcome::Failed),
        journal.count(Outcome::Errored),
        journal.count(Outcome::Skipped)
    )
}
