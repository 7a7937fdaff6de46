//! `_collections`: deques, ordered and default dicts, named tuples' attributes, counting.

mod default_dict;
mod deque;
mod deque_methods;
mod ring;
mod tuple_getter;

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::attribute::lookup;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::item::set_item;
use countless_vm::object::protocol::iter;
use countless_vm::object::protocol::number::{self, BinaryOperator};
use countless_vm::object::protocol::object::hash;
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::module::Module;
use countless_vm::types::{dict, ids};

/// One more than a count; small counts without any dispatch.
fn incremented(cx: &Cx, count: Value) -> PyResult {
    let one = Value::int(1);
    if Value::both_small_ints(count, one)
        && let Some(sum) = Value::add_small(count, one)
    {
        return Ok(sum);
    }
    number::binary(cx, count, one, BinaryOperator::Add)
}

/// The mapping as a dict whose `get` and `__setitem__` are dict's own.
fn plain_dict(cx: &Cx, mapping: Value) -> Option<Ref<Dict>> {
    let found = mapping.downcast::<Dict>(cx)?;
    let (class, plain) = (cx.type_of(mapping), cx.builtin_type(ids::DICT));
    let same = |name| lookup(cx, class, name) == lookup(cx, plain, name);
    (same(cx.names().get) && same(cx.names().__setitem__)).then_some(found)
}

fn count_elements(cx: &Cx, _module: Value, mapping: Value, iterable: Value) -> PyResult {
    let iterator = iter::get_iter(cx, iterable)?;
    if let Some(counts) = plain_dict(cx, mapping) {
        while let Some(key) = iter::next(cx, iterator)? {
            let key_hash = hash(cx, key)?;
            let count = match counts.get_hashed(cx, key, key_hash)? {
                Some(count) => incremented(cx, count)?,
                None => Value::int(1),
            };
            counts.insert_hashed(cx, key, key_hash, count)?;
        }
        return Ok(Value::NONE);
    }
    let get = cx.get_attribute(mapping, cx.names().get)?;
    while let Some(key) = iter::next(cx, iterator)? {
        let count = cx.call(get, &[key, Value::int(0)])?;
        let count = incremented(cx, count)?;
        set_item(cx, mapping, key, count)?;
    }
    Ok(Value::NONE)
}

static FUNCTIONS: &[Method] = &[Method::two(
    "_count_elements",
    count_elements,
    "_count_elements($module, mapping, iterable, /)\n--\n\nCount elements in the iterable, updating the mapping",
)];

fn execute(cx: &Cx, _module: Ref<Module>) -> PyResult<()> {
    native_type(cx, &ring::TYPE)?;
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_collections",
    doc: "High performance data structures.\n- deque:        ordered collection accessible from endpoints only\n\
          - defaultdict:  dict subclass with a default value factory\n",
    functions: FUNCTIONS,
    types: &[
        &deque::TYPE,
        &deque::ITERATOR_TYPE,
        &deque::REVERSE_ITERATOR_TYPE,
        &default_dict::TYPE,
        &dict::ordered::TYPE,
        &tuple_getter::TYPE,
    ],
    execute: Some(execute),
};
