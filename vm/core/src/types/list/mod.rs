//! `list`: read without locks, written under the object's lock.
//!
//! A reader loads the store and is bounded by its capacity; fields beyond the length are empty. A writer reserves room
//! without the lock, locks, checks that the room is still there, stores and unlocks. No reader sees anything but values
//! that were in the list.

pub mod array;
pub mod iterator;
mod merge;
mod methods;
mod sort;

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer, lock, lock_two};

use self::array::Array;
use super::ids;
use super::tuple::Tuple;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::{iter, object};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

pub use self::methods::TYPE;

/// The cell.
#[repr(C)]
pub struct List {
    header: Header,
    /// The store; empty for a list that never had an item.
    items: RefField<Array>,
    /// How many fields of the store are items. Written under the lock: after the items when the list grows, before they
    /// are emptied when it shrinks.
    length: AtomicUsize,
}

/// The layout of lists.
pub static LAYOUT: Layout = Layout::of::<List>("list", ids::LIST, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an empty list; the store is reported.
unsafe impl Cell for List {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.items.trace(tracer);
    }
}

/// The capacity to install when a list must have room for `needed` items: half as many more for short lists, a quarter for
/// long ones, so that appending is cheap on average. (A store cannot be made larger where it is, so each step copies.)
fn grown_capacity(needed: usize) -> usize {
    // Of a large store only the pages that were written to cost memory.
    needed.saturating_add(needed >> 1).saturating_add(6) & !3
}

impl List {
    /// The contents of a cell under construction: an empty list.
    pub fn empty() -> List {
        List { header: Header::default(), items: RefField::empty(), length: AtomicUsize::new(0) }
    }

    /// How many items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length.load(Ordering::Relaxed)
    }

    /// Whether there is no item.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An item; `None` behind the last.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.items.get()?.get(index)
    }

    /// The store, for inline access: fields that are not items are empty.
    #[inline(always)]
    pub fn array(&self) -> Option<Ref<Array>> {
        self.items.get()
    }
}

impl Ref<List> {
    /// The items as they are at each step.
    pub fn iter(self) -> impl Iterator<Item = Value> {
        let mut index = 0;
        std::iter::from_fn(move || {
            let item = self.get(index)?;
            index += 1;
            Some(item)
        })
    }

    /// Makes room for `needed` items in all; the store may be another one again before the caller takes the lock.
    fn reserve(self, cx: &Cx, needed: usize, capacity: usize) -> PyResult<()> {
        if self.items.get().is_some_and(|old| old.capacity() >= needed) || needed == 0 {
            return Ok(());
        }
        let array = cx.new_array(capacity)?;
        let _guard = lock(cx.mutator(), self.header());
        let length = self.len();
        // Others may have made it longer meanwhile; then they made room too.
        if length > capacity || self.items.get().is_some_and(|old| old.capacity() >= needed) {
            return Ok(());
        }
        if let Some(old) = self.items.get() {
            array.init_from(0, old, 0, length);
        }
        self.items.set(cx, array);
        Ok(())
    }

    /// Appends an item if the store has room for it; otherwise says how many items it must have room for.
    #[inline(always)]
    pub fn push_within(self, cx: &Cx, value: Value) -> Result<(), usize> {
        let _guard = lock(cx.mutator(), self.header());
        let length = self.len();
        if let Some(array) = self.items.get()
            && length < array.capacity()
        {
            array.field(length).set(cx, value);
            self.length.store(length + 1, Ordering::Release);
            return Ok(());
        }
        Err(length + 1)
    }

    /// Appends an item.
    #[inline]
    pub fn push(self, cx: &Cx, value: Value) -> PyResult<()> {
        match self.push_within(cx, value) {
            Ok(()) => Ok(()),
            Err(needed) => self.push_growing(cx, value, needed),
        }
    }

    #[inline(never)]
    fn push_growing(self, cx: &Cx, value: Value, needed: usize) -> PyResult<()> {
        let mut needed = needed;
        loop {
            self.reserve(cx, needed, grown_capacity(needed))?;
            match self.push_within(cx, value) {
                Ok(()) => return Ok(()),
                Err(more) => needed = more,
            }
        }
    }

    /// Stores an item; false if the list is too short.
    #[inline]
    pub fn set(self, cx: &Cx, index: usize, value: Value) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        match self.items.get() {
            Some(array) if index < self.len() => {
                array.field(index).set(cx, value);
                true
            }
            _ => false,
        }
    }

    /// Inserts before the item at `index`, or at the end if there are not so many.
    pub fn insert(self, cx: &Cx, index: usize, value: Value) -> PyResult<()> {
        loop {
            let needed = {
                let _guard = lock(cx.mutator(), self.header());
                let length = self.len();
                if let Some(array) = self.items.get()
                    && length < array.capacity()
                {
                    let index = index.min(length);
                    array.copy_within(cx, index, index + 1, length - index);
                    array.field(index).set(cx, value);
                    self.length.store(length + 1, Ordering::Release);
                    return Ok(());
                }
                length + 1
            };
            self.reserve(cx, needed, grown_capacity(needed))?;
        }
    }

    /// Removes and returns an item; `None` if there are not so many.
    pub fn remove(self, cx: &Cx, index: usize) -> Option<Value> {
        let _guard = lock(cx.mutator(), self.header());
        let length = self.len();
        if index >= length {
            return None;
        }
        let array = self.items.get()?;
        let item = array.get(index)?;
        array.copy_within(cx, index + 1, index, length - index - 1);
        self.length.store(length - 1, Ordering::Release);
        array.field(length - 1).clear(cx);
        Some(item)
    }

    /// Removes and returns the last item.
    #[inline]
    pub fn pop(self, cx: &Cx) -> Option<Value> {
        let _guard = lock(cx.mutator(), self.header());
        let last = self.len().checked_sub(1)?;
        let array = self.items.get()?;
        let item = array.get(last)?;
        self.length.store(last, Ordering::Release);
        array.field(last).clear(cx);
        Some(item)
    }

    /// Sets the length, under the lock: no more than fields of the store that hold items.
    fn set_length(self, length: usize) {
        self.length.store(length, Ordering::Release);
    }

    /// Removes all items.
    pub fn clear(self, cx: &Cx) {
        let _guard = lock(cx.mutator(), self.header());
        self.length.store(0, Ordering::Release);
        self.items.set_option(cx, None);
    }

    /// Takes the store away and leaves the list empty: for the sort.
    fn take(self, cx: &Cx) -> (Option<Ref<Array>>, usize) {
        let _guard = lock(cx.mutator(), self.header());
        let length = self.len();
        let array = self.items.get();
        self.length.store(0, Ordering::Release);
        self.items.set_option(cx, None);
        (array, length)
    }

    /// Gives the list a store; true if it was empty and without one.
    fn put_back(self, cx: &Cx, array: Option<Ref<Array>>, length: usize) -> bool {
        let _guard = lock(cx.mutator(), self.header());
        let untouched = self.items.get().is_none();
        self.items.set_option(cx, array);
        self.length.store(length, Ordering::Release);
        untouched
    }

    /// A private copy of items `from..to` (fewer if the list is shorter by then), with their number.
    fn copy_range(self, cx: &Cx, from: usize, to: usize) -> PyResult<(Ref<Array>, usize)> {
        let copy = cx.new_array(to.saturating_sub(from))?;
        let _guard = lock(cx.mutator(), self.header());
        let to = to.min(self.len()).max(from);
        if let Some(array) = self.items.get()
            && from < to
        {
            copy.init_from(0, array, from, to - from);
            return Ok((copy, to - from));
        }
        Ok((copy, 0))
    }

    /// Replaces items `from..to` by `count` fields of `source` from `start` on, which nobody else writes.
    fn splice(self, cx: &Cx, from: usize, to: usize, source: Ref<Array>, count: usize) -> PyResult<()> {
        loop {
            let needed = {
                let _guard = lock(cx.mutator(), self.header());
                let length = self.len();
                let (from, to) = (from.min(length), to.min(length).max(from.min(length)));
                let needed = length - (to - from) + count;
                let array = self.items.get();
                match array {
                    _ if needed == 0 => {
                        self.length.store(0, Ordering::Release);
                        self.items.set_option(cx, None);
                        return Ok(());
                    }
                    Some(array) if needed <= array.capacity() => {
                        array.copy_within(cx, to, from + count, length - to);
                        array.copy_from(cx, from, source, 0, count);
                        self.length.store(needed, Ordering::Release);
                        array.clear_range(cx, needed, length);
                        return Ok(());
                    }
                    _ => needed,
                }
            };
            self.reserve(cx, needed, grown_capacity(needed))?;
        }
    }

    /// Replaces items `from..to` by those of another list.
    pub fn replace(self, cx: &Cx, (from, to): (usize, usize), items: Ref<List>) -> PyResult<()> {
        {
            let _guards = lock_two(cx.mutator(), self.header(), items.header());
            let (length, count) = (self.len(), items.len());
            let to = to.min(length);
            let from = from.min(to);
            let needed = length - (to - from) + count;
            if let (Some(array), Some(source)) = (self.items.get(), items.items.get())
                && needed <= array.capacity()
            {
                array.copy_within(cx, to, from + count, length - to);
                array.copy_from(cx, from, source, 0, count);
                self.length.store(needed, Ordering::Release);
                array.clear_range(cx, needed, length);
                return Ok(());
            }
        }
        let (source, count) = items.copy_range(cx, 0, items.len())?;
        self.splice(cx, from, to, source, count)
    }

    /// Appends the items of an iterable.
    pub fn extend(self, cx: &Cx, iterable: Value) -> PyResult<()> {
        self.extend_hinted(cx, iterable, true)
    }

    /// The same; the program's own classes are asked for their length only if `ask`.
    pub fn extend_hinted(self, cx: &Cx, iterable: Value, ask: bool) -> PyResult<()> {
        if let Some(other) = iterable.exact::<List>() {
            return self.extend_list(cx, other);
        }
        if let Some(tuple) = iterable.exact::<Tuple>() {
            return self.extend_tuple(cx, tuple);
        }
        let iterator = iter::get_iter(cx, iterable)?;
        // A generator has neither a length nor a hint.
        let is_hinted = !iterable.is_exactly(ids::GENERATOR) && (ask || !cx.type_of(iterable).is_heap_type());
        let hint = if is_hinted { object::length_hint(cx, iterable, 8)? } else { 8 };
        // A hint beyond all bounds is none.
        let room = self.len().checked_add(hint).filter(|&room| isize::try_from(room).is_ok());
        if let Some(room) = room
            && (hint > 8 || self.items.get().is_some())
        {
            self.reserve(cx, room, room)?;
        }
        let next = cx.type_of(iterator).slots.next();
        while let Some(item) = match next {
            Some(next) => next(cx, iterator)?,
            None => iter::next(cx, iterator)?,
        } {
            self.push(cx, item)?;
        }
        Ok(())
    }

    fn extend_list(self, cx: &Cx, other: Ref<List>) -> PyResult<()> {
        if self.items.get().is_none() {
            let (copy, count) = other.copy_range(cx, 0, other.len())?;
            return if count == 0 { Ok(()) } else { self.extend_array(cx, copy, count) };
        }
        loop {
            let needed = {
                let _guards = lock_two(cx.mutator(), self.header(), other.header());
                let (length, count) = (self.len(), other.len());
                let Some(source) = other.items.get() else { return Ok(()) };
                if let Some(array) = self.items.get()
                    && length + count <= array.capacity()
                {
                    array.copy_from(cx, length, source, 0, count);
                    self.length.store(length + count, Ordering::Release);
                    return Ok(());
                }
                length + count
            };
            self.reserve(cx, needed, grown_capacity(needed))?;
        }
    }

    fn extend_array(self, cx: &Cx, source: Ref<Array>, count: usize) -> PyResult<()> {
        if self.items.get().is_none() {
            // An exact fit, as for a list made of a list.
            let _guard = lock(cx.mutator(), self.header());
            if self.items.get().is_none() && source.capacity() == count {
                self.items.set(cx, source);
                self.length.store(count, Ordering::Release);
                return Ok(());
            }
        }
        self.splice(cx, usize::MAX, usize::MAX, source, count)
    }

    fn extend_tuple(self, cx: &Cx, tuple: Ref<Tuple>) -> PyResult<()> {
        let count = tuple.len();
        if count == 0 {
            return Ok(());
        }
        let array = cx.new_array(count)?;
        for (index, item) in tuple.iter().enumerate() {
            array.field(index).init(item);
        }
        self.extend_array(cx, array, count)
    }

    /// The items as a tuple.
    pub fn to_tuple(self, cx: &Cx) -> PyResult<Ref<Tuple>> {
        loop {
            let length = self.len();
            if length == 0 {
                return Ok(cx.empty_tuple());
            }
            let tuple = cx.try_new_blank_tuple(length)?;
            let _guard = lock(cx.mutator(), self.header());
            let Some(array) = self.items.get() else { continue };
            if self.len() != length {
                continue;
            }
            for index in 0..length {
                tuple.init(index, array.field(index).get_or_none());
            }
            return Ok(tuple);
        }
    }
}

impl Cx {
    /// An empty list.
    #[inline]
    pub fn new_list(&self) -> Ref<List> {
        self.allocate(List::empty())
    }

    /// A list of the values.
    #[inline]
    pub fn new_list_from(&self, values: &[Value]) -> Ref<List> {
        if values.is_empty() {
            return self.new_list();
        }
        let array = self.allocate_array(values.len());
        for (index, &value) in values.iter().enumerate() {
            array.field(index).init(value);
        }
        self.list_of_array(array, values.len())
    }

    /// An empty list with room for so many items.
    pub fn new_list_with_capacity(&self, capacity: usize) -> PyResult<Ref<List>> {
        if capacity == 0 {
            return Ok(self.new_list());
        }
        let array = self.new_array(capacity)?;
        Ok(self.list_of_array(array, 0))
    }

    /// The list whose store is an array that nobody else holds, with its first `length` fields filled.
    pub fn list_of_array(&self, array: Ref<Array>, length: usize) -> Ref<List> {
        debug_assert!(length <= array.capacity());
        self.allocate(List { header: Header::default(), items: RefField::new(array), length: AtomicUsize::new(length) })
    }
}
