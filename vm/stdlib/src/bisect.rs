//! `_bisect`: binary search in sorted sequences.

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::protocol::{compare, item, number, object};
use countless_vm::object::slots::Comparison;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::List;

/// The side of equal items that is looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The arguments of all four functions.
struct Search {
    sequence: Value,
    item: Value,
    low: usize,
    high: usize,
    key: Option<Value>,
}

fn arguments(cx: &Cx, values: [Option<Value>; 5]) -> PyResult<Search> {
    let [sequence, item, low, high, key] = values;
    let sequence = sequence.unwrap_or(Value::NONE);
    let low = match low {
        Some(low) => number::index_i64(cx, low)?,
        None => 0,
    };
    let Ok(low) = usize::try_from(low) else { return Err(cx.value_error("lo must be non-negative")) };
    let high = match high.and_then(Value::not_none) {
        Some(high) => number::index_i64(cx, high)?,
        None => -1,
    };
    let high = match usize::try_from(high) {
        Ok(high) => high,
        Err(_) => object::length(cx, sequence)?,
    };
    Ok(Search { sequence, item: item.unwrap_or(Value::NONE), low, high, key: key.and_then(Value::not_none) })
}

fn item_at(cx: &Cx, sequence: Value, index: usize) -> PyResult {
    match sequence.exact::<List>() {
        Some(list) => list.get(index).ok_or(()).map_err(|()| cx.index_error("list index out of range")),
        None => item::get_item(cx, sequence, Value::length(index)),
    }
}

fn bisect(cx: &Cx, search: &Search, item: Value, side: Side) -> PyResult<usize> {
    let (mut low, mut high) = (search.low, search.high);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut candidate = item_at(cx, search.sequence, middle)?;
        if let Some(key) = search.key {
            candidate = cx.call(key, &[candidate])?;
        }
        let go_right = match side {
            Side::Left => compare::compare_bool(cx, candidate, item, Comparison::Less)?,
            Side::Right => !compare::compare_bool(cx, item, candidate, Comparison::Less)?,
        };
        if go_right {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn find(cx: &Cx, values: [Option<Value>; 5], side: Side) -> PyResult {
    let search = arguments(cx, values)?;
    bisect(cx, &search, search.item, side).map(Value::length)
}

fn insert(cx: &Cx, values: [Option<Value>; 5], side: Side) -> PyResult {
    let search = arguments(cx, values)?;
    let item = match search.key {
        Some(key) => cx.call(key, &[search.item])?,
        None => search.item,
    };
    let index = bisect(cx, &search, item, side)?;
    match search.sequence.exact::<List>() {
        Some(list) => list.insert(cx, index, search.item)?,
        None => {
            cx.call_method(search.sequence, cx.intern_str("insert"), &[Value::length(index), search.item])?;
        }
    }
    Ok(Value::NONE)
}

macro_rules! functions {
    ($($function:ident = $name:literal, $signature:ident: $kind:ident($side:ident);)*) => {
        $(
            static $signature: Signature<5> =
                Signature::new($name, ["a", "x", "lo", "hi", "key"]).required(2).keyword_only_from(4);

            fn $function(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
                $kind(cx, $signature.bind(cx, args)?, Side::$side)
            }
        )*
    };
}

functions! {
    bisect_left = "bisect_left", BISECT_LEFT: find(Left);
    bisect_right = "bisect_right", BISECT_RIGHT: find(Right);
    insort_left = "insort_left", INSORT_LEFT: insert(Left);
    insort_right = "insort_right", INSORT_RIGHT: insert(Right);
}

static FUNCTIONS: &[Method] = &[
    Method::many(
        "bisect_right",
        bisect_right,
        "bisect_right($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nWhere to insert x into the sorted list a, behind what is equal to it.\n\nlo and hi bound the part that is searched; key(item) gives what is compared\nwith x.",
    ),
    Method::many(
        "insort_right",
        insort_right,
        "insort_right($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nInsert x into the sorted list a, behind what is equal to it.\n\nlo and hi bound the part that is searched; key(item) gives what is compared.",
    ),
    Method::many(
        "bisect_left",
        bisect_left,
        "bisect_left($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nWhere to insert x into the sorted list a, before what is equal to it.\n\nlo and hi bound the part that is searched; key(item) gives what is compared\nwith x.",
    ),
    Method::many(
        "insort_left",
        insort_left,
        "insort_left($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\nInsert x into the sorted list a, before what is equal to it.\n\nlo and hi bound the part that is searched; key(item) gives what is compared.",
    ),
];

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_bisect",
    doc: "Binary search in sorted lists, and insertion that keeps them sorted.",
    functions: FUNCTIONS,
    types: &[],
    execute: None,
};
