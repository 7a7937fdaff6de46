//! `types.GenericAlias`: `list[int]` and its like. It stands for its origin in almost everything: attributes, calls,
//! bases of classes. What it shares with unions (finding type variables and putting types in their place) is here too.

use std::sync::atomic::{AtomicU8, Ordering};

use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Tracer};

use super::list::List;
use super::str::Str;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use super::{ids, object};
use crate::exceptions::ExceptionKind;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute::{generic_get, generic_set};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol::compare::equal;
use crate::object::protocol::item::get_item;
use crate::object::protocol::object::{hash as hash_of, is_true, repr as repr_of};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// The cell.
#[repr(C)]
pub struct GenericAlias {
    header: Header,
    origin: Field,
    arguments: RefField<Tuple>,
    /// The type variables, once somebody asked.
    parameters: RefField<Tuple>,
    /// Whether it was unpacked, as in `*tuple[int, ...]`: 0 or 1.
    starred: AtomicU8,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<GenericAlias>("types.GenericAlias", ids::GENERIC_ALIAS, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an alias of nothing (never used); all fields are reported.
unsafe impl Cell for GenericAlias {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.origin.trace(tracer);
        self.arguments.trace(tracer);
        self.parameters.trace(tracer);
    }
}

/// The iterator's cell: it yields the alias unpacked, once.
#[repr(C)]
pub struct AliasIterator {
    header: Header,
    /// Empty at the end.
    alias: RefField<GenericAlias>,
}

/// The layout of iterators.
pub static ITERATOR_LAYOUT: Layout =
    Layout::of::<AliasIterator>("generic_alias_iterator", ids::GENERIC_ALIAS_ITERATOR, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; the alias is reported.
unsafe impl Cell for AliasIterator {
    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.alias.trace(tracer);
    }
}

impl GenericAlias {
    /// `__origin__`.
    pub fn origin(&self) -> Value {
        self.origin.get_or_none()
    }

    /// `__args__`.
    pub fn arguments(&self) -> Ref<Tuple> {
        self.arguments.get().expect("an alias has arguments")
    }

    fn is_starred(&self) -> bool {
        self.starred.load(Ordering::Relaxed) != 0
    }

    fn contents(cx: &Cx, origin: Value, arguments: Value) -> GenericAlias {
        let arguments = match arguments.downcast::<Tuple>(cx) {
            Some(tuple) => tuple,
            None => cx.new_tuple(&[arguments]),
        };
        GenericAlias {
            header: Header::default(),
            origin: Field::new(origin),
            arguments: RefField::new(arguments),
            parameters: RefField::empty(),
            starred: AtomicU8::new(0),
        }
    }
}

/// `origin[arguments]`.
pub fn new(cx: &Cx, origin: Value, arguments: Value) -> PyResult {
    Ok(cx.allocate(GenericAlias::contents(cx, origin, arguments)).value())
}

/// `__class_getitem__` of types that are generic only for annotations.
pub fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    new(cx, class, item)
}

fn alias(value: Value) -> Ref<GenericAlias> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

// ---- shared with unions

/// An attribute that typing's own objects answer by; classes, whose instances it is meant for, do not count.
fn typing_attribute(cx: &Cx, value: Value, name: Ref<Str>) -> PyResult<Option<Value>> {
    if value.as_class(cx).is_some() { Ok(None) } else { cx.get_attribute_optional(value, name) }
}

/// Tuples and lists are looked into, as parameter lists.
fn nested(cx: &Cx, value: Value) -> PyResult<Option<Ref<Tuple>>> {
    if let Some(tuple) = value.downcast::<Tuple>(cx) {
        return Ok(Some(tuple));
    }
    value.downcast::<List>(cx).map(|list| list.to_tuple(cx)).transpose()
}

/// The type variables in the arguments, each once, in the order of their first appearance.
pub fn parameters_of(cx: &Cx, arguments: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
    cx.check_native_stack()?;
    let found = cx.new_list();
    let add = |parameter: Value| -> PyResult<()> {
        if !found.iter().any(|known| known == parameter) {
            found.push(cx, parameter)?;
        }
        Ok(())
    };
    for argument in arguments.iter() {
        if argument.as_class(cx).is_some() {
            continue;
        }
        if cx.get_attribute_optional(argument, cx.names().__typing_subst__)?.is_some() {
            add(argument)?;
            continue;
        }
        let inner = match cx.get_attribute_optional(argument, cx.names().__parameters__)? {
            Some(inner) => inner.downcast::<Tuple>(cx),
            None => match nested(cx, argument)? {
                Some(items) => Some(parameters_of(cx, items)?),
                None => None,
            },
        };
        for parameter in inner.into_iter().flat_map(|inner| inner.iter()) {
            add(parameter)?;
        }
    }
    found.to_tuple(cx)
}

/// The items of a subscript, with unpacked tuples (`*tuple[int, str]`) laid out.
fn unpack_items(cx: &Cx, item: Value) -> PyResult<Ref<Tuple>> {
    let items = match item.downcast::<Tuple>(cx) {
        Some(items) => items,
        None => cx.new_tuple(&[item]),
    };
    let flat = cx.new_list();
    for item in items.iter() {
        let inner = typing_attribute(cx, item, cx.names().__typing_unpacked_tuple_args__)?;
        match inner.and_then(|inner| inner.downcast::<Tuple>(cx)) {
            Some(inner) if inner.is_empty() || inner.get(inner.len() - 1) != Value::ELLIPSIS => {
                flat.extend(cx, inner.value())?;
            }
            _ => flat.push(cx, item)?,
        }
    }
    flat.to_tuple(cx)
}

/// Puts the items of a subscript in the place of the type variables: the arguments of the result.
pub fn substitute(
    cx: &Cx,
    generic: Value,
    arguments: Ref<Tuple>,
    parameters: Ref<Tuple>,
    item: Value,
) -> PyResult<Ref<Tuple>> {
    if parameters.is_empty() {
        let text = repr_of(cx, generic)?;
        return Err(raise!(cx, TypeError, "{} is not a generic class", text.as_wtf8()));
    }
    let mut items = unpack_items(cx, item)?;
    for parameter in parameters.iter() {
        let prepare = cx.get_attribute_optional(parameter, cx.names().__typing_prepare_subst__)?;
        if let Some(prepare) = prepare.and_then(Value::not_none) {
            let prepared = cx.call(prepare, &[generic, items.value()])?;
            items = match prepared.downcast::<Tuple>(cx) {
                Some(prepared) => prepared,
                None => cx.new_tuple(&[prepared]),
            };
        }
    }
    if items.len() != parameters.len() {
        return Err(wrong_count(cx, generic, items.len(), parameters.len()));
    }
    substitute_in(cx, arguments, parameters, items)
}

#[cold]
fn wrong_count(cx: &Cx, generic: Value, given: usize, expected: usize) -> Raised {
    let text = match repr_of(cx, generic) {
        Ok(text) => text,
        Err(raised) => return raised,
    };
    let (text, many) = (text.as_wtf8(), given > expected);
    let (amount, bound) = if many { ("many", "") } else { ("few", "at least ") };
    raise!(cx, TypeError, "Too {amount} arguments for {text}; actual {given}, expected {bound}{expected}")
}

fn substitute_in(cx: &Cx, arguments: Ref<Tuple>, parameters: Ref<Tuple>, items: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
    cx.check_native_stack()?;
    let result = cx.new_list();
    for argument in arguments.iter() {
        if argument.as_class(cx).is_some() {
            result.push(cx, argument)?;
            continue;
        }
        if let Some(inner) = nested(cx, argument)? {
            let inner = substitute_in(cx, inner, parameters, items)?;
            let is_list = argument.downcast::<List>(cx).is_some();
            let inner = if is_list {
                crate::object::protocol::iter::to_list(cx, inner.value())?.value()
            } else {
                inner.value()
            };
            result.push(cx, inner)?;
            continue;
        }
        let unpack = match typing_attribute(cx, argument, cx.names().__typing_is_unpacked_typevartuple__)? {
            Some(unpack) => is_true(cx, unpack)?,
            None => false,
        };
        let replaced = match cx.get_attribute_optional(argument, cx.names().__typing_subst__)? {
            Some(replace) => {
                let index = parameters.iter().position(|parameter| parameter == argument);
                let item = index.map_or(Value::NONE, |index| items.get(index));
                cx.call(replace, &[item])?
            }
            None => substitute_inside(cx, argument, parameters, items)?,
        };
        if !unpack {
            result.push(cx, replaced)?;
        } else if let Some(replaced) = replaced.downcast::<Tuple>(cx) {
            result.extend(cx, replaced.value())?;
        } else {
            let (owner, given) = (argument.class_name(cx), replaced.class_name(cx));
            return Err(raise!(
                cx,
                TypeError,
                "expected __typing_subst__ of {owner} objects to return a tuple, not {given}"
            ));
        }
    }
    result.to_tuple(cx)
}

/// An argument that is generic itself, with the items in the place of those of its type variables that are replaced.
fn substitute_inside(cx: &Cx, argument: Value, parameters: Ref<Tuple>, items: Ref<Tuple>) -> PyResult {
    let own = cx.get_attribute_optional(argument, cx.names().__parameters__)?;
    let Some(own) = own.and_then(|own| own.downcast::<Tuple>(cx)).filter(|own| !own.is_empty()) else {
        return Ok(argument);
    };
    let chosen = cx.new_list();
    for parameter in own.iter() {
        match parameters.iter().position(|candidate| candidate == parameter) {
            Some(index) => {
                let item = items.get(index);
                let variadic = cx.type_of(parameter).slots.iter().is_some();
                match item.downcast::<Tuple>(cx) {
                    Some(several) if variadic => chosen.extend(cx, several.value())?,
                    _ => chosen.push(cx, item)?,
                }
            }
            None => chosen.push(cx, parameter)?,
        }
    }
    let chosen = chosen.to_tuple(cx)?;
    get_item(cx, argument, chosen.value())
}

/// Writes a type as annotations do: `int`, `typing.Any`, `None`, `...`.
pub fn write_type(cx: &Cx, out: &mut Wtf8Buf, value: Value) -> PyResult<()> {
    if value == Value::ELLIPSIS {
        out.push_str("...");
        return Ok(());
    }
    if value == cx.builtin_type(ids::NONE).value() {
        out.push_str("None");
        return Ok(());
    }
    let names = cx.names();
    let is_generic = cx.get_attribute_optional(value, names.__origin__)?.is_some()
        && cx.get_attribute_optional(value, names.__args__)?.is_some();
    if !is_generic
        && let Some(name) = cx.get_attribute_optional(value, names.__qualname__)?
        && let Some(module) = cx.get_attribute_optional(value, names.__module__)?.and_then(Value::not_none)
    {
        let module = crate::object::protocol::object::str(cx, module)?;
        let name = crate::object::protocol::object::str(cx, name)?;
        if module.to_str() != Some("builtins") {
            out.push_wtf8(module.as_wtf8());
            out.push_str(".");
        }
        out.push_wtf8(name.as_wtf8());
        return Ok(());
    }
    out.push_wtf8(repr_of(cx, value)?.as_wtf8());
    Ok(())
}

// ---- protocols

fn construct(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [origin, arguments] = args.exactly::<2>(cx, "GenericAlias")?;
    Ok(cx.allocate_instance(class, GenericAlias::contents(cx, origin, arguments)).value())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    cx.check_native_stack()?;
    let alias = alias(value);
    let mut out = Wtf8Buf::from(if alias.is_starred() { "*" } else { "" });
    write_type(cx, &mut out, alias.origin())?;
    out.push_str("[");
    let arguments = alias.arguments();
    if arguments.is_empty() {
        out.push_str("()");
    }
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        match argument.downcast::<List>(cx) {
            Some(list) => {
                out.push_str("[");
                let mut position = 0;
                while let Some(item) = list.get(position) {
                    if position > 0 {
                        out.push_str(", ");
                    }
                    write_type(cx, &mut out, item)?;
                    position += 1;
                }
                out.push_str("]");
            }
            None => write_type(cx, &mut out, argument)?,
        }
    }
    out.push_str("]");
    Ok(cx.new_str_wtf8(&out).value())
}

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    let alias = alias(value);
    Ok(match hash_of(cx, alias.origin())? ^ hash_of(cx, alias.arguments().value())? {
        -1 => -2,
        hash => hash,
    })
}

fn call(cx: &Cx, value: Value, args: Args<'_>) -> PyResult {
    let instance = cx.call_args(alias(value).origin(), args)?;
    let set = cx.set_attribute(instance, cx.names().__orig_class__, value);
    if let Err(raised) = set {
        let expected =
            cx.pending_is(&raised, ExceptionKind::AttributeError) || cx.pending_is(&raised, ExceptionKind::TypeError);
        if !expected {
            return Err(raised);
        }
        let _ = cx.take_exception(raised);
    }
    Ok(instance)
}

/// Attributes that are the alias's own; all others are the origin's, but for the blocked ones, which it has not.
const OWN: [&str; 12] = [
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
    "__bases__",
    "__copy__",
    "__deepcopy__",
];
/// So many of them are attributes that `dir` names.
const SHOWN: usize = 9;

fn get_attribute(cx: &Cx, value: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    if name.to_str().is_some_and(|name| OWN.contains(&name)) {
        return generic_get(cx, value, name.value());
    }
    cx.get_attribute(alias(value).origin(), name)
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.downcast::<GenericAlias>(cx), right.downcast::<GenericAlias>(cx)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = left.is_starred() == right.is_starred()
        && equal(cx, left.origin(), right.origin())?
        && equal(cx, left.arguments().value(), right.arguments().value())?;
    Ok(Value::bool(same == (comparison == Comparison::Equal)))
}

fn parameters(cx: &Cx, alias: Ref<GenericAlias>) -> PyResult<Ref<Tuple>> {
    if let Some(known) = alias.parameters.get() {
        return Ok(known);
    }
    let found = parameters_of(cx, alias.arguments())?;
    alias.parameters.set(cx, found);
    Ok(found)
}

fn subscript(cx: &Cx, value: Value, item: Value) -> PyResult {
    let alias = alias(value);
    let parameters = parameters(cx, alias)?;
    let arguments = substitute(cx, value, alias.arguments(), parameters, item)?;
    let contents = GenericAlias::contents(cx, alias.origin(), arguments.value());
    contents.starred.store(alias.is_starred() as u8, Ordering::Relaxed);
    Ok(cx.allocate(contents).value())
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    Ok(cx.allocate(AliasIterator { header: Header::default(), alias: RefField::new(alias(value)) }).value())
}

fn or(cx: &Cx, left: Value, right: Value) -> PyResult {
    super::union::or(cx, left, right)
}

// ---- methods and attributes

fn mro_entries(cx: &Cx, alias: Ref<GenericAlias>, _bases: Value) -> PyResult {
    Ok(cx.new_tuple(&[alias.origin()]).value())
}

fn instancecheck(cx: &Cx, _alias: Ref<GenericAlias>, _object: Value) -> PyResult {
    Err(cx.type_error("isinstance() argument 2 cannot be a parameterized generic"))
}

fn subclasscheck(cx: &Cx, _alias: Ref<GenericAlias>, _class: Value) -> PyResult {
    Err(cx.type_error("issubclass() argument 2 cannot be a parameterized generic"))
}

fn reduce(cx: &Cx, alias: Ref<GenericAlias>) -> PyResult {
    let arguments = alias.arguments().value();
    if alias.is_starred() {
        let plain = new(cx, alias.origin(), arguments)?;
        let iterator = iter(cx, plain)?;
        return Ok(cx.new_tuple(&[cx.builtin("next")?, cx.new_tuple(&[iterator]).value()]).value());
    }
    let pair = cx.new_tuple(&[alias.origin(), arguments]).value();
    Ok(cx.new_tuple(&[cx.builtin_type(ids::GENERIC_ALIAS).value(), pair]).value())
}

fn dir(cx: &Cx, alias: Ref<GenericAlias>) -> PyResult {
    let names = cx.call(cx.builtin("dir")?, &[alias.origin()])?;
    let names = crate::object::protocol::iter::to_list(cx, names)?;
    for own in &OWN[..SHOWN] {
        let own = cx.intern_str(own).value();
        let mut known = false;
        for name in names.iter() {
            known = known || equal(cx, name, own)?;
        }
        if !known {
            names.push(cx, own)?;
        }
    }
    Ok(names.value())
}

fn get_origin(_cx: &Cx, alias: Ref<GenericAlias>) -> PyResult {
    Ok(alias.origin())
}

fn get_arguments(_cx: &Cx, alias: Ref<GenericAlias>) -> PyResult {
    Ok(alias.arguments().value())
}

fn get_unpacked(_cx: &Cx, alias: Ref<GenericAlias>) -> PyResult {
    Ok(Value::bool(alias.is_starred()))
}

fn get_parameters(cx: &Cx, alias: Ref<GenericAlias>) -> PyResult {
    parameters(cx, alias).map(Ref::value)
}

fn get_unpacked_arguments(cx: &Cx, alias: Ref<GenericAlias>) -> PyResult {
    let is_tuple = alias.origin() == cx.builtin_type(ids::TUPLE).value();
    Ok(if alias.is_starred() && is_tuple { alias.arguments().value() } else { Value::NONE })
}

fn iterator(value: Value) -> Ref<AliasIterator> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn iterator_next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    let iterator = iterator(value);
    let Some(alias) = iterator.alias.get() else { return Ok(None) };
    iterator.alias.set_option(cx, None);
    let contents = GenericAlias::contents(cx, alias.origin(), alias.arguments().value());
    contents.starred.store(1, Ordering::Relaxed);
    Ok(Some(cx.allocate(contents).value()))
}

fn iterator_reduce(cx: &Cx, iterator: Ref<AliasIterator>) -> PyResult {
    let iter = cx.builtin("iter")?;
    let source = iterator.alias.get().map_or_else(|| cx.empty_tuple().value(), Ref::value);
    Ok(cx.new_tuple(&[iter, cx.new_tuple(&[source]).value()]).value())
}

static METHODS: &[Method] = &[
    Method::one("__mro_entries__", mro_entries, "__mro_entries__($self, object, /)\n--\n\n"),
    Method::one("__instancecheck__", instancecheck, "__instancecheck__($self, object, /)\n--\n\n"),
    Method::one("__subclasscheck__", subclasscheck, "__subclasscheck__($self, object, /)\n--\n\n"),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\n"),
    Method::none("__dir__", dir, "__dir__($self, /)\n--\n\n"),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__origin__", get_origin, ""),
    GetSet::read_only("__args__", get_arguments, ""),
    GetSet::read_only("__unpacked__", get_unpacked, ""),
    GetSet::read_only("__parameters__", get_parameters, "Type variables in the GenericAlias."),
    GetSet::read_only("__typing_unpacked_tuple_args__", get_unpacked_arguments, ""),
];

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "types",
    doc: "GenericAlias(origin, args, /)\n--\n\nA generic type of PEP 585\n\nFor t = list[int], t.__origin__ is list and t.__args__ is (int,).",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        new: Some(construct),
        repr: Some(repr),
        hash: Some(hash),
        call: Some(call),
        get_attribute: Some(get_attribute),
        set_attribute: Some(generic_set),
        compare: Some(compare),
        iter: Some(iter),
        subscript: Some(subscript),
        bit_or: Some(or),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("GenericAlias", &LAYOUT)
};

/// The iterator's class.
pub static ITERATOR_TYPE: TypeDef = TypeDef {
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(iterator_next), ..Slots::NONE },
    methods: &[Method::none("__reduce__", iterator_reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs.")],
    ..TypeDef::new("generic_alias_iterator", &ITERATOR_LAYOUT)
};
