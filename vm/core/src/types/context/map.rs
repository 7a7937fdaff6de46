//! The map inside a context: from variables to values, immutable, so that copying a context copies one pointer.
//!
//! A hash array mapped trie (Bagwell) whose keys are the variables' serial numbers, five bits a level from the low end.
//! Serial numbers are unique, so there are no collisions, and small trees are dense. An entry is a variable and its value,
//! or nothing and a child. A child holds two values at least: what would leave it one puts that one into its parent.

use countless_gc::{Header, Slot, Tracer};

use super::variable::ContextVar;
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The cell: two words follow it for each bit of the bitmap.
#[repr(C)]
pub struct Node {
    header: Header,
    bitmap: u32,
    /// Values in the node and below.
    count: u32,
}

/// The layout of nodes.
pub static LAYOUT: Layout = Layout::of::<Node>("context node", ids::CONTEXT_NODE, None).variable();

// SAFETY: `repr(C)`, header first, zero is a node without entries; all entries are reported.
unsafe impl Cell for Node {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: two words follow for each bit of the bitmap; they are not written after publication.
        unsafe { tracer.slots((&raw const *self).wrapping_add(1).cast::<Slot>(), self.entries() * 2) };
    }
}

/// What an entry holds.
enum Entry {
    Value(Ref<ContextVar>, Value),
    Child(Ref<Node>),
}

impl Node {
    fn entries(&self) -> usize {
        self.bitmap.count_ones() as usize
    }

    /// How many values there are.
    pub fn value_count(&self) -> usize {
        self.count as usize
    }

    fn field(&self, index: usize) -> &Field {
        assert!(index < self.entries() * 2);
        // SAFETY: the index is in range.
        unsafe { &*(&raw const *self).wrapping_add(1).cast::<Field>().add(index) }
    }

    /// Where the entry of a bit is.
    fn position(&self, bit: u32) -> usize {
        (self.bitmap & (bit - 1)).count_ones() as usize
    }

    fn entry(&self, position: usize) -> Entry {
        let payload = self.field(position * 2 + 1).get_or_none();
        match self.field(position * 2).get() {
            // SAFETY: the first word of an entry is a variable or empty, and then the second is a node.
            Some(variable) => Entry::Value(unsafe { Ref::from_value_unchecked(variable) }, payload),
            // SAFETY: as above.
            None => Entry::Child(unsafe { Ref::from_value_unchecked(payload) }),
        }
    }
}

/// The bit of a serial number at a level.
fn bit(variable: Ref<ContextVar>, level: u32) -> u32 {
    1 << (variable.serial() >> (5 * level) & 31)
}

fn blank(cx: &Cx, bitmap: u32, count: u32) -> Ref<Node> {
    let size = size_of::<Node>() + bitmap.count_ones() as usize * 16;
    cx.allocate_as(ids::CONTEXT_NODE, size, Node { header: Header::default(), bitmap, count })
}

impl Ref<Node> {
    fn init(self, position: usize, entry: Entry) {
        let payload = match entry {
            Entry::Value(variable, value) => {
                self.field(position * 2).init(variable.value());
                value
            }
            Entry::Child(child) => child.value(),
        };
        self.field(position * 2 + 1).init(payload);
    }

    /// A copy with the entry at `position` replaced.
    fn with(self, cx: &Cx, position: usize, count: u32, entry: Entry) -> Ref<Node> {
        let copy = blank(cx, self.bitmap, count);
        for index in (0..self.entries()).filter(|&index| index != position) {
            copy.init(index, self.entry(index));
        }
        copy.init(position, entry);
        copy
    }
}

/// The variable's value.
pub fn get(root: Option<Ref<Node>>, variable: Ref<ContextVar>) -> Option<Value> {
    let (mut node, mut level) = (root?, 0);
    loop {
        let bit = bit(variable, level);
        if node.bitmap & bit == 0 {
            return None;
        }
        match node.entry(node.position(bit)) {
            Entry::Value(found, value) => return (found == variable).then_some(value),
            Entry::Child(child) => node = child,
        }
        level += 1;
    }
}

/// The map with the variable set.
pub fn set(cx: &Cx, root: Option<Ref<Node>>, variable: Ref<ContextVar>, value: Value) -> Ref<Node> {
    set_at(cx, root, 0, variable, value)
}

fn set_at(cx: &Cx, node: Option<Ref<Node>>, level: u32, variable: Ref<ContextVar>, value: Value) -> Ref<Node> {
    let bit_here = bit(variable, level);
    let entry = Entry::Value(variable, value);
    let Some(node) = node else {
        let single = blank(cx, bit_here, 1);
        single.init(0, entry);
        return single;
    };
    let position = node.position(bit_here);
    if node.bitmap & bit_here == 0 {
        let copy = blank(cx, node.bitmap | bit_here, node.count + 1);
        for index in 0..node.entries() {
            copy.init(index + usize::from(index >= position), node.entry(index));
        }
        copy.init(position, entry);
        return copy;
    }
    match node.entry(position) {
        Entry::Value(found, _) if found == variable => node.with(cx, position, node.count, entry),
        Entry::Value(found, other) => {
            let child = set_at(cx, None, level + 1, found, other);
            let child = set_at(cx, Some(child), level + 1, variable, value);
            node.with(cx, position, node.count + 1, Entry::Child(child))
        }
        Entry::Child(child) => {
            let new = set_at(cx, Some(child), level + 1, variable, value);
            node.with(cx, position, node.count - child.count + new.count, Entry::Child(new))
        }
    }
}

/// The map without the variable; `None` if nothing is left.
pub fn remove(cx: &Cx, root: Option<Ref<Node>>, variable: Ref<ContextVar>) -> Option<Ref<Node>> {
    match get(root, variable) {
        Some(_) => remove_at(cx, root?, 0, variable),
        None => root,
    }
}

/// Removes a variable that is there.
fn remove_at(cx: &Cx, node: Ref<Node>, level: u32, variable: Ref<ContextVar>) -> Option<Ref<Node>> {
    let bit = bit(variable, level);
    let position = node.position(bit);
    if let Entry::Child(child) = node.entry(position) {
        let left = remove_at(cx, child, level + 1, variable)?;
        let entry = if left.count == 1 { left.entry(0) } else { Entry::Child(left) };
        return Some(node.with(cx, position, node.count - 1, entry));
    }
    if node.entries() == 1 {
        return None;
    }
    let copy = blank(cx, node.bitmap & !bit, node.count - 1);
    for index in (0..node.entries()).filter(|&index| index != position) {
        copy.init(index - usize::from(index > position), node.entry(index));
    }
    Some(copy)
}

/// Calls `visit` with each variable and its value.
pub fn for_each(
    root: Option<Ref<Node>>,
    visit: &mut dyn FnMut(Ref<ContextVar>, Value) -> PyResult<()>,
) -> PyResult<()> {
    let Some(node) = root else { return Ok(()) };
    for position in 0..node.entries() {
        match node.entry(position) {
            Entry::Value(variable, value) => visit(variable, value)?,
            Entry::Child(child) => for_each(Some(child), visit)?,
        }
    }
    Ok(())
}
