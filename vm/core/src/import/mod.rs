//! Importing: what import statements call, and how the machinery gets started.
//!
//! The machinery proper is the library's `importlib._bootstrap` and `_bootstrap_external`, run from the packed library
//! at start-up (`bootstrap`) and kept in the VM. Here is the quick path for modules that are in `sys.modules`, and the
//! calls into the machinery for all else.

pub mod bootstrap;
pub mod library;
mod timing;
mod trim;

use crate::object::cell::Ref;
use crate::object::protocol;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::dict::Dict;
use crate::types::module::{self, Module};
use crate::types::str::Str;

impl Cx {
    /// `sys.modules`.
    pub fn sys_modules(&self) -> PyResult<Ref<Dict>> {
        self.vm().modules.get().ok_or(()).map_err(|()| self.runtime_error("unable to get sys.modules"))
    }

    /// An attribute of the module `sys`, if it is there.
    pub fn sys_attribute(&self, name: &str) -> PyResult<Option<Value>> {
        match self.vm().sys.get() {
            Some(sys) => sys.dict().get_name(self, self.intern_str(name)),
            None => Ok(None),
        }
    }

    /// The module of a (dotted) name, imported if need be: what `importlib.import_module` returns.
    pub fn import_module(&self, name: &str) -> PyResult {
        self.import_absolute(self.intern_str(name))
    }

    /// An attribute of a module, imported if need be.
    pub fn import_attribute(&self, module: &str, attribute: &str) -> PyResult {
        let module = self.import_module(module)?;
        self.get_attribute(module, self.intern_str(attribute))
    }

    /// The module of an absolute name.
    fn import_absolute(&self, name: Ref<Str>) -> PyResult {
        if let Some(found) = self.sys_modules()?.get(self, name.value())? {
            let initializing = match found.downcast::<Module>(self) {
                Some(module) => module::is_initializing(self, module)?,
                None => true,
            };
            if !initializing && !found.is_none() {
                if self.vm().config.command_line.import_time > 1 {
                    timing::cached(self, &name.as_wtf8().to_string_lossy());
                }
                return Ok(found);
            }
        }
        let timer = timing::begin(self);
        // Parents are imported through it.
        let import = self.builtin("__import__")?;
        let result = self.call_machinery("_find_and_load", &[name.value(), import]);
        if let Some(timer) = timer {
            timer.end(&name.as_wtf8().to_string_lossy());
        }
        result
    }

    /// Calls a function of `importlib._bootstrap`.
    fn call_machinery(&self, function: &str, args: &[Value]) -> PyResult {
        let Some(machinery) = self.vm().importlib.get() else {
            return Err(raise!(self, ImportError, "the import machinery is not there yet"));
        };
        let result = self.call_method(machinery.value(), self.intern_str(function), args);
        result.map_err(|raised| trim::without_machinery(self, raised))
    }

    /// `__import__(name, globals, None, from_list, level)`.
    pub fn import_name(
        &self,
        name: Value,
        globals: Option<Ref<Dict>>,
        from_list: Option<Value>,
        level: i64,
    ) -> PyResult {
        let Some(text) = name.downcast::<Str>(self) else {
            return Err(self.type_error("module name must be a string"));
        };
        if level < 0 {
            return Err(self.value_error("level must be >= 0"));
        }
        if level > 0 {
            let globals = globals.map_or(Value::NONE, Ref::value);
            let from_list = from_list.unwrap_or_else(|| self.new_tuple(&[]).value());
            return self.call_machinery("__import__", &[name, globals, Value::NONE, from_list, self.new_int(level)]);
        }
        if text.is_empty() {
            return Err(self.value_error("Empty module name"));
        }
        let module = self.import_absolute(text)?;
        let has_names = match from_list {
            Some(list) => protocol::object::is_true(self, list)?,
            None => false,
        };
        if has_names {
            let is_package = self.get_attribute_optional(module, self.names().__path__)?.is_some();
            let Some(list) = from_list.filter(|_| is_package) else { return Ok(module) };
            let Some(machinery) = self.vm().importlib.get() else { return Ok(module) };
            let find = self.get_attribute(machinery.value(), self.intern_str("_gcd_import"))?;
            return self.call_machinery("_handle_fromlist", &[module, list, find]);
        }
        let bytes = text.as_wtf8().as_bytes();
        match bytes.iter().position(|&byte| byte == b'.') {
            None => Ok(module),
            Some(end) => self.import_absolute(self.intern_text(text.as_wtf8().slice(0..end))),
        }
    }
}
