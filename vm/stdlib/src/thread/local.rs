//! `_thread._local`: an object with a namespace per thread.
//!
//! The object holds a dict from thread numbers to namespaces. A thread that ends removes its namespaces: it keeps weak
//! references to the objects where it has one. Numbers are never used twice, so nobody sees what another thread left.

use countless_vm::gc::{Header, Tracer};
use countless_vm::native::args::Args;
use countless_vm::native::definition::{TypeDef, TypeFlags};
use countless_vm::object::attribute::{bind_descriptor, is_data_descriptor, lookup, missing_attribute};
use countless_vm::object::cell::{Cell, Layout, Ref, RefField};
use countless_vm::object::slots::{SlotId, Slots};
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::PyResult;
use countless_vm::types::dict::Dict;
use countless_vm::types::list::List;
use countless_vm::types::tuple::Tuple;
use countless_vm::types::type_object::TypeObject;
use countless_vm::types::weakref::{WeakRef, new_reference};
use countless_vm::types::{self, TypeId, ids};

/// The cell.
#[repr(C)]
pub struct Local {
    header: Header,
    /// Namespaces by thread number.
    table: RefField<Dict>,
    /// What `__init__` is called with in each thread.
    args: RefField<Tuple>,
    keywords: RefField<Dict>,
}

static LAYOUT: Layout = Layout::of::<Local>("_thread._local", TypeId::FREE, Some(&types::object::LAYOUT));

// SAFETY: `repr(C)`, header first; all fields are reported. (Zero is an object without a table: never published.)
unsafe impl Cell for Local {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.table.trace(tracer);
        self.args.trace(tracer);
        self.keywords.trace(tracer);
    }
}

/// Lists longer than this are cleaned of dead references before they grow.
const CLEANED_FROM: usize = 64;

/// Remembers that the thread has a namespace in the object.
fn remember(cx: &Cx, local: Ref<Local>) -> PyResult<()> {
    let list = match cx.thread.locals.get().and_then(|value| value.downcast::<List>(cx)) {
        Some(list) if list.len() < CLEANED_FROM || !list.len().is_power_of_two() => list,
        Some(list) => {
            let alive = cx.new_list();
            for reference in list.iter() {
                if reference.downcast::<WeakRef>(cx).is_some_and(|reference| reference.get(cx).is_some()) {
                    alive.push(cx, reference)?;
                }
            }
            alive
        }
        None => cx.new_list(),
    };
    cx.thread.locals.set(Some(list.value()));
    let reference = new_reference(cx, cx.builtin_type(ids::WEAKREF), local.value(), None)?;
    list.push(cx, reference.value())
}

/// Removes the namespaces of a thread that ends.
pub(super) fn forget_thread(cx: &Cx) -> PyResult<()> {
    let Some(list) = cx.thread.locals.take().and_then(|value| value.downcast::<List>(cx)) else { return Ok(()) };
    for reference in list.iter() {
        let local = reference.downcast::<WeakRef>(cx).and_then(|reference| reference.get(cx));
        if let Some(table) = local.and_then(|local| local.downcast::<Local>(cx)).and_then(|local| local.table.get()) {
            table.remove(cx, Value::int(cx.thread.number as i64))?;
        }
    }
    Ok(())
}

fn initializes(cx: &Cx, class: Ref<TypeObject>) -> bool {
    class.slots.raw(SlotId::init) != cx.builtin_type(ids::OBJECT).slots.raw(SlotId::init)
}

fn add_namespace(cx: &Cx, local: Ref<Local>, table: Ref<Dict>) -> PyResult<Ref<Dict>> {
    let namespace = cx.new_dict();
    table.set(cx, Value::int(cx.thread.number as i64), namespace.value())?;
    remember(cx, local)?;
    Ok(namespace)
}

/// The calling thread's namespace; `__init__` runs if there was none.
fn namespace(cx: &Cx, local: Ref<Local>) -> PyResult<Ref<Dict>> {
    let Some(table) = local.table.get() else { return Ok(cx.new_dict()) };
    let number = Value::int(cx.thread.number as i64);
    if let Some(found) = table.get(cx, number)?.and_then(|found| found.downcast::<Dict>(cx)) {
        return Ok(found);
    }
    let fresh = add_namespace(cx, local, table)?;
    let class = cx.type_of(local.value());
    if initializes(cx, class) {
        let args = local.args.get().unwrap_or_else(|| cx.empty_tuple());
        let init = cx.get_attribute(class.value(), cx.names().__init__)?;
        let whole = cx.new_tuple(&[local.value()]).concatenated(cx, args)?;
        if let Err(raised) = cx.call_unpacked(init, whole, local.keywords.get()) {
            table.remove(cx, number)?;
            return Err(raised);
        }
    }
    Ok(fresh)
}

fn new(cx: &Cx, class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    if !args.are_none() && !initializes(cx, class) {
        return Err(cx.type_error("Initialization arguments are not supported"));
    }
    let positional = cx.new_blank_tuple(args.len());
    for (index, value) in args.iter().enumerate() {
        positional.init(index, value);
    }
    let keywords = match args.keyword_count() {
        0 => None,
        _ => {
            let dict = cx.new_dict();
            for (name, value) in args.keywords() {
                dict.set_name(cx, name, value)?;
            }
            Some(dict)
        }
    };
    let table = cx.new_dict();
    let contents = Local {
        header: Header::default(),
        table: RefField::new(table),
        args: RefField::new(positional),
        keywords: RefField::from_option(keywords),
    };
    let local = cx.allocate_instance(class, contents);
    add_namespace(cx, local, table)?;
    Ok(local.value())
}

fn this(value: Value) -> Ref<Local> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn get_attribute(cx: &Cx, object: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    let namespace = namespace(cx, this(object))?;
    if name == cx.names().__dict__ {
        return Ok(namespace.value());
    }
    let class = cx.type_of(object);
    let in_class = lookup(cx, class, name);
    if let Some(descriptor) = in_class
        && is_data_descriptor(cx, descriptor)
    {
        return bind_descriptor(cx, descriptor, Some(object), class);
    }
    if let Some(value) = namespace.get_name(cx, name)? {
        return Ok(value);
    }
    match in_class {
        Some(descriptor) => bind_descriptor(cx, descriptor, Some(object), class),
        None => Err(missing_attribute(cx, object, name)),
    }
}

fn set_attribute(cx: &Cx, object: Value, name: Value, value: Option<Value>) -> PyResult<()> {
    let name = cx.attribute_name(name)?;
    if name == cx.names().__dict__ {
        let class = object.class_name(cx);
        let class = if class == "_local" { "_thread._local" } else { &class };
        return Err(raise!(cx, AttributeError, "'{class}' object attribute '__dict__' is read-only"));
    }
    let namespace = namespace(cx, this(object))?;
    if let Some(descriptor) = lookup(cx, cx.type_of(object), name)
        && let Some(set) = cx.type_of(descriptor).slots.descriptor_set()
    {
        return set(cx, descriptor, object, value);
    }
    match value {
        Some(value) => namespace.set_name(cx, name, value),
        None => match namespace.remove(cx, name.value())? {
            Some(_) => Ok(()),
            None => Err(missing_attribute(cx, object, name)),
        },
    }
}

/// `_thread._local`.
pub(super) static TYPE: TypeDef = TypeDef {
    module: "_thread",
    doc: "_local()\n--\n\nAn object whose attributes each thread has for itself.",
    base: Some(&types::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        new: Some(new),
        get_attribute: Some(get_attribute),
        set_attribute: Some(set_attribute),
        ..Slots::NONE
    },
    ..TypeDef::new("_local", &LAYOUT)
};
