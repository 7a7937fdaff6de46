//! `callable_iterator`: what a function returns, again and again, until it is a sentinel: `iter(function, sentinel)`.

use countless_gc::{Header, Tracer};

use super::ids;
use crate::exceptions::ExceptionKind;
use crate::native::definition::{Method, TypeDef, TypeFlags};
use crate::object::cell::{Cell, Field, Layout, Ref};
use crate::object::protocol::compare::equal;
use crate::object::slots::Slots;
use crate::object::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;

/// The cell.
#[repr(C)]
pub struct CallableIterator {
    header: Header,
    /// Empty at the end.
    function: Field,
    sentinel: Field,
}

/// The layout.
pub static LAYOUT: Layout =
    Layout::of::<CallableIterator>("callable_iterator", ids::CALLABLE_ITERATOR, Some(&super::object::LAYOUT));

// SAFETY: `repr(C)`, header first, zero is an iterator at its end; all fields are reported.
unsafe impl Cell for CallableIterator {
    fn layout() -> &'static Layout {
        &LAYOUT
    }

    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.function.trace(tracer);
        self.sentinel.trace(tracer);
    }
}

/// `iter(function, sentinel)` for something that can be called.
pub fn new(cx: &Cx, function: Value, sentinel: Value) -> Value {
    let contents =
        CallableIterator { header: Header::default(), function: Field::new(function), sentinel: Field::new(sentinel) };
    cx.allocate(contents).value()
}

fn itself(_cx: &Cx, value: Value) -> PyResult {
    Ok(value)
}

fn next(cx: &Cx, value: Value) -> PyResult<Option<Value>> {
    // SAFETY: the slots of a type are called with its instances only.
    let iterator: Ref<CallableIterator> = unsafe { Ref::from_value_unchecked(value) };
    let Some(function) = iterator.function.get() else { return Ok(None) };
    match cx.call(function, &[]) {
        Ok(item) => {
            // The call may have ended the iteration.
            if iterator.function.get().is_none() {
                return Ok(None);
            }
            if !equal(cx, iterator.sentinel.get_or_none(), item)? {
                return Ok(Some(item));
            }
        }
        Err(raised) => {
            if !cx.pending_is(&raised, ExceptionKind::StopIteration) {
                return Err(raised);
            }
            let _ = cx.take_exception(raised);
        }
    }
    iterator.function.clear(cx);
    Ok(None)
}

fn reduce(cx: &Cx, iterator: Ref<CallableIterator>) -> PyResult {
    let iter = cx.builtin("iter")?;
    let arguments = match iterator.function.get() {
        Some(function) => cx.new_tuple(&[function, iterator.sentinel.get_or_none()]),
        None => cx.new_tuple(&[cx.empty_tuple().value()]),
    };
    Ok(cx.new_tuple(&[iter, arguments.value()]).value())
}

/// The class.
pub static TYPE: TypeDef = TypeDef {
    base: Some(&super::object::TYPE),
    flags: TypeFlags::NO_NEW,
    slots: Slots { iter: Some(itself), next: Some(next), ..Slots::NONE },
    methods: &[Method::none("__reduce__", reduce, "__reduce__($self, /)\n--\n\nReturn what pickling needs.")],
    ..TypeDef::new("callable_iterator", &LAYOUT)
};
