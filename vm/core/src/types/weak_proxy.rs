//! `weakref.ProxyType` and `weakref.CallableProxyType`: weak references that pass on what is done to them.
//!
//! The cell is a weak reference's. Every slot takes the referents of its operands, which fails with ReferenceError if one
//! is dead, and does the operation with them.

use super::ids;
use super::type_object::TypeObject;
use super::weakref::{self, WeakRef};
use crate::interp::call::call_value;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Layout, Ref};
use crate::object::protocol::number::{self, BinaryOperator};
use crate::object::protocol::{self, compare, item, iter};
use crate::object::slots::{Comparison, SlotId, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// The layout of proxies.
pub static LAYOUT: Layout = Layout::of::<WeakRef>("weakref.ProxyType", ids::WEAK_PROXY, Some(&weakref::LAYOUT));

/// The layout of proxies of what can be called.
pub static CALLABLE_LAYOUT: Layout =
    Layout::of::<WeakRef>("weakref.CallableProxyType", ids::WEAK_CALLABLE_PROXY, Some(&weakref::LAYOUT));

/// `weakref.proxy(referent, callback)`.
pub fn new(cx: &Cx, referent: Value, callback: Option<Value>) -> PyResult {
    let callable = cx.type_of(referent).slots.call().is_some();
    let class: Ref<TypeObject> = cx.builtin_type(if callable { ids::WEAK_CALLABLE_PROXY } else { ids::WEAK_PROXY });
    Ok(weakref::new_reference(cx, class, referent, callback)?.value())
}

fn is_proxy(value: Value) -> bool {
    value.is_exactly(ids::WEAK_PROXY) || value.is_exactly(ids::WEAK_CALLABLE_PROXY)
}

#[cold]
fn dead(cx: &Cx) -> Raised {
    raise!(cx, ReferenceError, "weakly-referenced object no longer exists")
}

/// What a proxy stands for; anything else is itself.
fn referent(cx: &Cx, value: Value) -> PyResult {
    if !is_proxy(value) {
        return Ok(value);
    }
    // SAFETY: just checked.
    let proxy: Ref<WeakRef> = unsafe { Ref::from_value_unchecked(value) };
    proxy.get(cx).ok_or_else(|| dead(cx))
}

fn repr(cx: &Cx, proxy: Value) -> PyResult {
    let address = proxy.identity();
    // SAFETY: called from the slot of the two types only.
    let reference: Ref<WeakRef> = unsafe { Ref::from_value_unchecked(proxy) };
    let text = match reference.get(cx) {
        Some(target) => {
            let (class, target) = (target.class_name(cx), target.identity());
            format!("<weakproxy at {address:#x}; to '{class}' at {target:#x}>")
        }
        None => format!("<weakproxy at {address:#x}; dead>"),
    };
    Ok(cx.new_str(&text).value())
}

fn str(cx: &Cx, proxy: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    Ok(protocol::object::str(cx, target)?.value())
}

fn call(cx: &Cx, proxy: Value, args: Args<'_>) -> PyResult {
    let target = referent(cx, proxy)?;
    call_value(cx, target, args)
}

fn get_attribute(cx: &Cx, proxy: Value, name: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    cx.get_attribute(target, cx.attribute_name(name)?)
}

fn set_attribute(cx: &Cx, proxy: Value, name: Value, value: Option<Value>) -> PyResult<()> {
    let (target, name) = (referent(cx, proxy)?, cx.attribute_name(name)?);
    match value {
        Some(value) => cx.set_attribute(target, name, value),
        None => cx.delete_attribute(target, name),
    }
}

fn compare_targets(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (left, right) = (referent(cx, left)?, referent(cx, right)?);
    compare::compare(cx, left, right, comparison)
}

fn get_iter(cx: &Cx, proxy: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    iter::get_iter(cx, target)
}

fn next(cx: &Cx, proxy: Value) -> PyResult<Option<Value>> {
    let target = referent(cx, proxy)?;
    if cx.type_of(target).slots.next().is_none() {
        let class = target.class_name(cx);
        return Err(raise!(cx, TypeError, "Weakref proxy referenced a non-iterator '{class}' object"));
    }
    iter::next(cx, target)
}

fn length(cx: &Cx, proxy: Value) -> PyResult<usize> {
    let target = referent(cx, proxy)?;
    protocol::object::length(cx, target)
}

fn subscript(cx: &Cx, proxy: Value, key: Value) -> PyResult {
    let (target, key) = (referent(cx, proxy)?, referent(cx, key)?);
    item::get_item(cx, target, key)
}

fn assign_subscript(cx: &Cx, proxy: Value, key: Value, value: Option<Value>) -> PyResult<()> {
    let target = referent(cx, proxy)?;
    match value {
        Some(value) => item::set_item(cx, target, key, value),
        None => item::delete_item(cx, target, key),
    }
}

fn contains(cx: &Cx, proxy: Value, key: Value) -> PyResult<bool> {
    let target = referent(cx, proxy)?;
    item::contains(cx, target, key)
}

fn is_true(cx: &Cx, proxy: Value) -> PyResult<bool> {
    let target = referent(cx, proxy)?;
    protocol::object::is_true(cx, target)
}

fn power(cx: &Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    let (base, exponent, modulus) = (referent(cx, base)?, referent(cx, exponent)?, referent(cx, modulus)?);
    number::power(cx, base, exponent, modulus)
}

fn to_int(cx: &Cx, proxy: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    cx.call(cx.builtin_type(ids::INT).value(), &[target])
}

fn to_float(cx: &Cx, proxy: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    cx.call(cx.builtin_type(ids::FLOAT).value(), &[target])
}

fn index(cx: &Cx, proxy: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    number::index(cx, target)
}

/// Functions for the operators, by slot.
macro_rules! operators {
    ($($slot:ident: $function:ident = $operator:ident;)*) => {
        $(fn $slot(cx: &Cx, left: Value, right: Value) -> PyResult {
            let (left, right) = (referent(cx, left)?, referent(cx, right)?);
            number::$function(cx, left, right, BinaryOperator::$operator)
        })*
    };
}

operators! {
    add: binary = Add;
    subtract: binary = Subtract;
    multiply: binary = Multiply;
    matrix_multiply: binary = MatrixMultiply;
    true_divide: binary = TrueDivide;
    floor_divide: binary = FloorDivide;
    modulo: binary = Modulo;
    divmod: binary = DivMod;
    left_shift: binary = LeftShift;
    right_shift: binary = RightShift;
    bit_and: binary = And;
    bit_xor: binary = Xor;
    bit_or: binary = Or;
    inplace_add: inplace = Add;
    inplace_subtract: inplace = Subtract;
    inplace_multiply: inplace = Multiply;
    inplace_matrix_multiply: inplace = MatrixMultiply;
    inplace_true_divide: inplace = TrueDivide;
    inplace_floor_divide: inplace = FloorDivide;
    inplace_modulo: inplace = Modulo;
    inplace_power: inplace = Power;
    inplace_left_shift: inplace = LeftShift;
    inplace_right_shift: inplace = RightShift;
    inplace_and: inplace = And;
    inplace_xor: inplace = Xor;
    inplace_or: inplace = Or;
}

fn unary(cx: &Cx, proxy: Value, slot: SlotId) -> PyResult {
    let target = referent(cx, proxy)?;
    number::unary(cx, target, slot)
}

fn to_bytes(cx: &Cx, proxy: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    cx.call_method(target, cx.names().__bytes__, &[])
}

fn reversed(cx: &Cx, proxy: Value) -> PyResult {
    let target = referent(cx, proxy)?;
    cx.call_method(target, cx.names().__reversed__, &[])
}

const SLOTS: Slots = Slots {
    repr: Some(repr),
    str: Some(str),
    get_attribute: Some(get_attribute),
    set_attribute: Some(set_attribute),
    compare: Some(compare_targets),
    iter: Some(get_iter),
    next: Some(next),
    length: Some(length),
    subscript: Some(subscript),
    assign_subscript: Some(assign_subscript),
    contains: Some(contains),
    bool: Some(is_true),
    power: Some(power),
    int: Some(to_int),
    float: Some(to_float),
    index: Some(index),
    negative: Some(|cx, proxy| unary(cx, proxy, SlotId::negative)),
    positive: Some(|cx, proxy| unary(cx, proxy, SlotId::positive)),
    absolute: Some(|cx, proxy| unary(cx, proxy, SlotId::absolute)),
    invert: Some(|cx, proxy| unary(cx, proxy, SlotId::invert)),
    add: Some(add),
    subtract: Some(subtract),
    multiply: Some(multiply),
    matrix_multiply: Some(matrix_multiply),
    true_divide: Some(true_divide),
    floor_divide: Some(floor_divide),
    modulo: Some(modulo),
    divmod: Some(divmod),
    left_shift: Some(left_shift),
    right_shift: Some(right_shift),
    bit_and: Some(bit_and),
    bit_xor: Some(bit_xor),
    bit_or: Some(bit_or),
    inplace_add: Some(inplace_add),
    inplace_subtract: Some(inplace_subtract),
    inplace_multiply: Some(inplace_multiply),
    inplace_matrix_multiply: Some(inplace_matrix_multiply),
    inplace_true_divide: Some(inplace_true_divide),
    inplace_floor_divide: Some(inplace_floor_divide),
    inplace_modulo: Some(inplace_modulo),
    inplace_power: Some(inplace_power),
    inplace_left_shift: Some(inplace_left_shift),
    inplace_right_shift: Some(inplace_right_shift),
    inplace_and: Some(inplace_and),
    inplace_xor: Some(inplace_xor),
    inplace_or: Some(inplace_or),
    ..Slots::NONE
};

static METHODS: &[Method] = &[
    Method::none("__bytes__", to_bytes, "__bytes__($self, /)\n--\n\n"),
    Method::none("__reversed__", reversed, "__reversed__($self, /)\n--\n\n"),
];

/// `weakref.ProxyType`.
pub static TYPE: TypeDef = TypeDef {
    module: "weakref",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: SLOTS,
    methods: METHODS,
    ..TypeDef::new("ProxyType", &LAYOUT)
};

/// `weakref.CallableProxyType`.
pub static CALLABLE_TYPE: TypeDef = TypeDef {
    module: "weakref",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { call: Some(call), ..SLOTS },
    ..TypeDef::new("CallableProxyType", &CALLABLE_LAYOUT)
};
