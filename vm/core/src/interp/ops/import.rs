//! Imports.

use countless_compiler::bytecode::Instruction;

use super::load::namespace;
use crate::exceptions::ExceptionKind;
use crate::interp::frame::Frame;
use crate::interp::{Flow, globals, operands};
use crate::object::cell::Ref;
use crate::object::protocol::{item, iter, object};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::str::Str;

/// `dst = __import__(name, globals, locals, fromlist, level)`.
#[inline(never)]
pub fn name(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::ImportName { dst, name, base } = operands::ImportName::decode(word);
    let Some(import) = globals::lookup_builtin(cx, frame, cx.names().__import__)? else {
        return Err(raise!(cx, ImportError, "__import__ not found"));
    };
    let locals = frame.locals().unwrap_or(Value::NONE);
    let (from_list, level) = (frame.get(base), frame.get(base + 1));
    let arguments = [frame.name(name).value(), frame.globals().value(), locals, from_list, level];
    let module = cx.call(import, &arguments)?;
    frame.set(dst, module);
    Ok(Flow::Next)
}

/// `dst = module.name`.
#[inline(never)]
pub fn from(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let operands::ImportFrom { dst, module, name } = operands::ImportFrom::decode(word);
    let (module, name) = (frame.get(module), frame.name(name));
    let value = match cx.get_attribute_optional(module, name)? {
        Some(value) => value,
        None => imported_submodule(cx, module, name)?,
    };
    frame.set(dst, value);
    Ok(Flow::Next)
}

/// `sys.modules[module.__name__ + "." + name]`: a submodule that its package does not name yet.
fn imported_submodule(cx: &Cx, module: Value, name: Ref<Str>) -> PyResult {
    let package = cx.get_attribute_optional(module, cx.names().__name__)?.and_then(|name| name.downcast::<Str>(cx));
    if let Some(package) = package
        && let Some(modules) = cx.vm().modules.get()
    {
        let full = cx.new_str(&format!("{}.{}", package.as_wtf8(), name.as_wtf8()));
        if let Some(found) = modules.get(cx, full.value())? {
            return Ok(found);
        }
    }
    Err(cannot_import(cx, module, package, name)?)
}

/// ImportError: the module has no such name.
#[cold]
fn cannot_import(cx: &Cx, module: Value, package: Option<Ref<Str>>, name: Ref<Str>) -> PyResult<Raised> {
    let spec = cx.get_attribute_optional(module, cx.names().__spec__)?.and_then(Value::not_none);
    let origin = origin_of(cx, module, spec)?;
    let name_text = object::repr(cx, name.value())?;
    let package_text = match package {
        Some(package) => object::repr(cx, package.value())?.as_wtf8().to_string_lossy(),
        None => "'<unknown module name>'".to_owned(),
    };
    let initializing = match spec {
        Some(spec) => match cx.get_attribute_optional(spec, cx.names()._initializing)? {
            Some(flag) => object::is_true(cx, flag)?,
            None => false,
        },
        None => false,
    };
    let name_text = name_text.as_wtf8();
    let message = match origin.map(|origin| origin.as_wtf8().to_string_lossy()) {
        None => format!("cannot import name {name_text} from {package_text} (unknown location)"),
        Some(origin) if initializing => format!(
            "cannot import name {name_text} from partially initialized module {package_text} \
             (most likely due to a circular import) ({origin})"
        ),
        Some(origin) => format!("cannot import name {name_text} from {package_text} ({origin})"),
    };
    let package = package.map_or(Value::NONE, Ref::value);
    let path = origin.map_or(Value::NONE, Ref::value);
    Ok(cx.raise_import_error(ExceptionKind::ImportError, &message, package, path, name.value()))
}

/// Where the module comes from: its spec's origin if that is a location, else its `__file__`.
fn origin_of(cx: &Cx, module: Value, spec: Option<Value>) -> PyResult<Option<Ref<Str>>> {
    if let Some(spec) = spec
        && let Some(located) = cx.get_attribute_optional(spec, cx.names().has_location)?
        && object::is_true(cx, located)?
    {
        let origin = cx.get_attribute_optional(spec, cx.names().origin)?;
        if let Some(origin) = origin.and_then(|origin| origin.downcast::<Str>(cx)) {
            return Ok(Some(origin));
        }
    }
    let file = cx.get_attribute_optional(module, cx.names().__file__)?;
    Ok(file.and_then(|file| file.downcast::<Str>(cx)))
}

/// `from module import *`.
#[inline(never)]
pub fn star(cx: &Cx, frame: &Frame, word: Instruction) -> PyResult<Flow> {
    let module = frame.get(operands::ImportStar::decode(word).module);
    let listed = cx.get_attribute_optional(module, cx.names().__all__)?;
    let names = match listed {
        Some(names) => names,
        None => match cx.get_attribute_optional(module, cx.names().__dict__)? {
            Some(dict) => cx.call_method(dict, cx.names().keys, &[])?,
            None => {
                return Err(raise!(cx, ImportError, "from-import-* object has no __dict__ and no __all__"));
            }
        },
    };
    // The keys may change while attributes are read.
    let names = iter::to_tuple(cx, names)?;
    for name in names.iter() {
        let Some(text) = name.downcast::<Str>(cx) else { return Err(bad_name(cx, module, name, listed.is_some())?) };
        if listed.is_none() && text.as_wtf8().as_bytes().first() == Some(&b'_') {
            continue;
        }
        let value = cx.get_attribute(module, cx.attribute_name(name)?)?;
        item::set_item(cx, namespace(frame), name, value)?;
    }
    Ok(Flow::Next)
}

/// TypeError: a name to be imported is no string.
#[cold]
fn bad_name(cx: &Cx, module: Value, name: Value, listed: bool) -> PyResult<Raised> {
    let module_name = cx.get_attribute(module, cx.names().__name__)?;
    let Some(module_name) = module_name.downcast::<Str>(cx) else {
        let class = module_name.class_name(cx);
        return Ok(raise!(cx, TypeError, "module __name__ must be a string, not {class}"));
    };
    let (what, place) = if listed { ("Item", "__all__") } else { ("Key", "__dict__") };
    let (class, module_name) = (name.class_name(cx), module_name.as_wtf8());
    Ok(raise!(cx, TypeError, "{what} in {module_name}.{place} must be str, not {class}"))
}
