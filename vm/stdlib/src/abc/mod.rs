//! `_abc`: what `abc.ABCMeta` asks at every `isinstance` and `issubclass`.
//!
//! Each abstract base class has an [`AbcData`] as `_abc_impl`: the classes registered with it, and two caches of answers.
//! A registration anywhere makes all negative answers doubtful: they are valid for one value of a global count.

mod class_set;

use std::sync::atomic::{AtomicU64, Ordering};

use countless_vm::gc::{Header, lock};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{Method, ModuleDef, TypeDef, TypeFlags};
use countless_vm::object::cell::{Ref, RefField};
use countless_vm::object::protocol::class::is_subclass;
use countless_vm::object::protocol::{iter, number, object};
use countless_vm::object::value::Value;
use countless_vm::runtime::bootstrap::native_type;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::ids;
use countless_vm::types::list::List;
use countless_vm::types::module::Module;
use countless_vm::types::set::Set;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::{TypeObject, flag};
use countless_vm::types::weakref::new_reference;
use countless_vm::{native_cell, raise};

use self::class_set::ClassSet;

native_cell! {
    /// The cell.
    pub struct AbcData("_abc._abc_data", DATA_LAYOUT) {
        traced {
            registry: RefField<ClassSet>,
            /// Classes known to be subclasses.
            cache: RefField<ClassSet>,
            /// Classes known not to be, as of `negative_version`.
            negative: RefField<ClassSet>,
        }
        plain { negative_version: AtomicU64 }
    }
}

/// How many registrations there have been.
static REGISTRATIONS: AtomicU64 = AtomicU64::new(0);

impl AbcData {
    fn empty() -> AbcData {
        AbcData {
            header: Header::default(),
            registry: RefField::empty(),
            cache: RefField::empty(),
            negative: RefField::empty(),
            negative_version: AtomicU64::new(REGISTRATIONS.load(Ordering::Acquire)),
        }
    }
}

fn contains(field: &RefField<ClassSet>, class: Value) -> bool {
    field.get().is_some_and(|set| set.contains(class))
}

/// Adds a class to one of the sets of `data`.
fn add(cx: &Cx, data: Ref<AbcData>, field: fn(&AbcData) -> &RefField<ClassSet>, class: Value) -> PyResult<()> {
    loop {
        let seen = field(&data).get();
        let fresh = match seen {
            Some(set) if set.has_room() => None,
            _ => Some(ClassSet::grown(cx, seen)?),
        };
        let _guard = lock(cx.mutator(), data.header());
        let current = field(&data).get();
        if current != seen {
            continue;
        }
        if let (Some(fresh), Some(current)) = (fresh, current) {
            fresh.take_over(cx, current);
        }
        let Some(set) = fresh.or(current) else { continue };
        if !set.has_room() {
            continue;
        }
        if !set.contains(class) {
            set.fill(class);
        }
        if fresh.is_some() {
            field(&data).set(cx, set);
        }
        return Ok(());
    }
}

fn data_of(cx: &Cx, class: Value) -> PyResult<Ref<AbcData>> {
    let data = cx.get_attribute(class, cx.names()._abc_impl)?;
    data.exact::<AbcData>().ok_or_else(|| cx.type_error("_abc_impl is set to a wrong type"))
}

// ---- making a class abstract

fn is_abstract(cx: &Cx, value: Value) -> PyResult<bool> {
    match cx.get_attribute_optional(value, cx.names().__isabstractmethod__)? {
        Some(flag) => object::is_true(cx, flag),
        None => Ok(false),
    }
}

fn compute_abstract_methods(cx: &Cx, class: Value) -> PyResult<()> {
    let names = cx.names();
    let abstracts = cx.new_frozen_set();
    let Some(own) = class.as_class(cx) else { return Err(cx.type_error("_abc_init() argument must be a class")) };
    // What asks for the flag may run Python code: go through a copy.
    let entries = own.dict().copy(cx)?;
    for (name, value) in entries.iter() {
        if is_abstract(cx, value)? {
            abstracts.add(cx, name)?;
        }
    }
    let bases = cx.get_attribute(class, names.__bases__)?;
    let Some(bases) = bases.downcast::<Tuple>(cx) else { return Err(cx.type_error("__bases__ is not tuple")) };
    for base in bases.iter() {
        let Some(inherited) = cx.get_attribute_optional(base, names.__abstractmethods__)? else { continue };
        let iterator = iter::get_iter(cx, inherited)?;
        while let Some(name) = iter::next(cx, iterator)? {
            let attribute = cx.attribute_name(name)?;
            if let Some(value) = cx.get_attribute_optional(class, attribute)?
                && is_abstract(cx, value)?
            {
                abstracts.add(cx, name)?;
            }
        }
    }
    cx.set_attribute(class, names.__abstractmethods__, abstracts.value())
}

const PYTHON_SEQUENCE: i64 = 1 << 5;
const PYTHON_MAPPING: i64 = 1 << 6;
const COLLECTION: u32 = TypeFlags::SEQUENCE.0 | TypeFlags::MAPPING.0;

/// Takes `__abc_tpflags__` out of the class: whether its instances match sequence or mapping patterns.
fn take_collection_flags(cx: &Cx, class: Ref<TypeObject>) -> PyResult<()> {
    let name = cx.names().__abc_tpflags__;
    let Some(flags) = class.dict().get_name(cx, name)? else { return Ok(()) };
    let Some(flags) = number::as_index_i64(cx, flags) else { return Ok(()) };
    let wanted = flags & (PYTHON_SEQUENCE | PYTHON_MAPPING);
    if wanted == PYTHON_SEQUENCE | PYTHON_MAPPING {
        return Err(cx.type_error("__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"));
    }
    match wanted {
        PYTHON_SEQUENCE => class.add_flags(TypeFlags::SEQUENCE.0),
        PYTHON_MAPPING => class.add_flags(TypeFlags::MAPPING.0),
        _ => {}
    }
    cx.delete_attribute(class.value(), name)
}

fn abc_init(cx: &Cx, _module: Value, class: Value) -> PyResult {
    compute_abstract_methods(cx, class)?;
    let data = cx.allocate(AbcData::empty());
    cx.set_attribute(class, cx.names()._abc_impl, data.value())?;
    if let Some(class) = class.as_class(cx) {
        take_collection_flags(cx, class)?;
    }
    Ok(Value::NONE)
}

/// Gives a registered class and its subclasses the pattern kind of the base class.
fn pass_on_collection_flags(cx: &Cx, class: Ref<TypeObject>, flags: u32) -> PyResult<()> {
    cx.check_native_stack()?;
    if class.has_flags(flag::IMMUTABLE)
        || class.has_flags(TypeFlags::SEQUENCE.0)
        || class.has_flags(TypeFlags::MAPPING.0)
    {
        return Ok(());
    }
    class.add_flags(flags);
    for subclass in cx.vm().subclasses.of(cx, class) {
        pass_on_collection_flags(cx, subclass, flags)?;
    }
    Ok(())
}

fn abc_register(cx: &Cx, _module: Value, class: Value, subclass: Value) -> PyResult {
    let Some(subclass_object) = subclass.as_class(cx) else {
        return Err(cx.type_error("Can only register classes"));
    };
    if is_subclass(cx, subclass, class)? {
        return Ok(subclass);
    }
    if is_subclass(cx, class, subclass)? {
        return Err(cx.runtime_error("Refusing to create an inheritance cycle"));
    }
    let data = data_of(cx, class)?;
    add(cx, data, |data| &data.registry, subclass)?;
    REGISTRATIONS.fetch_add(1, Ordering::AcqRel);
    if let Some(class) = class.as_class(cx) {
        let kinds = [TypeFlags::SEQUENCE.0, TypeFlags::MAPPING.0];
        if let Some(kind) = kinds.into_iter().find(|&kind| class.has_flags(kind)) {
            pass_on_collection_flags(cx, subclass_object, kind & COLLECTION)?;
        }
    }
    Ok(subclass)
}

// ---- the checks

fn abc_instancecheck(cx: &Cx, _module: Value, class: Value, instance: Value) -> PyResult {
    let data = data_of(cx, class)?;
    let own = cx.type_of(instance).value();
    let claimed = cx.get_attribute_optional(instance, cx.names().__class__)?.unwrap_or(own);
    if contains(&data.cache, claimed) {
        return Ok(Value::TRUE);
    }
    let name = cx.names().__subclasscheck__;
    if own == claimed {
        if data.negative_version.load(Ordering::Acquire) == REGISTRATIONS.load(Ordering::Acquire)
            && contains(&data.negative, claimed)
        {
            return Ok(Value::FALSE);
        }
        return cx.call_method(class, name, &[claimed]);
    }
    let answer = cx.call_method(class, name, &[claimed])?;
    if object::is_true(cx, answer)? {
        return Ok(answer);
    }
    cx.call_method(class, name, &[own])
}

/// What is known without asking anybody.
fn cached_answer(cx: &Cx, data: Ref<AbcData>, subclass: Value) -> Option<bool> {
    if contains(&data.cache, subclass) {
        return Some(true);
    }
    let registrations = REGISTRATIONS.load(Ordering::Acquire);
    if data.negative_version.load(Ordering::Acquire) < registrations {
        let _guard = lock(cx.mutator(), data.header());
        data.negative.set_option(cx, None);
        data.negative_version.store(registrations, Ordering::Release);
        return None;
    }
    contains(&data.negative, subclass).then_some(false)
}

/// Whether the subclass is registered, or derives from a registered class.
fn is_registered(cx: &Cx, data: Ref<AbcData>, subclass: Value) -> PyResult<bool> {
    let Some(registry) = data.registry.get() else { return Ok(false) };
    if registry.contains(subclass) {
        return Ok(true);
    }
    for index in 0..registry.capacity() {
        if let Some(registered) = registry.get(cx, index)
            && is_subclass(cx, subclass, registered)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the subclass derives from a subclass of the class.
fn derives_from_subclass(cx: &Cx, class: Value, subclass: Value) -> PyResult<bool> {
    let subclasses = cx.call_method(class, cx.names().__subclasses__, &[])?;
    let Some(subclasses) = subclasses.downcast::<List>(cx) else {
        return Err(cx.type_error("__subclasses__() must return a list"));
    };
    for candidate in subclasses.iter() {
        if is_subclass(cx, subclass, candidate)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn abc_subclasscheck(cx: &Cx, _module: Value, class: Value, subclass: Value) -> PyResult {
    let Some(subclass_object) = subclass.as_class(cx) else {
        return Err(cx.type_error("issubclass() arg 1 must be a class"));
    };
    cx.check_native_stack()?;
    let data = data_of(cx, class)?;
    if let Some(answer) = cached_answer(cx, data, subclass) {
        return Ok(Value::bool(answer));
    }
    let hook = cx.call_method(class, cx.names().__subclasshook__, &[subclass])?;
    let answer = match hook {
        Value::TRUE => true,
        Value::FALSE => false,
        Value::NOT_IMPLEMENTED => {
            subclass_object.linearization().any(|base| base.value() == class)
                || is_registered(cx, data, subclass)?
                || derives_from_subclass(cx, class, subclass)?
        }
        _ => {
            return Err(raise!(
                cx,
                AssertionError,
                "__subclasshook__ must return either False, True, or NotImplemented"
            ));
        }
    };
    add(cx, data, if answer { |data| &data.cache } else { |data| &data.negative }, subclass)?;
    Ok(Value::bool(answer))
}

// ---- for debugging

fn get_cache_token(_cx: &Cx, _module: Value) -> PyResult {
    Ok(Value::int(REGISTRATIONS.load(Ordering::Acquire) as i64))
}

/// The set as a Python set of weak references.
fn as_references(cx: &Cx, set: &RefField<ClassSet>) -> PyResult<Ref<Set>> {
    let result = cx.new_set();
    let Some(set) = set.get() else { return Ok(result) };
    for index in 0..set.capacity() {
        if let Some(class) = set.get(cx, index) {
            let reference = new_reference(cx, cx.builtin_type(ids::WEAKREF), class, None)?;
            result.add(cx, reference.value())?;
        }
    }
    Ok(result)
}

fn get_dump(cx: &Cx, _module: Value, class: Value) -> PyResult {
    let data = data_of(cx, class)?;
    let registry = as_references(cx, &data.registry)?.value();
    let cache = as_references(cx, &data.cache)?.value();
    let negative = as_references(cx, &data.negative)?.value();
    let version = Value::int(data.negative_version.load(Ordering::Acquire) as i64);
    Ok(cx.new_tuple(&[registry, cache, negative, version]).value())
}

fn reset_registry(cx: &Cx, _module: Value, class: Value) -> PyResult {
    let data = data_of(cx, class)?;
    let _guard = lock(cx.mutator(), data.header());
    data.registry.set_option(cx, None);
    Ok(Value::NONE)
}

fn reset_caches(cx: &Cx, _module: Value, class: Value) -> PyResult {
    let data = data_of(cx, class)?;
    let _guard = lock(cx.mutator(), data.header());
    data.cache.set_option(cx, None);
    data.negative.set_option(cx, None);
    Ok(Value::NONE)
}

fn new_data(cx: &Cx, _class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    Ok(cx.allocate(AbcData::empty()).value())
}

/// `_abc._abc_data`.
static DATA_TYPE: TypeDef = TypeDef {
    module: "_abc",
    doc: "Internal state held by ABC machinery.",
    base: Some(&countless_vm::types::object::TYPE),
    slots: countless_vm::object::slots::Slots { new: Some(new_data), ..countless_vm::object::slots::Slots::NONE },
    ..TypeDef::new("_abc_data", &DATA_LAYOUT)
};

static FUNCTIONS: &[Method] = &[
    Method::none(
        "get_cache_token",
        get_cache_token,
        "get_cache_token($module, /)\n--\n\nThe present ABC cache token: it changes with every registration on any ABC.",
    ),
    Method::one(
        "_abc_init",
        abc_init,
        "_abc_init($module, self, /)\n--\n\nSet up a class for the module abc, which alone calls this.",
    ),
    Method::two(
        "_abc_register",
        abc_register,
        "_abc_register($module, self, subclass, /)\n--\n\nRegister a subclass for the module abc, which alone calls this.",
    ),
    Method::two(
        "_abc_instancecheck",
        abc_instancecheck,
        "_abc_instancecheck($module, self, instance, /)\n--\n\nCheck an instance for the module abc, which alone calls this.",
    ),
    Method::two(
        "_abc_subclasscheck",
        abc_subclasscheck,
        "_abc_subclasscheck($module, self, subclass, /)\n--\n\nCheck a subclass for the module abc, which alone calls this.",
    ),
    Method::one(
        "_get_dump",
        get_dump,
        "_get_dump($module, self, /)\n--\n\nCopies of the registry and both caches, and the version of the negative one.",
    ),
    Method::one(
        "_reset_registry",
        reset_registry,
        "_reset_registry($module, self, /)\n--\n\nForget what is registered.",
    ),
    Method::one("_reset_caches", reset_caches, "_reset_caches($module, self, /)\n--\n\nForget the cached answers."),
];

fn execute(cx: &Cx, _module: Ref<Module>) -> PyResult<()> {
    native_type(cx, &DATA_TYPE)?;
    native_type(cx, &class_set::TYPE)?;
    Ok(())
}

/// The module.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_abc",
    doc: "Module contains faster C implementation of abc.ABCMeta",
    functions: FUNCTIONS,
    types: &[],
    execute: Some(execute),
};
