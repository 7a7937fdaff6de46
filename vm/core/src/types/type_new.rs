//! Making classes (`type.__new__`) and calling them (`type.__call__`).

use super::cell::CellObject;
use super::dict::Dict;
use super::ids;
use super::str::Str;
use super::tuple::Tuple;
use super::type_layout::{self, Request};
use super::type_object::{TypeObject, flag};
use crate::native::args::Args;
use crate::native::definition::TypeFlags;
use crate::object::attribute;
use crate::object::cell::Ref;
use crate::object::dunder;
use crate::object::protocol;
use crate::object::shape;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// `cls(*args)`: `type(x)`, or `__new__` and `__init__`.
pub fn call(cx: &Cx, class: Value, args: Args<'_>) -> PyResult {
    // SAFETY: the slot belongs to `type` and its subclasses.
    let class: Ref<TypeObject> = unsafe { Ref::from_value_unchecked(class) };
    if class.instance_id() == ids::TYPE && args.keyword_count() == 0 && args.len() == 1 {
        let object = args.get(0).unwrap_or(Value::NONE);
        return Ok(cx.type_of(object).value());
    }
    if class.instance_id() == ids::TYPE && args.len() != 3 {
        return Err(cx.type_error("type() takes 1 or 3 arguments"));
    }
    let Some(new) = class.slots.new() else {
        return Err(raise!(cx, TypeError, "cannot create '{}' instances", class.display_name()));
    };
    cx.check_native_stack()?;
    let object = new(cx, class, args)?;
    let made = cx.type_of(object);
    if (made == class || made.is_subclass(class))
        && let Some(init) = made.slots.init()
    {
        init(cx, object, args)?;
    }
    Ok(object)
}

/// `type.__init__`: has nothing to do but check.
pub fn init(cx: &Cx, _class: Value, args: Args<'_>) -> PyResult<()> {
    if args.len() == 1 && args.keyword_count() > 0 {
        return Err(cx.type_error("type.__init__() takes no keyword arguments"));
    }
    if args.len() != 1 && args.len() != 3 {
        return Err(cx.type_error("type.__init__() takes 1 or 3 arguments"));
    }
    Ok(())
}

/// `type.__new__(metaclass, name, bases, namespace, **keywords)`.
pub fn new(cx: &Cx, metaclass: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [name, bases, namespace] = args_of_new(cx, args)?;
    let Some(name) = name.downcast::<Str>(cx) else {
        let given = name.class_name(cx);
        return Err(raise!(cx, TypeError, "type.__new__() argument 1 must be str, not {given}"));
    };
    let Some(bases) = bases.downcast::<Tuple>(cx) else {
        let given = bases.class_name(cx);
        return Err(raise!(cx, TypeError, "type.__new__() argument 2 must be tuple, not {given}"));
    };
    let Some(namespace) = namespace.downcast::<Dict>(cx) else {
        let given = namespace.class_name(cx);
        return Err(raise!(cx, TypeError, "type.__new__() argument 3 must be dict, not {given}"));
    };
    let winner = most_derived_metaclass(cx, metaclass, bases)?;
    if winner != metaclass && winner.slots.new().is_some_and(|slot| slot as usize != new as *const () as usize) {
        return winner.slots.new().map_or(Ok(Value::NONE), |slot| slot(cx, winner, args));
    }
    let bases = if bases.is_empty() { cx.new_tuple(&[cx.builtin_type(ids::OBJECT).value()]) } else { bases };
    if name.as_wtf8().as_bytes().contains(&0) {
        return Err(cx.value_error("type name must not contain null characters"));
    }
    let class = build(cx, winner, name, bases, namespace)?;
    set_names(cx, class)?;
    init_subclass(cx, class, args)?;
    Ok(class.value())
}

fn args_of_new(cx: &Cx, args: Args<'_>) -> PyResult<[Value; 3]> {
    match (args.get(0), args.get(1), args.get(2), args.len()) {
        (Some(name), Some(bases), Some(namespace), 3) => Ok([name, bases, namespace]),
        _ => Err(raise!(cx, TypeError, "type.__new__() takes exactly 3 arguments ({} given)", args.len())),
    }
}

/// The metaclass that derives from the metaclasses of all bases.
pub fn most_derived_metaclass(cx: &Cx, metaclass: Ref<TypeObject>, bases: Ref<Tuple>) -> PyResult<Ref<TypeObject>> {
    let mut winner = metaclass;
    for base in bases.iter() {
        if base.as_class(cx).is_none() && cx.get_attribute_optional(base, cx.names().__mro_entries__)?.is_some() {
            return Err(cx.type_error("type() doesn't support MRO entry resolution; use types.new_class()"));
        }
        let candidate = cx.type_of(base);
        if winner.is_subclass(candidate) {
            continue;
        }
        if candidate.is_subclass(winner) {
            winner = candidate;
            continue;
        }
        return Err(cx.type_error(
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
        ));
    }
    Ok(winner)
}

fn build(
    cx: &Cx,
    metaclass: Ref<TypeObject>,
    name: Ref<Str>,
    bases: Ref<Tuple>,
    namespace: Ref<Dict>,
) -> PyResult<Ref<TypeObject>> {
    let base = type_layout::best_base(cx, bases)?;
    let names = cx.names();
    let slots = namespace.get_name(cx, names.__slots__)?;
    let mut request = type_layout::read_slots(cx, name, base, slots, bases)?;
    if base.is_subclass(cx.builtin_type(ids::TYPE)) && request.members.is_some_and(|members| !members.is_empty()) {
        return Err(raise!(cx, TypeError, "nonempty __slots__ not supported for subtype of '{}'", base.display_name()));
    }
    request.expected_attributes = expected_attributes(cx, namespace)?;
    let dict = namespace.copy(cx)?;
    let layout = base.layout();
    let plain_name =
        if name.is_interned() || name.value().is_exactly(ids::STR) { name } else { cx.intern_text(name.as_wtf8()) };
    let inherited = base.flags.load(std::sync::atomic::Ordering::Relaxed) & flag::INHERITED;
    let mut flags = flag::HEAP | TypeFlags::BASE.0 | inherited;
    let collection = TypeFlags::SEQUENCE.0 | TypeFlags::MAPPING.0;
    for base in bases.iter().filter_map(|base| base.as_class(cx)) {
        let flags_of_base = base.flags.load(std::sync::atomic::Ordering::Relaxed);
        flags |= flags_of_base & flag::FINALIZER;
        // Patterns take instances for sequences or for mappings: the first base that is either decides.
        if flags & collection == 0 {
            flags |= flags_of_base & collection;
        }
    }
    flags |= base.flags.load(std::sync::atomic::Ordering::Relaxed) & TypeFlags::MATCH_SELF.0;
    let class = cx.allocate_instance(metaclass, TypeObject::blank(plain_name, layout, flags));
    class.base.set(cx, base);
    class.bases.set(cx, bases);
    class.dict.set(cx, dict);
    fill_namespace(cx, class, dict, base, &request)?;
    let placement = type_layout::place(base, &request);
    let shape = shape::install_class(cx, class, layout, placement).ok_or(()).map_err(|()| cx.memory_error())?;
    class.instance_shape.set(cx, shape);
    // May show the class to its metaclass.
    super::type_mro::install(cx, class)?;
    add_members(cx, class, dict, base, &request)?;
    if dict.get_name(cx, names.__doc__)?.is_none() {
        dict.set_name(cx, names.__doc__, Value::NONE)?;
    }
    type_layout::note_flags(class, &request);
    dunder::init_slots(cx, class);
    if class.slots.finalize().is_some() {
        class.add_flags(flag::FINALIZER);
    }
    for base in bases.iter().filter_map(|base| base.as_class(cx)) {
        cx.vm().subclasses.add(base, class);
    }
    set_class_cell(cx, class, dict)?;
    Ok(class)
}

/// How many attributes the compiler saw assigned to `self` in the class's methods.
fn expected_attributes(cx: &Cx, namespace: Ref<Dict>) -> PyResult<usize> {
    let attributes = namespace.get_name(cx, cx.names().__static_attributes__)?;
    Ok(attributes.and_then(|names| names.downcast::<Tuple>(cx)).map_or(0, |names| names.len()))
}

/// `__module__`, `__qualname__`, `__hash__`, and the methods that are static or class methods by name.
fn fill_namespace(
    cx: &Cx,
    class: Ref<TypeObject>,
    dict: Ref<Dict>,
    base: Ref<TypeObject>,
    request: &Request,
) -> PyResult<()> {
    let names = cx.names();
    if let Some(qualified) = dict.remove(cx, names.__qualname__.value())? {
        let Some(qualified) = qualified.downcast::<Str>(cx) else {
            let given = qualified.class_name(cx);
            return Err(raise!(cx, TypeError, "type __qualname__ must be a str, not {given}"));
        };
        class.qualified_name.set(cx, qualified);
    }
    if dict.get_name(cx, names.__module__)?.is_none()
        && let Some(module) = cx.current_module_name()?
    {
        dict.set_name(cx, names.__module__, module)?;
    }
    dunder::settle_hash(cx, dict)?;
    if let Some(function) = dict.get_name(cx, names.__new__)?
        && function.is_exactly(ids::FUNCTION)
    {
        dict.set_name(cx, names.__new__, super::staticmethod::new(cx, function))?;
    }
    for name in [names.__init_subclass__, names.__class_getitem__] {
        if let Some(function) = dict.get_name(cx, name)?
            && function.is_exactly(ids::FUNCTION)
        {
            dict.set_name(cx, name, super::classmethod::new(cx, function))?;
        }
    }
    if request.dictionary && !type_layout::has_dictionary(base) && dict.get_name(cx, names.__dict__)?.is_none() {
        dict.set_name(cx, names.__dict__, cx.new_getset_descriptor(&super::object::DICT_ATTRIBUTE, class))?;
    }
    if request.weak_references
        && !base.has_flags(flag::WEAK_REFERENCES)
        && dict.get_name(cx, names.__weakref__)?.is_none()
    {
        dict.set_name(cx, names.__weakref__, cx.new_getset_descriptor(&super::object::WEAKREF_ATTRIBUTE, class))?;
    }
    Ok(())
}

fn add_members(
    cx: &Cx,
    class: Ref<TypeObject>,
    dict: Ref<Dict>,
    base: Ref<TypeObject>,
    request: &Request,
) -> PyResult<()> {
    let Some(members) = request.members else { return Ok(()) };
    let placement = class.instance_shape().placement();
    let inherited = base.instance_shape().placement().members as usize;
    for (index, member) in members.iter().enumerate() {
        // SAFETY: `read_slots` made the tuple of strings.
        let name: Ref<Str> = unsafe { Ref::from_value_unchecked(member) };
        if dict.get_name(cx, name)?.is_some() {
            return Err(raise!(cx, ValueError, "'{}' in __slots__ conflicts with class variable", name.as_wtf8()));
        }
        // The last word of a cell of variable size is the dictionary's.
        let word = match class.layout().variable {
            true => attribute::FROM_END | (inherited + index + 2),
            false => placement.fields as usize + inherited + index,
        };
        dict.set_name(cx, name, cx.new_member_descriptor(name, class, word))?;
    }
    Ok(())
}

fn set_class_cell(cx: &Cx, class: Ref<TypeObject>, dict: Ref<Dict>) -> PyResult<()> {
    let names = cx.names();
    if let Some(cell) = dict.remove(cx, names.__classcell__.value())? {
        let Some(cell) = cell.exact::<CellObject>() else {
            let given = cell.class_name(cx);
            return Err(raise!(cx, TypeError, "__classcell__ must be a nonlocal cell, not {given}"));
        };
        cell.set(cx, class.value());
    }
    if let Some(cell) = dict.remove(cx, names.__classdictcell__.value())? {
        let Some(cell) = cell.exact::<CellObject>() else {
            let given = cell.class_name(cx);
            return Err(raise!(cx, TypeError, "__classdictcell__ must be a nonlocal cell, not {given}"));
        };
        cell.set(cx, dict.value());
    }
    Ok(())
}

/// Calls `__set_name__` of what is in the namespace.
fn set_names(cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    let names = class.dict().copy(cx)?;
    for (name, value) in names.iter() {
        if !value.is_cell() || value.is_exactly(ids::FUNCTION) {
            continue;
        }
        let Some(method) = cx.lookup_special(value, cx.names().__set_name__)? else { continue };
        if let Err(raised) = cx.call_found(method, &[class.value(), name]) {
            return Err(annotate_set_name(cx, raised, class, name, value));
        }
    }
    Ok(())
}

#[cold]
fn annotate_set_name(cx: &Cx, raised: Raised, class: Ref<TypeObject>, name: Value, value: Value) -> Raised {
    let exception = cx.take_exception(raised);
    let shown = match protocol::object::repr(cx, name) {
        Ok(shown) => shown.as_wtf8().to_string_lossy(),
        Err(raised) => return raised,
    };
    let (value, class) = (value.class_name(cx), class.display_name());
    let note = cx.new_str(&format!("Error calling __set_name__ on '{value}' instance {shown} in '{class}'"));
    match super::exception::add_note(cx, exception, note) {
        Ok(()) => cx.raise_unchained(exception),
        Err(raised) => raised,
    }
}

/// Calls `super(cls, cls).__init_subclass__(**keywords)`.
fn init_subclass(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult<()> {
    let name = cx.names().__init_subclass__;
    let found = super::super_object::lookup(cx, class, class, name)?;
    let Some(found) = found else { return Ok(()) };
    // `super(cls, cls)`: the "instance" is the class itself, which descriptors of functions must not bind.
    let method = match cx.type_of(found).slots.descriptor_get() {
        Some(get) => get(cx, found, None, Some(class.value()))?,
        None => found,
    };
    cx.call_args(method, args.skip(3))?;
    Ok(())
}
