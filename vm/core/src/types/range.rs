//! `range` and its two iterators.
//!
//! A range keeps its bounds and its length as ints of any size; most are small, and have a way of their own. The iterator of a
//! range within 64 bits is three machine words that the interpreter may step inline: it ends when the position *equals*
//! the end, which is a whole number of steps from the start, so that the sign of the step does not matter, and threads
//! that share it store positions of the range only.

use std::sync::atomic::{AtomicI64, Ordering};

use countless_common::number::hash::TupleHasher;
use countless_gc::{Header, Tracer};

use super::ids;
use super::sequence::resolve_index;
use super::slice::Slice;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::compare::{compare_bool, equal};
use crate::object::protocol::iter;
use crate::object::protocol::number::{BinaryOperator, as_index_i64, binary, index, index_i64, is_index};
use crate::object::protocol::object::{hash as hash_of, repr as repr_of};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell. Immutable; all fields are ints.
#[repr(C)]
pub struct Range {
    header: Header,
    start: Field,
    stop: Field,
    step: Field,
    length: Field,
}

/// The layout of ranges.
pub static LAYOUT: Layout = Layout::of::<Range>("range", ids::RANGE, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a range of nothing (never used); all fields are reported.
unsafe impl Cell for Range {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.start.trace(tracer);
        self.stop.trace(tracer);
        self.step.trace(tracer);
        self.length.trace(tracer);
    }
}

/// A range of small ints whose length is one too, and whose items and end are machine ints.
#[derive(Clone, Copy)]
struct Small {
    start: i64,
    step: i64,
    length: i64,
}

impl Small {
    /// The item at a position up to the length.
    fn item(self, position: i64) -> i64 {
        self.start + position * self.step
    }

    /// Where the int stands in the range.
    fn position(self, item: i64) -> Option<i64> {
        let distance = item as i128 - self.start as i128;
        let position = distance / self.step as i128;
        (distance % self.step as i128 == 0 && (0..self.length as i128).contains(&position)).then_some(position as i64)
    }
}

fn length_of(start: i128, stop: i128, step: i128) -> i128 {
    let distance = if step > 0 { stop - start } else { start - stop };
    if distance <= 0 { 0 } else { (distance - 1) / step.abs() + 1 }
}

impl Range {
    /// The first bound.
    pub fn start(&self) -> Value {
        self.start.get_or_none()
    }

    /// The bound that is not reached.
    pub fn stop(&self) -> Value {
        self.stop.get_or_none()
    }

    /// The step.
    pub fn step(&self) -> Value {
        self.step.get_or_none()
    }

    /// The length, an int of any size.
    pub fn length(&self) -> Value {
        self.length.get_or_none()
    }

    fn small(&self) -> Option<Small> {
        let (start, step) = (self.start().as_small_int()?, self.step().as_small_int()?);
        let length = self.length().as_small_int()?;
        // All items are machine ints, also where the bound beyond the last is none.
        length.checked_mul(step)?.checked_add(start)?;
        Some(Small { start, step, length })
    }
}

/// An exact int of the same value, of an int or an instance of a subclass.
fn exact_int(cx: &Cx, value: Value) -> PyResult {
    if value.is_small_int() {
        return Ok(value);
    }
    let int = index(cx, value)?;
    match as_index_i64(cx, int) {
        Some(small) => Ok(cx.new_int_from_i64(small)),
        None => Ok(crate::types::int::to_exact(cx, int)),
    }
}

fn add(cx: &Cx, a: Value, b: Value) -> PyResult {
    binary(cx, a, b, BinaryOperator::Add)
}

fn subtract(cx: &Cx, a: Value, b: Value) -> PyResult {
    binary(cx, a, b, BinaryOperator::Subtract)
}

fn multiply(cx: &Cx, a: Value, b: Value) -> PyResult {
    binary(cx, a, b, BinaryOperator::Multiply)
}

fn floor_divide(cx: &Cx, a: Value, b: Value) -> PyResult {
    binary(cx, a, b, BinaryOperator::FloorDivide)
}

fn less(cx: &Cx, a: Value, b: Value) -> PyResult<bool> {
    compare_bool(cx, a, b, Comparison::Less)
}

fn is_negative(cx: &Cx, int: Value) -> PyResult<bool> {
    less(cx, int, Value::int(0))
}

/// The length of a range, for bounds of any size.
fn compute_length(cx: &Cx, start: Value, stop: Value, step: Value) -> PyResult {
    if let (Some(start), Some(stop), Some(step)) = (start.as_small_int(), stop.as_small_int(), step.as_small_int()) {
        return Ok(cx.new_int_from_i64(length_of(start.into(), stop.into(), step.into()) as i64));
    }
    let (low, high, step) =
        if is_negative(cx, step)? { (stop, start, subtract(cx, Value::int(0), step)?) } else { (start, stop, step) };
    if !less(cx, low, high)? {
        return Ok(Value::int(0));
    }
    let last = subtract(cx, subtract(cx, high, low)?, Value::int(1))?;
    add(cx, floor_divide(cx, last, step)?, Value::int(1))
}

impl Cx {
    /// `range(start, stop, step)` of exact ints, the step not zero.
    pub fn new_range(&self, start: Value, stop: Value, step: Value) -> PyResult<Ref<Range>> {
        let length = compute_length(self, start, stop, step)?;
        Ok(self.allocate(Range {
            header: Header::default(),
            start: Field::new(start),
            stop: Field::new(stop),
            step: Field::new(step),
            length: Field::new(length),
        }))
    }
}

impl Ref<Range> {
    /// The item at a position in the range, for positions of any size.
    fn item(self, cx: &Cx, position: Value) -> PyResult {
        if let (Some(small), Some(position)) = (self.small(), position.as_small_int()) {
            return Ok(cx.new_int_from_i64(small.item(position)));
        }
        add(cx, self.start(), multiply(cx, position, self.step())?)
    }

    /// The length as a Rust number; OverflowError as CPython's `len`.
    fn len(self, cx: &Cx) -> PyResult<usize> {
        match as_index_i64(cx, self.length()) {
            Some(length) => Ok(length as usize),
            None => Err(cx.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }

    fn get(self, cx: &Cx, key: Value) -> PyResult {
        let position = exact_int(cx, key)?;
        let length = self.length();
        let position = if is_negative(cx, position)? { add(cx, position, length)? } else { position };
        if is_negative(cx, position)? || !less(cx, position, length)? {
            return Err(cx.index_error("range object index out of range"));
        }
        self.item(cx, position)
    }

    fn slice(self, cx: &Cx, slice: Ref<Slice>) -> PyResult<Ref<Range>> {
        let [start, stop, step] = slice.indices(cx, self.length())?;
        let (start, stop) = (self.item(cx, start)?, self.item(cx, stop)?);
        let step = multiply(cx, self.step(), step)?;
        cx.new_range(start, stop, step)
    }

    /// Where an int stands in the range.
    fn position_of(self, cx: &Cx, int: Value) -> PyResult<Option<Value>> {
        if let Some(small) = self.small() {
            let item = as_index_i64(cx, int);
            return Ok(item.and_then(|item| small.position(item)).map(Value::int));
        }
        let distance = subtract(cx, int, self.start())?;
        let rest = binary(cx, distance, self.step(), BinaryOperator::Modulo)?;
        let position = floor_divide(cx, distance, self.step())?;
        let within =
            equal(cx, rest, Value::int(0))? && !is_negative(cx, position)? && less(cx, position, self.length())?;
        Ok(within.then_some(position))
    }

    /// A small int that is where the iterator stands after so many steps: what `end` of an iterator is.
    fn end(self, cx: &Cx) -> PyResult {
        self.item(cx, self.length())
    }
}

fn range(value: Value) -> Ref<Range> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "range")?;
    let [first, second, third] = args.between::<3>(cx, "range", 1)?;
    let first = exact_int(cx, first.unwrap_or(Value::NONE))?;
    let Some(stop) = second else {
        return cx.new_range(Value::int(0), first, Value::int(1)).map(Ref::value);
    };
    let stop = exact_int(cx, stop)?;
    let step = match third {
        Some(step) => exact_int(cx, step)?,
        None => Value::int(1),
    };
    if step == Value::int(0) {
        return Err(cx.value_error("range() arg 3 must not be zero"));
    }
    cx.new_range(first, stop, step).map(Ref::value)
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let range = range(value);
    let start = repr_of(cx, range.start())?;
    let stop = repr_of(cx, range.stop())?;
    let (start, stop) = (start.as_wtf8(), stop.as_wtf8());
    if range.step() == Value::int(1) {
        return Ok(cx.new_str(&format!("range({start}, {stop})")).value());
    }
    let step = repr_of(cx, range.step())?;
    Ok(cx.new_str(&format!("range({start}, {stop}, {})", step.as_wtf8())).value())
}

/// What of a range takes part in comparison: an empty one has no start, a single item no step.
fn essence(range: Ref<Range>) -> [Value; 3] {
    let length = range.length();
    let start = if length == Value::int(0) { Value::NONE } else { range.start() };
    let step = if length == Value::int(0) || length == Value::int(1) { Value::NONE } else { range.step() };
    [length, start, step]
}

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    let mut hasher = TupleHasher::new();
    for part in essence(range(value)) {
        hasher.add(hash_of(cx, part)?);
    }
    Ok(hasher.finish())
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.exact::<Range>(), right.exact::<Range>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mut same = true;
    for (a, b) in essence(left).into_iter().zip(essence(right)) {
        same = same && equal(cx, a, b)?;
    }
    Ok(Value::bool(same == (comparison == Comparison::Equal)))
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    new_iterator(cx, range(value))
}

fn truth(_cx: &Cx, value: Value) -> PyResult<bool> {
    Ok(range(value).length() != Value::int(0))
}

fn length(cx: &Cx, value: Value) -> PyResult<usize> {
    range(value).len(cx)
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    let range = range(value);
    if let (Some(small), Some(index)) = (range.small(), key.as_small_int())
        && let Some(position) = resolve_index(index as isize, small.length as usize)
    {
        return Ok(cx.new_int_from_i64(small.item(position as i64)));
    }
    if is_index(cx, key) {
        return range.get(cx, key);
    }
    match key.exact::<Slice>() {
        Some(slice) => range.slice(cx, slice).map(Ref::value),
        None => Err(raise!(cx, TypeError, "range indices must be integers or slices, not {}", key.class_name(cx))),
    }
}

/// Whether the value is exactly an int or a bool, so that its place follows by arithmetic.
fn is_plain_int(value: Value) -> bool {
    value.is_small_int() || value.is_bool() || value.is_exactly(ids::INT)
}

/// Calls `visit` with every item of the range.
fn any_item(cx: &Cx, range: Ref<Range>, mut visit: impl FnMut(Value) -> PyResult<bool>) -> PyResult<bool> {
    let iterator = new_iterator(cx, range)?;
    let mut index = 0;
    while let Some(item) = iter::next(cx, iterator)? {
        if visit(item)? {
            return Ok(true);
        }
        super::sequence::poll_at(cx, index)?;
        index += 1;
    }
    Ok(false)
}

fn contains(cx: &Cx, value: Value, item: Value) -> PyResult<bool> {
    let range = range(value);
    if is_plain_int(item) {
        return Ok(range.position_of(cx, item)?.is_some());
    }
    any_item(cx, range, |candidate| equal(cx, candidate, item))
}

fn count(cx: &Cx, range: Ref<Range>, item: Value) -> PyResult {
    if is_plain_int(item) {
        return Ok(Value::int(range.position_of(cx, item)?.is_some() as i64));
    }
    let mut count = 0;
    any_item(cx, range, |candidate| {
        count += equal(cx, candidate, item)? as i64;
        Ok(false)
    })?;
    Ok(Value::int(count))
}

fn index_of(cx: &Cx, range: Ref<Range>, item: Value) -> PyResult {
    if is_plain_int(item) {
        return match range.position_of(cx, item)? {
            Some(position) => Ok(position),
            None => Err(cx.value_error("range.index(x): x not in range")),
        };
    }
    let mut position = 0;
    let found = any_item(cx, range, |candidate| {
        let found = equal(cx, candidate, item)?;
        position += !found as i64;
        Ok(found)
    })?;
    if found { Ok(Value::int(position)) } else { Err(cx.value_error("sequence.index(x): x not in sequence")) }
}

fn reversed(cx: &Cx, range: Ref<Range>) -> PyResult {
    let length = range.length();
    let last = range.item(cx, subtract(cx, length, Value::int(1))?)?;
    let step = subtract(cx, Value::int(0), range.step())?;
    let end = subtract(cx, range.start(), range.step())?;
    new_iterator_of(cx, last, end, step)
}

fn reduce(cx: &Cx, range: Ref<Range>) -> PyResult {
    let arguments = cx.new_tuple(&[range.start(), range.stop(), range.step()]);
    Ok(cx.new_tuple(&[cx.builtin_type(ids::RANGE).value(), arguments.value()]).value())
}

fn get_start(_cx: &Cx, range: Ref<Range>) -> PyResult {
    Ok(range.start())
}

fn get_stop(_cx: &Cx, range: Ref<Range>) -> PyResult {
    Ok(range.stop())
}

fn get_step(_cx: &Cx, range: Ref<Range>) -> PyResult {
    Ok(range.step())
}

// ---- iterators

/// The iterator of a range within 64 bits.
#[repr(C)]
pub struct RangeIterator {
    header: Header,
    /// The next item, or the end.
    current: AtomicI64,
    /// A whole number of steps behind the start.
    end: i64,
    step: i64,
}

/// The layout of iterators within 64 bits.
pub static ITERATOR_LAYOUT: Layout =
    Layout::of::<RangeIterator>("range_iterator", ids::RANGE_ITERATOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; there are no traced fields.
unsafe impl Cell for RangeIterator {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

/// The iterator of any other range.
#[repr(C)]
pub struct LongRangeIterator {
    header: Header,
    current: Field,
    end: Field,
    step: Field,
}

/// The layout of iterators beyond 64 bits.
pub static LONG_ITERATOR_LAYOUT: Layout =
    Layout::of::<LongRangeIterator>("longrange_iterator", ids::LONG_RANGE_ITERATOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; all fields are reported.
unsafe impl Cell for LongRangeIterator {
    fn layout() -> &'static Layout {
        &LONG_ITERATOR_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.current.trace(tracer);
        self.end.trace(tracer);
        self.step.trace(tracer);
    }
}

impl RangeIterator {
    /// The next item as a machine int; `None` at the end.
    #[inline(always)]
    pub fn step(&self) -> Option<i64> {
        let current = self.current.load(Ordering::Relaxed);
        if current == self.end {
            return None;
        }
        self.current.store(current.wrapping_add(self.step), Ordering::Relaxed);
        Some(current)
    }

    /// How many items are left.
    fn left(&self) -> u64 {
        let (current, end) = (self.current.load(Ordering::Relaxed), self.end);
        let distance = if self.step > 0 { end.wrapping_sub(current) } else { current.wrapping_sub(end) };
        distance as u64 / self.step.unsigned_abs().max(1)
    }
}

/// `iter(range)`.
pub fn new_iterator(cx: &Cx, range: Ref<Range>) -> PyResult {
    if let Some(small) = range.small() {
        return Ok(new_small_iterator(cx, small.start, small.item(small.length), small.step));
    }
    new_iterator_of(cx, range.start(), range.end(cx)?, range.step())
}

fn new_small_iterator(cx: &Cx, start: i64, end: i64, step: i64) -> Value {
    cx.allocate(RangeIterator { header: Header::default(), current: AtomicI64::new(start), end, step }).value()
}

/// An iterator from `start` in steps to `end`, which is a whole number of steps away.
fn new_iterator_of(cx: &Cx, start: Value, end: Value, step: Value) -> PyResult {
    if let (Some(start), Some(end), Some(step)) =
        (as_index_i64(cx, start), as_index_i64(cx, end), as_index_i64(cx, step))
        && end.checked_sub(start).is_some_and(|span| span != i64::MIN)
    {
        return Ok(new_small_iterator(cx, start, end, step));
    }
    Ok(cx
        .allocate(LongRangeIterator {
            header: Header::default(),
            current: Field::new(start),
            end: Field::new(end),
            step: Field::new(step),
        })
        .value())
}

fn iterator(value: Value) -> Ref<RangeIterator> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn long_iterator(value: Value) -> Ref<LongRangeIterator> {
    // SAFETY: as above.
    unsafe { Ref::from_value_unchecked(value) }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn iterator_next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step().map(|item| match Value::small_int(item) {
        Some(item) => item,
        None => cx.new_int_from_i64(item),
    }))
}

fn long_next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let iterator = long_iterator(value);
    let current = iterator.current.get_or_none();
    if equal(cx, current, iterator.end.get_or_none())? {
        return Ok(None);
    }
    let next = add(cx, current, iterator.step.get_or_none())?;
    iterator.current.set(cx, next);
    Ok(Some(current))
}

fn iterator_hint(cx: &Cx, iterator: Ref<RangeIterator>) -> PyResult {
    Ok(cx.new_int_from_u64(iterator.left()))
}

fn long_left(cx: &Cx, iterator: Ref<LongRangeIterator>) -> PyResult {
    let distance = subtract(cx, iterator.end.get_or_none(), iterator.current.get_or_none())?;
    floor_divide(cx, distance, iterator.step.get_or_none())
}

fn reduced(cx: &Cx, start: Value, stop: Value, step: Value) -> PyResult {
    let range = cx.new_range(start, stop, step)?;
    let arguments = cx.new_tuple(&[range.value()]).value();
    Ok(cx.new_tuple(&[cx.builtin("iter")?, arguments, Value::NONE]).value())
}

fn iterator_reduce(cx: &Cx, iterator: Ref<RangeIterator>) -> PyResult {
    let current = iterator.current.load(Ordering::Relaxed);
    let int = |int| cx.new_int_from_i64(int);
    reduced(cx, int(current), int(iterator.end), int(iterator.step))
}

fn long_reduce(cx: &Cx, iterator: Ref<LongRangeIterator>) -> PyResult {
    reduced(cx, iterator.current.get_or_none(), iterator.end.get_or_none(), iterator.step.get_or_none())
}

fn iterator_set_state(cx: &Cx, iterator: Ref<RangeIterator>, state: Value) -> PyResult {
    let steps = index_i64(cx, state)?.clamp(0, i64::try_from(iterator.left()).unwrap_or(i64::MAX));
    let current = iterator.current.load(Ordering::Relaxed);
    iterator.current.store(current.wrapping_add(steps.wrapping_mul(iterator.step)), Ordering::Relaxed);
    Ok(Value::NONE)
}

fn long_set_state(cx: &Cx, iterator: Ref<LongRangeIterator>, state: Value) -> PyResult {
    let mut steps = exact_int(cx, state)?;
    let left = long_left(cx, iterator)?;
    if is_negative(cx, steps)? {
        steps = Value::int(0);
    } else if less(cx, left, steps)? {
        steps = left;
    }
    let step = iterator.step.get_or_none();
    let current = add(cx, iterator.current.get_or_none(), multiply(cx, steps, step)?)?;
    iterator.current.set(cx, current);
    Ok(Value::NONE)
}

static METHODS: &[Method] = &[
    Method::none(
        "__reversed__",
        reversed,
        "__reversed__($self, /)\n--\n\nReturn an iterator from the last item to the first.",
    ),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\n"),
    Method::one("count", count, "count($self, object, /)\n--\n\nReturn how many items are equal to object."),
    Method::one(
        "index",
        index_of,
        "index($self, object, /)\n--\n\nReturn where object is found.\n\nValueError if it is not there.",
    ),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member("start", get_start, ""),
    GetSet::member("stop", get_stop, ""),
    GetSet::member("step", get_step, ""),
];

const HINT_DOC: &str = "__length_hint__($self, /)\n--\n\nReturn how many items are left.";
const REDUCE_DOC: &str = "__reduce__($self, /)\n--\n\nReturn what pickling needs.";
const STATE_DOC: &str = "__setstate__($self, object, /)\n--\n\nTake up pickled state.";

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\n\
          The ints from start (0 if it is left out) up to but not including stop, in steps (of 1).\n\
          So range(4) has the positions of a list of four items: 0, 1, 2, 3.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::SEQUENCE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(iter),
        bool: Some(truth),
        length: Some(length),
        subscript: Some(subscript),
        contains: Some(contains),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("range", &LAYOUT)
};

/// The class of iterators within 64 bits.
pub static ITERATOR_TYPE: TypeDef = TypeDef {
    base: Some(&super::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(iterator_next), ..Slots::NONE },
    methods: &[
        Method::none("__length_hint__", iterator_hint, HINT_DOC),
        Method::none("__reduce__", iterator_reduce, REDUCE_DOC),
        Method::one("__setstate__", iterator_set_state, STATE_DOC),
    ],
    ..TypeDef::new("range_iterator", &ITERATOR_LAYOUT)
};

/// The class of iterators beyond 64 bits.
pub static LONG_ITERATOR_TYPE: TypeDef = TypeDef {
    base: Some(&super::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(long_next), ..Slots::NONE },
    methods: &[
        Method::none("__length_hint__", long_left, HINT_DOC),
        Method::none("__reduce__", long_reduce, REDUCE_DOC),
        Method::one("__setstate__", long_set_state, STATE_DOC),
    ],
    ..TypeDef::new("longrange_iterator", &LONG_ITERATOR_LAYOUT)
};
