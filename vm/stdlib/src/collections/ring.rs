//! The storage of a deque: a ring of a fixed number of fields.
//!
//! Rules for shared access. Where the ring begins and how many items it has is one word, `state`, which changes under the
//! deque's lock: after the item when one is added, before the field is emptied when one is removed. A reader loads the
//! state, the field and the state again, and starts over if it changed meanwhile. A full ring is replaced by a larger one.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_vm::native::definition::{TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::{Ref, RefField};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::array::Array;

native_cell! {
    /// The cell.
    pub struct Ring("ring of values", LAYOUT) {
        traced {
            /// As many fields as a power of two.
            array: RefField<Array>,
        }
        plain {
            /// The first item's field in the upper half, the number of items in the lower one.
            state: AtomicU64,
        }
    }
}

/// Gives the cells their type id; no value of it is ever seen by Python code.
pub static TYPE: TypeDef = TypeDef {
    module: "collections",
    base: Some(&countless_vm::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    ..TypeDef::new("_ring", &LAYOUT)
};

/// The largest number of fields.
const MAX_CAPACITY: usize = 1 << 31;

/// A ring of so many fields at least.
pub fn new(cx: &Cx, room: usize) -> PyResult<Ref<Ring>> {
    if room > MAX_CAPACITY {
        return Err(cx.memory_error());
    }
    let array = cx.new_array(room.max(8).next_power_of_two())?;
    Ok(cx.allocate(Ring { header: Default::default(), array: RefField::new(array), state: AtomicU64::new(0) }))
}

impl Ring {
    fn parts(&self) -> (usize, usize) {
        let state = self.state.load(Ordering::Acquire);
        ((state >> 32) as usize, state as u32 as usize)
    }

    fn set_parts(&self, start: usize, length: usize) {
        self.state.store((start as u64) << 32 | length as u64, Ordering::Release);
    }

    fn array(&self) -> Option<Ref<Array>> {
        self.array.get()
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.parts().1
    }

    /// How many items fit.
    pub fn capacity(&self) -> usize {
        self.array().map_or(0, |array| array.capacity())
    }

    /// An item.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Value> {
        let array = self.array()?;
        loop {
            let state = self.state.load(Ordering::Acquire);
            if index >= state as u32 as usize {
                return None;
            }
            let place = ((state >> 32) as usize + index) & (array.capacity() - 1);
            let item = array.get(place);
            if item.is_some() && self.state.load(Ordering::Acquire) == state {
                return item;
            }
        }
    }

    // ---- under the deque's lock

    /// Adds an item at the end; false if there is no room.
    #[inline]
    pub fn push_back(&self, cx: &Cx, item: Value) -> bool {
        let (start, length) = self.parts();
        match self.array() {
            Some(array) if length < array.capacity() => {
                array.field((start + length) & (array.capacity() - 1)).set(cx, item);
                self.set_parts(start, length + 1);
                true
            }
            _ => false,
        }
    }

    /// Adds an item at the beginning; false if there is no room.
    #[inline]
    pub fn push_front(&self, cx: &Cx, item: Value) -> bool {
        let (start, length) = self.parts();
        match self.array() {
            Some(array) if length < array.capacity() => {
                let start = start.wrapping_sub(1) & (array.capacity() - 1);
                array.field(start).set(cx, item);
                self.set_parts(start, length + 1);
                true
            }
            _ => false,
        }
    }

    /// Removes the last item.
    #[inline]
    pub fn pop_back(&self, cx: &Cx) -> Option<Value> {
        let (start, length) = self.parts();
        let array = self.array()?;
        let last = length.checked_sub(1)?;
        let field = array.field((start + last) & (array.capacity() - 1));
        let item = field.get();
        self.set_parts(start, last);
        field.clear(cx);
        item
    }

    /// Removes the first item.
    #[inline]
    pub fn pop_front(&self, cx: &Cx) -> Option<Value> {
        let (start, length) = self.parts();
        let array = self.array()?;
        let rest = length.checked_sub(1)?;
        let field = array.field(start);
        let item = field.get();
        self.set_parts((start + 1) & (array.capacity() - 1), rest);
        field.clear(cx);
        item
    }

    /// Stores an item in place of another.
    pub fn set(&self, cx: &Cx, index: usize, item: Value) {
        let (start, length) = self.parts();
        if let Some(array) = self.array()
            && index < length
        {
            array.field((start + index) & (array.capacity() - 1)).set(cx, item);
        }
    }

    /// Moves `steps` items from the end to the beginning.
    pub fn rotate_right(&self, cx: &Cx, steps: usize) {
        let (start, length) = self.parts();
        let Some(array) = self.array() else { return };
        let mask = array.capacity() - 1;
        if length == array.capacity() {
            return self.set_parts(start.wrapping_sub(steps) & mask, length);
        }
        for _ in 0..steps {
            if let Some(item) = self.pop_back(cx) {
                self.push_front(cx, item);
            }
        }
    }

    /// Moves `steps` items from the beginning to the end.
    pub fn rotate_left(&self, cx: &Cx, steps: usize) {
        let (start, length) = self.parts();
        let Some(array) = self.array() else { return };
        if length == array.capacity() {
            return self.set_parts((start + steps) & (array.capacity() - 1), length);
        }
        for _ in 0..steps {
            if let Some(item) = self.pop_front(cx) {
                self.push_back(cx, item);
            }
        }
    }

    /// Fills an empty ring, that nobody else has seen, with the items of another.
    pub fn fill(&self, cx: &Cx, other: Ref<Ring>) {
        let length = other.len().min(self.capacity());
        for index in 0..length {
            if let Some(item) = other.get(index) {
                self.push_back(cx, item);
            }
        }
    }
}
