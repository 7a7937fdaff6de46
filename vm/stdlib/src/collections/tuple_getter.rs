//! `collections._tuplegetter`: the attributes of named tuples.

use countless_common::wtf8::Wtf8Buf;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef};
use countless_vm::object::cell::{Field, Ref};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::number::index_i64;
use countless_vm::object::protocol::object::repr as repr_of;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::{native_cell, raise};

native_cell! {
    /// The cell.
    pub struct TupleGetter("collections._tuplegetter", LAYOUT) {
        traced { doc: Field }
        plain { index: i64 }
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "_tuplegetter")?;
    let [index, doc] = args.exactly::<2>(cx, "_tuplegetter")?;
    let index = index_i64(cx, index)?;
    Ok(cx.allocate_instance(class, TupleGetter { header: Default::default(), doc: Field::new(doc), index }).value())
}

fn get(cx: &Cx, getter: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    let Some(instance) = instance else { return Ok(getter) };
    let index = this::<TupleGetter>(cx, getter).index;
    let Some(tuple) = instance.downcast::<Tuple>(cx) else {
        if instance.is_none() {
            return Ok(getter);
        }
        let class = instance.class_name(cx);
        return Err(raise!(
            cx,
            TypeError,
            "descriptor for index '{index}' for tuple subclasses doesn't apply to '{class}' object"
        ));
    };
    let item = usize::try_from(index).ok().and_then(|index| tuple.item(index));
    item.ok_or_else(|| cx.index_error("tuple index out of range"))
}

fn set(cx: &Cx, _getter: Value, _instance: Value, value: Option<Value>) -> PyResult<()> {
    Err(match value {
        Some(_) => raise!(cx, AttributeError, "can't set attribute"),
        None => raise!(cx, AttributeError, "can't delete attribute"),
    })
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let getter = this::<TupleGetter>(cx, value);
    let name = cx.type_of(value).name();
    let mut out = Wtf8Buf::new();
    out.push_wtf8(name.as_wtf8());
    out.push_str(&format!("({}, ", getter.index));
    out.push_wtf8(repr_of(cx, getter.doc.get_or_none())?.as_wtf8());
    out.push_str(")");
    Ok(cx.new_str_wtf8(&out).value())
}

fn reduce(cx: &Cx, getter: Ref<TupleGetter>) -> PyResult {
    let arguments = cx.new_tuple(&[cx.new_int(getter.index), getter.doc.get_or_none()]);
    Ok(cx.new_tuple(&[cx.type_of(getter.value()).value(), arguments.value()]).value())
}

fn set_doc(cx: &Cx, getter: Ref<TupleGetter>, doc: Option<Value>) -> PyResult<()> {
    getter.doc.set(cx, doc.unwrap_or(Value::NONE));
    Ok(())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "collections",
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        descriptor_get: Some(get),
        descriptor_set: Some(set),
        ..Slots::NONE
    },
    methods: &[Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\n")],
    attributes: &[GetSet::read_write(
        "__doc__",
        |_cx, getter: Ref<TupleGetter>| Ok(getter.doc.get_or_none()),
        set_doc,
        "",
    )],
    ..TypeDef::new("_tuplegetter", &LAYOUT)
};
