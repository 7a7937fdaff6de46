//! Type parameters and what belongs to them: `TypeVar`, `ParamSpec`, `TypeVarTuple`, type aliases, `Generic`.
//!
//! Bounds, constraints, defaults and values are evaluated when they are first asked for: a parameter made by syntax has a
//! function that evaluates ([`Lazy`]), one made by a call has the value. What typing does in Python is asked of the module
//! `typing` by name.

pub mod alias;
pub mod generic;
pub mod param_spec;
pub mod type_var;
pub mod type_var_tuple;

use countless_compiler::bytecode::TypeParameterKind;
use countless_gc::Tracer;

use self::type_var::Limit;
use super::ids;
use super::str::Str;
use super::tuple::Tuple;
use crate::object::attribute::instance_set;
use crate::object::cell::{Field, Ref};
use crate::object::protocol::item::get_item;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// The format that evaluators are asked for: `annotationlib.Format.VALUE`.
const FORMAT_VALUE: i64 = 1;

/// A value, or the function that evaluates it, or neither.
#[repr(C)]
pub struct Lazy {
    /// Empty until it is known.
    value: Field,
    evaluator: Field,
}

impl Lazy {
    /// Neither value nor evaluator.
    pub(super) const fn none() -> Lazy {
        Lazy { value: Field::empty(), evaluator: Field::empty() }
    }

    /// A known value.
    pub(super) fn known(value: Value) -> Lazy {
        Lazy { value: Field::new(value), evaluator: Field::empty() }
    }

    /// What the function returns, if there is one.
    pub(super) fn by(evaluator: Option<Value>) -> Lazy {
        Lazy { value: Field::empty(), evaluator: evaluator.map_or(Field::empty(), Field::new) }
    }

    pub(super) fn trace(&self, tracer: &mut Tracer<'_>) {
        self.value.trace(tracer);
        self.evaluator.trace(tracer);
    }

    /// The value, evaluated now if need be; `absent` if there is none.
    pub(super) fn get(&self, cx: &Cx, absent: Value) -> PyResult {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let Some(evaluator) = self.evaluator.get() else { return Ok(absent) };
        let value = cx.call(evaluator, &[Value::int(FORMAT_VALUE)])?;
        Ok(match self.value.compare_exchange(cx, None, Some(value)) {
            Ok(()) => value,
            // Another thread, or the evaluation itself, was first.
            Err(first) => first.unwrap_or(value),
        })
    }

    /// The function that evaluates: for a value given as such, one that returns it; `None` if there is neither.
    pub(super) fn evaluator(&self, cx: &Cx) -> Value {
        match (self.evaluator.get(), self.value.get()) {
            (Some(evaluator), _) => evaluator,
            (None, Some(value)) => generic::const_evaluator(cx, value),
            (None, None) => Value::NONE,
        }
    }

    /// Whether it is a default: anything but `NoDefault`.
    pub(super) fn is_default(&self, cx: &Cx) -> bool {
        self.evaluator.get().is_some() || self.value.get().is_some_and(|value| value != generic::no_default(cx))
    }
}

/// The type parameter of a statement.
pub fn make(
    cx: &Cx,
    kind: TypeParameterKind,
    name: Value,
    evaluator: Option<Value>,
    default: Option<Value>,
) -> PyResult {
    let name = cx.str_argument_named(name, "typevar", "name")?;
    let default = Lazy::by(default);
    Ok(match kind {
        TypeParameterKind::TypeVar => type_var::of_syntax(cx, name, Limit::None, default),
        TypeParameterKind::TypeVarWithBound => {
            type_var::of_syntax(cx, name, Limit::Bound(Lazy::by(evaluator)), default)
        }
        TypeParameterKind::TypeVarWithConstraints => {
            type_var::of_syntax(cx, name, Limit::Constraints(Lazy::by(evaluator)), default)
        }
        TypeParameterKind::ParamSpec => param_spec::of_syntax(cx, name, default),
        TypeParameterKind::TypeVarTuple => type_var_tuple::of_syntax(cx, name, default),
    })
}

/// The alias of a `type` statement: `parameters` is a tuple or None.
pub fn make_alias(cx: &Cx, name: Value, parameters: Value, evaluator: Value) -> PyResult {
    let name = cx.str_argument_named(name, "typealias", "name")?;
    Ok(alias::of_syntax(cx, name, parameters.exact::<Tuple>(), evaluator))
}

/// `Generic[*parameters]`: the base that PEP 695 gives a class with type parameters.
pub fn subscript_generic(cx: &Cx, parameters: Value) -> PyResult {
    let Some(parameters) = parameters.exact::<Tuple>() else {
        return Err(cx.type_error("type parameters must be a tuple"));
    };
    let parameters = unpack_tuples(cx, parameters)?;
    let generic = cx.builtin_type(ids::GENERIC).value();
    call_typing(cx, "_GenericAlias", &[generic, parameters.value()])
}

/// Calls a function of the module `typing`.
fn call_typing(cx: &Cx, function: &str, values: &[Value]) -> PyResult {
    let function = cx.import_attribute("typing", function)?;
    cx.call(function, values)
}

/// `typing.Unpack[value]`.
fn unpacked(cx: &Cx, value: Value) -> PyResult {
    let unpack = cx.import_attribute("typing", "Unpack")?;
    get_item(cx, unpack, value)
}

/// An iterator over `Unpack[value]` alone: what makes `*Ts` work in subscripts.
fn iter_unpacked(cx: &Cx, value: Value) -> PyResult {
    let item = unpacked(cx, value)?;
    let tuple = cx.new_tuple(&[item]);
    crate::object::protocol::iter::get_iter(cx, tuple.value())
}

/// The parameters, the `TypeVarTuple`s among them unpacked.
fn unpack_tuples(cx: &Cx, parameters: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
    if !parameters.iter().any(|parameter| parameter.is_exactly(ids::TYPE_VAR_TUPLE)) {
        return Ok(parameters);
    }
    let list = cx.new_list_with_capacity(parameters.len())?;
    for parameter in parameters.iter() {
        let tuple = parameter.is_exactly(ids::TYPE_VAR_TUPLE);
        list.push(cx, if tuple { unpacked(cx, parameter)? } else { parameter })?;
    }
    list.to_tuple(cx)
}

/// `__name__` of the module whose code runs, if it has one.
fn caller_module(cx: &Cx) -> PyResult<Option<Value>> {
    match cx.current_globals() {
        Some(globals) => globals.get_name(cx, cx.names().__name__),
        None => Ok(None),
    }
}

/// Sets `__module__` of a parameter made by a call: None if the caller has no name.
fn set_caller_module(cx: &Cx, parameter: Value) -> PyResult<()> {
    let module = caller_module(cx)?.unwrap_or(Value::NONE);
    instance_set(cx, parameter, cx.names().__module__, module)?;
    Ok(())
}

/// Variance as given by keywords.
struct Variance {
    covariant: bool,
    contravariant: bool,
    inferred: bool,
}

impl Variance {
    fn read(cx: &Cx, values: [Option<Value>; 3]) -> PyResult<Variance> {
        let truth = |value: Option<Value>| match value {
            Some(value) => crate::object::protocol::object::is_true(cx, value),
            None => Ok(false),
        };
        let [covariant, contravariant, inferred] = values;
        let variance =
            Variance { covariant: truth(covariant)?, contravariant: truth(contravariant)?, inferred: truth(inferred)? };
        if variance.covariant && variance.contravariant {
            return Err(cx.value_error("Bivariant types are not supported."));
        }
        if variance.inferred && (variance.covariant || variance.contravariant) {
            return Err(cx.value_error("Variance cannot be specified with infer_variance."));
        }
        Ok(variance)
    }

    /// What stands before the name in a representation.
    fn sign(covariant: bool, contravariant: bool, inferred: bool) -> &'static str {
        match (inferred, covariant, contravariant) {
            (true, ..) => "",
            (_, true, _) => "+",
            (_, _, true) => "-",
            _ => "~",
        }
    }
}

/// The bound given to a constructor: None for none, else a type.
fn checked_bound(cx: &Cx, bound: Option<Value>) -> PyResult<Option<Value>> {
    match bound.and_then(Value::not_none) {
        Some(bound) => {
            let message = cx.new_str("Bound must be a type.").value();
            call_typing(cx, "_type_check", &[bound, message]).map(Some)
        }
        None => Ok(None),
    }
}

/// The default given to a constructor.
fn default_argument(cx: &Cx, default: Option<Value>) -> Lazy {
    Lazy::known(default.unwrap_or_else(|| generic::no_default(cx)))
}

/// `left | right` of a type variable and anything that typing takes for a type.
fn union(cx: &Cx, left: Value, right: Value) -> PyResult {
    super::union::from_item(cx, cx.new_tuple(&[left, right]).value())
}

/// The error of deriving from a parameter.
#[cold]
fn cannot_subclass(cx: &Cx, kind: &str) -> Raised {
    raise!(cx, TypeError, "Cannot subclass an instance of {kind}")
}

/// The default of any type parameter (`NoDefault` if it has none); `None` if it is not one.
fn default_of(cx: &Cx, parameter: Value) -> PyResult<Option<Value>> {
    let default = match parameter.type_id() {
        ids::TYPE_VAR => parameter.exact::<type_var::TypeVar>().map(|parameter| type_var::default(cx, parameter)),
        ids::PARAM_SPEC => {
            parameter.exact::<param_spec::ParamSpec>().map(|parameter| param_spec::default(cx, parameter))
        }
        ids::TYPE_VAR_TUPLE => {
            parameter.exact::<type_var_tuple::TypeVarTuple>().map(|parameter| type_var_tuple::default(cx, parameter))
        }
        _ => None,
    };
    default.transpose()
}

/// The string that a representation is made of.
fn shown(cx: &Cx, sign: &str, name: Ref<Str>) -> Value {
    if sign.is_empty() { name.value() } else { cx.new_str(&format!("{sign}{}", name.as_wtf8())).value() }
}
