//! The protocols and methods of `OrderedDict`. Those that store go through `self[key] = value`, so that subclasses see it.

use countless_common::wtf8::Wtf8Buf;

use super::iterator::{self, new_view};
use super::{LAYOUT, OrderedDict};
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute::{instance_dict, set_instance_dict};
use crate::object::cell::Ref;
use crate::object::protocol::item::{contains, get_item, set_item};
use crate::object::protocol::iter::{for_each, get_iter, next, to_list, to_tuple};
use crate::object::protocol::object::{is_true, repr as repr_of};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::dict::iterator::Kind;
use crate::types::ids;

fn this(value: Value) -> Ref<OrderedDict> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn is_exact(dict: Ref<OrderedDict>) -> bool {
    dict.value().is_exactly(ids::ORDERED_DICT)
}

// ---- update

fn store_pairs(cx: &Cx, target: Value, pairs: Value) -> PyResult<()> {
    for_each(cx, pairs, |pair| {
        let pair = to_tuple(cx, pair)?;
        match pair.len() {
            2 => set_item(cx, target, pair.get(0), pair.get(1)),
            length if length < 2 => {
                let plural = if length == 1 { "" } else { "s" };
                Err(raise!(cx, ValueError, "need more than {length} value{plural} to unpack"))
            }
            _ => Err(cx.value_error("too many values to unpack (expected 2)")),
        }
    })
}

/// Stores the entries of a mapping, or pairs.
fn update_from(cx: &Cx, target: Value, source: Value) -> PyResult<()> {
    if source.exact::<Dict>().is_some() {
        let items = cx.call_method(source, cx.names().items, &[])?;
        return store_pairs(cx, target, items);
    }
    if let Some(keys) = cx.get_attribute_optional(source, cx.names().keys)? {
        let keys = cx.call(keys, &[])?;
        let iterator = get_iter(cx, keys)?;
        while let Some(key) = next(cx, iterator)? {
            let value = get_item(cx, source, key)?;
            set_item(cx, target, key, value)?;
        }
        return Ok(());
    }
    match cx.get_attribute_optional(source, cx.names().items)? {
        Some(items) => {
            let items = cx.call(items, &[])?;
            store_pairs(cx, target, items)
        }
        None => store_pairs(cx, target, source),
    }
}

fn update_from_args(cx: &Cx, target: Value, args: Args<'_>) -> PyResult<()> {
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "expected at most 1 argument, got {}", args.len()));
    }
    if let Some(source) = args.get(0) {
        update_from(cx, target, source)?;
    }
    for (name, value) in args.keywords() {
        set_item(cx, target, name.value(), value)?;
    }
    Ok(())
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    update_from_args(cx, value, args)
}

fn update(cx: &Cx, dict: Ref<OrderedDict>, args: Args<'_>) -> PyResult {
    update_from_args(cx, dict.value(), args)?;
    Ok(Value::NONE)
}

// ---- slots

fn repr(cx: &Cx, value: Value) -> PyResult {
    let name = cx.type_of(value).name();
    let mut out = Wtf8Buf::new();
    out.push_wtf8(name.as_wtf8());
    if this(value).dict().is_empty() {
        out.push_str("()");
        return Ok(cx.new_str_wtf8(&out).value());
    }
    cx.guard_repr(value, "...", || {
        let plain = if is_exact(this(value)) {
            this(value).dict().copy(cx)?
        } else {
            let plain = cx.new_dict();
            let items = cx.call_method(value, cx.names().items, &[])?;
            let items = to_list(cx, items)?;
            plain.update(cx, items.value())?;
            plain
        };
        out.push_str("(");
        out.push_wtf8(repr_of(cx, plain.value())?.as_wtf8());
        out.push_str(")");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let negate = match comparison {
        Comparison::Equal => false,
        Comparison::NotEqual => true,
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    let (Some(first), Some(second)) = (left.downcast::<Dict>(cx), right.downcast::<Dict>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    cx.check_native_stack()?;
    let mut same = first.equals(cx, second)?;
    if let (true, Some(first), Some(second)) =
        (same, left.downcast::<OrderedDict>(cx), right.downcast::<OrderedDict>(cx))
    {
        same = first.same_order(cx, second)?;
    }
    Ok(Value::bool(same != negate))
}

fn assign_subscript(cx: &Cx, value: Value, key: Value, item: Option<Value>) -> PyResult<()> {
    match item {
        Some(item) => this(value).set(cx, key, item),
        None => match this(value).remove(cx, key)? {
            Some(_) => Ok(()),
            None => Err(cx.key_error(key)),
        },
    }
}

fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    let class = match left.downcast::<OrderedDict>(cx) {
        Some(_) => cx.type_of(left),
        None => cx.type_of(right),
    };
    if left.downcast::<Dict>(cx).is_none() || right.downcast::<Dict>(cx).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let merged = cx.call(class.value(), &[left])?;
    update_from(cx, merged, right)?;
    Ok(merged)
}

fn inplace_or(cx: &Cx, value: Value, other: Value) -> PyResult {
    update_from(cx, value, other)?;
    Ok(value)
}

// ---- methods

static FROM_KEYS: Signature<2> = Signature::new("fromkeys", ["iterable", "value"]).required(1);

fn from_keys(cx: &Cx, class: Value, args: Args<'_>) -> PyResult {
    let [keys, value] = FROM_KEYS.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    let result = cx.call(class, &[])?;
    for_each(cx, keys, |key| set_item(cx, result, key, value))?;
    Ok(result)
}

fn reduce(cx: &Cx, dict: Ref<OrderedDict>) -> PyResult {
    let state = cx.call_method(dict.value(), cx.names().__getstate__, &[])?;
    let items = cx.call_method(dict.value(), cx.names().items, &[])?;
    let items = get_iter(cx, items)?;
    let class = cx.type_of(dict.value()).value();
    Ok(cx.new_tuple(&[class, cx.empty_tuple().value(), state, Value::NONE, items]).value())
}

static SET_DEFAULT: Signature<2> = Signature::new("setdefault", ["key", "default"]).required(1);

fn set_default(cx: &Cx, dict: Ref<OrderedDict>, args: Args<'_>) -> PyResult {
    let [key, default] = SET_DEFAULT.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    if is_exact(dict) {
        let before = dict.dict().len();
        let value = dict.dict().set_default(cx, key, default)?;
        if dict.dict().len() != before {
            dict.changed();
        }
        return Ok(value);
    }
    if contains(cx, dict.value(), key)? {
        return get_item(cx, dict.value(), key);
    }
    set_item(cx, dict.value(), key, default)?;
    Ok(default)
}

static POP: Signature<2> = Signature::new("pop", ["key", "default"]).required(1);

fn pop(cx: &Cx, dict: Ref<OrderedDict>, args: Args<'_>) -> PyResult {
    let [key, default] = POP.bind(cx, args)?;
    let key = key.unwrap_or(Value::NONE);
    match dict.remove(cx, key)?.or(default) {
        Some(value) => Ok(value),
        None => Err(cx.key_error(key)),
    }
}

fn last_argument(cx: &Cx, last: Option<Value>) -> PyResult<bool> {
    last.map_or(Ok(true), |last| is_true(cx, last))
}

static POP_ITEM: Signature<1> = Signature::new("popitem", ["last"]);

fn pop_item(cx: &Cx, dict: Ref<OrderedDict>, args: Args<'_>) -> PyResult {
    let [last] = POP_ITEM.bind(cx, args)?;
    let popped = if last_argument(cx, last)? { dict.pop_last(cx) } else { dict.pop_first(cx) };
    match popped {
        Some((key, value)) => Ok(cx.new_tuple(&[key, value]).value()),
        None => Err(cx.key_error(cx.new_str("dictionary is empty").value())),
    }
}

static MOVE_TO_END: Signature<2> = Signature::new("move_to_end", ["key", "last"]).required(1);

fn move_to_end(cx: &Cx, dict: Ref<OrderedDict>, args: Args<'_>) -> PyResult {
    let [key, last] = MOVE_TO_END.bind(cx, args)?;
    let key = key.unwrap_or(Value::NONE);
    if dict.move_to_end(cx, key, last_argument(cx, last)?)? { Ok(Value::NONE) } else { Err(cx.key_error(key)) }
}

fn clear(cx: &Cx, dict: Ref<OrderedDict>) -> PyResult {
    dict.clear(cx);
    Ok(Value::NONE)
}

fn copy(cx: &Cx, dict: Ref<OrderedDict>) -> PyResult {
    if is_exact(dict) {
        let copy = cx.new_ordered_dict();
        copy.dict().append_all(cx, dict.dict())?;
        return Ok(copy.value());
    }
    let copy = cx.call(cx.type_of(dict.value()).value(), &[])?;
    let iterator = iterator::new(cx, dict, Kind::Keys, false);
    while let Some(key) = next(cx, iterator)? {
        let value = get_item(cx, dict.value(), key)?;
        set_item(cx, copy, key, value)?;
    }
    Ok(copy)
}

fn size_of_dict(_cx: &Cx, dict: Ref<OrderedDict>) -> PyResult {
    let storage = dict.dict().storage().map_or(0, |storage| storage.size());
    Ok(Value::length(size_of::<OrderedDict>() + storage))
}

fn get_dict(cx: &Cx, dict: Ref<OrderedDict>) -> PyResult {
    Ok(instance_dict(cx, dict.value())?.value())
}

fn set_dict(cx: &Cx, dict: Ref<OrderedDict>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("cannot delete __dict__")) };
    match value.downcast::<Dict>(cx) {
        Some(attributes) => set_instance_dict(cx, dict.value(), attributes),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "__dict__ must be set to a dictionary, not a '{class}'"))
        }
    }
}

static METHODS: &[Method] = &[
    Method::many(
        "fromkeys",
        from_keys,
        "fromkeys($type, /, iterable, value=None)\n--\n\nMake a new ordered dict with keys from an iterable, all with the same value.",
    )
    .on_class(),
    Method::none("__sizeof__", size_of_dict, "__sizeof__($self, /)\n--\n\n"),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn state information for pickling"),
    Method::many(
        "setdefault",
        set_default,
        "setdefault($self, /, key, default=None)\n--\n\nReturn the value for key, which becomes default if it is not there.",
    ),
    Method::many(
        "pop",
        pop,
        "pop($self, /, key, default=<unrepresentable>)\n--\n\nod.pop(key[,default]) -> v, take out a key and return its value.\n\n\
         If the key is not there, return the default if there is one; else KeyError.",
    ),
    Method::many(
        "popitem",
        pop_item,
        "popitem($self, /, last=True)\n--\n\nTake out an entry and return it as a pair: the last one, or the first one if last is false.",
    ),
    Method::none("keys", |cx, dict| Ok(new_view(cx, dict, Kind::Keys)), "keys($self, /)\n--\n\n"),
    Method::none("values", |cx, dict| Ok(new_view(cx, dict, Kind::Values)), "values($self, /)\n--\n\n"),
    Method::none("items", |cx, dict| Ok(new_view(cx, dict, Kind::Items)), "items($self, /)\n--\n\n"),
    Method::many("update", update, ""),
    Method::none("clear", clear, "clear($self, /)\n--\n\nRemove every entry."),
    Method::none("copy", copy, "copy($self, /)\n--\n\nA shallow copy of ordered dict."),
    Method::none(
        "__reversed__",
        |cx, dict| Ok(iterator::new(cx, dict, Kind::Keys, true)),
        "__reversed__($self, /)\n--\n\nod.__reversed__() <==> reversed(od)",
    ),
    Method::many(
        "move_to_end",
        move_to_end,
        "move_to_end($self, /, key, last=True)\n--\n\nMove an existing entry to the end, or to the beginning if last is false.\n\n\
         KeyError if the key is not there.",
    ),
];

/// `collections.OrderedDict`.
pub static TYPE: TypeDef = TypeDef {
    module: "collections",
    doc: "Dictionary that remembers insertion order",
    base: Some(&crate::types::dict::TYPE),
    flags: TypeFlags::BASE
        .with(TypeFlags::HAS_DICT)
        .with(TypeFlags::WEAK_REFERENCES)
        .with(TypeFlags::MAPPING)
        .with(TypeFlags::MATCH_SELF),
    slots: Slots {
        init: Some(init),
        repr: Some(repr),
        compare: Some(compare),
        iter: Some(|cx, value| Ok(iterator::new(cx, this(value), Kind::Keys, false))),
        assign_subscript: Some(assign_subscript),
        bit_or: Some(bit_or),
        inplace_or: Some(inplace_or),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: &[GetSet::read_write("__dict__", get_dict, set_dict, "")],
    ..TypeDef::new("OrderedDict", &LAYOUT)
};
