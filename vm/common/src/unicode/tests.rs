//! Every code point against CPython 3.14: the expected numbers are CRC-32s of the same bytes computed there.

use super::*;
use crate::strings;
use crate::testing::Crc;
use crate::wtf8::{Wtf8, Wtf8Buf};

fn crc_of_all(describe: impl Fn(u32, &mut Vec<u8>)) -> u32 {
    let mut crc = Crc::new();
    let mut bytes = Vec::new();
    for point in 0..0x11_0000 {
        bytes.clear();
        describe(point, &mut bytes);
        crc.add(&bytes);
    }
    crc.finish()
}

/// `text` with `\0` standing for the code point.
fn around(point: u32, text: &str) -> Wtf8Buf {
    text.chars().map(|character| if character == '\0' { point } else { character.into() }).collect()
}

#[test]
fn predicates() {
    let crc = crc_of_all(|point, out| {
        let text = Wtf8Buf::from_code_points([point]);
        let answers = [
            strings::is_alpha(&text),
            strings::is_decimal(&text),
            strings::is_digit(&text),
            strings::is_numeric(&text),
            strings::is_alnum(&text),
            strings::is_space(&text),
            strings::is_upper(&text),
            strings::is_lower(&text),
            strings::is_title(&text),
            strings::is_printable(&text),
            strings::is_identifier(&text),
            strings::is_identifier(&around(point, "a\0")),
            strings::split_lines(&*around(point, "a\0b"), false).count() == 2,
        ];
        out.extend(answers.map(u8::from));
    });
    assert_eq!(crc, 0x7968_3829);
}

#[test]
fn white_space_of_strip_and_split() {
    for point in 0..0x11_0000 {
        assert_eq!(<Wtf8 as strings::Text>::is_space(point), is_space(point));
        assert_eq!(<Wtf8 as strings::Text>::is_line_break(point), is_line_break(point));
    }
}

#[test]
fn case() {
    let crc = crc_of_all(|point, out| {
        let text = Wtf8Buf::from_code_points([point]);
        for convert in [strings::upper, strings::lower, strings::title, strings::case_fold, strings::swap_case] {
            out.extend(convert(&text).unwrap().as_bytes());
        }
        out.extend(strings::capitalize(&text).unwrap().as_bytes());
    });
    assert_eq!(crc, 0x839d_abdd);
}

#[test]
fn case_in_context() {
    let crc = crc_of_all(|point, out| {
        for pattern in ["\0Σ", "A\0Σ", "AΣ\0", "AΣ\0A"] {
            out.extend(strings::lower(&around(point, pattern)).unwrap().as_bytes());
        }
        out.extend(strings::title(&around(point, "\0aB")).unwrap().as_bytes());
    });
    assert_eq!(crc, 0x5be3_8913);
}

#[test]
fn properties() {
    let number = |value: Option<u8>| value.map_or("None".to_owned(), |value| value.to_string());
    let crc = crc_of_all(|point, out| {
        let line = format!(
            "{}{}{}{}{}{}{}{}",
            category(point),
            bidirectional(point),
            combining(point),
            u8::from(mirrored(point)),
            east_asian_width(point),
            decomposition(point),
            number(decimal_value(point)),
            number(digit_value(point))
        );
        out.extend(line.as_bytes());
    });
    assert_eq!(crc, 0x67c2_d114);
}

#[test]
fn numeric_values() {
    let crc = crc_of_all(|point, out| out.extend(numeric_value(point).unwrap_or(-1.0).to_le_bytes()));
    assert_eq!(crc, 0x92d0_7873);
}

const FORMS: [Form; 4] = [Form::Nfc, Form::Nfd, Form::Nfkc, Form::Nfkd];

#[test]
fn normalization_of_each() {
    let crc = crc_of_all(|point, out| {
        for form in FORMS {
            out.extend(normalize(form, &around(point, "\0")).unwrap().as_bytes());
        }
    });
    assert_eq!(crc, 0x6150_2c09);
}

#[test]
fn normalization_among_marks() {
    let crc = crc_of_all(|point, out| {
        let text = around(point, "a\u{301}\0\u{323}\u{301}e\0\0");
        for form in FORMS {
            let normal = normalize(form, &text).unwrap();
            assert!(is_normalized(form, &normal));
            out.extend(normal.as_bytes());
        }
    });
    assert_eq!(crc, 0x0a2b_5ee8);
}

#[test]
fn identifiers() {
    assert_eq!(normalize_identifier("abc"), None);
    assert_eq!(normalize_identifier("é"), None);
    assert_eq!(normalize_identifier("ﬁx").as_deref(), Some("fix"));
    assert_eq!(normalize_identifier("ℌ").as_deref(), Some("H"));
}
