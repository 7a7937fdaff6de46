//! `method`: a function together with the object it is called on.

use countless_gc::{Header, Tracer};

use super::ids;
use crate::native::args::Args;
use crate::native::definition::Method as MethodRow;
use crate::native::definition::{GetSet, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::compare::equal;
use crate::object::protocol::object::{hash, repr as repr_of};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// The cell. Immutable.
#[repr(C)]
pub struct Method {
    header: Header,
    function: Field,
    receiver: Field,
}

/// The layout of bound methods.
pub static LAYOUT: Layout = Layout::of::<Method>("method", ids::METHOD, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a method of nothing (never called); both fields are reported.
unsafe impl Cell for Method {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.receiver.trace(tracer);
    }
}

impl Method {
    /// `__func__`.
    #[inline(always)]
    pub fn function(&self) -> Value {
        self.function.get_or_none()
    }

    /// `__self__`.
    #[inline(always)]
    pub fn receiver(&self) -> Value {
        self.receiver.get_or_none()
    }
}

impl Cx {
    /// A bound method.
    #[inline]
    pub fn new_method(&self, function: Value, receiver: Value) -> Ref<Method> {
        self.allocate(Method {
            header: Header::default(),
            function: Field::new(function),
            receiver: Field::new(receiver),
        })
    }
}

fn method(value: Value) -> Ref<Method> {
    // SAFETY: the callers are the type's own slots; methods cannot be subclassed.
    unsafe { Ref::from_value_unchecked(value) }
}

fn call(cx: &Cx, value: Value, args: Args<'_>) -> PyResult {
    let method = method(value);
    crate::interp::call::call_with_receiver(cx, method.function(), method.receiver(), args)
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "method")?;
    let [function, receiver] = args.exactly::<2>(cx, "method")?;
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("first argument must be callable"));
    }
    if receiver.is_none() {
        return Err(cx.type_error("instance must not be None"));
    }
    Ok(cx.new_method(function, receiver).value())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let method = method(value);
    let named = |attribute: &str| -> PyResult<Option<Ref<Str>>> {
        let found = cx.get_attribute_optional(method.function(), cx.intern_str(attribute))?;
        Ok(found.and_then(|name| name.downcast::<Str>(cx)))
    };
    let name = match named("__qualname__")? {
        Some(name) => Some(name),
        None => named("__name__")?,
    };
    let name = name.map_or_else(|| "?".to_string(), |name| name.as_wtf8().to_string_lossy());
    let receiver = repr_of(cx, method.receiver())?;
    Ok(cx.new_str(&format!("<bound method {name} of {}>", receiver.as_wtf8())).value())
}

fn hash_method(cx: &Cx, value: Value) -> PyResult<i64> {
    let method = method(value);
    let address = method.receiver().identity() as i64;
    Ok(match address.rotate_right(4) ^ hash(cx, method.function())? {
        -1 => -2,
        hash => hash,
    })
}

fn compare(cx: &Cx, value: Value, other: Value, comparison: Comparison) -> PyResult {
    let (true, Comparison::Equal | Comparison::NotEqual) = (other.is_exactly(ids::METHOD), comparison) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (a, b) = (method(value), method(other));
    let same = a.receiver() == b.receiver() && equal(cx, a.function(), b.function())?;
    Ok(Value::bool(same == (comparison == Comparison::Equal)))
}

/// Binding a bound method again leaves it as it is.
fn get(_cx: &Cx, value: Value, _instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    Ok(value)
}

/// Attributes that the method has not are those of the function.
fn get_attribute(cx: &Cx, value: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    let class = cx.type_of(value);
    match crate::object::attribute::lookup(cx, class, name) {
        Some(found) => crate::object::attribute::bind_descriptor(cx, found, Some(value), class),
        None => cx.get_attribute(method(value).function(), name),
    }
}

fn get_function(_cx: &Cx, method: Ref<Method>) -> PyResult {
    Ok(method.function())
}

fn get_receiver(_cx: &Cx, method: Ref<Method>) -> PyResult {
    Ok(method.receiver())
}

fn get_doc(cx: &Cx, method: Ref<Method>) -> PyResult {
    let doc = cx.get_attribute_optional(method.function(), cx.intern_str("__doc__"))?;
    Ok(doc.unwrap_or(Value::NONE))
}

/// Pickles as `getattr(self, name)`.
fn reduce(cx: &Cx, method: Ref<Method>) -> PyResult {
    let name = cx.get_attribute(method.function(), cx.intern_str("__name__"))?;
    let getattr = super::module::builtin(cx, "getattr")?;
    let arguments = cx.new_tuple(&[method.receiver(), name]);
    Ok(cx.new_tuple(&[getattr, arguments.value()]).value())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "method(function, instance, /)\n--\n\nCreate a bound instance method object.",
    flags: TypeFlags::WEAK_REFERENCES,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash_method),
        call: Some(call),
        get_attribute: Some(get_attribute),
        compare: Some(compare),
        descriptor_get: Some(get),
        ..Slots::NONE
    },
    methods: &[MethodRow::none("__reduce__", reduce, "")],
    attributes: &[
        GetSet::read_only("__func__", get_function, "the function (or other callable) implementing a method"),
        GetSet::read_only("__self__", get_receiver, "the instance to which a method is bound"),
        GetSet::read_only("__doc__", get_doc, ""),
    ],
    ..TypeDef::new("method", &LAYOUT)
};
