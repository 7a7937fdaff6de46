//! Special methods and slots, both ways.
//!
//! A native type's slots appear in its namespace as wrapper descriptors, one for each [`Row`] of [`ROWS`] whose slot is
//! filled ([`add_wrappers`]). A class made at run time gets each slot from what its method resolution order has under
//! the rows' names ([`update_slots`]): the native function, if that is such a wrapper, or else a function of this file
//! that calls the Python method.

use std::sync::OnceLock;

use super::attribute::{Method, lookup};
use super::cell::Ref;
use super::protocol::number;
use super::slots::{Comparison, SLOT_COUNT, SlotId, SlotTable};
use super::value::Value;
use crate::native::args::Args;
use crate::native::definition::TypeFlags;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::runtime::names::Names;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::type_object::TypeObject;
use crate::types::wrapper_descriptor::WrapperDescriptor;

/// How a wrapper turns a method's arguments into the slot's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// No argument.
    Unary,
    /// `left.__op__(right)`.
    Binary,
    /// `right.__rop__(left)`.
    Reflected,
    /// `__pow__(other[, modulus])`.
    Power,
    /// `__rpow__(other[, modulus])`.
    ReflectedPower,
    /// `__len__`.
    Length,
    /// `__hash__`.
    Hash,
    /// `__bool__`.
    Bool,
    /// `__contains__`.
    Contains,
    /// `__next__`.
    Next,
    /// `__setitem__`.
    SetItem,
    /// `__delitem__`.
    DeleteItem,
    /// A rich comparison.
    Compare(Comparison),
    /// `__call__`.
    Call,
    /// `__init__`.
    Init,
    /// `__getattribute__`.
    GetAttribute,
    /// `__setattr__`.
    SetAttribute,
    /// `__delattr__`.
    DeleteAttribute,
    /// `__get__`.
    Get,
    /// `__set__`.
    Set,
    /// `__delete__`.
    Delete,
    /// `__del__`.
    Finalize,
    /// `__buffer__`.
    Buffer,
    /// `__release_buffer__`.
    ReleaseBuffer,
    /// Only a name that decides about a slot (`__getattr__`): native types have no wrapper.
    NameOnly,
}

/// One special method.
pub struct Row {
    /// Its name.
    pub name: fn(&Names) -> Ref<Str>,
    /// The slot it stands for.
    pub slot: SlotId,
    /// How it is called.
    pub wrapper: Wrapper,
    /// Text signature and documentation.
    pub doc: &'static str,
    /// The function that fills the slot when the method is written in Python; 0 for none.
    python: fn() -> usize,
}

macro_rules! rows {
    ($($name:ident: $slot:ident, $wrapper:expr, $python:expr, $doc:literal;)*) => {
        /// Every special method that is a slot. A slot's rows stand together.
        pub static ROWS: &[Row] = &[$(Row {
            name: |names| names.$name,
            slot: SlotId::$slot,
            wrapper: $wrapper,
            doc: $doc,
            python: || $python as *const () as usize,
        },)*];
    };
}

const NO_PYTHON: *const () = std::ptr::null();

rows! {
    __new__: new, Wrapper::NameOnly, python_new, "";
    __init__: init, Wrapper::Init, python_init, "__init__($self, /, *args, **kwargs)\n--\n\nSet up a new object; see help(type(self)) for its parameters.";
    __del__: finalize, Wrapper::Finalize, python_finalize, "__del__($self, /)\n--\n\nRun when the object is about to be destroyed.";
    __repr__: repr, Wrapper::Unary, python_repr, "__repr__($self, /)\n--\n\nReturn repr(self).";
    __str__: str, Wrapper::Unary, python_str, "__str__($self, /)\n--\n\nReturn str(self).";
    __hash__: hash, Wrapper::Hash, python_hash, "__hash__($self, /)\n--\n\nReturn hash(self).";
    __call__: call, Wrapper::Call, python_call, "__call__($self, /, *args, **kwargs)\n--\n\nCall self as a function.";
    __getattribute__: get_attribute, Wrapper::GetAttribute, python_get_attribute, "__getattribute__($self, name, /)\n--\n\nReturn getattr(self, name).";
    __getattr__: get_attribute, Wrapper::NameOnly, python_get_attribute, "";
    __setattr__: set_attribute, Wrapper::SetAttribute, python_set_attribute, "__setattr__($self, name, value, /)\n--\n\nImplement setattr(self, name, value).";
    __delattr__: set_attribute, Wrapper::DeleteAttribute, python_set_attribute, "__delattr__($self, name, /)\n--\n\nImplement delattr(self, name).";
    __lt__: compare, Wrapper::Compare(Comparison::Less), python_compare, "__lt__($self, value, /)\n--\n\nReturn self<value.";
    __le__: compare, Wrapper::Compare(Comparison::LessEqual), python_compare, "__le__($self, value, /)\n--\n\nReturn self<=value.";
    __eq__: compare, Wrapper::Compare(Comparison::Equal), python_compare, "__eq__($self, value, /)\n--\n\nReturn self==value.";
    __ne__: compare, Wrapper::Compare(Comparison::NotEqual), python_compare, "__ne__($self, value, /)\n--\n\nReturn self!=value.";
    __gt__: compare, Wrapper::Compare(Comparison::Greater), python_compare, "__gt__($self, value, /)\n--\n\nReturn self>value.";
    __ge__: compare, Wrapper::Compare(Comparison::GreaterEqual), python_compare, "__ge__($self, value, /)\n--\n\nReturn self>=value.";
    __iter__: iter, Wrapper::Unary, python_iter, "__iter__($self, /)\n--\n\nImplement iter(self).";
    __next__: next, Wrapper::Next, python_next, "__next__($self, /)\n--\n\nImplement next(self).";
    __get__: descriptor_get, Wrapper::Get, python_descriptor_get, "__get__($self, instance, owner=None, /)\n--\n\nReturn an attribute of instance, which is of type owner.";
    __set__: descriptor_set, Wrapper::Set, python_descriptor_set, "__set__($self, instance, value, /)\n--\n\nSet an attribute of instance to value.";
    __delete__: descriptor_set, Wrapper::Delete, python_descriptor_set, "__delete__($self, instance, /)\n--\n\nDelete an attribute of instance.";
    __len__: length, Wrapper::Length, python_length, "__len__($self, /)\n--\n\nReturn len(self).";
    __getitem__: subscript, Wrapper::Binary, python_subscript, "__getitem__($self, key, /)\n--\n\nReturn self[key].";
    __setitem__: assign_subscript, Wrapper::SetItem, python_assign_subscript, "__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.";
    __delitem__: assign_subscript, Wrapper::DeleteItem, python_assign_subscript, "__delitem__($self, key, /)\n--\n\nDelete self[key].";
    __contains__: contains, Wrapper::Contains, python_contains, "__contains__($self, key, /)\n--\n\nReturn bool(key in self).";
    __add__: add, Wrapper::Binary, python_add, "__add__($self, value, /)\n--\n\nReturn self+value.";
    __radd__: add, Wrapper::Reflected, python_add, "__radd__($self, value, /)\n--\n\nReturn value+self.";
    __sub__: subtract, Wrapper::Binary, python_subtract, "__sub__($self, value, /)\n--\n\nReturn self-value.";
    __rsub__: subtract, Wrapper::Reflected, python_subtract, "__rsub__($self, value, /)\n--\n\nReturn value-self.";
    __mul__: multiply, Wrapper::Binary, python_multiply, "__mul__($self, value, /)\n--\n\nReturn self*value.";
    __rmul__: multiply, Wrapper::Reflected, python_multiply, "__rmul__($self, value, /)\n--\n\nReturn value*self.";
    __matmul__: matrix_multiply, Wrapper::Binary, python_matrix_multiply, "__matmul__($self, value, /)\n--\n\nReturn self@value.";
    __rmatmul__: matrix_multiply, Wrapper::Reflected, python_matrix_multiply, "__rmatmul__($self, value, /)\n--\n\nReturn value@self.";
    __truediv__: true_divide, Wrapper::Binary, python_true_divide, "__truediv__($self, value, /)\n--\n\nReturn self/value.";
    __rtruediv__: true_divide, Wrapper::Reflected, python_true_divide, "__rtruediv__($self, value, /)\n--\n\nReturn value/self.";
    __floordiv__: floor_divide, Wrapper::Binary, python_floor_divide, "__floordiv__($self, value, /)\n--\n\nReturn self//value.";
    __rfloordiv__: floor_divide, Wrapper::Reflected, python_floor_divide, "__rfloordiv__($self, value, /)\n--\n\nReturn value//self.";
    __mod__: modulo, Wrapper::Binary, python_modulo, "__mod__($self, value, /)\n--\n\nReturn self%value.";
    __rmod__: modulo, Wrapper::Reflected, python_modulo, "__rmod__($self, value, /)\n--\n\nReturn value%self.";
    __divmod__: divmod, Wrapper::Binary, python_divmod, "__divmod__($self, value, /)\n--\n\nReturn divmod(self, value).";
    __rdivmod__: divmod, Wrapper::Reflected, python_divmod, "__rdivmod__($self, value, /)\n--\n\nReturn divmod(value, self).";
    __pow__: power, Wrapper::Power, python_power, "__pow__($self, value, mod=None, /)\n--\n\nReturn pow(self, value, mod).";
    __rpow__: power, Wrapper::ReflectedPower, python_power, "__rpow__($self, value, mod=None, /)\n--\n\nReturn pow(value, self, mod).";
    __lshift__: left_shift, Wrapper::Binary, python_left_shift, "__lshift__($self, value, /)\n--\n\nReturn self<<value.";
    __rlshift__: left_shift, Wrapper::Reflected, python_left_shift, "__rlshift__($self, value, /)\n--\n\nReturn value<<self.";
    __rshift__: right_shift, Wrapper::Binary, python_right_shift, "__rshift__($self, value, /)\n--\n\nReturn self>>value.";
    __rrshift__: right_shift, Wrapper::Reflected, python_right_shift, "__rrshift__($self, value, /)\n--\n\nReturn value>>self.";
    __and__: bit_and, Wrapper::Binary, python_bit_and, "__and__($self, value, /)\n--\n\nReturn self&value.";
    __rand__: bit_and, Wrapper::Reflected, python_bit_and, "__rand__($self, value, /)\n--\n\nReturn value&self.";
    __xor__: bit_xor, Wrapper::Binary, python_bit_xor, "__xor__($self, value, /)\n--\n\nReturn self^value.";
    __rxor__: bit_xor, Wrapper::Reflected, python_bit_xor, "__rxor__($self, value, /)\n--\n\nReturn value^self.";
    __or__: bit_or, Wrapper::Binary, python_bit_or, "__or__($self, value, /)\n--\n\nReturn self|value.";
    __ror__: bit_or, Wrapper::Reflected, python_bit_or, "__ror__($self, value, /)\n--\n\nReturn value|self.";
    __iadd__: inplace_add, Wrapper::Binary, python_inplace_add, "__iadd__($self, value, /)\n--\n\nReturn self+=value.";
    __isub__: inplace_subtract, Wrapper::Binary, python_inplace_subtract, "__isub__($self, value, /)\n--\n\nReturn self-=value.";
    __imul__: inplace_multiply, Wrapper::Binary, python_inplace_multiply, "__imul__($self, value, /)\n--\n\nReturn self*=value.";
    __imatmul__: inplace_matrix_multiply, Wrapper::Binary, python_inplace_matrix_multiply, "__imatmul__($self, value, /)\n--\n\nReturn self@=value.";
    __itruediv__: inplace_true_divide, Wrapper::Binary, python_inplace_true_divide, "__itruediv__($self, value, /)\n--\n\nReturn self/=value.";
    __ifloordiv__: inplace_floor_divide, Wrapper::Binary, python_inplace_floor_divide, "__ifloordiv__($self, value, /)\n--\n\nReturn self//=value.";
    __imod__: inplace_modulo, Wrapper::Binary, python_inplace_modulo, "__imod__($self, value, /)\n--\n\nReturn self%=value.";
    __ipow__: inplace_power, Wrapper::Binary, python_inplace_power, "__ipow__($self, value, /)\n--\n\nReturn self**=value.";
    __ilshift__: inplace_left_shift, Wrapper::Binary, python_inplace_left_shift, "__ilshift__($self, value, /)\n--\n\nReturn self<<=value.";
    __irshift__: inplace_right_shift, Wrapper::Binary, python_inplace_right_shift, "__irshift__($self, value, /)\n--\n\nReturn self>>=value.";
    __iand__: inplace_and, Wrapper::Binary, python_inplace_and, "__iand__($self, value, /)\n--\n\nReturn self&=value.";
    __ixor__: inplace_xor, Wrapper::Binary, python_inplace_xor, "__ixor__($self, value, /)\n--\n\nReturn self^=value.";
    __ior__: inplace_or, Wrapper::Binary, python_inplace_or, "__ior__($self, value, /)\n--\n\nReturn self|=value.";
    __neg__: negative, Wrapper::Unary, python_negative, "__neg__($self, /)\n--\n\n-self";
    __pos__: positive, Wrapper::Unary, python_positive, "__pos__($self, /)\n--\n\n+self";
    __abs__: absolute, Wrapper::Unary, python_absolute, "__abs__($self, /)\n--\n\nabs(self)";
    __invert__: invert, Wrapper::Unary, python_invert, "__invert__($self, /)\n--\n\n~self";
    __bool__: bool, Wrapper::Bool, python_bool, "__bool__($self, /)\n--\n\nTrue if self else False";
    __int__: int, Wrapper::Unary, python_int, "__int__($self, /)\n--\n\nint(self)";
    __float__: float, Wrapper::Unary, python_float, "__float__($self, /)\n--\n\nfloat(self)";
    __index__: index, Wrapper::Unary, python_index, "__index__($self, /)\n--\n\nReturn self as an integer usable as an index.";
    __await__: await_, Wrapper::Unary, python_await, "__await__($self, /)\n--\n\nReturn an iterator to be used in await expression.";
    __aiter__: async_iter, Wrapper::Unary, python_async_iter, "__aiter__($self, /)\n--\n\nReturn an asynchronous iterator.";
    __anext__: async_next, Wrapper::Unary, python_async_next, "__anext__($self, /)\n--\n\nReturn an awaitable for the next item.";
    __buffer__: buffer, Wrapper::Buffer, crate::object::python_buffer::python_buffer, "__buffer__($self, flags, /)\n--\n\nReturn a buffer object that exposes the underlying memory of the object.";
    __release_buffer__: release_buffer, Wrapper::ReleaseBuffer, crate::object::python_buffer::python_release_buffer, "__release_buffer__($self, buffer, /)\n--\n\nRelease the buffer object that exposes the underlying memory of the object.";
    __add__: concatenate, Wrapper::Binary, NO_PYTHON, "__add__($self, value, /)\n--\n\nReturn self+value.";
    __mul__: repeat, Wrapper::Binary, NO_PYTHON, "__mul__($self, value, /)\n--\n\nReturn self*value.";
    __rmul__: repeat, Wrapper::Binary, NO_PYTHON, "__rmul__($self, value, /)\n--\n\nReturn value*self.";
    __iadd__: inplace_concatenate, Wrapper::Binary, NO_PYTHON, "__iadd__($self, value, /)\n--\n\nImplement self+=value.";
    __imul__: inplace_repeat, Wrapper::Binary, NO_PYTHON, "__imul__($self, value, /)\n--\n\nImplement self*=value.";
}

// ---- native slots to special methods

fn has_wrapper(own: &SlotTable, row: &Row) -> bool {
    own.raw(row.slot) != 0 && row.wrapper != Wrapper::NameOnly
}

/// How many wrappers [`add_wrappers`] makes.
pub(crate) fn wrapper_count(own: &SlotTable) -> usize {
    ROWS.iter().filter(|row| has_wrapper(own, row)).count()
}

/// Puts wrapper descriptors for a native type's own slots into its namespace, where there is nothing of the name yet.
pub(crate) fn add_wrappers(cx: &Cx, class: Ref<TypeObject>, own: &SlotTable) -> PyResult<()> {
    let dict = class.dict();
    for (number, row) in ROWS.iter().enumerate() {
        let address = own.raw(row.slot);
        if !has_wrapper(own, row) {
            continue;
        }
        let name = (row.name)(cx.names());
        if dict.get_name(cx, name)?.is_some() {
            continue;
        }
        let value = if row.wrapper == Wrapper::Hash && address == unhashable as *const () as usize {
            Value::NONE
        } else {
            WrapperDescriptor::create(cx, class, number, address).value()
        };
        dict.set_name(cx, name, value)?;
    }
    Ok(())
}

/// The `hash` slot of what cannot be hashed: `__hash__` is None.
pub fn unhashable(cx: &Cx, value: Value) -> PyResult<i64> {
    Err(super::protocol::object::unhashable(cx, value))
}

// ---- special methods to slots

/// Sets the slots of a class made at run time from what its method resolution order has under the special names.
pub(crate) fn update_slots(cx: &Cx, class: Ref<TypeObject>) {
    set_slots(class, &addresses(cx, class));
    update_new(cx, class);
}

/// The same for a class that was just made. If it only adds its own names to those of its base, most slots are the base's.
pub(crate) fn init_slots(cx: &Cx, class: Ref<TypeObject>) {
    /// Slots of a class that derives from `object`, whose namespace never changes, and adds nothing.
    static OF_OBJECT: OnceLock<[usize; SLOT_COUNT]> = OnceLock::new();
    let Some(base) = class.base().filter(|base| class.linearization().skip(1).eq(base.linearization())) else {
        return update_slots(cx, class);
    };
    if base.is_heap_type() {
        SlotId::ALL.iter().for_each(|&slot| class.slots.set_raw(slot, base.slots.raw(slot)));
    } else if base == cx.builtin_type(crate::types::ids::OBJECT) {
        set_slots(class, OF_OBJECT.get_or_init(|| addresses(cx, base)));
    } else {
        set_slots(class, &addresses(cx, base));
    }
    for (name, _) in class.dict().iter() {
        let Some(name) = name.exact::<Str>().filter(|name| name.as_wtf8().as_bytes().starts_with(b"__")) else {
            continue;
        };
        ROWS.iter().filter(|row| (row.name)(cx.names()) == name).for_each(|row| update_slot(cx, class, row.slot));
    }
    update_new(cx, class);
}

fn set_slots(class: Ref<TypeObject>, addresses: &[usize; SLOT_COUNT]) {
    SlotId::ALL.iter().for_each(|&slot| class.slots.set_raw(slot, addresses[slot as usize]));
}

/// What the slots of a class made at run time are to hold, but for `new`.
fn addresses(cx: &Cx, class: Ref<TypeObject>) -> [usize; SLOT_COUNT] {
    let mut choices = [Choice::default(); SLOT_COUNT];
    for (number, row) in ROWS.iter().enumerate() {
        choices[row.slot as usize].add(cx, class, number, row);
    }
    choices.map(Choice::address)
}

/// The same after one name was set or deleted, in the class and in its subclasses that do not override it.
pub(crate) fn update_name(cx: &Cx, class: Ref<TypeObject>, name: Ref<Str>) {
    let mut touched = false;
    for row in ROWS {
        if (row.name)(cx.names()) == name {
            update_slot(cx, class, row.slot);
            touched = true;
        }
    }
    if touched {
        for subclass in cx.vm().subclasses.of(cx, class) {
            if subclass.is_heap_type() {
                update_name(cx, subclass, name);
            }
        }
    }
}

fn update_slot(cx: &Cx, class: Ref<TypeObject>, slot: SlotId) {
    if slot == SlotId::new {
        return update_new(cx, class);
    }
    let mut choice = Choice::default();
    for (number, row) in ROWS.iter().enumerate().filter(|(_, row)| row.slot == slot) {
        choice.add(cx, class, number, row);
    }
    class.slots.set_raw(slot, choice.address());
}

/// What a slot is to hold, from the rows seen so far.
#[derive(Clone, Copy, Default)]
struct Choice {
    native: usize,
    python: usize,
}

impl Choice {
    /// Takes in what the class has under a row's name.
    fn add(&mut self, cx: &Cx, class: Ref<TypeObject>, number: usize, row: &Row) {
        let slot = row.slot;
        let Some(found) = lookup(cx, class, (row.name)(cx.names())) else { return };
        match found.exact::<WrapperDescriptor>() {
            Some(wrapper) if wrapper.row() == number && class.is_subclass(wrapper.owner()) => {
                if self.native != 0 && self.native != wrapper.address() {
                    self.python = (row.python)();
                }
                self.native = wrapper.address();
            }
            // A wrapper of the same name for another slot (`list.__add__` is a concatenation).
            Some(wrapper)
                if ROWS[wrapper.row()].slot != slot
                    && (ROWS[wrapper.row()].name)(cx.names()) == (row.name)(cx.names()) => {}
            _ if found.is_none() && slot == SlotId::hash => self.native = unhashable as *const () as usize,
            _ if found.is_none() && slot == SlotId::iter => self.native = not_iterable as *const () as usize,
            _ => self.python = (row.python)(),
        }
    }

    fn address(self) -> usize {
        if self.python != 0 { self.python } else { self.native }
    }
}

/// `__new__` is no wrapper: a native type's is a built-in function that knows the type.
fn update_new(cx: &Cx, class: Ref<TypeObject>) {
    let Some(found) = lookup(cx, class, cx.names().__new__) else { return };
    let address = match crate::types::builtin_function::new_of(cx, found) {
        Some(native) => native.slots.raw(SlotId::new),
        None => python_new as *const () as usize,
    };
    class.slots.set_raw(SlotId::new, address);
}

/// Whether the class can be iterated by `__getitem__` with 0, 1, 2, …: it has the method, and is no mapping type. What
/// native types do with subscripts says nothing unless they are sequences.
pub fn is_old_style_sequence(cx: &Cx, class: Ref<TypeObject>) -> bool {
    let dict = cx.builtin_type(crate::types::ids::DICT);
    if class.slots.subscript().is_none() || class.is_subclass(dict) {
        return false;
    }
    class.has_flags(TypeFlags::SEQUENCE.0)
        || lookup(cx, class, cx.names().__getitem__)
            .is_some_and(|found| !found.is_exactly(crate::types::ids::WRAPPER_DESCRIPTOR))
}

fn not_iterable(cx: &Cx, value: Value) -> PyResult {
    Err(raise!(cx, TypeError, "'{}' object is not iterable", value.class_name(cx)))
}

// ---- functions for the slots of classes written in Python

impl Cx {
    /// Calls a special method of the object's class; AttributeError if there is none.
    pub fn call_special(&self, object: Value, name: Ref<Str>, args: &[Value]) -> PyResult {
        match self.lookup_special(object, name)? {
            Some(method) => self.call_found(method, args),
            None => Err(super::attribute::missing_attribute(self, object, name)),
        }
    }

    /// Calls a special method of the object's class; NotImplemented if there is none.
    fn call_optional_special(&self, object: Value, name: Ref<Str>, args: &[Value]) -> PyResult {
        match self.lookup_special(object, name)? {
            Some(method) => self.call_found(method, args),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }
}

macro_rules! python_unary {
    ($($function:ident: $name:ident;)*) => {
        $(fn $function(cx: &Cx, object: Value) -> PyResult {
            cx.call_special(object, cx.names().$name, &[])
        })*
    };
}

python_unary! {
    python_repr: __repr__;
    python_str: __str__;
    python_iter: __iter__;
    python_negative: __neg__;
    python_positive: __pos__;
    python_absolute: __abs__;
    python_invert: __invert__;
    python_int: __int__;
    python_float: __float__;
    python_index: __index__;
    python_await: __await__;
    python_async_iter: __aiter__;
    python_async_next: __anext__;
}

macro_rules! python_binary {
    ($($function:ident: $slot:ident, $name:ident, $reflected:ident;)*) => {
        $(fn $function(cx: &Cx, left: Value, right: Value) -> PyResult {
            let names = cx.names();
            binary(cx, left, right, SlotId::$slot, $function as *const () as usize, (names.$name, names.$reflected))
        })*
    };
}

python_binary! {
    python_add: add, __add__, __radd__;
    python_subtract: subtract, __sub__, __rsub__;
    python_multiply: multiply, __mul__, __rmul__;
    python_matrix_multiply: matrix_multiply, __matmul__, __rmatmul__;
    python_true_divide: true_divide, __truediv__, __rtruediv__;
    python_floor_divide: floor_divide, __floordiv__, __rfloordiv__;
    python_modulo: modulo, __mod__, __rmod__;
    python_divmod: divmod, __divmod__, __rdivmod__;
    python_left_shift: left_shift, __lshift__, __rlshift__;
    python_right_shift: right_shift, __rshift__, __rrshift__;
    python_bit_and: bit_and, __and__, __rand__;
    python_bit_xor: bit_xor, __xor__, __rxor__;
    python_bit_or: bit_or, __or__, __ror__;
}

/// A binary operator when at least one operand's class defines it in Python. `address` is the slot function itself.
fn binary(
    cx: &Cx,
    left: Value,
    right: Value,
    slot: SlotId,
    address: usize,
    (name, reflected): (Ref<Str>, Ref<Str>),
) -> PyResult {
    let (left_class, right_class) = (cx.type_of(left), cx.type_of(right));
    let mut try_right = left_class != right_class && right_class.slots.raw(slot) == address;
    if left_class.slots.raw(slot) == address {
        if try_right
            && right_class.is_subclass(left_class)
            && lookup(cx, right_class, reflected) != lookup(cx, left_class, reflected)
        {
            let result = cx.call_optional_special(right, reflected, &[left])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
            try_right = false;
        }
        let result = cx.call_optional_special(left, name, &[right])?;
        if result != Value::NOT_IMPLEMENTED || left_class == right_class {
            return Ok(result);
        }
    }
    if try_right { cx.call_optional_special(right, reflected, &[left]) } else { Ok(Value::NOT_IMPLEMENTED) }
}

fn python_power(cx: &Cx, base: Value, exponent: Value, modulus: Value) -> PyResult {
    let names = cx.names();
    let address = python_power as *const () as usize;
    if modulus.is_none() {
        return binary(cx, base, exponent, SlotId::power, address, (names.__pow__, names.__rpow__));
    }
    if cx.type_of(base).slots.raw(SlotId::power) == address {
        let result = cx.call_optional_special(base, names.__pow__, &[exponent, modulus])?;
        if result != Value::NOT_IMPLEMENTED {
            return Ok(result);
        }
    }
    if cx.type_of(exponent).slots.raw(SlotId::power) == address {
        return cx.call_optional_special(exponent, names.__rpow__, &[base, modulus]);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

macro_rules! python_inplace {
    ($($function:ident: $name:ident;)*) => {
        $(fn $function(cx: &Cx, left: Value, right: Value) -> PyResult {
            cx.call_special(left, cx.names().$name, &[right])
        })*
    };
}

python_inplace! {
    python_inplace_add: __iadd__;
    python_inplace_subtract: __isub__;
    python_inplace_multiply: __imul__;
    python_inplace_matrix_multiply: __imatmul__;
    python_inplace_true_divide: __itruediv__;
    python_inplace_floor_divide: __ifloordiv__;
    python_inplace_modulo: __imod__;
    python_inplace_power: __ipow__;
    python_inplace_left_shift: __ilshift__;
    python_inplace_right_shift: __irshift__;
    python_inplace_and: __iand__;
    python_inplace_xor: __ixor__;
    python_inplace_or: __ior__;
    python_subscript: __getitem__;
}

/// The slot function of classes with a `__getitem__` in Python.
pub(crate) fn python_subscript_address() -> usize {
    python_subscript as *const () as usize
}

fn python_assign_subscript(cx: &Cx, object: Value, key: Value, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => cx.call_special(object, cx.names().__setitem__, &[key, value])?,
        None => cx.call_special(object, cx.names().__delitem__, &[key])?,
    };
    Ok(())
}

fn python_length(cx: &Cx, object: Value) -> PyResult<usize> {
    let result = cx.call_special(object, cx.names().__len__, &[])?;
    let length = number::index(cx, result)?;
    match number::as_index_i64(cx, length) {
        Some(length) if length >= 0 => Ok(length as usize),
        Some(_) => Err(raise!(cx, ValueError, "__len__() should return >= 0")),
        None if length.downcast::<crate::types::int::Int>(cx).is_some_and(|int| int.is_negative()) => {
            Err(raise!(cx, ValueError, "__len__() should return >= 0"))
        }
        None => {
            let class = result.class_name(cx);
            Err(raise!(cx, OverflowError, "cannot fit '{class}' into an index-sized integer"))
        }
    }
}

fn python_hash(cx: &Cx, object: Value) -> PyResult<i64> {
    let Some(method) = cx.lookup_special(object, cx.names().__hash__)? else { return unhashable(cx, object) };
    if method.function.is_none() {
        return unhashable(cx, object);
    }
    let result = cx.call_found(method, &[])?;
    if let Some(int) = result.as_small_int() {
        // A hash is one 64-bit word here and in CPython: numbers in its range are taken as they are.
        return Ok(if int == -1 { -2 } else { int });
    }
    if result.is_bool() || result.downcast::<crate::types::int::Int>(cx).is_some() {
        return match number::as_index_i64(cx, result) {
            Some(int) => Ok(if int == -1 { -2 } else { int }),
            None => super::protocol::object::hash(cx, result),
        };
    }
    Err(raise!(cx, TypeError, "__hash__ method should return an integer"))
}

fn python_bool(cx: &Cx, object: Value) -> PyResult<bool> {
    let result = cx.call_special(object, cx.names().__bool__, &[])?;
    result
        .as_bool()
        .ok_or(())
        .map_err(|()| raise!(cx, TypeError, "__bool__ should return bool, returned {}", result.class_name(cx)))
}

fn python_contains(cx: &Cx, object: Value, key: Value) -> PyResult<bool> {
    let method = cx.lookup_special(object, cx.names().__contains__)?;
    match method {
        Some(method) if method.function.is_none() => {
            Err(raise!(cx, TypeError, "'{}' object is not a container", object.class_name(cx)))
        }
        Some(method) => {
            let result = cx.call_found(method, &[key])?;
            super::protocol::object::is_true(cx, result)
        }
        None => Err(super::attribute::missing_attribute(cx, object, cx.names().__contains__)),
    }
}

fn python_next(cx: &Cx, object: Value) -> PyResult<Option<Value>> {
    match cx.call_special(object, cx.names().__next__, &[]) {
        Ok(value) => Ok(Some(value)),
        Err(raised) => cx.end_of_iteration(raised),
    }
}

fn python_compare(cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let names = cx.names();
    let name = match comparison {
        Comparison::Less => names.__lt__,
        Comparison::LessEqual => names.__le__,
        Comparison::Equal => names.__eq__,
        Comparison::NotEqual => names.__ne__,
        Comparison::Greater => names.__gt__,
        Comparison::GreaterEqual => names.__ge__,
    };
    cx.call_optional_special(left, name, &[right])
}

fn python_call(cx: &Cx, object: Value, args: Args<'_>) -> PyResult {
    match cx.lookup_special(object, cx.names().__call__)? {
        Some(Method { function, receiver: None }) => cx.call_args(function, args),
        Some(Method { function, receiver: Some(receiver) }) => {
            crate::interp::call::call_with_receiver(cx, function, receiver, args)
        }
        None => Err(raise!(cx, TypeError, "'{}' object is not callable", object.class_name(cx))),
    }
}

fn python_new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let function = cx.get_attribute(class.value(), cx.names().__new__)?;
    crate::interp::call::call_with_receiver(cx, function, class.value(), args)
}

fn python_init(cx: &Cx, object: Value, args: Args<'_>) -> PyResult<()> {
    let result = match cx.lookup_special(object, cx.names().__init__)? {
        Some(Method { function, receiver: None }) => cx.call_args(function, args)?,
        Some(Method { function, receiver: Some(receiver) }) => {
            crate::interp::call::call_with_receiver(cx, function, receiver, args)?
        }
        None => return Ok(()),
    };
    if result.is_none() {
        return Ok(());
    }
    Err(raise!(cx, TypeError, "__init__() should return None, not '{}'", result.class_name(cx)))
}

fn python_finalize(cx: &Cx, object: Value) -> PyResult<()> {
    cx.call_special(object, cx.names().__del__, &[]).map(drop)
}

/// `__getattribute__`, and `__getattr__` when that fails.
fn python_get_attribute(cx: &Cx, object: Value, name: Value) -> PyResult {
    let class = cx.type_of(object);
    let names = cx.names();
    let own = lookup(cx, class, names.__getattribute__);
    let native = own.and_then(|own| own.exact::<WrapperDescriptor>());
    let result = match native {
        Some(wrapper) if wrapper.address() == super::attribute::generic_get as *const () as usize => {
            let name = cx.attribute_name(name)?;
            match super::attribute::generic_get_optional(cx, object, name) {
                Ok(Some(value)) => return Ok(value),
                // No AttributeError need be made if `__getattr__` is asked next.
                Ok(None) if lookup(cx, class, names.__getattr__).is_some() => {
                    return cx.call_special(object, names.__getattr__, &[name.value()]);
                }
                Ok(None) => Err(super::attribute::missing_attribute(cx, object, name)),
                Err(raised) => Err(raised),
            }
        }
        _ => cx.call_special(object, names.__getattribute__, &[name]),
    };
    let raised = match result {
        Ok(value) => return Ok(value),
        Err(raised) => raised,
    };
    if lookup(cx, class, names.__getattr__).is_none() {
        return Err(raised);
    }
    cx.ignore_if(raised, crate::exceptions::ExceptionKind::AttributeError)?;
    cx.call_special(object, names.__getattr__, &[name])
}

fn python_set_attribute(cx: &Cx, object: Value, name: Value, value: Option<Value>) -> PyResult<()> {
    match value {
        Some(value) => cx.call_special(object, cx.names().__setattr__, &[name, value])?,
        None => cx.call_special(object, cx.names().__delattr__, &[name])?,
    };
    Ok(())
}

fn python_descriptor_get(cx: &Cx, descriptor: Value, instance: Option<Value>, owner: Option<Value>) -> PyResult {
    let args = [instance.unwrap_or(Value::NONE), owner.unwrap_or(Value::NONE)];
    match cx.lookup_special(descriptor, cx.names().__get__)? {
        Some(method) => cx.call_found(method, &args),
        None => Ok(descriptor),
    }
}

fn python_descriptor_set(cx: &Cx, descriptor: Value, instance: Value, value: Option<Value>) -> PyResult<()> {
    let names = cx.names();
    let (name, text) = if value.is_some() { (names.__set__, "__set__") } else { (names.__delete__, "__delete__") };
    let Some(method) = cx.lookup_special(descriptor, name)? else {
        let raised: Raised = raise!(cx, AttributeError, "{text}");
        return Err(raised);
    };
    match value {
        Some(value) => cx.call_found(method, &[instance, value])?,
        None => cx.call_found(method, &[instance])?,
    };
    Ok(())
}

/// The namespace a class statement or `type()` was given: `__eq__` without `__hash__` makes instances unhashable.
pub(crate) fn settle_hash(cx: &Cx, dict: Ref<Dict>) -> PyResult<()> {
    let names = cx.names();
    if dict.get_name(cx, names.__eq__)?.is_some() && dict.get_name(cx, names.__hash__)?.is_none() {
        dict.set_name(cx, names.__hash__, Value::NONE)?;
    }
    Ok(())
}
