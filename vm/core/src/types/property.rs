//! `property`.

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute;
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// The cell.
#[repr(C)]
pub struct Property {
    header: Header,
    getter: Field,
    setter: Field,
    deleter: Field,
    doc: Field,
    /// The name, once `__set_name__` told it or it was set.
    name: Field,
    /// Whether the documentation is the getter's: not empty if so.
    doc_from_getter: Field,
}

/// The layout of properties.
pub static LAYOUT: Layout = Layout::of::<Property>("property", ids::PROPERTY, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is empty fields; all fields are reported.
unsafe impl Cell for Property {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for field in [&self.getter, &self.setter, &self.deleter, &self.doc, &self.name, &self.doc_from_getter] {
            field.trace(tracer);
        }
    }
}

/// The getter of an exact property, if it is a Python function: what inline caches call directly.
pub fn python_getter(_cx: &Cx, value: Value) -> Option<Value> {
    let getter = value.exact::<Property>()?.getter.get()?;
    getter.is_exactly(ids::FUNCTION).then_some(getter)
}

fn this(value: Value) -> Ref<Property> {
    // SAFETY: called from slots and rows of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = Property {
        header: Header::default(),
        getter: Field::empty(),
        setter: Field::empty(),
        deleter: Field::empty(),
        doc: Field::empty(),
        name: Field::empty(),
        doc_from_getter: Field::empty(),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

static INIT: Signature<4> = Signature::new("property", ["fget", "fset", "fdel", "doc"]);

fn init(cx: &Cx, property: Value, args: Args<'_>) -> PyResult<()> {
    let [getter, setter, deleter, doc] = INIT.bind(cx, args)?;
    fill(
        cx,
        property,
        [getter, setter, deleter].map(|function| function.and_then(Value::not_none)),
        doc.and_then(Value::not_none),
    )
}

fn store(cx: &Cx, field: &Field, value: Option<Value>) {
    match value {
        Some(value) => field.set(cx, value),
        None => field.clear(cx),
    }
}

fn fill(cx: &Cx, property: Value, functions: [Option<Value>; 3], doc: Option<Value>) -> PyResult<()> {
    let cell = this(property);
    let [getter, setter, deleter] = functions;
    store(cx, &cell.getter, getter);
    store(cx, &cell.setter, setter);
    store(cx, &cell.deleter, deleter);
    let names = cx.names();
    let (doc, from_getter) = match (doc, getter) {
        (Some(doc), _) => (Some(doc), false),
        (None, Some(getter)) => {
            let doc = cx.get_attribute_optional(getter, names.__doc__)?.and_then(Value::not_none);
            (doc, doc.is_some())
        }
        (None, None) => (None, false),
    };
    store(cx, &cell.doc_from_getter, from_getter.then_some(Value::TRUE));
    if property.is_exactly(ids::PROPERTY) {
        store(cx, &cell.doc, doc);
        return Ok(());
    }
    // A subclass keeps its documentation in the instance, where its own `__doc__` does not hide it.
    let doc = doc.unwrap_or(Value::NONE);
    match cx.set_attribute(property, names.__doc__, doc) {
        Ok(()) => Ok(()),
        Err(raised) if from_getter || doc.is_none() => {
            cx.ignore_if(raised, crate::exceptions::ExceptionKind::AttributeError)
        }
        Err(raised) => Err(raised),
    }
}

/// The property's name: told, or its getter's.
fn name_of(cx: &Cx, property: Ref<Property>) -> PyResult<Option<Value>> {
    if let Some(name) = property.name.get() {
        return Ok(Some(name));
    }
    match property.getter.get() {
        Some(getter) => cx.get_attribute_optional(getter, cx.names().__name__),
        None => Ok(None),
    }
}

#[cold]
fn missing(cx: &Cx, property: Ref<Property>, object: Value, what: &str) -> Raised {
    let name = match name_of(cx, property) {
        Ok(name) => name,
        Err(raised) => return raised,
    };
    let class = match super::type_attribute::qualified_name(cx, cx.type_of(object)) {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    let class = class.as_wtf8();
    match name {
        Some(name) => match protocol::object::repr(cx, name) {
            Ok(name) => raise!(cx, AttributeError, "property {} of '{class}' object has no {what}", name.as_wtf8()),
            Err(raised) => raised,
        },
        None => raise!(cx, AttributeError, "property of '{class}' object has no {what}"),
    }
}

fn get(cx: &Cx, property: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    let Some(instance) = instance.and_then(Value::not_none) else { return Ok(property) };
    let property = this(property);
    match property.getter.get() {
        Some(getter) => cx.call(getter, &[instance]),
        None => Err(missing(cx, property, instance, "getter")),
    }
}

fn set(cx: &Cx, property: Value, instance: Value, value: Option<Value>) -> PyResult<()> {
    let property = this(property);
    match value {
        Some(value) => match property.setter.get() {
            Some(setter) => cx.call(setter, &[instance, value]).map(drop),
            None => Err(missing(cx, property, instance, "setter")),
        },
        None => match property.deleter.get() {
            Some(deleter) => cx.call(deleter, &[instance]).map(drop),
            None => Err(missing(cx, property, instance, "deleter")),
        },
    }
}

/// A copy with one of the functions replaced.
fn copy_with(
    cx: &Cx,
    property: Ref<Property>,
    getter: Option<Value>,
    setter: Option<Value>,
    deleter: Option<Value>,
) -> PyResult {
    let pick = |new: Option<Value>, old: &Field| new.or_else(|| old.get()).unwrap_or(Value::NONE);
    // Documentation that came from the getter is taken from the copy's getter again.
    let doc = if property.doc_from_getter.get().is_some() { Value::NONE } else { get_doc(cx, property)? };
    let args = [pick(getter, &property.getter), pick(setter, &property.setter), pick(deleter, &property.deleter), doc];
    let copy = cx.call(cx.type_of(property.value()).value(), &args)?;
    if let Some(copy) = copy.downcast::<Property>(cx)
        && let Some(name) = property.name.get()
    {
        copy.name.set(cx, name);
    }
    Ok(copy)
}

fn with_getter(cx: &Cx, property: Ref<Property>, function: Value) -> PyResult {
    copy_with(cx, property, Some(function), None, None)
}

fn with_setter(cx: &Cx, property: Ref<Property>, function: Value) -> PyResult {
    copy_with(cx, property, None, Some(function), None)
}

fn with_deleter(cx: &Cx, property: Ref<Property>, function: Value) -> PyResult {
    copy_with(cx, property, None, None, Some(function))
}

fn set_name(cx: &Cx, property: Ref<Property>, args: Args<'_>) -> PyResult {
    if args.len() != 2 {
        return Err(raise!(cx, TypeError, "__set_name__() takes 2 positional arguments but {} were given", args.len()));
    }
    store(cx, &property.name, args.get(1));
    Ok(Value::NONE)
}

fn get_doc(cx: &Cx, property: Ref<Property>) -> PyResult {
    if !property.value().is_exactly(ids::PROPERTY)
        && let Some(doc) = attribute::instance_get(cx, property.value(), cx.names().__doc__)?
    {
        return Ok(doc);
    }
    Ok(property.doc.get_or_none())
}

fn set_doc(cx: &Cx, property: Ref<Property>, value: Option<Value>) -> PyResult<()> {
    let name = cx.names().__doc__;
    if let Some(value) = value
        && !property.value().is_exactly(ids::PROPERTY)
        && attribute::instance_set(cx, property.value(), name, value)?
    {
        return Ok(());
    }
    store(cx, &property.doc, value);
    Ok(())
}

fn get_name(cx: &Cx, property: Ref<Property>) -> PyResult {
    match name_of(cx, property)? {
        Some(name) => Ok(name),
        None => {
            let class = property.value().class_name(cx);
            Err(raise!(cx, AttributeError, "'{class}' object has no attribute '__name__'"))
        }
    }
}

fn is_abstract(cx: &Cx, property: Ref<Property>) -> PyResult {
    for function in [&property.getter, &property.setter, &property.deleter] {
        if let Some(function) = function.get()
            && super::staticmethod::is_abstract_method(cx, function)?
        {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

static METHODS: &[Method] = &[
    Method::one("getter", with_getter, "getter($self, object, /)\n--\n\nA copy with another getter."),
    Method::one("setter", with_setter, "setter($self, object, /)\n--\n\nA copy with another setter."),
    Method::one("deleter", with_deleter, "deleter($self, object, /)\n--\n\nA copy with another deleter."),
    Method::many("__set_name__", set_name, "__set_name__($self, owner, name, /)\n--\n\nRemember the name."),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("fget", |_cx, property: Ref<Property>| Ok(property.getter.get_or_none()), ""),
    GetSet::read_only("fset", |_cx, property: Ref<Property>| Ok(property.setter.get_or_none()), ""),
    GetSet::read_only("fdel", |_cx, property: Ref<Property>| Ok(property.deleter.get_or_none()), ""),
    GetSet::read_write("__doc__", get_doc, set_doc, ""),
    GetSet::read_write(
        "__name__",
        get_name,
        |cx, property: Ref<Property>, value| {
            store(cx, &property.name, value);
            Ok(())
        },
        "",
    ),
    GetSet::read_only("__isabstractmethod__", is_abstract, ""),
];

/// `property`.
pub static TYPE: TypeDef = TypeDef {
    doc: "property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nAn attribute whose value is computed by functions.",
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        descriptor_get: Some(get),
        descriptor_set: Some(set),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("property", &LAYOUT)
};
