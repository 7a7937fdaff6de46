//! Normalization forms of Unicode 16.0. Hangul is computed; the rest comes from the tables.

use super::{combining, lookup, tables as t};
use crate::Outcome;
use crate::failure::grow;
use crate::wtf8::{Wtf8, Wtf8Buf};

/// A normalization form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Canonical composition.
    Nfc,
    /// Canonical decomposition.
    Nfd,
    /// Compatibility composition.
    Nfkc,
    /// Compatibility decomposition.
    Nfkd,
}

impl Form {
    /// The form that `unicodedata` knows by this name.
    pub fn from_name(name: &str) -> Option<Form> {
        match name {
            "NFC" => Some(Form::Nfc),
            "NFD" => Some(Form::Nfd),
            "NFKC" => Some(Form::Nfkc),
            "NFKD" => Some(Form::Nfkd),
            _ => None,
        }
    }

    fn composes(self) -> bool {
        matches!(self, Form::Nfc | Form::Nfkc)
    }

    fn compatibility(self) -> bool {
        matches!(self, Form::Nfkc | Form::Nfkd)
    }

    /// Below this, every code point is itself in this form.
    fn first_affected(self) -> u32 {
        match self {
            Form::Nfc => 0x300,
            Form::Nfd => 0xC0,
            Form::Nfkc | Form::Nfkd => 0xA0,
        }
    }
}

const HANGUL: u32 = 0xAC00;
const HANGUL_COUNT: u32 = 11172;
const LEADING: u32 = 0x1100;
const LEADING_COUNT: u32 = 19;
const VOWEL: u32 = 0x1161;
const VOWEL_COUNT: u32 = 21;
const TRAILING: u32 = 0x11A7;
const TRAILING_COUNT: u32 = 28;

/// The tag's number and the code points; no points if there is no decomposition in the tables.
fn entry(point: u32) -> (u32, &'static [u32]) {
    let at = lookup(&t::DECOMPOSITION_PAGES, &t::DECOMPOSITION_DATA, point);
    let header = t::DECOMPOSITIONS[at];
    (header >> 8, &t::DECOMPOSITIONS[at + 1..][..(header & 0xFF) as usize])
}

/// As `unicodedata.decomposition`: hexadecimal code points, after a tag if it is not canonical.
pub fn decomposition(point: u32) -> String {
    if (HANGUL..HANGUL + HANGUL_COUNT).contains(&point) {
        let mut parts = Vec::new();
        decompose(point, false, &mut parts);
        return hexadecimal(String::new(), &parts);
    }
    let (tag, points) = entry(point);
    hexadecimal(String::from(t::TAGS[tag as usize]), points)
}

fn hexadecimal(mut text: String, points: &[u32]) -> String {
    for point in points {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&format!("{point:04X}"));
    }
    text
}

/// Appends the full decomposition. The tables' nesting is a few levels deep at most.
fn decompose(point: u32, compatibility: bool, out: &mut Vec<u32>) {
    if (HANGUL..HANGUL + HANGUL_COUNT).contains(&point) {
        let number = point - HANGUL;
        out.push(LEADING + number / (VOWEL_COUNT * TRAILING_COUNT));
        out.push(VOWEL + number / TRAILING_COUNT % VOWEL_COUNT);
        if !number.is_multiple_of(TRAILING_COUNT) {
            out.push(TRAILING + number % TRAILING_COUNT);
        }
        return;
    }
    let (tag, points) = entry(point);
    if points.is_empty() || (tag != 0 && !compatibility) {
        out.push(point);
        return;
    }
    for &part in points {
        decompose(part, compatibility, out);
    }
}

/// The one code point that two compose to.
fn compose(first: u32, second: u32) -> Option<u32> {
    if (LEADING..LEADING + LEADING_COUNT).contains(&first) && (VOWEL..VOWEL + VOWEL_COUNT).contains(&second) {
        let pair = (first - LEADING) * VOWEL_COUNT + (second - VOWEL);
        return Some(HANGUL + pair * TRAILING_COUNT);
    }
    let is_pair = (HANGUL..HANGUL + HANGUL_COUNT).contains(&first) && (first - HANGUL).is_multiple_of(TRAILING_COUNT);
    if is_pair && (TRAILING + 1..TRAILING + TRAILING_COUNT).contains(&second) {
        return Some(first + (second - TRAILING));
    }
    let found = t::COMPOSITIONS.binary_search_by_key(&(first, second), |&(a, b, _)| (a, b));
    found.ok().map(|at| t::COMPOSITIONS[at].2)
}

/// Puts each run of combining marks into canonical order.
fn reorder(points: &mut [u32]) {
    for run in points.chunk_by_mut(|_, &next| combining(next) != 0) {
        let first_mark = usize::from(run.first().is_some_and(|&first| combining(first) == 0));
        run[first_mark..].sort_by_key(|&point| combining(point));
    }
}

/// Composes in place; the points must be decomposed and in canonical order.
fn recompose(points: &mut Vec<u32>) {
    let mut kept = 0;
    let mut starter: Option<usize> = None;
    let mut last_class = 0;
    for at in 0..points.len() {
        let point = points[at];
        let class = combining(point);
        if let Some(base) = starter {
            // A mark is blocked from its starter by one of its own class or higher, a starter by anything between.
            let blocked = kept - base > 1 && last_class >= class;
            if !blocked && let Some(composed) = compose(points[base], point) {
                points[base] = composed;
                continue;
            }
        }
        points[kept] = point;
        if class == 0 {
            starter = Some(kept);
        }
        last_class = class;
        kept += 1;
    }
    points.truncate(kept);
}

/// As `unicodedata.normalize`.
pub fn normalize(form: Form, text: &Wtf8) -> Outcome<Wtf8Buf> {
    let first_affected = form.first_affected();
    if text.is_ascii() || text.code_points().all(|point| point < first_affected) {
        return Ok(text.to_wtf8_buf());
    }
    let mut points = Vec::new();
    for point in text.code_points() {
        if point < first_affected && !form.composes() {
            points.push(point);
        } else {
            decompose(point, form.compatibility(), &mut points);
        }
    }
    reorder(&mut points);
    if form.composes() {
        recompose(&mut points);
    }
    let mut bytes = Vec::new();
    grow(&mut bytes, points.len())?;
    let mut result = Wtf8Buf::from_trusted_bytes(bytes);
    result.extend(points);
    Ok(result)
}

/// As `unicodedata.is_normalized`.
pub fn is_normalized(form: Form, text: &Wtf8) -> bool {
    let first_affected = form.first_affected();
    text.is_ascii()
        || text.code_points().all(|point| point < first_affected)
        || normalize(form, text).is_ok_and(|normal| *normal == *text)
}

/// NFKC of an identifier; `None` if it is so already.
pub fn normalize_identifier(name: &str) -> Option<String> {
    if name.is_ascii() {
        return None;
    }
    let normal = normalize(Form::Nfkc, Wtf8::new(name)).ok()?;
    if *normal == *name {
        return None;
    }
    normal.into_string().ok()
}
