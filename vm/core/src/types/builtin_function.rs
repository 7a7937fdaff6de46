//! Native functions as objects: `builtin_function_or_method`, and the descriptors that a native type's method rows
//! become (`method_descriptor`, `classmethod_descriptor`).

use countless_gc::{Header, Tracer};

use super::ids;
use super::type_object::TypeObject;
use crate::native::args::Args;
use crate::native::definition::{Binding, GetSet, Method, NativeFn, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::slots::{Comparison, SlotId, Slots};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};

/// A native function bound to its receiver: a method of a value, or a function of a module.
#[repr(C)]
pub struct BuiltinFunction {
    header: Header,
    method: &'static Method,
    /// The receiver: instance, class or module; unbound for static methods.
    receiver: Field,
    /// `__module__`.
    module: Field,
    /// The type whose row it is, for methods.
    owner: RefField<TypeObject>,
}

/// The layout of bound native functions.
pub static LAYOUT: Layout =
    Layout::of::<BuiltinFunction>("builtin_function_or_method", ids::BUILTIN_FUNCTION, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first; never zero when published (the collector reads only the fields, for which zero is
// empty); all fields are reported.
unsafe impl Cell for BuiltinFunction {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.receiver.trace(tracer);
        self.module.trace(tracer);
        self.owner.trace(tracer);
    }
}

impl BuiltinFunction {
    /// The row.
    #[inline(always)]
    pub fn method(&self) -> &'static Method {
        self.method
    }

    /// What is passed as the receiver.
    #[inline(always)]
    pub fn receiver(&self) -> Value {
        self.receiver.get_or_unbound()
    }

    /// The type whose row it is.
    pub fn owner(&self) -> Option<Ref<TypeObject>> {
        self.owner.get()
    }

    /// `Type.name` or `module.name` for messages.
    pub(crate) fn display_name(&self) -> String {
        let name = self.method.name;
        if let Some(owner) = self.owner.get() {
            return format!("{}.{name}", owner.name().as_wtf8());
        }
        match self.module.get().and_then(|module| module.exact::<super::str::Str>()) {
            Some(module) if module.as_wtf8().as_bytes() != b"builtins" => format!("{}.{name}", module.as_wtf8()),
            _ => name.to_owned(),
        }
    }
}

/// A method row of a type.
#[repr(C)]
pub struct MethodDescriptor {
    header: Header,
    method: &'static Method,
    owner: RefField<TypeObject>,
}

/// The layout of method descriptors.
pub static DESCRIPTOR_LAYOUT: Layout =
    Layout::of::<MethodDescriptor>("method_descriptor", ids::METHOD_DESCRIPTOR, Some(&super::object::LAYOUT));

// SAFETY: as for `BuiltinFunction`.
unsafe impl Cell for MethodDescriptor {
    fn layout() -> &'static Layout {
        &DESCRIPTOR_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.owner.trace(tracer);
    }
}

/// The same cell for a class method of a type.
#[repr(C)]
pub struct ClassMethodDescriptor(MethodDescriptor);

/// The layout of class method descriptors.
pub static CLASS_DESCRIPTOR_LAYOUT: Layout = Layout::of::<ClassMethodDescriptor>(
    "classmethod_descriptor",
    ids::CLASSMETHOD_DESCRIPTOR,
    Some(&super::object::LAYOUT),
);

// SAFETY: as for `BuiltinFunction`.
unsafe impl Cell for ClassMethodDescriptor {
    fn layout() -> &'static Layout {
        &CLASS_DESCRIPTOR_LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.0.trace(tracer);
    }
}

impl MethodDescriptor {
    /// The row.
    #[inline(always)]
    pub fn method(&self) -> &'static Method {
        self.method
    }

    /// The type whose row it is.
    #[inline(always)]
    pub fn owner(&self) -> Ref<TypeObject> {
        self.owner.get().expect("a descriptor has an owner")
    }
}

impl Cx {
    /// A native function bound to a receiver.
    pub fn new_builtin_function(
        &self,
        method: &'static Method,
        receiver: Value,
        module: Option<Value>,
        owner: Option<Ref<TypeObject>>,
    ) -> Ref<BuiltinFunction> {
        self.allocate(BuiltinFunction {
            header: Header::default(),
            method,
            receiver: Field::new(receiver),
            module: module.map_or(Field::empty(), Field::new),
            owner: RefField::from_option(owner),
        })
    }

    /// What stands in a type's namespace for one of its method rows.
    pub(crate) fn new_method_descriptor(&self, method: &'static Method, owner: Ref<TypeObject>) -> Value {
        let cell = MethodDescriptor { header: Header::default(), method, owner: RefField::new(owner) };
        match method.binding {
            Binding::Instance => self.allocate(cell).value(),
            Binding::Class => self.allocate(ClassMethodDescriptor(cell)).value(),
            Binding::Static => {
                let function = self.new_builtin_function(method, Value::UNBOUND, None, Some(owner));
                super::staticmethod::new(self, function.value())
            }
        }
    }

    /// Calls a native function: checks the number of arguments, then passes them as its kind wants.
    #[inline]
    pub fn call_native(
        &self,
        method: &'static Method,
        receiver: Value,
        args: Args<'_>,
        name: &dyn Fn() -> String,
    ) -> PyResult {
        let no_keywords = args.keyword_count() == 0;
        match (method.function, args.len()) {
            (NativeFn::Many(function), _) => function(self, receiver, args),
            (NativeFn::None(function), 0) if no_keywords => function(self, receiver),
            (NativeFn::One(function), 1) if no_keywords => function(self, receiver, args.get(0).unwrap_or(Value::NONE)),
            (NativeFn::Two(function), 2) if no_keywords => {
                let (first, second) = (args.get(0).unwrap_or(Value::NONE), args.get(1).unwrap_or(Value::NONE));
                function(self, receiver, first, second)
            }
            (NativeFn::Optional(function), 0 | 1) if no_keywords => function(self, receiver, args.get(0)),
            _ => Err(self.wrong_arguments(method, args, &name())),
        }
    }

    #[cold]
    fn wrong_arguments(&self, method: &Method, args: Args<'_>, name: &str) -> Raised {
        let given = args.len();
        if args.keyword_count() > 0 {
            return raise!(self, TypeError, "{name}() takes no keyword arguments");
        }
        match method.function {
            NativeFn::None(_) => raise!(self, TypeError, "{name}() takes no arguments ({given} given)"),
            NativeFn::One(_) => raise!(self, TypeError, "{name}() takes exactly one argument ({given} given)"),
            NativeFn::Two(_) => {
                let name = method.name;
                raise!(self, TypeError, "{name} expected 2 arguments, got {given}")
            }
            NativeFn::Optional(_) => {
                let name = method.name;
                raise!(self, TypeError, "{name} expected at most 1 argument, got {given}")
            }
            NativeFn::Many(_) => raise!(self, TypeError, "{name}() got the wrong arguments"),
        }
    }
}

fn call(cx: &Cx, function: Value, args: Args<'_>) -> PyResult {
    // SAFETY: the slot belongs to the type.
    let function: Ref<BuiltinFunction> = unsafe { Ref::from_value_unchecked(function) };
    cx.call_native(function.method, function.receiver(), args, &|| function.display_name())
}

fn call_descriptor(cx: &Cx, descriptor: Value, args: Args<'_>) -> PyResult {
    // SAFETY: the slot belongs to the type.
    let descriptor: Ref<MethodDescriptor> = unsafe { Ref::from_value_unchecked(descriptor) };
    let (owner, name) = (descriptor.owner(), descriptor.method.name);
    let Some(receiver) = args.get(0) else {
        let owner = owner.name();
        let owner = owner.as_wtf8();
        return Err(raise!(cx, TypeError, "unbound method {owner}.{name}() needs an argument"));
    };
    check_receiver(cx, descriptor, receiver)?;
    cx.call_native(descriptor.method, receiver, args.skip(1), &|| format!("{}.{name}", owner.name().as_wtf8()))
}

/// TypeError unless the receiver is an instance of the descriptor's type.
#[inline(always)]
pub fn check_receiver(cx: &Cx, descriptor: Ref<MethodDescriptor>, receiver: Value) -> PyResult<()> {
    if descriptor.owner.get() == Some(cx.type_of(receiver)) {
        return Ok(());
    }
    check_subclass(cx, descriptor, receiver)
}

#[inline(never)]
fn check_subclass(cx: &Cx, descriptor: Ref<MethodDescriptor>, receiver: Value) -> PyResult<()> {
    let owner = descriptor.owner();
    if cx.type_of(receiver).is_subclass(owner) {
        return Ok(());
    }
    let (name, owner, class) = (descriptor.method.name, owner.display_name(), receiver.class_name(cx));
    Err(raise!(cx, TypeError, "descriptor '{name}' for '{owner}' objects doesn't apply to a '{class}' object"))
}

fn get_descriptor(cx: &Cx, descriptor: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    // SAFETY: the slot belongs to the type.
    let descriptor: Ref<MethodDescriptor> = unsafe { Ref::from_value_unchecked(descriptor) };
    let Some(instance) = instance else { return Ok(descriptor.value()) };
    check_receiver(cx, descriptor, instance)?;
    Ok(cx.new_builtin_function(descriptor.method, instance, None, Some(descriptor.owner())).value())
}

fn get_class_descriptor(cx: &Cx, descriptor: Value, instance: Option<Value>, owner: Option<Value>) -> PyResult {
    // SAFETY: the slot belongs to the type; the cell is a method descriptor.
    let descriptor: Ref<MethodDescriptor> = unsafe { Ref::from_value_unchecked(descriptor) };
    let class = match (owner, instance) {
        (Some(owner), _) => owner,
        (None, Some(instance)) => cx.type_of(instance).value(),
        (None, None) => {
            let (name, owner) = (descriptor.method.name, descriptor.owner().display_name());
            return Err(raise!(
                cx,
                TypeError,
                "descriptor '{name}' for type '{owner}' needs either an object or a type"
            ));
        }
    };
    let is_subclass = class.as_class(cx).is_some_and(|class| class.is_subclass(descriptor.owner()));
    if !is_subclass {
        let (name, owner) = (descriptor.method.name, descriptor.owner().display_name());
        let class = class.as_class(cx).map_or_else(|| class.class_name(cx), |class| class.display_name());
        return Err(raise!(
            cx,
            TypeError,
            "descriptor '{name}' requires a subtype of '{owner}' but received '{class}'"
        ));
    }
    Ok(cx.new_builtin_function(descriptor.method, class, None, Some(descriptor.owner())).value())
}

fn call_class_descriptor(cx: &Cx, descriptor: Value, args: Args<'_>) -> PyResult {
    let Some(class) = args.get(0) else {
        // SAFETY: the slot belongs to the type; the cell is a method descriptor.
        let descriptor: Ref<MethodDescriptor> = unsafe { Ref::from_value_unchecked(descriptor) };
        let (name, owner) = (descriptor.method.name, descriptor.owner().display_name());
        return Err(raise!(cx, TypeError, "descriptor '{name}' of '{owner}' object needs an argument"));
    };
    let bound = get_class_descriptor(cx, descriptor, None, Some(class))?;
    cx.call_args(bound, args.skip(1))
}

/// The documentation part of a row's text, without the signature line.
pub fn documentation(text: &str) -> Option<&str> {
    match text.split_once("\n--\n\n") {
        Some((_, doc)) => Some(doc),
        None => Some(text).filter(|text| !text.is_empty()),
    }
}

/// The signature of a row's text, `(…)`.
pub fn text_signature(text: &str) -> Option<&str> {
    let (signature, _) = text.split_once("\n--\n\n")?;
    signature.find('(').map(|start| &signature[start..])
}

fn optional_str(cx: &Cx, text: Option<&str>) -> PyResult {
    Ok(text.map_or(Value::NONE, |text| cx.new_str(text).value()))
}

fn function_name(cx: &Cx, function: Ref<BuiltinFunction>) -> PyResult {
    Ok(cx.intern_str(function.method.name).value())
}

fn function_qualified_name(cx: &Cx, function: Ref<BuiltinFunction>) -> PyResult {
    Ok(match function.owner.get() {
        Some(owner) => {
            let owner = super::type_attribute::qualified_name(cx, owner)?;
            cx.new_str(&format!("{}.{}", owner.as_wtf8(), function.method.name)).value()
        }
        None => cx.intern_str(function.method.name).value(),
    })
}

fn function_module(_cx: &Cx, function: Ref<BuiltinFunction>) -> PyResult {
    Ok(function.module.get_or_none())
}

fn function_doc(cx: &Cx, function: Ref<BuiltinFunction>) -> PyResult {
    optional_str(cx, documentation(function.method.doc))
}

fn function_signature(cx: &Cx, function: Ref<BuiltinFunction>) -> PyResult {
    optional_str(cx, text_signature(function.method.doc))
}

fn function_self(_cx: &Cx, function: Ref<BuiltinFunction>) -> PyResult {
    Ok(function.receiver().bound().unwrap_or(Value::NONE))
}

fn function_repr(cx: &Cx, function: Value) -> PyResult {
    // SAFETY: the slot belongs to the type.
    let function: Ref<BuiltinFunction> = unsafe { Ref::from_value_unchecked(function) };
    let (name, receiver) = (function.method.name, function.receiver());
    if receiver.is_unbound() || receiver.is_exactly(ids::MODULE) {
        return Ok(cx.new_str(&format!("<built-in function {name}>")).value());
    }
    let (class, address) = (receiver.class_name(cx), receiver.identity());
    Ok(cx.new_str(&format!("<built-in method {name} of {class} object at {address:#x}>")).value())
}

fn same_function(left: Value, right: Value) -> Option<bool> {
    let (left, right) = (left.exact::<BuiltinFunction>()?, right.exact::<BuiltinFunction>()?);
    Some(std::ptr::eq(left.method, right.method) && left.receiver() == right.receiver())
}

fn function_compare(_cx: &Cx, left: Value, right: Value, comparison: Comparison) -> PyResult {
    Ok(match (same_function(left, right), comparison) {
        (Some(same), Comparison::Equal) => Value::bool(same),
        (Some(same), Comparison::NotEqual) => Value::bool(!same),
        _ => Value::NOT_IMPLEMENTED,
    })
}

fn function_hash(_cx: &Cx, function: Value) -> PyResult<i64> {
    // SAFETY: the slot belongs to the type.
    let function: Ref<BuiltinFunction> = unsafe { Ref::from_value_unchecked(function) };
    let hash = (std::ptr::from_ref(function.method).addr() >> 4) as i64 ^ (function.receiver().identity() >> 4) as i64;
    Ok(if hash == -1 { -2 } else { hash })
}

fn function_reduce(cx: &Cx, function: Ref<BuiltinFunction>) -> PyResult {
    let receiver = function.receiver();
    let name = cx.intern_str(function.method.name).value();
    if receiver.is_unbound() || receiver.is_exactly(ids::MODULE) {
        return Ok(name);
    }
    let getattr = super::module::builtin(cx, "getattr")?;
    let args = cx.new_tuple(&[receiver, name]);
    Ok(cx.new_tuple(&[getattr, args.value()]).value())
}

fn descriptor_name(cx: &Cx, descriptor: Ref<MethodDescriptor>) -> PyResult {
    Ok(cx.intern_str(descriptor.method.name).value())
}

fn descriptor_qualified_name(cx: &Cx, descriptor: Ref<MethodDescriptor>) -> PyResult {
    let owner = super::type_attribute::qualified_name(cx, descriptor.owner())?;
    Ok(cx.new_str(&format!("{}.{}", owner.as_wtf8(), descriptor.method.name)).value())
}

fn descriptor_owner(_cx: &Cx, descriptor: Ref<MethodDescriptor>) -> PyResult {
    Ok(descriptor.owner().value())
}

fn descriptor_doc(cx: &Cx, descriptor: Ref<MethodDescriptor>) -> PyResult {
    optional_str(cx, documentation(descriptor.method.doc))
}

fn descriptor_signature(cx: &Cx, descriptor: Ref<MethodDescriptor>) -> PyResult {
    optional_str(cx, text_signature(descriptor.method.doc))
}

fn descriptor_repr(cx: &Cx, descriptor: Value) -> PyResult {
    // SAFETY: the slot belongs to the types of these cells.
    let descriptor: Ref<MethodDescriptor> = unsafe { Ref::from_value_unchecked(descriptor) };
    let (name, owner) = (descriptor.method.name, descriptor.owner().display_name());
    Ok(cx.new_str(&format!("<method '{name}' of '{owner}' objects>")).value())
}

fn descriptor_reduce(cx: &Cx, descriptor: Ref<MethodDescriptor>) -> PyResult {
    let getattr = super::module::builtin(cx, "getattr")?;
    let name = cx.intern_str(descriptor.method.name).value();
    let args = cx.new_tuple(&[descriptor.owner().value(), name]);
    Ok(cx.new_tuple(&[getattr, args.value()]).value())
}

/// The type whose `__new__` a namespace's value is, if it is a native one.
pub fn new_of(cx: &Cx, value: Value) -> Option<Ref<TypeObject>> {
    let function = match value.exact::<BuiltinFunction>() {
        Some(function) => function,
        None => super::staticmethod::wrapped(value)?.exact::<BuiltinFunction>()?,
    };
    (function.method.name == "__new__").then(|| function.receiver().as_class(cx))?
}

/// The row of every native type's `__new__`; its receiver is the type.
pub static NEW: Method = Method::many(
    "__new__",
    call_new,
    "__new__($type, *args, **kwargs)\n--\n\nCreate and return a new object.  See help(type) for accurate signature.",
);

fn call_new(cx: &Cx, owner: Value, args: Args<'_>) -> PyResult {
    let owner = owner.as_class(cx).ok_or(()).map_err(|()| cx.type_error("__new__() called with non-type 'self'"))?;
    let name = owner.display_name();
    let Some(first) = args.get(0) else {
        return Err(raise!(cx, TypeError, "{name}.__new__(): not enough arguments"));
    };
    let Some(class) = first.as_class(cx) else {
        let given = first.class_name(cx);
        return Err(raise!(cx, TypeError, "{name}.__new__(X): X is not a type object ({given})"));
    };
    if !class.is_subclass(owner) {
        let class = class.display_name();
        return Err(raise!(cx, TypeError, "{name}.__new__({class}): {class} is not a subtype of {name}"));
    }
    // The nearest native base decides how the cell is laid out.
    let mut base = class;
    while base.is_heap_type() {
        match base.base() {
            Some(next) => base = next,
            None => break,
        }
    }
    if base.slots.raw(SlotId::new) != owner.slots.raw(SlotId::new) {
        let (class, base) = (class.display_name(), base.display_name());
        return Err(raise!(cx, TypeError, "{name}.__new__({class}) is not safe, use {base}.__new__()"));
    }
    match owner.slots.new() {
        Some(new) => new(cx, class, args.skip(1)),
        None => Err(raise!(cx, TypeError, "cannot create '{name}' instances")),
    }
}

/// Whether the value is the builtin `print`.
pub fn is_print(_cx: &Cx, value: Value) -> bool {
    value.exact::<BuiltinFunction>().is_some_and(|function| function.method.name == "print")
}

static FUNCTION_METHODS: &[Method] =
    &[Method::none("__reduce__", function_reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static FUNCTION_ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__name__", function_name, ""),
    GetSet::read_only("__qualname__", function_qualified_name, ""),
    GetSet::read_only("__module__", function_module, ""),
    GetSet::read_only("__doc__", function_doc, ""),
    GetSet::read_only("__self__", function_self, ""),
    GetSet::read_only("__text_signature__", function_signature, ""),
];

static DESCRIPTOR_METHODS: &[Method] =
    &[Method::none("__reduce__", descriptor_reduce, "__reduce__($self, /)\n--\n\nHelper for pickle.")];

static DESCRIPTOR_ATTRIBUTES: &[GetSet] = &[
    GetSet::read_only("__name__", descriptor_name, ""),
    GetSet::read_only("__qualname__", descriptor_qualified_name, ""),
    GetSet::read_only("__objclass__", descriptor_owner, ""),
    GetSet::read_only("__doc__", descriptor_doc, ""),
    GetSet::read_only("__text_signature__", descriptor_signature, ""),
];

/// `builtin_function_or_method`.
pub static TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW.with(TypeFlags::WEAK_REFERENCES),
    slots: Slots {
        call: Some(call),
        repr: Some(function_repr),
        hash: Some(function_hash),
        compare: Some(function_compare),
        ..Slots::NONE
    },
    methods: FUNCTION_METHODS,
    attributes: FUNCTION_ATTRIBUTES,
    ..TypeDef::new("builtin_function_or_method", &LAYOUT)
};

/// `method_descriptor`.
pub static DESCRIPTOR_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW.with(TypeFlags::METHOD_DESCRIPTOR),
    slots: Slots {
        call: Some(call_descriptor),
        repr: Some(descriptor_repr),
        descriptor_get: Some(get_descriptor),
        ..Slots::NONE
    },
    methods: DESCRIPTOR_METHODS,
    attributes: DESCRIPTOR_ATTRIBUTES,
    ..TypeDef::new("method_descriptor", &DESCRIPTOR_LAYOUT)
};

/// `classmethod_descriptor`.
pub static CLASS_DESCRIPTOR_TYPE: TypeDef = TypeDef {
    flags: TypeFlags::NO_NEW,
    slots: Slots {
        call: Some(call_class_descriptor),
        repr: Some(descriptor_repr),
        descriptor_get: Some(get_class_descriptor),
        ..Slots::NONE
    },
    attributes: DESCRIPTOR_ATTRIBUTES,
    ..TypeDef::new("classmethod_descriptor", &CLASS_DESCRIPTOR_LAYOUT)
};
