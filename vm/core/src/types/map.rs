//! `map`: what a function returns for items of one or more iterables.

use std::sync::atomic::{AtomicU8, Ordering};

use countless_gc::{Header, Tracer};

use super::ids;
use super::tuple::Tuple;
use super::type_object::TypeObject;
use super::zip::{iterators_of, strict_end, strict_keyword};
use crate::native::args::Args;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol::iter::next as next_of;
use crate::object::protocol::object::is_true;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct Map {
    header: Header,
    function: Field,
    iterators: RefField<Tuple>,
    /// Whether iterables of different lengths are an error: 0 or 1.
    strict: AtomicU8,
}

/// The layout.
pub static LAYOUT: Layout = Layout::of::<Map>("map", ids::MAP, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a map of nothing (never used); all fields are reported.
unsafe impl Cell for Map {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.iterators.trace(tracer);
    }
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let strict = strict_keyword(cx, "map", args)?;
    let (Some(function), true) = (args.get(0), args.len() >= 2) else {
        return Err(cx.type_error("map() must have at least two arguments."));
    };
    let iterators = iterators_of(cx, args.skip(1))?;
    let contents = Map {
        header: Header::default(),
        function: Field::new(function),
        iterators: RefField::new(iterators),
        strict: AtomicU8::new(strict as u8),
    };
    Ok(cx.allocate_instance(class, contents).value())
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

/// Up to so many arguments are gathered in a Rust array, which the scan of the native stack sees.
const FEW: usize = 8;

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let map: Ref<Map> = unsafe { Ref::from_value_unchecked(value) };
    let Some(iterators) = map.iterators.get() else { return Ok(None) };
    let function = map.function.get_or_none();
    let count = iterators.len();
    let mut few = [Value::NONE; FEW];
    let many = if count > FEW { Some(cx.new_list_with_capacity(count)?) } else { None };
    for index in 0..count {
        let Some(item) = next_of(cx, iterators.get(index))? else {
            if map.strict.load(Ordering::Relaxed) != 0 {
                strict_end(cx, "map", iterators, index)?;
            }
            return Ok(None);
        };
        match many {
            Some(many) => many.push(cx, item)?,
            None => few[index] = item,
        }
    }
    match many {
        Some(many) => cx.call_unpacked(function, many.to_tuple(cx)?, None).map(Some),
        None => cx.call(function, &few[..count]).map(Some),
    }
}

fn reduce(cx: &Cx, map: Ref<Map>) -> PyResult {
    let class = cx.type_of(map.value()).value();
    let arguments = cx.new_list_from(&[map.function.get_or_none()]);
    if let Some(iterators) = map.iterators.get() {
        arguments.extend(cx, iterators.value())?;
    }
    let arguments = arguments.to_tuple(cx)?.value();
    Ok(match map.strict.load(Ordering::Relaxed) {
        0 => cx.new_tuple(&[class, arguments]),
        _ => cx.new_tuple(&[class, arguments, Value::TRUE]),
    }
    .value())
}

fn set_state(cx: &Cx, map: Ref<Map>, state: Value) -> PyResult {
    map.strict.store(is_true(cx, state)? as u8, Ordering::Relaxed);
    Ok(Value::NONE)
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "map(function, iterable, /, *iterables, strict=False)\n--\n\nAn iterator over what the function returns for one item from each iterable, up to the end\n\
          of the shortest.\n\nWith strict it is a ValueError if they are not all of the same length.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE,
    slots: Slots { new: Some(new), iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[
        Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
        Method::one("__setstate__", set_state, "__setstate__($self, object, /)\n--\n\nTake up pickled state."),
    ],
    ..TypeDef::new("map", &LAYOUT)
};
