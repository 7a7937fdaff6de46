//! Walks over the heap: which objects there are, who refers to whom.
//!
//! Objects keep some of what they refer to in cells of the VM's own (a dict's storage, a list's items). The walks look
//! through those, so that the answer speaks of objects only. Shapes and caches are not looked through: what they refer to
//! belongs to the class or the code.

use std::collections::HashSet;
use std::ptr::NonNull;

use countless_vm::gc::{Header, TempRoots, cell_of};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::object::{attribute, inline_cache, shape};
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::list::List;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::{ids, object};

/// What a cell is to Python code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An object.
    Object,
    /// A part of an object.
    Part,
    /// Part of no single object.
    Shared,
}

fn kind_of(cx: &Cx, cell: Value) -> Kind {
    let layout = cx.layout_of(cell.type_id());
    if layout.begins_with(&object::LAYOUT) {
        Kind::Object
    } else if std::ptr::eq(layout, &shape::LAYOUT) || std::ptr::eq(layout, &inline_cache::LAYOUT) {
        Kind::Shared
    } else {
        Kind::Part
    }
}

/// Whether CPython's collector would watch the object: whether it can be part of a cycle.
pub fn is_tracked(cx: &Cx, value: Value) -> bool {
    if !value.is_cell() {
        return false;
    }
    let class = cx.type_of(value);
    let is_atomic = |id| {
        [
            ids::INT,
            ids::FLOAT,
            ids::COMPLEX,
            ids::STR,
            ids::BYTES,
            ids::BYTEARRAY,
            ids::RANGE,
            ids::CODE,
            ids::OBJECT,
            ids::NONE,
            ids::BOOL,
            ids::ELLIPSIS,
            ids::NOT_IMPLEMENTED,
        ]
        .contains(&id)
    };
    if is_atomic(class.instance_id()) {
        return false;
    }
    if let Some(tuple) = value.exact::<Tuple>() {
        // One level suffices: what is in a tuple is older than it.
        let is_plain = |item: Value| !item.is_cell() || is_atomic(cx.type_of(item).instance_id());
        return !tuple.iter().all(is_plain);
    }
    match value.as_class(cx) {
        Some(class) => class.is_heap_type(),
        None => true,
    }
}

/// Every word that the cell refers to.
fn for_each_referent(cx: &Cx, cell: NonNull<Header>, visit: &mut dyn FnMut(u64)) {
    // SAFETY: callers hold the cell, or have just been given it by a walk that keeps the world stopped.
    unsafe { cx.vm().heap().referents(cell.as_ptr(), visit) }
}

/// Every object that is alive, or died since the world was stopped last. Neither allocates nor polls.
fn for_each_object(cx: &Cx, visit: &mut dyn FnMut(Value)) {
    cx.mutator().for_each_cell(&mut |cell| {
        let value = Value::from_cell(cell);
        if kind_of(cx, value) == Kind::Object {
            visit(value);
        }
    });
}

fn to_list(cx: &Cx, roots: &TempRoots<'_>) -> PyResult<Ref<List>> {
    let list = cx.new_list_with_capacity(roots.len())?;
    for index in 0..roots.len() {
        if let Some(value) = roots.get(index).and_then(Value::from_word) {
            list.push(cx, value)?;
        }
    }
    Ok(list)
}

/// How many watched objects there are.
pub fn count_tracked(cx: &Cx) -> usize {
    let mut count = 0;
    for_each_object(cx, &mut |value| count += usize::from(is_tracked(cx, value)));
    count
}

/// The watched objects.
pub fn tracked_objects(cx: &Cx) -> PyResult<Ref<List>> {
    // So that the dead do not walk.
    cx.mutator().collect();
    let roots = TempRoots::new(cx.mutator());
    for_each_object(cx, &mut |value| {
        if is_tracked(cx, value) {
            roots.push(value.word());
        }
    });
    to_list(cx, &roots)
}

/// The watched objects that refer to any of the given ones.
pub fn referrers(cx: &Cx, targets: &[u64]) -> PyResult<Ref<List>> {
    cx.mutator().collect();
    let mut wanted: HashSet<usize> =
        targets.iter().filter_map(|&word| cell_of(word)).map(|cell| cell.addr().get()).collect();
    let immediates: HashSet<u64> = targets.iter().copied().filter(|&word| cell_of(word).is_none()).collect();
    let roots = TempRoots::new(cx.mutator());
    // Parts that refer to a target are targets themselves, until there are no new ones.
    loop {
        let mut grown = false;
        cx.mutator().for_each_cell(&mut |cell| {
            let value = Value::from_cell(cell);
            if kind_of(cx, value) != Kind::Part || wanted.contains(&cell.addr().get()) {
                return;
            }
            if refers_to(cx, cell, &wanted, &immediates) {
                wanted.insert(cell.addr().get());
                roots.push(value.word());
                grown = true;
            }
        });
        if !grown {
            break;
        }
    }
    roots.truncate(0);
    for_each_object(cx, &mut |value| {
        if let Some(cell) = value.as_cell()
            && is_tracked(cx, value)
            && refers_to(cx, cell, &wanted, &immediates)
        {
            roots.push(value.word());
        }
    });
    to_list(cx, &roots)
}

fn refers_to(cx: &Cx, cell: NonNull<Header>, wanted: &HashSet<usize>, immediates: &HashSet<u64>) -> bool {
    let mut found = false;
    for_each_referent(cx, cell, &mut |word| {
        found |= match cell_of(word) {
            Some(referent) => wanted.contains(&referent.addr().get()),
            None => immediates.contains(&word),
        };
    });
    found
}

/// Adds the contents of a plain container, immediate values among them, in CPython's order. False for other objects.
fn add_items(cx: &Cx, value: Value, list: Ref<List>) -> PyResult<bool> {
    if let Some(tuple) = value.exact::<Tuple>() {
        tuple.iter().rev().try_for_each(|item| list.push(cx, item))?;
    } else if let Some(items) = value.exact::<List>() {
        for index in (0..items.len()).rev() {
            if let Some(item) = items.get(index) {
                list.push(cx, item)?;
            }
        }
    } else if let Some(dict) = value.exact::<Dict>() {
        for (key, value) in dict.iter() {
            list.push(cx, value)?;
            list.push(cx, key)?;
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// Adds what a watched object refers to to the list.
pub fn referents(cx: &Cx, value: Value, list: Ref<List>) -> PyResult<()> {
    let Some(cell) = value.as_cell() else { return Ok(()) };
    if add_items(cx, value, list)? || !is_tracked(cx, value) {
        return Ok(());
    }
    let roots = TempRoots::new(cx.mutator());
    // The walk below sees cells only.
    attribute::instance_attributes(cx, value, &mut |_, attribute| {
        if !attribute.is_cell() {
            roots.push(attribute.word());
        }
    });
    let mut parts = vec![cell];
    let mut seen = HashSet::new();
    while let Some(part) = parts.pop() {
        let mut found = Vec::new();
        for_each_referent(cx, part, &mut |word| found.push(word));
        for word in found {
            let Some(referent) = Value::from_word(word) else { continue };
            let kind = if referent.is_cell() { kind_of(cx, referent) } else { Kind::Object };
            match (kind, referent.as_cell()) {
                (Kind::Object, _) if !referent.is_unbound() => roots.push(word),
                // The object holds its parts; the roots hold them in case it lets go meanwhile.
                (Kind::Part, Some(inner)) if seen.insert(inner) => {
                    cx.mutator().keep_alive(word);
                    parts.push(inner);
                }
                _ => {}
            }
        }
    }
    for index in 0..roots.len() {
        if let Some(value) = roots.get(index).and_then(Value::from_word) {
            list.push(cx, value)?;
        }
    }
    let class = cx.type_of(value);
    if class.is_heap_type() {
        list.push(cx, class.value())?;
    }
    Ok(())
}
