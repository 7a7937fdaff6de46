//! The `is…` methods of str.

use crate::unicode;
use crate::wtf8::Wtf8;

/// Whether there are code points and all have the property.
fn all(text: &Wtf8, mut property: impl FnMut(u32) -> bool) -> bool {
    !text.is_empty() && text.code_points().all(&mut property)
}

/// As `str.isalpha`.
pub fn is_alpha(text: &Wtf8) -> bool {
    all(text, unicode::is_alpha)
}

/// As `str.isdigit`.
pub fn is_digit(text: &Wtf8) -> bool {
    all(text, unicode::is_digit)
}

/// As `str.isdecimal`.
pub fn is_decimal(text: &Wtf8) -> bool {
    all(text, unicode::is_decimal)
}

/// As `str.isnumeric`.
pub fn is_numeric(text: &Wtf8) -> bool {
    all(text, unicode::is_numeric)
}

/// As `str.isalnum`.
pub fn is_alnum(text: &Wtf8) -> bool {
    all(text, unicode::is_alnum)
}

/// As `str.isspace`.
pub fn is_space(text: &Wtf8) -> bool {
    all(text, unicode::is_space)
}

/// As `str.isprintable`.
pub fn is_printable(text: &Wtf8) -> bool {
    text.code_points().all(unicode::is_printable)
}

/// As `str.isidentifier`.
pub fn is_identifier(text: &Wtf8) -> bool {
    let mut points = text.code_points();
    points.next().is_some_and(unicode::is_identifier_start) && points.all(unicode::is_identifier_continue)
}

/// As `str.isupper`: some upper case letter, none of another case.
pub fn is_upper(text: &Wtf8) -> bool {
    let wrong = |point| unicode::is_lower(point) || unicode::is_title(point);
    !text.code_points().any(wrong) && text.code_points().any(unicode::is_upper)
}

/// As `str.islower`: some lower case letter, none of another case.
pub fn is_lower(text: &Wtf8) -> bool {
    let wrong = |point| unicode::is_upper(point) || unicode::is_title(point);
    !text.code_points().any(wrong) && text.code_points().any(unicode::is_lower)
}

/// As `str.istitle`: each run of cased letters starts with a capital, which is its only one.
pub fn is_title(text: &Wtf8) -> bool {
    let mut found = false;
    let mut after_cased = false;
    for point in text.code_points() {
        if unicode::is_upper(point) || unicode::is_title(point) {
            if after_cased {
                return false;
            }
            after_cased = true;
            found = true;
        } else if unicode::is_lower(point) {
            if !after_cased {
                return false;
            }
        } else {
            after_cased = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::new(text)
    }

    #[test]
    fn empty_text() {
        for predicate in [is_alpha, is_digit, is_space, is_upper, is_lower, is_title, is_identifier, is_alnum] {
            assert!(!predicate(w("")));
        }
        assert!(is_printable(w("")));
    }

    #[test]
    fn kinds() {
        assert!(is_alpha(w("aéß中")) && !is_alpha(w("a1")));
        assert!(is_digit(w("1²")) && !is_decimal(w("²")) && is_numeric(w("½")) && is_decimal(w("٣")));
        assert!(is_alnum(w("a½")) && is_space(w("\x1f \u{3000}")));
        assert!(is_identifier(w("_é1")) && !is_identifier(w("1a")) && is_identifier(w("℘·")));
        assert!(!is_printable(w("a\n")) && is_printable(w("a b")) && !is_printable(w("\u{a0}")));
    }

    #[test]
    fn cases() {
        assert!(is_upper(w("ABC 1")) && !is_upper(w("ABc")) && !is_upper(w("1")) && !is_upper(w("ǅ")));
        assert!(is_lower(w("abc 1")) && !is_lower(w("aBc")));
        assert!(is_title(w("Hello World")) && !is_title(w("HEllo")) && !is_title(w("hello")));
        assert!(is_title(w("ǅx A'B")) && !is_title(w("1")) && is_title(w("1A")));
    }
}
