//! `contextvars.Context`: what context variables are worth to the code that runs.
//!
//! A context holds an immutable map ([`map`]), so that copying one is copying a pointer. A thread has one context at a
//! time; only it sets variables there, since a context can be entered once at a time.

pub mod map;
pub mod variable;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use countless_gc::{Header, Tracer};

use self::map::Node;
use self::variable::ContextVar;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use super::{TypeId, ids, object};
use crate::interp::call::call_value;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::compare::equal;
use crate::object::protocol::object::repr as repr_of;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct Context {
    header: Header,
    /// Empty when no variable is set.
    root: RefField<Node>,
    /// Whether a thread runs in it.
    entered: AtomicBool,
}

/// The layout of contexts.
pub static LAYOUT: Layout = Layout::of::<Context>("_contextvars.Context", ids::CONTEXT, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an empty context; the map is reported.
unsafe impl Cell for Context {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.root.trace(tracer);
    }
}

impl Context {
    fn root(&self) -> Option<Ref<Node>> {
        self.root.get()
    }

    fn set_root(&self, cx: &Cx, root: Option<Ref<Node>>) {
        self.root.set_option(cx, root);
    }

    fn len(&self) -> usize {
        self.root().map_or(0, |root| root.value_count())
    }
}

fn allocate(cx: &Cx, root: Option<Ref<Node>>) -> Ref<Context> {
    cx.allocate(Context {
        header: Header::default(),
        root: RefField::from_option(root),
        entered: AtomicBool::new(false),
    })
}

/// The thread's present context; a thread that has none yet gets an empty one.
pub fn current_context(cx: &Cx) -> Ref<Context> {
    if let Some(context) = cx.thread.context.get() {
        // SAFETY: only contexts are ever put there.
        return unsafe { Ref::from_value_unchecked(context) };
    }
    let context = allocate(cx, None);
    context.entered.store(true, Ordering::Relaxed);
    cx.thread.context.set(Some(context.value()));
    context
}

/// `contextvars.copy_context()`.
pub fn copy_context(cx: &Cx) -> Ref<Context> {
    allocate(cx, current_context(cx).root())
}

impl Ref<Context> {
    /// Calls a function with this context as the thread's present one.
    pub fn run(self, cx: &Cx, callable: Value, args: Args<'_>) -> PyResult {
        if self.entered.swap(true, Ordering::Acquire) {
            let shown = repr_of(cx, self.value())?;
            return Err(raise!(cx, RuntimeError, "cannot enter context: {} is already entered", shown.as_wtf8()));
        }
        let former = cx.thread.context.replace(Some(self.value()));
        let result = call_value(cx, callable, args);
        cx.thread.context.set(former);
        self.entered.store(false, Ordering::Release);
        result
    }
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if !args.are_none() {
        return Err(cx.type_error("Context() does not accept any arguments"));
    }
    Ok(allocate(cx, None).value())
}

fn context(value: Value) -> Ref<Context> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn key_argument(cx: &Cx, key: Value) -> PyResult<Ref<ContextVar>> {
    match key.exact::<ContextVar>() {
        Some(variable) => Ok(variable),
        None => {
            let shown = repr_of(cx, key)?;
            Err(raise!(cx, TypeError, "a ContextVar key was expected, got {}", shown.as_wtf8()))
        }
    }
}

fn run(cx: &Cx, this: Ref<Context>, args: Args<'_>) -> PyResult {
    match args.get(0) {
        Some(callable) => this.run(cx, callable, args.skip(1)),
        None => Err(cx.type_error("run() missing 1 required positional argument")),
    }
}

fn get(cx: &Cx, this: Ref<Context>, args: Args<'_>) -> PyResult {
    let [key, default] = args.between::<2>(cx, "get", 1)?;
    let variable = key_argument(cx, key.unwrap_or(Value::NONE))?;
    Ok(map::get(this.root(), variable).or(default).unwrap_or(Value::NONE))
}

fn subscript(cx: &Cx, value: Value, key: Value) -> PyResult {
    let variable = key_argument(cx, key)?;
    map::get(context(value).root(), variable).ok_or_else(|| cx.key_error(key))
}

fn contains(cx: &Cx, value: Value, key: Value) -> PyResult<bool> {
    let variable = key_argument(cx, key)?;
    Ok(map::get(context(value).root(), variable).is_some())
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let negate = comparison == Comparison::NotEqual;
    let (Some(left), Some(right)) = (left.exact::<Context>(), right.exact::<Context>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !negate && comparison != Comparison::Equal {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (left, right) = (left.root(), right.root());
    let length = |root: Option<Ref<Node>>| root.map_or(0, |root| root.value_count());
    let mut same = length(left) == length(right);
    if same && left != right {
        map::for_each(left, &mut |variable, value| {
            same = same
                && match map::get(right, variable) {
                    Some(other) => equal(cx, value, other)?,
                    None => false,
                };
            Ok(())
        })?;
    }
    Ok(Value::bool(same != negate))
}

/// What an iterator yields.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Keys,
    Values,
    Items,
}

impl Part {
    fn id(self) -> TypeId {
        match self {
            Part::Keys => ids::CONTEXT_KEYS,
            Part::Values => ids::CONTEXT_VALUES,
            Part::Items => ids::CONTEXT_ITEMS,
        }
    }
}

fn iterator_over(cx: &Cx, this: Ref<Context>, part: Part) -> PyResult {
    let list = cx.new_list();
    map::for_each(this.root(), &mut |variable, value| {
        let item = match part {
            Part::Keys => variable.value(),
            Part::Values => value,
            Part::Items => cx.new_tuple(&[variable.value(), value]).value(),
        };
        list.push(cx, item)
    })?;
    let contents = ContextIterator {
        header: Header::default(),
        items: RefField::new(list.to_tuple(cx)?),
        position: AtomicUsize::new(0),
    };
    Ok(cx.allocate_as(part.id(), size_of::<ContextIterator>(), contents).value())
}

static METHODS: &[Method] = &[
    Method::many(
        "get",
        get,
        "get($self, key, default=None, /)\n--\n\nThe value of a variable, or the default if it has none here.",
    ),
    Method::none(
        "items",
        |cx, this| iterator_over(cx, this, Part::Items),
        "items($self, /)\n--\n\nAll variables with their values, as 2-tuples.",
    ),
    Method::none("keys", |cx, this| iterator_over(cx, this, Part::Keys), "keys($self, /)\n--\n\nAll variables."),
    Method::none(
        "values",
        |cx, this| iterator_over(cx, this, Part::Values),
        "values($self, /)\n--\n\nThe values of all variables.",
    ),
    Method::none(
        "copy",
        |cx, this: Ref<Context>| Ok(allocate(cx, this.root()).value()),
        "copy($self, /)\n--\n\nA shallow copy of the context.",
    ),
    Method::many("run", run, ""),
];

/// `contextvars.Context`.
pub static TYPE: TypeDef = TypeDef {
    module: "_contextvars",
    base: Some(&object::TYPE),
    flags: TypeFlags::WEAK_REFERENCES,
    slots: Slots {
        new: Some(new),
        compare: Some(compare),
        iter: Some(|cx, value| iterator_over(cx, context(value), Part::Keys)),
        length: Some(|_cx, value| Ok(context(value).len())),
        subscript: Some(subscript),
        contains: Some(contains),
        ..Slots::NONE
    },
    methods: METHODS,
    ..TypeDef::new("Context", &LAYOUT)
};

// ---- iterators

/// The cell of the three kinds of iterators.
#[repr(C)]
pub struct ContextIterator {
    header: Header,
    items: RefField<Tuple>,
    position: AtomicUsize,
}

macro_rules! iterators {
    ($($layout:ident, $type:ident, $name:literal, $id:ident;)*) => {
        $(
            #[doc = concat!("The layout of iterators over ", $name, ".")]
            pub static $layout: Layout = Layout::of::<ContextIterator>($name, ids::$id, Some(&object::LAYOUT));

            #[doc = concat!("The class of iterators over ", $name, ".")]
            pub static $type: TypeDef = TypeDef {
                base: Some(&object::TYPE),
                flags: TypeFlags::NO_NEW,
                slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
                ..TypeDef::new($name, &$layout)
            };
        )*
    };
}

iterators! {
    KEYS_LAYOUT, KEYS_TYPE, "keys", CONTEXT_KEYS;
    VALUES_LAYOUT, VALUES_TYPE, "values", CONTEXT_VALUES;
    ITEMS_LAYOUT, ITEMS_TYPE, "items", CONTEXT_ITEMS;
}

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the items are reported.
unsafe impl Cell for ContextIterator {
    fn layout() -> &'static Layout {
        &KEYS_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.items.trace(tracer);
    }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(_cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: called from the slot of the three types only.
    let this: Ref<ContextIterator> = unsafe { Ref::from_value_unchecked(value) };
    let position = this.position.fetch_add(1, Ordering::Relaxed);
    Ok(this.items.get().and_then(|items| items.item(position)))
}
