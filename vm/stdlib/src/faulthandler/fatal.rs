//! Handlers of the signals that end the process: they write the Python stack, then let the signal do its work.
//!
//! A handler runs with the process in an unknown state: it takes no lock of its own, and gives up all handlers before it
//! writes, so that a second fault ends the process at once.

use std::io::{self, Write};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, Ordering};

use countless_vm::runtime::bug::write_stack;

/// The signals and what they are called.
const SIGNALS: [(i32, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

static ENABLED: AtomicBool = AtomicBool::new(false);
static DESCRIPTOR: AtomicI32 = AtomicI32::new(2);
/// What the signals did before, in the order of `SIGNALS`; boxes that are never freed.
static BEFORE: [AtomicPtr<libc::sigaction>; 5] = [const { AtomicPtr::new(null_mut()) }; 5];

/// Whether the handlers are installed.
pub fn is_enabled() -> bool {
    ENABLED.load(Ordering::Acquire)
}

/// Installs the handlers, which write to the descriptor. `Err` is an error number.
pub fn enable(descriptor: i32) -> Result<(), i32> {
    DESCRIPTOR.store(descriptor, Ordering::Release);
    if ENABLED.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    for ((signal, _), before) in SIGNALS.iter().zip(&BEFORE) {
        // SAFETY: all bytes zero is a valid `sigaction`; it is filled in below.
        let (mut action, mut old): (libc::sigaction, libc::sigaction) = unsafe { std::mem::zeroed() };
        action.sa_sigaction = handle as extern "C" fn(i32) as usize;
        action.sa_flags = libc::SA_NODEFER | libc::SA_ONSTACK;
        // SAFETY: both structures are locals; the handler has the signature of one without `SA_SIGINFO`.
        if unsafe { libc::sigaction(*signal, &action, &mut old) } != 0 {
            return Err(crate::support::system::errno());
        }
        before.store(Box::into_raw(Box::new(old)), Ordering::Release);
    }
    Ok(())
}

/// Takes the handlers away. False if there were none.
pub fn disable() -> bool {
    if !ENABLED.swap(false, Ordering::AcqRel) {
        return false;
    }
    for ((signal, _), before) in SIGNALS.iter().zip(&BEFORE) {
        let before = before.swap(null_mut(), Ordering::AcqRel);
        if !before.is_null() {
            // SAFETY: `enable` stored a box there, which is never freed.
            unsafe { libc::sigaction(*signal, before, null_mut()) };
        }
    }
    true
}

/// Writes to a descriptor without a buffer.
pub struct Raw {
    /// The descriptor.
    pub descriptor: i32,
    /// Whether everything up to the end of the line is left out.
    pub skips_line: bool,
}

impl Write for Raw {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        if self.skips_line {
            let end = bytes.iter().position(|&byte| byte == b'\n');
            self.skips_line = end.is_none();
            rest = end.map_or(&[], |end| &bytes[end + 1..]);
        }
        while !rest.is_empty() {
            // SAFETY: the bytes are readable while borrowed.
            let written = unsafe { libc::write(self.descriptor, rest.as_ptr().cast(), rest.len()) };
            match usize::try_from(written) {
                Ok(written) => rest = &rest[written..],
                Err(_) if crate::support::system::errno() == libc::EINTR => {}
                Err(_) => return Err(io::Error::last_os_error()),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The line before the stack of the calling thread.
pub fn write_heading(out: &mut dyn Write) -> io::Result<()> {
    let mut name = [0u8; 16];
    // SAFETY: the system writes at most 16 bytes, the last of them zero.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    let length = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    let ident = countless_vm::runtime::system::thread_ident();
    write!(out, "Current thread 0x{ident:016x} [")?;
    out.write_all(&name[..length])?;
    out.write_all(b"] (most recent call first):\n")
}

extern "C" fn handle(signal: i32) {
    disable();
    let name = SIGNALS.iter().find(|(number, _)| *number == signal).map_or("Unknown signal", |(_, name)| name);
    let mut out = Raw { descriptor: DESCRIPTOR.load(Ordering::Acquire), skips_line: false };
    // There is nowhere to report a failure to.
    let _ = write!(out, "Fatal Python error: {name}\n\n");
    let _ = write_heading(&mut out);
    out.skips_line = true;
    let _ = write_stack(&mut out);
    // The action from before is of no use: that of the runtime returns, for the fault to happen again.
    // SAFETY: the default action of these signals ends the process.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal)
    };
}
