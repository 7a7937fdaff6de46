//! Code objects from their bytes (`countless_compiler::bytecode::serial`), as `marshal` reads them.

use std::sync::Arc;

use countless_compiler::bytecode::{Constant, NestedCode, serial};

use super::CodeObject;
use crate::object::cell::Ref;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A constant as the verifier and the compiler's readers want to see it: they look at text, names of keyword arguments
/// and nested code. Whatever else it is stays in the heap, and stands as `None` here. Not recursive: tuples that
/// share parts may stand for more than fits into memory.
fn constant_of(value: Value) -> Constant {
    if let Some(code) = value.exact::<CodeObject>() {
        let qualified_name = code.qualified_name().as_wtf8().to_string_lossy().into();
        return Constant::Nested(Arc::new(NestedCode { qualified_name, free_count: code.free_count() as u32 }));
    }
    match value.exact::<Tuple>() {
        Some(items) => Constant::Tuple(items.iter().map(text_of).collect()),
        None => text_of(value),
    }
}

fn text_of(value: Value) -> Constant {
    value.exact::<Str>().map_or(Constant::None, |text| Constant::Str(Arc::new(text.as_wtf8().to_owned())))
}

/// Constants for the verifier.
pub(super) fn constants_of(constants: Ref<Tuple>) -> Box<[Constant]> {
    constants.iter().map(constant_of).collect()
}

impl Cx {
    /// The code object of [`serial::write`]'s bytes and of what was written beside them, or what is wrong with it.
    pub fn restore_code(
        &self,
        bytes: &[u8],
        filename: Ref<Str>,
        constants: Ref<Tuple>,
    ) -> Result<Ref<CodeObject>, serial::Problem> {
        let plain = filename.as_wtf8().to_string_lossy();
        let code = serial::read(bytes, Arc::from(&*plain), constants_of(constants))?;
        let code = self.new_code_with_constants(Arc::new(code), constants);
        code.filename.set(self, filename);
        Ok(code)
    }
}

impl CodeObject {
    /// Gives this code and what is nested in it another `co_filename`, where that is `old`: a bytecode file may have moved.
    pub fn rename_file(&self, cx: &Cx, old: Ref<Str>, new: Ref<Str>) -> PyResult<()> {
        cx.check_native_stack()?;
        if self.filename().as_wtf8() != old.as_wtf8() {
            return Ok(());
        }
        self.filename.set(cx, new);
        // What is nested in code that has not been loaded is named when it is made.
        for nested in self
            .constants
            .get()
            .into_iter()
            .flat_map(|constants| constants.iter())
            .filter_map(|constant| constant.exact::<CodeObject>())
        {
            nested.rename_file(cx, old, new)?;
        }
        Ok(())
    }
}
