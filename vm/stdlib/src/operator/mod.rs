//! `_operator`: the operators as functions.

mod getters;

use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::protocol::number::{self, BinaryOperator};
use countless_vm::object::protocol::{buffer, compare, item, iter, object};
use countless_vm::object::slots::{Comparison, SlotId};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;

/// Functions of two operands, by name.
macro_rules! operators {
    ($($name:ident = $function:ident($operator:ident);)*) => {
        $(fn $name(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
            number::$function(cx, a, b, BinaryOperator::$operator)
        })*
    };
}

operators! {
    add = binary(Add);
    sub = binary(Subtract);
    mul = binary(Multiply);
    matmul = binary(MatrixMultiply);
    truediv = binary(TrueDivide);
    floordiv = binary(FloorDivide);
    modulo = binary(Modulo);
    pow = binary(Power);
    lshift = binary(LeftShift);
    rshift = binary(RightShift);
    and = binary(And);
    xor = binary(Xor);
    or = binary(Or);
    iadd = inplace(Add);
    isub = inplace(Subtract);
    imul = inplace(Multiply);
    imatmul = inplace(MatrixMultiply);
    itruediv = inplace(TrueDivide);
    ifloordiv = inplace(FloorDivide);
    imod = inplace(Modulo);
    ipow = inplace(Power);
    ilshift = inplace(LeftShift);
    irshift = inplace(RightShift);
    iand = inplace(And);
    ixor = inplace(Xor);
    ior = inplace(Or);
}

macro_rules! comparisons {
    ($($name:ident = $comparison:ident;)*) => {
        $(fn $name(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
            compare::compare(cx, a, b, Comparison::$comparison)
        })*
    };
}

comparisons! {
    lt = Less;
    le = LessEqual;
    eq = Equal;
    ne = NotEqual;
    gt = Greater;
    ge = GreaterEqual;
}

/// Sequences only: numbers are refused even if they can be added.
fn concatenate(cx: &Cx, a: Value, b: Value, inplace: bool) -> PyResult {
    let slots = &cx.type_of(a).slots;
    if let Some(function) = slots.inplace_concatenate().filter(|_| inplace).or(slots.concatenate()) {
        return function(cx, a, b);
    }
    let is_sequence = |value: Value| cx.type_of(value).slots.subscript().is_some();
    if is_sequence(a) && is_sequence(b) {
        let function = if inplace { number::inplace } else { number::binary };
        return function(cx, a, b, BinaryOperator::Add);
    }
    Err(raise!(cx, TypeError, "'{}' object can't be concatenated", a.class_name(cx)))
}

fn concat(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
    concatenate(cx, a, b, false)
}

fn iconcat(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
    concatenate(cx, a, b, true)
}

fn contains(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
    item::contains(cx, a, b).map(Value::bool)
}

/// An iterator over what is searched.
fn searched(cx: &Cx, container: Value) -> PyResult {
    match iter::get_iter(cx, container) {
        Ok(iterator) => Ok(iterator),
        Err(raised) => {
            cx.ignore_if(raised, countless_vm::exceptions::ExceptionKind::TypeError)?;
            Err(raise!(cx, TypeError, "argument of type '{}' is not iterable", container.class_name(cx)))
        }
    }
}

fn index_of(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
    let iterator = searched(cx, a)?;
    let mut index = 0;
    while let Some(found) = iter::next(cx, iterator)? {
        if compare::equal(cx, found, b)? {
            return Ok(Value::length(index));
        }
        index += 1;
    }
    Err(cx.value_error("sequence.index(x): x not in sequence"))
}

fn count_of(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
    let iterator = searched(cx, a)?;
    let mut count = 0;
    while let Some(found) = iter::next(cx, iterator)? {
        count += usize::from(compare::equal(cx, found, b)?);
    }
    Ok(Value::length(count))
}

fn set_item(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [object, key, value] = args.exactly::<3>(cx, "setitem")?;
    item::set_item(cx, object, key, value)?;
    Ok(Value::NONE)
}

fn delete_item(cx: &Cx, _module: Value, object: Value, key: Value) -> PyResult {
    item::delete_item(cx, object, key)?;
    Ok(Value::NONE)
}

fn length_hint(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [object, default] = args.between::<2>(cx, "length_hint", 1)?;
    let default = match default {
        Some(default) => number::index_i64(cx, default)?,
        None => 0,
    };
    // No object has so many items.
    let hint = object::length_hint(cx, object.unwrap_or(Value::NONE), usize::MAX)?;
    Ok(cx.new_int(if hint == usize::MAX { default } else { hint as i64 }))
}

fn call(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    match args.get(0) {
        Some(callable) => cx.call_args(callable, args.skip(1)),
        None => Err(cx.type_error("call expected at least 1 argument, got 0")),
    }
}

/// Compares in a time that depends on the lengths only.
fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let other = if a.len() == b.len() { a } else { b };
    let difference =
        other.iter().zip(b).fold(u8::from(a.len() != b.len()), |all, (x, y)| std::hint::black_box(all | (x ^ y)));
    difference == 0
}

fn compare_digest(cx: &Cx, _module: Value, a: Value, b: Value) -> PyResult {
    if let (Some(a), Some(b)) = (a.downcast::<Str>(cx), b.downcast::<Str>(cx)) {
        if !a.is_ascii() || !b.is_ascii() {
            return Err(cx.type_error("comparing strings with non-ASCII characters is not supported"));
        }
        return Ok(Value::bool(same_bytes(a.as_bytes(), b.as_bytes())));
    }
    let has_buffer = |value: Value| cx.type_of(value).slots.buffer().is_some();
    if !has_buffer(a) && !has_buffer(b) && a.downcast::<Str>(cx).is_none() && b.downcast::<Str>(cx).is_none() {
        let (a, b) = (a.class_name(cx), b.class_name(cx));
        return Err(raise!(cx, TypeError, "unsupported operand types(s) or combination of types: '{a}' and '{b}'"));
    }
    let (a, b) = (buffer::bytes_of(cx, a)?, buffer::bytes_of(cx, b)?);
    Ok(Value::bool(same_bytes(&a, &b)))
}

macro_rules! row {
    ($name:literal, $function:expr, $doc:literal) => {
        Method::two($name, $function, concat!($name, "($module, a, b, /)\n--\n\nSame as ", $doc, "."))
    };
}

macro_rules! unary {
    ($name:literal, $slot:ident, $doc:literal) => {
        Method::one(
            $name,
            |cx, _module: Value, a| number::unary(cx, a, SlotId::$slot),
            concat!($name, "($module, a, /)\n--\n\nSame as ", $doc, "."),
        )
    };
}

static FUNCTIONS: &[Method] = &[
    Method::one(
        "truth",
        |cx, _module: Value, a| object::is_true(cx, a).map(Value::bool),
        "truth($module, a, /)\n--\n\nReturn True if a is true, False otherwise.",
    ),
    row!("contains", contains, "b in a (note reversed operands)"),
    Method::two("indexOf", index_of, "indexOf($module, a, b, /)\n--\n\nReturn the first index of b in a."),
    Method::two(
        "countOf",
        count_of,
        "countOf($module, a, b, /)\n--\n\nReturn the number of items in a which are, or which equal, b.",
    ),
    row!("is_", |_cx, _module: Value, a, b| Ok(Value::bool(a == b)), "a is b"),
    row!("is_not", |_cx, _module: Value, a, b| Ok(Value::bool(a != b)), "a is not b"),
    Method::one(
        "is_none",
        |_cx, _module: Value, a: Value| Ok(Value::bool(a.is_none())),
        "is_none($module, a, /)\n--\n\nSame as a is None.",
    ),
    Method::one(
        "is_not_none",
        |_cx, _module: Value, a: Value| Ok(Value::bool(!a.is_none())),
        "is_not_none($module, a, /)\n--\n\nSame as a is not None.",
    ),
    row!("add", add, "a + b"),
    row!("sub", sub, "a - b"),
    row!("mul", mul, "a * b"),
    row!("matmul", matmul, "a @ b"),
    row!("floordiv", floordiv, "a // b"),
    row!("truediv", truediv, "a / b"),
    row!("mod", modulo, "a % b"),
    unary!("neg", negative, "-a"),
    unary!("pos", positive, "+a"),
    unary!("abs", absolute, "abs(a)"),
    unary!("inv", invert, "~a"),
    unary!("invert", invert, "~a"),
    row!("lshift", lshift, "a << b"),
    row!("rshift", rshift, "a >> b"),
    Method::one(
        "not_",
        |cx, _module: Value, a| object::is_true(cx, a).map(|truth| Value::bool(!truth)),
        "not_($module, a, /)\n--\n\nSame as not a.",
    ),
    row!("and_", and, "a & b"),
    row!("xor", xor, "a ^ b"),
    row!("or_", or, "a | b"),
    row!("iadd", iadd, "a += b"),
    row!("isub", isub, "a -= b"),
    row!("imul", imul, "a *= b"),
    row!("imatmul", imatmul, "a @= b"),
    row!("ifloordiv", ifloordiv, "a //= b"),
    row!("itruediv", itruediv, "a /= b"),
    row!("imod", imod, "a %= b"),
    row!("ilshift", ilshift, "a <<= b"),
    row!("irshift", irshift, "a >>= b"),
    row!("iand", iand, "a &= b"),
    row!("ixor", ixor, "a ^= b"),
    row!("ior", ior, "a |= b"),
    row!("concat", concat, "a + b, for a and b sequences"),
    row!("iconcat", iconcat, "a += b, for a and b sequences"),
    row!("getitem", |cx, _module: Value, a, b| item::get_item(cx, a, b), "a[b]"),
    Method::many("setitem", set_item, "setitem($module, a, b, c, /)\n--\n\nSame as a[b] = c."),
    row!("delitem", delete_item, "del a[b]"),
    row!("pow", pow, "a ** b"),
    row!("ipow", ipow, "a **= b"),
    row!("eq", eq, "a == b"),
    row!("ne", ne, "a != b"),
    row!("lt", lt, "a < b"),
    row!("le", le, "a <= b"),
    row!("gt", gt, "a > b"),
    row!("ge", ge, "a >= b"),
    Method::one(
        "index",
        |cx, _module: Value, a| plain_index(cx, a),
        "index($module, a, /)\n--\n\nSame as a.__index__()",
    ),
    Method::many(
        "length_hint",
        length_hint,
        "length_hint($module, obj, default=0, /)\n--\n\nAn estimate of the number of items in obj.\n\n\
         If the object has __len__, the answer is exact; otherwise it may be wrong by any amount, and is\n\
         never below zero.",
    ),
    Method::two(
        "_compare_digest",
        compare_digest,
        "_compare_digest($module, a, b, /)\n--\n\nReturn 'a == b', without telling by the time it takes where they differ.\n\n\
         a and b must both be ASCII strings, or both bytes-like. The lengths may be told, but not the contents.",
    ),
    Method::many("call", call, "call($module, obj, /, *args, **kwargs)\n--\n\nSame as obj(*args, **kwargs)."),
];

/// `__index__` as an exact int.
fn plain_index(cx: &Cx, a: Value) -> PyResult {
    let int = number::index(cx, a)?;
    match int.as_bool() {
        Some(truth) => Ok(Value::int(truth.into())),
        None => Ok(int),
    }
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_operator",
    doc: "Operator interface.\n\nThis module exports a set of functions that correspond to the operators of Python. For\n\
          example, operator.add(x, y) is equivalent to the expression x+y.",
    functions: FUNCTIONS,
    types: &[&getters::ATTRIBUTE_TYPE, &getters::ITEM_TYPE, &getters::METHOD_TYPE],
    execute: None,
};
