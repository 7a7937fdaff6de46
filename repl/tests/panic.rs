//! A panic on any thread ends the process with a report, and never leaves it hanging.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// Tells the test's own process, started again, to panic.
const CHILD: &str = "COUNTLESS_TEST_PANIC";
const SIGABRT: i32 = 6;

#[test]
fn a_panic_in_a_thread_ends_the_process() {
    if std::env::var_os(CHILD).is_some() {
        countless_repl::end_process_on_panic();
        let thread = std::thread::Builder::new().name("worker".to_owned()).spawn(|| panic!("number {}", 7));
        let _ = thread.map(std::thread::JoinHandle::join);
        unreachable!("the process has ended");
    }
    let program = std::env::current_exe().expect("the test knows itself");
    let output = Command::new(program)
        .args(["--exact", "a_panic_in_a_thread_ends_the_process", "--nocapture"])
        .env(CHILD, "1")
        .env_remove("RUST_BACKTRACE")
        .output()
        .expect("the test starts again");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(SIGABRT), "{stderr}");
    assert!(stderr.contains("this is a bug in the virtual machine"), "{stderr}");
    assert!(stderr.contains("thread worker: number 7"), "{stderr}");
}
