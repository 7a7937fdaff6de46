//! `typing.Generic`, `typing.NoDefault`, and the evaluators of values that are known.

use std::sync::atomic::Ordering;

use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Tracer};

use crate::interp::call::call_with_receiver;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::generic_alias::write_type;
use crate::types::ids;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

// ---- Generic

/// The cell of a direct instance of `Generic`.
#[repr(C)]
pub struct Generic {
    header: Header,
}

/// The layout of `Generic`.
pub static LAYOUT: Layout = Layout::of::<Generic>("typing.Generic", ids::GENERIC, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, only a header; there is nothing to report.
unsafe impl Cell for Generic {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

fn class_getitem(cx: &Cx, class: Value, args: Args<'_>) -> PyResult {
    let function = cx.import_attribute("typing", "_generic_class_getitem")?;
    call_with_receiver(cx, function, class, args)
}

fn init_subclass(cx: &Cx, class: Value, args: Args<'_>) -> PyResult {
    let function = cx.import_attribute("typing", "_generic_init_subclass")?;
    call_with_receiver(cx, function, class, args)
}

/// Instances have nothing beyond what object's have: any other layout goes together with it.
fn finish(_cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    let plain = (&raw const crate::types::object::LAYOUT).expose_provenance() as u64;
    class.layout.store(plain, Ordering::Relaxed);
    Ok(())
}

/// `typing.Generic`.
pub static TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "Abstract base class for generic types.\n\nA class with a type parameter list derives from it implicitly:\n\n    \
          class Mapping[KT, VT]:\n        def __getitem__(self, key: KT) -> VT:\n            ...\n\n\
          Older code names it as a base: ``class Mapping(Generic[KT, VT])``.\n",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::MUTABLE),
    methods: &[
        Method::many("__class_getitem__", class_getitem, "Parameterizes a generic class.").on_class(),
        Method::many("__init_subclass__", init_subclass, "Function to initialize subclasses.").on_class(),
    ],
    finish: Some(finish),
    ..TypeDef::new("Generic", &LAYOUT)
};

// ---- NoDefault

/// The cell of the singleton.
#[repr(C)]
pub struct NoDefault {
    header: Header,
}

/// The layout of `NoDefault`.
pub static NO_DEFAULT_LAYOUT: Layout =
    Layout::of::<NoDefault>("NoDefaultType", ids::NO_DEFAULT, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, only a header; there is nothing to report.
unsafe impl Cell for NoDefault {
    fn layout() -> &'static Layout {
        &NO_DEFAULT_LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

/// `typing.NoDefault`.
pub fn no_default(cx: &Cx) -> Value {
    let field = &cx.vm().no_default;
    if let Some(value) = field.get() {
        return value;
    }
    let fresh = cx.allocate(NoDefault { header: Header::default() }).value();
    match field.compare_exchange(cx, None, Some(fresh)) {
        Ok(()) => fresh,
        Err(first) => first.unwrap_or(fresh),
    }
}

fn new_no_default(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if !args.are_none() {
        return Err(cx.type_error("NoDefaultType takes no arguments"));
    }
    Ok(no_default(cx))
}

fn repr_no_default(cx: &Cx, _value: Value) -> PyResult {
    Ok(cx.intern_str("typing.NoDefault").value())
}

/// The type of `typing.NoDefault`.
pub static NO_DEFAULT_TYPE: TypeDef = TypeDef {
    doc: "The type of the NoDefault singleton.",
    base: Some(&crate::types::object::TYPE),
    slots: Slots { new: Some(new_no_default), repr: Some(repr_no_default), ..Slots::NONE },
    methods: &[Method::none(
        "__reduce__",
        |cx, _value: Value| Ok(cx.intern_str("NoDefault").value()),
        "__reduce__($self, /)\n--\n\n",
    )],
    ..TypeDef::new("NoDefaultType", &NO_DEFAULT_LAYOUT)
};

// ---- evaluators of known values

/// The cell.
#[repr(C)]
pub struct ConstEvaluator {
    header: Header,
    value: Field,
}

/// The layout of evaluators.
pub static EVALUATOR_LAYOUT: Layout =
    Layout::of::<ConstEvaluator>("_typing._ConstEvaluator", ids::CONST_EVALUATOR, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an evaluator of nothing (never used); the value is reported.
unsafe impl Cell for ConstEvaluator {
    fn layout() -> &'static Layout {
        &EVALUATOR_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.value.trace(tracer);
    }
}

/// A function that returns the value, or in the format of strings what it looks like in an annotation.
pub(super) fn const_evaluator(cx: &Cx, value: Value) -> Value {
    cx.allocate(ConstEvaluator { header: Header::default(), value: Field::new(value) }).value()
}

/// `annotationlib.Format.STRING`.
const FORMAT_STRING: i32 = 4;

fn value_of(value: Value) -> Value {
    // SAFETY: called from slots of the type only.
    let evaluator: Ref<ConstEvaluator> = unsafe { Ref::from_value_unchecked(value) };
    evaluator.value.get_or_none()
}

fn call(cx: &Cx, evaluator: Value, args: Args<'_>) -> PyResult {
    args.no_keywords(cx, "constevaluator.__call__")?;
    let (Some(format), 1) = (args.get(0), args.len()) else {
        let given = args.len();
        return Err(raise!(cx, TypeError, "constevaluator.__call__() takes exactly 1 argument ({given} given)"));
    };
    let value = value_of(evaluator);
    if cx.c_int_argument(format)? != FORMAT_STRING {
        return Ok(value);
    }
    let mut text = Wtf8Buf::new();
    match value.downcast::<Tuple>(cx) {
        Some(items) => {
            text.push_str("(");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push_str(", ");
                }
                write_type(cx, &mut text, item)?;
            }
            text.push_str(")");
        }
        None => write_type(cx, &mut text, value)?,
    }
    Ok(cx.new_str_wtf8(&text).value())
}

fn repr_evaluator(cx: &Cx, evaluator: Value) -> PyResult {
    let value = protocol::object::repr(cx, value_of(evaluator))?;
    let mut text = Wtf8Buf::from("<constevaluator ");
    text.push_wtf8(value.as_wtf8());
    text.push_str(">");
    Ok(cx.new_str_wtf8(&text).value())
}

/// The type of evaluators of known values.
pub static EVALUATOR_TYPE: TypeDef = TypeDef {
    module: "_typing",
    doc: "Internal type for implementing evaluation functions.",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { call: Some(call), repr: Some(repr_evaluator), ..Slots::NONE },
    ..TypeDef::new("_ConstEvaluator", &EVALUATOR_LAYOUT)
};
