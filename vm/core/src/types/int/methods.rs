//! The methods of int, and its definition.

use countless_common::format_spec;
use countless_common::number::{hash as hashing, int as algorithms};

use super::arithmetic::{self, detached_if, is_huge};
use super::{Int, IntView, construct, max_digits, to_decimal, to_exact, view};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::protocol::{number, object};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The view of a receiver, which is known to be an int.
fn own<'a>(cx: &Cx, this: &'a Value) -> IntView<'a> {
    view(cx, this).unwrap_or(IntView::Small(0))
}

fn repr(cx: &Cx, this: Value) -> PyResult {
    if let Some(int) = this.as_small_int() {
        let mut buffer = itoa(int);
        return Ok(cx.new_str(buffer.text()).value());
    }
    let text = to_decimal(cx, this)?;
    Ok(cx.new_str(&text).value())
}

/// The digits of a small number, on the stack.
struct Digits {
    bytes: [u8; 20],
    start: usize,
}

impl Digits {
    fn text(&mut self) -> &str {
        std::str::from_utf8(&self.bytes[self.start..]).unwrap_or("")
    }
}

fn itoa(int: i64) -> Digits {
    let mut digits = Digits { bytes: [b'0'; 20], start: 20 };
    let mut rest = int.unsigned_abs();
    loop {
        digits.start -= 1;
        digits.bytes[digits.start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if int < 0 {
        digits.start -= 1;
        digits.bytes[digits.start] = b'-';
    }
    digits
}

fn hash(cx: &Cx, this: Value) -> PyResult<i64> {
    Ok(hashing::hash_int(own(cx, &this)))
}

fn truth(cx: &Cx, this: Value) -> PyResult<bool> {
    Ok(own(cx, &this).sign() != 0)
}

/// `int(self)`, `operator.index(self)`, `+self` and what else gives the plain int.
fn plain(cx: &Cx, this: Value) -> PyResult {
    Ok(to_exact(cx, this))
}

fn float(cx: &Cx, this: Value) -> PyResult {
    super::to_f64(cx, this).map(|float| cx.new_float(float))
}

fn bit_length(cx: &Cx, this: Value) -> PyResult {
    let bits = algorithms::bit_length(own(cx, &this));
    Ok(cx.new_int_from_u64(bits))
}

fn bit_count(cx: &Cx, this: Value) -> PyResult {
    let bits = algorithms::bit_count(own(cx, &this));
    Ok(cx.new_int_from_u64(bits))
}

fn as_integer_ratio(cx: &Cx, this: Value) -> PyResult {
    let this = to_exact(cx, this);
    Ok(cx.new_tuple(&[this, Value::int(1)]).value())
}

fn round(cx: &Cx, this: Value, digits: Option<Value>) -> PyResult {
    let Some(digits) = digits.and_then(Value::not_none) else { return Ok(to_exact(cx, this)) };
    let digits = number::index(cx, digits)?;
    let places = own(cx, &digits);
    if places.sign() >= 0 {
        return Ok(to_exact(cx, this));
    }
    let int = own(cx, &this);
    let rounded = detached_if(cx, is_huge(int), || algorithms::round(int, places));
    std::hint::black_box((&this, &digits));
    rounded.map(|int| cx.new_int(int)).map_err(|failure| cx.raise_failure(failure))
}

fn getnewargs(cx: &Cx, this: Value) -> PyResult {
    let this = to_exact(cx, this);
    Ok(cx.new_tuple(&[this]).value())
}

fn format(cx: &Cx, this: Value, spec: Value) -> PyResult {
    let spec = cx.str_argument(spec, "__format__")?;
    if spec.is_empty() {
        return object::str(cx, this).map(Value::from);
    }
    let locale = crate::runtime::locale::numeric();
    let text = format_spec::format_int(own(cx, &this), spec.as_wtf8(), &this.class_name(cx), &locale, max_digits(cx));
    match text {
        Ok(text) => Ok(cx.new_str_wtf8(&text).value()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn sizeof(cx: &Cx, this: Value) -> PyResult {
    let bytes = match this.downcast::<Int>(cx) {
        Some(int) => size_of::<Int>() + int.value.as_ref().map_or(0, Int::external_bytes),
        None => size_of::<Value>(),
    };
    Ok(Value::length(bytes))
}

fn is_integer(_: &Cx, _: Value) -> PyResult {
    Ok(Value::TRUE)
}

fn zero(_: &Cx, _: Value) -> PyResult {
    Ok(Value::int(0))
}

fn one(_: &Cx, _: Value) -> PyResult {
    Ok(Value::int(1))
}

static METHODS: &[Method] = &[
    Method::none(
        "conjugate",
        plain,
        "conjugate($self, /)\n--\n\nReturn the number itself: an int has no imaginary part.",
    ),
    Method::none("bit_length", bit_length, "bit_length($self, /)\n--\n\nHow many bits the absolute value needs."),
    Method::none("bit_count", bit_count, "bit_count($self, /)\n--\n\nHow many bits of the absolute value are set."),
    Method::many(
        "to_bytes",
        construct::to_bytes,
        "to_bytes($self, /, length=1, byteorder='big', *, signed=False)\n--\n\nReturn the number as an array of bytes.",
    ),
    Method::many(
        "from_bytes",
        construct::from_bytes,
        "from_bytes($type, /, bytes, byteorder='big', *, signed=False)\n--\n\nReturn the number that bytes stand for.",
    )
    .on_class(),
    Method::none(
        "as_integer_ratio",
        as_integer_ratio,
        "as_integer_ratio($self, /)\n--\n\nReturn a pair of ints whose ratio is the number.",
    ),
    Method::none("__trunc__", plain, "__trunc__($self, /)\n--\n\nTruncating an int gives the int itself."),
    Method::none("__floor__", plain, "__floor__($self, /)\n--\n\nThe floor of an int is the int itself."),
    Method::none("__ceil__", plain, "__ceil__($self, /)\n--\n\nThe ceiling of an int is the int itself."),
    Method::optional(
        "__round__",
        round,
        "__round__($self, ndigits=None, /)\n--\n\nRound to a multiple of a power of ten, ties to even.",
    ),
    Method::none("__getnewargs__", getnewargs, "__getnewargs__($self, /)\n--\n\n"),
    Method::one("__format__", format, "__format__($self, format_spec, /)\n--\n\nFormat the number as the spec says."),
    Method::none("__sizeof__", sizeof, "__sizeof__($self, /)\n--\n\nBytes of memory that the number takes."),
    Method::none("is_integer", is_integer, "is_integer($self, /)\n--\n\nTrue, for symmetry with float."),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("real", plain, "the real part of a complex number"),
    GetSet::read_only("imag", zero, "the imaginary part of a complex number"),
    GetSet::read_only("numerator", plain, "the numerator of a rational number in lowest terms"),
    GetSet::read_only("denominator", one, "the denominator of a rational number in lowest terms"),
];

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nMake an int of a number, or of text or bytes in the given base \
          (base 0: as the\nprefix of the literal says). Without arguments, 0.",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(construct::new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(arithmetic::compare),
        add: Some(arithmetic::add),
        subtract: Some(arithmetic::subtract),
        multiply: Some(arithmetic::multiply),
        true_divide: Some(arithmetic::true_divide),
        floor_divide: Some(arithmetic::floor_divide),
        modulo: Some(arithmetic::modulo),
        divmod: Some(arithmetic::divmod),
        power: Some(arithmetic::power),
        left_shift: Some(arithmetic::left_shift),
        right_shift: Some(arithmetic::right_shift),
        bit_and: Some(arithmetic::bit_and),
        bit_xor: Some(arithmetic::bit_xor),
        bit_or: Some(arithmetic::bit_or),
        negative: Some(arithmetic::negative),
        positive: Some(plain),
        absolute: Some(arithmetic::absolute),
        invert: Some(arithmetic::invert),
        bool: Some(truth),
        int: Some(plain),
        float: Some(float),
        index: Some(plain),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("int", &super::LAYOUT)
};
