//! Inline caches: one atomic word beside each instruction.
//!
//! A word is zero (empty), a *slot guard* `type id: 32 | word number: 32` (from the low end), another *packed guard* `type id: 30 |
//! 11 | index: 16 | kind: 16`, or a *record pointer* `high half: 30 | 01 | low half: 32`: an immutable [`CacheRecord`] cell,
//! reported by the code object that owns the word. So the slot guard, which is by far the most frequent, is asked by one
//! comparison of the low half, and gives its word number by one shift. A record names the word that it took the place of, so that an
//! instruction that meets several classes has a chain of guards, up to [`MAX_CHAIN`]; one that meets more gets
//! [`MEGAMORPHIC`] and is left alone.
//!
//! A packed guard, and a record of a slot, trust the type id alone. That is right as long as the class keeps generic
//! attribute access and no look-up of the name starts or ceases to end at a data descriptor; both are so rare after the
//! class is in use that they empty every cache ([`forget_all`]). Records about class attributes trust the class's version
//! too.
//!
//! Rule for shared access: words are replaced as a whole; a reader sees an old or a new one, both of which were right
//! when made and check their guards. Whoever fills a cache looks at the class's version before and after: a change of
//! the class in between may have emptied the caches already.

mod class;
mod load;
mod store;

use std::sync::atomic::{AtomicU64, Ordering};

use countless_gc::{Header, Tracer, TypeId};

use super::cell::{Cell, Field, Layout, Ref, RefField};
use super::value::Value;
use crate::runtime::context::Cx;
use crate::types::ids;
use crate::types::type_object::TypeObject;

pub use class::{Instantiation, fill_instantiation, fill_super_method, instantiation, super_method};
pub use load::{Loaded, any_method_of, class_value, load, load_method, method_of, slot_value};
pub use store::{store, store_alone};

/// The bits that tell what is no slot guard, and which of them a record pointer has.
const KINDS: u64 = 0xc000_0000;
const RECORD: u64 = 0x8000_0000;
const _: () = assert!(countless_gc::MAX_TYPES as u64 <= RECORD >> 1);

/// How many guards an instruction may have.
const MAX_CHAIN: u8 = 8;

/// The word of an instruction that met too many classes.
pub const MEGAMORPHIC: u64 = pack(kind::MEGAMORPHIC, TypeId(0), 0);

/// Kinds of packed guards.
pub mod kind {
    /// The attribute is the instance's word number `index`: load it; if unbound or empty, take the slow path.
    pub const SLOT: u64 = 1;
    /// The object is a module; its namespace has the name at entry `index`.
    pub const MODULE: u64 = 2;
    /// The instance uses a dictionary, in its word number 1; the name is at entry `index`.
    pub const DICTIONARY: u64 = 3;
    /// No guard: too many were needed.
    pub const MEGAMORPHIC: u64 = 4;
    /// The attribute is word `index` of the overflow cell in the instance's word number 1.
    pub const OVERFLOW: u64 = 5;
}

const KIND_SHIFT: u32 = 48;
const INDEX_SHIFT: u32 = 32;

/// Makes a packed guard.
const fn pack(kind: u64, id: TypeId, index: usize) -> u64 {
    let word = (index as u64) << INDEX_SHIFT | id.0 as u64;
    if kind == kind::SLOT { word } else { kind << KIND_SHIFT | KINDS | word }
}

/// The kind of a packed guard.
const fn kind_of(word: u64) -> u64 {
    if word & RECORD == 0 { kind::SLOT } else { word >> KIND_SHIFT }
}

/// The type id of a packed guard.
const fn id_of(word: u64) -> TypeId {
    TypeId(word as u32 & !(KINDS as u32))
}

/// The index of a packed guard.
const fn index_of(word: u64) -> usize {
    (word >> INDEX_SHIFT) as u16 as usize
}

/// The word number if `word` is a [`kind::SLOT`] guard for this type id: what the interpreter's loop asks.
#[inline(always)]
const fn slot_of(word: u64, id: TypeId) -> Option<usize> {
    if word as u32 == id.0 { Some((word >> INDEX_SHIFT) as usize) } else { None }
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum RecordKind {
    /// Instances of `id`: the attribute is `value`, a function to be called with the instance first.
    Method,
    /// Instances of `id`: the attribute is what the class's namespace storage `value` has at entry `index`.
    ClassData,
    /// The object is `class` itself: the attribute is `value`, as it is bound to the class.
    OnClass,
    /// The object is `class` itself: the attribute is what storage `value` has at entry `index`.
    OnClassData,
    /// Instances of `id`: the attribute is `value`, which is not bound to them (a static method's callable).
    Unbound,
    /// Instances of `id`: the attribute is the class method `value`.
    ClassMethod,
    /// The object is `class` itself: the attribute is the class method `value`.
    OnClassMethod,
    /// Instances of `id`: `value` is a property's getter, a Python function.
    Property,
    /// Instances of `id`: `value` is a computed attribute of a native type.
    Computed,
    /// What the packed guard `other` says, in an instruction that has more than one guard.
    Packed,
    /// A store that turns instances of `id` into ones of `next_id`, at word `index`.
    AddSlot,
    /// Instances of `id`, behind the class `other` in their order: the attribute is `value`, as for `Method`.
    SuperMethod,
    /// A call of `class`: plain instances of `id`, which take `index` words and are initialised by the Python function
    /// `value`, or not at all if that is None.
    Instantiate,
}

/// The cell.
#[repr(C)]
pub struct CacheRecord {
    header: Header,
    /// `id | kind << 32`, and [`ASKS_DICTIONARY`]: what is compared first.
    guard: u64,
    /// The class whose version is trusted; empty if none is.
    class: RefField<TypeObject>,
    version: u32,
    next_id: u32,
    value: Field,
    other: u64,
    /// The cache word that this one took the place of.
    next: u64,
    index: u16,
    /// How many guards the chain has, this one included.
    depth: u8,
}

/// The layout of records.
pub static LAYOUT: Layout = Layout::of::<CacheRecord>("inline cache record", ids::ATTRIBUTE_RECORD, None);

// SAFETY: `repr(C)`, header first, zero is a `Method` record of no class (never used); all fields are reported, and the
// words `other` and `next` if they are cells.
unsafe impl Cell for CacheRecord {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.class.trace(tracer);
        self.value.trace(tracer);
        if self.kind() == RecordKind::SuperMethod as u8 {
            tracer.word(self.other);
        }
        if let Some(next) = record(self.next) {
            tracer.word(next.value().word());
        }
    }
}

/// Bit of [`CacheRecord::guard`]: instances use dictionaries, in which the name must not be.
const ASKS_DICTIONARY: u64 = 1 << 40;

const fn guard(kind: RecordKind, id: TypeId) -> u64 {
    (kind as u64) << 32 | id.0 as u64
}

impl CacheRecord {
    fn new(kind: RecordKind, id: TypeId) -> CacheRecord {
        CacheRecord {
            header: Header::default(),
            guard: guard(kind, id),
            class: RefField::empty(),
            version: 0,
            next_id: 0,
            value: Field::empty(),
            other: 0,
            next: 0,
            index: 0,
            depth: 1,
        }
    }

    /// A record that trusts the version of a class.
    fn of_class(kind: RecordKind, id: TypeId, (class, version): (Ref<TypeObject>, u32), value: Value) -> CacheRecord {
        let (class, value) = (RefField::new(class), Field::new(value));
        CacheRecord { class, version, value, ..CacheRecord::new(kind, id) }
    }

    fn kind(&self) -> u8 {
        (self.guard >> 32) as u8
    }

    fn is(&self, kind: RecordKind) -> bool {
        self.kind() == kind as u8
    }

    fn id(&self) -> TypeId {
        TypeId(self.guard as u32)
    }

    /// Whether the class, if it counts, is as it was.
    #[inline(always)]
    fn class_is_unchanged(&self) -> bool {
        match self.class.get() {
            Some(class) => class.version.load(Ordering::Acquire) == self.version,
            None => self.version == 0,
        }
    }
}

/// The word number that the first guard of a cache word gives for this type id, if it is one of a slot: what the
/// interpreter's loop asks of an instruction with several guards.
#[inline(always)]
pub fn first_slot_of(word: u64, id: TypeId) -> Option<usize> {
    if let Some(index) = slot_of(word, id) {
        return Some(index);
    }
    let record = record(word)?;
    if record.guard == guard(RecordKind::Packed, id) { slot_of(record.other, id) } else { None }
}

/// The record of a word that holds one.
#[inline(always)]
fn record(word: u64) -> Option<Ref<CacheRecord>> {
    if word & KINDS != RECORD {
        return None;
    }
    // SAFETY: words with these bits are only made by `word_of_record`, and the owning code object keeps the record alive.
    Value::from_word(address_in(word)).map(|value| unsafe { Ref::from_value_unchecked(value) })
}

/// The cell's address in a word that holds a record.
#[inline(always)]
const fn address_in(word: u64) -> u64 {
    (word ^ RECORD).rotate_left(32)
}

/// The word that holds a record.
fn word_of_record(record: Ref<CacheRecord>) -> u64 {
    let word = record.value().word();
    // What the system gives to programs is below 2^47.
    assert!(word >> 62 == 0);
    word.rotate_left(32) | RECORD
}

/// The records of a word, newest first.
fn records(word: u64) -> impl Iterator<Item = Ref<CacheRecord>> {
    std::iter::successors(record(word), |record| self::record(record.next))
}

/// The packed guard that a word is, or that its chain ends with; 0 if there is none.
fn packed_end(word: u64) -> u64 {
    let end = records(word).last().map_or(word, |record| record.next);
    if end == MEGAMORPHIC { 0 } else { end }
}

/// Replaces a cache word; the record it may have held is handed to the collector's barrier.
pub fn replace(cx: &Cx, cache: &AtomicU64, word: u64) {
    let old = cache.swap(word, Ordering::AcqRel);
    if old & KINDS == RECORD {
        cx.mutator().keep_alive(address_in(old));
    }
}

/// A guard to be put before those that an instruction has.
enum Guard {
    Packed(u64),
    Record(CacheRecord),
}

impl Guard {
    /// Whether a guard that did not hold speaks of the same objects, or can never hold again.
    fn replaces(&self, old: Ref<CacheRecord>) -> bool {
        let same = match self {
            Guard::Packed(word) => old.id() == id_of(*word),
            Guard::Record(new) if new.id() != TypeId(0) => old.id() == new.id() && old.other == new.other,
            Guard::Record(new) => new.class.get() == old.class.get(),
        };
        same || !old.class_is_unchanged()
    }

    fn id(&self) -> TypeId {
        match self {
            Guard::Packed(word) => id_of(*word),
            Guard::Record(record) => record.id(),
        }
    }
}

/// Adds a guard to a cache whose guards, in `word`, do not hold.
fn extend(cx: &Cx, cache: &AtomicU64, word: u64, guard: Guard) {
    if word == MEGAMORPHIC {
        return;
    }
    let (packed, old) = (packed_end(word), record(word));
    let stale = records(word).any(|old| guard.replaces(old)) || (packed != 0 && id_of(packed) == guard.id());
    let depth = match old {
        _ if stale || word == 0 => 1,
        Some(old) => old.depth + 1,
        None => 2,
    };
    if depth > MAX_CHAIN {
        return replace(cx, cache, MEGAMORPHIC);
    }
    let mut contents = match guard {
        Guard::Packed(guard) if depth == 1 => return replace(cx, cache, guard),
        Guard::Packed(guard) => CacheRecord { other: guard, ..CacheRecord::new(RecordKind::Packed, id_of(guard)) },
        Guard::Record(contents) => contents,
    };
    contents.depth = depth;
    contents.next = if depth == 1 { 0 } else { word };
    let record = cx.allocate(contents);
    // With its halves exchanged the word is no pointer to the collector, and another thread may have replaced it: what keeps the chain over
    // the allocation is the record itself, here.
    if let Some(old) = old {
        cx.mutator().keep_alive(old.value().word());
    }
    replace(cx, cache, word_of_record(record));
}

/// Adds a guard that was found while the class had the version, unless it has another by now.
fn extend_if_unchanged(cx: &Cx, cache: &AtomicU64, class: Ref<TypeObject>, version: u32, guard: Guard) {
    extend(cx, cache, cache.load(Ordering::Acquire), guard);
    if class.version.load(Ordering::Acquire) != version {
        replace(cx, cache, 0);
    }
}

/// Reports a cache word's records, and empties words with a type id that is about to be given to another type. For the
/// trace entry of code objects; `cache` is an attribute cache.
pub fn trace(cache: &AtomicU64, tracer: &mut Tracer<'_>) {
    let word = cache.load(Ordering::Acquire);
    if word == 0 {
        return;
    }
    if let Some(record) = record(word) {
        tracer.word(record.value().word());
    }
    let is_dying = |id: TypeId| id.0 != 0 && tracer.is_dying(id);
    let dying = is_dying(id_of(packed_end(word)))
        || records(word).any(|record| is_dying(record.id()) || is_dying(TypeId(record.next_id)));
    if dying {
        let _ = cache.compare_exchange(word, 0, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// Empties every attribute cache of the process: after a class in use got its own attribute access, or a data descriptor
/// came or went.
pub fn forget_all(cx: &Cx) {
    cx.mutator().for_each_cell(&mut |cell| {
        if let Some(code) = Value::from_cell(cell).exact::<crate::types::code::CodeObject>() {
            code.forget_caches(cx);
        }
    });
}
