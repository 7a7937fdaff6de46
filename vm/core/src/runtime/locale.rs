//! What number formatting takes from the C library's locale.

use std::ffi::CStr;

use countless_common::format_spec::NumericLocale;

/// The numeric conventions of the current locale, for the presentation type `n`.
pub fn numeric() -> NumericLocale {
    let mut locale = NumericLocale::default();
    // SAFETY: the record is the C library's own; only `setlocale` changes it, which as in CPython must not be called while
    // other threads format numbers.
    let record = unsafe { libc::localeconv().as_ref() };
    let Some(record) = record else { return locale };
    // SAFETY: the members of the record are null or NUL-terminated strings that stay until the next `setlocale`.
    let text = |pointer: *const libc::c_char| unsafe {
        if pointer.is_null() { &[] } else { CStr::from_ptr(pointer).to_bytes() }
    };
    let point = String::from_utf8_lossy(text(record.decimal_point)).into_owned();
    if !point.is_empty() {
        locale.decimal_point = point;
    }
    locale.thousands_separator = String::from_utf8_lossy(text(record.thousands_sep)).into_owned();
    locale.grouping = text(record.grouping).to_vec();
    locale
}
