//! How the instances of a class made at run time are laid out: the base that decides, `__slots__`, inline attribute
//! words; and the change of an instance's class.

use std::sync::atomic::Ordering;

use countless_gc::lock;

use super::str::Str;
use super::tuple::Tuple;
use super::type_object::{TypeObject, flag};
use crate::object::attribute;
use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::shape::{Placement, Storage};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The most inline attribute words.
const MAX_INLINE: usize = 30;

/// Whether the class's instances have a `__dict__`.
pub fn has_dictionary(class: Ref<TypeObject>) -> bool {
    class.instance_shape().storage() != Storage::None
}

/// The class whose layout decides: the nearest one in the line of bases that adds words of its own.
fn solid_base(class: Ref<TypeObject>) -> Ref<TypeObject> {
    let mut solid = class;
    while let Some(base) = solid.base() {
        let same = std::ptr::eq(base.layout(), solid.layout())
            && base.instance_shape().placement().members == solid.instance_shape().placement().members;
        if !same {
            break;
        }
        solid = base;
    }
    solid
}

/// Among the bases, the one whose layout all others' fit: TypeError if there is none, or one cannot be a base.
pub fn best_base(cx: &Cx, bases: Ref<Tuple>) -> PyResult<Ref<TypeObject>> {
    let mut best: Option<(Ref<TypeObject>, Ref<TypeObject>)> = None;
    for base in bases.iter() {
        let Some(base) = base.as_class(cx) else {
            return Err(cx.type_error("bases must be types"));
        };
        if !base.is_base() {
            return Err(raise!(cx, TypeError, "type '{}' is not an acceptable base type", base.display_name()));
        }
        let solid = solid_base(base);
        best = match best {
            None => Some((base, solid)),
            Some((_, winner)) if solid != winner && solid.is_subclass(winner) => Some((base, solid)),
            Some((kept, winner)) if winner.is_subclass(solid) => Some((kept, winner)),
            Some(_) => return Err(cx.type_error("multiple bases have instance lay-out conflict")),
        };
    }
    best.map(|(base, _)| base).ok_or(()).map_err(|()| cx.type_error("bases must be types"))
}

/// Whether instances of one class could be instances of the other, as far as native payload and members go.
pub fn same_layout(one: Ref<TypeObject>, other: Ref<TypeObject>) -> bool {
    let (first, second) = (one.instance_shape(), other.instance_shape());
    std::ptr::eq(one.layout(), other.layout())
        && first.placement().members == second.placement().members
        && (first.storage() == Storage::None) == (second.storage() == Storage::None)
}

/// What a class statement says of its instances' layout.
pub struct Request {
    /// The names of `__slots__` that become members, mangled and sorted; `None` if there is no `__slots__`.
    pub members: Option<Ref<Tuple>>,
    /// Whether instances get a `__dict__` that the base's do not have.
    pub dictionary: bool,
    /// Whether instances can be referenced weakly.
    pub weak_references: bool,
    /// How many attributes the class's methods are seen to set.
    pub expected_attributes: usize,
}

/// Reads `__slots__` of a class under construction.
pub fn read_slots(
    cx: &Cx,
    name: Ref<Str>,
    base: Ref<TypeObject>,
    slots: Option<Value>,
    bases: Ref<Tuple>,
) -> PyResult<Request> {
    // A class keeps its attributes in its namespace.
    let base_dictionary = has_dictionary(base) || base.has_flags(flag::TYPE);
    let base_weak = base.has_flags(flag::WEAK_REFERENCES);
    let Some(slots) = slots else {
        return Ok(Request {
            members: None,
            dictionary: !base_dictionary,
            weak_references: true,
            expected_attributes: 0,
        });
    };
    let names =
        if slots.downcast::<Str>(cx).is_some() { cx.new_tuple(&[slots]) } else { protocol::iter::to_tuple(cx, slots)? };
    // CPython keeps the characters of a `str` elsewhere, so that members fit behind its fixed part.
    let fixed = base.has_flags(flag::STR) || !base.layout().variable && !base.has_flags(flag::INT);
    if !names.is_empty() && !fixed {
        let base = base.display_name();
        return Err(raise!(cx, TypeError, "nonempty __slots__ not supported for subtype of '{base}'"));
    }
    let mut request = Request {
        members: None,
        dictionary: false,
        weak_references: base_weak
            || bases.iter().any(|base| base.as_class(cx).is_some_and(|base| base.has_flags(flag::WEAK_REFERENCES))),
        expected_attributes: 0,
    };
    let list = cx.new_list();
    for item in names.iter() {
        let slot = slot_name(cx, item)?;
        if slot == cx.names().__dict__ {
            if base_dictionary || request.dictionary {
                return Err(cx.type_error("__dict__ slot disallowed: we already got one"));
            }
            request.dictionary = true;
        } else if slot == cx.names().__weakref__ {
            if base_weak {
                return Err(cx.type_error("__weakref__ slot disallowed: we already got one"));
            }
            request.weak_references = true;
        } else {
            list.push(cx, mangle(cx, name, slot).value())?;
        }
    }
    list.sort(cx, None, false)?;
    request.members = Some(list.to_tuple(cx)?);
    // Other bases may bring a dictionary along.
    if !request.dictionary && !base_dictionary {
        request.dictionary = bases.iter().any(|base| base.as_class(cx).is_some_and(has_dictionary));
    }
    Ok(request)
}

fn slot_name(cx: &Cx, item: Value) -> PyResult<Ref<Str>> {
    let Some(text) = item.downcast::<Str>(cx) else {
        let class = item.class_name(cx);
        return Err(raise!(cx, TypeError, "__slots__ items must be strings, not '{class}'"));
    };
    if !countless_common::strings::is_identifier(text.as_wtf8()) {
        return Err(cx.type_error("__slots__ must be identifiers"));
    }
    Ok(cx.intern_text(text.as_wtf8()))
}

/// A private name as the class's methods see it.
fn mangle(cx: &Cx, class: Ref<Str>, name: Ref<Str>) -> Ref<Str> {
    let text = name.as_wtf8().to_string_lossy();
    let class = class.as_wtf8().to_string_lossy();
    let class = class.trim_start_matches('_');
    if !text.starts_with("__") || text.ends_with("__") || text.contains('.') || class.is_empty() {
        return name;
    }
    cx.intern_str(&format!("_{class}{text}"))
}

/// Places members, dictionary word and inline attribute words behind the native payload.
pub fn place(base: Ref<TypeObject>, request: &Request) -> Placement {
    let layout = base.layout();
    let old = base.instance_shape().placement();
    let has_dictionary = request.dictionary || has_dictionary(base);
    let fields = layout.size.div_ceil(8) as u16;
    let members = old.members + request.members.map_or(0, |members| members.len() as u16);
    if layout.variable {
        let dictionary = if has_dictionary { Placement::LAST_WORD } else { 0 };
        // The last word is the dictionary's even without one: members keep their place in classes derived from here.
        let field_count = if has_dictionary || members > 0 { members + 1 } else { 0 };
        return Placement { fields, field_count, members, dictionary, inline: fields, inline_count: 0 };
    }
    let own_word = layout.dictionary_word() == 0;
    let dictionary = match (has_dictionary, own_word) {
        (false, _) => 0,
        (true, true) => fields + members,
        (true, false) => layout.dictionary_word(),
    };
    let inline = fields + members + u16::from(has_dictionary && own_word);
    let wanted = if has_dictionary {
        let known = old.inline_count as usize + request.expected_attributes;
        // Cells come in multiples of two words: what is left over is given to attributes.
        let wanted = known.clamp(2, MAX_INLINE);
        wanted + (inline as usize + wanted) % 2
    } else {
        0
    };
    Placement {
        fields,
        field_count: inline + wanted as u16 - fields,
        members,
        dictionary,
        inline,
        inline_count: wanted as u16,
    }
}

/// `object.__class__ = class`.
pub fn change_class(cx: &Cx, object: Value, class: Ref<TypeObject>) -> PyResult<()> {
    let old = cx.type_of(object);
    if old == class {
        return Ok(());
    }
    let module = cx.builtin_type(super::ids::MODULE);
    let modules = old.is_subclass(module) && class.is_subclass(module);
    if !modules && (class.has_flags(flag::IMMUTABLE) || old.has_flags(flag::IMMUTABLE)) {
        return Err(cx.type_error("__class__ assignment only supported for mutable types or ModuleType subclasses"));
    }
    let (before, after) = (old.instance_shape().placement(), class.instance_shape().placement());
    if !same_layout(old, class) || before.dictionary != after.dictionary {
        let (old, class) = (old.display_name(), class.display_name());
        return Err(raise!(
            cx,
            TypeError,
            "__class__ assignment: '{class}' object layout differs from '{old}' object layout"
        ));
    }
    if has_dictionary(class) {
        // Both shapes agree on the dictionary word alone.
        attribute::instance_dict(cx, object)?;
    }
    let Some(cell) = object.as_cell() else { return Ok(()) };
    let target = class.instance_shape().dictionary_shape().id();
    // SAFETY: a value that is a cell points to a live one.
    let header = unsafe { cell.as_ref() };
    let _guard = lock(cx.mutator(), header);
    header.set_type(cx.mutator(), target);
    Ok(())
}

/// Remembers on the class what its layout allows.
pub fn note_flags(class: Ref<TypeObject>, request: &Request) {
    if request.weak_references {
        class.add_flags(flag::WEAK_REFERENCES);
    }
    if request.members.is_some() && !request.dictionary {
        class.add_flags(flag::NO_DICTIONARY);
    }
    debug_assert!(class.flags.load(Ordering::Relaxed) & flag::HEAP != 0);
}
