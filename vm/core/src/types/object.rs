//! `object`: the base of all classes.

use countless_gc::{Header, Tracer, TypeId};

use super::ids;
use super::str::Str;
use super::type_object::{TypeObject, flag};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute::{self, generic_get, generic_set, lookup};
use crate::object::cell::{Cell, Layout, Ref};
use crate::object::protocol;
use crate::object::slots::{Comparison, SlotId, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell: nothing but the header.
#[repr(C)]
pub struct Object {
    header: Header,
}

/// The layout that all others begin with.
pub static LAYOUT: Layout = Layout::of::<Object>("object", ids::OBJECT, None);

// SAFETY: `repr(C)`, header first; there are no fields.
unsafe impl Cell for Object {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

fn excess_args(args: Args<'_>) -> bool {
    !args.are_none()
}

fn overrides(class: Ref<TypeObject>, slot: SlotId, own: usize) -> bool {
    class.slots.raw(slot) != own
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if excess_args(args) {
        if overrides(class, SlotId::new, new as *const () as usize) {
            return Err(raise!(cx, TypeError, "object.__new__() takes exactly one argument (the type to instantiate)"));
        }
        if !overrides(class, SlotId::init, init as *const () as usize) {
            return Err(raise!(cx, TypeError, "{}() takes no arguments", class.display_name()));
        }
    }
    if class.has_flags(flag::ABSTRACT) {
        return Err(super::type_attribute::abstract_error(cx, class)?);
    }
    Ok(cx.allocate_instance(class, Object { header: Header::default() }).value())
}

fn init(cx: &Cx, object: Value, args: Args<'_>) -> PyResult<()> {
    if excess_args(args) {
        let class = cx.type_of(object);
        if overrides(class, SlotId::init, init as *const () as usize) {
            return Err(raise!(
                cx,
                TypeError,
                "object.__init__() takes exactly one argument (the instance to initialize)"
            ));
        }
        if !overrides(class, SlotId::new, new as *const () as usize) {
            return Err(raise!(cx, TypeError, "{}() takes no arguments", class.display_name()));
        }
    }
    Ok(())
}

/// Whether the class makes instances by `object.__new__` and `object.__init__` takes nothing: what the interpreter asks
/// before it makes an instance by itself.
pub fn is_plain_new(class: Ref<TypeObject>) -> bool {
    !overrides(class, SlotId::new, new as *const () as usize)
}

/// Whether instances are initialised by `object.__init__`.
pub fn is_plain_init(class: Ref<TypeObject>) -> bool {
    !overrides(class, SlotId::init, init as *const () as usize)
}

/// A bare instance of a class for which [`is_plain_new`] holds and that is not abstract.
#[inline]
pub fn new_instance(cx: &Cx, class: Ref<TypeObject>) -> Value {
    cx.allocate_instance(class, Object { header: Header::default() }).value()
}

/// The same for a class without a finalizer, whose fresh instances have this type id and size.
#[inline]
pub fn new_instance_of(cx: &Cx, id: TypeId, size: usize) -> Value {
    cx.allocate_as(id, size, Object { header: Header::default() }).value()
}

/// `object.__repr__`.
pub fn repr(cx: &Cx, object: Value) -> PyResult {
    let class = cx.type_of(object);
    let name = super::type_attribute::dotted_name(cx, class)?;
    Ok(cx.new_str(&format!("<{name} object at {:#x}>", object.identity())).value())
}

fn str(cx: &Cx, object: Value) -> PyResult {
    // Not `protocol::object::repr`: what is not a string is `str()`'s to complain about.
    match cx.type_of(object).slots.repr() {
        Some(function) => function(cx, object),
        None => repr(cx, object),
    }
}

/// `object.__hash__`: by identity.
pub fn hash(_cx: &Cx, object: Value) -> PyResult<i64> {
    Ok(countless_common::number::hash::hash_address(object.identity() as usize))
}

/// The comparison that classes inherit: by identity.
pub(crate) fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    match comparison {
        Comparison::Equal if left == right => Ok(Value::TRUE),
        Comparison::NotEqual => {
            let Some(function) = cx.type_of(left).slots.compare() else { return Ok(Value::NOT_IMPLEMENTED) };
            let equal = function(cx, left, right, Comparison::Equal)?;
            if equal == Value::NOT_IMPLEMENTED {
                return Ok(equal);
            }
            Ok(Value::bool(!protocol::object::is_true(cx, equal)?))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn class_of(cx: &Cx, object: Value) -> PyResult {
    Ok(cx.type_of(object).value())
}

fn set_class(cx: &Cx, object: Value, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(raise!(cx, TypeError, "can't delete __class__ attribute")) };
    let Some(class) = value.as_class(cx) else {
        let given = value.class_name(cx);
        return Err(raise!(cx, TypeError, "__class__ must be set to a class, not '{given}' object"));
    };
    super::type_layout::change_class(cx, object, class)
}

fn format(cx: &Cx, object: Value, spec: Value) -> PyResult {
    let Some(spec) = spec.downcast::<Str>(cx) else {
        return Err(raise!(cx, TypeError, "__format__() argument must be str, not {}", spec.class_name(cx)));
    };
    if !spec.is_empty() {
        let class = object.class_name(cx);
        return Err(raise!(cx, TypeError, "unsupported format string passed to {class}.__format__"));
    }
    Ok(protocol::object::str(cx, object)?.value())
}

pub(super) fn size_of_object(cx: &Cx, object: Value) -> PyResult {
    let size = match object.as_cell() {
        // SAFETY: the cell is alive: this frame holds it.
        Some(cell) => unsafe { cx.mutator().heap().cell_size(cell.as_ptr()) },
        None => 8,
    };
    Ok(Value::length(size))
}

fn dir(cx: &Cx, object: Value) -> PyResult {
    let names = cx.new_dict();
    if attribute::has_instance_dict(cx, object) {
        let mut pending: PyResult<()> = Ok(());
        attribute::instance_attributes(cx, object, &mut |name, _| {
            if pending.is_ok() {
                pending = names.set(cx, name, Value::NONE);
            }
        });
        pending?;
    }
    super::type_attribute::merge_class_names(cx, cx.type_of(object), names)?;
    let list = cx.new_list();
    for (name, _) in names.iter() {
        list.push(cx, name)?;
    }
    Ok(list.value())
}

fn reduce(cx: &Cx, object: Value) -> PyResult {
    super::object_reduce::reduce(cx, object, 0)
}

fn reduce_ex(cx: &Cx, object: Value, protocol: Value) -> PyResult {
    super::object_reduce::reduce_ex(cx, object, protocol)
}

fn getstate(cx: &Cx, object: Value) -> PyResult {
    super::object_reduce::getstate(cx, object, false)
}

fn subclasshook(_cx: &Cx, _class: Value, _args: Args<'_>) -> PyResult {
    Ok(Value::NOT_IMPLEMENTED)
}

fn init_subclass(cx: &Cx, class: Value, args: Args<'_>) -> PyResult {
    if args.are_none() {
        return Ok(Value::NONE);
    }
    let name = class.as_class(cx).map_or_else(String::new, |class| class.display_name());
    let given = args.len();
    Err(if args.keyword_count() > 0 {
        raise!(cx, TypeError, "{name}.__init_subclass__() takes no keyword arguments")
    } else {
        raise!(cx, TypeError, "{name}.__init_subclass__() takes no arguments ({given} given)")
    })
}

/// The instance's `__dict__`: the attribute that classes made at run time put into their namespaces.
pub const DICT_ROW: GetSet = GetSet::read_write("__dict__", get_dict, set_dict, "dictionary for instance variables");

/// The same at a fixed address.
pub static DICT_ATTRIBUTE: GetSet = DICT_ROW;

/// `__weakref__` of classes made at run time.
pub static WEAKREF_ATTRIBUTE: GetSet =
    GetSet::read_only("__weakref__", super::weakref::first_weakref, "list of weak references to the object");

fn get_dict(cx: &Cx, object: Value) -> PyResult {
    Ok(attribute::instance_dict(cx, object)?.value())
}

fn set_dict(cx: &Cx, object: Value, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return attribute::set_instance_dict(cx, object, cx.new_dict()) };
    match value.downcast::<super::dict::Dict>(cx) {
        Some(dict) => attribute::set_instance_dict(cx, object, dict),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "__dict__ must be set to a dictionary, not a '{class}'"))
        }
    }
}

/// The class's `__hash__` for native code that keeps identity semantics.
pub fn uses_identity_hash(cx: &Cx, class: Ref<TypeObject>) -> bool {
    lookup(cx, class, cx.names().__hash__).is_some() && class.slots.raw(SlotId::hash) == hash as *const () as usize
}

static METHODS: &[Method] = &[
    Method::one("__format__", format, "__format__($self, format_spec, /)\n--\n\nFormat the object by str() when the specification is empty."),
    Method::none("__sizeof__", size_of_object, "__sizeof__($self, /)\n--\n\nSize of the object in memory, in bytes."),
    Method::none("__dir__", dir, "__dir__($self, /)\n--\n\nNames of the object's attributes."),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nHelper for pickle."),
    Method::one("__reduce_ex__", reduce_ex, "__reduce_ex__($self, protocol, /)\n--\n\nHelper for pickle."),
    Method::none("__getstate__", getstate, "__getstate__($self, /)\n--\n\nHelper for pickle."),
    Method::many("__subclasshook__", subclasshook, "__subclasshook__($type, object, /)\n--\n\nAbstract classes can override this to customize issubclass().").on_class(),
    Method::many("__init_subclass__", init_subclass, "__init_subclass__($type, /, *args, **kwargs)\n--\n\nCalled when a class is subclassed; does nothing by default.").on_class(),
];

static ATTRIBUTES: &[GetSet] = &[GetSet::read_write("__class__", class_of, set_class, "the object's class")];

/// `object`.
pub static TYPE: TypeDef = TypeDef {
    doc: "object()\n--\n\nThe base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        str: Some(str),
        hash: Some(hash),
        compare: Some(compare),
        get_attribute: Some(generic_get),
        set_attribute: Some(generic_set),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("object", &LAYOUT)
};
