//! `weakref.ref` and the proxies.
//!
//! A weak reference is a cell with a [`WeakSlot`], which the collector clears when the referent is dead. Plain references
//! (no callback, exactly `weakref.ref`) are shared: a weak table outside the heap finds the one of a referent.
//! Callbacks run after the collection that found the death, when the thread drains the notifications
//! (`runtime::finalizers`).

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use countless_gc::{Header, TempRoots, Tracer, WeakSlot, WeakTable, flag as header_flag};

use super::ids;
use super::type_object::{TypeObject, flag};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell of references and proxies.
#[repr(C)]
pub struct WeakRef {
    header: Header,
    referent: WeakSlot,
    /// The callback, emptied when it is taken to be called.
    callback: Field,
    /// The referent's hash once it was asked for; `i64::MIN + 1` while unknown (no hash has that value).
    hash: AtomicI64,
}

const NO_HASH: i64 = i64::MIN + 1;

/// The layout of references.
pub static LAYOUT: Layout = Layout::of::<WeakRef>("weakref", ids::WEAKREF, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a reference to nothing; the strong field and the weak slot are reported.
unsafe impl Cell for WeakRef {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.weak(&raw const self.header, &self.referent);
        self.callback.trace(tracer);
    }
}

/// The references by referent, in the order of their making, shared plain ones before all others. Those that read dead
/// stay until they die: the referent may have been brought back by its finalizer.
///
/// A shard's lock is held for a look-up or an insertion, never across a safepoint.
pub struct WeakRegistry {
    shards: [Mutex<Shard>; SHARDS],
}

const SHARDS: usize = 256;

type Shard = HashMap<u64, References>;

/// The references to one referent: hardly ever more than one.
struct References {
    first: u64,
    others: Vec<u64>,
}

impl References {
    fn iter(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    fn add(&mut self, word: u64, in_front: bool) {
        if in_front {
            self.others.insert(0, std::mem::replace(&mut self.first, word));
        } else {
            self.others.push(word);
        }
    }

    /// Removes the dead ones; false if none is left.
    fn purge(&mut self, is_dead: &dyn Fn(u64) -> bool) -> bool {
        self.others.retain(|&word| !is_dead(word));
        if !is_dead(self.first) {
            return true;
        }
        let next = (!self.others.is_empty()).then(|| self.others.remove(0));
        next.inspect(|&word| self.first = word).is_some()
    }
}

impl Default for WeakRegistry {
    fn default() -> WeakRegistry {
        WeakRegistry { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl WeakRegistry {
    /// Acts on the shard of a referent.
    fn with<R>(&self, referent: Value, act: impl FnOnce(&mut Shard) -> R) -> R {
        let shard = (referent.word() >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56;
        self.with_shard(shard as usize, act)
    }

    fn with_shard<R>(&self, shard: usize, act: impl FnOnce(&mut Shard) -> R) -> R {
        act(&mut self.shards[shard].lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

impl WeakTable for WeakRegistry {
    fn parts(&self) -> usize {
        SHARDS
    }

    fn purge(&self, part: usize, is_dead: &dyn Fn(u64) -> bool) -> usize {
        self.with_shard(part, |table| {
            let mut count = 0;
            table.retain(|&referent, references| {
                count += 1 + references.others.len();
                !is_dead(referent) && references.purge(is_dead)
            });
            count
        })
    }
}

impl WeakRef {
    /// The referent, if it is alive.
    pub fn get(&self, cx: &Cx) -> Option<Value> {
        self.referent.get(cx.mutator()).and_then(Value::from_word)
    }

    /// Takes the callback, so that it is called once.
    pub fn take_callback(&self, cx: &Cx) -> Option<Value> {
        self.callback.replace(cx, None).and_then(Value::not_none)
    }
}

/// Whether instances of the value's class may be referenced weakly.
fn allows_weak_references(cx: &Cx, value: Value) -> bool {
    value.is_cell() && cx.type_of(value).has_flags(flag::WEAK_REFERENCES)
}

/// A weak reference (or proxy) of the class to the referent; an existing plain one is reused.
pub fn new_reference(
    cx: &Cx,
    class: Ref<TypeObject>,
    referent: Value,
    callback: Option<Value>,
) -> PyResult<Ref<WeakRef>> {
    if !allows_weak_references(cx, referent) {
        let name = referent.class_name(cx);
        return Err(raise!(cx, TypeError, "cannot create weak reference to '{name}' object"));
    }
    let callback = callback.and_then(Value::not_none);
    let shareable = callback.is_none() && !class.is_heap_type();
    if shareable && let Some(found) = find_shared(cx, class, referent) {
        return Ok(found);
    }
    Ok(register(cx, class, referent, callback, shareable))
}

/// A weak reference for native code: to any cell.
pub fn watch(cx: &Cx, referent: Value) -> Ref<WeakRef> {
    register(cx, cx.builtin_type(ids::WEAKREF), referent, None, false)
}

fn register(
    cx: &Cx,
    class: Ref<TypeObject>,
    referent: Value,
    callback: Option<Value>,
    shareable: bool,
) -> Ref<WeakRef> {
    let contents = WeakRef {
        header: Header::default(),
        referent: WeakSlot::default(),
        callback: callback.map_or(Field::empty(), Field::new),
        hash: AtomicI64::new(NO_HASH),
    };
    let reference = cx.allocate_instance(class, contents);
    reference.referent.init(referent.word(), callback.is_some());
    if let Some(cell) = referent.as_cell() {
        // SAFETY: a value that is a cell points to a live one.
        unsafe { cell.as_ref() }.set_flags(header_flag::HAS_WEAK);
    }
    cx.vm().weak_references.with(referent, |table| {
        let word = reference.value().word();
        table
            .entry(referent.word())
            .and_modify(|references| references.add(word, shareable))
            .or_insert(References { first: word, others: Vec::new() });
    });
    reference
}

fn find_shared(cx: &Cx, class: Ref<TypeObject>, referent: Value) -> Option<Ref<WeakRef>> {
    let id = class.instance_id();
    let word = cx.vm().weak_references.with(referent, |table| {
        let found = table.get(&referent.word())?.iter().find(|&word| {
            reference(word).is_some_and(|reference| {
                let is_plain = reference.value().type_id() == id && reference.callback.get().is_none();
                is_plain && reference.referent.peek() == Some(referent.word())
            })
        })?;
        // What it refers to is held by the caller, and it has no callback.
        cx.mutator().keep_from_table(found);
        Some(found)
    })?;
    reference(word)
}

/// A word of the registry.
fn reference(word: u64) -> Option<Ref<WeakRef>> {
    // SAFETY: the registry holds references only: dead ones are purged before their cells are reused.
    Value::from_word(word).map(|value| unsafe { Ref::from_value_unchecked(value) })
}

/// The references to an object that are alive.
pub fn references_to(cx: &Cx, referent: Value) -> PyResult<Ref<super::list::List>> {
    let list = cx.new_list();
    let roots = TempRoots::new(cx.mutator());
    // Callbacks may be taken while a tracer is at what only dead objects reach.
    cx.mutator().finish_clearing();
    cx.vm().weak_references.with(referent, |table| {
        let references = table.get(&referent.word()).into_iter().flat_map(References::iter);
        let alive = |word: &u64| reference(*word).is_some_and(|found| found.referent.peek() == Some(referent.word()));
        references.filter(alive).for_each(|word| {
            cx.mutator().keep_alive(word);
            roots.push(word);
        });
    });
    for index in 0..roots.len() {
        if let Some(reference) = roots.get(index).and_then(Value::from_word) {
            list.push(cx, reference)?;
        }
    }
    Ok(list)
}

/// `object.__weakref__`.
pub fn first_weakref(cx: &Cx, object: Value) -> PyResult {
    Ok(references_to(cx, object)?.get(0).unwrap_or(Value::NONE))
}

fn this(value: Value) -> Ref<WeakRef> {
    // SAFETY: called from slots and rows of the types only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let (Some(referent), 1 | 2) = (args.get(0), args.len()) else {
        let given = args.len();
        let bound = if given == 0 { "at least 1 argument" } else { "at most 2 arguments" };
        return Err(raise!(cx, TypeError, "__new__ expected {bound}, got {given}"));
    };
    Ok(new_reference(cx, class, referent, args.get(1))?.value())
}

fn init(cx: &Cx, _reference: Value, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(cx, "ref")?;
    args.between::<2>(cx, "__init__", 1).map(drop)
}

fn call(cx: &Cx, reference: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "weakref.__call__")?;
    args.between::<0>(cx, "__call__", 0)?;
    Ok(this(reference).get(cx).unwrap_or(Value::NONE))
}

fn hash(cx: &Cx, reference: Value) -> PyResult<i64> {
    let reference = this(reference);
    let known = reference.hash.load(Ordering::Relaxed);
    if known != NO_HASH {
        return Ok(known);
    }
    let Some(referent) = reference.get(cx) else { return Err(cx.type_error("weak object has gone away")) };
    let hash = protocol::object::hash(cx, referent)?;
    reference.hash.store(hash, Ordering::Relaxed);
    Ok(hash)
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (Some(left), Some(right)) = (left.downcast::<WeakRef>(cx), right.downcast::<WeakRef>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    match (left.get(cx), right.get(cx)) {
        (Some(left), Some(right)) => protocol::compare::compare(cx, left, right, comparison),
        _ => Ok(Value::bool((left == right) == (comparison == Comparison::Equal))),
    }
}

fn repr(cx: &Cx, reference: Value) -> PyResult {
    let address = reference.identity();
    let text = match this(reference).get(cx) {
        None => format!("<weakref at {address:#x}; dead>"),
        Some(referent) => {
            let (class, target) = (referent.class_name(cx), referent.identity());
            let name = match cx.get_attribute_optional(referent, cx.names().__name__) {
                Ok(name) => name,
                // A referent that fails to say its name is shown without one.
                Err(raised) => {
                    cx.take_exception(raised);
                    None
                }
            };
            let name = name.and_then(|name| name.downcast::<super::str::Str>(cx));
            match name {
                Some(name) => format!("<weakref at {address:#x}; to '{class}' at {target:#x} ({})>", name.as_wtf8()),
                None => format!("<weakref at {address:#x}; to '{class}' at {target:#x}>"),
            }
        }
    };
    Ok(cx.new_str(&text).value())
}

fn get_callback(_cx: &Cx, reference: Ref<WeakRef>) -> PyResult {
    Ok(reference.callback.get_or_none())
}

static METHODS: &[Method] = &[Method::one(
    "__class_getitem__",
    |cx, class: Value, item| super::generic_alias::new(cx, class, item),
    "__class_getitem__($type, item, /)\n--\n\nSee PEP 585",
)
.on_class()];

static ATTRIBUTES: &[GetSet] = &[GetSet::read_only("__callback__", get_callback, "")];

/// `weakref.ReferenceType`.
pub static TYPE: TypeDef = TypeDef {
    module: "weakref",
    doc: "ref(object, callback=None, /)\n--\n\nA reference to an object that does not keep it alive.",
    flags: TypeFlags::BASE,
    slots: Slots {
        new: Some(new),
        init: Some(init),
        call: Some(call),
        hash: Some(hash),
        compare: Some(compare),
        repr: Some(repr),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("ReferenceType", &LAYOUT)
};
