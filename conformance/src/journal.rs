//! What the runner wrote about one module: the outcome of each test, and the test that was at work when the process ended.

use std::collections::BTreeMap;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Failed,
    Errored,
    Skipped,
}

impl Outcome {
    fn parse(word: &str) -> Option<Outcome> {
        Some(match word {
            "passed" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "errored" => Outcome::Errored,
            "skipped" => Outcome::Skipped,
            _ => return None,
        })
    }
}

/// Outcomes and reasons by id.
#[derive(Debug, Default)]
pub struct Journal {
    pub outcomes: BTreeMap<String, (Outcome, String)>,
    /// The test that was begun and has no outcome.
    pub at_work: Option<String>,
    /// Whether the runner came to its end.
    pub ended: bool,
}

impl Journal {
    /// Reads the runner's lines; a line that was cut short counts for nothing.
    pub fn parse(text: &str) -> Journal {
        let mut journal = Journal::default();
        for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
            let mut words = line.splitn(3, '\t');
            let (kind, id, reason) =
                (words.next().unwrap_or(""), words.next().unwrap_or(""), words.next().unwrap_or(""));
            match kind {
                "start" => journal.at_work = Some(id.to_owned()),
                "loaded" => journal.at_work = None,
                "end" => journal.ended = true,
                _ => {
                    if let Some(outcome) = Outcome::parse(kind) {
                        journal.outcomes.insert(id.to_owned(), (outcome, reason.to_owned()));
                        journal.at_work = None;
                    }
                }
            }
        }
        journal
    }

    /// How many tests ended so.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.outcomes.values().filter(|(found, _)| *found == outcome).count()
    }

    /// A test that is skipped here and passes under CPython did not pass.
    pub fn judge_skips(&mut self, reference: &Journal) {
        for (id, (outcome, reason)) in &mut self.outcomes {
            let there = reference.outcomes.get(id).map(|(outcome, _)| *outcome);
            if *outcome == Outcome::Skipped && there == Some(Outcome::Passed) {
                *outcome = Outcome::Failed;
                *reason = format!("skipped: {reason}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_at_work_is_the_one_without_outcome() {
        let journal = Journal::parse("start\ta\npassed\ta\t\nstart\tb\nfail");
        assert_eq!(journal.at_work.as_deref(), Some("b"));
        assert_eq!(journal.count(Outcome::Passed), 1);
        assert!(!journal.ended);
    }

    #[test]
    fn a_skip_that_passes_elsewhere_has_failed() {
        let mut here = Journal::parse("skipped\ta\tno module\nskipped\tb\tno network\nend\n");
        here.judge_skips(&Journal::parse("passed\ta\t\nskipped\tb\tno network\nend\n"));
        assert_eq!(here.outcomes["a"], (Outcome::Failed, "skipped: no module".to_owned()));
        assert_eq!(here.outcomes["b"].0, Outcome::Skipped);
    }
}
