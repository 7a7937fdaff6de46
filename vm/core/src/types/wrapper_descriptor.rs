//! `wrapper_descriptor` and `method-wrapper`: a native type's slots as special methods (`object::dunder`).

use countless_gc::{Header, Tracer};

use super::builtin_function::{documentation, text_signature};
use super::ids;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::dunder::{ROWS, Row, Wrapper};
use crate::object::slots::*;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// A slot of a native type under a special method's name.
#[repr(C)]
pub struct WrapperDescriptor {
    header: Header,
    row: usize,
    /// The slot's function; its type is that of the row's slot.
    address: usize,
    owner: RefField<TypeObject>,
}

/// The layout of wrapper descriptors.
pub static LAYOUT: Layout =
    Layout::of::<WrapperDescriptor>("wrapper_descriptor", ids::WRAPPER_DESCRIPTOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is row 0 without owner; all fields are reported.
unsafe impl Cell for WrapperDescriptor {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.owner.trace(tracer);
    }
}

impl WrapperDescriptor {
    pub(crate) fn create(cx: &Cx, owner: Ref<TypeObject>, row: usize, address: usize) -> Ref<WrapperDescriptor> {
        cx.allocate(WrapperDescriptor { header: Header::default(), row, address, owner: RefField::new(owner) })
    }

    /// The number of the row in `dunder::ROWS`.
    pub fn row(&self) -> usize {
        self.row
    }

    /// The slot's function.
    pub fn address(&self) -> usize {
        self.address
    }

    /// The type whose slot it is.
    pub fn owner(&self) -> Ref<TypeObject> {
        self.owner.get().expect("a wrapper has an owner")
    }

    fn definition(&self) -> &'static Row {
        &ROWS[self.row]
    }

    fn name(&self, cx: &Cx) -> Ref<super::str::Str> {
        (self.definition().name)(cx.names())
    }
}

/// A wrapper bound to an instance.
#[repr(C)]
pub struct MethodWrapper {
    header: Header,
    descriptor: RefField<WrapperDescriptor>,
    receiver: Field,
}

/// The layout of bound wrappers.
pub static METHOD_LAYOUT: Layout =
    Layout::of::<MethodWrapper>("method-wrapper", ids::METHOD_WRAPPER, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is empty fields; all fields are reported.
unsafe impl Cell for MethodWrapper {
    fn layout() -> &'static Layout {
        &METHOD_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.descriptor.trace(tracer);
        self.receiver.trace(tracer);
    }
}

impl MethodWrapper {
    fn descriptor(&self) -> Ref<WrapperDescriptor> {
        self.descriptor.get().expect("a bound wrapper has a descriptor")
    }

    fn receiver(&self) -> Value {
        self.receiver.get_or_none()
    }
}

/// Reads the slot function back as what its row says it is.
macro_rules! slot_function {
    ($descriptor:expr, $kind:ty) => {
        // SAFETY: `dunder::add_wrappers` made the descriptor from a slot of this function type.
        unsafe { std::mem::transmute::<usize, $kind>($descriptor.address) }
    };
}

/// Fails unless there are as many arguments as the slot takes, and no keywords.
fn check_count(cx: &Cx, descriptor: Ref<WrapperDescriptor>, args: Args<'_>) -> PyResult<()> {
    let (least, most) = match descriptor.definition().wrapper {
        Wrapper::Unary | Wrapper::Length | Wrapper::Hash | Wrapper::Bool | Wrapper::Next | Wrapper::Finalize => (0, 0),
        Wrapper::Power | Wrapper::ReflectedPower | Wrapper::Get => (1, 2),
        Wrapper::SetItem | Wrapper::SetAttribute | Wrapper::Set => (2, 2),
        _ => (1, 1),
    };
    let name = descriptor.name(cx);
    if args.keyword_count() > 0 {
        return Err(raise!(cx, TypeError, "wrapper {}() takes no keyword arguments", name.as_wtf8()));
    }
    let given = args.len();
    if given < least || given > most {
        let plural = if least == 1 { "" } else { "s" };
        return Err(if least == most {
            raise!(cx, TypeError, "expected {least} argument{plural}, got {given}")
        } else if given < least {
            raise!(cx, TypeError, "{} expected at least {least} argument, got {given}", name.as_wtf8())
        } else {
            raise!(cx, TypeError, "{} expected at most {most} arguments, got {given}", name.as_wtf8())
        });
    }
    Ok(())
}

/// Calls the slot with a method's arguments.
fn call_slot(cx: &Cx, descriptor: Ref<WrapperDescriptor>, receiver: Value, args: Args<'_>) -> PyResult {
    let row = descriptor.definition();
    match row.wrapper {
        Wrapper::Call => return slot_function!(descriptor, CallFn)(cx, receiver, args),
        Wrapper::Init => return slot_function!(descriptor, InitFn)(cx, receiver, args).map(|()| Value::NONE),
        _ => {}
    }
    check_count(cx, descriptor, args)?;
    let first = args.get(0).unwrap_or(Value::NONE);
    let second = args.get(1);
    match row.wrapper {
        Wrapper::Length | Wrapper::Hash | Wrapper::Bool | Wrapper::Next | Wrapper::Finalize | Wrapper::Contains => {
            call_typed(cx, descriptor, receiver, first)
        }
        Wrapper::Unary => slot_function!(descriptor, UnaryFn)(cx, receiver),
        Wrapper::Binary if row.slot == SlotId::repeat || row.slot == SlotId::inplace_repeat => {
            let count = crate::object::protocol::number::index(cx, first)?;
            slot_function!(descriptor, BinaryFn)(cx, receiver, count)
        }
        Wrapper::Binary => slot_function!(descriptor, BinaryFn)(cx, receiver, first),
        Wrapper::Reflected => slot_function!(descriptor, BinaryFn)(cx, first, receiver),
        Wrapper::Power => slot_function!(descriptor, TernaryFn)(cx, receiver, first, second.unwrap_or(Value::NONE)),
        Wrapper::ReflectedPower => {
            slot_function!(descriptor, TernaryFn)(cx, first, receiver, second.unwrap_or(Value::NONE))
        }
        Wrapper::Compare(comparison) => slot_function!(descriptor, CompareFn)(cx, receiver, first, comparison),
        Wrapper::GetAttribute => slot_function!(descriptor, GetAttributeFn)(cx, receiver, first),
        Wrapper::Get => {
            let (instance, owner) = (first.not_none(), second.and_then(Value::not_none));
            if instance.is_none() && owner.is_none() {
                return Err(raise!(cx, TypeError, "__get__(None, None) is invalid"));
            }
            slot_function!(descriptor, DescriptorGetFn)(cx, receiver, instance, owner)
        }
        Wrapper::Buffer => {
            let flags = crate::object::protocol::number::index_i64(cx, first)?;
            let Ok(flags) = i32::try_from(flags) else {
                return Err(raise!(cx, OverflowError, "buffer flags out of range"));
            };
            let buffer = slot_function!(descriptor, BufferFn)(cx, receiver, flags)?;
            super::memoryview::from_buffer(cx, buffer)
        }
        _ => call_store(cx, descriptor, receiver, first, second).map(|()| Value::NONE),
    }
}

/// Slots whose results are not objects.
fn call_typed(cx: &Cx, descriptor: Ref<WrapperDescriptor>, receiver: Value, first: Value) -> PyResult {
    match descriptor.definition().wrapper {
        Wrapper::Length => Ok(cx.new_int_from_u64(slot_function!(descriptor, LengthFn)(cx, receiver)? as u64)),
        Wrapper::Hash => Ok(cx.new_int(slot_function!(descriptor, HashFn)(cx, receiver)?)),
        Wrapper::Bool => Ok(Value::bool(slot_function!(descriptor, BoolFn)(cx, receiver)?)),
        Wrapper::Contains => Ok(Value::bool(slot_function!(descriptor, ContainsFn)(cx, receiver, first)?)),
        Wrapper::Finalize => slot_function!(descriptor, FinalizeFn)(cx, receiver).map(|()| Value::NONE),
        _ => match slot_function!(descriptor, NextFn)(cx, receiver)? {
            Some(value) => Ok(value),
            None => Err(cx.raise_end_of_iteration()),
        },
    }
}

/// Slots that store or delete.
fn call_store(
    cx: &Cx,
    descriptor: Ref<WrapperDescriptor>,
    receiver: Value,
    first: Value,
    second: Option<Value>,
) -> PyResult<()> {
    match descriptor.definition().wrapper {
        Wrapper::SetItem | Wrapper::DeleteItem => slot_function!(descriptor, AssignFn)(cx, receiver, first, second),
        Wrapper::SetAttribute | Wrapper::DeleteAttribute => {
            super::type_attribute::check_not_bypassed(cx, descriptor.owner(), receiver, second.is_some())?;
            slot_function!(descriptor, SetAttributeFn)(cx, receiver, first, second)
        }
        Wrapper::ReleaseBuffer => slot_function!(descriptor, ReleaseBufferFn)(cx, receiver, first),
        Wrapper::Set => slot_function!(descriptor, DescriptorSetFn)(cx, receiver, first, second),
        _ => slot_function!(descriptor, DescriptorSetFn)(cx, receiver, first, None),
    }
}

fn this(value: Value) -> Ref<WrapperDescriptor> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn bound(value: Value) -> Ref<MethodWrapper> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn call(cx: &Cx, descriptor: Value, args: Args<'_>) -> PyResult {
    let descriptor = this(descriptor);
    let (name, owner) = (descriptor.name(cx), descriptor.owner());
    let Some(receiver) = args.get(0) else {
        let owner = owner.display_name();
        return Err(raise!(cx, TypeError, "descriptor '{}' of '{owner}' object needs an argument", name.as_wtf8()));
    };
    if !cx.type_of(receiver).is_subclass(owner) {
        let (name, owner, class) = (name.as_wtf8(), owner.display_name(), receiver.class_name(cx));
        return Err(raise!(cx, TypeError, "descriptor '{name}' requires a '{owner}' object but received a '{class}'"));
    }
    call_slot(cx, descriptor, receiver, args.skip(1))
}

fn call_method(cx: &Cx, method: Value, args: Args<'_>) -> PyResult {
    let method = bound(method);
    call_slot(cx, method.descriptor(), method.receiver(), args)
}

fn get(cx: &Cx, descriptor: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    let Some(receiver) = instance else { return Ok(descriptor) };
    let descriptor = this(descriptor);
    if !cx.type_of(receiver).is_subclass(descriptor.owner()) {
        let (name, owner) = (descriptor.name(cx), descriptor.owner().display_name());
        let class = receiver.class_name(cx);
        return Err(raise!(
            cx,
            TypeError,
            "descriptor '{}' for '{owner}' objects doesn't apply to a '{class}' object",
            name.as_wtf8()
        ));
    }
    let method = MethodWrapper {
        header: Header::default(),
        descriptor: RefField::new(descriptor),
        receiver: Field::new(receiver),
    };
    Ok(cx.allocate(method).value())
}

fn repr(cx: &Cx, descriptor: Value) -> PyResult {
    let descriptor = this(descriptor);
    let (name, owner) = (descriptor.name(cx), descriptor.owner().display_name());
    Ok(cx.new_str(&format!("<slot wrapper '{}' of '{owner}' objects>", name.as_wtf8())).value())
}

fn method_repr(cx: &Cx, method: Value) -> PyResult {
    let method = bound(method);
    let (name, receiver) = (method.descriptor().name(cx), method.receiver());
    let (class, address) = (receiver.class_name(cx), receiver.identity());
    Ok(cx.new_str(&format!("<method-wrapper '{}' of {class} object at {address:#x}>", name.as_wtf8())).value())
}

fn method_compare(_cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    let (Some(left), Some(right)) = (left.exact::<MethodWrapper>(), right.exact::<MethodWrapper>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let same = left.descriptor() == right.descriptor() && left.receiver() == right.receiver();
    Ok(match comparison {
        Comparison::Equal => Value::bool(same),
        Comparison::NotEqual => Value::bool(!same),
        _ => Value::NOT_IMPLEMENTED,
    })
}

fn method_hash(_cx: &Cx, method: Value) -> PyResult<i64> {
    let method = bound(method);
    let hash =
        (method.descriptor().value().identity() >> 4) as i64 ^ (method.receiver().identity() as i64).rotate_left(7);
    Ok(if hash == -1 { -2 } else { hash })
}

fn name_of(cx: &Cx, descriptor: Ref<WrapperDescriptor>) -> PyResult {
    Ok(descriptor.name(cx).value())
}

fn qualified_name_of(cx: &Cx, descriptor: Ref<WrapperDescriptor>) -> PyResult {
    let owner = super::type_attribute::qualified_name(cx, descriptor.owner())?;
    let name = descriptor.name(cx);
    Ok(cx.new_str(&format!("{}.{}", owner.as_wtf8(), name.as_wtf8())).value())
}

fn owner_of(_cx: &Cx, descriptor: Ref<WrapperDescriptor>) -> PyResult {
    Ok(descriptor.owner().value())
}

fn doc_of(cx: &Cx, descriptor: Ref<WrapperDescriptor>) -> PyResult {
    Ok(documentation(descriptor.definition().doc).map_or(Value::NONE, |text| cx.new_str(text).value()))
}

fn signature_of(cx: &Cx, descriptor: Ref<WrapperDescriptor>) -> PyResult {
    Ok(text_signature(descriptor.definition().doc).map_or(Value::NONE, |text| cx.new_str(text).value()))
}

fn reduce(cx: &Cx, descriptor: Ref<WrapperDescriptor>) -> PyResult {
    reduce_to_getattr(cx, descriptor.owner().value(), descriptor.name(cx).value())
}

fn reduce_to_getattr(cx: &Cx, object: Value, name: Value) -> PyResult {
    let getattr = super::module::builtin(cx, "getattr")?;
    let args = cx.new_tuple(&[object, name]);
    Ok(cx.new_tuple(&[getattr, args.value()]).value())
}

fn method_reduce(cx: &Cx, method: Ref<MethodWrapper>) -> PyResult {
    reduce_to_getattr(cx, method.receiver(), method.descriptor().name(cx).value())
}

static METHODS: &[Method] = &[Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__name__", name_of, ""),
    GetSet::read_only("__qualname__", qualified_name_of, ""),
    GetSet::read_only("__objclass__", owner_of, ""),
    GetSet::read_only("__doc__", doc_of, ""),
    GetSet::read_only("__text_signature__", signature_of, ""),
];

static METHOD_METHODS: &[Method] =
    &[Method::none("__reduce__", method_reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static METHOD_ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__self__", |_cx, method: Ref<MethodWrapper>| Ok(method.receiver()), ""),
    GetSet::read_only("__name__", |cx, method: Ref<MethodWrapper>| name_of(cx, method.descriptor()), ""),
    GetSet::read_only("__qualname__", |cx, method: Ref<MethodWrapper>| qualified_name_of(cx, method.descriptor()), ""),
    GetSet::read_only("__objclass__", |cx, method: Ref<MethodWrapper>| owner_of(cx, method.descriptor()), ""),
    GetSet::read_only("__doc__", |cx, method: Ref<MethodWrapper>| doc_of(cx, method.descriptor()), ""),
    GetSet::read_only("__text_signature__", |cx, method: Ref<MethodWrapper>| signature_of(cx, method.descriptor()), ""),
];

/// `wrapper_descriptor`.
pub static TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW.with(TypeFlags::METHOD_DESCRIPTOR),
    slots: Slots { call: Some(call), repr: Some(repr), descriptor_get: Some(get), ..Slots::NONE },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("wrapper_descriptor", &LAYOUT)
};

/// `method-wrapper`.
pub static METHOD_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots {
        call: Some(call_method),
        repr: Some(method_repr),
        hash: Some(method_hash),
        compare: Some(method_compare),
        ..Slots::NONE
    },
    methods: METHOD_METHODS,
    attributes: METHOD_ATTRIBUTES,
    ..TypeDef::new("method-wrapper", &METHOD_LAYOUT)
};
