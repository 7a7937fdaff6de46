//! What the runtime asks of the operating system.

/// Random bytes for the hash key. Falls back to the clock and addresses if the system has none to give.
pub(super) fn random_bytes() -> [u8; 16] {
    let mut bytes = [0u8; 16];
    // SAFETY: the buffer has the length that is passed.
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if got != bytes.len() as isize {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos());
        let address = (&raw const bytes).addr() as u128;
        bytes = (now.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) ^ address).to_le_bytes();
    }
    bytes
}

/// The lowest address of the calling thread's native stack.
pub(crate) fn native_stack_low() -> usize {
    // SAFETY: the attribute object is initialised by `pthread_getattr_np` before it is read and destroyed after; the
    // pointers are to locals.
    unsafe {
        let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
        let (mut address, mut size) = (std::ptr::null_mut(), 0);
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return super::context::native_stack_pointer().saturating_sub(512 * 1024);
        }
        libc::pthread_attr_getstack(&attributes, &mut address, &mut size);
        libc::pthread_attr_destroy(&mut attributes);
        address.addr()
    }
}

/// The calling thread's number, `threading.get_ident()`.
pub fn thread_ident() -> i64 {
    // SAFETY: always succeeds.
    unsafe { libc::pthread_self() as i64 }
}
