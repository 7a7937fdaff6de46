//! For each rule an example that breaks it and one that does not.

use super::check;
use crate::tables::{Exception, Rule};
use crate::tree::TextFile;

fn messages(path: &str, text: &str) -> Vec<String> {
    check_with(path, text, &[])
}

fn check_with(path: &str, text: &str, exceptions: &[Exception]) -> Vec<String> {
    let files = [TextFile { path: path.to_owned(), text: text.to_owned() }];
    check(&files, exceptions).iter().map(ToString::to_string).collect()
}

fn rust(path: &str, body: &str) -> Vec<String> {
    messages(path, &format!("//! Job.\n{body}"))
}

fn finds(found: &[String], line: usize, part: &str) {
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(&format!(":{line}: ")) && found[0].contains(part), "{found:?}");
}

#[test]
fn header() {
    finds(&messages("repl/src/a.rs", "fn main() {}\n"), 1, "`//!`");
    assert!(messages("repl/src/a.rs", "//! Job.\nfn main() {}\n").is_empty());
}

#[test]
fn file_size() {
    let long = "const A: u8 = 0;\n".repeat(1000);
    finds(&rust("repl/src/a.rs", &long), 1001, "1001 lines");
    let excuse = [Exception { rule: Rule::FileSize, path: "repl/src/a.rs", item: "", reason: "a table" }];
    assert!(check_with("repl/src/a.rs", &format!("//! Job.\n{long}"), &excuse).is_empty());
}

#[test]
fn function_size() {
    let body = "    let a = [0; 4];\n".repeat(59);
    finds(&rust("repl/src/a.rs", &format!("fn long(a: [u8; 4]) {{\n{body}}}\n")), 2, "`long` has 61 lines");
    let body = "    let a = '{';\n".repeat(58);
    assert!(rust("repl/src/a.rs", &format!("fn fits() {{\n{body}}}\nfn next();\n")).is_empty());
}

#[test]
fn an_exception_that_excuses_nothing() {
    let excuse = [Exception { rule: Rule::FunctionSize, path: "repl/src/a.rs", item: "f", reason: "the loop" }];
    finds(&check_with("repl/src/a.rs", "//! Job.\nfn f() {}\n", &excuse), 1, "excuses nothing");
}

#[test]
fn foreign_words() {
    finds(&rust("gc/src/a.rs", "// as in Python\n"), 2, "`python`");
    finds(&messages("gc/Cargo.toml", "description = \"for an interpreter\"\n"), 1, "`interpreter`");
    assert!(rust("vm/core/src/a.rs", "// as in Python\n").is_empty());
}

#[test]
fn parser_names() {
    finds(&rust("vm/core/src/a.rs", "use ruff_python_ast::Expr;\n"), 2, "names the parser");
    let manifest = "[package]\nname = \"countless-vm\"\n[dependencies]\nruff_python_ast.workspace = true\n";
    finds(&messages("vm/core/Cargo.toml", manifest), 4, "depends on the parser");
    assert!(rust("vm/compiler/src/a.rs", "use ruff_python_ast::Expr;\n").is_empty());
    assert!(rust("vm/core/src/a.rs", "// ruff_python_ast is elsewhere\n").is_empty());
}

#[test]
fn arrows() {
    let manifest = |name, uses| format!("[package]\nname = \"{name}\"\n[dependencies]\n{uses}.workspace = true\n");
    finds(&messages("gc/Cargo.toml", &manifest("countless-gc", "countless-vm")), 4, "must not use `countless-vm`");
    finds(&messages("new/Cargo.toml", &manifest("countless-new", "libc")), 1, "no row");
    assert!(messages("repl/Cargo.toml", &manifest("countless", "countless-vm")).is_empty());
    let tests = "[package]\nname = \"countless-gc\"\n[dev-dependencies]\ncountless-vm.workspace = true\n";
    assert!(messages("gc/Cargo.toml", tests).is_empty());
}

#[test]
fn unsafe_places() {
    finds(&rust("vm/compiler/src/a.rs", "// SAFETY: none.\nfn f() { unsafe { g() } }\n"), 3, "not allowed here");
    assert!(rust("vm/compiler/src/a.rs", "// unsafe\nconst A: &str = \"unsafe\";\n").is_empty());
}

#[test]
fn safety_reasons() {
    finds(&rust("gc/src/a.rs", "fn f() {\n    unsafe { g() }\n}\n"), 3, "SAFETY");
    finds(&rust("gc/src/a.rs", "// SAFETY: of f.\nfn f() {\n    a();\n    unsafe { g() }\n}\n"), 5, "SAFETY");
    finds(&rust("gc/src/a.rs", "unsafe impl Send for A {}\n"), 2, "SAFETY");
    finds(&rust("gc/src/a.rs", "/// Reads.\nunsafe fn read() {}\n"), 3, "# Safety");
    assert!(
        rust("gc/src/a.rs", "fn f() {\n    // SAFETY: g is fine.\n    let a =\n        unsafe { g() };\n}\n")
            .is_empty()
    );
    assert!(
        rust("gc/src/a.rs", "/// Reads.\n///\n/// # Safety\n/// Valid.\n#[inline]\npub unsafe fn read() {}\n")
            .is_empty()
    );
    assert!(rust("gc/src/a.rs", "struct A { trace: unsafe fn(u8) }\n").is_empty());
}

#[test]
fn loose_ends() {
    finds(&rust("repl/src/a.rs", "fn f() { todo!() }\n"), 2, "promise");
    finds(&rust("repl/src/a.rs", "fn f() { unimplemented!() }\n"), 2, "promise");
    finds(&rust("repl/src/a.rs", "#[ignore]\n#[test]\nfn f() {}\n"), 2, "ignored");
}

#[test]
fn value_collections() {
    finds(&rust("vm/core/src/a.rs", "struct A { items: Vec<Value> }\n"), 2, "hides values");
    finds(
        &rust("vm/stdlib/src/a.rs", "fn f() {\n    let a = HashMap::<String, (Value, u8)>::new();\n}\n"),
        3,
        "hides values",
    );
    finds(&rust("vm/core/src/a.rs", "type A = Box<[Value]>;\n"), 2, "hides values");
    assert!(rust("vm/core/src/a.rs", "type A = Box<dyn Fn(Value) -> Value>;\ntype B = Vec<ValueKind>;\n").is_empty());
    let excuse = [Exception { rule: Rule::ValueCollection, path: "vm/core/src/a.rs", item: "f", reason: "traced" }];
    let text = "//! Job.\nfn f() {\n    let a: Vec<Value> = roots();\n}\n";
    assert!(check_with("vm/core/src/a.rs", text, &excuse).is_empty());
}

#[test]
fn machine_paths() {
    let path = format!("/{}/main/x", "work");
    finds(&messages("docs/A.md", &format!("see {path}\n")), 1, "a path of some machine");
    assert!(messages("docs/A.md", &format!("see https://example.com{path} and ..{path}\n")).is_empty());
}
