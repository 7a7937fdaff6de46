//! `zip`: tuples of one item from each iterable. What it shares with `map` (several iterators in step) is here too.

use std::sync::atomic::{AtomicU8, Ordering};

use countless_gc::{Header, Tracer};

use super::ids;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::protocol::iter::{get_iter, next as next_of};
use crate::object::protocol::object::is_true;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// The cell.
#[repr(C)]
pub struct Zip {
    header: Header,
    iterators: RefField<Tuple>,
    /// Whether iterables of different lengths are an error: 0 or 1.
    strict: AtomicU8,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<Zip>("zip", ids::ZIP, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a zip of nothing (never used); the tuple is reported.
unsafe impl Cell for Zip {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.iterators.trace(tracer);
    }
}

/// The keyword argument `strict`, the only one there may be.
pub(super) fn strict_keyword(cx: &Cx, function: &str, args: Args<'_>) -> PyResult<bool> {
    let given = args.keyword_count();
    if given > 1 {
        return Err(raise!(cx, TypeError, "{function}() takes at most 1 keyword argument ({given} given)"));
    }
    match args.keywords().next() {
        None => Ok(false),
        Some((name, value)) if name.as_wtf8().as_bytes() == b"strict" => is_true(cx, value),
        Some((name, _)) => {
            let name = name.as_wtf8();
            Err(raise!(cx, TypeError, "{function}() got an unexpected keyword argument '{name}'"))
        }
    }
}

/// The iterators of the positional arguments.
pub(super) fn iterators_of(cx: &Cx, args: Args<'_>) -> PyResult<Ref<Tuple>> {
    let list = cx.new_list();
    for iterable in args.iter() {
        let iterator = get_iter(cx, iterable)?;
        list.push(cx, iterator)?;
    }
    list.to_tuple(cx)
}

/// The error of strict iteration: the first iterators of several had an item, that at `index` had none.
fn shorter(cx: &Cx, function: &str, index: usize) -> Raised {
    let (number, plural) = (index + 1, if index == 1 { " " } else { "s 1-" });
    raise!(cx, ValueError, "{function}() argument {number} is shorter than argument{plural}{index}")
}

/// What follows when iterator number `index` of a strict iteration has ended: an error, or the end of all.
pub(super) fn strict_end(cx: &Cx, function: &str, iterators: Ref<Tuple>, index: usize) -> PyResult<()> {
    if index > 0 {
        return Err(shorter(cx, function, index));
    }
    for index in 1..iterators.len() {
        if next_of(cx, iterators.get(index))?.is_some() {
            let (number, plural) = (index + 1, if index == 1 { " " } else { "s 1-" });
            return Err(raise!(
                cx,
                ValueError,
                "{function}() argument {number} is longer than argument{plural}{index}"
            ));
        }
    }
    Ok(())
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let strict = strict_keyword(cx, "zip", args)?;
    let iterators = iterators_of(cx, args)?;
    let contents =
        Zip { header: Header::default(), iterators: RefField::new(iterators), strict: AtomicU8::new(strict as u8) };
    Ok(cx.allocate_instance(class, contents).value())
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

impl Ref<Zip> {
    /// The next pair of a plain zip of two iterables, which is `None` at the end; `None` if it is not such a zip.
    #[inline]
    pub fn step_of_two(self, cx: &Cx) -> Option<PyResult<Option<(Value, Value)>>> {
        let iterators = self.iterators.get()?;
        if iterators.len() != 2 || self.strict.load(Ordering::Relaxed) != 0 {
            return None;
        }
        let step = || -> PyResult<Option<(Value, Value)>> {
            let Some(first) = next_of(cx, iterators.get(0))? else { return Ok(None) };
            let Some(second) = next_of(cx, iterators.get(1))? else { return Ok(None) };
            Ok(Some((first, second)))
        };
        Some(step())
    }
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let zip: Ref<Zip> = unsafe { Ref::from_value_unchecked(value) };
    if let Some(pair) = zip.step_of_two(cx) {
        return Ok(pair?.map(|(first, second)| cx.new_tuple(&[first, second]).value()));
    }
    let Some(iterators) = zip.iterators.get() else { return Ok(None) };
    if iterators.is_empty() {
        return Ok(None);
    }
    let items = cx.new_list_with_capacity(iterators.len())?;
    for (index, iterator) in iterators.iter().enumerate() {
        match next_of(cx, iterator)? {
            Some(item) => items.push(cx, item)?,
            None => {
                if zip.strict.load(Ordering::Relaxed) != 0 {
                    strict_end(cx, "zip", iterators, index)?;
                }
                return Ok(None);
            }
        }
    }
    items.to_tuple(cx).map(|tuple| Some(tuple.value()))
}

fn reduce(cx: &Cx, zip: Ref<Zip>) -> PyResult {
    let class = cx.type_of(zip.value()).value();
    let iterators = zip.iterators.get().unwrap_or_else(|| cx.empty_tuple()).value();
    Ok(match zip.strict.load(Ordering::Relaxed) {
        0 => cx.new_tuple(&[class, iterators]),
        _ => cx.new_tuple(&[class, iterators, Value::TRUE]),
    }
    .value())
}

fn set_state(cx: &Cx, zip: Ref<Zip>, state: Value) -> PyResult {
    zip.strict.store(is_true(cx, state)? as u8, Ordering::Relaxed);
    Ok(Value::NONE)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "zip(*iterables, strict=False)\n--\n\nAn iterator over tuples of one item from each iterable, up to the end of the shortest.\n\n\
          With strict it is a ValueError if they are not all of the same length.\n\n\
          \x20  >>> list(zip('ab', range(9)))\n   [('a', 0), ('b', 1)]",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new), iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
        Method::one("__setstate__", set_state, "__setstate__($self, object, /)\n--\n\nTake up pickled state."),
    ],
    ..TypeDef::new("zip", &LAYOUT)
};
