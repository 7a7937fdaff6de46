//! Native stacks: where they end, and how callee-saved registers get onto them.
//!
//! A thread that stops spills its callee-saved registers into its own frame and publishes the stack
//! pointer; from there up to the end of its stack lies every word that its frames hold.
//! Caller-saved registers are dead or spilled at any call.

/// Stores the callee-saved registers in this frame and calls `body` with the lowest address that
/// must be scanned.
#[cfg(all(target_arch = "x86_64", not(miri)))]
#[inline(never)]
pub(crate) fn with_spilled_registers<R>(body: impl FnOnce(*const u8) -> R) -> R {
    let mut registers = [0u64; 6];
    let stack_pointer: *const u8;
    // SAFETY: stores six registers to the array of six words, and reads the stack pointer.
    unsafe {
        std::arch::asm!(
            "mov [{array}], rbx",
            "mov [{array} + 8], rbp",
            "mov [{array} + 16], r12",
            "mov [{array} + 24], r13",
            "mov [{array} + 32], r14",
            "mov [{array} + 40], r15",
            "mov {pointer}, rsp",
            array = in(reg) registers.as_mut_ptr(),
            pointer = lateout(reg) stack_pointer,
            options(nostack, preserves_flags),
        );
    }
    let result = body(stack_pointer);
    std::hint::black_box(&registers);
    result
}

/// Stores the callee-saved registers in this frame and calls `body` with the lowest address that
/// must be scanned.
#[cfg(all(target_arch = "aarch64", not(miri)))]
#[inline(never)]
pub(crate) fn with_spilled_registers<R>(body: impl FnOnce(*const u8) -> R) -> R {
    let mut registers = [0u64; 12];
    let stack_pointer: *const u8;
    // SAFETY: stores twelve registers to the array of twelve words, and reads the stack pointer.
    unsafe {
        std::arch::asm!(
            "stp x19, x20, [{array}]",
            "stp x21, x22, [{array}, #16]",
            "stp x23, x24, [{array}, #32]",
            "stp x25, x26, [{array}, #48]",
            "stp x27, x28, [{array}, #64]",
            "stp x29, x30, [{array}, #80]",
            "mov {pointer}, sp",
            array = in(reg) registers.as_mut_ptr(),
            pointer = lateout(reg) stack_pointer,
            options(nostack, preserves_flags),
        );
    }
    let result = body(stack_pointer);
    std::hint::black_box(&registers);
    result
}

#[cfg(miri)]
pub(crate) fn with_spilled_registers<R>(body: impl FnOnce(*const u8) -> R) -> R {
    body(std::ptr::null())
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", miri)))]
compile_error!("the collector must spill callee-saved registers; teach it those of this architecture");

/// The end (the highest address) of the calling thread's stack; null where stacks are not scanned.
#[cfg(all(target_os = "linux", not(miri)))]
pub(crate) fn stack_end() -> *const u8 {
    let mut start = std::ptr::null_mut();
    let mut size = 0;
    // SAFETY: the attributes are filled by the first call before they are read and destroyed.
    unsafe {
        let mut attributes = std::mem::zeroed::<libc::pthread_attr_t>();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            crate::fatal(format_args!("the stack of this thread cannot be found"));
        }
        libc::pthread_attr_getstack(&attributes, &mut start, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
    }
    start.cast::<u8>().wrapping_add(size)
}

#[cfg(all(target_os = "macos", not(miri)))]
pub(crate) fn stack_end() -> *const u8 {
    // SAFETY: asks for a fact about the calling thread.
    unsafe { libc::pthread_get_stackaddr_np(libc::pthread_self()).cast() }
}

#[cfg(miri)]
pub(crate) fn stack_end() -> *const u8 {
    std::ptr::null()
}
