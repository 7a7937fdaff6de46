//! What modules and types written in Rust share: exception classes of their own, arguments, locks.

use std::sync::{Mutex, MutexGuard, TryLockError};

use countless_vm::exceptions::ExceptionKind;
use countless_vm::object::cell::Ref;
use countless_vm::object::protocol::object;
use countless_vm::object::value::Value;
use countless_vm::raise;
use countless_vm::runtime::context::Cx;
use countless_vm::runtime::error::{PyResult, Raised};
use countless_vm::types::ids;
use countless_vm::types::module::Module;
use countless_vm::types::str::Str;

/// Makes an exception class of a module. `key` is what [`raise_own`] knows it by.
pub fn define_exception(
    cx: &Cx,
    module: Ref<Module>,
    key: &str,
    (module_name, name): (&str, &str),
    base: ExceptionKind,
    doc: &str,
) -> PyResult<()> {
    let class = match cx.native_state(key) {
        Some(class) => class,
        None => {
            let namespace = cx.new_dict();
            namespace.set_name(cx, cx.names().__module__, cx.intern_str(module_name).value())?;
            if !doc.is_empty() {
                namespace.set_name(cx, cx.names().__doc__, cx.new_str(doc).value())?;
            }
            let bases = cx.new_tuple(&[cx.builtin_type(base.type_id()).value()]);
            let arguments = [cx.intern_str(name).value(), bases.value(), namespace.value()];
            let class = cx.call(cx.builtin_type(ids::TYPE).value(), &arguments)?;
            cx.set_native_state(key, class)?;
            class
        }
    };
    cx.add_to_module(module, name, class)
}

/// Raises an exception of a class made by [`define_exception`].
#[cold]
pub fn raise_own(cx: &Cx, key: &str, message: impl std::fmt::Display) -> Raised {
    let Some(class) = cx.native_state(key) else { return cx.runtime_error(message) };
    match cx.call(class, &[cx.new_str(&message.to_string()).value()]) {
        Ok(exception) => cx.raise(exception),
        Err(raised) => raised,
    }
}

/// An optional argument that is a string or None: "{function}() argument {position} must be str or None, not …".
pub fn optional_str(cx: &Cx, value: Option<Value>, function: &str, position: usize) -> PyResult<Option<Ref<Str>>> {
    let Some(value) = value.and_then(Value::not_none) else { return Ok(None) };
    match value.downcast::<Str>(cx) {
        Some(text) => Ok(Some(text)),
        None => {
            let class = value.class_name(cx);
            Err(raise!(cx, TypeError, "{function}() argument {position} must be str or None, not {class}"))
        }
    }
}

/// An optional argument read as a truth value.
pub fn optional_bool(cx: &Cx, value: Option<Value>, default: bool) -> PyResult<bool> {
    match value {
        Some(value) => object::is_true(cx, value),
        None => Ok(default),
    }
}

/// An optional argument that C takes for an `int`.
pub fn optional_int(cx: &Cx, value: Option<Value>, default: i32) -> PyResult<i32> {
    match value {
        Some(value) => cx.c_int_argument(value),
        None => Ok(default),
    }
}

/// Locks state that lives outside the heap. A thread that has to wait counts as stopped meanwhile, so the holder may
/// detach; the holder must not run Python code.
pub fn lock<'a, T: Send>(cx: &Cx, mutex: &'a Mutex<T>) -> MutexGuard<'a, T> {
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => {
            // The guard cannot leave the detached closure: it waits there for its turn, then takes it here.
            loop {
                cx.mutator().detached(|| drop(mutex.lock()));
                match mutex.try_lock() {
                    Ok(guard) => return guard,
                    Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
                    Err(TryLockError::WouldBlock) => {}
                }
            }
        }
    }
}
