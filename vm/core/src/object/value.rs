//! The value word: every Python value is one 64-bit word, `Copy`, never zero.
//!
//! | low 3 bits | meaning |
//! |---|---|
//! | 000 | pointer to a heap cell, 16-byte aligned |
//! | 100 | pointer (word − 4) to a cell whose end must be prompt; fixed at allocation by its type |
//! | 001 | small int, 61 bits, in the upper bits |
//! | 101 | a singleton: None, False, True, Ellipsis, NotImplemented, or "unbound" |
//! | x1x | float, self-tagged: `rotate_left(bits, 4) - 1` |
//!
//! The float form follows Melançon et al., "Float Self-Tagging": zero, 2^-255 to 2^256, infinities and the very large and
//! small fit the word; 2^-767..2^-256 and 2^257..2^768 do not and live in a cell (`types::float`). So do NaNs, though they
//! would fit: containers compare by identity first, so a NaN must be an object that is not another NaN.

use std::fmt;
use std::num::NonZeroU64;
use std::ptr::NonNull;

use countless_gc::Header;

/// A Python value.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Value(NonZeroU64);

const _: () = assert!(size_of::<Option<Value>>() == 8);

const SINGLETON: u64 = 0b101;
const INT: u64 = 0b001;
const INT_SHIFT: u32 = 3;

const fn singleton(index: u64) -> Value {
    match NonZeroU64::new(index << 3 | SINGLETON) {
        Some(word) => Value(word),
        None => unreachable!(),
    }
}

impl Value {
    /// `None`.
    pub const NONE: Value = singleton(0);
    /// `False`.
    pub const FALSE: Value = singleton(1);
    /// `True`.
    pub const TRUE: Value = singleton(2);
    /// `Ellipsis`.
    pub const ELLIPSIS: Value = singleton(3);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = singleton(4);
    /// The content of a register, slot or entry that holds nothing. Never seen by Python code.
    pub const UNBOUND: Value = singleton(5);

    /// The largest int that fits the word.
    pub const MAX_INT: i64 = (1 << 60) - 1;
    /// The smallest int that fits the word.
    pub const MIN_INT: i64 = -(1 << 60);

    /// The value whose word this is; `None` for zero. For words that came out of a [`Value`].
    #[inline(always)]
    pub const fn from_word(word: u64) -> Option<Value> {
        match NonZeroU64::new(word) {
            Some(word) => Some(Value(word)),
            None => None,
        }
    }

    /// The word.
    #[inline(always)]
    pub const fn word(self) -> u64 {
        self.0.get()
    }

    /// The small int, or `None` if it needs more than 61 bits.
    #[inline(always)]
    pub const fn small_int(value: i64) -> Option<Value> {
        if value >= Self::MIN_INT && value <= Self::MAX_INT { Some(Self::int_unchecked(value)) } else { None }
    }

    /// An int known to fit: lengths, indices, 32-bit numbers.
    #[inline(always)]
    pub const fn int(value: i64) -> Value {
        debug_assert!(value >= Self::MIN_INT && value <= Self::MAX_INT);
        Self::int_unchecked(value)
    }

    #[inline(always)]
    const fn int_unchecked(value: i64) -> Value {
        match NonZeroU64::new((value as u64) << INT_SHIFT | INT) {
            Some(word) => Value(word),
            None => unreachable!(),
        }
    }

    /// The int of a length or count of things in memory.
    #[inline(always)]
    pub const fn length(value: usize) -> Value {
        Self::int(value as i64)
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn bool(value: bool) -> Value {
        if value { Self::TRUE } else { Self::FALSE }
    }

    /// The float as a word, if it is one of those that fit. NaNs do not: each is an object of its own.
    #[inline(always)]
    pub fn inline_float(value: f64) -> Option<Value> {
        let word = value.to_bits().rotate_left(4).wrapping_sub(1);
        if word & 2 != 0 && !value.is_nan() { Self::from_word(word) } else { None }
    }

    /// The value of a heap cell.
    #[inline(always)]
    pub fn from_cell(cell: NonNull<Header>) -> Value {
        match NonZeroU64::new(cell.addr().get() as u64) {
            Some(word) => Value(word),
            None => unreachable!("an address is not zero"),
        }
    }

    /// The small int in the word.
    #[inline(always)]
    pub const fn as_small_int(self) -> Option<i64> {
        if self.is_small_int() { Some(self.small_int_unchecked()) } else { None }
    }

    /// The small int in a word known to hold one; of another word, garbage (but nothing worse).
    #[inline(always)]
    pub const fn small_int_unchecked(self) -> i64 {
        self.0.get() as i64 >> INT_SHIFT
    }

    /// The float in the word, if it is an unboxed one.
    #[inline(always)]
    pub fn as_inline_float(self) -> Option<f64> {
        if self.is_inline_float() { Some(self.inline_float_unchecked()) } else { None }
    }

    /// The float in a word known to hold one; of another word, garbage (but nothing worse).
    #[inline(always)]
    pub fn inline_float_unchecked(self) -> f64 {
        f64::from_bits(self.0.get().wrapping_add(1).rotate_right(4))
    }

    /// The cell, if the value is one.
    #[inline(always)]
    pub fn as_cell(self) -> Option<NonNull<Header>> {
        if self.is_cell() { NonNull::new((self.0.get() & !7) as *mut Header) } else { None }
    }

    /// Whether the word is a small int.
    #[inline(always)]
    pub const fn is_small_int(self) -> bool {
        self.0.get() & 7 == INT
    }

    /// Whether both words are small ints.
    #[inline(always)]
    pub const fn both_small_ints(a: Value, b: Value) -> bool {
        ((a.0.get() ^ INT) | (b.0.get() ^ INT)) & 7 == 0
    }

    /// Whether both words are unboxed floats.
    #[inline(always)]
    pub const fn both_inline_floats(a: Value, b: Value) -> bool {
        a.0.get() & b.0.get() & 2 != 0
    }

    /// Whether the word is an unboxed float.
    #[inline(always)]
    pub const fn is_inline_float(self) -> bool {
        self.0.get() & 2 != 0
    }

    /// Whether the value is a heap cell.
    #[inline(always)]
    pub const fn is_cell(self) -> bool {
        self.0.get() & 3 == 0
    }

    /// Whether the value is `None`.
    #[inline(always)]
    pub const fn is_none(self) -> bool {
        self.0.get() == Self::NONE.0.get()
    }

    /// Whether the value is "unbound".
    #[inline(always)]
    pub const fn is_unbound(self) -> bool {
        self.0.get() == Self::UNBOUND.0.get()
    }

    /// Whether the value is `True` or `False`.
    #[inline(always)]
    pub const fn is_bool(self) -> bool {
        matches!(self.0.get(), w if w == Self::TRUE.0.get() || w == Self::FALSE.0.get())
    }

    /// The bool, if it is one.
    #[inline(always)]
    pub const fn as_bool(self) -> Option<bool> {
        if self.0.get() == Self::TRUE.0.get() {
            Some(true)
        } else if self.0.get() == Self::FALSE.0.get() {
            Some(false)
        } else {
            None
        }
    }

    /// `None` for "unbound", else the value.
    #[inline(always)]
    pub const fn bound(self) -> Option<Value> {
        if self.is_unbound() { None } else { Some(self) }
    }

    /// `None` for `None`, else the value: the usual reading of an optional argument.
    #[inline(always)]
    pub const fn not_none(self) -> Option<Value> {
        if self.is_none() { None } else { Some(self) }
    }

    /// Identity as `id()` reports it.
    pub const fn identity(self) -> u64 {
        self.0.get()
    }

    /// The sum of two words known to be small ints, if it fits.
    #[inline(always)]
    pub const fn add_small(a: Value, b: Value) -> Option<Value> {
        match (a.0.get() as i64).checked_add((b.0.get() - INT) as i64) {
            Some(word) => Self::from_word(word as u64),
            None => None,
        }
    }

    /// The difference of two words known to be small ints, if it fits.
    #[inline(always)]
    pub const fn subtract_small(a: Value, b: Value) -> Option<Value> {
        match (a.0.get() as i64).checked_sub((b.0.get() - INT) as i64) {
            Some(word) => Self::from_word(word as u64),
            None => None,
        }
    }

    /// The product of two words known to be small ints, if it fits.
    #[inline(always)]
    pub const fn multiply_small(a: Value, b: Value) -> Option<Value> {
        match a.small_int_unchecked().checked_mul((b.0.get() - INT) as i64) {
            Some(word) => Self::from_word(word as u64 | INT),
            None => None,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::bool(value)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(int) = self.as_small_int() {
            write!(f, "{int}")
        } else if let Some(float) = self.as_inline_float() {
            write!(f, "{float:?}")
        } else if let Some(cell) = self.as_cell() {
            write!(f, "cell {cell:p}")
        } else {
            f.write_str(match *self {
                Value::NONE => "None",
                Value::FALSE => "False",
                Value::TRUE => "True",
                Value::ELLIPSIS => "Ellipsis",
                Value::NOT_IMPLEMENTED => "NotImplemented",
                Value::UNBOUND => "unbound",
                _ => "invalid",
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn ints_keep_61_bits() {
        for int in [0, 1, -1, 42, Value::MAX_INT, Value::MIN_INT] {
            assert_eq!(Value::small_int(int).unwrap().as_small_int(), Some(int));
        }
        assert!(Value::small_int(Value::MAX_INT + 1).is_none());
        assert!(Value::small_int(Value::MIN_INT - 1).is_none());
    }

    #[test]
    fn small_arithmetic_checks_overflow() {
        let (max, min, one) = (Value::int(Value::MAX_INT), Value::int(Value::MIN_INT), Value::int(1));
        assert_eq!(Value::add_small(max, one), None);
        assert_eq!(Value::subtract_small(min, one), None);
        assert_eq!(Value::add_small(min, one), Some(Value::int(Value::MIN_INT + 1)));
        assert_eq!(Value::multiply_small(Value::int(-7), Value::int(6)), Some(Value::int(-42)));
        assert_eq!(Value::multiply_small(max, Value::int(2)), None);
    }

    #[test]
    fn floats_round_trip_or_ask_for_a_box() {
        for exponent in -1074..1024 {
            let float = 1.5 * 2f64.powi(exponent);
            for float in [float, -float] {
                match Value::inline_float(float) {
                    Some(value) => {
                        assert_eq!(value.as_inline_float().unwrap().to_bits(), float.to_bits());
                        assert!(!value.is_cell() && !value.is_small_int());
                    }
                    None => assert!(
                        (-768..=-256).contains(&exponent) || (256..=768).contains(&exponent),
                        "2^{exponent} should fit"
                    ),
                }
            }
        }
        for float in [0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Value::inline_float(float).is_some());
        }
        for nan in [f64::NAN, -f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001), f64::from_bits(u64::MAX)] {
            assert!(Value::inline_float(nan).is_none());
        }
    }
}
