//! `object.__reduce_ex__` and `object.__getstate__`: how instances are copied and pickled.

use super::dict::Dict;
use super::list::List;
use super::str::Str;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use crate::object::attribute::{self, lookup};
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// `object.__reduce_ex__(protocol)`.
pub fn reduce_ex(cx: &Cx, object: Value, protocol: Value) -> PyResult {
    let protocol = protocol::number::index_i64(cx, protocol)?;
    let names = cx.names();
    let base = lookup(cx, cx.builtin_type(ids::OBJECT), names.__reduce__);
    if lookup(cx, cx.type_of(object), names.__reduce__) != base {
        return cx.call_method(object, names.__reduce__, &[]);
    }
    reduce(cx, object, protocol)
}

/// The common part of `__reduce__` (protocol 0) and `__reduce_ex__`.
pub fn reduce(cx: &Cx, object: Value, protocol: i64) -> PyResult {
    if protocol >= 2 {
        return reduce_new(cx, object);
    }
    let copyreg = cx.import_module("copyreg")?;
    cx.call_method(copyreg, cx.intern_str("_reduce_ex"), &[object, Value::int(protocol)])
}

/// What `__new__` of a copy gets: `__getnewargs_ex__`, `__getnewargs__` or nothing.
fn new_arguments(cx: &Cx, object: Value) -> PyResult<(Option<Ref<Tuple>>, Option<Ref<Dict>>)> {
    let names = cx.names();
    if let Some(method) = cx.lookup_special(object, names.__getnewargs_ex__)? {
        let result = cx.call_found(method, &[])?;
        let Some(pair) = result.downcast::<Tuple>(cx) else {
            let class = result.class_name(cx);
            return Err(raise!(cx, TypeError, "__getnewargs_ex__ should return a tuple, not '{class}'"));
        };
        if pair.len() != 2 {
            let count = pair.len();
            return Err(raise!(cx, ValueError, "__getnewargs_ex__ should return a tuple of length 2, not {count}"));
        }
        let Some(args) = pair.get(0).downcast::<Tuple>(cx) else {
            let class = pair.get(0).class_name(cx);
            return Err(raise!(
                cx,
                TypeError,
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{class}'"
            ));
        };
        let Some(keywords) = pair.get(1).downcast::<Dict>(cx) else {
            let class = pair.get(1).class_name(cx);
            return Err(raise!(
                cx,
                TypeError,
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{class}'"
            ));
        };
        return Ok((Some(args), Some(keywords)));
    }
    if let Some(method) = cx.lookup_special(object, names.__getnewargs__)? {
        let result = cx.call_found(method, &[])?;
        return match result.downcast::<Tuple>(cx) {
            Some(args) => Ok((Some(args), None)),
            None => {
                let class = result.class_name(cx);
                Err(raise!(cx, TypeError, "__getnewargs__ should return a tuple, not '{class}'"))
            }
        };
    }
    Ok((None, None))
}

/// Protocol 2: `copyreg.__newobj__` (or `__newobj_ex__`), the state, and the items of lists and dicts.
fn reduce_new(cx: &Cx, object: Value) -> PyResult {
    let class = cx.type_of(object);
    if class.slots.new().is_none() {
        return Err(raise!(cx, TypeError, "cannot pickle '{}' object", class.display_name()));
    }
    let (args, keywords) = new_arguments(cx, object)?;
    let copyreg = cx.import_module("copyreg")?;
    let required = args.is_none() && object.downcast::<List>(cx).is_none() && object.downcast::<Dict>(cx).is_none();
    let (function, new_args) = match keywords.filter(|keywords| !keywords.is_empty()) {
        None => {
            let function = cx.get_attribute(copyreg, cx.intern_str("__newobj__"))?;
            let given = args.map_or(0, |args| args.len());
            let all = cx.new_blank_tuple(given + 1);
            all.init(0, class.value());
            for (index, value) in args.into_iter().flat_map(|args| args.iter()).enumerate() {
                all.init(index + 1, value);
            }
            (function, all)
        }
        Some(keywords) => {
            let function = cx.get_attribute(copyreg, cx.intern_str("__newobj_ex__"))?;
            let args = args.unwrap_or_else(|| cx.new_tuple(&[]));
            (function, cx.new_tuple(&[class.value(), args.value(), keywords.value()]))
        }
    };
    let state = state_of(cx, object, required)?;
    let list_items = match object.downcast::<List>(cx) {
        Some(_) => protocol::iter::get_iter(cx, object)?,
        None => Value::NONE,
    };
    let dict_items = match object.downcast::<Dict>(cx) {
        Some(_) => {
            let items = cx.call_method(object, cx.names().items, &[])?;
            protocol::iter::get_iter(cx, items)?
        }
        None => Value::NONE,
    };
    Ok(cx.new_tuple(&[function, new_args.value(), state, list_items, dict_items]).value())
}

fn state_of(cx: &Cx, object: Value, required: bool) -> PyResult {
    let names = cx.names();
    let base = lookup(cx, cx.builtin_type(ids::OBJECT), names.__getstate__);
    if lookup(cx, cx.type_of(object), names.__getstate__) == base {
        return getstate(cx, object, required);
    }
    cx.call_method(object, names.__getstate__, &[])
}

/// `object.__getstate__()`: the attributes, and the members as a second dict if there are any. `required`: whether the
/// object must not hold anything that this cannot see.
pub fn getstate(cx: &Cx, object: Value, required: bool) -> PyResult {
    let class = cx.type_of(object);
    if required && !is_plain(cx, class) {
        return Err(raise!(cx, TypeError, "cannot pickle '{}' object", class.display_name()));
    }
    let state = if attribute::has_instance_dict(cx, object) {
        let dict = cx.new_dict();
        let mut pending: PyResult<()> = Ok(());
        attribute::instance_attributes(cx, object, &mut |name, value| {
            if pending.is_ok() {
                pending = dict.set(cx, name, value);
            }
        });
        pending?;
        if dict.is_empty() { Value::NONE } else { dict.value() }
    } else {
        Value::NONE
    };
    let members = member_values(cx, object, class)?;
    if members.is_empty() {
        return Ok(state);
    }
    Ok(cx.new_tuple(&[state, members.value()]).value())
}

/// Whether instances hold nothing but attributes and members: no native payload.
fn is_plain(cx: &Cx, class: Ref<TypeObject>) -> bool {
    let layout = class.layout();
    std::ptr::eq(layout, &super::object::LAYOUT)
        || class.is_subclass(cx.builtin_type(crate::exceptions::ExceptionKind::BaseException.type_id()))
        || std::ptr::eq(layout, &super::simple_namespace::LAYOUT)
}

/// The values of `__slots__` members that are set, by name.
fn member_values(cx: &Cx, object: Value, class: Ref<TypeObject>) -> PyResult<Ref<Dict>> {
    let values = cx.new_dict();
    if cx.shape_of(object.type_id()).placement().members == 0 {
        return Ok(values);
    }
    for base in class.linearization().filter(|base| base.is_heap_type()) {
        for (name, descriptor) in base.dict().iter() {
            if !descriptor.is_exactly(ids::MEMBER_DESCRIPTOR) {
                continue;
            }
            if let Some(name) = name.downcast::<Str>(cx)
                && let Some(value) = cx.get_attribute_optional(object, name)?
            {
                values.set_name(cx, name, value)?;
            }
        }
    }
    Ok(values)
}
