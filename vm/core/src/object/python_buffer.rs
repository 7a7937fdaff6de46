//! Buffers of classes written in Python: `__buffer__` and `__release_buffer__` (PEP 688).
//!
//! The lender of such a loan is a pair: the object, and the view that `__release_buffer__` is called with when the loan
//! ends. If the class has `__buffer__`, that is the view it returned, which has lent the memory on. If it only has
//! `__release_buffer__` over a native `__buffer__`, it is a view made for the purpose, which holds the native loan.

use super::cell::Ref;
use super::protocol::buffer::{Buffer, get_buffer};
use super::slots::ReleaseBufferFn;
use super::value::Value;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::memoryview::{self, MemoryView};
use crate::types::tuple::Tuple;

/// The `buffer` slot of a class whose `__buffer__` is written in Python. The buffer is that of the memoryview that it
/// returns.
pub fn python_buffer(cx: &Cx, object: Value, flags: i32) -> PyResult<Buffer> {
    let result = cx.call_special(object, cx.names().__buffer__, &[Value::int(flags as i64)])?;
    if result.exact::<MemoryView>().is_none() {
        return Err(cx.type_error("__buffer__ returned non-memoryview object"));
    }
    let lent = get_buffer(cx, result, flags)?;
    let lender = cx.new_tuple(&[object, result]).value();
    Ok(Buffer { owner: object, lender: Some(lender), release: Some(end_loan), ..lent })
}

/// The `release_buffer` slot of a class whose `__release_buffer__` is written in Python.
pub fn python_release_buffer(cx: &Cx, object: Value, view: Value) -> PyResult<()> {
    cx.call_special(object, cx.names().__release_buffer__, &[view]).map(|_| ())
}

/// The `release_buffer` slot of native types: ends a view that `__buffer__` of the same object has made.
pub fn release_view(cx: &Cx, object: Value, view: Value) -> PyResult<()> {
    let Some(view) = view.downcast::<MemoryView>(cx) else {
        return Err(cx.type_error("expected a memoryview object"));
    };
    if view.is_released() {
        return Err(cx.value_error("memoryview's buffer has already been released"));
    }
    if view.owner() != object {
        return Err(cx.value_error("memoryview's buffer is not this object"));
    }
    view.release(cx)
}

fn is_python(release: ReleaseBufferFn) -> bool {
    release as *const () == python_release_buffer as ReleaseBufferFn as *const ()
}

/// A buffer that a native `buffer` slot has lent, such that the object's class hears of the loan's end if its
/// `__release_buffer__` is written in Python.
pub fn observed(cx: &Cx, object: Value, buffer: Buffer) -> Buffer {
    let is_observer = cx.type_of(object).slots.release_buffer().is_some_and(is_python);
    if !is_observer || buffer.lender.is_some() {
        return buffer;
    }
    let (address, length, read_only, item_size) = (buffer.address, buffer.length, buffer.read_only, buffer.item_size);
    let (format, shape, strides) = (buffer.format.clone(), buffer.shape.clone(), buffer.strides.clone());
    let view = memoryview::restricted(cx, buffer);
    let lender = cx.new_tuple(&[object, view.value()]).value();
    Buffer {
        owner: object,
        lender: Some(lender),
        address,
        length,
        read_only,
        item_size,
        format,
        shape,
        strides,
        release: Some(end_loan),
    }
}

/// Tells the object, and ends what the view has borrowed from the object itself. Nobody can be told of an error.
fn end_loan(cx: &Cx, lender: Value) {
    let pair: Option<Ref<Tuple>> = lender.exact();
    let Some((object, value)) = pair.map(|pair| (pair.get(0), pair.get(1))) else { return };
    let Some(view) = value.exact::<MemoryView>() else { return };
    view.end_loan(cx);
    let release = cx.type_of(object).slots.release_buffer().filter(|&release| is_python(release));
    // A loan may end while an exception travels.
    let travelling = cx.suspend_exception();
    if let Some(Err(raised)) = release.map(|release| release(cx, object, value)) {
        let exception = cx.take_exception(raised);
        let what = format!("Exception ignored in __release_buffer__ of {}", object.class_name(cx));
        cx.write_unraisable(exception, Some(&what), Value::NONE);
    }
    if view.owner() == object
        && let Err(raised) = view.release(cx)
    {
        // It has been lent on: the last one to give it back ends it.
        cx.discard(raised);
    }
    cx.restore_exception(travelling);
}
