//! Runs CPython 3.14's own tests under Countless and compares with what is expected of each.
//!
//! Every module runs in a process of its own under `runner.py`, which writes a journal. A regression, and a pass that is not
//! written down, make the run fail.

mod expectations;
mod journal;
mod options;
mod process;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io};

use expectations::Expected;
use journal::Journal;
use options::Options;
use process::Python;

/// The folder of the project.
const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Where everything is.
struct Places {
    program: PathBuf,
    oracle: Option<PathBuf>,
    library: PathBuf,
    /// A folder that holds the package `test` only: the library is the packed one, which is what users run.
    tests: PathBuf,
    runner: PathBuf,
    /// Journals and logs.
    journals: PathBuf,
    expectations: PathBuf,
}

fn main() -> ExitCode {
    let options = match options::parse(env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("conformance: {message}\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    if options.help {
        println!("{}", options::USAGE);
        return ExitCode::SUCCESS;
    }
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything is as expected.
fn run(options: &Options) -> io::Result<bool> {
    let places = find_places(options)?;
    let text = fs::read_to_string(&places.expectations).unwrap_or_default();
    let mut expected = expectations::parse(&text).map_err(io::Error::other)?;
    let modules: Vec<String> =
        if options.modules.is_empty() { expected.keys().cloned().collect() } else { options.modules.clone() };
    let journals = run_all(&places, options, &modules)?;
    let mut good = true;
    for (module, journal) in &journals {
        let known = expected.get(module);
        if known.is_some() || !options.record {
            good &= report(module, journal, known);
        }
        if options.record {
            let next = Expected::from_run(journal, expected.get(module));
            expected.insert(module.clone(), next);
        }
    }
    if options.record {
        if let Some(folder) = places.expectations.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&places.expectations, expectations::render(&expected))?;
    }
    Ok(good || options.record)
}

/// Finds what a run needs; fetches the tests when no folder is named.
fn find_places(options: &Options) -> io::Result<Places> {
    let build = env::current_exe()?.parent().map(Path::to_path_buf).unwrap_or_default();
    let program = options.program.clone().unwrap_or_else(|| build.join("countless"));
    let target = build.parent().map(Path::to_path_buf).unwrap_or_default().join("conformance");
    let project = fs::canonicalize(PROJECT)?;
    let library = match env::var_os("COUNTLESS_TESTS") {
        Some(folder) => fs::canonicalize(folder)?,
        None => {
            let status = Command::new(project.join("conformance/get-tests")).arg(&target).status()?;
            if !status.success() {
                return Err(io::Error::other("the tests could not be fetched"));
            }
            target.join("lib")
        }
    };
    if !library.join("test/support").is_dir() {
        return Err(io::Error::other(format!("no tests in {}", library.display())));
    }
    let tests = target.join("tests");
    fs::create_dir_all(&tests)?;
    let link = tests.join("test");
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink(library.join("test"), &link)?;
    let journals = target.join("journals");
    fs::create_dir_all(journals.join("oracle"))?;
    Ok(Places {
        program: fs::canonicalize(&program)
            .map_err(|error| io::Error::other(format!("{}: {error}", program.display())))?,
        oracle: env::var_os("COUNTLESS_ORACLE").map(PathBuf::from),
        library,
        tests,
        runner: project.join("conformance/runner.py"),
        journals,
        expectations: project.join("snapshots/conformance/expectations.toml"),
    })
}

/// Runs the modules on as many threads as asked for.
fn run_all(places: &Places, options: &Options, modules: &[String]) -> io::Result<BTreeMap<String, Journal>> {
    let next = AtomicUsize::new(0);
    let done = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.min(modules.len()) {
            scope.spawn(|| {
                while let Some(module) = modules.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = judge(places, options, module);
                    let number = done.fetch_add(1, Ordering::Relaxed) + 1;
                    if let Ok(journal) = &result {
                        eprintln!("[{number}/{}] {module}: {}", modules.len(), process::counts(journal));
                    }
                    results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((module.clone(), result));
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    results.into_iter().map(|(module, result)| Ok((module, result?))).collect()
}

/// Runs a module here and, where it skips something, under CPython, whose journal is kept.
fn judge(places: &Places, options: &Options, module: &str) -> io::Result<Journal> {
    let python = Python { program: &places.program, library: &places.tests, runner: &places.runner };
    let mut journal = process::run_module(&python, module, &places.journals, options.limits)?;
    let Some(oracle) = &places.oracle else { return Ok(journal) };
    if journal.count(journal::Outcome::Skipped) == 0 {
        return Ok(journal);
    }
    let folder = places.journals.join("oracle");
    let mut reference = process::read(&folder.join(format!("{module}.journal")))?;
    if !reference.ended {
        let python = Python { program: oracle, library: &places.library, ..python };
        reference = process::run_module(&python, module, &folder, options.limits)?;
    }
    journal.judge_skips(&reference);
    Ok(journal)
}

/// Prints how a module differs; whether it does not.
fn report(module: &str, journal: &Journal, expected: Option<&Expected>) -> bool {
    let Some(expected) = expected else {
        println!("{module}: nothing is expected of it yet");
        return false;
    };
    let difference = expected.compare(journal);
    for regression in &difference.regressions {
        println!("{module}: REGRESSION {regression}");
    }
    for pass in &difference.unexpected_passes {
        println!("{module}: passes now (record it): {pass}");
    }
    difference.regressions.is_empty() && difference.unexpected_passes.is_empty()
}
