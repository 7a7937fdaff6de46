//! The command line of the runner.

use std::path::PathBuf;

pub const USAGE: &str = "usage: bench [OPTIONS] [WORD…]

Words choose programs by a part of their name; without one all run.

  --group NAME         only this group: small, startup, memory, pyperformance
  --runs N             alternating runs of each program (20 for small ones, 3 for the others)
  --repeats N          timed repeats inside each run (3; the minimum counts, so JITs get warm)
  --interpreter N=PATH one more interpreter (Countless, CPython, PyPy and RustPython are found by themselves)
  --only NAME,…        only these interpreters
  --timeout SECONDS    for one run of one program (600)
  --json FILE          write the numbers
  --markdown FILE      write the table
  --list               list the programs

Environment: COUNTLESS names our binary (else target/dist or target/release), COUNTLESS_PEERS a folder with a bin/ of
other interpreters (see get-peers), COUNTLESS_ORACLE a CPython, COUNTLESS_PYPERFORMANCE an unpacked pyperformance or its
wheel (else it is downloaded once with pip).";

/// What to run and where to write.
#[derive(Debug, Default)]
pub struct Options {
    pub help: bool,
    pub list: bool,
    pub words: Vec<String>,
    pub group: Option<String>,
    pub runs: Option<u32>,
    pub repeats: u32,
    pub timeout_seconds: u64,
    pub interpreters: Vec<(String, PathBuf)>,
    pub only: Vec<String>,
    pub json: Option<PathBuf>,
    pub markdown: Option<PathBuf>,
}

/// Reads the arguments.
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { repeats: 3, timeout_seconds: 600, ..Options::default() };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--help" | "-h" => options.help = true,
            "--list" => options.list = true,
            "--group" => options.group = Some(value()?),
            "--runs" => options.runs = Some(number(&value()?)?),
            "--repeats" => options.repeats = number(&value()?)?,
            "--timeout" => options.timeout_seconds = number(&value()?)?,
            "--json" => options.json = Some(value()?.into()),
            "--markdown" => options.markdown = Some(value()?.into()),
            "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
            "--interpreter" => {
                let value = value()?;
                let (name, path) = value.split_once('=').ok_or("--interpreter wants NAME=PATH")?;
                options.interpreters.push((name.to_owned(), path.into()));
            }
            word if word.starts_with('-') => return Err(format!("unknown option {word}")),
            word => options.words.push(word.to_owned()),
        }
    }
    Ok(options)
}

fn number<T: std::str::FromStr + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    match text.parse::<T>() {
        Ok(value) if value >= T::from(1) => Ok(value),
        _ => Err(format!("`{text}` is no positive number")),
    }
}
