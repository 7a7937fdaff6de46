//! The command line and the interactive session: the whole of the program `countless` as one function.
//!
//! `args` reads the command line, `settings` adds the environment, `run` starts the VM and runs the program, `report`
//! deals with what nobody caught, `session` is the prompt, `finish` ends it all.

#![deny(unsafe_code)]

mod args;
mod bug;
mod editor;
mod finish;
mod library;
mod names;
mod place;
mod report;
mod run;
mod session;
mod settings;
mod stdio;
mod text;
mod usage;

use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::ExitCode;

pub use crate::bug::end_process_on_panic;

use crate::args::Stop;
use crate::settings::Fatal;

/// Runs the program with the process's arguments, standard streams and environment.
pub fn main() -> ExitCode {
    bug::end_process_on_panic();
    let words: Vec<Vec<u8>> = std::env::args_os().map(OsStringExt::into_vec).collect();
    let options = match args::parse(&words) {
        Ok(options) => options,
        Err(stop) => return stopped(stop),
    };
    let variable = |name: &str| std::env::var_os(name).map(|value| value.as_bytes().to_vec());
    match settings::decide(options, &variable) {
        Ok(settings) => run::run(settings, &words),
        Err(Fatal(message)) => fatal(&message),
    }
}

/// A mistake that was found before anything ran.
fn fatal(message: &str) -> ExitCode {
    eprintln!("Fatal Python error: {message}\nPython runtime state: preinitialized\n");
    ExitCode::from(1)
}

fn stopped(stop: Stop) -> ExitCode {
    let (text, status) = match stop {
        Stop::Print(text) => (text, 0),
        Stop::Version(count) => (run::version(count > 1), 0),
        Stop::Wrong(text) => {
            // There is nobody to tell of a failure.
            let _ = std::io::stderr().write_all(text.as_bytes());
            return ExitCode::from(2);
        }
    };
    let mut stdout = std::io::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => ExitCode::from(status),
        Err(_) => ExitCode::from(120),
    }
}
