//! `enumerate`: the items of an iterable, each with its number.

use countless_gc::{Header, Tracer};

use super::ids;
use super::str::Str;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::iter::{get_iter, next as next_of};
use crate::object::protocol::number::{BinaryOperator, binary, index};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// The cell.
#[repr(C)]
pub struct Enumerate {
    header: Header,
    iterator: Field,
    /// The next number. A step stores the one after it, so threads that share the iterator may get the same.
    count: Field,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<Enumerate>("enumerate", ids::ENUMERATE, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator over nothing (never used); all fields are reported.
unsafe impl Cell for Enumerate {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.iterator.trace(tracer);
        self.count.trace(tracer);
    }
}

#[cold]
fn invalid_keyword(cx: &Cx, name: Ref<Str>) -> Raised {
    raise!(cx, TypeError, "'{}' is an invalid keyword argument for enumerate()", name.as_wtf8())
}

/// `iterable` and `start`, each by position or by name.
fn bind(cx: &Cx, args: Args<'_>) -> PyResult<(Value, Option<Value>)> {
    let given = args.len() + args.keyword_count();
    if given > 2 {
        return Err(raise!(cx, TypeError, "enumerate() takes at most 2 arguments ({given} given)"));
    }
    let (mut iterable, mut start) = (args.get(0), args.get(1));
    let mut misplaced = None;
    for (name, value) in args.keywords() {
        match name.to_str() {
            Some("start") if start.is_none() => start = Some(value),
            Some("iterable") if iterable.is_none() => iterable = Some(value),
            _ => misplaced = misplaced.or(Some(name)),
        }
    }
    if let Some(name) = misplaced {
        return Err(invalid_keyword(cx, name));
    }
    match iterable {
        Some(iterable) => Ok((iterable, start)),
        None => match args.keywords().next() {
            Some((name, _)) => Err(invalid_keyword(cx, name)),
            None => Err(cx.type_error("enumerate() missing required argument 'iterable'")),
        },
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let (iterable, start) = bind(cx, args)?;
    let start = match start {
        Some(start) => index(cx, start)?,
        None => Value::int(0),
    };
    let iterator = get_iter(cx, iterable)?;
    let contents = Enumerate { header: Header::default(), iterator: Field::new(iterator), count: Field::new(start) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

impl Ref<Enumerate> {
    /// The next number and item; `None` at the end.
    #[inline]
    pub fn step(self, cx: &Cx) -> PyResult<Option<(Value, Value)>> {
        let Some(item) = next_of(cx, self.iterator.get_or_none())? else { return Ok(None) };
        let count = self.count.get_or_none();
        let one = Value::int(1);
        let following = if count.is_small_int() { Value::add_small(count, one) } else { None };
        let following = match following {
            Some(following) => following,
            None => binary(cx, count, one, BinaryOperator::Add)?,
        };
        self.count.set(cx, following);
        Ok(Some((count, item)))
    }
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let enumerate: Ref<Enumerate> = unsafe { Ref::from_value_unchecked(value) };
    Ok(enumerate.step(cx)?.map(|(count, item)| cx.new_tuple(&[count, item]).value()))
}

fn reduce(cx: &Cx, enumerate: Ref<Enumerate>) -> PyResult {
    let arguments = cx.new_tuple(&[enumerate.iterator.get_or_none(), enumerate.count.get_or_none()]);
    Ok(cx.new_tuple(&[cx.type_of(enumerate.value()).value(), arguments.value()]).value())
}

fn class_getitem(cx: &Cx, class: Value, item: Value) -> PyResult {
    super::generic_alias::new(cx, class, item)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "enumerate(iterable, start=0)\n--\n\nAn iterator over pairs of a number and an item.\n\n  iterable\n    where the items come from\n  start\n    the first number\n",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new), iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
        Method::one(
            "__class_getitem__",
            class_getitem,
            "__class_getitem__($type, object, /)\n--\n\nenumerate[item_type], for annotations",
        )
        .on_class(),
    ],
    ..TypeDef::new("enumerate", &LAYOUT)
};
