//! `types.SimpleNamespace`: an object that is nothing but its attributes.

use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Tracer};

use super::dict::Dict;
use super::str::Str;
use super::type_object::TypeObject;
use super::{ids, object};
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute::instance_dict;
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::compare::compare as compare_values;
use crate::object::protocol::object::repr as repr_of;
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct SimpleNamespace {
    header: Header,
    /// `__dict__`.
    dictionary: Field,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<SimpleNamespace>("types.SimpleNamespace", ids::SIMPLE_NAMESPACE, Some(&object::LAYOUT))
        .with_dictionary(8);

// SAFETY: `repr(C)`, header first, zero is a namespace without attributes; the dictionary is reported.
unsafe impl Cell for SimpleNamespace {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dictionary.trace(tracer);
    }
}

impl Cx {
    /// A namespace whose attributes are the entries of the dict, which becomes its own.
    pub fn new_simple_namespace(&self, attributes: Ref<Dict>) -> Ref<SimpleNamespace> {
        self.allocate(SimpleNamespace { header: Header::default(), dictionary: Field::new(attributes.value()) })
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let contents = SimpleNamespace { header: Header::default(), dictionary: Field::new(cx.new_dict().value()) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn init(cx: &Cx, value: Value, args: Args<'_>) -> PyResult<()> {
    if args.len() > 1 {
        return Err(raise!(cx, TypeError, "SimpleNamespace expected at most 1 argument, got {}", args.len()));
    }
    let attributes = instance_dict(cx, value)?;
    if let Some(source) = args.get(0) {
        let given = match source.exact::<Dict>() {
            Some(dict) => dict,
            None => {
                let dict = cx.new_dict();
                dict.update(cx, source)?;
                dict
            }
        };
        if given.iter().any(|(key, _)| key.downcast::<Str>(cx).is_none()) {
            return Err(cx.type_error("keywords must be strings"));
        }
        attributes.merge_dict(cx, given, false)?;
    }
    for (name, value) in args.keywords() {
        attributes.set_name(cx, name, value)?;
    }
    Ok(())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let name = match value.is_exactly(ids::SIMPLE_NAMESPACE) {
        true => "namespace".to_string(),
        false => cx.type_of(value).name().as_wtf8().to_string_lossy(),
    };
    cx.guard_repr(value, &format!("{name}(...)"), || {
        let attributes = instance_dict(cx, value)?;
        let mut out = Wtf8Buf::from(format!("{name}("));
        let (mut position, mut first) = (0, true);
        while let Some((key, item)) = attributes.next_entry(&mut position) {
            let Some(key) = key.downcast::<Str>(cx).filter(|key| !key.is_empty()) else { continue };
            if !std::mem::take(&mut first) {
                out.push_str(", ");
            }
            out.push_wtf8(key.as_wtf8());
            out.push_str("=");
            out.push_wtf8(repr_of(cx, item)?.as_wtf8());
        }
        out.push_str(")");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    if left.downcast::<SimpleNamespace>(cx).is_none() || right.downcast::<SimpleNamespace>(cx).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (left, right) = (instance_dict(cx, left)?, instance_dict(cx, right)?);
    compare_values(cx, left.value(), right.value(), comparison)
}

fn reduce(cx: &Cx, namespace: Ref<SimpleNamespace>) -> PyResult {
    let attributes = instance_dict(cx, namespace.value())?;
    let class = cx.type_of(namespace.value()).value();
    Ok(cx.new_tuple(&[class, cx.empty_tuple().value(), attributes.value()]).value())
}

fn replace(cx: &Cx, namespace: Ref<SimpleNamespace>, args: Args<'_>) -> PyResult {
    if !args.is_empty() {
        return Err(cx.type_error("__replace__() takes no positional arguments"));
    }
    let result = cx.call(cx.type_of(namespace.value()).value(), &[])?;
    if result.downcast::<SimpleNamespace>(cx).is_none() {
        let (expected, given) = (namespace.value().class_name(cx), result.class_name(cx));
        return Err(raise!(cx, TypeError, "expect {expected} type, but {given}.__new__ returned a different one"));
    }
    let attributes = instance_dict(cx, result)?;
    attributes.merge_dict(cx, instance_dict(cx, namespace.value())?, false)?;
    for (name, value) in args.keywords() {
        attributes.set_name(cx, name, value)?;
    }
    Ok(result)
}

fn get_dict(cx: &Cx, namespace: Ref<SimpleNamespace>) -> PyResult {
    instance_dict(cx, namespace.value()).map(Ref::value)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    module: "types",
    doc: "SimpleNamespace(mapping_or_iterable=(), /, **kwargs)\n--\n\nAn object that is nothing but its attributes.",
    base: Some(&object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT),
    slots: Slots { new: Some(new), init: Some(init), repr: Some(repr), compare: Some(compare), ..Slots::NONE },
    methods: &[
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
        Method::many(
            "__replace__",
            replace,
            "__replace__($self, /, **changes)\n--\n\nReturn a copy of the namespace with other values for some attributes.",
        ),
    ],
    attributes: &[GetSet::read_only("__dict__", get_dict, "")],
    ..TypeDef::new("SimpleNamespace", &LAYOUT)
};
