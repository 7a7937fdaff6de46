//! Warnings that native code gives: they go through the module `_warnings`, like those of Python code.

use crate::exceptions::ExceptionKind;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

impl Cx {
    /// Warns on behalf of the Python code `stack_level` frames up (1: the innermost). Fails if the filters make the
    /// warning an exception. Before the module of warnings is there, nothing is said.
    #[cold]
    pub fn warn(&self, kind: ExceptionKind, message: &str, stack_level: usize) -> PyResult<()> {
        let Some(modules) = self.vm().modules.get() else { return Ok(()) };
        let Some(module) = modules.get_name(self, self.intern_str("_warnings"))? else { return Ok(()) };
        let function = self.get_attribute(module, self.names().warn)?;
        let class = self.builtin_type(kind.type_id()).value();
        self.call(function, &[self.new_str(message).value(), class, Value::length(stack_level)])?;
        Ok(())
    }
}

impl Cx {
    /// Warns of something at a place in a file, as the compiler does.
    #[cold]
    pub fn warn_explicit(&self, class: Value, message: Value, filename: Value, line: Value) -> PyResult<()> {
        let Some(modules) = self.vm().modules.get() else { return Ok(()) };
        let Some(module) = modules.get_name(self, self.intern_str("_warnings"))? else { return Ok(()) };
        let function = self.get_attribute(module, self.names().warn_explicit)?;
        self.call(function, &[message, class, filename, line])?;
        Ok(())
    }
}
