//! Expectations computed by CPython 3.14; the checksums are those of the same random sequence there.

use super::*;
use crate::Failure;
use crate::number::Int;
use crate::number::hash::hash_float;
use crate::number::int::to_string;
use crate::testing::{Crc, Random};
use crate::wtf8::Wtf8;

fn crc(rounds: usize, describe: impl Fn(&mut Random) -> String) -> u32 {
    let mut random = Random(1);
    let mut crc = Crc::new();
    for _ in 0..rounds {
        crc.add(describe(&mut random).as_bytes());
    }
    crc.finish()
}

fn w(text: &str) -> &Wtf8 {
    Wtf8::new(text)
}

#[test]
fn many_reprs() {
    assert_eq!(crc(100_000, |random| repr(random.float())), 0xa51d_417b);
}

#[test]
fn many_hexes() {
    assert_eq!(crc(20_000, |random| to_hex(random.float())), 0xf813_c265);
    let mut random = Random(2);
    for _ in 0..20_000 {
        let x = random.float();
        assert_eq!(from_hex(w(&to_hex(x))), Ok(x));
    }
}

#[test]
fn many_ratios() {
    let text = |value: &Int| to_string(value.into(), 0).unwrap();
    let ratio = |random: &mut Random| {
        let (numerator, denominator) = as_integer_ratio(random.float()).unwrap();
        format!("({}, {})", text(&numerator), text(&denominator))
    };
    assert_eq!(crc(2000, ratio), 0x0128_894a);
}

#[test]
fn many_formats() {
    let formats = |random: &mut Random| {
        let x = random.float();
        let precision = (random.next() % 30) as usize;
        let plain = |conversion| format(x, conversion, precision, Flags::default()).unwrap();
        let alternate = Flags { alternate: true, ..Flags::default() };
        let dotted = Flags { add_dot_zero: true, ..Flags::default() };
        [
            plain(b'e'),
            plain(b'f'),
            plain(b'g'),
            format(x, b'g', precision, alternate).unwrap(),
            format(x, b'g', precision, dotted).unwrap(),
        ]
        .join(" ")
    };
    assert_eq!(crc(20_000, formats), 0xf848_29c2);
}

#[test]
fn many_roundings() {
    let rounded = |random: &mut Random| {
        let x = random.float();
        let digits = (random.next() % 40) as i64 - 20;
        repr(round_digits(x, digits).unwrap())
    };
    assert_eq!(crc(20_000, rounded), 0x7496_b695);
}

#[test]
fn many_divisions() {
    let divided = |random: &mut Random| {
        let x = random.float();
        let y = Some(random.float()).filter(|&y| y != 0.0).unwrap_or(1.0);
        assert_eq!(modulo(x, y).unwrap().to_bits(), div_mod(x, y).unwrap().1.to_bits());
        format!("({}, {}, {})", repr(floor_div(x, y).unwrap()), repr(modulo(x, y).unwrap()), hash_float(x).unwrap())
    };
    assert_eq!(crc(20_000, divided), 0xd50d_02ac);
}

#[test]
fn many_parsings() {
    let parsed = |random: &mut Random| {
        let (whole, fraction) = (random.next(), random.next());
        repr(parse(w(&format!("{whole}.{fraction}e{}", (random.next() % 700) as i64 - 350))).unwrap())
    };
    assert_eq!(crc(20_000, parsed), 0xbdad_e251);
}

#[test]
fn reprs() {
    for (x, text) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (1e16, "1e+16"),
        (9999999999999998.0, "9999999999999998.0"),
        (1e15, "1000000000000000.0"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (123456.789e100, "1.23456789e+105"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
        (f64::NAN, "nan"),
        (-f64::INFINITY, "-inf"),
        (-f64::NAN, "nan"),
        (2f64.powi(-44), "5.684341886080802e-14"),
        (0.1 + 0.2, "0.30000000000000004"),
    ] {
        assert_eq!(repr(x), text);
    }
}

#[test]
fn parsing() {
    for (text, x) in [
        (" 1_0.5_0e1_0 ", 10.5e10),
        ("infinity", f64::INFINITY),
        ("-iNF", f64::NEG_INFINITY),
        ("٣.٥", 3.5),
        ("1e400", f64::INFINITY),
        (".5", 0.5),
        ("5.", 5.0),
        ("+1E-2", 0.01),
        ("\u{3000}7\x1f", 7.0),
    ] {
        assert_eq!(parse(w(text)), Ok(x), "{text}");
    }
    assert!(parse(w("+nan")).unwrap().is_nan());
    for text in ["", ".", "1_", "1._5", "1e_5", "_1", "1e", "abc", "1\0", "1 2", "--1", "infin", "1e5.", "0x1", "é"] {
        let message = format!("could not convert string to float: {}", crate::quote::repr_str(w(text)).unwrap());
        assert_eq!(parse(w(text)), Err(Failure::value(message)));
    }
    assert_eq!(parse_bytes(b" 1.5 "), Ok(1.5));
    let refused = parse_bytes(b"a\xff").unwrap_err();
    assert_eq!(refused.message(), "could not convert string to float: b'a\\xff'");
}

#[test]
fn hexes() {
    for (text, x) in [
        ("0x1.8p3", 12.0),
        ("1p-1075", 0.0),
        (" -inf ", f64::NEG_INFINITY),
        (".8", 0.5),
        ("abc", 2748.0),
        ("0x0p99999999999999999999", 0.0),
        ("0x1p-1074", 5e-324),
        ("0x1.00000000000008p0", 1.0),
        ("0x1.000000000000081p0", 1.0000000000000002),
        ("-0x.4P-1", -0.125),
        ("0x1.fffffffffffff7fffp+1023", f64::MAX),
        ("0x0.00000000000008p-1022", 0.0),
        ("3p-1075", 1e-323),
    ] {
        assert_eq!(from_hex(w(text)), Ok(x), "{text}");
    }
    let invalid = Err(Failure::value("invalid hexadecimal floating-point string"));
    for text in ["", "0x.p1", "0x1.p", "1_0", "é", "0x", "1.2.3", "p1", "1p+"] {
        assert_eq!(from_hex(w(text)), invalid, "{text}");
    }
    let too_large = Err(Failure::overflow("hexadecimal value too large to represent as a float"));
    for text in ["0x1p1024", "0x1p99999999999999999999", "0x1.fffffffffffff8p+1023"] {
        assert_eq!(from_hex(w(text)), too_large);
    }
    assert_eq!(to_hex(f64::INFINITY), "inf");
}

#[test]
fn edges_of_rounding() {
    for (x, digits, rounded) in [
        (2.675, 2, 2.67),
        (25.0, -1, 20.0),
        (35.0, -1, 40.0),
        (15.5, -1, 20.0),
        (5e-324, 400, 5e-324),
        (-4.0, -1, -0.0),
        (6.0, -1, 10.0),
        (-0.4, 0, -0.0),
        (25.5, -1, 30.0),
        (1e300, -400, 0.0),
    ] {
        assert_eq!(round_digits(x, digits).map(f64::to_bits), Ok(f64::to_bits(rounded)), "{x} {digits}");
    }
    assert_eq!(round_digits(1.5e308, -308), Err(Failure::overflow("rounded value too large to represent")));
    assert!(round_digits(f64::NAN, 1).unwrap().is_nan());
    assert_eq!(round(2.5), Ok(Int::Small(2)));
    assert_eq!(ceil(-0.5), Ok(Int::Small(0)));
    assert_eq!(floor(-0.5), Ok(Int::Small(-1)));
}

#[test]
fn powers() {
    assert_eq!(pow(2.0, 10000.0), Err(Failure::Range));
    assert_eq!(pow(0.0, -1.0), Err(Failure::zero_division("zero to a negative power")));
    assert_eq!(pow(-8.0, 1.0 / 3.0), Ok(None));
    assert_eq!(pow(f64::INFINITY, 2.0), Ok(Some(f64::INFINITY)));
    assert_eq!(pow(-1.0, f64::INFINITY), Ok(Some(1.0)));
    assert_eq!(pow(1.0, f64::NAN), Ok(Some(1.0)));
    assert_eq!(pow(-2.0, 3.0), Ok(Some(-8.0)));
}

#[test]
fn huge_precision() {
    let text = format(0.1, b'f', 70_000, Flags::default()).unwrap();
    assert_eq!(text.len(), 70_002);
    assert!(text.starts_with("0.1000000000000000055511151231257827021181583404541015625000"));
    assert_eq!(format(1.0, b'e', 70_000, Flags::default()).unwrap().len(), 70_006);
    assert_eq!(format(0.1, b'g', 100_000, Flags::default()).unwrap().len(), 57);
    assert_eq!(format(1.0, b'f', usize::MAX, Flags::default()), Err(Failure::Memory));
    let quiet = Flags { no_negative_zero: true, ..Flags::default() };
    assert_eq!(format(-0.001, b'f', 2, quiet).unwrap(), "0.00");
    assert_eq!(format(-0.0, b'e', 1, quiet).unwrap(), "0.0e+00");
}
