//! `collections.defaultdict`: a dict that makes the values of missing keys.

use countless_common::wtf8::Wtf8Buf;
use countless_vm::gc::Tracer;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::cell::{Cell, Field, Layout, Ref};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::item::set_item;
use countless_vm::object::protocol::iter::get_iter;
use countless_vm::object::protocol::object::repr as repr_of;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::{self, Dict};
use countless_vm::types::{TypeId, generic_alias};

/// The cell.
#[repr(C)]
pub struct DefaultDict {
    base: Dict,
    /// Empty or None for no factory.
    factory: Field,
}

static LAYOUT: Layout = Layout::of::<DefaultDict>("collections.defaultdict", TypeId::FREE, Some(&dict::LAYOUT));

// SAFETY: `repr(C)`, begins with a dict, zero is an empty one without a factory; all fields are reported.
unsafe impl Cell for DefaultDict {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
        self.factory.trace(tracer);
    }
}

fn as_dict(dict: Ref<DefaultDict>) -> Ref<Dict> {
    // SAFETY: the layout begins with a dict's.
    unsafe { dict.upcast() }
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    let factory = args.get(0).unwrap_or(Value::NONE);
    if !factory.is_none() && cx.type_of(factory).slots.call().is_none() {
        return Err(cx.type_error("first argument must be callable or None"));
    }
    this::<DefaultDict>(cx, value).factory.set(cx, factory);
    let rest = if args.get(0).is_some() { args.skip(1) } else { args };
    match dict::TYPE.slots.init {
        Some(init) => init(cx, value, rest),
        None => Ok(()),
    }
}

fn missing(cx: &Cx, dict: Ref<DefaultDict>, key: Value) -> PyResult {
    let Some(factory) = dict.factory.get().and_then(Value::not_none) else { return Err(cx.key_error(key)) };
    let value = cx.call(factory, &[])?;
    // Whoever is first decides which value all get.
    if cx.type_of(dict.value()).is_heap_type() {
        set_item(cx, dict.value(), key, value)?;
        return Ok(value);
    }
    as_dict(dict).set_default(cx, key, value)
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let dict = this::<DefaultDict>(cx, value);
    let Some(shown) = dict::TYPE.slots.repr else { return Ok(cx.names().empty.value()) };
    let entries = shown(cx, value)?;
    let mut out = Wtf8Buf::new();
    out.push_wtf8(cx.type_of(value).name().as_wtf8());
    out.push_str("(");
    let factory = dict.factory.get_or_none();
    // A factory may be a method of this very dict.
    if factory.is_none() || cx.repr_enter(factory) {
        let shown = repr_of(cx, factory);
        if !factory.is_none() {
            cx.repr_leave(factory);
        }
        out.push_wtf8(shown?.as_wtf8());
    } else {
        out.push_str("...");
    }
    out.push_str(", ");
    if let Some(entries) = entries.downcast::<countless_vm::types::str::Str>(cx) {
        out.push_wtf8(entries.as_wtf8());
    }
    out.push_str(")");
    Ok(cx.new_str_wtf8(&out).value())
}

fn copy(cx: &Cx, dict: Ref<DefaultDict>) -> PyResult {
    // A subclass's constructor takes the same arguments, or overrides this.
    cx.call(cx.type_of(dict.value()).value(), &[dict.factory.get_or_none(), dict.value()])
}

fn reduce(cx: &Cx, dict: Ref<DefaultDict>) -> PyResult {
    let arguments = match dict.factory.get().and_then(Value::not_none) {
        Some(factory) => cx.new_tuple(&[factory]),
        None => cx.empty_tuple(),
    };
    let items = cx.call_method(dict.value(), cx.names().items, &[])?;
    let items = get_iter(cx, items)?;
    let class = cx.type_of(dict.value()).value();
    Ok(cx.new_tuple(&[class, arguments.value(), Value::NONE, Value::NONE, items]).value())
}

fn bit_or(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (Some(_), Some(_)) = (left.downcast::<Dict>(cx), right.downcast::<Dict>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let own = left.downcast::<DefaultDict>(cx).or_else(|| right.downcast::<DefaultDict>(cx));
    let Some(own) = own else { return Ok(Value::NOT_IMPLEMENTED) };
    // Like copy(), this calls a subclass's constructor with two arguments.
    let merged = cx.call(cx.type_of(own.value()).value(), &[own.factory.get_or_none(), left])?;
    if let Some(merged) = merged.downcast::<Dict>(cx) {
        merged.update(cx, right)?;
    }
    Ok(merged)
}

fn set_factory(cx: &Cx, dict: Ref<DefaultDict>, factory: Option<Value>) -> PyResult<()> {
    dict.factory.set(cx, factory.unwrap_or(Value::NONE));
    Ok(())
}

static METHODS: &[Method] = &[
    Method::one(
        "__missing__",
        missing,
        "__missing__($self, object, /)\n--\n\n__missing__(key) # Called by __getitem__ for missing key; pseudo-code:\n  \
         if self.default_factory is None: raise KeyError((key,))\n  self[key] = value = self.default_factory()\n  return value\n",
    ),
    Method::none("copy", copy, "copy($self, /)\n--\n\nD.copy() -> a shallow copy of D."),
    Method::none("__copy__", copy, "__copy__($self, /)\n--\n\nD.copy() -> a shallow copy of D."),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn state information for pickling."),
    Method::one(
        "__class_getitem__",
        generic_alias::class_getitem,
        "__class_getitem__($type, object, /)\n--\n\nSee PEP 585",
    )
    .on_class(),
];

/// `collections.defaultdict`.
pub static TYPE: TypeDef = TypeDef {
    module: "collections",
    doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\n\
          self[key] calls the factory, without arguments, for a key that is not there, and keeps what it returns; no\n\
          other method does. All other arguments are those of dict.\n",
    base: Some(&dict::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MAPPING).with(TypeFlags::MATCH_SELF),
    slots: Slots { init: Some(init), repr: Some(repr), bit_or: Some(bit_or), ..Slots::NONE },
    methods: METHODS,
    attributes: &[GetSet::read_write(
        "default_factory",
        |_cx, dict: Ref<DefaultDict>| Ok(dict.factory.get_or_none()),
        set_factory,
        "Factory for default value called by __missing__().",
    )],
    ..TypeDef::new("defaultdict", &LAYOUT)
};
