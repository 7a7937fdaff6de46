//! The C library's locale, as far as encodings go.

use std::ffi::CStr;

use countless_vm::runtime::context::Cx;

/// The locale's encoding, as the C library names it.
pub fn codeset() -> String {
    // SAFETY: the answer ends with NUL and stays until the next call that changes the locale.
    let name = unsafe { CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) };
    match name.to_str() {
        Ok("") | Err(_) => "utf-8".to_owned(),
        Ok(name) => name.to_owned(),
    }
}

/// The encoding of files and terminals that the program says nothing about.
pub fn encoding(cx: &Cx) -> String {
    if cx.vm().config.command_line.flags.utf8_mode != 0 { "utf-8".to_owned() } else { codeset() }
}
