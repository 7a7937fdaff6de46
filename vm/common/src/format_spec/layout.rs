//! Putting a number together: sign, prefix, grouped digits, fraction, exponent and the fill around them.

use super::{Align, FormatSpec, Grouping, NumericLocale, Sign};
use crate::failure::reserve;
use crate::wtf8::{Wtf8Buf, encoded_len, push_code_point};
use crate::{Failure, Outcome};

/// Separators between groups of digits.
struct Separators<'a> {
    text: &'a str,
    /// As in [`NumericLocale`].
    sizes: &'a [u8],
}

/// The parts of a number as text, before layout.
pub(super) struct Number<'a> {
    pub negative: bool,
    /// `0x` and the like.
    pub prefix: &'a str,
    /// Digits before the point; empty for inf and nan.
    pub whole: &'a str,
    /// Digits behind the point; `None` if there is no point.
    pub fraction: Option<&'a str>,
    /// What follows: exponent, `%`, or all of inf and nan.
    pub rest: &'a str,
}

impl<'a> Number<'a> {
    /// Takes apart what `float::format` wrote.
    pub fn from_float(text: &'a str) -> Number<'a> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let digits_end = |text: &str| text.find(|symbol: char| !symbol.is_ascii_digit()).unwrap_or(text.len());
        let (whole, rest) = text.split_at(digits_end(text));
        let (fraction, rest) = match rest.strip_prefix('.') {
            Some(behind) => {
                let (fraction, rest) = behind.split_at(digits_end(behind));
                (Some(fraction), rest)
            }
            None => (None, rest),
        };
        Number { negative, prefix: "", whole, fraction, rest }
    }
}

fn separators<'a>(spec: &FormatSpec, locale: &'a NumericLocale) -> Separators<'a> {
    let is_binary = [b'b', b'o', b'x', b'X'].contains(&(spec.kind as u8));
    match spec.grouping {
        _ if spec.kind == u32::from(b'n') => Separators { text: &locale.thousands_separator, sizes: &locale.grouping },
        None => Separators { text: "", sizes: &[] },
        Some(Grouping::Comma) => Separators { text: ",", sizes: &[3] },
        Some(Grouping::Underscore) if is_binary => Separators { text: "_", sizes: &[4] },
        Some(Grouping::Underscore) => Separators { text: "_", sizes: &[3] },
    }
}

/// Sizes of the groups from the right; ends where all that is left is one group.
fn group_sizes(sizes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    const NO_MORE: u8 = 127;
    let mut at = 0;
    std::iter::from_fn(move || {
        let size = match sizes.get(at) {
            Some(&size) if size != 0 => {
                at += 1;
                size
            }
            _ => at.checked_sub(1).map(|last| sizes[last])?,
        };
        (size != NO_MORE).then_some(size.into())
    })
}

/// The groups of `digits` digits, from the right, widened by zeros until groups and separators take `minimum`
/// characters: how many characters each group has.
fn groups(separators: &Separators<'_>, digits: usize, minimum: usize) -> Outcome<Vec<usize>> {
    let gap = separators.text.chars().count() as isize;
    let mut wanted = isize::try_from(minimum).map_err(|_| Failure::Memory)?;
    let mut left = digits as isize;
    let mut groups = Vec::new();
    for size in group_sizes(separators.sizes) {
        let size = (size as isize).min(left.max(wanted).max(1));
        groups.try_reserve(1).map_err(|_| Failure::Memory)?;
        groups.push(size as usize);
        left -= size;
        wanted -= size;
        if left <= 0 && wanted <= 0 {
            return Ok(groups);
        }
        wanted -= gap;
    }
    groups.push(left.max(wanted).max(1) as usize);
    Ok(groups)
}

fn push_grouped(out: &mut Vec<u8>, separators: &Separators<'_>, digits: &str, groups: &[usize]) {
    let total: usize = groups.iter().sum();
    let zeros = total.saturating_sub(digits.len());
    let mut position = 0;
    for (number, &size) in groups.iter().rev().enumerate() {
        if number > 0 {
            out.extend(separators.text.bytes());
        }
        for place in position..position + size {
            out.push(if place < zeros { b'0' } else { digits.as_bytes()[place - zeros] });
        }
        position += size;
    }
}

/// The fraction's digits in groups of three from the left.
fn grouped_fraction(fraction: &str, grouping: Option<Grouping>) -> String {
    let Some(grouping) = grouping else {
        return fraction.to_owned();
    };
    let mut text = String::with_capacity(fraction.len() / 3 * 4 + 3);
    for (place, digit) in fraction.chars().enumerate() {
        if place > 0 && place % 3 == 0 {
            text.push(grouping.symbol());
        }
        text.push(digit);
    }
    text
}

/// Lays a number out to the width.
pub(super) fn lay_out(number: &Number<'_>, spec: &FormatSpec, locale: &NumericLocale) -> Outcome<Vec<u8>> {
    let sign = match spec.sign {
        _ if number.negative => "-",
        Some(Sign::Plus) => "+",
        Some(Sign::Space) => " ",
        _ => "",
    };
    let separators = separators(spec, locale);
    let is_local = spec.kind == u32::from(b'n');
    let point = if is_local { locale.decimal_point.as_str() } else { "." };
    let tail = match number.fraction {
        Some(fraction) => format!("{point}{}{}", grouped_fraction(fraction, spec.fraction_grouping), number.rest),
        None => number.rest.to_owned(),
    };
    let width = spec.width.unwrap_or(0);
    let outside = sign.len() + number.prefix.len() + tail.chars().count();
    let zero_fill = spec.fill == u32::from(b'0') && spec.align == Align::AfterSign;
    let minimum = if zero_fill { width.saturating_sub(outside) } else { 0 };
    let groups = match number.whole {
        "" => Vec::new(),
        whole => {
            // Zeros are written one by one: ask before.
            reserve(minimum)?;
            groups(&separators, whole.len(), minimum)?
        }
    };
    let gaps = groups.len().saturating_sub(1);
    let inside = groups.iter().sum::<usize>() + gaps * separators.text.chars().count();
    let padding = width.saturating_sub(outside + inside);
    let (before, between, behind) = spread(padding, spec.align);
    let content = outside + inside + tail.len() + gaps * separators.text.len();
    let fill_bytes = padding.checked_mul(encoded_len(spec.fill)).ok_or(Failure::Memory)?;
    let mut out = reserve(content.checked_add(fill_bytes).ok_or(Failure::Memory)?)?;
    push_fill(&mut out, spec.fill, before);
    out.extend(sign.bytes().chain(number.prefix.bytes()));
    push_fill(&mut out, spec.fill, between);
    push_grouped(&mut out, &separators, number.whole, &groups);
    out.extend(tail.bytes());
    push_fill(&mut out, spec.fill, behind);
    Ok(out)
}

/// How much of the padding goes before the sign, between sign and digits, and behind.
fn spread(padding: usize, align: Align) -> (usize, usize, usize) {
    match align {
        Align::Left => (0, 0, padding),
        Align::Right => (padding, 0, 0),
        Align::AfterSign => (0, padding, 0),
        Align::Center => (padding / 2, 0, padding - padding / 2),
    }
}

fn push_fill(out: &mut Vec<u8>, fill: u32, times: usize) {
    for _ in 0..times {
        push_code_point(out, fill);
    }
}

/// Fills text to the width.
pub(super) fn fill_text(text: &[u8], units: usize, spec: &FormatSpec) -> Outcome<Wtf8Buf> {
    let padding = spec.width.unwrap_or(0).saturating_sub(units);
    let (before, between, behind) = spread(padding, spec.align);
    // Text has no sign: it starts behind the fill, as at the right.
    let before = before + between;
    let fill_bytes = padding.checked_mul(encoded_len(spec.fill)).ok_or(Failure::Memory)?;
    let mut out = reserve(text.len().checked_add(fill_bytes).ok_or(Failure::Memory)?)?;
    push_fill(&mut out, spec.fill, before);
    out.extend_from_slice(text);
    push_fill(&mut out, spec.fill, behind);
    Ok(Wtf8Buf::from_trusted_bytes(out))
}
