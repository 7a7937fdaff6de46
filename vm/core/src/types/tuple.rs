//! `tuple`: a fixed row of values, immutable once published.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use countless_common::number::hash::TupleHasher;
use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Slot, Tracer, init_slots};

use super::ids;
use super::sequence::{
    compare_items, contains_item, count_items, find_item, poll_at, repeat_count, resolve_index, write_items,
};
use super::slice::Slice;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::compare;
use crate::object::protocol::item::{Bounds, slice_bounds};
use crate::object::protocol::iter::to_tuple;
use crate::object::protocol::number::{index_i64, index_position, is_index};
use crate::object::protocol::object::hash as hash_of;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell: the items follow it. The length never changes.
#[repr(C)]
pub struct Tuple {
    header: Header,
    length: usize,
    /// The hash plus one, or 0 while it is not known (−1 is never a hash). Whoever computes it stores the same.
    hash: AtomicU64,
}

/// The layout of tuples.
pub static LAYOUT: Layout = Layout::of::<Tuple>("tuple", ids::TUPLE, Some(&super::object::LAYOUT)).variable();

// SAFETY: `repr(C)`, header first, zero is an empty tuple; all items are reported.
unsafe impl Cell for Tuple {
    #[inline]
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: `length` items follow the cell; they are not written after publication.
        unsafe { tracer.slots(self.items(), self.length) };
    }
}

impl Tuple {
    #[inline(always)]
    pub(crate) fn items(&self) -> *const Slot {
        (&raw const *self).wrapping_add(1).cast()
    }

    /// How many items.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// An item; `None` behind the last.
    #[inline(always)]
    pub fn item(&self, index: usize) -> Option<Value> {
        if index < self.length { Some(self.get(index)) } else { None }
    }

    /// An item; panics if there are not so many.
    #[inline(always)]
    pub fn get(&self, index: usize) -> Value {
        assert!(index < self.length);
        // SAFETY: the index is in range.
        let word = unsafe { (*self.items().add(index)).load_relaxed() };
        Value::from_word(word).unwrap_or(Value::UNBOUND)
    }

    /// An item.
    ///
    /// # Safety
    ///
    /// There are more items than that.
    #[inline(always)]
    unsafe fn get_unchecked(&self, index: usize) -> Value {
        debug_assert!(index < self.length);
        // SAFETY: the caller's contract; the items of a published tuple are values, whose words are not zero.
        unsafe { Value::from_word((*self.items().add(index)).load_relaxed()).unwrap_unchecked() }
    }

    /// The fixed part of a cell under construction.
    pub(super) fn blank(length: usize) -> Tuple {
        Tuple { header: Header::default(), length, hash: AtomicU64::new(0) }
    }

    /// The hash, if it was computed before.
    #[inline(always)]
    pub fn known_hash(&self) -> Option<i64> {
        let stored = self.hash.load(Ordering::Relaxed);
        if stored == 0 { None } else { Some(stored.wrapping_sub(1) as i64) }
    }

    /// Bytes of a tuple's cell.
    pub const fn size_for(length: usize) -> Option<usize> {
        match length.checked_mul(8) {
            Some(bytes) => bytes.checked_add(size_of::<Tuple>()),
            None => None,
        }
    }
}

impl Ref<Tuple> {
    /// The items. (The iterator keeps the tuple alive: it holds this copy of the reference.)
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator {
        (0..self.len()).map(move |index| self.get(index))
    }

    /// Fills an item of a tuple that nobody else has seen.
    #[inline]
    pub fn init(self, index: usize, value: Value) {
        assert!(index < self.length);
        // SAFETY: the index is in range; the caller has just made the tuple.
        unsafe { (*self.items().add(index)).init(value.word()) }
    }
}

impl Ref<Tuple> {
    /// The items of a slice.
    pub fn slice(self, cx: &Cx, bounds: Bounds) -> PyResult<Ref<Tuple>> {
        let Bounds { start, step, length, .. } = bounds;
        if length == 0 {
            return Ok(cx.empty_tuple());
        }
        if length == self.len() && step == 1 && self.value().is_exactly(ids::TUPLE) {
            return Ok(self);
        }
        let result = cx.try_new_blank_tuple(length)?;
        if step == 1 {
            // SAFETY: the bounds are within this tuple; the other has `length` items and was just made.
            unsafe { init_slots(self.items().add(start as usize), result.items(), length) };
        } else {
            for index in 0..length {
                result.init(index, self.get((start + index as isize * step) as usize));
            }
        }
        Ok(result)
    }

    /// A plain tuple of items `from..to`, which must be in range.
    pub fn range(self, cx: &Cx, from: usize, to: usize) -> PyResult<Ref<Tuple>> {
        self.slice(cx, Bounds { start: from as isize, stop: to as isize, step: 1, length: to - from })
    }

    /// The items of this tuple and then those of the other.
    pub fn concatenated(self, cx: &Cx, other: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
        if other.is_empty() && self.value().is_exactly(ids::TUPLE) {
            return Ok(self);
        }
        if self.is_empty() && other.value().is_exactly(ids::TUPLE) {
            return Ok(other);
        }
        let (first, second) = (self.len(), other.len());
        let result = cx.try_new_blank_tuple(first.saturating_add(second))?;
        // SAFETY: the new tuple, just made, has room for the items of both.
        unsafe {
            init_slots(self.items(), result.items(), first);
            init_slots(other.items(), result.items().add(first), second);
        }
        Ok(result)
    }
}

impl Cx {
    /// The empty tuple, of which there is one.
    pub fn empty_tuple(&self) -> Ref<Tuple> {
        let field = &self.vm().empty_tuple;
        if let Some(empty) = field.get() {
            return empty;
        }
        let fresh = self.allocate_as(ids::TUPLE, size_of::<Tuple>(), Tuple::blank(0));
        match field.untyped().compare_exchange(self, None, Some(fresh.value())) {
            Ok(()) => fresh,
            Err(_) => field.get().unwrap_or(fresh),
        }
    }

    /// A tuple of the values.
    pub fn new_tuple(&self, values: &[Value]) -> Ref<Tuple> {
        if values.is_empty() {
            return self.empty_tuple();
        }
        let tuple = self.new_blank_tuple(values.len());
        for (index, &value) in values.iter().enumerate() {
            tuple.init(index, value);
        }
        tuple
    }

    /// A tuple whose items are to be filled by [`Ref::<Tuple>::init`] before anyone else sees it. For lengths that are
    /// known to fit memory.
    #[inline]
    pub fn new_blank_tuple(&self, length: usize) -> Ref<Tuple> {
        let size = size_of::<Tuple>() + length * 8;
        self.allocate_as(ids::TUPLE, size, Tuple::blank(length))
    }

    /// The same for a length that the program chose.
    pub fn try_new_blank_tuple(&self, length: usize) -> PyResult<Ref<Tuple>> {
        let size = Tuple::size_for(length).ok_or(()).map_err(|()| self.memory_error())?;
        self.try_allocate_as(ids::TUPLE, size, Tuple::blank(length))
    }
}

// ---- the iterator

/// The iterator's cell. A step stores the position after it, so threads that share one may get the same item.
#[repr(C)]
pub struct TupleIterator {
    header: Header,
    /// Empty at the end.
    tuple: RefField<Tuple>,
    index: AtomicUsize,
}

/// The layout of iterators.
pub static ITERATOR_LAYOUT: Layout =
    Layout::of::<TupleIterator>("tuple_iterator", ids::TUPLE_ITERATOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the tuple is reported.
unsafe impl Cell for TupleIterator {
    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.tuple.trace(tracer);
    }
}

impl TupleIterator {
    /// The next item; `None` at the end.
    #[inline(always)]
    pub fn step(&self, cx: &Cx) -> Option<Value> {
        let tuple = self.tuple.get()?;
        let index = self.index.load(Ordering::Relaxed);
        let item = tuple.item(index);
        match item {
            Some(_) => self.index.store(index + 1, Ordering::Relaxed),
            None => self.tuple.set_option(cx, None),
        }
        item
    }
}

fn iterator(value: Value) -> Ref<TupleIterator> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn iterator_next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step(cx))
}

fn iterator_length_hint(_cx: &Cx, iterator: Ref<TupleIterator>) -> PyResult {
    let length = iterator.tuple.get().map_or(0, |tuple| tuple.len());
    Ok(Value::length(length.saturating_sub(iterator.index.load(Ordering::Relaxed))))
}

fn iterator_reduce(cx: &Cx, iterator: Ref<TupleIterator>) -> PyResult {
    let iter = cx.builtin("iter")?;
    Ok(match iterator.tuple.get() {
        Some(tuple) => {
            let index = Value::length(iterator.index.load(Ordering::Relaxed));
            let arguments = cx.new_tuple(&[tuple.value()]).value();
            cx.new_tuple(&[iter, arguments, index]).value()
        }
        None => {
            let arguments = cx.new_tuple(&[cx.empty_tuple().value()]).value();
            cx.new_tuple(&[iter, arguments]).value()
        }
    })
}

fn iterator_set_state(cx: &Cx, iterator: Ref<TupleIterator>, state: Value) -> PyResult {
    let index = index_i64(cx, state)?;
    if let Some(tuple) = iterator.tuple.get() {
        iterator.index.store(index.clamp(0, tuple.len() as i64) as usize, Ordering::Relaxed);
    }
    Ok(Value::NONE)
}

// ---- the protocols

fn tuple(value: Value) -> Ref<Tuple> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let exact = class == cx.builtin_type(ids::TUPLE);
    if exact || super::object::is_plain_init(class) {
        args.no_keywords(cx, "tuple")?;
    }
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "tuple expected at most 1 argument, got {}", args.len()));
    }
    let items = match args.get(0) {
        Some(iterable) => to_tuple(cx, iterable)?,
        None => cx.empty_tuple(),
    };
    if exact { Ok(items.value()) } else { cx.new_tuple_instance(class, items).map(Ref::value) }
}

impl Cx {
    /// An instance of a subclass of tuple (or of tuple itself) with the items of another tuple.
    pub fn new_tuple_instance(&self, class: Ref<TypeObject>, items: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
        let length = items.len();
        let instance = self.allocate_variable_instance(class, length * 8, Tuple::blank(length))?;
        for (index, item) in items.iter().enumerate() {
            instance.init(index, item);
        }
        Ok(instance)
    }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let tuple = tuple(value);
    if tuple.is_empty() {
        return Ok(cx.new_str("()").value());
    }
    cx.guard_repr(value, "(...)", || {
        let mut out = Wtf8Buf::from("(");
        if write_items(cx, &mut out, |index| tuple.item(index))? == 1 {
            out.push_str(",");
        }
        out.push_str(")");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    let tuple = tuple(value);
    if let Some(hash) = tuple.known_hash() {
        return Ok(hash);
    }
    cx.check_native_stack_while(" while hashing a tuple")?;
    let mut hasher = TupleHasher::new();
    for (index, item) in tuple.iter().enumerate() {
        hasher.add(hash_of(cx, item)?);
        poll_at(cx, index)?;
    }
    let hash = hasher.finish();
    tuple.hash.store((hash as u64).wrapping_add(1), Ordering::Relaxed);
    Ok(hash)
}

/// Whether two tuples have equal items.
pub fn equal(cx: &Cx, left: Ref<Tuple>, right: Ref<Tuple>) -> PyResult<bool> {
    let common = left.len().min(right.len());
    for index in 0..common {
        // SAFETY: both tuples have more items than that.
        let (a, b) = unsafe { (left.get_unchecked(index), right.get_unchecked(index)) };
        if a != b && (Value::both_small_ints(a, b) || !compare::equal(cx, a, b)?) {
            return Ok(false);
        }
        poll_at(cx, index)?;
    }
    Ok(left.len() == right.len())
}

/// The slot.
pub fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.downcast::<Tuple>(cx), right.downcast::<Tuple>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match comparison {
        Comparison::Equal => return equal(cx, left, right).map(Value::bool),
        Comparison::NotEqual => return equal(cx, left, right).map(|equal| Value::bool(!equal)),
        _ => {}
    }
    compare_items(cx, comparison, |index| left.item(index), |index| right.item(index))
}

/// `iter(tuple)`.
pub fn new_iterator(cx: &Cx, tuple: Ref<Tuple>) -> Value {
    let contents = TupleIterator { header: Header::default(), tuple: RefField::new(tuple), index: AtomicUsize::new(0) };
    cx.allocate(contents).value()
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    Ok(new_iterator(cx, tuple(value)))
}

fn length(_cx: &Cx, value: Value) -> PyResult<usize> {
    Ok(tuple(value).len())
}

fn contains(cx: &Cx, value: Value, item: Value) -> PyResult<bool> {
    let tuple = tuple(value);
    contains_item(cx, item, |index| tuple.item(index))
}

/// `tuple[key]`, also for types that are tuples underneath.
pub(super) fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    let tuple = tuple(value);
    if is_index(cx, key) {
        let index = match key.as_small_int() {
            Some(index) => index as isize,
            None => index_position(cx, key)?,
        };
        let found = resolve_index(index, tuple.len()).map(|index| tuple.get(index));
        return found.ok_or(()).map_err(|()| cx.index_error("tuple index out of range"));
    }
    match key.exact::<Slice>() {
        Some(slice) => {
            let bounds = slice_bounds(cx, slice, tuple.len())?;
            tuple.slice(cx, bounds).map(Ref::value)
        }
        None => {
            let class = key.class_name(cx);
            Err(raise!(cx, TypeError, "tuple indices must be integers or slices, not {class}"))
        }
    }
}

fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    match right.downcast::<Tuple>(cx) {
        Some(right) => tuple(left).concatenated(cx, right).map(Ref::value),
        None => {
            let class = right.class_name(cx);
            Err(raise!(cx, TypeError, "can only concatenate tuple (not \"{class}\") to tuple"))
        }
    }
}

fn repeat(cx: &Cx, value: Value, count: Value) -> PyResult {
    let times = repeat_count(cx, count)?;
    let tuple = tuple(value);
    let length = tuple.len();
    if (length == 0 || times == 1) && value.is_exactly(ids::TUPLE) {
        return Ok(value);
    }
    if length == 0 || times == 0 {
        return Ok(cx.empty_tuple().value());
    }
    let Some(total) = length.checked_mul(times) else { return Err(cx.memory_error()) };
    let result = cx.try_new_blank_tuple(total)?;
    for round in 0..times {
        // SAFETY: the new tuple has room for `times` times the items; nobody else has seen it.
        unsafe { init_slots(tuple.items(), result.items().add(round * length), length) };
        poll_at(cx, round)?;
    }
    Ok(result.value())
}

fn index(cx: &Cx, tuple: Ref<Tuple>, args: Args<'_>) -> PyResult {
    match find_item(cx, args, tuple.len(), |index| tuple.item(index))? {
        Some(index) => Ok(Value::length(index)),
        None => Err(cx.value_error("tuple.index(x): x not in tuple")),
    }
}

fn count(cx: &Cx, tuple: Ref<Tuple>, value: Value) -> PyResult {
    count_items(cx, value, |index| tuple.item(index)).map(Value::length)
}

fn getnewargs(cx: &Cx, tuple: Ref<Tuple>) -> PyResult {
    let length = tuple.len();
    let items = cx.try_new_blank_tuple(length)?;
    for (index, item) in tuple.iter().enumerate() {
        items.init(index, item);
    }
    Ok(cx.new_tuple(&[items.value()]).value())
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    super::generic_alias::new(cx, class, item)
}

static METHODS: &[Method] = &[
    Method::none("__getnewargs__", getnewargs, "__getnewargs__($self, /)\n--\n\n"),
    Method::many(
        "index",
        index,
        "index($self, value, start=0, stop=sys.maxsize, /)\n--\n\nReturn where value is first found.\n\n\
         ValueError if it is not there.",
    ),
    Method::one("count", count, "count($self, value, /)\n--\n\nReturn how many items are equal to value."),
    Method::one(
        "__class_getitem__",
        class_getitem,
        "__class_getitem__($type, object, /)\n--\n\ntuple[first_type, second_type] or tuple[item_type, ...], for annotations",
    )
    .on_class(),
];

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "tuple(iterable=(), /)\n--\n\nAn immutable sequence.\n\nWithout an argument the empty tuple; else one of the \
          argument's items: a tuple itself stays what it is.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::SEQUENCE).with(TypeFlags::MATCH_SELF),
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        hash: Some(hash),
        compare: Some(compare),
        iter: Some(iter),
        length: Some(length),
        subscript: Some(subscript),
        contains: Some(contains),
        concatenate: Some(concatenate),
        repeat: Some(repeat),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("tuple", &LAYOUT)
};

/// The iterator's class.
pub static ITERATOR_TYPE: TypeDef = TypeDef {
    base: Some(&super::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(iterator_next), ..Slots::NONE },
    methods: &[
        Method::none(
            "__length_hint__",
            iterator_length_hint,
            "__length_hint__($self, /)\n--\n\nReturn about how many items are left.",
        ),
        Method::none("__reduce__", iterator_reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
        Method::one("__setstate__", iterator_set_state, "__setstate__($self, object, /)\n--\n\nTake up pickled state."),
    ],
    ..TypeDef::new("tuple_iterator", &ITERATOR_LAYOUT)
};
