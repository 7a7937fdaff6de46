//! Attribute access: look-up through classes, instance storage, descriptors, and the inline caches over them.
//!
//! The caches' words are described at [`cache`]. A class's `version` is what they trust: see `types::type_object`.

use std::sync::atomic::Ordering;

use countless_gc::{Header, Slot, TypeId, lock};

use super::cell::{Field, Ref};
use super::shape::{Overflow, Placement, Shape, Storage};
use super::value::Value;
use crate::native::definition::TypeFlags;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::dict::Dict;
use crate::types::ids;
use crate::types::str::Str;
use crate::types::type_attribute;
use crate::types::type_object::TypeObject;

// ---- classes

/// A per-thread cache of [`lookup`]: direct-mapped by class version and name. Entries hold no references the collector
/// must know of: an entry counts only while the class has the version, and as long as it has, its namespaces keep the
/// value alive.
pub struct MethodCache {
    entries: Box<[CacheEntry; MethodCache::SIZE]>,
}

#[derive(Clone, Copy)]
struct CacheEntry {
    version: u32,
    name: u64,
    value: Option<Value>,
}

impl MethodCache {
    const SIZE: usize = 2048;

    /// An empty cache.
    pub fn new() -> MethodCache {
        let empty = CacheEntry { version: 0, name: 0, value: None };
        MethodCache { entries: Box::new([empty; MethodCache::SIZE]) }
    }

    fn slot(version: u32, name: u64) -> usize {
        ((version as usize) ^ (name as usize >> 4)) & (MethodCache::SIZE - 1)
    }
}

impl Default for MethodCache {
    fn default() -> Self {
        Self::new()
    }
}

/// The attribute of an interned name in the class or its bases, as it stands in the namespace (no descriptor call).
#[inline]
pub fn lookup(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>) -> Option<Value> {
    let version = class.version.load(Ordering::Acquire);
    if version != 0 {
        // SAFETY: the cache belongs to this thread; no reference into it outlives the statement.
        let entry = unsafe { (*cx.method_cache.get()).entries[MethodCache::slot(version, name.value().word())] };
        if entry.version == version && entry.name == name.value().word() {
            return entry.value;
        }
    }
    lookup_slow(cx, class, name)
}

#[inline(never)]
fn lookup_slow(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>) -> Option<Value> {
    // The version is read first: if the class changes meanwhile, the entry is stored under a version it no longer has.
    let version = class_version(cx, class);
    let value = lookup_uncached(cx, class, name).map(|(_, value)| value);
    // Plain data may be replaced without a new version (`types::type_attribute::set_in_namespace`).
    let cacheable = value.is_none_or(|value| !crate::types::type_attribute::is_plain_data(cx, value));
    if cacheable && version != 0 && name.is_interned() {
        let word = name.value().word();
        // SAFETY: as in `lookup`.
        unsafe {
            (&mut (*cx.method_cache.get()).entries)[MethodCache::slot(version, word)] =
                CacheEntry { version, name: word, value };
        }
    }
    value
}

/// The attribute and the class of the method resolution order in whose namespace it stands.
pub fn lookup_uncached(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>) -> Option<(Ref<TypeObject>, Value)> {
    for base in class.linearization() {
        match base.dict().get_name(cx, name) {
            Ok(Some(value)) => return Some((base, value)),
            Ok(None) => {}
            // A key whose `__eq__` fails: as if it were not there.
            Err(raised) => cx.discard(raised),
        }
    }
    None
}

/// The class's version, giving it one if it has none; 0 when there are no more numbers, or if changes could not be noticed.
pub fn class_version(cx: &Cx, class: Ref<TypeObject>) -> u32 {
    let version = class.version.load(Ordering::Acquire);
    if version != 0 {
        return version;
    }
    // What an order of the metaclass's own making names need not be a base, whose changes are told.
    if crate::types::type_mro::has_own_order(cx, class) {
        return 0;
    }
    // A class with a version has bases with versions, so that changing a base reaches it.
    for base in class.linearization().skip(1) {
        if base.version.load(Ordering::Acquire) == 0 && class_version(cx, base) == 0 {
            return 0;
        }
    }
    let fresh = cx.vm().next_class_version();
    match class.version.compare_exchange(0, fresh, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => fresh,
        Err(present) => present,
    }
}

/// To be called before and after attributes of the class change in a way that caches can see: names come or go, or what
/// is stored under a name is, or becomes, more than plain data.
pub fn class_changed(cx: &Cx, class: Ref<TypeObject>) {
    if class.version.swap(0, Ordering::AcqRel) == 0 {
        return;
    }
    for subclass in cx.vm().subclasses.of(cx, class) {
        class_changed(cx, subclass);
    }
}

// ---- instances

/// The word of an instance that holds `__dict__` or the overflow cell.
fn dictionary_field(cx: &Cx, object: Value, placement: Placement) -> Option<&'static Field> {
    let cell = object.as_cell()?.as_ptr();
    let offset = match placement.dictionary {
        0 => return None,
        Placement::LAST_WORD => {
            // SAFETY: the cell is live: the caller holds it.
            (unsafe { cx.mutator().heap().cell_size(cell) }) / 8 - 1
        }
        word => word as usize,
    };
    Some(word_field(object, offset))
}

/// Bit of a member's word: the rest counts words from the cell's end, 1 being the last.
pub const FROM_END: usize = 1 << 32;

/// Where a member's word is in this object's cell.
pub fn member_index(cx: &Cx, object: Value, word: usize) -> usize {
    if word & FROM_END == 0 {
        return word;
    }
    let cell = object.as_cell().expect("instances with members are cells").as_ptr();
    // SAFETY: the cell is live: the caller holds it.
    (unsafe { cx.mutator().heap().cell_size(cell) }) / 8 - (word & !FROM_END)
}

/// A traced word of a cell. The reference must not outlive the caller's hold on the object.
fn word_field(object: Value, offset: usize) -> &'static Field {
    assert!(object.is_cell(), "only cells have fields");
    let cell = (object.word() & !7) as *const Header;
    // SAFETY: offsets come from the object's placement, which its cell was allocated for; all traced words are atomics;
    // the callers hold the object for as long as they use the field.
    unsafe { &*cell.cast::<Slot>().add(offset).cast::<Field>() }
}

/// What the dictionary word holds.
enum Extra {
    Nothing,
    Dictionary(Ref<Dict>),
    Overflow(Ref<Overflow>),
}

fn extra(cx: &Cx, object: Value, placement: Placement) -> Extra {
    match dictionary_field(cx, object, placement).and_then(Field::get) {
        None => Extra::Nothing,
        Some(value) if value.is_exactly(ids::ATTRIBUTE_OVERFLOW) => {
            // SAFETY: just checked.
            Extra::Overflow(unsafe { Ref::from_value_unchecked(value) })
        }
        // SAFETY: the word only ever holds an overflow cell or a dict.
        Some(value) => Extra::Dictionary(unsafe { Ref::from_value_unchecked(value) }),
    }
}

/// The field of an attribute slot, if the instance has room for it.
fn slot_field(cx: &Cx, object: Value, placement: Placement, slot: usize) -> Option<&'static Field> {
    let inline = placement.inline_count as usize;
    if slot < inline {
        return Some(word_field(object, placement.inline as usize + slot));
    }
    match extra(cx, object, placement) {
        Extra::Overflow(overflow) if slot - inline < overflow.capacity() => {
            let field: *const Field = overflow.field(slot - inline);
            // SAFETY: the overflow cell is kept alive by the object, or by the conservative scan of this frame.
            Some(unsafe { &*field })
        }
        _ => None,
    }
}

/// A traced word of an instance, by number: for inline caches whose guard has passed.
#[inline(always)]
pub fn word_of(object: Value, index: usize) -> Option<Value> {
    word_field(object, index).get().and_then(Value::bound)
}

/// The dict in word 1 of an instance whose shape says that it is there.
#[inline]
pub fn dictionary_of(object: Value) -> Option<Ref<Dict>> {
    let value = word_field(object, 1).get()?;
    // SAFETY: in shapes that use dictionaries the word holds a dict or nothing; while the type id is being switched it
    // may still be an overflow cell, so the exact type is checked.
    (!value.is_exactly(ids::ATTRIBUTE_OVERFLOW)).then(|| unsafe { Ref::from_value_unchecked(value) })
}

/// Stores to a word of an instance whose type id has just been checked, if that takes no lock and no barrier. (Whatever the
/// interpreter's loop holds over a call, it holds in its native frame, where the collector sees it long after.)
#[inline(always)]
pub fn store_word_alone(cx: &Cx, object: Value, index: usize, value: Value) -> bool {
    let alone = cx.mutator().is_alone();
    if alone {
        word_field(object, index).slot().store_alone(value.word());
    }
    alone
}

/// As [`store_word_alone`], and the instance's type id becomes `after`.
#[inline(always)]
pub fn add_word_alone(cx: &Cx, object: Value, after: TypeId, index: usize, value: Value) -> bool {
    let alone = store_word_alone(cx, object, index, value);
    if alone && let Some(cell) = object.as_cell() {
        // SAFETY: a value that is a cell points to a live one.
        unsafe { cell.as_ref() }.set_type_alone(after);
    }
    alone
}

/// Stores to a word of an instance if it still has the type id `before`, which becomes `after`.
#[inline]
pub fn store_word(cx: &Cx, object: Value, before: TypeId, after: TypeId, index: usize, value: Value) -> bool {
    let Some(cell) = object.as_cell() else { return false };
    // SAFETY: a value that is a cell points to a live one.
    let header = unsafe { cell.as_ref() };
    let _guard = lock(cx.mutator(), header);
    if header.type_id() != before {
        return false;
    }
    word_field(object, index).set(cx, value);
    if before != after {
        header.set_type(cx.mutator(), after);
    }
    true
}

/// The field of an attribute that is beyond the inline ones, in the overflow cell in word 1.
#[inline]
pub fn overflow_field(object: Value, index: usize) -> Option<&'static Field> {
    let value = word_field(object, 1).get().filter(|value| value.is_exactly(ids::ATTRIBUTE_OVERFLOW))?;
    // SAFETY: just checked.
    let overflow: Ref<Overflow> = unsafe { Ref::from_value_unchecked(value) };
    if index >= overflow.capacity() {
        return None;
    }
    let field: *const Field = overflow.field(index);
    // SAFETY: the overflow cell is kept alive by the object, or by the conservative scan of this frame.
    Some(unsafe { &*field })
}

/// Stores to an attribute beyond the inline ones if the instance still has the type id.
#[inline]
pub fn store_overflow(cx: &Cx, object: Value, id: TypeId, index: usize, value: Value) -> bool {
    let Some(cell) = object.as_cell() else { return false };
    // SAFETY: a value that is a cell points to a live one.
    let header = unsafe { cell.as_ref() };
    let _guard = lock(cx.mutator(), header);
    if header.type_id() != id {
        return false;
    }
    let Some(field) = overflow_field(object, index) else { return false };
    field.set(cx, value);
    true
}

/// The attribute in the instance's own storage.
pub fn instance_get(cx: &Cx, object: Value, name: Ref<Str>) -> PyResult<Option<Value>> {
    if !object.is_cell() {
        return Ok(None);
    }
    loop {
        let id = object.type_id();
        let shape = cx.shape_of(id);
        let placement = shape.placement();
        match shape.storage() {
            Storage::None => return Ok(None),
            Storage::Slots => {
                let Some(slot) = shape.slot_of(name) else {
                    if object.type_id() == id {
                        return Ok(None);
                    }
                    continue;
                };
                let value = slot_field(cx, object, placement, slot).and_then(Field::get).and_then(Value::bound);
                // Unbound because deleted, or because another thread moved the attributes to a dictionary?
                if value.is_some() || object.type_id() == id {
                    return Ok(value);
                }
            }
            Storage::Dictionary => {
                return match extra(cx, object, placement) {
                    Extra::Dictionary(dict) => dict.get_name(cx, name),
                    _ => Ok(None),
                };
            }
        }
    }
}

/// Sets the attribute in the instance's own storage; false if instances have none.
pub fn instance_set(cx: &Cx, object: Value, name: Ref<Str>, value: Value) -> PyResult<bool> {
    if !object.is_cell() {
        return Ok(false);
    }
    loop {
        let id = object.type_id();
        let shape = cx.shape_of(id);
        match shape.storage() {
            Storage::None => return Ok(false),
            Storage::Dictionary => {
                instance_dict(cx, object)?.set_name(cx, name, value)?;
                return Ok(true);
            }
            Storage::Slots => {
                let stored = match shape.slot_of(name) {
                    Some(slot) => store_slot(cx, object, shape, shape, slot, value),
                    None => match shape.with_name(cx, name) {
                        Some(next) => store_slot(cx, object, shape, next, shape.len(), value),
                        None => {
                            materialize(cx, object)?;
                            false
                        }
                    },
                };
                if stored {
                    return Ok(true);
                }
            }
        }
    }
}

/// Stores to a slot and then switches from shape `before` to `after`, unless the object no longer has `before`.
fn store_slot(cx: &Cx, object: Value, before: Ref<Shape>, after: Ref<Shape>, slot: usize, value: Value) -> bool {
    let placement = before.placement();
    let inline = placement.inline_count as usize;
    let grown = match slot_field(cx, object, placement, slot) {
        Some(_) => None,
        None => Some(grow_overflow(cx, object, placement, slot - inline)),
    };
    let Some(cell) = object.as_cell() else { return false };
    // SAFETY: a value that is a cell points to a live one.
    let header = unsafe { cell.as_ref() };
    let _guard = lock(cx.mutator(), header);
    if header.type_id() != before.id() {
        return false;
    }
    if let Some((grown, expected)) = grown {
        let Some(field) = dictionary_field(cx, object, placement) else { return false };
        if field.get() != expected {
            return false;
        }
        if let Some(old) = expected
            && let Extra::Overflow(old_cell) = extra(cx, object, placement)
        {
            debug_assert_eq!(old_cell.value(), old);
            for index in 0..old_cell.capacity() {
                if let Some(kept) = old_cell.field(index).get() {
                    grown.field(index).init(kept);
                }
            }
        }
        field.set(cx, grown.value());
    }
    let Some(field) = slot_field(cx, object, placement, slot) else { return false };
    field.set(cx, value);
    if before != after {
        header.set_type(cx.mutator(), after.id());
    }
    true
}

/// A larger overflow cell (empty), and what the dictionary word held when it was made.
fn grow_overflow(cx: &Cx, object: Value, placement: Placement, index: usize) -> (Ref<Overflow>, Option<Value>) {
    let expected = dictionary_field(cx, object, placement).and_then(Field::get);
    let capacity = (index + 1).next_power_of_two().max(4);
    (Overflow::new(cx, capacity), expected)
}

/// Deletes the attribute from the instance's own storage; false if it was not there.
pub fn instance_delete(cx: &Cx, object: Value, name: Ref<Str>) -> PyResult<bool> {
    let Some(cell) = object.as_cell() else { return Ok(false) };
    loop {
        let id = object.type_id();
        let shape = cx.shape_of(id);
        match shape.storage() {
            Storage::None => return Ok(false),
            Storage::Dictionary => {
                return match extra(cx, object, shape.placement()) {
                    Extra::Dictionary(dict) => Ok(dict.remove(cx, name.value())?.is_some()),
                    _ => Ok(false),
                };
            }
            Storage::Slots => {
                let Some(slot) = shape.slot_of(name) else { return Ok(false) };
                // SAFETY: a value that is a cell points to a live one.
                let _guard = lock(cx.mutator(), unsafe { cell.as_ref() });
                if object.type_id() != id {
                    continue;
                }
                let Some(field) = slot_field(cx, object, shape.placement(), slot) else { return Ok(false) };
                let was_bound = field.get().and_then(Value::bound).is_some();
                field.set(cx, Value::UNBOUND);
                return Ok(was_bound);
            }
        }
    }
}

/// Moves the attributes of an instance with slots to a dict.
fn materialize(cx: &Cx, object: Value) -> PyResult<()> {
    loop {
        let id = object.type_id();
        let shape = cx.shape_of(id);
        if shape.storage() != Storage::Slots {
            return Ok(());
        }
        let placement = shape.placement();
        let dict = cx.new_dict_with_capacity(shape.len())?;
        let mut seen = Vec::with_capacity(shape.len());
        for slot in 0..shape.len() {
            let value = slot_field(cx, object, placement, slot).and_then(Field::get).and_then(Value::bound);
            seen.push(value.map_or(0, Value::word));
            if let (Some(value), Some(name)) = (value, shape.name_at(slot)) {
                dict.append_absent(cx, name, value)?;
            }
        }
        if publish_dict(cx, object, shape, dict, &seen) {
            return Ok(());
        }
    }
}

/// Publishes the dict if the object still has the shape and the slots hold the words `seen`.
fn publish_dict(cx: &Cx, object: Value, shape: Ref<Shape>, dict: Ref<Dict>, seen: &[u64]) -> bool {
    let placement = shape.placement();
    let Some(cell) = object.as_cell() else { return false };
    // SAFETY: a value that is a cell points to a live one.
    let header = unsafe { cell.as_ref() };
    let _guard = lock(cx.mutator(), header);
    if header.type_id() != shape.id() {
        return false;
    }
    let word = |slot: usize| {
        slot_field(cx, object, placement, slot).and_then(Field::get).and_then(Value::bound).map_or(0, Value::word)
    };
    if !seen.iter().enumerate().all(|(slot, &expected)| word(slot) == expected) {
        return false;
    }
    let Some(field) = dictionary_field(cx, object, placement) else { return false };
    field.set(cx, dict.value());
    header.set_type(cx.mutator(), shape.dictionary_shape().id());
    for slot in 0..placement.inline_count as usize {
        word_field(object, placement.inline as usize + slot).set(cx, Value::UNBOUND);
    }
    true
}

/// Whether instances of the object's class have a `__dict__`.
pub fn has_instance_dict(cx: &Cx, object: Value) -> bool {
    object.is_cell() && cx.shape_of(object.type_id()).storage() != Storage::None
}

/// The instance's `__dict__`, made if need be. The object must have one ([`has_instance_dict`]).
pub fn instance_dict(cx: &Cx, object: Value) -> PyResult<Ref<Dict>> {
    loop {
        materialize(cx, object)?;
        let shape = cx.shape_of(object.type_id());
        let Some(field) = dictionary_field(cx, object, shape.placement()) else {
            return Err(raise!(cx, AttributeError, "'{}' object has no attribute '__dict__'", object.class_name(cx)));
        };
        match extra(cx, object, shape.placement()) {
            Extra::Dictionary(dict) => return Ok(dict),
            Extra::Overflow(_) => continue,
            Extra::Nothing => {
                let dict = cx.new_dict();
                if field.compare_exchange(cx, None, Some(dict.value())).is_ok() {
                    return Ok(dict);
                }
            }
        }
    }
}

/// Replaces the instance's `__dict__`.
pub fn set_instance_dict(cx: &Cx, object: Value, dict: Ref<Dict>) -> PyResult<()> {
    instance_dict(cx, object)?;
    let shape = cx.shape_of(object.type_id());
    if let Some(field) = dictionary_field(cx, object, shape.placement()) {
        field.set(cx, dict.value());
    }
    Ok(())
}

/// The instance's attributes as they are now, without making a `__dict__`: for `dir`, `vars` copies, `copy`, pickling.
pub fn instance_attributes(cx: &Cx, object: Value, visit: &mut dyn FnMut(Value, Value)) {
    if !object.is_cell() {
        return;
    }
    let shape = cx.shape_of(object.type_id());
    let placement = shape.placement();
    if shape.storage() == Storage::Slots {
        for (slot, name) in shape.names().into_iter().flat_map(|names| names.iter()).enumerate() {
            if let Some(value) = slot_field(cx, object, placement, slot).and_then(Field::get).and_then(Value::bound) {
                visit(name, value);
            }
        }
    } else if let Extra::Dictionary(dict) = extra(cx, object, placement) {
        dict.iter().for_each(|(name, value)| visit(name, value));
    }
}

// ---- the generic protocol

/// Whether the value has `__set__` or `__delete__`.
#[inline]
pub fn is_data_descriptor(cx: &Cx, value: Value) -> bool {
    value.is_cell() && cx.type_of(value).slots.descriptor_set().is_some()
}

/// Calls `descriptor.__get__(instance, owner)` if there is one.
#[inline]
pub fn bind_descriptor(cx: &Cx, descriptor: Value, instance: Option<Value>, owner: Ref<TypeObject>) -> PyResult {
    if !descriptor.is_cell() {
        return Ok(descriptor);
    }
    match cx.type_of(descriptor).slots.descriptor_get() {
        Some(get) => get(cx, descriptor, instance, Some(owner.value())),
        None => Ok(descriptor),
    }
}

/// `object.__getattribute__`: `None` instead of AttributeError when there is no such attribute.
pub fn generic_get_optional(cx: &Cx, object: Value, name: Ref<Str>) -> PyResult<Option<Value>> {
    let class = cx.type_of(object);
    let found = lookup(cx, class, name);
    if let Some(descriptor) = found
        && is_data_descriptor(cx, descriptor)
        && cx.type_of(descriptor).slots.descriptor_get().is_some()
    {
        return bind_descriptor(cx, descriptor, Some(object), class).map(Some);
    }
    if let Some(value) = instance_get(cx, object, name)? {
        return Ok(Some(value));
    }
    match found {
        Some(descriptor) => bind_descriptor(cx, descriptor, Some(object), class).map(Some),
        None => Ok(None),
    }
}

/// `object.__getattribute__`.
pub fn generic_get(cx: &Cx, object: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    match generic_get_optional(cx, object, name)? {
        Some(value) => Ok(value),
        None => Err(missing_attribute(cx, object, name)),
    }
}

/// AttributeError with `name` and `obj` set.
#[cold]
pub fn missing_attribute(cx: &Cx, object: Value, name: Ref<Str>) -> Raised {
    let message = match object.as_class(cx) {
        Some(class) => format!("type object '{}' has no attribute '{}'", class.display_name(), name.as_wtf8()),
        None => format!("'{}' object has no attribute '{}'", object.class_name(cx), name.as_wtf8()),
    };
    cx.raise_attribute_error(&message, object, name)
}

/// `object.__setattr__` and `object.__delattr__` (value `None`).
pub fn generic_set(cx: &Cx, object: Value, name: Value, value: Option<Value>) -> PyResult<()> {
    let name = cx.attribute_name(name)?;
    let class = cx.type_of(object);
    let descriptor = lookup(cx, class, name);
    if let Some(descriptor) = descriptor
        && descriptor.is_cell()
        && let Some(set) = cx.type_of(descriptor).slots.descriptor_set()
    {
        return set(cx, descriptor, object, value);
    }
    let done = match value {
        Some(value) => instance_set(cx, object, name, value)?,
        None => instance_delete(cx, object, name)?,
    };
    if done {
        return Ok(());
    }
    Err(cannot_set(cx, object, name, descriptor.is_some(), value.is_some()))
}

#[cold]
fn cannot_set(cx: &Cx, object: Value, name: Ref<Str>, in_class: bool, setting: bool) -> Raised {
    let (class, text) = (object.class_name(cx), name.as_wtf8());
    let message = if in_class && !has_instance_dict(cx, object) {
        format!("'{class}' object attribute '{text}' is read-only")
    } else if setting {
        format!("'{class}' object has no attribute '{text}' and no __dict__ for setting new attributes")
    } else {
        return missing_attribute(cx, object, name);
    };
    cx.raise_attribute_error(&message, object, name)
}

impl Cx {
    /// `object.name` for an interned name.
    #[inline]
    pub fn get_attribute(&self, object: Value, name: Ref<Str>) -> PyResult {
        match self.type_of(object).slots.get_attribute() {
            Some(get) => {
                get(self, object, name.value()).map_err(|raised| self.tell_attribute_error(raised, object, name))
            }
            None => Err(missing_attribute(self, object, name)),
        }
    }

    /// Gives a pending AttributeError that knows neither name nor object both.
    #[cold]
    fn tell_attribute_error(&self, raised: Raised, object: Value, name: Ref<Str>) -> Raised {
        crate::types::exception::tell_attribute_error(self, &raised, object, name);
        raised
    }

    /// `object.name`, or `None` if that raises AttributeError.
    pub fn get_attribute_optional(&self, object: Value, name: Ref<Str>) -> PyResult<Option<Value>> {
        self.check_native_stack()?;
        // Descriptors may raise it too.
        let class = self.type_of(object);
        let found = if has_generic_get(class) {
            generic_get_optional(self, object, name)
        } else if class.slots.get_attribute().is_some_and(type_attribute::is_type_getattribute) {
            type_attribute::get_attribute_optional(self, object, name)
        } else {
            self.get_attribute(object, name).map(Some)
        };
        found.or_else(|raised| self.absent_if_attribute_error(raised))
    }

    fn absent_if_attribute_error(&self, raised: Raised) -> PyResult<Option<Value>> {
        let exception = self.take_exception(raised);
        let class = self.builtin_type(crate::exceptions::ExceptionKind::AttributeError.type_id());
        if exception.is_instance(self, class) { Ok(None) } else { Err(self.raise_unchained(exception)) }
    }

    /// `object.name = value`.
    pub fn set_attribute(&self, object: Value, name: Ref<Str>, value: Value) -> PyResult<()> {
        self.assign_attribute(object, name, Some(value))
    }

    /// `del object.name`.
    pub fn delete_attribute(&self, object: Value, name: Ref<Str>) -> PyResult<()> {
        self.assign_attribute(object, name, None)
    }

    fn assign_attribute(&self, object: Value, name: Ref<Str>, value: Option<Value>) -> PyResult<()> {
        match self.type_of(object).slots.set_attribute() {
            Some(set) => set(self, object, name.value(), value),
            None => Err(cannot_set(self, object, name, false, value.is_some())),
        }
    }

    /// The special method of the object's class, unbound or bound as [`Method`] says; the instance is not asked.
    pub fn lookup_special(&self, object: Value, name: Ref<Str>) -> PyResult<Option<Method>> {
        let class = self.type_of(object);
        let Some(found) = lookup(self, class, name) else { return Ok(None) };
        bind_for_call(self, found, object, class).map(Some)
    }

    /// An attribute name: an interned string; TypeError for anything but a string.
    pub fn attribute_name(&self, name: Value) -> PyResult<Ref<Str>> {
        match name.exact::<Str>() {
            Some(name) if name.is_interned() => Ok(name),
            Some(name) => Ok(self.intern(name)),
            None => match name.downcast::<Str>(self) {
                Some(name) => Ok(self.intern_text(name.as_wtf8())),
                None => {
                    let class = name.class_name(self);
                    Err(raise!(self, TypeError, "attribute name must be string, not '{class}'"))
                }
            },
        }
    }
}

/// What a call of `object.name(…)` calls.
#[derive(Clone, Copy)]
pub struct Method {
    /// The callable.
    pub function: Value,
    /// The receiver to be passed first, unless the callable is bound already.
    pub receiver: Option<Value>,
}

/// A class attribute ready to be called on an instance: functions stay unbound with the receiver apart.
fn bind_for_call(cx: &Cx, found: Value, object: Value, class: Ref<TypeObject>) -> PyResult<Method> {
    if found.is_cell() && cx.type_of(found).has_flags(TypeFlags::METHOD_DESCRIPTOR.0) {
        return Ok(Method { function: found, receiver: Some(object) });
    }
    Ok(Method { function: bind_descriptor(cx, found, Some(object), class)?, receiver: None })
}

/// `object.name` for a call.
pub fn get_method(cx: &Cx, object: Value, name: Ref<Str>) -> PyResult<Method> {
    let class = cx.type_of(object);
    if has_generic_get(class)
        && let Some(found) = lookup(cx, class, name)
        && found.is_cell()
        && cx.type_of(found).has_flags(TypeFlags::METHOD_DESCRIPTOR.0)
    {
        return Ok(match instance_get(cx, object, name)? {
            Some(own) => Method { function: own, receiver: None },
            None => Method { function: found, receiver: Some(object) },
        });
    }
    Ok(Method { function: cx.get_attribute(object, name)?, receiver: None })
}

/// Replaces a word of an instance (`None` empties it) and returns what was there.
pub fn replace_word(cx: &Cx, object: Value, index: usize, value: Option<Value>) -> Option<Value> {
    word_field(object, index).replace(cx, Some(value.unwrap_or(Value::UNBOUND))).and_then(Value::bound)
}

/// Whether attributes of the class's instances are looked up by `object.__getattribute__`.
pub fn has_generic_get(class: Ref<TypeObject>) -> bool {
    class.slots.get_attribute().is_some_and(|get| get as usize == generic_get as *const () as usize)
}
