//! The verifier: an independent trace that checks the marks.
//!
//! It shares nothing with marking but the trace entries: no mark bits, no prefetch queue, no
//! pieces. A reachable cell that is unmarked means that a barrier or a root is missing; the process
//! ends with the path's last edge.

use crate::header::{Header, TypeId};
use crate::heap::Heap;
use crate::trace::Tracer;
use crate::word::cell_of;
use std::collections::HashSet;
use std::ptr::NonNull;

impl Heap {
    /// Checks that everything reachable from `roots` is marked. The world is stopped and marking
    /// has ended.
    pub(crate) fn verify_marks(&self, roots: &[u64]) {
        let mut seen = HashSet::new();
        let mut waiting = Vec::new();
        for &word in roots {
            self.check(word, None, &mut seen, &mut waiting);
        }
        while let Some(cell) = waiting.pop() {
            let mut words = Vec::new();
            Tracer::visiting(self, &mut |word| words.push(word)).trace(cell.as_ptr());
            for word in words {
                self.check(word, Some(cell), &mut seen, &mut waiting);
            }
        }
    }

    fn check(
        &self,
        word: u64,
        parent: Option<NonNull<Header>>,
        seen: &mut HashSet<usize>,
        waiting: &mut Vec<NonNull<Header>>,
    ) {
        let Some(cell) = cell_of(word) else { return };
        let address = cell.as_ptr().addr();
        if !self.contains(address) || !seen.insert(address) {
            return;
        }
        let found_in = || match parent {
            // SAFETY: the parent passed this check.
            Some(parent) => self.type_name(unsafe { parent.as_ref() }.type_id()),
            None => "a root",
        };
        // The block is asked first: a cell may lie in one that is not in use any more.
        let live = self.live_cell_at(address);
        if live != Some(cell) {
            crate::fatal(format_args!("{address:#x}, found in {}, is no live cell", found_in()));
        }
        // SAFETY: it is a live cell.
        let type_id = unsafe { cell.as_ref() }.type_id();
        if self.types().is_unknown(type_id) {
            crate::fatal(format_args!("{address:#x}, found in {}, has unknown type {}", found_in(), type_id.0));
        }
        if self.is_dead(word) {
            let name = self.type_name(type_id);
            crate::fatal(format_args!("a reachable {name} at {address:#x}, found in {}, is unmarked", found_in()));
        }
        waiting.push(cell);
    }

    fn type_name(&self, id: TypeId) -> &'static str {
        self.types().entry(id).ops().map_or("?", |ops| ops.name)
    }
}
