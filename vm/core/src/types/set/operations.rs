//! The operations of set algebra, in the order of steps that gives their results CPython's order of keys.

use super::storage::SetStorage;
use super::{Set, as_any_set, grown};
use crate::object::cell::Ref;
use crate::object::protocol::iter::for_each;
use crate::object::protocol::object::hash;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::sequence::poll_at;

impl Ref<Set> {
    /// Calls `visit` with each key and its hash.
    fn for_each_entry(self, cx: &Cx, mut visit: impl FnMut(Value, i64) -> PyResult<()>) -> PyResult<()> {
        let mut position = 0;
        while let Some((key, key_hash)) = self.next_entry(&mut position) {
            visit(key, key_hash)?;
            poll_at(cx, position)?;
        }
        Ok(())
    }

    /// Makes room for so many keys more, as an update by a set or dict does.
    fn make_room(self, cx: &Cx, more: usize) -> PyResult<()> {
        if (self.fill() + more) * 5 >= self.mask() * 3 {
            self.resize(cx, self.table(), (self.len() + more) * 2)?;
        }
        Ok(())
    }

    /// Adds the keys of an iterable.
    pub fn update(self, cx: &Cx, iterable: Value) -> PyResult<()> {
        if let Some(other) = as_any_set(cx, iterable) {
            return self.merge(cx, other);
        }
        if let Some(dict) = iterable.exact::<Dict>() {
            return self.merge_dict(cx, dict);
        }
        for_each(cx, iterable, |key| self.add(cx, key).map(drop))
    }

    fn merge(self, cx: &Cx, other: Ref<Set>) -> PyResult<()> {
        if self == other || other.is_empty() {
            return Ok(());
        }
        self.make_room(cx, other.len())?;
        if self.fill() == 0 && self.merge_into_empty(cx, other)? {
            return Ok(());
        }
        other.for_each_entry(cx, |key, key_hash| self.add_hashed(cx, key, key_hash).map(drop))
    }

    /// Fills an empty set, whose table has been made large enough, without comparing keys: from a table of the same size
    /// without dead entries, each key goes to the same place. False if another thread interfered.
    fn merge_into_empty(self, cx: &Cx, other: Ref<Set>) -> PyResult<bool> {
        let expected = self.table();
        let table = SetStorage::new(cx, self.mask())?;
        let Some(from) = other.table() else { return Ok(true) };
        let same = table.mask() == from.mask() && from.fill() == other.len();
        if !table.init_from(&from, same) {
            return Ok(false);
        }
        Ok(self.install(cx, expected, table))
    }

    fn merge_dict(self, cx: &Cx, dict: Ref<Dict>) -> PyResult<()> {
        self.make_room(cx, dict.len())?;
        let Some(storage) = dict.storage() else { return Ok(()) };
        for index in 0..storage.used() {
            if let Some(key) = storage.key(index) {
                self.add_hashed(cx, key, storage.hash_of(index))?;
            }
            poll_at(cx, index)?;
        }
        Ok(())
    }

    /// A copy: a plain set or frozenset.
    pub fn copy(self, cx: &Cx) -> PyResult<Ref<Set>> {
        let copy = cx.new_set_like(self);
        copy.merge(cx, self)?;
        Ok(copy)
    }

    /// A plain set or frozenset, as this one is, of the keys of an iterable.
    fn set_of(self, cx: &Cx, iterable: Value) -> PyResult<Ref<Set>> {
        let set = cx.new_set_like(self);
        set.update(cx, iterable)?;
        Ok(set)
    }

    /// The keys that an iterable has too.
    pub fn intersection(self, cx: &Cx, other: Value) -> PyResult<Ref<Set>> {
        if other == self.value() {
            return self.copy(cx);
        }
        let result = cx.new_set_like(self);
        if let Some(other) = as_any_set(cx, other) {
            let (small, large) = if other.len() > self.len() { (self, other) } else { (other, self) };
            small.for_each_entry(cx, |key, key_hash| {
                if large.has(cx, key, key_hash)? {
                    result.add_unseen(cx, key, key_hash)?;
                }
                Ok(())
            })?;
            return Ok(result);
        }
        for_each(cx, other, |key| {
            let key_hash = hash(cx, key)?;
            if self.contains_hashed(cx, key, key_hash)? {
                result.add_unseen(cx, key, key_hash)?;
            }
            Ok(())
        })?;
        Ok(result)
    }

    /// Keeps only the keys that are in `kept` too.
    pub(super) fn replace_by(self, cx: &Cx, kept: Ref<Set>) {
        self.take_contents(cx, kept);
    }

    /// The keys that an iterable has not.
    pub fn difference(self, cx: &Cx, other: Value) -> PyResult<Ref<Set>> {
        let (set, dict) = (as_any_set(cx, other), other.exact::<Dict>());
        let other_length = set.map(|set| set.len()).or(dict.map(|dict| dict.len()));
        if other_length.is_none_or(|length| self.len() >> 2 > length) {
            let result = self.copy(cx)?;
            result.difference_update(cx, other)?;
            return Ok(result);
        }
        let result = cx.new_set_like(self);
        self.for_each_entry(cx, |key, key_hash| {
            let found = match (set, dict) {
                (Some(set), _) => set.has(cx, key, key_hash)?,
                (None, Some(dict)) => dict.get_hashed(cx, key, key_hash)?.is_some(),
                (None, None) => false,
            };
            if !found {
                result.add_unseen(cx, key, key_hash)?;
            }
            Ok(())
        })?;
        Ok(result)
    }

    /// Removes the keys of an iterable.
    pub fn difference_update(self, cx: &Cx, other: Value) -> PyResult<()> {
        if other == self.value() {
            self.clear(cx);
            return Ok(());
        }
        if let Some(mut other) = as_any_set(cx, other) {
            if other.len() >> 3 > self.len() {
                other = self.intersection(cx, other.value())?;
            }
            other.for_each_entry(cx, |key, key_hash| self.discard_hashed(cx, key, key_hash).map(drop))?;
        } else {
            for_each(cx, other, |key| self.discard(cx, key).map(drop))?;
        }
        // More than a quarter of dead entries are cleaned away.
        if self.fill().saturating_sub(self.len()) > self.mask() / 4 {
            self.resize(cx, self.table(), grown(self.len()))?;
        }
        Ok(())
    }

    /// The keys that are in one of both only.
    pub fn symmetric_difference(self, cx: &Cx, other: Value) -> PyResult<Ref<Set>> {
        let result = self.set_of(cx, other)?;
        result.symmetric_difference_update(cx, self.value())?;
        Ok(result)
    }

    /// Removes the keys of an iterable that are here, and adds the others.
    pub fn symmetric_difference_update(self, cx: &Cx, other: Value) -> PyResult<()> {
        if other == self.value() {
            self.clear(cx);
            return Ok(());
        }
        let toggle = |key: Value, key_hash: i64| -> PyResult<()> {
            if !self.discard_hashed(cx, key, key_hash)? {
                self.add_hashed(cx, key, key_hash)?;
            }
            Ok(())
        };
        if let Some(dict) = other.exact::<Dict>() {
            let Some(storage) = dict.storage() else { return Ok(()) };
            for index in 0..storage.used() {
                if let Some(key) = storage.key(index) {
                    toggle(key, storage.hash_of(index))?;
                }
            }
            return Ok(());
        }
        let other = match as_any_set(cx, other) {
            Some(other) => other,
            None => self.set_of(cx, other)?,
        };
        other.for_each_entry(cx, toggle)
    }

    /// Whether every key is in the other set.
    pub fn is_subset(self, cx: &Cx, other: Ref<Set>) -> PyResult<bool> {
        if self.len() > other.len() {
            return Ok(false);
        }
        let Some(table) = self.table() else { return Ok(true) };
        for (index, entry) in table.entries().enumerate() {
            if let Some((key, key_hash)) = entry.alive()
                && !other.has(cx, key, key_hash)?
            {
                return Ok(false);
            }
            poll_at(cx, index)?;
        }
        Ok(true)
    }

    /// Whether both have the same keys.
    pub fn equals(self, cx: &Cx, other: Ref<Set>) -> PyResult<bool> {
        if self.len() != other.len() {
            return Ok(false);
        }
        let known = |set: Ref<Set>| set.hash.load(std::sync::atomic::Ordering::Relaxed);
        let (left, right) = (known(self), known(other));
        if left != 0 && right != 0 && left != right {
            return Ok(false);
        }
        self.is_subset(cx, other)
    }

    /// Whether no key of the iterable is here.
    pub fn is_disjoint(self, cx: &Cx, other: Value) -> PyResult<bool> {
        if other == self.value() {
            return Ok(self.is_empty());
        }
        if let Some(other) = as_any_set(cx, other) {
            let (small, large) = if other.len() > self.len() { (self, other) } else { (other, self) };
            let mut position = 0;
            while let Some((key, key_hash)) = small.next_entry(&mut position) {
                if large.contains_hashed(cx, key, key_hash)? {
                    return Ok(false);
                }
                poll_at(cx, position)?;
            }
            return Ok(true);
        }
        let iterator = crate::object::protocol::iter::get_iter(cx, other)?;
        while let Some(key) = crate::object::protocol::iter::next(cx, iterator)? {
            if self.contains(cx, key)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
