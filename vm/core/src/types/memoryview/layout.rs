//! How a view lies over memory: format, shape and strides, and copying along them.

use std::borrow::Cow;

use countless_common::pack::{Format, Item};

use crate::object::protocol::buffer::Buffer;
use crate::object::shared_bytes;

/// A part of lent memory, and how it is read.
#[derive(Clone)]
pub(super) struct View {
    /// The first item.
    pub(super) address: *mut u8,
    pub(super) read_only: bool,
    pub(super) item_size: usize,
    pub(super) format: Cow<'static, str>,
    /// Items in each dimension; empty for a single item.
    pub(super) shape: Vec<usize>,
    /// Bytes from one item to the next.
    pub(super) strides: Vec<isize>,
}

impl View {
    pub(super) fn of_buffer(buffer: &Buffer) -> View {
        View {
            address: buffer.address,
            read_only: buffer.read_only,
            item_size: buffer.item_size,
            format: buffer.format.clone(),
            shape: buffer.shape.clone(),
            strides: buffer.strides.clone(),
        }
    }

    /// Items in all.
    pub(super) fn item_count(&self) -> usize {
        self.shape.iter().product()
    }

    pub(super) fn byte_length(&self) -> usize {
        self.item_count() * self.item_size
    }

    /// Whether items lie one after the other, the last index running fastest (C) or the first (Fortran).
    pub(super) fn is_contiguous(&self, fortran: bool) -> bool {
        if self.item_count() == 0 {
            return true;
        }
        let mut expected = self.item_size as isize;
        let mut fits = |extent: usize, stride: isize| {
            let fits = extent == 1 || stride == expected;
            expected *= extent as isize;
            fits
        };
        let mut dimensions = self.shape.iter().copied().zip(self.strides.iter().copied());
        if fortran {
            dimensions.all(|(extent, stride)| fits(extent, stride))
        } else {
            dimensions.rev().all(|(extent, stride)| fits(extent, stride))
        }
    }

    /// The letter of a native format of one item, with the format to read it by.
    pub(super) fn native_item(&self) -> Option<(Format, Item)> {
        native_item(&self.format)
    }

    /// Copies all items in C order to `target`, which has room for just them.
    pub(super) fn load(&self, target: &mut [u8]) {
        debug_assert_eq!(target.len(), self.byte_length());
        if self.is_contiguous(false) {
            // SAFETY: the view covers `byte_length` bytes of lent memory; the caller holds the view's lock.
            unsafe { shared_bytes::load(self.address, target) };
        } else {
            // SAFETY: as above; shape and strides stay within the lent memory.
            unsafe { gather(self.address, &self.shape, &self.strides, self.item_size, target) };
        }
    }

    /// Copies items given in C order to the memory.
    pub(super) fn store(&self, source: &[u8]) {
        debug_assert_eq!(source.len(), self.byte_length());
        // SAFETY: shape and strides stay within the lent memory, which is writable; the caller holds the view's lock.
        unsafe { scatter(self.address, &self.shape, &self.strides, self.item_size, source) };
    }

    /// The same memory with the dimensions in reverse order.
    pub(super) fn transposed(&self) -> View {
        let mut view = self.clone();
        view.shape.reverse();
        view.strides.reverse();
        view
    }
}

/// The one item of a native format (one letter, perhaps after `@`).
pub(super) fn native_item(format: &str) -> Option<(Format, Item)> {
    let letter = format.strip_prefix('@').unwrap_or(format).as_bytes();
    if letter.len() != 1 || !b"cbB?hHiIlLqQnNefdPFD".contains(&letter[0]) {
        return None;
    }
    let parsed = Format::parse(letter).ok()?;
    let item = *parsed.items.first()?;
    Some((parsed, item))
}

/// Copies the items of strided memory to `target`, in C order.
///
/// # Safety
///
/// All items that shape and strides reach are readable, and written only by atomic accesses meanwhile.
pub unsafe fn gather(address: *const u8, shape: &[usize], strides: &[isize], item_size: usize, target: &mut [u8]) {
    let (Some((&extent, shape)), Some((&stride, strides))) = (shape.split_first(), strides.split_first()) else {
        let length = item_size.min(target.len());
        // SAFETY: the caller's contract for a single item.
        return unsafe { shared_bytes::load(address, &mut target[..length]) };
    };
    let row = shape.iter().product::<usize>() * item_size;
    if row == 0 {
        return;
    }
    for (index, part) in target.chunks_exact_mut(row).enumerate().take(extent) {
        // SAFETY: the caller's contract; views have at most 64 dimensions, so the recursion is shallow.
        unsafe { gather(address.offset(index as isize * stride), shape, strides, item_size, part) };
    }
}

/// Copies items in C order to strided memory.
///
/// # Safety
///
/// All items that shape and strides reach are writable, and accessed only atomically meanwhile.
unsafe fn scatter(address: *mut u8, shape: &[usize], strides: &[isize], item_size: usize, source: &[u8]) {
    let (Some((&extent, shape)), Some((&stride, strides))) = (shape.split_first(), strides.split_first()) else {
        let length = item_size.min(source.len());
        // SAFETY: the caller's contract for a single item.
        return unsafe { shared_bytes::store(address, &source[..length]) };
    };
    let row = shape.iter().product::<usize>() * item_size;
    if row == 0 {
        return;
    }
    for (index, part) in source.chunks_exact(row).enumerate().take(extent) {
        // SAFETY: as in `gather`.
        unsafe { scatter(address.offset(index as isize * stride), shape, strides, item_size, part) };
    }
}
