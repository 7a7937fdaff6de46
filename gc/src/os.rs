//! Address space and memory from the operating system.
//!
//! A reservation is a range of addresses that never moves. It is committed (made readable and
//! writable) from its start upwards; committed memory reads as zero until written. Memory is
//! charged when it is committed, so a request beyond what the system can ever provide is an error
//! here and not a crash later. Under Miri, which has no such calls, the standard allocator stands
//! in.

use crate::OutOfMemory;

/// The size of the unit in which memory is returned. Systems with larger pages keep a little more.
pub(crate) const PAGE_SIZE: usize = 4096;

/// A range of addresses, readable and writable up to `committed`.
pub(crate) struct Reservation {
    base: *mut u8,
    size: usize,
    committed: usize,
    commit_step: usize,
}

// SAFETY: a reservation is only a range of addresses; access to the memory has its own rules.
unsafe impl Send for Reservation {}

impl Reservation {
    /// Reserves `size` bytes, committed in steps of `commit_step`.
    pub(crate) fn new(size: usize, commit_step: usize) -> Result<Reservation, OutOfMemory> {
        let base = system::reserve(size)?;
        Ok(Reservation { base, size, committed: 0, commit_step })
    }

    pub(crate) fn base(&self) -> *mut u8 {
        self.base
    }

    /// Makes the first `length` bytes usable.
    pub(crate) fn commit_to(&mut self, length: usize) -> Result<(), OutOfMemory> {
        if length <= self.committed {
            return Ok(());
        }
        if length > self.size {
            return Err(OutOfMemory);
        }
        let target = length.checked_next_multiple_of(self.commit_step).ok_or(OutOfMemory)?.min(self.size);
        // SAFETY: the range lies inside this reservation and is not committed yet.
        unsafe { system::commit(self.base.add(self.committed), target - self.committed)? };
        self.committed = target;
        Ok(())
    }
}

/// Gives the pages inside a committed range back to the system. They read as zero afterwards.
///
/// # Safety
/// The range is committed, page-aligned, and nothing in it is in use.
pub(crate) unsafe fn discard(start: *mut u8, length: usize) {
    debug_assert!((start as usize).is_multiple_of(PAGE_SIZE) && length.is_multiple_of(PAGE_SIZE));
    // SAFETY: the caller's contract.
    unsafe { system::discard(start, length) }
}

/// The processor time that the calling thread has used.
pub(crate) fn thread_time() -> std::time::Duration {
    #[cfg(not(miri))]
    {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: fills the structure.
        if unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) } == 0 {
            return std::time::Duration::new(time.tv_sec as u64, time.tv_nsec as u32);
        }
    }
    std::time::Duration::ZERO
}

#[cfg(not(miri))]
mod system {
    use crate::OutOfMemory;

    pub(super) fn reserve(size: usize) -> Result<*mut u8, OutOfMemory> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: an anonymous mapping at an address of the system's choice touches nothing that
        // exists.
        let base = unsafe { libc::mmap(std::ptr::null_mut(), size, libc::PROT_NONE, flags, -1, 0) };
        if base == libc::MAP_FAILED { Err(OutOfMemory) } else { Ok(base.cast()) }
    }

    /// Makes a reserved range usable.
    ///
    /// # Safety
    /// The range lies inside a reservation of the caller's.
    pub(super) unsafe fn commit(start: *mut u8, length: usize) -> Result<(), OutOfMemory> {
        // SAFETY: the caller gives a range inside its own reservation.
        let status = unsafe { libc::mprotect(start.cast(), length, libc::PROT_READ | libc::PROT_WRITE) };
        if status == 0 { Ok(()) } else { Err(OutOfMemory) }
    }

    /// Gives a range's memory back; it reads as zero afterwards.
    ///
    /// # Safety
    /// The range is committed, and nobody uses it.
    pub(super) unsafe fn discard(start: *mut u8, length: usize) {
        // SAFETY: the caller gives a committed range that nobody uses.
        let status = unsafe { libc::madvise(start.cast(), length, libc::MADV_DONTNEED) };
        if status != 0 {
            // Locked pages cannot be dropped: clear them, since callers count on zeroes.
            // SAFETY: as above.
            unsafe { start.write_bytes(0, length) };
        }
    }
}

#[cfg(miri)]
mod system {
    use crate::OutOfMemory;

    pub(super) fn reserve(size: usize) -> Result<*mut u8, OutOfMemory> {
        let layout = std::alloc::Layout::from_size_align(size, 1 << 16).map_err(|_| OutOfMemory)?;
        // SAFETY: the size is not zero.
        let base = unsafe { std::alloc::alloc_zeroed(layout) };
        let _ = base.expose_provenance();
        if base.is_null() { Err(OutOfMemory) } else { Ok(base) }
    }

    /// Makes a reserved range usable.
    ///
    /// # Safety
    /// The range lies inside a reservation of the caller's.
    pub(super) unsafe fn commit(_start: *mut u8, _length: usize) -> Result<(), OutOfMemory> {
        Ok(())
    }

    /// Gives a range's memory back; it reads as zero afterwards.
    ///
    /// # Safety
    /// The range is committed, and nobody uses it.
    pub(super) unsafe fn discard(start: *mut u8, length: usize) {
        // SAFETY: the caller gives a committed range that nobody uses.
        unsafe { start.write_bytes(0, length) };
    }
}
