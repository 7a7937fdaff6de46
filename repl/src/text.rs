//! Bytes of the system as strings: UTF-8, each undecodable byte as a lone surrogate.

use countless_common::wtf8::Wtf8Buf;
use countless_vm::object::cell::Ref;
use countless_vm::runtime::context::Cx;
use countless_vm::types::str::Str;

/// The string of a word of the command line, a variable or a file name.
pub fn decode(cx: &Cx, bytes: &[u8]) -> Ref<Str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return cx.new_str(text);
    }
    let mut text = Wtf8Buf::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|&byte| text.push(0xdc00 + u32::from(byte)));
    }
    cx.new_str_wtf8(&text)
}

/// Takes the indentation off that all lines share, lines of blanks alone being made empty; as the source of `-c` is
/// treated. Text without common indentation stays as it is.
pub fn dedent(text: &str) -> String {
    let is_blank = |line: &str| line.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
    let mut margin: Option<&str> = None;
    for line in text.split('\n').filter(|line| !is_blank(line)) {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        let shared = match margin {
            None => indentation,
            Some(margin) => {
                let length = margin.bytes().zip(indentation.bytes()).take_while(|(a, b)| a == b).count();
                &margin[..length]
            }
        };
        if shared.is_empty() {
            return text.to_owned();
        }
        margin = Some(shared);
    }
    let Some(margin) = margin else { return text.to_owned() };
    let lines: Vec<&str> =
        text.split('\n').map(|line| if is_blank(line) { "" } else { &line[margin.len()..] }).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::dedent;

    #[test]
    fn dedents_what_is_indented_as_a_whole() {
        assert_eq!(dedent("\n   a\n     b\n \n   c\n"), "\na\n  b\n\nc\n");
        assert_eq!(dedent("  a\nb\n"), "  a\nb\n");
        assert_eq!(dedent("\ta\n  b"), "\ta\n  b");
        assert_eq!(dedent("  "), "  ");
    }
}
