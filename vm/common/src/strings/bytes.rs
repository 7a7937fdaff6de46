//! The case methods, `is…` methods and `translate` of bytes: only ASCII letters count.

/// As `bytes.upper`.
pub fn upper(text: &[u8]) -> Vec<u8> {
    text.to_ascii_uppercase()
}

/// As `bytes.lower`.
pub fn lower(text: &[u8]) -> Vec<u8> {
    text.to_ascii_lowercase()
}

/// As `bytes.title`.
pub fn title(text: &[u8]) -> Vec<u8> {
    let mut after_letter = false;
    let convert = |&byte: &u8| {
        let converted = if after_letter { byte.to_ascii_lowercase() } else { byte.to_ascii_uppercase() };
        after_letter = byte.is_ascii_alphabetic();
        converted
    };
    text.iter().map(convert).collect()
}

/// As `bytes.capitalize`.
pub fn capitalize(text: &[u8]) -> Vec<u8> {
    let mut out = text.to_ascii_lowercase();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

/// As `bytes.swapcase`.
pub fn swap_case(text: &[u8]) -> Vec<u8> {
    // Bit 5 is what upper and lower case letters differ in.
    text.iter().map(|byte| if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { *byte }).collect()
}

fn all(text: &[u8], property: impl Fn(&u8) -> bool) -> bool {
    !text.is_empty() && text.iter().all(property)
}

/// As `bytes.isalpha`.
pub fn is_alpha(text: &[u8]) -> bool {
    all(text, u8::is_ascii_alphabetic)
}

/// As `bytes.isdigit`.
pub fn is_digit(text: &[u8]) -> bool {
    all(text, u8::is_ascii_digit)
}

/// As `bytes.isalnum`.
pub fn is_alnum(text: &[u8]) -> bool {
    all(text, u8::is_ascii_alphanumeric)
}

/// As `bytes.isspace`.
pub fn is_space(text: &[u8]) -> bool {
    all(text, |byte| matches!(byte, 0x09..=0x0D | 0x20))
}

/// As `bytes.isupper`.
pub fn is_upper(text: &[u8]) -> bool {
    !text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase)
}

/// As `bytes.islower`.
pub fn is_lower(text: &[u8]) -> bool {
    !text.iter().any(u8::is_ascii_uppercase) && text.iter().any(u8::is_ascii_lowercase)
}

/// As `bytes.istitle`.
pub fn is_title(text: &[u8]) -> bool {
    let mut found = false;
    let mut after_letter = false;
    for byte in text {
        if byte.is_ascii_uppercase() {
            if after_letter {
                return false;
            }
            found = true;
        } else if byte.is_ascii_lowercase() && !after_letter {
            return false;
        }
        after_letter = byte.is_ascii_alphabetic();
    }
    found
}

/// As `bytes.translate`: drops the bytes in `delete`, then maps the others by `table` (256 bytes; a byte beyond a
/// shorter table stays).
pub fn translate(text: &[u8], table: Option<&[u8]>, delete: &[u8]) -> Vec<u8> {
    let mut dropped = [false; 256];
    for &byte in delete {
        dropped[usize::from(byte)] = true;
    }
    let map = |byte: u8| table.and_then(|table| table.get(usize::from(byte)).copied()).unwrap_or(byte);
    text.iter().filter(|&&byte| !dropped[usize::from(byte)]).map(|&byte| map(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        assert_eq!(title(b"hello wORLD's 3rd \xe9x"), b"Hello World'S 3Rd \xe9X");
        assert_eq!(capitalize(b"hELLO\xC9"), b"Hello\xC9");
        assert_eq!(swap_case(b"aBc@`[{"), b"AbC@`[{");
        assert_eq!(upper(b"a\xe9"), b"A\xe9");
        assert_eq!(lower(b"A\xc9"), b"a\xc9");
    }

    #[test]
    fn predicates() {
        assert!(is_title(b"Ab 3Cd") && !is_title(b"AB") && !is_title(b"") && !is_title(b"ab"));
        assert!(is_upper(b"A1") && !is_upper(b"Aa") && !is_upper(b"1") && is_lower(b"a1"));
        assert!(is_space(b" \t\x0b\x0c") && !is_space(b"\x1c") && !is_space(b""));
        assert!(is_alnum(b"a1") && is_alpha(b"ab") && is_digit(b"12") && !is_alpha(b"\xe9"));
    }

    #[test]
    fn translating() {
        let table: Vec<u8> = (0..=255u8).map(|byte| byte.wrapping_add(1)).collect();
        assert_eq!(translate(b"abc", Some(&table), b"b"), b"bd");
        assert_eq!(translate(b"abc", None, b"a"), b"bc");
    }
}
