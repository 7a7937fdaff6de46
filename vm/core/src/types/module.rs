//! `module`.

use countless_gc::{Header, Tracer};

use super::dict::Dict;
use super::ids;
use super::str::Str;
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, Method, ModuleDef, TypeDef, TypeFlags};
use crate::object::attribute::{bind_descriptor, generic_get_optional, generic_set, is_data_descriptor, lookup};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::protocol;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::type_object::TypeObject;

/// The cell.
#[repr(C)]
pub struct Module {
    header: Header,
    /// The namespace; also the dictionary word of instances of subclasses (see `object::shape`).
    dict: RefField<Dict>,
    /// What a native module keeps for itself.
    state: Field,
    /// The definition of a native module; null for others.
    definition: usize,
}

/// The layout of modules.
pub static LAYOUT: Layout = Layout::of::<Module>("module", ids::MODULE, Some(&super::object::LAYOUT))
    .with_dictionary(std::mem::offset_of!(Module, dict));

// SAFETY: `repr(C)`, header first, zero is a module without namespace; all fields are reported.
unsafe impl Cell for Module {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.dict.trace(tracer);
        self.state.trace(tracer);
    }
}

impl Module {
    /// The namespace.
    #[inline(always)]
    pub fn dict(&self) -> Ref<Dict> {
        self.dict.get().expect("a module has a namespace")
    }

    /// What the native module keeps for itself, stored by [`Module::set_state`].
    pub fn state(&self) -> Option<Value> {
        self.state.get()
    }

    /// Stores what the native module keeps for itself.
    pub fn set_state(&self, cx: &Cx, state: Value) {
        self.state.set(cx, state);
    }

    /// The definition, if the module is native.
    pub fn definition(&self) -> Option<&'static ModuleDef> {
        let address = std::ptr::with_exposed_provenance::<ModuleDef>(self.definition);
        // SAFETY: only addresses of `&'static ModuleDef` and null are stored.
        unsafe { address.as_ref() }
    }
}

impl Cx {
    /// An empty module of the name.
    pub fn new_module(&self, name: &str) -> PyResult<Ref<Module>> {
        let module = self.allocate(Module {
            header: Header::default(),
            dict: RefField::new(self.new_dict()),
            state: Field::empty(),
            definition: 0,
        });
        initialize(self, module, self.intern_str(name).value(), Value::NONE)?;
        Ok(module)
    }

    /// A native module: its functions and types in place, `execute` run.
    pub fn new_native_module(&self, definition: &'static ModuleDef) -> PyResult<Ref<Module>> {
        let module = self.allocate(Module {
            header: Header::default(),
            dict: RefField::new(self.new_dict()),
            state: Field::empty(),
            definition: (&raw const *definition).expose_provenance(),
        });
        let doc = if definition.doc.is_empty() { Value::NONE } else { self.new_str(definition.doc).value() };
        let name = self.intern_str(definition.name).value();
        initialize(self, module, name, doc)?;
        self.fill_native_module(module, definition)?;
        Ok(module)
    }

    /// Puts a definition's functions and types into a module's namespace and runs its `execute`.
    pub fn fill_native_module(&self, module: Ref<Module>, definition: &'static ModuleDef) -> PyResult<()> {
        let name = self.intern_str(definition.name).value();
        let room = module.dict().len() + definition.functions.len() + definition.types.len();
        module.dict().reserve(self, room)?;
        for method in definition.functions {
            let function = self.new_builtin_function(method, module.value(), Some(name), None);
            module.dict().set_name(self, self.intern_str(method.name), function.value())?;
        }
        for definition in definition.types {
            let class = crate::runtime::bootstrap::native_type(self, definition)?;
            module.dict().set_name(self, self.intern_str(definition.name), class.value())?;
        }
        match definition.execute {
            Some(execute) => execute(self, module),
            None => Ok(()),
        }
    }

    /// Sets an attribute of a module under construction.
    pub fn add_to_module(&self, module: Ref<Module>, name: &str, value: Value) -> PyResult<()> {
        module.dict().set_name(self, self.intern_str(name), value)
    }
}

impl Cx {
    /// What the name stands for in the module `builtins`.
    pub fn builtin(&self, name: &str) -> PyResult {
        builtin(self, name)
    }
}

/// What the name stands for in the module `builtins`.
pub fn builtin(cx: &Cx, name: &str) -> PyResult {
    let name = cx.intern_str(name);
    let found = match cx.vm().builtins.get() {
        Some(builtins) => builtins.dict().get_name(cx, name)?,
        None => None,
    };
    found.ok_or(()).map_err(|()| raise!(cx, AttributeError, "module 'builtins' has no attribute '{}'", name.as_wtf8()))
}

fn initialize(cx: &Cx, module: Ref<Module>, name: Value, doc: Value) -> PyResult<()> {
    let (dict, names) = (module.dict(), cx.names());
    dict.set_name(cx, names.__name__, name)?;
    dict.set_name(cx, names.__doc__, doc)?;
    for name in [names.__package__, names.__loader__, names.__spec__] {
        dict.set_name(cx, name, Value::NONE)?;
    }
    Ok(())
}

fn this(value: Value) -> Ref<Module> {
    // SAFETY: called from slots of the type only.
    unsafe { Ref::from_value_unchecked(value) }
}

fn new(cx: &Cx, class: Ref<TypeObject>, _args: Args<'_>) -> PyResult {
    let module = cx.allocate_instance(
        class,
        Module { header: Header::default(), dict: RefField::empty(), state: Field::empty(), definition: 0 },
    );
    // The shape may say that the word holds slots: this makes it the dict that `dict()` expects.
    let dict = crate::object::attribute::instance_dict(cx, module.value())?;
    debug_assert!(module.dict() == dict);
    Ok(module.value())
}

static INIT: Signature<2> = Signature::new("module", ["name", "doc"]).required(1);

fn init(cx: &Cx, module: Value, args: Args<'_>) -> PyResult<()> {
    let [name, doc] = INIT.bind(cx, args)?;
    let name = name.unwrap_or(Value::NONE);
    if name.downcast::<Str>(cx).is_none() {
        return Err(raise!(cx, TypeError, "module() argument 'name' must be str, not {}", name.class_name(cx)));
    }
    initialize(cx, this(module), name, doc.unwrap_or(Value::NONE))
}

fn get_attribute(cx: &Cx, object: Value, name: Value) -> PyResult {
    let name = cx.attribute_name(name)?;
    let module = this(object);
    // The class's attributes are few: look into the namespace first unless a data descriptor has the name.
    let class = cx.type_of(object);
    let in_class = lookup(cx, class, name);
    if let Some(descriptor) = in_class
        && is_data_descriptor(cx, descriptor)
    {
        return bind_descriptor(cx, descriptor, Some(object), class);
    }
    if let Some(value) = module.dict().get_name(cx, name)? {
        return Ok(value);
    }
    if let Some(value) = generic_get_optional(cx, object, name)? {
        return Ok(value);
    }
    if let Some(function) = module.dict().get_name(cx, cx.names().__getattr__)? {
        return cx.call(function, &[name.value()]);
    }
    Err(missing(cx, module, name)?)
}

/// AttributeError for a module: says so when the module is still being imported, or shadows a library module.
#[cold]
fn missing(cx: &Cx, module: Ref<Module>, name: Ref<Str>) -> PyResult<crate::runtime::error::Raised> {
    let own = module.dict().get_name(cx, cx.names().__name__)?.and_then(|name| name.downcast::<Str>(cx));
    let text = name.as_wtf8();
    let message = match own {
        None => format!("module has no attribute '{text}'"),
        Some(own) => {
            let own = own.as_wtf8();
            if is_uninitialized_submodule(cx, module, name)? {
                format!("cannot access submodule '{text}' of module '{own}' (most likely due to a circular import)")
            } else if is_initializing(cx, module)? {
                format!(
                    "partially initialized module '{own}' has no attribute '{text}' (most likely due to a circular import)"
                )
            } else {
                format!("module '{own}' has no attribute '{text}'")
            }
        }
    };
    Ok(cx.raise_attribute_error(&message, module.value(), name))
}

/// Whether the name is a submodule that is being imported just now (`__spec__._uninitialized_submodules`).
fn is_uninitialized_submodule(cx: &Cx, module: Ref<Module>, name: Ref<Str>) -> PyResult<bool> {
    let Some(spec) = module.dict().get_name(cx, cx.names().__spec__)? else { return Ok(false) };
    if spec.is_none() {
        return Ok(false);
    }
    match cx.get_attribute_optional(spec, cx.intern_str("_uninitialized_submodules"))? {
        Some(submodules) => protocol::item::contains(cx, submodules, name.value()),
        None => Ok(false),
    }
}

/// Whether the module's import has not ended yet (`__spec__._initializing`).
pub fn is_initializing(cx: &Cx, module: Ref<Module>) -> PyResult<bool> {
    let Some(spec) = module.dict().get_name(cx, cx.names().__spec__)? else { return Ok(false) };
    if spec.is_none() {
        return Ok(false);
    }
    match cx.get_attribute_optional(spec, cx.names()._initializing)? {
        Some(value) => protocol::object::is_true(cx, value),
        None => Ok(false),
    }
}

fn repr(cx: &Cx, module: Value) -> PyResult {
    let dict = this(module).dict();
    let (names, spec) = (cx.names(), dict.get_name(cx, cx.names().__spec__)?);
    let name = match dict.get_name(cx, names.__name__)? {
        Some(name) => protocol::object::repr(cx, name)?.as_wtf8().to_string_lossy(),
        None => "'?'".to_owned(),
    };
    if let Some(spec) = spec.filter(|spec| !spec.is_none()) {
        let has_location = match cx.get_attribute_optional(spec, names.has_location)? {
            Some(value) => protocol::object::is_true(cx, value)?,
            None => false,
        };
        let origin = cx.get_attribute_optional(spec, names.origin)?.filter(|origin| !origin.is_none());
        if let Some(origin) = origin {
            let shown = if has_location {
                format!("from {}", protocol::object::repr(cx, origin)?.as_wtf8())
            } else {
                format!("({})", protocol::object::str(cx, origin)?.as_wtf8())
            };
            return Ok(cx.new_str(&format!("<module {name} {shown}>")).value());
        }
    }
    if let Some(file) = dict.get_name(cx, names.__file__)? {
        let file = protocol::object::repr(cx, file)?;
        return Ok(cx.new_str(&format!("<module {name} from {}>", file.as_wtf8())).value());
    }
    if let Some(loader) = dict.get_name(cx, names.__loader__)?.filter(|loader| !loader.is_none()) {
        let loader = protocol::object::repr(cx, loader)?;
        return Ok(cx.new_str(&format!("<module {name} ({})>", loader.as_wtf8())).value());
    }
    Ok(cx.new_str(&format!("<module {name}>")).value())
}

fn dir(cx: &Cx, module: Ref<Module>) -> PyResult {
    if let Some(function) = module.dict().get_name(cx, cx.intern_str("__dir__"))? {
        return cx.call(function, &[]);
    }
    let list = cx.new_list();
    for (name, _) in module.dict().iter() {
        list.push(cx, name)?;
    }
    Ok(list.value())
}

fn get_annotations(cx: &Cx, module: Ref<Module>) -> PyResult {
    let (dict, names) = (module.dict(), cx.names());
    if let Some(annotations) = dict.get_name(cx, names.__annotations__)? {
        return Ok(annotations);
    }
    let annotate = dict.get_name(cx, names.__annotate__)?.filter(|annotate| !annotate.is_none());
    let annotations = match annotate {
        Some(annotate) => {
            let result = cx.call(annotate, &[Value::int(1)])?;
            if result.downcast::<Dict>(cx).is_none() {
                let class = result.class_name(cx);
                return Err(raise!(cx, TypeError, "__annotate__ returned non-dict of type '{class}'"));
            }
            result
        }
        None => cx.new_dict().value(),
    };
    if !is_initializing(cx, module)? {
        dict.set_name(cx, names.__annotations__, annotations)?;
    }
    Ok(annotations)
}

fn set_annotations(cx: &Cx, module: Ref<Module>, value: Option<Value>) -> PyResult<()> {
    let (dict, names) = (module.dict(), cx.names());
    match value {
        Some(value) => dict.set_name(cx, names.__annotations__, value)?,
        None => {
            if dict.remove(cx, names.__annotations__.value())?.is_none() {
                return Err(raise!(cx, AttributeError, "__annotations__"));
            }
        }
    }
    if dict.get_name(cx, names.__annotate__)?.is_some() {
        dict.set_name(cx, names.__annotate__, Value::NONE)?;
    }
    Ok(())
}

fn get_annotate(cx: &Cx, module: Ref<Module>) -> PyResult {
    let (dict, names) = (module.dict(), cx.names());
    match dict.get_name(cx, names.__annotate__)? {
        Some(annotate) => Ok(annotate),
        None => {
            dict.set_name(cx, names.__annotate__, Value::NONE)?;
            Ok(Value::NONE)
        }
    }
}

fn set_annotate(cx: &Cx, module: Ref<Module>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("cannot delete __annotate__ attribute")) };
    if !value.is_none() && cx.type_of(value).slots.call().is_none() {
        return Err(cx.type_error("__annotate__ must be callable or None"));
    }
    let (dict, names) = (module.dict(), cx.names());
    dict.set_name(cx, names.__annotate__, value)?;
    if !value.is_none() {
        dict.remove(cx, names.__annotations__.value())?;
    }
    Ok(())
}

static METHODS: &[Method] =
    &[Method::none("__dir__", dir, "__dir__($self, /)\n--\n\nNames of the module's attributes.")];

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__dict__", |_cx, module: Ref<Module>| Ok(module.dict().value()), ""),
    GetSet::read_write("__annotations__", get_annotations, set_annotations, ""),
    GetSet::read_write("__annotate__", get_annotate, set_annotate, ""),
];

/// `module`.
pub static TYPE: TypeDef = TypeDef {
    doc: "module(name, doc=None)\n--\n\nA module object.\n\nThe name must be a string; the optional docstring can have any type.",
    base: Some(&super::object::TYPE),
    flags: TypeFlags::BASE.with(TypeFlags::HAS_DICT).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        new: Some(new),
        init: Some(init),
        repr: Some(repr),
        get_attribute: Some(get_attribute),
        set_attribute: Some(generic_set),
        ..Slots::NONE
    },
    methods: METHODS,
    attributes: ATTRIBUTES,
    ..TypeDef::new("module", &LAYOUT)
};
