//! `typing.ParamSpec`, and `P.args` and `P.kwargs`.

use countless_gc::{Header, Tracer};

use super::{Lazy, Variance, default_argument};
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// The cell.
#[repr(C)]
pub struct ParamSpec {
    header: Header,
    /// The instance's `__dict__`: `__module__`, and what is set.
    dictionary: Field,
    name: RefField<Str>,
    bound: Field,
    default: Lazy,
    covariant: bool,
    contravariant: bool,
    inferred: bool,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<ParamSpec>("typing.ParamSpec", ids::PARAM_SPEC, Some(&crate::types::object::LAYOUT))
        .with_dictionary(std::mem::offset_of!(ParamSpec, dictionary));

// SAFETY: `repr(C)`, header first, zero is a specification without a name (never used); all fields are reported.
unsafe impl Cell for ParamSpec {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dictionary.trace(tracer);
        self.name.trace(tracer);
        self.bound.trace(tracer);
        self.default.trace(tracer);
    }
}

fn allocate(cx: &Cx, name: Ref<Str>, bound: Option<Value>, default: Lazy, variance: Variance) -> Value {
    let Variance { covariant, contravariant, inferred } = variance;
    let contents = ParamSpec {
        header: Header::default(),
        dictionary: Field::empty(),
        name: RefField::new(name),
        bound: bound.map_or(Field::empty(), Field::new),
        default,
        covariant,
        contravariant,
        inferred,
    };
    cx.allocate(contents).value()
}

/// The specification of a statement.
pub(super) fn of_syntax(cx: &Cx, name: Ref<Str>, default: Lazy) -> Value {
    let variance = Variance { covariant: false, contravariant: false, inferred: true };
    allocate(cx, name, None, default, variance)
}

/// `__default__`.
pub(super) fn default(cx: &Cx, parameter: Ref<ParamSpec>) -> PyResult {
    parameter.default.get(cx, super::generic::no_default(cx))
}

fn this(value: Value) -> Ref<ParamSpec> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn name_of(cx: &Cx, parameter: Ref<ParamSpec>) -> Ref<Str> {
    parameter.name.get().unwrap_or(cx.names().empty)
}

static NEW: Signature<6> =
    Signature::new("paramspec", ["name", "bound", "default", "covariant", "contravariant", "infer_variance"])
        .required(1)
        .keyword_only_from(1);

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [name, bound, default, covariant, contravariant, inferred] = NEW.bind(cx, args)?;
    let name = cx.str_argument_named(name.unwrap_or(Value::NONE), "paramspec", "name")?;
    let variance = Variance::read(cx, [covariant, contravariant, inferred])?;
    let bound = bound.and_then(Value::not_none);
    let parameter = allocate(cx, name, bound, default_argument(cx, default), variance);
    super::set_caller_module(cx, parameter)?;
    Ok(parameter)
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let parameter = this(value);
    let sign = Variance::sign(parameter.covariant, parameter.contravariant, parameter.inferred);
    Ok(super::shown(cx, sign, name_of(cx, parameter)))
}

fn typing_subst(cx: &Cx, parameter: Value, argument: Value) -> PyResult {
    super::call_typing(cx, "_paramspec_subst", &[parameter, argument])
}

fn prepare_subst(cx: &Cx, parameter: Value, alias: Value, args: Value) -> PyResult {
    super::call_typing(cx, "_paramspec_prepare_subst", &[parameter, alias, args])
}

static METHODS: &[Method] = &[
    Method::one("__typing_subst__", typing_subst, "__typing_subst__($self, arg, /)\n--\n\n"),
    Method::two("__typing_prepare_subst__", prepare_subst, "__typing_prepare_subst__($self, alias, args, /)\n--\n\n"),
    Method::none(
        "has_default",
        |cx, parameter: Ref<ParamSpec>| Ok(Value::bool(parameter.default.is_default(cx))),
        "has_default($self, /)\n--\n\n",
    ),
    Method::none("__reduce__", |cx, parameter| Ok(name_of(cx, parameter).value()), "__reduce__($self, /)\n--\n\n"),
    Method::one(
        "__mro_entries__",
        |cx, _parameter: Ref<ParamSpec>, _bases| Err(super::cannot_subclass(cx, "ParamSpec")),
        "__mro_entries__($self, object, /)\n--\n\n",
    ),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member("__name__", |cx, parameter| Ok(name_of(cx, parameter).value()), ""),
    GetSet::member("__bound__", |_cx, parameter: Ref<ParamSpec>| Ok(parameter.bound.get_or_none()), ""),
    GetSet::member("__covariant__", |_cx, parameter: Ref<ParamSpec>| Ok(Value::bool(parameter.covariant)), ""),
    GetSet::member("__contravariant__", |_cx, parameter: Ref<ParamSpec>| Ok(Value::bool(parameter.contravariant)), ""),
    GetSet::member("__infer_variance__", |_cx, parameter: Ref<ParamSpec>| Ok(Value::bool(parameter.inferred)), ""),
    GetSet::read_only(
        "args",
        |cx, parameter: Value| Ok(part(cx, ids::PARAM_SPEC_ARGS, parameter)),
        "Represents positional arguments.",
    ),
    GetSet::read_only(
        "kwargs",
        |cx, parameter: Value| Ok(part(cx, ids::PARAM_SPEC_KWARGS, parameter)),
        "Represents keyword arguments.",
    ),
    GetSet::read_only("__default__", default, "The default value for this ParamSpec."),
    GetSet::read_only("evaluate_default", |cx, parameter: Ref<ParamSpec>| Ok(parameter.default.evaluator(cx)), ""),
];

/// `typing.ParamSpec`.
pub static TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "Parameter specification variable.\n\nIt stands for the parameters of a callable, to say that another one takes the\n\
          same: ``def logged[**P, T](f: Callable[P, T]) -> Callable[P, T]``, whose inner function takes\n\
          ``*args: P.args, **kwargs: P.kwargs``. A call makes one too: ``P = ParamSpec('P')``.\n",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::HAS_DICT.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), repr: Some(repr), bit_or: Some(super::union), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("ParamSpec", &LAYOUT)
};

// ---- P.args and P.kwargs

/// The cell of both.
#[repr(C)]
pub struct Part {
    header: Header,
    origin: Field,
}

/// The layout of `P.args`.
pub static ARGS_LAYOUT: Layout =
    Layout::of::<Part>("typing.ParamSpecArgs", ids::PARAM_SPEC_ARGS, Some(&crate::types::object::LAYOUT));

/// The layout of `P.kwargs`.
pub static KWARGS_LAYOUT: Layout =
    Layout::of::<Part>("typing.ParamSpecKwargs", ids::PARAM_SPEC_KWARGS, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a part of nothing (never used); the origin is reported.
unsafe impl Cell for Part {
    fn layout() -> &'static Layout {
        &ARGS_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.origin.trace(tracer);
    }
}

fn part(cx: &Cx, id: crate::types::TypeId, origin: Value) -> Value {
    let contents = Part { header: Header::default(), origin: Field::new(origin) };
    cx.allocate_as(id, size_of::<Part>(), contents).value()
}

fn origin_of(value: Value) -> Value {
    // SAFETY: called from slots and rows of the two types only.
    let part: Ref<Part> = unsafe { Ref::from_value_unchecked(value) };
    part.origin.get_or_none()
}

static NEW_ARGS: Signature<1> = Signature::new("paramspecargs", ["origin"]).required(1);
static NEW_KWARGS: Signature<1> = Signature::new("paramspeckwargs", ["origin"]).required(1);

fn new_args(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [origin] = NEW_ARGS.bind(cx, args)?;
    Ok(part(cx, ids::PARAM_SPEC_ARGS, origin.unwrap_or(Value::NONE)))
}

fn new_kwargs(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [origin] = NEW_KWARGS.bind(cx, args)?;
    Ok(part(cx, ids::PARAM_SPEC_KWARGS, origin.unwrap_or(Value::NONE)))
}

fn repr_part(cx: &Cx, value: Value) -> PyResult {
    let suffix = if value.is_exactly(ids::PARAM_SPEC_ARGS) { "args" } else { "kwargs" };
    let origin = origin_of(value);
    let shown = match origin.exact::<ParamSpec>() {
        Some(parameter) => name_of(cx, parameter),
        None => protocol::object::repr(cx, origin)?,
    };
    Ok(cx
        .new_str_wtf8(&{
            let mut text = countless_common::wtf8::Wtf8Buf::new();
            text.push_wtf8(shown.as_wtf8());
            text.push_str(".");
            text.push_str(suffix);
            text
        })
        .value())
}

fn compare_part(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) || !right.is_exactly(left.type_id()) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    protocol::compare::compare(cx, origin_of(left), origin_of(right), comparison)
}

static PART_ATTRIBUTES: &[GetSet] = &[GetSet::member("__origin__", |_cx, part: Value| Ok(origin_of(part)), "")];

/// `typing.ParamSpecArgs`.
pub static ARGS_TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "The args for a ParamSpec object.\n\n``P.args`` of a ParamSpec ``P``, which is its ``__origin__``.\n",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::WEAK_REFERENCES,
    slots: Slots { new: Some(new_args), repr: Some(repr_part), compare: Some(compare_part), ..Slots::NONE },
    methods: &[Method::one(
        "__mro_entries__",
        |cx, _part: Value, _bases| Err(super::cannot_subclass(cx, "ParamSpecArgs")),
        "__mro_entries__($self, object, /)\n--\n\n",
    )],
    attributes: PART_ATTRIBUTES,
    ..TypeDef::new("ParamSpecArgs", &ARGS_LAYOUT)
};

/// `typing.ParamSpecKwargs`.
pub static KWARGS_TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "The kwargs for a ParamSpec object.\n\n``P.kwargs`` of a ParamSpec ``P``, which is its ``__origin__``.\n",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::WEAK_REFERENCES,
    slots: Slots { new: Some(new_kwargs), repr: Some(repr_part), compare: Some(compare_part), ..Slots::NONE },
    methods: &[Method::one(
        "__mro_entries__",
        |cx, _part: Value, _bases| Err(super::cannot_subclass(cx, "ParamSpecKwargs")),
        "__mro_entries__($self, object, /)\n--\n\n",
    )],
    attributes: PART_ATTRIBUTES,
    ..TypeDef::new("ParamSpecKwargs", &KWARGS_LAYOUT)
};
