//! One script with its directives: the comment lines at its top of the form `# name: value`.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

/// Why a comparison does not apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directive {
    /// The comparison applies.
    Applies,
    /// The other side gives a different result, for this reason.
    Differs(String),
    /// The other side cannot run this, for this reason.
    Skip(String),
}

/// A script and how it wants to be run.
#[derive(Clone, Debug)]
pub struct Case {
    /// `AREA/CASE`.
    pub name: String,
    pub script: PathBuf,
    /// The command line; `{script}` stands for the script.
    pub arguments: Vec<String>,
    pub stdin: Vec<u8>,
    pub environment: Vec<(String, String)>,
    /// The exit status that the script declares.
    pub exit: i32,
    pub timeout: Duration,
    pub oracle: Directive,
    pub zeal: Directive,
}

/// Reads the case of `script`, a path `…/AREA/CASE.py`.
pub fn read(script: &Path) -> io::Result<Case> {
    let script = &script.canonicalize()?;
    let source = fs::read(script)?;
    let stem = script.with_extension("");
    let mut parts = stem.iter().rev().map(|part| part.to_string_lossy().into_owned());
    let (case, area) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut result = Case {
        name: format!("{area}/{case}"),
        script: script.to_owned(),
        arguments: vec!["{script}".to_owned()],
        stdin: Vec::new(),
        environment: Vec::new(),
        exit: 0,
        timeout: Duration::from_secs(20),
        oracle: Directive::Applies,
        zeal: Directive::Applies,
    };
    match fs::read(script.with_extension("in")) {
        Ok(input) => result.stdin = input,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    for line in source.split(|&byte| byte == b'\n').take_while(|line| line.starts_with(b"#")) {
        let line = String::from_utf8_lossy(line);
        if let Some((name, value)) = line.trim_start_matches('#').trim().split_once(':') {
            let explain = |message| io::Error::other(format!("{}: {message} in `{line}`", script.display()));
            apply(&mut result, name.trim(), value.trim()).map_err(explain)?;
        }
    }
    Ok(result)
}

/// Every script two levels below `folder`, sorted; deeper files belong to a script.
pub fn find(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut scripts = Vec::new();
    for area in fs::read_dir(folder)? {
        let area = area?.path();
        if area.is_dir() {
            for file in fs::read_dir(area)? {
                let file = file?.path();
                if file.extension().is_some_and(|extension| extension == "py") {
                    scripts.push(file);
                }
            }
        }
    }
    scripts.sort();
    Ok(scripts)
}

fn apply(case: &mut Case, name: &str, value: &str) -> Result<(), String> {
    match name {
        "args" => case.arguments = split_words(value)?,
        "stdin" => case.stdin = unescape(value)?.into_bytes(),
        "env" => {
            let (key, value) = value.split_once('=').ok_or("no `=`")?;
            case.environment.push((key.to_owned(), value.to_owned()));
        }
        "exit" => case.exit = value.parse().map_err(|error| format!("{error}"))?,
        "timeout" => case.timeout = Duration::from_secs(value.parse().map_err(|error| format!("{error}"))?),
        "oracle" => case.oracle = directive(value)?,
        "zeal" => case.zeal = directive(value)?,
        // Any other comment is a comment.
        _ => {}
    }
    Ok(())
}

fn directive(value: &str) -> Result<Directive, String> {
    let (word, reason) = value.split_once(' ').ok_or("no reason")?;
    match word {
        "differs" => Ok(Directive::Differs(reason.to_owned())),
        "skip" => Ok(Directive::Skip(reason.to_owned())),
        _ => Err(format!("`{word}` is neither `differs` nor `skip`")),
    }
}

/// Splits at blanks; double quotes keep blanks, and escapes work in them.
fn split_words(value: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quoted, mut started) = (Vec::new(), String::new(), false, false);
    for character in value.chars() {
        match character {
            '"' => (quoted, started) = (!quoted, true),
            ' ' if !quoted => {
                if started {
                    words.push(unescape(&std::mem::take(&mut word))?);
                }
                started = false;
            }
            _ => {
                word.push(character);
                started = true;
            }
        }
    }
    if quoted {
        return Err("an open quote".to_owned());
    }
    if started {
        words.push(unescape(&word)?);
    }
    Ok(words)
}

fn unescape(value: &str) -> Result<String, String> {
    let mut result = String::new();
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        result.push(match characters.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('0') => '\0',
            Some('\\') => '\\',
            other => {
                return Err(format!("the escape \\{}", other.map(String::from).unwrap_or_default()));
            }
        });
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::{split_words, unescape};

    #[test]
    fn words_and_quotes() {
        assert_eq!(split_words("-c \"print(1)\\nx = 2\" \"\" a").unwrap(), ["-c", "print(1)\nx = 2", "", "a"]);
        assert!(split_words("\"a").is_err());
    }

    #[test]
    fn escapes() {
        assert_eq!(unescape("a\\tb\\\\n").unwrap(), "a\tb\\n");
        assert!(unescape("\\q").is_err());
    }
}
