//! From the text of a specifier to a [`FormatSpec`].

use super::{Align, FormatSpec, Grouping, Sign, shown};
use crate::unicode;
use crate::wtf8::Wtf8;
use crate::{Failure, Outcome};

struct Reader<'a> {
    rest: &'a Wtf8,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u32> {
        self.rest.code_points().next()
    }

    fn skip(&mut self) {
        let mut points = self.rest.code_points();
        points.next();
        self.rest = points.as_wtf8();
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted.into());
        if found {
            self.skip();
        }
        found
    }

    /// A decimal number in digits of any script.
    fn number(&mut self) -> Outcome<Option<usize>> {
        let mut number: Option<usize> = None;
        while let Some(digit) = self.peek().and_then(unicode::decimal_value) {
            let grown = number.unwrap_or(0).checked_mul(10).and_then(|tens| tens.checked_add(digit.into()));
            number = grown.filter(|&value| value <= isize::MAX as usize);
            if number.is_none() {
                return Err(Failure::value("Too many decimal digits in format string"));
            }
            self.skip();
        }
        Ok(number)
    }

    fn grouping(&mut self) -> Outcome<Option<Grouping>> {
        let comma = self.take(',');
        let underscore = self.take('_');
        let comma_after = underscore && self.peek() == Some(','.into());
        if (comma && underscore) || comma_after {
            return Err(Failure::value("Cannot specify both ',' and '_'."));
        }
        Ok(if comma { Some(Grouping::Comma) } else { underscore.then_some(Grouping::Underscore) })
    }

    /// Fill and alignment.
    fn alignment(&mut self) -> (Option<u32>, Option<Align>) {
        let mut points = self.rest.code_points();
        let (first, second) = (points.next(), points.next());
        if let Some(align) = second.and_then(align) {
            self.rest = points.as_wtf8();
            return (first, Some(align));
        }
        let align = first.and_then(align);
        if align.is_some() {
            self.skip();
        }
        (None, align)
    }

    fn sign(&mut self) -> Option<Sign> {
        let sign = match char::from_u32(self.peek()?)? {
            '-' => Sign::Minus,
            '+' => Sign::Plus,
            ' ' => Sign::Space,
            _ => return None,
        };
        self.skip();
        Some(sign)
    }
}

fn align(point: u32) -> Option<Align> {
    match char::from_u32(point)? {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}

/// Parses a specifier. `type_name` is the type of the formatted object, for messages; `default_kind` is 0 for types
/// without a default presentation type.
pub fn parse(spec: &Wtf8, type_name: &str, default_kind: u8, default_align: Align) -> Outcome<FormatSpec> {
    let mut reader = Reader { rest: spec };
    let (fill, given_align) = reader.alignment();
    let sign = reader.sign();
    let no_negative_zero = reader.take('z');
    let alternate = reader.take('#');
    let zero_fill = fill.is_none() && reader.take('0');
    let fallback = if zero_fill && default_align == Align::Right { Align::AfterSign } else { default_align };
    let width = reader.number()?;
    let grouping = reader.grouping()?;
    let (mut precision, mut fraction_grouping) = (None, None);
    if reader.take('.') {
        precision = reader.number()?;
        fraction_grouping = reader.grouping()?;
        if precision.is_none() && fraction_grouping.is_none() {
            return Err(Failure::value("Format specifier missing precision"));
        }
    }
    let kind = reader.peek();
    if kind.is_some() {
        reader.skip();
    }
    if !reader.rest.is_empty() {
        let message = format!("Invalid format specifier '{spec}' for object of type '{type_name}'");
        return Err(Failure::value(message));
    }
    let parsed = FormatSpec {
        fill: fill.unwrap_or(if zero_fill { '0' } else { ' ' }.into()),
        align: given_align.unwrap_or(fallback),
        sign,
        no_negative_zero,
        alternate,
        width,
        grouping,
        precision,
        fraction_grouping,
        kind: kind.unwrap_or(default_kind.into()),
    };
    check_grouping(&parsed)?;
    Ok(parsed)
}

fn check_grouping(spec: &FormatSpec) -> Outcome<()> {
    let refuse = |grouping: Grouping| {
        let message = format!("Cannot specify '{}' with '{}'.", grouping.symbol(), shown(spec.kind));
        Err(Failure::value(message))
    };
    let kind = char::from_u32(spec.kind).unwrap_or('?');
    if let Some(grouping) = spec.grouping {
        let decimal = matches!(kind, 'd' | 'e' | 'f' | 'g' | 'E' | 'G' | '%' | 'F' | '\0');
        let binary = matches!(kind, 'b' | 'o' | 'x' | 'X');
        if !(decimal || (binary && grouping == Grouping::Underscore)) {
            return refuse(grouping);
        }
    }
    match spec.fraction_grouping {
        Some(grouping) if kind == 'n' => refuse(grouping),
        _ => Ok(()),
    }
}
