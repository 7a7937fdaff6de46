//! From Rust's results and failures to Python's, and the usual checks of arguments.

use countless_common::Failure;

use crate::exceptions::ExceptionKind;
use crate::object::cell::Ref;
use crate::object::protocol::number;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::str::Str;

impl Cx {
    /// Raises what an algorithm of `countless_common` failed with.
    #[cold]
    #[inline(never)]
    pub fn raise_failure(&self, failure: Failure) -> Raised {
        let kind = match &failure {
            // `struct.error` is made by the module that has it; elsewhere its failures are bad values.
            Failure::Value(_) | Failure::Struct(_) => ExceptionKind::ValueError,
            Failure::Type(_) => ExceptionKind::TypeError,
            Failure::Overflow(_) => ExceptionKind::OverflowError,
            Failure::Range => {
                let message = self.new_str("Numerical result out of range").value();
                return self.raise_with_args(ExceptionKind::OverflowError, &[Value::int(libc::ERANGE.into()), message]);
            }
            Failure::ZeroDivision(_) => ExceptionKind::ZeroDivisionError,
            Failure::Index(_) => ExceptionKind::IndexError,
            Failure::Key(_) => ExceptionKind::KeyError,
            Failure::Memory => return self.memory_error(),
        };
        self.raise_message(kind, format_args!("{}", failure.message()))
    }

    /// The only argument of a function, which must be a string: "{function}() argument must be str, not …".
    #[inline]
    pub fn str_argument(&self, value: Value, function: &str) -> PyResult<Ref<Str>> {
        match value.downcast::<Str>(self) {
            Some(text) => Ok(text),
            None => Err(bad_argument(self, value, function, format_args!(""))),
        }
    }

    /// The argument at a position (from 1), which must be a string: "{function}() argument 1 must be str, not …".
    #[inline]
    pub fn str_argument_at(&self, value: Value, function: &str, position: usize) -> PyResult<Ref<Str>> {
        match value.downcast::<Str>(self) {
            Some(text) => Ok(text),
            None => Err(bad_argument(self, value, function, format_args!(" {position}"))),
        }
    }

    /// A named argument, which must be a string: "{function}() argument 'name' must be str, not …".
    #[inline]
    pub fn str_argument_named(&self, value: Value, function: &str, name: &str) -> PyResult<Ref<Str>> {
        match value.downcast::<Str>(self) {
            Some(text) => Ok(text),
            None => Err(bad_argument(self, value, function, format_args!(" '{name}'"))),
        }
    }

    /// An argument that C takes for an `int`: OverflowError if it does not fit.
    pub fn c_int_argument(&self, value: Value) -> PyResult<i32> {
        let int = number::index(self, value)?;
        match number::as_index_i64(self, int).and_then(|int| i32::try_from(int).ok()) {
            Some(int) => Ok(int),
            None => Err(raise!(self, OverflowError, "Python int too large to convert to C int")),
        }
    }
}

#[cold]
fn bad_argument(cx: &Cx, value: Value, function: &str, which: std::fmt::Arguments<'_>) -> Raised {
    let class = if value.is_none() { "None".to_owned() } else { value.class_name(cx) };
    raise!(cx, TypeError, "{function}() argument{which} must be str, not {class}")
}
