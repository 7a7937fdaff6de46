//! What is expected of each module: counts, and the ids that do not pass with the reason. A small part of TOML, read and written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::journal::{Journal, Outcome};

/// What is expected of one module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub passed: usize,
    pub failed: usize,
    pub errored: usize,
    pub skipped: usize,
    pub not_passing: BTreeMap<String, String>,
}

/// How a run differs from what is expected.
#[derive(Debug, Default)]
pub struct Difference {
    pub regressions: Vec<String>,
    pub unexpected_passes: Vec<String>,
}

impl Expected {
    /// What to expect after a run; reasons that are already written down are kept.
    pub fn from_run(journal: &Journal, before: Option<&Expected>) -> Expected {
        let bad = |outcome| matches!(outcome, Outcome::Failed | Outcome::Errored);
        let not_passing = journal.outcomes.iter().filter(|(_, (outcome, _))| bad(*outcome)).map(|(id, (_, reason))| {
            let kept = before.and_then(|before| before.not_passing.get(id)).filter(|reason| !reason.is_empty());
            (id.clone(), kept.unwrap_or(reason).clone())
        });
        Expected {
            passed: journal.count(Outcome::Passed),
            failed: journal.count(Outcome::Failed),
            errored: journal.count(Outcome::Errored),
            skipped: journal.count(Outcome::Skipped),
            not_passing: not_passing.collect(),
        }
    }

    /// Compares a run with this.
    pub fn compare(&self, journal: &Journal) -> Difference {
        let mut difference = Difference::default();
        for (id, (outcome, reason)) in &journal.outcomes {
            let known = self.not_passing.contains_key(id);
            match outcome {
                Outcome::Failed | Outcome::Errored if !known => difference.regressions.push(format!("{id}: {reason}")),
                Outcome::Passed if known => difference.unexpected_passes.push(id.clone()),
                _ => {}
            }
        }
        for id in self.not_passing.keys().filter(|id| !journal.outcomes.contains_key(*id)) {
            // A test that a crash or a broken fixture hid, or whose id changed.
            difference.unexpected_passes.push(format!("{id} (does not occur any more)"));
        }
        let passed = journal.count(Outcome::Passed);
        if passed < self.passed && difference.regressions.is_empty() {
            difference.regressions.push(format!("{passed} tests passed, {} are expected to", self.passed));
        }
        difference
    }
}

/// Reads the file; a line that it does not understand is an error.
pub fn parse(text: &str) -> Result<BTreeMap<String, Expected>, String> {
    let mut modules: BTreeMap<String, Expected> = BTreeMap::new();
    let mut place: Option<(String, bool)> = None;
    for (index, line) in text.lines().enumerate() {
        let problem = || format!("line {}: {line}", index + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (module, ids) = match header.strip_suffix(".not_passing") {
                Some(module) => (module, true),
                None => (header, false),
            };
            modules.entry(module.to_owned()).or_default();
            place = Some((module.to_owned(), ids));
            continue;
        }
        let (module, ids) = place.as_ref().ok_or_else(problem)?;
        let expected = modules.get_mut(module).ok_or_else(problem)?;
        if *ids {
            let (id, rest) = unquote(line).ok_or_else(problem)?;
            let (reason, _) = rest.strip_prefix(" = ").and_then(unquote).ok_or_else(problem)?;
            expected.not_passing.insert(id, reason);
            continue;
        }
        let (key, value) = line.split_once(" = ").ok_or_else(problem)?;
        let value = value.parse().map_err(|_| problem())?;
        match key {
            "passed" => expected.passed = value,
            "failed" => expected.failed = value,
            "errored" => expected.errored = value,
            "skipped" => expected.skipped = value,
            _ => return Err(problem()),
        }
    }
    Ok(modules)
}

/// The file's text.
pub fn render(modules: &BTreeMap<String, Expected>) -> String {
    let mut text =
        String::from("# What CPython 3.14's own tests say; `just conformance --record MODULE` rewrites it.\n");
    for (module, expected) in modules {
        let Expected { passed, failed, errored, skipped, not_passing } = expected;
        let _ = write!(
            text,
            "\n[{module}]\npassed = {passed}\nfailed = {failed}\nerrored = {errored}\nskipped = {skipped}\n"
        );
        if !not_passing.is_empty() {
            let _ = writeln!(text, "[{module}.not_passing]");
        }
        for (id, reason) in not_passing {
            let _ = writeln!(text, "{} = {}", quote(id), quote(reason));
        }
    }
    text
}

/// A basic string of TOML.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            character if character.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// The string that a text begins with, and what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?.chars();
    let mut plain = String::new();
    loop {
        match rest.next()? {
            '"' => return Some((plain, rest.as_str())),
            '\\' => match rest.next()? {
                'u' => {
                    let digits: String = rest.by_ref().take(4).collect();
                    plain.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                }
                character => plain.push(character),
            },
            character => plain.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_the_same() {
        let journal = Journal::parse("passed\ta\t\nfailed\tb \"c\"\\\tE: \u{1}x\nskipped\td\tno\nend\n");
        let modules = BTreeMap::from([("test_x".to_owned(), Expected::from_run(&journal, None))]);
        assert_eq!(parse(&render(&modules)), Ok(modules));
    }

    #[test]
    fn regressions_and_passes_are_told_apart() {
        let before = Expected::from_run(&Journal::parse("passed\ta\t\nfailed\tb\told\nend\n"), None);
        let difference = before.compare(&Journal::parse("failed\ta\tnew\npassed\tb\t\nend\n"));
        assert_eq!(difference.regressions, ["a: new"]);
        assert_eq!(difference.unexpected_passes, ["b"]);
        let fewer = before.compare(&Journal::parse("failed\tb\told\nend\n"));
        assert_eq!(fewer.regressions.len(), 1);
    }

    #[test]
    fn a_written_reason_is_kept() {
        let before = Expected::from_run(&Journal::parse("failed\tb\told\n"), None);
        let after = Expected::from_run(&Journal::parse("failed\tb\tnew\n"), Some(&before));
        assert_eq!(after.not_passing["b"], "old");
    }
}
