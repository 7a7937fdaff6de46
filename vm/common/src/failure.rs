//! The one error type of the crate: which Python exception to raise, and its message.

use std::borrow::Cow;

/// No algorithm here builds a result longer than this many bytes; beyond it the answer is [`Failure::Memory`],
/// because a failed Rust allocation would abort the process.
pub const MAX_BYTES: usize = 1 << 36;

/// A failure that Python code sees as an exception of the named type with the given message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// `ValueError`.
    Value(Cow<'static, str>),
    /// `TypeError`.
    Type(Cow<'static, str>),
    /// `OverflowError`.
    Overflow(Cow<'static, str>),
    /// `OverflowError` of a result out of the range of floats; its arguments are `(34, message)` (ERANGE).
    Range,
    /// `ZeroDivisionError`.
    ZeroDivision(Cow<'static, str>),
    /// `IndexError`.
    Index(Cow<'static, str>),
    /// `KeyError`.
    Key(Cow<'static, str>),
    /// `struct.error`.
    Struct(Cow<'static, str>),
    /// `MemoryError` (no message).
    Memory,
}

/// Shorthand of this crate's fallible results.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A `ValueError`.
    pub fn value(message: impl Into<Cow<'static, str>>) -> Self {
        Failure::Value(message.into())
    }

    /// A `TypeError`.
    pub fn type_error(message: impl Into<Cow<'static, str>>) -> Self {
        Failure::Type(message.into())
    }

    /// An `OverflowError`.
    pub fn overflow(message: impl Into<Cow<'static, str>>) -> Self {
        Failure::Overflow(message.into())
    }

    /// A `ZeroDivisionError`.
    pub fn zero_division(message: impl Into<Cow<'static, str>>) -> Self {
        Failure::ZeroDivision(message.into())
    }

    /// The message, empty for `MemoryError`.
    pub fn message(&self) -> &str {
        match self {
            Failure::Value(message)
            | Failure::Type(message)
            | Failure::Overflow(message)
            | Failure::ZeroDivision(message)
            | Failure::Index(message)
            | Failure::Key(message)
            | Failure::Struct(message) => message,
            Failure::Range => "Numerical result out of range",
            Failure::Memory => "",
        }
    }
}

/// A vector with room for `bytes` bytes, or `MemoryError`.
pub(crate) fn reserve(bytes: usize) -> Outcome<Vec<u8>> {
    if bytes > MAX_BYTES {
        return Err(Failure::Memory);
    }
    let mut buffer = Vec::new();
    buffer.try_reserve_exact(bytes).map_err(|_| Failure::Memory)?;
    Ok(buffer)
}

/// Makes room for `more` bytes, or `MemoryError`.
pub(crate) fn grow(buffer: &mut Vec<u8>, more: usize) -> Outcome<()> {
    if more > MAX_BYTES || buffer.len() > MAX_BYTES {
        return Err(Failure::Memory);
    }
    buffer.try_reserve(more).map_err(|_| Failure::Memory)
}
