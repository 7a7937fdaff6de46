//! Functions about numbers and characters.

use countless_vm::native::args::{Args, Signature};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::number::{self, BinaryOperator};
use countless_vm::object::slots::SlotId;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::bytearray::ByteArray;
use countless_vm::types::bytes::Bytes;
use countless_vm::types::str::Str;
use countless_vm::types::type_attribute;

pub(super) fn abs(cx: &Cx, _module: Value, value: Value) -> PyResult {
    number::unary(cx, value, SlotId::absolute)
}

pub(super) fn divmod(cx: &Cx, _module: Value, left: Value, right: Value) -> PyResult {
    number::binary(cx, left, right, BinaryOperator::DivMod)
}

fn in_base(cx: &Cx, value: Value, base: u32, prefix: &str) -> PyResult {
    let int = number::index(cx, value)?;
    Ok(countless_vm::types::int::to_base(cx, int, base, prefix)?.value())
}

pub(super) fn bin(cx: &Cx, _module: Value, value: Value) -> PyResult {
    in_base(cx, value, 2, "0b")
}

pub(super) fn oct(cx: &Cx, _module: Value, value: Value) -> PyResult {
    in_base(cx, value, 8, "0o")
}

pub(super) fn hex(cx: &Cx, _module: Value, value: Value) -> PyResult {
    in_base(cx, value, 16, "0x")
}

pub(super) fn chr(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let int = number::index(cx, value)?;
    match number::as_index_i64(cx, int).and_then(|point| u32::try_from(point).ok()) {
        Some(point) if point < 0x11_0000 => Ok(cx.new_char(point).value()),
        _ => Err(cx.value_error("chr() arg not in range(0x110000)")),
    }
}

pub(super) fn ord(cx: &Cx, _module: Value, value: Value) -> PyResult {
    let (count, point) = if let Some(text) = value.downcast::<Str>(cx) {
        (text.len(), text.as_wtf8().code_points().next())
    } else if let Some(bytes) = value.downcast::<Bytes>(cx) {
        let bytes: Ref<Bytes> = bytes;
        (bytes.as_bytes().len(), bytes.as_bytes().first().map(|&byte| u32::from(byte)))
    } else if let Some(bytes) = value.downcast::<ByteArray>(cx) {
        (bytes.len(), bytes.get(cx, 0).map(u32::from))
    } else {
        let class = value.class_name(cx);
        return Err(raise!(cx, TypeError, "ord() expected string of length 1, but {class} found"));
    };
    match point {
        Some(point) if count == 1 => Ok(Value::int(i64::from(point))),
        _ => Err(raise!(cx, TypeError, "ord() expected a character, but string of length {count} found")),
    }
}

static POW: Signature<3> = Signature::new("pow", ["base", "exp", "mod"]).required(2);

pub(super) fn pow(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [base, exponent, modulus] = POW.bind(cx, args)?;
    let or_none = |value: Option<Value>| value.unwrap_or(Value::NONE);
    number::power(cx, or_none(base), or_none(exponent), or_none(modulus))
}

static ROUND: Signature<2> = Signature::new("round", ["number", "ndigits"]).required(1);

pub(super) fn round(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [value, digits] = ROUND.bind(cx, args)?;
    let value = value.unwrap_or(Value::NONE);
    let Some(method) = cx.lookup_special(value, cx.names().__round__)? else {
        let class = type_attribute::qualified_name(cx, cx.type_of(value))?;
        return Err(raise!(cx, TypeError, "type {} doesn't define __round__ method", class.as_wtf8()));
    };
    match digits.and_then(Value::not_none) {
        Some(digits) => cx.call_found(method, &[digits]),
        None => cx.call_found(method, &[]),
    }
}
