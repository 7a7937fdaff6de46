//! Results of rules by the token where they were tried.

use super::Rule;
use super::node::Node;

/// A result: the node and the index of the token after it, or no match.
pub(super) type Known = Option<(Node, u32)>;

#[derive(Debug)]
struct Entry {
    rule: Rule,
    /// It stands with and without the rules for mistakes.
    shared: bool,
    known: Known,
    /// The entry made before it for the same token; `NONE` ends the list.
    next: u32,
}

const NONE: u32 = u32::MAX;

/// All results so far.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// The newest entry of each token, from `base` on.
    newest: Vec<u32>,
    base: u32,
    entries: Vec<Entry>,
}

impl Memo {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.newest.clear();
        self.entries.clear();
    }

    pub(super) fn get(&self, token: u32, rule: Rule, shared: bool) -> Option<Known> {
        let index = token.checked_sub(self.base)?;
        let mut at = *self.newest.get(index as usize)?;
        while let Some(entry) = self.entries.get(at as usize) {
            if entry.rule == rule && entry.shared == shared {
                return Some(entry.known);
            }
            at = entry.next;
        }
        None
    }

    pub(super) fn insert(&mut self, token: u32, rule: Rule, shared: bool, known: Known) {
        if self.entries.is_empty() {
            self.base = token;
            self.newest.clear();
        }
        if token < self.base {
            // Inner rules finish first, so the first entry may not be the leftmost.
            let missing = (self.base - token) as usize;
            self.newest.splice(0..0, std::iter::repeat_n(NONE, missing));
            self.base = token;
        }
        let index = (token - self.base) as usize;
        if index >= self.newest.len() {
            self.newest.resize(index + 1, NONE);
        }
        let next = std::mem::replace(&mut self.newest[index], self.entries.len() as u32);
        self.entries.push(Entry { rule, shared, known, next });
    }
}
