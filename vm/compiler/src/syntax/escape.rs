//! Escapes in string literals: what is wrong with them, and what is merely doubtful.

/// What is wrong with a string token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// A bytes literal with a character beyond ASCII.
    NotAscii,
    /// An escape that means nothing; the whole message.
    Escape(String),
}

/// An escape that Python keeps as it is, with a warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubtful {
    /// Offset of the backslash in the text.
    pub(super) offset: usize,
    /// What follows the backslash: one character, or the octal digits.
    pub(super) escape: String,
}

impl Doubtful {
    fn is_octal(&self) -> bool {
        self.escape.len() == 3
    }

    /// The warning's text; as an error it does not speak of the future.
    pub(super) fn message(&self, as_error: bool) -> String {
        let escape = &self.escape;
        let octal = if self.is_octal() { "octal " } else { "" };
        let future = if as_error { "" } else { " Such sequences will not work in the future." };
        format!(
            "\"\\{escape}\" is an invalid {octal}escape sequence.{future} \
             Did you mean \"\\\\{escape}\"? A raw string is also an option."
        )
    }
}

/// Splits a string token into its prefix and the text between its quotes.
pub(super) fn split(token: &str) -> (&str, &str) {
    let at = token.find(['\'', '"']).unwrap_or(token.len());
    let (prefix, quoted) = token.split_at(at);
    let bytes = quoted.as_bytes();
    let size = if bytes.len() >= 6 && bytes[0] == bytes[1] && bytes[1] == bytes[2] { 3 } else { 1 };
    (prefix, quoted.get(size..quoted.len() - size).unwrap_or(""))
}

/// What is wrong with a plain string token.
pub(super) fn problem(token: &str) -> Option<Problem> {
    let (prefix, text) = split(token);
    let is_bytes = prefix.contains(['b', 'B']);
    if is_bytes && !text.is_ascii() {
        return Some(Problem::NotAscii);
    }
    if prefix.contains(['r', 'R']) {
        return None;
    }
    let message = if is_bytes { bytes_problem(text) } else { text_problem(text) };
    message.map(Problem::Escape)
}

/// What is wrong with the escapes of a bytes literal.
fn bytes_problem(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        if bytes.get(at + 1) == Some(&b'x') && hex_digits(&text[at + 2..], 2) < 2 {
            return Some(format!("(value error) invalid \\x escape at position {at}"));
        }
        at += 2;
    }
    None
}

fn hex_digits(text: &str, most: usize) -> usize {
    text.bytes().take(most).take_while(u8::is_ascii_hexdigit).count()
}

/// What is wrong with the escapes of a text. Positions count as the codec sees the text: with each
/// character beyond ASCII as an escape of ten.
pub(super) fn text_problem(text: &str) -> Option<String> {
    let mut position = 0;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if character != '\\' {
            position += if character.is_ascii() { 1 } else { 10 };
            rest = &rest[character.len_utf8()..];
            continue;
        }
        let escape = &rest[1..];
        let (length, reason) = match escape.as_bytes().first() {
            Some(b'x') => numbered(escape, 2, "truncated \\xXX escape"),
            Some(b'u') => numbered(escape, 4, "truncated \\uXXXX escape"),
            Some(b'U') => {
                let (length, reason) = numbered(escape, 8, "truncated \\UXXXXXXXX escape");
                let point = escape.get(1..9).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                match (reason, point) {
                    (None, Some(0x11_0000..)) => (length, Some("illegal Unicode character")),
                    _ => (length, reason),
                }
            }
            Some(b'N') => named(escape),
            Some(byte) if byte.is_ascii() => (2, None),
            _ => (1, None),
        };
        if let Some(reason) = reason {
            let last = position + length - 1;
            return Some(format!(
                "(unicode error) 'unicodeescape' codec can't decode bytes in position {position}-{last}: {reason}"
            ));
        }
        position += length;
        rest = &rest[length..];
    }
    None
}

/// An escape of so many hexadecimal digits: how long it is and what is wrong with it.
fn numbered(escape: &str, wanted: usize, truncated: &'static str) -> (usize, Option<&'static str>) {
    let found = hex_digits(&escape[1..], wanted);
    (2 + found, (found < wanted).then_some(truncated))
}

/// A named character.
fn named(escape: &str) -> (usize, Option<&'static str>) {
    let malformed = "malformed \\N character escape";
    let Some(name) = escape[1..].strip_prefix('{') else {
        return (2, Some(malformed));
    };
    let Some(end) = name.find('}') else {
        let seen = name.chars().map(|character| if character.is_ascii() { 1 } else { 10 });
        return (3 + seen.sum::<usize>(), Some(malformed));
    };
    let length = end + 4;
    if end == 0 {
        return (length, Some(malformed));
    }
    let literal = format!("'\\N{{{}}}'", &name[..end]);
    let known = ruff_python_parser::parse_expression(&literal).is_ok();
    (length, (!known).then_some("unknown Unicode character name"))
}

/// The first doubtful escape of a text without an `r` prefix. In bytes `\N`, `\u` and `\U` mean
/// nothing either.
pub(super) fn first_doubtful(text: &str, is_bytes: bool) -> Option<Doubtful> {
    let bytes = text.as_bytes();
    let mut at = text.find('\\')?;
    loop {
        let next = text[at + 1..].chars().next()?;
        let doubtful = match next {
            '\n' | '\\' | '\'' | '"' | 'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' => None,
            'N' | 'u' | 'U' if !is_bytes => None,
            '0'..='7' => {
                let digits = bytes[at + 1..].iter().take(3);
                let count = digits.take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                let beyond = count == 3 && bytes[at + 1] > b'3';
                beyond.then(|| text[at + 1..at + 4].to_string())
            }
            _ => Some(next.to_string()),
        };
        if let Some(escape) = doubtful {
            // The codec sees a character beyond ASCII as an escape of its own.
            if escape.is_ascii() {
                return Some(Doubtful { offset: at, escape });
            }
        }
        let after = at + 1 + next.len_utf8();
        at = after + text[after..].find('\\')?;
    }
}
