//! `function`: a code object with its globals, closure and defaults.
//!
//! Everything but globals and builtins may be assigned while the function runs; a running frame keeps the code it was
//! entered with, and a call reads the code once.

use countless_compiler::bytecode::CodeFlags;
use countless_gc::{Header, Tracer};

use super::code::CodeObject;
use super::dict::Dict;
use super::ids;
use super::module::Module;
use super::str::Str;
use super::tuple::Tuple;
use crate::native::args::{Args, Signature};
use crate::native::definition::{GetSet, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref, RefField};
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::type_object::TypeObject;

/// The cell.
#[repr(C)]
pub struct Function {
    header: Header,
    code: RefField<CodeObject>,
    globals: RefField<Dict>,
    /// A dict, or whatever `globals["__builtins__"]` was.
    builtins: Field,
    defaults: RefField<Tuple>,
    keyword_defaults: RefField<Dict>,
    closure: RefField<Tuple>,
    name: RefField<Str>,
    qualified_name: RefField<Str>,
    module: Field,
    /// Empty until asked for: then from the code.
    doc: Field,
    annotations: RefField<Dict>,
    annotate: Field,
    type_parameters: RefField<Tuple>,
    dict: RefField<Dict>,
}

/// The layout of functions.
pub static LAYOUT: Layout = Layout::of::<Function>("function", ids::FUNCTION, Some(&super::object::LAYOUT))
    .with_dictionary(std::mem::offset_of!(Function, dict));

// SAFETY: `repr(C)`, header first, zero is a function without code (never called); all fields are reported.
unsafe impl Cell for Function {
    const MAY_BE_PROMPT: bool = false;

    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.code.trace(tracer);
        self.globals.trace(tracer);
        self.builtins.trace(tracer);
        self.defaults.trace(tracer);
        self.keyword_defaults.trace(tracer);
        self.closure.trace(tracer);
        self.name.trace(tracer);
        self.qualified_name.trace(tracer);
        self.module.trace(tracer);
        self.doc.trace(tracer);
        self.annotations.trace(tracer);
        self.annotate.trace(tracer);
        self.type_parameters.trace(tracer);
        self.dict.trace(tracer);
    }
}

impl Function {
    /// The code.
    #[inline(always)]
    pub fn code(&self) -> Ref<CodeObject> {
        let code = self.code.get();
        debug_assert!(code.is_some());
        // SAFETY: set when the function is made, and only ever replaced by another code.
        unsafe { code.unwrap_unchecked() }
    }

    /// The globals.
    #[inline(always)]
    pub fn globals(&self) -> Ref<Dict> {
        let globals = self.globals.get();
        debug_assert!(globals.is_some());
        // SAFETY: set when the function is made and never changed.
        unsafe { globals.unwrap_unchecked() }
    }

    /// The builtins: a dict, or whatever `__builtins__` was.
    #[inline(always)]
    pub fn builtins(&self) -> Value {
        self.builtins.get_or_none()
    }

    /// Defaults of the last positional parameters.
    #[inline(always)]
    pub fn defaults(&self) -> Option<Ref<Tuple>> {
        self.defaults.get()
    }

    /// Defaults of keyword-only parameters.
    #[inline(always)]
    pub fn keyword_defaults(&self) -> Option<Ref<Dict>> {
        self.keyword_defaults.get()
    }

    /// The cells of the enclosing functions' variables.
    #[inline(always)]
    pub fn closure(&self) -> Option<Ref<Tuple>> {
        self.closure.get()
    }

    /// `__name__`.
    pub fn name(&self) -> Ref<Str> {
        self.name.get().unwrap_or_else(|| self.code().name())
    }

    /// `__qualname__`.
    pub fn qualified_name(&self) -> Ref<Str> {
        self.qualified_name.get().unwrap_or_else(|| self.code().qualified_name())
    }
}

impl Ref<Function> {
    /// Sets the defaults of a function under construction.
    pub fn set_defaults(self, cx: &Cx, defaults: Option<Ref<Tuple>>, keyword_defaults: Option<Ref<Dict>>) {
        self.defaults.set_option(cx, defaults);
        self.keyword_defaults.set_option(cx, keyword_defaults);
    }

    /// Sets the closure of a function under construction.
    pub fn set_closure(self, cx: &Cx, closure: Option<Ref<Tuple>>) {
        self.closure.set_option(cx, closure);
    }

    /// Sets what makes the annotations.
    pub fn set_annotate(self, cx: &Cx, annotate: Value) {
        self.annotate.set(cx, annotate);
    }

    /// Sets `__type_params__`.
    pub fn set_type_parameters(self, cx: &Cx, parameters: Ref<Tuple>) {
        self.type_parameters.set(cx, parameters);
    }
}

impl Cx {
    /// A function that runs the code with the globals; its builtins are what the globals say.
    pub fn new_function(&self, code: Ref<CodeObject>, globals: Ref<Dict>) -> PyResult<Ref<Function>> {
        let builtins = self.builtins_of(globals)?;
        Ok(self.new_function_with(code, globals, builtins))
    }

    /// The same with the builtins given.
    pub fn new_function_with(&self, code: Ref<CodeObject>, globals: Ref<Dict>, builtins: Value) -> Ref<Function> {
        self.allocate(Function {
            header: Header::default(),
            code: RefField::new(code),
            globals: RefField::new(globals),
            builtins: Field::new(builtins),
            defaults: RefField::empty(),
            keyword_defaults: RefField::empty(),
            closure: RefField::empty(),
            name: RefField::new(code.name()),
            qualified_name: RefField::new(code.qualified_name()),
            module: Field::empty(),
            doc: Field::empty(),
            annotations: RefField::empty(),
            annotate: Field::empty(),
            type_parameters: RefField::empty(),
            dict: RefField::empty(),
        })
    }

    /// What `globals["__builtins__"]` says: the namespace of a module, a dict, or another mapping; the interpreter's own
    /// builtins if it says nothing.
    pub fn builtins_of(&self, globals: Ref<Dict>) -> PyResult {
        let Some(found) = globals.get_name(self, self.intern_str("__builtins__"))? else {
            return Ok(self.builtins_dict().value());
        };
        Ok(match found.downcast::<Module>(self) {
            Some(module) => module.dict().value(),
            None => found,
        })
    }
}

// ---- protocol

fn get(cx: &Cx, function: Value, instance: Option<Value>, _owner: Option<Value>) -> PyResult {
    Ok(match instance {
        Some(instance) if !instance.is_none() => cx.new_method(function, instance).value(),
        _ => function,
    })
}

fn call(cx: &Cx, function: Value, args: Args<'_>) -> PyResult {
    // SAFETY: the slot is that of functions, which cannot be subclassed.
    crate::interp::call::call_function(cx, unsafe { Ref::from_value_unchecked(function) }, args)
}

fn repr(cx: &Cx, function: Value) -> PyResult {
    // SAFETY: as in `call`.
    let function: Ref<Function> = unsafe { Ref::from_value_unchecked(function) };
    let address = function.value().identity();
    Ok(cx.new_str(&format!("<function {} at {address:#x}>", function.qualified_name().as_wtf8())).value())
}

static NEW: Signature<6> =
    Signature::new("function", ["code", "globals", "name", "argdefs", "closure", "kwdefaults"]).required(2);

fn new(cx: &Cx, _class: Ref<TypeObject>, args: Args<'_>) -> PyResult {
    let [code, globals, name, defaults, closure, keyword_defaults] = NEW.bind(cx, args)?;
    let wrong = |position: usize, wanted: &str, value: Value| {
        let class = value.class_name(cx);
        raise!(cx, TypeError, "function() argument {position} must be {wanted}, not {class}")
    };
    let code = code.unwrap_or(Value::NONE);
    let code = code.downcast::<CodeObject>(cx).ok_or(()).map_err(|()| wrong(1, "code", code))?;
    let globals = globals.unwrap_or(Value::NONE);
    let globals = globals.downcast::<Dict>(cx).ok_or(()).map_err(|()| wrong(2, "dict", globals))?;
    let given = |value: Option<Value>| value.and_then(Value::not_none);
    let name = given(name).map(|name| {
        name.downcast::<Str>(cx).ok_or(()).map_err(|()| cx.type_error("arg 3 (name) must be None or string"))
    });
    let defaults = given(defaults).map(|defaults| {
        defaults.downcast::<Tuple>(cx).ok_or(()).map_err(|()| cx.type_error("arg 4 (defaults) must be None or tuple"))
    });
    let keyword_defaults = given(keyword_defaults).map(|defaults| {
        defaults.downcast::<Dict>(cx).ok_or(()).map_err(|()| cx.type_error("arg 6 (kwdefaults) must be None or dict"))
    });
    let closure = checked_closure(cx, code, given(closure))?;
    let function = cx.new_function(code, globals)?;
    if let Some(name) = name {
        function.name.set(cx, name?);
    }
    function.set_defaults(cx, defaults.transpose()?, keyword_defaults.transpose()?);
    function.set_closure(cx, closure);
    Ok(function.value())
}

fn checked_closure(cx: &Cx, code: Ref<CodeObject>, closure: Option<Value>) -> PyResult<Option<Ref<Tuple>>> {
    let wanted = code.free_count();
    let closure = match closure {
        None if wanted == 0 => return Ok(None),
        None => return Err(cx.type_error("arg 5 (closure) must be tuple")),
        Some(closure) => match closure.downcast::<Tuple>(cx) {
            Some(closure) => closure,
            None => return Err(cx.type_error("arg 5 (closure) must be None or tuple")),
        },
    };
    if closure.len() != wanted {
        let (name, given) = (code.name().as_wtf8().to_string_lossy(), closure.len());
        return Err(raise!(cx, ValueError, "{name} requires closure of length {wanted}, not {given}"));
    }
    for cell in closure.iter() {
        if !cell.is_exactly(ids::CELL) {
            let class = cell.class_name(cx);
            return Err(raise!(cx, TypeError, "arg 5 (closure) expected cell, found {class}"));
        }
    }
    Ok((wanted > 0).then_some(closure))
}

// ---- attributes

fn option(value: Option<Value>) -> PyResult {
    Ok(value.unwrap_or(Value::NONE))
}

fn string(cx: &Cx, value: Option<Value>, attribute: &str) -> PyResult<Ref<Str>> {
    match value.and_then(|value| value.downcast::<Str>(cx)) {
        Some(text) => Ok(text),
        None => Err(raise!(cx, TypeError, "{attribute} must be set to a string object")),
    }
}

/// The value as a `T`, or `None` for None and deletion.
fn optional<T: Cell>(cx: &Cx, value: Option<Value>, error: impl FnOnce() -> Raised) -> PyResult<Option<Ref<T>>> {
    match value.and_then(Value::not_none) {
        None => Ok(None),
        Some(value) => value.downcast::<T>(cx).map(Some).ok_or(()).map_err(|()| error()),
    }
}

fn get_code(_cx: &Cx, function: Ref<Function>) -> PyResult {
    Ok(function.code().value())
}

fn set_code(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    let Some(code) = value.and_then(|value| value.downcast::<CodeObject>(cx)) else {
        return Err(cx.type_error("__code__ must be set to a code object"));
    };
    let (free, cells) = (code.free_count(), function.closure().map_or(0, |closure| closure.len()));
    if free != cells {
        let name = function.name().as_wtf8().to_string_lossy();
        return Err(raise!(cx, ValueError, "{name}() requires a code object with {cells} free vars, not {free}"));
    }
    function.code.set(cx, code);
    Ok(())
}

fn get_globals(_cx: &Cx, function: Ref<Function>) -> PyResult {
    Ok(function.globals().value())
}

fn get_builtins(_cx: &Cx, function: Ref<Function>) -> PyResult {
    Ok(function.builtins())
}

fn get_closure(_cx: &Cx, function: Ref<Function>) -> PyResult {
    option(function.closure().map(Ref::value))
}

fn get_defaults(_cx: &Cx, function: Ref<Function>) -> PyResult {
    option(function.defaults().map(Ref::value))
}

fn set_defaults(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    let defaults = optional(cx, value, || cx.type_error("__defaults__ must be set to a tuple object"))?;
    function.defaults.set_option(cx, defaults);
    Ok(())
}

fn get_keyword_defaults(_cx: &Cx, function: Ref<Function>) -> PyResult {
    option(function.keyword_defaults().map(Ref::value))
}

fn set_keyword_defaults(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    let defaults = optional(cx, value, || cx.type_error("__kwdefaults__ must be set to a dict object"))?;
    function.keyword_defaults.set_option(cx, defaults);
    Ok(())
}

fn get_name(_cx: &Cx, function: Ref<Function>) -> PyResult {
    Ok(function.name().value())
}

fn set_name(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    let name = string(cx, value, "__name__")?;
    function.name.set(cx, name);
    Ok(())
}

fn get_qualified_name(_cx: &Cx, function: Ref<Function>) -> PyResult {
    Ok(function.qualified_name().value())
}

fn set_qualified_name(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    let name = string(cx, value, "__qualname__")?;
    function.qualified_name.set(cx, name);
    Ok(())
}

fn get_module(cx: &Cx, function: Ref<Function>) -> PyResult {
    if let Some(module) = function.module.get() {
        return Ok(module);
    }
    let module = option(function.globals().get_name(cx, cx.intern_str("__name__"))?)?;
    function.module.set(cx, module);
    Ok(module)
}

fn set_module(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    function.module.set(cx, value.unwrap_or(Value::NONE));
    Ok(())
}

fn get_doc(cx: &Cx, function: Ref<Function>) -> PyResult {
    if let Some(doc) = function.doc.get() {
        return Ok(doc);
    }
    let code = function.code();
    Ok(if code.has_flags(CodeFlags::HAS_DOCSTRING) { code.constants(cx)?.get(0) } else { Value::NONE })
}

fn set_doc(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    function.doc.set(cx, value.unwrap_or(Value::NONE));
    Ok(())
}

fn get_annotate(_cx: &Cx, function: Ref<Function>) -> PyResult {
    option(function.annotate.get())
}

fn set_annotate(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("__annotate__ cannot be deleted")) };
    if value.is_none() {
        function.annotate.set(cx, value);
    } else if cx.type_of(value).slots.call().is_some() {
        function.annotate.set(cx, value);
        function.annotations.set_option(cx, None);
    } else {
        return Err(cx.type_error("__annotate__ must be callable or None"));
    }
    Ok(())
}

fn get_annotations(cx: &Cx, function: Ref<Function>) -> PyResult {
    if let Some(annotations) = function.annotations.get() {
        return Ok(annotations.value());
    }
    let annotations = match function.annotate.get().and_then(Value::not_none) {
        None => cx.new_dict(),
        Some(annotate) => {
            let result = cx.call(annotate, &[Value::int(1)])?;
            match result.downcast::<Dict>(cx) {
                Some(annotations) => annotations,
                None => {
                    let class = result.class_name(cx);
                    return Err(raise!(cx, TypeError, "__annotate__ returned non-dict of type '{class}'"));
                }
            }
        }
    };
    function.annotations.set(cx, annotations);
    Ok(annotations.value())
}

fn set_annotations(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    let annotations = optional(cx, value, || cx.type_error("__annotations__ must be set to a dict object"))?;
    function.annotations.set_option(cx, annotations);
    function.annotate.set(cx, Value::NONE);
    Ok(())
}

fn get_type_parameters(cx: &Cx, function: Ref<Function>) -> PyResult {
    Ok(function.type_parameters.get().unwrap_or_else(|| cx.new_tuple(&[])).value())
}

fn set_type_parameters(cx: &Cx, function: Ref<Function>, value: Option<Value>) -> PyResult<()> {
    match value.and_then(|value| value.downcast::<Tuple>(cx)) {
        Some(parameters) => function.type_parameters.set(cx, parameters),
        None => return Err(cx.type_error("__type_params__ must be set to a tuple")),
    }
    Ok(())
}

fn get_dict(cx: &Cx, function: Value) -> PyResult {
    Ok(crate::object::attribute::instance_dict(cx, function)?.value())
}

fn set_dict(cx: &Cx, function: Value, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else { return Err(cx.type_error("cannot delete __dict__")) };
    match value.downcast::<Dict>(cx) {
        Some(dict) => crate::object::attribute::set_instance_dict(cx, function, dict),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "__dict__ must be set to a dictionary, not a '{class}'"))
        }
    }
}

static ATTRIBUTES: &[GetSet] = &[
    GetSet::read_write("__code__", get_code, set_code, ""),
    GetSet::read_only("__globals__", get_globals, ""),
    GetSet::read_only("__builtins__", get_builtins, ""),
    GetSet::read_only("__closure__", get_closure, ""),
    GetSet::read_write("__defaults__", get_defaults, set_defaults, ""),
    GetSet::read_write("__kwdefaults__", get_keyword_defaults, set_keyword_defaults, ""),
    GetSet::read_write("__name__", get_name, set_name, ""),
    GetSet::read_write("__qualname__", get_qualified_name, set_qualified_name, ""),
    GetSet::read_write("__module__", get_module, set_module, ""),
    GetSet::read_write("__doc__", get_doc, set_doc, ""),
    GetSet::read_write("__annotate__", get_annotate, set_annotate, ""),
    GetSet::read_write("__annotations__", get_annotations, set_annotations, ""),
    GetSet::read_write("__type_params__", get_type_parameters, set_type_parameters, ""),
    GetSet::read_write("__dict__", get_dict, set_dict, ""),
];

/// The class.
pub static TYPE: TypeDef = TypeDef {
    doc: "function(code, globals, name=None, argdefs=None, closure=None,\n         kwdefaults=None)\n--\n\nCreate a function object.",
    flags: TypeFlags::HAS_DICT.with(TypeFlags::METHOD_DESCRIPTOR).with(TypeFlags::WEAK_REFERENCES),
    slots: Slots { new: Some(new), repr: Some(repr), call: Some(call), descriptor_get: Some(get), ..Slots::NONE },
    attributes: ATTRIBUTES,
    ..TypeDef::new("function", &LAYOUT)
};
