//! `typing.TypeVarTuple`.

use countless_gc::{Header, Tracer};

use super::{Lazy, default_argument};
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// The cell.
#[repr(C)]
pub struct TypeVarTuple {
    header: Header,
    /// The instance's `__dict__`: `__module__`, and what is set.
    dictionary: Field,
    name: RefField<Str>,
    default: Lazy,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<TypeVarTuple>("typing.TypeVarTuple", ids::TYPE_VAR_TUPLE, Some(&crate::types::object::LAYOUT))
        .with_dictionary(std::mem::offset_of!(TypeVarTuple, dictionary));

// SAFETY: `repr(C)`, header first, zero is a variable without a name (never used); all fields are reported.
unsafe impl Cell for TypeVarTuple {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dictionary.trace(tracer);
        self.name.trace(tracer);
        self.default.trace(tracer);
    }
}

/// The variable of a statement.
pub(super) fn of_syntax(cx: &Cx, name: Ref<Str>, default: Lazy) -> Value {
    let contents =
        TypeVarTuple { header: Header::default(), dictionary: Field::empty(), name: RefField::new(name), default };
    cx.allocate(contents).value()
}

/// `__default__`.
pub(super) fn default(cx: &Cx, variable: Ref<TypeVarTuple>) -> PyResult {
    variable.default.get(cx, super::generic::no_default(cx))
}

fn name_of(cx: &Cx, variable: Ref<TypeVarTuple>) -> Value {
    variable.name.get().unwrap_or(cx.names().empty).value()
}

static NEW: Signature<2> = Signature::new("typevartuple", ["name", "default"]).required(1).keyword_only_from(1);

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [name, default] = NEW.bind(cx, args)?;
    let name = cx.str_argument_named(name.unwrap_or(Value::NONE), "typevartuple", "name")?;
    let variable = of_syntax(cx, name, default_argument(cx, default));
    super::set_caller_module(cx, variable)?;
    Ok(variable)
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    // SAFETY: called from slots of the type only.
    Ok(name_of(cx, unsafe { Ref::from_value_unchecked(value) }))
}

fn typing_subst(cx: &Cx, _variable: Value, _argument: Value) -> PyResult {
    Err(cx.type_error("Substitution of bare TypeVarTuple is not supported"))
}

fn prepare_subst(cx: &Cx, variable: Value, alias: Value, args: Value) -> PyResult {
    super::call_typing(cx, "_typevartuple_prepare_subst", &[variable, alias, args])
}

static METHODS: &[Method] = &[
    Method::one("__typing_subst__", typing_subst, "__typing_subst__($self, arg, /)\n--\n\n"),
    Method::two("__typing_prepare_subst__", prepare_subst, "__typing_prepare_subst__($self, alias, args, /)\n--\n\n"),
    Method::none("__reduce__", |cx, this| Ok(name_of(cx, this)), "__reduce__($self, /)\n--\n\n"),
    Method::none(
        "has_default",
        |cx, variable: Ref<TypeVarTuple>| Ok(Value::bool(variable.default.is_default(cx))),
        "has_default($self, /)\n--\n\n",
    ),
    Method::one(
        "__mro_entries__",
        |cx, _variable: Value, _bases| Err(super::cannot_subclass(cx, "TypeVarTuple")),
        "__mro_entries__($self, object, /)\n--\n\n",
    ),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member("__name__", |cx, variable| Ok(name_of(cx, variable)), ""),
    GetSet::read_only("__default__", default, "The default value for this TypeVarTuple."),
    GetSet::read_only("evaluate_default", |cx, variable: Ref<TypeVarTuple>| Ok(variable.default.evaluator(cx)), ""),
];

/// `typing.TypeVarTuple`.
pub static TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "Type variable tuple.\n\nIt stands for any number of types: ``def last[T, *Ts](row: tuple[*Ts, T]) -> T``.\n\
          A call makes one too: ``Ts = TypeVarTuple('Ts')``. See PEP 646.\n",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::HAS_DICT.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), repr: Some(repr), iter: Some(super::iter_unpacked), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("TypeVarTuple", &LAYOUT)
};
