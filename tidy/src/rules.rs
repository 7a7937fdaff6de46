//! The rules. Each is a function from a file to findings; `check` runs them all.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use crate::source::{self, Source};
use crate::tables::{
    ARROWS, Exception, FOREIGN_WORDS, HARNESSES, MACHINE_FOLDERS, MAX_FILE_LINES, MAX_FUNCTION_LINES, PARSER_USERS,
    Rule, UNSAFE_PLACES, VALUE_FREE, VALUE_HOLDERS,
};
use crate::tree::TextFile;

/// One broken rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// The exceptions, and which of them excused something.
struct Excuses<'a> {
    rows: &'a [Exception],
    used: RefCell<HashSet<usize>>,
}

impl Excuses<'_> {
    fn covers(&self, rule: Rule, path: &str, item: &str) -> bool {
        let row = self
            .rows
            .iter()
            .position(|row| row.rule == rule && row.path == path && (row.item == item || row.item.is_empty()));
        row.is_some_and(|row| {
            self.used.borrow_mut().insert(row);
            true
        })
    }
}

/// Runs every rule over every file.
pub fn check(files: &[TextFile], exceptions: &[Exception]) -> Vec<Finding> {
    let excuses = Excuses { rows: exceptions, used: RefCell::default() };
    let mut findings = Vec::new();
    for file in files {
        let mut report = |line: usize, message: String| {
            findings.push(Finding { path: file.path.clone(), line, message });
        };
        machine_paths(file, &mut report);
        foreign_words(file, &mut report);
        if file.path.ends_with("Cargo.toml") {
            arrows(file, &mut report);
            parser_dependency(file, &mut report);
        }
        if file.path.ends_with(".rs") {
            let source = source::split(&file.text);
            header(file, &mut report);
            file_size(file, &excuses, &mut report);
            parser_names(file, &source, &mut report);
            unsafe_code(file, &source, &mut report);
            loose_ends(&source, &mut report);
            let functions = functions(&source.code);
            function_sizes(file, &functions, &excuses, &mut report);
            value_collections(file, &source, &functions, &excuses, &mut report);
        }
    }
    for (position, row) in exceptions.iter().enumerate() {
        if !excuses.used.borrow().contains(&position) {
            let message =
                format!("exception for {} {} ({}) excuses nothing: remove it", row.path, row.item, row.reason);
            findings.push(Finding { path: "tidy/src/tables.rs".to_owned(), line: 1, message });
        }
    }
    findings
}

type Report<'a> = dyn FnMut(usize, String) + 'a;

fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].bytes().filter(|&byte| byte == b'\n').count() + 1
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Offsets where `word` stands as a whole identifier.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = text.as_bytes();
    text.match_indices(word).map(|(offset, _)| offset).filter(move |&offset| {
        let before = offset.checked_sub(1).map(|at| bytes[at]);
        let after = bytes.get(offset + word.len()).copied();
        !before.is_some_and(is_name_byte) && !after.is_some_and(is_name_byte)
    })
}

fn header(file: &TextFile, report: &mut Report) {
    if !file.text.trim_start_matches('\u{feff}').starts_with("//!") {
        report(1, "the file does not open with a `//!` that says its job and its invariants".to_owned());
    }
}

fn file_size(file: &TextFile, excuses: &Excuses, report: &mut Report) {
    let lines = file.text.lines().count();
    if lines > MAX_FILE_LINES && !excuses.covers(Rule::FileSize, &file.path, "") {
        report(MAX_FILE_LINES + 1, format!("{lines} lines: a file has at most {MAX_FILE_LINES}; make it a folder"));
    }
}

/// A function's name and the offsets of its `fn` and of its closing brace.
struct Function {
    name: String,
    start: usize,
    end: usize,
}

/// Every function with a body, in order of its start.
fn functions(code: &str) -> Vec<Function> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    for start in words(code, "fn") {
        let name: String =
            code[start + 2..].trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            continue;
        }
        // The body is the first brace outside brackets; a `;` there means a declaration. `[u8; 4]` stays inside.
        let mut depth = 0_i32;
        let body = (start..bytes.len()).find(|&at| {
            match bytes[at] {
                b'(' | b'[' => depth += 1,
                b')' | b']' => depth -= 1,
                _ => {}
            }
            depth == 0 && matches!(bytes[at], b'{' | b';')
        });
        let Some(open) = body.filter(|&at| bytes[at] == b'{') else {
            continue;
        };
        let mut braces = 0_i32;
        let close = (open..bytes.len()).find(|&at| {
            match bytes[at] {
                b'{' => braces += 1,
                b'}' => braces -= 1,
                _ => {}
            }
            braces == 0
        });
        found.push(Function { name, start, end: close.unwrap_or(bytes.len() - 1) });
    }
    found
}

fn function_sizes(file: &TextFile, functions: &[Function], excuses: &Excuses, report: &mut Report) {
    for function in functions {
        let first = line_of(&file.text, function.start);
        let lines = line_of(&file.text, function.end) - first + 1;
        if lines > MAX_FUNCTION_LINES && !excuses.covers(Rule::FunctionSize, &file.path, &function.name) {
            report(
                first,
                format!("`{}` has {lines} lines: a function has at most {MAX_FUNCTION_LINES}", function.name),
            );
        }
    }
}

fn foreign_words(file: &TextFile, report: &mut Report) {
    if !file.path.starts_with(VALUE_FREE) {
        return;
    }
    for (number, line) in file.text.lines().enumerate() {
        let lower = line.to_lowercase();
        for word in FOREIGN_WORDS.iter().filter(|word| lower.contains(**word)) {
            report(number + 1, format!("the collector does not know the word `{word}`"));
        }
    }
}

fn parser_dependency(file: &TextFile, report: &mut Report) {
    // The workspace's own manifest pins the versions; using them is what is restricted.
    if file.path == "Cargo.toml" || PARSER_USERS.iter().any(|user| file.path.starts_with(user)) {
        return;
    }
    for (number, line) in file.text.lines().enumerate().filter(|(_, line)| line.starts_with("ruff_")) {
        report(number + 1, format!("only the compiler depends on the parser: `{line}`"));
    }
}

fn parser_names(file: &TextFile, source: &Source, report: &mut Report) {
    if PARSER_USERS.iter().any(|user| file.path.starts_with(user)) {
        return;
    }
    for (offset, _) in source.code.match_indices("ruff_") {
        report(line_of(&source.code, offset), "only the compiler names the parser".to_owned());
    }
}

fn arrows(file: &TextFile, report: &mut Report) {
    let Some(name) = file.text.lines().find_map(|line| line.strip_prefix("name = ")) else {
        return;
    };
    let name = name.trim_matches('"');
    if !file.text.contains("[package]") {
        return;
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(row, _)| *row == name) else {
        // Fuzz targets and other stand-alone folders are workspaces of their own.
        if !file.text.contains("[workspace]") {
            report(1, format!("crate `{name}` has no row in the table of arrows"));
        }
        return;
    };
    let mut section = "";
    for (number, line) in file.text.lines().enumerate() {
        if line.starts_with('[') {
            section = line.trim();
        }
        let key = line.split(['.', ' ', '=']).next().unwrap_or("");
        let ours = ARROWS.iter().any(|(row, _)| *row == key);
        let counts = section.ends_with("dependencies]") && !section.contains("dev-dependencies");
        if ours && counts && !allowed.contains(&key) {
            report(number + 1, format!("`{name}` must not use `{key}`"));
        }
    }
}

fn unsafe_code(file: &TextFile, source: &Source, report: &mut Report) {
    let allowed = UNSAFE_PLACES.iter().any(|(place, _)| file.path.starts_with(place) || file.path == *place);
    for offset in words(&source.code, "unsafe") {
        let line = line_of(&source.code, offset);
        let rest = source.code[offset + "unsafe".len()..].trim_start();
        if !allowed {
            report(line, "`unsafe` is not allowed here (tables.rs lists where)".to_owned());
        } else if (rest.starts_with('{') || rest.starts_with("impl")) && !explained(source, line, "SAFETY:") {
            report(line, "no `// SAFETY:` above this `unsafe`".to_owned());
        } else if !HARNESSES.iter().any(|place| file.path.contains(place))
            && declares_function(rest)
            && !explained(source, line, "# Safety")
            && !explained(source, line, "SAFETY:")
        {
            report(line, "this `unsafe fn` does not state its contract under `# Safety`".to_owned());
        }
    }
}

/// Whether `rest`, after the word `unsafe`, declares a named function (not a function pointer type).
fn declares_function(rest: &str) -> bool {
    let rest = rest.strip_prefix("extern").map_or(rest, |rest| rest.trim_start());
    let Some(after) = rest.strip_prefix("fn") else {
        return false;
    };
    after.starts_with(' ') && after.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Whether the comments at `line`, or directly above the statement that it is part of, contain `mark`.
fn explained(source: &Source, line: usize, mark: &str) -> bool {
    let code: Vec<&str> = source.code.lines().collect();
    let comments: Vec<&str> = source.comments.lines().collect();
    if comments[line - 1].contains(mark) {
        return true;
    }
    let mut at = line - 1;
    let mut in_comment = false;
    while at > 0 {
        at -= 1;
        let text = code[at].trim();
        let comment = comments[at].trim();
        if comment.contains(mark) {
            return true;
        }
        let is_comment_line = text.is_empty() && !comment.is_empty();
        let ends_statement = text.ends_with(';') || text.ends_with('}') || text.is_empty();
        // Above the comment block, or above the statement, nothing belongs to this place any more.
        if (in_comment && !is_comment_line && !text.starts_with("#[")) || (!is_comment_line && ends_statement) {
            return false;
        }
        in_comment |= is_comment_line;
    }
    false
}

fn loose_ends(source: &Source, report: &mut Report) {
    for name in ["todo!", "unimplemented!", "dbg!"] {
        for (offset, _) in source.code.match_indices(name) {
            if offset == 0 || !is_name_byte(source.code.as_bytes()[offset - 1]) {
                report(line_of(&source.code, offset), format!("`{name}` is a promise, not code"));
            }
        }
    }
    for (offset, _) in source.code.match_indices("#[ignore") {
        report(line_of(&source.code, offset), "an ignored test: assert what happens today or fix it".to_owned());
    }
}

const COLLECTIONS: &[&str] =
    &["Vec", "VecDeque", "Box", "SmallVec", "HashMap", "HashSet", "BTreeMap", "IndexMap", "Rc", "Arc"];

fn value_collections(file: &TextFile, source: &Source, functions: &[Function], excuses: &Excuses, report: &mut Report) {
    if !VALUE_HOLDERS.iter().any(|place| file.path.starts_with(place)) {
        return;
    }
    for collection in COLLECTIONS {
        for offset in words(&source.code, collection) {
            let rest = &source.code[offset + collection.len()..];
            let rest = rest.strip_prefix("::").unwrap_or(rest);
            let Some(arguments) = type_arguments(rest) else {
                continue;
            };
            let calls = arguments.contains("Fn") || arguments.contains("fn(") || arguments.contains("fn (");
            if words(arguments, "Value").next().is_none() || calls {
                continue;
            }
            let inside = functions.iter().rfind(|function| function.start < offset && offset < function.end);
            if !excuses.covers(Rule::ValueCollection, &file.path, inside.map_or("", |function| &function.name)) {
                let line = line_of(&source.code, offset);
                report(
                    line,
                    format!(
                        "`{collection}<{arguments}>` hides values from the collector: use a heap cell or TempRoots"
                    ),
                );
            }
        }
    }
}

/// The text between the angle brackets that `rest` starts with.
fn type_arguments(rest: &str) -> Option<&str> {
    if !rest.starts_with('<') {
        return None;
    }
    let mut depth = 0_i32;
    let end = rest.char_indices().find(|&(at, character)| {
        match character {
            '<' => depth += 1,
            '>' if !rest[..at].ends_with('-') => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(&rest[1..end.0])
}

fn machine_paths(file: &TextFile, report: &mut Report) {
    for (number, line) in file.text.lines().enumerate() {
        for folder in MACHINE_FOLDERS {
            let path = format!("/{folder}/");
            let found = line
                .match_indices(&path)
                .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "._-~})]*/".contains(c)));
            if found {
                report(number + 1, format!("a path of some machine: `{path}…`"));
            }
        }
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
