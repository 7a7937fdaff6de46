//! Templates of `str.format`: literal text and fields, and the path that a field's name describes.
//!
//! This only takes templates apart. Looking names up, converting, and formatting nested fields inside a specifier (to
//! a depth of two, "Max string recursion exceeded") is the caller's.

use crate::unicode;
use crate::wtf8::Wtf8;
use crate::{Failure, Outcome};

/// Literal text, then perhaps a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Escaped braces are single already.
    pub literal: &'a Wtf8,
    /// What follows the text.
    pub field: Option<Field<'a>>,
}

/// `{name!conversion:spec}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// See [`split_field_name`].
    pub name: &'a Wtf8,
    /// A code point; for what is not `r`, `s` or `a` the caller raises [`unknown_conversion`].
    pub conversion: Option<u32>,
    /// Empty if there is none.
    pub spec: &'a Wtf8,
    /// Whether the specifier has braces, so is a template itself.
    pub nested: bool,
}

/// The parts of a template, in order; after an error there are no more.
pub fn parse(template: &Wtf8) -> Parts<'_> {
    Parts { template, position: 0 }
}

/// See [`parse`].
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    template: &'a Wtf8,
    position: usize,
}

impl<'a> Iterator for Parts<'a> {
    type Item = Outcome<Part<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.template.len() {
            return None;
        }
        let part = self.part();
        if part.is_err() {
            self.position = self.template.len();
        }
        Some(part)
    }
}

impl<'a> Parts<'a> {
    fn part(&mut self) -> Outcome<Part<'a>> {
        let bytes = self.template.as_bytes();
        let start = self.position;
        let Some(length) = memchr::memchr2(b'{', b'}', &bytes[start..]) else {
            self.position = bytes.len();
            return Ok(Part { literal: self.template.slice(start..bytes.len()), field: None });
        };
        let at = start + length;
        let next = bytes.get(at + 1);
        if next == Some(&bytes[at]) {
            self.position = at + 2;
            return Ok(Part { literal: self.template.slice(start..at + 1), field: None });
        }
        if bytes[at] == b'}' {
            return Err(Failure::value("Single '}' encountered in format string"));
        }
        if next.is_none() {
            return Err(Failure::value("Single '{' encountered in format string"));
        }
        self.position = at + 1;
        let field = self.field()?;
        Ok(Part { literal: self.template.slice(start..at), field: Some(field) })
    }

    fn field(&mut self) -> Outcome<Field<'a>> {
        let bytes = self.template.as_bytes();
        let start = self.position;
        let mut at = start;
        let ending = loop {
            match bytes.get(at) {
                None => return Err(Failure::value("expected '}' before end of string")),
                Some(b'{') => return Err(Failure::value("unexpected '{' in field name")),
                // Inside brackets nothing is special.
                Some(b'[') => at = memchr::memchr(b']', &bytes[at..]).map_or(bytes.len(), |length| at + length),
                Some(&ending @ (b'}' | b':' | b'!')) => break ending,
                Some(_) => at += 1,
            }
        };
        let name = self.template.slice(start..at);
        self.position = at + 1;
        let plain = Field { name, conversion: None, spec: Wtf8::new(""), nested: false };
        match ending {
            b'}' => Ok(plain),
            b':' => self.spec(plain),
            _ => self.conversion(plain),
        }
    }

    fn conversion(&mut self, field: Field<'a>) -> Outcome<Field<'a>> {
        let mut rest = self.template.slice(self.position..self.template.len()).code_points();
        let conversion = rest.next();
        if conversion.is_none() {
            return Err(Failure::value("end of string while looking for conversion specifier"));
        }
        let field = Field { conversion, ..field };
        let after = rest.next();
        self.position = self.template.len() - rest.as_wtf8().len();
        match after.and_then(char::from_u32) {
            Some('}') => Ok(field),
            Some(':') => self.spec(field),
            _ if after.is_none() => self.spec(field),
            _ => Err(Failure::value("expected ':' after conversion specifier")),
        }
    }

    fn spec(&mut self, field: Field<'a>) -> Outcome<Field<'a>> {
        let bytes = self.template.as_bytes();
        let start = self.position;
        let mut depth = 1usize;
        let mut nested = false;
        for brace in memchr::memchr2_iter(b'{', b'}', &bytes[start..]) {
            let at = start + brace;
            if bytes[at] == b'{' {
                nested = true;
                depth += 1;
                continue;
            }
            depth -= 1;
            if depth == 0 {
                self.position = at + 1;
                return Ok(Field { spec: self.template.slice(start..at), nested, ..field });
            }
        }
        Err(Failure::value("unmatched '{' in format spec"))
    }
}

/// "Unknown conversion specifier …".
pub fn unknown_conversion(conversion: u32) -> Failure {
    Failure::value(match conversion {
        0x21..=0x7E => format!("Unknown conversion specifier {}", conversion as u8 as char),
        _ => format!("Unknown conversion specifier \\x{conversion:x}"),
    })
}

/// What a field's name starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum First<'a> {
    /// Nothing: the next positional argument.
    Auto,
    /// A positional argument.
    Index(usize),
    /// A keyword argument.
    Name(&'a Wtf8),
}

/// A step from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access<'a> {
    /// `.name`
    Attribute(&'a Wtf8),
    /// `[0]`
    Index(usize),
    /// `[key]`, as a str.
    Key(&'a Wtf8),
}

/// Takes a field's name apart: `0.attribute[key]`.
pub fn split_field_name(name: &Wtf8) -> Outcome<(First<'_>, Accesses<'_>)> {
    let end = memchr::memchr2(b'.', b'[', name.as_bytes()).unwrap_or(name.len());
    let first = name.slice(0..end);
    let accesses = Accesses { rest: name.slice(end..name.len()) };
    if first.is_empty() {
        return Ok((First::Auto, accesses));
    }
    Ok((index(first)?.map_or(First::Name(first), First::Index), accesses))
}

/// The number that the text is, if it has only digits (of any script).
fn index(text: &Wtf8) -> Outcome<Option<usize>> {
    let mut number = 0usize;
    for point in text.code_points() {
        let Some(digit) = unicode::decimal_value(point) else {
            return Ok(None);
        };
        let grown = number.checked_mul(10).and_then(|tens| tens.checked_add(digit.into()));
        let fitting = grown.filter(|&value| value <= isize::MAX as usize);
        number = fitting.ok_or_else(|| Failure::value("Too many decimal digits in format string"))?;
    }
    Ok((!text.is_empty()).then_some(number))
}

/// The steps of a field's name; after an error there are no more.
#[derive(Clone, Debug)]
pub struct Accesses<'a> {
    rest: &'a Wtf8,
}

impl<'a> Iterator for Accesses<'a> {
    type Item = Outcome<Access<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.rest = Wtf8::new("");
        }
        Some(step)
    }
}

impl<'a> Accesses<'a> {
    fn step(&mut self) -> Outcome<Access<'a>> {
        let bytes = self.rest.as_bytes();
        let total = bytes.len();
        let (text, next) = match bytes[0] {
            b'.' => {
                let end = memchr::memchr2(b'.', b'[', &bytes[1..]).map_or(total, |length| 1 + length);
                (self.rest.slice(1..end), end)
            }
            b'[' => {
                let close = memchr::memchr(b']', bytes);
                let end = close.ok_or_else(|| Failure::value("Missing ']' in format string"))?;
                (self.rest.slice(1..end), end + 1)
            }
            _ => {
                return Err(Failure::value("Only '.' or '[' may follow ']' in format field specifier"));
            }
        };
        if text.is_empty() {
            return Err(Failure::value("Empty attribute in format string"));
        }
        let is_attribute = bytes[0] == b'.';
        self.rest = self.rest.slice(next..total);
        if is_attribute {
            return Ok(Access::Attribute(text));
        }
        Ok(index(text)?.map_or(Access::Key(text), Access::Index))
    }
}

/// Numbers the fields without a name, and refuses to mix them with numbered ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoNumber {
    next: usize,
    manual: bool,
}

impl AutoNumber {
    /// The index that the next nameless field stands for.
    pub fn auto(&mut self) -> Outcome<usize> {
        if self.manual {
            return Err(Failure::value("cannot switch from manual field specification to automatic field numbering"));
        }
        self.next += 1;
        Ok(self.next - 1)
    }

    /// A field has a number of its own.
    pub fn manual(&mut self) -> Outcome<()> {
        if self.next > 0 {
            return Err(Failure::value("cannot switch from automatic field numbering to manual field specification"));
        }
        self.manual = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn w(text: &str) -> &Wtf8 {
        Wtf8::new(text)
    }

    fn failure(template: &str) -> String {
        let error = parse(w(template)).find_map(Result::err);
        error.map(|error| error.message().to_owned()).unwrap_or_default()
    }

    /// The parts as `literal|name|conversion|spec`.
    fn shown(template: &str) -> Vec<String> {
        let show = |part: Part<'_>| match part.field {
            None => part.literal.to_string(),
            Some(field) => {
                let conversion = field.conversion.and_then(char::from_u32).map(String::from).unwrap_or_default();
                format!("{}|{}|{conversion}|{}", part.literal, field.name, field.spec)
            }
        };
        parse(w(template)).map(|part| show(part.unwrap())).collect()
    }

    #[test]
    fn templates() {
        assert_eq!(shown("a{0.b[c]!r:>{w}}é{{x}}{}"), ["a|0.b[c]|r|>{w}", "é{", "x}", "|||"]);
        assert_eq!(shown("{0[}]}"), ["|0[}]||"]);
        assert_eq!(shown("{0!}}"), ["|0|}|"]);
        assert_eq!(shown("{0!:}"), ["|0|:|"]);
        assert_eq!(shown(""), [""; 0]);
        let field = parse(w("{:{}}")).next().unwrap().unwrap().field.unwrap();
        assert!(field.nested);
    }

    #[test]
    fn malformed() {
        for (template, message) in [
            ("a}", "Single '}' encountered in format string"),
            ("a{", "Single '{' encountered in format string"),
            ("{a", "expected '}' before end of string"),
            ("{a[}", "expected '}' before end of string"),
            ("{0!", "end of string while looking for conversion specifier"),
            ("{0!r", "unmatched '{' in format spec"),
            ("{0!}", "unmatched '{' in format spec"),
            ("{0!rr}", "expected ':' after conversion specifier"),
            ("{0:{1}", "unmatched '{' in format spec"),
            ("{a{b}}", "unexpected '{' in field name"),
            ("{0}}", "Single '}' encountered in format string"),
        ] {
            assert_eq!(failure(template), message, "{template}");
        }
        assert_eq!(unknown_conversion(0x78).message(), "Unknown conversion specifier x");
        assert_eq!(unknown_conversion(0xE9).message(), "Unknown conversion specifier \\xe9");
    }

    #[test]
    fn names() {
        let (first, accesses) = split_field_name(w("0[x].y[1][-1]")).unwrap();
        assert_eq!(first, First::Index(0));
        let accesses: Outcome<Vec<_>> = accesses.collect();
        let expected = [Access::Key(w("x")), Access::Attribute(w("y")), Access::Index(1), Access::Key(w("-1"))];
        assert_eq!(accesses.unwrap(), expected);
        assert_eq!(split_field_name(w(".a")).unwrap().0, First::Auto);
        assert_eq!(split_field_name(w("1a")).unwrap().0, First::Name(w("1a")));
        assert_eq!(split_field_name(w("١")).unwrap().0, First::Index(1));
        let too_many = "Too many decimal digits in format string";
        assert_eq!(split_field_name(w("99999999999999999999")).unwrap_err().message(), too_many);
        for (name, message) in [
            ("a.", "Empty attribute in format string"),
            ("a[", "Missing ']' in format string"),
            ("a[]", "Empty attribute in format string"),
            ("a[1]x", "Only '.' or '[' may follow ']' in format field specifier"),
            ("a..b", "Empty attribute in format string"),
            ("a[99999999999999999999]", too_many),
        ] {
            let error = split_field_name(w(name)).unwrap().1.find_map(Result::err).unwrap();
            assert_eq!(error.message(), message, "{name}");
        }
    }

    #[test]
    fn numbering() {
        let mut numbers = AutoNumber::default();
        assert_eq!((numbers.auto(), numbers.auto()), (Ok(0), Ok(1)));
        assert!(numbers.manual().is_err());
        let mut numbers = AutoNumber::default();
        assert_eq!(numbers.manual(), Ok(()));
        assert!(numbers.auto().is_err());
    }
}
