//! `typing.TypeVar`.

use countless_gc::{Header, Tracer};

use super::{Lazy, Variance, checked_bound, default_argument};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::ids;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;

/// The cell.
#[repr(C)]
pub struct TypeVar {
    header: Header,
    /// The instance's `__dict__`: `__module__`, and what is set.
    dictionary: Field,
    name: RefField<Str>,
    bound: Lazy,
    constraints: Lazy,
    default: Lazy,
    covariant: bool,
    contravariant: bool,
    inferred: bool,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<TypeVar>("typing.TypeVar", ids::TYPE_VAR, Some(&crate::types::object::LAYOUT))
    .with_dictionary(std::mem::offset_of!(TypeVar, dictionary));

// SAFETY: `repr(C)`, header first, zero is a variable without a name (never used); all fields are reported.
unsafe impl Cell for TypeVar {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dictionary.trace(tracer);
        self.name.trace(tracer);
        self.bound.trace(tracer);
        self.constraints.trace(tracer);
        self.default.trace(tracer);
    }
}

/// What a type variable may stand for.
pub(super) enum Limit {
    /// Anything.
    None,
    /// Subtypes of one type.
    Bound(Lazy),
    /// One of several types.
    Constraints(Lazy),
}

fn allocate(cx: &Cx, name: Ref<Str>, limit: Limit, default: Lazy, variance: Variance) -> Value {
    let (bound, constraints) = match limit {
        Limit::None => (Lazy::none(), Lazy::none()),
        Limit::Bound(bound) => (bound, Lazy::none()),
        Limit::Constraints(constraints) => (Lazy::none(), constraints),
    };
    let Variance { covariant, contravariant, inferred } = variance;
    let contents = TypeVar {
        header: Header::default(),
        dictionary: Field::empty(),
        name: RefField::new(name),
        bound,
        constraints,
        default,
        covariant,
        contravariant,
        inferred,
    };
    cx.allocate(contents).value()
}

/// The variable of a statement: its variance is inferred.
pub(super) fn of_syntax(cx: &Cx, name: Ref<Str>, limit: Limit, default: Lazy) -> Value {
    let variance = Variance { covariant: false, contravariant: false, inferred: true };
    allocate(cx, name, limit, default, variance)
}

/// `__default__`.
pub(super) fn default(cx: &Cx, variable: Ref<TypeVar>) -> PyResult {
    variable.default.get(cx, super::generic::no_default(cx))
}

fn this(value: Value) -> Ref<TypeVar> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn name_of(cx: &Cx, variable: Ref<TypeVar>) -> Ref<Str> {
    variable.name.get().unwrap_or(cx.names().empty)
}

/// The keywords, `name` first.
const KEYWORDS: [&str; 6] = ["name", "bound", "default", "covariant", "contravariant", "infer_variance"];

#[cold]
fn bad_keyword(cx: &Cx, keyword: Ref<Str>) -> Raised {
    raise!(cx, TypeError, "typevar() got an unexpected keyword argument '{}'", keyword.as_wtf8())
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let mut values: [Option<Value>; 6] = [None; 6];
    values[0] = args.get(0);
    for (keyword, value) in args.keywords() {
        let text = keyword.as_wtf8();
        let Some(index) = KEYWORDS.iter().position(|name| name.as_bytes() == text.as_bytes()) else {
            return Err(bad_keyword(cx, keyword));
        };
        if values[index].replace(value).is_some() {
            return Err(cx.type_error("argument for typevar() given by name ('name') and position (1)"));
        }
    }
    let [name, bound, default, covariant, contravariant, inferred] = values;
    let Some(name) = name else { return Err(cx.type_error("typevar() missing required argument 'name' (pos 1)")) };
    let name = cx.str_argument_named(name, "typevar", "name")?;
    let variance = Variance::read(cx, [covariant, contravariant, inferred])?;
    let bound = checked_bound(cx, bound)?;
    let count = args.len().saturating_sub(1);
    if count == 1 {
        return Err(cx.type_error("A single constraint is not allowed"));
    }
    let limit = match (bound, count) {
        (None, 0) => Limit::None,
        (Some(bound), 0) => Limit::Bound(Lazy::known(bound)),
        (Some(_), _) => return Err(cx.type_error("Constraints cannot be combined with bound=...")),
        (None, _) => {
            let constraints = cx.new_blank_tuple(count);
            args.iter().skip(1).enumerate().for_each(|(index, constraint)| constraints.init(index, constraint));
            Limit::Constraints(Lazy::known(constraints.value()))
        }
    };
    let variable = allocate(cx, name, limit, default_argument(cx, default), variance);
    super::set_caller_module(cx, variable)?;
    Ok(variable)
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let variable = this(value);
    let sign = Variance::sign(variable.covariant, variable.contravariant, variable.inferred);
    Ok(super::shown(cx, sign, name_of(cx, variable)))
}

fn typing_subst(cx: &Cx, variable: Ref<TypeVar>, argument: Value) -> PyResult {
    super::call_typing(cx, "_typevar_subst", &[variable.value(), argument])
}

/// Where a value is among the items of a sequence.
fn position_in(cx: &Cx, sequence: Value, wanted: Value) -> PyResult<usize> {
    let iterator = protocol::iter::get_iter(cx, sequence)?;
    let mut index = 0;
    while let Some(item) = protocol::iter::next(cx, iterator)? {
        if protocol::compare::equal(cx, item, wanted)? {
            return Ok(index);
        }
        index += 1;
    }
    Err(cx.value_error("sequence.index(x): x not in sequence"))
}

/// Puts the default in the place of an argument that is not given.
fn prepare_subst(cx: &Cx, variable: Ref<TypeVar>, alias: Value, args: Value) -> PyResult {
    let parameters = cx.get_attribute(alias, cx.names().__parameters__)?;
    let given = protocol::object::length(cx, args)?;
    let index = position_in(cx, parameters, variable.value())?;
    if index < given {
        return Ok(args);
    }
    if index == given {
        let default = default(cx, variable)?;
        if default != super::generic::no_default(cx) {
            let more = cx.new_tuple(&[default]).value();
            return protocol::number::binary(cx, args, more, protocol::number::BinaryOperator::Add);
        }
    }
    let alias = protocol::object::str(cx, alias)?;
    let least = index + 1;
    Err(raise!(cx, TypeError, "Too few arguments for {}; actual {given}, expected at least {least}", alias.as_wtf8()))
}

fn get_constraints(cx: &Cx, variable: Ref<TypeVar>) -> PyResult {
    variable.constraints.get(cx, cx.empty_tuple().value())
}

static METHODS: &[Method] = &[
    Method::one("__typing_subst__", typing_subst, "__typing_subst__($self, arg, /)\n--\n\n"),
    Method::two("__typing_prepare_subst__", prepare_subst, "__typing_prepare_subst__($self, alias, args, /)\n--\n\n"),
    Method::none("__reduce__", |cx, variable| Ok(name_of(cx, variable).value()), "__reduce__($self, /)\n--\n\n"),
    Method::none(
        "has_default",
        |cx, variable: Ref<TypeVar>| Ok(Value::bool(variable.default.is_default(cx))),
        "has_default($self, /)\n--\n\n",
    ),
    Method::one(
        "__mro_entries__",
        |cx, _variable: Ref<TypeVar>, _bases| Err(super::cannot_subclass(cx, "TypeVar")),
        "__mro_entries__($self, object, /)\n--\n\n",
    ),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member("__name__", |cx, variable| Ok(name_of(cx, variable).value()), ""),
    GetSet::member("__covariant__", |_cx, variable: Ref<TypeVar>| Ok(Value::bool(variable.covariant)), ""),
    GetSet::member("__contravariant__", |_cx, variable: Ref<TypeVar>| Ok(Value::bool(variable.contravariant)), ""),
    GetSet::member("__infer_variance__", |_cx, variable: Ref<TypeVar>| Ok(Value::bool(variable.inferred)), ""),
    GetSet::read_only("__bound__", |cx, variable: Ref<TypeVar>| variable.bound.get(cx, Value::NONE), ""),
    GetSet::read_only("__constraints__", get_constraints, ""),
    GetSet::read_only("__default__", default, ""),
    GetSet::read_only("evaluate_bound", |cx, variable: Ref<TypeVar>| Ok(variable.bound.evaluator(cx)), ""),
    GetSet::read_only("evaluate_constraints", |cx, variable: Ref<TypeVar>| Ok(variable.constraints.evaluator(cx)), ""),
    GetSet::read_only("evaluate_default", |cx, variable: Ref<TypeVar>| Ok(variable.default.evaluator(cx)), ""),
];

/// `typing.TypeVar`.
pub static TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "Type variable.\n\nIt stands for one type in a generic function, class or alias. Type parameter lists make them\n\
          (``def first[T](items: list[T]) -> T``); so does a call: ``T = TypeVar('T')``. A bound limits it to subtypes of\n\
          one type, constraints to one of several types, and a default is used where nothing is given.\n",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::HAS_DICT.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), repr: Some(repr), bit_or: Some(super::union), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("TypeVar", &LAYOUT)
};
