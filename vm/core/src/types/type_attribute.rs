//! Attributes of class objects: `type.__getattribute__`, `type.__setattr__`, the computed attributes and methods of `type`.

use std::sync::atomic::Ordering;

use super::builtin_function::{documentation, text_signature};
use super::dict::Dict;
use super::ids;
use super::str::Str;
use super::tuple::Tuple;
use super::type_object::{LAYOUT, TypeObject, flag};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute::{bind_descriptor, class_changed, is_data_descriptor, lookup, missing_attribute};
use crate::object::cell::Ref;
use crate::object::dunder;
use crate::object::protocol;
use crate::object::slots::{SlotId, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// `type.__getattribute__`.
pub fn get_attribute(cx: &Cx, object: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    match get_attribute_optional(cx, object, name)? {
        Some(value) => Ok(value),
        None => Err(missing_attribute(cx, object, name)),
    }
}

/// The same: `None` if there is no such attribute.
pub fn get_attribute_optional(cx: &Cx, object: Value, name: Ref<Str>) -> PyResult<Option<Value>> {
    let class = this(object);
    let metaclass = cx.type_of(object);
    let meta = lookup(cx, metaclass, name);
    if let Some(descriptor) = meta
        && is_data_descriptor(cx, descriptor)
    {
        return bind_descriptor(cx, descriptor, Some(object), metaclass).map(Some);
    }
    if let Some(found) = lookup(cx, class, name) {
        return bind_descriptor(cx, found, None, class).map(Some);
    }
    meta.map(|descriptor| bind_descriptor(cx, descriptor, Some(object), metaclass)).transpose()
}

/// Whether a `get_attribute` slot is `type`'s own.
pub fn is_type_getattribute(function: crate::object::slots::GetAttributeFn) -> bool {
    function as usize == get_attribute as *const () as usize
}

fn this(value: Value) -> Ref<TypeObject> {
    // SAFETY: called from slots and rows of `type` only, after the receiver's check.
    unsafe { Ref::from_value_unchecked(value) }
}

/// `type.__setattr__` and `type.__delattr__`.
pub fn set_attribute(cx: &Cx, object: Value, name: Value, value: Option<Value>) -> PyResult<()> {
    let name = cx.attribute_name(name)?;
    let class = this(object);
    check_mutable(cx, class, name)?;
    let metaclass = cx.type_of(object);
    if let Some(descriptor) = lookup(cx, metaclass, name)
        && descriptor.is_cell()
        && let Some(set) = cx.type_of(descriptor).slots.descriptor_set()
    {
        return set(cx, descriptor, object, value);
    }
    set_in_namespace(cx, class, name, value)
}

/// Sets or deletes a name in the class's namespace, telling caches, slots and subclasses.
pub fn set_in_namespace(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>, value: Option<Value>) -> PyResult<()> {
    let dict = class.dict();
    let old = dict.get_name(cx, name)?;
    if let (Some(old), Some(new)) = (old, value)
        && is_plain_data(cx, old)
        && is_plain_data(cx, new)
    {
        // Caches hold the entry, not the value.
        return dict.set_name(cx, name, new);
    }
    // Asked before the change: what guards of slots rely on is that look-ups of the name go on to end as they do.
    let hides = any_data_descriptor(cx, class, name)?;
    class_changed(cx, class);
    match value {
        Some(value) => dict.set_name(cx, name, value)?,
        None => {
            if dict.remove(cx, name.value())?.is_none() {
                return Err(missing_attribute(cx, class.value(), name));
            }
        }
    }
    class_changed(cx, class);
    let before = class.slots.raw(SlotId::get_attribute) ^ class.slots.raw(SlotId::set_attribute);
    dunder::update_name(cx, class, name);
    note_finalizer(cx, class, name);
    let after = class.slots.raw(SlotId::get_attribute) ^ class.slots.raw(SlotId::set_attribute);
    if hides || before != after || value.is_some_and(|value| is_data_descriptor(cx, value)) {
        crate::object::inline_cache::forget_all(cx);
    }
    Ok(())
}

/// Whether the name is a data descriptor in the class or in a class that derives from it.
fn any_data_descriptor(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>) -> PyResult<bool> {
    cx.check_native_stack()?;
    if lookup(cx, class, name).is_some_and(|found| is_data_descriptor(cx, found)) {
        return Ok(true);
    }
    for subclass in cx.vm().subclasses.of(cx, class) {
        if any_data_descriptor(cx, subclass, name)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Neither a descriptor nor callable in a way that look-ups bind: what caches may read from the namespace's entry.
pub fn is_plain_data(cx: &Cx, value: Value) -> bool {
    !value.is_cell() || {
        let slots = &cx.type_of(value).slots;
        slots.descriptor_get().is_none() && slots.descriptor_set().is_none()
    }
}

fn note_finalizer(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>) {
    if name == cx.names().__del__ && class.slots.finalize().is_some() {
        class.add_flags(flag::FINALIZER);
    }
}

fn check_mutable(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>) -> PyResult<()> {
    if !class.has_flags(flag::IMMUTABLE) {
        return Ok(());
    }
    let class = class.display_name();
    Err(raise!(cx, TypeError, "cannot set '{}' attribute of immutable type '{class}'", name.as_wtf8()))
}

/// `object.__setattr__(cls, …)` must not be used to get around `type.__setattr__`.
pub fn check_not_bypassed(cx: &Cx, owner: Ref<TypeObject>, receiver: Value, setting: bool) -> PyResult<()> {
    if receiver.as_class(cx).is_none() || owner == cx.builtin_type(ids::TYPE) {
        return Ok(());
    }
    let own = cx.type_of(receiver).slots.raw(SlotId::set_attribute);
    if own == owner.slots.raw(SlotId::set_attribute) || owner.is_subclass(cx.builtin_type(ids::TYPE)) {
        return Ok(());
    }
    let (name, class) = (if setting { "__setattr__" } else { "__delattr__" }, receiver.class_name(cx));
    Err(raise!(cx, TypeError, "can't apply this {name} to {class} object"))
}

// ---- names

/// `__module__` of the class, if it is known.
pub fn module_name(cx: &Cx, class: Ref<TypeObject>) -> PyResult<Option<Value>> {
    let found = class.dict().get_name(cx, cx.names().__module__)?;
    match found {
        // What a native type has there describes its instances.
        Some(attribute) if !class.is_heap_type() && attribute.downcast::<Str>(cx).is_none() => {
            let definition = crate::runtime::bootstrap::definition_of(cx, class);
            Ok(definition.map(|definition| cx.intern_str(definition.module).value()))
        }
        found => Ok(found),
    }
}

/// `__qualname__`.
pub fn qualified_name(_cx: &Cx, class: Ref<TypeObject>) -> PyResult<Ref<Str>> {
    Ok(class.qualified_name.get().unwrap_or_else(|| class.name()))
}

/// The name as default reprs show it: with the module, unless that is `builtins`.
pub fn dotted_name(cx: &Cx, class: Ref<TypeObject>) -> PyResult<String> {
    let name = qualified_name(cx, class)?;
    Ok(match module_name(cx, class)?.and_then(|module| module.downcast::<Str>(cx)) {
        Some(module) if module.as_wtf8().as_bytes() != b"builtins" => {
            format!("{}.{}", module.as_wtf8(), name.as_wtf8())
        }
        _ => name.as_wtf8().to_string_lossy(),
    })
}

/// TypeError for an instance of an abstract class.
pub fn abstract_error(cx: &Cx, class: Ref<TypeObject>) -> PyResult<Raised> {
    let methods = get_abstract_methods(cx, class)?;
    let list = protocol::iter::to_list(cx, methods)?;
    list.sort(cx, None, false)?;
    let mut names = Vec::new();
    for index in 0..list.len() {
        if let Some(name) = list.get(index) {
            names.push(format!("'{}'", protocol::object::str(cx, name)?.as_wtf8()));
        }
    }
    let plural = if names.len() == 1 { "" } else { "s" };
    let (class, names) = (class.display_name(), names.join(", "));
    Ok(raise!(
        cx,
        TypeError,
        "Can't instantiate abstract class {class} without an implementation for abstract method{plural} {names}"
    ))
}

fn set_name(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let value = settable(cx, class, cx.names().__name__, value)?;
    let Some(name) = value.downcast::<Str>(cx) else {
        let (class, given) = (class.display_name(), value.class_name(cx));
        return Err(raise!(cx, TypeError, "can only assign string to {class}.__name__, not '{given}'"));
    };
    if name.as_wtf8().as_bytes().contains(&0) {
        return Err(cx.value_error("type name must not contain null characters"));
    }
    class.name.set(cx, name);
    Ok(())
}

fn set_qualified_name(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let value = settable(cx, class, cx.names().__qualname__, value)?;
    let Some(name) = value.downcast::<Str>(cx) else {
        let (class, given) = (class.display_name(), value.class_name(cx));
        return Err(raise!(cx, TypeError, "can only assign string to {class}.__qualname__, not '{given}'"));
    };
    class.qualified_name.set(cx, name);
    Ok(())
}

/// Checks that a computed attribute of a class may be set to something.
fn settable(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>, value: Option<Value>) -> PyResult {
    let (text, class_name) = (name.as_wtf8(), class.display_name());
    if class.has_flags(flag::IMMUTABLE) {
        return Err(raise!(cx, TypeError, "cannot set '{text}' attribute of immutable type '{class_name}'"));
    }
    value
        .ok_or(())
        .map_err(|()| raise!(cx, TypeError, "cannot delete '{text}' attribute of immutable type '{class_name}'"))
}

fn get_module(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    match module_name(cx, class)? {
        Some(module) => Ok(module),
        None if class.is_heap_type() => Err(missing_attribute(cx, class.value(), cx.names().__module__)),
        None => Ok(cx.names().builtins.value()),
    }
}

fn set_module(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let value = settable(cx, class, cx.names().__module__, value)?;
    class_changed(cx, class);
    class.dict().remove(cx, cx.names().__firstlineno__.value())?;
    class.dict().set_name(cx, cx.names().__module__, value)
}

fn get_abstract_methods(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let name = cx.names().__abstractmethods__;
    if class == cx.builtin_type(ids::TYPE) {
        return Err(missing_attribute(cx, class.value(), name));
    }
    match class.dict().get_name(cx, name)? {
        Some(value) => Ok(value),
        None => Err(missing_attribute(cx, class.value(), name)),
    }
}

fn set_abstract_methods(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let name = cx.names().__abstractmethods__;
    class_changed(cx, class);
    let is_abstract = match value {
        Some(value) => {
            let truth = protocol::object::is_true(cx, value)?;
            class.dict().set_name(cx, name, value)?;
            truth
        }
        None => {
            if class.dict().remove(cx, name.value())?.is_none() {
                return Err(missing_attribute(cx, class.value(), name));
            }
            false
        }
    };
    if is_abstract {
        class.add_flags(flag::ABSTRACT)
    } else {
        class.remove_flags(flag::ABSTRACT)
    }
    Ok(())
}

fn get_doc(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    if !class.is_heap_type()
        && let Some(text) = native_text(cx, class)
    {
        return Ok(documentation(text).map_or(Value::NONE, |doc| cx.new_str(doc).value()));
    }
    match lookup(cx, class, cx.names().__doc__) {
        Some(doc) => bind_descriptor(cx, doc, None, class),
        None => Ok(Value::NONE),
    }
}

fn set_doc(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let value = settable(cx, class, cx.names().__doc__, value)?;
    class_changed(cx, class);
    class.dict().set_name(cx, cx.names().__doc__, value)
}

fn get_text_signature(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let text = if class.is_heap_type() { None } else { native_text(cx, class) };
    Ok(text.and_then(text_signature).map_or(Value::NONE, |signature| cx.new_str(signature).value()))
}

/// The documentation text of a native type's definition.
fn native_text(cx: &Cx, class: Ref<TypeObject>) -> Option<&'static str> {
    crate::runtime::bootstrap::definition_of(cx, class).map(|definition| definition.doc)
}

fn get_bases(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    Ok(class.bases.get().unwrap_or_else(|| cx.new_tuple(&[])).value())
}

fn get_dict(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    Ok(super::mapping_proxy::new(cx, class.dict().value()))
}

fn get_flags(_cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let flags = class.flags.load(Ordering::Relaxed);
    // The bits of CPython's `tp_flags` that programs look at.
    let map = [
        (flag::HEAP, 1i64 << 9),
        (TypeFlags::MUTABLE.0, 1 << 9),
        (TypeFlags::BASE.0, 1 << 10),
        (flag::IMMUTABLE, 1 << 8),
        (flag::ABSTRACT, 1 << 20),
        (TypeFlags::SEQUENCE.0, 1 << 5),
        (TypeFlags::MAPPING.0, 1 << 6),
        (flag::INT, 1 << 24),
        (flag::LIST, 1 << 25),
        (flag::TUPLE, 1 << 26),
        (flag::BYTES, 1 << 27),
        (flag::STR, 1 << 28),
        (flag::DICT, 1 << 29),
        (flag::EXCEPTION, 1 << 30),
        (flag::TYPE, 1 << 31),
    ];
    let bits = map.iter().filter(|(ours, _)| flags & ours != 0).fold(1 << 12, |bits, (_, theirs)| bits | theirs);
    Ok(Value::int(bits))
}

fn get_type_parameters(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    Ok(match class.dict().get_name(cx, cx.names().__type_params__)? {
        Some(parameters) if class.is_heap_type() => parameters,
        _ => cx.new_tuple(&[]).value(),
    })
}

fn set_type_parameters(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let value = settable(cx, class, cx.names().__type_params__, value)?;
    class_changed(cx, class);
    class.dict().set_name(cx, cx.names().__type_params__, value)
}

fn get_annotate(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let names = cx.names();
    if !class.is_heap_type() {
        let name = class.display_name();
        return Err(raise!(cx, AttributeError, "type object '{name}' has no attribute '__annotate__'"));
    }
    for name in [names.__annotate__, names.__annotate_func__] {
        if let Some(value) = class.dict().get_name(cx, name)? {
            return bind_descriptor(cx, value, None, class);
        }
    }
    Ok(Value::NONE)
}

fn set_annotate(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let names = cx.names();
    let Some(value) = value else { return Err(cx.type_error("cannot delete __annotate__ attribute")) };
    settable(cx, class, names.__annotate__, Some(value))?;
    if !value.is_none() && cx.type_of(value).slots.call().is_none() {
        return Err(cx.type_error("__annotate__ must be callable or None"));
    }
    class_changed(cx, class);
    class.dict().set_name(cx, names.__annotate_func__, value)?;
    if !value.is_none() {
        class.dict().remove(cx, names.__annotations_cache__.value())?;
    }
    Ok(())
}

fn get_annotations(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let names = cx.names();
    if !class.is_heap_type() {
        let name = class.display_name();
        return Err(raise!(cx, AttributeError, "type object '{name}' has no attribute '__annotations__'"));
    }
    for name in [names.__annotations__, names.__annotations_cache__] {
        if let Some(value) = class.dict().get_name(cx, name)? {
            return bind_descriptor(cx, value, None, class);
        }
    }
    let annotate = get_annotate(cx, class)?;
    let annotations = if annotate.is_none() {
        cx.new_dict().value()
    } else {
        let result = cx.call(annotate, &[Value::int(1)])?;
        if result.downcast::<Dict>(cx).is_none() {
            let given = result.class_name(cx);
            return Err(raise!(cx, TypeError, "__annotate__ returned non-dict of type '{given}'"));
        }
        result
    };
    class_changed(cx, class);
    class.dict().set_name(cx, names.__annotations_cache__, annotations)?;
    Ok(annotations)
}

fn set_annotations(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let names = cx.names();
    if class.has_flags(flag::IMMUTABLE) {
        let name = class.display_name();
        return Err(raise!(cx, TypeError, "cannot set '__annotations__' attribute of immutable type '{name}'"));
    }
    class_changed(cx, class);
    let dict = class.dict();
    match value {
        Some(value) => {
            let name = if dict.get_name(cx, names.__annotations__)?.is_some() {
                names.__annotations__
            } else {
                names.__annotations_cache__
            };
            dict.set_name(cx, name, value)?;
        }
        None => {
            let removed = dict.remove(cx, names.__annotations__.value())?.is_some()
                | dict.remove(cx, names.__annotations_cache__.value())?.is_some();
            if !removed {
                return Err(raise!(cx, AttributeError, "__annotations__"));
            }
        }
    }
    dict.remove(cx, names.__annotate__.value())?;
    dict.set_name(cx, names.__annotate_func__, Value::NONE)?;
    Ok(())
}

// ---- methods

fn mro(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let bases = class.bases.get().unwrap_or_else(|| cx.new_tuple(&[]));
    let tuple = super::type_mro::linearize(cx, class, bases)?;
    Ok(protocol::iter::to_list(cx, tuple.value())?.value())
}

fn subclasses(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let list = cx.new_list();
    for subclass in cx.vm().subclasses.of(cx, class) {
        list.push(cx, subclass.value())?;
    }
    Ok(list.value())
}

fn prepare(cx: &Cx, _class: Value, _args: Args<'_>) -> PyResult {
    Ok(cx.new_dict().value())
}

fn instancecheck(cx: &Cx, class: Ref<TypeObject>, instance: Value) -> PyResult {
    Ok(Value::bool(crate::object::protocol::class::real_is_instance(cx, instance, class.value())?))
}

fn subclasscheck(cx: &Cx, class: Ref<TypeObject>, subclass: Value) -> PyResult {
    Ok(Value::bool(crate::object::protocol::class::real_is_subclass(cx, subclass, class.value())?))
}

/// Adds the names of the class's namespace and its bases' to a dict.
pub fn merge_class_names(cx: &Cx, class: Ref<TypeObject>, names: Ref<Dict>) -> PyResult<()> {
    for base in class.linearization().rev() {
        for (name, _) in base.dict().iter() {
            names.set(cx, name, Value::NONE)?;
        }
    }
    Ok(())
}

fn dir(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    let names = cx.new_dict();
    merge_class_names(cx, class, names)?;
    let list = cx.new_list();
    for (name, _) in names.iter() {
        list.push(cx, name)?;
    }
    Ok(list.value())
}

fn size_of_class(cx: &Cx, class: Ref<TypeObject>) -> PyResult {
    // SAFETY: the class is alive: this frame holds it.
    Ok(Value::length(unsafe { cx.mutator().heap().cell_size(class.header()) }))
}

fn or(cx: &Cx, left: Value, right: Value) -> PyResult {
    super::union::or(cx, left, right)
}

fn repr(cx: &Cx, class: Value) -> PyResult {
    let name = dotted_name(cx, this(class))?;
    Ok(cx.new_str(&format!("<class '{name}'>")).value())
}

fn class_bases_set(cx: &Cx, class: Ref<TypeObject>, value: Option<Value>) -> PyResult<()> {
    let value = settable(cx, class, cx.names().__bases__, value)?;
    let Some(bases) = value.downcast::<Tuple>(cx) else {
        let (class, given) = (class.display_name(), value.class_name(cx));
        return Err(raise!(cx, TypeError, "can only assign tuple to {class}.__bases__, not {given}"));
    };
    super::type_mro::set_bases(cx, class, bases)
}

static METHODS: &[Method] = &[
    Method::none("mro", mro, "mro($self, /)\n--\n\nThe class's method resolution order."),
    Method::none("__subclasses__", subclasses, "__subclasses__($self, /)\n--\n\nThe direct subclasses that are alive."),
    Method::many(
        "__prepare__",
        prepare,
        "__prepare__($cls, name, bases, /, **kwds)\n--\n\nMake the namespace for a class statement.",
    )
    .on_class(),
    Method::one(
        "__instancecheck__",
        instancecheck,
        "__instancecheck__($self, instance, /)\n--\n\nWhether an object is an instance.",
    ),
    Method::one(
        "__subclasscheck__",
        subclasscheck,
        "__subclasscheck__($self, subclass, /)\n--\n\nWhether a class is a subclass.",
    ),
    Method::none("__dir__", dir, "__dir__($self, /)\n--\n\nNames of the class's attributes."),
    Method::none(
        "__sizeof__",
        size_of_class,
        "__sizeof__($self, /)\n--\n\nSize of the class object in memory, in bytes.",
    ),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_write("__name__", |_cx, class: Ref<TypeObject>| Ok(class.name().value()), set_name, ""),
    GetSet::read_write(
        "__qualname__",
        |cx, class: Ref<TypeObject>| Ok(qualified_name(cx, class)?.value()),
        set_qualified_name,
        "",
    ),
    GetSet::read_write("__bases__", get_bases, class_bases_set, ""),
    GetSet::read_only("__base__", |_cx, class: Ref<TypeObject>| Ok(class.base().map_or(Value::NONE, Ref::value)), ""),
    GetSet::read_only("__mro__", |_cx, class: Ref<TypeObject>| Ok(class.mro.get().map_or(Value::NONE, Ref::value)), ""),
    GetSet::read_write("__module__", get_module, set_module, ""),
    GetSet::read_write("__abstractmethods__", get_abstract_methods, set_abstract_methods, ""),
    GetSet::read_only("__dict__", get_dict, ""),
    GetSet::read_write("__doc__", get_doc, set_doc, ""),
    GetSet::read_only("__text_signature__", get_text_signature, ""),
    GetSet::read_only("__flags__", get_flags, ""),
    GetSet::read_only(
        "__basicsize__",
        |_cx, class: Ref<TypeObject>| Ok(Value::length(class.layout().size as usize)),
        "",
    ),
    GetSet::read_only(
        "__itemsize__",
        |_cx, class: Ref<TypeObject>| Ok(Value::int(if class.layout().variable { 8 } else { 0 })),
        "",
    ),
    GetSet::read_only(
        "__dictoffset__",
        |_cx, class: Ref<TypeObject>| Ok(Value::int(super::type_layout::has_dictionary(class) as i64 * 8)),
        "",
    ),
    GetSet::read_only(
        "__weakrefoffset__",
        |_cx, class: Ref<TypeObject>| Ok(Value::int(class.has_flags(flag::WEAK_REFERENCES) as i64 * 8)),
        "",
    ),
    GetSet::read_write("__type_params__", get_type_parameters, set_type_parameters, ""),
    GetSet::read_write("__annotate__", get_annotate, set_annotate, ""),
    GetSet::read_write("__annotations__", get_annotations, set_annotations, ""),
];

/// `type`.
pub static TYPE: TypeDef = TypeDef {
    doc: "type(object)\ntype(name, bases, dict, **kwds)\n--\n\nThe class of an object, or a new class.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        new: Some(super::type_new::new),
        init: Some(super::type_new::init),
        call: Some(super::type_new::call),
        repr: Some(repr),
        get_attribute: Some(get_attribute),
        set_attribute: Some(set_attribute),
        bit_or: Some(or),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("type", &LAYOUT)
};
