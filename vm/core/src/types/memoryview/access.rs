//! Items of a view: finding, reading and writing them.

use countless_common::pack::{Format, Item, Unpacked};

use super::MemoryView;
use super::layout::View;
use crate::exceptions::ExceptionKind;
use crate::object::cell::Ref;
use crate::object::protocol::{number, object};
use crate::object::shared_bytes;
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::{PyResult, Raised};
use crate::types::bytes::Bytes;
use crate::types::sequence::resolve_index;
use crate::types::{complex, float, int};

/// The largest item that a native format has.
const MAX_ITEM: usize = 16;

/// The format of the items, if it is a native one.
pub(super) fn item_format(cx: &Cx, view: &View) -> PyResult<(Format, Item)> {
    match view.native_item() {
        Some(format) => Ok(format),
        None => Err(raise!(cx, NotImplementedError, "memoryview: unsupported format {}", view.format)),
    }
}

/// The Python value of an item's bytes.
pub(super) fn unpack(cx: &Cx, (format, item): &(Format, Item), bytes: &[u8]) -> Value {
    match format.unpack(item, bytes) {
        Unpacked::Int(int) => cx.new_int(int),
        Unpacked::Float(float) => cx.new_float(float),
        Unpacked::Complex(re, im) => cx.new_complex(countless_common::number::complex::Complex { re, im }),
        Unpacked::Bool(truth) => Value::bool(truth),
        Unpacked::Char(byte) => cx.new_bytes(&[byte]).value(),
    }
}

#[cold]
fn invalid_type(cx: &Cx, view: &View) -> Raised {
    raise!(cx, TypeError, "memoryview: invalid type for format '{}'", letter(view))
}

#[cold]
fn invalid_value(cx: &Cx, view: &View) -> Raised {
    raise!(cx, ValueError, "memoryview: invalid value for format '{}'", letter(view))
}

fn letter(view: &View) -> &str {
    view.format.strip_prefix('@').unwrap_or(&view.format)
}

/// The outcome of a conversion, with its errors put in the view's words.
fn converted<T>(cx: &Cx, view: &View, result: PyResult<T>) -> PyResult<T> {
    result.map_err(|raised| {
        if cx.pending_is(&raised, ExceptionKind::TypeError) {
            cx.take_exception(raised);
            invalid_type(cx, view)
        } else if cx.pending_is(&raised, ExceptionKind::OverflowError)
            || cx.pending_is(&raised, ExceptionKind::ValueError)
        {
            cx.take_exception(raised);
            invalid_value(cx, view)
        } else {
            raised
        }
    })
}

/// The bytes of an item that holds the value.
fn pack(cx: &Cx, view: &View, value: Value, out: &mut [u8]) -> PyResult<()> {
    let (format, item) = item_format(cx, view)?;
    let packed = match item.code {
        b'?' => {
            out[0] = object::is_true(cx, value)? as u8;
            Ok(())
        }
        b'c' => match value.downcast::<Bytes>(cx) {
            None => return Err(invalid_type(cx, view)),
            Some(bytes) => match *bytes.as_bytes() {
                [byte] => {
                    out[0] = byte;
                    Ok(())
                }
                _ => return Err(invalid_value(cx, view)),
            },
        },
        b'e' | b'f' | b'd' => {
            let float = converted(cx, view, float::from_number(cx, value))?;
            format.pack_float(&item, float, out)
        }
        b'F' | b'D' => {
            let pair = converted(cx, view, complex::from_number(cx, value))?;
            format.pack_complex(&item, pair.re, pair.im, out)
        }
        _ => {
            let value = converted(cx, view, number::index(cx, value))?;
            let int = int::view(cx, &value).unwrap_or(int::IntView::Small(0));
            format.pack_int(&item, int, out)
        }
    };
    packed.map_err(|_| invalid_value(cx, view))
}

/// An index in one dimension, as an offset in bytes.
fn offset_in(cx: &Cx, view: &View, dimension: usize, index: isize) -> PyResult<isize> {
    match resolve_index(index, view.shape[dimension]) {
        Some(position) => Ok(position as isize * view.strides[dimension]),
        None => Err(raise!(cx, IndexError, "index out of bounds on dimension {}", dimension + 1)),
    }
}

/// The offset of the item that a tuple of indices names.
pub(super) fn offset_of(cx: &Cx, view: &View, indices: &[isize]) -> PyResult<isize> {
    let mut offset = 0;
    for (dimension, &index) in indices.iter().enumerate() {
        offset += offset_in(cx, view, dimension, index)?;
    }
    Ok(offset)
}

impl Ref<MemoryView> {
    /// The item at an offset that [`offset_of`] gave.
    pub(super) fn item_at(self, cx: &Cx, offset: isize) -> PyResult {
        let format = item_format(cx, self.view(cx)?)?;
        let mut bytes = [0u8; MAX_ITEM];
        let size = format.1.size.min(MAX_ITEM);
        self.with_memory(cx, |view| {
            // SAFETY: the offset is that of an item of the view, whose loan lasts while its lock is held.
            unsafe { shared_bytes::load(view.address.offset(offset), &mut bytes[..size]) };
        })?;
        Ok(unpack(cx, &format, &bytes[..size]))
    }

    /// Sets the item at an offset.
    pub(super) fn set_item_at(self, cx: &Cx, offset: isize, value: Value) -> PyResult<()> {
        let view = self.view(cx)?;
        let mut bytes = [0u8; MAX_ITEM];
        let size = view.item_size.min(MAX_ITEM);
        pack(cx, view, value, &mut bytes[..size])?;
        self.with_memory(cx, |view| {
            // SAFETY: as in `item_at`; the caller has checked that the memory is writable.
            unsafe { shared_bytes::store(view.address.offset(offset), &bytes[..size]) };
        })
    }

    /// An item of a view of one dimension; `None` beyond the end.
    pub(super) fn get(self, cx: &Cx, index: usize) -> PyResult<Option<Value>> {
        let view = self.view(cx)?;
        let (Some(&extent), Some(&stride)) = (view.shape.first(), view.strides.first()) else { return Ok(None) };
        if index >= extent { Ok(None) } else { self.item_at(cx, index as isize * stride).map(Some) }
    }
}
