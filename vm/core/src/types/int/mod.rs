//! `int`: 61 bits in the word, everything else in a cell around an arbitrary-precision integer.
//!
//! Invariant: a value of exactly type int is a cell only if it does not fit the word, so equal words or different small
//! words decide equality. Instances of subclasses are cells whatever their value. Cells are immutable.
//!
//! Limbs are read through an [`IntView`], which borrows the [`Value`] that keeps the cell alive; results are computed
//! as owned numbers before anything is allocated in the heap.

mod arithmetic;
mod construct;
mod methods;

pub use arithmetic::{
    add, bit_and, bit_or, bit_xor, compare_values, divmod, equal_values, floor_divide, left_shift, modulo, multiply,
    power, right_shift, subtract, true_divide,
};
pub use construct::{from_number, parse_str};
pub use methods::TYPE;

use countless_common::number::int as algorithms;
use countless_common::number::{Int as Number, IntRef};
use countless_gc::{Header, Tracer};
use dashu_int::IBig;

use super::ids;
use crate::object::cell::{Cell, Layout, Ref, drop_cell};
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The value of an int, borrowed from the [`Value`] that keeps its cell alive.
pub type IntView<'a> = IntRef<'a>;

/// The cell.
#[repr(C)]
pub struct Int {
    header: Header,
    /// Only a cell under construction has none: the niche of `IBig` makes all zero read as `None`.
    value: Option<IBig>,
}

const _: () = assert!(size_of::<Option<IBig>>() == size_of::<IBig>());

/// The layout of ints.
pub static LAYOUT: Layout =
    Layout::of::<Int>("int", ids::INT, Some(&super::object::LAYOUT)).with_drop(drop_cell::<Int>);

// SAFETY: `repr(C)`, header first, all zero is an int without a value (see the field); there are no traced fields.
unsafe impl Cell for Int {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, _tracer: &mut Tracer<'_>) {}
}

impl Int {
    /// The contents of a cell under construction: for subclasses, which have cells for small values too.
    pub(crate) fn contents(value: Number) -> Int {
        Int { header: Header::default(), value: Some(value.into_ibig()) }
    }

    /// The value.
    pub fn view(&self) -> IntView<'_> {
        match &self.value {
            Some(value) => IntView::Big(value),
            None => IntView::Small(0),
        }
    }

    /// The value, if it has 64 bits.
    pub fn to_i64(&self) -> Option<i64> {
        self.view().to_i64()
    }

    /// The value, if it is not negative and has 64 bits.
    pub fn to_u64(&self) -> Option<u64> {
        self.view().to_u64()
    }

    /// Whether the value is below zero.
    pub fn is_negative(&self) -> bool {
        self.view().sign() < 0
    }

    /// Bytes that the value has outside the heap.
    fn external_bytes(value: &IBig) -> usize {
        let (_, words) = value.as_sign_words();
        // One and two words stand in the cell itself.
        if words.len() <= 2 { 0 } else { size_of_val(words) }
    }
}

/// The value of an int, a bool or an instance of a subclass; `None` for anything else. Calls no Python code.
#[inline]
pub fn view<'a>(cx: &Cx, value: &'a Value) -> Option<IntView<'a>> {
    if let Some(int) = value.as_small_int() {
        return Some(IntView::Small(int));
    }
    if !value.is_cell() {
        return value.as_bool().map(|truth| IntView::Small(truth as i64));
    }
    let int: *const Int = value.downcast::<Int>(cx)?.as_ptr();
    // SAFETY: the cell is an int; the borrowed value keeps it alive for `'a`, and ints do not change.
    Some(unsafe { &*int }.view())
}

/// Whether the value is an int, a bool or an instance of a subclass.
#[inline]
pub fn is_int(cx: &Cx, value: Value) -> bool {
    value.is_small_int() || value.is_bool() || value.downcast::<Int>(cx).is_some()
}

/// The value of an int as a number of its own; `None` for anything else.
pub fn to_number(cx: &Cx, value: Value) -> Option<Number> {
    view(cx, &value).map(owned)
}

/// A copy of a borrowed number.
pub(crate) fn owned(view: IntView<'_>) -> Number {
    match view {
        IntView::Small(int) => Number::Small(int),
        IntView::Big(int) => Number::from(int.clone()),
    }
}

/// The int as a plain one: not a bool and not an instance of a subclass. What is no int stays what it is.
pub fn to_exact(cx: &Cx, value: Value) -> Value {
    if value.is_small_int() || value.is_exactly(ids::INT) {
        return value;
    }
    match to_number(cx, value) {
        Some(number) => cx.new_int(number),
        None => value,
    }
}

/// The float next to an int: OverflowError "int too large to convert to float".
pub fn to_f64(cx: &Cx, value: Value) -> PyResult<f64> {
    if let Some(int) = value.as_small_int() {
        return Ok(int as f64);
    }
    match view(cx, &value) {
        Some(view) => algorithms::to_f64(view).map_err(|failure| cx.raise_failure(failure)),
        None => Err(cx.type_error("an integer is required")),
    }
}

/// `str(value)` of an int, with the limit of digits.
pub fn to_decimal(cx: &Cx, value: Value) -> PyResult<String> {
    let Some(view) = view(cx, &value) else { return Err(cx.type_error("an integer is required")) };
    let limit = max_digits(cx);
    arithmetic::detached_if(cx, arithmetic::is_huge(view), || algorithms::to_string(view, limit))
        .map_err(|failure| cx.raise_failure(failure))
}

/// The digits of an int in base 2, 8 or 16, behind a sign and the prefix: `bin`, `oct`, `hex`.
pub fn to_base(cx: &Cx, value: Value, base: u32, prefix: &str) -> PyResult<Ref<super::str::Str>> {
    let Some(view) = view(cx, &value) else { return Err(cx.type_error("an integer is required")) };
    let digits =
        arithmetic::detached_if(cx, arithmetic::is_huge(view), || algorithms::to_string_radix(view, base, false))
            .map_err(|failure| cx.raise_failure(failure))?;
    Ok(match digits.strip_prefix('-') {
        Some(magnitude) => cx.new_str(&format!("-{prefix}{magnitude}")),
        None => cx.new_str(&format!("{prefix}{digits}")),
    })
}

/// `sys.get_int_max_str_digits()`.
pub fn max_digits(cx: &Cx) -> usize {
    usize::try_from(cx.vm().int_max_str_digits.load(std::sync::atomic::Ordering::Relaxed)).unwrap_or(0)
}

impl Cx {
    /// An int of any size.
    #[inline]
    pub fn new_int(&self, number: impl Into<Number>) -> Value {
        match number.into() {
            Number::Small(int) => self.new_int_from_i64(int),
            Number::Big(int) => self.new_int_cell(int),
        }
    }

    /// An int.
    #[inline(always)]
    pub fn new_int_from_i64(&self, int: i64) -> Value {
        match Value::small_int(int) {
            Some(value) => value,
            None => self.new_int_cell(IBig::from(int)),
        }
    }

    /// An int.
    #[inline]
    pub fn new_int_from_u64(&self, int: u64) -> Value {
        match i64::try_from(int) {
            Ok(int) => self.new_int_from_i64(int),
            Err(_) => self.new_int_cell(IBig::from(int)),
        }
    }

    /// An int.
    #[inline]
    pub fn new_int_from_i128(&self, int: i128) -> Value {
        match i64::try_from(int) {
            Ok(int) => self.new_int_from_i64(int),
            Err(_) => self.new_int_cell(IBig::from(int)),
        }
    }

    /// An int.
    pub fn new_int_from_big(&self, int: IBig) -> Value {
        self.new_int(Number::from(int))
    }

    /// A cell for an int that does not fit the word.
    #[inline(never)]
    fn new_int_cell(&self, value: IBig) -> Value {
        let external = Int::external_bytes(&value);
        let cell = self.allocate(Int { header: Header::default(), value: Some(value) });
        if external > 0 {
            self.mutator().external_allocated(external);
        }
        cell.value()
    }

    /// An int as instance of a class: the class's own constructor is not called.
    pub(crate) fn new_int_instance(
        &self,
        class: Ref<super::type_object::TypeObject>,
        number: Number,
    ) -> PyResult<Value> {
        let contents = Int::contents(number);
        let external = contents.value.as_ref().map_or(0, Int::external_bytes);
        let cell = self.allocate_instance(class, contents);
        if external > 0 {
            self.mutator().external_allocated(external);
        }
        Ok(cell.value())
    }
}

#[cfg(test)]
mod tests {
    use super::Int;
    use std::mem::MaybeUninit;

    #[test]
    fn a_blank_cell_has_no_value() {
        let blank = MaybeUninit::<Int>::zeroed();
        // SAFETY: `Cell for Int` claims that all zero is valid; this is the test of that claim.
        let blank = unsafe { blank.assume_init() };
        assert!(blank.value.is_none());
    }
}
