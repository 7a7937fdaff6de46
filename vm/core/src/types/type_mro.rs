//! The method resolution order: the C3 linearization, and its recomputation when `__bases__` is assigned.

use super::ids;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use crate::object::attribute::{class_changed, lookup};
use crate::object::cell::Ref;
use crate::object::dunder;
use crate::object::protocol;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

fn class_at(tuple: Ref<Tuple>, index: usize) -> Ref<TypeObject> {
    // SAFETY: the tuples merged here are method resolution orders and checked bases: they hold classes only.
    unsafe { Ref::from_value_unchecked(tuple.get(index)) }
}

fn tuple_at(tuple: Ref<Tuple>, index: usize) -> Ref<Tuple> {
    // SAFETY: `linearize` fills its rows with tuples only.
    unsafe { Ref::from_value_unchecked(tuple.get(index)) }
}

/// The C3 merge of the bases' orders and the bases themselves, headed by `class`. The bases are classes.
pub fn linearize(cx: &Cx, class: Ref<TypeObject>, bases: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
    let count = bases.len();
    for (index, base) in bases.iter().enumerate() {
        if bases.iter().take(index).any(|earlier| earlier == base) {
            let name = class_at(bases, index).display_name();
            return Err(raise!(cx, TypeError, "duplicate base class {name}"));
        }
    }
    let rows = cx.new_blank_tuple(count + 1);
    for index in 0..count {
        let base = class_at(bases, index);
        let Some(order) = base.mro.get() else {
            return Err(raise!(cx, TypeError, "Cannot extend an incomplete type '{}'", base.display_name()));
        };
        rows.init(index, order.value());
    }
    rows.init(count, bases.value());
    let total: usize = (0..=count).map(|row| tuple_at(rows, row).len()).sum();
    let mut heads = vec![0usize; count + 1];
    let merged = cx.new_list_with_capacity(total + 1)?;
    merged.push(cx, class.value())?;
    while let Some(next) = next_candidate(cx, rows, bases, &heads)? {
        merged.push(cx, next.value())?;
        for (row, head) in heads.iter_mut().enumerate() {
            let tuple = tuple_at(rows, row);
            if *head < tuple.len() && tuple.get(*head) == next.value() {
                *head += 1;
            }
        }
    }
    merged.to_tuple(cx)
}

/// The first head that stands in no other row's tail; `None` when all rows are used up.
fn next_candidate(cx: &Cx, rows: Ref<Tuple>, bases: Ref<Tuple>, heads: &[usize]) -> PyResult<Option<Ref<TypeObject>>> {
    let mut unfinished = false;
    for (row, &head) in heads.iter().enumerate() {
        let tuple = tuple_at(rows, row);
        if head >= tuple.len() {
            continue;
        }
        unfinished = true;
        let candidate = tuple.get(head);
        let in_tail = heads
            .iter()
            .enumerate()
            .any(|(other, &start)| tuple_at(rows, other).iter().skip(start + 1).any(|class| class == candidate));
        if !in_tail {
            return Ok(Some(class_at(tuple, head)));
        }
    }
    if unfinished { Err(inconsistent(cx, bases)) } else { Ok(None) }
}

#[cold]
fn inconsistent(cx: &Cx, bases: Ref<Tuple>) -> Raised {
    let names: Vec<String> =
        (0..bases.len()).map(|index| class_at(bases, index).name().as_wtf8().to_string_lossy()).collect();
    let names = names.join(", ");
    raise!(cx, TypeError, "Cannot create a consistent method resolution order (MRO) for bases {names}")
}

/// Whether the class's order is made by its metaclass's `mro()`, not by `type`'s.
pub fn has_own_order(cx: &Cx, class: Ref<TypeObject>) -> bool {
    let (metaclass, type_class, name) = (cx.type_of(class.value()), cx.builtin_type(ids::TYPE), cx.names().mro);
    metaclass != type_class && lookup(cx, metaclass, name) != lookup(cx, type_class, name)
}

/// Sets the class's order, by its metaclass's `mro()` if that is not `type`'s.
pub fn install(cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    let bases = class.bases.get().unwrap_or_else(|| cx.new_tuple(&[]));
    let order = if !has_own_order(cx, class) {
        linearize(cx, class, bases)?
    } else {
        let result = cx.call_special(class.value(), cx.names().mro, &[])?;
        let order = protocol::iter::to_tuple(cx, result)?;
        for item in order.iter() {
            check_mro_entry(cx, class, item)?;
        }
        order
    };
    class.mro.set(cx, order);
    Ok(())
}

fn check_mro_entry(cx: &Cx, class: Ref<TypeObject>, item: Value) -> PyResult<()> {
    let Some(entry) = item.as_class(cx) else {
        return Err(raise!(cx, TypeError, "mro() returned a non-class ('{}')", item.class_name(cx)));
    };
    if !class.layout().begins_with(entry.layout()) {
        return Err(raise!(cx, TypeError, "mro() returned base with unsuitable layout ('{}')", entry.display_name()));
    }
    Ok(())
}

/// `cls.__bases__ = bases`.
pub fn set_bases(cx: &Cx, class: Ref<TypeObject>, bases: Ref<Tuple>) -> PyResult<()> {
    let name = class.display_name();
    if bases.is_empty() {
        return Err(raise!(cx, TypeError, "can only assign non-empty tuple to {name}.__bases__, not ()"));
    }
    for base in bases.iter() {
        let Some(base) = base.as_class(cx) else {
            let given = base.class_name(cx);
            return Err(raise!(cx, TypeError, "{name}.__bases__ must be tuple of classes, not '{given}'"));
        };
        // An order that a metaclass makes need not name all that the layout comes from.
        let mut below = std::iter::successors(Some(base), |base| base.base());
        if base.is_subclass(class) || below.any(|base| base == class) {
            return Err(cx.type_error("a __bases__ item causes an inheritance cycle"));
        }
    }
    let best = super::type_layout::best_base(cx, bases)?;
    let old_best = class.base().unwrap_or(best);
    if !super::type_layout::same_layout(best, old_best) {
        let (old, new) = (old_best.display_name(), best.display_name());
        return Err(raise!(cx, TypeError, "__bases__ assignment: '{new}' object layout differs from '{old}'"));
    }
    let (old_bases, old_base) = (class.bases.get(), class.base());
    class.bases.set(cx, bases);
    class.base.set(cx, best);
    if let Err(raised) = refresh(cx, class) {
        class.bases.set_option(cx, old_bases);
        class.base.set_option(cx, old_base);
        let exception = cx.take_exception(raised);
        refresh(cx, class)?;
        return Err(cx.raise_unchained(exception));
    }
    for base in old_bases.into_iter().flat_map(|bases| bases.iter()) {
        if let Some(base) = base.as_class(cx) {
            cx.vm().subclasses.remove(base, class);
        }
    }
    for base in bases.iter().filter_map(|base| base.as_class(cx)) {
        cx.vm().subclasses.add(base, class);
    }
    crate::object::inline_cache::forget_all(cx);
    Ok(())
}

/// Recomputes order and slots of a class and of what derives from it.
fn refresh(cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    cx.check_native_stack()?;
    class_changed(cx, class);
    install(cx, class)?;
    class_changed(cx, class);
    dunder::update_slots(cx, class);
    for subclass in cx.vm().subclasses.of(cx, class) {
        refresh(cx, subclass)?;
    }
    Ok(())
}
