//! `typing.TypeAliasType`: what the statement `type X = …` makes.

use countless_gc::{Header, Tracer};

use super::{Lazy, default_of, unpack_tuples};
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::function::Function;
use crate::types::ids;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

/// The cell.
#[repr(C)]
pub struct TypeAlias {
    header: Header,
    name: RefField<Str>,
    /// Empty for an alias without any.
    parameters: RefField<Tuple>,
    value: Lazy,
    /// The module whose code called the constructor; of an alias of a statement, the evaluator knows it.
    module: Field,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<TypeAlias>("typing.TypeAliasType", ids::TYPE_ALIAS, Some(&crate::types::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an alias without a name (never used); all fields are reported.
unsafe impl Cell for TypeAlias {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.name.trace(tracer);
        self.parameters.trace(tracer);
        self.value.trace(tracer);
        self.module.trace(tracer);
    }
}

fn allocate(cx: &Cx, name: Ref<Str>, parameters: Option<Ref<Tuple>>, value: Lazy, module: Option<Value>) -> Value {
    let contents = TypeAlias {
        header: Header::default(),
        name: RefField::new(name),
        parameters: RefField::from_option(parameters.filter(|parameters| !parameters.is_empty())),
        value,
        module: module.map_or(Field::empty(), Field::new),
    };
    cx.allocate(contents).value()
}

/// The alias of a statement.
pub(super) fn of_syntax(cx: &Cx, name: Ref<Str>, parameters: Option<Ref<Tuple>>, evaluator: Value) -> Value {
    allocate(cx, name, parameters, Lazy::by(Some(evaluator)), None)
}

fn this(value: Value) -> Ref<TypeAlias> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn name_of(cx: &Cx, alias: Ref<TypeAlias>) -> Value {
    alias.name.get().unwrap_or(cx.names().empty).value()
}

/// Every item must be a type parameter, and those without a default must come first.
fn check_parameters(cx: &Cx, parameters: Ref<Tuple>) -> PyResult<()> {
    let mut default_seen = false;
    for parameter in parameters.iter() {
        let Some(default) = default_of(cx, parameter)? else {
            let shown = protocol::object::repr(cx, parameter)?;
            return Err(raise!(cx, TypeError, "Expected a type param, got {}", shown.as_wtf8()));
        };
        if default != super::generic::no_default(cx) {
            default_seen = true;
        } else if default_seen {
            let shown = protocol::object::repr(cx, parameter)?;
            let shown = shown.as_wtf8();
            return Err(raise!(cx, TypeError, "non-default type parameter '{shown}' follows default type parameter"));
        }
    }
    Ok(())
}

static NEW: Signature<3> =
    Signature::new("typealias", ["name", "value", "type_params"]).required(2).keyword_only_from(2);

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [name, value, parameters] = NEW.bind(cx, args)?;
    let name = cx.str_argument_named(name.unwrap_or(Value::NONE), "typealias", "name")?;
    let parameters = match parameters {
        None => None,
        Some(parameters) => match parameters.downcast::<Tuple>(cx) {
            Some(parameters) => Some(parameters),
            None => return Err(cx.type_error("type_params must be a tuple")),
        },
    };
    if let Some(parameters) = parameters {
        check_parameters(cx, parameters)?;
    }
    let module = super::caller_module(cx)?.unwrap_or(Value::NONE);
    Ok(allocate(cx, name, parameters, Lazy::known(value.unwrap_or(Value::NONE)), Some(module)))
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    Ok(name_of(cx, this(value)))
}

fn subscript(cx: &Cx, value: Value, item: Value) -> PyResult {
    if this(value).parameters.get().is_none() {
        return Err(cx.type_error("Only generic type aliases are subscriptable"));
    }
    crate::types::generic_alias::new(cx, value, item)
}

fn get_parameters(cx: &Cx, alias: Ref<TypeAlias>) -> PyResult {
    match alias.parameters.get() {
        Some(parameters) => Ok(unpack_tuples(cx, parameters)?.value()),
        None => Ok(cx.empty_tuple().value()),
    }
}

fn get_type_parameters(cx: &Cx, alias: Ref<TypeAlias>) -> PyResult {
    Ok(alias.parameters.get().unwrap_or_else(|| cx.empty_tuple()).value())
}

fn get_module(cx: &Cx, alias: Ref<TypeAlias>) -> PyResult {
    if let Some(module) = alias.module.get() {
        return Ok(module);
    }
    match alias.value.evaluator.get().and_then(|evaluator| evaluator.exact::<Function>()) {
        Some(function) => cx.get_attribute(function.value(), cx.names().__module__),
        None => Ok(Value::NONE),
    }
}

static METHODS: &[Method] =
    &[Method::none("__reduce__", |cx, this| Ok(name_of(cx, this)), "__reduce__($self, /)\n--\n\n")];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member("__name__", |cx, alias| Ok(name_of(cx, alias)), ""),
    GetSet::read_only("__parameters__", get_parameters, ""),
    GetSet::read_only("__type_params__", get_type_parameters, ""),
    GetSet::read_only("__value__", |cx, alias: Ref<TypeAlias>| alias.value.get(cx, Value::NONE), ""),
    GetSet::read_only("evaluate_value", |cx, alias: Ref<TypeAlias>| Ok(alias.value.evaluator(cx)), ""),
    GetSet::read_only("__module__", get_module, ""),
];

/// `typing.TypeAliasType`.
pub static TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "Type alias.\n\nThe statement ``type Name = value`` makes one. ``__name__`` is its name, ``__value__`` what it stands\n\
          for, evaluated when it is asked for, and ``__type_params__`` its type parameters, if it is generic as in\n\
          ``type ListOrSet[T] = list[T] | set[T]``. See PEP 695.\n",
    base: Some(&crate::types::object::TYPE),
    flags: TypeFlags::NONE,
    slots: Slots {
        new: Some(new),
        repr: Some(repr),
        iter: Some(super::iter_unpacked),
        subscript: Some(subscript),
        bit_or: Some(crate::types::union::or),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("TypeAliasType", &LAYOUT)
};
