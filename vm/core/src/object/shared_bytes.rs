//! Copying bytes that other threads may write at the same time.
//!
//! Mutable byte storage is only ever read and written by atomic accesses, so a race gives old or new bytes, never more.
//! Whole words are moved where the addresses allow it.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

const WORD: usize = size_of::<u64>();

/// Bytes up to the first word boundary, at most `length`.
fn head(address: *const u8, length: usize) -> usize {
    address.align_offset(WORD).min(length)
}

/// Fills `target` from shared memory.
///
/// # Safety
///
/// `target.len()` bytes from `source` are readable, and written only by atomic accesses meanwhile.
pub unsafe fn load(source: *const u8, target: &mut [u8]) {
    let prefix = head(source, target.len());
    for (index, byte) in target.iter_mut().enumerate().take(prefix) {
        // SAFETY: the caller's contract covers every index below the length.
        *byte = unsafe { (*source.add(index).cast::<AtomicU8>()).load(Ordering::Relaxed) };
    }
    let mut at = prefix;
    let mut words = target[prefix..].chunks_exact_mut(WORD);
    for word in &mut words {
        // SAFETY: as above; the address is a multiple of the word's size.
        let value = unsafe { (*source.add(at).cast::<AtomicU64>()).load(Ordering::Relaxed) };
        word.copy_from_slice(&value.to_ne_bytes());
        at += WORD;
    }
    for byte in words.into_remainder() {
        // SAFETY: as above.
        *byte = unsafe { (*source.add(at).cast::<AtomicU8>()).load(Ordering::Relaxed) };
        at += 1;
    }
}

/// Writes `source` to shared memory.
///
/// # Safety
///
/// `source.len()` bytes from `target` are writable, and accessed only by atomic accesses meanwhile.
pub unsafe fn store(target: *mut u8, source: &[u8]) {
    let prefix = head(target, source.len());
    for (index, &byte) in source.iter().enumerate().take(prefix) {
        // SAFETY: the caller's contract covers every index below the length.
        unsafe { (*target.add(index).cast::<AtomicU8>()).store(byte, Ordering::Relaxed) };
    }
    let mut at = prefix;
    let words = source[prefix..].chunks_exact(WORD);
    let rest = words.remainder();
    for word in words {
        let value = u64::from_ne_bytes(word.try_into().unwrap_or([0; WORD]));
        // SAFETY: as above; the address is a multiple of the word's size.
        unsafe { (*target.add(at).cast::<AtomicU64>()).store(value, Ordering::Relaxed) };
        at += WORD;
    }
    for &byte in rest {
        // SAFETY: as above.
        unsafe { (*target.add(at).cast::<AtomicU8>()).store(byte, Ordering::Relaxed) };
        at += 1;
    }
}

/// Moves bytes within shared memory; the ranges may overlap.
///
/// # Safety
///
/// `length` bytes from both addresses are readable and writable, and accessed only by atomic accesses meanwhile.
pub unsafe fn copy(source: *const u8, target: *mut u8, length: usize) {
    const CHUNK: usize = 512;
    let mut buffer = [0u8; CHUNK];
    let forward = target.addr() <= source.addr();
    let mut done = 0;
    while done < length {
        let size = CHUNK.min(length - done);
        let at = if forward { done } else { length - done - size };
        // SAFETY: the caller's contract; `at + size` is at most `length`.
        unsafe {
            load(source.add(at), &mut buffer[..size]);
            store(target.add(at), &buffer[..size]);
        }
        done += size;
    }
}

/// A copy of shared memory; `None` if there is no room for it.
///
/// # Safety
///
/// As [`load`].
pub unsafe fn to_vec(source: *const u8, length: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).ok()?;
    bytes.resize(length, 0);
    // SAFETY: the caller's contract.
    unsafe { load(source, &mut bytes) };
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{copy, load, store};

    #[test]
    fn all_alignments_and_lengths() {
        for offset in 0..9 {
            for length in 0..40 {
                let source: Vec<u8> = (0..64).collect();
                let mut target = vec![0u8; 64];
                // SAFETY: all ranges lie within the vectors, which nobody else uses.
                unsafe {
                    load(source.as_ptr().add(offset), &mut target[..length]);
                    assert_eq!(target[..length], source[offset..offset + length]);
                    store(target.as_mut_ptr().add(offset), &source[..length]);
                }
                assert_eq!(target[offset..offset + length], source[..length]);
            }
        }
    }

    #[test]
    fn overlapping_moves() {
        for (from, to) in [(0usize, 3usize), (3, 0), (5, 5), (0, 700), (700, 0)] {
            let mut bytes: Vec<u8> = (0..2000u32).map(|number| (number % 251) as u8).collect();
            let mut expected = bytes.clone();
            expected.copy_within(from..from + 1200, to);
            let start = bytes.as_mut_ptr();
            // SAFETY: both ranges lie within the vector, which nobody else uses.
            unsafe { copy(start.add(from), start.add(to), 1200) };
            assert_eq!(bytes, expected);
        }
    }
}
