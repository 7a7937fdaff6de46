//! The blessed files: insta's format, one per case.

use std::path::PathBuf;
use std::{fs, io};

use crate::blessed_folder;
use crate::case::Case;

/// Where the blessed output of `case` lies.
pub fn path(case: &Case) -> PathBuf {
    blessed_folder().join(format!("{}.snap", case.name))
}

/// The blessed text, if there is any.
pub fn read(case: &Case) -> io::Result<Option<String>> {
    match fs::read_to_string(path(case)) {
        Ok(file) => Ok(file.splitn(3, "---\n").nth(2).map(|text| text.trim_end_matches('\n').to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Blesses `text`.
pub fn write(case: &Case, text: &str) -> io::Result<()> {
    let path = path(case);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, format!("---\nsource: snapshots/scripts/{}.py\n---\n{text}\n", case.name))
}
