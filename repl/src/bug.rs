//! Panics: a bug of the VM. The process says so and ends at once, since a thread that unwinds out of the VM would leave
//! the others waiting for it.

use std::io::Write;
use std::panic::PanicHookInfo;

/// How long a report may take.
const REPORT_SECONDS: u32 = 10;

/// Makes every panic, on whatever thread, end the process with a report (by SIGABRT: status 134 in a shell).
pub fn end_process_on_panic() {
    std::panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let mut text = String::from("\ncountless: this is a bug in the virtual machine, please report it\n");
    let message = panic.payload_as_str().unwrap_or("a panic without message");
    text.push_str(&format!("countless: thread {}: {message}\n", thread.name().unwrap_or("without name")));
    if let Some(place) = panic.location() {
        text.push_str(&format!("countless: at {}:{}:{}\n", place.file(), place.line(), place.column()));
    }
    countless_vm::runtime::bug::abort_after(REPORT_SECONDS);
    let stderr = std::io::stderr();
    // There is nobody to tell of a failure.
    let _ = stderr.lock().write_all(text.as_bytes());
    let _ = countless_vm::runtime::bug::write_stack(&mut stderr.lock());
    if std::env::var_os("RUST_BACKTRACE").is_some() {
        let _ = writeln!(stderr.lock(), "{}", std::backtrace::Backtrace::force_capture());
    }
    std::process::abort();
}
