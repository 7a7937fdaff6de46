//! The specifiers that most programs write (`05d`, `>8`, `x`, `.2f`), without an allocation. Whatever else there is goes
//! the general way, which gives the same text for these.

use std::fmt::Write;

/// Bytes that fit.
const ROOM: usize = 64;
/// The widest field that is made here; what it holds is shorter than the rest of the room.
const MAX_WIDTH: usize = 32;
/// More digits behind the point than this go the general way.
const MAX_PRECISION: usize = 12;

/// A short ASCII text.
pub struct QuickText {
    bytes: [u8; ROOM],
    length: usize,
}

impl QuickText {
    fn new() -> QuickText {
        QuickText { bytes: [b' '; ROOM], length: 0 }
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.length.checked_add(bytes.len())?;
        self.bytes.get_mut(self.length..end)?.copy_from_slice(bytes);
        self.length = end;
        Some(())
    }

    /// The content with fill around it.
    fn field(content: &[u8], layout: Layout) -> Option<QuickText> {
        let mut text = QuickText::new();
        let fill = layout.width.saturating_sub(content.len());
        let before = match layout.align {
            b'<' => 0,
            b'^' => fill / 2,
            _ => fill,
        };
        text.length = before;
        text.push(content)?;
        text.length += fill - before;
        (text.length <= ROOM).then_some(text)
    }
}

impl Write for QuickText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text.as_bytes()).ok_or(std::fmt::Error)
    }
}

/// Alignment by spaces and width.
#[derive(Clone, Copy)]
struct Layout {
    /// `<`, `>`, `^`, or 0 for the type's own.
    align: u8,
    width: usize,
}

/// Takes a number of at most two digits off the front.
fn number(spec: &[u8]) -> (usize, &[u8]) {
    let digits = spec.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = spec.split_at(digits);
    (number.iter().fold(0, |number, digit| number * 10 + usize::from(digit - b'0')), rest)
}

fn layout(spec: &[u8]) -> Option<(Layout, &[u8])> {
    let (align, rest) = match spec.first()? {
        align @ (b'<' | b'>' | b'^') => (*align, &spec[1..]),
        _ => (0, spec),
    };
    if rest.first() == Some(&b'0') {
        return None;
    }
    let (width, rest) = number(rest);
    (width <= MAX_WIDTH).then_some((Layout { align, width }, rest))
}

/// `format(value, spec)`; `None` if the specifier is not of the quick ones.
pub fn quick_int(value: i64, spec: &[u8]) -> Option<QuickText> {
    let zeros = spec.first() == Some(&b'0');
    let (layout, kind) = if zeros {
        let (width, kind) = number(&spec[1..]);
        (Layout { align: 0, width }, kind)
    } else {
        layout(spec)?
    };
    let mut digits = QuickText::new();
    match kind {
        b"" | b"d" => write!(digits, "{}", value.unsigned_abs()).ok()?,
        b"x" => write!(digits, "{:x}", value.unsigned_abs()).ok()?,
        _ => return None,
    }
    let mut content = QuickText::new();
    if value < 0 {
        content.push(b"-")?;
    }
    if zeros {
        if layout.width > MAX_WIDTH {
            return None;
        }
        while content.length + digits.length < layout.width {
            content.push(b"0")?;
        }
    }
    content.push(digits.as_bytes())?;
    QuickText::field(content.as_bytes(), layout)
}

/// The same for a float.
pub fn quick_float(value: f64, spec: &[u8]) -> Option<QuickText> {
    let (layout, rest) = layout(spec)?;
    let (precision, kind) = number(rest.strip_prefix(b".").filter(|rest| rest.first() != Some(&b'f'))?);
    if kind != b"f" || precision > MAX_PRECISION || !value.is_finite() || value.abs() >= 1e15 {
        return None;
    }
    let mut content = QuickText::new();
    write!(content, "{value:.precision$}").ok()?;
    QuickText::field(content.as_bytes(), layout)
}

/// The same for ASCII text.
pub fn quick_text(value: &[u8], spec: &[u8]) -> Option<QuickText> {
    let (layout, rest) = layout(spec)?;
    let align = if layout.align == 0 { b'<' } else { layout.align };
    rest.is_empty().then(|| QuickText::field(value, Layout { align, ..layout })).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{NumericLocale, format_float, format_int, format_str};
    use super::*;
    use crate::number::int::IntRef;
    use crate::wtf8::Wtf8;

    const SPECS: [&str; 24] = [
        "d", "x", "0", "5", "05d", "<5", ">12", "^7", "^8d", "02x", "016x", "08", "32", "033", "+d", "5,", ".2f",
        "8.3f", "<9.1f", ".0f", ".12f", "^30.5f", ".f", "010.2f",
    ];

    /// The quick text, if there is one, is the general one.
    fn check(quick: Option<QuickText>, general: crate::Outcome<crate::wtf8::Wtf8Buf>, spec: &str) {
        if let Some(quick) = quick {
            let general = general.unwrap_or_else(|_| panic!("{spec} is refused"));
            assert_eq!(quick.as_bytes(), general.as_bytes(), "{spec}");
        }
    }

    #[test]
    fn quick_is_general() {
        let locale = NumericLocale::default();
        for spec in SPECS {
            for value in [0, 1, -1, 7, 255, -4096, 12345, i64::MAX, i64::MIN] {
                let general = format_int(IntRef::Small(value), Wtf8::new(spec), "int", &locale, 0);
                check(quick_int(value, spec.as_bytes()), general, spec);
            }
            for value in [0.0, -0.0, 0.5, 1.5, 2.5, -2.675, 0.1, 1e14, 123456.789, 1e-7, f64::NAN, f64::INFINITY] {
                let general = format_float(value, Wtf8::new(spec), "float", &locale);
                check(quick_float(value, spec.as_bytes()), general, spec);
            }
            for value in ["", "a", "abcdefgh"] {
                let general = format_str(Wtf8::new(value), Wtf8::new(spec), "str");
                check(quick_text(value.as_bytes(), spec.as_bytes()), general, spec);
            }
        }
        assert!(quick_int(42, b"05d").is_some_and(|text| text.as_bytes() == b"00042"));
        assert!(quick_float(2.5, b"8.1f").is_some_and(|text| text.as_bytes() == b"     2.5"));
        assert!(quick_text(b"ab", b"^5").is_some_and(|text| text.as_bytes() == b" ab  "));
    }
}
