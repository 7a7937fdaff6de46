//! Compiles every `.py` file below the directories given and verifies the bytecode: a smoke test with timing.
//!
//! `compile_all FILE.py` lists one file's bytecode instead.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countless_compiler::bytecode::{Code, Liveness, disassemble, verify_all};
use countless_compiler::compile::{CompileOptions, compile};
use countless_compiler::symtable::SymbolTable;
use countless_compiler::syntax::{Mode, ParseOptions, SyntaxError, decode};

fn main() {
    let paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    if let [file] = &paths[..]
        && file.is_file()
    {
        let source = std::fs::read(file).unwrap_or_default();
        let mut times = Times::default();
        match compile_one(file, &source, &mut times) {
            Ok(code) => print!("{}", disassemble(&code)),
            Err(error) => println!("{error:?}"),
        }
        return;
    }
    let mut files = Vec::new();
    paths.iter().for_each(|path| find(path, &mut files));
    files.sort();
    report(&files);
}

#[derive(Default)]
struct Times {
    parse: Duration,
    symbols: Duration,
    compile: Duration,
    verify: Duration,
    liveness: Duration,
}

fn report(files: &[PathBuf]) {
    let mut times = Times::default();
    let (mut compiled, mut refused, mut lines, mut instructions) = (0, 0, 0, 0);
    for file in files {
        let Ok(source) = std::fs::read(file) else {
            continue;
        };
        let attempt = std::panic::AssertUnwindSafe(|| compile_one(file, &source, &mut times));
        let Ok(result) = std::panic::catch_unwind(attempt) else {
            println!("{}: panic", file.display());
            continue;
        };
        match result {
            Ok(code) => {
                compiled += 1;
                lines += source.iter().filter(|byte| **byte == b'\n').count();
                instructions += size(&code);
            }
            Err(error) => {
                refused += 1;
                println!("{}: line {:?}: {}", file.display(), error.line, error.message);
            }
        }
    }
    println!("{compiled} compiled, {refused} refused, {lines} lines, {instructions} instructions");
    let all = [
        ("parse", times.parse),
        ("symbols", times.symbols),
        ("compile", times.compile),
        ("verify", times.verify),
        ("liveness", times.liveness),
    ];
    for (name, time) in all {
        println!("{name:>8} {:8.1} ms {:10.0} lines/s", time.as_secs_f64() * 1e3, lines as f64 / time.as_secs_f64());
    }
}

fn compile_one(file: &Path, bytes: &[u8], times: &mut Times) -> Result<Arc<Code>, SyntaxError> {
    let name = file.display().to_string();
    let text = String::from_utf8_lossy(bytes);
    let source = Arc::new(decode::from_text(&name, &text)?);
    let clock = Instant::now();
    let module = countless_compiler::syntax::parse(source, ParseOptions::new(Mode::Exec))?;
    times.parse += clock.elapsed();
    let clock = Instant::now();
    let table = SymbolTable::build(&module)?;
    times.symbols += clock.elapsed();
    let clock = Instant::now();
    let code = compile(&module, &table, CompileOptions::default())?;
    times.compile += clock.elapsed();
    let clock = Instant::now();
    if let Err(error) = verify_all(&code) {
        println!("{name}: {error}");
    }
    times.verify += clock.elapsed();
    let clock = Instant::now();
    let mut pending = vec![&*code];
    while let Some(code) = pending.pop() {
        Liveness::compute(code);
        pending.extend(code.nested().map(|nested| &**nested));
    }
    times.liveness += clock.elapsed();
    Ok(code)
}

fn size(code: &Code) -> usize {
    code.instructions.len() + code.nested().map(|nested| size(nested)).sum::<usize>()
}

fn find(path: &Path, files: &mut Vec<PathBuf>) {
    if path.extension().is_some_and(|extension| extension == "py") {
        files.push(path.to_owned());
    }
    let Ok(entries) = std::fs::read_dir(path) else {
        return;
    };
    entries.flatten().for_each(|entry| find(&entry.path(), files));
}
