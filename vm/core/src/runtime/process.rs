//! The process as the system started it, and its end: standard descriptors, the locale, death by a signal.

use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicU8, Ordering};

/// Bit n: descriptor n was closed when the process started.
static CLOSED_AT_START: AtomicU8 = AtomicU8::new(0);

/// Looks at the standard descriptors. Rust's start-up code opens those that are closed, so that it is too late to look once
/// `main` runs: the C library calls this before.
extern "C" fn note_closed_descriptors() {
    for descriptor in 0..3 {
        // SAFETY: asks for a flag; has no effect whatever the descriptor is.
        if unsafe { libc::fcntl(descriptor, libc::F_GETFD) } < 0 {
            CLOSED_AT_START.fetch_or(1 << descriptor, Ordering::Relaxed);
        }
    }
}

// SAFETY: the section holds addresses of C functions that run once before `main`; this one uses nothing of Rust's runtime.
#[used]
#[unsafe(link_section = ".init_array")]
static AT_START: extern "C" fn() = note_closed_descriptors;

/// Whether a standard descriptor (0 to 2) was open when the process started.
pub fn was_open(descriptor: i32) -> bool {
    // Reading the function's address keeps the linker from dropping the table entry.
    std::hint::black_box(&AT_START);
    CLOSED_AT_START.load(Ordering::Relaxed) & (1 << descriptor) == 0
}

/// Whether a descriptor is a folder.
pub fn is_folder(descriptor: i32) -> bool {
    // SAFETY: zero is a valid state of the record, which the call fills; it is read only if that succeeded.
    unsafe {
        let mut status: libc::stat = std::mem::zeroed();
        libc::fstat(descriptor, &mut status) == 0 && status.st_mode & libc::S_IFMT == libc::S_IFDIR
    }
}

/// Whether a descriptor is a terminal.
pub fn is_terminal(descriptor: i32) -> bool {
    // SAFETY: asks only.
    unsafe { libc::isatty(descriptor) == 1 }
}

/// The locale of characters.
#[derive(Clone, Debug, Default)]
pub struct CharacterLocale {
    /// Its name, as the environment gives it.
    pub name: String,
    /// The name of its encoding.
    pub encoding: String,
}

/// Sets the locale of characters from the environment. The locale "C" becomes "C.UTF-8" if `coerce` and the system has it,
/// also in the environment, for the sake of children. Must be called before there is a second thread.
pub fn set_character_locale(coerce: bool) -> CharacterLocale {
    let name = set_locale(c"");
    if coerce && is_plain(&name) && std::env::var_os("LC_ALL").is_none_or(|value| value.is_empty()) {
        for candidate in ["C.UTF-8", "C.utf8", "UTF-8"] {
            let Ok(wanted) = CString::new(candidate) else { continue };
            if !set_locale(&wanted).is_empty() {
                // SAFETY: there is only this thread.
                unsafe { std::env::set_var("LC_CTYPE", candidate) };
                set_locale(c"");
                break;
            }
        }
    }
    // SAFETY: the result is a NUL-terminated string that stays until the next call.
    let encoding = unsafe { CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) };
    CharacterLocale { name, encoding: encoding.to_string_lossy().into_owned() }
}

/// Whether it is the locale that programs have by default, which knows ASCII only.
pub fn is_plain(locale: &str) -> bool {
    locale == "C" || locale == "POSIX"
}

/// Sets the locale of characters; the answer is its name, empty if there is no such locale.
fn set_locale(name: &CStr) -> String {
    // SAFETY: the name is NUL-terminated; the result is null or a NUL-terminated string that stays until the next call.
    unsafe {
        let result = libc::setlocale(libc::LC_CTYPE, name.as_ptr());
        if result.is_null() { String::new() } else { CStr::from_ptr(result).to_string_lossy().into_owned() }
    }
}

/// Dies of an interrupt, as a shell expects of a program that Ctrl-C ended.
pub fn die_of_interrupt() -> ! {
    // SAFETY: resets a handler and signals the process itself.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
    // Only if the signal is blocked.
    std::process::exit(130)
}
