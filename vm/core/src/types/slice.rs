//! `slice`: the bounds between the brackets of `a[start:stop:step]`.

use countless_gc::{Header, Tracer};

use super::ids;
use super::sequence::compare_items;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::compare::compare_bool;
use crate::object::protocol::number::{BinaryOperator, as_index_i64, binary, index, is_index};
use crate::object::protocol::object::{hash as hash_of, repr as repr_of};
use crate::object::slots::{Comparison, Slots};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell. Immutable.
#[repr(C)]
pub struct Slice {
    header: Header,
    start: Field,
    stop: Field,
    step: Field,
}

/// The layout of slices.
pub static LAYOUT: Layout = Layout::of::<Slice>("slice", ids::SLICE, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is `slice(None, None, None)`; all fields are reported.
unsafe impl Cell for Slice {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.start.trace(tracer);
        self.stop.trace(tracer);
        self.step.trace(tracer);
    }
}

impl Slice {
    /// The first bound, or None.
    #[inline]
    pub fn start(&self) -> Value {
        self.start.get_or_none()
    }

    /// The second bound, or None.
    #[inline]
    pub fn stop(&self) -> Value {
        self.stop.get_or_none()
    }

    /// The step, or None.
    #[inline]
    pub fn step(&self) -> Value {
        self.step.get_or_none()
    }

    fn part(&self, index: usize) -> Option<Value> {
        match index {
            0 => Some(self.start()),
            1 => Some(self.stop()),
            2 => Some(self.step()),
            _ => None,
        }
    }
}

impl Cx {
    /// `slice(start, stop, step)`.
    pub fn new_slice(&self, start: Value, stop: Value, step: Value) -> Ref<Slice> {
        self.allocate(Slice {
            header: Header::default(),
            start: Field::new(start),
            stop: Field::new(stop),
            step: Field::new(step),
        })
    }
}

fn slice(value: Value) -> Ref<Slice> {
    // SAFETY: the slots of a type are called with its instances only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [first, second, third] = args.between::<3>(cx, "slice", 1)?;
    let first = first.unwrap_or(Value::NONE);
    Ok(match second {
        None => cx.new_slice(Value::NONE, first, Value::NONE),
        Some(stop) => cx.new_slice(first, stop, third.unwrap_or(Value::NONE)),
    }
    .value())
}

fn repr(cx: &Cx, value: Value) -> PyResult {
    let slice = slice(value);
    let start = repr_of(cx, slice.start())?;
    let stop = repr_of(cx, slice.stop())?;
    let step = repr_of(cx, slice.step())?;
    let (start, stop, step) = (start.as_wtf8(), stop.as_wtf8(), step.as_wtf8());
    Ok(cx.new_str(&format!("slice({start}, {stop}, {step})")).value())
}

fn hash(cx: &Cx, value: Value) -> PyResult<i64> {
    cx.check_native_stack()?;
    let slice = slice(value);
    // xxHash as for tuples, but the number of parts, always three, is not mixed in.
    let mut state = 2_870_177_450_012_600_261u64;
    for part in [slice.start(), slice.stop(), slice.step()] {
        let lane = hash_of(cx, part)? as u64;
        state = state.wrapping_add(lane.wrapping_mul(14_029_467_366_897_019_727));
        state = state.rotate_left(31).wrapping_mul(11_400_714_785_074_694_791);
    }
    Ok(if state == u64::MAX { 1_546_275_796 } else { state as i64 })
}

fn compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.exact::<Slice>(), right.exact::<Slice>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if left == right {
        return Ok(Value::bool(comparison.holds(std::cmp::Ordering::Equal)));
    }
    compare_items(cx, comparison, |index| left.part(index), |index| right.part(index))
}

/// A bound as an int.
fn bound(cx: &Cx, value: Value) -> PyResult {
    if !is_index(cx, value) && !value.is_bool() {
        return Err(cx.type_error("slice indices must be integers or None or have an __index__ method"));
    }
    index(cx, value)
}

fn is_negative(cx: &Cx, int: Value) -> PyResult<bool> {
    match as_index_i64(cx, int) {
        Some(int) => Ok(int < 0),
        None => compare_bool(cx, int, Value::int(0), Comparison::Less),
    }
}

/// Brings a bound into the range from `low` to `high`, counting from the end if it is negative.
fn clamp(cx: &Cx, value: Value, length: Value, low: Value, high: Value) -> PyResult {
    let mut int = bound(cx, value)?;
    if is_negative(cx, int)? {
        int = binary(cx, int, length, BinaryOperator::Add)?;
        return Ok(if compare_bool(cx, int, low, Comparison::Less)? { low } else { int });
    }
    Ok(if compare_bool(cx, int, high, Comparison::Greater)? { high } else { int })
}

impl Ref<Slice> {
    /// What `slice.indices(length)` says, for ints of any size; the length is not negative.
    pub fn indices(self, cx: &Cx, length: Value) -> PyResult<[Value; 3]> {
        let step = match self.step().not_none() {
            None => Value::int(1),
            Some(step) => bound(cx, step)?,
        };
        if as_index_i64(cx, step) == Some(0) {
            return Err(cx.value_error("slice step cannot be zero"));
        }
        let backwards = is_negative(cx, step)?;
        let (low, high) = if backwards {
            (Value::int(-1), binary(cx, length, Value::int(1), BinaryOperator::Subtract)?)
        } else {
            (Value::int(0), length)
        };
        let start = match self.start().not_none() {
            None if backwards => high,
            None => low,
            Some(start) => clamp(cx, start, length, low, high)?,
        };
        let stop = match self.stop().not_none() {
            None if backwards => low,
            None => high,
            Some(stop) => clamp(cx, stop, length, low, high)?,
        };
        Ok([start, stop, step])
    }
}

fn indices(cx: &Cx, slice: Ref<Slice>, length: Value) -> PyResult {
    let length = index(cx, length)?;
    if is_negative(cx, length)? {
        return Err(cx.value_error("length should not be negative"));
    }
    let indices = slice.indices(cx, length)?;
    Ok(cx.new_tuple(&indices).value())
}

fn reduce(cx: &Cx, slice: Ref<Slice>) -> PyResult {
    let arguments = cx.new_tuple(&[slice.start(), slice.stop(), slice.step()]);
    Ok(cx.new_tuple(&[cx.builtin_type(ids::SLICE).value(), arguments.value()]).value())
}

fn get_start(_cx: &Cx, slice: Ref<Slice>) -> PyResult {
    Ok(slice.start())
}

fn get_stop(_cx: &Cx, slice: Ref<Slice>) -> PyResult {
    Ok(slice.stop())
}

fn get_step(_cx: &Cx, slice: Ref<Slice>) -> PyResult {
    Ok(slice.step())
}

static METHODS: &[Method] = &[
    Method::one(
        "indices",
        indices,
        "indices($self, object, /)\n--\n\nS.indices(length) -> (start, stop, step)\n\n\
         What the slice selects from a sequence of that length: bounds beyond its ends are brought\nback to them, as slicing does.",
    ),
    Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs."),
];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::member("start", get_start, ""),
    GetSet::member("stop", get_stop, ""),
    GetSet::member("step", get_step, ""),
];

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "slice(stop)\nslice(start, stop[, step])\n\nThe bounds of a slice, as a[start:stop:step] makes one.",
    base: Some(&super::object::TYPE),
    slots: Slots { new: Some(new), repr: Some(repr), hash: Some(hash), compare: Some(compare), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("slice", &LAYOUT)
};
