//! `filter`: the items of an iterable for which a function (or the item itself) is true.

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::iter::{get_iter, next as next_of};
use crate::object::protocol::object::is_true;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell. Immutable.
#[repr(C)]
pub struct Filter {
    header: Header,
    function: Field,
    iterator: Field,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<Filter>("filter", ids::FILTER, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a filter of nothing (never used); all fields are reported.
unsafe impl Cell for Filter {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.iterator.trace(tracer);
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if class == cx.builtin_type(ids::FILTER) || super::object::is_plain_init(class) {
        args.no_keywords(cx, "filter")?;
    }
    let args = args.without_keywords();
    let [function, iterable] = args.exactly::<2>(cx, "filter")?;
    let iterator = get_iter(cx, iterable)?;
    let contents = Filter { header: Header::default(), function: Field::new(function), iterator: Field::new(iterator) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let filter: Ref<Filter> = unsafe { Ref::from_value_unchecked(value) };
    let (function, iterator) = (filter.function.get_or_none(), filter.iterator.get_or_none());
    let by_truth = function.is_none() || function == cx.builtin_type(ids::BOOL).value();
    while let Some(item) = next_of(cx, iterator)? {
        let verdict = if by_truth { item } else { cx.call(function, &[item])? };
        if is_true(cx, verdict)? {
            return Ok(Some(item));
        }
        cx.poll()?;
    }
    Ok(None)
}

fn reduce(cx: &Cx, filter: Ref<Filter>) -> PyResult {
    let arguments = cx.new_tuple(&[filter.function.get_or_none(), filter.iterator.get_or_none()]);
    Ok(cx.new_tuple(&[cx.type_of(filter.value()).value(), arguments.value()]).value())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "filter(function, iterable, /)\n--\n\nAn iterator over the items for which the function is true, or, if the function is None,\nover those that are true themselves.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new), iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs.")],
    ..TypeDef::new("filter", &LAYOUT)
};
