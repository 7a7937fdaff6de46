//! Names of characters, for `\N{…}` and `unicodedata`. Algorithmic names (Hangul, ideographs) included; characters
//! that Unicode 16.0 does not assign have none.

mod aliases;
mod sequences;

use crate::unicode;
use crate::wtf8::Wtf8Buf;
use aliases::ALIASES;
use sequences::SEQUENCES;

/// The name of a code point.
pub fn name(point: u32) -> Option<String> {
    let character = char::from_u32(point).filter(|_| unicode::is_assigned(point))?;
    Some(unicode_names2::name(character)?.to_string())
}

/// The code point of this name or alias, case ignored.
pub fn lookup_character(name: &str) -> Option<u32> {
    let upper = name.to_ascii_uppercase();
    if let Ok(at) = ALIASES.binary_search_by(|(alias, _)| (*alias).cmp(&upper)) {
        return Some(ALIASES[at].1);
    }
    let point = u32::from(unicode_names2::character(&upper)?);
    // The crate's matching is more lenient than Python's, and its Unicode newer.
    (self::name(point)? == upper).then_some(point)
}

/// As `unicodedata.lookup`: also named sequences, of several code points.
pub fn lookup(name: &str) -> Option<Wtf8Buf> {
    if let Some(point) = lookup_character(name) {
        return Some(Wtf8Buf::from_code_points([point]));
    }
    let upper = name.to_ascii_uppercase();
    let at = SEQUENCES.binary_search_by(|(sequence, _)| (*sequence).cmp(&upper)).ok()?;
    Some(SEQUENCES[at].1.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Crc;

    /// The checksum of all names as CPython 3.14 has them.
    #[test]
    fn every_name() {
        let mut crc = Crc::new();
        for point in 0..0x11_0000 {
            let name = name(point).unwrap_or_default();
            crc.add(name.as_bytes());
            crc.add(b"\n");
            if !name.is_empty() {
                assert_eq!(lookup_character(&name), Some(point), "{name}");
            }
        }
        assert_eq!(crc.finish(), 0x56fb_bbef);
    }

    #[test]
    fn lookups() {
        assert_eq!(lookup_character("latin small letter a"), Some(0x61));
        assert_eq!(lookup_character("LATIN SMALL LETTER  A"), None);
        assert_eq!(lookup_character("LATINSMALLLETTERA"), None);
        assert_eq!(lookup_character("LATIN_SMALL_LETTER_A"), None);
        assert_eq!(lookup_character("NULL"), Some(0));
        assert_eq!(lookup_character("bom"), Some(0xFEFF));
        assert_eq!(lookup_character("HANGUL SYLLABLE GAG"), Some(0xAC01));
        assert_eq!(lookup_character("cjk unified ideograph-4e00"), Some(0x4E00));
        assert_eq!(lookup_character("CJK UNIFIED IDEOGRAPH-04E00"), None);
        assert_eq!(lookup_character("KEYCAP DIGIT ONE"), None);
        assert_eq!(lookup("KEYCAP DIGIT ONE").unwrap(), "1\u{fe0f}\u{20e3}");
        assert_eq!(lookup("nothing of the kind"), None);
        assert_eq!(name(0), None);
        assert_eq!(name(0xD800), None);
        assert_eq!(name(0x32_0000), None);
    }
}
