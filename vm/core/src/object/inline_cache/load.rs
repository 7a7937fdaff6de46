//! Caches of loads: `object.name`, and its form for calls.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_gc::TypeId;

use super::{
    ASKS_DICTIONARY, CacheRecord, Guard, RecordKind, extend, extend_if_unchanged, guard, id_of, index_of, kind,
    kind_of, pack, record, records, slot_of,
};
use crate::native::definition::TypeFlags;
use crate::object::attribute::{self, Method, class_version, lookup, lookup_uncached};
use crate::object::cell::Ref;
use crate::object::shape::Storage;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::storage::DictStorage;
use crate::types::function::Function;
use crate::types::getset_descriptor::{GetSetDescriptor, MemberDescriptor};
use crate::types::ids;
use crate::types::module::Module;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// What a load came to.
pub enum Loaded {
    /// The value.
    Value(Value),
    /// A property's getter, to be called with the object.
    Getter(Ref<Function>),
}

/// What a cache says.
enum Hit {
    Value(Value),
    /// A function, or a native method, to be bound to the object.
    Method(Value),
    /// A callable, to be bound to the class.
    ClassMethod(Value, Ref<TypeObject>),
    Getter(Ref<Function>),
    Computed(Ref<GetSetDescriptor>),
}

/// `object.name`, through and into the cache.
#[inline]
pub fn load(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult<Loaded> {
    let value = match hit(cx, object, name, cache.load(Ordering::Acquire)) {
        Some(Hit::Value(value)) => value,
        Some(Hit::Method(function)) => attribute::bind_descriptor(cx, function, Some(object), cx.type_of(object))?,
        Some(Hit::ClassMethod(callable, class)) => cx.new_method(callable, class.value()).value(),
        Some(Hit::Computed(descriptor)) => descriptor.read(cx, object)?,
        Some(Hit::Getter(getter)) => return Ok(Loaded::Getter(getter)),
        None => load_slow(cx, object, name, cache)?,
    };
    Ok(Loaded::Value(value))
}

#[inline(never)]
fn load_slow(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult {
    let before = object.type_id();
    let value = cx.get_attribute(object, name)?;
    fill_load(cx, object, before, name, cache);
    Ok(value)
}

/// `object.name` for a call, through and into the cache.
#[inline]
pub fn load_method(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult<Method> {
    let unbound = |function| Method { function, receiver: None };
    Ok(match hit(cx, object, name, cache.load(Ordering::Acquire)) {
        Some(Hit::Value(value)) => unbound(value),
        Some(Hit::Method(function)) => Method { function, receiver: Some(object) },
        Some(Hit::ClassMethod(function, class)) => Method { function, receiver: Some(class.value()) },
        Some(Hit::Computed(descriptor)) => unbound(descriptor.read(cx, object)?),
        Some(Hit::Getter(getter)) => unbound(cx.call(getter.value(), &[object])?),
        None => return load_method_slow(cx, object, name, cache),
    })
}

#[inline(never)]
fn load_method_slow(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult<Method> {
    let before = object.type_id();
    let method = attribute::get_method(cx, object, name)?;
    fill_load(cx, object, before, name, cache);
    Ok(method)
}

/// The function to be called with the object first, if the word's first guard says so: what the interpreter's loop asks.
#[inline(always)]
pub fn method_of(object: Value, word: u64) -> Option<Value> {
    if !object.is_cell() {
        return None;
    }
    let record = record(word)?;
    if record.guard != guard(RecordKind::Method, object.type_id()) || !record.class_is_unchanged() {
        return None;
    }
    record.value.get()
}

/// The attribute, if one of the word's guards says that it is a word of the instance itself: the quick part of [`load`].
#[inline(always)]
pub fn slot_value(object: Value, word: u64) -> Option<Value> {
    let id = object.is_cell().then(|| object.type_id())?;
    let packed = guard(RecordKind::Packed, id);
    let mut word = word;
    while let Some(record) = record(word) {
        if record.guard == packed {
            return slot_of(record.other, id).and_then(|index| attribute::word_of(object, index));
        }
        word = record.next;
    }
    slot_of(word, id).and_then(|index| attribute::word_of(object, index))
}

/// The attribute of a class, if the word's first guard says that it is plain data in the namespace of the class or of a base.
#[inline(always)]
pub fn class_value(object: Value, name: Value, word: u64) -> Option<Value> {
    let record = record(word)?;
    if record.guard != guard(RecordKind::OnClassData, TypeId::FREE)
        || record.class.get()?.value() != object
        || !record.class_is_unchanged()
    {
        return None;
    }
    // SAFETY: data records hold a storage.
    let storage: Ref<DictStorage> = unsafe { Ref::from_value_unchecked(record.value.get()?) };
    storage.value_if_key(record.index as usize, name)
}

/// The function to be called with the object first, if one of the word's guards says so: the quick part of [`load_method`].
#[inline(always)]
pub fn any_method_of(object: Value, word: u64) -> Option<Value> {
    let method = guard(RecordKind::Method, object.type_id());
    records(word).find(|record| record.guard == method && record.class_is_unchanged())?.value.get()
}

fn hit(cx: &Cx, object: Value, name: Ref<Str>, word: u64) -> Option<Hit> {
    let id = object.type_id();
    let mut word = word;
    while let Some(record) = record(word) {
        if let Some(hit) = record_hit(cx, object, name, &record, id) {
            return Some(hit);
        }
        word = record.next;
    }
    packed_value(object, name, word, id).map(Hit::Value)
}

/// The value of a packed guard, if it is for the type id.
#[inline]
fn packed_value(object: Value, name: Ref<Str>, word: u64, id: TypeId) -> Option<Value> {
    if id_of(word) != id {
        return None;
    }
    let index = index_of(word);
    match kind_of(word) {
        kind::SLOT => attribute::word_of(object, index),
        kind::OVERFLOW => attribute::overflow_field(object, index)?.get()?.bound(),
        kind::MODULE => {
            // SAFETY: a guard of this kind is made for the type id of modules only.
            let module: Ref<Module> = unsafe { Ref::from_value_unchecked(object) };
            module.dict().storage()?.value_if_key(index, name.value())
        }
        kind::DICTIONARY => {
            let dict = attribute::dictionary_of(object)?;
            dict.storage()?.value_if_key(index, name.value())
        }
        _ => None,
    }
}

#[inline]
fn record_hit(cx: &Cx, object: Value, name: Ref<Str>, record: &CacheRecord, id: TypeId) -> Option<Hit> {
    const METHOD: u8 = RecordKind::Method as u8;
    const CLASS_DATA: u8 = RecordKind::ClassData as u8;
    const ON_CLASS: u8 = RecordKind::OnClass as u8;
    const ON_CLASS_DATA: u8 = RecordKind::OnClassData as u8;
    const UNBOUND: u8 = RecordKind::Unbound as u8;
    const CLASS_METHOD: u8 = RecordKind::ClassMethod as u8;
    const ON_CLASS_METHOD: u8 = RecordKind::OnClassMethod as u8;
    const PROPERTY: u8 = RecordKind::Property as u8;
    const COMPUTED: u8 = RecordKind::Computed as u8;
    const PACKED: u8 = RecordKind::Packed as u8;
    let guarded = match record.id() {
        TypeId::FREE => record.class.get().is_some_and(|class| class.value() == object),
        of => of == id,
    };
    if !guarded || !record.class_is_unchanged() {
        return None;
    }
    if record.guard & ASKS_DICTIONARY != 0 && !matches!(attribute::instance_get(cx, object, name), Ok(None)) {
        return None;
    }
    let value = record.value.get();
    Some(match record.kind() {
        PACKED => Hit::Value(packed_value(object, name, record.other, id)?),
        METHOD => Hit::Method(value?),
        CLASS_DATA | ON_CLASS_DATA => Hit::Value(data_value(record, name)?),
        ON_CLASS | UNBOUND => Hit::Value(value?),
        CLASS_METHOD | ON_CLASS_METHOD => {
            Hit::ClassMethod(crate::types::classmethod::callable(value?)?, record.class.get()?)
        }
        // SAFETY: records of properties hold functions.
        PROPERTY => Hit::Getter(unsafe { Ref::from_value_unchecked(value?) }),
        // SAFETY: records of computed attributes hold their descriptors.
        COMPUTED => Hit::Computed(unsafe { Ref::from_value_unchecked(value?) }),
        _ => return None,
    })
}

fn data_value(record: &CacheRecord, name: Ref<Str>) -> Option<Value> {
    // SAFETY: data records hold a storage.
    let storage: Ref<DictStorage> = unsafe { Ref::from_value_unchecked(record.value.get()?) };
    storage.value_if_key(record.index as usize, name.value())
}

/// Fills the cache after a successful look-up in an object that had the type id `before`.
fn fill_load(cx: &Cx, object: Value, before: TypeId, name: Ref<Str>, cache: &AtomicU64) {
    if cache.load(Ordering::Relaxed) == super::MEGAMORPHIC {
        return;
    }
    if let Some(class) = object.as_class(cx) {
        return fill_class(cx, class, name, cache);
    }
    let id = object.type_id();
    let class = cx.type_of(object);
    // The version is taken first, so that a change during the look-ups below makes the record stale from the start.
    let version = class_version(cx, class);
    let is_module = id == ids::MODULE;
    if version == 0 || !(attribute::has_generic_get(class) || is_module) {
        return;
    }
    let found = lookup_uncached(cx, class, name);
    if let Some((_, value)) = found
        && value.exact::<GetSetDescriptor>().is_some()
        && cx.shape_of(before).class() == class
    {
        // Reading it may have changed the shape (`__dict__` does): the next instance will look as this one did before.
        let Some(contents) = class_attribute_record(cx, (class, version), found, name, before) else { return };
        return extend(cx, cache, cache.load(Ordering::Acquire), Guard::Record(contents));
    }
    let descriptor = found.map(|(_, value)| value).filter(|&value| attribute::is_data_descriptor(cx, value));
    let packed = match descriptor {
        Some(descriptor) => member_guard(class, descriptor, name, id),
        None => packed_guard(cx, object, name, id),
    };
    if let Some(word) = packed {
        return extend_if_unchanged(cx, cache, class, version, Guard::Packed(word));
    }
    let own = attribute::instance_get(cx, object, name);
    if is_module || (descriptor.is_none() && !matches!(own, Ok(None))) {
        return;
    }
    // A slot that this instance has unbound, another instance of the same shape may have bound.
    if descriptor.is_none() && cx.shape_of(id).slot_of(name).is_some() {
        return;
    }
    if let Some(mut contents) = class_attribute_record(cx, (class, version), found, name, id) {
        if descriptor.is_none() && cx.shape_of(id).storage() == Storage::Dictionary {
            contents.guard |= ASKS_DICTIONARY;
        }
        extend(cx, cache, cache.load(Ordering::Acquire), Guard::Record(contents));
    }
}

/// The record of what was found under the name, and in which class, for instances of `id`.
fn class_attribute_record(
    cx: &Cx,
    versioned: (Ref<TypeObject>, u32),
    found: Option<(Ref<TypeObject>, Value)>,
    name: Ref<Str>,
    id: TypeId,
) -> Option<CacheRecord> {
    let (owner, value) = found?;
    let record = |kind, value| Some(CacheRecord::of_class(kind, id, versioned, value));
    if attribute::is_data_descriptor(cx, value) {
        return match value.exact::<GetSetDescriptor>() {
            Some(computed) if versioned.0.is_subclass(computed.owner()) => record(RecordKind::Computed, value),
            _ => record(RecordKind::Property, crate::types::property::python_getter(cx, value)?),
        };
    }
    if value.is_cell() && cx.type_of(value).slots.descriptor_get().is_some() {
        return match value.type_id() {
            ids::CLASSMETHOD => record(RecordKind::ClassMethod, value),
            ids::STATICMETHOD => {
                record(RecordKind::Unbound, attribute::bind_descriptor(cx, value, None, versioned.0).ok()?)
            }
            _ if cx.type_of(value).has_flags(TypeFlags::METHOD_DESCRIPTOR.0) => record(RecordKind::Method, value),
            _ => None,
        };
    }
    let (storage, index) = data_entry(cx, owner, name)?;
    let record = CacheRecord::of_class(RecordKind::ClassData, id, versioned, storage.value());
    Some(CacheRecord { index, ..record })
}

/// The packed guard for an attribute that a member descriptor of the class stands for. Names that a class's own
/// attributes may replace behind the back of `type.__setattr__` (`__doc__`) are left out.
pub(super) fn member_guard(class: Ref<TypeObject>, descriptor: Value, name: Ref<Str>, id: TypeId) -> Option<u64> {
    let member = descriptor.exact::<MemberDescriptor>()?;
    if !class.is_subclass(member.owner()) || name.as_wtf8().as_bytes().starts_with(b"__") {
        return None;
    }
    (member.word() < 1 << 16).then(|| pack(kind::SLOT, id, member.word()))
}

/// The packed guard for an attribute that the object itself holds.
pub(super) fn packed_guard(cx: &Cx, object: Value, name: Ref<Str>, id: TypeId) -> Option<u64> {
    if id == ids::MODULE {
        // SAFETY: the id says so.
        let module: Ref<Module> = unsafe { Ref::from_value_unchecked(object) };
        let (_, index) = module.dict().find_name(cx, name).ok()??;
        return (index < 1 << 16).then(|| pack(kind::MODULE, id, index));
    }
    let shape = cx.shape_of(id);
    let placement = shape.placement();
    match shape.storage() {
        Storage::Slots => {
            let slot = shape.slot_of(name)?;
            let inline = placement.inline_count as usize;
            if slot >= inline {
                return (placement.dictionary == 1).then(|| pack(kind::OVERFLOW, id, slot - inline));
            }
            Some(pack(kind::SLOT, id, placement.inline as usize + slot)).filter(|_| slot < 1 << 15)
        }
        Storage::Dictionary if placement.dictionary == 1 => {
            let (_, index) = attribute::dictionary_of(object)?.find_name(cx, name).ok()??;
            (index < 1 << 16).then(|| pack(kind::DICTIONARY, id, index))
        }
        _ => None,
    }
}

fn data_entry(cx: &Cx, owner: Ref<TypeObject>, name: Ref<Str>) -> Option<(Ref<DictStorage>, u16)> {
    let (storage, index) = owner.dict().find_name(cx, name).ok()??;
    Some((storage, u16::try_from(index).ok()?))
}

/// Fills the cache for an attribute of a class object.
fn fill_class(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>, cache: &AtomicU64) {
    let metaclass = cx.type_of(class.value());
    let version = class_version(cx, class);
    if version == 0 || !metaclass.slots.get_attribute().is_some_and(crate::types::type_attribute::is_type_getattribute)
    {
        return;
    }
    if lookup(cx, metaclass, name).is_some_and(|value| attribute::is_data_descriptor(cx, value)) {
        return;
    }
    let Some((owner, value)) = lookup_uncached(cx, class, name) else { return };
    let no_id = TypeId(0);
    let contents = if value.is_cell() && cx.type_of(value).slots.descriptor_get().is_some() {
        if value.is_exactly(ids::CLASSMETHOD) {
            CacheRecord::of_class(RecordKind::OnClassMethod, no_id, (class, version), value)
        } else {
            let Some(bound) = bound_to_class(cx, class, value) else { return };
            CacheRecord::of_class(RecordKind::OnClass, no_id, (class, version), bound)
        }
    } else {
        let Some((storage, index)) = data_entry(cx, owner, name) else { return };
        let record = CacheRecord::of_class(RecordKind::OnClassData, no_id, (class, version), storage.value());
        CacheRecord { index, ..record }
    };
    extend(cx, cache, cache.load(Ordering::Acquire), Guard::Record(contents));
}

/// What a descriptor gives on the class, if that is the same each time: functions and static methods.
fn bound_to_class(cx: &Cx, class: Ref<TypeObject>, value: Value) -> Option<Value> {
    let id = value.type_id();
    if id == ids::FUNCTION || id == ids::METHOD_DESCRIPTOR || id == ids::WRAPPER_DESCRIPTOR || id == ids::STATICMETHOD {
        return attribute::bind_descriptor(cx, value, None, class).ok();
    }
    None
}
