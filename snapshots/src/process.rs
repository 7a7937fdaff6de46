//! Runs one interpreter on one case, in the fixed world.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::case::Case;
use crate::outcome::{Outcome, Places};

/// The interpreter to run, and what of its environment differs from the fixed one.
#[derive(Clone, Debug)]
pub struct World {
    pub program: PathBuf,
    /// Variables passed on from this process, if set: they choose how our own interpreter runs.
    pub inherited: &'static [&'static str],
    pub limits: Limits,
}

/// How long a case may take: its own limit times `factor`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub factor: u32,
}

/// The variables by which a developer steers Countless itself.
const OUR_VARIABLES: &[&str] = &["COUNTLESS_LIB", "COUNTLESS_ZEAL"];

impl World {
    /// Our own interpreter. A stressed collector gets more time.
    pub fn countless(program: impl Into<PathBuf>) -> World {
        let factor = if env::var_os("COUNTLESS_ZEAL").is_some() { 15 } else { 1 };
        World { program: program.into(), inherited: OUR_VARIABLES, limits: Limits { factor } }
    }

    /// Another interpreter, to compare with.
    pub fn other(program: impl Into<PathBuf>) -> World {
        World { program: program.into(), inherited: &[], limits: Limits { factor: 2 } }
    }
}

/// Runs `case`; an error is a failure of the harness, never of the script.
pub fn run(world: &World, case: &Case) -> io::Result<Outcome> {
    let folder = WorkingFolder::new()?;
    let places = Places { script: &case.script, working: &folder.path, program: &world.program };
    let arguments: Vec<OsString> = case
        .arguments
        .iter()
        .map(|word| OsString::from(word.replace("{script}", &case.script.to_string_lossy())))
        .collect();
    let mut command = Command::new(&world.program);
    command.args(arguments).current_dir(&folder.path).env_clear().process_group(0);
    for (name, value) in fixed_environment(&folder.path) {
        command.env(name, value);
    }
    for name in world.inherited {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command.envs(case.environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let limit = case.timeout * world.limits.factor;
    let mut child = command.spawn().map_err(|error| explain(&world.program, &error))?;
    let input = feed(&mut child, case.stdin.clone());
    let output = drain(child.stdout.take());
    let errors = drain(child.stderr.take());
    let status = wait(&mut child, started, limit)?;
    let _ = input.join();
    let (stdout, stderr) = (join(output)?, join(errors)?);
    let exit = status.map(|status| status.code().unwrap_or_else(|| -status.signal().unwrap_or(0)));
    Ok(Outcome::new(exit, &stdout, &stderr, &places, limit))
}

fn explain(program: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot run {}: {error}", program.display()))
}

fn fixed_environment(folder: &Path) -> [(&'static str, OsString); 9] {
    [
        ("HOME", folder.into()),
        ("LANG", "C.UTF-8".into()),
        ("LC_ALL", "C.UTF-8".into()),
        ("PATH", "/usr/bin:/bin".into()),
        ("PYTHONDONTWRITEBYTECODE", "1".into()),
        ("PYTHONHASHSEED", "1".into()),
        ("PYTHON_COLORS", "0".into()),
        ("TMPDIR", folder.into()),
        ("TZ", "UTC".into()),
    ]
}

fn feed(child: &mut Child, input: Vec<u8>) -> thread::JoinHandle<()> {
    let stream = child.stdin.take();
    thread::spawn(move || {
        // A script that does not read its input closes the pipe: that is no error.
        if let Some(mut stream) = stream {
            let _ = stream.write_all(&input);
        }
    })
}

fn drain(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<io::Result<Vec<u8>>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            stream.read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    })
}

fn join(handle: thread::JoinHandle<io::Result<Vec<u8>>>) -> io::Result<Vec<u8>> {
    handle.join().map_err(|_| io::Error::other("a reader thread panicked"))?
}

/// The exit status, or nothing if the time was up. The whole process group is ended then, since a script may have
/// children that keep the pipes open.
fn wait(child: &mut Child, started: Instant, limit: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() > limit {
            end_group(child.id());
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

fn end_group(group: u32) {
    let _ = Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status();
}

/// A fresh, empty working directory, removed with everything in it.
struct WorkingFolder {
    path: PathBuf,
}

impl WorkingFolder {
    fn new() -> io::Result<WorkingFolder> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("countless-case-{}-{number}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(WorkingFolder { path: path.canonicalize()? })
    }
}

impl Drop for WorkingFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
