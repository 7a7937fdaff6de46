//! Sets of classes that do not keep them alive: the registry and the caches of an abstract base class.
//!
//! A set is a cell of weak slots, searched by address. Reading takes no lock and stores nothing, so that checks from many
//! threads do not disturb each other. Slots are filled once, under the lock of the owner; the collector marks dead ones.
//! A set that is full is replaced by a larger one.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_vm::gc::{Header, Tracer, WeakSlot};
use countless_vm::native::definition::{TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Layout, Ref};
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::TypeId;

/// One entry.
#[repr(C)]
struct Entry {
    /// The class's word, stored after the slot was filled; 0 in an entry that was never filled. Another class may have
    /// the address by now, but then the slot says that the one that was meant is dead.
    key: AtomicU64,
    slot: WeakSlot,
}

/// The cell: `capacity` entries follow it, a power of two.
#[repr(C)]
pub struct ClassSet {
    header: Header,
    capacity: u32,
    /// Entries filled, dead ones included.
    used: AtomicU32,
}

/// The layout of sets.
static LAYOUT: Layout =
    Layout::of::<ClassSet>("set of classes", TypeId::FREE, Some(&countless_vm::types::object::LAYOUT)).variable();

/// Gives the cells their type id; no value of it is ever seen by Python code.
pub static TYPE: TypeDef = TypeDef {
    module: "_abc",
    base: Some(&countless_vm::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    ..TypeDef::new("_class_set", &LAYOUT)
};

// SAFETY: `repr(C)`, header first, zero is a set without entries; all slots are reported.
unsafe impl Cell for ClassSet {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        for index in 0..self.capacity as usize {
            tracer.weak(&raw const self.header, &self.entry(index).slot);
        }
    }
}

const SMALLEST: u32 = 8;

impl ClassSet {
    fn entry(&self, index: usize) -> &Entry {
        assert!(index < self.capacity as usize);
        // SAFETY: `capacity` entries follow the cell, all atomics; zero is an empty one.
        unsafe { &*(&raw const *self).wrapping_add(1).cast::<Entry>().add(index) }
    }

    fn first(word: u64) -> usize {
        ((word >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
    }

    /// Whether the class is in the set.
    pub fn contains(&self, class: Value) -> bool {
        let word = class.word();
        let (first, mask) = (Self::first(word), self.capacity as usize - 1);
        for step in 0..self.capacity as usize {
            let entry = self.entry((first + step) & mask);
            match entry.key.load(Ordering::Acquire) {
                0 => return false,
                found if found == word && entry.slot.peek() == Some(word) => return true,
                _ => {}
            }
        }
        false
    }

    /// How many entries there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity as usize
    }

    /// The class in an entry, if there is one and it is alive.
    pub fn get(&self, cx: &Cx, index: usize) -> Option<Value> {
        self.entry(index).slot.get(cx.mutator()).and_then(Value::from_word)
    }

    /// Whether a class can be added without another set.
    pub fn has_room(&self) -> bool {
        self.used.load(Ordering::Relaxed) < self.capacity - self.capacity / 4
    }

    /// Adds a class that is not in the set. The caller holds the owner's lock, and there is room.
    pub fn fill(&self, class: Value) {
        let word = class.word();
        let (first, mask) = (Self::first(word), self.capacity as usize - 1);
        let mut entries = (0..self.capacity as usize).map(|step| self.entry((first + step) & mask));
        if let Some(entry) = entries.find(|entry| entry.key.load(Ordering::Relaxed) == 0) {
            entry.slot.init(word, false);
            entry.key.store(word, Ordering::Release);
            self.used.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A set with the living classes of another, and room for one more.
    pub fn grown(cx: &Cx, old: Option<Ref<ClassSet>>) -> PyResult<Ref<ClassSet>> {
        let alive =
            old.map_or(0, |old| (0..old.capacity()).filter(|&index| old.entry(index).slot.peek().is_some()).count());
        let capacity = ((alive as u32 + 1) * 2).next_power_of_two().max(SMALLEST);
        let size = size_of::<ClassSet>() + capacity as usize * size_of::<Entry>();
        let contents = ClassSet { header: Header::default(), capacity, used: AtomicU32::new(0) };
        cx.try_allocate_as(LAYOUT.id(), size, contents)
    }

    /// Takes over the living classes of another set, as far as there is room. The caller holds the owner's lock.
    pub fn take_over(&self, cx: &Cx, old: Ref<ClassSet>) {
        for index in 0..old.capacity() {
            if let Some(class) = old.get(cx, index)
                && self.has_room()
            {
                self.fill(class);
            }
        }
    }
}
