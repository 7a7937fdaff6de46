//! `set` and `frozenset`: read without locks, written under the object's lock.
//!
//! Tables grow, and are filled and emptied, by CPython's rules, so that the order of the keys is the same. A look-up that had to call
//! `__eq__` starts again if the table changed meanwhile. A key goes to the first empty entry of its probe, found
//! without the lock and filled under it if it is still empty: so a key cannot get in twice. As long as there is but one
//! thread, it goes to the last dead entry before that, as in CPython.

pub mod iterator;
mod methods;
pub mod operations;
pub mod storage;

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_gc::{Header, Tracer, lock};

use self::storage::{MINIMUM, Same, SetStorage};
use super::dict::merge::unusable;
use super::ids;
use super::type_object::TypeObject;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::compare::equal_keys;
use crate::object::protocol::object::hash;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

pub use self::methods::{FROZEN_TYPE, TYPE};
pub use self::storage::LAYOUT as STORAGE_LAYOUT;

/// The cell of both types.
#[repr(C)]
pub struct Set {
    header: Header,
    /// The table; empty for a set that never had a key.
    storage: RefField<SetStorage>,
    /// Keys alive.
    live: AtomicU32,
    /// Where `pop` goes on looking.
    finger: AtomicU32,
    /// The hash of a frozenset, or 0 while it is not known.
    hash: AtomicU64,
}

/// The cell of a frozenset.
#[repr(transparent)]
pub struct FrozenSet(Set);

/// The layout of sets.
pub static LAYOUT: Layout = Layout::of::<Set>("set", ids::SET, Some(&super::object::LAYOUT));
/// The layout of frozensets.
pub static FROZEN_LAYOUT: Layout = Layout::of::<FrozenSet>("frozenset", ids::FROZENSET, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an empty set; the table is reported.
unsafe impl Cell for Set {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.storage.trace(tracer);
    }
}

// SAFETY: as for `Set`, which it is.
unsafe impl Cell for FrozenSet {
    fn layout() -> &'static Layout {
        &FROZEN_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
    }
}

/// Where a look-up ended: at a key's entry, or at the empty (or dead) one it would go to. No table: the set is empty.
enum Found {
    Entry(Ref<SetStorage>, usize),
    Missing(Option<(Ref<SetStorage>, usize)>),
}

/// What came of filling an entry: nothing because it was taken or the table replaced, nothing because the table is full, the
/// entry is filled, or it is and the table has to grow now.
enum Filled {
    No,
    NoRoom,
    Yes,
    Crowded,
}

/// The value as a set or frozenset, or an instance of a subclass of one.
#[inline]
pub fn as_any_set(cx: &Cx, value: Value) -> Option<Ref<Set>> {
    if value.is_exactly(ids::SET) || value.is_exactly(ids::FROZENSET) {
        // SAFETY: just checked; `FrozenSet` is a transparent `Set`.
        return Some(unsafe { Ref::from_value_unchecked(value) });
    }
    if let Some(set) = value.downcast::<Set>(cx) {
        return Some(set);
    }
    // SAFETY: `FrozenSet` is a transparent `Set`.
    value.downcast::<FrozenSet>(cx).map(|frozen| unsafe { frozen.upcast() })
}

/// The hash of a key: TypeError "cannot use '…' as a set element (…)" if it has none.
#[inline]
pub fn key_hash(cx: &Cx, key: Value) -> PyResult<i64> {
    match hash(cx, key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(unusable(cx, raised, key, "a set element")),
    }
}

impl Set {
    /// The contents of a cell under construction: an empty set.
    pub fn empty() -> Set {
        Set {
            header: Header::default(),
            storage: RefField::empty(),
            live: AtomicU32::new(0),
            finger: AtomicU32::new(0),
            hash: AtomicU64::new(0),
        }
    }

    /// How many keys.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.live.load(Ordering::Relaxed) as usize
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table.
    fn table(&self) -> Option<Ref<SetStorage>> {
        self.storage.get()
    }

    fn mask(&self) -> usize {
        self.table().map_or(MINIMUM - 1, |table| table.mask())
    }

    fn fill(&self) -> usize {
        self.table().map_or(0, |table| table.fill())
    }
}

/// The number of keys to make room for when a table of `live` keys is to grow.
fn grown(live: usize) -> usize {
    if live > 50_000 { live * 2 } else { live * 4 }
}

impl Ref<Set> {
    /// The number of the next live entry at or after `position`, which then points behind it, with its key and hash.
    pub(crate) fn next_entry(self, position: &mut usize) -> Option<(Value, i64)> {
        let table = self.table()?;
        while *position <= table.mask() {
            let index = *position;
            *position += 1;
            if let Some(key) = table.key(index) {
                return Some((key, table.hash(index)));
            }
        }
        None
    }

    /// The keys of the table as it is now.
    pub fn iter(self) -> impl Iterator<Item = Value> {
        let table = self.table();
        let end = table.map_or(0, |table| table.mask() + 1);
        (0..end).filter_map(move |index| table.and_then(|table| table.key(index)))
    }

    #[inline(always)]
    fn find(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<Found> {
        let Some(table) = self.table() else { return Ok(Found::Missing(None)) };
        match table.find_same(key, key_hash) {
            Same::Entry(index) => Ok(Found::Entry(table, index)),
            Same::Empty(index) => Ok(Found::Missing(Some((table, index)))),
            Same::Unknown => self.find_equal(cx, key, key_hash),
        }
    }

    #[inline(never)]
    fn find_equal(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<Found> {
        enum Step {
            Done(PyResult<Found>),
            Restart,
        }
        loop {
            let Some(table) = self.table() else { return Ok(Found::Missing(None)) };
            let mut dead = None;
            let step = table.probe(key_hash, |index| {
                let Some(candidate) = table.raw_key(index) else {
                    let place = dead.unwrap_or(index);
                    return ControlFlow::Break(Step::Done(Ok(Found::Missing(Some((table, place))))));
                };
                if candidate == key {
                    return ControlFlow::Break(Step::Done(Ok(Found::Entry(table, index))));
                }
                if candidate.is_unbound() {
                    if !cx.mutator().has_many_threads() {
                        dead = Some(index);
                    }
                    return ControlFlow::Continue(());
                }
                if table.hash(index) != key_hash {
                    return ControlFlow::Continue(());
                }
                match equal_keys(cx, candidate, key) {
                    Err(raised) => ControlFlow::Break(Step::Done(Err(raised))),
                    Ok((_, true)) if self.table() != Some(table) || table.raw_key(index) != Some(candidate) => {
                        ControlFlow::Break(Step::Restart)
                    }
                    Ok((true, _)) => ControlFlow::Break(Step::Done(Ok(Found::Entry(table, index)))),
                    Ok((false, _)) => ControlFlow::Continue(()),
                }
            });
            if let Step::Done(found) = step {
                return found;
            }
        }
    }

    /// Whether a key, whose hash is known, is in the set.
    #[inline]
    pub fn contains_hashed(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<bool> {
        if self.is_empty() {
            return Ok(false);
        }
        Ok(matches!(self.find(cx, key, key_hash)?, Found::Entry(..)))
    }

    /// Whether a key is in the set.
    pub fn contains(self, cx: &Cx, key: Value) -> PyResult<bool> {
        let key_hash = key_hash(cx, key)?;
        self.contains_hashed(cx, key, key_hash)
    }

    /// Adds a key, whose hash is known; false if it is there already.
    pub fn add_hashed(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<bool> {
        loop {
            match self.find(cx, key, key_hash)? {
                Found::Entry(..) => return Ok(false),
                Found::Missing(None) => self.resize(cx, None, 0)?,
                Found::Missing(Some((table, index))) => match self.fill_if_empty(cx, table, index, key_hash, key) {
                    Filled::No => {}
                    Filled::Yes => return Ok(true),
                    Filled::NoRoom => self.resize(cx, Some(table), grown(self.len()))?,
                    Filled::Crowded => {
                        self.resize(cx, Some(table), grown(self.len()))?;
                        return Ok(true);
                    }
                },
            }
        }
    }

    /// [`contains_hashed`](Self::contains_hashed) for loops over many keys.
    #[inline(always)]
    fn has(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<bool> {
        Ok(matches!(self.find(cx, key, key_hash)?, Found::Entry(..)))
    }

    /// Adds a key to a set that nobody else has seen.
    #[inline(always)]
    fn add_unseen(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<()> {
        if let Some(table) = self.table()
            && let Same::Empty(index) = table.find_same(key, key_hash)
            && table.fill() < table.mask()
        {
            table.init_entry(index, key_hash, key);
            table.count_filled();
            self.live.store(self.len() as u32 + 1, Ordering::Relaxed);
            if table.is_crowded() {
                self.resize(cx, Some(table), grown(self.len()))?;
            }
            return Ok(());
        }
        self.add_hashed(cx, key, key_hash).map(drop)
    }

    /// Fills an entry found without the lock.
    fn fill_if_empty(self, cx: &Cx, table: Ref<SetStorage>, index: usize, key_hash: i64, key: Value) -> Filled {
        let _guard = lock(cx.mutator(), self.header());
        if self.table() != Some(table) {
            return Filled::No;
        }
        match table.raw_key(index) {
            None => {}
            Some(dead) if dead.is_unbound() => {
                table.refill_entry(cx, index, key_hash, key);
                self.live.store(self.len() as u32 + 1, Ordering::Relaxed);
                return Filled::Yes;
            }
            Some(_) => return Filled::No,
        }
        if table.fill() >= table.mask() {
            // Probes end at an empty entry, so there must always be one.
            return Filled::NoRoom;
        }
        table.fill_entry(cx, index, key_hash, key);
        self.live.store(self.len() as u32 + 1, Ordering::Relaxed);
        if table.is_crowded() { Filled::Crowded } else { Filled::Yes }
    }

    /// Adds a key; false if it is there already.
    pub fn add(self, cx: &Cx, key: Value) -> PyResult<bool> {
        let key_hash = key_hash(cx, key)?;
        self.add_hashed(cx, key, key_hash)
    }

    /// Replaces the table `expected`, if it is still there, by one for more than `keys` keys with the live entries.
    fn resize(self, cx: &Cx, expected: Option<Ref<SetStorage>>, keys: usize) -> PyResult<()> {
        let table = SetStorage::new(cx, keys)?;
        let _guard = lock(cx.mutator(), self.header());
        if self.table() != expected || self.len() > table.mask() {
            return Ok(());
        }
        if let Some(old) = expected
            && !table.init_from(&old, false)
        {
            return Ok(());
        }
        self.storage.set(cx, table);
        Ok(())
    }

    /// Removes a key, whose hash is known; false if it is not there.
    pub fn discard_hashed(self, cx: &Cx, key: Value, key_hash: i64) -> PyResult<bool> {
        loop {
            let Found::Entry(table, index) = self.find(cx, key, key_hash)? else { return Ok(false) };
            let _guard = lock(cx.mutator(), self.header());
            if self.table() == Some(table) && table.key(index).is_some() {
                table.kill(cx, index);
                self.live.store(self.len() as u32 - 1, Ordering::Relaxed);
                return Ok(true);
            }
        }
    }

    /// Removes a key; false if it is not there.
    pub fn discard(self, cx: &Cx, key: Value) -> PyResult<bool> {
        let key_hash = key_hash(cx, key)?;
        self.discard_hashed(cx, key, key_hash)
    }

    /// Removes and returns a key.
    pub fn pop(self, cx: &Cx) -> Option<Value> {
        let _guard = lock(cx.mutator(), self.header());
        let table = self.table()?;
        if self.is_empty() {
            return None;
        }
        let start = self.finger.load(Ordering::Relaxed) as usize;
        let index = (start..=start + table.mask())
            .map(|index| index & table.mask())
            .find(|&index| table.key(index).is_some())?;
        let key = table.key(index)?;
        table.kill(cx, index);
        self.live.store(self.len() as u32 - 1, Ordering::Relaxed);
        self.finger.store(index as u32 + 1, Ordering::Relaxed);
        Some(key)
    }

    /// Removes all keys.
    pub fn clear(self, cx: &Cx) {
        let _guard = lock(cx.mutator(), self.header());
        self.storage.set_option(cx, None);
        self.live.store(0, Ordering::Relaxed);
        self.finger.store(0, Ordering::Relaxed);
    }

    /// Gives an empty set the keys of a table, unless it got others meanwhile.
    fn install(self, cx: &Cx, expected: Option<Ref<SetStorage>>, table: Ref<SetStorage>) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        if self.table() != expected || self.fill() != 0 {
            return false;
        }
        self.storage.set(cx, table);
        self.live.store(table.fill() as u32, Ordering::Relaxed);
        true
    }

    /// Takes over the keys of a set that nobody else holds.
    fn take_contents(self, cx: &Cx, from: Ref<Set>) {
        let (table, live) = (from.table(), from.len() as u32);
        let _guard = lock(cx.mutator(), self.header());
        self.storage.set_option(cx, table);
        self.live.store(live, Ordering::Relaxed);
    }

    /// Whether this is a frozenset (or an instance of a subclass of it).
    fn is_frozen(self, cx: &Cx) -> bool {
        self.value().downcast::<FrozenSet>(cx).is_some()
    }
}

impl Cx {
    /// An empty set.
    pub fn new_set(&self) -> Ref<Set> {
        self.allocate(Set::empty())
    }

    /// An empty frozenset, to be filled before anyone else sees it.
    pub fn new_frozen_set(&self) -> Ref<Set> {
        let frozen: Ref<FrozenSet> = self.allocate(FrozenSet(Set::empty()));
        // SAFETY: `FrozenSet` is a transparent `Set`.
        unsafe { frozen.upcast() }
    }

    /// An empty set or frozenset.
    fn new_set_like(&self, set: Ref<Set>) -> Ref<Set> {
        if set.is_frozen(self) { self.new_frozen_set() } else { self.new_set() }
    }

    /// An empty instance of set, frozenset or a subclass.
    fn new_set_instance(&self, class: Ref<TypeObject>) -> Ref<Set> {
        self.allocate_instance(class, Set::empty())
    }
}
