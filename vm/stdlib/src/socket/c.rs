//! Functions of the C library that the crate `libc` does not declare.

use libc::{c_char, c_int, c_void, hostent, size_t, socklen_t};

// SAFETY: the signatures are those of glibc's `arpa/inet.h` and `netdb.h`.
unsafe extern "C" {
    pub fn inet_aton(text: *const c_char, address: *mut libc::in_addr) -> c_int;
    pub fn inet_pton(family: c_int, text: *const c_char, address: *mut c_void) -> c_int;
    pub fn inet_ntop(family: c_int, address: *const c_void, text: *mut c_char, size: socklen_t) -> *const c_char;
    pub fn gethostbyname_r(
        name: *const c_char,
        record: *mut hostent,
        buffer: *mut c_char,
        size: size_t,
        found: *mut *mut hostent,
        error: *mut c_int,
    ) -> c_int;
    pub fn gethostbyaddr_r(
        address: *const c_void,
        length: socklen_t,
        family: c_int,
        record: *mut hostent,
        buffer: *mut c_char,
        size: size_t,
        found: *mut *mut hostent,
        error: *mut c_int,
    ) -> c_int;
}
