//! Iteration.

use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::list::List;
use crate::types::list::iterator::{ListIterator, new_iterator};
use crate::types::set::iterator::SetIterator;
use crate::types::tuple::{self, Tuple, TupleIterator};

/// `iter(value)`.
#[inline]
pub fn get_iter(cx: &Cx, value: Value) -> PyResult {
    match value.type_id() {
        // SAFETY: the ids say so.
        ids::LIST => Ok(new_iterator(cx, unsafe { Ref::from_value_unchecked(value) })),
        // SAFETY: as above.
        ids::TUPLE => Ok(tuple::new_iterator(cx, unsafe { Ref::from_value_unchecked(value) })),
        ids::GENERATOR => Ok(value),
        _ => get_any_iter(cx, value),
    }
}

fn get_any_iter(cx: &Cx, value: Value) -> PyResult {
    let class = cx.type_of(value);
    if let Some(function) = class.slots.iter() {
        let iterator = function(cx, value)?;
        if cx.type_of(iterator).slots.next().is_none() {
            return Err(raise!(cx, TypeError, "iter() returned non-iterator of type '{}'", iterator.class_name(cx)));
        }
        return Ok(iterator);
    }
    if crate::object::dunder::is_old_style_sequence(cx, class) {
        return Ok(crate::types::sequence_iterator::new(cx, value));
    }
    Err(raise!(cx, TypeError, "'{}' object is not iterable", class.display_name()))
}

/// Whether `iter(value)` knows what to do.
pub fn is_iterable(cx: &Cx, value: Value) -> bool {
    let class = cx.type_of(value);
    class.slots.iter().is_some() || crate::object::dunder::is_old_style_sequence(cx, class)
}

/// `next(iterator)`: `None` when it is exhausted.
#[inline]
pub fn next(cx: &Cx, iterator: Value) -> PyResult<Option<Value>> {
    // SAFETY: the ids say so.
    unsafe {
        match iterator.type_id() {
            ids::LIST_ITERATOR => return Ok(Ref::<ListIterator>::from_value_unchecked(iterator).step(cx)),
            ids::TUPLE_ITERATOR => return Ok(Ref::<TupleIterator>::from_value_unchecked(iterator).step(cx)),
            ids::SET_ITERATOR => return Ref::<SetIterator>::from_value_unchecked(iterator).step(cx),
            ids::GENERATOR => return crate::interp::resume::step(cx, Ref::from_value_unchecked(iterator)),
            _ => {}
        }
    }
    // Iterators over iterators nest as deeply as a program likes.
    cx.check_native_stack()?;
    match cx.type_of(iterator).slots.next() {
        Some(function) => function(cx, iterator),
        None => Err(raise!(cx, TypeError, "'{}' object is not an iterator", iterator.class_name(cx))),
    }
}

/// Calls `visit` with each item of an iterable. Lists and tuples are walked in place (a list as it is at each step).
pub fn for_each(cx: &Cx, iterable: Value, mut visit: impl FnMut(Value) -> PyResult<()>) -> PyResult<()> {
    match iterable.type_id() {
        ids::TUPLE => {
            // SAFETY: just checked.
            let tuple: Ref<Tuple> = unsafe { Ref::from_value_unchecked(iterable) };
            tuple.iter().try_for_each(visit)
        }
        ids::LIST => {
            // SAFETY: just checked.
            let list: Ref<List> = unsafe { Ref::from_value_unchecked(iterable) };
            let mut index = 0;
            while let Some(item) = list.get(index) {
                visit(item)?;
                index += 1;
            }
            Ok(())
        }
        _ => {
            let iterator = get_iter(cx, iterable)?;
            if iterator.is_exactly(ids::SET_ITERATOR) {
                // SAFETY: just checked.
                let iterator: Ref<SetIterator> = unsafe { Ref::from_value_unchecked(iterator) };
                while let Some(item) = iterator.step(cx)? {
                    visit(item)?;
                }
                return Ok(());
            }
            while let Some(item) = next(cx, iterator)? {
                visit(item)?;
            }
            Ok(())
        }
    }
}

/// The items as a new list: `list(iterable)`.
pub fn to_list(cx: &Cx, iterable: Value) -> PyResult<Ref<List>> {
    let list = cx.new_list();
    list.extend(cx, iterable)?;
    Ok(list)
}

/// The items as a tuple: `tuple(iterable)`; a tuple itself stays what it is.
pub fn to_tuple(cx: &Cx, iterable: Value) -> PyResult<Ref<Tuple>> {
    if let Some(tuple) = iterable.exact::<Tuple>() {
        return Ok(tuple);
    }
    let list = match iterable.exact::<List>() {
        Some(list) => list,
        None => {
            let list = cx.new_list();
            list.extend_hinted(cx, iterable, false)?;
            list
        }
    };
    list.to_tuple(cx)
}
