//! Buffers of classes written in Python: `__buffer__` and `__release_buffer__` (PEP 688).

use super::protocol::buffer::{Buffer, get_buffer};
use super::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::ids;

/// The `buffer` slot of a class whose `__buffer__` is written in Python. The buffer is that of the memoryview that it
/// returns; when the loan ends, the view is released by its own rules.
pub fn python_buffer(cx: &Cx, object: Value, flags: i32) -> PyResult<Buffer> {
    let result = cx.call_special(object, cx.names().__buffer__, &[Value::int(flags as i64)])?;
    if !result.is_exactly(ids::MEMORYVIEW) {
        return Err(cx.type_error("__buffer__ returned non-memoryview object"));
    }
    if cx.lookup_special(object, cx.names().__release_buffer__)?.is_some() {
        let class = object.class_name(cx);
        return Err(raise!(cx, NotImplementedError, "'{class}' objects with __release_buffer__ are not supported yet"));
    }
    get_buffer(cx, result, flags)
}
