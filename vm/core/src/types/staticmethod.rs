//! `staticmethod` and, on the same cell, `classmethod`.

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute;
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// A callable wrapped so that look-ups on instances do not bind it.
#[repr(C)]
pub struct StaticMethod {
    header: Header,
    callable: Field,
    /// The dictionary word (see `object::shape`).
    dict: Field,
}

/// Where the dictionary word is.
pub(super) const DICT_OFFSET: usize = std::mem::offset_of!(StaticMethod, dict);

/// The layout of static methods.
pub static LAYOUT: Layout = Layout::of::<StaticMethod>("staticmethod", ids::STATICMETHOD, Some(&super::object::LAYOUT))
    .with_dictionary(DICT_OFFSET);

// SAFETY: `repr(C)`, header first, zero is empty fields; all fields are reported.
unsafe impl Cell for StaticMethod {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.callable.trace(tracer);
        self.dict.trace(tracer);
    }
}

impl StaticMethod {
    pub(super) fn blank() -> StaticMethod {
        StaticMethod { header: Header::default(), callable: Field::empty(), dict: Field::empty() }
    }

    pub(super) fn init_callable(&self, callable: Value) {
        self.callable.init(callable);
    }

    /// What is wrapped.
    pub fn callable(&self) -> Value {
        self.callable.get_or_none()
    }
}

/// A static method of the callable.
pub fn new(cx: &Cx, callable: Value) -> Value {
    let cell = cx.allocate(StaticMethod::blank());
    cell.init_callable(callable);
    cell.value()
}

/// What a static method wraps.
pub fn wrapped(value: Value) -> Option<Value> {
    value.exact::<StaticMethod>().map(|cell| cell.callable())
}

pub(super) fn this(value: Value) -> Ref<StaticMethod> {
    // SAFETY: called from slots of the two types only, whose cells are alike.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new_static(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.allocate_instance(class, StaticMethod::blank()).value())
}

/// `__init__(callable)`: wraps it and takes over its names and documentation.
pub(super) fn init(cx: &Cx, method: Value, args: Args<'_>) -> PyResult<()> {
    let callable = match (args.get(0), args.len() + args.keyword_count()) {
        (Some(callable), 1) => callable,
        _ => {
            let [callable] = args.exactly::<1>(cx, &cx.type_of(method).display_name())?;
            callable
        }
    };
    this(method).callable.set(cx, callable);
    let names = cx.names();
    for attribute in [names.__module__, names.__name__, names.__qualname__, names.__doc__] {
        if let Some(value) = cx.get_attribute_optional(callable, attribute)? {
            attribute::instance_set(cx, method, attribute, value)?;
        }
    }
    Ok(())
}

fn get(cx: &Cx, method: Value, _instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    let callable = this(method).callable.get();
    callable.ok_or(()).map_err(|()| cx.runtime_error("uninitialized staticmethod object"))
}

fn call(cx: &Cx, method: Value, args: Args<'_>) -> PyResult {
    cx.call_args(this(method).callable(), args)
}

pub(super) fn repr(cx: &Cx, method: Value) -> PyResult {
    let shown = protocol::object::repr(cx, this(method).callable())?;
    let class = method.class_name(cx);
    Ok(cx.new_str(&format!("<{class}({})>", shown.as_wtf8())).value())
}

fn get_callable(_cx: &Cx, method: Value) -> PyResult {
    Ok(this(method).callable())
}

fn is_abstract(cx: &Cx, method: Value) -> PyResult {
    let callable = this(method).callable();
    Ok(Value::bool(is_abstract_method(cx, callable)?))
}

/// Whether `__isabstractmethod__` of the value is true.
pub fn is_abstract_method(cx: &Cx, value: Value) -> PyResult<bool> {
    match cx.get_attribute_optional(value, cx.names().__isabstractmethod__)? {
        Some(flag) => protocol::object::is_true(cx, flag),
        None => Ok(false),
    }
}

/// `__annotations__` and `__annotate__` come from the callable and are then kept.
fn forwarded(cx: &Cx, method: Value, name: Ref<super::str::Str>) -> PyResult {
    if let Some(value) = attribute::instance_get(cx, method, name)? {
        return Ok(value);
    }
    let value = cx.get_attribute(this(method).callable(), name)?;
    attribute::instance_set(cx, method, name, value)?;
    Ok(value)
}

fn set_forwarded(cx: &Cx, method: Value, name: Ref<super::str::Str>, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => attribute::instance_set(cx, method, name, value).map(drop),
        None if attribute::instance_delete(cx, method, name)? => Ok(()),
        None => Err(attribute::missing_attribute(cx, method, name)),
    }
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    super::generic_alias::new(cx, class, item)
}

pub(super) static METHODS: &[Method] =
    &[Method::one("__class_getitem__", class_getitem, "__class_getitem__($type, item, /)\n--\n\nSee PEP 585")
        .on_class()];

pub(super) static ATTRIBUTES: &[GetSet] = &[
    super::object::DICT_ROW,
    GetSet::read_only("__func__", get_callable, ""),
    GetSet::read_only("__wrapped__", get_callable, ""),
    GetSet::read_only("__isabstractmethod__", is_abstract, ""),
    GetSet::read_write(
        "__annotations__",
        |cx, method: Value| forwarded(cx, method, cx.names().__annotations__),
        |cx, method: Value, value| set_forwarded(cx, method, cx.names().__annotations__, value),
        "",
    ),
    GetSet::read_write(
        "__annotate__",
        |cx, method: Value| forwarded(cx, method, cx.names().__annotate__),
        |cx, method: Value, value| set_forwarded(cx, method, cx.names().__annotate__, value),
        "",
    ),
];

/// `staticmethod`.
pub static TYPE: TypeDef = TypeDef {
    doc: "staticmethod(function, /)\n--\n\nA function in a class that gets neither instance nor class.",
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT),
    slots: Slots {
        new: Some(new_static),
        init: Some(init),
        call: Some(call),
        repr: Some(repr),
        descriptor_get: Some(get),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("staticmethod", &LAYOUT)
};
