//! How native code fails: [`PyResult`], and the functions that make the usual exceptions.
//!
//! A Python exception travels as `Err(Raised)`: the exception itself waits in the thread's context until a handler
//! takes it. A bug of the VM is not an exception: see [`vm_bug`].

use std::fmt::{self, Display};

use crate::exceptions::ExceptionKind;
use crate::object::value::Value;
use crate::runtime::context::Cx;

/// The proof that an exception was stored in the context. Only `Cx::raise…` make it.
#[derive(Debug)]
#[must_use = "an exception is pending: return it, or take it with `Cx::take_exception`"]
pub struct Raised(());

/// What native code returns: a value or a pending exception; one word for `PyResult<Value>`.
pub type PyResult<T = Value> = Result<T, Raised>;

const _: () = assert!(size_of::<PyResult>() == 8);

impl Cx {
    /// Makes the exception pending. Its context (`__context__`) becomes the handled exception, as `raise` does.
    #[cold]
    pub fn raise(&self, exception: Value) -> Raised {
        self.chain_context(exception);
        self.raise_unchained(exception)
    }

    /// Makes the exception pending as it is: to raise again what was caught.
    #[cold]
    pub fn raise_unchained(&self, exception: Value) -> Raised {
        self.set_pending_exception(exception);
        Raised(())
    }

    /// Raises a builtin exception with a message.
    #[cold]
    #[inline(never)]
    pub fn raise_message(&self, kind: ExceptionKind, message: fmt::Arguments<'_>) -> Raised {
        match message.as_str() {
            Some(text) => self.raise_text(kind, text),
            None => self.raise_text(kind, &message.to_string()),
        }
    }

    #[cold]
    fn raise_text(&self, kind: ExceptionKind, text: &str) -> Raised {
        let message = self.new_str(text);
        self.raise_with_args(kind, &[message.into()])
    }

    /// Raises a builtin exception made with the given arguments.
    #[cold]
    pub fn raise_with_args(&self, kind: ExceptionKind, args: &[Value]) -> Raised {
        let exception = self.new_exception(kind, args);
        self.raise(exception)
    }

    /// Raises TypeError.
    #[cold]
    pub fn type_error(&self, message: impl Display) -> Raised {
        self.raise_message(ExceptionKind::TypeError, format_args!("{message}"))
    }

    /// Raises ValueError.
    #[cold]
    pub fn value_error(&self, message: impl Display) -> Raised {
        self.raise_message(ExceptionKind::ValueError, format_args!("{message}"))
    }

    /// Raises KeyError with the key itself as argument.
    #[cold]
    pub fn key_error(&self, key: Value) -> Raised {
        self.raise_with_args(ExceptionKind::KeyError, &[key])
    }

    /// Raises IndexError.
    #[cold]
    pub fn index_error(&self, message: impl Display) -> Raised {
        self.raise_message(ExceptionKind::IndexError, format_args!("{message}"))
    }

    /// Raises OverflowError.
    #[cold]
    pub fn overflow_error(&self, message: impl Display) -> Raised {
        self.raise_message(ExceptionKind::OverflowError, format_args!("{message}"))
    }

    /// Raises ZeroDivisionError.
    #[cold]
    pub fn zero_division_error(&self, message: impl Display) -> Raised {
        self.raise_message(ExceptionKind::ZeroDivisionError, format_args!("{message}"))
    }

    /// Raises RuntimeError.
    #[cold]
    pub fn runtime_error(&self, message: impl Display) -> Raised {
        self.raise_message(ExceptionKind::RuntimeError, format_args!("{message}"))
    }

    /// Whether the pending exception is of the builtin class.
    pub fn pending_is(&self, raised: &Raised, kind: ExceptionKind) -> bool {
        self.pending_exception(raised).is_exception_of(self, kind)
    }

    /// Reads a StopIteration as the end of an iteration: its value waits for `take_stop_value`. Other exceptions stay.
    pub fn end_of_iteration(&self, raised: Raised) -> PyResult<Option<Value>> {
        if !self.pending_is(&raised, ExceptionKind::StopIteration) {
            return Err(raised);
        }
        let exception = self.take_exception(raised);
        self.set_stop_value(crate::types::exception::stop_value(self, exception));
        Ok(None)
    }

    /// Raises StopIteration for an iterator that has just answered that it is exhausted.
    #[cold]
    pub fn raise_end_of_iteration(&self) -> Raised {
        let value = self.take_stop_value();
        self.stop_iteration(value)
    }

    /// Raises MemoryError, without a message as CPython does.
    #[cold]
    pub fn memory_error(&self) -> Raised {
        self.raise_with_args(ExceptionKind::MemoryError, &[])
    }

    /// Raises StopIteration, with a value unless it is None.
    #[cold]
    pub fn stop_iteration(&self, value: Value) -> Raised {
        let args: &[Value] = if value.is_none() { &[] } else { &[value] };
        self.raise_with_args(ExceptionKind::StopIteration, args)
    }
}

/// Raises a builtin exception: `Err(raise!(cx, TypeError, "bad operand: {}", text))`.
#[macro_export]
macro_rules! raise {
    ($cx:expr, $kind:ident, $($message:tt)*) => {
        $cx.raise_message($crate::exceptions::ExceptionKind::$kind, format_args!($($message)*))
    };
}

/// Ends the process with a report: for states that only a bug in the VM can bring about.
#[cold]
pub fn vm_bug(message: impl Display) -> ! {
    panic!("internal error in the virtual machine: {message}")
}
