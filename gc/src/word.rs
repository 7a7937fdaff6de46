//! What the collector knows of values: which 64-bit words are pointers to cells.
//!
//! Invariants: a word is a pointer if it is not zero and its two low bits are clear; the cell
//! begins at the word with its three low bits cleared (bit 2 is a tag of the user's). Every other
//! word is a value that needs no tracing. Zero is the empty slot.

use crate::header::Header;
use std::ptr::NonNull;

/// Both of these bits are clear in a pointer word.
pub const POINTER_TEST_MASK: u64 = 0b011;

/// The bits of a pointer word that are not part of the cell's address.
pub const TAG_MASK: u64 = 0b111;

/// Whether `word` refers to a cell.
#[inline(always)]
pub const fn is_pointer(word: u64) -> bool {
    word != 0 && word & POINTER_TEST_MASK == 0
}

/// The cell that `word` refers to, if it refers to one.
#[inline(always)]
pub fn cell_of(word: u64) -> Option<NonNull<Header>> {
    if is_pointer(word) { NonNull::new(address_of(word) as *mut Header) } else { None }
}

/// The address part of a pointer word.
#[inline(always)]
pub(crate) const fn address_of(word: u64) -> usize {
    (word & !TAG_MASK) as usize
}

/// The untagged word of a cell.
#[inline(always)]
pub fn word_of(cell: NonNull<Header>) -> u64 {
    cell.as_ptr().expose_provenance() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_with_clear_low_bits_are_pointers() {
        assert!(cell_of(0).is_none());
        for tag in [1, 2, 3, 5, 6, 7] {
            assert!(cell_of(0x1000 + tag).is_none(), "tag {tag}");
        }
        assert_eq!(cell_of(0x1000).map(|cell| cell.as_ptr() as usize), Some(0x1000));
        assert_eq!(cell_of(0x1004).map(|cell| cell.as_ptr() as usize), Some(0x1000));
    }
}
