//! `tee`: iterators that share what one iterator yields.
//!
//! Items are kept in a list of blocks. Each iterator knows a block and a place in it; a block that no iterator can reach
//! any more is garbage. Who comes to the end of the last block reads the next item for all.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Field, Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::iter::{get_iter, next as next_of};
use countless_vm::object::protocol::number::index_i64;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::list::List;
use countless_vm::types::list::array::Array;
use countless_vm::types::object;
use countless_vm::types::type_object::TypeObject;
use countless_vm::{native_cell, raise};

use super::{exactly, itself};

/// Items in a block.
const BLOCK: usize = 57;

native_cell! {
    /// The cell of a block.
    pub struct Block("itertools._tee_dataobject", DATA_LAYOUT) {
        traced {
            iterator: Field,
            items: RefField<Array>,
            next: RefField<Block>,
        }
        plain {
            /// How many items have been read.
            read: AtomicUsize,
            /// Whether a thread is reading one.
            reading: AtomicBool,
        }
    }
}

native_cell! {
    /// The cell of an iterator.
    pub struct Tee("itertools._tee", LAYOUT) {
        traced { block: RefField<Block> }
        plain { index: AtomicUsize }
    }
}

fn new_block(cx: &Cx, iterator: Value) -> PyResult<Ref<Block>> {
    let items = cx.new_array(BLOCK)?;
    Ok(cx.allocate(Block {
        header: Default::default(),
        iterator: Field::new(iterator),
        items: RefField::new(items),
        next: RefField::empty(),
        read: AtomicUsize::new(0),
        reading: AtomicBool::new(false),
    }))
}

impl Block {
    /// The item at a place, read now if it is the next one.
    fn get(&self, cx: &Cx, index: usize) -> PyResult<Option<Value>> {
        let Some(items) = self.items.get() else { return Ok(None) };
        if index < self.read.load(Ordering::Acquire) {
            return Ok(items.get(index));
        }
        if self.reading.swap(true, Ordering::Acquire) {
            return Err(raise!(cx, RuntimeError, "cannot re-enter the tee iterator"));
        }
        let item = match self.read.load(Ordering::Acquire) {
            // Another thread was first.
            read if index < read => Ok(items.get(index)),
            _ => next_of(cx, self.iterator.get_or_none()).inspect(|item| {
                if let Some(item) = *item
                    && index < items.capacity()
                {
                    items.field(index).set(cx, item);
                    self.read.store(index + 1, Ordering::Release);
                }
            }),
        };
        self.reading.store(false, Ordering::Release);
        item
    }

    /// The block after this one.
    fn following(&self, cx: &Cx) -> PyResult<Ref<Block>> {
        if let Some(next) = self.next.get() {
            return Ok(next);
        }
        let fresh = new_block(cx, self.iterator.get_or_none())?;
        match self.next.untyped().compare_exchange(cx, None, Some(fresh.value())) {
            Ok(()) => Ok(fresh),
            Err(_) => Ok(self.next.get().unwrap_or(fresh)),
        }
    }
}

fn allocate(cx: &Cx, block: Ref<Block>, index: usize) -> Value {
    let contents = Tee { header: Default::default(), block: RefField::new(block), index: AtomicUsize::new(index) };
    cx.allocate(contents).value()
}

/// An independent iterator over what this one would yield.
fn copy(cx: &Cx, tee: Ref<Tee>) -> PyResult {
    match tee.block.get() {
        Some(block) => Ok(allocate(cx, block, tee.index.load(Ordering::Relaxed))),
        None => Err(cx.runtime_error("a tee iterator has no data")),
    }
}

/// A tee iterator over an iterable: a copy of one that is one already.
fn of_iterable(cx: &Cx, iterable: Value) -> PyResult {
    let iterator = get_iter(cx, iterable)?;
    if let Some(tee) = iterator.downcast::<Tee>(cx) {
        return copy(cx, tee);
    }
    let block = new_block(cx, iterator)?;
    Ok(allocate(cx, block, 0))
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterable] = exactly(cx, class, "_tee", args)?;
    of_iterable(cx, iterable)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let tee = this::<Tee>(cx, value);
    let Some(mut block) = tee.block.get() else { return Ok(None) };
    let mut index = tee.index.load(Ordering::Relaxed);
    if index >= BLOCK {
        block = block.following(cx)?;
        tee.block.set(cx, block);
        index = 0;
        tee.index.store(0, Ordering::Relaxed);
    }
    let item = block.get(cx, index)?;
    if item.is_some() {
        tee.index.store(index + 1, Ordering::Relaxed);
    }
    Ok(item)
}

/// `itertools.tee`.
pub fn tee(cx: &Cx, _module: Value, args: Args<'_>) -> PyResult {
    let [iterable, count] = args.between::<2>(cx, "tee", 1)?;
    let count = count.map_or(Ok(2), |count| index_i64(cx, count))?;
    if count < 0 {
        return Err(cx.value_error("n must be >= 0"));
    }
    if count == 0 {
        return Ok(cx.empty_tuple().value());
    }
    let result = cx.try_new_blank_tuple(count as usize)?;
    let mut first = get_iter(cx, iterable.unwrap_or(Value::NONE))?;
    let mut copier = cx.get_attribute_optional(first, cx.names().__copy__)?;
    if copier.is_none() || first.downcast::<Tee>(cx).is_some() {
        first = of_iterable(cx, first)?;
        copier = cx.get_attribute_optional(first, cx.names().__copy__)?;
    }
    result.init(0, first);
    for index in 1..count as usize {
        let copy = cx.call(copier.unwrap_or(Value::NONE), &[])?;
        result.init(index, copy);
    }
    Ok(result.value())
}

/// `itertools._tee`.
pub static TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "_tee(iterable, /)\n--\n\nIterator wrapped to make it copyable.",
    base: Some(&object::TYPE),
    flags: TypeFlags::WEAK_REFERENCES,
    slots: Slots { new: Some(new), iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[Method::none("__copy__", copy, "__copy__($self, /)\n--\n\nReturns an independent iterator.")],
    ..TypeDef::new("_tee", &LAYOUT)
};

/// A block with items that have been read, and what follows it if it is full.
fn new_data(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [iterator, items, next] = args.exactly::<3>(cx, "_tee_dataobject")?;
    let Some(items) = items.downcast::<List>(cx) else {
        let class = items.class_name(cx);
        return Err(raise!(cx, TypeError, "_tee_dataobject() argument 2 must be list, not {class}"));
    };
    let invalid = || cx.value_error("Invalid arguments");
    let block = new_block(cx, iterator)?;
    let count = items.len();
    let Some(array) = block.items.get().filter(|_| count <= BLOCK) else { return Err(invalid()) };
    for (index, item) in items.iter().take(count).enumerate() {
        array.field(index).set(cx, item);
    }
    block.read.store(count, Ordering::Release);
    match next.not_none() {
        None => {}
        Some(next) => match next.downcast::<Block>(cx).filter(|_| count == BLOCK) {
            Some(next) => block.next.set(cx, next),
            None => return Err(invalid()),
        },
    }
    Ok(block.value())
}

/// `itertools._tee_dataobject`.
pub static DATA_TYPE: TypeDef = TypeDef {
    module: "itertools",
    doc: "teedataobject(iterable, values, next, /)\n--\n\nData container common to multiple tee objects.",
    base: Some(&object::TYPE),
    slots: Slots { new: Some(new_data), ..Slots::NONE },
    ..TypeDef::new("_tee_dataobject", &DATA_LAYOUT)
};
