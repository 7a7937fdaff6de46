//! Typed access to heap cells: the [`Cell`] trait, the copyable reference [`Ref`], and the fields of cells.
//!
//! A `Ref<T>` is a [`Value`] known to be a cell of layout `T` (or of a layout that begins with `T`). There are no
//! exclusive references to cells: everything that changes after publication is an atomic, and every traced word is a
//! [`Field`] or [`RefField`], whose stores run the collector's barrier.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

use countless_gc::{Header, Slot, Tracer, TypeId, TypeOps};

use super::shape::instance_ops;
use super::value::Value;
use crate::runtime::context::Cx;

/// A Rust type that describes heap cells.
///
/// # Safety
///
/// `Self` is `repr(C)`, begins with a [`Header`] (or with another `Cell` type), is valid when all bytes after the
/// header are zero, and `trace` reports every field that can hold a cell.
pub unsafe trait Cell: Sized + 'static {
    /// Whether values of this layout may carry the tag of cells whose end must be prompt: those of types that have
    /// subclasses or finalizers.
    const MAY_BE_PROMPT: bool = true;
    /// The layout that instances carry.
    fn layout() -> &'static Layout;
    /// Reports the traced fields.
    fn trace(&self, tracer: &mut Tracer<'_>);
}

/// How the cells of a native type are laid out, and what the collector does with them.
pub struct Layout {
    /// For statistics and VM bug reports.
    pub name: &'static str,
    /// Type id of the exact type's instances; zero until a module's type is registered.
    id: AtomicU32,
    /// Bytes of the fixed part, header included.
    pub size: u32,
    /// Whether a variable part follows the fixed one.
    pub variable: bool,
    /// The layout this one begins with.
    pub parent: Option<&'static Layout>,
    /// Byte offset of the word that holds `__dict__`, if the layout has one; 0 if not.
    dictionary: u32,
    /// What the collector runs on cells of exactly this layout.
    pub ops: TypeOps,
    /// What it runs on instances of classes made at run time that begin with this layout.
    pub instance_ops: TypeOps,
}

impl Layout {
    /// The layout of `T`, of a fixed id (`ids`) or [`TypeId::FREE`] to be assigned at registration.
    pub const fn of<T: Cell>(name: &'static str, id: TypeId, parent: Option<&'static Layout>) -> Layout {
        Layout {
            name,
            id: AtomicU32::new(id.0),
            size: size_of::<T>() as u32,
            variable: false,
            parent,
            dictionary: 0,
            ops: TypeOps { name, trace: trace_cell::<T>, drop: None },
            instance_ops: instance_ops::<T>(name),
        }
    }

    /// The same, with a variable part after the fixed one.
    pub const fn variable(mut self) -> Layout {
        self.variable = true;
        self
    }

    /// The same, with an entry that frees what the cell owns outside the heap.
    pub const fn with_drop(mut self, drop: unsafe fn(*mut Header)) -> Layout {
        self.ops.drop = Some(drop);
        self.instance_ops.drop = Some(drop);
        self
    }

    /// The same, with the word that holds `__dict__` at this byte offset: a [`Field`] that `trace` reports.
    pub const fn with_dictionary(mut self, offset: usize) -> Layout {
        self.dictionary = offset as u32;
        self
    }

    /// The word that holds `__dict__`, in words from the cell's start; 0 if there is none.
    pub fn dictionary_word(&'static self) -> u16 {
        let mut layout = Some(self);
        while let Some(current) = layout {
            if current.dictionary != 0 {
                return (current.dictionary / 8) as u16;
            }
            layout = current.parent;
        }
        0
    }

    /// Type id of exact instances.
    #[inline(always)]
    pub fn id(&self) -> TypeId {
        TypeId(self.id.load(Ordering::Relaxed))
    }

    /// Assigns the id of a type that is registered at run time.
    pub(crate) fn assign_id(&self, id: TypeId) {
        self.id.store(id.0, Ordering::Relaxed);
    }

    /// Whether this layout is `other` or begins with it.
    pub fn begins_with(&'static self, other: &'static Layout) -> bool {
        let mut layout = Some(self);
        while let Some(current) = layout {
            if std::ptr::eq(current, other) {
                return true;
            }
            layout = current.parent;
        }
        false
    }
}

/// The trace entry of `T`.
///
/// # Safety
///
/// `header` is the head of a live cell of layout `T`.
unsafe fn trace_cell<T: Cell>(header: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: the caller's contract; cells are only ever accessed through shared references.
    unsafe { (*header.cast::<T>()).trace(tracer) }
}

/// A drop entry for cells that own Rust data: drops the fixed part in place.
///
/// # Safety
///
/// `header` is the head of a dead cell of layout `T` that was fully initialised, and is not used again.
pub unsafe fn drop_cell<T: Cell>(header: *mut Header) {
    // SAFETY: the caller's contract.
    unsafe { std::ptr::drop_in_place(header.cast::<T>()) }
}

/// A value known to be a cell of layout `T`.
#[repr(transparent)]
pub struct Ref<T>(Value, PhantomData<*const T>);

impl<T> Clone for Ref<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ref<T> {}

impl<T> PartialEq for Ref<T> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Ref<T> {}

impl<T> Ref<T> {
    /// Takes the value for a cell of layout `T`.
    ///
    /// # Safety
    ///
    /// It is one.
    #[inline(always)]
    pub unsafe fn from_value_unchecked(value: Value) -> Ref<T> {
        debug_assert!(value.is_cell());
        Ref(value, PhantomData)
    }

    /// The untyped value.
    #[inline(always)]
    pub fn value(self) -> Value {
        self.0
    }

    /// The cell's address.
    #[inline(always)]
    pub fn as_ptr(self) -> *const T {
        (self.0.word() & !7) as *const T
    }

    /// The cell's head.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        // SAFETY: the value is a cell, which the caller's copy keeps alive.
        unsafe { &*self.as_ptr().cast::<Header>() }
    }

    /// The same cell seen as a layout it begins with.
    ///
    /// # Safety
    ///
    /// `T` begins with `U`.
    #[inline(always)]
    pub unsafe fn upcast<U>(self) -> Ref<U> {
        Ref(self.0, PhantomData)
    }
}

impl<T: Cell> Deref for Ref<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        let cell = if T::MAY_BE_PROMPT { self.as_ptr() } else { self.0.word() as *const T };
        // SAFETY: a `Ref<T>` is only made of a live cell of layout `T`; the stack slot or register that holds this
        // copy keeps it alive (the collector scans native stacks conservatively), and cells do not move.
        unsafe { &*cell }
    }
}

impl<T> From<Ref<T>> for Value {
    #[inline(always)]
    fn from(reference: Ref<T>) -> Value {
        reference.0
    }
}

impl Value {
    /// The type id that says which exact type or shape the value has.
    #[inline(always)]
    pub fn type_id(self) -> TypeId {
        if !self.is_cell() {
            return self.immediate_type_id();
        }
        // SAFETY: a value that is a cell points to a live one.
        unsafe { &*((self.word() & !7) as *const Header) }.type_id()
    }

    #[inline]
    fn immediate_type_id(self) -> TypeId {
        use crate::types::ids;
        if self.is_small_int() {
            ids::INT
        } else if self.is_inline_float() {
            ids::FLOAT
        } else {
            match self {
                Value::NONE => ids::NONE,
                Value::ELLIPSIS => ids::ELLIPSIS,
                Value::NOT_IMPLEMENTED => ids::NOT_IMPLEMENTED,
                Value::UNBOUND => ids::UNBOUND,
                _ => ids::BOOL,
            }
        }
    }

    /// Whether the value is a cell of exactly this type id.
    #[inline(always)]
    pub fn is_exactly(self, id: TypeId) -> bool {
        // SAFETY: a value that is a cell points to a live one.
        self.is_cell() && unsafe { &*((self.word() & !7) as *const Header) }.type_id() == id
    }

    /// The cell as exactly a `T` (no subclass).
    #[inline(always)]
    pub fn exact<T: Cell>(self) -> Option<Ref<T>> {
        if self.is_exactly(T::layout().id()) { Some(Ref(self, PhantomData)) } else { None }
    }

    /// The cell as a `T` or an instance of a subclass.
    #[inline]
    pub fn downcast<T: Cell>(self, cx: &Cx) -> Option<Ref<T>> {
        let cell = self.as_cell()?;
        // SAFETY: a value that is a cell points to a live one.
        let id = unsafe { cell.as_ref() }.type_id();
        if id == T::layout().id() || cx.layout_of(id).begins_with(T::layout()) {
            Some(Ref(self, PhantomData))
        } else {
            None
        }
    }
}

/// A traced field that holds any value, or nothing.
#[repr(transparent)]
pub struct Field(Slot);

impl Field {
    /// A field of a cell under construction.
    #[inline(always)]
    pub fn new(value: Value) -> Field {
        Field(Slot::new(value.word()))
    }

    /// An empty field.
    #[inline(always)]
    pub const fn empty() -> Field {
        Field(Slot::new(0))
    }

    /// The value, if there is one (unbound counts as one here).
    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        Value::from_word(self.0.load())
    }

    /// The value's word; 0 if the field is empty.
    #[inline(always)]
    pub fn word(&self) -> u64 {
        self.0.load()
    }

    /// The value; unbound if the field is empty.
    #[inline(always)]
    pub fn get_or_unbound(&self) -> Value {
        self.get().unwrap_or(Value::UNBOUND)
    }

    /// The value; `None` if the field is empty.
    #[inline(always)]
    pub fn get_or_none(&self) -> Value {
        self.get().unwrap_or(Value::NONE)
    }

    /// Stores, with the collector's barrier.
    #[inline(always)]
    pub fn set(&self, cx: &Cx, value: Value) {
        self.0.store(cx.mutator(), value.word());
    }

    /// Empties the field, with the collector's barrier.
    #[inline(always)]
    pub fn clear(&self, cx: &Cx) {
        self.0.store(cx.mutator(), 0);
    }

    /// Stores and returns what was there.
    #[inline]
    pub fn replace(&self, cx: &Cx, value: Option<Value>) -> Option<Value> {
        Value::from_word(self.0.swap(cx.mutator(), value.map_or(0, Value::word)))
    }

    /// Stores if the field still holds `current`; otherwise returns what it holds.
    #[inline]
    pub fn compare_exchange(&self, cx: &Cx, current: Option<Value>, new: Option<Value>) -> Result<(), Option<Value>> {
        let word = |value: Option<Value>| value.map_or(0, Value::word);
        self.0.compare_exchange(cx.mutator(), word(current), word(new)).map(|_| ()).map_err(Value::from_word)
    }

    /// Stores into a cell that no other thread and no collector has seen.
    #[inline(always)]
    pub fn init(&self, value: Value) {
        self.0.init(value.word());
    }

    /// The collector's slot.
    #[inline(always)]
    pub fn slot(&self) -> &Slot {
        &self.0
    }

    /// Reports the field.
    #[inline(always)]
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        tracer.slot(&self.0);
    }
}

/// A traced field that holds a cell of layout `T`, or nothing.
#[repr(transparent)]
pub struct RefField<T>(Field, PhantomData<*const T>);

// SAFETY: a `RefField` is an atomic word; the cell it names may be reached from any thread by design.
unsafe impl<T> Sync for RefField<T> {}
// SAFETY: as above.
unsafe impl<T> Send for RefField<T> {}

impl<T> RefField<T> {
    /// A field of a cell under construction.
    #[inline(always)]
    pub fn new(reference: Ref<T>) -> RefField<T> {
        RefField(Field::new(reference.0), PhantomData)
    }

    /// The same, empty if there is none.
    #[inline(always)]
    pub fn from_option(reference: Option<Ref<T>>) -> RefField<T> {
        reference.map_or(Self::empty(), Self::new)
    }

    /// An empty field.
    #[inline(always)]
    pub const fn empty() -> RefField<T> {
        RefField(Field::empty(), PhantomData)
    }

    /// The cell, if there is one.
    #[inline(always)]
    pub fn get(&self) -> Option<Ref<T>> {
        self.0.get().map(|value| Ref(value, PhantomData))
    }

    /// Stores, with the collector's barrier.
    #[inline(always)]
    pub fn set(&self, cx: &Cx, reference: Ref<T>) {
        self.0.set(cx, reference.0);
    }

    /// Stores or empties, with the collector's barrier.
    #[inline(always)]
    pub fn set_option(&self, cx: &Cx, reference: Option<Ref<T>>) {
        match reference {
            Some(reference) => self.set(cx, reference),
            None => self.0.clear(cx),
        }
    }

    /// Stores into a cell that no other thread and no collector has seen.
    #[inline(always)]
    pub fn init(&self, reference: Ref<T>) {
        self.0.init(reference.0);
    }

    /// The untyped field.
    #[inline(always)]
    pub fn untyped(&self) -> &Field {
        &self.0
    }

    /// Reports the field.
    #[inline(always)]
    pub fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
    }
}
