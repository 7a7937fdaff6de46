//! `countless` itself, built as a binary of this package so that its tests always run the current sources.

use std::process::ExitCode;

fn main() -> ExitCode {
    countless_repl::main()
}
