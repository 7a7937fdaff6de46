//! Containers that contain themselves: `repr` of one that is being shown already is an ellipsis.

use super::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

impl Cx {
    /// Notes that the thread is showing the value; false if it is doing so already.
    pub fn repr_enter(&self, value: Value) -> bool {
        let mut active = self.repr_active.borrow_mut();
        let fresh = !active.contains(&value.word());
        if fresh {
            active.push(value.word());
        }
        fresh
    }

    /// Notes that the value has been shown.
    pub fn repr_leave(&self, value: Value) {
        let mut active = self.repr_active.borrow_mut();
        if let Some(index) = active.iter().rposition(|&word| word == value.word()) {
            active.remove(index);
        }
    }

    /// Runs `show`, or answers `ellipsis` if the thread is showing the value already.
    pub fn guard_repr(&self, value: Value, ellipsis: &str, show: impl FnOnce() -> PyResult) -> PyResult {
        self.check_native_stack_while(" while getting the repr of an object")?;
        if !self.repr_enter(value) {
            return Ok(self.new_str(ellipsis).value());
        }
        let shown = show();
        self.repr_leave(value);
        shown
    }
}
