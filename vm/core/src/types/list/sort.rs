//! `list.sort`.
//!
//! The list is empty while it is sorted; its store is this thread's alone to write. What is sorted is not the store but
//! a row of plain data: the words of ints and floats, or positions in the store with what is known of their keys. The
//! store is then brought into that order, word by word. Objects found in another order by other threads meanwhile are
//! still objects of the list.

use super::merge::merge_sort;
use super::{Array, List};
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::compare::compare_bool;
use crate::object::protocol::object::is_true;
use crate::object::slots::Comparison;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::sequence::{POLL_CHUNK, poll_at};
use crate::types::str::Str;

static SORT: Signature<2> = Signature::new("sort", ["key", "reverse"]).keyword_only_from(0);

/// `list.sort(*, key=None, reverse=False)`.
pub(super) fn sort(cx: &Cx, list: Ref<List>, args: Args<'_>) -> PyResult {
    let [key, reverse] = SORT.bind(cx, args)?;
    let reverse = match reverse {
        Some(reverse) => is_true(cx, reverse)?,
        None => false,
    };
    list.sort(cx, key.and_then(Value::not_none), reverse)?;
    Ok(Value::NONE)
}

impl Ref<List> {
    /// Sorts the items by what `key` makes of them, or by themselves.
    pub fn sort(self, cx: &Cx, key: Option<Value>, reverse: bool) -> PyResult<()> {
        let (array, length) = self.take(cx);
        let outcome = match array {
            Some(array) => sort_array(cx, array, length, key, reverse),
            None => Ok(()),
        };
        let untouched = self.put_back(cx, array, length);
        outcome?;
        if untouched { Ok(()) } else { Err(cx.value_error("list modified during sort")) }
    }
}

/// What the keys are, so that they can be compared without asking them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ints,
    Floats,
    Strings,
    Any,
}

fn kind_of(cx: &Cx, keys: Ref<Array>, length: usize) -> PyResult<Kind> {
    let kind = |value: Value| {
        if value.is_small_int() {
            Kind::Ints
        } else if value.is_inline_float() {
            Kind::Floats
        } else if value.is_exactly(ids::STR) {
            Kind::Strings
        } else {
            Kind::Any
        }
    };
    let first = keys.get(0).map_or(Kind::Any, kind);
    for index in 1..length {
        if first == Kind::Any || keys.get(index).map(kind) != Some(first) {
            return Ok(Kind::Any);
        }
        poll_at(cx, index)?;
    }
    Ok(first)
}

fn sort_array(cx: &Cx, array: Ref<Array>, length: usize, key: Option<Value>, reverse: bool) -> PyResult<()> {
    if u32::try_from(length).is_err() {
        return Err(cx.memory_error());
    }
    let keys = match key {
        Some(key) => keys_of(cx, array, length, key)?,
        None => array,
    };
    let kind = kind_of(cx, keys, length)?;
    if key.is_none() && matches!(kind, Kind::Ints | Kind::Floats) {
        return sort_words(cx, array, length, kind, reverse);
    }
    match kind {
        Kind::Ints => {
            let value = |index| Keyed { key: word_at(keys, index) as i64, index: index as u32 };
            sort_keyed(cx, array, length, reverse, value, |a, b| Ok(a.key < b.key))
        }
        Kind::Floats => {
            let value = |index| Keyed { key: float_of(word_at(keys, index)), index: index as u32 };
            sort_keyed(cx, array, length, reverse, value, |a, b| Ok(a.key < b.key))
        }
        Kind::Strings => {
            let value = |index| Keyed { key: prefix(string_at(keys, index)), index: index as u32 };
            sort_keyed(cx, array, length, reverse, value, |a, b| {
                Ok(match a.key.cmp(&b.key) {
                    std::cmp::Ordering::Equal => {
                        let (a, b) = (string_at(keys, a.index as usize), string_at(keys, b.index as usize));
                        a.as_wtf8().as_bytes() < b.as_wtf8().as_bytes()
                    }
                    ordering => ordering.is_lt(),
                })
            })
        }
        Kind::Any => {
            let value = |index| Keyed { key: (), index: index as u32 };
            sort_keyed(cx, array, length, reverse, value, |a, b| {
                let at = |index: u32| keys.get(index as usize).unwrap_or(Value::NONE);
                compare_bool(cx, at(a.index), at(b.index), Comparison::Less)
            })
        }
    }
}

/// What the key function returns for each item.
fn keys_of(cx: &Cx, array: Ref<Array>, length: usize, key: Value) -> PyResult<Ref<Array>> {
    let keys = cx.new_array(length)?;
    for index in 0..length {
        let item = array.get(index).unwrap_or(Value::NONE);
        keys.field(index).set(cx, cx.call(key, &[item])?);
    }
    Ok(keys)
}

/// A row of so many elements.
fn new_row<T>(cx: &Cx, length: usize) -> PyResult<Vec<T>> {
    let mut row = Vec::new();
    match row.try_reserve_exact(length) {
        Ok(()) => Ok(row),
        Err(_) => Err(cx.memory_error()),
    }
}

fn word_at(array: Ref<Array>, index: usize) -> u64 {
    array.get(index).unwrap_or(Value::NONE).word()
}

fn float_of(word: u64) -> f64 {
    Value::from_word(word).unwrap_or(Value::NONE).inline_float_unchecked()
}

fn string_at(array: Ref<Array>, index: usize) -> Ref<Str> {
    // SAFETY: `kind_of` found strings only, and nobody writes the array meanwhile.
    unsafe { Ref::from_value_unchecked(array.get(index).unwrap_or(Value::NONE)) }
}

/// The first bytes of a string as a number that is ordered as they are.
fn prefix(text: Ref<Str>) -> u64 {
    let bytes = text.as_wtf8().as_bytes();
    let mut first = [0; 8];
    let count = bytes.len().min(8);
    first[..count].copy_from_slice(&bytes[..count]);
    u64::from_be_bytes(first)
}

/// Makes a comparison poll now and then.
fn polling<'a, T>(
    cx: &'a Cx,
    mut less: impl FnMut(&T, &T) -> PyResult<bool> + 'a,
) -> impl FnMut(&T, &T) -> PyResult<bool> + 'a {
    let mut until_poll = POLL_CHUNK;
    move |a, b| {
        until_poll -= 1;
        if until_poll == 0 {
            until_poll = POLL_CHUNK;
            cx.poll()?;
        }
        less(a, b)
    }
}

/// Sorts a row, in descending order so that equal elements keep theirs if `reverse` says so.
fn sort_row<T: Copy>(
    cx: &Cx,
    row: &mut [T],
    reverse: bool,
    less: impl FnMut(&T, &T) -> PyResult<bool>,
) -> PyResult<()> {
    if reverse {
        row.reverse();
    }
    let outcome = merge_sort(row, polling(cx, less));
    if reverse {
        row.reverse();
    }
    outcome
}

/// Sorts items that are all small ints, or all unboxed floats: the words are the items.
fn sort_words(cx: &Cx, array: Ref<Array>, length: usize, kind: Kind, reverse: bool) -> PyResult<()> {
    let mut row = new_row(cx, length)?;
    row.extend((0..length).map(|index| word_at(array, index)));
    let outcome = if kind == Kind::Ints {
        // The value stands in the upper bits, so words compare as the ints do.
        sort_row(cx, &mut row, reverse, |&a, &b| Ok((a as i64) < b as i64))
    } else {
        sort_row(cx, &mut row, reverse, |&a, &b| Ok(float_of(a) < float_of(b)))
    };
    for (index, &word) in row.iter().enumerate() {
        array.field(index).set(cx, Value::from_word(word).unwrap_or(Value::NONE));
    }
    outcome
}

/// An item by its position, with what is known of its key.
#[derive(Clone, Copy)]
struct Keyed<K> {
    key: K,
    index: u32,
}

fn sort_keyed<K: Copy>(
    cx: &Cx,
    array: Ref<Array>,
    length: usize,
    reverse: bool,
    keyed: impl Fn(usize) -> Keyed<K>,
    less: impl FnMut(&Keyed<K>, &Keyed<K>) -> PyResult<bool>,
) -> PyResult<()> {
    let mut row = new_row(cx, length)?;
    row.extend((0..length).map(keyed));
    let outcome = sort_row(cx, &mut row, reverse, less);
    let mut order = new_row(cx, length)?;
    order.extend(row.iter().map(|element| element.index));
    permute(cx, array, &mut order);
    outcome
}

/// Brings the array into the order of the positions, which are used up: cycle by cycle.
fn permute(cx: &Cx, array: Ref<Array>, order: &mut [u32]) {
    for start in 0..order.len() {
        if order[start] as usize == start {
            continue;
        }
        let first = array.field(start).get_or_none();
        let mut hole = start;
        loop {
            let source = std::mem::replace(&mut order[hole], hole as u32) as usize;
            if source == start {
                array.field(hole).set(cx, first);
                break;
            }
            array.field(hole).set(cx, array.field(source).get_or_none());
            hole = source;
        }
    }
}
