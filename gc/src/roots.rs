//! Roots held by native code: growable lists of words in Rust memory.

use crate::mutator::Mutator;
use std::cell::RefCell;
use std::rc::Rc;

/// A list of words that are roots while the list lives. For native code that must hold many words
/// at once; a few words in locals need nothing, since native stacks are scanned.
pub struct TempRoots<'mutator> {
    /// Shared with the mutator's list of such lists, where the stopper reads it.
    words: Rc<RefCell<Vec<u64>>>,
    mutator: &'mutator Mutator,
}

impl<'mutator> TempRoots<'mutator> {
    /// An empty list, registered with the mutator.
    pub fn new(mutator: &'mutator Mutator) -> TempRoots<'mutator> {
        let words = Rc::new(RefCell::new(Vec::new()));
        mutator.temp_roots.borrow_mut().push(Rc::clone(&words));
        TempRoots { words, mutator }
    }

    /// Appends a word.
    pub fn push(&self, word: u64) {
        self.words.borrow_mut().push(word);
    }

    /// Removes the last word.
    pub fn pop(&self) -> Option<u64> {
        self.words.borrow_mut().pop()
    }

    /// The word at `index`, if there is one.
    pub fn get(&self, index: usize) -> Option<u64> {
        self.words.borrow().get(index).copied()
    }

    /// Replaces the word at `index`.
    ///
    /// # Panics
    /// If the list is not that long.
    pub fn set(&self, index: usize, word: u64) {
        self.words.borrow_mut()[index] = word;
    }

    /// Exchanges two words.
    ///
    /// # Panics
    /// If the list is not that long.
    pub fn swap(&self, first: usize, second: usize) {
        self.words.borrow_mut().swap(first, second);
    }

    /// How many words the list holds.
    pub fn len(&self) -> usize {
        self.words.borrow().len()
    }

    /// Whether the list holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cuts the list to `length` words.
    pub fn truncate(&self, length: usize) {
        self.words.borrow_mut().truncate(length);
    }

    /// Puts a word at `index`, moving those behind it.
    ///
    /// # Panics
    /// If the list is not that long.
    pub fn insert(&self, index: usize, word: u64) {
        self.words.borrow_mut().insert(index, word);
    }

    /// Takes the word at `index` out, moving those behind it.
    ///
    /// # Panics
    /// If the list is not that long.
    pub fn remove(&self, index: usize) -> u64 {
        self.words.borrow_mut().remove(index)
    }

    /// Reverses the order.
    pub fn reverse(&self) {
        self.words.borrow_mut().reverse();
    }
}

impl Drop for TempRoots<'_> {
    fn drop(&mut self) {
        self.mutator.temp_roots.borrow_mut().retain(|list| !Rc::ptr_eq(list, &self.words));
    }
}
