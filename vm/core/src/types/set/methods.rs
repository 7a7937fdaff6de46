//! The protocols and methods of `set` and `frozenset`.

use std::sync::atomic::Ordering;

use countless_common::number::hash::FrozensetHasher;
use countless_common::wtf8::Wtf8Buf;

use super::{FROZEN_LAYOUT, LAYOUT, Set, as_any_set, iterator, key_hash};
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::protocol::iter::to_list;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::sequence::write_items;
use crate::types::type_object::TypeObject;
use crate::types::{ids, object};

fn set(value: Value) -> Ref<Set> {
    // SAFETY: the slots of the two types are called with their instances only, which share the cell.
    unsafe { Ref::from_value_unchecked(value) }
}

// ---- construction

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.new_set_instance(class).value())
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let class = cx.type_of(value);
    if class.slots.new().is_some_and(|found| found as usize == new as *const () as usize) {
        args.no_keywords(cx, "set")?;
    }
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "set expected at most 1 argument, got {}", args.len()));
    }
    let set = set(value);
    set.clear(cx);
    match args.get(0) {
        Some(iterable) => set.update(cx, iterable),
        None => Ok(()),
    }
}

fn frozen_new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let exact = class == cx.builtin_type(ids::FROZENSET);
    if exact || object::is_plain_init(class) {
        args.no_keywords(cx, "frozenset")?;
    }
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "frozenset expected at most 1 argument, got {}", args.len()));
    }
    let iterable = args.get(0);
    if let Some(iterable) = iterable
        && exact
        && iterable.is_exactly(ids::FROZENSET)
    {
        return Ok(iterable);
    }
    let set = cx.new_set_instance(class);
    if let Some(iterable) = iterable {
        set.update(cx, iterable)?;
    }
    Ok(set.value())
}

// ---- protocols

fn repr(cx: &Cx, value: Value) -> PyResult {
    let set = set(value);
    let name = value.class_name(cx);
    if set.is_empty() {
        return Ok(cx.new_str(&format!("{name}()")).value());
    }
    cx.guard_repr(value, &format!("{name}(...)"), || {
        let keys = to_list(cx, value)?;
        let plain = value.is_exactly(ids::SET);
        let mut out = if plain { Wtf8Buf::from("{") } else { Wtf8Buf::from(format!("{name}({{")) };
        write_items(cx, &mut out, |index| keys.get(index))?;
        out.push_str(if plain { "}" } else { "})" });
        Ok(cx.new_str_wtf8(&out).value())
    })
}

/// The hash of the keys, whatever their order.
fn hash_keys(set: Ref<Set>) -> i64 {
    let mut hasher = FrozensetHasher::new();
    let mut position = 0;
    while let Some((_, key_hash)) = set.next_entry(&mut position) {
        hasher.add(key_hash);
    }
    hasher.finish()
}

fn frozen_hash(_cx: &Cx, value: Value) -> PyResult<i64> {
    let set = set(value);
    match set.hash.load(Ordering::Relaxed) {
        0 => {
            let hash = hash_keys(set);
            set.hash.store(hash as u64, Ordering::Relaxed);
            Ok(hash)
        }
        hash => Ok(hash as i64),
    }
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let Some(right) = as_any_set(cx, right) else { return Ok(Value::NOT_IMPLEMENTED) };
    let left = set(left);
    let truth = match comparison {
        Comparison::Equal => left.equals(cx, right)?,
        Comparison::NotEqual => !left.equals(cx, right)?,
        Comparison::Less => left.len() < right.len() && left.is_subset(cx, right)?,
        Comparison::LessEqual => left.is_subset(cx, right)?,
        Comparison::Greater => left.len() > right.len() && right.is_subset(cx, left)?,
        Comparison::GreaterEqual => right.is_subset(cx, left)?,
    };
    Ok(Value::bool(truth))
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    Ok(iterator::new(cx, set(value)))
}

fn length(_cx: &Cx, value: Value) -> PyResult<usize> {
    Ok(set(value).len())
}

/// The hash of a key that is looked for: a set, which has none, stands for the frozenset of its keys.
fn search_key(cx: &Cx, key: Value) -> PyResult<(Value, i64)> {
    match key_hash(cx, key) {
        Ok(key_hash) => Ok((key, key_hash)),
        Err(raised) => {
            let Some(as_set) = key.downcast::<Set>(cx) else { return Err(raised) };
            if !cx.pending_is(&raised, ExceptionKind::TypeError) {
                return Err(raised);
            }
            let _ = cx.take_exception(raised);
            let frozen = cx.new_frozen_set();
            frozen.update(cx, as_set.value())?;
            Ok((frozen.value(), hash_keys(frozen)))
        }
    }
}

fn contains(cx: &Cx, value: Value, key: Value) -> PyResult<bool> {
    let (key, key_hash) = search_key(cx, key)?;
    set(value).contains_hashed(cx, key, key_hash)
}

/// Both operands as sets, or else NotImplemented is the answer.
macro_rules! both_sets {
    ($cx:expr, $left:expr, $right:expr) => {
        match (as_any_set($cx, $left), as_any_set($cx, $right)) {
            (Some(left), Some(right)) => (left, right),
            _ => return Ok(Value::NOT_IMPLEMENTED),
        }
    };
}

fn subtract(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (left, right) = both_sets!(cx, left, right);
    left.difference(cx, right.value()).map(Ref::value)
}

fn bit_and(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (left, right) = both_sets!(cx, left, right);
    left.intersection(cx, right.value()).map(Ref::value)
}

fn bit_xor(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (left, right) = both_sets!(cx, left, right);
    left.symmetric_difference(cx, right.value()).map(Ref::value)
}

fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (left, right) = both_sets!(cx, left, right);
    let result = left.copy(cx)?;
    if left != right {
        result.update(cx, right.value())?;
    }
    Ok(result.value())
}

fn inplace_subtract(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (set, other) = both_sets!(cx, left, right);
    set.difference_update(cx, other.value())?;
    Ok(left)
}

fn inplace_and(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (set, other) = both_sets!(cx, left, right);
    let kept = set.intersection(cx, other.value())?;
    set.replace_by(cx, kept);
    Ok(left)
}

fn inplace_xor(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (set, other) = both_sets!(cx, left, right);
    set.symmetric_difference_update(cx, other.value())?;
    Ok(left)
}

fn inplace_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (set, other) = both_sets!(cx, left, right);
    set.update(cx, other.value())?;
    Ok(left)
}

// ---- methods of both

fn contains_method(cx: &Cx, set: Ref<Set>, key: Value) -> PyResult {
    contains(cx, set.value(), key).map(Value::bool)
}

fn copy(cx: &Cx, set: Ref<Set>) -> PyResult {
    set.copy(cx).map(Ref::value)
}

fn frozen_copy(cx: &Cx, set: Ref<Set>) -> PyResult {
    if set.value().is_exactly(ids::FROZENSET) { Ok(set.value()) } else { copy(cx, set) }
}

/// The name of the type whose method is called, for messages.
fn base_name(cx: &Cx, set: Ref<Set>) -> &'static str {
    if set.is_frozen(cx) { "frozenset" } else { "set" }
}

fn no_keywords(cx: &Cx, set: Ref<Set>, args: Args<'_>, method: &str) -> PyResult<()> {
    if args.keyword_count() == 0 {
        return Ok(());
    }
    args.no_keywords(cx, &format!("{}.{method}", base_name(cx, set)))
}

fn difference(cx: &Cx, set: Ref<Set>, args: Args<'_>) -> PyResult {
    no_keywords(cx, set, args, "difference")?;
    let Some(first) = args.get(0) else { return copy(cx, set) };
    let result = set.difference(cx, first)?;
    for other in args.iter().skip(1) {
        result.difference_update(cx, other)?;
    }
    Ok(result.value())
}

fn intersect_all(cx: &Cx, set: Ref<Set>, args: Args<'_>) -> PyResult<Ref<Set>> {
    let mut others = args.iter();
    let Some(first) = others.next() else { return set.copy(cx) };
    let mut result = set.intersection(cx, first)?;
    for other in others {
        result = result.intersection(cx, other)?;
    }
    Ok(result)
}

fn intersection(cx: &Cx, set: Ref<Set>, args: Args<'_>) -> PyResult {
    no_keywords(cx, set, args, "intersection")?;
    intersect_all(cx, set, args).map(Ref::value)
}

fn union(cx: &Cx, set: Ref<Set>, args: Args<'_>) -> PyResult {
    no_keywords(cx, set, args, "union")?;
    let result = set.copy(cx)?;
    for other in args.iter() {
        if other != set.value() {
            result.update(cx, other)?;
        }
    }
    Ok(result.value())
}

fn symmetric_difference(cx: &Cx, set: Ref<Set>, other: Value) -> PyResult {
    set.symmetric_difference(cx, other).map(Ref::value)
}

fn isdisjoint(cx: &Cx, set: Ref<Set>, other: Value) -> PyResult {
    set.is_disjoint(cx, other).map(Value::bool)
}

fn issubset(cx: &Cx, set: Ref<Set>, other: Value) -> PyResult {
    if let Some(other) = as_any_set(cx, other) {
        return set.is_subset(cx, other).map(Value::bool);
    }
    let common = set.intersection(cx, other)?;
    Ok(Value::bool(common.len() == set.len()))
}

fn issuperset(cx: &Cx, set: Ref<Set>, other: Value) -> PyResult {
    if let Some(other) = as_any_set(cx, other) {
        return other.is_subset(cx, set).map(Value::bool);
    }
    let iterator = crate::object::protocol::iter::get_iter(cx, other)?;
    while let Some(key) = crate::object::protocol::iter::next(cx, iterator)? {
        if !set.contains(cx, key)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn reduce(cx: &Cx, set: Ref<Set>) -> PyResult {
    let keys = to_list(cx, set.value())?;
    let arguments = cx.new_tuple(&[keys.value()]).value();
    let state = cx.call_method(set.value(), cx.names().__getstate__, &[])?;
    Ok(cx.new_tuple(&[cx.type_of(set.value()).value(), arguments, state]).value())
}

fn size_of_set(_cx: &Cx, set: Ref<Set>) -> PyResult {
    let table = set.table().map_or(0, |table| table.size());
    Ok(Value::length(size_of::<Set>() + table))
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    crate::types::generic_alias::new(cx, class, item)
}

// ---- methods of set

fn add(cx: &Cx, set: Ref<Set>, key: Value) -> PyResult {
    set.add(cx, key)?;
    Ok(Value::NONE)
}

fn clear(cx: &Cx, set: Ref<Set>) -> PyResult {
    set.clear(cx);
    Ok(Value::NONE)
}

fn discard(cx: &Cx, set: Ref<Set>, key: Value) -> PyResult {
    let (key, key_hash) = search_key(cx, key)?;
    set.discard_hashed(cx, key, key_hash)?;
    Ok(Value::NONE)
}

fn remove(cx: &Cx, set: Ref<Set>, key: Value) -> PyResult {
    let (sought, key_hash) = search_key(cx, key)?;
    if set.discard_hashed(cx, sought, key_hash)? { Ok(Value::NONE) } else { Err(cx.key_error(key)) }
}

fn pop(cx: &Cx, set: Ref<Set>) -> PyResult {
    match set.pop(cx) {
        Some(key) => Ok(key),
        None => Err(cx.key_error(cx.new_str("pop from an empty set").value())),
    }
}

fn difference_update(cx: &Cx, set: Ref<Set>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "set.difference_update")?;
    for other in args.iter() {
        set.difference_update(cx, other)?;
    }
    Ok(Value::NONE)
}

fn intersection_update(cx: &Cx, set: Ref<Set>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "set.intersection_update")?;
    let kept = intersect_all(cx, set, args)?;
    set.replace_by(cx, kept);
    Ok(Value::NONE)
}

fn symmetric_difference_update(cx: &Cx, set: Ref<Set>, other: Value) -> PyResult {
    set.symmetric_difference_update(cx, other)?;
    Ok(Value::NONE)
}

fn update(cx: &Cx, set: Ref<Set>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "set.update")?;
    for other in args.iter() {
        set.update(cx, other)?;
    }
    Ok(Value::NONE)
}

// ---- rows

const CONTAINS: Method = Method::one(
    "__contains__",
    contains_method,
    "__contains__($self, object, /)\n--\n\nReturn whether object is in the set.",
);
const DIFFERENCE: Method = Method::many(
    "difference",
    difference,
    "difference($self, /, *others)\n--\n\nReturn a new set of the elements that no other has.",
);
const INTERSECTION: Method = Method::many(
    "intersection",
    intersection,
    "intersection($self, /, *others)\n--\n\nReturn a new set of the elements that all others have too.",
);
const UNION: Method =
    Method::many("union", union, "union($self, /, *others)\n--\n\nReturn a new set of the elements of all.");
const SYMMETRIC_DIFFERENCE: Method = Method::one(
    "symmetric_difference",
    symmetric_difference,
    "symmetric_difference($self, other, /)\n--\n\nReturn a new set of the elements that only one of both has.",
);
const IS_DISJOINT: Method = Method::one(
    "isdisjoint",
    isdisjoint,
    "isdisjoint($self, other, /)\n--\n\nReturn whether both have no element in common.",
);
const IS_SUBSET: Method = Method::one(
    "issubset",
    issubset,
    "issubset($self, other, /)\n--\n\nReturn whether other has every element of the set.",
);
const IS_SUPERSET: Method = Method::one(
    "issuperset",
    issuperset,
    "issuperset($self, other, /)\n--\n\nReturn whether the set has every element of other.",
);
const REDUCE: Method = Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs.");
const SIZE: Method = Method::none(
    "__sizeof__",
    size_of_set,
    "__sizeof__($self, /)\n--\n\nS.__sizeof__() -> how many bytes the set takes.",
);
const CLASS_GETITEM: Method = Method::one(
    "__class_getitem__",
    class_getitem,
    "__class_getitem__($type, object, /)\n--\n\nset[element_type], for annotations",
)
.on_class();

static METHODS: &[Method] = &[
    CONTAINS,
    Method::one("add", add, "add($self, object, /)\n--\n\nPut an element in, unless it is there already."),
    Method::none("clear", clear, "clear($self, /)\n--\n\nTake every element out."),
    Method::none("copy", copy, "copy($self, /)\n--\n\nReturn a new set of the same elements."),
    Method::one(
        "discard",
        discard,
        "discard($self, object, /)\n--\n\nTake an element out if it is there.\n\nUnlike remove(), this is no error if it is not.",
    ),
    DIFFERENCE,
    Method::many(
        "difference_update",
        difference_update,
        "difference_update($self, /, *others)\n--\n\nTake out the elements that others have.",
    ),
    INTERSECTION,
    Method::many(
        "intersection_update",
        intersection_update,
        "intersection_update($self, /, *others)\n--\n\nKeep only the elements that all others have too.",
    ),
    IS_DISJOINT,
    IS_SUBSET,
    IS_SUPERSET,
    Method::none(
        "pop",
        pop,
        "pop($self, /)\n--\n\nTake some element out and return it.\n\nKeyError if the set is empty.",
    ),
    REDUCE,
    Method::one(
        "remove",
        remove,
        "remove($self, object, /)\n--\n\nTake an element out.\n\nKeyError if it is not there.",
    ),
    SIZE,
    SYMMETRIC_DIFFERENCE,
    Method::one(
        "symmetric_difference_update",
        symmetric_difference_update,
        "symmetric_difference_update($self, other, /)\n--\n\nKeep and take over only the elements that one of both has.",
    ),
    UNION,
    Method::many("update", update, "update($self, /, *others)\n--\n\nPut in the elements of all others."),
    CLASS_GETITEM,
];

static FROZEN_METHODS: &[Method] = &[
    CONTAINS,
    Method::none("copy", frozen_copy, "copy($self, /)\n--\n\nReturn a set of the same elements."),
    DIFFERENCE,
    INTERSECTION,
    IS_DISJOINT,
    IS_SUBSET,
    IS_SUPERSET,
    REDUCE,
    SIZE,
    SYMMETRIC_DIFFERENCE,
    UNION,
    CLASS_GETITEM,
];

const SHARED: Slots = Slots {
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

/// The class `set`.
pub static TYPE: TypeDef = TypeDef {
    doc: "set(iterable=(), /)\n--\n\nAn unordered collection of elements, each of which is in it once.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(new),
        init: Some(init),
        inplace_subtract: Some(inplace_subtract),
        inplace_and: Some(inplace_and),
        inplace_xor: Some(inplace_xor),
        inplace_or: Some(inplace_or),
        ..SHARED
    },
    methods: METHODS,
    ..TypeDef::new("set", &LAYOUT)
};

/// The class `frozenset`.
pub static FROZEN_TYPE: TypeDef = TypeDef {
    doc: "frozenset(iterable=(), /)\n--\n\nAn unordered collection of elements, each of which is in it once, that cannot be changed.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MATCH_SELF),
    slots: Slots { new: Some(frozen_new), hash: Some(frozen_hash), ..SHARED },
    methods: FROZEN_METHODS,
    ..TypeDef::new("frozenset", &FROZEN_LAYOUT)
};
