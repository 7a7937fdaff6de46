//! Reads the text files of the workspace that are worth checking.

use std::path::Path;
use std::{fs, io};

/// A text file by its path below the workspace's root, `/`-separated.
#[derive(Debug)]
pub struct TextFile {
    pub path: String,
    pub text: String,
}

/// What holds no text of ours. (`.git` is a file where the checkout is a further work tree of a repository.)
const SKIPPED: &[&str] = &["target", ".git", "node_modules", "corpus", "artifacts", "__pycache__"];

/// Every readable text file under `root`, sorted by path.
pub fn read(root: &Path) -> io::Result<Vec<TextFile>> {
    let mut files = Vec::new();
    walk(root, "", &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if SKIPPED.contains(&name.as_str()) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() {
            // Binary files (benchmark data, odd-encoded test scripts) are nobody's prose.
            if let Ok(text) = fs::read_to_string(entry.path()) {
                files.push(TextFile { path: format!("{prefix}{name}"), text });
            }
        }
    }
    Ok(())
}
