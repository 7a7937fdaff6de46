//! Inline caches for attributes: one atomic word beside each instruction.
//!
//! A word is zero (empty), a *packed guard* `type id: 32 | index: 16 | kind: 8` (bit 63 clear), or a *record pointer* (bit
//! 63 set): an immutable [`CacheRecord`] cell, reported by the code object that owns the word.
//!
//! A packed guard trusts the type id alone. That is right as long as the class keeps generic attribute access and gets no
//! data descriptor of the cached name; both are so rare after the class is in use that they empty every cache
//! ([`forget_all`]). Records about class attributes trust the class's version too.
//!
//! Rule for shared access: words are replaced as a whole; a reader sees an old or a new one, both of which were right
//! when made and check their guards.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_gc::{Header, Tracer, TypeId};

use super::attribute::{self, Method, class_version, generic_set, lookup, lookup_uncached};
use super::cell::{Cell, Field, Layout, Ref, RefField};
use super::shape::Storage;
use super::value::Value;
use crate::native::definition::TypeFlags;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::storage::DictStorage;
use crate::types::ids;
use crate::types::module::Module;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// Bit of a word that holds a record pointer.
pub const RECORD: u64 = 1 << 63;

/// Kinds of packed guards.
pub mod kind {
    /// The attribute is the instance's word number `index`: load it; if unbound or empty, take the slow path.
    pub const SLOT: u64 = 1;
    /// The object is a module; its namespace has the name at entry `index`.
    pub const MODULE: u64 = 2;
    /// The instance uses a dictionary, in its word number 1; the name is at entry `index`.
    pub const DICTIONARY: u64 = 3;
}

const KIND_SHIFT: u32 = 48;
const INDEX_SHIFT: u32 = 32;

/// Makes a packed guard.
pub const fn pack(kind: u64, id: TypeId, index: usize) -> u64 {
    kind << KIND_SHIFT | (index as u64) << INDEX_SHIFT | id.0 as u64
}

/// The word number if `word` is a [`kind::SLOT`] guard for this type id: what the interpreter's loop asks.
#[inline(always)]
pub const fn slot_of(word: u64, id: TypeId) -> Option<usize> {
    let rest = word.wrapping_sub(kind::SLOT << KIND_SHIFT | id.0 as u64);
    if rest & !(0xffff << INDEX_SHIFT) == 0 { Some((rest >> INDEX_SHIFT) as usize) } else { None }
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RecordKind {
    /// Instances of `id`: the attribute is `value`, a function to be called with the instance first.
    Method,
    /// Instances of `id`: the attribute is what the class's namespace storage `value` has at entry `index`.
    ClassData,
    /// The object is `class` itself: the attribute is `value`, as it is bound to the class.
    OnClass,
    /// The object is `class` itself: the attribute is what storage `value` has at entry `index`.
    OnClassData,
    /// Instances of `id`: `value` is a property's getter, a Python function.
    Property,
    /// A store that turns instances of `id` into ones of `next_id`, at word `index`.
    AddSlot,
}

/// The cell.
#[repr(C)]
pub struct CacheRecord {
    header: Header,
    /// The class whose version is trusted.
    class: RefField<TypeObject>,
    value: Field,
    id: u32,
    next_id: u32,
    version: u32,
    index: u16,
    kind: RecordKind,
}

/// The layout of records.
pub static LAYOUT: Layout = Layout::of::<CacheRecord>("inline cache record", ids::ATTRIBUTE_RECORD, None);

// SAFETY: `repr(C)`, header first, zero is a `Method` record of no class (never used); all fields are reported.
unsafe impl Cell for CacheRecord {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.class.trace(tracer);
        self.value.trace(tracer);
    }
}

impl CacheRecord {
    fn class_is_unchanged(&self) -> bool {
        self.class.get().is_some_and(|class| class.version.load(Ordering::Acquire) == self.version)
    }
}

/// The record of a word that holds one.
#[inline(always)]
fn record(word: u64) -> Option<Ref<CacheRecord>> {
    if word & RECORD == 0 {
        return None;
    }
    // SAFETY: words with the bit are only made by `publish`, and the owning code object keeps the record alive.
    Value::from_word(word & !RECORD).map(|value| unsafe { Ref::from_value_unchecked(value) })
}

/// Replaces a cache word; the record it may have held is handed to the collector's barrier.
pub fn replace(cx: &Cx, cache: &AtomicU64, word: u64) {
    let old = cache.swap(word, Ordering::AcqRel);
    if old & RECORD != 0 {
        cx.mutator().keep_alive(old & !RECORD);
    }
}

fn publish(cx: &Cx, cache: &AtomicU64, contents: CacheRecord) {
    let record = cx.allocate(contents);
    replace(cx, cache, record.value().word() | RECORD);
}

/// Reports a cache word's record, and empties words whose type id is about to be given to another type. For the trace
/// entry of code objects; `cache` is an attribute cache.
pub fn trace(cache: &AtomicU64, tracer: &mut Tracer<'_>) {
    let word = cache.load(Ordering::Acquire);
    let dying = match record(word) {
        Some(record) => {
            tracer.word(record.value().word());
            [record.id, record.next_id].into_iter().any(|id| id != 0 && tracer.is_dying(TypeId(id)))
        }
        None => word != 0 && tracer.is_dying(TypeId(word as u32)),
    };
    if dying {
        let _ = cache.compare_exchange(word, 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// Empties every attribute cache of the process: after a class in use got a data descriptor or its own attribute access.
pub fn forget_all(cx: &Cx) {
    cx.mutator().for_each_cell(&mut |cell| {
        if let Some(code) = Value::from_cell(cell).exact::<crate::types::code::CodeObject>() {
            code.forget_caches(cx);
        }
    });
}

// ---- loading

/// `object.name`, through and into the cache.
#[inline(never)]
pub fn load(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult {
    let word = cache.load(Ordering::Acquire);
    if let Some(value) = load_hit(cx, object, name, word) {
        return value;
    }
    let value = cx.get_attribute(object, name)?;
    fill_load(cx, object, name, cache);
    Ok(value)
}

fn load_hit(cx: &Cx, object: Value, name: Ref<Str>, word: u64) -> Option<PyResult> {
    let id = object.type_id();
    if let Some(record) = record(word) {
        return load_record(cx, object, name, record, id);
    }
    if word as u32 != id.0 {
        return None;
    }
    packed_value(object, name, word).map(Ok)
}

/// The value of a packed guard whose type id has been checked.
fn packed_value(object: Value, name: Ref<Str>, word: u64) -> Option<Value> {
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

fn load_record(cx: &Cx, object: Value, name: Ref<Str>, record: Ref<CacheRecord>, id: TypeId) -> Option<PyResult> {
    let of_instance = record.id == id.0;
    let of_class = || record.class.get().is_some_and(|class| class.value() == object);
    let value = record.value.get()?;
    match record.kind {
        RecordKind::Method if of_instance && record.class_is_unchanged() => {
            Some(attribute::bind_descriptor(cx, value, Some(object), cx.type_of(object)))
        }
        RecordKind::ClassData if of_instance && record.class_is_unchanged() => data_value(record, name).map(Ok),
        RecordKind::OnClass if of_class() && record.class_is_unchanged() => Some(Ok(value)),
        RecordKind::OnClassData if of_class() && record.class_is_unchanged() => data_value(record, name).map(Ok),
        RecordKind::Property if of_instance && record.class_is_unchanged() => Some(cx.call(value, &[object])),
        _ => None,
    }
}

fn data_value(record: Ref<CacheRecord>, name: Ref<Str>) -> Option<Value> {
    // SAFETY: data records hold a storage.
    let storage: Ref<DictStorage> = unsafe { Ref::from_value_unchecked(record.value.get()?) };
    storage.value_if_key(record.index as usize, name.value())
}

/// `object.name` for a call, through and into the cache.
#[inline(never)]
pub fn load_method(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) -> PyResult<Method> {
    let word = cache.load(Ordering::Acquire);
    if let Some(method) = method_hit(cx, object, name, word) {
        return method;
    }
    let method = attribute::get_method(cx, object, name)?;
    fill_load(cx, object, name, cache);
    Ok(method)
}

/// What the cache says of a method call; `None` if it does not know.
#[inline]
pub fn method_hit(cx: &Cx, object: Value, name: Ref<Str>, word: u64) -> Option<PyResult<Method>> {
    let id = object.type_id();
    if let Some(record) = record(word)
        && record.kind == RecordKind::Method
    {
        if record.id == id.0 && record.class_is_unchanged() {
            return Some(Ok(Method { function: record.value.get()?, receiver: Some(object) }));
        }
        return None;
    }
    let value = load_hit(cx, object, name, word)?;
    Some(value.map(|function| Method { function, receiver: None }))
}

/// Fills the cache after a successful look-up.
fn fill_load(cx: &Cx, object: Value, name: Ref<Str>, cache: &AtomicU64) {
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
    let data_descriptor = found.is_some_and(|(_, value)| attribute::is_data_descriptor(cx, value));
    if !data_descriptor && let Some(word) = packed_guard(cx, object, name, id) {
        return replace(cx, cache, word);
    }
    let own = attribute::instance_get(cx, object, name);
    if is_module || !matches!(own, Ok(None)) || cx.shape_of(id).storage() == Storage::Dictionary {
        return;
    }
    // A slot that this instance has unbound, another instance of the same shape may have bound.
    if !data_descriptor && cx.shape_of(id).slot_of(name).is_some() {
        return;
    }
    let Some((owner, value)) = found else { return };
    let mut contents = CacheRecord {
        header: Header::default(),
        class: RefField::new(class),
        value: Field::new(value),
        id: id.0,
        next_id: 0,
        version,
        index: 0,
        kind: RecordKind::Method,
    };
    if data_descriptor {
        let Some(getter) = crate::types::property::python_getter(cx, value) else { return };
        contents.value = Field::new(getter);
        contents.kind = RecordKind::Property;
    } else if value.is_cell() && cx.type_of(value).slots.descriptor_get().is_some() {
        if !cx.type_of(value).has_flags(TypeFlags::METHOD_DESCRIPTOR.0) {
            return;
        }
    } else {
        let Some((storage, index)) = data_entry(cx, owner, name) else { return };
        contents.value = Field::new(storage.value());
        contents.index = index;
        contents.kind = RecordKind::ClassData;
    }
    publish(cx, cache, contents);
}

/// The packed guard for an attribute that the object itself holds.
fn packed_guard(cx: &Cx, object: Value, name: Ref<Str>, id: TypeId) -> Option<u64> {
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
    let mut contents = CacheRecord {
        header: Header::default(),
        class: RefField::new(class),
        value: Field::new(value),
        id: 0,
        next_id: 0,
        version,
        index: 0,
        kind: RecordKind::OnClass,
    };
    if value.is_cell() && cx.type_of(value).slots.descriptor_get().is_some() {
        let Some(bound) = bound_to_class(cx, class, value) else { return };
        contents.value = Field::new(bound);
    } else {
        let Some((storage, index)) = data_entry(cx, owner, name) else { return };
        contents.value = Field::new(storage.value());
        contents.index = index;
        contents.kind = RecordKind::OnClassData;
    }
    publish(cx, cache, contents);
}

/// What a descriptor gives on the class, if that is the same each time: functions and static methods.
fn bound_to_class(cx: &Cx, class: Ref<TypeObject>, value: Value) -> Option<Value> {
    let id = value.type_id();
    if id == ids::FUNCTION || id == ids::METHOD_DESCRIPTOR || id == ids::WRAPPER_DESCRIPTOR || id == ids::STATICMETHOD {
        return attribute::bind_descriptor(cx, value, None, class).ok();
    }
    None
}

// ---- storing

/// `object.name = value`, through and into the cache.
#[inline(never)]
pub fn store(cx: &Cx, object: Value, name: Ref<Str>, value: Value, cache: &AtomicU64) -> PyResult<()> {
    let word = cache.load(Ordering::Acquire);
    if store_hit(cx, object, word, value) {
        return Ok(());
    }
    let before = object.type_id();
    cx.set_attribute(object, name, value)?;
    fill_store(cx, object, name, before, cache);
    Ok(())
}

/// Stores by the cache; false if it does not know how.
#[inline]
pub fn store_hit(cx: &Cx, object: Value, word: u64, value: Value) -> bool {
    let id = object.type_id();
    if let Some(index) = slot_of(word, id) {
        return attribute::store_word(cx, object, id, id, index, value);
    }
    match record(word) {
        Some(record) if record.kind == RecordKind::AddSlot && record.id == id.0 => {
            attribute::store_word(cx, object, id, TypeId(record.next_id), record.index as usize, value)
        }
        _ => false,
    }
}

fn fill_store(cx: &Cx, object: Value, name: Ref<Str>, before: TypeId, cache: &AtomicU64) {
    let class = cx.type_of(object);
    let generic = class.slots.set_attribute().is_some_and(|set| set as usize == generic_set as *const () as usize);
    if !generic || lookup(cx, class, name).is_some_and(|found| attribute::is_data_descriptor(cx, found)) {
        return;
    }
    let id = object.type_id();
    let Some(word) = packed_guard(cx, object, name, id) else { return };
    if word >> KIND_SHIFT != kind::SLOT {
        return;
    }
    if before == id {
        return replace(cx, cache, word);
    }
    let (old, new) = (cx.shape_of(before), cx.shape_of(id));
    if old.class() != class || old.len() + 1 != new.len() {
        return;
    }
    publish(
        cx,
        cache,
        CacheRecord {
            header: Header::default(),
            class: RefField::new(class),
            value: Field::empty(),
            id: before.0,
            next_id: id.0,
            version: 0,
            index: (word >> INDEX_SHIFT) as u16,
            kind: RecordKind::AddSlot,
        },
    );
}
