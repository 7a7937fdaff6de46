//! Caches of stores: `object.name = value`.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_gc::TypeId;

use super::load::{member_guard, packed_guard};
use super::{
    CacheRecord, Guard, RecordKind, extend_if_unchanged, guard, id_of, index_of, kind, kind_of, packed_end, record,
    records, slot_of,
};
use crate::object::attribute::{self, class_version, generic_set, lookup};
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::getset_descriptor::MemberDescriptor;
use crate::types::str::Str;

/// `object.name = value`, through and into the cache.
#[inline]
pub fn store(cx: &Cx, object: Value, name: Ref<Str>, value: Value, cache: &AtomicU64) -> PyResult<()> {
    if store_hit(cx, object, cache.load(Ordering::Acquire), value) {
        return Ok(());
    }
    store_slow(cx, object, name, value, cache)
}

#[inline(never)]
fn store_slow(cx: &Cx, object: Value, name: Ref<Str>, value: Value, cache: &AtomicU64) -> PyResult<()> {
    let (before, class) = (object.type_id(), cx.type_of(object));
    // Taken first, so that a change of the class meanwhile is noticed.
    let version = class_version(cx, class);
    cx.set_attribute(object, name, value)?;
    if version != 0
        && cx.type_of(object) == class
        && let Some(guard) = guard_for_store(cx, object, name, before)
    {
        extend_if_unchanged(cx, cache, class, version, guard);
    }
    Ok(())
}

/// Stores to a word of the instance itself if the word's first guard says so, and if that takes no lock and no barrier: what
/// the interpreter's loop asks.
#[inline(always)]
pub fn store_alone(cx: &Cx, object: Value, word: u64, value: Value) -> bool {
    if !object.is_cell() {
        return false;
    }
    let id = object.type_id();
    if let Some(index) = slot_of(word, id) {
        return attribute::store_word_alone(cx, object, index, value);
    }
    let Some(record) = record(word) else { return false };
    if record.guard == guard(RecordKind::AddSlot, id) {
        return attribute::add_word_alone(cx, object, TypeId(record.next_id), record.index as usize, value);
    }
    match slot_of(record.other, id) {
        Some(index) if record.guard == guard(RecordKind::Packed, id) => {
            attribute::store_word_alone(cx, object, index, value)
        }
        _ => false,
    }
}

/// Stores by the cache; false if it does not know how.
#[inline]
fn store_hit(cx: &Cx, object: Value, word: u64, value: Value) -> bool {
    let id = object.type_id();
    let (packed, adding) = (guard(RecordKind::Packed, id), guard(RecordKind::AddSlot, id));
    for record in records(word) {
        if record.guard == adding {
            return attribute::store_word(cx, object, id, TypeId(record.next_id), record.index as usize, value);
        }
        if record.guard == packed {
            return store_packed(cx, object, record.other, id, value);
        }
    }
    store_packed(cx, object, packed_end(word), id, value)
}

/// Stores by a packed guard, if it is for the type id.
#[inline]
fn store_packed(cx: &Cx, object: Value, word: u64, id: TypeId, value: Value) -> bool {
    if let Some(index) = slot_of(word, id) {
        return attribute::store_word(cx, object, id, id, index, value);
    }
    id_of(word) == id
        && kind_of(word) == kind::OVERFLOW
        && attribute::store_overflow(cx, object, id, index_of(word), value)
}

/// The guard for a store that was done to an object that had the type id `before`.
fn guard_for_store(cx: &Cx, object: Value, name: Ref<Str>, before: TypeId) -> Option<Guard> {
    let (id, class) = (object.type_id(), cx.type_of(object));
    if class.slots.set_attribute().is_none_or(|set| set as usize != generic_set as *const () as usize) {
        return None;
    }
    if let Some(found) = lookup(cx, class, name).filter(|&found| attribute::is_data_descriptor(cx, found)) {
        let writable = found.exact::<MemberDescriptor>().is_some_and(|member| !member.is_read_only());
        return if writable { member_guard(class, found, name, id).map(Guard::Packed) } else { None };
    }
    let word = packed_guard(cx, object, name, id)?;
    let kind = kind_of(word);
    if before == id {
        return matches!(kind, kind::SLOT | kind::OVERFLOW).then_some(Guard::Packed(word));
    }
    if kind != kind::SLOT {
        return None;
    }
    let (old, new) = (cx.shape_of(before), cx.shape_of(id));
    if old.class() != class || old.len() + 1 != new.len() {
        return None;
    }
    let record = CacheRecord::new(RecordKind::AddSlot, before);
    Some(Guard::Record(CacheRecord { next_id: id.0, index: index_of(word) as u16, ..record }))
}
