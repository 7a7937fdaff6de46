//! Files, streams and requests that must end in CPython's message and exit status: never in a panic, a crash or a hang.
//!
//! What these need cannot be a script in the repository: bytes that are no text, megabytes of brackets, closed streams.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use snapshots::{Case, Directive, Outcome, World, run};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countless-under-test");

/// A folder for one test's files, removed with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("countless-bad-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the temporary folder can be made");
        Folder(path.canonicalize().expect("it is there"))
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("the file can be written");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn case(script: &Path, arguments: &[&str]) -> Case {
    Case {
        name: "bad/input".to_owned(),
        script: script.to_owned(),
        arguments: arguments.iter().map(|&word| word.to_owned()).collect(),
        stdin: Vec::new(),
        environment: Vec::new(),
        exit: 0,
        timeout: Duration::from_secs(60),
        oracle: Directive::Applies,
        zeal: Directive::Applies,
    }
}

/// Runs a file with this content as a script.
fn run_content(name: &str, content: impl AsRef<[u8]>) -> Outcome {
    let folder = Folder::new(name);
    let script = folder.file("script.py", content);
    run(&World::countless(PROGRAM), &case(&script, &["{script}"])).expect("the interpreter starts")
}

fn run_command(source: &str) -> Outcome {
    let folder = Folder::new(&format!("c-{}", source.len()));
    run(&World::countless(PROGRAM), &case(&folder.0.join("none.py"), &["-c", source])).expect("the interpreter starts")
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or("")
}

fn fails_with(outcome: &Outcome, status: i32, message: &str) {
    assert_eq!(outcome.exit, Some(status), "{}", outcome.stderr);
    assert_eq!(last_line(&outcome.stderr), message);
}

#[test]
fn bytes_that_are_not_utf8() {
    let outcome = run_content("utf8", b"x = \"\xff\"\n");
    let message = "SyntaxError: Non-UTF-8 code starting with '\\xff' in file [DIR]/script.py on line 1, but no encoding \
                   declared; see https://peps.python.org/pep-0263/ for details";
    fails_with(&outcome, 1, message);
}

#[test]
fn nul_bytes() {
    let outcome = run_content("nul", "print('never')\nx = 1\0\n");
    fails_with(&outcome, 1, "SyntaxError: source code cannot contain null bytes");
    assert_eq!(outcome.stdout, "");
}

#[test]
fn byte_order_mark_against_cookie() {
    let outcome = run_content("bom", b"\xef\xbb\xbf# coding: latin-1\nprint(1)\n");
    fails_with(&outcome, 1, "SyntaxError: encoding problem: iso-8859-1 with BOM");
    let outcome = run_content("bom-fine", b"\xef\xbb\xbfprint('bom')\r\nprint(2)\r\n");
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(0), "bom\n2\n"));
}

#[test]
fn latin_1_by_cookie() {
    let outcome = run_content("latin", b"# -*- coding: latin-1 -*-\nprint('\xe9')\n");
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(0), "é\n"));
}

#[test]
fn empty_and_unfinished_files() {
    assert_eq!(run_content("empty", "").exit, Some(0));
    assert_eq!(run_content("newline", "print(1)").stdout, "1\n");
}

#[test]
fn a_hundred_thousand_brackets() {
    let outcome = run_content("brackets", "[".repeat(100_000) + &"]".repeat(100_000));
    fails_with(&outcome, 1, "SyntaxError: too many nested parentheses");
}

#[test]
fn a_line_of_ten_megabytes() {
    let outcome = run_content("line", format!("print(len('{}'))\n", "a".repeat(10_000_000)));
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(0), "10000000\n"), "{}", outcome.stderr);
}

#[test]
fn expressions_too_long_for_any_stack() {
    // CPython gives up with a RecursionError or a MemoryError where it has no stack left; computing it is right, too.
    for (name, source) in [
        ("sum", format!("x = {}\n", vec!["1"; 1_000_000].join("+"))),
        ("minus", format!("x = {}1\n", "-".repeat(200_000))),
        ("attributes", format!("x = 1\nx{}\n", ".real".repeat(200_000))),
        ("not", format!("x = {}1\n", "not ".repeat(200_000))),
        ("lambda", format!("x = {}1\n", "lambda: ".repeat(100_000))),
        ("elif", format!("if 0: pass\n{}", "elif 0: pass\n".repeat(50_000))),
        ("subscripts", format!("x = 0\nx{}\n", "[0]".repeat(100_000))),
    ] {
        let outcome = run_content(name, source);
        let message = last_line(&outcome.stderr);
        let error = message.split(':').next().unwrap_or("");
        let known = ["", "RecursionError", "MemoryError", "SyntaxError", "TypeError"].contains(&error);
        assert!(matches!(outcome.exit, Some(0 | 1)) && known, "{name}: {:?} {message}", outcome.exit);
    }
}

#[test]
fn a_folder_as_script() {
    let folder = Folder::new("folder");
    let outcome = run(&World::countless(PROGRAM), &case(&folder.0, &["{script}"])).expect("the interpreter starts");
    assert_eq!(outcome.exit, Some(1));
    let message = format!("can't find '__main__' module in '{}'", folder.0.display());
    assert!(
        outcome.stderr.replace("[DIR]", &folder.0.parent().unwrap().to_string_lossy()).trim_end().ends_with(&message),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_folder_with_main() {
    let folder = Folder::new("main");
    folder.file("__main__.py", "print(__name__, 'runs')\n");
    let outcome = run(&World::countless(PROGRAM), &case(&folder.0, &["{script}"])).expect("the interpreter starts");
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(0), "__main__ runs\n"));
}

#[test]
fn files_that_cannot_be_opened() {
    let folder = Folder::new("open");
    let file = folder.file("plain.py", "");
    for (argument, message) in [
        (folder.0.join("none.py"), "[Errno 2] No such file or directory"),
        (file.join("inside"), "[Errno 20] Not a directory"),
    ] {
        let path = argument.to_string_lossy();
        let outcome = run(&World::countless(PROGRAM), &case(&file, &[&path])).expect("the interpreter starts");
        let shown = path.replace(&*folder.0.to_string_lossy(), "[DIR]");
        fails_with(&outcome, 2, &format!("[EXE]: can't open file '{shown}': {message}"));
    }
}

#[test]
fn a_file_without_permission() {
    let folder = Folder::new("permission");
    let script = folder.file("secret.py", "print('read')\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o000)).expect("it is our file");
    let mut command = Command::new(PROGRAM);
    if fs::read(&script).is_ok() {
        // The superuser may read anything: become somebody else, who may run a copy of the program.
        let copy = folder.0.join("program");
        fs::copy(PROGRAM, &copy).expect("the program can be copied");
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("it is our file");
        command = Command::new(copy);
        command.uid(65534).gid(65534);
    }
    let output = command.arg(&script).env_clear().output().expect("the interpreter starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.trim_end().ends_with(&format!("can't open file '{}': [Errno 13] Permission denied", script.display())),
        "{stderr}"
    );
}

/// Runs `source` with its streams redirected by the shell; returns status and standard error.
fn redirected(source: &str, redirection: &str) -> (Option<i32>, String) {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &format!("exec \"$0\" -c \"$1\" {redirection}"), PROGRAM, source]).env_clear();
    let output = command.stdin(Stdio::null()).output().expect("a shell runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn closed_streams() {
    assert_eq!(redirected("print('lost')", ">&-"), (Some(0), String::new()));
    let (status, stderr) = redirected("import sys; sys.stderr.write(str(sys.stdout))", ">&-");
    assert_eq!((status, stderr.as_str()), (Some(0), "None"));
    assert_eq!(redirected("1/0", "2>&-").0, Some(1));
    assert_eq!(redirected("import sys; sys.exit(0 if sys.stdin is None else 1)", "<&-").0, Some(0));
}

#[test]
fn a_full_device() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let (status, stderr) = redirected("print('x')", ">/dev/full");
    assert_eq!(status, Some(120), "{stderr}");
    assert_eq!(stderr, "Exception ignored while flushing sys.stdout:\nOSError: [Errno 28] No space left on device\n");
}

#[test]
fn a_broken_pipe() {
    let source = "for i in range(1000000): print('line', i)";
    let mut command = Command::new(PROGRAM);
    command.args(["-c", source]).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the interpreter starts");
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("it is piped"));
    reader.read_line(&mut line).expect("the first line comes");
    drop(reader);
    let mut stderr = String::new();
    child.stderr.take().expect("it is piped").read_to_string(&mut stderr).expect("it is text");
    assert_eq!((line.as_str(), child.wait().expect("it ends").code()), ("line 0\n", Some(120)), "{stderr}");
    assert!(
        stderr.contains("BrokenPipeError: [Errno 32] Broken pipe\nException ignored while flushing sys.stdout:"),
        "{stderr}"
    );
}

#[test]
fn requests_for_too_much_memory() {
    for source in ["1 << 10**12", "[0] * 10**15", "'a' * 10**14", "bytearray(10**16)", "(1,) * 10**16"] {
        let outcome = run_command(source);
        let message = last_line(&outcome.stderr);
        assert_eq!(outcome.exit, Some(1), "{source}: {message}");
        assert!(message == "MemoryError" || message.starts_with("OverflowError"), "{source}: {message}");
    }
}

#[test]
fn arguments_that_are_not_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let mut command = Command::new(PROGRAM);
    command.args(["-c", "import sys, os; print(ascii(sys.argv[1]), os.fsencode(sys.argv[1]))"]);
    let output = command.arg(OsStr::from_bytes(b"a\xff")).env_clear().output().expect("the interpreter starts");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "'a\\udcff' b'a\\xff'\n");
}
