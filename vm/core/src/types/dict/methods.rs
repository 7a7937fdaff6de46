//! The protocols and methods of `dict`.

use countless_common::wtf8::Wtf8Buf;

use super::iterator::Kind;
use super::merge::key_hash;
use super::view::new_view;
use super::{Dict, LAYOUT, iterator};
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::Ref;
use crate::object::protocol::compare::equal;
use crate::object::protocol::item::set_item;
use crate::object::protocol::iter::for_each;
use crate::object::protocol::object::repr as repr_of;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::sequence::poll_at;
use crate::types::type_object::TypeObject;

fn dict(value: Value) -> Ref<Dict> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.allocate_instance(class, Dict::empty()).value())
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    dict(value).update_from_args(cx, "dict", args)
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let dict = dict(value);
    if dict.is_empty() {
        return Ok(cx.new_str("{}").value());
    }
    cx.guard_repr(value, "{...}", || {
        let mut out = Wtf8Buf::from("{");
        let mut position = 0;
        let mut first = true;
        while let Some((key, value)) = dict.next_entry(&mut position) {
            if !std::mem::take(&mut first) {
                out.push_str(", ");
            }
            out.push_wtf8(repr_of(cx, key)?.as_wtf8());
            out.push_str(": ");
            out.push_wtf8(repr_of(cx, value)?.as_wtf8());
            poll_at(cx, position)?;
        }
        out.push_str("}");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

impl Ref<Dict> {
    /// Whether both have the same keys with equal values.
    pub fn equals(self, cx: &Cx, other: Ref<Dict>) -> PyResult<bool> {
        if self.len() != other.len() {
            return Ok(false);
        }
        let Some(storage) = self.storage() else { return Ok(true) };
        for index in 0..storage.used() {
            let Some((key, value)) = storage.pair(index) else { continue };
            match other.get_hashed(cx, key, storage.hash_of(index))? {
                Some(found) if equal(cx, value, found)? => {}
                _ => return Ok(false),
            }
            poll_at(cx, index)?;
        }
        Ok(true)
    }

    /// `self[key]`, with `__missing__` of subclasses: KeyError if the key is not there.
    pub fn subscript(self, cx: &Cx, key: Value) -> PyResult {
        let key_hash = key_hash(cx, key)?;
        if let Some(value) = self.get_hashed(cx, key, key_hash)? {
            return Ok(value);
        }
        if !self.value().is_exactly(ids::DICT)
            && let Some(missing) = cx.lookup_special(self.value(), cx.names().__missing__)?
        {
            return cx.call_found(missing, &[key]);
        }
        Err(cx.key_error(key))
    }
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.downcast::<Dict>(cx), right.downcast::<Dict>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match comparison {
        Comparison::Equal => {
            cx.check_native_stack()?;
            left.equals(cx, right).map(Value::bool)
        }
        Comparison::NotEqual => {
            cx.check_native_stack()?;
            left.equals(cx, right).map(|same| Value::bool(!same))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `iter(dict)`: what tells dicts whose iteration is not overridden.
pub(super) fn iter(cx: &Cx, value: Value) -> PyResult {
    Ok(iterator::new(cx, dict(value), Kind::Keys, false))
}

fn length(_cx: &Cx, value: Value) -> PyResult<usize> {
    Ok(dict(value).len())
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    dict(value).subscript(cx, key)
}

fn assign_subscript(cx: &Cx, value: Value, key: Value, item: Option<Value>) -> PyResult<()> {
    let dict = dict(value);
    let key_hash = key_hash(cx, key)?;
    let found = match item {
        Some(item) => {
            dict.insert_hashed(cx, key, key_hash, item)?;
            return Ok(());
        }
        None => dict.remove_hashed(cx, key, key_hash)?,
    };
    if found.is_some() { Ok(()) } else { Err(cx.key_error(key)) }
}

fn contains(cx: &Cx, value: Value, key: Value) -> PyResult<bool> {
    Ok(dict(value).get(cx, key)?.is_some())
}

fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (Some(left), Some(right)) = (left.downcast::<Dict>(cx), right.downcast::<Dict>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let result = left.copy(cx)?;
    result.update(cx, right.value())?;
    Ok(result.value())
}

fn inplace_or(cx: &Cx, value: Value, other: Value) -> PyResult {
    dict(value).update(cx, other)?;
    Ok(value)
}

// ---- methods

fn contains_method(cx: &Cx, dict: Ref<Dict>, key: Value) -> PyResult {
    contains(cx, dict.value(), key).map(Value::bool)
}

fn size_of_dict(_cx: &Cx, dict: Ref<Dict>) -> PyResult {
    let storage = dict.storage().map_or(0, |storage| storage.size());
    Ok(Value::length(size_of::<Dict>() + storage))
}

fn get(cx: &Cx, dict: Ref<Dict>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "dict.get")?;
    let [key, default] = args.between::<2>(cx, "get", 1)?;
    let found = dict.get(cx, key.unwrap_or(Value::NONE))?;
    Ok(found.or(default).unwrap_or(Value::NONE))
}

fn setdefault(cx: &Cx, dict: Ref<Dict>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "dict.setdefault")?;
    let [key, default] = args.between::<2>(cx, "setdefault", 1)?;
    dict.set_default(cx, key.unwrap_or(Value::NONE), default.unwrap_or(Value::NONE))
}

fn pop(cx: &Cx, dict: Ref<Dict>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "dict.pop")?;
    let [key, default] = args.between::<2>(cx, "pop", 1)?;
    let key = key.unwrap_or(Value::NONE);
    let removed = if dict.is_empty() { None } else { dict.remove(cx, key)? };
    removed.or(default).ok_or(()).map_err(|()| cx.key_error(key))
}

fn popitem(cx: &Cx, dict: Ref<Dict>) -> PyResult {
    match dict.pop_last(cx) {
        Some((key, value)) => Ok(cx.new_tuple(&[key, value]).value()),
        None => Err(cx.key_error(cx.new_str("popitem(): dictionary is empty").value())),
    }
}

fn keys(cx: &Cx, dict: Ref<Dict>) -> PyResult {
    Ok(new_view(cx, dict, Kind::Keys))
}

fn values(cx: &Cx, dict: Ref<Dict>) -> PyResult {
    Ok(new_view(cx, dict, Kind::Values))
}

fn items(cx: &Cx, dict: Ref<Dict>) -> PyResult {
    Ok(new_view(cx, dict, Kind::Items))
}

fn update(cx: &Cx, dict: Ref<Dict>, args: Args<'_>) -> PyResult {
    dict.update_from_args(cx, "update", args)?;
    Ok(Value::NONE)
}

fn fromkeys(cx: &Cx, class: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "dict.fromkeys")?;
    let [keys, value] = args.between::<2>(cx, "fromkeys", 1)?;
    let (keys, value) = (keys.unwrap_or(Value::NONE), value.unwrap_or(Value::NONE));
    let result = cx.call(class, &[])?;
    if let Some(dict) = result.exact::<Dict>() {
        for_each(cx, keys, |key| dict.set(cx, key, value))?;
    } else {
        for_each(cx, keys, |key| set_item(cx, result, key, value))?;
    }
    Ok(result)
}

fn clear(cx: &Cx, dict: Ref<Dict>) -> PyResult {
    dict.clear(cx);
    Ok(Value::NONE)
}

fn copy(cx: &Cx, dict: Ref<Dict>) -> PyResult {
    dict.copy(cx).map(Ref::value)
}

fn reversed(cx: &Cx, dict: Ref<Dict>) -> PyResult {
    Ok(iterator::new(cx, dict, Kind::Keys, true))
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    crate::types::generic_alias::new(cx, class, item)
}

static METHODS: &[Method] = &[
    Method::one("__contains__", contains_method, "__contains__($self, key, /)\n--\n\nReturn whether there is an entry for key."),
    Method::one("__getitem__", subscript, "__getitem__($self, key, /)\n--\n\nReturn self[key]."),
    Method::none("__sizeof__", size_of_dict, "__sizeof__($self, /)\n--\n\nReturn how many bytes the dict takes."),
    Method::many(
        "get",
        get,
        "get($self, key, default=None, /)\n--\n\nReturn the value for key if it is there, or else default.",
    ),
    Method::many(
        "setdefault",
        setdefault,
        "setdefault($self, key, default=None, /)\n--\n\nReturn the value for key, which becomes default if it is not there.",
    ),
    Method::many(
        "pop",
        pop,
        "pop($self, key, default=<unrepresentable>, /)\n--\n\nD.pop(k[,d]) -> v, take out the entry for a key and return its value.\n\n\
         If it is not there, return the default if there is one; else KeyError.",
    ),
    Method::none(
        "popitem",
        popitem,
        "popitem($self, /)\n--\n\nTake out the entry added last, and return it as a pair.\n\nKeyError if the dict is empty.",
    ),
    Method::none("keys", keys, "keys($self, /)\n--\n\nReturn a view of the keys, which is like a set."),
    Method::none("items", items, "items($self, /)\n--\n\nReturn a view of the entries as pairs, which is like a set."),
    Method::none("values", values, "values($self, /)\n--\n\nReturn a view of the values."),
    Method::many(
        "update",
        update,
        "D.update([E, ]**F) -> None.  Take entries from E and F.\n\nE is a mapping, which has keys(), or an iterable of pairs; F are keyword arguments.",
    ),
    Method::many(
        "fromkeys",
        fromkeys,
        "fromkeys($type, iterable, value=None, /)\n--\n\nMake a new dict with the keys from an iterable, all with the same value.",
    )
    .on_class(),
    Method::none("clear", clear, "clear($self, /)\n--\n\nRemove every entry."),
    Method::none("copy", copy, "copy($self, /)\n--\n\nReturn a new dict of the same entries."),
    Method::none("__reversed__", reversed, "__reversed__($self, /)\n--\n\nReturn an iterator over the keys from the last to the first."),
    Method::one(
        "__class_getitem__",
        class_getitem,
        "__class_getitem__($type, object, /)\n--\n\ndict[key_type, value_type], for annotations",
    )
    .on_class(),
];

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "dict() -> new empty dictionary\ndict(mapping) -> new dictionary with the entries of a mapping\n\
          dict(iterable) -> new dictionary with the pairs of an iterable as entries\n\
          dict(**kwargs) -> new dictionary with the keyword arguments as entries",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MAPPING).with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        compare: Some(compare),
        iter: Some(iter),
        length: Some(length),
        subscript: Some(subscript),
        assign_subscript: Some(assign_subscript),
        contains: Some(contains),
        bit_or: Some(bit_or),
        inplace_or: Some(inplace_or),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("dict", &LAYOUT)
};
