//! Case conversion of str, with the full mappings of Unicode and the context rule of the Greek final sigma.

use crate::Outcome;
use crate::failure::{grow, reserve};
use crate::unicode::{self, Mapped};
use crate::wtf8::{Wtf8, Wtf8Buf, push_code_point};

const CAPITAL_SIGMA: u32 = 0x3A3;
const SMALL_SIGMA: u32 = 0x3C3;
const FINAL_SIGMA: u32 = 0x3C2;

/// Text being written. The capacity is checked, since special mappings can make the text longer.
struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn for_text(text: &Wtf8) -> Outcome<Writer> {
        Ok(Writer { bytes: reserve(text.len())? })
    }

    #[inline]
    fn push(&mut self, point: u32) -> Outcome<()> {
        grow(&mut self.bytes, 4)?;
        push_code_point(&mut self.bytes, point);
        Ok(())
    }

    #[inline]
    fn push_mapped(&mut self, mapped: Mapped) -> Outcome<()> {
        mapped.iter().try_for_each(|point| self.push(point))
    }

    /// The lower case of the code point at `offset` of `text`.
    fn push_lower(&mut self, text: &Wtf8, offset: usize, point: u32) -> Outcome<()> {
        if point != CAPITAL_SIGMA {
            return self.push_mapped(unicode::to_lower(point));
        }
        self.push(if is_final(text, offset) { FINAL_SIGMA } else { SMALL_SIGMA })
    }

    fn finish(self) -> Wtf8Buf {
        Wtf8Buf::from_trusted_bytes(self.bytes)
    }
}

/// Whether the capital sigma at `offset` ends a word: a cased letter before it, none after it, ignorable ones skipped.
fn is_final(text: &Wtf8, offset: usize) -> bool {
    let significant = |point: &u32| !unicode::is_case_ignorable(*point);
    let before = text.slice(0..offset).code_points().rev().find(significant);
    let after = text.slice(offset + 2..text.len()).code_points().find(significant);
    before.is_some_and(unicode::is_cased) && !after.is_some_and(unicode::is_cased)
}

/// The text with a mapping of each code point.
fn map(text: &Wtf8, mapping: impl Fn(u32) -> Mapped) -> Outcome<Wtf8Buf> {
    let mut out = Writer::for_text(text)?;
    for point in text.code_points() {
        out.push_mapped(mapping(point))?;
    }
    Ok(out.finish())
}

/// The text with a mapping of each byte, all being ASCII.
fn map_ascii(text: &Wtf8, mapping: impl FnMut(u8) -> u8) -> Outcome<Wtf8Buf> {
    let mut bytes = reserve(text.len())?;
    bytes.extend(text.as_bytes().iter().copied().map(mapping));
    Ok(Wtf8Buf::from_trusted_bytes(bytes))
}

/// As `str.upper`.
pub fn upper(text: &Wtf8) -> Outcome<Wtf8Buf> {
    if text.is_ascii() {
        return map_ascii(text, |byte| byte.to_ascii_uppercase());
    }
    map(text, unicode::to_upper)
}

/// As `str.lower`.
pub fn lower(text: &Wtf8) -> Outcome<Wtf8Buf> {
    if text.is_ascii() {
        return map_ascii(text, |byte| byte.to_ascii_lowercase());
    }
    let mut out = Writer::for_text(text)?;
    for (offset, point) in text.code_point_indices() {
        out.push_lower(text, offset, point)?;
    }
    Ok(out.finish())
}

/// As `str.casefold`.
pub fn case_fold(text: &Wtf8) -> Outcome<Wtf8Buf> {
    if text.is_ascii() {
        return map_ascii(text, |byte| byte.to_ascii_lowercase());
    }
    map(text, unicode::to_fold)
}

/// As `str.title`.
pub fn title(text: &Wtf8) -> Outcome<Wtf8Buf> {
    let mut out = Writer::for_text(text)?;
    let mut after_cased = false;
    for (offset, point) in text.code_point_indices() {
        if after_cased {
            out.push_lower(text, offset, point)?;
        } else {
            out.push_mapped(unicode::to_title(point))?;
        }
        after_cased = unicode::is_cased(point);
    }
    Ok(out.finish())
}

/// As `str.capitalize`.
pub fn capitalize(text: &Wtf8) -> Outcome<Wtf8Buf> {
    let mut out = Writer::for_text(text)?;
    for (offset, point) in text.code_point_indices() {
        if offset == 0 {
            out.push_mapped(unicode::to_title(point))?;
        } else {
            out.push_lower(text, offset, point)?;
        }
    }
    Ok(out.finish())
}

/// As `str.swapcase`.
pub fn swap_case(text: &Wtf8) -> Outcome<Wtf8Buf> {
    let mut out = Writer::for_text(text)?;
    for (offset, point) in text.code_point_indices() {
        if unicode::is_upper(point) {
            out.push_lower(text, offset, point)?;
        } else if unicode::is_lower(point) {
            out.push_mapped(unicode::to_upper(point))?;
        } else {
            out.push(point)?;
        }
    }
    Ok(out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::new(text)
    }

    #[test]
    fn ascii() {
        assert_eq!(upper(w("aBc1")).unwrap(), "ABC1");
        assert_eq!(lower(w("aBc1")).unwrap(), "abc1");
        assert_eq!(title(w("hello wORLD's 3rd")).unwrap(), "Hello World'S 3Rd");
        assert_eq!(capitalize(w("hELLO")).unwrap(), "Hello");
        assert_eq!(swap_case(w("aBc")).unwrap(), "AbC");
        assert_eq!(capitalize(w("")).unwrap(), "");
    }

    #[test]
    fn special() {
        assert_eq!(upper(w("straße ŉ ﬃ")).unwrap(), "STRASSE ʼN FFI");
        assert_eq!(title(w("ßa ǆx ﬁx")).unwrap(), "Ssa ǅx Fix");
        assert_eq!(capitalize(w("ǆX")).unwrap(), "ǅx");
        assert_eq!(lower(w("İ")).unwrap(), "i\u{307}");
        assert_eq!(case_fold(w("ẞΣς")).unwrap(), "ssσσ");
        assert_eq!(swap_case(w("ßÉǅ")).unwrap(), "SSéǅ");
        let surrogate = Wtf8Buf::from_code_points([0xD800, 0xE9]);
        assert_eq!(upper(&surrogate).unwrap(), Wtf8Buf::from_code_points([0xD800, 0xC9]));
    }

    #[test]
    fn final_sigma() {
        assert_eq!(lower(w("ΑΣ ΣΑ ΑΣΑ Σ Α.Σ Α.Σ.Α ΑΣ\u{301}")).unwrap(), "ας σα ασα σ α.ς α.σ.α ας\u{301}");
        assert_eq!(title(w("ΑΣ ΣΣ")).unwrap(), "Ας Σς");
        assert_eq!(swap_case(w("αΣ")).unwrap(), "Ας");
        assert_eq!(capitalize(w("ΣΣ")).unwrap(), "Σς");
    }
}
