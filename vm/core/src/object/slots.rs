//! The slot table: which native operations a type has, and which special methods they stand for.
//!
//! One table ([`for_each_slot`]) lists them. From it come [`Slots`] (what a native type's definition fills in),
//! [`SlotTable`] (the atomics in a type object, inherited and updated when a special method is assigned) and the
//! relation dunder ↔ slot, which `object::dunder` uses both ways: native slots appear as wrapper descriptors in the
//! type's dictionary, Python functions appear as slots that call them.
//!
//! Rule for shared access: a slot is read without a lock; it is written under the type's lock, after the dictionary.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::Ref;
use super::value::Value;
use crate::native::args::Args;
use crate::object::protocol::buffer::Buffer;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::type_object::TypeObject;

/// The six rich comparisons, in CPython's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Comparison {
    /// The comparison with its operands exchanged.
    pub const fn reflected(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessEqual => Comparison::GreaterEqual,
            Comparison::Equal => Comparison::Equal,
            Comparison::NotEqual => Comparison::NotEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterEqual => Comparison::LessEqual,
        }
    }

    /// The operator as written.
    pub const fn symbol(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::LessEqual => "<=",
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Greater => ">",
            Comparison::GreaterEqual => ">=",
        }
    }

    /// Whether the comparison holds for operands in this order.
    #[inline(always)]
    pub const fn holds(self, ordering: std::cmp::Ordering) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Comparison::Less => matches!(ordering, Less),
            Comparison::LessEqual => matches!(ordering, Less | Equal),
            Comparison::Equal => matches!(ordering, Equal),
            Comparison::NotEqual => !matches!(ordering, Equal),
            Comparison::Greater => matches!(ordering, Greater),
            Comparison::GreaterEqual => matches!(ordering, Greater | Equal),
        }
    }
}

/// `operation(self)`.
pub type UnaryFn = fn(&Cx, Value) -> PyResult;
/// `operation(left, right)`; either may be the one whose type has the slot. Answers NotImplemented to pass.
pub type BinaryFn = fn(&Cx, Value, Value) -> PyResult;
/// `pow(base, exponent, modulus)`; modulus `None` when absent.
pub type TernaryFn = fn(&Cx, Value, Value, Value) -> PyResult;
/// `len(self)`.
pub type LengthFn = fn(&Cx, Value) -> PyResult<usize>;
/// `hash(self)`.
pub type HashFn = fn(&Cx, Value) -> PyResult<i64>;
/// `bool(self)`.
pub type BoolFn = fn(&Cx, Value) -> PyResult<bool>;
/// `key in self`.
pub type ContainsFn = fn(&Cx, Value, Value) -> PyResult<bool>;
/// `next(self)`: `None` when exhausted, with no StopIteration made. An exhausted iterator of Python code that raised
/// StopIteration with a value leaves the exception pending in the context (`Cx::take_stop_iteration`).
pub type NextFn = fn(&Cx, Value) -> PyResult<Option<Value>>;
/// `self[key] = value`, or `del self[key]` when the value is `None`.
pub type AssignFn = fn(&Cx, Value, Value, Option<Value>) -> PyResult<()>;
/// `self <comparison> other`.
pub type CompareFn = fn(&Cx, Value, Value, Comparison) -> PyResult;
/// `self(*args)`.
pub type CallFn = fn(&Cx, Value, Args<'_>) -> PyResult;
/// `cls.__new__(cls, *args)`.
pub type NewFn = fn(&Cx, Ref<TypeObject>, Args<'_>) -> PyResult;
/// `self.__init__(*args)`.
pub type InitFn = fn(&Cx, Value, Args<'_>) -> PyResult<()>;
/// `self.name`.
pub type GetAttributeFn = fn(&Cx, Value, Value) -> PyResult;
/// `self.name = value`, or deletion when the value is `None`.
pub type SetAttributeFn = fn(&Cx, Value, Value, Option<Value>) -> PyResult<()>;
/// `descriptor.__get__(instance, owner)`: instance `None` when looked up on the class; owner may be absent.
pub type DescriptorGetFn = fn(&Cx, Value, Option<Value>, Option<Value>) -> PyResult;
/// `descriptor.__set__(instance, value)`, or `__delete__` when the value is `None`.
pub type DescriptorSetFn = fn(&Cx, Value, Value, Option<Value>) -> PyResult<()>;
/// `self.__del__()`.
pub type FinalizeFn = fn(&Cx, Value) -> PyResult<()>;
/// Exports a buffer with the requested flags (`PyBUF_*`).
pub type BufferFn = fn(&Cx, Value, i32) -> PyResult<Buffer>;
/// `self.__release_buffer__(view)`.
pub type ReleaseBufferFn = fn(&Cx, Value, Value) -> PyResult<()>;

/// Calls the macro `$callback` with the whole slot table: `name: FnType,` rows.
#[macro_export]
macro_rules! for_each_slot {
    ($callback:ident) => {
        $callback! {
            new: NewFn,
            init: InitFn,
            finalize: FinalizeFn,
            repr: UnaryFn,
            str: UnaryFn,
            hash: HashFn,
            call: CallFn,
            get_attribute: GetAttributeFn,
            set_attribute: SetAttributeFn,
            compare: CompareFn,
            iter: UnaryFn,
            next: NextFn,
            descriptor_get: DescriptorGetFn,
            descriptor_set: DescriptorSetFn,
            length: LengthFn,
            subscript: BinaryFn,
            assign_subscript: AssignFn,
            contains: ContainsFn,
            concatenate: BinaryFn,
            repeat: BinaryFn,
            inplace_concatenate: BinaryFn,
            inplace_repeat: BinaryFn,
            add: BinaryFn,
            subtract: BinaryFn,
            multiply: BinaryFn,
            matrix_multiply: BinaryFn,
            true_divide: BinaryFn,
            floor_divide: BinaryFn,
            modulo: BinaryFn,
            divmod: BinaryFn,
            power: TernaryFn,
            left_shift: BinaryFn,
            right_shift: BinaryFn,
            bit_and: BinaryFn,
            bit_xor: BinaryFn,
            bit_or: BinaryFn,
            inplace_add: BinaryFn,
            inplace_subtract: BinaryFn,
            inplace_multiply: BinaryFn,
            inplace_matrix_multiply: BinaryFn,
            inplace_true_divide: BinaryFn,
            inplace_floor_divide: BinaryFn,
            inplace_modulo: BinaryFn,
            inplace_power: BinaryFn,
            inplace_left_shift: BinaryFn,
            inplace_right_shift: BinaryFn,
            inplace_and: BinaryFn,
            inplace_xor: BinaryFn,
            inplace_or: BinaryFn,
            negative: UnaryFn,
            positive: UnaryFn,
            absolute: UnaryFn,
            invert: UnaryFn,
            bool: BoolFn,
            int: UnaryFn,
            float: UnaryFn,
            index: UnaryFn,
            await_: UnaryFn,
            async_iter: UnaryFn,
            async_next: UnaryFn,
            buffer: BufferFn,
            release_buffer: ReleaseBufferFn,
        }
    };
}

macro_rules! define_slots {
    ($($name:ident: $kind:ident,)*) => {
        /// What a native type's definition says of its slots.
        #[derive(Clone, Copy)]
        pub struct Slots { $(#[allow(missing_docs)] pub $name: Option<$kind>,)* }

        impl Slots {
            /// No slot.
            pub const NONE: Slots = Slots { $($name: None,)* };
        }

        /// Names the slots, in table order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[allow(non_camel_case_types, missing_docs)]
        pub enum SlotId { $($name,)* }

        impl SlotId {
            /// Every slot, in table order.
            pub const ALL: &'static [SlotId] = &[$(SlotId::$name,)*];
        }

        /// How many slots there are.
        pub const SLOT_COUNT: usize = SlotId::ALL.len();

        impl SlotTable {
            /// The slots of a native type's definition.
            pub fn from_slots(slots: &Slots) -> SlotTable {
                let table = SlotTable::empty();
                $(table.set_raw(SlotId::$name, slots.$name.map_or(0, |function| function as usize));)*
                table
            }

            $(
                /// The slot's function, if the type has it.
                #[inline(always)]
                #[allow(clippy::new_ret_no_self, reason = "`new` is the slot of `__new__`")]
                pub fn $name(&self) -> Option<$kind> {
                    let address = self.raw(SlotId::$name);
                    // SAFETY: the slot was stored from a function of this very type (`from_slots`, `set_raw`'s contract
                    // upheld by `object::dunder`), and `Option<fn>` has zero for `None`.
                    unsafe { std::mem::transmute::<usize, Option<$kind>>(address) }
                }
            )*
        }
    };
}

/// The slots of a type object.
pub struct SlotTable([AtomicUsize; SLOT_COUNT]);

impl SlotTable {
    /// No slot.
    pub const fn empty() -> SlotTable {
        SlotTable([const { AtomicUsize::new(0) }; SLOT_COUNT])
    }

    /// The slot's address; zero if absent.
    #[inline(always)]
    pub fn raw(&self, slot: SlotId) -> usize {
        self.0[slot as usize].load(Ordering::Relaxed)
    }

    /// Stores a slot's address: one that came from a slot of the same name, or a function of the slot's type.
    pub(crate) fn set_raw(&self, slot: SlotId, address: usize) {
        self.0[slot as usize].store(address, Ordering::Release);
    }

    /// Fills the slots that are empty here from `base`.
    pub(crate) fn inherit(&self, base: &SlotTable) {
        for &slot in SlotId::ALL {
            if self.raw(slot) == 0 {
                self.set_raw(slot, base.raw(slot));
            }
        }
    }
}

for_each_slot!(define_slots);
