//! `_heapq`: lists as binary heaps, the smallest (or, for the `_max` functions, the largest) item first.
//!
//! Comparisons may run Python code, which may change the list: its length is watched, and each item is read anew.

use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::compare;
use countless_vm::object::slots::Comparison;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::list::List;

/// Which item comes first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Smallest,
    Largest,
}

impl Order {
    /// Whether `a` comes before `b`.
    fn before(self, cx: &Cx, a: Value, b: Value) -> PyResult<bool> {
        match self {
            Order::Smallest => compare::compare_bool(cx, a, b, Comparison::Less),
            Order::Largest => compare::compare_bool(cx, b, a, Comparison::Less),
        }
    }
}

#[cold]
fn changed(cx: &Cx) -> Raised {
    cx.runtime_error("list changed size during iteration")
}

fn get(cx: &Cx, heap: Ref<List>, index: usize) -> PyResult {
    heap.get(index).ok_or(()).map_err(|()| cx.index_error("index out of range"))
}

fn swap(cx: &Cx, heap: Ref<List>, a: usize, b: usize) -> PyResult<()> {
    let (first, second) = (get(cx, heap, a)?, get(cx, heap, b)?);
    heap.set(cx, a, second);
    heap.set(cx, b, first);
    Ok(())
}

/// Moves the item at `position` up to where its parent comes before it.
fn sift_up_to(cx: &Cx, heap: Ref<List>, start: usize, mut position: usize, order: Order) -> PyResult<()> {
    let size = heap.len();
    while position > start {
        let parent = (position - 1) >> 1;
        let before = order.before(cx, get(cx, heap, position)?, get(cx, heap, parent)?)?;
        if heap.len() != size {
            return Err(changed(cx));
        }
        if !before {
            break;
        }
        swap(cx, heap, position, parent)?;
        position = parent;
    }
    Ok(())
}

/// Moves the item at `start` down to a leaf and then up again: most come from a leaf.
fn sift_down(cx: &Cx, heap: Ref<List>, start: usize, order: Order) -> PyResult<()> {
    let size = heap.len();
    let mut position = start;
    while position < size >> 1 {
        let mut child = 2 * position + 1;
        if child + 1 < size {
            let right_first = !order.before(cx, get(cx, heap, child)?, get(cx, heap, child + 1)?)?;
            if heap.len() != size {
                return Err(changed(cx));
            }
            child += usize::from(right_first);
        }
        swap(cx, heap, child, position)?;
        position = child;
    }
    sift_up_to(cx, heap, start, position, order)
}

fn list(cx: &Cx, value: Value, function: &str, which: &str) -> PyResult<Ref<List>> {
    match value.downcast::<List>(cx) {
        Some(list) => Ok(list),
        None => {
            let class = if value.is_none() { "None".to_owned() } else { value.class_name(cx) };
            Err(raise!(cx, TypeError, "{function}() argument{which} must be list, not {class}"))
        }
    }
}

fn push(cx: &Cx, heap: Ref<List>, item: Value, order: Order) -> PyResult {
    heap.push(cx, item)?;
    sift_up_to(cx, heap, 0, heap.len() - 1, order)?;
    Ok(Value::NONE)
}

fn pop(cx: &Cx, heap: Ref<List>, order: Order) -> PyResult {
    let Some(last) = heap.pop(cx) else { return Err(cx.index_error("index out of range")) };
    let Some(first) = heap.get(0) else { return Ok(last) };
    heap.set(cx, 0, last);
    sift_down(cx, heap, 0, order)?;
    Ok(first)
}

fn replace(cx: &Cx, heap: Ref<List>, item: Value, order: Order) -> PyResult {
    let Some(first) = heap.get(0) else { return Err(cx.index_error("index out of range")) };
    heap.set(cx, 0, item);
    sift_down(cx, heap, 0, order)?;
    Ok(first)
}

fn push_pop(cx: &Cx, heap: Ref<List>, item: Value, order: Order) -> PyResult {
    let Some(first) = heap.get(0) else { return Ok(item) };
    if !order.before(cx, first, item)? {
        return Ok(item);
    }
    replace(cx, heap, item, order)
}

fn heapify(cx: &Cx, heap: Ref<List>, order: Order) -> PyResult {
    for (count, start) in (0..heap.len() / 2).rev().enumerate() {
        sift_down(cx, heap, start, order)?;
        if count % 1024 == 0 {
            cx.poll()?;
        }
    }
    Ok(Value::NONE)
}

macro_rules! functions {
    ($($name:ident($order:ident) = $operation:ident($($item:ident)?);)*) => {
        $(functions!(@one $name, $order, $operation $(, $item)?);)*
    };
    (@one $name:ident, $order:ident, $operation:ident) => {
        fn $name(cx: &Cx, _module: Value, heap: Value) -> PyResult {
            $operation(cx, list(cx, heap, stringify!($name), "")?, Order::$order)
        }
    };
    (@one $name:ident, $order:ident, $operation:ident, $item:ident) => {
        fn $name(cx: &Cx, _module: Value, heap: Value, $item: Value) -> PyResult {
            $operation(cx, list(cx, heap, stringify!($name), " 1")?, $item, Order::$order)
        }
    };
}

/// The functions by their Python names.
mod named {
    use super::*;

    functions! {
        heappush(Smallest) = push(item);
        heappush_max(Largest) = push(item);
        heappop(Smallest) = pop();
        heappop_max(Largest) = pop();
        heapreplace(Smallest) = replace(item);
        heapreplace_max(Largest) = replace(item);
        heappushpop(Smallest) = push_pop(item);
        heappushpop_max(Largest) = push_pop(item);
        heapify_max(Largest) = heapify();
    }

    pub(super) fn heapify_smallest(cx: &Cx, _module: Value, heap: Value) -> PyResult {
        heapify(cx, list(cx, heap, "heapify", "")?, Order::Smallest)
    }

    pub(super) static FUNCTIONS: &[Method] = &[
        Method::two("heappush", heappush, "heappush($module, heap, item, /)\n--\n\nPush item onto the heap."),
        Method::two(
            "heappushpop",
            heappushpop,
            "heappushpop($module, heap, item, /)\n--\n\nPush item onto the heap, then pop and return the smallest item.\n\nQuicker than heappush() and heappop().",
        ),
        Method::one("heappop", heappop, "heappop($module, heap, /)\n--\n\nPop the smallest item off the heap."),
        Method::two(
            "heapreplace",
            heapreplace,
            "heapreplace($module, heap, item, /)\n--\n\nPop and return the smallest item, and push the new one.\n\nQuicker than heappop() and heappush(). The popped item may be larger than\nthe new one.",
        ),
        Method::one(
            "heapify",
            heapify_smallest,
            "heapify($module, heap, /)\n--\n\nMake a list a heap, in place, in linear time.",
        ),
        Method::two(
            "heappush_max",
            heappush_max,
            "heappush_max($module, heap, item, /)\n--\n\nPush item onto the max heap.",
        ),
        Method::two(
            "heappushpop_max",
            heappushpop_max,
            "heappushpop_max($module, heap, item, /)\n--\n\nPush item onto the max heap, then pop and return the largest item.",
        ),
        Method::one(
            "heappop_max",
            heappop_max,
            "heappop_max($module, heap, /)\n--\n\nPop the largest item off the max heap.",
        ),
        Method::two(
            "heapreplace_max",
            heapreplace_max,
            "heapreplace_max($module, heap, item, /)\n--\n\nPop and return the largest item, and push the new one.",
        ),
        Method::one(
            "heapify_max",
            heapify_max,
            "heapify_max($module, heap, /)\n--\n\nMake a list a max heap, in place, in linear time.",
        ),
    ];
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_heapq",
    doc: "Lists as heaps: heap[k] <= heap[2*k+1] and heap[k] <= heap[2*k+2] for all k.",
    functions: named::FUNCTIONS,
    types: &[],
    execute: None,
};
