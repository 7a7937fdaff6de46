//! What a script did, as text without anything that changes from run to run or from machine to machine.

use std::path::Path;
use std::time::Duration;

/// Paths that are replaced by names.
pub(crate) struct Places<'a> {
    pub script: &'a Path,
    pub working: &'a Path,
    pub program: &'a Path,
}

/// The filtered result of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The exit status, negative for a signal; nothing if the time was up.
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    limit: Duration,
}

impl Outcome {
    pub(crate) fn new(exit: Option<i32>, stdout: &[u8], stderr: &[u8], places: &Places, limit: Duration) -> Outcome {
        Outcome { exit, stdout: filter(stdout, places), stderr: filter(stderr, places), limit }
    }

    /// Why the run cannot be right whatever it printed, if so.
    pub fn failure(&self, declared_exit: i32) -> Option<String> {
        match self.exit {
            None => Some(format!("still running after {} s", self.limit.as_secs())),
            Some(status) if status < 0 => Some(format!("killed by signal {}\n{}", -status, self.stderr)),
            Some(status) if status != declared_exit => {
                Some(format!("exit status {status}, declared {declared_exit}\n{}\n{}", self.stdout, self.stderr))
            }
            Some(_) => None,
        }
    }

    /// The text that is blessed.
    pub fn text(&self) -> String {
        let exit = self.exit.map_or("time limit".to_owned(), |status| status.to_string());
        let mut text = format!("exit: {exit}\n--- stdout\n{}", self.stdout);
        if !self.stderr.is_empty() {
            text.push_str("--- stderr\n");
            text.push_str(&self.stderr);
        }
        text.truncate(text.trim_end_matches('\n').len());
        text
    }
}

fn filter(bytes: &[u8], places: &Places) -> String {
    let mut text = printable(bytes);
    let folder = places.script.parent().unwrap_or(Path::new("/"));
    for (path, name) in [(places.working, "[TMP]"), (folder, "[DIR]"), (places.program, "[EXE]")] {
        text = text.replace(&*path.to_string_lossy(), name);
    }
    if let Some(name) = places.program.file_name() {
        let name = name.to_string_lossy();
        // Messages of the command line start with the program's name.
        text = replace_line_starts(&text, &format!("{name}: "), "[EXE]: ");
        text = replace_line_starts(&text, &format!("usage: {name} "), "usage: [EXE] ");
    }
    let text = addresses(&text);
    let mut text: String = text.lines().map(library_frame).collect::<Vec<_>>().join("\n");
    if !text.is_empty() {
        text.push_str(if bytes.ends_with(b"\n") { "\n" } else { "[no newline]\n" });
    }
    text
}

/// Text in which every byte can be seen: what is not UTF-8 and control characters as escapes.
fn printable(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\n' | '\t' => text.push(character),
                '\r' => text.push_str("\\r"),
                _ if character.is_control() => text.push_str(&format!("\\x{:02x}", u32::from(character))),
                _ => text.push(character),
            }
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

fn replace_line_starts(text: &str, from: &str, to: &str) -> String {
    let replace = |line: &str| match line.strip_prefix(from) {
        Some(rest) => format!("{to}{rest}"),
        None => line.to_owned(),
    };
    text.split('\n').map(replace).collect::<Vec<_>>().join("\n")
}

/// Replaces `0x` numbers of at least 6 hexadecimal digits after ` at `: those are addresses.
fn addresses(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find(" at 0x") {
        let (before, after) = rest.split_at(position + " at 0x".len());
        let digits = after.bytes().take_while(u8::is_ascii_hexdigit).count();
        result.push_str(before);
        result.push_str(if digits >= 6 { "[ADDRESS]" } else { &after[..digits] });
        rest = &after[digits..];
    }
    result.push_str(rest);
    result
}

/// Replaces the place of the standard library, and the line numbers of frames in it: which file it is, is behaviour; where
/// it lies and its line numbers are not.
fn library_frame(line: &str) -> String {
    const MARKS: [&str; 2] = ["/python3.14/", "/countless3.14/"];
    let Some((at, mark)) = MARKS.iter().find_map(|mark| line.find(mark).map(|at| (at, mark))) else {
        return line.to_owned();
    };
    let start = line[..at].rfind([' ', '"', '\'', '(', '[']).map_or(0, |before| before + 1);
    let line = format!("{}[LIB]/{}", &line[..start], &line[at + mark.len()..]);
    let Some((file, rest)) = line.split_once("\", line ") else {
        return line;
    };
    let rest = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    format!("{file}\", line [N]{rest}")
}

#[cfg(test)]
mod tests {
    use super::{addresses, library_frame, printable};

    #[test]
    fn addresses_are_replaced_and_numbers_are_not() {
        assert_eq!(addresses("<a at 0x7f00aabbcc> at 0x10"), "<a at 0x[ADDRESS]> at 0x10");
    }

    #[test]
    fn every_byte_can_be_seen() {
        assert_eq!(printable(b"a\r\n\x00\xff\xc3\xa9"), "a\\r\n\\x00\\xffé");
    }

    #[test]
    fn library_frames() {
        let line = "  File \"/usr/lib/python3.14/json/decoder.py\", line 345, in decode";
        assert_eq!(library_frame(line), "  File \"[LIB]/json/decoder.py\", line [N], in decode");
        assert_eq!(library_frame("  File \"a.py\", line 3, in f"), "  File \"a.py\", line 3, in f");
    }
}
