//! `complex`: a pair of floats in a cell.

use countless_common::number::complex::{self as algorithms, Complex as Pair};
use countless_common::number::hash as hashing;
use countless_common::{Outcome, format_spec};
use countless_gc::{Header, Tracer};

use super::str::Str;
use super::type_object::TypeObject;
use super::{float, ids, int};
use crate::exceptions::ExceptionKind;
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::protocol::{number, object};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell. Immutable.
#[repr(C)]
pub struct Complex {
    header: Header,
    re: f64,
    im: f64,
}

/// The layout of complex numbers.
pub static LAYOUT: Layout = Layout::of::<Complex>("complex", ids::COMPLEX, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, all zero is 0j; there are no traced fields.
unsafe impl Cell for Complex {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl Complex {
    /// The value.
    pub fn pair(&self) -> Pair {
        Pair { re: self.re, im: self.im }
    }
}

impl Cx {
    /// A complex number.
    pub fn new_complex(&self, pair: Pair) -> Value {
        self.allocate(Complex { header: Header::default(), re: pair.re, im: pair.im }).value()
    }
}

/// The value of a complex number or an instance of a subclass; `None` for anything else.
pub fn as_pair(cx: &Cx, value: Value) -> Option<Pair> {
    Some(value.downcast::<Complex>(cx)?.pair())
}

/// The value of what has `__complex__`, or is a real number: as the functions of `cmath` read their arguments.
pub fn from_number(cx: &Cx, value: Value) -> PyResult<Pair> {
    match from_method(cx, value)? {
        Some(pair) => Ok(pair),
        None => Ok(Pair { re: float::from_number(cx, value)?, im: 0.0 }),
    }
}

/// The value of a complex number, or what `__complex__` answers.
fn from_method(cx: &Cx, value: Value) -> PyResult<Option<Pair>> {
    if let Some(complex) = value.exact::<Complex>() {
        return Ok(Some(complex.pair()));
    }
    if !value.is_cell() || value.is_exactly(ids::INT) || value.is_exactly(ids::FLOAT) {
        return Ok(None);
    }
    let Some(method) = cx.lookup_special(value, cx.names().__complex__)? else { return Ok(None) };
    let result = cx.call_found(method, &[])?;
    if let Some(complex) = result.exact::<Complex>() {
        return Ok(Some(complex.pair()));
    }
    let kind = result.class_name(cx);
    let Some(pair) = as_pair(cx, result) else {
        return Err(raise!(cx, TypeError, "__complex__ returned non-complex (type {kind})"));
    };
    let message = format!(
        "__complex__ returned non-complex (type {kind}).  The ability to return an instance of a strict subclass of \
         complex is deprecated, and may be removed in a future version of Python."
    );
    cx.warn(ExceptionKind::DeprecationWarning, &message, 1)?;
    Ok(Some(pair))
}

// ---- arithmetic

/// An operand: a complex number, or a real one, which keeps the other part of a result untouched.
#[derive(Clone, Copy)]
enum Operand {
    Complex(Pair),
    Real(f64),
}

impl Operand {
    fn pair(self) -> Pair {
        match self {
            Operand::Complex(pair) => pair,
            Operand::Real(re) => Pair { re, im: 0.0 },
        }
    }
}

fn operand(cx: &Cx, value: Value) -> PyResult<Option<Operand>> {
    match as_pair(cx, value) {
        Some(pair) => Ok(Some(Operand::Complex(pair))),
        None => Ok(float::operand(cx, value)?.map(Operand::Real)),
    }
}

fn binary(cx: &Cx, left: Value, right: Value, operation: impl FnOnce(Operand, Operand) -> Outcome<Pair>) -> PyResult {
    let Some(a) = operand(cx, left)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(b) = operand(cx, right)? else { return Ok(Value::NOT_IMPLEMENTED) };
    match operation(a, b) {
        Ok(pair) => Ok(cx.new_complex(pair)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn add(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| {
        Ok(match (a, b) {
            (Operand::Complex(a), Operand::Complex(b)) => Pair { re: a.re + b.re, im: a.im + b.im },
            (Operand::Complex(a), Operand::Real(b)) => Pair { re: a.re + b, im: a.im },
            (Operand::Real(a), b) => Pair { re: a + b.pair().re, im: b.pair().im },
        })
    })
}

fn subtract(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| {
        Ok(match (a, b) {
            (Operand::Complex(a), Operand::Complex(b)) => Pair { re: a.re - b.re, im: a.im - b.im },
            (Operand::Complex(a), Operand::Real(b)) => Pair { re: a.re - b, im: a.im },
            (Operand::Real(a), b) => Pair { re: a - b.pair().re, im: -b.pair().im },
        })
    })
}

fn multiply(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| {
        Ok(match (a, b) {
            (Operand::Complex(a), Operand::Complex(b)) => algorithms::mul(a, b),
            (Operand::Complex(pair), Operand::Real(real)) | (Operand::Real(real), Operand::Complex(pair)) => {
                algorithms::mul_real(pair, real)
            }
            (Operand::Real(a), Operand::Real(b)) => Pair { re: a * b, im: 0.0 },
        })
    })
}

fn true_divide(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| match (a, b) {
        (Operand::Complex(a), Operand::Real(b)) => algorithms::div_by_real(a, b),
        (Operand::Real(a), Operand::Complex(b)) => algorithms::div_real(a, b),
        _ => algorithms::div(a.pair(), b.pair()),
    })
}

/// `base ** exponent` as complex numbers.
pub(super) fn power(cx: &Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    let Some(a) = operand(cx, base)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(b) = operand(cx, exponent)? else { return Ok(Value::NOT_IMPLEMENTED) };
    if !modulus.is_none() {
        return Err(cx.value_error("complex modulo"));
    }
    match algorithms::pow(a.pair(), b.pair()) {
        Ok(pair) => Ok(cx.new_complex(pair)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let Some(a) = as_pair(cx, left) else { return Ok(Value::NOT_IMPLEMENTED) };
    let equal = if let Some(b) = as_pair(cx, right) {
        a == b
    } else if let Some(b) = float::as_f64(cx, right) {
        a.re == b && a.im == 0.0
    } else if int::is_int(cx, right) {
        let real = cx.new_float(a.re);
        a.im == 0.0 && float::compare(cx, real, right, Comparison::Equal)? == Value::TRUE
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(equal == (comparison == Comparison::Equal)))
}

fn negative(cx: &Cx, this: Value) -> PyResult {
    let Pair { re, im } = own(cx, this);
    Ok(cx.new_complex(Pair { re: -re, im: -im }))
}

fn absolute(cx: &Cx, this: Value) -> PyResult {
    match algorithms::abs(own(cx, this)) {
        Ok(float) => Ok(cx.new_float(float)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

/// A receiver's value, which is known to be a complex number.
fn own(cx: &Cx, this: Value) -> Pair {
    as_pair(cx, this).unwrap_or(Pair { re: 0.0, im: 0.0 })
}

/// The number as a plain one: not an instance of a subclass.
fn plain(cx: &Cx, this: Value) -> PyResult {
    Ok(if this.is_exactly(ids::COMPLEX) { this } else { cx.new_complex(own(cx, this)) })
}

fn truth(cx: &Cx, this: Value) -> PyResult<bool> {
    let Pair { re, im } = own(cx, this);
    Ok(re != 0.0 || im != 0.0)
}

fn hash(cx: &Cx, this: Value) -> PyResult<i64> {
    let nan_hash = hashing::hash_address(this.identity() as usize);
    Ok(hashing::hash_complex(own(cx, this), nan_hash))
}

fn repr(cx: &Cx, this: Value) -> PyResult {
    Ok(cx.new_str(&algorithms::repr(own(cx, this))).value())
}

// ---- construction

static NEW: Signature<2> = Signature::new("complex", ["real", "imag"]);

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let pair = if args.len() == 1 && args.keyword_count() == 0 {
        from_object(cx, args.get(0).unwrap_or(Value::NONE))?
    } else {
        let [real, imag] = NEW.bind(cx, args)?;
        from_parts(cx, real, imag)?
    };
    instance(cx, class, pair)
}

fn instance(cx: &Cx, class: Ref<TypeObject>, pair: Pair) -> PyResult {
    if class == cx.builtin_type(ids::COMPLEX) {
        return Ok(cx.new_complex(pair));
    }
    let contents = Complex { header: Header::default(), re: pair.re, im: pair.im };
    Ok(cx.allocate_instance(class, contents).value())
}

/// `complex(value)`.
fn from_object(cx: &Cx, value: Value) -> PyResult<Pair> {
    if let Some(text) = value.downcast::<Str>(cx) {
        return algorithms::parse(text.as_wtf8()).map_err(|failure| cx.raise_failure(failure));
    }
    if let Some(pair) = from_method(cx, value)? {
        return Ok(pair);
    }
    let slots = &cx.type_of(value).slots;
    if slots.float().is_none() && slots.index().is_none() {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "complex() argument must be a string or a number, not {class}"));
    }
    Ok(Pair { re: float::from_number(cx, value)?, im: 0.0 })
}

/// `complex(real, imag)`: complex parts are deprecated, but count.
fn from_parts(cx: &Cx, real: Option<Value>, imag: Option<Value>) -> PyResult<Pair> {
    let mut pair = match real {
        Some(real) => part(cx, real, "real")?,
        None => Pair { re: 0.0, im: 0.0 },
    };
    let complex_real = real.is_some_and(|real| as_pair(cx, real).is_some());
    if let Some(imag) = imag {
        let other = part(cx, imag, "imag")?;
        if as_pair(cx, imag).is_some() {
            pair.re -= other.im;
        }
        pair.im = if complex_real { pair.im + other.re } else { other.re };
    }
    Ok(pair)
}

fn part(cx: &Cx, value: Value, name: &str) -> PyResult<Pair> {
    let pair = if name == "real" { from_method(cx, value)? } else { as_pair(cx, value) };
    let class = value.class_name(cx);
    if let Some(pair) = pair {
        let message = format!("complex() argument '{name}' must be a real number, not {class}");
        cx.warn(ExceptionKind::DeprecationWarning, &message, 1)?;
        return Ok(pair);
    }
    let slots = &cx.type_of(value).slots;
    if slots.float().is_none() && slots.index().is_none() {
        return Err(raise!(cx, TypeError, "complex() argument '{name}' must be a real number, not {class}"));
    }
    Ok(Pair { re: number::to_float(cx, value)?, im: 0.0 })
}

// ---- methods

fn class_from_number(cx: &Cx, class: Ref<TypeObject>, value: Value) -> PyResult {
    let pair = from_number(cx, value)?;
    let complex = cx.new_complex(pair);
    if class == cx.builtin_type(ids::COMPLEX) { Ok(complex) } else { cx.call(class.value(), &[complex]) }
}

fn conjugate(cx: &Cx, this: Value) -> PyResult {
    let Pair { re, im } = own(cx, this);
    Ok(cx.new_complex(Pair { re, im: -im }))
}

fn getnewargs(cx: &Cx, this: Value) -> PyResult {
    let Pair { re, im } = own(cx, this);
    let (re, im) = (cx.new_float(re), cx.new_float(im));
    Ok(cx.new_tuple(&[re, im]).value())
}

fn format(cx: &Cx, this: Value, spec: Value) -> PyResult {
    let spec = cx.str_argument(spec, "__format__")?;
    if spec.is_empty() {
        return object::str(cx, this).map(Value::from);
    }
    let locale = crate::runtime::locale::numeric();
    match format_spec::format_complex(own(cx, this), spec.as_wtf8(), &this.class_name(cx), &locale) {
        Ok(text) => Ok(cx.new_str_wtf8(&text).value()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn real(cx: &Cx, this: Value) -> PyResult {
    Ok(cx.new_float(own(cx, this).re))
}

fn imag(cx: &Cx, this: Value) -> PyResult {
    Ok(cx.new_float(own(cx, this).im))
}

static METHODS: &[Method] = &[
    Method::one(
        "from_number",
        class_from_number,
        "from_number($type, number, /)\n--\n\nMake a complex number of a number; text is refused.",
    )
    .on_class(),
    Method::none(
        "conjugate",
        conjugate,
        "conjugate($self, /)\n--\n\nReturn the number with its imaginary part negated.",
    ),
    Method::none("__complex__", plain, "__complex__($self, /)\n--\n\nReturn the number as exactly a complex."),
    Method::none("__getnewargs__", getnewargs, "__getnewargs__($self, /)\n--\n\n"),
    Method::one("__format__", format, "__format__($self, format_spec, /)\n--\n\nFormat the number as the spec says."),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("real", real, "the real part of a complex number"),
    GetSet::read_only("imag", imag, "the imaginary part of a complex number"),
];

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "complex(real=0, imag=0)\n--\n\nMake a complex number of text, of a number, or of its two parts.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        add: Some(add),
        subtract: Some(subtract),
        multiply: Some(multiply),
        true_divide: Some(true_divide),
        power: Some(power),
        negative: Some(negative),
        positive: Some(plain),
        absolute: Some(absolute),
        bool: Some(truth),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("complex", &LAYOUT)
};
