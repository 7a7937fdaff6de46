//! `itertools`: building blocks of iterators.
//!
//! The iterators' state is in fields and atomics that each step loads and stores one by one: threads that share an
//! iterator may get an item twice or miss one, as with iterators written in Python, but nothing worse.

mod chaining;
mod combinatorics;
mod counting;
mod grouping;
mod selecting;
mod tee;
mod zipping;

use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef};
use countless_vm::object::cell::Ref;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::object::is_plain_init;
use countless_vm::types::type_object::TypeObject;

/// The slot `iter` of all of them.
fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

/// Exactly `N` positional arguments, and no keywords unless a subclass's `__init__` takes them.
fn exactly<const N: usize>(cx: &Cx, class: Ref<TypeObject>, name: &str, args: Args<'_>) -> PyResult<[Value; N]> {
    if !class.is_heap_type() || is_plain_init(class) {
        args.no_keywords(cx, name)?;
    }
    let given = args.len();
    if given != N {
        let plural = if N == 1 { "" } else { "s" };
        return Err(raise!(cx, TypeError, "{name} expected {N} argument{plural}, got {given}"));
    }
    Ok(std::array::from_fn(|index| args.get(index).unwrap_or(Value::NONE)))
}

static FUNCTIONS: &[Method] = &[Method::many(
    "tee",
    tee::tee,
    "tee($module, iterable, n=2, /)\n--\n\nReturns a tuple of n independent iterators.",
)];

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "itertools",
    doc: "Functional tools for creating and using iterators.\n\nInfinite iterators: count, cycle, repeat.\n\n\
          Iterators that stop with the shortest input: accumulate, batched, chain, chain.from_iterable,\n\
          compress, dropwhile, filterfalse, groupby, islice, pairwise, starmap, takewhile, tee, and\n\
          zip_longest, which stops with the longest.\n\n\
          Combinatoric generators: combinations, combinations_with_replacement, permutations, product.\n",
    functions: FUNCTIONS,
    types: &[
        &chaining::ACCUMULATE_TYPE,
        &chaining::BATCHED_TYPE,
        &chaining::CHAIN_TYPE,
        &chaining::PAIRWISE_TYPE,
        &chaining::STARMAP_TYPE,
        &combinatorics::COMBINATIONS_TYPE,
        &combinatorics::WITH_REPLACEMENT_TYPE,
        &combinatorics::PERMUTATIONS_TYPE,
        &combinatorics::PRODUCT_TYPE,
        &counting::COUNT_TYPE,
        &counting::CYCLE_TYPE,
        &counting::REPEAT_TYPE,
        &grouping::GROUPBY_TYPE,
        &grouping::GROUPER_TYPE,
        &selecting::COMPRESS_TYPE,
        &selecting::DROPWHILE_TYPE,
        &selecting::FILTERFALSE_TYPE,
        &selecting::ISLICE_TYPE,
        &selecting::TAKEWHILE_TYPE,
        &tee::TYPE,
        &tee::DATA_TYPE,
        &zipping::ZIP_LONGEST_TYPE,
    ],
    execute: None,
};
