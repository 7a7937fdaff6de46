//! `classmethod`: the cell and most of the behaviour of `staticmethod`, but for binding to the class.

use countless_gc::Tracer;

use super::ids;
use super::staticmethod::{self, StaticMethod};
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct ClassMethod(StaticMethod);

/// The layout of class methods.
pub static LAYOUT: Layout = Layout::of::<ClassMethod>("classmethod", ids::CLASSMETHOD, Some(&super::object::LAYOUT))
    .with_dictionary(staticmethod::DICT_OFFSET);

// SAFETY: `repr(C)`, it is a `StaticMethod`.
unsafe impl Cell for ClassMethod {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
    }
}

/// A class method of the callable.
pub fn new(cx: &Cx, callable: Value) -> Value {
    let cell = cx.allocate(ClassMethod(StaticMethod::blank()));
    staticmethod::this(cell.value()).init_callable(callable);
    cell.value()
}

/// The callable of an exact class method.
#[inline]
pub fn callable(method: Value) -> Option<Value> {
    method.is_exactly(ids::CLASSMETHOD).then(|| staticmethod::this(method).callable())
}

fn new_class_method(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.allocate_instance(class, ClassMethod(StaticMethod::blank())).value())
}

fn get(cx: &Cx, method: Value, instance: Option<Value>, owner: Option<Value>) -> PyResult {
    let class = match (owner, instance) {
        (Some(owner), _) => owner,
        (None, Some(instance)) => cx.type_of(instance).value(),
        (None, None) => Value::NONE,
    };
    let callable = staticmethod::this(method).callable();
    Ok(cx.new_method(callable, class).value())
}

/// `classmethod`.
pub static TYPE: TypeDef = TypeDef {
    doc: "classmethod(function, /)\n--\n\nA function in a class that gets the class as its first argument.",
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT),
    slots: Slots {
        new: Some(new_class_method),
        init: Some(staticmethod::init),
        repr: Some(staticmethod::repr),
        descriptor_get: Some(get),
        ..Slots::NONE
    },
    methods: staticmethod::METHODS,
    attributes: staticmethod::ATTRIBUTES,
    ..TypeDef::new("classmethod", &LAYOUT)
};
