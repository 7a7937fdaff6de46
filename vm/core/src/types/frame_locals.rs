//! `FrameLocalsProxy`: the local variables of a function's frame as a mapping (PEP 667).
//!
//! Reading sees the variables as they are, writing changes them. Names that are not the code's are kept in a dict of the
//! frame object.

use countless_gc::{Header, Tracer};

use super::dict::Dict;
use super::frame::FrameObject;
use super::ids;
use super::str::Str;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::{compare, iter, object};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct FrameLocals {
    header: Header,
    frame: RefField<FrameObject>,
}

/// The layout of proxies.
pub static LAYOUT: Layout =
    Layout::of::<FrameLocals>("FrameLocalsProxy", ids::FRAME_LOCALS_PROXY, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a proxy of no frame (never published); the frame is reported.
unsafe impl Cell for FrameLocals {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.frame.trace(tracer);
    }
}

/// The proxy of a frame.
pub fn new(cx: &Cx, frame: Ref<FrameObject>) -> Value {
    cx.allocate(FrameLocals { header: Header::default(), frame: RefField::new(frame) }).value()
}

fn this(value: Value) -> Ref<FrameLocals> {
    // SAFETY: the slots belong to the type, which cannot be subclassed.
    unsafe { Ref::from_value_unchecked(value) }
}

/// Where a name's value is.
enum Place {
    /// In a named register.
    Register(usize),
    /// In the dict of other names, if at all.
    Extra,
}

impl Ref<FrameLocals> {
    fn frame(self) -> Ref<FrameObject> {
        self.frame.get().expect("a proxy has a frame")
    }

    fn place(self, cx: &Cx, key: Value, must_be_bound: bool) -> Place {
        let frame = self.frame();
        let Some(name) = key.downcast::<Str>(cx) else { return Place::Extra };
        let code = frame.code();
        let matches = |register: &usize| {
            code.local_name(*register).as_bytes() == name.as_wtf8().as_bytes()
                && (!must_be_bound || frame.local(cx, *register).is_some())
        };
        (0..code.named_count as usize).find(matches).map_or(Place::Extra, Place::Register)
    }

    fn get(self, cx: &Cx, key: Value) -> PyResult<Option<Value>> {
        object::hash(cx, key)?;
        match self.place(cx, key, true) {
            Place::Register(register) => Ok(self.frame().local(cx, register)),
            Place::Extra => match self.frame().extra_locals() {
                Some(extra) => extra.get(cx, key),
                None => Ok(None),
            },
        }
    }

    fn set(self, cx: &Cx, key: Value, value: Value) -> PyResult<()> {
        match self.place(cx, key, false) {
            Place::Register(register) => {
                self.frame().set_local(cx, register, value);
                Ok(())
            }
            Place::Extra => self.frame().make_extra_locals(cx).set(cx, key, value),
        }
    }

    /// The variables that have values, as a dict of its own.
    fn snapshot(self, cx: &Cx) -> PyResult<Ref<Dict>> {
        let (frame, dict) = (self.frame(), cx.new_dict());
        let code = frame.code();
        for register in 0..code.named_count as usize {
            if let Some(value) = frame.local(cx, register) {
                dict.set_name(cx, code.local_name_at(register), value)?;
            }
        }
        if let Some(extra) = frame.extra_locals() {
            for (key, value) in extra.iter() {
                dict.set(cx, key, value)?;
            }
        }
        Ok(dict)
    }

    fn remove(self, cx: &Cx, key: Value) -> PyResult<Option<Value>> {
        if let Place::Register(_) = self.place(cx, key, false) {
            return Err(cx.value_error("cannot remove local variables from FrameLocalsProxy"));
        }
        match self.frame().extra_locals() {
            Some(extra) => extra.remove(cx, key),
            None => Ok(None),
        }
    }

    fn update(self, cx: &Cx, source: Value) -> PyResult<()> {
        let dict = cx.new_dict();
        dict.update(cx, source)?;
        for (key, value) in dict.iter() {
            self.set(cx, key, value)?;
        }
        Ok(())
    }
}

impl Cx {
    /// The variables of a function's running frame as a new dict: what `locals()` gives.
    pub fn locals_snapshot(&self, frame: Ref<FrameObject>) -> PyResult<Ref<Dict>> {
        let proxy = this(new(self, frame));
        proxy.snapshot(self)
    }
}

fn make(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if args.keyword_count() > 0 || args.len() != 1 {
        return Err(raise!(cx, TypeError, "FrameLocalsProxy expected 1 argument, got {}", args.len()));
    }
    let frame = args.get(0).unwrap_or(Value::NONE);
    match frame.exact::<FrameObject>() {
        Some(frame) => Ok(new(cx, frame)),
        None => Err(raise!(cx, TypeError, "expect frame, not {}", frame.class_name(cx))),
    }
}

fn subscript(cx: &Cx, proxy: Value, key: Value) -> PyResult {
    match this(proxy).get(cx, key)? {
        Some(value) => Ok(value),
        None => {
            let text = object::repr(cx, key)?;
            Err(raise!(cx, KeyError, "local variable '{}' is not defined", text.as_wtf8()))
        }
    }
}

fn assign(cx: &Cx, proxy: Value, key: Value, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => this(proxy).set(cx, key, value),
        None => match this(proxy).remove(cx, key)? {
            Some(_) => Ok(()),
            None => Err(cx.key_error(key)),
        },
    }
}

fn contains(cx: &Cx, proxy: Value, key: Value) -> PyResult<bool> {
    Ok(this(proxy).get(cx, key)?.is_some())
}

fn length(cx: &Cx, proxy: Value) -> PyResult<usize> {
    Ok(this(proxy).snapshot(cx)?.len())
}

fn iterate(cx: &Cx, proxy: Value) -> PyResult {
    let keys = keys(cx, this(proxy))?;
    iter::get_iter(cx, keys)
}

fn repr(cx: &Cx, proxy: Value) -> PyResult {
    let dict = this(proxy).snapshot(cx)?;
    Ok(object::repr(cx, dict.value())?.value())
}

fn equals(cx: &Cx, proxy: Value, other: Value, comparison: Comparison) -> PyResult {
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = if let Some(other) = other.exact::<FrameLocals>() {
        this(proxy).frame() == other.frame()
    } else if other.downcast::<Dict>(cx).is_some() {
        let dict = this(proxy).snapshot(cx)?;
        compare::equal(cx, dict.value(), other)?
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(same == (comparison == Comparison::Equal)))
}

/// Whether the operand of `|` is one that a proxy can be united with.
fn is_unitable(cx: &Cx, value: Value) -> bool {
    value.is_exactly(ids::FRAME_LOCALS_PROXY) || value.downcast::<Dict>(cx).is_some()
}

fn unite(cx: &Cx, left: Value, right: Value) -> PyResult {
    if !is_unitable(cx, left) || !is_unitable(cx, right) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let dict = cx.new_dict();
    dict.update(cx, left)?;
    dict.update(cx, right)?;
    Ok(dict.value())
}

fn unite_in_place(cx: &Cx, left: Value, right: Value) -> PyResult {
    this(left).update(cx, right)?;
    Ok(left)
}

fn keys(cx: &Cx, proxy: Ref<FrameLocals>) -> PyResult {
    Ok(iter::to_list(cx, proxy.snapshot(cx)?.value())?.value())
}

fn values(cx: &Cx, proxy: Ref<FrameLocals>) -> PyResult {
    let list = cx.new_list();
    for (_, value) in proxy.snapshot(cx)?.iter() {
        list.push(cx, value)?;
    }
    Ok(list.value())
}

fn items(cx: &Cx, proxy: Ref<FrameLocals>) -> PyResult {
    let list = cx.new_list();
    for (key, value) in proxy.snapshot(cx)?.iter() {
        list.push(cx, cx.new_tuple(&[key, value]).value())?;
    }
    Ok(list.value())
}

fn copy(cx: &Cx, proxy: Ref<FrameLocals>) -> PyResult {
    Ok(proxy.snapshot(cx)?.value())
}

fn reversed(cx: &Cx, proxy: Ref<FrameLocals>) -> PyResult {
    let keys = keys(cx, proxy)?;
    cx.call_method(keys, cx.names().reverse, &[])?;
    Ok(keys)
}

fn get(cx: &Cx, proxy: Ref<FrameLocals>, args: Args<'_>) -> PyResult {
    if args.keyword_count() > 0 || !(1..=2).contains(&args.len()) {
        return Err(cx.type_error("get expected 1 or 2 arguments"));
    }
    let found = proxy.get(cx, args.get(0).unwrap_or(Value::NONE))?;
    Ok(found.or(args.get(1)).unwrap_or(Value::NONE))
}

fn set_default(cx: &Cx, proxy: Ref<FrameLocals>, args: Args<'_>) -> PyResult {
    let [key, default] = args.between::<2>(cx, "setdefault", 1)?;
    let (key, default) = (key.unwrap_or(Value::NONE), default.unwrap_or(Value::NONE));
    if let Some(present) = proxy.get(cx, key)? {
        return Ok(present);
    }
    proxy.set(cx, key, default)?;
    Ok(default)
}

fn pop(cx: &Cx, proxy: Ref<FrameLocals>, args: Args<'_>) -> PyResult {
    let [key, default] = args.between::<2>(cx, "pop", 1)?;
    let key = key.unwrap_or(Value::NONE);
    match proxy.remove(cx, key)?.or(default) {
        Some(value) => Ok(value),
        None => Err(cx.key_error(key)),
    }
}

fn update(cx: &Cx, proxy: Ref<FrameLocals>, source: Value) -> PyResult {
    proxy.update(cx, source)?;
    Ok(Value::NONE)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "FrameLocalsProxy($frame)\n--\n\nCreate a write-through view of the locals dictionary for a frame.",
    flags: TypeFlags::MAPPING,
    slots: Slots {
        new: Some(make),
        repr: Some(repr),
        compare: Some(equals),
        iter: Some(iterate),
        length: Some(length),
        subscript: Some(subscript),
        assign_subscript: Some(assign),
        contains: Some(contains),
        bit_or: Some(unite),
        inplace_or: Some(unite_in_place),
        ..Slots::NONE
    },
    methods: &[
        Method::none("keys", keys, ""),
        Method::none("values", values, ""),
        Method::none("items", items, ""),
        Method::none("copy", copy, ""),
        Method::none("__reversed__", reversed, ""),
        Method::many("get", get, ""),
        Method::many("setdefault", set_default, ""),
        Method::many("pop", pop, ""),
        Method::one("update", update, ""),
    ],
    ..TypeDef::new("FrameLocalsProxy", &LAYOUT)
};
