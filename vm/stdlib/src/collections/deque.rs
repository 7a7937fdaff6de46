//! `collections.deque`: a list that is quick at both ends.
//!
//! The items are in a [`Ring`]. Reading takes no lock; writing takes the deque's, under which nothing is allocated: room is
//! reserved before. Every change of what items there are counts in `changes`, which iterators compare.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};

use countless_vm::gc::lock;
use countless_vm::native::args::{Args, Signature};
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::native_cell;
use countless_vm::object::cell::{Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::iter;
use countless_vm::object::protocol::number::{self, index_i64};
use countless_vm::object::slots::{Comparison, Slots};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::type_object::TypeObject;

use super::deque_methods::{self as methods, METHODS};
use super::ring::{self, Ring};

native_cell! {
    /// The cell.
    pub struct Deque("collections.deque", LAYOUT) {
        traced {
            /// Empty for a deque that never had an item.
            ring: RefField<Ring>,
        }
        plain {
            changes: AtomicU64,
            /// The complement of the largest number of items; 0 for no limit.
            limit: AtomicI64,
        }
    }
}

impl Deque {
    /// How many items.
    pub fn len(&self) -> usize {
        self.ring.get().map_or(0, |ring| ring.len())
    }

    /// An item.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Value> {
        self.ring.get()?.get(index)
    }

    /// The largest number of items, if there is one.
    pub fn max_length(&self) -> Option<usize> {
        match self.limit.load(Ordering::Relaxed) {
            0 => None,
            limit => Some(!limit as usize),
        }
    }

    /// How often the items changed.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    pub(super) fn changed(&self) {
        self.changes.store(self.changes() + 1, Ordering::Relaxed);
    }

    /// Makes room for one more item.
    #[cold]
    fn grow(&self, cx: &Cx) -> PyResult<()> {
        let old = self.ring.get();
        let fresh = ring::new(cx, old.map_or(0, |ring| ring.len() + 1))?;
        let _guard = lock(cx.mutator(), &self.header);
        // Whoever changed the ring meanwhile made room, or will be followed by another try.
        if self.ring.get() == old && old.is_none_or(|old| old.len() < fresh.capacity()) {
            if let Some(old) = old {
                fresh.fill(cx, old);
            }
            self.ring.set(cx, fresh);
        }
        Ok(())
    }

    /// Adds an item at one end; if there are too many then, the item at the other end goes.
    #[inline]
    fn push(&self, cx: &Cx, item: Value, front: bool) -> PyResult<()> {
        let limit = self.max_length();
        if limit == Some(0) {
            return Ok(());
        }
        loop {
            {
                let _guard = lock(cx.mutator(), &self.header);
                if let Some(ring) = self.ring.get()
                    && if front { ring.push_front(cx, item) } else { ring.push_back(cx, item) }
                {
                    while limit.is_some_and(|limit| ring.len() > limit) {
                        if front {
                            ring.pop_back(cx)
                        } else {
                            ring.pop_front(cx)
                        };
                    }
                    self.changed();
                    return Ok(());
                }
            }
            self.grow(cx)?;
        }
    }

    /// Adds an item at the end.
    pub fn push_back(&self, cx: &Cx, item: Value) -> PyResult<()> {
        self.push(cx, item, false)
    }

    /// Adds an item at the beginning.
    pub fn push_front(&self, cx: &Cx, item: Value) -> PyResult<()> {
        self.push(cx, item, true)
    }

    /// Removes an item at one end.
    #[inline]
    pub fn pop(&self, cx: &Cx, front: bool) -> Option<Value> {
        let _guard = lock(cx.mutator(), &self.header);
        let ring = self.ring.get()?;
        let item = if front { ring.pop_front(cx) } else { ring.pop_back(cx) };
        if item.is_some() {
            self.changed();
        }
        item
    }

    /// Removes all items.
    pub fn clear(&self, cx: &Cx) {
        let _guard = lock(cx.mutator(), &self.header);
        self.ring.set_option(cx, None);
        self.changed();
    }

    /// Does something to the ring under the lock.
    pub(super) fn with_ring<R>(&self, cx: &Cx, act: impl FnOnce(Ref<Ring>) -> R) -> Option<R> {
        let _guard = lock(cx.mutator(), &self.header);
        self.ring.get().map(act)
    }
}

/// A limit as Python code sees it.
pub(super) fn length_limit(cx: &Cx, limit: Option<usize>) -> Value {
    limit.map_or(Value::NONE, |limit| cx.new_int(limit as i64))
}

/// An empty deque with the limit of another.
pub(super) fn allocate(cx: &Cx, limit: Option<usize>) -> Ref<Deque> {
    let limit = limit.map_or(0, |limit| !(limit as i64));
    cx.allocate(Deque {
        header: Default::default(),
        ring: RefField::empty(),
        changes: AtomicU64::new(0),
        limit: AtomicI64::new(limit),
    })
}

/// Adds the items of an iterable at one end.
pub(super) fn extend(cx: &Cx, deque: Ref<Deque>, iterable: Value, front: bool) -> PyResult<()> {
    // Items of the deque itself: those that it has now.
    let iterable = if iterable == deque.value() { iter::to_list(cx, iterable)?.value() } else { iterable };
    iter::for_each(cx, iterable, |item| deque.push(cx, item, front))
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = Deque {
        header: Default::default(),
        ring: RefField::empty(),
        changes: AtomicU64::new(0),
        limit: AtomicI64::new(0),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

static INIT: Signature<2> = Signature::new("deque", ["iterable", "maxlen"]);

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let deque = this::<Deque>(cx, value);
    let [iterable, limit] = INIT.bind(cx, args)?;
    let limit = match limit.and_then(Value::not_none) {
        None => 0,
        Some(limit) => {
            if !number::is_index(cx, limit) && !limit.is_bool() {
                return Err(cx.type_error("an integer is required"));
            }
            let limit = index_i64(cx, limit)?;
            if limit < 0 {
                return Err(cx.value_error("maxlen must be non-negative"));
            }
            !limit
        }
    };
    deque.limit.store(limit, Ordering::Relaxed);
    if deque.len() > 0 {
        deque.clear(cx);
    }
    match iterable {
        Some(iterable) => extend(cx, deque, iterable, false),
        None => Ok(()),
    }
}

/// The position that an index means; IndexError if there is none.
fn position(cx: &Cx, deque: Ref<Deque>, key: Value) -> PyResult<usize> {
    let index = match key.as_small_int() {
        Some(index) => index as isize,
        None if number::is_index(cx, key) || key.is_bool() => number::index_position(cx, key)?,
        None => {
            let class = key.class_name(cx);
            return Err(raise!(cx, TypeError, "sequence index must be integer, not '{class}'"));
        }
    };
    let length = deque.len() as isize;
    let index = if index < 0 { index + length } else { index };
    if (0..length).contains(&index) { Ok(index as usize) } else { Err(out_of_range(cx)) }
}

#[cold]
fn out_of_range(cx: &Cx) -> Raised {
    cx.index_error("deque index out of range")
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    let deque = this::<Deque>(cx, value);
    let index = position(cx, deque, key)?;
    deque.get(index).ok_or_else(|| out_of_range(cx))
}

fn assign_subscript(cx: &Cx, value: Value, key: Value, item: Option<Value>) -> PyResult<()> {
    let deque = this::<Deque>(cx, value);
    let index = position(cx, deque, key)?;
    match item {
        Some(item) => {
            deque.with_ring(cx, |ring| ring.set(cx, index, item));
        }
        None => methods::delete(cx, deque, index),
    }
    Ok(())
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.downcast::<Deque>(cx), right.downcast::<Deque>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    methods::compare_items(cx, left, right, comparison)
}

fn get_max_length(cx: &Cx, deque: Ref<Deque>) -> PyResult {
    Ok(length_limit(cx, deque.max_length()))
}

/// `collections.deque`.
pub static TYPE: TypeDef = TypeDef {
    module: "collections",
    doc: "deque([iterable[, maxlen]])\n--\n\nA list-like sequence that is quick at both ends.",
    base: Some(&countless_vm::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::WEAK_REFERENCES).with(TypeFlags::SEQUENCE),
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(methods::repr),
        compare: Some(compare),
        iter: Some(|cx, value| Ok(new_iterator(cx, this::<Deque>(cx, value), false))),
        length: Some(|cx, value| Ok(this::<Deque>(cx, value).len())),
        subscript: Some(subscript),
        assign_subscript: Some(assign_subscript),
        contains: Some(methods::contains),
        concatenate: Some(methods::concatenate),
        repeat: Some(methods::repeat),
        inplace_concatenate: Some(methods::inplace_concatenate),
        inplace_repeat: Some(methods::inplace_repeat),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: &[GetSet::read_only("maxlen", get_max_length, "maximum size of a deque or None if unbounded")],
    ..TypeDef::new("deque", &LAYOUT)
};

// ---- iterators

native_cell! {
    /// The cell of iterators forwards.
    pub struct DequeIterator("collections._deque_iterator", ITERATOR_LAYOUT) {
        traced { deque: RefField<Deque> }
        plain {
            changes: u64,
            /// How many items are left.
            left: AtomicUsize,
            backwards: bool,
        }
    }
}

native_cell! {
    /// The cell of iterators backwards.
    pub struct ReverseIterator("collections._deque_reverse_iterator", REVERSE_LAYOUT) {
        traced { inner: RefField<DequeIterator> }
        plain {}
    }
}

impl DequeIterator {
    fn next(&self, cx: &Cx) -> PyResult<Option<Value>> {
        let Some(deque) = self.deque.get() else { return Ok(None) };
        if deque.changes() != self.changes {
            self.left.store(0, Ordering::Relaxed);
            return Err(raise!(cx, RuntimeError, "deque mutated during iteration"));
        }
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Ok(None);
        }
        let index = if self.backwards { left - 1 } else { deque.len().wrapping_sub(left) };
        self.left.store(left - 1, Ordering::Relaxed);
        Ok(deque.get(index))
    }

    fn reduce(&self, cx: &Cx, own: Value) -> PyResult {
        let Some(deque) = self.deque.get() else { return Ok(Value::NONE) };
        let done = deque.len().saturating_sub(self.left.load(Ordering::Relaxed));
        let arguments = cx.new_tuple(&[deque.value(), Value::length(done)]);
        Ok(cx.new_tuple(&[cx.type_of(own).value(), arguments.value()]).value())
    }
}

fn allocate_iterator(cx: &Cx, deque: Ref<Deque>, backwards: bool) -> Ref<DequeIterator> {
    cx.allocate(DequeIterator {
        header: Default::default(),
        deque: RefField::new(deque),
        changes: deque.changes(),
        left: AtomicUsize::new(deque.len()),
        backwards,
    })
}

/// An iterator.
pub(super) fn new_iterator(cx: &Cx, deque: Ref<Deque>, backwards: bool) -> Value {
    let iterator = allocate_iterator(cx, deque, backwards);
    if !backwards {
        return iterator.value();
    }
    cx.allocate(ReverseIterator { header: Default::default(), inner: RefField::new(iterator) }).value()
}

/// The constructor that pickles call: a deque, and how many items to pass over.
fn make_iterator(cx: &Cx, args: Args<'_>, backwards: bool) -> PyResult {
    let (Some(deque), 1 | 2) = (args.get(0), args.len()) else {
        let given = args.len();
        let bound = if given == 0 { "at least 1 argument" } else { "at most 2 arguments" };
        return Err(raise!(cx, TypeError, "function takes {bound} ({given} given)"));
    };
    let Some(deque) = deque.downcast::<Deque>(cx) else {
        let class = deque.class_name(cx);
        return Err(raise!(cx, TypeError, "argument 1 must be collections.deque, not {class}"));
    };
    let passed = args.get(1).map_or(Ok(0), |passed| index_i64(cx, passed))?;
    let iterator = new_iterator(cx, deque, backwards);
    for _ in 0..passed {
        if iter::next(cx, iterator)?.is_none() {
            break;
        }
    }
    Ok(iterator)
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

const HINT_DOC: &str = "__length_hint__($self, /)\n--\n\nPrivate method returning an estimate of len(list(it)).";
const REDUCE_DOC: &str = "__reduce__($self, /)\n--\n\nReturn state information for pickling.";

/// The class of iterators forwards.
pub static ITERATOR_TYPE: TypeDef = TypeDef {
    module: "collections",
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots {
        new: Some(|cx, _class, args| make_iterator(cx, args, false)),
        iter: Some(itself),
        next: Some(|cx, value| this::<DequeIterator>(cx, value).next(cx)),
        ..Slots::NONE
    },
    methods: &[
        Method::none(
            "__length_hint__",
            |_cx, iterator: Ref<DequeIterator>| Ok(Value::length(iterator.left.load(Ordering::Relaxed))),
            HINT_DOC,
        ),
        Method::none(
            "__reduce__",
            |cx, iterator: Ref<DequeIterator>| iterator.reduce(cx, iterator.value()),
            REDUCE_DOC,
        ),
    ],
    ..TypeDef::new("_deque_iterator", &ITERATOR_LAYOUT)
};

/// The class of iterators backwards.
pub static REVERSE_ITERATOR_TYPE: TypeDef = TypeDef {
    module: "collections",
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots {
        new: Some(|cx, _class, args| make_iterator(cx, args, true)),
        iter: Some(itself),
        next: Some(|cx, value| match this::<ReverseIterator>(cx, value).inner.get() {
            Some(inner) => inner.next(cx),
            None => Ok(None),
        }),
        ..Slots::NONE
    },
    methods: &[
        Method::none(
            "__length_hint__",
            |_cx, iterator: Ref<ReverseIterator>| {
                let left = iterator.inner.get().map_or(0, |inner| inner.left.load(Ordering::Relaxed));
                Ok(Value::length(left))
            },
            HINT_DOC,
        ),
        Method::none(
            "__reduce__",
            |cx, iterator: Ref<ReverseIterator>| match iterator.inner.get() {
                Some(inner) => inner.reduce(cx, iterator.value()),
                None => Ok(Value::NONE),
            },
            REDUCE_DOC,
        ),
    ],
    ..TypeDef::new("_deque_reverse_iterator", &REVERSE_LAYOUT)
};
