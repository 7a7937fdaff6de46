//! What native functions ask about the Python code that called them.

use countless_compiler::bytecode::CodeFlags;

use crate::object::cell::Ref;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::cell::CellObject;
use crate::types::dict::Dict;

impl Cx {
    /// The globals of the running Python function, if there is one.
    pub fn current_globals(&self) -> Option<Ref<Dict>> {
        self.current_frame().map(|frame| frame.globals())
    }

    /// The namespace of the module `builtins`.
    pub fn builtins_dict(&self) -> Ref<Dict> {
        match self.vm().builtins.get() {
            Some(module) => module.dict(),
            // While the module itself is being made.
            None => self.new_dict(),
        }
    }

    /// The variables of the running code as `locals()` gives them: the namespace of a module, class or `exec`, else a new
    /// dict of the function's bound variables.
    pub fn current_locals(&self) -> PyResult {
        let Some(frame) = self.current_frame() else { return Err(self.runtime_error("locals(): no current frame")) };
        if let Some(locals) = frame.locals() {
            return Ok(locals);
        }
        let code = frame.code();
        if !code.has_flags(CodeFlags::OPTIMIZED) {
            return Ok(frame.globals().value());
        }
        let dict = self.new_dict();
        for (register, local) in code.code().locals.iter().enumerate() {
            let raw = frame.get(register as u16);
            let value = match raw.exact::<CellObject>() {
                Some(cell) if local.is_cell || local.is_free => cell.get(),
                _ => raw.bound(),
            };
            if let Some(value) = value {
                dict.set_name(self, self.intern_str(&local.name), value)?;
            }
        }
        Ok(dict.value())
    }
}
