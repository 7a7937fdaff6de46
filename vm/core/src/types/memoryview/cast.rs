//! `memoryview.cast`: the same bytes in another format or shape.

use std::borrow::Cow;

use super::MemoryView;
use super::layout::{View, native_item};
use crate::native::args::{Args, Signature};
use crate::object::cell::Ref;
use crate::object::protocol::{iter, number};
use crate::object::value::Value;
use crate::raise;
use crate::runtime::context::Cx;
use crate::runtime::error::PyResult;
use crate::types::int::is_int;
use crate::types::list::List;
use crate::types::tuple::Tuple;

static CAST: Signature<2> = Signature::new("cast", ["format", "shape"]).required(1);

pub(super) fn cast(cx: &Cx, this: Ref<MemoryView>, args: Args<'_>) -> PyResult {
    let [format, shape] = CAST.bind(cx, args)?;
    let format = cx.str_argument_named(format.unwrap_or(Value::NONE), "cast", "format")?;
    let view = this.view(cx)?;
    if !view.is_contiguous(false) {
        return Err(cx.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    if (shape.is_some() || view.shape.len() != 1) && view.shape.contains(&0) {
        return Err(cx.type_error("memoryview: cannot cast view with zeros in shape or strides"));
    }
    let shape = shape.map(|shape| dimensions(cx, shape)).transpose()?;
    if let Some(shape) = &shape
        && shape.len() != 1
        && view.shape.len() != 1
    {
        return Err(cx.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    let flat = reformatted(cx, view, format.as_wtf8().to_string_lossy())?;
    let cast = match shape {
        Some(shape) => reshaped(cx, flat, shape)?,
        None => flat,
    };
    Ok(this.derive(cx, cast)?.value())
}

/// The bytes as one dimension of another format.
fn reformatted(cx: &Cx, view: &View, format: String) -> PyResult<View> {
    let Some((_, item)) = native_item(&format) else {
        return Err(cx.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        ));
    };
    let is_byte = |format: &str| matches!(format.strip_prefix('@').unwrap_or(format), "b" | "B" | "c");
    if !is_byte(&view.format) && !is_byte(&format) {
        return Err(cx.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let length = view.byte_length();
    if !length.is_multiple_of(item.size) {
        return Err(cx.type_error("memoryview: length is not a multiple of itemsize"));
    }
    Ok(View {
        format: Cow::Owned(format),
        item_size: item.size,
        shape: vec![length / item.size],
        strides: vec![item.size as isize],
        ..view.clone()
    })
}

/// The extents that a list or tuple gives.
fn dimensions(cx: &Cx, shape: Value) -> PyResult<Vec<usize>> {
    if shape.downcast::<List>(cx).is_none() && shape.downcast::<Tuple>(cx).is_none() {
        return Err(cx.type_error("shape must be a list or a tuple"));
    }
    let mut extents = Vec::new();
    iter::for_each(cx, shape, |extent| {
        if !is_int(cx, extent) {
            return Err(cx.type_error("memoryview.cast(): elements of shape must be integers"));
        }
        match number::as_index_i64(cx, extent) {
            Some(extent) if extent > 0 => extents.push(extent as usize),
            None => return Err(raise!(cx, OverflowError, "Python int too large to convert to C ssize_t")),
            _ => return Err(cx.value_error("memoryview.cast(): elements of shape must be integers > 0")),
        }
        if extents.len() > super::MAX_DIMENSIONS {
            let most = super::MAX_DIMENSIONS;
            return Err(raise!(cx, ValueError, "memoryview: number of dimensions must not exceed {most}"));
        }
        Ok(())
    })?;
    Ok(extents)
}

/// A view of one dimension in another shape.
fn reshaped(cx: &Cx, view: View, shape: Vec<usize>) -> PyResult<View> {
    let size = shape.iter().try_fold(view.item_size, |size, &extent| size.checked_mul(extent));
    if size.is_none_or(|size| size > isize::MAX as usize) {
        return Err(cx.value_error("memoryview.cast(): product(shape) > SSIZE_MAX"));
    }
    if size != Some(view.byte_length()) {
        return Err(cx.type_error("memoryview: product(shape) * itemsize != buffer size"));
    }
    let mut stride = view.item_size as isize;
    let mut strides = vec![0; shape.len()];
    for (slot, &extent) in strides.iter_mut().zip(&shape).rev() {
        *slot = stride;
        stride *= extent as isize;
    }
    Ok(View { shape, strides, ..view })
}
