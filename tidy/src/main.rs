//! Checks the house rules that the compiler and clippy do not: `cargo run -p tidy`.
//!
//! Each finding is printed as `file:line: message`; any finding makes the exit status 1. The rules are in `rules`, what is
//! allowed where, and why, in `tables`, and `source` tells code from comments and strings. Nothing here needs git, so it
//! also works on an unpacked archive.

mod rules;
mod source;
mod tables;
mod tree;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The manifest directory is this crate's, one below the workspace.
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().map(PathBuf::from).unwrap_or_default();
    let files = match tree::read(&root) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("tidy: {error}");
            return ExitCode::from(2);
        }
    };
    let findings = rules::check(&files, tables::EXCEPTIONS);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        println!("tidy: {} files are in order", files.len());
        ExitCode::SUCCESS
    } else {
        println!("tidy: {} findings", findings.len());
        ExitCode::FAILURE
    }
}
