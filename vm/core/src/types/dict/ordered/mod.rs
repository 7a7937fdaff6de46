//! `collections.OrderedDict`: a dict whose order can be changed.
//!
//! Every dict keeps the order of insertion, so the order is the storage's. What comes on top: entries can be moved to
//! either end, both ends can be taken off quickly, equality heeds the order, and iterators notice every change of the
//! set of keys or their order by a count of changes.
//!
//! Taking entries off the front leaves dead ones behind it: how many is remembered, for one storage, under the lock.

pub mod iterator;
mod methods;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_gc::{Tracer, lock};

use super::merge::key_hash;
use super::storage::DictStorage;
use super::{Dict, Found};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol::compare::equal;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

pub use self::methods::TYPE;

/// The cell.
#[repr(C)]
pub struct OrderedDict {
    base: Dict,
    /// The instance's `__dict__`.
    dictionary: Field,
    /// The storage that `dead_front` speaks of.
    front_storage: RefField<DictStorage>,
    /// Changes of the set of keys or their order.
    changes: AtomicU64,
    /// So many entries at the front of `front_storage` are dead. Under the lock.
    dead_front: AtomicU32,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<OrderedDict>("collections.OrderedDict", ids::ORDERED_DICT, Some(&super::LAYOUT))
        .with_dictionary(std::mem::offset_of!(OrderedDict, dictionary));

// SAFETY: `repr(C)`, begins with a dict, zero is an empty one; all fields are reported.
unsafe impl Cell for OrderedDict {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
        self.dictionary.trace(tracer);
        self.front_storage.trace(tracer);
    }
}

impl OrderedDict {
    fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }
}

impl Ref<OrderedDict> {
    /// The dict underneath.
    pub fn dict(self) -> Ref<Dict> {
        // SAFETY: the layout begins with a dict's.
        unsafe { self.upcast() }
    }

    /// Sets the value of a key; a new one goes to the end.
    pub fn set(self, cx: &Cx, key: Value, value: Value) -> PyResult<()> {
        let hash = key_hash(cx, key)?;
        if self.dict().insert_hashed(cx, key, hash, value)?.is_none() {
            self.changed();
        }
        Ok(())
    }

    /// Removes a key and returns its value.
    pub fn remove(self, cx: &Cx, key: Value) -> PyResult<Option<Value>> {
        let removed = self.dict().remove(cx, key)?;
        if removed.is_some() {
            self.changed();
        }
        Ok(removed)
    }

    /// Removes and returns the last entry.
    pub fn pop_last(self, cx: &Cx) -> Option<(Value, Value)> {
        let popped = self.dict().pop_last(cx);
        if popped.is_some() {
            self.changed();
        }
        popped
    }

    /// Removes and returns the first entry.
    pub fn pop_first(self, cx: &Cx) -> Option<(Value, Value)> {
        let dict = self.dict();
        let _guard = lock(cx.mutator(), self.header());
        let storage = dict.storage.get()?;
        if self.front_storage.get() != Some(storage) {
            self.front_storage.set(cx, storage);
            self.dead_front.store(0, Ordering::Relaxed);
        }
        for index in self.dead_front.load(Ordering::Relaxed) as usize..storage.used() {
            if let Some(pair) = storage.pair(index) {
                dict.kill_locked(cx, storage, index);
                self.dead_front.store(index as u32 + 1, Ordering::Relaxed);
                self.changed();
                return Some(pair);
            }
        }
        self.dead_front.store(storage.used() as u32, Ordering::Relaxed);
        None
    }

    /// Removes all entries.
    pub fn clear(self, cx: &Cx) {
        self.dict().clear(cx);
        self.changed();
    }

    /// Makes an entry the last or the first one; false if the key is not there.
    pub fn move_to_end(self, cx: &Cx, key: Value, last: bool) -> PyResult<bool> {
        let hash = key_hash(cx, key)?;
        let dict = self.dict();
        loop {
            let Found::Entry(storage, index) = dict.find(cx, key, hash)? else { return Ok(false) };
            let moved = match last {
                true if storage.used() >= storage.capacity() && !is_last(storage, index) => {
                    dict.grow(cx)?;
                    false
                }
                true => self.move_to_back(cx, storage, index),
                false => self.move_to_front(cx, storage, index)?,
            };
            if moved {
                return Ok(true);
            }
        }
    }

    /// Adds the entry once more at the end, and removes the old one; false if the storage changed or is full.
    fn move_to_back(self, cx: &Cx, storage: Ref<DictStorage>, index: usize) -> bool {
        let dict = self.dict();
        let _guard = lock(cx.mutator(), self.header());
        let Some((key, value)) = storage.pair(index) else { return false };
        if dict.storage.get() != Some(storage) {
            return false;
        }
        if is_last(storage, index) {
            return true;
        }
        if storage.used() >= storage.capacity() {
            return false;
        }
        storage.append(cx, storage.hash_of(index), key, value);
        dict.count_added(storage);
        dict.kill_locked(cx, storage, index);
        self.changed();
        true
    }

    /// Installs a storage that begins with the entry; false if the storage changed.
    fn move_to_front(self, cx: &Cx, storage: Ref<DictStorage>, index: usize) -> PyResult<bool> {
        let dict = self.dict();
        let fresh = DictStorage::new(cx, storage.capacity().max(storage.used()))?;
        let _guard = lock(cx.mutator(), self.header());
        let Some((key, value)) = storage.pair(index) else { return Ok(false) };
        if dict.storage.get() != Some(storage) || storage.used() > fresh.capacity() {
            return Ok(false);
        }
        fresh.append(cx, storage.hash_of(index), key, value);
        for other in (0..storage.used()).filter(|&other| other != index) {
            if let Some((key, value)) = storage.pair(other) {
                fresh.append(cx, storage.hash_of(other), key, value);
            }
        }
        dict.storage.set(cx, fresh);
        dict.tail.store(fresh.used() as u32, Ordering::Relaxed);
        self.changed();
        Ok(true)
    }

    /// Whether both have the same keys in the same order.
    pub fn same_order(self, cx: &Cx, other: Ref<OrderedDict>) -> PyResult<bool> {
        let (mut mine, mut theirs) = (0, 0);
        let before = (self.changes(), other.changes());
        loop {
            let pair = (self.dict().next_entry(&mut mine), other.dict().next_entry(&mut theirs));
            match pair {
                (None, None) => return Ok(true),
                (Some((left, _)), Some((right, _))) => {
                    let same = equal(cx, left, right)?;
                    if (self.changes(), other.changes()) != before {
                        return Err(raise!(cx, RuntimeError, "OrderedDict mutated during iteration"));
                    }
                    if !same {
                        return Ok(false);
                    }
                }
                _ => return Ok(false),
            }
        }
    }
}

/// Whether no live entry comes after this one.
fn is_last(storage: Ref<DictStorage>, index: usize) -> bool {
    (index + 1..storage.used()).all(|later| storage.pair(later).is_none())
}

impl Cx {
    /// An empty `OrderedDict`.
    pub fn new_ordered_dict(&self) -> Ref<OrderedDict> {
        self.allocate(OrderedDict {
            base: Dict::empty(),
            dictionary: Field::empty(),
            front_storage: RefField::empty(),
            changes: AtomicU64::new(0),
            dead_front: AtomicU32::new(0),
        })
    }
}
