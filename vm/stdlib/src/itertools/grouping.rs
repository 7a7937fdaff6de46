//! `groupby` and the iterators over its groups.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{TypeDef, TypeFlags};
use countless_vm::object::cell::{Field, Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::compare::equal;
use countless_vm::object::protocol::iter::{get_iter, next as next_of};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::object;
use countless_vm::types::type_object::TypeObject;
use countless_vm::{native_cell, raise};

use super::itself;

native_cell! {
    /// The cell of a `groupby`.
    pub struct GroupBy("itertools.groupby", GROUPBY_LAYOUT) {
        traced {
            iterator: Field,
            /// None for the items themselves.
            key_function: Field,
            /// The key of the group that is being yielded.
            target_key: Field,
            /// The item that was read but not yielded yet, and its key.
            key: Field,
            item: Field,
            /// The only group that may go on.
            group: RefField<Grouper>,
        }
        plain {}
    }
}

native_cell! {
    /// The cell of a group's iterator.
    pub struct Grouper("itertools._grouper", GROUPER_LAYOUT) {
        traced { parent: RefField<GroupBy>, key: Field }
        plain {}
    }
}

static GROUPBY: Signature<2> = Signature::new("groupby", ["iterable", "key"]).required(1);

fn new_groupby(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable, key] = GROUPBY.bind(cx, args)?;
    let iterator = get_iter(cx, iterable.unwrap_or(Value::NONE))?;
    let contents = GroupBy {
        header: Default::default(),
        iterator: Field::new(iterator),
        key_function: Field::new(key.unwrap_or(Value::NONE)),
        target_key: Field::empty(),
        key: Field::empty(),
        item: Field::empty(),
        group: RefField::empty(),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

/// Reads an item; false at the end.
fn step(cx: &Cx, this: Ref<GroupBy>) -> PyResult<bool> {
    let Some(item) = next_of(cx, this.iterator.get_or_none())? else { return Ok(false) };
    let key = match this.key_function.get().and_then(Value::not_none) {
        Some(function) => cx.call(function, &[item])?,
        None => item,
    };
    this.item.set(cx, item);
    this.key.set(cx, key);
    Ok(true)
}

fn next_group(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<GroupBy>(cx, value);
    this.group.set_option(cx, None);
    let key = loop {
        match (this.key.get(), this.target_key.get()) {
            (None, _) => {}
            (Some(key), None) => break key,
            (Some(key), Some(target)) => {
                if !equal(cx, target, key)? {
                    break key;
                }
            }
        }
        if !step(cx, this)? {
            return Ok(None);
        }
        cx.poll()?;
    };
    this.target_key.set(cx, key);
    let group = make_group(cx, this, key);
    Ok(Some(cx.new_tuple(&[key, group.value()]).value()))
}

fn make_group(cx: &Cx, parent: Ref<GroupBy>, key: Value) -> Ref<Grouper> {
    let group =
        cx.allocate(Grouper { header: Default::default(), parent: RefField::new(parent), key: Field::new(key) });
    parent.group.set(cx, group);
    group
}

fn next_in_group(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let group = this::<Grouper>(cx, value);
    let Some(parent) = group.parent.get() else { return Ok(None) };
    if parent.group.get() != Some(group) {
        return Ok(None);
    }
    if parent.item.get().is_none() && !step(cx, parent)? {
        return Ok(None);
    }
    let Some(key) = parent.key.get() else { return Ok(None) };
    if !equal(cx, group.key.get_or_none(), key)? {
        return Ok(None);
    }
    let item = parent.item.get();
    parent.item.clear(cx);
    parent.key.clear(cx);
    Ok(item)
}

fn new_grouper(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "_grouper")?;
    let [parent, key] = args.exactly::<2>(cx, "_grouper")?;
    match parent.downcast::<GroupBy>(cx) {
        Some(parent) => Ok(make_group(cx, parent, key).value()),
        None => {
            let class = parent.class_name(cx);
            Err(raise!(cx, TypeError, "_grouper() argument 1 must be itertools.groupby, not {class}"))
        }
    }
}

/// `itertools.groupby`.
pub static GROUPBY_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "groupby(iterable, key=None)\n--\n\nmake an iterator that returns consecutive keys and groups from the iterable\n\n  iterable\n    \
          Elements to divide into groups according to the key function.\n  key\n    \
          A function for computing the group category for each element.\n    \
          If the key function is not specified or is None, the element itself\n    is used for grouping.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_groupby), iter: Some(itself), next: Some(next_group), ..Slots::NONE },
    ..TypeDef::new("groupby", &GROUPBY_LAYOUT)
};

/// `itertools._grouper`.
pub static GROUPER_TYPE: TypeDef = TypeDef {
    module: "itertools",
    base: Some(&object::TYPE),
    slots: Slots { new: Some(new_grouper), iter: Some(itself), next: Some(next_in_group), ..Slots::NONE },
    ..TypeDef::new("_grouper", &GROUPER_LAYOUT)
};
