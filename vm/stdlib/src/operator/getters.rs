//! `attrgetter`, `itemgetter`, `methodcaller`.

use countless_common::wtf8::Wtf8Buf;
use countless_vm::interp::call::tuple_args;
use countless_vm::native::args::Args;
use countless_vm::native::definition::{GetSet, Method, TypeDef};
use countless_vm::object::attribute::get_method;
use countless_vm::object::cell::{Ref, RefField};
use countless_vm::object::native_cell::this;
use countless_vm::object::protocol::item::get_item;
use countless_vm::object::protocol::object::repr as repr_of;
use countless_vm::object::slots::Slots;
use countless_vm::object::value::Value;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::str::Str;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::{native_cell, raise};

fn no_keywords(cx: &Cx, function: &str, args: Args<'_>) -> PyResult<()> {
    args.no_keywords(cx, function)
}

/// The only argument of a call.
fn operand(cx: &Cx, function: &str, args: Args<'_>) -> PyResult {
    no_keywords(cx, function, args)?;
    match (args.get(0), args.len()) {
        (Some(operand), 1) => Ok(operand),
        (_, given) => Err(raise!(cx, TypeError, "{function} expected 1 argument, got {given}")),
    }
}

/// All positional arguments; there must be one.
fn keys_of(cx: &Cx, function: &str, args: Args<'_>) -> PyResult<Ref<Tuple>> {
    no_keywords(cx, function, args)?;
    if args.get(0).is_none() {
        return Err(raise!(cx, TypeError, "{function} expected 1 argument, got 0"));
    }
    let keys = cx.try_new_blank_tuple(args.len())?;
    args.iter().enumerate().for_each(|(index, key)| keys.init(index, key));
    Ok(keys)
}

/// `operator.NAME(first, second)`.
fn show(cx: &Cx, value: Value, name: &str, keys: Ref<Tuple>, names: Option<Ref<Tuple>>) -> PyResult {
    cx.guard_repr(value, &format!("operator.{name}(...)"), || {
        let mut out = Wtf8Buf::from(format!("operator.{name}(").as_str());
        let positional = keys.len() - names.map_or(0, |names| names.len());
        for (index, key) in keys.iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            let keyword = index.checked_sub(positional).and_then(|index| names?.item(index));
            if let Some(keyword) = keyword.and_then(|keyword| keyword.downcast::<Str>(cx)) {
                out.push_wtf8(keyword.as_wtf8());
                out.push_str("=");
            }
            out.push_wtf8(repr_of(cx, key)?.as_wtf8());
        }
        out.push_str(")");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn signature(cx: &Cx, _value: Value) -> PyResult {
    Ok(cx.intern_str("(obj, /)").value())
}

static ATTRIBUTES: &[GetSet] = &[GetSet::read_only("__text_signature__", signature, "")];

// ---- attrgetter

native_cell! {
    /// The cell of an `attrgetter`.
    pub struct AttributeGetter("operator.attrgetter", ATTRIBUTE_LAYOUT) {
        traced {
            names: RefField<Tuple>,
            /// For each name, the tuple of the interned strings between its dots.
            paths: RefField<Tuple>,
        }
        plain {}
    }
}

fn new_attribute_getter(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let names = keys_of(cx, "attrgetter", args)?;
    let paths = cx.new_list();
    for name in names.iter() {
        let Some(name) = name.downcast::<Str>(cx) else {
            return Err(cx.type_error("attribute name must be a string"));
        };
        let path = cx.new_list();
        let mut rest = 0..name.as_bytes().len();
        while let Some(dot) = name.as_bytes()[rest.clone()].iter().position(|&byte| byte == b'.') {
            path.push(cx, cx.intern(name.byte_slice(cx, rest.start..rest.start + dot)).value())?;
            rest.start += dot + 1;
        }
        path.push(cx, cx.intern(name.byte_slice(cx, rest)).value())?;
        paths.push(cx, path.to_tuple(cx)?.value())?;
    }
    let contents = AttributeGetter {
        header: Default::default(),
        names: RefField::new(names),
        paths: RefField::new(paths.to_tuple(cx)?),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn attribute_at(cx: &Cx, object: Value, path: Value) -> PyResult {
    let mut object = object;
    if let Some(path) = path.exact::<Tuple>() {
        for name in path.iter() {
            let name = cx.attribute_name(name)?;
            object = cx.get_attribute(object, name)?;
        }
    }
    Ok(object)
}

/// One result by itself, several as a tuple.
fn collect(cx: &Cx, keys: Ref<Tuple>, get: impl Fn(Value) -> PyResult) -> PyResult {
    if keys.len() == 1 {
        return get(keys.get(0));
    }
    let results = cx.new_list_with_capacity(keys.len())?;
    for key in keys.iter() {
        results.push(cx, get(key)?)?;
    }
    Ok(results.to_tuple(cx)?.value())
}

fn call_attribute_getter(cx: &Cx, getter: Value, args: Args<'_>) -> PyResult {
    let object = operand(cx, "attrgetter", args)?;
    let paths = this::<AttributeGetter>(cx, getter).paths.get().unwrap_or_else(|| cx.empty_tuple());
    collect(cx, paths, |path| attribute_at(cx, object, path))
}

fn attribute_names(cx: &Cx, getter: Ref<AttributeGetter>) -> Ref<Tuple> {
    getter.names.get().unwrap_or_else(|| cx.empty_tuple())
}

fn reduce(cx: &Cx, value: Value, keys: Ref<Tuple>) -> PyResult {
    Ok(cx.new_tuple(&[cx.type_of(value).value(), keys.value()]).value())
}

/// `operator.attrgetter`.
pub static ATTRIBUTE_TYPE: TypeDef = TypeDef {
    module: "operator",
    doc: "attrgetter(attr, /, *attrs)\n--\n\nA function that gets one or more attributes of its argument.\n\n\
          attrgetter('name')(r) is r.name; attrgetter('name', 'date')(r) is (r.name, r.date);\n\
          attrgetter('name.first', 'name.last')(r) is (r.name.first, r.name.last).",
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots {
        new: Some(new_attribute_getter),
        call: Some(call_attribute_getter),
        repr: Some(|cx, value| {
            show(cx, value, "attrgetter", attribute_names(cx, this::<AttributeGetter>(cx, value)), None)
        }),
        ..Slots::NONE
    },
    methods: &[Method::none(
        "__reduce__",
        |cx, getter: Ref<AttributeGetter>| reduce(cx, getter.value(), attribute_names(cx, getter)),
        "__reduce__($self, /)\n--\n\nReturn what pickling needs.",
    )],
    attributes: ATTRIBUTES,
    ..TypeDef::new("attrgetter", &ATTRIBUTE_LAYOUT)
};

// ---- itemgetter

native_cell! {
    /// The cell of an `itemgetter`.
    pub struct ItemGetter("operator.itemgetter", ITEM_LAYOUT) {
        traced { keys: RefField<Tuple> }
        plain {}
    }
}

fn new_item_getter(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let keys = keys_of(cx, "itemgetter", args)?;
    let contents = ItemGetter { header: Default::default(), keys: RefField::new(keys) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn item_keys(cx: &Cx, getter: Ref<ItemGetter>) -> Ref<Tuple> {
    getter.keys.get().unwrap_or_else(|| cx.empty_tuple())
}

/// An item; of a tuple or list by a small index without any dispatch.
fn item_of(cx: &Cx, object: Value, key: Value) -> PyResult {
    if let Some(index) = key.as_small_int().and_then(|index| usize::try_from(index).ok()) {
        let found = match object.exact::<Tuple>() {
            Some(tuple) => tuple.item(index),
            None => object.exact::<countless_vm::types::list::List>().and_then(|list| list.get(index)),
        };
        if let Some(item) = found {
            return Ok(item);
        }
    }
    get_item(cx, object, key)
}

fn call_item_getter(cx: &Cx, getter: Value, args: Args<'_>) -> PyResult {
    let object = operand(cx, "itemgetter", args)?;
    collect(cx, item_keys(cx, this::<ItemGetter>(cx, getter)), |key| item_of(cx, object, key))
}

/// `operator.itemgetter`.
pub static ITEM_TYPE: TypeDef = TypeDef {
    module: "operator",
    doc: "itemgetter(item, /, *items)\n--\n\nA function that gets one or more items of its argument.\n\n\
          itemgetter(2)(r) is r[2]; itemgetter(2, 5, 3)(r) is (r[2], r[5], r[3]).",
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots {
        new: Some(new_item_getter),
        call: Some(call_item_getter),
        repr: Some(|cx, value| show(cx, value, "itemgetter", item_keys(cx, this::<ItemGetter>(cx, value)), None)),
        ..Slots::NONE
    },
    methods: &[Method::none(
        "__reduce__",
        |cx, getter: Ref<ItemGetter>| reduce(cx, getter.value(), item_keys(cx, getter)),
        "__reduce__($self, /)\n--\n\nReturn what pickling needs.",
    )],
    attributes: ATTRIBUTES,
    ..TypeDef::new("itemgetter", &ITEM_LAYOUT)
};

// ---- methodcaller

native_cell! {
    /// The cell of a `methodcaller`.
    pub struct MethodCaller("operator.methodcaller", METHOD_LAYOUT) {
        traced {
            name: RefField<Str>,
            /// Positional arguments, then the values of keywords.
            arguments: RefField<Tuple>,
            /// The keywords' names; empty if there are none.
            keywords: RefField<Tuple>,
        }
        plain {}
    }
}

fn new_method_caller(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let Some(name) = args.get(0) else {
        return Err(cx.type_error("methodcaller needs at least one argument, the method name"));
    };
    let Some(name) = name.downcast::<Str>(cx) else { return Err(cx.type_error("method name must be a string")) };
    let name = cx.attribute_name(name.value())?;
    let rest = args.skip(1);
    let arguments = cx.try_new_blank_tuple(rest.len() + rest.keyword_count())?;
    let values = rest.iter().chain(rest.keywords().map(|(_, value)| value));
    values.enumerate().for_each(|(index, value)| arguments.init(index, value));
    let contents = MethodCaller {
        header: Default::default(),
        name: RefField::new(name),
        arguments: RefField::new(arguments),
        keywords: RefField::from_option(rest.keyword_names()),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

impl MethodCaller {
    fn parts(&self, cx: &Cx) -> (Ref<Str>, Ref<Tuple>, Option<Ref<Tuple>>) {
        let arguments = self.arguments.get().unwrap_or_else(|| cx.empty_tuple());
        (self.name.get().unwrap_or(cx.names().empty), arguments, self.keywords.get())
    }
}

fn call_method_caller(cx: &Cx, caller: Value, args: Args<'_>) -> PyResult {
    let object = operand(cx, "methodcaller", args)?;
    let (name, arguments, keywords) = this::<MethodCaller>(cx, caller).parts(cx);
    let method = get_method(cx, object, name)?;
    cx.call_found_args(method, tuple_args(&arguments, keywords))
}

fn repr_method_caller(cx: &Cx, value: Value) -> PyResult {
    let (name, arguments, keywords) = this::<MethodCaller>(cx, value).parts(cx);
    let all = cx.new_tuple(&[name.value()]).concatenated(cx, arguments)?;
    show(cx, value, "methodcaller", all, keywords)
}

fn reduce_method_caller(cx: &Cx, caller: Ref<MethodCaller>) -> PyResult {
    let (name, arguments, keywords) = caller.parts(cx);
    let class = cx.type_of(caller.value()).value();
    let Some(keywords) = keywords else {
        let all = cx.new_tuple(&[name.value()]).concatenated(cx, arguments)?;
        return Ok(cx.new_tuple(&[class, all.value()]).value());
    };
    let positional = arguments.len() - keywords.len();
    let named = cx.new_dict();
    for (index, keyword) in keywords.iter().enumerate() {
        named.set(cx, keyword, arguments.get(positional + index))?;
    }
    let partial = cx.import_attribute("functools", "partial")?;
    let constructor = cx.call_unpacked(partial, cx.new_tuple(&[class, name.value()]), Some(named))?;
    let rest = arguments.range(cx, 0, positional)?;
    Ok(cx.new_tuple(&[constructor, rest.value()]).value())
}

/// `operator.methodcaller`.
pub static METHOD_TYPE: TypeDef = TypeDef {
    module: "operator",
    doc: "methodcaller(name, /, *args, **kwargs)\n--\n\nA function that calls a method of its argument.\n\n\
          methodcaller('name')(r) is r.name(); methodcaller('name', 'date', foo=1)(r) is\nr.name('date', foo=1).",
    base: Some(&countless_vm::types::object::TYPE),
    slots: Slots {
        new: Some(new_method_caller),
        call: Some(call_method_caller),
        repr: Some(repr_method_caller),
        ..Slots::NONE
    },
    methods: &[Method::none(
        "__reduce__",
        reduce_method_caller,
        "__reduce__($self, /)\n--\n\nReturn what pickling needs.",
    )],
    attributes: ATTRIBUTES,
    ..TypeDef::new("methodcaller", &METHOD_LAYOUT)
};
