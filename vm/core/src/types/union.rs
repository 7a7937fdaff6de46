//! `typing.Union`, which is `types.UnionType` too: `int | str`.
//!
//! A union keeps its arguments in order, and what of them can be hashed as a frozenset, for comparison.

use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Tracer};

use super::generic_alias::{parameters_of, substitute, write_type};
use super::list::List;
use super::set::Set;
use super::tuple::Tuple;
use super::{ids, object};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute::{generic_get, generic_set};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::class;
use crate::object::protocol::compare::equal;
use crate::object::protocol::object::{hash as hash_of, repr as repr_of};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct Union {
    header: Header,
    arguments: RefField<Tuple>,
    /// A frozenset of the arguments that can be hashed.
    hashable: RefField<Set>,
    /// The others; empty if there are none.
    unhashable: RefField<Tuple>,
    /// The type variables, once somebody asked.
    parameters: RefField<Tuple>,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<Union>("typing.Union", ids::UNION, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a union of nothing (never used); all fields are reported.
unsafe impl Cell for Union {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.arguments.trace(tracer);
        self.hashable.trace(tracer);
        self.unhashable.trace(tracer);
        self.parameters.trace(tracer);
    }
}

impl Union {
    /// `__args__`.
    pub fn arguments(&self) -> Ref<Tuple> {
        self.arguments.get().expect("a union has arguments")
    }

    fn hashable(&self) -> Ref<Set> {
        self.hashable.get().expect("a union has a set of its arguments")
    }
}

fn union(value: Value) -> Ref<Union> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

/// Gathers the arguments of a union, each once.
struct Builder<'a> {
    cx: &'a Cx,
    arguments: Ref<List>,
    hashable: Ref<Set>,
    unhashable: Ref<List>,
}

impl Builder<'_> {
    fn new(cx: &Cx) -> Builder<'_> {
        Builder { cx, arguments: cx.new_list(), hashable: cx.new_frozen_set(), unhashable: cx.new_list() }
    }

    /// Adds a type, or those of a union; None stands for its class.
    fn add(&self, value: Value) -> PyResult<()> {
        if let Some(inner) = value.exact::<Union>() {
            return inner.arguments().iter().try_for_each(|argument| self.add_single(argument));
        }
        self.add_single(value)
    }

    fn add_single(&self, value: Value) -> PyResult<()> {
        let cx = self.cx;
        let value = if value.is_none() { cx.builtin_type(ids::NONE).value() } else { value };
        match hash_of(cx, value) {
            Ok(hash) => {
                if !self.hashable.add_hashed(cx, value, hash)? {
                    return Ok(());
                }
            }
            Err(raised) => {
                cx.ignore_if(raised, crate::exceptions::ExceptionKind::TypeError)?;
                for known in self.unhashable.iter() {
                    if equal(cx, known, value)? {
                        return Ok(());
                    }
                }
                self.unhashable.push(cx, value)?;
            }
        }
        self.arguments.push(cx, value)
    }

    /// Adds an argument of `Union[…]`: what is no type goes through `typing._type_check`.
    fn add_checked(&self, value: Value) -> PyResult<()> {
        let cx = self.cx;
        if is_unionable(value, cx) {
            return self.add(value);
        }
        let check = cx.import_attribute("typing", "_type_check")?;
        let message = cx.new_str("Union[arg, ...]: each arg must be a type.").value();
        self.add(cx.call(check, &[value, message])?)
    }

    fn finish(self) -> PyResult {
        let cx = self.cx;
        let arguments = self.arguments.to_tuple(cx)?;
        match arguments.len() {
            0 => return Err(cx.type_error("Cannot take a Union of no types.")),
            1 => return Ok(arguments.get(0)),
            _ => {}
        }
        let unhashable = if self.unhashable.is_empty() { None } else { Some(self.unhashable.to_tuple(cx)?) };
        let contents = Union {
            header: Header::default(),
            arguments: RefField::new(arguments),
            hashable: RefField::new(self.hashable),
            unhashable: RefField::from_option(unhashable),
            parameters: RefField::empty(),
        };
        Ok(cx.allocate(contents).value())
    }
}

/// Whether `|` makes a union of the value.
fn is_unionable(value: Value, cx: &Cx) -> bool {
    value.is_none()
        || value.as_class(cx).is_some()
        || value.downcast::<super::generic_alias::GenericAlias>(cx).is_some()
        || value.is_exactly(ids::UNION)
        || value.is_exactly(ids::TYPE_ALIAS)
}

/// `left | right` of types.
pub fn or(cx: &Cx, left: Value, right: Value) -> PyResult {
    if !is_unionable(left, cx) || !is_unionable(right, cx) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let builder = Builder::new(cx);
    builder.add(left)?;
    builder.add(right)?;
    builder.finish()
}

/// `left | right` if one of them is a union: the other need not be a type, but what typing takes for one.
fn or_anything(cx: &Cx, left: Value, right: Value) -> PyResult {
    from_item(cx, cx.new_tuple(&[left, right]).value())
}

/// `Union[item]`, of a tuple of types or a single one.
pub fn from_item(cx: &Cx, item: Value) -> PyResult {
    let builder = Builder::new(cx);
    match item.downcast::<Tuple>(cx) {
        Some(items) => items.iter().try_for_each(|item| builder.add_checked(item))?,
        None => builder.add_checked(item)?,
    }
    builder.finish()
}

/// `isinstance(object, union)`.
pub fn is_instance(cx: &Cx, object: Value, value: Value) -> PyResult<bool> {
    class::is_instance(cx, object, union(value).arguments().value())
}

/// `issubclass(derived, union)`.
pub fn is_subclass(cx: &Cx, derived: Value, value: Value) -> PyResult<bool> {
    class::is_subclass(cx, derived, union(value).arguments().value())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    cx.check_native_stack()?;
    let mut out = Wtf8Buf::new();
    for (index, argument) in union(value).arguments().iter().enumerate() {
        if index > 0 {
            out.push_str(" | ");
        }
        write_type(cx, &mut out, argument)?;
    }
    Ok(cx.new_str_wtf8(&out).value())
}

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    let union = union(value);
    if let Some(unhashable) = union.unhashable.get() {
        for argument in unhashable.iter() {
            hash_of(cx, argument)?;
        }
        // They can be hashed by now, but the set does not know of them.
        let count = unhashable.len();
        let plural = if count == 1 { "" } else { "s" };
        return Err(raise!(cx, TypeError, "union contains {count} unhashable element{plural}"));
    }
    hash_of(cx, union.hashable().value())
}

/// Whether each of the items is equal to one of the others.
fn all_among(cx: &Cx, items: Ref<Tuple>, others: Ref<Tuple>) -> PyResult<bool> {
    for item in items.iter() {
        let mut found = false;
        for other in others.iter() {
            found = found || equal(cx, item, other)?;
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.exact::<Union>(), right.exact::<Union>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = left.hashable().equals(cx, right.hashable())?
        && match (left.unhashable.get(), right.unhashable.get()) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.len() == other.len() && all_among(cx, one, other)? && all_among(cx, other, one)?
            }
            _ => false,
        };
    Ok(Value::bool(same == (comparison == Comparison::Equal)))
}

fn get_attribute(cx: &Cx, value: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    if name == cx.names().__module__ {
        return cx.get_attribute(cx.type_of(value).value(), name);
    }
    generic_get(cx, value, name.value())
}

fn parameters(cx: &Cx, union: Ref<Union>) -> PyResult<Ref<Tuple>> {
    if let Some(known) = union.parameters.get() {
        return Ok(known);
    }
    let found = parameters_of(cx, union.arguments())?;
    union.parameters.set(cx, found);
    Ok(found)
}

fn subscript(cx: &Cx, value: Value, item: Value) -> PyResult {
    let union = union(value);
    let parameters = parameters(cx, union)?;
    let arguments = substitute(cx, value, union.arguments(), parameters, item)?;
    from_item(cx, arguments.value())
}

// ---- methods and attributes

fn mro_entries(cx: &Cx, union: Ref<Union>, _bases: Value) -> PyResult {
    let text = repr_of(cx, union.value())?;
    Err(raise!(cx, TypeError, "Cannot subclass {}", text.as_wtf8()))
}

fn class_getitem(cx: &Cx, _class: Value, item: Value) -> PyResult {
    from_item(cx, item)
}

fn get_arguments(_cx: &Cx, union: Ref<Union>) -> PyResult {
    Ok(union.arguments().value())
}

fn get_name(cx: &Cx, _union: Ref<Union>) -> PyResult {
    Ok(cx.intern_str("Union").value())
}

fn get_origin(cx: &Cx, _union: Ref<Union>) -> PyResult {
    Ok(cx.builtin_type(ids::UNION).value())
}

fn get_parameters(cx: &Cx, union: Ref<Union>) -> PyResult {
    parameters(cx, union).map(Ref::value)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "typing",
    doc: "A union of types\n\nAs int | str makes one.",
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        repr: Some(repr),
        hash: Some(hash),
        get_attribute: Some(get_attribute),
        set_attribute: Some(generic_set),
        compare: Some(compare),
        subscript: Some(subscript),
        bit_or: Some(or_anything),
        ..Slots::NONE
    },
    methods: &[
        Method::one("__mro_entries__", mro_entries, "__mro_entries__($self, object, /)\n--\n\n"),
        Method::one(
            "__class_getitem__",
            class_getitem,
            "__class_getitem__($type, object, /)\n--\n\nUnion[type, type]: the union of the types",
        )
        .on_class(),
    ],
    attributes: &[
        GetSet::read_only("__args__", get_arguments, ""),
        GetSet::read_only("__name__", get_name, "Name of the type"),
        GetSet::read_only("__qualname__", get_name, "Qualified name of the type"),
        GetSet::read_only("__origin__", get_origin, "The class of unions, for all of them"),
        GetSet::read_only("__parameters__", get_parameters, "Type variables in the types.UnionType."),
    ],
    ..TypeDef::new("Union", &LAYOUT)
};
