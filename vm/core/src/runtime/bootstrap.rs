//! Making the first objects: the classes of the builtin types, which describe each other, then everything else.
//!
//! Order: the rows of the collector's type table (no owners yet) → the class objects and their shapes → the method
//! resolution orders → namespaces and slots. Until the classes are there, nothing may raise.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use countless_gc::{TypeEntry, TypeId};

use super::context::Cx;
use super::names::Names;
use super::thread::ThreadState;
use super::vm::{Config, Vm};
use crate::exceptions::ExceptionKind;
use crate::native::definition::{TypeDef, TypeFlags};
use crate::object::cell::{Layout, Ref};
use crate::object::dunder;
use crate::object::shape::{self, row};
use crate::object::slots::{SlotId, SlotTable};
use crate::object::value::Value;
use crate::runtime::error::PyResult;
use crate::types::tuple::Tuple;
use crate::types::type_object::{TypeObject, flag};
use crate::types::{self, DEFINITIONS, exception, ids};

/// The layout that a type's row names.
#[inline(always)]
pub(crate) fn layout_of_entry(entry: &TypeEntry) -> &'static Layout {
    let address = entry.user[row::LAYOUT].load(Ordering::Acquire) as usize;
    // SAFETY: `object::shape` stores addresses of `&'static Layout` into every row before its id is used.
    unsafe { &*std::ptr::with_exposed_provenance::<Layout>(address) }
}

/// Layouts of cells that have no class.
fn internal_layouts() -> [&'static Layout; 9] {
    [
        &shape::LAYOUT,
        &shape::OVERFLOW_LAYOUT,
        &crate::object::inline_cache::LAYOUT,
        &types::list::array::LAYOUT,
        &types::dict::storage::LAYOUT,
        &types::set::storage::LAYOUT,
        &types::bytearray::storage::LAYOUT,
        &types::memoryview::lent::LAYOUT,
        &types::context::map::LAYOUT,
    ]
}

/// Starts a VM on the calling thread and makes its builtin objects. `None` if the system has no memory to give.
pub fn start(config: Config) -> Option<Box<Cx>> {
    let vm = Vm::create(config)?;
    let mutator = vm.heap().attach(std::ptr::null());
    let cx = Cx::new(vm, mutator, super::system::native_stack_low(), ThreadState::new())?;
    super::signal::set_main_thread(&cx);
    register_rows(&cx);
    let kinds = ExceptionKind::ALL;
    let builder = Builder { cx: &cx };
    builder.make_classes();
    vm.set_names(Names::new(&cx));
    builder.link(kinds);
    match builder.fill(kinds) {
        Ok(()) => Some(cx),
        Err(raised) => super::error::vm_bug(format!("start-up failed: {:?}", cx.take_exception(raised))),
    }
}

/// Gives every fixed id its row; owners follow when there are shapes.
fn register_rows(cx: &Cx) {
    let types = cx.mutator().types();
    let register = |id: TypeId, layout: &'static Layout| {
        if types.register_at(id, &layout.ops, 0).is_err() {
            super::error::vm_bug("no address space for the type table");
        }
        cx.type_entry(id).user[row::LAYOUT].store((&raw const *layout).expose_provenance() as u64, Ordering::Release);
    };
    for layout in internal_layouts() {
        register(layout.id(), layout);
    }
    for definition in DEFINITIONS {
        register(definition.id(), definition.layout);
    }
    for &kind in ExceptionKind::ALL {
        register(kind.type_id(), exception::layout_of(kind));
    }
    // Numbers below are never given out by the table.
    register(TypeId(ids::FIRST_DYNAMIC - 1), &types::object::LAYOUT);
}

struct Builder<'a> {
    cx: &'a Cx,
}

/// What stands in a class's flags for those of its definition.
fn class_flags(definition_flags: TypeFlags, id: TypeId) -> u32 {
    let mut flags = definition_flags.0 & 0xffff;
    if !definition_flags.contains(TypeFlags::MUTABLE) {
        flags |= flag::IMMUTABLE;
    }
    if definition_flags.contains(TypeFlags::WEAK_REFERENCES) {
        flags |= flag::WEAK_REFERENCES;
    }
    flags
        | match id {
            ids::TYPE => flag::TYPE,
            ids::INT => flag::INT,
            ids::STR => flag::STR,
            ids::BYTES => flag::BYTES,
            ids::LIST => flag::LIST,
            ids::TUPLE => flag::TUPLE,
            ids::DICT => flag::DICT,
            _ => 0,
        }
}

impl Builder<'_> {
    /// The class objects with their shapes: `type` first, whose id all of them carry.
    fn make_classes(&self) {
        for definition in DEFINITIONS {
            let flags = class_flags(definition.flags, definition.id());
            self.make_class(definition.name, definition.id(), definition.layout, flags);
        }
        for &kind in ExceptionKind::ALL {
            let flags = class_flags(exception::FLAGS, kind.type_id()) | flag::EXCEPTION;
            self.make_class(kind.name(), kind.type_id(), exception::layout_of(kind), flags);
        }
    }

    fn make_class(&self, name: &str, id: TypeId, layout: &'static Layout, flags: u32) {
        let cx = self.cx;
        // Interning needs no class; the string's own row is registered.
        let name = cx.intern_str(name);
        let class = cx.allocate_as(ids::TYPE, size_of::<TypeObject>(), TypeObject::blank(name, layout, flags));
        let shape = shape::install_builtin(cx, class, id, layout);
        class.instance_shape.set(cx, shape);
        class.dict.set(cx, cx.new_dict());
    }

    /// Bases and method resolution orders.
    fn link(&self, kinds: &[ExceptionKind]) {
        let object = self.cx.builtin_type(ids::OBJECT);
        for definition in DEFINITIONS {
            let class = self.cx.builtin_type(definition.id());
            let base = match definition.base {
                Some(base) => Some(self.cx.builtin_type(base.id())),
                None => (class != object).then_some(object),
            };
            link_class(self.cx, class, base);
        }
        for &kind in kinds {
            let class = self.cx.builtin_type(kind.type_id());
            let base = exception::base_kind(kind).map_or(object, |base| self.cx.builtin_type(base.type_id()));
            link_class(self.cx, class, Some(base));
        }
    }

    /// Slots and namespaces.
    fn fill(&self, kinds: &[ExceptionKind]) -> PyResult<()> {
        let cx = self.cx;
        for definition in DEFINITIONS {
            fill_class(cx, cx.builtin_type(definition.id()), definition)?;
        }
        for &kind in kinds {
            let class = cx.builtin_type(kind.type_id());
            fill_exception(cx, class, kind)?;
        }
        // `ExceptionGroup` alone has two bases.
        let group = cx.builtin_type(ExceptionKind::ExceptionGroup.type_id());
        let bases = [ExceptionKind::BaseExceptionGroup, ExceptionKind::Exception];
        let bases = bases.map(|kind| cx.builtin_type(kind.type_id()).value());
        group.bases.set(cx, cx.new_tuple(&bases));
        types::type_mro::install(cx, group)?;
        cx.vm().subclasses.add(cx.builtin_type(ExceptionKind::Exception.type_id()), group);
        for definition in DEFINITIONS {
            if let Some(finish) = definition.finish {
                finish(cx, cx.builtin_type(definition.id()))?;
            }
        }
        Ok(())
    }
}

/// Sets base, bases and order of a class with at most one base, which is linked already.
fn link_class(cx: &Cx, class: Ref<TypeObject>, base: Option<Ref<TypeObject>>) {
    let order: Ref<Tuple> = match base {
        None => cx.new_tuple(&[class.value()]),
        Some(base) => {
            let inherited = base.mro();
            let order = cx.new_blank_tuple(inherited.len() + 1);
            order.init(0, class.value());
            for (index, entry) in inherited.iter().enumerate() {
                order.init(index + 1, entry);
            }
            order
        }
    };
    class.mro.set(cx, order);
    class.base.set_option(cx, base);
    let bases: &[Value] = match &base {
        Some(base) => &[base.value()],
        None => &[],
    };
    class.bases.set(cx, cx.new_tuple(bases));
    if let Some(base) = base {
        class.add_flags(base.flags.load(Ordering::Relaxed) & flag::INHERITED);
        cx.vm().subclasses.add(base, class);
    }
}

/// Fills slots and namespace of a native class from its definition.
fn fill_class(cx: &Cx, class: Ref<TypeObject>, definition: &'static TypeDef) -> PyResult<()> {
    let own = SlotTable::from_slots(&definition.slots);
    class.dict().reserve(cx, namespace_size(&own, definition))?;
    if definition.flags.contains(TypeFlags::HIDDEN_FINALIZER) {
        own.set_raw(SlotId::finalize, 0);
    }
    install_slots(cx, class, &own, definition.flags.contains(TypeFlags::NO_NEW))?;
    if let Some(finalize) = definition.slots.finalize {
        class.slots.set_raw(SlotId::finalize, finalize as *const () as usize);
    }
    add_rows(cx, class, definition)?;
    let dict = class.dict();
    let names = cx.names();
    let doc = types::builtin_function::documentation(definition.doc);
    let doc = doc.map_or(Value::NONE, |doc| cx.new_str(doc).value());
    if dict.get_name(cx, names.__doc__)?.is_none() {
        dict.set_name(cx, names.__doc__, doc)?;
    }
    if definition.module != "builtins" && dict.get_name(cx, names.__module__)?.is_none() {
        dict.set_name(cx, names.__module__, cx.intern_str(definition.module).value())?;
    }
    remember_definition(class, definition);
    Ok(())
}

/// How many names a class's namespace will have: growing it name by name would double what is allocated at start-up.
fn namespace_size(own: &SlotTable, definition: &TypeDef) -> usize {
    // `__new__`, `__doc__`, `__module__`.
    const OTHERS: usize = 3;
    dunder::wrapper_count(own) + definition.methods.len() + definition.attributes.len() + OTHERS
}

fn fill_exception(cx: &Cx, class: Ref<TypeObject>, kind: ExceptionKind) -> PyResult<()> {
    match exception::definition_of(kind) {
        Some(definition) => {
            let own = SlotTable::from_slots(&definition.slots);
            class.dict().reserve(cx, namespace_size(&own, definition))?;
            install_slots(cx, class, &own, false)?;
            add_rows(cx, class, definition)?;
        }
        None => install_slots(cx, class, &SlotTable::empty(), false)?,
    }
    class.dict().set_name(cx, cx.names().__doc__, cx.new_str(exception::doc_of(kind)).value())
}

/// Own slots, then what the bases have, then the wrappers of the own ones.
fn install_slots(cx: &Cx, class: Ref<TypeObject>, own: &SlotTable, no_new: bool) -> PyResult<()> {
    // A class that defines equality but no hash is unhashable, as in CPython.
    if own.raw(SlotId::compare) != 0 && own.raw(SlotId::hash) == 0 {
        own.set_raw(SlotId::hash, dunder::unhashable as *const () as usize);
    }
    class.slots.inherit(own);
    for base in class.linearization().skip(1) {
        for &slot in SlotId::ALL {
            let skip = slot == SlotId::new && no_new;
            if class.slots.raw(slot) == 0 && !skip {
                class.slots.set_raw(slot, base.slots.raw(slot));
            }
        }
    }
    dunder::add_wrappers(cx, class, own)?;
    if own.raw(SlotId::new) != 0 {
        let function = cx.new_builtin_function(&types::builtin_function::NEW, class.value(), None, None);
        class.dict().set_name(cx, cx.names().__new__, function.value())?;
    }
    Ok(())
}

fn add_rows(cx: &Cx, class: Ref<TypeObject>, definition: &'static TypeDef) -> PyResult<()> {
    let dict = class.dict();
    for method in definition.methods {
        let descriptor = cx.new_method_descriptor(method, class);
        dict.set_name(cx, cx.intern_str(method.name), descriptor)?;
    }
    for attribute in definition.attributes {
        let descriptor = cx.new_getset_descriptor(attribute, class);
        dict.set_name(cx, cx.intern_str(attribute.name), descriptor)?;
    }
    Ok(())
}

/// Definitions by type id: native types are never unloaded.
static DEFINED: Mutex<Option<HashMap<u32, &'static TypeDef>>> = Mutex::new(None);

fn remember_definition(class: Ref<TypeObject>, definition: &'static TypeDef) {
    let mut table = DEFINED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    table.get_or_insert_default().insert(class.instance_id().0, definition);
}

/// The module that the definition of a native class names.
pub(crate) fn native_module_of(id: TypeId) -> Option<&'static str> {
    let table = DEFINED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    table.as_ref()?.get(&id.0).map(|definition| definition.module)
}

/// The definition of a native class.
pub fn definition_of(_cx: &Cx, class: Ref<TypeObject>) -> Option<&'static TypeDef> {
    let table = DEFINED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    table.as_ref()?.get(&class.instance_id().0).copied()
}

/// The class of a native type, made on first use if its layout has no id yet (the types of native modules).
pub fn native_type(cx: &Cx, definition: &'static TypeDef) -> PyResult<Ref<TypeObject>> {
    if definition.id() != TypeId::FREE {
        return Ok(cx.builtin_type(definition.id()));
    }
    let base = match definition.base {
        Some(base) => native_type(cx, base)?,
        None => cx.builtin_type(ids::OBJECT),
    };
    let flags = class_flags(definition.flags, TypeId::FREE);
    let class = cx.allocate_as(
        ids::TYPE,
        size_of::<TypeObject>(),
        TypeObject::blank(cx.intern_str(definition.name), definition.layout, flags),
    );
    class.dict.set(cx, cx.new_dict());
    link_class(cx, class, Some(base));
    let shape = shape::install_native(cx, class, definition.layout).ok_or(()).map_err(|()| cx.memory_error())?;
    class.instance_shape.set(cx, shape);
    fill_class(cx, class, definition)?;
    if let Some(finish) = definition.finish {
        finish(cx, class)?;
    }
    cx.vm().keep_forever(class.value());
    definition.layout.assign_id(shape.id());
    Ok(class)
}
