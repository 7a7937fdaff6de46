//! Importing, as far as the core itself asks for modules. The machinery proper is importlib's, frozen into the packed
//! library; `sys.modules` comes first.

use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

impl Cx {
    /// The module of a (dotted) name, imported if need be: what `importlib.import_module` returns.
    pub fn import_module(&self, name: &str) -> PyResult {
        let name = self.intern_str(name);
        let Some(modules) = self.vm().modules.get() else {
            return Err(raise!(self, RuntimeError, "unable to get sys.modules"));
        };
        if let Some(module) = modules.get_name(self, name)?.filter(|module| !module.is_none()) {
            return Ok(module);
        }
        let import = self.builtin("__import__")?;
        self.call(import, &[name.value()])?;
        match modules.get_name(self, name)? {
            Some(module) => Ok(module),
            None => Err(raise!(self, ImportError, "module '{}' is not in sys.modules after its import", name.as_wtf8())),
        }
    }

    /// An attribute of a module, imported if need be.
    pub fn import_attribute(&self, module: &str, attribute: &str) -> PyResult {
        let module: Value = self.import_module(module)?;
        self.get_attribute(module, self.intern_str(attribute))
    }
}
