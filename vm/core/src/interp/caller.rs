//! What native functions ask about the Python code that called them.

use std::ptr::fn_addr_eq;
use std::sync::atomic::Ordering;

use countless_compiler::bytecode::{CodeFlags, Instruction, Opcode};

use super::frame::Frame;
use super::operands;
use crate::native::args::Args;
use crate::native::definition::NativeFn;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::builtin_function::BuiltinFunction;
use crate::types::cell::CellObject;
use crate::types::dict::Dict;
use crate::types::type_object::TypeObject;

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
        let code = frame.code();
        if !code.has_flags(CodeFlags::OPTIMIZED) {
            let namespace = frame.locals().unwrap_or(frame.globals().value());
            return self.with_hidden_variables(frame, namespace);
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

    /// The namespace of a module's or class's body; while a comprehension runs in it, a copy that shows its variables too
    /// (PEP 709).
    fn with_hidden_variables(&self, frame: &Frame, namespace: Value) -> PyResult {
        let code = frame.code();
        let locals = code.code().locals.iter().enumerate().filter(|(_, local)| local.is_hidden);
        let mut shown: Option<Ref<Dict>> = None;
        for (register, local) in locals {
            let raw = frame.get(register as u16);
            let value = match raw.exact::<CellObject>() {
                Some(cell) if local.is_cell => cell.get(),
                _ => raw.bound(),
            };
            let Some(value) = value else { continue };
            let dict = match shown {
                Some(dict) => dict,
                None => {
                    let dict = self.new_dict();
                    dict.update(self, namespace)?;
                    dict
                }
            };
            dict.set_name(self, self.intern_str(&local.name), value)?;
            shown = Some(dict);
        }
        Ok(shown.map_or(namespace, Ref::value))
    }

    /// `__name__` of the running Python code's module: what a class made now has as `__module__`.
    pub fn current_module_name(&self) -> PyResult<Option<Value>> {
        match self.current_globals() {
            Some(globals) => globals.get_name(self, self.names().__name__),
            None => Ok(None),
        }
    }

    /// The class and the instance of `super()` without arguments, from the running function.
    pub fn super_arguments(&self) -> PyResult<(Ref<TypeObject>, Value)> {
        let Some(frame) = self.current_frame() else { return Err(self.runtime_error("super(): no current frame")) };
        let code = frame.code();
        let described = code.code();
        if described.argument_count == 0 {
            return Err(self.runtime_error("super(): no arguments"));
        }
        let contents = |register: usize| {
            let (value, local) = (frame.get(register as u16), &described.locals[register]);
            match value.exact::<CellObject>() {
                Some(cell) if local.is_cell || local.is_free => cell.get(),
                _ => value.bound(),
            }
        };
        let Some(first) = contents(0) else { return Err(self.runtime_error("super(): arg[0] deleted")) };
        let register = described.locals.iter().position(|local| local.is_free && &*local.name == "__class__");
        let Some(register) = register else { return Err(self.runtime_error("super(): __class__ cell not found")) };
        let Some(class) = contents(register) else {
            return Err(self.runtime_error("super(): empty __class__ cell"));
        };
        match class.as_class(self) {
            Some(class) => Ok((class, first)),
            None => {
                let name = class.class_name(self);
                Err(raise!(self, RuntimeError, "super(): __class__ is not a type ({name})"))
            }
        }
    }
}

impl Cx {
    /// The frames of the thread's stack, innermost first.
    pub fn stack_frames(&self) -> impl Iterator<Item = &super::frame::Frame> {
        self.stack.frames()
    }
}

/// Whether the instruction at work in the running frame is a plain call of a native function. Nothing else runs on behalf of
/// such an instruction but what the function itself does, and what a poll before it does.
pub(crate) fn is_direct_call(cx: &Cx, function: fn(&Cx, Value, Args<'_>) -> PyResult) -> bool {
    let Some(frame) = cx.stack.top() else { return false };
    // As it stands in the code: calls that somebody watches are another matter.
    let word = Instruction(frame.unit().instruction.load(Ordering::Relaxed));
    let base = match word.opcode() {
        Some(Opcode::Call) => operands::Call::decode(word).base,
        Some(Opcode::CallKeywords) => operands::CallKeywords::decode(word).base,
        _ => return false,
    };
    let callee = frame.get(base).exact::<BuiltinFunction>().map(|callee| callee.method().function);
    matches!(callee, Some(NativeFn::Many(callee)) if fn_addr_eq(callee, function))
}
