//! Unicode 16.0 properties, as CPython 3.14's.
use crate::Outcome;
use crate::wtf8::{Wtf8, Wtf8Buf};
pub fn is_alpha(c: u32) -> bool { todo!() }
pub fn is_decimal(c: u32) -> bool { todo!() }
pub fn is_digit(c: u32) -> bool { todo!() }
pub fn is_numeric(c: u32) -> bool { todo!() }
pub fn is_alnum(c: u32) -> bool { todo!() }
pub fn is_space(c: u32) -> bool { todo!() }
pub fn is_line_break(c: u32) -> bool { todo!() }
pub fn is_upper(c: u32) -> bool { todo!() }
pub fn is_lower(c: u32) -> bool { todo!() }
pub fn is_title(c: u32) -> bool { todo!() }
pub fn is_printable(c: u32) -> bool { todo!() }
pub fn is_identifier_start(c: u32) -> bool { todo!() }
pub fn is_identifier_continue(c: u32) -> bool { todo!() }
pub fn decimal_value(c: u32) -> Option<u8> { todo!() }
pub fn digit_value(c: u32) -> Option<u8> { todo!() }
pub fn numeric_value(c: u32) -> Option<f64> { todo!() }
pub fn simple_lower(c: u32) -> u32 { todo!() }
pub fn simple_upper(c: u32) -> u32 { todo!() }
pub fn simple_title(c: u32) -> u32 { todo!() }
/// "Lu" ...
pub fn category(c: u32) -> &'static str { todo!() }
pub fn bidirectional(c: u32) -> &'static str { todo!() }
pub fn combining(c: u32) -> u8 { todo!() }
pub fn mirrored(c: u32) -> bool { todo!() }
pub fn east_asian_width(c: u32) -> &'static str { todo!() }
/// As unicodedata.decomposition.
pub fn decomposition(c: u32) -> String { todo!() }
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form { Nfc, Nfd, Nfkc, Nfkd }
pub fn normalize(form: Form, text: &Wtf8) -> Outcome<Wtf8Buf> { todo!() }
pub fn is_normalized(form: Form, text: &Wtf8) -> bool { todo!() }
/// NFKC of an identifier; None: already so (always for ASCII).
pub fn normalize_identifier(name: &str) -> Option<String> { todo!() }
