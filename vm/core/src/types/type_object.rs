//! `type`: class objects.
//!
//! A class is immutable for readers but for these words, each with its rule: the namespace is a dict (its rules); a slot
//! is an atomic written after the namespace, under the class's lock; `version` is a number that names the class's
//! present set of attributes for caches: 0 while nobody cached, reset to 0 in the class and its subclasses before any
//! attribute that a cache may have seen changes (`object::attribute::class_changed`).

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use countless_gc::{Header, Tracer, TypeId};

use super::dict::Dict;
use super::ids;
use super::str::Str;
use super::tuple::Tuple;
use crate::native::definition::TypeFlags;
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::shape::Shape;
use crate::object::slots::SlotTable;
use crate::object::value::Value;
use crate::runtime::context::Cx;

/// The cell.
#[repr(C)]
pub struct TypeObject {
    pub(crate) header: Header,
    /// `__name__`.
    pub(crate) name: RefField<Str>,
    /// `__qualname__` of a class made at run time.
    pub(crate) qualified_name: RefField<Str>,
    /// `__base__`: the base whose layout the instances have.
    pub(crate) base: RefField<TypeObject>,
    /// `__bases__`.
    pub(crate) bases: RefField<Tuple>,
    /// `__mro__`.
    pub(crate) mro: RefField<Tuple>,
    /// The namespace.
    pub(crate) dict: RefField<Dict>,
    /// The shape that fresh instances have.
    pub(crate) instance_shape: RefField<Shape>,
    /// What else keeps things alive for the class (a module's state, the doc of a native type).
    pub(crate) extra: Field,
    /// Native operations.
    pub slots: SlotTable,
    /// `TypeFlags`, and the bits below.
    pub(crate) flags: AtomicU32,
    pub(crate) version: AtomicU32,
    /// The layout of instances (`&'static Layout`), fixed when the class is made.
    pub(crate) layout: AtomicU64,
}

/// Flags that are not part of a native type's definition.
pub mod flag {
    /// Made at run time by a class statement or `type()`.
    pub const HEAP: u32 = 1 << 16;
    /// `__abstractmethods__` is not empty.
    pub const ABSTRACT: u32 = 1 << 17;
    /// Attributes of the class cannot be set.
    pub const IMMUTABLE: u32 = 1 << 18;
    /// A subclass of `type`.
    pub const TYPE: u32 = 1 << 19;
    /// A subclass of BaseException.
    pub const EXCEPTION: u32 = 1 << 20;
    /// Instances have `__del__`.
    pub const FINALIZER: u32 = 1 << 21;
    /// `__class__` of instances may not be assigned, `__slots__` were declared (and no dictionary).
    pub const NO_DICTIONARY: u32 = 1 << 22;
    /// Instances may be referenced weakly.
    pub const WEAK_REFERENCES: u32 = 1 << 23;
    /// A subclass of int, str, bytes, list, tuple, dict: the quick tests of native code.
    pub const INT: u32 = 1 << 24;
    /// See [`INT`].
    pub const STR: u32 = 1 << 25;
    /// See [`INT`].
    pub const BYTES: u32 = 1 << 26;
    /// See [`INT`].
    pub const LIST: u32 = 1 << 27;
    /// See [`INT`].
    pub const TUPLE: u32 = 1 << 28;
    /// See [`INT`].
    pub const DICT: u32 = 1 << 29;
    /// Flags that subclasses inherit.
    pub const INHERITED: u32 = TYPE | EXCEPTION | FINALIZER | INT | STR | BYTES | LIST | TUPLE | DICT;
}

/// The layout of classes.
pub static LAYOUT: Layout = Layout::of::<TypeObject>("type", ids::TYPE, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is a class without anything; all fields are reported.
unsafe impl Cell for TypeObject {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.name.trace(tracer);
        self.qualified_name.trace(tracer);
        self.base.trace(tracer);
        self.bases.trace(tracer);
        self.mro.trace(tracer);
        self.dict.trace(tracer);
        self.instance_shape.trace(tracer);
        self.extra.trace(tracer);
    }
}

impl TypeObject {
    /// The contents of a class under construction.
    pub(crate) fn blank(name: Ref<Str>, layout: &'static Layout, flags: u32) -> TypeObject {
        TypeObject {
            header: Header::default(),
            name: RefField::new(name),
            qualified_name: RefField::empty(),
            base: RefField::empty(),
            bases: RefField::empty(),
            mro: RefField::empty(),
            dict: RefField::empty(),
            instance_shape: RefField::empty(),
            extra: Field::empty(),
            slots: SlotTable::empty(),
            flags: AtomicU32::new(flags),
            version: AtomicU32::new(0),
            layout: AtomicU64::new((&raw const *layout).expose_provenance() as u64),
        }
    }

    /// `__name__`.
    pub fn name(&self) -> Ref<Str> {
        self.name.get().expect("a class has a name")
    }

    /// The name for messages: what CPython keeps as `tp_name` (dotted for native types of modules, plain otherwise).
    pub fn display_name(&self) -> String {
        let name = self.name().as_wtf8().to_string_lossy();
        let id = if self.is_heap_type() { None } else { self.instance_shape.get().map(|shape| shape.id()) };
        match id.and_then(crate::runtime::bootstrap::native_module_of) {
            None | Some("builtins") => name,
            Some(module) => format!("{module}.{name}"),
        }
    }

    /// `__base__`; `None` for object.
    #[inline]
    pub fn base(&self) -> Option<Ref<TypeObject>> {
        self.base.get()
    }

    /// `__mro__`.
    #[inline]
    pub fn mro(&self) -> Ref<Tuple> {
        self.mro.get().expect("a class has a method resolution order")
    }

    /// The classes of the method resolution order; none while a metaclass's `mro` is being asked for it.
    pub fn linearization(&self) -> impl DoubleEndedIterator<Item = Ref<TypeObject>> + use<> {
        // SAFETY: only classes are ever put into an mro (`type.mro()` results are checked).
        self.mro.get().into_iter().flat_map(|mro| mro.iter()).map(|class| unsafe { Ref::from_value_unchecked(class) })
    }

    /// The namespace.
    #[inline]
    pub fn dict(&self) -> Ref<Dict> {
        self.dict.get().expect("a class has a namespace")
    }

    /// The shape of fresh instances.
    #[inline]
    pub fn instance_shape(&self) -> Ref<Shape> {
        self.instance_shape.get().expect("a class has a shape")
    }

    /// Type id of fresh instances.
    #[inline]
    pub fn instance_id(&self) -> TypeId {
        self.instance_shape().id()
    }

    /// The layout of instances.
    #[inline]
    pub fn layout(&self) -> &'static Layout {
        let address = self.layout.load(Ordering::Relaxed) as usize;
        // SAFETY: only addresses of `&'static Layout` are stored.
        unsafe { &*std::ptr::with_exposed_provenance::<Layout>(address) }
    }

    /// Whether all of the flags (`TypeFlags` bits and [`flag`]) are set.
    #[inline(always)]
    pub fn has_flags(&self, flags: u32) -> bool {
        self.flags.load(Ordering::Relaxed) & flags == flags
    }

    /// Sets flags.
    pub fn add_flags(&self, flags: u32) {
        self.flags.fetch_or(flags, Ordering::Relaxed);
    }

    pub(crate) fn remove_flags(&self, flags: u32) {
        self.flags.fetch_and(!flags, Ordering::Relaxed);
    }

    /// Whether the class was made at run time.
    pub fn is_heap_type(&self) -> bool {
        self.has_flags(flag::HEAP)
    }

    /// Whether Python classes may derive from it.
    pub fn is_base(&self) -> bool {
        self.has_flags(TypeFlags::BASE.0)
    }
}

impl Ref<TypeObject> {
    /// Whether this class is `other` or derives from it (by the method resolution order, not `__subclasscheck__`).
    #[inline]
    pub fn is_subclass(self, other: Ref<TypeObject>) -> bool {
        self == other
            || match self.mro.get() {
                Some(mro) => mro.iter().any(|class| class == other.value()),
                // A metaclass's `mro` is being asked for the order.
                None => std::iter::successors(self.base(), |class| class.base()).any(|class| class == other),
            }
    }
}

impl Value {
    /// Whether the value's class is `class` or derives from it.
    #[inline]
    pub fn is_instance(self, cx: &Cx, class: Ref<TypeObject>) -> bool {
        cx.type_of(self).is_subclass(class)
    }

    /// Whether the value is a class.
    #[inline]
    pub fn as_class(self, cx: &Cx) -> Option<Ref<TypeObject>> {
        self.downcast::<TypeObject>(cx)
    }

    /// The name of the value's class, for messages.
    pub fn class_name(self, cx: &Cx) -> String {
        cx.type_of(self).display_name()
    }
}
