//! Caches of what classes are asked for by calls: `super().name(…)`, and instances made by a call of the class.

use std::sync::atomic::{AtomicU64, Ordering};

use countless_gc::TypeId;

use super::{CacheRecord, Guard, RecordKind, extend, guard, records};
use crate::object::attribute::{class_version, lookup};
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::types::function::Function;
use crate::types::object::{is_plain_init, is_plain_new};
use crate::types::type_object::{TypeObject, flag};

/// The function behind the class `behind` in the order of the object's class, by the cache word.
#[inline]
pub fn super_method(object: Value, behind: Value, word: u64) -> Option<Value> {
    let guard = guard(RecordKind::SuperMethod, object.type_id());
    records(word)
        .find(|record| record.guard == guard && record.other == behind.word() && record.class_is_unchanged())?
        .value
        .get()
}

/// Fills the cache with what was found for an object of the class while it had the version.
pub fn fill_super_method(
    cx: &Cx,
    (class, version): (Ref<TypeObject>, u32),
    (object, behind, function): (Value, Value, Value),
    cache: &AtomicU64,
) {
    if version == 0 || cx.type_of(object) != class {
        return;
    }
    let record = CacheRecord::of_class(RecordKind::SuperMethod, object.type_id(), (class, version), function);
    extend(cx, cache, cache.load(Ordering::Acquire), Guard::Record(CacheRecord { other: behind.word(), ..record }));
}

/// How a class makes its instances, if it does so in the plain way.
pub struct Instantiation {
    /// The type id of fresh instances.
    pub id: TypeId,
    /// Bytes of an instance.
    pub size: usize,
    /// `__init__`; `None` if that is object's.
    pub init: Option<Ref<Function>>,
}

/// How `class` makes its instances, by the cache word.
#[inline]
pub fn instantiation(class: Ref<TypeObject>, word: u64) -> Option<Instantiation> {
    let record = records(word).find(|record| record.class.get() == Some(class))?;
    if !record.is(RecordKind::Instantiate) || !record.class_is_unchanged() {
        return None;
    }
    let init = record.value.get()?.not_none();
    // SAFETY: records of this kind hold a function or None.
    let init = init.map(|init| unsafe { Ref::from_value_unchecked(init) });
    Some(Instantiation { id: record.id(), size: record.index as usize * 8, init })
}

/// How `class` makes its instances, and fills the cache; `None` if it is not the plain way: the metaclass is `type`,
/// `__new__` is object's, `__init__` is object's or a Python function, and there is no finalizer.
pub fn fill_instantiation(cx: &Cx, class: Ref<TypeObject>, cache: &AtomicU64) -> Option<Instantiation> {
    let version = class_version(cx, class);
    if !class.has_flags(flag::HEAP)
        || class.has_flags(flag::ABSTRACT)
        || class.has_flags(flag::FINALIZER)
        || !is_plain_new(class)
        || version == 0
    {
        return None;
    }
    let init = if is_plain_init(class) {
        Value::NONE
    } else {
        lookup(cx, class, cx.names().__init__)?.exact::<Function>()?.value()
    };
    let shape = class.instance_shape();
    let size = shape.placement().size();
    let words = u16::try_from(size / 8).ok()?;
    let record = CacheRecord::of_class(RecordKind::Instantiate, shape.id(), (class, version), init);
    extend(cx, cache, cache.load(Ordering::Acquire), Guard::Record(CacheRecord { index: words, ..record }));
    // SAFETY: `init` is the function found above, or None.
    let init = init.not_none().map(|init| unsafe { Ref::from_value_unchecked(init) });
    Some(Instantiation { id: shape.id(), size, init })
}
