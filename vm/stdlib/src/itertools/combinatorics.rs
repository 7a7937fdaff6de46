//! `combinations`, `combinations_with_replacement`, `permutations`, `product`.
//!
//! Each step changes a row of indices into the pool and makes a tuple of what they name. The rows are atomics outside the
//! heap: threads that share an iterator may get odd rows, but every index is checked.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::{Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::iter::to_tuple;
use countless_vm::object::protocol::number::{as_index_i64, index_i64};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::int::Int;
use countless_vm::types::object;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;

use super::itself;

type Row = Option<Box<[AtomicUsize]>>;

/// A row of numbers.
fn row(cx: &Cx, numbers: impl ExactSizeIterator<Item = usize>) -> PyResult<Row> {
    let mut row = Vec::new();
    if row.try_reserve_exact(numbers.len()).is_err() {
        return Err(cx.memory_error());
    }
    row.extend(numbers.map(AtomicUsize::new));
    Ok(Some(row.into_boxed_slice()))
}

fn slice(row: &Row) -> &[AtomicUsize] {
    row.as_deref().unwrap_or(&[])
}

fn load(place: &AtomicUsize) -> usize {
    place.load(Ordering::Relaxed)
}

fn store(place: &AtomicUsize, number: usize) {
    place.store(number, Ordering::Relaxed);
}

/// The tuple of the pool's items that the first `count` indices name.
fn named(cx: &Cx, pool: Ref<Tuple>, indices: &[AtomicUsize], count: usize) -> PyResult<Option<Value>> {
    if count == 0 {
        return Ok(Some(cx.empty_tuple().value()));
    }
    let result = cx.try_new_blank_tuple(count)?;
    for (position, index) in indices.iter().take(count).enumerate() {
        result.init(position, pool.item(load(index)).unwrap_or(Value::NONE));
    }
    Ok(Some(result.value()))
}

/// `r` of a constructor.
fn length_argument(cx: &Cx, value: Option<Value>) -> PyResult<usize> {
    let length = index_i64(cx, value.unwrap_or(Value::NONE))?;
    usize::try_from(length).map_err(|_| cx.value_error("r must be non-negative"))
}

fn size_in_bytes(cell: usize, rows: &[&Row]) -> PyResult {
    let indices: usize = rows.iter().map(|row| slice(row).len()).sum();
    Ok(Value::length(cell + indices * size_of::<AtomicUsize>()))
}

const SIZE_DOC: &str = "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes.";

// ---- combinations, with and without replacement

macro_rules! combination_cell {
    ($(#[$meta:meta])* $name:ident, $layout:ident, $text:literal) => {
        native_cell! {
            $(#[$meta])*
            pub struct $name($text, $layout) {
                traced { pool: RefField<Tuple> }
                plain {
                    indices: Option<Box<[AtomicUsize]>>,
                    started: AtomicBool,
                    stopped: AtomicBool,
                }
            }
        }
    };
}

combination_cell! {
    /// The cell of a `combinations`.
    Combinations, COMBINATIONS_LAYOUT, "itertools.combinations"
}

combination_cell! {
    /// The cell of a `combinations_with_replacement`.
    WithReplacement, WITH_REPLACEMENT_LAYOUT, "itertools.combinations_with_replacement"
}

static COMBINATIONS: Signature<2> = Signature::new("combinations", ["iterable", "r"]).required(2);

fn new_combinations(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable, length] = COMBINATIONS.bind(cx, args)?;
    let length = length_argument(cx, length)?;
    let pool = to_tuple(cx, iterable.unwrap_or(Value::NONE))?;
    let stopped = length > pool.len();
    let contents = Combinations {
        header: Default::default(),
        pool: RefField::new(pool),
        indices: if stopped { None } else { row(cx, 0..length)? },
        started: AtomicBool::new(false),
        stopped: AtomicBool::new(stopped),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

/// The next row of indices; false after the last.
fn advance_combination(indices: &[AtomicUsize], pool: usize) -> bool {
    let length = indices.len();
    let movable = (0..length).rev().find(|&place| load(&indices[place]) != place + pool - length);
    let Some(place) = movable else { return false };
    let mut index = load(&indices[place]);
    for place in &indices[place..] {
        index = index.wrapping_add(1);
        store(place, index);
    }
    true
}

fn next_combination(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Combinations>(cx, value);
    let Some(pool) = this.pool.get().filter(|_| !this.stopped.load(Ordering::Relaxed)) else { return Ok(None) };
    let indices = slice(&this.indices);
    if this.started.swap(true, Ordering::Relaxed) && !advance_combination(indices, pool.len()) {
        this.stopped.store(true, Ordering::Relaxed);
        return Ok(None);
    }
    named(cx, pool, indices, indices.len())
}

/// `itertools.combinations`.
pub static COMBINATIONS_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "combinations(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable.\n\n\
          combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_combinations), iter: Some(itself), next: Some(next_combination), ..Slots::NONE },
    methods: &[Method::none(
        "__sizeof__",
        |_cx, this: Ref<Combinations>| size_in_bytes(size_of::<Combinations>(), &[&this.indices]),
        SIZE_DOC,
    )],
    ..TypeDef::new("combinations", &COMBINATIONS_LAYOUT)
};

static WITH_REPLACEMENT: Signature<2> = Signature::new("combinations_with_replacement", ["iterable", "r"]).required(2);

fn new_with_replacement(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable, length] = WITH_REPLACEMENT.bind(cx, args)?;
    let length = length_argument(cx, length)?;
    let pool = to_tuple(cx, iterable.unwrap_or(Value::NONE))?;
    let stopped = pool.is_empty() && length > 0;
    let contents = WithReplacement {
        header: Default::default(),
        pool: RefField::new(pool),
        indices: if stopped { None } else { row(cx, std::iter::repeat_n(0, length))? },
        started: AtomicBool::new(false),
        stopped: AtomicBool::new(stopped),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn advance_with_replacement(indices: &[AtomicUsize], pool: usize) -> bool {
    let movable = (0..indices.len()).rev().find(|&place| load(&indices[place]) + 1 < pool);
    let Some(place) = movable else { return false };
    let index = load(&indices[place]) + 1;
    indices[place..].iter().for_each(|place| store(place, index));
    true
}

fn next_with_replacement(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<WithReplacement>(cx, value);
    let Some(pool) = this.pool.get().filter(|_| !this.stopped.load(Ordering::Relaxed)) else { return Ok(None) };
    let indices = slice(&this.indices);
    if this.started.swap(true, Ordering::Relaxed) && !advance_with_replacement(indices, pool.len()) {
        this.stopped.store(true, Ordering::Relaxed);
        return Ok(None);
    }
    named(cx, pool, indices, indices.len())
}

/// `itertools.combinations_with_replacement`.
pub static WITH_REPLACEMENT_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "combinations_with_replacement(iterable, r)\n--\n\nReturn successive r-length combinations of elements in the iterable allowing individual elements to\n\
          have successive repeats.\n\ncombinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new_with_replacement),
        iter: Some(itself),
        next: Some(next_with_replacement),
        ..Slots::NONE
    },
    methods: &[Method::none(
        "__sizeof__",
        |_cx, this: Ref<WithReplacement>| size_in_bytes(size_of::<WithReplacement>(), &[&this.indices]),
        SIZE_DOC,
    )],
    ..TypeDef::new("combinations_with_replacement", &WITH_REPLACEMENT_LAYOUT)
};

// ---- permutations

native_cell! {
    /// The cell of a `permutations`.
    pub struct Permutations("itertools.permutations", PERMUTATIONS_LAYOUT) {
        traced { pool: RefField<Tuple> }
        plain {
            /// One for each item of the pool.
            indices: Option<Box<[AtomicUsize]>>,
            /// One for each place of the result: how many choices are left for it.
            cycles: Option<Box<[AtomicUsize]>>,
            started: AtomicBool,
            stopped: AtomicBool,
        }
    }
}

static PERMUTATIONS: Signature<2> = Signature::new("permutations", ["iterable", "r"]).required(1);

fn new_permutations(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable, length] = PERMUTATIONS.bind(cx, args)?;
    let pool = to_tuple(cx, iterable.unwrap_or(Value::NONE))?;
    let size = pool.len();
    let length = match length.and_then(Value::not_none) {
        None => size,
        Some(length) => {
            if as_index_i64(cx, length).is_none() && length.downcast::<Int>(cx).is_none() {
                return Err(cx.type_error("Expected int as r"));
            }
            length_argument(cx, Some(length))?
        }
    };
    let stopped = length > size;
    let contents = Permutations {
        header: Default::default(),
        pool: RefField::new(pool),
        indices: if stopped { None } else { row(cx, 0..size)? },
        cycles: if stopped { None } else { row(cx, (0..length).map(|place| size - place))? },
        started: AtomicBool::new(false),
        stopped: AtomicBool::new(stopped),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn advance_permutation(indices: &[AtomicUsize], cycles: &[AtomicUsize]) -> bool {
    let size = indices.len();
    for place in (0..cycles.len()).rev() {
        let left = load(&cycles[place]).wrapping_sub(1);
        if left == 0 || left > size {
            // All choices have been here: the place goes back to the first one.
            let first = load(&indices[place]);
            for later in place..size - 1 {
                store(&indices[later], load(&indices[later + 1]));
            }
            store(&indices[size - 1], first);
            store(&cycles[place], size - place);
            continue;
        }
        store(&cycles[place], left);
        let (one, other) = (load(&indices[place]), load(&indices[size - left]));
        store(&indices[place], other);
        store(&indices[size - left], one);
        return true;
    }
    false
}

fn next_permutation(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Permutations>(cx, value);
    let Some(pool) = this.pool.get().filter(|_| !this.stopped.load(Ordering::Relaxed)) else { return Ok(None) };
    let (indices, cycles) = (slice(&this.indices), slice(&this.cycles));
    if this.started.swap(true, Ordering::Relaxed) && !advance_permutation(indices, cycles) {
        this.stopped.store(true, Ordering::Relaxed);
        return Ok(None);
    }
    named(cx, pool, indices, cycles.len())
}

/// `itertools.permutations`.
pub static PERMUTATIONS_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "permutations(iterable, r=None)\n--\n\nReturn successive r-length permutations of elements in the iterable.\n\n\
          permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_permutations), iter: Some(itself), next: Some(next_permutation), ..Slots::NONE },
    methods: &[Method::none(
        "__sizeof__",
        |_cx, this: Ref<Permutations>| size_in_bytes(size_of::<Permutations>(), &[&this.indices, &this.cycles]),
        SIZE_DOC,
    )],
    ..TypeDef::new("permutations", &PERMUTATIONS_LAYOUT)
};

// ---- product

native_cell! {
    /// The cell of a `product`.
    pub struct Product("itertools.product", PRODUCT_LAYOUT) {
        traced {
            /// A tuple for each place of the result.
            pools: RefField<Tuple>,
        }
        plain {
            /// One for each place of the result.
            indices: Option<Box<[AtomicUsize]>>,
            started: AtomicBool,
            stopped: AtomicBool,
        }
    }
}

fn new_product(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let mut times = 1;
    for (name, value) in args.keywords() {
        if name.as_bytes() != b"repeat" {
            let name = name.as_wtf8();
            return Err(raise!(cx, TypeError, "product() got an unexpected keyword argument '{name}'"));
        }
        times = index_i64(cx, value)?;
        if times < 0 {
            return Err(cx.value_error("repeat argument cannot be negative"));
        }
    }
    let pools = cx.new_list();
    for iterable in args.iter().take(if times == 0 { 0 } else { usize::MAX }) {
        pools.push(cx, to_tuple(cx, iterable)?.value())?;
    }
    let Some(places) = pools.len().checked_mul(times as usize).filter(|&places| places <= isize::MAX as usize / 8)
    else {
        return Err(cx.overflow_error("repeat argument too large"));
    };
    let row_of_pools = cx.try_new_blank_tuple(places)?;
    for place in 0..places {
        row_of_pools.init(place, pools.get(place % pools.len()).unwrap_or(Value::NONE));
    }
    let contents = Product {
        header: Default::default(),
        pools: RefField::new(row_of_pools),
        indices: row(cx, std::iter::repeat_n(0, places))?,
        started: AtomicBool::new(false),
        stopped: AtomicBool::new(false),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

/// The items that a place of the result can have.
#[inline]
fn pool_at(pools: Ref<Tuple>, place: usize) -> Option<Ref<Tuple>> {
    pools.item(place).and_then(|pool| pool.exact::<Tuple>())
}

fn advance_product(indices: &[AtomicUsize], pools: Ref<Tuple>) -> bool {
    for (place, index) in indices.iter().enumerate().rev() {
        let after = load(index) + 1;
        if pool_at(pools, place).is_some_and(|pool| after < pool.len()) {
            store(index, after);
            return true;
        }
        store(index, 0);
    }
    false
}

fn next_product(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Product>(cx, value);
    let Some(pools) = this.pools.get().filter(|_| !this.stopped.load(Ordering::Relaxed)) else { return Ok(None) };
    let indices = slice(&this.indices);
    let fresh = !this.started.swap(true, Ordering::Relaxed);
    let nothing = fresh && pools.iter().any(|pool| pool.exact::<Tuple>().is_none_or(|pool| pool.is_empty()));
    if nothing || (!fresh && !advance_product(indices, pools)) {
        this.stopped.store(true, Ordering::Relaxed);
        return Ok(None);
    }
    if indices.is_empty() {
        return Ok(Some(cx.empty_tuple().value()));
    }
    let result = cx.try_new_blank_tuple(indices.len())?;
    for (place, index) in indices.iter().enumerate() {
        let item = pool_at(pools, place).and_then(|pool| pool.item(load(index)));
        result.init(place, item.unwrap_or(Value::NONE));
    }
    Ok(Some(result.value()))
}

/// `itertools.product`.
pub static PRODUCT_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "product(*iterables, repeat=1)\n--\n\nCartesian product of input iterables. Equivalent to nested for-loops.\n\n\
          product(A, B) is what ((x,y) for x in A for y in B) yields; the last element advances with every step.\n\
          product(A, repeat=4) is product(A, A, A, A).",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_product), iter: Some(itself), next: Some(next_product), ..Slots::NONE },
    methods: &[Method::none(
        "__sizeof__",
        |_cx, this: Ref<Product>| size_in_bytes(size_of::<Product>(), &[&this.indices]),
        SIZE_DOC,
    )],
    ..TypeDef::new("product", &PRODUCT_LAYOUT)
};
