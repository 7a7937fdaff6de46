//! The iterators of dicts and their views: over keys, values or entries, forwards or backwards.
//!
//! One cell serves the six types. A step stores the position after it, so threads that share an iterator may get the
//! same entry, but never one that was not in the dict.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer, TypeId};

use super::Dict;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::{ids, object};

/// What of the entries an iterator or a view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The keys.
    Keys,
    /// The values.
    Values,
    /// Pairs of both.
    Items,
}

impl Kind {
    /// What this kind shows of an entry.
    #[inline]
    pub fn show(self, cx: &Cx, (key, value): (Value, Value)) -> Value {
        match self {
            Kind::Keys => key,
            Kind::Values => value,
            Kind::Items => cx.new_tuple(&[key, value]).value(),
        }
    }
}

/// The cell.
#[repr(C)]
pub struct DictIterator {
    header: Header,
    /// Empty at the end.
    dict: RefField<Dict>,
    /// The next entry's number; backwards, that plus one.
    position: AtomicUsize,
    /// How many entries the dict had when the iteration began; [`CHANGED`] once it has been found to have another number.
    size: AtomicUsize,
    /// How many entries are left.
    left: AtomicUsize,
}

const CHANGED: usize = usize::MAX;

macro_rules! layouts {
    ($($layout:ident, $name:literal, $id:ident;)*) => {
        $(#[allow(missing_docs)]
        pub static $layout: Layout = Layout::of::<DictIterator>($name, ids::$id, Some(&object::LAYOUT));)*
    };
}

layouts! {
    KEYS_LAYOUT, "dict_keyiterator", DICT_KEY_ITERATOR;
    VALUES_LAYOUT, "dict_valueiterator", DICT_VALUE_ITERATOR;
    ITEMS_LAYOUT, "dict_itemiterator", DICT_ITEM_ITERATOR;
    REVERSE_KEYS_LAYOUT, "dict_reversekeyiterator", DICT_REVERSE_KEY_ITERATOR;
    REVERSE_VALUES_LAYOUT, "dict_reversevalueiterator", DICT_REVERSE_VALUE_ITERATOR;
    REVERSE_ITEMS_LAYOUT, "dict_reverseitemiterator", DICT_REVERSE_ITEM_ITERATOR;
}

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the dict is reported. All six layouts are of this
// cell and have no drop entry, so that it does not matter which of them this is.
unsafe impl Cell for DictIterator {
    fn layout() -> &'static Layout {
        &KEYS_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
    }
}

fn type_id(kind: Kind, backwards: bool) -> TypeId {
    match (kind, backwards) {
        (Kind::Keys, false) => ids::DICT_KEY_ITERATOR,
        (Kind::Values, false) => ids::DICT_VALUE_ITERATOR,
        (Kind::Items, false) => ids::DICT_ITEM_ITERATOR,
        (Kind::Keys, true) => ids::DICT_REVERSE_KEY_ITERATOR,
        (Kind::Values, true) => ids::DICT_REVERSE_VALUE_ITERATOR,
        (Kind::Items, true) => ids::DICT_REVERSE_ITEM_ITERATOR,
    }
}

/// An iterator over the dict.
pub fn new(cx: &Cx, dict: Ref<Dict>, kind: Kind, backwards: bool) -> Value {
    let size = dict.len();
    let position = if backwards { dict.storage().map_or(0, |storage| storage.used()) } else { 0 };
    let contents = DictIterator {
        header: Header::default(),
        dict: RefField::new(dict),
        position: AtomicUsize::new(position),
        size: AtomicUsize::new(size),
        left: AtomicUsize::new(size),
    };
    cx.allocate_as(type_id(kind, backwards), size_of::<DictIterator>(), contents).value()
}

impl DictIterator {
    /// The next entry of a forward iterator; `None` at the end.
    #[inline]
    pub fn step(&self, cx: &Cx) -> PyResult<Option<(Value, Value)>> {
        let Some(dict) = self.dict.get() else { return Ok(None) };
        if dict.len() != self.size.load(Ordering::Relaxed) {
            return Err(self.changed(cx));
        }
        if let Some(storage) = dict.storage() {
            let mut position = self.position.load(Ordering::Relaxed);
            let used = storage.used();
            while position < used {
                let pair = storage.pair(position);
                position += 1;
                if let Some(pair) = pair {
                    return self.advance(cx, position, pair).map(Some);
                }
            }
        }
        self.dict.set_option(cx, None);
        Ok(None)
    }

    /// The next entry of a backward iterator; `None` at the end.
    fn step_back(&self, cx: &Cx) -> PyResult<Option<(Value, Value)>> {
        let Some(dict) = self.dict.get() else { return Ok(None) };
        if dict.len() != self.size.load(Ordering::Relaxed) {
            return Err(self.changed(cx));
        }
        if let Some(storage) = dict.storage() {
            let mut position = self.position.load(Ordering::Relaxed).min(storage.used());
            while position > 0 {
                position -= 1;
                if let Some(pair) = storage.pair(position) {
                    return self.advance(cx, position, pair).map(Some);
                }
            }
        }
        self.dict.set_option(cx, None);
        Ok(None)
    }

    #[inline]
    fn advance(&self, cx: &Cx, position: usize, pair: (Value, Value)) -> PyResult<(Value, Value)> {
        let Some(left) = self.left.load(Ordering::Relaxed).checked_sub(1) else {
            self.dict.set_option(cx, None);
            return Err(cx.runtime_error("dictionary keys changed during iteration"));
        };
        self.left.store(left, Ordering::Relaxed);
        self.position.store(position, Ordering::Relaxed);
        Ok(pair)
    }

    #[cold]
    fn changed(&self, cx: &Cx) -> Raised {
        self.size.store(CHANGED, Ordering::Relaxed);
        cx.runtime_error("dictionary changed size during iteration")
    }

    /// Another iterator at the same place, for what must not move this one.
    fn fork(&self, cx: &Cx, id: TypeId) -> Value {
        let copy = |word: &AtomicUsize| AtomicUsize::new(word.load(Ordering::Relaxed));
        let contents = DictIterator {
            header: Header::default(),
            dict: RefField::from_option(self.dict.get()),
            position: copy(&self.position),
            size: copy(&self.size),
            left: copy(&self.left),
        };
        cx.allocate_as(id, size_of::<DictIterator>(), contents).value()
    }
}

fn iterator(value: Value) -> Ref<DictIterator> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next_key(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step(cx)?.map(|pair| pair.0))
}

fn next_value(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step(cx)?.map(|pair| pair.1))
}

fn next_item(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step(cx)?.map(|pair| Kind::Items.show(cx, pair)))
}

fn last_key(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step_back(cx)?.map(|pair| pair.0))
}

fn last_value(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step_back(cx)?.map(|pair| pair.1))
}

fn last_item(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    Ok(iterator(value).step_back(cx)?.map(|pair| Kind::Items.show(cx, pair)))
}

fn length_hint(_cx: &Cx, iterator: Ref<DictIterator>) -> PyResult {
    let unchanged = iterator.dict.get().is_some_and(|dict| dict.len() == iterator.size.load(Ordering::Relaxed));
    Ok(Value::length(if unchanged { iterator.left.load(Ordering::Relaxed) } else { 0 }))
}

fn reduce(cx: &Cx, iterator: Ref<DictIterator>) -> PyResult {
    let rest = iterator.fork(cx, iterator.value().type_id());
    let list = crate::object::protocol::iter::to_list(cx, rest)?;
    let arguments = cx.new_tuple(&[list.value()]).value();
    Ok(cx.new_tuple(&[cx.builtin("iter")?, arguments]).value())
}

static METHODS: &[Method] = &[
    Method::none(
        "__length_hint__",
        length_hint,
        "__length_hint__($self, /)\n--\n\nReturn about how many items are left.",
    ),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
];

macro_rules! types {
    ($($doc:literal, $type:ident, $layout:ident, $name:literal, $next:ident;)*) => {
        $(#[doc = $doc]
        pub static $type: TypeDef = TypeDef {
            base: Some(&object::TYPE),
            flags: TypeFlags::NO_NEW,
            slots: Slots { iter: Some(itself), next: Some($next), ..Slots::NONE },
            methods: METHODS,
            ..TypeDef::new($name, &$layout)
        };)*
    };
}

types! {
    "The class of iterators over keys.", KEYS_TYPE, KEYS_LAYOUT, "dict_keyiterator", next_key;
    "The class of iterators over values.", VALUES_TYPE, VALUES_LAYOUT, "dict_valueiterator", next_value;
    "The class of iterators over pairs.", ITEMS_TYPE, ITEMS_LAYOUT, "dict_itemiterator", next_item;
    "The class of backward iterators over keys.", REVERSE_KEYS_TYPE, REVERSE_KEYS_LAYOUT, "dict_reversekeyiterator", last_key;
    "The class of backward iterators over values.", REVERSE_VALUES_TYPE, REVERSE_VALUES_LAYOUT, "dict_reversevalueiterator", last_value;
    "The class of backward iterators over pairs.", REVERSE_ITEMS_TYPE, REVERSE_ITEMS_LAYOUT, "dict_reverseitemiterator", last_item;
}
