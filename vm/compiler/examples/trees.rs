//! Shows the syntax trees of files in one line per node, or compiles each file with and without the way through a tree
//! and compares the code: `trees dump FILE`, `trees check FILE…`.

use std::fmt::Write;
use std::sync::Arc;

use countless_compiler::ast::{self, Constant, Item, Tree};
use countless_compiler::bytecode::disassemble;
use countless_compiler::compile::{CompileOptions, compile};
use countless_compiler::symtable::SymbolTable;
use countless_compiler::syntax::decode::{self, Origin};
use countless_compiler::syntax::literal::Integer;
use countless_compiler::syntax::{Mode, Module, ParseOptions, SourceText, parse};

fn read(path: &str) -> Option<SourceText> {
    let bytes = std::fs::read(path).ok()?;
    let mut codec = |name: &str, _: &[u8]| Err(format!("unknown encoding: {name}"));
    decode::decode(path, &bytes, Origin::File, &mut codec).ok()
}

fn code(mut module: Module) -> Result<String, String> {
    let table = SymbolTable::check(&mut module).map_err(|error| error.message)?;
    let options = CompileOptions { optimize: 0, allow_top_level_await: false };
    let code = compile(&module, &table, options).map_err(|error| error.message)?;
    Ok(disassemble(&code))
}

fn show_constant(constant: &Constant) -> String {
    match constant {
        Constant::None => "None".into(),
        Constant::Ellipsis => "Ellipsis".into(),
        Constant::Bool(true) => "True".into(),
        Constant::Bool(false) => "False".into(),
        Constant::Integer(Integer::Small(small)) => format!("int {small:x}"),
        Constant::Integer(Integer::Big(big)) => format!("int {}", big.in_radix(16)),
        Constant::Float(float) => format!("float {:x}", float.to_bits()),
        Constant::Complex(real, imag) => format!("complex {:x} {:x}", real.to_bits(), imag.to_bits()),
        Constant::Str(text) => format!("str {}", hex(text.as_bytes())),
        Constant::Bytes(bytes) => format!("bytes {}", hex(bytes)),
        Constant::Tuple(_) => "tuple".into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn dump(tree: &Tree, item: &Item, depth: usize, out: &mut String) {
    let indent = " ".repeat(depth);
    let _ = match item {
        Item::Nothing => writeln!(out, "{indent}None"),
        Item::List(items) => {
            let _ = writeln!(out, "{indent}[");
            items.iter().for_each(|item| dump(tree, item, depth + 1, out));
            Ok(())
        }
        Item::Identifier(name) => writeln!(out, "{indent}id {}", hex(name.as_bytes())),
        Item::Text(text) => writeln!(out, "{indent}text {}", hex(text.as_bytes())),
        Item::Int(int) => writeln!(out, "{indent}number {int}"),
        Item::Constant(constant) => writeln!(out, "{indent}{}", show_constant(constant)),
        Item::Node(id) => {
            let node = tree.node(*id);
            let span = node.span;
            let _ = match node.kind.group().is_located() {
                true => writeln!(
                    out,
                    "{indent}{} {}:{}-{}:{}",
                    node.kind.name(),
                    span.line,
                    span.column,
                    span.end_line,
                    span.end_column
                ),
                false => writeln!(out, "{indent}{}", node.kind.name()),
            };
            node.fields.iter().for_each(|item| dump(tree, item, depth + 1, out));
            Ok(())
        }
    };
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, paths)) = arguments.split_first() else { return };
    let options = ParseOptions::new(Mode::Exec);
    let mut bad = 0;
    for path in paths {
        let Some(source) = read(path) else { continue };
        let source = Arc::new(source);
        let Ok(module) = parse(Arc::clone(&source), options) else { continue };
        let tree = ast::export(&module);
        if command == "dump" {
            let mut out = String::new();
            dump(&tree, &Item::Node(tree.root), 0, &mut out);
            print!("{out}");
            continue;
        }
        let again = match ast::import(&tree, path, options) {
            Ok(again) => code(again),
            Err(error) => Err(error.message),
        };
        let once = code(module);
        if once != again {
            bad += 1;
            println!("{path}: {}", difference(once, again));
        }
    }
    println!("{} files, {bad} differ", paths.len());
}

fn difference(once: Result<String, String>, again: Result<String, String>) -> String {
    match (once, again) {
        (Ok(once), Ok(again)) => {
            let pair = once.lines().zip(again.lines()).find(|(left, right)| left != right);
            pair.map_or("length".to_owned(), |(left, right)| format!("\n  {left}\n  {right}"))
        }
        (once, again) => format!("{:?} against {:?}", once.map(|_| ()), again.map(|_| ())),
    }
}
