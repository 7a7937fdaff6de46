//! Unicode 16.0 properties of code points, exactly as CPython 3.14 sees them.
//!
//! The tables are two-stage: a page number per 128 code points, then a record number per code point of the page.
//! A test checks every code point against digests computed by CPython.

mod normalize;
mod tables;
#[cfg(test)]
mod tests;

pub use normalize::{Form, decomposition, is_normalized, normalize, normalize_identifier};
use tables as t;

/// What the case methods and `is…` methods ask about a code point.
#[derive(Clone, Copy)]
struct CaseRecord {
    flags: u16,
    upper: i32,
    lower: i32,
    title: i32,
    fold: i32,
    simple_lower: i32,
    decimal: u8,
    digit: u8,
}

/// Mappings from here on are numbers of `SPECIAL`, not differences.
const FIRST_SPECIAL: i32 = 0x11_0000;

#[inline]
fn case_record(point: u32) -> &'static CaseRecord {
    &t::CASE_RECORDS[lookup(&t::CASE_PAGES, &t::CASE_DATA, point)]
}

#[inline]
fn property_record(point: u32) -> &'static (u8, u8, u8, u8, u8) {
    &t::PROPERTY_RECORDS[lookup(&t::PROPERTY_PAGES, &t::PROPERTY_DATA, point)]
}

/// The value of a two-stage table; that of the last code point for what is none.
#[inline]
fn lookup<P: Copy + Into<usize>, D: Copy + Into<usize>>(pages: &[P], data: &[D], point: u32) -> usize {
    let point = point.min(0x10_FFFF);
    let page: usize = pages[(point >> t::SHIFT) as usize].into();
    data[(page << t::SHIFT) | (point & ((1 << t::SHIFT) - 1)) as usize].into()
}

#[inline]
fn has(point: u32, flag: u16) -> bool {
    case_record(point).flags & flag != 0
}

macro_rules! predicates {
    ($($(#[$doc:meta])* $name:ident = $flags:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name(point: u32) -> bool {
            has(point, $flags)
        }
    )*};
}

predicates! {
    /// As `str.isalpha` of one character.
    is_alpha = t::ALPHA;
    /// As `str.isdecimal` of one character.
    is_decimal = t::DECIMAL;
    /// As `str.isdigit` of one character.
    is_digit = t::DIGIT;
    /// As `str.isnumeric` of one character.
    is_numeric = t::NUMERIC;
    /// As `str.isalnum` of one character.
    is_alnum = t::ALPHA | t::DECIMAL | t::DIGIT | t::NUMERIC;
    /// As `str.isspace` of one character.
    is_space = t::SPACE;
    /// Whether `str.splitlines` splits here.
    is_line_break = t::LINE_BREAK;
    /// Whether this is an upper case letter.
    is_upper = t::UPPER;
    /// Whether this is a lower case letter.
    is_lower = t::LOWER;
    /// Whether this is a title case letter.
    is_title = t::TITLE;
    /// As `str.isprintable` of one character.
    is_printable = t::PRINTABLE;
    /// Whether an identifier can start with this.
    is_identifier_start = t::IDENTIFIER_START;
    /// Whether an identifier can go on with this.
    is_identifier_continue = t::IDENTIFIER_CONTINUE;
    /// Whether this has case (the property `Cased`).
    is_cased = t::CASED;
    /// Whether this is skipped when the context of a final sigma is looked for.
    is_case_ignorable = t::CASE_IGNORABLE;
}

/// What `int()` and `float()` take this for.
#[inline]
pub fn decimal_value(point: u32) -> Option<u8> {
    let value = case_record(point).decimal;
    (value != 255).then_some(value)
}

/// As `unicodedata.digit`.
pub fn digit_value(point: u32) -> Option<u8> {
    let value = case_record(point).digit;
    (value != 255).then_some(value)
}

/// As `unicodedata.numeric`.
pub fn numeric_value(point: u32) -> Option<f64> {
    let next = t::NUMERIC_RUNS.partition_point(|run| run.0 <= point);
    let &(start, count, first, step) = t::NUMERIC_RUNS.get(next.checked_sub(1)?)?;
    (point - start < count).then(|| first + step * f64::from(point - start))
}

/// The one-to-one lower case mapping, which regular expressions use.
pub fn simple_lower(point: u32) -> u32 {
    point.wrapping_add_signed(case_record(point).simple_lower)
}

/// One to three code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapped {
    points: [u32; 3],
}

impl Mapped {
    /// The code points.
    #[inline]
    pub fn iter(self) -> impl Iterator<Item = u32> {
        let [first, rest @ ..] = self.points;
        std::iter::once(first).chain(rest.into_iter().take_while(|&point| point != 0))
    }
}

#[inline]
fn mapped(point: u32, mapping: i32) -> Mapped {
    let points = match usize::try_from(mapping - FIRST_SPECIAL) {
        Ok(special) => t::SPECIAL[special],
        Err(_) => [point.wrapping_add_signed(mapping), 0, 0],
    };
    Mapped { points }
}

/// The full upper case mapping.
#[inline]
pub fn to_upper(point: u32) -> Mapped {
    mapped(point, case_record(point).upper)
}

/// The full lower case mapping (without the context rule of the final sigma).
#[inline]
pub fn to_lower(point: u32) -> Mapped {
    mapped(point, case_record(point).lower)
}

/// The full title case mapping.
#[inline]
pub fn to_title(point: u32) -> Mapped {
    mapped(point, case_record(point).title)
}

/// The full case folding.
#[inline]
pub fn to_fold(point: u32) -> Mapped {
    mapped(point, case_record(point).fold)
}

/// As `unicodedata.category`: "Lu", …, "Cn".
pub fn category(point: u32) -> &'static str {
    t::CATEGORIES[usize::from(property_record(point).0)]
}

/// Whether Unicode 16.0 assigns the code point (its category is not "Cn").
pub fn is_assigned(point: u32) -> bool {
    property_record(point).0 != 0
}

/// As `unicodedata.bidirectional`.
pub fn bidirectional(point: u32) -> &'static str {
    t::BIDIRECTIONAL[usize::from(property_record(point).1)]
}

/// As `unicodedata.combining`.
pub fn combining(point: u32) -> u8 {
    property_record(point).2
}

/// As `unicodedata.mirrored`.
pub fn mirrored(point: u32) -> bool {
    property_record(point).3 != 0
}

/// As `unicodedata.east_asian_width`.
pub fn east_asian_width(point: u32) -> &'static str {
    t::WIDTHS[usize::from(property_record(point).4)]
}
