//! Caches of loads: `object.name`, and its form for calls.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_gc::TypeId;

use super::{
    CacheRecord, Guard, INDEX_SHIFT, KIND_SHIFT, RECORD, RecordKind, extend, extend_if_unchanged, guard, kind, pack,
    record, records,
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
use crate::types::getset_descriptor::MemberDescriptor;
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

/// `object.name`, through and into the cache.
#[inline]
pub fn load(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult<Loaded> {
    match load_hit(cx, object, name, cache.load(Ordering::Acquire)) {
        Some(loaded) => Ok(loaded),
        None => load_slow(cx, object, name, cache).map(Loaded::Value),
    }
}

#[inline(never)]
fn load_slow(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult {
    let value = cx.get_attribute(object, name)?;
    fill_load(cx, object, name, cache);
    Ok(value)
}

#[inline]
fn load_hit(cx: &Cx, object: Value, name: Ref<Str>, word: u64) -> Option<Loaded> {
    let id = object.type_id();
    let mut word = word;
    while let Some(record) = record(word) {
        if let Some(loaded) = load_record(cx, object, name, &record, id) {
            return Some(loaded);
        }
        word = record.next;
    }
    packed_value(object, name, word, id).map(Loaded::Value)
}

/// The value of a packed guard, if it is for the type id.
#[inline]
fn packed_value(object: Value, name: Ref<Str>, word: u64, id: TypeId) -> Option<Value> {
    if word as u32 != id.0 {
        return None;
    }
    let index = (word >> INDEX_SHIFT) as usize & 0xffff;
    match word >> KIND_SHIFT {
        kind::SLOT => attribute::word_of(object, index),
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

fn load_record(cx: &Cx, object: Value, name: Ref<Str>, record: &CacheRecord, id: TypeId) -> Option<Loaded> {
    const METHOD: u8 = RecordKind::Method as u8;
    const CLASS_DATA: u8 = RecordKind::ClassData as u8;
    const ON_CLASS: u8 = RecordKind::OnClass as u8;
    const ON_CLASS_DATA: u8 = RecordKind::OnClassData as u8;
    const PROPERTY: u8 = RecordKind::Property as u8;
    const PACKED: u8 = RecordKind::Packed as u8;
    let of_class = || record.class.get().is_some_and(|class| class.value() == object);
    let kind = record.kind();
    if !(record.id() == id || matches!(kind, ON_CLASS | ON_CLASS_DATA) && of_class()) || !record.class_is_unchanged() {
        return None;
    }
    let value = match kind {
        PACKED => packed_value(object, name, record.other, id)?,
        METHOD => {
            // If that fails (a native method in a class that it is not for), the slow path fails again.
            attribute::bind_descriptor(cx, record.value.get()?, Some(object), cx.type_of(object))
                .map_err(|raised| cx.discard(raised))
                .ok()?
        }
        CLASS_DATA | ON_CLASS_DATA => data_value(record, name)?,
        ON_CLASS => record.value.get()?,
        // SAFETY: records of properties hold functions.
        PROPERTY => return Some(Loaded::Getter(unsafe { Ref::from_value_unchecked(record.value.get()?) })),
        _ => return None,
    };
    Some(Loaded::Value(value))
}

fn data_value(record: &CacheRecord, name: Ref<Str>) -> Option<Value> {
    // SAFETY: data records hold a storage.
    let storage: Ref<DictStorage> = unsafe { Ref::from_value_unchecked(record.value.get()?) };
    storage.value_if_key(record.index as usize, name.value())
}

/// The function to be called with the object first, if the word's first guard says so: what the interpreter's loop asks.
#[inline(always)]
pub fn method_of(object: Value, word: u64) -> Option<Value> {
    if word & RECORD == 0 || !object.is_cell() {
        return None;
    }
    let record = record(word)?;
    if record.guard != guard(RecordKind::Method, object.type_id()) || !record.class_is_unchanged() {
        return None;
    }
    record.value.get()
}

/// `object.name` for a call, through and into the cache.
#[inline]
pub fn load_method(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult<Method> {
    let word = cache.load(Ordering::Acquire);
    let method = guard(RecordKind::Method, object.type_id());
    let hit = records(word).find(|record| record.guard == method && record.class_is_unchanged());
    if let Some(function) = hit.and_then(|record| record.value.get()) {
        return Ok(Method { function, receiver: Some(object) });
    }
    let function = match load_hit(cx, object, name, word) {
        Some(Loaded::Value(value)) => value,
        Some(Loaded::Getter(getter)) => cx.call(getter.value(), &[object])?,
        None => return load_method_slow(cx, object, name, cache),
    };
    Ok(Method { function, receiver: None })
}

#[inline(never)]
fn load_method_slow(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult<Method> {
    let method = attribute::get_method(cx, object, name)?;
    fill_load(cx, object, name, cache);
    Ok(method)
}

/// Fills the cache after a successful look-up.
fn fill_load(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) {
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
    let descriptor = found.map(|(_, value)| value).filter(|&value| attribute::is_data_descriptor(cx, value));
    let packed = match descriptor {
        Some(descriptor) => member_guard(class, descriptor, name, id),
        None => packed_guard(cx, object, name, id),
    };
    if let Some(word) = packed {
        return extend_if_unchanged(cx, cache, class, version, Guard::Packed(word));
    }
    let own = attribute::instance_get(cx, object, name);
    if is_module || !matches!(own, Ok(None)) || cx.shape_of(id).storage() == Storage::Dictionary {
        return;
    }
    // A slot that this instance has unbound, another instance of the same shape may have bound.
    if descriptor.is_none() && cx.shape_of(id).slot_of(name).is_some() {
        return;
    }
    let Some((owner, value)) = found else { return };
    if let Some(contents) = class_attribute_record(cx, (class, version), (owner, value), name, id) {
        extend(cx, cache, cache.load(Ordering::Acquire), Guard::Record(contents));
    }
}

/// The record of what the class `owner` has under the name, for instances of `id`.
fn class_attribute_record(
    cx: &Cx,
    versioned: (Ref<TypeObject>, u32),
    (owner, value): (Ref<TypeObject>, Value),
    name: Ref<Str>,
    id: TypeId,
) -> Option<CacheRecord> {
    if attribute::is_data_descriptor(cx, value) {
        let getter = crate::types::property::python_getter(cx, value)?;
        return Some(CacheRecord::of_class(RecordKind::Property, id, versioned, getter));
    }
    if value.is_cell() && cx.type_of(value).slots.descriptor_get().is_some() {
        let binds_late = cx.type_of(value).has_flags(TypeFlags::METHOD_DESCRIPTOR.0);
        return binds_late.then(|| CacheRecord::of_class(RecordKind::Method, id, versioned, value));
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
            let word = placement.inline as usize + slot;
            (slot < placement.inline_count as usize && word < 1 << 16).then(|| pack(kind::SLOT, id, word))
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
        let Some(bound) = bound_to_class(cx, class, value) else { return };
        CacheRecord::of_class(RecordKind::OnClass, no_id, (class, version), bound)
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
