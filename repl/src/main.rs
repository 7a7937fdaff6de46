//! The binary `countless`: everything is in the library, which the snapshot tests link too.

use std::process::ExitCode;

fn main() -> ExitCode {
    countless_repl::main()
}
