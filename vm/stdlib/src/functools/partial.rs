//! `functools.partial`, and `Placeholder`, which reserves a place for a positional argument.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_common::wtf8::Wtf8Buf;
use countless_vm::interp::call::with_values;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use countless_vm::object::attribute::{
    generic_get, generic_set, instance_attributes, instance_dict, set_instance_dict,
};
use countless_vm::object::cell::{Field, Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::object::{repr as repr_of, str as str_of};
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::generic_alias;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_attribute::dotted_name;
use countless_vm::types::type_object::TypeObject;
use countless_vm::{native_cell, raise};

// ---- Placeholder

native_cell! {
    /// The cell of the singleton.
    pub struct Placeholder("functools._PlaceholderType", PLACEHOLDER_LAYOUT) {
        traced {}
        plain {}
    }
}

const PLACEHOLDER_STATE: &str = "_functools.Placeholder";

/// `functools.Placeholder`.
pub fn placeholder(cx: &Cx) -> PyResult {
    if let Some(placeholder) = cx.native_state(PLACEHOLDER_STATE) {
        return Ok(placeholder);
    }
    let placeholder = cx.allocate(Placeholder { header: Default::default() }).value();
    cx.set_native_state(PLACEHOLDER_STATE, placeholder)?;
    Ok(placeholder)
}

fn is_placeholder(value: Value) -> bool {
    value.exact::<Placeholder>().is_some()
}

fn new_placeholder(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if !args.is_empty() {
        return Err(cx.type_error("PlaceholderType takes no arguments"));
    }
    placeholder(cx)
}

fn placeholder_name(cx: &Cx, _value: Value) -> PyResult {
    Ok(cx.intern_str("Placeholder").value())
}

/// The type of `functools.Placeholder`.
pub static PLACEHOLDER_TYPE: TypeDef = TypeDef {
    module: "functools",
    doc: "The type of the Placeholder singleton.\n\nUsed as a placeholder for partial arguments.",
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots { new: Some(new_placeholder), repr: Some(placeholder_name), ..Slots::NONE },
    methods: &[Method::none(
        "__reduce__",
        placeholder_name as fn(&Cx, Value) -> PyResult,
        "__reduce__($self, /)\n--\n\n",
    )],
    ..TypeDef::new("_PlaceholderType", &PLACEHOLDER_LAYOUT)
};

// ---- partial

native_cell! {
    /// The cell. `__setstate__` can replace function, arguments and keywords while others call it; what a call reads may
    /// be of both states then.
    pub struct Partial("functools.partial", LAYOUT, dictionary dictionary) {
        traced {
            /// The instance's `__dict__`.
            dictionary: Field,
            function: Field,
            arguments: RefField<Tuple>,
            keywords: RefField<Dict>,
        }
        plain {
            /// How many of the arguments are placeholders.
            placeholders: AtomicUsize,
        }
    }
}

impl Partial {
    fn arguments(&self, cx: &Cx) -> Ref<Tuple> {
        self.arguments.get().unwrap_or_else(|| cx.empty_tuple())
    }

    fn keywords(&self, cx: &Cx) -> Ref<Dict> {
        self.keywords.get().unwrap_or_else(|| cx.new_dict())
    }
}

fn count_placeholders(arguments: Ref<Tuple>) -> usize {
    arguments.iter().filter(|&argument| is_placeholder(argument)).count()
}

fn check_last(cx: &Cx, last: Option<Value>) -> PyResult<()> {
    match last {
        Some(last) if is_placeholder(last) => Err(cx.type_error("trailing Placeholders are not allowed")),
        _ => Ok(()),
    }
}

/// Whether the instance has attributes, or its `__dict__` was asked for.
fn has_attributes(cx: &Cx, partial: Ref<Partial>) -> bool {
    let mut found = partial.dictionary.get().is_some();
    instance_attributes(cx, partial.value(), &mut |_, _| found = true);
    found
}

/// The arguments of one partial function followed by more, which take the places of its placeholders first.
fn merged_arguments(cx: &Cx, own: Ref<Tuple>, more: Args<'_>) -> PyResult<Ref<Tuple>> {
    let merged = cx.new_list_with_capacity(own.len() + more.len())?;
    let mut given = more.iter();
    for argument in own.iter() {
        let next = if is_placeholder(argument) { given.next() } else { None };
        merged.push(cx, next.unwrap_or(argument))?;
    }
    for argument in given {
        merged.push(cx, argument)?;
    }
    merged.to_tuple(cx)
}

fn merged_keywords(cx: &Cx, own: Option<Ref<Dict>>, more: Args<'_>) -> PyResult<Ref<Dict>> {
    let merged = match own {
        Some(own) => own.copy(cx)?,
        None => cx.new_dict(),
    };
    for (name, value) in more.keywords() {
        merged.set_name(cx, name, value)?;
    }
    Ok(merged)
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let Some(function) = args.get(0) else {
        return Err(cx.type_error("type 'partial' takes at least one argument"));
    };
    if cx.type_of(function).slots.call().is_none() {
        return Err(cx.type_error("the first argument must be callable"));
    }
    let given = args.skip(1);
    check_last(cx, given.len().checked_sub(1).and_then(|last| given.get(last)))?;
    if given.keywords().any(|(_, value)| is_placeholder(value)) {
        return Err(cx.type_error("Placeholder cannot be passed as a keyword argument"));
    }
    // A partial function of a partial function is one of the function underneath.
    let inner = function.downcast::<Partial>(cx).filter(|&inner| !has_attributes(cx, inner));
    let (function, arguments, keywords) = match inner {
        Some(inner) => {
            let arguments = merged_arguments(cx, inner.arguments(cx), given)?;
            (inner.function.get_or_none(), arguments, merged_keywords(cx, inner.keywords.get(), given)?)
        }
        None => (function, merged_arguments(cx, cx.empty_tuple(), given)?, merged_keywords(cx, None, given)?),
    };
    let contents = Partial {
        header: Default::default(),
        dictionary: Field::empty(),
        function: Field::new(function),
        arguments: RefField::new(arguments),
        keywords: RefField::new(keywords),
        placeholders: AtomicUsize::new(count_placeholders(arguments)),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

/// The positional arguments of a call when some are placeholders.
fn filled_arguments(cx: &Cx, own: Ref<Tuple>, given: Args<'_>) -> PyResult<Ref<Tuple>> {
    let (expected, got) = (count_placeholders(own), given.len());
    if got < expected {
        return Err(raise!(
            cx,
            TypeError,
            "missing positional arguments in 'partial' call; expected at least {expected}, got {got}"
        ));
    }
    merged_arguments(cx, own, given)
}

fn call(cx: &Cx, value: Value, args: Args<'_>) -> PyResult {
    cx.check_native_stack()?;
    let partial = this::<Partial>(cx, value);
    let (function, own) = (partial.function.get_or_none(), partial.arguments(cx));
    let keywords = partial.keywords.get().filter(|keywords| !keywords.is_empty());
    let plain = partial.placeholders.load(Ordering::Relaxed) == 0;
    if plain && keywords.is_none() {
        // What the caller gave stays in order: only the own arguments come before it.
        let count = own.len() + args.len() + args.keyword_count();
        let values = own.iter().chain(args.iter()).chain(args.keywords().map(|(_, value)| value));
        return with_values(cx, count, values, args.keyword_names(), |args| cx.call_args(function, args));
    }
    let positional = if plain { merged_arguments(cx, own, args)? } else { filled_arguments(cx, own, args)? };
    let keywords = match keywords {
        Some(keywords) if args.keyword_count() == 0 => keywords,
        keywords => merged_keywords(cx, keywords, args)?,
    };
    cx.call_unpacked(function, positional, Some(keywords))
}

fn descriptor_get(cx: &Cx, value: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    match instance.and_then(Value::not_none) {
        Some(instance) => Ok(cx.new_method(value, instance).value()),
        None => Ok(value),
    }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let partial = this::<Partial>(cx, value);
    // What is shown may replace them.
    let (function, arguments) = (partial.function.get_or_none(), partial.arguments(cx));
    let keywords = partial.keywords(cx);
    cx.guard_repr(value, "...", || {
        let mut out = Wtf8Buf::from(dotted_name(cx, cx.type_of(value))?.as_str());
        out.push_str("(");
        out.push_wtf8(repr_of(cx, function)?.as_wtf8());
        for argument in arguments.iter() {
            out.push_str(", ");
            out.push_wtf8(repr_of(cx, argument)?.as_wtf8());
        }
        for (name, argument) in keywords.iter() {
            out.push_str(", ");
            out.push_wtf8(str_of(cx, name)?.as_wtf8());
            out.push_str("=");
            out.push_wtf8(repr_of(cx, argument)?.as_wtf8());
        }
        out.push_str(")");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn reduce(cx: &Cx, partial: Ref<Partial>) -> PyResult {
    let function = partial.function.get_or_none();
    let attributes =
        if has_attributes(cx, partial) { instance_dict(cx, partial.value())?.value() } else { Value::NONE };
    let state = cx.new_tuple(&[function, partial.arguments(cx).value(), partial.keywords(cx).value(), attributes]);
    let arguments = cx.new_tuple(&[function]);
    Ok(cx.new_tuple(&[cx.type_of(partial.value()).value(), arguments.value(), state.value()]).value())
}

fn set_state(cx: &Cx, partial: Ref<Partial>, state: Value) -> PyResult {
    let invalid = || cx.type_error("invalid partial state");
    let Some(state) = state.downcast::<Tuple>(cx).filter(|state| state.len() == 4) else { return Err(invalid()) };
    let [function, arguments, keywords, attributes] = [0, 1, 2, 3].map(|index| state.get(index));
    let Some(arguments) = arguments.downcast::<Tuple>(cx) else { return Err(invalid()) };
    if cx.type_of(function).slots.call().is_none() {
        return Err(invalid());
    }
    let keywords = match (keywords.exact::<Dict>(), keywords.downcast::<Dict>(cx)) {
        (Some(keywords), _) => keywords,
        (None, Some(keywords)) => keywords.copy(cx)?,
        (None, None) if keywords.is_none() => cx.new_dict(),
        _ => return Err(invalid()),
    };
    let attributes = match attributes.not_none() {
        None => None,
        Some(attributes) => match attributes.downcast::<Dict>(cx) {
            Some(attributes) => Some(attributes),
            None => return Err(invalid()),
        },
    };
    check_last(cx, arguments.len().checked_sub(1).map(|last| arguments.get(last)))?;
    let arguments = match arguments.value().exact::<Tuple>() {
        Some(arguments) => arguments,
        None => arguments.range(cx, 0, arguments.len())?,
    };
    partial.placeholders.store(count_placeholders(arguments), Ordering::Relaxed);
    partial.function.set(cx, function);
    partial.arguments.set(cx, arguments);
    partial.keywords.set(cx, keywords);
    let attributes = attributes.unwrap_or_else(|| cx.new_dict());
    set_instance_dict(cx, partial.value(), attributes)?;
    Ok(Value::NONE)
}

fn get_dict(cx: &Cx, partial: Ref<Partial>) -> PyResult {
    Ok(instance_dict(cx, partial.value())?.value())
}

fn set_dict(cx: &Cx, partial: Ref<Partial>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("cannot delete __dict__")) };
    match value.downcast::<Dict>(cx) {
        Some(dict) => set_instance_dict(cx, partial.value(), dict),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "__dict__ must be set to a dictionary, not a '{class}'"))
        }
    }
}

static METHODS: &[Method] = &[
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\n"),
    Method::one("__setstate__", set_state, "__setstate__($self, object, /)\n--\n\n"),
    Method::one(
        "__class_getitem__",
        generic_alias::class_getitem,
        "__class_getitem__($type, object, /)\n--\n\nSee PEP 585",
    )
    .on_class(),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member(
        "func",
        |_cx, partial: Ref<Partial>| Ok(partial.function.get_or_none()),
        "function object to use in future partial calls",
    ),
    GetSet::member(
        "args",
        |cx, partial: Ref<Partial>| Ok(partial.arguments(cx).value()),
        "tuple of arguments to future partial calls",
    ),
    GetSet::member(
        "keywords",
        |cx, partial: Ref<Partial>| Ok(partial.keywords(cx).value()),
        "dictionary of keyword arguments to future partial calls",
    ),
    GetSet::read_write("__dict__", get_dict, set_dict, ""),
];

/// `functools.partial`.
pub static TYPE: TypeDef = TypeDef {
    module: "functools",
    doc: "partial(func, /, *args, **keywords)\n--\n\nA function with some of the arguments and keywords of another one given\nalready.",
    base: Some(&countless_vm::types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        new: Some(new),
        call: Some(call),
        repr: Some(repr),
        get_attribute: Some(generic_get),
        set_attribute: Some(generic_set),
        descriptor_get: Some(descriptor_get),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("partial", &LAYOUT)
};
