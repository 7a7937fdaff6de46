//! Runs Python scripts in a fixed world and turns what they did into text that can be blessed.
//!
//! A case is `scripts/AREA/CASE.py`; what it must print is in `blessed/AREA/CASE.snap`. The test `scripts` compares, the binary
//! `bless` writes, and both go through this library, so a case always runs in the same world: an empty environment but for a
//! few fixed variables, a fresh working directory, standard input from `CASE.in` or empty, and a time limit.

#![deny(unsafe_code)]

pub mod case;
pub mod oracle;
pub mod outcome;
mod process;
pub mod snapshot;

pub use case::{Case, Directive};
pub use outcome::Outcome;
pub use process::{Limits, World, run};

use std::path::{Path, PathBuf};

/// The folder of the scripts.
pub fn scripts_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts")
}

/// The folder of the blessed output.
pub fn blessed_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("blessed")
}
