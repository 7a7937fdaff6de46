//! `super`.

use countless_gc::{Header, Tracer};

use super::ids;
use super::str::Str;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{GetSet, TypeDef, TypeFlags};
use crate::object::attribute::generic_get;
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct Super {
    header: Header,
    /// `__thisclass__`.
    class: RefField<TypeObject>,
    /// `__self__`; empty when unbound.
    object: Field,
    /// `__self_class__`.
    object_class: RefField<TypeObject>,
}

/// The layout of super objects.
pub static LAYOUT: Layout = Layout::of::<Super>("super", ids::SUPER, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is empty fields; all fields are reported.
unsafe impl Cell for Super {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.class.trace(tracer);
        self.object.trace(tracer);
        self.object_class.trace(tracer);
    }
}

/// The name as it stands in a namespace behind `class` in the order of `start`; no descriptor is called.
pub fn lookup(cx: &Cx, class: Ref<TypeObject>, start: Ref<TypeObject>, name: Ref<Str>) -> PyResult<Option<Value>> {
    for base in start.linearization().skip_while(|&base| base != class).skip(1) {
        if let Some(found) = base.dict().get_name(cx, name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The class whose order is searched for `super(class, object)`: the object's, or the object itself if it is a class.
pub fn start_class(cx: &Cx, class: Ref<TypeObject>, object: Value) -> PyResult<Ref<TypeObject>> {
    if let Some(own) = object.as_class(cx)
        && own.is_subclass(class)
    {
        return Ok(own);
    }
    let own = cx.type_of(object);
    if own.is_subclass(class) {
        return Ok(own);
    }
    let claimed = cx.get_attribute_optional(object, cx.names().__class__)?.and_then(|claimed| claimed.as_class(cx));
    if let Some(claimed) = claimed
        && claimed != own
        && claimed.is_subclass(class)
    {
        return Ok(claimed);
    }
    let kind = if object.as_class(cx).is_some() { "type" } else { "instance of" };
    let shown = object.as_class(cx).unwrap_or(own).display_name();
    let class = class.display_name();
    Err(raise!(
        cx,
        TypeError,
        "super(type, obj): obj ({kind} {shown}) is not an instance or subtype of type ({class})."
    ))
}

/// `super(class, object).name`, without a super object; `None` if there is no such attribute behind the class.
pub fn get(
    cx: &Cx,
    class: Ref<TypeObject>,
    object: Value,
    start: Ref<TypeObject>,
    name: Ref<Str>,
) -> PyResult<Option<Value>> {
    if name == cx.names().__class__ {
        return Ok(None);
    }
    let Some(found) = lookup(cx, class, start, name)? else { return Ok(None) };
    if !found.is_cell() {
        return Ok(Some(found));
    }
    let instance = (object != start.value()).then_some(object);
    match cx.type_of(found).slots.descriptor_get() {
        Some(function) => function(cx, found, instance, Some(start.value())).map(Some),
        None => Ok(Some(found)),
    }
}

fn this(value: Value) -> Ref<Super> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = Super {
        header: Header::default(),
        class: RefField::empty(),
        object: Field::empty(),
        object_class: RefField::empty(),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn init(cx: &Cx, object: Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(cx, "super")?;
    let [class, bound] = args.between::<2>(cx, "super", 0)?;
    let (class, bound) = match class {
        Some(class) => match class.as_class(cx) {
            Some(class) => (class, bound.and_then(Value::not_none)),
            None => {
                let given = class.class_name(cx);
                return Err(raise!(cx, TypeError, "super() argument 1 must be a type, not {given}"));
            }
        },
        None => {
            let (class, bound) = cx.super_arguments()?;
            (class, Some(bound))
        }
    };
    let cell = this(object);
    if let Some(bound) = bound {
        let start = start_class(cx, class, bound)?;
        cell.object_class.set(cx, start);
        cell.object.set(cx, bound);
    }
    cell.class.set(cx, class);
    Ok(())
}

fn get_attribute(cx: &Cx, object: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    let cell = this(object);
    if let (Some(class), Some(bound), Some(start)) = (cell.class.get(), cell.object.get(), cell.object_class.get())
        && let Some(found) = get(cx, class, bound, start, name)?
    {
        return Ok(found);
    }
    generic_get(cx, object, name.value())
}

fn descriptor_get(cx: &Cx, object: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    let cell = this(object);
    let (Some(instance), None, Some(class)) = (instance.and_then(Value::not_none), cell.object.get(), cell.class.get())
    else {
        return Ok(object);
    };
    cx.call(cx.type_of(object).value(), &[class.value(), instance])
}

fn repr(cx: &Cx, object: Value) -> PyResult {
    let cell = this(object);
    let class = cell.class.get().map_or("NULL".to_owned(), |class| class.display_name());
    let text = match cell.object_class.get() {
        Some(own) => format!("<super: <class '{class}'>, <{} object>>", own.display_name()),
        None => format!("<super: <class '{class}'>, NULL>"),
    };
    Ok(cx.new_str(&text).value())
}

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only(
        "__thisclass__",
        |_cx, cell: Ref<Super>| Ok(cell.class.get().map_or(Value::NONE, Ref::value)),
        "the class invoking super()",
    ),
    GetSet::read_only(
        "__self__",
        |_cx, cell: Ref<Super>| Ok(cell.object.get_or_none()),
        "the instance invoking super(); may be None",
    ),
    GetSet::read_only(
        "__self_class__",
        |_cx, cell: Ref<Super>| Ok(cell.object_class.get().map_or(Value::NONE, Ref::value)),
        "the type of the instance invoking super(); may be None",
    ),
];

/// `super`.
pub static TYPE: TypeDef = TypeDef {
    doc: "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\nsuper(type, obj) -> bound super object; requires isinstance(obj, type)\nsuper(type, type2) -> bound super object; requires issubclass(type2, type)\n",
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        get_attribute: Some(get_attribute),
        descriptor_get: Some(descriptor_get),
        repr: Some(repr),
        ..Slots::NONE
    },
    attributes: ATTRIBUTES,
    ..TypeDef::new("super", &LAYOUT)
};
