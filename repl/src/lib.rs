//! The command line and the interactive session: the whole of the program `countless` as one function.

use std::process::ExitCode;

/// Runs the program with the process's arguments, standard streams and environment.
pub fn main() -> ExitCode {
    println!("Countless {}", env!("CARGO_PKG_VERSION"));
    ExitCode::SUCCESS
}
