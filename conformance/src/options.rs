//! The words of the command line.

use std::path::PathBuf;
use std::time::Duration;

use crate::process::Limits;

/// What `--help` prints.
pub const USAGE: &str = "\
usage: conformance [OPTION…] [MODULE…]
runs modules of CPython 3.14's own tests (without MODULE: all that have expectations) and compares with what is expected
  --record         write what came out to snapshots/conformance/expectations.toml; reasons are kept
  --jobs N         how many modules at once (default: as many as there are cores)
  --timeout N      seconds for one test (default 60)
  --total N        seconds for one module (default 600)
  --memory N       MiB of resident memory for one module (default 4096)
  --program PATH   the interpreter to judge (default: countless beside this program)
environment: COUNTLESS_TESTS   a library folder with CPython's tests (default: fetched once into target/conformance)
             COUNTLESS_ORACLE  a CPython 3.14; a test that is skipped here and passes there did not pass";

/// What was asked for.
pub struct Options {
    pub modules: Vec<String>,
    pub record: bool,
    pub help: bool,
    pub jobs: usize,
    pub limits: Limits,
    pub program: Option<PathBuf>,
}

/// Reads the words.
pub fn parse(words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        modules: Vec::new(),
        record: false,
        help: false,
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        limits: Limits { per_test: Duration::from_secs(60), per_module: Duration::from_secs(600), bytes: 4096 << 20 },
        program: None,
    };
    let mut words = words;
    while let Some(word) = words.next() {
        let mut number = || -> Result<u64, String> {
            let value = words.next().and_then(|value| value.parse().ok()).filter(|value| *value > 0);
            value.ok_or_else(|| format!("{word} needs a number"))
        };
        match word.as_str() {
            "--record" => options.record = true,
            "--help" | "-h" => options.help = true,
            "--jobs" => options.jobs = usize::try_from(number()?).map_err(|error| error.to_string())?,
            "--timeout" => options.limits.per_test = Duration::from_secs(number()?),
            "--total" => options.limits.per_module = Duration::from_secs(number()?),
            "--memory" => options.limits.bytes = number()?.saturating_mul(1 << 20),
            "--program" => options.program = Some(words.next().ok_or("--program needs a path")?.into()),
            _ if word.starts_with('-') => return Err(format!("unknown option {word}")),
            _ => options.modules.push(word),
        }
    }
    Ok(options)
}
