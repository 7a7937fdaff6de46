//! `getset_descriptor` (computed attributes of native types, `__dict__` and `__weakref__` of classes) and
//! `member_descriptor` (`__slots__`).

use countless_gc::{Header, Tracer};

use super::ids;
use super::str::Str;
use super::type_object::TypeObject;
use crate::native::definition::{GetSet, Method, TypeDef, TypeFlags};
use crate::object::attribute;
use crate::object::cell::{Cell, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// A computed attribute of a type.
#[repr(C)]
pub struct GetSetDescriptor {
    header: Header,
    row: &'static GetSet,
    owner: RefField<TypeObject>,
}

/// The layout of computed attributes.
pub static LAYOUT: Layout =
    Layout::of::<GetSetDescriptor>("getset_descriptor", ids::GETSET_DESCRIPTOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first; never published without its row; all fields are reported.
unsafe impl Cell for GetSetDescriptor {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.owner.trace(tracer);
    }
}

/// A `__slots__` entry: a word of the instance's cell.
#[repr(C)]
pub struct MemberDescriptor {
    header: Header,
    name: RefField<Str>,
    owner: RefField<TypeObject>,
    /// In words from the cell's start, or with [`attribute::FROM_END`] from its end.
    word: usize,
    /// Whether it can only be read: a field of a native type.
    read_only: bool,
    doc: &'static str,
}

/// The layout of slot members.
pub static MEMBER_LAYOUT: Layout =
    Layout::of::<MemberDescriptor>("member_descriptor", ids::MEMBER_DESCRIPTOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is empty fields; all fields are reported.
unsafe impl Cell for MemberDescriptor {
    fn layout() -> &'static Layout {
        &MEMBER_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.name.trace(tracer);
        self.owner.trace(tracer);
    }
}

impl GetSetDescriptor {
    /// The type whose instances have the attribute.
    pub(crate) fn owner(&self) -> Ref<TypeObject> {
        self.owner.get().expect("a descriptor has an owner")
    }

    /// Reads the attribute of an instance of the owner.
    #[inline]
    pub(crate) fn read(&self, cx: &Cx, instance: Value) -> PyResult {
        (self.row.get)(cx, instance)
    }
}

impl MemberDescriptor {
    /// The class whose instances have the word.
    pub(crate) fn owner(&self) -> Ref<TypeObject> {
        self.owner.get().expect("a member has an owner")
    }

    /// Whether it can only be read.
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    fn name(&self) -> Ref<Str> {
        self.name.get().expect("a member has a name")
    }

    /// The word of the instance's cell (from its end with [`attribute::FROM_END`]).
    pub fn word(&self) -> usize {
        self.word
    }
}

impl Cx {
    /// What stands in a type's namespace for a computed attribute.
    pub(crate) fn new_getset_descriptor(&self, row: &'static GetSet, owner: Ref<TypeObject>) -> Value {
        self.allocate(GetSetDescriptor { header: Header::default(), row, owner: RefField::new(owner) }).value()
    }

    /// What stands in a class's namespace for a name in `__slots__`.
    pub(crate) fn new_member_descriptor(&self, name: Ref<Str>, owner: Ref<TypeObject>, word: usize) -> Value {
        let (name, owner) = (RefField::new(name), RefField::new(owner));
        let contents = MemberDescriptor { header: Header::default(), name, owner, word, read_only: false, doc: "" };
        self.allocate(contents).value()
    }
}

fn getset(value: Value) -> Ref<GetSetDescriptor> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn member(value: Value) -> Ref<MemberDescriptor> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn check(cx: &Cx, name: &str, owner: Ref<TypeObject>, instance: Value) -> PyResult<()> {
    if cx.type_of(instance).is_subclass(owner) {
        return Ok(());
    }
    let (owner, class) = (owner.display_name(), instance.class_name(cx));
    Err(raise!(cx, TypeError, "descriptor '{name}' for '{owner}' objects doesn't apply to a '{class}' object"))
}

fn getset_get(cx: &Cx, descriptor: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    let Some(instance) = instance else { return Ok(descriptor) };
    let descriptor = getset(descriptor);
    check(cx, descriptor.row.name, descriptor.owner(), instance)?;
    (descriptor.row.get)(cx, instance)
}

fn getset_set(cx: &Cx, descriptor: Value, instance: Value, value: Option<Value>) -> PyResult<()> {
    let descriptor = getset(descriptor);
    let (name, owner) = (descriptor.row.name, descriptor.owner());
    check(cx, name, owner, instance)?;
    match descriptor.row.set {
        Some(set) => set(cx, instance, value),
        None => {
            let owner = owner.display_name();
            Err(raise!(cx, AttributeError, "attribute '{name}' of '{owner}' objects is not writable"))
        }
    }
}

fn getset_repr(cx: &Cx, descriptor: Value) -> PyResult {
    let descriptor = getset(descriptor);
    let (name, owner) = (descriptor.row.name, descriptor.owner().display_name());
    Ok(cx.new_str(&format!("<attribute '{name}' of '{owner}' objects>")).value())
}

fn member_get(cx: &Cx, descriptor: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    let Some(instance) = instance else { return Ok(descriptor) };
    let descriptor = member(descriptor);
    let name = descriptor.name();
    check(cx, &name.as_wtf8().to_string_lossy(), descriptor.owner(), instance)?;
    match attribute::word_of(instance, attribute::member_index(cx, instance, descriptor.word)) {
        Some(value) => Ok(value),
        None => Err(attribute::missing_attribute(cx, instance, name)),
    }
}

/// AttributeError that says but the name, as CPython's members do.
fn unset_member(cx: &Cx, instance: Value, name: Ref<Str>) -> Raised {
    cx.raise_attribute_error(&name.as_wtf8().to_string_lossy(), instance, name)
}

fn member_set(cx: &Cx, descriptor: Value, instance: Value, value: Option<Value>) -> PyResult<()> {
    let descriptor = member(descriptor);
    let name = descriptor.name();
    check(cx, &name.as_wtf8().to_string_lossy(), descriptor.owner(), instance)?;
    if descriptor.read_only {
        return Err(raise!(cx, AttributeError, "readonly attribute"));
    }
    let index = attribute::member_index(cx, instance, descriptor.word);
    match attribute::replace_word(cx, instance, index, value) {
        None if value.is_none() => Err(unset_member(cx, instance, name)),
        _ => Ok(()),
    }
}

fn member_repr(cx: &Cx, descriptor: Value) -> PyResult {
    let descriptor = member(descriptor);
    let (name, owner) = (descriptor.name(), descriptor.owner().display_name());
    Ok(cx.new_str(&format!("<member '{}' of '{owner}' objects>", name.as_wtf8())).value())
}

fn qualified(cx: &Cx, owner: Ref<TypeObject>, name: &str) -> PyResult {
    let owner = super::type_attribute::qualified_name(cx, owner)?;
    Ok(cx.new_str(&format!("{}.{name}", owner.as_wtf8())).value())
}

fn getattr_of(cx: &Cx, owner: Ref<TypeObject>, name: Value) -> PyResult {
    let getattr = super::module::builtin(cx, "getattr")?;
    let args = cx.new_tuple(&[owner.value(), name]);
    Ok(cx.new_tuple(&[getattr, args.value()]).value())
}

fn getset_reduce(cx: &Cx, descriptor: Ref<GetSetDescriptor>) -> PyResult {
    getattr_of(cx, descriptor.owner(), cx.intern_str(descriptor.row.name).value())
}

fn member_reduce(cx: &Cx, descriptor: Ref<MemberDescriptor>) -> PyResult {
    getattr_of(cx, descriptor.owner(), descriptor.name().value())
}

static GETSET_METHODS: &[Method] =
    &[Method::none("__reduce__", getset_reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static GETSET_ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__name__", |cx, this: Ref<GetSetDescriptor>| Ok(cx.intern_str(this.row.name).value()), ""),
    GetSet::read_only("__qualname__", |cx, this: Ref<GetSetDescriptor>| qualified(cx, this.owner(), this.row.name), ""),
    GetSet::read_only("__objclass__", |_cx, this: Ref<GetSetDescriptor>| Ok(this.owner().value()), ""),
    GetSet::read_only(
        "__doc__",
        |cx, this: Ref<GetSetDescriptor>| {
            let doc = this.row.doc;
            Ok(if doc.is_empty() { Value::NONE } else { cx.new_str(doc).value() })
        },
        "",
    ),
];

static MEMBER_METHODS: &[Method] =
    &[Method::none("__reduce__", member_reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static MEMBER_ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__name__", |_cx, this: Ref<MemberDescriptor>| Ok(this.name().value()), ""),
    GetSet::read_only(
        "__qualname__",
        |cx, this: Ref<MemberDescriptor>| qualified(cx, this.owner(), &this.name().as_wtf8().to_string_lossy()),
        "",
    ),
    GetSet::read_only("__objclass__", |_cx, this: Ref<MemberDescriptor>| Ok(this.owner().value()), ""),
    GetSet::read_only(
        "__doc__",
        |cx, this: Ref<MemberDescriptor>| {
            let doc = this.doc;
            Ok(if doc.is_empty() { Value::NONE } else { cx.new_str(doc).value() })
        },
        "",
    ),
];

/// `getset_descriptor`.
pub static TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots {
        repr: Some(getset_repr),
        descriptor_get: Some(getset_get),
        descriptor_set: Some(getset_set),
        ..Slots::NONE
    },
    methods: GETSET_METHODS,
    attributes: GETSET_ATTRIBUTES,
    ..TypeDef::new("getset_descriptor", &LAYOUT)
};

/// `member_descriptor`.
pub static MEMBER_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots {
        repr: Some(member_repr),
        descriptor_get: Some(member_get),
        descriptor_set: Some(member_set),
        ..Slots::NONE
    },
    methods: MEMBER_METHODS,
    attributes: MEMBER_ATTRIBUTES,
    ..TypeDef::new("member_descriptor", &MEMBER_LAYOUT)
};
