//! `compress`, `dropwhile`, `filterfalse`, `islice`, `takewhile`.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{TypeDef, TypeFlags};
use countless_vm::object::cell::{Field, Ref};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::iter::{get_iter, next as next_of};
use countless_vm::object::protocol::number::{as_index_i64, index, is_index};
use countless_vm::object::protocol::object::is_true;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::{ids, object};
use countless_vm::{native_cell, raise};

use super::{exactly, itself};

// ---- compress

native_cell! {
    /// The cell of a `compress`.
    pub struct Compress("itertools.compress", COMPRESS_LAYOUT) {
        traced { data: Field, selectors: Field }
        plain {}
    }
}

static COMPRESS: Signature<2> = Signature::new("compress", ["data", "selectors"]).required(2);

fn new_compress(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [data, selectors] = COMPRESS.bind(cx, args)?.map(|value| value.unwrap_or(Value::NONE));
    let data = get_iter(cx, data)?;
    let selectors = get_iter(cx, selectors)?;
    let contents = Compress { header: Default::default(), data: Field::new(data), selectors: Field::new(selectors) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_compress(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Compress>(cx, value);
    loop {
        let Some(datum) = next_of(cx, this.data.get_or_none())? else { return Ok(None) };
        let Some(selector) = next_of(cx, this.selectors.get_or_none())? else { return Ok(None) };
        if is_true(cx, selector)? {
            return Ok(Some(datum));
        }
        cx.poll()?;
    }
}

/// `itertools.compress`.
pub static COMPRESS_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "compress(data, selectors)\n--\n\nReturn data elements corresponding to true selector elements.\n\n\
          Forms a shorter iterator from selected data elements using the selectors to choose the data elements.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_compress), iter: Some(itself), next: Some(next_compress), ..Slots::NONE },
    ..TypeDef::new("compress", &COMPRESS_LAYOUT)
};

// ---- dropwhile and takewhile

native_cell! {
    /// The cell of a `dropwhile`.
    pub struct DropWhile("itertools.dropwhile", DROPWHILE_LAYOUT) {
        traced { predicate: Field, iterator: Field }
        plain {
            /// Whether an item failed the predicate.
            started: AtomicBool,
        }
    }
}

fn new_dropwhile(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [predicate, iterable] = exactly(cx, class, "dropwhile", args)?;
    let iterator = get_iter(cx, iterable)?;
    let contents = DropWhile {
        header: Default::default(),
        predicate: Field::new(predicate),
        iterator: Field::new(iterator),
        started: AtomicBool::new(false),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_dropwhile(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<DropWhile>(cx, value);
    loop {
        let Some(item) = next_of(cx, this.iterator.get_or_none())? else { return Ok(None) };
        if this.started.load(Ordering::Relaxed) {
            return Ok(Some(item));
        }
        let answer = cx.call(this.predicate.get_or_none(), &[item])?;
        if !is_true(cx, answer)? {
            this.started.store(true, Ordering::Relaxed);
            return Ok(Some(item));
        }
        cx.poll()?;
    }
}

/// `itertools.dropwhile`.
pub static DROPWHILE_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "dropwhile(predicate, iterable, /)\n--\n\nDrop items from the iterable while predicate(item) is true.\n\n\
          Afterwards, return every element until the iterable is exhausted.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_dropwhile), iter: Some(itself), next: Some(next_dropwhile), ..Slots::NONE },
    ..TypeDef::new("dropwhile", &DROPWHILE_LAYOUT)
};

native_cell! {
    /// The cell of a `takewhile`.
    pub struct TakeWhile("itertools.takewhile", TAKEWHILE_LAYOUT) {
        traced { predicate: Field, iterator: Field }
        plain {
            /// Whether an item failed the predicate.
            stopped: AtomicBool,
        }
    }
}

fn new_takewhile(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [predicate, iterable] = exactly(cx, class, "takewhile", args)?;
    let iterator = get_iter(cx, iterable)?;
    let contents = TakeWhile {
        header: Default::default(),
        predicate: Field::new(predicate),
        iterator: Field::new(iterator),
        stopped: AtomicBool::new(false),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_takewhile(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<TakeWhile>(cx, value);
    if this.stopped.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let Some(item) = next_of(cx, this.iterator.get_or_none())? else { return Ok(None) };
    let answer = cx.call(this.predicate.get_or_none(), &[item])?;
    if is_true(cx, answer)? {
        return Ok(Some(item));
    }
    this.stopped.store(true, Ordering::Relaxed);
    Ok(None)
}

/// `itertools.takewhile`.
pub static TAKEWHILE_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "takewhile(predicate, iterable, /)\n--\n\nReturn successive entries from an iterable as long as the predicate evaluates to true for each entry.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_takewhile), iter: Some(itself), next: Some(next_takewhile), ..Slots::NONE },
    ..TypeDef::new("takewhile", &TAKEWHILE_LAYOUT)
};

// ---- filterfalse

native_cell! {
    /// The cell of a `filterfalse`.
    pub struct FilterFalse("itertools.filterfalse", FILTERFALSE_LAYOUT) {
        traced { function: Field, iterator: Field }
        plain {}
    }
}

fn new_filterfalse(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [function, iterable] = exactly(cx, class, "filterfalse", args)?;
    let iterator = get_iter(cx, iterable)?;
    let contents =
        FilterFalse { header: Default::default(), function: Field::new(function), iterator: Field::new(iterator) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn next_filterfalse(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<FilterFalse>(cx, value);
    let function = this.function.get_or_none();
    let by_truth = function.is_none() || function == cx.builtin_type(ids::BOOL).value();
    loop {
        let Some(item) = next_of(cx, this.iterator.get_or_none())? else { return Ok(None) };
        let answer = if by_truth { item } else { cx.call(function, &[item])? };
        if !is_true(cx, answer)? {
            return Ok(Some(item));
        }
        cx.poll()?;
    }
}

/// `itertools.filterfalse`.
pub static FILTERFALSE_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "filterfalse(function, iterable, /)\n--\n\nReturn those items of iterable for which function(item) is false.\n\n\
          If function is None, return the items that are false.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_filterfalse), iter: Some(itself), next: Some(next_filterfalse), ..Slots::NONE },
    ..TypeDef::new("filterfalse", &FILTERFALSE_LAYOUT)
};

// ---- islice

native_cell! {
    /// The cell of an `islice`.
    pub struct Slice("itertools.islice", ISLICE_LAYOUT) {
        traced {
            /// Empty at the end.
            iterator: Field,
        }
        plain {
            /// Which item of the iterator is yielded next.
            next: AtomicI64,
            /// How many items were taken from the iterator.
            taken: AtomicI64,
            /// −1 for none.
            stop: i64,
            step: i64,
        }
    }
}

/// An argument as an index; `None` for what is not one or does not fit, whatever the reason.
fn bound(cx: &Cx, value: Value) -> Option<i64> {
    if !is_index(cx, value) && !value.is_bool() {
        return None;
    }
    match index(cx, value) {
        Ok(int) => as_index_i64(cx, int),
        Err(raised) => {
            cx.take_exception(raised);
            None
        }
    }
}

/// Start, stop (−1 for none) and step.
fn bounds(cx: &Cx, args: Args<'_>) -> PyResult<(i64, i64, i64)> {
    let bad_stop = "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
    let (start, stop) = if args.len() == 2 { (None, args.get(1)) } else { (args.get(1), args.get(2)) };
    let start = start.and_then(Value::not_none).map_or(0, |start| bound(cx, start).unwrap_or(-1));
    let stop = match stop.and_then(Value::not_none) {
        None => -1,
        Some(stop) => match bound(cx, stop) {
            None | Some(-1) => return Err(cx.value_error(bad_stop)),
            Some(stop) => stop,
        },
    };
    if start < 0 || stop < -1 {
        let message = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.";
        return Err(cx.value_error(message));
    }
    let step = args.get(3).and_then(Value::not_none).map_or(1, |step| bound(cx, step).unwrap_or(-1));
    if step < 1 {
        return Err(cx.value_error("Step for islice() must be a positive integer or None."));
    }
    Ok((start, stop, step))
}

fn new_islice(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if !class.is_heap_type() || object::is_plain_init(class) {
        args.no_keywords(cx, "islice")?;
    }
    let given = args.len();
    if !(2..=4).contains(&given) {
        let bound = if given < 2 { "at least 2" } else { "at most 4" };
        return Err(raise!(cx, TypeError, "islice expected {bound} arguments, got {given}"));
    }
    let iterable = args.get(0);
    let (start, stop, step) = bounds(cx, args)?;
    let iterator = get_iter(cx, iterable.unwrap_or(Value::NONE))?;
    let contents = Slice {
        header: Default::default(),
        iterator: Field::new(iterator),
        next: AtomicI64::new(start),
        taken: AtomicI64::new(0),
        stop,
        step,
    };
    Ok(cx.allocate_instance(class, contents).value())
}

/// The next item of a slice whose iterator is not at its end yet.
fn step_islice(cx: &Cx, this: Ref<Slice>, iterator: Value) -> PyResult<Option<Value>> {
    let (next, stop) = (this.next.load(Ordering::Relaxed), this.stop);
    let mut taken = this.taken.load(Ordering::Relaxed);
    while taken < next {
        if next_of(cx, iterator)?.is_none() {
            return Ok(None);
        }
        taken += 1;
        this.taken.store(taken, Ordering::Relaxed);
        cx.poll()?;
    }
    if stop != -1 && taken >= stop {
        return Ok(None);
    }
    let Some(item) = next_of(cx, iterator)? else { return Ok(None) };
    this.taken.store(taken + 1, Ordering::Relaxed);
    let after = match next.checked_add(this.step) {
        Some(after) if stop == -1 || after <= stop => after,
        _ => stop,
    };
    this.next.store(after, Ordering::Relaxed);
    Ok(Some(item))
}

fn next_islice(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this::<Slice>(cx, value);
    let Some(iterator) = this.iterator.get() else { return Ok(None) };
    let item = step_islice(cx, this, iterator);
    if !matches!(item, Ok(Some(_))) {
        this.iterator.clear(cx);
    }
    item
}

/// `itertools.islice`.
pub static ISLICE_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "islice(iterable, stop) --> islice object\nislice(iterable, start, stop[, step]) --> islice object\n\n\
          An iterator over the items of a slice of an iterable: those from start (0 if it is not given) up to stop, every\n\
          step-th of them. Works like a slice of a list but returns an iterator.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new_islice), iter: Some(itself), next: Some(next_islice), ..Slots::NONE },
    ..TypeDef::new("islice", &ISLICE_LAYOUT)
};
