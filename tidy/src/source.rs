//! Splits Rust source into its code and its comments, without parsing it.
//!
//! Both halves keep every line break and every byte offset: what is not theirs is a space. String and character contents
//! belong to neither, so a rule that looks for a name never stumbles over the text of a message.

/// The two halves of one file.
pub struct Source {
    pub code: String,
    pub comments: String,
}

/// What the scanner is inside of.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    LineComment,
    BlockComment(usize),
    Text,
    RawText(usize),
}

/// Splits `text`.
pub fn split(text: &str) -> Source {
    let bytes = text.as_bytes();
    let blank = |byte: &u8| if *byte == b'\n' { b'\n' } else { b' ' };
    let mut code: Vec<u8> = bytes.iter().map(blank).collect();
    let mut comments = code.clone();
    let (mut at, mut state) = (0, State::Code);
    while at < bytes.len() {
        let (length, next) = step(bytes, at, state);
        let end = (at + length).min(bytes.len());
        match (state, next) {
            (State::Code, State::Code) if !is_quoted(bytes, at) => code[at..end].copy_from_slice(&bytes[at..end]),
            (State::LineComment | State::BlockComment(_), _) | (_, State::LineComment | State::BlockComment(_)) => {
                comments[at..end].copy_from_slice(&bytes[at..end]);
            }
            _ => {}
        }
        (at, state) = (end, next);
    }
    Source { code: lossy(code), comments: lossy(comments) }
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn is_quoted(bytes: &[u8], at: usize) -> bool {
    bytes[at] == b'\'' && character_length(bytes, at).is_some()
}

/// How many bytes belong together at `at`, and the state after them.
fn step(bytes: &[u8], at: usize, state: State) -> (usize, State) {
    let rest = &bytes[at..];
    match state {
        State::Code if rest.starts_with(b"//") => (2, State::LineComment),
        State::Code if rest.starts_with(b"/*") => (2, State::BlockComment(1)),
        State::Code if rest[0] == b'"' => (1, State::Text),
        State::Code if rest[0] == b'\'' => (character_length(bytes, at).unwrap_or(1), State::Code),
        State::Code => match raw_text_start(bytes, at) {
            Some((length, hashes)) => (length, State::RawText(hashes)),
            None => (1, State::Code),
        },
        State::LineComment if rest[0] == b'\n' => (1, State::Code),
        State::LineComment => (1, state),
        State::BlockComment(depth) if rest.starts_with(b"/*") => (2, State::BlockComment(depth + 1)),
        State::BlockComment(1) if rest.starts_with(b"*/") => (2, State::Code),
        State::BlockComment(depth) if rest.starts_with(b"*/") => (2, State::BlockComment(depth - 1)),
        State::BlockComment(_) => (1, state),
        State::Text if rest[0] == b'\\' => (2, state),
        State::Text if rest[0] == b'"' => (1, State::Code),
        State::Text => (1, state),
        State::RawText(hashes) => {
            let closed = rest[0] == b'"' && rest[1..].iter().take(hashes).filter(|&&b| b == b'#').count() == hashes;
            if closed { (1 + hashes, State::Code) } else { (1, state) }
        }
    }
}

/// Length of the start of a raw string (`r#"`), and its number of `#`.
fn raw_text_start(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if bytes[at] != b'r' || (at > 0 && is_name(bytes[at - 1]) && !matches!(bytes[at - 1], b'b' | b'c')) {
        return None;
    }
    let hashes = bytes[at + 1..].iter().take_while(|&&byte| byte == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some((hashes + 2, hashes))
}

/// Length of a character literal; a lifetime is none.
fn character_length(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at + 1..];
    if rest.first() == Some(&b'\\') {
        return rest.iter().skip(2).position(|&byte| byte == b'\'').map(|position| position + 4);
    }
    let width = match rest.first()? {
        0..=0x7f => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    (rest.get(width) == Some(&b'\'')).then_some(width + 2)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn strings_and_comments_are_not_code() {
        let source = split(
            "let a = \"todo!()\"; // unsafe\nlet b = r#\"x\"y\"#; /* a /* b */ c */ let c = '\"';\nfn d<'x>() {}",
        );
        assert!(!source.code.contains("todo") && !source.code.contains("unsafe") && !source.code.contains('y'));
        assert!(source.comments.contains("// unsafe") && source.comments.contains("c */"));
        assert!(source.code.contains("let c =") && source.code.contains("fn d<'x>() {}"));
        assert_eq!(source.code.lines().count(), 3);
    }

    #[test]
    fn escapes_do_not_end_a_literal() {
        let source = split(r#"let a = "\"unsafe\\"; let b = '\''; let c = '\u{1F600}'; let d = b'\\'; end"#);
        assert!(!source.code.contains("unsafe") && source.code.ends_with("end"));
    }
}
