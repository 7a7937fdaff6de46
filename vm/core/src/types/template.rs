//! `string.templatelib`: what a t-string makes (PEP 750).
//!
//! A template has one more string than interpolations. Both are tuples, and the cells are immutable.

use std::sync::atomic::{AtomicUsize, Ordering};

use countless_common::wtf8::Wtf8Buf;
use countless_gc::{Header, Tracer};

use super::str::Str;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use super::{generic_alias, ids, object};
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol::object::repr as repr_of;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

// ---- interpolations

/// The cell of an interpolation.
#[repr(C)]
pub struct Interpolation {
    header: Header,
    value: Field,
    expression: Field,
    /// `'s'`, `'r'`, `'a'` or None.
    conversion: Field,
    format_spec: Field,
}

/// The layout of interpolations.
pub static INTERPOLATION_LAYOUT: Layout =
    Layout::of::<Interpolation>("string.templatelib.Interpolation", ids::INTERPOLATION, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an interpolation of nothing (never used); all fields are reported.
unsafe impl Cell for Interpolation {
    fn layout() -> &'static Layout {
        &INTERPOLATION_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.value.trace(tracer);
        self.expression.trace(tracer);
        self.conversion.trace(tracer);
        self.format_spec.trace(tracer);
    }
}

impl Interpolation {
    fn fields(&self) -> [Value; 4] {
        [&self.value, &self.expression, &self.conversion, &self.format_spec].map(Field::get_or_none)
    }
}

static NEW_INTERPOLATION: Signature<4> =
    Signature::new("Interpolation", ["value", "expression", "conversion", "format_spec"]).required(1);

fn new_interpolation(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [value, expression, conversion, format_spec] = NEW_INTERPOLATION.bind(cx, args)?;
    let text = |value: Option<Value>, name: &str| match value {
        Some(value) => cx.str_argument_named(value, "Interpolation", name),
        None => Ok(cx.names().empty),
    };
    let expression = text(expression, "expression")?;
    let conversion = match conversion.and_then(Value::not_none) {
        None => Value::NONE,
        Some(conversion) => {
            let text = cx.str_argument_named(conversion, "Interpolation", "conversion")?;
            if !matches!(text.as_bytes(), b"s" | b"r" | b"a") {
                return Err(cx.value_error("Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"));
            }
            conversion
        }
    };
    let format_spec = text(format_spec, "format_spec")?;
    let contents = Interpolation {
        header: Header::default(),
        value: Field::new(value.unwrap_or(Value::NONE)),
        expression: Field::new(expression.value()),
        conversion: Field::new(conversion),
        format_spec: Field::new(format_spec.value()),
    };
    Ok(cx.allocate(contents).value())
}

fn interpolation(value: Value) -> Ref<Interpolation> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn repr_interpolation(cx: &Cx, value: Value) -> PyResult {
    cx.guard_repr(value, "Interpolation(...)", || {
        let mut out = Wtf8Buf::from("Interpolation(");
        for (index, field) in interpolation(value).fields().into_iter().enumerate() {
            if index > 0 {
                out.push_str(", ");
            }
            out.push_wtf8(repr_of(cx, field)?.as_wtf8());
        }
        out.push_str(")");
        Ok(cx.new_str_wtf8(&out).value())
    })
}

fn reduce_interpolation(cx: &Cx, value: Ref<Interpolation>) -> PyResult {
    let fields = cx.new_tuple(&value.fields());
    Ok(cx.new_tuple(&[cx.type_of(value.value()).value(), fields.value()]).value())
}

/// `__match_args__`.
fn finish_interpolation(cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    let names = ["value", "expression", "conversion", "format_spec"].map(|name| cx.intern_str(name).value());
    class.dict().set_name(cx, cx.names().__match_args__, cx.new_tuple(&names).value())
}

/// `string.templatelib.Interpolation`.
pub static INTERPOLATION_TYPE: TypeDef = TypeDef {
    module: "string.templatelib",
    doc: "Interpolation(value, expression='', conversion=None, format_spec='')\n--\n\nInterpolation object",
    base: Some(&object::TYPE),
    slots: Slots { new: Some(new_interpolation), repr: Some(repr_interpolation), ..Slots::NONE },
    methods: &[
        Method::none("__reduce__", reduce_interpolation, "__reduce__($self, /)\n--\n\n__reduce__() -> (cls, state)"),
        Method::one(
            "__class_getitem__",
            generic_alias::class_getitem,
            "__class_getitem__($type, object, /)\n--\n\nInterpolations are generic over the types of their values",
        )
        .on_class(),
    ],
    attributes: &[
        GetSet::member("value", |_cx, this: Ref<Interpolation>| Ok(this.value.get_or_none()), "Value"),
        GetSet::member("expression", |_cx, this: Ref<Interpolation>| Ok(this.expression.get_or_none()), "Expression"),
        GetSet::member("conversion", |_cx, this: Ref<Interpolation>| Ok(this.conversion.get_or_none()), "Conversion"),
        GetSet::member(
            "format_spec",
            |_cx, this: Ref<Interpolation>| Ok(this.format_spec.get_or_none()),
            "Format specifier",
        ),
    ],
    finish: Some(finish_interpolation),
    ..TypeDef::new("Interpolation", &INTERPOLATION_LAYOUT)
};

// ---- templates

/// The cell of a template.
#[repr(C)]
pub struct Template {
    header: Header,
    strings: RefField<Tuple>,
    interpolations: RefField<Tuple>,
}

/// The layout of templates.
pub static LAYOUT: Layout = Layout::of::<Template>("string.templatelib.Template", ids::TEMPLATE, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a template without parts (never used); all fields are reported.
unsafe impl Cell for Template {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.strings.trace(tracer);
        self.interpolations.trace(tracer);
    }
}

impl Ref<Template> {
    fn strings(self, cx: &Cx) -> Ref<Tuple> {
        self.strings.get().unwrap_or_else(|| cx.empty_tuple())
    }

    fn interpolations(self, cx: &Cx) -> Ref<Tuple> {
        self.interpolations.get().unwrap_or_else(|| cx.empty_tuple())
    }
}

fn allocate(cx: &Cx, strings: Ref<Tuple>, interpolations: Ref<Tuple>) -> Value {
    let contents = Template {
        header: Header::default(),
        strings: RefField::new(strings),
        interpolations: RefField::new(interpolations),
    };
    cx.allocate(contents).value()
}

/// The two strings as one.
fn joined(cx: &Cx, first: Value, second: Value) -> PyResult {
    let part = |value: Value| value.downcast::<Str>(cx).unwrap_or(cx.names().empty);
    let (first, second) = (part(first), part(second));
    if first.is_empty() {
        return Ok(second.value());
    }
    if second.is_empty() {
        return Ok(first.value());
    }
    Ok(cx.new_str_of_parts([first.as_wtf8(), second.as_wtf8()].into_iter())?.value())
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if args.keyword_count() > 0 {
        return Err(cx.type_error("Template.__new__ only accepts *args arguments"));
    }
    let (strings, interpolations) = (cx.new_list(), cx.new_list());
    let mut pending = cx.names().empty.value();
    for part in args.iter() {
        if part.downcast::<Str>(cx).is_some() {
            pending = joined(cx, pending, part)?;
        } else if part.is_exactly(ids::INTERPOLATION) {
            strings.push(cx, pending)?;
            interpolations.push(cx, part)?;
            pending = cx.names().empty.value();
        } else {
            let class = part.class_name(cx);
            return Err(raise!(
                cx,
                TypeError,
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {class}"
            ));
        }
    }
    strings.push(cx, pending)?;
    Ok(allocate(cx, strings.to_tuple(cx)?, interpolations.to_tuple(cx)?))
}

fn template(value: Value) -> Ref<Template> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    cx.check_native_stack()?;
    let this = template(value);
    let mut out = Wtf8Buf::from("Template(strings=");
    out.push_wtf8(repr_of(cx, this.strings(cx).value())?.as_wtf8());
    out.push_str(", interpolations=");
    out.push_wtf8(repr_of(cx, this.interpolations(cx).value())?.as_wtf8());
    out.push_str(")");
    Ok(cx.new_str_wtf8(&out).value())
}

/// The strings of two templates: the last of the first and the first of the second become one.
fn joined_strings(cx: &Cx, left: Ref<Tuple>, right: Ref<Tuple>) -> PyResult<Ref<Tuple>> {
    let (Some(last), Some(first)) = (left.len().checked_sub(1), right.item(0)) else {
        return left.concatenated(cx, right);
    };
    let middle = joined(cx, left.get(last), first)?;
    let result = cx.try_new_blank_tuple(last + right.len())?;
    for (index, text) in left.iter().take(last).chain([middle]).chain(right.iter().skip(1)).enumerate() {
        result.init(index, text);
    }
    Ok(result)
}

fn concatenate(cx: &Cx, left: Value, right: Value) -> PyResult {
    let (Some(left), Some(other)) = (left.exact::<Template>(), right.exact::<Template>()) else {
        let class = right.class_name(cx);
        return Err(raise!(
            cx,
            TypeError,
            "can only concatenate string.templatelib.Template (not \"{class}\") to string.templatelib.Template"
        ));
    };
    let strings = joined_strings(cx, left.strings(cx), other.strings(cx))?;
    let interpolations = left.interpolations(cx).concatenated(cx, other.interpolations(cx))?;
    Ok(allocate(cx, strings, interpolations))
}

fn iter(cx: &Cx, value: Value) -> PyResult {
    let contents = TemplateIterator {
        header: Header::default(),
        template: RefField::new(template(value)),
        position: AtomicUsize::new(0),
    };
    Ok(cx.allocate(contents).value())
}

fn values(cx: &Cx, this: Ref<Template>) -> PyResult {
    let interpolations = this.interpolations(cx);
    let values = cx.try_new_blank_tuple(interpolations.len())?;
    for (index, part) in interpolations.iter().enumerate() {
        let value = part.exact::<Interpolation>().map_or(Value::NONE, |part| part.value.get_or_none());
        values.init(index, value);
    }
    Ok(values.value())
}

fn reduce(cx: &Cx, this: Ref<Template>) -> PyResult {
    let function = cx.import_attribute("string.templatelib", "_template_unpickle")?;
    let arguments = cx.new_tuple(&[this.strings(cx).value(), this.interpolations(cx).value()]);
    Ok(cx.new_tuple(&[function, arguments.value()]).value())
}

/// `string.templatelib.Template`.
pub static TYPE: TypeDef = TypeDef {
    module: "string.templatelib",
    doc: "Template object",
    base: Some(&object::TYPE),
    flags: TypeFlags::NONE,
    slots: Slots { new: Some(new), repr: Some(repr), iter: Some(iter), concatenate: Some(concatenate), ..Slots::NONE },
    methods: &[
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\n"),
        Method::one(
            "__class_getitem__",
            generic_alias::class_getitem,
            "__class_getitem__($type, object, /)\n--\n\nTemplate supports [] for generic usage",
        )
        .on_class(),
    ],
    attributes: &[
        GetSet::member("strings", |cx, this: Ref<Template>| Ok(this.strings(cx).value()), "Strings"),
        GetSet::member(
            "interpolations",
            |cx, this: Ref<Template>| Ok(this.interpolations(cx).value()),
            "Interpolations",
        ),
        GetSet::read_only("values", values, "Values of interpolations"),
    ],
    ..TypeDef::new("Template", &LAYOUT)
};

// ---- the iterator

/// The iterator's cell. Even positions are strings, odd ones interpolations; empty strings are passed over.
#[repr(C)]
pub struct TemplateIterator {
    header: Header,
    template: RefField<Template>,
    position: AtomicUsize,
}

/// The layout of iterators.
pub static ITERATOR_LAYOUT: Layout =
    Layout::of::<TemplateIterator>("string.templatelib.TemplateIter", ids::TEMPLATE_ITERATOR, Some(&object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator over nothing; the template is reported.
unsafe impl Cell for TemplateIterator {
    fn layout() -> &'static Layout {
        &ITERATOR_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.template.trace(tracer);
    }
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: called from the slot of the type only.
    let this: Ref<TemplateIterator> = unsafe { Ref::from_value_unchecked(value) };
    let Some(template) = this.template.get() else { return Ok(None) };
    loop {
        let position = this.position.load(Ordering::Relaxed);
        let parts = if position.is_multiple_of(2) { template.strings(cx) } else { template.interpolations(cx) };
        let Some(part) = parts.item(position / 2) else { return Ok(None) };
        this.position.store(position + 1, Ordering::Relaxed);
        if part.downcast::<Str>(cx).is_none_or(|text| !text.is_empty()) {
            return Ok(Some(part));
        }
    }
}

/// The iterator's class.
pub static ITERATOR_TYPE: TypeDef = TypeDef {
    module: "string.templatelib",
    doc: "Template iterator object",
    base: Some(&object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    ..TypeDef::new("TemplateIter", &ITERATOR_LAYOUT)
};
