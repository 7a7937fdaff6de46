//! `dict`: insertion-ordered, read without locks, written under the object's lock.
//!
//! A look-up that had to call `__eq__` starts again if the storage was replaced meanwhile. A write finds its entry
//! without the lock (finding may run Python code), then locks, checks that nothing was added since, and stores.

pub mod iterator;
pub mod merge;
mod methods;
pub mod ordered;
pub mod storage;
pub mod view;

use std::sync::atomic::{AtomicU32, Ordering};

use countless_gc::{Header, Tracer, lock};

use self::merge::key_hash as hash;
use self::storage::DictStorage;
use super::ids;
use super::sequence::poll_at;
use super::str::Str;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::compare::equal_keys;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

pub use self::methods::TYPE;

/// The cell.
#[repr(C)]
pub struct Dict {
    header: Header,
    /// The storage; empty field for a dict that never had an entry.
    storage: RefField<DictStorage>,
    /// Entries alive.
    live: AtomicU32,
    /// All entries of the storage from this one on are dead or not filled yet: so that taking the last entry again and
    /// again does not walk over the dead ones each time. Only the holder of the lock may rely on it.
    tail: AtomicU32,
}

/// The layout of dicts.
pub static LAYOUT: Layout = Layout::of::<Dict>("dict", ids::DICT, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an empty dict; the storage is reported.
unsafe impl Cell for Dict {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.storage.trace(tracer);
    }
}

/// Where a look-up ended.
enum Found {
    /// At this entry of this storage.
    Entry(Ref<DictStorage>, usize),
    /// Nowhere: in the storage (if any) as it was when it had so many entries used.
    Missing(Option<Ref<DictStorage>>, usize),
}

impl Dict {
    /// The contents of a cell under construction: an empty dict.
    pub fn empty() -> Dict {
        Dict { header: Header::default(), storage: RefField::empty(), live: AtomicU32::new(0), tail: AtomicU32::new(0) }
    }

    /// How many entries.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.live.load(Ordering::Relaxed) as usize
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The storage, for inline caches and iteration.
    #[inline(always)]
    pub fn storage(&self) -> Option<Ref<DictStorage>> {
        self.storage.get()
    }
}

impl Ref<Dict> {
    #[inline(always)]
    fn find(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<Found> {
        // A key that is there itself, or of which there is none of the same hash, is found without comparing.
        let Some(storage) = self.storage.get() else { return Ok(Found::Missing(None, 0)) };
        let used = storage.used();
        for index in storage.probe(key_hash) {
            let entry = storage.entry(index);
            let candidate = entry.key.get();
            if candidate == Some(key) {
                return Ok(Found::Entry(storage, index));
            }
            if entry.hash.load(Ordering::Relaxed) as i64 == key_hash && candidate.is_some() {
                return self.find_equal(cx, key, key_hash);
            }
        }
        Ok(Found::Missing(Some(storage), used))
    }

    #[inline(never)]
    fn find_equal(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<Found> {
        'restart: loop {
            let Some(storage) = self.storage.get() else { return Ok(Found::Missing(None, 0)) };
            let used = storage.used();
            for index in storage.probe(key_hash) {
                let entry = storage.entry(index);
                let Some(candidate) = entry.key.get() else { continue };
                if candidate == key {
                    return Ok(Found::Entry(storage, index));
                }
                if entry.hash.load(Ordering::Relaxed) as i64 != key_hash || candidate.is_unbound() {
                    continue;
                }
                let (equal, ran_code) = equal_keys(cx, candidate, key)?;
                if ran_code && (self.storage.get() != Some(storage) || entry.key.get() != Some(candidate)) {
                    continue 'restart;
                }
                if equal {
                    return Ok(Found::Entry(storage, index));
                }
            }
            return Ok(Found::Missing(Some(storage), used));
        }
    }

    /// The value of a key, whose hash is known.
    pub fn get_hashed(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<Option<Value>> {
        Ok(match self.find(cx, key, key_hash)? {
            Found::Entry(storage, index) => storage.pair(index).map(|(_, value)| value),
            Found::Missing(..) => None,
        })
    }

    /// The value of a key.
    pub fn get(self, cx: &Cx, key: Value) -> PyResult<Option<Value>> {
        let key_hash = hash(cx, key)?;
        self.get_hashed(cx, key, key_hash)
    }

    /// The value of a name.
    pub fn get_name(self, cx: &Cx, name: Ref<Str>) -> PyResult<Option<Value>> {
        self.get_hashed(cx, name.value(), name.hash(cx))
    }

    /// The entry number of a name, for inline caches.
    pub fn find_name(self, cx: &Cx, name: Ref<Str>) -> PyResult<Option<(Ref<DictStorage>, usize)>> {
        Ok(match self.find(cx, name.value(), name.hash(cx))? {
            Found::Entry(storage, index) => Some((storage, index)),
            Found::Missing(..) => None,
        })
    }

    /// Sets the value of a key, whose hash is known; returns what was there.
    pub fn insert_hashed(self, cx: &Cx, key: Value, key_hash: i64, value: Value) -> PyResult<Option<Value>> {
        loop {
            let found = self.find(cx, key, key_hash)?;
            match found {
                Found::Entry(storage, index) => {
                    if let Some(old) = self.overwrite(cx, storage, index, value) {
                        return Ok(Some(old));
                    }
                }
                Found::Missing(storage, used) => {
                    let full = storage.is_none_or(|storage| used >= storage.capacity());
                    if full {
                        self.grow(cx)?;
                    } else if let Some(storage) = storage
                        && self.append_if_unchanged(cx, storage, used, (key_hash, key, value))
                    {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Overwrites an entry found without the lock; `None` if it died meanwhile.
    fn overwrite(self, cx: &Cx, storage: Ref<DictStorage>, index: usize, value: Value) -> Option<Value> {
        let _guard = lock(cx.mutator(), self.header());
        if self.storage.get() != Some(storage) {
            return None;
        }
        let (_, old) = storage.pair(index)?;
        storage.entry(index).value.set(cx, value);
        Some(old)
    }

    /// Overwrites the value of an entry while the set of keys is still the one of the number; false if it is not, or if
    /// the entry died: for caches that found the entry in the storage to which the number was given.
    ///
    /// # Safety
    ///
    /// `index` was an entry of the storage that answered `keys_id` (which names one storage only).
    #[inline]
    pub unsafe fn overwrite_under(self, cx: &Cx, keys_id: u32, index: usize, value: Value) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        let Some(storage) = self.storage.get() else { return false };
        // SAFETY: the caller's contract.
        if unsafe { storage.value_under(keys_id, index) }.is_none() {
            return false;
        }
        storage.entry(index).value.set(cx, value);
        true
    }

    fn append_if_unchanged(
        self,
        cx: &Cx,
        storage: Ref<DictStorage>,
        used: usize,
        (key_hash, key, value): (i64, Value, Value),
    ) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        if self.storage.get() != Some(storage) || storage.used() != used {
            return false;
        }
        storage.append(cx, key_hash, key, value);
        self.count_added(storage);
        true
    }

    /// Makes room for so many entries in all.
    pub fn reserve(self, cx: &Cx, entries: usize) -> PyResult<()> {
        match self.storage.get() {
            Some(storage) if storage.capacity() >= entries => Ok(()),
            _ => self.rebuild(cx, entries),
        }
    }

    /// Counts an entry that was appended under the lock.
    #[inline(always)]
    fn count_added(self, storage: Ref<DictStorage>) {
        self.live.store(self.len() as u32 + 1, Ordering::Relaxed);
        self.tail.store(storage.used() as u32, Ordering::Relaxed);
    }

    /// Makes room for one more entry.
    fn grow(self, cx: &Cx) -> PyResult<()> {
        let room = self.len() + 1;
        self.rebuild(cx, room + room / 4)
    }

    /// Installs a new storage with room for `room` entries, holding the live ones.
    fn rebuild(self, cx: &Cx, room: usize) -> PyResult<()> {
        let mut room = room;
        loop {
            let storage = DictStorage::new(cx, room)?;
            let _guard = lock(cx.mutator(), self.header());
            if self.len() > storage.capacity() {
                room = self.len() + 1;
                continue;
            }
            if let Some(old) = self.storage.get() {
                storage.init_from(&old);
            }
            self.storage.set(cx, storage);
            self.tail.store(storage.used() as u32, Ordering::Relaxed);
            return Ok(());
        }
    }

    /// Sets the value of a key.
    pub fn set(self, cx: &Cx, key: Value, value: Value) -> PyResult<()> {
        let key_hash = hash(cx, key)?;
        self.insert_hashed(cx, key, key_hash, value)?;
        Ok(())
    }

    /// Sets the value of a name.
    pub fn set_name(self, cx: &Cx, name: Ref<Str>, value: Value) -> PyResult<()> {
        self.insert_hashed(cx, name.value(), name.hash(cx), value)?;
        Ok(())
    }

    /// Sets the value of a key unless it has one, which is then returned.
    pub fn set_default(self, cx: &Cx, key: Value, value: Value) -> PyResult<Value> {
        let key_hash = hash(cx, key)?;
        loop {
            match self.find(cx, key, key_hash)? {
                Found::Entry(storage, index) => {
                    if let Some((_, present)) = storage.pair(index) {
                        return Ok(present);
                    }
                }
                Found::Missing(Some(storage), used) if used < storage.capacity() => {
                    if self.append_if_unchanged(cx, storage, used, (key_hash, key, value)) {
                        return Ok(value);
                    }
                }
                Found::Missing(..) => self.grow(cx)?,
            }
        }
    }

    /// Removes a key, whose hash is known, and returns its value.
    pub fn remove_hashed(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<Option<Value>> {
        loop {
            let Found::Entry(storage, index) = self.find(cx, key, key_hash)? else { return Ok(None) };
            if let Some((_, value)) = self.kill(cx, storage, index) {
                return Ok(Some(value));
            }
        }
    }

    /// Removes a key and returns its value.
    pub fn remove(self, cx: &Cx, key: Value) -> PyResult<Option<Value>> {
        let key_hash = hash(cx, key)?;
        self.remove_hashed(cx, key, key_hash)
    }

    /// Removes an entry found without the lock; `None` if it died or the storage was replaced meanwhile.
    fn kill(self, cx: &Cx, storage: Ref<DictStorage>, index: usize) -> Option<(Value, Value)> {
        let _guard = lock(cx.mutator(), self.header());
        if self.storage.get() != Some(storage) {
            return None;
        }
        let pair = storage.pair(index)?;
        self.kill_locked(cx, storage, index);
        Some(pair)
    }

    fn kill_locked(self, cx: &Cx, storage: Ref<DictStorage>, index: usize) {
        storage.kill(cx, index);
        self.live.store(self.len() as u32 - 1, Ordering::Relaxed);
        if index + 1 == self.tail.load(Ordering::Relaxed) as usize {
            self.tail.store(index as u32, Ordering::Relaxed);
        }
    }

    /// Removes and returns the entry added last.
    pub fn pop_last(self, cx: &Cx) -> Option<(Value, Value)> {
        let _guard = lock(cx.mutator(), self.header());
        let storage = self.storage.get()?;
        let mut index = self.tail.load(Ordering::Relaxed) as usize;
        while index > 0 {
            index -= 1;
            if let Some(pair) = storage.pair(index) {
                self.tail.store(index as u32 + 1, Ordering::Relaxed);
                self.kill_locked(cx, storage, index);
                return Some(pair);
            }
        }
        self.tail.store(0, Ordering::Relaxed);
        None
    }

    /// Removes all entries.
    pub fn clear(self, cx: &Cx) {
        let _guard = lock(cx.mutator(), self.header());
        self.storage.set_option(cx, None);
        self.live.store(0, Ordering::Relaxed);
        self.tail.store(0, Ordering::Relaxed);
    }

    /// The next live entry at or after `position`, which then points behind it.
    pub fn next_entry(self, position: &mut usize) -> Option<(Value, Value)> {
        let storage = self.storage.get()?;
        while *position < storage.used() {
            let index = *position;
            *position += 1;
            if let Some(pair) = storage.pair(index) {
                return Some(pair);
            }
        }
        None
    }

    /// The entries of the storage as it is now.
    pub fn iter(self) -> impl Iterator<Item = (Value, Value)> {
        let storage = self.storage.get();
        let used = storage.map_or(0, |storage| storage.used());
        (0..used).filter_map(move |index| storage.and_then(|storage| storage.pair(index)))
    }

    /// A copy, as a plain dict.
    pub fn copy(self, cx: &Cx) -> PyResult<Ref<Dict>> {
        let copy = cx.new_dict_with_capacity(self.len())?;
        copy.append_all(cx, self)?;
        Ok(copy)
    }

    /// Adds the entries of another dict to an empty one that nobody else has seen.
    fn append_all(self, cx: &Cx, other: Ref<Dict>) -> PyResult<()> {
        let Some(storage) = other.storage.get() else { return Ok(()) };
        for index in 0..storage.used() {
            if let Some((key, value)) = storage.pair(index) {
                self.append_new(cx, storage.hash_of(index), key, value)?;
            }
            poll_at(cx, index)?;
        }
        Ok(())
    }

    /// Adds a name that is known to be absent, to a dict that nobody else has seen.
    pub fn append_absent(self, cx: &Cx, name: Ref<Str>, value: Value) -> PyResult<()> {
        self.append_new(cx, name.hash(cx), name.value(), value)
    }

    /// Adds an entry whose key is known to be absent, to a dict that nobody else has seen.
    fn append_new(self, cx: &Cx, key_hash: i64, key: Value, value: Value) -> PyResult<()> {
        let storage = match self.storage.get() {
            Some(storage) if storage.used() < storage.capacity() => storage,
            _ => {
                self.grow(cx)?;
                self.storage.get().unwrap_or_else(|| crate::runtime::error::vm_bug("a rebuilt dict has a storage"))
            }
        };
        storage.append(cx, key_hash, key, value);
        self.count_added(storage);
        Ok(())
    }
}

impl Cx {
    /// An empty dict.
    #[inline]
    pub fn new_dict(&self) -> Ref<Dict> {
        self.allocate(Dict::empty())
    }

    /// An empty dict with room for so many entries.
    pub fn new_dict_with_capacity(&self, entries: usize) -> PyResult<Ref<Dict>> {
        let dict = self.new_dict();
        if entries > 0 {
            dict.storage.set(self, DictStorage::new(self, entries)?);
        }
        Ok(dict)
    }
}
