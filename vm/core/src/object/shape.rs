//! Shapes (hidden classes): what one type id stands for.
//!
//! Every type id has a [`Shape`] cell as its owner in the collector's type table. The shape names the class and says
//! where instances keep their attributes:
//!
//! ```text
//! [native payload][__slots__ members][dictionary word][inline attribute words …]
//! ```
//!
//! The *dictionary word* holds nothing, an [`Overflow`] cell with the attributes that do not fit inline, or the `Dict`
//! that was made of the attributes (`__dict__` asked for, too many shapes). A native layout may have the dictionary
//! word inside its payload. Cells of variable size (subclasses of str, bytes, tuple) have it as their last word and
//! always keep their attributes in a `Dict`.
//!
//! Rules for shared access. A shape is immutable but for its transitions, which are added under the shape's lock. A slot
//! belongs to one name for the life of the object; `del` stores unbound. Adding an attribute stores the value first and
//! the new type id after it. Moving to a dictionary fills the `Dict` under the object's lock, publishes it with one
//! store, switches the type id, and then unbinds the slots: a reader that passed an old guard and finds unbound takes
//! the slow path, which looks again.

use std::sync::atomic::{AtomicU32, Ordering};

use countless_gc::{Header, Slot, Tracer, TypeId, TypeOps};

use super::cell::{Cell, Field, Layout, Ref, RefField};
use crate::runtime::context::Cx;
use crate::types::dict::Dict;
use crate::types::ids;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_object::TypeObject;

/// How the instances of a shape keep their attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Storage {
    /// They have none.
    None,
    /// In the slots that the shape's names stand for.
    Slots,
    /// In the `Dict` of the dictionary word (or nowhere yet).
    Dictionary,
}

/// More shapes than this per class, and its instances use dictionaries.
pub const MAX_SHAPES: u32 = 64;
/// More attributes than this, and an instance uses a dictionary.
pub const MAX_SLOTS: u32 = 256;

/// Where the parts of an instance are, in words from the cell's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The first word after the native payload; traced from here on.
    pub fields: u16,
    /// How many words follow from there: members, dictionary word if it is there, inline slots. In a cell of variable
    /// size they are its last words: the dictionary word at the very end, the members in front of it, last one first.
    pub field_count: u16,
    /// How many of these are `__slots__` members (the first ones).
    pub members: u16,
    /// The dictionary word; 0 if there is none, [`Placement::LAST_WORD`] if it is the last of the cell.
    pub dictionary: u16,
    /// The first inline slot.
    pub inline: u16,
    /// How many inline slots.
    pub inline_count: u16,
}

impl Placement {
    /// The dictionary word is the cell's last.
    pub const LAST_WORD: u16 = u16::MAX;

    /// Bytes of an instance of fixed size.
    pub fn size(self) -> usize {
        (self.fields as usize + self.field_count as usize) * 8
    }
}

/// The cell.
#[repr(C)]
pub struct Shape {
    header: Header,
    class: RefField<TypeObject>,
    /// The names in slot order.
    names: RefField<Tuple>,
    /// Shapes with one more name: a dict from name to shape.
    transitions: RefField<Dict>,
    /// The class's shape for instances that use dictionaries; empty in that shape itself.
    dictionary_shape: RefField<Shape>,
    id: AtomicU32,
    /// In the class's first shape: how many shapes the class has.
    shape_count: AtomicU32,
    placement: Placement,
    storage: Storage,
}

/// The layout of shapes.
pub static LAYOUT: Layout = Layout::of::<Shape>("shape", ids::SHAPE, None);

// SAFETY: `repr(C)`, header first, zero is a shape of no class (never used); all fields are reported.
unsafe impl Cell for Shape {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.class.trace(tracer);
        self.names.trace(tracer);
        self.transitions.trace(tracer);
        self.dictionary_shape.trace(tracer);
    }
}

/// Attributes beyond the inline slots: `capacity` fields follow the cell.
#[repr(C)]
pub struct Overflow {
    header: Header,
    capacity: usize,
}

/// The layout of overflow cells.
pub static OVERFLOW_LAYOUT: Layout =
    Layout::of::<Overflow>("attribute overflow", ids::ATTRIBUTE_OVERFLOW, None).variable();

// SAFETY: `repr(C)`, header first, zero is a cell without fields; all fields are reported.
unsafe impl Cell for Overflow {
    fn layout() -> &'static Layout {
        &OVERFLOW_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: `capacity` fields follow the cell.
        unsafe { tracer.slots((&raw const *self).wrapping_add(1).cast::<Slot>(), self.capacity) };
    }
}

impl Overflow {
    pub(super) fn field(&self, index: usize) -> &Field {
        assert!(index < self.capacity);
        // SAFETY: `capacity` fields follow the cell.
        unsafe { &*(&raw const *self).wrapping_add(1).cast::<Field>().add(index) }
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(super) fn new(cx: &Cx, capacity: usize) -> Ref<Overflow> {
        let size = size_of::<Overflow>() + capacity * 8;
        cx.allocate_as(ids::ATTRIBUTE_OVERFLOW, size, Overflow { header: Header::default(), capacity })
    }
}

/// Words of a type's row in the collector's table that the VM uses.
pub mod row {
    /// `&'static Layout` of the cells.
    pub const LAYOUT: usize = 0;
    /// `fields | field_count << 16`: the words after the payload that are traced; with [`AT_END`], the cell's last ones.
    pub const FIELDS: usize = 1;
    /// Bit of `FIELDS`: the words are the last ones of the cell.
    pub const AT_END: u64 = 1 << 32;
}

impl Shape {
    /// The class.
    #[inline(always)]
    pub fn class(&self) -> Ref<TypeObject> {
        self.class.get().expect("a shape in use has a class")
    }

    /// The type id that stands for this shape.
    #[inline(always)]
    pub fn id(&self) -> TypeId {
        TypeId(self.id.load(Ordering::Relaxed))
    }

    /// Where things are.
    #[inline(always)]
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// How attributes are kept.
    #[inline(always)]
    pub fn storage(&self) -> Storage {
        self.storage
    }

    /// How many names.
    pub fn len(&self) -> usize {
        self.names.get().map_or(0, |names| names.len())
    }

    /// Whether the shape has no names.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names in slot order.
    pub fn names(&self) -> Option<Ref<Tuple>> {
        self.names.get()
    }

    /// The name of a slot.
    pub fn name_at(&self, slot: usize) -> Option<Ref<Str>> {
        // SAFETY: shapes name their slots by strings.
        self.names
            .get()
            .filter(|names| slot < names.len())
            .map(|names| unsafe { Ref::from_value_unchecked(names.get(slot)) })
    }

    /// The slot of an interned name.
    pub fn slot_of(&self, name: Ref<Str>) -> Option<usize> {
        self.names.get()?.iter().position(|candidate| candidate == name.value())
    }
}

impl Ref<Shape> {
    /// The class's shape for instances that use dictionaries.
    pub fn dictionary_shape(self) -> Ref<Shape> {
        if self.storage == Storage::Dictionary { self } else { self.dictionary_shape.get().unwrap_or(self) }
    }

    /// The shape with one more name; `None` if the class has too many: its instances then use dictionaries.
    pub fn with_name(self, cx: &Cx, name: Ref<Str>) -> Option<Ref<Shape>> {
        if let Some(next) = self.transition(cx, name) {
            return Some(next);
        }
        let root = self.class().instance_shape();
        if self.len() as u32 >= MAX_SLOTS || root.shape_count.load(Ordering::Relaxed) >= MAX_SHAPES {
            return None;
        }
        let next = self.extended(cx, name)?;
        let transitions = match self.transitions.get() {
            Some(transitions) => transitions,
            None => {
                let fresh = cx.new_dict();
                match self.transitions.untyped().compare_exchange(cx, None, Some(fresh.value())) {
                    Ok(()) => fresh,
                    Err(_) => self.transitions.get()?,
                }
            }
        };
        // Whoever is first wins, so that equal objects get equal shapes.
        let winner = transitions.set_default(cx, name.value(), next.value()).ok()?;
        if winner == next.value() {
            root.shape_count.fetch_add(1, Ordering::Relaxed);
        }
        // SAFETY: transitions hold shapes only.
        Some(unsafe { Ref::from_value_unchecked(winner) })
    }

    fn transition(self, cx: &Cx, name: Ref<Str>) -> Option<Ref<Shape>> {
        let found = self.transitions.get()?.get_name(cx, name).ok()??;
        // SAFETY: transitions hold shapes only.
        Some(unsafe { Ref::from_value_unchecked(found) })
    }

    fn extended(self, cx: &Cx, name: Ref<Str>) -> Option<Ref<Shape>> {
        let count = self.len();
        let names = cx.new_blank_tuple(count + 1);
        if let Some(old) = self.names.get() {
            for (index, value) in old.iter().enumerate() {
                names.init(index, value);
            }
        }
        names.init(count, name.value());
        let shape = cx.allocate(Shape {
            header: Header::default(),
            class: RefField::new(self.class()),
            names: RefField::new(names),
            transitions: RefField::empty(),
            dictionary_shape: RefField::from_option(self.dictionary_shape.get()),
            id: AtomicU32::new(0),
            shape_count: AtomicU32::new(0),
            placement: self.placement,
            storage: Storage::Slots,
        });
        register(cx, shape, cx.layout_of(self.id()))?;
        Some(shape)
    }
}

/// Gives the shape a type id of its own; `None` when there are no more.
fn register(cx: &Cx, shape: Ref<Shape>, layout: &'static Layout) -> Option<TypeId> {
    let id = cx.mutator().types().register(&layout.instance_ops, shape.value().word()).ok()?;
    describe(cx, id, shape, layout);
    Some(id)
}

/// Fills the VM's part of a type's row.
fn describe(cx: &Cx, id: TypeId, shape: Ref<Shape>, layout: &'static Layout) {
    let Placement { fields, field_count, .. } = shape.placement;
    let at_end = if layout.variable { row::AT_END } else { 0 };
    let entry = cx.type_entry(id);
    entry.user[row::LAYOUT].store((&raw const *layout).expose_provenance() as u64, Ordering::Release);
    entry.user[row::FIELDS].store(fields as u64 | (field_count as u64) << 16 | at_end, Ordering::Release);
    shape.id.store(id.0, Ordering::Release);
}

fn new_shape(
    cx: &Cx,
    class: Ref<TypeObject>,
    placement: Placement,
    storage: Storage,
    dictionary: Option<Ref<Shape>>,
) -> Ref<Shape> {
    cx.allocate(Shape {
        header: Header::default(),
        class: RefField::new(class),
        names: RefField::empty(),
        transitions: RefField::empty(),
        dictionary_shape: RefField::from_option(dictionary),
        id: AtomicU32::new(0),
        shape_count: AtomicU32::new(1),
        placement,
        storage,
    })
}

/// The shape of a builtin type, whose row was registered under its fixed id (with no owner yet). The layout's own
/// dictionary word, if it has one, starts as a dictionary.
pub(crate) fn install_builtin(cx: &Cx, class: Ref<TypeObject>, id: TypeId, layout: &'static Layout) -> Ref<Shape> {
    let shape = native_shape(cx, class, layout);
    cx.type_entry(id).owner.store(cx.mutator(), shape.value().word());
    describe(cx, id, shape, layout);
    shape
}

/// The shape of a native type that is registered at run time; `None` when there are no more type ids.
pub(crate) fn install_native(cx: &Cx, class: Ref<TypeObject>, layout: &'static Layout) -> Option<Ref<Shape>> {
    let shape = native_shape(cx, class, layout);
    let id = cx.mutator().types().register(&layout.ops, shape.value().word()).ok()?;
    describe(cx, id, shape, layout);
    Some(shape)
}

fn native_shape(cx: &Cx, class: Ref<TypeObject>, layout: &'static Layout) -> Ref<Shape> {
    let fields = layout.size.div_ceil(8) as u16;
    let placement = Placement {
        fields,
        field_count: 0,
        members: 0,
        dictionary: layout.dictionary_word(),
        inline: fields,
        inline_count: 0,
    };
    let storage = if placement.dictionary == 0 { Storage::None } else { Storage::Dictionary };
    new_shape(cx, class, placement, storage, None)
}

/// The first shape of a class made at run time; `None` when there are no more type ids.
pub(crate) fn install_class(
    cx: &Cx,
    class: Ref<TypeObject>,
    layout: &'static Layout,
    placement: Placement,
) -> Option<Ref<Shape>> {
    let storage = match placement.dictionary {
        0 => Storage::None,
        Placement::LAST_WORD => Storage::Dictionary,
        _ => Storage::Slots,
    };
    if storage != Storage::Slots {
        let shape = new_shape(cx, class, placement, storage, None);
        register(cx, shape, layout)?;
        return Some(shape);
    }
    let dictionary = new_shape(cx, class, placement, Storage::Dictionary, None);
    register(cx, dictionary, layout)?;
    let shape = new_shape(cx, class, placement, Storage::Slots, Some(dictionary));
    register(cx, shape, layout)?;
    Some(shape)
}

/// The trace entry of instances of classes made at run time over the native layout `T`.
///
/// # Safety
///
/// `header` is the head of a live cell whose type id was given by [`install_class`] or a transition.
pub(super) unsafe fn trace_instance<T: Cell>(header: *const Header, tracer: &mut Tracer<'_>) {
    // SAFETY: the cell is live and begins with a `T`.
    let (id, payload) = unsafe { ((*header).type_id(), &*header.cast::<T>()) };
    payload.trace(tracer);
    let fields = tracer.type_entry(id).user[row::FIELDS].load(Ordering::Relaxed);
    let (first, count) = (fields as u16, (fields >> 16) as u16);
    let first = if fields & row::AT_END == 0 {
        first as usize
    } else if count == 0 {
        return;
    } else {
        // SAFETY: the cell is live.
        (unsafe { tracer.cell_size(header) }) / 8 - count as usize
    };
    // SAFETY: the fields lie within the cell (`Placement::size`, or as many more words at the end, were allocated).
    unsafe { tracer.slots(header.cast::<Slot>().add(first), count as usize) };
}

/// Collector operations of instances over the layout `T`.
pub(super) const fn instance_ops<T: Cell>(name: &'static str) -> TypeOps {
    TypeOps { name, trace: trace_instance::<T>, drop: None }
}
