//! The views of dicts: `keys()`, `values()` and `items()`, of which the first and the last are like sets.

use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Tracer, TypeId};

use super::Dict;
use super::iterator::{self, Kind};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::compare::equal;
use crate::object::protocol::item;
use crate::object::protocol::iter::{for_each, get_iter, next, to_list};
use crate::object::protocol::object::length as length_of;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::sequence::write_items;
use crate::types::set::{Set, as_any_set};
use crate::types::tuple::Tuple;
use crate::types::{ids, mapping_proxy, object};

/// The cell of all views.
#[repr(C)]
pub struct DictView {
    header: Header,
    dict: RefField<Dict>,
}

macro_rules! layouts {
    ($($layout:ident, $name:literal, $id:ident;)*) => {
        $(#[allow(missing_docs)]
        pub static $layout: Layout = Layout::of::<DictView>($name, ids::$id, Some(&object::LAYOUT));)*
    };
}

layouts! {
    KEYS_LAYOUT, "dict_keys", DICT_KEYS;
    VALUES_LAYOUT, "dict_values", DICT_VALUES;
    ITEMS_LAYOUT, "dict_items", DICT_ITEMS;
    ORDERED_KEYS_LAYOUT, "odict_keys", ORDERED_DICT_KEYS;
    ORDERED_VALUES_LAYOUT, "odict_values", ORDERED_DICT_VALUES;
    ORDERED_ITEMS_LAYOUT, "odict_items", ORDERED_DICT_ITEMS;
}

// SAFETY: `repr(C)`, header first, zero is a view of nothing (never used); the dict is reported. All these layouts are of
// this cell and have no drop entry, so that it does not matter which of them this is.
unsafe impl Cell for DictView {
    fn layout() -> &'static Layout {
        &KEYS_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
    }
}

impl DictView {
    /// The dict.
    pub fn dict(&self) -> Ref<Dict> {
        self.dict.get().expect("a view has a dict")
    }
}

fn type_id(kind: Kind) -> TypeId {
    match kind {
        Kind::Keys => ids::DICT_KEYS,
        Kind::Values => ids::DICT_VALUES,
        Kind::Items => ids::DICT_ITEMS,
    }
}

/// A view of the dict.
pub fn new_view(cx: &Cx, dict: Ref<Dict>, kind: Kind) -> Value {
    new_view_as(cx, type_id(kind), dict)
}

/// A view of the type.
pub(super) fn new_view_as(cx: &Cx, id: TypeId, dict: Ref<Dict>) -> Value {
    let contents = DictView { header: Header::default(), dict: RefField::new(dict) };
    cx.allocate_as(id, size_of::<DictView>(), contents).value()
}

fn view(value: Value) -> Ref<DictView> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

pub(super) fn kind_of(value: Value) -> Kind {
    match value.type_id() {
        ids::DICT_VALUES | ids::ORDERED_DICT_VALUES => Kind::Values,
        ids::DICT_ITEMS | ids::ORDERED_DICT_ITEMS => Kind::Items,
        _ => Kind::Keys,
    }
}

/// The value as a view that is like a set.
fn as_set_view(value: Value) -> Option<Ref<DictView>> {
    let is_one =
        matches!(value.type_id(), ids::DICT_KEYS | ids::DICT_ITEMS | ids::ORDERED_DICT_KEYS | ids::ORDERED_DICT_ITEMS);
    is_one.then(|| view(value))
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    cx.guard_repr(value, "...", || {
        let items = to_list(cx, value)?;
        let mut out = Wtf8Buf::from(format!("{}([", value.class_name(cx)));
        write_items(cx, &mut out, |index| items.get(index))?;
        out.push_str("])");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    Ok(iterator::new(cx, view(value).dict(), kind_of(value), false))
}

fn reversed(cx: &Cx, view: Ref<DictView>) -> PyResult {
    Ok(iterator::new(cx, view.dict(), kind_of(view.value()), true))
}

fn length(_cx: &Cx, value: Value) -> PyResult<usize> {
    Ok(view(value).dict().len())
}

fn contains(cx: &Cx, value: Value, item: Value) -> PyResult<bool> {
    let dict = view(value).dict();
    if kind_of(value) == Kind::Keys {
        return Ok(dict.get(cx, item)?.is_some());
    }
    let Some(pair) = item.downcast::<Tuple>(cx) else { return Ok(false) };
    if pair.len() != 2 {
        return Ok(false);
    }
    match dict.get(cx, pair.get(0))? {
        Some(found) => equal(cx, found, pair.get(1)),
        None => Ok(false),
    }
}

// ---- like sets

/// Whether every item of the first is in the second.
fn all_in(cx: &Cx, items: Value, container: Value) -> PyResult<bool> {
    let iterator = get_iter(cx, items)?;
    while let Some(found) = next(cx, iterator)? {
        if !item::contains(cx, container, found)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if as_any_set(cx, right).is_none() && as_set_view(right).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (left_length, right_length) = (length_of(cx, left)?, length_of(cx, right)?);
    let truth = match comparison {
        Comparison::Equal => left_length == right_length && all_in(cx, left, right)?,
        Comparison::NotEqual => left_length != right_length || !all_in(cx, left, right)?,
        Comparison::Less => left_length < right_length && all_in(cx, left, right)?,
        Comparison::LessEqual => left_length <= right_length && all_in(cx, left, right)?,
        Comparison::Greater => left_length > right_length && all_in(cx, right, left)?,
        Comparison::GreaterEqual => left_length >= right_length && all_in(cx, right, left)?,
    };
    Ok(Value::bool(truth))
}

/// The items of a view (or of the other operand of a view) as a new set.
fn set_of(cx: &Cx, value: Value) -> PyResult<Ref<Set>> {
    let set = cx.new_set();
    let source = if value.is_exactly(ids::DICT_KEYS) { view(value).dict().value() } else { value };
    set.update(cx, source)?;
    Ok(set)
}

fn subtract(cx: &Cx, left: Value, right: Value) -> PyResult {
    let result = set_of(cx, left)?;
    result.difference_update(cx, right)?;
    Ok(result.value())
}

fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    let result = set_of(cx, left)?;
    result.update(cx, right)?;
    Ok(result.value())
}

fn bit_xor(cx: &Cx, left: Value, right: Value) -> PyResult {
    let result = set_of(cx, left)?;
    result.symmetric_difference_update(cx, right)?;
    Ok(result.value())
}

/// The items of the view that `other` has too, in the order that CPython finds them.
fn bit_and(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (mut one, mut other) = if as_set_view(left).is_some() { (left, right) } else { (right, left) };
    let exact_set = other.is_exactly(ids::SET) || other.is_exactly(ids::FROZENSET);
    if exact_set
        && let Some(set) = as_any_set(cx, other)
        && length_of(cx, one)? <= set.len()
    {
        return set.intersection(cx, one).map(Ref::value);
    }
    if as_set_view(other).is_some() && length_of(cx, other)? > length_of(cx, one)? {
        (one, other) = (other, one);
    }
    let result = cx.new_set();
    for_each(cx, other, |item| {
        if contains(cx, one, item)? {
            result.add(cx, item)?;
        }
        Ok(())
    })?;
    Ok(result.value())
}

fn isdisjoint(cx: &Cx, view: Ref<DictView>, other: Value) -> PyResult {
    let mut one = view.value();
    let mut other = other;
    if one == other {
        return Ok(Value::bool(length_of(cx, one)? == 0));
    }
    let like_set = as_any_set(cx, other).is_some() || as_set_view(other).is_some();
    if like_set && length_of(cx, other)? > length_of(cx, one)? {
        (one, other) = (other, one);
    }
    let iterator = get_iter(cx, other)?;
    while let Some(found) = next(cx, iterator)? {
        if item::contains(cx, one, found)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn mapping(cx: &Cx, view: Ref<DictView>) -> PyResult {
    Ok(mapping_proxy::new(cx, view.dict().value()))
}

/// What a view shows has no hash.
const SET_SLOTS: Slots = Slots {
    repr: Some(repr),
    compare: Some(compare),
    iter: Some(iter),
    length: Some(length),
    contains: Some(contains),
    subtract: Some(subtract),
    bit_and: Some(bit_and),
    bit_xor: Some(bit_xor),
    bit_or: Some(bit_or),
    ..Slots::NONE
};

const IS_DISJOINT: Method = Method::one(
    "isdisjoint",
    isdisjoint,
    "isdisjoint($self, object, /)\n--\n\nReturn whether the view and an iterable have nothing in common.",
);

const MAPPING: &[GetSet] = &[GetSet::read_only("mapping", mapping, "the dict that the view shows, read-only")];

const REVERSED_DOC: &str = "__reversed__($self, /)\n--\n\nReturn an iterator from the last to the first.";

/// The class of `keys()`.
pub static KEYS_TYPE: TypeDef = TypeDef {
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: SET_SLOTS,
    methods: &[IS_DISJOINT, Method::none("__reversed__", reversed, REVERSED_DOC)],
    attributes: MAPPING,
    ..TypeDef::new("dict_keys", &KEYS_LAYOUT)
};

/// The class of `items()`.
pub static ITEMS_TYPE: TypeDef = TypeDef {
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: SET_SLOTS,
    methods: &[IS_DISJOINT, Method::none("__reversed__", reversed, REVERSED_DOC)],
    attributes: MAPPING,
    ..TypeDef::new("dict_items", &ITEMS_LAYOUT)
};

/// The class of `values()`.
pub static VALUES_TYPE: TypeDef = TypeDef {
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { repr: Some(repr), iter: Some(iter), length: Some(length), ..Slots::NONE },
    methods: &[Method::none("__reversed__", reversed, REVERSED_DOC)],
    attributes: MAPPING,
    ..TypeDef::new("dict_values", &VALUES_LAYOUT)
};
