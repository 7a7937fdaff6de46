//! Starting the import machinery: `builtins` and `sys`, then the library's own `importlib`, whose first two modules are
//! run by hand as `_frozen_importlib` and `_frozen_importlib_external`.

use countless_compiler::syntax::Mode;
use countless_compiler::syntax::decode::Origin;

use crate::native::definition::ModuleDef;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::compile::SourceOptions;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::code::CodeObject;
use crate::types::module::Module;
use crate::types::str::Str;

/// The definition of a native module, by name.
pub fn native_definition(cx: &Cx, name: &str) -> Option<&'static ModuleDef> {
    cx.vm().config.modules.iter().copied().find(|definition| definition.name == name)
}

/// Makes `builtins` and `sys`.
pub fn install_core(cx: &Cx) -> PyResult<()> {
    let modules = cx.new_dict();
    cx.vm().modules.set(cx, modules);
    let builtins = first_module(cx, "builtins")?;
    cx.vm().builtins.set(cx, builtins);
    cx.fill_native_module(builtins, required(cx, "builtins")?)?;
    for (name, field) in [("any", &cx.vm().builtin_any), ("all", &cx.vm().builtin_all)] {
        if let Some(function) = builtins.dict().get_name(cx, cx.intern_str(name))? {
            field.set(cx, function);
        }
    }
    let sys = first_module(cx, "sys")?;
    cx.vm().sys.set(cx, sys);
    cx.add_to_module(sys, "modules", modules.value())?;
    cx.fill_native_module(sys, required(cx, "sys")?)
}

/// Starts the import machinery.
pub fn install_machinery(cx: &Cx) -> PyResult<()> {
    let modules = cx.sys_modules()?;
    let sys = cx.vm().sys.get().ok_or(()).map_err(|()| cx.runtime_error("lost sys"))?;
    let imp = cx.new_native_module(required(cx, "_imp")?)?;
    modules.set_name(cx, cx.intern_str("_imp"), imp.value())?;
    for name in ["_thread", "_weakref", "_warnings"] {
        let module = cx.new_native_module(required(cx, name)?)?;
        modules.set_name(cx, cx.intern_str(name), module.value())?;
    }
    let machinery = run_frozen(cx, "_frozen_importlib", "importlib._bootstrap", "importlib/_bootstrap.py")?;
    cx.vm().importlib.set(cx, machinery);
    cx.call_method(machinery.value(), cx.intern_str("_install"), &[sys.value(), imp.value()])?;
    for name in ["_io", "marshal", "posix"] {
        cx.import_module(name)?;
    }
    run_frozen(cx, "_frozen_importlib_external", "importlib._bootstrap_external", "importlib/_bootstrap_external.py")?;
    cx.call_method(machinery.value(), cx.intern_str("_install_external_importers"), &[])?;
    Ok(())
}

fn required(cx: &Cx, name: &str) -> PyResult<&'static ModuleDef> {
    native_definition(cx, name).ok_or(()).map_err(|()| raise!(cx, ImportError, "the native module '{name}' is missing"))
}

/// An empty module in `sys.modules`, to be filled from its definition.
fn first_module(cx: &Cx, name: &str) -> PyResult<Ref<Module>> {
    let module = cx.new_module(name)?;
    cx.sys_modules()?.set_name(cx, cx.intern_str(name), module.value())?;
    Ok(module)
}

/// The code of a file of the library, if the library has it.
pub fn library_code(cx: &Cx, path: &str, filename: Ref<Str>) -> Option<Ref<CodeObject>> {
    let config = &cx.vm().config;
    let packed = config.library.code(path, config.optimize)?;
    Some(cx.new_packed_code(packed, filename))
}

/// Runs a file of the library as a module that counts as frozen: `shown` stands for it in tracebacks.
pub fn run_frozen(cx: &Cx, name: &str, shown: &str, path: &str) -> PyResult<Ref<Module>> {
    let filename = format!("<frozen {shown}>");
    let code = match library_code(cx, path, cx.intern_str(&filename)) {
        Some(code) => code,
        None => {
            let Some(source) = cx.vm().config.library.read(path) else {
                return Err(raise!(cx, ImportError, "the library has no {path}"));
            };
            cx.compile_bytes(&filename, &source, Origin::File, SourceOptions::new(Mode::Exec))?
        }
    };
    let module = first_module(cx, name)?;
    let dict = module.dict();
    dict.set_name(cx, cx.intern_str("__builtins__"), cx.builtins_dict().value())?;
    cx.run_code(code, dict, dict.value(), None)?;
    Ok(module)
}

/// The value for `sys.builtin_module_names`.
pub fn native_names(cx: &Cx) -> PyResult {
    let list = cx.new_list();
    for definition in cx.vm().config.modules {
        list.push(cx, cx.intern_str(definition.name).value())?;
    }
    list.sort(cx, None, false)?;
    let names: Value = list.to_tuple(cx)?.value();
    Ok(names)
}
