//! Iterators over an `OrderedDict`, and its views.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use super::OrderedDict;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::dict::iterator::Kind;
use crate::types::dict::view::{self, DictView, kind_of, new_view_as};
use crate::types::{ids, object};

/// The cell.
#[repr(C)]
pub struct OrderedIterator {
    header: Header,
    /// Empty at the end.
    dict: RefField<OrderedDict>,
    /// The entry that is next, [`END`] behind the last.
    position: AtomicUsize,
    /// What the dict's count of changes was.
    changes: u64,
    length: usize,
    kind: u8,
    backwards: bool,
}

const END: usize = usize::MAX;

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<OrderedIterator>("odict_iterator", ids::ORDERED_DICT_ITERATOR, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the dict is reported.
unsafe impl Cell for OrderedIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
    }
}

const KINDS: [Kind; 3] = [Kind::Keys, Kind::Values, Kind::Items];

/// An iterator.
pub fn new(cx: &Cx, dict: Ref<OrderedDict>, kind: Kind, backwards: bool) -> Value {
    let used = dict.dict().storage().map_or(0, |storage| storage.used());
    let contents = OrderedIterator {
        header: Header::default(),
        dict: RefField::new(dict),
        position: AtomicUsize::new(next_live(dict, if backwards { used } else { 0 }, backwards)),
        changes: dict.changes(),
        length: dict.dict().len(),
        kind: KINDS.iter().position(|&candidate| candidate == kind).unwrap_or(0) as u8,
        backwards,
    };
    cx.allocate(contents).value()
}

/// The first live entry from `from` on; going backwards, the last one before it.
fn next_live(dict: Ref<OrderedDict>, from: usize, backwards: bool) -> usize {
    let Some(storage) = dict.dict().storage() else { return END };
    let is_live = |&index: &usize| storage.pair(index).is_some();
    let found = if backwards { (0..from).rev().find(is_live) } else { (from..storage.used()).find(is_live) };
    found.unwrap_or(END)
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn this(value: Value) -> Ref<OrderedIterator> {
    // SAFETY: called from slots and rows of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let this = this(value);
    let Some(dict) = this.dict.get() else { return Ok(None) };
    let position = this.position.load(Ordering::Relaxed);
    if position == END {
        this.dict.set_option(cx, None);
        return Ok(None);
    }
    if dict.changes() != this.changes {
        this.dict.set_option(cx, None);
        return Err(raise!(cx, RuntimeError, "OrderedDict mutated during iteration"));
    }
    let pair = dict.dict().storage().and_then(|storage| storage.pair(position));
    let Some((key, value)) = pair.filter(|_| dict.dict().len() == this.length) else {
        return Err(raise!(cx, RuntimeError, "OrderedDict changed size during iteration"));
    };
    let after = next_live(dict, if this.backwards { position } else { position + 1 }, this.backwards);
    this.position.store(after, Ordering::Relaxed);
    let kind = KINDS.get(this.kind as usize).copied().unwrap_or(Kind::Keys);
    Ok(Some(kind.show(cx, (key, value))))
}

fn reduce(cx: &Cx, this: Ref<OrderedIterator>) -> PyResult {
    let rest = cx.new_list();
    if let Some(dict) = this.dict.get() {
        let copy = cx.allocate(OrderedIterator {
            header: Header::default(),
            dict: RefField::new(dict),
            position: AtomicUsize::new(this.position.load(Ordering::Relaxed)),
            changes: this.changes,
            length: this.length,
            kind: this.kind,
            backwards: this.backwards,
        });
        rest.extend(cx, copy.value())?;
    }
    let arguments = cx.new_tuple(&[rest.value()]);
    Ok(cx.new_tuple(&[cx.builtin("iter")?, arguments.value()]).value())
}

/// The class of iterators.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn state information for pickling")],
    ..TypeDef::new("odict_iterator", &LAYOUT)
};

// ---- views

/// A view of the kind.
pub(super) fn new_view(cx: &Cx, dict: Ref<OrderedDict>, kind: Kind) -> Value {
    let id = match kind {
        Kind::Keys => ids::ORDERED_DICT_KEYS,
        Kind::Values => ids::ORDERED_DICT_VALUES,
        Kind::Items => ids::ORDERED_DICT_ITEMS,
    };
    let plain: Ref<Dict> = dict.dict();
    new_view_as(cx, id, plain)
}

fn iterate_view(cx: &Cx, view: Value, backwards: bool) -> PyResult {
    // SAFETY: called from slots and rows of the views below only, which are made by `new_view`.
    let dict: Ref<OrderedDict> = unsafe {
        let view: Ref<DictView> = Ref::from_value_unchecked(view);
        Ref::from_value_unchecked(view.dict().value())
    };
    Ok(new(cx, dict, kind_of(view), backwards))
}

const VIEW_SLOTS: Slots = Slots { iter: Some(|cx, view| iterate_view(cx, view, false)), ..Slots::NONE };

const VIEW_METHODS: &[Method] =
    &[Method::none("__reversed__", |cx, view: Value| iterate_view(cx, view, true), "__reversed__($self, /)\n--\n\n")];

macro_rules! views {
    ($($type:ident, $name:literal, $base:ident, $layout:ident;)*) => {
        $(
            #[doc = concat!("The class of views `", $name, "`.")]
            pub static $type: TypeDef = TypeDef {
                base: Some(&view::$base),
                flags: TypeFlags::NO_NEW,
                slots: VIEW_SLOTS,
                methods: VIEW_METHODS,
                ..TypeDef::new($name, &view::$layout)
            };
        )*
    };
}

views! {
    KEYS_TYPE, "odict_keys", KEYS_TYPE, ORDERED_KEYS_LAYOUT;
    VALUES_TYPE, "odict_values", VALUES_TYPE, ORDERED_VALUES_LAYOUT;
    ITEMS_TYPE, "odict_items", ITEMS_TYPE, ORDERED_ITEMS_LAYOUT;
}
