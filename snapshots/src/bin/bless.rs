//! Blesses what scripts print, after a real CPython printed the same.
//!
//!     cargo run -p snapshots --bin bless -- [--check] [--oracle-only DIR] [WORD…]
//!
//! Words choose scripts by a part of `AREA/CASE`; without one all are blessed. `--check` writes nothing and fails where the
//! blessed file would change. `--oracle-only DIR` runs just CPython and leaves what it printed in DIR, for writing scripts.
//! A script is blessed only if Countless ran it to the declared exit status and CPython agrees or the script says why not.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use snapshots::oracle::{self, Oracle};
use snapshots::{Case, Directive, Outcome, World, case, run, scripts_folder, snapshot};

#[derive(Default)]
struct Options {
    check: bool,
    oracle_only: Option<PathBuf>,
    words: Vec<String>,
}

fn main() -> ExitCode {
    match bless() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failures) => {
            eprintln!("bless: {failures} refused");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("bless: {error}");
            ExitCode::from(2)
        }
    }
}

fn bless() -> io::Result<usize> {
    let options = options()?;
    let oracle = oracle::find();
    match &oracle {
        Some(found) if found.version == (3, 14) => {}
        Some(found) => {
            eprintln!("bless: comparing with {} {:?}: no CPython 3.14 found", found.program.display(), found.version)
        }
        None if options.oracle_only.is_some() => return Err(io::Error::other("no CPython found")),
        None => {
            eprintln!("bless: no CPython found: nothing is compared (COUNTLESS_ORACLE names one)")
        }
    }
    let countless = if options.oracle_only.is_some() { None } else { Some(World::countless(program()?)) };
    let mut failures = 0;
    for script in case::find(&scripts_folder())? {
        let case = case::read(&script)?;
        if !options.words.is_empty() && !options.words.iter().any(|word| case.name.contains(word)) {
            continue;
        }
        let result = match (&countless, &options.oracle_only, &oracle) {
            (Some(world), _, _) => bless_case(world, oracle.as_ref(), &case, options.check)?,
            (None, Some(folder), Some(oracle)) => record(oracle, &case, folder)?,
            _ => Ok("nothing to do"),
        };
        match result {
            Ok("unchanged") => {}
            Ok(done) => println!("{}: {done}", case.name),
            Err(reason) => {
                failures += 1;
                println!("{}: REFUSED: {reason}", case.name);
            }
        }
    }
    Ok(failures)
}

fn options() -> io::Result<Options> {
    let mut options = Options::default();
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--check" => options.check = true,
            "--oracle-only" => {
                options.oracle_only =
                    Some(arguments.next().ok_or(io::Error::other("--oracle-only needs a folder"))?.into());
            }
            word if word.starts_with('-') => {
                return Err(io::Error::other(format!("unknown option {word}")));
            }
            word => options.words.push(word.to_owned()),
        }
    }
    Ok(options)
}

/// Builds the interpreter from the current sources and returns its path: it lies beside this binary.
fn program() -> io::Result<PathBuf> {
    let own = env::current_exe()?;
    let mut build = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    build.args(["build", "-p", "snapshots", "--bin", "countless-under-test"]);
    if own.parent().is_some_and(|folder| folder.ends_with("release")) {
        build.arg("--release");
    }
    if !build.status()?.success() {
        return Err(io::Error::other("the interpreter does not build"));
    }
    Ok(own.with_file_name("countless-under-test"))
}

type Judgement = Result<&'static str, String>;

fn bless_case(world: &World, oracle: Option<&Oracle>, case: &Case, check: bool) -> io::Result<Judgement> {
    let ours = run(world, case)?;
    if let Some(failure) = ours.failure(case.exit) {
        return Ok(Err(failure));
    }
    if let Some(refusal) = compare(oracle, case, &ours)? {
        return Ok(Err(refusal));
    }
    let text = ours.text();
    if snapshot::read(case)?.as_ref() == Some(&text) {
        return Ok(Ok("unchanged"));
    }
    if check {
        return Ok(Err("the blessed output would change".to_owned()));
    }
    snapshot::write(case, &text)?;
    Ok(Ok("blessed"))
}

/// Why CPython's result forbids blessing ours, if it does.
fn compare(oracle: Option<&Oracle>, case: &Case, ours: &Outcome) -> io::Result<Option<String>> {
    let Some(oracle) = oracle else {
        return Ok(None);
    };
    if matches!(case.oracle, Directive::Skip(_)) {
        return Ok(None);
    }
    let theirs = run(&World::other(&oracle.program), case)?;
    let same = theirs.text() == ours.text();
    Ok(match &case.oracle {
        Directive::Applies if !same => Some(format!("CPython differs\n{}", difference(&theirs.text(), &ours.text()))),
        Directive::Differs(reason) if same => Some(format!("CPython agrees, but the script declares: {reason}")),
        _ => None,
    })
}

/// The lines around the first difference.
fn difference(theirs: &str, ours: &str) -> String {
    let same = theirs.lines().zip(ours.lines()).take_while(|(a, b)| a == b).count();
    let excerpt = |text: &str| text.lines().skip(same).take(8).map(|line| format!("    {line}\n")).collect::<String>();
    format!("  from line {}, CPython:\n{}  Countless:\n{}", same + 1, excerpt(theirs), excerpt(ours))
}

/// Leaves what CPython printed as `AREA/CASE.{out,err,status}` below `folder`.
fn record(oracle: &Oracle, case: &Case, folder: &Path) -> io::Result<Judgement> {
    if matches!(case.oracle, Directive::Skip(_)) {
        return Ok(Ok("skipped"));
    }
    let theirs = run(&World::other(&oracle.program), case)?;
    let stem = folder.join(&case.name);
    fs::create_dir_all(stem.parent().unwrap_or(folder))?;
    fs::write(stem.with_extension("out"), &theirs.stdout)?;
    fs::write(stem.with_extension("err"), &theirs.stderr)?;
    fs::write(stem.with_extension("status"), format!("{:?}\n", theirs.exit))?;
    Ok(match theirs.failure(case.exit) {
        Some(failure) if case.oracle == Directive::Applies => Err(failure),
        _ => Ok("unchanged"),
    })
}
