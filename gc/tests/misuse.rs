//! Misuse of the safe interface that must not compile.
//!
//! Each program states the code of the error that it must fail with; the wording, which changes
//! with the compiler and with what of it is installed, is not compared.

use std::path::Path;
use std::process::Command;

/// The flags that make the built crate known to a program.
fn library_arguments() -> Vec<String> {
    let dependencies = std::env::current_exe().unwrap().parent().unwrap().to_path_buf();
    let mut newest = None;
    for entry in std::fs::read_dir(&dependencies).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("libcountless_gc-") && name.ends_with(".rlib") {
            newest = newest.max(Some((entry.metadata().unwrap().modified().unwrap(), entry.path())));
        }
    }
    let library = newest.expect("the library was built for this test").1;
    vec![
        "--extern".into(),
        format!("countless_gc={}", library.display()),
        "-L".into(),
        format!("dependency={}", dependencies.display()),
    ]
}

/// What the first line of a program promises: `//! fails with CODE: a part of the message`.
fn promise(source: &str) -> (&str, &str) {
    let line = source.lines().next().and_then(|line| line.strip_prefix("//! fails with "));
    line.and_then(|line| line.split_once(": ")).expect("the first line says how the program fails")
}

fn check(program: &Path, arguments: &[String]) {
    let source = std::fs::read_to_string(program).unwrap();
    let (code, part) = promise(&source);
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata", "-o", "/dev/null", "-A", "warnings"])
        .args(arguments)
        .arg(program)
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    let name = program.display();
    assert!(!output.status.success(), "{name} compiles");
    assert!(message.contains(&format!("error[{code}]")), "{name} fails otherwise:\n{message}");
    assert!(message.contains(part), "{name} fails otherwise:\n{message}");
    let codes: Vec<&str> = message.lines().filter(|line| line.starts_with("error[")).collect();
    assert!(codes.iter().all(|line| line.contains(code)), "{name} has other errors:\n{message}");
}

#[test]
fn misuse_does_not_compile() {
    let arguments = library_arguments();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/misuse");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        check(&entry.unwrap().path(), &arguments);
        count += 1;
    }
    assert!(count >= 10);
}
