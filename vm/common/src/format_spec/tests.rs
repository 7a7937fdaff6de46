//! Against what CPython 3.14 answered: `tests/data/format_spec.txt` has a line per case, of type, value, specifier and
//! result or `!Error: message`, with escapes for what is not ASCII.

use super::*;
use crate::number::complex::Complex;
use crate::number::int;
use crate::wtf8::{Wtf8, Wtf8Buf};
use crate::{Outcome, number::float};

const CASES: &str = include_str!("../../tests/data/format_spec.txt");

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let length = match &behind[..1] {
            "x" => 2,
            "u" => 4,
            "U" => 8,
            _ => panic!("{text}"),
        };
        let point = u32::from_str_radix(&behind[1..=length], 16).unwrap();
        out.push(char::from_u32(point).unwrap());
        rest = &behind[1 + length..];
    }
    out + rest
}

fn outcome(result: Outcome<Wtf8Buf>) -> String {
    match result {
        Ok(text) => text.into_string().unwrap(),
        Err(failure @ Failure::Overflow(_)) => format!("!OverflowError: {}", failure.message()),
        Err(failure) => format!("!ValueError: {}", failure.message()),
    }
}

fn float(text: &str) -> f64 {
    float::parse(Wtf8::new(text)).unwrap()
}

#[test]
fn as_cpython() {
    let locale = NumericLocale::default();
    for line in CASES.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, value, spec, expected] = fields[..] else { panic!("{line}") };
        let (spec, expected) = (unescape(spec), unescape(expected));
        let spec = Wtf8::new(&spec);
        let result = match kind {
            "i" => {
                let value = int::parse(Wtf8::new(value), 10, 0).unwrap();
                format_int(value.as_ref(), spec, "int", &locale, 4300)
            }
            "f" => format_float(float(value), spec, "float", &locale),
            "c" => {
                let (re, im) = value.split_once(',').unwrap();
                format_complex(Complex::new(float(re), float(im)), spec, "complex", &locale)
            }
            _ => format_str(Wtf8::new(&unescape(value)), spec, "str"),
        };
        assert_eq!(outcome(result), expected, "{line}");
    }
}

#[test]
fn sizes() {
    let locale = NumericLocale::default();
    let of_float = |spec: &str| format_float(1.5, Wtf8::new(spec), "float", &locale).unwrap_err();
    assert_eq!(of_float("99999999999999999999").message(), "Too many decimal digits in format string");
    assert_eq!(of_float(".2147483648f").message(), "precision too big");
    assert_eq!(of_float("9999999999999999"), Failure::Memory);
    assert_eq!(of_float("09999999999999999,"), Failure::Memory);
    assert_eq!(of_float("é<999999999999999999"), Failure::Memory);
}

#[test]
fn local_grouping() {
    let locale =
        NumericLocale { decimal_point: ",".to_owned(), thousands_separator: "·".to_owned(), grouping: vec![3, 2, 0] };
    let int = |value: i64, spec: &str| {
        format_int(value.into(), Wtf8::new(spec), "int", &locale, 0).unwrap().into_string().unwrap()
    };
    assert_eq!(int(123456789, "n"), "12·34·56·789");
    assert_eq!(int(1234, "012n"), "00·00·01·234");
    let text = format_float(1234.5, Wtf8::new("n"), "float", &locale).unwrap();
    assert_eq!(text, "1·234,5");
}
