//! `float`: in the word where the exponent allows it, else in a cell.
//!
//! Invariant: a value of exactly type float is a cell only if its bits do not fit the word; instances of subclasses are
//! always cells. Cells are immutable.

use std::cmp::Ordering;

use countless_common::number::{Int as Number, IntRef, float as algorithms, hash as hashing, int as int_algorithms};
use countless_common::{Outcome, format_spec};
use countless_gc::{Header, Tracer};

use super::ids;
use super::int;
use super::str::Str;
use super::type_object::TypeObject;
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::protocol::{buffer, number, object};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct Float {
    header: Header,
    value: f64,
}

/// The layout of floats.
pub static LAYOUT: Layout = Layout::of::<Float>("float", ids::FLOAT, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, all zero is 0.0; there are no traced fields.
unsafe impl Cell for Float {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl Cx {
    /// A float.
    #[inline(always)]
    pub fn new_float(&self, value: f64) -> Value {
        match Value::inline_float(value) {
            Some(value) => value,
            None => self.new_float_cell(value),
        }
    }

    #[inline(never)]
    fn new_float_cell(&self, value: f64) -> Value {
        self.allocate(Float { header: Header::default(), value }).value()
    }
}

/// The value of a float or of an instance of a subclass; `None` for anything else, ints included.
#[inline]
pub fn as_f64(cx: &Cx, value: Value) -> Option<f64> {
    match value.as_inline_float() {
        Some(float) => Some(float),
        None => Some(value.downcast::<Float>(cx)?.value),
    }
}

/// The value of exactly a float, no instance of a subclass; `None` for anything else.
#[inline]
pub fn exact_f64(value: Value) -> Option<f64> {
    match value.as_inline_float() {
        Some(float) => Some(float),
        None => Some(value.exact::<Float>()?.value),
    }
}

/// A receiver's value, which is known to be a float.
fn own(cx: &Cx, this: Value) -> f64 {
    as_f64(cx, this).unwrap_or(0.0)
}

/// The float as a plain one: not an instance of a subclass.
fn to_exact(cx: &Cx, value: Value) -> Value {
    if value.is_inline_float() || value.is_exactly(ids::FLOAT) { value } else { cx.new_float(own(cx, value)) }
}

/// An operand of arithmetic: a float or an int; `None` for anything else.
#[inline]
pub(super) fn operand(cx: &Cx, value: Value) -> PyResult<Option<f64>> {
    if let Some(float) = value.as_inline_float() {
        return Ok(Some(float));
    }
    if let Some(int) = value.as_small_int() {
        return Ok(Some(int as f64));
    }
    if let Some(float) = as_f64(cx, value) {
        return Ok(Some(float));
    }
    if int::is_int(cx, value) { int::to_f64(cx, value).map(Some) } else { Ok(None) }
}

#[inline]
fn binary(cx: &Cx, left: Value, right: Value, operation: impl FnOnce(f64, f64) -> Outcome<f64>) -> PyResult {
    let Some(a) = operand(cx, left)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(b) = operand(cx, right)? else { return Ok(Value::NOT_IMPLEMENTED) };
    match operation(a, b) {
        Ok(float) => Ok(cx.new_float(float)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

/// `left + right`, of which one is a float.
#[inline(never)]
pub fn add(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| Ok(a + b))
}

/// `left - right`, of which one is a float.
#[inline(never)]
pub fn subtract(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| Ok(a - b))
}

/// `left * right`, of which one is a float.
#[inline(never)]
pub fn multiply(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, |a, b| Ok(a * b))
}

/// `left / right`, of which one is a float.
#[inline(never)]
pub fn true_divide(cx: &Cx, left: Value, right: Value) -> PyResult {
    let Some(a) = operand(cx, left)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(b) = operand(cx, right)? else { return Ok(Value::NOT_IMPLEMENTED) };
    if b == 0.0 {
        return Err(cx.zero_division_error("division by zero"));
    }
    Ok(cx.new_float(a / b))
}

/// `left // right`, of which one is a float.
#[inline(never)]
pub fn floor_divide(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, algorithms::floor_div)
}

/// `left % right`, of which one is a float.
#[inline(never)]
pub fn modulo(cx: &Cx, left: Value, right: Value) -> PyResult {
    binary(cx, left, right, algorithms::modulo)
}

fn divmod(cx: &Cx, left: Value, right: Value) -> PyResult {
    let Some(a) = operand(cx, left)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(b) = operand(cx, right)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let (quotient, remainder) = algorithms::div_mod(a, b).map_err(|failure| cx.raise_failure(failure))?;
    let (quotient, remainder) = (cx.new_float(quotient), cx.new_float(remainder));
    Ok(cx.new_tuple(&[quotient, remainder]).value())
}

/// `base ** exponent`, of which one is a float.
#[inline(never)]
pub fn power(cx: &Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    if !modulus.is_none() {
        return Err(cx.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    }
    let Some(a) = operand(cx, base)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let Some(b) = operand(cx, exponent)? else { return Ok(Value::NOT_IMPLEMENTED) };
    match algorithms::pow(a, b) {
        Ok(Some(power)) => Ok(cx.new_float(power)),
        // A negative base and a fractional exponent.
        Ok(None) => super::complex::power(cx, cx.new_float(a), cx.new_float(b), Value::NONE),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

/// How two numbers compare, of which one is a float: `None` if one is nan; `Err(())` if one is no real number.
fn ordering(cx: &Cx, left: Value, right: Value) -> Result<Option<Ordering>, ()> {
    match (as_f64(cx, left), as_f64(cx, right)) {
        (Some(a), Some(b)) => Ok(a.partial_cmp(&b)),
        (Some(a), None) => {
            let b = int::view(cx, &right).ok_or(())?;
            Ok(int_algorithms::compare_float(b, a).map(Ordering::reverse))
        }
        (None, Some(b)) => {
            let a = int::view(cx, &left).ok_or(())?;
            Ok(int_algorithms::compare_float(a, b))
        }
        (None, None) => Err(()),
    }
}

/// `left <comparison> right`, of which one is a float.
pub fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    Ok(match ordering(cx, left, right) {
        Ok(Some(ordering)) => Value::bool(comparison.holds(ordering)),
        Ok(None) => Value::bool(comparison == Comparison::NotEqual),
        Err(()) => Value::NOT_IMPLEMENTED,
    })
}

fn negative(cx: &Cx, this: Value) -> PyResult {
    Ok(cx.new_float(-own(cx, this)))
}

fn absolute(cx: &Cx, this: Value) -> PyResult {
    Ok(cx.new_float(own(cx, this).abs()))
}

fn plain(cx: &Cx, this: Value) -> PyResult {
    Ok(to_exact(cx, this))
}

fn truth(cx: &Cx, this: Value) -> PyResult<bool> {
    Ok(own(cx, this) != 0.0)
}

fn hash(cx: &Cx, this: Value) -> PyResult<i64> {
    // nan hashes by identity, so that a set of many does not degenerate.
    Ok(hashing::hash_float(own(cx, this)).unwrap_or_else(|| hashing::hash_address(this.identity() as usize)))
}

fn repr(cx: &Cx, this: Value) -> PyResult {
    let mut text = Vec::with_capacity(24);
    algorithms::push_repr(&mut text, own(cx, this));
    Ok(cx.new_str_ascii(&text).value())
}

// ---- construction

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "float")?;
    let [value] = args.between::<1>(cx, "float", 0)?;
    if let Some(value) = value.filter(|value| value.is_exactly(ids::FLOAT) && class == cx.builtin_type(ids::FLOAT)) {
        return Ok(value);
    }
    let value = value.map_or(Ok(0.0), |value| from_object(cx, value))?;
    instance(cx, class, value)
}

/// A float of the class: the class's own constructor is not called.
fn instance(cx: &Cx, class: Ref<TypeObject>, value: f64) -> PyResult {
    if class == cx.builtin_type(ids::FLOAT) {
        return Ok(cx.new_float(value));
    }
    Ok(cx.allocate_instance(class, Float { header: Header::default(), value }).value())
}

/// What `float(value)` makes of text, bytes and numbers.
pub fn from_object(cx: &Cx, value: Value) -> PyResult<f64> {
    if let Some(text) = value.downcast::<Str>(cx) {
        return parsed(cx, algorithms::parse(text.as_wtf8()));
    }
    let class = cx.type_of(value);
    if class.slots.float().is_some() || class.slots.index().is_some() {
        return from_number(cx, value);
    }
    if class.slots.buffer().is_some() {
        let bytes = buffer::bytes_of(cx, value)?;
        return parsed(cx, algorithms::parse_bytes(&bytes));
    }
    let class = class.display_name();
    Err(raise!(cx, TypeError, "float() argument must be a string or a real number, not '{class}'"))
}

fn parsed(cx: &Cx, result: Outcome<f64>) -> PyResult<f64> {
    result.map_err(|failure| cx.raise_failure(failure))
}

/// The float of a number: a float, or what `__float__` or `__index__` give; TypeError for anything else.
pub fn from_number(cx: &Cx, value: Value) -> PyResult<f64> {
    if (value.is_cell() && !value.is_exactly(ids::FLOAT))
        && let class = cx.type_of(value)
        && let Some(function) = class.slots.float()
    {
        let result = function(cx, value)?;
        return checked_result(cx, class, result);
    }
    if let Some(float) = as_f64(cx, value) {
        return Ok(float);
    }
    if cx.type_of(value).slots.index().is_some() {
        let index = number::index(cx, value)?;
        return int::to_f64(cx, index);
    }
    Err(raise!(cx, TypeError, "must be real number, not {}", value.class_name(cx)))
}

/// What `__float__` returned.
fn checked_result(cx: &Cx, class: Ref<TypeObject>, result: Value) -> PyResult<f64> {
    if result.is_inline_float() || result.is_exactly(ids::FLOAT) {
        return Ok(own(cx, result));
    }
    let (class, kind) = (class.display_name(), result.class_name(cx));
    let Some(float) = as_f64(cx, result) else {
        return Err(raise!(cx, TypeError, "{class}.__float__ returned non-float (type {kind})"));
    };
    let message = format!(
        "{class}.__float__ returned non-float (type {kind}).  The ability to return an instance of a strict subclass of \
         float is deprecated, and may be removed in a future version of Python."
    );
    cx.warn(ExceptionKind::DeprecationWarning, &message, 1)?;
    Ok(float)
}

/// What a class method gives: a plain float, or what the class makes of it.
fn through_class(cx: &Cx, class: Ref<TypeObject>, value: f64) -> PyResult {
    let float = cx.new_float(value);
    if class == cx.builtin_type(ids::FLOAT) { Ok(float) } else { cx.call(class.value(), &[float]) }
}

fn class_from_number(cx: &Cx, class: Ref<TypeObject>, value: Value) -> PyResult {
    let float = from_number(cx, value)?;
    through_class(cx, class, float)
}

fn fromhex(cx: &Cx, class: Ref<TypeObject>, text: Value) -> PyResult {
    let Some(text) = text.downcast::<Str>(cx) else {
        return Err(cx.type_error("bad argument type for built-in operation"));
    };
    let float = parsed(cx, algorithms::from_hex(text.as_wtf8()))?;
    through_class(cx, class, float)
}

fn getformat(cx: &Cx, _: Ref<TypeObject>, kind: Value) -> PyResult {
    let kind = cx.str_argument(kind, "__getformat__")?;
    match kind.as_wtf8().as_bytes() {
        b"double" | b"float" => {
            let order = if cfg!(target_endian = "little") { "IEEE, little-endian" } else { "IEEE, big-endian" };
            Ok(cx.new_str(order).value())
        }
        _ => Err(cx.value_error("__getformat__() argument 1 must be 'double' or 'float'")),
    }
}

// ---- methods

fn integer(cx: &Cx, result: Outcome<Number>) -> PyResult {
    match result {
        Ok(number) => Ok(cx.new_int(number)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn trunc(cx: &Cx, this: Value) -> PyResult {
    integer(cx, int_algorithms::from_f64(own(cx, this)))
}

fn floor(cx: &Cx, this: Value) -> PyResult {
    integer(cx, algorithms::floor(own(cx, this)))
}

fn ceil(cx: &Cx, this: Value) -> PyResult {
    integer(cx, algorithms::ceil(own(cx, this)))
}

fn round(cx: &Cx, this: Value, digits: Option<Value>) -> PyResult {
    let float = own(cx, this);
    let Some(digits) = digits.and_then(Value::not_none) else { return integer(cx, algorithms::round(float)) };
    let digits = number::index(cx, digits)?;
    let digits = match int::view(cx, &digits) {
        Some(IntRef::Small(digits)) => digits,
        Some(view) if view.sign() < 0 => i64::MIN,
        _ => i64::MAX,
    };
    match algorithms::round_digits(float, digits) {
        Ok(rounded) => Ok(cx.new_float(rounded)),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn as_integer_ratio(cx: &Cx, this: Value) -> PyResult {
    let ratio = algorithms::as_integer_ratio(own(cx, this));
    let (numerator, denominator) = ratio.map_err(|failure| cx.raise_failure(failure))?;
    let (numerator, denominator) = (cx.new_int(numerator), cx.new_int(denominator));
    Ok(cx.new_tuple(&[numerator, denominator]).value())
}

fn hex(cx: &Cx, this: Value) -> PyResult {
    Ok(cx.new_str(&algorithms::to_hex(own(cx, this))).value())
}

fn is_integer(cx: &Cx, this: Value) -> PyResult {
    let float = own(cx, this);
    Ok(Value::bool(float.is_finite() && float.floor() == float))
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
    match format_spec::format_float(own(cx, this), spec.as_wtf8(), &this.class_name(cx), &locale) {
        Ok(text) => Ok(cx.new_str_wtf8(&text).value()),
        Err(failure) => Err(cx.raise_failure(failure)),
    }
}

fn imag(cx: &Cx, _: Value) -> PyResult {
    Ok(cx.new_float(0.0))
}

static METHODS: &[Method] = &[
    Method::one(
        "from_number",
        class_from_number,
        "from_number($type, number, /)\n--\n\nMake a float of a real number; text is refused.",
    )
    .on_class(),
    Method::none("conjugate", plain, "conjugate($self, /)\n--\n\nReturn the number itself: it has no imaginary part."),
    Method::none("__trunc__", trunc, "__trunc__($self, /)\n--\n\nThe nearest int between zero and the number."),
    Method::none("__floor__", floor, "__floor__($self, /)\n--\n\nThe largest int that is not above the number."),
    Method::none("__ceil__", ceil, "__ceil__($self, /)\n--\n\nThe smallest int that is not below the number."),
    Method::optional(
        "__round__",
        round,
        "__round__($self, ndigits=None, /)\n--\n\nRound, ties to even: to an int, or to a float with so many digits.",
    ),
    Method::none(
        "as_integer_ratio",
        as_integer_ratio,
        "as_integer_ratio($self, /)\n--\n\nReturn a pair of ints, in lowest terms, whose ratio is exactly the number.",
    ),
    Method::one("fromhex", fromhex, "fromhex($type, string, /)\n--\n\nMake a float of its hexadecimal form.")
        .on_class(),
    Method::none("hex", hex, "hex($self, /)\n--\n\nReturn the exact hexadecimal form."),
    Method::none("is_integer", is_integer, "is_integer($self, /)\n--\n\nWhether the number is a whole one."),
    Method::none("__getnewargs__", getnewargs, "__getnewargs__($self, /)\n--\n\n"),
    Method::one(
        "__getformat__",
        getformat,
        "__getformat__($type, typestr, /)\n--\n\nHow the C types 'double' and 'float' are represented. For tests only.",
    )
    .on_class(),
    Method::one("__format__", format, "__format__($self, format_spec, /)\n--\n\nFormat the number as the spec says."),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("real", plain, "the real part of a complex number"),
    GetSet::read_only("imag", imag, "the imaginary part of a complex number"),
];

/// The definition.
pub static TYPE: TypeDef = TypeDef {
    doc: "float(x=0, /)\n--\n\nMake a float of a number or of text.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        add: Some(add),
        subtract: Some(subtract),
        multiply: Some(multiply),
        true_divide: Some(true_divide),
        floor_divide: Some(floor_divide),
        modulo: Some(modulo),
        divmod: Some(divmod),
        power: Some(power),
        negative: Some(negative),
        positive: Some(plain),
        absolute: Some(absolute),
        bool: Some(truth),
        int: Some(trunc),
        float: Some(plain),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("float", &LAYOUT)
};
