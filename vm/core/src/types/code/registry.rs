//! The list of all code objects, for whoever begins to watch the program.
//!
//! It does not keep them alive: a code object leaves it when it is swept. Its lock also orders changes of instruction
//! arrays; nothing is allocated in the heap and no safepoint reached while it is held, so waiting for it is short.

use std::sync::{Mutex, MutexGuard};

use super::CodeObject;

/// A code object that is not freed while it is in the list.
#[derive(Clone, Copy)]
struct Entry(*const CodeObject);

// SAFETY: what the list's users touch of a code object is atomic or immutable.
unsafe impl Send for Entry {}

static CODES: Mutex<Vec<Entry>> = Mutex::new(Vec::new());

/// The list, locked.
pub(crate) struct Registry(MutexGuard<'static, Vec<Entry>>);

/// Locks the list.
pub(crate) fn lock() -> Registry {
    Registry(CODES.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

impl Registry {
    /// Calls `visit` with every code object, perhaps with some that are dead but not swept.
    pub(crate) fn for_each(&self, visit: &mut dyn FnMut(&CodeObject)) {
        // SAFETY: a code object leaves the list before it is freed.
        self.0.iter().for_each(|entry| visit(unsafe { &*entry.0 }));
    }

    /// Adds a code object; its place in the list is kept up to date in the object.
    pub(super) fn add(&mut self, code: *const CodeObject) {
        // SAFETY: the caller's code object has its body.
        unsafe { (*code).set_registry_index(self.0.len()) };
        self.0.push(Entry(code));
    }

    /// Takes out the code object at a place; another one moves there.
    pub(super) fn remove(&mut self, index: usize) {
        self.0.swap_remove(index);
        if let Some(moved) = self.0.get(index) {
            // SAFETY: as in `for_each`.
            unsafe { (*moved.0).set_registry_index(index) };
        }
    }
}
