//! Bytes to text: byte order mark, PEP 263 declaration, UTF-8 checks, null bytes.
//!
//! UTF-8, ASCII, Latin-1 and Windows-1252 are decoded here; any other encoding is the business of a
//! callback, which may run a codec written in Python.

use super::error::{SyntaxError, SyntaxErrorKind};
use super::source::SourceText;

/// Where the bytes come from; Python words some errors accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A file that is run.
    File,
    /// A bytes object handed to `compile()`, `exec()` or `eval()`.
    Bytes,
}

/// Decodes with an encoding unknown here. The error is the message to show.
pub type Encoding<'a> = &'a mut dyn FnMut(&str, &[u8]) -> Result<String, String>;

/// What the first two lines declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// There is a UTF-8 byte order mark.
    pub has_bom: bool,
    /// The declared encoding, as written but for the normal names `utf-8` and `iso-8859-1`.
    pub encoding: Option<String>,
    /// The line that declares it, from 1.
    pub line: u32,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Decodes a source file or a bytes object.
pub fn decode(filename: &str, bytes: &[u8], origin: Origin, encoding: Encoding<'_>) -> Result<SourceText, SyntaxError> {
    check_null_bytes(bytes, origin)?;
    let declaration = declaration(bytes);
    let body = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let text = match declaration.encoding.as_deref() {
        Some(name) if declaration.has_bom && name != "utf-8" => {
            return Err(bom_conflict(body, &declaration, name));
        }
        None | Some("utf-8") => match std::str::from_utf8(body) {
            Ok(text) => text.to_string(),
            Err(error) => {
                let declared = declaration.encoding.is_some();
                return Err(not_utf8(filename, body, error.valid_up_to(), origin, declared));
            }
        },
        Some(name) => decode_with(name, body, origin, encoding)?,
    };
    check_null_bytes(text.as_bytes(), origin)?;
    Ok(SourceText::new(filename, text))
}

/// Takes text that is a string already.
pub fn from_text(filename: &str, text: &str) -> Result<SourceText, SyntaxError> {
    check_null_bytes(text.as_bytes(), Origin::Bytes)?;
    Ok(SourceText::new(filename, text))
}

/// Finds the byte order mark and the encoding declaration.
pub fn declaration(bytes: &[u8]) -> Declaration {
    let has_bom = bytes.starts_with(BOM);
    let body = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let mut declaration = Declaration { has_bom, encoding: None, line: 0 };
    for (at, line) in lines(body).take(2).enumerate() {
        let blank = line.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
        match blank {
            None => continue,
            Some(b'#') => {}
            Some(_) => break,
        }
        if let Some(name) = declared_encoding(line) {
            declaration.encoding = Some(normal_name(name));
            declaration.line = at as u32 + 1;
            break;
        }
    }
    declaration
}

/// Splits at `\n`, `\r\n` and `\r`; the ends are not included.
fn lines(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let end = end.unwrap_or(rest.len());
        let line = &rest[..end];
        let ending = if rest[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = &rest[(end + ending).min(rest.len())..];
        Some(line)
    })
}

/// The name after `coding:` or `coding=` in a comment.
fn declared_encoding(line: &[u8]) -> Option<&str> {
    let mut rest = line;
    while let Some(at) = rest.windows(6).position(|window| window == b"coding") {
        rest = &rest[at + 6..];
        if !matches!(rest.first(), Some(b':' | b'=')) {
            continue;
        }
        let name = rest[1..].trim_ascii_start();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let end = name.iter().position(|byte| !is_name(byte)).unwrap_or(name.len());
        if end > 0 {
            return std::str::from_utf8(&name[..end]).ok();
        }
    }
    None
}

/// `utf-8` and `iso-8859-1` for their common spellings; anything else as it is.
fn normal_name(name: &str) -> String {
    let lower: String = name.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |wanted: &str| lower.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    if is("utf-8") {
        "utf-8".to_string()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_string()
    } else {
        name.to_string()
    }
}

fn decode_with(name: &str, body: &[u8], origin: Origin, encoding: Encoding<'_>) -> Result<String, SyntaxError> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    // A file is decoded line by line, so positions count from the line's start there.
    let position = |at: usize| match origin {
        Origin::Bytes => at,
        Origin::File => at - body[..at].iter().rposition(|&b| b == b'\n').map_or(0, |n| n + 1),
    };
    match plain.as_str() {
        "iso88591" | "latin1" | "l1" | "latin" | "88591" => Ok(body.iter().map(|&byte| char::from(byte)).collect()),
        "ascii" | "usascii" | "646" => match body.iter().position(|byte| !byte.is_ascii()) {
            None => Ok(String::from_utf8_lossy(body).into_owned()),
            Some(at) => Err(codec_error(format!(
                "'ascii' codec can't decode byte 0x{:02x} in position {}: ordinal not in range(128)",
                body[at],
                position(at)
            ))),
        },
        "cp1252" | "windows1252" | "1252" => {
            let decoded: Result<String, usize> =
                body.iter().enumerate().map(|(at, &byte)| windows_1252(byte).ok_or(at)).collect();
            decoded.map_err(|at| {
                codec_error(format!(
                    "'charmap' codec can't decode byte 0x{:02x} in position {}: character maps to <undefined>",
                    body[at],
                    position(at)
                ))
            })
        }
        "utf8" | "u8" | "utf" | "cp65001" => match std::str::from_utf8(body) {
            Ok(text) => Ok(text.to_string()),
            Err(error) => {
                let at = error.valid_up_to();
                Err(codec_error(utf8_problem(body, at, position(at))))
            }
        },
        _ => encoding(name, body).map_err(codec_error),
    }
}

/// Code points of 0x80 to 0x9F in Windows-1252; 0 where it has none.
const WINDOWS_1252: [u16; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => match WINDOWS_1252[usize::from(byte - 0x80)] {
            0 => None,
            point => char::from_u32(u32::from(point)),
        },
        _ => Some(char::from(byte)),
    }
}

/// The message of the UTF-8 codec for the byte at `at`.
fn utf8_problem(body: &[u8], at: usize, position: usize) -> String {
    let length = match std::str::from_utf8(&body[at..]) {
        Err(error) => error.error_len(),
        Ok(_) => None,
    };
    let first = body[at];
    let reason = match length {
        None => "unexpected end of data",
        Some(1) if !(0xc2..=0xf4).contains(&first) => "invalid start byte",
        Some(_) => "invalid continuation byte",
    };
    let bytes = length.unwrap_or(body.len() - at);
    if bytes == 1 {
        format!("'utf-8' codec can't decode byte 0x{first:02x} in position {position}: {reason}")
    } else {
        let last = position + bytes - 1;
        format!("'utf-8' codec can't decode bytes in position {position}-{last}: {reason}")
    }
}

/// An error of a codec has neither a line nor a column.
fn codec_error(message: String) -> SyntaxError {
    SyntaxError {
        kind: SyntaxErrorKind::SyntaxError,
        message,
        line: Some(0),
        column: Some(-1),
        end_line: None,
        end_column: None,
        text: None,
        from_compiler: false,
    }
}

fn check_null_bytes(bytes: &[u8], origin: Origin) -> Result<(), SyntaxError> {
    let Some(at) = bytes.iter().position(|&byte| byte == 0) else {
        return Ok(());
    };
    let mut error = codec_error(String::new());
    match origin {
        Origin::Bytes => {
            error.message = "source code string cannot contain null bytes".to_string();
            error.line = None;
            error.column = None;
        }
        Origin::File => {
            let start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |n| n + 1);
            let line = bytes[..at].iter().filter(|&&byte| byte == b'\n').count() as u32 + 1;
            // What stands before is met first, also when it is not UTF-8.
            error.message = "source code cannot contain null bytes".to_string();
            error.line = Some(line);
            error.column = Some(0);
            error.text = Some(String::from_utf8_lossy(&bytes[start..at]).into_owned());
            if let Err(problem) = std::str::from_utf8(&bytes[..at])
                && declaration(bytes).encoding.is_none()
            {
                return Err(not_utf8("", bytes, problem.valid_up_to(), origin, false));
            }
        }
    }
    Err(error)
}

fn bom_conflict(body: &[u8], declaration: &Declaration, name: &str) -> SyntaxError {
    let line = lines(body).nth(declaration.line as usize - 1).unwrap_or_default();
    let text = String::from_utf8_lossy(line).into_owned();
    SyntaxError {
        kind: SyntaxErrorKind::SyntaxError,
        message: format!("encoding problem: {name} with BOM"),
        line: Some(declaration.line),
        column: Some(0),
        end_line: Some(declaration.line),
        end_column: Some(text.chars().count() as i64),
        text: Some(text),
        from_compiler: false,
    }
}

/// The error for bytes that are not UTF-8 where nothing else was declared.
fn not_utf8(filename: &str, body: &[u8], at: usize, origin: Origin, declared: bool) -> SyntaxError {
    let start = body[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |n| n + 1);
    let line_end = body[at..].iter().position(|&byte| byte == b'\n').map_or(body.len(), |n| at + n);
    let line = body[..at].iter().filter(|&&byte| byte == b'\n').count() as u32 + 1;
    let column = String::from_utf8_lossy(&body[start..at]).chars().count() as i64 + 1;
    let place = match origin {
        Origin::File => format!(" in file {filename}"),
        Origin::Bytes => String::new(),
    };
    let message = if declared && origin == Origin::File {
        format!("(unicode error) {}", utf8_problem(&body[..line_end], at, at - start))
    } else {
        format!(
            "Non-UTF-8 code starting with '\\x{:02x}'{place} on line {line}, but no encoding declared; \
             see https://peps.python.org/pep-0263/ for details",
            body[at]
        )
    };
    SyntaxError {
        kind: SyntaxErrorKind::SyntaxError,
        message,
        line: Some(line),
        column: Some(column),
        end_line: Some(line),
        end_column: Some(column),
        text: Some(String::from_utf8_lossy(&body[start..line_end]).into_owned()),
        from_compiler: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(bytes: &[u8]) -> Result<String, String> {
        let mut none = |name: &str, _: &[u8]| Err(format!("unknown encoding: {name}"));
        decode("m.py", bytes, Origin::Bytes, &mut none)
            .map(|source| source.text().to_string())
            .map_err(|error| error.message)
    }

    #[test]
    fn declared_encodings() {
        assert_eq!(run(b"\xef\xbb\xbfx").as_deref(), Ok("x"));
        assert_eq!(run(b"# -*- coding: latin-1 -*-\n'\xe9'").as_deref().map(|t| &t[26..]), Ok("'\u{e9}'"));
        assert_eq!(run(b"#!x\n# vim: set fileencoding=cp1252\n\x80").map(|t| t.ends_with('\u{20ac}')), Ok(true));
        assert_eq!(run(b"x = 1\n# coding: nowhere\n").map(|_| ()), Ok(()));
        assert_eq!(run(b"# coding: nowhere\n"), Err("unknown encoding: nowhere".into()));
        assert_eq!(run(b"\xef\xbb\xbf# coding: latin1\n"), Err("encoding problem: latin1 with BOM".into()));
    }

    #[test]
    fn broken_bytes() {
        assert!(run(b"a\n'\xe9'").unwrap_err().starts_with("Non-UTF-8 code starting with '\\xe9' on line 2,"));
        assert_eq!(run(b"a\0").unwrap_err(), "source code string cannot contain null bytes");
        assert_eq!(
            run(b"# coding: ascii\n\xe9").unwrap_err(),
            "'ascii' codec can't decode byte 0xe9 in position 16: ordinal not in range(128)"
        );
        assert_eq!(
            run(b"# coding: utf8\n\xed\xa0\x80").unwrap_err(),
            "'utf-8' codec can't decode byte 0xed in position 15: invalid continuation byte"
        );
    }

    #[test]
    fn newlines_are_universal() {
        assert_eq!(run(b"a\r\nb\rc").as_deref(), Ok("a\nb\nc"));
    }
}
