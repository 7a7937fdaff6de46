//! `mappingproxy`: a mapping that can only be read, such as the namespace of a class.

use countless_gc::{Header, Tracer};

use super::dict::Dict;
use super::ids;
use super::type_object::TypeObject;
use crate::native::args::{Args, Signature};
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::compare::compare as compare_values;
use crate::object::protocol::item;
use crate::object::protocol::iter::get_iter;
use crate::object::protocol::number::{BinaryOperator, binary};
use crate::object::protocol::object::{hash as hash_of, length as length_of, repr as repr_of, str as str_of};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell. Immutable.
#[repr(C)]
pub struct MappingProxy {
    header: Header,
    mapping: Field,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<MappingProxy>("mappingproxy", ids::MAPPING_PROXY, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a proxy of nothing (never used); the mapping is reported.
unsafe impl Cell for MappingProxy {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.mapping.trace(tracer);
    }
}

impl MappingProxy {
    /// The mapping behind it.
    pub fn mapping(&self) -> Value {
        self.mapping.get_or_none()
    }
}

/// A read-only view of the mapping.
pub fn new(cx: &Cx, mapping: Value) -> Value {
    cx.allocate(MappingProxy { header: Header::default(), mapping: Field::new(mapping) }).value()
}

/// The mapping, which may itself be a proxy, and so on.
fn checked(cx: &Cx, value: Value) -> PyResult {
    cx.check_native_stack()?;
    Ok(mapping_of(value))
}

fn mapping_of(value: Value) -> Value {
    // SAFETY: the slots of a type are called with its instances only.
    let proxy: Ref<MappingProxy> = unsafe { Ref::from_value_unchecked(value) };
    proxy.mapping()
}

static NEW: Signature<1> = Signature::new("mappingproxy", ["mapping"]).required(1);

fn construct(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [mapping] = NEW.bind(cx, args)?;
    let mapping = mapping.unwrap_or(Value::NONE);
    let class = cx.type_of(mapping);
    let sequence = class.has_flags(super::type_object::flag::LIST) || class.has_flags(super::type_object::flag::TUPLE);
    if class.slots.subscript().is_none() || sequence {
        let class = class.display_name();
        return Err(raise!(cx, TypeError, "mappingproxy() argument must be a mapping, not {class}"));
    }
    Ok(new(cx, mapping))
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let text = repr_of(cx, mapping_of(value))?;
    Ok(cx.new_str(&format!("mappingproxy({})", text.as_wtf8())).value())
}

fn str(cx: &Cx, value: Value) -> PyResult {
    str_of(cx, mapping_of(value)).map(Ref::value)
}

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    hash_of(cx, checked(cx, value)?)
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    compare_values(cx, checked(cx, left)?, right, comparison)
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    get_iter(cx, checked(cx, value)?)
}

fn length(cx: &Cx, value: Value) -> PyResult<usize> {
    length_of(cx, checked(cx, value)?)
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    item::get_item(cx, checked(cx, value)?, key)
}

fn contains(cx: &Cx, value: Value, key: Value) -> PyResult<bool> {
    let mapping = checked(cx, value)?;
    match mapping.exact::<Dict>() {
        Some(dict) => Ok(dict.get(cx, key)?.is_some()),
        None => item::contains(cx, mapping, key),
    }
}

fn unwrapped(value: Value) -> Value {
    if value.is_exactly(ids::MAPPING_PROXY) { mapping_of(value) } else { value }
}

fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    cx.check_native_stack()?;
    binary(cx, unwrapped(left), unwrapped(right), BinaryOperator::Or)
}

fn inplace_or(cx: &Cx, _left: Value, _right: Value) -> PyResult {
    Err(cx.type_error("'|=' is not supported by mappingproxy; use '|' instead"))
}

fn get(cx: &Cx, proxy: Ref<MappingProxy>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "mappingproxy.get")?;
    let [key, default] = args.between::<2>(cx, "get", 1)?;
    let arguments = [key.unwrap_or(Value::NONE), default.unwrap_or(Value::NONE)];
    cx.call_method(proxy.mapping(), cx.names().get, &arguments)
}

fn keys(cx: &Cx, proxy: Ref<MappingProxy>) -> PyResult {
    cx.call_method(proxy.mapping(), cx.names().keys, &[])
}

fn values(cx: &Cx, proxy: Ref<MappingProxy>) -> PyResult {
    cx.call_method(proxy.mapping(), cx.names().values, &[])
}

fn items(cx: &Cx, proxy: Ref<MappingProxy>) -> PyResult {
    cx.call_method(proxy.mapping(), cx.names().items, &[])
}

fn copy(cx: &Cx, proxy: Ref<MappingProxy>) -> PyResult {
    cx.call_method(proxy.mapping(), cx.names().copy, &[])
}

fn reversed(cx: &Cx, proxy: Ref<MappingProxy>) -> PyResult {
    cx.call_method(proxy.mapping(), cx.names().__reversed__, &[])
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    super::generic_alias::new(cx, class, item)
}

static METHODS: &[Method] = &[
    Method::many(
        "get",
        get,
        "get($self, key, default=None, /)\n--\n\nReturn the value for key if it is in the mapping, or else default.",
    ),
    Method::none("keys", keys, "keys($self, /)\n--\n\nD.keys() -> a view of the mapping's keys"),
    Method::none("values", values, "values($self, /)\n--\n\nD.values() -> a view of the mapping's values"),
    Method::none("items", items, "items($self, /)\n--\n\nD.items() -> a view of the mapping's entries"),
    Method::none("copy", copy, "copy($self, /)\n--\n\nD.copy() -> a copy of the mapping"),
    Method::one(
        "__class_getitem__",
        class_getitem,
        "__class_getitem__($type, object, /)\n--\n\nmappingproxy[key_type, value_type], for annotations",
    )
    .on_class(),
    Method::none(
        "__reversed__",
        reversed,
        "__reversed__($self, /)\n--\n\nD.__reversed__() -> iterator over the keys from the last to the first",
    ),
];

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "mappingproxy(mapping)\n--\n\nA mapping that can only be read.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::MAPPING,
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        str: Some(str),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(iter),
        length: Some(length),
        subscript: Some(subscript),
        contains: Some(contains),
        bit_or: Some(bit_or),
        inplace_or: Some(inplace_or),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("mappingproxy", &LAYOUT)
};
